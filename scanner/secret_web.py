"""Secrets in what a device shows to everybody who asks: web pages and their heads, URLs, announcements.

Every part is bounded or possessive, as in `secret_settings`. Announcements are masked with as many signs as there were,
so that the lengths in a capture stay true.
"""

import re
import struct
from collections.abc import Iterator

from scanner import dns_message
from scanner.datagrams import RAW_LINKS
from scanner.secret_settings import ACCOUNT, REDACTED, without_accounts

MASK = "*"
_DNS_PORTS, _SSDP_PORT = frozenset({5353, 5355}), 1900
_HEAD, _RECORD, _UDP = 24, 16, 17  # bytes of a pcap's head and of that of each frame; the protocol's number
_RUN = re.compile(rb"[\x20-\x7e\x80-\xff]{4,}")

_WORD = (
    r"(?:pass(?:word|wort|phrase|wd|code)|mot[ _-]{0,2}de[ _-]{0,2}passe|(?<![a-z])pass|pwd|psk|secret|token"
    r"|sess(?:ion)?[_-]?(?:id|key)|credential|community|(?<![a-z])sid|(?:wps|sim|admin)[_-]?pin"
    r"|(?:api|access|private|priv|auth|shared|encryption|encrypt|security|network|wifi|wlan|wep|wpa2?|wl|psk)[_-]?key)"
)
_QUOTE = r"(?:\\?[\"']|&quot;|&#0?3[49];)"
# `wifi_password="…"`, `"wpaKey": "…"`, `?token=…`, `wlPskKey1 = …`
_NAMED = re.compile(
    rf"(?i)({_WORD}[\w\[\]-]{{0,24}}{_QUOTE}?[ \t]{{0,8}}[=:][ \t]{{0,8}})"
    rf"(?:(\\?[\"'])(?!\2)[^\"'\\\r\n]{{1,1024}}+|({_QUOTE}?)[^\s;,\"'&<>\\]++)"
)
# In the query of a URL shorter words do: `/d.xml?pw=…`.
_QUERY = re.compile(
    r"(?i)([?&;](?:amp;)?[\w.-]{0,32}(?:pw|pass|pin|key|code|sid|session|auth|hash|sig|ticket|nonce|tok)[\w.-]{0,32}=)"
    r"[^\s&;#\"'<>]++"
)
_COOKIE = re.compile(r"(?im)^(set-cookie2?:[ \t]{0,8}[^=;\r\n]{0,256}=)[^;\r\n]++")
_HEADER = re.compile(
    r"(?im)^((?:[\w-]{0,32}(?:token|session|secret|api-key|auth-key)[\w-]{0,32}|authorization):[ \t]{0,8})[^\r\n]++"
)
_INPUT = re.compile(r"(?i)<input\b[^<>]{0,2048}+")
_VALUE = re.compile(r"(?i)(\bvalue[ \t]{0,4}=[ \t]{0,4})(?:\"[^\"]*+\"?|'[^']*+'?|[^\s\"'>]++)")
_TELLING = re.compile(rf"(?i){_WORD}|key|type[ \t]{{0,4}}=[ \t]{{0,4}}[\"']?(?:password|hidden)")


def without_page_secrets(text: str) -> str:
    """A web server's answer without cookies, and without the values that a name calls a secret.

    >>> without_page_secrets('Set-Cookie: sid=7f3a; HttpOnly')
    'Set-Cookie: sid=REDACTED; HttpOnly'
    >>> without_page_secrets('<input name="wlPskKey" value="Soleil2024"><script>var wifi_password="Soleil2024";')
    '<input name="wlPskKey" value="REDACTED"><script>var wifi_password="REDACTED";'
    """
    text = _COOKIE.sub(rf"\g<1>{REDACTED}", _HEADER.sub(rf"\g<1>{REDACTED}", without_accounts(text)))
    text = _INPUT.sub(lambda tag: _without_value(tag[0]), text)
    return _NAMED.sub(lambda m: f"{m[1]}{m[2] or m[3] or ''}{REDACTED}", _QUERY.sub(rf"\g<1>{REDACTED}", text))


