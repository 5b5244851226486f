"""The accounts of a NAS and who of them may change everything: DSM and QTS name a group `administrators`. Pure.

Sources of the group: listings of DSM 6 and 7, and of a TS-110 of 2012, that their owners published; the fixtures of two
programs that read it of QTS.
"""

import re
from dataclasses import replace

from inventory.observation import Observation
from inventory.system import System
from inventory.text import clean
from scanner.platforms._reading import MAX_UNREAD, nothing, of_system
from scanner.platforms._unix import read_passwd

ACCOUNTS = "cat /etc/passwd; cat /etc/group"
# DSM heads its tables of accounts with a line of its own, which is no account: "#$_@GID__INDEX@_$65539$".
_INDEX = re.compile(r"#\$_@[UG]ID__INDEX@_\$\d{1,10}\$\r?")
_GROUP_COLONS = 3  # name:x:100:member,member
_GROUP = re.compile(r"administrators:[^:]{0,64}:(\d{1,10}):(.{0,65536})")


def read_accounts(text: str) -> Observation:
    """The accounts of `/etc/passwd`, and who of them is in the group `administrators` of `/etc/group` after it.

    The group does not list those whose own group it is: `/etc/passwd` tells them by its number.

    >>> text = "claire:x:1026:100::/var/services/homes/claire:/bin/sh\\nadministrators:x:101:admin,claire"
    >>> user = read_accounts(text).device.system.users[0]
    >>> user.name, user.administrator
    ('claire', True)
    """
    lines = text.split("\n")
    accounts = "\n".join("" if _INDEX.fullmatch(line) or line.count(":") == _GROUP_COLONS else line for line in lines)
    seen = read_passwd(accounts)
    full: set[str] | None = None
    number = -1
    for line in lines:
        if full is None and (found := _GROUP.fullmatch(line.strip())):
            number, full = int(found[1]), {clean(name) for name in found[2].split(",")}
    users = seen.device.system.users if seen.device.system else None
    if users is None or full is None:
        return Observation(seen.device, seen.lines, (*seen.unread, *nothing("system.users", text).unread)[:MAX_UNREAD])
    groups = [int(lines[seen.lines[f"/system/users/{at}"] - 1].split(":")[3]) for at in range(len(users))]
    told = tuple(
        replace(user, administrator=user.uid == 0 or user.name in full or group == number)
        for user, group in zip(users, groups, strict=True)
    )
    return of_system(System(users=told), seen.lines, seen.unread)
