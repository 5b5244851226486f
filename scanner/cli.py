"""The command line: `vigie init`, `scan`, `join`, `check`, `report`, `diff`, `read`, `identify`, `doctor`, `devices`,
`approve`.

Exit status: 0 everything passes, 1 something fails, 2 could not run, 3 nothing fails but something is unknown. Of
`diff`: 0 the same, 1 different.
"""

import os
import signal
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from inventory.errors import ConfigError, ScannerError
from scanner import inventory_commands, recording_commands
from scanner.inventory_commands import warn
from scanner.recording_commands import COULD_NOT_RUN

if TYPE_CHECKING:
    from rules.engine import Engine
    from rules.finding import Assessment

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

app = typer.Typer(
    help="Vigie: what is on a health practice's network, how it is set, and what the ANS memento says of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Lang = Literal["fr", "en"]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the summary and the report.")]
OpaOption = Annotated[
    str | None, typer.Option("--opa", metavar="URL", help="Judge with this OPA server instead of the embedded engine.")
]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"vigie {version('vigie')}")
        raise typer.Exit


@app.callback()
def vigie(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before any command."""


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The site folder to make.")]) -> None:
    """Write a commented site folder: site.yaml, inventory.yaml, waivers.yaml."""
    from scanner.template import write_site

    write_site(folder)
    typer.echo(f"{folder}: fill in site.yaml (networks, authorisation) and inventory.yaml, then: vigie scan {folder}")


@app.command()
def scan(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    accept_new_host_keys: Annotated[
        bool, typer.Option(help="Accept SSH host keys seen for the first time without asking. For scripts.")
    ] = False,
    pcap: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Add what was heard in this capture (pcap, pcapng).")
    ] = None,
    vantage: Annotated[
        Literal["professional", "guest", "wifi"] | None,
        typer.Option(help="Where this machine stands; default: as site.yaml says. Guests are counted only."),
    ] = None,
    opa: OpaOption = None,
    lang: LangOption = "fr",
) -> None:
    """Scan a site, judge it, and leave a run folder with the evidence and the report."""
    from scanner.visit import Look, visit

    run, assessment = visit(site, _engine(opa), Look(vantage, pcap, accept_new_host_keys), lang, warn)
    _done(site, run, assessment, lang)


@app.command()
def join(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Run folders of one site, from several vantages.")],
    opa: OpaOption = None,
    lang: LangOption = "fr",
) -> None:
    """Put runs of one site side by side in a new run, and judge it; only this shows whether guests are kept apart."""
    from scanner.visit import join as put_together

    run, assessment = put_together(runs, _engine(opa), lang)
    _done(run.parent.parent, run, assessment, lang)


def _done(site: Path, run: Path, assessment: "Assessment", lang: Lang) -> None:
    """Tell what a new run says, and note it in the store of its site; exits as its verdicts say."""
    from scanner.notices import strange_waivers
    from scanner.store import keep_run

    _summary(assessment, lang)
    typer.echo(f"{run}\n{run / 'report.html'}")  # first of all: whatever fails below, the run is there
    _warn(strange_waivers(run, assessment))
    try:
        keep_run(site, warn)
    except _Interrupted:
        warn("interrupted; the run is kept, and the store takes it in next time")
    _exit(assessment)


@app.command()
def check(
    run: Annotated[Path, typer.Argument(help="A run folder or a recording: site.json, history.json, evidence.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write snapshot, assessment, report here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the assessment as JSON.")] = False,
    opa: OpaOption = None,
    lang: LangOption = "fr",
) -> None:
    """Judge a recording again with today's rules; opens no network socket (but to the OPA server, if one is named)."""
    from reports import render
    from scanner.notices import strange_waivers
    from scanner.visit import replay, write

    snapshot, assessment = replay(run, _engine(opa))
    if output is not None:
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(output, snapshot, assessment, lang)
    if as_json:
        sys.stdout.buffer.write(render(assessment, "json"))
        sys.stdout.flush()
    else:
        _summary(assessment, lang)
    _warn(strange_waivers(run, assessment))
    _exit(assessment)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="A run folder, or an assessment.json.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write; default: beside it.")] = None,
    kind: Annotated[Literal["html", "json"], typer.Option("--format", "-f", help="What to write.")] = "html",
    lang: LangOption = "fr",
) -> None:
    """Render the report of a run again."""
    from inventory.disk import write
    from reports import render
    from scanner.notices import changes
    from scanner.runs import assessment_of

    assessment = assessment_of(run)
    _warn(changes(run))
    target = output or (run if run.is_dir() else run.parent) / f"report.{lang}.{kind}"
    try:
        write(target, render(assessment, kind, lang))
    except OSError as error:
        raise ConfigError(str(target), None, "", error.strerror or "unwritable", "a place to write") from error
    typer.echo(str(target))


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="The earlier run folder.")],
    after: Annotated[Path, typer.Argument(help="The later run folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
    lang: LangOption = "fr",
) -> None:
    """Show the devices, findings and facts that changed between two runs; exit status 1 when anything did."""
    import json

    from inventory.document import to_json
    from rules.difference import difference
    from scanner.notices import changes
    from scanner.runs import documents_of

    found = difference(documents_of(before), documents_of(after))
    _warn((*changes(before), *changes(after)))
    if as_json:
        typer.echo(json.dumps(to_json(found), ensure_ascii=False))
    else:
        from rich.console import Console

        from reports.difference import show

        show(found, Console(), lang)
    raise typer.Exit(1 if found else 0)


@app.command()
def doctor() -> None:
    """Say what this machine has for a scan, and what each missing thing costs; exit status 2 when it cannot scan."""
    from scanner.doctor import CANNOT_SCAN, examined

    checks = examined()
    for check in checks:
        typer.echo(f"{check.mark} {check.name:<22} {check.found}" + (f" – {check.cost}" if check.cost else ""))
    raise typer.Exit(COULD_NOT_RUN if any(check.cost == CANNOT_SCAN for check in checks) else 0)


app.command()(recording_commands.read)
app.command()(recording_commands.identify)
app.command()(inventory_commands.devices)
app.command()(inventory_commands.approve)


def _engine(url: str | None) -> "Engine":
    from rules.engine import EmbeddedEngine, OpaServerEngine

    return OpaServerEngine(url) if url else EmbeddedEngine()


def _summary(assessment: "Assessment", lang: Lang) -> None:
    from rich.console import Console

    from reports.to_terminal import summary

    summary(assessment, Console(), lang)


def _exit(assessment: "Assessment") -> None:
    from rules.assess import exit_status

    raise typer.Exit(exit_status(assessment))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every failure is one line on stderr and exit status 2."""
    os.umask(0o077)  # whatever is written here is personal data
    for number in INTERRUPTS:
        signal.signal(number, _interrupt)
    try:
        app(arguments)
    except ScannerError as error:
        _fail(str(error))
    except _Interrupted:
        _fail("interrupted; no run was kept")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(COULD_NOT_RUN)
    except Exception as error:  # noqa: BLE001 — the one broad except: a user gets a line, never a traceback
        if os.environ.get("VIGIE_DEBUG"):
            traceback.print_exc()
        _fail(f"unexpected {type(error).__name__}: {error} (set VIGIE_DEBUG=1 for the details, and please report it)")


class _Interrupted(BaseException):
    """Ctrl-C or SIGTERM: unwinds everything, so that the draft of a run goes too. Typer would make it exit status 1."""


def _interrupt(_number: int, _frame: object) -> None:
    for number in INTERRUPTS:  # a second one would cut short what the first one ends and removes
        signal.signal(number, signal.SIG_IGN)
    raise _Interrupted


def _warn(messages: Iterable[str]) -> None:
    for message in messages:
        warn(message)


def _fail(message: str) -> None:
    warn(message)
    sys.exit(COULD_NOT_RUN)


if __name__ == "__main__":
    main()
