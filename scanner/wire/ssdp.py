"""SSDP: which devices of this network describe themselves by UPnP, and where? M-SEARCH only, nothing is announced."""

from collections.abc import Callable
from ipaddress import IPv4Address

from scanner.evidence import Answer
from scanner.wire import multicast

# UPnP Device Architecture 1.1 §1.3.2. A hop limit of 1 instead of its 2: nobody beyond this network is meant.
GROUP = multicast.Group("239.255.255.250", 1900, hops=1, listen_s=2.5)
SEARCHES = ("ssdp:all", "upnp:rootdevice")
MOST_WAIT_S = 1  # MX: a device answers at a random moment within it


def search(
    interface: str,
    address: IPv4Address,
    welcome: multicast.Welcome,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the searches sent and of the answers of `welcome` senders; see `multicast.ask`."""
    return multicast.ask(interface, address, GROUP, [_search(target) for target in SEARCHES], welcome, stopped=stopped)


def _search(target: str) -> bytes:
    lines = ("M-SEARCH * HTTP/1.1", f"HOST: {GROUP.address}:{GROUP.port}", 'MAN: "ssdp:discover"')
    return "\r\n".join((*lines, f"MX: {MOST_WAIT_S}", f"ST: {target}", "", "")).encode()
