"""Whom a Linux router knows: `ip -s neigh` and dnsmasq's leases. Pure.

Linux keeps what it once resolved for hours when little else happens (gc_thresh1, arp(7)): that a device is in the table
does not say that it is there. Its own age of each entry does, hence `-s`.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address

from inventory.mac import canonical
from inventory.observation import Observation
from inventory.system import System
from inventory.tables import Lease, NeighbourEntry
from inventory.text import clean
from scanner.platforms._reading import UnreadableError, listed, of_system

NEIGHBOURS = "ip -s neigh show"
NEIGHBOURS_PLAIN = "ip neigh show"  # BusyBox knows no -s, and says the ages unasked
# Where Debian, OpenWrt and the configurations of others keep them; absent ones are not there.
_LEASES = (
    "/tmp/dhcp.leases /var/lib/misc/dnsmasq.leases"  # noqa: S108 — of the router: nothing is opened here
    " /var/lib/dnsmasq/dnsmasq.leases /run/dnsmasq.leases"
)
LEASES = f"cat {_LEASES}; true"

# Seconds since an entry was last confirmed that still count as "there now": what a home router lets a phone sleep.
FRESH_S = 900
MOST_NAME = 63  # characters of a host name: one label (RFC 1035 §2.3.4)

_ENTRY = re.compile(r"(\S{2,45}) dev (\S{1,15})(?: lladdr ([0-9a-fA-F:]{17}))?(.{0,160})")
_USED = re.compile(r" used (\d{1,10})/(\d{1,10})/(\d{1,10})")  # seconds since it was used, confirmed, updated
_LEASE = re.compile(r"(\d{1,12}) (\S{1,60}) (\d{1,3}(?:\.\d{1,3}){3}) (\S{1,255}) (\S{1,600})")
_LEASE6 = re.compile(r"duid [0-9a-f:]{1,400}|\d{1,12} T?\d{1,12} [0-9a-f:]{2,45} \S{1,255} \S{1,600}")


def read_neighbours(text: str) -> Observation:
    """Whom the kernel has resolved, and whether lately, in `ip -s neigh show` (iproute2 6.1, BusyBox 1.35).

    Entries without a MAC, and what the owner typed in or what needs no resolving, tell of nobody.

    >>> line = "192.168.10.31 dev eth0 lladdr d0:94:66:1b:72:31 ref 1 used 12/8/3 probes 1 REACHABLE "
    >>> read_neighbours(line).device.system.neighbours[0].fresh
    True
    """
    found = listed(text, "system.neighbours", _neighbour)
    return of_system(System(neighbours=found.items), found.lines, found.unread)


def _neighbour(line: str) -> Iterator[NeighbourEntry]:
    said = _ENTRY.fullmatch(line.strip())
    if said is None:
        raise UnreadableError(line[:20])
    words = said[4].split()
    state = next((word for word in reversed(words) if word.isupper()), "")
    if said[3] is None or state in ("FAILED", "INCOMPLETE", "PERMANENT", "NOARP"):
        return
    used = _USED.search(said[4])
    fresh = True if state in ("REACHABLE", "DELAY") else int(used[2]) <= FRESH_S if used else None
    yield NeighbourEntry(*_pair(said[1], said[3]), clean(said[2]), fresh if state or used else None)


def _pair(address: str, mac: str) -> tuple[str, str]:
    """An address and a MAC in their one spelling."""
    try:
        pair = str(ip_address(address)), canonical(mac)
    except ValueError as error:
        raise UnreadableError(address[:20]) from error
    return pair


def read_leases(text: str) -> Observation:
    """Whom dnsmasq gave an address: expiry, MAC, address, name or `*`, client id or `*` a line.

    Leases of DHCPv6 follow, after a line with the server's DUID, and carry no MAC. Source: dnsmasq 2.90, lease.c.

    >>> line = "1732471200 d0:94:66:1b:72:31 192.168.10.31 POSTE-ACCUEIL 01:d0:94:66:1b:72:31"
    >>> read_leases(line).device.system.leases[0].hostname
    'POSTE-ACCUEIL'
    """
    found = listed(text, "system.leases", _lease)
    return of_system(System(leases=found.items), found.lines, found.unread)


def _lease(line: str) -> Iterator[Lease]:
    said = _LEASE.fullmatch(line.strip())
    if said is None:
        if _LEASE6.fullmatch(line.strip()):
            return
        raise UnreadableError(line[:20])
    hardware = said[2].rpartition("-")[2]  # "06-00:11…" of another kind of network than Ethernet
    address, mac = _pair(said[3], hardware)
    name = clean(said[4], MOST_NAME)
    yield Lease(IPv4Address(address), mac, name if name != "*" else None, int(said[1]) or None)
