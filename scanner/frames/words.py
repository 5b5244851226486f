"""What was heard of a device, for a person: its names, and a line for each clue. Pure; judges nothing."""

from collections.abc import Iterator

from inventory.heard import DhcpClient, Neighbour
from inventory.network import Network

# Services and types named in one line; the facts hold the rest.
MOST_NAMED = 12


def names(network: Network) -> tuple[str, ...]:
    """Every name that a device gives itself, once each, the best first: `("brother", "BRW008092")`."""
    client, client6 = network.dhcp, network.dhcp6
    candidates = (
        network.hostname,
        network.netbios.name if network.netbios else None,
        network.browser.name if network.browser else None,
        client.hostname if client else None,
        client.fqdn if client else None,
        client6.fqdn if client6 else None,
        *(item.system_name for item in network.neighbours or ()),
        *(service.name for service in network.mdns or ()),
    )
    found: dict[str, str] = {}
    for name in candidates:
        if name:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def clues(network: Network) -> tuple[str, ...]:
    """A line for each thing that tells what a device is: `dhcp vendor class MSFT 5.0`, `mdns _ipp._tcp _http._tcp`."""
    return tuple(_clues(network))


def _clues(network: Network) -> Iterator[str]:
    yield from _dhcp(network.dhcp) if network.dhcp else ()
    if network.dhcp_server:
        yield f"dhcp server {network.dhcp_server.address}"
    if network.dhcp6:
        yield from (f"dhcp6 {name} {value}" for name, value in (
            ("duid", network.dhcp6.duid), ("vendor class", network.dhcp6.vendor_class)) if value)  # fmt: skip
    if network.dhcp6_server:
        yield "dhcp6 server"
    if network.mdns:
        yield "mdns " + " ".join(sorted({service.kind for service in network.mdns})[:MOST_NAMED])
    if network.upnp:
        yield from (f"ssdp {name} {value}" for name, value in (
            ("server", network.upnp.server), ("types", " ".join((network.upnp.types or ())[:MOST_NAMED])),
            ("uuid", " ".join((network.upnp.uuids or ())[:MOST_NAMED])),
            ("user agent", network.upnp.user_agent)) if value)  # fmt: skip
    if network.netbios and network.netbios.workgroup:
        yield f"netbios workgroup {network.netbios.workgroup}"
    if network.browser and network.browser.version:
        yield f"browser version {network.browser.version} {' '.join(network.browser.roles or ())}".rstrip()
    if network.wsd:
        yield "ws-discovery " + " ".join((network.wsd.types or ("endpoint",))[:MOST_NAMED])
    for item in network.neighbours or ():
        yield _neighbour(item)
    if network.router_advertisement:
        yield "ipv6 router " + " ".join(network.router_advertisement.prefixes or ())


def _dhcp(client: DhcpClient) -> Iterator[str]:
    if client.vendor_class:
        yield f"dhcp vendor class {client.vendor_class}"
    for listed in client.parameters or ():
        yield f"dhcp parameters {listed}"


def _neighbour(item: Neighbour) -> str:
    told = (item.manufacturer, item.model, item.version, item.description, " ".join(item.capabilities or ()))
    return " ".join((item.protocol, *(text for text in told if text)))
