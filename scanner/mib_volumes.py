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

_KIND, _NAME, _SIZE, _USED = (f"1.3.6.1.2.1.25.2.3.1.{column}" for column in (2, 3, 5, 6))
_FIXED = "1.3.6.1.2.1.25.2.1.4"
# What a system mounts there is memory, or another mount once more.
_MEMORY = re.compile(r"/(?:dev|proc|run|sys|tmp|snap|var/run|var/tmp|var/lock|var/lib/docker)(?:/|$)")
_DRIVE = re.compile(r"([A-Z]:)\\")  # Windows adds label and serial number: `C:\ Label:  Serial Number 1c8b5fd6`

VOLUMES = walks(_KIND, _NAME, _SIZE, _USED)


def read_volumes(evidence: Evidence) -> Observation | None:
    """The fixed disks and mounted file systems with what is free of them; nothing where there is none."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told = tables(evidence.text, VOLUMES)
    found: dict[str, tuple[Volume, int]] = {}
    unread: tuple[UnreadLine, ...] = ()
    for index, row in told.of(_KIND).items():
        name = told.of(_NAME).get(index)
        if row.value.strip(".") != _FIXED or name is None or not name.text or _MEMORY.match(name.text):
            continue
        if told.number(_SIZE, index) == 0:  # a file system of the kernel, which holds nothing
            continue
        if len(found) >= MOST_VOLUMES:
            unread = (UnreadLine("system.volumes", row.line, f"more than {MOST_VOLUMES} disks"),)
            break
        drive = _DRIVE.match(name.text)
        called = drive[1] if drive else name.text
        found.setdefault(called, (Volume(called, free_percent=_free(told, index)), name.line))
    lines = {f"/system/volumes/{place}": line for place, (_, line) in enumerate(found.values())}
    system = System(volumes=tuple(volume for volume, _ in found.values()) or None)
    return Observation(Device(system=system) if found else Device(), lines, unread)


def _free(told: Tables, index: Index) -> int | None:
    """How much is free in per cent; None where the sizes are beyond what the agent's numbers hold."""
    size, used = told.number(_SIZE, index), told.number(_USED, index)
    if size is None or used is None or not 0 <= used <= size:
        return None
    return (size - used) * 100 // size
