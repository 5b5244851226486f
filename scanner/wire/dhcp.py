"""DHCP: who hands out addresses on this network? Discovers only: no offer is ever taken up, so no lease is made.

The frames are whole ones over AF_PACKET, from 0.0.0.0 as RFC 2131 §4.1 has it: a UDP socket would carry our address,
and need port 68, which the machine's own client may hold.
"""

import secrets
import select
import socket
import struct
import time
from collections.abc import Callable

from scanner.evidence import Answer
from scanner.frames.saved import written
from scanner.wire import capture

SENT = 2  # discovers, the same one again: datagrams get lost
PAUSE_S = 1.5
# Seconds until the last offer: dnsmasq waits three for a ping before it offers an address.
LISTEN_S = 5.0
# Offers kept: a network has one or two servers. Stops one that answers with thousands of addresses.
MOST_OFFERS = 64
# Frames looked at: the kernel's filter leaves announcements only; stops a flood of them.
MOST_HEARD = 20_000
MOST_FRAME = 1_514
STOP_CHECK_S = 0.1

_COOKIE = b"\x63\x82\x53\x63"
_BROADCAST = 0x8000
# Message type 1; subnet mask, router, DNS and domain wished for, as every client does; the end.
_OPTIONS = b"\x35\x01\x01" + b"\x37\x04\x01\x03\x06\x0f" + b"\xff"
_LEAST_MESSAGE = 300  # bytes: relays of BOOTP's time drop shorter ones (RFC 1542 §2.1)


def discover(interface: str, mac: str, stopped: Callable[[], bool] = lambda: False) -> Answer:
    """A pcap of the discovers and of every offer made for them; "done" also when nobody offers anything.

    "failed" when there is no right to send, and with what was heard when `stopped()` or there were too many offers.
    """
    number = secrets.token_bytes(4)
    question = _frame(bytes.fromhex(mac.replace(":", "")), number)
    try:
        door = capture.opened(interface)
    except PermissionError:
        return Answer("failed", detail="no right to send DHCP: run as root or with CAP_NET_RAW")
    except OSError as error:
        return Answer("failed", detail=f"{interface}: {error.strerror}")
    kept: list[tuple[float, bytes]] = []
    with door:
        try:
            problem = _talk(door, question, number, kept, stopped)
        except OSError as error:
            problem = f"{interface}: {error.strerror}"
    if problem:
        return Answer("failed", written(kept), problem)
    return Answer("done", written(kept), f"{SENT} discovers, {len(kept) - SENT} offers")


def _talk(
    door: socket.socket,
    question: bytes,
    number: bytes,
    kept: list[tuple[float, bytes]],
    stopped: Callable[[], bool],
) -> str:
    """Ask, and keep the offers of five seconds; what kept it from hearing them all, "" when nothing did."""
    began, heard, sent = time.monotonic(), 0, 0
    while (now := time.monotonic()) < began + LISTEN_S:
        if stopped():
            return "stopped"
        if sent < SENT and now >= began + sent * PAUSE_S:
            door.send(question)
            kept.append((time.time(), question))
            sent += 1
        readable, _, _ = select.select([door], [], [], STOP_CHECK_S)
        if not readable:
            continue
        frame, origin = door.recvfrom(MOST_FRAME)
        heard += 1
        if origin[2] != socket.PACKET_OUTGOING and is_offer(frame, number):
            kept.append((time.time(), frame))
        if heard >= MOST_HEARD or len(kept) >= MOST_OFFERS:
            return "more than is kept was answered"
    return ""


def is_offer(frame: bytes, number: bytes) -> bool:
    """Whether a frame is a BOOTP reply to our question: IPv4, UDP from 67 to 68, our transaction number."""
    if frame[12:14] != b"\x08\x00" or frame[23:24] != b"\x11":
        return False
    at = 14 + (frame[14] & 15) * 4
    return frame[at : at + 4] == b"\x00\x43\x00\x44" and frame[at + 8 : at + 9] == b"\x02" and (
        frame[at + 12 : at + 16] == number
    )  # fmt: skip


def _frame(mac: bytes, number: bytes) -> bytes:
    """A discover to everybody that asks to be answered to everybody: no address is ours yet (RFC 2131 §4.1)."""
    head = b"\x01\x01\x06\x00" + number + struct.pack(">HH", 0, _BROADCAST) + bytes(16) + mac.ljust(16, b"\0")
    message = (head + bytes(192) + _COOKIE + _OPTIONS).ljust(_LEAST_MESSAGE, b"\0")
    udp = struct.pack(">HHHH", 68, 67, 8 + len(message), 0) + message
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    total = sum(struct.unpack(">10H", ip))
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return b"\xff" * 6 + mac + b"\x08\x00" + ip[:10] + struct.pack(">H", checksum) + ip[12:] + udp
