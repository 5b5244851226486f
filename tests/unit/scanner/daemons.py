"""Real daemons and hostile peers on loopback, for the tests of the wire modules."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

Talk = Callable[[socket.socket], None]
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def program(name: str, package: str) -> str:
    """The path of a daemon; a missing one fails the test."""
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serving(script: str, port: int) -> Iterator[int]:
    """A daemon started by a shell script in its own mount namespace, listening on `port`; killed with its children."""
    daemon = subprocess.Popen(
        [program("unshare", "util-linux"), "-mpf", "--kill-child=SIGKILL", "sh", "-c", f"{script} & wait"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(500):
            if _listens(port):
                break
            assert daemon.poll() is None, f"ended at once: {script}"
            time.sleep(0.02)
        else:
            pytest.fail(f"not listening after 10 s: {script}")
        yield port
    finally:
        daemon.kill()
        daemon.wait()
        # The kernel ends its children a moment later: until then the next server on this port would not be met.
        for _ in range(500):
            if not _listens(port):
                break
            time.sleep(0.02)


def _listens(port: int) -> bool:
    """Read from /proc: a connection would be seen by the server. On loopback or on every address."""
    listening = Path("/proc/net/tcp").read_text()
    return any(f"{address}:{port:04X} 00000000:0000 0A" in listening for address in ("0100007F", "00000000"))


@contextmanager
def hostile(talk: Talk) -> Iterator[int]:
    """A TCP peer that does with each connection what `talk` does, then closes it; all of them end with the block."""
    open_ones: list[socket.socket] = []

    def one(peer: socket.socket) -> None:
        with peer, suppress(OSError):
            talk(peer)

    def serve() -> None:
        with suppress(OSError):
            while True:
                peer = door.accept()[0]
                open_ones.append(peer)
                threading.Thread(target=one, args=(peer,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(door.getsockname()[1])
        door.shutdown(socket.SHUT_RDWR)
    thread.join(2)
    for peer in open_ones:
        with suppress(OSError):
            peer.shutdown(socket.SHUT_RDWR)


# What a peer may do to any protocol.


def mute(peer: socket.socket) -> None:
    """Accepts and says nothing."""
    while peer.recv(4096):
        pass


def hangs_up(_: socket.socket) -> None:
    """Closes at once."""


def endless(peer: socket.socket) -> None:
    """Zeroes without end."""
    while True:
        peer.sendall(bytes(65536))


def saying(*words: bytes, pause_s: float = 0.0) -> Talk:
    """Reads a first message, says these words one after the other, and listens on."""

    def talk(peer: socket.socket) -> None:
        peer.recv(4096)
        for word in words:
            peer.sendall(word)
            time.sleep(pause_s)
        mute(peer)

    return talk
