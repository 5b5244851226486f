"""CDP, and FDP which has its form: Cisco's and Foundry's announcements.

Source: Cisco, "Cisco Discovery Protocol: frame formats" (cisco.com/univercd/cc/td/doc/product/lan/trsrb/frames.htm).
"""

from collections.abc import Iterator
from dataclasses import replace

from inventory.heard import Neighbour
from inventory.network import Network
from scanner.frames.fields import MOST_ADDRESSES, one_host, tagged, text
from scanner.frames.sieve import Packet

_DEVICE, _ADDRESSES, _PORT, _CAPABILITIES, _VERSION, _PLATFORM, _VLAN, _MANAGEMENT = 1, 2, 3, 4, 5, 6, 10, 22
_CAPABILITY_NAMES = ("router", "bridge", "source_route_bridge", "switch", "host", "igmp", "repeater", "telephone")
_IP = b"\x01\x01\xcc"  # protocol type NLPID, its length, IP


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """What a device announces by CDP: version, time to live, checksum (2), then type (2), length with header (2)."""
    said = _announced(packet.payload)
    if said is not None:
        yield packet.mac, Network(neighbours=(said,))


def read_fdp(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """The same of FDP, which writes the capability in a word: `Router`, `Host`."""
    if (said := _announced(packet.payload)) is not None:
        word = (text(_values(packet.payload).get(_CAPABILITIES)) or "").lower()
        said = replace(said, protocol="fdp", capabilities=(word,) if word else None)
        yield packet.mac, Network(neighbours=(said,))


def _values(said: bytes) -> dict[int, bytes]:
    values: dict[int, bytes] = {}
    if len(said) >= 8 and said[0] in (1, 2):
        for kind, value in tagged(said, 2, 2, at=4, whole=True):
            values.setdefault(kind, value)
    return values


def _announced(said: bytes) -> Neighbour | None:
    values = _values(said)
    if _DEVICE not in values:
        return None
    enabled = int.from_bytes(values.get(_CAPABILITIES, b"")[:4], "big")
    managed = {*_addresses(values.get(_MANAGEMENT, b"")), *_addresses(values.get(_ADDRESSES, b""))}
    return Neighbour(
        "cdp",
        chassis=text(values[_DEVICE]),
        port=text(values.get(_PORT)),
        system_name=text(values[_DEVICE]),
        description=text(values.get(_VERSION)),
        model=text(values.get(_PLATFORM)),
        capabilities=tuple(sorted(name for bit, name in enumerate(_CAPABILITY_NAMES) if enabled >> bit & 1))
        if _CAPABILITIES in values
        else None,
        management=tuple(sorted(managed)) or None,
        vlan=int.from_bytes(values[_VLAN], "big") if len(values.get(_VLAN, b"")) == 2 else None,
    )


def _addresses(value: bytes) -> Iterator[str]:
    """The IPv4 ones: their number (4), then each: protocol type, its length, protocol, length (2), address."""
    at = 4
    for _ in range(min(int.from_bytes(value[:4], "big"), MOST_ADDRESSES)):
        start = at + 4 + (value[at + 1] if at + 1 < len(value) else len(value))
        size = int.from_bytes(value[start - 2 : start], "big") if start <= len(value) else 0
        if not size or start + size > len(value):
            return
        if value[at : at + 3] == _IP and (host := one_host(value[start : start + size])) is not None:
            yield str(host)
        at = start + size
