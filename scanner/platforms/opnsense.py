"""OPNsense: its one configuration file, and the version.

Source: OPNsense documentation, "Configuration" and the pages of each part; config.xml.sample of its core. Seen on files
of 24.7, and of older forms.
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

ID = "opnsense"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "admin": "recordings", "users": "recordings",
    "ssh": "recordings", "snmp": "recordings", "firewall": "recordings", "port_forwards": "recordings",
    "upnp": "recordings", "vpn": "recordings", "interfaces": "recordings", "vlans": "recordings", "dns": "recordings",
    "dhcp": "recordings", "ntp": "recordings", "logging": "recordings", "updates": "recordings",
    "wifi": "documentation", "relays": "documentation", "ups": "documentation", "backups": "documentation",
}  # fmt: skip
ACCOUNT = """
The file can only be read by administrators, and OPNsense has no account for SSH that only reads: in *System → Access →
Users* add `vigie` to the group `admins` with the login shell `/bin/sh`, the public key of the visit and no password; in
*System → Settings → Administration* switch Secure Shell on for the inner interface only, without password login. Switch
both off after the visit. Without SSH, *System → Configuration → Backups → Download* gives `vigie read` the same file.
"""
LIMITS = """
Leases and the state of tunnels are not in the file. What an alias takes from elsewhere (a name, a table of addresses, a
country), 1:1 NAT of whole networks and forwards of IPv6 are reported as not read. Rules that plug-ins add by themselves
are not in it, nor whether a copy of the configuration arrived. Of plug-ins that listen only HAProxy is read: where
another that may is on, the list of services is reported as incomplete, and with a proxy that of forwards.
"""
_VERSION = re.compile(r"OPNsense (\d[\w.]{0,32})(?: .{0,64})?")


def recognise(device: Device) -> int:
    """Sure of what the device says; likely when a page, SNMP or a banner names it."""
    return named(device, ID)


def named(device: Device, product: str) -> int:
    """How surely a device is of that product, by its name in what it says and shows."""
    system, network = device.system, device.network
    if system and system.identity and system.identity.os == product:
        return 100
    if network is None:
        return 0
    words = [word for page in network.http or () for word in (page.title, page.realm, page.server, page.location)]
    words += [network.snmp.sys_descr if network.snmp else None]
    if any(product in (word or "").lower() for word in words):
        return 85
    names = [network.hostname, network.snmp.sys_name if network.snmp else None]
    return 60 if any((word or "").lower().startswith(product) for word in names) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_version(text: str) -> Observation:
    """The version as `opnsense-version` writes it: `OPNsense 24.7.12_4 (amd64)`.

    >>> read_version("OPNsense 24.7.12_4 (amd64)").device.system.identity.firmware
    '24.7.12_4'
    """
    for line, said in numbered(text):
        if found := _VERSION.fullmatch(said.strip()):
            identity = Identity(vendor=VENDORS[ID], os=ID, firmware=clean(found[1]))
            return of_system(
                System(identity=identity), {f"/system/identity/{fact}": line for fact in ("os", "firmware")}
            )
    return nothing("system.identity", text)


def read_config(text: str) -> Observation:
    """Everything that `config.xml` says; see `_config_xml_reader`."""
    return read_configuration(text, ID)


_READERS: dict[str, Reader] = {"opnsense-version": read_version, "cat /conf/config.xml": read_config}
COMMANDS: tuple[str, ...] = tuple(_READERS)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
