"""Synology DiskStation Manager, versions 6 and 7: its own MIBs, and a few files over SSH.

Source: SYNOLOGY-SYSTEM-MIB, SYNOLOGY-RAID-MIB (2013 and later), Synology's "DiskStation MIB Guide".
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.serial import serial_number
from inventory.storage import Volume
from inventory.system import Identity, System, Updates
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._reading import (
    MAX_ITEMS,
    Maturity,
    Reader,
    from_command,
    nothing,
    numbered,
    of_system,
    unread,
)
from scanner.platforms._unix import read_passwd, read_testparm
from scanner.snmprec import Row, rows

ID = "synology_dsm"
SNMP: tuple[str, ...] = ("1.3.6.1.4.1.6574.1", "1.3.6.1.4.1.6574.3")
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "ssh": "recordings", "updates": "recordings",
    "volumes": "recordings",
}  # fmt: skip
ACCOUNT = """
*Control Panel → Terminal & SNMP → SNMP*: SNMPv3, a user of its own, read-only. SSH is open to
administrators only.
"""
LIMITS = """
Shares, users, backups and QuickConnect are told to administrators alone.
"""

_ENTERPRISE = 6574
_SYNOLOGY = f"1.3.6.1.4.1.{_ENTERPRISE}."
_MODEL = "1.3.6.1.4.1.6574.1.5.1.0"
_SERIAL = "1.3.6.1.4.1.6574.1.5.2.0"
_VERSION = "1.3.6.1.4.1.6574.1.5.3.0"
_UPGRADE = "1.3.6.1.4.1.6574.1.5.4.0"
_RAID = "1.3.6.1.4.1.6574.3.1.1."  # raidEntry: .2 name, .3 status, .4 free bytes, .5 total bytes, then the index
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
_KERNEL = re.compile(r"Linux \S{1,255} \S{1,64} #\d{4,6} .{0,64}CST \d{4} ")  # build number of DSM, made in Taipei
_ASSIGNMENT = re.compile(r'([a-z_]{1,32})="([^"]{0,256})"')
_HARDWARE = re.compile(r"([A-Z]{2,4}\d{2,5}[A-Za-z+]{0,8})(?:-(?:j|r\d))?")


def recognise(device: Device) -> int:
    """Sure of a served Synology MIB or of DSM's version file; likely from the MAC's vendor or the kernel's build."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and (identity.os == "dsm" or identity.vendor == "Synology"):
        return 100
    snmp = network.snmp if network else None
    description = (snmp.sys_descr or "") if snmp else ""
    if snmp and (snmp.enterprise == _ENTERPRISE or "synology_" in description):
        return 95
    if network and (network.vendor or "").lower().startswith("synology"):
        return 70
    return 60 if _KERNEL.match(f"{description} ") else 0


def read(evidence: Evidence) -> Observation | None:
    """What a walk of Synology's MIBs or one of `COMMANDS` says; None for any other evidence."""
    if evidence.request.source == "snmp":
        found = {row.oid: row for row in rows(evidence.text) if row.oid.startswith(_SYNOLOGY)}
        return _read_mib(found) if found and evidence.status == "done" else None
    return from_command(evidence, _READERS)


def _read_mib(found: dict[str, Row]) -> Observation:
    """Identity, update status and volumes.

    >>> line = "1.3.6.1.4.1.6574.1.5.3.0|4|DSM 6.2-25426"
    >>> _read_mib({row.oid: row for row in rows(line)}).device.system.identity.firmware
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
    return of_system(System(identity=identity, updates=updates, volumes=volumes), lines, (*reports, *bad))


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


def _read_version(text: str) -> Observation:
    """The version in `/etc.defaults/VERSION`, one `key="value"` a line (DSM 6.2 and 7.2); `os_name` came with DSM 7.

    The update's number (`smallfixnumber`) has no fact of its own yet. Synology's routers (SRM) have the same file and
    count from 1: below 4 the system is not named.

    >>> _read_version('majorversion="7"\\nbuildnumber="69057"\\nproductversion="7.2.1"').device.system.identity
    Identity(vendor='Synology', model=None, serial=None, os='dsm', firmware='7.2.1', build='69057', hostname=None, \
uptime_s=None)
    """
    said: dict[str, tuple[str, int]] = {}
    bad = []
    for place, line in numbered(text):
        if found := _ASSIGNMENT.fullmatch(line.strip()):
            said.setdefault(found[1], (clean(found[2]), place))
        else:
            bad.append((place, line))
    if "productversion" not in said or "majorversion" not in said:
        return nothing("system.identity", text)
    major, place = said["majorversion"]
    facts = {"firmware": said["productversion"], "build": said.get("buildnumber"), "os": said.get("os_name")}
    if facts["os"] is None and major.isascii() and major.isdigit() and int(major[:9]) >= 4:
        facts["os"] = ("dsm", place)
    values = {name: fact[0] for name, fact in facts.items() if fact and fact[0]}
    lines = {f"/system/identity/{name}": fact[1] for name, fact in facts.items() if fact and fact[0]}
    identity = Identity(
        vendor="Synology",
        os=values["os"].lower() if "os" in values else None,
        firmware=values.get("firmware"),
        build=values.get("build"),
    )
    return of_system(System(identity=identity), lines, unread("system.identity", bad))


def _read_hardware(text: str) -> Observation:
    """The model in `/proc/sys/kernel/syno_hw_version`, without the mark of its hardware revision.

    >>> _read_hardware("DS918+-j").device.system.identity.model
    'DS918+'
    """
    found = _HARDWARE.fullmatch(text.strip())
    if found is None:
        return nothing("system.identity", text)
    return of_system(System(identity=Identity(model=found[1])), {"/system/identity/model": next(numbered(text))[0]})


_READERS: dict[str, Reader] = {
    "cat /etc.defaults/VERSION": _read_version,
    "cat /proc/sys/kernel/syno_hw_version; true": _read_hardware,
    "cat /etc/passwd": read_passwd,
    "testparm -s": read_testparm,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
