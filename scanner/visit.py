"""One visit from beginning to end, and its replay: what the commands `scan` and `check` do."""

import dataclasses
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version as installed_version
from pathlib import Path

from inventory import disk
from inventory.device import Device
from inventory.errors import ConfigError, ParseError, PolicyError, ScannerError, ScopeError
from inventory.network import Zone
from inventory.site import Site, read_site, seen_from
from inventory.snapshot import History, Snapshot
from inventory.store_place import STORE
from reports import render
from rules import check, load_policy
from rules.engine import Engine
from rules.finding import Assessment, EvidenceEntry
from rules.needs import is_seen
from rules.rule import Policy
from rules.waivers import strangers
from scanner import runs, vantage
from scanner.frames.saved import span
from scanner.guest import doubts, left_alone
from scanner.joining import joined
from scanner.known_hosts import KnownHosts
from scanner.live import Live
from scanner.progress import Display
from scanner.scan import scan
from scanner.scope import check_date, local_day
from scanner.secret_store import SecretError, SecretStore
from scanner.transport import Recording, Replay
from scanner.wire.api import KEY_TYPE
from scanner.wire.capture import MOST_IN_FILE
from scanner.wire.ssh import HostKey

# How far from the visit a frame of its capture file may be. What is heard counts as there today: an older file would
# make passing devices, addresses and services of another year findings of this one.
MOST_APART = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Look:
    """How a visit is made: from where (None: as the site says), with a capture file, and what may be accepted."""

    vantage: Zone | None = None
    pcap: Path | None = None
    accept_new_host_keys: bool = False


def visit(folder: Path, engine: Engine, look: Look, lang: str, warn: Callable[[str], None]) -> tuple[Path, Assessment]:
    """The run folder of a new visit and what it says; the run is kept even when it cannot be judged.

    What was heard in the capture file joins it; ConfigError when that is none or old, and from the guest network.
    """
    site = read_site(folder)
    site, pcap = (seen_from(site, look.vantage) if look.vantage else site), look.pcap
    if site.vantage == "guest" and pcap is not None:
        raise ConfigError("--pcap", None, "", "a capture of guests' devices", "none: they are counted, not recorded")
    now = datetime.now(UTC)
    check_date(site, local_day(now))
    if shutil.which("nmap") is None:
        raise ConfigError("nmap", None, "", "no such program", "nmap installed (apt-get install nmap)")
    if pcap is not None:
        _check_capture(pcap, now)
    policy = load_policy()
    _check_waivers(site, policy)
    # An engine that does not answer is noticed before the practice is disturbed, not after.
    check(Snapshot(now, site.facts(), (), (), (), History(), {}), policy, engine)
    history = _past(folder, site, warn)
    known_hosts, secrets = KnownHosts(folder), SecretStore(folder)
    _check_references(site, secrets)
    here = vantage.interfaces(site)
    for doubt in doubts(site, here) if site.vantage == "guest" else left_alone(site, here):
        warn(doubt)
    with runs.new_run(folder) as draft, Display() as display:
        runs.freeze(draft, site, history)

        def trust(device: Device, key: HostKey) -> bool:
            what = "certificate" if key.key_type == KEY_TYPE else "SSH host key"
            return look.accept_new_host_keys or display.confirm(device.name, key.fingerprint, live.stopped, what)

        with Live(site, secrets, known_hosts, trust, display.part, pcap) as live:
            recording = Recording(live, draft)
            snapshot = scan(site, recording, history, display.step, live.stop)
        recording.finish()
        _check_seen(snapshot)
        return _published(draft, site, snapshot, policy, engine, lang)


def _check_seen(snapshot: Snapshot) -> None:
    """Nothing when anything was seen; ScopeError else: a report of nothing would read like an empty network."""
    sweeps = [item for item in snapshot.coverage if item.source in ("arp", "count", "reach")]
    if all(item.status != "done" for item in sweeps) and not any(map(is_seen, snapshot.devices)):
        cause = (sweeps[0].target, sweeps[0].cause or sweeps[0].status) if sweeps else ("site", "no network to see")
        raise ScopeError(*cause)


def _published(
    draft: Path, site: Site, snapshot: Snapshot, policy: Policy, engine: Engine, lang: str
) -> tuple[Path, Assessment]:
    """The run folder that a draft becomes, and what it says."""
    runs.write_json(draft / "snapshot.json", snapshot.to_json())
    try:
        assessment = _assessment(site, snapshot, policy, engine, runs.evidence_entries(draft))
    except ScannerError as error:
        kept = runs.publish(draft, snapshot.taken_at)
        raise PolicyError(str(kept), None, f"the visit is kept but not judged: {error}") from error
    write(draft, snapshot, assessment, lang)
    runs.write_manifest(draft, {"vigie": assessment.vigie, "policy": assessment.policy})
    return runs.publish(draft, snapshot.taken_at), assessment


