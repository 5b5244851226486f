"""Secrets in the config.xml of pfSense and OPNsense: by the name of their element, whichever part or package it is of.

Names are many, and packages bring more: what sounds like a secret is one, unless its text is a mere setting (`1`,
`both`). An element that is empty stays so: whether there is a second factor is a fact. Whole texts that their owner
writes freely (custom options, scripts) are secrets too: nobody knows what stands in them.
"""

import re
from collections.abc import Iterator

from scanner.secret_settings import KNOWN_COMMUNITIES, REDACTED

_OURS = re.compile(r"</?(?:opnsense|pfsense)\b")
_SECRET = re.compile(
    r"(?i)pass(?!ive|tos|thr)|pwd|pw$|secret|psk|key(?!word|code$)|token|prv|seed|credential|shared|oink|etpro|pin(?:code)?$"
    r"|(?:bcrypt|md5|sha\d*|nt|lm)[-_]?hash|communit|trapstring|otp|_api$|^api$|webhook|updateurl|rollbits|^magic|licen[cs]e"
    r"|^(?:tls|hmac|static|crl_?key|sendopts|userdata|xmldata)$|ovh_(?:as|ck)$"
)
_PUBLIC = re.compile(
    r"(?i)pub(?:lic)?[-_]?key|keylen|key[-_]?(?:len|size|type|alg|id$|tag|ing)|rekey|prefetch|descr|ref$"
)
_FREE = re.compile(
    r"(?i)custom|_options?$|(?<!de)script|^lua|advanced$|rawconf|^command$|^ups\w{0,8}_(?:conf|users)$|^(?:extra_)?args$|shellcmd$|^cmd$"
)
# Names of mere choices that sound like a secret; any other password may well be a number or an ordinary word.
_CHOICE = re.compile(r"(?i)passwordauth|sshdkeyonly|pass")
_PASSWORD = re.compile(r"(?i)pass|pwd|pw$|secret|psk|communit|pin(?:code)?$|pre-?shared|token|otp|seed|hash|prv")
_SETTING = re.compile(
    r"(?i)(?:[01]|on|off|yes|no|true|false|enabled?|disabled?|both|none|auto|any|all|default|pass|rule)"
)
_IN_LIST = frozenset({"item", "value", "data", "entry"})
_TAG = re.compile(r"<!\[CDATA\[|<(/?)([A-Za-z_][\w.:-]*+)([^<>]*+)>")
# What a URL, or an option of a program, says of a secret.
_ASKED = re.compile(r"(?i)([?&;](?:amp;)?[\w.-]{0,32}(?:key|token|pass|secret|auth|sig|pwd)[\w.-]{0,32}+=)[^&;<>\s]++")
# A point-to-point server's users of pfSense, `name:password:address` each, the password in base64.
_USERS = re.compile(r"(?<![^\s])([^\s:<>]{1,64}:)[^\s:<>]++")


def without(text: str) -> str:
    """The text without what its elements keep secret; as many lines, and XML still.

    >>> without("<pfsense><password>Soleil2024</password><passwordauth>1</passwordauth><otp_seed/></pfsense>")
    '<pfsense><password>REDACTED</password><passwordauth>1</passwordauth><otp_seed/></pfsense>'
    """
    if not _OURS.search(text):
        return text
    parts: list[str] = []
    names: list[str] = []
    for kind, piece in _pieces(text):
        if kind == "open":
            names.append(piece[1 : len(piece) - 1].split(None, 1)[0])
        elif kind == "close" and names:
            names.pop()
        parts.append(_told(names, piece) if kind == "text" else piece)
    return "".join(parts)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The tags, and what stands between them with its CDATA in one piece."""
    at = start = 0
    while tag := _TAG.search(text, at):
        if tag[2] is None:
            end = text.find("]]>", tag.end())
            at = end + 3 if end >= 0 else len(text)
            continue
        if start < tag.start():
            yield "text", text[start : tag.start()]
        kind = "close" if tag[1] else "other" if tag[3].endswith("/") else "open"
        yield kind, tag[0]
        at = start = tag.end()
    if start < len(text):
        yield "text", text[start:]


def _in_its_place(names: list[str]) -> bool:
    """Whether an ordinary word names a secret where it stands: options of DHCP (90 is a subscriber), a pager's user."""
    return names[-2:] == ["pushover", "user"] or (names[-1:] == ["value"] and "numberoptions" in names[-3:])


def _told(names: list[str], said: str) -> str:
    """What stands in an element, without its secret; blanks around it stay."""
    if not said.strip():
        return said
    inner = said.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip()
    name = names[-1] if names else ""
    named = name if name not in _IN_LIST or len(names) < 2 else names[-2]
    weak = _CHOICE.fullmatch(name) or not _PASSWORD.search(named)
    if (
        not inner
        or inner == REDACTED
        or (weak and _SETTING.fullmatch(inner))
        or (name == "command" and "/" not in inner)
    ):
        return said
    if _in_its_place(names) or _FREE.search(named) or (_SECRET.search(named) and not _PUBLIC.search(named)):
        known = inner in KNOWN_COMMUNITIES and "communit" in name
        return said if known else REDACTED + "\n" * said.count("\n")
    if "pppoe" in names[-2:-1] and name == "username":
        return _USERS.sub(rf"\g<1>{REDACTED}", said)
    return _ASKED.sub(rf"\g<1>{REDACTED}", said)
