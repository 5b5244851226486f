"""What a Vyatta configuration serves: sockets, SSH, SNMP, UPnP, and from which side it is administered. Pure.

A service that is named is on, at its documented port where none is written: SSH 22, Telnet 23, EdgeOS's page 80 (which
leads to) 443, VyOS's API 443. Sources: VyOS, "Services" and "VPN" of 1.2 to 1.5; EdgeOS user guide, "Services".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Literal

from inventory.network import Protocol
from inventory.system import Service
from scanner.platforms._networks import Networks, networks
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, number
from scanner.platforms._vyatta import Bad, Configuration, Node
from scanner.platforms._vyatta_interfaces import Ways

Family = Literal["edgeos", "unifi", "vyos"]  # whose defaults count

_PORT = re.compile(r"(?:--)?l?port (\d{1,5})")
EVERYWHERE = "0.0.0.0"  # noqa: S104 — what a device says, not where anything is bound
MAX_PORTS = 64  # of one service


@dataclass(frozen=True, slots=True)
class Served:
    """A service: what it is called, where it listens, and the line that says so (None: a documented default)."""

    name: str
    port: int
    protocol: Protocol
    line: int
    addresses: tuple[str, ...] = ()  # (): everywhere
    encrypted: bool | None = None
    allowed: Networks | None = None
    admin: str | None = None  # the protocol by which it administers the device
    interfaces: tuple[str, ...] = ()  # by which it is asked, (): by any
    vrfs: tuple[str, ...] = ()  # the routing tables of their own that it listens in, (): the common one


def read_served(config: Configuration, ways: Ways, family: Family) -> tuple[list[Served], Bad]:
    """Every service that is on."""
    bad: Bad = []
    found: list[Served] = []
    root = config.root
    readers = (
        partial(_shells, root), partial(_pages, root), partial(_names, root, ways, family), partial(_tables, root),
        partial(_tunnels, root, ways), partial(_servers, root), partial(_extras, root),
    )  # fmt: skip
    for read in readers:
        try:
            found += read()
        except UnreadableError as error:
            bad.append((root.place("service"), f"service {error}"))
    return found[:MAX_ITEMS], bad


def ports_of(node: Node, standard: int, *path: str) -> list[tuple[int, int]]:
    """The ports of a service with their lines; the documented one where none is written."""
    said = node.below(*(path or ("port",)))[:MAX_PORTS]
    return [(number(item.word, 65535), item.line) for item in said] or [(standard, node.line)]


def listens(node: Node) -> tuple[str, ...]:
    """The addresses at which a service listens, () everywhere."""
    addresses = tuple(map(_address, node.words("listen-address")[:MAX_PORTS]))
    return () if "" in addresses else addresses


def _address(word: str) -> str:
    """An address as services have it: those of IPv6 in brackets; everywhere is ""."""
    try:
        address = ip_address(word)
    except ValueError as error:
        raise UnreadableError(word) from error
    return "" if int(address) == 0 else f"[{address}]" if address.version == 6 else str(address)


def _shells(root: Node) -> Iterator[Served]:
    if ssh := root.at("service", "ssh"):
        for port, line in ports_of(ssh, 22):
            yield Served("ssh", port, "tcp", line, listens(ssh), True, admin="ssh", vrfs=ssh.words("vrf"))
    if telnet := root.at("service", "telnet"):
        for port, line in ports_of(telnet, 23):
            yield Served("telnet", port, "tcp", line, listens(telnet), False, admin="telnet")


def _pages(root: Node) -> Iterator[Served]:
    if gui := root.at("service", "gui"):
        where = listens(gui)
        for port, line in ports_of(gui, 443, "https-port"):
            yield Served("https", port, "tcp", line, where, True, admin="https")
        for port, line in ports_of(gui, 80, "http-port"):
            yield Served("http", port, "tcp", line, where, False)  # it leads to the other one
    if https := root.at("service", "https"):
        admin = "api" if https.has("api") and not https.has("api", "disable") else None
        hosts = [https.at("virtual-host", name) for name in https.words("virtual-host")[:MAX_PORTS]] or [https]
        for host in filter(None, hosts):
            key = "port" if host.has("port") else "listen-port"
            allowed = allowed_by(https.at("allow-client") or https, "address")
            for port, line in ports_of(host, 443, key):
                yield Served("https", port, "tcp", line, listens(host), True, allowed, admin, vrfs=https.words("vrf"))


def allowed_by(node: Node, *keys: str) -> Networks | None:
    """The IPv4 networks that a service lets in, None: it does not say."""
    words = [word for key in keys for word in node.words(key)]
    ipv4 = [word for word in words if ":" not in word]
    if not words or "0.0.0.0/0" in ipv4:
        return None
    return networks(ipv4)


def _names(root: Node, ways: Ways, family: Family) -> Iterator[Served]:
    forwarding = root.at("service", "dns", "forwarding")
    if forwarding is None or forwarding.has("disable"):
        return
    where = listens(forwarding)
    names = forwarding.words("listen-on")[:MAX_PORTS]
    if not names and (others := set(forwarding.words("except-interface"))):
        names = tuple(name for name in ways.by_name if name not in others)
    for name in names:
        way = ways.by_name.get(name)
        where += tuple(str(own.ip) for own in way.addresses) if way else ()
    if not where and (forwarding.has("listen-on") or family == "vyos"):
        return  # where it listens has no address that the file tells
    allowed = allowed_by(forwarding, "allow-from")
    for protocol in ("tcp", "udp"):
        yield Served("dns", 53, protocol, forwarding.line, where, allowed=allowed, interfaces=names)


def _tables(root: Node) -> Iterator[Served]:
    """What gives addresses, the time, and values."""
    dhcp = root.at("service", "dhcp-server")
    if dhcp and dhcp.has("shared-network-name") and not _is_off(dhcp):
        yield Served("dhcp", 67, "udp", dhcp.line, listens(dhcp))
    if (dhcp := root.at("service", "dhcpv6-server")) and not _is_off(dhcp):
        yield Served("dhcpv6", 547, "udp", dhcp.line)
    for ntp in filter(None, (root.at("service", "ntp"), root.at("system", "ntp"))):
        clients = ntp.at("allow-client") or ntp.at("allow-clients")
        if clients or ntp.has("listen-address"):
            allowed = allowed_by(clients, "address") if clients else None
            yield Served("ntp", 123, "udp", ntp.line, listens(ntp), allowed=allowed)
    if (snmp := root.at("service", "snmp")) and not snmp.has("disable"):
        admin = "snmp" if writable(snmp) else None
        for listening in snmp.below("listen-address")[:MAX_PORTS]:
            for port, _ in ports_of(listening, 161):
                yield Served(
                    "snmp", port, "udp", listening.line, (_address(listening.word) or EVERYWHERE,), admin=admin
                )
        if not snmp.has("listen-address"):
            yield Served("snmp", 161, "udp", snmp.line, admin=admin)


def _is_off(node: Node) -> bool:
    return node.has("disable") or node.value("disabled") == "true"


def _tunnels(root: Node, ways: Ways) -> Iterator[Served]:
    for name in root.words("interfaces", "wireguard"):
        if (way := ways.by_name.get(name)) and way.node.has("port"):
            for port, line in ports_of(way.node, 0):
                yield Served("wireguard", port, "udp", line)
    for name in root.words("interfaces", "openvpn"):
        node = ways.by_name[name].node if name in ways.by_name else None
        if node and node.value("mode") in ("server", "site-to-site"):
            protocol: Protocol = "tcp" if node.value("protocol").startswith("tcp-p") else "udp"
            for port, line in ports_of(node, _option_port(node), "local-port"):
                where = tuple(filter(None, map(_address, node.words("local-host"))))
                yield Served("openvpn", port, protocol, line, where)


def _option_port(node: Node) -> int:
    """The port in an option of OpenVPN's own, as EdgeOS has it (`--port 443`), else the documented one."""
    for option in node.words("openvpn-option")[:MAX_PORTS]:
        if found := _PORT.fullmatch(option.strip()):
            return number(found[1], 65535)
    return 1194


