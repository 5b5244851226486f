"""Where the run stands: this machine's own interfaces in the authorised networks, and the way out it was given."""

import json
import socket
import struct
import subprocess
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from pathlib import Path
from typing import Any

from inventory.document import from_json
from inventory.document import to_json as plain
from inventory.errors import ParseError
from inventory.mac import canonical
from inventory.site import Site
from inventory.snapshot import Vantage

_ROUTES = Path("/proc/thread-self/net/route")  # of the network namespace that this thread is in
_NEIGHBOURS = Path("/proc/net/arp")
_IPV6 = Path("/proc/net/if_inet6")
# linux/if_addr.h: nobody else may have it yet, somebody else has it, it should not be used any more.
_TENTATIVE, _DUPLICATE, _DEPRECATED = 0x40, 0x08, 0x20


def interfaces(site: Site) -> tuple[Vantage, ...]:
    """The interfaces of this machine that stand in an authorised network; its other networks are nobody's business."""
    import psutil

    found = []
    for name, addresses in psutil.net_if_addrs().items():
        mac = next((item.address for item in addresses if item.family == psutil.AF_LINK), None)
        for item in addresses:
            if item.family != socket.AF_INET or not item.netmask:
                continue
            own = IPv4Network(f"{item.address}/{item.netmask}", strict=False)
            address = IPv4Address(item.address)
            for known in site.networks:
                # On the link only when the interface's own network covers all of the authorised one: else the rest of
                # it would be reached through a gateway.
                if address in known.network and known.network.subnet_of(own) and not own.is_loopback:
                    found.append(Vantage(known.zone, name, address, known.network, _mac(mac), ipv6(name)))
    return tuple(sorted(found, key=lambda item: (item.network, item.interface)))


def _mac(raw: str | None) -> str | None:
    try:
        return canonical(raw) if raw else None
    except ValueError:
        return None


def ipv6(interface: str) -> tuple[IPv6Address, ...]:
    """The usable IPv6 addresses of an interface; none where the kernel speaks no IPv6."""
    try:
        return addresses6(_IPV6.read_text("ascii"), interface)
    except FileNotFoundError:
        return ()


def addresses6(table: str, interface: str) -> tuple[IPv6Address, ...]:
    """The usable addresses of an interface in the text of /proc/net/if_inet6: address, index, prefix, scope, flags.

    >>> addresses6("fe80000000000000021132fffe000001 02 40 20 80     eth0\\n", "eth0")
    (IPv6Address('fe80::211:32ff:fe00:1'),)
    """
    rows = (line.split() for line in table.splitlines())
    unusable = _TENTATIVE | _DUPLICATE | _DEPRECATED
    own = (row[0] for row in rows if len(row) == 6 and row[5] == interface and not int(row[4], 16) & unusable)
    return tuple(sorted(IPv6Address(bytes.fromhex(item)) for item in own))


def gateways() -> tuple[IPv4Address, ...]:
    """The default gateways of this machine, from the kernel's route table."""
    found = []
    for line in _ROUTES.read_text("ascii").splitlines()[1:]:
        fields = line.split("\t")
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            found.append(IPv4Address(struct.pack("=I", int(fields[2], 16))))
    return tuple(sorted(set(found)))


def neighbour(address: IPv4Address) -> str | None:
    """The MAC that this machine's kernel would send to for an address, None when it has none on record.

    /proc/net/arp: `192.168.10.1  0x1  0x2  d4:ca:6d:00:10:01  *  eth0`; flag 0x2 = complete.
    """
    for line in _NEIGHBOURS.read_text("ascii").splitlines()[1:]:
        fields = line.split()
        if len(fields) >= 4 and fields[0] == str(address) and int(fields[2], 16) & 0x2:
            return _mac(fields[3])
    return None


def direct(address: IPv4Address, here: Vantage) -> bool:
    """Whether this machine's kernel would send to the address straight out of the vantage's interface.

    A VPN or a second network with the same numbers may have a better route: what is asked would reach somebody else.
    """
    command = ["ip", "-4", "-j", "route", "get", str(address)]
    try:
        said = subprocess.run(command, capture_output=True, timeout=5, check=True).stdout  # noqa: S603
        (route,) = json.loads(said)
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return isinstance(route, dict) and route.get("dev") == here.interface and "gateway" not in route


def to_json(vantages: Sequence[Vantage], captures: Sequence[str] = (), cards: Sequence[str] = ()) -> dict[str, Any]:
    """The vantage as it is kept in evidence; gateways outside the authorised networks are left out.

    `captures` are the targets of what is listened to beside the visit, `cards` the Wi-Fi cards, so that a replay asks
    for them too.
    """
    inside = [str(item) for item in gateways() if any(item in known.network for known in vantages)]
    return {"vantages": plain(tuple(vantages)), "gateways": inside, "captures": list(captures)} | (
        {"wifi": list(cards)} if cards else {}
    )


def read(data: Any) -> tuple[tuple[Vantage, ...], tuple[IPv4Address, ...]]:  # noqa: ANN401
    """The vantages and gateways of a recorded vantage; ParseError when it is none."""
    if not isinstance(data, dict) or set(data) - {"captures", "wifi"} != {"vantages", "gateways"}:
        raise ParseError("vantage", None, "not a recorded vantage")
    vantages: tuple[Vantage, ...] = from_json(tuple[Vantage, ...], data["vantages"], "/vantages")
    ways: tuple[IPv4Address, ...] = from_json(tuple[IPv4Address, ...], data["gateways"], "/gateways")
    return vantages, ways


def captures(data: Any) -> tuple[str, ...]:  # noqa: ANN401
    """What was listened to beside a recorded visit; () of older recordings; ParseError when it is no list of that."""
    listed: tuple[str, ...] = from_json(tuple[str, ...], data.get("captures", ()), "/captures")
    return listed


def cards(data: Any) -> tuple[str, ...]:  # noqa: ANN401
    """The Wi-Fi cards of a recorded vantage; ParseError when it is no list of names."""
    listed: tuple[str, ...] = from_json(tuple[str, ...], data.get("wifi", ()), "/wifi")
    return listed
