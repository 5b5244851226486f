"""What each kind of device is asked, gentlest first.

What is not yet classified gets the gentle set; a fragile device gets nothing but ARP. Ports 9100-9107 are in no set: a
printer prints what it receives there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.device import Category
from scanner.evidence import SourceName

# Ports that show what a device is or lets itself be administered through. Sources: nmap-services' most frequent ports,
# the ports named by the rules of the catalogue (02.16, 02.18, 02.19, 03.08, 03.09, 09.02).
GENTLE_PORTS = (21, 22, 23, 53, 80, 139, 443, 445, 512, 513, 514, 515, 631, 3389, 5000, 8080, 8443)
STANDARD_PORTS = tuple(
    sorted(
        {
            *GENTLE_PORTS,
            *(25, 69, 81, 88, 110, 111, 135, 143, 389, 548, 554, 587, 636, 873, 902, 993, 995, 1080),
            *(1433, 1521, 1723, 1883, 2049, 2222, 2323, 3050, 3306, 4242, 4899, 5001, 5060, 5357, 5432, 5555, 5800),
            *(5900, 5901, 5938, 5985, 6000, 6379, 6568, 7070, 8000, 8006, 8008, 8009, 8042, 8081, 8291, 8728, 8729),
            *(8888, 9000, 9090, 9200, 9443, 10000, 17988, 21115, 27017, 32400, 49152, 62078),
        }
    )
)


@dataclass(frozen=True, slots=True)
class ProbeSet:
    """What may be asked of a device, and how fast."""

    name: str
    sources: frozenset[SourceName]
    ports: tuple[int, ...] = ()
    max_rate: int = 0  # packets per second
    echo: bool = True  # whether it is sent an ICMP echo, with everybody else of its network


NOTHING = ProbeSet("nothing", frozenset(), echo=False)
CONNECT_ONLY = ProbeSet("connect_only", frozenset({"ports"}), GENTLE_PORTS, max_rate=5, echo=False)
GENTLE = ProbeSet("gentle", frozenset({"ports"}), GENTLE_PORTS, max_rate=10)
PRINTER = ProbeSet("printer", frozenset({"ports", "snmp"}), GENTLE_PORTS, max_rate=10)
# 40 packets per second and host: the budget that the most careful commercial scanner keeps (peers, runZero).
STANDARD = ProbeSet(
    "standard",
    frozenset({"ports", "scripts", "smb", "tls", "ssh_offer", "http", "upnp", "netbios", "snmp", "ssh", "api"}),
    STANDARD_PORTS,
    max_rate=40,
)

_BY_CATEGORY: dict[Category, ProbeSet] = {
    "workstation": STANDARD,
    "server": STANDARD,
    "nas": STANDARD,
    "router": STANDARD,
    "switch": STANDARD,
    "access_point": STANDARD,
    "printer": PRINTER,
    "ups": PRINTER,
    "medical_imaging": NOTHING,
}


# Kinds that suffer from questions: a clue below certainty is enough to spare them.
DELICATE: frozenset[Category] = frozenset({"medical_imaging", "card_reader", "printer", "ups"})
_GENTLEST_FIRST = (NOTHING, CONNECT_ONLY, GENTLE, PRINTER, STANDARD)


def gentlest(sets: Iterable[ProbeSet]) -> ProbeSet:
    """The gentlest of the sets.

    >>> gentlest((STANDARD, GENTLE, PRINTER)).name
    'gentle'
    """
    return min(sets, key=_GENTLEST_FIRST.index)


def probe_set(category: Category, *, fragile: bool, allowed: tuple[str, ...] = ()) -> ProbeSet:
    """The probes a device of this category tolerates; `allowed` is what the site grants for fragile ones."""
    if fragile or category == "medical_imaging":
        return CONNECT_ONLY if "tcp_connect" in allowed else NOTHING
    return _BY_CATEGORY.get(category, GENTLE)
