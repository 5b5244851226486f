"""The assessment itself as JSON: the document that every other report can be made from again."""

import json
import re
from typing import Any

from reports.words import Wording
from rules.finding import Assessment

# Raw in a JSON string these would reach the terminal of whoever prints the file: C1 controls, DEL, zero width and
# bidirectional marks, line separators. As escapes they mean the same to a JSON reader.
_INVISIBLE = re.compile("[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def document(assessment: Assessment, say: Wording | None = None) -> bytes:  # noqa: ARG001 — data has no language
    """UTF-8 JSON, byte-identical for equal assessments: fields in the order of the types, free mappings by key."""
    data = assessment.to_json()
    for checkpoint in data["checkpoints"]:
        checkpoint["counts"] = _ordered(checkpoint["counts"])
        checkpoint["causes"] = _ordered(checkpoint["causes"])
    for finding in data["findings"]:
        finding["values"] = _ordered(finding["values"])
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    # A lone surrogate has no UTF-8; its backslash form is its JSON escape.
    return _INVISIBLE.sub(_escape, text).encode("utf-8", "backslashreplace")


def _ordered(value: Any) -> Any:  # noqa: ANN401 — Finding.values holds any JSON value
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
