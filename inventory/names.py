"""Names of people in what devices call themselves, replaced by an ellipsis: « iPhone de … ».

A device inventory is personal data of the staff; who needs the names asks for them in site.yaml. Pure. A name that
stands alone ("marie") cannot be told from a name that a practice gave, and stays.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

# What devices of people are called at first, before their owner's name or behind it.
_THINGS = (
    r"iphone|ipad|ipod|apple ?watch|airpods|macbook(?:[ _-](?:air|pro))?|imac|mac[ _-](?:mini|pro|studio)|homepod|"
    r"apple ?tv|galaxy(?:[ _-][a-z]{0,4}\d\w{0,5})?(?:[ _-](?:plus|ultra|fe|5g)){0,2}|pixel(?:[ _-]\d\w?)?|"
    r"redmi(?:[ _-]\w{0,6}\d\w{0,3})?|xiaomi|huawei|honor|oppo|oneplus|samsung|android|t[eé]l[eé]phone|t[eé]l|mobile|"
    r"portable|tablette|tablet|phone|ordinateur|laptop|pc|desktop|watch|montre|xbox|playstation|ps[345]"
)
# Words that say what a machine is for: a practice's own names stay readable.
_PURPOSE = (
    r"accueil|secr[eé]tariat|bureau|cabinet|salle|soins?|radio|scanner|caisse|fauteuil|st[eé]ri\w*|attente|labo\w*|serveur|"
    r"server|poste|imprimante|nas|box|router|routeur|switch|wifi|guest|invit[eé]s?|pro|perso|home|office|work|reception|"
    r"the|la|le|les|compta\w*|assistante?s?|praticien\w*|dentiste|docteur|m[eé]decin|backup|test|win\w*|windows|linux|debian|lab|new|old"
)
# A first name, perhaps a family name. Bounded: a device may be called anything, thousands of letters long.
_NAME = r"[^\W\d_][\w'’.]{0,40}(?:[ _-][^\W\d_][\w'’]{0,40})?"
_OF = r"[ _-](?:(?:de|of|von|di|du)[ _-](?:(?:la|le|les|the)[ _-])?|d['’ _-](?:l['’ _-])?)"
_WHO = rf"(?P<who>(?!(?:{_PURPOSE})\b){_NAME})"
_WORD = rf"(?P<who>(?!(?:{_PURPOSE}|{_THINGS})\b)[^\W\d_]{{3,40}})"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # "iPhone de Marie", "MacBook-Air-de-Jean", "Galaxy A54 d'Anne"
    (re.compile(rf"(?i)\b(?P<thing>{_THINGS})(?P<of>{_OF}){_WHO}"), "of"),
    # "Marie's iPhone", "Maries-iPhone"
    (re.compile(rf"(?i)\b(?P<who>[^\W\d_][\w.]{{0,40}}?)(?P<of>['’]?s[ _-])(?P<thing>{_THINGS})\b"), "s"),
    # "PC-MARIE", "Marie-PC": a thing and one word that is no purpose
    (re.compile(rf"(?i)^(?P<thing>{_THINGS})(?P<of>[ _-]){_WORD}$"), "of"),
    (re.compile(rf"(?i)^{_WORD}(?P<of>[ _-])(?P<thing>{_THINGS})$"), "s"),
)


def impersonal(text: str) -> str:
    """The text with each person's name in it replaced.

    >>> impersonal("iPhone de Marie"), impersonal("Marie's iPhone"), impersonal("PC-MARIE"), impersonal("PC-ACCUEIL")
    ('iPhone de …', '…’s iPhone', 'PC-…', 'PC-ACCUEIL')
    >>> impersonal("nas"), impersonal("DESKTOP-4F2A1KL"), impersonal("port 8080 of iPhone-de-Jean (tcp)")
    ('nas', 'DESKTOP-4F2A1KL', 'port 8080 of iPhone-de-… (tcp)')
    """
    for pattern, order in _PATTERNS:
        text = pattern.sub(lambda found, order=order: _without(found, order), text)  # type: ignore[misc]
    return text


def impersonal_data(value: Any) -> Any:  # noqa: ANN401 — any JSON data
    """The data with each person's name in its texts replaced."""
    if isinstance(value, str):
        return impersonal(value)
    if isinstance(value, Mapping):
        return {key: impersonal_data(item) for key, item in value.items()}
    return [impersonal_data(item) for item in value] if isinstance(value, list | tuple) else value


def _without(found: re.Match[str], order: str) -> str:
    between = found["of"].replace("'", "’")
    if order == "of":
        return f"{found['thing']}{between}…"
    return f"…{between}{found['thing']}"


def distinct(names: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """What each id is called: of two « iPhone de … » of one visit, the second is « iPhone de … (2) ».

    >>> distinct([("b", "iPhone de …"), ("a", "iPhone de …"), ("c", "nas")])
    {'a': 'iPhone de …', 'b': 'iPhone de … (2)', 'c': 'nas'}
    """
    counted: dict[str, int] = {}
    result = {}
    for id, name in sorted(names):
        counted[name] = counted.get(name, 0) + 1
        result[id] = f"{name} ({counted[name]})" if counted[name] > 1 and "…" in name else name
    return result
