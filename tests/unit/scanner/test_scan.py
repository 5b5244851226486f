"""From what devices answer to a snapshot: what is asked of whom, and which answers are one device's."""

import io
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

import dpkt
import pytest

from inventory.device import Declared
from inventory.network import Port
from inventory.site import Credential, Site, SiteNetwork
from inventory.snapshot import History, Snapshot
from scanner.evidence import Evidence, Request
from scanner.gather import EVERYBODY
from scanner.scan import scan
from scanner.wire.connect_xml import Seen, report
from tests.unit.scanner.sites import FRAGILE_MAC, SITE

# What reaches everybody, fragile or not: broadcast and multicast.
# Echoes go to those who tolerate them: Live knows whom (test_scope).
TO_EVERYBODY = ("arp", "icmp", *EVERYBODY)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LAN, GUESTS = "192.168.10.0/24", "192.168.20.0/24"
OWN = "8c:8c:aa:10:20:c8"
FIRST, SECOND = "00:11:32:00:00:01", "00:11:32:00:00:02"
NAS = Declared("nas", "nas", "practice", "professional", macs=(FIRST, SECOND))
SSH = Credential("nas-ssh", "ssh", ("nas",), user="admin", password="env:NOWHERE")


def site(*devices: Declared, networks: tuple[str, ...] = (LAN,)) -> Site:
    zones = {LAN: "professional", GUESTS: "guest"}
    return replace(
        SITE,
        networks=tuple(SiteNetwork(IPv4Network(net), zones[net]) for net in networks),  # type: ignore[arg-type]
        devices=devices,
        credentials=(SSH,),
    )


class Practice:
    """A network that answers ARP for these MACs, and whatever else it was told to."""

    def __init__(self, present: dict[str, dict[str, str]], answers: dict[tuple[str, str], bytes] | None = None) -> None:
        self.present, self.answers = present, answers or {}
        self.also: set[tuple[str, str]] = set()  # further addresses for which a MAC of the first network answers
        self.asked: list[Request] = []

    def send(self, request: Request) -> Evidence:
        self.asked.append(request)
        if request.source == "vantage":
            return Evidence(request, "done", NOW, json.dumps(self._vantage()).encode())
        if request.source == "arp":
            return Evidence(request, "done", NOW, capture(self._spoken(request.target)))
        body = self.answers.get((request.source, request.target))
        return Evidence(request, "silent" if body is None else "done", NOW, body or b"")

    def _spoken(self, network: str) -> list[tuple[str, str]]:
        return [*self.present.get(network, {}).items(), *(self.also if network == LAN else ())]

    def _vantage(self) -> dict[str, object]:
        here = [
            {
                "zone": "guest" if net == GUESTS else "professional",
                "interface": "eth0",
                "address": net.replace(".0/24", ".250"),
                "mac": OWN,
                "network": net,
            }
            for net in self.present
        ]
        return {"vantages": here, "gateways": []}

    def questions(self, source: str) -> list[str]:
        return [request.target for request in self.asked if request.source == source]


def capture(present: Iterable[tuple[str, str]]) -> bytes:
    """A sweep in which each MAC answers for its address."""
    buffer = io.BytesIO()
    writer = dpkt.pcap.Writer(buffer, linktype=dpkt.pcap.DLT_EN10MB)
    for mac, address in present:
        raw, spa = bytes.fromhex(mac.replace(":", "")), bytes(map(int, address.split(".")))
        said = dpkt.arp.ARP(op=2, sha=raw, spa=spa, tha=b"\0" * 6, tpa=spa)
        writer.writepkt(bytes(dpkt.ethernet.Ethernet(src=raw, dst=b"\xff" * 6, type=0x0806, data=said)), 0)
    return buffer.getvalue()


def visited(site: Site, practice: Practice) -> Snapshot:
    return scan(site, practice, History())


@pytest.mark.parametrize("mac", [FIRST, SECOND])
def test_a_declared_device_is_the_same_whichever_socket_is_plugged_in(mac: str) -> None:
    (device,) = visited(site(NAS), Practice({LAN: {mac: "192.168.10.10"}})).devices
    assert (device.id, device.name) == (FIRST, "nas")


