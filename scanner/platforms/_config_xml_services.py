"""config.xml's services for the networks: DHCP, names, dynamic DNS, and where the device itself listens.

Source: pfSense documentation, "DHCPv4 Configuration", "DNS Resolver", "DNS Forwarder", "Dynamic DNS"; OPNsense
documentation, "DHCP", "Unbound DNS", "Dnsmasq DNS", "Dynamic DNS", and its models.
"""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from inventory.gateway import DhcpServer, Dns, Side
from inventory.storage import Relay
from inventory.system import Service
from scanner.platforms._config_xml import Node, sections
from scanner.platforms._config_xml_admin import Door
from scanner.platforms._config_xml_filter import Filter
from scanner.platforms._config_xml_packages import ANY_ADDRESS, Packages
from scanner.platforms._config_xml_told import Told
from scanner.platforms._config_xml_ways import Ways
from scanner.platforms._reading import UnreadableError, number

DNS_PORT = 53


def read_dhcp(root: Node, ways: Ways, told: Told) -> None:
    """The ranges of addresses that are given away, by ISC's server, Kea or Dnsmasq."""
    found: dict[DhcpServer, int] = {}
    bad: list[Node] = []
    pools = [*_isc(root, ways), *_kea(root, ways), *_dnsmasq(root, ways)]
    for name, on, first, last, node in pools:
        try:
            found[DhcpServer(name, on, IPv4Address(first), IPv4Address(last))] = node.line
        except AddressValueError:
            bad.append(node)
    part = root.one("dhcpd") or root.one("OPNsense/Kea/dhcp4")
    if found or (part is not None and not bad):
        told.list("dhcp", found, part)
    told.doubt("dhcp", bad)


_Pool = tuple[str, bool, str, str, Node]


def _isc(root: Node, ways: Ways) -> Iterator[_Pool]:
    for server in (node for each in root.all("dhcpd") for node in each.inner):
        for node in (server, *server.all("pool")):
            for span in node.all("range"):
                first, last = span.word("from"), span.word("to")
                if first or last:
                    yield ways.name(server.name), server.has("enable"), first, last, server


def _kea(root: Node, ways: Ways) -> Iterator[_Pool]:
    on = root.on("OPNsense/Kea/dhcp4/general/enabled")
    for node in root.all("OPNsense/Kea/dhcp4/subnets/subnet4"):
        for span in node.words("pools", "\n,"):
            first, _, last = (part.strip() for part in span.partition("-"))
            try:
                key = ways.holding(IPv4Address(first))
            except AddressValueError:
                key = None
            yield ways.name(key or node.word("subnet")), on, first, last or first, node


def _dnsmasq(root: Node, ways: Ways) -> Iterator[_Pool]:
    on = root.on("dnsmasq/enable")
    for node in root.all("dnsmasq/dhcp_ranges"):
        if ":" not in node.word("start_addr") and node.word("start_addr"):
            first = node.word("start_addr")
            yield ways.name(node.word("interface")), on, first, node.word("end_addr") or first, node


def read_dns(root: Node, packets: Filter, told: Told) -> None:
    """Whom the device asks, and the sides for which its resolver or forwarder answers, the filter counted in."""
    resolver = _resolver(root)
    system = root.one("system")
    if system is None:
        return
    named = list(dict.fromkeys(root.words("system/dnsserver")))
    tls = [node for node in root.all("OPNsense/unboundplus/dots/dot") if node.on("enabled") and _is_tls(node)]
    encrypted = bool(tls) or (
        resolver is not None and resolver.has("forwarding") and resolver.has("forward_tls_upstream")
    )
    servers = [node.word("server") for node in tls] or named
    given = root.has("system/dnsallowoverride")
    known = resolver is not None or any(root.one(path) for path in _RESOLVERS)
    answers = _answers(resolver, packets) if known and packets.entrances() else None
    if resolver is not None and answers is None:
        told.doubt("dns", [resolver])
    value = Dns(tuple(servers) if servers or not given else None, encrypted if resolver is not None else None, answers)
    line = tls[0].line if tls else system.line_of("dnsserver") if named else None
    where = {"servers": line, "encrypted": resolver.line if resolver else None}
    where["answers"] = resolver.line if resolver else None
    if value != Dns():
        told.say("dns", value, where)


def _is_tls(node: Node) -> bool:
    return node.word("type") in ("dot", "") and not node.word("domain")


_RESOLVERS = ("unbound", "OPNsense/unboundplus", "dnsmasq")


def _resolver(root: Node) -> Node | None:
    """What answers for names: Unbound, else Dnsmasq; None when neither is on."""
    newer = root.one("OPNsense/unboundplus/general")
    older = root.one("unbound")
    if newer is not None and newer.on("enabled"):
        return newer
    if older is not None and older.has("enable") and newer is None:
        return older
    # On port 0 it only gives addresses away.
    return next((node for node in root.all("dnsmasq") if node.has("enable") and node.word("port") != "0"), None)


