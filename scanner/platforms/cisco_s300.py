"""Cisco small business switches: 300, 350, 550X and Business 250/350 (CBS), which share one command line.

SSH lets everybody in unless `ip ssh password-auth` is set, and the shell then asks `User Name:`. Its configuration
looks like that of IOS; it holds what differs from the defaults.
Source: Cisco, "300 Series Managed Switches Command Line Interface Reference Guide", release 1.4; "Cisco Business 250
and 350 Series Switches CLI Guide", release 3.x.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

from inventory.device import Device
from inventory.gateway import Dns, Interface, Vlan
from inventory.observation import Observation
from inventory.system import Identity, Logging, Ntp, SnmpSettings, SshSettings, System, User
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._ios import Line
from scanner.platforms._reading import (
    MAX_ITEMS,
    Maturity,
    Reader,
    from_command,
    nothing,
    numbered,
    of_system,
    unread,
)

ID = "cisco_s300"
SHELL = True
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "interfaces": "recordings", "vlans": "recordings", "users": "documentation",
    "ssh": "documentation", "snmp": "documentation", "dns": "documentation", "ntp": "documentation",
    "logging": "documentation",
}  # fmt: skip
ACCOUNT = """
`username vigie password … privilege 15`: level 1 may not see the configuration and level 7 changes it, so there is no
account that may only read it all; a management access list (*Security → Mgmt Access Method*) that admits this machine
alone narrows it. The password is asked in the shell unless `ip ssh password-auth` is set; both work.
"""
LIMITS = """
From where it may be administered (`management access-list`) is not read; a switch has no outer side of its own. The
configuration leaves defaults out, and those differ by model and release: what it does not name stays *unknown*. Nothing
says whether an update is available.
"""

_HEADER = re.compile(r"(?m)^(?:config-file-header|! ?config-file-header)")
_RELEASE = re.compile(r"v(\d{1,2}\.\d{1,2}\.\d{1,3}\.\d{1,3})(?: |$)")
_SERIAL = re.compile(r"(?i)(?:unit +)?serial number ?: *(\w{4,32})")
_VERSION = re.compile(r"(?i)(?:sw version|active-image version| {0,4}version ?:) *(\d{1,2}\.\d{1,2}\.\d{1,3}\.\d{1,3})")
_MODEL = re.compile(r"PID: *([\w-]{3,32})")
_UPTIME = re.compile(r"(?i)system up time \(days,hour:min:sec\): *(\d{1,5}),(\d\d):(\d\d):(\d\d)")
_ADDRESS = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}) +((?:vlan|gi|te|fa|Po|oob) ?[\w/]{0,8})(?: +(\w+/\w+))? +.*")


def recognise(device: Device) -> int:
    """Sure of what the device says and of its number below Cisco's small business branch (9.6.1)."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and identity.os == "ciscosb":
        return 100
    snmp = network.snmp if network else None
    object_id = f"{(snmp.sys_object_id or '').strip('.')}." if snmp else ""
    return 95 if object_id.startswith("1.3.6.1.4.1.9.6.1.") else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_identity(text: str) -> Observation:
    """Serial number, version, model, name and uptime, in `show version`, `show system`, `show inventory`.

    >>> read_identity("SW version    1.3.7.18 ( date  12-Jan-2014 time  18:02:59 )").device.system.identity.firmware
    '1.3.7.18'
    """
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for number, line in numbered(text):
        name, value = "", ""
        short = line[:400].strip()
        if said := _VERSION.match(short):
            name, value = "firmware", said[1]
        elif said := _MODEL.match(short):
            name, value = "model", said[1]
        elif said := _SERIAL.match(short):
            name, value = "serial", said[1]
        elif (up := _UPTIME.match(short)) is not None:
            days, hours, minutes, seconds = map(int, up.groups())
            found["uptime_s"] = days * 86400 + hours * 3600 + minutes * 60 + seconds
            lines["/system/identity/uptime_s"] = number
        else:
            key, _, rest = short.partition(":")
            name, value = "hostname" if key.strip().lower() == "system name" else "", clean(rest)
        if name and value and name not in found:
            found[name], lines[f"/system/identity/{name}"] = value, number
    if not found:
        return nothing("system.identity", text)
    return of_system(System(identity=Identity("Cisco", os="ciscosb", **found)), lines)


