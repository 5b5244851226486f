"""Who is who: which declared device an observed one is, and what it is called.

A device is known by its MACs, or by the serial number it says; a locally administered MAC names it only until the next
visit. Addresses change hands and never identify.
"""

import dataclasses
from collections.abc import Iterable

from inventory.device import Declared, Device
from inventory.mac import randomised


def declaration(device: Device, declared: Iterable[Declared]) -> Declared | None:
    """The declared device that this one is: by MAC first, then by the serial number it says."""
    known = tuple(declared)
    macs = set(device.network.macs or ()) if device.network else set()
    if match := next((item for item in known if macs.intersection(item.macs)), None):
        return match
    identity = device.system.identity if device.system else None
    serial = identity.serial.strip().casefold() if identity and identity.serial else None
    return next((item for item in known if serial and item.serial and item.serial.casefold() == serial), None)


def device_id(device: Device) -> str:
    """The id of a device: its lowest burned-in MAC, else its lowest MAC, else "declared:NAME".

    >>> from inventory.device import Network
    >>> device_id(Device(network=Network(macs=("00:11:32:00:00:02", "5e:00:00:00:00:01"))))
    '00:11:32:00:00:02'
    """
    macs = sorted(
        (device.network.macs if device.network else None) or (device.declared.macs if device.declared else ())
    )
    if not macs:
        return f"declared:{device.declared.name}" if device.declared else "unidentified"
    return next((mac for mac in macs if not randomised(mac)), macs[0])


def display_name(device: Device) -> str:
    """What a reader calls the device: its declared name, else its own, else its maker and the end of its MAC."""
    if device.declared is not None:
        return device.declared.name
    identity = device.system.identity if device.system else None
    network = device.network
    own = (network.hostname if network else None) or (identity.hostname if identity else None)
    if own:
        return own
    if network is not None and network.vendor:
        return f"{network.vendor} {device_id(device)[-5:]}"
    return device_id(device)


def named(device: Device) -> Device:
    """The device with its id and name."""
    return dataclasses.replace(device, id=device_id(device), name=display_name(device))
