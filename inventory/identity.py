"""Who is who: which declared device an observed one is, and what it is called.

A device is known by its MACs, or by the serial number it says; a locally administered MAC names it only until the next
visit. Addresses change hands and never identify. A declared device has one id, whichever of its MACs is met.
"""

import dataclasses
from collections.abc import Iterable

from inventory.device import Declared, Device
from inventory.mac import randomised


def declaration(device: Device, declared: Iterable[Declared]) -> Declared | None:
    """The declared device that this one is: by MAC first, then by the serial number it says."""
    macs = set(device.network.macs or ()) if device.network else set()
    known = [item for item in declared if not macs.intersection(item.not_same or ())]
    if match := next((item for item in known if macs.intersection(item.macs)), None):
        return match
    identity = device.system.identity if device.system else None
    serial = identity.serial.strip().casefold() if identity and identity.serial else None
    return next((item for item in known if serial and item.serial and item.serial.casefold() == serial), None)


def device_id(device: Device) -> str:
    """The id of a device: its lowest burned-in MAC, else its lowest MAC, else "declared:NAME".

    Of a declared device only the declared MACs count: on the day its other socket is plugged in it is no other device,
    with another history and another host key.

    >>> from inventory.network import Network
    >>> device_id(Device(network=Network(macs=("00:11:32:00:00:02", "5e:00:00:00:00:01"))))
    '00:11:32:00:00:02'
    """
    if device.declared is not None:
        return declared_id(device.declared)
    return _lowest((device.network.macs if device.network else None) or ()) or "unidentified"


def declared_id(declared: Declared) -> str:
    """The id of a declared device; one that is known by its serial number alone is called "declared:NAME"."""
    return _lowest(declared.macs) or f"declared:{declared.name}"


def _lowest(macs: Iterable[str]) -> str | None:
    """The lowest burned-in MAC, else the lowest one."""
    return min(macs, key=lambda mac: (randomised(mac), mac), default=None)


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
