"""`system.*`: what a device said about itself."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network
from typing import Literal

from inventory.gateway import (
    Admin,
    DhcpServer,
    Dmz,
    Dns,
    Dot1x,
    Firewall,
    Interface,
    PortForward,
    Upnp,
    Vlan,
    Vpn,
    Wifi,
)
from inventory.network import Protocol
from inventory.storage import (
    Antivirus,
    AutoBlock,
    Backup,
    PublicLinks,
    Relay,
    Share,
    SmbSettings,
    SnapshotPlan,
    Ups,
    Volume,
)
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
    built: datetime | None = None  # when the maker built the firmware


@dataclass(frozen=True, slots=True)
class Service:
    """A socket the device listens on."""

    port: int
    protocol: Protocol
    address: str  # "0.0.0.0", "[::]", "127.0.0.1"
    process: str | None = None
    allowed: tuple[IPv4Network, ...] | None = None  # who the service itself lets in; None: nobody said
    encrypted: bool | None = None


@dataclass(frozen=True, slots=True)
class User:
    """An account of the device."""

    name: str
    uid: int | None = None
    administrator: bool | None = None
    login: bool | None = None  # has a shell
    role: str | None = None  # the device's own word: "full", "admin", "super_admin", "privilege 15"
    enabled: bool | None = None
    factory: bool | None = None  # the account that the maker brings: "admin", "ubnt", "root" of a router
    second_factor: bool | None = None
    last_login: datetime | None = None


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
class Updates:
    """What the device knows of its own updates."""

    status: Literal["available", "current", "connecting", "disconnected", "other"] | None = None
    automatic: bool | None = None  # it installs them by itself
    available: str | None = None  # the newer version
    since: datetime | None = None  # when that came out


@dataclass(frozen=True, slots=True)
class SnmpSettings:
    """The device's own SNMP agent."""

    enabled: bool
    versions: tuple[str, ...] | None = None  # "v1", "v2c", "v3"
    default_community: bool | None = None  # one that everybody knows, "public" or "private"; none is ever kept
    writable: bool | None = None  # a community or user may write
    source_filter: tuple[IPv4Network, ...] | None = None  # who may ask, None: everyone


@dataclass(frozen=True, slots=True)
class Ntp:
    """Where the device has its time from."""

    enabled: bool
    servers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Logging:
    """Where the device's log goes."""

    remote: tuple[str, ...] | None = None  # the receivers, () none
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class System:
    """What the device said about itself. Absent: not read; empty: read, and there is none."""

    platform: str | None = None
    # Groups below that were read as the maker's documentation has it, and that no recording has proven yet.
    documented: tuple[str, ...] | None = None
    identity: Identity | None = None
    services: tuple[Service, ...] | None = None
    admin: tuple[Admin, ...] | None = None
    users: tuple[User, ...] | None = None
    ssh: SshSettings | None = None
    snmp: SnmpSettings | None = None
    firewall: Firewall | None = None
    port_forwards: tuple[PortForward, ...] | None = None
    dmz: Dmz | None = None
    upnp: Upnp | None = None
    vpn: tuple[Vpn, ...] | None = None
    wifi: tuple[Wifi, ...] | None = None
    interfaces: tuple[Interface, ...] | None = None
    vlans: tuple[Vlan, ...] | None = None
    dot1x: Dot1x | None = None
    dns: Dns | None = None
    dhcp: tuple[DhcpServer, ...] | None = None
    ntp: Ntp | None = None
    logging: Logging | None = None
    updates: Updates | None = None
    shares: tuple[Share, ...] | None = None
    smb: SmbSettings | None = None
    volumes: tuple[Volume, ...] | None = None
    backups: tuple[Backup, ...] | None = None
    snapshots: tuple[SnapshotPlan, ...] | None = None
    relays: tuple[Relay, ...] | None = None
    auto_block: AutoBlock | None = None
    public_links: PublicLinks | None = None
    antivirus: Antivirus | None = None
    ups: Ups | None = None
    neighbours: tuple[NeighbourEntry, ...] | None = None
    leases: tuple[Lease, ...] | None = None
    forwarding: tuple[ForwardingEntry, ...] | None = None
    links: tuple[LinkedNeighbour, ...] | None = None
