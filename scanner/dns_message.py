"""DNS messages as multicast DNS uses them: the questions we write, the few kinds of record we read. Pure.

Own lines, and neither dpkt.dns, which gives up a whole message at an NSEC record or a TXT that is not UTF-8, nor
zeroconf: docs/adr/0007.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

# Labels of a name as they are on the wire: an instance name may hold dots and spaces ("HP LaserJet 4.5").
Name = tuple[bytes, ...]

A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33
_IN = 1
_UNICAST = 0x8000  # in a question: answer me alone (RFC 6762 §5.4); in a record: flush what you knew
_RESPONSE = 0x8000
_POINTER = 0xC0

# Bytes of a name with its length bytes (RFC 1035 §3.1); stops pointers from making one name of a whole message.
MOST_NAME = 255
# Pointers followed in one name; stops a chain of thousands of them, which length alone does not bound.
MOST_JUMPS = 16
# Records read of one message: a NAS with forty services sends 170; stops 12-byte records that all point at a long name.
MOST_RECORDS = 256


@dataclass(frozen=True, slots=True)
class Record:
    """A resource record with what its kind holds, names and texts still as bytes."""

    name: Name
    kind: int
    address: IPv4Address | IPv6Address | None = None  # of A and AAAA
    target: Name = ()  # of PTR and SRV
    port: int = 0  # of SRV
    texts: tuple[bytes, ...] = ()  # of TXT


@dataclass(frozen=True, slots=True)
class Message:
    """The answers of a response, all sections together; `whole` False when something in it could not be read."""

    records: tuple[Record, ...]
    whole: bool


def question(names: Iterable[str]) -> bytes:
    """A multicast DNS query for the PTR records of some names, to be answered to the asker alone where possible.

    >>> question(["_ipp._tcp.local"]).hex()
    '000000000001000000000000045f697070045f746370056c6f63616c00000c8001'
    """
    asked = [_packed(tuple(name.encode().split(b"."))) + struct.pack(">HH", PTR, _UNICAST | _IN) for name in names]
    return struct.pack(">6H", 0, 0, len(asked), 0, 0, 0) + b"".join(asked)


def reverse_name(address: IPv4Address) -> Name:
    """The name under which an address is looked up (RFC 1035 §3.5).

    >>> reverse_name(IPv4Address("192.168.10.31"))[0]
    b'31'
    """
    return tuple(label.encode() for label in address.reverse_pointer.split("."))


def reverse_question(address: IPv4Address) -> bytes:
    """A query for the name of an address, answered by whoever has it."""
    return struct.pack(">6H", 0, 0, 1, 0, 0, 0) + _packed(reverse_name(address)) + struct.pack(">HH", PTR, _IN)


def _packed(name: Name) -> bytes:
    return b"".join(bytes((len(label),)) + label for label in name) + b"\0"


def response(payload: bytes) -> Message | None:
    """The records of a response, None when the payload is a query or no DNS message at all.

    A record that is malformed ends the reading; what came before it stands.
    """
    if len(payload) < 12:
        return None
    _, flags, questions, *counts = struct.unpack(">6H", payload[:12])
    if not flags & _RESPONSE or flags & 0x7800:
        return None
    records: list[Record] = []
    try:
        at = 12
        for _ in range(questions):
            _, at = _name(payload, at)
            at += 4
        for _ in range(min(sum(counts), MOST_RECORDS)):
            record, at = _record(payload, at)
            if record is not None:
                records.append(record)
    except (ValueError, IndexError, struct.error):
        return Message(tuple(records), whole=False)
    return Message(tuple(records), whole=sum(counts) <= MOST_RECORDS)


def _name(payload: bytes, at: int) -> tuple[Name, int]:
    """The name at an offset and the offset after it; ValueError for one that is too long or turns in circles."""
    labels: list[bytes] = []
    length, jumps, after, limit = 0, 0, 0, at
    while (size := payload[at]) != 0:
        if size & _POINTER == _POINTER:
            target = (size & ~_POINTER) << 8 | payload[at + 1]
            jumps += 1
            # A pointer goes to a *prior* occurrence (RFC 1035 §4.1.4): else it may never end.
            if target >= limit or jumps > MOST_JUMPS:
                raise ValueError("a name that points forward, at itself, or too often")
            after, at, limit = after or at + 2, target, target
            continue
        length += size + 1
        if size & _POINTER or at + size >= len(payload) or length > MOST_NAME:
            raise ValueError("a name that is none")
        labels.append(payload[at + 1 : at + 1 + size])
        at += size + 1
    return tuple(labels), after or at + 1


def _record(payload: bytes, at: int) -> tuple[Record | None, int]:
    """The record at an offset, None for a kind nobody reads, and the offset after it."""
    name, at = _name(payload, at)
    kind, _, _, length = struct.unpack(">HHIH", payload[at : at + 10])
    at += 10
    end = at + length
    if end > len(payload):
        raise ValueError("a record longer than its message")
    if kind == A and length == 4:
        return Record(name, kind, address=IPv4Address(payload[at:end])), end
    if kind == AAAA and length == 16:
        return Record(name, kind, address=IPv6Address(payload[at:end])), end
    if kind == PTR:
        return Record(name, kind, target=_name(payload, at)[0]), end
    if kind == SRV and length > 6:
        (port,) = struct.unpack(">H", payload[at + 4 : at + 6])
        return Record(name, kind, target=_name(payload, at + 6)[0], port=port), end
    if kind == TXT:
        return Record(name, kind, texts=tuple(_strings(payload[at:end]))), end
    return None, end


def _strings(raw: bytes) -> Iterator[bytes]:
    """The character strings of a TXT record (RFC 6763 §6.1), empty ones left out."""
    at = 0
    while at < len(raw):
        size = raw[at]
        if text := raw[at + 1 : at + 1 + size]:
            yield text
        at += size + 1
