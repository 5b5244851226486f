r"""The settings of OpenSSH's server from its files, for an account that may not run `sshd -T`. Pure.

The first value of a keyword stands, wherever it is; `Include` takes in other files at its place, and what a `Match`
block says is for some people only: one that lets them in more easily leaves open what holds for everybody.
Source: sshd_config(5) of OpenSSH 9.2. What nobody says is the default of that version for passwords; that of root's
login differs between distributions, and stays unknown.
"""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from inventory.device import Device
from inventory.observation import Observation
from inventory.system import SshSettings, System
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, nothing, number, numbered, unread
from scanner.platforms._unix import BESIDE, KEYBOARD, ROOT_LOGIN, SSH_LISTS, asked_by_keyboard, port_of_address

# `ls` first: a file that this account may not open is named all the same, and may say anything. `-v`: each file begins
# with its name; `; true`: that there is none is no failure of the scan.
_PATHS = "/etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf"
SSHD_FILES = f"ls {_PATHS}; head -v -n 2000 {_PATHS}; true"

MAX_LINES = 2000  # of one file, as the command has it: one that is as long may go on
MAX_FILES = 256  # shown by one answer; a server has five. Stops thousands that are each looked for by every `Include`
MAX_INCLUDES = 64  # files taken in, and words that name them; stops files that name each other
MAIN = "/etc/ssh/sshd_config"
_ASKED = (MAIN, "/etc/ssh/sshd_config.d/*.conf")
_HEADER = re.compile(r"==> (/\S{1,200}) <==")
_LISTED = re.compile(r"/etc/ssh/\S{1,200}")
_SETTING = re.compile(r"\s*([A-Za-z0-9]{1,40})(?:\s*=\s*|\s+)(.*)")
_COMMENT = re.compile(r"\s#.*")
_ROOT, _PASSWORDS, _KEYBOARD = "root_login", "password_authentication", "keyboard"
_FACTS = {"permitrootlogin": _ROOT, "passwordauthentication": _PASSWORDS, **SSH_LISTS}
_ROOT_ALLOWS = ("no", "forced-commands-only", "prohibit-password", "yes")
Lines = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Whom:
    """Whom settings are for: everybody unless a `Match` block says otherwise."""

    everybody: bool = True
    block: bool = False
    root: bool = True


@dataclass(slots=True)
class _Said:
    """What has been read so far: each keyword's first value, and every port."""

    files: dict[str, Lines]
    unseen: dict[str, tuple[int, str]] = field(default_factory=dict)  # files that were not shown, and who says so
    cut: dict[str, tuple[int, str]] = field(default_factory=dict)  # files that may go on, and their last line
    values: dict[str, tuple[str, int]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)
    listens: dict[int, int] = field(default_factory=dict)  # ports that are named with an address
    anywhere: int = 0  # the line of an address without one: it is asked at `ports`
    beside: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # what else decides about passwords
    # The most that a block allows some people, by fact: how much that is, and its line.
    blocks: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    bad: Lines = field(default_factory=list)
    hidden: bool = False  # a file was included that nobody has shown: what follows may have been said there
    taken: int = 0


