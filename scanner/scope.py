"""What may leave this machine, decided before anything does. Pure: the same question always gets the same answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import IPv4Address, IPv4Network

from inventory.errors import ScopeError
from inventory.site import Site, private
from inventory.snapshot import Status
from scanner.evidence import Request


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question is not asked although the site as a whole is authorised."""

    status: Status
    reason: str


def local_day(moment: datetime) -> date:
    """The day at the practice, where this machine stands: what somebody signed are days on a wall calendar."""
    return moment.astimezone().date()


def check_date(site: Site, today: date) -> None:
    """Nothing on an authorised day; ScopeError outside the dates that the practice signed."""
    start, end = site.authorisation.start, site.authorisation.end
    if not start <= today <= end:
        raise ScopeError(site.client, f"authorised from {start} until {end}, today is {today}")


def check_network(site: Site, network: IPv4Network) -> None:
    """Nothing for one of the site's own networks, exactly as authorised; ScopeError for any other."""
    if network not in {item.network for item in site.networks}:
        raise ScopeError(str(network), "not one of the authorised networks")
    if not private(network) and not site.public_allowed:
        raise ScopeError(str(network), "public addresses, and the site does not say in words that they may be scanned")


def sweep_targets(site: Site, network: IPv4Network) -> tuple[IPv4Address, ...]:
    """The addresses of an authorised network that a sweep may ask for."""
    check_network(site, network)
    hosts = network.hosts()
    return tuple(address for address in hosts if not excluded(site, address))


def excluded(site: Site, address: IPv4Address) -> bool:
    """Whether the site forbids any question to this address."""
    return any(address in network for network in site.exclusions)


def reaches_many(address: IPv4Address, networks: Iterable[IPv4Network]) -> bool:
    """Whether the address is the network's own or its broadcast address, as some device may claim to have."""
    return any(
        network.prefixlen < 31 and address in (network.network_address, network.broadcast_address)
        for network in networks
    )


def refusal(site: Site, request: Request, macs: Iterable[str]) -> Refusal | None:
    """Why this unicast question is not asked, None when it may be.

    `macs` are those that answered for the address in this run. ScopeError when the address is outside the authorised
    networks: that is a mistake of the program, not a property of the device.
    """
    address = IPv4Address(request.target)
    if site.zone(address) is None:
        raise ScopeError(request.target, "not in an authorised network")
    check_network(site, next(item.network for item in site.networks if address in item.network))
    if excluded(site, address):
        return Refusal("excluded", "excluded by the site")
    if reaches_many(address, (item.network for item in site.networks)):
        return Refusal("excluded", "the address of a whole network: everyone would be asked")
    if not (known := set(macs)):
        return Refusal("excluded", "no device answered ARP there: whom it would reach is not known")
    if len(known) > 1:
        return Refusal("excluded", "several devices answer for this address: whom it would reach is not known")
    if known.intersection(site.fragile) and not ("tcp_connect" in site.fragile_allow and request.source == "ports"):
        return Refusal("excluded", "fragile device: nothing but ARP")
    return None
