"""HTTP from real servers (Python's, openssl s_server) on loopback, and from hostile ones."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from inventory.errors import ParseError
from inventory.network import HttpSeen
from scanner.evidence import Answer, Evidence, Request
from scanner.services.http import read_http
from scanner.wire import http
from scanner.wire.http import MAX_HEAD, MAX_PAGE
from tests.unit.scanner.daemons import Talk, endless, free_port, hangs_up, hostile, mute, program, saying, serving

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PAGE = "<!doctype html><html><head><title>Réseau &amp; partage – NAS</title></head><body></body></html>"


def seen(answer: Answer, ask: str = "get 80") -> HttpSeen:
    assert answer.status == "done", answer
    observation = read_http(Evidence(Request("http", "192.0.2.1", ask), "done", NOW, answer.body))
    assert observation.device.network is not None
    assert observation.device.network.http is not None
    (found,) = observation.device.network.http
    return found


def told(*lines: str, page: bytes = b"") -> Answer:
    """What a server of these lines and this page comes to."""
    with hostile(closing("\r\n".join((*lines, "", "")).encode() + page)) as port:
        return http.read("127.0.0.1", port, tls=False, interface="lo", total_s=3)


def closing(words: bytes) -> Talk:
    def talk(peer: socket.socket) -> None:
        peer.recv(4096)
        peer.sendall(words)

    return talk


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("www"), free_port()
    (folder / "index.html").write_text(PAGE, "utf-8")
    script = f"{sys.executable} -m http.server --bind 127.0.0.1 --directory {folder} {port}"
    with serving(script, port) as listening:
        yield listening


def test_a_plain_server(plain: int) -> None:
    found = seen(http.read("127.0.0.1", plain, tls=False, interface="lo"), f"get {plain}")
    assert (found.server or "").startswith("SimpleHTTP/")
    assert found == HttpSeen(plain, False, 200, found.server, "Réseau & partage – NAS", None, None)


@pytest.mark.parametrize("version", ["", "-tls1 -cipher ALL:@SECLEVEL=0", "-tls1_2", "-tls1_3"])
def test_an_encrypted_server_of_any_age_whatever_its_certificate(
    tmp_path_factory: pytest.TempPathFactory, version: str
) -> None:
    folder, port = tmp_path_factory.mktemp("https"), free_port()
    openssl = program("openssl", "openssl")
    made = "req -x509 -nodes -days 1 -subj /CN=x -newkey rsa:2048 -keyout key.pem -out cert.pem"
    subprocess.run([openssl, *made.split()], cwd=folder, check=True, capture_output=True)
    script = f"cd {folder}; {openssl} s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -www {version}"
    with serving(script, port):
        answer = http.read("127.0.0.1", port, tls=True, interface="lo")
    found = seen(answer, f"get-tls {port}")
    assert (found.port, found.tls, found.status) == (port, True, 200)
    assert b"s_server -accept" in answer.body


def test_what_is_asked_is_one_request_and_no_redirection_is_followed() -> None:
    asked: list[bytes] = []

    def talk(peer: socket.socket) -> None:
        asked.append(peer.recv(4096))
        peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:9/\r\nContent-Length: 0\r\n\r\n")

    with hostile(talk) as port:
        found = seen(http.read("127.0.0.1", port, tls=False, interface="lo"))
        time.sleep(0.3)
    assert (found.status, found.location, found.title) == (302, "http://127.0.0.2:9/", None)
    (request,) = asked
    head, *lines = request.decode().split("\r\n")
    assert head == "GET / HTTP/1.1"
    assert f"Host: 127.0.0.1:{port}" in lines
    assert "Connection: close" in lines
    assert not [line for line in lines if line.lower().startswith(("cookie", "authorization", "referer"))]


def test_a_realm() -> None:
    answer = told(
        "HTTP/1.0 401 N/A", 'WWW-Authenticate: Basic realm="TP-LINK \\"AC\\" \x1b[1mRouter"', "Server: Router"
    )
    assert (seen(answer).realm, seen(answer).server) == ('TP-LINK "AC" [1mRouter', "Router")


@pytest.mark.parametrize(
    ("header", "page"),
    [
        ("Content-Type: text/html; charset=iso-8859-15", "<title>Imprimé à 5 €</title>".encode("iso-8859-15")),
        ("Content-Type: text/html", '<meta charset="latin9"><title>Imprimé à 5 €</title>'.encode("iso-8859-15")),
        ("Content-Type: text/html", "<title>Imprimé à 5 €</title>".encode("cp1252")),
        ("Content-Type: text/html; charset=zorglub", "<title>Imprimé à 5 €</title>".encode()),
        (
            "Transfer-Encoding: chunked",
            b"9\r\n<title>Im\r\n13;x=1\r\n" + "primé à 5 €</title>".encode("cp1252") + b"\r\n0\r\n\r\n",
        ),
    ],
)
def test_a_title_in_any_encoding(header: str, page: bytes) -> None:
    assert seen(told("HTTP/1.1 200 OK", header, page=page)).title == "Imprimé à 5 €"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (b"<title></title>", None),
        (b"<title>never ended", None),
        (b"<TITLE\nclass=x>\n a\x00\x1b b </TITLE>", "a b"),
        (b"<title>" + b"x" * 5000 + b"</title>", None),
        (b"<title>" + b"x" * 1000 + b"</title>", "x" * 256),
        (b"<title>&#x202e;&lt;script&gt;</title>", "<script>"),
        (b"<title" * 20000, None),
        (b"\xff\xfe\x00" * 100, None),
    ],
)
def test_titles(page: bytes, title: str | None) -> None:
    assert seen(told("HTTP/1.1 200 OK", "Server: x", page=page)).title == title


def test_a_compressed_page_has_no_title() -> None:
    assert seen(told("HTTP/1.1 200 OK", "Content-Encoding: gzip", page=b"<title>x</title>")).title is None


# --- hostile peers ---

HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"


def giant(peer: socket.socket) -> None:
    peer.recv(4096)
    peer.sendall(HEAD)
    endless(peer)


def endless_head(peer: socket.socket) -> None:
    peer.recv(4096)
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X-Header: value\r\n" * 100)


record = b"\x16\x03\x03\x00\x20" + b"\xff" * 32
HOSTILE: dict[str, tuple[Talk, bool, str, str]] = {
    "mute": (mute, False, "silent", "no end within 2 s"),
    "hangs up": (hangs_up, False, "refused", "it hung up"),
    "zeroes": (endless, False, "unreadable", "it does not answer in HTTP"),
    "a head without end": (endless_head, False, "unreadable", f"a head of more than {MAX_HEAD} bytes"),
    "half a head": (closing(b"HTTP/1.1 200 OK\r\nServer: x"), False, "unreadable", "a head without end"),
    "another protocol": (closing(b"220 mail ESMTP\r\n"), False, "unreadable", "it does not answer in HTTP"),
    "a drip": (saying(*[bytes([byte]) for byte in HEAD], pause_s=0.3), False, "silent", "no end within 2 s"),
    "no TLS": (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), True, "incompatible", "TLS: wrong version number"),
    "garbage for TLS": (
        saying(b"\x16\x03\x03\x00\x20" + b"\xff" * 32),
        True,
        "incompatible",
        "TLS: unexpected message",
    ),
    "half a TLS record": (saying(b"\x16\x03\x03\x40\x00"), True, "silent", "no end within 2 s"),
    "no TLS at all": (mute, True, "silent", "no end within 2 s"),
    "hangs up before TLS": (hangs_up, True, "refused", "it hung up"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_peer_is_an_answer_in_bounded_time(name: str) -> None:
    talk, tls, status, detail = HOSTILE[name]
    started = time.monotonic()
    with hostile(talk) as port:
        answer = http.read("127.0.0.1", port, tls=tls, interface="lo", total_s=2)
    assert answer == Answer(status, b"", detail)  # type: ignore[arg-type]
    assert time.monotonic() - started < 5


def test_a_giant_page_is_cut() -> None:
    with hostile(giant) as port:
        answer = http.read("127.0.0.1", port, tls=False, interface="lo")
    assert (answer.status, len(answer.body)) == ("done", len(HEAD) + MAX_PAGE)


def test_a_page_cut_within_a_character_keeps_its_title() -> None:
    page = "<title>Imprimé</title>".encode() + "é".encode() * MAX_PAGE
    assert seen(told("HTTP/1.1 200 OK", "Server: x", page=page)).title == "Imprimé"


def test_of_a_page_that_drips_the_head_is_kept() -> None:
    with hostile(saying(HEAD + b"<title>NAS</title>")) as port:
        answer = http.read("127.0.0.1", port, tls=False, interface="lo", total_s=1)
    assert answer.detail == "page cut: no end within 1 s"
    assert seen(answer).title == "NAS"


def test_who_is_stopped_reads_no_more() -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with hostile(giant) as port:
        answer = http.read("127.0.0.1", port, tls=False, interface="lo", stopped=stop.is_set)
    assert answer == Answer("failed", b"", "stopped")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"HTTP/1.1 abc", b"\xff" * 100, b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\n" + b"x" * 600_000]
)
def test_what_is_no_response_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        seen(Answer("done", raw))
