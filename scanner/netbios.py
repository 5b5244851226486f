"""NetBIOS node status: the question, and the names in its answer. Pure."""

import struct
from ipaddress import IPv4Address

from inventory.device import Device
from inventory.errors import ParseError
from inventory.mac import canonical
from inventory.network import NetbiosSeen, Network
from inventory.observation import Observation
from inventory.text import clean
from scanner.datagrams import datagrams
from scanner.evidence import Evidence

PORT = 137
MOST_ANSWER = 4_096  # bytes of a datagram: 255 names of 18 bytes and 100 more (RFC 1002 §4.2.18)

_ID = 0x5669
_NODE_STATUS = 0x0021
_GROUP = 0x8000
_WORKSTATION = 0x00  # the suffix of the computer's own name, and of its workgroup or domain
# The name "*" in the first-level encoding of RFC 1001 §14.1: two letters for each of its 16 bytes.
_ANYBODY = b"\x20CK" + b"A" * 30 + b"\0"
STATUS_REQUEST = struct.pack(">6H", _ID, 0, 1, 0, 0, 0) + _ANYBODY + struct.pack(">2H", _NODE_STATUS, 1)


def names(payload: bytes, *, ours: bool = True) -> NetbiosSeen | None:
    """The names in a node status response (RFC 1002 §4.2.18), to our question or to anybody's; None of anything else.

    After header, name, type, class, TTL and length: the number of names, then per name 15 bytes, a suffix and two bytes
    of flags, then the statistics, which begin with the MAC. Samba sends zeros for it.
    """
    start = 12 + len(_ANYBODY)
    if len(payload) < start + 11 or not payload[2] & 0x80 or (ours and payload[:2] != struct.pack(">H", _ID)):
        return None
    kind, _, _, _, count = struct.unpack(">HHIHB", payload[start : start + 11])
    end = start + 11 + 18 * count
    if kind != _NODE_STATUS or end > len(payload):
        return None
    computer = workgroup = None
    for at in range(start + 11, end, 18):
        suffix, flags = struct.unpack(">BH", payload[at + 15 : at + 18])
        text = clean(payload[at : at + 15].decode("cp850"))  # the OEM code page of western Windows
        if suffix == _WORKSTATION and flags & _GROUP:
            workgroup = workgroup or text or None
        elif suffix == _WORKSTATION:
            computer = computer or text or None
    if computer is None:
        return None
    mac = payload[end : end + 6]
    return NetbiosSeen(computer, workgroup, canonical(mac.hex(":")) if len(mac) == 6 and any(mac) else None)


def read_netbios(evidence: Evidence) -> Observation:
    """The name, workgroup and MAC that a device gives itself; ParseError when there is no answer of its own."""
    target = IPv4Address(evidence.request.target)
    for item in datagrams(evidence.body):
        if (item.source, item.source_port) == (target, PORT) and (seen := names(item.payload)) is not None:
            network = Network(hostname=seen.name.lower(), netbios=seen)
            return Observation(Device(network=network))
    raise ParseError(evidence.id, None, "no node status of this device")
