"""Which frames of all that were heard are kept as evidence: those that matter, each thing once, within bounds. Pure."""

from collections import Counter

from scanner.frames.saved import Moment, written
from scanner.frames.sieve import content, hands_out, sift

# Frames and bytes kept of one sender and protocol: a NAS announces forty services in 8 kB; stops one device that never
# says the same from drowning the others.
MOST_EACH, MOST_BYTES_EACH = 64, 64 << 10
# The same of what a sender hands out, apart: whoever says much hides none of it. An offer and an acknowledgement for
# every address of a /24; more is a flood.
MOST_HANDED_OUT, MOST_BYTES_HANDED_OUT = 512, 256 << 10
# Frames and bytes kept in all: a replay reads 8 MiB; stops a flood of invented senders.
MOST_FRAMES, MOST_BYTES = 20_000, 3 << 20


class Kept:
    """The frames kept so far."""

    def __init__(self) -> None:
        self.full = False  # a frame was not kept: there was no room for any more, or for what its sender hands out
        self.spared = 0  # frames not kept of senders that had said enough
        self._known: set[int] = set()
        self._frames = Counter[tuple[str, bytes, bool]]()
        self._sizes = Counter[tuple[str, bytes, bool]]()
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
        serves = hands_out(packet)
        who = packet.protocol, packet.mac, serves
        each, size = (MOST_HANDED_OUT, MOST_BYTES_HANDED_OUT) if serves else (MOST_EACH, MOST_BYTES_EACH)
        if self._frames[who] >= each or self._sizes[who] + len(frame) > size:
            self.full |= serves
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

    def moments(self) -> tuple[Moment, ...]:
        """The frames, each with its time."""
        return tuple(self._kept)

    def detail(self) -> str:
        """How much that is: `120 frames kept, 7 spared of who had said enough`."""
        spared = f", {self.spared} spared of who had said enough" if self.spared else ""
        return f"{len(self._kept)} frames kept{spared}"

    def __bool__(self) -> bool:
        return bool(self._kept)
