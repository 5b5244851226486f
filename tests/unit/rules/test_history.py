"""Findings over time: since when each verdict stands, whatever the order in which runs are noted."""

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from inventory.database import Database, in_memory
from inventory.snapshot import Profile, SiteFacts
from inventory.store_place import Keep
from rules.finding import Assessment, Finding, Severity, Verdict
from rules.history import ASSESSMENTS, CHANGES, Standing, note, purge, standing
from tests.unit.inventory.visits import day, run_name

SITE = SiteFacts("Cabinet", Profile("group", "shared", "local"), 2, (), True)
SEVERITY: Severity = "high"
# What one rule said of one NAS on each day; None: it said nothing.
VERDICTS: tuple[Verdict | None, ...] = ("fail", "fail", None, "pass", "pass", "fail", "unknown", None, None, "pass")


def assessment(moment: datetime, **verdicts: Verdict | None) -> Assessment:
    rows = tuple(
        Finding(f"ANS-{name}", "00:11:32:00:00:01", verdict, SEVERITY) for name, verdict in verdicts.items() if verdict
    )
    return Assessment(moment, "0.1.0", "0" * 64, SITE, (), (), rows, (), (), ())


def noted(store: Database, *assessments: Assessment) -> None:
    for item in assessments:
        with store.writing() as connection:
            note(connection, run_name(item.taken_at), item)


def lines(store: Database) -> list[tuple[str, datetime, str | None]]:
    with store.reading() as connection:
        rows = connection.execute(select(CHANGES).order_by(CHANGES.c.rule, CHANGES.c.at))
        return [(row.rule, row.at, row.verdict) for row in rows]


def test_only_changes_are_kept() -> None:
    store = in_memory()
    noted(store, *(assessment(day(number), a=verdict) for number, verdict in enumerate(VERDICTS)))
    assert lines(store) == [
        ("ANS-a", day(0), "fail"),
        ("ANS-a", day(2), None),
        ("ANS-a", day(3), "pass"),
        ("ANS-a", day(5), "fail"),
        ("ANS-a", day(6), "unknown"),
        ("ANS-a", day(7), None),
        ("ANS-a", day(9), "pass"),
    ]
    with store.reading() as connection:
        assert standing(connection) == (Standing("ANS-a", "00:11:32:00:00:01", "", "pass", "high", day(9)),)


@pytest.mark.parametrize("seed", range(20))
def test_any_order_and_twice_gives_the_same(seed: int) -> None:
    chance = random.Random(seed)
    words: tuple[Verdict | None, ...] = ("fail", "pass", "unknown", None)
    runs = [assessment(day(number), a=chance.choice(words), b=chance.choice(words)) for number in range(8)]
    straight, mixed = in_memory(), in_memory()
    noted(straight, *runs)
    chance.shuffle(runs)
    noted(mixed, *runs, *chance.sample(runs, 3))
    assert lines(mixed) == lines(straight)


def test_what_is_old_goes_and_what_stands_stays() -> None:
    store = in_memory()
    noted(
        store,
        assessment(day(0), a="fail", b="fail", c="fail"),
        assessment(day(10), a="fail", b="pass"),
        assessment(day(400), a="fail", b="pass"),
    )
    with store.writing() as connection:
        purge(connection, Keep(findings=timedelta(days=366)))
    assert lines(store) == [("ANS-a", day(0), "fail"), ("ANS-b", day(10), "pass")]
    with store.reading() as connection:
        assert connection.execute(select(ASSESSMENTS.c.run)).scalars().all() == [run_name(day(400))]
        assert {row.rule: row.since for row in standing(connection)} == {"ANS-a": day(0), "ANS-b": day(10)}


def test_on_postgresql_too(store: Database) -> None:
    runs = [assessment(day(number), a=verdict) for number, verdict in enumerate(VERDICTS)]
    noted(store, *reversed(runs), *runs)
    reference = in_memory()
    noted(reference, *runs)
    assert lines(store) == lines(reference)
