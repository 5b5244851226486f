"""`network.*`: what a device says without being asked, heard by whoever listens."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

NeighbourProtocol = Literal["lldp", "cdp", "fdp", "edp", "sonmp", "mndp", "ubiquiti"]


@dataclass(frozen=True, slots=True)
class DhcpClient:
    """What the device says of itself when it asks for an address (RFC 2132, 4702)."""

    hostname: str | None = None  # option 12
    fqdn: str | None = None  # option 81
    vendor_class: str | None = None  # option 60: "MSFT 5.0", "android-dhcp-9"
    user_class: str | None = None  # option 77
    client_id: str | None = None  # option 61, hexadecimal: "01001132abcdef"
    requested: tuple[IPv4Address, ...] | None = None  # option 50
    parameters: tuple[str, ...] | None = None  # option 55, each list in its order: "1,3,6,15"


@dataclass(frozen=True, slots=True)
class DhcpServer:
    """What the device hands out as a DHCP server."""

    address: IPv4Address  # option 54, else where the answer came from
    routers: tuple[IPv4Address, ...] | None = None  # option 3
    dns: tuple[IPv4Address, ...] | None = None  # option 6
    domain: str | None = None  # option 15


@dataclass(frozen=True, slots=True)
class Dhcp6Client:
    """What the device says of itself to DHCPv6 servers (RFC 8415)."""

    duid: str | None = None  # hexadecimal; stable over interfaces and visits
    vendor_class: str | None = None
    enterprise: int | None = None  # whose vendor class it is: 311 is Microsoft
    fqdn: str | None = None
    parameters: tuple[str, ...] | None = None  # option 6, each list in its order


@dataclass(frozen=True, slots=True)
class Dhcp6Server:
    """What the device hands out as a DHCPv6 server."""

    duid: str | None = None
    dns: tuple[IPv6Address, ...] | None = None  # option 23


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What the device announces of itself to its neighbours: LLDP, CDP and their like."""

    protocol: NeighbourProtocol
    chassis: str | None = None  # a MAC, an address or a name, as it identifies itself
    port: str | None = None  # the port that it speaks from
    port_description: str | None = None
    system_name: str | None = None
    description: str | None = None  # its system description, or the text of its software version
    manufacturer: str | None = None
    model: str | None = None
    version: str | None = None  # of its firmware
    serial: str | None = None
    capabilities: tuple[str, ...] | None = None  # the enabled ones: "bridge", "router", "wlan_ap"
    management: tuple[str, ...] | None = None  # addresses, IPv4 or IPv6
    vlan: int | None = None  # untagged on that port


@dataclass(frozen=True, slots=True)
class RouterAdvertisement:
    """What the device tells everybody as an IPv6 router (RFC 4861, 8106)."""

    lifetime_s: int  # as default router; 0: it is none
    managed: bool  # addresses are had by DHCPv6
    other: bool  # other settings are had by DHCPv6
    prefixes: tuple[str, ...] | None = None  # "2001:db8:1::/64"
    dns: tuple[IPv6Address, ...] | None = None
    domains: tuple[str, ...] | None = None
    mtu: int | None = None


@dataclass(frozen=True, slots=True)
class WsdSeen:
    """What the device announces by WS-Discovery: Windows computers, printers, ONVIF cameras."""

    endpoint: str | None = None  # "urn:uuid:…", the same in every announcement
    types: tuple[str, ...] | None = None  # "wsdp:Device", "pub:Computer", "dn:NetworkVideoTransmitter"
    scopes: tuple[str, ...] | None = None  # of ONVIF: "onvif://www.onvif.org/name/…"
    locations: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class BrowserSeen:
    """How a Windows or Samba machine announces itself to its workgroup (MS-BRWS §2.2.1)."""

    name: str
    workgroup: str | None = None
    version: str | None = None  # of Windows NT: "5.1" is XP, "6.1" 7, "10.0" 10; Samba says what it is told to
    comment: str | None = None
    roles: tuple[str, ...] | None = None  # "workstation", "server", "print_queue", "domain_controller" …
