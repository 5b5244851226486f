"""Devices over time: what each run adds to the store, and what is forgotten again.

A run folder is the record; the store indexes it. Everything here only widens a span or replaces an older description,
so that a run may be noted twice, late, or in any order. What was noted is read by `inventory/known.py`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from ipaddress import ip_network

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from inventory.database import Moment, metadata, upsert, widened
from inventory.device import Declared, Device
from inventory.document import from_json, to_json
from inventory.history import FORGET, carried, lasting, remembered, settled
from inventory.linking import unproven
from inventory.mac import canonical, randomised
from inventory.network import Network
from inventory.snapshot import History, Known, Seen, Snapshot
from inventory.store_place import Keep
from inventory.text import clean

# Undeclared devices that are kept in mind, the latest seen; stops somebody who shows a new MAC a second from filling
# the store for a year. A practice has some dozens.
MAX_STRANGERS = 5000

RUNS = Table(
    "runs",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("taken_at", Moment, nullable=False, index=True),
    Column("number", Integer, nullable=False),  # how many runs the practice had, this one among them
    Column("guests", Integer, nullable=False),  # devices on the guest network: counted, not kept
)
SWEEPS = Table(
    "sweeps",
    metadata,
    Column("run", ForeignKey("runs.name", ondelete="CASCADE"), primary_key=True),
    Column("network", String(64), primary_key=True),  # swept to its end: who was not seen there did not answer
)
DEVICES = Table(
    "devices",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("first", Moment, nullable=False),
    Column("last", Moment, nullable=False, index=True),
    Column("described_at", Moment),  # the run that the columns below come from; NULL: known by an older history only
    Column("name", String(256)),
    Column("category", String(32)),
    Column("certain", Boolean),  # whether the category is; NULL: nobody said
    Column("vendor", String(256)),
    Column("zone", String(16)),
    Column("randomised", Boolean, nullable=False),
    Column("declared", String(64)),
)
TRACES = Table(
    "traces",
    metadata,
    Column("device", ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "kind", String(8), primary_key=True
    ),  # "address", "mac", "port"; "linked": a MAC on its word; "looked": at ports
    Column("value", String(64), primary_key=True),  # "192.168.1.10", "00:11:32:aa:bb:cc", "tcp/445"
    Column("first", Moment, nullable=False),
    Column("last", Moment, nullable=False),
)
SIGHTINGS = Table(
    "sightings",
    metadata,
    Column("run", ForeignKey("runs.name", ondelete="CASCADE"), primary_key=True),
    Column("device", ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
    Column("addresses", Text, nullable=False),
    Column("ports", Text),
)
STATES = Table(
    "states",
    metadata,
    Column("device", ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(64), primary_key=True),  # "updates.available"
    Column("since", Moment, nullable=False),
    Column("as_of", Moment, nullable=False),
)
RECOGNISED = Table(
    "recognised",
    metadata,
    Column("device", ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
    Column("known", Text, nullable=False),  # inventory.snapshot.Known as JSON
    Column("lasting", Boolean, nullable=False),  # met again though its MAC was invented
    Column("as_of", Moment, nullable=False),
)


def note(connection: Connection, run: str, snapshot: Snapshot) -> None:
    """What a run saw is in the store; a second time changes nothing."""
    moment = snapshot.taken_at
    met = [device for device in snapshot.devices if remembered(device)]
    guests = {device.id for device in snapshot.devices if device.network is not None} - {device.id for device in met}
    row = {"name": run, "taken_at": moment, "number": snapshot.history.runs + 1, "guests": len(guests)}
    upsert(connection, RUNS, [row], lambda new: {"taken_at": new.taken_at, "number": new.number, "guests": new.guests})
    swept = {
        item.target
        for item in snapshot.coverage
        if item.source == "arp" and item.status == "done" and _network(item.target)
    }
    rows = [{"run": run, "network": network} for network in sorted(swept)]
    upsert(connection, SWEEPS, rows, lambda new: {"network": new.network})
    later = carried(snapshot)
    known = _note_seen(connection, later, {device.id for device in met}, guests)
    if met:
        newer = or_(DEVICES.c.described_at.is_(None), DEVICES.c.described_at <= bindparam("moment"))
        describe = update(DEVICES).where(DEVICES.c.id == bindparam("device"), newer)
        connection.execute(describe, [_description(device, moment) for device in met])
    upsert(connection, TRACES, list(_traces(met, moment)), widened(TRACES))
    sightings = [_sighting(run, device) for device in met]
    upsert(connection, SIGHTINGS, sightings, lambda new: {"addresses": new.addresses, "ports": new.ports})
    _note_states(connection, {key: states for key, states in (later.since or {}).items() if key in known}, moment)
    traits = {key: item for key, item in (later.known or {}).items() if key in known}
    upsert(
        connection,
        RECOGNISED,
        [_recognised(key, item, moment) for key, item in traits.items()],
        lambda new: {"known": new.known, "lasting": new.lasting, "as_of": new.as_of},
        only=lambda new: new.as_of >= RECOGNISED.c.as_of,  # the newest run's word stands, whichever was read last
    )


def _note_seen(connection: Connection, later: History, met: set[str], guests: set[str]) -> set[str]:
    """First and last of every device that the run, or its history, knows: a removed run folder takes less with it."""
    # Of a device that an older history alone knows, an invented MAC says nothing.
    known = {
        key: when
        for key, when in (later.seen or {}).items()
        if key in met or not (key in guests or (_invented(key) and not _lasting(later, key)))
    }
    rows = [
        {"id": key, "first": when.first, "last": when.last, "randomised": _invented(key)} for key, when in known.items()
    ]
    upsert(connection, DEVICES, rows, widened(DEVICES))
    return set(known)


def _lasting(history: History, device: str) -> bool:
    return device in (history.known or {}) and lasting((history.known or {})[device].traits)


def _recognised(device: str, known: Known, moment: datetime) -> dict[str, object]:
    text = json.dumps(to_json(known), ensure_ascii=False, sort_keys=True)
    return {"device": device, "known": text, "lasting": lasting(known.traits), "as_of": moment}


def _network(target: str) -> bool:
    try:
        return bool(ip_network(target))
    except ValueError:
        return False


def _invented(device: str) -> bool:
    """Whether the id of a device is a MAC that it made up.

    >>> _invented("5e:10:20:30:40:50"), _invented("00:11:32:ab:cd:ef"), _invented("declared:nas")
    (True, False, False)
    """
    try:
        return randomised(canonical(device))
    except ValueError:
        return False


def _description(device: Device, moment: datetime) -> dict[str, object]:
    network, declared = device.network or Network(), device.declared
    return {
        "device": device.id,
        "moment": moment,
        "described_at": moment,
        "name": clean(device.name),
        "category": device.classification.category if device.classification else None,
        "certain": device.classification.certain if device.classification else None,
        "vendor": clean(network.vendor) if network.vendor else None,
        "zone": network.zone,
        "declared": declared.name if declared else None,
    }


def _traces(met: Iterable[Device], moment: datetime) -> Iterator[dict[str, object]]:
    for device in met:
        network, linked = device.network or Network(), unproven(device)
        found = {("address", str(address)) for address in network.addresses or ()}
        found |= {("linked" if mac in linked else "mac", mac) for mac in network.macs or ()}
        found |= {("port", f"{port.protocol}/{port.port}") for port in network.ports or ()}
        # Looked at, and this many open: "nothing open" is not "not looked".
        if network.ports is not None:
            found.add(("looked", "ports"))
        for kind, value in sorted(found):
            yield {"device": device.id, "kind": kind, "value": value, "first": moment, "last": moment}


def _sighting(run: str, device: Device) -> dict[str, object]:
    network = device.network or Network()
    ports = None if network.ports is None else " ".join(f"{port.protocol}/{port.port}" for port in network.ports)
    return {"run": run, "device": device.id, "addresses": " ".join(map(str, network.addresses or ())), "ports": ports}


def _note_states(connection: Connection, since: Mapping[str, Mapping[str, datetime]], moment: datetime) -> None:
    """Since when each state lasts; the newest run's word stands."""
    newest = func.max(STATES.c.as_of)
    rows = connection.execute(select(STATES.c.device, newest).group_by(STATES.c.device)).all()
    later = {device for device, as_of in rows if as_of > moment}
    mine = sorted(since.keys() - later)
    if not mine:
        return
    connection.execute(delete(STATES).where(STATES.c.device == bindparam("gone")), [{"gone": key} for key in mine])
    upsert(
        connection,
        STATES,
        [
            {"device": key, "state": state, "since": start, "as_of": moment}
            for key in mine
            for state, start in since[key].items()
        ],
        lambda new: {"since": new.since, "as_of": new.as_of},
    )


