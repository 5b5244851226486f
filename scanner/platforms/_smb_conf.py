r"""Samba's shares and settings, from what `testparm -s` prints or from smb.conf itself. Pure.

testparm prints only what differs from Samba's defaults, so a share without `guest ok` refuses guests and one without
`read only` cannot be written; a `[global]` line changes that for all. A file that its owner wrote uses synonyms, any
case, and may include another file or serve the shares of Samba's registry, which stay unknown. Source: smb.conf(5) of
Samba 4.17, and its strwicmp (blanks and case mean nothing in names).
"""

import re
from collections.abc import Iterable
from typing import Literal

from inventory.observation import Observation
from inventory.storage import Share, SmbSettings
from inventory.system import System
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, nothing, numbered, of_system, unread

Strength = Literal["off", "offered", "required"]
_Said = dict[str, tuple[str, int]]  # what a section says: key → value, line

MAX_WRITERS = 64  # names of one share
# `; true`: that there is no Samba is no failure of the scan.
TESTPARM = "testparm -s"
SMB_CONF = "cat /etc/samba/smb.conf; true"

_SECTION = re.compile(r"\[([^\[\]]+)\]")
_NO_SHARES = frozenset({"homes", "printers", "print$", "ipc$"})
# Names of settings stand here without blanks, as Samba compares them: `guestok` is `guest ok`.
_FLAGS = frozenset({"guestok", "readonly", "available", "printable"})
_SYNONYMS = {
    "public": "guestok", "printok": "printable", "directory": "path", "minprotocol": "serverminprotocol",
    "smbencrypt": "serversmbencrypt",
}  # fmt: skip
_ELSEWHERE = frozenset({"include", "configfile"})  # another file, which may change everything
_NOT_READ_ONLY = frozenset({"writable", "writeable", "writeok"})
_GLOBAL = frozenset({"global", "globals"})
_NAME = re.compile(r'[@+&]{0,2}"[^"]{1,64}"|[^\s,"]{1,64}')
_YES_NO = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}
_STRENGTHS: dict[str, Strength] = {
    "mandatory": "required", "required": "required", "force": "required", "auto": "offered", "enabled": "offered",
    "desired": "offered", "if_required": "offered", "default": "offered", "disabled": "off", "off": "off", "no": "off",
}  # fmt: skip
# Words of Samba alone: many programs have a section that is called global.
_SAMBA = re.compile(
    r"(?mi)^[ \t]*(?:workgroup|netbios name|security|server (?:string|role|min protocol|services)|min protocol|passdb"
    r"|map to guest|guest ?ok|public|read ?only|writ(?:e|ea|a)?ble|write ok|path|directory|valid users|idmap"
    r"|unix charset|printing|load printers|log file|registry shares|config backend|smb |hosts allow|include|comment)"
    r"[^=\n]{0,40}="
)


def read_testparm(text: str) -> Observation:
    """The shares, who may write there, the lowest protocol, and what the server asks of signing and encryption.

    Its defaults depend on Samba's version: unsaid, they stay unknown. Shares that are unavailable or print are left
    out.

    >>> text = "[global]\\n\\tserver min protocol = NT1\\n[public]\\n\\tguest ok = Yes\\n\\tpath = /srv/public"
    >>> share = read_testparm(text).device.system.shares[0]
    >>> share.name, share.path, share.guest, share.writable
    ('public', '/srv/public', True, False)
    """
    sections, bad = _sections(text)
    if "global" not in sections or not _SAMBA.search(text):
        return nothing("system.shares", text)
    common = sections.pop("global")[1]
    if _blankless(common.get("configbackend", ("", 0))[0]) == "registry":  # then Samba drops what this file says
        line = [(common["configbackend"][1], "config backend = registry")]
        return of_system(System(), {}, unread("system.shares", line) + unread("system.smb", line))
    lines: dict[str, int] = {}
    shares: list[Share] = []
    for name, (place, own) in sections.items():
        share = _share(name, common, own, bad)
        if share is not None:
            lines[f"/system/shares/{len(shares)}"] = place
            shares.append(share)
    elsewhere = [
        own[key] for own in (common, *(own for _, own in sections.values())) for key in _ELSEWHERE & own.keys()
    ]
    smb = None if elsewhere else _settings(common, lines)
    reports = unread("system.shares", dict.fromkeys(bad))
    return of_system(
        System(shares=tuple(shares), smb=smb),
        lines,
        unread("system.smb", [(at, word) for word, at in elsewhere]) + reports,
    )


