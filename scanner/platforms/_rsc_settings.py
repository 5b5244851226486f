"""What a RouterOS export says of the device itself: identity, services, SSH, SNMP, UPnP, accounts.

A compact export leaves out what is as delivered. Where the header names version 6 or 7, that is completed here:
`/ip service` has all but www-ssl on, UPnP, SNMP and the resolver for others are off, the community "public" may read.
Source: MikroTik, "Services", "SNMP", "UPnP", "SSH", "Identity".
"""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Network
from typing import Any

from inventory.gateway import Upnp
from inventory.network import Protocol
from inventory.system import Identity, Service, SnmpSettings, SshSettings, User
from inventory.text import clean
from scanner.platforms._reading import UnreadableError, number
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_interfaces import networks_of
from scanner.platforms._rsc_served import last, torn
from scanner.platforms._rsc_told import Bad, Told
from scanner.platforms._rsc_vpn import serving

EVERYWHERE = "0.0.0.0"  # noqa: S104 — what a device says, not where anything is bound
# `/ip service` as delivered: port, whether it is on (6.1 to 7.21), whether what is said there can be overheard.
_SERVICES: dict[str, tuple[int, bool, bool]] = {
    "telnet": (23, True, False), "ftp": (21, True, False), "www": (80, True, False), "ssh": (22, True, True),
    "www-ssl": (443, False, True), "api": (8728, True, False), "winbox": (8291, True, True),
    "api-ssl": (8729, True, True), "reverse-proxy": (443, False, True),
}  # fmt: skip
# Servers with a menu of their own, off as delivered; a `port` there replaces ours.
_SERVERS: dict[str, tuple[int, Protocol, str, bool | None]] = {
    "interface pptp-server server": (1723, "tcp", "pptp", None),
    "interface l2tp-server server": (1701, "udp", "l2tp", None),
    "interface sstp-server server": (443, "tcp", "sstp", True),
    "interface ovpn-server server": (1194, "tcp", "ovpn", True),
    "ip proxy": (8080, "tcp", "proxy", False),
    "ip socks": (1080, "tcp", "socks", False),
    "ip smb": (445, "tcp", "smb", None),
    "system ntp server": (123, "udp", "ntp", False),
}
_MAPPERS = ("ip upnp", "ip nat-pmp")
_KNOWN_COMMUNITIES = frozenset({"public", "private"})
_ANYBODY = frozenset({"", "::/0", "0.0.0.0/0"})  # of a community: who may use it


def read_identity(export: Export, told: Told) -> None:
    """Who the header says it is, and its name: "MikroTik" as delivered."""
    said = {name: (clean(value), line) for name, (value, line) in export.header.items() if clean(value)}
    facts: dict[str, tuple[str, int | None] | None] = {
        "model": said.get("model") or said.get("board-name"),
        "serial": said.get("serial number"),
        "firmware": said.get("version"),
    }
    for item in export.of("system identity"):
        if name := clean(item.values.get("name", "")):
            facts["hostname"] = (name, item.line)
    if "hostname" not in facts and export.covers("system identity"):
        facts["hostname"] = ("MikroTik", None)
    known = {name: fact for name, fact in facts.items() if fact}
    line = min((fact[1] for fact in known.values() if fact[1]), default=1)
    values: dict[str, Any] = {name: fact[0] for name, fact in known.items()}
    told.facts["identity"] = Identity(vendor="MikroTik", os="routeros", **values)
    for name, place in {"vendor": line, "os": line, **{name: fact[1] for name, fact in known.items()}}.items():
        told.mark(f"/system/identity/{name}", place)


def read_services(export: Export, told: Told) -> dict[Service, int | None] | None:
    """What the router serves, each with its line; None when neither the export nor its version tells."""
    bad: Bad = [(line, text) for menu, line, text in export.bad if menu in ("ip service", "ip dns", *_SERVERS)]
    whole = export.covers("ip service")
    states: dict[str, tuple[Service, bool | None, int | None]] = {
        name: (_service(name), on, None) for name, (_, on, _) in (_SERVICES if whole else {}).items()
    }
    for item in export.of("ip service"):
        names = item.item.removeprefix("name=").strip('"').split(",", len(_SERVICES))
        if not set(names) <= _SERVICES.keys():
            bad.append((item.line, item.text))
            continue
        for name in names:
            try:
                before = states.get(name, (_service(name), None, 0))
                states[name] = (_served(item, before[0]), _on(item, before[1]), item.line)
            except UnreadableError:
                bad.append((item.line, item.text))
                states.pop(name, None)
    found = {service: line for service, on, line in states.values() if on}
    try:
        found |= _servers(export)
    except UnreadableError:
        bad.append((1, "a port of a server"))
    if not whole and found:  # a piece of an export, or a version whose defaults nobody knows: others may be on
        bad += [(1, "the services that are not listed")]
    told.doubt("services", bad)
    if whole or found:
        told.many("services", found)
    return found if whole or found else None


