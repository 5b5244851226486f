"""Devices that answer ARP late and sometimes not at all: one process, one MAC each.

The lab's kernel has no netem, so these frames are answered from here; where nothing is late, real kernels answer.
"""

import heapq
import json
import random
import select
import socket
import sys
import time
from ipaddress import IPv4Address

_REPLY = bytes.fromhex("0806 0001 0800 06 04 0002")


def answer(request: bytes) -> bytes:
    """The reply of the device asked for: its MAC ends in its address."""
    mac, target = b"\x02\x77" + request[38:42], request[38:42]
    return request[6:12] + mac + _REPLY + mac + target + request[22:32]


def serve(interface: str, first: IPv4Address, count: int, late_s: float, loss: float) -> None:
    """Answer for `count` addresses from `first` on, each question after 0 to `late_s` seconds or, at `loss`, never."""
    door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
    door.bind((interface, 0x0806))
    door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    waiting: list[tuple[float, bytes]] = []
    print("ready", flush=True)
    while True:
        left = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        if select.select([door], [], [], left)[0]:
            frame, origin = door.recvfrom(64)
            asked = int.from_bytes(frame[38:42], "big") - int(first)
            mine = origin[2] != socket.PACKET_OUTGOING and frame[20:22] == b"\0\1" and 0 <= asked < count
            if mine and random.random() >= loss:
                heapq.heappush(waiting, (time.monotonic() + random.uniform(0, late_s), answer(frame)))
        while waiting and waiting[0][0] <= time.monotonic():
            door.send(heapq.heappop(waiting)[1])


if __name__ == "__main__":
    serve(sys.argv[1], IPv4Address(sys.argv[2]), *json.loads(sys.argv[3]))
