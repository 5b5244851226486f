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

MAX_NETWORKS = 256  # looked for in every zone
MAX_DOORS = 32  # a practice has six. Stops sets that multiply

_OUTER = re.compile(r"(?i)(?<![a-z])wwan|(?<![a-z])wan|^internet")
GUEST = re.compile(r"(?i)guest|gast|invit[eé]|visit(?:eu|o)r|hotspot|patient|captive|public")
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
    at_device = {name: _uci_network.device(known, name) for name in islice(known, MAX_NETWORKS)}
    found: list[Door] = []
    for zone in islice(zones.values(), MAX_DOORS):
        by_device = islice((word for word in zone.section.words("device")), MAX_DOORS)
        patterns = [f"{word[:-1]}*" if word.endswith("+") else word for word in by_device]
        more = [name for name, at in at_device.items() if any(fnmatchcase(at, pattern) for pattern in patterns)]
        networks = tuple(dict.fromkeys((*zone.networks, *more)))
        found.append(Door(zone.name, _side(zone.name, zone, routed, known), networks, zone.devices, zone.section))
    within = {name for zone in zones.values() for name in zone.networks} | {
        name for door in found for name in door.networks
    }
    devices = {name for door in found for name in door.devices}
    for name, item in known.items():
        if len(found) >= MAX_DOORS:
            break
        at = at_device.get(name, "")
        off = item.one("auto") == "0" or item.one("disabled") == "1" or item.one("proto") == "none"
        if name in within or off or at in ("", "lo") or at in devices:
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
    if GUEST.search(name):
        return "guest"
    # Behind a network whose traffic leaves under the device's own address stands somebody else.
    hidden = zone.section.one("masq") in ("1", "yes", "on", "true") and "lan" not in name.lower()
    return "other" if hidden or _APART.search(name) else "lan"
