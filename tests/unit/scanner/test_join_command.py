"""`vigie join` and what is done with the run that it leaves, as the command line that a user types."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rules.engine import EmbeddedEngine
from scanner import runs
from scanner.visit import replay, write
from tests.unit.scanner.test_vantages import NAS, ROUTER, documents, two_runs


def vigie(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scanner.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def practice(tmp_path: Path, reached: list[str]) -> tuple[Path, list[Path]]:
    """A site folder with a run from each side; a waiver of it names a device that does not exist."""
    parts = two_runs(tmp_path, reached)
    folder = parts[0].parent.parent
    for part in parts:
        write(part, *replay(part, EmbeddedEngine()), "fr")
        runs.write_manifest(part, {})
    for name, content in documents("professional").items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return folder, parts


@pytest.mark.parametrize(("reached", "expected"), [([ROUTER], 3), ([ROUTER, NAS], 1)])
def test_a_joined_run_is_told_where_it_lies_noted_and_judged_again(
    tmp_path: Path, reached: list[str], expected: int
) -> None:
    folder, parts = practice(tmp_path, reached)
    done = vigie("join", *parts)
    assert (done.returncode, done.stderr) == (expected, "")
    (joined,) = [folder / "runs" / name for name in runs.names(folder) if folder / "runs" / name not in parts]
    assert done.stdout.splitlines()[-2:] == [str(joined), str(joined / "report.html")]
    assert (folder / "vigie.sqlite").is_file()
    again = vigie("check", joined)
    assert (again.returncode, again.stderr) == (expected, "")
    assert vigie("diff", joined, joined).returncode == 0


def test_a_waiver_about_nothing_is_told_of_a_joined_run_too(tmp_path: Path) -> None:
    _, parts = practice(tmp_path, [ROUTER])
    for part in parts:
        site = runs.read_json(part / "site.json")
        site["waivers"]["waivers"] = [
            {
                "rule": "ANS-02.14",
                "subject": "nass",
                "by": "Titulaire",
                "reason": "accepté à l’essai",
                "until": "2099-12-31",
            }
        ]
        runs.write_json(part / "site.json", site)
    done = vigie("join", *parts)
    assert "'nass', which is no device" in done.stderr
    assert "did you mean 'nas'?" in done.stderr


def test_a_visit_from_the_guests_says_what_it_counted_and_what_to_do_next(tmp_path: Path) -> None:
    _, (guest, home) = practice(tmp_path, [ROUTER, NAS])
    done = vigie("check", guest)
    told = " ".join(done.stdout.replace("\u00a0", " ").split())
    assert "2 adresses du cabinet répondent depuis le réseau des invités : réseau professionnel 192.168.10.0/24" in told
    assert "3 appareils comptés, sans être identifiés : réseau invité 192.168.20.0/24" in told
    assert "vigie join" in told
    for wrong in ("0 appareil", "Rien n’a pu être vérifié", "Aucun appareil n’a été vu"):
        assert wrong not in told
    page = (guest / "report.html").read_text("utf-8").replace("\u00a0", " ")
    assert "3 appareils comptés, sans être identifiés : réseau invité 192.168.20.0/24" in page
    assert "0 appareil<" not in page
    at_home = vigie("check", home).stdout.replace("\u00a0", " ")
    assert "2 appareils\n" in at_home
    assert "invités :" not in at_home


def test_a_visit_is_not_joined_to_itself_nor_to_a_copy(tmp_path: Path) -> None:
    folder, (guest, _) = practice(tmp_path, [ROUTER])
    copy = folder / "runs" / "20261123T095000Z"
    shutil.copytree(guest, copy)
    for other in (guest, guest.parent / "." / guest.name, copy):
        done = vigie("join", guest, other)
        assert (done.returncode, done.stdout) == (2, "")
        assert "the same visit as" in done.stderr
    assert len(runs.names(folder)) == 3  # nothing was left


def test_a_run_of_another_site_folder_is_not_joined(tmp_path: Path) -> None:
    _, (guest, _) = practice(tmp_path / "a", [ROUTER])
    _, (_, home) = practice(tmp_path / "b", [ROUTER])
    done = vigie("join", guest, home)
    assert done.returncode == 2
    assert f"expected a run folder below {guest.parent}" in done.stderr
