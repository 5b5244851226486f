"""config.xml's packages (pfSense) and plug-ins (OPNsense) that listen: HAProxy's sockets, and which others may.

A proxy ends the connection, so that neither a forward nor a rule for what is behind the device tells where it leads.
Source: pfSense documentation, "HAProxy package", "Packages"; OPNsense documentation, "HAProxy", and its models.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address

from inventory.system import Service
from scanner.platforms._config_xml import Node, sections
from scanner.platforms._config_xml_ways import Ways
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, number

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 — what a service listens on
# What is read elsewhere, what only asks, and what speaks to the neighbours on the same wire; of pfSense, which begins
# the names of a package's pages with the name of the package.
_QUIET_PACKAGES = (
    "acme", "arping", "autoconfigbackup", "avahi", "aws", "cron", "haproxy", "ladvd", "lldpd", "mailreport", "menu",
    "miniupnpd", "mtr", "nmap", "notes", "nut", "openvpn-client-export", "package", "patches", "pfblockerng",
    "rrd", "service", "shellcmd", "snort", "sudo", "suricata", "systempatches", "tab", "tailscale", "telegraf",
    "traffictotals", "udpbroadcastrelay", "vpn_openvpn_export", "wireguard",
)  # fmt: skip
_LISTENS_ALL_THE_SAME = ("pfblockerngdnsblsettings",)  # its page for names that are kept away
_QUIET_PLUGINS = frozenset({
    "AcmeClient", "DHCRelay", "DynDNS", "Firewall", "Gateways", "HAProxy", "IDS", "IPsec", "Interfaces", "Kea",
    "MDNSRepeater", "Netflow", "OpenVPN", "OpenVPNExport", "Swanctl", "Syslog", "TrafficShaper", "UDPBroadcastRelay",
    "cron", "lldpd", "monit", "tailscale", "telegraf", "trust", "unboundplus", "wireguard", "wol",
})  # fmt: skip
_LEADS_INSIDE = (
    "caddy",
    "haproxy",
    "load_balancer",
    "nginx",
    "relayd",
    "siproxd",
    "squid",
    "stunnel",
    "virtual_server",
)
_SWITCHES = ("enable", "reverse_http", "pfb_dnsbl")
_OFF = frozenset({"", "0", "no", "off", "false", "disabled"})
_SEARCHED = 3  # levels below a package


@dataclass(slots=True)
class Packages:
    """What packages open: sockets with their lines, and the elements of which it cannot be told."""

    sockets: dict[Service, int] = field(default_factory=dict)
    unknown: list[Node] = field(default_factory=list)

    @property
    def inward(self) -> list[Node]:
        """Those of the unknown ones that may lead to a device behind this one."""
        proxies = ("frontend", "item")  # of HAProxy
        return [node for node in self.unknown if node.name.lower().startswith((*_LEADS_INSIDE, *proxies))]


def read_packages(root: Node, ways: Ways) -> Packages:
    """The sockets of HAProxy, and the packages that may listen as far as anybody here knows."""
    found = Packages()
    for node, encrypted, binds in (*_older(root, ways), *_newer(root)):
        try:
            told = [(address, number(port, 65535)) for address, port in binds]
        except UnreadableError:
            told = []
        if not told or len(found.sockets) + len(told) > MAX_ITEMS:
            found.unknown.append(node)
            continue
        for address, port in told:
            found.sockets.setdefault(Service(port, "tcp", address, "haproxy", None, encrypted), node.line)
    found.unknown += _strangers(root)
    return found


_Frontend = tuple[Node, bool | None, Iterator[tuple[str, str]]]


def _older(root: Node, ways: Ways) -> Iterator[_Frontend]:
    """The frontends of pfSense: each has a list of addresses; one that is secondary shares those of another."""
    part = root.one("installedpackages/haproxy")
    if part is None or not part.has("enable"):
        return
    if not part.word("enable"):  # the package writes that when it is switched off, and takes it for on
        yield part, None, iter(())
        return
    for node in part.all("ha_backends/item"):
        if node.word("status") not in ("", "active") or node.on("secondary"):
            continue
        for item in node.all("a_extaddr/item"):
            # What is handed on as it comes may be encrypted or not.
            yield item, True if item.on("extaddr_ssl") else None, _pages(item, ways)
        if not node.all("a_extaddr/item"):
            yield node, None, iter(())


def _pages(item: Node, ways: Ways) -> Iterator[tuple[str, str]]:
    word = item.word("extaddr")
    named = item.word("extaddr_custom") if word == "custom" else word
    way = ways.by_key.get(named.removesuffix("_ipv4"))
    if named in ("any_ipv4", "localhost_ipv4"):
        address = ANY_ADDRESS if named == "any_ipv4" else "127.0.0.1"
    elif way is not None and named.endswith("_ipv4"):
        address = str(way.own.ip) if way.own else ANY_ADDRESS  # somebody else gives it
    else:
        address = _address(named)
    for port in item.words("extaddr_port") or [""]:
        yield address, port


def _newer(root: Node) -> Iterator[_Frontend]:
    """The frontends of OPNsense, and the page and values that HAProxy offers of itself."""
    part = root.one("OPNsense/HAProxy")
    if part is None or not part.on("general/enabled"):
        return
    for node in part.all("frontends/frontend"):
        if node.on("enabled"):
            yield node, True if node.on("ssl_enabled") else None, _binds(node, "bind")
    for node in part.all("general/stats"):
        for switch, where in (("remoteEnabled", "remoteBind"), ("prometheus_enabled", "prometheus_bind")):
            if node.on(switch):
                yield node, None, _binds(node, where)
    for node in part.all("general/peers"):
        if node.on("enabled"):
            yield node, None, iter(())


def _binds(node: Node, path: str) -> Iterator[tuple[str, str]]:
    for word in node.words(path):
        host, _, port = word.rpartition(":")
        yield ANY_ADDRESS if host in ("", "*") else _address(host), port


def _address(word: str) -> str:
    """An address as services have it: those of IPv6 in brackets.

    >>> _address("192.168.1.1"), _address("[::]")
    ('192.168.1.1', '[::]')
    """
    try:
        address = ip_address(word.removeprefix("[").removesuffix("]"))
    except ValueError as error:
        raise UnreadableError(word) from error
    return str(address) if isinstance(address, IPv4Address) else f"[{address}]"


def _strangers(root: Node) -> Iterator[Node]:
    """The packages that are on, or may be, and of which nobody here knows whether they listen."""
    for node in (each for part in root.all("installedpackages") for each in part.inner):
        listens = node.name in _LISTENS_ALL_THE_SAME or not node.name.startswith(_QUIET_PACKAGES)
        if listens and (_is_on(node) if _switches(node) else _says(node)):
            yield node
    for node in (each for part in sections(root, "OPNsense", "Pischem") for each in part.inner):
        if node.name not in _QUIET_PLUGINS and _is_on(node):
            yield node
    yield from (node for node in sections(root, "load_balancer/virtual_server") if node.inner)


def _switches(node: Node) -> list[Node]:
    """The switches of a package: those that stand highest, as what is below is off with them."""
    level = [node]
    for _ in range(_SEARCHED):
        level = [each for above in level for each in above.inner]
        if found := [each for each in level if each.name.startswith(_SWITCHES)]:
            return found
    return []


def _is_on(node: Node) -> bool:
    return any(each.text.strip().lower() not in _OFF for each in _switches(node))


def _says(node: Node) -> bool:
    """Whether a package without a switch has any setting at all."""
    level = [node]
    for _ in range(_SEARCHED):
        if any(each.text for each in level):
            return True
        level = [each for above in level for each in above.inner]
    return any(each.text for each in level)
