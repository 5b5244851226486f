"""Folders shared over NFS: `/etc/exports` (exports(5) of nfs-utils 2.6; what DSM, QTS and Debian keep there). Pure."""

import re
from dataclasses import replace

from inventory.observation import Observation
from inventory.storage import Share
from inventory.system import System
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, numbered, of_system, unread

# `; true`: that nothing is shared over NFS, and the file not there, is no failure of the scan.
EXPORTS = "cat /etc/exports; true"

_LINE = re.compile(r'("[^"]{1,1024}"|/[^\s"]{0,1024})(?:[ \t]++(.*))?')
_CLIENT = re.compile(r"([^\s()]{0,255})(?:\(([^()]{0,1024})\))?")
_DEFAULTS = re.compile(r"-\S{0,255}")
_EVERYBODY = frozenset({"*", "", "0.0.0.0/0", "0.0.0.0/0.0.0.0", "::/0", "0.0.0.0"})  # noqa: S104 — whom the file names
_OCTAL = re.compile(r"\\(\d{3})")


def read_exports(text: str) -> Observation:
    r"""The exported folders: `guest` when a client that is everybody may mount it without Kerberos, and who may write.

    A line may go on below a `\`. An empty file, or none, shares
    nothing over NFS; the shares of other protocols stand elsewhere, so "none" is not said.

    >>> line = "/volume1/images\t192.168.10.0/24(rw,async,no_root_squash)"
    >>> share = read_exports(line).device.system.shares[0]
    >>> share.path, share.guest, share.writers
    ('/volume1/images', False, ('192.168.10.0/24',))
    """
    lines: dict[str, int] = {}
    found: list[Share] = []
    guests: list[bool | None] = []
    writers: list[dict[str, None]] = []  # of each share, in order
    known: dict[str, int] = {}
    bad: list[tuple[int, str]] = []
    for place, line in _joined(text):
        if line.lstrip().startswith("#"):
            continue
        share = _share(line.partition(" #")[0].strip()) if len(found) < MAX_ITEMS else None
        if share is None:
            bad.append((place, line))
            continue
        at = known.setdefault(share.name, len(found))
        if at < len(found):  # once more, for others
            guests[at] = guests[at] or share.guest
        else:
            lines[f"/system/shares/{at}"] = place
            found.append(share)
            guests.append(share.guest)
            writers.append({})
        for name in share.writers or ():
            if len(writers[at]) < MAX_ITEMS:
                writers[at].setdefault(name)
    whole = zip(found, guests, map(tuple, writers), strict=True)
    shares = tuple(replace(one, guest=guest, writable=bool(names), writers=names) for one, guest, names in whole)
    return of_system(System(shares=shares or None), lines, unread("system.shares", bad))


def _joined(text: str) -> list[tuple[int, str]]:
    whole: list[tuple[int, list[str]]] = []
    goes_on = False
    for place, line in numbered(text):
        if goes_on:
            whole[-1][1].append(line.removesuffix("\\"))
        else:
            whole.append((place, [line.removesuffix("\\")]))
        goes_on = line.endswith("\\")
    return [(place, "".join(parts)) for place, parts in whole]


def _share(line: str) -> Share | None:
    """The folder of a line and what its clients may; None when it is not understood."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    path = clean(_OCTAL.sub(lambda code: chr(int(code[1], 8) % 256), found[1].strip('"')))
    words = (found[2] or "").split()[:MAX_ITEMS]
    common: set[str] = set()
    clients: list[tuple[str, set[str]]] = []
    for word in words:
        if _DEFAULTS.fullmatch(word):
            common = set(word[1:].split(","))
            continue
        client = _CLIENT.fullmatch(word)
        if client is None:
            return None
        clients.append((client[1], common | set((client[2] or "").split(","))))
    # exports(5) allows a client without options, and none at all; nobody writes that, and any sentence looks like it.
    if not path or not any(options - {""} for _, options in clients):
        return None
    guest = any(name in _EVERYBODY and _plain(options) for name, options in clients)
    writers = tuple(clean(name) or "*" for name, options in clients if "rw" in options)
    return Share(path, "nfs", path, guest, bool(writers), writers=writers)


def _plain(options: set[str]) -> bool:
    """Whether no Kerberos is asked for: `sec=sys` or nothing said."""
    kinds = [part for option in options if option.startswith("sec=") for part in option[4:].split(":")]
    return not kinds or any(not kind.startswith("krb5") for kind in kinds)
