"""Ports that a router with Cisco IOS forwards: its static translations, and who gets through to them.

A packet passes the list on the interface it comes in by, is translated, and passes the zones' policy and the list on
the interface it leaves by. Source: Cisco, "IP Addressing: NAT Configuration Guide", "NAT Order of Operation",
"Zone-Based Policy Firewall".
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from itertools import islice

from inventory.gateway import PortForward
from inventory.text import clean
from scanner.platforms._ios import Configuration, Line
from scanner.platforms._ios_acl import PORTS, Rule, admitted
from scanner.platforms._ios_ways import Way, Ways, name_of
from scanner.platforms._ios_zones import Zones
from scanner.platforms._networks import ANYWHERE, Networks, common
from scanner.platforms._reading import UnreadableError

MOST_FORWARDS = 256  # each is compared with the lists on its way
MOST_LOOKS = 3000  # parts of all forwards together
MOST_PARTS = 64  # of the ports of one address, each held against the lists
_FORMS = (("ip", "nat", "inside", "source", "static"), ("ip", "nat", "source", "static"))
Bad = list[tuple[int, str]]


def read_forwards(told: Configuration, ways: Ways, lists: Mapping[str, list[Rule]], bad: Bad) -> dict[PortForward, int]:
    """The static translations from outside to one inner address: of a port, or of all of them.

    One that the lists or zones on its way drop wholly, or whose outer interface is shut, counts as switched off.
    """
    found: dict[PortForward, int] = {}
    rows = [(line, len(form)) for form in _FORMS for line in islice(told.root.find(*form), 2 * MOST_FORWARDS)]
    path = _Path(told, ways, lists)
    for line, size in rows:
        try:
            for item in _forward(line.words[size:], path):
                found.setdefault(item, line.number)
        except (UnreadableError, ValueError, IndexError):
            bad.append((line.number, " ".join(line.words)))
        if len(found) >= MOST_FORWARDS:
            bad.append((line.number, " ".join(line.words)))
            break
    # One outer address for several inner ones in turn: which of them is asked, the list tells, not this line.
    bad += [(line.number, " ".join(line.words)) for line in told.root.find("ip", "nat", "inside", "destination")]
    return found


def _forward(words: list[str], path: "_Path") -> Iterator[PortForward]:
    """`tcp 172.16.1.5 22 interface Dialer1 1415`, `udp A P B Q extendable`, `A B`, `A interface Dialer1`."""
    protocols = (words[0],) if words[0] in ("tcp", "udp") else ("tcp", "udp")
    words = words[1:] if words[0] in ("tcp", "udp") else words
    if words[0] in ("network", "esp", "gre"):
        raise UnreadableError(words[0])  # every port of many hosts, or what has no ports: no fact can hold that
    target, words = IPv4Address(words[0]), words[1:]
    inner = _port(words.pop(0)) if len(protocols) == 1 else None
    outer_address: IPv4Address | None = None
    name: str | None = None
    if words[0] == "interface":
        size = 2 if len(words) > 2 and words[2][:1].isdigit() and words[1].isalpha() else 1
        name = "".join(words[1 : 1 + size])
        words = words[1 + size :]
    else:
        outer_address, words = IPv4Address(words[0]), words[1:]
    outer = _port(words.pop(0)) if inner is not None else ""
    destination = (IPv4Network(outer_address),) if outer_address is not None else None
    for protocol in protocols:
        spans = [(int(outer), int(outer))] if inner is not None else path.spans(name, outer_address, target)
        parts: list[tuple[int, int, Networks]] = [
            (first, last, path.sources(name, outer_address, (protocol, first), (target, int(inner or first))))
            for first, last in spans
        ]
        for begin, end, sources in _joined(parts):
            yield PortForward(
                f"{protocol}/{begin}" if begin == end else f"{protocol}/{begin}-{end}",
                target,
                inner,
                clean(name) if name else None,
                source_filter=None if sources in (ANYWHERE, ()) else sources,
                destination_filter=destination,
                enabled=bool(sources),
            )


def _joined(parts: list[tuple[int, int, Networks]]) -> list[tuple[int, int, Networks]]:
    """Neighbouring ports for which the same get through, together; the closed ones only where all are."""
    found: list[tuple[int, int, Networks]] = []
    for first, last, sources in parts:
        if found and found[-1][2] == sources:
            found[-1] = (found[-1][0], last, sources)
        else:
            found.append((first, last, sources))
    return [part for part in found if part[2]] or found[:1]


def _port(word: str) -> str:
    number = PORTS.get(word, int(word[:6]) if word.isdecimal() else -1)
    if not 0 < number < 65536:
        raise UnreadableError(word)
    return str(number)


class _Path:
    """What stands between the outside and an inner address."""

    def __init__(self, told: Configuration, ways: Ways, lists: Mapping[str, list[Rule]]) -> None:
        self._told, self._ways, self._lists = told, ways, lists
        self._shut = {name_of(line).lower() for line in told.root.find("interface") if line.first("shutdown")}
        self._known = {name_of(line).lower() for line in told.root.find("interface")}
        self._zoned = Zones(told, lists)
        self._looks = MOST_LOOKS
        self._own = ways.own()
        self._outside = any(
            line.first("ip", "nat", "outside") and not line.first("shutdown") for line in told.root.find("interface")
        )
        # Behind an inner interface whose address is not in the file may be any inner address.
        self._judging = [way for way in ways.ways if not way.networks and _judges(way)]
        self._whole = told.whole and not any(line.first("ip", "nat", "enable") for line in told.root.find("interface"))

    def sources(
        self, name: str | None, outer: IPv4Address | None, port: tuple[str, int], inner: tuple[IPv4Address, int]
    ) -> Networks:
        """Who gets through to an inner address and port; () nobody.

        Raises:
            UnreadableError: it cannot be told.
        """
        self._looks -= 1
        if self._looks < 0:
            raise UnreadableError("many translations behind long lists")
        if name is not None and name.lower() in self._shut:
            return ()
        if self._whole and not self._outside:
            return ()  # nothing is translated without an outer interface
        way = self._way(name, outer)
        if way is None and name is not None and name.lower() not in self._known:
            raise UnreadableError(f"interface {name}")
        itself = inner[0] in self._own  # what is for the device itself leaves by no interface
        leaving = None if itself else self._ways.holding(inner[0])
        if leaving is None and not itself and any(other is not way for other in self._judging):
            raise UnreadableError(f"by which interface {inner[0]} is reached")
        allowed = self._here(way) if itself else self._zones(way, leaving, (port[0], inner[1]), inner[0])
        address = outer or (way.networks[0].ip if way and way.networks else None)
        allowed = common(allowed, self._filtered(way, "in", port, address))
        return common(allowed, self._filtered(leaving, "out", (port[0], inner[1]), inner[0]))

    def _way(self, name: str | None, outer: IPv4Address | None) -> Way | None:
        if name is not None:
            return next((item for item in self._ways.ways if item.name.lower() == name.lower()), None)
        held = self._ways.holding(outer) if outer is not None else None
        return held or next((item for item in self._ways.ways if self._ways.side(item) == "wan"), None)

    def _zones(self, way: Way | None, leaving: Way | None, port: tuple[str, int], to: IPv4Address) -> Networks:
        """Between two zones nothing passes without a pair; whom the pair's policy lets through."""
        first, second = (_zone(item) for item in (way, leaving))
        if way is None or leaving is None:
            if first or second:
                raise UnreadableError("zones")
            return ANYWHERE
        if first == second:
            return ANYWHERE
        return self._zoned.let(first, second, port, to) if first and second else ()

    def _here(self, way: Way | None) -> Networks:
        """Whom the zones let through to the device itself: all, unless a pair has a policy for that."""
        if self._ways.guarded and (way is None or _zone(way) in self._ways.guarded):
            raise UnreadableError("a zone's own policy decides")
        return ANYWHERE

    def _rules(self, way: Way | None, turn: str) -> list[Rule]:
        if way is None:
            return []
        names = [line.words[2] for line in way.line.find("ip", "access-group") if line.words[3:4] == [turn]]
        return self._lists.get(names[0], []) if names else []

    def spans(self, name: str | None, outer: IPv4Address | None, inner: IPv4Address) -> list[tuple[int, int]]:
        """All ports, cut where a rule on the way may begin or end.

        Raises:
            UnreadableError: too many.
        """
        rules = (*self._rules(self._way(name, outer), "in"), *self._rules(self._ways.holding(inner), "out"))
        named = {PORTS.get(word, int(word) if word.isdecimal() and len(word) < 6 else 0)
                 for rule in rules for word in rule.words if word in PORTS or word.isdecimal()}  # fmt: skip
        cuts = sorted({cut for port in named for cut in (port, port + 1) if 1 < cut < 65536})
        if len(cuts) > MOST_PARTS:
            raise UnreadableError("a list with many ports")
        starts = [1, *cuts]
        return list(zip(starts, [*(start - 1 for start in starts[1:]), 65535], strict=True))

    def _filtered(self, way: Way | None, turn: str, port: tuple[str, int], to: IPv4Address | None) -> Networks:
        """Whom the list on an interface lets through; everybody where there is none."""
        return admitted(self._rules(way, turn), port[0], port[1], to)


def _judges(way: Way) -> bool:
    """Whether an inner interface has a list, or a zone, for what leaves by it."""
    inner = way.line.first("ip", "nat", "outside") is None
    lists = any(line.words[3:4] == ["out"] for line in way.line.find("ip", "access-group"))
    return inner and (lists or _zone(way) is not None)


def _zone(way: Way | None) -> str | None:
    line: Line | None = way.line.first("zone-member", "security") if way else None
    return line.words[-1] if line else None