def test_two_sockets_are_one_device_and_one_login() -> None:
    practice = Practice({LAN: {SECOND: "192.168.10.10", FIRST: "192.168.10.11"}})
    snapshot = visited(site(NAS), practice)
    (device,) = snapshot.devices
    assert device.network is not None
    assert device.network.macs == (FIRST, SECOND)
    assert list(map(str, device.network.addresses or ())) == ["192.168.10.10", "192.168.10.11"]
    assert sorted(practice.questions("ports")) == ["192.168.10.10", "192.168.10.11"]
    assert practice.questions("ssh") == ["192.168.10.10"]
    assert {row.device for row in snapshot.coverage if row.device} == {FIRST}


@pytest.mark.parametrize("order", [(LAN, GUESTS), (GUESTS, LAN)])
def test_a_device_met_in_two_networks_is_judged_in_the_one_that_matters(order: tuple[str, ...]) -> None:
    practice = Practice({GUESTS: {FIRST: "192.168.20.10"}, LAN: {FIRST: "192.168.10.10"}})
    (device,) = visited(site(NAS, networks=order), practice).devices
    assert device.network is not None
    assert device.network.zone == "professional"
    assert practice.questions("ssh") == ["192.168.10.10"]


def test_a_device_is_fragile_through_its_other_socket() -> None:
    declared = replace(NAS, name="capteur", role="workstation", macs=(FIRST, FRAGILE_MAC))
    practice = Practice({LAN: {FIRST: "192.168.10.10"}})
    snapshot = visited(site(declared), practice)
    assert [device.fragile for device in snapshot.devices] == [True]
    assert {request.source for request in practice.asked} == {"vantage", *TO_EVERYBODY} - {"llmnr"}


UNLISTED, DELL, BROTHER, PLANMECA = "02:00:00:00:00:01", "d0:94:66:00:00:01", "00:80:77:00:00:01", "00:09:21:00:00:01"


@pytest.mark.parametrize(
    ("mac", "role", "asked", "with_standard_ports"),
    [
        (UNLISTED, None, ["ports"], False),
        (DELL, None, ["ports"], False),  # a maker of workstations among other things: a hint of something sturdy
        (DELL, "workstation", ["ports", "netbios"], True),
        (BROTHER, "workstation", ["ports"], False),  # the owner says workstation, the maker makes printers
        (PLANMECA, None, [], False),
        (PLANMECA, "workstation", [], False),  # the acquisition computer of a panoramic unit, say
    ],
)
def test_what_may_be_delicate_is_treated_so(
    mac: str, role: str | None, asked: list[str], *, with_standard_ports: bool
) -> None:
    declared = [replace(NAS, name="it", role=role, macs=(mac,))] if role else []  # type: ignore[arg-type]
    practice = Practice({LAN: {mac: "192.168.10.10"}})
    visited(replace(site(*declared), credentials=()), practice)
    questions = [request for request in practice.asked if request.source not in ("vantage", *TO_EVERYBODY)]
    assert [request.source for request in questions] == asked
    assert any("8728" in request.ask for request in questions) is with_standard_ports


def opened(*ports: tuple[int, str | None]) -> bytes:
    """A look that found these ports open; None: nobody listened."""
    found = {port: Seen("open", "syn-ack", None if said is None else said.encode("latin-1")) for port, said in ports}
    return report("192.168.10.10", found, found, "", 0.0, late=False)


@pytest.mark.parametrize(
    ("ports", "asked"),
    [
        (((22, "SSH-2.0-x"), (23, "\xff\xfd"), (80, "")), []),
        (((22, "SSH-2.0-x"), (139, ""), (445, "")), ["tcp 139,445"]),
        (((445, ""), (5555, ""), (8728, "what?")), ["tcp 445", "versions tcp 5555,8728"]),
        (
            ((53, ""), (80, ""), (443, ""), (515, ""), (3389, ""), (4242, ""), (8443, "")),
            [],
        ),  # others ask these, or nobody should
        (((22, None), (53, None), (80, None), (445, None)), ["tcp 22,445"]),  # a recording of nmap's own look
        ((), []),
    ],
)
def test_only_what_our_own_look_left_open_is_asked_of_nmap(
    ports: tuple[tuple[int, str | None], ...], asked: list[str]
) -> None:
    practice = Practice({LAN: {FIRST: "192.168.10.10"}}, {("ports", "192.168.10.10"): opened(*ports)})
    visited(replace(site(NAS), credentials=()), practice)
    assert [request.ask for request in practice.asked if request.source == "scripts"] == asked


