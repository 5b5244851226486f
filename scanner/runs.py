"""The run folder: everything one visit saw and concluded, as it stands on disk. It appears whole or not at all."""

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inventory.disk import content, write
from inventory.document import from_json, to_json
from inventory.errors import ConfigError, ParseError
from inventory.site import Site, site_from
from inventory.snapshot import DECLARATION, Coverage, History, Snapshot
from inventory.text import clean
from rules.finding import Assessment, EvidenceEntry
from scanner.evidence import Request
from scanner.transport import BODIES, INDEX, MAX_BODY, body_name, read_index

RUNS = "runs"
# A joined run: its parts in numbered folders. Parts of one: as many vantages as a practice has, and some to spare.
PARTS, MOST_PARTS = "parts", 16
_RECORDED = ("site.json", "history.json", "evidence.jsonl", "run.json")

# A snapshot of 250 devices is about 1 MB; stops a swapped file in somebody's run folder from filling memory.
MAX_DOCUMENT = 64 << 20

# No visit lasts a day: an older draft belongs to nobody.
STALE_S = 24 * 3600

_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")


@contextmanager
def new_run(site_folder: Path) -> Iterator[Path]:
    """A draft folder below the site's runs; gone again if the block fails, so that no half run is ever seen.

    The folder of the runs goes too when no run is in it: a visit that was refused leaves nothing.
    """
    runs = site_folder / RUNS
    runs.mkdir(mode=0o700, exist_ok=True)
    for stale in runs.glob(".draft-*"):  # of a run that was killed outright
        if time.time() - stale.stat().st_mtime > STALE_S:
            shutil.rmtree(stale, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=runs))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        with suppress(OSError):  # not empty: there are runs
            runs.rmdir()


def publish(draft: Path, taken_at: datetime) -> Path:
    """The draft under its final name, in one step."""
    for path in draft.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    name = taken_at.strftime("%Y%m%dT%H%M%SZ")
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        final = draft.parent / f"{name}{suffix}"
        if not final.exists():
            draft.rename(final)
            return final
    raise ParseError(str(draft.parent), None, f"too many runs named {name}")


def freeze(draft: Path, site: Site, history: History) -> None:
    """What the replay needs beside the evidence: the site's documents and the history, as they were."""
    write_json(draft / "site.json", site.documents)
    write_json(draft / "history.json", to_json(history))


def thaw(run: Path) -> tuple[Site, History]:
    """The site and the history that a run was made with."""
    if not (run / "site.json").exists() and (run / "site.yaml").exists():
        expected = f"one of the run folders in {run / RUNS}"
        raise ConfigError(str(run), None, "", "a site folder", expected)
    if not (run / "site.json").exists():
        found = "a recording without site.json" if (run / INDEX).exists() else "no run folder"
        raise ConfigError(str(run), None, "", found, "a folder with evidence.jsonl, site.json and history.json")
    documents = read_json(run / "site.json")
    if not isinstance(documents, dict):
        raise ParseError("site.json", None, "not a frozen site")
    history: History = from_json(History, read_json(run / "history.json"))
    return site_from(documents), history


def parts(run: Path) -> list[Path]:
    """The recordings of a joined run in their order, the run itself when it is none."""
    folder = run / PARTS
    if not folder.is_dir() or folder.is_symlink():
        return [run]
    found = [path for number in range(1, MOST_PARTS + 1) if (path := folder / str(number)).is_dir()]
    if not found:
        raise ParseError(str(folder), None, "a joined run without parts")
    return found


def judging(run: Path) -> Site:
    """The site that a run is judged by: of a joined one, as whoever stood in the professional network had it.

    Waivers and authorisation are those of one practice, and the same in all its parts.
    """
    sites = [thaw(part)[0] for part in parts(run)]
    return next((item for item in sites if item.vantage != "guest"), sites[0])


def put_together(draft: Path, runs: Sequence[Path]) -> None:
    """Copies of the runs' recordings as the parts of a joined one; their reports are made again."""
    if len(runs) < 2 or len(runs) > MOST_PARTS:
        raise ConfigError("join", None, "", f"{len(runs)} runs", f"two to {MOST_PARTS}")
    joined: dict[str | None, Path] = {}
    for number, run in enumerate(runs, 1):
        thaw(run)  # says what is wrong with it
        if (twin := joined.setdefault(_sum(run / INDEX), run)) != run or number > len(joined):
            raise ConfigError(str(run), None, "", f"the same visit as {twin}", "runs of different visits")
        if parts(run) != [run]:
            raise ConfigError(str(run), None, "", "a joined run", "the runs that it was made of")
        target = draft / PARTS / str(number)
        (target / BODIES).mkdir(parents=True)
        for name in _RECORDED:
            if (run / name).exists():
                write(target / name, content(run / name, MAX_DOCUMENT))
        for line in read_index(run):
            if "sha256" in line:
                name = body_name(Request(line["source"], line["target"], line["ask"]))
                with suppress(FileNotFoundError):  # the replay says that it is missing
                    write(target / name, content(run / name, MAX_BODY))


def previous(site_folder: Path) -> Snapshot | None:
    """The snapshot of the site's last run, None before the first."""
    known = names(site_folder)
    return snapshot_of(site_folder / RUNS / known[-1]) if known else None


