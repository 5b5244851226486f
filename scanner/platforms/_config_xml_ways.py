"""config.xml's interfaces: the kernel's name of each, its side and addresses, whether a default route leaves by it.

Source: pfSense documentation, "Interface Configuration", "Gateways", "Interface Groups"; OPNsense documentation,
"Interfaces", "Gateways", and its config.xml.sample.
"""

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network

from inventory.gateway import Interface, Side, Vlan
from inventory.text import clean
from scanner.platforms._config_xml import Node, sections

MAX_WAYS = 128  # interfaces; the largest configuration seen has 60. Stops a device from slowing the rules
GATEWAYS = ("gateways/gateway_item", "OPNsense/Gateways/gateway_item")
# Names that a rule gives to all the tunnels of a kind.
TUNNELS = frozenset({"openvpn", "wireguard", "enc0", "ipsec", "l2tp", "pptp", "tailscale"})

_TUNNEL = re.compile(r"(?:ovpn[sc]?|wg|tun_wg|ipsec|enc|l2tp|pptp|openvpn|wireguard|tailscale|zt)\w{0,24}")
_GUEST = re.compile(r"(?i)guest|invit[eé]|visit(?:or|eur)|hotspot|patient|captive|public")
_NAMED: tuple[tuple[re.Pattern[str], Side], ...] = (
    (re.compile(r"(?i)wan(?![a-z])"), "wan"), (re.compile(r"(?i)lan(?![a-z])"), "lan"),
    (re.compile(r"(?i)vpn(?![a-z])"), "vpn"),
)  # fmt: skip
_DIALLED = frozenset({"pppoe", "ppp", "pptp", "l2tp"})
_EVERYWHERE = frozenset({"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"})


@dataclass(slots=True)
class Way:
    """An interface of the configuration that is on."""

    key: str  # as the configuration refers to it: "wan", "lan", "opt1"
    name: str  # as the kernel does
    node: Node
    side: Side = "other"
    own: IPv4Interface | None = None  # the address it is given, None: by somebody else, or none
    dynamic: bool = False
    leaves: bool | None = None
    further: list[IPv4Address] = field(default_factory=list)

    @property
    def addresses(self) -> tuple[IPv4Address, ...] | None:
        """Its addresses; None when somebody else gives the first one."""
        return None if self.dynamic else self.written

    @property
    def written(self) -> tuple[IPv4Address, ...]:
        """Those of its addresses that the configuration names."""
        first = [self.own.ip] if self.own else []
        return tuple(dict.fromkeys(first + self.further))

    @property
    def network(self) -> IPv4Network | None:
        """The network that it is in, when the configuration says so."""
        return self.own.network if self.own else None

    @property
    def ipv6(self) -> bool:
        """Whether it has anything of IPv6."""
        return bool(self.node.word("ipaddrv6"))


@dataclass(slots=True)
class Ways:
    """The interfaces by their key, and the groups of them."""

    by_key: dict[str, Way]
    groups: dict[str, tuple[str, ...]]
    bad: list[Node]

    def keys(self, word: str) -> tuple[str, ...]:
        """The keys of what a rule calls an interface: itself, or the members of the group."""
        return self.groups.get(word, (word,))

    def name(self, key: str) -> str:
        """The kernel's name, or the word itself where there is none, as for `openvpn`."""
        return self.by_key[key].name if key in self.by_key else key

    def holding(self, address: IPv4Address) -> str | None:
        """The key of the interface in whose network the address is."""
        return next((way.key for way in self.by_key.values() if way.network and address in way.network), None)


def read_ways(root: Node) -> Ways:
    """The interfaces that are on; a group that OPNsense writes down among them is none."""
    ways = Ways({}, _groups(root), [])
    inner = [node for each in root.all("interfaces") for node in each.inner]
    for node in inner:
        name = node.word("if")
        if not node.has("enable") or not name or node.word("type") == "group" or len(ways.by_key) >= MAX_WAYS:
            continue
        way = Way(clean(node.name), name, node)
        try:
            _address(way, root)
        except ValueError:
            ways.bad.append(node)
            continue
        ways.by_key[way.key] = way
    _further(root, ways)
    _routes(root, ways)
    for way in ways.by_key.values():
        way.side = _side(way)
    return ways


def _groups(root: Node) -> dict[str, tuple[str, ...]]:
    found = {}
    for node in root.all("ifgroups/ifgroupentry")[:MAX_WAYS]:
        found[node.word("ifname")] = tuple(node.words("members")[:MAX_WAYS])
    return found


def _address(way: Way, root: Node) -> None:
    said = way.node.word("ipaddr")
    if said and not said[0].isdigit():
        way.dynamic = said != "none"
    elif said:
        way.own = IPv4Interface(f"{said}/{way.node.word('subnet') or '32'}")
    elif _TUNNEL.fullmatch(way.name):
        way.own = _tunnel_address(way.name, root)
        way.dynamic = way.own is None  # whoever is at the other end gives it


