"""MAC addresses: one spelling, and the bit that says a device invented its own."""

import re

_HEX = re.compile(r"[0-9a-f]{12}")


def canonical(raw: str) -> str:
    """The MAC in lower case with colons; ValueError when `raw` holds no 48-bit address.

    >>> canonical("00-11-32-AB-CD-EF")
    '00:11:32:ab:cd:ef'
    >>> canonical("0011.32ab.cdef")
    '00:11:32:ab:cd:ef'
    """
    digits = re.sub(r"[:.\-\s]", "", raw.strip().lower())
    if not _HEX.fullmatch(digits):
        raise ValueError(f"not a MAC address: {raw!r}")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def is_mac(text: str) -> bool:
    """Whether a text is a MAC in our spelling: not every device has one as its id.

    >>> is_mac("00:11:32:ab:cd:ef"), is_mac("declared:ups")
    (True, False)
    """
    return len(text) == 17 and bool(_HEX.fullmatch(text.replace(":", "")))


def randomised(mac: str) -> bool:
    """Whether the address is locally administered (IEEE 802-2014 §8.4: second bit of the first octet), as phones do.

    >>> randomised("5e:10:20:30:40:50"), randomised("00:11:32:ab:cd:ef")
    (True, False)
    """
    return bool(int(mac[:2], 16) & 0b10)
