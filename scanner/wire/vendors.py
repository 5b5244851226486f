"""The vendor of a MAC, from the IEEE registry as Wireshark's manuf file has it and scapy ships it."""

from collections.abc import Mapping
from functools import cache

from inventory.mac import randomised


@cache
def _registry() -> Mapping[str, str]:
    """Owner by prefix, as scapy ships them: `00:11:32` or `00:1B:C5:00/36`; 0.3 s to unpack, so late and once.

    A line: `00:11:32         \tSynology    \tSynology Incorporated`.
    """
    from scapy.libs.manuf import DATA

    text: str = DATA if isinstance(DATA, str) else DATA.decode("utf-8", "replace")
    lines = (line.split("\t") for line in text.splitlines())
    return {fields[0].rstrip(): fields[-1].strip() for fields in lines}


def unpack() -> None:
    """The registry at hand, for who has the time now and not later."""
    _registry()


def vendor(mac: str) -> str | None:
    """The registered owner of the MAC's prefix, the longest prefix first; None for a randomised or unregistered one.

    >>> vendor("00:11:32:ab:cd:ef"), vendor("5e:11:32:ab:cd:ef")
    ('Synology Incorporated', None)
    """
    if randomised(mac):
        return None
    registry, digits = _registry(), mac.upper().replace(":", "")
    for bits in (36, 28, 24):
        kept = digits[: bits // 4]
        kept += "0" * (len(kept) % 2)
        prefix = ":".join(kept[i : i + 2] for i in range(0, len(kept), 2)) + ("" if bits == 24 else f"/{bits}")
        if prefix in registry:
            return registry[prefix] or None
    return None
