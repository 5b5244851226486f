"""Who a device is, from what its SNMP agent serves: the knowledge in `fingerprints/*.yaml` applied to a recording.

Pure: sends nothing, opens no file but its own knowledge. What no pattern proves is not said.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from inventory.serial import serial_number
from inventory.text import clean
from scanner.banner import attributes
from scanner.fingerprint_files import Fingerprint, fingerprints
from scanner.snmprec import SYS_DESCR, SYS_OBJECT_ID, Row

MAX_DESCR = 512  # characters of a sysDescr; RFC 3418 allows 255 octets, some agents send more; bounds every pattern
MAX_CLUES = 24  # rows named as reasons; stops a recording from filling the output

_ENTITY = "1.3.6.1.2.1.47.1.1.1.1."
_ENTITY_CLASS = f"{_ENTITY}5."
_CHASSIS, _STACK = 3, 11  # PhysicalClass of IANA-ENTITY-MIB


@dataclass(frozen=True, slots=True)
class Claim:
    """What one row proves."""

    fingerprint: Fingerprint
    row: Row
    traits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Identified:
    """Who the device is, in our words; None where nothing proves it."""

    vendor: str | None = None
    os: str | None = None
    kind: str | None = None  # class, in the words of the fingerprint files
    hardware: str | None = None
    version: str | None = None
    serial: str | None = None
    clues: tuple[str, ...] = ()
    weight: int | None = None  # of what says the class
    lines: Mapping[str, int] = field(default_factory=dict)  # of the recording, by the names above


def identified(values: Iterable[Row]) -> Identified:
    """Who the device behind a recording is.

    >>> from scanner.snmprec import rows
    >>> who = identified(rows("1.3.6.1.2.1.1.1.0|4|RouterOS RB750Gr3\\n1.3.6.1.4.1.14988.1.1.4.4.0|4|7.20.4"))
    >>> who.vendor, who.os, who.kind, who.hardware, who.version
    ('MikroTik', 'routeros', 'router', 'RB750Gr3', '7.20.4')
    """
    served = _Served.of(values)
    claims = [*_of_object_id(served), *_of_descr(served), *_of_objects(served)]
    # The most weight first; among equals the longest place, then the order of the files.
    claims.sort(key=lambda claim: (-claim.fingerprint.weight, -_depth(claim.fingerprint)))
    who: dict[str, Claim] = {}
    for claim in claims:
        for name in claim.fingerprint.who:
            who.setdefault(name, claim)
    said = {name: claim.fingerprint.who[name] or None for name, claim in who.items()}
    traits = _traits(claims, said.get("os"))
    reasons = dict.fromkeys(
        f"{claim.row.oid} = {clean(claim.row.octets)}" for claim in (*who.values(), *traits.values())
    )
    told = {name: claim.traits[name] for name, claim in traits.items()}
    read = any(claim.fingerprint.file == "sys_descr" for claim in claims)
    general = {} if read or said.get("class") == "host" else _by_form(served)
    if general:
        reasons[f"{SYS_DESCR} = {clean(served.objects[SYS_DESCR].octets)}"] = None
    return Identified(
        said.get("vendor") or general.get("vendor"),
        said.get("os"),
        said.get("class"),
        told.get("hardware") or general.get("hardware"),
        told.get("version") or general.get("version"),
        told.get("serial"),
        tuple(reasons)[:MAX_CLUES],
        who["class"].fingerprint.weight if said.get("class") else None,
        _lines(served, {**who, **traits}, general),
    )


def _lines(served: "_Served", claims: Mapping[str, Claim], general: Mapping[str, str]) -> Mapping[str, int]:
    """Where each answer stands in the recording."""
    descr = served.objects.get(SYS_DESCR)
    lines = dict.fromkeys(general, descr.line) if descr is not None else {}
    return {**lines, **{name: claim.row.line for name, claim in claims.items()}}


def _by_form(served: "_Served") -> Mapping[str, str]:
    """What the general form of a sysDescr says that no fingerprint knows: `fingerprints/banners/sys_descr.yaml`.

    A model without a digit is a sentence more often than a model, and a system that is named says who it is, not what.
    """
    row = served.objects.get(SYS_DESCR)
    said = attributes("sys_descr", description(row)) if row is not None else {}
    model = said.get("model", "")
    told = {"vendor": said.get("vendor", ""), "version": said.get("os_version", "")}
    told["hardware"] = model if any(char.isdigit() for char in model) else ""
    return {} if "os" in said else {name: text for name, text in told.items() if text}


def _depth(fingerprint: Fingerprint) -> int:
    """How far down the tree of makers a sysObjectID was recognised; the order of the file decides elsewhere."""
    return fingerprint.place.count(".") if fingerprint.file == "sys_object_id" else 0


def _traits(claims: Iterable[Claim], os: str | None) -> dict[str, Claim]:
    """Who says each trait: objects of that very os, then sysDescr, then objects of any."""
    ranked: dict[str, tuple[tuple[int, int], Claim]] = {}
    for claim in claims:
        mark = claim.fingerprint
        if (mark.only and os not in mark.only) or ("os" in mark.who and mark.who["os"] != os):
            continue
        rank = (1 if mark.file == "sys_descr" else 0 if mark.only else 2, mark.position)
        for name, value in claim.traits.items():
            if name == "serial" and serial_number(value) is None:
                continue
            if name not in ranked or rank < ranked[name][0]:
                ranked[name] = (rank, claim)
    return {name: claim for name, (_, claim) in ranked.items()}


@dataclass(slots=True)
class _Served:
    """What a recording holds of the objects that fingerprints ask for."""

    objects: dict[str, Row] = field(default_factory=dict)  # by the object asked for, "….*" and "….main" included
    classes: dict[int, int] = field(default_factory=dict)  # entPhysicalClass of each entity
    object_id: str = ""
    entities: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Iterable[Row]) -> "_Served":
        """Everything that is asked for, the first non-empty row where several say it."""
        exact, columns = _asked()
        served = cls()
        for row in values:
            if row.oid.startswith(_ENTITY_CLASS) and (number := row.number) is not None:
                index = row.oid.removeprefix(_ENTITY_CLASS)
                if index.isdigit() and len(index) <= 10:
                    served.classes[int(index)] = number
            elif row.oid.startswith(_ENTITY):
                served.entities.setdefault(row.oid, row)
            if row.oid in exact and row.text:
                served.objects.setdefault(row.oid, row)
            for column in _columns_of(row.oid, columns):
                if row.text:
                    served.objects.setdefault(f"{column}.*", row)
        if (told := served.objects.get(SYS_OBJECT_ID)) is not None:
            served.object_id = told.value.strip().strip(".")
        return served

    def at(self, place: str) -> Row | None:
        """The row of an object, of a column, or of the main entity."""
        if not place.endswith(".main"):
            return self.objects.get(place)
        index = self._main()
        row = None if index is None else self.entities.get(f"{place.removesuffix('.main')}.{index}")
        return row if row is not None and row.text else None

    def _main(self) -> int | None:
        """The entity that is the whole device: the first chassis, else the first stack, else none.

        A recording of a few objects may hold no classes: the first entity is then the whole, as in every table seen.
        """
        for wanted in (_CHASSIS, _STACK):
            found = [index for index, kind in self.classes.items() if kind == wanted]
            if found:
                return min(found)
        indices = (oid.rpartition(".")[2] for oid in self.entities)
        return None if self.classes else min((int(index) for index in indices if len(index) <= 10), default=None)


@cache
def _asked() -> tuple[frozenset[str], frozenset[str]]:
    """The objects and the columns that fingerprints ask for."""
    places = {item.place for item in fingerprints("mib_objects")}
    columns = frozenset(place.removesuffix(".*") for place in places if place.endswith(".*"))
    return frozenset(places | {SYS_DESCR, SYS_OBJECT_ID}), columns


def _columns_of(oid: str, columns: frozenset[str]) -> Iterator[str]:
    """The asked columns that an object stands below; how deep it stands costs nothing."""
    parent = oid if oid.count(".") <= _deepest() else ".".join(oid.split(".", _deepest() + 1)[: _deepest() + 1])
    while "." in parent:
        if parent in columns and parent != oid:
            yield parent
        parent = parent.rpartition(".")[0]


@cache
def _deepest() -> int:
    """Dots in the longest column asked for."""
    return max(column.count(".") for column in _asked()[1])


def _of_object_id(served: _Served) -> Iterator[Claim]:
    row = served.objects.get(SYS_OBJECT_ID)
    for item in fingerprints("sys_object_id") if row is not None else ():
        if row is not None and below(served.object_id, item.place):
            yield Claim(item, row, {})


def below(oid: str, prefix: str) -> bool:
    """Whether an OID is the prefix or stands below it, arc by arc."""
    return oid == prefix or oid.startswith(f"{prefix}.")


def description(row: Row) -> str:
    """A sysDescr as the patterns see it: one line, without the quotes that some recordings put around it."""
    return clean(row.octets, MAX_DESCR).strip(' "')


def _of_descr(served: _Served) -> Iterator[Claim]:
    row = served.objects.get(SYS_DESCR)
    if row is None:
        return
    text = description(row)
    for item in fingerprints("sys_descr"):
        if item.under and not any(below(served.object_id, prefix) for prefix in item.under):
            continue
        if (traits := item.read(text)) is not None:
            yield Claim(item, row, traits)


def _of_objects(served: _Served) -> Iterator[Claim]:
    for item in fingerprints("mib_objects"):
        row = served.at(item.place)
        if row is not None and (traits := item.read(row.text)) is not None:
            yield Claim(item, row, traits)
