"""How much of the recordings in shared/realdata `vigie identify` knows: `python -m tests.bench.identify [--all]`.

Prints the table of shared/realdata/snmp/score.py for the tiers A and B, with `--all` for every tier. A file is called
`maker__device`, its case `maker/device`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanner.identify import identities

SNMP = Path(__file__).parents[3] / "shared" / "realdata" / "snmp"


def cases(tiers: str) -> list[Mapping[str, Any]]:
    """The recordings of those tiers, as cases.jsonl has them."""
    every = [json.loads(line) for line in (SNMP / "cases.jsonl").read_text("utf-8").splitlines()]
    return [case for case in every if case["tier"] in tiers]


def predictions(wanted: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What `vigie identify` says of each, under the case's own name."""
    rows: list[Mapping[str, Any]] = []
    for case in wanted:
        rows.extend({**row, "case": case["case"]} for row in identities(SNMP.parent / case["snmprec"]))
    return rows


def table(tiers: str) -> str:
    """The table of score.py over the recordings of those tiers."""
    wanted = cases(tiers)
    with tempfile.TemporaryDirectory() as folder:
        asked, said = Path(folder) / "cases.jsonl", Path(folder) / "said.jsonl"
        asked.write_text("".join(json.dumps(case) + "\n" for case in wanted), "utf-8")
        said.write_text("".join(json.dumps(row) + "\n" for row in predictions(wanted)), "utf-8")
        command = [sys.executable, str(SNMP / "score.py"), str(asked), str(said)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    print(table("ABC" if "--all" in sys.argv else "AB"), end="")
