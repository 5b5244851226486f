"""What rules need from earlier visits, carried from one snapshot to the next so that only the last one is ever read."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from inventory.device import Declared, Device, Traits
from inventory.identity import declared_id
from inventory.mac import is_mac, randomised
from inventory.snapshot import History, Known, Seen, Snapshot
from inventory.traits import SINGLE, both, contradict, contradicted, proven

# A device not met for a year is forgotten: an inventory of people's devices is kept no longer than it is needed.
FORGET = timedelta(days=366)
# A MAC that a phone invented, and by which nobody will meet it again, is forgotten with the raw sightings.
FORGET_INVENTED = timedelta(days=30)
# A device that has shown another identity for so long is what it is: the change was told on every visit until then.
SETTLED = timedelta(days=30)


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
    known = dict(before.known or {})
    for device in previous.devices:
        since[device.id] = _since(device, since.get(device.id, {}), moment)
        if device.traits is not None:
            known[device.id] = _known(known.get(device.id), device.traits, moment)
    return settled(History(before.runs + 1, seen, since, known), moment, declared)


def settled(found: History, moment: datetime, declared: Iterable[Declared]) -> History:
    """What is still remembered at a moment, under the ids that the devices have today.

    Of two memories of one device the later one stands.
    """
    seen, since, known = found.seen or {}, found.since or {}, found.known or {}
    ids = {mac: declared_id(item) for item in declared for mac in item.macs}
    kept = {key: when for key, when in seen.items() if moment - when.last <= _kept_for(key, ids, known)}
    result_seen: dict[str, Seen] = {}
    result_since: dict[str, Mapping[str, datetime]] = {}
    result_known: dict[str, Known] = {}
    for key, when in sorted(kept.items(), key=lambda pair: pair[1].last):
        name = ids.get(key, key)
        first = min(when.first, result_seen[name].first) if name in result_seen else when.first
        result_seen[name] = Seen(first, when.last)
        if states := since.get(key):
            result_since[name] = states
        if (traits := known.get(key)) is not None:
            result_known[name] = traits
    return History(found.runs, result_seen, result_since, result_known or None)


def remembered(device: Device) -> bool:
    """Whether a device that was met is kept in mind: visitors of the guest network are not."""
    return device.network is not None and (device.declared is not None or device.network.zone != "guest")


def _kept_for(key: str, declared: Mapping[str, str], known: Mapping[str, Known]) -> timedelta:
    """How long a device that is not met is remembered."""
    met_again = (
        key in declared or not is_mac(key) or not randomised(key) or (key in known and lasting(known[key].traits))
    )
    return FORGET if met_again else FORGET_INVENTED


def lasting(traits: Traits) -> bool:
    """Whether a device is met again under another MAC: it has an identifier of its own."""
    return bool(traits.identifiers)


def _known(before: Known | None, now: Traits, moment: datetime) -> Known:
    """What is known of a device after a visit that recognised it by `now`."""
    if before is None or (before.doubted is not None and moment - before.doubted > SETTLED):
        return Known(now)
    # What was only announced contradicts nothing: anybody could have put it there, then or now.
    if contradict(proven(before.traits), proven(now)) or _another_maker(before.traits, now):
        # The earlier identity stands, else a clone would be the rule on the next visit.
        return Known(before.traits, before.doubted or moment)
    return Known(both(now, before.traits), _still_doubted(before, now))


def _another_maker(before: Traits, now: Traits) -> bool:
    pairs = ((before.vendor, now.vendor), (before.manufacturer, now.manufacturer))
    return any(then and today and then != today for then, today in pairs)


def _still_doubted(before: Known, now: Traits) -> datetime | None:
    """A visit that saw none of what is in doubt settles nothing; one that saw the earlier identity again does."""
    then, today = proven(before.traits), proven(now)
    kinds = {item.kind for item in today.identifiers} & set(SINGLE)
    return None if kinds and not any(contradicted(kind, then, today) for kind in kinds) else before.doubted


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
