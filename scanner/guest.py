"""A visit from the guest network: its devices are counted, and whoever of the practice can be reached is said. Pure.

Nothing of a guest's device is asked, named or kept: Live gives back a number and the practice's own. Whether guests are
kept apart is judged only from such a run, joined to one from the professional network (docs/adr/0015).
"""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from inventory.document import from_json
from inventory.errors import ConfigError, ParseError
from inventory.site import Site, SiteNetwork
from inventory.snapshot import Coverage, GuestView, History, Snapshot, Status, Vantage
from scanner.beginning import read_vantage
from scanner.evidence import READER_ERRORS, Evidence, Request
from scanner.transport import Transport


def doubts(site: Site, vantages: Iterable[Vantage]) -> Iterator[str]:
    """A line for each reason to doubt that this machine stands where `--vantage guest` says.

    A guest Wi-Fi that hands out addresses of the practice is a fault that such a visit is there to find, so it is made
    all the same; a machine that was left on the practice's own network sees just the same.
    """
    if not any(item.zone == "guest" for item in site.networks):
        yield "site.yaml names no network of zone guest: guests are looked for on the practice's own networks only"
    for item in vantages:
        if item.zone != "guest":
            yield (
                f"{item.interface} stands in {item.network}, which site.yaml calls {item.zone}: its devices are counted"
                " as reached by guests; make this visit from the guest Wi-Fi, or drop --vantage guest"
            )


def standing(site: Site, vantages: Iterable[Vantage]) -> tuple[Vantage, ...]:
    """Where a visit may ask: one that is not made as a guest leaves the guests' network alone."""
    return tuple(item for item in vantages if site.vantage == "guest" or item.zone != "guest")


def left_alone(site: Site, vantages: Iterable[Vantage]) -> Iterator[str]:
    """A line for each guest network that this machine is in and that the visit leaves alone.

    ConfigError when it stands in no other: `--vantage guest` was forgotten, and nobody may be probed there.
    """
    vantages = tuple(vantages)
    asked = standing(site, vantages)
    for item in vantages:
        if item in asked:
            continue
        here = f"{item.interface} stands in {item.network}, the guest network"
        if not asked:
            raise ConfigError("--vantage", None, "", here, "--vantage guest: guests are counted, not probed")
        yield f"{here}: nobody is asked there, and its devices are neither met nor counted on this visit"


def guest_scan(
    site: Site, transport: Transport, history: History, progress: Callable[[str, str, float], None]
) -> Snapshot:
    """What a run from the guest network sees: a view of each network, and no device."""
    where = transport.send(Request("vantage", "local", "interfaces"))
    vantages, gateways, coverage = read_vantage(where)
    here = {item.network for item in vantages}
    views = []
    for network in site.networks:
        if network.network not in here and network.zone == "guest":
            continue  # another guest network: nothing of the practice is there
        progress("sweep", str(network.network), 0.0)
        on_link = network.network in here
        request = (
            Request("count", str(network.network), "sweep")
            if on_link
            else Request("reach", str(network.network), "echo")
        )
        evidence = transport.send(request)
        view, row = _read(site, network, evidence)
        if view is not None and on_link:
            ways = tuple(address for address in gateways if address in network.network)
            view = dataclasses.replace(view, gateways=ways)
        views += [view] if view is not None else []
        coverage.append(row)
        progress("sweep", str(network.network), 1.0)
    return Snapshot(
        taken_at=where.time, site=site.facts(), vantages=vantages, devices=(), coverage=tuple(coverage),
        history=history, provenance={}, guest_views=tuple(views), stood=("guest",),
    )  # fmt: skip


def _read(site: Site, network: SiteNetwork, evidence: Evidence) -> tuple[GuestView | None, Coverage]:
    status: Status = evidence.status
    cause, view = evidence.detail, None
    if status == "done":
        try:
            view = _view(site, network, evidence.request.source == "count", json.loads(evidence.text))
        except (*READER_ERRORS, json.JSONDecodeError) as error:
            status, cause = "unreadable", error.reason if isinstance(error, ParseError) else type(error).__name__
    return view, Coverage(evidence.request.source, str(network.network), status, None, cause or None, evidence.id)


def _view(site: Site, network: SiteNetwork, counted: bool, said: Any) -> GuestView:  # noqa: ANN401
    """`{"answered": 7, "known": ["00:11:32:00:00:01"]}` of a count, `{"answered": ["192.168.10.10"]}` of echoes."""
    if not isinstance(said, Mapping):
        raise ParseError(str(network.network), None, "neither a count nor a list")
    if counted:
        known: tuple[str, ...] = from_json(tuple[str, ...], said["known"])
        own = {mac for item in site.devices for mac in item.macs}
        answered: int = from_json(int, said["answered"])
        return GuestView(network.network, network.zone, answered, tuple(sorted(set(known) & own)))
    found: tuple[IPv4Address, ...] = from_json(tuple[IPv4Address, ...], said["answered"])
    inside = tuple(sorted({item for item in found if item in network.network}))
    return GuestView(network.network, network.zone, None, None, inside)
