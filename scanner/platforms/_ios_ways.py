"""Interfaces of Cisco IOS: their addresses, their side, by which a default route leaves, and the VLANs they carry.

Source: Cisco, "IP Addressing: IPv4 Addressing Configuration Guide", "IP Routing: Protocol-Independent".
"""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from inventory.gateway import Interface, Side, Vlan
from inventory.text import clean
from scanner.platforms._ios import Configuration, Line, spread
from scanner.platforms._reading import UnreadableError

MOST_INTERFACES = 256
MOST_VLANS = 1024
MOST_ROUTES = 64  # default routes
MOST_CARRIED = 1 << 16  # VLANs of all ports together

_GUEST = re.compile(r"(?i)guest|invit|visit|public.?wi-?fi|hotspot")
_TUNNEL = re.compile(r"(?i)(?:tunnel|virtual-template|virtual-access|virtual-ppp)\d")
_ANY = "0.0.0.0"  # noqa: S104 — of a route: nothing listens
_ROUTED = ("ospf", "bgp", "eigrp", "rip", "isis", "ospfv3", "odr")


@dataclass(slots=True)
class Way:
    """An interface that has, or gets, an address of its own."""

    line: Line
    name: str
    networks: list[IPv4Interface]
    given: bool  # it has an address that is not in the file: from DHCP or PPP, or made unreadable
    default: bool | None = None
    default_line: int | None = None


@dataclass(slots=True)
class Ways:
    """The interfaces of a configuration that are up and have to do with IPv4."""

    ways: list[Way] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    guarded: frozenset[str] = frozenset()  # zones with a policy of their own for the device itself
    outer_known: bool = False  # a default route or translations say which side is outer
    single: bool = False  # it has one interface beside its loopbacks

    def side(self, way: Way) -> Side:
        """Where what comes in by it is from."""
        inner = [line.words for line in way.line.below]
        if ["ip", "nat", "outside"] in inner or (way.default and not self._alone(way)):
            return "wan"
        if _TUNNEL.match(way.name):
            return "vpn"
        # Where nobody says which side is outer, an address of the Internet is on it.
        if not self.outer_known and any(own.ip.is_global for own in way.networks):
            return "wan"
        named = [" ".join(words[1:]) for words in inner if words[0] in ("description", "zone-member", "vrf")]
        return "guest" if any(_GUEST.search(text) for text in named) else "lan"

    def _alone(self, way: Way) -> bool:
        """Whether it is the one address of a switch or access point in the inner network: there, no side is outer."""
        return self.single and bool(way.networks) and not way.given and all(own.ip.is_private for own in way.networks)

    def own(self) -> frozenset[IPv4Address]:
        """The addresses of the device itself."""
        return frozenset(own.ip for way in self.ways for own in way.networks)

    def holding(self, address: IPv4Address) -> Way | None:
        """The interface in whose network the address is."""
        return next((way for way in self.ways for own in way.networks if address in own.network), None)


def read_ways(told: Configuration) -> Ways:
    """The interfaces that have an address, with what is known of the default route."""
    found = Ways()
    for line in told.root.find("interface"):
        way = _way(line, found.bad)
        if way is not None and len(found.ways) < MOST_INTERFACES:
            found.ways.append(way)
    _default_routes(told, found)
    found.outer_known = any(way.default or way.line.first("ip", "nat", "outside") for way in found.ways)
    found.single = sum(not way.name.lower().startswith("loopback") for way in found.ways) < 2
    pairs = told.root.find("zone-pair")
    found.guarded = frozenset(line.after("source") or "" for line in pairs if line.after("destination") == "self")
    return found


def name_of(line: Line) -> str:
    """The interface's name: `FastEthernet 0/1` and `FastEthernet0/1` are one."""
    words = line.words[1:]
    joined = "".join(words[:2]) if len(words) > 1 and words[1][:1].isdigit() else "".join(words[:1])
    return clean(joined)


