"""Who was heard, and what each said of itself: from frames to one observation a device. Pure.

A device is the MAC of a sender. What travels over IP is believed of that MAC only when the source address is its own:
what a router forwards carries its MAC, and somebody else's words.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import BinaryIO, NamedTuple

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Network
from inventory.observation import Merged, Observation, UnreadLine, merge
from scanner import dns_message
from scanner.announced import MDNS_PORT, Records
from scanner.evidence import READER_ERRORS
from scanner.frames import arp, cdp, dhcp, dhcp6, edp, lldp, llmnr, mndp, nd, netbios, ssdp, ubiquiti, wsd
from scanner.frames.fields import one_host, one_host6
from scanner.frames.saved import frames
from scanner.frames.sieve import Packet, content, sift

Reader = Callable[[Packet], Iterator[tuple[bytes, Network | None]]]

# Protocol → its reader; mDNS is read per device, because a service is told in several records.
READERS: Mapping[str, Reader] = {
    "arp": arp.read, "nd": nd.read, "dhcp": dhcp.read, "dhcp6": dhcp6.read, "lldp": lldp.read, "cdp": cdp.read,
    "fdp": cdp.read_fdp, "edp": edp.read, "sonmp": edp.read_sonmp, "mndp": mndp.read, "ubiquiti": ubiquiti.read,
    "nbns": netbios.read_names, "browser": netbios.read_browser, "ssdp": ssdp.read, "llmnr": llmnr.read,
    "wsd": wsd.read,
}  # fmt: skip

# Devices of one capture: a /20 has 4,094 addresses; stops a flood of invented senders.
MOST_DEVICES = 4_096
# Different things that one device says: a NAS with everything says 60; stops one that never repeats itself.
MOST_SAID = 256
# Addresses of one device: a router with ten networks has 20; stops one that answers for everybody from being everybody.
MOST_ADDRESSES = 64
# Things said and mDNS records kept of all devices together, some 500 bytes each; stops a file of a gigabyte that is
# nothing but inventions from filling the memory.
MOST_IN_ALL = 200_000
# Frames of one file: a day of a busy office; stops a file without end.
MOST_FRAMES = 50_000_000
# Packets remembered as heard before, then forgotten at once: nearly all of a long capture are repetitions.
MOST_KNOWN = 65_536

_NOTHING = Network()


@dataclass(slots=True)
class _Heard:
    """What was heard of one MAC."""

    protocols: set[str] = field(default_factory=set)
    sources: set[bytes] = field(default_factory=set)  # whence it speaks to everybody
    claimed: set[bytes] = field(default_factory=set)  # what it says by ARP, neighbour discovery or DHCP that it has
    said: dict[tuple[bytes, Network], None] = field(default_factory=dict)  # by source address
    records: dict[bytes, Records] = field(default_factory=dict)  # mDNS, by source address
    cut: bool = False

    def own(self, size: int) -> set[bytes]:
        """Its addresses of one family, as far as it tells."""
        return {item for item in self.claimed | self.sources if len(item) == size}


class Heard(NamedTuple):
    """MAC → what the device said of itself, and why that is not all of them: "" when it is."""

    devices: Mapping[str, Observation]
    problem: str = ""
    full: bool = False  # more devices than a network has


def heard_in(stream: BinaryIO) -> Heard:
    """Who was heard in a capture file; ParseError when it is none."""
    hearing, problem = Hearing(), ""
    add = hearing.add
    try:
        for number, (_, frame) in enumerate(frames(stream)):
            add(frame)
            if number >= MOST_FRAMES:
                problem = f"not read beyond frame {number}"
                break
    except ParseError as error:
        if error.line is None:
            raise
        problem = f"{error.reason}, at frame {error.line}"
    if hearing.full:
        problem = f"more than {MOST_DEVICES} devices, or than any network says"
    return Heard(hearing.devices(), problem, hearing.full)


def heard_in_body(body: bytes) -> Heard:
    """Who was heard in a capture that is in memory."""
    return heard_in(io.BytesIO(body))


class Hearing:
    """Everything heard so far."""

    def __init__(self) -> None:
        self.full = False  # a device, or what one said, was not noted: there was no room for more
        self._room = MOST_IN_ALL
        self._known: set[int] = set()
        self._heard: dict[bytes, _Heard] = {}
        self._owners: dict[bytes, set[bytes]] = {}  # address → who claims it
        self._speakers: dict[bytes, set[bytes]] = {}  # address → who speaks to everybody from it
        self._leases: dict[bytes, bytes] = {}
        self._number = 0

    def add(self, frame: bytes) -> None:
        """Hear one frame."""
        self._number += 1
        packet = sift(frame)
        if packet is not None:
            self.hear(packet)

    def hear(self, packet: Packet) -> None:
        """Hear what one frame carries; a repetition teaches nothing."""
        key = content(packet)
        if key in self._known:
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known.add(key)
        try:
            if packet.protocol == "mdns":
                self._announced(packet)
            else:
                for mac, network in READERS[packet.protocol](packet):
                    self._note(mac, packet, network)
                if packet.protocol == "dhcp" and (given := dhcp.lease(packet.payload)) is not None:
                    self._lease(*given)
        except READER_ERRORS:
            # A reader that stumbles over a frame costs what that frame said, and says so.
            self._cut(packet.mac)

    def devices(self) -> Mapping[str, Observation]:
        """MAC → what the device with it said of itself, in the order of the MACs."""
        for mac, address in self._leases.items():
            if mac in self._heard:  # else only its server spoke of it
                self._claim(mac, address)
        return {mac.hex(":"): self._observation(mac, heard) for mac, heard in sorted(self._heard.items())}

    def _lease(self, client: bytes, address: IPv4Address) -> None:
        if client in self._leases or len(self._leases) < MOST_DEVICES:
            self._leases[client] = address.packed

    def _cut(self, mac: bytes) -> None:
        if (heard := self._heard.get(mac)) is not None:
            heard.cut = True

    def _device(self, mac: bytes, packet: Packet) -> _Heard | None:
        heard = self._heard.get(mac)
        if heard is None:
            if len(self._heard) >= MOST_DEVICES:
                self.full = True
                return None
            heard = self._heard[mac] = _Heard()
        heard.protocols.add(packet.protocol)
        if packet.group and mac == packet.mac and _local(packet.source) and len(heard.sources) < MOST_ADDRESSES:
            heard.sources.add(packet.source)
            self._speakers.setdefault(packet.source, set()).add(mac)
        return heard

    def _note(self, mac: bytes, packet: Packet, network: Network | None) -> None:
        heard = self._device(mac, packet)
        if heard is None or network is None:
            return
        for claimed in (
            *(item.packed for item in network.addresses or ()),
            *(item.packed for item in network.ipv6 or ()),
        ):
            self._claim(mac, claimed)
        if network.addresses is not None or network.ipv6 is not None:
            if packet.protocol == "arp":
                return
            network = replace(network, addresses=None, ipv6=None)
        # Who hands something out to everybody does so whatever address it borrows: no router forwarded that.
        serves = network.hands_out
        said = (packet.source if mac == packet.mac and not (serves and packet.group) else b"", network)
        most = 2 * MOST_SAID if serves else MOST_SAID  # whoever says much hides none of what it hands out
        if said not in heard.said and len(heard.said) >= most:
            heard.cut = True
        elif network != _NOTHING and said not in heard.said and self._taken(1):
            heard.said[said] = None

    def _taken(self, room: int) -> bool:
        """Whether there was that much room; from then on there is less."""
        if self._room <= 0:
            self.full = True
            return False
        self._room -= room
        return True

    def _claim(self, mac: bytes, address: bytes) -> None:
        heard = self._heard[mac]
        if address not in heard.claimed and len(heard.claimed) >= MOST_ADDRESSES:
            heard.cut = True
            return
        heard.claimed.add(address)
        self._owners.setdefault(address, set()).add(mac)

    def _announced(self, packet: Packet) -> None:
        heard = self._device(packet.mac, packet)
        message = dns_message.response(packet.payload) if packet.port == MDNS_PORT else None
        if heard is None or message is None:
            return
        if packet.source not in heard.records and len(heard.records) >= MOST_ADDRESSES:
            heard.cut = True
        elif self._taken(0):
            records = heard.records.setdefault(packet.source, Records())
            before = len(records)
            records.add(self._number, message)
            self._room -= len(records) - before  # what was said before in other words takes none

    def _owns(self, mac: bytes, heard: _Heard, source: bytes) -> bool:
        """Whether a device speaks for itself from this address: nobody else has it, and it is known by no other."""
        if one_host(source) is None and one_host6(source) is None:
            return True  # below IP, or before it has an address
        for known in (self._owners, self._speakers):
            if source in known:
                return mac in known[source]
        return not heard.own(len(source))

    def _observation(self, mac: bytes, heard: _Heard) -> Observation:
        own = [item for item in heard.claimed | heard.sources if self._owns(mac, heard, item)]
        addresses = sorted(IPv4Address(item) for item in own if len(item) == 4)
        ipv6 = sorted(IPv6Address(item) for item in own if len(item) == 16)
        base = Network(
            macs=(mac.hex(":"),),
            addresses=tuple(addresses) or None,
            ipv6=tuple(ipv6) or None,
            heard=tuple(sorted(heard.protocols)),
        )
        doubts = (UnreadLine("network.heard", 1, "not everything it said was kept"),) if heard.cut else ()
        if not heard.said and not heard.records:  # all of a flood of ARP: nothing to put together
            return Observation(Device(network=base), unread=doubts)
        records = Records()
        for source, said in heard.records.items():
            if self._owns(mac, heard, source):
                records.update(said)
        announced = records.observation({ip_address(item) for item in own})
        parts = (network for source, network in heard.said if self._owns(mac, heard, source))
        networks = (base, announced.device.network, *parts)
        whole = merge(Merged(Device(network=item), {}) for item in networks).device.network or base
        return Observation(Device(network=_named(whole)), unread=(*announced.unread, *doubts))


def _named(network: Network) -> Network:
    """With a host name, from whatever tells one best."""
    netbios = network.netbios if network.netbios and network.netbios.name else None
    client, announced = network.dhcp, network.neighbours or ()
    candidates = (
        network.hostname,
        netbios.name.lower() if netbios else None,
        client.hostname if client else None,
        client.fqdn.partition(".")[0] if client and client.fqdn else None,
        network.dhcp6.fqdn.partition(".")[0] if network.dhcp6 and network.dhcp6.fqdn else None,
        *(item.system_name for item in announced),
    )
    return replace(network, hostname=next((name for name in candidates if name), None), netbios=netbios)


def _local(source: bytes) -> bool:
    """Whether a device of a local network can speak from there: a private or a link-local address."""
    if len(source) == 4:
        address = one_host(source)
        return address is not None and address.is_private
    return source[:1] == b"\xfe" and len(source) == 16 and source[1] & 0xC0 == 0x80
