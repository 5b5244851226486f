"""What a FortiOS configuration says of the device itself: identity, accounts, SSH, SNMP, DNS, time, log, relays.

A setting that `show` leaves out is as delivered: taken so only where Fortinet documents it for every version from 5.2.
Source: Fortinet, "FortiOS CLI Reference": system global, admin, snmp, dns, ntp, fortiguard, ddns, log.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from inventory.gateway import Dns
from inventory.storage import Relay
from inventory.system import Identity, Logging, Ntp, SnmpSettings, SshSettings, Updates, User
from inventory.text import clean
from scanner.platforms._fortios import Block, Tree
from scanner.platforms._fortios_ways import Bad, Ways, network
from scanner.platforms._networks import Networks
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, number

Lines = dict[str, int]
_KNOWN_COMMUNITIES = frozenset({"public", "private"})
_PROFILES = {"super_admin": True, "prof_admin": True, "super_admin_readonly": False}
_LOGS = ("log syslogd setting", "log syslogd2 setting", "log syslogd3 setting", "log syslogd4 setting",
         "log fortianalyzer setting", "log fortianalyzer2 setting", "log fortianalyzer3 setting")  # fmt: skip


def read_identity(tree: Tree) -> tuple[Identity | None, Lines]:
    """Who the header and the global settings say it is."""
    said: dict[str, tuple[Any, int]] = {}
    header = tree.header
    if "code" in header:
        said["model"], said["firmware"] = header["code"], header["version"]
        said["build"] = (header["build"][0].lstrip("0") or "0", header["build"][1])
        if (built := built_on(header["date"][0])) is not None:
            said["built"] = (built, header["date"][1])
    if (model := header.get("above version")) and " v" in model[0]:
        said["model"] = (model[0].partition(" v")[0], model[1])
    if "above serial-number" in header:
        said["serial"] = header["above serial-number"]
    for table in tree.tables("system global"):
        if name := clean(table.one("hostname")):
            said["hostname"] = (name, table.place("hostname"))
    if not said:
        return None, {}
    lines = {f"/system/identity/{name}": line for name, (_, line) in said.items()}
    values: dict[str, Any] = {name: value for name, (value, _) in said.items()}
    return Identity(vendor="Fortinet", os="fortios", **values), lines


def built_on(text: str) -> datetime | None:
    """The day of a build, written 160907."""
    try:
        return datetime.strptime(text, "%y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def read_users(tree: Tree) -> dict[User, int]:
    """The administrators; who only uses a VPN or a policy (`user local`) has no part in the device."""
    profiles = {row.name: row for row in tree.rows("system accprofile")}
    found: dict[User, int] = {}
    for row in tree.rows("system admin"):
        if not (name := clean(row.name)):
            continue
        role = clean(row.one("accprofile")) or None
        remote = row.one("remote-auth") == "enable"  # whether there is a second factor, the other server knows
        second = None if remote else row.one("two-factor", "disable") != "disable"
        may = _may_write(row.one("accprofile"), profiles)
        user = User(name, administrator=may, role=role, factory=name == "admin", second_factor=second)
        found.setdefault(user, row.line)
    return found


def _may_write(name: str, profiles: dict[str, Block]) -> bool | None:
    if name in _PROFILES:
        return _PROFILES[name]
    if name not in profiles:
        return None
    return any("read-write" in setting.values for setting in profiles[name].settings.values())


def trusted(tree: Tree) -> Networks | None:
    """From where administrators may come, None: from everywhere.

    As soon as one administrator has no trusted host, the device answers everybody. Of one who has some, those that are
    0.0.0.0/0 do not count.

    Raises:
        UnreadableError: a trusted host that is no network.
    """
    found: dict[Any, None] = {}
    for row in tree.rows("system admin"):
        words = [setting.values for name, setting in row.settings.items() if name.startswith("trusthost")]
        own = [one for one in map(network, words) if one.prefixlen]
        if not own:
            return None
        found |= dict.fromkeys(own)
    return tuple(sorted(found)) or None


def read_ssh(tree: Tree) -> tuple[SshSettings | None, Lines]:
    """The SSH server's settings, where the file says that it is on somewhere."""
    lines: Lines = {}
    settings = SshSettings()
    served = any("ssh" in row.words("allowaccess") for row in tree.rows("system interface"))
    for table in tree.tables("system global"):
        word = table.one("admin-ssh-password")
        if word in ("enable", "disable"):
            settings = replace(settings, password_authentication=word == "enable")
            lines["/system/ssh/password_authentication"] = table.place("admin-ssh-password")
        try:
            port = number(table.one("admin-ssh-port", "22"), 65535)
        except UnreadableError:
            continue
        if served or "admin-ssh-port" in table.settings:
            settings = replace(settings, ports=(port,))
            if "admin-ssh-port" in table.settings:
                lines["/system/ssh/ports"] = table.place("admin-ssh-port")
    for table in (*tree.tables("system global"), *tree.tables("system ssh-config")):
        for key, fact in (("ssh-enc-algo", "ciphers"), ("ssh-kex-algo", "key_exchanges"), ("ssh-mac-algo", "macs")):
            if words := tuple(filter(None, map(clean, table.words(key)))):
                settings = replace(settings, **{fact: words})  # type: ignore[arg-type]
                lines[f"/system/ssh/{fact}"] = table.place(key)
    return (settings, lines) if settings != SshSettings() else (None, {})


