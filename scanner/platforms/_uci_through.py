"""What an OpenWrt firewall lets through from outside to the networks inside: facts have no word for it. Pure.

A host inside has an address of IPv6 that everybody can ask, and one of IPv4 for whoever stands before the device: no
redirect is needed where a rule, a forwarding between zones or the defaults let through.
Source: OpenWrt, "Firewall configuration"; firewall4's templates/ruleset.uc.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from scanner.platforms._reading import UnreadableError
from scanner.platforms._uci import Configuration, Section
from scanner.platforms._uci_firewall import OFF, Bad, ports_of, protocols
from scanner.platforms._uci_input import ASIDE
from scanner.platforms._uci_sides import Door

MAX_OPENINGS = 1024  # rules and forwardings looked at; a practice has thirty
# As delivered: IPsec's key exchange, which answers nobody where no tunnel is set.
_DELIVERED = (("udp",), ["500"])


def read_openings(config: Configuration, doors: Iterable[Door]) -> Bad:
    """The lines that let something through from a zone outside to one that is not, and those not understood."""
    outside = {door.zone for door in doors if door.zone and door.side == "wan"}
    if not outside:
        return []
    found = config.bad_of("forwarding", "rule", "defaults")
    sections = list(islice(config.of("firewall", "forwarding", "rule"), MAX_OPENINGS + 1))
    opening = (item for item in sections[:MAX_OPENINGS] if _opens(item, outside))
    found += [(item.line, item.text) for item in (*opening, *sections[MAX_OPENINGS:])]
    return found + [(item.place("forward"), item.text) for item in _open_defaults(config)]


def _opens(item: Section, outside: set[str]) -> bool:
    if item.one("src") not in {*outside, "*"} or item.one("dest") in {*outside, ""}:
        return False
    if item.one("enabled", "1").lower() in OFF:
        return False
    if item.kind == "forwarding":
        return True
    addressed = item.words("dest_ip")
    if item.one("target").upper() != "ACCEPT" or (addressed and all(ASIDE.match(word) for word in addressed)):
        return False
    try:
        named = protocols(item)
        return bool(named) and (named, ports_of(item.words("dest_port"))) != _DELIVERED
    except UnreadableError:
        return True


def _open_defaults(config: Configuration) -> Iterator[Section]:
    """The defaults, where they let through what no zone speaks of."""
    for item in islice(config.of("firewall", "defaults"), 1):
        if item.one("forward").upper() == "ACCEPT":
            yield item
