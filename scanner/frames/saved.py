"""The frames of a pcap or pcapng file as Ethernet frames, one after the other. Pure but for reading the stream.

Own lines instead of dpkt's readers: those make objects of every record, and 97 of 100 are looked at for three bytes
(docs/adr/0010). Formats: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html and …-pcapng-03.html.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from inventory.errors import ParseError

Moment = tuple[float, bytes]  # seconds since 1970, frame

# Bytes of one frame: libpcap's own largest (MAXIMUM_SNAPLEN); stops a forged length from filling the memory.
MOST_FRAME = 262_144
# Bytes of a pcapng block that holds no frame: names and TLS keys of a long capture; stops the same.
MOST_BLOCK = 16 << 20
# Interfaces of one pcapng section; stops a file that is nothing but interfaces.
MOST_INTERFACES = 1_024

_ORDERS = {b"\xa1\xb2\xc3\xd4": (">", 1e-6), b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
           b"\xa1\xb2\x3c\x4d": (">", 1e-9), b"\x4d\x3c\xb2\xa1": ("<", 1e-9)}  # fmt: skip
_SECTION = b"\x0a\x0d\x0d\x0a"
_ETHERNET, _SLL, _SLL2 = 1, 113, 276
_KNOWN = frozenset({_ETHERNET, _SLL, _SLL2})
# Who a cooked frame was for, as the first octets of the destination it no longer has.
_TO = {0: b"\0" * 6, 1: b"\xff" * 6, 2: b"\x01" + b"\0" * 5}
_SAYS_ETHERNET = 1  # ARPHRD_ETHER


def frames(stream: BinaryIO) -> Iterator[Moment]:
    """Each frame with its time.

    ParseError without a line when the file is no capture; with the number of the record, after what came before it,
    where the file is cut short or damaged, and when none of its link types has MAC addresses.
    """
    magic = stream.read(4)
    if magic in _ORDERS:
        yield from _pcap(stream, *_ORDERS[magic])
    elif magic == _SECTION:
        yield from _pcapng(stream)
    else:
        raise ParseError("capture", None, "neither pcap nor pcapng")


def span(stream: BinaryIO, most: int) -> tuple[float, float] | None:
    """When the earliest and the latest of the first `most` frames were heard, None when there is no frame.

    What follows a place where the file is cut short or damaged is not looked at; ParseError when nothing precedes it.
    """
    first = last = None
    try:
        for moment, _ in islice(frames(stream), most):
            first, last = min(moment, moment if first is None else first), max(moment, moment if last is None else last)
    except ParseError:
        if first is None:
            raise
    return None if first is None or last is None else (first, last)


def written(moments: Iterator[Moment] | list[Moment]) -> bytes:
    """The frames as a pcap of Ethernet."""
    body = io.BytesIO()
    body.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, MOST_FRAME, _ETHERNET))
    for moment, frame in moments:
        seconds = int(moment)
        body.write(struct.pack("<IIII", seconds, int((moment - seconds) * 1e6), len(frame), len(frame)) + frame)
    return body.getvalue()


def _pcap(stream: BinaryIO, order: str, unit: float) -> Iterator[Moment]:
    head = _exactly(stream, 20, 0)
    link = struct.unpack(order + "I", head[16:])[0] & 0xFFFF
    if link not in _KNOWN:
        raise ParseError("capture", 1, f"link type {link}: its frames carry no MAC addresses that are read")
    unpack, read = struct.Struct(order + "IIII").unpack, stream.read
    number = 0
    while head := read(16):
        number += 1
        if len(head) < 16:
            raise _cut(number)
        seconds, parts, length, _ = unpack(head)
        if length > MOST_FRAME:
            raise ParseError("capture", number, f"a frame of {length} bytes")
        frame = read(length)
        if len(frame) < length:
            raise _cut(number)
        if link == _ETHERNET:
            yield seconds + parts * unit, frame
        elif (plain := _ethernet(link, frame)) is not None:
            yield seconds + parts * unit, plain


@dataclass(frozen=True, slots=True)
class _Interface:
    link: int
    unit: float = 1e-6
    offset: int = 0
    most: int = 0


def _pcapng(stream: BinaryIO) -> Iterator[Moment]:
    """The frames of every section; blocks that hold none are passed over."""
    order, number = "<", 0
    interfaces: list[_Interface] = []
    kind = _SECTION
    links = set[int]()
    while kind:
        number += 1
        if kind == _SECTION:
            order, interfaces = _section(stream, number), []
        else:
            block = _block(stream, order, number)
            name = struct.unpack(order + "I", kind)[0]
            if name == 1 and len(interfaces) < MOST_INTERFACES:
                interfaces.append(_interface(block, order))
                links.add(interfaces[-1].link)
            elif (found := _frame(name, block, order, interfaces)) is not None:
                yield found
        kind = stream.read(4)
        if kind and len(kind) < 4:
            raise _cut(number)
    if not links & _KNOWN:
        raise ParseError("capture", number, f"link types {sorted(links)}: their frames carry no MAC addresses")


def _section(stream: BinaryIO, number: int) -> str:
    """The byte order of a section, its header behind us."""
    head = _exactly(stream, 8, number)
    order = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}.get(head[4:])
    if order is None:
        raise ParseError("capture", number, "a section header without byte order")
    (length,) = struct.unpack(order + "I", head[:4])
    _exactly(stream, _checked(length - 12, number), number)
    return order


def _block(stream: BinaryIO, order: str, number: int) -> bytes:
    """The body of a block whose type was read: without type and the two lengths."""
    (length,) = struct.unpack(order + "I", _exactly(stream, 4, number))
    return _exactly(stream, _checked(length - 8, number), number)[:-4]


def _checked(length: int, number: int) -> int:
    if not 4 <= length <= MOST_BLOCK or length % 4:
        raise ParseError("capture", number, f"a block of {length} bytes")
    return length


def _interface(block: bytes, order: str) -> _Interface:
    """An interface description: link type, snap length, then options; 9 is the unit of time, 14 its offset."""
    if len(block) < 8:
        return _Interface(-1)
    link, _, most = struct.unpack_from(order + "HHI", block)
    unit, offset, at = 1e-6, 0, 8
    while at + 4 <= len(block):
        code, length = struct.unpack_from(order + "HH", block, at)
        value, at = block[at + 4 : at + 4 + length], at + 4 + (length + 3) // 4 * 4
        if code == 9 and len(value) == 1:
            unit = 2.0 ** -(value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** -value[0]
        elif code == 14 and len(value) == 8:
            (offset,) = struct.unpack(order + "q", value)
    return _Interface(link, unit, offset, most)


def _frame(name: int, block: bytes, order: str, interfaces: list[_Interface]) -> Moment | None:
    """The frame of an enhanced (6), obsolete (2) or simple (3) packet block; None of other blocks and link types."""
    if name == 6 and len(block) >= 20:
        index, high, low, length, _ = struct.unpack_from(order + "5I", block)
        at = 20
    elif name == 2 and len(block) >= 20:
        index, _, high, low, length, _ = struct.unpack_from(order + "HH4I", block)
        at = 20
    elif name == 3 and len(block) >= 4 and interfaces:
        index = high = low = 0
        (length,) = struct.unpack_from(order + "I", block)
        at, length = 4, min(length, interfaces[0].most or length, len(block) - 4)
    else:
        return None
    if index >= len(interfaces) or at + length > len(block) or length > MOST_FRAME:
        return None
    where = interfaces[index]
    frame = block[at : at + length]
    plain = frame if where.link == _ETHERNET else _ethernet(where.link, frame)
    return None if plain is None else (where.offset + (high << 32 | low) * where.unit, plain)


def _ethernet(link: int, frame: bytes) -> bytes | None:
    """A Linux cooked frame as an Ethernet frame; its destination is only a word: for us, for all, for some.

    SLL: packet type, address type, address length, address (8), protocol. SLL2: protocol, reserved (2), interface (4),
    address type, packet type (1), address length (1), address (8).
    """
    if link == _SLL and len(frame) >= 16:
        to, family, length = struct.unpack_from(">HHH", frame)
        sender, protocol, rest = frame[6:12], frame[14:16], frame[16:]
    elif link == _SLL2 and len(frame) >= 20:
        protocol, (family, to, length) = frame[:2], struct.unpack_from(">HBB", frame, 8)
        sender, rest = frame[12:18], frame[20:]
    else:
        return None
    if family != _SAYS_ETHERNET or length != 6:
        return None
    return _TO.get(to, b"\x02" + b"\0" * 5) + sender + protocol + rest


def _exactly(stream: BinaryIO, length: int, number: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise _cut(number)
    return found


def _cut(number: int) -> ParseError:
    return ParseError("capture", number or None, "cut short")
