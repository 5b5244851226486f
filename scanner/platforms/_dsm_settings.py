"""The settings that DSM's web API tells an administrator: users, ways in, copies, and who is told. Pure.

Sources, two for each field: N4S4/synology-api (core_sys_info, core_user, core_group, core_backup, file_services);
pmilano1/synology-dsm-api (docs/api-reference/probed, hyper-backup: what DSM 7.4 answers); ychiu1211/dsmctl
(internal/synology/operations, captures of DSM 7.3 and Hyper Backup 4.2); mib1185/py-synologydsm-api (tests/api_data,
Hyper Backup of DSM 7). No recording of a device.
"""

from inventory.gateway import Firewall
from inventory.storage import AutoBlock, Backup, Relay, SmbSettings, Ups
from inventory.system import Service, SnmpSettings, SshSettings, System, Updates, User
from scanner.platforms._dsm_api import Told, ntp
from scanner.platforms._dsm_services import expired
from scanner.platforms._nodes import Node, Placed, filled
from scanner.platforms._reading import UnreadableError, unread
from scanner.secret_settings import KNOWN_COMMUNITIES

_FACTORY = frozenset({"admin", "guest"})
_STRENGTHS = {0: "off", 1: "offered", 2: "required"}
# 0 switches signing off for SMB1 alone: of SMB2 and later, no server can. What 1 and 2 mean, both have in common.
_SIGNING = {0: "offered", 1: "offered", 2: "required"}
_OF_ALL = {word: said for word, said in _SIGNING.items() if _STRENGTHS[word] == said}
_PROTOCOLS = {0: "NT1", 1: "SMB2_02", 2: "SMB2_10", 3: "SMB3"}
# Words of Hyper Backup for how the last run ended.
_RESULTS = {
    "done": "success", "success": "success", "backingup": "running", "resuming": "running", "none": "never",
    "error": "failed", "fail": "failed", "failed": "failed", "interrupt": "failed", "partial": "failed",
    "cancel": "failed", "suspended": "failed",
}  # fmt: skip
_ANYWHERE = "0.0.0.0"  # noqa: S104 — what the device says; nothing is bound here


def _required(placed: Placed, what: str) -> tuple[bool, int]:
    if placed is None:
        raise UnreadableError(what)
    return placed


def auto_block(data: Node) -> Told:
    """`SYNO.Core.Security.AutoBlock` get: `{"attempts": 10, "enable": true, "expire_day": 0, "within_mins": 5}`."""
    lines: dict[str, int] = {}
    on = _required(data.flag("enable"), "no word whether it is on")
    found = filled(AutoBlock(on[0]), "/system/auto_block", lines, enabled=on,
                   attempts=data.number("attempts"), within_min=data.number("within_mins"))  # fmt: skip
    return System(auto_block=found), lines, ()


def quickconnect(data: Node) -> Told:
    """`SYNO.Core.QuickConnect` get: whether the NAS is reached through Synology's relay, and its name there."""
    on = _required(data.flag("enabled"), "no word whether it is on")
    name = data.text("server_alias")
    return System(relays=(Relay("quickconnect", on[0], name[0] if name else None),)), {"/system/relays/0": on[1]}, ()


def ddns(data: Node) -> Told:
    """`SYNO.Core.DDNS.Record` list: the names under which it is found; accounts at the providers are no facts."""
    listed = data.items("records")
    if listed is None:
        raise UnreadableError("no records")
    found: list[Relay] = []
    lines: dict[str, int] = {}
    bad: list[tuple[int, str]] = []
    for item in listed:
        name, on = item.text("hostname"), item.flag("enable")
        if name is None:
            bad.append((item.line, "a record without name"))
            continue
        lines[f"/system/relays/{len(found)}"] = name[1]
        found.append(Relay("ddns", on[0] if on else True, name[0]))
    return System(relays=tuple(found) or None), lines, unread("system.relays", bad)


def firewall(data: Node) -> Told:
    """`SYNO.Core.Security.Firewall` get: off, it lets in everything; on, its rules are in another answer."""
    on = _required(data.flag("enable_firewall"), "no word whether it is on")
    if on[0]:
        return System(), {}, ()
    return System(firewall=Firewall(())), {"/system/firewall": on[1]}, ()


