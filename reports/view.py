"""An assessment arranged for reading: findings by what a reader does with them, each with its place, rule and evidence.

Knows neither format nor words beyond `Wording`; text stays as it came, and is escaped by whoever writes it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from reports.remarks import ended
from reports.words import Wording, table
from rules.finding import (
    SITE,
    Assessment,
    CheckpointResult,
    DeviceSummary,
    EvidenceEntry,
    Finding,
    Proof,
    RuleText,
    Severity,
    Verdict,
    Words,
)

SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # gravest first
# What was looked at and concluded, whatever the conclusion.
CHECKED: tuple[Verdict, ...] = ("pass", "fail", "warn", "waived")
# A device name longer than this tells a reader nothing more; stops a hostile host name from filling the page.
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Item:
    """A finding with what explains it."""

    finding: Finding
    rule: RuleText
    device: DeviceSummary | None  # None: the practice as a whole, or a device that the assessment does not list
    proofs: tuple[tuple[Proof, EvidenceEntry | None], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that share a severity, a rule or a cause."""

    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The findings of an assessment, sorted into a report's sections."""

    checked: bool  # False: nothing was concluded at all, so "nothing to correct" would mean nothing
    failing: tuple[Group, ...]  # by severity, gravest first
    warnings: tuple[Item, ...]
    unknown: tuple[Group, ...]  # by cause, most frequent first; key "" = cause not stated
    accepted: tuple[Item, ...]  # waived, and expired waivers whose finding stands
    attested: tuple[Item, ...]
    passed: tuple[Group, ...]  # by rule
    skipped: tuple[Group, ...]  # not applicable, by cause


def view(assessment: Assessment) -> View:
    """The sections of an assessment."""
    items = _items(assessment)

    def of(*verdicts: Verdict) -> tuple[Item, ...]:
        return tuple(item for item in items if item.finding.verdict in verdicts)

    return View(
        checked=bool(of(*CHECKED)),
        failing=_grouped(of("fail"), lambda item: item.finding.severity),
        warnings=of("warn"),
        unknown=_by_size(_grouped(of("unknown"), _cause)),
        accepted=tuple(item for item in items if item.finding.waiver),
        attested=of("attested"),
        passed=_grouped(of("pass"), lambda item: item.rule.id),
        skipped=_by_size(_grouped(of("not_applicable"), _cause)),
    )


def _items(assessment: Assessment) -> tuple[Item, ...]:
    rules = {rule.id: rule for rule in assessment.rules}
    devices = {device.id: device for device in assessment.devices}
    evidence = {entry.id: entry for entry in assessment.evidence}
    items = (
        Item(
            finding=finding,
            rule=rules.get(finding.rule) or _unlisted(finding),
            device=devices.get(finding.subject),
            proofs=tuple((proof, evidence.get(proof.evidence)) for proof in finding.proofs),
        )
        for finding in assessment.findings
    )
    return tuple(sorted(items, key=lambda item: (SEVERITIES.index(item.finding.severity), *item.finding.identity)))


def _unlisted(finding: Finding) -> RuleText:
    title = Words(fr=finding.rule, en=finding.rule)
    return RuleText(finding.rule, title, finding.severity, checkpoints=(), basis=(), references=())


def _cause(item: Item) -> str:
    return item.finding.cause or ""


def _grouped(items: Iterable[Item], key: Callable[[Item], str]) -> tuple[Group, ...]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return tuple(Group(name, tuple(members)) for name, members in groups.items())


def _by_size(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: (-len(group.items), group.key)))


def total(groups: Iterable[Group]) -> int:
    """How many findings the groups hold together."""
    return sum(len(group.items) for group in groups)


# --- how one thing is said ---


def message(item: Item, say: Wording) -> str:
    """What a finding says, its rule's title when it has no message of its own."""
    return say.text(item.finding.message or item.rule.title)


def shortened(name: str) -> str:
    """A name at most MAX_NAME characters long.

    >>> shortened("a" * 100)[-3:]
    'aa…'
    """
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"


def place(item: Item, say: Wording) -> str:
    """Where a finding is, as a person calls it."""
    if item.device is not None:
        return shortened(item.device.name or item.device.id)
    return say("page.site") if item.finding.subject == SITE else shortened(item.finding.subject)


# What is only there to tell a site's own rows apart: the finding's words say it better.
UNSAID = frozenset({"discovery", "uncertain_devices", "passing"})


def precisely(item: Item, say: Wording) -> str:
    """What part of its subject a finding is about, "" when it is about all of it."""
    name = item.finding.item
    return "" if name is None or name in UNSAID else shortened(say.word("item", name))


def addresses(item: Item) -> list[str]:
    """Where a finding is true of its device, but for what its name already says.

    An address at which the device was asked nothing is no place of what it answered.
    """
    if item.device is None:
        return []
    return [address for address in item.device.asked_at or item.device.addresses if address not in item.device.name]


def clear(sections: View, say: Wording) -> str:
    """What is said where nothing is to correct."""
    return say("answer.nothing" if sections.checked else "answer.unchecked")


def severities(sections: View, say: Wording) -> str:
    """How many findings to correct there are of each severity."""
    counts = (
        say("answer.one_severity", severity=say.word("severity", group.key).lower(), n=len(group.items))
        for group in sections.failing
    )
    return say("answer.of_severity", counts=", ".join(counts))


