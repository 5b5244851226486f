"""IPv6: who is on this link, and who calls itself a router there? Asked of everybody at once, by ICMPv6.

A router solicitation, and an echo request to all nodes from one address of each of our prefixes, because a host answers
from an address of the same prefix; once more halfway, because frames get lost. Nothing is sent to one host alone. Hosts
ask for our MAC before they answer: so this machine must speak IPv6 itself.
"""

import secrets
import select
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv6Address

from scanner.evidence import Answer
from scanner.frames.saved import Moment, written
from scanner.wire.arp import enlarge
from scanner.wire.kernel_filter import Word, attach, program

# Our addresses from which an echo is asked: link-local, unique local, global. Eight frames with the solicitations.
MOST_SOURCES = 3
# Seconds between two frames: the slowest devices of a network hear them all.
PAUSE_S = 0.1
# Seconds of listening: a router answers within half a second (RFC 4861 §10), a host asks for our MAC first.
LISTEN_S = 2.0
STOP_CHECK_S = 0.1  # seconds between two looks at whether the visit has been stopped
# Bytes kept of a frame: an advertisement with every option has 250; stops frames of 1,500 bytes from filling the body.
MOST_FRAME = 512
# Frames kept of one MAC: a router with ten prefixes says twenty things; stops one that never repeats itself.
MOST_EACH = 64
# Frames kept in all: 1,000 devices with three addresses; stops a flood of invented senders. 3 MiB of 512 bytes each.
MOST_FRAMES = 6_000

ALL_NODES, ALL_ROUTERS = IPv6Address("ff02::1"), IPv6Address("ff02::2")
ECHO_REQUEST, ECHO_REPLY = 128, 129
ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 133, 134, 135, 136
_ETHERTYPE_IPV6, _ICMPV6 = 0x86DD, 58
_HEAD = 54  # where ICMPv6 begins, behind Ethernet and IPv6
_FILTER = program((Word(20, _ICMPV6, size=1),), MOST_FRAME)


def ask(interface: str, mac: str, own: Iterable[IPv6Address], stopped: Callable[[], bool] = lambda: False) -> Answer:
    """A pcap of the frames sent, and of the ICMPv6 that came meanwhile; needs CAP_NET_RAW.

    "done" also when nobody answered. "failed", and why, when it cannot be sent, when `stopped()`, and when more came
    than is kept: then what was heard is still in the body.
    """
    sources = _sources(own)
    if not sources:
        return Answer("no_ipv6", detail=f"{interface} has no IPv6 address")
    hearing = _Hearing(mac)
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as door:
            attach(door, _FILTER)
            enlarge(door)
            door.bind((interface, _ETHERTYPE_IPV6))
            _talk(door, hearing, questions(mac, sources), stopped)
    except PermissionError:
        return Answer("failed", detail="no right to send ICMPv6: run as root or with CAP_NET_RAW")
    except OSError as error:
        return Answer("failed", hearing.pcap(), f"{interface}: {error.strerror}")
    if stopped():
        return Answer("failed", hearing.pcap(), "stopped")
    if hearing.full:
        return Answer("failed", hearing.pcap(), f"more than {MOST_FRAMES} frames: somebody floods the network")
    return Answer("done", hearing.pcap(), f"{hearing.sent} questions, {hearing.senders} devices heard")


def questions(mac: str, sources: Iterable[IPv6Address]) -> list[bytes]:
    """A router solicitation with our MAC (RFC 4861 §4.1), and an echo request from each source (RFC 4443 §4.1).

    The echo carries eight bytes that nobody can know who did not hear it: no answer can come from beyond the link.
    """
    sender, listed = bytes.fromhex(mac.replace(":", "")), tuple(sources)
    token = secrets.token_bytes(8)
    solicitation = struct.pack("!BBHIBB6s", ROUTER_SOLICITATION, 0, 0, 0, 1, 1, sender)
    echo = struct.pack("!BBHHH8s", ECHO_REQUEST, 0, 0, int.from_bytes(token[:2], "big"), 1, token)
    asked = [_frame(sender, source, ALL_NODES, echo) for source in listed]
    return [_frame(sender, listed[0], ALL_ROUTERS, solicitation), *asked]


