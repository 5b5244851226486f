"""The packet filter of a RouterOS export: port forwards, and what the input chains do with what comes from outside.

Source: MikroTik, "Filter", "NAT" and "Common Firewall Matchers and Actions".
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address
from typing import Literal

from inventory.gateway import Dmz, Firewall, InputChain, PortForward, Side
from inventory.network import Protocol
from inventory.text import clean
from scanner.platforms._networks import Networks, everything_but, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_admin import Sides
from scanner.platforms._rsc_interfaces import BUILTIN, Ways, members
from scanner.platforms._rsc_told import Bad, Told

_NAT = "ip firewall nat"
_FILTERS = {"ip firewall filter": "ip filter", "ipv6 firewall filter": "ip6 filter"}
_PROTOCOLS: dict[str, tuple[Protocol, ...]] = {"tcp": ("tcp",), "6": ("tcp",), "udp": ("udp",), "17": ("udp",)}
_PORTS = re.compile(r"\d{1,5}(?:-\d{1,5})?")
# What a forward may say beside where from, where to and which port, without being for fewer people.
_ASIDE = frozenset({
    "action", "chain", "comment", "disabled", "log", "log-prefix", "protocol", "dst-port", "to-addresses", "to-ports",
    "in-interface", "in-interface-list", "src-address", "src-address-list", "dst-address", "dst-address-list",
    "dst-address-type", "limit", "dst-limit", "connection-limit", "connection-state", "nth", "random", "time",
    "randomise-ports", "src-port", "address-list", "address-list-timeout", "ipsec-policy", "place-before",
})  # fmt: skip
# What an input rule may say and still be about everything that comes in by its interfaces.
_SWEEPING = frozenset({
    "action", "chain", "comment", "disabled", "log", "log-prefix", "in-interface", "in-interface-list", "reject-with",
})  # fmt: skip
# An export only adds; what changes or moves a rule that stands elsewhere leaves nobody sure of any.
_LISTING = frozenset({"add", "print"})
_REFUSING = frozenset({"drop", "reject", "tarpit"})

MAX_RULES = 512  # rules of one chain, and forwards of them; a practice has thirty. Stops sets that multiply
MAX_MADE = 4 * MAX_RULES  # forwards made, those that are there already with them; stops rules that say the same again
MAX_LISTED = 1024  # addresses of one list; past 128 networks no fact can hold it anyway


def read_forwards(export: Export) -> tuple[dict[PortForward, int], Bad]:
    """The forwards of the chain `dstnat` with their lines, and the rules that could not be read.

    `redirect` sends to the router itself and is none. A rule of another chain counts only through a jump, whose
    conditions are not followed: it is reported.
    """
    found: dict[PortForward, int] = {}
    bad: Bad = [(line, text) for menu, line, text in export.bad if menu == _NAT]
    rules = list(export.of(_NAT))
    bad += [(item.line, item.text) for item in rules[MAX_RULES:][:1]]
    changes = [(item.line, item.text) for item in rules if item.verb not in _LISTING]
    bad += changes
    made = 0
    jumps = {item.values.get("jump-target") for item in rules if item.enabled}
    for item in rules[:MAX_RULES]:
        if item.values.get("action") not in ("dst-nat", "netmap") or item.verb != "add":
            continue
        if changes and not item.enabled:  # it may have been switched on since
            continue
        chain = item.values.get("chain", "")
        if chain != "dstnat":
            if chain in jumps:
                bad.append((item.line, item.text))
            continue
        try:
            for forward in _forwards(export, item):
                # One that is on and one that is off are one forward that is on.
                if not (item.enabled or replace(forward, enabled=True) in found):
                    found.setdefault(forward, item.line)
                elif item.enabled:
                    found.pop(replace(forward, enabled=False), None)
                    found.setdefault(forward, item.line)
                made += 1
                if len(found) >= MAX_RULES or made >= MAX_MADE:
                    return found, [*bad, (item.line, item.text)]
        except UnreadableError:
            bad += [(item.line, item.text)] if item.enabled else []  # one that is off forwards nothing to anybody
    return found, bad


def read_dmz(export: Export, ways: Ways, told: Told) -> None:
    """The host that gets whatever comes in from outside: a forward without a protocol or a port."""
    for item in export.menus.get(_NAT, [])[:MAX_RULES]:
        said = item.values
        if said.get("action") != "dst-nat" or said.get("chain") != "dstnat" or item.verb != "add":
            continue
        narrow = set(said) - _SWEEPING - {"to-addresses", "dst-address", "dst-address-type"}
        try:
            target = IPv4Address(said.get("to-addresses", "").removesuffix("/32"))
        except AddressValueError:
            continue
        inside = not (said.keys() & {"in-interface", "in-interface-list", "dst-address", "dst-address-type"})
        if not narrow and not inside and ("in-interface" not in said or said["in-interface"] in ways.outer):
            told.one("dmz", Dmz(item.enabled, target), item.line)
            if item.enabled:
                return


def _forwards(export: Export, item: Statement) -> Iterator[PortForward]:
    said = item.values
    if stranger := set(said) - _ASIDE:
        raise UnreadableError(min(stranger))
    if said.get("ipsec-policy", "in,none") != "in,none" or said.get("dst-address-type", "local") != "local":
        raise UnreadableError(item.text)
    protocols = _protocols(said.get("protocol", ""))
    if not protocols:
        return
    try:
        target = IPv4Address(said.get("to-addresses", "").removesuffix("/32"))
    except AddressValueError as error:
        raise UnreadableError(item.text) from error
    to_port = said.get("to-ports")
    if to_port is not None and not _PORTS.fullmatch(to_port):
        raise UnreadableError(to_port)
    sources = _addresses(export, said, "src-address")
    destinations = _addresses(export, said, "dst-address")
    inside, but = _interfaces(export, said)
    ports = _ports(said.get("dst-port"))
    comment = clean(said.get("comment", "")) or None
    for name in inside:
        for protocol in protocols:
            for port in ports:
                yield PortForward(
                    f"{protocol}/{port}", target, to_port, name, but, sources, destinations, "static", comment,
                    item.enabled,
                )  # fmt: skip


def _protocols(word: str) -> tuple[Protocol, ...]:
    """The protocols with ports that a rule is about: both when it names none, () when it names another."""
    if word.startswith("!"):
        raise UnreadableError(word)
    return _PROTOCOLS.get(word, ()) if word else ("tcp", "udp")


def _ports(text: str | None) -> list[str]:
    if text is None:
        return ["1-65535"]
    ports = list(dict.fromkeys(text.split(",")))
    for port in ports:
        if not _PORTS.fullmatch(port) or any(int(end) > 65535 for end in port.split("-")):
            raise UnreadableError(text)
    return ports


def _interfaces(export: Export, said: dict[str, str]) -> tuple[tuple[str | None, ...], tuple[str, ...] | None]:
    """By which interfaces a rule's traffic comes in ((None,): any), and by which it does not."""
    one, many = said.get("in-interface"), said.get("in-interface-list", "")
    if one and many:
        raise UnreadableError(many)
    if one:
        name = clean(one.lstrip("!"))
        return ((None,), (name,)) if one.startswith("!") else ((name,), None)
    if many in ("", "all"):
        return (None,), None
    names = tuple(map(clean, members(export, many.lstrip("!"))))
    if not names:  # filled while running, by a PPP profile or by detect-internet
        raise UnreadableError(many)
    return ((None,), names) if many.startswith("!") else (names, None)


