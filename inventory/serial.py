"""What is a serial number, and what only stands where one would."""

import re

# What makers, and whoever anonymised a recording, put where they have no number or will not tell it; "System MAC: …"
# is the label of another one.
_PLACEHOLDER = re.compile(
    r"[<>]|:\s|o\.e\.m|default|\bnone\b|\bnull\b|unknown|\bn/?a$|not[ _-]?(?:specified|available|applicable|set)"
    r"|serial|private|redacted|anonym|example|invalid",
    re.IGNORECASE,
)


def serial_number(said: str | None) -> str | None:
    """The text when it can be a serial number, else None: a word for one, or one character over and over.

    >>> serial_number("FDO1622Y10H"), serial_number("YD17190028 A"), serial_number("ac:cc:8e:c0:ff:ee")
    ('FDO1622Y10H', 'YD17190028 A', 'ac:cc:8e:c0:ff:ee')
    >>> [serial_number(said) for said in ("serial_number", "<private>", "System MAC: fc-ec-da-bf-69-55", "0000000000")]
    [None, None, None, None]
    """
    if said is None or _PLACEHOLDER.search(said) or len({*filter(str.isalnum, said)}) < 2:
        return None
    return said
