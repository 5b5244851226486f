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

MOST_VOLUMES = 256  # a server of containers mounts some hundred; stops a table of invented disks

_KIND, _NAME, _UNIT, _SIZE, _USED = (f"1.3.6.1.2.1.25.2.3.1.{column}" for column in (2, 3, 4, 5, 6))
_FIXED = "1.3.6.1.2.1.25.2.1.4"
# What a system mounts there is memory, or another mount once more. Where one has no size of its own, it has half of the
# memory, and so has every other that has none.
_MEMORY = re.compile(r"/(?:dev|proc|run|sys|tmp|snap|var/run|var/tmp|var/lock|var/lib/docker)(?:/|$)")
_UNSIZED = re.compile(r"/(?:dev/shm|run|sys/fs/cgroup)$")
_DRIVE = re.compile(r"([A-Z]:)\\")  # Windows adds label and serial number: `C:\ Label:  Serial Number 1c8b5fd6`

VOLUMES = walks(_KIND, _NAME, _UNIT, _SIZE, _USED)


def read_volumes(evidence: Evidence) -> Observation | None:
    """The fixed disks and mounted file systems with what is free of them; nothing where there is none.

    A file system that is mounted at several places is one, by the shortest of their names.
    """
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told = tables(evidence.text, VOLUMES)
    disks = [
        (index, name)
        for index, row in told.of(_KIND).items()
        if row.value.strip(".") == _FIXED and (name := told.of(_NAME).get(index)) is not None and name.text
    ]
    memory = {_sizes(told, index)[:2] for index, name in disks if _UNSIZED.match(name.text)}
    found: dict[object, tuple[Volume, int]] = {}
    unread: tuple[UnreadLine, ...] = ()
    for index, name in disks:
        unit, size, used = _sizes(told, index)
        if _MEMORY.match(name.text) or (unit, size) in memory or size == 0:  # nothing fits in one of the kernel's own
            continue
        drive = _DRIVE.match(name.text)
        volume = Volume(drive[1] if drive else name.text, free_percent=_free(size, used))
        key = (unit, size, used) if used and name.text.startswith("/") else volume.name
        if key in found and len(found[key][0].name) <= len(volume.name):
            continue
        if key not in found and len(found) >= MOST_VOLUMES:
            unread = (UnreadLine("system.volumes", name.line, f"more than {MOST_VOLUMES} disks"),)
            break
        found[key] = (volume, name.line)
    lines = {f"/system/volumes/{place}": line for place, (_, line) in enumerate(found.values())}
    system = System(volumes=tuple(volume for volume, _ in found.values()) or None)
    return Observation(Device(system=system) if found else Device(), lines, unread)


def _sizes(told: Tables, index: Index) -> tuple[int | None, int | None, int | None]:
    """Octets of a block, blocks in all, blocks in use."""
    return told.number(_UNIT, index), told.number(_SIZE, index), told.number(_USED, index)


def _free(size: int | None, used: int | None) -> int | None:
    """How much is free in per cent; None where the sizes are beyond what the agent's numbers hold."""
    if size is None or used is None or not 0 <= used <= size:
        return None
    return (size - used) * 100 // size