def ports_unseen(device: DeviceSummary, assessment: Assessment, say: Wording) -> str:
    """Why no port is listed for a device: how its probe ended, since "not looked" is not "nothing there"."""
    ends = [
        ended(entry.status, entry.cause, say)
        for entry in assessment.coverage
        if entry.source == "ports" and (entry.device == device.id or entry.target in device.addresses)
    ]
    if not device.seen:
        return "–"
    if device.ports is not None:
        return say("devices.no_ports")
    return ends[0] if ends else say("unknown.cause_none")


def asked_by(rule: RuleText, say: Wording) -> str:
    """Who asks for what a rule checks: the memento, others, or Vigie alone."""
    others = ", ".join(say.word("basis", basis) for basis in rule.basis if basis != "memento")
    if "memento" not in rule.basis:
        return say("finding.asked_others", others=others) if others else say("finding.asked_nobody")
    mark = say("finding.asked_mark", rule=rule.memento_rule) if rule.memento_rule else ""
    first = say("finding.asked_memento", mark=mark)
    return say("finding.asked_also", first=first, others=others) if others else first


def coverage(checkpoint: CheckpointResult, say: Wording, *, why: bool = True) -> str:
    """What supports a checkpoint's state: « 3 contrôles vérifiés, 2 inconnus (matériel médical non sondé) »."""
    if not checkpoint.rules:
        return say("answer.manual")
    counts = checkpoint.counts
    checked = sum(counts.get(verdict, 0) for verdict in CHECKED)
    parts = [say.count("coverage.checked", checked) if checked else say("coverage.nothing")]
    if of_these := _counted(counts, ("fail", "warn", "waived"), say):
        parts = [say("coverage.checked_of", checked=parts[0], parts=", ".join(of_these))]
    parts += _counted(counts, ("attested",), say)
    if counts.get("unknown"):
        parts.append(causes(checkpoint, say) if why else say.count("coverage.unknown_bare", counts["unknown"]))
    parts += _counted(counts, ("not_applicable",), say)
    if checkpoint.by_person:
        parts.append(say("coverage.by_person", what=say.text(checkpoint.by_person)))
    return ", ".join(parts)


def _counted(counts: Mapping[str, int], verdicts: tuple[Verdict, ...], say: Wording) -> list[str]:
    return [say.count(f"coverage.{verdict}", counts[verdict]) for verdict in verdicts if counts.get(verdict)]


def causes(checkpoint: CheckpointResult, say: Wording) -> str:
    """Why answers are missing, for inside the fold: « 12 inconnus (3 × …) »."""
    number = checkpoint.counts["unknown"]
    ranked = sorted(checkpoint.causes.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked:
        return say.count("coverage.unknown_bare", number)
    if len(ranked) == 1:
        return say.count("coverage.unknown", number, causes=say.cause_in_short(ranked[0][0]))
    listed = say("coverage.between").join(
        say("coverage.cause", cause=say.cause_in_short(cause), n=times) for cause, times in ranked
    )
    return say.count("coverage.unknown", number, causes=listed)


def state(checkpoint: CheckpointResult) -> str:
    """The checkpoint's state, `manual` where no rule looks at it."""
    return checkpoint.state if checkpoint.rules else "manual"


def support(checkpoint: CheckpointResult, assessment: Assessment) -> list[tuple[RuleText, list[tuple[str, int]]]]:
    """The rules behind a checkpoint, each with its verdicts and how often it gave them."""
    rules = {rule.id: rule for rule in assessment.rules}
    verdicts: dict[str, Counter[str]] = {identity: Counter() for identity in checkpoint.rules}
    for finding in assessment.findings:
        if finding.rule in verdicts:
            verdicts[finding.rule][finding.verdict] += 1
    order = ("fail", "warn", "waived", "unknown", "attested", "pass", "not_applicable")
    return [
        (rules[identity], [(verdict, counts[verdict]) for verdict in order if counts[verdict]])
        for identity, counts in verdicts.items()
        if identity in rules
    ]


def outcomes(assessment: Assessment) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each source with how its requests ended, and how many ended so."""
    sources: dict[str, Counter[str]] = {}
    for entry in assessment.coverage:
        sources.setdefault(entry.source, Counter())[entry.status] += 1
    return [
        (source, sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))) for source, counts in sources.items()
    ]


# How a login that the site provides for can end without being one: somebody ought to mend it before the next visit.
_NOT_LOGGED_IN = (
    "credential_refused", "not_trusted", "incompatible", "host_key_changed", "no_credential", "silent", "refused",
)  # fmt: skip


def failed_logins(assessment: Assessment) -> list[tuple[str, str, str]]:
    """Device, source and status of each login that the site provides for and that did not succeed, once each."""
    names = {device.id: shortened(device.name) for device in assessment.devices}
    rows = (
        (names.get(entry.device or "", entry.target), entry.source, entry.status)
        for entry in assessment.coverage
        # Without evidence nothing was tried: the site names no credential, which is not a fault.
        if entry.source in ("ssh", "snmp", "api") and entry.status in _NOT_LOGGED_IN and entry.evidence is not None
    )
    return sorted(set(rows))


def broadcasts(assessment: Assessment, say: Wording) -> list[str]:
    """The kinds of question that went to a whole network at once: those sources that the words list as such."""
    asked = {entry.source for entry in assessment.coverage if entry.status not in ("off_link", "no_ipv6", "missing")}
    return [say(f"broadcast.{source}") for source in sorted(asked & set(table()["broadcast"]))]
