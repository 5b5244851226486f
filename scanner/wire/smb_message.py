"""SMB messages, put together and taken apart: what a guest needs to be shown a server's shares (MS-SMB2, MS-CIFS).

Pure but for random bytes. Nothing here opens, reads or writes a file; the only thing opened is the pipe of the share
list. The sections named are those of MS-SMB2 unless said otherwise.
"""

import os
import struct
from dataclasses import dataclass

NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, READ, IOCTL = 0, 1, 3, 5, 8, 11  # §2.2.1.2
SUCCESS, PENDING, BUFFER_OVERFLOW, MORE_PROCESSING = 0, 0x103, 0x80000005, 0xC0000016  # MS-ERREF §2.3
ACCESS_DENIED = 0xC0000022
MAX_ANSWER = 0xFFFF  # bytes of pipe data asked at once: one credit's worth (§3.2.4.1.5)
_HEADER = struct.Struct("<4sHHIHHIIQIIQ16s")  # §2.2.1.2
_PIPE_TRANSCEIVE = 0x0011C017  # §2.2.31
_SHA512 = 1
_SIGNING_ENABLED = 1


class Malformed(Exception):
    """What came is no answer of SMB; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its status, whose session and tree it belongs to, and what follows the header."""

    command: int
    status: int
    message: int
    tree: int
    session: int
    body: bytes

    def part(self, offset: int, size: int) -> bytes:
        """Bytes that the body names by their offset from the start of the header; Malformed when they are not there."""
        start = offset - _HEADER.size
        if start < 0 or len(self.body) < start + size:
            raise Malformed("an offset outside the message")
        return self.body[start : start + size]

    def numbers(self, form: str, at: int) -> tuple[int, ...]:
        """Little-endian numbers of the body."""
        try:
            found: tuple[int, ...] = struct.unpack_from("<" + form, self.body, at)
        except struct.error as error:
            raise Malformed("a short answer") from error
        return found


def header(command: int, message: int, session: int = 0, tree: int = 0) -> bytes:
    """An SMB2 header; it asks for more credits than we ever use."""
    return _HEADER.pack(b"\xfeSMB", 64, 1, 0, command, 8, 0, 0, message, 0xFEFF, tree, session, b"")


def reply(data: bytes) -> Reply:
    """A response taken apart; Malformed when it is not SMB2's."""
    if len(data) < _HEADER.size or data[:4] != b"\xfeSMB":
        raise Malformed("no SMB2 message")
    _, _, _, status, command, _, _, _, message, _, tree, session, _ = _HEADER.unpack_from(data)
    return Reply(command, status, message, tree, session, data[_HEADER.size :])


def negotiate_1() -> bytes:
    """SMB 1's NEGOTIATE for NT LM 0.12 alone (MS-CIFS §2.2.4.52.1): a server of both would else go over to SMB2."""
    head = struct.pack("<4sBIBHH8sHHHHH", b"\xffSMB", 0x72, 0, 0x18, 0xC843, 0, b"", 0, 0, 0xFEFF, 0, 0)
    dialects = b"\x02NT LM 0.12\x00"
    return head + struct.pack("<BH", 0, len(dialects)) + dialects


def accepts_1(data: bytes) -> bool:
    """Whether that was accepted: an answer of SMB 1 that chose the dialect (index 0, MS-CIFS §2.2.4.52.2)."""
    if len(data) < 35 or data[:5] != b"\xffSMB\x72":
        raise Malformed("no answer to an SMB 1 negotiation")
    status, chosen = int.from_bytes(data[5:9], "little"), int.from_bytes(data[33:35], "little")
    return status == 0 and data[32] > 0 and chosen == 0


def negotiate(dialect: int) -> bytes:
    """A NEGOTIATE for one dialect (§2.2.3); 3.1.1 wants to hear of its hash (§2.2.3.1.1)."""
    body = struct.pack("<HHHHI16s", 36, 1, _SIGNING_ENABLED, 0, 0, os.urandom(16))
    contexts = b""
    if dialect == 0x0311:
        data = struct.pack("<HHH32s", 1, 32, _SHA512, os.urandom(32))
        contexts = struct.pack("<HHI", 1, len(data), 0) + data
        body += struct.pack("<IHH", 104, 1, 0)
    else:
        body += bytes(8)
    dialects = struct.pack("<H", dialect)
    return header(NEGOTIATE, 0) + body + dialects + (b"\0\0" + contexts if contexts else b"")


def session_setup(token: bytes) -> bytes:
    """The body of a SESSION_SETUP (§2.2.5)."""
    return struct.pack("<HBBIIHHQ", 25, 0, _SIGNING_ENABLED, 0, 0, 88, len(token), 0) + token


def tree_connect(path: str) -> bytes:
    r"""The body of a TREE_CONNECT (§2.2.9) to `\\address\share`."""
    name = path.encode("utf-16-le")
    return struct.pack("<HHHH", 9, 0, 72, len(name)) + name


def open_pipe(name: str) -> bytes:
    """The body of a CREATE (§2.2.13) that opens a named pipe of IPC$."""
    path = name.encode("utf-16-le")
    fixed = struct.pack(
        "<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x0012019F, 0, 7, 1, 0, 120, len(path), 0, 0
    )  # impersonation 2, read and write, shared, FILE_OPEN: never made anew
    return fixed + path


def transceive(file: bytes, data: bytes) -> bytes:
    """The body of an IOCTL (§2.2.31) that writes to a pipe and reads its answer."""
    return (
        struct.pack("<HHI16sIIIIIIII", 57, 0, _PIPE_TRANSCEIVE, file, 120, len(data), 0, 0, 0, MAX_ANSWER, 1, 0) + data
    )


def read_pipe(file: bytes) -> bytes:
    """The body of a READ (§2.2.19) of what a pipe still holds."""
    return struct.pack("<HBBIQ16sIIIHHB", 49, 0, 0, MAX_ANSWER, 0, file, 0, 0, 0, 0, 0, 0)
