"""Who speaks IPv6: real kernels and a real router advertiser on a bridge; a stranger whose frames the test makes."""

import ctypes
import io
import json
import os
import random
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from pathlib import Path
from typing import TypeVar

import dpkt
import pytest

from inventory.device import Device
from inventory.document import to_json
from inventory.site import Site, read_site
from inventory.snapshot import History, Snapshot, Vantage
from rules.needs import hidden
from scanner import neighbours, vantage
from scanner.evidence import Answer, Evidence, Request
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.scan import scan
from scanner.secret_store import SecretStore
from scanner.transport import MAX_BODY, Recording, Replay
from scanner.wire import icmp6
from tests.bench.sweep import site_folder
from tests.unit.scanner.test_wire_nmap import program

NETWORK, HERE, HERE_MAC = IPv4Network("10.96.0.0/28"), IPv4Address("10.96.0.14"), "02:00:00:00:00:01"
ROUTER, DESK, ALONE, OLD, STRANGER = (f"00:11:32:00:00:0{number}" for number in range(1, 6))
MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_SCRIPT = """
set -e
mount -t tmpfs tmpfs /run
mkdir /run/netns
ip link set lo up
ip link add lan type bridge mcast_snooping 0
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link set lan up
for peer in here,{here_mac} router,{router} desk,{desk} alone,{alone} old,{old} stranger,{stranger}; do
  name=${{peer%,*}}
  ip netns add $name
  ip link add $name type veth peer name eth0 address ${{peer#*,}} netns $name
  ip netns exec $name sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.accept_ra=0
  case $name in old|stranger) ip netns exec $name sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1;; esac
  ip link set $name master lan up
  ip -n $name link set eth0 up
  ip -n $name link set lo up
done
for one in here,{here} router,10.96.0.1 desk,10.96.0.2 old,10.96.0.4; do
  ip -n ${{one%,*}} address add ${{one#*,}}/28 dev eth0
done
for one in here,e router,1 desk,2 alone,3; do
  ip -n ${{one%,*}} address add fd00:96::${{one#*,}}/64 dev eth0 nodad
done
ip netns exec router {dnsmasq} -k -C /dev/null -u root -p 0 -i eth0 --enable-ra --ra-param=eth0,high,60,1800 \\
  --dhcp-range=fd00:96::,ra-stateless,64 --dhcp-option=option6:dns-server,[fd00:96::1] \\
  --dhcp-option=option6:domain-search,cabinet.lan \\
  --dhcp-leasefile=/run/leases --pid-file=/run/pid &
for wait in $(seq 100); do [ -s /run/pid ] && break; sleep 0.05; done
echo ready
wait
"""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Link:
    """The link, and the way into each place of it."""

    pid: int

    def inside(self, act: Callable[[], Result], place: str = "here") -> Result:
        """What `act` returns when run at a place: a socket that it opens stays there."""

        def entered() -> Result:
            with Path(f"/proc/{self.pid}/root/run/netns/{place}").open() as door:
                code = ctypes.CDLL(None, use_errno=True).setns(door.fileno(), 0x40000000)
                assert code == 0, os.strerror(ctypes.get_errno())
            return act()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(entered).result()

    def ask(self) -> Answer:
        return self.inside(lambda: icmp6.ask("eth0", HERE_MAC, own_addresses()))

    @contextmanager
    def heard(self, place: str) -> Iterator[list[bytes]]:
        """Every frame that comes from the scanner to a place."""
        frames: list[bytes] = []
        door = self.inside(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)), place)
        with door:
            yield frames
            door.setblocking(False)
            while True:
                try:
                    frame = door.recv(2000)
                except BlockingIOError:
                    return
                if frame[6:12] == mac_bytes(HERE_MAC):
                    frames.append(frame)


def own_addresses() -> tuple[IPv6Address, ...]:
    """What `vantage.ipv6` reads, in the namespace of the thread that asks: /proc/self is the whole process's."""
    return vantage.addresses6(Path("/proc/thread-self/net/if_inet6").read_text("ascii"), "eth0")


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    script = _SCRIPT.format(
        here=HERE, here_mac=HERE_MAC, router=ROUTER, desk=DESK, alone=ALONE, old=OLD, stranger=STRANGER,
        dnsmasq=program("dnsmasq", "dnsmasq-base"),
    )  # fmt: skip
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "bash", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            yield Link(running.pid)
        finally:
            running.kill()


