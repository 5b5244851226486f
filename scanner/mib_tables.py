"""Whom an SNMP agent knows: its address, forwarding and LLDP tables, from whatever router or switch. Pure.

Sources: IP-MIB (RFC 4293: ipNetToMediaTable, ipNetToPhysicalTable), BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363),
IF-MIB (RFC 2863), LLDP-MIB (IEEE 802.1AB-2005).
"""

import dataclasses
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from inventory.tables import ForwardingEntry, LinkedNeighbour, NeighbourEntry
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.mib_rows import IF_DESCR, IF_NAME, PORT_INTERFACE, Index, Tables, walks
from scanner.mib_rows import tables as read_rows
from scanner.snmprec import Row

# Rows read of one table; a practice's switch knows 60. Stops a table of invented MACs from filling the snapshot.
MOST_ROWS = 1_024

# Interface of a route: in RFC 1213's table, in RFC 2096's, in RFC 4292's for IPv4. The default route is the first row.
_ROUTES = ("1.3.6.1.2.1.4.21.1.2", "1.3.6.1.2.1.4.24.4.1.5", "1.3.6.1.2.1.4.24.7.1.7.1.4")
_DEFAULT = (0, 0, 0, 0)
_OWN = "1.3.6.1.2.1.4.20.1.2"  # ipAdEntIfIndex: the interface of each of its own addresses
_MEDIA, _MEDIA_TYPE = "1.3.6.1.2.1.4.22.1.2", "1.3.6.1.2.1.4.22.1.4"
_PHYSICAL, _PHYSICAL_STATE = "1.3.6.1.2.1.4.35.1.4", "1.3.6.1.2.1.4.35.1.7"
_FDB_PORT, _FDB_STATUS = "1.3.6.1.2.1.17.4.3.1.2", "1.3.6.1.2.1.17.4.3.1.3"
_Q_PORT, _Q_STATUS = "1.3.6.1.2.1.17.7.1.2.2.1.2", "1.3.6.1.2.1.17.7.1.2.2.1.3"
_VLAN_FDB = "1.3.6.1.2.1.17.7.1.4.2.1.3"  # by time and VLAN: which filtering database it uses
_LLDP = "1.0.8802.1.1.2.1.4.1.1"  # columns 4 to 9 by time, local port, index
_LLDP_LOCAL_PORT = "1.0.8802.1.1.2.1.3.7.1.3"


# Two questions, so that a large forwarding table does not cost the addresses.
ADDRESSES = " ".join((*(f"next:{root}" for root in _ROUTES),
                      walks(IF_NAME, IF_DESCR, _OWN, _MEDIA, _MEDIA_TYPE, _PHYSICAL, _PHYSICAL_STATE)))  # fmt: skip
PORTS = walks(IF_NAME, IF_DESCR, PORT_INTERFACE, _Q_PORT, _Q_STATUS, _VLAN_FDB, _FDB_PORT, _FDB_STATUS,
               *(f"{_LLDP}.{column}" for column in (4, 5, 7, 9)), _LLDP_LOCAL_PORT)  # fmt: skip

# ipNetToMediaType: dynamic; ipNetToPhysicalState: reachable, stale, delay, probe, invalid, unknown, incomplete.
_DYNAMIC, _STATES = 3, {1: True, 2: None, 3: True, 4: True}
_LEARNED = 3  # dot1dTpFdbStatus: the bridge's own addresses are 4, what somebody typed in 5
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5  # lldpRemChassisIdSubtype


