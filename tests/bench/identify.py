"""How much of the recordings in shared/realdata `vigie identify` knows: `python -m tests.bench.identify`.

Prints the table of shared/realdata/snmp/score.py for the tiers A and B; `--all` for every tier, its group "tier A+B"
included; `--changed` for the same devices with other version, model and serial numbers: what is read by its form stays
right, what is known by heart becomes wrong (and so does what digits mean: a processor, a series, a value written in
hexadecimal). `--seed N` changes them otherwise. A file is called `maker__device`, its case `maker/device`.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanner.identify import identities

SNMP = Path(__file__).parents[3] / "shared" / "realdata" / "snmp"

# What is a device's own: of each group, the first that stands in the recording is changed wherever it stands.
# Of a processor or of Windows the digits are a name.
_FIXED = re.compile(r"amd64|x86|x64|\bNT \d")
_OWN = (("version", "version_core"), ("hardware",), ("serial",))


def cases(tiers: str) -> list[Mapping[str, Any]]:
    """The recordings of those tiers, as cases.jsonl has them."""
    every = [json.loads(line) for line in (SNMP / "cases.jsonl").read_text("utf-8").splitlines()]
    return [case for case in every if case["tier"] in tiers]


def changed(case: Mapping[str, Any], seed: int) -> tuple[Mapping[str, Any], str]:
    """The case and its recording with other digits wherever the expected version, model and serial number stand."""
    rows = [line.split("|", 2) for line in (SNMP.parent / case["snmprec"]).read_text("utf-8", "replace").splitlines()]
    expected = dict(case["expected"])
    shuffled = random.Random(f"{seed} {case['case']}")  # repeatable, not secret
    other = str.maketrans({digit: shuffled.choice("123456789") for digit in "123456789"})
    for group in _OWN:
        standing = [text for text in (expected.get(trait) for trait in group) if text and _stands(text, rows)]
        if not standing:
            continue
        old = standing[0]
        rows = [[*row[:2], row[2].replace(old, old.translate(other))] if len(row) == 3 else row for row in rows]
        expected |= {trait: expected[trait].translate(other) for trait in group if expected.get(trait)}
    return {**case, "expected": expected}, "".join("|".join(row) + "\n" for row in rows)


def _stands(text: str, rows: list[list[str]]) -> bool:
    return not _FIXED.search(text) and any(len(row) == 3 and text in row[2] for row in rows)


def predictions(wanted: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What `vigie identify` says of each, under the case's own name."""
    rows: list[Mapping[str, Any]] = []
    for case in wanted:
        rows.extend({**row, "case": case["case"]} for row in identities(SNMP.parent / case["snmprec"]))
    return rows


def scored(wanted: list[Mapping[str, Any]], said: list[Mapping[str, Any]]) -> str:
    """The table of score.py."""
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "cases.jsonl", Path(folder) / "said.jsonl"
        asked.write_text("".join(json.dumps(case) + "\n" for case in wanted), "utf-8")
        told.write_text("".join(json.dumps(row) + "\n" for row in said), "utf-8")
        command = [sys.executable, str(SNMP / "score.py"), str(asked), str(told)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def table(tiers: str) -> str:
    """The table over the recordings of those tiers; with several, the group "tier A+B" after all others."""
    wanted = cases(tiers)
    said = predictions(wanted)
    both: list[Mapping[str, Any]] = [{**case, "tier": "A+B"} for case in wanted if case["tier"] in "AB"]
    group = re.search(r"^tier A\+B\n(?:  .*\n)+", scored(both, said), re.MULTILINE)
    return scored(wanted, said) + (group[0] if group else "")


def table_of_changed(tiers: str, seed: int) -> str:
    """The same over changed recordings."""
    wanted: list[Mapping[str, Any]] = []
    said: list[Mapping[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(tiers):
            other, text = changed(case, seed)
            file = Path(folder) / Path(case["snmprec"]).name
            file.write_text(text, "utf-8")
            wanted.append(other)
            said.extend({**row, "case": case["case"]} for row in identities(file))
    return scored(wanted, said)


def _seed(arguments: list[str]) -> int:
    return int(arguments[arguments.index("--seed") + 1]) if "--seed" in arguments else 1


if __name__ == "__main__":
    every = "ABC" if "--all" in sys.argv else "AB"
    print(table_of_changed(every, _seed(sys.argv)) if "--changed" in sys.argv else table(every), end="")
