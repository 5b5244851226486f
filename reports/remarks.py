"""What scanner, inventory and rules note, said in the report's language: clues, how a question ended, values.

What nobody gave words stays as it was noted; every word comes from templates/words.yaml.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from reports.words import LANGUAGES, Wording, plain, table

_DECLARED, _IDENTIFIED = "declared as ", "identified "
_OBJECT = re.compile(r"(?P<oid>\d+(?:\.\d+)+) = ")
_SYS_DESCR = "1.3.6.1.2.1.1.1.0"  # SNMPv2-MIB (RFC 3418)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MARK = re.compile(r"([#*])")
# Remarks within remarks that are looked up: "page cut: not answered within 5 s" is two deep.
MAX_DEPTH = 3


def clue(text: str, say: Wording) -> str:
    """One reason to think that a device is of a category.

    >>> [clue(text, Wording("fr")).replace("\\u00a0", " ") for text in ("declared as router", "gateway true")]
    ['déclaré : box ou routeur', 'passerelle du réseau']
    >>> [clue(text, Wording("en")) for text in ("vendor Dell Inc.", "declared as medical_imaging")]
    ['maker of the network card: Dell Inc.', 'declared: medical imaging']
    >>> clue("identified host_name salon; 1.3.6.1.4.1.6574.1.1.0 = 1", Wording("en"))
    'recognised by its answers: announced name “salon”, SNMP “1”'
    """
    if text.startswith(_DECLARED):
        name, value = "declared", say.word("category", text.removeprefix(_DECLARED))
    elif text.startswith(_IDENTIFIED):
        parts = text.removeprefix(_IDENTIFIED).split("; ")
        name, value = "identified", say("devices.between").join(_answer(part, say) for part in parts)
    else:
        name, _, value = text.partition(" ")
    called = say.word("clue", name)
    if value == "true":
        return called
    if called == name and name != "declared":  # no word for it: as it is
        return text
    return say("devices.clue", name=called, value=value)


def _answer(part: str, say: Wording) -> str:
    """An answer that told who a device is: what was asked, and what it said."""
    if found := _OBJECT.match(part):
        kind = say.word("spoken", "sys_descr") if found["oid"] == _SYS_DESCR else say("devices.object")
        return say("devices.answer", kind=kind, text=part[found.end() :])
    field, _, text = part.partition(" ")
    called = say.word("spoken", field)
    return part if called == field else say("devices.answer", kind=called, text=text)


def detail(text: str, say: Wording, depth: int = 0) -> str:
    """How a question ended, in more words than its status.

    >>> detail("741 requests, 244 without answer", Wording("fr")).replace("\\u00a0", " ")
    'demandes : 741 ; sans réponse : 244'
    >>> [detail(text, Wording("en")) for text in ("page cut: v2c default community", "HTTP 200")]
    ['page cut: v2c, factory community', 'HTTP 200']
    >>> detail("the device offers only key exchange x; host keys ssh-rsa", Wording("fr")).replace("\\u00a0", " ")
    'l’appareil ne propose que ceci : échange de clés x ; clés d’hôte ssh-rsa'
    """
    if text in say.causes:
        return say.cause_in_short(text)
    for pattern, words in _details():
        if depth < MAX_DEPTH and (found := pattern.fullmatch(text)):
            said = iter([detail(part, say, depth + 1) for part in found.groups()])
            return say.set("".join(next(said) if part in ("#", "*") else part for part in _MARK.split(words[say.lang])))
    return text


def ended(status: str, remark: str | None, say: Wording) -> str:
    """How a question ended and why, once where both say the same.

    >>> ended("ports_unknown", "its open ports are not known", Wording("en")), ended("silent", None, Wording("en"))
    ('not asked: open ports not known', 'no answer')
    """
    called, why = say.word("status", status), detail(remark, say) if remark else ""
    return called if called.endswith(why) else say("sources.ended", status=called, why=why)


@cache
def _details() -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    """The remarks that have words, as patterns: # is a number, * a text of one line."""
    wild = {r"\#": r"(\d+)", r"\*": r"(.+?)"}
    return tuple(
        (re.compile(re.sub(r"\\[#*]", lambda mark: wild[mark[0]], re.escape(key))), words)
        for key, words in table()["detail"].items()
    )


# Pieces of a rule's own sentences, which stand in them already: nothing that was read.
PARTS = ("about", "step", "why")


def values(found: Mapping[str, Any], say: Wording) -> Iterator[tuple[str, str]]:
    """The values of a finding as pairs of what each is called and what it is; of another language's words none.

    >>> list(values({"clues_en": ["AirPlay"], "clues_fr": ["AirPlay"], "end": "2024-06-30"}, Wording("en")))
    [('clues', 'AirPlay'), ('end of corrections', '30 June 2024')]
    """
    for name, value in sorted(found.items()):
        base, _, lang = name.rpartition("_")
        if base and lang in LANGUAGES:
            if lang != say.lang or base in PARTS:
                continue
            name = base
        yield say.word("value", name), _value(name, value, say)


def _value(name: str, value: Any, say: Wording) -> str:  # noqa: ANN401 — Finding.values holds any JSON value
    if not isinstance(value, str):
        return plain(value)
    if name == "detail":
        return detail(value, say)
    if name == "source":
        return say.word("source", value)
    if _DAY.fullmatch(value):
        try:
            return say.day(date.fromisoformat(value))
        except ValueError:  # "2024-13-45", as a device may say
            return value
    return say.word(f"value_{name}", value) if f"value_{name}" in table() else value
