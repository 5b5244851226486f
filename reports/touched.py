"""What somebody did to a run folder after the visit: a report of such a run says so before all else."""

from rules.finding import Assessment


def altered(assessment: Assessment) -> list[str]:
    """The files of the run that somebody changed after the visit, or the questions whose answer was, once each."""
    files = {entry.id: entry.file for entry in assessment.evidence}
    rows = (entry for entry in assessment.coverage if entry.status == "altered")
    return sorted({files.get(entry.evidence or "") or entry.target for entry in rows})


def removed(assessment: Assessment) -> list[str]:
    """The files that the run's index lists and that somebody took away after the visit, once each.

    What an older visit never asked has no line there, and is no removal.
    """
    files = {entry.id: entry.file for entry in assessment.evidence}
    rows = (files.get(entry.evidence or "") for entry in assessment.coverage if entry.status == "missing")
    return sorted(set(filter(None, rows)))
