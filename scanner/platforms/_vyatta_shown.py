r"""`show interfaces` of Vyatta and its children: the addresses that the interfaces have now. Pure.

Seen on VyOS 1.1; VyOS 1.4 has columns of its own between the address and the state, which are passed over. Whether a
default route leaves by an interface is not in it. Sources: VyOS, "Interfaces"; EdgeOS user guide, "CLI".

    eth1.269         172.18.32.14/28                   u/u  CUST-COM
                     123.123.123.123/32
"""

import re
from ipaddress import AddressValueError, IPv4Address, ip_interface

from inventory.gateway import Interface
from inventory.observation import Observation
from inventory.system import System
from inventory.text import clean
from scanner.platforms._reading import UnreadableError, nothing, numbered, of_system, unread

MAX_FACTS = 256  # interfaces and addresses; stops a device from slowing the rules

_TITLE = re.compile(r"Interface\s+IP Address\s.*")
_NAMED = re.compile(r"([A-Za-z][\w.@+-]{0,31})\s+(\S{1,64})\s+(?:.{0,200}?\s)??([uDA])/[uDA](?:\s.*)?")
_FURTHER = re.compile(r"\s+([0-9A-Fa-f:.]{2,39}(?:/\d{1,3})?)(?:\s.*)?")


def read_shown(text: str) -> Observation:
    r"""The interfaces that are not switched off, with their IPv4 addresses.

    >>> found = read_shown(
    ...     "Interface        IP Address                        S/L  Description\n"
    ...     "---------        ----------                        ---  -----------\n"
    ...     "eth1.269         172.18.32.14/28                   u/u  CUST-COM\n"
    ...     "                 123.123.123.123/32\n"
    ... )
    >>> [(item.name, [str(one) for one in item.addresses]) for item in found.device.system.interfaces]
    [('eth1.269', ['172.18.32.14', '123.123.123.123'])]
    """
    rows = list(numbered(text))
    start = next((at for at, (_, line) in enumerate(rows) if _TITLE.fullmatch(line)), None)
    if start is None:
        return nothing("system.interfaces", text)
    held: dict[str, tuple[list[IPv4Address], int]] = {}
    bad: list[tuple[int, str]] = []
    current: list[IPv4Address] | None = None
    count = 0
    for place, line in rows[start + 1 :]:
        if set(line.strip()) <= set("- "):
            continue
        try:
            name, said = _row(line)
            if name is not None:
                current = held.setdefault(clean(name), ([], place))[0] if name else []
            known = None if current is None or count > MAX_FACTS else current
            further = _address(said)
        except UnreadableError:
            known = None
        if known is None:
            bad.append((place, line))
            continue
        known += further
        count += 1
    found = tuple(Interface(name, tuple(dict.fromkeys(addresses))) for name, (addresses, _) in held.items())
    lines = {f"/system/interfaces/{at}": place for at, (_, place) in enumerate(held.values())}
    return of_system(System(interfaces=found or None), lines, unread("system.interfaces", bad))


def _row(line: str) -> tuple[str | None, str]:
    """The name and the address; None: a further address of the one above, "": one that is switched off."""
    if found := _NAMED.fullmatch(line):
        return ("" if found[3] == "A" else found[1].partition("@")[0]), found[2]
    if found := _FURTHER.fullmatch(line):
        return None, found[1]
    raise UnreadableError(line)


def _address(word: str) -> list[IPv4Address]:
    if word == "-":
        return []
    try:
        own = ip_interface(word).ip
    except (AddressValueError, ValueError) as error:
        raise UnreadableError(word) from error
    return [own] if isinstance(own, IPv4Address) else []