def test_what_nmap_heard_fills_a_silence() -> None:
    probed = opened((1883, None)).replace(
        b'reason_ttl="0"/></port>',
        b'reason_ttl="0"/><service name="mqtt" product="mosquitto" method="probed" conf="10"/></port>',
    )
    answers = {("ports", "192.168.10.10"): opened((1883, "")), ("scripts", "192.168.10.10"): probed}
    (device,) = visited(replace(site(NAS), credentials=()), Practice({LAN: {FIRST: "192.168.10.10"}}, answers)).devices
    assert device.network is not None
    assert device.network.ports == (Port(1883, "tcp", "mqtt", "mosquitto"),)


def test_a_reader_that_stumbles_costs_its_fact_only() -> None:
    practice = Practice({LAN: {FIRST: "192.168.10.10"}}, {("ports", "192.168.10.10"): b"<nmaprun>"})
    snapshot = visited(site(NAS), practice)
    assert [row.status for row in snapshot.coverage if row.source == "ports"] == ["unreadable"]
    assert [device.name for device in snapshot.devices] == ["nas"]


REPEATER = Declared("repeteur", "access_point", "practice", "professional", macs=(FIRST,))


def test_whoever_stands_behind_a_repeater_is_not_taken_for_it() -> None:
    """A repeater answers ARP for its clients: its MAC says nothing of who would be asked."""
    practice = Practice({LAN: {FIRST: "192.168.10.30"}})
    practice.also = {(FIRST, "192.168.10.20")}
    (device,) = visited(site(REPEATER), practice).devices
    assert device.network is not None
    assert len(device.network.addresses or ()) == 2
    assert practice.questions("ports") == ["192.168.10.20"]  # which Live refuses: see discover.alone


def test_a_device_with_several_addresses_that_its_owner_names_is_asked_at_each() -> None:
    named = replace(NAS, addresses=(IPv4Address("192.168.10.10"), IPv4Address("192.168.10.11")))
    practice = Practice({LAN: {FIRST: "192.168.10.10"}})
    practice.also = {(FIRST, "192.168.10.11")}
    visited(site(named), practice)
    assert sorted(practice.questions("ports")) == ["192.168.10.10", "192.168.10.11"]
    assert practice.questions("ssh") == ["192.168.10.10"]


def test_an_address_that_was_not_looked_at_leaves_the_ports_in_doubt() -> None:
    open_22 = (
        b'<nmaprun scanner="nmap"><scaninfo type="connect" protocol="tcp" numservices="1" services="22"/>'
        b'<host><status state="up" reason="user-set"/><address addr="192.168.10.10" addrtype="ipv4"/><ports>'
        b'<port protocol="tcp" portid="22"><state state="closed" reason="conn-refused"/></port></ports></host>'
        b'<runstats><finished time="1" exit="success"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>'
    )
    practice = Practice({LAN: {FIRST: "192.168.10.10", SECOND: "192.168.10.11"}}, {("ports", "192.168.10.10"): open_22})
    snapshot = visited(site(NAS), practice)
    assert [(line.device, line.fact) for line in snapshot.unread] == [(FIRST, "network.ports")]


def test_a_device_with_an_address_of_another_network_is_there_all_the_same() -> None:
    practice = Practice({LAN: {DELL: "192.168.1.64"}})
    (device,) = visited(replace(site(), credentials=()), practice).devices
    assert device.network is not None
    assert (device.network.macs, device.network.addresses, device.network.zone) == ((DELL,), None, "professional")
    assert {request.source for request in practice.asked} == {"vantage", "arp"}


