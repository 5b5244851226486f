"""What two pieces of one device, or one device on two visits, are recognised by: put together, and compared. Pure."""

from dataclasses import replace

from inventory.device import Identifier, IdentifierKind, Traits
from inventory.identifiers import MOST_IDENTIFIERS

# Of these a device has one at a time.
SINGLE: tuple[IdentifierKind, ...] = ("serial", "engine_id", "host_key")


def both(one: Traits, two: Traits) -> Traits:
    """What two pieces of one device are recognised by together."""
    announced: dict[tuple[IdentifierKind, str], bool] = {}
    for item in (*one.identifiers, *two.identifiers):
        announced[item.kind, item.value] = announced.get((item.kind, item.value), True) and item.announced
    # The proven ones first: else whoever announces many would push out of memory what the device is known by.
    kept = sorted(announced.items(), key=lambda item: item[1])[:MOST_IDENTIFIERS]
    return Traits(
        tuple(Identifier(kind, value, said) for (kind, value), said in kept),
        one.platform or two.platform,
        one.vendor or two.vendor,
        one.manufacturer or two.manufacturer,
    )


def proven(one: Traits) -> Traits:
    """The traits without what anybody could have announced."""
    return replace(one, identifiers=tuple(item for item in one.identifiers if not item.announced))


def contradict(one: Traits, two: Traits) -> bool:
    """Whether two things cannot be one: each says another number, key or platform."""
    if one.platform and two.platform and one.platform != two.platform:
        return True
    return any(contradicted(kind, one, two) for kind in SINGLE)


def contradicted(kind: IdentifierKind, one: Traits, two: Traits) -> bool:
    """Whether both have identifiers of a kind, and none in common; of SSH keys, of one type."""
    left, right = ({item.value for item in side.identifiers if item.kind == kind} for side in (one, two))
    if kind == "host_key":
        types = {value.partition(" ")[0] for value in left} & {value.partition(" ")[0] for value in right}
        left, right = ({value for value in side if value.partition(" ")[0] in types} for side in (left, right))
    return bool(left and right) and not left & right
