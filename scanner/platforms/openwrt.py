"""OpenWrt and what is built on it: its UCI configuration, and what the running system says.

Source: OpenWrt user guide, base system configuration; seen on files of 12.09 to 24.10.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from inventory.device import Device
from inventory.gateway import Firewall
from inventory.observation import Observation, UnreadLine
from inventory.system import Identity, Service, System
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms import _uci_network, _uci_served
from scanner.platforms._interfaces import COMMAND as INTERFACES
from scanner.platforms._interfaces import read_interfaces
from scanner.platforms._reading import (
    MAX_ITEMS,
    Maturity,
    Reader,
    UnreadableError,
    from_command,
    listed,
    nothing,
    number,
    numbered,
    of_system,
    unread,
)
from scanner.platforms._tables import LEASES, NEIGHBOURS, NEIGHBOURS_PLAIN, read_leases, read_neighbours
from scanner.platforms._uci import Configuration, read_uci
from scanner.platforms._uci_firewall import Zone, read_forwards, read_input, read_zones
from scanner.platforms._uci_settings import read_dropbear, read_host_name, read_services, read_snmpd, read_upnpd
from scanner.platforms._unix import read_passwd

ID = "openwrt"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "users": "recordings", "ssh": "recordings",
    "snmp": "recordings", "firewall": "recordings", "port_forwards": "recordings", "upnp": "documentation",
    "interfaces": "recordings", "neighbours": "recordings", "leases": "recordings", "wifi": "documentation",
    "dhcp": "documentation", "dns": "documentation", "ntp": "documentation", "logging": "documentation",
    "relays": "documentation", "vpn": "documentation", "vlans": "documentation",
}  # fmt: skip
ACCOUNT = """
OpenWrt has one account, root: put the public key of the visit in *System → Administration → SSH-
Keys*.
"""
LIMITS = """
Whatever is changed beside UCI, by scripts at start, is not in its configuration.
"""

_RELEASE = re.compile(r"(DISTRIB_[A-Z_]{1,32})=[\"']?([^\"']{0,200})[\"']?")
_SOCKET = re.compile(
    r"(tcp|udp) +\d{1,10} +\d{1,10} +(\S{1,64}):(\d{1,5}) +\S{1,64} +(?:LISTEN +)?(?:\d{1,10}/(\S{1,64})|-)?.{0,80}"
)
# What the package miniupnpd-nftables brings for its own chains, which hold the mappings it makes.
_MINIUPNPD = re.compile(r"jump upnp_\w{1,32}(?: comment \"[^\"]{0,80}\")?|chain upnp_\w{1,32} \{ ?\}?|\}")
_OURS = frozenset({"openwrt", "lede"})
_HINTS = ("openwrt", "luci", "lede")


def recognise(device: Device) -> int:
    """Sure of what the device says; likely when a page, a name or SNMP says OpenWrt; dropbear alone is a mere hint."""
    system, network = device.system, device.network
    if system and system.identity and system.identity.os == "openwrt":
        return 100
    if network is None:
        return 0
    pages = [word for page in network.http or () for word in (page.title, page.realm, page.server, page.location)]
    words = [network.hostname, network.snmp.sys_name if network.snmp else None, *pages]
    words += [network.snmp.sys_descr if network.snmp else None]
    if any(hint in (word or "").lower() for word in words for hint in _HINTS):
        return 80
    return 10 if any("dropbear" in (port.banner or "") for port in network.ports or ()) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_release(text: str) -> Observation:
    """The system's name, version and revision in `/etc/openwrt_release`; a derivative keeps its own name.

    >>> read_release('DISTRIB_ID="OpenWrt"\\nDISTRIB_RELEASE="23.05.3"\\nDISTRIB_REVISION="r23809-234f1a2efa"'
    ...     ).device.system.identity.firmware
    '23.05.3'
    """
    said: dict[str, tuple[str, int]] = {}
    for place, line in numbered(text):
        if (found := _RELEASE.fullmatch(line.strip())) and clean(found[2]):
            said.setdefault(found[1], (clean(found[2]), place))
    if "DISTRIB_ID" not in said:
        return nothing("system.identity", text)
    name, place = said["DISTRIB_ID"]
    facts = {"os": (_os(name), place)}
    facts |= {
        fact: said[key] for fact, key in (("firmware", "DISTRIB_RELEASE"), ("build", "DISTRIB_REVISION")) if key in said
    }
    lines = {f"/system/identity/{fact}": line for fact, (_, line) in facts.items()}
    values: dict[str, Any] = {fact: value for fact, (value, _) in facts.items()}
    return of_system(System(identity=Identity(**values)), lines)


def _os(name: str) -> str:
    return "openwrt" if name.lower() in _OURS else name.lower()


def read_board(text: str) -> Observation:
    """The hardware in `ubus call system board`: model, the vendor it begins with, host name, version.

    >>> said = '{"model": "TP-Link Archer C7 v2", "board_name": "tplink,archer-c7-v2"}'
    >>> read_board(said).device.system.identity.vendor
    'TP-Link'
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return nothing("system.identity", text)
    if not isinstance(said, dict):
        return nothing("system.identity", text)
    release = said["release"] if isinstance(said.get("release"), dict) else {}
    model, name, board = (_string(said, key) for key in ("model", "hostname", "board_name"))
    vendor = (model or "").partition(" ")[0]
    same = bool(board and vendor) and _letters(vendor) == _letters((board or "").partition(",")[0])
    distribution = _string(release, "distribution")
    identity = Identity(
        vendor=vendor if same else None,
        model=model,
        os=_os(distribution) if distribution else None,
        firmware=_string(release, "version"),
        build=_string(release, "revision"),
        hostname=name,
    )
    return of_system(System(identity=identity), {}) if identity != Identity() else nothing("system.identity", text)


