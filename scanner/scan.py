"""From a site and a transport to a snapshot: the same pipeline for a visit, a recording and a replay.

What is asked depends on the site and on earlier answers only, never on the clock or on chance, so that a recording
answers every question of its replay.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address
from threading import BoundedSemaphore

from inventory.device import Device
from inventory.observation import Merged, UnreadLine
from inventory.site import Site
from inventory.snapshot import Coverage, History, Snapshot, Status, Vantage
from scanner import discover, gather, services, settings, tabled
from scanner.air import heard_air
from scanner.asking import Asking
from scanner.assembly import from_sweep, snapshot
from scanner.beginning import captures, order_of_visits, read_sweep, read_vantage
from scanner.discover import probes_for
from scanner.evidence import Evidence, Request, SourceName
from scanner.guest import guest_scan
from scanner.guest_rows import without_guests
from scanner.neighbours import Neighbours
from scanner.passive import FILE, joined
from scanner.transport import Transport
from scanner.wire.nmap import read_ports

# One worker a device. Four at once put probes, which keeps a small network calm; settings are read from all of them
# at one time: a device takes seconds to show its own, and hears no more for it.
WORKERS, PROBING = 16, 4

Progress = Callable[[str, str, float], None]  # phase, device, part done


def quiet(_phase: str, _device: str, _part: float) -> None:
    """A progress that nobody watches."""


Step = Callable[[Asking], None]


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
    if site.vantage == "guest":
        return guest_scan(site, transport, history, progress)
    where = transport.send(Request("vantage", "local", "interfaces"))
    vantages, gateways, coverage = read_vantage(where)
    devices, swept = _swept(site, transport, vantages, progress)
    links = Neighbours(site, transport, vantages, [device for device, _ in devices], progress)
    coverage += [*swept, *links.coverage]
    devices += links.alone
    devices.sort(key=lambda found: order_of_visits(found[0]))
    everybody = gather.Announcements(site, transport, [device for device, _ in devices], progress)
    coverage += everybody.coverage
    visits = list(_visits(site, transport, [device for device, _ in devices], everybody))
    coverage += _visited(visits, progress, stop)
    learnt = _learnt(devices, links, visits)
    for offers in everybody.offers:
        coverage += _heard(site, offers, vantages, learnt, devices)
    for target in captures(site, where):  # the last of all questions: what was heard leads to none
        capture = transport.send(Request("capture", target, "read" if target == FILE else "listen"))
        coverage += [row for row in _heard(site, capture, vantages, learnt, devices) if row not in coverage]
    coverage += _tabled(site, vantages, learnt, devices)
    air, rows = heard_air(transport, where)
    whole = snapshot(site, where, vantages, gateways, learnt, (*coverage, *rows), history)
    return dataclasses.replace(whole, air=air)


def _visited(visits: list[Asking], progress: Progress, stop: Callable[[], None]) -> list[Coverage]:
    """How every question of every visit ended; the answers are then in the visits."""
    workers, probing, coverage, ended = ThreadPoolExecutor(WORKERS), BoundedSemaphore(PROBING), list[Coverage](), False
    try:
        for visit in workers.map(lambda visit: _visit(visit, progress, probing), visits):
            coverage += visit.coverage
        ended = True
    finally:
        if not ended:
            stop()
        workers.shutdown(cancel_futures=True)  # waits: else an answer would be written to a draft that is being removed
    return coverage


def _learnt(
    devices: Iterable[tuple[Device, str]], links: Neighbours, visits: Iterable[Asking]
) -> dict[str, list[Merged]]:
    """The facts that the sweep, the neighbours and the visits brought, by the id of the device."""
    learnt: dict[str, list[Merged]] = {}
    for device, evidence_id in devices:
        learnt.setdefault(device.id, []).append(from_sweep(device, evidence_id))
    for identity, facts in links.facts.items():
        learnt[identity] += facts
    for visit in visits:
        learnt[visit.device.id] += visit.seen
    return learnt


def _heard(
    site: Site,
    capture: Evidence,
    vantages: tuple[Vantage, ...],
    learnt: dict[str, list[Merged]],
    met: Iterable[tuple[Device, str]],
) -> tuple[Coverage, ...]:
    """How a capture ended; what was heard in it is added to `learnt`."""
    found = joined(site, capture, vantages, _asked(met))
    for identity, facts in found.facts:
        learnt.setdefault(identity, []).extend(facts)
    return found.coverage


def _swept(
    site: Site, transport: Transport, vantages: tuple[Vantage, ...], progress: Progress
) -> tuple[list[tuple[Device, str]], list[Coverage]]:
    """The devices that a sweep of each network met, each with the id of its evidence, and how the sweeps ended."""
    devices: list[tuple[Device, str]] = []
    coverage: list[Coverage] = []
    for network in site.networks:
        progress("sweep", str(network.network), 0.0)
        evidence = transport.send(Request("arp", str(network.network), "sweep"))
        found, status, cause = read_sweep(site, evidence, vantages)
        coverage.append(Coverage("arp", str(network.network), status, None, cause or None, evidence.id))
        devices += [(device, evidence.id) for device in found]
        if status == "done":  # else nothing was swept, or not all
            progress("sweep", str(network.network), 1.0)
    return devices, coverage


def _tabled(
    site: Site, vantages: tuple[Vantage, ...], learnt: dict[str, list[Merged]], met: Iterable[tuple[Device, str]]
) -> tuple[Coverage, ...]:
    """Whom only the tables of routers and switches know; what they say of everybody is added to `learnt`.

    Guests are taken out of it first.
    """
    kept, guests = without_guests(site, learnt)
    learnt.update(kept)
    found = tabled.joined(site, learnt, vantages, _asked(met))
    for identity, facts in found.facts:
        learnt.setdefault(identity, []).append(facts)
    return (*guests, *found.coverage)


def _asked(met: Iterable[tuple[Device, str]]) -> dict[str, frozenset[IPv4Address]]:
    """The addresses at which each device was met, by its id."""
    asked: dict[str, frozenset[IPv4Address]] = {}
    for device, _ in met:
        asked[device.id] = asked.get(device.id, frozenset()) | set(gather.addresses(device))
    return asked


def _visits(
    site: Site, transport: Transport, devices: Iterable[Device], everybody: gather.Announcements
) -> Iterator[Asking]:
    """One visit for each address at which a device may be asked; at the first one it is also logged into.

    What it announced is known before it is asked anything.
    """
    stops = [(device, address) for device in devices for address in discover.asked_at(device)]
    count, begun = Counter(device.id for device, _ in stops), set[str]()
    for device, address in stops:
        visit = Asking(site, transport, device, address, only=count[device.id] == 1, again=device.id in begun)
        if not visit.again:
            visit.announced = everybody.of(device)
            visit.seen = list(visit.announced.facts)
        begun.add(device.id)
        yield visit


def _visit(visit: Asking, progress: Progress, probing: BoundedSemaphore) -> Asking:
    """Everything that may be asked of one device, each question following from the answers before it."""
    with probing:
        _steps(visit, _PROBES, progress)
    _steps(visit, _SETTINGS, progress)
    progress("visit", visit.device.name, 1.0)
    return visit


def _steps(visit: Asking, steps: tuple[tuple[SourceName, Step], ...], progress: Progress) -> None:
    """Take those steps that the device tolerates, and note the others."""
    allowed = probes_for(visit.site, visit.device).sources
    done = len(_PROBES) if steps is _SETTINGS else 0
    for place, (source, step) in enumerate(steps, done):
        progress("visit", visit.device.name, place / (len(_PROBES) + len(_SETTINGS)))
        if visit.again and source in ("smb", "snmp", "ssh", "api"):
            continue
        if source in allowed:
            step(visit)
        else:
            status: Status = "excluded" if visit.device.fragile else "not_asked"
            visit.note(source, status, "fragile" if visit.device.fragile else "not asked of this kind of device")


def _ports(visit: Asking) -> None:
    ports = probes_for(visit.site, visit.device).ports
    before = len(visit.seen)
    evidence = visit.ask("ports", discover.ports_ask(ports), read_ports)
    if len(visit.seen) == before and not visit.only:
        # Another address of the device may have answered: what is open there is not all that is open.
        doubt = UnreadLine("network.ports", 1, f"{visit.address} was not looked at", evidence.id)
        visit.seen.append(Merged(Device(), {}, (doubt,)))


def _scripts(visit: Asking) -> None:
    network = visit.known.network
    if network is None or network.ports is None:
        visit.note("scripts", "ports_unknown", "its open ports are not known")
        return
    for ask in discover.scripts_asks(network.ports, smb=network.smb is not None):
        visit.ask("scripts", ask, read_ports)


def _service(source: SourceName, visit: Asking) -> None:
    network = visit.known.network
    if network is None or network.ports is None:
        visit.note(source, "ports_unknown", "its open ports are not known")
        return
    for ask in services.questions(source, network.ports):
        answer = visit.ask(source, ask, services.READERS[source])
        if answer.status != "done" and source != "smb":  # one port for which nobody answers: the list is not whole
            visit.seen.append(
                Merged(Device(), {}, (UnreadLine(services.FACTS[source], 1, f"{ask}: not answered", answer.id),))
            )


_PROBES: tuple[tuple[SourceName, Step], ...] = (
    ("ports", _ports), ("smb", partial(_service, "smb")), ("scripts", _scripts), ("tls", partial(_service, "tls")),
    ("ssh_offer", partial(_service, "ssh_offer")), ("http", partial(_service, "http")),
    ("upnp", gather.upnp), ("netbios", gather.netbios),
)  # fmt: skip
_SETTINGS: tuple[tuple[SourceName, Step], ...] = (
    ("snmp", settings.snmp), ("ssh", settings.ssh), ("api", settings.api),
)  # fmt: skip
