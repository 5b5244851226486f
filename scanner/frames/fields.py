"""Fields that many announcements are made of: tagged values, addresses, names. Pure; takes any bytes."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from inventory.text import clean

# Tagged values read of one message: LLDP with every extension has 40; stops 1,500 empty ones.
MOST_FIELDS = 128
# Addresses kept of one list: a DHCP server names two or three DNS servers; stops a list of 60.
MOST_ADDRESSES = 8
MOST_NAME = 255  # bytes of a DNS name (RFC 1035 §3.1)


def tagged(raw: bytes, tag: int, length: int, *, at: int = 0, whole: bool = False) -> Iterator[tuple[int, bytes]]:
    """The (tag, value) pairs from `at` on, `tag` and `length` bytes wide; with `whole` the length counts its header.

    Ends where a value would reach beyond the message: what came before it stands.

    >>> list(tagged(b"\\x00\\x05\\x00\\x02hi\\x00\\x07\\x00\\x09", 2, 2))
    [(5, b'hi')]
    """
    head = tag + length
    for _ in range(MOST_FIELDS):
        size = int.from_bytes(raw[at + tag : at + head], "big") - (head if whole else 0)
        start = at + head
        if len(raw) < start or size < 0 or start + size > len(raw):
            return
        yield int.from_bytes(raw[at : at + tag], "big"), raw[start : start + size]
        at = start + size


def text(value: bytes | None) -> str | None:
    """The printable text of a value, None when there is none."""
    return (clean(value) or None) if value else None


def number(value: bytes | None) -> int | None:
    """A big-endian number of at most eight bytes."""
    return int.from_bytes(value, "big") if value and len(value) <= 8 else None


def mac(value: bytes) -> str:
    """`00:11:32:ab:cd:ef` of six bytes."""
    return value.hex(":")


def one_device(value: bytes) -> bool:
    """Whether these bytes are the MAC of one device: six of them, no group, not nothing."""
    return len(value) == 6 and not value[0] & 1 and any(value)


def one_host(value: bytes) -> IPv4Address | None:
    """The address of four bytes when one host can have it."""
    if len(value) != 4 or value[0] in (0, 127) or value[0] >= 224:
        return None
    return IPv4Address(value)


def one_host6(value: bytes) -> IPv6Address | None:
    """The address of sixteen bytes when one host can have it."""
    if len(value) != 16 or value[0] == 0xFF or not any(value[:15]):
        return None
    return IPv6Address(value)


def addresses(value: bytes | None) -> tuple[IPv4Address, ...] | None:
    """A list of addresses, four bytes each; None when nothing is there."""
    if value is None:
        return None
    parts = (value[at : at + 4] for at in range(0, min(len(value) // 4, MOST_ADDRESSES) * 4, 4))
    return tuple(item for part in parts if (item := one_host(part)) is not None)


def addresses6(value: bytes | None) -> tuple[IPv6Address, ...] | None:
    """A list of IPv6 addresses, sixteen bytes each."""
    if value is None:
        return None
    parts = (value[at : at + 16] for at in range(0, min(len(value) // 16, MOST_ADDRESSES) * 16, 16))
    return tuple(item for part in parts if (item := one_host6(part)) is not None)


def dns_name(value: bytes) -> str | None:
    """`pc.cabinet.lan` of labels with their lengths, without pointers (RFC 1035 §3.1); a name cut short is one too.

    >>> dns_name(b"\\x02pc\\x07cabinet\\x03lan\\0")
    'pc.cabinet.lan'
    """
    labels, at = [], 0
    while at < min(len(value), MOST_NAME) and (size := value[at]):
        if size > 63 or at + size >= len(value) + 1:
            return None
        labels.append(value[at + 1 : at + 1 + size])
        at += size + 1
    return text(b".".join(labels))
