"""TCP connections to one address: which ports are open, and what each says first. The first look at a device.

Knows no site and no policy: address, ports and pace come from the caller. Nothing is sent but what opens and closes a
connection. All ports wait in one loop of one thread, so that a look lasts as long as its slowest port, not as long as
all of them together. The answer has nmap's format, and `nmap_xml` reads it.

How a connection ends: by a plain `close` without SO_LINGER, which sends FIN once all that came was read. An abortive
close (linger 0) would be a reset, which small devices log as an attack and some answer by a restart. Half a close
(`shutdown`) would hold the only connection that a simple device can serve until it too hangs up. Only a peer that
sends more than the banner's bound is reset: nothing else ends its flood.
"""

import errno
import selectors
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from scanner.evidence import Answer
from scanner.wire.bound import NotBound, bound_socket
from scanner.wire.connect_xml import Seen, report, spans
from scanner.wire.nmap import MUTE, NO_PORT_ANSWERED, touchable
from scanner.wire.pace import Pace

__all__ = ["CONNECT_S", "MAX_BANNER", "MAX_PORTS", "NO_PORT_ANSWERED", "scan"]

CONNECT_S = 2.0  # seconds until a port is filtered: one for the first SYN, one for the only other that is sent
RESENT_S = 1.0  # seconds until the kernel sends the SYN again (RFC 6298 §2): by then the first is out of the count
ANSWER_S = 0.25  # seconds that room is kept for the ACK of an answer; on a LAN it comes within a few milliseconds
QUIET_S = 0.3  # seconds without another word after which a banner is whole
MAX_BANNER = 1024  # bytes kept of a banner, 21 for an SSH server; stops a port that talks without end
RECEIVE_BUFFER = 4096  # bytes that the kernel takes in unread, and acknowledges; stops a flood at the door
MAX_PORTS = 512  # ports of one look, six times the longest list; stops an answer of more than 4 MiB
TICK_S = 0.02  # seconds between two looks at the clock and at whether the caller has stopped
FAREWELL = 3  # packets an open connection may yet cost: the ACK of its banner, our FIN, the ACK of its FIN

_IP_RECVERR = 11  # linux/in.h: tells an ICMP message from a reset, which `connect` reports alike
_EXTENDED_ERROR = struct.Struct("=IBBBBII")  # linux/errqueue.h: errno, origin, type, code, pad, info, data
_ORIGIN_ICMP = 2
# ICMP destination unreachable, RFC 792 and RFC 1812 §5.2.7.1, in nmap's words.
_ICMP_CODES = {
    0: "net-unreach", 1: "host-unreach", 2: "proto-unreach", 3: "port-unreach",
    9: "net-prohibited", 10: "host-prohibited", 13: "admin-prohibited",
}  # fmt: skip
# What the kernel says of a connection that did not come about.
_ERRORS = {
    errno.ECONNREFUSED: Seen("closed", "conn-refused"),
    errno.ETIMEDOUT: Seen("filtered", "no-response"),
    errno.EHOSTUNREACH: Seen("filtered", "host-unreach"),
    errno.EHOSTDOWN: Seen("filtered", "host-unreach"),
    errno.ENETUNREACH: Seen("filtered", "net-unreach"),
    errno.ENOPROTOOPT: Seen("filtered", "proto-unreach"),
}
# A connection that was made and is gone already: open all the same.
_MADE = frozenset({0, errno.EISCONN, errno.ECONNRESET, errno.EPIPE})


