"""What a person sees while a visit runs: the phase, each device, and the one question a host key raises. On stderr."""

import os
import select
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from inventory.text import clean

STOP_CHECK_S = 0.1  # seconds between two looks at whether the visit has been stopped
MAX_TYPED = 4096  # bytes of an answer, the longest line of a terminal; what is left would answer the next question


class Display:
    """A progress line per device on a terminal, one plain line per finished device otherwise."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[detail]}", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()  # four workers tell how far they are

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, phase: str, device: str, part: float) -> None:
        """A device, or a network, is this far in its phase."""
        label = clean(f"{phase} {device}", 60)
        with self._lock:
            if label not in self._tasks:
                self._tasks[label] = self._progress.add_task(label, total=1.0, detail="")
            task = self._tasks[label]
        self._progress.update(task, completed=part, detail="")
        if part >= 1.0 and not self._console.is_terminal:
            self._console.print(Text(label))

    def part(self, target: str, part: float) -> None:
        """The question now put to a device or network is this far: finer than a step, shown beside its bar."""
        with self._lock:
            found = (task for name, task in reversed(self._tasks.items()) if name.endswith(f" {clean(target, 60)}"))
            task = next(found, None)
        if task is not None:
            self._progress.update(task, detail=f"{part:.0%}")

    def confirm(self, device: str, fingerprint: str, stopped: Callable[[], bool], what: str = "SSH host key") -> bool:
        """Whether the person at the terminal accepts a host key or a certificate seen for the first time.

        False when nobody is there, and once `stopped()` is true: nobody need answer to a visit that is over.
        """
        if not sys.stdin.isatty():
            return False
        self._progress.stop()
        self._console.print(Text(f"{clean(device)}: first contact. Its {what} is {clean(fingerprint)}"))
        self._console.print(Text("Compare it with the one that the device itself shows. Accept it? [y/N] "), end="")
        answer = _typed(stopped)
        self._progress.start()
        return answer in ("y", "yes", "o", "oui")


def _typed(stopped: Callable[[], bool]) -> str:
    """The line that the person types; nothing once stopped."""
    while not stopped():
        if select.select([sys.stdin], [], [], STOP_CHECK_S)[0]:
            return os.read(sys.stdin.fileno(), MAX_TYPED).decode("utf-8", "replace").strip().lower()
    return ""
