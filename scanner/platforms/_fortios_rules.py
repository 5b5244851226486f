"""Whom the policies of a FortiGate let through to a virtual IP, by interface and port.

Policies are looked at in their order, after the address was translated: the first that fits decides. One that refuses
fits a virtual IP that it names; what names `all` fits one too where `match-vip` is on, as it is from 7.2.4 on.
Source: Fortinet, "FortiOS Administration Guide": Policies, Destination NAT, Central DNAT; "Technical Tip: VIP traffic
matching the external-to-internal deny policy" and the 7.2.4 release notes (`match-vip`).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, collapse_addresses
from typing import Any, TypeVar, cast

from inventory.text import clean
from scanner.platforms._fortios import Block, Tree
from scanner.platforms._fortios_lets import Let, Looks, Virtual, merged, spread
from scanner.platforms._fortios_objects import Addresses, Services, Span, at_times, by_address, members, zones
from scanner.platforms._fortios_ways import Bad
from scanner.platforms._networks import Networks, common, everything_but
from scanner.platforms._reading import UnreadableError

T = TypeVar("T")
MAX_WAYS = 64  # interfaces that a virtual IP of any interface is looked at by
MAX_PARTS = 128  # of the ports of one virtual IP, each looked at by itself
_PERSONS = ("groups", "users", "fsso-groups", "ztna-ems-tag", "ztna-geo-tag")


@dataclass(slots=True)
class Policies:
    """The policies of one VDOM."""

    tree: Tree
    bad: Bad
    looks: Looks
    addresses: Addresses = field(init=False)
    services: Services = field(init=False)
    zones: dict[str, tuple[str, ...]] = field(init=False)
    central: bool = field(init=False)
    _rows: list[Block] = field(init=False)
    _groups: dict[str, Block] = field(init=False)
    _virtual: set[str] = field(init=False)
    _named: dict[str, list[int]] = field(init=False)
    _general: list[int] = field(init=False)
    _places: dict[int, int] = field(init=False)
    _zoned: dict[str, set[str]] = field(init=False)  # the zones of an interface
    _schedules: dict[str, bool | None] = field(default_factory=dict)
    _told: dict[tuple[str, int], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index those that are on."""
        self.addresses, self.services = Addresses(self.tree), Services(self.tree)
        self.zones = zones(self.tree)
        self.central = any(table.one("central-nat") == "enable" for table in self.tree.tables("system settings"))
        self._rows = [row for row in self.tree.rows("firewall policy") if row.one("status") != "disable"]
        self._groups = {row.name: row for row in self.tree.rows("firewall vipgrp")}
        self._virtual = {row.name for row in self.tree.rows("firewall vip")}
        self._named, self._general = {}, []
        self._places = {id(row): at for at, row in enumerate(self._rows)}
        self._zoned = {}
        for zone, inner in self.zones.items():
            for interface in inner:
                self._zoned.setdefault(interface, set()).add(zone)
        for at, row in enumerate(self._rows):
            self._index(at, row)

    @property
    def known(self) -> bool:
        """Whether it can be told which virtual IP is let in: not where applications decide (NGFW mode)."""
        ngfw = any(table.one("ngfw-mode") == "policy-based" for table in self.tree.tables("system settings"))
        return bool(self.tree.tables("firewall policy")) and not ngfw

    def _index(self, at: int, row: Block) -> None:
        try:
            expanded = {member for name in row.words("dstaddr") for member in members(name, self._groups)}
        except UnreadableError as error:
            self.bad.append((row.place("dstaddr"), clean(str(error))))
            return
        for name in expanded & self._virtual:
            self._named.setdefault(name, []).append(at)
        if self.central or self._matches(row):
            self._general.append(at)

    def _once(self, what: str, row: Block, work: Callable[[Block], T]) -> T:
        """What a policy says, worked out once; that it cannot be told, too."""
        key = (what, id(row))
        if key not in self._told:
            try:
                self._told[key] = work(row)
            except UnreadableError as error:
                self._told[key] = UnreadableError(str(error))
        found = self._told[key]
        if isinstance(found, UnreadableError):
            raise UnreadableError(str(found))
        return cast(T, found)

    def _names(self, row: Block, virtual: Virtual) -> bool:
        """Whether a policy names a virtual IP, itself or in a group."""
        named, at = self._named.get(virtual.name, []), self._places[id(row)]
        place = bisect_left(named, at)  # they are in order
        return named[place : place + 1] == [at]

    def _matches(self, row: Block) -> bool:
        """Whether it also means virtual IPs that it does not name; one that lets through, only if it says so."""
        if accepts(row):
            return row.one("match-vip") == "enable"
        version = self.tree.header.get("version", ("0", 0))[0]
        parts = tuple(int(part) for part in version.split("."))
        return row.one("match-vip", "enable" if parts >= (7, 2, 4) else "disable") == "enable"

    def let(self, virtual: Virtual, spans: tuple[Span, ...], protocol: str, outer: Span) -> list[Let]:
        """Whom they let through; each of the inner ports with those of the others that fare alike.

        Raises:
            UnreadableError: it cannot be told.
        """
        named = self._named.get(virtual.name, [])
        self.looks.take(len(named) + len(self._general))
        rows = [self._rows[at] for at in sorted({*named, *self._general})]
        rows = [row for row in rows if self._running(row) is not False]
        found: list[Let] = []
        ways = self._ways(virtual, rows)
        self.looks.take(len(ways) * len(rows))
        if len(ways) > MAX_WAYS:
            raise UnreadableError("policies with too many interfaces")
        for way in ways:
            meant = {way, virtual.zone, *self._zoned.get(way or "", ()), *self._zoned.get(virtual.zone, ())}
            fitting = [row for row in rows if self._comes_by(row, way, meant)]
            for span in self._parts(spans, fitting, protocol):
                sources = self._asked(virtual, fitting, span, protocol, outer)
                if sources:
                    found.append(Let(way, (), span, sources))
        return list(merged(spread(found, ways)))

    def _running(self, row: Block) -> bool | None:
        name = row.one("schedule", "always")
        if name not in self._schedules:
            self._schedules[name] = at_times(self.tree, name)
        return self._schedules[name]

    def _inward(self, row: Block) -> frozenset[str]:
        """The interfaces and zones that it names."""
        return frozenset(row.words("srcintf"))

    def _ways(self, virtual: Virtual, rows: list[Block]) -> list[str | None]:
        """The interfaces that are worth telling apart; None: those that no policy names."""
        if virtual.interfaces:
            return list(virtual.interfaces)
        named: set[str] = set()
        for words in (self._once("srcintf", row, self._inward) for row in rows):
            for word in words:
                named.update(self.zones.get(word, (word,)))
                if len(named) > MAX_WAYS:
                    raise UnreadableError("policies with too many interfaces")
        return [None, *sorted(named - {"any"})]

    def _comes_by(self, row: Block, way: str | None, meant: set[str | None]) -> bool:
        names = self._once("srcintf", row, self._inward)
        if not names or "any" in names:
            return True
        return way is not None and not meant.isdisjoint(names)

    def _parts(self, spans: tuple[Span, ...], rows: list[Block], protocol: str) -> Iterator[Span]:
        """The ports, cut where a service of a policy begins or ends."""
        named = [span for row in rows for span in self._services(row, protocol, quiet=True)]
        cuts = sorted({first for first, _ in named} | {last + 1 for _, last in named})
        if len(cuts) > MAX_PARTS:
            raise UnreadableError("policies with too many services")
        for first, last in spans:
            starts = [first, *(cut for cut in cuts if first < cut <= last)]
            yield from zip(starts, [*(start - 1 for start in starts[1:]), last], strict=True)

    def _services(self, row: Block, protocol: str, *, quiet: bool = False) -> tuple[Span, ...]:
        if row.one("internet-service") == "enable" or row.one("service-negate") == "enable":
            if quiet:
                return ()
            raise UnreadableError(f"policy {row.name}: services by another name")
        try:
            return self._once(
                protocol, row, lambda policy: self.services.of(policy.words("service") or ("ALL",), protocol)
            )
        except UnreadableError:
            if quiet:
                return ()
            raise

    def _asked(self, virtual: Virtual, rows: list[Block], span: Span, protocol: str, outer: Span) -> Networks:
        """Who may ask for one part of the ports: what the policies leave, each in its turn."""
        left, allowed = virtual.sources, list[IPv4Network]()
        doubt: UnreadableError | None = None
        refused: UnreadableError | None = None
        for row in rows:
            self.looks.take(1)
            try:
                fits = self._fits(row, virtual, span, protocol, outer)
                sources = self._once("sources", row, self._sources) if fits else ()
            except UnreadableError as error:
                if accepts(row):
                    doubt = doubt or error
                else:
                    refused = refused or error
                continue
            if accepts(row):
                if refused is not None and sources:
                    raise refused  # some of them were turned away before
                allowed += common(left, sources)
            left = common(left, self._once("rest", row, self._rest)) if sources else left
            if not left:
                break
        found = tuple(collapse_addresses(allowed))
        if doubt is not None and found != virtual.sources:
            raise refused or doubt
        return found

    def _fits(self, row: Block, virtual: Virtual, span: Span, protocol: str, outer: Span) -> bool:
        """Whether a policy speaks of these ports of a virtual IP, at any time."""
        if not self._to(row, virtual):
            return False
        spans = self._services(row, protocol)
        if not any(first <= span[0] and span[1] <= last for first, last in spans):
            # Policies see the inner port. One that names the outer port alone is meant for it, and may not work.
            if span != outer and accepts(row) and any(first <= outer[0] and outer[1] <= last for first, last in spans):
                raise UnreadableError(f"policy {row.name}: its service is the outer port")
            return False
        running = self._running(row)
        if running is None or (not accepts(row) and row.one("schedule", "always") != "always"):
            raise UnreadableError(f"policy {row.name}: schedule")
        return True

    def _to(self, row: Block, virtual: Virtual) -> bool:
        negated = row.one("dstaddr-negate") == "enable"
        if not self.central:
            if negated:
                raise UnreadableError(f"policy {row.name}: all addresses but some")
            if self._names(row, virtual):
                return True
        others = self._once("others", row, self._others)
        place = virtual.inner if self.central else virtual.outer
        if place or not others:
            found: bool | None = any(place in one for one in self._once("targets", row, self._targets))
        else:
            found = None
        if found is None:  # the address of the interface, which is not known here
            if "all" in others:
                return True
            raise UnreadableError(f"policy {row.name}: its addresses")
        return found is not negated

    def _others(self, row: Block) -> tuple[str, ...]:
        """The addresses that it names; another virtual IP is none that this one could have."""
        return tuple(name for name in row.words("dstaddr") if name not in self._virtual and name not in self._groups)

    def _targets(self, row: Block) -> Networks:
        return self.addresses.of(self._others(row))

    def _rest(self, row: Block) -> Networks:
        return everything_but(self._sources(row))

    def _sources(self, row: Block) -> Networks:
        if not by_address(row):
            raise UnreadableError(f"policy {row.name}: sources that are no addresses")
        if any(row.words(name) for name in _PERSONS):
            raise UnreadableError(f"policy {row.name}: only some persons")
        found = self.addresses.of(row.words("srcaddr") or ("all",))
        return everything_but(found) if row.one("srcaddr-negate") == "enable" else found


def accepts(row: Block) -> bool:
    """Whether a policy lets through."""
    return row.one("action", "deny") in ("accept", "ipsec")