def _service(name: str) -> Service:
    port, _, encrypted = _SERVICES[name]
    return Service(port, "tcp", EVERYWHERE, name, encrypted=encrypted)


def _on(item: Statement, before: bool | None) -> bool | None:
    if item.verb in ("enable", "disable"):
        return item.verb == "enable"
    return item.enabled if "disabled" in item.values else before


def _served(item: Statement, service: Service) -> Service:
    said = item.values
    if "port" in said:
        service = replace(service, port=number(said["port"], 65535))
    if "address" in said:
        service = replace(service, allowed=networks_of(said["address"]) if said["address"] else None)
    return service


def _servers(export: Export) -> dict[Service, int]:
    found: dict[Service, int] = {}
    for menu, (usual, protocol, name, encrypted) in _SERVERS.items():
        for item, on in serving(export, menu):
            if on:
                port = number(item.values.get("port", str(usual)), 65535)
                spoken: Protocol = "udp" if item.values.get("protocol") == "udp" else protocol
                found.setdefault(Service(port, spoken, EVERYWHERE, name, encrypted=encrypted), item.line)
    if open_ := _setting(export, "ip dns", "allow-remote-requests", "yes"):
        both: tuple[Protocol, ...] = ("tcp", "udp")
        found |= {Service(53, spoken, EVERYWHERE, "dns", encrypted=False): open_.line for spoken in both}
    return found


def _setting(export: Export, menu: str, key: str, value: str) -> Statement | None:
    """The last `set` of a menu that speaks of a key, when it gives it this value."""
    item = last(export, menu, key)
    return item if item and item.values[key] == value else None


def read_upnp(export: Export, told: Told) -> None:
    """Whether the router maps ports for whoever asks, by UPnP or NAT-PMP, and the line that says so."""
    for menu in _MAPPERS:
        if item := _setting(export, menu, "enabled", "yes"):
            told.one("upnp", Upnp(enabled=True), item.line)
            return
    off = _setting(export, "ip upnp", "enabled", "no")
    bad = torn(export, *_MAPPERS)
    told.doubt("upnp", bad)
    if not bad and (off or export.covers("ip upnp")):
        told.one("upnp", Upnp(enabled=False), off.line if off else None)


def read_snmp(export: Export, told: Told) -> None:
    """The SNMP agent, the line that says so, and what could not be read; no community is kept."""
    bad: Bad = torn(export, "snmp", "snmp community")
    said = last(export, "snmp", "enabled")
    whole = export.covers("snmp")
    on = said is not None and said.values["enabled"] == "yes"
    if bad or not (said or whole):
        told.doubt("snmp", bad)
        return
    rows: list[dict[str, str]] = [{"name": "public"}] if whole else []
    line = next((item.line for item in export.of("snmp community")), None)
    for item in export.of("snmp community"):
        if item.verb == "add":
            rows.append(item.values)
        elif item.verb == "set" and item.item in ("default=yes", "0", "*0", "public", "name=public"):
            rows = [{**(rows[0] if rows else {}), **item.values}, *rows[1:]]
        elif item.verb == "set":
            bad.append((item.line, item.text))
    told.doubt("snmp", bad)
    settings = SnmpSettings(on) if bad or not rows else _agent(on, rows)
    place = said.line if said else None
    parts = ("versions", "default_community", "writable", "source_filter")
    told.one("snmp", settings, place, enabled=place, **dict.fromkeys(parts, line))


