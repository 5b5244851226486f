"""A partial Device read from one piece of evidence, and the one way partial Devices combine."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
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
    leaves `evidence` empty; the pipeline fills it in with `attributed`. `defaults` are the pointers of facts that no
    line tells, because the device leaves out what is as delivered: {"/system/upnp"}.
    """

    device: Device
    lines: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[UnreadLine, ...] = ()
    defaults: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Merged:
    """Partial Devices put together, with the source of each fact."""

    device: Device
    provenance: Mapping[str, Source]  # JSON pointer below the device → source
    unread: tuple[UnreadLine, ...] = ()


def attributed(observation: Observation, evidence: str) -> Merged:
    """The observation with its evidence: facts without a line of their own point to the evidence as a whole."""
    lines = {pointer: Source(evidence, line) for pointer, line in observation.lines.items()}
    lines |= {pointer: Source(evidence, default=True) for pointer in sorted(observation.defaults - lines.keys())}
    whole = {pointer: Source(evidence) for pointer in _pointers(observation.device) if pointer not in lines}
    unread = tuple(dataclasses.replace(line, evidence=evidence) for line in observation.unread)
    return Merged(observation.device, {**whole, **lines}, unread)


def merge(observations: Iterable[Merged]) -> Merged:
    """One device from several observations of it.

    A fact that only one has is taken; lists of named things are united by what names them; where two disagree on a
    plain value the first stands, so that the order of the observations decides and the same evidence gives the same
    device.
    """
    device, sources, unread = Device(), _Sources(), dict[UnreadLine, None]()
    for item in observations:
        device, sources = _merge(device, item.device, sources, _tree(item.provenance))
        unread.update(dict.fromkeys(item.unread))
    return Merged(device, dict(_pairs(sources, "")), tuple(unread))


def _pointers(device: Device) -> Iterable[str]:
    """The pointers of the fact groups' fields: `/network/macs`, `/system/identity`."""
    for group in ("network", "system"):
        if (value := getattr(device, group)) is not None:
            for item in dataclasses.fields(value):
                if getattr(value, item.name) is not None:
                    yield f"/{group}/{item.name}"


@dataclass(slots=True)
class _Sources:
    """The provenance of one value: of it as a whole, and of each part by the next word of its pointer.

    A branch is handed down with the value it belongs to, never searched for: a hostile device may send thousands of
    items, and looking through all pointers for each would take minutes.
    """

    whole: Source | None = None
    parts: dict[str, "_Sources"] = field(default_factory=dict)

    def part(self, name: str | int) -> "_Sources":
        """The branch of one part; an empty one when nothing is known of it."""
        return self.parts.get(str(name)) or _Sources()


def _tree(provenance: Mapping[str, Source]) -> _Sources:
    """Provenance by pointer as a tree."""
    root = _Sources()
    for pointer, source in provenance.items():
        branch = root
        for name in pointer.split("/")[1:]:
            branch = branch.parts.setdefault(name, _Sources())
        branch.whole = source
    return root


def _pairs(sources: _Sources, at: str) -> Iterator[tuple[str, Source]]:
    """The pointers of a tree again, each with its source."""
    if sources.whole is not None:
        yield at, sources.whole
    for name, part in sources.parts.items():
        yield from _pairs(part, f"{at}/{name}")


def _of(whole: Source | None, part: _Sources) -> _Sources:
    """A part with the source of the whole it belongs to, where it has none of its own."""
    return part if whole is None or part.whole else _Sources(whole, part.parts)


def _both(left: _Sources, right: _Sources) -> _Sources:
    """Everything that either side knows, the left side first."""
    names = {**left.parts, **right.parts}
    return _Sources(left.whole or right.whole, {name: _both(left.part(name), right.part(name)) for name in names})


def _merge(left: Any, right: Any, ours: _Sources, theirs: _Sources) -> tuple[Any, _Sources]:  # noqa: ANN401
    """The union of two values, with the provenance of what it takes from each side."""
    if right is None or right == "":
        return left, ours
    if left is None or left == "":
        return right, theirs
    if dataclasses.is_dataclass(left) and type(left) is type(right):
        names = [item.name for item in dataclasses.fields(left)]
        # What the right side alone knows was not read where the left side's whole was.
        strange = theirs.whole if ours.whole else None
        branches = {
            name: _of(strange, theirs.part(name)) if getattr(left, name) in (None, "") else theirs.part(name)
            for name in names
        }
        highest = _HIGHEST.get(type(left).__name__, ())
        merged = {
            name: (getattr(right, name), branches[name])
            if name in highest and (getattr(left, name) or 0) < (getattr(right, name) or 0)
            else _merge(getattr(left, name), getattr(right, name), ours.part(name), branches[name])
            for name in names
        }
        parts = {name: sources for name, (_, sources) in merged.items()}
        whole = dataclasses.replace(left, **{name: value for name, (value, _) in merged.items()})  # type: ignore[type-var]
        return whole, _Sources(ours.whole or theirs.whole, parts)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _united(left, right, ours, theirs)
    return left, ours


