"""The rounds of a sweep, without a network."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any, cast

from scanner.wire.arp import MOST_ROUNDS, _rounds


class Frames:
    """A network where one device speaks by itself as soon as the first question is out."""

    def __init__(self, speaker: bytes) -> None:
        self.speaker, self.sent = [speaker], list[bytes]()

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def heard(self, _until: float) -> Iterable[bytes]:
        while self.speaker:
            yield self.speaker.pop()


def test_a_device_that_speaks_before_it_is_asked_is_not_asked() -> None:
    waiting = {IPv4Address(f"192.168.10.{number}"): bytes([number]) for number in range(1, 40)}
    for speaker in list(waiting):
        left = dict(waiting)
        frames = Frames(waiting[speaker])
        by_frame = {frame: address for address, frame in waiting.items()}
        _rounds(cast(Any, frames), left, by_frame.get, lambda _: None, lambda: False)
        assert speaker not in left
        assert frames.sent.count(waiting[speaker]) <= 1
        assert len(frames.sent) <= MOST_ROUNDS * len(waiting)


def test_a_sweep_that_is_stopped_asks_nobody_more() -> None:
    waiting = {IPv4Address(f"192.168.10.{number}"): bytes([number]) for number in range(1, 40)}
    frames = Frames(b"")
    _rounds(cast(Any, frames), waiting, lambda _: None, lambda _: None, lambda: len(frames.sent) >= 7)
    assert len(frames.sent) == 7
