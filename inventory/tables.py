"""`system.*`: whom a router or a switch knows, as its own tables say: addresses it talked to, leases, ports.

What a table says of somebody is the table's word: `scanner/tabled.py` decides whether that makes a device.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal


@dataclass(frozen=True, slots=True)
class NeighbourEntry:
    """An address and the MAC behind it, as the device last resolved it (ARP, neighbour discovery)."""

    address: str  # IPv4 or IPv6
    mac: str
    interface: str | None = None
    fresh: bool | None = None  # it answered within the last quarter of an hour; None: the table does not tell
    outside: bool | None = None  # a default route leaves by that interface: who is there is the provider's


@dataclass(frozen=True, slots=True)
class Lease:
    """An address that the device's DHCP server has given away."""

    address: IPv4Address
    mac: str
    hostname: str | None = None
    expires: int | None = None  # seconds since 1970; None: never, or not said
    bound: bool | None = None  # somebody holds it now


@dataclass(frozen=True, slots=True)
class ForwardingEntry:
    """The port of a switch or bridge behind which a MAC was last heard."""

    mac: str
    port: str  # its name, as the device calls it: "ether3", "GigabitEthernet0/7", else its number
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class LinkedNeighbour:
    """Another switch, access point or telephone that announced itself at a port of the device (LLDP)."""

    port: str
    chassis: str  # a MAC, an address or a name, as it identifies itself
    remote_port: str | None = None
    system_name: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Where another device's table has this device."""

    table: Literal["neighbours", "leases", "forwarding"]
    device: str  # id of the device whose table it is
    port: str = ""  # of a switch, or the interface of a router; "" when it does not say
    vlan: int | None = None
    sharing: int | None = None  # MACs behind the same port: 1 is a device plugged in there, many another switch
