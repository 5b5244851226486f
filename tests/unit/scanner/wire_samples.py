"""Datagrams and captures for the tests of what devices announce: real forms, and whatever a stranger may invent."""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import IPv4Address

from scanner.datagrams import Datagram, capture
from scanner.evidence import Evidence, Request, SourceName

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LAN = "192.168.10.0/24"
HERE, NAS, PRINTER, ROUTER = "192.168.10.250", "192.168.10.10", "192.168.10.20", "192.168.10.1"
A, PTR, TXT, NSEC, SRV = 1, 12, 16, 47, 33


def evidence(source: SourceName, body: bytes, target: str = LAN, ask: str = "browse") -> Evidence:
    return Evidence(Request(source, target, ask), "done", NOW, body)


def heard(*said: tuple[str, int, bytes]) -> bytes:
    """A capture of payloads, each from an address and a port."""
    return capture(Datagram(IPv4Address(address), port, IPv4Address(HERE), 5353, data) for address, port, data in said)


def name(text: str) -> bytes:
    return b"".join(bytes((len(label),)) + label for label in (part.encode() for part in text.split("."))) + b"\0"


def record(owner: bytes, kind: int, data: bytes) -> bytes:
    return owner + struct.pack(">HHIH", kind, 0x8001, 120, len(data)) + data


def response(*records: bytes, count: int | None = None) -> bytes:
    """An mDNS response; `count` is what its header claims."""
    return struct.pack(">6H", 0, 0x8400, 0, len(records) if count is None else count, 0, 0) + b"".join(records)


def service(kind: str, instance: str, host: str, port: int = 80, *texts: str) -> Iterable[bytes]:
    """PTR, SRV and TXT of one service; `instance` may hold dots."""
    label = instance.encode()
    whole = bytes((len(label),)) + label + name(f"{kind}.local")
    yield record(name(f"{kind}.local"), PTR, whole)
    yield record(whole, SRV, struct.pack(">HHH", 0, 0, port) + name(f"{host}.local"))
    yield record(whole, TXT, b"".join(bytes((len(text),)) + text.encode() for text in texts) or b"\0")


def address(host: str, at: str) -> bytes:
    return record(name(f"{host}.local"), A, IPv4Address(at).packed)


def found(location: str, st: str = "upnp:rootdevice", server: str = "Linux UPnP/1.1 MiniUPnPd/2.3.1") -> bytes:
    """An answer to a search."""
    lines = ("HTTP/1.1 200 OK", "CACHE-CONTROL: max-age=120", f"ST: {st}", f"USN: uuid:7d9c2f5a::{st}")
    return "\r\n".join((*lines, f"SERVER: {server}", f"LOCATION: {location}", "", "")).encode()
