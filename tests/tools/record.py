"""Make tests/recordings/lab-practice again from the run folder of `make demo`: python -m tests.tools.record RUN.

What this machine alone would say, the release of its kernel, is replaced by a common one, with the hashes of the index.
"""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

RECORDING = Path(__file__).parents[1] / "recordings" / "lab-practice"
KERNEL = "6.1.0-18-amd64"
FROZEN = ("site.json", "history.json")


def record(run: Path) -> None:
    """The recording replaced by what the run folder holds; `expected.json` and README stay."""
    shutil.rmtree(RECORDING / "evidence")
    (RECORDING / "evidence").mkdir()
    for name in FROZEN:
        shutil.copyfile(run / name, RECORDING / name)
    lines = [json.loads(line) for line in (run / "evidence.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        if "file" in line:
            body = (run / line["file"]).read_bytes().replace(os.uname().release.encode(), KERNEL.encode())
            (RECORDING / line["file"]).write_bytes(body)
            line["sha256"] = hashlib.sha256(body).hexdigest()
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (RECORDING / "evidence.jsonl").write_text(text, "utf-8")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
