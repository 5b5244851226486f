"""UPnP over HTTP: a device's description, and the port mappings that an Internet gateway lists.

Reads only. The two actions there are below are the only ones that this module can name; none of them changes anything.
Own lines over a bound socket, and no UPnP library: docs/adr/0008.
"""

import http.client
import io
import re
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from inventory.errors import ParseError
from inventory.snapshot import Status
from scanner.evidence import Answer
from scanner.igd import END_OF_LIST
from scanner.upnp_place import MAPPING_SERVICES, Place, own_place
from scanner.upnp_xml import error_code, spread
from scanner.wire.bound import NotBound, bound_socket

# Seconds of one exchange from the first packet to the last; stops a server that sends a byte now and then.
EXCHANGE_S = 5.0
# Bytes of one answer with its headers: the largest descriptions have 40 kB; stops a description of 10 MB.
MOST_ANSWER = 256 << 10
# Mappings read of one list: home gateways hold 32 to 128; stops a list without an end.
MOST_MAPPINGS = 256
# Bytes of all answers about mappings: an envelope has 1 kB; stops 256 answers of 256 kB each.
MOST_LIST = 1 << 20
# Seconds between the starts of two exchanges of seven packets each: at most 40 packets a second, as for every device.
PAUSE_S = 0.2
TOTAL_S = 75.0  # of one list, pauses with it
STOP_CHECK_S = 0.1  # seconds between two looks at whether the visit has been stopped

_AGENT = "Vigie"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n")
_CHUNKED = re.compile(rb"(?i)\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n")
_ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
    '<u:{action} xmlns:u="{urn}">{arguments}</u:{action}></s:Body></s:Envelope>'
)


