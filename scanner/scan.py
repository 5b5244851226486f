"""From a site and a transport to a snapshot: the same pipeline for a visit, a recording and a replay.

What is asked depends on the site and on earlier answers only, never on the clock or on chance, so that a recording
answers every question of its replay.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from inventory.device import Device, System
from inventory.errors import ParseError
from inventory.observation import Merged, Observation, UnreadLine, attributed, merge
from inventory.site import Credential, Site
from inventory.snapshot import Coverage, History, Snapshot, Source, Status, Unread, Vantage
from scanner import discover, vantage
from scanner.discover import identified, probes_for
from scanner.evidence import Evidence, Request, SourceName
from scanner.platforms import recognised
from scanner.snmprec import read_system
from scanner.transport import Transport
from scanner.wire.nmap import read_ports

# One worker a device; four at once keep a visit short and a small network calm.
WORKERS = 4

Progress = Callable[[str, str, float], None]  # phase, device, part done
Reader = Callable[[Evidence], Observation | None]


def quiet(_phase: str, _device: str, _part: float) -> None:
    """A progress that nobody watches."""


@dataclass(slots=True)
class _Visit:
    """What has been learnt of one device so far."""

    site: Site
    transport: Transport
    device: Device  # as ARP showed it: decides what may be asked
    address: IPv4Address
    seen: list[Merged] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)

    @property
    def known(self) -> Device:
        """Everything learnt so far in one device."""
        return merge((Merged(self.device, {}), *self.seen)).device

    def ask(self, source: SourceName, ask: str, read: Reader, credential: Credential | None = None) -> Evidence:
        """Ask, read, and note how it ended."""
        name = credential.name if credential else None
        evidence = self.transport.send(Request(source, str(self.address), ask, name))
        status, cause = evidence.status, evidence.detail
        # An empty answer is one: a rule set without rules. A failed one may be cut short, and silence is not absence.
        if status in ("done", "host_key_changed"):
            try:
                observation = read(evidence)
            except ParseError as error:
                status, cause = "unreadable", str(error)
            else:
                if observation is not None:
                    self.seen.append(attributed(observation, evidence.id))
        self.note(source, status, cause, evidence.id)
        return evidence

    def note(self, source: SourceName, status: Status, cause: str = "", evidence: str | None = None) -> None:
        """How one question ended; of the questions put to a source, the worst answer is what its coverage says."""
        self.coverage.append(Coverage(source, str(self.address), status, self.device.id, cause or None, evidence))


def scan(
    site: Site,
    transport: Transport,
    history: History,
    progress: Progress = quiet,
    stop: Callable[[], None] = lambda: None,
) -> Snapshot:
    """The snapshot of a site as seen through a transport.

    When it ends by an exception, a Ctrl-C for one, `stop` is called: it ends the questions under way.
    """
    where = transport.send(Request("vantage", "local", "interfaces"))
    vantages, gateways, coverage = _read_vantage(where)
    devices: list[tuple[Device, str]] = []
    for network in site.networks:
        progress("sweep", str(network.network), 0.0)
        evidence = transport.send(Request("arp", str(network.network), "sweep"))
        found, status, cause = _read_sweep(site, evidence, vantages)
        coverage.append(Coverage("arp", str(network.network), status, None, cause or None, evidence.id))
        devices += [(device, evidence.id) for device in found]
        progress("sweep", str(network.network), 1.0)
    visits = [_Visit(site, transport, device, _address(device)) for device, _ in devices]
    workers, ended = ThreadPoolExecutor(WORKERS), False
    try:
        for visit in workers.map(lambda visit: _visit(visit, progress), visits):
            coverage += visit.coverage
        ended = True
    finally:
        if not ended:
            stop()
        workers.shutdown(cancel_futures=True)  # waits: else an answer would be written to a draft that is being removed
    merged = [
        merge((_from_sweep(device, evidence), *visit.seen))
        for (device, evidence), visit in zip(devices, visits, strict=True)
    ]
    return _snapshot(site, where, vantages, gateways, merged, coverage, history)


def _read_vantage(evidence: Evidence) -> tuple[tuple[Vantage, ...], tuple[IPv4Address, ...], list[Coverage]]:
    status, cause = evidence.status, evidence.detail
    vantages: tuple[Vantage, ...] = ()
    gateways: tuple[IPv4Address, ...] = ()
    if status == "done":
        try:
            vantages, gateways = vantage.read(json.loads(evidence.text))
        except (ParseError, ValueError, RecursionError) as error:
            status, cause = "unreadable", str(error)
    return vantages, gateways, [Coverage("vantage", "local", status, None, cause or None, evidence.id)]


def _read_sweep(
    site: Site, evidence: Evidence, vantages: tuple[Vantage, ...]
) -> tuple[tuple[Device, ...], Status, str]:
    """The devices of one swept network, this machine itself left out."""
    here = next((item for item in vantages if str(item.network) == evidence.request.target), None)
    if evidence.status != "done" or here is None:
        status = evidence.status if evidence.status != "done" else "missing"
        return (), status, evidence.detail or "no vantage in that network"
    own = {item.mac for item in vantages}
    try:
        found = discover.answered(evidence.body)
    except ParseError as error:
        return (), "unreadable", error.reason
    met = (
        discover.met(site, mac, addresses, here.zone, here.network)
        for mac, addresses in found.items()
        if mac not in own
    )
    devices = sorted((device for device in met if device is not None), key=_address)
    return tuple(devices), "done", evidence.detail


def _address(device: Device) -> IPv4Address:
    """The address a device is visited at: its lowest."""
    assert device.network is not None  # noqa: S101 — for the type checker: `met` always sets both
    assert device.network.addresses  # noqa: S101
    return device.network.addresses[0]


def _visit(visit: _Visit, progress: Progress) -> _Visit:
    """Everything that may be asked of one device, each question following from the answers before it."""
    steps = (_ports, _scripts, _snmp, _ssh)
    allowed = probes_for(visit.site, visit.device).sources
    for place, (source, step) in enumerate(zip(("ports", "scripts", "snmp", "ssh"), steps, strict=True)):
        progress("visit", visit.device.name, place / len(steps))
        if source in allowed:
            step(visit)
        else:
            cause = "fragile" if visit.device.fragile else "not asked of this kind of device"
            visit.coverage.append(Coverage(source, str(visit.address), "excluded", visit.device.id, cause))
    progress("visit", visit.device.name, 1.0)
    return visit


def _ports(visit: _Visit) -> None:
    ports = probes_for(visit.site, visit.device).ports
    visit.ask("ports", discover.ports_ask(ports), read_ports)


def _scripts(visit: _Visit) -> None:
    network = visit.known.network
    if network is None or network.ports is None:
        visit.note("scripts", "failed", "its open ports are not known")
        return
    ports = sorted({port.port for port in network.ports} & discover.BANNER_PORTS)
    if ports:
        visit.ask("scripts", discover.ports_ask(ports), read_ports)


def _snmp(visit: _Visit) -> None:
    credential = _credential(visit, "snmp_v3", "snmp_v2c")
    if credential is None:
        visit.note("snmp", "no_credential", "the site names none for this device")
        return
    evidence = visit.ask("snmp", discover.SNMP_IDENTITY, read_system, credential)
    platform = recognised(visit.known)
    if evidence.status == "done" and platform is not None and platform.SNMP:
        asks = " ".join(f"walk:{root}" for root in platform.SNMP)
        visit.ask("snmp", asks, platform.read, credential)


def _ssh(visit: _Visit) -> None:
    credential = _credential(visit, "ssh")
    if credential is None:
        visit.note("ssh", "no_credential", "the site names none for this device")
        return
    evidence = visit.ask("ssh", "host-key", discover.read_host_key, credential)
    if evidence.status != "done":
        return
    platform = recognised(visit.known)
    if platform is None:
        visit.note("ssh", "unreadable", "no platform recognised")
        return
    visit.seen.append(Merged(Device(system=System(platform=platform.ID)), {"/system/platform": Source(evidence.id)}))
    for command in platform.COMMANDS:
        answer = visit.ask("ssh", f"exec {command}", platform.read, credential)
        if answer.status != "done":
            doubts = (UnreadLine(fact, 1, "not answered", answer.id) for fact in platform.DOUBTS.get(command, ()))
            visit.seen.append(Merged(Device(), {}, tuple(doubts)))


def _credential(visit: _Visit, *kinds: str) -> Credential | None:
    """The site's credential of the first of these kinds for this device."""
    declared = visit.device.declared
    if declared is None:
        return None
    own = [item for item in visit.site.credentials if declared.name in item.devices]
    return next((item for kind in kinds for item in own if item.kind == kind), None)


