"""What RouterOS answers to `print`: properties one a line, and tables in terse style.

Source: MikroTik, "Console"; seen on 6.47 to 7.18.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Interface
from typing import Literal

from inventory.gateway import Interface
from inventory.observation import Observation
from inventory.system import Identity, System, Updates, User
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, nothing, numbered, of_system, unread
from scanner.platforms._rsc_interfaces import FACT, MAX_INTERFACES
from scanner.platforms._rsc_settings import moment, user

UpdateStatus = Literal["available", "current", "connecting", "disconnected", "other"]
MAX_REFUSAL = 400  # characters of an answer that says no more than that a command is not known
MAX_ROW = 4096  # characters of one row; a real one has 400. Stops one endless line from being searched again and again

SYNTAX_ERRORS = ("expected end of command", "bad command name", "syntax error", "no such item", "bad parameter")
# What the router says of its search for a newer version: `status` in the answer, in part → ours.
_STATUS: tuple[tuple[str, UpdateStatus], ...] = (
    ("new version", "available"), ("please reboot", "available"), ("downloading", "available"),
    ("up to date", "current"), ("finding out", "connecting"), ("error", "disconnected"),
)  # fmt: skip
_PROPERTY = re.compile(r" {0,40}([a-z][a-z0-9-]{1,40}): ?(.{0,200}?) *")
_PAIR = re.compile(r"(?:^|(?<=\s))([a-z][a-z0-9-]{0,40})=(?:\"([^\"]*)\"|(.*?))(?=\s+[a-z][a-z0-9-]{0,40}=|\s*$)")
_FLAGS = re.compile(r" {0,4}\d{0,6} {0,3}([A-Za-z]{0,6}(?: [A-Za-z]{1,3}){0,3}) {1,6}(?=[a-z][a-z0-9-]*=)")
_COLUMNS = re.compile(
    r" {0,4}\d{1,6} {1,3}([XID]{0,3}) {0,6}(\d[\d.]{6,15}/\d{1,2}) {1,20}[\d.]{7,15} {1,20}(\S{1,64})"
)
_UPTIME = re.compile(r"(?:(\d{1,4})w)?(?:(\d)d)?(?:(\d{1,2})h)?(?:(\d{1,2})m)?(?:(\d{1,2})s)?")
_VERSION = re.compile(r"(\d{1,3}(?:\.\d{1,4}){1,3}\w{0,12})(?: \(.{1,20}\))?")
_CHATTER = re.compile(r"\s*(?:Flags:|Columns:|;;;|#|\d{2}:\d{2}:\d{2} echo:).*")
_COMMENTED = re.compile(r" {0,4}\d{1,6} {1,3}([A-Z]{0,3}) {0,6};;;.*")  # the row itself follows on the next line (6.x)


def properties(text: str) -> dict[str, tuple[str, int]]:
    """The values of an answer with one property a line, with their lines; those without a value left out."""
    said: dict[str, tuple[str, int]] = {}
    for place, line in numbered(text):
        if (found := _PROPERTY.fullmatch(line)) and found[2]:
            said.setdefault(found[1], (clean(found[2]), place))
    return said


def read_properties(text: str) -> Observation:
    r"""The identity in `/system resource print`, `/system routerboard print` or `/system identity print`.

    >>> said = " uptime: 1d2m\n version: 7.12.2 (stable)\n board-name: CCR2004-1G-12S+2XS\n platform: MikroTik"
    >>> identity = read_properties(said).device.system.identity
    >>> identity.model, identity.firmware, identity.uptime_s
    ('CCR2004-1G-12S+2XS', '7.12.2', 86520)
    """
    said = properties(text)
    identity, lines = Identity(), dict[str, int]()
    version = _VERSION.fullmatch(said.get("version", ("", 0))[0])
    uptime = _seconds(said.get("uptime", ("", 0))[0])
    values: dict[str, tuple[str | int | datetime, int]] = {}
    if "platform" in said or "routerboard" in said:
        values |= {"vendor": ("MikroTik", 1), "os": ("routeros", 1)}
    for name, key in (("model", "board-name"), ("model", "model"), ("serial", "serial-number"), ("hostname", "name")):
        if key in said and (key != "name" or len(said) == 1):  # a port has a name too, among other properties
            values[name] = said[key]
    if version:
        values["firmware"] = (version[1], said["version"][1])
    if built := moment(said.get("build-time", ("", 0))[0]):
        values["built"] = (built, said["build-time"][1])
    if uptime is not None:
        values["uptime_s"] = (uptime, said["uptime"][1])
    if not values:
        return (
            nothing("system.identity", text) if said.get("routerboard", ("",))[0] != "no" else of_system(System(), {})
        )
    identity = replace(identity, **{name: value for name, (value, _) in values.items()})  # type: ignore[arg-type]
    lines = {f"/system/identity/{name}": line for name, (_, line) in values.items()}
    return of_system(System(identity=identity), lines)


def read_updates(text: str) -> Observation:
    r"""What the router last learnt of newer versions, in `/system/package/update/print`; nothing where it never asked.

    >>> said = " channel: stable\n installed-version: 7.15.2\n latest-version: 7.16\n status: New version is available"
    >>> read_updates(said).device.system.updates
    Updates(status='available', automatic=None, available='7.16', since=None)

    Version 6 has another word for the menu, and answers that it knows none.
    """
    said = properties(text)
    installed, latest = (said.get(f"{name}-version", ("", 0)) for name in ("installed", "latest"))
    if not installed[0]:
        unknown = len(text) < MAX_REFUSAL and any(error in text for error in SYNTAX_ERRORS)
        return of_system(System(), {}) if unknown else nothing("system.updates", text)
    words, line = said.get("status", ("", latest[1]))
    status = next((status for words_, status in _STATUS if words_ in words.lower()), None)
    if status is None and latest[0]:
        status = "current" if latest[0] == installed[0] else "available"
    if status is None:  # it never asked
        return of_system(System(), {}, () if not words else unread("system.updates", [(line, words)]))
    newer = latest[0] if status == "available" and _VERSION.fullmatch(latest[0]) else None
    lines = {"/system/updates": line or installed[1]} | ({"/system/updates/available": latest[1]} if newer else {})
    return of_system(System(updates=Updates(status, available=newer)), lines)


def _seconds(text: str) -> int | None:
    """An uptime such as `10w2d6h21m59s` in seconds.

    >>> _seconds("32m36s")
    1956
    """
    found = _UPTIME.fullmatch(text)
    if not text or found is None:
        return None
    return sum(int(part or 0) * unit for part, unit in zip(found.groups(), (604800, 86400, 3600, 60, 1), strict=True))


def rows(text: str) -> Iterator[tuple[int, str, dict[str, str] | None, str]]:
    """The rows of a terse table: line, flags, pairs (None: not a row), text; what the console says between left out."""
    held = ""
    for place, line in numbered(text):
        if found := _COMMENTED.fullmatch(line):
            held = found[1]
            continue
        if len(line) > MAX_ROW:
            yield place, "", None, line[:MAX_ROW]
            continue
        if _CHATTER.fullmatch(line):
            continue
        flags = _FLAGS.match(line)
        pairs = {key: quoted or plain for key, quoted, plain in _PAIR.findall(line)} if flags else None
        yield place, (flags[1] if flags else "") or held, pairs, line
        held = ""


def read_addresses(text: str) -> Observation:
    r"""The addresses in `/ip address print terse`, those given by a provider too; columns are read as well.

    >>> said = " 1 D address=10.1.2.3/30 network=10.1.2.0 interface=ether1 actual-interface=ether1 \n"
    >>> read_addresses(said).device.system.interfaces
    (Interface(name='ether1', addresses=(IPv4Address('10.1.2.3'),), default_route=None),)
    """
    owned: dict[str, dict[IPv4Interface, int]] = {}
    bad: list[tuple[int, str]] = []
    for place, flags, pairs, line in rows(text):
        if pairs is None and (found := _COLUMNS.fullmatch(line.rstrip())):
            flags, pairs = found[1], {"address": found[2], "interface": found[3]}
        elif pairs is None and (found := _COLUMNS.fullmatch(f" 0 {line.strip()}")):  # below its comment (6.x)
            pairs = {"address": found[2], "interface": found[3]}
        if pairs is not None and {"X", "I"} & set(flags):
            continue
        if pairs is None or len(owned) >= MAX_INTERFACES:
            bad.append((place, line))
            continue
        try:
            name, address = clean(pairs["interface"]), _own(pairs["address"])
        except (KeyError, ValueError):
            bad.append((place, line))
        else:
            if name:
                owned.setdefault(name, {}).setdefault(address, place)
    found_all = tuple(Interface(name, tuple(dict.fromkeys(a.ip for a in own))) for name, own in owned.items())
    lines = {f"/system/interfaces/{place}": min(own.values()) for place, own in enumerate(owned.values())}
    return of_system(System(interfaces=None if bad and not owned else found_all), lines, unread(FACT, bad))


def _own(text: str) -> IPv4Interface:
    """An address with its network: one without stands in a table of neighbours and is somebody else's."""
    if "/" not in text:
        raise ValueError(text[:20])
    return IPv4Interface(text)


