"""How fast a sweep asks, and what the kernel lets in to it: one cable between two namespaces."""

import io
import itertools
import socket
import subprocess
import sys

import dpkt
import pytest

from scanner.wire import arp, kernel_filter
from scanner.wire.arp_rounds import INTERVAL_S, LEAST_ROUNDS, MOST_OVERDUE, REQUESTS_PER_S
from tests.unit.scanner.test_wire_arp_flood import DEVICES, MAC, Cable, cable

__all__ = ["cable"]  # a fixture
# Frames of ARP's ethertype: a long one, an AppleTalk one, one with addresses of other lengths, a short one.
ODD = """
import socket
door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
door.bind(("there", 0x0806))
for kind, size in (("0001080006040002", 1400), ("0001809b06040002", 60), ("0001080008040002", 60),
                   ("0001080006040001", 42)):
    door.send((b"\\xff" * 6 + b"\\x02\\0\\0\\0\\1\\2\\x08\\x06" + bytes.fromhex(kind)).ljust(size, b"\\0"))
"""


def test_questions_keep_their_pace(cable: Cable) -> None:
    with cable.others(DEVICES):
        answer = cable.sweep()
    asked: dict[bytes, list[float]] = {}
    for moment, raw in dpkt.pcap.Reader(io.BytesIO(answer.body)):
        if raw[6:12] == bytes.fromhex(MAC.replace(":", "")):
            asked.setdefault(raw[38:42], []).append(moment)
    assert {len(moments) for moments in asked.values()} == {1, LEAST_ROUNDS}
    for moments in asked.values():
        assert all(later - sooner >= INTERVAL_S - 0.001 for sooner, later in itertools.pairwise(moments))
    every = sorted(itertools.chain(*asked.values()))
    assert every[MOST_OVERDUE + 4] - every[0] >= 3 / REQUESTS_PER_S


def test_only_arp_for_ipv4_takes_room(cable: Cable) -> None:
    """Whatever else carries ARP's ethertype stays outside; the kernel cuts what is longer than ARP."""
    door = cable.inside(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
    there = ["nsenter", f"--net=/proc/{cable.there}/ns/net", "--", sys.executable, "-c", ODD]
    with door:
        kernel_filter.attach(door, arp._FILTER)
        door.bind(("here", 0x0806))
        subprocess.run(there, check=True)
        door.settimeout(1)
        assert [len(door.recv(2000)) for _ in range(2)] == [arp.MOST_FRAME, 42]
        door.settimeout(0.1)
        with pytest.raises(TimeoutError):
            door.recv(2000)
