"""What a TLS port accepts and shows, made facts. Pure; `cryptography` reads the certificate and is imported late."""

import json
from typing import TYPE_CHECKING

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Certificate, Network, TlsSeen
from inventory.observation import Observation, UnreadLine
from inventory.text import clean
from scanner.evidence import Evidence

if TYPE_CHECKING:
    from cryptography import x509

MAX_BODY = 256 * 1024  # bytes; a certificate is at most 64 KiB as it is fetched; stops a swapped file
VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")  # oldest first; no other name is believed


def read_tls(evidence: Evidence) -> Observation:
    """The versions that the port accepts and its certificate.

    A version whose question was not answered, and a certificate that cannot be read, are reported as lines of
    `network.tls`: what is listed may not be all.

    Raises:
        ParseError: not the body that `scanner.wire.tls` writes.
    """
    port = int(evidence.request.ask.removeprefix("versions "))
    if len(evidence.body) > MAX_BODY:
        raise ParseError(evidence.id, None, f"more than {MAX_BODY} bytes")
    try:
        said = json.loads(evidence.text)
        answers, pem = said["versions"], said["certificate"]
        found = tuple(name for name in VERSIONS if answers[name] is True)
        mute = [name for name in VERSIONS if answers[name] not in (True, False)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ParseError(evidence.id, None, f"not the versions of a TLS port ({type(error).__name__})") from error
    unread = [_unread(evidence, name, f"{name}: no answer") for name in mute]
    certificate = None
    if pem is not None:
        try:
            certificate = _certificate(str(pem))
        except ParseError as error:
            unread.append(_unread(evidence, "certificate", f"certificate: {error.reason}"))
    seen = TlsSeen(port, found, certificate)
    return Observation(Device(network=Network(tls=(seen,))), {"/network/tls/0": 1}, tuple(unread))


def _unread(evidence: Evidence, key: str, text: str) -> UnreadLine:
    lines = evidence.text.splitlines()
    line = next((number for number, item in enumerate(lines, start=1) if f'"{key}"' in item), 1)
    return UnreadLine("network.tls", line, text)


def _certificate(pem: str) -> Certificate:
    """The certificate's facts; a name that holds control characters is cleaned, one that is no name is refused."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        read = x509.load_pem_x509_certificate(pem.encode())
        kind, bits = _key(read)
        return Certificate(
            clean(read.subject.rfc4514_string()),
            clean(read.issuer.rfc4514_string()),
            read.not_valid_before_utc,
            read.not_valid_after_utc,
            _self_signed(read),
            kind,
            bits,
            read.fingerprint(SHA256()).hex(),
        )
    except (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise ParseError("certificate", None, f"cannot be read ({type(error).__name__})") from error


def _key(read: "x509.Certificate") -> tuple[str, int | None]:
    """Kind and bits of the public key: ("rsa", 2048); ("other", None) for one that nobody speaks any more."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    kinds = {
        "rsa": rsa.RSAPublicKey,
        "ec": ec.EllipticCurvePublicKey,
        "ed25519": ed25519.Ed25519PublicKey,
        "ed448": ed448.Ed448PublicKey,
        "dsa": dsa.DSAPublicKey,
    }
    try:
        key = read.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "other", None
    kind = next((name for name, of in kinds.items() if isinstance(key, of)), "other")
    return kind, getattr(key, "key_size", None)


def _self_signed(read: "x509.Certificate") -> bool:
    """Whether its own key signed it; by its names alone where the signature's algorithm is no longer spoken (MD5)."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if read.subject != read.issuer:
        return False
    try:
        read.verify_directly_issued_by(read)
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return True
    return True
