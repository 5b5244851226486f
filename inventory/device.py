"""A device and its fact groups.

`network.*` was seen from the wire, `system.*` was said by the device, `declared.*` was said by the owner; they are
never merged across. None = not looked or not answered; an empty tuple = looked, nothing there. Facts are plain values:
where each came from stands beside them in `Snapshot.provenance`.
"""

from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address
from typing import Literal

from inventory.category import Category as Category
from inventory.network import Network
from inventory.system import System

# --- declared.*: said by the owner ---


@dataclass(frozen=True, slots=True)
class Declared:
    """What the owner says of a device in inventory.yaml."""

    name: str
    role: Category
    owner: Literal["practice", "provider", "personal", "family", "patient"]
    use: Literal["professional", "personal", "mixed"]
    presence: Literal["permanent", "mobile", "seasonal"] = "permanent"
    macs: tuple[str, ...] = ()
    serial: str | None = None
    addresses: tuple[IPv4Address, ...] | None = None  # of a device that has several on one MAC
    maintainer: str | None = None
    stores_health_data: bool | None = None
    expected_services: tuple[str, ...] | None = None  # "tcp/22"
    until: date | None = None  # the last day of an approval that ends: after it the device is unknown again
    not_same: tuple[str, ...] | None = None  # MACs that are never it, whatever they say


# --- what it is recognised by ---

IdentifierKind = Literal["mac", "serial", "upnp_serial", "uuid", "engine_id", "host_key", "dhcp_id"]


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something that stays the same when a device changes its address or its random MAC."""

    kind: IdentifierKind
    value: str  # "00:11:32:ab:cd:ef", "ssh-ed25519 SHA256:…"
    announced: bool = False  # said to everybody by whoever likes: it can be copied from the air


@dataclass(frozen=True, slots=True)
class Traits:
    """What a device is recognised by: today's, or what earlier visits knew of it."""

    identifiers: tuple[Identifier, ...] = ()
    platform: str | None = None
    vendor: str | None = None  # first word, in lower case, as it says to whom it lets in
    manufacturer: str | None = None  # likewise, as it announces by UPnP


@dataclass(frozen=True, slots=True)
class Link:
    """Why one more interface was taken for the same device's."""

    reason: Literal["declared", "mac", "serial", "upnp_serial", "uuid", "engine_id", "host_key", "dhcp_id", "address"]
    value: str  # the identifier that both have; the declared name; its own address, for which this MAC answers others
    mac: str  # the interface that was joined
    to: str  # what it was joined to: a MAC, or the id that the device had on an earlier visit
    announced: bool = False  # only as good as what anybody could have announced
    earlier: bool = False  # known from an earlier visit, not met on this one


# --- the device ---


@dataclass(frozen=True, slots=True)
class Clue:
    """One reason to think a device is of a category."""

    category: Category
    weight: int  # 1-100
    reason: str


@dataclass(frozen=True, slots=True)
class Classification:
    """What the device is, how sure, and why."""

    category: Category
    certain: bool  # False: rules for other categories cannot be ruled out
    clues: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A thing with an identity, whole or partial: a partial one, read from one piece of evidence, is an observation."""

    id: str = ""  # inventory.identity.device_id: a MAC, or "declared:NAME"
    name: str = ""  # what a reader calls it: declared name, host name, or vendor and address
    classification: Classification | None = None
    fragile: bool | None = None
    network: Network | None = None
    system: System | None = None
    declared: Declared | None = None
    traits: Traits | None = None
    links: tuple[Link, ...] | None = None  # of a device of one interface, never seen otherwise: None
