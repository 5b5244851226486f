"""The first process of the lab's pid namespace: it starts the builder, reaps, and ends everything by ending.

It holds the read end of a pipe whose other end only the process outside has (the lifeline). However that one ends,
the pipe closes and this one leaves; the kernel then kills every process here and drops every namespace and mount.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.hosts import LAPTOP, fresh_secrets
from tests.lab.lab import Lab, LabError

COULD_NOT_RUN = 125  # as in docker run: the lab failed, not the command
KILLED = 137


@dataclass(frozen=True, slots=True)
class Order:
    """What to do once the lab is up: run `argv` in the laptop, or (no `argv`) serve until the pipes close."""

    lifeline: int
    outer_network: str
    cwd: str
    site: str | None
    argv: Sequence[str]


def first_process(order: Order) -> int:
    """Exit status of the builder, all other children reaped meanwhile."""
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the command; a handler, unlike SIG_IGN, ends at exec
    _watch(order.lifeline)
    if not order.argv:
        _watch(sys.stdin.fileno())
    builder = os.fork()
    if builder == 0:
        os._exit(_built_and_run(order))
    while True:
        pid, status = os.wait()
        if pid == builder:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else KILLED


def _watch(descriptor: int) -> None:
    """Leave at once when `descriptor` reaches its end."""

    def leave_at_end() -> None:
        while os.read(descriptor, 4096):
            pass
        os._exit(KILLED)

    threading.Thread(target=leave_at_end, daemon=True).start()


def _built_and_run(order: Order) -> int:
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"], check=True)
        for name in ("netns", "lock"):
            Path("/run", name).mkdir()
        lab = Lab(fresh_secrets(), order.outer_network)
        lab.build()
        if order.site is not None:
            from tests.lab.site import write_site  # PyYAML only when asked for

            write_site(Path(order.cwd, order.site), lab.secrets)
    except (LabError, OSError, subprocess.SubprocessError) as error:
        print(f"tests.lab: {error}", file=sys.stderr, flush=True)
        return COULD_NOT_RUN
    return _run(lab, order) if order.argv else _serve(lab)


def _run(lab: Lab, order: Order) -> int:
    command = lab.command(LAPTOP.name, order.argv, order.cwd)
    code = subprocess.run(command, env={**os.environ, **lab.environment}, check=False).returncode
    return code if code >= 0 else 128 - code


def _serve(lab: Lab) -> int:
    """Say in one JSON line what there is, then wait to be ended. Pids are those of this pid namespace."""
    ready = {"pids": lab.pids, "environment": lab.environment}
    print(json.dumps(ready), flush=True)
    threading.Event().wait()
    return 0
