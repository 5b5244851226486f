"""The devices of a practice as the store knows them: one row a device, over all runs, under today's declarations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import Connection, func, select

from inventory.device import Declared
from inventory.identity import declared_id
from inventory.mac import randomised
from inventory.presence import AnyNetwork, Look, Presence, presence
from inventory.sightings import DEVICES, RUNS, SIGHTINGS, SWEEPS, TRACES


@dataclass(frozen=True, slots=True)
class Span:
    """An address, a MAC or a port of a device, and when it was first and last seen there."""

    value: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A device over time."""

    id: str
    name: str
    category: str
    presence: Presence
    certain: bool = False  # whether the category is; what its owner says of it is
    declared: Declared | None = None
    approved: bool = False  # declared, and the approval has not ended
    vendor: str | None = None
    zone: str | None = None
    randomised: bool = False
    first: datetime | None = None
    last: datetime | None = None
    addresses: tuple[Span, ...] = ()
    macs: tuple[Span, ...] = ()
    linked: tuple[Span, ...] = ()  # MACs that only an announcement joined to it: perhaps somebody else's
    ports: tuple[Span, ...] | None = None  # None: never looked at
    looked: datetime | None = None  # when its ports were last known: those not seen then are closed
    sightings: int = 0  # of the runs whose sightings are still kept

    @property
    def current(self) -> tuple[str, ...]:
        """Its addresses when it was last met."""
        return tuple(item.value for item in self.addresses if item.last == self.last)

    @property
    def personal(self) -> bool:
        """Declared as somebody's own, or as used at home too."""
        return self.declared is not None and (
            self.declared.owner in ("personal", "family", "patient") or self.declared.use != "professional"
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """What the store holds under one id."""

    id: str
    first: datetime
    last: datetime
    described_at: datetime | None
    name: str | None
    category: str | None
    certain: bool | None
    vendor: str | None
    zone: str | None
    randomised: bool
    traces: Mapping[str, tuple[Span, ...]]
    sightings: int


def known(connection: Connection, declared: Sequence[Declared], day: date) -> tuple[Known, ...]:
    """Every device, by address; `day` decides which approvals have ended."""
    rows, looks = _rows(connection), _looks(connection, day)
    ids = _names(rows, declared)
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(ids[row.id], []).append(row)
    by_id = {declared_id(item): item for item in declared}
    found = [_known(name, group, by_id.get(name), looks, day) for name, group in groups.items()]
    found += [
        Known(name, item.name, item.role, "unseen", True, item, _approved(item, day), macs=())
        for name, item in by_id.items()
        if name not in groups
    ]
    return tuple(sorted(found, key=_place))


def _rows(connection: Connection) -> list[_Row]:
    traces: dict[str, dict[str, list[Span]]] = {}
    for item in connection.execute(select(TRACES).order_by(TRACES.c.first, TRACES.c.value)):
        kinds = traces.setdefault(item.device, {})
        kinds.setdefault(item.kind, []).append(Span(item.value, item.first, item.last))
    counted = select(SIGHTINGS.c.device, func.count()).group_by(SIGHTINGS.c.device)
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(counted)}
    return [
        _Row(
            row.id, row.first, row.last, row.described_at, row.name, row.category, row.certain, row.vendor,
            row.zone, row.randomised, {kind: tuple(spans) for kind, spans in traces.get(row.id, {}).items()},
            counts.get(row.id, 0),
        )
        for row in connection.execute(select(DEVICES))
    ]  # fmt: skip


def _looks(connection: Connection, day: date) -> list[Look]:
    """The runs so far; one of a clock that was ahead makes nobody absent."""
    networks: dict[str, list[AnyNetwork]] = {}
    for run, network in connection.execute(select(SWEEPS.c.run, SWEEPS.c.network)):
        networks.setdefault(run, []).append(ip_network(network))
    runs = connection.execute(select(RUNS.c.name, RUNS.c.taken_at).order_by(RUNS.c.taken_at))
    return [Look(at, tuple(networks.get(name, ()))) for name, at in runs if at.date() <= day + timedelta(days=1)]


