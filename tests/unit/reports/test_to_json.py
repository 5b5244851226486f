import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reports import FORMATS, LANGUAGES, render
from rules.finding import Assessment
from tests.unit.reports.hostile import hostile
from tests.unit.reports.sample import bare, sample

ASSESSMENTS = [pytest.param(make(), id=make.__name__) for make in (sample, bare, hostile)]


@pytest.mark.parametrize("assessment", ASSESSMENTS)
def test_survives_a_round_trip(assessment: Assessment) -> None:
    assert Assessment.from_json(json.loads(render(assessment, "json"))) == assessment


def _turned(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return dict(reversed(list(mapping.items())))


def test_equal_assessments_give_equal_bytes() -> None:
    one = sample()
    turned = replace(
        one,
        checkpoints=tuple(replace(c, counts=_turned(c.counts), causes=_turned(c.causes)) for c in one.checkpoints),
        findings=tuple(replace(f, values=_turned(f.values)) for f in one.findings),
    )
    assert turned == one
    assert render(turned, "json") == render(one, "json")


def test_keeps_the_order_of_the_types_and_ends_with_a_newline() -> None:
    text = render(sample(), "json").decode()
    assert text.startswith('{\n "taken_at": "2026-11-23T09:30:00Z",\n "vigie": ')
    assert text.endswith("}\n")
    assert "Cabinet dentaire de démonstration" in text


def test_is_the_same_in_both_languages() -> None:
    assert render(sample(), "json", "fr") == render(sample(), "json", "en")


def test_prints_no_control_or_direction_character() -> None:
    text = render(hostile(), "json").decode()
    assert [char for char in text if not char.isprintable() and char != "\n"] == []


def test_a_lone_surrogate_survives() -> None:
    odd = replace(sample(), vigie="\ud800")
    assert Assessment.from_json(json.loads(render(odd, "json"))) == odd


@pytest.mark.parametrize(("name", "lang"), [("docx", "fr"), ("html", "de")])
def test_an_unknown_format_or_language_is_refused_by_name(name: str, lang: str) -> None:
    with pytest.raises(ValueError, match=r"docx.*html, json|de.*fr, en"):
        render(sample(), name, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_in_every_language_twice_the_same(name: str, lang: str) -> None:
    assert render(sample(), name, lang) == render(sample(), name, lang)
