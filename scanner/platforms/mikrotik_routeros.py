"""MikroTik RouterOS, versions 6 and 7: its export, and a few tables that an export does not hold.

Secrets stay on the router where it can keep them: version 7 leaves them out of an export unless asked, version 6 when
asked to (`hide-sensitive`). What it sends all the same is redacted before it is kept.
Source: MikroTik, "Configuration Management" and "Command Line Interface".
"""

from collections.abc import Mapping
from typing import Any

from inventory.device import Device
from inventory.gateway import Firewall
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.evidence import Evidence
from scanner.platforms._reading import MAX_ITEMS, Maturity, Reader, from_command, nothing, of_system, unread
from scanner.platforms._rsc import Export, read_export
from scanner.platforms._rsc_firewall import read_forwards, read_input
from scanner.platforms._rsc_interfaces import FACT, read_ways
from scanner.platforms._rsc_prints import read_accounts, read_addresses, read_default_routes, read_properties
from scanner.platforms._rsc_settings import (
    read_identity,
    read_services,
    read_snmp,
    read_ssh,
    read_upnp,
    read_users,
)
from scanner.platforms._rsc_tables import ARP, HOSTS, LEASES, read_arp, read_hosts, read_leases

ID = "mikrotik_routeros"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "ssh": "recordings", "snmp": "recordings",
    "firewall": "recordings", "port_forwards": "recordings", "upnp": "recordings", "interfaces": "recordings",
    "neighbours": "recordings", "leases": "recordings", "forwarding": "recordings", "links": "recordings",
}  # fmt: skip
ACCOUNT = (
    """`/user group add name=vigie policy=ssh,read` and `/user add name=vigie group=vigie address=192.168.88.0/24`."""
)
LIMITS = """
Passwords and keys are never exported without the policy `sensitive`, and are not wanted.
"""

_ENTERPRISE = 14988
_SYNTAX_ERRORS = ("expected end of command", "bad command name", "syntax error", "no such item", "bad parameter")


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
    if len(text) < 400 and any(error in text for error in _SYNTAX_ERRORS):
        return of_system(System(), {})
    export = read_export(text)
    return _told(export) if export.menus else nothing("system.identity", text)


def _told(export: Export) -> Observation:
    identity, lines = read_identity(export)
    ways = read_ways(export)
    interfaces, places = ways.interfaces()
    services, bad_services = read_services(export)
    forwards, bad_forwards = read_forwards(export)
    chains, bad_chains = read_input(export, ways)
    upnp, upnp_line = read_upnp(export)
    snmp, snmp_line, bad_snmp = read_snmp(export)
    ssh, settings = read_ssh(export, services)
    users = read_users(export)
    reports: list[UnreadLine] = []
    for fact, bad in (
        (FACT, ways.bad), ("system.services", bad_services), ("system.port_forwards", bad_forwards),
        ("system.firewall", bad_chains), ("system.snmp", bad_snmp),
    ):  # fmt: skip
        reports += unread(fact, bad)
    lines |= (
        places
        | settings
        | _listed("services", services or {})
        | _listed("port_forwards", forwards)
        | _listed("users", users)
    )
    lines |= _listed("firewall/input", chains)
    lines |= {"/system/upnp": upnp_line} if upnp else {}
    lines |= {"/system/snmp": snmp_line} if snmp else {}
    whole = bool(export.header)  # else a piece of an export: what it leaves out is not known to be absent
    system = System(
        identity=identity,
        services=tuple(services)[:MAX_ITEMS] if services is not None else None,
        users=tuple(users)[:MAX_ITEMS] or None,
        ssh=ssh,
        firewall=Firewall(tuple(chains)) if chains or whole else None,
        port_forwards=tuple(forwards)[:MAX_ITEMS] if forwards or whole else None,
        upnp=upnp,
        interfaces=interfaces or None,
        snmp=snmp,
    )
    return of_system(system, lines, tuple(reports))


def _listed(name: str, items: Mapping[Any, int]) -> dict[str, int]:
    return {f"/system/{name}/{place}": line for place, line in enumerate(list(items.values())[:MAX_ITEMS])}


_SAFE_EXPORT = "/export hide-sensitive"
_EXPORT = "/export"
_READERS: dict[str, Reader] = {
    "/system routerboard print": read_properties,
    "/ip address print terse": read_addresses,
    "/ip route print terse where dst-address=0.0.0.0/0": read_default_routes,
    _SAFE_EXPORT: read_configuration,
    _EXPORT: read_configuration,
    "/user print terse": read_accounts,
    "/system resource print": read_properties,
    ARP: read_arp,
    LEASES: read_leases,
    HOSTS: read_hosts,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {_EXPORT: _SAFE_EXPORT}  # asked only when the other said nothing
DOUBTS: Mapping[str, tuple[str, ...]] = {}
