"""The devices of a practice over time: as a table for a terminal, as JSON, as CSV.

Names come from the wire: on a terminal they are cleaned, in CSV no cell begins a formula.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address

from rich.console import Console
from rich.table import Table
from rich.text import Text

from inventory.document import rfc3339, to_json
from inventory.known import Known
from inventory.text import clean
from reports.words import Wording, sentence

# Characters of one cell on a terminal; the whole value is in the JSON.
MAX_CELL = 60
# Columns of a line that goes to a file or a pipe: nothing is folded there.
WIDE = 240
# Columns of a terminal that has room for all of them.
ROOMY = 130

# What makes Excel, LibreOffice or Google Sheets take a cell for a formula (OWASP, "CSV Injection"), full-width too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")

_TABLE = ("name", "category", "owner", "addresses", "mac", "vendor", "first", "last", "presence")
_FIXED = ("addresses", "mac", "first", "last")

COLUMNS = (
    "id", "name", "category", "certain", "declared", "owner", "use", "until", "addresses", "macs", "vendor", "zone",
    "ports", "first", "last", "presence",
)  # fmt: skip


def show(devices: Iterable[Known], console: Console, lang: str = "fr") -> None:
    """Prints one line a device, with a title line; where the console is no terminal, lines are not folded."""
    say = Wording(lang)
    if not console.is_terminal:
        console.width = WIDE
    columns = [key for key in _TABLE if console.width >= ROOMY or key not in ("vendor", "first")]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in columns:
        table.add_column(Text(say(f"known.{key}")), no_wrap=key in _FIXED, overflow="fold")
    for item in devices:
        cells = {
            "name": item.name,
            "category": _category(item, say),
            "owner": _owner(item, say),
            "addresses": " ".join(_lowest(item)[:2]),
            "mac": " ".join(_macs(item)[:2]),
            "vendor": item.vendor or "",
            "first": _day(item.first),
            "last": _day(item.last),
            "presence": say.word("presence", item.presence),
        }
        style = "" if item.approved else "yellow"
        table.add_row(*(Text(clean(cells[key], MAX_CELL), style=style) for key in columns))
    console.print(table, highlight=False, markup=False, emoji=False)


def _category(item: Known, say: Wording) -> str:
    """What it is, as the report of a run says it: a guess is no fact."""
    what = sentence(say.word("category", item.category))
    return what if item.certain or item.category == "unknown" else f"{what} ({say('devices.uncertain')})"


def _owner(item: Known, say: Wording) -> str:
    if item.declared is None:
        return say("known.unknown")
    if not item.approved:
        return say("known.ended", until=str(item.declared.until))
    return say.word("whose", item.declared.owner)


def _lowest(item: Known) -> list[str]:
    return [str(address) for address in sorted(map(ip_address, item.current), key=lambda one: (one.version, int(one)))]


def _macs(item: Known) -> list[str]:
    """All that it was met under, the latest first."""
    return [span.value for span in sorted((*item.macs, *item.linked), key=lambda span: -span.last.timestamp())]


def _day(moment: datetime | None) -> str:
    return rfc3339(moment)[:10] if moment else "–"


def as_json(devices: Iterable[Known]) -> str:
    """The devices as a JSON list: every address, MAC and port with its first and last time."""
    return json.dumps(to_json(tuple(devices)), ensure_ascii=False, indent=1)


def as_csv(devices: Iterable[Known]) -> str:
    """The devices as CSV (RFC 4180), a line each, with a title line."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for item in devices:
        writer.writerow([harmless(cell) for cell in _cells(item)])
    return text.getvalue()


def _cells(item: Known) -> Iterator[str]:
    declared = item.declared
    yield from (item.id, item.name, item.category, "yes" if item.certain else "no")
    yield ("yes" if item.approved else "ended" if declared else "no")
    yield from (declared.owner, declared.use, str(declared.until or "")) if declared else ("", "", "")
    yield " ".join(_lowest(item))
    yield " ".join(_macs(item))
    yield item.vendor or ""
    yield item.zone or ""
    yield " ".join(span.value for span in item.ports or () if span.last == item.looked)
    yield from (rfc3339(moment) if moment else "" for moment in (item.first, item.last))
    yield item.presence


def harmless(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula.

    >>> harmless("=cmd|' /C calc'!A0"), harmless("NAS")
    ("'=cmd|' /C calc'!A0", 'NAS')
    """
    text = clean(cell, 2000)
    return f"'{text}" if text.startswith(_FORMULA) else text
