"""What a RouterOS export says of the device itself: identity, services, SSH, SNMP, UPnP, accounts.

A compact export leaves out what is as delivered. Where the header names version 6 or 7, that is completed here:
`/ip service` has all but www-ssl on, UPnP, SNMP and the resolver for others are off, the community "public" may read.
Source: MikroTik, "Services", "SNMP", "UPnP", "SSH", "Identity".
"""

from dataclasses import replace
from typing import Any

from inventory.gateway import Upnp
from inventory.network import Protocol
from inventory.system import Identity, Service, SnmpSettings, SshSettings, User
from inventory.text import clean
from scanner.platforms._reading import UnreadableError, number
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_interfaces import networks_of

Bad = list[tuple[int, str]]

EVERYWHERE = "0.0.0.0"  # noqa: S104 — what a device says, not where anything is bound
# `/ip service` as delivered: port, and whether it is on (6.1 to 7.21).
_SERVICES = {
    "telnet": (23, True), "ftp": (21, True), "www": (80, True), "ssh": (22, True), "www-ssl": (443, False),
    "api": (8728, True), "winbox": (8291, True), "api-ssl": (8729, True),
}  # fmt: skip
# Servers with a menu of their own, off as delivered; a `port` there replaces ours.
_SERVERS: dict[str, tuple[int, Protocol, str]] = {
    "interface pptp-server server": (1723, "tcp", "pptp"),
    "interface l2tp-server server": (1701, "udp", "l2tp"),
    "interface sstp-server server": (443, "tcp", "sstp"),
    "interface ovpn-server server": (1194, "tcp", "ovpn"),
    "ip proxy": (8080, "tcp", "proxy"),
    "ip socks": (1080, "tcp", "socks"),
}
_MAPPERS = ("ip upnp", "ip nat-pmp")
_KNOWN_MAJORS = (6, 7)
_KNOWN_COMMUNITIES = frozenset({"public", "private"})
_ANYBODY = frozenset({"", "::/0", "0.0.0.0/0"})  # of a community: who may use it
_MODEL = ("model", "board-name")


def read_identity(export: Export) -> tuple[Identity, dict[str, int]]:
    """Who the header says it is, and its name: "MikroTik" as delivered."""
    said = {name: (clean(value), line) for name, (value, line) in export.header.items() if clean(value)}
    facts: dict[str, tuple[str, int] | None] = {
        "model": said.get("model") or said.get("board-name"),
        "serial": said.get("serial number"),
        "firmware": said.get("version"),
    }
    for item in export.of("system identity"):
        if name := clean(item.values.get("name", "")):
            facts["hostname"] = (name, item.line)
    version = facts["firmware"]
    if version and "hostname" not in facts and export.major in _KNOWN_MAJORS:
        facts["hostname"] = ("MikroTik", version[1])
    known = {name: fact for name, fact in facts.items() if fact}
    line = min((fact[1] for fact in known.values()), default=1)
    lines = {f"/system/identity/{name}": fact[1] for name, fact in known.items()}
    lines |= {"/system/identity/vendor": line, "/system/identity/os": line}
    values: dict[str, Any] = {name: fact[0] for name, fact in known.items()}
    return Identity(vendor="MikroTik", os="routeros", **values), lines


def read_services(export: Export) -> tuple[dict[Service, int] | None, Bad]:
    """What the router serves, each with its line; None when neither the export nor its version tells."""
    bad: Bad = [(line, text) for menu, line, text in export.bad if menu in ("ip service", "ip dns", *_SERVERS)]
    known = _SERVICES if export.major in _KNOWN_MAJORS else {}
    states: dict[str, tuple[Service, bool | None, int]] = {
        name: (Service(port, "tcp", EVERYWHERE, name), on, _top(export)) for name, (port, on) in known.items()
    }
    for item in export.of("ip service"):
        name = item.item.removeprefix("name=").strip('"')
        if name not in _SERVICES:
            bad.append((item.line, item.text))
            continue
        try:
            before = states.get(name, (Service(_SERVICES[name][0], "tcp", EVERYWHERE, name), None, 0))
            states[name] = (_served(item, before[0]), _on(item, before[1]), item.line)
        except UnreadableError:
            bad.append((item.line, item.text))
            states.pop(name, None)
    found = {service: line for service, on, line in states.values() if on}
    try:
        found |= _servers(export)
    except UnreadableError:
        bad.append((1, "a port of a server"))
    if not known:  # a piece of an export, or a version whose defaults nobody knows: what it leaves out may be on
        bad += [(1, "the services that are not listed")] if found else []
        return found or None, bad
    return found, bad


def _top(export: Export) -> int:
    return export.header["version"][1] if "version" in export.header else 1


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
    for menu, (port, protocol, name) in _SERVERS.items():
        if item := _setting(export, menu, "enabled", "yes"):
            port = number(item.values.get("port", str(port)), 65535)
            spoken: Protocol = "udp" if item.values.get("protocol") == "udp" else protocol
            found[Service(port, spoken, EVERYWHERE, name)] = item.line
    if item := _setting(export, "ip dns", "allow-remote-requests", "yes"):
        found |= {Service(53, "tcp", EVERYWHERE, "dns"): item.line, Service(53, "udp", EVERYWHERE, "dns"): item.line}
    return found


