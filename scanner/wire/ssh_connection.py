"""One SSH connection through paramiko, bounded where paramiko is not; whatever its thread dies of becomes an Answer.

Knows no host key to expect and sends nothing on its own: `ssh.Session` decides. paramiko is imported on first use.
"""

import io
import logging
import select
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inventory.snapshot import Status
from inventory.text import clean
from scanner.evidence import Answer
from scanner.wire.ssh_legacy import legacy_transport
from scanner.wire.ssh_shell import BEGIN_S, TOTAL_S, Shell

if TYPE_CHECKING:
    from paramiko import Channel, PKey, Transport
    from paramiko.transport import SecurityOptions

HANDSHAKE_S = 10.0  # seconds for banner and key exchange; stops a slow-loris banner
AUTH_S = 15.0  # seconds for one way of authentication; an old NAS resolves our name first, a hostile one never answers
COMMAND_S = 20.0  # seconds for one command; stops a command that hangs or trickles
GRACE_S = 3.0  # seconds after COMMAND_S until the connection itself is dropped; stops a server mute on protocol level
CLOSE_S = 2.0  # seconds to wait for paramiko's thread when closing
MAX_OPENING = 256 * 1024  # bytes before authentication ends; stops an endless banner (key exchange takes 2-5 KiB)
MAX_OUTPUT = 1024 * 1024  # bytes of stdout kept; stops a device from filling memory and recording
MAX_STDERR = 64 * 1024  # bytes of stderr kept; only its first line is told
MAX_COMMAND_WIRE = 8 * 1024 * 1024  # bytes received during one command; stops a flood on stderr or of empty packets
MAX_RECV = 64 * 1024  # bytes asked of the kernel at once; stops a packet header that announces 4 GiB
COLUMNS, ROWS = 511, 1000  # of the terminal we say we have: no device then breaks a long row, few ask for a key
MAX_DETAIL = 200  # characters of what a device said in a detail
# Algorithms under which a key type is offered (RFC 8332 §3): asking for a type first means asking for these.
_SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}
_CUT = {"cut": f"output cut at {MAX_OUTPUT} bytes", "late": f"no end within {COMMAND_S:g} s"}