def _servers(root: Node) -> Iterator[Served]:
    vpn = root.at("vpn")
    l2tp = vpn.at("l2tp", "remote-access") if vpn else None
    ipsec = vpn.at("ipsec") if vpn else None
    ends = ipsec and any(ipsec.has(kind) for kind in ("site-to-site", "remote-access", "profile"))
    if l2tp:
        yield Served("l2tp", 1701, "udp", l2tp.line)
    if ends or l2tp:
        node = ipsec or l2tp or root
        yield Served("ipsec", 500, "udp", node.line)
        yield Served("ipsec", 4500, "udp", node.line)
    if vpn and (pptp := vpn.at("pptp", "remote-access")):
        yield Served("pptp", 1723, "tcp", pptp.line)
    if vpn and (sstp := vpn.at("sstp")):
        for port, line in ports_of(sstp, 443):
            yield Served("sstp", port, "tcp", line, (), True)
    if vpn and (connect := vpn.at("openconnect")):
        for port, line in ports_of(connect, 443, "listen-ports", "tcp"):
            yield Served("openconnect", port, "tcp", line, (), True)
    if proxy := root.at("service", "webproxy"):
        for item in proxy.below("listen-address")[:MAX_PORTS]:
            port = number(item.value("port") or proxy.value("default-port") or "3128", 65535)
            yield Served("webproxy", port, "tcp", item.line, (_address(item.word),))
    for device in root.below("service", "console-server", "device")[:MAX_PORTS]:
        for item in device.below("ssh", "port"):
            yield Served("console-server", number(item.word, 65535), "tcp", item.line, (), True)
    if tftp := root.at("service", "tftp-server"):
        for port, line in ports_of(tftp, 69):
            yield Served("tftp", port, "udp", line, listens(tftp), False)


