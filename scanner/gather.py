"""What devices say of themselves: a question of each kind to everybody on a network, then where the answers lead.

An answer is a device's own when exactly one device answered ARP for its address; nobody else is listened to, and nobody
is asked what a third one says of it. Knows no wire: it works on a replay as it does live.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from typing import Protocol

from inventory.device import Device
from inventory.errors import ParseError
from inventory.observation import Merged, Observation, UnreadLine, attributed
from inventory.site import Credential, Site
from inventory.snapshot import Coverage, Status
from scanner.announced import Said, read_mdns, read_ssdp
from scanner.answers import read_answers, read_echoes
from scanner.discover import probes_for
from scanner.evidence import READER_ERRORS, Evidence, Request, SourceName
from scanner.igd import MOST_SERVICES, mapping_asks, read_description, read_mappings
from scanner.netbios import read_netbios
from scanner.scope import excluded
from scanner.transport import Transport
from scanner.upnp_place import Place, own_place

# Descriptions read of one device: a media server has one, a gateway with its own access point two.
MOST_DESCRIPTIONS = 4

# What is asked of everybody on a network at once, in the order in which answers count; all but the last at one time.
EVERYBODY: tuple[SourceName, ...] = ("mdns", "ssdp", "wsd", "mndp", "ubiquiti", "dhcp", "llmnr")
_ASKS: Mapping[SourceName, str] = {
    "mdns": "browse", "ssdp": "search", "wsd": "probe", "mndp": "discover", "ubiquiti": "discover", "dhcp": "discover",
    "icmp": "echo",
}  # fmt: skip
_FACTS: Mapping[SourceName, str] = {
    "mdns": "network.mdns", "ssdp": "network.upnp", "wsd": "network.wsd", "mndp": "network.neighbours",
    "ubiquiti": "network.neighbours", "llmnr": "network.hostname", "icmp": "network.echo",
}  # fmt: skip
# Addresses whose name is asked of one network, each in a datagram of its own (scanner/wire/llmnr.py).
MOST_NAMES_ASKED = 12

_MAPPINGS = "network.upnp.mappings"
_ELSEWHERE = "what it announces as its description is elsewhere"
_UNANNOUNCED: tuple[Status, str] = ("silent", "it announces no UPnP description")


@dataclass(frozen=True, slots=True)
class Announced:
    """What one device announced: its facts, where its descriptions lie, and why none may be known."""

    facts: tuple[Merged, ...] = ()
    places: tuple[Place, ...] = ()
    without: tuple[Status, str] = _UNANNOUNCED


NOTHING = Announced()


class Announcements:
    """Everybody's announcements on every network of a visit, and how each question ended."""

    def __init__(
        self, site: Site, transport: Transport, devices: Iterable[Device], progress: Callable[[str, str, float], None]
    ) -> None:
        self._site = site
        self.coverage: list[Coverage] = []
        self.offers: list[Evidence] = []  # of DHCP servers: frames, which are joined to the devices by MAC
        self._devices = tuple(devices)
        self._facts: dict[IPv4Address, list[Merged]] = {}
        self._locations: dict[IPv4Address, tuple[str, ...]] = {}
        self._owners: dict[IPv4Address, set[str]] = {}  # address → ids of who answered ARP for it
        self._searches: dict[IPv4Network, tuple[Status, str]] = {}
        for device in self._devices:
            for address in addresses(device):
                self._owners.setdefault(address, set()).add(device.id)
        for network in (item.network for item in site.networks):
            if any(address in network for address in self._owners):  # else nobody's answer would be anybody's
                progress("listen", str(network), 0.0)
                self._ask(transport, network)
                progress("listen", str(network), 1.0)

    def of(self, device: Device) -> Announced:
        """What a device announced, from whichever of its addresses."""
        own = [address for address in addresses(device) if self._welcome(address)]
        facts = tuple(fact for address in own for fact in self._facts.get(address, ()))
        said = [(address, url) for address in own for url in self._locations.get(address, ())]
        places = {str(place): place for address, url in said if (place := own_place(url, address)) is not None}
        if any(own_place(url, address) is None for address, url in said):
            facts += (Merged(Device(), {}, (UnreadLine(_MAPPINGS, 1, _ELSEWHERE),)),)
        if said and not places:
            return Announced(facts, (), ("not_asked", _ELSEWHERE))
        failed = (
            how for network, how in self._searches.items() if how[0] != "done" and any(at in network for at in own)
        )
        return Announced(facts, tuple(places.values()), next(failed, _UNANNOUNCED))

    def _welcome(self, address: IPv4Address) -> bool:
        return len(self._owners.get(address, ())) == 1 and not excluded(self._site, address)

    def _ask(self, transport: Transport, network: IPv4Network) -> None:
        """Put every question at one time: each waits seconds for its answers, and they do not disturb each other."""
        requests = [Request(source, str(network), ask) for source, ask in _ASKS.items()]
        with ThreadPoolExecutor(len(requests)) as workers:
            for evidence in workers.map(transport.send, requests):
                if evidence.request.source == "dhcp":
                    self.offers.append(evidence)
                    continue
                ended = self._read(evidence, network, _READERS[evidence.request.source])
                if evidence.request.source == "ssdp":
                    self._searches[network] = ended
        if nameless := [str(item) for item in self._nameless(network)]:
            answer = transport.send(Request("llmnr", str(network), f"reverse {','.join(nameless)}"))
            self._read(answer, network, read_answers)

    def _nameless(self, network: IPv4Network) -> list[IPv4Address]:
        """The first addresses of whom nobody knows the name yet and who may be asked more than ARP."""
        owners = {
            address: device
            for device in self._devices
            for address in addresses(device)
            if address in network and self._welcome(address) and device.declared is None
        }
        named = {
            address
            for address, facts in self._facts.items()
            if any(fact.device.network and fact.device.network.hostname for fact in facts)
        }
        sturdy = (
            address
            for address, device in sorted(owners.items())
            if address not in named and probes_for(self._site, device).name in ("standard", "gentle")
        )
        return list(islice(sturdy, MOST_NAMES_ASKED))

    def _read(
        self,
        evidence: Evidence,
        network: IPv4Network,
        read: Callable[[Evidence], Mapping[IPv4Address, Said]],
    ) -> tuple[Status, str]:
        """Keep what the devices of one network said; how the question ended."""
        status, cause = evidence.status, evidence.detail
        said: Mapping[IPv4Address, Said] = {}
        if status == "done" or (status == "failed" and evidence.body):  # cut short: what was heard is true all the same
            try:
                said = read(evidence)
            except READER_ERRORS as error:
                # A reader that stumbles over what a device sent costs these facts, not the visit.
                status, cause = "unreadable", error.reason if isinstance(error, ParseError) else type(error).__name__
        doubts = () if status == "done" else (UnreadLine(_FACTS[evidence.request.source], 1, cause),)
        for address, item in said.items():
            if address in network and self._welcome(address):
                whole = dataclasses.replace(item.observation, unread=(*item.observation.unread, *doubts))
                self._facts.setdefault(address, []).append(attributed(whole, evidence.id))
                self._locations[address] = (*self._locations.get(address, ()), *item.locations)
        self.coverage.append(Coverage(evidence.request.source, str(network), status, None, cause or None, evidence.id))
        return status, cause