def _addresses(export: Export, said: dict[str, str], key: str) -> Networks | None:
    """The networks that `key` or a list named by `key-list` allows, None: all."""
    one, many = said.get(key), said.get(f"{key}-list")
    if one and many:
        raise UnreadableError(many)
    if one:
        found, excluded = networks([one.lstrip("!")]), one.startswith("!")
    elif many:
        name = many.lstrip("!")
        rows = export.named("ip firewall address-list", "list", name)
        if len(rows) > MAX_LISTED:
            raise UnreadableError(many)
        words = tuple(item.values.get("address", "") for item in rows if item.enabled and item.verb == "add")
        found, excluded = _of_list(words), many.startswith("!")
        if not words and not excluded:
            raise UnreadableError(many)
    else:
        return None
    return everything_but(found) if excluded else found


@lru_cache(maxsize=16)  # hundreds of rules name the same list of a thousand addresses
def _of_list(words: tuple[str, ...]) -> Networks:
    return networks(words)


def read_input(export: Export, ways: Ways, sides: Sides, told: Told) -> None:
    """What becomes of traffic from outside, and from inside, that no narrower rule of an input chain is about.

    RouterOS has no policy: a chain that comes to its end accepts. So a chain says "drop" when a rule without any other
    condition refuses what comes in by the outer interfaces (or all that does not come in by inner ones), before one
    accepts the same. Where none does but a jump leads to further rules, nothing is said.
    """
    found: dict[InputChain, int | None] = {}
    bad: Bad = []
    inner = {name for name in sides.doors["lan"] if name}
    for menu, table in _FILTERS.items():
        rules = [item for item in export.of(menu) if item.values.get("chain") == "input" and item.enabled]
        torn = [(line, text) for where, line, text in export.bad if where == menu]
        torn += [(item.line, item.text) for item in rules[MAX_RULES:][:1]]
        torn += [(item.line, item.text) for item in export.of(menu) if item.verb not in _LISTING]
        bad += torn
        # Of a piece of an export nobody knows which rules are elsewhere; version 6 speaks no IPv6 as delivered.
        if torn or (not rules and (menu.startswith("ipv6") or not export.covers(menu))):
            continue
        for side, names in (("wan", set(ways.outer)), ("lan", inner)):
            if side == "lan" and not inner:
                continue
            policy, item = _policy(export, rules, names)
            if policy is not None:
                known: Side | None = side if names else None  # type: ignore[assignment]
                found[InputChain(table, policy, known, menu.startswith("ipv6"))] = item.line if item else None
            elif item:
                bad.append((item.line, item.text))
    told.doubt("firewall", dict.fromkeys(bad))
    if found or export.covers("ip firewall filter"):
        told.facts["firewall"] = Firewall(tuple(found))
        for place, line in enumerate(found.values()):
            told.mark(f"/system/firewall/input/{place}", line)


def _policy(
    export: Export, rules: list[Statement], names: set[str]
) -> tuple[Literal["accept", "drop"] | None, Statement | None]:
    """What becomes of everything that comes in by some interfaces, and the rule that decides; None: not known."""
    policy: Literal["accept", "drop"] | None = "accept"
    decided = rules[-1] if rules else None
    for item in rules:
        action = item.values.get("action", "accept")
        if action == "jump":
            policy, decided = None, item
        elif action not in _REFUSING and action != "accept":
            continue
        elif set(item.values) <= _SWEEPING and _sweeps(export, item, names):
            return "accept" if action == "accept" else "drop", item
    return policy, decided


def _sweeps(export: Export, item: Statement, names: set[str]) -> bool:
    """Whether a rule is about everything that comes in by these interfaces."""
    one, many = item.values.get("in-interface"), item.values.get("in-interface-list")
    if one is None and many is None:
        return True
    named = {one.lstrip("!")} if one is not None else set()
    word = one or many or ""
    if many is not None:
        if many.lstrip("!") in BUILTIN:
            return many == "all"
        try:
            named |= set(members(export, many.lstrip("!")))
        except UnreadableError:
            return False
    return not named & names if word.startswith("!") else bool(names) and names <= named
