"""Extreme's EDP and Nortel's SONMP: what else lldpd and old switches speak.

Sources: the formats as lldpd sends them, https://github.com/lldpd/lldpd (src/daemon/protocols/edp.c, sonmp.c).
"""

from collections.abc import Iterator

from inventory.heard import Neighbour
from inventory.network import Network
from scanner.frames.fields import mac, one_device, one_host, text
from scanner.frames.sieve import Packet

_MARKER, _DISPLAY, _INFO = 0x99, 1, 2
MOST_VALUES = 16


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """EDP: version, 0, length (2), checksum (2), sequence (2), kind of id (2), MAC, then 99, type, length, value.

    Display is the name; info holds slot (2), port (2), …, from 12 on the version in four bytes.
    """
    said = packet.payload
    if len(said) < 16 or said[0] != 1 or not one_device(said[10:16]):
        return
    name = port = version = None
    at = 16
    for _ in range(MOST_VALUES):
        size = int.from_bytes(said[at + 2 : at + 4], "big")
        if said[at : at + 1] != bytes((_MARKER,)) or size < 4 or at + size > len(said):
            break
        value = said[at + 4 : at + size]
        if said[at + 1] == _DISPLAY:
            name = text(value)
        elif said[at + 1] == _INFO and len(value) >= 16:
            port = f"{int.from_bytes(value[:2], 'big') + 1}/{int.from_bytes(value[2:4], 'big') + 1}"
            version = ".".join(map(str, value[12:16]))
        at += size
    said_of_itself = Neighbour("edp", chassis=mac(said[10:16]), port=port, system_name=name, version=version)
    yield packet.mac, Network(neighbours=(said_of_itself,))


def read_sonmp(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """SONMP: address (4), segment (3) of slot and port, chassis kind, backplane, state, links."""
    said = packet.payload
    address = one_host(said[:4])
    if len(said) < 10 or address is None:
        return
    port = f"{said[5]}/{said[6]}" if said[5] else str(said[6])
    said_of_itself = Neighbour("sonmp", chassis=str(address), port=port, management=(str(address),))
    yield packet.mac, Network(neighbours=(said_of_itself,))
