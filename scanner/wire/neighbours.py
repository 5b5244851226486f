"""MikroTik's and Ubiquiti's discovery: broadcast questions to which their devices say what they are."""

from collections.abc import Callable
from ipaddress import IPv4Address

from scanner.evidence import Answer
from scanner.wire import multicast

EVERYBODY = "255.255.255.255"
# MNDP: a question is four zeros from port 5678; the answer is what they announce every minute anyway, to everybody.
# Source: Wireshark, packet-mndp.c; MikroTik, "Neighbor discovery".
MNDP = multicast.Group(EVERYBODY, 5678, hops=1, listen_s=1.5, own_port=5678, is_answer=lambda said: len(said) > 8)
MNDP_QUESTION = bytes(4)
# Ubiquiti: version 1 of airOS and EdgeMAX, version 2 of UniFi; answered to the asker alone. Source: nmap's
# ubiquiti-discovery.nse.
UBIQUITI = multicast.Group(EVERYBODY, 10001, hops=1, listen_s=1.5, is_answer=lambda said: len(said) > 4)
UBIQUITI_QUESTIONS = (b"\x01\x00\x00\x00", b"\x02\x08\x00\x00")


def mndp(
    interface: str,
    address: IPv4Address,
    welcome: multicast.Welcome,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the MNDP questions and of what `welcome` senders announce; see `multicast.ask`."""
    return multicast.ask(interface, address, MNDP, [MNDP_QUESTION], welcome, stopped=stopped)


def ubiquiti(
    interface: str,
    address: IPv4Address,
    welcome: multicast.Welcome,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the Ubiquiti questions and of the answers of `welcome` senders; see `multicast.ask`."""
    return multicast.ask(interface, address, UBIQUITI, list(UBIQUITI_QUESTIONS), welcome, stopped=stopped)
