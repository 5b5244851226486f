"""Which frames matter, decided by a few bytes of each before anything is parsed. Pure.

The tables here are the only ones: the kernel's filter of a live socket is made from them (scanner/wire/capture.py).
"""

from typing import NamedTuple

ARP, IPV4, IPV6, LLDP = 0x0806, 0x0800, 0x86DD, 0x88CC
VLAN = (0x8100, 0x88A8, 0x9100)
# Tags taken off one frame (802.1ad has two); stops a frame that is nothing but tags.
MOST_TAGS = 2
# Who is heard on which UDP port: the well-known ones of IANA, MikroTik's MNDP and Ubiquiti's discovery.
UDP_PORTS = {
    67: "dhcp", 68: "dhcp", 137: "nbns", 138: "browser", 546: "dhcp6", 547: "dhcp6", 1900: "ssdp", 3702: "wsd",
    5353: "mdns", 5355: "llmnr", 5678: "mndp", 10001: "ubiquiti",
}  # fmt: skip
# Router solicitation and advertisement, neighbour solicitation and advertisement (RFC 4861 §4).
ND_TYPES = (133, 134, 135, 136)
# Announcements in SNAP: OUI and protocol.
SNAP = {
    b"\x00\x00\x0c\x20\x00": "cdp",
    b"\x00\xe0\x52\x20\x00": "fdp",
    b"\x00\xe0\x2b\x00\xbb": "edp",
    b"\x00\x00\x81\x01\xa2": "sonmp",
    b"\x00\x00\x81\x01\xa1": "sonmp",
}

_NOBODY = bytes(6)
_UDP, _ICMPV6 = 17, 58
_LLC_SNAP = b"\xaa\xaa\x03"
_PORTS = {port.to_bytes(2, "big"): protocol for port, protocol in UDP_PORTS.items()}
_TAGGED = frozenset(kind.to_bytes(2, "big") for kind in VLAN)
_FRAGMENT = 0x3FFF  # more fragments follow, or this is not the first: a part of a message tells half of it


class Packet(NamedTuple):
    """What a frame that matters carries; addresses still as bytes."""

    protocol: str
    mac: bytes  # of the sender
    source: bytes  # its IP address, 4 or 16 bytes; b"" below IP
    payload: bytes
    group: bool  # to everybody or to many: such a frame never left its network
    port: int = 0  # UDP source port
    hops: int = 0  # what is left of its hop limit


# What a message begins with in which something is handed out: a router advertisement, a BOOTP reply, an advertisement
# or a reply of DHCPv6.
_HANDED_OUT = {"nd": b"\x86", "dhcp": b"\x02", "dhcp6": b"\x02\x07"}


def hands_out(packet: Packet) -> bool:
    """Whether a packet tells others how to reach the network."""
    return bool(packet.payload) and packet.payload[0] in _HANDED_OUT.get(packet.protocol, b"")


# Bytes of a message that only number it, or of ARP ask for somebody: a repetition differs in nothing else.
_NUMBERS = {
    "arp": (18, 65_535), "dhcp": (4, 10), "dhcp6": (1, 4), "mdns": (0, 2), "llmnr": (0, 2), "nbns": (0, 2),
    "browser": (2, 4), "mndp": (2, 4),
}  # fmt: skip


def content(packet: Packet) -> int:
    """What a packet says as a number: the same for each repetition of it by the same sender."""
    payload, numbers = packet.payload, _NUMBERS.get(packet.protocol)
    if numbers is not None:
        payload = payload[: numbers[0]] + payload[numbers[1] :]
    return hash((packet.protocol, packet.mac, packet.source, payload))


def sift(frame: bytes) -> Packet | None:
    """What a frame carries when anything is to be learnt of it, None of all others. Takes any bytes."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        # Most frames of most captures end here: IPv4 that is not UDP.
        return _ipv4(frame, 14) if frame[23:24] == b"\x11" else None
    if kind == b"\x08\x06":
        return _packet("arp", frame, 14)
    if kind == b"\x86\xdd":
        return _ipv6(frame, 14)
    if kind in _TAGGED:
        return _tagged(frame)
    if kind == b"\x88\xcc":
        return _packet("lldp", frame, 14)
    return _snap(frame, 14) if b"" < kind <= b"\x05\xdc" else None


def _tagged(frame: bytes) -> Packet | None:
    at, tags = 12, 0
    while frame[at : at + 2] in _TAGGED:
        at, tags = at + 4, tags + 1
        if tags > MOST_TAGS:
            return None
    return sift(frame[:12] + frame[at:])


def _packet(protocol: str, frame: bytes, at: int) -> Packet | None:
    if frame[6] & 1 or frame[6:12] == _NOBODY:
        return None
    return Packet(protocol, frame[6:12], b"", frame[at:], bool(frame[0] & 1))


def _snap(frame: bytes, at: int) -> Packet | None:
    """802.3 with LLC and SNAP: the ethertype is the length, what is beyond it is padding."""
    if frame[at : at + 3] != _LLC_SNAP or (protocol := SNAP.get(frame[at + 3 : at + 8])) is None:
        return None
    return _packet(protocol, frame[: at + int.from_bytes(frame[at - 2 : at], "big")], at + 8)


def _ipv4(frame: bytes, at: int) -> Packet | None:
    if len(frame) < at + 28 or frame[at + 9] != _UDP or frame[at] >> 4 != 4:
        return None
    if int.from_bytes(frame[at + 6 : at + 8], "big") & _FRAGMENT:
        return None
    start, end = at + (frame[at] & 15) * 4, at + int.from_bytes(frame[at + 2 : at + 4], "big")
    if start < at + 20:
        return None
    return _udp(frame, start, end, frame[at + 12 : at + 16], frame[at + 8])


def _ipv6(frame: bytes, at: int) -> Packet | None:
    """UDP or neighbour discovery straight after the header: nobody announces behind extension headers."""
    if len(frame) < at + 44 or frame[at] >> 4 != 6:
        return None
    start, end = at + 40, at + 40 + int.from_bytes(frame[at + 4 : at + 6], "big")
    source, hops = frame[at + 8 : at + 24], frame[at + 7]
    if frame[at + 6] == _UDP:
        return _udp(frame, start, end, source, hops)
    if frame[at + 6] != _ICMPV6 or frame[start] not in ND_TYPES or hops != 255:
        return None
    said = _packet("nd", frame[:end], start)
    return said and said._replace(source=source, hops=hops)


def _udp(frame: bytes, start: int, end: int, source: bytes, hops: int) -> Packet | None:
    ports = frame[start : start + 4]
    protocol = _PORTS.get(ports[2:]) or _PORTS.get(ports[:2])
    if protocol is None or len(frame) < start + 8 or frame[6] & 1 or frame[6:12] == _NOBODY:
        return None
    end = min(end, start + int.from_bytes(frame[start + 4 : start + 6], "big"))
    port = ports[0] << 8 | ports[1]
    return Packet(protocol, frame[6:12], source, frame[start + 8 : end], bool(frame[0] & 1), port, hops)
