"""A question to everybody on one network at once, by multicast or broadcast, and the answers that come meanwhile.

It reaches fragile devices too: so few datagrams, standard ones, paced, and none of it ever forwarded (hop limit
by the caller). The socket is bound to the swept interface, which also needs no route for 224.0.0.0/4.
"""

import select
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address

from scanner.datagrams import Datagram, capture
from scanner.evidence import Answer
from scanner.wire.bound import NotBound, bound_socket

# Datagrams sent in one go, whatever the answers ask for; stops a peer that makes one question out of many answers.
MOST_SENT = 12
# Seconds between two of them: the slowest devices of a network hear them all.
PAUSE_S = 0.1
# Bytes kept of one datagram (RFC 6762 §17: 9,000 with headers); stops larger ones from being believed.
MOST_DATAGRAM = 9_000
# Bytes and datagrams kept of one sender: a NAS with forty services sends 8 kB; stops one from drowning the rest.
MOST_BYTES_EACH, MOST_DATAGRAMS_EACH = 64 << 10, 64
# Bytes kept in all; stops many senders from making the body larger than a replay reads.
MOST_BYTES = 3 << 20
# Datagrams looked at, kept or not: 20,000 are an hour's worth of a large network; stops a flood from holding the visit.
MOST_HEARD = 20_000
STOP_CHECK_S = 0.1  # seconds between two looks at whether the visit has been stopped

Follow = Callable[[Datagram], list[bytes]]
Welcome = Callable[[IPv4Address], bool]

_IP_MULTICAST_ALL = 49  # linux/in.h: not in Python's socket module


@dataclass(frozen=True, slots=True)
class Group:
    """Where a question goes, and for how long its answers are waited for."""

    address: str
    port: int
    hops: int
    listen_s: float
    own_port: int = 0  # 0: any; the group's own port hears what is said to everybody, too, and only others on it
    is_answer: Callable[[bytes], bool] = lambda _: True  # what others ask each other is nobody's business


