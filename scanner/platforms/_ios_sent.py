"""Who administers a device with Cisco IOS through a translation to an address of its own.

A static translation of an outer port to the device's own address opens what listens there: the list on the outer
interface has let that port pass, and no list has seen the other. Source: Cisco, "NAT Order of Operation".
"""

from collections.abc import Mapping
from ipaddress import IPv4Address

from inventory.gateway import Admin, PortForward, Side
from scanner.platforms._ios_access import Access
from scanner.platforms._ios_nat import MOST_FORWARDS
from scanner.platforms._ios_ways import Ways
from scanner.platforms._networks import ANYWHERE, common
from scanner.platforms._reading import UnreadableError

Bad = list[tuple[int, str]]


def read_sent(access: Access, forwards: Mapping[PortForward, int], unread: Bad, ways: Ways) -> None:
    """Adds the ways in that translations to the device itself make, and the lines for which some may be missing."""
    own = ways.own()
    if not access.doors:
        return
    lost = [line for line, text in unread if _may_be_own(text.split(), own)]
    lost += [line for line, _ in unread[-1:] if len(forwards) >= MOST_FORWARDS]  # what follows is not looked at
    access.sides += [(line, "translated to the device itself from outside") for line in lost]
    for forward, at in forwards.items():
        if forward.target not in own or forward.enabled is False:
            continue
        side = _side(forward, ways)
        for protocol, port, encrypted, _, whom in access.doors:
            outer = _outer(forward, "udp" if protocol == "snmp" else "tcp", port)
            if outer is None:
                continue
            try:
                sources = common(forward.source_filter or ANYWHERE, whom)
            except UnreadableError:
                access.sides.append((at, f"{protocol} from {side}"))
                continue
            if sources:
                who = None if sources == ANYWHERE else sources
                access.admin.setdefault(Admin(protocol, side, outer, encrypted, who), at)


def _outer(forward: PortForward, transport: str, port: int) -> int | None:
    """The outer port that leads to one of the device; None where none does."""
    protocol, _, ports = forward.external.partition("/")
    first, _, last = ports.partition("-")
    if protocol != transport:
        return None
    if forward.target_port is not None:
        return int(first) if forward.target_port == str(port) else None
    return port if int(first) <= port <= int(last or first) else None


def _side(forward: PortForward, ways: Ways) -> Side:
    name = (forward.interface or "").lower()
    way = next((way for way in ways.ways if way.name.lower() == name), None)
    return ways.side(way) if way else "wan"


def _may_be_own(words: list[str], own: frozenset[IPv4Address]) -> bool:
    """Whether a translation that was not understood may be one of ports to the device itself."""
    if "esp" in words or "gre" in words:
        return False
    return "network" in words or not own.isdisjoint(filter(None, map(_address, words)))


def _address(word: str) -> IPv4Address | None:
    try:
        return IPv4Address(word)
    except ValueError:
        return None
