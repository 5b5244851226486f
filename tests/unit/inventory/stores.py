"""Both databases for the tests of the store: SQLite in a file, and a real PostgreSQL on a unix socket, from Debian."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inventory.database import Database, at_server, in_file

_SCHEMAS = itertools.count(1)
PASSWORD = "correct-horse-é"


def binaries() -> Path:
    """Where Debian keeps initdb: /usr/lib/postgresql/15/bin."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "the Debian package postgresql is needed (make lab-packages)"
    return found[-1].parent


class Server:
    """A PostgreSQL of our own, that nobody else can reach."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A program of PostgreSQL, as user postgres when we are root: it refuses to run as root."""
        command = [str(binaries() / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        # Into a file: pg_ctl leaves the server behind, which would hold a pipe open for ever.
        with (self.folder / "log.txt").open("a+") as log:
            done = subprocess.run(command, cwd=self.folder, stdout=log, stderr=log, text=True, timeout=120, check=False)
            log.seek(0)
            assert done.returncode == 0, log.read()
        return done

    def url(self, user: str = "vigie") -> str:
        return f"postgresql://{user}@/postgres?host={self.folder}"

    def sql(self, statement: str) -> None:
        self.run("psql", "-h", str(self.folder), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c", statement, "postgres")


@contextmanager
def server() -> Iterator[Server]:
    """A server with a user `vigie` who has to say a password."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-pg-"))  # pytest's folders cannot be entered by user postgres
    if os.geteuid() == 0:
        postgres = pwd.getpwnam("postgres")
        os.chown(folder, postgres.pw_uid, postgres.pw_gid)
    own = Server(folder)
    try:
        own.run(
            "initdb", "-D", str(own.data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync", "--locale=C"
        )
        (own.data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        own.run("pg_ctl", "-D", str(own.data), "-w", "-o", options, "start")
        try:
            own.sql(f"CREATE ROLE vigie LOGIN PASSWORD '{PASSWORD}'")
            own.sql("GRANT CREATE ON DATABASE postgres TO vigie")
            yield own
        finally:
            own.run("pg_ctl", "-D", str(own.data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Place:
    """Where a store is: may be opened more than once."""

    def __init__(self, folder: Path, postgres: Server | None) -> None:
        self.folder, self.postgres = folder, postgres
        self.schema = f"cabinet_{next(_SCHEMAS)}"

    def open(self) -> Database:
        if self.postgres is None:
            return in_file(self.folder)
        return at_server(self.postgres.url(), self.schema, PASSWORD)
