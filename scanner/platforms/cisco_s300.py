"""Cisco small business switches: 300, 350, 550X and Business 250/350 (CBS), which share one command line.

SSH lets everybody in unless `ip ssh password-auth` is set, and the shell then asks `User Name:`. Its configuration
looks like that of IOS; it holds what differs from the defaults.
Source: Cisco, "300 Series Managed Switches Command Line Interface Reference Guide", release 1.4; "Cisco Business 250
and 350 Series Switches CLI Guide", release 3.x.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

from inventory.device import Device
from inventory.gateway import Interface, Vlan
from inventory.observation import Observation
from inventory.system import Identity, System
from inventory.text import clean
from scanner.evidence import Evidence
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
from scanner.platforms._s300_config import read_configuration
from scanner.platforms._s300_tables import ARP, LLDP, MACS, read_arp, read_lldp, read_macs

ID = "cisco_s300"
SHELL = True
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "interfaces": "recordings", "vlans": "recordings", "users": "documentation",
    "ssh": "documentation", "snmp": "documentation", "dns": "documentation", "ntp": "documentation",
    "logging": "documentation", "admin": "documentation", "services": "documentation",
    "neighbours": "documentation", "forwarding": "documentation", "links": "recordings",
}  # fmt: skip
ACCOUNT = """
`username vigie password … privilege 15`: level 1 may not see the configuration and level 7 changes it, so there is no
account that may only read it all; a management access list (*Security → Mgmt Access Method*) that admits this machine
alone narrows it. The password is asked in the shell unless `ip ssh password-auth` is set; both work.
"""
LIMITS = """
A switch has no outer side of its own: whoever may administer it is on the side `lan`. The configuration leaves defaults
out, and those differ by model and release: of what it does not name only the web page is known to be on; HTTPS stays
*unknown*, and so is who gets in where a management access list names ports or VLANs. Nothing says whether an update is
available.
"""

_SERIAL = re.compile(r"(?i)(?:unit +)?serial number ?: *(\w{4,32})")
_VERSION = re.compile(r"(?i)(?:sw version|active-image version| {0,4}version ?:) *(\d{1,2}\.\d{1,2}\.\d{1,3}\.\d{1,3})")
_MODEL = re.compile(r"PID: *([\w-]{3,32})")
_MODEL_OF_SMALL = re.compile(r"(?:S[FGX]\d{3}|SRW|SLM|ESW|CBS\d{3}|C1[23]00)")
MOST_UNITS = 8  # of a stack
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
    # Many makers write "System Name:" or "Serial Number:"; alone the latter is the whole of `show system id`.
    alone = "serial" in found and len(list(numbered(text))) <= MOST_UNITS
    if not found.keys() & {"firmware", "uptime_s"} and not _MODEL_OF_SMALL.match(found.get("model", "")) and not alone:
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


CONFIGURATION = "show running-config"
_READERS: dict[str, Reader] = {
    "show version": read_identity,
    "show system": read_identity,
    "show system id": read_identity,
    "show inventory": read_identity,
    "show ip interface": read_addresses,
    "show vlan": read_vlans,
    CONFIGURATION: read_configuration,
    ARP: read_arp,
    MACS: read_macs,
    LLDP: read_lldp,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {
    CONFIGURATION: ("system.users", "system.snmp", "system.admin", "system.services")
}
