"""config.xml's packet filter: who gets past its rules, to the device itself and to what is behind it.

An interface's address is the first one it has for pfSense, all of them for OPNsense, which leaves the packet filter to
look them up. Source: pfSense documentation, "Rule Methodology", "Virtual IP Addresses"; OPNsense's FilterRule.php.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

from scanner.platforms._config_xml import Node
from scanner.platforms._config_xml_aliases import EVERY_PORT, Aliases
from scanner.platforms._config_xml_rules import End, Rule
from scanner.platforms._config_xml_ways import TUNNELS, Way, Ways
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import Span, parts

MAX_SPANS = 256  # ports and ranges of them; stops rules from multiplying with the addresses that they are about
MOST_WORK = 1_000_000  # rules and networks looked at; stops lists of addresses from multiplying with the rules
_SELF = "(self)"


@dataclass(slots=True)
class Filter:
    """The packet filter: the rules, and what their words mean."""

    rules: list[Rule]
    ways: Ways
    aliases: Aliases
    off: bool = False  # it filters nothing
    first_only: bool = False  # the address of an interface is the first one, without the virtual ones
    _own: frozenset[IPv4Address] = frozenset()
    _work: int = 0
    _at: dict[tuple[str, int], list[Rule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._own = frozenset(one for way in self.ways.by_key.values() for one in way.written)

    def entrances(self) -> list[Way]:
        """The interfaces, without loopback, and the kinds of tunnels for which there are rules."""
        known = self.ways.by_key
        named = dict.fromkeys(key for rule in self.rules for key in rule.keys)
        tunnels = [key for key in named if key.lower() in TUNNELS and key not in known]
        ways = [way for way in known.values() if way.key != "lo0"]
        return ways + [Way(key, key, Node(key, 0), "vpn", dynamic=True) for key in tunnels]

    def at(self, key: str, family: int = 4) -> list[Rule]:
        """The rules that are asked of what comes in by the interface."""
        if (key, family) not in self._at:
            asked = [rule for rule in self.rules if (not rule.keys or key in rule.keys) and family in rule.families]
            self._at[key, family] = asked
        return self._at[key, family]

    def asked(self, key: str) -> tuple[IPv4Address | None, ...]:
        """Where the device itself is asked at the interface: its address there (None), and the virtual ones."""
        way = self.ways.by_key.get(key)
        return (None, *(way.further if way else ()))

    def reaching(self, key: str, port: int, protocol: str) -> tuple[Networks, bool]:
        """Who may reach the port of the device itself by the interface, at any of its addresses there."""
        return together(self.passing(key, to, port, protocol) for to in self.asked(key))

    def passing(self, key: str, to: IPv4Address | None, port: int, protocol: str) -> tuple[Networks, bool]:
        """Who may reach the port by the interface, and whether that is sure; `to` None: its own address there."""
        if self.off:
            return ANYWHERE, True
        left, sure, readable = ANYWHERE, True, True
        allowed: list[IPv4Network] = []
        for rule in self.at(key):
            self._work += 1
            if not left or self._work > MOST_WORK:
                break
            if not rule.carries(protocol):
                continue
            try:
                if not self._covers(rule.destination, port) or not self._meets(rule.destination, key, to):
                    continue
                sources = self.sources(rule.source, key)
                self.spend(len(left) + len(sources))
                here = common(left, sources)
                left = common(left, everything_but(sources))
            except UnreadableError:
                clear = not rule.passes and not rule.source.but and self._is_clear(rule, key, to, port)
                sure, readable = sure and clear, readable and (clear or rule.passes)
                continue
            if rule.passes and rule.routed and (to is None or to in self._own) and here:
                sure = False
            elif rule.passes:
                allowed += here
        found = tuple(collapse_addresses(allowed))
        # Whoever else a rule lets in that cannot be read, all are in already.
        return found, (sure or (found == ANYWHERE and readable)) and self._work <= MOST_WORK

    def opened(self, key: str, to: IPv4Address, protocol: str) -> list[Span]:
        """The ports of an address behind the interface that a rule is about which lets somebody pass.

        Raises:
            UnreadableError: such a rule is about ports or addresses that stand elsewhere.
        """
        if self.off:
            return list(EVERY_PORT)
        found: dict[Span, None] = {}
        for rule in self.at(key):
            if rule.passes and rule.carries(protocol):
                self.spend(0)
                if self._meets(rule.destination, key, to):
                    found |= dict.fromkeys(rule.destination.spans(self.aliases))
        return list(found)[:MAX_SPANS]

    def parts(self, key: str, to: IPv4Address, whole: Span, protocol: str) -> list[Span]:
        """The ports of an address behind the interface, cut where a rule that may be about it begins or ends.

        Raises:
            UnreadableError: too many, or there was more to compare than anybody has.
        """
        named: list[Span] = []
        for rule in self.at(key) if whole[0] < whole[1] and not self.off else ():
            if not rule.carries(protocol):
                continue
            try:
                spans = rule.destination.spans(self.aliases)
            except UnreadableError:
                continue  # it may be about each of them alike
            self.spend(len(spans))
            if self._may_meet(rule.destination, key, to):
                named += spans
        return parts(whole, named)

    def names(self, ending: End, key: str, to: IPv4Address | None, port: int) -> bool:
        """Whether it is about a port of the device itself, asked at the interface (`to` as for `passing`).

        Raises:
            UnreadableError: its ports or addresses stand elsewhere, or there was more to compare than anybody has.
        """
        self.spend(0)
        return self._covers(ending, port) and self._meets(ending, key, to)

    def spend(self, pairs: int) -> None:
        """Count what is compared; UnreadableError when it is more than anybody has."""
        self._work += 16 + pairs
        if self._work > MOST_WORK:
            raise UnreadableError("more rules and addresses than any practice has")

    def _is_clear(self, rule: Rule, key: str, to: IPv4Address | None, port: int) -> bool:
        """Whether only its source is unknown: a list of addresses that are kept out leaves it open to all others."""
        try:
            return self._meets(rule.destination, key, to) and self._covers(rule.destination, port)
        except UnreadableError:
            return False

    def _covers(self, ending: End, port: int) -> bool:
        return any(low <= port <= high for low, high in ending.spans(self.aliases))

    def _meets(self, ending: End, key: str, to: IPv4Address | None) -> bool:
        """Whether the address is one of those; of the device itself, the one that it has at that interface."""
        return any(self._is(word, key, to) for word in ending.words) != ending.but

    def _may_meet(self, ending: End, key: str, to: IPv4Address) -> bool:
        try:
            return self._meets(ending, key, to)
        except UnreadableError:
            return True

    def _is(self, word: str, key: str, to: IPv4Address | None) -> bool:
        way = self.ways.by_key.get(key)
        if word == "any":
            return True
        if to is None and (word in (_SELF, f"{key}ip", key) or key in self.ways.groups.get(word, ())):
            return True
        address = to or (way.own.ip if way and way.own else None)
        if word == _SELF:
            return address in self._own
        if (other := self._way(word)) is not None:
            return address is not None and any(address in network for network in self._of(word, other))
        found = self.aliases.addresses(word)
        if address is None:
            return self._may_be(word, way, found)
        return any(address in network for network in found)

    def _may_be(self, word: str, way: Way | None, found: Networks) -> bool:
        """Whether the address that somebody else gives to an interface is among those: all are, or none can be.

        Raises:
            UnreadableError: it may be, as it is in no network of another interface.
        """
        if any(network.prefixlen == 0 for network in found):
            return True
        others = [other.network for other in self.ways.by_key.values() if other.network]
        self.spend(len(found) * len(others))
        elsewhere = all(any(network.subnet_of(other) for other in others) for network in found)
        if (way is None or way.dynamic) and not elsewhere:
            raise UnreadableError(word)
        return False

    def _way(self, word: str) -> Way | None:
        """The interface whose network or address that is; OPNsense has aliases of its own for the networks."""
        known = self.ways.by_key
        named = word.removeprefix("__").removesuffix("_network")
        return known.get(word) or known.get(word.removesuffix("ip")) or (known.get(named) if word != named else None)

    def _of(self, word: str, way: Way) -> Networks:
        """The addresses of an interface, or its network."""
        if word == f"{way.key}ip":
            first = way.written[:1] if way.own else ()
            return tuple(collapse_addresses(map(IPv4Network, first if self.first_only else way.written)))
        return (way.network,) if way.network else ()

    def sources(self, ending: End, key: str) -> Networks:
        """The addresses at the end where it begins; the network of an inner interface itself is everybody there.

        Raises:
            UnreadableError: they stand elsewhere.
        """
        found: list[Networks] = []
        for word in ending.words:
            inner = word == key and self.ways.by_key[key].side != "wan" if key in self.ways.by_key else False
            if word == "any" or inner:
                found.append(ANYWHERE)
            elif (way := self._way(word)) is not None:
                if way.dynamic:
                    raise UnreadableError(word)
                found.append(self._of(word, way))
            elif word in self.ways.groups or word == _SELF:
                raise UnreadableError(word)
            else:
                found.append(self.aliases.addresses(word))
        whole = tuple(collapse_addresses(network for networks in found for network in networks))
        return everything_but(whole) if ending.but else whole


def together(parts: Iterable[tuple[Networks, bool]]) -> tuple[Networks, bool]:
    """All whom any of the parts lets in, and whether that is sure; whoever else may come, "everybody" stands."""
    told = list(parts)
    found = tuple(collapse_addresses(network for networks, _ in told for network in networks))
    return found, all(sure for _, sure in told) or (ANYWHERE, True) in told
