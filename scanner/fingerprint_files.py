"""The knowledge in `fingerprints/*.yaml`: each line says where to look, what must be there, and what that proves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MAX_PLATES = 24  # objects asked of one device for its model plate; most makers have three
TRAITS = ("hardware", "version", "serial")
_FOLDER = Path(__file__).parent / "fingerprints"
_WEIGHTS = {"sys_object_id": 50, "sys_descr": 70, "mib_objects": 80}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A line of a fingerprint file: where to look, what must be there, what that proves."""

    file: str
    position: int  # in its file: the earlier, the higher its rank
    place: str  # the prefix of a sysObjectID, "" for sysDescr, or the object
    pattern: re.Pattern[str] | None  # None: any value
    who: Mapping[str, str]  # vendor, os, class
    traits: Mapping[str, str]  # fixed values, "AOS {version}"
    under: tuple[str, ...]  # the sysObjectID must stand below one of these
    only: tuple[str, ...]  # the traits count for these os alone; empty: for any
    weight: int
    sample: str
    yields: Mapping[str, str]

    def read(self, value: str) -> dict[str, str] | None:
        """The traits that the value proves, None when the fingerprint does not fit it."""
        found = self.pattern.search(value) if self.pattern else None
        if self.pattern and not found:
            return None
        groups = {name: text.strip() for name, text in found.groupdict().items() if text} if found else {"": value}
        said = {name: groups[name] for name in TRAITS if groups.get(name)}
        for name, text in self.traits.items():
            said[name] = groups[""] if text == "{}" else text.format_map(groups)
        return {name: text for name, text in said.items() if text}


@cache
def fingerprints(file: str) -> tuple[Fingerprint, ...]:
    """The fingerprints of a file: "sys_object_id", "sys_descr" or "mib_objects"."""
    rows = yaml.load((_FOLDER / f"{file}.yaml").read_text("utf-8"), Loader=_loader())  # noqa: S506 — safe
    return tuple(_fingerprint(file, position, row) for position, row in enumerate(rows))


def _loader() -> Any:  # noqa: ANN401 — a class chosen at run time
    """Libyaml's safe loader where it is built in, ten times faster, else Python's."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _fingerprint(file: str, position: int, row: Mapping[str, Any]) -> Fingerprint:
    traits = {name: row[name] for name in TRAITS if name in row}
    if "field" in row:
        traits[row["field"]] = "{}"
    flags = re.IGNORECASE if row.get("flags") == "i" else 0
    return Fingerprint(
        file,
        position,
        row.get("prefix") or row.get("oid") or "",
        re.compile(row["pattern"], flags) if "pattern" in row else None,
        {name: row[name] for name in ("vendor", "os", "class") if name in row},
        traits,
        tuple(row.get("under", ())),
        tuple(row.get("only", ())),
        row.get("weight", _WEIGHTS[file]),
        row["sample"],
        row.get("yields", {}),
    )


def plates(os: str) -> tuple[str, ...]:
    """After which objects the values of a system's model, version and serial number come, in their order.

    >>> plates("routeros")[:2]
    ('1.3.6.1.2.1.47.1.1.1.1.2.65535', '1.3.6.1.4.1.14988.1.1.4.4')
    """
    own = (item.place for item in fingerprints("mib_objects") if os in item.only or item.who.get("os") == os)
    return tuple(sorted(dict.fromkeys(_before(place) for place in own), key=_arcs))[:MAX_PLATES]


def _before(place: str) -> str:
    """The object before the one that is asked for: of a column the column, of `….4.0` `….4`, of `….2.7` `….2.6`."""
    parent, _, last = place.rpartition(".")
    return f"{parent}.{int(last) - 1}" if last.isdigit() and last != "0" else parent


def _arcs(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))
