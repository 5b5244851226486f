"""What is believed of who speaks IPv6, and what a visit makes of it, on captures that the test makes."""

import io
import json
import random
import struct
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from pathlib import Path

import dpkt
import pytest

from inventory.device import Device
from inventory.document import to_json
from inventory.site import Site, read_site
from inventory.snapshot import History, Snapshot, Vantage
from rules.needs import hidden
from scanner import neighbours
from scanner.evidence import Answer, Evidence, Request
from scanner.scan import scan
from tests.bench.sweep import site_folder

NETWORK, HERE, HERE_MAC = IPv4Network("10.96.0.0/28"), IPv4Address("10.96.0.14"), "02:00:00:00:00:01"
ROUTER, DESK, ALONE, OLD, STRANGER = (f"00:11:32:00:00:0{number}" for number in range(1, 6))
MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def mac_bytes(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def evidence(body: bytes) -> Evidence:
    return Evidence(Request("icmp6", str(NETWORK), "neighbours"), "done", MOMENT, body)


def frame(mac: str, source: str, message: bytes, hops: int = 255, to: str = "ff02::1") -> bytes:
    ip = struct.pack("!IHBB", 6 << 28, len(message), 58, hops) + IPv6Address(source).packed + IPv6Address(to).packed
    return mac_bytes(HERE_MAC) + mac_bytes(mac) + b"\x86\xdd" + ip + message


def pcap(*listed: bytes) -> bytes:
    body = io.BytesIO()
    writer = dpkt.pcap.Writer(body, linktype=dpkt.pcap.DLT_EN10MB)
    for item in listed:
        writer.writepkt(item, 0.0)
    return body.getvalue()


def by_mac(snapshot: Snapshot) -> dict[str, Device]:
    return {mac: item for item in snapshot.devices if item.network for mac in item.network.macs or ()}


class Recorded:
    """A site of which the vantage, the sweep and one ICMPv6 capture are known."""

    def __init__(self, icmp6: Answer, own: tuple[IPv6Address, ...] | None = (IPv6Address("fe80::1"),)) -> None:
        self.icmp6, self.own, self.asked = icmp6, own, list[Request]()

    def send(self, request: Request) -> Evidence:
        self.asked.append(request)
        if request.source == "vantage":
            here = Vantage("professional", "eth0", HERE, NETWORK, HERE_MAC, self.own)
            return Evidence(request, "done", MOMENT, json.dumps(vantage_of(here)).encode())
        if request.source == "arp":
            said = mac_bytes(DESK) + bytes.fromhex("08060001080006040002") + mac_bytes(DESK) + bytes([10, 96, 0, 2])
            return Evidence(request, "done", MOMENT, pcap((b"\xff" * 6 + said).ljust(60, b"\0")))
        if request.source == "icmp6":
            return Evidence(request, self.icmp6.status, MOMENT, self.icmp6.body, self.icmp6.detail)
        return Evidence(request, "silent", MOMENT)


def vantage_of(*here: Vantage) -> dict[str, object]:
    return {"vantages": to_json(here), "gateways": []}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site_folder(tmp_path, NETWORK)
    return read_site(tmp_path)


ECHO = struct.pack("!BBHHH8s", 128, 0, 0, 7, 1, b"12345678")
ASKED = frame(HERE_MAC, "fe80::1", ECHO)


def reply(mac: str, source: str, brings: bytes = ECHO) -> bytes:
    return frame(mac, source, b"\x81" + brings[1:], hops=64)


def test_more_strangers_than_a_practice_has_are_not_listed(site: Site) -> None:
    many = [reply(f"00:11:33:00:00:{number:02x}", f"fe80::{number:x}") for number in range(100)]
    snapshot = scan(site, Recorded(Answer("done", pcap(ASKED, reply(DESK, "fe80::2"), *many))), History())
    assert set(by_mac(snapshot)) == {DESK}
    (row,) = (item for item in snapshot.coverage if item.source == "icmp6")
    assert (row.status, row.cause) == ("failed", "100 devices that speak nothing but IPv6")
    assert by_mac(snapshot)[DESK].network.ipv6 == (IPv6Address("fe80::2"),)  # type: ignore[union-attr]


INVENTED = "7e:c1:00:00:00:01"


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        (reply(INVENTED, "fe80::5"), False),
        (reply(INVENTED, "2001:db8::5"), True),
        (frame(INVENTED, "fe80::5", struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)), True),
        (reply(OLD, "fe80::5"), True),
    ],
)
def test_the_inner_port_of_a_bridge_is_no_device(site: Site, said: bytes, listed: bool) -> None:
    snapshot = scan(site, Recorded(Answer("done", pcap(ASKED, reply(DESK, "fe80::2"), said), "2 answers")), History())
    assert len(by_mac(snapshot)) == 1 + listed
    (row,) = (item for item in snapshot.coverage if item.source == "icmp6")
    left_out = "2 answers, 1 senders left out that only spoke IPv6 from invented MACs"
    assert (row.status, row.cause) == ("done", "2 answers" if listed else left_out)


