"""The two forms in which a Stormshield firewall shows itself: files of sections, and answers of its serverd commands.

    ==> network <==                         101 code=00a01000 msg="Begin" format="section"
    [ethernet0]                             [Result]
    Name=out                                Model="V50-A"
    Address=203.0.113.2                     100 code=00a00100 msg="Ok"

Source: Stormshield, "CLI Serverd Commands reference guide v4"; Stormshield's own python-SNS-API, which reads the
answers; its templates for clouds, which write the files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.platforms._reading import MAX_ITEMS, numbered

MAX_LINES = 20_000  # of one file, for `head -n`
MAX_ROWS = 65536  # rows of all sections; the objects of a delivered firewall are about 2 000
_FILE = re.compile(r"==> ([\w./-]{1,128}) <==")
_VERSION = re.compile(r"Firewall software version (\d[\w.-]{0,40})")
_SECTION = re.compile(r"\[([^\[\]]{1,128})\]")
_ENTRY = re.compile(r"([\w .@+-]{1,128}?)\s*=\s*(.*)", re.DOTALL)
_BEGIN = re.compile(r"101 code=[0-9a-f]{8} msg=\"[^\"]{0,80}\"(?: format=\"(\w{1,20})\")?")
_END = re.compile(r"100 code=[0-9a-f]{8} msg=\"[^\"]{0,80}\"")
_SWITCHES = {"0": False, "1": True, "off": False, "on": True}


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below `[name]`."""

    name: str
    place: int
    rows: list[tuple[int, str]] = field(default_factory=list)

    def entries(self) -> Iterator[tuple[int, str, str]]:
        """Line, name and value of each `name=value`; a value without its quotes."""
        for place, row in self.rows:
            if said := _ENTRY.fullmatch(row[:1024]):
                yield place, said[1], _bare(said[2].strip())

    def entry(self, name: str) -> tuple[str, int] | None:
        """The value of that name, whatever its case, and its line."""
        return next(((value, place) for place, key, value in self.entries() if key.lower() == name.lower()), None)

    def switch(self, name: str) -> tuple[bool, int] | None:
        """Whether that is on; None when nobody says so in a word that is known."""
        value, place = self.entry(name) or ("", 0)
        on = _SWITCHES.get(value.lower())
        return None if on is None else (on, place)


def _bare(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


@dataclass(frozen=True, slots=True)
class Sections:
    """Sections in the order in which they stand."""

    found: tuple[Section, ...]

    def named(self, name: str) -> Section | None:
        """The first section of that name, whatever its case."""
        return next((item for item in self.found if item.name.lower() == name.lower()), None)


def sections(rows: Iterator[tuple[int, str]]) -> Sections:
    """The rows by section; comments are left out, and what stands before the first section."""
    found: list[Section] = []
    for place, line in rows:
        short = line.strip()
        if said := _SECTION.fullmatch(short):
            if len(found) >= MAX_ITEMS:
                break
            found.append(Section(said[1], place))
        elif found and not short.startswith("#"):
            found[-1].rows.append((place, short))
    return Sections(tuple(found))


def answer(text: str) -> Sections | None:
    """What a serverd command answered from its beginning to its end; None when it refused, failed or was cut short.

    >>> said = '101 code=00a01000 msg="Begin" format="section"\\n[Result]\\nModel="V50-A"\\n100 code=00a00100 msg="Ok"'
    >>> answer(said).named("result").entry("model")
    ('V50-A', 3)
    """
    rows = [(place, line.strip()) for place, line in numbered(text)][:MAX_ROWS]
    begin = next((at for at, (_, line) in enumerate(rows[:4]) if _BEGIN.fullmatch(line)), None)
    if begin is None or not _END.fullmatch(rows[-1][1]):
        return None
    return sections(iter(rows[begin + 1 : -1]))


@dataclass(frozen=True, slots=True)
class Files:
    """Several files as `head` shows them, what stood above the first one, and the version that ends them all.

    A file of as many lines as `head` shows may go on below them, though the version ends the output.
    """

    above: tuple[tuple[int, str], ...]
    found: dict[str, Sections]
    places: dict[str, tuple[int, str]]  # of the row that names each file
    version: tuple[str, int] | None  # None: the output was cut short
    cut: frozenset[str]  # the files of as many lines as are shown of one

    def section(self, file: str, name: str) -> Section | None:
        """That section of that file."""
        return self.found.get(file, Sections(())).named(name)


def files(text: str) -> Files:
    """The files of an output by their names, each of the first time it is shown.

    >>> files("==> dns <==\\n[Servers]\\ndns1.google.com=\\nFirewall software version 4.1.5\\n").version
    ('4.1.5', 4)
    """
    rows = [(place, line) for place, line in numbered(text)][:MAX_ROWS]
    last = _VERSION.fullmatch(rows[-1][1].strip()) if rows else None
    above: list[tuple[int, str]] = []
    parts: dict[str, list[tuple[int, str]]] = {}
    places: dict[str, tuple[int, str]] = {}
    shown: list[tuple[int, str]] = []
    current: list[tuple[int, str]] = above
    for place, line in rows[:-1] if last else rows:
        if said := _FILE.fullmatch(line.strip()):
            current = []
            shown.append((place, said[1]))
            if said[1] not in parts:
                places[said[1]], parts[said[1]] = (place, line), current
        else:
            current.append((place, line))
    found = {name: sections(iter(part)) for name, part in parts.items()}
    # From heading to heading: `head` counts blank lines too.
    ends = [place for place, _ in shown[1:]] + [rows[-1][0] + (last is None) if rows else 0]
    cut = frozenset(name for (start, name), end in zip(shown, ends, strict=False) if end - start > MAX_LINES)
    return Files(tuple(above), found, places, (last[1], rows[-1][0]) if last else None, cut)
