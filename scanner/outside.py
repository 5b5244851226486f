"""What Live answers from the guest network: how many devices are there, and who of the practice answers an echo.

A sweep that met guests' devices is counted here and goes no further: no address, MAC or name of them is recorded.
"""

import json
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network

from inventory.site import Site
from inventory.snapshot import Vantage
from scanner import discover
from scanner.evidence import Answer, Request
from scanner.scope import sweep_targets
from scanner.wire import arp, icmp


def from_outside(
    site: Site, interfaces: Sequence[Vantage], request: Request, stopped: Callable[[], bool] = lambda: False
) -> Answer:
    """The answer to `count` or `reach` of an authorised network; any other question is not asked from there."""
    if request.source not in ("count", "reach"):
        return Answer("not_asked", detail="from the guest network nothing is asked but who is there")
    network = IPv4Network(request.target)
    targets = sweep_targets(site, network)
    here = next((item for item in interfaces if item.network == network), None)
    if request.source == "count" and here is not None and here.mac is not None:
        return _counted(site, here, arp.sweep(here.interface, here.mac, here.address, targets, stopped=stopped))
    if request.source == "count" or not interfaces:
        return Answer("off_link", detail="this machine has no interface in that network")
    return icmp.echo(interfaces[0].interface, targets, stopped)


def _counted(site: Site, here: Vantage, sweep: Answer) -> Answer:
    """A sweep without those who answered it: how many, and the practice's own among them."""
    if sweep.status != "done":
        return Answer(sweep.status, detail=sweep.detail)
    found = set(discover.answered(sweep.body)) - {here.mac}
    own = {mac for item in site.devices if item.owner in ("practice", "provider") for mac in item.macs}
    said = {"answered": len(found), "known": sorted(found & own)}
    return Answer("done", json.dumps(said, indent=1).encode(), f"{len(found)} devices counted")
