"""Cisco IOS 12 to 15 and IOS XE: routers and Catalyst switches.

It runs one command by itself and hangs up, where it runs any: its commands are typed into its shell. Pages are turned
with a blank; `terminal length 0` would be a setting, if only of the session.
Source: Cisco, "Cisco IOS Configuration Fundamentals Command Reference" and those named in the `_ios…` modules.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from inventory.device import Device
from inventory.gateway import Firewall, Interface
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._ios import read_lines
from scanner.platforms._ios_access import read_access, read_input, read_snmp, read_users
from scanner.platforms._ios_acl import read_lists
from scanner.platforms._ios_nat import read_forwards
from scanner.platforms._ios_sent import read_sent
from scanner.platforms._ios_served import read_services
from scanner.platforms._ios_settings import read_dhcp, read_dns, read_logging, read_ntp, read_vpn
from scanner.platforms._ios_tables import ARP, LLDP, MACS, read_arp, read_lldp, read_macs
from scanner.platforms._ios_version import identity_of, read_version
from scanner.platforms._ios_ways import interfaces, read_vlans, read_ways
from scanner.platforms._reading import (
    MAX_ITEMS,
    Maturity,
    Reader,
    UnreadableError,
    from_command,
    listed,
    nothing,
    numbered,
    of_system,
    unread,
)

ID = "cisco_ios"
SHELL = True
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "users": "recordings", "admin": "recordings", "ssh": "recordings", "snmp": "recordings",
    "port_forwards": "recordings", "firewall": "recordings", "interfaces": "recordings", "vlans": "recordings",
    "dns": "recordings", "dhcp": "recordings", "ntp": "recordings", "logging": "recordings", "vpn": "documentation",
    "services": "recordings", "neighbours": "documentation", "forwarding": "recordings", "links": "recordings",
}  # fmt: skip
ACCOUNT = """
`show running-config` needs privilege 15, or a view. A view needs `aaa new-model` and an `enable secret` first, and
`aaa new-model` changes every login at once (`aaa authentication login default local`, `aaa authorization exec default
local`): keep the session open until a second one has come in. Then `enable view`, `configure terminal`,
`parser view VIGIE`, in it `secret …`, `commands exec include show version`,
`commands exec include show ip interface brief`, `… show ip arp`, `… show mac address-table`,
`… show lldp neighbors detail` and `… show running-config`; then
`username vigie view VIGIE secret …`. Without a view: `username vigie privilege 15 secret …` and an `access-class` on
`line vty` that admits this machine alone. No enable password is ever sent.
"""
LIMITS = """
`transport input` is *unknown* where a line does not state it: all, ssh or none, by version and model. A side guarded
by a zone policy of its own (`zone-pair … destination self`), by object groups, time ranges or dynamic lists is unknown
to `admin`. Whether a default route leaves by an interface is *unknown* where a routing protocol or a track may bring
another. A forward behind a zone policy that matches by application is reported as unread. Who comes by IPv6 where only
lists of IPv4 stand before administration is not worked out. Accounts on a RADIUS or TACACS+ server, and addresses from
DHCP or PPP, are not in the configuration. A forward that the lists on its way drop wholly, or whose outer interface is
shut, counts as switched off.
"""

_BRIEF = re.compile(r"(\S{2,64}) +(\S{7,15}) +(?:YES|NO) +(\S{1,12}) +((?:administratively )?\w{1,12}) +(\w{1,12})")


def recognise(device: Device) -> int:
    """Sure of what the device says and of its SSH server's name."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and identity.os in ("ios", "iosxe"):
        return 100
    snmp = network.snmp if network else None
    if snmp and re.match(r"Cisco (?:IOS|Internetwork Operating System) ", snmp.sys_descr or "") and (
        " XR " not in (snmp.sys_descr or "")
    ):  # fmt: skip
        return 95
    # Small business switches name themselves `SSH-2.0-OpenSSH…` or `RomSShell`.
    return 80 if any("-Cisco-1." in (port.banner or "") for port in (network.ports if network else None) or ()) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_configuration(text: str) -> Observation:
    """Everything that `show running-config`, or a copy of it, says.

    >>> read_configuration("version 15.4\\nhostname cabinet\\nend\\n").device.system.identity.hostname
    'cabinet'
    """
    told = read_lines(text)
    if told is None:
        return nothing("system.identity", text)
    identity, lines = identity_of(told)
    ways, lists = read_ways(told), read_lists(told)
    bad: dict[str, list[tuple[int, str]]] = {"port_forwards": [], "dhcp": [], "interfaces": ways.bad}
    agent, bad["snmp"] = read_snmp(told, lists)
    lines["/system/snmp"] = agent[1]
    access = read_access(told, ways, lists, snmp=agent)
    forwards = read_forwards(told, ways, lists, bad["port_forwards"])
    read_sent(access, forwards, bad["port_forwards"], ways)
    # What may let somebody in may be a socket too, except where only the side it is reached from is open to doubt.
    bad |= {"admin": [*access.bad, *access.sides], "services": list(access.bad)}
    dns, dns_lines = read_dns(told, ways, lists)
    ntp, lines["/system/ntp"] = read_ntp(told)
    logging, lines["/system/logging"] = read_logging(told)
    chains, dhcp = read_input(told, ways, lists), read_dhcp(told, ways, bad["dhcp"])
    sockets = read_services(told, access.doors, agent, (ntp, lines["/system/ntp"]), dhcp, bad["services"])
    groups: dict[str, Mapping[Any, int]] = {
        "users": read_users(told), "admin": access.admin, "interfaces": interfaces(ways), "dhcp": dhcp,
        "vlans": read_vlans(told), "vpn": read_vpn(told), "services": sockets, "port_forwards": forwards,
    }  # fmt: skip
    for name, items in {**groups, "firewall/input": chains}.items():
        lines |= _lines(name, items)
    facts: dict[str, Any] = {
        name: tuple(items)[:MAX_ITEMS] if items or (told.whole and not bad.get(name)) else None
        for name, items in groups.items()
    }
    facts["vlans"] = facts["vlans"] or None  # a switch may keep them in a file of their own
    facts["firewall"] = Firewall(tuple(chains)[:MAX_ITEMS]) if chains or told.whole else None
    system = System(identity=identity, ssh=access.ssh, snmp=agent[0], dns=dns, ntp=ntp, logging=logging, **facts)
    reports = [] if told.whole else _cut(text)
    reports += [report for name, rows in bad.items() for report in unread(f"system.{name}", rows)]
    return of_system(system, {at: line for at, line in (lines | dns_lines).items() if line}, tuple(reports))


