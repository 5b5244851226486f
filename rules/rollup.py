"""The state of each of the ten checkpoints from the findings of the rules mapped to it."""

import typing
from collections import Counter
from collections.abc import Iterable, Sequence

from rules.finding import CheckpointResult, Finding, State, Verdict
from rules.rule import Checkpoint, Policy

_GRAVE = ("critical", "high")


def checkpoints(policy: Policy, findings: Iterable[Finding]) -> tuple[CheckpointResult, ...]:
    """All ten, always: one without a rule is shown, as incomplete, to be checked by a person."""
    rows = list(findings)
    return tuple(_result(checkpoint, policy, rows) for checkpoint in policy.checkpoints)


def _result(checkpoint: Checkpoint, policy: Policy, findings: Iterable[Finding]) -> CheckpointResult:
    rules = tuple(rule.id for rule in policy.rules if checkpoint.key in rule.checkpoints)
    rows = [finding for finding in findings if finding.rule in rules]
    verdicts = Counter(row.verdict for row in rows)
    causes = Counter(row.cause for row in rows if row.verdict == "unknown" and row.cause)
    unsaid = None if verdicts["attested"] else checkpoint.by_person
    reached = state(rows)
    return CheckpointResult(
        key=checkpoint.key,
        title=checkpoint.title,
        principles=checkpoint.principles,
        state="incomplete" if unsaid and reached in ("verified", "declared") else reached,
        rules=rules,
        counts={name: verdicts[name] for name in typing.get_args(Verdict)},
        causes=dict(sorted(causes.items())),
        by_person=unsaid,
    )


def state(findings: Sequence[Finding]) -> State:
    """The state that findings give a checkpoint, the worst first.

    A clue (`warn`) is not a proof either way, and a checkpoint to which nothing applies was not verified: both are
    incomplete. An accepted finding or a person's word supports `declared` at most.

    >>> state([])
    'incomplete'
    """
    failed = [row for row in findings if row.verdict == "fail"]
    if failed:
        return "non_compliant" if any(row.severity in _GRAVE for row in failed) else "to_correct"
    verdicts = {row.verdict for row in findings}
    if verdicts & {"unknown", "warn"} or not verdicts - {"not_applicable"}:
        return "incomplete"
    return "declared" if verdicts & {"attested", "waived"} else "verified"