def test_a_router_under_this_machine_s_mac_leaves_the_question_open(site: Site) -> None:
    advertised = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    for mac, status in ((ROUTER, "done"), (HERE_MAC, "failed")):
        snapshot = scan(site, Recorded(Answer("done", pcap(ASKED, frame(mac, "fe80::9", advertised)))), History())
        (row,) = (item for item in snapshot.coverage if item.source == "icmp6")
        assert row.status == status
        assert set(by_mac(snapshot)) == {DESK, mac} - {HERE_MAC}


@pytest.mark.parametrize("answer", [Answer("done", b"no capture"), Answer("failed", b"", "why"), Answer("missing")])
def test_what_cannot_be_read_costs_these_facts_only(site: Site, answer: Answer) -> None:
    snapshot = scan(site, Recorded(answer), History())
    assert set(by_mac(snapshot)) == {DESK}
    (row,) = (item for item in snapshot.coverage if item.source == "icmp6")
    assert row.status != "done"
    assert hidden(snapshot) is None


def test_recordings_that_do_not_say_what_ipv6_they_spoke_are_not_asked(site: Site) -> None:
    recorded = Recorded(Answer("done"), own=None)
    scan(site, recorded, History())
    assert "icmp6" not in {request.source for request in recorded.asked}


def test_one_interface_is_asked_once_whatever_networks_are_on_it(site: Site) -> None:
    both = (NETWORK, IPv4Network("10.95.0.0/28"))
    here = [Vantage("professional", "eth0", network[14], network, HERE_MAC, ()) for network in both]
    wide = replace(site, networks=tuple(replace(site.networks[0], network=network) for network in both))
    assert [item.network for item in neighbours._links(wide, here)] == [NETWORK]


# --- what is believed ---


def facts(*listed: bytes) -> dict[str, tuple[str, ...]]:
    heard = neighbours.read(evidence(pcap(ASKED, *listed)))
    return {mac: tuple(map(str, network.ipv6 or ())) for mac, network in heard.items()}


def test_only_who_heard_the_question_answers_it() -> None:
    other = struct.pack("!BBHHH8s", 128, 0, 0, 7, 1, b"87654321")
    believed = {DESK: ("fe80::2",)}
    assert facts(reply(DESK, "fe80::2"), reply(ALONE, "fe80::3", other)) == believed
    assert facts(reply(DESK, "fe80::2"), reply("01:00:5e:00:00:01", "fe80::4"), reply(OLD, "ff02::1")) == believed
    assert facts(reply(DESK, "fe80::2") + bytes(20)) == believed  # a driver's padding


def test_who_speaks_for_another_is_not_believed() -> None:
    target = IPv6Address("fe80::2").packed
    own, foreign = (b"\x02\x01" + mac_bytes(mac) for mac in (DESK, ALONE))
    head = struct.pack("!BBHI", 136, 0, 0, 0) + target
    assert facts(frame(DESK, "fe80::2", head + own)) == {DESK: ("fe80::2",)}
    assert facts(frame(DESK, "fe80::2", head + foreign)) == {}
    assert facts(frame(DESK, "fe80::2", head + own, hops=254)) == {}  # came through a router


def test_one_that_claims_every_address_keeps_few() -> None:
    said = facts(*(reply(DESK, f"fe80::{number:x}") for number in range(1, 400)))
    assert len(said[DESK]) == neighbours.MOST_ADDRESSES


def test_any_bytes_are_read() -> None:
    chance = random.Random(6)
    advertised = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0xC0, 1800, 0, 0) + b"\x05\x01\0\0\0\0\x05\xdc"
    models = [reply(DESK, "fe80::2"), frame(ROUTER, "fe80::9", advertised), ASKED]
    for _ in range(3000):
        raw = bytearray(chance.choice(models))
        for _ in range(chance.randrange(4)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        facts(bytes(raw[: chance.choice((0, 14, 54, 60, 70, len(raw)))]))
