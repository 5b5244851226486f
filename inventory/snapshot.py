"""All devices at one time, with what allows them to be believed: coverage, provenance, what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any, Literal

from inventory.air import AirNetwork
from inventory.device import Device, Traits
from inventory.document import from_json, schema, to_json
from inventory.network import Zone

# The evidence of what the owner declared: the site as the run folder freezes it.
DECLARATION = "site"

SNAPSHOT_SCHEMA = "https://vigie.example/schema/snapshot-1.json"

# How one source ended for one target. "done" is the only one that allows a pass.
Status = Literal[
    "done",  # asked, answered
    "silent",  # asked, no answer in time
    "refused",  # answered with a refusal: the door is closed, or the question not allowed
    "credential_refused",  # it did not accept our user, password or key
    "not_trusted",  # it showed an SSH host key that nobody on our side accepted: nothing was sent
    "incompatible",  # it offers only algorithms that we no longer speak
    "host_key_changed",  # another SSH host key than the one on record: nothing was sent
    "excluded",  # the site forbids it, or it is too fragile
    "not_asked",  # this kind of device is not asked that
    "not_met",  # not asked, because it answered no ARP: it was only heard, or another device's table tells of it
    "ports_unknown",  # not asked, because which ports are open is not known
    "no_credential",  # the site names none, or its reference leads nowhere
    "off_link",  # the network is not on any of this machine's interfaces
    "no_ipv6",  # this machine speaks no IPv6 there: what only IPv6 shows was not looked at
    "failed",  # the tool or the machine failed
    "missing",  # the recording does not hold it
    "altered",  # the recording's file is not the one that was recorded
    "unreadable",  # it answered, and the reader could not read it
]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one source ended for one target."""

    source: str  # scanner.evidence.SourceName: "arp", "ports", "ssh" …
    target: str  # an address or a network
    status: Status
    device: str | None = None  # id of the device, when the target is one
    cause: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact came from."""

    evidence: str
    line: int | None = None
    default: bool | None = None  # True: the evidence leaves it out, and this version's default stands


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that a reader could not read: the fact it belongs to may be incomplete."""

    device: str
    fact: str  # path below the device: "system.port_forwards"
    evidence: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Vantage:
    """Where the run stood."""

    zone: Zone
    interface: str
    address: IPv4Address
    network: IPv4Network
    mac: str | None = None
    ipv6: tuple[IPv6Address, ...] | None = None  # of the interface; () when it speaks no IPv6


@dataclass(frozen=True, slots=True)
class GuestView:
    """What a run from the guest network saw of one network: of guests' devices nothing but their number."""

    network: IPv4Network
    zone: Zone  # of that network
    answered: int | None = None  # devices counted there; None: this machine was not on it
    known: tuple[str, ...] | None = None  # MACs of the practice's own devices among them
    reached: tuple[IPv4Address, ...] | None = None  # who answered an echo there, through the guests' gateway
    gateways: tuple[IPv4Address, ...] | None = None  # the ways out given there; None: not on it


@dataclass(frozen=True, slots=True)
class Profile:
    """The practice on the memento's three axes."""

    exercise: Literal["individual", "assisted", "group"]
    software: Literal["individual", "shared"]
    hosting: Literal["local", "external"]


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who allowed the scan, and when it may run."""

    by: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What rules may know of the site."""

    client: str
    profile: Profile
    size: int  # workstations
    networks: tuple[IPv4Network, ...]
    inventory_declared: bool  # False: no device is declared at all, so "unknown device" means nothing
    exclusions: tuple[IPv4Network, ...] | None = None  # never asked anything, at the practice's request
    declared_by_serial: tuple[str, ...] | None = None  # names of devices declared without a MAC
    show_names: bool | None = None  # True: names of people stay in reports


@dataclass(frozen=True, slots=True)
class Seen:
    """When a device was first and last seen."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What a device was recognised by on earlier visits."""

    traits: Traits
    doubted: datetime | None = None  # since when it shows other ones: the earlier ones stand until it is settled


@dataclass(frozen=True, slots=True)
class History:
    """What rules need from earlier runs, extracted once and frozen into the run folder."""

    runs: int = 0
    seen: Mapping[str, Seen] | None = None  # device id → when
    since: Mapping[str, Mapping[str, datetime]] | None = None  # device id → "updates.available" → since when
    known: Mapping[str, Known] | None = None  # device id → what it was recognised by


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All devices of a site at one time."""

    taken_at: datetime
    site: SiteFacts
    vantages: tuple[Vantage, ...]
    devices: tuple[Device, ...]
    coverage: tuple[Coverage, ...]
    history: History
    provenance: Mapping[str, Source]  # JSON pointer into this document → where the value came from
    unread: tuple[Unread, ...] = ()
    guest_views: tuple[GuestView, ...] | None = None  # None: nobody looked from the guest network
    air: tuple[AirNetwork, ...] | None = None  # None: this machine has no Wi-Fi card, or was not asked
    stood: tuple[Zone, ...] | None = None  # whence the practice was looked at, as whoever ran it says
    version: int = 1

    def to_json(self) -> dict[str, Any]:
        """The snapshot as JSON data, the shape of schema/snapshot.schema.json."""
        document: dict[str, Any] = to_json(self)
        return document

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Snapshot":
        """The snapshot of JSON data; ParseError where it does not fit."""
        snapshot: Snapshot = from_json(Snapshot, data)
        return snapshot


def snapshot_schema() -> dict[str, Any]:
    """The JSON Schema that schema/snapshot.schema.json must hold."""
    return schema(Snapshot, SNAPSHOT_SCHEMA, "Vigie snapshot")
