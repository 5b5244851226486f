"""What an engine hands back for one rule, checked once and the same way whichever engine it came from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.document import from_json
from inventory.errors import ParseError
from rules.finding import SITE, Severity
from rules.rule import SETS, Rule

# A rule names devices of one small network: more entries than this is a runaway join, and would fill the report.
MAX_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of a rule's `fail`, `warn`, `unknown` or `not_applicable`."""

    subject: str
    item: str | None = None
    cause: str | None = None  # a word of data/causes.yaml; unknown and not_applicable have one
    severity: Severity | None = None  # instead of the rule's
    fact: str | None = None  # path below the device: "system/port_forwards/0"
    facts: tuple[str, ...] = ()  # several, where one alone proves nothing
    devices: tuple[str, ...] = ()  # whom a row about the practice counts: the facts are theirs
    values: Mapping[str, Any] = field(default_factory=dict)  # for the templates: strings, integers, lists of them


@dataclass(frozen=True, slots=True)
class Outcome:
    """The four sets of one rule, in canonical order; a set that the rule does not define is empty."""

    fail: tuple[Entry, ...] = ()
    warn: tuple[Entry, ...] = ()
    unknown: tuple[Entry, ...] = ()
    not_applicable: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleError:
    """A rule that raised, or whose answer is no answer; it costs that rule only."""

    package: str
    reason: str  # one line


def subjects(snapshot: Mapping[str, Any]) -> frozenset[str]:
    """What a finding on this snapshot may be about."""
    return frozenset(device.get("id", "") for device in snapshot.get("devices", ())) | {SITE}


def outcome(rule: Rule, answer: Any, known: frozenset[str]) -> Outcome | RuleError:  # noqa: ANN401
    """The outcome of a rule from {set: list} as the engine gave it; anything else is a RuleError, never "clean"."""
    if not isinstance(answer, Mapping):
        return RuleError(rule.package, "the engine gave no answer")
    try:
        return Outcome(**{name: _entries(name, answer.get(name), known) for name in rule.sets})
    except (ParseError, ValueError) as error:
        return RuleError(rule.package, _one_line(error))


def _entries(name: str, raw: Any, known: frozenset[str]) -> tuple[Entry, ...]:  # noqa: ANN401
    if not isinstance(raw, list):
        raise ValueError(f"{name} is not a list")  # noqa: TRY004 — data from outside, not a wrong call
    if len(raw) > MAX_ENTRIES:
        raise ValueError(f"{name} has more than {MAX_ENTRIES} entries")
    entries = []
    for item in sorted(raw, key=canonical):
        entry: Entry = from_json(Entry, item, name)
        if stranger := next((who for who in (entry.subject, *entry.devices) if who not in known), None):
            raise ValueError(f"{name} names {stranger!r}, which is not in the snapshot")
        if (entry.cause is None) == (name in SETS[2:]):
            raise ValueError(f"{name}: unknown and not_applicable have a cause, fail and warn have none")
        if not all(map(_is_plain, entry.values.values())):
            raise ValueError(f"{name}: values are strings, integers and lists of them")
        entries.append(entry)
    return tuple(entries)


def _is_plain(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, list):
        return all(isinstance(item, str | int) for item in value)
    return isinstance(value, str | int)


def canonical(value: Any) -> str:  # noqa: ANN401
    """JSON text that is the same for equal values: what both engines' answers are sorted and compared by."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
