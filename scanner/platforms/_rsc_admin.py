"""From which sides a RouterOS router may be administered: its services, the filter before them, and its interfaces.

Told for IPv4, which is where its sides are known. What a chain does is worked out for each side's interfaces: a rule
that nobody can judge from the export alone (a list of names, or one that fills itself) leaves that side unknown.
Source: MikroTik, "Services", "Filter", "Interface Lists".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from inventory.gateway import Admin, Side
from inventory.system import Service, SnmpSettings
from inventory.text import clean
from scanner.platforms._networks import ANYWHERE, Networks, common, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export
from scanner.platforms._rsc_chain import Answer, Filter
from scanner.platforms._rsc_conditions import Asking
from scanner.platforms._rsc_interfaces import Ways, members
from scanner.platforms._rsc_served import torn
from scanner.platforms._rsc_told import Told
from scanner.platforms._rsc_vpn import SERVERS, serving

MAX_DOORS = 12  # interfaces of one side; a practice has four
MAX_DIALLED = 64  # profiles, users and ranges of addresses of those who dial in; a practice has ten

# Services that administer: what the protocol is called, and whether what is said there can be overheard.
ADMINISTER: dict[str, tuple[str, bool]] = {
    "telnet": ("telnet", False), "ssh": ("ssh", True), "www": ("http", False), "www-ssl": ("https", True),
    "api": ("api", False), "api-ssl": ("api-ssl", True), "winbox": ("winbox", True),
}  # fmt: skip
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
SIDES: tuple[Side, ...] = ("lan", "wan", "guest", "vpn")
_GUEST = re.compile(r"(?i)guest|invit[eé]|visit(?:eu|o)r|hotspot|patient")
_TUNNELS = (
    "interface wireguard", "interface l2tp-client", "interface pptp-client", "interface sstp-client",
    "interface ovpn-client", "zerotier interface", "interface gre", "interface ipip", "interface eoip",
)  # fmt: skip
_MENUS = (
    "ip firewall filter", "ip firewall raw", "ip firewall address-list", "interface list member", "interface list",
    "interface bridge port", "ip service",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sides:
    """The interfaces of each side as the packet filter sees them, and the networks on them."""

    doors: Mapping[Side, tuple[str, ...]]
    near: Mapping[Side, tuple[IPv4Network, ...]]
    own: Mapping[str, tuple[IPv4Address, ...]]  # of outer interfaces whose addresses are all known
    bridges: Mapping[str, str]  # of their ports

    def from_there(self, side: Side, sources: Networks, named: Networks = ()) -> Networks:
        """Those sources that can come from a side: not the networks of another one; private ones not from outside.

        `named`: those that a rule expects there, as from the box of an operator that the router stands behind.
        """
        if sources == ANYWHERE:
            return sources
        alone = [name for name, all_ in self.doors.items() if all_] == ["wan"]
        kept = []
        for network in sources:
            here = [name for name, all_ in self.near.items() if any(network.overlaps(other) for other in all_)]
            expected = bool(alone) or any(network.subnet_of(other) for other in named)
            inner = any(network.subnet_of(other) for other in _PRIVATE)
            if side == "wan":  # a public network that is larger than the one inside is out there too
                within = any(network.subnet_of(other) for all_ in self.near.values() for other in all_)
                there = (not inner and not within) or (expected and not here)
            else:
                there = inner and not here
            if there or side in here:
                kept.append(network)
        return tuple(kept)

    def away(self, name: str) -> tuple[IPv4Network, ...]:
        """The inner networks that nobody outside this interface can send to."""
        if name not in self.doors["wan"]:
            return ()
        inner = [net for side, all_ in self.near.items() if side != "wan" for net in all_]
        outer = self.near["wan"]
        return tuple(
            net
            for net in inner
            if any(net.subnet_of(other) for other in _PRIVATE) and not any(net.overlaps(other) for other in outer)
        )


def read_sides(export: Export, ways: Ways) -> Sides:
    """Which interface is on which side: outside is where a default route leaves."""
    bridges = {name: clean(item.values.get("bridge", "")) for name, item in ways.ports.items()}
    tunnels = {clean(item.values.get("name", "")) for item in export.of(*_TUNNELS)}
    guests = _guests(export)
    try:
        inner = tuple(members(export, "LAN"))
    except UnreadableError:
        inner = ()
    served = [clean(item.values.get("interface", "")) for item in export.of("ip dhcp-server") if item.enabled]
    outer = {bridges.get(name, name) for name in ways.outer}
    found: dict[Side, dict[str, None]] = {side: {} for side in SIDES}
    near: dict[Side, list[IPv4Network]] = {side: [] for side in SIDES}
    for name in dict.fromkeys((*ways.addresses, *ways.leased, *served, *inner, *ways.outer)):
        door = bridges.get(name, name)
        own = [address.network for address in ways.addresses.get(name, {})]
        lone = bool(own) and all(network.prefixlen == 32 for network in own)
        if not door or (lone and door not in outer and door not in tunnels):
            continue  # a loopback: nobody stands there
        side: Side = "wan" if door in outer else "vpn" if door in tunnels else "guest" if door in guests else "lan"
        found[side][door] = None
        near[side] += own
    if any(on for menu in SERVERS for _, on in serving(export, menu)):
        found["vpn"][""] = None
        near["vpn"] += _dialled(export)
    fixed = {
        name: tuple(address.ip for address in ways.addresses.get(name, ()))
        for name in found["wan"]
        if name not in ways.leased and name not in bridges.values()
    }
    return Sides(
        {side: tuple(names)[:MAX_DOORS] for side, names in found.items()},
        {side: tuple(all_) for side, all_ in near.items()},
        fixed,
        bridges,
    )


def _dialled(export: Export) -> Networks:
    """The addresses that whoever dials in gets, as far as profiles and users name them."""
    words: dict[str, None] = {}
    for item in [*export.menus.get("ppp profile", []), *export.menus.get("ppp secret", [])][:MAX_DIALLED]:
        name = item.values.get("remote-address", "")
        pools = export.named("ip pool", "name", name)[:1] if name else []
        ranges = pools[0].values.get("ranges", "").split(",", MAX_DIALLED) if pools else [name]
        words |= dict.fromkeys(word.strip() for word in ranges if word.strip())
    found: Networks = ()
    for word in list(words)[:MAX_DIALLED]:
        try:
            found += networks([word])
        except UnreadableError:
            continue
    return found


def _guests(export: Export) -> set[str]:
    """Interfaces that are called so, or where a hotspot asks visitors for their name."""
    named = set()
    for item in export.of("interface bridge", "interface vlan", "interface wireless", "interface wifi", "ip address"):
        name = item.values.get("name") or item.values.get("interface", "")
        if _GUEST.search(item.values.get("name", "")) or _GUEST.search(item.values.get("comment", "")):
            named.add(clean(name))
    return named | {clean(item.values.get("interface", "")) for item in export.of("ip hotspot") if item.enabled}


@dataclass(slots=True)
class Doors:
    """What the filter answers at each side; asked once a port."""

    sides: Sides
    filter: Filter

    def at(self, side: Side, service: Service) -> Answer | None:
        """For whom a service is open at a side, all its interfaces together; None where the router has none."""
        doors = self.sides.doors[side]
        away, own = self.sides.away, self.sides.own
        asking = [Asking(name, service.protocol, service.port, own.get(name, ()), away(name)) for name in doors]
        return together([self.filter.answer(who) for who in asking])


def together(answers: list[Answer]) -> Answer | None:
    """What several interfaces of a side come to; None where there are none."""
    for answer in answers:
        if answer.door == "open" and answer.sources == ANYWHERE:
            return answer
    if doubt := next((answer for answer in answers if answer.door == "unknown"), None):
        return doubt
    some = [network for answer in answers if answer.door != "shut" for network in answer.sources]
    if not some:
        return Answer("shut") if answers else None
    rule = next((answer.rule for answer in answers if answer.rule[1]), (1, ""))
    named = tuple(network for answer in answers for network in answer.named)
    return Answer("some", networks(map(str, some)), named, rule)


def read_doors(export: Export, ways: Ways) -> Doors:
    """The sides and the filter of an export."""
    lists = {item.values.get("interface-list", "") for item in export.of("ppp profile")} - {""}
    return Doors(read_sides(export, ways), Filter(export, tuple(lists)))


Asked = list[tuple[tuple[str, bool], Service, int | None]]  # protocol and whether it is encrypted, service, its line


def administering(export: Export, ways: Ways, services: Mapping[Service, int | None], told: Told) -> Asked | None:
    """The services that administer; None where what is known does not tell from which side they are reached."""
    bad = torn(export, *_MENUS) + ways.bad
    bad += [(item.line, item.text) for item in export.of("ip firewall filter") if item.verb not in ("add", "print")]
    bad += [(report.line, report.text) for report in told.reports if report.fact == "system.services"]
    whole = export.covers("ip service") and export.covers("ip firewall filter")
    if not ways.outer and (ways.learns or (ways.partial and whole)):
        bad.append(ways.learns or (1, "routing"))  # which side is outside is told by other routers
    if bad or not whole:
        told.doubt("admin", bad[:1])
        return None
    asked = [(ADMINISTER[service.process or ""], service, line) for service, line in services.items()
             if service.process in ADMINISTER]  # fmt: skip
    snmp: SnmpSettings | None = told.facts.get("snmp")
    if snmp and snmp.enabled:
        agent = Service(161, "udp", "", "snmp", allowed=snmp.source_filter)
        asked.append((("snmp", snmp.versions == ("v3",)), agent, told.lines.get("/system/snmp")))
    return asked


def reached(doors: Doors, asked: Asked, unsure: dict[tuple[int, str], None]) -> dict[Admin, int | None]:
    """One entry per protocol and side from which somebody gets in, with the line of its service.

    Raises:
        UnreadableError: too many rules.
    """
    found: dict[Admin, int | None] = {}
    for (protocol, encrypted), service, line in asked:
        for side in SIDES:
            answer = doors.at(side, service)
            if answer is None or answer.door == "shut":
                continue
            if answer.door == "unknown":
                unsure[answer.rule] = None
                continue
            if sources := let_in(doors, side, service, answer):
                who = None if sources == ANYWHERE else sources
                # A service that is on as delivered is open for some because of a rule.
                place = answer.rule[0] if line is None and answer.rule[1] else line
                found[Admin(protocol, side, service.port, encrypted, who)] = place
    return found


def let_in(doors: Doors, side: Side, service: Service, answer: Answer) -> Networks:
    """Those whom the filter lets in, and the service too, and that can come from that side."""
    sources = answer.sources
    if service.allowed is not None:  # () are those whom it names by IPv6 alone
        sources = common(sources, networks(map(str, service.allowed)))
    return doors.sides.from_there(side, sources, answer.named)


def answering(doors: Doors, export: Export) -> tuple[Side, ...] | None:
    """The sides from which the resolver can be reached; None where that cannot be told."""
    if torn(export, *_MENUS):
        return None
    resolver = Service(53, "udp", "", "dns")
    try:
        answers = {side: doors.at(side, resolver) for side in SIDES}
    except UnreadableError:
        return None
    if any(answer is not None and answer.door == "unknown" for answer in answers.values()):
        return None
    return tuple(side for side, answer in answers.items() if answer is not None and _reached(doors, side, answer))


def _reached(doors: Doors, side: Side, answer: Answer) -> bool:
    """A resolver that a few addresses outside may ask is not one for the outside."""
    if side == "wan" and answer.door == "some":
        return False
    return answer.door != "shut" and bool(doors.sides.from_there(side, answer.sources, answer.named))
