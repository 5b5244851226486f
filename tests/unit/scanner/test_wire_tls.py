"""TLS versions and certificates of real servers (openssl s_server) on loopback, and of hostile ones."""

import base64
import json
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from inventory.errors import ParseError
from inventory.network import TlsSeen
from inventory.observation import Observation
from scanner.evidence import Answer, Evidence, Request
from scanner.services.tls import read_tls
from scanner.wire import tls
from scanner.wire.tls_hello import VERSIONS, client_hello
from tests.unit.scanner.daemons import Talk, endless, free_port, hangs_up, hostile, mute, program, saying, serving

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PERMISSIVE = "-cipher ALL:@SECLEVEL=0"
# The name of a server → its options, key, and the versions that it accepts.
SERVERS = {
    "any": (PERMISSIVE, "rsa:2048", ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")),
    "old": (f"{PERMISSIVE} -tls1", "rsa:1024", ("TLSv1",)),
    "middle": (f"{PERMISSIVE} -no_tls1_3 -no_tls1", "rsa:2048", ("TLSv1.1", "TLSv1.2")),
    "modern": ("-tls1_2", "ec", ("TLSv1.2",)),
    "new": ("-tls1_3", "ed25519", ("TLSv1.3",)),
    "mail": (f"{PERMISSIVE} -no_tls1 -no_tls1_1", "rsa:2048", ("TLSv1.2", "TLSv1.3")),
}


def seen(answer: Answer, port: int = 443) -> Observation:
    assert answer.status == "done", answer
    return read_tls(Evidence(Request("tls", "192.0.2.1", f"versions {port}"), "done", NOW, answer.body))


def of(observation: Observation) -> TlsSeen:
    assert observation.device.network is not None
    assert observation.device.network.tls is not None
    (found,) = observation.device.network.tls
    return found


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    folder = tmp_path_factory.mktemp("tls")
    openssl = program("openssl", "openssl")
    with ExitStack() as stack:
        ports = {}
        for name, (options, key, _) in SERVERS.items():
            kind = "ec -pkeyopt ec_paramgen_curve:P-256" if key == "ec" else key
            made = f"req -x509 -nodes -days 30 -subj /O=Cabinet/CN={name} -newkey {kind}"
            subprocess.run(
                [openssl, *made.split(), "-keyout", f"{name}.key", "-out", f"{name}.pem"],
                cwd=folder,
                check=True,
                capture_output=True,
            )
            port = ports[name] = free_port()
            served = f"{openssl} s_server -accept 127.0.0.1:{port} -cert {name}.pem -key {name}.key -quiet {options}"
            stack.enter_context(serving(f"cd {folder}; tail -f /dev/null | {served}", port))
        yield ports


@pytest.mark.parametrize("name", SERVERS)
def test_versions_are_those_that_the_server_accepts(servers: dict[str, int], name: str) -> None:
    observation = seen(tls.versions("127.0.0.1", servers[name], interface="lo"), servers[name])
    found = of(observation)
    _, key, versions = SERVERS[name]
    assert (found.port, found.versions, observation.unread) == (servers[name], versions, ())
    certificate = found.certificate
    assert certificate is not None
    assert (certificate.subject, certificate.issuer, certificate.self_signed) == (
        f"CN={name},O=Cabinet", f"CN={name},O=Cabinet", True,
    )  # fmt: skip
    kind, _, bits = key.partition(":")
    assert (certificate.key_type, certificate.key_bits) == (
        kind,
        {"ec": 256, "ed25519": None}.get(kind) or (int(bits) if bits else None),
    )
    assert (certificate.not_after - certificate.not_before).days == 30


def test_one_without_a_certificate_accepts_versions_all_the_same() -> None:
    """RouterOS' api-ssl before it is given a certificate: anonymous Diffie-Hellman, and nothing else."""
    options = "-nocert -cipher ADH:@SECLEVEL=0 -no_tls1_3 -quiet"
    script = f"tail -f /dev/null | {program('openssl', 'openssl')} s_server -accept 127.0.0.1:{{port}} {options}"
    port = free_port()
    with serving(script.format(port=port), port):
        observation = seen(tls.versions("127.0.0.1", port, interface="lo"), port)
    assert of(observation) == TlsSeen(port, ("TLSv1", "TLSv1.1", "TLSv1.2"))
    assert observation.unread == ()


def test_the_fingerprint_is_that_of_the_certificate_in_use(servers: dict[str, int]) -> None:
    port = servers["modern"]
    theirs = ssl.get_server_certificate(("127.0.0.1", port))
    certificate = of(seen(tls.versions("127.0.0.1", port, interface="lo"))).certificate
    assert certificate is not None
    digest = hashes.Hash(hashes.SHA256())
    digest.update(ssl.PEM_cert_to_DER_cert(theirs))
    assert certificate.sha256 == digest.finalize().hex()


# --- hostile peers ---


def record(kind: int, data: bytes, version: int = 0x0303) -> bytes:
    return bytes([kind]) + version.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data


def hello(version: int = 0x0303) -> bytes:
    body = version.to_bytes(2, "big") + bytes(32) + b"\0" + b"\x00\x2f" + b"\0"
    return b"\x02" + len(body).to_bytes(3, "big") + body


def certificates(*ders: bytes) -> bytes:
    chain = b"".join(len(der).to_bytes(3, "big") + der for der in ders)
    body = len(chain).to_bytes(3, "big") + chain
    return b"\x0b" + len(body).to_bytes(3, "big") + body


def without_end(peer: socket.socket) -> None:
    """A certificate message of 16 MiB, in whole records."""
    peer.recv(4096)
    peer.sendall(record(22, hello() + b"\x0b\xff\xff\xff"))
    while True:
        peer.sendall(record(22, bytes(16000)))


HOSTILE: dict[str, tuple[Talk, str]] = {
    "mute": (mute, "silent"),
    "hangs up": (hangs_up, "refused"),
    "endless": (endless, "done"),
    "garbage": (saying(b"\xff" * 400), "done"),
    "a record without a body": (saying(b"\x16\x03\x03\x40\x00"), "silent"),
    "an empty record": (saying(b"\x16\x03\x03\x00\x00"), "done"),
    "plain HTTP": (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "done"),
    "half a hello": (saying(record(22, hello()[:20])), "silent"),
    "a hello with a lying session id": (
        saying(record(22, b"\x02\0\0\x26" + b"\x03\x03" + bytes(32) + b"\xff\0\0\0")),
        "done",
    ),
    "a chain without end": (without_end, "done"),
    "a drip": (saying(*[bytes([byte]) for byte in record(22, hello()) * 9], pause_s=0.3), "silent"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_peer_is_an_answer_in_bounded_time(name: str) -> None:
    talk, status = HOSTILE[name]
    started = time.monotonic()
    with hostile(talk) as port:
        answer = tls.versions("127.0.0.1", port, interface="lo", hello_s=0.8)
    assert time.monotonic() - started < 12
    assert answer.status == status
    if status == "done":
        assert of(seen(answer)).certificate is None


def test_another_version_than_the_one_asked_for_is_not_accepted() -> None:
    with hostile(saying(record(22, hello(0x0301)))) as port:
        answer = tls.versions("127.0.0.1", port, interface="lo", hello_s=0.8)
    assert [name for name, said in json.loads(answer.body)["versions"].items() if said] == ["TLSv1"]


def versions_of(said: bytes) -> dict[str, bool | None]:
    with hostile(saying(said)) as port:
        answer = tls.versions("127.0.0.1", port, interface="lo", hello_s=0.8)
    assert answer.status == "done", answer
    found: dict[str, bool | None] = json.loads(answer.body)["versions"]
    return found


def test_a_server_that_declines_everything_by_alert_is_not_without_tls() -> None:
    """Alert 112, unrecognized_name: it wants to be called by a name that nobody knows here."""
    assert set(versions_of(record(21, b"\x02\x70")).values()) == {None}


def test_a_warning_before_the_hello_declines_nothing() -> None:
    found = versions_of(record(21, b"\x01\x70") + record(22, hello(0x0301)))
    assert [name for name, said in found.items() if said] == ["TLSv1"]


def test_half_a_hello_is_no_refusal() -> None:
    with hostile(saying(record(22, hello(0x0301))[:-9])) as port:
        answer = tls.versions("127.0.0.1", port, interface="lo", hello_s=0.8)
    assert answer.status != "done" or False not in json.loads(answer.body)["versions"].values(), answer


def test_a_port_that_is_closed_is_refused() -> None:
    assert tls.versions("127.0.0.1", free_port(), interface="lo") == Answer("refused", b"", "connection refused")


def test_who_is_stopped_asks_no_more() -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with hostile(mute) as port:
        assert tls.versions("127.0.0.1", port, interface="lo", stopped=stop.is_set).detail == "stopped"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("version", VERSIONS.values())
def test_a_hello_is_small(version: int) -> None:
    assert len(client_hello(version)) < 256


# --- reading ---


def pem(der: bytes) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"


def made(subject: str, issuer: str, signer: rsa.RSAPrivateKey | None = None, *, hours: int = 24) -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    builder = x509.CertificateBuilder(names[1], names[0], key.public_key(), 1, NOW, NOW + timedelta(hours=hours))
    return builder.sign(signer or key, hashes.SHA256()).public_bytes(Encoding.DER)


def read(certificate: str | None, **answers: bool | None) -> Observation:
    versions = {"SSLv3": False, "TLSv1": False, "TLSv1.1": False, "TLSv1.2": True, "TLSv1.3": True, **answers}
    body = json.dumps({"versions": versions, "certificate": certificate}, indent=1).encode()
    return seen(Answer("done", body))


def test_a_name_with_control_characters_is_cleaned() -> None:
    certificate = of(read(pem(made("nas\x1b[2J\n\u202ex", "ca")))).certificate
    assert certificate is not None
    assert certificate.subject == "CN=nas [2J x"
    assert not certificate.self_signed


def test_its_own_name_under_a_foreign_signature_is_not_self_signed() -> None:
    foreign = rsa.generate_private_key(65537, 2048)
    certificate = of(read(pem(made("nas", "nas", foreign)))).certificate
    assert certificate is not None
    assert not certificate.self_signed


@pytest.mark.parametrize(
    "text", [pem(os.urandom(300)), pem(made("nas", "nas")[:-40]), pem(b""), "", "é", pem(made("a", "a"))[:200]]
)
def test_a_damaged_certificate_costs_itself_and_is_told(text: str) -> None:
    observation = read(text)
    assert of(observation).versions == ("TLSv1.2", "TLSv1.3")
    assert of(observation).certificate is None
    (line,) = observation.unread
    assert (line.fact, line.line) == ("network.tls", 9)


def test_an_unanswered_version_is_told_and_not_taken_for_a_no() -> None:
    observation = read(None, SSLv3=None)
    assert [(line.fact, line.line, line.text) for line in observation.unread] == [
        ("network.tls", 3, "SSLv3: no answer")
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"versions": [], "certificate": null}', b'{"versions": {}}', b"[" * 10**5, b" " * 10**6],
)
def test_what_is_no_such_body_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        seen(Answer("done", body))


def test_a_certificate_of_a_huge_key_is_read_in_bounded_time() -> None:
    """A modulus of 16,384 bits, put into a real certificate by hand: its signature no longer fits, nothing else."""
    small = rsa.generate_private_key(65537, 1024)
    number = x509.load_der_x509_certificate(made("nas", "nas")).public_key()
    assert isinstance(number, rsa.RSAPublicKey)
    huge = rsa.RSAPublicNumbers(65537, (1 << 16383) | 1).public_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nas")])
    builder = x509.CertificateBuilder(name, name, huge, 1, NOW, NOW + timedelta(days=1))
    started = time.monotonic()
    certificate = of(read(pem(builder.sign(small, hashes.SHA256()).public_bytes(Encoding.DER)))).certificate
    assert certificate is not None
    assert (certificate.key_bits, certificate.self_signed) == (16384, False)
    assert time.monotonic() - started < 3


def test_a_server_that_hung_up_because_it_was_busy_is_asked_again() -> None:
    """Else its old versions would count as declined."""
    met: list[int] = []

    def busy(peer: socket.socket) -> None:
        met.append(1)
        if len(met) > 3:
            asked = peer.recv(4096)
            peer.sendall(record(22, hello(int.from_bytes(asked[9:11], "big")), int.from_bytes(asked[9:11], "big")))

    with hostile(busy) as port:
        body = json.loads(tls.versions("127.0.0.1", port, interface="lo").body)
    assert body["versions"]["TLSv1"] is True
    assert len(met) <= 11
