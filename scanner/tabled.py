"""Who is known to routers and switches: their tables joined to what the visit met. Pure.

Nothing is asked because of it: it is worked out when every question has been put. One MAC is one device, whoever names
it. Not every row makes a device: a lease outlives its holder by hours, a switch also knows MACs that are no device's
(the inner ports of others), and what stands beyond the default route is the provider's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from typing import get_args

from inventory.device import Device, Link
from inventory.identity import declared_id
from inventory.network import Network, Zone
from inventory.observation import Merged, Observation, UnreadLine, attributed, merge
from inventory.site import Site, private
from inventory.snapshot import Coverage, Source, Vantage
from inventory.system import System
from inventory.tables import Listing, NeighbourEntry
from scanner import discover
from scanner.scope import excluded

# Devices that tables may add; a practice with three VLANs has 60. Stops a router's table of invented neighbours.
MOST_ADDED = 512
# Addresses believed of one MAC; stops a router that lists another one for the whole world (proxy ARP).
MOST_ADDRESSES = 16

_EVERYWHERE = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, slots=True)
class Joined:
    """What the tables add: facts by the id of the device, and what is to be said of those that were not asked."""

    facts: tuple[tuple[str, Merged], ...] = ()
    coverage: tuple[Coverage, ...] = ()


@dataclass(slots=True)
class _Reporter:
    """A device that has tables."""

    id: str
    name: str
    system: System
    item: Merged
    outer: set[str] = field(default_factory=set)  # interfaces by which its default routes leave
    inner: set[str] = field(default_factory=set)

    def source(self, name: str, place: int) -> Source:
        """Where a row of a table stands."""
        known = self.item.provenance
        found = known.get(f"/system/{name}/{place}") or known.get(f"/system/{name}")
        return found or Source("")

    def outside(self, entry: NeighbourEntry) -> bool | None:
        """Whether a neighbour stands where the default route leaves; None when nobody says."""
        if entry.outside is not None or entry.interface is None:
            return entry.outside
        return True if entry.interface in self.outer else False if entry.interface in self.inner else None


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a table of neighbours."""

    reporter: _Reporter
    place: int
    entry: NeighbourEntry
    address: IPv4Address | IPv6Address
    rank: int  # 0 in the zone that matters most


def _rows(site: Site, reporter: _Reporter) -> Iterator[_Row]:
    zones = get_args(Zone)
    for place, entry in enumerate(reporter.system.neighbours or ()):
        address = ip_address(entry.address)
        zone = site.zone(address) if isinstance(address, IPv4Address) else None
        yield _Row(reporter, place, entry, address, zones.index(zone) if zone else len(zones))


def joined(
    site: Site,
    learnt: Mapping[str, Iterable[Merged]],
    vantages: Iterable[Vantage],
    asked: Mapping[str, frozenset[IPv4Address]],
) -> Joined:
    """What the tables in `learnt` say of everybody; `asked` is by the id of each device that was met: its addresses."""
    here = tuple(vantages)
    merged = {identity: merge(pieces) for identity, pieces in learnt.items()}
    join = _Join(site, frozenset(item.network for item in here), asked)
    join.own = {item.mac for item in here if item.mac}
    reporters = []
    for identity, item in merged.items():
        for mac in (item.device.network.macs if item.device.network else None) or ():
            join.know(mac, identity)
        for interface in (item.device.system.interfaces if item.device.system else None) or ():
            for address in interface.addresses or ():
                join.owners.setdefault(str(address), set()).add(identity)
        if item.device.system is not None and _has_tables(item.device.system):
            reporters.append(_reporter(site, identity, item))
    join.neighbours(reporters)
    for reporter in reporters:
        join.leases(reporter)
        join.forwarding(reporter)
    told = (join.coverage[key] for key in sorted(join.coverage))
    return Joined(tuple(join.facts), (*told, *join.left_out()))


def _has_tables(system: System) -> bool:
    return any((system.neighbours, system.leases, system.forwarding))


def _reporter(site: Site, identity: str, item: Merged) -> _Reporter:
    system = item.device.system or System()
    reporter = _Reporter(identity, discover.identified(site, item.device).name, system, item)
    for interface in system.interfaces or ():
        if interface.default_route is not None:
            (reporter.outer if interface.default_route else reporter.inner).add(interface.name)
    return reporter


