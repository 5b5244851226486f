"""Fixtures of the store: every test of it runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.database import Database
from tests.unit.inventory.stores import Place, Server, server


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
