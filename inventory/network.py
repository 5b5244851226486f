"""`network.*`: what the wire showed of a device."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from inventory.category import Category
from inventory.heard import (
    BrowserSeen,
    Dhcp6Client,
    Dhcp6Server,
    DhcpClient,
    DhcpServer,
    Neighbour,
    RouterAdvertisement,
    WsdSeen,
)
from inventory.tables import Listing

Zone = Literal["professional", "guest", "wifi"]
Protocol = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Port:
    """An open port."""

    port: int
    protocol: Protocol = "tcp"
    service: str | None = None  # the protocol spoken, proven by what the port said: "telnet", "ssh", "smb", "http"
    banner: str | None = None  # its first words; "" when it was listened to and said nothing


@dataclass(frozen=True, slots=True)
class SmbShareSeen:
    """A share that the server names to whoever asks without a password."""

    name: str
    kind: Literal["disk", "printer", "ipc", "other"]
    access: Literal["none", "read", "write"]  # what the server grants a guest (MaximalAccess); nothing was opened


@dataclass(frozen=True, slots=True)
class SmbSeen:
    """What an SMB negotiation offered."""

    dialects: tuple[str, ...]  # as nmap's smb-protocols names them: "NT LM 0.12 (SMBv1)", "202", "311"
    smb1: bool
    shares: tuple[SmbShareSeen, ...] | None = None  # what a guest is shown; () when guests are refused


@dataclass(frozen=True, slots=True)
class SnmpSeen:
    """What the SNMP agent answered, and how it was asked."""

    version: Literal["v2c", "v3"]
    sys_descr: str | None = None
    sys_object_id: str | None = None
    sys_name: str | None = None
    enterprise: int | None = None  # first private enterprise number under 1.3.6.1.4.1 that the agent serves
    device_description: str | None = None  # hrDeviceDescr.1, or an IEEE 1284 device id
    engine_id: str | None = None  # of its SNMPv3 engine, hexadecimal: "80001f8880e9630000d61ff449" (RFC 3411 §5)
    default_community: bool | None = None  # it answered to a community that everybody knows: "public", "private"


@dataclass(frozen=True, slots=True)
class SshSeen:
    """The SSH host key shown."""

    key_type: str
    fingerprint: str  # "SHA256:…", as OpenSSH prints it
    pinned: str | None = None  # the fingerprint this site has on record for the device
    legacy: bool | None = None  # it took nothing better than SHA-1 key exchange or signatures (ssh-rsa)


@dataclass(frozen=True, slots=True)
class SshOffer:
    """What an SSH server offers before anybody logs in: its KEXINIT (RFC 4253 §7.1)."""

    port: int
    software: str | None = None  # "OpenSSH_9.2p1 Debian-2+deb12u10"
    key_exchanges: tuple[str, ...] | None = None
    host_keys: tuple[str, ...] | None = None
    ciphers: tuple[str, ...] | None = None  # towards the client
    macs: tuple[str, ...] | None = None
    client_ciphers: tuple[str, ...] | None = None  # from the client; each direction is agreed on by itself
    client_macs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate that a TLS server shows."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    self_signed: bool
    key_type: str  # "rsa", "ec", "ed25519"
    key_bits: int | None = None
    sha256: str | None = None  # of its DER, hexadecimal


@dataclass(frozen=True, slots=True)
class TlsSeen:
    """What a TLS port accepts; a version is listed when a handshake in it was answered by a ServerHello."""

    port: int
    versions: tuple[str, ...] | None = None  # "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class HttpSeen:
    """How a web server answers `GET /`."""

    port: int
    tls: bool
    status: int | None = None
    server: str | None = None
    title: str | None = None
    realm: str | None = None  # of WWW-Authenticate
    location: str | None = None  # where it redirects to; not followed


@dataclass(frozen=True, slots=True)
class MdnsService:
    """A service that the device announces by multicast DNS (RFC 6763)."""

    kind: str  # "_ipp._tcp"
    name: str
    port: int | None = None
    text: tuple[str, ...] | None = None  # "key=value"


@dataclass(frozen=True, slots=True)
class NetbiosSeen:
    """How the device calls itself by NetBIOS (RFC 1002 §4.2.18)."""

    name: str
    workgroup: str | None = None
    mac: str | None = None


@dataclass(frozen=True, slots=True)
class PortMapping:
    """A door that some device had the router open for it by UPnP, as the router lists it."""

    external: str  # "tcp/5001"
    target: IPv4Address
    target_port: int | None = None
    enabled: bool | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class UpnpSeen:
    """What the device says of itself by SSDP and its UPnP description."""

    types: tuple[str, ...] | None = None  # "InternetGatewayDevice:1", "MediaServer:1"
    server: str | None = None
    uuids: tuple[str, ...] | None = None  # of the devices it is, as its USN names them; the same after a new address
    user_agent: str | None = None  # of its own searches
    friendly_name: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    mappings: tuple[PortMapping, ...] | None = None  # of an Internet gateway; read to their end
    external_address: IPv4Address | None = None  # as the gateway says; a private one: another stands outside


@dataclass(frozen=True, slots=True)
class Identification:
    """Who the device is by what it showed to the wire: known forms of answers, never a login."""

    vendor: str | None = None  # who made the device; `Network.vendor` is the maker of its network card
    platform: str | None = None  # its operating system: "synology_dsm", "routeros", "windows"
    model: str | None = None
    version: str | None = None  # of that system or firmware, never of a service that runs on it
    serial: str | None = None
    category: Category | None = None
    confidence: int | None = None  # 1-100, how sure the category is
    clues: tuple[str, ...] | None = None  # what led there: "http_title Synology DiskStation"


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
    ssh_offers: tuple[SshOffer, ...] | None = None
    tls: tuple[TlsSeen, ...] | None = None
    http: tuple[HttpSeen, ...] | None = None
    mdns: tuple[MdnsService, ...] | None = None
    netbios: NetbiosSeen | None = None
    upnp: UpnpSeen | None = None
    ipv6: tuple[IPv6Address, ...] | None = None
    echo: bool | None = None  # it answers an ICMP echo
    heard: tuple[str, ...] | None = None  # protocols in which it spoke without being asked: "arp", "dhcp", "lldp"
    dhcp: DhcpClient | None = None
    dhcp_server: DhcpServer | None = None
    dhcp6: Dhcp6Client | None = None
    dhcp6_server: Dhcp6Server | None = None
    neighbours: tuple[Neighbour, ...] | None = None  # what it announces to its neighbours
    router_advertisement: RouterAdvertisement | None = None
    wsd: WsdSeen | None = None
    browser: BrowserSeen | None = None
    identification: Identification | None = None
    listed: tuple[Listing, ...] | None = None  # where the tables of routers and switches have it

    @property
    def hands_out(self) -> bool:
        """Whether it hands out addresses or name servers, or calls itself a router."""
        return any((self.router_advertisement, self.dhcp_server, self.dhcp6_server))
