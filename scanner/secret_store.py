"""Secrets by reference: resolved here when a device is asked, and removed from everything that is kept."""

import json
import os
import re
import stat
import threading
from pathlib import Path

from scanner.secret_forms import without_forms
from scanner.secret_settings import KNOWN_COMMUNITIES, MARKER, REDACTED, without_settings
from scanner.secret_spellings import spellings, without_spellings

# A password or key file is small; stops a reference to a device file from hanging or filling memory.
MAX_SECRET = 64 << 10

# What devices print of their own secrets, whoever's they are: keys, hashes, pre-shared keys, communities.
# Every part is bounded or possessive and every match consumes what it looked at: linear in a hostile 1 MiB body.
_BREAK = r"(?:&#xa;)?"
_HASH = re.compile(r"\$(?:1|2[abxy]|5|6|7|y|gy|apr1|argon2[a-z]{1,2}|scrypt)\$[^\s:\"'<\]]++")
_SNMPD = re.compile(r"(?i)(?<![\w.@=</])(rocommunity6?|rwcommunity6?|com2sec6?|createUser)\b(?!\"[ \t]{0,8}:)[^\n]*+")
_SETTING = re.compile(
    r"(?i)(?<!<)\b((?:wpa_?)?(?:passphrase|password|passwd|psk|secret|sae_password|private[-_ ]?key"
    r"|preshared[-_ ]?key|community|auth[-_]?key|priv[-_]?key)\b[\"']?(?:[ \t]{0,8}[=:][ \t]{0,8}|[ \t]{1,8}))"
    r"(\"[^\"\n]*+\"|'[^'\n]*+'"
    r"|(?!\{\s)(?:(?!(?:\]\]>)?</\w[\w.:-]{0,64}>)[^\s;,\"'])++)([ \t]{0,8}=)?"  # `password {` begins a block
)
_NEXT_SETTING = re.compile(r"\\|[\w.-]{1,64}=\S{0,256}")
_NO_SECRET = re.compile(
    r"\"\"|''|(?:true|false|null|[01])?[\]}]{0,64}|[{\[].*"
)  # what JSON has for none, or another object
# A string of JSON may hold a text of its own, with its lines and quotes escaped.
_STRING = re.compile(r'"((?:[^"\\\n]|\\[^\n])*+)("?)')
_ESCAPED = re.compile(r'\\[nrtu"]')
_JSON_NAME = re.compile(r'"[ \t]{0,8}:[ \t]{0,8}$')
_PASSWD = re.compile(r"(?m)^([A-Za-z_][\w.-]{0,31}:)(?![x*!]?:)([^:\n]{1,200}+)(?=:\d{1,10}:\d{1,10}:[^:\n]{0,200}:/)")
_PRIVATE_KEY = re.compile(
    r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)"
)


# A community's source and OID; whatever else follows it may be a secret too.
_ASKER = re.compile(
    r"[ \t]+(?:default|localhost|[\d.]{7,15}(?:/[\d.]{1,15})?|\.[\d.]{1,99}"
    r"|(?=\S{0,20}:\S{0,20}:)[\da-fA-F:]{2,39}(?:/\d{1,3})?)(?=\s|$)"
)
_COM2SEC = re.compile(r"(?:[ \t]+-Cn[ \t]+\S{1,64})?[ \t]+\S{1,64}[ \t]+\S{1,64}")
_COMMUNITY_OF = re.compile(r"[ \t]+(\"[^\"]*+\"?|\S++)")


