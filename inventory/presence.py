"""Whether a device is there, with hysteresis: a tablet that sleeps through a visit has not gone. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal

from inventory.device import Category

AnyNetwork = IPv4Network | IPv6Network

Presence = Literal[
    "present",  # met by the last run that looked where it stands
    "quiet",  # missed lately, not for long enough to call it gone
    "absent",  # gone
    "unseen",  # declared, never met
]

# Runs in a row that must miss a device, and how long it must not have been met, before it is absent: a run every few
# minutes must not make a phone that sleeps come and go.
MISSED_RUNS = 3
STEADY_PATIENCE = timedelta(hours=24)
SLEEPER_PATIENCE = timedelta(days=7)  # over a weekend and a holiday
# Between quarterly visits one is enough.
LONG = timedelta(days=30)

# What is never switched off in a practice; anything else may sleep, be carried home, or be off until Monday.
STEADY: tuple[Category, ...] = ("router", "switch", "access_point", "nas", "server", "ups", "camera", "voip")


@dataclass(frozen=True, slots=True)
class Look:
    """A run, and what it swept to the end."""

    at: datetime
    networks: tuple[AnyNetwork, ...]


def presence(
    last: datetime, addresses: Sequence[IPv4Address | IPv6Address], looks: Sequence[Look], category: str | None
) -> Presence:
    """Whether a device that was last met at `last`, at these addresses, is there; `looks` by time.

    >>> from ipaddress import ip_network, ip_address
    >>> from datetime import UTC
    >>> day = lambda number: datetime(2026, 11, number, 9, 0, tzinfo=UTC)
    >>> looks = [Look(day(n), (ip_network("192.168.1.0/24"),)) for n in range(1, 6)]
    >>> presence(day(5), (ip_address("192.168.1.9"),), looks, "tablet")
    'present'
    >>> presence(day(2), (ip_address("192.168.1.9"),), looks, "tablet")  # three missed, but it may sleep
    'quiet'
    >>> presence(day(2), (ip_address("192.168.1.9"),), looks, "nas")
    'absent'
    """
    patience = STEADY_PATIENCE if category in STEADY else SLEEPER_PATIENCE
    missed = 0
    for look in looks[bisect_right(looks, last, key=lambda look: look.at) :]:
        if not any(address in network for address in addresses for network in look.networks) and (
            addresses or not look.networks
        ):
            continue  # nobody looked where it stands; without an address, any sweep looked
        missed, away = missed + 1, look.at - last
        if away >= LONG or (missed >= MISSED_RUNS and away >= patience):
            return "absent"
    return "quiet" if missed else "present"
