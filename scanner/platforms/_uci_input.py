"""Who may reach a port of an OpenWrt device through its firewall: the rules about what enters it, in their order. Pure.

Rules about every zone come before those of one, then the zone's own policy decides. A rule with a condition that no
fact can tell (an hour, a MAC, a set of names) leaves the answer unknown.
Source: firewall3's rules.c and zones.c, firewall4's templates/ruleset.uc.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from itertools import islice
from typing import Literal

from inventory.gateway import InputChain
from inventory.network import Protocol
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import read_span
from scanner.platforms._uci import Configuration, Section
from scanner.platforms._uci_firewall import OFF, Bad, Sets, askers, ports_of, protocols, read_sets, scripts
from scanner.platforms._uci_sides import MAX_DOORS, Door

MAX_RULES = 512  # a practice has thirty. With MAX_WORK, stops rules that multiply
MAX_WORK = 400_000  # rules looked at, and pairs of networks, for one configuration

_TARGETS = {"ACCEPT": True, "REJECT": False, "DROP": False}
# Conditions of a rule that facts have no word for.
_NARROWER = (
    "src_mac", "extra", "mark", "src_port", "helper", "device", "direction", "limit", "start_date",
    "stop_date", "start_time", "stop_time", "weekdays", "monthdays", "dscp",
)  # fmt: skip
# Addresses that nobody asks a service for: multicast, broadcast, and those that only neighbours of IPv6 use.
ASIDE = re.compile(r"(?i)2(?:2[4-9]|3\d)\.|255\.255\.255\.255|ff[0-9a-f]{2}:|fe80:")
_FAMILIES = {"ipv4": (False,), "4": (False,), "inet": (False,), "ipv6": (True,), "6": (True,), "inet6": (True,)}
_BOTH = (False, True)
_NEAR = re.compile(r"(?i)fe80:|f[cd][0-9a-f]{2}:")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about what enters the device."""

    line: int
    text: str
    accept: bool
    protocols: tuple[Protocol, ...]
    ports: tuple[tuple[int, int], ...]
    families: tuple[bool, ...]  # of IPv4 (False), of IPv6 (True)
    sources: Networks | None  # of IPv4, None: everyone
    some6: bool  # it is about some addresses of IPv6 only
    told: bool  # no condition beside these

    def about(self, protocol: Protocol, port: int, ipv6: bool) -> bool:
        """Whether it may be about a port."""
        if protocol not in self.protocols or ipv6 not in self.families:
            return False
        return any(first <= port <= last for first, last in self.ports)


@dataclass(slots=True)
class Filter:
    """The rules by their zone, and what a door does with what none of them is about."""

    rules: dict[str, list[Rule]]
    standard: Section | None
    unknown: Bad  # a part of it that could not be read
    sixth: tuple[bool, ...]  # (True,); () where it leaves IPv6 alone: what comes by it is nobody's to tell
    _work: int = field(default=0)

    def reached(self, door: Door, protocol: Protocol, port: int) -> Networks:
        """Who reaches the port by that door; () nobody.

        Raises:
            UnreadableError: that cannot be told.
        """
        accepted: list[Networks] = []
        rest = ANYWHERE
        for rule in self._for(door, protocol, port, ipv6=False):
            hit = rest if rule.sources is None else common(rest, rule.sources)
            if rule.accept:
                accepted.append(hit)
            rest = () if rule.sources is None else common(rest, everything_but(rule.sources))
            self._count(len(rest) * len(hit))
        if self.policy(door, ipv6=False):
            accepted.append(rest)
        if self.open6(door, protocol, port):
            return ANYWHERE
        return _joined(accepted)

    def _for(self, door: Door, protocol: Protocol, port: int, *, ipv6: bool) -> Iterable[Rule]:
        for rule in (*self.rules.get("*", ()), *(self.rules.get(door.zone, ()) if door.zone else ())):
            self._count(1)
            if rule.about(protocol, port, ipv6):
                if not rule.told:
                    raise UnreadableError(rule.text)
                yield rule
                if rule.sources is None and not rule.some6:
                    return

    def unfiltered(self) -> Bad:
        """The line that leaves IPv6 without a filter, if there is one."""
        if self.sixth or self.standard is None:
            return []
        return [(self.standard.place("disable_ipv6"), "disable_ipv6")]

    def _count(self, cost: int) -> None:
        self._work += cost
        if self._work > MAX_WORK:
            raise UnreadableError("too many rules")

    def open6(self, door: Door, protocol: Protocol, port: int) -> bool:
        """Whether everybody reaches it over IPv6, as far as that is filtered.

        Raises:
            UnreadableError: that cannot be told.
        """
        if not self.sixth:
            return False
        for rule in self._for(door, protocol, port, ipv6=True):
            if rule.some6:
                if rule.accept:
                    raise UnreadableError(rule.text)  # for addresses that facts have no word for
                continue
            return rule.accept
        return self.policy(door, ipv6=True)

    def policy(self, door: Door, *, ipv6: bool) -> bool:
        """Whether a door lets in what no rule is about."""
        family = door.section.one("family").lower() if door.section else ""
        own = door.section if not family.startswith("ipv4" if ipv6 else "ipv6") else None
        said = own if own is not None and "input" in own.options else self.standard
        word = said.one("input", "DROP").upper() if said else "DROP"
        if word not in _TARGETS:
            raise UnreadableError(word[:20])
        return _TARGETS[word]


