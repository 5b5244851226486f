"""The interfaces of a Vyatta configuration: names, addresses, default routes, and the side each of them is on. Pure.

Sources: VyOS, "Interfaces" and "Static"; EdgeOS, "Interfaces", `protocols static`, `system gateway-address`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, ip_interface
from itertools import islice

from inventory.gateway import Interface, Side
from inventory.text import clean
from scanner.platforms._vyatta import Bad, Configuration, Node

MAX_INTERFACES = 256  # a practice has a dozen. Stops a configuration of interfaces alone from slowing the rules
MAX_ADDRESSES = 32  # of one interface
MAX_NEXT_HOPS = 64  # of default routes; each is looked for among all addresses

_TUNNELS = frozenset({
    "openvpn", "wireguard", "tunnel", "vti", "l2tpv3", "sstpc", "l2tp-server", "pptp-server", "ipsec-interfaces",
})  # fmt: skip
_ASIDE = frozenset({"loopback", "dummy", "input"})
_PHONED = frozenset({"pppoe", "wirelessmodem", "pptp-client"})  # whose default route comes with the call
_DEFAULTS = frozenset({"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"})
# Protocols by which a default route may come from a neighbour.
_ROUTING = frozenset({"bgp", "ospf", "rip", "isis", "babel", "eigrp", "openfabric"})
_GUEST = re.compile(r"(?i)guest|invit|visit|hotspot|captive")
_OUTER = re.compile(r"(?i)(?<![a-z])(?:wan|internet|outside|untrust(?:ed)?|external)(?![a-z])")
_APART = re.compile(r"(?i)(?<![a-z])dmz(?![a-z])")


@dataclass(slots=True)
class Way:
    """An interface: what the configuration gives it."""

    name: str
    kind: str
    node: Node
    addresses: dict[IPv4Interface, int] = field(default_factory=dict)
    dynamic: bool = False  # it asks a provider for its address
    ipv6: bool = False
    default: int | None = None  # the line by which a default route leaves by it
    side: Side | None = None  # None: nothing comes in by it

    @property
    def told(self) -> bool:
        """Whether it has anything that a fact says."""
        return bool(self.addresses) or self.dynamic or self.default is not None


@dataclass(slots=True)
class Ways:
    """The interfaces that are on, by name."""

    by_name: dict[str, Way]
    bad: Bad
    taught: bool  # a default route may come from a neighbour too

    def of(self, address: IPv4Address) -> "Way | None":
        """The interface in whose network an address is."""
        for way in self.by_name.values():
            if any(address in own.network for own in way.addresses):
                return way
        return None

    def own(self) -> frozenset[IPv4Address]:
        """The device's own addresses."""
        return frozenset(own.ip for way in self.by_name.values() for own in way.addresses)

    def on(self, side: Side) -> Iterator[Way]:
        """The interfaces of one side."""
        return (way for way in self.by_name.values() if way.side == side)

    def interfaces(self) -> tuple[tuple[Interface, ...], dict[str, int]]:
        """The facts and their lines. What a provider or a tunnel gives is not in the file: `addresses` is None then."""
        proven = any(way.default is not None for way in self.by_name.values())
        found: list[Interface] = []
        lines: dict[str, int] = {}
        for way in self.by_name.values():
            if not way.told:
                continue
            pointer = f"/system/interfaces/{len(found)}"
            lines[pointer] = way.node.line
            if way.default is not None:
                lines[f"{pointer}/default_route"] = way.default
            addresses = tuple(own.ip for own in way.addresses) or None
            default = True if way.default is not None else None if self.taught and not proven else False
            found.append(Interface(way.name, addresses, default))
        return tuple(found), lines


def read_ways(config: Configuration) -> Ways:
    """Every interface that is on, with its addresses, default route and side."""
    bad: Bad = []
    ways: dict[str, Way] = {}
    for way in named(config.root):
        if len(ways) >= MAX_INTERFACES:
            bad.append((way.node.line, way.name))
            break
        if not way.name:
            continue
        for node in way.node.below("address"):
            _addressed(way, node, bad)
        _phoned(way)
        ways.setdefault(way.name, way)
    protocols = config.root.at("protocols")
    found = Ways(ways, bad, bool(protocols and _ROUTING & set(protocols.kids)))
    _virtual(config.root, found)
    _routed(config.root, found)
    outer = frozenset(_said_outer(config.root))
    zones = _zones(config.root)
    for way in ways.values():
        way.side = _side(way, way.name in outer, zones.get(way.name, ""))
    return found


def named(root: Node) -> Iterator[Way]:
    """Every interface that is on, and what stands on it."""
    for kind in root.below("interfaces"):
        for node in kind.kids.values():
            if not node.has("disable"):
                yield from _below(Way(clean(node.word), kind.word, node))


def _below(way: Way) -> Iterator[Way]:
    """An interface and what stands on it: VLANs, VLANs in VLANs, PPPoE as EdgeOS and VyOS 1.2 write it."""
    yield way
    for tag in ("vif", "vif-s", "vif-c"):
        for node in way.node.below(tag):
            if not node.has("disable"):
                yield from _below(Way(clean(f"{way.name}.{node.word}"), way.kind, node))
    for node in way.node.below("pppoe"):
        if not node.has("disable"):
            yield Way(clean(f"pppoe{node.word}"), "pppoe", node)