def _tunnel_address(name: str, root: Node) -> IPv4Interface | None:
    """The address of a WireGuard interface, which stands with its tunnel."""
    said = []
    for server in root.all("OPNsense/wireguard/server/servers/server"):
        if f"wg{server.word('instance')}" == name:
            said += server.words("tunneladdress")
    for tunnel in root.all("installedpackages/wireguard/tunnels/item"):
        if tunnel.word("name") == name:
            said += [f"{row.word('address')}/{row.word('mask')}" for row in tunnel.all("addresses/row")]
    return next((IPv4Interface(word) for word in said if ":" not in word), None)


def _further(root: Node, ways: Ways) -> None:
    """The virtual addresses that the device itself answers at."""
    for node in root.all("virtualip/vip"):
        way = ways.by_key.get(node.word("interface"))
        if way is None or node.word("mode") not in ("ipalias", "carp") or ":" in node.word("subnet"):
            continue
        try:
            address = IPv4Address(node.word("subnet").partition("/")[0])
        except AddressValueError:
            ways.bad.append(node)
            continue
        if len(way.further) < MAX_WAYS:
            way.further.append(address)


def _routes(root: Node, ways: Ways) -> None:
    gateways = {node.word("name"): node for node in sections(root, *GATEWAYS) if _is_ipv4(node)}
    chosen = {name for node in sections(root, "gateways/defaultgw4") for name in _members(root, node.text.strip())}
    chosen |= {name for name, node in gateways.items() if node.on("defaultgw") or _marked(node)}
    for node in sections(root, "staticroutes/route"):
        if node.word("network") in _EVERYWHERE and not node.has("disabled"):
            chosen.add(node.word("gateway"))
    keys = {gateways[name].word("interface") for name in chosen if name in gateways}
    keys |= {key for key in ways.by_key for name in chosen if name.upper() == f"{key.upper()}_DHCP"}
    for way in ways.by_key.values():
        own = way.node.word("gateway")
        if way.key in keys or (own and own != "none") or way.node.word("ipaddr") in _DIALLED:
            way.leaves = True
        elif way.node.word("ipaddr") == "dhcp":
            way.leaves = True if way.key == "wan" else None  # another one may be the way out too
        else:
            way.leaves = None if way.dynamic else False


def _marked(node: Node) -> bool:
    """Up to pfSense 2.4, and in old OPNsense, there is an empty `<defaultgw/>` at the default gateway."""
    return node.one("defaultgw") is not None and not node.word("defaultgw") and node.one("priority") is None


def _is_ipv4(node: Node) -> bool:
    return node.word("ipprotocol") != "inet6" and not node.on("disabled")


def _members(root: Node, name: str) -> list[str]:
    """The gateways of a group, `WAN_DHCP|1|address` each; a gateway by itself."""
    groups = [node for node in root.all("gateways/gateway_group") if node.word("name") == name]
    return [item.text.partition("|")[0] for node in groups for item in node.all("item")] or [clean(name)]


def _side(way: Way) -> Side:
    descr = way.node.word("descr")
    if way.key == "wan":
        return "wan"
    if _TUNNEL.fullmatch(way.name) or way.key in TUNNELS:
        return "vpn"
    if way.key == "lan":
        return "lan"
    if way.leaves or way.dynamic:
        return "wan"
    if _GUEST.search(descr):
        return "guest"
    return next((side for pattern, side in _NAMED if pattern.match(descr)), "other")


def interfaces(ways: Ways) -> tuple[tuple[Interface, ...], dict[str, int]]:
    """The interfaces as facts, and their lines."""
    found = tuple(Interface(way.name, way.addresses, way.leaves) for way in ways.by_key.values())
    lines = {f"/system/interfaces/{at}": way.node.line for at, way in enumerate(ways.by_key.values())}
    return found, lines


def read_vlans(root: Node) -> tuple[tuple[Vlan, ...] | None, dict[str, int], list[Node]]:
    """The VLANs, those of one number together; None when the configuration has no word of them."""
    found: dict[int, tuple[list[str], str | None, int]] = {}
    bad = []
    nodes = [node for node in root.all("vlans/vlan") if node.inner]
    for node in nodes[:4096]:
        tag = node.word("tag")
        if not (tag.isascii() and tag.isdigit() and 1 <= int(tag[:5]) <= 4094 and node.word("if")):
            bad.append(node)
            continue
        parents, name, line = found.setdefault(int(tag), ([], None, node.line))
        parents.append(node.word("if"))
        found[int(tag)] = (parents, name or node.word("descr") or None, line)
    lines = {f"/system/vlans/{at}": line for at, (_, _, line) in enumerate(found.values())}
    vlans = tuple(Vlan(tag, name, tuple(dict.fromkeys(parents))) for tag, (parents, name, _) in found.items())
    return (vlans if root.one("vlans") and (vlans or not bad) else None), lines, bad
