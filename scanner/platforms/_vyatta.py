r"""The configuration of Vyatta and its children (VyOS, EdgeOS, USG), as a tree of words with their lines. Pure.

Two forms of the same tree are read, and may be mixed: blocks in braces, as in /config/config.boot and `show
configuration`, and the `set` lines of `show configuration commands`. Every word is a node: `address dhcp` in a block
and `set … address 'dhcp'` both give `address` with `dhcp` below it. No library keeps the lines: vyos-1x's own parser
is an OCaml program, vyattaconfparser raises at the first comment.
Sources: VyOS, "Command Line Interface" and `vyos1x-config`; Vyatta, `cparse.ypp` of vyatta-cfg (`!` marks what is
deactivated); EdgeOS user guide.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from inventory.text import clean
from scanner.platforms._reading import numbered

Bad = list[tuple[int, str]]

MAX_DEPTH = 64  # blocks in each other, words of a `set` line; real ones have twelve. Stops a tree as deep as the text
MAX_NODES = 200_000  # words of a tree; the largest we know has two thousand. Stops 8 MiB from becoming 4 GiB
REDACTED = "REDACTED"  # what stands where a name was a secret: two of them are not the same one

_TOKEN = re.compile(
    r"[^\S\n]++|(?P<end>\n)|(?P<note>/\*)|\"(?P<double>(?:[^\"\\]|\\[\s\S])*+)(?P<closed>\"?)"
    r"|'(?P<single>(?:[^']|'\\'')*+)(?P<shut>'?)|(?P<brace>[{}])|(?P<word>(?:(?!/\*)[^\s{}])++)"
)
_TRAILER = re.compile(r"(?m)^(?:/\*|//)[ \t]*+Release version:[ \t]*+([^\n*]{1,80})")
_HEADER = re.compile(r"#?[ \t]*+([A-Z][\w/ ]{1,30}?):[ \t]+(\S[^\n]{0,200})")
_ESCAPED = re.compile(r"\\([\"\\])")
_COMMANDS = frozenset({"set", "comment", "deactivate", "delete", "edit", "exit", "configure", "commit", "save", "show"})


@dataclass(slots=True)
class Node:
    """A word of the configuration, where it stands, and the words below it in their order."""

    word: str
    line: int
    kids: dict[str, "Node"] = field(default_factory=dict)

    def at(self, *path: str) -> "Node | None":
        """The node below this one at a path of words."""
        node: Node | None = self
        for word in path:
            node = node.kids.get(word) if node else None
        return node

    def below(self, *path: str) -> tuple["Node", ...]:
        """The nodes below a path: the values of a leaf, or what a tag names; () where there is no such path."""
        node = self.at(*path)
        return tuple(node.kids.values()) if node else ()

    def words(self, *path: str) -> tuple[str, ...]:
        """The words below a path."""
        return tuple(node.word for node in self.below(*path))

    def value(self, *path: str) -> str:
        """The one value of a leaf, the last where there are several, as the router itself has it; else ""."""
        words = self.words(*path)
        return words[-1] if words else ""

    def has(self, *path: str) -> bool:
        """Whether there is such a path."""
        return self.at(*path) is not None

    def place(self, *path: str) -> int:
        """The line of the value at a path, of the path, else of this node."""
        below, node = self.below(*path), self.at(*path)
        return below[-1].line if below else node.line if node else self.line


@dataclass(slots=True)
class Configuration:
    """What a text says: its tree, what its comments say, and where it could not be read."""

    root: Node = field(default_factory=lambda: Node("", 1))
    header: dict[str, tuple[str, int]] = field(default_factory=dict)  # "version" → "VyOS 1.4.3", its line
    torn: tuple[int, str] | None = None  # where the text stops making sense: what follows is not known
    bad: Bad = field(default_factory=list)  # lines that are neither a setting nor a block
    piece: bool = False  # it is known to be a part of one only

    @property
    def whole(self) -> bool:
        """Whether what is not in the text is not set: a piece of a configuration says nothing of the rest."""
        return self.torn is None and not self.piece and self.root.has("interfaces") and self.root.has("system")


def read_tree(text: str) -> Configuration:
    r"""The tree of either form.

    >>> tree = read_tree('interfaces {\n    ethernet eth0 {\n        address dhcp\n    }\n}\n').root
    >>> tree.words("interfaces", "ethernet", "eth0", "address"), tree.place("interfaces", "ethernet", "eth0", "address")
    (('dhcp',), 3)
    >>> read_tree("set service ssh port '2222'\n").root.value("service", "ssh", "port")
    '2222'
    """
    reader = _Reader()
    reader.read(text)
    if found := _TRAILER.search(text):
        line = text.count("\n", 0, found.start()) + 1
        reader.told.header["release version"] = (clean(found[1]), line)
    return reader.told


def read_header(text: str) -> Configuration:
    """The lines of `show version` alone, as a configuration that says nothing else."""
    told = Configuration()
    for place, line in numbered(text):
        if found := _HEADER.fullmatch(line.strip()[:250]):
            told.header.setdefault(found[1].lower(), (clean(found[2]), place))
    return told


class _Reader:
    """Where the reading of one text stands."""

    def __init__(self) -> None:
        self.told = Configuration()
        self._open: list[Node] = [self.told.root]
        self._words: list[str] = []
        self._line = self._began = 1  # where the text stands, and where its statement began
        self._top = ""  # the section that is open
        self._nodes = 0

    def read(self, text: str) -> None:
        """The whole text, as far as it makes sense."""
        at = 1 if text.startswith("\ufeff") else 0  # as some editors begin a file
        while at < len(text) and self.told.torn is None:
            found = _TOKEN.match(text, at)
            if found is None:  # a lone surrogate or the like
                self._tear(text[at : at + 80])
                return
            at = self._token(found, text)
        self._end(text)

    def _token(self, found: re.Match[str], text: str) -> int:
        """What one token does; where the next one begins."""
        at = found.end()
        if found["note"]:
            end = text.find("*/", at)
            if end < 0:
                self._tear(text[found.start() : at + 80])
            self._line += text.count("\n", at, end)
            return end + 2
        if found["end"]:
            self._flush()
            self._line += 1
        elif found["brace"]:
            self._brace(found["brace"])
        elif found["word"] and not self._words and found["word"].startswith(("//", "#")):
            return self._remark(text, found.start())
        elif found.lastgroup:
            self._word(found)
        return at

    def _word(self, found: re.Match[str]) -> None:
        """A word or a quoted value; a quote that nothing closes ends what can be understood."""
        if not self._words:
            self._began = self._line
        quoted, plain = found["double"], found["word"]
        if found["single"] is not None:
            plain = found["single"].replace("'\\''", "'")
        self._words.append(plain if quoted is None else _ESCAPED.sub(r"\1", quoted).replace("&quot;", '"'))
        self._line += found[0].count("\n")
        if found["closed"] == "" or found["shut"] == "":
            self._tear(found[0])

    def _remark(self, text: str, start: int) -> int:
        """A line that is a comment; those above an export by Oxidized are the lines of `show version`."""
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if found := _HEADER.fullmatch(text[start : min(end, start + 250)].strip()):
            self.told.header.setdefault(found[1].lower(), (clean(found[2]), self._line))
        return end

    def _tear(self, text: str) -> None:
        if self.told.torn is None:
            self.told.torn = (self._line, clean(text))

    def _brace(self, brace: str) -> None:
        if brace == "{":
            words, self._words = self._words, []
            if not words or len(self._open) >= MAX_DEPTH:
                self._tear("{")
                return
            parent = self._open[-1]
            self._top = words[0] if len(self._open) == 1 else self._top
            if words[0] == "!":  # deactivated: read, and left out
                parent, words = Node("!", self._line), words[1:] or ["!"]
            self._open.append(self._grown(parent, words, self._began, block=True))
            return
        self._flush()
        if len(self._open) == 1:
            self._tear("}")
        else:
            self._open.pop()

    def _flush(self) -> None:
        """The statement that ends here."""
        words, self._words = self._words, []
        if not words or words[0] == "!":
            return
        if len(self._open) > 1:
            self._grown(self._open[-1], words, self._began)
        elif words[0] == "set" and 1 < len(words) <= MAX_DEPTH:
            self._grown(self.told.root, words[1:], self._began)
        elif words[0] in ("delete", "deactivate"):
            self._shrink(words[1:])
        elif words[0] != "comment":
            self.told.bad.append((self._began, " ".join(words)))

    def _grown(self, node: Node, words: list[str], line: int, *, block: bool = False) -> Node:
        """The node at the end of a path below another one, made where it is not there."""
        for place, word in enumerate(words):
            name, last = word, place == len(words) - 1
            if block and last and word == REDACTED and word in node.kids:
                name = f"{word} {len(node.kids)}"
            if name not in node.kids:
                self._nodes += 1
                if self._nodes > MAX_NODES:
                    self._tear(word)
                    return node
                node.kids[name] = Node(word, line)
            node = node.kids[name]
        return node

    def _shrink(self, words: list[str]) -> None:
        parent = self.told.root.at(*words[:-1])
        if parent and words:
            parent.kids.pop(words[-1], None)

    def _end(self, text: str) -> None:
        """The end of the text; a block that is still open takes its whole section with it."""
        self._flush()
        if len(self._open) > 1:
            last = text.rstrip().rpartition("\n")[2]
            self._tear(last)
            self.told.root.kids.pop(self._top, None)


def sections(bad: tuple[int, str]) -> Iterator[str]:
    """The first words of a line that is no setting, without what commands begin with: the sections it may be of."""
    for word in bad[1].split()[:4]:
        if word not in _COMMANDS:
            yield word
