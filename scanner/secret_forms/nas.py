"""Secrets in what NAS answer: DSM's and TrueNAS's JSON, QTS's XML and its `uLinux.conf`."""

import re

from scanner.secret_settings import MARKER

_REDACTED = "REDACTED"
_KNOWN = frozenset({"public", "private", "", _REDACTED})

# The value of a JSON text whose name says that it is one: a session, a token, a password, a hash, a key of a cloud.
# Names as long as nobody writes end the search, so that a megabyte of letters is looked at once.
_JSON = re.compile(
    r"(?i)(\"(?:[\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|pass|secret|token|community|psk|hash|privatekey|private_key"
    r"|api_?key|auth_?key|priv_?key|access_key_id|access_key|encryption_key|sas_url|client_id|recovery_?code)"
    r"|_?s(?:ess)?id|session_?id|otp_?code|device_id|did)\"[ \t]{0,8}:\s{0,8}\")((?:[^\"\\]|\\.)*+)(?=\")"
)
# An account key of a cloud, which is called just "key": long, and of the letters of base64.
_KEY = re.compile(r"(\"key\"[ \t]{0,8}:\s{0,8}\")([A-Za-z0-9+/=_-]{16,1024}+)(?=\")")
_XML = re.compile(
    r"(?i)(<((?:auth)?sid|suid|cuid|qtoken|token|auth_?token|security_?token|remme|community|(?:\w{1,40}_)?(?:passw(?:or)?d|pwd))"
    r"(?:[ \t\r\n][^<>]{0,512})?>(?!(?:<!\[CDATA\[)?(?:[01]|yes|no|true|false|on|off)(?:\]\]>)?<)\s{0,200}"
    r"(<!\[CDATA\[)?+)((?(3)(?!\s{0,200}\]\]>)(?:[^\]]|\](?!\]>)){1,4096}+|[^<\s][^<]{0,4096}+))"
)
# Written as QNAP does, `Key = value`, so that nothing of a RouterOS or UCI statement is taken for one.
_INI = re.compile(r"(?m)^([A-Z][\w .-]{0,80}\w)( = )([^\s\n][^\n]*+)")
_SECRET_KEYS = ("password", "passwd", "passphrase", "secret", "community", "shared key", "token", "pwd")


def without(text: str) -> str:
    r"""The text without them, and as many lines.

    >>> without('{"rocommunity": "Soleil2024", "enable_snmp": true}')
    '{"rocommunity": "REDACTED", "enable_snmp": true}'
    >>> without("<authSid><![CDATA[a1b2c3d4]]></authSid>")
    '<authSid><![CDATA[REDACTED]]></authSid>'
    """
    text = _KEY.sub(rf"\g<1>{_REDACTED}", _JSON.sub(_json, text))
    return _INI.sub(_ini, _XML.sub(_xml, text))


def _json(match: re.Match[str]) -> str:
    kept = match[2].lower() in _KNOWN or MARKER.fullmatch(match[2])  # taken out already, with its length
    return match[0] if kept else f"{match[1]}{_REDACTED}"


def _xml(match: re.Match[str]) -> str:
    if match[4].strip().lower() in _KNOWN:
        return match[0]
    return f"{match[1]}{_REDACTED}" + "\n" * match[4].count("\n")


def _ini(match: re.Match[str]) -> str:
    if not match[1].lower().endswith(_SECRET_KEYS) or match[3].strip().lower() in _KNOWN:
        return match[0]
    return f"{match[1]}{match[2]}{_REDACTED}"
