"""What somebody planted in a run or site folder: never waited for, never followed, named in one line."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.errors import ScannerError
from scanner import known_hosts, runs
from scanner.known_hosts import KnownHosts
from scanner.transport import INDEX, MAX_INDEX, read_index

KEPT = ("evidence.jsonl", "site.json", "history.json")


pytestmark = pytest.mark.usefixtures("no_wait")


def pipe(path: Path, _size: int) -> None:
    os.mkfifo(path)


def device(path: Path, _size: int) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path, _size: int) -> None:
    path.mkdir()


def giant(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size + 1)


def link(path: Path, _size: int) -> None:
    elsewhere = path.parent / "elsewhere"
    elsewhere.write_text("{}")
    path.symlink_to(elsewhere)


PLANTS = [pipe, device, folder, giant, link]
READERS: list[tuple[str, int, Callable[[Path], object]]] = [
    ("assessment.json", runs.MAX_DOCUMENT, runs.assessment_of),
    ("run.json", runs.MAX_DOCUMENT, runs.defects),
    ("site.json", runs.MAX_DOCUMENT, runs.thaw),
    (INDEX, MAX_INDEX, lambda run: list(read_index(run))),
    (known_hosts.FILE, known_hosts.MAX_BYTES, KnownHosts),
]


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize(("name", "size", "read"), READERS)
def test_a_planted_file_is_refused(
    tmp_path: Path, plant: Callable[[Path, int], None], name: str, size: int, read: Callable[[Path], object]
) -> None:
    plant(tmp_path / name, size)
    with pytest.raises(ScannerError, match=name) as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("claimed", [None, "", "0" * 64])
def test_a_document_replaced_by_something_else_is_altered(
    tmp_path: Path, plant: Callable[[Path, int], None], name: str, claimed: str | None
) -> None:
    sums: dict[str, str | None] = {}
    for kept in KEPT:
        (tmp_path / kept).write_text("{}")
        sums[kept] = hashlib.sha256(b"{}").hexdigest()
    sums[name] = claimed
    (tmp_path / "run.json").write_text(json.dumps({"sha256": sums}))
    (tmp_path / name).unlink()
    plant(tmp_path / name, runs.MAX_DOCUMENT)
    assert [(item.target, item.status) for item in runs.defects(tmp_path)] == [(name, "altered")]


def test_the_assessment_that_a_user_names_may_be_a_link(tmp_path: Path) -> None:
    link(tmp_path / "latest.json", 0)
    with pytest.raises(ScannerError, match=r"missing .* argument"):  # read, and found to be no assessment
        runs.assessment_of(tmp_path / "latest.json")
