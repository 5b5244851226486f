"""From what each visit brought to one snapshot: who is who, what was not met, where every fact came from. Pure."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address

from inventory.device import Device
from inventory.observation import Merged, Observation, UnreadLine, attributed, merge
from inventory.site import Site
from inventory.snapshot import Coverage, History, Snapshot, Source, Unread, Vantage
from scanner.discover import identified
from scanner.evidence import Evidence
from scanner.platforms import recognised


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
    known: dict[str, list[Merged]] = {}
    names: dict[str, str] = {}  # id at the sweep → id now that a serial number may have told who it is
    for swept, pieces in learnt.items():
        item = merge(pieces)
        names[swept] = _whole(site, item.device, gateways).id
        known.setdefault(names[swept], []).append(item)
    found = [_identified(site, merge(items), gateways) for items in known.values()]
    rows = [*found, *(Merged(device, {}) for device in _absent(site, [row.device for row in found]))]
    rows.sort(key=lambda row: row.device.id)
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


def _identified(site: Site, item: Merged, gateways: tuple[IPv4Address, ...]) -> Merged:
    return dataclasses.replace(item, device=_whole(site, item.device, gateways))


def _whole(site: Site, device: Device, gateways: tuple[IPv4Address, ...]) -> Device:
    addresses = (device.network.addresses if device.network else None) or ()
    platform = recognised(device)
    if platform is not None and device.system is not None and device.system.platform is None:
        device = dataclasses.replace(device, system=dataclasses.replace(device.system, platform=platform.ID))
    return identified(site, device, gateway=bool(set(addresses) & set(gateways)))


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


def _unread(device: str, line: UnreadLine) -> Unread:
    return Unread(device, line.fact, line.evidence, line.line, line.text)


def _coverage_order(item: Coverage) -> tuple[str, str, str, str]:
    return (item.source, item.target, item.evidence or "", item.status)
