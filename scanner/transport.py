"""The door to the practice's LAN seen from above: one method, for a live network, a recorded one, a replayed one."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, get_args

from inventory.disk import content, write
from inventory.document import instant, rfc3339
from inventory.errors import ParseError
from inventory.snapshot import Status
from inventory.text import clean
from scanner.evidence import EXTENSIONS, Evidence, Request

INDEX = "evidence.jsonl"
BODIES = "evidence"

# A body is at most 4 MiB (scanner/wire); stops a swapped file in somebody's recording from filling memory.
MAX_BODY = 8 << 20
# 250 devices with 60 questions each at 400 bytes a line; stops an endless index.
MAX_INDEX = 16 << 20

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Transport(Protocol):
    """Something that can be asked."""

    def send(self, request: Request) -> Evidence:
        """The answer to one question."""
        ...


class Recording:
    """Another transport, and everything it answered kept in a folder: bodies in the field's formats, one index."""

    def __init__(self, inner: Transport, folder: Path) -> None:
        self._inner = inner
        self._folder = folder
        self._lines: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        (folder / BODIES).mkdir(parents=True, exist_ok=True)

    def send(self, request: Request) -> Evidence:
        """The inner transport's answer, after it is on disk."""
        evidence = self._inner.send(request)
        self._keep(evidence)
        return evidence

    def finish(self) -> None:
        """The index written, one line per question in a stable order."""
        lines = [json.dumps(self._lines[key], ensure_ascii=False) + "\n" for key in sorted(self._lines)]
        write(self._folder / INDEX, "".join(lines).encode())

    def _keep(self, evidence: Evidence) -> None:
        request = evidence.request
        line: dict[str, Any] = {
            "id": request.id,
            "source": request.source,
            "target": request.target,
            "ask": request.ask,
            "status": evidence.status,
            "time": rfc3339(evidence.time),
        }
        if evidence.body or evidence.status == "done":  # an empty answer is one, and has its file
            name = body_name(request)
            write(self._folder / name, evidence.body)
            line |= {"file": name, "sha256": hashlib.sha256(evidence.body).hexdigest()}
        if evidence.detail:
            line["detail"] = evidence.detail
        with self._lock:
            self._lines[request.id] = line


class Replay:
    """A recording answering for the network; opens no socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lines = {line["id"]: line for line in read_index(folder)}
        self._time = max((instant(line["time"]) for line in self.lines.values()), default=_NEVER)

    def send(self, request: Request) -> Evidence:
        """What was recorded; "missing" when it was not, "altered" when the body is not the one that was recorded."""
        line = self.lines.get(request.id)
        if line is None:
            return Evidence(request, "missing", self._time, detail="not in the recording")
        moment, detail = instant(line["time"]), clean(line.get("detail", ""))
        if "sha256" not in line:
            return Evidence(request, line["status"], moment, detail=detail)
        try:
            body = content(self._folder / body_name(request), MAX_BODY)
        except OSError:
            return Evidence(request, "missing", moment, detail="its file is not in the recording")
        if hashlib.sha256(body).hexdigest() != line["sha256"]:
            return Evidence(request, "altered", moment, detail="its file is not the one that was recorded")
        return Evidence(request, line["status"], moment, body, detail)


def body_name(request: Request) -> str:
    """Where a body lies below the run folder; from the request alone, so that an index cannot point elsewhere."""
    return f"{BODIES}/{request.id}.{EXTENSIONS[request.source]}"


def read_index(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of a recording's index, each checked; ParseError names the line."""
    try:
        raw = content(folder / INDEX, MAX_INDEX)
    except OSError as error:
        raise ParseError(str(folder), None, f"no recording: {INDEX}: {error.strerror}") from error
    if not raw.strip():
        raise ParseError(str(folder), None, f"no recording: {INDEX} is empty")
    for number, text in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
        try:
            line = json.loads(text)
            _check_line(line)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ParseError(INDEX, number, f"not an index line: {error}") from error
        yield line


def _check_line(line: Any) -> None:  # noqa: ANN401 — whatever JSON holds
    for key in ("id", "source", "target", "ask", "status", "time"):
        if not isinstance(line[key], str):
            raise TypeError(f"{key} is not text")
    if line["source"] not in EXTENSIONS or line["status"] not in get_args(Status):
        raise ValueError(f"unknown source or status {line['source']!r} {line['status']!r}")
    if Request(line["source"], line["target"], line["ask"]).id != line["id"]:
        raise ValueError("the id is not that of its question")
    if not all(isinstance(line.get(key, ""), str) for key in ("file", "sha256", "detail")):
        raise TypeError("file, sha256 or detail is not text")
    instant(line["time"])
