"""Configurations of VyOS and EdgeOS, served by a real SSH server and recorded again: the same text and facts."""

from dataclasses import replace
from pathlib import Path

import pytest

from inventory.observation import attributed, merge
from scanner.transport import Recording, Replay
from tests.truth import Case, cases
from tests.unit.scanner import test_wire_ssh as real_ssh
from tests.unit.scanner.test_served import Served, shell

keys = real_ssh.keys
SERVED = ("ubiquiti_edgerouter-comcast-poe", "vyos-oxidized-1.4.3")
CASES = {case.name: case for case in cases() if case.name in SERVED}


@pytest.mark.parametrize("name", SERVED)
def test_recording_what_a_configuration_serves_gives_the_same(name: str, keys: Path, tmp_path: Path) -> None:
    case: Case = CASES[name]
    recorded = {item.request: replace(item, detail="") for item in case.answers}
    with shell(name, keys, recorded.items()) as session:
        times = {request.id: item.time for request, item in recorded.items()}
        again = Recording(Served(session, None, times), tmp_path)
        for request in recorded:
            again.send(request)
        again.finish()
    told = [Replay(tmp_path).send(request) for request in recorded]
    assert [item.status for item in told] == ["done"] * len(told)
    assert [item.body for item in told] == [item.body for item in recorded.values()]
    seen = ((item.id, case.platform.read(item)) for item in told)
    merged = merge(attributed(observation, name) for name, observation in seen if observation is not None)
    assert merged.device == case.read().device
