"""The list of a server's shares: NetrShareEnum of srvsvc (MS-SRVS §3.1.4.8) over DCE/RPC (C706 §12.6). Pure."""

import struct
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

MAX_SHARES = 256  # of one server; stops a list that takes minutes to ask through
MAX_NAME = 80 * 2  # UTF-16 units of a name, Windows allows 80 characters; stops names that fill the recording
MAX_LIST = 128 * 1024  # bytes of the whole answer, 256 names and remarks fit; stops fragments without end

_SRVSVC = (UUID("4b324fc8-1670-01d3-1278-5a47bf6ee188"), 3)
_NDR = (UUID("8a885d04-1ceb-11c9-9fe8-08002b104860"), 2)
_REQUEST, _RESPONSE, _FAULT, _BIND, _BIND_ACK = 0, 2, 3, 11, 12  # packet types
_FIRST, _LAST = 1, 2  # flags
_HEADER = struct.Struct("<BBBB4sHHI")
_MAX_FRAGMENT = 4280
_NET_SHARE_ENUM = 15
ACCESS_DENIED = 5


class RpcError(Exception):
    """An answer that is none, or a fault; `str()` says which."""


class Share(NamedTuple):
    """A share as the list names it."""

    name: str
    kind: int  # STYPE: 0 disk, 1 printer, 2 device, 3 IPC; high bits for hidden and temporary ones


def bind() -> bytes:
    """The BIND to srvsvc."""
    context = struct.pack("<HBB", 0, 1, 0) + _syntax(*_SRVSVC) + _syntax(*_NDR)
    return _packet(_BIND, struct.pack("<HHIB3x", _MAX_FRAGMENT, _MAX_FRAGMENT, 0, 1) + context)


def check_bound(answer: bytes) -> None:
    """RpcError unless the answer is a BIND_ACK."""
    if len(answer) < _HEADER.size or answer[2] != _BIND_ACK:
        raise RpcError("the share service does not bind")


def share_enum() -> bytes:
    """The request for all shares at level 1; the server's name is left out, for there is no other."""
    stub = struct.pack("<IIIIIIIII", 0, 1, 1, 0x20000, 0, 0, 0xFFFFFFFF, 0x20004, 0)
    return _packet(_REQUEST, struct.pack("<IHH", len(stub), 0, _NET_SHARE_ENUM) + stub)


def _syntax(uuid: UUID, version: int) -> bytes:
    return uuid.bytes_le + struct.pack("<I", version)


def _packet(kind: int, body: bytes) -> bytes:
    size = _HEADER.size + len(body)
    return _HEADER.pack(5, 0, kind, _FIRST | _LAST, b"\x10\0\0\0", size, 0, 1) + body


def stub(first: bytes, more: Callable[[], bytes]) -> bytes:
    """What a RESPONSE carries, its fragments put together; `more` reads on in the pipe."""
    data, whole, total = first, bytearray(), len(first)
    while True:
        while len(data) < _HEADER.size or len(data) < _size(data):
            data, total = _longer(data, more, total)
        size = _size(data)
        if data[2] != _RESPONSE:
            raise RpcError("the share service faults" if data[2] == _FAULT else "no answer of the share service")
        whole += data[_HEADER.size + 8 : size]
        if data[3] & _LAST:
            return bytes(whole)
        data = data[size:]


def _longer(data: bytes, more: Callable[[], bytes], total: int) -> tuple[bytes, int]:
    chunk = more()
    if not chunk or total + len(chunk) > MAX_LIST:
        raise RpcError("the list ends too early" if not chunk else f"a list of more than {MAX_LIST} bytes")
    return data + chunk, total + len(chunk)


def _size(data: bytes) -> int:
    """The length that a fragment gives itself."""
    size = int.from_bytes(data[8:10], "little")
    if size < _HEADER.size + 8:
        raise RpcError("a fragment shorter than its header")
    return size


def shares(data: bytes) -> tuple[int, tuple[Share, ...]]:
    """The Windows error and the shares of a NetrShareEnum response at level 1 (NDR, C706 §14.3)."""
    try:
        return _shares(_Ndr(data))
    except struct.error as error:
        raise RpcError("a damaged list of shares") from error


def _shares(ndr: "_Ndr") -> tuple[int, tuple[Share, ...]]:
    _level, _switch, container = ndr.numbers(3)
    found: list[tuple[int, int, int]] = []
    count = array = 0
    if container:
        count, array = ndr.numbers(2)
    if array:
        (listed,) = ndr.numbers(1)
        if listed != count or count > MAX_SHARES:
            raise RpcError("more shares than a server has" if count > MAX_SHARES else "a damaged list of shares")
        found = [(name, kind, remark) for name, kind, remark in (ndr.numbers(3) for _ in range(count))]
    named = []
    for name, kind, remark in found:
        text = ndr.text() if name else ""
        if remark:
            ndr.text()
        named.append(Share(text, kind))
    _total, resume = ndr.numbers(2)
    if resume:
        ndr.numbers(1)
    (error,) = ndr.numbers(1)
    return error, tuple(named)


class _Ndr:
    """A cursor over NDR data; struct.error at its end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def numbers(self, count: int) -> tuple[int, ...]:
        """32-bit numbers, aligned."""
        self._at += -self._at % 4
        found: tuple[int, ...] = struct.unpack_from(f"<{count}I", self._data, self._at)
        self._at += 4 * count
        return found

    def text(self) -> str:
        """A conformant varying string without its terminator."""
        _most, _offset, units = self.numbers(3)
        raw = self._data[self._at : self._at + 2 * units]
        if len(raw) < 2 * units:
            raise struct.error("short")
        self._at += 2 * units
        return raw[: 2 * MAX_NAME].decode("utf-16-le", "replace").split("\0", 1)[0]
