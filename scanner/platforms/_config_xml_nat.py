"""config.xml's port forwards (`nat/rule`) of both makers.

A forward that no filter rule lets through is written down, and does nothing: it is told as switched off. Source:
pfSense documentation, "Port Forwards"; OPNsense documentation, "Network Address Translation", and its ForwardRule.php.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, collapse_addresses
from itertools import islice

from inventory.gateway import PortForward
from scanner.platforms._config_xml import Node
from scanner.platforms._config_xml_aliases import EVERY_PORT
from scanner.platforms._config_xml_filter import Filter
from scanner.platforms._config_xml_rules import End, end, switched_off
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import Span, opened, written

MAX_FORWARDS = 512  # a practice has ten. Stops interfaces, ports and addresses from multiplying
MAX_MADE = 4 * MAX_FORWARDS
_MOST = 1 << 31  # addresses
_PROTOCOLS = {"": ("tcp", "udp"), "any": ("tcp", "udp"), "tcp": ("tcp",), "udp": ("udp",), "tcp/udp": ("tcp", "udp")}
_LET = frozenset({"pass", "rule"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to the filter: who gets through to an inner host by an interface."""

    key: str
    target: IPv4Address
    protocol: str
    sources: Networks | None  # whom the forward is for, None everyone


def read_forwards(root: Node, packets: Filter) -> tuple[dict[PortForward, int], list[Node]]:
    """The forwards with their lines, and the rules that could not be read."""
    found: dict[PortForward, int] = {}
    bad: list[Node] = []
    made = 0
    for node in root.all("nat/rule"):
        if not node.inner or _keeps(node):
            continue
        try:
            for forward in _forwards(node, packets):
                found.setdefault(forward, node.line)
                made += 1
                if len(found) >= MAX_FORWARDS or made >= MAX_MADE:
                    return found, [*bad, node]
        except UnreadableError:
            bad.append(node)
    return found, bad


def _keeps(node: Node) -> bool:
    """Whether it keeps a later rule from taking what it names."""
    return node.has("nordr") and (bool(node.word("nordr")) or node.one("sequence") is None)


def redirected(root: Node, packets: Filter, key: str, to: IPv4Address | None, port: int) -> Networks:
    """Who is sent elsewhere when he asks for a TCP port of the device at that address: it is not reached there.

    Whether the filter lets him go where he is sent is another question.
    """
    taken: list[IPv4Network] = []
    left = ANYWHERE
    for node in root.all("nat/rule")[:MAX_FORWARDS]:
        try:
            if not left or not _takes(node, packets, key, to, port):
                continue
            sources = packets.sources(end(node.one("source")), key)
            packets.spend(len(left) + 32 * len(sources))
            taken += () if _keeps(node) else common(left, sources)
            left = common(left, everything_but(sources))
        except UnreadableError:
            continue  # whoever it is about may be nobody
    return tuple(collapse_addresses(taken))


def _takes(node: Node, packets: Filter, key: str, to: IPv4Address | None, port: int) -> bool:
    if not node.inner or switched_off(node) or node.word("ipprotocol") == "inet6":
        return False
    words = node.words("interface", ",")
    if words and not any(key in packets.ways.keys(word) for word in words):
        return False
    if "tcp" not in _PROTOCOLS.get(node.word("protocol").lower(), ()):
        return False
    return packets.names(end(node.one("destination")), key, to, port)


