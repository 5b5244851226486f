"""What a terminal would show of the bytes that a device wrote to it: rows of text, without a terminal.

Command lines erase their `--More--` with backspaces, blanks or escapes, and some colour their prompt. Pure, and linear.
"""

import re

MOST_COLUMN = 4096  # columns the cursor can be sent to; stops `ESC [ 999999999 C` from filling memory with blanks

_TOKEN = re.compile(
    r"\x1b\[([0-?]{0,32})[ -/]{0,4}([@-~]?)"  # CSI: parameters, what it does
    r"|\x1b\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)?"  # OSC: the title of a window
    r"|\x1b[()*+#%][0-9A-Za-z]?|\x1b.?"
    r"|([\r\b])|([\x00-\x08\x0b-\x1f\x7f\x80-\x9f])|([^\x00-\x08\x0b-\x1f\x7f\x80-\x9f]+)"
)
_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f\x80-\x9f]*\r{0,8}")


def rendered(raw: bytes) -> str:
    r"""The rows as they stood on the screen at the end, with `\n` between them.

    >>> rendered(b"interface Vlan1\r\n --More-- \b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b ip address\r\n")
    'interface Vlan1\n ip address\n'
    >>> rendered(b"\x1b[1;32mswitch\x1b[0m# ")
    'switch# '
    """
    text = raw.decode("utf-8", "replace").replace("\x1bE", "\n")
    return "\n".join(row.rstrip("\r") if _PLAIN.fullmatch(row) else _shown(row) for row in text.split("\n"))


def _shown(row: str) -> str:
    """One row after its cursor movements; blanks at its end go when something was written over."""
    cells: list[str] = []
    at, over = 0, False
    for token in _TOKEN.finditer(row):
        amount, act, move, _, words = token.groups()
        if act is not None:
            at, over = _moved(cells, at, amount, act, over=over)
        elif move:
            at = 0 if move == "\r" else max(0, at - 1)
        elif words:
            over = over or at < len(cells)
            cells.extend(" " * (at - len(cells)))
            cells[at : at + len(words)] = words
            at += len(words)
    shown = "".join(cells)
    return shown.rstrip() if over else shown


def _moved(cells: list[str], at: int, amount: str, act: str, *, over: bool) -> tuple[int, bool]:
    """The column after an escape sequence, and whether it took something off the row; a colour does neither."""
    numbers = [int(part) if part.isdigit() and len(part) < 8 else 0 for part in amount.split(";")]
    if act == "K":
        del cells[at if numbers[0] == 0 else 0 :]
        return at, True
    if act == "D":
        return max(0, at - max(1, numbers[0])), over
    if act == "C":
        return min(MOST_COLUMN, at + max(1, numbers[0])), over
    if act in "GHf" and act:
        return min(MOST_COLUMN, max(0, numbers[-1] - 1)), over
    return at, over
