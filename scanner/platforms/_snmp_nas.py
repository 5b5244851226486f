"""What the SNMP tables of small NAS have in common: a volume a row, with its state, RAID and sizes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from inventory.storage import Volume
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._reading import MAX_ITEMS
from scanner.snmprec import Row

Bad = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table of volumes, below its entry."""

    entry: str  # ends in a dot
    name: int
    state: int
    total: int
    free: int


def said(found: Mapping[str, Row], *oids: str) -> Placed:
    """The first of the values that is not empty, with its line."""
    return next(((row.text, row.line) for oid in oids if (row := found.get(oid)) and row.text), None)


def volumes(
    found: Mapping[str, Row], table: Table, states: Mapping[str, str], lines: dict[str, int]
) -> tuple[tuple[Volume, ...] | None, Bad]:
    """The volumes and the rows not understood; None when the table is not served. Enters their lines."""
    names = [row for oid, row in found.items() if oid.startswith(f"{table.entry}{table.name}.")][:MAX_ITEMS]
    told: list[Volume] = []
    bad: Bad = []
    for row in names:
        index = row.oid.rpartition(".")[2]
        state = said(found, f"{table.entry}{table.state}.{index}")
        if state is None or not row.text:
            bad.append((row.line, row.value))
            continue
        at = f"/system/volumes/{len(told)}"
        lines[at] = state[1]
        left = free(found.get(f"{table.entry}{table.free}.{index}"), found.get(f"{table.entry}{table.total}.{index}"))
        told.append(filled(Volume(row.text, states.get(state[0].lower(), state[0])), at, lines, free_percent=left))
    return tuple(told) or None, bad


def free(left: Row | None, total: Row | None) -> Placed:
    """How much is free, in per cent; None when the sizes contradict each other."""
    if left is None or total is None or left.number is None or not total.number:
        return None
    return (left.number * 100 // total.number, left.line) if 0 <= left.number <= total.number else None
