"""UCI, OpenWrt's configuration: sections with their options and lines, from files, `uci export` or `uci show`.

Source: OpenWrt, "The UCI system"; libuci's file.c. Seen on files of 12.09 to 24.10.
"""

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.platforms._reading import MAX_ITEMS, UnreadableError
from scanner.secret_settings import REDACTED

MAX_LIST = 1024  # values of one list; a blocklist has hundreds. Stops one of a hundred thousand

_SHOWN = re.compile(r"([\w-]{1,64})\.(@?[^\s.=']{1,128})(?:\.([\w.-]{1,64}))?=(.*)")
_WORD = re.compile(r"(?:'[^']*+'|\"(?:[^\"\\]|\\.)*+\"|\\.|[^\s'\"\\#;])++")
_PIECE = re.compile(r"'([^']*+)'|\"((?:[^\"\\]|\\.)*+)\"|\\(.)|([^\s'\"\\#;]++)")
_SETS = re.compile(r"['\"]?(?:option|list|[ol])\b")
_SHORT = {"p": "package", "c": "config", "o": "option", "l": "list"}  # libuci's file.c takes the first letter
_TRACKS = frozenset({"affects", "exec", "init"})
_YES = frozenset({"1", "yes", "on", "true", "enabled"})
_NO = frozenset({"0", "no", "off", "false", "disabled"})


@dataclass(slots=True)
class Section:
    """A section: `config redirect 'nas'`, its options below it."""

    package: str  # "" in a file, whose name is its package
    kind: str
    name: str
    line: int
    text: str
    options: dict[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)

    def one(self, key: str, default: str = "") -> str:
        """The value of an option, the values of a list side by side."""
        return " ".join(self.options[key][0]) if key in self.options else default

    def words(self, key: str) -> tuple[str, ...]:
        """The words of an option or a list: both `option proto 'tcp udp'` and two `list proto` are two."""
        return tuple(word for value in self.options.get(key, ((), 0))[0] for word in value.split())

    def flag(self, key: str, *, default: bool) -> bool:
        """A yes-or-no option.

        Raises:
            UnreadableError: neither yes nor no.
        """
        word = self.one(key).lower()
        if word and word not in _YES | _NO:
            raise UnreadableError(word[:20])
        return word in _YES if word else default

    @property
    def tracks(self) -> bool:
        """Whether it is one of ucitrack, which names the services of a package and sets nothing."""
        return bool(_TRACKS & self.options.keys())

    def place(self, key: str) -> int:
        """The line of an option, or of its section when it says nothing of it."""
        return self.options[key][1] if key in self.options else self.line


@dataclass(frozen=True, slots=True)
class Configuration:
    """Sections in order, the packages that were named, and the lines that are none with their section's kind."""

    sections: tuple[Section, ...]
    packages: frozenset[str]
    bad: tuple[tuple[str, int, str], ...]
    _of_kind: dict[str, list[Section]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, package: str, *kinds: str) -> Iterator[Section]:
        """The sections of these kinds in a package, or in files that do not say whose they are."""
        if not self._of_kind:
            for section in self.sections:
                self._of_kind.setdefault(section.kind, []).append(section)
        of_kind = heapq.merge(*(self._of_kind.get(kind, ()) for kind in kinds), key=lambda item: item.line)
        return (item for item in of_kind if item.package == package or (not item.package and not item.tracks))

    def bad_of(self, *kinds: str) -> list[tuple[int, str]]:
        """The lines not understood in sections of these kinds, or before any section."""
        return [(line, text) for kind, line, text in self.bad if kind in (*kinds, "")]


def read_uci(text: str) -> Configuration:
    r"""The sections of a configuration, in whichever of the three forms.

    >>> read_uci("package firewall\nconfig redirect nas\n\toption src 'wan' # x\n\tlist proto tcp\n\tlist proto udp"
    ...     ).sections[0].words("proto")
    ('tcp', 'udp')
    >>> read_uci("firewall.@redirect[0]=redirect\nfirewall.@redirect[0].proto='tcp' 'udp'").sections[0].words("proto")
    ('tcp', 'udp')
    """
    reader = _Reader()
    for place, raw in enumerate(text.split("\n"), 1):
        reader.line(place, raw.strip())
    reader.end()
    return Configuration(tuple(reader.sections), frozenset(reader.packages), tuple(reader.bad))


