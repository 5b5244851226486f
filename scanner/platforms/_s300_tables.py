"""Whom a Cisco small business switch knows: ARP, the MACs behind its ports, and LLDP neighbours. Pure.

Source: Cisco, "300 Series CLI Reference Guide", release 1.4: show arp, show mac address-table, show lldp neighbors.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from inventory.mac import canonical
from inventory.observation import Observation
from inventory.system import System
from inventory.tables import ForwardingEntry, LinkedNeighbour, NeighbourEntry
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, listed, numbered, of_system, unread

ARP = "show arp"
MACS = "show mac address-table"
LLDP = "show lldp neighbors"
_MAC = r"((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})"
_PORT = r"(?:(vlan \d{1,4}|\w[\w/]{0,16}) +)?(?:[a-zA-Z][\w/]{1,16} +)?"
_ARP = re.compile(rf"{_PORT}(\d{{1,3}}(?:\.\d{{1,3}}){{3}}) +{_MAC} +(\w{{1,16}})", re.IGNORECASE)
_ROW = re.compile(rf"(\d{{1,4}}) +{_MAC} +(\S{{1,16}}) +(\w{{1,16}})")


def read_arp(text: str) -> Observation:
    """Whom it has resolved.

    >>> read_arp("vlan 1    gi1    10.7.1.102    00:10:b5:04:db:4b   dynamic").device.system.neighbours[0].address
    '10.7.1.102'
    """
    found = listed(text, "system.neighbours", _neighbour)
    return of_system(System(neighbours=found.items), found.lines, found.unread)


def _neighbour(line: str) -> Iterator[NeighbourEntry]:
    short = line.strip()
    if short.startswith(("Total number", "VLAN", "---", "ARP timeout")) and not re.search(_MAC, short):
        return
    said = _ARP.fullmatch(short)
    if said is None:
        raise UnreadableError(line[:20])
    try:
        address = str(IPv4Address(said[2]))
    except ValueError as error:
        raise UnreadableError(line[:20]) from error
    if said[4].lower() == "dynamic":
        yield NeighbourEntry(address, canonical(said[3]), clean(said[1] or "") or None)


def read_macs(text: str) -> Observation:
    """Behind which port each MAC was heard; its own and those typed in are left out.

    >>> read_macs("     1         00:12:ee:0a:ff:2a      gi1       dynamic").device.system.forwarding
    (ForwardingEntry(mac='00:12:ee:0a:ff:2a', port='gi1', vlan=1),)
    """
    found = listed(text, "system.forwarding", _entry)
    return of_system(System(forwarding=found.items), found.lines, found.unread)


def _entry(line: str) -> Iterator[ForwardingEntry]:
    short = line.strip()
    if re.match(r"Flags:|Aging time|Vlan |-{3}", short, re.IGNORECASE):
        return
    said = _ROW.fullmatch(short)
    if said is None:
        raise UnreadableError(line[:20])
    if said[4].lower() in ("dynamic", "secure"):
        yield ForwardingEntry(canonical(said[2]), clean(said[3]), int(said[1]) if 0 < int(said[1]) < 4095 else None)


def read_lldp(text: str) -> Observation:
    """Who announced itself at which port, by the columns that the dashes below the heads mark."""
    found: dict[LinkedNeighbour, int] = {}
    starts: list[int] = []
    bad: list[tuple[int, str]] = []
    heads = ""
    for place, line in numbered(text):
        if re.fullmatch(r" *-{3,}(?: +-{2,}){3,6} *", line[:200]):
            named = "device" in heads and "port" in heads and ("system" in heads or "capab" in heads)
            starts = [mark.start() for mark in re.finditer("-+", line)] if named else []
            continue
        heads = "" if starts else f"{heads} {line[:200].lower()}"[-400:]  # they may stand in two lines
        if not starts:
            continue
        ends = [*starts[1:], 1000]
        cells = [clean(line[begin:end].strip()) for begin, end in zip(starts, ends, strict=True)]
        if cells[0] and cells[1] and len(found) < MAX_ITEMS:
            chassis = canonical(cells[1]) if re.fullmatch(_MAC, cells[1]) else cells[1]
            found.setdefault(LinkedNeighbour(cells[0], chassis, cells[2] or None, cells[3] or None), place)
        else:
            bad.append((place, line))
    rows = bad if starts else numbered(text)
    lines = {f"/system/links/{at}": place for at, place in enumerate(found.values())}
    links = tuple(found) if starts and not (bad and not found) else None
    return of_system(System(links=links), lines, unread("system.links", rows))
