"""OpenWrt's `network` package: which device each of its networks is on, addresses, and by which of them it leaves.

Source: OpenWrt, "Network configuration", "Tunneling interface protocols", netifd's protocol handlers.
"""

from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Interface

from inventory.gateway import Interface
from inventory.text import clean
from scanner.platforms._reading import UnreadableError
from scanner.platforms._uci import Configuration, Section

MAX_ALIASES = 8  # networks that are on each other; stops a chain of thousands
MAX_INTERFACES = 128  # a practice's router has about twenty. Stops a device from slowing the rules
FACT = "system.interfaces"
KINDS = ("interface", "route")

_DIALLED = frozenset({"pppoe", "pppoa", "pptp", "l2tp", "3g", "ppp"})  # netifd names their device PROTO-NETWORK
_NAMED = frozenset({"wireguard", "openconnect", "amneziawg"})  # … and theirs as the network
_GIVEN = _DIALLED | {"dhcp", "qmi", "ncm", "mbim", "modemmanager", "wwan", "directip"}  # the provider gives a route
_NOT_IPV4 = frozenset({"dhcpv6", "6in4", "6to4", "6rd", "dslite", "map", "464xlat", "grev6", "vti6"})
_EVERYWHERE = frozenset({"0.0.0.0/0", "0.0.0.0", "default"})  # noqa: S104 — a route


def networks(config: Configuration) -> dict[str, Section]:
    """The IPv4 networks by their name."""
    found = {item.name: item for item in config.of("network", "interface") if item.name and "proto" in item.options}
    return {name: item for name, item in found.items() if item.one("proto") not in _NOT_IPV4}


def device(known: dict[str, Section], name: str, depth: int = 0) -> str:
    """The device that a network is on, as the kernel names it; the network's own name when that cannot be told."""
    item = known.get(name)
    if item is None or depth > MAX_ALIASES:
        return clean(name)
    proto = item.one("proto")
    if proto in _DIALLED:
        return clean(f"{proto}-{name}")
    if proto in _NAMED:
        return clean(name)
    words = item.words("device") or item.words("ifname")
    if item.one("type") == "bridge":
        return clean(f"br-{name}")
    if not words or words[0].startswith("/"):  # a modem's control device
        return clean(name)
    return device(known, words[0][1:], depth + 1) if words[0].startswith("@") else clean(words[0])


def read_interfaces(
    config: Configuration, outside: Iterable[str]
) -> tuple[tuple[Interface, ...], dict[str, int], list[tuple[int, str]]]:
    """The interfaces, where each stands, and what could not be read; `outside` are the networks of the zone `wan`.

    A network that is switched off or waits to be started by hand is left out.
    """
    known, bad = networks(config), config.bad_of(*KINDS)
    # A zone says where the provider is; of a network whose gateway would stand beside its address that says nothing.
    outer = {name for name in outside if name not in known or known[name].one("proto") not in ("static", "none")}
    routed = outer | {item.one("interface") for item in config.of("network", "route") if _is_default(item)}
    owned: dict[str, tuple[list[IPv4Address] | None, bool | None, int]] = {}
    for name, item in known.items():
        try:
            if not item.flag("auto", default=True) or item.flag("disabled", default=False):
                continue
            if not item.flag("enabled", default=True):
                continue
            addresses = _addresses(item)
            leaves = _leaves(config, item, routed)
        except (UnreadableError, AddressValueError, ValueError):
            bad.append((item.line, item.text))
            continue
        at = device(known, name)
        if at in owned:
            before, left, line = owned[at]
            addresses = before + addresses if before is not None and addresses is not None else None
            leaves = True if left or leaves else None if None in (left, leaves) else False
            owned[at] = (addresses, leaves, line)
        elif len(owned) < MAX_INTERFACES:
            owned[at] = (addresses, leaves, item.line)
    found = tuple(
        Interface(name, None if own is None else tuple(dict.fromkeys(own)), leaves)
        for name, (own, leaves, _) in owned.items()
        if name
    )
    return found, {f"/system/interfaces/{at}": row[2] for at, row in enumerate(owned.values())}, bad


def _is_default(item: Section) -> bool:
    whole = item.one("target") in _EVERYWHERE and item.one("netmask", "0.0.0.0") == "0.0.0.0"  # noqa: S104 — a route
    return whole and item.one("type", "unicast") == "unicast" and item.one("disabled") not in ("1", "true")


def _addresses(item: Section) -> list[IPv4Address] | None:
    """The addresses that the file gives it; None when somebody else does."""
    if item.one("proto") in _GIVEN:
        return None
    words = item.words("ipaddr") + item.words("addresses")
    return [IPv4Interface(word).ip for word in words if ":" not in word]


def _leaves(config: Configuration, item: Section, routed: set[str]) -> bool | None:
    """Whether a default route leaves by it."""
    proto = item.one("proto")
    if item.name in routed:
        return True
    if not item.flag("defaultroute", default=True):
        return False
    if proto in _GIVEN or item.one("gateway", "0.0.0.0") != "0.0.0.0":  # noqa: S104 — a gateway
        return True
    if proto in _NAMED:
        peers = config.of("network", f"{proto}_{item.name}")
        return any(
            peer.flag("route_allowed_ips", default=False) and "0.0.0.0/0" in peer.words("allowed_ips")
            for peer in peers
            if not peer.flag("disabled", default=False)
        )
    return False if proto in ("static", "none") else None
