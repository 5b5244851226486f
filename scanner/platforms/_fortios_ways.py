"""The interfaces of a FortiGate: addresses, VLANs, default routes, and which side each is on.

Source: Fortinet, "FortiOS CLI Reference": system interface, router static, system sdwan, system dhcp server.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from inventory.gateway import DhcpServer, Interface, Side, Vlan
from inventory.text import clean
from scanner.platforms._fortios import Block, Tree
from scanner.platforms._reading import UnreadableError, number

Bad = list[tuple[int, str]]
SDWAN = ("system sdwan", "system virtual-wan-link")
_NONE = "0.0.0.0"  # noqa: S104 — of an interface without an address
MAX_INTERFACES = 256  # stops a device from filling the snapshot with invented interfaces
_FACTORY_WAN = re.compile(r"(?i)wan-?\d{0,2}")
_PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_SOMEWHERE = ("dstaddr", "internet-service", "internet-service-custom")  # a route to what is named elsewhere


def address(text: str) -> IPv4Address:
    """The address.

    Raises:
        UnreadableError: it is none.
    """
    try:
        return IPv4Address(text)
    except AddressValueError as error:
        raise UnreadableError(text[:64]) from error


def network(words: tuple[str, ...]) -> IPv4Network:
    """The network that two words (address and mask), or one with a slash, name.

    Raises:
        UnreadableError: they name none.
    """
    try:
        return IPv4Network("/".join(words), strict=False)
    except ValueError as error:
        raise UnreadableError(" ".join(words)[:64]) from error


@dataclass(frozen=True, slots=True)
class Ways:
    """The interfaces by name, the lines of the default routes that leave by them, and what could not be read."""

    blocks: dict[str, Block]
    defaults: dict[str, int]
    routes_known: bool
    whole: bool
    bad: Bad
    transparent: bool = False  # a bridge, with one address for all its interfaces

    def side(self, name: str) -> Side | None:
        """The side: the default route's, else what its role or its kind says; None: nobody said."""
        block = self.blocks.get(name)
        if block is None:
            return None
        role = block.one("role")
        if name in self.defaults or role == "wan":
            return "wan"
        if role in ("lan", "dmz"):
            return "lan" if role == "lan" else "other"
        if block.one("type") == "tunnel" or name.startswith("ssl."):
            return "vpn"
        if _FACTORY_WAN.fullmatch(name):
            return "wan"
        if "guest" in f"{name} {block.one('alias')}".lower():
            return "guest"
        # Where the other side is known, or there is none, an address of the inside is inside.
        elsewhere = self.defaults or any(other.one("role") == "wan" for other in self.blocks.values())
        try:
            inside = any(address(block.one("ip").partition("/")[0]) in part for part in _PRIVATE)
        except UnreadableError:
            return None
        return "lan" if inside and (elsewhere or self.whole) else None

    def reached(self, name: str) -> bool:
        """Whether an interface is up and has, or is given, an address: without one nobody reaches the device by it."""
        block = self.blocks[name]
        if block.one("status") == "down":
            return False
        return self.has_four(name) or self.six(name) is not None

    def has_four(self, name: str) -> bool:
        """Whether an interface has, or is given, an address of IPv4; a bridge has one for all."""
        block = self.blocks[name]
        owned = [item.one("ip", _NONE).partition("/")[0] for item in (block, *block.rows("secondaryip"))]
        return self.transparent or block.one("mode", "static") != "static" or any(one != _NONE for one in owned)

    def six(self, name: str) -> Block | None:
        """What an interface says of IPv6, where it has an address of it beyond its own wire."""
        six = self.blocks[name].tables.get("ipv6")
        if six is None:
            return None
        given = six.one("ip6-mode", "static") != "static" or six.one("autoconf") == "enable"
        owned = six.one("ip6-address", "::/0") not in ("::/0", "::") or any(six.rows("ip6-extra-addr"))
        return six if given or owned else None

    def interfaces(self) -> tuple[tuple[Interface, ...], dict[str, int]]:
        """The facts, and their lines."""
        found: list[Interface] = []
        lines: dict[str, int] = {}
        for name, block in list(self.blocks.items()):
            pointer = f"/system/interfaces/{len(found)}"
            lines[pointer] = block.line
            if name in self.defaults:
                lines[f"{pointer}/default_route"] = self.defaults[name]
            leaves = True if name in self.defaults else False if self.routes_known else None
            found.append(Interface(clean(name), self._addresses(block), leaves))
        return tuple(found), lines

    def _addresses(self, block: Block) -> tuple[IPv4Address, ...] | None:
        """Its own; None where somebody else gives them."""
        if block.one("mode", "static") != "static":
            return None
        owned: dict[IPv4Address, None] = {}
        for item in (block, *block.rows("secondaryip")):
            if "ip" not in item.settings:
                continue
            try:
                one = address(item.one("ip").partition("/")[0])
            except UnreadableError:
                self.bad.append((item.place("ip"), clean(" ".join(item.words("ip")))))
                return None
            if int(one):
                owned[one] = None
        return tuple(owned)


