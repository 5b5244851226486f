"""A device that was seen becomes one that is declared, or stays it for longer: what inventory.yaml says then."""

import fcntl
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from inventory.device import Category
from inventory.disk import content, replaced
from inventory.errors import ConfigError
from inventory.known import Known
from inventory.mac import canonical, randomised
from inventory.site import Site, site_from
from inventory.text import clean
from inventory.yaml_edit import altered, appended
from inventory.yaml_file import MAX_BYTES, YamlFile, check, parsed

FILE = "inventory.yaml"
MAX_NAME = 63  # characters, as the schema of inventory.yaml allows
MAX_CANDIDATES = 10  # named in an error


@dataclass(frozen=True, slots=True)
class Approval:
    """What the owner says of a device."""

    role: Category
    owner: str
    use: str
    until: date | None = None
    name: str | None = None
    presence: str | None = None


def approve(
    folder: Path, site: Site, devices: Sequence[Known], wanted: str, approval: Approval, day: date
) -> tuple[str, str]:
    """inventory.yaml before and after the device is in it; ConfigError, and nothing written, when it may not be.

    Of a device that is in it already only the end of its approval changes: to another day, or to none when no day is
    given.
    """
    if approval.until is not None and approval.until < day:
        raise ConfigError("--until", None, "", str(approval.until), "a day to come: it is the last one")
    device = found(devices, wanted)
    path = folder / FILE
    with _alone(folder):
        try:
            raw = content(path, MAX_BYTES, follow=True)
        except OSError as error:
            raise ConfigError(FILE, None, "", error.strerror or "unreadable", "a small, readable YAML file") from error
        file = parsed(raw, FILE)
        check(file, "inventory")
        index = _declared(file, device)
        if index is None:
            entry = _entry(device, approval, {item["name"] for item in file.data["devices"]})
            result = appended(raw, FILE, "devices", entry)
        else:
            until = _renewed(file, index, approval)
            result = altered(raw, FILE, ("devices", index), "until", until)
        after = parsed(result, FILE)
        check(after, "inventory")
        site_from({**site.documents, "inventory": after.data})  # as strictly as the next scan will read it
        try:
            replaced(path, result, raw)
        except OSError as error:
            raise ConfigError(str(path), None, "", error.strerror or "unwritable", "a file to write") from error
    return raw.decode("utf-8"), result.decode("utf-8")


def found(devices: Sequence[Known], wanted: str) -> Known:
    """The device of that id, MAC, name or address; ConfigError names the candidates when it is not exactly one."""
    text = wanted.strip()
    try:
        mac = canonical(text)
    except ValueError:
        mac = ""
    if exact := next((item for item in devices if item.id in (text, mac)), None):
        return exact
    matches = [
        item
        for item in devices
        if text.casefold() == item.name.casefold() or text in item.current or mac in {span.value for span in item.macs}
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise ConfigError(
            "DEVICE", None, "", f"{len(matches)} devices called {text!r}", f"one of them by its MAC: {_listed(matches)}"
        )
    if posing := next((item for item in devices if mac in {span.value for span in item.linked}), None):
        seen = f"{mac}, which only an announcement links to {clean(posing.name, 60)}"
        raise ConfigError(
            "DEVICE", None, "", seen, f"{posing.id}, or this MAC under `macs` by hand if you know whose it is"
        )
    strangers = [item for item in devices if not item.approved]
    expected = f"a device that vigie devices lists: {_listed(strangers or devices)}" if devices else "a scan first"
    raise ConfigError("DEVICE", None, "", f"no device called {text!r}", expected)


def _listed(devices: Sequence[Known]) -> str:
    more = f" and {len(devices) - MAX_CANDIDATES} more" if len(devices) > MAX_CANDIDATES else ""
    rows = (f"{clean(item.name, 40)} {item.id} {' '.join(item.current[:1])}".strip() for item in devices)
    return ", ".join(row for row, _ in zip(rows, range(MAX_CANDIDATES), strict=False)) + more


def _declared(file: YamlFile, device: Known) -> int | None:
    """Which entry of the file is the device."""
    macs = {span.value for span in device.macs} | {device.id}
    for index, item in enumerate(file.data["devices"]):
        own = {canonical(mac) for mac in item.get("macs", ())}
        if own & macs or (device.declared is not None and device.declared.name == item["name"]):
            return index
    return None


def _renewed(file: YamlFile, index: int, approval: Approval) -> str | None:
    """Until when the entry is to be approved, None for good; ConfigError when it would say something else, or the same.

    Whatever else was said of a device is its owner's to change: an option mistyped must not make a NAS of a telephone.
    """
    item, place = file.data["devices"][index], ("devices", index)
    line = file.lines[place]
    said = {"name": approval.name, "role": approval.role, "owner": approval.owner, "use": approval.use}
    said["presence"] = approval.presence
    edits = [
        f"line {file.lines[*place, key]} to say {key}: {value}" if key in item else f"a line {key}: {value}"
        for key, value in said.items()
        if value is not None and item.get(key) != value
    ]
    if edits:
        raise ConfigError(FILE, line, "", f"{item['name']!r} already declared", f"an edit by hand: {', '.join(edits)}")
    until = item.get("until")
    wanted = str(approval.until) if approval.until else None
    if until == wanted:
        raise ConfigError(FILE, line, "", f"{item['name']!r} already declared so", "something that changes")
    return wanted


def _entry(device: Known, approval: Approval, taken: set[str]) -> dict[str, Any]:
    macs = sorted(span.value for span in device.macs if not randomised(span.value))
    if not macs:
        why = "only a random MAC, which it changes by itself" if device.macs else "no MAC that is surely its own"
        raise ConfigError(
            "DEVICE", None, "", f"{clean(device.name, 60)} with {why}",
            "a lasting MAC: switch “private Wi-Fi address” off on the device for this network, then scan again; "
            "or declare it by its serial number",
        )  # fmt: skip
    name = approval.name or _slug(device.name)
    if not name or name in taken:
        raise ConfigError("--name", None, "", f"{name!r}, which another device has" if name else "no name", "a name")
    entry: dict[str, Any] = {"name": name, "macs": macs}
    entry |= {"role": approval.role, "owner": approval.owner, "use": approval.use}
    if approval.presence:
        entry["presence"] = approval.presence
    if approval.until:
        entry["until"] = str(approval.until)
    return entry


def _slug(name: str) -> str:
    """The name as inventory.yaml allows it.

    >>> _slug("iPhone de Zoé (2)")
    'iphone-de-zoe-2'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_NAME].strip("-")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While another `approve` writes, this one waits: it would undo what the other one wrote."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
