"""Devices over time: noted in any order, twice, and forgotten again; on both databases."""

import csv
import io
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import select

from inventory.database import Database, metadata
from inventory.device import Classification, Declared, Device, Identifier, Link, Traits
from inventory.history import carried
from inventory.known import Known, known
from inventory.sightings import DEVICES, RUNS, SIGHTINGS, history, note, purge
from inventory.snapshot import History, Seen, Snapshot
from inventory.store_place import Keep
from reports.devices import as_csv, show
from tests.unit.inventory.visits import NAS, PHONE, TABLET, day, device, run_name, snapshot

DECLARED = Declared("nas", "nas", "practice", "professional", macs=(NAS,))
TODAY = date(2026, 11, 24)


def noted(store: Database, snapshots: Iterable[Snapshot], keep: Keep | None = None) -> None:
    for item in snapshots:
        with store.writing() as connection:
            note(connection, run_name(item.taken_at), item)
            if keep:
                purge(connection, keep)


def all_known(store: Database, *declared: Declared) -> dict[str, Known]:
    with store.reading() as connection:
        return {item.id: item for item in known(connection, declared, TODAY)}


def content(store: Database) -> dict[str, list[Any]]:
    with store.reading() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table)).all())) for name, table in metadata.tables.items()
        }


def year(seed: int) -> list[Snapshot]:
    """Visits of a practice where devices come and go, change address and ports, and history is carried on."""
    chance, history, result = random.Random(seed), History(), []
    for number in range(12):
        devices = [
            device(
                mac,
                addresses=(chance.randint(2, 250),),
                ports=chance.choice([None, (), (22,), (22, 445)]),
                updates=chance.choice([None, "available", "current"]),
                name=chance.choice(["a", "b"]),
            )
            for mac in (NAS, TABLET, PHONE)
            if chance.random() < 0.7
        ]
        result.append(snapshot(day(number * chance.choice([1, 20])), *devices, history=history))
        history = carried(result[-1])
    return sorted(result, key=lambda item: item.taken_at)


def test_first_and_last_and_what_was_seen_between(store: Database) -> None:
    noted(
        store,
        [snapshot(day(0), device(NAS, ports=(22, 445))), snapshot(day(3), device(NAS, ports=(22,), addresses=(11,)))],
    )
    found = all_known(store)[NAS]
    assert (found.first, found.last, found.sightings) == (day(0), day(3), 2)
    assert [(span.value, span.first, span.last) for span in found.addresses] == [
        ("192.168.10.11", day(3), day(3)),
        ("192.168.10.10", day(0), day(0)),
    ]
    assert found.current == ("192.168.10.11",)
    assert found.ports is not None
    assert found.looked == day(3)
    assert {span.value: span.last for span in found.ports} == {"tcp/22": day(3), "tcp/445": day(0)}


def test_never_looked_at_is_not_nothing_open(store: Database) -> None:
    noted(store, [snapshot(day(0), device(NAS, ports=None), device(TABLET, ports=()))])
    found = all_known(store)
    assert found[NAS].ports is None
    assert found[TABLET].ports == ()


@pytest.mark.parametrize("seed", range(4))
def test_the_same_run_twice_and_any_order_change_nothing(store: Database, seed: int) -> None:
    visits = year(seed)
    noted(store, visits)
    once = content(store)
    noted(store, visits)
    assert content(store) == once
    with store.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    random.Random(seed).shuffle(visits)
    noted(store, visits)
    assert content(store) == once


@pytest.mark.parametrize("seed", range(4))
def test_the_history_is_the_one_that_the_last_run_carries(store: Database, seed: int) -> None:
    visits = [item for item in year(seed) if all(one.id != PHONE for one in item.devices)]
    chained: list[Snapshot] = []
    for item in visits:
        before = carried(chained[-1]) if chained else History()
        chained.append(snapshot(item.taken_at, *item.devices, history=before))
    noted(store, chained)
    with store.reading() as connection:
        found = history(connection, (DECLARED,))
    wanted = carried(chained[-1], (DECLARED,))
    assert found.runs == wanted.runs
    assert dict(found.seen or {}) == dict(wanted.seen or {})
    assert dict(found.since or {}) == dict(wanted.since or {})


def test_a_run_folder_that_is_gone_takes_no_history_with_it(store: Database) -> None:
    noted(store, [snapshot(day(0), device(NAS, updates="available"))])
    # Its folder is removed; the next run starts from the store all the same.
    with store.reading() as connection:
        found = history(connection, (DECLARED,))
    assert found == History(1, {NAS: Seen(day(0), day(0))}, {NAS: {"updates.available": day(0)}})