def read_filter(config: Configuration) -> Filter:
    """The rules of the `firewall` package about what enters the device."""
    sections = list(islice(config.of("firewall", "rule"), MAX_RULES + 1))
    rules: dict[str, list[Rule]] = {}
    sets = read_sets(config)
    for item in sections[:MAX_RULES]:
        if item.one("src") and "dest" not in item.options and (rule := _rule(item, sets)):
            rules.setdefault(item.one("src"), []).append(rule)
    unknown = config.bad_of("rule", "zone", "defaults") + [(item.line, item.text) for item in sections[MAX_RULES:]]
    zones = islice(config.of("firewall", "zone"), MAX_RULES)
    unknown += [(item.line, item.text) for item in zones if "subnet" in item.options]
    standard = next(iter(config.of("firewall", "defaults")), None)
    unfiltered = standard is not None and standard.one("disable_ipv6", "0") not in OFF
    return Filter(rules, standard, unknown, () if unfiltered else (True,))


def _rule(item: Section, sets: Sets) -> Rule | None:
    """A rule; None for one that is off, or decides nothing about TCP or UDP for the device."""
    target = item.one("target", "DROP").upper()
    if target not in _TARGETS or item.one("enabled", "1").lower() in OFF:
        return None
    addressed = item.words("dest_ip")
    if addressed and all(ASIDE.match(word) for word in addressed):
        return None
    told = not addressed and not any(key in item.options for key in _NARROWER)
    try:
        named = protocols(item)
        spans = tuple(map(read_span, ports_of(item.words("dest_port"))))
        words = item.words("src_ip")
        sources = askers(item, sets)
        six = [word for word in words if ":" in word]
    except (UnreadableError, AddressValueError, ValueError):
        return Rule(item.line, item.text, False, ("tcp", "udp"), ((0, 65535),), (False, True), None, False, told=False)
    if not named:
        return None
    families = (False,) if "ipset" in item.options else _families(item.one("family").lower(), words, six)
    some6 = bool(six) and not all(_NEAR.match(word) for word in six)
    if six and not some6:  # only neighbours: they are nobody's outside
        families = tuple(family for family in families if not family)
    if not families:
        return None
    return Rule(item.line, item.text, _TARGETS[target], named, spans, families, sources, some6, told)


def _families(said: str, words: tuple[str, ...], six: list[str]) -> tuple[bool, ...]:
    """The families a rule is about: as it says, or as its addresses are."""
    families = _FAMILIES.get(said, _BOTH)
    if not words or "*" in words:
        return families
    return tuple(family for family in families if (bool(six) if family else len(six) < len(words)))


def _joined(parts: list[Networks]) -> Networks:
    """All of them in one; the same as everybody when one part is."""
    if ANYWHERE in parts:
        return ANYWHERE
    together = dict.fromkeys(network for part in parts for network in part)
    return networks(str(network) for network in together)


def own_addresses(config: Configuration) -> frozenset[IPv4Address]:
    """The addresses that the configuration gives the device."""
    found: set[IPv4Address] = set()
    for item in islice(config.of("network", "interface"), MAX_RULES):
        for word in (*item.words("ipaddr"), *item.words("addresses")):
            try:
                found.add(IPv4Address(word.partition("/")[0]))
            except AddressValueError:
                continue
    return frozenset(found)


def read_input(config: Configuration, doors: list[Door], shield: Filter) -> tuple[dict[InputChain, int], Bad]:
    """What each zone does with what enters the device by it and no narrower rule is about; a zone asks "defaults".

    A rule without any condition but its zone decides before the zone does. Where IPv6 fares otherwise than IPv4, each
    has a row of its own.
    """
    bad = config.bad_of("defaults", "zone", "rule", "include") + scripts(config)
    found: dict[InputChain, int] = {}
    bad += [(door.section.line, door.section.text) for door in doors[MAX_DOORS - 1 :] if door.section]
    bad += shield.unfiltered()
    sections = list(islice(config.of("firewall", "rule"), MAX_RULES))
    for door in doors:
        if door.section is None:
            continue
        rows: dict[bool, tuple[bool, int]] = {}
        try:
            for six in _FAMILIES.get(door.section.one("family").lower(), _BOTH):
                if six and not shield.sixth:
                    continue
                rule = next((item for src in ("*", door.section.one("name")) for item in sections
                             if item.one("src") == src and _sweeps(item, ipv6=six)), None)  # fmt: skip
                if rule:
                    rows[six] = _TARGETS[rule.one("target").upper()], rule.line
                else:
                    rows[six] = shield.policy(door, ipv6=six), _policy_line(door.section, shield.standard)
        except UnreadableError:
            bad.append((door.section.line, door.section.text))
            continue
        alike = len(rows) == 2 and rows[False][0] == rows[True][0]
        for six, (accept, line) in list(rows.items())[: 1 if alike else 2]:
            policy: Literal["accept", "drop"] = "accept" if accept else "drop"
            found[InputChain(f"zone {door.zone}", policy, door.side, None if alike else six)] = line
    return found, bad


def _policy_line(zone: Section, standard: Section | None) -> int:
    if "input" in zone.options or standard is None:
        return zone.place("input")
    return standard.place("input")


# What a rule may say and still be about everything that enters by its zone.
_SWEEPING = frozenset({"src", "name", "target", "proto", "enabled", "family", "log", "_name", "counter"})


def _sweeps(item: Section, *, ipv6: bool) -> bool:
    """Whether a rule is about all TCP and UDP that enters the device by its zone."""
    if not set(item.options) <= _SWEEPING or item.one("enabled", "1").lower() in OFF:
        return False
    if ipv6 not in _FAMILIES.get(item.one("family").lower(), _BOTH):
        return False
    try:
        return set(protocols(item)) == {"tcp", "udp"} and item.one("target").upper() in _TARGETS
    except UnreadableError:
        return False
