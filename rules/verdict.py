"""From what the engine returned to findings: one row per rule, subject and item.

What deleting evidence can do (tests/unit/rules/test_deletion.py holds exactly this). From a snapshot whose facts do not
contradict each other, take away facts (a field of a fact group, or the group; a list is one fact), provenance, history,
coverage entries or whole devices, but neither `unread` nor an entry that says "not done" of a sweep. Then

1. no rule × subject that was fail, warn or unknown becomes pass or not_applicable, but where a fact went that only
   speaks against a device: a rule reads it besides its needs, and what remains settles the matter without it
   (`ACCUSING` names them all). A device whose classification went is counted among the uncertain ones;
2. no checkpoint becomes verified or declared that was not at least that good, with the same exception;
3. for the site as a subject and for checkpoints there is one more exception: a device that went together with every
   coverage entry that names it. A network where a device left no trace is the network without it. While an entry
   names it, or a network of the site is not swept, the site's own row stays unknown;
4. where no device was seen at all every rule has an unknown row, and every checkpoint is incomplete or worse.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from inventory.device import Device
from inventory.names import impersonal_data
from inventory.snapshot import Snapshot
from rules import needs
from rules.finding import SITE, Finding, Proof, Verdict, Words, verdict
from rules.outcome import Entry, Outcome, RuleError
from rules.places import asked_at
from rules.proofs import MAX_PROOFS, Provenance
from rules.rule import Policy, Rule
from rules.words import filled

# Facts whose absence cannot be told from innocence, by rule: nothing says "the device has no such setting" or "no key
# was ever noted", so without them the rule decides on what it needs.
ACCUSING: Mapping[str, tuple[str, ...]] = {
    # SMBv1 allowed by the device though not negotiated; file sharing said by a device that shows no SMB port
    "ANS-02.14": ("system.smb", "system.shares", "system.services"),
    # an offer that was not heard, a router that did not announce itself
    "ANS-02.06": ("network.dhcp_server", "network.dhcp6_server", "network.router_advertisement"),
    # a device that says of its SSH server what the wire does not show: one on another port, or behind a filter
    "ANS-03.17": ("system.ssh",),
    # what earlier visits noted of the device (without it, it is the first one)
    "ANS-02.29": ("history.known",),
    # an agent that answers to a known community, or at all, though its settings say otherwise
    "ANS-03.18": ("network.snmp",),
    # a folder that the device says it opens to guests; file sharing said by a device that shows no SMB port
    "ANS-03.25": ("system.shares", "system.services"),
    # the key on record (without one it is the first contact); an SSH server said by a device that shows no SSH port
    "ANS-05.16": ("network.ssh.pinned", "system.ssh"),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What judging needs of a snapshot, worked out once."""

    snapshot: Snapshot
    causes: Mapping[str, Words]
    devices: Mapping[str, Device]
    provenance: Provenance
    hidden: needs.Hidden | None
    anything_seen: bool
    asked_at: Mapping[str, tuple[str, ...]]


def findings(snapshot: Snapshot, policy: Policy, outcomes: Mapping[str, Outcome | RuleError]) -> list[Finding]:
    """Every finding of every rule, before waivers, unsorted."""
    scene = Scene(
        snapshot,
        policy.causes,
        {device.id: device for device in snapshot.devices},
        Provenance(snapshot),
        needs.hidden(snapshot),
        any(map(needs.is_seen, snapshot.devices)),
        asked_at(snapshot),
    )
    nothing = RuleError("", "the engine did not evaluate this rule")
    return [row for rule in policy.rules for row in _rule_rows(rule, outcomes.get(rule.package, nothing), scene)]


