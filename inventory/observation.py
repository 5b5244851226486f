"""A partial Device read from one piece of evidence, and the one way partial Devices combine."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.device import Device
from inventory.snapshot import Source


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """A line its reader could not read, and the fact that is incomplete because of it."""

    fact: str  # "system.port_forwards"
    line: int
    text: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """A partial Device and where each of its facts stands.

    `lines` maps a JSON pointer below the device to a line of the evidence: {"/system/port_forwards/0": 12}. A reader
    leaves `evidence` empty; the pipeline fills it in with `attributed`.
    """

    device: Device
    lines: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[UnreadLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """Partial Devices put together, with the source of each fact."""

    device: Device
    provenance: Mapping[str, Source]  # JSON pointer below the device → source
    unread: tuple[UnreadLine, ...] = ()


def attributed(observation: Observation, evidence: str) -> Merged:
    """The observation with its evidence: facts without a line of their own point to the evidence as a whole."""
    lines = {pointer: Source(evidence, line) for pointer, line in observation.lines.items()}
    whole = {pointer: Source(evidence) for pointer in _pointers(observation.device) if pointer not in lines}
    unread = tuple(dataclasses.replace(line, evidence=evidence) for line in observation.unread)
    return Merged(observation.device, {**whole, **lines}, unread)


def merge(observations: Iterable[Merged]) -> Merged:
    """One device from several observations of it.

    A fact that only one has is taken; lists of named things are united by what names them; where two disagree on a
    plain value the first stands, so that the order of the observations decides and the same evidence gives the same
    device.
    """
    result = Merged(Device(), {})
    for item in observations:
        provenance: dict[str, Source] = {}
        device = _merge(result.device, item.device, "", (result.provenance, item.provenance), provenance)
        result = Merged(device, provenance, tuple(dict.fromkeys(result.unread + item.unread)))
    return result


def _pointers(device: Device) -> Iterable[str]:
    """The pointers of the fact groups' fields: `/network/macs`, `/system/identity`."""
    for group in ("network", "system"):
        if (value := getattr(device, group)) is not None:
            for item in dataclasses.fields(value):
                if getattr(value, item.name) is not None:
                    yield f"/{group}/{item.name}"


def _merge(
    left: Any,  # noqa: ANN401
    right: Any,  # noqa: ANN401
    at: str,
    sources: tuple[Mapping[str, Source], Mapping[str, Source]],
    provenance: dict[str, Source],
) -> Any:  # noqa: ANN401
    """The union of two values at one pointer; fills `provenance` for what it takes from each side."""
    if right is None or right == "":
        _take(at, at, sources[0], provenance)
        return left
    if left is None or left == "":
        _take(at, at, sources[1], provenance)
        return right
    if dataclasses.is_dataclass(left) and type(left) is type(right):
        provenance.update(_own(at, sources))
        merged = {
            item.name: _merge(
                getattr(left, item.name), getattr(right, item.name), f"{at}/{item.name}", sources, provenance
            )
            for item in dataclasses.fields(left)
        }
        return dataclasses.replace(left, **merged)  # type: ignore[type-var]
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _united(left, right, at, sources, provenance)
    _take(at, at, sources[0], provenance)
    return left


def _united(
    left: tuple[Any, ...],
    right: tuple[Any, ...],
    at: str,
    sources: tuple[Mapping[str, Source], Mapping[str, Source]],
    provenance: dict[str, Source],
) -> tuple[Any, ...]:
    """Both lists in one, sorted by what names an item; an item that both hold is merged field by field."""
    provenance.update(_own(at, sources))
    indexes = tuple({_name(item): index for index, item in enumerate(side)} for side in (left, right))
    names = sorted({*indexes[0], *indexes[1]})
    united = []
    for place, name in enumerate(names):
        target = f"{at}/{place}"
        held = [(number, where[name]) for number, where in enumerate(indexes) if name in where]
        items = [(left, right)[number][index] for number, index in held]
        for number, index in reversed(held):
            _take(f"{at}/{index}", target, sources[number], provenance)
        whole = _filled(items[0], items[1]) if len(items) > 1 else items[0]
        if whole != items[0] and (better := sources[1].get(f"{at}/{held[1][1]}") or sources[1].get(at)):
            provenance[target] = better  # the right side taught what the left did not know
        united.append(whole)
    return tuple(united)


def _filled(left: Any, right: Any) -> Any:  # noqa: ANN401
    """`left` with what only `right` knows."""
    if not dataclasses.is_dataclass(left):
        return left
    fields = (item.name for item in dataclasses.fields(left))
    gaps = {name: getattr(right, name) for name in fields if getattr(left, name) is None}
    return dataclasses.replace(left, **gaps)  # type: ignore[type-var]


# What names an item of each list: the rest of it may be known from one source and not from another.
_NAMES: dict[str, tuple[str, ...]] = {
    "Port": ("protocol", "port"),
    "Service": ("protocol", "port", "address"),
    "User": ("name", "uid"),
    "InputChain": ("table", "policy"),
    "PortForward": (
        "external", "interface", "target", "target_port", "source_filter", "destination_filter", "except_interfaces",
    ),
    "Share": ("protocol", "name"),
    "Volume": ("name",),
    "Interface": ("name",),
}  # fmt: skip


def _name(item: Any) -> tuple[Any, ...]:  # noqa: ANN401
    names = _NAMES.get(type(item).__name__)
    if names is None:
        return (int(item),) if hasattr(item, "packed") else (item,)
    values = (getattr(item, name) for name in names)
    return tuple(value if isinstance(value, int) else "" if value is None else str(value) for value in values)


def _own(at: str, sources: tuple[Mapping[str, Source], Mapping[str, Source]]) -> Mapping[str, Source]:
    """The source of the value as a whole, the left one first."""
    first = next((side[at] for side in sources if at in side), None)
    return {} if first is None else {at: first}


def _take(old: str, new: str, source: Mapping[str, Source], provenance: dict[str, Source]) -> None:
    """Copy the provenance at and below `old` to `new`."""
    for pointer, where in source.items():
        if pointer == old or pointer.startswith(f"{old}/"):
            provenance[new + pointer[len(old) :]] = where
