"""The store opens, migrates, waits for others, and says in one line why it cannot."""

import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import inventory.sightings
import rules.history
from inventory import database
from inventory.database import Damaged, Database, at_server, in_file, metadata
from inventory.errors import ConfigError
from inventory.store_place import STORE
from tests.unit.inventory.stores import PASSWORD, Place, Server


def test_the_migrations_make_the_tables_that_the_code_knows(store: Database) -> None:
    tables = {inventory.sightings.DEVICES.name, rules.history.CHANGES.name}  # both modules have told theirs
    assert tables <= set(metadata.tables)
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_it_opens_again_and_changes_nothing(place: Place) -> None:
    place.open().close()
    again = place.open()
    with again.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0002"]
    again.close()


def test_a_store_of_a_newer_program_is_left_alone(place: Place) -> None:
    store = place.open()
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(
        ConfigError, match=r"a store of a newer Vigie .migration 9999., expected this Vigie to be updated"
    ):
        place.open()


def test_a_failed_write_leaves_nothing(store: Database) -> None:
    insert = text("INSERT INTO devices (id, first, last, randomised) VALUES ('a', '2026-01-01', '2026-01-01', false)")

    def half() -> None:
        with store.writing() as connection:
            connection.execute(insert)
            raise KeyError("half-way")

    with pytest.raises(KeyError, match="half-way"):
        half()
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM devices")).scalar() == 0


def test_two_that_open_a_new_store_at_once_both_get_it(place: Place) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            place.open().close()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_second_writer_waits_for_the_first(place: Place) -> None:
    one, two = place.open(), place.open()
    order: list[str] = []
    begun = threading.Event()

    def first() -> None:
        with one.writing() as connection:
            connection.execute(text("SELECT 1"))
            begun.set()
            time.sleep(0.5)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait(10)
    with two.reading() as connection:  # who only reads does not wait
        connection.execute(text("SELECT count(*) FROM runs"))
        order.append("reader")
    with two.writing() as connection:
        connection.execute(text("SELECT 1"))
        order.append("second")
    thread.join()
    one.close()
    two.close()
    assert order == ["reader", "first", "second"]


def test_a_store_that_stays_locked_is_told_in_one_line(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_S", 1)
    one, two = place.open(), place.open()
    with one.writing() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(ConfigError, match="lock") as raised, two.writing() as other:
            other.execute(text("SELECT 1"))
    assert "\n" not in str(raised.value)
    one.close()
    two.close()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = in_file(tmp_path)
        with store.writing() as connection:
            connection.execute(text("DELETE FROM runs"))
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys((STORE, f"{STORE}-wal", f"{STORE}-shm"), 0o600)


def test_rights_that_somebody_widened_are_narrowed(tmp_path: Path) -> None:
    in_file(tmp_path).close()
    (tmp_path / STORE).chmod(0o644)
    in_file(tmp_path).close()
    assert (tmp_path / STORE).stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("no_wait")
@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path, other = tmp_path / STORE, tmp_path / "other"
    if kind in ("link", "dangling"):
        path.symlink_to(other)
        if kind == "link":
            other.write_bytes(b"precious")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(ConfigError, match="a store that can be written"):
        in_file(tmp_path)
    assert other.exists() == (kind == "link")
    assert kind != "link" or other.read_bytes() == b"precious"


@pytest.mark.parametrize("damage", ["text", "middle"])
def test_a_damaged_file_is_told_in_one_line(tmp_path: Path, damage: str) -> None:
    store = in_file(tmp_path)
    with store.writing() as connection:
        for number in range(2000):
            connection.execute(
                text("INSERT INTO devices (id, first, last, randomised) VALUES (:id, :at, :at, false)"),
                {"id": f"device-{number}", "at": "2026-01-01 00:00:00.000000"},
            )
    store.close()
    path = tmp_path / STORE
    raw = bytearray(path.read_bytes())
    if damage == "text":
        raw[:] = b"not a database at all, but long enough to look like one" * 100
    else:
        raw[4096 * 3 : -4096] = b"\xaa" * (len(raw) - 4096 * 4)
    path.write_bytes(raw)
    with pytest.raises(Damaged, match="--rebuild makes it again") as raised:
        in_file(tmp_path).examine()
    assert "\n" not in str(raised.value)


def test_a_lock_of_another_program_is_waited_for(tmp_path: Path) -> None:
    in_file(tmp_path).close()
    other = sqlite3.connect(tmp_path / STORE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
    store = in_file(tmp_path)
    with store.writing() as connection:
        connection.execute(text("DELETE FROM runs"))
    store.close()
    other.close()


def test_practices_on_one_server_share_nothing(postgres: Server) -> None:
    one, two = (at_server(postgres.url(), name, PASSWORD) for name in ("apart_one", "apart_two"))
    with one.writing() as connection:
        connection.execute(text("INSERT INTO runs (name, taken_at, number, guests) VALUES ('a', now(), 1, 0)"))
    with two.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == 0
    one.close()
    two.close()


def test_a_wrong_password_is_refused_and_never_shown(postgres: Server) -> None:
    with pytest.raises(ConfigError, match="password authentication failed") as raised:
        at_server(postgres.url(), "x", "hunter2-hunter2")
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_server_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"postgresql://vigie@/x.*No such file") as raised:
        at_server(f"postgresql://vigie@/x?host={tmp_path}", "x", None)
    assert "\n" not in str(raised.value)