def scan(
    address: str,
    ports: Sequence[int],
    *,
    interface: str,
    max_rate: int,
    timeout_s: float,
    listen_s: float,
    progress: Callable[[float], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """The state of each port as nmap's XML, asked through `interface` with at most `max_rate` packets a second.

    Each open port is listened to for `listen_s` at most; `progress` is told the part done, from 0 to 1. "silent" when
    no port answered at all, or when `timeout_s` did not suffice: then no port is in the answer. "failed" once
    `stopped()` is true, or when this machine would not send. Ports 9100 to 9107 are left out whatever is asked.

    Raises:
        ValueError: not an IPv4 literal, not a port, or more than MAX_PORTS of them: a mistake of the caller.
    """
    target = str(IPv4Address(address))
    left = touchable(ports)
    if len(left) > MAX_PORTS:
        raise ValueError(f"more than {MAX_PORTS} ports")
    if not left:
        return Answer("excluded", b"", "no port left to ask: 9100-9107 are never touched")
    started = time.time()
    with selectors.DefaultSelector() as waiting:
        look = _Look(target, interface, listen_s, Pace(max_rate), waiting, deque(left))
        cut = look.run(time.monotonic() + timeout_s, progress, stopped)
    if cut is not None and cut != "late":
        return Answer("failed", b"", cut)
    arguments = f"vigie connect -p {spans(left)} --max-rate {max_rate} -e {interface} {target}"
    xml = report(target, left, look.seen, arguments, started, late=cut == "late")
    if cut == "late":
        return Answer("silent", xml, f"not scanned to the end within {timeout_s:g} s")
    if all(facts.reason in MUTE for facts in look.seen.values()):
        return Answer("silent", xml, NO_PORT_ANSWERED)
    return Answer("done", xml)


class _NotSent(Exception):
    """Our own machine would not send: nothing is known of the port. `str()` says why."""


@dataclass(slots=True, eq=False)
class _Try:
    """One connection, on its way or open."""

    port: int
    door: socket.socket
    since: float  # when its SYN left, then when it was open
    held: int = 1  # packets the pace keeps for it
    resent: bool = False
    open: bool = False
    heard: bytearray = field(default_factory=bytearray)
    last: float = 0.0  # when it spoke last


@dataclass(slots=True)
class _Look:
    """Every connection of one look at one address."""

    address: str
    interface: str
    listen_s: float
    pace: Pace
    waiting: selectors.BaseSelector
    left: deque[int]
    seen: dict[int, Seen] = field(default_factory=dict)

    def run(self, until: float, progress: Callable[[float], None] | None, stopped: Callable[[], bool]) -> str | None:
        """Why it ended before its end: "late", "stopped", or what kept this machine from sending; None when it did not.

        However it ends, every connection is closed.
        """
        total, told = len(self.left), 0
        try:
            while self.left or self.waiting.get_map():
                if stopped():
                    return "stopped"
                if (now := time.monotonic()) >= until:
                    return "late"
                if self.left and self.pace.started(now):
                    self._start(self.left.popleft(), now)
                for key, _ in self.waiting.select(self.pace.wait(now, TICK_S)):
                    self._ready(key.data)
                self._expire(time.monotonic())
                if progress is not None and len(self.seen) > told:
                    told = len(self.seen)
                    progress(told / total)
        except (_NotSent, NotBound) as error:
            return str(error)
        finally:
            for key in list(self.waiting.get_map().values()):
                self._end(key.data)
        return None

    def _start(self, port: int, now: float) -> None:
        """The first SYN to a port; the kernel sends one more by itself."""
        door = bound_socket(socket.SOCK_STREAM, self.interface)
        attempt = _Try(port, door, now)
        try:
            door.setblocking(False)
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1)
            door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            door.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
            error = door.connect_ex((self.address, port))
            self.waiting.register(door, selectors.EVENT_WRITE, attempt)
        except OSError as failure:
            door.close()
            raise _NotSent(f"not sent: {failure.strerror}") from failure
        if error not in (0, errno.EINPROGRESS):
            self._shut(attempt, error)

    def _ready(self, attempt: _Try) -> None:
        """Something happened to a connection."""
        if attempt.open:
            self._hear(attempt)
            return
        error = attempt.door.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error not in _MADE:
            self._shut(attempt, error)
            return
        attempt.open, attempt.since = True, time.monotonic()
        self.pace.spend(attempt.since)
        self.pace.hold(FAREWELL - attempt.held)
        attempt.held = FAREWELL
        self.waiting.modify(attempt.door, selectors.EVENT_READ, attempt)

    def _shut(self, attempt: _Try, error: int) -> None:
        """A connection that did not come about: closed, or filtered when it was not the port itself that refused."""
        seen = _ERRORS.get(error)
        if seen is None:
            raise _NotSent(f"not sent: {errno.errorcode.get(error, str(error))}")
        if reason := _icmp(attempt.door):
            seen = Seen("filtered", reason)
        self.seen[attempt.port] = seen
        self._end(attempt)

    def _hear(self, attempt: _Try) -> None:
        """What an open port says, until it has said enough or hangs up."""
        now = time.monotonic()
        try:
            said = attempt.door.recv(MAX_BANNER - len(attempt.heard))
        except BlockingIOError:
            return
        except OSError:  # reset: it was open, and that is what it had to say
            said = b""
        attempt.heard += said
        attempt.last = now
        self.pace.spend(now)
        if attempt.held == FAREWELL:  # the one word that there is room for
            attempt.held -= 1
            self.pace.release()
        # A tar pit's dribble draws an ACK out of us for every byte: it is heard out only while there is room for it.
        if not said or len(attempt.heard) >= MAX_BANNER or self.pace.free(now) < 0:
            self._said(attempt)

    def _said(self, attempt: _Try) -> None:
        """An open port is known."""
        self.seen[attempt.port] = Seen("open", "syn-ack", bytes(attempt.heard))
        self._end(attempt)

    def _expire(self, now: float) -> None:
        """What has waited long enough."""
        for attempt in [key.data for key in self.waiting.get_map().values()]:
            age = now - attempt.since
            if attempt.open:
                if age >= self.listen_s or (attempt.heard and now - attempt.last >= QUIET_S):
                    self._said(attempt)
            elif age >= CONNECT_S:
                self._shut(attempt, errno.ETIMEDOUT)
            elif age >= RESENT_S and not attempt.resent:
                self.pace.spend(attempt.since + RESENT_S)
                attempt.resent = True
            elif age >= ANSWER_S:
                self.pace.release(attempt.held)
                attempt.held = 0

    def _end(self, attempt: _Try) -> None:
        """Close a connection; an open one says goodbye, which it has kept room for."""
        self.waiting.unregister(attempt.door)
        attempt.door.close()
        self.pace.release(attempt.held)
        if attempt.open:
            self.pace.spend(time.monotonic(), FAREWELL - 1)


def _icmp(door: socket.socket) -> str | None:
    """What ICMP said of a connection, None when ICMP said nothing: a firewall's word is not the port's."""
    try:
        _, notes, _, _ = door.recvmsg(0, 512, socket.MSG_ERRQUEUE)
    except OSError:
        return None
    for level, kind, data in notes:
        if (level, kind) == (socket.IPPROTO_IP, _IP_RECVERR) and len(data) >= _EXTENDED_ERROR.size:
            _, origin, _, code, *_ = _EXTENDED_ERROR.unpack_from(data)
            if origin == _ORIGIN_ICMP:
                return _ICMP_CODES.get(code, "dest-unreach")
    return None
