"""A walk of a device of no platform, read as any agent is: a form of truth beside those of the platforms.

`tests/recordings/snmp-<name>/truth.json` has the platform "snmp" and one answer, the walk. Who the device is stands in
`system.identity`, as if it had told it itself: vendor, model, firmware and serial number of its identification.
"""

import dataclasses
from types import MappingProxyType
from typing import Any, cast

from inventory.device import Device
from inventory.observation import Observation
from inventory.system import Identity, System
from scanner.evidence import Evidence
from scanner.mib_agent import read_agent
from scanner.platforms import Platform
from scanner.saved import ALONE

# Identification's word for a field of Identity.
_FIELDS = {"vendor": "vendor", "model": "model", "version": "firmware", "serial": "serial"}


class _Alone:
    """What reads a device of no platform, in the form of one."""

    ID = ALONE
    SNMP: tuple[str, ...] = ()
    COMMANDS: tuple[str, ...] = ()
    DOUBTS = FACTS = MappingProxyType[str, Any]({})
    ACCOUNT = LIMITS = ""

    @staticmethod
    def recognise(device: Device) -> int:
        """Nobody."""
        return 0

    @staticmethod
    def read(evidence: Evidence) -> Observation:
        """Everything that any agent tells, and who it is."""
        told = read_agent(evidence)
        network, system = told.device.network, told.device.system or System()
        who = network.identification if network else None
        if who is None:
            return told
        known = system.identity or Identity()
        more = {
            ours: value
            for theirs, ours in _FIELDS.items()
            if getattr(known, ours) is None and (value := getattr(who, theirs)) is not None
        }
        lines = {
            f"/system/identity/{ours}": line
            for theirs, ours in _FIELDS.items()
            if ours in more and (line := told.lines.get(f"/network/identification/{theirs}")) is not None
        }
        identity = dataclasses.replace(known, **more)
        device = Device(network=network, system=dataclasses.replace(system, identity=identity))
        return Observation(device, {**told.lines, **lines}, told.unread)


ALONE_PLATFORM = cast("Platform", _Alone())
