"""The ARP sweep: who is on this network.

One AF_PACKET socket of our own with a large buffer, because scapy's sniffer loses four in five of a burst of answers;
dpkt reads the frames, here as in the recording (docs/adr/0004). Only broadcast ARP requests leave, paced, in random
order, in rounds to those who have not answered (`arp_rounds`, docs/adr/0012).
"""

import io
import select
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address

import dpkt

from scanner.evidence import Answer
from scanner.wire.arp_rounds import Door, Rounds
from scanner.wire.kernel_filter import Word, attach, program

# Pairs of MAC and address heard in one sweep: a /20 has 4,094 addresses, some of them with two MACs; stops an ARP flood
# from filling memory, disk and report. Our own requests do not count: the targets and the rounds bound them.
MOST_SPEAKERS = 6_000
# Frames kept of one pair: the first is the proof, the second shows that it was no accident; stops one device that
# repeats itself from filling the capture.
KEPT_EACH = 2
# Receive buffer in bytes: a burst of 1,000 answers (60 kB of frames, with the kernel's own overhead) fits many times.
RECEIVE_BUFFER = 4 << 20
# Bytes kept of a frame: ARP has 42, padded to 60; stops frames of 1,500 bytes from making the body larger than a replay
# reads.
MOST_FRAME = 64

_ETHERTYPE_ARP = 0x0806
# ARP for IPv4 with MACs of six bytes: nothing else may take room in the buffer.
_FILTER = program((Word(16, 0x0800), Word(18, 0x0604)), MOST_FRAME)
# linux/if_packet.h and asm-generic/socket.h: not in Python's socket module.
_SOL_PACKET, _PACKET_STATISTICS, _SO_RCVBUFFORCE = 263, 6, 33

Speaker = tuple[str, IPv4Address]