def _addressed(way: Way, node: Node, bad: Bad) -> None:
    word = node.word
    if word == "dhcp":
        way.dynamic = True
        options = way.node.at("dhcp-options")
        refused = options and (options.value("default-route") == "no-update" or options.has("no-default-route"))
        way.default = None if refused else node.line
    elif word == "dhcpv6" or ":" in word:
        way.ipv6 = True
    elif word != "no-default-link-local":
        try:
            own = ip_interface(word)
        except ValueError:
            bad.append((node.line, f"address {word}"))
        else:
            if len(way.addresses) >= MAX_ADDRESSES:
                bad.append((node.line, f"address {word}"))
            elif isinstance(own, IPv4Interface):
                way.addresses.setdefault(own, node.line)


def _phoned(way: Way) -> None:
    node = way.node
    if way.kind in _PHONED and not way.addresses:
        way.dynamic = True
        if node.value("default-route") != "none" and not node.has("no-default-route"):
            way.default = node.place("default-route")
    if way.kind == "openvpn":
        for local in node.below("local-address"):
            _addressed(way, local, [])
    way.ipv6 = way.ipv6 or node.has("ipv6", "address") or node.has("ipv6", "enable") or node.has("dhcpv6-pd")


def _virtual(root: Node, ways: Ways) -> None:
    """The addresses that routers which stand in for each other share: this one answers at them too."""
    for group in (*root.below("high-availability", "vrrp", "group"), *root.below("vrrp", "group")):
        way = ways.by_name.get(group.value("interface"))
        for node in (*group.below("virtual-address"), *group.below("address")) if way else ():
            _addressed(way, node, ways.bad)  # type: ignore[arg-type]
    for way in ways.by_name.values():
        for group in way.node.below("vrrp", "vrrp-group"):
            for node in group.below("virtual-address"):
                _addressed(way, node, ways.bad)


def _routed(root: Node, ways: Ways) -> None:
    """The default routes of every table that the file itself has."""
    tables = (static.below(kind) for static in _tables(root) for kind in ("route", "interface-route"))
    defaults = (route for routes in tables for route in routes if route.word in _DEFAULTS and not route.has("disable"))
    for route in islice(defaults, MAX_NEXT_HOPS):
        _leaving(route, ways)
    for node in root.below("system", "gateway-address")[:1]:
        _by_address(node, ways)
    balanced = [*root.below("load-balancing", "wan", "interface-health")]
    for group in root.below("load-balance", "group"):
        balanced += group.below("interface")
    for node in balanced:
        _by_name(node, ways)


def _tables(root: Node) -> Iterator[Node]:
    statics = [root.at("protocols", "static")]
    statics += [node.at("protocols", "static") for node in root.below("vrf", "name")]
    for static in filter(None, statics):
        yield static
        yield from static.below("table")


def _leaving(route: Node, ways: Ways) -> None:
    for node in route.below("next-hop")[:MAX_NEXT_HOPS]:
        if node.has("disable"):
            continue
        if node.has("interface"):
            _by_name(node.below("interface")[-1], ways)
        else:
            _by_address(node, ways)
    for kind in ("interface", "next-hop-interface", "dhcp-interface"):
        for node in route.below(kind):
            if not node.has("disable"):
                _by_name(node, ways)


def _by_name(node: Node, ways: Ways) -> None:
    way = ways.by_name.get(node.word)
    if way and way.default is None:
        way.default = node.line


def _by_address(node: Node, ways: Ways) -> None:
    try:
        way = ways.of(IPv4Address(node.word))
    except AddressValueError:
        ways.bad.append((node.line, node.word))
        return
    if way and way.default is None:
        way.default = node.line


def _said_outer(root: Node) -> Iterator[str]:
    """The interfaces that the owner calls outer: of port forwards, of UPnP, of the address translation."""
    yield from root.words("port-forward", "wan-interface")
    yield from root.words("service", "upnp2", "wan")
    yield from root.words("service", "upnp", "wan-interface")
    for rule in (*root.below("nat", "source", "rule"), *root.below("service", "nat", "rule")):
        masked = rule.value("type") == "masquerade" or rule.value("translation", "address") == "masquerade"
        if masked and not rule.has("destination", "address") and not rule.has("disable"):
            yield from rule.words("outbound-interface", "name") or rule.words("outbound-interface")


def zones(root: Node) -> tuple[Node, ...]:
    """The zones, wherever the version keeps them."""
    return (*root.below("zone-policy", "zone"), *root.below("firewall", "zone"))


def members(zone: Node) -> tuple[str, ...]:
    """The interfaces of a zone, as VyOS 1.5 and those before it write it."""
    return zone.words("member", "interface") or zone.words("interface")


def _zones(root: Node) -> dict[str, str]:
    return {name: zone.word for zone in zones(root) for name in members(zone)}


def _side(way: Way, outer: bool, zone: str) -> Side | None:
    words = f"{zone} {way.node.value('description')}"
    # The rule sets of what comes in by it say whose network it is, where nothing else does.
    called = " ".join(way.node.value("firewall", to, "name") for to in ("in", "local"))
    if way.kind in _ASIDE or not (way.told or way.ipv6):
        return None
    if way.kind in _TUNNELS:
        return "vpn"
    if way.default is not None or outer or _OUTER.search(zone):
        return "wan"
    if _GUEST.search(f"{words} {called}"):
        return "guest"
    if _APART.search(words) or any(own.ip.is_global for own in way.addresses):
        return "other"
    return "lan"