class BoundedSocket:
    """The socket as paramiko sees it: it ends after so many bytes or seconds, which paramiko's own waits do not."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._left = 0
        self._until: float | None = None
        self.opening = b""  # what came first, in clear: the banner and the algorithms on offer
        self.ended: Status | None = None  # why it was ended here

    def allow(self, size: int, seconds: float | None) -> None:
        """From now on: at most `size` bytes, within `seconds`."""
        self._left, self._until = size, None if seconds is None else time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """Bytes from the device; nothing (end of file) once a bound is reached."""
        if self._until is not None and time.monotonic() > self._until:
            self.ended = self.ended or "silent"
        elif self._left <= 0:
            self.ended = self.ended or "failed"
        if self.ended:
            return b""
        data = self._sock.recv(min(size, self._left, MAX_RECV))
        self._left -= len(data)
        if len(self.opening) < MAX_RECV:
            self.opening += data
        return data

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 — the rest of a socket
        return getattr(self._sock, name)


class Connection:
    """A connected socket made an SSH connection, step by step; each step is an Answer in bounded time.

    `legacy` offers SHA-1 too, after everything better.
    """

    def __init__(self, sock: socket.socket, *, legacy: bool = False) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a command takes 6 ms instead of 49
        self._wire = BoundedSocket(sock)
        self._wire.allow(MAX_OPENING, HANDSHAKE_S)
        self._shell: Shell | None = None
        kind = _paramiko().Transport
        self._transport: Transport = (legacy_transport() if legacy else kind)(self._wire)
        self._transport.banner_timeout = (
            HANDSHAKE_S + 1
        )  # here and below the wire ends first, to tell late from refused
        self._transport.auth_timeout = AUTH_S + 1

    @property
    def alive(self) -> bool:
        """Whether the device has not hung up."""
        return self._transport.is_active()

    @property
    def logged_in(self) -> bool:
        """Whether authentication is behind us."""
        return self._transport.is_authenticated()

    @property
    def banner(self) -> str:
        """How the server names itself: `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10`."""
        return clean(self._transport.remote_version)

    @property
    def server_key(self) -> tuple[str, bytes]:
        """Type and blob of the host key, once keys are exchanged."""
        key = self._transport.get_remote_server_key()
        return key.get_name(), key.asbytes()

    def exchange(self, first: str | None) -> Answer:
        """Exchange keys, asking for a host key of type `first` before the others; sends no credential."""

        def act() -> Answer:
            options = self._transport.get_security_options()
            names = _SIGNATURES.get(first, (first,)) if first else ()
            options.key_types = sorted(options.key_types, key=lambda name: name not in names)
            self._transport.start_client(timeout=HANDSHAKE_S + 1)
            self._transport.get_remote_server_key()  # raises when the exchange did not come to its end
            return Answer("done")

        return self._attempt("key exchange", HANDSHAKE_S, MAX_OPENING, act)

    def log_in_by_key(self, user: str, text: str) -> Answer:
        """Authenticate with a private key in PEM or OpenSSH text."""
        key = _private_key(text)
        if key is None:
            return Answer("failed", b"", "the private key cannot be read (damaged, or protected by a passphrase)")
        return self._attempt(
            "authentication", AUTH_S, MAX_OPENING, lambda: _logged_in(self._transport.auth_publickey(user, key))
        )

    def log_in_by_password(self, user: str, password: str) -> Answer:
        """Authenticate with a password, or by answering one keyboard-interactive prompt where that is all there is."""
        return self._attempt(
            "authentication", AUTH_S, MAX_OPENING, lambda: _logged_in(self._transport.auth_password(user, password))
        )

    def log_in_by_name(self, user: str) -> Answer:
        """Say the name alone, as every OpenSSH client first does: some devices ask the rest in their shell."""
        return self._attempt("authentication", AUTH_S, MAX_OPENING, lambda: _logged_in(self._transport.auth_none(user)))

    def begin_shell(self, user: str, password: str | None, *, proven: bool) -> Answer:
        """Open a shell and wait for its prompt, logging in to it where nobody is logged in yet (not `proven`)."""

        def act() -> Answer:
            channel = self._transport.open_session(timeout=BEGIN_S)
            channel.set_combine_stderr(True)
            channel.get_pty("vt100", COLUMNS, ROWS)
            channel.invoke_shell()
            self._shell = Shell(channel)
            return self._shell.begin(user, password, proven=proven)

        return self._attempt("shell", BEGIN_S + GRACE_S, MAX_COMMAND_WIRE, act)

    def run_in_shell(self, command: str) -> Answer:
        """What the shell that was begun answers."""
        assert self._shell is not None  # noqa: S101 — begun before
        shell = self._shell
        return self._attempt("command", TOTAL_S + GRACE_S, MAX_COMMAND_WIRE, lambda: shell.run(command))

    def run(self, command: str) -> Answer:
        """What the command wrote to stdout and how it ended."""
        return self._attempt("command", COMMAND_S + GRACE_S, MAX_COMMAND_WIRE, lambda: self._run(command))

    def _run(self, command: str) -> Answer:
        until = time.monotonic() + COMMAND_S
        channel = self._transport.open_session(timeout=COMMAND_S + GRACE_S + 1)
        try:
            channel.exec_command(command)
            output, errors, cut = _collected(channel, until)
            if cut:
                return Answer("failed" if cut == "cut" else "silent", output, _CUT[cut])
            # Status and close before the next command: dropbear otherwise refuses the next channel now and then.
            if not channel.status_event.wait(max(0.0, until - time.monotonic())):
                return Answer("silent", output, _CUT["late"])
            status = channel.recv_exit_status()
        finally:
            channel.close()
        if status == 0:
            return Answer("done", output)
        said = clean(errors.lstrip().partition(b"\n")[0], MAX_DETAIL)
        ending = f"exit {status}" if status >= 0 else "no exit status"
        return Answer("failed", output, f"{ending}: {said}" if said else ending)

    def close(self) -> None:
        """Close the socket and wait for paramiko's thread."""
        self._transport.packetizer.complete_handshake()  # else its timer outlives a failed handshake by 15 s
        self._transport.close()
        if self._transport.is_alive():
            self._transport.join(CLOSE_S)
        self._wire.close()

    def _attempt(self, step: str, seconds: float, size: int, act: Callable[[], Answer]) -> Answer:
        """What `act` answers, or the answer that tells how the device stopped it."""
        self._wire.allow(size, seconds)
        try:
            return act()
        except Exception as error:  # noqa: BLE001 — paramiko hands over whatever its thread died of, struct.error too
            if self._wire.ended == "silent" or isinstance(error, TimeoutError):
                return Answer("silent", b"", f"{step}: no end within {seconds:g} s")
            if self._wire.ended:
                return Answer("failed", b"", f"{step}: more than {size} bytes")
            return self._failure(step, error)
        finally:
            self._wire.allow(size, None)

    def _failure(self, step: str, error: Exception) -> Answer:
        paramiko = _paramiko()
        said = clean(str(error), MAX_DETAIL) or type(error).__name__
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            offer = _offered(self._wire.opening, self._transport.get_security_options())
            return Answer("incompatible", b"", f"no common algorithm: {offer or said}")
        if isinstance(error, paramiko.BadAuthenticationType):
            takes = clean(", ".join(error.allowed_types), MAX_DETAIL) or "nothing"
            return Answer("credential_refused", b"", f"credential refused; the device takes {takes}")
        if isinstance(error, paramiko.AuthenticationException) and "EOF" not in said:  # EOF: the device hung up
            return Answer("credential_refused", b"", "credential refused")
        return Answer("refused" if isinstance(error, paramiko.ChannelException) else "failed", b"", f"{step}: {said}")


