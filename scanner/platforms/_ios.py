"""The lines of a configuration of Cisco IOS as a tree: what is indented belongs to the line above it.

ciscoconfparse2 (GPL-3.0, fifteen packages) and hier_config (no line numbers) do the same; neither says which lines of a
banner or a certificate are none. Source: Cisco, "Configuration Fundamentals Configuration Guide".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.platforms._reading import numbered

MOST_DEPTH = 8  # levels kept apart; a configuration has four

_BANNER = re.compile(r"banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp|config-save) (\^C|\S)(.*)")
_SIGNS = re.compile(r"(?m)^(?:version \d{1,2}\.\d[^;\n]*$|Current configuration ?:|Building configuration)")
# What writes like IOS and means other things by it: ArubaOS-CX, NX-OS, EOS, IOS XR, ASA.
_OTHERS = re.compile(
    r"(?m)^!! ?IOS XR|^!Version (?:ArubaOS|\w+\.\d\d\.\d\d)|^! ?(?:Command: show run|device: )"
    r"|^(?:ASA Version |feature \w)"
)


@dataclass(slots=True)
class Line:
    """A line, its words, and the lines below it."""

    number: int
    words: list[str]
    below: list["Line"] = field(default_factory=list)

    def starts(self, *words: str) -> bool:
        """Whether these are its first words."""
        return tuple(self.words[: len(words)]) == words

    def find(self, *words: str) -> Iterator["Line"]:
        """The lines directly below that begin so."""
        return (line for line in self.below if line.starts(*words))

    def first(self, *words: str) -> "Line | None":
        """The first of them."""
        return next(self.find(*words), None)

    def after(self, word: str) -> str | None:
        """The word behind `word`.

        >>> Line(1, "ip http access-class 99".split()).after("access-class")
        '99'
        """
        at = self.words.index(word) + 1 if word in self.words else len(self.words)
        return self.words[at] if at < len(self.words) else None


@dataclass(frozen=True, slots=True)
class Configuration:
    """The tree below a root without words, the comments, and whether nothing of the configuration is missing."""

    root: Line
    comments: tuple[tuple[int, str], ...]
    whole: bool


def read_lines(text: str) -> Configuration | None:
    r"""The tree of a configuration; None when the text is none.

    >>> told = read_lines("version 15.4\ninterface Dialer1\n ip address negotiated\n!\nend\n")
    >>> told.root.below[1].below[0].words, told.whole
    (['ip', 'address', 'negotiated'], True)
    """
    if not _SIGNS.search(text) or _OTHERS.search(text):
        return None
    root = Line(0, [])
    open_ones: list[tuple[int, Line]] = [(-1, root)]
    comments: list[tuple[int, str]] = []
    banner: str | None = None
    ended = False
    for number, line in numbered(text):
        if banner is not None:
            banner = None if banner in line else banner
            continue
        if started := _BANNER.match(line):
            banner = None if started[1] in started[2] else started[1]
            continue
        bare = line.lstrip(" \t")
        if bare.startswith("!"):
            comments.append((number, bare))
            continue
        ended = ended or line.rstrip() == "end"
        depth = len(line) - len(bare)
        while open_ones[-1][0] >= depth or len(open_ones) > MOST_DEPTH:
            open_ones.pop()
        item = Line(number, bare.split())
        # No interface is below another one: some backups have a blank before it.
        if item.words[0] == "interface" and open_ones[-1][1].words[:1] == ["interface"]:
            depth = open_ones.pop()[0]
        open_ones[-1][1].below.append(item)
        open_ones.append((depth, item))
    return Configuration(root, tuple(comments), ended and banner is None and root.first("version") is not None)


def spread(text: str, most: int = 4094) -> list[int]:
    """The numbers of a list such as VLANs; empty for anything else.

    >>> spread("2,5-7")
    [2, 5, 6, 7]
    """
    found: set[int] = set()
    for part in text.split(",")[:256]:
        first, _, last = part.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal() and len(first) < 6 and len(last) < 6):
            return []
        found.update(range(int(first), min(int(last or first), most) + 1))
    return sorted(item for item in found if item <= most)
