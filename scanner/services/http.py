"""How a web server answered `GET /`, made facts. Pure."""

import html
import re
from collections.abc import Mapping

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import HttpSeen, Network
from inventory.observation import Observation
from inventory.text import clean
from scanner.evidence import Evidence

MAX_BODY = 512 * 1024  # characters; 80 KiB are fetched, and grow when made UTF-8; stops a swapped file
MAX_HEADERS = 200  # lines of a head, real ones have some ten; stops a head that is all lines
MAX_TITLE = 2048  # characters between <title> and </title> that are looked at; stops a page that is all title

_STATUS = re.compile(r"HTTP/\d(?:\.\d)? (\d{3})(?: |$)")
_TITLE = re.compile(r"<title(?:\s[^>]{0,256})?>", re.IGNORECASE)
_REALM = re.compile(r"(?i)\brealm\s{0,4}=\s{0,4}(?:\"((?:[^\"\\]|\\.){0,512})\"|([^\s,\"]{1,256}))")


def read_http(evidence: Evidence) -> Observation:
    """Status, server, title, realm and redirection of the port that was asked.

    Line: `Server: nginx/1.22.1`. A title that is compressed, or not ended within the text, stays absent.

    Raises:
        ParseError: not an HTTP response.
    """
    kind, _, port = evidence.request.ask.partition(" ")
    text = evidence.text
    if len(text) > MAX_BODY:
        raise ParseError(evidence.id, None, f"more than {MAX_BODY} characters")
    head, page = _parts(text)
    lines = head.splitlines()[: MAX_HEADERS + 1]
    status = _STATUS.match(lines[0]) if lines else None
    if status is None:
        raise ParseError(evidence.id, 1, "not an HTTP response")
    headers = _headers(lines[1:])
    realm = _REALM.search(headers.get("www-authenticate", ""))
    seen = HttpSeen(
        int(port),
        kind == "get-tls",
        int(status[1]),
        clean(headers.get("server", "")) or None,
        _title(page, headers),
        clean(re.sub(r"\\(.)", r"\1", realm[1] or realm[2] or "")) or None if realm else None,
        clean(headers.get("location", "")) or None,
    )
    return Observation(Device(network=Network(http=(seen,))), {"/network/http/0": 1})


def _parts(text: str) -> tuple[str, str]:
    found = re.search(r"\r?\n\r?\n", text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _headers(lines: list[str]) -> Mapping[str, str]:
    """The first value of each header, by its name in lower case."""
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _title(page: str, headers: Mapping[str, str]) -> str | None:
    """The first title of the page.

    >>> _title("<html><TITLE lang=fr>\\n NAS&nbsp;&amp; Co\\x1b </title>", {})
    'NAS & Co'
    """
    if headers.get("content-encoding", "identity").lower() != "identity":
        return None
    begin = _TITLE.search(page)
    if begin is None:
        return None
    inside, end, _ = page[begin.end() : begin.end() + MAX_TITLE].partition("</")
    return clean(html.unescape(inside)) or None if end else None
