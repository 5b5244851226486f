"""A device and its fact groups.

`network.*` was seen from the wire, `system.*` was said by the device, `declared.*` was said by the owner; they are
never merged across. None = not looked or not answered; an empty tuple = looked, nothing there. Facts are plain values:
where each came from stands beside them in `Snapshot.provenance`.
"""

from dataclasses import dataclass
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