def _from_sweep(device: Device, evidence: str) -> Merged:
    """What ARP said of a device; its declaration and category are worked out again at the end, from everything."""
    return attributed(Observation(Device(network=device.network)), evidence)


def _snapshot(
    site: Site,
    where: Evidence,
    vantages: tuple[Vantage, ...],
    gateways: tuple[IPv4Address, ...],
    merged: Iterable[Merged],
    coverage: Iterable[Coverage],
    history: History,
) -> Snapshot:
    known: dict[str, list[Merged]] = {}
    for item in merged:
        device = _whole(site, item.device, gateways)
        known.setdefault(device.id, []).append(dataclasses.replace(item, device=device))
    found = {key: merge(items) for key, items in known.items()}
    rows = [*found.values(), *(Merged(device, {}) for device in _absent(site, [row.device for row in found.values()]))]
    rows.sort(key=lambda row: row.device.id)
    return Snapshot(
        taken_at=where.time,
        site=site.facts(),
        vantages=vantages,
        devices=tuple(row.device for row in rows),
        coverage=tuple(sorted(coverage, key=_coverage_order)),
        history=history,
        provenance=dict(_provenance(rows)),
        unread=tuple(_unread(row.device.id, line) for row in rows for line in row.unread),
    )


def _whole(site: Site, device: Device, gateways: tuple[IPv4Address, ...]) -> Device:
    addresses = (device.network.addresses if device.network else None) or ()
    platform = recognised(device)
    if platform is not None and device.system is not None and device.system.platform is None:
        device = dataclasses.replace(device, system=dataclasses.replace(device.system, platform=platform.ID))
    return identified(site, device, gateway=bool(set(addresses) & set(gateways)))


def _absent(site: Site, found: Iterable[Device]) -> Iterator[Device]:
    """The devices declared as always there and not met: subjects all the same, of which nothing is known."""
    met = {device.declared.name for device in found if device.declared is not None}
    for declared in site.devices:
        if declared.presence == "permanent" and declared.name not in met:
            device = identified(site, Device(declared=declared))
            fragile = bool(set(declared.macs) & set(site.fragile)) or bool(device.fragile)
            yield dataclasses.replace(device, fragile=fragile)


def _provenance(rows: Iterable[Merged]) -> Iterator[tuple[str, Source]]:
    for index, row in enumerate(rows):
        for pointer, source in sorted(row.provenance.items()):
            yield f"/devices/{index}{pointer}", source


def _unread(device: str, line: UnreadLine) -> Unread:
    return Unread(device, line.fact, line.evidence, line.line, line.text)


def _coverage_order(item: Coverage) -> tuple[str, str, str, str]:
    return (item.source, item.target, item.evidence or "", item.status)