def _setting(export: Export, menu: str, key: str, value: str) -> Statement | None:
    """The last `set` of a menu that speaks of a key, when it gives it this value."""
    last = [item for item in export.of(menu) if item.verb == "set" and key in item.values]
    return last[-1] if last and last[-1].values[key] == value else None


def read_upnp(export: Export) -> tuple[Upnp | None, int]:
    """Whether the router maps ports for whoever asks, by UPnP or NAT-PMP, and the line that says so."""
    for menu in _MAPPERS:
        if item := _setting(export, menu, "enabled", "yes"):
            return Upnp(enabled=True), item.line
    known = export.major in _KNOWN_MAJORS
    if any(menu in _MAPPERS for menu, _, _ in export.bad):
        return None, 1
    off = _setting(export, "ip upnp", "enabled", "no")
    return (Upnp(enabled=False), off.line if off else _top(export)) if off or known else (None, 1)


def read_snmp(export: Export) -> tuple[SnmpSettings | None, int, Bad]:
    """The SNMP agent, the line that says so, and what could not be read; no community is kept."""
    bad: Bad = [(line, text) for menu, line, text in export.bad if menu in ("snmp", "snmp community")]
    on = _setting(export, "snmp", "enabled", "yes")
    off = _setting(export, "snmp", "enabled", "no")
    if bad or not (on or off or export.major in _KNOWN_MAJORS):
        return None, 1, bad
    rows = [{"name": "public"}] if export.major in _KNOWN_MAJORS else []
    for item in export.of("snmp community"):
        if item.verb == "add":
            rows.append(item.values)
        elif item.verb == "set" and item.item in ("default=yes", "0", "*0", "public", "name=public"):
            rows = [{**(rows[0] if rows else {}), **item.values}, *rows[1:]]
        elif item.verb == "set":
            bad.append((item.line, item.text))
    served = [row for row in rows if row.get("disabled", "no") != "yes"]
    readable = [row for row in served if "yes" in (row.get("read-access", "yes"), row.get("write-access", "no"))]
    default = [row for row in readable if row.get("name") in _KNOWN_COMMUNITIES and _open(row)]
    anybody = any(set(row.get("addresses", "").split(",")) & _ANYBODY for row in default)
    settings = SnmpSettings(
        enabled=on is not None,
        versions=_versions(readable),
        # One that only some addresses may use is neither open to all nor safe.
        default_community=None if default and not anybody else bool(default),
        writable=any(row.get("write-access", "no") == "yes" for row in served),
    )
    if bad or not rows:
        settings = SnmpSettings(enabled=on is not None)
    return settings, (on or off).line if on or off else _top(export), bad  # type: ignore[union-attr]


def _open(row: dict[str, str]) -> bool:
    """Whether a community is asked for by its name alone (SNMP v1 and v2c)."""
    return row.get("security", "none") == "none"


def _versions(rows: list[dict[str, str]]) -> tuple[str, ...]:
    plain = ("v1", "v2c") if any(map(_open, rows)) else ()
    return (*plain, "v3") if not all(map(_open, rows)) else plain


def read_ssh(export: Export, services: dict[Service, int] | None) -> tuple[SshSettings | None, dict[str, int]]:
    """The SSH server's settings: its port, whether passwords are always taken, its ciphers when it lists them."""
    lines: dict[str, int] = {}
    passwords: bool | None = None
    ciphers: tuple[str, ...] | None = None
    for item in export.of("ip ssh"):
        word = item.values.get("password-authentication") or item.values.get("always-allow-password-login")
        if word == "yes" or (word == "no" and "password-authentication" in item.values):
            passwords, lines["/system/ssh/password_authentication"] = word == "yes", item.line
        if (listed := item.values.get("ciphers", "auto")) != "auto":
            ciphers, lines["/system/ssh/ciphers"] = tuple(clean(name) for name in listed.split(",")), item.line
    ports = tuple(service.port for service in services or () if service.process == "ssh")
    if ports:
        lines["/system/ssh/ports"] = next(
            line for service, line in (services or {}).items() if service.process == "ssh"
        )
    found = SshSettings(password_authentication=passwords, ports=ports or None, ciphers=ciphers)
    return (found, lines) if found != SshSettings() else (None, {})


def user(name: str, group: str | None, *, enabled: bool) -> User | None:
    """An account; the groups `full`, `write` and `read` are as delivered, another one may be anything."""
    administrator = {"full": True, "write": False, "read": False}.get(group or "")
    return User(clean(name), administrator=administrator, login=enabled) if clean(name) else None


def read_users(export: Export) -> dict[User, int]:
    """The accounts that the export adds; most versions export none, and the first is never written."""
    found: dict[User, int] = {}
    for item in export.of("user"):
        if item.verb == "add" and (
            one := user(item.values.get("name", ""), item.values.get("group"), enabled=item.enabled)
        ):
            found.setdefault(one, item.line)
    return found
