"""Runs and findings over time: since when a finding stands, and when it went.

What is stored are changes of verdict, not a row a finding and run: a run every few minutes would make millions of them.
A run may be noted twice, or after a later one: the changes come out the same.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, and_, bindparam, delete, func, select

from inventory.database import Moment, metadata, upsert
from inventory.store_place import Keep
from inventory.text import clean
from rules.finding import Assessment, Finding, Severity, Verdict

# Characters of the item of a finding that tell it from another.
MAX_ITEM = 500

ASSESSMENTS = Table(
    "assessments",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("taken_at", Moment, nullable=False, index=True),
    Column("vigie", String(64), nullable=False),
    Column("policy", String(64), nullable=False),
)
CHANGES = Table(
    "changes",
    metadata,
    Column("rule", String(32), primary_key=True),
    Column("subject", String(160), primary_key=True),
    Column("item", String(500), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("verdict", String(16)),  # NULL: from then on the rule says nothing of it any more
    Column("severity", String(16)),
)

Identity = tuple[str, str, str]
State = tuple[Verdict, Severity] | None
Line = list[tuple[datetime, State]]  # the changes of one finding, by time


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding as it stands after the newest run, and since when."""

    rule: str
    subject: str
    item: str
    verdict: Verdict
    severity: Severity
    since: datetime


def note(connection: Connection, run: str, assessment: Assessment) -> None:
    """What a run concluded is in the store; a second time changes nothing."""
    row = {
        "run": run,
        "taken_at": assessment.taken_at,
        "vigie": clean(assessment.vigie, 64),
        "policy": clean(assessment.policy, 64),
    }
    upsert(
        connection,
        ASSESSMENTS,
        [row],
        lambda new: {"taken_at": new.taken_at, "vigie": new.vigie, "policy": new.policy},
    )
    times = list(connection.execute(select(ASSESSMENTS.c.taken_at).order_by(ASSESSMENTS.c.taken_at)).scalars())
    place = bisect_right(times, assessment.taken_at)
    following = times[place] if place < len(times) else None
    found = {_identity(finding): (finding.verdict, finding.severity) for finding in assessment.findings}
    lines = _lines(connection)
    wanted = {
        key: changed(lines.get(key, []), assessment.taken_at, found.get(key), following)
        for key in lines.keys() | found.keys()
    }
    _write(connection, lines, wanted)


def changed(line: Line, at: datetime, state: State, following: datetime | None) -> Line:
    """The changes of a finding when a run at `at` gave `state`; the run after it keeps what it gave."""
    moments = [moment for moment, _ in line]
    before = line[bisect_left(moments, at) - 1][1] if bisect_left(moments, at) else None
    result = {moment: was for moment, was in line if moment not in (at, following)}
    if state != before:
        result[at] = state
    if following is not None:
        place = bisect_right(moments, following)
        then = line[place - 1][1] if place else None
        if then != state:
            result[following] = then
    return sorted(result.items(), key=lambda pair: pair[0])


def standing(connection: Connection) -> tuple[Standing, ...]:
    """Every finding of the newest run, with the day since which its verdict has been the same."""
    found = []
    for (rule, subject, item), line in sorted(_lines(connection).items()):
        since, state = line[-1]
        if state is not None:
            found.append(Standing(rule, subject, item, *state, since))
    return tuple(found)


def forget_after(connection: Connection, until: datetime) -> None:
    """What runs of a clock that was ahead concluded is gone."""
    connection.execute(delete(ASSESSMENTS).where(ASSESSMENTS.c.taken_at > until))
    connection.execute(delete(CHANGES).where(CHANGES.c.at > until))


def purge(connection: Connection, keep: Keep, until: datetime | None = None) -> None:
    """Findings older than the site wants kept are gone; of one that still stands, its last change stays.

    Counted from the newest run that is not later than `until`.
    """
    wanted = select(func.max(ASSESSMENTS.c.taken_at))
    newest = connection.execute(wanted if until is None else wanted.where(ASSESSMENTS.c.taken_at <= until)).scalar()
    if newest is None:
        return
    oldest = newest - keep.findings
    connection.execute(delete(ASSESSMENTS).where(ASSESSMENTS.c.taken_at < oldest))
    lines = _lines(connection)
    _write(connection, lines, {key: list(_recent(line, oldest)) for key, line in lines.items()})


def _recent(line: Line, oldest: datetime) -> Iterator[tuple[datetime, State]]:
    for place, (at, state) in enumerate(line):
        superseded = place + 1 < len(line) and line[place + 1][0] <= oldest
        if at >= oldest or not (superseded or state is None):
            yield at, state


def _identity(finding: Finding) -> Identity:
    rule, subject, item = finding.identity
    return clean(rule, 32), clean(subject, 160), clean(item, MAX_ITEM)


def _lines(connection: Connection) -> dict[Identity, Line]:
    lines: dict[Identity, Line] = {}
    for row in connection.execute(select(CHANGES).order_by(CHANGES.c.at)):
        state: State = None if row.verdict is None else (row.verdict, row.severity)
        lines.setdefault((row.rule, row.subject, row.item), []).append((row.at, state))
    return lines


def _write(connection: Connection, before: Mapping[Identity, Line], after: Mapping[Identity, Line]) -> None:
    old, new = set(_flat(before)), set(_flat(after))
    key = and_(*(CHANGES.c[name] == bindparam(f"old_{name}") for name in ("rule", "subject", "item", "at")))
    gone = [
        {"old_rule": rule, "old_subject": subject, "old_item": item, "old_at": at}
        for (rule, subject, item), at, _ in old - new
        if (rule, subject, item) in after
    ]
    if gone:
        connection.execute(delete(CHANGES).where(key), gone)
    rows = [
        {
            "rule": rule,
            "subject": subject,
            "item": item,
            "at": at,
            "verdict": state[0] if state else None,
            "severity": state[1] if state else None,
        }
        for (rule, subject, item), at, state in new - old
    ]
    upsert(connection, CHANGES, rows, lambda added: {"verdict": added.verdict, "severity": added.severity})


def _flat(lines: Mapping[Identity, Line]) -> Iterable[tuple[Identity, datetime, State]]:
    return ((key, at, state) for key, line in lines.items() for at, state in line)
