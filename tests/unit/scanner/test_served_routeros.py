"""Exports of RouterOS, served by a real SSH server as a router answers one command, and recorded again: the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.evidence import Evidence, Request
from scanner.platforms import mikrotik_routeros
from tests.truth import Case, cases
from tests.unit.scanner import test_wire_ssh as real_ssh
from tests.unit.scanner.test_served import answered, assert_same

keys = real_ssh.keys
SERVED = ("mikrotik_routeros-951g-vpn", "mikrotik_routeros-rb5009-7.18.2")
CASES = {case.name: case for case in cases() if case.name in SERVED}
# RouterOS ends its lines like a terminal, and says on its one output what it does not understand; the status is 0.
UNKNOWN = b"bad command name package (line 1 column 9)\r\n"


def served(case: Case) -> dict[Request, Evidence]:
    """Every question of the platform, with what such a router would answer."""
    export = case.answers[0]
    said = export.body.replace(b"\n", b"\r\n")
    asks = {f"exec {command}": UNKNOWN for command in (mikrotik_routeros.UPDATES,)} | {export.request.ask: said}
    requests = {Request("ssh", export.request.target, ask): body for ask, body in asks.items()}
    return {request: replace(export, request=request, body=body, detail="") for request, body in requests.items()}


@pytest.mark.parametrize("name", SERVED)
def test_recording_what_an_export_serves_gives_the_same(name: str, keys: Path, tmp_path: Path) -> None:
    case = CASES[name]
    assert_same(case, answered(served(case), name, keys, tmp_path))
