"""QNAP's `/etc/config/uLinux.conf`: sections in brackets, `Key = value` below. Pure.

Only the keys that QNAP's own scripts ask for with `getcfg` are read, with the values that these scripts take when a key
is missing: [System] Model, Version, Number, Build Number, Server Name, Web Access Port (8080), Force SSL (0); [Stunnel]
Enable (1), Port (443); [LOGIN] SSH Enable (FALSE), SSH Port (22), TELNET Enable, TELNET Port; [Appletalk] Enable.
Sources: the start scripts of QTS 4 (`/etc/init.d/login.sh`, `Qthttpd.sh`, the one that writes Avahi's services) and
QDK 2.3.
"""

import dataclasses
import re
from dataclasses import dataclass

from inventory.observation import Observation
from inventory.system import Identity, Service, SshSettings, System
from inventory.text import clean
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._reading import nothing, numbered, of_system, unread

_SECTION = re.compile(r"\[([^\[\]]{1,64})\]")
_ANYWHERE = "0.0.0.0"  # noqa: S104 — what the device says; nothing is bound here
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
Said = dict[tuple[str, str], tuple[str, int]]


def read_conf(text: str) -> Observation:
    r"""Who it is, and how it is administered.

    >>> found = read_conf("[System]\nModel = TS-X53D\nVersion = 5.1.3\nBuild Number = 20231110\n").device.system
    >>> found.identity.firmware, found.identity.build
    ('5.1.3', '20231110')
    """
    said: Said = {}
    section = ""
    bad = []
    for place, line in numbered(text):
        stripped = line.strip()
        key, equals, value = stripped.partition("=")
        if header := _SECTION.fullmatch(stripped):
            section = header[1].lower()
        elif equals:
            said.setdefault((section, key.strip().lower()), (clean(value.strip().strip('"')), place))
        elif not stripped.startswith(("#", ";")) and section in ("system", "login", "stunnel"):
            bad.append((place, line))
    if ("system", "version") not in said and ("system", "model") not in said:
        return nothing("system.identity", text)
    lines: dict[str, int] = {}
    identity = filled(
        Identity(vendor="QNAP", os="qts"), "/system/identity", lines, model=_text(said, "system", "model"),
        firmware=_text(said, "system", "version"), build=_text(said, "system", "build number"),
        hostname=_text(said, "system", "server name"),
    )  # fmt: skip
    defaults: set[str] = set()
    system, wrong = _services(said, lines, defaults)
    reports = (*unread("system.identity", bad), *unread("system.services", [*bad, *wrong]))
    told = of_system(dataclasses.replace(system, identity=identity), lines, reports)
    return dataclasses.replace(told, defaults=frozenset(defaults))


def _text(said: Said, section: str, key: str | None) -> Placed:
    found = said.get((section, key)) if key else None
    return found if found and found[0] else None


@dataclass(frozen=True, slots=True)
class _Way:
    """A service: the key that switches it on, what counts without that key, its port and the port without that key."""

    process: str
    section: str
    switch: str | None
    on: bool
    port_key: str | None
    port: int
    encrypted: bool | None


_WAYS = (
    _Way("http", "system", None, True, "web access port", 8080, False),
    _Way("https", "stunnel", "enable", True, "port", 443, True),
    _Way("ssh", "login", "ssh enable", False, "ssh port", 22, True),
    _Way("telnet", "login", "telnet enable", False, "telnet port", 23, False),
    _Way("afp", "appletalk", "enable", False, None, 548, None),
)


def _services(said: Said, lines: dict[str, int], defaults: set[str]) -> tuple[System, list[tuple[int, str]]]:
    """What listens, mostly for administrators; "Force SSL" makes the open page lead to the encrypted one."""
    found: list[Service] = []
    bad: list[tuple[int, str]] = []
    ssh = None
    for way in _WAYS:
        port, switch = _text(said, way.section, way.port_key), _text(said, way.section, way.switch)
        enabled = _FLAGS.get(switch[0].lower()) if switch else way.on
        if port and not (port[0].isascii() and port[0].isdigit() and len(port[0]) < 6 and 0 < int(port[0]) < 65536):
            bad.append((port[1], port[0]))
        elif enabled is None and switch:
            bad.append((switch[1], switch[0]))
        elif enabled:
            number, pointer = int(port[0]) if port else way.port, f"/system/services/{len(found)}"
            if line := (port or switch or ("", 0))[1]:
                lines[pointer] = line
            else:
                defaults.add(pointer)
            encrypted = True if way.process == "http" and _forced(said) else way.encrypted
            found.append(Service(number, "tcp", _ANYWHERE, way.process, encrypted=encrypted))
            if way.process == "ssh":
                ssh = filled(SshSettings(), "/system/ssh", lines, ports=((number,), line))
    return System(services=tuple(found), ssh=ssh), bad


def _forced(said: Said) -> bool:
    force, encrypted = _text(said, "system", "force ssl"), _text(said, "stunnel", "enable")
    return bool(force and _FLAGS.get(force[0].lower())) and (
        encrypted is None or _FLAGS.get(encrypted[0].lower()) is True
    )
