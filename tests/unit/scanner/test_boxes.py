"""Each operator's box from its login to its facts, against a server that speaks the documented protocol."""

import dataclasses
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from inventory.device import Declared, Device
from inventory.document import to_json
from inventory.gateway import (
    Admin,
    DhcpServer,
    Dmz,
    Dns,
    Firewall,
    InputChain,
    Interface,
    PortForward,
    Upnp,
    Vpn,
    Wifi,
)
from inventory.observation import Merged, attributed, merge
from inventory.site import Credential
from inventory.storage import Relay, Share
from inventory.system import Identity, System, User
from inventory.tables import Lease, NeighbourEntry
from scanner.evidence import Evidence, Request
from scanner.keeping import Keeping
from scanner.known_hosts import KnownHosts
from scanner.logins import Logins
from scanner.platforms import Platform, api, bbox, freebox, orange_livebox, sfr_box
from scanner.secret_store import SecretStore
from scanner.wire.api import KEY_TYPE
from scanner.wire.ssh import HostKey
from tests.unit.scanner.box_protocols import LOGINS, PASSWORD, TOKEN
from tests.unit.scanner.box_samples import BBOX, CANARIES, FREEBOX, LIVEBOX, SFR
from tests.unit.scanner.box_servers import Server, certificate, serving
from tests.unit.scanner.sites import SITE

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DEVICE = Device(id="14:0c:76:00:00:01", declared=Declared("box", "router", "practice", "professional"))
NAS, CAMERA, DMZ = (IPv4Address(f"192.168.1.{host}") for host in (10, 11, 50))
OUTER = IPv4Address("198.51.100.23")


class Visited:
    """What came of asking one box everything that its platform asks."""

    def __init__(self, server: Server, evidence: list[Evidence], merged: Merged, folder: Path) -> None:
        self.server, self.evidence, self.merged, self.folder = server, evidence, merged, folder

    @property
    def system(self) -> System:
        assert self.merged.device.system is not None
        return self.merged.device.system


def visited(platform: Platform, answers: Mapping[str, str], folder: Path, secured: Path | None) -> Visited:
    offer = api(platform)
    assert offer is not None
    (folder / "secret").write_text(PASSWORD)
    (folder / "secret").chmod(0o600)
    app = offer.dialect == "freebox"
    with serving(LOGINS[offer.dialect](answers, PASSWORD), secured) as server:
        credential = Credential(
            "acces", "freebox_app" if app else "http", ("box",), port=server.port, plain=secured is None,
            **({"app_token": "file:secret"} if app else {"password": "file:secret"}),  # type: ignore[arg-type]
        )  # fmt: skip
        secrets = SecretStore(folder)
        keeping = Keeping(secrets)
        site = dataclasses.replace(SITE, credentials=(credential,))
        logins = Logins(site, secrets, KnownHosts(folder), lambda *_: True, lambda: False)
        evidence = []
        for ask in offer.asks:
            request = Request("api", "127.0.0.1", ask, "acces")
            evidence.append(keeping.kept(request, logins.answer(request, DEVICE, "lo"), NOW))
        logins.close()
    seen = ((item, platform.read(item)) for item in evidence)
    merged = merge(attributed(read, item.id) for item, read in seen if read is not None)
    return Visited(server, evidence, merged, folder)


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> Visited:
    folder = tmp_path_factory.mktemp("freebox")
    return visited(freebox, FREEBOX, folder, certificate(folder, "box"))


@pytest.fixture(scope="module")
def orange(tmp_path_factory: pytest.TempPathFactory) -> Visited:
    return visited(orange_livebox, LIVEBOX, tmp_path_factory.mktemp("livebox"), None)


