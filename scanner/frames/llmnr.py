"""LLMNR (RFC 4795): the name that a device answers for."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from inventory.network import Network
from inventory.text import clean
from scanner import dns_message
from scanner.frames.sieve import Packet

MOST_NAME = 63  # bytes of a label


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """The host name whose address is the sender's own; of a question, and of other answers, only that it is there."""
    if len(packet.payload) < 12:
        return
    message = dns_message.response(packet.payload)
    labels = (_own(record, packet.source) for record in (message.records if message else ()))
    name = next((text for label in labels if (text := clean(label, MOST_NAME))), None)
    yield packet.mac, Network(hostname=name) if name else None


def _own(record: dns_message.Record, source: bytes) -> bytes:
    """The first label of the name that a record gives the sender, or that it looks its address up by."""
    if record.address is not None and record.address.packed == source and record.name:
        return record.name[0]
    if record.kind == dns_message.PTR and record.target and len(source) == 4:
        asked = tuple(label.lower() for label in record.name)
        return record.target[0] if asked == dns_message.reverse_name(IPv4Address(source)) else b""
    return b""