def _without_value(tag: str) -> str:
    return _VALUE.sub(rf'\g<1>"{REDACTED}"', tag) if _TELLING.search(tag) else tag


def masked(text: str) -> str:
    """A line of an announcement with signs of as many characters for what is a secret.

    >>> masked("http://192.168.10.1:80/d.xml?pw=Soleil&v=1"), masked("password=Soleil")
    ('http://192.168.10.1:80/d.xml?pw=******&v=1', 'password=******')
    """
    text = ACCOUNT.sub(lambda match: match[1] + MASK * (len(match[0]) - len(match[1]) - 1) + "@", text)
    for pattern in (_QUERY, _NAMED):
        text = pattern.sub(lambda match: match[1] + MASK * (len(match[0]) - len(match[1])), text)
    return text


def masked_capture(body: bytes, source: str) -> bytes:
    """A pcap with the secrets masked in what its announcements say, every length as it was.

    Of a DNS response only the texts are looked at: elsewhere a letter may be a length. One that cannot be read to its
    end is masked as a whole. Of any other source every frame is looked at, IPv6 and those below IP too.
    """
    kept = bytearray(body)
    for start, frame, raw in _records(body):
        said = _udp(frame, raw=raw)
        if said is None:
            if source not in ("mdns", "ssdp"):
                kept[start : start + len(frame)] = _in_runs(frame)
            continue
        offset, ports = said
        payload = frame[offset:]
        if source == "mdns" or (source != "ssdp" and ports & _DNS_PORTS):
            payload = _dns(payload)
        elif source == "ssdp" or _SSDP_PORT in ports:
            payload = _masked(payload)
        elif source != "mdns":
            payload = _in_runs(payload)
        kept[start + offset : start + len(frame)] = payload
    return bytes(kept)


def _records(body: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Where each frame of a pcap of ours stands, the frame, and whether it is a bare IP packet; a cut one too."""
    order = ">" if body[:4] in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d") else "<"
    if len(body) < _HEAD:
        return
    raw = struct.unpack_from(f"{order}I", body, 20)[0] & 0xFFFF in RAW_LINKS
    at = _HEAD
    while at + _RECORD < len(body):
        length = struct.unpack_from(f"{order}I", body, at + 8)[0]
        at += _RECORD
        yield at, body[at : at + length], raw
        at += length


def _udp(frame: bytes, *, raw: bool) -> tuple[int, set[int]] | None:
    """Where the payload of a UDP packet begins in its frame, and its ports; None of others, and of fragments."""
    at = 0 if raw else 14
    while not raw and frame[at - 2 : at] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    packet = frame[at:]
    if len(packet) < 28:
        return None
    if packet[0] >> 4 == 4 and packet[9] == _UDP and not struct.unpack_from(">H", packet, 6)[0] & 0x1FFF:
        at += (packet[0] & 15) * 4
    elif packet[0] >> 4 == 6 and packet[6] == _UDP:
        at += 40
    else:
        return None
    if len(frame) < at + 8:
        return None
    return at + 8, set(struct.unpack_from(">HH", frame, at))


def _in_runs(raw: bytes) -> bytes:
    """Bytes with the secrets masked in each run of text: what stands between may be lengths."""
    return _RUN.sub(lambda run: _masked(run[0]), raw)


def _masked(raw: bytes) -> bytes:
    return masked(raw.decode("latin-1")).encode("latin-1")


def _dns(payload: bytes) -> bytes:
    message = dns_message.response(payload)
    if message is None or not message.whole:
        return _masked(payload)
    for text in {text for record in message.records for text in record.texts}:
        if (instead := _masked(text)) != text:
            payload = payload.replace(bytes((len(text),)) + text, bytes((len(text),)) + instead)
    return payload
