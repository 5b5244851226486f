"""A recorded OpenWrt router served by a real SSH server, and a TrueNAS by a real SNMP agent: the same again."""

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.evidence import Request
from scanner.platforms import truenas
from tests.truth import cases
from tests.unit.scanner import test_wire_ssh as real_ssh
from tests.unit.scanner.test_served import Served, again, agent, answered, assert_same

keys = real_ssh.keys
CASES = {case.name: case for case in cases()}


def test_a_router_that_runs_commands(keys: Path, tmp_path: Path) -> None:
    case = CASES["openwrt-eff-openwireless"]
    recorded = {answer.request: replace(answer, detail="") for answer in case.answers}
    assert_same(case, answered(recorded, case.name, keys, tmp_path))


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
        told = again(Served(None, port, times), asked, tmp_path)
    assert_same(case, told)
