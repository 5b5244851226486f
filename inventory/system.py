"""`system.*`: what a device said about itself."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from inventory.network import Protocol
from inventory.tables import ForwardingEntry, Lease, LinkedNeighbour, NeighbourEntry


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the device says it is."""

    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    os: str | None = None  # "dsm", "debian", "routeros"
    firmware: str | None = None
    build: str | None = None
    hostname: str | None = None
    uptime_s: int | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A socket the device listens on."""

    port: int
    protocol: Protocol
    address: str  # "0.0.0.0", "[::]", "127.0.0.1"
    process: str | None = None
    allowed: tuple[IPv4Network, ...] | None = None  # who the service itself lets in; None: nobody said


@dataclass(frozen=True, slots=True)
class User:
    """An account of the device."""

    name: str
    uid: int | None = None
    administrator: bool | None = None
    login: bool | None = None  # has a shell


@dataclass(frozen=True, slots=True)
class SshSettings:
    """The effective settings of the device's SSH server."""

    root_login: str | None = None  # "yes", "no", "prohibit-password", …
    password_authentication: bool | None = None
    ports: tuple[int, ...] | None = None
    ciphers: tuple[str, ...] | None = None
    key_exchanges: tuple[str, ...] | None = None
    macs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class InputChain:
    """A firewall chain that decides what may enter the device."""

    table: str
    policy: Literal["accept", "drop"]


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


@dataclass(frozen=True, slots=True)
class Upnp:
    """The device's own UPnP port-mapping service."""

    enabled: bool
    secure_mode: bool | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A shared folder."""

    name: str
    protocol: Literal["smb", "nfs", "afp", "ftp"]
    path: str | None = None
    guest: bool | None = None
    writable: bool | None = None


@dataclass(frozen=True, slots=True)
class SmbSettings:
    """The device's own SMB settings."""

    minimum_protocol: str | None = None  # "NT1", "SMB2_02", "SMB3"


@dataclass(frozen=True, slots=True)
class Updates:
    """What the device knows of its own updates."""

    status: Literal["available", "current", "connecting", "disconnected", "other"]


@dataclass(frozen=True, slots=True)
class Volume:
    """A storage volume."""

    name: str
    state: str  # "normal", "degraded", "crashed", or the device's own word
    free_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as the device's own kernel has it."""

    name: str
    addresses: tuple[IPv4Address, ...] | None = None
    default_route: bool | None = None  # whether a default route leaves by it, in any routing table


@dataclass(frozen=True, slots=True)
class SnmpSettings:
    """The device's own SNMP agent."""

    enabled: bool
    versions: tuple[str, ...] | None = None  # "v1", "v2c", "v3"
    default_community: bool | None = None  # one that everybody knows, "public" or "private"; none is ever kept
    writable: bool | None = None  # a community or user may write


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup job."""

    name: str
    target: str | None = None
    last_success: datetime | None = None
    last_result: Literal["success", "failed", "running", "never"] | None = None


@dataclass(frozen=True, slots=True)
class System:
    """What the device said about itself."""

    platform: str | None = None
    identity: Identity | None = None
    services: tuple[Service, ...] | None = None
    users: tuple[User, ...] | None = None
    ssh: SshSettings | None = None
    firewall: Firewall | None = None
    port_forwards: tuple[PortForward, ...] | None = None
    upnp: Upnp | None = None
    shares: tuple[Share, ...] | None = None
    smb: SmbSettings | None = None
    updates: Updates | None = None
    volumes: tuple[Volume, ...] | None = None
    interfaces: tuple[Interface, ...] | None = None
    snmp: SnmpSettings | None = None
    backups: tuple[Backup, ...] | None = None
    neighbours: tuple[NeighbourEntry, ...] | None = None
    leases: tuple[Lease, ...] | None = None
    forwarding: tuple[ForwardingEntry, ...] | None = None
    links: tuple[LinkedNeighbour, ...] | None = None
