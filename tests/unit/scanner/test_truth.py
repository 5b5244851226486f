"""Recordings of real devices against what a person reads in them: nothing wrong, little missed, every fact its line."""

import json

import pytest

from inventory.document import to_json
from scanner.platforms import PLATFORMS, Platform
from tests.bench.settings import LEAST_PRECISION, LEAST_RECALL, compared, percent
from tests.truth import APART, RECORDINGS, Case, cases
from tests.unit.scanner.test_platforms import RECORDED

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


SENTENCES = {
    "forward": "port_forwards", "input": "firewall", "interface": "interfaces", "service": "services", "user": "users",
}  # fmt: skip


def told_by_row_or_sentence(platform: str) -> set[str]:
    """The groups that a person has checked in test_platforms.py, or in truths that are lists of sentences."""
    rows = {pointer.split("/")[2] for it, _, _, told in RECORDED if platform == it.ID for pointer in told}
    files = [json.loads(path.read_text("utf-8")) for path in RECORDINGS.glob(f"{platform}-*/truth.json")]
    firsts = {sentence.split()[0] for file in files for sentence in file.get("facts", ())}
    return rows | {SENTENCES.get(first, first) for first in firsts}


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.ID)
def test_a_group_said_to_be_proven_by_recordings_is(platform: Platform) -> None:
    ours = [case for case in CASES if case.platform is platform]
    proven = (
        {group for case in ours for group in to_json(case.system)} | set(APART) | told_by_row_or_sentence(platform.ID)
    )
    claimed = {group for group, maturity in platform.FACTS.items() if maturity == "recordings"}
    assert claimed <= proven
