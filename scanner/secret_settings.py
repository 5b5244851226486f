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
# … which the closing tag of an element of XML is no part of.
_CLOSED = r"(?!(?:\]\]>)?</\w[\w.:-]{0,64}>)"
_VALUE = rf"({_GOES_ON}?)(\"(?!\")(?:[^\"\\]|\\[\s\S])*+\"?|(?:{_CLOSED}[^\s\"\\]|{_GOES_ON}|\\[^\s])++)"
_ROUTEROS = re.compile(
    r"(?i)(?<![a-z0-9])((?:(?:wpa2?-)?pre-shared-key|preshared-key|private-key|password|secrets?|passphrase|auth-key"
    r"|authentication-key|encryption-key|protection-key|static-key-\d|tcp-md5-key|sim-pin|pin|cak|ckn|community)=)"
    rf"(?!'{REDACTED}|\"{REDACTED}\")" + _VALUE
)
# Scripts hold whatever their author wrote down: tokens of bots, passwords of mail servers. No fact is read from one.
_SCRIPT = re.compile(r"(?i)(?<![\w.-])((?:source|script|[a-z]{1,8}-script|on-[a-z]{1,12})=)" + _VALUE)
_VARIABLE = re.compile(
    r"(?mi)^([ \t]*+:(?:global|local|set)[ \t]++\"?[\w-]{0,32}(?:pass|token|secret|key|psk|pwd)[\w-]{0,32}+\"?)"
    r"([ \t]++)([^\n]++)"
)
# Menus where an ordinary word names a secret; `value` of an option of DHCP is how French providers know a subscriber.
_MENU = re.compile(
    r"(?m)^[ \t]*+/(snmp|container|zerotier|ip(?:v6)?[ /]dhcp-client|system[ /]ntp)\b[^\n]*+(?:\n(?!/)[^\n]*+)*+"
)
_OF_MENU = {
    menu: re.compile(rf"(?<![\w-])((?:{keys})=){_VALUE}")
    for menu, keys in (
        ("snmp", "name"), ("container", "value"), ("zerotier", "identity"), ("dhcp-client", "value"),
        ("ntp", "key|val"),
    )
}  # fmt: skip
# The name that NextDNS and its like give a subscriber stands in the path of the resolver.
_RESOLVER = re.compile(r"(use-doh-server=\"?https://[^/\s\"]{1,255}/)(?!dns-query[\"\s])[^\s\"]++")

_UCI_KEY = (
    r"(?![\w-]{0,32}pub(?:lic)?[_-]?key)[\w-]{0,32}(?:(?:password|passwd|passphrase|secret|psk|token|pwd|key|community"
    r"|(?:(?<![a-z])|ppp|auth|priv|user)pass|(?<![a-z])pin(?:code)?|credentials?)[_-]?\d{0,3}|r[01]kh|form_entry|sendopts)"
)
# A quoted value goes on below its line until its quote comes again, as libuci has it.
_UCI_VALUE = r"(?:[ \t]|'[^']*+(?:'|(\Z))|\"(?:[^\"\\]|\\[\s\S])*+(?:\"|(\Z))|\\[\s\S]|[^\s'\"\\#])++[^\n\r]*+"
_UCI = re.compile(
    rf"(?mi)^([ \t]*+['\"]?(?:option|list|[ol])['\"]?[ \t]++['\"]?({_UCI_KEY})['\"]?[ \t]++"
    rf"|[\w-]{{1,64}}\.@?[\w\[\]-]{{1,128}}\.({_UCI_KEY})=)({_UCI_VALUE})"
)

# What stands before the `@` of a URL, whose `//` JSON may escape. A password may hold an `@`, and a `/` unless a port
# of the web goes before it: `https://nas:5001/mail/a@b` is an address, and who writes another keeps accounts in it.
ACCOUNT = re.compile(
    r"(?i)([a-z][a-z0-9+.-]{0,15}:((?<=http:)|(?<=https:)|(?<=ws:)|(?<=wss:))?+(?:\\?/){2})"
    r"(?:[^\s/@'\"<>]{1,256}+|(?!\[)[^\s/@:'\"<>]{1,128}+:(?(2)(?!\d{0,5}\\?/))(?:(?!://)[^\s@'\"<>]){1,256}+)@"
    r"(?:[^\s/@'\"<>?#,]{1,256}+@){0,8}+"
)
# What a request is let in by, wherever one is written down; `authorization: ro` of a community is none.
_BEARER = re.compile(
    r"(?i)(\bauthorization[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?(?:bearer|basic|token)[ \t]{1,8})[^\s\"'\\,;<]++"
)
_BOT = re.compile(r"(/bot)\d{5,20}:[\w-]{20,64}")


