"""What devices say of themselves to everybody who asks: mDNS responses and SSDP answers, per sender.

Pure; facts point to the capture as a whole, which has packets and no lines. A sender is believed about itself only:
what it says of other addresses is left out. Whose an address is, and whether a device may be asked what it invites to,
is decided elsewhere.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import islice

from inventory.device import Device
from inventory.network import MdnsService, Network, UpnpSeen
from inventory.observation import Observation, UnreadLine
from inventory.text import clean
from scanner import dns_message
from scanner.datagrams import datagrams
from scanner.dns_message import Name, Record
from scanner.evidence import Evidence

MDNS_PORT = 5353

# Services kept of one device: a NAS announces forty; stops one that announces thousands from filling the report.
MOST_SERVICES = 128
# Lines of TXT kept of one service, and characters of each (a printer has 25; RFC 6763 §6.2: "under 400 bytes").
MOST_TEXTS, MOST_TEXT = 32, 128
# Different records kept of one sender: four for each service, and twice that; stops a passive capture of hours.
MOST_RECORDS = 1_024
MOST_NAME = 63  # characters of a host name: one label (RFC 1035 §2.3.4)
# Device types and identities kept of one sender, and places where it says its description is.
MOST_TYPES, MOST_UUIDS, MOST_LOCATIONS = 16, 16, 16
# Bytes read of an SSDP answer: UPnP's have 300-500; stops a header of 9,000 bytes times thousands.
MOST_HEADER = 2_048


@dataclass(frozen=True, slots=True)
class Said:
    """What one sender said of itself."""

    observation: Observation
    locations: tuple[str, ...] = ()  # of UPnP descriptions, as it wrote them: may be anything


def read_mdns(evidence: Evidence) -> Mapping[IPv4Address, Said]:
    """Host name and services of each sender of mDNS responses in a capture; ParseError when it is none.

    Only what came from port 5353 counts (RFC 6762 §6). A service whose host has other addresses than the sender's is
    another device's, and not believed.
    """
    heard: dict[IPv4Address, Records] = {}
    for item in datagrams(evidence.body):
        if item.source_port == MDNS_PORT and (message := dns_message.response(item.payload)) is not None:
            records = heard.setdefault(item.source, Records())
            records.add(item.number, message)
    return {address: Said(records.observation({address})) for address, records in sorted(heard.items())}


class Records:
    """The records of one sender, in the order they came, each once."""

    def __init__(self) -> None:
        self._records: dict[Record, None] = {}
        self._doubts: list[UnreadLine] = []

    def add(self, number: int, message: dns_message.Message) -> None:
        """Keep what one datagram holds; `number` is its place in the capture."""
        for record in message.records:
            if len(self._records) < MOST_RECORDS:
                self._records.setdefault(record)
        if not message.whole and not self._doubts:
            self._doubts.append(_unread(number, "a response that cannot be read to its end"))

    def update(self, other: "Records") -> None:
        """Keep what the same sender said from another address."""
        self._records.update(other._records)
        self._doubts += other._doubts[: 1 - len(self._doubts)]

    def _of(self, kind: int) -> Iterator[Record]:
        return (record for record in self._records if record.kind == kind)

    def observation(self, sender: Collection[IPv4Address | IPv6Address]) -> Observation:
        """What the records say of their sender, which has these addresses."""
        hosts: dict[Name, set[IPv4Address | IPv6Address]] = {}
        for record in self._records:
            if record.address is not None:
                hosts.setdefault(_lower(record.name), set()).add(record.address)
        own = sorted(name for name, addresses in hosts.items() if not addresses.isdisjoint(sender))
        others = hosts.keys() - set(own)
        found = sorted(self._services(others), key=lambda service: (service.kind, service.name))
        many = [_unread(1, f"more than {MOST_SERVICES} services")] if len(found) > MOST_SERVICES else []
        network = Network(hostname=_hostname(own), mdns=tuple(found[:MOST_SERVICES]) or None)
        return Observation(Device(network=network), unread=(*self._doubts, *many))

    def _services(self, others: set[Name]) -> Iterator[MdnsService]:
        """Each announced service once, without those on a host of `others`.

        Of two records of a host the first counts; of its texts every line that it announced while it was listened to.
        """
        hosts = {_lower(record.name): record for record in reversed(list(self._of(dns_message.SRV)))}
        texts: dict[Name, dict[bytes, None]] = {}
        for record in self._of(dns_message.TXT):
            texts.setdefault(_lower(record.name), {}).update(dict.fromkeys(record.texts))
        named = dict[tuple[str, str], MdnsService]()
        for record in self._of(dns_message.PTR):
            kind, name = _kind(record.name), record.target
            if kind is None or len(name) != 4 or _lower(name[1:]) != _lower(record.name):
                continue
            host, text = hosts.get(_lower(name)), texts.get(_lower(name))
            if host is not None and _lower(host.target) in others:
                continue
            service = MdnsService(
                kind,
                clean(name[0], MOST_TEXT),
                host.port if host else None,
                tuple(clean(line, MOST_TEXT) for line in islice(text, MOST_TEXTS)) if text is not None else None,
            )
            named.setdefault((kind, service.name), service)
        yield from named.values()


def _kind(name: Name) -> str | None:
    """`_ipp._tcp` of the name `_ipp._tcp.local`, None of any other.

    >>> _kind((b"_ipp", b"_tcp", b"local")), _kind((b"_services", b"_dns-sd", b"_udp", b"local"))
    ('_ipp._tcp', None)
    """
    if len(name) != 3 or _lower(name[1:]) not in ((b"_tcp", b"local"), (b"_udp", b"local")) or name[0][:1] != b"_":
        return None
    return clean(b".".join(name[:2]).lower(), MOST_NAME)


def _hostname(own: list[Name]) -> str | None:
    """`brother` of the names `brother.local` and `brother-2.local`: the first that has letters to show."""
    return next((text for name in own if name and (text := clean(name[0], MOST_NAME))), None)


def _lower(name: Name) -> Name:
    return tuple(label.lower() for label in name)


def _unread(number: int, text: str) -> UnreadLine:
    return UnreadLine("network.mdns", number, text)


def read_ssdp(evidence: Evidence) -> Mapping[IPv4Address, Said]:
    """Device types, server and places of the description of each sender of SSDP answers; ParseError for no capture.

    An answer: `HTTP/1.1 200 OK`, then `SERVER: Debian/12 UPnP/1.1 MiniUPnPd/2.3.1`,
    `ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1`, `LOCATION: http://192.168.10.1:49152/rootDesc.xml`
    (UPnP Device Architecture 1.1 §1.3.3). A NOTIFY of a passive capture has NT instead of ST.
    """
    heard: dict[IPv4Address, list[Mapping[str, str]]] = {}
    for item in datagrams(evidence.body):
        if headers := ssdp_headers(item.payload):
            heard.setdefault(item.source, []).append(headers)
    return {address: _said(answers) for address, answers in sorted(heard.items())}


def ssdp_headers(
    payload: bytes, begins: tuple[bytes, ...] = (b"HTTP/1.1 200", b"HTTP/1.0 200", b"NOTIFY * ")
) -> Mapping[str, str]:
    """The headers of an SSDP answer or announcement by their lower-case names; none of what does not begin like one."""
    if not payload.startswith(begins):
        return {}
    _, *rest = payload[:MOST_HEADER].split(b"\r\n")
    pairs = (line.decode("latin-1").partition(":") for line in rest if b":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _said(answers: list[Mapping[str, str]]) -> Said:
    locations = sorted({headers["location"] for headers in answers if headers.get("location")})[:MOST_LOCATIONS]
    return Said(Observation(Device(network=Network(upnp=said_by_ssdp(answers)))), tuple(locations))


def said_by_ssdp(answers: list[Mapping[str, str]]) -> UpnpSeen:
    """What a device's answers and announcements say of it."""
    urns = (headers.get(header, "") for headers in answers for header in ("st", "nt", "usn"))
    types = sorted({kind for urn in urns if (kind := device_type(urn))})[:MOST_TYPES]
    server = next((text for headers in answers if (text := clean(headers.get("server", "")))), None)
    uuids = sorted({uuid for headers in answers if (uuid := _uuid(headers.get("usn", "")))})[:MOST_UUIDS]
    return UpnpSeen(types=tuple(types) or None, server=server, uuids=tuple(uuids) or None)


def _uuid(usn: str) -> str | None:
    """`7d9c2f5a-…` of `uuid:7d9c2f5a-…::upnp:rootdevice` (UPnP Device Architecture 1.1 §1.1.4), None of others."""
    head, _, uuid = usn.partition("::")[0].partition(":")
    return clean(uuid.lower(), MOST_NAME) or None if head.lower() == "uuid" else None


def device_type(urn: str) -> str | None:
    """`MediaServer:1` of `urn:schemas-upnp-org:device:MediaServer:1`, whoever defined it; None of a service or a uuid.

    >>> device_type("uuid:7d9c2f5a::urn:schemas-upnp-org:device:WANDevice:1")
    'WANDevice:1'
    """
    parts = urn.rpartition("::")[2].split(":")
    if len(parts) != 5 or parts[0].lower() != "urn" or parts[2] != "device":
        return None
    return clean(":".join(parts[3:]), MOST_NAME) or None
