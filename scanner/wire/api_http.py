"""One HTTP message to a device and its whole answer, upon one bounded connection; nothing is followed.

Knows no site and no policy.
"""

import http.client
import io
import socket
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, cast

from inventory.text import clean
from scanner.wire.http import USER_AGENT
from scanner.wire.stream import Cut, HungUp

MAX_ANSWER = 1 << 20  # bytes of one answer; a box with 200 port forwards sends 60 KB; stops an answer without end


class Wire(Protocol):
    """An open connection, encrypted or not."""

    def send(self, data: bytes) -> None:
        """All of it sent."""

    def some(self) -> bytes:
        """What has come, nothing once the peer has closed."""


class Message(NamedTuple):
    """What is asked. Its repr shows no secret: neither headers nor body."""

    method: str
    path: str  # with its query
    headers: Mapping[str, str] = {}
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Message({self.method} {self.path.partition('?')[0]})"


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def exchange(wire: Wire, host: str, message: Message) -> Reply:
    """The whole answer; Cut when it is no HTTP, leads elsewhere, is cut short or larger than 1 MiB."""
    wire.send(_written(host, message))
    response = http.client.HTTPResponse(cast("socket.socket", _Incoming(wire.some)), method=message.method)
    try:
        response.begin()
        body = response.read(MAX_ANSWER + 1)
    except http.client.RemoteDisconnected as error:
        raise HungUp from error
    except (http.client.HTTPException, ValueError) as error:
        raise Cut("unreadable", f"no answer in HTTP: {type(error).__name__}") from error
    if len(body) > MAX_ANSWER:
        raise Cut("unreadable", f"an answer of more than {MAX_ANSWER} bytes")
    if response.length:
        raise Cut("unreadable", "its answer was cut short")
    if response.status in range(300, 400):
        raise Cut("refused", f"it leads elsewhere, not followed: {clean(response.headers.get('Location', ''), 80)}")
    return Reply(response.status, response.headers, body)


def _written(host: str, message: Message) -> bytes:
    own = {
        "Host": host, "User-Agent": USER_AGENT, "Accept": "application/json, text/xml, */*;q=0.1",
        "Accept-Encoding": "identity", "Connection": "close",
    }  # fmt: skip
    if message.body or message.method == "POST":
        own["Content-Length"] = str(len(message.body))
    lines = [
        f"{message.method} {message.path} HTTP/1.1",
        *(f"{k}: {v}" for k, v in (own | dict(message.headers)).items()),
    ]
    if any(sign in line for line in lines for sign in "\r\n"):
        raise Cut("failed", "a line end in what would be sent")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + message.body


class _Incoming(io.RawIOBase):
    """The connection as the standard library's HTTP parser wants it."""

    def __init__(self, some: Callable[[], bytes]) -> None:
        self._some, self._rest = some, b""

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._rest = self._rest or self._some()
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
