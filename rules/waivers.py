"""Accepted findings: who, why, until when. A waiver never touches anything but a fail or a warn."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Literal, cast

from inventory.device import Device
from inventory.site import Waiver
from rules.finding import SITE, Acceptance, Finding


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


@dataclass(frozen=True, slots=True)
class Stranger:
    """A name in a waiver that nothing has."""

    kind: Literal["rule", "device"]
    name: str
    near: str | None  # the name that was meant, perhaps

    @property
    def found(self) -> str:
        """What stands there."""
        return f"{self.name!r}, which is no {self.kind}"

    @property
    def expected(self) -> str:
        """What should."""
        likely = f" (did you mean {self.near!r}?)" if self.near else ""
        return ("the id of a rule" if self.kind == "rule" else "the name or id of a device, or site") + likely


def strangers(waivers: Iterable[Waiver], rules: Iterable[str], devices: Iterable[str]) -> Iterator[Stranger]:
    """The rules and devices that waivers name and that do not exist, in the order of the waivers."""
    ids, names = sorted(rules), sorted({*devices, SITE})
    for waiver in waivers:
        for kind, name, known in (("rule", waiver.rule, ids), ("device", waiver.subject, names)):
            if name not in known:
                near = get_close_matches(name, known, n=1)
                yield Stranger(cast(Literal["rule", "device"], kind), name, near[0] if near else None)


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
