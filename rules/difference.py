"""What changed between two runs: devices, facts, findings. Pure set arithmetic on their documents."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from inventory.device import Device
from inventory.document import to_json
from inventory.names import impersonal_data
from inventory.snapshot import Snapshot
from rules.finding import Assessment, Finding, Words

Change = Literal["new", "gone", "changed"]


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """A device that one of the runs did not meet."""

    change: Literal["new", "gone"]
    device: str  # its id
    name: str


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact of a device that both runs met."""

    change: Change
    device: str
    name: str
    fact: str  # "system.identity.firmware"; an item of a list by what it is: "network.ports[tcp/445]"
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding whose verdict moved; `before` or `after` None where that run did not give it.

    Of one that a run could not check again the verdict there is "unknown", though its row names no item.
    """

    rule: str
    title: Words
    subject: str
    name: str
    item: str
    before: str | None
    after: str | None
    severity: tuple[str, str] | None = None  # before and after, where the severity moved


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that changed from one run to a later one."""

    devices: tuple[DeviceChange, ...]
    facts: tuple[FactChange, ...]
    findings: tuple[FindingChange, ...]

    def __bool__(self) -> bool:
        return bool(self.devices or self.facts or self.findings)


def difference(before: tuple[Snapshot, Assessment], after: tuple[Snapshot, Assessment]) -> Difference:
    """What changed from the run `before` to the run `after`.

    A device that was declared and not met is gone. Facts that move by themselves (uptime, the classification's clues)
    are left out, and so is whoever passes under a MAC of one day and is accused of nothing: he is nobody's change.
    """
    old, new = (_met(snapshot) for snapshot, _ in (before, after))
    passing = _passing(before) | _passing(after)
    names = {device.id: device.name or device.id for run in (before, after) for device in run[0].devices}
    devices = [DeviceChange("gone", each, names[each]) for each in old.keys() - new.keys() - passing]
    devices += [DeviceChange("new", each, names[each]) for each in new.keys() - old.keys() - passing]
    hidden = not all(snapshot.site.show_names for snapshot, _ in (before, after))
    facts = [
        FactChange(change, each, names[each], *(impersonal_data([fact, was, now]) if hidden else (fact, was, now)))
        for each in sorted(old.keys() & new.keys())
        for change, fact, was, now in _facts(old[each], new[each])
    ]
    return Difference(
        tuple(sorted(devices, key=lambda item: (item.name, item.device))),
        tuple(facts),
        _findings(before, after, names, passing),
    )


def _passing(run: tuple[Snapshot, Assessment]) -> set[str]:
    """The devices that nobody will meet again under their id: undeclared, with an invented MAC and nothing lasting."""
    snapshot, assessment = run
    accused = {row.subject for row in assessment.findings if row.verdict in ("fail", "warn")}
    return {device.id for device in snapshot.devices if _invented(device)} - accused


def _invented(device: Device) -> bool:
    """As `rules/lib/transient.rego` has it: what is known to be another thing than a phone stands, whatever its MAC."""
    lasting = device.traits is not None and device.traits.identifiers
    if not (device.network and device.network.mac_randomised) or device.declared is not None or lasting:
        return False
    known = device.classification
    if known is None:
        return True
    other = known.certain and known.category not in ("phone", "tablet")
    return not other and all(clue.reason != "gateway true" for clue in known.clues)


def _met(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """The flat facts of each device that the wire showed, by id."""
    return {device.id: dict(_flat(to_json(device))) for device in snapshot.devices if device.network is not None}


# What changes from one visit to the next and means nothing.
_RESTLESS = frozenset({"system.identity.uptime_s"})
_GROUPS = ("network", "system", "declared")
# What names an item of a list of objects, best first.
_KEYS = ("port", "external", "name", "kind", "table", "key_type")


def _flat(device: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "classification.category", device.get("classification", {}).get("category")
    for group in _GROUPS:
        yield from _leaves(group, device.get(group))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 — JSON data
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        counted: Counter[str] = Counter()
        for index, item in enumerate(value):
            called = _called(item, index)
            counted[called] += 1
            yield f"{path}[{called}{f' ({counted[called]})' if counted[called] > 1 else ''}]", item
    elif value is not None and path not in _RESTLESS:
        yield path, value


def _called(item: Mapping[str, Any], index: int) -> str:
    """What an item of a list is called, so that an item before it that goes does not make it another one."""
    key = next((name for name in _KEYS if name in item), None)
    if key is None:
        return str(index)
    if key == "port" and "protocol" in item:
        return f"{item['protocol']}/{item['port']} {item.get('address', '')}".strip()
    return " ".join(str(item[name]) for name in (key, "target", "uid", "interface") if name in item)


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Change, str, Any, Any]]:
    for fact in sorted(old.keys() | new.keys()):
        was, now = old.get(fact), new.get(fact)
        if was != now:
            yield ("new" if was is None else "gone" if now is None else "changed"), fact, was, now


_Identity = tuple[str, str, str]  # rule, subject, item


def _findings(
    before: tuple[Snapshot, Assessment],
    after: tuple[Snapshot, Assessment],
    names: Mapping[str, str],
    passing: Collection[str],
) -> tuple[FindingChange, ...]:
    old, new = (_by_identity(assessment.findings) for _, assessment in (before, after))
    moved = _severities(before[1].findings, after[1].findings)
    titles = {rule.id: rule.title for _, assessment in (before, after) for rule in assessment.rules}
    rows = {}
    for identity in sorted(old.keys() | new.keys()):
        was, now = old.get(identity), new.get(identity)
        if was != now or identity in moved:
            rows[identity] = (was or _whole(identity, old, new), now or _whole(identity, new, old))
    told = {identity[:2] for identity in rows if identity[2]}  # by the rows of their items
    return tuple(
        FindingChange(
            rule,
            titles.get(rule, Words(rule, rule)),
            subject,
            names.get(subject, subject),
            item,
            was,
            now,
            moved.get((rule, subject, item)),
        )
        for (rule, subject, item), (was, now) in rows.items()
        if subject not in passing
        and (was != now or (rule, subject, item) in moved)
        and (item or {was, now} != {None, "unknown"} or (rule, subject) not in told)
    )


def _whole(identity: _Identity, verdicts: Mapping[_Identity, str], other: Mapping[_Identity, str]) -> str | None:
    """The verdict "unknown" where a run could not check a fault that the other run found, None where it is gone."""
    rule, subject, item = identity
    doubted = verdicts.get((rule, subject, "")) == "unknown"
    return "unknown" if item and doubted and other[identity] in ("fail", "warn", "waived") else None


def _severities(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> dict[_Identity, tuple[str, str]]:
    """Findings that both runs gave and one of them took more seriously."""
    old = {finding.identity: finding.severity for finding in before}
    pairs = ((finding.identity, old.get(finding.identity), finding.severity) for finding in after)
    return {identity: (was, now) for identity, was, now in pairs if was is not None and was != now}


def _by_identity(findings: tuple[Finding, ...]) -> dict[_Identity, str]:
    return {finding.identity: finding.verdict for finding in findings}
