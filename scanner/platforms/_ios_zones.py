"""Whom the zone-based firewall of Cisco IOS lets from one zone into another.

A pair of zones has a policy: its classes in their order, each with an action; what no class holds is dropped. It judges
the address and port behind the translation.
Source: Cisco, "Security Configuration Guide: Zone-Based Policy Firewall"; the class maps that Cisco Configuration
Professional writes (`match access-group`, `match protocol user-…` with `ip port-map`).
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, collapse_addresses

from scanner.platforms._ios import Configuration, Line
from scanner.platforms._ios_acl import PORTS, Rule, admitted
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but
from scanner.platforms._reading import UnreadableError

MOST_LOOKS = 2000  # classes and lists looked at for all forwards together
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
        self._policies = {line.words[-1]: line for line in told.root.find("policy-map")}
        self._classes = {line.words[-1]: line for line in told.root.find("class-map")}
        self._ports = {
            (line.words[2], line.words[4]): {word for word in line.words[5:] if word.isdecimal()}
            for line in told.root.find("ip", "port-map") if len(line.words) > 5
        }  # fmt: skip
        self._mapped = {name for name, _ in self._ports}
        self._looks = MOST_LOOKS

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
        allowed: Networks = ()
        left = ANYWHERE
        for row in policy.find("class"):
            matched = ANYWHERE if row.words[-1] == "class-default" else self._class(row.words[-1], port, to, 0)
            if row.first("inspect") or row.first("pass"):
                allowed = tuple(collapse_addresses((*allowed, *common(left, matched))))
            left = common(left, everything_but(matched)) if matched else left
        return allowed

    def _class(self, name: str, port: tuple[str, int], to: IPv4Address, depth: int) -> Networks:
        row = self._classes.get(name)
        if row is None or depth > MOST_DEPTH:
            raise UnreadableError(f"class {name}")
        either = "match-any" in row.words
        found: Networks = () if either else ANYWHERE
        for line in row.find("match"):
            self._looks -= 1
            if self._looks < 0:
                raise UnreadableError("many classes")
            matched = self._match(line, port, to, depth)
            found = tuple(collapse_addresses((*found, *matched))) if either else common(found, matched)
        return found

    def _match(self, line: Line, port: tuple[str, int], to: IPv4Address, depth: int) -> Networks:
        match line.words[1:]:
            case ["access-group", *_, name]:
                rules = self._lists.get(name)
                if rules is None:
                    raise UnreadableError(f"list {name}")
                return admitted(rules, port[0], port[1], to)
            case ["class-map", name]:
                return self._class(name, port, to, depth + 1)
            case ["protocol", name, *_]:
                return ANYWHERE if self._speaks(name, port) else ()
        raise UnreadableError(" ".join(line.words)[:60])

    def _speaks(self, name: str, port: tuple[str, int]) -> bool:
        if name in ("tcp", "udp", "icmp"):
            return name == port[0]
        if name in self._mapped:
            return str(port[1]) in self._ports.get((name, port[0]), set())
        number = _NAMED.get(name, PORTS.get(name))
        if number is None:
            raise UnreadableError(f"protocol {name}")
        return number == port[1]
