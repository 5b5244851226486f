"""What every reader needs: numbered lines, lists of facts with their lines, and the lines that could not be read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.secret_settings import MARKER

T = TypeVar("T")
Reader = Callable[[str], Observation]
# What shows that a group of facts is read rightly: recordings of real devices with a checked truth, or the maker's
# documentation alone.
Maturity = Literal["recordings", "documentation"]
DialectName = Literal["bbox", "freebox", "livebox", "qnap", "sfr_box", "synology", "truenas"]


@dataclass(frozen=True, slots=True)
class Api:
    """What a platform asks of its device's HTTP API. The constants are the guard: nothing else is ever sent."""

    dialect: DialectName  # how it is logged in to: scanner/wire/api_logins/
    asks: tuple[str, ...]  # "GET /path?query" or "POST /path BODY", most trusted first


MAX_ITEMS = 4096  # entries of one list; stops a device from filling the snapshot with invented services or users
MAX_UNREAD = 64  # lines reported per evidence; stops 1 MiB of line ends from becoming a million reports


class UnreadableError(ValueError):
    """A line that its reader ought to understand and does not."""


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A list read from a text: its entries, where each stands, what could not be read."""

    items: tuple[T, ...] | None  # None: no line could be read
    lines: dict[str, int]
    unread: tuple[UnreadLine, ...]


def numbered(text: str) -> Iterator[tuple[int, str]]:
    r"""The lines that are not blank, with their numbers as `sed -n` and editors count them.

    >>> list(numbered("a\r\n\nb\x0bc"))
    [(1, 'a'), (3, 'b\x0bc')]
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.rstrip("\r")


def unread(fact: str, lines: Iterable[tuple[int, str]]) -> tuple[UnreadLine, ...]:
    """The lines as reports, the first 64 of them."""
    reports: list[UnreadLine] = []
    for number, line in lines:
        if len(reports) == MAX_UNREAD:
            break
        reports.append(UnreadLine(fact, number, clean(line)))
    return tuple(reports)


def listed(text: str, fact: str, read_line: Callable[[str], Iterable[T]]) -> Listed[T]:
    """What `read_line` makes of each line, each entry once; a line for which it raises UnreadableError is reported."""
    found: dict[T, int] = {}
    bad: list[tuple[int, str]] = []
    for place, line in numbered(text):
        if len(found) >= MAX_ITEMS:
            bad.append((place, line))
            break
        try:
            for item in read_line(line):
                found.setdefault(item, place)
        except UnreadableError:
            bad.append((place, line))
    pointer = f"/{fact.replace('.', '/')}"
    lines = {f"{pointer}/{index}": place for index, place in enumerate(found.values())}
    return Listed(None if bad and not found else tuple(found), lines, unread(fact, bad))


def nothing(fact: str, text: str) -> Observation:
    """No fact, and the first line that is not blank reported for it: the text is not what was expected."""
    return Observation(Device(), {}, unread(fact, list(numbered(text))[:1] or [(1, "")]))


def of_system(system: System, lines: Mapping[str, int], reports: tuple[UnreadLine, ...] = ()) -> Observation:
    """The observation of what a device says of itself; a System that says nothing is left out."""
    return Observation(Device(system=system if system != System() else None), lines, reports[:MAX_UNREAD])


def number(text: str, highest: int) -> int:
    """A whole number from 0 to `highest`.

    Raises:
        UnreadableError: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= highest):
        raise UnreadableError(text[:20])
    return int(text)


def psk_length(text: str) -> int | None:
    """How many characters a Wi-Fi key had, by what stands in its place (`secret_settings.marker`); None: nobody said.

    >>> psk_length("REDACTED-12"), psk_length("REDACTED")
    (12, None)
    """
    found = MARKER.fullmatch(text)
    return int(found[1]) if found and found[1] else None


def from_command(evidence: Evidence, readers: Mapping[str, Reader]) -> Observation | None:
    """What the reader of the command makes of its output; None when there is no such command or it did not end well."""
    if evidence.request.source != "ssh" or evidence.status != "done":
        return None
    how, _, command = evidence.request.ask.partition(" ")
    reader = readers.get(command)
    return reader(evidence.text) if reader and how in ("exec", "shell") else None
