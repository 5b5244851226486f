"""The store of a site: opened where `site.yaml` says, filled from the run folders, which remain the record."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rules.history
from inventory import database, sightings
from inventory.database import Damaged, Database
from inventory.errors import ConfigError, ScannerError
from inventory.history import FORGET, carried
from inventory.known import Known, known
from inventory.site import Site, read_site
from inventory.snapshot import History
from inventory.store_place import STORE, Keep
from rules.finding import Assessment
from scanner import runs
from scanner.scope import local_day
from scanner.secret_store import SecretError, SecretStore

# A run dated later than this was made by a wrong clock: it would make everything else look old, and be purged.
AHEAD = timedelta(days=1)

Warn = Callable[[str], None]


@contextmanager
def opened(folder: Path, site: Site) -> Iterator[Database]:
    """The store of a site, every migration applied; ConfigError of one line when it cannot be."""
    store = _open(folder, site)
    try:
        yield store
    finally:
        store.close()


def _open(folder: Path, site: Site) -> Database:
    if site.store is None or site.store.url is None:
        return database.in_file(folder)
    password = None
    if site.store.password is not None:
        try:
            password = SecretStore(folder).secret(site.store.password)
        except SecretError as error:
            raise ConfigError("site.yaml", None, "store/password", str(error), "a secret that can be read") from error
    return database.at_server(site.store.url, site.store.schema or "", password)


def history(folder: Path, site: Site, warn: Warn) -> History:
    """What the next run starts from: of the store, which outlives run folders; of the last run when that fails."""
    try:
        with opened(folder, site) as store:
            caught_up(store, folder, site, warn)
            with store.reading() as connection:
                return sightings.history(connection, site.devices, _until())
    except ScannerError as error:
        warn(f"the store is left out: {error}")
        return carried(runs.previous(folder), site.devices)


def caught_up(store: Database, folder: Path, site: Site, warn: Warn, *, again: bool = False) -> int:
    """How many run folders were read into the store: those it lacks; `again` for all of them, oldest first."""
    keep, until = _keep(site), _until()
    with store.reading() as connection:
        held, newest = sightings.runs(connection, until)
    if ahead := sorted(name for name in held if (at := runs.named_at(name)) and at > until):
        if again and newest is not None:  # not when every run is ahead: then it is today's clock that is wrong
            with store.writing() as connection:
                sightings.forget_after(connection, until)
                rules.history.forget_after(connection, until)
        else:
            warn(f"the store holds {ahead[-1]}, dated in the future: vigie devices --rebuild drops it")
    forgotten = newest - keep.findings if newest and not again else None
    count = 0
    for name in runs.names(folder):
        at = runs.named_at(name)
        if at is None or (name in held and not again) or (forgotten is not None and at < forgotten):
            continue
        if at > until:
            warn(f"{name} is dated in the future, and is left out of the store")
            continue
        if newest is not None and not again and at - newest > FORGET:
            warn(f"{name} is more than a year after the run before it: is the clock of this machine right?")
        count += _noted(store, folder, name, keep, warn)
    return count


def _until() -> datetime:
    return datetime.now(UTC) + AHEAD


def _noted(store: Database, folder: Path, name: str, keep: Keep, warn: Warn) -> bool:
    """Whether a run folder could be read into the store."""
    try:
        snapshot, assessment = runs.snapshot_of(folder / runs.RUNS / name), _judged(folder / runs.RUNS / name)
    except ScannerError as error:
        warn(f"{name} is left out of the store: {error}")
        return False
    with store.writing() as connection:
        sightings.note(connection, name, snapshot)
        if assessment is not None:
            rules.history.note(connection, name, assessment)
        sightings.purge(connection, keep, _until())
        rules.history.purge(connection, keep, _until())
    return True


def _judged(run: Path) -> Assessment | None:
    """The assessment of a run, None where the visit could not be judged."""
    return runs.assessment_of(run) if os.path.lexists(run / "assessment.json") else None


def _keep(site: Site) -> Keep:
    return site.store.keep if site.store else Keep()


def keep_run(folder: Path, warn: Warn) -> None:
    """The run that was just made is in the store; a store that fails costs a warning, never the run."""
    try:
        site = read_site(folder)
        with opened(folder, site) as store:
            caught_up(store, folder, site, warn)
    except (ScannerError, OSError) as error:
        warn(f"the run is kept, and not in the store: {error}")


def devices(folder: Path, site: Site, warn: Warn, *, rebuild: bool = False) -> tuple[Known, ...]:
    """Every device of the practice over time, from the store, made from the run folders where it lacks them."""
    if rebuild:
        _set_aside(folder, site, warn)
    with _readable(folder, site, warn) as store:
        caught_up(store, folder, site, warn, again=rebuild)
        with store.reading() as connection:
            return known(connection, site.devices, local_day(datetime.now(UTC)))


@contextmanager
def _readable(folder: Path, site: Site, warn: Warn) -> Iterator[Database]:
    """The store, or one in memory where there is none and none can be written."""
    local = site.store is None or site.store.url is None
    if local and not (folder / STORE).exists() and not os.access(folder, os.W_OK):
        warn(f"{folder} cannot be written: read from the run folders, without a store")
        store = database.in_memory()
        try:
            yield store
        finally:
            store.close()
    else:
        with opened(folder, site) as store:
            yield store


def _set_aside(folder: Path, site: Site, warn: Warn) -> None:
    """A damaged store is moved out of the way; a whole one is kept: it may know runs whose folders are gone."""
    if site.store is not None and site.store.url is not None:
        return
    try:
        with opened(folder, site) as store:
            store.examine()
            with store.reading() as connection:  # every value, too: SQLite holds whatever somebody put there
                known(connection, site.devices, local_day(datetime.now(UTC)))
                sightings.history(connection, site.devices)
                sightings.runs(connection)
    except Damaged as error:
        path = folder / STORE
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        for log in ("-wal", "-shm"):
            path.with_name(path.name + log).unlink(missing_ok=True)
        warn(f"{error}; it is now {aside.name}")
