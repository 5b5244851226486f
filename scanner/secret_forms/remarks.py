"""Passwords that somebody wrote down in a comment, a description or a banner, whichever device it is of.

Where a word for a password stands before a value, the value goes and the other words stay. A comment is no setting:
what is taken out in vain costs nothing. Words that mean something else as well (`pass`, `key`, `code`) do so only
before `:` or `=`, or before what no ordinary word looks like; so names of rules (`Pass DNS`) stay what they are.
Runs after the forms of all families. Every part is bounded or possessive, and what was looked at is consumed.
"""

import re
from functools import partial

from scanner.secret_settings import REDACTED

_QUOTED = r'"(?:[^"\\]|\\[\s\S])*+"?'
_NAMES = r"comments?|descr(?:iption)?|remarks?|notes?"
# `comment="…"`, `description '…'`, `"descr": "…"`; without quotes, a word behind `=` or a line behind the name.
_NAMED = re.compile(
    rf"(?i)(?<![\w-])(?:{_NAMES})[\"']?(?:[ \t]{{0,8}}[=:][ \t]{{0,8}}|[ \t]{{1,8}})"
    rf"(?:{_QUOTED}|'[^'\n]*+'?|[^\s\"']++)"
)
_LINE = re.compile(
    rf"(?im)^[ \t]*+(?:(?:{_NAMES})(?:[ \t]++|[ \t]++=[ \t]++)(?![=\"'])|#|!|//|;)[^\n]*+|[ \t](?:#|;;;)[ \t][^\n]*+"
)
_ELEMENT = re.compile(
    rf"(?i)<(?:{_NAMES}|detail)(?:[ \t][^<>]{{0,256}})?>\s{{0,64}}(?:<!\[CDATA\[)?(?:[^<\]]|\](?!\]>))*+"
)
_BLOCKS = (
    (re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?"), "*/"),
    (re.compile(r"<!--(?:[^-]|-(?!->))*+(?:-->)?"), "-->"),
)
_BANNER = re.compile(r"(?m)^banner (?:[a-z-]{1,24} )?(\^C|[^\sA-Za-z0-9])")
_LONGEST_BANNER = 4096

_ON = r"(?:\\\r?\n[ \t]*+)"  # where RouterOS goes on below
_STRONG = (
    r"mdp|mots? de passe|pwd|passwords?|passwd|passphrase|pw|psk"
    r"|(?:wi-?fi|wlan|wpa[23]?|wep) (?:key|code|pass|pin)|(?:cl[eé]|clef|code|passe) (?:wi-?fi|wlan|wpa[23]?|wep)"
)
_WEAK = r"pass|passe|code|key|cl[eé]|clef|pin|secret"
_LINK = r"(?:du|de|de la|des|pour|le|la|est|is|of|for|the|wi-?fi|wlan|wpa[23]?|admin|snmp|pppoe|vpn|box)"
_GAP = rf"(?:[ \t]|{_ON})"
_SIGNS = rf"(?:{_GAP}{{0,8}}(?:[:=]|->|=>){_GAP}{{0,8}}(?:\\?[\"'«(])?{_GAP}?)"
_BEFORE = rf"(?:{_SIGNS}|{_GAP}{{1,8}}(?:\\?[\"'«(]{_GAP}?)?)"
_WORD = rf"(?:(?!\]\]>|\*/|-->)[^\s\"\\<>]|{_ON}|\\[^\r\n])"
# Not what has its place taken already, nor a lone sign.
_VALUE = rf"(?![:=])(?![:=>\-\\\"'«(\s]{{0,8}}{REDACTED})(?=[^\s\w]{{0,64}}\w)({_WORD}++)"
_UNLIKELY = r"(?=[^\s\"]{0,64}?(?:\d|[a-zé][A-Z]|[!$%&*+?@#~^]))"
# Words between the name and the sign: whose it is, and of what.
_BETWEEN = rf"{_GAP}{{1,4}}+(?!{_UNLIKELY})[^\s:=\"\\<>]{{1,32}}+"
_ANY = rf"{_GAP}{{1,4}}+[^\s:=\"\\<>]{{1,32}}+"
_SIGNED = re.compile(rf"(?i:(?<![\w-])((?:{_STRONG})(?:{_ANY}){{0,4}}?{_SIGNS})){_VALUE}")
# Where a sign follows, `_SIGNED` has taken what is behind it; what no ordinary word looks like goes nevertheless.
_SECRET = re.compile(
    rf"(?i:(?<![\w-])((?:{_STRONG})(?!(?-i:{_BETWEEN}){{1,4}}?{_SIGNS})"
    rf"(?:{_GAP}{{1,4}}{_LINK}(?![\w-])){{0,3}}+{_BEFORE}|(?:{_WEAK}){_SIGNS})){_VALUE}"
    rf"|((?<![\w-])(?i:{_WEAK}){_GAP}{{1,8}}){_UNLIKELY}{_VALUE}"
)


def without(text: str) -> str:
    r"""The text without what its remarks say of passwords; as many lines.

    >>> without('add action=drop comment="mdp wifi: Soleil chez Paul"')
    'add action=drop comment="mdp wifi: REDACTED chez Paul"'
    >>> without("<descr>Pass DNS to LAN</descr><!-- pass Soleil2024 -->")
    '<descr>Pass DNS to LAN</descr><!-- pass REDACTED -->'
    """
    text = _ELEMENT.sub(_remark, _LINE.sub(_remark, _NAMED.sub(_remark, text)))
    for block, end in _BLOCKS:
        text = block.sub(partial(_closed, end), text)
    return _banners(text)


def _remark(match: re.Match[str]) -> str:
    """What a quote ends keeps it: a password may hold one itself."""
    end = "'" if match[0].endswith("'") else ""
    return _said(match[0].removesuffix(end)) + end


def _said(remark: str) -> str:
    return _SECRET.sub(_redacted, _SIGNED.sub(_redacted, remark))


def _closed(end: str, match: re.Match[str]) -> str:
    """What nothing closes is no comment: a path may hold `/*`."""
    return _remark(match) if match[0].endswith(end) else match[0]


def _redacted(match: re.Match[str]) -> str:
    before, value = (part for part in match.groups() if part is not None)
    return f"{before}{REDACTED}" + "\\\n" * value.count("\n")


def _banners(text: str) -> str:
    """Cisco's banners, from one delimiter to the next."""
    parts: list[str] = []
    at = 0
    while banner := _BANNER.search(text, at):
        end = text.find(banner[1], banner.end(), banner.end() + _LONGEST_BANNER)
        parts.append(text[at : banner.end()])
        at = banner.end()
        if end >= 0:
            parts.append(_said(text[at:end]))
            at = end
    return "".join(parts) + text[at:]