def names(site_folder: Path) -> list[str]:
    """The names of the site's run folders, oldest first."""
    runs = site_folder / RUNS
    return sorted(path.name for path in runs.iterdir() if _NAME.fullmatch(path.name)) if runs.is_dir() else []


def named_at(name: str) -> datetime | None:
    """When the run of a folder was made, None when the name tells no time: `20261124T002735Z-2`."""
    try:
        return datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def snapshot_of(run: Path) -> Snapshot:
    """The snapshot of a run folder, as it was written."""
    return Snapshot.from_json(read_json(run / "snapshot.json"))


def documents_of(run: Path) -> tuple[Snapshot, Assessment]:
    """The snapshot and the assessment of a run folder, as they were written."""
    assessment = assessment_of(run)  # first: it says what else than a run folder was named
    return Snapshot.from_json(read_json(run / "snapshot.json")), assessment


def assessment_of(run: Path) -> Assessment:
    """The assessment of a run folder, or of the assessment.json itself."""
    if run.is_dir() and not (run / "assessment.json").exists():
        if (run / INDEX).exists():
            expected = f"one that is judged: vigie check {run} -o FOLDER, then name that FOLDER"
            raise ConfigError(str(run), None, "", "a recording alone", expected)
        raise ConfigError(str(run), None, "", "no run folder", "a folder with assessment.json")
    if run.is_dir():
        return Assessment.from_json(read_json(run / "assessment.json"))
    return Assessment.from_json(read_json(run, follow=True))  # the user named it


def evidence_entries(run: Path) -> tuple[EvidenceEntry, ...]:
    """The index of a recording, for the report; of a joined one with the number of the part before each id."""
    found = parts(run)
    if found == [run]:
        return _whole(run, "", "")
    return tuple(entry for part in found for entry in _whole(part, f"{part.name}/", f"{PARTS}/{part.name}/"))


def _whole(run: Path, head: str, below: str) -> tuple[EvidenceEntry, ...]:
    entries = tuple(_entries(run, head, below))
    return (*entries, *_declaration(run, entries, head, below))


def _entries(run: Path, head: str, below: str) -> Iterator[EvidenceEntry]:
    for line in read_index(run):
        request = Request(line["source"], line["target"], line["ask"])
        yield EvidenceEntry(
            head + line["id"],
            line["source"],
            line["target"],
            line["ask"],
            line["status"],
            datetime.fromisoformat(line["time"]),
            below + body_name(request) if "sha256" in line else None,
            line.get("sha256"),
            clean(line["detail"]) if "detail" in line else None,
        )


def _declaration(run: Path, entries: Iterable[EvidenceEntry], head: str, below: str) -> Iterator[EvidenceEntry]:
    """What the owner declared, as a piece of evidence: the frozen site, of the time the visit began."""
    begun = min((entry.time for entry in entries), default=None)
    if begun is not None and (digest := _sum(run / "site.json")):
        yield EvidenceEntry(
            f"{head}{DECLARATION}", "site", "local", "declared", "done", begun, f"{below}site.json", digest
        )


def write_manifest(draft: Path, facts: dict[str, Any]) -> None:
    """`run.json`: what made this run, and the sha256 of every other file at its top level, and of its parts'."""
    files = [path for path in sorted(draft.iterdir()) if path.is_file()]
    files += [path / name for path in parts(draft) if path != draft for name in _RECORDED if (path / name).is_file()]
    sums = {path.relative_to(draft).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    write_json(draft / "run.json", {**facts, "sha256": sums})


def defects(run: Path) -> tuple[Coverage, ...]:
    """What no longer matches the run's manifest: a line cut from the index must not make a device vanish in silence."""
    below = [f"{PARTS}/{part.name}/" for part in parts(run) if part != run] or [""]
    names = (f"{head}{file}" for head in below for file in ("evidence.jsonl", "site.json", "history.json"))
    changed = _changed(run, names)
    return tuple(Coverage("vantage", name, "altered", None, "not the file that was recorded") for name in changed)


def conclusions_changed(run: Path) -> tuple[str, ...]:
    """The documents of a run's conclusions that are not those the visit wrote: a report of them is not the visit's."""
    return tuple(_changed(run, ("snapshot.json", "assessment.json")))


def _changed(run: Path, names: Iterable[str]) -> Iterator[str]:
    if not (run / "run.json").exists():
        return  # a recording that was never a run: a fixture, somebody's captures
    manifest = read_json(run / "run.json")
    sums = manifest.get("sha256") if isinstance(manifest, dict) else None
    sums = sums if isinstance(sums, dict) else {}
    for name in names:
        now = _sum(run / name)
        if now is None or sums.get(name) != now:
            yield name


def _sum(path: Path) -> str | None:
    """The sha256 of a document of the run, None for what is no document at all."""
    try:
        return hashlib.sha256(content(path, MAX_DOCUMENT)).hexdigest()
    except OSError:
        return None


def write_json(path: Path, data: Any) -> None:  # noqa: ANN401
    """The data as readable JSON."""
    write(path, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())


def read_json(path: Path, *, follow: bool = False) -> Any:  # noqa: ANN401
    """The data of a bounded JSON file; ParseError names the file."""
    try:
        raw = content(path, MAX_DOCUMENT, follow=follow)
    except OSError as error:
        raise ParseError(str(path), None, error.strerror or "unreadable") from error
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ParseError(str(path), getattr(error, "lineno", None), "not JSON") from error
