"""Which frames of all that were heard are kept as evidence: those that matter, each thing once, within bounds. Pure."""

from collections import Counter

from scanner.frames.saved import Moment, written
from scanner.frames.sieve import content, sift

# Frames and bytes kept of one sender and protocol: a NAS announces forty services in 8 kB; stops one device that never
# says the same from drowning the others.
MOST_EACH, MOST_BYTES_EACH = 64, 64 << 10
# Frames and bytes kept in all: a replay reads 8 MiB; stops a flood of invented senders.
MOST_FRAMES, MOST_BYTES = 20_000, 3 << 20


class Kept:
    """The frames kept so far."""

    def __init__(self) -> None:
        self.full = False  # a frame was not kept: there was no room for any more
        self.spared = 0  # frames not kept of senders that had said enough
        self._known: set[int] = set()
        self._frames = Counter[tuple[str, bytes]]()
        self._sizes = Counter[tuple[str, bytes]]()
        self._kept: list[Moment] = []
        self._bytes = 0

    def add(self, moment: float, frame: bytes) -> None:
        """Keep a frame that matters and is not kept yet."""
        packet = sift(frame)
        if packet is None:
            return
        key = content(packet)
        if key in self._known:
            return
        who = packet.protocol, packet.mac
        if self._frames[who] >= MOST_EACH or self._sizes[who] + len(frame) > MOST_BYTES_EACH:
            self.spared += 1
        elif len(self._kept) >= MOST_FRAMES or self._bytes + len(frame) > MOST_BYTES:
            self.full = True
        else:
            self._known.add(key)
            self._frames[who] += 1
            self._sizes[who] += len(frame)
            self._bytes += len(frame)
            self._kept.append((moment, frame))

    def pcap(self) -> bytes:
        """The frames as a capture file."""
        return written(self._kept)

    def detail(self) -> str:
        """How much that is: `120 frames kept, 7 spared of who had said enough`."""
        spared = f", {self.spared} spared of who had said enough" if self.spared else ""
        return f"{len(self._kept)} frames kept{spared}"

    def __bool__(self) -> bool:
        return bool(self._kept)
