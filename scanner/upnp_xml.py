"""UPnP's XML: device descriptions and SOAP answers, from text into plain values. Pure.

Read by expat, event by event. A document type declaration is refused, and with it every entity: UPnP has none, and all
XML bombs and external entities need one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from inventory.errors import ParseError
from inventory.text import clean

# Elements inside elements: a description has 9; stops a document that is nothing but depth.
MOST_DEPTH = 32
# Elements of one document: the largest descriptions have 400; stops a million empty ones.
MOST_ELEMENTS = 4_000
# Characters of one text as it is read; `clean` cuts it again.
MOST_TEXT = 1_024


@dataclass(frozen=True, slots=True)
class Element:
    """An element with text: where it stands, without namespaces, and on which line."""

    path: tuple[str, ...]  # ("root", "device", "friendlyName")
    text: str
    line: int


@dataclass(slots=True)
class _Reading:
    """The elements of one document as expat hands them over."""

    parser: expat.XMLParserType
    path: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    count: int = 0
    found: list[Element] = field(default_factory=list)

    def start(self, name: str, _attributes: object) -> None:
        self.count += 1
        if len(self.path) >= MOST_DEPTH or self.count > MOST_ELEMENTS:
            raise ValueError("more elements than any such document has")
        self.path.append(name.rpartition(":")[2])
        self.texts.append("")
        self.lines.append(self.parser.CurrentLineNumber)

    def text(self, part: str) -> None:
        if self.texts:
            self.texts[-1] = (self.texts[-1] + part)[:MOST_TEXT]

    def end(self, _name: str) -> None:
        path, text, line = tuple(self.path), self.texts.pop().strip(), self.lines.pop()
        self.path.pop()
        self.found.append(Element(path, text, line))


def _refuse(*_: object) -> None:
    raise ValueError("a document type declaration, which no such document has")


def elements(text: str, where: str) -> tuple[Element, ...]:
    """Every element of a document with its text, in the order of their ends; ParseError with the line when it is none.

    >>> elements("<root><device><UDN>uuid:1</UDN></device></root>", "x")[0]
    Element(path=('root', 'device', 'UDN'), text='uuid:1', line=1)
    """
    parser = expat.ParserCreate("utf-8")
    reading = _Reading(parser)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError) as error:
        raise ParseError(where, parser.CurrentLineNumber, f"not UPnP's XML: {clean(str(error))}") from error
    return tuple(reading.found)


def spread(raw: bytes) -> str:
    """A document as it is kept: one tag a line, and no line that does not begin with one.

    So a fact has a line of its own, a line of ours between two documents cannot be forged, and whatever redaction takes
    out of a text ends with it: the tags around stay whole.

    >>> spread(b'<?xml version="1.0"?>\\r\\n<a>\\n<b>x\\ny</b></a>')
    '<?xml version="1.0"?>\\n<a>\\n<b>x y\\n</b>\\n</a>\\n'
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    flat = " ".join(text[max(text.find("<"), 0) :].split())
    parts = [part.strip() for part in flat.split("<")]
    return "".join(f"<{part}\n" for part in parts if part)


def text_of(found: tuple[Element, ...], name: str) -> str | None:
    """The text of the first element of that name, None when there is none."""
    return next((item.text for item in found if item.path[-1] == name), None)


def error_code(text: str, where: str) -> int | None:
    """The code of a UPnP error in a SOAP fault (713: no such index), None when it holds none; ParseError for no XML."""
    code = text_of(elements(text, where), "errorCode")
    return int(code) if code and code.isascii() and code.isdigit() and len(code) <= 4 else None


def documents(body: str) -> Iterator[tuple[str, int, str]]:
    """The answers of a recording of several: the line of ours that names each, its number, and the document below it.

    `# GetGenericPortMappingEntry 0 200`, then `<?xml version="1.0"?>` …
    """
    title, number, lines = "", 0, list[str]()
    for place, line in enumerate(body.splitlines(), start=1):
        if line.startswith("# "):
            if title:
                yield title, number, "\n".join(lines)
            title, number, lines = line[2:], place, []
        else:
            lines.append(line)
    if title:
        yield title, number, "\n".join(lines)