def _rule_rows(rule: Rule, outcome: Outcome | RuleError, scene: Scene) -> list[Finding]:
    inside = _subjects(rule, scene)
    if isinstance(outcome, RuleError):
        values = {"reason": outcome.reason}
        rows = [
            _row(rule, subject, "unknown", scene, cause="rule_error", values=values) for subject in inside or [SITE]
        ]
    else:
        proven = {entry.subject for entry in (*outcome.fail, *outcome.warn)}
        about_site = {entry.subject for entry in (*outcome.unknown, *outcome.not_applicable)} & {SITE}
        subjects = sorted({*inside, *proven, *about_site})
        rows = [row for subject in subjects for row in _subject_rows(rule, subject, outcome, scene)]
    return _distinct([*_believable(rows, scene), *_site_rows(rule, rows, scene)])


def _subjects(rule: Rule, scene: Scene) -> list[str]:
    """The site, or the devices that the rule is for."""
    if rule.subject == "site":
        return [SITE]
    return [device.id for device in scene.snapshot.devices if not rule.roles or _category(device) in rule.roles]


def _subject_rows(rule: Rule, subject: str, outcome: Outcome, scene: Scene) -> Iterator[Finding]:
    """The rows of one rule on one subject."""
    fail, warn, not_applicable, unknown = (
        [entry for entry in entries if entry.subject == subject]
        for entries in (outcome.fail, outcome.warn, outcome.not_applicable, outcome.unknown)
    )
    device = scene.devices.get(subject)
    held = needs.met(rule.needs, scene.snapshot, device)
    decided = verdict(
        fail=bool(fail),
        warn=bool(warn),
        not_applicable=bool(not_applicable),
        unknown=bool(unknown),
        needs_met=held is not None,
    )
    if decided in ("fail", "warn"):
        yield from (_proven(rule, "fail", entry, scene) for entry in fail)
        yield from (_proven(rule, "warn", entry, scene) for entry in warn)
    elif decided == "not_applicable":
        yield _said(rule, decided, not_applicable[0], scene)
    elif unknown:
        yield from (_said(rule, decided, entry, scene) for entry in unknown)
    elif held is None:
        yield _lacking(rule, subject, scene)
    else:
        yield _row(rule, subject, decided, scene, proofs=scene.provenance.of_paths(subject, held))


def _proven(rule: Rule, decided: Verdict, entry: Entry, scene: Scene) -> Finding:
    """A fail or warn with the rule's own words."""
    row = _said(rule, decided, entry, scene)
    words = rule.message if decided == "fail" else rule.warning or rule.message
    return replace(row, message=filled(words, row.values), remedy=filled(rule.remedy, row.values))


def _said(rule: Rule, decided: Verdict, entry: Entry, scene: Scene) -> Finding:
    """A row that the rule itself asked for; what it says of the practice rests on the facts of whom it counts."""
    proofs = _rests_on(rule, entry, entry.subject, scene)
    if entry.devices:
        counted = (proof for device in entry.devices for proof in _rests_on(rule, entry, device, scene))
        proofs = tuple(dict.fromkeys(counted))[:MAX_PROOFS]
    row = _row(rule, entry.subject, decided, scene, cause=entry.cause, values=entry.values, proofs=proofs)
    return replace(row, item=entry.item, severity=entry.severity or rule.severity)


def _rests_on(rule: Rule, entry: Entry, device: str, scene: Scene) -> tuple[Proof, ...]:
    """Where the facts that an entry names were read of one device; without any, those that its rule needs."""
    facts = (*((entry.fact,) if entry.fact else ()), *entry.facts)
    if not facts:
        return scene.provenance.of_paths(device, (path for paths in rule.needs for path in paths))
    return tuple(proof for fact in facts for proof in scene.provenance.of_fact(device, fact))