def _agent(on: bool, rows: list[dict[str, str]]) -> SnmpSettings:
    served = [row for row in rows if row.get("disabled", "no") != "yes"]
    readable = [row for row in served if "yes" in (row.get("read-access", "yes"), row.get("write-access", "no"))]
    default = [row for row in readable if row.get("name") in _KNOWN_COMMUNITIES and _open(row)]
    anybody = any(set(row.get("addresses", "").split(",")) & _ANYBODY for row in default)
    return SnmpSettings(
        enabled=on,
        versions=_versions(readable),
        # One that only some addresses may use is neither open to all nor safe.
        default_community=None if default and not anybody else bool(default),
        writable=any(row.get("write-access", "no") == "yes" for row in served),
        source_filter=_askers(readable),
    )


def _askers(rows: list[dict[str, str]]) -> tuple[IPv4Network, ...] | None:
    """Who may ask at least one community; None: everyone, or nobody can tell."""
    found: dict[IPv4Network, None] = {}
    for row in rows:
        words = row.get("addresses", "")
        if set(words.split(",")) & _ANYBODY:
            return None
        try:
            found |= dict.fromkeys(networks_of(words))
        except UnreadableError:
            return None
    return tuple(found) or None


def _open(row: dict[str, str]) -> bool:
    """Whether a community is asked for by its name alone (SNMP v1 and v2c)."""
    return row.get("security", "none") == "none"


def _versions(rows: list[dict[str, str]]) -> tuple[str, ...]:
    plain = ("v1", "v2c") if any(map(_open, rows)) else ()
    return (*plain, "v3") if not all(map(_open, rows)) else plain


def read_ssh(export: Export, services: dict[Service, int | None] | None, told: Told) -> None:
    """The SSH server's settings: its port, whether passwords are always taken, its ciphers when it lists them."""
    lines: dict[str, int | None] = {}
    passwords: bool | None = None
    ciphers: tuple[str, ...] | None = None
    for item in export.of("ip ssh"):
        word = item.values.get("password-authentication") or item.values.get("always-allow-password-login")
        if word == "yes" or (word == "no" and "password-authentication" in item.values):
            passwords, lines["password_authentication"] = word == "yes", item.line
        if (listed := item.values.get("ciphers", "auto")) not in ("auto", ""):
            ciphers, lines["ciphers"] = tuple(clean(name) for name in listed.split(",")[:64]), item.line
    ports = tuple(service.port for service in services or () if service.process == "ssh")
    if ports:
        lines["ports"] = next(line for service, line in (services or {}).items() if service.process == "ssh")
    found = SshSettings(password_authentication=passwords, ports=ports or None, ciphers=ciphers)
    if found != SshSettings():
        told.facts["ssh"] = found
        for name, line in lines.items():
            told.mark(f"/system/ssh/{name}", line)


def user(name: str, group: str | None, *, enabled: bool, seen: str = "") -> User | None:
    """An account; the groups `full`, `write` and `read` are as delivered, another one may be anything."""
    administrator = {"full": True, "write": False, "read": False}.get(group or "")
    if not clean(name):
        return None
    return User(
        clean(name), administrator=administrator, login=enabled, role=clean(group or "") or None, enabled=enabled,
        factory=clean(name) == "admin", last_login=moment(seen),
    )  # fmt: skip


def moment(text: str) -> datetime | None:
    """A time such as `2024-07-31 09:33:47` or `jul/31/2024 09:33:47`, None for anything else.

    The router writes it in its own time zone, which is not said: taken for UTC it is right to some hours.
    """
    for form in ("%Y-%m-%d %H:%M:%S", "%b/%d/%Y %H:%M:%S"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def read_users(export: Export, told: Told) -> None:
    """The accounts that the export adds; most versions export none, and the first is never written.

    Whoever may write and change what others may (`policy`) administers the router, whatever his group is called.
    """
    groups: dict[str, bool] = {}
    for item in export.of("user group"):
        name = item.values.get("name") or item.item.removeprefix("name=").strip('"')
        if "policy" in item.values:
            groups[name] = {"write", "policy"} <= set(item.values["policy"].split(",", 64))
    found: dict[User, int | None] = {}
    for item in export.of("user"):
        group = item.values.get("group")
        if item.verb == "add" and (one := user(item.values.get("name", ""), group, enabled=item.enabled)):
            one = replace(one, administrator=groups.get(group or "", one.administrator))
            found.setdefault(one, item.line)
    if found:
        told.many("users", found)
