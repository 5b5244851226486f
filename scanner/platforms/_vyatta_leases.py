"""`show dhcp leases` of EdgeOS, `show dhcp server leases` of VyOS: whom the DHCP server gave an address. Pure.

Both are tables whose rule of dashes says where each column begins; the columns are those of the version, so they are
found by their headings. Sources: EdgeOS user guide, "DHCP Server"; VyOS, "DHCP Server", operation mode of 1.2 to 1.5.
"""

import re
from ipaddress import IPv4Address

from inventory.mac import canonical
from inventory.observation import Observation
from inventory.system import System
from inventory.tables import Lease
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, numbered, of_system, unread

FACT = "system.leases"
_ROW = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\s.{0,400}")
_RULE = re.compile(r"-{2,40}(?:\s{1,40}-{2,40}){2,12}")
MOST_NAME = 63  # characters of a host name: one label (RFC 1035 §2.3.4)


def read_leases(text: str) -> Observation:
    r"""The leases that the table lists; one that has ended is not bound. Times are of an unknown zone, and left out.

    >>> said = (
    ...     "IP address      Hardware Address   Lease expiration     Pool       Client Name\n"
    ...     "----------      ----------------   ----------------     ----       -----------\n"
    ...     "192.168.1.38    aa:bb:cc:00:00:01  2026/01/27 18:55:53  LAN        imprimante\n"
    ... )
    >>> [(str(lease.address), lease.hostname, lease.bound) for lease in read_leases(said).device.system.leases]
    [('192.168.1.38', 'imprimante', True)]
    """
    columns: dict[str, slice] = {}
    found: dict[Lease, int] = {}
    bad: list[tuple[int, str]] = []
    before = ""
    for place, line in numbered(text):
        if len(found) >= MAX_ITEMS:
            bad.append((place, line))
            break
        if not columns and len(line) < 400 and _RULE.fullmatch(line.strip()):
            columns = _columns(before, line)
        elif line[:1].isdigit():
            try:
                found.setdefault(_lease(line, columns), place)
            except UnreadableError:
                bad.append((place, line))
        before = line
    lines = {f"/system/leases/{index}": place for index, place in enumerate(found.values())}
    leases = tuple(found) if found or (columns and not bad) else None
    return of_system(System(leases=leases), lines, unread(FACT, bad))


def _columns(heading: str, rule: str) -> dict[str, slice]:
    """Where each column stands, by its heading in small letters."""
    starts = [found.start() for found in re.finditer(r"-{2,40}", rule)]
    cuts = [slice(first, last) for first, last in zip(starts, [*starts[1:], None], strict=True)]
    return {heading[cut].strip().lower(): cut for cut in cuts}


def _lease(line: str, columns: dict[str, slice]) -> Lease:
    def cell(*names: str) -> str:
        return next((line[columns[name]].strip() for name in names if name in columns), "")

    if not _ROW.fullmatch(line):
        raise UnreadableError(line[:20])
    try:
        mac = canonical(cell("hardware address", "mac address"))
        address = IPv4Address(cell("ip address"))
    except ValueError as error:
        raise UnreadableError(line[:20]) from error
    name = clean(cell("client name", "hostname"), MOST_NAME)
    state = cell("state").lower()
    return Lease(address, mac, name if name not in ("", "-", "?") else None, None, state in ("", "active"))
