"""How Live puts the questions that go to a whole network, once it is known to be authorised."""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address

from inventory.snapshot import Vantage
from scanner.evidence import Answer, Request
from scanner.gather import asked_of
from scanner.wire import dhcp, icmp, llmnr, mdns, multicast, neighbours, ssdp, wsd

Stopped = Callable[[], bool]

_ASKS: Mapping[str, Callable[[str, IPv4Address, multicast.Welcome, Stopped], Answer]] = {
    "mdns": mdns.browse, "ssdp": ssdp.search, "wsd": wsd.probe, "mndp": neighbours.mndp,
    "ubiquiti": neighbours.ubiquiti,
}  # fmt: skip


def ask_everybody(
    request: Request, here: Vantage, welcome: multicast.Welcome, sturdy: Iterable[IPv4Address], stopped: Stopped
) -> Answer:
    """The answers of those who are `welcome`; `sturdy` are the addresses that may be sent an echo."""
    if request.source == "dhcp":
        if here.mac is None:
            return Answer("off_link", detail="this interface has no MAC")
        return dhcp.discover(here.interface, here.mac, stopped)
    if request.source == "icmp":
        return icmp.echo(here.interface, sturdy, stopped, straight=True)
    if request.source == "llmnr":
        asked = [item for item in asked_of(request) if welcome(item)]
        return llmnr.reverse(here.interface, here.address, asked, welcome, stopped)
    return _ASKS[request.source](here.interface, here.address, welcome, stopped)
