"""The answers of QNAP's CGI programs: who the NAS is, its network, volumes, shared folders and updates. Pure.

An answer is `<QDocRoot><authPassed>1</authPassed><model>…</model><firmware>…</firmware>…`; whoever has not logged in is
told the model alone, and 0. XML is read by expat as that of UPnP is, which refuses every document type declaration.
Source: recordings of QTS 4.2 to 4.5 (colinodell/python-qnapstats, tests/responses), and that library for their asks.
"""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address

from inventory.errors import ParseError
from inventory.gateway import Dns, Interface
from inventory.observation import Observation, UnreadLine
from inventory.serial import serial_number
from inventory.system import Identity, System, Updates
from inventory.text import clean
from scanner.platforms._interfaces import MAX_FACTS
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._reading import MAX_ITEMS, nothing, of_system, unread
from scanner.upnp_xml import Element, elements

Told = tuple[System, dict[str, int], tuple[UnreadLine, ...]]
ContentReader = Callable[[tuple[Element, ...]], Told]

_BUILT = re.compile(r"(\d{4})/(\d{2})/(\d{2})")
_NEWER = re.compile(r"\d{1,3}(?:\.\d{1,6}){1,4}(?: .{0,64})?")
_ADAPTER = re.compile(r"(?:eth|bond|wlan|br|qvs|tbtbr)\d{1,3}")
_INDEXED = re.compile(r"(eth_ip|ifname)(\d{1,3})")


class Said:
    """The texts of an answer by the end of their path, the first of equals."""

    def __init__(self, answer: tuple[Element, ...]) -> None:
        self._found: dict[tuple[str, ...], Element] = {}
        for element in answer:
            self._found.setdefault(element.path[1:], element)

    def text(self, *path: str) -> Placed:
        """The text and its line; an empty one counts as unsaid."""
        element = self._found.get(path)
        said = clean(element.text) if element else ""
        return (said, element.line) if element and said else None

    def number(self, *path: str) -> int | None:
        """The text as a whole number of at most 19 digits."""
        said = self.text(*path)
        return int(said[0]) if said and said[0].isascii() and said[0].isdigit() and len(said[0]) < 20 else None


def read_answer(text: str, fact: str | None, read: ContentReader) -> Observation:
    """Who answers, and what the reader makes of the rest; the fact unread when it is no such answer, or a refusal."""
    try:
        answer = _on_their_lines(elements(text, "QTS"), text)
    except ParseError:
        return nothing(fact or "system.identity", text)
    if not answer or answer[-1].path != ("QDocRoot",):
        return nothing(fact or "system.identity", text)
    said = Said(answer)
    identity, lines = _identity(said)
    passed = said.text("authPassed")
    if fact and (passed is None or passed[0] != "1"):
        refused = unread(fact, [(passed[1] if passed else 1, "authPassed")])
        return of_system(System(identity=identity), lines, refused)
    system, more, reports = read(answer)
    if identity and system.identity:
        own = {
            item.name: value for item in fields(Identity) if (value := getattr(system.identity, item.name)) is not None
        }
        identity = replace(identity, **own)
    return of_system(replace(system, identity=identity or system.identity), {**lines, **more}, reports)


def _on_their_lines(answer: tuple[Element, ...], text: str) -> tuple[Element, ...]:
    """The elements on the line of their text, which QTS 4.5.4 writes one or two below the name."""
    lines = text.split("\n")
    return tuple(
        replace(element, line=next((place for place in range(element.line, min(element.line + 3, len(lines) + 1))
                                    if element.text in lines[place - 1]), element.line))
        for element in answer
    )  # fmt: skip


def _identity(said: Said) -> tuple[Identity | None, dict[str, int]]:
    """Model, version and build, the name: what heads every answer."""
    model = said.text("model", "displayModelName") or said.text("model", "modelName")
    version = said.text("firmware", "version")
    if model is None and version is None:
        return None, {}
    lines: dict[str, int] = {}
    zfs = said.text("model", "is_zfs")
    system = "quts_hero" if zfs and zfs[0] == "1" else "qts"
    identity = filled(
        Identity(vendor="QNAP", os=system), "/system/identity", lines, model=model, firmware=version,
        build=said.text("firmware", "build"), built=_built(said.text("firmware", "buildTime")),
        hostname=said.text("hostname"),
    )  # fmt: skip
    return identity, lines


def _built(said: Placed) -> Placed:
    found = _BUILT.fullmatch(said[0]) if said else None
    if said is None or found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC), said[1]
    except ValueError:
        return None


def no_more(_answer: tuple[Element, ...]) -> Told:
    """Nothing but what heads the answer: that of the login, of the health lamp."""
    return System(), {}, ()


_ROOT = ("func", "ownContent", "root")


