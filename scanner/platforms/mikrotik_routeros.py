"""MikroTik RouterOS, versions 6 and 7: its export, and a few tables that an export does not hold.

Secrets stay on the router where it can keep them: version 7 leaves them out of an export unless asked, version 6 when
asked to (`hide-sensitive`). What it sends all the same is redacted before it is kept. An export that leaves out what is
as delivered is completed with the defaults of its version, and such facts are marked as defaults.
Netmiko and ntc-templates read what `print` shows; no kept library reads an export with the line of each setting.
Source: MikroTik, "Configuration Management" and "Command Line Interface".
"""

from collections.abc import Mapping

from inventory.device import Device
from inventory.observation import Observation
from inventory.system import System
from scanner.evidence import Evidence
from scanner.platforms._reading import Maturity, Reader, from_command, nothing, of_system
from scanner.platforms._rsc import Export, read_export
from scanner.platforms._rsc_admin import answering, read_doors
from scanner.platforms._rsc_firewall import read_input
from scanner.platforms._rsc_forwards import read_dmz, read_forwards
from scanner.platforms._rsc_interfaces import read_ways
from scanner.platforms._rsc_menus import CLOUD, PEERS, TUNNELS, VLANS, read_peers, read_tunnels
from scanner.platforms._rsc_menus import read_cloud as read_cloud_state
from scanner.platforms._rsc_menus import read_vlans as read_vlan_rows
from scanner.platforms._rsc_prints import (
    MAX_REFUSAL,
    SYNTAX_ERRORS,
    read_accounts,
    read_addresses,
    read_default_routes,
    read_properties,
    read_updates,
)
from scanner.platforms._rsc_sent import read_admin
from scanner.platforms._rsc_served import read_cloud, read_dhcp, read_dns, read_logging, read_ntp
from scanner.platforms._rsc_settings import (
    read_identity,
    read_services,
    read_snmp,
    read_ssh,
    read_upnp,
    read_users,
)
from scanner.platforms._rsc_tables import ARP, HOSTS, LEASES, read_arp, read_hosts, read_leases
from scanner.platforms._rsc_told import Told
from scanner.platforms._rsc_vlans import read_vlans
from scanner.platforms._rsc_vpn import read_vpn
from scanner.platforms._rsc_wifi import read_wifi

ID = "mikrotik_routeros"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "admin": "recordings", "users": "documentation",
    "ssh": "recordings", "snmp": "recordings", "firewall": "recordings", "port_forwards": "recordings",
    "dmz": "documentation", "upnp": "recordings", "vpn": "recordings", "wifi": "recordings", "interfaces": "recordings",
    "vlans": "recordings", "dns": "recordings", "dhcp": "recordings", "ntp": "recordings", "logging": "recordings",
    "relays": "recordings", "neighbours": "recordings", "leases": "recordings", "forwarding": "recordings",
    "links": "recordings", "updates": "documentation",
}  # fmt: skip
ACCOUNT = """
A group that may read and log in over SSH, and an account of it that only the scanning machine may use:

    /user group add name=vigie policy=ssh,read
    /user add name=vigie group=vigie address=192.168.88.10/32

`read` is enough for `/export hide-sensitive`; without the policy `sensitive` no key is ever shown. A key instead of a
password: copy the public key to the router, then `/user ssh-keys import user=vigie public-key-file=vigie.pub`.
"""
LIMITS = """
- Passwords and keys are never exported without the policy `sensitive`, and are not wanted: so nothing is said of the
  length of a Wi-Fi key.
- Whether a newer version exists, unless somebody had the router ask its maker since it started; of version 6 nothing
  is told. What schedulers and scripts do is not read (they hold tokens), so that updates on a schedule are not seen,
  nor is the firmware of the board (RouterBOOT).
- Accounts: an export leaves them out, `/user print` needs the account to see them. Second factors do not exist.
- From which side the router is administered is worked out for IPv4; a router with addresses of IPv6 leaves unknown who
  comes that way, unless its filter refuses them. A list of names, or one that fills itself (port knocking), leaves
  that side unknown; so do Winbox and Telnet by MAC, the bandwidth test and dial-ins through IPsec.
- Which side is outside, where only other routers tell the way there (OSPF, BGP, RIP): then nobody can say from where
  it is administered.
- Whether WPS is on where the export does not say: it depends on the model. The security of a virtual interface that
  says nothing of it, which may be that of its master, and of a new radio (`/interface wifi`) that names no kind while
  keys are left out. Networks of an access point that a CAPsMAN manages: the manager tells them.
- Addresses, servers of names and interfaces that come into being while the router runs (DHCP, PPP).
- Port forwards to a range of addresses, or that a mark of the packet decides: they are reported, and no forward.
"""