def read_vlans(text: str) -> Observation:
    """The VLANs of `show vlan`, whose long names and lists of ports go on in the rows below.

    Which of the ports carry it with its tag is told since release 2 alone, in two columns.
    """
    rows = list(numbered(text))
    start = next((at for at, (_, line) in enumerate(rows) if re.match(r" *-{3,5} -{8,}", line)), None)
    if not start or "Created" not in rows[start - 1][1]:
        return nothing("system.vlans", text)
    starts = [found.start() for found in re.finditer(r"-+", rows[start][1])]
    ends = [*starts[1:], 1000]
    found: list[tuple[int, list[str]]] = []
    bad: list[tuple[int, str]] = []
    for number, line in rows[start + 1 :]:
        cells = [line[begin:end].strip() for begin, end in zip(starts, ends, strict=True)]
        if cells[0].isdecimal() and 0 < int(cells[0]) < 4095 and len(found) < MAX_ITEMS:
            found.append((number, cells))
        elif not cells[0] and found:
            found[-1][1][1:] = [old + new for old, new in zip(found[-1][1][1:], cells[1:], strict=True)]
        else:
            bad.append((number, line))
    split = len(starts) == 5  # Vlan, Name, Tagged Ports, UnTagged Ports, Created by
    facts = {_vlan(cells, split=split): number for number, cells in found}
    lines = {f"/system/vlans/{at}": number for at, number in enumerate(facts.values())}
    return of_system(System(vlans=tuple(facts)), lines, unread("system.vlans", bad))


def _vlan(cells: list[str], *, split: bool) -> Vlan:
    name = clean(cells[1]) or None
    if not split:
        return Vlan(int(cells[0]), name)
    return Vlan(int(cells[0]), name, _ports(cells[2]), _ports(cells[3]))


def _ports(text: str) -> tuple[str, ...] | None:
    """`gi1-3,Po1` port by port; what cannot be spread stays as it is."""
    found: list[str] = []
    for part in text.split(",")[:512]:
        said = re.fullmatch(r"((?:[A-Za-z]{2,4}\d{1,2}/(?:\d{1,2}/)?)|[A-Za-z]{2,4})(\d{1,3})-(\d{1,3})", part)
        if said:
            found += [f"{said[1]}{at}" for at in range(int(said[2]), int(said[3]) + 1)]
        elif part:
            found.append(clean(part))
    return tuple(found) or None


def read_addresses(text: str) -> Observation:
    """The addresses of `show ip interface`, and by which of them the gateway is reached.

    >>> line = "10.0.55.6/24        vlan 355   UP/UP         Static      Valid"
    >>> [str(item) for item in read_addresses(line).device.system.interfaces[0].addresses]
    ['10.0.55.6']
    """
    found: dict[str, tuple[list[IPv4Interface], int]] = {}
    gateways: list[IPv4Address] = []
    for number, line in numbered(text):
        if said := _ADDRESS.match(line.strip()[:200]):
            try:
                own = IPv4Interface(said[1])
            except ValueError:
                return nothing("system.interfaces", text)
            if (said[3] or "UP").upper().endswith(("/UP", "UP")) and len(found) < MAX_ITEMS:
                found.setdefault(clean(said[2]), ([], number))[0].append(own)
        elif (words := line.split()) and len(words) >= 2 and words[1].lower() == "active" and words[0].count(".") == 3:
            try:
                gateways.append(IPv4Address(words[0]))
            except ValueError:
                continue
    if not found:
        return nothing("system.interfaces", text)
    facts = []
    for name, (networks, _) in found.items():
        reached = any(gateway in own.network for gateway in gateways[:16] for own in networks)
        facts.append(Interface(name, tuple(own.ip for own in networks), reached if gateways else None))
    lines = {f"/system/interfaces/{at}": number for at, (_, number) in enumerate(found.values())}
    return of_system(System(interfaces=tuple(facts)), lines)


