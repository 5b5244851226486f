"""Synology DiskStation Manager, versions 6 and 7: its own MIBs, a few files over SSH, and its web API.

Sources: SYNOLOGY-SYSTEM-MIB, SYNOLOGY-RAID-MIB, SYNOLOGY-UPS-MIB (2013 and later), Synology's "DiskStation MIB Guide";
of the API's answers see `_dsm_api.py` and `_dsm_settings.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from inventory.serial import serial_number
from inventory.storage import Ups, Volume
from inventory.system import Identity, System, Updates
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._dsm_api import DataReader, answer, core_system, info, network, shares, storage, upgrade
from scanner.platforms._dsm_settings import (
    administrators,
    auto_block,
    backups,
    battery,
    ddns,
    firewall,
    quickconnect,
    smb,
    terminal,
    time_server,
    update_setting,
    users,
    web,
)
from scanner.platforms._dsm_settings import snmp as snmp_settings
from scanner.platforms._nfs import EXPORTS, read_exports
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._reading import (
    MAX_ITEMS,
    Api,
    Maturity,
    Reader,
    from_command,
    nothing,
    numbered,
    of_system,
    unread,
)
from scanner.platforms._smb_conf import read_testparm
from scanner.platforms._unix import read_passwd
from scanner.snmprec import Row, rows

ID = "synology_dsm"
SNMP: tuple[str, ...] = ("1.3.6.1.4.1.6574.1", "1.3.6.1.4.1.6574.3", "1.3.6.1.4.1.6574.4")
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "updates": "recordings", "volumes": "recordings", "shares": "recordings",
    "interfaces": "recordings", "dns": "recordings", "ntp": "recordings", "ups": "recordings",
    "users": "documentation", "services": "documentation", "ssh": "documentation", "smb": "documentation",
    "snmp": "documentation", "firewall": "documentation", "relays": "documentation", "auto_block": "documentation",
    "backups": "documentation",
}  # fmt: skip
ACCOUNT = """
- *Control Panel → Terminal & SNMP → SNMP*: SNMPv3 only, a user of its own with a password for reading and one for
  privacy. The agent cannot change anything.
- Web API: *Control Panel → User & Group → Create*: a user `vigie`, in no group but `users`, *No access* to every shared
  folder, and of the applications only *DSM*. DSM tells it who the NAS is. What else stands in the table is told to
  members of `administrators` alone; who wants that read adds the account to that group for the time of the visit.
- SSH is open to administrators only.
"""
LIMITS = """
- Without an administrator's account: users, shares, backups, QuickConnect, DDNS, auto block and the firewall.
- The rules of the firewall when it is on, hence from which side it may be administered.
- Guest access to a shared folder and who may write: each folder would have to be asked for by itself.
- Plans of Snapshot Replication, the receiver of forwarded logs, virus scanners, and public links of other users:
  their answers are not documented.
- Hyper Backup writes its times without a zone: they are taken for UTC, which in France is up to two hours off.
- Nothing says when a restore was last tried.
"""

_ENTRY = "GET /webapi/entry.cgi?api="
# Ask → the facts that stay unread when it is refused, and the reader of its answer. Each only reads.
_ANSWERS: Mapping[str, tuple[tuple[str, ...], DataReader]] = {
    f"{_ENTRY}SYNO.DSM.Info&version=2&method=getinfo": (("system.identity",), info),
    f"{_ENTRY}SYNO.DSM.Network&version=1&method=list": (("system.interfaces", "system.dns"), network),
    f"{_ENTRY}SYNO.Core.System&version=3&method=info": (("system.identity", "system.ntp"), core_system),
    f"{_ENTRY}SYNO.Core.Upgrade.Server&version=2&method=check": (("system.updates.status",), upgrade),
    f"{_ENTRY}SYNO.Core.Upgrade.Setting&version=2&method=get": (("system.updates.automatic",), update_setting),
    f"{_ENTRY}SYNO.Core.Share&version=1&method=list&shareType=all&additional=%5B%22encryption%22%5D": (
        ("system.shares",), shares),
    f"{_ENTRY}SYNO.Storage.CGI.Storage&version=1&method=load_info": (("system.volumes",), storage),
    f'{_ENTRY}SYNO.Core.User&version=1&method=list&type=local&additional=%5B%22expired%22,%222fa_status%22%5D': (
        ("system.users",), users),
    f"{_ENTRY}SYNO.Core.Group.Member&version=1&method=list&group=administrators": (("system.users",), administrators),
    f"{_ENTRY}SYNO.Core.Web.DSM&version=2&method=get": (("system.services",), web),
    f"{_ENTRY}SYNO.Core.Terminal&version=3&method=get": (("system.services", "system.ssh"), terminal),
    f"{_ENTRY}SYNO.Core.FileServ.SMB&version=3&method=get": (("system.smb",), smb),
    f"{_ENTRY}SYNO.Core.SNMP&version=1&method=get": (("system.snmp",), snmp_settings),
    f"{_ENTRY}SYNO.Core.Region.NTP&version=1&method=get": (("system.ntp",), time_server),
    f"{_ENTRY}SYNO.Core.Security.AutoBlock&version=1&method=get": (("system.auto_block",), auto_block),
    f"{_ENTRY}SYNO.Core.Security.Firewall&version=1&method=get": (("system.firewall",), firewall),
    f"{_ENTRY}SYNO.Core.QuickConnect&version=1&method=get": (("system.relays",), quickconnect),
    f"{_ENTRY}SYNO.Core.DDNS.Record&version=1&method=list": (("system.relays",), ddns),
    f"{_ENTRY}SYNO.Core.ExternalDevice.UPS&version=1&method=get": (("system.ups",), battery),
    f'{_ENTRY}SYNO.Backup.Task&version=1&method=list&additional=%5B%22last_bkp_time%22,%22last_bkp_result%22%5D': (
        ("system.backups",), backups),
}  # fmt: skip
API = Api("synology", tuple(_ANSWERS))

_ENTERPRISE = 6574
_SYNOLOGY = f"1.3.6.1.4.1.{_ENTERPRISE}."
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
    """What a walk of Synology's MIBs, one of `COMMANDS` or one of `API` says; None for any other evidence."""
    if evidence.request.source == "api":
        asked = _ANSWERS.get(evidence.request.ask) if evidence.status == "done" else None
        return answer(evidence.text, *asked) if asked else None
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


def _read_version(text: str) -> Observation:
    """The version in `/etc.defaults/VERSION`, one `key="value"` a line (DSM 6.2 and 7.2); `os_name` came with DSM 7.

    The update's number (`smallfixnumber`) has no fact of its own yet. Synology's routers (SRM) have the same file and
    count from 1: below 4 the system is not named.

    >>> _read_version('majorversion="7"\\nbuildnumber="69057"\\nproductversion="7.2.1"').device.system.identity
    Identity(vendor='Synology', model=None, serial=None, os='dsm', firmware='7.2.1', build='69057', hostname=None, \
uptime_s=None, built=None)
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
    EXPORTS: read_exports,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
