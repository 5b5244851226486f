"""Whether whoever plugs into a switch must identify himself first, as its SNMP agent says. Pure.

Source: IEEE8021-PAE-MIB (IEEE 802.1X-2004, annex B: dot1xPaeSystemAuthControl, dot1xAuthConfigTable).
"""

from inventory.device import Device
from inventory.gateway import Dot1x
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.evidence import Evidence
from scanner.mib_rows import IF_DESCR, IF_NAME, tables, walks

MOST_PORTS = 1024  # a stack has some hundred; stops a table of invented ports from filling the snapshot

# The switch as a whole; of each port who gets in, by the number of its interface.
_WHOLE, _PORTS = "1.0.8802.1.1.1.1.1.1", "1.0.8802.1.1.1.1.2.1.1.6"
_ON = {1: True, 2: False}
# Nobody, whoever has identified himself, everybody.
_SHUT, _AUTO, _OPEN = 1, 2, 3

DOT1X = walks(IF_NAME, IF_DESCR, _WHOLE, _PORTS)


def read_dot1x(evidence: Evidence) -> Observation | None:
    """Whether the switch asks for it at all, and at which ports; nothing where the agent does not say the first."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told = tables(evidence.text, DOT1X)
    row = told.of(_WHOLE).get((0,))
    if row is None:
        return Observation(Device())
    if (enabled := _ON.get(row.number or 0)) is None:
        return Observation(Device(), {}, (UnreadLine("system.dot1x", row.line, row.oid),))
    chosen = [(index, each) for index, each in told.of(_PORTS).items() if len(index) == 1]
    bad = [each for _, each in chosen if each.number not in (_SHUT, _AUTO, _OPEN)]
    bad += [each for _, each in chosen[MOST_PORTS : MOST_PORTS + 1]]  # what is beyond is unknown, and so is the whole
    asking = [index[0] for index, each in chosen if each.number == _AUTO]
    ports = tuple(told.interface(number) or str(number) for number in asking) if chosen and not bad else None
    reports = tuple(UnreadLine("system.dot1x.ports", each.line, each.oid) for each in bad[:64])
    lines = {"/system/dot1x": row.line, "/system/dot1x/enabled": row.line}
    if ports is not None:
        lines["/system/dot1x/ports"] = next(
            (each.line for _, each in chosen if each.number == _AUTO), chosen[0][1].line
        )
    return Observation(Device(system=System(dot1x=Dot1x(enabled, ports))), lines, reports)
