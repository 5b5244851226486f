"""SSH: one session a device, its host key judged before a credential leaves, its commands run one after another.

Knows no site and no policy: what is pinned, who is trusted and what is asked come from the caller. No forwarding, no
agent, nothing read from ~/.ssh; a PTY only for a device that runs commands in its shell alone.
"""

import hashlib
import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from types import TracebackType
from typing import Self

from scanner.evidence import Answer
from scanner.wire.bound import NotBound, bound_socket
from scanner.wire.ssh_connection import Connection

CONNECT_S = 5.0  # seconds for the TCP connection; stops an absent or filtered address from holding a worker


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in; its repr shows no secret."""

    user: str
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)  # PEM or OpenSSH text, without passphrase


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's public key: its type and its blob (RFC 4253 §6.6)."""

    key_type: str
    key: bytes

    @property
    def fingerprint(self) -> str:
        """The key as OpenSSH shows it: SHA256 in unpadded base64.

        >>> HostKey("ssh-ed25519", b"key").fingerprint
        'SHA256:LHDhK3oGRvkiefQnx7OOczTY5Tic/xZ6HcMOc/gmtoM'
        """
        return "SHA256:" + b64encode(hashlib.sha256(self.key).digest()).decode().rstrip("=")

    def __str__(self) -> str:
        return f"{self.key_type} {self.fingerprint}"


class Session:
    """The SSH conversation with one device, for one thread (`stop` is for others). Close it, or use it in a `with`.

    Once an answer ended the session (host key, credential, silence), every later one is the same, at once. A connection
    that the device dropped between commands is made again, and must show the same key.
    """

    def __init__(
        self,
        address: str,
        login: Login | None,
        pinned: HostKey | None,
        trust: Callable[[HostKey], bool],
        port: int = 22,
        *,
        interface: str,
        legacy: bool = False,
    ) -> None:
        self._target = (str(IPv4Address(address)), port)  # a literal, so that no name is resolved here
        self._interface = interface
        self._login, self._pinned, self._trust = login, pinned, trust
        self._believed = pinned
        self._legacy = legacy  # the site allows SHA-1 with this device
        self._aged = False  # … and it took nothing better
        self._connection: Connection | None = None
        self._shown: Answer | None = None
        self._begun = False  # a shell, and never another one
        self._over: Answer | None = None  # the answer that ended the session
        self._door: socket.socket | None = None  # what `stop` shuts
        self._lock = threading.Lock()  # no connection is begun once stopped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and wait for its thread."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def stop(self) -> None:
        """End what is under way, from another thread; nothing is asked or connected to from then on."""
        with self._lock:
            self._over = self._over or Answer("failed", b"", "stopped")
            if self._door is not None:
                try:
                    self._door.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it, in `connect` too
                except OSError:  # not connecting yet, and now it never will
                    self._door.close()

    def host_key(self) -> Answer:
        """The host key shown, before any authentication: `KEYTYPE SHA256:…`, `pinned …`, `banner …`, `legacy …`."""
        if self._shown is None:
            self._shown = self._connect()
        return self._shown

    def execute(self, command: str) -> Answer:
        """What the command wrote to stdout; "failed" with its exit status and first line of stderr when not 0."""
        self.host_key()
        if self._over is None and (self._connection is None or not self._connection.alive):
            self._connect()
        if self._over is None and self._connection is not None:
            refusal = self._log_in(self._connection)
            if refusal is None:
                return self._connection.run(command)
            self._end(refusal)
        assert self._over is not None  # noqa: S101 — no connection without it being over
        return self._over

    def converse(self, command: str) -> Answer:
        """What the device's command line answers (`ssh_shell`); a session that it ended is not begun a second time."""
        self.host_key()
        if self._over is None and not self._begun:
            if self._connection is None or not self._connection.alive:
                self._connect()
            if self._over is None and self._connection is not None:
                self._begun = True
                answer = self._shell_begun(self._connection)
                if answer.status != "done":
                    self._end(answer)
        if self._over is None and self._connection is not None:
            answer = self._connection.run_in_shell(command)
            return answer if answer.status == "done" else self._end(answer)
        assert self._over is not None  # noqa: S101 — no connection without it being over
        return self._over

    def _shell_begun(self, connection: Connection) -> Answer:
        """How the one login went: over SSH, or in the shell of a device to which SSH needs no proof."""
        user = self._login.user if self._login else ""
        open_door = self._login is not None and connection.log_in_by_name(user).status == "done"
        refusal = None if open_door else self._log_in(connection)
        if refusal is not None:
            return refusal
        return connection.begin_shell(user, self._login.password if self._login else None, proven=not open_door)

    def _end(self, answer: Answer) -> Answer:
        """Close, and keep the answer without its body for whatever is asked later."""
        self._over = Answer(answer.status, b"", answer.detail)
        self.close()
        return answer

    def _connect(self) -> Answer:
        """Connect, exchange keys, compare the host key; anything but "done" ends the session."""
        answer = self._exchanged()
        if answer.status == "incompatible" and self._legacy and not self._aged:
            self._aged = True
            answer = self._exchanged()
        return answer if answer.status == "done" else self._end(answer)

    def _exchanged(self) -> Answer:
        """The answer of one connection up to its host key."""
        self.close()
        try:
            door = bound_socket(socket.SOCK_STREAM, self._interface)
        except NotBound as error:
            return Answer("failed", b"", str(error))
        with self._lock:
            if self._over is not None:
                door.close()
                return self._over
            self._door = door
        try:
            door.settimeout(CONNECT_S)
            door.connect(self._target)
            self._connection = Connection(door, legacy=self._aged)
        except OSError as error:
            door.close()
            return _no_connection(error)
        answer = self._connection.exchange(self._believed.key_type if self._believed else None)
        if answer.status == "done":
            answer = self._judged(HostKey(*self._connection.server_key), self._connection.banner)
        return answer

    def _judged(self, key: HostKey, banner: str) -> Answer:
        """Whether this key may be believed, as an answer; asks the caller when none is on record."""
        aged = "yes" if self._aged else "no"
        body = f"{key}\npinned {self._pinned or 'none'}\nbanner {banner}\nlegacy {aged}\n".encode()
        if self._believed is None:
            if not self._trust(key):
                return Answer("not_trusted", body, f"host key not accepted: {key}")
            self._believed = key
        if self._believed != key:
            return Answer("host_key_changed", body, f"on record {self._believed}, shown {key}")
        return Answer("done", body)

    def _log_in(self, connection: Connection) -> Answer | None:
        """None once logged in, else why not: first the key, then the password, as far as the caller knows them."""
        if connection.logged_in:
            return None
        answer = Answer("no_credential", b"", "no password and no key to log in with")
        if self._login is not None and self._login.private_key is not None:
            answer = connection.log_in_by_key(self._login.user, self._login.private_key)
        if (
            answer.status != "done"
            and connection.alive
            and self._login is not None
            and self._login.password is not None
        ):
            answer = connection.log_in_by_password(self._login.user, self._login.password)
        return None if answer.status == "done" else answer


def _no_connection(error: OSError) -> Answer:
    """The answer of an address that gave no connection; no route and no ARP answer look the same as nobody there."""
    if isinstance(error, ConnectionRefusedError):
        return Answer("refused", b"", "connection refused")
    if isinstance(error, TimeoutError):
        return Answer("silent", b"", f"no connection within {CONNECT_S:g} s")
    return Answer("silent", b"", f"no connection: {error.strerror or error}")