def test_freebox(free: Visited) -> None:
    assert all(item.status == "done" for item in free.evidence)
    assert free.merged.unread == ()
    assert free.system == System(
        identity=Identity("Free", "Freebox v7 (r1)", "876500T123456789", firmware="4.8.9", uptime_s=266400),
        admin=(
            Admin("http", "lan", 80, False),
            Admin("https", "lan", 443, True),
            Admin("http", "wan", 8095, False),
            Admin("api", "wan", None, True),
        ),
        users=(User("remplacante", administrator=False, role="vpn"),),
        port_forwards=(
            PortForward("tcp/5001", NAS, "5001", "wan", comment="Dossier patient", enabled=True),
            PortForward("tcp/8443", NAS, "443", "wan", origin="upnp", comment="NAS", enabled=True),
            PortForward("udp/50000-50010", CAMERA, "6000-6010", "wan", source_filter=(IPv4Network("203.0.113.7"),),
                        enabled=False),
        ),
        dmz=Dmz(True, DMZ),
        upnp=Upnp(True),
        vpn=(Vpn("openvpn", "openvpn_routed", False, True), Vpn("wireguard", "wireguard", True, True)),
        wifi=(
            Wifi("Cabinet", "phy0", True, "wpa2", False, True),
            Wifi("Cabinet", "phy1", False, "wpa/wpa2", False, False),
        ),
        interfaces=(
            Interface("lan", (IPv4Address("192.168.1.254"),), False), Interface("wan", (OUTER,), True),
        ),
        dhcp=(DhcpServer("lan", True, IPv4Address("192.168.1.20"), IPv4Address("192.168.1.200")),),
        shares=(Share("Freebox", "ftp", guest=True, writable=False), Share("Freebox", "smb", guest=False)),
        relays=(Relay("ddns", True, "cabinet.example.com"),),
        leases=(Lease(NAS, "00:11:32:00:00:01", "nas", bound=True),),
    )  # fmt: skip


def test_livebox(orange: Visited) -> None:
    assert all(item.status == "done" for item in orange.evidence)
    assert orange.merged.unread == ()
    camera = {"source_filter": (IPv4Network("203.0.113.0/24"),), "comment": "Caméra", "enabled": False}
    assert orange.system == System(
        identity=Identity("Orange", "Livebox 5", "LK20123DP999999", firmware="SG50-fr-4.21.2.1", uptime_s=266400),
        admin=(Admin("http", "lan", 80, False), Admin("https", "wan", 8443, True)),
        users=(User("admin", administrator=True, enabled=True, factory=True),),
        firewall=Firewall((InputChain("firewall Medium", "drop", "wan", False),)),
        port_forwards=(
            PortForward("tcp/5001", NAS, "5001", "wan", comment="NAS", enabled=True),
            PortForward("tcp/8000-8010", NAS, None, "wan", **camera),  # type: ignore[arg-type]
            PortForward("udp/8000-8010", NAS, None, "wan", **camera),  # type: ignore[arg-type]
            PortForward("udp/3074", NAS, "3074", "wan", origin="upnp", enabled=True),
        ),
        dmz=Dmz(True, DMZ),
        upnp=Upnp(True),
        wifi=(
            Wifi("Attente", "wlguest2", True, "open", False, False, guest=True),
            Wifi("Livebox-1A2B", "wl0", True, "wpa2/wpa3", False, True, guest=False),
            Wifi("Livebox-1A2B", "wl1", False, "wpa2", False, False, guest=False),
        ),
        interfaces=(Interface("lan", (IPv4Address("192.168.1.1"),), False), Interface("wan", (OUTER,), True)),
        dns=Dns(("80.10.246.2", "81.253.149.10")),
        dhcp=(DhcpServer("lan", True, IPv4Address("192.168.1.10"), IPv4Address("192.168.1.150")),),
        relays=(Relay("ddns", True, "cabinet.example.com"),),
    )


@pytest.fixture(scope="module")
def bouygues(tmp_path_factory: pytest.TempPathFactory) -> Visited:
    folder = tmp_path_factory.mktemp("bbox")
    return visited(bbox, BBOX, folder, certificate(folder, "box"))


@pytest.fixture(scope="module")
def sfr(tmp_path_factory: pytest.TempPathFactory) -> Visited:
    return visited(sfr_box, SFR, tmp_path_factory.mktemp("sfr"), None)


def test_bbox(bouygues: Visited) -> None:
    assert all(item.status == "done" for item in bouygues.evidence)
    assert bouygues.merged.unread == ()
    assert {item.headers["Host"].partition(":")[0] for item in bouygues.server.asked} == {"mabbox.bytel.fr"}
    filtered = (IPv4Network("203.0.113.7"),)
    assert bouygues.system == System(
        identity=Identity("Bouygues Telecom", "F@st5330b", "SN1234567890A", firmware="23.5.12", uptime_s=266400),
        admin=(Admin("https", "lan", 443, True), Admin("https", "wan", 8560, True, filtered)),
        firewall=Firewall((InputChain("firewall", "drop", "wan"),)),
        port_forwards=(
            PortForward("tcp/5001", NAS, "5001", "wan", comment="NAS", enabled=True),
            PortForward("tcp/8000-8010", NAS, None, "wan", source_filter=filtered, enabled=False),
            PortForward("udp/3074", NAS, "3074", "wan", origin="upnp", comment="NAS", enabled=True),
            PortForward("udp/8000-8010", NAS, None, "wan", source_filter=filtered, enabled=False),
        ),
        dmz=Dmz(False),
        upnp=Upnp(True),
        wifi=(
            Wifi("Bbox-1A2B", "24", True, "wpa2", False, True, psk_factory=True),
            Wifi("Cabinet", "5", False, "wpa2/wpa3", False, True, psk_factory=False),
        ),
        interfaces=(Interface("lan", (IPv4Address("192.168.1.254"),), False), Interface("wan", (OUTER,), True)),
        dns=Dns(("194.158.122.10", "194.158.122.15")),
        dhcp=(DhcpServer("lan", True, IPv4Address("192.168.1.2"), IPv4Address("192.168.1.253")),),
        relays=(Relay("ddns", True, "cabinet.example.com"),),
        leases=(Lease(NAS, "00:11:32:00:00:01", "nas", bound=True),),
    )


