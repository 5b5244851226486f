"""One rule of `nft list ruleset`: what it asks of a packet, where it jumps, and what it forwards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from itertools import product
from math import prod

from inventory.gateway import PortForward
from inventory.text import clean
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but, networks
from scanner.platforms._reading import UnreadableError, number

MAX_SET = 1024  # elements of one set written in a rule, and forwards of one rule; stops two sets that multiply

_TOKEN = re.compile(r'"[^"]*"|\{[^{}]*\}|[^\s"{}]+')
_JUMP = re.compile(r"\b(?:jump|goto) ([^\s,;}]+)")
_COMMENT = re.compile(r' comment "[^"]*"')
_PARTIAL = frozenset({"limit", "ct", "fib", "daddr", "saddr", "@nh,128,32", "meta", "mark"})
_QUOTED = re.compile(r'"[^"]*"')
_PROTOCOLS = {"tcp": "tcp", "udp": "udp", "6": "tcp", "17": "udp", "0x6": "tcp", "0x11": "udp"}
_TARGET = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}(?:-\d{1,5})?))?")
_HIGHEST_PORT = 65535
_ALL_PORTS = "1-65535"
_LOG_OPTIONS = ("prefix", "level", "group", "flags", "snaplen", "queue-threshold")
_ENDINGS = frozenset({"random", "persistent", "fully-random"})


@dataclass(frozen=True, slots=True)
class Match:
    """What a packet must be, as far as a forward cares; of protocols and ports, empty = anything."""

    protocols: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    interfaces: tuple[str, ...] | None = None  # None: any
    except_interfaces: tuple[str, ...] = ()
    sources: Networks = ANYWHERE
    destinations: Networks = ANYWHERE
    comment: str | None = None

    @property
    def size(self) -> int:
        """How many names and networks it holds: what it costs to carry down and to keep."""
        sets = (self.interfaces or (), self.except_interfaces, self.sources, self.destinations)
        return sum(len(item) for item in sets if item != ANYWHERE)


ANY = Match()


def jumped_to(rule: str) -> list[str]:
    """The chains that the rule may lead to, those of a verdict map included.

    >>> jumped_to('fib daddr type local counter packets 0 bytes 0 jump DOCKER')
    ['DOCKER']
    """
    return _JUMP.findall(_QUOTED.sub('""', rule))


def understood(rule: str, above: Match) -> Match | None:
    """The conditions of a rule that jumps, joined to those on the way to it; None: not all are understood."""
    try:
        match, verdict = _read(rule, above)
    except UnreadableError:
        return None
    return match if len(verdict) == 2 and verdict[0] in ("jump", "goto") else None


def taken_by(rule: str) -> Match | None:
    """The interfaces from which a rule lets nothing through to the rules after it; None: it lets something through.

    >>> taken_by('iifname "docker0" counter packets 0 bytes 0 return').interfaces
    ('docker0',)
    >>> taken_by('iifname "wan0" tcp dport 22 accept')
    """
    words = _COMMENT.sub("", rule).split()
    if not words or words[-1] not in ("accept", "drop", "return", "queue"):
        return None
    try:
        match, verdict = _read(" ".join(words[:-1]), ANY)
    except UnreadableError:
        return None
    whole = not (match.protocols or match.ports or verdict) and match.sources == match.destinations == ANYWHERE
    # What is set aside (`limit rate`, `ct state`, a `daddr`) lets something through too.
    return match if whole and not _PARTIAL.intersection(words) else None


def forwards(rule: str, above: Match = ANY) -> Iterator[PortForward]:
    """The forwards of a rule with dnat: one for each protocol, port and interface it names.

    Without a port all of them are forwarded. An excluded port or source (`!=`) leaves a forward open to the rest. One
    whose conditions contradict each other takes nothing, and is none.

    Raises:
        UnreadableError: a condition, a map, an IPv6 or a ranged target that is not understood.

    >>> [forward.external for forward in forwards('iifname "wan0" tcp dport { 80, 443 } dnat to 192.168.10.10')]
    ['tcp/80', 'tcp/443']
    >>> next(forwards('iif "wan0" @nh,72,8 0x11 th dport 5001 dnat ip to 192.168.10.31:5000')).external
    'udp/5001'
    """
    match, verdict = _read(rule, above)
    target, target_port = _target(verdict)
    if not (match.sources and match.destinations):
        return
    interfaces = (None,) if match.interfaces is None else match.interfaces
    choices = (interfaces, match.protocols or ("tcp", "udp"), match.ports or (_ALL_PORTS,))
    if prod(map(len, choices)) > MAX_SET:
        raise UnreadableError("more forwards than one rule may have")
    external = product(*choices)
    for interface, protocol, port in external:
        yield PortForward(
            external=f"{protocol}/{port}",
            target=target,
            target_port=target_port,
            interface=interface,
            except_interfaces=match.except_interfaces or None,
            source_filter=None if match.sources == ANYWHERE else match.sources,
            destination_filter=None if match.destinations == ANYWHERE else match.destinations,
            comment=match.comment,
        )


def _target(verdict: list[str]) -> tuple[IPv4Address, str | None]:
    """The inner address and port of `dnat ip to 192.168.10.31:5000`."""
    words = [word for word in verdict if word != "ip"]
    found = _TARGET.fullmatch(words[2]) if words[:2] == ["dnat", "to"] and len(words) >= 3 else None
    if found is None or not _ENDINGS.issuperset(",".join(words[3:]).split(",") if words[3:] else ()):
        raise UnreadableError("target")
    try:
        return IPv4Address(found[1]), found[2] and _port(found[2])
    except AddressValueError as error:
        raise UnreadableError("target") from error


def _read(rule: str, above: Match) -> tuple[Match, list[str]]:
    """The rule's conditions joined to those above, and its verdict: `["dnat", "to", "192.168.10.10:5001"]`.

    Raises:
        UnreadableError: a word that is not known here.
    """
    tokens = _TOKEN.findall(rule)
    match, verdict, at = replace(above, comment=None), [], 0
    while at < len(tokens):
        if tokens[at] in ("dnat", "jump", "goto"):
            end = tokens.index("comment", at) if "comment" in tokens[at:] else len(tokens)
            verdict, at = tokens[at:end], end
            continue
        changed = _condition(tokens[at : at + 4], match)
        if changed is not None:
            match, size = changed
        else:
            size = _aside(tokens[at : at + 6])
        at += size
    return match, verdict


def _condition(tokens: list[str], match: Match) -> tuple[Match, int] | None:
    """The match with the condition that the tokens begin with, and its length in tokens; None: it is none of these."""
    match tokens:
        case ["iif" | "iifname", "!=", names, *_]:
            excluded = dict.fromkeys((*match.except_interfaces, *_elements(names)))
            return replace(match, except_interfaces=tuple(excluded)), 3
        case ["iif" | "iifname", names, *_]:
            return replace(match, interfaces=_both(match.interfaces, _elements(names))), 2
        case ["meta", "l4proto", names, *_] | ["ip", "protocol", names, *_]:
            return replace(match, protocols=_protocols(names)), 3
        case ["@nh,72,8", name, *_]:  # the protocol byte of the IPv4 header
            return replace(match, protocols=_protocols(name)), 2
        case ["tcp" | "udp" as name, "dport", ports, *_]:
            return replace(match, protocols=(name,), ports=_ports(ports)), 3
        case ["th", "dport", ports, *_]:
            return replace(match, ports=_ports(ports)), 3
        case ["@th,16,16", port, *_] if port.startswith("0x"):  # the destination port of TCP and UDP
            return replace(match, ports=(str(_hexadecimal(port, _HIGHEST_PORT)),)), 2
        case ["ip", "saddr", "!=", _, *_]:
            return match, 4
        case ["ip", "saddr", words, *_]:
            return replace(match, sources=common(match.sources, networks(_elements(words)))), 3
        case ["@nh,96,32", word, *_] if word.startswith("0x"):  # the source address of the IPv4 header
            return replace(match, sources=common(match.sources, _address(word))), 2
        case ["ip", "daddr", "!=", words, *_]:
            allowed = everything_but(networks(_elements(words)))
            return replace(match, destinations=common(match.destinations, allowed)), 4
        case ["ip", "daddr", words, *_]:
            return replace(match, destinations=common(match.destinations, networks(_elements(words)))), 3
        case ["@nh,128,32", word, *_] if word.startswith("0x"):  # the destination address of the IPv4 header
            return replace(match, destinations=common(match.destinations, _address(word))), 2
        case ["comment", words, *_]:
            return replace(match, comment=clean(words.strip('"')) or None), 2
    return None


def _aside(tokens: list[str]) -> int:
    """How many tokens a part takes that does not change what is forwarded to whom.

    Raises:
        UnreadableError: the tokens are no such part.
    """
    match tokens:
        case ["counter", "packets", packets, "bytes", size, *_] if packets.isdigit() and size.isdigit():
            return 5
        case ["counter", "name", _, *_] | ["meta", "nfproto", "ipv4", *_]:
            return 3
        case ["counter", *_]:
            return 1
        case ["ct", "state", word, *_] if word not in ("vmap", "."):
            return 3
        case ["fib", "daddr", "type", "local", *_] | ["meta" | "ct", "mark", "set", _, *_]:
            return 4
        case ["limit", "rate", _, "burst", _, "packets" | "bytes", *_]:
            return 6
        case ["limit", "rate", speed, *_] if speed != "over":
            return 3
        case ["log", *_]:
            return 1
        case [option, _, *_] if option in _LOG_OPTIONS:
            return 2
    return _unknown(tokens)


def _unknown(tokens: list[str]) -> int:
    raise UnreadableError(" ".join(tokens[:2]))


def _elements(words: str) -> tuple[str, ...]:
    """The elements of `"wan0"` or `{ "lan0", "wan0" }`; those of a named set (`@blocked`) stand elsewhere."""
    if words.startswith("@"):
        raise UnreadableError(words)
    elements = words.strip("{}").split(",") if words.startswith("{") else [words]
    if len(elements) > MAX_SET:
        raise UnreadableError("more elements than a rule may have")
    cleaned = tuple(clean(element.strip().strip('"')) for element in elements)
    # `key : value` is a map, `.` joins two keys of a set
    if not all(cleaned) or any(":" in element or element == "." for element in cleaned):
        raise UnreadableError(words)
    return cleaned


def _both(above: tuple[str, ...] | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """The interfaces that both conditions allow.

    >>> _both(("ppp*", "wan0"), ("ppp0", "lan0"))
    ('ppp0',)
    """
    if above is None:
        return names
    pairs = ((a, b) for a in above for b in names)
    return tuple(dict.fromkeys(b if _covers(a, b) else a for a, b in pairs if _covers(a, b) or _covers(b, a)))


def _covers(pattern: str, name: str) -> bool:
    """Whether `ppp*`, or a plain name, covers a name or a narrower pattern."""
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def _protocols(words: str) -> tuple[str, ...]:
    """TCP and UDP, by name or number; another protocol has no ports to forward."""
    found = tuple(_PROTOCOLS.get(word, "") for word in _elements(words))
    if not all(found):
        raise UnreadableError(words)
    return found


def _ports(words: str) -> tuple[str, ...]:
    return tuple(_port(word) for word in _elements(words))


def _port(word: str) -> str:
    """A port or a range of ports, as written: `5001`, `5000-5010`."""
    bounds = [number(bound, _HIGHEST_PORT) for bound in word.split("-", 1)]
    if bounds != sorted(bounds):
        raise UnreadableError(word)
    return "-".join(map(str, bounds))


def _address(word: str) -> Networks:
    """The address of a raw payload: `0xc0a80a1f`."""
    return (IPv4Network(_hexadecimal(word, 2**32 - 1)),)


def _hexadecimal(word: str, highest: int) -> int:
    try:
        value = int(word, 16) if len(word) <= 10 else -1
    except ValueError:
        value = -1
    if not 0 <= value <= highest:
        raise UnreadableError(word)
    return value
