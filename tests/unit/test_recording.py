"""A recorded practice under today's rules: which verdicts moved. No network, no namespace, no root."""

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from reports import render
from reports.to_terminal import summary
from rules.engine import EmbeddedEngine
from rules.finding import Assessment
from scanner.visit import replay

RECORDING = Path(__file__).parents[1] / "recordings" / "lab-practice"
EXPECTED = RECORDING / "expected.json"


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return replay(RECORDING, EmbeddedEngine())[1]


def told(assessment: Assessment) -> dict[str, Any]:
    names = {device.id: device.name for device in assessment.devices}
    return {
        "checkpoints": {item.key: item.state for item in assessment.checkpoints},
        "devices": {device.name: device.category for device in assessment.devices},
        "findings": sorted(
            " ".join(filter(None, (row.rule, names.get(row.subject, row.subject), row.item, row.verdict, row.cause)))
            for row in assessment.findings
        ),
    }


def test_the_verdicts_are_those_of_last_time(assessment: Assessment) -> None:
    found = told(assessment)
    if os.environ.get("VIGIE_REFRESH") == "1":
        EXPECTED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(EXPECTED.read_text("utf-8")), "a verdict moved: see the README beside the recording"


def test_no_template_stays_unfilled(assessment: Assessment) -> None:
    for row in assessment.findings:
        for words in filter(None, (row.message, row.remedy)):
            assert "{" not in words.fr + words.en, row


def test_every_proof_leads_to_a_piece_of_evidence_and_no_line_shows_a_brace(assessment: Assessment) -> None:
    pieces = {entry.id: entry for entry in assessment.evidence}
    for proof in (proof for row in assessment.findings for proof in row.proofs):
        piece = pieces[proof.evidence]
        assert not (proof.line == 1 and (piece.file or "").endswith(".json")), proof


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_file_that_was_taken_away_is_told_as_loudly_as_one_that_was_changed(tmp_path: Path, lang: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(RECORDING, run)
    body = next(path for path in sorted((run / "evidence").iterdir()) if path.suffix == ".xml")
    before = replay(run, EmbeddedEngine())[1]
    words = {
        "altered": {"fr": "Modifié depuis la visite", "en": "Changed after"},
        "removed": {"fr": "Manque depuis la visite", "en": "Missing since the visit"},
    }
    for touch, other in (("altered", "removed"), ("removed", "altered")):
        body.write_bytes(b"other") if touch == "altered" else body.unlink()
        after = replay(run, EmbeddedEngine())[1]
        pages = [printed(after, lang), render(after, "html", lang).decode()]
        for page in pages:
            assert body.name in page.split(words[touch][lang])[1][:200]
            assert words[other][lang] not in page
    good = {item.key for item in before.checkpoints if item.state in ("verified", "declared")}
    assert {item.key for item in after.checkpoints if item.state in ("verified", "declared")} <= good


def printed(assessment: Assessment, lang: str) -> str:
    page = io.StringIO()
    summary(assessment, Console(file=page, width=200), lang)
    return page.getvalue()


def test_what_the_owner_declared_is_a_piece_of_evidence(assessment: Assessment) -> None:
    (row,) = [row for row in assessment.findings if row.rule == "ANS-02.02" and row.verdict == "fail"]
    assert ("declared/owner", "site") in {(proof.fact, proof.evidence) for proof in row.proofs}
    (piece,) = [entry for entry in assessment.evidence if entry.id == "site"]
    assert piece.file == "site.json"


def test_the_french_report_says_frequent_remarks_in_french(assessment: Assessment) -> None:
    page = render(assessment, "html", "fr").decode()
    english = (
        "declared as ",
        "gateway true",
        "randomised true",
        "without answer",
        "the port is closed",
        "<bdi>root_login",
    )
    assert [words for words in (*english, "not asked of this kind", "target_address", ">mdns<") if words in page] == []
    assert "5 inconnu<" not in page
