"""The HTTP API of a box or a NAS: one login a device, its certificate judged before a credential leaves.

Knows no site and no policy: what is pinned, who is trusted and what may be asked come from the caller. Whatever the
device answers, nobody logs in twice, and nothing is sent to another address.
"""

import json
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address

from scanner.evidence import Answer
from scanner.wire.api_http import Message, Reply, exchange
from scanner.wire.api_logins import Dialect, Login, Opened
from scanner.wire.ssh import HostKey
from scanner.wire.stream import Cut, Stream
from scanner.wire.tls_stream import TlsStream

KEY_TYPE = "x509"  # of a certificate on record, beside the device's SSH host key
ANSWER_S = 30.0  # seconds for one answer; 1 MiB at the pace of a stream takes 20, a drip lasts for ever
GOODBYE_S = 5.0  # seconds for the end of a session; stops a device from holding the end of a visit
MAX_WIRE = 1_200_000  # bytes received for one answer, its frames included
MAX_ASKED = 128  # questions of one session; no platform has as many
MAX_CERTIFICATE = 16 << 10  # bytes; stops a certificate from filling the list of those on record
MAX_VALUES = 50_000  # lines of one JSON answer once each value has its own; stops "[[1,1,…" from becoming gigabytes
MAX_DEPTH = 24  # objects within each other; the deepest answer read has eight

# No secret of ours goes through a cipher without a certificate, or with keys of a day's work.
_CIPHERS = "DEFAULT:@SECLEVEL=1"
_NO_TLS = ("wrong version number", "http request", "record layer failure", "packet length too long")
_HTML = re.compile(rb"\s{0,64}<(?:!doctype html|html)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the API is."""

    address: str
    interface: str
    port: int | None = None  # None: the dialect's
    plain: bool = False  # the site lets its credential go over plain HTTP where there is nothing else


class Session:
    """The conversation with one device, for one thread. Close it."""

    def __init__(
        self,
        place: Place,
        dialect: Dialect,
        login: Login,
        pinned: HostKey | None,
        trust: Callable[[HostKey], bool],
        remember: Callable[[str], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._place, self._dialect, self._login = place, dialect, login
        self._pinned, self._trust, self._remember, self._stopped = pinned, trust, remember, stopped
        self._answer_s = answer_s
        self._believed = pinned
        self._port: int | None = None  # known once the device answered at it
        self._secured = True
        self._opened: Opened | None = None
        self._over: Answer | None = None  # the answer that ended the session
        self._asked = 0

    def answer(self, ask: str) -> Answer:
        """What the device says to `GET /path` or `POST /path BODY`: JSON a value a line, or XML as it came."""
        self._asked += 1
        if self._over is None and self._asked > MAX_ASKED:
            self._over = Answer("failed", detail=f"more than {MAX_ASKED} questions")
        if self._over is not None:
            return self._over
        try:
            if self._opened is None:
                self._open()
        except Cut as cut:
            return self._end(cut)
        try:
            reply = self._send(_message(ask, self._opened or Opened()))
            self._dialect.judged(reply)
            return Answer("done", _kept(reply.body, self._dialect.FORMAT))
        except Cut as cut:
            # A device that is silent, hangs up or shows another certificate is not asked on; one bad answer is one.
            lost = cut.answer.status in ("silent", "host_key_changed", "failed", "incompatible") or type(cut) is not Cut
            return self._end(cut) if lost else cut.answer

    def close(self) -> None:
        """Say goodbye where the device wants to hear it."""
        opened, self._opened = self._opened, None
        said = self._dialect.goodbye(opened) if opened and self._over is None else None
        self._over = self._over or Answer("failed", detail="closed")
        if said is not None and not self._stopped():
            self._answer_s = min(self._answer_s, GOODBYE_S)
            with suppress(Cut):
                self._send(said)

    def _end(self, cut: Cut) -> Answer:
        self._over = cut.answer
        return cut.answer

    def _open(self) -> None:
        """Find the port, judge the certificate, log in."""
        secured, plain = (self._place.port or port for port in self._dialect.PORTS)
        try:
            self._judge(secured)
            self._port = secured
        except Cut as cut:
            if not self._may_be_plain(cut):
                raise
            self._port, self._secured = plain, False
        opened = self._dialect.log_in(self._send, self._login)
        for secret in opened.secrets:
            self._remember(secret)
        self._opened = opened

    def _may_be_plain(self, cut: Cut) -> bool:
        """Whether the credential may go unencrypted: the site says so, and nothing encrypted was ever met there."""
        status, detail = cut.answer.status, cut.answer.detail
        mute = status in ("refused", "silent") or (status == "incompatible" and any(word in detail for word in _NO_TLS))
        return self._place.plain and self._pinned is None and mute and not self._stopped()

    def _judge(self, port: int) -> None:
        """Look at the certificate on a connection of its own, on which nothing else is sent; ask when it is unknown."""
        with self._stream(port) as stream:
            shown = _certificate(_encrypted(stream))
        self._compare(shown)
        if self._believed is None:
            if not self._trust(shown):
                raise Cut("not_trusted", f"certificate not accepted: {shown}")
            self._believed = shown

    def _compare(self, shown: HostKey) -> None:
        if self._believed is not None and self._believed != shown:
            raise Cut("host_key_changed", f"certificate on record {self._believed}, shown {shown}")

    def _send(self, message: Message) -> Reply:
        assert self._port is not None  # noqa: S101 — known before anything is sent
        name = self._dialect.HOST or self._place.address
        host = name if self._port in (80, 443) else f"{name}:{self._port}"
        with self._stream(self._port) as stream:
            if not self._secured:
                return exchange(stream, host, message)
            wire = _encrypted(stream)
            self._compare(_certificate(wire))
            return exchange(wire, host, message)

    def _stream(self, port: int) -> Stream:
        address = str(IPv4Address(self._place.address))  # a literal, so that no name is resolved here
        return Stream(
            address,
            port,
            interface=self._place.interface,
            stopped=self._stopped,
            total_s=self._answer_s,
            max_bytes=MAX_WIRE,
        )


def _encrypted(stream: Stream) -> TlsStream:
    return TlsStream(stream, ssl.TLSVersion.TLSv1_2, _CIPHERS)


def _certificate(wire: TlsStream) -> HostKey:
    shown = wire.certificate()
    if not shown or len(shown) > MAX_CERTIFICATE:
        raise Cut("incompatible", "no certificate that could be compared")
    return HostKey(KEY_TYPE, shown)


def _message(ask: str, opened: Opened) -> Message:
    method, path, *body = ask.split(" ", 2)
    sign = "&" if "?" in path else "?"
    return Message(
        method, path + (f"{sign}{opened.query}" if opened.query else ""), opened.headers, "".join(body).encode()
    )


def _kept(body: bytes, form: str) -> bytes:
    """The answer as it is kept: of JSON each value has a line of its own, so that a fact can name it."""
    if form == "xml":
        if _HTML.match(body):
            raise Cut("unreadable", "a web page")
        return body
    try:
        said = json.loads(body)
        _bounded(said)
        return json.dumps(said, indent=1, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError) as error:
        raise Cut("unreadable", "no JSON") from error


def _bounded(said: object) -> None:
    """Nothing; ValueError for a document that would not be small with a line for each value."""
    left, count = [(said, 0)], 0
    while left:
        value, depth = left.pop()
        count += 1
        if count > MAX_VALUES or depth > MAX_DEPTH:
            raise ValueError("too many values")
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        left += [(item, depth + 1) for item in inner]
