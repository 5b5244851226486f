"""OpenWrt and what is built on it: its UCI configuration, and what the running system says.

Source: OpenWrt user guide, base system configuration; seen on files of 12.09 to 24.10.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.system import Identity, Service, System
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._interfaces import COMMAND as INTERFACES
from scanner.platforms._interfaces import read_interfaces
from scanner.platforms._nfs import EXPORTS, read_exports
from scanner.platforms._reading import (
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
from scanner.platforms._uci import read_uci
from scanner.platforms._uci_configuration import read_configuration as read_configuration
from scanner.platforms._uci_firewall import asked_apart
from scanner.platforms._unix import read_passwd

ID = "openwrt"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "admin": "recordings", "users": "recordings",
    "ssh": "recordings", "snmp": "recordings", "firewall": "recordings", "port_forwards": "recordings",
    "dmz": "documentation", "upnp": "documentation", "interfaces": "recordings", "neighbours": "recordings",
    "leases": "recordings", "wifi": "recordings", "dhcp": "recordings", "dns": "recordings", "ntp": "recordings",
    "logging": "recordings", "relays": "recordings", "vpn": "recordings", "vlans": "recordings",
    "shares": "documentation", "smb": "documentation",
}  # fmt: skip
ACCOUNT = """
OpenWrt has one account, root: put the public key of the visit in *System → Administration → SSH-
Keys*.
"""
LIMITS = """
Whether guests reach the practice is not told from the rules: a visit from the guest network shows it.
Whatever is changed beside UCI, by scripts at start, is not in its configuration: a script that the
firewall includes is reported, and so is what it lets through from outside without a redirect. From
which side the device is administered is told of dropbear, uhttpd and an SNMP agent that may be
written to; a page served by nginx, and telnet, are only seen as open ports. A rule with an hour,
a MAC or a set that the file does not hold leaves its side unknown. miniupnpd, shared folders and
the host that gets the rest are read as the init scripts read them: no recording of a device that
has them may be kept here.
"""

_RELEASE = re.compile(r"(DISTRIB_[A-Z_]{1,32})=[\"']?([^\"']{0,200})[\"']?")
_SOCKET = re.compile(
    r"(tcp|udp) +\d{1,10} +\d{1,10} +(\S{1,64}):(\d{1,5}) +\S{1,64} +(?:LISTEN +)?(?:\d{1,10}/(\S{1,64})|-)?.{0,80}"
)
# What the package miniupnpd-nftables brings for its own chains, which hold the mappings it makes.
_MINIUPNPD = re.compile(r"jump upnp_\w{1,32}(?: comment \"[^\"]{0,80}\")?|chain upnp_\w{1,32} \{ ?\}?|\}")
_RULED = ("system.port_forwards", "system.firewall", "system.admin")
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


def read_own_rules(text: str) -> Observation:
    """No fact: lines of the owner's own rules, which are beside the configuration, so that it is not the whole filter.

    >>> read_own_rules("# This file is interpreted as shell script.\\n").unread
    ()
    >>> read_own_rules("iptables -t nat -A PREROUTING -j DNAT").unread[0].fact
    'system.port_forwards'
    """
    said = ((place, line) for place, line in numbered(text) if not line.lstrip().startswith("#"))
    own = [(place, line) for place, line in said if not _MINIUPNPD.fullmatch(line.strip())][:1]
    return of_system(System(), {}, tuple(report for fact in _RULED for report in unread(fact, own)))


def _left_apart(text: str) -> tuple[UnreadLine, ...]:
    """The includes whose scripts `OWN_RULES` asks for: whoever has the configuration alone has not read them."""
    scripts = asked_apart(read_uci(text))
    return tuple(report for fact in _RULED for report in unread(fact, scripts))


_PACKAGES = (
    "network", "firewall", "system", "dropbear", "uhttpd", "upnpd", "snmpd", "wireless", "dhcp", "ddns", "openvpn",
    "https-dns-proxy", "ipsec", "zerotier", "tailscale", "ocserv", "pptpd", "samba4", "samba", "ksmbd", "rpcd",
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
    EXPORTS: read_exports,
    NEIGHBOURS: read_neighbours,
    NEIGHBOURS_PLAIN: read_neighbours,
    LEASES: read_leases,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {NEIGHBOURS_PLAIN: NEIGHBOURS}  # asked only when the other said nothing
DOUBTS: Mapping[str, tuple[str, ...]] = {OWN_RULES: _RULED}
BY_ITSELF: Mapping[str, Callable[[str], tuple[UnreadLine, ...]]] = {CONFIGURATION: _left_apart}