def _string(said: Mapping[str, object], key: str) -> str | None:
    value = said.get(key)
    return clean(value) or None if isinstance(value, str) else None


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def read_netstat(text: str) -> Observation:
    """The listening sockets of BusyBox's `netstat -lntup`.

    >>> line = "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      1234/dropbear"
    >>> read_netstat(line).device.system.services[0].process
    'dropbear'
    """
    found = listed(
        text, "system.services", lambda line: [] if line.startswith(("Active ", "Proto ")) else [_socket(line)]
    )
    return of_system(System(services=found.items), found.lines, found.unread)


def _socket(line: str) -> Service:
    found = _SOCKET.fullmatch(line.rstrip())
    if found is None:
        raise UnreadableError(line[:20])
    address = f"[{found[2]}]" if ":" in found[2] else found[2]
    process = clean(found[4].rstrip(":")) if found[4] else None
    return Service(number(found[3], 65535), "udp" if found[1] == "udp" else "tcp", clean(address), process or None)


def read_configuration(text: str) -> Observation:
    """Everything that UCI says: an export, `uci show`, or the files of /etc/config one after another."""
    config = read_uci(text)
    if not config.sections:
        return nothing("system.identity", text)
    zones = read_zones(config)
    forwards, bad_forwards = read_forwards(config, zones)
    chains, bad_chains = read_input(config, zones)
    outside = [name for zone in zones.values() if zone.name == "wan" for name in zone.networks]
    interfaces, lines, bad_interfaces = _uci_network.read_interfaces(config, outside)
    services, bad_services = read_services(config, _addresses(config))
    ssh, places, bad_ssh = read_dropbear(config)
    upnp, upnp_line, bad_upnp = read_upnpd(config)
    snmp, snmp_line, bad_snmp = read_snmpd(config)
    name, name_line = read_host_name(config)
    reports: list[UnreadLine] = []
    for fact, bad in (
        (_uci_network.FACT, bad_interfaces), ("system.port_forwards", bad_forwards), ("system.firewall", bad_chains),
        ("system.services", bad_services), ("system.ssh", bad_ssh), ("system.upnp", bad_upnp),
        ("system.snmp", bad_snmp),
    ):  # fmt: skip
        reports += unread(fact, dict.fromkeys(bad))
    lines |= places | _listed("port_forwards", forwards) | _listed("services", services)
    lines |= _listed("firewall/input", chains)
    lines |= {"/system/upnp": upnp_line} if upnp else {}
    lines |= {"/system/snmp": snmp_line} if snmp else {}
    lines |= {"/system/identity/hostname": name_line} if name else {}
    served, more, others = _served(config, zones)
    lines |= more
    reports += others
    firewall = bool(zones) or any(config.of("firewall", "redirect", "defaults"))
    system = System(
        identity=Identity(hostname=name) if name else None,
        services=tuple(services)[:MAX_ITEMS] or None,
        ssh=ssh,
        firewall=Firewall(tuple(chains)[:MAX_ITEMS]) if firewall else None,
        port_forwards=tuple(forwards)[:MAX_ITEMS] if firewall else None,
        upnp=upnp,
        interfaces=interfaces or None,
        snmp=snmp,
        **served,
    )
    return of_system(system, lines, tuple(reports))


