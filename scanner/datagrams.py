"""UDP datagrams as a capture file and back: what mDNS, SSDP and NetBIOS evidence is made of. Pure.

A UDP socket gives payloads, a capture holds packets: the IP and UDP headers are made again around them, so that any
tool opens the file. Captures made elsewhere, of whole Ethernet frames, are read the same way.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

import dpkt

from inventory.errors import ParseError
from inventory.text import clean

RAW_LINKS = (12, 101)  # DLT_RAW is 12 on Linux, LINKTYPE_RAW in a file is 101
_RAW_IN_A_FILE = 101
_UDP = 17


@dataclass(frozen=True, slots=True)
class Datagram:
    """One UDP datagram; `number` is its place in the capture, from 1."""

    source: IPv4Address
    source_port: int
    destination: IPv4Address
    port: int
    payload: bytes
    time: float = 0.0
    number: int = 0


def capture(datagrams: Iterable[Datagram]) -> bytes:
    """The datagrams as a pcap of raw IP packets (LINKTYPE_RAW), each with the time it was sent or heard."""
    buffer = io.BytesIO()
    writer = dpkt.pcap.Writer(buffer, linktype=_RAW_IN_A_FILE)
    for item in datagrams:
        udp = dpkt.udp.UDP(sport=item.source_port, dport=item.port, data=item.payload)
        udp.ulen = len(udp)
        packet = dpkt.ip.IP(src=item.source.packed, dst=item.destination.packed, p=_UDP, ttl=255, data=udp)
        packet.len = len(packet)
        writer.writepkt(bytes(packet), item.time)
    return buffer.getvalue()


def datagrams(body: bytes) -> Iterator[Datagram]:
    """The UDP datagrams over IPv4 in a capture, in its order; ParseError when it is none.

    Other packets, fragments, and what dpkt cannot read are passed over: a passive capture holds all sorts.
    """
    try:
        reader = dpkt.pcap.Reader(io.BytesIO(body))
        raw = reader.datalink() in RAW_LINKS
        for number, (time, frame) in enumerate(reader, start=1):
            if (item := _datagram(frame, time, number, raw=raw)) is not None:
                yield item
    except (ValueError, dpkt.UnpackError, dpkt.dpkt.Error) as error:
        raise ParseError("capture", None, f"not a capture: {clean(str(error))}") from error


def _datagram(frame: bytes, time: float, number: int, *, raw: bool) -> Datagram | None:
    try:
        packet = dpkt.ip.IP(frame) if raw else dpkt.ethernet.Ethernet(frame).data
    except (dpkt.UnpackError, dpkt.dpkt.Error, IndexError, ValueError):
        return None
    if not isinstance(packet, dpkt.ip.IP) or not isinstance(packet.data, dpkt.udp.UDP):
        return None
    udp = packet.data
    source, destination = IPv4Address(packet.src), IPv4Address(packet.dst)
    return Datagram(source, udp.sport, destination, udp.dport, bytes(udp.data), float(time), number)
