"""Ports and ranges of them: as they are written, and cut where the answer to a question about them may change. Pure."""

from collections.abc import Iterable
from typing import TypeVar

from scanner.platforms._reading import UnreadableError

Span = tuple[int, int]  # the first and the last port
MAX_PARTS = 128  # of one range, each a question of its own to a packet filter; a practice's rules name thirty ports

T = TypeVar("T")


def read_span(word: str) -> Span:
    """A port or a range, as facts have them.

    >>> read_span("443"), read_span("8000-8010")
    ((443, 443), (8000, 8010))
    """
    first, _, last = word.partition("-")
    return int(first), int(last or first)


def written(span: Span) -> str:
    """The port or the range, as facts have them.

    >>> written((443, 443)), written((8000, 8010))
    ('443', '8000-8010')
    """
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def holds(word: str, port: int) -> bool:
    """Whether a port is the one, or in the range, that a fact names."""
    first, last = read_span(word)
    return first <= port <= last


def parts(whole: Span, named: Iterable[Span]) -> list[Span]:
    """A range, cut where one of those that rules name begins or ends: what holds of a port, holds of its whole part.

    Raises:
        UnreadableError: too many.

    >>> parts((8000, 8010), [(8005, 8010), (1, 65535), (80, 80)])
    [(8000, 8004), (8005, 8010)]
    """
    first, last = whole
    cuts = sorted({cut for low, high in named for cut in (low, high + 1) if first < cut <= last})
    if len(cuts) >= MAX_PARTS:
        raise UnreadableError("more ranges of ports than any practice has")
    starts = [first, *cuts]
    return list(zip(starts, [*(cut - 1 for cut in cuts), last], strict=True))


def opened(answers: Iterable[tuple[Span, T]], shut: T) -> list[tuple[Span, T]]:
    """Neighbouring parts with the same answer, together; those that are shut only where all are.

    >>> opened([((1, 79), ""), ((80, 80), "a"), ((81, 82), "a"), ((83, 90), "")], "")
    [((80, 82), 'a')]
    >>> opened([((1, 79), ""), ((80, 90), "")], "")
    [((1, 90), '')]
    """
    found: list[tuple[Span, T]] = []
    for span, answer in answers:
        if found and found[-1][1] == answer:
            found[-1] = (found[-1][0][0], span[1]), answer
        else:
            found.append((span, answer))
    return [part for part in found if part[1] != shut] or found
