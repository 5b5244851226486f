"""Real SSH servers on loopback that offer a command line only: paramiko's server side, playing a dialogue."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import paramiko

USER, PASSWORD = "scan", "correct horse"
Talk = Callable[["Console"], None]


@dataclass
class Console:
    """The device's end of a shell, and what it has seen of whoever came."""

    channel: paramiko.Channel
    width: int = 0

    def say(self, text: str | bytes) -> None:
        self.channel.sendall(text if isinstance(text, bytes) else text.encode())

    def line(self) -> str:
        """What was typed up to Enter; EOFError when the other side has gone."""
        typed = b""
        while not typed.endswith(b"\r"):
            key = self.channel.recv(1)
            if not key:
                raise EOFError
            typed += key
        return typed[:-1].decode()

    def key(self) -> str:
        return self.channel.recv(1).decode()


@dataclass
class Door(paramiko.ServerInterface):
    """Who is let in, and how often somebody tried."""

    none: bool = False  # SSH needs no proof: the shell asks
    tries: list[str] = field(default_factory=list)
    opened: threading.Event = field(default_factory=threading.Event)
    terminal: tuple[str, int, int] | None = None

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_none(self, username: str) -> int:
        return paramiko.common.AUTH_SUCCESSFUL if self.none else paramiko.common.AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        self.tries.append(password)
        good = (username, password) == (USER, PASSWORD)
        return paramiko.common.AUTH_SUCCESSFUL if good else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_pty_request(  # type: ignore[no-untyped-def]
        self, channel, term, width, height, pixelwidth, pixelheight, modes
    ) -> bool:
        self.terminal = (term.decode(), width, height)
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self.opened.set()
        return True


@contextmanager
def console(talk: Talk, *, none: bool = False, door: type[Door] = Door) -> Iterator[tuple[int, list[Door]]]:
    """A server that holds one dialogue with everybody who comes; its port, and its doors, one a connection."""
    key = paramiko.ECDSAKey.generate()
    doors: list[Door] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def one(peer: socket.socket) -> None:
        transport = paramiko.Transport(peer)
        transport.add_server_key(key)
        shown = door(none)
        doors.append(shown)
        with suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=shown)
            channel = transport.accept(10)
            if channel is not None and shown.opened.wait(10):
                talk(Console(channel))
                time.sleep(0.05)
        transport.close()

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], doors
    finally:
        listener.close()


def dialogue(
    prompt: str, answers: Mapping[str, str], *, greeting: str = "", page: int = 0, pager: str = "", erase: str = ""
) -> Talk:
    """A device that echoes, answers what it knows, and pages after so many rows."""

    def talk(at: Console) -> None:
        at.say(greeting.replace("\n", "\r\n") + prompt)
        while True:
            command = at.line()
            at.say(f"{command}\r\n")
            known = "% Invalid input detected at '^' marker.\n" if command else ""
            rows = answers.get(command, known).split("\n")
            for number, row in enumerate(rows[:-1], 1):
                at.say(f"{row}\r\n")
                if page and number % page == 0 and number < len(rows) - 1:
                    at.say(pager)
                    assert at.key() == " "
                    at.say(erase)
            at.say(rows[-1] + prompt)

    return talk
