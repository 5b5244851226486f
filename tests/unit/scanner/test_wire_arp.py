"""The rounds of a sweep and what its capture keeps, without a network."""

import io
import random
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Any, cast

import dpkt
import pytest

from scanner import discover
from scanner.transport import MAX_BODY
from scanner.wire.arp import KEPT_EACH, MOST_SPEAKERS, Capture, _rounds, speaker
from scanner.wire.arp_rounds import LEAST_ROUNDS, MOST_ROUNDS

WIDEST = [*IPv4Network("10.98.0.0/20").hosts()]
QUESTION, ANSWER = bytes.fromhex("0001080006040001"), bytes.fromhex("0001080006040002")
WAITING = {IPv4Address(f"192.168.10.{number}"): bytes([number]) for number in range(1, 40)}


def frame(
    mac: bytes, address: IPv4Address, *, kind: bytes = bytes.fromhex("0001080006040002"), size: int = 60
) -> bytes:
    payload = kind + mac + address.packed + bytes(6) + bytes(4)
    return (b"\xff" * 6 + mac + b"\x08\x06" + payload).ljust(size, b"\0")


def full(capture: Capture) -> bool:
    return capture.full


def mac_of(number: int) -> bytes:
    return b"\x02\x00" + number.to_bytes(4, "big")


class Door:
    """A network where one device speaks by itself as soon as the first question is out; `losses` round by round."""

    full = False

    def __init__(self, speaker: IPv4Address | None = None, losses: str = "") -> None:
        self.speakers, self.sent, self.losses = [speaker] if speaker else [], list[bytes](), iter(losses)

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def heard(self, _until: float) -> Iterator[IPv4Address]:
        while self.speakers:
            yield self.speakers.pop()

    def behind(self) -> bool:
        return next(self.losses, ".") == "x"


def rounds(door: Any, waiting: dict[IPv4Address, bytes]) -> str:
    return _rounds(cast(Any, door), waiting, lambda _: None, lambda: False)


def test_a_device_that_speaks_before_it_is_asked_is_not_asked() -> None:
    for first in list(WAITING):
        left = dict(WAITING)
        door = Door(first)
        assert rounds(door, left) == ""
        assert first not in left
        assert door.sent.count(WAITING[first]) <= 1
        assert len(door.sent) <= MOST_ROUNDS * len(WAITING)


def test_a_sweep_that_is_stopped_asks_nobody_more() -> None:
    door = Door()
    assert _rounds(cast(Any, door), dict(WAITING), lambda _: None, lambda: len(door.sent) >= 7) == "stopped"
    assert len(door.sent) == 7


@pytest.mark.parametrize(
    ("losses", "asked", "whole"),
    [
        ("", LEAST_ROUNDS, True),
        ("x", LEAST_ROUNDS, True),  # the second round and the third heard all who answer
        ("..x", LEAST_ROUNDS, True),
        (".xx", 4, True),  # who was asked late in the first round answers during the second
        ("xxx.", 4, True),
        ("xxxx.", 5, True),
        ("x.x.x.x", 4, True),  # nobody is asked after the fourth, which hears its answers
        ("xxxxxx.", MOST_ROUNDS, True),
        ("xxxxxxx", MOST_ROUNDS, False),
    ],
)
def test_a_round_without_a_loss_is_needed(losses: str, asked: int, whole: bool) -> None:
    door = Door(losses=losses)
    problem = rounds(door, dict(WAITING))
    assert (problem == "") is whole
    assert whole or problem == "ARP frames were lost in every round: somebody floods the network"
    assert len(door.sent) == asked * len(WAITING)


def test_losses_do_not_matter_once_everybody_has_answered() -> None:
    assert rounds(Door(IPv4Address("192.168.10.1"), "xxxxxxx"), {IPv4Address("192.168.10.1"): b"?"}) == ""


def test_nobody_is_asked_any_more_once_nobody_could_be_noticed() -> None:
    class Flooded(Door):
        @property
        def full(self) -> bool:  # type: ignore[override]
            return len(self.sent) >= 7

    door = Flooded()
    assert rounds(door, dict(WAITING)) == f"more than {MOST_SPEAKERS} ARP senders: somebody floods the network"
    assert len(door.sent) == 7


