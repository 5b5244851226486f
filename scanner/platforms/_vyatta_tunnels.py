"""The tunnels and the Wi-Fi of a Vyatta configuration. Pure.

Sources: VyOS, "VPN", "WireGuard", "OpenVPN", "Wireless"; EdgeOS user guide, "VPN".
"""

from collections.abc import Iterator
from typing import Literal

from inventory.gateway import Vpn, Wifi
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS
from scanner.platforms._vyatta import Configuration, Node

_CALLING = {"initiate": False, "respond": True, "none": True, "trap": True}


def read_vpn(config: Configuration) -> dict[Vpn, int] | None:
    """The tunnels that the device ends, each with its line; of a piece without any, None."""
    found: dict[Vpn, int] = {}
    for read in (_ipsec, _calls, _interfaces):
        for vpn, line in read(config.root):
            if len(found) < MAX_ITEMS:
                found.setdefault(vpn, line)
    return found if found or config.whole else None


def _name(node: Node) -> str | None:
    return clean(node.word) or None


def _on(node: Node) -> bool:
    return not node.has("disable")


def _ipsec(root: Node) -> Iterator[tuple[Vpn, int]]:
    ipsec = root.at("vpn", "ipsec")
    if ipsec is None:
        return
    for peer in ipsec.below("site-to-site", "peer"):
        # Names of peers that are e-mail addresses are people.
        name = None if "@" in peer.word.lstrip("@") else _name(peer)
        yield Vpn("ipsec", name, _on(peer), _CALLING.get(peer.value("connection-type"))), peer.line
    for caller in ipsec.below("remote-access", "connection"):
        yield Vpn("ipsec", _name(caller), _on(caller), server=True), caller.line
    for profile in ipsec.below("profile"):
        yield Vpn("ipsec", _name(profile), _on(profile)), profile.line


def _calls(root: Node) -> Iterator[tuple[Vpn, int]]:
    """Servers that people call, each with its accounts counted."""
    kinds: tuple[tuple[Literal["l2tp", "pptp", "sstp", "ssl"], tuple[str, ...]], ...] = (
        ("l2tp", ("l2tp", "remote-access")), ("pptp", ("pptp", "remote-access")), ("sstp", ("sstp",)),
        ("ssl", ("openconnect",)),
    )  # fmt: skip
    for kind, path in kinds:
        node = root.at("vpn", *path)
        if node is None:
            continue
        users = node.at("authentication", "local-users", "username")
        yield Vpn(kind, None, _on(node), True, len(users.kids) if users else None), node.line


def _interfaces(root: Node) -> Iterator[tuple[Vpn, int]]:
    for node in root.below("interfaces", "wireguard"):
        peers = node.below("peer")
        calling = all(peer.has("endpoint") or peer.has("address") for peer in peers)
        server = node.has("port") and not calling if peers else None
        yield Vpn("wireguard", _name(node), _on(node), server or None, len(peers)), node.line
    for node in root.below("interfaces", "openvpn"):
        mode = node.value("mode")
        clients = len(node.below("server", "client")) if mode == "server" else None
        server = {"server": True, "client": False}.get(mode)
        yield Vpn("openvpn", _name(node), _on(node), server, clients or None), node.line
    for node in root.below("interfaces", "tunnel"):
        if node.value("encapsulation").startswith(("gre", "ip6gre")):
            yield Vpn("gre", _name(node), _on(node)), node.line
    for kind in ("sstpc", "pptp-client"):
        for node in root.below("interfaces", kind):
            tunnel: Literal["sstp", "pptp"] = "sstp" if kind == "sstpc" else "pptp"
            yield Vpn(tunnel, _name(node), _on(node), server=False), node.line


def read_wifi(config: Configuration) -> dict[Wifi, int] | None:
    """The wireless networks that the device opens itself; of a whole configuration without any, none."""
    found: dict[Wifi, int] = {}
    for radio in config.root.below("interfaces", "wireless"):
        for node in (radio, *radio.below("vif")):
            ssid = clean(radio.value("ssid"))
            if node is radio and ssid and radio.value("type") == "access-point" and len(found) < MAX_ITEMS:
                found.setdefault(_network(radio, ssid), radio.line)
    return found if found or config.whole else None


def _network(node: Node, ssid: str) -> Wifi:
    wpa = node.at("security", "wpa")
    security: Literal["open", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa3"] = "open"
    if wpa:
        modes: dict[str, Literal["wpa", "wpa/wpa2", "wpa2", "wpa3"]] = {"wpa": "wpa", "wpa2": "wpa2", "wpa3": "wpa3"}
        security = modes.get(wpa.value("mode"), "wpa/wpa2")
    elif node.has("security", "wep"):
        security = "wep"
    return Wifi(
        ssid, clean(node.word), _on(node), security, bool(wpa and wpa.has("radius")) if wpa else None,
        isolated=node.has("isolate-stations") and node.value("isolate-stations") != "false",
    )  # fmt: skip
