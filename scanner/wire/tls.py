"""TLS: which versions a port accepts, and the certificate it shows.

Knows no site and no policy. Each version is asked in a connection of its own, closed after the server's first records.
"""

import base64
import json
import ssl
from collections.abc import Callable
from contextlib import suppress

from scanner.evidence import Answer
from scanner.wire.stream import Cut, HungUp, Stream
from scanner.wire.tls_hello import VERSIONS, Flight, NoTls, client_hello
from scanner.wire.tls_stream import TlsStream

HELLO_S = 6.0  # seconds for one version; a slow NAS takes one, a half-open handshake lasts for ever
MAX_MUTE = 2  # versions in a row without a word, after which nothing more is asked; stops a tar pit


def versions(
    address: str,
    port: int,
    *,
    interface: str,
    hello_s: float = HELLO_S,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """Which versions were answered by a ServerHello, and the best one's certificate, as JSON.

    Body: `{"versions": {"SSLv3": false, …, "TLSv1.3": true}, "certificate": "-----BEGIN CERTIFICATE-----…"}`; a version
    whose question was not answered is null. Without any ServerHello: "done" and all false when the port speaks, but not
    TLS; "silent", "refused" or "failed" as its connections ended.
    """
    asked = _Asked(lambda: Stream(address, port, interface=interface, stopped=stopped, total_s=hello_s))
    for name in VERSIONS:
        try:
            asked.version(name)
        except Cut as cut:
            asked.ended(name, cut)
            if asked.mute >= MAX_MUTE and not any(asked.found.values()):
                return cut.answer
        if stopped():
            return Answer("failed", b"", "stopped")
    # Who hangs up declines, or is busy: one that accepts another version is asked once more.
    for name in asked.hung if any(asked.found.values()) else ():
        try:
            asked.version(name)
        except Cut as cut:
            asked.ended(name, cut)
        if stopped():
            return Answer("failed", b"", "stopped")
    return asked.answer()


class _Asked:
    """What one port has answered so far."""

    def __init__(self, stream: Callable[[], Stream]) -> None:
        self._stream = stream
        self.found: dict[str, bool | None] = {}
        self.mute = 0
        self._hung: dict[str, None] = {}
        self._certificates: dict[str, bytes] = {}
        self._last: Cut | None = None
        self._spoke = self._alerted = False

    @property
    def hung(self) -> tuple[str, ...]:
        """The versions at whose question it hung up."""
        return tuple(self._hung)

    def version(self, name: str) -> None:
        """Ask for one version; Cut when nothing came that answers."""
        with self._stream() as stream:
            stream.send(client_hello(VERSIONS[name]))
            flight = Flight(stream.exactly)
            try:
                chosen = flight.hello()
                self.found[name] = chosen == VERSIONS[name]
                self._alerted = self._alerted or chosen is None
            except NoTls:
                self.found[name] = False
            if self.found[name] and name != "TLSv1.3":
                with suppress(NoTls, Cut):  # the version is accepted, whatever comes after
                    self._certificates[name] = flight.certificate() or b""
        self.mute, self._spoke = 0, True

    def ended(self, name: str, cut: Cut) -> None:
        """A version's question that was cut: hanging up is how many servers decline one."""
        self.found[name] = False if isinstance(cut, HungUp) else None
        if isinstance(cut, HungUp):
            self._hung[name] = None
        self.mute = self.mute + 1 if cut.answer.status == "silent" else 0
        self._last = cut

    def answer(self) -> Answer:
        """The whole answer."""
        if not self._spoke and self._last is not None:
            return self._last.answer
        if self._alerted and not any(self.found.values()):
            # It speaks TLS, and declines whatever it is asked here: for want of a server's name, or of older words.
            self.found = dict.fromkeys(self.found)
        if self.found.get("TLSv1.3"):
            self._encrypted()
        best = [name for name in VERSIONS if self._certificates.get(name)]
        pem = _pem(self._certificates[best[-1]]) if best else None
        return Answer("done", json.dumps({"versions": self.found, "certificate": pem}, indent=1).encode())

    def _encrypted(self) -> None:
        """TLS 1.3 shows its certificate only under encryption: there OpenSSL does the handshake."""
        try:
            with self._stream() as stream:
                certificate = TlsStream(stream, ssl.TLSVersion.TLSv1_3).certificate()
        except Cut:
            return  # the certificate of an older version, or none
        if certificate:
            self._certificates["TLSv1.3"] = certificate


def _pem(der: bytes) -> str:
    """DER as PEM (RFC 7468 §3)."""
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