def _cut(text: str) -> list[UnreadLine]:
    """The last line of a configuration that does not go to its `end`: what would have followed is unknown."""
    last = [(number, line) for number, line in numbered(text)][-1:]
    return [report for group in FACTS for report in unread(f"system.{group}", last)]


def _lines(name: str, items: Mapping[Any, int]) -> dict[str, int]:
    return {f"/system/{name}/{place}": line for place, line in enumerate(list(items.values())[:MAX_ITEMS])}


def read_brief(text: str) -> Observation:
    """The addresses in force, of `show ip interface brief`: those from DHCP and PPP too.

    >>> line = "Loopback0                  10.0.1.2        YES NVRAM  up                    up"
    >>> read_brief(line).device.system.interfaces[0].name
    'Loopback0'
    """
    found = listed(text, "system.interfaces", _brief)
    return of_system(System(interfaces=found.items), found.lines, found.unread)


def _brief(line: str) -> Iterator[Interface]:
    if line.startswith(("Interface ", "Any interface listed")):
        return
    said = _BRIEF.fullmatch(line.strip())
    if said is None:
        raise UnreadableError(line[:20])
    if said[2] != "unassigned" and said[4] == "up":
        try:
            yield Interface(clean(said[1]), (IPv4Address(said[2]),))
        except ValueError as error:
            raise UnreadableError(line[:20]) from error


_CONFIGURATION = "show running-config"
_READERS: dict[str, Reader] = {
    "show version": read_version,
    _CONFIGURATION: read_configuration,
    "show ip interface brief": read_brief,
    ARP: read_arp,
    MACS: read_macs,
    LLDP: read_lldp,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {
    _CONFIGURATION: (
        "system.port_forwards", "system.admin", "system.users", "system.snmp", "system.firewall", "system.services",
    )
}  # fmt: skip
