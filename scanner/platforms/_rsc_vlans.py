"""The VLANs of a RouterOS export: interfaces, the filtering of bridges, switch chips.

Source: MikroTik, "VLAN", "Bridging and Switching: Bridge VLAN Filtering", "Switch Chip Features".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from inventory.gateway import Vlan
from inventory.text import clean
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export
from scanner.platforms._rsc_interfaces import ports
from scanner.platforms._rsc_served import torn
from scanner.platforms._rsc_told import Told

MAX_VLANS = 512  # of one device; a practice has five. Stops a range of all 4094, with ports, again and again
MAX_PORTS = 128  # of one VLAN; the largest switch has 64
MAX_STEPS = 20_000  # VLANs times ports, over all rows

_RANGE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")
_TAGGING = (
    "interface vlan", "interface bridge vlan", "interface ethernet switch vlan",
    "interface ethernet switch egress-vlan-tag",  # of CRS1xx and CRS2xx
)  # fmt: skip
_MENUS = (*_TAGGING, "interface bridge port")


@dataclass(slots=True)
class _Found:
    line: int
    name: str | None = None
    tagged: dict[str, None] = field(default_factory=dict)
    untagged: dict[str, None] = field(default_factory=dict)


def read_vlans(export: Export, told: Told) -> None:
    """The VLANs by their number; two interfaces of the same number on different ports are one VLAN."""
    bad = torn(export, *_MENUS)
    found: dict[int, _Found] = {}
    steps = 0
    for item in export.of(*_TAGGING):
        said = item.values
        if item.verb != "add" or not item.enabled:
            continue
        try:
            numbers = _numbers(said.get("vlan-id") or said.get("vlan-ids") or "1")
            named = item.menu == "interface vlan"
            words = said.get("tagged", "") or said.get("tagged-ports", "")
            tagged = [said.get("interface", "")] if named else _ports(words)
            untagged = _ports(said.get("untagged", ""))
            steps += len(numbers) * (1 + len(tagged) + len(untagged))
        except UnreadableError:
            numbers = []
        if not numbers or steps > MAX_STEPS or len({*found, *numbers}) > MAX_VLANS:
            bad.append((item.line, item.text))
            continue
        for number in numbers:
            one = found.setdefault(number, _Found(item.line))
            _join(one, tagged, untagged)
            if named and one.name is None:
                one.name = clean(said.get("name", "")) or None
    _add_ports(export, found)
    told.doubt("vlans", bad)
    vlans = {
        Vlan(number, one.name, tuple(one.tagged) or None, tuple(one.untagged) or None): one.line
        for number, one in sorted(found.items())
    }
    if vlans or (not bad and export.covers("interface vlan")):
        told.many("vlans", vlans)


def _join(one: _Found, tagged: Iterable[str], untagged: Iterable[str]) -> None:
    for names, side in ((tagged, one.tagged), (untagged, one.untagged)):
        side.update(dict.fromkeys(name for name in map(clean, names) if name))


def _add_ports(export: Export, found: dict[int, _Found]) -> None:
    """The ports whose own VLAN it is, on bridges that filter: the router adds them while it runs."""
    filtering = {
        item.values.get("name", "")
        for item in export.of("interface bridge")
        if item.values.get("vlan-filtering") == "yes" and item.enabled
    }
    for name, item in ports(export).items():
        word = item.values.get("pvid", "1")
        if item.values.get("bridge") not in filtering:
            continue
        number = int(word) if _RANGE.fullmatch(word) and "-" not in word else 0
        # Every port is in VLAN 1 unless it says otherwise: that tells only where somebody speaks of VLAN 1.
        if (number > 1 or number in found) and name and 1 <= number <= 4094:
            if number not in found and len(found) >= MAX_VLANS:
                return
            one = found.setdefault(number, _Found(item.line))
            if len(one.untagged) < MAX_PORTS and item.values.get("frame-types") != "admit-only-vlan-tagged":
                one.untagged[name] = None


def _numbers(text: str) -> list[int]:
    """The numbers of `10,20-22`.

    >>> _numbers("10,20-22")
    [10, 20, 21, 22]
    """
    numbers: dict[int, None] = {}
    for word in text.split(",", MAX_VLANS):
        match = _RANGE.fullmatch(word.strip())
        first, end = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= end <= 4094 or end - first >= MAX_VLANS or len(numbers) >= MAX_VLANS:
            raise UnreadableError(word)
        numbers |= dict.fromkeys(range(first, end + 1))
    return list(numbers)


def _ports(text: str) -> list[str]:
    return [name for name in text.split(",", MAX_PORTS)[:MAX_PORTS] if name]
