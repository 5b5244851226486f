"""Several runs of one site made one snapshot: vantages side by side, a device once. Pure.

The evidence of each part keeps its id behind the number of the part: the same question was put from two places.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from inventory.air import AirNetwork
from inventory.device import Device
from inventory.errors import ConfigError
from inventory.observation import Merged, merge
from inventory.snapshot import Coverage, SiteFacts, Snapshot, Source, Unread


def joined(parts: Sequence[Snapshot]) -> Snapshot:
    """The snapshot of all parts, runs from the guest network last; ConfigError when they are not of one site."""
    _check_one_site([part.site for part in parts])
    named = [_prefixed(part, str(number)) for number, part in enumerate(parts, 1)]
    order = sorted(named, key=lambda part: part.guest_views is not None)  # stable: in the order given otherwise
    base = order[0]
    devices: dict[str, list[Merged]] = {}
    for part in order:
        for index, device in enumerate(part.devices):
            devices.setdefault(device.id, []).append(Merged(device, _below(part.provenance, f"/devices/{index}/")))
    rows = [_one(devices[identity]) for identity in sorted(devices)]
    views = tuple(view for part in order for view in part.guest_views or ())
    looked = any(part.guest_views is not None for part in order)
    return dataclasses.replace(
        base,
        taken_at=max(part.taken_at for part in order),
        vantages=tuple(dict.fromkeys(item for part in order for item in part.vantages)),
        devices=tuple(row.device for row in rows),
        coverage=_coverage(row for part in order for row in part.coverage),
        provenance={
            f"/devices/{at}{name}": source for at, row in enumerate(rows) for name, source in row.provenance.items()
        },
        unread=tuple(dict.fromkeys(line for part in order for line in part.unread)),
        guest_views=views if looked else None,
        air=_air(order),
        stood=tuple(dict.fromkeys(zone for part in order for zone in part.stood or ())) or None,
    )


def _check_one_site(sites: Sequence[SiteFacts]) -> None:
    """Nothing when all parts are of one practice and its same networks; ConfigError says what differs."""
    first = sites[0]
    for other in sites[1:]:
        if other.client != first.client:
            raise ConfigError("join", None, "", f"runs of {first.client} and of {other.client}", "runs of one site")
        if set(other.networks) != set(first.networks):
            found = " and of ".join(", ".join(map(str, sorted(item.networks))) for item in (first, other))
            expected = "runs made with the same networks in site.yaml"
            raise ConfigError("join", None, "networks", f"runs of {found}", expected)


def _prefixed(part: Snapshot, number: str) -> Snapshot:
    def name(evidence: str) -> str:
        return f"{number}/{evidence}" if evidence else ""

    return dataclasses.replace(
        part,
        coverage=tuple(
            dataclasses.replace(row, evidence=name(row.evidence) if row.evidence else None) for row in part.coverage
        ),
        provenance={
            at: dataclasses.replace(source, evidence=name(source.evidence)) for at, source in part.provenance.items()
        },
        unread=tuple(Unread(line.device, line.fact, name(line.evidence), line.line, line.text) for line in part.unread),
    )


def _below(provenance: Mapping[str, Source], head: str) -> Mapping[str, Source]:
    """The provenance of one device, by pointer below it."""
    return {f"/{at.removeprefix(head)}": source for at, source in provenance.items() if at.startswith(head)}


def _one(pieces: Sequence[Merged]) -> Merged:
    """One device of what each part knows: who it is, as the part says that met it first."""
    facts = (Device(network=item.device.network, system=item.device.system) for item in pieces)
    whole = merge(Merged(device, item.provenance) for device, item in zip(facts, pieces, strict=True))
    who = next((item.device for item in pieces if item.device.network is not None), pieces[0].device)
    device = dataclasses.replace(
        who,
        network=whole.device.network,
        system=whole.device.system,
        fragile=any(item.device.fragile for item in pieces) if who.fragile is not None else None,
    )
    return Merged(device, whole.provenance)


def _coverage(rows: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Every row; of a network that one part swept or counted, not the sweep of a part that stood elsewhere."""
    known = list(dict.fromkeys(rows))
    done = {row.target for row in known if row.source in ("arp", "count") and row.status == "done"}
    kept = [
        row
        for row in known
        if not (row.source == "arp" and row.status in ("off_link", "missing") and row.target in done)
    ]
    return tuple(sorted(kept, key=lambda row: (row.source, row.target, row.evidence or "", row.status)))


def _air(parts: Iterable[Snapshot]) -> tuple[AirNetwork, ...] | None:
    """Every network that any part heard in the air, as the first one heard it."""
    heard = [part.air for part in parts if part.air is not None]
    found = {item.bssid: item for items in reversed(heard) for item in items}
    return tuple(found[bssid] for bssid in sorted(found)) if heard else None
