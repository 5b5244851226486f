"""config.xml's filter rules, in the order in which the packet filter asks them: who may come in by which interface.

Rules of floating kind are asked first, then those of interface groups, then those of one interface; the first that is
`quick` decides, else the last of the others, else the packet is dropped. Source: pfSense documentation, "Rule
Processing Order", "Floating Rules"; OPNsense documentation, "Rules", and its FilterRule.php.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

from scanner.platforms._config_xml import Node
from scanner.platforms._config_xml_aliases import EVERY_PORT, Aliases, Span
from scanner.platforms._config_xml_ways import TUNNELS, Way, Ways
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but
from scanner.platforms._reading import UnreadableError

MAX_RULES = 1024  # a practice's firewall has fifty. Stops rules from being asked for every interface and port
MAX_SPANS = 256  # ports and ranges of them; stops rules from multiplying with the addresses that they are about
MOST_WORK = 1_000_000  # rules and networks looked at; stops lists of addresses from multiplying with the rules
_FAMILIES = {"inet": (4,), "inet6": (6,), "inet46": (4, 6), "": (4,)}
_SELF = "(self)"


@dataclass(frozen=True, slots=True)
class End:
    """One end of what a rule is about: words for addresses, and ports."""

    words: tuple[str, ...]  # "any", "(self)", "lan", "lanip", an address, an alias
    but: bool  # everything else than those
    ports: str

    def spans(self, aliases: Aliases) -> tuple[Span, ...]:
        """The ports, all of them when none is named."""
        return aliases.ports(self.ports) if self.ports and self.ports != "any" else EVERY_PORT


@dataclass(frozen=True, slots=True)
class Rule:
    """A filter rule that is on and about what comes in."""

    passes: bool
    quick: bool
    level: int  # 0 floating, 1 of a group, 2 of one interface
    keys: tuple[str, ...]  # the interfaces, () all
    families: tuple[int, ...]
    protocol: str  # "tcp", "udp", "tcp/udp", … "" any
    source: End
    destination: End
    routed: bool  # it is sent to a gateway, so that it never reaches the device itself
    node: Node

    def carries(self, protocol: str) -> bool:
        """Whether it is about the protocol."""
        return not self.protocol or protocol in self.protocol.split("/")


def end(node: Node | None) -> End:
    """The end of a rule in the older form: `<any/>`, `<network>`, `<address>`, `<not/>`, `<port>`."""
    if node is None or node.one("any"):
        return End(("any",), but=False, ports=node.word("port") if node else "")
    words = node.words("network", ", \n") or node.words("address", ", \n")
    return End(tuple(words) or ("any",), node.has("not"), node.word("port"))


def read_rules(root: Node, ways: Ways) -> list[Rule]:
    """The rules in the order in which they are asked."""
    rules = [*_newer(root, ways), *_older(root, ways)][:MAX_RULES]
    quick = sorted((rule for rule in rules if rule.quick), key=lambda rule: rule.level)
    slow = sorted((rule for rule in rules if not rule.quick), key=lambda rule: rule.level)
    return [*quick, *reversed(slow)]


def _older(root: Node, ways: Ways) -> Iterator[Rule]:
    for node in root.all("filter/rule")[: MAX_RULES + 1]:
        kind = node.word("type") or "pass"
        if not node.inner or switched_off(node) or kind not in ("pass", "block", "reject") or node.word("tagged"):
            continue  # OPNsense keeps an empty rule where there is none; no packet carries a tag when it comes in
        if kind != "pass" and node.word("sched"):
            continue  # at other times it keeps nobody out
        floating = node.has("floating")
        if floating and node.word("direction") == "out":
            continue
        words = node.words("interface", ",")
        level = 0 if floating or len(words) != 1 else 1 if words[0] in ways.groups else 2
        keys = _keys(words, ways)
        if node.on("interfacenot"):
            keys = _others(keys, ways)
        yield Rule(
            kind == "pass", node.on("quick") if floating else node.word("quick") != "0", level, keys,
            _FAMILIES.get(node.word("ipprotocol"), ()), _protocol(node), end(node.one("source")),
            end(node.one("destination")), bool(node.word("gateway")), node,
        )  # fmt: skip


def _newer(root: Node, ways: Ways) -> Iterator[Rule]:
    """OPNsense's rules of its newer interface, by their sequence."""
    nodes = root.all("OPNsense/Firewall/Filter/rules/rule")[: MAX_RULES + 1]
    for node in sorted(nodes, key=lambda item: item.word("sequence").zfill(8)[:8]):
        if not node.on("enabled") or node.word("direction") == "out" or node.word("tagged"):
            continue
        words = node.words("interface", ",")
        keys = _keys(words, ways)
        if node.on("interfacenot"):
            keys = _others(keys, ways)
        level = 0 if len(words) != 1 else 1 if words[0] in ways.groups else 2
        source, destination = (
            End(
                tuple(node.words(f"{which}_net", ",\n")) or ("any",),
                node.on(f"{which}_not"),
                node.word(f"{which}_port"),
            )
            for which in ("source", "destination")
        )
        yield Rule(
            node.word("action") == "pass", node.word("quick") != "0", level, keys,
            _FAMILIES.get(node.word("ipprotocol"), ()), _protocol(node), source, destination,
            bool(node.word("gateway")), node,
        )  # fmt: skip


