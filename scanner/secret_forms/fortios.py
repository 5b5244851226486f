"""Secrets in FortiOS configurations: whatever `set` gives a name that means one, encrypted (`ENC …`) or not."""

import re

from scanner.secret_settings import KNOWN_COMMUNITIES, REDACTED, marker

_NAME = (
    r"(?![\w-]{0,48}public-?key)[\w-]{0,48}(?:password|passwd|passphrase|secret|psk|pwd|token|apikey|key|community"
    r"|ppk|pin|seed|(?<!by)pass)-?\d{0,2}|psksecret-[\w-]{1,16}|key-string|auth-code|activation-code"
)
_QUOTED = r'"(?:[^"\\]|\\[\s\S])*+("?)'
_SET = re.compile(
    rf"(?m)^([ \t]*+(?:set|append)[ \t]++({_NAME})[ \t]++)(ENC[ \t]++)?(?!(?:enable|disable)[ \t\r]*+$)"
    rf"({_QUOTED}|[^\s\"](?:[^\r\n\"\\]|\\(?!\"))*+)"
)
# What their owner writes freely: headers and bodies of what is sent, scripts, values of options; a keytab is a key.
_FREE = re.compile(
    r"(?m)^([ \t]*+(?:set|append)[ \t]++((?:http-)?headers?|http-body|script|value|[\w-]{0,32}keytab)[ \t]++)"
    rf"(ENC[ \t]++)?({_QUOTED}|[^\s\"][^\r\n\"]*+)"
)
# Services that are told of events know who asks by the path of their address.
_PLACE = re.compile(
    r"(?m)^([ \t]*+set[ \t]++(?:uri|resource|webhook-url)[ \t]++\"?(?:[a-z]{2,10}://)?[^/?\s\"]{0,255}[/?])"
    r"(?:[^\"\\\r\n]|\\[^\r\n])++"
)
_ENCRYPTED = re.compile(rf"(?m)^([ \t]*+(?:set|append)[ \t]++[\w-]{{1,64}}[ \t]++ENC[ \t]++)(?!{REDACTED})\S[^\r\n]*+")
_COMMUNITIES = re.compile(r"(?m)^[ \t]*+config[ \t]++system[ \t]++snmp[ \t]++community[ \t]*+\r?$")
_COMMUNITY = re.compile(r'([ \t]*+set[ \t]++name[ \t]++)("(?:[^"\\]|\\.)*+"?|[^\s"]\S*+)(.*)', re.DOTALL)


def without(text: str) -> str:
    r"""The text without the secrets of FortiOS.

    >>> without('    set psksecret ENC bm90IGEgc2VjcmV0\n    set passphrase "Soleil2024!"')
    '    set psksecret REDACTED\n    set passphrase "REDACTED-11"'
    """
    text = _PLACE.sub(rf"\g<1>{REDACTED}", _FREE.sub(_setting, text))
    text = _ENCRYPTED.sub(rf"\g<1>{REDACTED}", _SET.sub(_setting, text))
    return _communities(text) if _COMMUNITIES.search(text) else text


def _setting(match: re.Match[str]) -> str:
    value = match[4]
    if not value.startswith('"'):
        told = REDACTED if match[3] else marker(match[2], value.rstrip())
        return f"{match[1]}{told}"
    plain = re.sub(r"\\([\s\S])", "x", value[1:-1] if match[5] else value[1:])
    told = REDACTED if match[3] or "\n" in plain else marker(match[2], plain)
    return f'{match[1]}"{told}' + "\n" * value.count("\n") + match[5]


def _communities(text: str) -> str:
    """The name of an SNMP community is its secret; in other tables a name is a name."""
    lines = text.split("\n")
    depth = 0
    for at, line in enumerate(lines):
        if not depth:
            depth = int(bool(_COMMUNITIES.fullmatch(line)))
            continue
        word = line.split(None, 1)[0] if line.strip() else ""
        depth += (word == "config") - (word == "end")
        found = _COMMUNITY.fullmatch(line) if depth == 1 else None
        if found and found[2].strip('"') not in KNOWN_COMMUNITIES:
            lines[at] = f'{found[1]}"{REDACTED}"{found[3]}'
    return "\n".join(lines)
