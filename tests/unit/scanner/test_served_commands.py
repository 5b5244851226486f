"""A recorded OpenWrt router served by a real SSH server, and a TrueNAS by a real SNMP agent: the same again."""

from dataclasses import replace
from pathlib import Path

import pytest

from inventory.observation import Merged, attributed, merge
from scanner.evidence import Evidence, Request
from scanner.platforms import truenas
from scanner.transport import Recording, Replay
from tests.truth import Case, cases
from tests.unit.scanner import test_wire_ssh as real_ssh
from tests.unit.scanner.test_served import Served, agent, shell

keys = real_ssh.keys
CASES = {case.name: case for case in cases()}


def recorded_again(served: Served, requests: list[Request], folder: Path) -> list[Evidence]:
    again = Recording(served, folder)
    for request in requests:
        again.send(request)
    again.finish()
    return [Replay(folder).send(request) for request in requests]


def merged(case: Case, told: list[Evidence]) -> Merged:
    seen = ((item.id, case.platform.read(item)) for item in told)
    return merge(attributed(observation, name) for name, observation in seen if observation is not None)


def test_a_router_that_runs_commands(keys: Path, tmp_path: Path) -> None:
    case = CASES["openwrt-eff-openwireless"]
    recorded = {answer.request: replace(answer, detail="") for answer in case.answers}
    times = {request.id: answer.time for request, answer in recorded.items()}
    with shell(case.name, keys, recorded.items()) as session:
        told = recorded_again(Served(session, None, times), list(recorded), tmp_path)
    assert [(item.status, item.body) for item in told] == [("done", item.body) for item in recorded.values()]
    assert (merged(case, told).device, merged(case, told).unread) == (case.read().device, case.read().unread)


@pytest.mark.parametrize(("name", "roots"), [("truenas-snmp-11.3", truenas.SNMP)])
def test_an_agent_that_is_walked(name: str, roots: tuple[str, ...], tmp_path: Path) -> None:
    case = CASES[name]
    (whole,) = case.answers
    rows = {root: [row for row in whole.text.splitlines() if row.startswith(f"{root}.")] for root in roots}
    asked = {
        Request("snmp", whole.request.target, f"walk:{root}"): replace(whole, body="\n".join([*below, ""]).encode())
        for root, below in rows.items()
        if below
    }
    times = {request.id: whole.time for request in asked}
    with agent(name, asked.items()) as port:
        told = recorded_again(Served(None, port, times), list(asked), tmp_path)
    assert [(item.status, item.body) for item in told] == [("done", item.body) for item in asked.values()]
    assert asked
    found = merged(case, told).device.system
    expected = case.read().device.system
    assert found is not None
    assert expected is not None
    assert found.volumes == expected.volumes
