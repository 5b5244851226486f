"""A file that somebody saved, a configuration or the output of a command, made facts with the line each came from.

Which command wrote it is not said: every reader of the platforms is tried, and the one that understands the most of it
speaks. Opens no socket; judges nothing.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inventory.disk import content
from inventory.document import to_json
from inventory.errors import ConfigError, ParseError
from inventory.observation import Observation, attributed
from inventory.text import clean
from scanner.evidence import Evidence, Request, SourceName
from scanner.mib_agent import EVERYTHING, read_agent, with_tables
from scanner.platforms import PLATFORMS, Platform, api, by_itself, recognised
from scanner.secret_store import SecretStore

# Bytes of a saved file: the largest configuration seen has 0.5 MB; stops a wrong path from filling the memory.
MAX_FILE = 8 << 20
MAX_SHOWN = 200  # characters of the line shown beside a fact
SNMPREC = ".snmprec"
ALONE = "snmp"  # the platform of a walk of a device that has none

_WORD = re.compile(rb"[\w.-]*")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# What a reader of broken input ends in: it then has not understood the file.
_STUMBLES = (ParseError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Saved:
    """What one reader made of a file."""

    platform: str
    command: str  # whose output the file was taken for, or the question to a web interface; "" for SNMP
    observation: Observation
    text: str

    @property
    def understood(self) -> tuple[int, int]:
        """How much was read, and how little was not: the larger the better."""
        return len(self.observation.lines), -len(self.observation.unread)


def saved(path: Path, platform: str | None = None) -> Saved | None:
    """What the best reader makes of a file, of that platform only when it is named; None when none reads anything.

    ConfigError for a platform that does not exist or a file that cannot be read.
    """
    wanted = [item for item in PLATFORMS if platform in (None, item.ID)]
    if not wanted:
        known = ", ".join(item.ID for item in PLATFORMS)
        raise ConfigError("--platform", None, "", repr(platform), f"one of {known}")
    try:
        body = content(path, MAX_FILE, follow=True)
    except OSError as error:
        raise ConfigError(str(path), None, "", error.strerror or "unreadable", "a file that can be read") from error
    # What is shown of a line must not show a password: the file is read as a recording would hold it.
    body = SecretStore(path.parent).redacted(body.decode("utf-8", "replace")).encode()
    if path.suffix == SNMPREC:
        attempts = list(_walked(wanted, body, platform))
    else:
        attempts = [item for each in wanted for item in _attempts(each, body)]
    if platform is None and _WORD.fullmatch(body.strip()):
        return None  # one word may be anything, a host name and a version alike
    best = max(attempts, key=lambda item: item.understood, default=None)
    return _alone(best, wanted) if best is not None and best.observation.lines else None


def _alone(found: Saved, platforms: Iterable[Platform]) -> Saved:
    """With what it leaves to files that a visit asks for beside it, and that nobody has shown here."""
    told_apart = {item.ID: by_itself(item) for item in platforms}.get(found.platform, {}).get(found.command)
    if told_apart is None:
        return found
    reports = (*found.observation.unread, *told_apart(found.text))
    return replace(found, observation=replace(found.observation, unread=tuple(dict.fromkeys(reports))))


def _attempts(platform: Platform, body: bytes) -> Iterator[Saved]:
    """The file as the answer to each question of a platform."""
    offer = api(platform)
    asks: list[tuple[SourceName, str, str]] = [("ssh", command, f"exec {command}") for command in platform.COMMANDS]
    asks += [("api", ask, ask) for ask in (offer.asks if offer else ())]
    for source, command, ask in asks:
        evidence = _evidence(source, ask, body)
        try:
            observation = platform.read(evidence)
        except _STUMBLES:
            continue
        if observation is not None:
            yield Saved(platform.ID, command, observation, evidence.text)


def _walked(wanted: Iterable[Platform], body: bytes, named: str | None) -> Iterator[Saved]:
    """The file as a walk of a whole agent: with its platform's own tables, else as that of any agent."""
    evidence = _evidence("snmp", EVERYTHING, body)
    known = False
    for platform in wanted:
        try:
            observation = platform.read(evidence)
            if observation is not None and observation.lines:
                known = True
                yield Saved(platform.ID, "", with_tables(observation, evidence), evidence.text)
        except _STUMBLES:
            continue
    if not known:
        try:
            said = read_agent(evidence)
        except _STUMBLES:
            return
        of = recognised(said.device)
        yield Saved(named or (of.ID if of else ALONE), "", said, evidence.text)


