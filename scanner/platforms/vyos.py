"""VyOS, 1.2 to 1.5: its configuration, in braces or as `set` commands, and what the running system says.

Source: VyOS, "Command Line Interface", "Configuration Overview", and the pages of each service.
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

ID = "vyos"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "admin": "recordings", "users": "recordings",
    "ssh": "recordings", "snmp": "recordings", "firewall": "recordings", "port_forwards": "recordings",
    "upnp": "documentation", "vpn": "recordings", "wifi": "documentation", "interfaces": "recordings",
    "vlans": "recordings", "dns": "recordings", "dhcp": "recordings", "ntp": "recordings", "logging": "recordings",
    "relays": "documentation", "auto_block": "documentation", "neighbours": "recordings",
    "leases": "documentation",
}  # fmt: skip
ACCOUNT = """
`set system login user vigie authentication public-keys visit type ssh-ed25519`, `set system login user vigie
authentication public-keys visit key AAAA…`, on VyOS 1.2 also `set system login user vigie level operator`, then
`commit; save`. From 1.3 on every account may change the router: VyOS has no other until the operators of 1.5 (`set
system login operator-group vigie command-policy allow 'show configuration'`, `… allow 'show version'`).
"""
LIMITS = """
The saved configuration is read first: what was committed and not saved is not in it. Firewalls of bridges and
scripts of the owner are not followed, forwards of IPv6 are reported as not read. A rule of the input filter whose
condition cannot be told from the file (a country, a domain, a MAC) leaves who may administer *unknown*. A service that
is not known here leaves the list of services incomplete. Updates are not in a configuration, and the wireless key is no
fact.
"""

_SHOW = "/opt/vyatta/bin/vyatta-op-cmd-wrapper show"
_SHOWN = f"{_SHOW} interfaces"
_SAVED = "cat /config/config.boot"
_RUNNING = f"{_SHOW} configuration commands"


def recognise(device: Device) -> int:
    """Sure of what the device says, and of its SNMP description and number; likely from a name or a page."""
    system, network = device.system, device.network
    if system and system.identity and system.identity.os == "vyos":
        return 100
    if network is None:
        return 0
    snmp = network.snmp
    if snmp and (
        f"{(snmp.sys_object_id or '').strip('.')}.".startswith("1.3.6.1.4.1.44641.")
        or (snmp.sys_descr or "").startswith(("VyOS", "Vyatta"))
    ):
        return 95
    pages = [page.title or "" for page in network.http or ()]
    return 80 if any("vyos" in word.lower() for word in [network.hostname or "", *pages]) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


_READERS: dict[str, Reader] = {
    f"{_SHOW} version": partial(read_version, family="vyos"),
    INTERFACES: read_interfaces,
    _SAVED: partial(read_configuration, family="vyos"),
    _RUNNING: partial(read_configuration, family="vyos"),
    NEIGHBOURS: read_neighbours,
    f"{_SHOW} dhcp server leases": read_leases,
    _SHOWN: read_shown,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {_RUNNING: _SAVED, _SHOWN: INTERFACES}  # asked only when the other said nothing
DOUBTS: Mapping[str, tuple[str, ...]] = {}