def _past(folder: Path, site: Site, warn: Callable[[str], None]) -> History:
    """What earlier visits leave to this one; before the first, no store is made for a visit that may never end."""
    if (site.store is None or site.store.url is None) and not (runs.names(folder) or os.path.lexists(folder / STORE)):
        return History()
    from scanner.store import history  # late: a replay needs no database

    return history(folder, site, warn)


def _check_capture(pcap: Path, now: datetime) -> None:
    """Nothing when the file is a capture of these days; ConfigError before the practice is disturbed.

    Of the visit alone: what a recording holds was heard when it was made, whenever it is replayed.
    """
    try:
        with pcap.open("rb") as stream:
            heard = span(stream, MOST_IN_FILE)
    except (OSError, ParseError) as error:
        cause = error.reason if isinstance(error, ParseError) else error.strerror or "unreadable"
        raise ConfigError(str(pcap), None, "", cause, "a pcap or pcapng file with Ethernet frames") from error
    if heard and any(abs(moment - now.timestamp()) > MOST_APART.total_seconds() for moment in heard):
        first, last = map(_day, heard)
        when = f"frames of {first}" if first == last else f"frames of {first} to {last}"
        raise ConfigError(str(pcap), None, "", when, f"those of this visit, {local_day(now)}, or of the day around it")


def _day(moment: float) -> str:
    """The day of a frame as a person reads it; a capture may claim any."""
    try:
        return str(local_day(datetime.fromtimestamp(moment, UTC)))
    except (ValueError, OverflowError, OSError):
        return "no day at all"


def _check_waivers(site: Site, policy: Policy) -> None:
    """Nothing when every waiver names a rule; whom it names is known after the visit only."""
    names = [waiver.subject for waiver in site.waivers]
    if stranger := next(strangers(site.waivers, [rule.id for rule in policy.rules], names), None):
        raise ConfigError("waivers.yaml", None, "", stranger.found, stranger.expected)


def _check_references(site: Site, secrets: SecretStore) -> None:
    """Nothing when every secret that the site refers to is there; ConfigError before the practice is disturbed."""
    for credential in site.credentials:
        for reference in credential.references():
            try:
                secrets.secret(reference)
            except SecretError as error:
                place = f"credentials/{credential.name}"
                raise ConfigError("site.yaml", None, place, str(error), "a secret that can be read") from error


def join(parts: Sequence[Path], engine: Engine, lang: str) -> tuple[Path, Assessment]:
    """The run folder of several runs of one site put side by side, beside the first of them, and what it says."""
    folder = parts[0].resolve().parent
    if folder.name != runs.RUNS:
        raise ConfigError(str(parts[0]), None, "", "a folder elsewhere", f"a run folder below a site's {runs.RUNS}")
    for part in parts[1:]:  # two practices may have one name, and most have the same networks
        if part.resolve().parent != folder:
            raise ConfigError(str(part), None, "", "a run of another site folder", f"a run folder below {folder}")
    with runs.new_run(folder.parent) as draft:
        runs.put_together(draft, parts)
        snapshot, assessment = replay(draft, engine)
        write(draft, snapshot, assessment, lang)
        runs.write_manifest(draft, {"vigie": assessment.vigie, "policy": assessment.policy})
        return runs.publish(draft, snapshot.taken_at), assessment


def replay(run: Path, engine: Engine) -> tuple[Snapshot, Assessment]:
    """What a recording says under today's rules, of several runs if it is a joined one."""
    parts = runs.parts(run)
    site = runs.judging(run)
    snapshots = [_replayed(part) for part in parts]
    snapshot = snapshots[0] if parts == [run] else joined(snapshots)
    if parts != [run]:
        snapshot = dataclasses.replace(snapshot, coverage=(*snapshot.coverage, *runs.defects(run)))
    return snapshot, _assessment(site, snapshot, load_policy(), engine, runs.evidence_entries(run))


def _replayed(run: Path) -> Snapshot:
    site, history = runs.thaw(run)
    snapshot = scan(site, Replay(run), history)
    return dataclasses.replace(snapshot, coverage=(*snapshot.coverage, *runs.defects(run)))


def write(folder: Path, snapshot: Snapshot, assessment: Assessment, lang: str) -> None:
    """The snapshot, the assessment and the report, in a folder."""
    runs.write_json(folder / "snapshot.json", snapshot.to_json())
    disk.write(folder / "assessment.json", render(assessment, "json"))
    disk.write(folder / "report.html", render(assessment, "html", lang))


def _assessment(
    site: Site, snapshot: Snapshot, policy: Policy, engine: Engine, evidence: tuple[EvidenceEntry, ...]
) -> Assessment:
    return check(
        snapshot,
        policy,
        engine,
        waivers=site.waivers,
        evidence=evidence,
        authorisation=site.authorisation,
        version=installed_version("vigie"),
    )