def system_information(answer: tuple[Element, ...]) -> Told:
    """`subfunc=sysinfo`: serial number, seconds since start, addresses, resolvers."""
    said = Said(answer)
    lines: dict[str, int] = {}
    serial = said.text(*_ROOT, "serial_number")
    parts = [said.number(*_ROOT, f"uptime_{unit}") for unit in ("day", "hour", "min", "sec")]
    place = said.text(*_ROOT, "uptime_day")
    up: Placed = None
    if place and None not in parts:
        up = (sum((part or 0) * size for part, size in zip(parts, (86400, 3600, 60, 1), strict=True)), place[1])
    kept = serial if serial and serial_number(serial[0]) else None
    identity = filled(Identity(), "/system/identity", lines, serial=kept, uptime_s=up)
    interfaces, bad = _interfaces(answer, lines)
    names: dict[str, int] = {}
    for element in answer:
        if element.path[-2:] == ("dnsInfo", "DNS_LIST") and (name := clean(element.text)) and len(names) < MAX_ITEMS:
            names.setdefault(name, element.line)
    if names:
        lines["/system/dns/servers"] = next(iter(names.values()))
    dns = Dns(tuple(names)) if names else None
    return System(identity=identity, interfaces=interfaces, dns=dns), lines, unread("system.interfaces", bad)


def _interfaces(
    answer: tuple[Element, ...], lines: dict[str, int]
) -> tuple[tuple[Interface, ...] | None, list[tuple[int, str]]]:
    """The adapters `eth_ip1` …; before QTS 4.3 the first is eth0, later `ifname1` tells."""
    told: dict[tuple[str, str], Element] = {}
    for element in answer:
        if element.path[1:-1] == _ROOT and (found := _INDEXED.fullmatch(element.path[-1])):
            told.setdefault((found[1], found[2]), element)
    interfaces: list[Interface] = []
    bad = []
    for (kind, index), element in told.items():
        if kind != "eth_ip" or len(interfaces) >= MAX_FACTS:
            continue
        named = told.get(("ifname", index))
        name = clean(named.text) if named else f"eth{int(index) - 1}"
        address = _address(element.text)
        if address is None or not name:
            bad.append((element.line, element.text))
            continue
        lines[f"/system/interfaces/{len(interfaces)}"] = element.line
        interfaces.append(Interface(name, (address,) if int(address) else ()))
    return tuple(interfaces) if interfaces else None, bad


def _address(text: str) -> IPv4Address | None:
    """An address; that of an adapter without one is 0.0.0.0 or empty."""
    try:
        return IPv4Address(text.strip() or "0.0.0.0")  # noqa: S104 — what the device says; nothing is bound here
    except AddressValueError:
        return None


def bandwidth(answer: tuple[Element, ...]) -> Told:
    """`chart_func=QSM40bandwidth`: by which adapter the default route leaves, since QTS 4.5.4 also their addresses."""
    said = Said(answer)
    leads = said.text("df_gateway") or said.text("bandwidth_info", "df_gateway")
    lines: dict[str, int] = {}
    interfaces: list[Interface] = []
    bad = []
    for element in answer:
        path = element.path[1:] if len(interfaces) < MAX_FACTS else ()
        if len(path) == 3 and path[0] == "bandwidth_info" and path[2] == "ipv4_addr" and _ADAPTER.fullmatch(path[1]):
            address = _address(element.text)
            if address is None:
                bad.append((element.line, element.text))
                continue
            first = bool(leads and leads[0] == path[1])
            at = f"/system/interfaces/{len(interfaces)}"
            lines[at] = element.line
            if first and leads:
                lines[f"{at}/default_route"] = leads[1]
            interfaces.append(Interface(path[1], (address,) if int(address) else (), True if first else None))
    if not interfaces and leads and _ADAPTER.fullmatch(leads[0]):
        lines["/system/interfaces/0"] = leads[1]
        interfaces.append(Interface(leads[0], None, default_route=True))
    return System(interfaces=tuple(interfaces) or None), lines, unread("system.interfaces", bad)


def update(answer: tuple[Element, ...]) -> Told:
    """`subfunc=firm_update`: whether a newer version waits, and which; `none` once a search found none.

    Live Update only looks for a newer version: whether one is installed by itself is not in the answer.
    """
    said = Said(answer)
    content = ("func", "ownContent")
    newer, done = said.text(*content, "newVersion"), said.text(*content, "liveUpdateStatus")
    lines: dict[str, int] = {}
    place, seconds = said.text(*content, "uptimeSec"), said.number(*content, "uptimeSec")
    up = (seconds, place[1]) if place and seconds is not None else None
    identity = filled(Identity(), "/system/identity", lines, uptime_s=up)
    if newer and _NEWER.fullmatch(newer[0]):
        updates = filled(Updates(), "/system/updates", lines, status=("available", newer[1]), available=newer)
        return System(identity=identity, updates=updates), lines, ()
    if done and done[0] == "done" and newer and newer[0].lower() == "none":
        updates = filled(Updates(), "/system/updates", lines, status=("current", newer[1]))
        return System(identity=identity, updates=updates), lines, ()
    return System(identity=identity), lines, unread("system.updates", [(newer or done or ("", 1))[::-1]])
