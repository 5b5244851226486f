"""The store of a site: filled from run folders, never in their way; and the commands that read it."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from inventory.device import Declared, Device, Identifier, Link, Traits
from inventory.errors import ConfigError
from inventory.history import carried
from inventory.site import read_site
from inventory.snapshot import History, Snapshot
from inventory.store_place import STORE
from rules.finding import Assessment
from scanner import store
from scanner.cli import main
from scanner.runs import RUNS, write_json
from tests.unit.inventory.stores import PASSWORD, Server
from tests.unit.inventory.test_approval import INVENTORY, SITE
from tests.unit.inventory.visits import NAS, PHONE, TABLET, day, device, run_name, snapshot

BOX = "00:11:32:00:00:99"
OWNED = Declared("box", "router", "practice", "professional", macs=(BOX,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return site_folder(tmp_path)


def site_folder(path: Path, more: str = "") -> Path:
    (path / "site.yaml").write_text(SITE + more)
    (path / "inventory.yaml").write_text(INVENTORY)
    (path / "waivers.yaml").write_text("waivers: []\n")
    return path


def add_run(folder: Path, taken: Snapshot, *, judged: bool = True) -> Path:
    run = folder / RUNS / run_name(taken.taken_at)
    run.mkdir(parents=True)
    write_json(run / "snapshot.json", taken.to_json())
    if judged:
        assessment = Assessment(taken.taken_at, "0.1.0", "0" * 64, taken.site, (), (), (), (), (), ())
        write_json(run / "assessment.json", assessment.to_json())
    return run


def two_runs(folder: Path) -> None:
    first = snapshot(day(0), device(NAS, name="=cmd|' /C calc'!A0", updates="available"), device(BOX, declared=OWNED))
    add_run(folder, first)
    add_run(
        folder, snapshot(day(3), device(NAS), device(PHONE, category="phone", addresses=(12,)), history=carried(first))
    )


def listed(folder: Path, **options: bool) -> dict[str, tuple[datetime | None, datetime | None]]:
    warned: list[str] = []
    found = store.devices(folder, read_site(folder), warned.append, **options)
    assert warned == []
    return {item.id: (item.first, item.last) for item in found}


def test_made_from_run_folders_when_there_is_none(folder: Path) -> None:
    two_runs(folder)
    expected = {NAS: (day(0), day(3)), BOX: (day(0), day(0)), PHONE: (day(3), day(3))}
    assert listed(folder) == expected
    (folder / STORE).unlink()
    assert listed(folder) == expected
    assert listed(folder, rebuild=True) == expected


def test_it_outlives_the_run_folders(folder: Path) -> None:
    two_runs(folder)
    before = listed(folder)
    shutil.rmtree(folder / RUNS)
    assert listed(folder) == before
    assert listed(folder, rebuild=True) == before
    warned: list[str] = []
    history = store.history(folder, read_site(folder), warned.append)
    assert warned == []
    assert history.runs == 2
    assert history.since == {NAS: {"updates.available": day(0)}}


def test_a_run_that_was_not_judged_is_noted_all_the_same(folder: Path) -> None:
    add_run(folder, snapshot(day(0), device(NAS)), judged=False)
    assert NAS in listed(folder)


def test_a_run_folder_that_cannot_be_read_costs_itself_only(folder: Path) -> None:
    two_runs(folder)
    broken = folder / RUNS / run_name(day(1))
    broken.mkdir()
    (broken / "snapshot.json").write_text("{")
    warned: list[str] = []
    assert NAS in {item.id for item in store.devices(folder, read_site(folder), warned.append)}
    assert len(warned) == 1
    assert broken.name in warned[0]


def test_one_visit_with_a_wrong_clock_does_not_cost_the_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was noted while the clock was wrong, so nobody could know: everything else looked a year old, and went."""
    two_runs(folder)
    before, said = listed(folder), list[str]()
    wrong = day(500)
    run = add_run(folder, snapshot(wrong, device(NAS), history=History(3)))

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Ahead":
            return cls.fromtimestamp(wrong.timestamp(), tz)

    with monkeypatch.context() as patch:
        patch.setattr(store, "datetime", Ahead)
        store.keep_run(folder, said.append)
    assert "is the clock of this machine right?" in said[0]
    shutil.rmtree(run)
    add_run(folder, snapshot(day(4), device(NAS)))
    store.devices(folder, read_site(folder), said.append)
    assert "vigie devices --rebuild drops it" in said[-1]
    found = store.devices(folder, read_site(folder), said.append, rebuild=True)
    assert {item.id: item.first for item in found} == {key: first for key, (first, _) in before.items()}
    assert max(item.last for item in found if item.last) == day(4)
    assert {key: value[1] for key, value in listed(folder).items()} == {
        key: day(4) if key == NAS else last for key, (_, last) in before.items()
    }


