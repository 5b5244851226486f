"""What this machine has for a scan, and what each missing thing costs. Sends nothing."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from inventory.errors import ScannerError
from inventory.text import clean

CANNOT_SCAN = "no scan is possible"
PROGRAM_S = 5.0  # seconds for a program to say its version; stops one that hangs

# Program → what it is asked for its version, and what its absence costs.
_PROGRAMS = {
    "nmap": (("nmap", "--version"), CANNOT_SCAN),
    "ip": (("ip", "-V"), "no device is asked anything: the way to it cannot be checked"),
}
# Distribution → what its absence costs; pip installs all but psycopg and keyring with Vigie.
_LIBRARIES = {
    "scapy": CANNOT_SCAN,
    "dpkt": CANNOT_SCAN,
    "paramiko": "no SSH: settings of routers and NAS stay unknown",
    "pysnmp": "no SNMP: identity and updates of NAS and printers stay unknown",
    "python-nmap": "no open ports",
    "sqlalchemy": CANNOT_SCAN,
    "psycopg": "no store at a PostgreSQL server",
    "keyring": "no credential written as keyring:SERVICE/USER",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a scan needs."""

    name: str
    found: str  # what is there: a version, a right, a count
    cost: str = ""  # what its absence costs; "" when it is there
    there: bool = True  # False: not there, and it costs nothing

    @property
    def mark(self) -> str:
        """✔ when it is there, ! when something else goes without it, ✘ when nothing goes, – when nobody misses it."""
        if not self.there:
            return "–"
        return "✔" if not self.cost else "✘" if self.cost == CANNOT_SCAN else "!"


def examined() -> tuple[Check, ...]:
    """Privileges, programs, libraries, engines and the age of the data."""
    return (_raw_sockets(), _bound_sockets(), *_programs(), *_libraries(), *_policy(), _vendors())


def _raw_sockets() -> Check:
    """Whether ARP can be sent: CAP_NET_RAW, by being root or as an ambient capability."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except OSError as error:
        return Check("right to send ARP", f"no ({error.strerror}); run as root or with CAP_NET_RAW", CANNOT_SCAN)
    return Check("right to send ARP", "yes")


def _bound_sockets() -> Check:
    """Whether a socket can be bound to an interface; loopback stands for any."""
    from scanner.wire.bound import NotBound, bound_socket

    try:
        bound_socket(socket.SOCK_STREAM, "lo").close()
    except NotBound as error:
        return Check("sockets of one interface", clean(str(error)), "no device is asked anything but ARP")
    return Check("sockets of one interface", "yes")


def _programs() -> Iterator[Check]:
    for name, (command, cost) in _PROGRAMS.items():
        path = shutil.which(name)
        if path is None:
            yield Check(name, "not installed", cost)
            continue
        try:
            said = subprocess.run([path, *command[1:]], capture_output=True, timeout=PROGRAM_S, check=True).stdout  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            yield Check(name, f"does not run ({type(error).__name__})", cost)
        else:
            yield Check(name, clean(said.split(b"\n")[0], 60))


def _libraries() -> Iterator[Check]:
    for name, cost in _LIBRARIES.items():
        try:
            yield Check(name, version(name))
        except PackageNotFoundError:
            yield Check(name, "not installed", cost)


def _policy() -> Iterator[Check]:
    """Whether the packaged rules load, and the embedded engine evaluates them."""
    from rules import load_policy
    from rules.engine import EmbeddedEngine

    try:
        policy = load_policy()
        outcomes = EmbeddedEngine().evaluate({"devices": [], "coverage": [], "unread": [], "site": {}}, policy)
    except (ScannerError, ImportError) as error:
        yield Check("embedded engine", clean(str(error)), "no verdict without --opa URL")
        return
    yield Check("embedded engine", f"regorus {version('gordon-to-regorus')}, {len(outcomes)} rules")
    opa = shutil.which("opa")
    yield Check("opa program", opa or "not on PATH; only needed for --opa URL", there=opa is not None)


def _vendors() -> Check:
    """How old the registry of MAC prefixes is: scapy ships it, dated by its files."""
    file = Path(str(distribution("scapy").locate_file("scapy/libs/manuf.py")))
    try:
        day = datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
    except OSError:
        return Check("makers of MAC prefixes", "not found", "devices are not told apart by their maker")
    return Check("makers of MAC prefixes", f"as scapy {version('scapy')} ships it, installed {day}")
