"""How it is said where a device is plugged in."""

from reports.view import shortened
from reports.words import Wording
from rules.finding import DeviceSummary


def attached(device: DeviceSummary, say: Wording) -> str:
    """The switch port behind which a device is, "" when no switch has told."""
    where = device.attached
    if where is None:
        return ""
    switch, port = shortened(where.device), shortened(where.port)
    if where.sharing == 1:
        return say("devices.attached", switch=switch, port=port)
    return say.count("devices.attached_shared", where.sharing - 1, switch=switch, port=port)
