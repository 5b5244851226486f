"""From announcements to facts: who is believed, who is followed, and what stays in doubt. And the door they pass."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from inventory.device import Declared, Device
from inventory.errors import ScopeError
from inventory.network import Network
from inventory.site import Site
from inventory.snapshot import Authorisation, Snapshot
from scanner import discover
from scanner.evidence import Evidence, Request
from scanner.gather import EVERYBODY
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.secret_store import SecretStore
from scanner.upnp_xml import spread
from tests.unit.scanner.sites import FRAGILE_MAC
from tests.unit.scanner.test_igd import FAULT, IGD, entry
from tests.unit.scanner.test_scan import LAN, Practice, site, visited
from tests.unit.scanner.wire_samples import PRINTER, ROUTER, address, found, heard, response, service

ROUTER_MAC, PRINTER_MAC, OTHER_MAC = "00:0d:b9:00:00:01", "00:80:77:00:00:01", "02:00:00:00:00:09"
DECLARED = (Declared("routeur", "router", "practice", "professional", macs=(ROUTER_MAC,)),)
URL = f"http://{ROUTER}:49152/rootDesc.xml"
DESCRIBED = f"description {URL}"
MAPPINGS = f"mappings WANIPConnection:1 http://{ROUTER}:49152/ctl/IP"
LIST = (
    "# GetGenericPortMappingEntry 0 200\n" + spread(entry().encode()) + "# GetGenericPortMappingEntry 1 500\n"
    + spread(FAULT.format(code=713).encode())
)  # fmt: skip


def description(control: str = "/ctl/IP") -> bytes:
    return spread(IGD.format(control=control, service="WANIPConnection:1", base="").encode()).encode()


class Announcing(Practice):
    """A practice whose devices announce themselves, and answer what they are asked by ask."""

    def __init__(self, present: dict[str, str], mdns: bytes, ssdp: bytes, asks: Mapping[str, bytes] = {}) -> None:
        super().__init__({LAN: present}, {("mdns", LAN): mdns, ("ssdp", LAN): ssdp})
        self.asks = asks

    def send(self, request: Request) -> Evidence:
        if request.source == "upnp" and request.ask in self.asks:
            self.asked.append(request)
            return Evidence(request, "done", NOW, self.asks[request.ask])
        return super().send(request)


NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
QUIET = heard()
GATEWAY = heard((ROUTER, 1900, found(URL, "urn:schemas-upnp-org:device:InternetGatewayDevice:1")))


def router_of(practice: Practice, where: Site | None = None) -> tuple[Device, Snapshot]:
    snapshot = visited(where or replace(site(*DECLARED), credentials=()), practice)
    return next(device for device in snapshot.devices if device.id == ROUTER_MAC), snapshot


def network(device: Device) -> Network:
    assert device.network is not None
    return device.network


def statuses(snapshot: Snapshot, source: str) -> list[str]:
    return [row.status for row in snapshot.coverage if row.source == source and row.device == ROUTER_MAC]


def test_mappings_are_facts_with_their_evidence() -> None:
    asks = {DESCRIBED: description(), MAPPINGS: LIST.encode()}
    router, snapshot = router_of(Announcing({ROUTER_MAC: ROUTER}, QUIET, GATEWAY, asks))
    upnp = network(router).upnp
    assert upnp is not None
    assert upnp.manufacturer == "Sagem"
    assert upnp.server == "Linux UPnP/1.1 MiniUPnPd/2.3.1"
    assert [item.external for item in upnp.mappings or ()] == ["tcp/5001"]
    assert snapshot.unread == ()
    place = snapshot.devices.index(router)
    source = snapshot.provenance[f"/devices/{place}/network/upnp/mappings/0"]
    assert source.evidence == Request("upnp", ROUTER, MAPPINGS).id
    assert LIST.splitlines()[(source.line or 0) - 1] == "<NewExternalPort>5001"
    assert router.classification is not None
    assert "upnp InternetGatewayDevice:1" in {clue.reason for clue in router.classification.clues}


@pytest.mark.parametrize("lost", [DESCRIBED, MAPPINGS])
def test_what_was_not_read_leaves_the_mappings_in_doubt(lost: str) -> None:
    asks = {DESCRIBED: description(), MAPPINGS: LIST.encode()}
    for body in (None, b"x"):
        left = {ask: body if ask == lost else answer for ask, answer in asks.items()}
        practice = Announcing({ROUTER_MAC: ROUTER}, QUIET, GATEWAY, {k: v for k, v in left.items() if v is not None})
        _, snapshot = router_of(practice)
        assert {line.fact for line in snapshot.unread} == {"network.upnp.mappings"}


def test_who_announces_nothing_is_not_asked_for_a_description() -> None:
    practice = Announcing({ROUTER_MAC: ROUTER}, QUIET, QUIET)
    _, snapshot = router_of(practice)
    assert practice.questions("upnp") == []
    assert statuses(snapshot, "upnp") == ["silent"]


@pytest.mark.parametrize(
    "url",
    [f"http://{PRINTER}/d.xml", "http://127.0.0.1/", "http://192.168.10.250:22/", f"https://{ROUTER}/", f"http://{ROUTER}:9100/",
     "file:///etc/passwd", "http://example.com/"],
)  # fmt: skip
def test_an_invitation_elsewhere_is_not_followed(url: str) -> None:
    practice = Announcing({ROUTER_MAC: ROUTER, PRINTER_MAC: PRINTER}, QUIET, heard((ROUTER, 1900, found(url))))
    _, snapshot = router_of(practice)
    assert practice.questions("upnp") == []
    assert statuses(snapshot, "upnp") == ["not_asked"]


def test_an_invitation_elsewhere_beside_a_good_one_leaves_the_mappings_in_doubt() -> None:
    both = heard((ROUTER, 1900, found(f"http://{ROUTER}:49152/d.xml")), (ROUTER, 1900, found("http://[fe80::1]/d.xml")))
    asks = {f"description http://{ROUTER}:49152/d.xml": description("http://x/")}
    _, snapshot = router_of(Announcing({ROUTER_MAC: ROUTER}, QUIET, both, asks))
    assert any(line.text == "what it announces as its description is elsewhere" for line in snapshot.unread)


def test_four_descriptions_are_read_and_the_rest_is_doubt() -> None:
    many = heard(*((ROUTER, 1900, found(f"http://{ROUTER}:49152/{at}.xml")) for at in range(12)))
    asks = {f"description http://{ROUTER}:49152/{at}.xml": description("http://x/") for at in range(12)}
    practice = Announcing({ROUTER_MAC: ROUTER}, QUIET, many, asks)
    _, snapshot = router_of(practice)
    assert len(practice.questions("upnp")) == 4
    assert any("more than 4 descriptions" in line.text for line in snapshot.unread)


def test_announcements_are_their_senders_and_nobody_elses() -> None:
    said = heard(
        (PRINTER, 5353, response(*service("_ipp._tcp", "HL", "hl", 631), address("hl", PRINTER))),
        ("192.168.10.99", 5353, response(*service("_ssh._tcp", "ghost", "ghost"), address("ghost", "192.168.10.99"))),
        ("192.168.10.249", 5353, response(*service("_ssh._tcp", "out", "out"), address("out", "192.168.10.249"))),
        ("8.8.8.8", 5353, response(*service("_ssh._tcp", "far", "far"), address("far", "8.8.8.8"))),
    )
    # 192.168.10.249 is excluded by the site, although it spoke ARP.
    practice = Announcing({ROUTER_MAC: ROUTER, PRINTER_MAC: PRINTER, OTHER_MAC: "192.168.10.249"}, said, QUIET)
    _, snapshot = router_of(practice)
    announced = {device.id: network(device) for device in snapshot.devices if network(device).mdns}
    assert {mac: [item.kind for item in seen.mdns or ()] for mac, seen in announced.items()} == {
        PRINTER_MAC: ["_ipp._tcp"]
    }
    assert announced[PRINTER_MAC].hostname == "hl"
    assert next(device.name for device in snapshot.devices if device.id == PRINTER_MAC) == "hl"


def test_an_address_of_two_devices_is_nobodys() -> None:
    said = heard((ROUTER, 5353, response(*service("_ssh._tcp", "x", "x"), address("x", ROUTER))))
    practice = Announcing({ROUTER_MAC: ROUTER, OTHER_MAC: ROUTER}, said, GATEWAY)
    _, snapshot = router_of(practice)
    assert [device.id for device in snapshot.devices if network(device).mdns or network(device).upnp] == []
    assert practice.questions("upnp") == []


def test_a_clue_from_an_announcement_does_not_widen_what_is_asked() -> None:
    """An unknown device that calls itself a gateway gets what an unknown device gets."""
    practice = Announcing({OTHER_MAC: ROUTER}, QUIET, GATEWAY, {DESCRIBED: description()})
    visited(replace(site(), credentials=()), practice)
    assert {request.source for request in practice.asked} == {"vantage", "arp", "icmp", *EVERYBODY, "ports"}


def test_where_nobody_answers_arp_nobody_is_asked_by_multicast() -> None:
    practice = Announcing({}, QUIET, QUIET)
    visited(replace(site(), credentials=()), practice)
    assert {request.source for request in practice.asked} == {"vantage", "arp"}


@pytest.mark.parametrize("body", [b"", b"x"])
def test_an_unreadable_capture_costs_its_facts_only(body: bytes) -> None:
    practice = Announcing({ROUTER_MAC: ROUTER}, body, body)
    router, snapshot = router_of(practice)
    assert router.name == "routeur"
    rows = {row.source: row.status for row in snapshot.coverage if row.target == LAN}
    assert (rows["mdns"], rows["ssdp"]) == ("unreadable", "unreadable")
    assert statuses(snapshot, "upnp") == ["unreadable"]


class Cut(Announcing):
    """Somebody floods the network: what was heard until then is there, and the question failed."""

    def send(self, request: Request) -> Evidence:
        evidence = super().send(request)
        return replace(evidence, status="failed", detail="flood") if request.source in ("mdns", "ssdp") else evidence


def test_what_was_heard_before_a_flood_is_a_fact_in_doubt() -> None:
    said = heard((ROUTER, 5353, response(*service("_ssh._tcp", "x", "r"), address("r", ROUTER))))
    router, snapshot = router_of(
        Cut({ROUTER_MAC: ROUTER}, said, GATEWAY, {DESCRIBED: description(), MAPPINGS: LIST.encode()})
    )
    assert network(router).hostname == "r"
    assert {line.fact for line in snapshot.unread} == {"network.mdns", "network.upnp"}


# --- the door ---


@pytest.fixture
def live(tmp_path: Path) -> Live:
    today = datetime.now(UTC).date()
    authorised = replace(site(*DECLARED), credentials=(), authorisation=Authorisation("Titulaire", today, today))
    return Live(authorised, SecretStore(tmp_path), KnownHosts(tmp_path), no_trust)


@pytest.mark.parametrize("source", ["mdns", "ssdp"])
def test_multicast_goes_to_authorised_networks_only(live: Live, source: str) -> None:
    with pytest.raises(ScopeError):
        live.send(Request(source, "10.0.0.0/24", "browse"))  # type: ignore[arg-type]
    assert live.send(Request(source, LAN, "browse")).status == "off_link"  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "ask"), [("upnp", DESCRIBED), ("netbios", "status")])
def test_who_did_not_answer_arp_is_not_asked(live: Live, source: str, ask: str) -> None:
    assert live.send(Request(source, ROUTER, ask)).status == "excluded"  # type: ignore[arg-type]
    with pytest.raises(ScopeError):
        live.send(Request(source, "10.0.0.1", ask))  # type: ignore[arg-type]


@pytest.mark.parametrize("mac", [FRAGILE_MAC, OTHER_MAC, PRINTER_MAC])
def test_only_what_is_sturdy_for_sure_is_asked_by_upnp_and_netbios(live: Live, mac: str) -> None:
    where = IPv4Address("192.168.10.77")
    device = discover.met(site(*DECLARED), mac, [where], "professional", IPv4Network(LAN))
    assert device is not None
    assert not discover.probes_for(site(*DECLARED), device).sources & {"upnp", "netbios"}


def test_a_secret_in_a_capture_is_blanked_and_its_length_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_TEST_SECRET", "hunter2hunter2")
    store = SecretStore(tmp_path)
    store.secret("env:VIGIE_TEST_SECRET")
    body = heard((PRINTER, 5353, response(*service("_ipp._tcp", "p", "p", 1, "pw=hunter2hunter2"))))
    blanked = store.blanked(body)
    assert b"hunter2" not in blanked
    assert len(blanked) == len(body)
    assert store.blanked(heard((PRINTER, 1, b"nothing"))) == heard((PRINTER, 1, b"nothing"))
