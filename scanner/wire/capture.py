"""Listening on an interface during a visit: what devices say without being asked. Sends nothing.

One AF_PACKET socket with a filter in the kernel; not promiscuous, but for every multicast group, without joining any:
who has to be joined for is heard when somebody else has.
"""

import ctypes
import select
import socket
import struct
import threading
import time
from pathlib import Path

from inventory.errors import ParseError
from scanner.evidence import Answer
from scanner.frames.kept import Kept
from scanner.frames.saved import frames
from scanner.wire import bpf

# Seconds that one listening lasts at most; a visit of 250 devices takes half an hour. Stops one that is never ended.
MOST_S = 4 * 3600.0
# Frames looked at, kept or not; stops a flood from burning the processor beside the visit.
MOST_HEARD = 500_000
# Bytes taken of one frame: a jumbo frame.
MOST_FRAME = 9_216
# Receive buffer in bytes: a second of a busy network.
RECEIVE_BUFFER = 4 << 20
STOP_CHECK_S = 0.05  # seconds between two looks at whether the listening has ended
# Frames read of one file: an hour of a busy office; stops a file without end.
MOST_IN_FILE = 50_000_000

# linux/if_packet.h, linux/if_ether.h and asm-generic/socket.h: not in Python's socket module.
_SOL_PACKET, _ADD_MEMBERSHIP, _STATISTICS, _ALL_MULTICAST = 263, 1, 6, 2
_SO_ATTACH_FILTER, _ETH_P_ALL = 26, 3


class Listener:
    """Whoever speaks on one interface, heard in a thread of its own from the moment it is made until `answer`."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._kept = Kept()
        self._problem = ""
        self._over = threading.Event()
        self._lost = 0
        try:
            self._door = opened(interface)
        except OSError as error:
            self._problem = f"{interface}: {error.strerror}"
            return
        self._thread = threading.Thread(target=self._listen, name=f"listen {interface}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the listening; what was heard until now stays."""
        self._over.set()

    def answer(self) -> Answer:
        """End it: a pcap of what was heard; "failed" when it could not listen, or there was more than is kept."""
        self.stop()
        if hasattr(self, "_thread"):
            self._thread.join()
        return _answer(self._kept, self._problem, f", {self._lost} lost" if self._lost else "")

    def _listen(self) -> None:
        began, heard = time.monotonic(), 0
        with self._door as door:
            try:
                while not self._over.is_set() and not self._kept.full:
                    if time.monotonic() - began > MOST_S or heard >= MOST_HEARD:
                        self._problem = f"more than {MOST_HEARD} frames or {MOST_S:.0f} s: not listened to the end"
                        break
                    readable, _, _ = select.select([door], [], [], STOP_CHECK_S)
                    if readable:
                        frame, origin = door.recvfrom(MOST_FRAME)
                        heard += 1
                        if origin[2] != socket.PACKET_OUTGOING:
                            self._kept.add(time.time(), frame)
                self._lost = struct.unpack("=II", door.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1]
            except OSError as error:  # the interface went down
                self._problem = f"{self._interface}: {error.strerror}"


def opened(interface: str) -> socket.socket:
    """A socket that hears what matters on an interface, and nothing from before the filter was set."""
    door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # protocol 0: hears nothing yet
    try:
        program = bpf.instructions()
        buffer = ctypes.create_string_buffer(program, len(program))
        door.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(program) // 8, ctypes.addressof(buffer))
        )
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        group = struct.pack("iHH8s", socket.if_nametoindex(interface), _ALL_MULTICAST, 0, b"")
        door.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, group)
        door.bind((interface, _ETH_P_ALL))
    except OSError:
        door.close()
        raise
    return door


def saved(path: Path) -> Answer:
    """What matters of a capture file, as a pcap; "failed" with what was read when it is cut short or holds too much."""
    kept, problem = Kept(), ""
    try:
        with path.open("rb") as stream:
            for number, (moment, frame) in enumerate(frames(stream)):
                if kept.full or number >= MOST_IN_FILE:
                    problem = f"not read beyond frame {number}: more than is kept"
                    break
                kept.add(moment, frame)
    except ParseError as error:
        problem = f"{error.reason}, at frame {error.line}" if error.line else error.reason
    except OSError as error:
        problem = error.strerror or type(error).__name__
    return _answer(kept, problem)


def _answer(kept: Kept, problem: str, more: str = "") -> Answer:
    if not problem and kept.full:
        problem = f"more than is kept was heard: {kept.detail()}"
    if problem:
        return Answer("failed", kept.pcap() if kept else b"", problem)
    return Answer("done", kept.pcap(), kept.detail() + more)
