"""A TCP listener that writes down every connection and every byte; run inside a lab host by its plain python3.

Stands for services whose protocol no test speaks: a printer's raw port 9100, LPD, a workstation's remote desktop.
It never answers. Log: one JSON line an event, `{"port": 9100, "peer": "192.168.10.31", "data": "1b4500"}`;
`data` is hexadecimal and empty when the connection was made.
"""

import json
import selectors
import socket
import sys
from pathlib import Path
from typing import TextIO

CHUNK_BYTES = 65536


def record(log: TextIO, port: int, peer: str, data: bytes) -> None:
    """One more line in the log, on disk before the next byte is read."""
    log.write(json.dumps({"port": port, "peer": peer, "data": data.hex()}) + "\n")
    log.flush()


def serve(log: TextIO, ports: list[str]) -> None:
    """Listen on `ports` (`9100`, or `515:close` to close at once) for ever."""
    selector = selectors.DefaultSelector()
    for text in ports:
        number, _, mode = text.partition(":")
        selector.register(socket.create_server(("", int(number)), backlog=64), selectors.EVENT_READ, mode or "listen")
    while True:
        for key, _ in selector.select():
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            if key.data in ("listen", "close"):
                connection, (peer, _) = sock.accept()
                record(log, connection.getsockname()[1], peer, b"")
                if key.data == "close":
                    connection.close()
                else:
                    selector.register(connection, selectors.EVENT_READ, peer)
                continue
            try:
                data = sock.recv(CHUNK_BYTES)
            except OSError:  # the peer reset the connection
                data = b""
            if data:
                record(log, sock.getsockname()[1], key.data, data)
            else:
                selector.unregister(sock)
                sock.close()


if __name__ == "__main__":
    with Path(sys.argv[1]).open("a", encoding="ascii") as opened:
        serve(opened, sys.argv[2:])