def _united(
    left: tuple[Any, ...], right: tuple[Any, ...], ours: _Sources, theirs: _Sources
) -> tuple[tuple[Any, ...], _Sources]:
    """Both lists in one, sorted by what names an item; an item that both hold is merged field by field.

    Where both hold the same items the left side's order stands: that of ciphers on offer says something, and two visits
    that saw the same must not look like a change.
    """
    known, other = ({item_name(item): (item, place) for place, item in enumerate(side)} for side in (left, right))
    united, parts = [], {}
    order = list(known) if known.keys() == other.keys() else sorted({*known, *other})
    for place, name in enumerate(order):
        if name not in other:
            item, index = known[name]
            sources = ours.part(index)
        elif name not in known:
            item, index = other[name]
            sources = theirs.part(index)
        else:
            (first, index), (second, its_index) = known[name], other[name]
            item, its = _filled(first, second), theirs.part(its_index)
            sources = _both(ours.part(index), its)
            if item != first and (better := its.whole or theirs.whole):
                sources.whole = better  # the right side taught what the left did not know
        united.append(item)
        parts[str(place)] = sources
    return tuple(united), _Sources(ours.whole or theirs.whole, parts)


def _filled(left: Any, right: Any) -> Any:  # noqa: ANN401
    """`left` with what only `right` knows; what was heard fills a silence too."""
    if not dataclasses.is_dataclass(left):
        return left
    pairs = {item.name: (getattr(left, item.name), getattr(right, item.name)) for item in dataclasses.fields(left)}
    gaps = {name: new for name, (old, new) in pairs.items() if old is None or (old == "" and new is not None)}
    return dataclasses.replace(left, **gaps)  # type: ignore[type-var]


# Of these the highest value counts, not the first: whoever once called itself a router is one, whatever it said before.
_HIGHEST: dict[str, tuple[str, ...]] = {"RouterAdvertisement": ("lifetime_s", "managed", "other")}
# What names an item of each list: the rest of it may be known from one source and not from another.
_NAMES: dict[str, tuple[str, ...]] = {
    "Port": ("protocol", "port"),
    "Service": ("protocol", "port", "address"),
    "User": ("name", "uid"),
    "InputChain": ("table", "policy", "side", "ipv6"),
    "PortForward": (
        "external", "interface", "target", "target_port", "source_filter", "destination_filter", "except_interfaces",
    ),
    "Share": ("protocol", "name"),
    "Volume": ("name",),
    "Interface": ("name",),
    "Backup": ("name",),
    "Admin": ("protocol", "side", "port"),
    "Vpn": ("kind", "name"),
    "Wifi": ("ssid", "interface"),
    "Vlan": ("id",),
    "DhcpServer": ("interface", "first"),
    "SnapshotPlan": ("of",),
    "Relay": ("kind", "name"),
    "SmbShareSeen": ("name",),
    "SshOffer": ("port",),
    "TlsSeen": ("port",),
    "HttpSeen": ("port",),
    "MdnsService": ("kind", "name"),
    "PortMapping": ("external", "target"),
    "Neighbour": ("protocol", "chassis", "port"),
    "NeighbourEntry": ("address", "mac", "interface"),
    "Lease": ("address", "mac"),
    "ForwardingEntry": ("mac", "port", "vlan"),
    "LinkedNeighbour": ("port", "chassis"),
    "Link": ("reason", "value", "mac", "to"),
    "Listing": ("table", "device", "port", "vlan"),
}  # fmt: skip


def item_name(item: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """What names an item of a list, the item itself where it is a plain value."""
    names = _NAMES.get(type(item).__name__)
    if names is None:
        return (int(item),) if hasattr(item, "packed") else (item,)
    values = (getattr(item, name) for name in names)
    return tuple(value if isinstance(value, int) else "" if value is None else str(value) for value in values)
