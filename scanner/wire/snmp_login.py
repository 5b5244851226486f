"""Who reads by SNMP: a community or a user of v3, checked, and in pysnmp's terms."""

from dataclasses import dataclass, field
from typing import Any, Literal

MAX_USER, MIN_KEY = 32, 8  # octets of a v3 user name, characters of a v3 passphrase

AuthProtocol = Literal["md5", "sha", "sha224", "sha256", "sha384", "sha512"]
PrivacyProtocol = Literal["des", "aes", "aes192", "aes256"]


@dataclass(frozen=True, slots=True)
class Community:
    """SNMP v2c: the community is the secret; its repr does not show it."""

    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """SNMP v3, with authentication and privacy as far as their keys are given (RFC 3414); its repr shows no key."""

    name: str
    auth_protocol: AuthProtocol | None = None
    auth_key: str | None = field(default=None, repr=False)
    privacy_protocol: PrivacyProtocol | None = None
    privacy_key: str | None = field(default=None, repr=False)


def flaw(user: User) -> str:
    """What makes a user unusable, nothing for one that may be tried: pysnmp would fail somewhere inside."""
    if not 1 <= len(user.name.encode()) <= MAX_USER:
        return f"a user name has 1 to {MAX_USER} octets (RFC 3414 §5)"
    if any(key is not None and len(key) < MIN_KEY for key in (user.auth_key, user.privacy_key)):
        return f"a key has at least {MIN_KEY} characters (RFC 3414 §11.2)"
    if user.privacy_key is not None and user.auth_key is None:
        return "privacy needs authentication (RFC 3414 §1.4.3)"
    return ""


def authentication(credential: Community | User) -> Any:  # noqa: ANN401 — pysnmp is untyped
    """The credential in pysnmp's terms. AES-192 and -256 as net-snmp does them (draft-blumenthal-aes-usm-04)."""
    pysnmp = hlapi()
    if isinstance(credential, Community):
        return pysnmp.CommunityData("vigie", credential.name.encode(), mpModel=1)
    digests = {
        "md5": pysnmp.USM_AUTH_HMAC96_MD5,
        "sha": pysnmp.USM_AUTH_HMAC96_SHA,
        "sha224": pysnmp.USM_AUTH_HMAC128_SHA224,
        "sha256": pysnmp.USM_AUTH_HMAC192_SHA256,
        "sha384": pysnmp.USM_AUTH_HMAC256_SHA384,
        "sha512": pysnmp.USM_AUTH_HMAC384_SHA512,
    }
    ciphers = {
        "des": pysnmp.USM_PRIV_CBC56_DES,
        "aes": pysnmp.USM_PRIV_CFB128_AES,
        "aes192": pysnmp.USM_PRIV_CFB192_AES_BLUMENTHAL,
        "aes256": pysnmp.USM_PRIV_CFB256_AES_BLUMENTHAL,
    }
    auth_key, privacy_key = credential.auth_key, credential.privacy_key
    return pysnmp.UsmUserData(
        credential.name.encode(),
        authKey=auth_key.encode() if auth_key else None,
        authProtocol=digests[credential.auth_protocol or "sha"] if auth_key else None,
        privKey=privacy_key.encode() if privacy_key else None,
        privProtocol=ciphers[credential.privacy_protocol or "aes"] if privacy_key else None,
    )


def hlapi() -> Any:  # noqa: ANN401 — a module, and an untyped one
    """The high-level API of pysnmp, imported on first use."""
    import pysnmp.hlapi.v3arch.asyncio

    return pysnmp.hlapi.v3arch.asyncio
