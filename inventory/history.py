"""What rules need from earlier visits, carried from one snapshot to the next so that only the last one is ever read."""

from collections.abc import Mapping
from datetime import datetime

from inventory.device import Device
from inventory.snapshot import History, Seen, Snapshot


def carried(previous: Snapshot | None) -> History:
    """The history that the next run starts from: empty before the first visit."""
    if previous is None:
        return History()
    before, moment = previous.history, previous.taken_at
    seen = dict(before.seen or {})
    for device in previous.devices:
        if device.network is not None:
            first = seen[device.id].first if device.id in seen else moment
            seen[device.id] = Seen(first, moment)
    since = {device.id: _since(device, (before.since or {}).get(device.id, {}), moment) for device in previous.devices}
    return History(before.runs + 1, seen, {key: value for key, value in since.items() if value})


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
