"""Fixtures of the unit tests."""

import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

import pytest


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
