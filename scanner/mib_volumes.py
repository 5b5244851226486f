r"""The disks of a device and how much of them is free, as any SNMP agent with HOST-RESOURCES-MIB says. Pure.

Whether a disk is sound is not told there: that is for the maker's own MIB. Source: RFC 2790, hrStorageTable; net-snmp
lists what is mounted in memory among the fixed disks.
"""

import re

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.storage import Volume
from inventory.system import System
from scanner.evidence import Evidence
from scanner.mib_rows import Index, Tables, tables, walks
from scanner.snmprec import Row

MOST_VOLUMES = 256  # a server of containers mounts some hundred; stops a table of invented disks

_KIND, _NAME, _UNIT, _SIZE, _USED = (f"1.3.6.1.2.1.25.2.3.1.{column}" for column in (2, 3, 4, 5, 6))
_FIXED = "1.3.6.1.2.1.25.2.1.4"
# What a system mounts there is memory, or another mount once more. Where one has no size of its own, it has half of the
# memory, and so has every other that has none.
_LAYERS = r"var/lib/docker/(?:overlay2?|aufs|devicemapper|btrfs|zfs|containers)"  # docker itself may have a disk there
_MEMORY = re.compile(rf"/(?:dev|proc|run(?!/media/.)|sys|tmp|snap|var/run|var/tmp|var/lock|{_LAYERS})(?:/|$)")
_UNSIZED = re.compile(r"/(?:dev/shm|run|sys/fs/cgroup)$")
# In the system's own folders a mount as large and as full as another is that one again: appliances bind many there.
_BOUND = re.compile(r"/(?:etc|home|opt|root|usr|var)/.")
_DRIVE = re.compile(r"([A-Z]:)\\")  # Windows adds label and serial number: `C:\ Label:  Serial Number 1c8b5fd6`

VOLUMES = walks(_KIND, _NAME, _UNIT, _SIZE, _USED)


def read_volumes(evidence: Evidence) -> Observation | None:
    """The fixed disks and mounted file systems with what is free of them; nothing where there is none.

    A file system that is mounted once more, within itself or the system, is one, by the shortest of the names.
    """
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told = tables(evidence.text, VOLUMES)
    found: dict[int, tuple[Volume, int]] = {}
    alike: dict[object, list[str]] = {}
    unread: tuple[UnreadLine, ...] = ()
    # From outside to inside: what is mounted within another comes after it.
    for place, (index, name) in sorted(enumerate(_disks(told)), key=lambda disk: len(disk[1][1].text)):
        sizes = _sizes(told, index)
        drive = _DRIVE.match(name.text)
        volume = Volume(drive[1] if drive else name.text, free_percent=_free(*sizes[1:]))
        others = alike.setdefault(sizes if sizes[2] and name.text.startswith("/") else volume.name, [])
        if any(_again(outer, volume.name) for outer in others):
            continue
        if len(found) >= MOST_VOLUMES:
            unread = (UnreadLine("system.volumes", name.line, f"more than {MOST_VOLUMES} disks"),)
            break
        others.append(volume.name)
        found[place] = (volume, name.line)
    kept = [found[place] for place in sorted(found)]
    lines = {f"/system/volumes/{place}": line for place, (_, line) in enumerate(kept)}
    system = System(volumes=tuple(volume for volume, _ in kept) or None)
    return Observation(Device(system=system) if kept else Device(), lines, unread)


def _disks(told: Tables) -> list[tuple[Index, Row]]:
    """The names of the fixed disks that are no memory."""
    disks = [
        (index, name)
        for index, row in told.of(_KIND).items()
        if row.value.strip(".") == _FIXED and (name := told.of(_NAME).get(index)) is not None and name.text
    ]
    sizes = {index: _sizes(told, index)[:2] for index, _ in disks}
    memory = {sizes[index] for index, name in disks if _UNSIZED.match(name.text) and None not in sizes[index]}
    return [
        (index, name)
        for index, name in disks
        # Nothing fits in one of the kernel's own.
        if not _MEMORY.match(name.text) and sizes[index] not in memory and sizes[index][1] != 0
    ]


def _again(outer: str, inner: str) -> bool:
    return inner == outer or _BOUND.match(inner) is not None or inner.startswith(outer.rstrip("/") + "/")


def _sizes(told: Tables, index: Index) -> tuple[int | None, int | None, int | None]:
    """Octets of a block, blocks in all, blocks in use."""
    return told.number(_UNIT, index), told.number(_SIZE, index), told.number(_USED, index)


def _free(size: int | None, used: int | None) -> int | None:
    """How much is free in per cent; None where the sizes are beyond what the agent's numbers hold."""
    if size is None or used is None or not 0 <= used <= size:
        return None
    return (size - used) * 100 // size
