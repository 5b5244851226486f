"""From what each visit brought to one snapshot: who is who, what was not met, where every fact came from. Pure."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address

from inventory.device import Device, Traits
from inventory.linking import Group, grouped
from inventory.mac import randomised
from inventory.names import distinct, impersonal
from inventory.observation import Merged, Observation, UnreadLine, attributed, merge
from inventory.site import Site
from inventory.snapshot import DECLARATION, Coverage, History, Snapshot, Source, Unread, Vantage
from inventory.system import System
from scanner.discover import identified
from scanner.evidence import Evidence
from scanner.identification import with_identification
from scanner.platforms import Platform, recognised


def from_sweep(device: Device, evidence: str) -> Merged:
    """What ARP said of a device; its declaration and category are worked out again at the end, from everything."""
    return attributed(Observation(Device(network=device.network)), evidence)


def snapshot(
    site: Site,
    where: Evidence,
    vantages: tuple[Vantage, ...],
    gateways: tuple[IPv4Address, ...],
    learnt: Mapping[str, Iterable[Merged]],
    coverage: Iterable[Coverage],
    history: History,
) -> Snapshot:
    """The snapshot of a visit; `learnt` is by the id that each device had at the sweep."""
    pieces = {swept: merge(items) for swept, items in learnt.items()}
    whole = {swept: _whole(site, item.device, gateways) for swept, item in pieces.items()}
    groups = grouped(whole, history.known or {}, site.devices)
    names = {swept: group.id for group in groups for swept in group.keys}  # id at the sweep → id now
    found = []
    places = {swept: place for place, swept in enumerate(learnt)}
    for group in groups:  # merged in the order of visits: the network that matters more comes first
        item = merge(pieces[swept] for swept in sorted(group.keys, key=places.__getitem__))
        found.append(_identified(site, group, item, gateways))
    rows = [*found, *(Merged(device, {}) for device in _absent(site, [row.device for row in found]))]
    rows = sorted(_called(rows, site), key=lambda row: row.device.id)
    return Snapshot(
        taken_at=where.time,
        site=site.facts(),
        vantages=vantages,
        devices=tuple(row.device for row in rows),
        coverage=tuple(sorted((_renamed(row, names) for row in coverage), key=_coverage_order)),
        history=history,
        provenance=dict(_provenance(rows)),
        unread=tuple(_unread(row.device.id, line) for row in rows for line in row.unread),
        stood=(site.vantage,),
    )


def _renamed(row: Coverage, names: Mapping[str, str]) -> Coverage:
    return row if row.device is None else dataclasses.replace(row, device=names.get(row.device, row.device))


def _identified(site: Site, group: Group, item: Merged, gateways: tuple[IPv4Address, ...]) -> Merged:
    """The device of a group: declared as the group is, under the group's id, with why it is one device."""
    device = dataclasses.replace(item.device, declared=group.declared)
    if (network := device.network) is not None and network.mac_randomised:
        invented = all(map(randomised, network.macs or ()))
        device = dataclasses.replace(device, network=dataclasses.replace(network, mac_randomised=invented))
    device, places = with_identification(device)
    told = {
        f"/network/identification/{name}": source
        for name, pointer in places.items()
        if (source := _source(item.provenance, pointer)) is not None
    }
    device = _whole(site, device, gateways)
    traits = group.traits if group.traits != Traits() else None
    device = dataclasses.replace(device, id=group.id, traits=traits, links=tuple(group.links) or None)
    return dataclasses.replace(item, device=device, provenance={**told, **item.provenance})


def _source(provenance: Mapping[str, Source], pointer: str) -> Source | None:
    """Where a fact, or the list it stands in, came from."""
    while pointer and pointer not in provenance:
        pointer = pointer.rpartition("/")[0]
    return provenance.get(pointer)


def _whole(site: Site, device: Device, gateways: tuple[IPv4Address, ...]) -> Device:
    addresses = (device.network.addresses if device.network else None) or ()
    platform = recognised(device)
    if platform is not None and device.system is not None and device.system.platform is None:
        named = documented(platform, device.system)
        system = dataclasses.replace(device.system, platform=platform.ID, documented=named)
        device = dataclasses.replace(device, system=system)
    return identified(site, device, gateway=bool(set(addresses) & set(gateways)))


def documented(platform: Platform, system: System) -> tuple[str, ...] | None:
    """The groups told of a device that no recording of its kind has proven yet, in the order of the platform's list."""
    named = (group for group, source in platform.FACTS.items() if source == "documentation")
    return tuple(group for group in named if getattr(system, group, None) is not None) or None


def _called(rows: Iterable[Merged], site: Site) -> Iterator[Merged]:
    """The rows under names that a report may show: what the owner declared, and of the rest no person's name."""
    known = list(rows)
    shown = (lambda name: name) if site.show_names else impersonal
    names = distinct((row.device.id, shown(row.device.name)) for row in known if row.device.declared is None)
    for row in known:
        name = names.get(row.device.id, row.device.name)
        yield dataclasses.replace(row, device=dataclasses.replace(row.device, name=name))


def _absent(site: Site, found: Iterable[Device]) -> Iterator[Device]:
    """The devices declared as always there and not met: subjects all the same, of which nothing is known."""
    met = {device.declared.name for device in found if device.declared is not None}
    for declared in site.devices:
        if declared.presence == "permanent" and declared.name not in met:
            yield identified(site, Device(declared=declared))


def _provenance(rows: Iterable[Merged]) -> Iterator[tuple[str, Source]]:
    for index, row in enumerate(rows):
        for pointer, source in sorted(row.provenance.items()):
            yield f"/devices/{index}{pointer}", source
        if row.device.declared is not None:
            yield f"/devices/{index}/declared", Source(DECLARATION)


def _unread(device: str, line: UnreadLine) -> Unread:
    return Unread(device, line.fact, line.evidence, line.line, line.text)


def _coverage_order(item: Coverage) -> tuple[str, str, str, str]:
    return (item.source, item.target, item.evidence or "", item.status)