def read_default_routes(text: str) -> Observation:
    r"""By which interfaces default routes leave, in `/ip route print terse`; those that are not in use left out.

    >>> said = "DAd dst-address=0.0.0.0/0 routing-table=main gateway=10.0.0.1 immediate-gw=10.0.0.1%wan distance=1 "
    >>> read_default_routes(said).device.system.interfaces
    (Interface(name='wan', addresses=None, default_route=True),)
    """
    outer: dict[str, int] = {}
    bad: list[tuple[int, str]] = []
    for place, flags, pairs, line in rows(text):
        if pairs is None:
            bad.append((place, line))
        elif pairs.get("dst-address") == "0.0.0.0/0" and "A" in flags:
            names = _ways(pairs)
            if not names:
                bad.append((place, line))
            for name in names[:MAX_INTERFACES]:
                outer.setdefault(name, place)
    found = tuple(Interface(name, default_route=True) for name in list(outer)[:MAX_INTERFACES])
    lines = {f"/system/interfaces/{place}": line for place, line in enumerate(list(outer.values())[:MAX_INTERFACES])}
    return of_system(System(interfaces=found or None), lines, unread(FACT, bad))


def _ways(pairs: dict[str, str]) -> list[str]:
    """The interfaces of a route.

    Version 7 says `immediate-gw=10.0.0.1%ether1`, version 6 `gateway-status=10.0.0.1 reachable via  ether1`.
    """
    if "immediate-gw" in pairs:
        ways = [word.rpartition("%")[2] for word in pairs["immediate-gw"].split(",")]
    else:
        said = pairs.get("gateway-status", "").split(",")
        ways = [part.split()[-1] if " via " in part else part.split()[0] for part in said if " reachable" in part]
    return [name for name in map(clean, ways) if name and not name[0].isdigit()]


def read_accounts(text: str) -> Observation:
    """The accounts in `/user print terse`.

    >>> said = ' 0   name=admin group=full address="" last-logged-in=2024-07-31 09:33:47'
    >>> account = read_accounts(said).device.system.users[0]
    >>> account.name, account.role, account.factory, account.last_login.isoformat()
    ('admin', 'full', True, '2024-07-31T09:33:47+00:00')
    """
    found: dict[User, int] = {}
    bad: list[tuple[int, str]] = []
    for place, flags, pairs, line in rows(text):
        # An interface has a name too, and no group.
        account = pairs if pairs and "group" in pairs else {}
        seen = account.get("last-logged-in", "")
        name, group = account.get("name", ""), account.get("group")
        one = user(name, group, enabled="X" not in flags, seen=seen) if account else None
        if one is None or len(found) >= MAX_ITEMS:
            bad.append((place, line))
        else:
            found.setdefault(one, place)
    if not found:  # there is always one
        return nothing("system.users", text)
    lines = {f"/system/users/{place}": line for place, line in enumerate(found.values())}
    return of_system(System(users=tuple(found)), lines, unread("system.users", bad))