def ask(
    interface: str,
    address: IPv4Address,
    group: Group,
    questions: list[bytes],
    welcome: Welcome,
    follow: Follow = lambda _: [],
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the datagrams sent, and of those heard from senders that are `welcome`, in time.

    `questions` are sent at once and once more halfway, because datagrams get lost; `follow` gives the questions that a
    datagram heard leads to. "done" also when nobody answered. "failed", and why, when the interface does not let
    multicast out, when `stopped()`, and when more came than is kept: then what was heard is still in the body.
    """
    try:
        door = bound_socket(socket.SOCK_DGRAM, interface)
    except NotBound as error:
        return Answer("failed", detail=str(error))
    hearing = _Hearing(address, group, welcome)
    with door:
        try:
            _open(door, interface, address, group)
            for datagram in _talk(door, hearing, questions, stopped):
                hearing.wanted += follow(datagram)
        except OSError as error:
            return Answer("failed", hearing.pcap(), f"{interface}: multicast to {group.address}: {error.strerror}")
    if stopped():
        return Answer("failed", hearing.pcap(), "stopped")
    if hearing.cut:
        return Answer("failed", hearing.pcap(), f"more than is kept was answered: {hearing.cut}")
    return Answer("done", hearing.pcap(), f"{hearing.sent} questions, {len(hearing.senders)} devices answered")


def _open(door: socket.socket, interface: str, address: IPv4Address, group: Group) -> None:
    """Everything that leaves `door` carries our own address and goes no further than `group.hops`."""
    index = socket.if_nametoindex(interface)
    here = struct.pack("=4s4si", socket.inet_aton(group.address), address.packed, index)
    door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4si", b"\0" * 4, address.packed, index))
    door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, group.hops)
    door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    door.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
    if group.address == "255.255.255.255":  # joins nothing; and who is bound to one address hears no broadcast
        door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("", group.own_port))
    elif group.own_port:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # beside this machine's own responder
        door.bind(("", group.own_port))
        door.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, here)
    else:
        door.bind((str(address), 0))
    door.setblocking(False)


class _Hearing:
    """What was sent and heard, within bounds."""

    def __init__(self, own: IPv4Address, group: Group, welcome: Welcome) -> None:
        self.own, self.group, self.welcome = own, group, welcome
        self.wanted: list[bytes] = []  # questions that answers led to
        self.sent = self.heard = self.bytes = 0
        self.senders = Counter[IPv4Address]()
        self.cut = ""  # the bound that was reached first
        self._bytes = Counter[IPv4Address]()
        self._kept: list[Datagram] = []

    def asked(self, payload: bytes, own_port: int) -> None:
        """Keep a question of ours."""
        self.sent += 1
        to = IPv4Address(self.group.address)
        self._kept.append(Datagram(self.own, own_port, to, self.group.port, payload, time.time()))

    def keep(self, payload: bytes, origin: tuple[str, int], own_port: int) -> Datagram | None:
        """The datagram when it is kept, None when its sender is not welcome or has said enough."""
        self.heard += 1
        source = IPv4Address(origin[0])
        if source == self.own or not self.welcome(source):
            return None
        if (self.group.own_port and origin[1] != self.group.port) or not self.group.is_answer(payload):
            return None
        if why := self._full(source, len(payload)):
            self.cut = self.cut or why
            return None
        self.senders[source] += 1
        self._bytes[source] += len(payload)
        self.bytes += len(payload)
        # Whether it came to us alone or to the group cannot be told from the payload, and matters to nobody.
        datagram = Datagram(source, origin[1], self.own, own_port, payload, time.time())
        self._kept.append(datagram)
        return datagram

    def _full(self, source: IPv4Address, size: int) -> str:
        if size > MOST_DATAGRAM:
            return f"a datagram of {source} with more than {MOST_DATAGRAM} bytes"
        if self.senders[source] >= MOST_DATAGRAMS_EACH or self._bytes[source] + size > MOST_BYTES_EACH:
            return f"{MOST_DATAGRAMS_EACH} datagrams or {MOST_BYTES_EACH} bytes of {source}"
        return f"{MOST_BYTES} bytes in all" if self.bytes + size > MOST_BYTES else ""

    def pcap(self) -> bytes:
        """The datagrams as a capture file."""
        return capture(self._kept)


def _talk(
    door: socket.socket, hearing: _Hearing, questions: list[bytes], stopped: Callable[[], bool]
) -> Iterator[Datagram]:
    """Send and listen in turn until the time of the group is over; each datagram kept."""
    group, began = hearing.group, time.monotonic()
    end, again = began + group.listen_s, began + group.listen_s / 2
    waiting, repeated, next_send = list(questions), False, began
    while (now := time.monotonic()) < end and hearing.heard < MOST_HEARD and not stopped():
        if not repeated and now >= again:
            waiting, repeated = [*waiting, *questions], True
        waiting, hearing.wanted = [*waiting, *hearing.wanted], []
        if waiting and now >= next_send and hearing.sent < MOST_SENT:
            payload = waiting.pop(0)
            door.sendto(payload, (group.address, group.port))
            hearing.asked(payload, door.getsockname()[1])
            next_send = now + PAUSE_S
        readable, _, _ = select.select([door], [], [], min(STOP_CHECK_S, end - now))
        if readable and (datagram := _received(door, hearing)) is not None:
            yield datagram
    if hearing.heard >= MOST_HEARD:
        hearing.cut = hearing.cut or f"{MOST_HEARD} datagrams in all"


def _received(door: socket.socket, hearing: _Hearing) -> Datagram | None:
    with suppress(BlockingIOError, ConnectionError):  # a checksum that was wrong; an ICMP error to an earlier question
        payload, origin = door.recvfrom(MOST_DATAGRAM + 1)
        return hearing.keep(payload, origin, door.getsockname()[1])
    return None
