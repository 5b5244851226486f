"""The tunnels of an OpenWrt device: those of `network`, and of the packages openvpn, ipsec, zerotier and more. Pure.

Source: OpenWrt, "WireGuard", "OpenVPN", "strongSwan", "ZeroTier", "Tailscale", "OpenConnect server"; the init scripts
of these packages: openvpn, ipsec and zerotier are off unless a section says that it is on.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from inventory.gateway import Vpn
from inventory.text import clean
from scanner.platforms._uci import Configuration, Section
from scanner.platforms._uci_served import Bad, each

_Kind = Literal["l2tp", "pptp", "gre", "sstp", "ssl"]
_CLIENTS: dict[str, _Kind] = {
    "l2tp": "l2tp", "pptp": "pptp", "gre": "gre", "gretap": "gre", "sstp": "sstp", "openconnect": "ssl",
}  # fmt: skip
_MESH = re.compile(r"(tailscale|zt)(?=\d|[a-z0-9]{8,10}$)")
_WIREGUARDS = ("wireguard", "amneziawg")


def read_vpn(config: Configuration) -> tuple[dict[Vpn, int], Bad]:
    """The tunnels of `network` and of OpenVPN; one that waits to be started by hand is not enabled."""
    bad = config.bad_of("interface", *(kind for _, kind, _ in _PACKAGES))
    peers: dict[str, list[Section]] = {}
    for item in config.sections:
        if item.kind.startswith(tuple(f"{proto}_" for proto in _WIREGUARDS)):
            peers.setdefault(item.kind.partition("_")[2], []).append(item)

    def tunnel(item: Section) -> Vpn | None:
        proto, name = item.one("proto"), clean(item.name) or None
        on = item.flag("auto", default=True) and not item.flag("disabled", default=False)
        if proto in _CLIENTS:
            return Vpn(_CLIENTS[proto], name, on, server=None if _CLIENTS[proto] == "gre" else False)
        own = [peer for peer in peers.get(item.name, ()) if not peer.flag("disabled", default=False)]
        waits = any("endpoint_host" not in peer.options for peer in own) if own else None
        return Vpn("wireguard", name, on, waits, len(own))

    found = dict(_tunnels(config, bad, tunnel)) | dict(_meshes(config, bad))
    for package, kind, read in _PACKAGES:
        found |= dict(each(config.of(package, kind), bad, read))
    return found, bad


def _tunnels(config: Configuration, bad: Bad, read: Callable[[Section], Vpn | None]) -> Iterator[tuple[Vpn, int]]:
    sections = (item for item in config.of("network", "interface") if item.one("proto") in (*_WIREGUARDS, *_CLIENTS))
    yield from each(sections, bad, read)


def _meshes(config: Configuration, bad: Bad) -> Iterator[tuple[Vpn, int]]:
    """Networks on the device of Tailscale or ZeroTier, which have a configuration of their own elsewhere."""

    def mesh(item: Section) -> Vpn | None:
        found = _MESH.match((item.words("device") or item.words("ifname") or ("",))[0])
        if found is None:
            return None
        kind: Literal["tailscale", "zerotier"] = "tailscale" if found[1] == "tailscale" else "zerotier"
        on = item.flag("auto", default=True) and not item.flag("disabled", default=False)
        return Vpn(kind, clean(item.name) or None, on)

    yield from each(config.of("network", "interface"), bad, mesh)


def _openvpn_on(item: Section) -> bool:
    """Its init script takes either word."""
    return item.flag("enabled", default=False) or item.flag("enable", default=False)


def _openvpn(item: Section) -> Vpn:
    if "config" in item.options:  # its settings are in a file that is not here
        return Vpn("openvpn", clean(item.name) or None, _openvpn_on(item))
    waits = bool(item.options.keys() & {"server", "server_bridge"}) or item.one("mode") == "server"
    client = item.flag("client", default=False) or "remote" in item.options
    server = True if waits else False if client else None
    return Vpn("openvpn", clean(item.name) or None, _openvpn_on(item), server)


def _ipsec(item: Section) -> Vpn:
    """One end of strongSwan: `gateway any` waits for whoever calls."""
    gateway = item.one("gateway")
    server = gateway in ("any", "%any") if gateway else None
    return Vpn("ipsec", clean(item.name) or None, item.flag("enabled", default=False), server)


def _zerotier(item: Section) -> Vpn:
    return Vpn("zerotier", clean(item.name) or None, item.flag("enabled", default=False))


def _tailscale(item: Section) -> Vpn | None:
    """Its package has no switch of its own; that of LuCI has. In a file without a name `settings` may be anybody's."""
    if item.package != "tailscale":
        return None
    enabled = item.flag("enabled", default=True) if "enabled" in item.options else None
    return Vpn("tailscale", clean(item.name) or None, enabled)


def _ocserv(item: Section) -> Vpn:
    return Vpn("ssl", clean(item.name) or None, item.flag("enable", default=False), server=True)


def _pptpd(item: Section) -> Vpn | None:
    if item.name != "pptpd":
        return None
    return Vpn("pptp", clean(item.name) or None, item.flag("enabled", default=False), server=True)


_PACKAGES: tuple[tuple[str, str, Callable[[Section], Vpn | None]], ...] = (
    ("openvpn", "openvpn", _openvpn), ("ipsec", "remote", _ipsec), ("zerotier", "zerotier", _zerotier),
    ("tailscale", "tailscale", _tailscale), ("tailscale", "settings", _tailscale), ("ocserv", "ocserv", _ocserv),
    ("pptpd", "service", _pptpd),
)  # fmt: skip