def _newest(connection: Connection, until: datetime | None) -> datetime | None:
    """When the newest run was made, of those not later than `until`: one of the future says nothing of age."""
    newest = select(func.max(RUNS.c.taken_at))
    found: datetime | None = connection.execute(
        newest if until is None else newest.where(RUNS.c.taken_at <= until)
    ).scalar()
    return found


def forget_after(connection: Connection, until: datetime) -> None:
    """What runs of a clock that was ahead left is gone, with every device they met: run folders tell the rest."""
    connection.execute(delete(RUNS).where(RUNS.c.taken_at > until))
    connection.execute(delete(STATES).where(STATES.c.as_of > until))
    connection.execute(delete(RECOGNISED).where(RECOGNISED.c.as_of > until))
    connection.execute(delete(DEVICES).where(or_(DEVICES.c.last > until, DEVICES.c.described_at > until)))


def purge(connection: Connection, keep: Keep, until: datetime | None = None) -> None:
    """What is older than the site wants kept is gone, counted from the newest run: while nobody scans, nothing goes."""
    newest = _newest(connection, until)
    if newest is None:
        return
    recent = newest - keep.sightings
    old_runs = select(RUNS.c.name).where(RUNS.c.taken_at < recent)
    connection.execute(delete(SIGHTINGS).where(SIGHTINGS.c.run.in_(old_runs)))
    connection.execute(delete(RUNS).where(RUNS.c.taken_at < newest - keep.findings))
    connection.execute(delete(TRACES).where(TRACES.c.last < newest - FORGET))
    stranger = DEVICES.c.declared.is_(None)
    met_again = select(RECOGNISED.c.device).where(RECOGNISED.c.lasting)
    passing = and_(DEVICES.c.randomised, stranger, DEVICES.c.last < recent, DEVICES.c.id.not_in(met_again))
    connection.execute(delete(DEVICES).where(or_(DEVICES.c.last < newest - FORGET, passing)))
    latest = select(DEVICES.c.id).where(stranger).order_by(DEVICES.c.last.desc(), DEVICES.c.id).limit(MAX_STRANGERS)
    connection.execute(delete(DEVICES).where(stranger, DEVICES.c.id.not_in(latest)))