class _Join:
    """Everybody known so far, and what the tables add."""

    def __init__(self, site: Site, swept: frozenset[IPv4Network], asked: Mapping[str, frozenset[IPv4Address]]) -> None:
        self._site, self._swept, self._asked = site, swept, asked
        self.own: set[str] = set()  # MACs of this machine
        self.owners: dict[str, set[str]] = {}  # address → ids of those that say it is one of their own
        self._known: dict[str, str] = {}  # MAC → id
        self._links: dict[str, Link] = {}  # by MAC, of those that answer for an address that a device calls its own
        self._resolved: dict[str, set[IPv4Address | IPv6Address]] = {}  # MAC → every address that a table has for it
        self._ids: set[str] = set()
        self.facts: list[tuple[str, Merged]] = []
        self.coverage: dict[str, Coverage] = {}  # by id, of devices that only tables know
        self._left: dict[str, set[str]] = {}  # by id of who has the table, MACs for which there was no room
        self._addresses = Counter[str]()

    def know(self, mac: str, identity: str) -> None:
        """From now on this MAC is that device's, unless it is known as another one's."""
        self._known.setdefault(mac, identity)
        self._ids.add(identity)

    def neighbours(self, reporters: Iterable[_Reporter]) -> None:
        """Whom they have resolved: an address of a device that is known, or a device that nobody met."""
        rows = [row for reporter in reporters for row in _rows(self._site, reporter)]
        for row in rows:
            self._resolved.setdefault(row.entry.mac, set()).add(row.address)
        # Whoever is in two zones belongs to the one that matters more, and is placed there first.
        for row in sorted(rows, key=lambda row: row.rank):
            self._neighbour(row)

    def _neighbour(self, row: _Row) -> None:
        reporter, entry, address = row.reporter, row.entry, row.address
        if entry.mac not in self._known and (owner := self._whose(entry.mac, address)):
            self.know(entry.mac, owner)
            self._links[entry.mac] = Link("address", str(address), entry.mac, owner, announced=True)
        identity = self._known.get(entry.mac)
        if not self._somebody(entry.mac) or identity == reporter.id:
            return
        source = reporter.source("neighbours", row.place)
        listing = Listing("neighbours", reporter.id, entry.interface or "")
        if isinstance(address, IPv6Address):
            if identity is not None and entry.fresh is not False and not address.is_multicast:
                self._say(identity, Network(ipv6=(address,), listed=(listing,)), source)
        elif self._believed(address, entry, reporter):
            self._place(entry.mac, address, listing, source, reporter)
        elif identity is not None:
            self._say(identity, Network(listed=(listing,)), source)

    def _whose(self, mac: str, address: IPv4Address | IPv6Address) -> str | None:
        """The device that says it has the address itself, and so perhaps this MAC as one more interface.

        Not when it answered us there under another MAC, nor when the MAC also has an address that it does not name:
        whoever answers for somebody else's address is not that device. Nor when the owner knows better.
        """
        if any(mac in item.macs for item in self._site.devices):
            return None
        owners = self.owners.get(str(address), set())
        resolved = [str(item) for item in self._resolved[mac] if isinstance(item, IPv4Address)]
        if len(owners) != 1 or any(self.owners.get(item) != owners for item in resolved):
            return None
        (owner,) = owners
        if any(mac in (item.not_same or ()) for item in self._site.devices if declared_id(item) == owner):
            return None
        return None if any(str(item) in resolved for item in self._asked.get(owner, ())) else owner

    def _somebody(self, mac: str) -> bool:
        """Whether a device can have this MAC, and it is not this machine."""
        return not int(mac[:2], 16) & 1 and mac not in self.own and mac != "00:00:00:00:00:00"

    def _believed(self, address: IPv4Address, entry: NeighbourEntry, reporter: _Reporter) -> bool:
        """Whether somebody is at this address now, and it is the practice's business.

        In a swept network the sweep's silence outweighs a row that may be hours old; of a network that is not
        authorised only the router's own word makes it an inner one.
        """
        if excluded(self._site, address) or not private(IPv4Network(address)) or entry.fresh is False:
            return False
        if any(address in network for network in self._swept):
            return entry.fresh is True
        return self._site.zone(address) is not None or reporter.outside(entry) is False

    def _place(self, mac: str, address: IPv4Address, listing: Listing, source: Source, reporter: _Reporter) -> None:
        """A device at an address that this visit has not asked there."""
        home = next((item for item in self._site.networks if address in item.network), None)
        device = discover.met(
            self._site, mac, (address,), home.zone if home else None, home.network if home else _EVERYWHERE
        )
        network = device.network or Network()
        identity = self._known.get(mac, device.id)
        if network.addresses is None or self._addresses[identity] >= MOST_ADDRESSES:
            return
        if identity not in self._ids and len(self.coverage) >= MOST_ADDED:
            self._left.setdefault(reporter.id, set()).add(mac)
            return
        self._addresses[identity] += 1
        met = self._asked.get(identity)
        if met is not None and address in met:
            self._say(identity, Network(listed=(listing,)), source)
            return
        if identity not in self._ids:
            cause = f"known only from the tables of {reporter.name}"
            met_there = {str(item) for owned in self._asked.values() for item in owned & self._resolved[mac]}
            if met_there:
                cause += f", also at {min(met_there)}, where another MAC answers us"
            self.coverage[identity] = Coverage("ports", str(address), "not_met", identity, cause, source.evidence)
            self.know(mac, identity)
            self._say(identity, self._with(network, listing), source)
            return
        # Of a device that was met elsewhere, what is open there is not all that is open.
        doubt = UnreadLine("network.ports", 1, f"{address} was not looked at", source.evidence)
        link = self._links.get(mac)
        there = Network(macs=(mac,), addresses=(address,), listed=(listing,))
        self._say(identity, there, source, (link,) if link else None)
        if met is not None:
            self.facts.append((identity, Merged(Device(), {}, (doubt,))))

    @staticmethod
    def _with(network: Network, listing: Listing) -> Network:
        return Network(
            macs=network.macs, addresses=network.addresses, vendor=network.vendor,
            mac_randomised=network.mac_randomised, zone=network.zone, listed=(listing,),
        )  # fmt: skip

    def left_out(self) -> Iterator[Coverage]:
        """A row for each device whose table was not read to its end: a stranger may be among those left out."""
        for identity, macs in sorted(self._left.items()):
            cause = f"{len(macs)} devices left out: more than {MOST_ADDED} that only tables know"
            yield Coverage("tables", identity, "failed", identity, cause)

    def leases(self, reporter: _Reporter) -> None:
        """The name that a device gave itself when it was given an address."""
        for place, lease in enumerate(reporter.system.leases or ()):
            identity = self._known.get(lease.mac)
            if identity is not None and identity != reporter.id and lease.bound is not False:
                network = Network(hostname=lease.hostname, listed=(Listing("leases", reporter.id),))
                self._say(identity, network, reporter.source("leases", place))

    def forwarding(self, reporter: _Reporter) -> None:
        """The port behind which a device was heard, and how many MACs share it."""
        entries = reporter.system.forwarding or ()
        behind = {entry.port: set[str]() for entry in entries}
        for entry in entries:
            behind[entry.port].add(entry.mac)
        for place, entry in enumerate(entries):
            identity = self._known.get(entry.mac)
            if identity is not None and identity != reporter.id:
                listing = Listing("forwarding", reporter.id, entry.port, entry.vlan, len(behind[entry.port]))
                self._say(identity, Network(listed=(listing,)), reporter.source("forwarding", place))

    def _say(self, identity: str, network: Network, source: Source, links: tuple[Link, ...] | None = None) -> None:
        said = attributed(Observation(Device(network=network, links=links)), source.evidence)
        line = source.line
        self.facts.append(
            (identity, Merged(said.device, {at: Source(source.evidence, line) for at in said.provenance}))
        )


def ports(network: Network | None) -> Iterator[Listing]:
    """The switch ports behind which a device was heard, the one it shares with the fewest first."""
    listed = (item for item in (network.listed if network else None) or () if item.table == "forwarding")
    yield from sorted(listed, key=lambda item: (item.sharing or 0, item.device, item.port))
