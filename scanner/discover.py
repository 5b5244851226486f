"""What the first answers say: who is there, what may be asked of them, and how those questions are put."""

import dataclasses
import io
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network

import dpkt

from inventory.classify import classify
from inventory.device import Classification, Device
from inventory.errors import ParseError
from inventory.identity import declaration, named
from inventory.mac import randomised
from inventory.network import Network, SshSeen, Zone
from inventory.observation import Observation
from inventory.site import Site
from inventory.text import clean
from scanner.evidence import Evidence, Request
from scanner.probes import DELICATE, ProbeSet, gentlest, probe_set
from scanner.scope import reaches_many
from scanner.wire import arp, vendors

SCRIPTS = ("banner", "smb-protocols")

# The ports that only a word from the device can tell apart; asking a web server or a database for a banner is no use.
BANNER_PORTS = frozenset({21, 22, 23, 25, 110, 143, 139, 445, 512, 513, 514, 2222, 2323, 5800, 5900, 5901, 8728})

# Who the agent says it is: the system group; the first private rows (the maker's number, past UCD's 2021 and net-snmp's
# 8072, which any maker may embed); the IEEE 1284 device id where Brother, HP and Xerox keep it; hrDeviceDescr;
# prtGeneralSerialNumber.
SNMP_IDENTITY = (
    "walk:1.3.6.1.2.1.1 next:1.3.6.1.4.1 next:1.3.6.1.4.1.2022 next:1.3.6.1.4.1.8073"
    " next:1.3.6.1.4.1.2435.2.3.9.1.1.7 next:1.3.6.1.4.1.11.2.3.9.1.1.7 next:1.3.6.1.4.1.253.8.51.1.2.1.20"
    " walk:1.3.6.1.2.1.25.3.2.1.3 walk:1.3.6.1.2.1.43.5.1.1.17"
)


def ports_ask(ports: Iterable[int]) -> str:
    """The question for open ports: `tcp 22,23`."""
    return "tcp " + ",".join(map(str, sorted(ports)))


def asked_ports(request: Request) -> tuple[str, tuple[int, ...]]:
    """The source and the ports of a `ports` or `scripts` request."""
    return request.source, tuple(int(port) for port in request.ask.removeprefix("tcp ").split(","))


def answered(capture: bytes) -> Mapping[str, tuple[IPv4Address, ...]]:
    """MAC → addresses of everybody who spoke ARP in a capture; ParseError when it is none."""
    found: dict[str, set[IPv4Address]] = {}
    try:
        for _, frame in dpkt.pcap.Reader(io.BytesIO(capture)):
            spoken = arp.speaker(frame)
            if spoken is not None:
                found.setdefault(spoken[0], set()).add(spoken[1])
    except (ValueError, dpkt.UnpackError, dpkt.dpkt.Error) as error:
        raise ParseError("capture", None, f"not a capture: {clean(str(error))}") from error
    return {mac: tuple(sorted(addresses)) for mac, addresses in sorted(found.items())}


def swept(site: Site, capture: bytes, zone: Zone, network: IPv4Network) -> tuple[Device, ...]:
    """The devices that a sweep of one network found, this machine among them; () for an unreadable capture."""
    try:
        found = answered(capture)
    except ParseError:
        return ()
    return tuple(met(site, mac, addresses, zone, network) for mac, addresses in found.items())


def met(site: Site, mac: str, addresses: Iterable[IPv4Address], zone: Zone, network: IPv4Network) -> Device:
    """A device as ARP shows it, with what decides how gently it is treated.

    Without addresses when it has none in this network: a device that kept its factory address is there all the same.
    """
    inside = tuple(item for item in addresses if item in network and not reaches_many(item, [network]))
    vendor = vendors.vendor(mac)
    seen = Network(
        macs=(mac,),
        addresses=inside or None,
        vendor=clean(vendor) if vendor else None,
        mac_randomised=randomised(mac),
        zone=zone,
    )
    return identified(site, Device(network=seen))


def asked_at(device: Device) -> tuple[IPv4Address, ...]:
    """The addresses at which a device is asked; the first one only where others may stand behind its MAC."""
    addresses = (device.network.addresses if device.network else None) or ()
    return addresses if alone(device) else addresses[:1]


def alone(device: Device) -> bool:
    """Whether what is sent to this MAC reaches this device: it has one address, or those that its owner names.

    A repeater, or an access point that answers ARP for its clients, lends its MAC to whoever stands behind it.
    """
    addresses = (device.network.addresses if device.network else None) or ()
    named = (device.declared.addresses if device.declared else None) or ()
    return len(addresses) < 2 or set(addresses) <= set(named)


def identified(site: Site, device: Device, *, gateway: bool = False) -> Device:
    """The device with what its facts and the site make of it: declaration, category, fragility, id and name."""
    declared = device.declared or declaration(device, site.devices)
    # A device is fragile through whichever of its sockets it is met.
    macs = {*((device.network.macs if device.network else None) or ()), *(declared.macs if declared else ())}
    device = dataclasses.replace(device, declared=declared, fragile=bool(macs & set(site.fragile)))
    classification = classify(device, gateway=gateway)
    fragile = bool(device.fragile) or classification.category == "medical_imaging"
    return named(dataclasses.replace(device, classification=classification, fragile=fragile))


def probes_for(site: Site, device: Device) -> ProbeSet:
    """What may be asked of a device, from what ARP and the site say of it alone: later answers never widen it.

    A mere hint of something delicate counts as much as certainty; a mere hint of something sturdy does not count.
    """
    classification = device.classification or Classification("unknown", certain=False)
    sure = classification.certain or device.declared is not None
    hinted = {clue.category for clue in classification.clues} & DELICATE
    return gentlest(
        probe_set(category, fragile=bool(device.fragile), allowed=site.fragile_allow)
        for category in (classification.category if sure else "unknown", *hinted)
    )


def read_host_key(evidence: Evidence) -> Observation:
    """The host key a device showed, and the one on record.

    Body: `ssh-ed25519 SHA256:…`, then `pinned ssh-ed25519 SHA256:…` or `pinned none`.
    """
    key_type, fingerprint, pinned, line = "", "", None, 1
    for number, text in enumerate(evidence.text.splitlines()[:8], start=1):
        words = clean(text).split()
        if words[:1] == ["pinned"]:
            pinned = words[2] if len(words) == 3 else None
        elif len(words) == 2 and words[1].startswith("SHA256:"):
            key_type, fingerprint, line = words[0], words[1], number
    if not fingerprint:
        raise ParseError(evidence.id, 1, "no host key")
    seen = SshSeen(key_type, fingerprint, pinned)
    return Observation(Device(network=Network(ssh=seen)), {"/network/ssh": line})
