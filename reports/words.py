"""The reports' own texts, in both languages, and how counts, dates and causes are said.

Knows nothing of any format: what comes out is plain text, to be escaped by whoever writes it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from rules.finding import Words
from rules.words import filled, names

LANGUAGES = ("fr", "en")

Table = Mapping[str, Mapping[str, Mapping[str, str]]]  # group → key → language → text

# French sets a no-break space before these signs, inside guillemets, and between a number and its unit.
_BEFORE_SIGN = re.compile(r" (?=[;:!?»%])")
_AFTER_GUILLEMET = re.compile(r"(?<=«) ")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:h|jours?|heures?)\b)")
_NO_BREAK = "\u00a0"

# The end of a cause that names things ("… : {devices}."), and where its first clause ends.
_NAMED = re.compile(r"\s*:?\s*\{[^}]*\}")
_CLAUSE = re.compile(r"\s*[:;]\s")


def typeset(text: str) -> str:
    """A French sentence with its no-break spaces.

    >>> typeset("À faire : « sous 72 h » !").replace("\\u00a0", "_")
    'À faire_: «_sous 72_h_»_!'
    """
    for pattern in (_BEFORE_SIGN, _AFTER_GUILLEMET, _BEFORE_UNIT):
        text = pattern.sub(_NO_BREAK, text)
    return text


@cache
def table() -> Table:
    """The texts of templates/words.yaml."""
    loaded: Table = yaml.safe_load((files("reports") / "templates" / "words.yaml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True)
class Wording:
    """How a report speaks: one language, and the words of the causes."""

    lang: str = "fr"
    causes: Mapping[str, Words] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise ValueError(f"no report in language {self.lang!r}: choose one of {', '.join(LANGUAGES)}")

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of `group.key`, with its values filled in; KeyError for a text that does not exist."""
        group, _, name = key.partition(".")
        return self.set(table()[group][name][self.lang].format(**values))

    def count(self, key: str, n: int, /, **values: object) -> str:
        """The text of `group.key` for n things: French counts 0 as singular, English does not."""
        group, _, name = key.partition(".")
        singular, _, plural = table()[group][name][self.lang].partition("|")
        single = n < 2 if self.lang == "fr" else n == 1
        return self.set((singular if single or not plural else plural).format(n=n, **values))

    def word(self, group: str, value: str) -> str:
        """What a value of an open list is called, the bare value when nobody gave it a word."""
        entry = table()[group].get(value)
        return self.set(entry[self.lang]) if entry else value

    def text(self, words: Words) -> str:
        """A two-language text in the report's language."""
        return self.set(words.fr if self.lang == "fr" else words.en)

    def cause(self, cause: str | None) -> str:
        """Why something is unknown or not applicable, without what it names; the bare word when it has no words."""
        if cause is None:
            return self("unknown.cause_none")
        return _NAMED.sub("", self.text(self.causes[cause])).removesuffix(".") if cause in self.causes else cause

    def cause_in_short(self, cause: str) -> str:
        """The cause inside a sentence: its first clause, without capital or full stop."""
        clause = _CLAUSE.split(self.cause(cause))[0]
        return clause if clause[1:2].isupper() else clause[:1].lower() + clause[1:]

    def cause_names(self, cause: str | None, values: Mapping[str, Any]) -> str:
        """The cause with what it names in this finding, empty when it names nothing."""
        words = self.causes.get(cause or "")
        return self.text(filled(words, values) or words) if words and names(words.fr) else ""

    def day(self, day: date) -> str:
        """The date in words: « 23 novembre 2026 »."""
        number = self("moment.first") if day.day == 1 else str(day.day)
        return f"{number} {self(f'month.{day.month}')} {day.year}"

    def moment(self, moment: datetime) -> str:
        """The time in words, in UTC."""
        utc = moment.astimezone(UTC)
        return self("moment.time", day=self.day(utc.date()), hour=f"{utc:%H}", minute=f"{utc:%M}")

    def set(self, text: str) -> str:
        """The text as the language is set: French with its no-break spaces."""
        return typeset(text) if self.lang == "fr" else text


def sentence(text: str) -> str:
    """The text with its first letter upper case.

    >>> sentence("réseau invité")
    'Réseau invité'
    """
    return text[:1].upper() + text[1:]


def product(vendor: str | None, model: str | None) -> str:
    """What a device is sold as: its maker and model, the maker once where the model names it too.

    >>> product("Debian", "Debian router 1"), product("Synology", "DS214se"), product("HP", None)
    ('Debian router 1', 'Synology DS214se', 'HP')
    """
    if vendor and model and f"{model} ".casefold().startswith(f"{vendor} ".casefold()):
        return model
    return " ".join(filter(None, (vendor, model)))


def plain(value: Any) -> str:  # noqa: ANN401 — Finding.values holds any JSON value
    """A JSON value as a short readable text.

    >>> plain({"port": 23, "open": True})
    'port=23, open=true'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