# Settings that hold the key of a Wi-Fi network: how long it is may be told, and is a fact (`Wifi.psk_length`).
_WIFI_KEYS = frozenset({"wpa-pre-shared-key", "wpa2-pre-shared-key", "passphrase", "key", "sae_password"})
MARKER = re.compile(rf"{REDACTED}(?:-(\d{{1,3}}))?")
_OPEN = re.compile(r'"(?:[^"\\]|\\[\s\S])*+\Z')  # a quoted value that its text ends in the middle of
_SPELT = re.compile(r"\\(?:[0-9A-Fa-f]{2}|[\s\S])")  # one character, as RouterOS escapes it in quotes


def marker(name: str, value: str) -> str:
    """What stands in a secret's place: `REDACTED`; of a Wi-Fi key `REDACTED-12`, with its number of characters.

    A marker stays what it is, so that what is redacted again does not change.
    """
    if MARKER.fullmatch(value):
        return value
    short = len(value) <= 64  # no key is longer; stops a marker of a whole page
    return f"{REDACTED}-{len(value)}" if name.lower() in _WIFI_KEYS and short else REDACTED


def without_settings(text: str) -> str:
    r"""The text without the values of settings that hold a secret.

    >>> without_settings('/tool romon\nset enabled=yes secrets="4z%0\\$N60"')
    '/tool romon\nset enabled=yes secrets=REDACTED'
    >>> without_settings("\toption key 'Soleil2024!'\n\toption encryption 'psk2'")
    "\toption key 'REDACTED-11'\n\toption encryption 'psk2'"
    """
    text = _UCI.sub(_uci, text)
    text = _MENU.sub(lambda menu: _OF_MENU[re.split("[ /]", menu[1])[-1]].sub(_routeros, menu[0]), text)
    text = _SCRIPT.sub(_routeros, _ROUTEROS.sub(_routeros, text))
    text = _VARIABLE.sub(rf"\g<1>\g<2>{REDACTED}", _RESOLVER.sub(rf"\g<1>{REDACTED}", text))
    return without_accounts(_BEARER.sub(rf"\g<1>{REDACTED}", text))


def without_accounts(text: str) -> str:
    """The text without what stands before the `@` of a URL, and without the keys of Telegram's bots.

    >>> without_accounts("fetch url=ftp://cabinet:Soleil2024@192.168.10.10/backup")
    'fetch url=ftp://REDACTED@192.168.10.10/backup'
    >>> without_accounts("smb://cabinet:So/leil@24@nas/partage http://nas:80/a@b")
    'smb://REDACTED@nas/partage http://nas:80/a@b'
    """
    return _BOT.sub(rf"\g<1>{REDACTED}", ACCOUNT.sub(rf"\g<1>{REDACTED}@", text))


def _routeros(match: re.Match[str]) -> str:
    """The setting without its value, and as many lines; a quote that nothing closes stays open, for readers to see."""
    if match[3].strip('"') in KNOWN_COMMUNITIES and match[1].lower() in ("name=", "community="):
        return match[0]
    plain = re.sub(_GOES_ON, "", match[3])
    quoted = len(plain) > 1 and plain[0] == plain[-1] == '"'
    value = _SPELT.sub("x", plain[1:-1]) if quoted else plain
    told = f'"{REDACTED}' if _OPEN.match(plain) else marker(match[1].rstrip("="), value)
    return f"{match[1]}{match[2]}{told}" + " \\\n" * match[3].count("\n")


def _uci(match: re.Match[str]) -> str:
    """The setting without its value, and as many lines; a quote that nothing closes stays open, for readers to see."""
    if (match[2] or match[3]).lower().endswith("community") and match[4].strip(" \t'\"") in KNOWN_COMMUNITIES:
        return match[0]
    closed = "'" if match[5] is None and match[6] is None else ""
    value = match[4].strip()
    plain = value[1:-1] if len(value) > 1 and value[0] == value[-1] in "'\"" else value
    told = marker(match[2] or match[3], plain) if not set(plain) & set("'\"\\\n") else REDACTED
    return f"{match[1]}'{told}{closed}" + "\n" * match[4].count("\n")
