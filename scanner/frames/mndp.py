"""MNDP: what MikroTik devices announce every minute on UDP 5678.

Sources: MikroTik's manual (help.mikrotik.com, "Neighbor discovery") for what is told, Wireshark's packet-mndp.c for the
numbers of the fields.
"""

from collections.abc import Iterator

from inventory.heard import Neighbour
from inventory.network import Network
from scanner.frames.fields import mac, one_device, one_host, one_host6, tagged, text
from scanner.frames.sieve import Packet

_MAC, _IDENTITY, _VERSION, _PLATFORM, _BOARD, _IPV6, _INTERFACE, _IPV4 = 1, 5, 7, 8, 12, 15, 16, 17


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """What it announces: 0 0, sequence (2), then type (2), length (2), value. A question has nothing but zeros."""
    said = packet.payload
    values = dict(tagged(said, 2, 2, at=4))
    if not one_device(values.get(_MAC, b"")) or not values.keys() & {_IDENTITY, _VERSION, _PLATFORM, _BOARD}:
        return
    hosts = (one_host(values.get(_IPV4, b"")), one_host6(values.get(_IPV6, b"")))
    announced = Neighbour(
        "mndp",
        chassis=mac(values[_MAC]),
        port=text(values.get(_INTERFACE)),
        system_name=text(values.get(_IDENTITY)),
        manufacturer=text(values.get(_PLATFORM)),
        model=text(values.get(_BOARD)),
        version=text(values.get(_VERSION)),
        management=tuple(str(host) for host in hosts if host is not None) or None,
    )
    yield packet.mac, Network(neighbours=(announced,))