_ENTERPRISE = 14988


def recognise(device: Device) -> int:
    """Sure of what the device says, of its enterprise number, of its own SSH server; likely from the MAC's vendor."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and identity.os == "routeros":
        return 100
    snmp = network.snmp if network else None
    object_id = f"{(snmp.sys_object_id or '').strip('.')}." if snmp else ""
    if snmp and (object_id.startswith(f"1.3.6.1.4.1.{_ENTERPRISE}.") or (snmp.sys_descr or "").startswith("RouterOS")):
        return 95
    if any("ROSSSH" in (port.banner or "") for port in (network.ports if network else None) or ()):
        return 90
    # SwOS switches and modems are theirs too, and have no such console.
    return 30 if network and "routerboard" in (network.vendor or "").lower() else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_configuration(text: str) -> Observation:
    """Everything that an export says, whichever version and style it is in; see `_rsc_settings` for what it leaves out.

    An answer such as "expected end of command (line 1 column 9)", of a version that knows no `hide-sensitive`, says
    nothing: the other export follows.
    """
    if len(text) < MAX_REFUSAL and any(error in text for error in SYNTAX_ERRORS):
        return of_system(System(), {})
    export = read_export(text)
    return _told(export) if export.menus else nothing("system.identity", text)


def _told(export: Export) -> Observation:
    told = Told()
    read_identity(export, told)
    ways = read_ways(export)
    interfaces, places = ways.interfaces()
    told.doubt("interfaces", ways.bad)
    if interfaces:
        told.facts["interfaces"] = interfaces
        told.lines |= places
    services = read_services(export, told)
    read_snmp(export, told)
    doors = read_doors(export, ways)
    forwards, bad = read_forwards(export)
    told.doubt("port_forwards", bad)
    if forwards or export.covers("ip firewall nat"):
        told.many("port_forwards", forwards)
    read_dmz(export, ways, told)
    read_input(export, ways, doors, told)
    read_admin(export, doors, ways, services or {}, (forwards, bad), told)
    read_dns(export, told, answering(doors, export), given=bool(ways.leased))
    read_ssh(export, services, told)
    for reader in (
        read_upnp,
        read_users,
        read_vpn,
        read_wifi,
        read_vlans,
        read_dhcp,
        read_ntp,
        read_logging,
        read_cloud,
    ):
        reader(export, told)
    return told.observation()


_SAFE_EXPORT = "/export hide-sensitive"
_EXPORT = "/export"
# In one word, as version 7 has it: it asks nobody, and tells what was learnt when somebody last had it ask.
UPDATES = "/system/package/update/print"
_READERS: dict[str, Reader] = {
    "/system routerboard print": read_properties,
    "/ip address print terse": read_addresses,
    "/ip route print terse where dst-address=0.0.0.0/0": read_default_routes,
    _SAFE_EXPORT: read_configuration,
    _EXPORT: read_configuration,
    VLANS: read_vlan_rows,
    TUNNELS: read_tunnels,
    PEERS: read_peers,
    "/user print terse": read_accounts,
    "/system resource print": read_properties,
    UPDATES: read_updates,
    CLOUD: read_cloud_state,
    ARP: read_arp,
    LEASES: read_leases,
    HOSTS: read_hosts,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
# Asked only when the other said nothing: menus one by one of whoever may not export.
INSTEAD: Mapping[str, str] = dict.fromkeys((_EXPORT, VLANS, TUNNELS, PEERS), _SAFE_EXPORT)
DOUBTS: Mapping[str, tuple[str, ...]] = {}
