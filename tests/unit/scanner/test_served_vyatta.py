"""Configurations of VyOS and EdgeOS, served by a real SSH server and recorded again: the same text and facts."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.truth import Case, cases
from tests.unit.scanner import test_wire_ssh as real_ssh
from tests.unit.scanner.test_served import answered, assert_same

keys = real_ssh.keys
SERVED = ("ubiquiti_edgerouter-comcast-poe", "vyos-oxidized-1.4.3")
CASES = {case.name: case for case in cases() if case.name in SERVED}


@pytest.mark.parametrize("name", SERVED)
def test_recording_what_a_configuration_serves_gives_the_same(name: str, keys: Path, tmp_path: Path) -> None:
    case: Case = CASES[name]
    recorded = {item.request: replace(item, detail="") for item in case.answers}
    assert_same(case, answered(recorded, name, keys, tmp_path))
