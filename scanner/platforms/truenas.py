"""TrueNAS CORE and SCALE (before: FreeNAS): what `midclt` answers over SSH, and its MIB.

Sources: of the answers see `_truenas.py`; FREENAS-MIB (zpoolTable of FreeNAS 11.3 and CORE) and TRUENAS-MIB (SCALE).
"""

import re
from collections.abc import Mapping

from inventory.device import Device
from inventory.observation import Observation
from inventory.storage import Volume
from inventory.system import Identity, System
from scanner.evidence import Evidence
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._reading import MAX_ITEMS, Maturity, Reader, from_command, of_system, unread
from scanner.platforms._truenas import (
    STATES,
    info,
    interfaces,
    nfs_shares,
    pools,
    reader,
    services,
    smb_shares,
    updates,
    users,
    version,
)
from scanner.platforms._truenas_settings import backups, battery, log, smb, snapshots, snmp, ssh, time_servers, ways
from scanner.snmprec import SYS_DESCR, Row, rows

ID = "truenas"
_MIB = "1.3.6.1.4.1.50536.1."
_POOLS = f"{_MIB}1.1.1."  # zpoolEntry
SNMP: tuple[str, ...] = ("1.3.6.1.2.1.1.1", _POOLS.rstrip("."))
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "volumes": "recordings", "shares": "documentation", "users": "documentation",
    "services": "documentation", "ssh": "documentation", "smb": "documentation", "snmp": "documentation",
    "updates": "documentation", "backups": "documentation", "snapshots": "documentation", "ntp": "documentation",
    "logging": "documentation", "ups": "documentation", "interfaces": "documentation",
    "admin": "documentation",
}  # fmt: skip
ACCOUNT = """
- *Credentials → Local Users → Add* (24.10 and later): a user `vigie`, in the group `truenas_readonly_administrators`,
  its public key in *SSH Access*, shell `/usr/bin/bash`. That role may call what reads, and nothing else.
- Before 24.10 and on CORE `midclt` obeys root alone: there, only SNMP is left to a lesser account (*System → Services →
  SNMP*, v3 with authentication and privacy).
"""
LIMITS = """
- Who may write to a share: access lists of the datasets are not read.
- Which dataset a share stands on, hence whether it is encrypted; only that of a pool's root is told.
- Antivirus, auto block and a firewall do not exist in it; TrueCloud and TrueCommand are not read.
- Interfaces to which SSH is bound, and networks of IPv6 among those that may open the pages.
- Nothing says when a restore was last tried.
"""

_SERVICES = "midclt call service.query"
_DESCRIBED = re.compile(r"(?:Free|True)NAS-\S{1,64}")
_HEALTH = {0: "normal", 1: "degraded", 2: "crashed", 3: "OFFLINE", 4: "crashed", 5: "REMOVED"}  # zpoolHealth


