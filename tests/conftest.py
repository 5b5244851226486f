"""Fixtures of every test: the lab, on request; and a process that each test leaves as it found it."""

import os
import signal
from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.lab.fixture"]
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _process_as_it_was() -> Iterator[None]:
    """The command line sets the umask and the signal handlers of its process; in a test that is everybody's."""
    handlers = [signal.getsignal(number) for number in _SIGNALS]
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)
    for number, handler in zip(_SIGNALS, handlers, strict=True):
        signal.signal(number, handler)
