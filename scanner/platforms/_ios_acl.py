"""Access lists of Cisco IOS: whom they let reach a port of the device itself.

A list ends in an unwritten `deny any`; one that is applied and does not exist lets everybody in. Rules in force only at
times, for established connections or from object groups say nothing for sure: whoever asks then hears `Unsure`.
Source: Cisco, "Security Configuration Guide: Access Control Lists".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from typing import Literal

from scanner.platforms._ios import Configuration, Line
from scanner.platforms._networks import ANYWHERE, Networks
from scanner.platforms._reading import UnreadableError

MOST_RULES = 256  # of one list; a longer one is not judged
MOST_DENIED = 64  # lines with `deny` of one list: each is compared with each `permit`
PORTS = {
    "www": 80, "telnet": 23, "22": 22, "domain": 53, "ntp": 123, "snmp": 161, "isakmp": 500, "non500-isakmp": 4500,
    "smtp": 25, "ftp": 21, "ftp-data": 20, "pop3": 110, "pop2": 109, "tacacs": 49, "bootps": 67, "bootpc": 68,
    "tftp": 69, "syslog": 514, "cmd": 514, "login": 513, "exec": 512, "lpd": 515, "whois": 43, "nntp": 119, "irc": 194,
    "sunrpc": 111, "bgp": 179, "gopher": 70, "finger": 79, "hostname": 101, "ident": 113, "uucp": 540, "klogin": 543,
    "kshell": 544, "talk": 517, "time": 37, "daytime": 13, "echo": 7, "discard": 9, "chargen": 19, "rip": 520,
    "snmptrap": 162, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ss": 139, "who": 513, "biff": 512,
}  # fmt: skip


class UnsureError(UnreadableError):
    """A list of which it cannot be told whom it lets in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a list."""

    permit: bool
    protocol: str  # "ip" of a standard list
    words: tuple[str, ...]  # source, destination and what follows
    standard: bool


def read_lists(told: Configuration) -> Mapping[str, list[Rule]]:
    """Every IPv4 list by its number or name."""
    found: dict[str, list[Rule]] = {}
    for line in told.root.below:
        if line.starts("access-list") and len(line.words) > 2:
            name, standard = line.words[1], _is_standard(line.words[1])
            _add(found.setdefault(name, []), line.words[2:], standard=standard)
        elif line.starts("ip", "access-list") and len(line.words) > 3 and line.words[2] in ("standard", "extended"):
            rules = found.setdefault(line.words[3], [])
            for rule in line.below:
                words = rule.words[1:] if rule.words[0].isdecimal() else rule.words
                _add(rules, words, standard=line.words[2] == "standard")
    return found


def _is_standard(name: str) -> bool:
    return name.isdecimal() and (int(name) < 100 or 1300 <= int(name[:6]) < 2000)


def _add(rules: list[Rule], words: list[str], *, standard: bool) -> None:
    if not words or words[0] not in ("permit", "deny", "dynamic", "evaluate") or len(rules) > MOST_RULES:
        return
    protocol = "ip" if standard else (words[1] if len(words) > 1 else "")
    rules.append(Rule(words[0] == "permit", protocol, tuple(words[1 if standard else 2 :]), standard))
    if words[0] in ("dynamic", "evaluate"):
        rules[-1] = Rule(False, "?", (), standard)


def admitted(rules: list[Rule] | None, protocol: str = "tcp", port: int = 0, to: IPv4Address | None = None) -> Networks:
    """Who reaches a port of the device at its address `to`; everybody where there is no list.

    Raises:
        UnsureError: it cannot be told.
    """
    if not rules:
        return ANYWHERE
    if len(rules) > MOST_RULES or sum(not rule.permit for rule in rules) > MOST_DENIED:
        raise UnsureError("long list")
    allowed: list[IPv4Network] = []
    denied: list[tuple[int, int]] = []  # first and last: networks take ten times as long to compare
    for rule in rules:
        source = _source(rule, protocol, port, to)
        if source is None:
            continue
        begin, end = int(source.network_address), int(source.broadcast_address)
        if not rule.permit:
            denied.append((begin, end))
        elif not any(first <= begin and end <= last for first, last in denied):
            if source.prefixlen and any(begin <= first and last <= end for first, last in denied):
                raise UnsureError("holes")
            allowed.append(source)
        if source.prefixlen == 0:
            break
    return tuple(collapse_addresses(allowed))


def _source(rule: Rule, protocol: str, port: int, to: IPv4Address | None) -> IPv4Network | None:
    """Whom a rule speaks of, when it speaks of that port; None when it does not."""
    if rule.protocol in ("?", "object-group"):
        raise UnsureError("dynamic")
    if rule.protocol not in ("ip", protocol, "6" if protocol == "tcp" else "17"):
        return None
    words = list(rule.words)
    source = _network(words)
    if rule.standard:
        return source
    if "established" in words:
        return None
    if _ports(words) is not None:  # of the one who asks
        if not rule.permit:
            return None
        return None if source.prefixlen else _unsure()
    target = _network(words)
    if to is not None and to not in target:
        return None
    if to is None and target.prefixlen:
        return None if rule.permit and target.is_private else _unsure()
    wanted = _ports(words)
    if wanted is not None and port not in wanted:
        return None
    if "time-range" in words or "reflect" in words:
        return _unsure()
    return source


def _unsure() -> IPv4Network | None:
    raise UnsureError("depends")


def _network(words: list[str]) -> IPv4Network:
    """The addresses at the front of the words, which are taken off: `any`, `host A`, `A`, `A WILDCARD`."""
    first = words.pop(0) if words else ""
    try:
        if first == "any":
            return ANYWHERE[0]
        if first == "host":
            return IPv4Network(words.pop(0))
        address = IPv4Address(first)
        if words and words[0].count(".") == 3:
            inverse = int(IPv4Address(words.pop(0)))
            return (
                IPv4Network((int(address) & ~inverse & 0xFFFFFFFF, 32 - inverse.bit_length()))
                if not (inverse & (inverse + 1))
                else _scattered()
            )
        return IPv4Network(address)
    except (ValueError, IndexError) as error:
        raise UnsureError(first[:20]) from error


def _scattered() -> IPv4Network:
    raise UnsureError("wildcard with holes")


def _ports(words: list[str]) -> frozenset[int] | range | None:
    """The ports at the front of the words, which are taken off; None when any."""
    if not words or words[0] not in ("eq", "range", "gt", "lt", "neq"):
        return None
    sign = words.pop(0)
    numbers: list[int] = []
    while words and (words[0].isdecimal() or words[0] in PORTS) and len(numbers) < (10 if sign == "eq" else 2):
        word = words.pop(0)
        numbers.append(PORTS.get(word, int(word[:6]) if word.isdecimal() else -1))
        if sign in ("gt", "lt", "neq"):
            break
    if not numbers:
        raise UnsureError(sign)
    if sign == "eq":
        return frozenset(numbers)
    if sign == "range":
        return range(numbers[0], numbers[-1] + 1)
    if sign == "neq":
        return frozenset(range(65536)) - {numbers[0]}
    return range(numbers[0] + 1, 65536) if sign == "gt" else range(numbers[0])


def policy(rules: list[Rule]) -> Literal["accept", "drop"]:
    """What a list does with what no rule names: its unwritten end, or a `permit ip any any` before it."""
    for rule in rules:
        everything = rule.words[:1] == ("any",) if rule.standard else rule.words[:2] == ("any", "any")
        if rule.protocol == "ip" and everything and "time-range" not in rule.words:
            return "accept" if rule.permit else "drop"
    return "drop"


def applied(line: Line | None) -> str | None:
    """The name of the list in `ip access-group NAME in`."""
    return line.words[2] if line is not None and len(line.words) > 3 and line.words[3] == "in" else None
