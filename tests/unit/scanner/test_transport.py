"""A recording answers for the network; a damaged one says so and never invents."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inventory.errors import ParseError
from scanner.evidence import Evidence, Request
from scanner.transport import INDEX, Recording, Replay, body_name

MOMENT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ASKED = Request("ssh", "192.168.10.1", "exec uname -a")
SILENT = Request("snmp", "192.168.10.1", "walk:1.3.6.1.2.1.1")


class Answers:
    """A network with two answers."""

    def send(self, request: Request) -> Evidence:
        if request == ASKED:
            return Evidence(request, "done", MOMENT, b"Linux routeur\n", "exit 0")
        return Evidence(request, "silent", MOMENT, detail="no answer")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recording = Recording(Answers(), tmp_path)
    for request in (ASKED, SILENT):
        recording.send(request)
    recording.finish()
    return tmp_path


def test_a_replay_gives_what_was_recorded(folder: Path) -> None:
    replay = Replay(folder)
    for request in (ASKED, SILENT):
        assert replay.send(request) == Answers().send(request)


def test_recording_a_replay_gives_the_same_recording(folder: Path, tmp_path: Path) -> None:
    again = Recording(Replay(folder), tmp_path / "again")
    for request in (SILENT, ASKED):
        again.send(request)
    again.finish()
    assert (tmp_path / "again" / INDEX).read_bytes() == (folder / INDEX).read_bytes()


def test_what_is_not_there_is_missing_and_what_changed_is_altered(folder: Path) -> None:
    assert Replay(folder).send(Request("ssh", "192.168.10.1", "exec id")).status == "missing"
    body = folder / body_name(ASKED)
    body.write_bytes(b"Linux autre\n")
    assert Replay(folder).send(ASKED).status == "altered"
    body.unlink()
    assert Replay(folder).send(ASKED).status == "missing"


@pytest.mark.parametrize("plant", ["link", "pipe", "folder", "giant"])
def test_a_planted_body_is_not_followed(folder: Path, tmp_path: Path, plant: str) -> None:
    body = folder / body_name(ASKED)
    body.unlink()
    if plant == "link":
        secret = tmp_path / "secret"
        secret.write_bytes(b"Linux routeur\n")
        body.symlink_to(secret)
    elif plant == "pipe":
        os.mkfifo(body)
    elif plant == "folder":
        body.mkdir()
    else:
        with body.open("wb") as file:
            file.truncate(1 << 30)
    evidence = Replay(folder).send(ASKED)
    assert evidence.status in ("missing", "altered")
    assert evidence.body == b""


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "{}",
        "null",
        json.dumps({"id": "x", "source": "ssh", "target": "a", "ask": "b", "status": "done", "time": "now"}),
        json.dumps(
            {"id": ASKED.id, "source": "ssh", "target": "x", "ask": "y", "status": "done", "time": "2026-01-01"}
        ),
        json.dumps({"id": 1, "source": [], "target": {}, "ask": 2, "status": 3, "time": 4}),
        "[" * 100_000,
    ],
)
def test_a_broken_index_is_named_by_its_line(folder: Path, line: str) -> None:
    with (folder / INDEX).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(ParseError, match=rf"{INDEX}:3"):
        Replay(folder)


def test_an_index_cannot_point_elsewhere(folder: Path) -> None:
    lines = [json.loads(line) for line in (folder / INDEX).read_text("utf-8").splitlines()]
    for line in lines:
        line["file"] = "../../../../etc/passwd"
    (folder / INDEX).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert Replay(folder).send(ASKED).body == b"Linux routeur\n"


def test_no_recording(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="no recording"):
        Replay(tmp_path)
