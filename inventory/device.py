"""A device and its fact groups.

`network.*` was seen from the wire, `system.*` was said by the device, `declared.*` was said by the owner; they are
never merged across. None = not looked or not answered; an empty tuple = looked, nothing there. Facts are plain values:
where each came from stands beside them in `Snapshot.provenance`.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

Category = Literal[
    "workstation", "server", "nas", "router", "switch", "access_point", "printer", "phone", "tablet", "tv", "speaker",
    "console", "camera", "voip", "ups", "medical_imaging", "card_reader", "iot", "unknown",
]  # fmt: skip
Zone = Literal["professional", "guest", "wifi"]
Protocol = Literal["tcp", "udp"]


# --- network.*: seen from the wire ---


@dataclass(frozen=True, slots=True)
class Port:
    """An open port."""

    port: int
    protocol: Protocol = "tcp"
    service: str | None = None  # the protocol spoken, proven by what the port said: "telnet", "ssh", "smb", "http"
    banner: str | None = None


@dataclass(frozen=True, slots=True)
class SmbSeen:
    """What an SMB negotiation offered."""

    dialects: tuple[str, ...]  # as nmap's smb-protocols names them: "NT LM 0.12 (SMBv1)", "2:0:2", "3:1:1"
    smb1: bool


@dataclass(frozen=True, slots=True)
class SnmpSeen:
    """What the SNMP agent answered, and how it was asked."""

    version: Literal["v2c", "v3"]
    sys_descr: str | None = None
    sys_object_id: str | None = None
    sys_name: str | None = None
    enterprise: int | None = None  # first private enterprise number under 1.3.6.1.4.1 that the agent serves
    device_description: str | None = None  # hrDeviceDescr.1, or an IEEE 1284 device id


@dataclass(frozen=True, slots=True)
class SshSeen:
    """The SSH host key shown."""

    key_type: str
    fingerprint: str  # "SHA256:…", as OpenSSH prints it
    pinned: str | None = None  # the fingerprint this site has on record for the device


@dataclass(frozen=True, slots=True)
class Network:
    """What the wire showed of a device."""

    macs: tuple[str, ...] | None = None
    addresses: tuple[IPv4Address, ...] | None = None
    vendor: str | None = None
    mac_randomised: bool | None = None
    zone: Zone | None = None
    hostname: str | None = None
    ports: tuple[Port, ...] | None = None  # open ports only
    tcp_probed: tuple[int, ...] | None = None  # ports that answered, open or closed: there "not open" means something
    tcp_filtered: tuple[int, ...] | None = None  # ports asked in vain: a firewall, or answers that were lost
    smb: SmbSeen | None = None
    snmp: SnmpSeen | None = None
    ssh: SshSeen | None = None


# --- system.*: said by the device ---


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


# --- declared.*: said by the owner ---


@dataclass(frozen=True, slots=True)
class Declared:
    """What the owner says of a device in inventory.yaml."""

    name: str
    role: Category
    owner: Literal["practice", "provider", "personal", "family", "patient"]
    use: Literal["professional", "personal", "mixed"]
    presence: Literal["permanent", "mobile", "seasonal"] = "permanent"
    macs: tuple[str, ...] = ()
    serial: str | None = None
    maintainer: str | None = None
    stores_health_data: bool | None = None
    expected_services: tuple[str, ...] | None = None  # "tcp/22"


# --- the device ---


@dataclass(frozen=True, slots=True)
class Clue:
    """One reason to think a device is of a category."""

    category: Category
    weight: int  # 1-100
    reason: str


@dataclass(frozen=True, slots=True)
class Classification:
    """What the device is, how sure, and why."""

    category: Category
    certain: bool  # False: rules for other categories cannot be ruled out
    clues: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A thing with an identity, whole or partial: a partial one, read from one piece of evidence, is an observation."""

    id: str = ""  # inventory.identity.device_id: a MAC, or "declared:NAME"
    name: str = ""  # what a reader calls it: declared name, host name, or vendor and address
    classification: Classification | None = None
    fragile: bool | None = None
    network: Network | None = None
    system: System | None = None
    declared: Declared | None = None
