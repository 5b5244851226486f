"""What rules need from earlier visits, carried from one snapshot to the next so that only the last one is ever read."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from inventory.device import Declared, Device
from inventory.identity import declared_id
from inventory.snapshot import History, Seen, Snapshot

# A device not met for a year is forgotten: an inventory of people's devices is kept no longer than it is needed.
FORGET = timedelta(days=366)


def carried(previous: Snapshot | None, declared: Iterable[Declared] = ()) -> History:
    """The history that the next run starts from: empty before the first visit.

    A device that has been declared since, or declared with one more MAC, keeps what was known of it.
    """
    if previous is None:
        return History()
    before, moment = previous.history, previous.taken_at
    seen = dict(before.seen or {})
    for device in previous.devices:
        if remembered(device):
            first = seen[device.id].first if device.id in seen else moment
            seen[device.id] = Seen(first, moment)
    since = dict(before.since or {})
    for device in previous.devices:
        since[device.id] = _since(device, since.get(device.id, {}), moment)
    kept = {key: when for key, when in seen.items() if moment - when.last <= FORGET}
    return settled(before.runs + 1, kept, since, declared)


def settled(
    runs: int, seen: Mapping[str, Seen], since: Mapping[str, Mapping[str, datetime]], declared: Iterable[Declared]
) -> History:
    """The history under the ids that the devices have today: of two memories of one device the later one stands."""
    ids = {mac: declared_id(item) for item in declared for mac in item.macs}
    result_seen: dict[str, Seen] = {}
    result_since: dict[str, Mapping[str, datetime]] = {}
    for key, when in sorted(seen.items(), key=lambda pair: pair[1].last):
        name = ids.get(key, key)
        first = min(when.first, result_seen[name].first) if name in result_seen else when.first
        result_seen[name] = Seen(first, when.last)
        if states := since.get(key):
            result_since[name] = states
    return History(runs, result_seen, result_since)


def remembered(device: Device) -> bool:
    """Whether a device that was met is kept in mind: visitors of the guest network are not."""
    return device.network is not None and (device.declared is not None or device.network.zone != "guest")


def _since(device: Device, before: Mapping[str, datetime], moment: datetime) -> Mapping[str, datetime]:
    """Since when each state that only time makes a fault has lasted; a device not read keeps what was known."""
    updates = device.system.updates if device.system else None
    if updates is None:
        return before
    key = f"updates.{updates.status}"
    # "connecting" or "disconnected" settle nothing: the pending update is still pending.
    if updates.status in ("available", "current"):
        return {key: before.get(key, moment)}
    return before
