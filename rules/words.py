"""Templates of the policy's texts: `{name}` is replaced by a value, and nothing else is a template.

Knows nothing of rules. Values may come from the wire: they are put in once and never read as a template.
"""

import re
from collections.abc import Mapping
from typing import Any

from rules.finding import Words

_DAY = re.compile(r"\A(\d{4})-(\d\d)-(\d\d)\Z")  # a value that is a day: French writes it 30/06/2024
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def mistake(template: str) -> str | None:
    """What is wrong with a template, None when it is sound.

    >>> mistake("Port {port} of {device}")
    >>> mistake("Port {port of {device}")
    'a brace that is not a placeholder: "Port {port of "'
    """
    rest = _PLACEHOLDER.sub("", template)
    return f'a brace that is not a placeholder: "{rest}"' if {"{", "}"} & set(rest) else None


def names(template: str) -> frozenset[str]:
    """The names that a template asks for.

    >>> sorted(names("Port {port} of {device}"))
    ['device', 'port']
    """
    return frozenset(_PLACEHOLDER.findall(template))


def filled(words: Words | None, values: Mapping[str, Any]) -> Words | None:
    """The words with their placeholders replaced; a name without a value stays as a bare word.

    >>> filled(Words("{device} : {ports}", "{device}: {nothing}"), {"device": "{ports}", "ports": [21, 23]})
    Words(fr='{ports} : 21, 23', en='{ports}: nothing')
    >>> filled(Words("fini le {end}", "ended {end}"), {"end": "2024-06-30"})
    Words(fr='fini le 30/06/2024', en='ended 2024-06-30')
    """
    if words is None:
        return None

    def put(match: re.Match[str]) -> str:
        return _shown(values.get(match[1], match[1]))

    french = _PLACEHOLDER.sub(lambda match: _DAY.sub(r"\3/\2/\1", put(match)), words.fr)
    return Words(french, _PLACEHOLDER.sub(put, words.en))


def _shown(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return str(value)
