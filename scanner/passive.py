"""What was heard beside a visit, in a file or on the swept interfaces, joined to what the sweep met. Pure.

Nothing is asked because of it: it is read when every question has been put, and a device that was only heard stays
unasked.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import get_args

from inventory.device import Device
from inventory.errors import ParseError
from inventory.mac import randomised
from inventory.network import Network, Zone
from inventory.observation import Merged, Observation, UnreadLine, attributed
from inventory.site import Site
from inventory.snapshot import Coverage, Vantage
from scanner import discover
from scanner.assembly import from_sweep
from scanner.beginning import MOST_ELSEWHERE, OWN_MAC_USED
from scanner.evidence import READER_ERRORS, Evidence, SourceName
from scanner.frames.hearing import Heard, heard_in_body
from scanner.gather import addresses
from scanner.scope import excluded

FILE = "file"


@dataclass(frozen=True, slots=True)
class Joined:
    """What one capture adds: facts by the id of the device, and how it ended."""

    facts: tuple[tuple[str, tuple[Merged, ...]], ...]
    coverage: tuple[Coverage, ...]


def joined(
    site: Site, evidence: Evidence, vantages: Iterable[Vantage], asked: Mapping[str, frozenset[IPv4Address]]
) -> Joined:
    """The facts of a capture's devices; `asked` is by the id of each device that the sweep met: its addresses.

    A device belongs to the site by an address in an authorised network, by its declaration, or by being on the wire of
    a swept network. This machine is left out, and so is every address that the site excludes: with its device, counted,
    when nothing else is known of that.
    """
    status, cause = evidence.status, evidence.detail
    heard = Heard({})
    if status == "done" or (status == "failed" and evidence.body):
        try:
            heard = heard_in_body(evidence.body)
        except READER_ERRORS as error:
            status, cause = "unreadable", error.reason if isinstance(error, ParseError) else type(error).__name__
    if heard.problem and status == "done":
        status, cause = "failed", heard.problem
    here = tuple(vantages)
    own = {item.mac for item in here}
    # A listening leaves out what this machine sends; a file may hold it.
    posing = () if evidence.request.target == FILE else tuple(_handed_out(own, heard))
    if posing and status == "done":
        status, cause = "failed", OWN_MAC_USED
    found, left_out = _kept(site, evidence.request.target, heard, own, asked)
    if status == "done":
        cause = ", ".join(filter(None, [cause, *left_out]))
    homeless = [item for item in found if item.device.id not in asked and not addresses(item.device)]
    if len(homeless) > MOST_ELSEWHERE:
        found = [item for item in found if item not in homeless]
        status, cause = "failed", f"{len(homeless)} devices without an address of this network"
    facts = tuple((item.device.id, _facts(item, asked.get(item.device.id), evidence)) for item in found)
    ended = Coverage(evidence.request.source, evidence.request.target, status, None, cause or None, evidence.id)
    unasked = sorted({item.device.id: item.device for item in found if item.device.id not in asked}.items())
    doubted = (dataclasses.replace(ended, source=source) for source in posing if source != ended.source)
    return Joined(facts, (ended, *doubted, *(_unasked(identity, device) for identity, device in unasked)))


def _handed_out(own: Collection[str | None], heard: Heard) -> Iterator[SourceName]:
    """The questions that have no sure answer: who came in under a MAC of this machine, and handed something out."""
    networks = [said.device.network or Network() for mac, said in heard.devices.items() if mac in own]
    if any(network.router_advertisement for network in networks):
        yield "icmp6"
    if any(network.dhcp_server or network.dhcp6_server for network in networks):
        yield "dhcp"


@dataclass(frozen=True, slots=True)
class _Placed:
    device: Device
    said: Observation
    excluded: tuple[IPv4Address, ...]  # its addresses that the site excludes


def _placed(site: Site, target: str, mac: str, said: Observation) -> _Placed | None:
    """The device with what decides who it is, as the sweep would have met it; None when it is not the site's."""
    network = said.device.network or Network()
    barred = tuple(item for item in network.addresses or () if excluded(site, item))
    claimed = tuple(item for item in network.addresses or () if item not in barred)
    # Whoever is in two zones belongs to the one that matters more: a guest's address hides nobody.
    zones = get_args(Zone)
    known = {item.network: item.zone for item in sorted(site.networks, key=lambda item: zones.index(item.zone))}
    home: IPv4Network | None = next((item for item in known if str(item) == target), None)
    if target == FILE:
        home = next((item for item in known if any(address in item for address in claimed)), None)
        if home is None and claimed and not any(mac in item.macs for item in site.devices):
            return None  # of another network: somebody else's device, or somebody else's capture
        home = home or (next(iter(known)) if len(known) == 1 else None)
    if home is None:
        return None
    return _Placed(discover.met(site, mac, claimed, known[home], home), said, barred)


def _kept(
    site: Site, target: str, heard: Heard, own: Collection[str | None], asked: Collection[str]
) -> tuple[list[_Placed], list[str]]:
    """The site's devices among those heard, and how many senders were left out for which reason."""
    placed = [_placed(site, target, mac, said) for mac, said in heard.devices.items() if mac not in own]
    kept, spared, inner = [], 0, 0
    for item in filter(None, placed):
        new = item.device.id not in asked
        if new and _spared(item):
            spared += 1
        elif new and _inner(item):
            inner += 1
        else:
            kept.append(item)
    counted = {
        "of other networks left out": placed.count(None),
        "left out with nothing but excluded addresses": spared,
        "left out that only spoke IPv6 from invented MACs": inner,
    }
    return kept, [f"{count} senders {why}" for why, count in counted.items() if count]


def _spared(item: _Placed) -> bool:
    """Whether only excluded addresses are known of a device, which also hands out nothing: the one that is excluded."""
    network = item.said.device.network or Network()
    return bool(item.excluded) and not network.hands_out and set(network.addresses or ()) == set(item.excluded)


def _inner(item: _Placed) -> bool:
    """Whether this may be no device at all, but the inner port of one: those of a bridge speak IPv6 for themselves.

    Linux routers, access points and machines with containers have many, each with a MAC of its own making. None of
    them calls itself a router.
    """
    network = item.said.device.network or Network()
    alone = not addresses(item.device) and network.heard == ("nd",) and not network.hands_out
    return alone and all(map(randomised, network.macs or ()))


def _facts(item: _Placed, asked: frozenset[IPv4Address] | None, source: Evidence) -> tuple[Merged, ...]:
    """What was heard; and of a device that the sweep met, a doubt when it has more addresses than were met."""
    evidence = source.id
    network = dataclasses.replace(item.said.device.network or Network(), addresses=None, macs=None)
    if source.request.source != "capture":  # it was asked
        network = dataclasses.replace(network, heard=None)
    said = attributed(dataclasses.replace(item.said, device=Device(network=network)), evidence)
    facts = (from_sweep(item.device, evidence), said)
    beyond = sorted({*addresses(item.device), *item.excluded} - asked) if asked is not None else []
    if not beyond:
        return facts
    doubt = UnreadLine("network.ports", 1, f"{beyond[0]} was not looked at", evidence)
    return (*facts, Merged(Device(), {}, (doubt,)))


def _unasked(identity: str, device: Device) -> Coverage:
    target = next((str(item) for item in addresses(device)), identity)
    return Coverage("ports", target, "not_met", identity, "heard, but it did not answer ARP")
