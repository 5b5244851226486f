"""Names of people in what devices call themselves, replaced by an ellipsis: « iPhone de … ».

A device inventory is personal data of the staff; who needs the names asks for them in site.yaml. Pure. A name that
stands alone ("marie") cannot be told from a name that a practice gave, and stays. Two readings: a text that is a
device's name as a whole is read word by word ("Claire-Martin-iPhone"); inside a sentence only what says by its form
that a person follows counts ("… of iPhone-de-Jean (tcp)"), so that "declared as phone" stays what it is.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Literal

# What devices of people are called at first, before their owner's name or behind it.
_APPLE = r"iphone|ipad|ipod|macbook|mbp|imac"
_OWN = (
    rf"{_APPLE}|airpods|mba|homepod|watch|galaxy|pixel|redmi|xiaomi|huawei|honor|oppo|oneplus|"
    r"samsung|t[eé]l[eé]phone|smartphone|t[eé]l|portable|tablette|tablet|ordinateur|ordi|laptop|montre|xbox|playstation"
)
_THINGS = rf"{_OWN}|android|mobile|phone|pc|desktop|ps[345]|poste|bureau|laserjet|officejet"
_TWO_WORDS = r"apple[ _-](?:watch|tv)|mac[ _-](?:mini|pro|studio)"
# What stands between a thing and whose it is: "Galaxy A54 5G de", "MacBook-Air-de", "iPhone XS Max de".
_MODEL = r"plus|ultra|fe|pro|air|max|mini|lite|note|nord|se|xs|xr|edge|neo|tab|mi|gen|[a-z]{0,4}\d[a-z0-9]{0,5}"
_TITLES = r"dr|dre|docteur|mme|mlle|mr|mrs|madame|monsieur|mademoiselle"
# Words that say what a machine is for, who made it or what runs on it: those and a practice's own names stay readable.
_PURPOSE = (
    r"accueil|secr[eé]tariat|cabinet|salle|soins?|radio\w*|scanner|caisse|fauteuil|st[eé]ri\w*|attente|labo(?:s|ratoires?)?\d*|serveur|"
    r"server|poste|bureau|imprimante|nas|box|router|routeur|switch|wifi|guest|invit[eé]s?|pro|perso|home|office|work|"
    r"reception|the|la|le|les|compta\w*|assistante?s?|praticien\w*|dentiste|docteur|m[eé]decin|backup|test|win(?:dows)?\d*|"
    r"linux|debian|lab|new|old|nord|sud|est|ouest|principale?|fixe|travail|m[eé]dical\w*|direction|gestion|admin\w*|"
    r"prot?h[eè]\w*|ortho\w*|pano\w*|imagerie|hygi[eè]n\w*|consult\w*|chirurgi\w*|implant\w*|patients?|garde|pr[eê]t|"
    r"fond|secours|astreinte|carte|r[eé]seau|services?|internet|couloir|[eé]tage|cuisine|sous|cone|devis|stock|couleur|"
    r"apple|google|microsoft|sony|nokia|lenovo|dell|hp|asus\w*|acer|brother|canon|epson|synology|qnap|motorola|lg|intel|"
    r"amazon|electronics?|technolog\w*|communications?|corp\w*|inc|ltd|device|devices|smart\w*|tv|apps?|web|safari|"
    r"chrome|firefox|client|system|store|player|debug|bridge|media|print\w*|camera|audio|video|network|security|"
    r"colou?r|hewlett|packard|series|edition|one|dhcp|limited|gmbh|salon|sync\w*|kva|incorporated|solutions?|r[eé]union\w*|repos|pause|bains?|archives?|contr[oô]le|sauvegarde|surveillance"
)
_PARTICLE = r"de|of|von|van|di|du|d"
# A word of a name, with the hyphens within it read as between words. Bounded: a device may be called anything.
_LETTERS = r"[^\W\d_][\w’']{0,40}"
_CAPITAL = r"(?-i:[A-ZÀ-ÖØ-Þ])[\w’']{0,40}"
_NO_NAME = rf"(?!(?:{_PURPOSE}|{_THINGS}|{_TITLES}|{_MODEL}|{_PARTICLE})\b)"
_MORE = rf"(?:(?:[ ](?={_CAPITAL})|[_-]|[ _-](?:{_PARTICLE})[ _-](?={_CAPITAL})){_NO_NAME}{_LETTERS}){{0,3}}"
_WHO = rf"{_NO_NAME}{_LETTERS}{_MORE}"
_OF = r"[ _-](?:(?:de|of|von|di|du)[ _-](?:(?:la|le|les|the)[ _-])?|d['’ _-](?:l['’ _-])?)"
_THING = rf"(?:{_TWO_WORDS}|{_THINGS}|(?-i:Mac))(?:[ _-](?:{_MODEL})){{0,3}}"
_JOINED = rf"{_NO_NAME}{_LETTERS}(?:[_-]{_NO_NAME}{_LETTERS}){{0,2}}"
_IN_A_SENTENCE: tuple[tuple[re.Pattern[str], str], ...] = (
    # "Dr-Dupont-PC", "Tel Mme Durand", "M. Durand"
    (re.compile(rf"(?i)\b(?P<kept>(?:{_TITLES}|(?-i:M|Pr|Me)(?=\.))\.?[ _-])[ ]?{_WHO}"), r"\g<kept>…"),
    # "iPhone de Marie", "MacBook-Air-de-Jean", "Galaxy A54 d'Anne"
    (re.compile(rf"(?i)\b(?P<kept>{_THING}{_OF}){_WHO}"), r"\g<kept>…"),
    # "Marie's iPhone", "Sophie Anne's PC"
    (re.compile(rf"(?i)\b(?:{_CAPITAL} ){{0,2}}[^\W\d_]\w{{0,40}}(?P<kept>['’]s[ _-]{_THING})\b"), r"…\g<kept>"),
    # "port 80 of Maries-iPhone", "… of iPhone-Claire": hyphens make one word of what a thing is called
    (re.compile(rf"(?i)\b{_JOINED}(?P<kept>[_-](?:{_APPLE}))\b"), r"…\g<kept>"),
    (re.compile(rf"(?i)\b(?P<kept>(?:{_APPLE})[_-]){_JOINED}"), r"\g<kept>…"),
)  # fmt: skip

# Once a name has begun behind "de", what follows with a capital belongs to it: "Marie Le Goff", "Marie & Paul".
_MORE_NAMES = rf"(?:[ _-](?:(?:&|et|and|und)[ _-])?{_CAPITAL})"
_REST = re.compile(rf"(?i)(?P<kept>{_OF}(?:(?:{_TITLES})\.?[ ])?…){_MORE_NAMES}{{1,6}}")
# A device's whole name that says whose it is, whatever thing it is: "Surface de Marie". A place is nobody's.
_ANYTHING = re.compile(
    r"(?i)(?P<kept>(?!(?:cabinet|salle|centre|maison|clinique|h[oô]pital)\b)[^\W_]\w{0,30}(?:[ _-]\w{1,30}){0,3}"
    rf"[ _-](?:de[ _-]|d['’]))(?={_CAPITAL}){_WHO}{_MORE_NAMES}{{0,6}}"
)

# Words of a text that may be a device's name as a whole: a longer one is a sentence.
MAX_WORDS = 8
MAX_NAMES = 4  # first names and family names of one person
MIN_LETTERS = 3  # of one word that stands beside a thing: "PC-HS" is no person
_Kind = Literal["thing", "model", "title", "of", "known", "word", "odd"]
_KINDS: tuple[tuple[_Kind, re.Pattern[str]], ...] = (
    ("thing", re.compile(rf"(?i){_THINGS}")),
    ("of", re.compile(rf"(?i){_PARTICLE}")),
    ("title", re.compile(rf"(?i)(?:{_TITLES})\.?")),
    ("model", re.compile(rf"(?i){_MODEL}")),
    ("known", re.compile(rf"(?i){_PURPOSE}|…|\w*\d\w*")),
    ("word", re.compile(r"[^\W\d_]{2,40}")),
)


def impersonal(text: str) -> str:
    """The text with each person's name in it replaced.

    >>> impersonal("iPhone de Marie"), impersonal("Marie's iPhone"), impersonal("PC-MARIE"), impersonal("PC-ACCUEIL")
    ('iPhone de …', '…’s iPhone', 'PC-…', 'PC-ACCUEIL')
    >>> impersonal("nas"), impersonal("DESKTOP-4F2A1KL"), impersonal("port 8080 of iPhone-de-Jean (tcp)")
    ('nas', 'DESKTOP-4F2A1KL', 'port 8080 of iPhone-de-… (tcp)')
    """
    shown = _whole_name(text)
    if shown is None:
        shown = text
        for pattern, kept in _IN_A_SENTENCE:
            shown = pattern.sub(lambda found, kept=kept: found.expand(kept).replace("'", "’"), shown)  # type: ignore[misc]
    if shown == text and (found := _ANYTHING.fullmatch(text)):
        return f"{found['kept']}…"
    return text if shown == text else _REST.sub(r"\g<kept>", shown)


def _whole_name(text: str) -> str | None:
    """The name of a device without its owner's, None where the text is none that can be told by its words."""
    parts = re.split(r"([ _-]+)", text, maxsplit=2 * MAX_WORDS)
    words, between = parts[::2], parts[1::2]
    if not 2 <= len(words) <= MAX_WORDS:
        return None
    kinds = [_kind(word) for word in words]
    for index in range(2, len(kinds) - 1):  # "iPhone de Marie de Villiers": within a name, "de" is part of it
        if kinds[index - 2 : index + 2] in (["of", "word", "of", "word"], ["title", "word", "of", "word"]):
            kinds[index] = "word"
    for index in range(1, len(kinds) - 1):  # "PC Marie Le Goff"
        if words[index] in ("Le", "La", "LE", "LA") and kinds[index - 1] == kinds[index + 1] == "word":
            kinds[index] = "word"
    grouped = groupby(enumerate(kinds), lambda pair: pair[1])
    runs = [[index for index, _ in run] for kind, run in grouped if kind == "word"]
    if len(runs) != 1 or "odd" in kinds:
        return None
    first, last = runs[0][0], runs[0][-1]
    led = first > 0 and kinds[first - 1] in ("of", "title")
    model = first == 2 and kinds[:2] == ["model", "of"] and words[0][0].isalpha()  # "S21 de Claire"
    if "thing" not in kinds and not model and kinds[first - 1 : first] != ["title"]:
        return None
    if not led and not _like_a_name(words[first : last + 1], between[first:last]):
        return None
    return "".join((*parts[: 2 * first], "…", *parts[2 * last + 1 :]))


def _kind(word: str) -> _Kind:
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(word)), "odd")


def _like_a_name(words: list[str], between: list[str]) -> bool:
    """Whether words beside a thing may be a person's: one long enough, or several that no sentence would write so."""
    if len(words) == 1:
        return len(words[0]) >= MIN_LETTERS
    return len(words) <= MAX_NAMES and (" " not in "".join(between) or all(word[0].isupper() for word in words))


def impersonal_data(value: Any) -> Any:  # noqa: ANN401 — any JSON data
    """The data with each person's name in its texts replaced."""
    if isinstance(value, str):
        return impersonal(value)
    if isinstance(value, Mapping):
        return {key: impersonal_data(item) for key, item in value.items()}
    return [impersonal_data(item) for item in value] if isinstance(value, list | tuple) else value


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
