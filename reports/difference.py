"""The difference between two runs, for a terminal: devices, findings, then facts."""

from rich.console import Console
from rich.text import Text

from inventory.text import clean
from reports.view import UNSAID, shortened
from reports.words import Wording, plain
from rules.difference import Difference, FactChange, FindingChange
from rules.finding import SITE

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
    for title, lines in (
        (
            "difference.devices",
            [f"{_sign(item.change)} {shortened(item.name)} {item.device}" for item in difference.devices],
        ),
        ("difference.findings", [_finding(item, say) for item in difference.findings]),
        ("difference.facts", [_fact(item) for item in difference.facts]),
    ):
        if lines:
            line(say(title), "bold")
            for words in lines:
                line(f"  {words}")


def _sign(change: str) -> str:
    return {"new": "+", "gone": "-"}.get(change, "~")


def _finding(item: FindingChange, say: Wording) -> str:
    was, now = (say.word("verdict", verdict) if verdict else "–" for verdict in (item.before, item.after))
    place = say("page.site") if item.subject == SITE else shortened(item.name)
    part = "" if item.item in UNSAID else shortened(say.word("item", item.item))
    again = say("difference.not_again") if item.after == "unknown" and item.before is not None else ""
    where = " ".join(filter(None, (place, part)))
    moved = say("difference.moved", where=where, before=was, after=" ".join(filter(None, (now, again))))
    return f"{item.rule} {say.text(item.title)} – {moved}"


def _fact(item: FactChange) -> str:
    values = {
        "new": plain(item.after),
        "gone": plain(item.before),
        "changed": f"{plain(item.before)} → {plain(item.after)}",
    }
    return f"{_sign(item.change)} {shortened(item.name)} {item.fact}: {values[item.change]}"