def test_a_crowd_with_addresses_of_other_networks_is_no_crowd_of_devices() -> None:
    crowd = {f"d0:94:66:00:01:{number:02x}": f"10.9.9.{number}" for number in range(1, 40)}
    snapshot = visited(replace(site(), credentials=()), Practice({LAN: {DELL: "192.168.10.64", **crowd}}))
    assert [device.id for device in snapshot.devices] == [DELL]
    assert [(row.status, row.cause) for row in snapshot.coverage if row.source == "arp"] == [
        ("failed", "39 devices with addresses of other networks")
    ]


def test_whoever_uses_this_machine_s_mac_leaves_the_sweep_incomplete() -> None:
    snapshot = visited(site(), Practice({LAN: {OWN: "192.168.10.66"}}))
    assert [(row.status, row.cause) for row in snapshot.coverage if row.source == "arp"] == [
        ("failed", "somebody uses this machine's MAC: that device is not told apart from it")
    ]
    assert [row.status for row in visited(site(), Practice({LAN: {OWN: "192.168.10.250"}})).coverage][-1] == "done"


MIKROTIK = "4c:5e:0c:00:00:01"
ROUTEROS_KEY = b"ssh-rsa SHA256:x\npinned none\nbanner SSH-2.0-ROSSSH\nlegacy no\n"
EXPORT = b"# 2024-07-31 09:33:47 by RouterOS 6.49.2\n/system identity\nset name=r\n"


class Router(Practice):
    """A MikroTik, as its MAC says, that answers some commands."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        super().__init__({LAN: {MIKROTIK: "192.168.10.10"}})
        self.bodies = bodies

    def send(self, request: Request) -> Evidence:
        answer = super().send(request)
        body = self.bodies.get(request.ask) if request.source == "ssh" else None
        return answer if body is None else Evidence(request, "done", NOW, body)


@pytest.mark.parametrize(
    ("safe", "asked"),
    [(EXPORT, False), (b"expected end of command (line 1 column 9)\n", True), (None, True)],
    ids=["version 6", "version 7", "silent"],
)
def test_an_export_with_secrets_is_asked_for_only_when_the_other_told_nothing(safe: bytes | None, asked: bool) -> None:
    """Version 6 knows `hide-sensitive`; version 7 leaves secrets out by itself, and need not know the word."""
    bodies = {"host-key": ROUTEROS_KEY, "exec /export": EXPORT}
    router = Router(bodies | ({"exec /export hide-sensitive": safe} if safe else {}))
    declared = Declared("nas", "router", "practice", "professional", macs=(MIKROTIK,))
    snapshot = scan(site(declared), router, History())
    assert ("exec /export" in [request.ask for request in router.asked]) == asked
    (device,) = snapshot.devices
    assert device.system is not None
    assert device.system.platform == "mikrotik_routeros"
    assert device.system.identity is not None
    assert device.system.identity.hostname == "r"
    assert device.network is not None
    assert device.network.ssh is not None
    assert device.network.ssh.legacy is False


def test_the_model_plate_is_read_where_the_maker_keeps_it() -> None:
    """Of every maker at another place, so it is asked once the first answer says whose system it is."""
    words = "1.3.6.1.2.1.1.1.0|4|RouterOS RB750Gr3\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.14988.1\n"
    plate = "1.3.6.1.4.1.14988.1.1.4.4.0|4|7.20.4\n1.3.6.1.4.1.14988.1.1.7.3.0|4|6F3A071688EA\n"

    class Router(Practice):
        def send(self, request: Request) -> Evidence:
            if request.source != "snmp":
                return super().send(request)
            self.asked.append(request)
            body = words + plate if "next:1.3.6.1.4.1.14988.1.1.7.3" in request.ask.split() else words
            return Evidence(request, "done", NOW, body.encode(), "v2c")

    practice = Router({LAN: {FIRST: "192.168.10.10"}})
    known = replace(SSH, kind="snmp_v2c")
    found = scan(replace(site(NAS), credentials=(known,)), practice, History())
    (device,) = [item for item in found.devices if item.network]
    who = device.network.identification if device.network else None
    assert who is not None
    assert (who.model, who.version, who.serial) == ("RB750Gr3", "7.20.4", "6F3A071688EA")
    place = next(at for at, item in enumerate(found.devices) if item is device)
    assert found.provenance[f"/devices/{place}/network/identification/serial"].line == 4
