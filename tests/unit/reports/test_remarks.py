"""What the scanner and the rules note has words in the report's language, whoever adds a note next."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from inventory.system import System
from reports import remarks
from reports.words import Wording, table
from scanner import banner

ROOT = Path(__file__).parents[3]
FR, EN = Wording("fr"), Wording("en")
# Remarks that are words of no language, or nothing but what another program said.
OPEN = re.compile(r"HTTP \*|v3 \*|[*: ]*|(?:iw|nmap): \*|\*: multicast to \*: \*")


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be, "*" for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (text for part in node.values for text in _texts(part))


def _noted(source: str) -> Iterator[str]:
    """The remarks in a module: `detail=…`, the words of an `Answer`, of a failure, and of a note."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = [word.value for word in node.keywords if word.arg in ("detail", "cause")]
            rest = (
                node.args[1:] if name in ("_Failed", "_Stop") else node.args[2:] if name in ("Answer", "note") else []
            )
            yield from (text for part in (*words, *rest) for text in _texts(part))


def test_every_remark_of_the_scanner_has_words() -> None:
    noted = {text for file in (ROOT / "scanner").rglob("*.py") for text in _noted(file.read_text("utf-8"))}
    assert len(noted) > 60
    # Whatever is filled in may be a number or a text.
    bare = [
        text
        for text in sorted(noted)
        if not OPEN.fullmatch(text)
        and not any(
            pattern.fullmatch(text.replace("*", fill)) for pattern, _ in remarks._details() for fill in ("7", "x")
        )
    ]
    assert bare == []


def test_what_is_filled_in_keeps_its_order() -> None:
    for key, words in table()["detail"].items():
        marks = re.sub(r"[^#*]", "", key)
        assert all(marks.startswith(re.sub(r"[^#*]", "", text)) for text in words.values()), key


def test_every_value_of_a_finding_has_words() -> None:
    given = {
        re.sub(r"_(?:fr|en)$", "", name)
        for file in (ROOT / "rules").rglob("*.rego")
        if not file.name.endswith("_test.rego")
        for block in re.findall(r'"values": \{(.*?)\}', file.read_text("utf-8"), re.DOTALL)
        for name in re.findall(r'"(\w+)":', block)
    }
    assert given - set(table()["value"]) - set(remarks.PARTS) == set()
    assert len(given) > 15


def test_every_group_of_settings_has_words() -> None:
    assert set(table()["setting"]) == {item.name for item in fields(System)} - {"platform", "documented"}


def test_every_kind_of_answer_has_words() -> None:
    assert set(table()["spoken"]) == set(banner.fields())


@pytest.mark.parametrize(
    ("text", "fr"),
    [
        ("2 mappings, then error 713", "redirections lues : 2, puis erreur 713"),
        ("10 of 254 answered", "ont répondu : 10 sur 254"),
        ("1 devices counted", "appareils comptés : 1"),
        ("a frame of 2751463425 bytes, at frame 13", "une trame de 2751463425 octets, à la trame 13"),
        ("host key of # changed", "host key of # changed"),
        ("known only from the tables of salle #2", "connu seulement par les tables de salle #2"),
    ],
)
def test_a_remark_in_french(text: str, fr: str) -> None:
    assert remarks.detail(text, FR).replace("\u00a0", " ") == fr


def test_values_are_those_of_the_reports_language() -> None:
    found = {
        "clues_en": ["random MAC"],
        "clues_fr": ["MAC aléatoire"],
        "count": 1,
        "origin": "static",
        "end": "2024-06-30",
    }
    told = dict(remarks.values(found, FR))
    assert told["indices"] == "MAC aléatoire"
    assert (told["nombre"], told["origine"], told["fin des corrections"]) == ("1", "réglage fixe", "30 juin 2024")
    assert "random MAC" not in told.values()
    assert dict(remarks.values({"end": "2024-13-45"}, EN)) == {"end of corrections": "2024-13-45"}


def test_a_hostile_remark_ends() -> None:
    assert remarks.detail("page cut: " * 500, EN).startswith("page cut")
