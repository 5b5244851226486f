"""Who speaks IPv6 on the links of a visit: addresses of devices that ARP met, and devices that speak nothing else.

Asked once per interface, whichever networks of the site are on it. Knows no wire: it works on a replay as it does live.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv6Address

from inventory.device import Device
from inventory.errors import ParseError
from inventory.mac import randomised
from inventory.network import Network
from inventory.observation import Merged, Observation, attributed, merge
from inventory.site import Site
from inventory.snapshot import Coverage, Vantage
from scanner import discover
from scanner.beginning import OWN_MAC_USED
from scanner.evidence import READER_ERRORS, Evidence, Request
from scanner.frames import nd
from scanner.frames.fields import one_device, one_host6
from scanner.frames.saved import frames
from scanner.frames.sieve import sift
from scanner.transport import Transport

# Devices listed that speak IPv6 only: a practice has a few; stops a flood of invented senders from filling the report.
MOST_ALONE = 64
# Addresses kept of one device: a computer with privacy addresses in three prefixes has 24; stops one that claims all.
MOST_ADDRESSES = 32

_ECHO_REQUEST, _ECHO_REPLY = 128, 129
_ICMPV6, _HEAD = 58, 54  # next header; where ICMPv6 begins, behind Ethernet and IPv6


class Neighbours:
    """What the links of a visit brought: facts by device, devices that ARP did not meet, how each question ended."""

    def __init__(
        self,
        site: Site,
        transport: Transport,
        vantages: Sequence[Vantage],
        met: Iterable[Device],
        progress: Callable[[str, str, float], None],
    ) -> None:
        self.coverage: list[Coverage] = []
        self.alone: list[tuple[Device, str]] = []  # with the id of its evidence
        self.facts: dict[str, list[Merged]] = {}  # by the id of the device
        self._site = site
        self._own = {item.mac for item in vantages}
        self._ids = {mac: item.id for item in met for mac in (item.network.macs if item.network else None) or ()}
        for here in _links(site, vantages):
            progress("ipv6", str(here.network), 0.0)
            self._read(transport.send(Request("icmp6", str(here.network), "neighbours")), here)
            progress("ipv6", str(here.network), 1.0)

    def _read(self, evidence: Evidence, here: Vantage) -> None:
        status, cause = evidence.status, evidence.detail
        heard: Mapping[str, Network] = {}
        if status == "done" or (status == "failed" and evidence.body):  # cut short: what was heard is true all the same
            try:
                heard = read(evidence)
            except READER_ERRORS as error:
                # A reader that stumbles over what a device sent costs these facts, not the visit.
                status, cause = "unreadable", error.reason if isinstance(error, ParseError) else type(error).__name__
        if any(heard[mac].hands_out for mac in heard if mac in self._own) and status == "done":
            status, cause = "failed", OWN_MAC_USED
        others = {mac: network for mac, network in heard.items() if mac not in self._own}
        unmet = [mac for mac in others if mac not in self._ids]
        alone = [mac for mac in unmet if self._is_device(mac, others[mac])]
        if (left := len(unmet) - len(alone)) and status == "done":
            cause = f"{cause or 'asked'}, {left} senders left out that only spoke IPv6 from invented MACs"
        if len(alone) > MOST_ALONE:
            cause = cause if status == "failed" else f"{len(alone)} devices that speak nothing but IPv6"
            status, alone = "failed", []
        for mac in alone:
            device = discover.met(self._site, mac, (), here.zone, here.network)
            self._ids[mac] = device.id
            self.alone.append((device, evidence.id))
        for mac, network in others.items():
            if mac in self._ids:
                fact = attributed(Observation(Device(network=network)), evidence.id)
                self.facts.setdefault(self._ids[mac], []).append(fact)
        row = Coverage("icmp6", str(here.network), status, None, cause or None, evidence.id)
        self.coverage.append(row)

    def _is_device(self, mac: str, network: Network) -> bool:
        """Whether whoever ARP did not meet is surely one, and no inner port of another, as `passive` has it too."""
        declared = any(mac in item.macs for item in self._site.devices)
        beyond = any(not address.is_link_local for address in network.ipv6 or ())
        return declared or beyond or network.hands_out or not randomised(mac)


def _links(site: Site, vantages: Sequence[Vantage]) -> Iterator[Vantage]:
    """One vantage for each interface of which the run says what IPv6 it speaks: older recordings do not."""
    asked = set[str]()
    for network in (item.network for item in site.networks):
        here = next((item for item in vantages if item.network == network), None)
        if here is not None and here.ipv6 is not None and here.interface not in asked:
            asked.add(here.interface)
            yield here


def read(evidence: Evidence) -> Mapping[str, Network]:
    """MAC → the IPv6 addresses of each who spoke, and what it advertises as a router; ParseError when it is no capture.

    An echo reply counts when it brings back what a request of the same capture carried: nobody beyond the link knows
    that. Neighbour discovery counts as `frames.nd` believes it.
    """
    listed = [frame for _, frame in frames(io.BytesIO(evidence.body))]
    asked = {frame[_HEAD + 4 :] for frame in listed if _kind(frame) == _ECHO_REQUEST}
    heard: dict[bytes, list[Network]] = {}
    for frame in listed:
        for mac, network in _said(frame, asked):
            if network is not None:
                heard.setdefault(mac, []).append(network)
    return {mac.hex(":"): _whole(said) for mac, said in sorted(heard.items())}


def _kind(frame: bytes) -> int | None:
    """The type of an ICMPv6 message straight behind an IPv6 header, None of anything else."""
    if len(frame) < _HEAD + 8 or frame[12:14] != b"\x86\xdd" or frame[14] >> 4 != 6 or frame[20] != _ICMPV6:
        return None
    return frame[_HEAD]


def _said(frame: bytes, asked: set[bytes]) -> Iterator[tuple[bytes, Network | None]]:
    if _kind(frame) == _ECHO_REPLY:
        size = int.from_bytes(frame[18:20], "big")
        mac, address = frame[6:12], one_host6(frame[22:38])
        if frame[_HEAD + 4 : _HEAD + size] in asked and one_device(mac) and address is not None:
            yield mac, Network(ipv6=(address,))
    elif (packet := sift(frame)) is not None and packet.protocol == "nd":
        yield from nd.read(packet)


def _whole(said: Iterable[Network]) -> Network:
    """Everything that one device said; of two advertisements the longer lifetime counts."""
    whole = merge(Merged(Device(network=item), {}) for item in said).device.network or Network()
    addresses: tuple[IPv6Address, ...] = (whole.ipv6 or ())[:MOST_ADDRESSES]
    return Network(ipv6=addresses or None, router_advertisement=whole.router_advertisement)
