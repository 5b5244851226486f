"""The files of DSM that an administrator who is not root may read over SSH: version, model. Pure."""

import re

from inventory.observation import Observation
from inventory.system import Identity, System
from inventory.text import clean
from scanner.platforms._reading import nothing, numbered, of_system, unread

_ASSIGNMENT = re.compile(r'([a-z_]{1,32})="([^"]{0,256})"')
_HARDWARE = re.compile(r"([A-Z]{2,4}\d{2,5}[A-Za-z+]{0,8})(?:-(?:j|r\d))?")


def read_version(text: str) -> Observation:
    """The version in `/etc.defaults/VERSION`, one `key="value"` a line (DSM 6.2 and 7.2); `os_name` came with DSM 7.

    The update's number (`smallfixnumber`) has no fact of its own yet. Synology's routers (SRM) have the same file and
    count from 1: below 4 the system is not named.

    >>> read_version('majorversion="7"\\nbuildnumber="69057"\\nproductversion="7.2.1"').device.system.identity
    Identity(vendor='Synology', model=None, serial=None, os='dsm', firmware='7.2.1', build='69057', hostname=None, \
uptime_s=None, built=None)
    """
    said: dict[str, tuple[str, int]] = {}
    bad = []
    for place, line in numbered(text):
        if found := _ASSIGNMENT.fullmatch(line.strip()):
            said.setdefault(found[1], (clean(found[2]), place))
        else:
            bad.append((place, line))
    if "productversion" not in said or "majorversion" not in said:
        return nothing("system.identity", text)
    major, place = said["majorversion"]
    facts = {"firmware": said["productversion"], "build": said.get("buildnumber"), "os": said.get("os_name")}
    if facts["os"] is None and major.isascii() and major.isdigit() and int(major[:9]) >= 4:
        facts["os"] = ("dsm", place)
    values = {name: fact[0] for name, fact in facts.items() if fact and fact[0]}
    lines = {f"/system/identity/{name}": fact[1] for name, fact in facts.items() if fact and fact[0]}
    identity = Identity(
        vendor="Synology",
        os=values["os"].lower() if "os" in values else None,
        firmware=values.get("firmware"),
        build=values.get("build"),
    )
    return of_system(System(identity=identity), lines, unread("system.identity", bad))


def read_hardware(text: str) -> Observation:
    """The model in `/proc/sys/kernel/syno_hw_version`, without the mark of its hardware revision.

    >>> read_hardware("DS918+-j").device.system.identity.model
    'DS918+'
    """
    found = _HARDWARE.fullmatch(text.strip())
    if found is None:
        return nothing("system.identity", text)
    return of_system(System(identity=Identity(model=found[1])), {"/system/identity/model": next(numbered(text))[0]})
