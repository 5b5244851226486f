"""Accepted findings: who, why, until when. A waiver never touches anything but a fail or a warn."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from inventory.device import Device
from inventory.site import Waiver
from rules.finding import Acceptance, Finding


def waived(
    findings: Iterable[Finding], waivers: Iterable[Waiver], devices: Iterable[Device], today: date
) -> tuple[list[Finding], tuple[str, ...]]:
    """The findings with what was accepted marked, and the waivers that met no finding ("ANS-02.14 nas")."""
    # The latest end first, so that a renewed waiver beats the expired one it renews.
    known = sorted(
        waivers, key=lambda waiver: (-waiver.until.toordinal(), waiver.rule, waiver.subject, waiver.item or "")
    )
    names = {device.id: device.declared.name for device in devices if device.declared}
    used: set[Waiver] = set()
    marked = []
    for finding in findings:
        matching = [waiver for waiver in known if _matches(waiver, finding, names)]
        used.update(matching)
        marked.append(_marked(finding, matching[0], today) if matching else finding)
    return marked, tuple(sorted(_shown(waiver) for waiver in known if waiver not in used))


def _matches(waiver: Waiver, finding: Finding, names: Mapping[str, str]) -> bool:
    """Whether a waiver is about a finding; one without item is about every item."""
    return (
        finding.verdict in ("fail", "warn")
        and waiver.rule == finding.rule
        and waiver.subject in (finding.subject, names.get(finding.subject))
        and waiver.item in (None, finding.item)
    )


def _marked(finding: Finding, waiver: Waiver, today: date) -> Finding:
    """The finding as accepted; after the last day the finding stands and the acceptance is only shown."""
    expired = today > waiver.until
    acceptance = Acceptance(waiver.by, waiver.reason, waiver.until, waiver.compensating, expired)
    return replace(finding, waiver=acceptance, verdict=finding.verdict if expired else "waived")


def _shown(waiver: Waiver) -> str:
    return " ".join(filter(None, (waiver.rule, waiver.subject, waiver.item)))
