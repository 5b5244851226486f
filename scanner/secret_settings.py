"""Secrets in the configurations of routers, by the name of their setting: RouterOS scripts and OpenWrt's UCI.

Every part is bounded or possessive and every match consumes what it looked at: linear in a hostile 1 MiB body. A text
keeps its lines, and a RouterOS statement that goes on below a secret still does.
"""

import re

REDACTED = "REDACTED"
# Communities that everybody knows: to have one is a finding, to show it gives nothing away.
KNOWN_COMMUNITIES = frozenset({"public", "private"})

# A value in RouterOS: quoted with escapes, or bare; either may go on below a `\` at the end of its line.
_GOES_ON = r"(?:\\\r?\n[ \t]*+)"
_VALUE = rf"({_GOES_ON}?)(\"(?!\")(?:[^\"\\]|\\[\s\S])*+\"?|(?:[^\s\"\\]|{_GOES_ON}|\\[^\s])++)"
_ROUTEROS = re.compile(
    r"(?i)(?<![a-z0-9])((?:pre-shared-key|preshared-key|private-key|password|secrets?|passphrase|auth-key"
    r"|authentication-key|encryption-key|protection-key|static-key-\d|tcp-md5-key|sim-pin|pin|cak|community)=)" + _VALUE
)
_SNMP_MENU = re.compile(r"(?m)^/snmp[ /]community\b[^\n]*+(?:\n(?!/)[^\n]*+)*+")
_NAME = re.compile(r"(?<![\w-])(name=)" + _VALUE)

_UCI_KEY = (
    r"(?!public_)(?:[\w-]{0,32}(?:password|passwd|passphrase|secret|_key|psk|token|_pin|_pwd)|key\d?|pass|pin|pincode"
    r"|apikey|authpass|privpass|auth_pass|priv_pass|community)"
)
_UCI = re.compile(
    rf"(?mi)^([ \t]*+['\"]?(?:option|list)['\"]?[ \t]++['\"]?({_UCI_KEY})['\"]?[ \t]++"
    rf"|[\w-]{{1,64}}\.@?[\w\[\]-]{{1,128}}\.({_UCI_KEY})=)([^\n\r]++)"
)


def without_settings(text: str) -> str:
    r"""The text without the values of settings that hold a secret.

    >>> without_settings('/tool romon\nset enabled=yes secrets="4z%0\\$N60"')
    '/tool romon\nset enabled=yes secrets=REDACTED'
    >>> without_settings("\toption key 'Soleil2024!'\n\toption encryption 'psk2'")
    "\toption key 'REDACTED'\n\toption encryption 'psk2'"
    """
    text = _SNMP_MENU.sub(lambda menu: _NAME.sub(_routeros, menu[0]), text)
    return _UCI.sub(_uci, _ROUTEROS.sub(_routeros, text))


def _routeros(match: re.Match[str]) -> str:
    if match[3].strip('"') in KNOWN_COMMUNITIES and match[1].lower() in ("name=", "community="):
        return match[0]
    return f"{match[1]}{match[2]}{REDACTED}" + " \\\n" * match[3].count("\n")


def _uci(match: re.Match[str]) -> str:
    if (match[2] or match[3]).lower() == "community" and match[4].strip(" \t'\"") in KNOWN_COMMUNITIES:
        return match[0]
    return f"{match[1]}'{REDACTED}'"
