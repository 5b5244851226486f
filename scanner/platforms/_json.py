"""JSON with the line each value stands on, read as far as a box sends it.

Neither the standard library nor a library kept today says where a value stands; strings and numbers are still read by
the standard library's own scanner.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_DEPTH = 40  # objects within each other; stops "[[[[…" from exhausting the stack
MAX_VALUES = 200_000  # stops a body of single digits from becoming a million objects

_BLANK = re.compile(r"[ \t\r\n]*+")
_SCALAR = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,3})?(?![\d.])|true|false|null")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class NoJsonError(ValueError):
    """The text is no JSON, or deeper than any box sends."""


@dataclass(slots=True)
class Value:
    """One value: `data` is a dict or a list of Value, a string, a number, True, False or None."""

    data: Any
    line: int

    def at(self, *names: str) -> "Value":
        """The value below those names; a null on this line where there is none."""
        found = self
        for name in names:
            inner = found.data.get(name) if isinstance(found.data, dict) else None
            found = inner if inner is not None else Value(None, self.line)
        return found

    def has(self, name: str) -> bool:
        """Whether there is a value of that name."""
        return isinstance(self.data, dict) and name in self.data

    def items(self) -> Iterator["Value"]:
        """The values of a list or of an object, none of anything else."""
        yield from self.data if isinstance(self.data, list) else ()
        yield from self.data.values() if isinstance(self.data, dict) else ()


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    line: int = 1
    count: int = 0
    seen: int = field(default=0)  # how far lines were counted

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def value(self, depth: int) -> Value:
        self.blank()
        self.line += self.text.count("\n", self.seen, self.at)
        self.seen, line = self.at, self.line
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise NoJsonError("too deep")
        sign = self.text[self.at : self.at + 1]
        if sign == "{":
            return Value(self.pairs(depth), line)
        if sign == "[":
            return Value(self.list(depth), line)
        if sign == '"':
            return Value(self.string(), line)
        match = _SCALAR.match(self.text, self.at)
        if match is None:
            raise NoJsonError("no value")
        self.at = match.end()
        return Value(_WORDS[match[0]] if match[0] in _WORDS else json.loads(match[0]), line)

    def string(self) -> str:
        text, self.at = json.decoder.scanstring(self.text, self.at + 1, False)  # type: ignore[attr-defined]
        return str(text)

    def take(self, signs: str) -> str:
        self.blank()
        sign = self.text[self.at : self.at + 1]
        if not sign or sign not in signs:
            raise NoJsonError(f"no {signs}")
        self.at += 1
        return sign

    def pairs(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        self.take("{")
        self.blank()
        if self.text[self.at : self.at + 1] == "}":
            self.at += 1
            return found
        while True:
            self.blank()
            if self.text[self.at : self.at + 1] != '"':
                raise NoJsonError("no name")
            name = self.string()
            self.take(":")
            found[name] = self.value(depth + 1)
            if self.take(",}") == "}":
                return found

    def list(self, depth: int) -> list[Value]:
        found: list[Value] = []
        self.take("[")
        self.blank()
        if self.text[self.at : self.at + 1] == "]":
            self.at += 1
            return found
        while True:
            found.append(self.value(depth + 1))
            if self.take(",]") == "]":
                return found


def read_json(text: str) -> Value:
    """The document; NoJsonError when it is none, or cut short.

    >>> read_json('{"a":\\n [true]}').at("a").data[0]
    Value(data=True, line=2)
    """
    reader = _Reader(text)
    try:
        value = reader.value(0)
        reader.blank()
    except (ValueError, RecursionError) as error:
        raise NoJsonError(str(error)[:80]) from error
    if reader.at != len(text):
        raise NoJsonError("more than one document")
    return value