def runs(connection: Connection, until: datetime | None = None) -> tuple[frozenset[str], datetime | None]:
    """The names of the runs that the store holds, and when the newest was made that is not later than `until`."""
    rows = connection.execute(select(RUNS.c.name, RUNS.c.taken_at)).all()
    return frozenset(row.name for row in rows), _newest(connection, until)


def history(connection: Connection, declared: Iterable[Declared], until: datetime | None = None) -> History:
    """What rules need of the runs so far, though their folders may be gone."""
    runs = connection.execute(select(func.max(RUNS.c.number))).scalar() or 0
    newest = _newest(connection, until)
    if newest is None:
        return History()
    rows = connection.execute(select(DEVICES.c.id, DEVICES.c.first, DEVICES.c.last)).all()
    seen = {key: Seen(first, last) for key, first, last in rows if newest - last <= FORGET}
    since: dict[str, dict[str, datetime]] = {}
    for key, state, start in connection.execute(select(STATES.c.device, STATES.c.state, STATES.c.since)):
        since.setdefault(key, {})[state] = start
    rows_known = connection.execute(select(RECOGNISED.c.device, RECOGNISED.c.known))
    known = {key: from_json(Known, json.loads(text)) for key, text in rows_known}
    return settled(History(runs, seen, since, known), newest, declared)
