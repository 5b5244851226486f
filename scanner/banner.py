"""What a banner says: the knowledge in `fingerprints/banners/*.yaml`, one file a probed field, applied to one text.

Pure: a text in, attributes out. Knows no transport and no device; what no pattern proves is not said.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from inventory.text import clean

# What a pattern may give. `version` is that of the software that spoke, `os_version` that of the system or firmware
# beneath it.
NAMES = (
    "vendor",
    "model",
    "class",
    "serial",
    "mac",
    "host",
    "os",
    "os_version",
    "edition",
    "build",
    "arch",
    "software",
    "version",
)
MAX_BANNER = 512  # characters of a banner that are looked at; bounds the time of every pattern
MAX_VALUE = 80  # characters of one attribute; longer is no name and no version

_FOLDER = Path(__file__).parent / "fingerprints" / "banners"


@dataclass(frozen=True, slots=True)
class Form:
    """A line of a banner file: what the text must look like, and what that says."""

    pattern: re.Pattern[str]
    says: Mapping[str, str]  # fixed values, "{version}" for what a group gave
    more: bool  # the forms after this one are tried too
    sample: str
    yields: Mapping[str, str]
    seen: bool  # a recording has shown it; False: a document did
    source: str | None

    def read(self, text: str) -> tuple[dict[str, str], str] | None:
        """What the text says, and what is left of it for the next forms; None when it is of another form."""
        found = self.pattern.search(text)
        if found is None:
            return None
        groups = {name: _trimmed(value) for name, value in found.groupdict().items() if value}
        said = {name: groups[name] for name in NAMES if groups.get(name)}
        said.update({name: value.format_map(groups) for name, value in self.says.items()})
        return {name: value for name, value in said.items() if len(value) <= MAX_VALUE}, groups.get("rest", text)


def _trimmed(value: str) -> str:
    return value.strip(" ,;:-\"'")


@cache
def fields() -> tuple[str, ...]:
    """The fields that can be read: the files of the folder."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def forms(field: str) -> tuple[Form, ...]:
    """The forms of a field, in their order."""
    text = (_FOLDER / f"{field}.yaml").read_text("utf-8")
    rows = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 — safe, and fast
    return tuple(_form(row) for row in rows)


def _form(row: Mapping[str, Any]) -> Form:
    pattern = re.compile(row["pattern"], re.IGNORECASE if row.get("flags") == "i" else 0)
    says = {name: row[name] for name in NAMES if name in row}
    more = bool(row.get("more")) or "rest" in pattern.groupindex
    return Form(pattern, says, more, row["sample"], row.get("yields", {}), row.get("seen", True), row.get("source"))


def attributes(field: str, text: str) -> Mapping[str, str]:
    """What a banner says, by the names of `NAMES`; empty when nothing is proven or the field is not known.

    The first form that fits decides; one with `more` adds to what the later ones say, and yields to none of them.

    >>> attributes("ssh", "OpenSSH_9.2p1 Debian-2+deb12u10")["version"]
    '9.2p1'
    """
    said: dict[str, str] = {}
    for part in _steps(field, clean(text, MAX_BANNER)):
        for name, value in part.items():
            said.setdefault(name, value)
    return {name: value for name, value in said.items() if value}


def _steps(field: str, text: str) -> Iterator[Mapping[str, str]]:
    for form in forms(field) if field in fields() else ():
        if (found := form.read(text)) is None:
            continue
        part, text = found
        yield part
        if not form.more:
            return