def _answers(resolver: Node | None, packets: Filter) -> tuple[Side, ...] | None:
    """The sides; None when a rule leaves it open. Its own access list lets in inner networks only."""
    if resolver is None:
        return ()
    port = resolver.word("port")
    asked = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else DNS_PORT
    wanted = set(resolver.words("active_interface") or resolver.words("interface")) - {"all"}
    found: dict[Side, None] = {}
    doubted: set[Side] = set()
    for key, way in packets.ways.by_key.items():
        if key == "lo0" or way.side == "wan" or (wanted and key not in wanted):
            continue
        allowed, sure = packets.reaching(key, asked, "udp")
        if allowed:
            found.setdefault(way.side)
        elif not sure:
            doubted.add(way.side)
    return None if doubted - found.keys() else tuple(found)


def read_relays(root: Node, told: Told) -> None:
    """The names by which the device is found from outside."""
    found: dict[Relay, int] = {}
    for node in root.all("dyndnses/dyndns"):
        if node.inner:
            host, domain = node.word("host"), node.word("domainname")
            name = domain if host in ("@", "") else f"{host}.{domain}" if domain else host
            found[Relay("ddns", node.has("enable"), name or None)] = node.line
    for node in root.all("OPNsense/DynDNS/accounts/account"):
        for name in node.words("hostnames") or [""]:
            on = node.on("enabled") and root.word("OPNsense/DynDNS/general/enabled") != "0"
            found[Relay("ddns", on, name or None)] = node.line
    for node in sections(root, "OPNsense/tailscale/settings", "installedpackages/tailscale/config"):
        if node.inner:
            found[Relay("tailscale", node.on("enabled") or node.on("enable"))] = node.line
    part = root.one("dyndnses") or root.one("OPNsense/DynDNS")
    if found or part is not None:
        told.list("relays", found, part)


def web_door(root: Node) -> Door | None:
    """The web interface; port 443 or 80 when none is named.

    Raises:
        UnreadableError: the port is none.
    """
    node = root.one("system/webgui")
    if node is None:
        return None
    protocol = "http" if node.word("protocol") == "http" else "https"
    port = number(node.word("port") or ("443" if protocol == "https" else "80"), 65535)
    at = node.one("protocol") or node
    return Door(protocol, port, protocol == "https", tuple(node.words("interfaces")), at)


def read_services(
    root: Node, doors: list[Door], agent: Node | None, ways: Ways, packages: Packages, told: Told
) -> None:
    """The sockets that the configuration names: administration, names, SNMP, tunnels and proxies."""
    found: dict[Service, int] = {}
    bad: list[Node] = []
    for door in doors:
        for address in _addresses(door.keys, ways):
            process = "sshd" if door.protocol == "ssh" else "webgui"
            found[Service(door.port, "tcp", address, process, None, door.encrypted)] = door.node.line
    for port, transport, process, encrypted, node in (*_names(root), *_agent(agent), *_tunnels(root)):
        try:
            socket = Service(number(port, 65535), transport, ANY_ADDRESS, process, None, encrypted)  # type: ignore[arg-type]
            found[socket] = node.line
        except UnreadableError:
            bad.append(node)
    found |= packages.sockets
    bad += packages.unknown
    if found or not bad:
        told.list("services", found) if doors else None
    told.doubt("services", bad)


def _addresses(keys: tuple[str, ...], ways: Ways) -> list[str]:
    """Where it listens: everywhere, or at the addresses of the interfaces that are named."""
    named = [str(one) for key in keys if key in ways.by_key for one in ways.by_key[key].addresses or ()]
    return named or [ANY_ADDRESS]


_Socket = tuple[str, str, str, bool, Node]


def _names(root: Node) -> Iterator[_Socket]:
    node = _resolver(root)
    if node is not None:
        process = "dnsmasq" if node.name == "dnsmasq" else "unbound"
        for transport in ("tcp", "udp"):
            yield node.word("port") or str(DNS_PORT), transport, process, False, node


def _agent(node: Node | None) -> Iterator[_Socket]:
    if node is not None:
        yield node.word("pollport") or "161", "udp", "snmpd", False, node


def _tunnels(root: Node) -> Iterator[_Socket]:
    for node in root.all("openvpn/openvpn-server"):
        if node.inner and not node.has("disable"):
            transport = "tcp" if node.word("protocol").upper().startswith("TCP") else "udp"
            yield node.word("local_port") or "1194", transport, "openvpn", True, node
    for node in root.all("OPNsense/OpenVPN/Instances/Instance"):
        if node.on("enabled") and node.word("role") != "client":
            yield node.word("port") or "1194", node.word("proto")[:3] or "udp", "openvpn", True, node
    if root.on("OPNsense/wireguard/general/enabled"):
        for node in root.all("OPNsense/wireguard/server/servers/server"):
            if node.on("enabled") and node.word("port"):
                yield node.word("port"), "udp", "wireguard", True, node
    if root.on("installedpackages/wireguard/config/enable"):
        for node in root.all("installedpackages/wireguard/tunnels/item"):
            if node.on("enabled") and node.word("listenport"):
                yield node.word("listenport"), "udp", "wireguard", True, node
