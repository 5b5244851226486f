"""Fortinet FortiGate, FortiOS 5.2 to 7.6: its configuration as `show` writes it, and a few answers beside it.

Source: Fortinet, "FortiOS CLI Reference" and "FortiOS Administration Guide".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.evidence import Evidence
from scanner.platforms._fortios import Tree, read_tree
from scanner.platforms._fortios_access import read_admin, read_vpn, read_wifi
from scanner.platforms._fortios_answers import ARP, LEASES, STATUS, read_arp, read_leases, read_status
from scanner.platforms._fortios_policies import read_forwards
from scanner.platforms._fortios_served import INPUT, read_services
from scanner.platforms._fortios_settings import (
    read_dns,
    read_identity,
    read_logging,
    read_ntp,
    read_relays,
    read_snmp,
    read_ssh,
    read_updates,
    read_users,
)
from scanner.platforms._fortios_ways import read_dhcp, read_vlans, read_ways
from scanner.platforms._reading import MAX_ITEMS, Maturity, Reader, from_command, nothing, of_system, unread

ID = "fortinet"
SHELL = True  # a command by itself stops at the first page: nobody turns it
SNMP: tuple[str, ...] = ()
DOUBTS: Mapping[str, tuple[str, ...]] = {}
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "admin": "recordings", "users": "recordings", "ssh": "recordings",
    "interfaces": "recordings", "vpn": "recordings", "dns": "recordings", "port_forwards": "recordings",
    "dhcp": "recordings", "logging": "recordings", "snmp": "recordings", "wifi": "documentation",
    "vlans": "documentation", "ntp": "documentation", "updates": "documentation", "relays": "documentation",
    "leases": "recordings", "neighbours": "documentation", "services": "recordings", "firewall": "documentation",
}  # fmt: skip
ACCOUNT = """
`config system accprofile`, `edit vigie`, `set sysgrp read`, `set netgrp read`, `set fwgrp read`, `set vpngrp read`,
`set loggrp read`, `set wifi read`, `set admingrp read`, `next`, `end`; then `config system admin`, `edit vigie`,
`set accprofile vigie`, `set trusthost1 192.168.10.5 255.255.255.255` (the address of Vigie), `set password …`, `next`,
`end`. Where there are VDOMs, `set vdom root` too.
"""
LIMITS = """
A virtual IP that a policy opens or closes to a country, a name or persons, at a single time, or by applications (NGFW
mode) is reported as unread, and so is one of IPv6. A policy's outgoing interface is not held against the inner
address. Who may administer by IPv6 is *unknown* where trusted hosts or local-in policies narrow it. What FortiManager
keeps is not read. A device whose banner wants a key pressed after the login is not read by SSH. A key of a Wi-Fi
network leaves the device encrypted: its length stays unknown. Users of a VPN (`config user local`) and their second
factor are not told: accounts are those that administer. Firmware that is waiting is not shown by any command
that only reads.
"""
_ENTERPRISE = 12356


def recognise(device: Device) -> int:
    """Sure of what the device says and of its enterprise number; likely from the vendor of its MAC."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and identity.os == "fortios":
        return 100
    snmp = network.snmp if network else None
    object_id = f"{(snmp.sys_object_id or '').strip('.')}." if snmp else ""
    # 101 are FortiGates, 15 those before FortiOS 4; the others are FortiSwitch, FortiMail and their like.
    if object_id.startswith((f"1.3.6.1.4.1.{_ENTERPRISE}.101.", f"1.3.6.1.4.1.{_ENTERPRISE}.15.")):
        return 95
    titles = [(page.title or "") for page in (network.http if network else None) or ()]
    if any("FortiGate" in title for title in titles):
        return 90
    return 30 if network and "fortinet" in (network.vendor or "").lower() else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_configuration(text: str) -> Observation:
    """Everything that a configuration says."""
    tree = read_tree(text)
    if not tree.found:
        return nothing("system.identity", text)
    return _told(tree)


def _told(tree: Tree) -> Observation:
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    ways = read_ways(tree)
    snmp, snmp_line, bad_snmp = read_snmp(tree)
    reports: list[UnreadLine] = [*unread("system.snmp", bad_snmp)]
    lines |= {"/system/snmp": snmp_line} if snmp and snmp_line else {}  # without a line: as delivered
    for name, (items, bad) in {
        "port_forwards": read_forwards(tree),
        "admin": read_admin(tree, ways, snmp),
        "services": read_services(tree, ways, snmp),
        "vpn": read_vpn(tree, ways),
        "wifi": read_wifi(tree),
        "vlans": _or_none(read_vlans(tree)),
        "dhcp": _served(tree),
        "users": (read_users(tree) or None, tree.bad_of("system admin")),
        "relays": (read_relays(tree) or None, tree.bad_of("system ddns")),
    }.items():
        reports += unread(f"system.{name}", bad)
        if items is not None:
            found[name] = tuple(items)[:MAX_ITEMS]
            lines |= {f"/system/{name}/{at}": line for at, line in enumerate(list(items.values())[:MAX_ITEMS])}
    for name, (value, places) in {
        "identity": read_identity(tree), "ssh": read_ssh(tree), "dns": read_dns(tree, ways),
        "logging": read_logging(tree),
    }.items():  # fmt: skip
        found[name], lines = value, lines | places
    for name, (fact, place) in {"ntp": read_ntp(tree), "updates": read_updates(tree)}.items():
        found[name] = fact
        lines |= {f"/system/{name}": place} if fact else {}
    interfaces, places = ways.interfaces()
    reports += unread("system.interfaces", ways.bad)
    if interfaces:
        found["interfaces"], lines = interfaces, lines | places
    if tree.whole:
        found["firewall"] = INPUT
    told = of_system(System(snmp=snmp, **found), lines, tuple(reports))
    return replace(told, defaults=frozenset({"/system/firewall"} if tree.whole else ()))


def _or_none(read: tuple[dict[Any, int], Any]) -> tuple[dict[Any, int] | None, Any]:
    return read[0] or None, read[1]


def _served(tree: Tree) -> tuple[dict[Any, int] | None, Any]:
    """The DHCP servers; none only where a whole configuration shows none."""
    found, bad = read_dhcp(tree)
    return (found if found or (tree.whole and not bad) else None), bad


_READERS: dict[str, Reader] = {
    "show": read_configuration,
    STATUS: read_status,
    ARP: read_arp,
    LEASES: read_leases,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