def read_snmp(tree: Tree) -> tuple[SnmpSettings | None, int, Bad]:
    """The SNMP agent, off as delivered; FortiOS lets nobody write. No community is kept."""
    bad = tree.bad_of("system snmp sysinfo", "system snmp community", "system snmp user", "hosts")
    tables = tree.tables("system snmp sysinfo")
    if bad or not (tables or (tree.whole and not tree.one_vdom)):
        return None, 1, bad
    enabled = any(table.one("status") == "enable" for table in tables)
    rows = [row for row in tree.rows("system snmp community") if row.one("status", "enable") == "enable"]
    asked = [row for row in rows if "enable" in (_query(row, "v1"), _query(row, "v2c"))]
    users = [row for row in tree.rows("system snmp user")
             if "enable" in (row.one("status", "enable"),) and row.one("queries", "enable") == "enable"]  # fmt: skip
    versions = tuple(name for name in ("v1", "v2c") if any(_query(row, name) == "enable" for row in rows))
    versions += ("v3",) if users else ()
    names = [row.one("name") for row in asked]
    line = next((table.place("status") for table in tables), 0)
    try:
        sources = None if users else _hosts(asked)
    except UnreadableError as error:
        return None, 0, [(max(line, 1), clean(str(error)))]
    default = any(name in _KNOWN_COMMUNITIES for name in names) if enabled or names else None
    return SnmpSettings(enabled, versions or None, default, False if enabled or rows else None, sources), line, bad


def _query(row: Block, version: str) -> str:
    return row.one(f"query-{version}-status", "enable")


def _hosts(rows: list[Block]) -> Networks | None:
    """Who may ask by any of the communities, None: everyone. A community without hosts answers everybody."""
    found: dict[Any, None] = {}
    for row in rows:
        hosts = [item for item in row.rows("hosts") if item.one("host-type", "any") != "trap"]
        if not hosts and not row.rows("hosts"):
            return None
        found |= dict.fromkeys(network(item.words("ip")) for item in hosts if item.words("ip"))
    return None if not found or any(not one.prefixlen for one in found) else tuple(sorted(found))


def read_dns(tree: Tree, ways: Ways) -> tuple[Dns | None, Lines]:
    """Whom it asks, and for which sides it answers."""
    lines: Lines = {}
    facts: dict[str, Any] = {}
    for table in tree.tables("system dns"):
        servers = [
            clean(table.one(name))
            for name in ("primary", "secondary")
            if table.one(name) not in ("", "0.0.0.0")  # noqa: S104 — what it says
        ]
        if servers:
            facts["servers"] = tuple(servers)
            lines["/system/dns/servers"] = table.place("primary")
        spoken = table.words("protocol") or table.words("dns-over-tls")
        if spoken:
            facts["encrypted"] = not {"cleartext", "disable"} & set(spoken)
            name = "protocol" if table.words("protocol") else "dns-over-tls"
            lines["/system/dns/encrypted"] = table.place(name)
    rows = list(tree.rows("system dns-server"))
    sides = [ways.side(row.name) for row in rows]
    if (rows or tree.whole) and None not in sides:
        facts["answers"] = tuple(dict.fromkeys(side for side in sides if side))
        lines |= {"/system/dns/answers": rows[0].line} if rows else {}
    return (Dns(**facts), lines) if facts else (None, {})


def read_ntp(tree: Tree) -> tuple[Ntp | None, int]:
    """Where its time comes from, when the file says so."""
    for table in tree.tables("system ntp"):
        if "ntpsync" in table.settings:
            servers = tuple(name for row in table.rows("ntpserver") if (name := clean(row.one("server"))))
            return Ntp(table.one("ntpsync") == "enable", servers or None), table.place("ntpsync")
    return None, 1


def read_logging(tree: Tree) -> tuple[Logging | None, Lines]:
    """Where its log goes: syslog servers and FortiAnalyzers that are on; all are off as delivered."""
    lines: Lines = {}
    found: dict[str, int] = {}
    tables = [table for name in _LOGS for table in tree.tables(name)]
    for table in tables:
        if table.one("status") == "enable" and (server := clean(table.one("server"))):
            found.setdefault(server, table.place("server"))
    days = None
    for table in tree.tables("log disk setting"):
        word = table.one("maximum-log-age")
        if word.isascii() and word.isdigit() and len(word) < 6:
            days = int(word)
            lines["/system/logging/retention_days"] = table.place("maximum-log-age")
    remote = tuple(found)[:MAX_ITEMS] if tables or (tree.whole and not tree.one_vdom) else None
    lines |= {"/system/logging/remote": next(iter(found.values()))} if found else {}
    return (Logging(remote, days), lines) if remote is not None or days is not None else (None, {})


def read_updates(tree: Tree) -> tuple[Updates | None, int]:
    """Whether it installs new firmware by itself, when the file says so; signatures are another matter."""
    for table in tree.tables("system fortiguard"):
        if (word := table.one("auto-firmware-upgrade")) in ("enable", "disable"):
            return Updates(automatic=word == "enable"), table.place("auto-firmware-upgrade")
    return None, 1


def read_relays(tree: Tree) -> dict[Relay, int]:
    """The names by which it is found from the Internet, and the maker's cloud when that manages it."""
    found: dict[Relay, int] = {}
    for row in tree.rows("system ddns"):
        found.setdefault(Relay("ddns", enabled=True, name=clean(row.one("ddns-domain")) or None), row.line)
    for table in tree.tables("system central-management"):
        if table.one("type") == "fortiguard":
            found.setdefault(Relay("fortigate_cloud", enabled=True), table.place("type"))
    return found
