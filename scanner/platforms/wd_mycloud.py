"""Western Digital My Cloud EX, PR and DL series (My Cloud OS 3 and 5): its own MIB.

Below 5127.1.1.1 each model has its number, and below that the same objects: `nasAgent` .1: software version .2, host
name .3, volumes .9, UPS .11. Source: WD's MYCLOUDEX2ULTRA-MIB, WDMYCLOUDEX4100-MIB, MYCLOUDPR2100-MIB
(downloads.wdc.com/nas), and the agent in WD's GPL source. No recording of a device.
"""

import re
from collections.abc import Mapping

from inventory.device import Device
from inventory.observation import Observation
from inventory.system import Identity, System
from scanner.evidence import Evidence
from scanner.platforms._nodes import filled
from scanner.platforms._reading import Maturity, of_system, unread
from scanner.platforms._snmp_nas import said
from scanner.snmprec import Row, rows

ID = "wd_mycloud"
_WD = "1.3.6.1.4.1.5127.1.1.1."
SNMP: tuple[str, ...] = (_WD.rstrip("."),)
COMMANDS: tuple[str, ...] = ()
DOUBTS: Mapping[str, tuple[str, ...]] = {}
FACTS: Mapping[str, Maturity] = {"identity": "documentation"}
ACCOUNT = """
*Settings → Network → SNMP*: on, with version 3 where the firmware offers it, and a community that is not `public`. The
agent only reads.
"""
LIMITS = """
- Its MIB lists volumes with their RAID level and sizes, and not whether they are sound: no volume is told.
- Shares, users, backups, cloud access and updates: it tells them in its pages alone, whose programs are not documented;
  My Cloud Home has neither SNMP nor SSH.
"""

# The number of each model, by the MIB that WD gives for it.
_MODELS = {"1": "My Cloud EX4", "2": "My Cloud EX2", "6": "My Cloud EX4100", "8": "My Cloud EX2 Ultra"}
_VERSION_OID = re.compile(r"1\.3\.6\.1\.4\.1\.5127\.1\.1\.1\.(\d{1,3})\.1\.2\.0")
_VERSION = re.compile(r"(\d{1,3}(?:\.\d{1,5}){1,4})(?: \(.{0,40}\))?")


def recognise(device: Device) -> int:
    """Sure of a served MIB; likely from its pages."""
    system, network = device.system, device.network
    if system and system.identity and system.identity.os == "mycloud":
        return 100
    if network and network.snmp and network.snmp.enterprise == 5127:
        return 95
    titles = [(page.title or "") for page in (network.http or ())] if network else []
    return 60 if any("My Cloud" in title or "MyCloud" in title for title in titles) else 0


def read(evidence: Evidence) -> Observation | None:
    """What a walk of WD's MIB says; None for any other evidence."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    found = {row.oid: row for row in rows(evidence.text) if row.oid.startswith(_WD)}
    return _read_mib(found) if found else None


def _read_mib(found: dict[str, Row]) -> Observation:
    """Who it is.

    >>> line = "1.3.6.1.4.1.5127.1.1.1.8.1.2.0|4|5.08.115 (5.08.115.1216.2020)"
    >>> identity = _read_mib({row.oid: row for row in rows(line)}).device.system.identity
    >>> identity.model, identity.firmware
    ('My Cloud EX2 Ultra', '5.08.115')
    """
    lines: dict[str, int] = {}
    own = next((match for oid in found if (match := _VERSION_OID.fullmatch(oid))), None)
    if own is None:
        return of_system(System(identity=Identity(vendor="Western Digital")), {})
    word = said(found, own[0])
    version = _VERSION.fullmatch(word[0]) if word else None
    number = own[1]
    identity = filled(
        Identity(vendor="Western Digital", os="mycloud"), "/system/identity", lines,
        model=(_MODELS[number], found[own[0]].line) if number in _MODELS else None,
        firmware=(version[1], word[1]) if word and version else None, hostname=said(found, f"{_WD}{number}.1.3.0"),
    )  # fmt: skip
    reports = unread("system.identity", [word[::-1]]) if word and not version else ()
    return of_system(System(identity=identity), lines, reports)