def _way(line: Line, bad: list[tuple[int, str]]) -> Way | None:
    if line.first("shutdown"):
        return None
    networks: list[IPv4Interface] = []
    given = False
    for item in line.find("ip", "address"):
        words = item.words[2:]
        if words[:1] in (["dhcp"], ["negotiated"], ["pppoe"], ["slarp"], ["pool"]):
            given = True
            continue
        try:
            text = f"{words[0]}/{words[1]}" if len(words) > 1 and words[1].count(".") == 3 else words[0]
            networks.append(IPv4Interface(text))
        except (ValueError, IndexError):
            bad.append((item.number, " ".join(item.words)))
            given = True  # what passes by it passes all the same
    borrowed = line.first("ip", "unnumbered") is not None
    return Way(line, name_of(line), networks, given) if networks or given or borrowed else None


def _default_routes(told: Configuration, found: Ways) -> None:
    """Mark the interfaces of the best default routes; the others only when nothing can bring another one."""
    routes = [(line, _hop(line)) for line in _routes(told.root)[:MOST_ROUTES]]
    sure = told.whole and len(routes) < MOST_ROUTES
    lowest: dict[str, int] = {}
    for _, (table, _, distance) in routes:
        lowest[table] = min(distance, lowest.get(table, distance))
    for line, (table, hops, distance) in routes:
        if distance > lowest[table]:
            sure = False  # one that waits for another to fail
            continue
        way = _leaving(hops, found) if hops != ["dhcp"] else _leased(found)
        if way is None:
            sure = False
            if not hops[0].lower().startswith("null"):
                found.bad.append((line.number, " ".join(line.words)))
        else:
            way.default, way.default_line = True, way.default_line or line.number
    for way in found.ways:
        if way.default is None and way.given and _asks_for_route(way):
            way.default = True
    if any(line.words[1:2] and line.words[1] in _ROUTED for line in told.root.find("router")):
        sure = False
    if any(way.given and not way.default for way in found.ways) or not any(way.default for way in found.ways):
        sure = False
    for way in found.ways:
        way.default = False if way.default is None and sure else way.default


def _routes(root: Line) -> list[Line]:
    routes = [line for line in root.find("ip", "route") if _target(line) == [_ANY, _ANY]]
    if not routes:  # a switch that does not route
        routes = list(root.find("ip", "default-gateway"))
    return routes


def _target(line: Line) -> list[str]:
    words = line.words[2:]
    return words[2:4] if words[:1] == ["vrf"] else words[:2]


def _hop(line: Line) -> tuple[str, list[str], int]:
    """Routing table, what the route leads to, and its distance."""
    if line.words[1] == "default-gateway":
        return "", line.words[2:3] or ["?"], 1
    words = line.words[2:]
    table = words[1] if words[:1] == ["vrf"] else ""
    words = words[4:] if table else words[2:]
    hops: list[str] = []
    distance = 1
    for at, word in enumerate(words):
        if word.isdecimal() and at and not (at == 1 and hops and hops[0].isalpha()):
            distance = int(word[:4])
            break
        if word in ("name", "tag", "track", "permanent", "multicast", "global"):
            break
        hops.append(word)
    if any(word == "dhcp" for word in hops):
        distance = next((int(word[:4]) for word in words if word.isdecimal()), 254)
    return table, hops or ["?"], distance


def _leaving(hops: list[str], found: Ways) -> Way | None:
    name = "".join(hops[:2]) if len(hops) > 1 and hops[1][:1].isdigit() and "." not in hops[1] else hops[0]
    for way in found.ways:
        if way.name.lower() == name.lower():
            return way
    try:
        held = found.holding(IPv4Address(hops[0]))
    except ValueError:
        return None
    # A next hop in none of the networks that are written is in the one that is given.
    given = [way for way in found.ways if way.given]
    return held or (given[0] if len(given) == 1 else None)


