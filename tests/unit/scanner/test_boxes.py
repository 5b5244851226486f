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
from inventory.observation import Merged, Observation, attributed, merge
from inventory.site import Credential
from inventory.storage import Relay, Share, SmbSettings
from inventory.system import Identity, Ntp, System, User
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
KEY = len(CANARIES[0])  # characters of each Wi-Fi key


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
            Admin("api", "wan", None, True),
            Admin("http", "lan", 80, False),
            Admin("http", "wan", 8095, False),
            Admin("https", "lan", 443, True),
            Admin("https", "wan", 8443, True),
        ),
        firewall=Firewall((InputChain("ipv6_firewall", "accept", "wan", True),)),
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
            Wifi("Cabinet", "phy0", True, "wpa2", False, True, KEY),
            Wifi("Cabinet", "phy1", False, "wpa/wpa2", False, False, KEY),
        ),
        interfaces=(
            Interface("lan", (IPv4Address("192.168.1.254"),), False), Interface("wan", (OUTER,), True),
        ),
        dhcp=(DhcpServer("lan", True, IPv4Address("192.168.1.20"), IPv4Address("192.168.1.200")),),
        shares=(Share("Freebox", "ftp", guest=True, writable=False), Share("Freebox", "smb", guest=False)),
        smb=SmbSettings(minimum_protocol="NT1"),
        relays=(Relay("ddns", True, "cabinet.example.com"),),
        leases=(Lease(NAS, "00:11:32:00:00:01", "nas", bound=True),),
    )  # fmt: skip


