"""Who speaks IPv6: real kernels and a real router advertiser on a bridge; a stranger whose frames the test makes."""

import ctypes
import os
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TypeVar

import pytest

from inventory.site import Site, read_site
from inventory.snapshot import History, Snapshot
from scanner import neighbours, vantage
from scanner.evidence import Answer
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.scan import scan
from scanner.secret_store import SecretStore
from scanner.transport import MAX_BODY, Recording, Replay
from scanner.wire import icmp6
from tests.bench.sweep import site_folder
from tests.unit.scanner.test_neighbours import (
    ALONE,
    DESK,
    HERE,
    HERE_MAC,
    NETWORK,
    OLD,
    ROUTER,
    STRANGER,
    by_mac,
    evidence,
    frame,
    mac_bytes,
)  # fmt: skip
from tests.unit.scanner.test_wire_nmap import program

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


def link_local(mac: str) -> str:
    """The address that a kernel makes of its MAC (RFC 4291 appendix A)."""
    raw = mac_bytes(mac)
    return str(IPv6Address(b"\xfe\x80" + bytes(6) + bytes([raw[0] ^ 2]) + raw[1:3] + b"\xff\xfe" + raw[3:]))


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
    assert (answer.status, only_global.status) == ("no_ipv6", "no_ipv6")
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


def test_nobody_hides_that_it_is_a_router_behind_its_questions_nor_behind_our_mac() -> None:
    heard = icmp6._Hearing("02:00:00:00:00:01")
    said = [bytes((135, *bytes(23)))] * icmp6.MOST_EACH * 2
    advertised = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    for mac in ("00:11:33:00:00:01", "02:00:00:00:00:01"):
        for number, message in enumerate([*said, advertised]):
            heard.heard(frame(mac, f"fe80::{number + 1:x}", message))
    assert heard.pcap().count(advertised) == 2
    assert heard.pcap().count(said[0]) == icmp6.MOST_EACH


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