def switched_off(node: Node) -> bool:
    """OPNsense's newer interface writes an empty `<disabled/>` for a rule that is on, and numbers its rules."""
    return node.has("disabled") and (bool(node.word("disabled")) or node.one("sequence") is None)


def _keys(words: list[str], ways: Ways) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for word in words for key in ways.keys(word) if word != "any"))


def _others(keys: tuple[str, ...], ways: Ways) -> tuple[str, ...]:
    """Every interface but those; a rule for no interface at all is for one that nobody has."""
    return tuple(key for key in ways.by_key if key not in keys) or ("-",)


def _protocol(node: Node) -> str:
    said = node.word("protocol").lower()
    return "" if said == "any" else said


@dataclass(slots=True)
class Filter:
    """The packet filter: the rules, and what their words mean."""

    rules: list[Rule]
    ways: Ways
    aliases: Aliases
    off: bool = False  # it filters nothing
    _own: frozenset[IPv4Address] = frozenset()
    _work: int = 0
    _at: dict[tuple[str, int], list[Rule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._own = frozenset(one for way in self.ways.by_key.values() for one in (way.addresses or ()))

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

    def passing(self, key: str, to: IPv4Address | None, port: int, protocol: str) -> tuple[Networks, bool]:
        """Who may reach the port by the interface, and whether that is sure; `to` None: the device itself there."""
        if self.off:
            return ANYWHERE, True
        left, sure, readable = ANYWHERE, True, True
        allowed: list[IPv4Network] = []
        for rule in self.at(key):
            self._work += 1
            if not rule.carries(protocol) or not left or self._work > MOST_WORK:
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
            if rule.passes and rule.routed and to is None and here:
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

    def names(self, ending: End, key: str, port: int) -> bool:
        """Whether it is about a port of the device itself, asked at the interface.

        Raises:
            UnreadableError: its ports or addresses stand elsewhere, or there was more to compare than anybody has.
        """
        self.spend(0)
        return self._covers(ending, port) and self._meets(ending, key, None)

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
        if address is None:  # the provider gives it: a network that is written down hardly holds it
            return any(network.prefixlen == 0 for network in found)
        return any(address in network for network in found)

    def _way(self, word: str) -> Way | None:
        """The interface whose network or address that is; OPNsense has aliases of its own for the networks."""
        known = self.ways.by_key
        named = word.removeprefix("__").removesuffix("_network")
        return known.get(word) or known.get(word.removesuffix("ip")) or (known.get(named) if word != named else None)

    @staticmethod
    def _of(word: str, way: Way) -> Networks:
        """The address of an interface, or its network."""
        if word == f"{way.key}ip":
            return tuple(collapse_addresses(map(IPv4Network, way.addresses or ())))
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