def _snmpd(match: re.Match[str]) -> str:
    """`rocommunity secret 192.168.10.0/24` without the secret; what everybody knows stays, and who may ask.

    >>> _SNMPD.sub(_snmpd, "rwcommunity Soleil2024 192.168.10.0/24 .1.3")
    'rwcommunity REDACTED 192.168.10.0/24 .1.3'
    >>> _SNMPD.sub(_snmpd, "com2sec -Cn x local 192.168.10.0/24 Soleil2024")
    'com2sec -Cn x local 192.168.10.0/24 REDACTED'
    """
    keyword, rest = match[1], match[0][len(match[1]) :]
    if keyword.lower().startswith("com2sec"):
        head = _COM2SEC.match(rest)
        word = _COMMUNITY_OF.fullmatch(rest[head.end() :].rstrip()) if head else None
        if head and word:
            kept = word[1] if word[1].strip('"') in KNOWN_COMMUNITIES else REDACTED
            return f"{keyword}{head[0]} {kept}"
    elif "community" in keyword.lower() and (word := _COMMUNITY_OF.match(rest)):
        kept = word[1] if word[1].strip('"') in KNOWN_COMMUNITIES else REDACTED
        told, at = f"{keyword} {kept}", word.end()
        while asker := _ASKER.match(rest, at):
            told, at = told + asker[0], asker.end()
        return told if not rest[at:].strip() else f"{told} {REDACTED}"
    return f"{keyword} {REDACTED}"


def _setting(match: re.Match[str]) -> str:
    """`password secret` without the secret; `unix password sync = Yes` as it was: there the word is part of a name.

    So it is in RouterOS's `authentication-types=wpa2-psk mode=dynamic-keys` and in its menu `/ppp secret add …`.
    """
    head = match.string[max(0, match.start() - 5) : match.start()]
    if head.endswith(("wpa-", "wpa2-", "wpa3-")) and match[1][-1] in " \t" and _NEXT_SETTING.fullmatch(match[2]):
        return match[0]
    if match[1].lower() in ("private-key= ", "preshared-key= ") and _NEXT_SETTING.fullmatch(match[2]):
        return match[0]  # an empty key of RouterOS's `print terse`, and the name of the next setting
    if head.endswith(("/ppp ", "/ppp/")) and match[2] == "add":
        return match[0]
    if "community" in match[1].lower():
        before = match.string[max(0, match.start() - 6) : match.start()]
        if match[2].strip("\"'") in KNOWN_COMMUNITIES or before.endswith(("/snmp ", "/snmp/")):
            return match[0]  # what everybody knows, or RouterOS's menu `/snmp community add …`
    if match[2] == "\\" and match[1].endswith("="):
        return match[0]  # RouterOS goes on below, where `secret_settings` has taken it out
    if MARKER.fullmatch(match[2].strip("\"'")):
        return match[0]  # `secret_forms` has taken it out already, and left the document one
    if match[2].startswith(f"{REDACTED}\\"):
        return match[0]  # `_within` has, and the next line of the text in a string of JSON follows
    if _JSON_NAME.search(match[1]):
        return match[0] if _NO_SECRET.fullmatch(match[2]) else f'{match[1]}"{REDACTED}"'
    if (
        match[2].endswith("=")
        and match[1].rstrip().endswith(('"', "'"))
        and match.string[match.end() : match.end() + 1] in ('"', "'")
    ):
        return match[0]  # the end of one attribute and the name of the next: `enc="WPA-PSK" keytype="ascii"`
    return match[0] if match[3] else f"{match[1]}{REDACTED}"


def _within(match: re.Match[str]) -> str:
    r"""A string of JSON without the secrets that the text within it shows, where there are any.

    >>> _STRING.sub(_within, r'{"conf": "[Interface]\nPrivateKey = Soleil2024\nMTU = 1420"}')
    '{"conf": "[Interface]\\nPrivateKey = REDACTED\\nMTU = 1420"}'
    """
    if not match[2] or not _ESCAPED.search(match[1]):
        return match[0]
    try:
        held = json.loads(match[0])
    except ValueError:
        return match[0]  # another format's quotes
    told = _plainly(held)
    return match[0] if told == held else json.dumps(told, ensure_ascii="\\u" in match[0])


