"""NetBIOS: how does this device call itself? One node status request over UDP 137, and once more when it is lost."""

import select
import socket
import time
from collections.abc import Callable
from ipaddress import IPv4Address

from scanner.datagrams import Datagram, capture
from scanner.evidence import Answer
from scanner.netbios import MOST_ANSWER, PORT, STATUS_REQUEST, names
from scanner.wire.bound import NotBound, bound_socket

ANSWER_S = 1.0  # seconds to wait for an answer
TRIES = 2
STOP_CHECK_S = 0.1  # seconds between two looks at whether the visit has been stopped
# Datagrams looked at; stops a device that answers one question with thousands of something else.
MOST_HEARD = 8


def status(address: str, *, interface: str, stopped: Callable[[], bool] = lambda: False) -> Answer:
    """A pcap of the request and of the answer of the device itself.

    "refused" when the port is closed, "silent" when nothing comes or nothing that is a node status.
    """
    kept: list[Datagram] = []
    try:
        with bound_socket(socket.SOCK_DGRAM, interface) as door:
            door.connect((address, PORT))  # from now on only this device is heard
            for _ in range(TRIES):
                if _asked(door, kept, stopped):
                    return Answer("done", capture(kept), f"{len(kept)} datagrams")
    except NotBound as error:
        return Answer("failed", detail=str(error))
    except ConnectionRefusedError:
        return Answer("refused", detail="the port is closed")
    except OSError as error:
        return Answer("failed", detail=error.strerror or type(error).__name__)
    return Answer("silent", detail="no node status")


def _asked(door: socket.socket, kept: list[Datagram], stopped: Callable[[], bool]) -> bool:
    """Ask once; whether an answer came."""
    own, peer = (IPv4Address(name[0]) for name in (door.getsockname(), door.getpeername()))
    own_port, end = door.getsockname()[1], time.monotonic() + ANSWER_S
    door.send(STATUS_REQUEST)
    kept.append(Datagram(own, own_port, peer, PORT, STATUS_REQUEST, time.time()))
    while (left := end - time.monotonic()) > 0 and len(kept) < MOST_HEARD and not stopped():
        readable, _, _ = select.select([door], [], [], min(left, STOP_CHECK_S))
        if readable:
            payload = door.recv(MOST_ANSWER)
            kept.append(Datagram(peer, PORT, own, own_port, payload, time.time()))
            if names(payload) is not None:
                return True
    return False
