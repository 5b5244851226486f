"""Whom the zone-based firewall of Cisco IOS lets from one zone into another.

A pair of zones has a policy: its classes in their order, each with an action; what no class holds is dropped. It judges
the address and port behind the translation.
Source: Cisco, "Security Configuration Guide: Zone-Based Policy Firewall"; the class maps that Cisco Configuration
Professional writes (`match access-group`, `match protocol user-…` with `ip port-map`).
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, collapse_addresses
from itertools import islice, takewhile

from scanner.platforms._ios import Configuration, Line
from scanner.platforms._ios_acl import PORTS, Rule, admitted
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but
from scanner.platforms._reading import UnreadableError

MOST_LOOKS = 2000  # classes and lists looked at for all forwards together
MOST_CLASSES = 128  # of one policy, and matches of one class; one with more is not judged
MOST_DEPTH = 4  # class maps in class maps
_NAMED = {
    "http": 80, "https": 443, "ssh": 22, "telnet": 23, "smtp": 25, "ftp": 21, "pop3": 110, "imap": 143, "dns": 53,
    "ms-sql": 1433, "mysql": 3306, "ntp": 123, "snmp": 161, "pptp": 1723, "sip": 5060, "isakmp": 500,
}  # fmt: skip


class Zones:
    """The pairs of zones, their policies and class maps."""

    def __init__(self, told: Configuration, lists: Mapping[str, list[Rule]]) -> None:
        """Index them by name."""
        self._lists = lists
        self._pairs = {(line.after("source"), line.after("destination")): line for line in told.root.find("zone-pair")}
        self._policies = {line.words[-1]: _first(line.find("class")) for line in told.root.find("policy-map")}
        self._classes = {
            line.words[-1]: ("match-any" in line.words, _first(line.find("match")))
            for line in told.root.find("class-map")
        }
        self._ports, self._unclear = _mapped(told)
        self._looks = MOST_LOOKS
        # What the lists say of the port that was asked for last: many classes may name one.
        self._listed: tuple[tuple[tuple[str, int], IPv4Address] | None, dict[str, Networks]] = None, {}

    def let(self, source: str, destination: str, port: tuple[str, int], to: IPv4Address) -> Networks:
        """Who gets to a port of an inner address; () nobody.

        Raises:
            UnreadableError: it cannot be told.
        """
        pair = self._pairs.get((source, destination))
        if pair is None:
            return ()
        served = next(pair.find("service-policy"), None)
        policy = self._policies.get(served.words[-1]) if served else None
        if policy is None:
            raise UnreadableError("a zone's policy")
        if len(policy) > MOST_CLASSES:
            raise UnreadableError("a policy of many classes")
        allowed: Networks = ()
        left = ANYWHERE
        for row in policy:
            self._look()
            matched = ANYWHERE if row.words[-1] == "class-default" else self._class(row.words[-1], port, to, 0)
            if row.first("inspect") or row.first("pass"):
                allowed = tuple(collapse_addresses((*allowed, *common(left, matched))))
            left = common(left, everything_but(matched)) if matched else left
        return allowed

    def _class(self, name: str, port: tuple[str, int], to: IPv4Address, depth: int) -> Networks:
        either, lines = self._classes.get(name, (False, []))
        if name not in self._classes or depth > MOST_DEPTH or len(lines) > MOST_CLASSES:
            raise UnreadableError(f"class {name}")
        found: Networks = () if either else ANYWHERE
        for line in lines:
            self._look()
            matched = self._match(line, port, to, depth)
            found = tuple(collapse_addresses((*found, *matched))) if either else common(found, matched)
        return found

    def _look(self) -> None:
        self._looks -= 1
        if self._looks < 0:
            raise UnreadableError("many classes")

    def _match(self, line: Line, port: tuple[str, int], to: IPv4Address, depth: int) -> Networks:
        match line.words[1:]:
            case ["access-group", *_, name]:
                rules = self._lists.get(name)
                if rules is None:
                    raise UnreadableError(f"list {name}")
                if self._listed[0] != (port, to):
                    self._listed = (port, to), {}
                known = self._listed[1]
                if name not in known:
                    known[name] = admitted(rules, port[0], port[1], to)
                return known[name]
            case ["class-map", name]:
                return self._class(name, port, to, depth + 1)
            case ["protocol", name, *_]:
                return ANYWHERE if self._speaks(name, port) else ()
        raise UnreadableError(" ".join(line.words)[:60])

    def _speaks(self, name: str, port: tuple[str, int]) -> bool:
        if name in ("tcp", "udp", "icmp"):
            return name == port[0]
        if name in self._unclear:
            raise UnreadableError(f"port-map {name}")
        number = _NAMED.get(name, PORTS.get(name))
        if number is None and name not in self._ports:
            raise UnreadableError(f"protocol {name}")
        return number == port[1] or port in self._ports.get(name, ())


def _mapped(told: Configuration) -> tuple[dict[str, set[tuple[str, int]]], set[str]]:
    """The ports that are added to those of a protocol, and the protocols of which not all of them can be told."""
    ports: dict[str, set[tuple[str, int]]] = {}
    unclear: set[str] = set()
    for line in told.root.find("ip", "port-map"):
        name, words = "".join(line.words[2:3]), line.words[4:]
        kinds = words[:1] if words[:1] in (["tcp"], ["udp"]) else ["tcp", "udp"]
        words = words[1:] if len(kinds) == 1 else words
        numbers = [int(word) for word in takewhile(lambda word: word.isdecimal() and len(word) < 6, words)]
        if not numbers or words[len(numbers) :][:1] not in ([], ["description"]):
            unclear.add(name)  # a range, or of the hosts of a list alone
        ports.setdefault(name, set()).update((kind, number) for kind in kinds for number in numbers)
    return ports, unclear


def _first(lines: Iterable[Line]) -> list[Line]:
    """Those that are judged, and one more where there are too many."""
    return list(islice(lines, MOST_CLASSES + 1))
