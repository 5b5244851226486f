"""Ubiquiti EdgeRouter, EdgeOS 1.x to 3.x: its configuration, in braces or as `set` commands.

Source: Ubiquiti, "EdgeOS User Guide", and the help pages on firewalls, port forwarding and UPnP of EdgeRouters.
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

ID = "ubiquiti_edgerouter"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "admin": "recordings", "users": "recordings",
    "ssh": "recordings", "snmp": "recordings", "firewall": "recordings", "port_forwards": "recordings",
    "upnp": "recordings", "vpn": "documentation", "wifi": "documentation", "interfaces": "recordings",
    "vlans": "recordings", "dns": "recordings", "dhcp": "recordings", "ntp": "recordings", "logging": "recordings",
    "relays": "documentation", "neighbours": "recordings",
    "leases": "documentation",
}  # fmt: skip
ACCOUNT = """
*System → Users → Add user*, level *operator*: it may read, and sees no password. On the console: `set system login
user vigie level operator`, `set system login user vigie authentication public-keys visit type ssh-rsa`, `set system
login user vigie authentication public-keys visit key AAAA…`, `commit; save`. An operator may not read the saved file;
the running configuration is asked for instead.
"""
LIMITS = """
What a UPnP client has opened is not in the configuration. Whether a DHCP provider gives a default route is not either:
an interface that asks by DHCP counts as outer unless it refuses one. An outer address is not in the file when it comes
by DHCP or PPPoE. Updates are not in a configuration.
"""

_SHOW = "/opt/vyatta/bin/vyatta-op-cmd-wrapper show"
_SHOWN = f"{_SHOW} interfaces"
_SAVED = "cat /config/config.boot"
_RUNNING = f"{_SHOW} configuration"
_COMMANDS = f"{_SHOW} configuration commands"


def recognise(device: Device) -> int:
    """Sure of what the device says, and of its SNMP description; likely from the title of its page."""
    system, network = device.system, device.network
    if system and system.identity and system.identity.os == "edgeos":
        return 100
    if network is None:
        return 0
    if network.snmp and (network.snmp.sys_descr or "").startswith("EdgeOS"):
        return 95
    said = network.identification
    if said and said.platform == "edgeos":
        return 90
    words = [word or "" for page in network.http or () for word in (page.title, page.realm)]
    return 90 if any(hint in word.lower() for word in words for hint in ("edgeos", "edgerouter")) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


_READERS: dict[str, Reader] = {
    f"{_SHOW} version": partial(read_version, family="edgeos"),
    INTERFACES: read_interfaces,
    _SAVED: partial(read_configuration, family="edgeos"),
    _RUNNING: partial(read_configuration, family="edgeos"),
    _COMMANDS: partial(read_configuration, family="edgeos"),
    NEIGHBOURS: read_neighbours,
    f"{_SHOW} dhcp leases": read_leases,
    _SHOWN: read_shown,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {
    _RUNNING: _SAVED,
    _COMMANDS: _SAVED,
    _SHOWN: INTERFACES,
}  # asked only when the other said nothing
DOUBTS: Mapping[str, tuple[str, ...]] = {}
