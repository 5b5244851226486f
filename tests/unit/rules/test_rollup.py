"""From findings to the state of a checkpoint, and to the exit status."""

from datetime import UTC, datetime
from typing import Any

import pytest

from rules import check, exit_status
from rules.finding import Assessment, Finding
from rules.outcome import Outcome
from rules.rollup import state
from tests.unit.rules.made import Answering, device, entry, policy, rule, snapshot


def row(verdict: Any, severity: Any = "high") -> Finding:
    return Finding("ANS-02.99", "a", verdict, severity)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "incomplete"),
        ([row("not_applicable")], "incomplete"),
        ([row("pass")], "verified"),
        ([row("pass"), row("not_applicable")], "verified"),
        ([row("pass"), row("unknown")], "incomplete"),
        ([row("pass"), row("warn")], "incomplete"),
        ([row("attested")], "declared"),
        ([row("pass"), row("attested")], "declared"),
        ([row("waived")], "declared"),
        ([row("pass"), row("waived"), row("not_applicable")], "declared"),
        ([row("waived"), row("unknown")], "incomplete"),
        ([row("fail", "low")], "to_correct"),
        ([row("fail", "medium"), row("unknown")], "to_correct"),
        ([row("fail", "medium"), row("fail", "high")], "non_compliant"),
        ([row("fail", "critical"), row("pass"), row("unknown")], "non_compliant"),
    ],
)
def test_state(findings: list[Finding], expected: str) -> None:
    assert state(findings) == expected


def test_what_only_a_person_can_say_keeps_a_checkpoint_incomplete() -> None:
    passing = check(snapshot(device("a")), policy(rule(checkpoints=("CP01",))), Answering(Outcome())).checkpoints[0]
    assert (passing.counts["pass"], passing.state) == (1, "incomplete")
    assert passing.by_person is not None
    failing = Answering(Outcome(fail=(entry("a"),)))
    assert check(snapshot(device("a")), policy(rule(checkpoints=("CP01",))), failing).checkpoints[0].state == (
        "non_compliant"
    )


def test_all_ten_with_counts_and_causes() -> None:
    outcome = Outcome(fail=(entry("a"),), unknown=(entry("b", cause="not_probed"), entry("c", cause="not_probed")))
    made = rule(checkpoints=("CP02", "CP05"))
    results = check(
        snapshot(device("a"), device("b"), device("c"), device("d")), policy(made), Answering(outcome)
    ).checkpoints
    assert [result.key for result in results] == [f"CP{number:02}" for number in range(1, 11)]
    for result in results:
        if result.key in made.checkpoints:
            assert (result.rules, result.state) == (("ANS-02.99",), "non_compliant")
            assert result.counts == {
                "pass": 1, "fail": 1, "warn": 0, "unknown": 2, "not_applicable": 0, "attested": 0, "waived": 0,
            }  # fmt: skip
            assert result.causes == {"not_probed": 2}
        else:
            assert (result.rules, result.state, sum(result.counts.values())) == ((), "incomplete", 0)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], 0),
        (["pass", "not_applicable", "waived", "attested"], 0),
        (["pass", "unknown"], 3),
        (["warn"], 3),
        (["fail", "unknown"], 1),
    ],
)
def test_exit_status(verdicts: list[str], expected: int) -> None:
    site = snapshot().site
    findings = tuple(row(verdict) for verdict in verdicts)
    assert exit_status(Assessment(datetime.now(UTC), "", "", site, (), (), findings, (), (), ())) == expected
