"""Nothing is written through a link that somebody planted, whichever command writes: the commands as they are run."""

import base64
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.evidence import Evidence, Request
from scanner.known_hosts import FILE, KnownHosts
from scanner.transport import INDEX, Recording, body_name
from scanner.wire.ssh import HostKey

VIGIE = str(Path(sys.executable).parent / "vigie")
RECORDING = Path(__file__).parents[2] / "recordings" / "lab-practice"
KEPT = b"somebody else's file\n"
WRITTEN = ("snapshot.json", "assessment.json", "report.html")


def vigie(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([VIGIE, *arguments], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `vigie check` wrote."""
    folder = tmp_path_factory.mktemp("judged")
    assert vigie("check", str(RECORDING), "-o", str(folder)).returncode in (0, 1, 3)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "target"
    path.write_bytes(KEPT)
    return path


def planted(path: Path, target: Path) -> Path:
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return path


def replaced(path: Path, target: Path) -> bool:
    return target.read_bytes() == KEPT and path.is_file() and not path.is_symlink() and path.read_bytes() != KEPT


@pytest.mark.parametrize(("lang", "kind"), [("fr", "html"), ("en", "html"), ("fr", "json")])
def test_report_replaces_a_link(judged: Path, tmp_path: Path, target: Path, lang: str, kind: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(judged, run)
    link = planted(run / f"report.{lang}.{kind}", target)
    done = vigie("report", str(run), "--lang", lang, "--format", kind)
    assert done.returncode == 0, done.stderr
    assert replaced(link, target)


def test_check_replaces_a_link(tmp_path: Path, target: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    links = [planted(folder / name, target) for name in WRITTEN]
    assert vigie("check", str(RECORDING), "-o", str(folder)).returncode in (0, 1, 3)
    assert all(replaced(link, target) for link in links)
    assert sorted(path.name for path in folder.iterdir()) == sorted(WRITTEN)


def test_report_does_not_replace_what_is_no_file(judged: Path, tmp_path: Path) -> None:
    link = planted(tmp_path / "page", Path("/dev/null"))
    done = vigie("report", str(judged), "-o", str(link))
    assert done.returncode == 2
    assert done.stderr == f"vigie: {link}: found something that is no regular file, expected a place to write\n"
    assert link.is_symlink()


@pytest.mark.parametrize("name", ["site.yaml", "inventory.yaml", "waivers.yaml"])
def test_init_takes_a_link_for_a_file_that_is_there(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "cabinet"
    folder.mkdir()
    link = planted(folder / name, tmp_path / "nowhere")
    done = vigie("init", str(folder))
    assert done.returncode == 2
    assert f"{name}: found a file that is already there" in done.stderr
    assert list(folder.iterdir()) == [link]
    assert not (tmp_path / "nowhere").exists()


def test_a_pin_replaces_a_link(tmp_path: Path, target: Path) -> None:
    folder = tmp_path / "cabinet"
    folder.mkdir()
    hosts = KnownHosts(folder)
    links = [planted(folder / name, target) for name in (FILE, f"{FILE}.new")]
    hosts.pin("00:00:5e:00:53:01", HostKey("ssh-ed25519", b"key"))
    assert replaced(links[0], target)
    assert (folder / FILE).read_text() == f"00:00:5e:00:53:01 ssh-ed25519 {base64.b64encode(b'key').decode()}\n"
    assert target.read_bytes() == KEPT


def test_a_recording_replaces_a_link(tmp_path: Path, target: Path) -> None:
    class Answers:
        def send(self, request: Request) -> Evidence:
            return Evidence(request, "done", datetime(2026, 11, 23, tzinfo=UTC), b"Linux\n")

    request = Request("ssh", "192.168.10.1", "exec uname -a")
    recording = Recording(Answers(), tmp_path / "draft")
    links = [planted(tmp_path / "draft" / name, target) for name in (body_name(request), INDEX)]
    recording.send(request)
    recording.finish()
    assert all(replaced(link, target) for link in links)