def _plainly(text: str) -> str:
    """The text without what looks like a secret in any format."""
    text = _PASSWD.sub(rf"\g<1>{REDACTED}", text)
    text = _HASH.sub(REDACTED, text)
    text = _SNMPD.sub(_snmpd, text)
    return _SETTING.sub(_setting, text)


class SecretError(Exception):
    """A reference that leads nowhere; `str()` names the reference, never a secret."""


class SecretStore:
    """The secrets of one site, and the means to keep them out of evidence."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def secret(self, reference: str) -> str:
        """The secret behind `env:VARIABLE`, `file:PATH` or `keyring:SERVICE/USER`; SecretError when there is none."""
        scheme, _, rest = reference.partition(":")
        value = {"env": self._from_environment, "file": self._from_file, "keyring": self._from_keyring}[scheme](rest)
        if not value:
            raise SecretError(f"{reference} is empty")
        with self._lock:
            self._known.add(value)
        return value

    def remember(self, secret: str) -> None:
        """Keep one more secret out of everything that is kept from now on: the token of a session."""
        with self._lock:
            self._known.add(secret)

    def redacted(self, text: str, *, patterns: bool = True) -> str:
        """The text without this site's secrets, and without what looks like anybody's; as many lines as before.

        `patterns` False for XML, where only the secrets themselves are known not to be part of the format.
        """
        with self._lock:
            known = sorted(self._known - KNOWN_COMMUNITIES, key=len, reverse=True)
        for value in known:
            for part in spellings(value):
                # A short secret is replaced as a whole word only: "nas" must not eat "nasal".
                # nmap breaks a long banner into lines: the reader puts it together again.
                broken = len(part) >= 8 and not patterns
                spelled = _BREAK.join(map(re.escape, part)) if broken else re.escape(part)
                whole = spelled if len(part) >= 8 else rf"(?<![\w-]){spelled}(?![\w-])"
                text = re.sub(whole, REDACTED, text)
            text = without_spellings(text, value, REDACTED)
        if not patterns:
            return text
        text = _PRIVATE_KEY.sub(lambda match: "\n".join([REDACTED] * (match[0].count("\n") + 1)), text)
        text = without_settings(without_forms(_STRING.sub(_within, text)))
        return _plainly(text)

    def blanked(self, raw: bytes) -> bytes:
        """A capture without this site's secrets: letters in their place, as many, so that every length stays true."""
        with self._lock:
            known = sorted(self._known, key=len, reverse=True)
        for value in known:
            for part in (item.encode() for item in spellings(value)):
                whole = re.escape(part) if len(part) >= 8 else rb"(?<![\w-])" + re.escape(part) + rb"(?![\w-])"
                raw = re.sub(whole, b"*" * len(part), raw)
        return raw

    @staticmethod
    def _from_environment(name: str) -> str:
        if name not in os.environ:
            raise SecretError(f"env:{name} is not set")
        return os.environ[name]

    def _from_file(self, name: str) -> str:
        path = self._folder / name
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise SecretError(f"file:{name}: {error.strerror}") from error
        try:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise SecretError(f"file:{name} is not a regular file")
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SecretError(f"file:{name} can be read by others: chmod 600 it")
            raw = os.read(handle, MAX_SECRET + 1)
        finally:
            os.close(handle)
        if len(raw) > MAX_SECRET:
            raise SecretError(f"file:{name} is larger than {MAX_SECRET} bytes")
        try:
            return raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise SecretError(f"file:{name} is not UTF-8 text") from error

    @staticmethod
    def _from_keyring(name: str) -> str:
        service, _, user = name.partition("/")
        try:
            import keyring
            import keyring.errors
        except ImportError as error:
            raise SecretError("keyring: is not installed (pip install 'vigie[keyring]')") from error
        try:
            value = keyring.get_password(service, user)
        except keyring.errors.KeyringError as error:
            raise SecretError(f"keyring:{name}: {type(error).__name__}") from error
        if value is None:
            raise SecretError(f"keyring:{name} holds nothing")
        return str(value)
