"""What a Synology tells by SNMP: who it is, whether an update waits, its volumes and its UPS. Pure.

Sources: SYNOLOGY-SYSTEM-MIB, SYNOLOGY-RAID-MIB, SYNOLOGY-UPS-MIB (2013 and later), Synology's "DiskStation MIB Guide".
"""

import re
from dataclasses import replace
from typing import Literal

from inventory.observation import Observation, UnreadLine
from inventory.serial import serial_number
from inventory.storage import Ups, Volume
from inventory.system import Identity, System, Updates
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._reading import MAX_ITEMS, of_system, unread
from scanner.snmprec import Row

SUBTREES: tuple[str, ...] = ("1.3.6.1.4.1.6574.1", "1.3.6.1.4.1.6574.3", "1.3.6.1.4.1.6574.4")
_MODEL = "1.3.6.1.4.1.6574.1.5.1.0"
_SERIAL = "1.3.6.1.4.1.6574.1.5.2.0"
_VERSION = "1.3.6.1.4.1.6574.1.5.3.0"
_UPGRADE = "1.3.6.1.4.1.6574.1.5.4.0"
_RAID = "1.3.6.1.4.1.6574.3.1.1."  # raidEntry: .2 name, .3 status, .4 free bytes, .5 total bytes, then the index
_UPS_MODEL, _UPS_STATE = "1.3.6.1.4.1.6574.4.1.1.0", "1.3.6.1.4.1.6574.4.2.1.0"
_UPDATES: dict[int, Literal["available", "current", "connecting", "disconnected", "other"]] = {
    1: "available",
    2: "current",
    3: "connecting",
    4: "disconnected",
    5: "other",
}
# raidStatus; 13 and above came with DSM 6.2 and 7. Our words for the three that rules know, else Synology's.
_RAID_STATES = {
    1: "normal", 2: "Repairing", 3: "Migrating", 4: "Expanding", 5: "Deleting", 6: "Creating", 7: "RaidSyncing",
    8: "RaidParityChecking", 9: "RaidAssembling", 10: "Canceling", 11: "degraded", 12: "crashed", 13: "DataScrubbing",
    14: "RaidDeploying", 15: "RaidUnDeploying", 16: "RaidMountCache", 17: "RaidUnmountCache",
    18: "RaidExpandingUnfinishedSHR", 19: "RaidConvertSHRToPool", 20: "RaidMigrateSHR1ToSHR2", 21: "RaidUnknownStatus",
}  # fmt: skip
_POOL = "Storage Pool"  # DSM 7 lists pools beside volumes: what is free there is not allotted, not unused
_DSM = re.compile(r"DSM (\d{1,3}(?:\.\d{1,3}){1,3})-(\d{1,8})(?: .{0,64})?")


def read_mib(found: dict[str, Row]) -> Observation:
    """Identity, update status and volumes.

    >>> from scanner.snmprec import rows
    >>> line = "1.3.6.1.4.1.6574.1.5.3.0|4|DSM 6.2-25426"
    >>> read_mib({row.oid: row for row in rows(line)}).device.system.identity.firmware
    '6.2'
    """
    lines = {"/system/identity/vendor": next(iter(found.values())).line}
    reports: list[UnreadLine] = []
    identity = Identity(vendor="Synology")
    if (row := found.get(_MODEL)) and row.text:
        identity, lines["/system/identity/model"] = replace(identity, model=row.text), row.line
    if (row := found.get(_SERIAL)) and serial_number(row.text):
        identity, lines["/system/identity/serial"] = replace(identity, serial=row.text), row.line
    if row := found.get(_VERSION):
        if version := _DSM.fullmatch(row.text):
            identity = replace(identity, os="dsm", firmware=version[1], build=version[2])
            lines |= {f"/system/identity/{name}": row.line for name in ("os", "firmware", "build")}
        else:
            reports += unread("system.identity", [(row.line, row.value)])
    updates = None
    if row := found.get(_UPGRADE):
        if status := _UPDATES.get(row.number or 0):
            updates, lines["/system/updates/status"] = Updates(status), row.line
        else:
            reports += unread("system.updates", [(row.line, row.value)])
    volumes, bad = _volumes(found, lines)
    system = System(identity=identity, updates=updates, volumes=volumes, ups=_ups(found, lines))
    return of_system(system, lines, (*reports, *bad))


def _ups(found: dict[str, Row], lines: dict[str, int]) -> Ups | None:
    """The UPS of SYNOLOGY-UPS-MIB, which serves its model and NUT's words for its state while one is connected."""
    model, state = found.get(_UPS_MODEL), found.get(_UPS_STATE)
    if model is None or not model.text:
        return None
    lines["/system/ups"] = model.line
    words = state.text.split() if state else []
    battery: Placed = None
    if state and words:
        battery = ("low" if "LB" in words else "replace" if "RB" in words else "good", state.line)
    return filled(Ups(connected=True, model=model.text), "/system/ups", lines, battery=battery)


def _volumes(found: dict[str, Row], lines: dict[str, int]) -> tuple[tuple[Volume, ...] | None, tuple[UnreadLine, ...]]:
    """The rows of the RAID table and what of them could not be read; None when it is not served. Enters their lines."""
    names = [row for oid, row in found.items() if oid.startswith(f"{_RAID}2.")]
    bad: list[tuple[int, str]] = [(row.line, row.value) for row in names[MAX_ITEMS:]]
    volumes: list[Volume] = []
    for row in names[:MAX_ITEMS]:
        index = row.oid.removeprefix(f"{_RAID}2.")
        status = found.get(f"{_RAID}3.{index}")
        state = _RAID_STATES.get((status.number if status else None) or 0)
        if state is None or not row.text:
            bad.append((status.line, status.value) if status else (row.line, row.value))
            continue
        free, total = (row and row.number for row in (found.get(f"{_RAID}{column}.{index}") for column in (4, 5)))
        share = None
        if free is not None and total is not None and not row.text.startswith(_POOL):
            share = free * 100 // total if 0 <= free <= total and total > 0 else None
        lines[f"/system/volumes/{len(volumes)}"] = row.line
        volumes.append(Volume(row.text, state, share))
    return tuple(volumes) or None, unread("system.volumes", bad)