def terminal(data: Node) -> Told:
    """`SYNO.Core.Terminal` get: `{"enable_ssh": true, "enable_telnet": false, "ssh_port": 22}`."""
    ssh, telnet = data.flag("enable_ssh"), data.flag("enable_telnet")
    if ssh is None and telnet is None:
        raise UnreadableError("no word about SSH")
    lines: dict[str, int] = {}
    found: list[Service] = []
    settings = None
    port = data.number("ssh_port")
    if ssh and ssh[0] and port and port[0] < 65536:
        found.append(Service(port[0], "tcp", _ANYWHERE, "ssh", encrypted=True))
        lines["/system/services/0"] = ssh[1]
        settings = filled(SshSettings(), "/system/ssh", lines, ports=((port[0],), port[1]))
    if telnet and telnet[0]:
        lines[f"/system/services/{len(found)}"] = telnet[1]
        found.append(Service(23, "tcp", _ANYWHERE, "telnet", encrypted=False))
    return System(services=tuple(found) or None, ssh=settings), lines, ()


def snmp(data: Node) -> Told:
    """`SYNO.Core.SNMP` get: `{"enable_snmp": true, "enable_snmp_v1v2": true, "enable_snmp_v3": false, …}`."""
    on = _required(data.flag("enable_snmp"), "no word whether it is on")
    lines: dict[str, int] = {}
    old, new = data.flag("enable_snmp_v1v2"), data.flag("enable_snmp_v3")
    versions = default = None
    if on[0] and (old or new):
        names = (*(("v1", "v2c") if old and old[0] else ()), *(("v3",) if new and new[0] else ()))
        versions = (names, (old or new or on)[1])
    community = data.text("rocommunity")
    if on[0] and old and old[0] and community:
        default = (community[0] in KNOWN_COMMUNITIES, community[1])
    found = filled(SnmpSettings(on[0]), "/system/snmp", lines, enabled=on, versions=versions,
                   default_community=default)  # fmt: skip
    return System(snmp=found), lines, ()


def smb(data: Node) -> Told:
    """`SYNO.Core.FileServ.SMB` get; of a service that is off, the settings are nobody's."""
    on = _required(data.flag("enable_samba"), "no word whether it is on")
    if not on[0]:
        return System(), {}, ()
    lines: dict[str, int] = {}
    oldest = data.word(_PROTOCOLS, "smb_min_protocol")
    words = _OF_ALL if oldest is None else _STRENGTHS if oldest[0] == "NT1" else _SIGNING
    signing = data.word(words, "enable_server_signing")
    found = filled(SmbSettings(), "/system/smb", lines, minimum_protocol=oldest, signing=signing,
                   encryption=data.word(_STRENGTHS, "smb_encrypt_transport"))  # fmt: skip
    lines["/system/services/0"] = on[1]
    bad = () if found.minimum_protocol else unread("system.smb", [(data.line, "the lowest protocol")])
    return System(smb=found, services=(Service(445, "tcp", _ANYWHERE, "smb"),)), lines, bad


def web(data: Node) -> Told:
    """`SYNO.Core.Web.DSM` get: the ports of the administration pages, and whether plain ones lead to encrypted ones.

    DSM 7 has the encrypted pages always on, and no `enable_https` in its answer.
    """
    lines: dict[str, int] = {}
    found: list[Service] = []
    plain, secure, on = data.number("http_port"), data.number("https_port"), data.flag("enable_https")
    moved = data.flag("enable_https_redirect")
    if plain is None:
        raise UnreadableError("no port")
    for port, process, encrypted in ((plain, "http", bool(moved and moved[0])), (secure, "https", True)):
        if port and port[0] < 65536 and (process == "http" or on is None or on[0]):
            lines[f"/system/services/{len(found)}"] = port[1]
            found.append(Service(port[0], "tcp", _ANYWHERE, process, encrypted=encrypted))
    return System(services=tuple(found) or None), lines, ()


def users(data: Node) -> Told:
    """`SYNO.Core.User` list: `{"users": [{"name": "admin", "expired": "now", "2fa_status": false}]}`; "now" is off."""
    listed = data.items("users")
    if listed is None:
        raise UnreadableError("no users")
    lines: dict[str, int] = {}
    found: list[User] = []
    bad: list[tuple[int, str]] = []
    for item in listed:
        if (name := item.text("name")) is None:
            bad.append((item.line, "a user without name"))
            continue
        off = expired(item)
        enabled = (not off[0], off[1]) if off else None
        at = f"/system/users/{len(found)}"
        lines[at] = name[1]
        found.append(filled(User(name[0], factory=name[0] in _FACTORY), at, lines, uid=item.number("uid"),
                            enabled=enabled, second_factor=item.flag("2fa_status")))  # fmt: skip
    return System(users=tuple(found)), lines, unread("system.users", bad)