def test_visitors_of_the_guest_network_are_counted_not_kept(store: Database) -> None:
    mine = Declared("portable", "workstation", "practice", "professional", macs=(TABLET,))
    visitors = [device(f"00:00:5e:00:53:{number:02x}", zone="guest") for number in range(3)]
    noted(store, [snapshot(day(0), *visitors, device(TABLET, zone="guest", declared=mine))])
    assert set(all_known(store)) == {TABLET}
    with store.reading() as connection:
        assert connection.execute(select(RUNS.c.guests)).scalars().all() == [3]


def test_declared_since_it_keeps_its_past(store: Database) -> None:
    first, second = "00:11:32:00:00:05", "00:11:32:00:00:04"
    declared = Declared("nas", "nas", "practice", "professional", macs=(first, second))
    noted(store, [snapshot(day(0), device(first)), snapshot(day(5), device(second))])
    assert set(all_known(store)) == {first, second}
    found = all_known(store, declared)
    assert set(found) == {second}
    assert (found[second].first, found[second].last, found[second].approved) == (day(0), day(5), True)


def test_met_since_with_one_more_socket_it_is_one_device(store: Database) -> None:
    first, lower = "00:11:32:00:00:05", "00:11:32:00:00:04"
    noted(store, [snapshot(day(0), device(first)), snapshot(day(1), device(lower, macs=(lower, first)))])
    found = all_known(store)
    assert set(found) == {lower}
    assert found[lower].first == day(0)


def test_a_parted_device_keeps_nothing_that_may_be_the_other_s(store: Database) -> None:
    """What stood before the other MAC was taken for it stays; until the next visit nobody says the rest."""
    declared = replace(DECLARED, not_same=(TABLET,))
    own = {"id": "declared:nas", "declared": DECLARED}
    both = device(NAS, macs=(NAS, TABLET), addresses=(10, 77), ports=(22, 8009), **own)
    noted(store, [snapshot(day(0), device(NAS, ports=(22,), **own)), snapshot(day(1), both)])
    item = next(item for item in all_known(store, declared).values() if item.declared)
    assert [span.value for span in (*item.macs, *item.addresses)] == [NAS, "192.168.10.10"]
    assert (item.vendor, item.ports) == (None, None)
    noted(store, [snapshot(day(2), device(NAS, ports=(22,), **own), device(TABLET, addresses=(77,)))])
    item = next(item for item in all_known(store, declared).values() if item.declared)
    assert (item.vendor, item.current, [span.value for span in item.ports or ()]) == (
        "Synology", ("192.168.10.10",), ["tcp/22"],
    )  # fmt: skip


def test_how_sure_a_category_is_travels(store: Database) -> None:
    guess = replace(device(TABLET), classification=Classification("phone", certain=False))
    noted(store, [snapshot(day(0), device(NAS), guess)])
    found = all_known(store)
    assert (found[NAS].certain, found[TABLET].certain) == (True, False)
    declared = replace(DECLARED, macs=(TABLET,))
    assert all_known(store, declared)[TABLET].certain
    page = io.StringIO()
    show(found.values(), Console(file=page))
    kinds = [line for line in page.getvalue().splitlines() if "Téléphone" in line or "NAS" in line]
    assert ["(probable)" in line for line in kinds] == ["Téléphone" in line for line in kinds] != []
    rows = {row["id"]: row["certain"] for row in csv.DictReader(io.StringIO(as_csv(found.values())))}
    assert rows == {NAS: "yes", TABLET: "no"}


def test_an_invented_mac_joins_nobody(store: Database) -> None:
    both = device(NAS, macs=(NAS, PHONE))
    noted(store, [snapshot(day(0), device(PHONE)), snapshot(day(1), both)])
    assert set(all_known(store)) == {NAS, PHONE}


def test_a_mac_that_only_an_announcement_joined_is_kept_apart(store: Database) -> None:
    link = Link("mac", NAS, TABLET, NAS, announced=True)
    proven = Traits((Identifier("mac", NAS), Identifier("mac", TABLET, announced=True)))
    joined = replace(device(NAS, macs=(NAS, TABLET)), links=(link,), traits=proven)
    noted(store, [snapshot(day(0), joined), snapshot(day(1), device(NAS), device(TABLET))])
    found = all_known(store)
    assert set(found) == {NAS, TABLET}
    assert [[span.value for span in spans] for spans in (found[NAS].macs, found[NAS].linked)] == [[NAS], [TABLET]]


def test_when_neither_proves_what_both_announce_no_mac_is_surely_its_own(store: Database) -> None:
    link = Link("serial", "2130abc008231", TABLET, NAS, announced=True)
    announced = Traits((Identifier("mac", NAS), Identifier("serial", "2130abc008231", announced=True)))
    noted(store, [snapshot(day(0), replace(device(NAS, macs=(NAS, TABLET)), links=(link,), traits=announced))])
    found = all_known(store)[NAS]
    assert (found.macs, {span.value for span in found.linked}) == ((), {NAS, TABLET})


