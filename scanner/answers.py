"""What devices answer to WS-Discovery, LLMNR, MikroTik's and Ubiquiti's questions, per sender. Pure.

The same readers as of what is heard unasked (`scanner/frames/`): a datagram is a packet without its MAC.
"""

import json
from collections.abc import Mapping
from ipaddress import IPv4Address

from inventory.device import Device
from inventory.document import from_json
from inventory.errors import ParseError
from inventory.network import Network
from inventory.observation import Merged, Observation, UnreadLine, merge
from scanner.announced import Said
from scanner.datagrams import datagrams
from scanner.evidence import READER_ERRORS, Evidence, SourceName
from scanner.frames.hearing import READERS
from scanner.frames.sieve import Packet

# Question → whose reader understands the answers.
PROTOCOLS: Mapping[SourceName, str] = {"wsd": "wsd", "llmnr": "llmnr", "mndp": "mndp", "ubiquiti": "ubiquiti"}
# Different answers read of one sender; stops one that answers with thousands.
MOST_ANSWERS = 16

_NOBODY = b"\x02\0\0\0\0\0"  # whose MAC it was is not in a datagram, and no reader here asks


def read_answers(evidence: Evidence) -> Mapping[IPv4Address, Said]:
    """What each sender says of itself in the answers to one question; ParseError when the body is no capture."""
    read = READERS[PROTOCOLS[evidence.request.source]]
    said: dict[IPv4Address, dict[Network, None]] = {}
    doubts: dict[IPv4Address, UnreadLine] = {}
    for item in datagrams(evidence.body):
        packet = Packet(PROTOCOLS[evidence.request.source], _NOBODY, item.source.packed, item.payload, False)
        known = said.setdefault(item.source, {})
        try:
            for _, network in read(packet):
                if network is not None and (network in known or len(known) < MOST_ANSWERS):
                    known.setdefault(network)
        except READER_ERRORS:
            doubts[item.source] = UnreadLine("network.heard", item.number, "an answer that cannot be read")
    return {
        source: _said(networks, doubts.get(source))
        for source, networks in sorted(said.items())
        if networks or source in doubts
    }


def _said(networks: Mapping[Network, None], doubt: UnreadLine | None) -> Said:
    whole = merge(Merged(Device(network=item), {}) for item in networks).device
    return Said(Observation(whole, unread=(doubt,) if doubt else ()))


def read_echoes(evidence: Evidence) -> Mapping[IPv4Address, Said]:
    """Who answered an echo: `{"answered": ["192.168.10.10"]}`; ParseError when that is not what it says."""
    try:
        found: tuple[IPv4Address, ...] = from_json(tuple[IPv4Address, ...], json.loads(evidence.text)["answered"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ParseError(evidence.id, None, "no list of who answered") from error
    return {address: Said(Observation(Device(network=Network(echo=True)))) for address in sorted(set(found))}
