"""The config.xml of pfSense and OPNsense: its elements, each with its line.

Read by expat, because no XML library that refuses entities also keeps the lines of elements. A document type
declaration is refused, and with it every entity. What stands before the document (a banner) is passed over, what stands
behind it may only be comments: oxidized writes the version there. A file that ends early is no file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from inventory.text import clean
from scanner.platforms._reading import UnreadableError

ROOTS = ("opnsense", "pfsense")
MOST_DEPTH = 32  # elements inside elements: a configuration has 10; stops a document that is nothing but depth
MOST_ELEMENTS = 200_000  # of one document: the largest seen has 12 000; stops a million empty ones
MOST_TEXT = 65_536  # characters of one element: a long list of addresses; stops one text from filling the memory
MOST_COMMENT = 256
_OFF = frozenset({"0", "no", "off", "false", "disabled"})


@dataclass(slots=True)
class Node:
    """An element: its name, text, line and the elements in it."""

    name: str
    line: int
    text: str = ""
    inner: list["Node"] = field(default_factory=list)
    id: str = ""  # OPNsense's newer parts refer to each other by it

    def all(self, path: str) -> list["Node"]:
        """Every element below it at that path: `nat/rule`."""
        found = [self]
        for name in path.split("/"):
            found = [each for node in found for each in node.inner if each.name == name]
        return found

    def one(self, path: str) -> "Node | None":
        """The first element at that path."""
        return next(iter(self.all(path)), None)

    def word(self, path: str) -> str:
        """The text of the first element at that path, made safe; "" when there is none."""
        found = self.one(path)
        return clean(found.text) if found else ""

    def words(self, path: str, signs: str = ", \n\t") -> list[str]:
        """The parts of the texts at that path, between commas, spaces and line ends."""
        parts = []
        for node in self.all(path):
            text = node.text
            for sign in signs:
                text = text.replace(sign, "\n")
            parts += [clean(part) for part in text.split("\n") if part.strip()]
        return parts

    def has(self, path: str) -> bool:
        """Whether a setting is on that is written down only when it is: `<enable/>`; some write `0` all the same."""
        found = self.one(path)
        return found is not None and found.text.strip().lower() not in _OFF

    def on(self, path: str) -> bool:
        """Whether a setting is on that is always written down: `<enabled>1</enabled>`; an empty one is off."""
        return self.has(path) and bool(self.word(path))

    def line_of(self, path: str) -> int:
        """The line of the first element at that path, else its own."""
        found = self.one(path)
        return found.line if found else self.line

    @property
    def shown(self) -> str:
        """What is quoted of it when it cannot be read."""
        said = [f"{each.name}={clean(each.text, 64)}" for each in self.inner[:8] if each.text.strip()]
        return clean(f"<{self.name}> {' '.join(said) or self.text}")


@dataclass(slots=True)
class _Reading:
    """The elements of one document as expat hands them over."""

    parser: expat.XMLParserType
    skipped: int
    path: list[Node] = field(default_factory=list)
    root: Node | None = None
    count: int = 0
    comments: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.path) >= MOST_DEPTH or self.count > MOST_ELEMENTS:
            raise UnreadableError("more elements than any configuration has")
        node = Node(name[:128], self.parser.CurrentLineNumber + self.skipped, id=attributes.get("uuid", "")[:64])
        if self.path:
            self.path[-1].inner.append(node)
        elif self.root is None:
            self.root = node
        self.path.append(node)

    def text(self, part: str) -> None:
        if self.path and len(self.path[-1].text) < MOST_TEXT:
            self.path[-1].text += part

    def end(self, _name: str) -> None:
        node = self.path.pop()
        node.text = node.text.strip()[:MOST_TEXT]

    def comment(self, said: str) -> None:
        if not self.path and self.root is not None and len(self.comments) < 8:
            self.comments.append(said[:MOST_COMMENT])


class BrokenError(UnreadableError):
    """A configuration that is no whole document; `line` is where it stops being one."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def _refuse(*_: object) -> None:
    raise UnreadableError("a document type declaration")


def read_document(text: str, product: str) -> tuple[Node, list[str]]:
    """The root element of that name, and the comments behind it.

    Raises:
        BrokenError: it is none of these configurations, has a document type, is cut off or too large.

    >>> root, _ = read_document("<pfsense><system><hostname>pfSense</hostname></system></pfsense>", "pfsense")
    >>> root.word("system/hostname")
    'pfSense'
    """
    starts = [at for at in map(text.find, ("<?xml", *(f"<{root}" for root in ROOTS))) if at >= 0]
    begin = min(starts, default=0)
    parser = expat.ParserCreate("utf-8")
    reading = _Reading(parser, text.count("\n", 0, begin))
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler, parser.CommentHandler = reading.text, reading.comment
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    last = text.count("\n") + 1
    try:
        parser.Parse(text[begin:].rstrip().encode("utf-8", "replace"), True)
    except (expat.ExpatError, UnreadableError) as error:
        line = error.lineno if isinstance(error, expat.ExpatError) else parser.CurrentLineNumber
        raise BrokenError(min(line + reading.skipped, last)) from error
    if reading.root is None or reading.root.name != product:
        raise BrokenError(min(1 + reading.skipped, last))
    return reading.root, reading.comments


def sections(root: Node, *paths: str) -> Iterator[Node]:
    """The elements at any of the paths."""
    for path in paths:
        yield from root.all(path)
