"""Whom RouterOS knows: its ARP table, its leases, and the hosts of its bridges, in terse style. Pure.

Source: MikroTik, "ARP", "DHCP", "Bridging and Switching"; seen on 6.4x and 7.x (ntc-templates).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from inventory.mac import canonical
from inventory.observation import Observation
from inventory.system import System
from inventory.tables import ForwardingEntry, Lease, NeighbourEntry
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, of_system, unread
from scanner.platforms._rsc_prints import rows

ARP = "/ip arp print terse"
LEASES = "/ip dhcp-server lease print terse"
HOSTS = "/interface bridge host print terse"

MOST_NAME = 63
# Version 7 says of an ARP entry how it stands; version 6 only that it is complete.
_FRESH = {"reachable": True, "delay": True, "probe": True, "stale": None, "permanent": None}
_VLAN = re.compile(r"\d{1,4}")


_OF_LEASES = frozenset({
    "active-address", "address-lists", "client-id", "dhcp-option", "expires-after", "host-name", "last-seen", "status",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    flags: frozenset[str]
    pairs: Mapping[str, str]


def _rows(text: str, key: str, bad: list[tuple[int, str]]) -> Iterator[_Row]:
    """The rows that have `key`; others are noted as not read."""
    for place, flags, pairs, line in rows(text):
        if pairs is None or key not in pairs:
            bad.append((place, line))
        else:
            yield _Row(place, frozenset(flags) - {" "}, pairs)


def read_arp(text: str) -> Observation:
    """Whom it has resolved; entries that are disabled, invalid, not complete, or typed in by somebody are left out.

    >>> said = " 0 DC address=10.160.1.230 mac-address=12:34:56:78:90:AA interface=ether2_BOX published=no"
    >>> read_arp(said).device.system.neighbours[0].mac
    '12:34:56:78:90:aa'
    """
    found: dict[NeighbourEntry, int] = {}
    bad: list[tuple[int, str]] = []
    for row in _rows(text, "address", bad):
        if {"X", "I"} & row.flags or "mac-address" not in row.pairs:
            continue
        try:
            address, mac = str(IPv4Address(row.pairs["address"])), canonical(row.pairs["mac-address"])
        except ValueError:
            bad.append((row.place, row.pairs["address"]))
            continue
        fresh = _FRESH.get(row.pairs.get("status", ""))
        if "D" in row.flags and row.pairs.get("status") not in ("failed", "incomplete"):
            entry = NeighbourEntry(address, mac, clean(row.pairs.get("interface", "")) or None, fresh)
            found.setdefault(entry, row.place)
    return _told(System(neighbours=tuple(found)[:MAX_ITEMS]), "neighbours", found, bad)


def read_leases(text: str) -> Observation:
    """Whom its DHCP server gave an address, and whether it is held now; a lease of nobody's MAC is left out.

    >>> said = " 1   address=172.16.16.120 mac-address=30:07:4D:F5:07:49 status=bound host-name=\\"Galaxy-S8\\""
    >>> read_leases(said).device.system.leases[0].hostname
    'Galaxy-S8'
    """
    found: dict[Lease, int] = {}
    bad: list[tuple[int, str]] = []
    for row in _rows(text, "address", bad):
        raw = row.pairs.get("active-mac-address") or row.pairs.get("mac-address")
        if raw is None or "X" in row.flags:
            continue
        if not _OF_LEASES & row.pairs.keys():  # a neighbour, or who may use a hotspot
            bad.append((row.place, row.pairs["address"]))
            continue
        try:
            address = IPv4Address(row.pairs.get("active-address") or row.pairs["address"])
            mac = canonical(raw)
        except ValueError:
            bad.append((row.place, row.pairs["address"]))
            continue
        name = clean(row.pairs.get("host-name", ""), MOST_NAME) or None
        status = row.pairs.get("status")
        found.setdefault(Lease(address, mac, name, bound=None if status is None else status == "bound"), row.place)
    return _told(System(leases=tuple(found)[:MAX_ITEMS]), "leases", found, bad)


def read_hosts(text: str) -> Observation:
    """Behind which port each MAC was heard; the bridge's own (L), and what is disabled or invalid, is left out.

    >>> said = "0 D E  mac-address=11:22:33:44:55:01 interface=ether4 bridge=lan-bridge on-interface=ether4"
    >>> read_hosts(said).device.system.forwarding
    (ForwardingEntry(mac='11:22:33:44:55:01', port='ether4', vlan=None),)
    """
    found: dict[ForwardingEntry, int] = {}
    bad: list[tuple[int, str]] = []
    for row in _rows(text, "mac-address", bad):
        port = clean(row.pairs.get("on-interface") or row.pairs.get("interface", ""))
        if not {"bridge", "on-interface"} & row.pairs.keys():  # a neighbour: heard of, not switched
            bad.append((row.place, row.pairs["mac-address"]))
            continue
        if {"X", "I", "L"} & row.flags or not port:
            continue
        try:
            mac = canonical(row.pairs["mac-address"])
        except ValueError:
            bad.append((row.place, row.pairs["mac-address"]))
            continue
        vlan = row.pairs.get("vid", "")
        found.setdefault(ForwardingEntry(mac, port, int(vlan) if _VLAN.fullmatch(vlan) else None), row.place)
    return _told(System(forwarding=tuple(found)[:MAX_ITEMS]), "forwarding", found, bad)


def _told(system: System, name: str, found: Mapping[Any, int], bad: list[tuple[int, str]]) -> Observation:
    lines = {f"/system/{name}/{place}": line for place, line in enumerate(list(found.values())[:MAX_ITEMS])}
    if bad and not found:
        system = System()
    return of_system(system, lines, unread(f"system.{name}", bad))