def _evidence(source: SourceName, ask: str, body: bytes) -> Evidence:
    return Evidence(Request(source, "0.0.0.0", ask), "done", _NEVER, body, "v2c")  # noqa: S104 — nothing is sent


def facts(case: str, found: Saved) -> Iterator[Mapping[str, Any]]:
    """One row a fact: `{"case", "platform", "command", "fact", "value", "line", "text"}`, and one a line not read.

    A fact is a field of a group, `system.identity.firmware`, or an item of a list, `system.port_forwards.0`; a fact
    that stands in no single line has none, and `"default": true` when the file leaves it out as delivered.
    """
    lines = found.text.split("\n")
    head = {"case": case, "platform": found.platform, "command": found.command}
    told = attributed(found.observation, "")
    document = to_json(found.observation.device)
    unread = {report.fact for report in found.observation.unread}  # "none" cannot be said of half a list
    for pointer, source in sorted(told.provenance.items()):
        value = _value(document, pointer)
        fact = pointer.strip("/").replace("/", ".")
        if value is None or _covered(pointer, value, told.provenance) or (value == [] and fact in unread):
            continue
        place = {} if source.line is None else {"line": source.line, "text": _shown(lines, source.line)}
        assumed = {"default": True} if source.default else {}
        yield {**head, "fact": fact, "value": value, **place, **assumed}
    for report in found.observation.unread:
        yield {**head, "unread": report.fact, "line": report.line, "text": report.text}


def _covered(pointer: str, value: Any, provenance: Mapping[str, Any]) -> bool:  # noqa: ANN401 — JSON data
    """Whether every part of the fact has a line of its own: they are told instead."""
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    below = [(f"{pointer}/{name}", part) for name, part in parts]
    return bool(below) and all(at in provenance or _covered(at, part, provenance) for at, part in below)


def _value(document: Any, pointer: str) -> Any:  # noqa: ANN401 — JSON data
    for part in pointer.strip("/").split("/"):
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return document


def _shown(lines: list[str], number: int) -> str:
    return clean(lines[number - 1], MAX_SHOWN) if 0 < number <= len(lines) else ""


def cases(files: Iterable[Path]) -> Mapping[Path, str]:
    """What each file is called in its rows: its name without ending, or its whole path when another is called so.

    >>> list(cases([Path("a/firewall"), Path("b/firewall"), Path("b/network.txt")]).values())
    ['a/firewall', 'b/firewall', 'network']
    """
    asked = dict.fromkeys(files)
    count = Counter(file.stem for file in asked)
    return {file: file.stem if count[file.stem] == 1 else str(file) for file in asked}


def shown(row: Mapping[str, Any]) -> str:
    """The row for a person: `firewall:12: openwrt: system.upnp.enabled = true`; without a line, what follows of others.

    The platform is the one the file was taken for.
    """
    place = f"{row['case']}:{row.get('line', '')}: " + (f"{row['platform']}: " if "platform" in row else "")
    if "unread" in row:
        return f"{place}? {row['unread']}"
    assumed = " (default: the file leaves it out)" if row.get("default") else ""
    return f"{place}{row['fact']} = {json.dumps(row['value'])}{assumed}"


def nothing(case: str) -> Mapping[str, Any]:
    """The row of a file that no reader understands: what it holds is unknown."""
    return {"case": case, "unread": "no platform reads this file"}


def rows(path: Path, case: str, platform: str | None = None) -> list[Mapping[str, Any]]:
    """What is to be told of one file, which is called `case`."""
    found = saved(path, platform)
    return list(facts(case, found)) if found else [nothing(case)]