def test_a_run_of_the_future_is_left_out(folder: Path) -> None:
    two_runs(folder)
    add_run(folder, snapshot(datetime.now(UTC).replace(microsecond=0) + timedelta(days=900), device(TABLET)))
    warned: list[str] = []
    assert TABLET not in {item.id for item in store.devices(folder, read_site(folder), warned.append)}
    assert "dated in the future" in warned[0]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    other = sqlite3.connect(folder / STORE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("trouble", ["locked", "damaged", "folder"])
def test_a_store_that_fails_costs_a_warning_and_not_the_run(
    folder: Path, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inventory.database.LOCK_S", 1)
    two_runs(folder)
    store.keep_run(folder, pytest.fail)
    last = carried(snapshot(day(3), device(NAS), device(PHONE, category="phone"), history=History(1)))
    add_run(folder, snapshot(day(4), device(NAS), history=last))
    warned: list[str] = []
    if trouble == "locked":
        with locked(folder):
            store.keep_run(folder, warned.append)
    else:
        (folder / STORE).unlink()
        (folder / STORE).write_bytes(b"x" * 9000) if trouble == "damaged" else (folder / STORE).mkdir()
        store.keep_run(folder, warned.append)
        history = store.history(folder, read_site(folder), warned.append)
        assert history.runs == 3  # as the last run folder says
        assert (history.seen or {})[NAS].last == day(4)
    assert warned
    assert all("\n" not in line and STORE in line for line in warned)


def test_a_damaged_store_is_set_aside_and_made_again(folder: Path) -> None:
    two_runs(folder)
    expected = listed(folder)
    (folder / STORE).write_bytes(b"x" * 9000)
    with pytest.raises(ConfigError, match="--rebuild"):
        listed(folder)
    warned: list[str] = []
    found = store.devices(folder, read_site(folder), warned.append, rebuild=True)
    assert {item.id for item in found} == set(expected)
    assert (folder / "vigie.damaged").read_bytes() == b"x" * 9000
    assert len(warned) == 1


@pytest.mark.parametrize("reference", ["env", "file"])
def test_at_a_postgresql_server(
    tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    monkeypatch.setenv("VIGIE_STORE", PASSWORD)
    (tmp_path / "word").write_text(PASSWORD + "\n", "utf-8")
    (tmp_path / "word").chmod(0o600)
    secret = {"env": "env:VIGIE_STORE", "file": "file:word"}[reference]
    place = f'url: "{postgres.url()}", password: "{secret}", schema: site_{reference}, keep: {{sightings_days: 2}}'
    folder = site_folder(tmp_path, f"store: {{{place}}}\n")
    two_runs(folder)
    store.keep_run(folder, pytest.fail)
    assert not (folder / STORE).exists()
    shutil.rmtree(folder / RUNS)
    found = {item.id: item for item in store.devices(folder, read_site(folder), pytest.fail)}
    assert (found[NAS].first, found[NAS].sightings) == (day(0), 1)  # the sighting of three days ago is purged
    assert store.history(folder, read_site(folder), pytest.fail).runs == 2


def test_a_password_that_is_nowhere_is_a_warning(tmp_path: Path, postgres: Server) -> None:
    place = f'store: {{url: "{postgres.url()}", password: "env:VIGIE_NOWHERE", schema: nowhere}}\n'
    folder = site_folder(tmp_path, place)
    two_runs(folder)
    warned: list[str] = []
    store.keep_run(folder, warned.append)
    assert warned == [
        "the run is kept, and not in the store: site.yaml: store/password: found env:VIGIE_NOWHERE is not set, "
        "expected a secret that can be read"
    ]


# --- the commands ---


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    return int(ended.value.code or 0)


def test_devices_as_json_csv_and_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_runs(folder)
    assert run("devices", folder, "--json") == 0
    found = {item["id"]: item for item in json.loads(capsys.readouterr().out)}
    assert set(found) == {NAS, BOX, PHONE}
    assert found[BOX]["declared"]["name"] == "box"
    assert found[NAS]["first"] == "2026-03-02T09:00:00Z"
    assert run("devices", folder, "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["id"] for row in rows] == [NAS, BOX, PHONE]  # by address
    assert run("devices", folder, "--lang", "en") == 0
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines[0].split()) == "Device Kind Whose Addresses MAC Maker First seen Last seen Present?"
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (["--unknown"], {NAS, PHONE}),
        (["--personal"], set()),
        (["--category", "phone"], {PHONE}),
        (["--category", "router"], {BOX}),
        (["--absent"], set()),
    ],
)
def test_filters(folder: Path, option: list[str], expected: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    two_runs(folder)
    assert run("devices", folder, "--json", *option) == 0
    assert {item["id"] for item in json.loads(capsys.readouterr().out)} == expected


def test_no_cell_begins_a_formula_and_nothing_reaches_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {NAS: "=cmd|' /C calc'!A0", TABLET: "\x1b]0;x\x07\u202egnp.exe", PHONE: "＝1+1", BOX: "[red]@x[/red]"}
    found = [device(mac, name=name, addresses=(number,)) for number, (mac, name) in enumerate(names.items(), 2)]
    add_run(folder, snapshot(day(0), *found))
    assert run("devices", folder, "--csv") == 0
    text = capsys.readouterr().out
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell.startswith(tuple("=+-@＝"))]
    assert run("devices", folder) == 0
    shown = capsys.readouterr().out
    for character in "\x1b\x07\u202e":
        assert character not in text + shown
    assert "gnp.exe" in shown


def test_approve_shows_what_it_wrote(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_runs(folder)
    words = ("--role", "nas", "--owner", "practice", "--use", "professional", "--name", "nas", "--until", "2099-12-31")
    assert run("approve", folder, NAS, *words) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith(("+", "-"))] == [
        "--- inventory.yaml",
        "+++ inventory.yaml",
        "+  - name: nas",
        f'+    macs: ["{NAS}"]',
        "+    role: nas",
        "+    owner: practice",
        "+    use: professional",
        '+    until: "2099-12-31"',
    ]
    assert run("devices", folder, "--unknown", "--json") == 0
    assert [item["id"] for item in json.loads(capsys.readouterr().out)] == [PHONE]
    assert run("approve", folder, NAS, *words) == 2
    assert "inventory.yaml:8: found 'nas' already declared so" in capsys.readouterr().err
    assert run("approve", folder, NAS, *words[:-1], "2099-06-30") == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line for line in shown[2:] if line.startswith(("+", "-"))] == [
        '-    until: "2099-12-31"',
        '+    until: "2099-06-30"',
    ]
    assert run("approve", folder, PHONE, *words[:6]) == 2
    assert "only a random MAC" in capsys.readouterr().err


