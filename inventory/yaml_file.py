"""A YAML file the user wrote: read bounded, checked against its JSON Schema.

Each mistake is named with file, line, path, what was found and what was expected.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from inventory.disk import content
from inventory.errors import ConfigError

# A site file is a few kB; stops a wrong path (a disk image, /dev/zero) from filling the memory.
MAX_BYTES = 1 << 20
# Nesting of a site file is at most 5; stops a crafted file from exhausting the stack.
MAX_DEPTH = 32

Place = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML with JSON's scalars only.

    YAML 1.1 reads the MAC 10:20:30:40:50:51 as a number in base 60, `no` as false and 2026-11-23 as a date object.
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012 — the base class declares it so

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node; an alias is refused: nested ones grow a small file into gigabytes."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias", mark)
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The data of a file and the line of each place in it."""

    name: str
    data: Any
    lines: Mapping[Place, int]

    def error(self, place: Place, found: str, expected: str) -> ConfigError:
        """The error at a place of this file."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        return ConfigError(self.name, self.lines.get(known), "/".join(map(str, place)), found, expected)


def read_yaml(path: Path) -> YamlFile:
    """The data of a YAML file with the line of each place; ConfigError when it cannot be read."""
    try:
        raw = content(path, MAX_BYTES, follow=True)
    except OSError as error:
        found = error.strerror or "an unreadable file"
        raise ConfigError(path.name, None, "", found, "a small, readable YAML file") from error
    return parsed(raw, path.name)


def parsed(raw: bytes, name: str) -> YamlFile:
    """The data of YAML text; `name` is what errors call it."""
    loader = None
    try:
        loader = _Loader(raw.decode("utf-8"))
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        data = None if node is None else _value(loader, node, (), lines, name)
    except UnicodeDecodeError as error:
        raise ConfigError(name, None, "", f"byte {error.start} that is not UTF-8", "UTF-8 text") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigError(name, mark.line + 1 if mark else None, "", _problem(error), "valid YAML") from error
    finally:
        if loader is not None:
            loader.dispose()
    return YamlFile(name, data, lines)


def _problem(error: Exception) -> str:
    """What the YAML library stumbled over, as something found."""
    said = str(getattr(error, "problem", None) or "something that is not YAML").removeprefix("found ")
    return "a tab: YAML is indented with spaces" if "'\\t'" in said else said


def _value(loader: _Loader, node: yaml.Node, place: Place, lines: dict[Place, int], name: str) -> Any:  # noqa: ANN401
    """The plain data of a node; duplicate keys, aliases and tags of other languages are refused."""
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if len(place) > MAX_DEPTH:
        raise ConfigError(name, line, "", f"more than {MAX_DEPTH} levels", "fewer levels")
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in result:
                raise ConfigError(name, key_node.start_mark.line + 1, key, "a key given twice", "each key once")
            lines[(*place, key)] = key_node.start_mark.line + 1
            result[key] = _value(loader, value_node, (*place, key), lines, name)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*place, index), lines, name) for index, item in enumerate(node.value)]
    return loader.construct_object(node)


def composed(text: str) -> yaml.Node | None:
    """The tree of YAML text that `parsed` took, each node with where it begins and ends in the text."""
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


@cache
def packaged_schema(name: str) -> dict[str, Any]:
    """A schema that travels with Vigie: `site`, `inventory`, `waivers`, `snapshot`, `assessment`."""
    path = Path(__file__).parent / "schema" / f"{name}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return schema


_FORMATS = FormatChecker(formats=["date", "ipv4"])


@_FORMATS.checks("ipv4-network", raises=ValueError)
def _ipv4_network(value: object) -> bool:
    return not isinstance(value, str) or bool(IPv4Network(value))


def check(file: YamlFile, schema_name: str) -> None:
    """Nothing when the file fits its schema; ConfigError for its first mistake, in the order of the file."""
    validator = Draft202012Validator(packaged_schema(schema_name), format_checker=_FORMATS)
    errors = list(_leaves(validator.iter_errors(file.data)))
    # A mistyped key explains the missing one, not the other way round.
    mistyped = {tuple(error.absolute_path) for error in errors if error.validator == "additionalProperties"}
    told = (error for error in errors if error.validator != "required" or tuple(error.absolute_path) not in mistyped)
    if mistakes := [_mistake(file, error) for error in told]:
        raise min(mistakes, key=lambda mistake: (mistake.line or 0, -mistake.path.count("/"), mistake.path))


def _leaves(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    """The errors themselves, not the `oneOf` around them: of its branches, the one that fits the most."""
    for error in errors:
        if error.validator == "oneOf" and error.context:
            branches: dict[Any, list[ValidationError]] = {}
            for inner in error.context:
                branches.setdefault(inner.schema_path[0], []).append(inner)
            # A branch whose discriminating `kind` does not match is another kind of thing altogether.
            best = min(branches.values(), key=lambda found: (any(e.validator == "const" for e in found), len(found)))
            yield from _leaves(iter(best))
        else:
            yield error


def _mistake(file: YamlFile, error: ValidationError) -> ConfigError:
    place: Place = tuple(error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    instance: Any = error.instance
    if error.validator == "additionalProperties":
        known = sorted(schema["properties"])
        unknown = next(key for key in instance if key not in known)
        return file.error((*place, unknown), f"unknown key {unknown!r}", f"one of {', '.join(known)}")
    if error.validator == "required":
        lacking = next(key for key in schema["required"] if key not in instance)
        return file.error(place, f"no {lacking!r}", f"the key {lacking!r}")
    if error.validator == "anyOf":
        keys = [key for branch in schema["anyOf"] for key in branch.get("required", ())]
        return file.error(place, f"none of {', '.join(keys)}", f"at least one of {', '.join(keys)}")
    if error.validator == "dependentRequired":
        key, lacking = next(
            (key, name) for key, names in schema["dependentRequired"].items() if key in instance
            for name in names if name not in instance
        )  # fmt: skip
        return file.error((*place, key), f"no {lacking!r} beside it", f"the key {lacking!r}")
    if schema.get("writeOnly"):
        # Somebody may have written the secret itself: it must not reach a terminal or a log.
        return file.error(place, "a value that is not a reference (not shown)", str(schema["description"]))
    if error.validator == "type" and schema.get("type") == "boolean":
        return file.error(place, _shown(instance), "true or false")
    if error.validator == "enum":
        return file.error(place, _shown(instance), f"one of {', '.join(map(str, schema['enum']))}")
    wanted = _TYPES.get(str(schema.get("type"))) if error.validator == "type" else None
    return file.error(place, _shown(instance), str(schema.get("description") or wanted or error.message))


_TYPES = {
    "object": "lines of the form `key: value`",
    "array": "a list, each entry after a dash",
    "string": "text",
    "integer": "a whole number",
}


def _shown(value: object) -> str:
    """The value as JSON, cut: what was found is the user's own text, but it may be long."""
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
