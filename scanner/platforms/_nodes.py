"""What the web interfaces of NAS answer and `midclt` prints: values that come with the line they stand on."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from inventory.text import clean
from scanner.platforms._json import NoJsonError, Value, read_json
from scanner.platforms._reading import MAX_ITEMS, UnreadableError

T = TypeVar("T")
Placed = tuple[Any, int] | None  # a value and its line; None: the answer does not say

_WORDS = {"true": True, "yes": True, "on": True, "enabled": True,
          "false": False, "no": False, "off": False, "disabled": False}  # fmt: skip
_DATE = re.compile(r"(\d{4})[/-](\d{2})[/-](\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?(Z|\+00:00)?)?")


@dataclass(frozen=True, slots=True)
class Node:
    """A value: an object of nodes, a list of nodes, or a plain one; and its line."""

    value: Any
    line: int

    def at(self, *path: str) -> "Node | None":
        """The value below those names; None when there is none, or it is null."""
        found: Node | None = self
        for name in path:
            found = found.value.get(name) if found is not None and isinstance(found.value, dict) else None
        return found if found is not None and found.value is not None else None

    def items(self, *path: str) -> "list[Node] | None":
        """The items of the list below those names, the first 4096; None when there is no list."""
        found = self.at(*path)
        return found.value[:MAX_ITEMS] if found is not None and isinstance(found.value, list) else None

    def text(self, *path: str) -> Placed:
        """A text, or a number as text; empty ones count as unsaid."""
        found = self.at(*path)
        if found is None or isinstance(found.value, bool | dict | list):
            return None
        said = clean(str(found.value))
        return (said, found.line) if said else None

    def number(self, *path: str) -> Placed:
        """A whole number, written as one or as a text of up to 19 digits."""
        found = self.at(*path)
        match found.value if found is not None else None:
            case bool():
                return None
            case int() | float() as value if found is not None and 0 <= value < 10**19 and value == int(value):
                return int(value), found.line
            case str() as value if found is not None and value.isascii() and value.isdigit() and len(value) < 20:
                return int(value), found.line
        return None

    def flag(self, *path: str) -> Placed:
        """Yes or no: true, 1, "yes", "on", "enabled" and their opposites."""
        found = self.at(*path)
        match found.value if found is not None else None:
            case bool() as value if found is not None:
                return value, found.line
            case 0 | 1 | "0" | "1" as value if found is not None:
                return bool(int(value)), found.line
            case str() as value if found is not None and value.lower() in _WORDS:
                return _WORDS[value.lower()], found.line
        return None

    def word(self, meanings: dict[Any, Any], *path: str) -> Placed:
        """What a word or number of the device means; None when it is another one."""
        found = self.at(*path)
        if found is None or isinstance(found.value, dict | list) or found.value not in meanings:
            return None
        return meanings[found.value], found.line

    def time(self, *path: str) -> Placed:
        """A time: seconds since 1970, or a date in UTC; 0 and empty ones count as unsaid."""
        if seconds := self.number(*path):
            return (datetime.fromtimestamp(seconds[0], UTC), seconds[1]) if 0 < seconds[0] < 2**33 else None
        said = self.text(*path)
        found = _DATE.fullmatch(said[0]) if said else None
        if said is None or found is None:
            return None
        try:
            return datetime(*(int(part or 0) for part in found.groups()[:6]), tzinfo=UTC), said[1]  # type: ignore[arg-type, misc]
        except ValueError:
            return None


def parsed(text: str, first: int = 1) -> Node:
    r"""The value of a JSON text that begins on line `first`.

    Raises:
        UnreadableError: it is not JSON, or larger than any such answer.

    >>> parsed('{\n "data": {\n  "model": "DS918+"\n }\n}').text("data", "model")
    ('DS918+', 3)
    """
    try:
        return _node(read_json(text), first - 1)
    except NoJsonError as error:
        raise UnreadableError("not JSON") from error


def _node(found: Value, before: int) -> Node:
    """The value as a node, `before` lines further down; no deeper than `read_json` lets it be."""
    match found.data:
        case dict() as named:
            return Node({name: _node(item, before) for name, item in named.items()}, found.line + before)
        case list() as items:
            return Node([_node(item, before) for item in items], found.line + before)
    return Node(found.data, found.line + before)


def filled(made: T, pointer: str, lines: dict[str, int], **found: Placed) -> T:
    """The dataclass with those fields that the answer says, whose lines are entered below the pointer.

    >>> from inventory.system import Ntp
    >>> lines = {}
    >>> filled(Ntp(False), "/system/ntp", lines, enabled=(True, 8), servers=None), lines
    (Ntp(enabled=True, servers=None), {'/system/ntp/enabled': 8})
    """
    said = {name: placed for name, placed in found.items() if placed is not None and placed[0] is not None}
    lines |= {f"{pointer}/{name}": placed[1] for name, placed in said.items()}
    return replace(made, **{name: placed[0] for name, placed in said.items()})  # type: ignore[type-var]