def read_smb_conf(text: str) -> Observation:
    """The same from the file; an empty one, or none, is of a device without Samba."""
    return read_testparm(text) if text.strip() else of_system(System(), {})


def _share(name: str, common: _Said, own: _Said, bad: list[tuple[int, str]]) -> Share | None:
    said = {**common, **own}
    unserved = _flag(said, "available", default=True) is False or _flag(said, "printable", default=False)
    if name.lower() in _NO_SHARES or unserved or not clean(name):
        return None
    guest, read_only = _flag(said, "guestok", default=False), _flag(said, "readonly", default=True)
    valid = _names(said, "validusers")
    if valid and guest is not False:
        enters = guest_among(valid, said.get("guestaccount", ("nobody", 0))[0])
        guest = guest and enters if enters is not False else False
        if enters is None:
            bad.append((said["validusers"][1], f"valid users = {said['validusers'][0]}"))
    listed = (*_names(said, "writelist"), *(valid if read_only is False else ()))
    writers = tuple(dict.fromkeys(listed))[:MAX_WRITERS]
    writable = None if read_only is None else not read_only or bool(writers)
    path = clean(own["path"][0]) if "path" in own else None
    return Share(clean(name), "smb", path or None, guest, writable, writers=writers or None)


def guest_among(names: Iterable[str], account: str = "nobody") -> bool | None:
    """Whether the guest's account is among those who may enter; None: who is in a group, or `%U`, is not told here.

    >>> guest_among(["mary"]), guest_among(["mary", "Nobody"]), guest_among(["mary", "@staff"])
    (False, True, None)
    """
    known = {name.lower() for name in names}
    if account.lower() in known:
        return True
    return None if any(name.startswith(("@", "+", "&")) or "%" in name for name in known) else False


def _names(said: _Said, key: str) -> list[str]:
    """Users and groups of a list: `mary, @staff @"Domain Admins"`."""
    return [name for word in _NAME.findall(said.get(key, ("", 0))[0]) if (name := clean(word.replace('"', "")))]


def _settings(common: _Said, lines: dict[str, int]) -> SmbSettings | None:
    found: dict[str, str | Strength | None] = {}
    for fact, key in (
        ("minimum_protocol", "serverminprotocol"), ("encryption", "serversmbencrypt"), ("signing", "serversigning")
    ):  # fmt: skip
        word, place = common.get(key, ("", 0))
        value = clean(word) or None if fact == "minimum_protocol" else _STRENGTHS.get(word.lower())
        if value:
            found[fact] = value
            lines[f"/system/smb/{fact}"] = place
    return SmbSettings(**found) if found else None  # type: ignore[arg-type]


def _flag(said: _Said, key: str, *, default: bool) -> bool | None:
    """What a section says of a yes-or-no setting, Samba's default when it says nothing; None: neither yes nor no."""
    return _YES_NO.get(said[key][0].strip().lower()) if key in said else default


def _sections(text: str) -> tuple[dict[str, tuple[int, _Said]], list[tuple[int, str]]]:
    """The sections with their line and what they say, and the lines not understood."""
    sections: dict[str, tuple[int, _Said]] = {}
    bad: list[tuple[int, str]] = []
    said: _Said = {}
    for place, line in numbered(text):
        stripped = line.strip()
        header = _SECTION.fullmatch(stripped)
        key, equals, value = (part.strip() for part in stripped.partition("="))
        if stripped.startswith(("#", ";")):
            continue
        if header:
            name = "global" if _blankless(header[1]) in _GLOBAL else header[1].strip()
            if len(sections) <= MAX_ITEMS or name in sections:
                said = sections.setdefault(name, (place, {}))[1]
            else:
                said = {}
                bad.append((place, line))
        elif equals and sections:
            if not _note(said, _blankless(key), value, place):
                bad.append((place, line))
        else:
            bad.append((place, line))
    return sections, bad


def _blankless(name: str) -> str:
    return "".join(name.lower().split())


def _note(said: _Said, key: str, value: str, place: int) -> bool:
    """Take in a setting under its one name; False when it is not understood, or leads to what is not here."""
    key = _SYNONYMS.get(key, key)
    if key in _NOT_READ_ONLY:
        told = _YES_NO.get(value.lower())
        said["readonly"] = ("" if told is None else "no" if told else "yes", place)
        return told is not None
    said[key] = (value, place)
    if key in _ELSEWHERE or key == "copy" or (key == "registryshares" and _YES_NO.get(value.lower()) is not False):
        return False
    return key not in _FLAGS or value.lower() in _YES_NO