def recognise(device: Device) -> int:
    """Sure of what it called itself or of a served MIB; likely from its pages."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and identity.os == "truenas":
        return 100
    snmp_seen = network.snmp if network else None
    if snmp_seen and (snmp_seen.enterprise == 50536 or _DESCRIBED.match(snmp_seen.sys_descr or "")):
        return 95
    titles = [(page.title or "") for page in (network.http or ())] if network else []
    return 70 if any("TrueNAS" in title or "FreeNAS" in title for title in titles) else 0


def read(evidence: Evidence) -> Observation | None:
    """What a walk of its MIB or one of `COMMANDS` says; None for any other evidence."""
    if evidence.request.source == "snmp":
        found = {row.oid: row for row in rows(evidence.text)} if evidence.status == "done" else {}
        named = SYS_DESCR in found and _DESCRIBED.match(found[SYS_DESCR].text)
        return _read_mib(found) if named or any(oid.startswith(_MIB) for oid in found) else None
    return from_command(evidence, _READERS)


def _read_mib(found: dict[str, Row]) -> Observation:
    """The version in sysDescr, and the pools.

    >>> line = "1.3.6.1.2.1.1.1.0|4|TrueNAS-13.0-U6.1 (c1c8e5d3a5). Hardware: amd64"
    >>> _read_mib({row.oid: row for row in rows(line)}).device.system.identity.firmware
    '13.0-U6.1'
    """
    lines: dict[str, int] = {}
    row = found.get(SYS_DESCR)
    said = _DESCRIBED.match(row.text) if row else None
    firmware: Placed = (version(said[0]), row.line) if row and said else None
    identity = filled(Identity(vendor="iXsystems", os="truenas"), "/system/identity", lines, firmware=firmware)
    volumes: list[Volume] = []
    bad: list[tuple[int, str]] = []
    for name in [item for oid, item in found.items() if oid.startswith(f"{_POOLS}2.")][:MAX_ITEMS]:
        index = name.oid.rpartition(".")[2]
        state, line = _state(found, index)
        if state is None or not name.text:
            bad.append((name.line, name.value))
            continue
        at = f"/system/volumes/{len(volumes)}"
        lines[at] = line
        volumes.append(filled(Volume(name.text, state), at, lines, free_percent=_free(found, index)))
    system = System(identity=identity, volumes=tuple(volumes) or None)
    return of_system(system, lines, unread("system.volumes", bad))


def _state(found: dict[str, Row], index: str) -> tuple[str | None, int]:
    """The health of a pool: a number in column 7 until CORE 13, a word in column 3 in SCALE."""
    old, new = found.get(f"{_POOLS}7.{index}"), found.get(f"{_POOLS}3.{index}")
    if new and new.tag.startswith("4") and new.text:
        return STATES.get(new.text, new.text), new.line
    if old and old.number is not None:
        return _HEALTH.get(old.number), old.line
    return None, 1


def _free(found: dict[str, Row], index: str) -> Placed:
    """Columns 4 and 6 of the older table, in units of column 3."""
    size, left = found.get(f"{_POOLS}4.{index}"), found.get(f"{_POOLS}6.{index}")
    if not size or not left or not size.number or left.number is None or not 0 <= left.number <= size.number:
        return None
    return left.number * 100 // size.number, left.line


_READERS: dict[str, Reader] = {
    "midclt call system.info": reader(("system.identity",), 1, info),
    "midclt call pool.query; midclt call pool.dataset.query": reader(("system.volumes",), 2, pools),
    "midclt call sharing.smb.query": reader(("system.shares",), 1, smb_shares),
    "midclt call sharing.nfs.query": reader(("system.shares",), 1, nfs_shares),
    f"{_SERVICES}; midclt call system.general.config": reader(("system.services",), 2, services),
    f"midclt call system.general.config; midclt call ssh.config; {_SERVICES}": reader(("system.admin",), 3, ways),
    f"midclt call ssh.config; {_SERVICES}": reader(("system.ssh", "system.services"), 2, ssh),
    f"midclt call smb.config; {_SERVICES}": reader(("system.smb",), 2, smb),
    f"midclt call snmp.config; {_SERVICES}": reader(("system.snmp",), 2, snmp),
    f"midclt call ups.config; {_SERVICES}": reader(("system.ups",), 2, battery),
    "midclt call user.query": reader(("system.users",), 1, users),
    "midclt call update.check_available": reader(("system.updates",), 1, updates),
    "midclt call replication.query; midclt call cloudsync.query; midclt call rsynctask.query": reader(
        ("system.backups",), 3, backups
    ),
    "midclt call pool.snapshottask.query": reader(("system.snapshots",), 1, snapshots),
    "midclt call system.ntpserver.query": reader(("system.ntp",), 1, time_servers),
    "midclt call system.advanced.config": reader(("system.logging",), 1, log),
    "midclt call interface.query": reader(("system.interfaces",), 1, interfaces),
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