def sweep(
    interface: str,
    mac: str,
    address: IPv4Address,
    targets: Iterable[IPv4Address],
    progress: Callable[[float], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the requests sent and of who spoke ARP meanwhile; needs CAP_NET_RAW, else "failed" and why.

    "failed" with what was heard until then when somebody floods the network: the rest may be hidden by it. "failed" too
    when `stopped()` was true before its end: it then sends nothing more.
    """
    waiting = {target: request(mac, address, target) for target in targets if target != address}
    try:
        door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # hears nothing until it is bound
    except PermissionError:
        return Answer("failed", detail="no right to send ARP: run as root or with CAP_NET_RAW")
    with door:
        try:
            attach(door, _FILTER)
            enlarge(door)
            door.bind((interface, _ETHERTYPE_ARP))
        except OSError as error:
            return Answer("failed", detail=f"{interface}: {error.strerror}")
        capture = Capture()
        try:
            problem = _rounds(_Door(door, capture, mac), waiting, progress, stopped)
        except OSError as error:
            problem = f"{interface}: {error.strerror}"
    if problem:
        return Answer("failed", capture.pcap(), problem)
    return Answer("done", capture.pcap(), f"{capture.sent} requests, {len(waiting)} without answer")


def speaker(frame: bytes) -> Speaker | None:
    """Who sent an ARP frame, by its own payload; None for other frames, probes and addresses nobody can have.

    An ARP frame of 42 bytes: destination, source, 0806, 0001 0800 06 04, operation, sender MAC and address, target's.
    """
    try:
        packet = dpkt.ethernet.Ethernet(frame)
    except (dpkt.UnpackError, dpkt.dpkt.Error, IndexError):
        return None
    said = packet.data
    if not isinstance(said, dpkt.arp.ARP) or (said.pro, said.hln, said.pln) != (dpkt.ethernet.ETH_TYPE_IP, 6, 4):
        return None
    mac, address = said.sha.hex(":"), IPv4Address(said.spa)
    if said.sha[0] & 1 or address.is_unspecified or address.is_multicast or not any(said.sha):
        return None
    return mac, address


class Capture:
    """The frames of one sweep with their times: each request, and of what is heard all that teaches something."""

    def __init__(self) -> None:
        self.sent = 0
        self.full = False  # a speaker was not kept: there was no room for another one
        self._kept: list[tuple[float, bytes]] = []
        self._frames = Counter[Speaker | None]()

    def asked(self, frame: bytes) -> None:
        """Keep a request of ours."""
        self.sent += 1
        self._kept.append((time.time(), frame))

    def heard(self, frame: bytes) -> Speaker | None:
        """Who speaks in a frame; kept unless the same was kept often enough, or there is no room for more speakers."""
        who = speaker(frame)
        if who is not None and who not in self._frames and len(self._frames) >= MOST_SPEAKERS:
            self.full = True
        elif self._frames[who] < KEPT_EACH:
            self._frames[who] += 1
            self._kept.append((time.time(), frame))
        return who

    def pcap(self) -> bytes:
        """The frames as a capture file."""
        buffer = io.BytesIO()
        writer = dpkt.pcap.Writer(buffer, linktype=dpkt.pcap.DLT_EN10MB)
        for moment, frame in self._kept:
            writer.writepkt(frame, moment)
        return buffer.getvalue()


def enlarge(door: socket.socket) -> None:
    """A receive buffer beyond what the machine grants everybody (212,992 bytes by default), where root may have it."""
    door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    with suppress(PermissionError):
        door.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)


def request(mac: str, address: IPv4Address, target: IPv4Address) -> bytes:
    """One broadcast question (RFC 826): who has `target`?

    >>> request("02:00:00:00:00:01", IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")).hex(" ", -4)
    'ffffffff ffff0200 00000001 08060001 08000604 00010200 00000001 0a000001 00000000 00000a00 0002'
    """
    sender = bytes.fromhex(mac.replace(":", ""))
    question = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, sender, address.packed, b"", target.packed)
    return b"\xff" * 6 + sender + struct.pack("!H", _ETHERTYPE_ARP) + question


class _Door(Door):
    """The socket of one sweep, and the capture of what passes through it."""

    def __init__(self, door: socket.socket, capture: Capture, mac: str) -> None:
        self._door, self._capture, self._mac = door, capture, mac

    @property
    def full(self) -> bool:
        return self._capture.full

    def send(self, frame: bytes) -> None:
        self._door.send(frame)
        self._capture.asked(frame)

    def heard(self, until: float) -> Iterator[IPv4Address]:
        """The address of each who speaks before `until`."""
        while (left := until - time.monotonic()) > 0:
            try:
                frame, origin = self._door.recvfrom(MOST_FRAME, socket.MSG_DONTWAIT)
            except BlockingIOError:
                if not select.select([self._door], [], [], left)[0]:
                    return
                continue
            if origin[2] == socket.PACKET_OUTGOING:
                continue
            who = self._capture.heard(frame)
            # Whoever borrows this machine's MAC must not keep an address from being asked: that MAC is no device.
            if who is not None and who[0] != self._mac:
                yield who[1]

    def behind(self) -> bool:
        """Whether frames were lost since the last call, because the kernel had no room, or are still unread."""
        packets_and_drops = self._door.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        unread, _, _ = select.select([self._door], [], [], 0)
        return bool(unread) or struct.unpack("=II", packets_and_drops)[1] > 0


def _rounds(
    door: Door,
    waiting: dict[IPv4Address, bytes],
    progress: Callable[[float], None],
    stopped: Callable[[], bool],
) -> str:
    """What kept a sweep from hearing everybody, "" when nothing did."""
    whole = Rounds(door, waiting, stopped).run(progress)
    if stopped():
        return "stopped"
    if door.full:
        return f"more than {MOST_SPEAKERS} ARP senders: somebody floods the network"
    progress(1.0)
    return "" if whole else "ARP frames were lost in every round: somebody floods the network"
