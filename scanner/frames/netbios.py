"""NetBIOS over UDP (RFC 1002) and the browser announcements in its datagrams (MS-BRWS §2.2)."""

import struct
from collections.abc import Iterator

from inventory.heard import BrowserSeen
from inventory.network import NetbiosSeen, Network
from inventory.text import clean
from scanner.frames.fields import one_host
from scanner.frames.sieve import Packet
from scanner.netbios import names

_RESPONSE = 0x8000
_QUERY, _CLAIMS = 0, frozenset({5, 8, 9, 15})  # opcodes: registration, refresh twice, multi-homed registration
_NB = 0x20
_GROUP = 0x8000
_WORKSTATION, _SERVER = 0x00, 0x20
_MAILSLOT = b"\\MAILSLOT\\BROWSE\0"
_HOST, _DOMAIN, _LOCAL_MASTER = 0x01, 0x0C, 0x0F
# Bits of the server type (MS-BRWS §2.2.1): what the machine says that it is.
_ROLES = {0x1: "workstation", 0x2: "server", 0x4: "sql_server", 0x8: "domain_controller", 0x10: "domain_controller",
          0x200: "print_queue", 0x800: "unix", 0x8000: "server_nt", 0x40000: "master_browser"}  # fmt: skip


def read_names(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """The names that a device claims as its own, and those it answers for; of a question only that it is there."""
    said = packet.payload
    if len(said) < 12:
        return
    _, flags, questions, answers, _, _ = struct.unpack_from(">6H", said)
    opcode = flags >> 11 & 15
    if flags & _RESPONSE and opcode == _QUERY and not flags & 15 and answers:
        status = names(said, ours=False)
        found = status or _record(said, 12, packet.source)
    elif opcode in _CLAIMS and not flags & _RESPONSE and questions:
        question = 12 + 34 + 4
        # The record behind the question points back at its name (RFC 1002 §4.2.2).
        found = _record(said[:12] + said[12:46] + said[question + 2 :], 12, packet.source)
    else:
        found = None
    yield packet.mac, Network(netbios=found) if found else None


def _record(said: bytes, at: int, source: bytes) -> NetbiosSeen | None:
    """Name (34), type, class, TTL, length, flags, address: believed of the sender's own address only."""
    if len(said) < at + 50 or (name := decoded(said[at : at + 34])) is None:
        return None
    kind, _, _, length, flags = struct.unpack_from(">HHIHH", said, at + 34)
    if kind != _NB or length < 6 or said[at + 46 : at + 50] != source or one_host(source) is None:
        return None
    text, suffix = name
    if flags & _GROUP:
        return NetbiosSeen("", workgroup=text) if suffix == _WORKSTATION else None
    return NetbiosSeen(text) if suffix in (_WORKSTATION, _SERVER) else None


def decoded(raw: bytes) -> tuple[str, int] | None:
    """The name and suffix of 34 bytes in first-level encoding (RFC 1001 §14.1).

    >>> decoded(b"\\x20EEEKFADJDFFDDAEKCACACACACACACAAA\\0")
    ('DJP95S0J', 0)
    """
    if len(raw) != 34 or raw[0] != 32 or raw[33] or any(not 0x41 <= byte <= 0x50 for byte in raw[1:33]):
        return None
    plain = bytes((raw[at] - 0x41) << 4 | raw[at + 1] - 0x41 for at in range(1, 33, 2))
    text = clean(plain[:15].split(b"\0")[0].decode("cp850"))
    return (text, plain[15]) if text and text != "*" else None


def read_browser(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """The announcement in a datagram: type, flags, id (2), source address (4), port (2), length, offset, two names.

    Then SMB's transaction: header (32), 17 words of which the last but one of fourteen say where the data is.
    """
    said = packet.payload
    if len(said) < 82 or said[0] not in (0x10, 0x11, 0x12) or said[4:8] != packet.source:
        return
    sender, smb = decoded(said[14:48]), said[82:]
    own = sender[0] if sender and sender[1] in (_WORKSTATION, _SERVER) else None
    seen = NetbiosSeen(own) if own else None
    browser = _announcement(smb) if smb[:5] == b"\xffSMB\x25" else None
    if browser is not None and own is not None and browser.name.casefold() != own.casefold():
        browser = None  # one machine speaks for another: nobody does
    yield packet.mac, Network(netbios=seen, browser=browser) if seen or browser else None


def _announcement(smb: bytes) -> BrowserSeen | None:
    """Command, update count, period (4), name (16), version (2), type (4), browser version (2), 55aa, comment."""
    if len(smb) < 70 or smb[32] != 17 or _MAILSLOT not in smb[67:110].upper():
        return None
    size, start = struct.unpack_from("<HH", smb, 33 + 22)
    data = smb[start : start + size]
    if len(data) < 32 or data[0] not in (_HOST, _DOMAIN, _LOCAL_MASTER):
        return None
    name, comment = (clean(part.split(b"\0")[0].decode("cp850")) for part in (data[6:22], data[32:]))
    if data[0] == _DOMAIN:  # of a workgroup; the comment is its master
        return BrowserSeen(comment, workgroup=name or None) if comment else None
    (kind,) = struct.unpack_from("<I", data, 24)
    roles = tuple(sorted({role for bit, role in _ROLES.items() if kind & bit}))
    return BrowserSeen(name, None, f"{data[22]}.{data[23]}", comment or None, roles) if name else None