# --- the capture ---


def kept(capture: Capture) -> list[bytes]:
    return [raw for _, raw in dpkt.pcap.Reader(io.BytesIO(capture.pcap()))]


def test_the_widest_network_fits_whole() -> None:
    """4,094 addresses asked seven times, each answering every time: nothing is lost, and a replay can read it."""
    capture, mine = Capture(), mac_of(0)
    assert len(WIDEST) == 4094
    for _ in range(MOST_ROUNDS):
        for number, address in enumerate(WIDEST, start=1):
            capture.asked(frame(mine, address, kind=QUESTION))
            capture.heard(frame(mac_of(number), address))
    assert not full(capture)
    assert capture.sent == MOST_ROUNDS * len(WIDEST) == 28_658
    assert len(kept(capture)) == 28_658 + KEPT_EACH * len(WIDEST)
    found = discover.answered(capture.pcap())
    assert {found[mac_of(number).hex(":")] for number in range(1, 4095)} == {(address,) for address in WIDEST}
    for number in range(MOST_SPEAKERS):  # filled to its bounds, with the largest frames
        for _ in range(KEPT_EACH):
            capture.heard(frame(mac_of(number + 5000), WIDEST[0], size=64))
    assert full(capture)
    assert len(capture.pcap()) < MAX_BODY / 2


def test_the_first_speaker_too_many_is_noticed() -> None:
    capture = Capture()
    for number in range(MOST_SPEAKERS):
        capture.heard(frame(mac_of(number), WIDEST[number % 4000]))
    capture.heard(b"no ARP frame at all")
    capture.heard(frame(mac_of(3), WIDEST[3]))  # said before
    assert not full(capture)
    capture.heard(frame(mac_of(3), WIDEST[4]))
    assert full(capture)
    assert len(discover.answered(capture.pcap())) == MOST_SPEAKERS


def test_what_teaches_nothing_new_is_not_kept_for_ever() -> None:
    capture = Capture()
    for _ in range(50_000):
        capture.heard(frame(mac_of(1), WIDEST[0]))
        capture.heard(frame(mac_of(2), IPv4Address("0.0.0.0")))
    assert len(kept(capture)) == 2 * KEPT_EACH
    assert not full(capture)


@pytest.mark.parametrize(
    ("raw", "who"),
    [
        (frame(mac_of(1), WIDEST[0]), ("02:00:00:00:00:01", WIDEST[0])),
        (frame(mac_of(1), WIDEST[0], size=42), ("02:00:00:00:00:01", WIDEST[0])),
        (frame(mac_of(1), WIDEST[0])[:41], None),
        (frame(mac_of(1), IPv4Address("0.0.0.0")), None),  # a probe, RFC 5227
        (frame(mac_of(1), IPv4Address("224.0.0.1")), None),
        (frame(b"\x01\x00\x5e\x00\x00\x01", WIDEST[0]), None),
        (frame(bytes(6), WIDEST[0]), None),
        (frame(mac_of(1), WIDEST[0], kind=bytes.fromhex("000186dd06040002")), None),  # not IPv4
        (frame(mac_of(1), WIDEST[0], kind=bytes.fromhex("0001080004040002")), None),  # lengths that lie
        (frame(mac_of(1), WIDEST[0], kind=bytes.fromhex("0001080006100002")), None),
        (b"", None),
    ],
)
def test_who_speaks(raw: bytes, who: tuple[str, IPv4Address] | None) -> None:
    assert speaker(raw) == who


def test_the_sweep_and_the_reader_hear_the_same() -> None:
    """A frame that one of them understands and the other does not would hide a device: asked no more, not listed."""
    chance, capture, heard = random.Random(7), Capture(), set()
    for _ in range(3000):
        raw = bytearray(frame(mac_of(chance.randrange(9)), WIDEST[chance.randrange(9)]))
        for _ in range(chance.randrange(3)):
            raw[chance.randrange(34)] = chance.choice((0, 1, 4, 6, 8, 0x81, 255))
        heard.add(capture.heard(bytes(raw[: chance.choice((20, 41, 42, 60))])))
    heard.discard(None)
    assert len(heard) > 100
    assert heard == {(mac, one) for mac, owned in discover.answered(capture.pcap()).items() for one in owned}