def _lacking(rule: Rule, subject: str, scene: Scene) -> Finding:
    """Unknown, because of what the snapshot does not hold; the failed attempt or the unreadable line is the proof."""
    lack = needs.lack(rule.needs, scene.snapshot, scene.devices.get(subject))
    values: dict[str, Any] = {"missing": lack.path}
    proofs: tuple[Proof, ...] = ()
    if attempt := lack.coverage:
        values |= {"source": attempt.source} | ({"detail": attempt.cause} if attempt.cause else {})
        proofs = (Proof(lack.path.replace(".", "/"), attempt.evidence),) if attempt.evidence else ()
    if line := lack.unread:
        proofs = (Proof(lack.path.replace(".", "/"), line.evidence, line.line),)
    return _row(rule, subject, "unknown", scene, cause=lack.cause, values=values, proofs=proofs)


def _row(
    rule: Rule,
    subject: str,
    decided: Verdict,
    scene: Scene,
    *,
    cause: str | None = None,
    values: Mapping[str, Any] | None = None,
    proofs: tuple[Proof, ...] = (),
) -> Finding:
    """A finding without item, worded by its cause."""
    shown = values or {} if scene.snapshot.site.show_names else impersonal_data(values or {})
    known = {**_names(subject, scene), **shown}
    words = scene.causes.get(cause, Words(cause, cause)) if cause else None
    if decided == "unknown" and rule.unknown and cause != "rule_error":
        words = rule.unknown
    return Finding(
        rule.id, subject, decided, rule.severity, None, cause, filled(words, known), None, known, proofs
    )  # fmt: skip


def _names(subject: str, scene: Scene) -> dict[str, Any]:
    """What every template may use: who the subject is and where."""
    device = scene.devices.get(subject)
    if device is None:
        return {"device": scene.snapshot.site.client}
    network = device.network
    places = (*scene.asked_at[subject], *(network.addresses or ()), *(network.macs or ())) if network else ()
    return {"device": device.name or device.id, "address": str(places[0]) if places else device.id}


def _believable(rows: list[Finding], scene: Scene) -> Iterable[Finding]:
    """The rows that stand when nothing at all was seen: of the site's own, only proven failures do."""
    return (row for row in rows if scene.anything_seen or row.subject != SITE or row.verdict in ("fail", "warn"))


def _site_rows(rule: Rule, rows: list[Finding], scene: Scene) -> Iterator[Finding]:
    """What keeps a rule from being settled for the practice as a whole."""
    if not scene.anything_seen:
        # From the guest network nobody is met, only counted: what is lacking there is the other visit.
        snapshot = scene.snapshot
        alone = snapshot.guest_views is not None and all(row.source != "arp" for row in snapshot.coverage)
        yield _row(rule, SITE, "unknown", scene, cause="guest_view_alone" if alone else "no_device_seen")
    if rule.subject == "site":
        return
    if scene.hidden:
        row = _row(rule, SITE, "unknown", scene, cause=scene.hidden.cause, values=scene.hidden.where)
        yield replace(row, item="discovery")
    judged = {row.subject for row in rows}
    doubtful = [device for device in scene.snapshot.devices if device.id not in judged and not _is_certain(device)]
    if doubtful:
        names = sorted(device.name or device.id for device in doubtful)
        row = _row(rule, SITE, "unknown", scene, cause="category_uncertain", values={"devices": names})
        yield replace(row, item="uncertain_devices")
    if not judged and not doubtful and not scene.hidden and scene.anything_seen:
        yield _row(rule, SITE, "not_applicable", scene, cause="no_such_device")


def _distinct(rows: list[Finding]) -> list[Finding]:
    """The rows with identities of their own: a second door on the same port becomes "tcp/443 (2)"."""
    counted: Counter[tuple[str, str, str]] = Counter()
    result = []
    for row in rows:
        counted[row.identity] += 1
        again = counted[row.identity]
        result.append(replace(row, item=f"{row.item or ''} ({again})".strip()) if again > 1 else row)
    return result


def _category(device: Device) -> str:
    return device.classification.category if device.classification else "unknown"


def _is_certain(device: Device) -> bool:
    """Whether it can be ruled out that the device is of another category; nobody is certain of "unknown"."""
    return device.classification is not None and device.classification.certain and _category(device) != "unknown"