@pytest.mark.parametrize("at", ["00:03:93:66:66:66", "f0:99:b6:66:66:66"])
def test_what_the_owner_parted_is_a_device_of_its_own(store: Database, at: str) -> None:
    """Whether joined by proof or by word, and whichever id sorts first."""
    noted(store, [snapshot(day(0), device(NAS, macs=(NAS, at))), snapshot(day(1), device(NAS), device(at))])
    found = all_known(store, replace(DECLARED, not_same=(at,)))
    assert set(found) == {NAS, at}
    assert found[at].declared is None
    assert [span.value for span in found[NAS].macs] == [NAS]


def test_an_approval_that_has_ended_is_told(store: Database) -> None:
    ended, lasting = (
        Declared("nas", "nas", "practice", "professional", macs=(NAS,), until=until)
        for until in (TODAY - timedelta(days=1), TODAY)
    )
    noted(store, [snapshot(day(0), device(NAS))])
    assert not all_known(store, ended)[NAS].approved
    assert all_known(store, lasting)[NAS].approved


def test_declared_and_never_met(store: Database) -> None:
    noted(store, [snapshot(day(0), device(TABLET))])
    found = all_known(store, DECLARED)[NAS]
    assert (found.presence, found.first, found.ports) == ("unseen", None, None)


def test_retention(store: Database) -> None:
    keep = Keep(sightings=timedelta(days=30), findings=timedelta(days=100))
    visits = [
        snapshot(day(0), device(NAS), device(PHONE), device(TABLET)),
        snapshot(day(90), device(NAS)),
        snapshot(day(120), device(NAS)),
    ]
    noted(store, visits, keep)
    with store.reading() as connection:
        assert connection.execute(select(RUNS.c.name).order_by(RUNS.c.name)).scalars().all() == [
            run_name(day(90)),
            run_name(day(120)),
        ]
        assert connection.execute(select(SIGHTINGS.c.run).order_by(SIGHTINGS.c.run)).scalars().all() == [
            run_name(day(90)),
            run_name(day(120)),
        ]
    found = all_known(store)
    assert set(found) == {NAS, TABLET}  # an invented MAC is forgotten with the sightings
    assert found[NAS].first == day(0)
    noted(store, [snapshot(day(400), device(NAS))], keep)
    assert set(all_known(store)) == {NAS}  # not met for a year


def test_a_flood_of_strangers_is_bounded(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.sightings.MAX_STRANGERS", 20)
    keep = Keep()
    for number in range(4):
        strangers = [device(f"00:00:5e:{number:02x}:53:{each:02x}") for each in range(15)]
        noted(store, [snapshot(day(number), *strangers, device(NAS, declared=DECLARED))], keep)
    noted(store, [snapshot(day(9))], keep)
    with store.reading() as connection:
        ids = set(connection.execute(select(DEVICES.c.id)).scalars())
    assert len(ids) == 21
    assert NAS in ids


def test_hostile_names_are_harmless(store: Database) -> None:
    name = "'; DROP TABLE devices; --\x00\x1b[2J\ud800" + "é" * 400
    noted(store, [snapshot(day(0), Device(id=NAS, name=name, network=device(NAS).network))])
    found = all_known(store)[NAS].name
    assert found.startswith("'; DROP TABLE devices; --")
    assert "\x1b" not in found
    assert len(found) <= 256


@pytest.mark.parametrize(
    ("category", "away", "expected"),
    [
        ("nas", 0.0, "present"),
        ("nas", 0.02, "quiet"),  # one run of a few minutes ago
        ("nas", 0.9, "quiet"),
        ("nas", 1.5, "absent"),
        ("tablet", 1.5, "quiet"),  # it sleeps
        ("tablet", 6.5, "quiet"),
        ("tablet", 8.0, "absent"),
    ],
)
def test_who_sleeps_does_not_flap(store: Database, category: str, away: float, expected: str) -> None:
    """A run every 20 minutes for ten days, the last `away` days without the device."""
    looks = [day(number / 72) for number in range(720)]
    gone = looks[-1] - timedelta(days=away)
    last = max(at for at in looks if at <= gone)
    with store.writing() as connection:
        for at in looks:
            row = {"name": run_name(at), "taken_at": at, "number": 1, "guests": 0}
            connection.execute(RUNS.insert(), row)
            connection.execute(metadata.tables["sweeps"].insert(), {"run": run_name(at), "network": "192.168.10.0/24"})
        note(connection, run_name(last), snapshot(last, device(NAS, category=category)))
    assert all_known(store)[NAS].presence == expected


def test_a_quarterly_visit_that_misses_it_is_enough(store: Database) -> None:
    noted(store, [snapshot(day(0), device(TABLET, category="tablet")), snapshot(day(90))])
    assert all_known(store)[TABLET].presence == "absent"


def test_where_nobody_looked_nobody_is_absent(store: Database) -> None:
    noted(store, [snapshot(day(0), device(NAS)), snapshot(day(90), swept=False)])
    assert all_known(store)[NAS].presence == "present"
