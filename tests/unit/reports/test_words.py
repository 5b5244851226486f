import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any, get_args, get_type_hints

import pytest

from inventory.device import Category, Declared
from inventory.network import Zone
from inventory.presence import Presence
from inventory.snapshot import Profile, Status
from reports.words import LANGUAGES, Wording, table
from rules import load_policy
from rules.finding import Severity, State, Verdict
from tests.unit.reports.sample_policy import CAUSES

FR, EN = Wording("fr", CAUSES), Wording("en", CAUSES)
PROFILE: dict[str, Any] = get_type_hints(Profile)
BASIS = ("memento", "pgssi-s", "anssi", "cnil", "case-law", "good-practice", "law")  # RuleText.basis

# group of words → the values that must all have one
CLOSED: dict[str, Iterable[str]] = {
    "verdict": get_args(Verdict),
    "state": (*get_args(State), "manual"),
    "meaning": (*get_args(State), "manual"),
    "severity": get_args(Severity),
    "severity_title": get_args(Severity),
    "delay": get_args(Severity),
    "status": get_args(Status),
    "category": get_args(Category),
    "zone": get_args(Zone),
    "exercise": get_args(PROFILE["exercise"]),
    "software": get_args(PROFILE["software"]),
    "hosting": get_args(PROFILE["hosting"]),
    "owner": get_args(get_type_hints(Declared)["owner"]),
    "whose": get_args(get_type_hints(Declared)["owner"]),
    "presence": get_args(Presence),
    "basis": BASIS,
    "month": map(str, range(1, 13)),
}


@pytest.mark.parametrize("group", CLOSED)
def test_every_value_of_a_closed_list_has_words_and_nothing_else_has(group: str) -> None:
    assert set(table()[group]) == set(CLOSED[group])


def test_both_languages_say_everything_with_the_same_values() -> None:
    for group, entries in table().items():
        for key, words in entries.items():
            assert set(words) == set(LANGUAGES), f"{group}.{key}"
            assert all(text.strip() for text in words.values()), f"{group}.{key}"
            fr, en = (set(re.findall(r"\{(\w+)\}", words[lang])) for lang in LANGUAGES)
            assert fr == en, f"{group}.{key}: {fr} is not {en}"


def test_every_text_that_code_or_template_asks_for_exists() -> None:
    folder = files("reports")
    sources = [
        file
        for place in (folder, folder / "templates")
        for file in place.iterdir()
        if file.name.endswith((".py", ".j2"))
    ]
    asked = {
        key for file in sources for key in re.findall(r"""say(?:\.count)?\(\s*["'](\w+\.\w+)["']""", file.read_text())
    }
    known = {f"{group}.{key}" for group, entries in table().items() for key in entries}
    assert asked - known == set()
    assert len(asked) > 100


@pytest.mark.parametrize(
    ("n", "fr", "en"),
    [
        (0, "0 constat à corriger", "0 findings to correct"),
        (1, "1 constat à corriger", "1 finding to correct"),
        (2, "2 constats à corriger", "2 findings to correct"),
    ],
)
def test_counts_follow_each_language(n: int, fr: str, en: str) -> None:
    assert (FR.count("answer.failing", n), EN.count("answer.failing", n)) == (fr, en)


def test_dates_are_words() -> None:
    assert (FR.day(date(2026, 11, 1)), EN.day(date(2026, 11, 1))) == ("1er novembre 2026", "1 November 2026")
    moment = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    assert FR.moment(moment).replace("\u00a0", " ") == "23 novembre 2026 à 09 h 05 (heure UTC)"
    assert EN.moment(moment) == "23 November 2026 at 09:05 UTC"


def test_a_cause_is_said_whole_in_short_and_with_what_it_names() -> None:
    assert EN.cause("uncertain") == "It is not yet known what these devices are"
    assert EN.cause_in_short("uncertain") == "it is not yet known what these devices are"
    assert (
        EN.cause_names("uncertain", {"devices": ["a", "{b}"]}) == "It is not yet known what these devices are: a, {b}."
    )
    assert EN.cause_names("excluded", {}) == ""
    assert EN.cause_in_short("inconclusive") == "the device does not know whether it is up to date"


def test_a_cause_without_words_is_its_own_word() -> None:
    assert FR.cause("brand_new") == FR.cause_in_short("brand_new") == "brand_new"
    assert FR.cause_names("brand_new", {}) == ""


def test_the_packaged_causes_are_read() -> None:
    assert set(get_args(Status)) - {"done"} <= set(load_policy().causes)
