"""ASUSTOR ADM, versions 3 to 5: its own MIB.

Sources: ASUSTOR's MIB files (ASUSTOR-NAS-SYSTEM, -HARDWARE, -RAID, -UPS; enterprise 44738), as the ADM 5 integration
for Home Assistant quotes them; a walk of an AS6604T with ADM 4.3.3 that its owner published (serial number, version,
UPS). No recording of a device.
"""

from collections.abc import Mapping

from inventory.device import Device
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.storage import Ups
from inventory.system import Identity, System
from scanner.evidence import Evidence
from scanner.platforms._nodes import filled
from scanner.platforms._reading import Maturity, of_system, unread
from scanner.platforms._snmp_nas import Table, said, volumes
from scanner.snmprec import Row, rows

ID = "asustor_adm"
_ADM = "1.3.6.1.4.1.44738."
SNMP: tuple[str, ...] = tuple(f"{_ADM}{part}" for part in ("1", "2.1", "5", "6"))
COMMANDS: tuple[str, ...] = ()
DOUBTS: Mapping[str, tuple[str, ...]] = {}
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "volumes": "documentation", "ups": "documentation",
}  # fmt: skip
ACCOUNT = """
*Settings → Hardware/Network → SNMP*: version 3 with authentication and privacy, a user of its own. The agent only
reads.
"""
LIMITS = """
- Shares, users, backups, EZ Connect, auto block and the services: ADM tells them in its pages alone, whose programs are
  not documented; SSH lets in administrators only, and no command to list them is documented.
- Whether a newer version waits, the RAID level of a volume, and the battery of a UPS: a single source each, which for
  the battery an ADM 4 contradicts.
"""

_SERIAL, _VERSION, _MODEL = f"{_ADM}1.1.0", f"{_ADM}1.2.0", f"{_ADM}2.1.0"
_VOLUMES = Table(f"{_ADM}5.1.1.", name=2, state=4, total=6, free=7)
_STATES = {"healthy": "normal", "good": "normal", "ready": "normal", "degraded": "degraded", "crashed": "crashed"}
_UPS = f"{_ADM}6.1.1."  # .3 model, by index


def recognise(device: Device) -> int:
    """Sure of a served MIB; likely from the MAC's vendor or its pages."""
    system, network = device.system, device.network
    if system and system.identity and system.identity.os == "adm":
        return 100
    if network and network.snmp and network.snmp.enterprise == 44738:
        return 95
    if network and (network.vendor or "").lower().startswith("asustor"):
        return 70
    titles = [(page.title or "") for page in (network.http or ())] if network else []
    return 60 if any("ASUSTOR" in title.upper() for title in titles) else 0


def read(evidence: Evidence) -> Observation | None:
    """What a walk of ASUSTOR's MIB says; None for any other evidence."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    found = {row.oid: row for row in rows(evidence.text) if row.oid.startswith(_ADM)}
    return _read_mib(found) if found else None


def _read_mib(found: dict[str, Row]) -> Observation:
    """Who it is, volumes and UPS.

    >>> line = "1.3.6.1.4.1.44738.1.2.0|4|5.1.4.RL21"
    >>> _read_mib({row.oid: row for row in rows(line)}).device.system.identity.firmware
    '5.1.4.RL21'
    """
    lines: dict[str, int] = {}
    serial = said(found, _SERIAL)
    identity = filled(Identity(vendor="ASUSTOR", os="adm"), "/system/identity", lines, model=said(found, _MODEL),
                      serial=serial if serial and serial_number(serial[0]) else None,
                      firmware=said(found, _VERSION))  # fmt: skip
    told, bad = volumes(found, _VOLUMES, _STATES, lines)
    system = System(identity=identity, volumes=told, ups=_ups(found, lines))
    return of_system(system, lines, unread("system.volumes", bad))


def _ups(found: dict[str, Row], lines: dict[str, int]) -> Ups | None:
    """The UPS, when it has a model: without one the table holds what never was measured."""
    for oid in found:
        if oid.startswith(f"{_UPS}3.") and (model := said(found, oid)):
            lines["/system/ups"] = model[1]
            return filled(Ups(connected=True), "/system/ups", lines, model=model)
    return None
