"""SSDP (UPnP Device Architecture 1.1 §1): what a device announces, answers and searches for."""

from collections.abc import Iterator

from inventory.network import Network, UpnpSeen
from inventory.text import clean
from scanner.announced import said_by_ssdp, ssdp_headers
from scanner.frames.sieve import Packet


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """Types, identities and server of a NOTIFY or an answer; of an M-SEARCH who searches."""
    said = packet.payload
    if headers := ssdp_headers(said):
        if headers.get("nts", "").lower() != "ssdp:byebye":
            yield packet.mac, Network(upnp=said_by_ssdp([headers]))
        else:
            yield packet.mac, None
    elif headers := ssdp_headers(said, (b"M-SEARCH * ",)):
        agent = clean(headers.get("user-agent", ""))
        yield packet.mac, Network(upnp=UpnpSeen(user_agent=agent)) if agent else None