def test_sfr_box(sfr: Visited) -> None:
    assert all(item.status == "done" for item in sfr.evidence)
    assert sfr.merged.unread == ()
    firmware = "NB6VAC-MAIN-R4.0.45d"
    assert sfr.system == System(
        identity=Identity("SFR", "NB6VAC-FXC-r0", "XU1001931230001234", firmware=firmware, uptime_s=266400),
        wifi=(
            Wifi("NEUF_0060", "wlan", True, "wpa/wpa2", False), Wifi("NEUF_0060_5G", "wlan5", False, "wpa2", False),
        ),
        interfaces=(Interface("lan", (IPv4Address("192.168.1.1"),), False), Interface("wan", (OUTER,), True)),
        dhcp=(DhcpServer("lan", True, IPv4Address("192.168.1.20"), IPv4Address("192.168.1.100")),),
        relays=(Relay("ddns", True, "cabinet.example.com"),),
        neighbours=(
            NeighbourEntry("192.168.1.10", "00:11:32:00:00:01", "lan1", True),
            NeighbourEntry("192.168.1.22", "00:11:32:00:00:02", "wlan0", False),
        ),
    )  # fmt: skip


@pytest.fixture(params=["free", "orange", "bouygues", "sfr"])
def any_box(request: pytest.FixtureRequest) -> Visited:
    found: Visited = request.getfixturevalue(request.param)
    return found


