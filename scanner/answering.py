"""Who answers ARP for which address in this run, and why a frame sent there would reach somebody it must not. Pure.

One frame or a login: every unicast question is decided here, by the same reasons.
"""

from collections.abc import Collection, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from inventory.device import Declared, Device
from inventory.errors import ParseError
from inventory.site import Site
from inventory.snapshot import Vantage
from scanner import discover
from scanner.evidence import Answer, Request
from scanner.frames.fields import one_host
from scanner.frames.sieve import sift
from scanner.scope import excluded, reaches_many, refusal
from scanner.wire import arp

# Addresses remembered of one MAC: two already tell that others may stand behind it. Stops one that claims them all.
MOST_ADDRESSES = 64


class Answering:
    """Whom the sweeps met, and from which addresses each MAC spoke ARP besides."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._devices: dict[IPv4Address, tuple[Device, ...]] = {}
        self._spoken: dict[str, frozenset[IPv4Address]] = {}  # each replaced, never changed: others may be reading it

    def __contains__(self, address: IPv4Address) -> bool:
        return address in self._devices

    def swept(self, capture: bytes, here: Vantage) -> None:
        """Take up whom the sweep of one network met."""
        for device in discover.swept(self._site, capture, here.zone, here.network):
            for address in _addresses(device):
                self._devices[address] = (*self._devices.get(address, ()), device)
        try:
            found = discover.answered(capture)
        except ParseError:
            return  # nor was anybody met
        for mac, spoken in found.items():
            self._speaks(mac, spoken)

    def heard(self, frames: Iterable[bytes]) -> None:
        """Take up who speaks from which addresses unasked: no sweep asks for an excluded one, or who sleeps then."""
        for frame in frames:
            if (spoken := arp.speaker(frame) or _to_everybody(frame)) is not None:
                self._speaks(spoken[0], spoken[1:])

    def _speaks(self, mac: str, addresses: Iterable[IPv4Address]) -> None:
        known = self._spoken.get(mac, frozenset())
        if len(known) < MOST_ADDRESSES:
            self._spoken[mac] = known.union(addresses)

    def barred(self, request: Request) -> Answer | None:
        """Why a unicast question is not asked; None when it reaches exactly one device, and that one may be asked.

        ScopeError for an address outside the authorised networks.
        """
        address = IPv4Address(request.target)
        devices = self._devices.get(address, ())
        if stop := refusal(self._site, request, [mac for device in devices for mac in _macs(device)]):
            return Answer(stop.status, detail=stop.reason)
        (device,) = devices
        if any(excluded(self._site, item) for item in self._owned(device)):
            return Answer("excluded", detail="the same device has an address that the site excludes")
        if any(self._stands_for(device, address, item) for item in self._site.devices):
            return Answer("excluded", detail="the address of a fragile device: it may stand behind this MAC")
        if not discover.alone(device) or not self._alone(device, address):
            return Answer("excluded", detail="several addresses answer with this MAC: others may stand behind it")
        return None

    def device(self, address: IPv4Address) -> Device:
        """The one device at an address of which nothing is `barred`."""
        (device,) = self._devices[address]
        return device

    def echoed(self, network: IPv4Network, own: Collection[IPv4Address]) -> list[IPv4Address]:
        """The addresses of a network that are sent an echo: of whom more than ARP and single connections may reach."""
        return [
            address
            for address in sorted(self._devices)
            if address in network
            and address not in own
            and self.barred(Request("icmp", str(address), "echo")) is None
            and discover.probes_for(self._site, self.device(address)).echo
        ]

    def moved(self, address: IPv4Address, now: Collection[str]) -> Answer | None:
        """A refusal unless those who answer for the address `now` did so in the sweep: it might be a fragile device."""
        others = set(now) - set(_macs(self.device(address)))
        if not now:
            return Answer("silent", detail="it no longer answers ARP")
        if others:
            return Answer("excluded", detail=f"{', '.join(sorted(others))} now answers for this address")
        return None

    def _owned(self, device: Device) -> Iterator[IPv4Address]:
        """Every address of a device: where it was met on whichever of its interfaces, spoke from, or is declared."""
        macs = set(_macs(device))
        if device.declared is not None:
            yield from device.declared.addresses or ()
            macs.update(device.declared.macs)
        yield from (at for at, met in self._devices.items() if device.id in {item.id for item in met})
        for mac in macs:
            yield from self._spoken.get(mac, ())

    def _alone(self, device: Device, address: IPv4Address) -> bool:
        """Whether this MAC spoke from no other address of the network, but those that its owner names."""
        home = next(item.network for item in self._site.networks if address in item.network)
        named = {address, *((device.declared.addresses if device.declared else None) or ())}
        spoken = {item for mac in _macs(device) for item in self._spoken.get(mac, ())}
        return all(item in named or item not in home or reaches_many(item, [home]) for item in spoken)

    def _stands_for(self, device: Device, address: IPv4Address, other: Declared) -> bool:
        """Whether a device answers at the address that is declared as a fragile one's."""
        fragile = other.role == "medical_imaging" or bool({*other.macs} & {*self._site.fragile})
        return fragile and address in (other.addresses or ()) and not {*_macs(device)} & {*other.macs}


def _to_everybody(frame: bytes) -> arp.Speaker | None:
    """Who sent an IPv4 frame to a group, and its source: what is for everybody on a link was sent on it."""
    packet = sift(frame)
    source = one_host(packet.source) if packet is not None and packet.group else None
    return (packet.mac.hex(":"), source) if packet is not None and source is not None else None


def _addresses(device: Device) -> tuple[IPv4Address, ...]:
    return (device.network.addresses if device.network else None) or ()


def _macs(device: Device) -> tuple[str, ...]:
    return (device.network.macs if device.network else None) or ()
