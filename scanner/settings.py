"""What a device says of itself to whoever may log in: its settings over SNMP and SSH, with the site's credentials."""

from inventory.device import Device
from inventory.observation import Merged, UnreadLine
from inventory.site import Credential
from inventory.snapshot import Source
from inventory.system import System
from scanner import (
    discover,
    mib_access,
    mib_settings,
    mib_tables,
    mib_ups,
    mib_vlans,
    mib_volumes,
    mib_wifi,
    platforms,
)
from scanner.asking import Asking
from scanner.discover import probes_for
from scanner.identification import model_plate, read_identity
from scanner.platforms import in_shell, instead, recognised


def snmp(visit: Asking) -> None:
    """Ask the agent of a device who it is, and what its platform and its tables know."""
    credential = _credential(visit, "snmp_v3", "snmp_v2c")
    if credential is None:
        visit.note("snmp", "no_credential", "the site names none for this device")
        return
    begun = len(visit.seen)
    evidence = visit.ask("snmp", discover.SNMP_IDENTITY, read_identity, credential)
    if evidence.status != "done":
        return
    if plate := model_plate(evidence):
        told = len(visit.seen)
        visit.ask("snmp", plate, read_identity, credential)
        # The model plate stands before what the system's own words were taken for.
        visit.seen = [*visit.seen[:begun], *visit.seen[told:], *visit.seen[begun:told]]
    platform = recognised(visit.known)
    if platform is not None and platform.SNMP:
        asks = " ".join(f"walk:{root}" for root in platform.SNMP)
        visit.ask("snmp", asks, platform.read, credential)
    _tables(visit, credential)
    if probes_for(visit.site, visit.device).name == "standard":  # printers and batteries have none of these
        _more_tables(visit, credential)


def _tables(visit: Asking, credential: Credential) -> None:
    """Ask what any agent may serve, whatever its platform: of what is delicate its battery and its sockets alone."""
    maker, category = _maker(visit), _category(visit)
    if category == "ups" or maker.startswith(mib_ups.MAKERS):
        visit.ask("snmp", mib_ups.UPS, mib_ups.read_ups, credential)
    visit.ask("snmp", mib_settings.SERVICES, mib_settings.read_services, credential)
    if probes_for(visit.site, visit.device).name != "standard":  # printers know nobody
        return
    visit.ask("snmp", mib_tables.ADDRESSES, mib_tables.read_addresses, credential)
    visit.ask("snmp", mib_tables.PORTS, mib_tables.read_ports, credential)
    visit.ask("snmp", mib_settings.INTERFACES, mib_settings.read_interfaces, credential)
    visit.ask("snmp", mib_vlans.VLANS, mib_vlans.read_vlans, credential)
    if maker.startswith(mib_vlans.CISCO):
        visit.ask("snmp", mib_vlans.CISCO_VLANS, mib_vlans.read_cisco_vlans, credential)


def _more_tables(visit: Asking, credential: Credential) -> None:
    """Ask whoever may have them for 802.1X, wireless networks and disks; a maker's own word on disks is enough."""
    category, system = _category(visit), visit.known.system or System()
    if category == "switch" or system.vlans:
        visit.ask("snmp", mib_access.DOT1X, mib_access.read_dot1x, credential)
    if category == "access_point" or _maker(visit).startswith(mib_wifi.MAKERS):
        visit.ask("snmp", mib_wifi.WIFI, mib_wifi.read_wifi, credential)
    if category in ("nas", "server", "workstation") and system.volumes is None:
        visit.ask("snmp", mib_volumes.VOLUMES, mib_volumes.read_volumes, credential)


def _maker(visit: Asking) -> str:
    """How the device's agent names its system: `1.3.6.1.4.1.318.1.3.27.`; only a dot where it does not."""
    network = visit.known.network
    object_id = (network.snmp.sys_object_id if network and network.snmp else None) or ""
    return f"{object_id.strip('.')}."


def _category(visit: Asking) -> str | None:
    known = visit.known.classification
    return known.category if known else None


def ssh(visit: Asking) -> None:
    """Ask a device over SSH every command of its platform, once its host key is known."""
    credential = _credential(visit, "ssh")
    if credential is None:
        visit.note("ssh", "no_credential", "the site names none for this device")
        return
    evidence = visit.ask("ssh", "host-key", discover.read_host_key, credential)
    if evidence.status != "done":
        return
    platform = recognised(visit.known)
    if platform is None:
        visit.note("ssh", "unreadable", "no platform recognised")
        return
    visit.seen.append(Merged(Device(system=System(platform=platform.ID)), {"/system/platform": Source(evidence.id)}))
    told: set[str] = set()
    how = "shell" if in_shell(platform) else "exec"
    for command in platform.COMMANDS:
        if instead(platform).get(command) in told:
            continue
        known = len(visit.seen)
        answer = visit.ask("ssh", f"{how} {command}", platform.read, credential)
        if any(item.device.system for item in visit.seen[known:]):
            told.add(command)
        if answer.status != "done":
            doubts = (UnreadLine(fact, 1, "not answered", answer.id) for fact in platform.DOUBTS.get(command, ()))
            visit.seen.append(Merged(Device(), {}, tuple(doubts)))


def api(visit: Asking) -> None:
    """Ask a device every question that its platform has for its HTTP API."""
    credential = _credential(visit, "freebox_app", "http")
    platform = recognised(visit.known)
    offer = platforms.api(platform) if platform is not None else None
    if credential is None:
        if offer is not None:  # nobody else has one to miss
            visit.note("api", "no_credential", "the site names none for this device")
        return
    if platform is None or offer is None:
        visit.note("api", "unreadable", "no platform with an API recognised")
        return
    begun = len(visit.seen)
    for ask in offer.asks:
        answer = visit.ask("api", ask, platform.read, credential)
        if answer.status != "done":
            doubts = (UnreadLine(fact, 1, "not answered", answer.id) for fact in platform.DOUBTS.get(ask, ()))
            visit.seen.append(Merged(Device(), {}, tuple(doubts)))
        elif len(visit.seen) > begun and not (visit.known.system and visit.known.system.platform):
            said = System(platform=platform.ID)
            visit.seen.append(Merged(Device(system=said), {"/system/platform": Source(answer.id)}))


def _credential(visit: Asking, *kinds: str) -> Credential | None:
    """The site's credential of the first of these kinds for this device."""
    declared = visit.device.declared
    if declared is None:
        return None
    own = [item for item in visit.site.credentials if declared.name in item.devices]
    return next((item for kind in kinds for item in own if item.kind == kind), None)
