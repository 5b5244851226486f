import re
from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from inventory.snapshot import Coverage
from reports.to_terminal import MARKS, summary
from reports.words import LANGUAGES, table
from rules.finding import Assessment
from tests.unit.reports.hostile import hostile
from tests.unit.reports.sample import bare, sample

# What rich itself writes for colour: nothing else may start with an escape.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ASSESSMENTS = [pytest.param(make(), id=make.__name__) for make in (sample, bare, hostile)]


def shown(assessment: Assessment, lang: str = "fr", *, colour: bool = False, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    summary(assessment, console, lang)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("assessment", ASSESSMENTS)
def test_nothing_but_colour_reaches_the_terminal(assessment: Assessment, lang: str) -> None:
    text = COLOUR.sub("", shown(assessment, lang, colour=True))
    assert [char for char in text if not char.isprintable() and char != "\n"] == []


@pytest.mark.parametrize("assessment", ASSESSMENTS)
def test_a_pipe_gets_plain_text(assessment: Assessment) -> None:
    assert "\x1b" not in shown(assessment)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("assessment", ASSESSMENTS)
def test_no_line_is_wider_than_the_screen(assessment: Assessment, width: int) -> None:
    assert max(cell_len(line) for line in shown(assessment, width=width).splitlines()) <= width


def test_markup_of_the_data_stays_text() -> None:
    named = replace(
        sample(), site=replace(sample().site, client="[bold red]x[/] [link=http://evil.example]y[/link] :smiley:")
    )
    text = shown(named, colour=True)
    assert "[bold red]x[/] [link=http://evil.example]y[/link] :smiley:" in text
    assert "\x1b]8" not in text


def test_ten_points_with_their_state_and_coverage() -> None:
    text = " ".join(shown(sample()).split())
    assert "2 ✘ Protéger le poste de travail et l’accès aux applications. Non conforme – 8 contrôles vérifiés" in text
    assert "(3 à corriger, 1 à confirmer, 1 accepté), 4 inconnus, 1 sans objet" in text
    assert text.count("À vérifier par une personne") == 4


def test_findings_with_place_remedy_and_delay() -> None:
    text = " ".join(shown(sample(), "en").split())
    assert (
        "Critical A door is open from the Internet (tcp/5001) to the practice’s NAS. NAS du cabinet · 10.77.0.10"
        in text
    )
    assert "→ Ask your provider to close this door" in text
    assert "Within 72 hours" in text


def test_devices_are_counted_and_the_unseen_ones_said() -> None:
    assert "9 appareils, dont 1 déclaré mais non vu" in shown(sample())


def test_logins_that_failed_are_said_once_each() -> None:
    rows = [
        Coverage("ssh", "10.77.0.10", "credential_refused", device, None, evidence)
        for device, evidence in (("00:11:32:00:00:10", "e6"), ("00:11:32:00:00:10", "e7"), ("other", None))
    ]
    text = " ".join(shown(replace(sample(), coverage=tuple(rows))).split())
    assert text.count("Réglages lus par SSH : identifiants refusés") == 1
    assert "Accès qui n’ont pas abouti" not in shown(replace(sample(), coverage=()))


def test_every_state_has_its_own_symbol() -> None:
    assert set(MARKS) == set(table()["state"])
    assert len({symbol for symbol, _ in MARKS.values()}) == len(MARKS)
