"""Recordings of real devices against what a person reads in them: nothing wrong, little missed, every fact its line."""

from dataclasses import replace
from pathlib import Path

import pytest

from inventory.document import to_json
from scanner.platforms import PLATFORMS, Platform
from scanner.secret_store import SecretStore
from tests.bench.settings import LEAST_RECALL, compared, percent
from tests.truth import APART, Case, cases
from tests.unit.scanner.test_platforms import RECORDED

CASES = tuple(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_wrong_and_little_is_missed(case: Case) -> None:
    scores, remarks = compared(case)
    found, right, truth = (sum(score[at] for score in scores.values()) for at in range(3))
    assert found == right, remarks
    assert percent(right, truth) >= LEAST_RECALL, remarks


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fact_leads_to_its_line(case: Case) -> None:
    told = case.read()
    last = {item.id: item.text.count("\n") + 1 for item in case.answers}
    sources = [source for pointer, source in told.provenance.items() if pointer.split("/")[2] not in APART]
    assert sources
    assert all(source.line is None or 1 <= source.line <= last[source.evidence] for source in sources)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_redacted_once_more_says_the_same(case: Case) -> None:
    """The first redaction costs no fact either: the truth was read from the file as it is, and holds above."""
    for item in case.answers:
        again = SecretStore(Path()).redacted(item.text)
        assert case.platform.read(replace(item, body=again.encode())) == case.platform.read(item)


def told_by_row(platform: str) -> set[str]:
    """The groups that a person has checked in test_platforms.py."""
    return {pointer.split("/")[2] for it, _, _, told in RECORDED if platform == it.ID for pointer in told}


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.ID)
def test_a_group_said_to_be_proven_by_recordings_is(platform: Platform) -> None:
    ours = [case for case in CASES if case.platform is platform and not case.written]
    proven = {group for case in ours for group in to_json(case.system)} | set(APART) | told_by_row(platform.ID)
    claimed = {group for group, maturity in platform.FACTS.items() if maturity == "recordings"}
    assert claimed <= proven
