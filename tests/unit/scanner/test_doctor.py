"""What is missing is said, with what it costs."""

import os
import subprocess
import sys
from pathlib import Path

VIGIE = str(Path(sys.executable).parent / "vigie")
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
NET_RAW = [*NOBODY[:4], "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw"]


def doctor(*before: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-m", "scanner.cli", "doctor"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False, cwd="/")


def line(done: subprocess.CompletedProcess[str], name: str) -> str:
    assert "Traceback" not in done.stderr
    return next(line for line in done.stdout.splitlines() if line[2:].startswith(name))


def test_root_has_everything() -> None:
    done = doctor()
    assert done.returncode == 0, done.stdout
    assert "✘" not in done.stdout


def test_what_nobody_misses_has_no_tick(tmp_path: Path) -> None:
    for name in ("nmap", "ip"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 1\n", "utf-8")
        program.chmod(0o755)
    done = doctor(PATH=str(tmp_path))
    assert line(done, "opa program").startswith("– opa program")


def test_net_raw_alone_is_enough() -> None:
    done = doctor(*NET_RAW, "--no-new-privs")
    assert done.returncode == 0, done.stdout
    assert line(done, "right to send ARP").endswith("yes")


def test_nobody_cannot_scan_and_is_told_why() -> None:
    done = doctor(*NOBODY)
    assert done.returncode == 2
    assert line(done, "right to send ARP") == (
        "✘ right to send ARP      no (Operation not permitted); run as root or with CAP_NET_RAW – no scan is possible"
    )


def test_a_missing_program_is_named_with_its_cost(tmp_path: Path) -> None:
    done = doctor(PATH=str(tmp_path))
    assert done.returncode == 2
    assert line(done, "nmap").startswith("✘ nmap                   not installed")
    assert line(done, "ip ").startswith("! ip")
