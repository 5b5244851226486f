"""Every recorded scenario gives exactly the findings written beside it.

After a wanted change: VIGIE_REFRESH=1 pytest tests/unit/rules/test_scenarios.py, then read the difference in git.
"""

import json
import os
import re
from typing import Any

import pytest

from inventory.device import Category
from inventory.snapshot import Snapshot
from rules import check, exit_status
from rules.engine import EmbeddedEngine
from rules.finding import Assessment, Finding
from rules.rule import Policy, Rule
from scanner.visit import replay
from tests.unit.rules.scenarios import NAMES, SITES, document, snapshot

RECORDINGS = SITES.parent / "recordings"


@pytest.mark.parametrize("name", NAMES)
def test_findings(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    found = _told(check(snapshot(name), policy, engine))
    path = SITES / name / "expected.json"
    if os.environ.get("VIGIE_REFRESH") == "1":
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(path.read_text("utf-8")), f"{name}: see the head of this file if the change is wanted"


@pytest.mark.parametrize("name", NAMES)
def test_the_snapshot_is_what_the_types_write(name: str) -> None:
    assert Snapshot.from_json(document(name)).to_json() == document(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_assessment_survives_json(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    assessment = check(snapshot(name), policy, engine, version="1.2.3")
    assert Assessment.from_json(json.loads(json.dumps(assessment.to_json()))) == assessment


@pytest.mark.parametrize("name", NAMES)
def test_no_placeholder_stays_unfilled(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    rules = {rule.id: rule for rule in policy.rules}
    for finding in check(snapshot(name), policy, engine).findings:
        asked = _asked(finding, rules[finding.rule], policy)
        assert asked <= set(finding.values), finding
        assert finding.verdict == "pass" or finding.message is not None, finding
        assert finding.verdict not in ("fail", "warn") or finding.remedy is not None, finding


def test_every_rule_fails_in_a_scenario_and_passes_in_another(policy: Policy, engine: EmbeddedEngine) -> None:
    seen = {(row.rule, row.verdict) for name in NAMES for row in check(snapshot(name), policy, engine).findings}
    asked = {(rule.id, verdict) for rule in policy.rules for verdict in ("fail", "warn") if verdict in rule.sets}
    assert asked | {(rule.id, "pass") for rule in policy.rules} <= seen


@pytest.mark.parametrize("name", [*NAMES, "lab-practice"])
def test_a_rule_accuses_only_kinds_of_device_of_which_it_would_also_say_unknown(
    name: str, policy: Policy, engine: EmbeddedEngine
) -> None:
    """Else a device that was not looked at has no row, where its neighbour has a fault."""
    assessment = check(snapshot(name), policy, engine) if name in NAMES else replay(RECORDINGS / name, engine)[1]
    kinds = {device.id: (device.category, device.certain) for device in assessment.devices}
    roles = {rule.id: rule.roles for rule in policy.rules}
    for row in assessment.findings:
        category, certain = kinds.get(row.subject, ("unknown", False))
        if row.verdict in ("fail", "warn") and certain and roles[row.rule]:
            assert category in roles[row.rule], row


@pytest.mark.parametrize("category", ["router", "nas", "server", "switch", "access_point", "printer", "ups", "camera"])
def test_what_manages_devices_is_asked_of_all_kinds_that_have_it(category: Category, policy: Policy) -> None:
    roles = {rule.id: rule.roles for rule in policy.rules if rule.id in ("ANS-03.17", "ANS-03.18")}
    assert all(not allowed or category in allowed for allowed in roles.values())


def _told(assessment: Assessment) -> dict[str, Any]:
    return {
        "exit": exit_status(assessment),
        "checkpoints": {result.key: result.state for result in assessment.checkpoints},
        "findings": [_line(finding) for finding in assessment.findings],
    }


def _line(finding: Finding) -> str:
    subject = f"{finding.subject} {finding.item or ''}".strip()
    proofs = " ".join(
        f"{proof.fact}@{proof.evidence}" + (f":{proof.line}" if proof.line else "") for proof in finding.proofs
    )
    parts = [finding.verdict, finding.severity, finding.cause, f"<- {proofs}" if proofs else None]
    return f"{finding.rule} {subject}: " + " ".join(filter(None, parts))


def _asked(finding: Finding, rule: Rule, policy: Policy) -> set[str]:
    texts = [policy.causes[finding.cause]] if finding.cause else []
    if finding.verdict in ("fail", "warn"):
        texts = [rule.message if finding.verdict == "fail" else rule.warning or rule.message, rule.remedy]
    return {name for words in texts for name in re.findall(r"\{(\w+)\}", words.fr + words.en)}