def _served(config: Configuration, zones: dict[str, Zone]) -> tuple[dict[str, Any], dict[str, int], list[UnreadLine]]:
    """The groups of `_uci_served` that the file tells of, their lines, and what could not be read."""
    groups: dict[str, Any] = {}
    lines: dict[str, int] = {}
    reports: list[UnreadLine] = []
    lists: dict[str, tuple[Mapping[Any, int], list[tuple[int, str]]]] = {
        "wifi": _uci_served.read_wifi(config, zones), "dhcp": _uci_served.read_pools(config),
        "relays": _uci_served.read_relays(config), "vpn": _uci_served.read_vpn(config),
        "vlans": _uci_served.read_vlans(config),
    }  # fmt: skip
    for name, (items, bad) in lists.items():
        groups[name] = tuple(items)[:MAX_ITEMS] or None
        lines |= _listed(name, items)
        reports += unread(f"system.{name}", dict.fromkeys(bad))
    for name, read in (
        ("dns", _uci_served.read_dns), ("ntp", _uci_served.read_ntp), ("logging", _uci_served.read_logging)
    ):  # fmt: skip
        fact, line, bad = read(config)
        groups[name] = fact
        lines |= {f"/system/{name}": line} if fact else {}
        reports += unread(f"system.{name}", dict.fromkeys(bad))
    return groups, lines, reports


def _addresses(config: Configuration) -> dict[str, str]:
    """The first address of each network, as dropbear is told to listen there."""
    known = _uci_network.networks(config)
    return {name: item.words("ipaddr")[0].partition("/")[0] for name, item in known.items() if item.words("ipaddr")}


def _listed(name: str, items: Mapping[Any, int]) -> dict[str, int]:
    return {f"/system/{name}/{place}": line for place, line in enumerate(list(items.values())[:MAX_ITEMS])}


def read_own_rules(text: str) -> Observation:
    """No fact: lines of the owner's own rules, which are beside the configuration, so that it is not the whole filter.

    >>> read_own_rules("# This file is interpreted as shell script.\\n").unread
    ()
    >>> read_own_rules("iptables -t nat -A PREROUTING -j DNAT").unread[0].fact
    'system.port_forwards'
    """
    said = ((place, line) for place, line in numbered(text) if not line.lstrip().startswith("#"))
    own = [(place, line) for place, line in said if not _MINIUPNPD.fullmatch(line.strip())][:1]
    return of_system(System(), {}, unread("system.port_forwards", own) + unread("system.firewall", own))


_PACKAGES = (
    "network", "firewall", "system", "dropbear", "uhttpd", "upnpd", "snmpd", "wireless", "dhcp", "ddns", "openvpn",
    "https-dns-proxy",
)  # fmt: skip
CONFIGURATION = "; ".join(f"uci export {package}" for package in _PACKAGES) + "; true"  # absent ones are not installed
# firewall4 loads what lies below /usr/share/nftables.d without any word in the configuration.
OWN_RULES = (
    "cat /etc/firewall.user /etc/nftables.d/* /usr/share/nftables.d/*/*.nft /usr/share/nftables.d/*/*/*.nft; true"
)
_READERS: dict[str, Reader] = {
    "cat /etc/openwrt_release": read_release,
    "ubus call system board": read_board,
    INTERFACES: read_interfaces,
    "netstat -lntup": read_netstat,
    CONFIGURATION: read_configuration,
    OWN_RULES: read_own_rules,
    "cat /etc/passwd": read_passwd,
    NEIGHBOURS: read_neighbours,
    NEIGHBOURS_PLAIN: read_neighbours,
    LEASES: read_leases,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {NEIGHBOURS_PLAIN: NEIGHBOURS}  # asked only when the other said nothing
DOUBTS: Mapping[str, tuple[str, ...]] = {OWN_RULES: ("system.port_forwards", "system.firewall")}
