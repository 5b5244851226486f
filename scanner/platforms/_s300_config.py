"""The configuration of a Cisco small business switch, as `show running-config` writes it.

It holds what differs from the defaults: first what is of the whole switch, then its VLANs, then interface by interface.
Source: Cisco, "300 Series CLI Reference Guide", release 1.4 (default configurations; management ACL commands);
"Cisco Business 250 and 350 Series Switches CLI Guide", release 3.x.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Interface
from typing import Any

from inventory.gateway import Admin, Dns
from inventory.observation import Observation
from inventory.system import Identity, Logging, Ntp, Service, SnmpSettings, SshSettings, System, User
from inventory.text import clean
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but, networks
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, nothing, number, numbered, of_system, unread
from scanner.platforms._s300_ports import File, read_file, read_interfaces, read_vlans

_HEADER = re.compile(r"(?m)^(?:config-file-header|! ?config-file-header)")
_EVERYWHERE = "0.0.0.0"  # noqa: S104 — what a device says, not where anything is bound
Door = tuple[str, int, bool, int]  # protocol, port, encrypted, line
MOST_RULES = 256  # of a management access list


def read_configuration(text: str) -> Observation:
    """What `show running-config` says: name, release, accounts, administration, SNMP, SSH, VLANs, time, names, log."""
    if not _HEADER.search(text):
        return nothing("system.users", text)
    told = read_file(text)
    users, lines = _users(told)
    identity: dict[str, Any] = {}
    if told.release:
        identity["firmware"], lines["/system/identity/firmware"] = told.release[0], told.release[2]
    for line in told.starting("hostname"):
        identity["hostname"], lines["/system/identity/hostname"] = (
            clean(" ".join(line.words[1:]).strip('"')),
            line.number,
        )
    facts = _named(told, lines)
    snmp = _snmp(told)
    if snmp is not None:
        facts["snmp"] = snmp[0]
        lines |= {"/system/snmp": snmp[1]} if snmp[1] else {}
    for line in told.starting("ip", "ssh", "server"):
        facts["ssh"] = SshSettings(password_authentication=True, ports=(_port(told, "ip ssh port", 22),))
        lines["/system/ssh"] = line.number
    bad = _cut(told, text)
    doors = list(_doors(told, bad))
    defaults = {"/system/snmp"} if snmp is not None and not snmp[1] else set()
    for name, found in (
        ("admin", _admin(told, doors, snmp[0] if snmp else None, bad["admin"])), ("services", _services(doors, snmp)),
        ("vlans", read_vlans(told, bad["vlans"])), ("interfaces", read_interfaces(told)),
    ):  # fmt: skip
        facts[name] = tuple(found)[:MAX_ITEMS] or None
        places = {f"/system/{name}/{at}": place for at, place in enumerate(list(found.values())[:MAX_ITEMS])}
        lines |= {pointer: place for pointer, place in places.items() if place}
        defaults |= {pointer for pointer, place in places.items() if not place}
    system = System(identity=Identity("Cisco", os="ciscosb", **identity), users=users or None, **facts)
    reports = tuple(report for name, rows in bad.items() for report in unread(f"system.{name}", rows))
    said = of_system(system, lines, reports)
    return replace(said, defaults=frozenset(defaults))


def _cut(told: File, text: str) -> dict[str, list[tuple[int, str]]]:
    """The lines that could not be read, by fact: first the last one of a file that ends before its interfaces."""
    last = [] if told.settled else list(numbered(text))[-1:]
    return {"admin": list(last), "services": list(last), "snmp": list(last), "users": list(last), "vlans": []}


def _named(told: File, lines: dict[str, int]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, words, value in (
        ("logging", ("logging", "host"), lambda names: Logging(names)),
        ("ntp", ("sntp", "server"), lambda names: Ntp(bool(names), names)),
        ("dns", ("ip", "name-server"), lambda names: Dns(names)),
    ):
        named = list(told.starting(*words))
        if named:
            most = None if name == "dns" else 1
            receivers = dict.fromkeys(clean(word) for line in named for word in line.words[len(words) :][:most])
            facts[name], lines[f"/system/{name}"] = value(tuple(receivers)[:MAX_ITEMS]), named[0].number
    return facts


def _users(told: File) -> tuple[tuple[User, ...], dict[str, int]]:
    found: dict[str, tuple[User, int]] = {}
    for line in told.starting("username"):
        name = clean(line.words[1].strip('"')) if len(line.words) > 1 else ""
        level = line.after("privilege") or "1"
        if name and len(found) < MAX_ITEMS:
            administrator = level == "15"
            factory = True if name == "cisco" else None
            user = User(name, administrator=administrator, role=clean(f"privilege {level}"), factory=factory)
            found.setdefault(name, (user, line.number))
    lines = {f"/system/users/{at}": place for at, (_, place) in enumerate(found.values())}
    return tuple(user for user, _ in found.values()), lines


def _snmp(told: File) -> tuple[SnmpSettings, int] | None:
    """The agent: off until `snmp-server server`, and then for communities and users of version 3."""
    plain = list(told.starting("snmp-server", "community"))
    hidden = list(told.starting("encrypted", "snmp-server", "community"))
    users = [*told.starting("snmp-server", "user"), *told.starting("encrypted", "snmp-server", "user")]
    server = next(told.starting("snmp-server", "server"), None)
    if server is None and not plain and not hidden and not users:
        return (SnmpSettings(enabled=False), 0) if told.settled else None
    versions = (("v1", "v2c") if plain or hidden else ()) + (("v3",) if users else ())
    communities = [*plain, *hidden]
    return SnmpSettings(
        server is not None,
        versions or None,
        True if any(line.words[2:3] in (["public"], ["private"]) for line in plain) else None if hidden else False,
        any(word in ("rw", "su") for line in communities for word in line.words[3:]),
    ), (server or [*communities, *users][0]).number


def _port(told: File, words: str, standard: int) -> int:
    for line in told.starting(*words.split()):
        try:
            return number(line.words[-1], 65535)
        except UnreadableError:
            continue
    return standard


def _doors(told: File, bad: dict[str, list[tuple[int, str]]]) -> Iterator[Door]:
    """By what it is administered: protocol, port, encrypted, line (0: as delivered)."""
    for words, name, at, encrypted in (("ip ssh", "ssh", 22, True), ("ip telnet", "telnet", 23, False)):
        for line in told.starting(*words.split(), "server"):
            yield name, _port(told, f"{words} port", at), encrypted, line.number
    if not any(told.starting("no", "ip", "http", "server")):
        on = next(told.starting("ip", "http", "server"), None)
        if on is not None or told.settled:  # on as delivered, of every model
            yield "http", _port(told, "ip http port", 80), False, on.number if on else 0
    secure = next(told.starting("ip", "http", "secure-server"), None)
    if secure is not None:
        yield "https", _port(told, "ip http secure-port", 443), True, secure.number
    elif not any(told.starting("no", "ip", "http", "secure-server")):
        for fact in ("admin", "services"):
            bad[fact].append((1, "no line ip http secure-server"))


def _admin(told: File, sockets: list[Door], snmp: SnmpSettings | None, bad: list[tuple[int, str]]) -> dict[Admin, int]:
    found: dict[Admin, int] = {}
    doors = list(sockets)
    if snmp is not None and snmp.enabled and snmp.writable:
        doors.append(("snmp", 161, False, next((line.number for line in told.starting("snmp-server", "server")), 0)))
    for protocol, port, encrypted, line in doors:
        try:
            sources = _let_in(told, protocol)
        except UnreadableError as error:
            bad.append((max(line, 1), clean(f"{protocol}: {error}")))
            continue
        if sources:
            found[Admin(protocol, "lan", port, encrypted, None if sources == ANYWHERE else sources)] = line
    return found


def _let_in(told: File, protocol: str) -> Networks:
    """Whom the management access list in force lets in; the first rule that fits decides, and none refuses."""
    used = next(told.starting("management", "access-class"), None)
    if used is None:
        return ANYWHERE
    name = used.words[-1].strip('"')
    if name == "console-only":
        return ()
    rules = told.lists.get(name, [])
    if name not in told.lists or len(rules) > MOST_RULES:
        raise UnreadableError(f"management access-class {name}")
    allowed: Networks = ()
    for rule in reversed(rules):
        service = rule.after("service")
        if service is not None and service != protocol:
            continue
        said = [word for word in rule.words[1:] if word not in ("service", protocol)]
        sources = ANYWHERE
        if said[:1] == ["ip-source"] and len(said) > 1:
            mask = said[3] if said[2:3] == ["mask"] and len(said) > 3 else "32"
            sources = _network(said[1], mask)
        elif said:
            raise UnreadableError(" ".join(rule.words)[:64])
        if rule.words[0] == "permit":
            allowed = networks(map(str, (*allowed, *sources)))
        else:
            allowed = common(allowed, everything_but(sources))
    return allowed


def _network(address: str, mask: str) -> Networks:
    try:
        return (IPv4Interface(f"{address}/{mask.lstrip('/')}").network,)
    except ValueError as error:
        raise UnreadableError(f"{address} {mask}"[:64]) from error


def _services(doors: list[Door], snmp: tuple[SnmpSettings, int] | None) -> dict[Service, int]:
    found = {
        Service(port, "tcp", _EVERYWHERE, protocol, None, encrypted): line for protocol, port, encrypted, line in doors
    }
    if snmp is not None and snmp[0].enabled:
        found[Service(161, "udp", _EVERYWHERE, "snmp")] = snmp[1]
    return found
