"""Several runs of one site made one snapshot: vantages side by side, a device once. Pure.

The evidence of each part keeps its id behind the number of the part: the same question was put from two places.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from inventory.air import AirNetwork
from inventory.device import Device, Traits
from inventory.errors import ConfigError
from inventory.network import Network, SshSeen
from inventory.observation import Merged, merge
from inventory.snapshot import Coverage, SiteFacts, Snapshot, Source, Unread
from inventory.traits import both, contradict, proven

# How far apart the visits that are put together may be: the technician comes back for the guests' side once the Wi-Fi
# is mended. What was true of a network a season ago would prove or excuse what is there today.
MOST_APART = timedelta(days=30)


def joined(parts: Sequence[Snapshot]) -> Snapshot:
    """The snapshot of all parts, runs from the guest network last; ConfigError when they are not of one site."""
    _check_one_site([part.site for part in parts])
    _check_one_time([part.taken_at for part in parts])
    named = [_prefixed(part, str(number)) for number, part in enumerate(parts, 1)]
    order = sorted(named, key=lambda part: part.guest_views is not None)  # stable: in the order given otherwise
    base = order[0]
    devices: dict[str, list[Merged]] = {}
    for part in order:
        for index, device in enumerate(part.devices):
            devices.setdefault(device.id, []).append(Merged(device, _below(part.provenance, f"/devices/{index}/")))
    known = base.history.known or {}
    before = {identity: known[identity].traits for identity in devices if identity in known}
    rows = [_one(devices[identity], before.get(identity)) for identity in sorted(devices)]
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


def _check_one_time(moments: Sequence[datetime]) -> None:
    first, last = min(moments), max(moments)
    if last - first > MOST_APART:
        expected = f"runs at most {MOST_APART.days} days apart"
        raise ConfigError("join", None, "", f"runs of {first.date()} and of {last.date()}", expected)


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


def _one(pieces: Sequence[Merged], before: Traits | None) -> Merged:
    """One device of what each part knows: called as the part says that met it first, doubted as soon as one doubts it.

    What one part holds against it stands whatever the others saw: a MAC that only an announcement joined, another SSH
    key, another identity than `before`, that of earlier visits.
    """
    shown = _ssh(pieces)
    facts = (Device(network=_showing(item.device.network, shown), system=item.device.system) for item in pieces)
    whole = merge(Merged(device, item.provenance) for device, item in zip(facts, pieces, strict=True))
    who = next((item.device for item in pieces if item.device.network is not None), pieces[0].device)
    device = dataclasses.replace(
        who,
        network=_against(whole.device.network, shown, pieces),
        system=whole.device.system,
        fragile=any(item.device.fragile for item in pieces) if who.fragile is not None else None,
        traits=_traits(pieces, before),
        links=tuple(dict.fromkeys(link for item in pieces for link in item.device.links or ())) or None,
    )
    return Merged(device, whole.provenance)


def _keys(pieces: Iterable[Merged]) -> list[SshSeen]:
    networks = (item.device.network for item in pieces)
    return [network.ssh for network in networks if network is not None and network.ssh is not None]


def _ssh(pieces: Iterable[Merged]) -> SshSeen | None:
    """The SSH key that counts: one that is not the one on record, else one on record, else one unlike the first."""
    seen = _keys(pieces)
    recorded = sorted((key for key in seen if key.pinned is not None), key=lambda key: key.pinned == key.fingerprint)
    others = (key for key in seen if _another(seen[0], key))
    return next(iter((*recorded, *others, *seen)), None)


def _another(one: SshSeen, two: SshSeen) -> bool:
    return one.key_type == two.key_type and one.fingerprint != two.fingerprint


def _showing(network: Network | None, ssh: SshSeen | None) -> Network | None:
    """The facts without any other key than this one."""
    return network if network is None or network.ssh == ssh else dataclasses.replace(network, ssh=None)


def _against(network: Network | None, ssh: SshSeen | None, pieces: Iterable[Merged]) -> Network | None:
    """With a key that nobody has on record held against the one that the first part saw: one of them is no first."""
    if network is None or ssh is None or ssh.pinned is not None:
        return network
    first = _keys(pieces)[0]
    known = dataclasses.replace(ssh, pinned=first.fingerprint) if _another(first, ssh) else ssh
    return dataclasses.replace(network, ssh=known)


def _traits(pieces: Iterable[Merged], before: Traits | None) -> Traits | None:
    """What all parts recognise a device by; of two that contradict each other the one that no earlier visit knows."""
    found: Traits | None = None
    for now in (item.device.traits for item in pieces):
        if found is None or now is None:
            found = found or now
        elif not contradict(proven(found), proven(now)):
            found = both(found, now)
        elif before is not None and not contradict(proven(before), proven(found)):
            found = now
    return found


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
