"""What the services of a device show before anybody logs in: which open port is asked what, and by whom it is read.

A question follows from the open ports and their banners alone, so that a replay asks the same ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from inventory.network import Port
from inventory.observation import Observation
from scanner.evidence import Answer, Evidence, Request, SourceName
from scanner.services.http import read_http
from scanner.services.smb import read_smb
from scanner.services.ssh_offer import read_offer
from scanner.services.tls import read_tls
from scanner.wire import http, smb, ssh_offer, tls

__all__ = ["FACTS", "READERS", "SOURCES", "answer", "asked_port", "questions"]

# Ports at which the web interfaces of routers, NAS, printers and practice software are found. Sources: the vendors'
# port lists (Synology 5000/5001, QNAP 8080, Proxmox 8006, Cockpit 9090, Webmin 10000, Plex 32400).
HTTP_PORTS = frozenset({80, 81, 5000, 5357, 8000, 8008, 8042, 8080, 8081, 8888, 9000, 9090, 10000, 32400})
HTTPS_PORTS = frozenset({443, 5001, 8006, 8443, 9443})
# The same, and mail, directory and RouterOS's API over TLS.
TLS_PORTS = HTTPS_PORTS | {465, 636, 853, 989, 990, 993, 995, 3269, 8729}
SMB_PORTS = (445, 139)  # the first that is open


class _Source(NamedTuple):
    fact: str  # what it supplies, below the device
    read: Callable[[Evidence], Observation]


# In the order in which they are asked.
_SOURCES: Mapping[SourceName, _Source] = {
    "smb": _Source("network.smb", read_smb),
    "tls": _Source("network.tls", read_tls),
    "ssh_offer": _Source("network.ssh_offers", read_offer),
    "http": _Source("network.http", read_http),
}
SOURCES: tuple[SourceName, ...] = tuple(_SOURCES)
READERS = {source: item.read for source, item in _SOURCES.items()}
FACTS = {source: item.fact for source, item in _SOURCES.items()}


def questions(source: SourceName, ports: Iterable[Port]) -> Iterator[str]:
    """The asks of a source to these open ports: `get 80`, `get-tls 443`, `versions 443`, `kexinit 22`, `negotiate 445`.

    >>> list(questions("http", (Port(22, service="ssh"), Port(80), Port(443), Port(8080, service="ftp"))))
    ['get 80', 'get-tls 443']
    >>> list(questions("tls", (Port(443), Port(443, "udp"), Port(5900, service="ssl/vnc"), Port(8729, service="ssh"))))
    ['versions 443', 'versions 5900']
    """
    tcp = {port.port: port.service for port in ports if port.protocol == "tcp"}
    if source == "smb":
        yield from [f"negotiate {port}" for port in SMB_PORTS if port in tcp][:1]
        return
    for port, service in sorted(tcp.items()):
        if source == "ssh_offer" and service == "ssh":
            yield f"kexinit {port}"
        elif source == "tls" and (_inside_tls(service) or (port in TLS_PORTS and service is None)):
            yield f"versions {port}"
        elif source == "http" and (service == "ssl/http" or (port in HTTPS_PORTS and service in (None, "tls"))):
            yield f"get-tls {port}"
        elif source == "http" and (service == "http" or (port in HTTP_PORTS and service is None)):
            yield f"get {port}"


def _inside_tls(service: str | None) -> bool:
    """Whether a service was proven inside TLS, or TLS alone.

    >>> _inside_tls("ssl/vnc"), _inside_tls("tls"), _inside_tls("ssh"), _inside_tls(None)
    (True, True, False, False)
    """
    return service is not None and (service == "tls" or service.startswith("ssl/"))


def asked_port(request: Request) -> int:
    """The port of a request to a service."""
    return int(request.ask.rpartition(" ")[2])


def answer(request: Request, interface: str, stopped: Callable[[], bool]) -> Answer:
    """What the service answers, asked through this interface."""
    address, port = request.target, asked_port(request)
    if request.source == "smb":
        return smb.read(address, port, interface=interface, stopped=stopped)
    if request.source == "tls":
        return tls.versions(address, port, interface=interface, stopped=stopped)
    if request.source == "ssh_offer":
        return ssh_offer.read(address, port, interface=interface, stopped=stopped)
    encrypted = request.ask.startswith("get-tls ")
    return http.read(address, port, tls=encrypted, interface=interface, stopped=stopped)
