"""Ubiquiti's discovery on UDP 10001: what UniFi, EdgeMAX and airMAX devices announce.

Sources: nmap's ubiquiti-discovery.nse and Wireshark's packet-ubdp.c for the fields; seen in a capture of a UniFi
Security Gateway (nDPI, ubntac2.pcap).
"""

from collections.abc import Iterator

from inventory.heard import Neighbour
from inventory.network import Network
from scanner.frames.fields import MOST_ADDRESSES, mac, one_device, one_host, tagged, text
from scanner.frames.sieve import Packet

_MAC, _MAC_AND_ADDRESS, _FIRMWARE, _NAME, _PLATFORM, _MODEL_1, _MODEL_2, _VERSION = (
    0x01, 0x02, 0x03, 0x0B, 0x0C, 0x14, 0x15, 0x16,
)  # fmt: skip
# Version 1: command 0 with values. Version 2: what is announced and answered (6, 9, 11); 8 is a question.
_ANSWERS = frozenset({(1, 0), (2, 6), (2, 9), (2, 11)})


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """What it announces: version, command, length (2), then type, length (2), value. `01 00 0000` is a question."""
    said = packet.payload
    if len(said) < 7 or (said[0], said[1]) not in _ANSWERS:
        return
    values: dict[int, bytes] = {}
    managed: list[str] = []
    for kind, value in tagged(said, 1, 2, at=4):
        values.setdefault(kind, value)
        if kind == _MAC_AND_ADDRESS and len(managed) < MOST_ADDRESSES and (host := one_host(value[6:10])) is not None:
            managed.append(str(host))
    if not values.keys() & {_FIRMWARE, _NAME, _PLATFORM, _MODEL_1, _MODEL_2}:
        return
    identity = values.get(_MAC, values.get(_MAC_AND_ADDRESS, b""))[:6]
    announced = Neighbour(
        "ubiquiti",
        chassis=mac(identity) if one_device(identity) else None,
        system_name=text(values.get(_NAME)),
        description=text(values.get(_FIRMWARE)),
        manufacturer="Ubiquiti",
        model=text(values.get(_MODEL_1)) or text(values.get(_MODEL_2)) or text(values.get(_PLATFORM)),
        version=text(values.get(_VERSION)) or _short(text(values.get(_FIRMWARE))),
        management=tuple(sorted(set(managed))) or None,
    )
    yield packet.mac, Network(neighbours=(announced,))


def _short(firmware: str | None) -> str | None:
    """The version in a firmware's name.

    >>> _short("BZ.qca956x.v6.5.28.14491.221005.1250")
    '6.5.28'
    """
    parts = (firmware or "").partition(".v")[2].split(".")[:3]
    return ".".join(parts) if len(parts) == 3 and all(part.isdigit() for part in parts) else None
