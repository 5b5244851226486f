"""A ClientHello of exactly one TLS version, and the first records that answer it. Pure but for the random bytes.

Written by hand because OpenSSL no longer speaks SSLv3, nor TLS 1.0 with the key sizes of old devices; what a server
offers stands in its first records, in clear. No key is exchanged.
"""

import os
import struct
from collections.abc import Callable
from typing import NoReturn

VERSIONS = {"SSLv3": 0x0300, "TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}

MAX_RECORD = (1 << 14) + 2048  # bytes of one record (RFC 5246 §6.2.3)
MAX_FLIGHT = 64 * 1024  # bytes of the server's first messages, real chains take 2-8 KiB; stops a chain without end
_WARNING = b"\x01"  # the level of an alert after which the handshake goes on
_ALERT, _HANDSHAKE = 21, 22  # content types, RFC 8446 §5.1
_SERVER_HELLO, _CERTIFICATE, _HELLO_DONE = 2, 11, 14  # handshake types, RFC 5246 §7.4
_SUPPORTED_VERSIONS = 43  # extension, RFC 8446 §4.2.1

# IANA's TLS Cipher Suites: TLS 1.3's; then forward secret, plain RSA, and the broken ones that old devices may have.
# Last the anonymous ones: RouterOS' api-ssl speaks nothing else until it is given a certificate (MikroTik, "API").
_SUITES_13 = (0x1301, 0x1302, 0x1303)
_SUITES = (
    *(0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9, 0x009E, 0x009F, 0xCCAA, 0xC023, 0xC024, 0xC027, 0xC028),
    *(0xC009, 0xC00A, 0xC013, 0xC014, 0x0067, 0x006B, 0x0033, 0x0039, 0x0032, 0x0038, 0x009C, 0x009D, 0x003C, 0x003D),
    *(0x002F, 0x0035, 0x0041, 0x0084, 0xC012, 0x0016, 0x0013, 0x000A, 0xC011, 0x0005, 0x0004, 0x0009, 0x0015, 0x0003),
    *(0x00A6, 0x00A7, 0x006C, 0x006D, 0x0034, 0x003A, 0x0018, 0x001B),
)
_GROUPS = (0x001D, 0x0017, 0x0018, 0x0019, 0x0100)  # x25519, secp256r1, 384, 521, ffdhe2048
_SIGNATURES = (0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0202)


class NoTls(Exception):
    """The peer does not answer in TLS; `str()` says what came."""


def client_hello(version: int) -> bytes:
    """The record of a ClientHello that offers this version alone; below 256 bytes, for some servers choke on more."""
    new = version == VERSIONS["TLSv1.3"]
    suites = b"".join(struct.pack(">H", suite) for suite in (_SUITES_13 if new else _SUITES))
    session = os.urandom(32) if new else b""  # TLS 1.3 in the clothes of a resumed 1.2 (RFC 8446 §D.4)
    body = struct.pack(">H", min(version, VERSIONS["TLSv1.2"])) + os.urandom(32)
    body += _vector(1, session) + _vector(2, suites) + b"\x01\x00" + _extensions(version)
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16" + struct.pack(">H", min(version, VERSIONS["TLSv1"])) + _vector(2, message)


def _vector(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _extensions(version: int) -> bytes:
    """None in SSLv3; no server name, for the peer is an address (RFC 6066 §3)."""
    if version == VERSIONS["SSLv3"]:
        return b""
    groups = b"".join(struct.pack(">H", group) for group in _GROUPS)
    extensions = [(10, _vector(2, groups)), (11, b"\x01\x00"), (0xFF01, b"\x00")]
    if version >= VERSIONS["TLSv1.2"]:
        extensions.append((13, _vector(2, b"".join(struct.pack(">H", item) for item in _SIGNATURES))))
    if version == VERSIONS["TLSv1.3"]:
        share = struct.pack(">H", _GROUPS[0]) + _vector(2, os.urandom(32))
        extensions += [(_SUPPORTED_VERSIONS, _vector(1, struct.pack(">H", version))), (51, _vector(2, share))]
    return _vector(2, b"".join(struct.pack(">H", kind) + _vector(2, data) for kind, data in extensions))


class Flight:
    """The server's first messages, read with `exactly` as far as they are asked for; NoTls when they are none."""

    def __init__(self, exactly: Callable[[int], bytes]) -> None:
        self._exactly = exactly
        self._messages = bytearray()
        self._total = 0

    def hello(self) -> int | None:
        """The version that the server chose, None when it declined by an alert."""
        number, body = self._next()
        if number is None:
            return None
        return _chosen(body) if number == _SERVER_HELLO else _refuse(f"a handshake message {number}")

    def certificate(self) -> bytes | None:
        """The server's certificate in DER, where it comes in clear: after the hello of TLS 1.2 and before."""
        while True:
            number, body = self._next()
            if number == _CERTIFICATE:
                return _first(body)
            if number in (None, _HELLO_DONE):
                return None

    def _next(self) -> tuple[int | None, bytes]:
        """Type and body of the next handshake message; None for an alert."""
        while len(self._messages) < 4 or len(self._messages) < 4 + int.from_bytes(self._messages[1:4], "big"):
            kind, payload = _record(self._exactly)
            if kind == _ALERT:
                if payload[:1] == _WARNING and self._total < MAX_FLIGHT:
                    self._total += len(payload)
                    continue  # a warning declines nothing (RFC 5246 §7.2)
                return None, b""
            if kind != _HANDSHAKE:
                _refuse(f"a record of type {kind}")
            self._messages += payload
            self._total += len(payload)
            if self._total > MAX_FLIGHT:
                _refuse(f"more than {MAX_FLIGHT} bytes")
        size = 4 + int.from_bytes(self._messages[1:4], "big")
        number, body = self._messages[0], bytes(self._messages[4:size])
        del self._messages[:size]
        return number, body


def _record(exactly: Callable[[int], bytes]) -> tuple[int, bytes]:
    head = exactly(5)
    size = int.from_bytes(head[3:], "big")
    if head[0] not in (20, _ALERT, _HANDSHAKE, 23) or head[1] != 3 or not 0 < size <= MAX_RECORD:
        _refuse("no TLS record")
    return head[0], exactly(size)


def _refuse(reason: str) -> NoReturn:
    raise NoTls(reason)


def _chosen(body: bytes) -> int:
    """The version of a ServerHello: that of its supported_versions extension, else its own field."""
    if len(body) < 38:
        _refuse("a short ServerHello")
    version = int.from_bytes(body[:2], "big")
    rest = body[35 + body[34] + 3 :]
    extensions = rest[2 : 2 + int.from_bytes(rest[:2], "big")]
    while len(extensions) >= 4:
        kind, size = struct.unpack_from(">HH", extensions)
        if kind == _SUPPORTED_VERSIONS and size == 2 and len(extensions) >= 6:
            return int.from_bytes(extensions[4:6], "big")
        extensions = extensions[4 + size :]
    return version


def _first(body: bytes) -> bytes | None:
    """The server's own certificate: the first of the chain (RFC 5246 §7.4.2)."""
    size = int.from_bytes(body[3:6], "big")
    return body[6 : 6 + size] if 0 < size <= len(body) - 6 else None
