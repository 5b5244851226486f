r"""The settings of OpenSSH's server from its files, for an account that may not run `sshd -T`. Pure.

The first value of a keyword stands, wherever it is; `Include` takes in other files at its place, and what a `Match`
block says is for some people only. Source: sshd_config(5) of OpenSSH 9.2. What nobody says is the default of that
version for passwords; that of root's login differs between distributions, and stays unknown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from inventory.device import Device
from inventory.observation import Observation
from inventory.system import SshSettings, System
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, nothing, number, numbered, unread
from scanner.platforms._unix import BESIDE, ROOT_LOGIN, SSH_LISTS, asked_by_keyboard

# `-v`: each file begins with its name; `; true`: that there is none is no failure of the scan.
SSHD_FILES = "head -v -n 2000 /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; true"

MAX_INCLUDES = 64  # files taken in; stops files that name each other
MAIN = "/etc/ssh/sshd_config"
_ASKED = (MAIN, "/etc/ssh/sshd_config.d/*.conf")
_HEADER = re.compile(r"==> (/\S{1,200}) <==")
_SETTING = re.compile(r"\s*([A-Za-z0-9]{1,40})(?:\s*=\s*|\s+)(.*)")
_COMMENT = re.compile(r"\s#.*")
Lines = list[tuple[int, str]]


@dataclass(slots=True)
class _Said:
    """What has been read so far: each keyword's first value, and every port."""

    files: dict[str, Lines]
    values: dict[str, tuple[str, int]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)
    beside: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # what else decides about passwords
    bad: Lines = field(default_factory=list)
    hidden: bool = False  # a file was included that nobody has shown: what follows may have been said there
    taken: int = 0


# A saved file without its name is one of sshd's by the words that no other program has: many have a port.
_HEADED = re.compile(r"(?m)^==> ")
_OWN = re.compile(
    r"(?mi)^[ \t]*#?[ \t]*(?:permitrootlogin|passwordauthentication|pubkeyauthentication|usepam|hostkey"
    r"|authorizedkeysfile|x11forwarding|kexalgorithms|maxauthtries|permitemptypasswords|subsystem[ \t]+sftp)[ \t=]"
)


def read_sshd_config(text: str) -> Observation:
    r"""The settings for everybody.

    >>> text = "==> /etc/ssh/sshd_config <==\nInclude /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\n" \
    ...     "\n==> /etc/ssh/sshd_config.d/10-cabinet.conf <==\nPasswordAuthentication no\nPermitRootLogin no\n"
    >>> found = read_sshd_config(text).device.system.ssh
    >>> found.password_authentication, found.root_login, found.ports
    (False, 'no', (22,))
    """
    if not text.strip():
        return Observation(Device())  # no OpenSSH here
    said = _Said(_files(text))
    if MAIN not in said.files or not (_HEADED.search(text) or _OWN.search(text)):
        return nothing("system.ssh", text)
    _read(said, MAIN, 0)
    doubts = _doubts(said)
    lines: dict[str, int] = {}
    facts: dict[str, Any] = {}
    for fact, (value, place) in said.values.items():
        if fact in doubts:
            continue
        facts[fact], lines[f"/system/ssh/{fact}"] = _value(fact, value), place
    defaults = set()
    if said.ports:
        facts["ports"], lines["/system/ssh/ports"] = tuple(said.ports), next(iter(said.ports.values()))
    for fact, default in (("ports", (22,)), ("password_authentication", True)):
        if fact not in {*facts, *doubts} and not said.hidden and not said.bad:
            facts[fact] = default
            defaults.add(f"/system/ssh/{fact}")
    reports = unread("system.ssh", [*said.bad, *dict.fromkeys(doubts.values())])
    if not facts:
        return Observation(Device(), {}, reports)
    return Observation(Device(system=System(ssh=SshSettings(**facts))), lines, reports, frozenset(defaults))


def _doubts(said: _Said) -> dict[str, tuple[int, str]]:
    """The facts that do not hold for everybody, with the line that says otherwise."""
    found: dict[str, tuple[int, str]] = {}
    fact = "password_authentication"
    if fact in said.values and not _value(fact, said.values[fact][0]) and (line := asked_by_keyboard(said.beside)):
        found[fact] = line
    return found


def _files(text: str) -> dict[str, Lines]:
    """The lines of each file by its name; without a name the text is the first file itself."""
    found: dict[str, Lines] = {}
    current = MAIN
    for place, line in numbered(text):
        if header := _HEADER.fullmatch(line.strip()):
            current = header[1]
            found.setdefault(current, [])
        else:
            found.setdefault(current, []).append((place, line))
    return found


def _read(said: _Said, name: str, depth: int) -> None:
    said.taken += 1
    if said.taken > MAX_INCLUDES:
        said.hidden = True
        return
    for place, line in said.files[name]:
        if line.lstrip().startswith("#"):
            continue
        setting = _SETTING.fullmatch(line)
        if setting is None:
            said.bad.append((place, line))
            continue
        keyword, value = setting[1].lower(), _COMMENT.sub("", setting[2]).strip().strip('"')
        if keyword == "match":
            if value.lower() != "all":
                return  # to the end of the file
        elif keyword == "include":
            _include(said, value, place, line, depth)
        elif not said.hidden:
            if keyword in BESIDE:
                said.beside.setdefault(keyword, (value, place, line))
            try:
                _note(said, keyword, value, place)
            except UnreadableError:
                said.bad.append((place, line))


def _include(said: _Said, value: str, place: int, line: str, depth: int) -> None:
    for word in value.split():
        pattern = word.strip('"')
        pattern = pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"
        for name in sorted(_named(said, pattern)):
            if depth < 4:
                _read(said, name, depth + 1)
        if pattern not in _ASKED and pattern not in said.files:
            said.hidden = True
            said.bad.append((place, line))


def _named(said: _Said, pattern: str) -> Iterator[str]:
    return (name for name in said.files if name != MAIN and fnmatchcase(name, pattern))


def _note(said: _Said, keyword: str, value: str, place: int) -> None:
    if keyword == "port" and len(said.ports) < MAX_ITEMS:
        said.ports.setdefault(number(value, 65535), place)
    fact = {"permitrootlogin": "root_login", "passwordauthentication": "password_authentication"}.get(
        keyword, SSH_LISTS.get(keyword)
    )
    if fact is None or fact in said.values:
        return
    if fact in SSH_LISTS.values() and value[:1] in ("+", "-", "^"):
        return  # a change to the default, which depends on the version
    _value(fact, value)
    said.values[fact] = (value, place)


def _value(fact: str, value: str) -> str | bool | tuple[str, ...]:
    """The value of a fact.

    Raises:
        UnreadableError: it is none.
    """
    if fact in SSH_LISTS.values():
        return tuple(filter(None, map(clean, value.split(",")[:MAX_ITEMS])))
    meanings: dict[str, Any] = {"yes": True, "no": False} if fact == "password_authentication" else ROOT_LOGIN
    if value.lower() not in meanings:
        raise UnreadableError(value[:20])
    return meanings[value.lower()]  # type: ignore[no-any-return]
