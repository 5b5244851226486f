"""Which side the ways into an OpenWrt device are on: the zones of its firewall, and networks that no zone has. Pure.

Source: OpenWrt, "Firewall configuration" (what no zone has is judged by "defaults").
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from inventory.gateway import Interface, Side
from scanner.platforms import _uci_network
from scanner.platforms._uci import Configuration, Section
from scanner.platforms._uci_firewall import Zone

MAX_DOORS = 32  # a practice has six. Stops sets that multiply
SIDES: tuple[Side, ...] = ("wan", "lan", "guest", "vpn", "other")

_OUTER = re.compile(r"(?i)(?<![a-z])wwan|(?<![a-z])wan|^internet")
_GUEST = re.compile(r"(?i)guest|gast|invit[eé]|visit(?:eu|o)r|hotspot|patient")
_APART = re.compile(r"(?i)(?<![a-z])dmz(?![a-z])")
_TUNNEL = re.compile(r"(?i)(?<![a-z])(?:vpn|wg|wireguard|openvpn|ovpn|tun|tap|tailscale|zerotier|zt|ipsec|vti|xfrm)")
_TUNNELS = frozenset({
    "wireguard", "amneziawg", "openconnect", "gre", "gretap", "vti", "xfrm", "l2tp", "pptp", "sstp", "ipip", "vxlan",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Door:
    """A way in: a zone, or a network of none."""

    zone: str  # "" of a network that is in none
    side: Side
    networks: tuple[str, ...]
    devices: tuple[str, ...]
    section: Section | None = None  # the zone's


def read_doors(config: Configuration, zones: dict[str, Zone], interfaces: Iterable[Interface]) -> list[Door]:
    """The ways in; `interfaces` tell by which of them a default route leaves."""
    known = _uci_network.networks(config)
    routed = {item.name for item in interfaces if item.default_route}
    found = [
        Door(zone.name, _side(zone.name, zone, routed, known), zone.networks, zone.devices, zone.section)
        for zone in islice(zones.values(), MAX_DOORS)
    ]
    within = {name for zone in zones.values() for name in zone.networks}
    patterns = tuple(dict.fromkeys(name for door in found for name in islice(door.devices, MAX_DOORS)))
    for name, item in known.items():
        if len(found) >= MAX_DOORS:
            break
        at = _uci_network.device(known, name)
        off = item.one("auto") == "0" or item.one("disabled") == "1" or item.one("proto") == "none"
        if name in within or off or at == "lo" or any(fnmatchcase(at, pattern) for pattern in patterns):
            continue
        found.append(Door("", _side(name, Zone("", (at,), (name,), item), routed, known), (name,), (at,)))
    return found


def _side(name: str, zone: Zone, routed: set[str], known: dict[str, Section]) -> Side:
    """Names first: a bridge that has its own route to the Internet by its LAN is still on the inside of it."""
    if name.lower() == "lan":
        return "lan"
    if _OUTER.search(name):
        return "wan"
    kinds = [known[network].one("proto") for network in zone.networks if network in known]
    if _TUNNEL.search(name) or (kinds and all(kind in _TUNNELS for kind in kinds)):
        return "vpn"
    if routed.intersection(zone.devices) and "lan" not in name.lower():
        return "wan"
    if _GUEST.search(name):
        return "guest"
    return "other" if _APART.search(name) else "lan"
