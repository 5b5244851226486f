"""The difference between two runs, for a terminal: devices, findings, then facts."""

from collections.abc import Callable, Sequence
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


def show(difference: Difference, console: Console, lang: str = "fr") -> None:
    """Prints what changed, a line each; one line when nothing did."""
    say = Wording(lang)

    def line(words: str, style: str = "") -> None:
        text = Text(clean(words, MAX_LINE), style=style)
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
    values = {
        "new": plain(item.after),
        "gone": plain(item.before),
        "changed": f"{plain(item.before)} → {plain(item.after)}",
    }
    return f"{_sign(item.change)} {shortened(item.name)} {item.fact}: {values[item.change]}"
