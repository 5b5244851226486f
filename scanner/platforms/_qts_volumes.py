"""The volumes of a QNAP and the shared folders on them, from its CGI programs: see `_qts_xml.py`. Pure."""

import re
from collections.abc import Mapping

from inventory.storage import Share, Volume
from inventory.system import System
from inventory.text import clean
from scanner.platforms._nodes import Placed, filled
from scanner.platforms._qts_xml import Told
from scanner.platforms._reading import MAX_ITEMS, unread
from scanner.upnp_xml import Element

_READY = "0"  # volumeStatus of every volume that works in the recordings; what other numbers mean is not documented
_RAID = re.compile(r"single|jbod|linear|raid\d{1,2}(?:_\d)?|raidz\d?|triple_mirror")


def volumes(answer: tuple[Element, ...]) -> Told:
    """`chart_func=disk_usage`: each volume with its kind of RAID and free space, and the shared folders on it."""
    used = _groups(answer, ("volumeUseList", "volumeUse"))
    free = {group["volumeValue"].text: group for group in used if "volumeValue" in group}
    lines: dict[str, int] = {}
    found: list[Volume] = []
    bad = []
    for group in _groups(answer, ("volumeList", "volume")):
        if (value := group.get("volumeValue")) is None or "volumeStatus" not in group:
            bad.append((next(iter(group.values())).line if group else 1, "a volume without number or state"))
            continue
        status, label = group["volumeStatus"], group.get("volumeLabel")
        at = f"/system/volumes/{len(found)}"
        lines[at] = status.line
        state = _state(clean(status.text))
        name = (clean(label.text) if label else "") or f"Volume {clean(value.text)}"
        raid = group.get("volumeStat")
        kind: Placed = (raid.text.lower(), raid.line) if raid and _RAID.fullmatch(raid.text.lower()) else None
        found.append(filled(Volume(name, state), at, lines, raid=kind, free_percent=_free(free.get(value.text, {}))))
    listed = any(element.path[1:] == ("volumeList",) for element in answer)
    shares = _shares(answer, {group["volumeValue"].text for group in _groups(answer, ("volumeList", "volume"))
                              if "volumeValue" in group}, lines)  # fmt: skip
    return System(volumes=tuple(found) if listed else None, shares=shares), lines, unread("system.volumes", bad)


def _state(said: str) -> str:
    """Our word for the two that rules know, else what the device says.

    >>> _state("0"), _state("Degraded mode"), _state("-3")
    ('normal', 'degraded', 'status -3')
    """
    if said in (_READY, "Ready", "ready"):
        return "normal"
    if "degraded" in said.lower():
        return "degraded"
    return said if said[:1].isalpha() else f"status {said}".strip()


def _groups(answer: tuple[Element, ...], path: tuple[str, str]) -> list[dict[str, Element]]:
    """The children of each element of that path."""
    groups: list[dict[str, Element]] = []
    group: dict[str, Element] = {}
    for element in answer:
        if element.path[1:] == path:
            groups.append(group)
            group = {}
        elif element.path[1:-1] == path:
            group.setdefault(element.path[-1], element)
    return groups[:MAX_ITEMS]


def _free(group: Mapping[str, Element]) -> Placed:
    sizes = [group[name].text if name in group else "" for name in ("free_size", "total_size")]
    if not all(size.isascii() and size.isdigit() and len(size) < 20 for size in sizes):
        return None
    left, total = map(int, sizes)
    return (left * 100 // total, group["free_size"].line) if 0 <= left <= total > 0 else None


def _shares(answer: tuple[Element, ...], known: set[str], lines: dict[str, int]) -> tuple[Share, ...] | None:
    """The folders of the volumes that are; those marked as the system's are none."""
    found: list[Share] = []
    volume, folder, system = "", None, False
    for element in answer:
        match element.path[1:]:
            case ("volumeUseList", "volumeUse", "volumeValue"):
                volume = element.text
            case ("volumeUseList", "volumeUse", "folder_element", "sharename"):
                folder = element
            case ("volumeUseList", "volumeUse", "folder_element", "type"):
                system = element.text == "system"
            case ("volumeUseList", "volumeUse", "folder_element"):
                name = clean(folder.text) if folder else ""
                if name and folder and not system and volume in known and len(found) < MAX_ITEMS:
                    lines[f"/system/shares/{len(found)}"] = folder.line
                    found.append(Share(name))
                folder, system = None, False
    return tuple(found) or None
