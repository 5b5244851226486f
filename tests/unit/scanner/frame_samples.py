"""Frames as devices send them, for the tests of what is heard."""

import struct
from ipaddress import IPv4Address, IPv6Address

ALL = b"\xff" * 6
NAS, PRINTER, ROUTER = "00:11:32:00:00:01", "00:1b:a9:00:00:02", "d4:ca:6d:00:10:01"
NAS_IP, PRINTER_IP, ROUTER_IP = "192.168.10.10", "192.168.10.20", "192.168.10.1"
MDNS, MDNS_MAC = "224.0.0.251", bytes.fromhex("01005e0000fb")


def raw(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def ethernet(source: str, kind: int, payload: bytes, to: bytes = ALL) -> bytes:
    return to + raw(source) + struct.pack(">H", kind) + payload


def tagged(frame: bytes, *vlans: int) -> bytes:
    """The frame with 802.1Q tags, the outermost first."""
    return frame[:12] + b"".join(struct.pack(">HH", 0x8100, vlan) for vlan in vlans) + frame[12:]


def arp(source: str, address: str, *, sender: str | None = None, target: str = "0.0.0.0", op: int = 1) -> bytes:
    said = struct.pack(">HHBBH", 1, 0x0800, 6, 4, op) + raw(sender or source) + IPv4Address(address).packed
    return ethernet(source, 0x0806, said + bytes(6) + IPv4Address(target).packed)


def udp(
    source: str, address: str, ports: tuple[int, int], payload: bytes, *, to: bytes = ALL,
    target: str = "255.255.255.255", fragment: int = 0,
) -> bytes:  # fmt: skip
    segment = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), 1, fragment, 64, 17, 0)
    return ethernet(source, 0x0800, head + IPv4Address(address).packed + IPv4Address(target).packed + segment, to)


def ipv6(
    source: str, address: str, protocol: int, payload: bytes, *, hops: int = 255, target: str = "ff02::1"
) -> bytes:
    head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, hops)
    packed = IPv6Address(address).packed + IPv6Address(target).packed
    return ethernet(source, 0x86DD, head + packed + payload, b"\x33\x33" + IPv6Address(target).packed[12:])


def udp6(source: str, address: str, ports: tuple[int, int], payload: bytes) -> bytes:
    return ipv6(source, address, 17, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload)


def dhcp(client: str, options: bytes, *, op: int = 1, own: str = "0.0.0.0", given: str = "0.0.0.0") -> bytes:
    """A DHCP message without its frame; `options` as on the wire, without the end."""
    head = struct.pack(">BBBBIHH", op, 1, 6, 0, 0x5649, 0, 0) + IPv4Address(own).packed + IPv4Address(given).packed
    return head + bytes(8) + raw(client) + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63" + options + b"\xff"


def option(code: int, value: bytes) -> bytes:
    return bytes((code, len(value))) + value


def asks(client: str, *options: bytes, sender: str | None = None) -> bytes:
    message = dhcp(client, option(53, b"\x01") + b"".join(options))
    return udp(sender or client, "0.0.0.0", (68, 67), message)


def values(*pairs: tuple[int, bytes], head: str = ">HH") -> bytes:
    return b"".join(struct.pack(head, kind, len(value)) + value for kind, value in pairs)


def lldp(*pairs: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack(">H", kind << 9 | len(value)) + value for kind, value in pairs) + b"\0\0"


def snap(source: str, oui: str, kind: int, payload: bytes) -> bytes:
    body = b"\xaa\xaa\x03" + bytes.fromhex(oui) + struct.pack(">H", kind) + payload
    return ethernet(source, len(body), body, bytes.fromhex("01000ccccccc"))


def netbios_name(text: str, suffix: int) -> bytes:
    plain = text.encode("cp850").ljust(15)[:15] + bytes((suffix,))
    return b"\x20" + bytes(half + 0x41 for byte in plain for half in (byte >> 4, byte & 15)) + b"\0"


def registration(text: str, suffix: int, address: str, *, group: bool = False) -> bytes:
    name = netbios_name(text, suffix)
    record = b"\xc0\x0c" + struct.pack(">HHIHH", 0x20, 1, 0, 6, 0x8000 if group else 0) + IPv4Address(address).packed
    return struct.pack(">6H", 1, 5 << 11 | 0x110, 1, 0, 0, 1) + name + struct.pack(">HH", 0x20, 1) + record


def dns(*records: tuple[str, int, bytes], flags: int = 0x8400) -> bytes:
    def packed(name: str) -> bytes:
        return b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0"

    body = b"".join(packed(n) + struct.pack(">HHIH", kind, 1, 120, len(data)) + data for n, kind, data in records)
    return struct.pack(">6H", 0, flags, 0, len(records), 0, 0) + body


def advertisement(mac: str, *options: bytes, lifetime: int = 1800, flags: int = 0x40) -> bytes:
    return struct.pack(">BBHBBHII", 134, 0, 0, 64, flags, lifetime, 0, 0) + b"\x01\x01" + raw(mac) + b"".join(options)


HELLO = b"""<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"
 xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery"><soap:Header><wsa:To>urn:discovery</wsa:To></soap:Header>
<soap:Body><wsd:Hello><wsa:EndpointReference><wsa:Address>urn:uuid:00000000-0000-1000-8000-001ba9000002</wsa:Address>
</wsa:EndpointReference><wsd:Types>wsdp:Device wprt:PrintDeviceType</wsd:Types>
<wsd:XAddrs>http://192.168.10.20:80/wsd</wsd:XAddrs><wsd:MetadataVersion>1</wsd:MetadataVersion></wsd:Hello></soap:Body>
</soap:Envelope>"""

MNDP = b"\0\0\0\x07" + values(
    (1, raw(ROUTER)), (5, b"routeur"), (7, b"7.16.1 (stable)"), (8, b"MikroTik"), (10, b"\x10\0\0\0"),
    (11, b"ABCD-1234"), (12, b"RB5009UG+S+"), (14, b"\0"), (16, b"bridge/ether2"), (17, IPv4Address(ROUTER_IP).packed),
)  # fmt: skip
UBIQUITI_1 = values(
    (2, raw(NAS) + IPv4Address(NAS_IP).packed), (1, raw(NAS)), (10, b"\0\0\x10\0"), (11, b"AP salle d'attente"),
    (12, b"U7PG2"), (3, b"BZ.qca956x.v6.5.28.14491.221005.1250"), (13, b"Cabinet"),
    (20, b"UAP-AC-Pro-Gen2"), head=">BH",
)  # fmt: skip
UBIQUITI_1 = b"\x01\x00" + struct.pack(">H", len(UBIQUITI_1)) + UBIQUITI_1
