"""What a config.xml tells: facts by group, the line of each, and what could not be read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.platforms._config_xml import Node
from scanner.platforms._reading import MAX_ITEMS, of_system, unread


@dataclass(slots=True)
class Told:
    """The facts as they are found."""

    facts: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    reports: list[UnreadLine] = field(default_factory=list)

    def say(self, group: str, value: Any, lines: Mapping[str, int | None] | int | None = None) -> None:  # noqa: ANN401
        """A group, with the line of it or of its fields; what follows from a default has none."""
        self.facts[group] = value
        if isinstance(lines, int):
            self.lines[f"/system/{group}"] = lines
        elif lines is not None:
            parts = {name: line for name, line in lines.items() if getattr(value, name) is not None}
            self.lines |= {f"/system/{group}/{name}": line for name, line in parts.items() if line is not None}

    def list(self, group: str, items: Mapping[Any, int], part: Node | None = None) -> None:
        """A list with the line of each entry; of an empty one the line of the part that would hold some."""
        kept = dict(list(items.items())[:MAX_ITEMS])
        self.facts[group] = tuple(kept)
        if part is not None and not kept:
            self.lines[f"/system/{group}"] = part.line
        self.lines |= {f"/system/{group}/{at}": line for at, line in enumerate(kept.values())}

    def doubt(self, group: str, nodes: Iterable[Node]) -> None:
        """Elements that make the group incomplete."""
        self.reports += unread(f"system.{group}", ((node.line, node.shown) for node in nodes))

    def observation(self) -> Observation:
        """All of it; every group that is in doubt is among the reports."""
        ordered = sorted(self.reports, key=lambda report: (report.fact, report.line))
        first = {report.fact: report for report in reversed(ordered)}
        rest = [report for report in ordered if first[report.fact] is not report]
        return of_system(System(**self.facts), self.lines, (*first.values(), *rest))
