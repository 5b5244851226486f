"""What an uninterruptible power supply says of its battery over SNMP. Pure.

Sources: UPS-MIB (RFC 1628), which most cards serve; PowerNet-MIB of APC (318), XUPS-MIB of Eaton Powerware (534),
MG-SNMP-UPS-MIB of MGE and Eaton (705), CPS-MIB of CyberPower (3808), for the model and a battery that is worn out.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from inventory.device import Device
from inventory.observation import Observation
from inventory.storage import Ups
from inventory.system import System
from scanner.evidence import Evidence
from scanner.mib_rows import Tables, tables
from scanner.snmprec import Row

State = Literal["good", "low", "replace"]

# The vendor's own names before those of RFC 1628, which some cards fill with the maker's name.
_MODELS = ("1.3.6.1.4.1.318.1.1.1.1.1.1", "1.3.6.1.4.1.534.1.1.2", "1.3.6.1.4.1.705.1.1.1",
           "1.3.6.1.4.1.3808.1.1.1.1.1.1", "1.3.6.1.2.1.33.1.1.2")  # fmt: skip
_NORMAL: Mapping[int, State] = {2: "good", 3: "low", 4: "low"}
_STATES: Mapping[str, Mapping[int, State]] = {
    "1.3.6.1.2.1.33.1.2.1": _NORMAL,  # upsBatteryStatus: unknown, normal, low, depleted
    "1.3.6.1.4.1.318.1.1.1.2.1.1": {2: "good", 3: "low", 4: "replace"},  # unknown, normal, low, in fault
    "1.3.6.1.4.1.318.1.1.1.2.2.4": {1: "good", 2: "replace"},  # none needs replacing, one does
    "1.3.6.1.4.1.3808.1.1.1.2.1.1": {2: "good", 3: "low"},  # unknown, normal, low, not present
    "1.3.6.1.4.1.3808.1.1.1.2.2.5": {1: "good", 2: "replace"},
    "1.3.6.1.4.1.534.1.2.5": {1: "good", 3: "good", 4: "good", 8: "replace"},  # charging, floating, resting, check it
    "1.3.6.1.4.1.705.1.5.9": {1: "replace"},  # upsmgBatteryFaultBattery: yes
    "1.3.6.1.4.1.705.1.5.11": {1: "replace", 2: "good"},  # upsmgBatteryReplacement: yes, no
    "1.3.6.1.4.1.705.1.5.14": {1: "low"},  # upsmgBatteryLowBattery: yes
}
# upsAlarmDescr, and what those of batteries mean: bad; low, depleted.
_ALARMS = "1.3.6.1.2.1.33.1.6.2.1.2"
_ALARM_STATES: Mapping[str, State] = {
    "1.3.6.1.2.1.33.1.6.3.1": "replace", "1.3.6.1.2.1.33.1.6.3.3": "low", "1.3.6.1.2.1.33.1.6.3.4": "low",
}  # fmt: skip
_WORST: tuple[State, ...] = ("replace", "low", "good")

# How the system of a card names itself: by RFC 1628, or by its maker's number.
MAKERS = ("1.3.6.1.2.1.33.", *(f"1.3.6.1.4.1.{number}." for number in (
    318, 476, 534, 705, 850, 935, 2254, 3808, 5491, 5528,
)))  # fmt: skip

# A question for each value, as a card bears it: the row after the column is the value, or another column's.
UPS = " ".join((*(f"next:{oid}" for oid in (*_MODELS, *_STATES)), f"walk:{_ALARMS}"))


def read_ups(evidence: Evidence) -> Observation | None:
    """The model, and the worst of what is said of the battery: to be replaced, low, else good; nothing if none is."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told = tables(evidence.text, UPS)
    said = list(_said(told))
    battery = next(((state, row) for worst in _WORST for state, row in said if state == worst), None)
    model = next((row for oid in _MODELS if (row := told.of(oid).get((0,))) is not None and row.text), None)
    if battery is None and model is None:
        return Observation(Device())
    places = {"battery": battery[1] if battery else None, "model": model}
    lines = {f"/system/ups/{name}": row.line for name, row in places.items() if row is not None}
    lines["/system/ups"] = min(lines.values())
    ups = Ups(connected=True, model=model.text if model else None, battery=battery[0] if battery else None)
    return Observation(Device(system=System(ups=ups)), lines)


def _said(told: Tables) -> Iterator[tuple[State, Row]]:
    """Everything that is said of the state of a battery."""
    for oid, states in _STATES.items():
        row = told.of(oid).get((0,))
        if row is not None and row.number is not None and row.number in states:
            yield states[row.number], row
    for row in told.of(_ALARMS).values():
        if state := _ALARM_STATES.get(row.value.strip(".")):
            yield state, row