def _names(rows: Iterable[_Row], declared: Iterable[Declared]) -> dict[str, str]:
    """Id in the store → id today: declared since, or met since with one more socket."""
    ids = {mac: declared_id(item) for item in declared for mac in item.macs}
    apart = {(declared_id(item), mac) for item in declared for mac in item.not_same or ()}
    owners: dict[str, str] = {}  # burned-in MAC → the id under which it was met last
    result: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row.last, row.id)):
        macs = {span.value for span in row.traces.get("mac", ()) if not randomised(span.value)}
        named = (ids[mac] for mac in (row.id, *sorted(macs)) if mac in ids)
        name = next((name for name in named if (name, row.id) not in apart), row.id)
        result[row.id] = name
        owners.update({mac: name for mac in macs if (name, mac) not in apart})
    return {key: name if name != key else owners.get(key, key) for key, name in result.items()}


def _known(name: str, group: Sequence[_Row], declared: Declared | None, looks: Sequence[Look], day: date) -> Known:
    latest = max(group, key=lambda row: (row.described_at is not None, row.described_at or row.last, row.id))
    first, last = min(row.first for row in group), max(row.last for row in group)
    looked = max((span.last for row in group for span in row.traces.get("looked", ())), default=None)
    parted = (declared.not_same or ()) if declared else ()
    macs = tuple(span for span in _spans(group, "mac") if span.value not in parted)
    own = [span.value for span in macs]
    other = [span for kind in ("mac", "linked") for span in _spans(group, kind) if span.value in parted]
    alone = latest.described_at is None or not _within(other, latest.described_at, latest.described_at)
    addresses, ports = (
        tuple(span for span in _spans(group, kind) if not _within(other, span.first, span.last))
        for kind in ("address", "port")
    )
    looked = None if looked and _within(other, looked, looked) else looked
    item = Known(
        id=name,
        name=declared.name if declared else latest.name or name,
        category=declared.role if declared else latest.category or "unknown",
        presence="present",
        certain=declared is not None or bool(latest.certain),
        declared=declared,
        approved=declared is not None and _approved(declared, day),
        vendor=latest.vendor if alone else None,
        zone=latest.zone,
        randomised=latest.randomised,
        first=first,
        last=last,
        addresses=addresses,
        macs=macs,
        linked=tuple(span for span in _spans(group, "linked") if span.value not in {*own, *parted}),
        ports=None if looked is None else ports,
        looked=looked,
        sightings=sum(row.sightings for row in group),
    )
    sleeps = declared is not None and declared.presence != "permanent"
    where = tuple(ip_address(address) for address in item.current)
    return replace(item, presence=presence(last, where, looks, None if sleeps else item.category))


def _within(others: Iterable[Span], first: datetime, last: datetime) -> bool:
    """Whether what was seen from first to last may be another device's: one taken for this one was there all the time.

    The store does not say which of two MACs had an address. What is left out is there again after the next visit.
    """
    return any(span.first <= first and last <= span.last for span in others)


def _spans(group: Iterable[_Row], kind: str) -> tuple[Span, ...]:
    """The spans of one device, of several ids that it had in one, latest first."""
    found: dict[str, Span] = {}
    for row in group:
        for span in row.traces.get(kind, ()):
            was = found.get(span.value, span)
            found[span.value] = Span(span.value, min(span.first, was.first), max(span.last, was.last))
    return tuple(sorted(found.values(), key=lambda span: (-span.last.timestamp(), span.value)))


def _approved(declared: Declared, day: date) -> bool:
    return declared.until is None or day <= declared.until


def _place(item: Known) -> tuple[int, str]:
    """By the lowest address it had last, those without one last."""
    return (min((int(ip_address(address)) for address in item.current), default=1 << 129), item.id)
