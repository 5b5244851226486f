"""Where a device was asked something, as its coverage tells: what a finding says of it is true there."""

from collections.abc import Mapping

from inventory.snapshot import Snapshot


def asked_at(snapshot: Snapshot) -> Mapping[str, tuple[str, ...]]:
    """Device → those of its addresses where it was asked something, or would have been, were it not protected.

    Of a device that is only known to others there are none: it was asked nothing anywhere.
    """
    asked = {(row.device, row.target) for row in snapshot.coverage if row.status != "not_asked"}
    known = ((item.id, (item.network.addresses if item.network else None) or ()) for item in snapshot.devices)
    return {name: tuple(str(place) for place in places if (name, str(place)) in asked) for name, places in known}
