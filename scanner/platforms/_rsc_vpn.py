"""The tunnels of a RouterOS export that the router ends, those that are dialled in and those it dials.

Servers that every router has and that are off are no way in, and are left out; what somebody added is told with
`enabled`. Source: MikroTik, "Virtual Private Networks".
"""

from collections import Counter
from typing import Literal

from inventory.gateway import Vpn
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_served import last, torn
from scanner.platforms._rsc_told import Told

Kind = Literal["ipsec", "openvpn", "wireguard", "l2tp", "pptp", "sstp", "zerotier", "gre", "other"]

# Servers that users of `/ppp secret` dial, and the word for them there.
SERVERS: dict[str, tuple[Kind, str]] = {
    "interface l2tp-server server": ("l2tp", "l2tp"),
    "interface pptp-server server": ("pptp", "pptp"),
    "interface sstp-server server": ("sstp", "sstp"),
    "interface ovpn-server server": ("openvpn", "ovpn"),
}
_CLIENTS: dict[str, Kind] = {
    "interface l2tp-client": "l2tp", "interface pptp-client": "pptp", "interface sstp-client": "sstp",
    "interface ovpn-client": "openvpn",
}  # fmt: skip
_TUNNELS: dict[str, Kind] = {
    "interface gre": "gre", "interface gre6": "gre", "interface eoip": "other", "interface eoipv6": "other",
    "interface ipip": "other", "interface ipipv6": "other", "interface 6to4": "other", "interface l2tp-ether": "l2tp",
}  # fmt: skip
_OTHERS = ("ip ipsec peer", "ppp secret", "zerotier", "zerotier interface")
_WIREGUARD = ("interface wireguard", "interface wireguard peers")
_ANYBODY = frozenset({"", "0.0.0.0", "0.0.0.0/0", "::", "::/0"})  # noqa: S104 — what a device says
_HOME = "back-to-home-vpn"

Found = dict[Vpn, int | None]


def read_vpn(export: Export, told: Told) -> None:
    """Every tunnel with its line; none is as delivered."""
    found: Found = {}
    _dialled(export, found)
    _dialling(export, found)
    _wireguard(export, found)
    _ipsec(export, found)
    bad = torn(export, *SERVERS, *_CLIENTS, *_TUNNELS, *_WIREGUARD, *_OTHERS)
    told.doubt("vpn", bad)
    if found or (not bad and export.covers("interface l2tp-server server")):
        told.many("vpn", found)


def serving(export: Export, menu: str) -> list[tuple[Statement, bool]]:
    """The servers of a menu and whether each runs: the one that is set, or since 7.17 those that are added."""
    added = [(item, item.values.get("disabled", "yes") == "no") for item in export.of(menu) if item.verb == "add"]
    said = last(export, menu, "enabled")
    return added or ([(said, said.values["enabled"] == "yes")] if said else [])


def _dialled(export: Export, found: Found) -> None:
    radius = last(export, "ppp aaa", "use-radius")
    elsewhere = radius is not None and radius.values["use-radius"] == "yes"
    secrets = Counter(item.values.get("service", "any") for item in export.of("ppp secret") if _on(item))
    for menu, (kind, service) in SERVERS.items():
        for item, on in serving(export, menu):
            if on or item.verb == "add":
                peers = None if elsewhere else secrets["any"] + secrets[service]
                found.setdefault(Vpn(kind, _name(item), on, server=True, peers=peers), item.line)


def _dialling(export: Export, found: Found) -> None:
    for menu, kind in _CLIENTS.items():
        for item in export.of(menu):
            if item.verb == "add":  # a new one sleeps unless told otherwise
                on = item.values.get("disabled", "yes") == "no"
                found.setdefault(Vpn(kind, _name(item), on, server=False), item.line)
    for menu, kind in _TUNNELS.items():
        for item in export.of(menu):
            if item.verb == "add":
                found.setdefault(Vpn(kind, _name(item), item.enabled), item.line)
    running = any(item.values.get("disabled") == "no" for item in export.of("zerotier"))
    for item in export.of("zerotier interface"):
        if item.verb == "add":
            on = running and item.values.get("disabled", "no") == "no"
            found.setdefault(Vpn("zerotier", _name(item), on), item.line)


def _wireguard(export: Export, found: Found) -> None:
    menu, below = _WIREGUARD
    for item in export.menus.get(menu, [])[:MAX_ITEMS]:
        name = item.values.get("name", "")
        if item.verb != "add" or not name:
            continue
        peers = [peer for peer in export.named(below, "interface", name) if peer.verb == "add" and peer.enabled]
        calling = [peer.values.get("endpoint-address", "") not in _ANYBODY for peer in peers]
        # Whoever has no address to call must be called by.
        server = not all(calling) if calling else None
        found.setdefault(Vpn("wireguard", clean(name) or None, item.enabled, server, len(peers)), item.line)
    home = last(export, "ip cloud", _HOME)
    if home and home.values[_HOME] == "enabled" and not any(vpn.name == _HOME for vpn in found):
        found[Vpn("wireguard", _HOME, enabled=True, server=True)] = home.line


def _ipsec(export: Export, found: Found) -> None:
    for item in export.of("ip ipsec peer"):
        if item.verb == "add":
            said = item.values
            waits = said.get("passive") == "yes" or said.get("address", "") in _ANYBODY
            found.setdefault(Vpn("ipsec", _name(item), item.enabled, server=waits), item.line)


def _on(item: Statement) -> bool:
    return item.verb == "add" and item.enabled


def _name(item: Statement) -> str | None:
    return clean(item.values.get("name", "")) or None
