"""Secrets in the files and serverd answers of Stormshield firewalls: `Name=value`, one a line, or several in one.

A text without a sign of one is of another maker. What a name ending in `Server` or `Port` holds is an object's name.
"""

import re

from scanner.secret_settings import KNOWN_COMMUNITIES, REDACTED

_SIGN = re.compile(
    r"(?m)^10[01] code=[0-9a-f]{8} |^\[(?:ethernet|bridge|vlan|dialup)\d{1,3}\]\r?$|Firewall software version \d"
    r"|/usr/Firewall/|^\[(?:Access|StaticRoutes|Phase1)\]\r?$|^Firewall_\w{1,32}="
    r"|(?im:^(?:[\w.-]{0,40}> ?)?config (?:ha|ipsec|snmp|ldap|auth|network|console|ntp) )"
)
_KEY = (
    r"(?:[\w.-]{0,32}?(?:password|passwd|passphrase|secret|psk|pass|pwd|token|privkey|privatekey|presharedkey"
    r"|sharedkey|authkey|apikey|wpakey|wepkey)\d{0,2}|[\w.-]{0,24}?community\w{0,8}|key|[\w.-]{0,24}(?:intake|preshared|pre-shared)key"
    r"|keyvalue|keydata|pin(?:code)?)"
)
# A switch is none (`Userpass=1`, `Password=0` of SSH), nor is an empty value; a quote goes to its end.
# Within quotes a blank is part of the value: `"on Soleil"` is a password.
_SWITCH = r"(?:(?:[01]|on|off)?(?:[ \t]|\r?$)|\"(?:[01]|on|off)?(?:\"(?:[ \t]|\r?$)|\r?$))"
_VALUE = rf"(?!{_SWITCH})(?!\"?{REDACTED})(\"[^\"\r\n]*+\"?|[^\s\"]\S*+)"
_PAIR = re.compile(rf"(?im)(?<![\w.-])({_KEY}[ \t]?=[ \t]?){_VALUE}")
# `nsrpc admin:password@127.0.0.1`, as it is typed.
_LOGIN = re.compile(r"(?m)(\bnsrpc\b[^\r\n@:]{0,200}?\b[\w.-]{1,64}:)([^\s@]{1,256})(?=@)")
# Below [Key] and [Psk] every name has a secret.
_OF_NAMES = re.compile(r"(?im)^\[(?:psk|presharedkeys?|ikekeys?)\][ \t\r]*$((?:\n(?!\[)[^\n]*+)*+)")
_ANY = re.compile(rf"(?m)^([ \t]*+[\w.@:/-]{{1,128}}[ \t]?=[ \t]?)(?!{REDACTED})([^\s#][^\r\n]*+)")


def without(text: str) -> str:
    r"""The text without the secrets of Stormshield.

    >>> without('101 code=00a01000 msg="Begin"\n[Access]\nusername=vigie\nAuthPass=Soleil2024\nCommunity=public')
    '101 code=00a01000 msg="Begin"\n[Access]\nusername=vigie\nAuthPass=REDACTED\nCommunity=public'
    """
    if not _SIGN.search(text):
        return text
    text = _OF_NAMES.sub(lambda part: _ANY.sub(rf"\g<1>{REDACTED}", part[0]), text)
    return _PAIR.sub(_redacted, _LOGIN.sub(rf"\g<1>{REDACTED}", text))


def _redacted(match: re.Match[str]) -> str:
    known = "community" in match[1].lower() and match[2].strip('"') in KNOWN_COMMUNITIES
    return match[0] if known else f"{match[1]}{REDACTED}"
