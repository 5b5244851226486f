"""Our own connections against real daemons, beside the real nmap, and against peers that mean us ill."""

import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import dpkt
import pytest

from inventory.network import Network
from scanner.evidence import Answer
from scanner.probes import GENTLE_PORTS, STANDARD_PORTS
from scanner.wire import connect
from scanner.wire.connect_xml import Seen, report
from scanner.wire.nmap import hosts
from tests.unit.scanner.test_wire_nmap import DROPPING, EMPTY, NEW_NAS, OLD_NAS, PRINTER, Lab, daemons_up, seen

HONEYPOT, REJECTING, PEER = "10.99.0.20", "10.99.0.21", "10.99.0.22"
DOOR = 7777  # where the honeypot's 65,535 ports lead
RULES = f"""
table ip honeypot {{
  chain out {{
    type nat hook output priority -100;
    ip daddr {HONEYPOT} tcp dport != {DOOR} dnat to {HONEYPOT}:{DOOR}
  }}
}}
table ip rejecting {{
  chain in {{
    type filter hook input priority 0;
    ip daddr {REJECTING} tcp dport 10-19 reject with icmp type admin-prohibited
    ip daddr {REJECTING} tcp dport 20-29 reject with icmp type port-unreachable
    ip daddr {REJECTING} tcp dport 30-39 reject with icmp type host-unreachable
    ip daddr {REJECTING} tcp dport 40-49 drop
    ip daddr {REJECTING} tcp dport 50-59 reject with tcp reset
  }}
}}
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with daemons_up() as made:

        def furnish() -> None:
            for address in (HONEYPOT, REJECTING, PEER):
                subprocess.run(["ip", "addr", "add", f"{address}/32", "dev", "lo"], check=True)
            subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)

        made.inside(furnish)
        yield made


def asked(
    lab: Lab, address: str, *ports: int, max_rate: int = 100, timeout_s: float = 30, listen_s: float = 1
) -> Answer:
    return lab.inside(
        lambda: connect.scan(address, ports, interface="lo", max_rate=max_rate, timeout_s=timeout_s, listen_s=listen_s)
    )


def network(address: str, answer: Answer) -> Network:
    found = seen(address, answer).device.network
    assert found is not None
    return found


class Sent(NamedTuple):
    """A TCP segment of ours."""

    time: float
    port: int
    flags: int


@contextmanager
def captured(lab: Lab, address: str) -> Iterator[list[Sent]]:
    """What leaves for the address meanwhile, as the kernel timed it; the list is full at the end."""

    def opened() -> socket.socket:
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
        tap.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE: a lost packet would be a lost proof
        tap.setsockopt(socket.SOL_SOCKET, 29, 1)  # SO_TIMESTAMP
        tap.setblocking(False)
        return tap

    sent: list[Sent] = []
    ours: set[tuple[int, int]] = set()
    with lab.inside(opened) as tap:
        yield sent
        time.sleep(0.3)  # the last farewells
        while True:
            try:
                raw, notes, _, origin = tap.recvmsg(128, 64)
            except BlockingIOError:
                break
            if origin[1:3] != (0x0800, socket.PACKET_OUTGOING):
                continue
            packet = dpkt.ip.IP(raw)
            segment = packet.data
            if socket.inet_ntoa(packet.dst) != address or not isinstance(segment, dpkt.tcp.TCP):
                continue
            # Both ends have the same address here: ours is the one that began.
            if segment.flags == dpkt.tcp.TH_SYN:
                ours.add((segment.sport, segment.dport))
            if (segment.sport, segment.dport) in ours:
                seconds, micros = struct.unpack("ll", notes[0][2])
                sent.append(Sent(seconds + micros / 1e6, segment.dport, segment.flags))


def peak(sent: list[Sent]) -> int:
    """Most packets within any one second."""
    times = sorted(packet.time for packet in sent)
    return max(sum(1 for other in times if start <= other < start + 1) for start in times)


@contextmanager
def peer(lab: Lab, behave: Callable[[socket.socket], None], address: str = PEER, port: int = DOOR) -> Iterator[None]:
    """A small server whose every connection is handed to `behave`."""
    listener = lab.inside(lambda: socket.create_server((address, port), backlog=512))

    def treated(door: socket.socket) -> None:
        with door:
            try:
                behave(door)
            except OSError:
                return

    def serve() -> None:
        while True:
            try:
                door, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=treated, args=(door,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


# --- the same answers as nmap ---


def by_nmap(lab: Lab, address: str, *ports: int, how: str = "-sT") -> Answer:
    command = ["nmap", "-n", "-Pn", how, "--max-retries", "1", "-p", ",".join(map(str, ports)), "--script", "banner"]
    done = lab.inside(
        lambda: subprocess.run(
            [*command, "--script-args", "banner.timeout=2s", "-oX", "-", address], capture_output=True, check=True
        )
    )
    return Answer("done", done.stdout)


@pytest.mark.parametrize(
    ("address", "ports", "how"),
    [
        (OLD_NAS, (22, 23, 80, 139, 443, 445), "-sT"),
        (NEW_NAS, (22, 139, 445, 8080), "-sT"),
        (EMPTY, GENTLE_PORTS, "-sT"),
        # A connect scan takes "port unreachable" for a reset; half-open nmap sees who spoke, and so do we.
        (REJECTING, (10, 11, 20, 21, 30, 40, 50, 51, 60), "-sS"),
    ],
)
def test_states_and_banners_are_those_of_nmap(lab: Lab, address: str, ports: tuple[int, ...], how: str) -> None:
    ours, theirs = (
        network(address, asked(lab, address, *ports)),
        network(address, by_nmap(lab, address, *ports, how=how)),
    )
    assert (ours.tcp_probed, ours.tcp_filtered) == (theirs.tcp_probed, theirs.tcp_filtered)
    assert [(port.port, port.service) for port in ours.ports or ()] == [
        (port.port, port.service) for port in theirs.ports or ()
    ]
    for mine, its in zip(ours.ports or (), theirs.ports or (), strict=True):
        assert mine.banner is not None  # every open port was listened to
        assert mine.banner.startswith((its.banner or "").removesuffix("..."))  # nmap cuts after 63 characters
        assert bool(mine.banner) == bool(its.banner)


def test_who_spoke_for_a_port_is_in_the_file(lab: Lab) -> None:
    body = asked(lab, REJECTING, 10, 20, 30, 40, 50).body.decode()
    for port, reason in ((10, "admin-prohibited"), (20, "port-unreach"), (30, "host-unreach"), (40, "no-response")):
        assert f'<extrareasons reason="{reason}" count="1" proto="tcp" ports="{port}"/>' in body
    assert '<extraports state="closed" count="1">\n<extrareasons reason="conn-refused" count="1" ' in body


def test_facts_name_their_lines(lab: Lab) -> None:
    answer = asked(lab, OLD_NAS, 22, 23, 80, 443)
    observation = seen(OLD_NAS, answer)
    lines = answer.body.decode().splitlines()
    assert 'portid="23"' in lines[observation.lines["/network/ports/1"] - 1]
    assert lines[observation.lines["/network/tcp_probed"] - 1].startswith('<extraports state="closed" count="2">')


def test_a_firewall_that_drops_everything_is_silent(lab: Lab) -> None:
    answer = asked(lab, DROPPING, *range(1, 15))
    assert (answer.status, answer.detail) == ("silent", connect.NO_PORT_ANSWERED)
    (host,) = hosts(answer.body)
    assert host.observation.device.network is not None
    assert host.observation.device.network.tcp_filtered == tuple(range(1, 15))


def test_an_address_without_route_is_silent(lab: Lab) -> None:
    assert asked(lab, "10.98.0.1", 22).status == "silent"


# --- how much it sends ---


@pytest.mark.parametrize(
    ("address", "max_rate", "many"),
    [(EMPTY, 5, 6), (EMPTY, 40, 80), (DROPPING, 10, 12), (DROPPING, 40, 60), (REJECTING, 40, 60)],
)
def test_never_more_packets_in_a_second_than_allowed(lab: Lab, address: str, max_rate: int, many: int) -> None:
    ports = range(10, 10 + many)
    with captured(lab, address) as sent:
        asked(lab, address, *ports, max_rate=max_rate)
    assert {packet.port for packet in sent} == set(ports)
    assert peak(sent) <= max_rate


@pytest.mark.parametrize("max_rate", [10, 40])
def test_a_host_of_65535_open_ports_draws_no_more_out_of_us(lab: Lab, max_rate: int) -> None:
    """Each port says one byte after the other, and each byte costs an ACK; it ends, and remembers little."""

    def dribble(door: socket.socket) -> None:
        while True:
            door.send(b"x")
            time.sleep(0.05)

    ports = STANDARD_PORTS[:40] if max_rate == 40 else GENTLE_PORTS[:8]
    with peer(lab, dribble, HONEYPOT), captured(lab, HONEYPOT) as sent:
        started = time.monotonic()
        answer = asked(lab, HONEYPOT, *ports, max_rate=max_rate, timeout_s=60)
    assert time.monotonic() - started < 45
    assert network(HONEYPOT, answer).tcp_probed == ports
    assert len(answer.body) < 200 * len(ports) + 4096
    assert peak([packet for packet in sent if packet.flags != dpkt.tcp.TH_RST]) <= max_rate


def test_a_tar_pit_ends_in_time_and_leaves_no_fact(lab: Lab) -> None:
    with peer(lab, lambda door: time.sleep(20), HONEYPOT):
        started = time.monotonic()
        answer = asked(lab, HONEYPOT, *range(1, 500), max_rate=40, timeout_s=2, listen_s=5)
        assert time.monotonic() - started < 3
    assert (answer.status, answer.detail) == ("silent", "not scanned to the end within 2 s")
    (host,) = hosts(answer.body)
    assert (host.timed_out, host.observation.device.network) == (True, None)


def test_a_mute_port_gets_one_more_syn_and_nothing_else(lab: Lab) -> None:
    with captured(lab, DROPPING) as sent:
        asked(lab, DROPPING, 1, 2, 3)
    assert sorted(packet.port for packet in sent) == [1, 1, 2, 2, 3, 3]
    assert {packet.flags & 0x3F for packet in sent} == {dpkt.tcp.TH_SYN}


def test_daemons_are_left_without_a_reset_and_without_a_byte(lab: Lab) -> None:
    with captured(lab, OLD_NAS) as sent:
        asked(lab, OLD_NAS, 22, 139, 445)
    assert not [packet for packet in sent if packet.flags & (dpkt.tcp.TH_RST | dpkt.tcp.TH_PUSH)]
    assert sum(bool(packet.flags & dpkt.tcp.TH_FIN) for packet in sent) == 3


def test_a_printers_9100_to_9107_are_never_connected_to(lab: Lab) -> None:
    with captured(lab, PRINTER) as sent:
        answer = asked(lab, PRINTER, 22, 515, 631, *range(9099, 9110))
    assert network(PRINTER, answer).tcp_probed == (22, 515, 631, 9099, 9108, 9109)
    assert asked(lab, PRINTER, *range(9100, 9108)) == Answer(
        "excluded", b"", "no port left to ask: 9100-9107 are never touched"
    )
    assert not {packet.port for packet in sent} & set(range(9100, 9108))
    assert lab.printed == []


# --- peers that mean us ill ---


def flood(door: socket.socket) -> None:
    while True:
        door.sendall(b"220 " + b"A" * 65536)


def late(door: socket.socket) -> None:
    time.sleep(0.8)
    door.sendall(b"SSH-2.0-late\r\n")
    door.recv(1)


def too_late(door: socket.socket) -> None:
    time.sleep(3)
    door.sendall(b"SSH-2.0-late\r\n")


def reset(door: socket.socket) -> None:
    door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def rude(door: socket.socket) -> None:
    door.sendall(b'\x1b]0;<script>"&\x00\xff\n\n]]>\r\n')
    door.recv(1)


@pytest.mark.parametrize(
    ("behave", "banner", "service"),
    [
        (flood, "220 " + "A" * 252, None),
        (late, "SSH-2.0-late", "ssh"),
        (too_late, "", None),
        (reset, "", None),
        (lambda door: None, "", None),
        (rude, r'\x1B]0;<script>"&\x00\xFF\x0A\x0A]]>', None),
    ],
)
def test_an_open_port_is_open_however_it_behaves(
    lab: Lab, behave: Callable[[socket.socket], None], banner: str, service: str | None
) -> None:
    with peer(lab, behave), captured(lab, PEER) as sent:
        started = time.monotonic()
        answer = asked(lab, PEER, DOOR, DOOR + 1, max_rate=40, listen_s=1.5)
        assert time.monotonic() - started < 3
    found = network(PEER, answer)
    assert found.tcp_probed == (DOOR, DOOR + 1)
    (port,) = found.ports or ()
    assert (port.port, port.banner, port.service) == (DOOR, banner, service)
    assert peak(sent) <= 40
    assert len(answer.body) < 4 * connect.MAX_BANNER + 2048


# --- its end ---


def test_a_look_that_is_stopped_ends_at_once(lab: Lab) -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    look = lab.inside(
        lambda: connect.scan(
            DROPPING, range(1, 200), interface="lo", max_rate=40, timeout_s=30, listen_s=2, stopped=stop.is_set
        )
    )
    assert look == Answer("failed", b"", "stopped")
    assert time.monotonic() - started < 1


def test_what_progress_raises_ends_it_with_every_connection(lab: Lab) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    open_before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(KeyboardInterrupt):
        lab.inside(
            lambda: connect.scan(
                EMPTY, (22, 80), interface="lo", max_rate=40, timeout_s=9, listen_s=2, progress=interrupted
            )
        )
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_progress_rises_to_one(lab: Lab) -> None:
    parts: list[float] = []
    lab.inside(
        lambda: connect.scan(
            OLD_NAS, (22, 23, 80, 445), interface="lo", max_rate=40, timeout_s=9, listen_s=1, progress=parts.append
        )
    )
    assert parts == sorted(set(parts))
    assert (len(parts) > 2, parts[-1]) == (True, 1.0)


@pytest.mark.parametrize("address", ["localhost", "10.99.0.0/24", "::1", "010.99.0.1", ""])
def test_only_a_literal_address_is_asked(address: str) -> None:
    with pytest.raises(ValueError):
        connect.scan(address, (22,), interface="lo", max_rate=10, timeout_s=1, listen_s=1)


@pytest.mark.parametrize("ports", [(0,), (65536,), range(1, 600)])
def test_only_so_many_ports_are_asked(ports: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="port"):
        connect.scan("127.0.0.1", ports, interface="lo", max_rate=10, timeout_s=1, listen_s=1)


def test_the_largest_answer_is_within_what_a_reader_takes() -> None:
    loud = Seen("open", "syn-ack", b"\xff" * connect.MAX_BANNER)
    body = report("10.0.0.7", range(1, 513), dict.fromkeys(range(1, 513), loud), "", 0.0, late=False)
    assert len(body) < 4 << 20
    (host,) = hosts(body)
    assert len((host.observation.device.network and host.observation.device.network.ports) or ()) == connect.MAX_PORTS