def test_approve_says_whom_it_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A MAC that announced the one of the device, and nothing else makes it the device's."""
    traits = Traits((Identifier("mac", NAS), Identifier("mac", TABLET, announced=True)))
    links = (Link("mac", NAS, TABLET, NAS, announced=True),)
    add_run(folder, snapshot(day(0), replace(device(NAS, macs=(NAS, TABLET)), links=links, traits=traits)))
    assert run("approve", folder, NAS, "--role", "nas", "--owner", "practice", "--use", "professional") == 0
    shown = capsys.readouterr()
    assert TABLET not in shown.out
    assert f"{TABLET} was left out: only an announcement links it" in shown.err


def test_a_folder_that_may_only_be_read() -> None:
    """By somebody who is not its owner: read from the run folders, and nothing is left there."""
    folder = site_folder(Path(tempfile.mkdtemp(prefix="vigie-read-only-")))
    try:
        two_runs(folder)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        code = "import sys; from scanner.cli import main; main(sys.argv[1:])"
        command = [sys.executable, "-c", code, "devices", str(folder), "--json"]
        if os.geteuid() == 0:  # root, but bound to the rights of files like anybody
            command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
        root = Path(__file__).parents[3]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert {item["id"] for item in json.loads(done.stdout)} == {NAS, BOX, PHONE}
        assert "cannot be written" in done.stderr
        assert not list(folder.glob("vigie*"))
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(folder)


def test_a_name_is_not_needed_to_list_a_device(folder: Path) -> None:
    add_run(folder, snapshot(day(0), Device(id=NAS, network=device(NAS).network)))
    assert NAS in listed(folder)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE devices SET first = 'garbage'",
        "UPDATE runs SET taken_at = '2026-13-45 00:00:00'",
        "INSERT INTO recognised SELECT id, '{', 1, last FROM devices",
        "INSERT INTO recognised SELECT id, '{}', 1, last FROM devices",
        f"INSERT INTO recognised SELECT id, '{'[' * 100_000}', 1, last FROM devices",
    ],
    ids=["no time", "no month", "half a value", "no fields", "deep nesting"],
)
def test_a_value_that_nothing_of_ours_wrote_costs_a_warning_and_a_rebuild_heals_it(folder: Path, sql: str) -> None:
    two_runs(folder)
    whole = listed(folder)
    with closing(sqlite3.connect(folder / STORE)) as connection:
        connection.execute(sql)
        connection.commit()
    warned: list[str] = []
    found = store.history(folder, read_site(folder), warned.append)
    assert found.runs == 2
    assert [" damaged: " in line for line in warned] == [True]
    again = store.devices(folder, read_site(folder), warned.append, rebuild=True)
    assert {item.id: (item.first, item.last) for item in again} == whole
