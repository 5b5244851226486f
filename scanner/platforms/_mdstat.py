"""Software RAID of a Linux machine, and how full it is: `/proc/mdstat` (md(4)) and `df -P` (POSIX) after it. Pure."""

import re

from inventory.observation import Observation
from inventory.storage import Volume
from inventory.system import System
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._reading import MAX_ITEMS, numbered, of_system, unread

# `; true`: a machine without software RAID has no such file, which is no failure of the scan.
COMMAND = "cat /proc/mdstat; df -P; true"

_ARRAY = re.compile(r"(md[\w-]{1,32}) : (active|inactive)(?: \([a-z-]{1,20}\))?((?: \S{1,64}){0,256})")
_DISKS = re.compile(r".{0,200}\[(\d{1,3})/(\d{1,3})\] \[([U_]{1,128})\].{0,64}")
_MOUNTED = re.compile(r"/dev/(md[\w/-]{1,40}) +(\d{1,19}) +(\d{1,19}) +(\d{1,19}) +\d{1,3}% +(/.{0,255})")
_LEVELS = {"linear": "jbod", "raid0": "raid0", "raid1": "raid1", "raid4": "raid4", "raid5": "raid5", "raid6": "raid6",
           "raid10": "raid10"}  # fmt: skip


def read_mdstat(text: str) -> Observation:
    r"""The arrays: "degraded" with a disk missing, "inactive" when the kernel does not serve it; what is free on it.

    >>> read_mdstat(
    ...     "Personalities : [raid1]\n"
    ...     "md0 : active raid1 sdb1[1] sda1[0]\n"
    ...     "      976630464 blocks super 1.2 [2/2] [UU]\n"
    ...     "/dev/md0 960380648 702000000 209524056 78% /srv\n"
    ... ).device.system.volumes
    (Volume(name='md0', state='normal', free_percent=22, raid='raid1', encrypted=None),)
    """
    lines: dict[str, int] = {}
    found: dict[str, tuple[str, int, Placed]] = {}
    free: dict[str, Placed] = {}
    bad: list[tuple[int, str]] = []
    last = ""
    for place, line in numbered(text):
        if array := _ARRAY.fullmatch(line.rstrip()):
            last = array[1] if len(found) < MAX_ITEMS else ""
            words = array[3].split()
            level = next((word for word in words if word in _LEVELS), None)
            state = "inactive" if array[2] == "inactive" else "normal"
            found.setdefault(array[1], (state, place, (_LEVELS[level], place) if level else None))
        elif line.startswith("md"):
            bad.append((place, line))
            last = ""
        elif (disks := _DISKS.fullmatch(line)) and last and found[last][0] == "normal":
            if int(disks[2]) < int(disks[1]) or "_" in disks[3]:
                found[last] = ("degraded", place, found[last][2])
        elif (mounted := _MOUNTED.fullmatch(line)) and int(mounted[3]) + int(mounted[4]):
            left = int(mounted[4]) * 100 // (int(mounted[3]) + int(mounted[4]))
            free.setdefault(mounted[1].replace("/", "_"), (left, place))
    volumes: list[Volume] = []
    for name, (state, place, raid) in found.items():
        at = f"/system/volumes/{len(volumes)}"
        lines[at] = place
        volumes.append(filled(Volume(name, state), at, lines, raid=raid, free_percent=free.get(name)))
    return of_system(System(volumes=tuple(volumes) or None), lines, unread("system.volumes", bad))
