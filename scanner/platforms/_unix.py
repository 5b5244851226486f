"""What every Unix-like device can be asked: accounts, sockets, effective settings of its SSH server."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypeVar

from inventory.gateway import Upnp
from inventory.observation import Observation
from inventory.system import Service, SshSettings, System, User
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, listed, nothing, number, numbered, of_system, unread

T = TypeVar("T")

_HIGHEST_UID = 2**32 - 2
_LOGIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}\$?")
# Programs that end at once: an account with one of them as its shell cannot work on the device.
_NO_SHELL = frozenset({"nologin", "false", "true", "sync", "halt", "shutdown"})
_PROCESS = re.compile(r'users:\(\("([^"]{1,64})"')
_UPNP_PROCESSES = frozenset({"miniupnpd", "upnpd"})
_TRANSPORTS = {"LISTEN": "tcp", "UNCONN": "udp"}
_SSDP = ("udp", 1900)
ROOT_LOGIN = {
    "yes": "yes",
    "no": "no",
    "prohibit-password": "prohibit-password",
    "without-password": "prohibit-password",  # its old name, which sshd -T still prints (sshd_config(5))
    "forced-commands-only": "forced-commands-only",
}
_ADDRESS_PORT = re.compile(r"(?:\[[^\[\]\s]{1,64}\]|[^\s:\[\]]{1,255}):(\d{1,5})")
SSH_LISTS = {"ciphers": "ciphers", "macs": "macs", "kexalgorithms": "key_exchanges"}

# Three names of one setting; sshd before 8.7 keeps the first two apart.
KEYBOARD = ("kbdinteractiveauthentication", "challengeresponseauthentication", "skeyauthentication")
BESIDE = frozenset({*KEYBOARD, "usepam"})  # what decides about passwords beside `PasswordAuthentication`


def read_passwd(text: str) -> Observation:
    """The accounts of `/etc/passwd` or `getent passwd` (passwd(5)); uid 0 is the only administrator it proves.

    >>> user = read_passwd("root:x:0:0:root:/root:/bin/bash").device.system.users[0]
    >>> user.name, user.uid, user.administrator, user.login
    ('root', 0, True, True)
    """
    found = listed(text, "system.users", _user)
    if not found.items:  # there is always root
        return nothing("system.users", text)
    return of_system(System(users=found.items), found.lines, found.unread)


def _user(line: str) -> Iterator[User]:
    fields = line.split(":")
    # Anybody's table may have six colons a line: name, numbers and paths have to look like those of an account.
    if len(fields) != 7 or not _LOGIN_NAME.fullmatch(fields[0]):
        raise UnreadableError(line[:20])
    if any(path and not path.startswith("/") for path in (fields[5], fields[6].strip())):
        raise UnreadableError(line[:20])
    number(fields[3], _HIGHEST_UID)
    name, uid = clean(fields[0]), number(fields[2], _HIGHEST_UID)
    shell = fields[6].strip().rpartition("/")[2] or "sh"  # an empty field means /bin/sh
    yield User(name, uid, administrator=True if uid == 0 else None, login=shell not in _NO_SHELL)


def read_sockets(text: str) -> Observation:
    """The listening sockets of `ss -H -lntup` (iproute2), and whether a UPnP daemon is among their owners.

    Without root, ss names no owner but one's own. So "no UPnP daemon" is said only when the owner of a port below 1024
    is shown and no socket listens for UPnP discovery without one.

    >>> line = 'tcp LISTEN 0      128      0.0.0.0:22    0.0.0.0:* users:(("sshd",pid=32,fd=5))     '
    >>> service = read_sockets(line).device.system.services[0]
    >>> service.port, service.protocol, service.address, service.process
    (22, 'tcp', '0.0.0.0', 'sshd')
    """
    found = listed(text, "system.services", _service)
    services = found.items or ()
    lines = dict(found.lines)
    upnp = None
    daemons = [place for place, service in enumerate(services) if service.process in _UPNP_PROCESSES]
    if daemons:
        upnp = Upnp(enabled=True)
        lines["/system/upnp"] = found.lines[f"/system/services/{daemons[0]}"]
    elif any(service.process and service.port < 1024 for service in services) and not any(
        service.process is None and (service.protocol, service.port) == _SSDP for service in services
    ):
        upnp = Upnp(enabled=False)
    return of_system(System(services=found.items, upnp=upnp), lines, found.unread)


def _service(line: str) -> Iterator[Service]:
    fields = line.split(None, 6)
    if fields[0] in ("Netid", "State") or "ESTAB" in fields[:2]:  # the heading; somebody who is connected
        return
    if fields[0] in _TRANSPORTS:  # asked for one transport, ss leaves out which
        fields = [_TRANSPORTS[fields[0]], *line.split(None, 5)]
    if len(fields) < 6 or fields[1] not in ("LISTEN", "UNCONN"):
        raise UnreadableError(line[:20])
    address, _, port = fields[4].rpartition(":")
    process = _PROCESS.match(fields[6]) if len(fields) == 7 else None
    match fields[0]:
        case "tcp" | "udp" as protocol if address:
            name = clean(process[1]) if process else None
            yield Service(number(port, 65535), protocol, clean(address), name or None)
        case _:
            raise UnreadableError(line[:20])


def read_sshd(text: str) -> Observation:
    """The effective settings that `sshd -T` prints, keywords in lower case; what Match blocks change is not among them.

    >>> read_sshd("port 22\\npermitrootlogin without-password\\nusepam no").device.system.ssh
    SshSettings(root_login='prohibit-password', password_authentication=None, ports=(22,), ciphers=None, \
key_exchanges=None, macs=None)
    """
    ports: dict[int, int] = {}
    root_login: str | None = None
    passwords: bool | None = None
    lists: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    bad: list[tuple[int, str]] = []
    for place, line in numbered(text):
        keyword, _, value = line.rstrip().partition(" ")
        try:
            if keyword == "port" and len(ports) < MAX_ITEMS:
                ports.setdefault(number(value, 65535), place)
                lines.setdefault("/system/ssh/ports", place)
            elif keyword == "permitrootlogin" and root_login is None:
                root_login = _word(value, ROOT_LOGIN)
                lines["/system/ssh/root_login"] = place
            elif keyword == "passwordauthentication" and passwords is None:
                passwords = _word(value, {"yes": True, "no": False})
                lines["/system/ssh/password_authentication"] = place
            elif (name := SSH_LISTS.get(keyword)) and name not in lists:
                lists[name] = tuple(clean(item) for item in value.split(",")[:MAX_ITEMS])
                lines[f"/system/ssh/{name}"] = place
        except UnreadableError:
            bad.append((place, line))
    if len(lines) < 2:  # it prints them all; a lone `port 22` may stand in any configuration
        return nothing("system.ssh", text)
    if passwords is False and (asking := asked_by_keyboard(_beside(text))):
        passwords = None
        del lines["/system/ssh/password_authentication"]
        bad.append(asking)
    if (listens := _listens(text)) and listens.keys() != ports.keys():
        ports, lines["/system/ssh/ports"] = listens, next(iter(listens.values()))
    settings = SshSettings(root_login, passwords, tuple(ports) or None, **lists)
    return of_system(System(ssh=settings), lines, unread("system.ssh", bad))


def _listens(text: str) -> dict[int, int]:
    """The ports of the addresses where sshd listens: it prints each with its own, whatever `port` says."""
    found: dict[int, int] = {}
    for place, line in numbered(text):
        if line.startswith("listenaddress ") and len(found) < MAX_ITEMS:
            with suppress(UnreadableError):
                if port := port_of_address(line[len("listenaddress ") :]):
                    found.setdefault(port, place)
    return found


def port_of_address(value: str) -> int | None:
    """The port that a `ListenAddress` names; None: it listens at those that `Port` says.

    Raises:
        UnreadableError: it is none.

    >>> port_of_address("[::1]:2222"), port_of_address("::1"), port_of_address("192.168.10.1 rdomain x")
    (2222, None, None)
    """
    found = _ADDRESS_PORT.fullmatch((value.split() or [""])[0])
    return number(found[1], 65535) if found else None


def _beside(text: str) -> dict[str, tuple[str, int, str]]:
    said: dict[str, tuple[str, int, str]] = {}
    for place, line in numbered(text):
        keyword, _, value = line.rstrip().partition(" ")
        if keyword in BESIDE:
            said.setdefault(keyword, (value, place, line))
    return said


def asked_by_keyboard(said: Mapping[str, tuple[str, int, str]]) -> tuple[int, str] | None:
    """The line that lets PAM ask for a password although `PasswordAuthentication` is off; None: it cannot.

    What PAM asks for then, a password or a second factor, is not sshd's to tell. OpenSSH lets PAM ask unless told
    otherwise, and has no PAM unless told so, but some systems build it the other way round: only `no` is sure.

    >>> asked_by_keyboard({"usepam": ("yes", 7, "UsePAM yes"), KEYBOARD[0]: ("no", 8, "…")})
    >>> asked_by_keyboard({"usepam": ("yes", 7, "UsePAM yes")})
    (7, 'UsePAM yes')
    """
    pam = said.get("usepam")
    if pam and pam[0].lower() == "no":
        return None
    keyboard = [said[name] for name in KEYBOARD if name in said]
    deciding = [setting for setting in keyboard if setting[0].lower() != "no"]
    if not keyboard and pam:
        deciding = [pam]
    return deciding[0][1:] if deciding else None


def _word(value: str, meanings: dict[str, T]) -> T:
    if value not in meanings:
        raise UnreadableError(value[:20])
    return meanings[value]
