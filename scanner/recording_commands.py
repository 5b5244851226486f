"""The commands `vigie read` and `vigie identify`: what saved files say, for whoever holds one. Nothing is sent."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from inventory.errors import ConfigError

COULD_NOT_RUN = 2
UNKNOWN = 3


def read(
    files: Annotated[list[Path], typer.Argument(help="Saved configurations, command outputs, .snmprec files.")],
    platform: Annotated[str | None, typer.Option("--platform", help="Take them for files of this platform.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Show the facts in saved files, each with its line; status 3 when one is not all read, 2 if it will not open."""
    from scanner.saved import cases, facts, nothing, saved, shown

    named = cases(files)

    def rows(file: Path) -> list[Mapping[str, Any]]:
        found = saved(file, platform)
        return list(facts(named[file], found)) if found else [nothing(named[file])]

    _each(files, rows, lambda row: "fact" in row, None if jsonl else shown, whole=lambda row: "unread" not in row)


def identify(
    files: Annotated[
        list[Path], typer.Argument(help="Recordings: .snmprec, .pcap, .pcapng, nmap's .xml, banners .jsonl.")
    ],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Say who the devices in recordings are; status 3 when one tells of none or is not all read, 2 if it is none."""
    from scanner.identify import identities, known, shown

    _each(files, identities, known, None if jsonl else shown, unread=lambda row: row.get("unread"))


def _each(
    files: list[Path],
    rows: Callable[[Path], Sequence[Mapping[str, Any]]],
    known: Callable[[Mapping[str, Any]], bool],
    shown: Callable[[Mapping[str, Any]], str] | None,
    unread: Callable[[Mapping[str, Any]], Any] = lambda _row: None,
    whole: Callable[[Mapping[str, Any]], bool] = lambda _row: True,
) -> None:
    """Every file's rows, as JSON when nothing shows them; of a file that cannot be read a line, and the next one.

    `unread` says of a row what of its file could not be read; the first is told, and how many more there are.
    """
    import json

    from inventory.text import clean

    status = 0
    for file in files:
        try:
            found = rows(file)
        except ConfigError as error:
            typer.echo(f"vigie: {error}", err=True)
            status = COULD_NOT_RUN
            continue
        if not any(map(known, found)) or not all(map(whole, found)):
            status = status or UNKNOWN
        if problems := list(dict.fromkeys(filter(None, map(unread, found)))):
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            typer.echo(f"vigie: {clean(str(file))}: {clean(str(problems[0]))}{more}", err=True)
            status = status or UNKNOWN
        for row in found:
            typer.echo(clean(shown(row), 400) if shown else json.dumps(row, ensure_ascii=False))
    raise typer.Exit(status)