def read_addresses(evidence: Evidence) -> Observation | None:
    """Whom it has resolved, itself left out, and whether that is outside: where a default route leaves."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    tables = read_rows(evidence.text, ADDRESSES)
    own = {".".join(map(str, index)) for index in tables.of(_OWN)}
    routes = ((index, row) for root in _ROUTES for index, row in tables.of(root).items())
    ways = {tables.interface(row.number) for index, row in routes if index[:4] == _DEFAULT} - {None}
    found: dict[str, tuple[NeighbourEntry, int]] = {}
    for entry, row in (*_physical(tables), *_media(tables)):
        if len(found) < MOST_ROWS and entry.address not in own:
            outside = entry.interface in ways if ways and entry.interface else None
            found.setdefault(entry.address, (dataclasses.replace(entry, outside=outside), row.line))
    lines = {f"/system/neighbours/{place}": line for place, (_, line) in enumerate(found.values())}
    if not tables.of(_MEDIA) and not tables.of(_PHYSICAL):
        return Observation(Device())
    full = (UnreadLine("system.neighbours", 1, f"more than {MOST_ROWS} addresses"),) if len(found) >= MOST_ROWS else ()
    return Observation(Device(system=System(neighbours=tuple(entry for entry, _ in found.values()))), lines, full)


def _physical(tables: Tables) -> Iterator[tuple[NeighbourEntry, Row]]:
    """ipNetToPhysicalTable: by interface, kind of address (1, 2; 3 and 4 with a zone), length, address."""
    for index, row in tables.of(_PHYSICAL).items():
        kind, address = index[1] if len(index) > 2 else 0, index[3:]
        state = tables.number(_PHYSICAL_STATE, index)
        if (
            max(address, default=256) > 255
            or (state is not None and state not in _STATES)
            or (mac := _mac(row)) is None
        ):
            continue
        fresh = _STATES[state] if state is not None else None
        name = tables.interface(index[0])
        if kind in (1, 3) and len(address) >= 4:
            yield NeighbourEntry(str(IPv4Address(bytes(address[:4]))), mac, name, fresh), row
        elif kind in (2, 4) and len(address) >= 16:
            yield NeighbourEntry(str(IPv6Address(bytes(address[:16]))), mac, name, fresh), row


def _media(tables: Tables) -> Iterator[tuple[NeighbourEntry, Row]]:
    """ipNetToMediaTable: by interface and IPv4 address; what was typed in or is no longer valid left out."""
    for index, row in tables.of(_MEDIA).items():
        kind = tables.number(_MEDIA_TYPE, index)
        if len(index) == 5 and max(index[1:]) < 256 and kind in (None, _DYNAMIC) and (mac := _mac(row)) is not None:
            yield NeighbourEntry(str(IPv4Address(bytes(index[1:]))), mac, tables.interface(index[0])), row


def read_ports(evidence: Evidence) -> Observation | None:
    """Behind which port each MAC was heard, and who announced itself at which port."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    tables = read_rows(evidence.text, PORTS)
    found: dict[ForwardingEntry, int] = {}
    known: set[str] = set()
    for entry, row in (*_by_vlan(tables), *_plain(tables)):
        if len(found) < MOST_ROWS and (entry.vlan is not None or entry.mac not in known):
            found.setdefault(entry, row.line)
            known.add(entry.mac)
    links = dict(_links(tables))
    lines = {f"/system/forwarding/{place}": line for place, line in enumerate(found.values())}
    lines |= {f"/system/links/{place}": line for place, line in enumerate(links.values())}
    asked = bool(tables.of(_FDB_PORT) or tables.of(_Q_PORT))
    system = System(forwarding=tuple(found) if asked else None, links=tuple(links) or None)
    full = (UnreadLine("system.forwarding", 1, f"more than {MOST_ROWS} MACs"),) if len(found) >= MOST_ROWS else ()
    return Observation(Device(system=system) if system != System() else Device(), lines, full)


def _by_vlan(tables: Tables) -> Iterator[tuple[ForwardingEntry, Row]]:
    """dot1qTpFdbTable: by filtering database and MAC. Its VLAN is said only where exactly one uses the database."""
    users: dict[int, set[int]] = {}
    for index, row in tables.of(_VLAN_FDB).items():
        if len(index) == 2 and row.number is not None:
            users.setdefault(row.number, set()).add(index[1])
    for index, row in tables.of(_Q_PORT).items():
        if len(index) != 7 or not _learned(tables, _Q_STATUS, index, row):
            continue
        vlans = users.get(index[0], set())
        vlan = next(iter(vlans)) if len(vlans) == 1 and max(vlans) < 4096 else None
        yield ForwardingEntry(bytes(index[1:]).hex(":"), tables.port(row.number or 0), vlan), row


def _plain(tables: Tables) -> Iterator[tuple[ForwardingEntry, Row]]:
    """dot1dTpFdbTable: by MAC."""
    for index, row in tables.of(_FDB_PORT).items():
        if len(index) == 6 and _learned(tables, _FDB_STATUS, index, row):
            yield ForwardingEntry(bytes(index).hex(":"), tables.port(row.number or 0)), row


def _learned(tables: Tables, column: str, index: Index, row: Row) -> bool:
    """Whether the MAC was heard on a port: 0 is "not on any", another status than learned is not of a device."""
    return max(index[-6:]) < 256 and bool(row.number) and tables.number(column, index) in (None, _LEARNED)


def _links(tables: Tables) -> Iterator[tuple[LinkedNeighbour, int]]:
    """lldpRemTable; the local port's id may be anything, so its number stands where that cannot be shown."""
    for index, row in tables.of(f"{_LLDP}.5").items():
        if len(index) != 3:
            continue
        kind, raw = tables.number(f"{_LLDP}.4", index), row.octets
        chassis = row.text
        if kind == _CHASSIS_MAC and len(raw) == 6:
            chassis = raw.hex(":")
        elif kind == _CHASSIS_ADDRESS and len(raw) == 5 and raw[0] == 1:
            chassis = str(IPv4Address(raw[1:]))
        local, remote, name = (
            tables.of(_LLDP_LOCAL_PORT).get((index[1],)), tables.of(f"{_LLDP}.7").get(index),
            tables.of(f"{_LLDP}.9").get(index),
        )  # fmt: skip
        if chassis:
            port = (_shown(local) if local else None) or str(index[1])
            yield (
                LinkedNeighbour(port, chassis, _shown(remote) if remote else None, (name and name.text) or None),
                row.line,
            )


def _shown(row: Row) -> str | None:
    """The id of a port: a name, or a MAC as six bytes that are no text."""
    raw = row.octets
    if len(raw) == 6 and not (raw.isascii() and raw.decode("ascii").isprintable()):
        return raw.hex(":")
    return clean(raw) or None


def _mac(row: Row) -> str | None:
    raw = row.octets
    return raw.hex(":") if len(raw) == 6 and any(raw) else None