class _Reader:
    """What has been read of a configuration so far, line by line."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.packages: set[str] = set()
        self.bad: list[tuple[str, int, str]] = []
        self._package = ""
        self._shown: dict[tuple[str, str], Section] = {}
        self._named: dict[tuple[str, str, str], Section] = {}
        self._current: Section | None = None
        self._open = ""  # the quote that a value of several lines has not closed yet
        self._begun = (0, "")  # … and the line that it is on

    def line(self, place: int, text: str) -> None:
        """Take in one line."""
        if self._open:
            self._open = "" if self._open in text else self._open
            return
        if not text or text.startswith("#"):
            return
        if len(self.sections) >= MAX_ITEMS:
            self.bad.append(("", place, text))
            return
        try:
            for words in _statements(text):
                self._statement(place, text, words)
        except UnreadableError:
            within = _SETS.match(text) and self._current
            self.bad.append((self._current.kind if within and self._current else "", place, text))
            if not within:  # it may have begun a section: what follows belongs to that
                self._current = None
            self._open, self._begun = _left_open(text), (place, text)

    def end(self) -> None:
        """No more lines: a quote that nothing has closed swallowed whatever stood there."""
        if self._open:
            self.bad.append(("", *self._begun))

    def _statement(self, place: int, text: str, words: list[str]) -> None:
        match [_SHORT.get(words[0], words[0]), *words[1:]]:
            case ["package", name]:
                self._package = name
                self.packages.add(name)
            case ["config", kind, *name] if len(name) < 2:
                self._begin(Section(self._package, kind, "".join(name), place, text))
            case ["option", key, value] if self._current and not self._shown:
                self._current.options[key] = ((value,), place)
            case ["list", key, value] if self._current and not self._shown:
                before, first = self._current.options.get(key, ((), place))
                if len(before) >= MAX_LIST:
                    raise UnreadableError(text[:20])
                self._current.options[key] = ((*before, value), first)
            case _:
                self._show(place, text)

    def _begin(self, section: Section) -> None:
        """A section; one that has the name of an earlier one adds to it, as in libuci."""
        place = (section.package, section.kind, section.name)
        known = self._named.get(place) if section.name and section.name != REDACTED else None
        if known is None:
            self.sections.append(section)
            self._named[place] = known = section
        self._current = known

    def _show(self, place: int, text: str) -> None:
        """A line of `uci show`: `firewall.@redirect[0].src='wan'`."""
        found = _SHOWN.fullmatch(text)
        if found is None:
            raise UnreadableError(text[:20])
        package, name, key, value = found.groups()
        values = tuple(_words(value))
        if key is None:
            section = Section(package, "".join(values), name if not name.startswith("@") else "", place, text)
            self.packages.add(package)
            self._shown[package, name] = section
            self.sections.append(section)
        elif section := self._shown.get((package, name)):  # type: ignore[assignment]
            section.options[key] = (values, place)
        else:
            raise UnreadableError(text[:20])


def _words(text: str) -> list[str]:
    r"""The words of one statement, quotes and escapes taken off, up to a comment.

    >>> _words("option 'key' \"it's\" # no")
    ['option', 'key', "it's"]
    >>> _words("list x 'it'\\''s'")
    ['list', 'x', "it's"]
    """
    found = _statements(text)
    if len(found) > 1:
        raise UnreadableError(text[:20])
    return found[0] if found else []


def _statements(text: str) -> list[list[str]]:
    """The words of each statement of a line: a `;` ends one (libuci's file.c).

    >>> _statements("config redirect; option src wan")
    [['config', 'redirect'], ['option', 'src', 'wan']]
    """
    found: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if text[at] == "#":
            break
        if text[at] == ";":
            found.append([])
            at += 1
            continue
        match = _WORD.match(text, at)
        if match is None:
            raise UnreadableError(text[at : at + 20])
        found[-1].append("".join(_plain(piece) for piece in _PIECE.finditer(match[0])))
        at = match.end()
    return [words for words in found if words]


def _plain(piece: re.Match[str]) -> str:
    single, double, escaped, bare = piece.groups()
    if double is not None:
        return re.sub(r"\\(.)", r"\1", double)
    return single or escaped or bare or ""


def _left_open(text: str) -> str:
    """The quote that a line opens and does not close, "" when none."""
    rest = _PIECE.sub("", text)
    return next((sign for sign in rest if sign in "'\""), "")
