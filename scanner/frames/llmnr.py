"""LLMNR (RFC 4795): the name that a device answers for."""

from collections.abc import Iterator

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
    own = (
        record.name[0]
        for record in (message.records if message else ())
        if record.address is not None and record.address.packed == packet.source and record.name
    )
    name = next((text for label in own if (text := clean(label, MOST_NAME))), None)
    yield packet.mac, Network(hostname=name) if name else None
