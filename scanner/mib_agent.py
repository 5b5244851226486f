"""What any SNMP agent says of the settings of its device, whatever its platform, of one answer to everything. Pure."""

import dataclasses

from inventory.observation import Observation
from inventory.system import System
from scanner.evidence import Evidence
from scanner.identification import read_identity
from scanner.mib_access import read_dot1x
from scanner.mib_settings import read_interfaces, read_services
from scanner.mib_ups import read_ups
from scanner.mib_vlans import read_cisco_vlans, read_vlans
from scanner.mib_volumes import read_volumes
from scanner.mib_wifi import read_wifi

_READERS = (
    read_services, read_interfaces, read_vlans, read_cisco_vlans, read_dot1x, read_wifi, read_volumes, read_ups,
)  # fmt: skip
# What a walk of a whole agent would be asked with; its device is only ever asked for parts of it (`settings.snmp`).
EVERYTHING = "walk:1"


def read_agent(evidence: Evidence) -> Observation:
    """Who the device is, and everything that the answer says of the groups that any agent may tell."""
    return with_tables(read_identity(evidence), evidence)


def with_tables(told: Observation, evidence: Evidence) -> Observation:
    """What is told already, and of every group that it leaves open what the tables in the evidence say."""
    for read in _READERS:
        more = read(evidence)
        if more is None:
            continue
        system = told.device.system or System()
        news = {
            item.name: value
            for item in dataclasses.fields(System)
            if getattr(system, item.name) is None and (value := getattr(more.device.system or System(), item.name))
        }
        device = dataclasses.replace(told.device, system=dataclasses.replace(system, **news)) if news else told.device
        lines = {at: line for at, line in more.lines.items() if at.split("/")[2] in news}
        told = Observation(device, {**told.lines, **lines}, (*told.unread, *more.unread))
    return told
