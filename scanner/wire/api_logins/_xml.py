"""XML answers of a login, read with entities refused."""

import re
from xml.parsers import expat

from scanner.wire.api_http import Reply
from scanner.wire.stream import Cut

_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
MAX_ELEMENTS = 4096  # stops 1 MiB of empty elements from becoming as many


def elements(reply: Reply) -> dict[str, tuple[dict[str, str], str]]:
    """Each element's attributes and text, the first one of each name; Cut "unreadable" when it is no XML."""
    found: dict[str, tuple[dict[str, str], list[str]]] = {}
    open_ones: list[str] = []
    if _FORBIDDEN.search(reply.body):
        raise Cut("unreadable", f"a document with declarations (HTTP {reply.status})")

    def start(name: str, attributes: dict[str, str]) -> None:
        open_ones.append(name)
        if len(found) < MAX_ELEMENTS:
            found.setdefault(name, (attributes, []))

    def end(_name: str) -> None:
        open_ones.pop()

    def text(said: str) -> None:
        if open_ones and open_ones[-1] in found:
            found[open_ones[-1]][1].append(said)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(reply.body, True)
    except (expat.ExpatError, ValueError) as error:
        raise Cut("unreadable", f"no XML (HTTP {reply.status})") from error
    return {name: (attributes, "".join(words).strip()) for name, (attributes, words) in found.items()}
