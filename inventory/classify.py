"""The category of a device from its facts, with the clues that led there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from inventory.device import Category, Classification, Clue, Device
from inventory.network import Network

# What the owner says outweighs a habit or a maker, and yields to what the device itself says.
DECLARED_WEIGHT = 70
# Below this, or closer to the runner-up than this margin, the category is a guess: rules for others still apply.
CERTAIN_WEIGHT = 60
CERTAIN_MARGIN = 20
# Below this nothing is named: a hint such as a maker of computers, printers and servers is kept, and is no category.
LIKELY_WEIGHT = 30
# Of an identification whose category the same device announces by mDNS or UPnP: twice announced is hardly more certain.
AGAIN_WEIGHT = 10
# What phones and tablets listen on themselves (rules/data/parameters.yaml: mobile_ports): with any other port open, a
# MAC that changes is no sign of one.
OF_PHONES = frozenset(("tcp", port) for port in (5353, 7000, 7100, 49152, 49153, 62078))
# How the reasons begin that come from the network card alone.
_RANDOMISED = "randomised true"
_CARD = ("vendor ", _RANDOMISED)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of clues.yaml."""

    field: str
    pattern: re.Pattern[str]
    category: Category
    weight: int
    sample: str


@cache
def patterns() -> tuple[Pattern, ...]:
    """The clues that travel with Vigie."""
    rows = yaml.safe_load((Path(__file__).parent / "clues.yaml").read_text("utf-8"))
    return tuple(
        Pattern(row["field"], re.compile(row["pattern"]), row["category"], row["weight"], row["sample"]) for row in rows
    )


def classify(device: Device, *, gateway: bool = False) -> Classification:
    """The category with the most weight; "unknown" without more than a hint, uncertain when clues are weak or disagree.

    What a network card tells alone is never certain: the maker of one also makes other things, and a MAC that changes
    is a habit of phones, tablets and computers.
    """
    clues = tuple(sorted(_clues(device, gateway), key=lambda clue: (-clue.weight, clue.category, clue.reason)))
    weights: dict[Category, int] = {}
    for clue in clues:
        weights[clue.category] = weights.get(clue.category, 0) + clue.weight
    if max(weights.values(), default=0) < LIKELY_WEIGHT:
        return Classification("unknown", certain=False, clues=clues)
    ranked = sorted(weights, key=lambda category: (-weights[category], category))
    best = weights[ranked[0]]
    second = weights[ranked[1]] if len(ranked) > 1 else 0
    spoken = sum(clue.weight for clue in clues if clue.category == ranked[0] and clue.reason != _RANDOMISED)
    shown = any(clue.category == ranked[0] and not clue.reason.startswith(_CARD) for clue in clues)
    certain = shown and spoken >= CERTAIN_WEIGHT and best - second >= CERTAIN_MARGIN
    return Classification(ranked[0], certain, clues)


def outweighs(classification: Classification) -> bool:
    """Whether clues speak for the category as clearly as certainty asks, be it by the maker of the card alone."""
    weights: dict[Category, int] = {}
    for clue in classification.clues:
        weights[clue.category] = weights.get(clue.category, 0) + clue.weight
    best, second, *_ = (*sorted(weights.values(), reverse=True), 0, 0)
    return classification.certain or (best >= CERTAIN_WEIGHT and best - second >= CERTAIN_MARGIN)


def _clues(device: Device, gateway: bool) -> Iterable[Clue]:
    if device.declared is not None:
        yield Clue(device.declared.role, DECLARED_WEIGHT, f"declared as {device.declared.role}")
    known = device.network.identification if device.network is not None else None
    announced = set[Category]()
    for field, value in _values(device, gateway):
        for row in patterns():
            if row.field == field and (found := row.pattern.search(value)):
                yield Clue(row.category, row.weight, f"{field} {_reason(field, value, found)}")
                announced |= {row.category} if field in ("mdns", "upnp") else set()
    if known is not None and known.category is not None and known.confidence is not None:
        again = known.category in announced and known.confidence < DECLARED_WEIGHT
        weight = AGAIN_WEIGHT if again else known.confidence
        yield Clue(known.category, weight, f"identified {'; '.join(known.clues or ())}")


def _reason(field: str, value: str, found: re.Match[str]) -> str:
    """What led to a clue: the value, and of a list in one value the part that counts."""
    return found[0].strip() if field in ("mdns", "upnp", "port") else value


def _values(device: Device, gateway: bool) -> Iterable[tuple[str, str]]:
    """The facts that clues look at, as (field, text)."""
    network, system = device.network, device.system
    if gateway:
        yield "gateway", "true"
    if device.fragile:
        yield "fragile", "true"
    if system is not None and system.platform:
        yield "platform", system.platform
    if network is None:
        return
    if network.vendor:
        yield "vendor", network.vendor
    if network.mac_randomised and all((port.protocol, port.port) in OF_PHONES for port in network.ports or ()):
        yield "randomised", "true"
    # One value for all of them: a printer that listens, or announces itself, in four protocols is no four printers.
    if network.ports:
        yield "port", " ".join(f"{port.protocol}/{port.port}" for port in network.ports)
    if network.mdns:
        yield "mdns", " ".join(sorted({service.kind for service in network.mdns}))
    if network.upnp is not None and network.upnp.types:
        yield "upnp", " ".join(network.upnp.types)
    yield from _snmp_values(network)


def _snmp_values(network: Network) -> Iterable[tuple[str, str]]:
    """What the agent says, where no fingerprint has read it already: the same words would count twice."""
    if (snmp := network.snmp) is None:
        return
    if snmp.device_description:
        yield "device_description", snmp.device_description
    if network.identification is not None and network.identification.category is not None:
        return
    if snmp.sys_descr:
        yield "sys_descr", snmp.sys_descr
    if snmp.enterprise is not None:
        yield "enterprise", str(snmp.enterprise)
