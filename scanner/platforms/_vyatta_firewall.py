"""The packet filter of a Vyatta configuration: what comes in to the device itself, by each side of it. Pure.

Three generations: `interfaces … firewall local` (EdgeOS, VyOS to 1.3), zones with a local zone, and the base chain
`firewall ipv4 input filter` (VyOS 1.4 and later). A named rule set refuses what none of its rules names unless it says
otherwise, a base chain accepts it. Without any chain everything may enter.
Sources: VyOS, "Firewall Configuration" and "Zone Based Firewall" of 1.2 to 1.5; EdgeOS, "Firewall/NAT".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from inventory.gateway import InputChain
from inventory.network import Protocol
from inventory.text import clean
from scanner.platforms._interfaces import SIDES
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._vyatta import Configuration, Node
from scanner.platforms._vyatta_conditions import Groups, comes_by, protocols
from scanner.platforms._vyatta_interfaces import Way, Ways, members, zones

MAX_RULES = 1024  # of one chain; a practice has thirty
MAX_STEPS = 50_000  # rules looked at, and networks compared, for all questions; stops sets and chains that multiply
MAX_CALLS = 8  # chains that call each other

Policy = Literal["accept", "drop"]
_POLICIES: dict[str, Policy] = {"accept": "accept", "drop": "drop", "reject": "drop"}
# What a rule may say without being about fewer packets.
_PLAIN = frozenset({"action", "description", "log", "log-options", "log-level", "jump-target", "default-jump-target",
                    "disable", "protocol", "state", "destination", "source", "inbound-interface", "icmp", "icmpv6",
                    "recent", "limit", "time", "tcp", "connection-limit", "offload-target"})  # fmt: skip
# With one of these, a rule is about some of the packets at some times only.
_SOMETIMES = ("recent", "limit", "time", "tcp", "connection-limit")
_SEVERAL = frozenset({"protocol", "destination", "source", "icmp", "icmpv6", *_SOMETIMES})


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that decides what enters by an interface."""

    name: str
    node: Node | None  # None: a zone that lets nobody in
    standard: Policy  # what becomes of the rest where it does not say

    def line(self) -> int | None:
        """Where it says what becomes of the rest, else where it begins."""
        return self.node.place("default-action") if self.node else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the filter: who may reach a port of the device that is asked by an interface."""

    protocol: Protocol
    port: int
    way: Way
    own: frozenset[IPv4Address]  # the device's addresses at which that port is reached from there
    leaves: Way | None = None  # by which it goes on, when it is for another host whose address is `own`


class Filter:
    """The chains of a configuration."""

    def __init__(self, config: Configuration, ways: Ways) -> None:
        self.root, self.ways = config.root, ways
        self.groups = Groups(config.root, ways)
        self._local = next((zone for zone in zones(self.root) if zone.has("local-zone")), None)
        self.zone_of = {name: zone.word for zone in zones(self.root) for name in members(zone)}
        self._ordered: dict[int, list[Node]] = {}
        self._steps = 0

    def chains(self, way: Way, *, ipv6: bool) -> Iterator[Chain]:
        """Those that what enters by an interface must pass, each of them."""
        family, key = ("ipv6", "ipv6-name") if ipv6 else ("ipv4", "name")
        if base := self.root.at("firewall", family, "input", "filter"):
            yield Chain(f"{family} input filter", base, "accept")
        for holder in (way.node.at("firewall", "local"), self.root.at("firewall", "interface", way.name, "local")):
            if holder and (name := holder.value(key)):
                yield self.named(name, family, key)
        if self._local is not None:
            sender = self._local.at("from", self.zone_of.get(way.name, ""), "firewall")
            name = sender.value(key) if sender else ""
            if name := name or self._local.value("default-firewall", key):
                yield self.named(name, family, key)
            else:
                yield Chain(clean(f"zone {self._local.word}"), None, _policy(self._local, "drop"))

    def named(self, name: str, family: str = "ipv4", key: str = "name") -> Chain:
        """The rule set of that name; UnreadableError when it is not in the file."""
        node = self.root.at("firewall", key, name) or self.root.at("firewall", family, "name", name)
        if node is None:  # its rules are elsewhere
            raise UnreadableError(name)
        return Chain(clean(name), node, "drop")

    def input(self) -> dict[InputChain, int]:
        """The chains, with what each does with what none of its rules is about, by side and family."""
        found: dict[InputChain, int] = {}
        for side in SIDES:
            for way in self.ways.on(side):
                for ipv6 in (False, True):
                    for chain in self.chains(way, ipv6=ipv6):
                        if chain.node is not None and chain.node.kids:
                            policy = self._rest(chain.node, chain.standard, way, 0)
                            found.setdefault(InputChain(chain.name, policy or "drop", side, ipv6), chain.line() or 1)
        return found

    def _rest(self, node: Node, standard: Policy, way: Way, calls: int) -> Policy | None:
        """What becomes of what no narrower rule is about; None when a chain hands it back."""
        for rule in self._rules(node):
            if set(rule.kids) & _SEVERAL or not set(rule.kids) <= _PLAIN or _settled(rule):
                continue
            if not comes_by(way.name, *self.groups.interfaces(rule.at("inbound-interface"))):
                continue
            action = rule.value("action")
            if action in _POLICIES:
                return _POLICIES[action]
            if action == "return":
                return None
            target = self._target(node, rule)
            jumps = action == "jump" and target and calls < MAX_CALLS
            if jumps and target and (policy := self._rest(target, "drop", way, calls + 1)):
                return policy
        return None if _hands_back(node) else _policy(node, standard)

    def _target(self, node: Node, rule: Node) -> Node | None:
        name = rule.value("jump-target")
        family = "ipv6" if node is self.root.at("firewall", "ipv6", "input", "filter") else "ipv4"
        other = "ipv4" if family == "ipv6" else "ipv6"
        return self.root.at("firewall", family, "name", name) or self.root.at("firewall", other, "name", name)

    def _rules(self, node: Node) -> Iterator[Node]:
        if id(node) not in self._ordered:
            self._ordered[id(node)] = [rule for rule in ordered(node)[:MAX_RULES] if not rule.has("disable")]
        for rule in self._ordered[id(node)]:
            self._step(1)
            yield rule

    def _step(self, count: int) -> None:
        self._steps += count
        if self._steps > MAX_STEPS:
            raise UnreadableError("too many rules")

    def reached(self, asked: Asked) -> Networks:
        """From which IPv4 addresses a port is reached, () from none.

        Raises:
            UnreadableError: a rule that may let somebody in has a condition that cannot be told.
        """
        return self.passing(self.chains(asked.way, ipv6=False), asked)

    def passing(self, chains: Iterable[Chain], asked: Asked) -> Networks:
        """From which IPv4 addresses one gets through all of the chains."""
        allowed = ANYWHERE
        for chain in chains:
            if chain.node is None:
                allowed = allowed if chain.standard == "accept" else ()
            else:
                accepted, handed = self._let_in(chain.node, chain.standard, asked, allowed, 0)
                allowed = joined([accepted, handed])
        return allowed

    def _let_in(
        self, node: Node, standard: Policy, asked: Asked, left: Networks, calls: int
    ) -> tuple[Networks, Networks]:
        """Who of those that are left is accepted, and who is handed back to the chain that called."""
        accepted: Networks = ()
        handed: Networks = ()
        for rule in self._rules(node):
            action = rule.value("action")
            sources = self._sources(rule, asked, refusing=action in ("drop", "reject")) if left else None
            if sources is None:
                continue
            self._step(len(left) * len(sources) // 16)
            met, left = common(left, sources), common(left, everything_but(sources))
            if action == "accept":
                accepted += met
            elif action == "return":
                handed += met
            elif action == "jump" and (target := self._target(node, rule)) and calls < MAX_CALLS:
                inner, back = self._let_in(target, "drop", asked, met, calls + 1)
                accepted, left = accepted + inner, left + back
            elif action not in ("drop", "reject"):
                raise UnreadableError(action)
        if _hands_back(node):
            handed += left
        elif _policy(node, standard) == "accept":
            accepted += left
        return accepted, handed

    def _sources(self, rule: Node, asked: Asked, *, refusing: bool) -> Networks | None:
        """From where a rule's packets come, None: it is not about the question."""
        if _settled(rule) or rule.value("action") in ("continue", "offload", "notrack"):
            return None
        if rule.has("icmp") or rule.has("icmpv6"):
            return None
        if asked.protocol not in protocols(rule.value("protocol")) or rule.has("ipsec", "match-ipsec"):
            return None
        if (odd := self._odd(rule, asked.leaves)) is None:
            return None
        if refusing and (odd or any(rule.has(word) for word in _SOMETIMES)):
            return None  # it refuses some, and others come in all the same
        try:
            if not comes_by(asked.way.name, *self.groups.interfaces(rule.at("inbound-interface"))):
                return None
            if not self.groups.takes(rule.at("destination"), asked.port):
                return None
            if not self._is_to(rule.at("destination"), asked):
                return None
            return self._who(rule, odd=odd)
        except UnreadableError:
            if refusing:
                return None
            raise

    def _odd(self, rule: Node, leaves: Way | None) -> bool | None:
        """Whether a rule has a condition that cannot be told; None: it is not about what leaves by that interface."""
        known = _PLAIN | {"ipsec"}
        if leaves:
            out, translated = rule.at("outbound-interface"), rule.value("connection-status", "nat")
            if (out and not comes_by(leaves.name, *self.groups.interfaces(out))) or translated == "source":
                return None
            known |= {"outbound-interface", "connection-status"} if translated else {"outbound-interface"}
        return bool(set(rule.kids) - known) or rule.has("source", "port")

    def _who(self, rule: Node, *, odd: bool) -> Networks:
        if odd:
            raise UnreadableError(rule.word)
        return self.groups.addresses(rule.at("source")) or ANYWHERE

    def _is_to(self, end: Node | None, asked: Asked) -> bool:
        """Whether a rule's packets go to an address at which the port is asked."""
        named = self.groups.addresses(end)
        if named is None:
            return True
        if any(address in network for address in asked.own for network in named):
            return True
        return asked.leaves is None and asked.way.dynamic and any(not network.is_private for network in named)

    def open_ipv6(self, asked: Asked) -> bool:
        """Whether a port is reached over IPv6 from anywhere; a rule for some addresses counts for none."""
        if not asked.way.ipv6:
            return False
        return all(
            chain.standard == "accept" if chain.node is None else self._open(chain.node, chain.standard, asked, 0)
            for chain in self.chains(asked.way, ipv6=True)
        )

    def _open(self, node: Node, standard: Policy, asked: Asked, calls: int) -> bool | None:
        for rule in self._rules(node):
            narrow = set(rule.kids) - _PLAIN or any(rule.has(*path) for path in (("source",), ("destination", "group")))
            if narrow or _settled(rule) or asked.protocol not in protocols(rule.value("protocol")):
                continue
            if rule.has("destination", "address") or not self.groups.takes(rule.at("destination"), asked.port):
                continue
            if not comes_by(asked.way.name, *self.groups.interfaces(rule.at("inbound-interface"))):
                continue
            action = rule.value("action")
            if action in _POLICIES and not (action != "accept" and any(rule.has(word) for word in _SOMETIMES)):
                return action == "accept"
            if action == "jump" and (target := self._target(node, rule)) and calls < MAX_CALLS:
                verdict = self._open(target, "drop", asked, calls + 1)
                if verdict is not None:
                    return verdict
        return None if _hands_back(node) and calls else _policy(node, standard) == "accept"


def _hands_back(node: Node) -> bool:
    """Whether what no rule is about goes on in the chain that called."""
    return node.value("default-action") in ("return", "continue")


def _policy(node: Node, standard: Policy) -> Policy:
    action = node.value("default-action")
    if action == "jump":
        raise UnreadableError(action)
    return _POLICIES.get(action, standard)


def _settled(rule: Node) -> bool:
    """Whether a rule is about connections only that are there already, or that make no sense."""
    states = rule.below("state")
    named = {node.word for node in states if not node.kids or node.has("enable")}
    named = {part for word in named for part in word.split(",")}
    return bool(named) and "new" not in named


def ordered(node: Node) -> list[Node]:
    """The rules of a chain in the order in which they are asked: that of their numbers."""
    return sorted(node.below("rule"), key=_number)


def _number(rule: Node) -> int:
    return int(rule.word) if rule.word.isascii() and rule.word.isdigit() and len(rule.word) < 10 else 1 << 31


def joined(sets: Iterable[Networks]) -> Networks:
    """Everybody who is in one of the sets."""
    return networks(str(network) for one in sets for network in one)
