"""Classic BPF on a packet socket: the kernel throws away what a question is not about, and the end of long frames."""

import ctypes
import socket
import struct
from collections.abc import Iterable
from typing import NamedTuple

# linux/filter.h, asm-generic/socket.h
_SO_ATTACH_FILTER = 26
_LOAD_16, _LOAD_8, _JUMP_EQUAL, _RETURN = 0x28, 0x30, 0x15, 0x06


class Word(NamedTuple):
    """What must stand at an offset of a frame, Ethernet header included."""

    offset: int
    value: int
    size: int = 2  # bytes: 1 or 2


def program(words: Iterable[Word], kept: int) -> bytes:
    """The instructions that keep the first `kept` bytes of a frame that holds all words, and nothing of any other.

    Each is a `struct sock_filter`: code, jump if true, jump if false, operand (linux/filter.h).

    >>> program([Word(12, 0x0806)], 64).hex(" ", -8)
    '280000000c000000 1500000106080000 0600000040000000 0600000000000000'
    """
    wanted = list(words)
    lines = []
    for place, word in enumerate(wanted):
        to_refusal = 2 * (len(wanted) - place) - 1
        lines.append((_LOAD_8 if word.size == 1 else _LOAD_16, 0, 0, word.offset))
        lines.append((_JUMP_EQUAL, 0, to_refusal, word.value))
    lines += [(_RETURN, 0, 0, kept), (_RETURN, 0, 0, 0)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def attach(door: socket.socket, instructions: bytes) -> None:
    """From now on `door` receives only what the instructions keep; what it holds already stays."""
    code = ctypes.create_string_buffer(instructions, len(instructions))
    # struct sock_fprog: number of instructions, pointer to them, aligned as the machine does.
    header = struct.pack("HP", len(instructions) // 8, ctypes.addressof(code))
    door.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, header)
