"""Recordings of real devices against what a person reads in them: nothing wrong, little missed, every fact its line."""

import pytest

from inventory.document import to_json
from scanner.platforms import PLATFORMS
from tests.bench.settings import LEAST_PRECISION, LEAST_RECALL, compared, percent
from tests.truth import APART, Case, cases

CASES = tuple(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_wrong_and_little_is_missed(case: Case) -> None:
    scores, remarks = compared(case)
    found, right, truth = (sum(score[at] for score in scores.values()) for at in range(3))
    assert percent(right, found) >= LEAST_PRECISION, remarks
    assert percent(right, truth) >= LEAST_RECALL, remarks


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fact_leads_to_its_line(case: Case) -> None:
    told = case.read()
    last = {item.id: item.text.count("\n") + 1 for item in case.answers}
    sources = [source for pointer, source in told.provenance.items() if pointer.split("/")[2] not in APART]
    assert sources
    assert all(source.line is None or 1 <= source.line <= last[source.evidence] for source in sources)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.ID)
def test_a_group_said_to_be_proven_by_recordings_is(platform: object) -> None:
    ours = [case for case in CASES if case.platform is platform]
    proven = {group for case in ours for group in to_json(case.system)} | set(APART)
    claimed = {group for group, maturity in platform.FACTS.items() if maturity == "recordings"}  # type: ignore[attr-defined]
    assert claimed <= proven
