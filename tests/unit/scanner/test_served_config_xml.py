"""A file of each maker, served by a real SSH server and recorded again: the same bytes, the same facts."""

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.evidence import Evidence, Request
from scanner.transport import BODIES, INDEX
from tests.truth import Case, cases
from tests.unit.scanner import test_served as served

keys = served.keys


class Answering:
    """The answers of a case, as a device at that address would have given them."""

    def __init__(self, case: Case, address: str) -> None:
        moved = (replace(answer, request=replace(answer.request, target=address), detail="") for answer in case.answers)
        self.answers = {answer.request.id: answer for answer in moved}

    def send(self, request: Request) -> Evidence:
        """The answer to the question."""
        return self.answers[request.id]


@pytest.mark.parametrize(
    ("name", "address"), [("opnsense-nano-24.7", "192.0.2.21"), ("pfsense-mullvad-2.4", "192.0.2.22")]
)
def test_a_file_that_is_served_is_recorded_again(name: str, address: str, keys: Path, tmp_path: Path) -> None:
    (case,) = (item for item in cases() if item.name == name)
    first, second = (tmp_path / folder for folder in ("first", "second"))
    device = Answering(case, address)
    moved = replace(case, answers=tuple(device.answers.values()))
    once = served.again(device, {answer.request: answer for answer in device.answers.values()}, first)
    told = served.answered({answer.request: answer for answer in once}, address, keys, second)
    assert (second / INDEX).read_text() == (first / INDEX).read_text()
    for body in (first / BODIES).iterdir():
        assert (second / BODIES / body.name).read_bytes() == body.read_bytes()
    served.assert_same(moved, told)
    assert moved.read().device == case.read().device
    assert served.merged(case.platform, told).device.system == case.system
