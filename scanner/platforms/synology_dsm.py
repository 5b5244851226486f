"""Synology DiskStation Manager, versions 6 and 7: its own MIBs, a few files over SSH, and its web API.

Sources: of its MIBs see `_dsm_mib.py`; of the API's answers `_dsm_api.py`, `_dsm_settings.py`, `_dsm_services.py` and
`_dsm_firewall.py`.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import quote

from inventory.device import Device
from inventory.observation import Observation
from scanner.evidence import Evidence
from scanner.platforms._dsm_api import (
    DataReader,
    answer,
    core_network,
    core_system,
    info,
    network,
    shares,
    storage,
    upgrade,
)
from scanner.platforms._dsm_files import read_hardware, read_version
from scanner.platforms._dsm_firewall import ways
from scanner.platforms._dsm_mib import SUBTREES, read_mib
from scanner.platforms._dsm_services import afp, ftp, guests, nfs, sftp
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
from scanner.platforms._nas_accounts import ACCOUNTS, read_accounts
from scanner.platforms._nfs import EXPORTS, read_exports
from scanner.platforms._reading import (
    Api,
    Maturity,
    Reader,
    from_command,
)
from scanner.platforms._smb_conf import read_testparm
from scanner.snmprec import rows

ID = "synology_dsm"
SNMP: tuple[str, ...] = SUBTREES
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "updates": "recordings", "volumes": "recordings", "shares": "recordings",
    "interfaces": "recordings", "dns": "recordings", "ntp": "recordings", "ups": "recordings",
    "users": "documentation", "services": "documentation", "ssh": "documentation", "smb": "documentation",
    "snmp": "documentation", "firewall": "documentation", "relays": "documentation", "auto_block": "documentation",
    "backups": "documentation", "admin": "documentation",
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
- Rules of the firewall for VPN and PPPoE, profiles with names of their own, and rules that name a service other than
  SSH or a country: what they leave in doubt is told as unread, and so is a profile in which no adapter is known. An
  adapter without rules counts for nothing when another one has some.
- Who may write to a shared folder: each folder would have to be asked for by itself; so would plans of Snapshot
  Replication. Only guests are asked for, in one question.
- Public links: DSM lists only those of the account that asks. The receiver of forwarded logs and virus scanners: their
  answers are not documented. Whether a volume is encrypted: no two sources agree on the field.
- DSM 7.3 and later do not say which interface leads to the Internet.
- Hyper Backup writes its times without a zone: they are taken for UTC, which in France is up to two hours off. It lists
  the last run of a task; the last that succeeded is told only where that was one and the same.
- Nothing says when a restore was last tried, or when an account last logged in.
- The state of the disks comes from SNMP or the API: in `/proc/mdstat` the arrays of DSM itself always look degraded.
"""

_ENTRY = "GET /webapi/entry.cgi?api="
# What is only understood together is asked together: the door, and the firewall in front of it.
_TOGETHER = f"{_ENTRY}SYNO.Entry.Request&version=1&method=request&compound="
_WAYS = (
    {"api": "SYNO.Core.Security.Firewall", "method": "get", "version": 1},
    {"api": "SYNO.Core.Security.Firewall.Profile", "method": "get", "version": 1, "name": "default"},
    {"api": "SYNO.Core.Security.Firewall.Profile", "method": "get", "version": 1, "name": "custom"},
    {"api": "SYNO.Core.Web.DSM", "method": "get", "version": 2},
    {"api": "SYNO.Core.Terminal", "method": "get", "version": 3},
)
_GUESTS = (
    {"api": "SYNO.Core.User", "method": "list", "version": 1, "type": "local", "additional": ["expired"]},
    {"api": "SYNO.Core.Share.Permission", "method": "list_by_user", "version": 1, "name": "guest",
     "user_group_type": "local_user",
     "share_type": ["dec", "local", "usb", "sata", "cluster", "c2", "cold_storage", "worm"]},
)  # fmt: skip


def _asked(questions: tuple[dict[str, object], ...]) -> str:
    return _TOGETHER + quote(json.dumps(questions, separators=(",", ":")), safe="")


# Ask → the facts that stay unread when it is refused, and the reader of its answer. Each only reads.
_ANSWERS: Mapping[str, tuple[tuple[str, ...], DataReader]] = {
    f"{_ENTRY}SYNO.DSM.Info&version=2&method=getinfo": (("system.identity",), info),
    f"{_ENTRY}SYNO.DSM.Network&version=1&method=list": (("system.interfaces", "system.dns"), network),
    f"{_ENTRY}SYNO.Core.System&version=3&method=info": (("system.identity", "system.ntp"), core_system),
    f"{_ENTRY}SYNO.Core.Network.Interface&version=1&method=list": (("system.interfaces",), core_network),
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
    f"{_ENTRY}SYNO.Core.FileServ.NFS&version=2&method=get": (("system.services",), nfs),
    f"{_ENTRY}SYNO.Core.FileServ.AFP&version=1&method=get": (("system.services",), afp),
    f"{_ENTRY}SYNO.Core.FileServ.FTP&version=3&method=get": (("system.services",), ftp),
    f"{_ENTRY}SYNO.Core.FileServ.FTP.SFTP&version=1&method=get": (("system.services",), sftp),
    _asked(_WAYS): (("system.admin",), ways),
    _asked(_GUESTS): (("system.shares",), guests),
    f"{_ENTRY}SYNO.Core.SNMP&version=1&method=get": (("system.snmp",), snmp_settings),
    f"{_ENTRY}SYNO.Core.Region.NTP&version=1&method=get": (("system.ntp",), time_server),
    f"{_ENTRY}SYNO.Core.Security.AutoBlock&version=1&method=get": (("system.auto_block",), auto_block),
    f"{_ENTRY}SYNO.Core.Security.Firewall&version=1&method=get": (("system.firewall",), firewall),
    f"{_ENTRY}SYNO.Core.QuickConnect&version=1&method=get": (("system.relays",), quickconnect),
    f"{_ENTRY}SYNO.Core.DDNS.Record&version=1&method=list": (("system.relays",), ddns),
    f"{_ENTRY}SYNO.Core.ExternalDevice.UPS&version=1&method=get": (("system.ups",), battery),
    f"{_ENTRY}SYNO.Backup.Task&version=1&method=list&additional="
    "%5B%22last_bkp_time%22,%22last_bkp_result%22,%22schedule%22%5D": (("system.backups",), backups),
}  # fmt: skip
API = Api("synology", tuple(_ANSWERS))

_ENTERPRISE = 6574
_SYNOLOGY = f"1.3.6.1.4.1.{_ENTERPRISE}."
_KERNEL = re.compile(r"Linux \S{1,255} \S{1,64} #\d{4,6} .{0,64}CST \d{4} ")  # build number of DSM, made in Taipei


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
        return read_mib(found) if found and evidence.status == "done" else None
    return from_command(evidence, _READERS)


_READERS: dict[str, Reader] = {
    "cat /etc.defaults/VERSION": read_version,
    "cat /proc/sys/kernel/syno_hw_version; true": read_hardware,
    ACCOUNTS: read_accounts,
    "testparm -s": read_testparm,
    EXPORTS: read_exports,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