def _collected(channel: "Channel", until: float) -> tuple[bytes, bytes, str]:
    """stdout, stderr, and "" once the device closed both, "cut" or "late" when a bound was reached first."""
    output, errors = bytearray(), bytearray()
    waiting = select.poll()
    waiting.register(channel.fileno(), select.POLLIN)
    while time.monotonic() < until:
        waiting.poll(max(0.0, until - time.monotonic()) * 1000)
        ending = channel.eof_received or channel.closed  # read before the buffers: nothing comes after it
        while channel.recv_ready():
            output += channel.recv(MAX_RECV)
            if len(output) > MAX_OUTPUT:
                return bytes(output[:MAX_OUTPUT]), bytes(errors), "cut"
        while channel.recv_stderr_ready():
            errors += channel.recv_stderr(MAX_RECV)[: MAX_STDERR - len(errors)]
        if ending:
            return bytes(output), bytes(errors), ""
    return bytes(output), bytes(errors), "late"


def _logged_in(further: list[str]) -> Answer:
    """The answer to an authentication after which the server asks for `further` methods."""
    if further:
        methods = clean(", ".join(further), MAX_DETAIL)
        return Answer("credential_refused", b"", f"the device asks for more than one proof: {methods}")
    return Answer("done")


def _offered(opening: bytes, ours: "SecurityOptions") -> str:
    """The algorithm lists of a server's KEXINIT (RFC 4253 §7.1) that share nothing with ours, in its own names.

    The first list also carries markers that name no algorithm: `kex-strict-s-v00@openssh.com`, `ext-info-s`.
    """
    start = opening.find(b"\n", opening.find(b"SSH-")) + 1
    at = start + 4 + 1 + 1 + 16  # packet length, padding length, message number, cookie
    lists: list[list[str]] = []
    for _ in range(6):  # key exchange, host keys, ciphers in, ciphers out, MACs in, MACs out
        size = int.from_bytes(opening[at : at + 4], "big")
        names = clean(opening[at + 4 : at + 4 + min(size, 4096)], 2048).split(",")
        lists.append([name for name in names if not name.startswith(("kex-strict-", "ext-info-"))])
        at += 4 + size
    pairs = (
        ("key exchange", lists[0], ours.kex),
        ("host keys", lists[1], ours.key_types),
        ("ciphers", lists[2], ours.ciphers),
        ("MACs", lists[4], ours.digests),
    )
    apart = [f"{name} {' '.join(theirs)}" for name, theirs, known in pairs if not set(theirs) & set(known)]
    return clean("the device offers only " + "; ".join(apart)) if apart else ""


def _private_key(text: str) -> "PKey | None":
    """The key in PEM or OpenSSH text; None when no key type reads it."""
    paramiko = _paramiko()
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            key: PKey = kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError, TypeError, IndexError):
            continue
        return key
    return None


def _paramiko() -> Any:  # noqa: ANN401 — a module
    """paramiko, imported late; its threads otherwise print tracebacks of what we report as an Answer."""
    import paramiko

    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    return paramiko
