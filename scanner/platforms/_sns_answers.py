"""What a Stormshield firewall answers to serverd commands, each of which only shows.

An answer that is not whole, from `101 … "Begin"` to `100 … "Ok"`, tells nothing: the command was refused, is unknown to
that version, or the line was cut.
Source: Stormshield, "CLI Serverd Commands reference guide v4", one page a command.
"""

from collections.abc import Callable
from typing import Any

from inventory.gateway import Dns, Vpn
from inventory.observation import Observation
from inventory.system import Identity, Logging, SnmpSettings, System
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, Reader, nothing, of_system, unread
from scanner.platforms._sns_objects import Ways, read_ways
from scanner.platforms._sns_text import Section, Sections, answer
from scanner.secret_settings import KNOWN_COMMUNITIES

VENDOR, OS = "Stormshield", "sns"
_PROPERTIES = {"model": "Model", "firmware": "Version", "serial": "SerialNumber"}


def _answering(fact: str, read: Callable[[Sections], Observation | None]) -> Reader:
    """A reader of whole answers; any other text leaves the fact open."""

    def reader(text: str) -> Observation:
        told = answer(text)
        found = read(told) if told is not None else None
        return found or nothing(fact, text)

    return reader


def _property(told: Sections) -> Observation | None:
    result = told.named("Result")
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for name, key in _PROPERTIES.items():
        value, place = (result.entry(key) if result else None) or ("", 0)
        if clean(value):
            found[name], lines[f"/system/identity/{name}"] = clean(value), place
    return of_system(System(identity=Identity(VENDOR, os=OS, **found)), lines) if "firmware" in found else None


def of_ways(ways: Ways, facts: dict[str, Any], lines: dict[str, int], *, whole: bool = True) -> Observation:
    """The interfaces and VLANs, beside other facts; of half a text nobody says that there is no VLAN."""
    lines |= {f"/system/interfaces/{at}": place for at, place in enumerate(ways.interfaces.values())}
    lines |= {f"/system/vlans/{at}": place for at, place in enumerate(ways.vlans.values())}
    none = whole and bool(ways.interfaces) and not ways.bad_vlans
    vlans = tuple(ways.vlans) if ways.vlans or none else None
    system = System(interfaces=tuple(ways.interfaces) or None, vlans=vlans, **facts)
    return of_system(system, lines, unread("system.interfaces", ways.bad) + unread("system.vlans", ways.bad_vlans))


def _interfaces(told: Sections) -> Observation | None:
    ways = read_ways(told)
    return of_ways(ways, {}, {}) if ways.interfaces else None


def _snmp(told: Sections) -> Observation | None:
    config, access = told.named("Config"), told.named("Access")
    state = config.switch("State") if config else None
    if config is None or state is None:
        return None
    if not state[0]:
        return of_system(System(snmp=SnmpSettings(False)), {"/system/snmp": state[1]})
    kept = [(name, config.switch(f"{key}State")) for name, key in (("v2c", "V2c"), ("v3", "V3"))]
    versions = tuple(name for name, on in kept if on and on[0]) if all(on for _, on in kept) else None
    community = (access.entry("Community") if access else None) or ("", 0)
    known = community[0].lower() in KNOWN_COMMUNITIES if community[0] else None
    return of_system(System(snmp=SnmpSettings(True, versions, known)), {"/system/snmp": state[1]})


def _vpn(kind: str, section: str) -> Callable[[Sections], Observation | None]:
    def read(told: Sections) -> Observation | None:
        found = told.named(section)
        state = found.switch("State") if found else None
        if state is None:
            return None
        server = Vpn(kind, enabled=state[0], server=True)  # type: ignore[arg-type]
        return of_system(System(vpn=(server,)), {"/system/vpn/0": state[1]})

    return read


def _state(told: Sections) -> tuple[bool, int] | None:
    config = told.named("Config")
    return config.switch("State") if config else None


def _dns(told: Sections) -> Observation | None:
    """That it answers nobody, when its proxy is off; for whom it does otherwise, another command says by objects."""
    state = _state(told)
    if state is None:
        return None
    return of_system(System(), {}) if state[0] else of_system(System(dns=Dns(answers=())), {"/system/dns": state[1]})


def _dhcp(told: Sections) -> Observation | None:
    """That it gives no addresses away; the ranges that it does are listed without their interface, and are not read."""
    state = _state(told)
    if state is None:
        return None
    return of_system(System(), {}) if state[0] else of_system(System(dhcp=()), {"/system/dhcp": state[1]})


def _syslog(told: Sections) -> Observation | None:
    """The receivers of the profiles that are on, by the names of their objects."""
    profiles = [(item, item.switch("State")) for item in told.found if item.name.isdecimal()][:MAX_ITEMS]
    if not profiles or any(state is None for _, state in profiles):
        return None
    receivers = [(clean(_server(item)), item.place) for item, state in profiles if state and state[0]]
    if not all(name for name, _ in receivers):
        return None
    place = receivers[0][1] if receivers else profiles[0][0].place
    remote = tuple(dict.fromkeys(name for name, _ in receivers))
    return of_system(System(logging=Logging(remote)), {"/system/logging": place})


def _server(profile: Section) -> str:
    return (profile.entry("Server") or ("", 0))[0]


ANSWERS: dict[str, Reader] = {
    "SYSTEM PROPERTY": _answering("system.identity", _property),
    "CONFIG NETWORK INTERFACE SHOW": _answering("system.interfaces", _interfaces),
    "CONFIG SNMP SHOW": _answering("system.snmp", _snmp),
    "CONFIG OPENVPN SHOW": _answering("system.vpn", _vpn("openvpn", "Config")),
    "CONFIG PPTP SHOW": _answering("system.vpn", _vpn("pptp", "Global")),
    "CONFIG DNS SHOW": _answering("system.dns", _dns),
    "CONFIG DHCP SHOW": _answering("system.dhcp", _dhcp),
    "CONFIG COMMUNICATION SYSLOG PROFILE SHOW": _answering("system.logging", _syslog),
}
