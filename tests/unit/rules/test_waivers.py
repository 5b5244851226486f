"""Accepted findings: matched, expired, unused."""

from dataclasses import replace
from datetime import date

import pytest

from inventory.device import Declared
from inventory.site import Waiver
from rules import check
from rules.finding import Finding
from rules.outcome import Outcome
from tests.unit.rules.made import Answering, device, entry, policy, rule, snapshot

TODAY = date(2026, 11, 23)
WAIVER = Waiver("ANS-02.99", "a", "appareil remplacé au printemps", "la titulaire", date(2026, 12, 31))
FAILING = Outcome(fail=(entry(item="tcp/23"),))
NAS = device(declared=Declared("nas du local", "nas", "practice", "professional"))


def judged(*waivers: Waiver, outcome: Outcome = FAILING) -> tuple[list[Finding], tuple[str, ...]]:
    assessment = check(snapshot(NAS), policy(rule()), Answering(outcome), waivers=waivers)
    return list(assessment.findings), assessment.unused_waivers


@pytest.mark.parametrize(
    "waiver",
    [
        WAIVER,
        replace(WAIVER, item="tcp/23"),
        replace(WAIVER, subject="nas du local"),
        replace(WAIVER, until=TODAY),  # the last day still counts
    ],
)
def test_accepted(waiver: Waiver) -> None:
    (row,), unused = judged(waiver)
    assert row.verdict == "waived"
    assert row.waiver is not None
    assert (row.waiver.by, row.waiver.reason, row.waiver.expired) == (waiver.by, waiver.reason, False)
    assert row.message is not None
    assert unused == ()


def test_a_clue_can_be_accepted_too() -> None:
    (row,), _ = judged(WAIVER, outcome=Outcome(warn=(entry(),)))
    assert row.verdict == "waived"


@pytest.mark.parametrize(
    ("waiver", "shown"),
    [
        (replace(WAIVER, rule="ANS-02.98"), "ANS-02.98 a"),
        (replace(WAIVER, subject="b"), "ANS-02.99 b"),
        (replace(WAIVER, item="tcp/21"), "ANS-02.99 a tcp/21"),
        (replace(WAIVER, subject="site"), "ANS-02.99 site"),
    ],
)
def test_another_finding_stands(waiver: Waiver, shown: str) -> None:
    (row,), unused = judged(waiver)
    assert (row.verdict, row.waiver) == ("fail", None)
    assert unused == (shown,)


def test_expired_stands_and_is_shown() -> None:
    (row,), unused = judged(replace(WAIVER, until=date(2026, 11, 22)))
    assert row.verdict == "fail"
    assert row.waiver is not None
    assert row.waiver.expired
    assert unused == ()


def test_a_renewed_waiver_beats_the_expired_one() -> None:
    (row,), unused = judged(replace(WAIVER, until=date(2026, 1, 1)), WAIVER)
    assert row.verdict == "waived"
    assert unused == ()


@pytest.mark.parametrize(
    "outcome",
    [Outcome(), Outcome(unknown=(entry(cause="not_probed"),)), Outcome(not_applicable=(entry(cause="no_ssh"),))],
)
def test_nothing_but_fail_and_warn_can_be_accepted(outcome: Outcome) -> None:
    (row,), unused = judged(WAIVER, outcome=outcome)
    assert row.verdict != "waived"
    assert unused == ("ANS-02.99 a",)
