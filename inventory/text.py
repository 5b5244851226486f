"""Strings that came from the wire, made safe to keep: no control character, no direction trick, bounded length."""

import unicodedata

# A host name, banner or SNMP string longer than this says nothing more to a reader; stops a device from filling the
# report.
MAX_TEXT = 256

# Cc control, Cf format (bidirectional overrides, zero width), Cs surrogate, Co private use, Cn unassigned,
# Zl/Zp line breaks.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(raw: bytes | str, limit: int = MAX_TEXT) -> str:
    """The printable part of a wire string, spaces collapsed, at most `limit` characters.

    >>> clean(b"HP LaserJet\\x1b[2J\\r\\n  <b>4</b>")
    'HP LaserJet [2J <b>4</b>'
    >>> clean("a" * 300, limit=5)
    'aaaaa'
    """
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    # Cut before the character walk: the caller's bound on bytes read may be far larger than what is kept.
    text = text[: limit * 4]
    safe = "".join(" " if unicodedata.category(char) in _UNSAFE else char for char in text)
    return " ".join(safe.split())[:limit].rstrip()
