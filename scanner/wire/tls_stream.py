"""A TLS client upon a bounded stream, for servers of any age; certificates are not judged, only shown."""

import ssl

from inventory.text import clean
from scanner.wire.stream import Cut, HungUp, Stream


class TlsStream:
    """The stream's send and receive, encrypted. Cut when the handshake fails."""

    def __init__(
        self,
        stream: Stream,
        minimum: ssl.TLSVersion = ssl.TLSVersion.MINIMUM_SUPPORTED,
        ciphers: str = "ALL:@SECLEVEL=0",
    ) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = _context(minimum, ciphers).wrap_bio(self._incoming, self._outgoing)
        self._done = False
        while not self._done:
            try:
                self._tls.do_handshake()
                self._done = True
            except ssl.SSLWantReadError:
                self._flush()
                self._feed()
            except (ssl.SSLError, ValueError) as error:
                raise _cut(error) from error
        self._flush()

    def certificate(self) -> bytes | None:
        """The server's certificate in DER."""
        return self._tls.getpeercert(binary_form=True)

    def send(self, data: bytes) -> None:
        """All of it sent, or Cut."""
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            raise _cut(error) from error
        self._flush()

    def some(self) -> bytes:
        """What has come, at least one byte; nothing once the peer has closed."""
        while True:
            try:
                return self._tls.read(4096)
            except ssl.SSLWantReadError:
                if not self._feed():
                    return b""
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                raise _cut(error) from error

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self._stream.send(data)

    def _feed(self) -> bool:
        data = self._stream.some()
        self._incoming.write(data)
        if not data and not self._done:
            raise HungUp
        return bool(data)


def _context(minimum: ssl.TLSVersion, ciphers: str) -> ssl.SSLContext:
    """Nothing of the server is verified, and unless told any cipher will do: what is sent is nobody's secret.

    Who sends one compares the certificate first (`api.py`).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = minimum
    context.set_ciphers(ciphers)
    context.options |= ssl.Options(0x4)  # SSL_OP_LEGACY_SERVER_CONNECT: servers from before RFC 5746
    return context


def _cut(error: Exception) -> Cut:
    said = getattr(error, "reason", None) or type(error).__name__
    return Cut("incompatible", f"TLS: {clean(said).lower().replace('_', ' ')}")
