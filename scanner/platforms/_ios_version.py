"""Who a device with Cisco IOS is: `show version`, and what backup programs write above a configuration.

Source: Cisco, "Configuration Fundamentals Command Reference: show version"; the headers of oxidized and RANCID.
"""

import re
from datetime import UTC, datetime
from typing import Any

from inventory.observation import Observation
from inventory.system import Identity, System
from inventory.text import clean
from scanner.platforms._ios import Configuration
from scanner.platforms._reading import nothing, numbered, of_system

_UNITS = {"year": 31536000, "week": 604800, "day": 86400, "hour": 3600, "minute": 60}
_VERSION = re.compile(r"\bVersion ([\w.()-]{2,40})")
_XE = re.compile(r"Cisco IOS[ -]XE Software, Version ([\w.()-]{2,40})")
_SOFTWARE = re.compile(r"(?:Cisco IOS Software|IOS \(tm\)|Cisco Internetwork Operating System Software)")
_UPTIME = re.compile(r"(\S{1,64}) uptime is ((?:\d{1,4} (?:year|week|day|hour|minute)s?(?:, )?){1,5})$")
_COMPILED = re.compile(r"Compiled \w{3} (\d{1,2}-[A-Z][a-z]{2}-\d{2}) (\d\d:\d\d)")
_PROCESSOR = re.compile(r"(?i)cisco (\S{2,40}) \([^()]{0,40}\)(?: processor)?.{0,60} with .{1,60} bytes of memory")
_BOARD = re.compile(r"Processor board ID (\w{4,32})")
_MODEL = re.compile(r"Model [Nn]umber\s{0,40}: (\S{2,40})")
_SERIAL = re.compile(r"System [Ss]erial [Nn]umber\s{0,40}: (\w{4,32})")
# A table of neighbours holds what each of them says of itself.
_OF_NEIGHBOURS = re.compile(
    r"(?mi)^ *(?:device id|chassis id|local (?:intf|interface)|neighbor index|port id)\b.{0,40}:"
)
# What backup programs write: `! Chassis type: C9200L-24P-4G`, `!Image: Software: C2800NM-ADVIPSERVICESK9-M, 12.4(24)T`.
_HEADER = (
    ("model", re.compile(r"! ?Chassis type: (\S{2,40})")),
    ("serial", re.compile(r"! ?Processor ID: (\w{4,32})")),
    ("firmware", re.compile(r"! ?Cisco IOS[ -]XE Software, Version ([\w.()-]{2,40})")),
    ("firmware", re.compile(r"! ?Image: Software: [\w-]{1,64}, ([\w.()-]{2,40})")),
)
_HEADER_BUILT = re.compile(r"! ?Image: Compiled: \w{3} (\d{1,2}-[A-Z][a-z]{2}-\d{2}) (\d\d:\d\d)")


def read_version(text: str) -> Observation:
    """Version, model, serial number, name and uptime of `show version`.

    >>> line = "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.1(4)M4, RELEASE SOFTWARE (fc1)"
    >>> read_version(line).device.system.identity.firmware
    '15.1(4)M4'
    """
    if (not _SOFTWARE.search(text) and not _XE.search(text)) or _OF_NEIGHBOURS.search(text):
        return nothing("system.identity", text)
    found: dict[str, tuple[str, int]] = {}
    built: tuple[datetime, int] | None = None
    uptime: tuple[int, int] | None = None
    for number, line in numbered(text):
        short = line[:400]
        if xe := _XE.search(short):
            found["firmware"], found["os"] = (xe[1], number), ("iosxe", number)
        elif _SOFTWARE.search(short) and (version := _VERSION.search(short)):
            found.setdefault("firmware", (version[1], number))
            found.setdefault("os", ("iosxe" if "IOSXE" in short or "IOS-XE" in short else "ios", number))
        elif up := _UPTIME.match(short.rstrip()):
            found["hostname"] = (up[1], number)
            uptime = (_seconds(up[2]), number)
        elif (compiled := _COMPILED.match(short)) and built is None and (moment := _moment(*compiled.groups())):
            built = (moment, number)
        for name, form in (("model", _MODEL), ("serial", _SERIAL), ("model ", _PROCESSOR), ("serial ", _BOARD)):
            if said := form.match(short):
                found.setdefault(name, (said[1], number))
    for name in ("model", "serial"):  # what its label says stands before its board
        if other := found.pop(f"{name} ", None):
            found.setdefault(name, other)
    words: dict[str, Any] = {name: clean(value) for name, (value, _) in found.items()}
    identity = Identity("Cisco", **words, uptime_s=uptime[0] if uptime else None, built=built[0] if built else None)
    lines = {f"/system/identity/{name}": at for name, (_, at) in found.items()}
    lines |= {"/system/identity/uptime_s": uptime[1]} if uptime else {}
    lines |= {"/system/identity/built": built[1]} if built else {}
    return of_system(System(identity=identity), lines)


def _seconds(text: str) -> int:
    parts = (part.split() for part in text.strip(" ,").split(", "))
    return sum(int(amount) * _UNITS[unit.rstrip("s")] for amount, unit in parts)


def _moment(day: str, minute: str) -> datetime | None:
    try:
        return datetime.strptime(f"{day} {minute}", "%d-%b-%y %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def identity_of(told: Configuration) -> tuple[Identity, dict[str, int]]:
    """What a configuration says of it: its name, its version, and the header that a backup program wrote."""
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    built = None
    for number, comment in told.comments[:200]:
        for name, form in _HEADER:
            if (said := form.match(comment[:200])) and name not in found:
                found[name], lines[f"/system/identity/{name}"] = clean(said[1]), number
        if (compiled := _HEADER_BUILT.match(comment[:200])) and built is None:
            built = _moment(*compiled.groups())
            lines |= {"/system/identity/built": number} if built else {}
    udi = told.root.first("license", "udi")
    for name, word in (("model", "pid"), ("serial", "sn")):
        if udi is not None and (value := udi.after(word)) and name not in found:
            found[name], lines[f"/system/identity/{name}"] = clean(value), udi.number
    for name, word in (("hostname", "hostname"), ("firmware", "version")):
        line = told.root.first(word)
        if line is not None and len(line.words) > 1 and name not in found:
            found[name], lines[f"/system/identity/{name}"] = clean(line.words[1].strip('"')), line.number
    modern = str(found.get("firmware", "")).partition(".")[0] in ("16", "17", "18")
    return Identity("Cisco", os="iosxe" if modern else "ios", built=built, **found), lines
