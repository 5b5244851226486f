"""Secrets in UCI beside those whose option has a telling name (`scanner.secret_settings` knows these).

An address whose path says who asks (a resolver's subscriber, a dynamic name's key) keeps its host, which is a fact;
what a script of dynamic names is given (`param_enc`, `param_opt`) is nobody's but its owner's.
"""

import re

_REDACTED = "REDACTED"


def _option(names: str) -> str:
    """How an option is told: `option NAME`, or `file.section.NAME=` as `uci show` has it."""
    return (
        rf"(?m)^([ \t]*+(?:option|list)[ \t]++['\"]?(?:{names})['\"]?[ \t]++"
        rf"|[\w-]{{1,64}}\.@?[\w\[\]-]{{1,128}}\.(?:{names})=)"
    )


# Of resolvers the common path stays: everybody's is the same.
_PLACE = re.compile(
    _option("resolver_url|update_url|sub(?:scribe)?_url|webhook|server")
    + r"(['\"]?https?://[^/?\s'\"]{1,255}[/?])(?!dns-query(?:['\"\s]|\Z))[^\r\n'\"]++"
)
_WHOLE = re.compile(
    _option("param_enc|param_opt") + r"((?:'[^']*+'?|\"(?:[^\"\\]|\\[\s\S])*+\"?|\\[\s\S]|[^\s'\"\\])++)"
)


def without(text: str) -> str:
    r"""The text without them, and as many lines.

    >>> without("\toption resolver_url 'https://dns.nextdns.io/ab12'\n\toption param_enc 'Soleil2024'")
    "\toption resolver_url 'https://dns.nextdns.io/REDACTED'\n\toption param_enc 'REDACTED'"
    """
    return _WHOLE.sub(_whole, _PLACE.sub(rf"\g<1>\g<2>{_REDACTED}", text))


def _whole(match: re.Match[str]) -> str:
    """An empty one stays; a quote that nothing closes stays open, for readers to see."""
    value = match[2]
    if value in ("''", '""'):
        return match[0]
    is_open = value[0] in "'\"" and (len(value) < 2 or value[-1] != value[0])
    return f"{match[1]}'{_REDACTED}{'' if is_open else chr(39)}" + "\n" * value.count("\n")
