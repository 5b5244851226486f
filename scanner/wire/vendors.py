"""The vendor of a MAC, from the IEEE registry as Wireshark's manuf file has it and scapy ships it."""

from functools import cache

from inventory.mac import randomised


@cache
def _registry() -> str:
    """The registry as one text, as scapy ships it, a newline before each entry; 0.25 s to unpack, so late and once."""
    from scapy.libs.manuf import DATA

    text: str = DATA if isinstance(DATA, str) else DATA.decode("utf-8", "replace")
    return "\n" + text


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
        start = registry.find(f"\n{prefix:<17}\t")
        if start >= 0:
            line = registry[start + 1 : registry.find("\n", start + 1)]
            return line.split("\t")[-1].strip() or None
    return None
