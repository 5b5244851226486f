"""What a command says beside its result: that somebody changed a run, that a waiver is about nothing there is."""

from collections.abc import Iterator
from pathlib import Path

from rules.finding import Assessment
from rules.waivers import strangers
from scanner import runs


def changes(run: Path) -> Iterator[str]:
    """A line for each conclusion of a run, or of the run that an assessment.json lies in, that is not the visit's."""
    folder = run if run.is_dir() else run.parent
    for name in runs.conclusions_changed(folder):
        yield f"{folder / name}: changed after the visit (not its sha256 in run.json); to judge: vigie check {folder}"


def strange_waivers(run: Path, assessment: Assessment) -> Iterator[str]:
    """A line for each waiver of a run that names no rule, or no device declared or met: most likely a typo."""
    site = runs.judging(run)
    names = {item.name for item in site.devices} | {device.id for device in assessment.devices}
    for stranger in strangers(site.waivers, {rule.id for rule in assessment.rules}, names):
        yield f"waivers.yaml: {stranger.found}, {stranger.expected}; this waiver accepts nothing"
