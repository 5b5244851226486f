"""Which VLANs a switch has and by which ports it carries them, as its SNMP agent says. Pure.

Sources: Q-BRIDGE-MIB (RFC 4363: dot1qVlanCurrentTable, dot1qVlanStaticTable); CISCO-VTP-MIB and
CISCO-VLAN-MEMBERSHIP-MIB for IOS, which serves no Q-BRIDGE-MIB; Juniper's "Q-BRIDGE-MIB" page for its own PortList.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from inventory.device import Device
from inventory.gateway import Vlan
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.evidence import Evidence
from scanner.mib_rows import IF_DESCR, IF_NAME, PORT_INTERFACE, Index, Tables, tables, walks
from scanner.snmprec import Row

LAST = 4094  # numbers above are of the switch alone (RFC 4363, VlanIndex)
MOST_PORTS = 4096  # bits read of one list of ports; a stack has some hundred
_PRINTED, _HEXADECIMAL = 16, frozenset(b"0123456789abcdefABCDEF \n")  # octets that net-snmp prints on one line
# Members of all VLANs together; 200 VLANs on 100 ports are 20,000. Stops 4094 VLANs of 4096 ports each.
MOST_MEMBERS = 65_536

_OBJECT_ID = "1.3.6.1.2.1.1.2"
_JUNIPER, CISCO = "1.3.6.1.4.1.2636.", "1.3.6.1.4.1.9."
_NAME, _EGRESS, _UNTAGGED = (f"1.3.6.1.2.1.17.7.1.4.3.1.{column}" for column in (1, 2, 4))
_NOW_EGRESS, _NOW_UNTAGGED = (f"1.3.6.1.2.1.17.7.1.4.2.1.{column}" for column in (4, 5))
# By management domain and VLAN: state, type, name. By interface: access VLAN; VLANs of a trunk, its own, whether it is.
_VTP_STATE, _VTP_TYPE, _VTP_NAME = (f"1.3.6.1.4.1.9.9.46.1.3.1.1.{column}" for column in (2, 3, 4))
_ACCESS = "1.3.6.1.4.1.9.9.68.1.2.2.1.2"
_TRUNK_VLANS, _TRUNK_NATIVE, _TRUNK = (f"1.3.6.1.4.1.9.9.46.1.6.1.1.{column}" for column in (4, 5, 14))
# The VLANs of a trunk from 1024, 2048 and 3072 on, in lists of their own.
_TRUNK_MORE = {f"1.3.6.1.4.1.9.9.46.1.6.1.1.{column}": first for column, first in ((17, 1024), (18, 2048), (19, 3072))}
_ETHERNET, _TRUNKING = 1, 1

VLANS = f"next:{_OBJECT_ID} " + walks(
    IF_NAME, IF_DESCR, PORT_INTERFACE, _NAME, _NOW_EGRESS, _NOW_UNTAGGED, _EGRESS, _UNTAGGED
)  # fmt: skip
CISCO_VLANS = walks(
    IF_NAME, IF_DESCR, _VTP_TYPE, _VTP_NAME, _ACCESS, _TRUNK, _TRUNK_NATIVE, _TRUNK_VLANS, *_TRUNK_MORE
)  # fmt: skip


@dataclass(slots=True)
class _Found:
    """One VLAN while it is read; a list of ports is None until something tells it."""

    line: int
    name: str | None = None
    tagged: dict[str, None] | None = None
    untagged: dict[str, None] | None = None


@dataclass(slots=True)
class _Vlans:
    """The VLANs of a switch by number, and how many members were kept of them."""

    found: dict[int, _Found] = field(default_factory=dict)
    members: int = 0
    bad: list[Row] = field(default_factory=list)

    def at(self, number: int, row: Row) -> _Found | None:
        """The VLAN of that number, a new one of this row; None for a number that is none."""
        return self.found.setdefault(number, _Found(row.line)) if 1 <= number <= LAST else None

    def observation(self) -> Observation:
        """What is kept of them, in the order of their numbers; nothing when there is none."""
        if not self.found:
            return Observation(Device())
        chosen = sorted(self.found.items())
        vlans = tuple(Vlan(number, each.name, _ports(each.tagged), _ports(each.untagged)) for number, each in chosen)
        lines = {f"/system/vlans/{place}": each.line for place, (_, each) in enumerate(chosen)}
        full = self.members > MOST_MEMBERS
        unread = [UnreadLine("system.vlans", 1, f"more than {MOST_MEMBERS} members")] if full else []
        unread += [UnreadLine("system.vlans", row.line, f"{row.oid}: no list of its ports") for row in self.bad[:63]]
        return Observation(Device(system=System(vlans=vlans)), lines, tuple(unread))


def _ports(found: dict[str, None] | None) -> tuple[str, ...] | None:
    return None if found is None else tuple(found)


def read_vlans(evidence: Evidence) -> Observation | None:
    """The VLANs that the switch forwards now with their ports, and those that are only configured, with their names.

    Of a VLAN in both tables the ports are those of now: what GVRP or 802.1X added is among them.
    """
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told, vlans = tables(evidence.text, VLANS), _Vlans()
    juniper = any(row.value.strip(".").startswith(_JUNIPER) for row in told.of(_OBJECT_ID).values())
    for index, row in told.of(_NAME).items():
        if len(index) == 1 and (vlan := vlans.at(index[0], row)) is not None:
            vlan.name = row.text or None
    now: set[int] = set()
    for egress, untagged, length in ((_NOW_EGRESS, _NOW_UNTAGGED, 2), (_EGRESS, _UNTAGGED, 1)):
        for index, row in told.of(egress).items():
            number = index[-1]
            if len(index) != length or (length == 1 and number in now):
                continue
            if (vlan := vlans.at(number, row)) is None:
                continue
            now.add(number)
            _carry(vlans, vlan, told, (row, told.of(untagged).get(index)), juniper)
    return vlans.observation()


def _carry(vlans: _Vlans, vlan: _Found, told: Tables, lists: tuple[Row, Row | None], juniper: bool) -> None:
    """Keep the ports of a VLAN: those that are in the second list too without a tag, the others with it."""
    egress, plain = (_members(row, told, juniper) if row is not None else None for row in lists)
    if egress is None or (plain is None and lists[1] is not None):
        vlans.bad.append(lists[0])
        return
    vlans.members += len(egress)
    if plain is None or vlans.members > MOST_MEMBERS:
        return
    bare = frozenset(plain)
    vlan.untagged = dict.fromkeys(told.port(port) for port in egress if port in bare)
    vlan.tagged = dict.fromkeys(told.port(port) for port in egress if port not in bare)


def _members(row: Row, told: Tables, juniper: bool) -> list[int] | None:
    """The ports of a PortList: a bit for each, the highest of the first octet is port 1; Juniper writes numbers.

    None when one of them is no port of the bridge: Brocade's ICX writes pairs of octets, others what is no list at all.
    """
    octets = row.octets
    if juniper:
        numbers = octets.decode("ascii", "replace").split(",")[:MOST_PORTS]
        ports = [int(text) for text in numbers if text.isascii() and text.isdigit() and len(text) <= 10]
    else:
        ports = [bit + 1 for bit in _bits(_whole(octets))]
    known = told.of(PORT_INTERFACE)
    return None if known and any((port,) not in known for port in ports) else ports


def _whole(octets: bytes) -> bytes:
    r"""The list in full where a recording holds only its first line as octets, the others as net-snmp printed them.

    >>> _whole(bytes(14) + b"\xee\xdf\n40 00 00 01").hex()
    '0000000000000000000000000000eedf40000001'
    """
    first, printed = octets[:_PRINTED], octets[_PRINTED : _PRINTED + 3 * MOST_PORTS]
    if not printed.startswith(b"\n") or not set(printed) <= _HEXADECIMAL:
        return octets
    pairs = printed.decode("ascii").split()
    return first + bytes(int(pair, 16) for pair in pairs if len(pair) == 2)


def _bits(octets: bytes) -> Iterator[int]:
    """The places of the bits that are set, from 0.

    >>> list(_bits(b"\\xa0\\x01"))
    [0, 2, 15]
    """
    for at, octet in enumerate(octets[: MOST_PORTS // 8]):
        if octet:
            yield from (8 * at + bit for bit in range(8) if octet & (0x80 >> bit))


def read_cisco_vlans(evidence: Evidence) -> Observation | None:
    """The Ethernet VLANs of a Cisco switch: on access ports without a tag, on trunks with it but for their own."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told, vlans = tables(evidence.text, CISCO_VLANS), _Vlans()
    for index, row in (told.of(_VTP_NAME) or told.of(_VTP_TYPE)).items():
        if len(index) == 2 and told.number(_VTP_TYPE, index) in (None, _ETHERNET):
            vlan = vlans.at(index[1], row)
            if vlan is not None and row.oid.startswith(_VTP_NAME):
                vlan.name = row.text or None
    trunks = {index for index, row in told.of(_TRUNK).items() if row.number == _TRUNKING}
    if told.of(_ACCESS) or trunks:
        for each in vlans.found.values():
            each.tagged, each.untagged = {}, {}
    for index, row in told.of(_ACCESS).items():
        if index not in trunks:
            _join(vlans, told, index, row.number, "untagged")
    for index in sorted(trunks):
        native = told.number(_TRUNK_NATIVE, index)
        _join(vlans, told, index, native, "untagged")
        for number in _enabled(told, index):
            if number != native:
                _join(vlans, told, index, number, "tagged")
    return vlans.observation()


def _enabled(told: Tables, index: Index) -> Iterator[int]:
    """The VLANs that a trunk carries: bit 0 of the first list is VLAN 0."""
    for column, first in ((_TRUNK_VLANS, 0), *_TRUNK_MORE.items()):
        if (row := told.of(column).get(index)) is not None:
            yield from (first + bit for bit in _bits(row.octets[:128]))


def _join(vlans: _Vlans, told: Tables, index: Index, number: int | None, how: str) -> None:
    """Keep a port of a VLAN that the switch has."""
    vlan = vlans.found.get(number or 0)
    if vlan is None or vlans.members > MOST_MEMBERS or len(index) != 1:
        return
    vlans.members += 1
    name = told.interface(index[0]) or str(index[0])
    ports = vlan.tagged if how == "tagged" else vlan.untagged
    if ports is not None:
        ports[name] = None