def administrators(data: Node) -> Told:
    """`SYNO.Core.Group.Member` list of the group administrators: who may change everything."""
    listed = data.items("users")
    if not listed:  # there is always one
        raise UnreadableError("no administrators")
    names = [name for item in listed if (name := item.text("name"))]
    found = tuple(User(name[0], administrator=True) for name in names)
    return System(users=found), {f"/system/users/{index}": name[1] for index, name in enumerate(names)}, ()


def time_server(data: Node) -> Told:
    """`SYNO.Core.Region.NTP` get: `{"enable_ntp": "ntp", "server": "time.google.com"}`; "manual" is by hand."""
    lines: dict[str, int] = {}
    mode = data.word({"ntp": True, "manual": False, True: True, False: False}, "enable_ntp")
    if mode is None:
        raise UnreadableError("no word whether it asks for the time")
    kept = Node({"on": Node(*mode), **data.value}, data.line)
    return System(ntp=ntp(kept, "on", "server", lines)), lines, ()


def update_setting(data: Node) -> Told:
    """`SYNO.Core.Upgrade.Setting` get: `{"autoupdate_enable": true, "autoupdate_type": "hotfix-security"}`."""
    lines: dict[str, int] = {}
    automatic = _required(data.flag("autoupdate_enable"), "no word about automatic updates")
    return System(updates=filled(Updates(), "/system/updates", lines, automatic=automatic)), lines, ()


def battery(data: Node) -> Told:
    """`SYNO.Core.ExternalDevice.UPS` get: `{"enable": true, "model": "Back-UPS ES 700G", "usb_ups_connect": true, …}`.

    With UPS support on, DSM stops in order ("safe mode"); a slave hears of the battery from another device.
    """
    on = _required(data.flag("enable"), "no word whether it is on")
    lines: dict[str, int] = {}
    usb, server, status = data.flag("usb_ups_connect"), data.text("net_server_ip"), data.text("status")
    heard = status is not None and status[0] != "usb_ups_status_unknown"
    connected = (bool((usb and usb[0]) or (on[0] and (server or heard))), on[1])
    found = filled(Ups(connected[0]), "/system/ups", lines, connected=connected,
                   model=data.text("model") if connected[0] else None, shutdown=on)  # fmt: skip
    return System(ups=found), lines, ()


def backups(data: Node) -> Told:
    """`SYNO.Backup.Task` list of Hyper Backup: name, where to, how the last run ended, and when.

    Its times are those of the NAS's own clock, without a zone; they are taken for UTC, which may be hours off.
    """
    listed = data.items("task_list")
    if listed is None:
        raise UnreadableError("no tasks")
    lines: dict[str, int] = {}
    found: list[Backup] = []
    bad: list[tuple[int, str]] = []
    for item in listed:
        if (name := item.text("name")) is None:
            bad.append((item.line, "a task without name"))
            continue
        result = item.word(_RESULTS, "last_bkp_result")
        success = item.time("last_bkp_success_time")
        if success is None and result and result[0] == "success":
            success = item.time("last_bkp_end_time") or item.time("last_bkp_time")
        at = f"/system/backups/{len(found)}"
        lines[at] = name[1]
        found.append(filled(Backup(name[0]), at, lines, target=item.text("transfer_type") or item.text("target_type"),
                            last_success=success, last_result=result, encrypted=item.flag("data_enc"),
                            enabled=item.flag("schedule", "schedule_enable"),
                            schedule=_schedule(item)))  # fmt: skip
    return System(backups=tuple(found)), lines, unread("system.backups", bad)


def _schedule(task: Node) -> Placed:
    """`13:00 0,1,2,3,4,5,6`: the time, and the days of the week from Sunday; None of a task that runs by hand."""
    on, plan = task.flag("schedule", "schedule_enable"), task.at("schedule", "schedule")
    if not (on and on[0]) or plan is None:
        return None
    hour, minute, days = plan.number("hour"), plan.number("min"), plan.text("week_name")
    if hour is None or minute is None or hour[0] > 23 or minute[0] > 59:
        return None
    return f"{hour[0]:02}:{minute[0]:02} {days[0] if days else ''}".strip(), hour[1]
