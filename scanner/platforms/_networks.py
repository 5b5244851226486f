"""Sets of IPv4 addresses, as the conditions of a packet filter name them and carry them from rule to rule."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, collapse_addresses, summarize_address_range

from scanner.platforms._reading import UnreadableError

MAX_NETWORKS = 128  # networks of one set; stops sets that multiply along jumps from filling the snapshot

Networks = tuple[IPv4Network, ...]
ANYWHERE: Networks = (IPv4Network("0.0.0.0/0"),)
_LAST = int(IPv4Address("255.255.255.255"))


def networks(elements: Iterable[str]) -> Networks:
    """The set of addresses, networks and ranges written as nft(8) does.

    Raises:
        UnreadableError: another word (`@blocked` is a set whose elements stand elsewhere), or too many networks.

    >>> [str(network) for network in networks(["192.168.10.1", "198.51.100.0/24", "203.0.113.4-203.0.113.6"])]
    ['192.168.10.1/32', '198.51.100.0/24', '203.0.113.4/31', '203.0.113.6/32']
    """
    return _bounded(collapse_addresses(part for element in elements for part in _parts(element)))


def everything_but(excluded: Networks) -> Networks:
    """Every address that is in none of the networks.

    >>> [str(network) for network in everything_but(networks(["0.0.0.0/2", "128.0.0.0/1"]))]
    ['64.0.0.0/2']
    """
    gaps, start = [], 0
    for network in collapse_addresses(excluded):  # in order
        gaps.append((start, int(network.network_address) - 1))
        start = int(network.broadcast_address) + 1
    gaps.append((start, _LAST))
    spans = [(IPv4Address(first), IPv4Address(last)) for first, last in gaps if first <= last]
    return _bounded(part for first, last in spans for part in summarize_address_range(first, last))


def common(left: Networks, right: Networks) -> Networks:
    """The addresses that are in both sets.

    >>> [str(network) for network in common(networks(["10.0.0.0/8", "192.0.2.1"]), networks(["10.1.0.0/16"]))]
    ['10.1.0.0/16']
    """
    if ANYWHERE in (left, right):
        return right if left == ANYWHERE else left
    return _bounded(_met(sorted(left), sorted(right)))


def _met(left: list[IPv4Network], right: list[IPv4Network]) -> Iterator[IPv4Network]:
    """The smaller of each two that meet; of two networks that meet, one is always inside the other."""
    place, beside = 0, 0
    while place < len(left) and beside < len(right):
        one, two = left[place], right[beside]
        if one.overlaps(two):
            yield max(one, two, key=lambda network: network.prefixlen)
        if one.broadcast_address <= two.broadcast_address:
            place += 1
        else:
            beside += 1


def _parts(element: str) -> Iterator[IPv4Network]:
    first, dash, last = element.partition("-")
    try:
        if dash:
            yield from summarize_address_range(IPv4Address(first), IPv4Address(last))
        else:
            yield IPv4Network(element)
    except ValueError as error:
        raise UnreadableError(element) from error


def _bounded(found: Iterable[IPv4Network]) -> Networks:
    result: list[IPv4Network] = []
    for network in found:
        if len(result) == MAX_NETWORKS:
            raise UnreadableError(f"more than {MAX_NETWORKS} networks")
        result.append(network)
    return tuple(result)
