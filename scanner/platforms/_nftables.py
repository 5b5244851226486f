"""`nft list ruleset`: who may enter the device, and which ports it forwards inside.

Only chains that packets from outside reach count: from a nat prerouting chain, along jumps whose conditions are carried
down. A `redirect` stays on the device and is no forward. What nft prints for iptables-nft and miniupnpd is read too.
Source: nft(8) 1.0.6, statements and expressions; raw payloads as miniupnpd 2.3.1 writes them (`netfilter_nft`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from inventory.device import Device
from inventory.gateway import Firewall, InputChain, PortForward
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.platforms._nft_rule import ANY, Match, forwards, jumped_to, taken_by, understood
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, numbered, unread

MAX_FORWARDS = (
    512  # kept; a practice has fewer than 50. Stops a device from slowing the rules, or hiding one behind many
)
MAX_WORK = 4 * 1024 * 1024  # characters of rules read, those reached by several ways again; stops jumps that fan out
ITEM_COST = 256  # of that work for each forward, and each name or network carried down; stops rules that multiply sets

_T = TypeVar("_T", InputChain, PortForward)
_Key = tuple[str, str, str]  # family, table, chain
_POLICIES: dict[str, Literal["accept", "drop"]] = {"accept": "accept", "drop": "drop"}
_TABLE = re.compile(r"table (ip|ip6|inet|arp|bridge|netdev) (\S+) \{")
_CHAIN = re.compile(r"\tchain (\S+) \{")
_BASE = re.compile(r"\t\ttype (\w+) hook (\w+) [^;]{0,256};(?: policy (\w+);)?")
_COMMENT = re.compile(r" # handle \d+$")
_QUOTED = re.compile(r'"[^"]*"')
_NAMED_MAP = re.compile(r"\bvmap @")  # its verdicts, jumps among them, stand elsewhere: where it leads is not known
_FORWARD = re.compile(r'(?<!jump )(?<!goto )\bdnat\b|target "DNAT"|# DNAT')


@dataclass(slots=True)
class _Chain:
    """A chain: where it hooks, if it does, and its rules with their lines."""

    family: str
    table: str
    name: str
    line: int = 0
    kind: str = ""
    hook: str = ""
    policy: str = ""
    parts: list[tuple[int, list[str]]] = field(default_factory=list)  # a rule and the lines it goes on over
    depth: int = 0  # braces open in the last rule

    @property
    def rules(self) -> Iterator[tuple[int, str]]:
        """The rules, each on one line."""
        return ((number, " ".join(lines)) for number, lines in self.parts)


def read_ruleset(text: str) -> Observation:
    r"""The input chains and the port forwards of the ruleset; an empty one has neither.

    >>> found = read_ruleset(
    ...     "table ip nat {\n\tchain prerouting {\n"
    ...     "\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
    ...     '\t\tiifname "wan0" tcp dport 5001 dnat to 192.168.10.10:5001 comment "NAS DSM"\n\t}\n}\n'
    ... )
    >>> found.device.system.port_forwards[0].external, found.lines["/system/port_forwards/0"]
    ('tcp/5001', 4)
    """
    chains, stray = _chains(text)
    if not chains and stray:
        return Observation(Device(), {}, unread("system.port_forwards", stray) + unread("system.firewall", stray[:1]))
    inputs, bad_policies = _inputs(chains)
    found, bad_rules = _forwards(chains)
    lines: dict[str, int] = {}
    system = System(
        firewall=Firewall(input=_numbered(inputs, "/system/firewall/input", lines)),
        port_forwards=_numbered(found, "/system/port_forwards", lines),
    )
    reports: tuple[UnreadLine, ...] = unread("system.firewall", bad_policies + stray)
    return Observation(Device(system=system), lines, reports + unread("system.port_forwards", bad_rules + stray))


def _numbered(found: dict[_T, int], pointer: str, lines: dict[str, int]) -> tuple[_T, ...]:
    """The facts in the order of their lines; enters where each stands."""
    facts = sorted(found, key=lambda fact: found[fact])[:MAX_ITEMS]
    lines.update({f"{pointer}/{place}": found[fact] for place, fact in enumerate(facts)})
    return tuple(facts)


def _chains(text: str) -> tuple[dict[_Key, _Chain], list[tuple[int, str]]]:
    """The chains by family, table and name, and the lines that belong to no table; a dormant table has no effect.

    nft's own layout is relied upon: a table at the margin, its objects one tab in, rules and elements two.
    """
    chains: dict[_Key, _Chain] = {}
    dormant: set[tuple[str, str]] = set()
    stray: list[tuple[int, str]] = []
    table: tuple[str, str] | None = None
    chain: _Chain | None = None
    last: tuple[int, str] = (0, "")
    for number, raw in numbered(text):
        line = _COMMENT.sub("", raw)
        last = (number, raw)
        if started := _TABLE.fullmatch(line):
            table, chain = (started[1], started[2]), None
        elif line == "}" and table:
            table = chain = None
        elif table is None:
            if not line.startswith("#"):
                stray.append(last)
        elif opened := _CHAIN.fullmatch(line):
            chain = chains.setdefault((*table, opened[1]), _Chain(*table, opened[1]))
        elif line == "\tflags dormant":
            dormant.add(table)
        elif line.startswith("\t") and not line.startswith("\t\t"):
            chain = None
        elif chain is not None:
            if line.startswith("\t\ttype ") and not _BASE.fullmatch(line):
                stray.append(last)  # a base chain in other words than nft's: what it does is not known
            _add(chain, number, line)
    if table is not None:
        stray.append(last)  # cut short: what follows is not known
    return {key: value for key, value in chains.items() if key[:2] not in dormant}, stray


def _add(chain: _Chain, number: int, line: str) -> None:
    """Add a line to its chain; one that continues a set of the line before is joined to it."""
    if base := _BASE.fullmatch(line):
        chain.line, chain.kind, chain.hook, chain.policy = number, base[1], base[2], base[3] or ""
        return
    if chain.depth > 0 and chain.parts:
        chain.parts[-1][1].append(line.strip())
    else:
        chain.parts.append((number, [line.strip()]))
        chain.depth = 0
    bare = _QUOTED.sub("", line)
    chain.depth += bare.count("{") - bare.count("}")


def _inputs(chains: dict[_Key, _Chain]) -> tuple[dict[InputChain, int], list[tuple[int, str]]]:
    """The chains that decide what may enter the device, with their lines, and those whose policy is neither word."""
    found: dict[InputChain, int] = {}
    bad: list[tuple[int, str]] = []
    for chain in chains.values():
        if chain.family in ("ip", "ip6", "inet") and (chain.kind, chain.hook) == ("filter", "input"):
            if policy := _POLICIES.get(chain.policy):
                found.setdefault(InputChain(f"{chain.family} {chain.table}", policy), chain.line)
            else:
                bad.append((chain.line, f"policy {chain.policy}"))
    return found, bad


def _forwards(chains: dict[_Key, _Chain]) -> tuple[dict[PortForward, int], list[tuple[int, str]]]:
    """Every dnat towards an inner IPv4 address, with its line, and the rules that could not be read."""
    found: dict[PortForward, int] = {}
    bad: dict[int, str] = {}
    work = 0
    for key, above in _reached(chains):
        origin: Literal["static", "upnp"] = "upnp" if "upnp" in key[2].lower() else "static"
        taken = _Taken()
        for number, rule in chains[key].rules:
            bare = _QUOTED.sub(_keyword, rule)
            if not _FORWARD.search(bare):
                if _NAMED_MAP.search(bare):
                    bad[number] = rule
                taken.note(rule)
                continue
            work += _cost(rule, above)
            if above is None or work > MAX_WORK:
                bad[number] = rule
                continue
            try:
                for forward in forwards(rule, above):
                    work += ITEM_COST * (1 + len(forward.source_filter or ()) + len(forward.destination_filter or ()))
                    if taken.all_of(forward) or len(found) >= MAX_FORWARDS:
                        bad[number] = rule
                    else:
                        found.setdefault(replace(forward, origin=origin), number)
            except UnreadableError:
                bad[number] = rule
    return found, sorted(bad.items())


class _Taken:
    """What the rules of a chain have let nobody through so far: a forward after them may never be reached."""

    def __init__(self) -> None:
        self._everything = False
        self._interfaces: set[str] = set()

    def note(self, rule: str) -> None:
        """Take note of a rule that is no forward."""
        match = taken_by(rule)
        if match is None or match.except_interfaces:
            return
        if match.interfaces is None:
            self._everything = True
        elif len(self._interfaces) < MAX_ITEMS:
            self._interfaces.update(match.interfaces)

    def all_of(self, forward: PortForward) -> bool:
        """Whether nothing that the forward asks for is left."""
        return self._everything or forward.interface in self._interfaces


def _cost(rule: str, above: Match | None) -> int:
    return len(rule) + (ITEM_COST * above.size if above else 0)


def _keyword(quoted: re.Match[str]) -> str:
    """A quoted text without its words, unless it names a target of iptables."""
    return quoted[0] if quoted[0] == '"DNAT"' else '""'


def _reached(chains: dict[_Key, _Chain]) -> Iterator[tuple[_Key, Match | None]]:
    """The chains that a packet from outside comes to, with the conditions on its way; None: not all were understood."""
    roots = [key for key, chain in chains.items() if (chain.kind, chain.hook) == ("nat", "prerouting")]
    jumps = {
        key: [(rule, names) for _, rule in chain.rules if (names := jumped_to(rule))] for key, chain in chains.items()
    }
    waiting: list[tuple[_Key, Match | None]] = [(key, ANY) for key in reversed(roots)]
    seen: set[tuple[_Key, Match | None]] = set()
    work = 0
    while waiting:
        key, above = waiting.pop()
        if (key, above) in seen or key not in chains:
            continue
        seen.add((key, above))
        yield key, above
        for rule, names in jumps[key]:
            work += _cost(rule, above)
            below = understood(rule, above) if above and work <= MAX_WORK else None
            waiting.extend(((*key[:2], name), below) for name in names)