# A saved file without its name is one of sshd's by the words that no other program has: many have a port.
_HEADED = re.compile(r"(?m)^==> ")
_OWN = re.compile(
    r"(?mi)^[ \t]*+(?:#[ \t]*+)?(?:permitrootlogin|passwordauthentication|pubkeyauthentication|usepam|hostkey"
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
    said = _files(text)
    if MAIN not in said.files or not (_HEADED.search(text) or _OWN.search(text)):
        return nothing("system.ssh", text)
    _read(said, MAIN, 0, _Whom())
    doubts = _doubts(said)
    lines: dict[str, int] = {}
    facts: dict[str, Any] = {}
    for fact, (value, place) in said.values.items():
        if fact in doubts:
            continue
        facts[fact], lines[f"/system/ssh/{fact}"] = _value(fact, value), place
    defaults = set()
    if ports := _ports(said):
        facts["ports"], lines["/system/ssh/ports"] = tuple(ports), next(iter(ports.values()))
    for fact, default in (("ports", (22,)), ("password_authentication", True)):
        if fact not in {*facts, *doubts} and not said.hidden and not said.bad:
            facts[fact] = default
            defaults.add(f"/system/ssh/{fact}")
    reports = unread("system.ssh", dict.fromkeys([*said.bad, *doubts.values()]))
    if not facts:
        return Observation(Device(), {}, reports)
    return Observation(Device(system=System(ssh=SshSettings(**facts))), lines, reports, frozenset(defaults))


def _ports(said: _Said) -> dict[int, int]:
    """Where it listens, as far as lines say it; a file that nobody has shown may name others."""
    if said.hidden:
        return {}
    if said.listens and not said.anywhere:
        return said.listens
    return {**(said.ports or ({22: said.anywhere} if said.listens else {})), **said.listens}


def _doubts(said: _Said) -> dict[str, tuple[int, str]]:
    """The facts that do not hold for everybody, with the line that says otherwise."""
    found: dict[str, tuple[int, str]] = {}
    for fact in (_ROOT, _PASSWORDS):
        if fact in said.values and said.blocks.get(fact, (0,))[0] > _allows(fact, said.values[fact][0]):
            found[fact] = said.blocks[fact][1:]
    if _PASSWORDS in said.values and not _allows(_PASSWORDS, said.values[_PASSWORDS][0]):
        pam = said.beside.get("usepam", ("", 0, ""))[0].lower()
        by_block = said.blocks[_KEYBOARD][1:] if pam != "no" and _KEYBOARD in said.blocks else None
        if asking := asked_by_keyboard(said.beside) or by_block:
            found.setdefault(_PASSWORDS, asking)
    return found


def _allows(fact: str, value: str) -> int:
    """How much a value allows: 0 nothing.

    Raises:
        UnreadableError: it is no value of that fact.
    """
    meaning = _value(fact, value)
    return _ROOT_ALLOWS.index(meaning) if isinstance(meaning, str) else int(bool(meaning))


def _files(text: str) -> _Said:
    """The lines of each file by its name; without a name the text is the first file itself."""
    said = _Said({})
    current, began = MAIN, 0  # 0: no name was shown, so nothing was cut off
    for place, line in numbered(text):
        if len(said.files) + len(said.unseen) > MAX_FILES:
            said.unseen[_ASKED[1]] = (place, line)
            break
        if not began and _LISTED.fullmatch(line):
            said.unseen[line] = (place, line)
            continue
        if header := _HEADER.fullmatch(line.strip()):
            _cut(said, current, began, place - 2)  # an empty line goes before the next name
            current, began = header[1], place
            said.files.setdefault(current, [])
            said.unseen.pop(current, None)
        else:
            said.files.setdefault(current, []).append((place, line))
    _cut(said, current, began, text.count("\n") + (not text.endswith("\n")))
    return said


def _cut(said: _Said, name: str, began: int, ended: int) -> None:
    """Note a file that is as long as the command shows it at most."""
    if began and ended - began >= MAX_LINES:
        said.cut[name] = (ended, f"{name}: {MAX_LINES}")


def _read(said: _Said, name: str, depth: int, around: _Whom) -> None:
    whom = around
    for place, line in said.files[name]:
        if line.lstrip().startswith("#"):
            continue
        setting = _SETTING.fullmatch(line)
        if setting is None:
            said.bad.append((place, line))
            continue
        keyword, value = setting[1].lower(), _COMMENT.sub("", setting[2]).strip().strip('"')
        if keyword == "match":
            whom = _matched(value, around)
        elif keyword == "include":
            _include(said, value, (place, line), depth, whom)
        else:
            _setting(said, keyword, value, (place, line), whom)
    if name in said.cut:
        _hide(said, said.cut[name], around)


def _hide(said: _Said, at: tuple[int, str], whom: _Whom) -> None:
    """Something that nobody has shown is taken in here: it may have the first word, and let some people in."""
    said.hidden = True
    said.bad.append(at)
    for keyword in ("permitrootlogin", "passwordauthentication"):
        _loosen(said, keyword, "yes", at, whom)


def _matched(value: str, around: _Whom) -> _Whom:
    """Whom a block is for, to the next one or the end of its file.

    A pattern with signs in it may name root.

    >>> _matched("Group wheel", _Whom()).root, _matched("User medecin,julie", _Whom()).root
    (True, False)
    """
    words = value.replace("=", " ").split()
    if [word.lower() for word in words] == ["all"]:
        return _Whom(around.everybody, block=True, root=around.root)
    root = around.root
    for criterion, names in pairwise(words):
        if criterion.lower() == "user":
            listed = names.strip('"').split(",")
            root = root and "!root" not in listed and any(name == "root" or set("*?") & {*name} for name in listed)
    return _Whom(everybody=False, block=True, root=root)


def _setting(said: _Said, keyword: str, value: str, at: tuple[int, str], whom: _Whom) -> None:
    try:
        if whom.block:
            _loosen(said, keyword, value, at, whom)
        if whom.everybody and not said.hidden:
            if keyword in BESIDE:
                said.beside.setdefault(keyword, (value, *at))
            _note(said, keyword, value, at[0])
    except UnreadableError:
        said.bad.append(at)


def _loosen(said: _Said, keyword: str, value: str, at: tuple[int, str], whom: _Whom) -> None:
    """Keep what a block allows; it stands before what is said for everybody, wherever that is."""
    if keyword in KEYBOARD:
        fact, allowed = _KEYBOARD, int(value.lower() != "no")
    elif (fact := _FACTS.get(keyword, "")) in (_ROOT, _PASSWORDS) and (whom.root or fact != _ROOT):
        allowed = _allows(fact, value)
    else:
        return
    if allowed > said.blocks.get(fact, (0,))[0]:
        said.blocks[fact] = (allowed, *at)


def _include(said: _Said, value: str, at: tuple[int, str], depth: int, whom: _Whom) -> None:
    for word in value.split():
        pattern = word.strip('"')
        pattern = pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"
        said.taken += 1
        if said.taken > MAX_INCLUDES:
            _hide(said, at, whom)
            return
        for name in sorted(name for name in {*said.files, *said.unseen} - {MAIN} if fnmatchcase(name, pattern)):
            said.taken += 1
            if name in said.unseen:
                _hide(said, said.unseen[name], whom)
            elif depth < 4 and said.taken <= MAX_INCLUDES:
                _read(said, name, depth + 1, whom)
            else:
                _hide(said, at, whom)
                return
        if pattern not in _ASKED and pattern not in said.files:
            _hide(said, at, whom)


def _note(said: _Said, keyword: str, value: str, place: int) -> None:
    if keyword == "port" and len(said.ports) < MAX_ITEMS:
        said.ports.setdefault(number(value, 65535), place)
    if keyword == "listenaddress":
        port = port_of_address(value)
        if port is None:
            said.anywhere = said.anywhere or place
        elif len(said.listens) < MAX_ITEMS:
            said.listens.setdefault(port, place)
    fact = _FACTS.get(keyword)
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
