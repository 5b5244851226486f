"""QNAP QTS, versions 4.2 to 5 (and QuTS hero): its NAS-MIB, a few files over SSH, and its CGI programs.

Sources: QNAP's NAS-MIB (NAS.mib of QTS 4.3: systemInfo 24681.1.2, the enclosure and volume tables of 24681.1.4),
ENTITY-MIB (RFC 6933); of the CGI answers see `_qts_xml.py`; of `uLinux.conf` see `_qts_conf.py`.
"""

import re
from collections.abc import Mapping

from inventory.device import Device
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.storage import Volume
from inventory.system import Identity, System
from scanner.evidence import Evidence
from scanner.platforms._nas_accounts import ACCOUNTS, read_accounts
from scanner.platforms._nfs import EXPORTS, read_exports
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._qts_conf import read_conf
from scanner.platforms._qts_volumes import volumes
from scanner.platforms._qts_xml import (
    ContentReader,
    bandwidth,
    no_more,
    read_answer,
    system_information,
    update,
)
from scanner.platforms._reading import MAX_ITEMS, Api, Maturity, Reader, from_command, of_system, unread
from scanner.platforms._smb_conf import read_testparm
from scanner.platforms._snmp_nas import said
from scanner.snmprec import Row, rows

ID = "qnap_qts"
_NAS = "1.3.6.1.4.1.24681.1."
_ENTITY = "1.3.6.1.2.1.47.1.1.1.1."  # entPhysicalTable; the NAS is its first row
_ENCLOSURES = f"{_NAS}4.1.1.1.1.1.2.1."  # .2 id (0: the NAS, then expansion units), .3 model, .4 serial, .6 name
_VOLUMES = f"{_NAS}4.1.1.1.2.3.2.1."  # .3 capacity, .4 free, .5 status, .8 name; sizes in bytes
_OLD_VOLUMES = f"{_NAS}2.17.1."  # .2 description, .4 total, .5 free, .6 status; sizes as "8.34 TB"
_MODEL, _HOST = f"{_NAS}2.12.0", f"{_NAS}2.13.0"
SNMP: tuple[str, ...] = tuple(
    root.rstrip(".") for root in (_ENTITY, f"{_NAS}2.12", f"{_NAS}2.13", _OLD_VOLUMES, _ENCLOSURES, _VOLUMES)
)
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "volumes": "recordings", "shares": "recordings", "interfaces": "recordings",
    "dns": "recordings", "updates": "recordings", "users": "documentation", "services": "documentation",
    "ssh": "documentation", "smb": "documentation",
}  # fmt: skip
ACCOUNT = """
- *Control Panel → Network & File Services → SNMP*: SNMPv3 with authentication and privacy; the agent only reads.
- CGI programs: *Control Panel → Privilege → Users → Create*: a user `vigie` in no group but `everyone`, *Deny access*
  to every shared folder. It is told model, version and name. What else stands in the table is told to members of
  `administrators` (since QTS 5.0: to delegated *System Monitoring*, the lesser right) alone.
- SSH lets in administrators only.
"""
LIMITS = """
- Over SSH alone: accounts and guest access to shared folders. Their second factor and the writers of a folder,
  myQNAPcloud and DDNS, auto block, jobs of Hybrid Backup Sync, snapshots, antivirus and UPS: the programs and files
  that tell them are not documented.
- From which side it may be administered: its lists of allowed and denied addresses and QuFirewall, an application, are
  not documented either.
- FTP, NFS, rsync and SNMP: no two sources agree on the keys in `uLinux.conf` that switch them on.
- What numbers other than 0 of `volumeStatus` mean: such a volume is told with its number.
- Whether a newer version is installed by itself: Live Update only looks for one.
"""

_ENTERPRISES = frozenset({24681, 55062})
_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,6}){1,4}")
_STATES = {"ready": "normal", "good": "normal"}
_UNITS = {"B": 0, "KB": 10, "MB": 20, "GB": 30, "TB": 40, "PB": 50}
_SIZE = re.compile(r"(\d{1,19})(?:\.(\d{1,3}))? ?([KMGTP]?B)?")

_CGI = "GET /cgi-bin/"
# Ask → the fact that stays unread when it is refused, and the reader of its answer. Each only reads.
_ANSWERS: Mapping[str, tuple[str | None, ContentReader]] = {
    f"{_CGI}authLogin.cgi": (None, no_more),  # without a login it tells who it is
    f"{_CGI}management/manaRequest.cgi?subfunc=sysinfo&hd=no&multicpu=1": ("system.interfaces", system_information),
    f"{_CGI}management/manaRequest.cgi?subfunc=sysinfo&sysHealth=1": (None, no_more),
    f"{_CGI}management/chartReq.cgi?chart_func=QSM40bandwidth": ("system.interfaces", bandwidth),
    f"{_CGI}management/chartReq.cgi?chart_func=disk_usage&disk_select=all&include=all": ("system.volumes", volumes),
    f"{_CGI}sys/sysRequest.cgi?subfunc=firm_update": ("system.updates", update),
}
API = Api("qnap", tuple(_ANSWERS))


