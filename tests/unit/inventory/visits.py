"""Snapshots of a small practice, one after the other, for the tests of the store."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from inventory.device import Category, Classification, Declared, Device
from inventory.network import Network, Port
from inventory.snapshot import Coverage, History, Profile, SiteFacts, Snapshot
from inventory.system import System, Updates

LAN = IPv4Network("192.168.10.0/24")
FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITE = SiteFacts("Cabinet", Profile("group", "shared", "local"), 2, (LAN,), True)
NAS, TABLET, PHONE = "00:11:32:00:00:01", "00:11:32:00:00:02", "5e:00:00:00:00:03"


def day(number: float) -> datetime:
    return FIRST + timedelta(days=number)


def run_name(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def device(mac: str, **changes: Any) -> Device:
    """A device of that MAC; `category`, `address`, `ports`, `zone`, `declared`, `updates`, `name` may be told."""
    category: Category = changes.get("category", "nas")
    network = Network(
        macs=changes.get("macs", (mac,)),
        addresses=tuple(IPv4Address(f"192.168.10.{number}") for number in changes.get("addresses", (10,))),
        vendor="Synology",
        zone=changes.get("zone", "professional"),
        ports=None if changes.get("ports") is None else tuple(map(Port, changes["ports"])),
    )
    declared: Declared | None = changes.get("declared")
    updates = changes.get("updates")
    return Device(
        id=changes.get("id", mac),
        name=changes.get("name", mac),
        classification=Classification(category, certain=True),
        network=network,
        system=System(updates=Updates(updates)) if updates else None,
        declared=declared,
    )


def snapshot(moment: datetime, *devices: Device, history: History | None = None, swept: bool = True) -> Snapshot:
    coverage = (Coverage("arp", str(LAN), "done" if swept else "failed"),)
    return Snapshot(moment, SITE, (), devices, coverage, history or History(), {})