_READERS: Mapping[SourceName, Callable[[Evidence], Mapping[IPv4Address, Said]]] = {
    "mdns": read_mdns, "ssdp": read_ssdp, "wsd": read_answers, "mndp": read_answers, "ubiquiti": read_answers,
    "icmp": read_echoes,
}  # fmt: skip


def asked_of(request: Request) -> tuple[IPv4Address, ...]:
    """The addresses whose names a question asks for: `reverse 192.168.10.31,192.168.10.32`."""
    return tuple(map(IPv4Address, request.ask.partition(" ")[2].split(",")))


def addresses(device: Device) -> tuple[IPv4Address, ...]:
    """The addresses of a device, () when none is known."""
    return (device.network.addresses if device.network else None) or ()


class Visit(Protocol):
    """What a visit of a device must offer for its announcements to be followed."""

    announced: Announced
    seen: list[Merged]
    coverage: list[Coverage]

    def at(self, address: IPv4Address) -> "Visit":
        """The same visit, asking at another address of the device."""

    def ask(
        self,
        source: SourceName,
        ask: str,
        read: Callable[[Evidence], Observation | None],
        credential: Credential | None = None,
    ) -> Evidence:
        """Ask, read, and note how it ended."""

    def note(self, source: SourceName, status: Status, cause: str = "", evidence: str | None = None) -> None:
        """How one question ended."""


def upnp(visit: Visit) -> None:
    """Read each description that the device announced on itself, and the port mappings that it leads to.

    Whatever was not read to its end leaves the list of mappings in doubt: another one may stand there.
    """
    places = visit.announced.places
    if not places:
        visit.note("upnp", *visit.announced.without)
    asked = set[str]()
    for place in places[:MOST_DESCRIPTIONS]:
        there = visit.at(place.address)
        description = there.ask("upnp", f"description {place}", read_description)
        if not _answered(visit):
            _doubt(visit, "a description that was not read", description.id)
            continue
        asks = [ask for ask in mapping_asks(description) if ask not in asked]
        asked.update(asks)
        for ask in asks[:MOST_SERVICES]:
            answer = there.ask("upnp", ask, read_mappings)
            if not _answered(visit):
                _doubt(visit, "a list of mappings that was not read", answer.id)
        if len(asks) > MOST_SERVICES:
            _doubt(visit, f"more than {MOST_SERVICES} lists of mappings", description.id)
        if len(places) > MOST_DESCRIPTIONS:
            _doubt(visit, f"more than {MOST_DESCRIPTIONS} descriptions", description.id)


def _answered(visit: Visit) -> bool:
    """Whether the last question was answered, and its answer read."""
    return visit.coverage[-1].status == "done"


def _doubt(visit: Visit, why: str, evidence: str) -> None:
    visit.seen.append(Merged(Device(), {}, (UnreadLine(_MAPPINGS, 1, why, evidence),)))


def netbios(visit: Visit) -> None:
    """Ask the device for its NetBIOS names."""
    visit.ask("netbios", "status", read_netbios)
