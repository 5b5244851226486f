"""What scanner and inventory note in English, said in the report's language: clues, and how a question ended.

What nobody gave words stays as it was noted; every word comes from templates/words.yaml.
"""

import re

from reports.words import Wording, table

_NUMBER = re.compile(r"\d+")
_DECLARED = "declared as "


def clue(text: str, say: Wording) -> str:
    """One reason to think that a device is of a category.

    >>> [clue(text, Wording("fr")).replace("\\u00a0", " ") for text in ("declared as router", "gateway true")]
    ['déclaré : box ou routeur', 'passerelle du réseau']
    >>> clue("vendor Dell Inc.", Wording("en"))
    'maker of the network card: Dell Inc.'
    """
    if text.startswith(_DECLARED):
        name, value = "declared", say.word("category", text.removeprefix(_DECLARED))
    else:
        name, _, value = text.partition(" ")
    called = say.word("clue", name)
    if called == name or value == "true":
        return called if value == "true" else text
    return say("devices.clue", name=called, value=value)


def detail(text: str, say: Wording) -> str:
    """How a question ended, in more words than its status.

    >>> detail("741 requests, 244 without answer", Wording("fr"))
    '741 demandes, 244 sans réponse'
    >>> detail("HTTP 200", Wording("fr"))
    'HTTP 200'
    """
    if text in say.causes:
        return say.cause_in_short(text)
    entry = table()["detail"].get(_NUMBER.sub("#", text))
    said = entry[say.lang] if entry else text
    for number in _NUMBER.findall(text) if entry else ():
        said = said.replace("#", number, 1)
    return said
