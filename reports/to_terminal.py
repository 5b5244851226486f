"""The assessment on a terminal: the ten points, what to correct, what is unknown.

Everything printed is a rich Text made from cleaned words: no markup and no control character of the data reaches the
terminal.
"""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from inventory.text import clean
from reports import guests, touched, view
from reports.words import Wording, sentence
from rules.finding import Assessment, CheckpointResult

# Narrower screens wrap; wider ones gain nothing from longer lines.
MAX_WIDTH = 100
# What one device may put on the screen.
MAX_LINE = 400

# state → (symbol, style); the symbols differ, colour only helps.
MARKS = {
    "verified": ("✔", "green"),
    "declared": ("✎", "blue"),
    "incomplete": ("?", "yellow"),
    "to_correct": ("!", "yellow"),
    "non_compliant": ("✘", "bold red"),
    "manual": ("○", "dim"),
}
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


def summary(assessment: Assessment, console: Console, lang: str = "fr") -> None:
    """Prints the answer in at most the console's width; plain text where the console is no terminal."""
    say = Wording(lang, assessment.causes)
    sections = view.view(assessment)
    width = min(console.width, MAX_WIDTH)

    def show(renderable: Text | Table) -> None:
        console.print(renderable, width=width, highlight=False, markup=False, emoji=False)

    show(_text(f"{assessment.site.client} · {say.day(assessment.taken_at)}", "bold"))
    for line in guests.counted(assessment, say):
        show(_text(line))
    show(_text(say("guests.next")) if guests.alone(assessment) else _text(_devices(assessment, say)))
    for name in touched.altered(assessment):
        show(_text("✘ " + say("answer.altered", file=name), "bold red"))
    for name in touched.removed(assessment):
        show(_text("✘ " + say("answer.removed", file=name), "bold red"))
    show(_heading(say("answer.ten")))
    show(_checkpoints(assessment, say))
    show(_heading(say("first.title")))
    clear = say("guests.unjudged") if guests.alone(assessment) else view.clear(sections, say)
    show(_failing(sections, say) if sections.failing else _text(clear))
    if sections.warnings:
        show(_heading(say("warn.title")))
        show(_list(sections.warnings, say))
    if sections.unknown:
        show(_heading(say("unknown.title")))
        show(_unknown(sections, say))
    if failed := view.failed_logins(assessment):
        show(_heading(say("logins.title")))
        for name, source, status in failed:
            said = {group: say.word(group, value) for group, value in (("source", source), ("status", status))}
            said["hint"] = say.word("hint", status)
            show(_text(say("logins.line", device=name, **said)))


def _text(words: str, style: str = "") -> Text:
    return Text(clean(words, MAX_LINE), style=style)


def _heading(words: str) -> Text:
    return Text.assemble("\n", _text(words, "bold"))


def _columns(*widths: int | None) -> Table:
    grid = Table.grid(padding=(0, 1), expand=True)
    for width in widths:
        grid.add_column(width=width, ratio=None if width else 1, overflow="fold")
    return grid


def _devices(assessment: Assessment, say: Wording) -> str:
    unseen = sum(not device.seen for device in assessment.devices)
    parts = [say.count("answer.devices", len(assessment.devices))]
    parts += [say.count("answer.devices_unseen", unseen)] if unseen else []
    return ", ".join(parts)


def _checkpoints(assessment: Assessment, say: Wording) -> Table:
    grid = _columns(2, 1, None)
    for number, checkpoint in enumerate(sorted(assessment.checkpoints, key=lambda one: one.key), 1):
        symbol, style = MARKS[view.state(checkpoint)]
        grid.add_row(Text(f"{number:2}"), _text(symbol, style), _text(say.text(checkpoint.title)))
        grid.add_row("", "", _state(checkpoint, style, say))
    return grid


def _state(checkpoint: CheckpointResult, style: str, say: Wording) -> Text:
    state = _text(say(f"state.{view.state(checkpoint)}"), style)
    support = _text(view.coverage(checkpoint, say, why=False), "dim")
    return Text.assemble(state, " – ", support) if checkpoint.rules else state


def _failing(sections: view.View, say: Wording) -> Table:
    grid = _columns(10, None)
    for group in sections.failing:
        for item in group.items:
            grid.add_row(
                _text(say(f"severity.{group.key}"), SEVERITY_STYLES[group.key]), _text(view.message(item, say))
            )
            grid.add_row("", _text(_where(item, say), "dim"))
            if item.finding.remedy:
                grid.add_row("", _text("→ " + say.text(item.finding.remedy)))
            grid.add_row("", _text(sentence(say(f"delay.{group.key}")), "dim"))
    return grid


def _list(items: tuple[view.Item, ...], say: Wording) -> Table:
    grid = _columns(1, None)
    for item in items:
        grid.add_row(_text("?"), _text(view.message(item, say)))
        grid.add_row("", _text(_where(item, say), "dim"))
    return grid


def _where(item: view.Item, say: Wording) -> str:
    parts = [
        view.place(item, say),
        *view.addresses(item),
        *filter(None, [view.precisely(item, say)]),
    ]
    return " · ".join(parts)


def _unknown(sections: view.View, say: Wording) -> Table:
    grid = _columns(4, None)
    for group in sections.unknown:
        grid.add_row(Text(f"{len(group.items):4}"), _text(say.cause(group.key or None)))
    return grid
