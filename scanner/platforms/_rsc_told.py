"""What the readers of a RouterOS export found, gathered: facts with their lines, defaults, and lines not read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.platforms._reading import MAX_ITEMS, MAX_UNREAD, unread

Bad = list[tuple[int, str]]


@dataclass(slots=True)
class Told:
    """Facts by their group of `System`; one without a line is what the version has when nothing is said."""

    facts: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    defaults: set[str] = field(default_factory=set)
    reports: list[UnreadLine] = field(default_factory=list)

    def one(self, group: str, value: Any, line: int | None, **parts: int | None) -> None:  # noqa: ANN401
        """A fact, and the lines of its parts where those are others; nothing for None."""
        if value is None:
            return
        self.facts[group] = value
        self.mark(f"/system/{group}", line)
        for name, place in parts.items():
            if getattr(value, name) is not None:
                self.mark(f"/system/{group}/{name}", place)

    def many(self, group: str, found: Mapping[Any, int | None], *, at: str = "") -> tuple[Any, ...]:
        """A list of facts with their lines; one that is empty is as delivered."""
        items = list(found.items())[:MAX_ITEMS]
        self.facts[group] = tuple(item for item, _ in items)
        for place, (_, line) in enumerate(items):
            self.mark(f"/system/{at or group}/{place}", line)
        if not items:
            self.mark(f"/system/{group}", None)
        return tuple(item for item, _ in items)

    def mark(self, pointer: str, line: int | None) -> None:
        """Where a fact stands; None: nowhere, it is a default."""
        if line is None:
            self.defaults.add(pointer)
        else:
            self.lines[pointer] = line

    def doubt(self, fact: str, bad: Iterable[tuple[int, str]]) -> None:
        """Lines because of which a fact may be incomplete."""
        self.reports += unread(f"system.{fact}", bad)

    def observation(self) -> Observation:
        """All of it."""
        system = System(**self.facts)
        reports = tuple(dict.fromkeys(self.reports))[: 2 * MAX_UNREAD]
        if system == System():
            return Observation(Device(), {}, reports)
        return Observation(Device(system=system), self.lines, reports, frozenset(self.defaults))
