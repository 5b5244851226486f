"""LLDP (IEEE 802.1AB-2016 §8) with the inventory of LLDP-MED (ANSI/TIA-1057 §10.2)."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from inventory.heard import Neighbour
from inventory.network import Network
from scanner.frames.fields import MOST_ADDRESSES, MOST_FIELDS, mac, text
from scanner.frames.sieve import Packet

_CHASSIS, _PORT, _PORT_DESCRIPTION, _NAME, _DESCRIPTION, _CAPABILITIES, _MANAGEMENT = 1, 2, 4, 5, 6, 7, 8
_ORGANISATION = 127
_CAPABILITY_NAMES = ("other", "repeater", "bridge", "wlan_ap", "router", "telephone", "docsis", "station", "cvlan",
                     "svlan", "two_port_relay")  # fmt: skip
# Subtype of an identifier that is a MAC, and one that is an address: of a chassis, of a port (tables 8-2, 8-3).
_MAC_OF, _ADDRESS_OF = {_CHASSIS: 4, _PORT: 3}, {_CHASSIS: 5, _PORT: 4}
_VLAN_NAME = b"\x00\x80\xc2\x01"  # 802.1: port VLAN id
# LLDP-MED inventory: OUI and subtype → field.
_MED = {b"\x00\x12\xbb\x06": "firmware", b"\x00\x12\xbb\x07": "version", b"\x00\x12\xbb\x08": "serial",
        b"\x00\x12\xbb\x09": "manufacturer", b"\x00\x12\xbb\x0a": "model"}  # fmt: skip


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """What a device announces: type (7 bits) and length (9 bits), value, until type 0; chassis and port come first."""
    values: dict[int, bytes] = {}
    extra: dict[str, bytes] = {}
    managed: list[str] = []
    for kind, value in _values(packet.payload):
        if kind == _MANAGEMENT and len(managed) < MOST_ADDRESSES:
            managed += address(value[1:2], value[2 : 1 + value[0]]) if value else ()
        elif kind == _ORGANISATION:
            extra.setdefault("vlan" if value[:4] == _VLAN_NAME else _MED.get(value[:4], ""), value[4:])
        else:
            values.setdefault(kind, value)
    if _CHASSIS not in values or _PORT not in values:
        return
    vlan = int.from_bytes(extra["vlan"][:2], "big") if len(extra.get("vlan", b"")) >= 2 else 0
    said = Neighbour(
        "lldp",
        chassis=_identifier(_CHASSIS, values[_CHASSIS]),
        port=_identifier(_PORT, values[_PORT]),
        port_description=text(values.get(_PORT_DESCRIPTION)),
        system_name=text(values.get(_NAME)),
        description=text(values.get(_DESCRIPTION)),
        manufacturer=text(extra.get("manufacturer")),
        model=text(extra.get("model")),
        version=text(extra.get("version")) or text(extra.get("firmware")),
        serial=text(extra.get("serial")),
        capabilities=_capabilities(values.get(_CAPABILITIES)),
        management=tuple(sorted(set(managed))) or None,
        vlan=vlan or None,
    )
    yield packet.mac, Network(neighbours=(said,))


def address(family: bytes, value: bytes) -> tuple[str, ...]:
    """An address by its IANA family: 1 is IPv4, 2 IPv6; () of others.

    >>> address(b"\\x01", bytes((192, 168, 10, 1)))
    ('192.168.10.1',)
    """
    if family == b"\x01" and len(value) == 4:
        return (str(IPv4Address(value)),)
    if family == b"\x02" and len(value) == 16:
        return (str(IPv6Address(value)),)
    return ()


def _values(said: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(MOST_FIELDS):
        if at + 2 > len(said):
            return
        head = said[at] << 8 | said[at + 1]
        kind, end = head >> 9, at + 2 + (head & 0x1FF)
        if kind == 0 or end > len(said):
            return
        yield kind, said[at + 2 : end]
        at = end


def _identifier(kind: int, value: bytes) -> str | None:
    if value[:1] == bytes((_MAC_OF[kind],)) and len(value) == 7:
        return mac(value[1:])
    if value[:1] == bytes((_ADDRESS_OF[kind],)):
        return next(iter(address(value[1:2], value[2:])), None)
    return text(value[1:])


def _capabilities(value: bytes | None) -> tuple[str, ...] | None:
    """The enabled ones: two bytes of what it could do, two of what it does."""
    if value is None or len(value) < 4:
        return None
    enabled = value[2] << 8 | value[3]
    return tuple(sorted(name for bit, name in enumerate(_CAPABILITY_NAMES) if enabled >> bit & 1))
