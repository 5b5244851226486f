"""DHCPv6 (RFC 8415): how a device identifies itself, and who answers."""

from collections.abc import Iterator

from inventory.heard import Dhcp6Client, Dhcp6Server
from inventory.network import Network
from scanner.frames.fields import addresses6, dns_name, number, tagged, text
from scanner.frames.sieve import Packet

_CLIENT_TYPES = frozenset({1, 3, 4, 5, 6, 8, 9, 11})  # solicit, request, confirm, renew, rebind, release, decline, info
_SERVER_TYPES = frozenset({2, 7})  # advertise, reply
_CLIENT_ID, _SERVER_ID, _REQUESTED, _VENDOR_CLASS, _DNS, _FQDN = 1, 2, 6, 16, 23, 39
# Bytes of a DUID (RFC 8415 §11.1: at most 130).
MOST_DUID = 130
MOST_PARAMETERS = 64


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """Of a client its DUID, vendor class and name; of a server its DUID and the DNS servers it hands out.

    Type, transaction (3), options: code (2), length (2), value. What a relay passes on is not its own.
    """
    said = packet.payload
    if len(said) < 4 or said[0] not in _CLIENT_TYPES | _SERVER_TYPES:
        return
    options = dict(tagged(said, 2, 2, at=4))
    if said[0] in _SERVER_TYPES:
        duid = options.get(_SERVER_ID, b"")[:MOST_DUID].hex() or None
        yield packet.mac, Network(dhcp6_server=Dhcp6Server(duid, addresses6(options.get(_DNS))))
        return
    vendor, wanted = options.get(_VENDOR_CLASS, b""), options.get(_REQUESTED, b"")[: MOST_PARAMETERS * 2]
    parameters = ",".join(str(int.from_bytes(wanted[at : at + 2], "big")) for at in range(0, len(wanted) - 1, 2))
    client = Dhcp6Client(
        duid=options.get(_CLIENT_ID, b"")[:MOST_DUID].hex() or None,
        vendor_class=text(vendor[6:]) if len(vendor) > 6 else None,
        enterprise=number(vendor[:4]) if len(vendor) >= 4 else None,
        fqdn=dns_name(options.get(_FQDN, b"")[1:]),
        parameters=(parameters,) if parameters else None,
    )
    yield packet.mac, Network(dhcp6=client)