def _extras(root: Node) -> Iterator[Served]:
    """What containers offer at the router's own addresses, and what others ask for its values (VyOS 1.4 and later)."""
    for container in root.below("container", "name")[:MAX_PORTS]:
        for item in () if container.has("disable") else container.below("port")[:MAX_PORTS]:
            if said := item.value("source"):
                protocol: Protocol = "udp" if item.value("protocol") == "udp" else "tcp"
                yield Served("container", number(said, 65535), protocol, item.place("source"), listens(item))
    for path, standard in EXPORTERS:
        if node := root.at("service", "monitoring", *path):
            for port, line in ports_of(node, standard):
                yield Served(path[-1], port, "tcp", line, listens(node), False)


EXPORTERS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("prometheus", "node-exporter"), 9100), (("prometheus", "frr-exporter"), 9342),
    (("prometheus", "blackbox-exporter"), 9115), (("telegraf", "prometheus-client"), 9273),
)  # fmt: skip


def services(served: list[Served]) -> dict[Service, int]:
    """The facts: a socket an address."""
    found: dict[Service, int] = {}
    for item in served:
        for address in item.addresses or (EVERYWHERE,):
            service = Service(item.port, item.protocol, address, item.name, item.allowed, item.encrypted)
            found.setdefault(service, item.line)
    return dict(list(found.items())[:MAX_ITEMS])


def writable(snmp: Node) -> bool:
    """Whether a community or a user may write."""
    communities = any(item.value("authorization") == "rw" for item in snmp.below("community"))
    return communities or any(
        item.value("mode") == "rw" for kind in ("user", "group") for item in snmp.below("v3", kind)
    )
