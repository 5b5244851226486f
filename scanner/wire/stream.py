"""One bounded TCP connection through one interface: whatever the peer does costs so many bytes and seconds at most.

Knows no site and no policy. Its pauses keep what the peer receives below 40 packets a second.
"""

import errno
import os
import select
import socket
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from types import TracebackType

from inventory.snapshot import Status
from inventory.text import clean
from scanner.evidence import Answer
from scanner.wire.bound import NotBound, bound_socket

CONNECT_S = 5.0  # seconds for a connection to be accepted; stops an address that drops what it receives
TOTAL_S = 15.0  # seconds for one whole connection; stops an answer that drips
MAX_BYTES = 256 * 1024  # bytes received in one connection; stops an answer without end
STOP_CHECK_S = 0.1  # seconds between two looks at whether the caller has stopped
PAUSE_S = 0.2  # seconds before each connection: opening and closing one takes six packets of ours
STEP_S = 0.05  # seconds between two reads or writes: each costs a segment or the acknowledgement of one
MAX_READ = 2920  # bytes read at once, two Ethernet segments: the kernel acknowledges every second one
WINDOW = 8 * 1024  # bytes of the receive buffer; stops a fast peer from drawing a burst of acknowledgements


class Cut(Exception):
    """A connection that came to no good end; `answer` says which."""

    def __init__(self, status: Status, reason: str) -> None:
        self.answer = Answer(status, b"", reason)
        super().__init__(reason)


class HungUp(Cut):
    """The peer closed an open connection before it had answered."""

    def __init__(self) -> None:
        super().__init__("refused", "it hung up")


class Stream:
    """An open connection; use as a context manager. Cut, from its making on, when it does not go on."""

    def __init__(
        self,
        address: str,
        port: int,
        *,
        interface: str,
        stopped: Callable[[], bool] = lambda: False,
        total_s: float = TOTAL_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._stopped = stopped
        self._left = max_bytes
        self._max = max_bytes
        self._late = f"no end within {total_s:g} s"
        time.sleep(PAUSE_S)
        self._until = time.monotonic() + total_s
        self._next = 0.0
        self._buffer = b""
        try:
            self._sock = bound_socket(socket.SOCK_STREAM, interface)
        except NotBound as error:
            raise Cut("failed", str(error)) from error
        try:
            self._connect(str(IPv4Address(address)), port)
        except BaseException:
            self._sock.close()
            raise

    def __enter__(self) -> "Stream":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._sock.close()

    def send(self, data: bytes) -> None:
        """All of it sent, or Cut."""
        self._pace()
        self._sock.settimeout(max(STOP_CHECK_S, self._until - time.monotonic()))
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise _cut(error) from error

    def some(self) -> bytes:
        """What has come, at least one byte; nothing once the peer has closed."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        self._pace()
        if self._left <= 0:
            raise Cut("failed", f"more than {self._max} bytes")
        self._sock.settimeout(STOP_CHECK_S)
        while True:
            self._check()
            try:
                data = self._sock.recv(min(MAX_READ, self._left))
            except TimeoutError:
                continue
            except OSError as error:
                raise _cut(error) from error
            self._left -= len(data)
            return data

    def exactly(self, size: int) -> bytes:
        """So many bytes; Cut when the peer closes before."""
        data = bytearray()
        while len(data) < size:
            chunk = self.some()
            if not chunk:
                # Half an answer is none: only a peer that said nothing has declined.
                raise Cut("unreadable", "its answer was cut short") if data else HungUp
            data += chunk
        self._buffer = bytes(data[size:])
        return bytes(data[:size])

    def _connect(self, address: str, port: int) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.setblocking(False)
        until = min(self._until, time.monotonic() + CONNECT_S)
        begun = self._sock.connect_ex((address, port))
        if begun not in (0, errno.EINPROGRESS):
            raise _cut(OSError(begun, os.strerror(begun)))
        waiting = select.poll()
        waiting.register(self._sock, select.POLLOUT)
        while not waiting.poll(STOP_CHECK_S * 1000):
            self._check()
            if time.monotonic() > until:
                raise Cut("silent", f"no connection within {CONNECT_S:g} s")
        if ended := self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise _cut(OSError(ended, os.strerror(ended)))

    def _check(self) -> None:
        if self._stopped():
            raise Cut("failed", "stopped")
        if time.monotonic() > self._until:
            raise Cut("silent", self._late)

    def _pace(self) -> None:
        self._check()
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + STEP_S


def _cut(error: OSError) -> Cut:
    """OSError(number, …) is made the class of its number by Python."""
    if isinstance(error, ConnectionRefusedError):
        return Cut("refused", "connection refused")
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return HungUp()
    if isinstance(error, TimeoutError):
        return Cut("silent", "no answer")
    return Cut("failed", clean(error.strerror or type(error).__name__))
