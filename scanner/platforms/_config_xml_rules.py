"""config.xml's filter rules, in the order in which the packet filter asks them: who may come in by which interface.

Rules of floating kind are asked first, then those of interface groups, then those of one interface; the first that is
`quick` decides, else the last of the others, else the packet is dropped. Source: pfSense documentation, "Rule
Processing Order", "Floating Rules"; OPNsense documentation, "Rules", and its FilterRule.php.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.platforms._config_xml import Node
from scanner.platforms._config_xml_aliases import EVERY_PORT, Aliases
from scanner.platforms._config_xml_ways import Ways
from scanner.platforms._spans import Span

MAX_RULES = 1024  # a practice's firewall has fifty. Stops rules from being asked for every interface and port
_FAMILIES = {"inet": (4,), "inet6": (6,), "inet46": (4, 6), "": (4,)}


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
