"""What a visit begins with: where it stands, and whom the sweeps met. Pure."""

import json
from ipaddress import IPv4Address
from typing import get_args

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Network, Zone
from inventory.site import Site
from inventory.snapshot import Coverage, Status, Vantage
from scanner import discover, vantage
from scanner.evidence import Evidence

# Devices listed that were heard with addresses of another network only; a practice has one or two, on their factory
# address. Stops an ARP flood of invented senders from filling the report.
MOST_ELSEWHERE = 16
# Why a question is not answered when frames come in under the MAC that leaves here.
OWN_MAC_USED = "somebody uses this machine's MAC: that device is not told apart from it"
MOST_CARDS = 4  # Wi-Fi cards of one machine that are asked what they heard


def read_vantage(evidence: Evidence) -> tuple[tuple[Vantage, ...], tuple[IPv4Address, ...], list[Coverage]]:
    """Where the run stands, its default gateways, and how that was learnt."""
    status, cause = evidence.status, evidence.detail
    vantages: tuple[Vantage, ...] = ()
    gateways: tuple[IPv4Address, ...] = ()
    if status == "done":
        try:
            vantages, gateways = vantage.read(json.loads(evidence.text))
        except (ParseError, ValueError, RecursionError) as error:
            status, cause = "unreadable", str(error)
    return vantages, gateways, [Coverage("vantage", "local", status, None, cause or None, evidence.id)]


def captures(site: Site, evidence: Evidence) -> tuple[str, ...]:
    """The captures beside the visit that its vantage names: authorised networks, and "file"."""
    if evidence.status != "done":
        return ()
    known = {*(str(item.network) for item in site.networks), "file"}
    try:
        return tuple(item for item in vantage.captures(json.loads(evidence.text)) if item in known)
    except (ParseError, ValueError, AttributeError, RecursionError):
        return ()  # read_vantage says so


def cards(evidence: Evidence) -> tuple[str, ...]:
    """The Wi-Fi cards that a vantage names."""
    if evidence.status != "done":
        return ()
    try:
        return vantage.cards(json.loads(evidence.text))[:MOST_CARDS]
    except (ParseError, ValueError, AttributeError, RecursionError):
        return ()  # read_vantage says so


def read_sweep(site: Site, evidence: Evidence, vantages: tuple[Vantage, ...]) -> tuple[tuple[Device, ...], Status, str]:
    """The devices of one swept network, this machine itself left out."""
    here = next((item for item in vantages if str(item.network) == evidence.request.target), None)
    if here is None:
        status = evidence.status if evidence.status != "done" else "missing"
        return (), status, evidence.detail or "no vantage in that network"
    # A sweep cut short shows whom it met, and stays what it is: others may be hidden.
    if evidence.status != "done" and not (evidence.status == "failed" and evidence.body):
        return (), evidence.status, evidence.detail
    try:
        found = discover.answered(evidence.body)
    except ParseError as error:
        return (), "unreadable", error.reason
    macs, addresses = {item.mac for item in vantages}, {item.address for item in vantages}
    devices = tuple(
        discover.met(site, mac, owned, here.zone, here.network) for mac, owned in found.items() if mac not in macs
    )
    elsewhere = sum(device.network is not None and device.network.addresses is None for device in devices)
    if elsewhere > MOST_ELSEWHERE:
        here_only = tuple(device for device in devices if device.network and device.network.addresses)
        cause = (
            evidence.detail if evidence.status != "done" else f"{elsewhere} devices with addresses of other networks"
        )
        return here_only, "failed", cause
    if any(set(owned) - addresses for mac, owned in found.items() if mac in macs):
        return devices, "failed", OWN_MAC_USED
    return devices, evidence.status, evidence.detail


def order_of_visits(device: Device) -> tuple[int, str]:
    """The order of visits: what is met in two networks is judged, and asked, in the one that matters more."""
    network = device.network or Network()
    addresses = network.addresses or ()
    return get_args(Zone).index(network.zone or "guest"), f"{int(addresses[0]) if addresses else 0:010}{device.id}"
