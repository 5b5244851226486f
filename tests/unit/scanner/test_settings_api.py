"""Which device is asked over its API, by which credential, and what an answer that failed leaves in doubt."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest

from inventory.device import Declared, Device
from inventory.network import HttpSeen, Network
from inventory.observation import Merged
from inventory.site import Credential
from scanner import settings
from scanner.asking import Asking
from scanner.evidence import Evidence, Request
from scanner.platforms import orange_livebox
from tests.unit.scanner.box_samples import LIVEBOX
from tests.unit.scanner.sites import SITE

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MAC = "a4:3e:51:00:00:01"
BOX = Declared("box", "router", "practice", "professional", macs=(MAC,))
HTTP = Credential("box", "http", ("box",), password="env:NOWHERE")
FORWARDS = next(ask for ask in LIVEBOX if "getPortForwarding" in ask)


class Line:
    """A device that answers these questions, and none else."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[Request] = []

    def send(self, request: Request) -> Evidence:
        self.asked.append(request)
        body = self.answers.get(request.ask)
        return Evidence(request, "silent" if body is None else "done", NOW, (body or "").encode())


def visit(line: Line, *credentials: Credential, title: str | None = "Livebox") -> Asking:
    site = replace(SITE, devices=(BOX,), credentials=credentials)
    asking = Asking(site, line, Device(id=MAC, declared=BOX), IPv4Address("192.168.10.1"))
    asking.seen.append(Merged(Device(network=Network(http=(HttpSeen(80, tls=False, title=title),))), {}))
    settings.api(asking)
    return asking


def test_a_box_is_asked_everything_once_with_the_credential_of_the_site() -> None:
    line = Line(dict(LIVEBOX))
    asked = visit(line, HTTP)
    assert [request.ask for request in line.asked] == list(orange_livebox.API.asks)
    assert {(request.source, request.credential) for request in line.asked} == {("api", "box")}
    assert {row.status for row in asked.coverage} == {"done"}
    system = asked.known.system
    assert system is not None
    assert system.platform == "orange_livebox"
    assert system.port_forwards is not None
    assert len(system.port_forwards) == 4


def test_half_a_list_is_in_doubt() -> None:
    asked = visit(Line({ask: said for ask, said in LIVEBOX.items() if ask != FORWARDS}), HTTP)
    doubts = [line for item in asked.seen for line in item.unread]
    assert [(line.fact, line.text) for line in doubts] == [("system.port_forwards", "not answered")]
    assert asked.known.system is not None
    assert asked.known.system.port_forwards is None


@pytest.mark.parametrize(
    ("credentials", "title", "noted"),
    [((), "Livebox", [("no_credential", "the site names none for this device")]),
     ((), "Imprimante", []),
     ((HTTP,), "Imprimante", [("unreadable", "no platform with an API recognised")]),
     ((replace(HTTP, devices=("autre",)),), "Livebox", [("no_credential", "the site names none for this device")]),
     ((replace(HTTP, kind="ssh"),), "Livebox", [("no_credential", "the site names none for this device")])],
)  # fmt: skip
def test_nobody_else_is_asked(credentials: tuple[Credential, ...], title: str, noted: list[tuple[str, str]]) -> None:
    line = Line(dict(LIVEBOX))
    asked = visit(line, *credentials, title=title)
    assert line.asked == []
    assert [(row.status, row.cause) for row in asked.coverage] == noted
