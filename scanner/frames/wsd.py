"""WS-Discovery (OASIS, 2009; 2005 as Windows and ONVIF speak it): SOAP over UDP 3702."""

from collections.abc import Iterator, Mapping

from inventory.errors import ParseError
from inventory.heard import WsdSeen
from inventory.network import Network
from inventory.text import clean
from scanner.frames.sieve import Packet
from scanner.upnp_xml import elements, text_of

# Words kept of one list: a camera has 10 scopes; stops a list of thousands.
MOST_WORDS = 16
_ANNOUNCEMENTS = ("Hello", "ProbeMatch", "ResolveMatch")


def read(packet: Packet) -> Iterator[tuple[bytes, Network | None]]:
    """Endpoint, types, scopes and places of a Hello or a match; of a Probe or a Bye only that it is there."""
    said = packet.payload
    start = said[:256].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start.startswith(b"<") or b"discovery" not in said:
        return
    network = None
    if any(word.encode() in said for word in _ANNOUNCEMENTS):
        try:
            network = _announced(said.decode("utf-8", "replace"))
        except ParseError:
            return
    yield packet.mac, network


def _announced(text: str) -> Network | None:
    """`<wsd:Hello>…<wsa:Address>urn:uuid:…</wsa:Address>`, `<wsd:Types>wsdp:Device pub:Computer</wsd:Types>`."""
    every = elements(text, "ws-discovery")
    found = tuple(item for item in every if any(part in _ANNOUNCEMENTS for part in item.path))
    if not found:
        return None
    words: Mapping[str, tuple[str, ...]] = {
        name: tuple(dict.fromkeys(clean(word) for word in (text_of(found, name) or "").split()[:MOST_WORDS]))
        for name in ("Types", "Scopes", "XAddrs")
    }
    endpoint = next((item.text for item in found if item.path[-2:] == ("EndpointReference", "Address")), "")
    seen = WsdSeen(
        clean(endpoint) or None,
        tuple(sorted(words["Types"])) or None,
        tuple(sorted(words["Scopes"])) or None,
        tuple(sorted(words["XAddrs"])) or None,
    )
    return Network(wsd=seen) if seen != WsdSeen() else None
