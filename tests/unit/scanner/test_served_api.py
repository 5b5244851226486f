"""A recording is a box: served over its own API, and visited through the door itself, it is recorded the same."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from inventory.device import Declared, Device
from inventory.network import HttpSeen, Network
from inventory.observation import Merged, attributed, merge
from inventory.site import Credential, Site
from inventory.snapshot import Authorisation
from scanner import settings
from scanner.asking import Asking
from scanner.evidence import Answer, Evidence, Request
from scanner.keeping import Keeping
from scanner.known_hosts import KnownHosts
from scanner.live import Live
from scanner.platforms import Platform, api, bbox, freebox, orange_livebox, qnap_qts, sfr_box, synology_dsm
from scanner.scope import local_day
from scanner.secret_store import SecretStore
from scanner.transport import BODIES, Recording, Replay, Transport, read_index
from scanner.wire.ssh import HostKey
from tests.truth import RECORDINGS
from tests.unit.scanner import documented
from tests.unit.scanner.box_protocols import LOGINS, PASSWORD, USER, Box
from tests.unit.scanner.box_samples import BBOX, CANARIES, FREEBOX, LIVEBOX, SFR
from tests.unit.scanner.box_servers import Asked, Server, Told, certificate, serving
from tests.unit.scanner.lan import ADDRESS, MAC, Lan, lan_with_one_host
from tests.unit.scanner.sites import SITE

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NAME, LOGIN = "boitier", "acces"
DECLARED = Declared(NAME, "router", "practice", "professional", macs=(MAC,))


def of_nas(folder: str) -> Mapping[str, str]:
    """The questions and answers of a recorded NAS."""
    truth = json.loads((RECORDINGS / folder / "truth.json").read_text("utf-8"))
    return {
        ask.removeprefix("api "): (RECORDINGS / folder / name).read_text("utf-8")
        for ask, name in truth["answers"].items()
    }


def of_dsm() -> Mapping[str, str]:
    """A recorded Synology, and of the rest what its documentation has."""
    named = {ask: ask.partition("api=")[2].partition("&")[0] for ask in synology_dsm.API.asks}
    rest = {ask: documented.dsm(name) for ask, name in named.items() if name in documented.DSM}
    return {**rest, **of_nas("synology_dsm-6-ds918")}


def page(title: str) -> Network:
    """What a box shows on the wire."""
    return Network(http=(HttpSeen(80, tls=False, title=title),))


# What it answers, by what it is recognised, and whether it has a certificate.
BOXES: dict[str, tuple[Platform, Mapping[str, str], Network, bool]] = {
    "freebox": (freebox, FREEBOX, page("Freebox OS"), True),
    "orange_livebox": (orange_livebox, LIVEBOX, page("Livebox"), False),
    "bbox": (bbox, BBOX, page("Bbox"), True),
    "sfr_box": (sfr_box, SFR, page("SFR Box"), False),
    "synology_dsm": (synology_dsm, of_dsm(), Network(vendor="Synology Incorporated"), True),
    "qnap_qts": (qnap_qts, of_nas("qnap_qts-ts-ec1280u-4.5.2"), page("QNAP Turbo NAS"), True),
}


class Answered:
    """What a box answers, as the door keeps it."""

    def __init__(self, platform: Platform, answers: Mapping[str, str]) -> None:
        offer = api(platform)
        assert offer is not None
        self.asks = [ask for ask in offer.asks if ask in answers]
        self._answers, self._keeping = answers, Keeping(SecretStore(Path()))

    def send(self, request: Request) -> Evidence:
        said = self._answers[request.ask]
        if said.lstrip().startswith(("{", "[")):  # a value a line
            said = json.dumps(json.loads(said), indent=1, ensure_ascii=False)
        return self._keeping.kept(request, Answer("done", said.encode()), NOW)


def recorded(transport: Transport, requests: list[Request], folder: Path) -> Path:
    """The recording of these questions."""
    recording = Recording(transport, folder)
    for request in requests:
        recording.send(request)
    recording.finish()
    return folder


def index(folder: Path) -> list[Mapping[str, object]]:
    """What was asked and how it was answered, without when."""
    return [{key: value for key, value in line.items() if key != "time"} for line in read_index(folder)]


def facts(platform: Platform, folder: Path, requests: list[Request]) -> Device:
    read = [(evidence, platform.read(evidence)) for evidence in map(Replay(folder).send, requests)]
    return merge(attributed(item, evidence.id) for evidence, item in read if item is not None).device


def practice(platform: Platform, folder: Path, server: Server, *, plain: bool) -> Site:
    """A site whose one device is the box."""
    (folder / "secret").write_text(PASSWORD)
    (folder / "secret").chmod(0o600)
    app = platform is freebox
    access = {"app_token": "file:secret"} if app else {"user": USER, "password": "file:secret"}
    credential = Credential(
        LOGIN, "freebox_app" if app else "http", (NAME,), port=server.port, plain=plain, **access,  # type: ignore[arg-type]
    )  # fmt: skip
    today = local_day(datetime.now(UTC))
    return dataclasses.replace(
        SITE, devices=(DECLARED,), credentials=(credential,), authorisation=Authorisation("Titulaire", today, today)
    )


def anyone(_device: Device, _key: HostKey) -> bool:
    return True


@contextmanager
def visiting(site: Site, folder: Path) -> Iterator[Live]:
    """The door itself, which has met the box."""
    with Live(site, SecretStore(folder), KnownHosts(folder), anyone) as live:
        assert live.send(Request("vantage", "local", "interfaces")).status == "done"
        swept = live.send(Request("arp", "192.168.10.0/24", "sweep"))
        assert swept.status == "done", swept.detail
        yield live


def asked(site: Site, live: Transport, shown: Network) -> Asking:
    """The box asked everything that its platform asks, as a visit does."""
    visit = Asking(site, live, Device(id=MAC, declared=DECLARED), IPv4Address(ADDRESS))
    visit.seen.append(Merged(Device(network=shown), {}))
    settings.api(visit)
    return visit


@pytest.fixture(scope="module")
def lan() -> Iterator[Lan]:
    with lan_with_one_host() as made:
        yield made


@pytest.mark.parametrize("name", BOXES)
def test_recording_what_a_recording_serves_gives_the_same_recording(name: str, lan: Lan, tmp_path: Path) -> None:
    platform, answers, shown, secured = BOXES[name]
    whole = Answered(platform, answers)
    requests = [Request("api", ADDRESS, ask, LOGIN) for ask in whole.asks]
    first = recorded(whole, requests, tmp_path / "first")
    kept = {request.ask: Replay(first).send(request).text for request in requests}
    offer = api(platform)
    assert offer is not None
    own = certificate(tmp_path, "box") if secured else None
    with lan.entered(), serving(LOGINS[offer.dialect](kept, PASSWORD), own, ADDRESS, lan.on_host) as server:
        site = practice(platform, tmp_path, server, plain=not secured)
        with visiting(site, tmp_path) as live:
            second = Recording(live, tmp_path / "second")
            visit = asked(site, second, shown)
            assert visit.known.system is not None, visit.coverage
            assert visit.known.system.platform == name
        second.finish()
        assert logins(server) == 1
    again = index(tmp_path / "second")
    whole_ids = {request.id for request in requests}
    assert [line for line in again if line["id"] in whole_ids] == index(first)
    assert {line["status"] for line in again if line["id"] not in whole_ids} <= {"refused"}
    for body in (tmp_path / "second" / BODIES).iterdir():
        assert body.read_bytes() == (first / BODIES / body.name).read_bytes()
    assert facts(platform, tmp_path / "second", requests) == facts(platform, first, requests)
    text = "".join(path.read_text() for path in (tmp_path / "second").rglob("*") if path.is_file())
    assert not [secret for secret in (*CANARIES, PASSWORD) if secret in text]


def logins(server: Server) -> int:
    """How often somebody tried to log in."""
    words = (
        "createContext",
        "/login/session/",
        "/api/v1/login",
        "checkToken",
        "POST /cgi-bin/authLogin",
        "method=login",
    )
    said = [f"{item.method} {item.path} {item.body.decode()}" for item in server.asked]
    return sum(any(word in line for word in words) for line in said)


Wrong = Callable[[Box], Box]


def refusing(box: Box) -> Box:
    """Another password than ours."""
    del box
    return LOGINS["livebox"](LIVEBOX, "un autre")


def locked(box: Box) -> Box:
    """Nobody is let in for a while."""
    del box
    said = b'{"status": null, "errors": [{"error": 13, "description": "User is temporarily blocked", "info": "admin"}]}'
    return lambda _: Told(429, said, (("Content-Type", "application/json"),))


def elsewhere(box: Box) -> Box:
    """It leads to another host once somebody is logged in."""

    def lead(asked: Asked) -> Told:
        if b"createContext" in asked.body:
            return box(asked)
        return Told(302, b"", (("Location", "http://192.168.10.77/ws"),))

    return lead


@pytest.mark.parametrize(
    ("wrong", "status"), [(refusing, "credential_refused"), (locked, "credential_refused"), (elsewhere, "refused")]
)
def test_a_box_that_does_not_answer_is_asked_once_and_nothing_is_known_of_it(
    wrong: Wrong, status: str, lan: Lan, tmp_path: Path
) -> None:
    box = wrong(LOGINS["livebox"](LIVEBOX, PASSWORD))
    with lan.entered(), serving(box, None, ADDRESS, lan.on_host) as server:
        site = practice(orange_livebox, tmp_path, server, plain=True)
        with visiting(site, tmp_path) as live:
            visit = asked(site, live, page("Livebox"))
        assert logins(server) == 1
    assert {row.status for row in visit.coverage} == {status}
    system = visit.known.system
    assert system is None or (system.port_forwards, system.users, system.identity) == (None, None, None)