class _Failed(Exception):
    """An exchange without an answer: how it ended, and why."""

    def __init__(self, status: Status, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def read(address: str, ask: str, *, interface: str, stopped: Callable[[], bool] = lambda: False) -> Answer:
    """The answer to `description URL`, or to `mappings SERVICE URL`, as text with one tag a line.

    A URL that is not plain HTTP on `address` itself is "not_asked". The answers about mappings are one below the other,
    each after a line `# GetGenericPortMappingEntry 0 200`; "done" also when the list was cut, which its reader notices,
    because what was read of it is true.
    """
    kind, _, rest = ask.partition(" ")
    service, _, url = rest.rpartition(" ")
    place = own_place(url, IPv4Address(address))
    if place is None or (kind, bool(service)) not in (("description", False), ("mappings", True)):
        return Answer("not_asked", detail="not a place on the device itself")
    talk = _Talk(place, interface, stopped)
    try:
        if kind == "description":
            return talk.description()
        if service not in MAPPING_SERVICES:
            return Answer("not_asked", detail="not a service that holds port mappings")
        return talk.mappings(f"urn:schemas-upnp-org:service:{service}")
    except _Failed as error:
        return Answer(error.status, detail=error.detail)


@dataclass(frozen=True, slots=True)
class _Talk:
    """Exchanges with one place of one device."""

    place: Place
    interface: str
    stopped: Callable[[], bool]

    def description(self) -> Answer:
        status, body = self._exchange("GET", b"", ())
        if status != http.client.OK:
            return Answer("refused", detail=f"HTTP {status}")
        return Answer("done", spread(body).encode(), f"HTTP {status}")

    def mappings(self, urn: str) -> Answer:
        """The outer address, then entry after entry until the gateway says that there is none, or up to a bound."""
        end = time.monotonic() + TOTAL_S
        kept = "".join(self._action(urn, "GetExternalIPAddress")[1])
        for index in range(MOST_MAPPINGS + 1):
            time.sleep(PAUSE_S)
            if len(kept) > MOST_LIST or time.monotonic() > end:
                return Answer("done", kept.encode(), f"cut after {index} mappings")
            try:
                status, text = self._action(urn, "GetGenericPortMappingEntry", index)
            except _Failed as error:
                if not index:
                    raise
                return Answer("done", kept.encode(), f"cut after {index} mappings: {error.detail}")
            kept += text
            if status != http.client.OK:
                code = _code(text)
                if index or code in END_OF_LIST:
                    return Answer("done", kept.encode(), f"{index} mappings, then error {code}")
                return Answer("refused", kept.encode(), f"HTTP {status}, error {code}")
        return Answer("done", kept.encode(), f"cut after {MOST_MAPPINGS} mappings")

    def _action(self, urn: str, action: str, index: int | None = None) -> tuple[int, str]:
        """The HTTP status and the answer, as it is kept, of one of the two actions."""
        if action not in ("GetExternalIPAddress", "GetGenericPortMappingEntry"):
            raise ValueError(f"not a reading action: {action}")
        arguments = "" if index is None else f"<NewPortMappingIndex>{index}</NewPortMappingIndex>"
        envelope = _ENVELOPE.format(action=action, urn=urn, arguments=arguments).encode()
        headers = ('Content-Type: text/xml; charset="utf-8"', f'SOAPAction: "{urn}#{action}"')
        status, body = self._exchange("POST", envelope, headers)
        title = f"# {action} {status}\n" if index is None else f"# {action} {index} {status}\n"
        return status, title + spread(body)

    def _exchange(self, method: str, body: bytes, headers: tuple[str, ...]) -> tuple[int, bytes]:
        """Status and body of one HTTP exchange over a connection of its own; redirections are not followed."""
        lines = (
            f"{method} {self.place.path} HTTP/1.1",
            f"Host: {self.place.address}:{self.place.port}",
            f"User-Agent: {_AGENT}",
            "Connection: close",
            *headers,
            *([f"Content-Length: {len(body)}"] if body else []),
        )
        request = "\r\n".join((*lines, "", "")).encode("ascii") + body
        try:
            with bound_socket(socket.SOCK_STREAM, self.interface) as door:
                raw = self._answer(door, request, time.monotonic() + EXCHANGE_S)
        except NotBound as error:
            raise _Failed("failed", str(error)) from error
        except ConnectionRefusedError as error:
            raise _Failed("refused", "connection refused") from error
        except TimeoutError as error:
            raise _Failed("silent", f"not answered within {EXCHANGE_S:g} s") from error
        except OSError as error:
            raise _Failed("failed", error.strerror or type(error).__name__) from error
        return _parsed(raw)

    def _answer(self, door: socket.socket, request: bytes, end: float) -> bytes:
        """Everything that comes until the answer is whole or the peer closes."""
        door.setblocking(False)
        door.connect_ex((str(self.place.address), self.place.port))
        self._wait(door, end, write=True)
        if error := door.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, "connection failed") if error != 111 else ConnectionRefusedError
        while request:
            self._wait(door, end, write=True)
            request = request[door.send(request) :]
        raw = bytearray()
        while not _whole(raw):
            self._wait(door, end, write=False)
            part = door.recv(16 << 10)
            if not part:
                break
            raw += part
            if len(raw) > MOST_ANSWER:
                raise _Failed("failed", f"an answer of more than {MOST_ANSWER} bytes")
        return bytes(raw)

    def _wait(self, door: socket.socket, end: float, *, write: bool) -> None:
        """Until the socket is ready; TimeoutError at the end of the time, _Failed once the visit is stopped."""
        while (left := end - time.monotonic()) > 0:
            if self.stopped():
                raise _Failed("failed", "stopped")
            doors = ([], [door]) if write else ([door], [])
            readable, writable, _ = select.select(*doors, [], min(left, STOP_CHECK_S))
            if readable or writable:
                return
        raise TimeoutError


def _whole(raw: bytearray) -> bool:
    """Whether an HTTP answer is complete although its sender keeps the connection."""
    head = raw.find(b"\r\n\r\n")
    if head < 0:
        return False
    if length := _LENGTH.search(raw, 0, head + 2):
        return len(raw) - head - 4 >= int(length[1])
    return _CHUNKED.search(raw, 0, head + 2) is not None and raw.endswith(b"\r\n0\r\n\r\n")


class _FromMemory:
    """What http.client takes for a socket: it parses what was read within bounds, and reads nothing itself."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO(self._raw)


def _parsed(raw: bytes) -> tuple[int, bytes]:
    response = http.client.HTTPResponse(_FromMemory(raw))  # type: ignore[arg-type]
    try:
        response.begin()
        return response.status, response.read()
    except (http.client.HTTPException, ValueError, OSError) as error:
        raise _Failed("failed", f"not an HTTP answer, or cut short ({type(error).__name__})") from error


def _code(text: str) -> int | None:
    try:
        return error_code(text.partition("\n")[2], "SOAP")
    except ParseError:
        return None
