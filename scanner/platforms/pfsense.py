"""pfSense: its one configuration file, and the version.

Source: pfSense documentation, "Backup and Recovery", "XML Configuration File" and the pages of each part; config.xml of
its conf.default. Seen on files of configuration version 18.9 (2.4.4) to 21.7 (2.5.2).
"""

import re
from collections.abc import Mapping

from inventory.device import Device
from inventory.observation import Observation
from inventory.system import Identity, System
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._config_xml_reader import VENDORS, read_configuration
from scanner.platforms._reading import Maturity, Reader, from_command, nothing, numbered, of_system
from scanner.platforms.opnsense import named

ID = "pfsense"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "admin": "recordings", "users": "recordings",
    "ssh": "recordings", "snmp": "recordings", "firewall": "recordings", "port_forwards": "recordings",
    "upnp": "recordings", "vpn": "recordings", "interfaces": "recordings", "vlans": "recordings", "dns": "recordings",
    "dhcp": "recordings", "ntp": "recordings", "logging": "recordings",
    "wifi": "documentation", "relays": "documentation", "ups": "documentation", "backups": "documentation",
}  # fmt: skip
ACCOUNT = """
In *System → User Manager* add `vigie` with the one privilege `User - System: Shell account access`, the public key of
the visit and a long password nobody knows; in *System → Advanced → Admin Access* switch Secure Shell on with *Public
Key Only*. Its file can then be read, and nothing be changed. Switch it off after the visit. Without SSH, *Diagnostics →
Backup & Restore → Download* gives the same file to `vigie read`.
"""
LIMITS = """
Leases, the state of tunnels and whether updates are waiting are not in the file. What an alias takes from elsewhere (a
name, a table, a country), 1:1 NAT of whole networks and forwards of IPv6 are reported as not read. Rules that packages
add are not in it. Of packages only HAProxy is read: where another that may listen is on, the list of services is
reported as incomplete, and with a proxy that of forwards.
"""
_VERSION = re.compile(
    r"(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?(?:\.[a-z]\.\w{1,16})?-(?:RELEASE|BETA|RC|DEVELOPMENT)[\w.-]{0,16})"
)


def recognise(device: Device) -> int:
    """Sure of what the device says; likely when a page, SNMP or a banner names it."""
    return named(device, ID)


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_version(text: str) -> Observation:
    """The version in `/etc/version`.

    >>> read_version("2.7.2-RELEASE").device.system.identity.firmware
    '2.7.2-RELEASE'
    """
    for line, said in numbered(text):
        if found := _VERSION.fullmatch(said.strip()):
            identity = Identity(vendor=VENDORS[ID], os=ID, firmware=clean(found[1]))
            return of_system(System(identity=identity), {"/system/identity/firmware": line})
    return nothing("system.identity", text)


def read_config(text: str) -> Observation:
    """Everything that `config.xml` says; see `_config_xml_reader`."""
    return read_configuration(text, ID)


_READERS: dict[str, Reader] = {"cat /etc/version": read_version, "cat /conf/config.xml": read_config}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
