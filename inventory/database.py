"""The store's engine and its migrations: SQLite beside the site by default, PostgreSQL by URL.

It knows no table: those live beside their types (`inventory/sightings.py`, `rules/history.py`), on `metadata`. Imported
late only: SQLAlchemy costs a third of a second.
"""

import os
import sqlite3
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    case,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool
from sqlalchemy.types import TypeDecorator

from inventory.errors import ConfigError, ParseError
from inventory.store_place import STORE
from inventory.text import clean

# Seconds to wait for another writer; a write takes well under one. Stops a forgotten lock from hanging a scan.
LOCK_S = 10
# Seconds for a PostgreSQL server to take a connection, and to end any one statement; stops a dead or hostile server.
CONNECT_S = 10
STATEMENT_S = 60
# Characters of a database's own words in an error.
MAX_CAUSE = 200

# SQLite's words for a file that is none of its own any more, and ours for what its examination finds.
_DAMAGE = ("malformed", "not a database", "damaged")

_MIGRATIONS = Path(__file__).parent / "migrations"
metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC, without an offset where the database has no room for it."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Damaged(ConfigError):
    """A store whose file is no longer one."""


class Database:
    """A store that is open, at the newest migration; every error of it is a ConfigError of one line."""

    def __init__(self, engine: Engine, name: str, schema: str | None = None, secret: str | None = None) -> None:
        self._engine, self.name, self._schema, self._secret = engine, name, schema, secret
        self._upgrade()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that waits for no writer."""
        with self._told(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of one writer at a time: a second one waits, at most LOCK_S; all of it stands, or nothing."""
        with self._told(), self._engine.execution_options(writes=True).begin() as connection:
            if self.dialect == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_S}s'"))
                key = zlib.crc32(f"vigie {self._schema}".encode())
                connection.execute(text(f"SELECT pg_advisory_xact_lock({key})"))
            yield connection

    def examine(self) -> None:
        """Nothing when SQLite finds its file whole; Damaged when it does not."""
        if self.dialect == "sqlite":
            with self.reading() as connection:
                said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if said != "ok":
                raise self._error(f"damaged: {said}")

    def close(self) -> None:
        """No connection left; SQLite then folds its log into the file."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._error(str(error.orig) if isinstance(error, DBAPIError) else str(error)) from error
        except sqlite3.Error as error:  # of the pragmas: SQLAlchemy has no part in those
            raise self._error(str(error)) from error
        except (
            ValueError,
            RecursionError,
            ParseError,
        ) as error:  # a value that nothing of ours wrote: SQLite takes any
            raise self._error(f"damaged: {error}") from error

    def _error(self, cause: str) -> ConfigError:
        words = clean(cause, MAX_CAUSE)
        if self._secret:
            words = words.replace(self._secret, "***")
        if any(sign in words for sign in _DAMAGE):
            expected = "a whole store (vigie devices SITE --rebuild makes it again from the run folders)"
            return Damaged(self.name, None, "", words, expected)
        return ConfigError(self.name, None, "", words, "a store that can be read and written")

    def _upgrade(self) -> None:
        """Every migration that it lacks; ConfigError when a newer Vigie wrote it."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        with self.reading() as connection:
            if self._schema and not _has_schema(connection, self._schema):
                heads: set[str] = set()
            else:
                heads = set(MigrationContext.configure(connection).get_current_heads())
        if heads == set(scripts.get_heads()):
            return
        if unknown := sorted(heads - {script.revision for script in scripts.walk_revisions()}):
            found = f"a store of a newer Vigie (migration {clean(unknown[0], 40)})"
            raise ConfigError(self.name, None, "", found, "this Vigie to be updated")
        with self.writing() as connection:
            if self._schema and not _has_schema(connection, self._schema):
                connection.execute(text(f'CREATE SCHEMA "{self._schema}"'))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise self._error(str(error)) from error


def _has_schema(connection: Connection, name: str) -> bool:
    # CREATE SCHEMA IF NOT EXISTS needs the right to create one even when it is there.
    row = connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": name})
    return row.first() is not None


def in_file(folder: Path) -> Database:
    """The store of a site folder, made when there is none, its owner's only; ConfigError when it cannot be."""
    path = folder / STORE
    try:
        _private(path)
    except OSError as error:
        raise ConfigError(str(path), None, "", error.strerror or "no file", "a store that can be written") from error
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": LOCK_S})
    return Database(_transactional(engine), str(path))


def in_memory() -> Database:
    """An empty store that is gone when the program ends."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    return Database(_transactional(engine), "memory")


def at_server(url: str, schema: str, password: str | None) -> Database:
    """The store at a PostgreSQL server, in a schema of its own: one server serves several practices."""
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        expected = "pip install 'vigie[postgresql]'"
        raise ConfigError("site.yaml", None, "store/url", "no PostgreSQL driver on this machine", expected) from error
    parsed = make_url(url).set(drivername="postgresql+psycopg", password=password)
    options = f"-csearch_path={schema} -cstatement_timeout={STATEMENT_S}s"
    arguments = {"connect_timeout": CONNECT_S, "options": options, "application_name": "vigie"}
    return Database(create_engine(parsed, connect_args=arguments), url, schema, password)


def _private(path: Path) -> None:
    """The file is there, regular, and nobody else's to read; SQLite gives its log the same rights."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    handle = os.open(path, flags, 0o600)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "something that is no regular file", str(path))
        if found.st_mode & 0o077:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def _transactional(engine: Engine) -> Engine:
    """Whole transactions, of migrations too: Python's sqlite3 begins none before CREATE TABLE unless it is told."""

    @event.listens_for(engine, "connect")
    def connected(raw: object, _entry: ConnectionPoolEntry) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined]
        cursor = raw.cursor()  # type: ignore[attr-defined]
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "trusted_schema = OFF", "synchronous = NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        # A transaction that only later wants to write would fail at once where another writer came first.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    change: Callable[[Any], Mapping[str, ColumnElement[Any]]],
    only: Callable[[Any], ColumnElement[bool]] | None = None,
) -> None:
    """The rows are in the table; one that was there by its key is changed as `change` says of the `excluded` row."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_=dict(change(statement.excluded)),
            where=None if only is None else only(statement.excluded),
        ),
        list(rows),
    )


def widened(table: Table) -> Callable[[Any], Mapping[str, ColumnElement[Any]]]:
    """The change that makes `first` and `last` span both the row that was there and the new one."""

    def change(new: Any) -> Mapping[str, ColumnElement[Any]]:  # noqa: ANN401 — a column collection
        return {
            "first": case((new.first < table.c.first, new.first), else_=table.c.first),
            "last": case((new.last > table.c.last, new.last), else_=table.c.last),
        }

    return change
