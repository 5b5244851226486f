"""Banners from a file, one JSON object a line, and what each says. Sends nothing."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from inventory.errors import ParseError
from inventory.serial import serial_number
from inventory.text import clean
from scanner.banner import MAX_BANNER, attributes, fields
from scanner.fingerprint import identified
from scanner.snmprec import SYS_DESCR, Row
from scanner.words import words

# Lines of a file: recog has 7,525 examples; stops a forged file from filling the output.
MAX_BANNERS = 100_000
_SAMPLE = '{"field": "ssh", "input": "OpenSSH_9.2p1"}'  # shown to whoever has written another one


def read(field: str, text: str) -> Mapping[str, str]:
    """What a banner says (`scanner.banner`), and of a sysDescr what the fingerprints of SNMP make of it alone."""
    known: dict[str, str | None] = {}
    if field == "sys_descr":
        who = identified([Row(1, SYS_DESCR, "4", text)])
        known = {"vendor": who.vendor, "model": who.hardware, "os_version": who.version, "serial": who.serial}
    return {**{name: value for name, value in known.items() if value}, **attributes(field, text)}


def rows(text: str) -> Iterator[Mapping[str, Any]]:
    """What each line says, as `told` has it: `{"case": "1", "field": "ssh", "input": "OpenSSH_9.2p1"}` is a line.

    Instead of `field`, `db` may name it as recog does ("ssh_banners"); a field that we do not read stays as it is. A
    line that is no such object is `{"case": "3", "unread": "line 3: not JSON, …"}`, and hides none of the others.
    ParseError when there are too many lines, or none.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise ParseError("banners", None, f"not a recording: no line like {_SAMPLE}")
    if len(lines) > MAX_BANNERS:
        raise ParseError("banners", lines[MAX_BANNERS][0], f"more than {MAX_BANNERS} lines")
    for number, line in lines:
        try:
            yield told(*_banner(line, number))
        except ParseError as error:
            yield {"case": str(number), "unread": f"line {number}: {error.reason}"}


def _banner(line: str, number: int) -> tuple[str, str, str]:
    """(case, field, banner) of a line."""
    row = _row(line, number)
    field = row.get("field") or words("field").get(row.get("db", ""), row.get("db", ""))
    if not isinstance(row.get("input"), str) or not isinstance(field, str):
        raise ParseError("banners", number, f"no line like {_SAMPLE}")
    return clean(str(row.get("case", number))), field, row["input"]


def _row(line: str, number: int) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ParseError("banners", number, f"not JSON, no line like {_SAMPLE}") from error
    if not isinstance(row, dict):
        raise ParseError("banners", number, f"no line like {_SAMPLE}")
    return row


def told(case: str, field: str, text: str) -> Mapping[str, Any]:
    """The row of a banner, as `vigie identify --jsonl` prints it."""
    said = read(field, text)
    row: dict[str, Any] = {"case": case, "device": field if field in fields() else clean(field)}
    # The version of a program must not read like that of the system beneath it.
    os = None if "version" in said and "os_version" not in said else said.get("os")
    row |= {"vendor": said.get("vendor"), "os": os, "class": words("class").get(said.get("class", ""))}
    row |= {"hardware": said.get("model"), "version": said.get("os_version") or said.get("version")}
    row |= {"serial": serial_number(said.get("serial")), "clues": [clean(text, MAX_BANNER)] if said else []}
    return {**row, "said": dict(said)}
