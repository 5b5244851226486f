"""Listening on a real interface: what lldpd speaks, what the kernel's filter lets through, and how it ends."""

import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inventory.network import Network
from scanner.frames.hearing import heard_in_body
from scanner.frames.saved import written
from scanner.frames.sieve import UDP_PORTS, sift
from scanner.wire import capture
from scanner.wire.capture import Listener
from tests.unit.scanner.daemons import program
from tests.unit.scanner.frame_samples import NAS, NAS_IP, PRINTER, PRINTER_IP, arp, ethernet, tagged, udp
from tests.unit.scanner.neighbourhood import Neighbourhood
from tests.unit.scanner.test_frames import samples

SWITCH, SWITCH_IP = "00:11:32:00:00:07", "10.98.0.7"
# -l -cc… force each protocol although nobody else speaks it.
_SCRIPT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lldpd
echo '127.0.1.1 sw-accueil.cabinet.lan sw-accueil' > /run/hosts
mount --bind /run/hosts /etc/hosts
hostname sw-accueil
ip link set lo up
ip netns add switch
ip link add lan type veth peer name eth0 netns switch
ip link set lan address 02:00:00:00:00:01 up
ip -n switch link set eth0 address {mac}
ip -n switch address add {address}/24 dev eth0
ip -n switch link set eth0 up
echo ready
read start
ip netns exec switch {lldpd} -d -l -ccc -ee -ff -ss -S 'Commutateur accueil' -u /run/lldpd.socket &
wait
"""


@contextmanager
def wire() -> Iterator[tuple[Neighbourhood, "subprocess.Popen[str]"]]:
    """Two ends of a cable; lldpd begins to speak on the other one when a line is written."""
    script = _SCRIPT.format(mac=SWITCH, address=SWITCH_IP, lldpd=program("lldpd", "lldpd"))
    command = [program("unshare", "util-linux"), "-nmpuf", "--kill-child=SIGKILL", "bash", "-c", script]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as daemons:
        try:
            assert daemons.stdout is not None
            assert daemons.stdout.readline() == "ready\n"
            yield Neighbourhood(daemons.pid), daemons
        finally:
            daemons.kill()


@pytest.fixture(scope="module")
def cable() -> Iterator[Neighbourhood]:
    """The cable alone."""
    with wire() as (ends, _):
        yield ends


def far(ends: Neighbourhood) -> socket.socket:
    """A socket that sends frames from the other end."""

    def opened() -> socket.socket:
        door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        door.bind(("eth0", 0))
        return door

    return ends.as_stranger(opened, "switch")


def test_what_lldpd_speaks_is_heard() -> None:
    wanted = {"lldp", "cdp", "edp", "fdp", "sonmp"}
    with wire() as (ends, daemons):
        listener = ends.inside(lambda: Listener("lan"))
        assert daemons.stdin is not None
        daemons.stdin.write("\n")
        daemons.stdin.flush()
        end = time.monotonic() + 15
        while time.monotonic() < end:
            time.sleep(0.2)
            if wanted <= {packet.protocol for _, frame in listener.heard() if (packet := sift(frame))}:
                break
        answer = listener.answer()
    assert answer.status == "done"
    network = heard_in_body(answer.body).devices[SWITCH].device.network or Network()
    said = {item.protocol: item for item in network.neighbours or ()}
    assert set(said) == wanted
    assert network.hostname == "sw-accueil.cabinet.lan"
    for protocol in ("lldp", "cdp", "fdp"):
        assert (said[protocol].system_name, said[protocol].description) == (network.hostname, "Commutateur accueil")
        assert said[protocol].management == (SWITCH_IP,)
    assert (said["lldp"].chassis, said["lldp"].port_description) == (SWITCH, "eth0")
    assert (said["cdp"].port, said["cdp"].capabilities, said["fdp"].capabilities) == ("eth0", ("host",), ("host",))
    assert (said["edp"].chassis, said["edp"].port) == (SWITCH, "1/1")
    assert said["sonmp"].chassis == SWITCH_IP


def varied() -> list[bytes]:
    """Frames of every kind that matters and of many that do not, each told from the others by its last bytes."""
    dice = random.Random(7)
    frames = [*samples(), *(tagged(frame, 20) for frame in samples())]
    for port in (*UDP_PORTS, 53, 443, 5352, 10002):
        frames += [udp(NAS, NAS_IP, (port, 40000), b"x" * 20), udp(NAS, NAS_IP, (40000, port), b"x" * 20)]
        frames.append(udp(NAS, NAS_IP, (port, port), b"x" * 20, fragment=0x2000))
    for kind in (0x0800, 0x0806, 0x86DD, 0x88CC, 0x8100, 0x88B5, 0x05DC, 0x0026):
        frames += [ethernet(NAS, kind, dice.randbytes(60)) for _ in range(40)]
    for frame in samples():
        for _ in range(20):
            changed = bytearray(frame)
            changed[dice.randrange(12, min(60, len(frame)))] = dice.randrange(256)
            frames.append(bytes(changed))
    return [frame.ljust(60, b"\0") for frame in frames]


def test_the_kernel_lets_through_what_the_sieve_takes_and_hardly_more(cable: Neighbourhood) -> None:
    frames = varied()
    door = cable.inside(lambda: capture.opened("lan"))
    door.settimeout(0.5)
    passed = set()
    with door, far(cable) as other:
        for frame in frames:
            other.send(frame)
        while True:
            try:
                passed.add(door.recv(capture.MOST_FRAME))
            except TimeoutError:
                break
    taken = {frame for frame in frames if sift(frame) is not None and frame[12:14] != b"\x81\x00"}
    # The kernel takes a tag off: what is below it passes, or not, on its own.
    assert taken <= passed
    tagged_too = {frame[:12] + frame[16:] for frame in frames if frame[12:14] in (b"\x81\x00", b"\x88\xa8")}
    more = {frame for frame in passed - taken - tagged_too if frame[12:14] != b"\x81\x00"}
    assert len(more) < 0.1 * len(passed)  # senders that are groups, hop limits, options of IP: left to the sieve
    assert not [frame for frame in passed if frame[12:14] == b"\x08\x00" and frame[23] != 17]


def test_it_ends_at_once_and_says_what_it_kept(cable: Neighbourhood) -> None:
    listener = cable.inside(lambda: Listener("lan"))
    with far(cable) as other:
        for frame in (arp(NAS, NAS_IP), arp(PRINTER, PRINTER_IP), arp(NAS, NAS_IP)):
            other.send(frame)
        time.sleep(0.3)
    began = time.monotonic()
    answer = listener.answer()
    assert time.monotonic() - began < 0.3
    assert answer.status == "done"
    assert set(heard_in_body(answer.body).devices) >= {NAS, PRINTER}
    assert listener.answer().body == answer.body
    assert not [thread for thread in threading.enumerate() if thread.name == "listen lan"]


def test_what_this_machine_sends_is_not_heard(cable: Neighbourhood) -> None:
    def spoken() -> bytes:
        listener = Listener("lan")
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as door:
            door.bind(("lan", 0))
            door.send(arp("02:00:00:00:00:01", "10.98.0.1"))
        time.sleep(0.2)
        return listener.answer().body

    assert "02:00:00:00:00:01" not in heard_in_body(cable.inside(spoken)).devices


def test_a_flood_ends_the_listening_and_is_said(cable: Neighbourhood) -> None:
    listener = cable.inside(lambda: Listener("lan"))
    body = b"x" * 1_400
    with far(cable) as other:
        for number in range(4_000):
            mac = f"00:11:33:00:{number >> 8:02x}:{number & 255:02x}"
            other.send(udp(mac, NAS_IP, (1900, 1900), body))
            if number % 64 == 0:
                time.sleep(0.002)
    answer = listener.answer()
    assert answer.status == "failed"
    assert "more than is kept" in answer.detail
    assert len(answer.body) < 4 << 20


def test_an_interface_that_is_not_there_is_said(cable: Neighbourhood) -> None:
    answer = cable.inside(lambda: Listener("nowhere").answer())
    assert (answer.status, answer.body) == ("failed", b"")
    assert answer.detail.startswith("nowhere: ")


def test_a_file_is_kept_as_a_socket_is(tmp_path: Path) -> None:
    path = tmp_path / "office.pcap"
    path.write_bytes(written([(1.0, frame) for frame in (*varied(), *samples())]))
    answer = capture.saved(path)
    assert answer.status == "done"
    assert set(heard_in_body(answer.body).devices) == set(heard_in_body(path.read_bytes()).devices)
    path.write_bytes(path.read_bytes()[:-3])
    cut = capture.saved(path)
    assert (cut.status, "cut short" in cut.detail) == ("failed", True)
    assert NAS in heard_in_body(cut.body).devices
    assert capture.saved(tmp_path / "absent").status == "failed"
