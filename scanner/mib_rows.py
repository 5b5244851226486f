"""The rows of an SNMP answer by the column they are in, and the names of the interfaces they speak of. Pure.

Sources: IF-MIB (RFC 2863), BRIDGE-MIB (RFC 4188).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.snmprec import Row, rows

IF_NAME, IF_DESCR = "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.2"
PORT_INTERFACE = "1.3.6.1.2.1.17.1.4.1.2"

Index = tuple[int, ...]


def walks(*roots: str) -> str:
    """The question for every row below each of the roots."""
    return " ".join(f"walk:{root}" for root in roots)


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of an answer by column, then by the index below it."""

    columns: Mapping[str, Mapping[Index, Row]]

    def of(self, column: str) -> Mapping[Index, Row]:
        """The rows of one column by their index."""
        return self.columns.get(column, {})

    def number(self, column: str, index: Index) -> int | None:
        """The whole number at one place of a column."""
        row = self.of(column).get(index)
        return row.number if row else None

    def interface(self, index: int | None) -> str | None:
        """The name of an interface: ifName, else ifDescr."""
        if index is None:
            return None
        named = (self.of(column).get((index,)) for column in (IF_NAME, IF_DESCR))
        return next((row.text for row in named if row is not None and row.text), None)

    def port(self, port: int) -> str:
        """The name of a bridge port, its number when the agent tells none."""
        return self.interface(self.number(PORT_INTERFACE, (port,))) or str(port)


def tables(text: str, asks: str) -> Tables:
    """The rows of an answer below the roots that were asked for."""
    roots = {word.partition(":")[2] for word in asks.split()}
    lengths = sorted({root.count(".") + 1 for root in roots})
    columns: dict[str, dict[Index, Row]] = {}
    for row in rows(text):
        parts = row.oid.split(".")
        heads = (".".join(parts[:length]) for length in lengths if length < len(parts))
        if (root := next((head for head in heads if head in roots), None)) is not None:
            index = tuple(int(part) if len(part) <= 10 else 2**32 for part in parts[root.count(".") + 1 :])
            columns.setdefault(root, {})[index] = row
    return Tables(columns)
