"""A recorded practice under today's rules: which verdicts moved. No network, no namespace, no root."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

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
