"""QNAP's `/etc/config/uLinux.conf`: sections in brackets, `Key = value` below. Pure.

Only the keys that QNAP's own scripts are known to ask for with `getcfg` are read: [System] Model, Version, Number,
Build Number, Server Name, Web Access Port; [Stunnel] Enable, Port; [LOGIN] SSH Enable, SSH Port, Telnet Enable.
Source: the start scripts of QTS 4 (`/etc/init.d/login.sh`, `Qthttpd.sh`) and QDK 2.3.
"""

import re

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
    services, ssh, wrong = _services(said, lines)
    reports = (*unread("system.identity", bad), *unread("system.services", [*bad, *wrong]))
    return of_system(System(identity=identity, services=services, ssh=ssh), lines, reports)


def _text(said: Said, section: str, key: str) -> Placed:
    found = said.get((section, key))
    return found if found and found[0] else None


def _services(
    said: Said, lines: dict[str, int]
) -> tuple[tuple[Service, ...] | None, SshSettings | None, list[tuple[int, str]]]:
    """What listens for administrators, as far as the file says that it does."""
    found: list[Service] = []
    bad: list[tuple[int, str]] = []
    ssh = None
    for section, switch, port_key, process, encrypted in (
        ("system", None, "web access port", "http", False),
        ("stunnel", "enable", "port", "https", True),
        ("login", "ssh enable", "ssh port", "ssh", True),
        ("login", "telnet enable", "telnet port", "telnet", False),
    ):
        port, on = _text(said, section, port_key), _text(said, section, switch) if switch else None
        enabled = True if switch is None else _FLAGS.get(on[0].lower()) if on else None
        if on and enabled is None:
            bad.append((on[1], on[0]))
        if not enabled or port is None:
            continue
        if not (port[0].isascii() and port[0].isdigit() and len(port[0]) < 6 and 0 < int(port[0]) < 65536):
            bad.append((port[1], port[0]))
            continue
        lines[f"/system/services/{len(found)}"] = port[1]
        found.append(Service(int(port[0]), "tcp", _ANYWHERE, process, encrypted=encrypted))
        if process == "ssh":
            ssh = filled(SshSettings(), "/system/ssh", lines, ports=((int(port[0]),), port[1]))
    return tuple(found) or None, ssh, bad