def test_no_secret_is_kept(any_box: Visited, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kept = "\n".join(f"{item.request} {item.detail} {item.text}" for item in any_box.evidence)
    kept += str(to_json(any_box.merged.device)) + str(any_box.merged.unread) + caplog.text
    for secret in (*CANARIES, PASSWORD, TOKEN, "canari-biscuit", "12345670"):
        assert secret not in kept
    assert "REDACTED" in kept


def test_every_fact_quotes_its_line(any_box: Visited) -> None:
    bodies = {item.id: item.text.split("\n") for item in any_box.evidence}
    quoted = {at: source for at, source in any_box.merged.provenance.items() if source.line is not None}
    assert len(quoted) > 8
    for source in quoted.values():
        assert source.line is not None
        assert bodies[source.evidence][source.line - 1].strip() not in ("", "}", "]")


def test_only_one_login(any_box: Visited) -> None:
    words = ("createContext", "/login/session/", "/v1/login", "checkToken")
    asked = [f"{item.path} {item.body.decode()}" for item in any_box.server.asked]
    assert sum(any(word in line for word in words) for line in asked) == 1


def test_the_certificate_stands_beside_the_host_key(free: Visited) -> None:
    hosts = KnownHosts(free.folder)
    hosts.pin(DEVICE.id, HostKey("ssh-ed25519", b"key"))
    again = KnownHosts(free.folder)
    shown = again.pinned(DEVICE.id, certificate=True)
    assert shown is not None
    assert shown.key_type == KEY_TYPE
    assert again.pinned(DEVICE.id) == HostKey("ssh-ed25519", b"key")


@pytest.mark.parametrize(
    "ask",
    ["PUT /api/v8/fw/dmz/ {}", "GET /api/v8/system/reboot/", "POST /api/v8/system/reboot/", "GET /",
     'POST /ws {"service": "NMC", "method": "reboot", "parameters": {}}', "GET /api/v8/fw/dmz/ ",
     "DELETE /api/v8/fw/redir/1"],
)  # fmt: skip
def test_nothing_is_sent_that_no_platform_lists(ask: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PASSWORD)
    (tmp_path / "secret").chmod(0o600)
    with serving(LOGINS["freebox"]({}, PASSWORD), None) as server:
        credential = Credential("acces", "http", ("box",), password="file:secret", port=server.port, plain=True)
        site = dataclasses.replace(SITE, credentials=(credential,))
        logins = Logins(site, SecretStore(tmp_path), KnownHosts(tmp_path), lambda *_: True, lambda: False)
        assert logins.answer(Request("api", "127.0.0.1", ask, "acces"), DEVICE, "lo").status == "not_asked"
        assert server.asked == []


# Answers of each box that are none: what they would have told is unknown, never an empty list.
BAD = {
    "freebox": ['{"success": false, "error_code": "insufficient_rights"}', '{"success": true, "result": "x"}',
                '{"success": true, "result": [{}]}', '{"success": true, "result": {"enabled": "maybe"}}', "[]"],
    "orange_livebox": ['{"status": null, "errors": [{"error": 13}]}', '{"status": "x"}', '{"status": {"a": {}}}', "{}"],
    "bbox": ["[]", '[{"nat": {}}]', '[{"nat": {"rules": [{}]}}]', '{"exception": {}}',
             '[{"firewall": {"enable": "x"}}]'],
    "sfr_box": ['<rsp stat="fail"><err code="115"/></rsp>', '<rsp stat="ok"></rsp>', "<html><body/></html>", "<rsp",
                '<!DOCTYPE a><rsp stat="ok"><wlan/></rsp>'],
}  # fmt: skip


ANSWERS = {("GET /api/1.0/?method=lan.getHostsList", '<rsp stat="ok"></rsp>')}  # a box that knows nobody


@pytest.mark.parametrize("platform", [freebox, orange_livebox, bbox, sfr_box], ids=lambda platform: platform.ID)
def test_what_is_no_answer_is_unread(platform: Platform) -> None:
    offer = api(platform)
    assert offer is not None
    for body in ("", "Service Unavailable", "<!doctype html><title>Livebox</title>", "{", '{"a": 1', *BAD[platform.ID]):
        for ask in offer.asks:
            found = platform.read(Evidence(Request("api", "192.0.2.1", ask), "done", NOW, body.encode()))
            assert found is not None
            if (ask, body) not in ANSWERS:
                assert found.device.system is None, (ask, body)
                assert found.unread, (ask, body)


@pytest.mark.parametrize("body", ["", "<!doctype html>", '{"success": false}', '{"status": null}', "[]", "{"])
@pytest.mark.parametrize("platform", [freebox, orange_livebox, bbox], ids=lambda platform: platform.ID)
def test_an_answer_that_is_none_tells_nothing(platform: Platform, body: str) -> None:
    offer = api(platform)
    assert offer is not None
    for ask in offer.asks:
        found = platform.read(Evidence(Request("api", "192.0.2.1", ask), "done", NOW, body.encode()))
        assert found is not None
        assert found.device.system is None
        assert found.unread


def test_an_empty_list_of_a_freebox_is_none_and_no_silence() -> None:
    for path, fact in (("/fw/redir/", "port_forwards"), ("/vpn/user/", "users"), ("/dhcp/dynamic_lease/", "leases")):
        request = Request("api", "192.0.2.1", f"GET /api/v8{path}")
        found = freebox.read(Evidence(request, "done", NOW, b'{"success": true}'))
        assert found is not None
        assert getattr(found.device.system, fact) == ()


@pytest.mark.parametrize(
    "change",
    [{"lan_ip": "dentiste"}, {"wan_port_start": 0}, {"ip_proto": "gre"}, {"wan_port_start": 70},
     {"src_ip": "nobody"}, {"enabled": "sometimes"}, {"lan_port": "http"}],
)  # fmt: skip
def test_a_forward_that_cannot_be_read_costs_only_itself(change: dict[str, object]) -> None:
    good = {"ip_proto": "tcp", "lan_ip": "192.168.1.9", "lan_port": 80, "wan_port_start": 60, "wan_port_end": 60,
            "src_ip": "0.0.0.0", "enabled": True}  # fmt: skip
    rules = [good, {**good, "wan_port_end": 65, **change}]
    body = json.dumps({"success": True, "result": rules}, indent=1)
    found = freebox.read(Evidence(Request("api", "192.0.2.1", "GET /api/v8/fw/redir/"), "done", NOW, body.encode()))
    assert found is not None
    assert found.device.system is not None
    assert [item.external for item in found.device.system.port_forwards or ()] == ["tcp/60"]
    assert [line.fact for line in found.unread] == ["system.port_forwards"]