def mac_bytes(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def link_local(mac: str) -> str:
    """The address that a kernel makes of its MAC (RFC 4291 appendix A)."""
    raw = mac_bytes(mac)
    return str(IPv6Address(b"\xfe\x80" + bytes(6) + bytes([raw[0] ^ 2]) + raw[1:3] + b"\xff\xfe" + raw[3:]))


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


# --- the wire ---


def test_real_hosts_answer_and_a_router_tells(link: Link) -> None:
    answer = link.ask()
    assert answer.status == "done"
    heard = neighbours.read(evidence(answer.body))
    addresses = {mac: set(map(str, network.ipv6 or ())) for mac, network in heard.items() if mac != HERE_MAC}
    assert addresses == {mac: {link_local(mac), f"fd00:96::{mac[-1]}"} for mac in (ROUTER, DESK, ALONE)}
    told = heard[ROUTER].router_advertisement
    assert told is not None
    assert (told.lifetime_s, told.managed, told.other) == (1800, False, True)
    assert (told.prefixes, told.dns, told.domains) == (
        ("fd00:96::/64",), (IPv6Address("fd00:96::1"),), ("cabinet.lan",),
    )  # fmt: skip
    assert heard[DESK].router_advertisement is None


def test_few_frames_leave_and_all_go_to_everybody(link: Link) -> None:
    with link.heard("old") as frames:
        answer = link.ask()
    mine = [item for item in frames if item[12:14] == b"\x86\xdd"]
    kinds = [(item[54], str(IPv6Address(item[38:54]))) for item in mine if item[54] in (128, 133)]
    half = [(133, "ff02::2"), (128, "ff02::1"), (128, "ff02::1")]
    assert kinds == half * 2
    assert answer.detail.startswith("6 questions")
    assert not [item for item in mine if not item[0] & 1]
    for item in mine:  # the checksum of a right message sums up to nothing
        words = item[22:54] + struct.pack("!II", len(item) - 54, 58) + item[54:]
        total = sum(struct.unpack(f"!{len(words) // 2}H", words))
        assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


def test_without_ipv6_nothing_leaves(link: Link) -> None:
    with link.heard("old") as frames:
        answer = link.inside(lambda: icmp6.ask("eth0", HERE_MAC, ()))
        only_global = link.inside(lambda: icmp6.ask("eth0", HERE_MAC, (IPv6Address("fd00:96::e"),)))
    assert (answer.status, only_global.status) == ("off_link", "off_link")
    assert not frames


def test_a_stopped_question_asks_no_more(link: Link) -> None:
    began = time.monotonic()
    answer = link.inside(lambda: icmp6.ask("eth0", HERE_MAC, own_addresses(), stopped=lambda: True))
    assert (answer.status, answer.detail) == ("failed", "stopped")
    assert time.monotonic() - began < icmp6.LISTEN_S / 2


def test_a_flood_stays_within_bounds_and_is_no_answer(link: Link) -> None:
    def flood() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as door:
            door.bind(("eth0", 0x86DD))
            reply = struct.pack("!BBHHH", 129, 0, 0, 1, 1)
            for number in range(icmp6.MOST_FRAMES + 4000):
                raw = number.to_bytes(4, "big")
                with_mac = frame(f"06:00:{raw.hex(':')}", f"fe80::{number + 1:x}", reply + bytes(1300))
                door.send(b"\x33\x33\0\0\0\1" + with_mac[6:])

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(link.ask)
        time.sleep(0.3)
        link.inside(flood, "stranger")
        answer = asked.result()
    assert answer.status == "failed"
    assert "floods" in answer.detail
    assert len(answer.body) < MAX_BODY / 2


# --- the visit ---


def visited(link: Link, folder: Path) -> tuple[Site, Snapshot]:
    """A visit of the link, nothing but ARP, IPv6 and multicast asked, recorded below `folder`."""
    (folder / "cabinet").mkdir()
    site_folder(folder / "cabinet", NETWORK)
    site = replace(read_site(folder / "cabinet"), fragile=(ROUTER, DESK, ALONE, OLD))

    def visit() -> Snapshot:
        with Live(site, SecretStore(folder), KnownHosts(folder), no_trust) as live:
            live._interfaces = tuple(replace(item, ipv6=own_addresses()) for item in live._interfaces)
            recording = Recording(live, folder / "run")
            snapshot = scan(site, recording, History())
            recording.finish()
            return snapshot

    return site, link.inside(visit)


def by_mac(snapshot: Snapshot) -> dict[str, Device]:
    return {mac: item for item in snapshot.devices if item.network for mac in item.network.macs or ()}


def test_a_visit_joins_addresses_and_lists_who_speaks_ipv6_only(link: Link, tmp_path: Path) -> None:
    site, live = visited(link, tmp_path)
    devices = by_mac(live)
    assert set(devices) == {ROUTER, DESK, ALONE, OLD}
    seen = {mac: item.network for mac, item in devices.items() if item.network is not None}
    assert seen[ALONE].addresses is None
    assert IPv6Address(link_local(ALONE)) in (seen[ALONE].ipv6 or ())
    assert seen[DESK].addresses == (IPv4Address("10.96.0.2"),)
    assert IPv6Address("fd00:96::2") in (seen[DESK].ipv6 or ())
    assert seen[OLD].ipv6 is None
    assert seen[ROUTER].router_advertisement is not None
    assert devices[ALONE].fragile
    (row,) = (item for item in live.coverage if item.source == "icmp6")
    assert row.status == "done"
    place = f"/devices/{live.devices.index(devices[DESK])}/network/ipv6"
    assert live.provenance[place].evidence == row.evidence
    assert scan(site, Replay(tmp_path / "run"), History()) == live
    assert Snapshot.from_json(live.to_json()) == live


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