def recognise(device: Device) -> int:
    """Sure of a served QNAP MIB or of what it called itself; likely from the MAC's vendor or its pages."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and (identity.os in ("qts", "quts_hero") or identity.vendor == "QNAP"):
        return 100
    snmp = network.snmp if network else None
    if snmp and (snmp.enterprise in _ENTERPRISES or (snmp.sys_object_id or "").startswith("1.3.6.1.4.1.24681")):
        return 95
    if network and (network.vendor or "").lower().startswith("qnap"):
        return 70
    titles = [(page.title or "") for page in (network.http or ())] if network else []
    return 60 if any("QNAP" in title for title in titles) else 0


def read(evidence: Evidence) -> Observation | None:
    """What a walk of QNAP's MIB, one of `COMMANDS` or one of `API` says; None for any other evidence."""
    if evidence.request.source == "snmp":
        walked = tuple(rows(evidence.text)) if evidence.status == "done" else ()
        ours = any(row.oid.startswith(_NAS) for row in walked)
        return _read_mib({row.oid: row for row in walked}) if ours else None
    if evidence.request.source == "api":
        asked = _ANSWERS.get(evidence.request.ask) if evidence.status == "done" else None
        return read_answer(evidence.text, *asked) if asked else None
    return from_command(evidence, _READERS)


def _read_mib(found: dict[str, Row]) -> Observation:
    """Who it is and its volumes; the version stands in the ENTITY-MIB, with a stray quote in QTS 4.3.

    >>> line = '1.3.6.1.2.1.47.1.1.1.1.9.1|4|\\\\"4.3.3\\n1.3.6.1.4.1.24681.1.2.12.0|4|TS-453Be'
    >>> _read_mib({row.oid: row for row in rows(line)}).device.system.identity.firmware
    '4.3.3'
    """
    lines: dict[str, int] = {}
    own = next((row for row in found.values() if row.oid.startswith(f"{_ENCLOSURES}2.") and row.number == 0), None)
    index = own.oid.rpartition(".")[2] if own else "1"
    serial = said(found, f"{_ENCLOSURES}4.{index}", f"{_ENTITY}11.1")
    version = said(found, f"{_ENTITY}9.1", f"{_ENTITY}10.1")
    if version:
        version = (version[0].strip('\\" '), version[1])
    identity = filled(
        Identity(vendor="QNAP", os="qts"), "/system/identity", lines,
        model=said(found, f"{_ENCLOSURES}3.{index}", f"{_ENTITY}13.1", _MODEL),
        serial=serial if serial and serial_number(serial[0]) else None,
        firmware=version if version and _VERSION.fullmatch(version[0]) else None,
        hostname=said(found, f"{_ENCLOSURES}6.{index}", _HOST),
    )  # fmt: skip
    reports = unread("system.identity", [version[::-1]]) if version and not identity.firmware else ()
    volumes_, bad = _volumes(found, lines)
    return of_system(System(identity=identity, volumes=volumes_), lines, (*reports, *unread("system.volumes", bad)))


def _volumes(found: dict[str, Row], lines: dict[str, int]) -> tuple[tuple[Volume, ...] | None, list[tuple[int, str]]]:
    """The rows of the volume table, of the older one where there is no newer."""
    newer = any(oid.startswith(_VOLUMES) for oid in found)
    table, name, total, free, status = (_VOLUMES, 8, 3, 4, 5) if newer else (_OLD_VOLUMES, 2, 4, 5, 6)
    names = [row for oid, row in found.items() if oid.startswith(f"{table}{name}.")][:MAX_ITEMS]
    volumes_: list[Volume] = []
    bad: list[tuple[int, str]] = []
    for row in names:
        index = row.oid.rpartition(".")[2]
        state = found.get(f"{table}{status}.{index}")
        if state is None or not state.text or not row.text:
            bad.append((row.line, row.value))
            continue
        at = f"/system/volumes/{len(volumes_)}"
        lines[at] = state.line
        word = state.text.lower()
        told = _STATES.get(word, "degraded" if "degraded" in word else state.text)
        left = _share(found.get(f"{table}{free}.{index}"), found.get(f"{table}{total}.{index}"))
        volumes_.append(filled(Volume(_plain(row.text), told), at, lines, free_percent=left))
    return tuple(volumes_) or None, bad


def _plain(name: str) -> str:
    """The name of a volume; the older table puts it in brackets with its pool.

    >>> _plain("[Volume DataVol1, Pool 1]")
    'DataVol1'
    """
    found = re.fullmatch(r"\[(?:Volume )?([^,\]]{1,64})(?:, Pool \d{1,4})?\]", name)
    return found[1] if found else name


def _share(free: Row | None, total: Row | None) -> Placed:
    """How much is free, in per cent."""
    sizes = [_bytes(row.text) if row else None for row in (free, total)]
    if free is None or sizes[0] is None or not sizes[1] or sizes[0] > sizes[1]:
        return None
    return sizes[0] * 100 // sizes[1], free.line


def _bytes(text: str) -> int | None:
    """A size in bytes: `1787.35 GB`, or a number alone.

    >>> _bytes("1.5 KB"), _bytes("2748779069440")
    (1536, 2748779069440)
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    shift, digits = _UNITS[found[3] or "B"], found[2] or ""
    whole: int = (int(found[1] + digits) << shift) // 10 ** len(digits)
    return whole


_READERS: dict[str, Reader] = {
    "cat /etc/config/uLinux.conf": read_conf,
    ACCOUNTS: read_accounts,
    "testparm -s": read_testparm,
    EXPORTS: read_exports,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
