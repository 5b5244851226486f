"""From which sides an OpenWrt device is administered, and for which its dnsmasq answers, the firewall counted in. Pure.

Source: OpenWrt, "Dropbear configuration", "uHTTPd", "DNS and DHCP", "Firewall configuration" (redirects to the device);
the init scripts of dropbear, uhttpd and dnsmasq.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address
from itertools import islice

from inventory.gateway import Admin, PortForward, Side
from inventory.network import Protocol
from inventory.system import SnmpSettings
from scanner.platforms import _uci_network
from scanner.platforms._interfaces import SIDES
from scanner.platforms._networks import ANYWHERE, MAX_NETWORKS, Networks, common
from scanner.platforms._reading import UnreadableError, number
from scanner.platforms._spans import holds, read_span
from scanner.platforms._uci import Configuration, Section
from scanner.platforms._uci_firewall import NARROWER, OFF, Bad, askers, ports_of, protocols, read_sets, scripts
from scanner.platforms._uci_input import MAX_RULES, Filter, own_addresses
from scanner.platforms._uci_settings import written_by
from scanner.platforms._uci_sides import Door

Networked = dict[str, Section]  # the device's networks by name

MAX_SERVED = 16  # sockets by which it is administered, instances of dnsmasq; a practice's router has three
MAX_PORTS = 16  # outer ports of one redirect to the device itself; a practice has one. Stops entries that multiply

# What makes an instance of uhttpd one that serves LuCI, and not somebody's page alone.
_LUCI = frozenset({"cgi_prefix", "lua_prefix", "lua_handler", "ubus_prefix", "ucode_prefix"})


@dataclass(frozen=True, slots=True)
class Served:
    """A socket of a service, and by which networks it is asked."""

    name: str  # "ssh", "https", "http", "snmp", "dns"
    protocol: Protocol
    port: int
    line: int
    encrypted: bool | None = None
    networks: tuple[str, ...] | None = None  # whose address it is bound to, None: every one
    only: bool = False  # asked by these networks alone, wherever its address is
    but: tuple[str, ...] = ()  # not asked by these
    allowed: Networks | None = None  # whom the service itself lets in
    ipv4: bool = False  # it listens to nothing else

    def asked_at(self, door: Door) -> bool:
        """Whether it listens to what comes in by a door: an inner address is not routed to from outside."""
        if self.but and door.networks and set(door.networks) <= set(self.but):
            return False
        if self.networks is None or set(self.networks) & set(door.networks):
            return True
        return not self.only and door.side != "wan"


def read_served(config: Configuration, snmp: SnmpSettings | None) -> tuple[list[Served], Bad]:
    """The sockets by which the device is administered: dropbear, LuCI, and an SNMP agent that may be written to."""
    bad = config.bad_of("dropbear", "uhttpd")
    found: list[Served] = []
    networks = _uci_network.networks(config)
    for read, kind in ((_dropbear, "dropbear"), (_uhttpd, "uhttpd")):
        for item in islice(config.of(kind, kind), MAX_SERVED):
            try:
                found += islice(read(item, networks), MAX_SERVED)
            except UnreadableError:
                bad.append((item.line, item.text))
    if snmp and snmp.enabled and snmp.writable:
        line = next((item.line for item in config.of("snmpd", "access")), 1)
        try:
            who = written_by(config)
        except UnreadableError as error:
            return found[:MAX_SERVED], [*bad, (line, str(error))]
        if who != ():
            found.append(Served("snmp", "udp", 161, line, encrypted=False, allowed=who))
    return found[:MAX_SERVED], bad


def _dropbear(item: Section, _: Networked) -> Iterator[Served]:
    if not item.flag("enable", default=True):
        return
    at = item.words("DirectInterface") or item.words("Interface")
    for word in item.words("Port") or ("22",):
        only = "DirectInterface" in item.options
        yield Served("ssh", "tcp", number(word, 65535), item.place("Port"), True, at or None, only)


def _uhttpd(item: Section, networks: Networked) -> Iterator[Served]:
    if not (item.name == "main" or item.options.keys() & _LUCI) or item.one("enabled", "1") in OFF:
        return
    redirected = item.flag("redirect_https", default=False) and bool(item.words("listen_https"))
    for key, name in (("listen_http", "http"), ("listen_https", "https")):
        if redirected and name == "http":
            continue  # it only says where to go
        for word in item.words(key):
            address, _, port = word.rpartition(":")
            bound = _bound(networks, address)
            if bound != ():
                yield Served(
                    name, "tcp", number(port, 65535), item.place(key), name == "https", bound, ipv4="." in address
                )


def _bound(known: Networked, address: str) -> tuple[str, ...] | None:
    """The networks whose address a socket is bound to; None every one, () only the device itself."""
    plain = address.strip("[]")
    if plain in ("", "0.0.0.0", "::", "*"):  # noqa: S104 — what a device says
        return None
    if plain.startswith("127.") or plain == "::1":
        return ()
    names = [name for name, item in known.items() if plain in [word.partition("/")[0] for word in item.words("ipaddr")]]
    if not names:
        raise UnreadableError(address)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Ways:
    """How the device is reached: its doors, its firewall, and what is sent on before that judges."""

    doors: list[Door]
    shield: Filter
    forwards: tuple[PortForward, ...]

    def answers(self, item: Served) -> tuple[dict[Side, Networks], set[Side]]:
        """The sides from which a service is reached, each with those who reach it; and the sides where nobody knows."""
        found: dict[Side, Networks] = {}
        untold: set[Side] = set()
        for door in self.doors:
            if not item.asked_at(door):
                continue
            try:
                who = self._left(item, door) if self._taken(item, door) else self._all(item, door)
            except UnreadableError:
                untold.add(door.side)
                continue
            if who:
                before = found.get(door.side, ())
                found[door.side] = ANYWHERE if ANYWHERE in (before, who) else tuple(dict.fromkeys((*before, *who)))
        return {side: found[side] for side in SIDES if side in found and side not in untold}, untold

    def _all(self, item: Served, door: Door) -> Networks:
        who = self.shield.reached(door, item.protocol, item.port)
        return who if item.allowed is None else common(who, item.allowed)

    def _left(self, item: Served, door: Door) -> Networks:
        """Who reaches what a redirect of IPv4 has taken: IPv6 is not sent on with it."""
        if item.ipv4 or item.allowed is not None:  # whom a service lets in itself has addresses of IPv4
            return ()
        return ANYWHERE if self.shield.open6(door, item.protocol, item.port) else ()

    def _taken(self, item: Served, door: Door) -> bool:
        """Whether everything of IPv4 that comes in by a door for the port is sent on to somebody else."""
        return any(
            forward.interface in door.devices
            and forward.enabled is not False
            and forward.source_filter is None
            and forward.destination_filter is None
            and forward.external.partition("/")[0] == item.protocol
            and holds(forward.external.partition("/")[2], item.port)
            for forward in self.forwards
        )


def read_admin(
    config: Configuration, ways: Ways, snmp: SnmpSettings | None
) -> tuple[tuple[Admin, ...] | None, list[int], Bad]:
    """The ways to administer the device and their lines; None when the file holds no service or no whole firewall."""
    served, bad = read_served(config, snmp)
    bad += config.bad_of("rule", "zone", "defaults", "redirect", "interface") + scripts(config)
    bad += ways.shield.unfiltered()
    services = any(True for kind in ("dropbear", "uhttpd") for _ in config.of(kind, kind))
    if ways.shield.unknown or not any(door.section for door in ways.doors) or not services:
        return None, [], [*bad, *ways.shield.unknown] if services and ways.shield.unknown else []
    found: dict[tuple[str, Side, int], tuple[Admin, int]] = {}
    for item in served:
        reached, untold = ways.answers(item)
        bad += [(item.line, item.name)] if untold else []
        for side, who in reached.items():
            _note(found, Admin(item.name, side, item.port, item.encrypted, None if who == ANYWHERE else who), item.line)
    for admin, line in _redirected(config, ways, served, bad):
        _note(found, admin, line)
    return tuple(admin for admin, _ in found.values()), [line for _, line in found.values()], bad


def _note(found: dict[tuple[str, Side, int], tuple[Admin, int]], admin: Admin, line: int) -> None:
    """One more way in; of two that differ in who may ask, everybody of either may."""
    key = (admin.protocol, admin.side, admin.port or 0)
    before, first = found.get(key, (admin, line))
    who: Networks | None = None
    if before.source_filter is not None and admin.source_filter is not None:
        who = tuple(dict.fromkeys((*before.source_filter, *admin.source_filter)))[:MAX_NETWORKS]
    found[key] = (replace(before, source_filter=who), first)


def _redirected(config: Configuration, ways: Ways, served: list[Served], bad: Bad) -> Iterator[tuple[Admin, int]]:
    """Redirects to the device itself: what they send there passes the firewall."""
    own, sets = own_addresses(config), read_sets(config)
    sides = {door.zone: door.side for door in ways.doors if door.zone}
    made = 0
    for item in islice(config.of("firewall", "redirect"), MAX_RULES):
        if item.one("enabled", "1").lower() in OFF or item.one("target", "DNAT").upper() != "DNAT":
            continue
        try:
            if not _to_itself(item, own) or item.one("src") not in sides:
                continue
            sources, leading = askers(item, sets), _leading(item, served)
            made += len(leading)
        except UnreadableError:
            bad.append((item.line, item.text))
            continue
        if made > MAX_RULES:
            bad.append((item.line, item.text))
            return
        for one, port in leading:
            yield Admin(one.name, sides[item.one("src")], port, one.encrypted, sources), item.line


def _leading(item: Section, served: list[Served]) -> list[tuple[Served, int]]:
    """The sockets that a redirect to the device itself leads to, each with the outer ports that do.

    Of a range that leads to one port it is that port, or the first one: no fact holds all.

    Raises:
        UnreadableError: nobody can say which outer port leads there, or for whom.
    """
    named = protocols(item)
    outer, inner = ([read_span(word) for word in ports_of(item.words(key))] for key in ("src_dport", "dest_port"))
    if not (item.words("src_dport") or item.words("dest_port") or item.words("dest_ip")):
        raise UnreadableError(item.text)  # it says neither what is sent on nor where to
    if len(outer) > MAX_PORTS:
        raise UnreadableError(item.text)
    same = not item.words("dest_port") or inner == outer
    found: list[tuple[Served, int]] = []
    for one in served:
        if one.protocol not in named or not any(low <= one.port <= high for low, high in (outer if same else inner)):
            continue
        if not same and inner != [(one.port, one.port)]:
            raise UnreadableError(item.text)
        if same:
            found.append((one, one.port))
        else:
            found += [(one, one.port if first <= one.port <= last else first) for first, last in outer]
    if found and any(key in item.options for key in NARROWER):
        raise UnreadableError(item.text)
    return found


def _to_itself(item: Section, own: frozenset[IPv4Address]) -> bool:
    if not item.words("dest_ip"):
        return True
    try:
        return IPv4Address(item.one("dest_ip").removesuffix("/32")) in own
    except AddressValueError:
        return False


def read_answers(config: Configuration, ways: Ways) -> tuple[tuple[Side, ...] | None, Bad]:
    """The sides for which an instance of dnsmasq answers questions for names; None when the file does not tell."""
    items = list(islice(config.of("dhcp", "dnsmasq"), MAX_SERVED + 1))
    if not items or config.bad_of("dnsmasq") or ways.shield.unknown or not any(door.section for door in ways.doors):
        return None, []
    bad: Bad = [(item.line, item.text) for item in items[MAX_SERVED:]]
    found: set[Side] = set()
    for item in items[:MAX_SERVED]:
        try:
            found |= _answered(item, ways)
        except UnreadableError:
            bad.append((item.line, item.text))
    return (None if bad else tuple(side for side in SIDES if side in found)), bad


def _answered(item: Section, ways: Ways) -> set[Side]:
    """The sides for which one instance answers.

    Raises:
        UnreadableError: that cannot be told of all of them.
    """
    if item.flag("disabled", default=False) or item.one("port") == "0":
        return set()
    near = item.flag("localservice", default=False)  # only for those on its own networks
    only, but = item.words("interface") or None, item.words("notinterface")
    port = number(item.one("port", "53"), 65535)
    found: set[Side] = set()
    transports: tuple[Protocol, ...] = ("udp", "tcp")
    for protocol in transports:
        reached, untold = ways.answers(Served("dns", protocol, port, item.line, None, only, only=True, but=but))
        if untold:
            raise UnreadableError(item.text)
        found |= reached.keys()
    return found - {"wan"} if near else found
