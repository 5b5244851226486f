"""Ubiquiti UniFi gateways where SSH answers: the USG, which runs an EdgeOS that its controller configures.

Gateways of UniFi OS (UDM, UCG, UXG) keep no such configuration: of them the kernel's interfaces and neighbours are
read, and who they say they are. Source: Ubiquiti, "UniFi - USG Advanced Configuration" and "UniFi - Getting Support
Files and Logs" (`mca-cli-op info`). The USG's agent writes its configuration as JSON, too (`mca-ctrl -t dump-cfg`).
"""

from collections.abc import Mapping
from functools import partial

from inventory.device import Device
from inventory.observation import Observation
from scanner.evidence import Evidence
from scanner.platforms._interfaces import COMMAND as INTERFACES
from scanner.platforms._interfaces import read_interfaces
from scanner.platforms._reading import Maturity, Reader, from_command
from scanner.platforms._tables import NEIGHBOURS, read_neighbours
from scanner.platforms._vyatta_leases import read_leases
from scanner.platforms._vyatta_settings import read_version
from scanner.platforms._vyatta_shown import read_shown
from scanner.platforms._vyatta_system import read_configuration

ID = "ubiquiti_unifi"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "services": "documentation", "admin": "documentation", "users": "documentation",
    "ssh": "documentation", "snmp": "documentation", "firewall": "documentation", "port_forwards": "documentation",
    "upnp": "documentation", "vpn": "documentation", "interfaces": "documentation", "vlans": "documentation",
    "dns": "documentation", "dhcp": "documentation", "ntp": "documentation", "logging": "documentation",
    "relays": "documentation", "neighbours": "recordings",
    "leases": "documentation",
}  # fmt: skip
ACCOUNT = """
*Settings → System → Advanced → Device Authentication*: a name and a key of their own for SSH. There is one account for
all devices of the site, and it may change them: UniFi has no other.
"""
LIMITS = """
Gateways of UniFi OS hold their settings in the controller's database: of them only the version, interfaces and
neighbours are read, and the rest is *unknown*. The USG's Wi-Fi is that of its access points.
"""

_SHOW = "/opt/vyatta/bin/vyatta-op-cmd-wrapper show"
_SHOWN = f"{_SHOW} interfaces"
_RUNNING = f"{_SHOW} configuration"
_SAVED = "cat /config/config.boot"
_DUMPED = "mca-ctrl -t dump-cfg"
_GATEWAYS = (
    "ubiquiti unifi ucg",
    "ubiquiti unifi udm",
    "ubiquiti unifi uxg",
    "ubiquiti unifi udr",
    "unifi security gateway",
)


def recognise(device: Device) -> int:
    """Sure of what the device says, and of its SNMP description."""
    system, network = device.system, device.network
    if system and system.identity and system.identity.os == "unifi":
        return 100
    if network is None:
        return 0
    descriptions = [network.snmp.sys_descr or ""] if network.snmp else []
    if any(word.lower().startswith(_GATEWAYS) for word in descriptions):
        return 95
    words = [page.title or "" for page in network.http or ()]
    return (
        85
        if any(word.lower().startswith(("unifi dream", "unifi security gateway", "unifi os")) for word in words)
        else 0
    )


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


_READERS: dict[str, Reader] = {
    "mca-cli-op info": partial(read_version, family="unifi"),
    INTERFACES: read_interfaces,
    _RUNNING: partial(read_configuration, family="unifi"),
    _SAVED: partial(read_configuration, family="unifi"),
    _DUMPED: partial(read_configuration, family="unifi"),
    NEIGHBOURS: read_neighbours,
    f"{_SHOW} dhcp leases": read_leases,
    _SHOWN: read_shown,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {
    _SAVED: _RUNNING,
    _DUMPED: _RUNNING,
    _SHOWN: INTERFACES,
}  # asked only when the other said nothing
DOUBTS: Mapping[str, tuple[str, ...]] = {}
