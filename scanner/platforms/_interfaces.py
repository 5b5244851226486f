"""`ip -4 route show table all`: by which interfaces, and at which addresses, the device reaches the rest of the world.

The kernel keeps each of its addresses as a route to itself (`local`), so that one answer holds addresses and default
routes: with half of it an outer interface would look like an inner one. Every table counts, because a second line to
the Internet often has one of its own. Sources: ip-route(8) of iproute2 6.1; BusyBox 1.35 prints the same, but leaves
out the ways of a route that has several.
"""

import re
from ipaddress import AddressValueError, IPv4Address

from inventory.gateway import Interface, Side
from inventory.observation import Observation
from inventory.system import System
from inventory.text import clean
from scanner.platforms._reading import UnreadableError, nothing, numbered, of_system, unread

COMMAND = "ip -4 route show table all"
MAX_FACTS = 128  # interfaces and addresses; a practice's router has about twenty. Stops a device from slowing the rules
SIDES: tuple[Side, ...] = ("wan", "lan", "guest", "vpn", "other")  # in the order in which facts list them

# How a VPN takes over the default route without removing it (OpenVPN's redirect-gateway def1): in two halves.
_DEFAULTS = ("default ", "0.0.0.0/1 ", "128.0.0.0/1 ")
_LOCAL = re.compile(r"local (\d{1,3}(?:\.\d{1,3}){3}) dev (\S{1,15})(?:\s.*)?")
_WAY = re.compile(r"\sdev (\S{1,15})(?=\s|$)")
# Routes that say nothing of the outside: to a part of the world, to nowhere, to the device itself (`local default`).
_ASIDE = re.compile(r"(?:[a-z]{1,16} default|(?:[a-z]{1,16} )?\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)\s.*")


def read_interfaces(text: str) -> Observation:
    r"""The interfaces that have an IPv4 address and are up, or have a default route.

    >>> found = read_interfaces(
    ...     "default dev ppp0 scope link metric 200 \n"
    ...     "192.168.10.0/24 dev lan0 proto kernel scope link src 192.168.10.1 \n"
    ...     "local 192.168.10.1 dev lan0 table local proto kernel scope host src 192.168.10.1 \n"
    ...     "local 44.128.20.9 dev ppp0 table local proto kernel scope host src 44.128.20.9 \n"
    ... )
    >>> [(item.name, str(item.addresses[0]), item.default_route) for item in found.device.system.interfaces]
    [('ppp0', '44.128.20.9', True), ('lan0', '192.168.10.1', False)]
    >>> [found.lines[f"/system/interfaces/{fact}"] for fact in ("0", "0/default_route", "1")]
    [4, 1, 3]
    """
    owned: dict[str, dict[IPv4Address, int]] = {}
    routes: dict[str, int] = {}
    bad: list[tuple[int, str]] = []
    for place, line in _routes(text):
        if sum(map(len, owned.values()), len(owned)) >= MAX_FACTS:
            bad.append((place, line))
            break
        try:
            for name, address in _told(line):
                addresses = owned.setdefault(name, {})
                if address is None:
                    routes.setdefault(name, place)
                else:
                    addresses.setdefault(address, place)
        except UnreadableError:
            bad.append((place, line))
    if bad and not owned:
        return nothing("system.interfaces", text)
    found = tuple(Interface(name, tuple(addresses), name in routes) for name, addresses in owned.items())
    return of_system(System(interfaces=found), _lines(owned, routes), unread("system.interfaces", bad))


def _lines(owned: dict[str, dict[IPv4Address, int]], routes: dict[str, int]) -> dict[str, int]:
    """Where each interface stands: at its first address, and at its first default route."""
    lines: dict[str, int] = {}
    for index, (name, addresses) in enumerate(owned.items()):
        pointer = f"/system/interfaces/{index}"
        if name in routes:
            lines[f"{pointer}/default_route"] = routes[name]
        lines[pointer] = next(iter(addresses.values()), routes.get(name, 1))
    return lines


def _routes(text: str) -> list[tuple[int, str]]:
    """The routes with their lines; the ways of a route that has several, each on an indented line, are joined to it."""
    parts: list[tuple[int, list[str]]] = []
    for place, line in numbered(text):
        if line[0].isspace() and parts:
            parts[-1][1].append(line)
        else:
            parts.append((place, [line]))
    return [(place, "".join(lines)) for place, lines in parts]


def _told(line: str) -> list[tuple[str, IPv4Address | None]]:
    r"""The interfaces that a route speaks of: with an address of its own, with None a default route leaves by it.

    >>> _told("default metric 300 \tnexthop via 44.128.10.1 dev wan0 weight 1 \tnexthop dev ppp0 weight 2 ")
    [('wan0', None), ('ppp0', None)]
    >>> _told("local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 ")
    [('lo', IPv4Address('127.0.0.1'))]
    >>> _told("unreachable default metric 4000000 ")
    []
    """
    if line.startswith(_DEFAULTS) and 0 < len(names := _WAY.findall(line)) <= MAX_FACTS:
        return [(_name(name), None) for name in names]
    if local := _LOCAL.fullmatch(line):
        return [(_name(local[2]), _address(local[1]))]
    if not line.startswith(_DEFAULTS) and _ASIDE.fullmatch(line):
        return []
    raise UnreadableError(line)


def _name(word: str) -> str:
    """The name of an interface; what it stands on may follow (`wan0@if5`)."""
    if not (name := clean(word.partition("@")[0])):
        raise UnreadableError(word)
    return name


def _address(word: str) -> IPv4Address:
    try:
        return IPv4Address(word)
    except AddressValueError as error:
        raise UnreadableError(word) from error
