"""The result types: a rule on a subject gives findings, findings of a checkpoint give its state.

Identity of a finding = (rule, subject, item), never its words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Network
from typing import Any, Literal

from inventory.device import Category, Link
from inventory.document import from_json, schema, to_json
from inventory.network import Zone
from inventory.snapshot import Authorisation, Coverage, SiteFacts, Vantage

ASSESSMENT_SCHEMA = "https://vigie.example/schema/assessment-1.json"
SITE = "site"  # the subject of a finding about the practice as a whole

Verdict = Literal["pass", "fail", "warn", "unknown", "not_applicable", "attested", "waived"]
Severity = Literal["critical", "high", "medium", "low"]
State = Literal["verified", "declared", "incomplete", "to_correct", "non_compliant"]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A fact that a finding rests on, and where it was read."""

    fact: str  # path below the subject: "system/port_forwards/0"
    evidence: str
    line: int | None = None
    default: bool | None = None  # True: the device leaves it out, so that its version's default stands


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted a finding, why, and until when."""

    by: str
    reason: str
    until: date
    compensating: str | None = None
    expired: bool = False  # True: shown, and the finding stands


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one subject, and of one item of it when it names one."""

    rule: str  # "ANS-02.14"
    subject: str  # a device id, or SITE
    verdict: Verdict
    severity: Severity
    item: str | None = None
    cause: str | None = None  # why unknown or not applicable: a word of rules/data/causes.yaml
    message: Words | None = None
    remedy: Words | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()
    waiver: Acceptance | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same finding in another run."""
        return (self.rule, self.subject, self.item or "")


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a report needs of a rule."""

    id: str
    title: Words
    severity: Severity
    checkpoints: tuple[str, ...]
    basis: tuple[str, ...]  # memento, pgssi-s, anssi, cnil, case-law, good-practice, law
    references: tuple[str, ...]
    memento_rule: str | None = None


@dataclass(frozen=True, slots=True)
class CheckpointResult:
    """One of the ten ANS checkpoints and what supports its state."""

    key: str  # "CP02"
    title: Words
    principles: tuple[str, ...]
    state: State
    rules: tuple[str, ...]  # ids of the rules mapped to it; none = checked by a person, for now
    counts: Mapping[str, int]  # verdict → number of findings
    causes: Mapping[str, int]  # cause of unknown → number of findings
    by_person: Words | None = None  # what a person still has to say, while nobody has


@dataclass(frozen=True, slots=True)
class Attached:
    """Where a device is plugged in, as the table of a switch has it."""

    device: str  # name of the switch
    port: str
    sharing: int  # devices behind the same port: beyond one it leads to another switch or an access point
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    """What a report says of a device."""

    id: str
    name: str
    category: Category
    certain: bool
    clues: tuple[str, ...]
    addresses: tuple[str, ...]
    macs: tuple[str, ...]
    mac_randomised: bool
    declared: bool
    fragile: bool
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    os: str | None = None
    owner: str | None = None
    zone: str | None = None
    seen: bool = True  # False: declared, and not met on this visit
    ports: tuple[str, ...] | None = None  # "tcp/445 smb"; None: not looked
    links: tuple[Link, ...] = ()  # why its interfaces, and those of earlier visits, are one device
    attached: Attached | None = None
    documented: tuple[str, ...] = ()  # groups of settings read as documented, which no recording has proven yet
    asked_at: tuple[str, ...] = ()  # of its addresses; at the others it was only heard, or others told of it


@dataclass(frozen=True, slots=True)
class GuestCount:
    """How many a run from the guest network met in one network: a number, and nobody's address."""

    network: IPv4Network
    zone: Zone  # of that network
    counted: int | None = None  # devices on the same wire; None: this machine was not on it
    reached: int | None = None  # addresses that answer through the guests' gateway


@dataclass(frozen=True, slots=True)
class EvidenceEntry:
    """One piece of evidence of the run, as its index lists it."""

    id: str
    source: str
    target: str
    ask: str
    status: str
    time: datetime
    file: str | None = None  # relative to the run folder
    sha256: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All findings of a snapshot: the one document every report is rendered from."""

    taken_at: datetime
    vigie: str  # version of the program
    policy: str  # sha256 over the rules and their data
    site: SiteFacts
    vantages: tuple[Vantage, ...]
    checkpoints: tuple[CheckpointResult, ...]
    findings: tuple[Finding, ...]
    rules: tuple[RuleText, ...]
    devices: tuple[DeviceSummary, ...]
    coverage: tuple[Coverage, ...]
    evidence: tuple[EvidenceEntry, ...] = ()
    authorisation: Authorisation | None = None
    causes: Mapping[str, Words] = field(default_factory=dict)  # the words of every cause and status it names
    unused_waivers: tuple[str, ...] = ()  # "ANS-02.14 nas"
    guests: tuple[GuestCount, ...] | None = None  # None: nobody looked from the guest network
    version: int = 1

    def to_json(self) -> dict[str, Any]:
        """The assessment as JSON data, the shape of schema/assessment.schema.json."""
        document: dict[str, Any] = to_json(self)
        return document

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Assessment":
        """The assessment of JSON data; ParseError where it does not fit."""
        assessment: Assessment = from_json(Assessment, data)
        return assessment


def assessment_schema() -> dict[str, Any]:
    """The JSON Schema that schema/assessment.schema.json must hold."""
    return schema(Assessment, ASSESSMENT_SCHEMA, "Vigie assessment")


def verdict(*, fail: bool, warn: bool, not_applicable: bool, unknown: bool, needs_met: bool) -> Verdict:
    """The verdict of one rule on one subject: the one place where it is decided.

    fail > warn > not_applicable > unknown > pass: a proven failure stands whatever else is missing, and a pass is what
    is left when everything that the rule needs was seen and nothing speaks against it.

    >>> verdict(fail=False, warn=False, not_applicable=False, unknown=False, needs_met=False)
    'unknown'
    """
    if fail:
        return "fail"
    if warn:
        return "warn"
    if not_applicable:
        return "not_applicable"
    return "unknown" if unknown or not needs_met else "pass"
