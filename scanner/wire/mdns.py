"""Multicast DNS: which services do the devices of this network announce?

Two questions, sent twice: the types of service there are (RFC 6763 §9), and those that a practice's devices most often
have; then the types that somebody listed. Asked from port 5353 with the wish to be answered alone (RFC 6762 §5.4):
fewer datagrams to everybody, and no answer is cut to the 512 bytes of a one-shot query (avahi does that).
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address

from scanner.datagrams import Datagram
from scanner.dns_message import PTR, question, response
from scanner.evidence import Answer
from scanner.wire import multicast

# RFC 6762 §3, §6 (who answers from another port is ignored), §11.
GROUP = multicast.Group(
    "224.0.0.251", 5353, hops=255, listen_s=2.0, own_port=5353, is_answer=lambda payload: response(payload) is not None
)
TYPES = "_services._dns-sd._udp.local"
# The types that tell what a device is, asked whether or not somebody lists them: some responders do not (RFC 6763 §9).
COMMON = (
    "_ipp._tcp", "_ipps._tcp", "_printer._tcp", "_pdl-datastream._tcp", "_smb._tcp", "_afpovertcp._tcp", "_http._tcp",
    "_ssh._tcp", "_googlecast._tcp", "_airplay._tcp", "_raop._tcp", "_device-info._tcp", "_companion-link._tcp",
    "_dicom._tcp",
)  # fmt: skip
# Types asked because somebody listed them, in datagrams of twelve; stops a responder that lists thousands.
MOST_LISTED, TYPES_EACH = 36, 12

_TYPE = re.compile(r"_[A-Za-z0-9-]{1,15}\._(?:tcp|udp)\.local")  # RFC 6335 §5.1


def browse(
    interface: str,
    address: IPv4Address,
    welcome: multicast.Welcome,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the queries sent and of the responses of `welcome` senders; see `multicast.ask`."""
    first = question([TYPES, *(f"{kind}.local" for kind in COMMON)])
    return multicast.ask(interface, address, GROUP, [first], welcome, _Listed(), stopped)


class _Listed:
    """The types that answers list, once each."""

    def __init__(self) -> None:
        self._known = {f"{kind}.local" for kind in COMMON}
        self._listed = 0

    def __call__(self, heard: Datagram) -> list[bytes]:
        """The questions for the types in a datagram that were not asked yet."""
        message = response(heard.payload)
        listed = (
            b".".join(record.target).decode("latin-1")
            for record in (message.records if message else ())
            if record.kind == PTR and b".".join(record.name).lower() == TYPES.encode()
        )
        names = (name for name in dict.fromkeys(listed) if _TYPE.fullmatch(name) and name not in self._known)
        fresh = list(names)[: MOST_LISTED - self._listed]
        self._known.update(fresh)
        self._listed += len(fresh)
        return [question(fresh[at : at + TYPES_EACH]) for at in range(0, len(fresh), TYPES_EACH)]
