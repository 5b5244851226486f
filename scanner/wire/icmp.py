"""Who answers an echo (ICMP, RFC 792)? One question an address and once more, paced; nothing else leaves."""

import json
import secrets
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address

from scanner.evidence import Answer
from scanner.wire.bound import NotBound, bound_raw_socket

ROUNDS = 2  # echoes get lost, and the first one to an address waits for its ARP
REQUESTS_PER_S = 200
LISTEN_S = 1.0  # seconds after the last question
# Datagrams looked at; stops a flood of answers from holding the visit.
MOST_HEARD = 20_000
MOST_ANSWER = 128
STOP_CHECK_S = 0.1
_REQUEST, _REPLY = 8, 0
_WORDS = b"vigie echo"


def echo(
    interface: str,
    targets: Iterable[IPv4Address],
    stopped: Callable[[], bool] = lambda: False,
    *,
    straight: bool = False,
) -> Answer:
    """`{"answered": ["192.168.10.10"]}`, the targets that answered; straight or through the interface's own gateway.

    When `straight`, through no gateway, whatever the routes say. "off_link" when no route leads there by this
    interface, "failed" without the right to send.
    """
    waiting = dict.fromkeys(targets)
    answered: set[IPv4Address] = set()
    number = secrets.randbelow(1 << 16)
    try:
        door = bound_raw_socket(socket.IPPROTO_ICMP, interface)
    except NotBound as error:
        return Answer("failed", detail=str(error))
    with door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, straight)
        problem = _rounds(door, list(waiting), number, answered, stopped)
    found = json.dumps({"answered": [str(item) for item in sorted(answered)]}, indent=1).encode()
    if problem and not answered:
        return Answer("failed" if problem == "stopped" else "off_link", detail=problem)
    return Answer("failed" if problem else "done", found, problem or f"{len(answered)} of {len(waiting)} answered")


def _rounds(
    door: socket.socket,
    targets: list[IPv4Address],
    number: int,
    answered: set[IPv4Address],
    stopped: Callable[[], bool],
) -> str:
    """Ask in rounds who has not answered yet; why that was cut short, "" when it was not."""
    heard = 0
    for _ in range(ROUNDS):
        began, open_ones = time.monotonic(), [item for item in targets if item not in answered]
        for place, target in enumerate(open_ones):
            if stopped():
                return "stopped"
            try:
                door.sendto(_request(number, place), (str(target), 0))
            except OSError as error:
                return f"no way there by this interface: {error.strerror}"
            heard += _hear(door, number, targets, answered, began + (place + 1) / REQUESTS_PER_S)
        end = time.monotonic() + LISTEN_S
        while time.monotonic() < end and not stopped():
            heard += _hear(door, number, targets, answered, min(end, time.monotonic() + STOP_CHECK_S))
        if heard > MOST_HEARD:
            return "more was answered than is looked at"
    return "stopped" if stopped() else ""


def _hear(
    door: socket.socket, number: int, targets: list[IPv4Address], answered: set[IPv4Address], until: float
) -> int:
    """Note who answers before `until`; how many datagrams that were."""
    count, known = 0, set(targets)
    while (left := until - time.monotonic()) > 0 and count < MOST_HEARD:
        readable, _, _ = select.select([door], [], [], left)
        if not readable:
            break
        packet, origin = door.recvfrom(MOST_ANSWER)
        count += 1
        at = (packet[0] & 15) * 4
        source = IPv4Address(origin[0])
        reply = packet[at : at + 2] == bytes((_REPLY, 0)) and packet[at + 4 : at + 6] == struct.pack(">H", number)
        if reply and source in known:
            answered.add(source)
    return count


def _request(number: int, place: int) -> bytes:
    head = struct.pack(">BBHHH", _REQUEST, 0, 0, number, place & 0xFFFF) + _WORDS
    total = sum(struct.unpack(f">{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head[:2] + struct.pack(">H", ~total & 0xFFFF) + head[4:]
