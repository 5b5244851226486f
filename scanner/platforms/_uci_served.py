"""What OpenWrt's packages wireless, dhcp, ddns, openvpn and network say of Wi-Fi, addresses, names, tunnels and VLANs.

A group that no section tells of is None. Source: OpenWrt, "Wi-Fi /etc/config/wireless", "DHCP and DNS configuration",
"DDNS client", "WireGuard", "OpenVPN", "Switch configuration", "DSA mini-tutorial"; their init scripts' defaults.
"""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from ipaddress import AddressValueError, IPv4Address, IPv4Interface
from itertools import islice
from typing import Any, Literal

from inventory.gateway import DhcpServer, Dns, Vlan, Wifi
from inventory.storage import Relay
from inventory.system import Logging, Ntp
from inventory.text import clean
from scanner.platforms import _uci_network
from scanner.platforms._reading import UnreadableError, number, psk_length
from scanner.platforms._uci import Configuration, Section
from scanner.platforms._uci_firewall import Zone
from scanner.platforms._uci_sides import GUEST

Bad = list[tuple[int, str]]
Security = Literal["open", "owe", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"]
Zones = dict[str, Zone]

MAX_ENTRIES = 256  # sections of one kind; a practice has ten. Stops thousands that are each looked for in every zone

_SECURITY: dict[str, tuple[Security, bool]] = {
    "none": ("open", False), "owe": ("owe", False), "wep": ("wep", False), "wep-open": ("wep", False),
    "wep-shared": ("wep", False), "wep-mixed": ("wep", False), "psk": ("wpa", False), "psk2": ("wpa2", False),
    "psk-mixed": ("wpa/wpa2", False), "sae": ("wpa3", False), "sae-mixed": ("wpa2/wpa3", False), "wpa": ("wpa", True),
    "wpa2": ("wpa2", True), "wpa-mixed": ("wpa/wpa2", True), "wpa3": ("wpa3", True), "wpa3-192": ("wpa3", True),
    "wpa3-mixed": ("wpa2/wpa3", True),
}  # fmt: skip
_TAGGED_DEVICE = re.compile(r"([\w-]{1,32})\.(\d{1,4})")


def each(sections: Iterator[Section], bad: Bad, read: Callable[[Section], Any]) -> Iterator[tuple[Any, int]]:
    """What `read` makes of each section with its line, None left out; one that it cannot read goes to `bad`."""
    for item in islice(sections, MAX_ENTRIES):
        try:
            fact = read(item)
        except (UnreadableError, AddressValueError, ValueError):
            bad.append((item.line, item.text))
            continue
        if fact is not None:
            yield fact, item.line
    bad += [(item.line, item.text) for item in islice(sections, 1)]


def read_wifi(config: Configuration, zones: Zones) -> tuple[dict[Wifi, int], Bad]:
    """The wireless networks that it opens itself; one that is switched off, or whose radio is, is not enabled."""
    bad = config.bad_of("wifi-iface", "wifi-device")
    radios = {item.name: item for item in config.of("wireless", "wifi-device")}

    def wifi(item: Section) -> Wifi | None:
        if item.one("mode", "ap") != "ap":
            return None
        if not (ssid := clean(item.one("ssid"))):
            raise UnreadableError(item.text)
        word = item.one("encryption", "none").lower().partition("+")[0]
        if word not in _SECURITY:
            raise UnreadableError(word)
        security, enterprise = _SECURITY[word]
        radio = radios.get(item.one("device"))
        off = item.flag("disabled", default=False) or bool(radio and radio.flag("disabled", default=False))
        return Wifi(
            ssid=ssid,
            interface=clean(item.one("device")) or None,
            enabled=not off,
            security=security,
            enterprise=enterprise,
            wps=item.flag("wps_pushbutton", default=False),
            psk_length=psk_length(item.one("key")) if "psk" in word or "sae" in word else None,
            isolated=item.flag("isolate", default=False),
            guest=_guest(config, zones, item.words("network")),
        )

    return dict(each(config.of("wireless", "wifi-iface"), bad, wifi)), bad


def _guest(config: Configuration, zones: Zones, words: tuple[str, ...]) -> bool | None:
    """Whether a network is in a zone for guests; None when the zone's name does not tell."""
    if len(words) != 1:
        return None
    known = _uci_network.networks(config)
    at = _uci_network.device(known, words[0])
    names = [
        zone.name
        for zone in zones.values()
        if words[0] in zone.networks or any(fnmatchcase(at, pattern) for pattern in islice(zone.devices, 8))
    ]
    if any(GUEST.search(name) for name in names):
        return True
    return False if names == ["lan"] else None


def read_pools(config: Configuration) -> tuple[dict[DhcpServer, int], Bad]:
    """The ranges that dnsmasq gives away: from `start` (100) as many as `limit` (150), within the network."""
    bad, known = config.bad_of("dhcp"), _uci_network.networks(config)

    def pool(item: Section) -> DhcpServer | None:
        if not (name := item.one("interface")):
            return None  # dnsmasq's init script passes over it
        at = _uci_network.device(known, name)
        if item.flag("ignore", default=False) or item.one("dhcpv4") == "disabled":
            return DhcpServer(at, enabled=False)
        start, limit = number(item.one("start", "100"), 2**24), number(item.one("limit", "150"), 2**24)
        own = _own(known.get(name))
        if own is None:
            return DhcpServer(at, enabled=True)
        network = own.network
        last = min(int(network.network_address) + start + limit - 1, int(network.broadcast_address) - 1)
        return DhcpServer(at, True, network.network_address + start, IPv4Address(last))

    return dict(each(config.of("dhcp", "dhcp"), bad, pool)), bad


def _own(network: Section | None) -> IPv4Interface | None:
    """The address and the mask of a network that the file gives one; None when it does not."""
    words = network.words("ipaddr") if network else ()
    if network is None or not words or ("/" not in words[0] and "netmask" not in network.options):
        return None
    return IPv4Interface(words[0] if "/" in words[0] else f"{words[0]}/{network.one('netmask')}")


def read_dns(config: Configuration) -> tuple[Dns | None, int, Bad]:
    """Whom dnsmasq asks for every name; a resolver on the device itself that asks over HTTPS is told by whom it asks.

    Without a server of its own it asks whom the provider names: nothing is said then.
    """
    bad = config.bad_of("dnsmasq")
    items = list(islice(config.of("dhcp", "dnsmasq"), MAX_ENTRIES))
    if not items or bad:
        return None, 1, bad
    item, said = items[0], _upstream(items[0])
    other = next((one for one in items if _upstream(one) != said), None)
    if other is not None:  # which of them asks whom, no fact can hold
        return None, 1, [(other.place("server"), other.text)]
    if not said:
        return None, 1, bad
    if not any(word.startswith(("127.", "::1")) for word in said):
        return Dns(servers=tuple(dict.fromkeys(map(clean, said))), encrypted=False), item.place("server"), bad
    proxies = islice(config.of("https-dns-proxy", "https-dns-proxy"), MAX_ENTRIES)
    hosts = [proxy.one("resolver_url").removeprefix("https://").partition("/")[0] for proxy in proxies]
    names = tuple(dict.fromkeys(clean(host) for host in hosts if host))
    whole = bool(names) and all(word.startswith(("127.", "::1")) for word in said)
    return (Dns(servers=names, encrypted=True) if whole else None), item.place("server"), bad


def _upstream(item: Section) -> list[str]:
    """Whom an instance of dnsmasq asks for every name."""
    return [word for word in item.words("server") if not word.startswith("/")]


def read_ntp(config: Configuration) -> tuple[Ntp | None, int, Bad]:
    """Whether sysntpd is on, and whom it asks."""
    bad = config.bad_of("timeserver")
    found = list(each(config.of("system", "timeserver"), bad, lambda item: _ntp(item)))
    return (found[0][0], found[0][1], bad) if found and not bad else (None, 1, bad)


def _ntp(item: Section) -> Ntp:
    return Ntp(item.flag("enabled", default=True), tuple(map(clean, item.words("server"))) or None)


def read_logging(config: Configuration) -> tuple[Logging | None, int, Bad]:
    """Where logd sends the log: nowhere without `log_ip`."""
    bad = config.bad_of("system")
    for item in config.of("system", "system"):
        if "hostname" not in item.options and "timezone" not in item.options:
            continue  # snmpd has a section of this kind too
        try:
            on = item.flag("log_remote", default=True)
        except UnreadableError:
            return None, 1, [*bad, (item.line, item.text)]
        remote = tuple(map(clean, item.words("log_ip"))) if on else ()
        return (None if bad else Logging(remote=remote)), item.place("log_ip"), bad
    return None, 1, bad


def read_relays(config: Configuration) -> tuple[dict[Relay, int], Bad]:
    """The entries of ddns-scripts; one is off unless it says that it is on."""
    bad = config.bad_of("service")

    def relay(item: Section) -> Relay | None:
        if not item.options.keys() & {"service_name", "lookup_host", "domain", "update_url"}:
            return None
        name = clean(item.one("lookup_host") or item.one("domain"))
        return Relay("ddns", item.flag("enabled", default=False), name or None)

    return dict(each(config.of("ddns", "service"), bad, relay)), bad


def read_vlans(config: Configuration) -> tuple[dict[Vlan, int], Bad]:
    """The VLANs of a switch that has them on, of a bridge, and of devices such as `eth0.3` that are of neither."""
    bad = config.bad_of("switch", "switch_vlan", "bridge-vlan")
    off = {item.one("name") or item.name for item in config.of("network", "switch") if item.one("enable_vlan") == "0"}

    def vlan(item: Section) -> Vlan | None:
        if item.kind == "switch_vlan" and item.one("device") in off:
            return None
        tag = number(item.one("vid") or item.one("vlan"), 4094)
        if not tag:
            raise UnreadableError(item.text)
        ports = [_port(word) for word in item.words("ports")]
        tagged, untagged = (tuple(clean(name) for name, with_tag in ports if with_tag is way) for way in (True, False))
        return Vlan(tag, None, tagged or None, untagged or None)

    found = dict(each(config.of("network", "switch_vlan", "bridge-vlan"), bad, vlan))
    ids = {item.id for item in found}
    for item in islice(config.of("network", "interface"), MAX_ENTRIES):
        for word in islice(item.words("device") or item.words("ifname"), 8):
            match = _TAGGED_DEVICE.fullmatch(word)
            if match and 0 < int(match[2]) <= 4094 and int(match[2]) not in ids:
                ids.add(int(match[2]))
                found[Vlan(int(match[2]), None, (clean(match[1]),))] = item.line
    return found, bad


def _port(word: str) -> tuple[str, bool]:
    """A port, and whether it carries the VLAN with its tag: `5t` of a switch, `lan2:t` of a bridge."""
    name, colon, flags = word.partition(":")
    if colon:
        return name, "t" in flags
    with_tag = word.endswith("t") and word[:-1].isdigit()
    return (word[:-1], True) if with_tag else (word.removesuffix("*"), False)