def _forwards(node: Node, packets: Filter) -> Iterator[PortForward]:
    protocols = _PROTOCOLS.get(node.word("protocol").lower())
    if protocols is None:
        return
    if node.word("ipprotocol") == "inet6" or ":" in node.word("target"):
        if not switched_off(node):
            raise UnreadableError(node.word("target"))  # facts have no word for IPv6
        return
    source, destination = end(node.one("source")), end(node.one("destination"))
    targets = _targets(node.word("target"), packets)
    keys = [key for word in node.words("interface", ",") for key in packets.ways.keys(word)] or list(
        packets.ways.by_key
    )
    for key in dict.fromkeys(keys):
        sources = None if source.words == ("any",) else packets.sources(source, key)
        for outer, inner in _ports(node, destination, packets):
            for protocol in protocols:
                for target in targets:
                    behind = inner or outer
                    for part, allowed in _opened(node, packets, _Asked(key, target, protocol, sources), behind):
                        shift = outer[0] - behind[0]
                        yield PortForward(
                            f"{protocol}/{written((part[0] + shift, part[1] + shift))}",
                            target,
                            written(part) if inner else None,
                            packets.ways.name(key) if node.word("interface") else None,
                            None,
                            allowed or sources,
                            _taken(destination, key, packets),
                            "static",
                            node.word("descr") or None,
                            not switched_off(node) and allowed != (),
                        )


def _targets(word: str, packets: Filter) -> tuple[IPv4Address, ...]:
    """The addresses that it is sent to: one, or those of an alias, which take turns."""
    way = packets.ways.by_key.get(word.removesuffix("ip"))
    if way is not None and way.own:
        return (way.own.ip,)
    try:
        return (IPv4Address(word.removesuffix("/32")),)
    except AddressValueError:
        found = packets.aliases.addresses(word) if word else ()
    if not found or sum(network.num_addresses for network in found) > len(found) * 16:
        raise UnreadableError(word)
    return tuple(islice((address for network in found for address in network), 64))


def _ports(node: Node, destination: End, packets: Filter) -> Iterator[tuple[Span, Span | None]]:
    """Each outer range of ports with the inner one; None: the same."""
    outer = destination.spans(packets.aliases)
    word = node.word("local-port")
    same = not word or word == destination.ports
    for span in outer:
        if same and (not word or len(outer) > 1 or span == EVERY_PORT[0]):
            yield span, span if word else None
            continue
        first = packets.aliases.ports(word)[0][0]
        last = first + span[1] - span[0]
        if last > 65535:
            raise UnreadableError(word)
        yield span, (first, last)


def _passes(node: Node) -> bool:
    """Whether no filter rule is asked: it brings its own, or is off anyway."""
    return node.word("associated-rule-id") == "pass" or node.word("pass") in _LET or switched_off(node)


def _opened(node: Node, packets: Filter, asked: _Asked, ports: Span) -> list[tuple[Span, Networks | None]]:
    """The inner ports that the filter lets through, each part with who may ask; where it lets none, all with ()."""
    if _passes(node) or not packets.rules or asked.key not in packets.ways.by_key:
        return [(ports, asked.sources)]
    answers: list[tuple[Span, Networks | None]] = []
    for part in packets.parts(asked.key, asked.target, ports, asked.protocol):
        allowed, sure = packets.passing(asked.key, asked.target, part[0], asked.protocol)
        answers.append((part, _narrowed(asked.sources, allowed) if sure else asked.sources))
    return opened(answers, ())


def _narrowed(sources: Networks | None, allowed: Networks) -> Networks | None:
    """Who may ask: whom both the forward and the filter let in; None everyone, () nobody.

    A filter that keeps some out lets everybody in: "everybody but a few" would read as a restriction.
    """
    if sum(network.num_addresses for network in allowed) >= _MOST:
        return sources
    return allowed if sources is None else common(sources, allowed)


def _taken(destination: End, key: str, packets: Filter) -> Networks | None:
    """The outer addresses that it takes: None for those of the interface itself, or every one."""
    if not destination.but and {"any", "(self)", f"{key}ip"} & set(destination.words):
        return None
    found: list[IPv4Network] = []
    for word in destination.words:
        way = packets.ways.by_key.get(word.removesuffix("ip"))
        if way is not None and not destination.but and way.dynamic:
            return None
        if way is not None:
            found += [way.network] if word == way.key and way.network else map(IPv4Network, way.addresses or ())
        else:
            found += packets.aliases.addresses(word)
    whole = tuple(collapse_addresses(found))
    if not whole:
        raise UnreadableError(" ".join(destination.words))
    return everything_but(whole) if destination.but else whole
