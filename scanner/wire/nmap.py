"""nmap: what a few harmless scripts and probes say of TCP ports that our own connection left unidentified.

Knows no site and no policy: address, ports, scripts and pace come from the caller. The real nmap is run, without
privileges and never through a shell; its XML is the answer. `nmap_xml` reads it.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from typing import IO
from xml.parsers import expat

from inventory.text import clean
from scanner.evidence import Answer
from scanner.wire.bound import NotBound, bound_socket
from scanner.wire.nmap_xml import Host, hosts, read_ports

__all__ = ["NEVER_TOUCHED", "SCRIPTS", "Host", "hosts", "read_ports", "scan"]

# Bytes of nmap's output, 10 KiB for a hundred ports; stops a device that feeds scripts without end.
MAX_XML = 4 << 20
GRACE_S = 5.0  # seconds after nmap's own --host-timeout until its process group is killed; stops a hung script
STOP_CHECK_S = 0.1  # seconds between two looks at whether the caller has stopped
BANNER_S = 3  # seconds that the banner script listens, three times a mute port; its 5 s of default make 15 s
INTENSITY = 2  # of 9: the probes for the port's usual services and the two most telling ones, nmap's --version-light
NEVER_TOUCHED = range(9100, 9108)  # JetDirect: a printer prints what it receives there
SCRIPTS = ("banner", "smb-protocols")  # both of nmap's category "safe": they listen, or negotiate a dialect
NO_PORT_ANSWERED = "no port answered (device off, or its firewall drops everything)"
# Why a port has no state: nothing came back from the device itself (nmap's portreasons.cc).
MUTE = frozenset({"no-response", "host-unreach", "net-unreach", "time-exceeded", "no-route"})


def scan(
    address: str,
    ports: Sequence[int],
    *,
    interface: str,
    scripts: Sequence[str] = (),
    versions: bool = False,
    max_rate: int,
    timeout_s: float,
    progress: Callable[[float], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """What nmap writes of one address, asked through `interface`; `progress` is told the part done, from 0 to 1.

    `versions` sends what nmap's likeliest probes say, to learn what a mute port speaks.

    "silent" when no port answered at all: off, or a firewall that drops everything, which look the same. "failed", and
    nmap is killed, once `stopped()` is true. Ports 9100 to 9107 are left out whatever is asked.

    Raises:
        ValueError: not an IPv4 literal, not a port, or a script that is not in SCRIPTS: a mistake of the caller.
    """
    extra = _extra(scripts, versions=versions)
    command = _command(address, ports, interface, extra, max_rate, timeout_s)
    if command is None:
        return Answer("excluded", b"", "no port left to ask: 9100-9107 are never touched")
    program = shutil.which("nmap")
    if program is None:
        return Answer("failed", b"", "nmap is not installed")
    watch = _Watch(progress, parts=2 if extra else 1)
    try:
        bound_socket(socket.SOCK_STREAM, interface).close()  # where it may not bind, nmap itself would go on unbound
        running = _started([program, *command])
    except NotBound as error:
        return Answer("failed", b"", str(error))
    except OSError as error:
        return Answer("failed", b"", f"nmap does not start: {error.strerror}")
    return _answer(running, watch, timeout_s, stopped)


def touchable(ports: Sequence[int]) -> list[int]:
    """The ports in their order, without those that are never touched.

    Raises:
        ValueError: not a port: a mistake of the caller.

    >>> touchable([9100, 443, 22, 443])
    [22, 443]
    """
    if wrong := [port for port in ports if not 1 <= port <= 65535]:
        raise ValueError(f"not a port: {wrong[0]}")
    return sorted({port for port in ports if port not in NEVER_TOUCHED})


def _command(
    address: str, ports: Sequence[int], interface: str, extra: Sequence[str], max_rate: int, timeout_s: float
) -> list[str] | None:
    """The arguments for nmap; None when no port is left."""
    target = str(IPv4Address(address))
    left = touchable(ports)
    if not left:
        return None
    return [
        *("-n", "-Pn", "-sT", "--unprivileged", "--disable-arp-ping", "--max-retries", "1", "-e", interface),
        *("--max-rate", str(int(max_rate)), "--host-timeout", f"{max(1, round(timeout_s * 1000))}ms"),
        *("--exclude-ports", f"{NEVER_TOUCHED[0]}-{NEVER_TOUCHED[-1]}", "-p", ",".join(map(str, left))),
        *(*extra, "--stats-every", "500ms", "-oX", "-", target),
    ]


def _extra(scripts: Sequence[str], *, versions: bool) -> list[str]:
    """The arguments for what is asked beyond connecting."""
    if unknown := [script for script in scripts if script not in SCRIPTS]:
        raise ValueError(f"not a script that may be run: {unknown[0]!r}")
    chosen = ["--script", ",".join(scripts), "--script-args", f"banner.timeout={BANNER_S}s"] if scripts else []
    return [*chosen, *(["-sV", "--version-intensity", str(INTENSITY)] if versions else [])]


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    """Nmap in a session of its own: killing the group also ends what nmap started.

    Of the environment it needs nothing but PATH: NMAP_PRIVILEGED or NMAPDIR would change what it does.
    """
    return subprocess.Popen(  # noqa: S603 — a list of arguments, each checked in _command
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        start_new_session=True,
    )


def _answer(running: subprocess.Popen[bytes], watch: "_Watch", timeout_s: float, stopped: Callable[[], bool]) -> Answer:
    """What an nmap that runs comes to; it has ended by then, however that was."""
    try:
        assert running.stdout is not None  # noqa: S101 — for mypy: it is a pipe
        xml, cut = _output(running.stdout, time.monotonic() + timeout_s + GRACE_S, watch, stopped)
    finally:
        _kill(running)
    return Answer("failed", b"", cut) if cut else watch.answer(xml, timeout_s)


def _output(stdout: IO[bytes], until: float, watch: "_Watch", stopped: Callable[[], bool]) -> tuple[bytes, str]:
    """What nmap writes, shown to `watch` as it comes; with the reason when a bound or the caller cut it short."""
    xml = bytearray()
    waiting = select.poll()
    waiting.register(stdout, select.POLLIN)
    while (left := until - time.monotonic()) > 0:
        if stopped():
            return b"", "stopped"
        if not waiting.poll(min(left, STOP_CHECK_S) * 1000):
            continue
        chunk = os.read(stdout.fileno(), 65536)
        if not chunk:
            return bytes(xml), ""
        xml += chunk
        if len(xml) > MAX_XML:
            return b"", f"nmap wrote more than {MAX_XML} bytes"
        watch.feed(chunk)
    return b"", "nmap did not end in time and was killed"


def _kill(running: subprocess.Popen[bytes]) -> None:
    """End nmap and whatever it started; nothing happens to one that has ended."""
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    if running.stdout is not None:
        running.stdout.close()


class _Watch:
    """Reads nmap's XML while it is written: how far it is, and how it ended."""

    def __init__(self, progress: Callable[[float], None] | None, parts: int) -> None:
        self._progress, self._parts, self._part = progress, parts, 0.0
        self._heard = self._late = self._ended = False
        self._error = ""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._element
        self._broken = False

    def feed(self, chunk: bytes) -> None:
        """More of the XML; what cannot be parsed leaves the scan without an end."""
        if self._broken:
            return
        try:
            self._parser.Parse(chunk)
        except expat.ExpatError:
            self._broken = True

    def answer(self, xml: bytes, timeout_s: float) -> Answer:
        """The scan's answer: "done" when nmap came to its end and the device said something."""
        if not self._ended or self._error:
            return Answer("failed", b"", f"nmap: {self._error or 'ended without a result'}")
        if self._late:
            return Answer("silent", xml, f"not scanned to the end within {timeout_s:g} s")
        if not self._heard:
            return Answer("silent", xml, NO_PORT_ANSWERED)
        return Answer("done", xml)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "taskprogress":
            self._advance(attributes)
        elif name in ("state", "extrareasons"):
            self._heard = self._heard or attributes.get("reason", "") not in MUTE
        elif name == "host":
            self._late = self._late or attributes.get("timedout") == "true"
        elif name == "finished":
            self._ended = attributes.get("exit") == "success"
            self._error = clean(attributes.get("errormsg", "").partition("\n")[0])
            self._told(1.0)

    def _advance(self, attributes: dict[str, str]) -> None:
        """Connecting is the first part, what is asked beyond it the second; nmap's estimate may step back, not ours."""
        before = 1 if attributes.get("task") in ("NSE", "Service scan") and self._parts > 1 else 0
        try:
            percent = float(attributes.get("percent", "0"))
        except ValueError:
            return
        self._told((before + percent / 100) / self._parts)

    def _told(self, part: float) -> None:
        if self._progress is not None and part > self._part:
            self._part = part
            self._progress(min(part, 1.0))
