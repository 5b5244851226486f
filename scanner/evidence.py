"""One question to the network and its raw answer."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from inventory.errors import ParseError
from inventory.snapshot import Status

SourceName = Literal[
    "vantage", "arp", "icmp6", "mdns", "ssdp", "wsd", "llmnr", "mndp", "ubiquiti", "dhcp", "ports", "smb", "scripts",
    "tls", "ssh_offer", "http", "upnp", "netbios", "snmp", "ssh", "api", "capture", "icmp", "count", "reach",
    "wifi",
]  # fmt: skip

# What reading bytes from outside can end in, a mistake of the reader included.
READER_ERRORS = (ParseError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

# The field's own formats, so that any tool opens a recording.
EXTENSIONS: dict[str, str] = {
    "vantage": "json",
    "arp": "pcap",
    "icmp6": "pcap",
    "mdns": "pcap",
    "ssdp": "pcap",
    "wsd": "pcap",
    "llmnr": "pcap",
    "mndp": "pcap",
    "ubiquiti": "pcap",
    "dhcp": "pcap",
    "ports": "xml",
    "smb": "json",
    "scripts": "xml",
    "upnp": "txt",
    "netbios": "pcap",
    "tls": "json",
    "ssh_offer": "txt",
    "http": "txt",
    "snmp": "snmprec",
    "ssh": "txt",
    "api": "txt",
    "capture": "pcap",
    "icmp": "json",
    "count": "json",
    "reach": "json",
    "wifi": "txt",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one target. Holds no secret: a credential is named, and resolved inside Live."""

    source: SourceName
    target: str  # an address or a network; of a capture file "file"
    # "sweep" · "listen" · "neighbours" · "tcp 22,23" · "negotiate 445" · "versions 443" · "get 80" · "exec id" ·
    # "shell show version": typed into the command line of a device that runs no command by itself ·
    # "GET /path?query" or "POST /path BODY", of an API
    ask: str
    credential: str | None = None  # its name in site.yaml

    @property
    def id(self) -> str:
        """The name of its evidence: the same question has the same name in every run."""
        digest = hashlib.sha256("\0".join((self.source, self.target, self.ask)).encode()).hexdigest()
        return f"{self.source}-{digest[:12]}"


class Answer(NamedTuple):
    """What a wire module brings back: how it ended, the raw body, one line on what happened."""

    status: Status
    body: bytes = b""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One raw answer. A dead or refusing device is evidence with a status, not an exception."""

    request: Request
    status: Status
    time: datetime
    body: bytes = b""
    detail: str = ""

    @property
    def id(self) -> str:
        """The id of its request."""
        return self.request.id

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")
