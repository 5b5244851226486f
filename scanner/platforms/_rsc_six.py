"""What may be reached by IPv6 on a RouterOS router although its filter of IPv4 shuts it.

Sides are told by IPv4. So nobody is said to get in by IPv6, nor that nobody does: unless the filter of IPv6 refuses
him, or only addresses of IPv4 are answered. Source: MikroTik, "IPv6", "Services".
"""

from collections.abc import Iterator

from inventory.gateway import Admin
from inventory.system import Service
from inventory.text import clean
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_admin import SIDES, Asked, Doors
from scanner.platforms._rsc_chain import RAW_SIX, SIX
from scanner.platforms._rsc_conditions import Asking
from scanner.platforms._rsc_firewall import addresses6, unsure6
from scanner.platforms._rsc_served import torn
from scanner.platforms._rsc_statement import LISTING
from scanner.platforms._rsc_told import Bad

MAX_STRANGERS = 12  # interfaces with addresses of IPv6 alone


def by_ipv6(export: Export, doors: Doors, asked: Asked, found: dict[Admin, int | None]) -> Bad:
    """The services that somebody may reach by IPv6 from a side, each with the line that gives the router an address.

    Raises:
        UnreadableError: too many rules.
    """
    given = [item for item in addresses6(export) if not item.values.get("address", "").lower().startswith("fe80:")]
    more = unsure6(export)
    if not given and more is None:
        return []
    rows = [item for item in export.of("ip service", "snmp community") if item.verb in ("add", "set")]
    named = any(":" in item.values.get(key, "") for item in rows for key in ("address", "addresses"))
    unknown = bool(torn(export, SIX, RAW_SIX)) or not (export.covers(SIX) and export.covers(RAW_SIX))
    unknown = unknown or any(item.verb not in LISTING for item in export.of(SIX, RAW_SIX))
    everybody = {(admin.protocol, admin.side, admin.port) for admin in found if admin.source_filter is None}
    bad: Bad = []
    for side, names, line in _ways(doors, given, more):
        for (protocol, _), service, _ in asked:
            told = (protocol, side, service.port) in everybody
            if told or not (named or not service.allowed):
                continue  # it answers addresses of IPv4 alone
            if unknown or not all(_refused(doors, name, service) for name in names):
                bad.append((line, f"{protocol} by IPv6 from {side}"))
    return bad


def _refused(doors: Doors, name: str, service: Service) -> bool:
    return doors.filter.refuses6(Asking(name, service.protocol, service.port))


def _ways(
    doors: Doors, given: list[Statement], more: tuple[int, str] | None
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Sides that speak IPv6, or interfaces that are of no side, with their interfaces and a line that says so.

    From outside every address of the router is reached, be it that of an inner interface. `more`: because of which any
    interface may have another.
    """
    bridges = doors.sides.bridges
    lines: dict[str, int] = {}
    for item in given:
        name = clean(item.values.get("interface", ""))
        lines.setdefault(bridges.get(name, name), item.line)
    first = more[0] if more else given[0].line
    known = {name for names in doors.sides.doors.values() for name in names}
    for side in SIDES:
        names = tuple(name for name in doors.sides.doors[side] if side == "wan" or more or name in lines)
        if names:
            yield side, names, next((lines[name] for name in names if name in lines), first)
    strangers = [name for name in lines if name and name not in known and name != "lo"]
    for name in strangers[:MAX_STRANGERS]:
        yield name, (name,), lines[name]
