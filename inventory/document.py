"""Frozen dataclasses to and from JSON, and their JSON Schema: one conversion for every type, driven by the annotations.

Absent stays absent: a field that is None is left out of the JSON, an empty tuple is written as []. That difference is
Vigie's difference between "not looked" and "looked, nothing there" (docs/adr/0005).
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any

from inventory.errors import ParseError

type_hints = cache(typing.get_type_hints)

_SCALARS: dict[type, dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    IPv4Address: {"type": "string", "format": "ipv4"},
    IPv4Network: {"type": "string", "format": "ipv4-network"},
    IPv6Address: {"type": "string", "format": "ipv6"},
}


def instant(text: str) -> datetime:
    """The aware UTC time of an RFC 3339 string; ValueError when it carries no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without offset: {text!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"a time out of range: {text!r}") from error


def rfc3339(moment: datetime) -> str:
    """The time as RFC 3339 in UTC with whole seconds: `2026-11-23T09:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_json(value: Any) -> Any:  # noqa: ANN401 — the generic end of a generic conversion
    """The value as plain JSON data; dataclass fields that are None are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: to_json(item) for name, item in pairs if item is not None}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date | IPv4Address | IPv4Network | IPv6Address):
        return str(value)
    return value


def from_json(kind: Any, data: Any, where: str = "") -> Any:  # noqa: ANN401
    """The typed value of JSON data; ParseError names the JSON pointer that does not fit."""
    try:
        return _build(kind, data, where)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ParseError(where or "/", None, str(error)) from error


def _build(kind: Any, data: Any, where: str) -> Any:  # noqa: ANN401
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if data is None else _build(_required(arguments), data, where)
    if origin is tuple:
        return tuple(from_json(arguments[0], item, f"{where}/{index}") for index, item in enumerate(data))
    if origin in (dict, Mapping):
        return {key: from_json(arguments[1], item, f"{where}/{key}") for key, item in data.items()}
    if origin is typing.Literal:
        if data not in arguments:
            raise ValueError(f"{data!r} is not one of {', '.join(map(str, arguments))}")
        return data
    if dataclasses.is_dataclass(kind):
        return _dataclass(typing.cast(type, kind), data, where)
    if kind is datetime:
        return instant(data)
    if kind is date:
        return date.fromisoformat(data)
    if kind in (IPv4Address, IPv4Network, IPv6Address):
        return kind(data)
    if kind is not Any and (not isinstance(data, kind) or (kind is int and isinstance(data, bool))):
        raise TypeError(f"{data!r} is not {kind.__name__}")
    return data


def _dataclass(kind: type, data: Any, where: str) -> Any:  # noqa: ANN401
    hints = type_hints(kind)
    if not isinstance(data, Mapping):
        raise TypeError(f"{data!r} is not an object")
    if unknown := sorted(set(data) - set(hints)):
        raise ValueError(f"unknown key {unknown[0]!r}")
    return kind(**{name: from_json(hints[name], item, f"{where}/{name}") for name, item in data.items()})


def _required(arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401
    (kind,) = (argument for argument in arguments if argument is not type(None))
    return kind


def schema(kind: type, identifier: str, title: str) -> dict[str, Any]:
    """The JSON Schema 2020-12 of a dataclass, with one definition per dataclass it holds."""
    definitions: dict[str, Any] = {}
    root = _schema_of(kind, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identifier,
        "title": title,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _schema_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _schema_of(_required(arguments), definitions)
    if origin is tuple:
        return {"type": "array", "items": _schema_of(arguments[0], definitions)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _schema_of(arguments[1], definitions)}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if dataclasses.is_dataclass(kind):
        return _definition(typing.cast(type, kind), definitions)
    return dict(_SCALARS[kind]) if kind in _SCALARS else {}


def _definition(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # placeholder: a type that holds itself ends here
        hints, fields = type_hints(kind), dataclasses.fields(kind)
        missing = dataclasses.MISSING
        definitions[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip().splitlines()[0],
            "properties": {field.name: _schema_of(hints[field.name], definitions) for field in fields},
            "required": [f.name for f in fields if f.default is missing and f.default_factory is missing],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}
