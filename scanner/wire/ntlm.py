"""NTLMSSP for two users who are nobody: the anonymous one, and Guest with an empty password (MS-NLMP §2.2.1).

Pure but for random bytes. There is no way to give another name or a password.
"""

import hmac
import os
import struct

ANONYMOUS, GUEST = "anonymous", "guest"
_GUEST_NAME = "Guest"
# The NT hash of the empty password (MD4 of nothing).
_EMPTY_HASH = bytes.fromhex("31d6cfe0d16ae931b73c59d7e0c089c0")
_SIGNATURE = b"NTLMSSP\0"
# UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, TARGET_INFO, 128, 56 (§2.2.2.5)
_FLAGS = 0x1 | 0x4 | 0x200 | 0x8000 | 0x80000 | 0x800000 | 0x20000000 | 0x80000000
_ANONYMOUS_FLAG = 0x800
MAX_TARGET = 4096  # bytes of target information, real ones have some 200; stops a server from filling its own answer


class NotNtlm(Exception):
    """What came is no CHALLENGE."""

    def __str__(self) -> str:
        return "it does not answer in NTLM"


def negotiate() -> bytes:
    """The first message (§2.2.1.1)."""
    return _SIGNATURE + struct.pack("<II", 1, _FLAGS) + bytes(16)


def authenticate(challenge: bytes, who: str) -> bytes:
    """The third message (§2.2.1.3), for a CHALLENGE (§2.2.1.2); NotNtlm when that is none."""
    at = challenge.find(_SIGNATURE)  # some servers wrap it in SPNEGO although we do not
    message = challenge[at:] if at >= 0 else b""
    if len(message) < 48 or message[8:12] != b"\x02\0\0\0":
        raise NotNtlm
    size, _, offset = struct.unpack_from("<HHI", message, 40)
    target = message[offset : offset + size]
    if len(target) != size or size > MAX_TARGET:
        raise NotNtlm
    if who == ANONYMOUS:
        return _third(b"\0", b"", "", _FLAGS | _ANONYMOUS_FLAG)
    return _third(bytes(24), _response(message[24:32], target), _GUEST_NAME, _FLAGS)


def _response(challenge: bytes, target: bytes) -> bytes:
    """NTLMv2 (§3.3.2) for Guest without a domain; the time is the server's own where it tells it."""
    key = hmac.digest(_EMPTY_HASH, _GUEST_NAME.upper().encode("utf-16-le"), "md5")
    temp = b"\x01\x01" + bytes(6) + _time(target) + os.urandom(8) + bytes(4) + target + bytes(4)
    return hmac.digest(key, challenge + temp, "md5") + temp


def _time(target: bytes) -> bytes:
    """MsvAvTimestamp (id 7) of the target information (§2.2.2.1)."""
    while len(target) >= 4:
        kind, size = struct.unpack_from("<HH", target)
        if kind == 7 and size == 8 and len(target) >= 12:
            return target[4:12]
        target = target[4 + size :]
    return bytes(8)


def _third(lm: bytes, nt: bytes, user: str, flags: int) -> bytes:
    payload, fields = b"", b""
    for data in (lm, nt, b"", user.encode("utf-16-le"), b"", b""):  # domain, workstation and session key are empty
        fields += struct.pack("<HHI", len(data), len(data), 64 + len(payload))
        payload += data
    return _SIGNATURE + struct.pack("<I", 3) + fields + struct.pack("<I", flags) + payload
