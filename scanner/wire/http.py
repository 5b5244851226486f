"""HTTP: how a web server answers one `GET /`; nothing is followed, nothing is sent but that.

Knows no site and no policy.
"""

import codecs
import re
from collections.abc import Callable

from scanner.evidence import Answer
from scanner.wire.stream import Cut, Stream
from scanner.wire.tls_stream import TlsStream

ANSWER_S = 10.0  # seconds for the whole answer; a sleepy NAS takes four, a drip lasts for ever
MAX_HEAD = 16 * 1024  # bytes of the response head; stops a head without end
MAX_PAGE = 64 * 1024  # bytes kept of the body, its title stands in the first few; stops a page without end
MAX_CHUNKS = 1024  # pieces of a page that are put together; stops one of single bytes
USER_AGENT = "Vigie (network scanner of this practice)"

# Not every name that Python knows: "punycode" takes minutes, "hex" gives no text.
_CHARSET = re.compile(
    rb"(?i)charset[ \t]{0,4}=[ \t]{0,4}[\"']?((?:iso|windows|cp|latin|koi8|gb|big5|euc|shift)[A-Za-z0-9_-]{0,20})"
)
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:[ \t]{0,8}chunked[ \t]{0,8}\r?$")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]{0,8}(?:;[^\r\n]{0,256})?\r?\n")
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]{0,8}(\d{1,12})[ \t]{0,8}\r?$")


def read(
    address: str,
    port: int,
    *,
    tls: bool,
    interface: str,
    total_s: float = ANSWER_S,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """The head of the response and the first 64 KiB of its page, as UTF-8 text.

    Body: `HTTP/1.1 200 OK`, the header lines, an empty line, the page without its chunks' frames. An encrypted port is
    read whatever its certificate. "unreadable" when it speaks, but not HTTP.
    """
    try:
        with Stream(address, port, interface=interface, stopped=stopped, total_s=total_s) as stream:
            wire = TlsStream(stream) if tls else stream
            wire.send(_request(address, port, tls=tls))
            head, page, detail = _response(wire.some)
    except Cut as cut:
        return cut.answer
    return Answer("done", _text(head, page), detail)


def _request(address: str, port: int, *, tls: bool) -> bytes:
    host = address if port == (443 if tls else 80) else f"{address}:{port}"
    lines = (
        "GET / HTTP/1.1", f"Host: {host}", f"User-Agent: {USER_AGENT}", "Accept: text/html, */*;q=0.1",
        "Accept-Encoding: identity", "Connection: close", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode("ascii")


def _response(some: Callable[[], bytes]) -> tuple[bytes, bytes, str]:
    """Head, page, and why the page was not read to its end; Cut when there is no whole head."""
    data = bytearray()
    while (end := _end(data)) is None:
        chunk = some()
        if not chunk and not data:
            raise Cut("refused", "it hung up")
        data += chunk
        if not b"HTTP/".startswith(data[:5]) and not data.startswith(b"HTTP/"):
            raise Cut("unreadable", "it does not answer in HTTP")
        if len(data) > MAX_HEAD or not chunk:
            raise Cut("unreadable", f"a head of more than {MAX_HEAD} bytes" if chunk else "a head without end")
    head, page = bytes(data[:end]), data[end:]
    length = _LENGTH.search(head)
    wanted = min(MAX_PAGE, int(length[1])) if length else MAX_PAGE
    detail = ""
    while len(page) < wanted:
        try:
            chunk = some()
        except Cut as cut:  # the head is here: that is what was asked for
            if cut.answer.detail == "stopped":
                raise
            detail = f"page cut: {cut.answer.detail}"
            break
        if not chunk:
            break
        page += chunk
    return head, bytes(page[:MAX_PAGE]), detail


def _end(data: bytearray) -> int | None:
    """Where the head ends: after the first empty line."""
    found = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark)) >= 0]
    return min(found) if found else None


def _joined(page: bytes) -> bytes:
    """A chunked page (RFC 9112 §7.1) in one piece, as far as it came."""
    at, pieces = 0, bytearray()
    for _ in range(MAX_CHUNKS):
        head = _CHUNK.match(page, at)
        if head is None or not (size := int(head[1], 16)):
            break
        pieces += page[head.end() : head.end() + size]
        at = head.end() + size
        at += 2 if page[at : at + 2] == b"\r\n" else 1
    return bytes(pieces)


def _text(head: bytes, page: bytes) -> bytes:
    """Both as UTF-8, the page from the encoding that it names, from Windows's western one where it names none."""
    if _CHUNKED.search(head):
        page = _joined(page)
    named = _CHARSET.search(head) or _CHARSET.search(page[:2048])
    for encoding in ("utf-8", *([named[1].decode("ascii")] if named else []), "cp1252"):
        try:  # not final: a page may be cut within a character
            text = codecs.getincrementaldecoder(encoding)().decode(page)
        except (UnicodeError, LookupError):
            continue
        return head.decode("latin-1").encode() + text.encode()
    return head.decode("latin-1").encode() + page.decode("utf-8", "replace").encode()
