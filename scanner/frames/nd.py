"""IPv6 neighbour discovery (RFC 4861): who has which address, and who calls itself a router."""

import struct
from collections.abc import Iterator
from ipaddress import IPv6Address

from inventory.heard import RouterAdvertisement
from inventory.network import Network
from scanner.frames.fields import addresses6, dns_name, one_device, one_host6
from scanner.frames.sieve import Packet

ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 133, 134, 135, 136
MOST_OPTIONS = 32
MOST_PREFIXES = 8

_SOURCE_MAC, _TARGET_MAC, _PREFIX, _MTU, _RDNSS, _DNSSL = 1, 2, 3, 5, 25, 31
_HEADS = {ROUTER_SOLICITATION: 8, ROUTER_ADVERTISEMENT: 16, NEIGHBOUR_SOLICITATION: 24, NEIGHBOUR_ADVERTISEMENT: 24}


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """The sender's address, or the one that it answers for; of a router what it advertises.

    Type, code, checksum, then per type; a target or source address of nobody is a probe, and claims nothing. Whoever
    gives another link-layer address than its own speaks for somebody else: it is not believed that the address is its
    own, but what it advertises as a router misleads everybody all the same, and no router forwards that.
    """
    said = packet.payload
    kind = said[0] if said else 0
    if len(said) < _HEADS.get(kind, 9999):
        return
    options = tuple(_options(said, _HEADS[kind]))
    macs = {value[:6] for code, value in options if code in (_SOURCE_MAC, _TARGET_MAC)}
    borrowed = bool(macs - {packet.mac})
    if not one_device(packet.mac) or (borrowed and kind != ROUTER_ADVERTISEMENT):
        return
    claimed = said[8:24] if kind == NEIGHBOUR_ADVERTISEMENT else packet.source
    address = one_host6(claimed)
    network = Network(ipv6=(address,)) if address is not None else None
    if kind == ROUTER_ADVERTISEMENT and address is not None:
        own = None if borrowed else (address,)
        network = Network(ipv6=own, router_advertisement=_advertised(said, options))
    yield packet.mac, network


def _options(said: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The options: type, length in units of eight bytes, value. One of length 0 ends the reading (§4.6)."""
    for _ in range(MOST_OPTIONS):
        if at + 2 > len(said) or not (size := said[at + 1] * 8) or at + size > len(said):
            return
        yield said[at], said[at + 2 : at + size]
        at += size


def _advertised(said: bytes, options: tuple[tuple[int, bytes], ...]) -> RouterAdvertisement:
    """Code 0, checksum, hop limit, flags (M 0x80, O 0x40), lifetime, two timers, options.

    Name servers and domains with a lifetime of 0 are taken back, not handed out (RFC 8106 §5).
    """
    flags, lifetime = struct.unpack_from(">BH", said, 5)
    dns: tuple[IPv6Address, ...] = ()
    prefixes: list[str] = []
    domains: list[str] = []
    mtu = None
    for code, value in options:
        if code == _PREFIX and len(value) == 30 and value[0] <= 128 and len(prefixes) < MOST_PREFIXES:
            prefixes.append(f"{IPv6Address(value[14:30])}/{value[0]}")
        elif code == _RDNSS and len(value) >= 22 and any(value[2:6]):
            dns += addresses6(value[6:]) or ()
        elif code == _DNSSL and len(value) > 6 and any(value[2:6]) and (name := dns_name(value[6:])):
            domains.append(name)
        elif code == _MTU and len(value) == 6:
            mtu = int.from_bytes(value[2:], "big")
    return RouterAdvertisement(
        lifetime, bool(flags & 0x80), bool(flags & 0x40),
        tuple(sorted(set(prefixes))), tuple(sorted(set(dns))), tuple(sorted(set(domains))) or None, mtu,
    )  # fmt: skip
