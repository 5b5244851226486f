"""DrayTek Vigor routers with DrayOS: Vigor 2135, 2620, 2762, 2765, 2860, 2865, 2915, 2926, 2927, 2962, 3910, 3912.

They run no command by themselves: what is asked is typed into their command line, the one of telnet and SSH.
Source: DrayTek, "Vigor3912 Series User's Guide" (firmware 4.3.5), part VIII "Telnet Commands", and the same part of the
"Vigor2927 Series User's Guide" (firmware 4.4.0).
"""

import re
from collections.abc import Mapping

from inventory.device import Device
from inventory.observation import Observation
from scanner.evidence import Evidence
from scanner.platforms._draytek_nat import read_open_ports, read_running, read_summary, read_upnp, read_upnp_forwards
from scanner.platforms._draytek_told import (
    OS,
    read_brute_force,
    read_lan_access,
    read_lans,
    read_leases,
    read_remote_access,
    read_status,
    read_version,
    read_vlans,
)
from scanner.platforms._reading import Maturity, Reader, from_command

ID = "draytek_vigor"
SHELL = True
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "admin": "documentation", "port_forwards": "documentation", "dmz": "documentation",
    "upnp": "documentation", "interfaces": "documentation", "vlans": "documentation", "dns": "documentation",
    "dhcp": "documentation", "leases": "documentation", "auto_block": "documentation",
}  # fmt: skip
ACCOUNT = """
DrayOS has one command line for whoever may enter it, and no account of it that may only read: *System Maintenance →
Administrator Password* adds a local user (`sys adminuser`) with a password of its own, who can be removed after the
visit; Vigie types only what stands below. *System Maintenance → Management*: SSH from the LAN, with *LAN Access Setup*
from the subnet of this machine, and not from the Internet. SNMP alone (*Management → SNMP*, version 3) tells model and
version.
"""
LIMITS = """
The summary of NAT does not show to whom a forward is limited (*Source IP*): all are shown as open to everybody. An open
port whose protocol it leaves out (`---`) is told by its own profile, of which the first eight are asked. Whether it may
be administered from the Internet is told only when that is switched off. The ports of its services, and who may log in
(`sys adminuser view` shows passwords, and is not asked), stay *unknown*. The guides do not show what `mngt snmp -V`,
`vpn remote`, `wl`, `sys syslog` and `ipf view` answer, and `vpn list` shows keys beside the kind of a tunnel: SNMP,
VPN, Wi-Fi, log and filters are not read. `sys time show` names a time server, not whether it is used. No command says
that UPnP is off. Vigor 2960, 3900 and 300B (Linux), VigorAP and VigorSwitch have another command line.
"""
SUMMARY = "srv nat showall"
_PROFILES = 8  # open ports that are asked one by one; a practice has two or three


def recognise(device: Device) -> int:
    """Sure of a model `Vigor` and a number, as it, its SNMP agent, its page or UPnP says; access points are others."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and identity.os == OS and identity.model:
        return 100 if _is_router(identity.model) else 0
    if network is None:
        return 0
    if network.snmp and (
        said := re.match(r"DrayTek Corporation, Router Model: (.{0,40})", network.snmp.sys_descr or "")
    ):
        return 95 if _is_router(said[1]) else 0
    upnp = network.upnp
    if upnp and "draytek" in (upnp.manufacturer or "").lower() and _is_router(upnp.model or ""):
        return 90
    if any(_is_router((page.title or "").removeprefix("DrayTek ")) for page in network.http or ()):
        return 90
    ssh = [port.banner or "" for port in network.ports or () if "DraySSH" in (port.banner or "")]
    return 60 if ssh else 0


def _is_router(model: str) -> bool:
    """Whether that is a router of Vigor with DrayOS: a number behind the name, and not one of those with Linux."""
    return re.match(r"(?i)vigor ?(?!(?:2960|3900|300B)\b)\d{2,4}", model) is not None


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


_READERS: dict[str, Reader] = {
    "sys version": read_version,
    "show status": read_status,
    "show lan": read_lans,
    SUMMARY: read_summary,
    "srv nat status": read_running,
    **{f"srv nat openport {profile} 1 -v": read_open_ports for profile in range(1, _PROFILES + 1)},
    "upnp service": read_upnp,
    "upnp nat": read_upnp_forwards,
    "srv dhcp status": read_leases,
    "vlan status": read_vlans,
    "mngt lanaccess -v": read_lan_access,
    "mngt rmtcfg status": read_remote_access,
    "mngt bfp -v": read_brute_force,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {"srv nat status": SUMMARY}
DOUBTS: Mapping[str, tuple[str, ...]] = {
    SUMMARY: ("system.port_forwards", "system.dmz"),
    "mngt lanaccess -v": ("system.admin",),
    "mngt rmtcfg status": ("system.admin",),
}
