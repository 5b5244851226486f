"""config.xml's 1:1 NAT: an outer address that is an inner host's, on every port that the filter lets through.

Source: pfSense documentation, "1:1 NAT"; OPNsense documentation, "One-to-one", and the `onetoone` of its Filter.xml.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from inventory.gateway import PortForward
from inventory.network import Protocol
from scanner.platforms._config_xml import Node, sections
from scanner.platforms._config_xml_aliases import EVERY_PORT
from scanner.platforms._config_xml_filter import Filter
from scanner.platforms._config_xml_rules import End, end
from scanner.platforms._networks import ANYWHERE, Networks, common
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import opened, written

MAX_PAIRS = 128  # a practice has one or two; each is asked of every rule
_PROTOCOLS: tuple[Protocol, ...] = ("tcp", "udp")


@dataclass(frozen=True, slots=True)
class _Pair:
    """An outer address and the host that it leads to."""

    external: IPv4Network
    target: IPv4Address
    key: str
    sources: Networks | None
    node: Node
    enabled: bool


def read_pairs(root: Node, packets: Filter) -> tuple[dict[PortForward, int], list[Node]]:
    """The forwards that the pairs are, each port that is let through by itself; the pairs that could not be read.

    A pair of which nothing gets through is told as switched off.
    """
    found: dict[PortForward, int] = {}
    bad: list[Node] = []
    nodes = [node for node in sections(root, *_PATHS) if node.inner and node.word("type") != "nat"]
    for node in nodes[:MAX_PAIRS]:
        try:
            for forward in _forwards(_pair(node, packets), packets):
                found.setdefault(forward, node.line)
        except UnreadableError:
            if not _is_off(node):
                bad.append(node)
    return found, bad + nodes[MAX_PAIRS : MAX_PAIRS + 1]


_PATHS = ("nat/onetoone", "OPNsense/Firewall/Filter/onetoone/rule")


def _is_off(node: Node) -> bool:
    return node.has("disabled") or node.word("enabled") == "0"


def _pair(node: Node, packets: Filter) -> _Pair:
    if node.one("source_net"):
        inner = End(tuple(node.words("source_net", ",\n")), node.on("source_not"), "")
        peers = End(tuple(node.words("destination_net", ",\n")) or ("any",), node.on("destination_not"), "")
    else:
        inner, peers = end(node.one("source")), end(node.one("destination"))
    key = node.word("interface")
    if inner.but or len(inner.words) != 1 or key not in packets.ways.by_key:
        raise UnreadableError(key)
    try:
        target = IPv4Address(inner.words[0].removesuffix("/32"))
        external = IPv4Network(node.word("external").removesuffix("/32"))
    except (AddressValueError, ValueError) as error:  # a whole network, an alias, IPv6
        raise UnreadableError(node.word("external")) from error
    sources = None if peers.words == ("any",) and not peers.but else packets.sources(peers, key)
    return _Pair(external, target, key, sources, node, not _is_off(node))


def _forwards(pair: _Pair, packets: Filter) -> Iterator[PortForward]:
    count = 0
    for protocol in _PROTOCOLS if pair.enabled else ():
        for span in packets.opened(pair.key, pair.target, protocol):
            answers = [(part, _who(pair, packets, part[0], protocol))
                       for part in packets.parts(pair.key, pair.target, span, protocol)]  # fmt: skip
            for part, who in opened(answers, ()):
                if who:
                    count += 1
                    yield _made(pair, packets, f"{protocol}/{written(part)}", None if who == ANYWHERE else who)
    for protocol in _PROTOCOLS if not count else ():
        yield _made(pair, packets, f"{protocol}/{written(EVERY_PORT[0])}", pair.sources, enabled=False)


def _who(pair: _Pair, packets: Filter, port: int, protocol: Protocol) -> Networks:
    """Who gets through to a port of the inner host; () nobody."""
    allowed, sure = packets.passing(pair.key, pair.target, port, protocol)
    if not sure:
        raise UnreadableError(pair.node.name)
    return allowed if pair.sources is None else common(allowed, pair.sources)


def _made(
    pair: _Pair, packets: Filter, external: str, sources: Networks | None, *, enabled: bool = True
) -> PortForward:
    name, comment = packets.ways.name(pair.key), pair.node.word("descr") or pair.node.word("description") or None
    return PortForward(
        external, pair.target, None, name, None, sources, (pair.external,), "static", comment, enabled
    )  # fmt: skip
