"""`system.*` of what stands between networks: ways in, filters, Wi-Fi, and what a router serves."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

# Which side of the device: "wan" is where its default route leaves.
Side = Literal["lan", "wan", "guest", "vpn", "other"]


@dataclass(frozen=True, slots=True)
class InputChain:
    """A firewall chain that decides what may enter the device, and what it does with what no rule of it names."""

    table: str  # the device's own name: "ip filter", "zone wan", "WAN_LOCAL"
    policy: Literal["accept", "drop"]
    side: Side | None = None  # where what it judges comes from, None: from everywhere, or nobody said
    ipv6: bool | None = None  # True: IPv6 only, False: IPv4 only, None: both, or nobody said


@dataclass(frozen=True, slots=True)
class Firewall:
    """The packet filter of the device."""

    input: tuple[InputChain, ...] | None = None


@dataclass(frozen=True, slots=True)
class PortForward:
    """A port that is sent on to another address: from outside, or only for the inside."""

    external: str  # "tcp/5001"; a range keeps its dash: "tcp/5000-5010"
    target: IPv4Address
    target_port: str | None = None
    interface: str | None = None  # the one it comes in by, None: any; "ppp*" is every name that begins with "ppp"
    except_interfaces: tuple[str, ...] | None = None  # those it does not come in by
    source_filter: tuple[IPv4Network, ...] | None = None  # who may ask, None: everyone
    destination_filter: tuple[IPv4Network, ...] | None = None  # the outer addresses it takes, None: all
    origin: Literal["static", "upnp"] = "static"
    comment: str | None = None
    enabled: bool | None = None  # False: written down, but switched off


@dataclass(frozen=True, slots=True)
class Dmz:
    """The inner address that gets whatever no port forward takes."""

    enabled: bool
    target: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class Upnp:
    """The device's own UPnP port-mapping service."""

    enabled: bool
    secure_mode: bool | None = None


@dataclass(frozen=True, slots=True)
class Admin:
    """A protocol by which the device may be administered from one side of it, with its filter counted in."""

    protocol: str  # "ssh", "https", "http", "telnet", "snmp", "api", "winbox", "fgfm" …
    side: Side
    port: int | None = None
    encrypted: bool | None = None
    source_filter: tuple[IPv4Network, ...] | None = None  # who may ask, None: everyone on that side


@dataclass(frozen=True, slots=True)
class Vpn:
    """A way in or out through a tunnel that the device ends."""

    kind: Literal[
        "ipsec", "openvpn", "wireguard", "l2tp", "pptp", "sstp", "ssl", "zerotier", "tailscale", "gre", "other"
    ]
    name: str | None = None  # of the tunnel, interface or server, never of a person
    enabled: bool | None = None
    server: bool | None = None  # whether it waits for others to call
    peers: int | None = None  # those that are configured


@dataclass(frozen=True, slots=True)
class Wifi:
    """A wireless network of the device; its key is never a fact."""

    ssid: str
    interface: str | None = None  # the radio or the interface, where one name is on two of them
    enabled: bool | None = None
    security: Literal["open", "owe", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"] | None = None
    enterprise: bool | None = None  # every user has an account of his own (802.1X)
    wps: bool | None = None
    psk_length: int | None = None  # characters of its key
    psk_factory: bool | None = None  # the key is the one on the label
    isolated: bool | None = None  # its clients do not reach each other
    guest: bool | None = None  # it leads to a network apart


@dataclass(frozen=True, slots=True)
class Vlan:
    """A VLAN that the device knows."""

    id: int  # 1 to 4094
    name: str | None = None
    tagged: tuple[str, ...] | None = None  # ports or interfaces that carry it with its tag
    untagged: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Dot1x:
    """Whether whoever plugs into the device must identify himself first (IEEE 802.1X)."""

    enabled: bool
    ports: tuple[str, ...] | None = None  # those that ask for it, () none


@dataclass(frozen=True, slots=True)
class Dns:
    """Whom the device asks for names, and for whom it answers."""

    servers: tuple[str, ...] | None = None  # addresses, or names of encrypted resolvers
    encrypted: bool | None = None  # it asks over TLS or HTTPS
    answers: tuple[Side, ...] | None = None  # the sides for which it answers, () none


@dataclass(frozen=True, slots=True)
class DhcpServer:
    """A range of addresses that the device gives away."""

    interface: str
    enabled: bool | None = None
    first: IPv4Address | None = None
    last: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as the device's own kernel has it."""

    name: str
    addresses: tuple[IPv4Address, ...] | None = None
    default_route: bool | None = None  # whether a default route leaves by it, in any routing table
