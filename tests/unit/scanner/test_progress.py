"""The one question a visit asks, at a real terminal."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scanner.progress import Display


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where a person types; standard input is the other end."""
    typed, read = os.openpty()
    with os.fdopen(read, encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        yield typed
    os.close(typed)


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [("y", True), ("Oui", True), (" yes ", True), ("", False), ("n", False), ("yes" * 99, False), ("\x04", False)],
)
def test_a_host_key_is_accepted_in_words_only(keyboard: int, typed: str, accepted: bool) -> None:
    os.write(keyboard, f"{typed}\n".encode())
    assert Display().confirm("nas", "SHA256:x", lambda: False) is accepted


def test_a_question_that_nobody_answers_ends_with_the_visit(keyboard: int) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(Display().confirm, "nas", "SHA256:x", stop.is_set)
        time.sleep(0.3)
        assert not asked.done()
        stop.set()
        assert asked.result(timeout=2) is False


def test_nobody_at_the_terminal_accepts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        assert Display().confirm("nas", "SHA256:x", lambda: False) is False


def test_many_workers_tell_how_far_they_are() -> None:
    display = Display()

    def told(worker: int) -> None:
        for number in range(200):
            display.step("visit", f"device {worker} {number}", 0.5)
            display.part(f"device {worker} {number}", 0.5)

    with display, ThreadPoolExecutor(8) as pool:
        list(pool.map(told, range(8)))
    assert len(display._tasks) == 1600