def test_livebox(orange: Visited) -> None:
    assert all(item.status == "done" for item in orange.evidence)
    assert orange.merged.unread == ()
    camera = {"source_filter": (IPv4Network("203.0.113.0/24"),), "comment": "Caméra", "enabled": False}
    assert orange.system == System(
        identity=Identity("Orange", "Livebox 5", "LK20123DP999999", firmware="SG50-fr-4.21.2.1", uptime_s=266400),
        admin=(Admin("http", "lan", 80, False), Admin("https", "wan", 8443, True, (IPv4Network("203.0.113.7"),))),
        users=(
            User("admin", administrator=True, enabled=True, factory=True),
            User("iotuser", administrator=False, enabled=True, factory=True),
        ),
        ntp=Ntp(True, ("ntp.example.com",)),
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
            Wifi("Livebox-1A2B", "wl0", True, "wpa2/wpa3", False, True, KEY, guest=False),
            Wifi("Livebox-1A2B", "wl1", False, "wpa2", False, False, KEY, guest=False),
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
            Wifi("Bbox-1A2B", "24", True, "wpa2", False, True, KEY, psk_factory=True),
            Wifi("Cabinet", "5", False, "wpa2/wpa3", False, True, KEY, psk_factory=False),
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
            Wifi("NEUF_0060", "wlan", True, "wpa/wpa2", False, psk_length=KEY),
            Wifi("NEUF_0060_5G", "wlan5", False, "wpa2", False, psk_length=KEY),
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


def told(platform: Platform, ask: str, body: str) -> Observation:
    """What the answer to the one question that ends so, or names so, is read as."""
    offer = api(platform)
    assert offer is not None
    (whole,) = [item for item in offer.asks if item.endswith(ask) or f'"{ask}"' in item]
    found = platform.read(Evidence(Request("api", "192.0.2.1", whole), "done", NOW, body.encode()))
    assert found is not None
    return found


def system(platform: Platform, ask: str, body: str) -> System:
    found = told(platform, ask, body)
    assert found.unread == ()
    return found.device.system or System()


def free_of(result: object) -> str:
    return json.dumps({"success": True, "result": result})


def test_a_freebox_without_ipv6_or_with_its_door_shut_tells_so() -> None:
    off = {"ipv6_enabled": False, "ipv6_firewall": False}
    assert system(freebox, "/connection/ipv6/config/", free_of(off)) == System()
    shut = {"ipv6_enabled": True, "ipv6_firewall": True}
    (chain,) = (system(freebox, "/connection/ipv6/config/", free_of(shut)).firewall or Firewall()).input or ()
    assert chain == InputChain("ipv6_firewall", "drop", "wan", True)
    assert told(freebox, "/connection/ipv6/config/", free_of({"ipv6_enabled": True})).unread
    for change in ({"enabled": False}, {"active": False}, {"id": "http"}):
        port = {"id": "https", "type": "tcp", "enabled": True, "active": True, "in_port": 443, **change}
        assert system(freebox, "/fw/incoming/", free_of([port])) == System()


@pytest.mark.parametrize(("state", "on"), [("phy_stopped", False), ("disabled", False), ("active", True)])
def test_a_network_of_a_radio_that_is_off_is_off(state: str, on: bool) -> None:
    (point,) = json.loads(FREEBOX["GET /api/v8/wifi/bss/"])["result"][:1]
    (wifi,) = system(freebox, "/wifi/bss/", free_of([{**point, "status": {"state": state}}])).wifi or ()
    assert wifi.enabled is on
    whole = json.loads(BBOX["GET /api/v1/wireless"])
    whole[0]["wireless"]["radio"]["24"]["enable"] = int(on)
    assert [item.enabled for item in system(bbox, "/wireless", json.dumps(whole)).wifi or ()] == [on, False]


def test_a_freebox_that_speaks_the_newer_smb_does_not_say_whether_it_speaks_the_older() -> None:
    said = json.loads(FREEBOX["GET /api/v8/netshare/samba/"])["result"]
    assert system(freebox, "/netshare/samba/", free_of(said)).smb == SmbSettings("NT1")
    for change in ({"smbv2_enabled": True}, {"file_share_enabled": False}, {"smbv2_enabled": None}):
        assert system(freebox, "/netshare/samba/", free_of({**said, **change})).smb is None


def test_names_of_a_livebox_are_in_doubt_when_none_is_kept_up_to_date() -> None:
    assert system(orange_livebox, "getGlobalEnable", '{"status": true}') == System()
    off = told(orange_livebox, "getGlobalEnable", '{"status": false}')
    assert [line.fact for line in off.unread] == ["system.relays"]
    assert [line.fact for line in told(orange_livebox, "getGlobalEnable", '{"status": {}}').unread] == ["system.relays"]


def test_a_name_of_a_livebox_that_is_switched_off_is_off() -> None:
    hosts = [{"hostname": "a.example.com", "enable": False}, {"hostname": "b.example.com"}]
    found = system(orange_livebox, "getHosts", json.dumps({"status": hosts}))
    assert found.relays == (Relay("ddns", False, "a.example.com"), Relay("ddns", True, "b.example.com"))
    (ask,) = (ask for ask in orange_livebox.API.asks if "getGlobalEnable" in ask)
    assert orange_livebox.DOUBTS[ask] == ("system.relays",)  # without it nobody knows


def test_a_livebox_without_a_time_server_tells_nothing_of_its_time() -> None:
    found = told(orange_livebox, "getNTPServers", '{"status": null, "data": {"servers": {"1": ""}}}')
    assert (found.device.system or System()).ntp is None
    assert found.lines == {}
    assert [line.fact for line in found.unread] == ["system.ntp"]


def test_a_livebox_from_the_internet_without_a_filter() -> None:
    """The answer of a Livebox 7, its remote access switched on."""
    said = {"SourcePrefix": "", "PortMode": "RANDOM", "Port": 0, "Protocol": "HTTPS", "Timeout": 0, "Enable": True}
    ways = system(orange_livebox, "RemoteAccess", json.dumps({"status": said})).admin or ()
    assert ways[1:] == (Admin("https", "wan", None, True),)
    plain = system(orange_livebox, "RemoteAccess", json.dumps({"status": {**said, "Protocol": "HTTP"}})).admin or ()
    assert plain[1:] == (Admin("http", "wan", None, False),)
    off = system(orange_livebox, "RemoteAccess", json.dumps({"status": {**said, "Enable": False}})).admin or ()
    assert off == (Admin("http", "lan", 80, False),)


def test_a_bbox_that_names_its_fields_otherwise() -> None:
    rule = {"id": 1, "enable": 1, "description": "NAS", "protocol": "tcp", "external_port": 45080,
            "internalip": "192.168.1.10", "internal_port": 443, "ipremote": ""}  # fmt: skip
    body = json.dumps([{"nat": {"enable": 1, "rules": [rule]}}])
    assert system(bbox, "/nat/rules", body).port_forwards == (
        PortForward("tcp/45080", NAS, "443", "wan", comment="NAS", enabled=True),
    )
    for said, relays in (
        ({"enable": 1, "hostname": "cabinet.example.com"}, (Relay("ddns", True, "cabinet.example.com"),)),
        ({"enable": 0, "hostname": "cabinet.example.com"}, (Relay("ddns", False, "cabinet.example.com"),)),
        ({"enable": 0, "hostname": ""}, ()), ({"enable": 1, "hostname": ""}, None),
    ):  # fmt: skip
        assert system(bbox, "/dyndns", json.dumps([{"dyndns": said}])).relays == relays


def test_an_sfr_box_whose_network_does_not_name_its_encryption() -> None:
    body = SFR["GET /api/1.0/?method=wlan.getInfo"]
    (wifi,) = system(sfr_box, "=wlan.getInfo", body.replace(' enc="WPA-WPA2-PSK"', "")).wifi or ()
    assert (wifi.ssid, wifi.security, wifi.enabled) == ("NEUF_0060", None, True)
    assert told(sfr_box, "=wlan.getInfo", body.replace("WPA-WPA2-PSK", "WPA9")).unread
