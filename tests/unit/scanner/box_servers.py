"""Small servers on loopback that speak a box's documented protocol, over HTTP or with a self-signed certificate."""

import datetime
import http.server
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Result = TypeVar("Result")


class Within(Protocol):
    """Where a server stands: its socket is opened there."""

    def __call__(self, act: Callable[[], Result], /) -> Result:
        """What `act` returns when run there."""


def _here(act: Callable[[], Result]) -> Result:
    return act()


class Asked(NamedTuple):
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Told(NamedTuple):
    """What it answers."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Server:
    """A server and what it was asked."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """Method and path of everything asked."""
        return [f"{item.method} {item.path}" for item in self.asked]


def certificate(folder: Path, name: str) -> Path:
    """A new self-signed certificate with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=3650)).sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def serving(
    answer: Callable[[Asked], Told], secured: Path | None, at: str = "127.0.0.1", within: Within = _here
) -> Iterator[Server]:
    """A server that answers each request so, until the block ends."""
    server = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers.items()), body)
            server.asked.append(asked)
            told = answer(asked)
            self.send_response(told.status)
            for name, value in told.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PUT = do_DELETE = _any

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def server_bind(self) -> None:
            """Bound, and no name looked up: nobody is asked what this address is called."""
            socketserver.TCPServer.server_bind(self)

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is no news."""

    with within(lambda: Quiet((at, 0), Handler)) as door:
        if secured is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(secured)
            door.socket = context.wrap_socket(door.socket, server_side=True)
        server.port = door.server_address[1]
        thread = threading.Thread(target=door.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        door.shutdown()
    thread.join(2)
