"""The lines of a Cisco small business switch's configuration, and what its ports and VLANs say.

Source: Cisco, "300 Series CLI Reference Guide", release 1.4: switchport, vlan, ip address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface
from itertools import islice

from inventory.gateway import Interface, Vlan
from inventory.text import clean
from scanner.platforms._ios import Line, spread
from scanner.platforms._reading import numbered

_RELEASE = re.compile(r"v((\d{1,2})\.\d{1,2}\.\d{1,3}\.\d{1,3})(?: |$)")
MOST_INTERFACES = 256  # with an address
MOST_ADDRESSES = 256  # of one interface
MOST_CARRIED = 1 << 16  # VLANs of all ports together


@dataclass(slots=True)
class File:
    """The lines of the whole switch, and those below each `interface`."""

    rows: list[Line] = field(default_factory=list)
    ports: list[Line] = field(default_factory=list)
    lists: dict[str, list[Line]] = field(default_factory=dict)
    release: tuple[str, int, int] | None = None  # version, its first number, line

    def starting(self, *words: str) -> Iterator[Line]:
        """The lines of the whole switch that begin so."""
        return (line for line in self.rows if line.starts(*words))

    @property
    def settled(self) -> bool:
        """Whether everything of the whole switch is there: interfaces come after it."""
        return bool(self.ports)


def read_file(text: str) -> File:
    """The lines, sorted by where they stand."""
    told = File()
    inside: list[Line] | None = None
    for place, raw in numbered(text):
        line = Line(place, raw.split())
        found = _RELEASE.match(raw) if told.release is None and place <= 12 else None
        if found:
            told.release = (found[1], int(found[2]), place)
        if raw.startswith("!") or line.words[0] == "exit":
            inside = None
        elif line.words[0] == "interface":
            told.ports.append(line)
            inside = line.below
        elif line.starts("management", "access-list") and len(line.words) > 2:
            inside = told.lists.setdefault(line.words[2].strip('"'), [])
        elif inside is not None:
            inside.append(line)
        else:
            told.rows.append(line)
    return told


def read_vlans(told: File, bad: list[tuple[int, str]]) -> dict[Vlan, int]:
    """Those of `vlan database`, their names, and the ports that carry them."""
    lines, names = _named(told)
    tagged: dict[int, list[str]] = {}
    untagged: dict[int, list[str]] = {}
    room = MOST_CARRIED
    for port in told.ports:
        if port.words[1:2] == ["vlan"]:
            continue
        carried = list(islice(_carried(port, told.release[1] if told.release else 0), room))
        room -= len(carried)
        if room <= 0:
            bad.append((port.number, "more VLANs on ports"))
            break
        for vlan, tag in carried:
            if vlan in lines:
                (tagged if tag else untagged).setdefault(vlan, []).append(clean("".join(port.words[1:])))
    return {
        Vlan(vlan, names.get(vlan), tuple(tagged.get(vlan, ())) or None, tuple(untagged.get(vlan, ())) or None): line
        for vlan, line in sorted(lines.items()) if 0 < vlan < 4095
    }  # fmt: skip


def _named(told: File) -> tuple[dict[int, int], dict[int, str]]:
    """The VLANs that there are, each with its line and with its name."""
    lines: dict[int, int] = {}
    names: dict[int, str] = {}
    room = MOST_CARRIED
    for line in (*told.starting("vlan"), *(port for port in told.ports if port.words[1:2] == ["vlan"])):
        found = spread("".join(line.words[2:3] if line.words[0] == "interface" else line.words[1:2]))
        room -= len(found)
        if room <= 0:
            break  # there are 4094
        lines = dict.fromkeys(found, line.number) | lines
        if (named := line.first("name")) is not None:
            names |= dict.fromkeys(found, clean(" ".join(named.words[1:]).strip('"')))
    return lines, names


def _carried(port: Line, major: int) -> Iterator[tuple[int, bool]]:
    """The VLANs of a port and whether with their tag; ports are trunks as delivered until release 2, then access."""
    mode = next((line.words[2] for line in port.find("switchport", "mode") if len(line.words) > 2), "")
    mode = mode or ("trunk" if major == 1 else "access" if major > 1 else "")
    said = next((line.words[-1] for line in port.find("switchport", "trunk", "native", "vlan")), "")
    native = int(said) if said.isdecimal() and len(said) < 5 else 0
    if mode == "trunk" and native:
        yield native, False
    for line in port.below:
        words = line.words
        if mode == "access" and words[:3] == ["switchport", "access", "vlan"]:
            yield from ((vlan, False) for vlan in spread(words[-1]))
        elif mode == "trunk" and words[:4] == ["switchport", "trunk", "allowed", "vlan"] and "remove" not in words:
            yield from ((vlan, True) for vlan in spread(words[-1]) if vlan != native)
        elif mode == "general" and words[:5] == ["switchport", "general", "allowed", "vlan", "add"]:
            yield from ((vlan, "untagged" not in words) for vlan in spread("".join(words[5:6])))


def read_interfaces(told: File) -> dict[Interface, int]:
    """The addresses that are written, and by which of them the gateway is reached."""
    owned: dict[str, tuple[list[IPv4Interface], bool, int]] = {}
    for port in told.ports:
        if len(owned) >= MOST_INTERFACES:
            break
        name = clean(" ".join(port.words[1:]))
        for line in port.find("ip", "address"):
            words = line.words[2:]
            item = owned.setdefault(name, ([], words[:1] == ["dhcp"], port.number))
            if words[:1] == ["dhcp"]:
                owned[name] = (item[0], True, item[2])
                continue
            one = _interface(words)
            if one is None or len(item[0]) >= MOST_ADDRESSES:
                owned[name] = (item[0], True, item[2])  # its address is not known
            else:
                item[0].append(one)
    named = [line.words[2] for line in told.starting("ip", "default-gateway") if len(line.words) > 2][:16]
    gateways = [gateway for gateway in map(_address, named) if gateway is not None]
    found: dict[Interface, int] = {}
    known = bool(gateways) and not any(item[1] for item in owned.values())
    for name, (own, given, place) in owned.items():
        reached = any(gateway in one.network for gateway in gateways for one in own)
        addresses = None if given else tuple(one.ip for one in own)
        found[Interface(name, addresses, True if reached else False if known else None)] = place
    return found


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def _interface(words: list[str]) -> IPv4Interface | None:
    try:
        return IPv4Interface("/".join((words[0], words[1].lstrip("/"))) if len(words) > 1 else words[0])
    except (ValueError, IndexError):
        return None
