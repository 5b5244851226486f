"""One more entry in a list of a YAML file that its owner wrote, or one field of an entry: the rest stays. Pure.

A round-trip library writes the whole file again in its own style; here only the lines that say something else change
(docs/adr/0013).
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml

from inventory.errors import ConfigError
from inventory.yaml_file import Place, YamlFile, composed, parsed

# What reads as a string without quotes, in our YAML and in YAML 1.1: `yes`, `no`, `on`, `off` are not among them.
_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9_-]*")


def appended(raw: bytes, name: str, key: str, entry: Mapping[str, Any]) -> bytes:
    """The file with `entry` as the last item of the list at the top-level key; ConfigError when that cannot be done.

    >>> print(appended(b"devices: []  # none yet\\n", "f.yaml", "devices", {"name": "nas"}).decode(), end="")
    devices:  # none yet
      - name: nas
    """
    before = parsed(raw, name)
    text = raw.decode("utf-8")
    sequence, flow_parent = _sequence(text, key)
    if sequence is None:
        raise before.error((key,), "no list", f"a list of {key}")
    newline = "\r\n" if "\r\n" in text else "\n"
    if not sequence.flow_style:
        changed = _in_block(text, sequence, entry, newline)
    elif sequence.value or flow_parent:
        changed = _in_flow(text, sequence, entry)
    else:
        changed = _first(text, sequence, entry, newline)
    result = changed.encode("utf-8")
    _confirm(before, raw, result, (key,), {**before.data, key: [*before.data[key], dict(entry)]})
    return result


def altered(raw: bytes, name: str, place: tuple[str, int], field: str, value: str | None) -> bytes:
    """The file with one field of an item of a top-level list set, or taken out (None); ConfigError when it cannot be.

    >>> before = b"devices:\\n  - name: nas\\n    until: 2026-11-01  # lent\\n"
    >>> print(altered(before, "f.yaml", ("devices", 0), "until", "2027-06-01").decode(), end="")
    devices:
      - name: nas
        until: "2027-06-01"  # lent
    """
    before = parsed(raw, name)
    text = raw.decode("utf-8")
    sequence, _ = _sequence(text, place[0])
    item = sequence.value[place[1]] if sequence is not None else None
    if not isinstance(item, yaml.MappingNode) or not item.value:
        raise before.error(place, "no entry", "lines of the form `key: value`")
    at = next((index for index, (key, _) in enumerate(item.value) if key.value == field), None)
    if value is None:
        changed = text if at is None else _without(text, item, at)
    elif at is None:
        changed = _with(text, item, f"{field}: {_value(value)}")
    else:
        start, end = item.value[at][1].start_mark.index, item.value[at][1].end_mark.index
        gap = text[start:end][len(text[start:end].rstrip()) :]  # the line's end belongs to a block scalar
        changed = text[:start] + _value(value) + gap + text[end:]
    result = changed.encode("utf-8")
    wanted = [dict(entry) for entry in before.data[place[0]]]
    wanted[place[1]] = {key: said for key, said in wanted[place[1]].items() if key != field}
    wanted[place[1]] |= {} if value is None else {field: value}
    _confirm(before, raw, result, place, {**before.data, place[0]: wanted})
    return result


def _confirm(before: YamlFile, raw: bytes, result: bytes, place: Place, wanted: Mapping[str, Any]) -> None:
    """Nothing when the result says what was said, comments too, and the change; ConfigError before it is written."""
    try:
        says = parsed(result, before.name).data
    except ConfigError:
        says = None
    lost = _comments(raw) - _comments(result) if says == wanted else None
    if says != wanted or lost:
        raise before.error(place, "a style that cannot be changed", "the change to be made by hand")


def _comments(raw: bytes) -> Counter[str]:
    """The comments of a file: a `#` that stands between two things that are said."""
    text, at = raw.decode("utf-8"), 0
    found: Counter[str] = Counter()
    for token in yaml.scan(text):
        found.update(map(str.strip, re.findall(r"#.*", text[at : token.start_mark.index])))
        at = token.end_mark.index
    return found


def _without(text: str, item: yaml.MappingNode, at: int) -> str:
    """Without the pair; what its line says after a `#` stays, and so do the lines around it."""
    key, value = item.value[at]
    start, end = key.start_mark.index, _end(value)
    follower = item.value[at + 1][0].start_mark.index if at + 1 < len(item.value) else None
    if item.flow_style:
        if at:
            return text[: _end(item.value[at - 1][1])] + text[end:]
        return text[:start] + text[end if follower is None else follower :]
    if at == 0 and follower is not None and not text[end:follower].strip():
        return text[:start] + text[follower:]
    if text[end - 1] == "\n":
        end = len(text[:end].rstrip())
    stop = _next_line(text, end)
    if text[end:stop].strip():  # a comment
        return text[:start] + text[end:].lstrip(" \t")
    if at == 0:  # the dash stays
        return text[:start] + text[end:]
    return text[: text.rfind("\n", 0, start) + 1] + text[stop:]


def _with(text: str, item: yaml.MappingNode, pair: str) -> str:
    """With one pair more, after the last one."""
    end = _end(item.value[-1][1])
    if item.flow_style:
        return f"{text[:end]}, {pair}{text[end:]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    place = end if text[end - 1] == "\n" else _next_line(text, end)
    before = text[:place] if text[:place].endswith("\n") else text[:place] + newline
    indent = " " * int(item.value[0][0].start_mark.column)
    return f"{before}{indent}{pair}{newline}{text[place:]}"


def _sequence(text: str, key: str) -> tuple[yaml.SequenceNode | None, bool]:
    """The list under the key, and whether it stands inside braces."""
    root = composed(text)
    if isinstance(root, yaml.MappingNode):
        for key_node, value in root.value:
            if key_node.value == key and isinstance(value, yaml.SequenceNode):
                return value, bool(root.flow_style)
    return None, False


def _in_block(text: str, sequence: yaml.SequenceNode, entry: Mapping[str, Any], newline: str) -> str:
    """After the last item, with its indentation and in its style."""
    dash, last = sequence.start_mark.column, sequence.value[-1]
    place = _after(text, _end(last), dash)
    if isinstance(last, yaml.MappingNode) and last.flow_style:
        lines = [f"{' ' * dash}- {_braces(entry)}"]
    else:
        gap = last.start_mark.column - dash - 1 if isinstance(last, yaml.MappingNode) else 1
        lines = _lines(entry, dash, max(gap, 1))
    if _apart(text, sequence):
        lines.insert(0, "")
    before = text[:place]
    if before and not before.endswith("\n"):
        before += newline
    return before + "".join(line + newline for line in lines) + text[place:]


def _apart(text: str, sequence: yaml.SequenceNode) -> bool:
    """Whether the owner leaves an empty line between items."""
    if len(sequence.value) < 2:
        return False
    between = text[_end(sequence.value[-2]) : sequence.value[-1].start_mark.index]
    return bool(re.search(r"\n[ \t]*\r?\n", between))


def _in_flow(text: str, sequence: yaml.SequenceNode, entry: Mapping[str, Any]) -> str:
    place = sequence.value[-1].end_mark.index if sequence.value else sequence.start_mark.index + 1
    return text[:place] + (", " if sequence.value else "") + _braces(entry) + text[place:]


def _first(text: str, sequence: yaml.SequenceNode, entry: Mapping[str, Any], newline: str) -> str:
    """Instead of `[]`, and below whatever else stands on its line."""
    start, end = sequence.start_mark.index, sequence.end_mark.index
    stop = text.find("\n", end)
    rest = text[end:] if stop < 0 else text[end:stop]
    after = "" if stop < 0 else text[stop + 1 :]
    line = (text[:start].rstrip(" \t") + rest.rstrip("\r")).rstrip(" \t")
    return line + newline + "".join(row + newline for row in _lines(entry, 2, 1)) + after


def _end(node: yaml.Node) -> int:
    """Where the last thing of a node ends; a block mapping itself ends only where the next thing begins."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _after(text: str, end: int, dash: int) -> int:
    """The beginning of the line after `end` and after the comments that belong to the item that ends there."""
    if end == 0 or text[end - 1] != "\n":  # a block scalar ends at a line's beginning already
        end = _next_line(text, end)
    while match := re.compile(r"([ \t]+)#").match(text, end):
        if len(match[1]) <= dash:
            break
        end = _next_line(text, end)
    return end


def _next_line(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found + 1


def _lines(entry: Mapping[str, Any], dash: int, gap: int) -> list[str]:
    first, rest = f"{' ' * dash}-{' ' * gap}", " " * (dash + 1 + gap)
    return [f"{rest if place else first}{key}: {_value(value)}" for place, (key, value) in enumerate(entry.items())]


def _braces(entry: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in entry.items()) + "}"


def _value(value: Any) -> str:  # noqa: ANN401 — JSON data
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
