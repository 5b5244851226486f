"""Where a UPnP device says one may read on, and whether that is followed. Pure.

Whoever answers a search writes the address of its description itself: another host's, this machine's, a printer's raw
port. So only what lies on the sender's own address is read, over plain HTTP, and never from the ports that print.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address
from urllib.parse import urljoin

# A printer prints whatever it receives there.
PRINTING = range(9100, 9108)
# The services of an Internet gateway that hold port mappings (UPnP Forum, WANIPConnection:1 §2.2, WANPPPConnection:1).
MAPPING_SERVICES = ("WANIPConnection:1", "WANIPConnection:2", "WANPPPConnection:1")

# Printable ASCII only: no space and no line break gets into a request. 512 characters: Windows uses 80.
_URL = re.compile(r"(?i:http)://([0-9.]{7,15})(?::([0-9]{1,5}))?(/[!-~]{0,512})?")


@dataclass(frozen=True, slots=True)
class Place:
    """A path on a device; `str()` is its canonical URL."""

    address: IPv4Address
    port: int
    path: str

    def __str__(self) -> str:
        return f"http://{self.address}:{self.port}{self.path}"


def own_place(url: str, address: IPv4Address) -> Place | None:
    """The place of a URL that literally names the address over HTTP, None of any other.

    >>> router = IPv4Address("192.168.10.1")
    >>> str(own_place("http://192.168.10.1:49152/rootDesc.xml", router))
    'http://192.168.10.1:49152/rootDesc.xml'
    >>> own_place("http://192.168.10.1:9100/", router), own_place("https://192.168.10.1/", router)
    (None, None)
    """
    match = _URL.fullmatch(url)
    if match is None or match[1] != str(address):
        return None
    port = int(match[2] or 80)
    if not 0 < port < 65536 or port in PRINTING:
        return None
    return Place(address, port, (match[3] or "/").partition("#")[0])


def control_place(base: Place, url_base: str | None, control: str) -> Place | None:
    """Where a service of a description is asked: on the address and port of the description, else None."""
    if not control:
        return None
    try:
        url = urljoin(urljoin(str(base), url_base or ""), control)
    except ValueError:
        return None
    place = own_place(url, base.address)
    return place if place is not None and place.port == base.port else None
