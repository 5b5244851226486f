"""The ARP sweep: who is on this network.

scapy builds and reads the frames; they travel over one AF_PACKET socket of our own with a large buffer, because scapy's
sniffer loses four in five of a burst of answers (docs/adr/0004). Only broadcast ARP requests leave, paced, in random
order, in up to five rounds to those who have not answered.
"""

import io
import random
import select
import socket
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address

import dpkt

from scanner.evidence import Answer

# Five rounds find 39 of 40 hosts at 30 % loss; three are the least honest sweep; more only help a sick network.
MOST_ROUNDS = 5
LEAST_ROUNDS = 3
# A sleeping Wi-Fi device answers late; 350 ms a round finds every host that answers within a second in three rounds.
ROUND_S = 0.35
# Requests per second: half of what arp-scan sends by default, so that old switches and access points keep up.
REQUESTS_PER_S = 400
# Frames kept per sweep: a /20 answers 4,094 times; stops an ARP flood from filling memory and disk.
MOST_FRAMES = 20_000
# Receive buffer in bytes: a burst of 1,000 answers (60 kB of frames, with the kernel's own overhead) fits many times.
RECEIVE_BUFFER = 4 << 20

_ETHERTYPE_ARP = 0x0806
_MOST_FRAME = 2048


def sweep(
    interface: str,
    mac: str,
    address: IPv4Address,
    targets: Iterable[IPv4Address],
    progress: Callable[[float], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the requests sent and of every ARP frame heard meanwhile; needs CAP_NET_RAW, else "failed" and why.

    "failed" too when `stopped()` was true before its end: it then sends nothing more.
    """
    from scapy.layers.l2 import ARP, Ether

    waiting = {target: bytes(_request(Ether, ARP, mac, address, target)) for target in targets if target != address}
    try:
        door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETHERTYPE_ARP))
    except PermissionError:
        return Answer("failed", detail="no right to send ARP: run as root or with CAP_NET_RAW")
    with door:
        try:
            door.bind((interface, _ETHERTYPE_ARP))
        except OSError as error:
            return Answer("failed", detail=f"{interface}: {error.strerror}")
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        frames = _Frames(door)
        try:
            _rounds(frames, waiting, lambda frame: _sender(Ether, ARP, frame), progress, stopped)
        except OSError as error:
            return Answer("failed", frames.pcap(), f"{interface}: {error.strerror}")
    if stopped():
        return Answer("failed", frames.pcap(), "stopped")
    return Answer("done", frames.pcap(), f"{frames.sent} requests, {len(waiting)} without answer")


def _request(ether: type, arp: type, mac: str, address: IPv4Address, target: IPv4Address) -> bytes:
    """One broadcast question: who has `target`?"""
    question = arp(op="who-has", hwsrc=mac, psrc=str(address), hwdst="00:00:00:00:00:00", pdst=str(target))
    return bytes(ether(dst="ff:ff:ff:ff:ff:ff", src=mac) / question)


def _sender(ether: type, arp: type, frame: bytes) -> IPv4Address | None:
    """The address that an ARP frame says its sender has."""
    packet = ether(frame)
    try:
        return IPv4Address(packet[arp].psrc) if packet.haslayer(arp) and packet[arp].ptype == 0x0800 else None
    except ValueError:  # a frame whose lengths lie
        return None


class _Frames:
    """The frames of one sweep, sent and heard, with their times."""

    def __init__(self, door: socket.socket) -> None:
        self.door = door
        self.sent = 0
        self.kept: list[tuple[float, bytes]] = []

    def send(self, frame: bytes) -> None:
        self.door.send(frame)
        self.sent += 1
        self._keep(frame)

    def heard(self, until: float) -> Iterable[bytes]:
        """Each ARP frame that arrives before `until`."""
        while (left := until - time.monotonic()) > 0:
            readable, _, _ = select.select([self.door], [], [], left)
            if not readable:
                return
            frame, origin = self.door.recvfrom(_MOST_FRAME)
            if origin[2] != socket.PACKET_OUTGOING:
                self._keep(frame)
                yield frame

    def pcap(self) -> bytes:
        """The frames as a capture file."""
        buffer = io.BytesIO()
        writer = dpkt.pcap.Writer(buffer, linktype=dpkt.pcap.DLT_EN10MB)
        for moment, frame in self.kept:
            writer.writepkt(frame, moment)
        return buffer.getvalue()

    def _keep(self, frame: bytes) -> None:
        if len(self.kept) < MOST_FRAMES:
            self.kept.append((time.time(), frame))


def _rounds(
    frames: _Frames,
    waiting: dict[IPv4Address, bytes],
    sender: Callable[[bytes], IPv4Address | None],
    progress: Callable[[float], None],
    stopped: Callable[[], bool],
) -> None:
    """Ask in rounds until all have answered, five rounds have passed, or a fourth or fifth would teach nothing."""
    for number in range(MOST_ROUNDS):
        before = len(waiting)
        order = list(waiting)
        random.SystemRandom().shuffle(order)
        started = time.monotonic()
        for place, target in enumerate(order):
            if stopped():
                return
            if target not in waiting:  # it spoke by itself since the round began
                continue
            frames.send(waiting[target])
            # Listening between two questions is the pacing.
            _forget(waiting, map(sender, frames.heard(started + (place + 1) / REQUESTS_PER_S)))
        _forget(waiting, map(sender, frames.heard(time.monotonic() + ROUND_S)))
        progress((number + 1) / MOST_ROUNDS)
        if not waiting or (number + 1 >= LEAST_ROUNDS and len(waiting) == before):
            break
    progress(1.0)


def _forget(waiting: dict[IPv4Address, bytes], answered: Iterable[IPv4Address | None]) -> None:
    for address in answered:
        if address is not None:
            waiting.pop(address, None)