def read_ways(tree: Tree) -> Ways:
    """The interfaces of all VDOMs and where default routes leave."""
    bad = tree.bad_of("system interface", "router static", *SDWAN)
    rows = {row.name: row for row in tree.rows("system interface") if clean(row.name)}
    bad += [(row.line, clean(row.name)) for row in list(rows.values())[MAX_INTERFACES:]]
    blocks = dict(list(rows.items())[:MAX_INTERFACES])
    defaults: dict[str, int] = {}
    for name, block in blocks.items():
        # The route that DHCP or PPPoE brings is taken unless it is switched off.
        asks = block.one("mode") in ("dhcp", "pppoe") and block.one("defaultgw", "enable") == "enable"
        if asks and block.one("status") != "down":
            defaults[name] = block.place("mode")
    seen: set[tuple[str, ...]] = set()  # the members of an SD-WAN are looked for once, however many routes use it
    for route in tree.rows("router static"):
        by = (route.one("device"), *route.words("sdwan-zone"), route.one("sdwan"), route.one("virtual-wan-link"))
        if by not in seen and _is_default(route, bad):
            seen.add(by)
            if len(seen) > MAX_INTERFACES:
                bad.append((route.line, "more default routes"))
                break
            for name in _leaving(tree, route):
                if name in blocks and blocks[name].one("status") == "down":
                    continue
                defaults.setdefault(name, route.line)
                if blocks and name not in blocks:
                    bad.append((route.line, clean(f"a default route by {name}")))
    bridged = any(table.one("opmode") == "transparent" for table in tree.tables("system settings"))
    known = not bad and (bool(tree.tables("router static")) or tree.whole)
    return Ways(
        blocks, {name: line for name, line in defaults.items() if name in blocks}, known, tree.whole, bad, bridged
    )


def _is_default(route: Block, bad: Bad) -> bool:
    if route.one("status") == "disable" or route.one("blackhole") == "enable":
        return False
    if any(name in route.settings for name in _SOMEWHERE):
        return False
    try:
        return network(route.words("dst") or ("0.0.0.0/0",)).prefixlen == 0
    except UnreadableError:
        bad.append((route.place("dst"), clean(" ".join(route.words("dst")))))
        return False


def _leaving(tree: Tree, route: Block) -> list[str]:
    """The interfaces of a route: its device, or the members of the SD-WAN."""
    standard = "virtual-wan-link"
    name = route.one("device")
    if name and name != standard:
        return [name]
    zones = set(route.words("sdwan-zone"))
    if not name and not zones and "enable" not in (route.one("sdwan"), route.one(standard)):
        return []
    members = [row for name in SDWAN for table in tree.tables(name) for row in table.rows("members")[:MAX_INTERFACES]]
    members = [row for row in members[:MAX_INTERFACES] if row.one("status") != "disable"]
    return [row.one("interface") for row in members if not zones or row.one("zone", standard) in zones]


def read_vlans(tree: Tree) -> tuple[dict[Vlan, int], Bad]:
    """The interfaces that are VLANs of another one."""
    found: dict[Vlan, int] = {}
    bad: Bad = []
    for row in tree.rows("system interface"):
        if "vlanid" not in row.settings or row.one("vlanid") == "0":
            continue
        try:
            parent = clean(row.one("interface"))
            vlan = Vlan(number(row.one("vlanid"), 4094), clean(row.name) or None, (parent,) if parent else None)
            found.setdefault(vlan, row.line)
        except UnreadableError:
            bad.append((row.place("vlanid"), clean(row.one("vlanid"))))
    return found, bad


def read_dhcp(tree: Tree) -> tuple[dict[DhcpServer, int], Bad]:
    """The ranges that it gives away; a server that relays or serves IPsec clients alike."""
    found: dict[DhcpServer, int] = {}
    bad = tree.bad_of("system dhcp server", "ip-range")
    for row in tree.rows("system dhcp server"):
        on = row.one("status", "enable") == "enable"
        name = clean(row.one("interface"))
        for part in row.rows("ip-range") if name else ():
            try:
                first, last = address(part.one("start-ip")), address(part.one("end-ip"))
                found.setdefault(DhcpServer(name, on, first, last), part.line)
            except UnreadableError:
                bad.append((part.line, clean(" ".join((*part.words("start-ip"), *part.words("end-ip"))))))
    return found, bad
