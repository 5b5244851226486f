"""How much of the banners in shared/realdata/recog is read right: `python -m tests.bench.banners [EXAMPLES.jsonl]`.

Scored are the values that an example asserts, by kind: a version, a model or system, a name, a serial number … A value
is right when a value of its kind was said that equals it (case, a leading v and punctuation aside; of a model it is
enough that one holds the other, as in snmp/score.py), wrong when others of its kind were said and none is it, else
silent. An example is right when all its values are, wrong when one is wrong.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.banner_rows import read
from scanner.words import words

EXAMPLES = Path(__file__).parents[3] / "shared" / "realdata" / "recog" / "examples.jsonl"

# The kinds: recog's names → ours. What is in no kind (cookie, system.time, a comment, config or component version …)
# names nothing of the device and is not asked.
KINDS = {
    "version": (
        ("os.version", "service.version", "hw.version", "service.component.version"),
        ("os_version", "version"),
    ),
    "model": (("os.product", "hw.product", "hw.model", "hw.family", "hw.series"), ("model", "os")),
    "software": (("service.product",), ("software",)),
    "host": (("host.name", "host.domain"), ("host",)),
    "arch": (("os.arch",), ("arch",)),
    "serial": (("hw.serial_number",), ("serial",)),
    "mac": (("host.mac",), ("mac",)),
    "edition": (("os.edition",), ("edition",)),
    "build": (("os.build",), ("build",)),
    "vendor": (("hw.vendor", "os.vendor", "service.vendor"), ("vendor",)),
}
OUTCOMES = ("right", "wrong", "silent")


def examples(path: Path = EXAMPLES) -> list[Mapping[str, Any]]:
    """The examples of a file that assert something."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [row for row in rows if row["expected_asserted"]]


def verdicts(answer: Mapping[str, str], expected: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(kind, outcome) of every asserted value."""
    for kind, (theirs, ours) in KINDS.items():
        wanted = [expected[name] for name in theirs if expected.get(name)]
        told = [answer[name] for name in ours if answer.get(name)]
        same = _same_model if kind in ("model", "software", "vendor") else _same
        left = [value for value in told if not any(same(other, value) for other in wanted)]
        for value in wanted:
            if any(same(value, other) for other in told):
                yield kind, "right"
            else:
                yield kind, "wrong" if left else "silent"


def _same_model(one: str, other: str) -> bool:
    a, b = _bare(one), _bare(other)
    return bool(a and b) and (a in b or b in a)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", text.lower())


def _same(one: str, other: str) -> bool:
    a, b = _version(one), _version(other)
    short, long = sorted((a, b), key=len)
    # "5.20 Release 1511" and "5.20" name the same version; "5.2" and "5.20" do not.
    return a == b or (bool(short) and long.startswith(short) and long[len(short)] in " (-_,;:/~+")


def _version(text: str) -> str:
    return re.sub(r"^(?:version|ver|v|rev|r)\.? ?(?=\d)", "", " ".join(text.lower().split()).strip(" ,;:()"))


def table(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Outcomes of values by field and by kind; "all" in both, "whole banners" in the first."""
    fields: dict[str, Counter[str]] = {}
    kinds: dict[str, Counter[str]] = {}
    for row in rows:
        said = read(words("field").get(row["db"], ""), row["input"])
        found = list(verdicts(said, row["expected_asserted"]))
        for kind, outcome in found:
            for counts, name in ((fields, row["db"]), (fields, "all"), (kinds, kind)):
                counts.setdefault(name, Counter())[outcome] += 1
        outcomes = {outcome for _, outcome in found}
        if outcomes:
            whole = "wrong" if "wrong" in outcomes else "silent" if "silent" in outcomes else "right"
            fields.setdefault("whole banners", Counter())[whole] += 1
    return fields, kinds


def shown(counts: Mapping[str, Counter[str]]) -> Iterator[str]:
    """One line a row of a table."""
    for name in sorted(counts, key=lambda name: (name in ("all", "whole banners"), name)):
        row = counts[name]
        total = sum(row.values())
        parts = "  ".join(f"{outcome} {100 * row[outcome] / total:5.1f} %" for outcome in OUTCOMES)
        yield f"{name:<22} n={total:<5} {parts}"


if __name__ == "__main__":
    every = examples(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES)
    for part in table(every):
        print(*shown(part), "", sep="\n")
