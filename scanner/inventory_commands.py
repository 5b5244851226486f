"""The commands `vigie devices` and `vigie approve`: what the practice has, and what of it is declared."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from inventory.device import Category
from inventory.errors import ConfigError


def devices(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    unknown: Annotated[bool, typer.Option("--unknown", help="Only devices that nobody declared.")] = False,
    personal: Annotated[bool, typer.Option("--personal", help="Only devices declared as personal.")] = False,
    absent: Annotated[bool, typer.Option("--absent", help="Only devices that are gone.")] = False,
    category: Annotated[Category | None, typer.Option("--category", help="Only devices of this kind.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Read every run folder into the store again.")] = False,
    lang: Annotated[Literal["fr", "en"], typer.Option("--lang", help="Language of the table.")] = "fr",
) -> None:
    """List the devices of a practice over all its runs: what they are, whose, since when, and whether still there."""
    from rich.console import Console

    import reports.devices
    from inventory.site import read_site
    from scanner import store

    if as_json and as_csv:
        raise ConfigError("--csv", None, "", "two formats", "--json or --csv")
    every = store.devices(site, read_site(site), warn, rebuild=rebuild)
    chosen = [
        item
        for item in every
        if not (unknown and item.approved)
        and not (personal and not item.personal)
        and not (absent and item.presence != "absent")
        and category in (None, item.category)
    ]
    if as_json:
        typer.echo(reports.devices.as_json(chosen))
    elif as_csv:
        sys.stdout.write(reports.devices.as_csv(chosen))
    else:
        reports.devices.show(chosen, Console(), lang)


def approve(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    device: Annotated[str, typer.Argument(help="Its id, MAC, name or address, as vigie devices shows them.")],
    role: Annotated[Category, typer.Option("--role", help="What it is.")],
    owner: Annotated[
        Literal["practice", "provider", "personal", "family", "patient"], typer.Option("--owner", help="Whose it is.")
    ],
    use: Annotated[Literal["professional", "personal", "mixed"], typer.Option("--use", help="What it is used for.")],
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="Last day of an approval that ends; default: for good."),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call it; default: its own name.")] = None,
    presence: Annotated[
        Literal["permanent", "mobile", "seasonal"] | None, typer.Option("--presence", help="Is it always there?")
    ] = None,
) -> None:
    """Declare a device that was seen in inventory.yaml, or renew its approval; all else in the file stays as it was."""
    import difflib

    from inventory.approval import FILE, Approval, found
    from inventory.approval import approve as approved
    from inventory.site import read_site
    from scanner import store
    from scanner.scope import local_day

    read = read_site(site)
    approval = Approval(role, owner, use, until.date() if until else None, name, presence)
    today = local_day(datetime.now(UTC))
    every = store.devices(site, read, warn)
    before, after = approved(site, read, every, device, approval, today)
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), FILE, FILE, lineterm=""):
        # Spaces count here: only what a terminal would obey goes.
        typer.echo("".join(char if char.isprintable() else " " for char in line))
    if until is None and ended(before, after):
        warn("without --until this approval has no end any more")
    for span in found(every, device).linked:
        warn(f"{span.value} was left out: only an announcement links it, and anybody can announce")


def ended(before: str, after: str) -> bool:
    """Whether a day on which an approval ends is gone from the file."""
    return before.count("until:") > after.count("until:")


def warn(message: str) -> None:
    """One line on stderr, whatever a device or a file put into it."""
    from inventory.text import clean

    sys.stderr.write(f"vigie: {clean(message, 1000)}\n")
