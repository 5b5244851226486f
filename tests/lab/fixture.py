"""The pytest side: one lab for the session, and what a test may ask of it.

The lab is a child process whose standard input is held open here; however pytest ends, the lab ends with it. When it
cannot be built the fixture fails and says what is missing; it never skips.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from tests.lab.__main__ import CHECKOUT, missing_prerequisite
from tests.lab.hosts import HOSTS, LAPTOP, Host
from tests.lab.site import write_site

Result = subprocess.CompletedProcess[str]
_SERVE = (sys.executable, "-m", "tests.lab", "serve")
_STOP_SECONDS = 10.0
# cd inside the new mount namespace: a working directory does not survive the change.
_IN_FOLDER = ("sh", "-c", 'cd "$1" && shift && exec "$@"', "sh")


@dataclass(frozen=True, slots=True)
class Lab:
    """A running lab as seen from the real machine."""

    server: subprocess.Popen[str]
    first: int  # pid, on the real machine, of the first process of the lab's pid namespace
    pids: Mapping[str, int]  # pids, inside that namespace, of a process in each host's namespaces
    environment: Mapping[str, str] = field(repr=False)
    hosts: tuple[Host, ...] = field(default=HOSTS, repr=False)

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        timeout: float = 60.0,
    ) -> Result:
        """`argv` run on the laptop, with the machine's own files; `env` is added to this process's and the secrets.

        Raises:
            subprocess.TimeoutExpired: it was still running; by then it is dead.
        """
        dropped = ["setpriv", f"--reuid={user}", f"--regid={_group(user)}", "--clear-groups", "--"] if user else []
        command = [*_IN_FOLDER, str(cwd or Path.cwd()), *dropped, *argv]
        return _finished(self._enter(LAPTOP.name, command), {**os.environ, **self.environment, **(env or {})}, timeout)

    def exec(self, host: str, argv: Sequence[str], *, timeout: float = 60.0) -> Result:
        """`argv` run on the device itself: its network and its files (programs of /usr, plain python3 included)."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
        return _finished(self._enter(host, [*_IN_FOLDER, "/", *argv]), env, timeout)

    def write_site(self, folder: Path) -> None:
        """The site folder of this practice, with this run's secrets."""
        write_site(folder, self.environment)

    @property
    def capture(self) -> Path:
        """A pcap of every frame on the LAN since the start; it grows while the lab lives and vanishes with it."""
        return self._path("VIGIE_LAB_CAPTURE")

    def sink_bytes(self) -> bytes:
        """What the printer's port 9100 received, all connections together."""
        return b"".join(bytes.fromhex(event["data"]) for event in self._sink_events())

    def sink_connections(self) -> list[str]:
        """The peers of each connection the printer's port 9100 accepted, in order."""
        return [event["peer"] for event in self._sink_events() if not event["data"]]

    def _sink_events(self) -> list[dict[str, Any]]:
        lines = self._path("VIGIE_LAB_SINK_LOG").read_text(encoding="ascii").splitlines()
        return [event for event in map(json.loads, lines) if event["port"] == 9100]

    def _path(self, variable: str) -> Path:
        """A path inside the lab's mount namespace, as the real machine reaches it."""
        return Path(f"/proc/{self.first}/root{self.environment[variable]}")

    def _enter(self, host: str, argv: Sequence[str]) -> list[str]:
        """First into the pid namespace, where `pids` mean something, then into the host's."""
        outer = ["nsenter", "--target", str(self.first), "--mount", "--pid", "--"]
        inner = ["nsenter", "--target", str(self.pids[host]), "--mount", "--net", "--uts", "--"]
        return [*outer, *inner, *argv]


def _finished(command: Sequence[str], env: Mapping[str, str], timeout: float) -> Result:
    """Like subprocess.run, but a time-out ends the whole process group: nsenter alone would leave its child."""
    with subprocess.Popen(
        command, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(timeout=timeout)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _group(user: str) -> str:
    return subprocess.run(["id", "--group", user], capture_output=True, text=True, check=True).stdout.strip()


def child_of(pid: int) -> int:
    """The only child of process `pid`.

    Raises:
        LookupError: it has none.
    """
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # 4242 (a name) S 17 …: the name may hold anything, so read from its last bracket.
            if int(status.read_text(errors="replace").rpartition(")")[2].split()[1]) == pid:
                return int(status.parent.name)
    raise LookupError(f"process {pid} has no child")


@contextlib.contextmanager
def started_lab() -> Iterator[Lab]:
    """A new lab, up and answering; gone at the end.

    Raises:
        RuntimeError: it could not be built; the text is the lab's own.
    """
    problem = missing_prerequisite()
    if problem:
        raise RuntimeError(f"tests.lab: {problem}")
    server = subprocess.Popen(
        _SERVE, cwd=CHECKOUT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise RuntimeError(_said(server.stderr))
        ready = json.loads(line)
        yield Lab(server, child_of(child_of(server.pid)), ready["pids"], ready["environment"])
    finally:
        stop(server)


def _said(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.read().strip() or "tests.lab: ended without a word"


def stop(server: subprocess.Popen[str]) -> None:
    """Close the pipes and wait; a server that is already dead is fine."""
    for stream in (server.stdin, server.stdout, server.stderr):
        if stream is not None:
            stream.close()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def settled_capture(lab: Lab, seconds: float = 0.3) -> bytes:
    """The pcap once it has not grown for `seconds`."""
    size = -1
    while size != (size := lab.capture.stat().st_size):
        time.sleep(seconds)
    return lab.capture.read_bytes()


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The practice LAN, the same one for all tests of the session."""
    with started_lab() as running:
        yield running
