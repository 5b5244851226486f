"""The envelope of every answer of Freebox OS, and what it sends where: forwards, DMZ, UPnP, DHCP.

Source: dev.freebox.fr/sdk/os, pages `nat`, `igd`, `dhcp`.
"""

from collections.abc import Iterable

from inventory.gateway import DhcpServer, Dmz, PortForward, Upnp
from inventory.observation import Observation
from inventory.system import System
from inventory.tables import Lease
from scanner.platforms._boxes import LAN, WAN, address, each, flag, mac, port, sources, span, text
from scanner.platforms._json import Value
from scanner.platforms._reading import UnreadableError, of_system


def _result(said: Value) -> Value:
    """What the box answers; UnreadableError when it says that it does not."""
    if said.at("success").data is not True:
        raise UnreadableError("no success")
    return said.at("result")


def result(said: Value) -> Value:
    """What it answers, as an object."""
    found = _result(said)
    if not isinstance(found.data, dict):
        raise UnreadableError("no object")
    return found


def results(said: Value) -> Iterable[Value]:
    """What it answers, as a list; an empty one is left out by the box."""
    found = _result(said)
    if not isinstance(found.data, list | None):
        raise UnreadableError("no list")
    return found.items()


def forwards(said: Value) -> Observation:
    """The forwards that somebody wrote, of `GET /fw/redir/`."""
    found = each(results(said), "system.port_forwards", _forward)
    return of_system(System(port_forwards=found.items), found.lines, found.unread)


def _forward(value: Value) -> Iterable[PortForward]:
    protocol, target = value.at("ip_proto").data, address(value.at("lan_ip"))
    low, high = port(value.at("wan_port_start")), port(value.at("wan_port_end"))
    if protocol not in ("tcp", "udp") or target is None or low > high:
        raise UnreadableError("no forward")
    inner = port(value.at("lan_port"))
    yield PortForward(
        f"{protocol}/{span(low, high)}",
        target,
        span(inner, min(inner + high - low, 65535)),
        WAN,
        source_filter=sources(value.at("src_ip")),
        comment=text(value.at("comment")),
        enabled=flag(value.at("enabled")),
    )


def mapped(said: Value) -> Observation:
    """The forwards that devices asked for themselves, of `GET /upnpigd/redir/`."""
    found = each(results(said), "system.port_forwards", _mapping)
    return of_system(System(port_forwards=found.items), found.lines, found.unread)


def _mapping(value: Value) -> Iterable[PortForward]:
    protocol, target = value.at("proto").data, address(value.at("int_ip"))
    if protocol not in ("tcp", "udp") or target is None:
        raise UnreadableError("no mapping")
    yield PortForward(
        f"{protocol}/{port(value.at('ext_port'))}",
        target,
        str(port(value.at("int_port"))),
        WAN,
        source_filter=sources(value.at("ext_src_ip")),
        origin="upnp",
        comment=text(value.at("desc")),
        enabled=flag(value.at("enabled")),
    )


def dmz(said: Value) -> Observation:
    """`GET /fw/dmz/`."""
    said = result(said)
    enabled = flag(said.at("enabled"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    return of_system(System(dmz=Dmz(enabled, address(said.at("ip")))), {"/system/dmz": said.at("enabled").line})


def upnp(said: Value) -> Observation:
    """`GET /upnpigd/config/`."""
    said = result(said)
    enabled = flag(said.at("enabled"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    return of_system(System(upnp=Upnp(enabled)), {"/system/upnp": said.at("enabled").line})


def dhcp(said: Value) -> Observation:
    """`GET /dhcp/config/`."""
    said = result(said)
    enabled = flag(said.at("enabled"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    first, last = (address(said.at(f"ip_range_{end}")) for end in ("start", "end"))
    server = DhcpServer(LAN, enabled, first, last)
    return of_system(System(dhcp=(server,)), {"/system/dhcp/0": said.at("enabled").line})


def leases(said: Value) -> Observation:
    """`GET /dhcp/dynamic_lease/`."""
    found = each(results(said), "system.leases", _lease)
    return of_system(System(leases=found.items), found.lines, found.unread)


def _lease(value: Value) -> Iterable[Lease]:
    given = address(value.at("ip"))
    if given is None:
        raise UnreadableError("no address")
    yield Lease(given, mac(value.at("mac")), text(value.at("hostname")), bound=True)