def _leased(found: Ways) -> Way | None:
    """The one interface whose address DHCP gives: the route is what DHCP said."""
    given = [way for way in found.ways if way.line.first("ip", "address", "dhcp")]
    return given[0] if len(given) == 1 else None


def _asks_for_route(way: Way) -> bool:
    """A DHCP client takes the router it is told; PPP only when asked to."""
    if way.line.first("ip", "address", "dhcp"):
        return not any(line.starts("no", "ip", "dhcp", "client", "request", "router") for line in way.line.below)
    return any(line.starts("ppp", "ipcp", "route", "default") for line in way.line.below)


def interfaces(found: Ways) -> dict[Interface, int]:
    """The facts, each with its line."""
    facts = {}
    for way in found.ways:
        addresses = None if way.given else tuple(dict.fromkeys(own.ip for own in way.networks))
        facts[Interface(way.name, addresses, way.default)] = way.line.number
    return facts


def read_vlans(told: Configuration) -> dict[Vlan, int]:
    """The VLANs that the file names, with the ports that it says carry them."""
    names: dict[int, str | None] = {}
    lines: dict[int, int] = {}
    tagged: dict[int, list[str]] = {}
    untagged: dict[int, list[str]] = {}
    for line in told.root.find("vlan"):
        for vlan in spread(line.words[1] if len(line.words) > 1 else ""):
            named = line.first("name")
            names[vlan] = clean(" ".join(named.words[1:])).strip('"') if named else names.get(vlan)
            lines.setdefault(vlan, line.number)
    room = MOST_CARRIED
    for line in told.root.find("interface"):
        if room <= 0:
            break
        name = name_of(line)
        carried = _carried(line)
        room -= len(carried)
        for vlan, number, tag in carried:
            lines.setdefault(vlan, number)
            (tagged if tag else untagged).setdefault(vlan, []).append(name)
    return {
        Vlan(vlan, names.get(vlan), tuple(tagged.get(vlan, ())) or None, tuple(untagged.get(vlan, ())) or None): at
        for vlan, at in sorted(lines.items())[:MOST_VLANS]
    }


def _carried(line: Line) -> list[tuple[int, int, bool]]:
    """The VLANs that a port says it carries: VLAN, line, tagged."""
    found: list[tuple[int, int, bool]] = []
    trunk = line.first("switchport", "mode", "trunk") is not None
    native = line.first("switchport", "trunk", "native", "vlan")
    inner = int(native.words[4][:5]) if native and native.words[4:5] and native.words[4].isdecimal() else 1
    for item in line.below:
        words = item.words
        if words[:3] == ["switchport", "access", "vlan"] and not trunk:
            found += [(vlan, item.number, False) for vlan in spread(words[3] if len(words) > 3 else "")]
        elif words[:4] == ["switchport", "trunk", "allowed", "vlan"] and trunk:
            listed = words[5:6] if words[4:5] == ["add"] else words[4:5]
            found += [(vlan, item.number, vlan != inner) for vlan in spread("".join(listed))]
        elif words[:3] == ["switchport", "voice", "vlan"] and not trunk:
            found += [(vlan, item.number, True) for vlan in spread(words[3] if len(words) > 3 else "")]
        elif words[0] == "encapsulation" and words[1:2] and words[1].lower() == "dot1q":
            found += [(vlan, item.number, "native" not in words) for vlan in spread(words[2] if len(words) > 2 else "")]
    return [item for item in found if item[0] > 0]


def network(words: list[str]) -> IPv4Network:
    """The network in `A.B.C.D MASK` or `A.B.C.D /24`.

    Raises:
        UnreadableError: it is none.
    """
    try:
        return IPv4Network(f"{words[0]}/{words[1].lstrip('/')}", strict=False)
    except (ValueError, IndexError) as error:
        raise UnreadableError(" ".join(words)[:40]) from error
