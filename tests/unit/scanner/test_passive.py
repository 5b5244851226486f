"""What was heard joins the snapshot: of whom, within which bounds, and the same in a replay."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from inventory.device import Declared, Device
from inventory.site import SiteNetwork
from inventory.snapshot import History, Snapshot, Status
from rules.needs import hidden
from scanner.beginning import MOST_ELSEWHERE, OWN_MAC_USED
from scanner.evidence import Evidence, Request
from scanner.frames.saved import written
from scanner.scan import scan
from scanner.transport import Recording, Replay
from tests.unit.scanner.frame_samples import (
    HELLO,
    MNDP,
    NAS,
    NAS_IP,
    PRINTER,
    PRINTER_IP,
    ROUTER,
    ROUTER_IP,
    advertisement,
    arp,
    asks,
    dhcp,
    ipv6,
    option,
    udp,
)  # fmt: skip
from tests.unit.scanner.sites import SITE
from tests.unit.scanner.test_scan import LAN, NOW, OWN, Practice

STRANGER, ELSEWHERE = "00:00:5e:00:53:07", "10.9.9.9"
FILE = "file"
HEARD = [arp(NAS, NAS_IP), asks(NAS, option(12, b"nas-cabinet"), option(60, b"udhcp 1.30.1")),
         arp(PRINTER, PRINTER_IP), udp(PRINTER, PRINTER_IP, (3702, 3702), HELLO)]  # fmt: skip


class Listening(Practice):
    """A practice that is listened to."""

    def __init__(self, present: dict[str, dict[str, str]], heard: dict[str, Iterable[bytes]], status: Status = "done"):
        super().__init__(present)
        self.heard, self.status = heard, status

    def send(self, request: Request) -> Evidence:
        evidence = super().send(request)
        if request.source == "vantage":
            document = json.loads(evidence.text) | {"captures": list(self.heard)}
            return replace(evidence, body=json.dumps(document).encode())
        if request.source == "capture":
            body = written([(0.0, frame) for frame in self.heard[request.target]])
            return replace(evidence, status=self.status, body=body, detail="heard")
        return evidence


def seen(heard: dict[str, Iterable[bytes]], status: Status = "done", *declared: Declared) -> Snapshot:
    lan = Listening({LAN: {NAS: NAS_IP}}, heard, status)
    return scan(replace(SITE, devices=declared), lan, History())


def devices(snapshot: Snapshot) -> dict[str, Device]:
    return {device.id: device for device in snapshot.devices}


@pytest.mark.parametrize("where", [LAN, FILE])
def test_what_was_heard_joins_who_was_met_and_who_was_not(where: str) -> None:
    snapshot = seen({where: HEARD})
    found = devices(snapshot)
    nas, printer = found[NAS].network, found[PRINTER].network
    assert nas is not None
    assert nas.dhcp is not None
    assert (nas.hostname, nas.dhcp.vendor_class, nas.zone) == ("nas-cabinet", "udhcp 1.30.1", "professional")
    assert printer is not None
    assert printer.wsd is not None
    assert (printer.addresses, printer.zone) == ((IPv4Address(PRINTER_IP),), "professional")
    (row,) = (row for row in snapshot.coverage if row.source == "capture")
    assert (row.target, row.status) == (where, "done")
    places = {key for key, source in snapshot.provenance.items() if source.evidence == row.evidence}
    assert any(key.endswith("/network/dhcp") for key in places)


def test_nothing_is_asked_of_who_was_only_heard() -> None:
    lan = Listening({LAN: {NAS: NAS_IP}}, {LAN: HEARD})
    snapshot = scan(SITE, lan, History())
    assert PRINTER_IP not in {request.target for request in lan.asked}
    assert [request.source for request in lan.asked][-1] == "capture"  # after everything else: it widens nothing
    (row,) = (row for row in snapshot.coverage if row.device == PRINTER)
    assert (row.source, row.status, row.target) == ("ports", "not_met", PRINTER_IP)


def test_a_capture_of_somewhere_else_adds_nobody() -> None:
    foreign = [arp(STRANGER, ELSEWHERE), asks(STRANGER, option(12, b"elsewhere"))]
    capture = seen({FILE: foreign})
    assert set(devices(capture)) == {NAS}
    assert [row.cause for row in capture.coverage if "1 senders of other networks left out" in (row.cause or "")]
    ours = Declared("portable", "workstation", "practice", "professional", macs=(STRANGER,))
    assert set(devices(seen({FILE: foreign}, "done", ours))) == {NAS, STRANGER}
    # On the wire of a swept network it is there, whatever address it has kept.
    network = devices(seen({LAN: foreign}))[STRANGER].network
    assert network is not None
    assert network.addresses is None


def test_this_machine_and_the_excluded_are_left_out() -> None:
    excluded = "192.168.10.249"
    frames = [arp(OWN, "192.168.10.250"), arp(STRANGER, excluded), asks(STRANGER, option(12, b"scanner-irm"))]
    snapshot = seen({LAN: frames, FILE: frames})
    assert set(devices(snapshot)) == {NAS}
    rows = [row.cause or "" for row in snapshot.coverage if row.source == "capture"]
    assert all("1 senders left out with nothing but excluded addresses" in cause for cause in rows)


def test_whoever_hands_something_out_under_this_machine_s_mac_leaves_a_doubt() -> None:
    router, server = ipv6(OWN, "fe80::bad", 58, advertisement(STRANGER)), offer(OWN, "192.168.10.66")
    for heard, doubted in (([router], {"icmp6"}), ([server], {"dhcp"}), ([router, server], {"icmp6", "dhcp"})):
        rows = seen({LAN: heard}).coverage
        failed = {row.source for row in rows if (row.status, row.cause) == ("failed", OWN_MAC_USED)}
        assert failed == {"capture", *doubted}
    # What this machine says itself stands in a file, and asks nobody's way.
    for where, frames in ((FILE, [router, server]), (LAN, [arp(OWN, "192.168.10.250"), asks(OWN)])):
        assert not [row for row in seen({where: frames}).coverage if row.cause == OWN_MAC_USED]


def offer(mac: str, source: str) -> bytes:
    """An address offered, as a server with this source address does."""
    said = option(53, b"\x02") + option(54, IPv4Address("192.168.10.66").packed)
    return udp(mac, source, (67, 68), dhcp(OWN, said, op=2, given="192.168.10.150"))


@pytest.mark.parametrize("where", [LAN, FILE])
@pytest.mark.parametrize("mac", [NAS, STRANGER])
@pytest.mark.parametrize(
    "frames",
    [
        lambda mac: [offer(mac, "192.168.10.66"), arp(mac, "192.168.10.249")],
        lambda mac: [offer(mac, "192.168.10.249")],
    ],
)
def test_an_excluded_address_hides_no_server(frames: Callable[[str], list[bytes]], mac: str, where: str) -> None:
    snapshot = seen({where: frames(mac)})
    network = devices(snapshot)[mac].network
    assert network is not None
    assert network.dhcp_server is not None
    assert IPv4Address("192.168.10.249") not in (network.addresses or ())
    if mac == NAS:
        assert [line.text[-17:] for line in snapshot.unread if line.device == NAS] == ["was not looked at"]


def test_an_excluded_address_hides_no_stranger() -> None:
    found = devices(seen({LAN: [arp(STRANGER, "192.168.10.66"), arp(STRANGER, "192.168.10.249")]}))
    network = found[STRANGER].network
    assert network is not None
    assert network.addresses == (IPv4Address("192.168.10.66"),)


@pytest.mark.parametrize("guest", ["192.168.9.66", "192.168.99.66"])
def test_a_guest_s_address_hides_no_stranger(guest: str) -> None:
    guests = SiteNetwork(IPv4Network(guest + "/24", strict=False), "guest")
    lan = Listening({LAN: {NAS: NAS_IP}}, {FILE: [arp(STRANGER, "192.168.10.66"), arp(STRANGER, guest)]})
    for networks in ((guests, *SITE.networks), (*SITE.networks, guests)):
        network = devices(scan(replace(SITE, devices=(), networks=networks), lan, History()))[STRANGER].network
        assert network is not None
        assert network.zone == "professional"


def test_inner_ports_of_a_bridge_are_no_devices_and_are_counted() -> None:
    address = "fe80::5c10:20ff:fe30:4050"
    port = ipv6("5e:10:20:30:40:50", address, 58, b"\x85\0\0\0\0\0\0\0")
    snapshot = seen({LAN: [port]})
    assert set(devices(snapshot)) == {NAS}
    (row,) = (row for row in snapshot.coverage if row.source == "capture")
    assert row.cause is not None
    assert "1 senders left out" in row.cause
    # A burned-in MAC is a device, and so is who says more than that.
    assert STRANGER in devices(seen({LAN: [ipv6(STRANGER, address, 58, b"\x85\0\0\0\0\0\0\0")]}))
    assert "5e:10:20:30:40:50" in devices(seen({LAN: [port, asks("5e:10:20:30:40:50", option(12, b"galet"))]}))
    # And whoever calls itself a router, under whatever MAC.
    router = ipv6("5e:10:20:30:40:50", address, 58, b"\x86\0\0\0\x40\0\x07\x08" + bytes(8))
    assert "5e:10:20:30:40:50" in devices(seen({LAN: [port, router]}))


def test_a_flood_of_senders_without_address_is_a_failure_and_no_list() -> None:
    flood = [asks(f"00:11:22:33:44:{number:02x}") for number in range(MOST_ELSEWHERE + 1)]
    snapshot = seen({LAN: [*flood, *HEARD]})
    assert set(devices(snapshot)) == {NAS, PRINTER}
    (row,) = (row for row in snapshot.coverage if row.source == "capture")
    assert row.status == "failed"


def test_another_address_of_a_device_leaves_its_ports_in_doubt() -> None:
    snapshot = seen({LAN: [*HEARD, arp(NAS, "192.168.10.77")]})
    assert [line.text for line in snapshot.unread if line.device == NAS] == ["192.168.10.77 was not looked at"]
    assert not [line for line in seen({LAN: HEARD}).unread if line.device == NAS]


def test_a_capture_cut_short_counts_and_stays_failed() -> None:
    snapshot = seen({FILE: HEARD}, "failed")
    assert PRINTER in devices(snapshot)
    (row,) = (row for row in snapshot.coverage if row.source == "capture")
    assert (row.status, row.cause) == ("failed", "heard")


def test_a_recording_that_names_other_captures_is_not_asked_for_them() -> None:
    lan = Listening({LAN: {NAS: NAS_IP}}, {"10.0.0.0/8": HEARD, "../../etc": HEARD})
    scan(SITE, lan, History())
    assert not [request for request in lan.asked if request.source == "capture"]


def test_the_replay_hears_the_same(tmp_path: Path) -> None:
    frames = [*HEARD, arp(ROUTER, ROUTER_IP), udp(ROUTER, ROUTER_IP, (5678, 5678), MNDP)]
    recording = Recording(Listening({LAN: {NAS: NAS_IP}}, {LAN: HEARD, FILE: frames}), tmp_path)
    first = scan(SITE, recording, History())
    recording.finish()
    assert scan(SITE, Replay(tmp_path), History()) == first
    router = devices(first)[ROUTER].network
    assert router is not None
    assert [item.model for item in router.neighbours or ()] == ["RB5009UG+S+"]
    assert first.taken_at == NOW


def test_a_capture_that_is_lost_may_hide_who_was_only_heard(tmp_path: Path) -> None:
    recording = Recording(Listening({LAN: {NAS: NAS_IP}}, {FILE: HEARD}), tmp_path)
    assert hidden(scan(SITE, recording, History())) is None
    recording.finish()
    (body,) = (tmp_path / "evidence").glob("capture-*")
    body.unlink()
    lost = hidden(scan(SITE, Replay(tmp_path), History()))
    assert lost is not None
    assert (lost.cause, lost.where) == ("missing", {"networks": [FILE]})


def test_older_recordings_and_half_a_vantage_listen_to_nothing() -> None:
    lan = Practice({LAN: {NAS: NAS_IP}})
    snapshot = scan(replace(SITE, networks=SITE.networks), lan, History())
    assert not [row for row in snapshot.coverage if row.source == "capture"]
    assert SITE.networks[0].network == IPv4Network(LAN)
