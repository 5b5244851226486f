"""What TrueNAS's middleware says of its services and of the copies it makes: see `_truenas.py`. Pure."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from inventory.gateway import Admin
from inventory.observation import UnreadLine
from inventory.storage import Backup, SmbSettings, SnapshotPlan, Ups
from inventory.system import Logging, Ntp, Service, SnmpSettings, SshSettings, System
from inventory.text import clean
from scanner.platforms._nodes import Node, Placed, filled
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, unread
from scanner.platforms._truenas import Told, listed, running, time
from scanner.secret_settings import KNOWN_COMMUNITIES

_RESULTS = {"FINISHED": "success", "SUCCESS": "success", "ERROR": "failed", "FAILED": "failed", "ABORTED": "failed",
            "RUNNING": "running", "PENDING": "never"}  # fmt: skip
_ENCRYPTION = {"DEFAULT": "offered", "NEGOTIATE": "offered", "DESIRED": "offered", "REQUIRED": "required"}
_ANYWHERE = "0.0.0.0"  # noqa: S104 — what the device says; nothing is bound here


def ssh(answers: list[Node]) -> Told:
    """`ssh.config` and `service.query`: `{"tcpport": 22, "passwordauth": true, "rootlogin": false, …}`.

    `rootlogin` went with 23.10; false leaves root its keys (middleware, sshd_config.mako).
    """
    config = answers[0]
    port = config.number("tcpport")
    if port is None or not 0 < port[0] < 65536:
        raise UnreadableError("no port")
    if not running(answers[1], "ssh"):
        return System(), {}, ()
    lines: dict[str, int] = {"/system/services/0": port[1]}
    root = config.word({True: "yes", False: "prohibit-password"}, "rootlogin")
    settings = filled(SshSettings(), "/system/ssh", lines, root_login=root, ports=((port[0],), port[1]),
                      password_authentication=config.flag("passwordauth"))  # fmt: skip
    return System(ssh=settings, services=(Service(port[0], "tcp", _ANYWHERE, "ssh", encrypted=True),)), lines, ()


def ways(answers: list[Node]) -> Told:
    """`system.general.config`, `ssh.config` and `service.query`: how it is administered from its network.

    `ui_allowlist` names who may open the pages, everyone where it is empty; SSH has no such list.
    """
    page, shell = answers[0], answers[1]
    allowed, line, bad = _allowed(page)
    addresses = [clean(part.value) for part in page.items("ui_address") or () if isinstance(part.value, str)]
    ports = (page.number("ui_port"), page.number("ui_httpsport"), shell.number("tcpport"))
    if not addresses or not all(port and 0 < port[0] < 65536 for port in ports):
        raise UnreadableError("not all of what decides")
    moved = page.flag("ui_httpsredirect")
    reached = any(not address.startswith("127.") for address in addresses)
    on = (reached, reached, running(answers[2], "ssh"))
    encrypted = (bool(moved and moved[0]), True, True)
    lines: dict[str, int] = {}
    found: list[Admin] = []
    for name, port, open_, safe in zip(("http", "https", "ssh"), ports, on, encrypted, strict=True):
        if not open_ or port is None:
            continue
        at = f"/system/admin/{len(found)}"
        lines[at] = port[1]
        if name != "ssh" and allowed is not None:
            lines[f"{at}/source_filter"] = line
        found.append(Admin(name, "lan", port[0], safe, None if name == "ssh" else allowed))
    return System(admin=tuple(found)), lines, bad


def _allowed(page: Node) -> tuple[tuple[IPv4Network, ...] | None, int, tuple[UnreadLine, ...]]:
    """Whom `ui_allowlist` names of IPv4, and perhaps nobody; None: everyone, as in versions without that list."""
    named = page.items("ui_allowlist")
    if named is None and page.at("ui_allowlist") is not None:
        raise UnreadableError("no list of those who may open them")
    networks: list[IPv4Network | IPv6Network] = []
    bad = []
    for item in named or ():
        try:
            networks.append(ip_network(str(item.value), strict=False))
        except ValueError:
            bad.append((item.line, str(item.value)))
    if bad and not networks:
        raise UnreadableError("nobody that is named")
    kept = tuple(network for network in networks[:MAX_ITEMS] if isinstance(network, IPv4Network))
    return kept if named else None, named[0].line if named else 1, unread("system.admin", bad)


def smb(answers: list[Node]) -> Told:
    """`smb.config` and `service.query`: `enable_smb1` is NT1, else SMB2; `encryption` since 23.10."""
    oldest = answers[0].word({True: "NT1", False: "SMB2"}, "enable_smb1")
    if oldest is None:
        raise UnreadableError("no word about SMB1")
    if not running(answers[1], "cifs"):
        return System(), {}, ()
    lines: dict[str, int] = {}
    found = filled(SmbSettings(), "/system/smb", lines, minimum_protocol=oldest,
                   encryption=answers[0].word(_ENCRYPTION, "encryption"))  # fmt: skip
    return System(smb=found), lines, ()


def snmp(answers: list[Node]) -> Told:
    """`snmp.config` and `service.query`: version 3 beside the versions with a community, unless that is empty."""
    config = answers[0]
    new, community = config.flag("v3"), config.text("community")
    if new is None:
        raise UnreadableError("no word about version 3")
    on = running(answers[1], "snmp")
    lines: dict[str, int] = {"/system/snmp/enabled": answers[1].line}
    if not on:
        return System(snmp=SnmpSettings(enabled=False)), lines, ()
    names = (*(("v1", "v2c") if community else ()), *(("v3",) if new[0] else ()))
    default = (community[0] in KNOWN_COMMUNITIES, community[1]) if community else None
    found = filled(SnmpSettings(enabled=True), "/system/snmp", lines, versions=(names, new[1]),
                   default_community=default)  # fmt: skip
    return System(snmp=found), lines, ()


def battery(answers: list[Node]) -> Told:
    """`ups.config` and `service.query`: the running service stops the NAS when the battery is low, or after a time."""
    kind, driver = answers[0].text("shutdown"), answers[0].text("driver")
    if kind is None:
        raise UnreadableError("no word when it stops")
    on = running(answers[1], "ups")
    lines = {"/system/ups/connected": answers[1].line}
    made = Ups(connected=on)
    return (
        System(ups=filled(made, "/system/ups", lines, model=driver, shutdown=(True, kind[1])) if on else made),
        lines,
        (),
    )


def backups(answers: list[Node]) -> Told:
    """`replication.query`, `cloudsync.query`, `rsynctask.query`: the jobs that send data away (direction PUSH)."""
    lines: dict[str, int] = {}
    found: dict[str, Backup] = {}
    bad = []
    for item in (item for answer in answers for item in listed(answer)):
        name = item.text("name") or item.text("description") or item.text("desc") or item.text("id")
        way = item.text("direction")
        if name is None or way is None:
            bad.append((item.line, "a job without name or direction"))
        elif way[0] == "PUSH" and name[0] not in found and len(found) < MAX_ITEMS:
            at = f"/system/backups/{len(found)}"
            lines[at] = name[1]
            found[name[0]] = _backup(item, name[0], at, lines)
    return System(backups=tuple(found.values())), lines, unread("system.backups", bad)


def _backup(item: Node, name: str, at: str, lines: dict[str, int]) -> Backup:
    # A replication holds the state of its last run itself, the others in the job that ran.
    state = item.at("job") or item.at("state")
    result = state.word(_RESULTS, "state") if state else None
    ended = time(state.at("time_finished") or state.at("datetime")) if state else None
    parts = [item.text("transport"), item.text("target_dataset") or item.text("remotehost") or item.text("path")]
    target = " ".join(part[0] for part in parts if part)
    return filled(
        Backup(name), at, lines, target=(clean(target), item.line) if target else None, last_result=result,
        last_success=ended if result and result[0] == "success" else None, enabled=item.flag("enabled"),
        encrypted=item.flag("encryption"), schedule=cron(item.at("schedule")),
    )  # fmt: skip


def snapshots(answers: list[Node]) -> Told:
    """`pool.snapshottask.query`: of which dataset, when, whether it is on; one plan a dataset, the first of several."""
    lines: dict[str, int] = {}
    found: dict[str, SnapshotPlan] = {}
    bad = []
    for item in listed(answers[0]):
        if (name := item.text("dataset")) is None:
            bad.append((item.line, "a plan without dataset"))
        elif name[0] not in found:
            at = f"/system/snapshots/{len(found)}"
            lines[at] = name[1]
            found[name[0]] = filled(SnapshotPlan(name[0]), at, lines, enabled=item.flag("enabled"),
                                    schedule=cron(item.at("schedule")),
                                    last=time(item.at("state", "datetime")))  # fmt: skip
    return System(snapshots=tuple(found.values())), lines, unread("system.snapshots", bad)


def cron(schedule: Node | None) -> Placed:
    """Its five fields, as crontab(5) orders them: "0 2 * * *"."""
    if schedule is None:
        return None
    parts = [schedule.text(name) for name in ("minute", "hour", "dom", "month", "dow")]
    return (" ".join(part[0] for part in parts if part), schedule.line) if all(parts) else None


def time_servers(answers: list[Node]) -> Told:
    """`system.ntpserver.query`: whom it asks for the time."""
    names = _texts(item.text("address") for item in listed(answers[0]))
    lines = {"/system/ntp": answers[0].line}
    return System(ntp=Ntp(bool(names), names)), lines, ()


def log(answers: list[Node]) -> Told:
    """`system.advanced.config`: where the log goes besides its own disk; a list of servers since 25.10."""
    one, many = answers[0].text("syslogserver"), answers[0].items("syslogservers")
    if one is None and many is None and answers[0].at("syslogserver") is None:
        raise UnreadableError("no word about the log")
    names = _texts([one, *(item.text("host") for item in many or ())])
    return System(logging=Logging(names)), {"/system/logging/remote": answers[0].line}, ()


def _texts(said: Iterable[Placed]) -> tuple[str, ...]:
    return tuple(item[0] for item in said if item)