def _frame(mac: bytes, source: IPv6Address, group: IPv6Address, message: bytes) -> bytes:
    """A message to a group, hop limit 255, with its checksum (RFC 4443 §2.3), behind Ethernet (RFC 2464 §7)."""
    pseudo = source.packed + group.packed + struct.pack("!II", len(message), _ICMPV6) + message
    total = sum(struct.unpack(f"!{len(pseudo) // 2}H", pseudo))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    summed = message[:2] + struct.pack("!H", ~total & 0xFFFF) + message[4:]
    header = struct.pack("!IHBB16s16s", 6 << 28, len(message), _ICMPV6, 255, source.packed, group.packed)
    return b"\x33\x33" + group.packed[12:] + mac + struct.pack("!H", _ETHERTYPE_IPV6) + header + summed


def _sources(own: Iterable[IPv6Address]) -> tuple[IPv6Address, ...]:
    """The first address of each prefix, the link-local one first; none without a link-local one."""
    first: dict[bytes, IPv6Address] = {}
    for address in sorted(own, key=lambda item: (not item.is_link_local, item.is_global, item)):
        first.setdefault(address.packed[:8], address)
    listed = tuple(first.values())[:MOST_SOURCES]
    return listed if listed and listed[0].is_link_local else ()


class _Hearing:
    """What was sent and heard, each thing once, within bounds."""

    def __init__(self, mac: str) -> None:
        self.sent = 0
        self.full = False  # a frame was not kept: there was no room for another one
        self._own = bytes.fromhex(mac.replace(":", ""))
        self._known: set[bytes] = set()
        self._frames = Counter[tuple[bytes, bool]]()
        self._kept: list[Moment] = []

    @property
    def senders(self) -> int:
        return len({sender for sender, _ in self._frames})

    def asked(self, frame: bytes) -> None:
        """Keep a question of ours."""
        self.sent += 1
        self._kept.append((time.time(), frame))

    def heard(self, frame: bytes) -> None:
        """Keep what is new from somebody else who has not said enough; of whoever uses our MAC that it is a router.

        Advertisements are counted apart: whoever says much hides none of its own.
        """
        sender, key, router = frame[6:12], _taught(frame), _is_advertisement(frame)
        if (sender == self._own and not router) or key is None or key in self._known:
            return
        if self._frames[sender, router] >= MOST_EACH:
            return
        if len(self._known) >= MOST_FRAMES:
            self.full = True
            return
        self._known.add(key)
        self._frames[sender, router] += 1
        self._kept.append((time.time(), frame))

    def pcap(self) -> bytes:
        """The frames as a capture file."""
        return written(self._kept)


def _is_advertisement(frame: bytes) -> bool:
    return frame[_HEAD : _HEAD + 1] == bytes((ROUTER_ADVERTISEMENT,))


def _taught(frame: bytes) -> bytes | None:
    """What a frame can teach: who, from which address, as what; of a router every word; None when nothing."""
    kind = frame[_HEAD] if len(frame) > _HEAD else 0
    who = frame[6:12] + frame[22:38] + frame[_HEAD : _HEAD + 1]
    if kind == ROUTER_ADVERTISEMENT:
        return who + frame[_HEAD:]
    if kind == NEIGHBOUR_ADVERTISEMENT:
        return who + frame[_HEAD + 8 : _HEAD + 24]  # the address that it answers for
    return who if kind in (ECHO_REPLY, ROUTER_SOLICITATION, NEIGHBOUR_SOLICITATION) else None


def _talk(door: socket.socket, hearing: _Hearing, asked: list[bytes], stopped: Callable[[], bool]) -> None:
    """Send each question at its time and listen in between, until the time is over or nobody could be noticed."""
    began = time.monotonic()
    times = [began + half * LISTEN_S / 2 + place * PAUSE_S for half in range(2) for place in range(len(asked))]
    for moment, frame in zip(times, asked * 2, strict=True):
        _listen(door, hearing, moment, stopped)
        if stopped() or hearing.full:
            return
        door.send(frame)
        hearing.asked(frame)
    _listen(door, hearing, began + LISTEN_S, stopped)


def _listen(door: socket.socket, hearing: _Hearing, until: float, stopped: Callable[[], bool]) -> None:
    for frame in _frames(door, until, stopped):
        hearing.heard(frame)
        if hearing.full:
            return


def _frames(door: socket.socket, until: float, stopped: Callable[[], bool]) -> Iterator[bytes]:
    while (left := until - time.monotonic()) > 0 and not stopped():
        if select.select([door], [], [], min(left, STOP_CHECK_S))[0]:
            frame, origin = door.recvfrom(MOST_FRAME)
            if origin[2] != socket.PACKET_OUTGOING:
                yield frame
