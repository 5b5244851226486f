"""Fixtures of the unit tests."""

import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest

from inventory.database import Database
from tests.unit.inventory.stores import Place, Server, server


@pytest.fixture
def no_wait() -> Iterator[None]:
    """What hangs, on a planted pipe say, fails its test instead of stopping all of them."""

    def late(_number: int, _frame: FrameType | None) -> NoReturn:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


# --- the store: every test of it runs on SQLite and on PostgreSQL ---


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with server() as own:
        yield own


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, None if request.param == "sqlite" else request.getfixturevalue("postgres"))


@pytest.fixture
def store(place: Place) -> Iterator[Database]:
    database = place.open()
    yield database
    database.close()
