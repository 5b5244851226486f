"""What FortiOS answers to `get system status`, `get system arp` and `execute dhcp lease-list`. Pure.

Source: Fortinet, "FortiOS CLI Reference" (get, execute); seen on 5.6 to 7.4 (ntc-templates).
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from inventory.mac import canonical
from inventory.observation import Observation
from inventory.system import Identity, System
from inventory.tables import Lease, NeighbourEntry
from inventory.text import clean
from scanner.platforms._fortios_settings import built_on
from scanner.platforms._reading import MAX_ITEMS, nothing, numbered, of_system, unread

STATUS = "get system status"
ARP = "get system arp"
LEASES = "execute dhcp lease-list"
_VERSION = re.compile(r"(\S.{0,60}?) v(\d{1,2}(?:\.\d{1,3}){1,3}),build(\d{1,6}),(\d{6})(?: .{0,60})?")
_LEASE = re.compile(r"\s*(\d{1,3}(?:\.\d{1,3}){3})\s+([0-9a-fA-F:]{17})(?:\s(.*))?")
_ARP = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})\s+\d+\s+([0-9a-fA-F:]{17})\s+(\S+)\s*")


def read_status(text: str) -> Observation:
    """Who it says it is.

    >>> said = "Version: FortiGate-60E-POE v7.4.1,build2463,230830 (GA.F)\\nHostname: fw1"
    >>> identity = read_status(said).device.system.identity
    >>> identity.model, identity.firmware, identity.build, identity.hostname
    ('FortiGate-60E-POE', '7.4.1', '2463', 'fw1')
    """
    said: dict[str, tuple[Any, int]] = {}
    for place, line in numbered(text):
        key, _, value = line.strip().partition(": ")
        value = clean(value)
        if key == "Version" and (found := _VERSION.fullmatch(value)):
            said["model"], said["firmware"] = (found[1], place), (found[2], place)
            said["build"] = (found[3].lstrip("0") or "0", place)
            if (built := built_on(found[4])) is not None:
                said["built"] = (built, place)
        elif value and key in ("Serial-Number", "Hostname"):
            said["serial" if key == "Serial-Number" else "hostname"] = (value, place)
    if "firmware" not in said:
        return nothing("system.identity", text)
    values: dict[str, Any] = {name: value for name, (value, _) in said.items()}
    lines = {f"/system/identity/{name}": line for name, (_, line) in said.items()}
    return of_system(System(identity=Identity(vendor="Fortinet", os="fortios", **values)), lines)


def read_leases(text: str) -> Observation:
    """Whom its DHCP server gave an address; the columns of a name and of a vendor's class are as wide as their heads.

    >>> said = "lan\\n  IP            MAC-Address        Hostname   VCI\\n  10.0.0.2      cc:6b:1e:14:15:e1  SPA112"
    >>> read_leases(said).device.system.leases[0].hostname
    'SPA112'
    """
    found: dict[Lease, int] = {}
    bad: list[tuple[int, str]] = []
    starts, ends = 0, 0
    for place, line in numbered(text):
        if "MAC-Address" in line:
            starts, ends = line.find("Hostname"), line.find("VCI")
            continue
        match = _LEASE.fullmatch(line)
        if match is None:
            if line[0].isspace():
                bad.append((place, line))
            continue
        try:
            name = clean(line[starts : ends if ends > starts else None], 63) if starts > 0 else ""
            found.setdefault(Lease(IPv4Address(match[1]), canonical(match[2]), name or None, bound=True), place)
        except ValueError:
            bad.append((place, line))
    return _told(System(leases=tuple(found)[:MAX_ITEMS]), "leases", found, bad)


def read_arp(text: str) -> Observation:
    """Whom it has resolved.

    >>> read_arp("10.0.0.2 0 00:09:0f:aa:bb:cc lan").device.system.neighbours
    (NeighbourEntry(address='10.0.0.2', mac='00:09:0f:aa:bb:cc', interface='lan', fresh=None, outside=None),)
    """
    found: dict[NeighbourEntry, int] = {}
    bad: list[tuple[int, str]] = []
    for place, line in numbered(text):
        match = _ARP.fullmatch(line)
        if match is None:
            if not line.startswith("Address"):
                bad.append((place, line))
            continue
        try:
            entry = NeighbourEntry(str(IPv4Address(match[1])), canonical(match[2]), clean(match[3]) or None)
            found.setdefault(entry, place)
        except ValueError:
            bad.append((place, line))
    return _told(System(neighbours=tuple(found)[:MAX_ITEMS]), "neighbours", found, bad)


def _told(system: System, name: str, found: Mapping[Any, int], bad: list[tuple[int, str]]) -> Observation:
    lines = {f"/system/{name}/{place}": line for place, line in enumerate(list(found.values())[:MAX_ITEMS])}
    return of_system(System() if bad and not found else system, lines, unread(f"system.{name}", bad))
