"""The difference between two runs, for a terminal: devices, findings, then facts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from inventory.text import clean
from reports.view import UNSAID, shortened
from reports.words import Wording, plain
from rules.difference import Difference, FactChange, FindingChange
from rules.finding import SITE

# Lines of one part; a practice that is set up anew has some hundreds. Stops a forged run from printing for minutes.
MAX_LINES = 2_000
MAX_LINE = 300  # characters of one line; a value longer than that is in the run folder
MAX_SHOWN = 100  # characters of a text on each side of an arrow
CONTEXT = 20  # characters before the place where two long texts differ


def show(difference: Difference, console: Console, lang: str = "fr") -> None:
    """Prints what changed, a line each; one line when nothing did."""
    say = Wording(lang)

    def line(words: str, style: str = "") -> None:
        whole = clean(words, MAX_LINE + 1)
        text = Text(whole if len(whole) <= MAX_LINE else whole[: MAX_LINE - 1] + "…", style=style)
        console.print(text, highlight=False, markup=False, emoji=False, soft_wrap=True)

    if not difference:
        line(say("difference.nothing"))
        return
    parts: tuple[tuple[str, Sequence[Any], Callable[[Any], str]], ...] = (
        (
            "difference.devices",
            difference.devices,
            lambda item: f"{_sign(item.change)} {shortened(item.name)} {item.device}",
        ),
        ("difference.findings", difference.findings, lambda item: _finding(item, say)),
        ("difference.facts", difference.facts, _fact),
    )
    for title, items, words in parts:
        if items:
            line(say(title), "bold")
        for item in items[:MAX_LINES]:
            line(f"  {words(item)}")
        if len(items) > MAX_LINES:
            line(f"  {say('difference.more', count=len(items) - MAX_LINES)}")


def _sign(change: str) -> str:
    return {"new": "+", "gone": "-"}.get(change, "~")


def _finding(item: FindingChange, say: Wording) -> str:
    was, now = (say.word("verdict", verdict) if verdict else "–" for verdict in (item.before, item.after))
    place = say("page.site") if item.subject == SITE else shortened(item.name)
    part = "" if item.item in UNSAID else shortened(say.word("item", item.item))
    again = say("difference.not_again") if item.after == "unknown" and item.before is not None else ""
    where = " ".join(filter(None, (place, part)))
    moved = say("difference.moved", where=where, before=was, after=" ".join(filter(None, (now, again))))
    weight = ""
    if item.severity:
        weight = f" ({' → '.join(say.word('severity', severity) for severity in item.severity)})"
    return f"{item.rule} {say.text(item.title)} – {moved}{weight}"


def _fact(item: FactChange) -> str:
    values = {"new": plain(item.after), "gone": plain(item.before), "changed": _moved(item.before, item.after)}
    return f"{_sign(item.change)} {shortened(item.name)} {item.fact}: {values[item.change]}"


def _moved(was: Any, now: Any) -> str:  # noqa: ANN401 — JSON data
    """What moved from one value to the other, without what both share.

    >>> _moved({"port": 5001, "versions": ["TLSv1", "TLSv1.2"]}, {"port": 5001, "versions": ["TLSv1.2"], "days": 3})
    'days: – → 3, versions: -TLSv1'
    >>> _moved(["a", "b"], ["b", "c"]), _moved(80, 443), _moved(["a", "b"], ["b", "a"])
    ('-a +c', '80 → 443', 'a, b → b, a')
    """
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        keys = [key for key in sorted({*was, *now}) if was.get(key) != now.get(key)]
        return ", ".join(f"{key}: {_moved(was.get(key), now.get(key))}" for key in keys)
    if isinstance(was, list) and isinstance(now, list):
        gone, come = ([item for item in one if item not in other] for one, other in ((was, now), (now, was)))
        moved = [f"-{_part(item)}" for item in gone] + [f"+{_part(item)}" for item in come]
        if moved:
            return " ".join(moved)
    before, after = ("–" if value is None else plain(value) for value in (was, now))
    pairs = enumerate(zip(before, after, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(len(before), len(after)))
    start = max(0, same - CONTEXT) if max(len(before), len(after)) > MAX_SHOWN else 0
    return " → ".join(_cut(text, start) for text in (before, after))


def _part(item: Any) -> str:  # noqa: ANN401 — JSON data
    return f"({plain(item)})" if isinstance(item, Mapping | list) else plain(item)


def _cut(text: str, start: int) -> str:
    """A long text from shortly before where it differs."""
    rest = text[start:]
    return ("…" if start else "") + (rest if len(rest) <= MAX_SHOWN else rest[: MAX_SHOWN - 1] + "…")
