"""The dates of an authorisation are the practice's days: an hour past midnight in France is not yet that day in UTC."""

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from inventory.errors import ScopeError
from scanner.evidence import Request
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.scope import check_date, local_day
from scanner.secret_store import SecretStore
from tests.unit.scanner.sites import SITE

VIGIE = str(Path(sys.executable).parent / "vigie")
PARIS = "CET-1CEST,M3.5.0,M10.5.0/3"  # as POSIX writes it: no zone database is needed
ONE_DAY = dataclasses.replace(
    SITE, authorisation=dataclasses.replace(SITE.authorisation, start=date(2026, 11, 23), end=date(2026, 11, 23))
)
# Almost a day ahead: but for the first minute of UTC's day, it is tomorrow there.
AHEAD, OFFSET = "AHEAD-23:59", timezone(timedelta(hours=23, minutes=59))


@pytest.fixture
def stands(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this machine to another time zone."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-11-22T22:59:59Z", PARIS, 22),
        ("2026-11-22T23:00:00Z", PARIS, 23),
        ("2026-11-22T23:30:00Z", PARIS, 23),
        ("2026-11-23T22:59:59Z", PARIS, 23),
        ("2026-11-23T23:00:00Z", PARIS, 24),
        ("2026-07-22T22:00:00Z", PARIS, 23),  # summer
        ("2026-11-23T00:30:00Z", "UTC0", 23),
        ("2026-11-23T02:30:00Z", "AST4", 22),  # Martinique
        ("2026-11-22T20:30:00Z", "RET-4", 23),  # La Réunion
    ],
)
def test_a_day_is_where_the_machine_stands(stands: Callable[[str], None], moment: str, zone: str, day: int) -> None:
    stands(zone)
    assert local_day(datetime.fromisoformat(moment)).day == day


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-11-22T22:59:59Z", False),
        ("2026-11-22T23:30:00Z", True),  # 00:30 in France on the authorised day
        ("2026-11-23T22:59:59Z", True),
        ("2026-11-23T23:30:00Z", False),  # 00:30 in France on the day after
    ],
)
def test_the_authorised_day_begins_and_ends_at_midnight_in_france(
    stands: Callable[[str], None], moment: str, allowed: bool
) -> None:
    stands(PARIS)
    day = local_day(datetime.fromisoformat(moment))
    if allowed:
        check_date(ONE_DAY, day)
    else:
        with pytest.raises(ScopeError):
            check_date(ONE_DAY, day)


def test_the_door_judges_by_the_local_day(stands: Callable[[str], None], tmp_path: Path) -> None:
    stands(AHEAD)
    here = settled_day()

    def answers_on(day: date) -> bool:
        site = dataclasses.replace(SITE, authorisation=dataclasses.replace(SITE.authorisation, start=day, end=day))
        with Live(site, SecretStore(tmp_path), KnownHosts(tmp_path), no_trust) as live:
            try:
                live.send(Request("vantage", "local", "interfaces"))
            except ScopeError:
                return False
            return True

    assert answers_on(here)
    assert not answers_on(here - timedelta(days=1))


def test_init_and_scan_agree_on_the_day(tmp_path: Path) -> None:
    folder, here = tmp_path / "cabinet", settled_day()
    assert vigie("init", str(folder)).returncode == 0
    path = folder / "site.yaml"
    site = yaml.safe_load(path.read_text("utf-8"))
    assert (site["authorisation"]["from"], site["authorisation"]["until"]) == (str(here), str(here + timedelta(days=7)))
    site["authorisation"]["by"] = "Titulaire du cabinet"
    site["networks"] = [{"network": "10.98.7.0/29", "zone": "professional"}]  # on no interface: nothing is sent
    for first, refused in ((here, False), (here + timedelta(days=1), True)):
        site["authorisation"]["from"] = str(first)
        path.write_text(yaml.safe_dump(site), "utf-8")
        (folder / "inventory.yaml").write_text("devices: []\n")
        done = vigie("scan", str(folder))
        assert done.returncode == 2
        assert (f"authorised from {first} until" in done.stderr) is refused, done.stderr
        assert refused or "no interface in that network" in done.stderr


def vigie(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TZ": AHEAD}
    return subprocess.run([VIGIE, *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment)


def settled_day() -> date:
    """Today in the zone ahead, when it does not end within the test."""
    while (now := datetime.now(UTC).astimezone(OFFSET)).hour == 23 and now.minute >= 58:
        time.sleep(5)
    return now.date()
