"""LLMNR: how do these devices call themselves? One multicast question an address: a message may hold only one."""

import secrets
import struct
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address

from scanner.dns_message import reverse_question
from scanner.evidence import Answer
from scanner.wire import multicast

# RFC 4795 §2: who has the address answers the asker alone. Questions for an address go to everybody like those for a
# name: over UDP responders ignore what was sent to them alone (§2.4).
GROUP = multicast.Group("224.0.0.252", 5355, hops=1, listen_s=2.0)
# Addresses asked of one network: as many datagrams as any question may be made of.
MOST_ASKED = multicast.MOST_SENT


def reverse(
    interface: str,
    address: IPv4Address,
    asked: Iterable[IPv4Address],
    welcome: multicast.Welcome,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the questions, one for each address `asked`, and of the answers of `welcome` senders."""
    first = secrets.randbelow(1 << 15)
    questions = [
        struct.pack(">H", first + place) + reverse_question(item)[2:]
        for place, item in enumerate(list(asked)[:MOST_ASKED])
    ]
    return multicast.ask(interface, address, GROUP, questions, welcome, stopped=stopped)
