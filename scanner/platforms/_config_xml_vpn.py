"""config.xml's tunnels and wireless networks, in the forms of pfSense and of OPNsense's older and newer parts.

Source: pfSense documentation, "OpenVPN", "IPsec", "WireGuard", "L2TP VPN", "Wireless"; OPNsense documentation, "Virtual
Private Networking", and its models OpenVPN.xml, Swanctl.xml and Server.xml of WireGuard.
"""

from collections.abc import Iterator
from typing import Literal

from inventory.gateway import Vpn, Wifi
from scanner.platforms._config_xml import Node, sections
from scanner.platforms._config_xml_told import Told
from scanner.platforms._config_xml_ways import Ways

MAX_PEERS = 4096
Found = tuple[Vpn, int]
_SECTIONS = (
    "openvpn", "ipsec", "OPNsense/OpenVPN", "OPNsense/Swanctl", "OPNsense/wireguard", "installedpackages/wireguard",
)  # fmt: skip


def read_vpn(root: Node, told: Told) -> None:
    """The tunnels; none when there are the parts for them, and no tunnel in them."""
    found = dict([*_openvpn(root), *_ipsec(root), *_wireguard(root), *_others(root)])
    part = next((node for path in _SECTIONS if (node := root.one(path))), None)
    if found or part is not None:
        told.list("vpn", found, part)


def _openvpn(root: Node) -> Iterator[Found]:
    for kind in ("server", "client"):
        for node in root.all(f"openvpn/openvpn-{kind}"):
            if not node.inner:
                continue
            name = node.word("description") or f"ovpn{kind[0]}{node.word('vpnid')}"
            yield Vpn("openvpn", name, not node.has("disable"), kind == "server"), node.line
    for node in root.all("OPNsense/OpenVPN/Instances/Instance"):
        role = node.word("role") or "server"
        name = node.word("description") or f"ovpn{role[0]}{node.word('vpnid')}"
        yield Vpn("openvpn", name, node.on("enabled"), role == "server"), node.line


def _ipsec(root: Node) -> Iterator[Found]:
    """OPNsense's older tunnels only run when IPsec as a whole does."""
    older = root.name == "opnsense"
    whole = root.has("ipsec/enable") or root.on("OPNsense/IPsec/general/enabled")
    for node in root.all("ipsec/phase1"):
        waits = node.one("mobile") is not None or node.has("responderonly") or node.word("auto") == "add"
        name = node.word("descr") or node.word("remote-gateway") or node.word("ikeid") or None
        on = not node.has("disabled") and (whole or not older)
        yield Vpn("ipsec", name, on, True if waits else None), node.line
    for node in root.all("OPNsense/Swanctl/Connections/Connection"):
        name = node.word("description") or node.word("remote_addrs") or None
        waits = not node.words("remote_addrs")
        on = node.on("enabled") and root.on("OPNsense/IPsec/general/enabled")
        yield Vpn("ipsec", name, on, True if waits else None), node.line


def _wireguard(root: Node) -> Iterator[Found]:
    """A tunnel waits for others when a peer of it has no address to be called at."""
    whole = root.on("OPNsense/wireguard/general/enabled")
    clients = root.all("OPNsense/wireguard/client/clients/client")[:MAX_PEERS]
    known = {node.id: node for node in clients}
    for node in root.all("OPNsense/wireguard/server/servers/server"):
        listed = node.words("peers")
        peers = [known[each] for each in listed if each in known]
        waits = any(not peer.word("serveraddress") for peer in peers) if peers else None
        count = len(listed)
        yield Vpn("wireguard", node.word("name") or None, whole and node.on("enabled"), waits, count), node.line
    package = root.one("installedpackages/wireguard")
    if package is None:
        return
    whole = package.on("config/enable")
    all_peers = package.all("peers/item")[:MAX_PEERS]
    by_tunnel: dict[str, list[Node]] = {}
    for peer in all_peers:
        by_tunnel.setdefault(peer.word("tun"), []).append(peer)
    for node in package.all("tunnels/item"):
        peers = by_tunnel.get(node.word("name"), [])
        waits = any(not peer.word("endpoint") for peer in peers) if peers else None
        name = node.word("descr") or node.word("name") or None
        yield Vpn("wireguard", name, whole and node.on("enabled"), waits, len(peers)), node.line


_SERVERS: tuple[tuple[str, Literal["l2tp", "pptp"]], ...] = (("l2tp", "l2tp"), ("pptpd", "pptp"))


def _others(root: Node) -> Iterator[Found]:
    for path, kind in _SERVERS:
        for node in root.all(path):
            if node.word("mode") in ("server", "off"):
                yield Vpn(kind, None, node.word("mode") == "server", server=True), node.line
    for node in root.all("gres/gre"):
        if node.inner:
            yield Vpn("gre", node.word("descr") or node.word("greif") or None, enabled=True), node.line
    for node in sections(root, "OPNsense/tailscale/settings", "installedpackages/tailscale/config"):
        if node.inner:
            yield Vpn("tailscale", None, node.on("enabled") or node.on("enable")), node.line
    for node in root.all("OPNsense/zerotier/networks/network"):
        yield Vpn("zerotier", node.word("description") or None, node.on("enabled")), node.line


_MODES: dict[str, Literal["wpa", "wpa2", "wpa/wpa2"]] = {"1": "wpa", "2": "wpa2", "3": "wpa/wpa2"}


def read_wifi(root: Node, ways: Ways, told: Told) -> None:
    """The networks of a device that is an access point itself; the length of their keys is not kept."""
    found: dict[Wifi, int] = {}
    inner = [node for each in root.all("interfaces") for node in each.inner]
    for node in inner:
        radio = node.one("wireless")
        if radio is None or radio.word("mode") != "hostap" or not radio.word("ssid"):
            continue
        wpa, wep = radio.has("wpa/enable"), radio.has("wep/enable")
        security = _MODES.get(radio.word("wpa/wpa_mode")) if wpa else "wep" if wep else "open"
        enterprise = "EAP" in radio.word("wpa/wpa_key_mgmt") if wpa else None
        way = ways.by_key.get(node.name)
        guest = None if way is None else way.side == "guest"
        found[
            Wifi(
                radio.word("ssid"), node.word("if") or None, node.has("enable"), security, enterprise,
                isolated=not radio.has("apbridge/enable"), guest=guest,
            )
        ] = radio.line  # fmt: skip
    if found:
        told.list("wifi", found)
