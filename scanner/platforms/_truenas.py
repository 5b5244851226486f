"""What TrueNAS's middleware answers to `midclt call …`: JSON on one line, the same as over its websocket. Pure.

A service's settings mean nothing while it is stopped, hence they are asked for together with `service.query`: the
answers then follow each other, a line each.
Source: TrueNAS API Reference v25.04 (api.truenas.com: system.info, pool.query, sharing.smb.query, …) and the schemas of
truenas/middleware 13.0 to 25.04 (src/middlewared/middlewared/plugins). Written from these alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address

from inventory.gateway import Interface
from inventory.observation import Observation, UnreadLine
from inventory.serial import serial_number
from inventory.storage import Share, Volume
from inventory.system import Identity, Service, System, Updates, User
from inventory.text import clean
from scanner.platforms._interfaces import MAX_FACTS
from scanner.platforms._nodes import Node, Placed, filled, parsed
from scanner.platforms._reading import MAX_ITEMS, Reader, UnreadableError, numbered, of_system, unread

Told = tuple[System, dict[str, int], tuple[UnreadLine, ...]]
AnswerReader = Callable[[list[Node]], Told]

STATES = {"ONLINE": "normal", "DEGRADED": "degraded", "FAULTED": "crashed", "UNAVAIL": "crashed"}
_RAIDS = {"MIRROR": "raid1", "DISK": "single", "STRIPE": "single"}
_NO_SHELL = ("nologin", "false")
_PREFIXES = ("TrueNAS-SCALE-", "TrueNAS-CORE-", "TrueNAS-", "FreeNAS-")
# Ports that TrueNAS lets nobody change.
_PORTS = {"cifs": (445, "tcp", None), "nfs": (2049, "tcp", None), "afp": (548, "tcp", None),
          "snmp": (161, "udp", None), "iscsitarget": (3260, "tcp", None)}  # fmt: skip
_ANYWHERE = "0.0.0.0"  # noqa: S104 — what the device says; nothing is bound here


def reader(facts: tuple[str, ...], count: int, read: AnswerReader) -> Reader:
    """A reader of `count` answers, a line each; its facts are unread when one of them is none."""

    def whole(text: str) -> Observation:
        said = list(numbered(text))
        try:
            if len(said) != count:
                raise UnreadableError("not one answer a line")  # noqa: TRY301 — both mistakes end the same way
            system, lines, reports = read([parsed(line, place) for place, line in said])
        except UnreadableError:
            first = (said or [(1, "")])[:1]
            return of_system(System(), {}, tuple(report for fact in facts for report in unread(fact, first)))
        return of_system(system, lines, reports)

    return whole


def listed(node: Node) -> list[Node]:
    """The items of an answer that is a list.

    Raises:
        UnreadableError: it is none.
    """
    if not isinstance(node.value, list):
        raise UnreadableError("not a list")
    return node.value[:MAX_ITEMS]


def time(node: Node | None) -> Placed:
    """A time: `{"$date": 1684108800000}`, milliseconds since 1970."""
    said = node.number("$date") if node is not None else None
    return (datetime.fromtimestamp(said[0] // 1000, UTC), said[1]) if said and said[0] < 2**43 else None


def running(services: Node, name: str) -> bool:
    """Whether the service runs.

    Raises:
        UnreadableError: the list does not name it.
    """
    for item in listed(services):
        if item.text("service") and item.text("service")[0] == name and (state := item.text("state")):  # type: ignore[index]
            return bool(state[0] == "RUNNING")
    raise UnreadableError("a service that is not listed")


def version(said: str) -> str:
    """The version alone.

    >>> version("TrueNAS-13.0-U6.1"), version("FreeNAS-11.3-U2.1 (6a6a2dfda7)"), version("25.04.2")
    ('13.0-U6.1', '11.3-U2.1', '25.04.2')
    """
    word = said.partition(" ")[0]
    return next((word.removeprefix(prefix) for prefix in _PREFIXES if word.startswith(prefix)), word)


def info(answers: list[Node]) -> Told:
    """`system.info`: version, name, serial number, when it was built, seconds since start."""
    data = answers[0]
    said, serial, up = data.text("version"), data.text("system_serial"), data.number("uptime_seconds")
    if said is None:
        raise UnreadableError("no version")
    lines: dict[str, int] = {}
    seconds = data.at("uptime_seconds")
    if up is None and seconds is not None and isinstance(seconds.value, float) and 0 <= seconds.value < 2**40:
        up = (int(seconds.value), seconds.line)
    identity = filled(
        Identity(vendor="iXsystems", os="truenas"), "/system/identity", lines,
        model=data.text("system_product"), firmware=(version(said[0]), said[1]), hostname=data.text("hostname"),
        serial=serial if serial and serial_number(serial[0]) else None, uptime_s=up, built=time(data.at("buildtime")),
    )  # fmt: skip
    return System(identity=identity), lines, ()


def pools(answers: list[Node]) -> Told:
    """`pool.query` and `pool.dataset.query`: each pool's state, kind, free space, and whether its root is encrypted."""
    roots = {item.text("id")[0]: item for item in listed(answers[1]) if item.text("id")}  # type: ignore[index]
    lines: dict[str, int] = {}
    found: list[Volume] = []
    bad = []
    for item in listed(answers[0]):
        name, state = item.text("name"), item.text("status")
        if name is None or state is None:
            bad.append((item.line, "a pool without name or state"))
            continue
        at = f"/system/volumes/{len(found)}"
        lines[at] = state[1]
        free, size = item.number("free"), item.number("size")
        left = (free[0] * 100 // size[0], free[1]) if free and size and 0 <= free[0] <= size[0] > 0 else None
        root = roots.get(name[0])
        made = Volume(name[0], str(STATES.get(state[0], state[0])))
        found.append(filled(made, at, lines, free_percent=left, raid=_raid(item),
                            encrypted=root.flag("encrypted") if root else None))  # fmt: skip
    return System(volumes=tuple(found)), lines, unread("system.volumes", bad)


def _raid(pool: Node) -> Placed:
    """How the disks of the first data vdev stand together: raid1 for a mirror, single for one disk, else raidz1 …"""
    data = pool.items("topology", "data")
    kind = data[0].text("type") if data else None
    return (_RAIDS.get(kind[0], kind[0].lower()), kind[1]) if kind else None


def smb_shares(answers: list[Node]) -> Told:
    """`sharing.smb.query`: the shares that are on; `guestok` lets in everybody."""
    return _shares(answers[0], "smb")


def nfs_shares(answers: list[Node]) -> Told:
    """`sharing.nfs.query`: one a path; without hosts, networks and Kerberos everybody may mount it."""
    return _shares(answers[0], "nfs")


def _shares(answer: Node, protocol: str) -> Told:
    lines: dict[str, int] = {}
    found: list[Share] = []
    bad = []
    for item in listed(answer):
        on, path = item.flag("enabled"), item.text("path")
        paths = [path] if path else [(clean(str(part.value)), part.line) for part in item.items("paths") or ()]
        if not paths or on is None:
            bad.append((item.line, "a share without path"))
        if not (on and on[0]):
            continue
        locked = item.flag("ro") or item.flag("readonly")
        writable: Placed = (not locked[0], locked[1]) if locked else None
        for place in paths:
            name = item.text("name") if protocol == "smb" else place
            if name is None or len(found) >= MAX_ITEMS:
                continue
            at = f"/system/shares/{len(found)}"
            lines[at] = name[1]
            guest = item.flag("guestok") if protocol == "smb" else _everybody(item)
            made = Share(name[0], "smb" if protocol == "smb" else "nfs")
            found.append(filled(made, at, lines, path=place, guest=guest, writable=writable))
    return System(shares=tuple(found) or None), lines, unread("system.shares", bad)


def _everybody(item: Node) -> Placed:
    hosts, networks = item.items("hosts"), item.items("networks")
    if hosts is None or networks is None:
        return None
    kinds = [str(kind.value).upper() for kind in item.items("security") or ()]
    kerberos = bool(kinds) and all(kind.startswith("KRB5") for kind in kinds)
    wide = any(str(part.value) in ("0.0.0.0/0", "::/0", "*") for part in (*hosts, *networks))
    return (not kerberos and (wide or not (hosts or networks)), item.line)


def users(answers: list[Node]) -> Told:
    """`user.query`: accounts, who is administrator, who may log in, who has a second factor."""
    lines: dict[str, int] = {}
    found: list[User] = []
    bad = []
    for item in listed(answers[0]):
        name, uid, shell, locked = item.text("username"), item.number("uid"), item.text("shell"), item.flag("locked")
        if name is None:
            bad.append((item.line, "a user without name"))
            continue
        at = f"/system/users/{len(found)}"
        lines[at] = name[1]
        roles = [str(role.value) for role in item.items("roles") or ()]
        full: Placed = (True, name[1]) if (uid and uid[0] == 0) or "FULL_ADMIN" in roles else None
        login: Placed = (not shell[0].endswith(_NO_SHELL), shell[1]) if shell else None
        enabled: Placed = (not locked[0], locked[1]) if locked else None
        found.append(filled(User(name[0]), at, lines, uid=uid, administrator=full, login=login, enabled=enabled,
                            factory=item.flag("builtin"),
                            second_factor=item.flag("twofactor_auth_configured")))  # fmt: skip
    return System(users=tuple(found) or None), lines, unread("system.users", bad)


def services(answers: list[Node]) -> Told:
    """`service.query` and `system.general.config`: what runs at a port of its own, and the administration pages."""
    lines: dict[str, int] = {}
    found: list[Service] = []
    for item in listed(answers[0]):
        name, state = item.text("service"), item.text("state")
        if name and state and state[0] == "RUNNING" and name[0] in _PORTS and len(found) < MAX_ITEMS:
            port, protocol, encrypted = _PORTS[name[0]]
            lines[f"/system/services/{len(found)}"] = state[1]
            found.append(Service(port, "udp" if protocol == "udp" else "tcp", _ANYWHERE, name[0], encrypted=encrypted))
    page = answers[1]
    addresses = [part for part in (page.items("ui_address") or ())[:MAX_FACTS] if isinstance(part.value, str)]
    moved = page.flag("ui_httpsredirect")
    for key, process, encrypted in (("ui_port", "http", bool(moved and moved[0])), ("ui_httpsport", "https", True)):
        port_said = page.number(key)
        if port_said is None or not 0 < port_said[0] < 65536:
            raise UnreadableError("no port of the pages")
        for address in addresses:
            lines[f"/system/services/{len(found)}"] = port_said[1]
            found.append(Service(port_said[0], "tcp", clean(address.value, 45), process, encrypted=encrypted))
    return System(services=tuple(found)), lines, ()


def updates(answers: list[Node]) -> Told:
    """`update.check_available`: whether a newer version waits, and which."""
    lines: dict[str, int] = {}
    words = {"AVAILABLE": "available", "UNAVAILABLE": "current", "REBOOT_REQUIRED": "other", "HA_UNAVAILABLE": "other"}
    status = answers[0].word(words, "status")
    if status is None:
        raise UnreadableError("no status")
    newer = answers[0].text("version") if status[0] == "available" else None
    if newer is None and status[0] == "available":
        changes = answers[0].items("changes")
        newer = changes[0].text("new", "version") if changes else None
    return System(updates=filled(Updates(), "/system/updates", lines, status=status, available=newer)), lines, ()


def interfaces(answers: list[Node]) -> Told:
    """`interface.query`: the addresses each has now."""
    lines: dict[str, int] = {}
    found: list[Interface] = []
    bad = []
    for item in listed(answers[0])[:MAX_FACTS]:
        if (name := item.text("name")) is None:
            bad.append((item.line, "an interface without name"))
            continue
        addresses = []
        for alias in (item.items("state", "aliases") or ())[:MAX_FACTS]:
            said = alias.text("address")
            if said and alias.text("type") and alias.text("type")[0] == "INET":  # type: ignore[index]
                try:
                    addresses.append(IPv4Address(said[0]))
                except AddressValueError:
                    bad.append((alias.line, said[0]))
        lines[f"/system/interfaces/{len(found)}"] = name[1]
        found.append(Interface(name[0], tuple(addresses)))
    return System(interfaces=tuple(found)), lines, unread("system.interfaces", bad)
