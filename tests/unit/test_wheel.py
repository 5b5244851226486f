"""What travels in the wheel is enough: installed elsewhere, run from another folder, it inits, checks and reports."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked as pip would, without the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("vigie-*.whl")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    return target


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", "from scanner.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    code = "import inventory, rules, reports, scanner; print(scanner.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith(str(installed))


def test_init_and_policy_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "init", "cabinet").returncode == 0
    assert sorted(path.name for path in (tmp_path / "cabinet").iterdir()) == [
        "inventory.yaml",
        "site.yaml",
        "waivers.yaml",
    ]
    refused = run(installed, tmp_path, "scan", "cabinet")
    assert refused.returncode == 2
    assert "networks" in refused.stderr


def test_a_recording_is_judged_and_reported_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    recording = ROOT / "tests" / "recordings" / "lab-practice"
    done = run(installed, tmp_path, "check", str(recording), "--output", "again")
    assert done.returncode == 1, done.stderr
    assert run(installed, tmp_path, "report", "again", "--lang", "en").returncode == 0
    assert (tmp_path / "again" / "report.en.html").stat().st_size > 10_000


def test_the_store_is_made_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    recording = ROOT / "tests" / "recordings" / "lab-practice"
    for name, document in json.loads((recording / "site.json").read_text("utf-8")).items():
        (tmp_path / f"{name}.yaml").write_text(json.dumps(document), "utf-8")
    made = run(installed, tmp_path, "check", str(recording), "--output", "runs/20261124T002735Z")
    assert made.returncode == 1, made.stderr
    done = run(installed, tmp_path, "devices", ".", "--csv")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 5
    assert (tmp_path / "vigie.sqlite").is_file()


def test_no_test_and_no_recording_travels(installed: Path) -> None:
    names = {path.name for path in installed.iterdir()}
    assert {"inventory", "rules", "reports", "scanner"} <= names
    assert "tests" not in names
    (wheel,) = installed.parent.glob("vigie-*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in held if name.endswith((".snmprec", ".pcap"))]
    assert [name for name in held if name.endswith("licenses/LICENSE")]
