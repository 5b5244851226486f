"""ARP (RFC 826): who has which address."""

from collections.abc import Iterator

from inventory.network import Network
from scanner.frames.fields import one_device, one_host
from scanner.frames.sieve import Packet

_IPV4_OVER_ETHERNET = b"\x00\x01\x08\x00\x06\x04"


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """The address that the sender gives itself; none of a probe, whose sender address is 0.0.0.0 (RFC 5227 §2.1.1).

    0001 0800 06 04, operation, sender MAC and address, target's: 28 bytes.
    """
    said = packet.payload
    if len(said) < 28 or said[:6] != _IPV4_OVER_ETHERNET or not one_device(said[8:14]):
        return
    address = one_host(said[14:18])
    if address is not None:
        yield said[8:14], Network(addresses=(address,))
    elif not any(said[14:18]) and said[8:14] == packet.mac:
        yield packet.mac, None  # it is there, and has no address yet
