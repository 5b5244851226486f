"""DHCPv4 (RFC 2131, 2132): what a device says of itself to get an address, and who hands addresses out."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from inventory.heard import DhcpClient, DhcpServer
from inventory.network import Network
from scanner.frames.fields import MOST_FIELDS, addresses, dns_name, one_device, one_host, text
from scanner.frames.sieve import Packet

_REQUEST, _REPLY = 1, 2
_COOKIE = b"\x63\x82\x53\x63"
_SERVER_TYPES = (b"\x02", b"\x05", b"\x06")  # offer, acknowledgement, refusal
_ACKNOWLEDGEMENT = b"\x05"
# Bytes of a parameter list: Windows asks for 15 codes; stops a list of all 254.
MOST_PARAMETERS = 64
MOST_CLIENT_ID = 64


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """Of a request its client, by the hardware address inside: a relay may have sent it. Of an answer its server.

    op, htype, hlen, hops, xid, secs, flags, ciaddr (12), yiaddr (16), siaddr, giaddr (24), chaddr (28), sname (44),
    file (108), cookie (236), options (240). An acknowledgement also tells the client's address.
    """
    said = packet.payload
    if len(said) < 241 or said[236:240] != _COOKIE or said[1:3] != b"\x01\x06":
        return
    options = _options(said)
    client, kind = said[28:34], options.get(53, b"")
    if said[0] == _REQUEST and one_device(client):
        own = one_host(said[12:16]) if client == packet.mac else None
        yield client, Network(addresses=(own,) if own else None, dhcp=_client(options))
    elif said[0] == _REPLY and kind in _SERVER_TYPES:
        server = one_host(options.get(54, b"")) or one_host(packet.source)
        if server is not None:
            yield packet.mac, Network(dhcp_server=_server(server, options))


def lease(payload: bytes) -> tuple[bytes, IPv4Address] | None:
    """Whom an acknowledgement gives which address."""
    if len(payload) < 241 or payload[:3] != b"\x02\x01\x06" or payload[236:240] != _COOKIE:
        return None
    given = one_host(payload[16:20])
    if given is None or not one_device(payload[28:34]) or _options(payload).get(53) != _ACKNOWLEDGEMENT:
        return None
    return payload[28:34], given


def _options(said: bytes) -> Mapping[int, bytes]:
    """The options by code; one that comes in parts is put together (RFC 3396), `file` and `sname` when 52 says so."""
    found = dict(_listed(said, 240, {}))
    overload = found.get(52, b"\0")[:1]
    if overload in (b"\x01", b"\x03"):
        found = _listed(said[108:236], 0, found)
    if overload in (b"\x02", b"\x03"):
        found = _listed(said[44:108], 0, found)
    return found


def _listed(said: bytes, at: int, found: dict[int, bytes]) -> dict[int, bytes]:
    for _ in range(MOST_FIELDS * 2):  # padding bytes count too
        if at >= len(said) or (code := said[at]) == 255:
            break
        if code == 0:
            at += 1
            continue
        size = said[at + 1] if at + 1 < len(said) else 256
        if at + 2 + size > len(said):
            break
        found[code] = found.get(code, b"") + said[at + 2 : at + 2 + size]
        at += 2 + size
    return found


def _client(options: Mapping[int, bytes]) -> DhcpClient:
    requested = one_host(options.get(50, b""))
    parameters = ",".join(map(str, options.get(55, b"")[:MOST_PARAMETERS]))
    return DhcpClient(
        hostname=text(options.get(12)),
        fqdn=_fqdn(options.get(81, b"")),
        vendor_class=text(options.get(60)),
        user_class=text(options.get(77)),
        client_id=options.get(61, b"")[:MOST_CLIENT_ID].hex() or None,
        requested=(requested,) if requested else None,
        parameters=(parameters,) if parameters else None,
    )


def _fqdn(value: bytes) -> str | None:
    """Flags, two codes, then the name: as labels when the E bit (4) is set, else as text (RFC 4702 §2)."""
    if len(value) < 4:
        return None
    return dns_name(value[3:]) if value[0] & 4 else text(value[3:])


def _server(address: IPv4Address, options: Mapping[int, bytes]) -> DhcpServer:
    return DhcpServer(address, addresses(options.get(3)), addresses(options.get(6)), text(options.get(15)))
