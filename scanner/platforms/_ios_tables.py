"""Whom a device with Cisco IOS knows: its ARP table, the MACs behind its ports, and LLDP neighbours. Pure.

Source: Cisco, "IP Addressing: ARP Command Reference" (show ip arp), "Layer 2 Command Reference" (show mac
address-table), "LLDP"; seen on IOS 12.2 to 15.2 and IOS XE (ntc-templates).
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from inventory.mac import canonical
from inventory.observation import Observation
from inventory.system import System
from inventory.tables import ForwardingEntry, LinkedNeighbour, NeighbourEntry
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, listed, nothing, numbered, of_system

ARP = "show ip arp"
MACS = "show mac address-table"
LLDP = "show lldp neighbors detail"
FRESH_MIN = 15  # minutes since an entry was last confirmed that still count as there now

_ARP = re.compile(
    r"Internet +(\d{1,3}(?:\.\d{1,3}){3}) +(\d{1,6}|-) +([0-9a-fA-F.]{14}|Incomplete) +ARPA(?: +(\S{2,64}))?"
)
_MAC = r"([0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4})"
# `46 000c.ab66.1c75 dynamic ip,ipx,assigned,other Gi1/15`, `* 420 009e.1ead.eadd dynamic Yes 5 Po140`,
# `All 0100.0ccc.cccc STATIC CPU`, and of old switches `000c.ab66.1c75 Dynamic 46 FastEthernet0/1`.
_ROW = re.compile(rf"[*RSD# ]{{0,8}}(\d{{1,4}}|All|---|N/A) +{_MAC} +(\w{{1,16}})(.{{0,120}}?) +(\S{{2,64}})")
_OLD = re.compile(rf"{_MAC} +(\w{{1,16}}) +(\d{{1,4}}) +(\S{{2,64}})")
_KEYS = {"Local Intf": "port", "Chassis id": "chassis", "Port id": "remote", "System Name": "name"}


def read_arp(text: str) -> Observation:
    """Whom it has resolved; its own addresses have no age.

    >>> line = "Internet  192.168.10.10          3   0011.3200.0001  ARPA   Vlan1"
    >>> read_arp(line).device.system.neighbours[0].mac
    '00:11:32:00:00:01'
    """
    found = listed(text, "system.neighbours", _neighbour)
    return of_system(System(neighbours=found.items), found.lines, found.unread)


def _neighbour(line: str) -> Iterator[NeighbourEntry]:
    if line.startswith("Protocol "):
        return
    said = _ARP.fullmatch(line.strip())
    if said is None:
        raise UnreadableError(line[:20])
    if said[2] == "-" or said[3] == "Incomplete":
        return
    try:
        address, mac = str(IPv4Address(said[1])), canonical(said[3])
    except ValueError as error:
        raise UnreadableError(line[:20]) from error
    yield NeighbourEntry(address, mac, clean(said[4] or "") or None, int(said[2]) <= FRESH_MIN)


def read_macs(text: str) -> Observation:
    """Behind which port each MAC was heard; its own and those of groups are static, and left out.

    >>> line = "  46      000c.ab66.1c75   dynamic ip,ipx,assigned,other GigabitEthernet1/15"
    >>> read_macs(line).device.system.forwarding
    (ForwardingEntry(mac='00:0c:ab:66:1c:75', port='GigabitEthernet1/15', vlan=46),)
    """
    unicast = text.partition("Multicast Entries")[0]
    if not re.search(_MAC, unicast):
        return nothing("system.forwarding", text) if "address" not in text.lower() else of_system(System(), {})
    found: dict[ForwardingEntry, int] = {}
    for place, line in numbered(unicast):
        entry = _entry(line[:240].strip())
        if entry is not None and len(found) < MAX_ITEMS:
            found.setdefault(entry, place)
    lines = {f"/system/forwarding/{at}": place for at, place in enumerate(found.values())}
    return of_system(System(forwarding=tuple(found)), lines)


def _entry(line: str) -> ForwardingEntry | None:
    if said := _ROW.fullmatch(line):
        vlan, mac, kind, port = said[1], said[2], said[3], said[5]
    elif said := _OLD.fullmatch(line):
        mac, kind, vlan, port = said.groups()
    else:
        return None
    if kind.lower() not in ("dynamic", "secure", "dot1x") or port in ("Switch", "CPU", "Router"):
        return None
    number = int(vlan) if vlan.isdecimal() and 0 < int(vlan) < 4095 else None
    return ForwardingEntry(canonical(mac), clean(port), number)


def read_lldp(text: str) -> Observation:
    """Who announced itself at which port; some releases leave the port out of the details: those tell nothing.

    >>> said = "Local Intf: Gi1/0/1\\nChassis id: 94f1.2879.5555\\nPort id: 13\\nSystem Name: HpSwitch\\nTime remaining"
    >>> read_lldp(said).device.system.links
    (LinkedNeighbour(port='Gi1/0/1', chassis='94:f1:28:79:55:55', remote_port='13', system_name='HpSwitch'),)
    """
    found: dict[LinkedNeighbour, int] = {}
    told: dict[str, str] = {}
    begun = 1
    for place, line in numbered(text):
        key, _, value = line.strip()[:300].partition(": ")
        if key in ("Local Intf", "Chassis id") and (key == "Local Intf" or "chassis" in told):
            told, begun = {}, place
        if key in _KEYS:
            told.setdefault(_KEYS[key], clean(value))
        if {"port", "chassis", "remote"} <= told.keys() and key.startswith(("Time remaining", "System Description")):
            if len(found) < MAX_ITEMS:
                found.setdefault(_link(told), begun)
            told = {}
    if not found and "Total entries displayed: 0" not in text:
        return nothing("system.links", text)
    lines = {f"/system/links/{at}": place for at, place in enumerate(found.values())}
    return of_system(System(links=tuple(found)), lines)


def _link(told: dict[str, str]) -> LinkedNeighbour:
    chassis = told["chassis"]
    if re.fullmatch(_MAC, chassis):
        chassis = canonical(chassis)
    return LinkedNeighbour(told["port"], chassis, told["remote"] or None, told.get("name") or None)
