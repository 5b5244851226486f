"""When each address of a sweep is asked: in rounds of the same order, so that everybody is asked at the same intervals.

A round begins as soon as the first of those without an answer may be asked again; it does not wait for the end of the
one before. So a small network is limited by the interval, a large one by the rate (docs/adr/0012).
"""

import random
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from typing import Protocol

# Three are the least honest sweep. Seven find 39.9 of 40 hosts that lose 30 % of what they hear; more only disturb a
# sick network.
LEAST_ROUNDS, MOST_ROUNDS = 3, 7
# A round in which nobody new is heard may be chance; two of them end a sweep.
QUIET_ROUNDS = 2
# Seconds between two questions for the same address, and after the last one: a sleeping Wi-Fi device answers late, and
# three such rounds find whoever answers within a second. No longer for who stays silent: three questions a second are
# no burden to anybody, and most of the silent are not there.
INTERVAL_S = 0.35
# Requests per second in all. arp-scan sends 500, nmap bursts; 1,000 is the most that old switches and access points,
# which send broadcasts at their lowest rate, should bear.
REQUESTS_PER_S = 800
# Requests that may follow each other at once when this machine was held up.
MOST_OVERDUE = 8


class Door(Protocol):
    """What a sweep sends and hears through."""

    @property
    def full(self) -> bool:
        """Whether a speaker was not kept, because there was no room for another one."""

    def send(self, frame: bytes) -> None:
        """Send one question."""

    def heard(self, until: float) -> Iterator[IPv4Address]:
        """The address of each who speaks before `until`."""

    def behind(self) -> bool:
        """Whether frames were lost since the last call, or are still unread."""


class Rounds:
    """A sweep of those in `waiting`, which holds the question for each address and loses those that have spoken."""

    def __init__(self, door: Door, waiting: dict[IPv4Address, bytes], stopped: Callable[[], bool]) -> None:
        self._door, self._waiting, self._stopped = door, waiting, stopped
        self._order = list(waiting)
        random.SystemRandom().shuffle(self._order)
        self._due = dict.fromkeys(waiting, 0.0)  # when an address may be asked again
        self._slot = self._last = 0.0  # when the next question may leave; when the last one did

    def run(self, progress: Callable[[float], None]) -> bool:
        """Ask until all have answered, seven rounds have passed, or two have brought nobody new; whether it heard all.

        Whoever answers in time does so during its round or the next one: two in succession without a lost frame hear
        all who answer, and so does one after which nobody is asked any more, for it is listened to as long.
        """
        quiet = lossless = 0  # rounds in succession that brought nobody new, and that lost no frame
        whole = False
        for number in range(1, MOST_ROUNDS + 1):
            before = len(self._waiting)
            self._round()
            self._listen(min((self._due[target] for target in self._waiting), default=0.0))
            quiet = quiet + 1 if len(self._waiting) == before else 0
            closing = number == MOST_ROUNDS or (number >= LEAST_ROUNDS and quiet >= QUIET_ROUNDS) or not self._waiting
            if closing:
                self._listen(self._last + INTERVAL_S)
                quiet = quiet if len(self._waiting) == before else 0
            if self._ended():
                return False
            lossless = 0 if self._door.behind() else lossless + 1
            whole = whole or lossless >= (1 if closing else 2)
            progress(number / MOST_ROUNDS)
            if not self._waiting or (closing and whole and quiet >= QUIET_ROUNDS):
                break
        return whole or not self._waiting

    def _round(self) -> None:
        """Ask each who has not spoken yet, not before its time; listening between two questions is the pacing."""
        for target in self._order:
            if target not in self._waiting:
                continue
            self._listen(max(self._slot, self._due[target]))
            if self._ended():
                return
            if target not in self._waiting:  # it spoke by itself meanwhile
                continue
            self._door.send(self._waiting[target])
            self._last = time.monotonic()
            self._due[target] = self._last + INTERVAL_S
            self._slot = max(self._slot, self._last - MOST_OVERDUE / REQUESTS_PER_S) + 1 / REQUESTS_PER_S

    def _listen(self, until: float) -> None:
        for address in self._door.heard(until):
            self._waiting.pop(address, None)

    def _ended(self) -> bool:
        """Whether nobody is asked any more; without room for another speaker nobody could be noticed."""
        return self._stopped() or self._door.full
