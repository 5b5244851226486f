"""What a person reads in the recordings of a device, beside what our readers make of them.

`tests/recordings/<platform>-<name>/truth.json`:

    {"platform": "vyos", "source": "vyos/default", "answers": {"ssh exec cat /config/config.boot": "config.boot"},
     "system": {"users": [{"name": "vyos", …}], …}}

`answers`: what was asked → the file that holds the answer, in the folder itself or below realdata/configs of the shared
recordings; a list of files is one export of OpenWrt's packages of these names. `system`: everything that a person reads
there and Vigie has a fact for, in the form of a snapshot. A group that is not in it is not in the files; a group of the
readers that is not in it is wrong.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inventory.document import from_json, to_json
from inventory.observation import Merged, attributed, item_name, merge
from inventory.system import System
from scanner.evidence import Evidence, Request, SourceName
from scanner.platforms import PLATFORMS, Platform
from scanner.secret_store import SecretStore
from tests.truth_snmp import ALONE_PLATFORM

RECORDINGS = Path(__file__).parent / "recordings"
SHARED = Path(__file__).parents[2] / "shared" / "realdata"
# What a device says of its neighbours is the measure of other tables (tests/bench/captures.py).
APART = ("platform", "documented", "neighbours", "leases", "forwarding", "links")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One device of which a person has read everything."""

    name: str
    platform: Platform
    system: System  # the truth
    answers: tuple[Evidence, ...]
    written: bool  # after the maker's documentation: no recording of a device, and no proof of what one says

    def read(self) -> Merged:
        """What the platform's reader makes of the answers."""
        seen = ((item, self.platform.read(item)) for item in self.answers)
        return merge(attributed(observation, item.id) for item, observation in seen if observation is not None)


def cases() -> Iterator[Case]:
    """Every case; without the shared recordings beside the repository, those alone whose files may be copied.

    Raises:
        FileNotFoundError: a file is neither beside its truth nor among the shared recordings that are here.
    """
    for path in sorted(RECORDINGS.glob("*/truth.json")):
        truth = json.loads(path.read_text("utf-8"))
        source = truth.get("source", "")
        found = {ask: _files(path.parent, source, names) for ask, names in truth["answers"].items()}
        missing = [file for _, files in found.values() for file in files if not file.exists()]
        if missing and source and not SHARED.exists():
            continue
        if missing:
            raise FileNotFoundError(f"{path.parent.name}: {missing[0].name}")
        (platform,) = (item for item in (*PLATFORMS, ALONE_PLATFORM) if truth["platform"] == item.ID)
        answers = tuple(answer(ask, _body(*parts)) for ask, parts in found.items())
        system = from_json(System, truth["system"])
        yield Case(path.parent.name, platform, system, answers, truth.get("written", False))


def _files(folder: Path, source: str, names: str | list[str]) -> tuple[bool, list[Path]]:
    """Whether the files are packages of one export, and where they are."""
    listed = [names] if isinstance(names, str) else names
    return not isinstance(names, str), [_file(folder, source, name) for name in listed]


def _body(packages: bool, files: list[Path]) -> bytes:
    if not packages:
        return files[0].read_bytes()
    return b"\n".join(b"package %s\n\n%s" % (file.name.encode(), file.read_bytes()) for file in files)


def _file(folder: Path, source: str, name: str) -> Path:
    beside = folder / name
    return beside if beside.exists() else SHARED / source / name


def answer(ask: str, body: bytes) -> Evidence:
    """The body as the answer of a device, without its secrets, as a visit would have kept it."""
    source, _, rest = ask.partition(" ")
    assert source in SourceName.__args__  # type: ignore[attr-defined]
    text = SecretStore(Path()).redacted(body.decode("utf-8", "replace"))
    return Evidence(Request(source, "192.0.2.1", rest), "done", _NEVER, text.encode(), "v2c")  # type: ignore[arg-type]


def facts(system: System | None) -> Mapping[str, str]:
    """Each fact of a system by what it is: `{"users admin role": "full", "forwards": "none"}`."""
    document = to_json(system) if system else {}
    return dict(_facts(system, document))


def _facts(system: System | None, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for group, value in document.items():
        if group not in APART:
            yield from _flat(getattr(system, group), value, group)


def _flat(typed: Any, value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _flat(getattr(typed, name), part, f"{at} {name}")
    elif isinstance(value, list) and typed and hasattr(typed[0], "__dataclass_fields__"):
        for item, part in zip(typed, value, strict=True):
            yield from _flat(item, part, f"{at} {' '.join(map(str, item_name(item)))}")
    elif isinstance(value, list):
        yield at, ", ".join(sorted(map(str, value))) or "none"
    else:
        yield at, json.dumps(value, ensure_ascii=False)
