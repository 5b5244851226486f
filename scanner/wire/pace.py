"""How many packets a second may go to one host: a ledger of those that left, and of those that may yet have to leave.

Counts everything that this machine sends there: also what its kernel sends by itself, the second SYN of an unanswered
connection, the ACK of a handshake, of a banner and of a farewell.
"""

from collections import deque

# Seconds that a packet stays in the ledger: one, and what the kernel's timers and a busy machine may shift it by.
WINDOW_S = 1.1
# Packets that a new connection may cost within a moment: its SYN, the ACK that opens it, the ACK of what is said there,
# our FIN and the ACK of the other; and some for a machine that is busy. With less, a tar pit that opens everything and
# talks draws out more than allowed.
ROOM = 8


class Pace:
    """The budget of one host.

    >>> pace = Pace(4)
    >>> pace.spend(0.0); pace.hold(); pace.free(0.5), pace.free(1.2)
    (2, 3)
    """

    def __init__(self, max_rate: int) -> None:
        self._limit = max(1, max_rate)
        self._spent: deque[float] = deque()
        self._held = 0
        self._next = 0.0  # evenly spaced: an answer is in before the next question leaves

    def spend(self, now: float, packets: int = 1) -> None:
        """These packets leave now."""
        self._spent.extend([now] * packets)

    def hold(self, packets: int = 1) -> None:
        """Keep room for packets whose moment somebody else decides."""
        self._held += packets

    def release(self, packets: int = 1) -> None:
        """They were spent, or will not be sent."""
        self._held -= packets

    def free(self, now: float) -> int:
        """Packets that may leave now; below zero when a host draws more answers out of the kernel than it should."""
        while self._spent and self._spent[0] <= now - WINDOW_S:
            self._spent.popleft()
        return self._limit - self._held - len(self._spent)

    def wait(self, now: float, at_most: float) -> float:
        """Seconds until the next connection may be due."""
        return min(at_most, self._next - now) if self._next > now else at_most

    def started(self, now: float) -> bool:
        """Whether a connection may start now; if so its SYN is spent and room for what follows is held."""
        if now < self._next or self.free(now) < min(ROOM, self._limit):
            return False
        self._next = now + 1 / self._limit
        self.spend(now)
        self.hold()
        return True
