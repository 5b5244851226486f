"""What the first answers say: who is there, what may be asked of them, and how those questions are put."""

import dataclasses
import io
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network

import dpkt

from inventory.classify import classify, outweighs
from inventory.device import Classification, Device
from inventory.errors import ParseError
from inventory.identity import declaration, named
from inventory.mac import randomised
from inventory.network import Network, Port, SshSeen, Zone
from inventory.observation import Observation
from inventory.site import Site
from inventory.text import clean
from scanner.evidence import Evidence, Request
from scanner.probes import DELICATE, ProbeSet, gentlest, probe_set
from scanner.scope import reaches_many
from scanner.wire import arp, vendors

SCRIPTS = ("smb-protocols",)
SMB_PORTS = frozenset({139, 445})

# The ports that only a word from the device can tell apart; asking a web server or a database for a banner is no use.
# Asked only where nobody has listened: our own look listens to every open port, a look of nmap's alone to none.
BANNER_PORTS = frozenset({21, 22, 23, 25, 110, 143, 139, 445, 512, 513, 514, 2222, 2323, 5800, 5900, 5901, 8728})

# Mute ports that nmap's probes are not let loose on. Web and TLS servers are asked by their own sources.
WEB_PORTS = frozenset({80, 81, 443, 591, 631, 636, 993, 995, 5000, 5001, 5357, 5985, 7070, 8000, 8006, 8008, 8009, 8042,
                       8080, 8081, 8443, 8888, 9000, 9090, 9200, 9443, 10000, 17988, 32400, 49152})  # fmt: skip
# A printer's LPD and an image archive's DICOM port should not be sent what they do not expect.
SPARED_PORTS = frozenset({104, 515, 2761, 2762, 4242, 11112})
# Found on every router or Windows machine, and no rule asks for more than that they are open: 6 to 10 s saved for each.
PLAIN_PORTS = frozenset({53, 88, 111, 135, 389, 548, 2049, 3389})

# Who the agent says it is: the system group; the first private rows (the maker's number, past UCD's 2021 and net-snmp's
# 8072, which any maker may embed); the IEEE 1284 device id where Brother, HP and Xerox keep it; hrDeviceDescr;
# prtGeneralSerialNumber; snmpEngineID, which stays when an address changes.
SNMP_IDENTITY = (
    "walk:1.3.6.1.2.1.1 next:1.3.6.1.4.1 next:1.3.6.1.4.1.2022 next:1.3.6.1.4.1.8073"
    " next:1.3.6.1.4.1.2435.2.3.9.1.1.7 next:1.3.6.1.4.1.11.2.3.9.1.1.7 next:1.3.6.1.4.1.253.8.51.1.2.1.20"
    " walk:1.3.6.1.2.1.25.3.2.1.3 walk:1.3.6.1.2.1.43.5.1.1.17 next:1.3.6.1.6.3.10.2.1"
)


def ports_ask(ports: Iterable[int]) -> str:
    """The question for open ports: `tcp 22,23`."""
    return "tcp " + ",".join(map(str, sorted(ports)))


def asked_ports(request: Request) -> tuple[str, tuple[int, ...]]:
    """What a `ports` or `scripts` request wants of which ports: "ports", "scripts" or "versions"."""
    kind, _, ports = request.ask.rpartition("tcp ")
    return kind.strip() or request.source, tuple(int(port) for port in ports.split(","))


def scripts_asks(ports: Iterable[Port], *, smb: bool = False) -> tuple[str, ...]:
    """What is left to ask of open ports whose service is not proven: `tcp 139,445`, then `versions tcp 1883,5555`.

    `smb` when its dialects are known already.
    """
    unproven = [port for port in ports if port.protocol == "tcp" and port.service is None]
    unheard = {port.port for port in unproven if port.banner is None} & BANNER_PORTS
    named = (unheard | ({port.port for port in unproven} & SMB_PORTS)) - (SMB_PORTS if smb else set())
    heard = {port.port for port in unproven if port.banner is not None}
    mute = heard - SMB_PORTS - WEB_PORTS - SPARED_PORTS - PLAIN_PORTS
    return tuple(head + ports_ask(chosen) for head, chosen in (("", named), ("versions ", mute)) if chosen)


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


def met(site: Site, mac: str, addresses: Iterable[IPv4Address], zone: Zone | None, network: IPv4Network) -> Device:
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
    sure = outweighs(classification) or device.declared is not None
    hinted = {clue.category for clue in classification.clues} & DELICATE
    return gentlest(
        probe_set(category, fragile=bool(device.fragile), allowed=site.fragile_allow)
        for category in (classification.category if sure else "unknown", *hinted)
    )


def read_host_key(evidence: Evidence) -> Observation:
    """The host key a device showed, and the one on record.

    Body: `ssh-ed25519 SHA256:…`, then `pinned ssh-ed25519 SHA256:…` or `pinned none`, then `banner …`, and
    `legacy yes` or `legacy no` (older recordings do not say): whether the device took nothing better than SHA-1.
    """
    key_type, fingerprint, pinned, line = "", "", None, 1
    legacy: bool | None = None
    for number, text in enumerate(evidence.text.splitlines()[:8], start=1):
        words = clean(text).split()
        if words[:1] == ["pinned"]:
            pinned = words[2] if len(words) == 3 else None
        elif words[:1] == ["legacy"] and len(words) == 2:
            legacy = {"yes": True, "no": False}.get(words[1])
        elif len(words) == 2 and words[1].startswith("SHA256:"):
            key_type, fingerprint, line = words[0], words[1], number
    if not fingerprint:
        raise ParseError(evidence.id, 1, "no host key")
    seen = SshSeen(key_type, fingerprint, pinned, legacy)
    return Observation(Device(network=Network(ssh=seen)), {"/network/ssh": line})
