"""Guests in the tables of the practice's routers: counted, and left out of the facts (docs/adr/0015). Pure."""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from typing import Any

from inventory.observation import Merged
from inventory.site import Site
from inventory.snapshot import Coverage, Source
from inventory.system import System
from inventory.tables import ForwardingEntry, Lease, NeighbourEntry

_TABLES = ("neighbours", "leases", "forwarding")


def without_guests(
    site: Site, learnt: Mapping[str, Iterable[Merged]]
) -> tuple[dict[str, list[Merged]], tuple[Coverage, ...]]:
    """What was learnt, by device, without the rows of guests; and of each guest network how many MACs were left out.

    A guest is who is known in a guest network only: neither met nor declared, at no address that a router
    says is its own, and in no row of another IPv4 network.
    """
    whole = {identity: list(items) for identity, items in learnt.items()}
    networks = [item.network for item in site.networks if item.zone == "guest"]
    if not networks:
        return whole, ()
    rows = [row for items in whole.values() for item in items for row in _rows(item)]
    own = {address for items in whole.values() for item in items for address in _interfaces(item)}
    known = {mac for item in site.devices for mac in item.macs}
    for items in whole.values():
        known.update(mac for item in items for mac in (item.device.network and item.device.network.macs) or ())
    guests: dict[str, IPv4Network] = {}
    for mac, address in rows:
        home = next((item for item in networks if address in item), None)
        if home is not None and address not in own:
            guests.setdefault(mac, home)
        elif isinstance(address, IPv4Address):
            known.add(mac)
    left = {mac: home for mac, home in guests.items() if mac not in known}
    told = tuple(
        Coverage("tables", str(home), "done", None, f"{count} guests in the tables of routers: counted, not recorded")
        for home in networks
        if (count := list(left.values()).count(home))
    )
    return {identity: [_without(item, left) for item in items] for identity, items in whole.items()}, told


def _rows(item: Merged) -> Iterator[tuple[str, IPv4Address | IPv6Address]]:
    system = item.device.system or System()
    yield from ((row.mac, ip_address(row.address)) for row in system.neighbours or ())
    yield from ((row.mac, row.address) for row in system.leases or ())


def _interfaces(item: Merged) -> Iterator[IPv4Address]:
    for interface in (item.device.system.interfaces if item.device.system else None) or ():
        yield from interface.addresses or ()


def _without(item: Merged, macs: Collection[str]) -> Merged:
    """The facts without the rows of these MACs, each row that stays with the line it came from."""
    system, provenance = item.device.system, dict(item.provenance)
    if system is None:
        return item
    for name in _TABLES:
        rows: tuple[NeighbourEntry | Lease | ForwardingEntry, ...] = getattr(system, name) or ()
        stay = [place for place, row in enumerate(rows) if row.mac not in macs]
        if len(stay) < len(rows):
            shorter: dict[str, Any] = {name: tuple(rows[place] for place in stay)}
            system = dataclasses.replace(system, **shorter)
            provenance = _moved(provenance, f"/system/{name}/", {str(old): new for new, old in enumerate(stay)})
    return dataclasses.replace(item, device=dataclasses.replace(item.device, system=system), provenance=provenance)


def _moved(provenance: Mapping[str, Source], table: str, places: Mapping[str, int]) -> dict[str, Source]:
    """The sources of facts, those of the rows of one table at their new places."""
    found = {}
    for pointer, source in provenance.items():
        if pointer.startswith(table):
            place, slash, rest = pointer.removeprefix(table).partition("/")
            if place not in places:
                continue
            pointer = f"{table}{places[place]}{slash}{rest}"
        found[pointer] = source
    return found