def read_configuration(text: str) -> Observation:
    """What `show running-config` says: name, release, accounts, SNMP, SSH, time, names, log."""
    if not _HEADER.search(text):
        return nothing("system.users", text)
    rows = [Line(number, line.split()) for number, line in numbered(text) if not line.startswith("!")]
    users, lines = _users(rows)
    identity: dict[str, Any] = {}
    for line in rows[:12]:
        if (said := _RELEASE.match(line.words[0])) and "firmware" not in identity:
            identity["firmware"], lines["/system/identity/firmware"] = said[1], line.number
    for line in _starting(rows, "hostname"):
        identity["hostname"], lines["/system/identity/hostname"] = clean(line.words[-1].strip('"')), line.number
    firsts: dict[str, Any] = {}
    for name, words, value in (
        ("logging", ("logging", "host"), lambda names: Logging(names)),
        ("ntp", ("sntp", "server"), lambda names: Ntp(bool(names), names)),
        ("dns", ("ip", "name-server"), lambda names: Dns(names)),
    ):
        named = list(_starting(rows, *words))
        if named:
            most = None if name == "dns" else 1
            words_of = (clean(word) for line in named for word in line.words[len(words) :][:most])
            receivers = tuple(dict.fromkeys(words_of))
            firsts[name], lines[f"/system/{name}"] = value(receivers[:MAX_ITEMS]), named[0].number
    if snmp := _snmp(rows):
        firsts["snmp"], lines["/system/snmp"] = snmp
    for line in _starting(rows, "ip", "ssh", "server"):
        firsts["ssh"], lines["/system/ssh"] = SshSettings(password_authentication=True, ports=(22,)), line.number
    system = System(identity=Identity("Cisco", os="ciscosb", **identity), users=users or None, **firsts)
    return of_system(system, lines)


def _starting(rows: list[Line], *words: str) -> Iterator[Line]:
    return (line for line in rows if line.starts(*words) and len(line.words) >= len(words))


def _users(rows: list[Line]) -> tuple[tuple[User, ...], dict[str, int]]:
    found: dict[str, tuple[User, int]] = {}
    for line in _starting(rows, "username"):
        name = clean(line.words[1].strip('"')) if len(line.words) > 1 else ""
        level = line.after("privilege") or "1"
        if name and len(found) < MAX_ITEMS:
            administrator = level == "15"
            factory = True if name == "cisco" else None
            user = User(name, administrator=administrator, role=clean(f"privilege {level}"), factory=factory)
            found.setdefault(name, (user, line.number))
    lines = {f"/system/users/{at}": number for at, (_, number) in enumerate(found.values())}
    return tuple(user for user, _ in found.values()), lines


def _snmp(rows: list[Line]) -> tuple[SnmpSettings, int] | None:
    """The agent: off until `snmp-server server`, and then for communities and users of version 3."""
    plain = list(_starting(rows, "snmp-server", "community"))
    hidden = list(_starting(rows, "encrypted", "snmp-server", "community"))
    users = [*_starting(rows, "snmp-server", "user"), *_starting(rows, "encrypted", "snmp-server", "user")]
    server = next(_starting(rows, "snmp-server", "server"), None)
    if server is None and not plain and not hidden and not users:
        return None
    versions = (("v1", "v2c") if plain or hidden else ()) + (("v3",) if users else ())
    communities = [*plain, *hidden]
    return SnmpSettings(
        server is not None,
        versions or None,
        True if any(line.words[2:3] in (["public"], ["private"]) for line in plain) else None if hidden else False,
        any(word in ("rw", "su") for line in communities for word in line.words[3:]),
    ), (server or [*communities, *users][0]).number


_READERS: dict[str, Reader] = {
    "show version": read_identity,
    "show system": read_identity,
    "show system id": read_identity,
    "show inventory": read_identity,
    "show ip interface": read_addresses,
    "show vlan": read_vlans,
    "show running-config": read_configuration,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {"show running-config": ("system.users", "system.snmp")}
