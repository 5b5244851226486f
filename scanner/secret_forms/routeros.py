"""Secrets in RouterOS scripts beside those whose setting has a plain name (`scanner.secret_settings` knows these).

An eSIM's activation code, tokens and keys of services, the keys of RIP and LoRa, and the name that a resolver gives
its subscriber in the path of its address; what a container is started with may hold any. Source: MikroTik, "LTE",
"RIP", "DNS", "Container", "IoT".
"""

import re

_GOES_ON = r"(?:\\\r?\n[ \t]*+)"
_VALUE = rf"({_GOES_ON}?)(\"(?!\")(?:[^\"\\]|\\[\s\S])*+\"?|(?:[^\s\"\\]|{_GOES_ON}|\\[^\s])++)"
_NAMED = re.compile(
    r"(?<![\w-])((?:activation-code|(?:[a-z]{1,16}-){0,2}token|api-key|access-key|secret-key|app-key|network-key"
    rf"|shared-key)=)(?!\"?REDACTED){_VALUE}"
)
_KEYS = re.compile(r"(?m)^[ \t]*+/(?:routing[ /]rip[ /]keys|iot[ /]lora|(container))\b[^\n]*+(?:\n(?!/)[^\n]*+)*+")
_KEY = re.compile(rf"(?<![\w-])(key=)(?!\"?REDACTED){_VALUE}")
_COMMAND = re.compile(rf"(?<![\w-])(cmd=)(?!\"?REDACTED){_VALUE}")
_RESOLVERS = re.compile(r"(?<![\w-])doh-servers=(?:\"[^\"\n]*+\"|[^\s\"]++)")
_PATH = re.compile(r"(https://[^/\s\",]{1,255}/)(?!dns-query[\",\s]|dns-query\Z)[^\s\",]++")


def without(text: str) -> str:
    r"""The text without them; a statement that goes on below a secret still does.

    >>> without('/interface lte esim\nprovision activation-code="LPA:1$a$B-1"')
    '/interface lte esim\nprovision activation-code=REDACTED'
    >>> without("add doh-servers=https://dns.nextdns.io/ab12 name=a")
    'add doh-servers=https://dns.nextdns.io/REDACTED name=a'
    """
    text = _KEYS.sub(lambda menu: (_COMMAND if menu[1] else _KEY).sub(_hidden, menu[0]), _NAMED.sub(_hidden, text))
    return _RESOLVERS.sub(lambda found: _PATH.sub(r"\g<1>REDACTED", found[0]), text)


def _hidden(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}REDACTED" + " \\\n" * match[3].count("\n")
