"""Taking evidence away never improves a verdict: exactly what the head of rules/verdict.py promises."""

from collections.abc import Mapping
from typing import Any

import pytest

from inventory.snapshot import Snapshot
from rules.engine import EmbeddedEngine
from rules.finding import SITE, Finding
from rules.needs import is_seen
from rules.rollup import checkpoints
from rules.rule import Policy
from rules.verdict import ACCUSING, findings
from tests.unit.rules.scenarios import NAMES, deleted, document

SEEDS = 150  # mutations of each scenario, 4,500 in all
GOOD = ("pass", "not_applicable")
STATES = ("verified", "declared")


def judged(data: Mapping[str, Any], policy: Policy, engine: EmbeddedEngine) -> tuple[Snapshot, list[Finding]]:
    snapshot = Snapshot.from_json(data)
    return snapshot, findings(snapshot, policy, engine.evaluate(data, policy))


def pairs(rows: list[Finding], *, good: bool) -> set[tuple[str, str]]:
    """(rule, subject) that are settled well, or that are not."""
    return {(row.rule, row.subject) for row in rows if (row.verdict in GOOD) is good}


def doubted(rows: list[Finding]) -> set[str]:
    """Rules that name devices which might be theirs."""
    return {row.rule for row in rows if row.item == "uncertain_devices"}


def good_checkpoints(policy: Policy, rows: list[Finding]) -> set[str]:
    return {result.key for result in checkpoints(policy, rows) if result.state in STATES}


def excused(gone: list[str], devices: list[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """(rule, subject) for which a fact went that only speaks against the device."""
    found = set()
    for rule, accusing in ACCUSING.items():
        for item in gone:
            kind, device, *fact = item.split(" ")
            if kind == "history" and f"history.{device}" in accusing:
                found |= {(rule, each["id"]) for each in devices}
            if kind == "fact" and any(f"{name}.".startswith(f"{fact[0]}.") for name in accusing):
                found.add((rule, device))
    return found


def removed_without_trace(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a device went and no coverage entry names it any more."""
    removed = {device["id"] for device in before["devices"]} - {device["id"] for device in after["devices"]}
    return bool(removed - {entry.get("device") for entry in after["coverage"]})


@pytest.mark.parametrize("name", NAMES)
def test_deleting_never_improves(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    _, before = judged(document(name), policy, engine)
    was_open, was_good = pairs(before, good=False), good_checkpoints(policy, before)
    for seed in range(SEEDS):
        data, gone = deleted(document(name), seed)
        snapshot, after = judged(data, policy, engine)
        excuses = excused(gone, document(name)["devices"])
        remaining = {device.id for device in snapshot.devices}
        without_trace = removed_without_trace(document(name), data)
        better = was_open & pairs(after, good=True) - excuses
        assert {subject for _, subject in better} <= ({SITE} if without_trace else set()), (seed, gone)
        vanished = was_open - pairs(after, good=False) - pairs(after, good=True)
        # A row goes with its device, or because the device is now one of those that might be anything.
        assert {rule for rule, subject in vanished if subject in remaining} <= doubted(after), (seed, gone)
        if not without_trace and not excuses:
            assert good_checkpoints(policy, after) <= was_good, (seed, gone)
        if not any(map(is_seen, snapshot.devices)):
            assert {row.rule for row in after if row.cause == "no_device_seen"} == {rule.id for rule in policy.rules}
            assert not good_checkpoints(policy, after), (seed, gone)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "empty"])
def test_a_device_that_disappears_leaves_the_site_open(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    for index, device in enumerate(document(name)["devices"]):
        data = document(name)
        del data["devices"][index]
        named = any(entry.get("device") == device["id"] for entry in data["coverage"])
        _, after = judged(data, policy, engine)
        rows = {(row.rule, row.verdict) for row in after if row.subject == SITE and row.item == "discovery"}
        # A rule of the site as a whole has its own row, which no device's absence can settle.
        assert named <= (rows == {(rule.id, "unknown") for rule in policy.rules if rule.subject == "device"})


@pytest.mark.parametrize("name", NAMES)
def test_no_device_at_all_is_incomplete(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    _, after = judged({**document(name), "devices": [], "provenance": {}}, policy, engine)
    assert {result.state for result in checkpoints(policy, after)} <= {"incomplete", "non_compliant"}
    assert {row.rule for row in after if row.cause == "no_device_seen"} == {rule.id for rule in policy.rules}


@pytest.mark.parametrize("name", NAMES)
def test_an_unswept_network_is_never_verified(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    data = document(name)
    data["coverage"] = [entry for entry in data["coverage"] if entry["source"] != "arp"]
    assert not good_checkpoints(policy, judged(data, policy, engine)[1])


def test_every_accusing_fact_is_needed(policy: Policy) -> None:
    """The list of exceptions names only rules that exist, and facts that their files read."""
    sources = {rule.id: rule.source for rule in policy.rules}
    for rule, facts in ACCUSING.items():
        assert all(f"device.{fact}" in sources[rule] or f"{fact.split('.', 1)[1]}" in sources[rule] for fact in facts)


def test_who_may_be_a_router_is_not_settled_before_both_were_asked(policy: Policy, engine: EmbeddedEngine) -> None:
    """That no DHCP server is a rogue says nothing of who advertises itself as an IPv6 router."""
    for source in ("dhcp", "icmp6"):
        data = document("healthy")
        data["coverage"] = [entry for entry in data["coverage"] if entry["source"] != source]
        verdicts = {row.verdict for row in judged(data, policy, engine)[1] if row.rule == "ANS-02.06"}
        assert "pass" not in verdicts


def test_guests_are_not_kept_apart_because_nobody_says_whom_they_reach(policy: Policy, engine: EmbeddedEngine) -> None:
    for name in ("healthy", "guest_not_isolated"):
        data = document(name)
        for view in data["guest_views"]:
            view.pop("reached", None)
        verdicts = {row.verdict for row in judged(data, policy, engine)[1] if row.rule == "ANS-02.07"}
        assert "pass" not in verdicts
