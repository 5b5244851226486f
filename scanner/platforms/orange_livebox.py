"""Orange Livebox, from the Livebox 4 on: the calls of sysbus, which its own web page makes.

Orange documents none of them: the projects sysbus (rene-d), aiosysbus (cyr-ius) and LiveboxMonitor (p-dor) do, from
models 4 to 7; each call below is named as they name it. The fields are those that two of them read, or that Liveboxes
answered in the tests of LiveboxMonitor and hass-livebox-component. Of `UPnP-IGD.get` only its own name vouches for
`Enable`: an answer without it is unread.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from inventory.device import Device
from inventory.gateway import Admin, DhcpServer, Dmz, Dns, Firewall, InputChain, PortForward, Upnp
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.storage import Relay
from inventory.system import Identity, Ntp, System, User
from scanner.evidence import Evidence
from scanner.platforms import _boxes
from scanner.platforms._boxes import (
    LAN,
    WAN,
    address,
    doubt,
    each,
    flag,
    interface,
    port,
    ports,
    reading,
    seconds,
    sources,
    text,
)
from scanner.platforms._json import Value
from scanner.platforms._livebox import fields, rows, status, told, wifi
from scanner.platforms._reading import Api, Maturity, Reader, UnreadableError, of_system

ID = "orange_livebox"
SNMP: tuple[str, ...] = ()
COMMANDS: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "wifi": "documentation", "port_forwards": "documentation", "dmz": "documentation",
    "upnp": "documentation", "firewall": "documentation", "dhcp": "documentation", "users": "documentation",
    "admin": "documentation", "dns": "documentation", "relays": "documentation", "interfaces": "documentation",
    "ntp": "documentation",
}  # fmt: skip
ACCOUNT = """
A Livebox has one account, `admin`, with the password of its web page (kind `http`, `user` may be left out). There is no
account that may only read; Vigie only makes the calls below. Most models answer in HTTP alone on the practice's own
network: the credential then needs `plain: true`.
"""
LIMITS = """
The firewall levels *Faible* and *Personnalisé* do not say what they let in. Openings in IPv6 (`Firewall.getPinhole`)
and who a DMZ is open to have no fact. Leases (`DHCPv4.Server.Pool`), the guest network's isolation and whether a newer
firmware waits are not read: what their answers hold is documented nowhere.
"""

_PROTOCOLS = {"6": "tcp", "17": "udp"}  # IANA protocol numbers
_LEVELS = ("Low", "Medium", "High", "Custom")
_SHUT = ("Medium", "High")  # levels that refuse whatever nobody inside has asked for


def recognise(device: Device) -> int:
    """Likely by what its page or its UPnP description says."""
    return 80 if "livebox" in _boxes.shown(device) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the answer to one of the calls says; None for any other evidence."""
    return _boxes.from_api(evidence, _READERS)


def _device(said: Value) -> Observation:
    """`DeviceInfo.get`."""
    answer = fields(said)
    named = {
        "model": answer.at("ProductClass"), "serial": answer.at("SerialNumber"),
        "firmware": answer.at("SoftwareVersion"), "build": answer.at("HardwareVersion"),
        "uptime_s": answer.at("UpTime"),
    }  # fmt: skip
    values: dict[str, Any] = {name: text(value) for name, value in named.items()}
    values |= {"serial": serial_number(values["serial"]), "uptime_s": seconds(named["uptime_s"]), "build": None}
    if values["firmware"] is None:
        raise UnreadableError("no firmware")
    lines = _boxes.of(values, _boxes.placed("identity", **named), "identity")
    return of_system(System(identity=Identity(vendor="Orange", **values)), lines)


def _forwards(said: Value) -> Observation:
    """`Firewall.getPortForwarding`: those of the page and those that devices asked for, by name."""
    found = each(fields(said).items(), "system.port_forwards", _forward)
    return of_system(System(port_forwards=found.items), found.lines, found.unread)


def _forward(value: Value) -> Iterable[PortForward]:
    target = address(value.at("DestinationIPAddress"))
    numbers = str(value.at("Protocol").data).split(",")
    if target is None or not set(numbers) <= set(_PROTOCOLS):
        raise UnreadableError("no forward")
    outer, inner = ports(value.at("ExternalPort")), value.at("InternalPort")
    for number in numbers:
        yield PortForward(
            f"{_PROTOCOLS[number]}/{outer}",
            target,
            ports(inner) if inner.data not in (None, "") else None,
            WAN,
            source_filter=sources(value.at("SourcePrefix")),
            origin="upnp" if value.at("Origin").data == "upnp" else "static",
            comment=text(value.at("Description")),
            enabled=flag(value.at("Enable")),
        )


def _dmz(said: Value) -> Observation:
    """`Firewall.getDMZ`: by name, an empty object where there is none."""
    rows = list(fields(said).items())
    if not rows:
        return of_system(System(dmz=Dmz(enabled=False)), {})
    on = next((row for row in rows if flag(row.at("Enable")) is not False), rows[0])
    dmz = Dmz(flag(on.at("Enable")) is not False, address(on.at("DestinationIPAddress")))
    if dmz.enabled and dmz.target is None:
        raise UnreadableError("a DMZ without target")
    return of_system(System(dmz=dmz), {"/system/dmz": on.line})


def _level(ipv6: bool) -> Callable[[Value], Observation]:
    def level(said: Value) -> Observation:
        found = status(said)
        if found.data not in _LEVELS:
            raise UnreadableError("no level")
        if found.data not in _SHUT:
            return of_system(System(), {})
        chain = InputChain(f"firewall {found.data}", "drop", "wan", ipv6)
        return of_system(System(firewall=Firewall((chain,))), {"/system/firewall/input/0": found.line})

    return level


def _upnp(said: Value) -> Observation:
    """`UPnP-IGD.get`."""
    enabled = flag(fields(said).at("Enable"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    return of_system(System(upnp=Upnp(enabled)), {"/system/upnp": fields(said).at("Enable").line})


def _remote(said: Value) -> Observation:
    """`RemoteAccess.get`; on its own network everybody may open its page."""
    answer = fields(said)
    enabled = flag(answer.at("Enable"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    inside = Admin("http", "lan", 80, encrypted=False)
    if not enabled:
        return of_system(System(admin=(inside,)), {})
    outer = port(answer.at("Port")) if answer.at("Port").data not in (None, "", 0) else None
    plain = text(answer.at("Protocol")) == "HTTP"  # Orange's page sets HTTPS
    who = sources(answer.at("SourcePrefix"))
    ways = (inside, Admin("http" if plain else "https", "wan", outer, encrypted=not plain, source_filter=who))
    return of_system(System(admin=ways), {"/system/admin/1": answer.at("Enable").line})


def _lan(said: Value) -> Observation:
    """`NMC.getLANIP`: the inner address, and what is given away there."""
    found = told(said)
    if address(found.at("Address")) is None:
        raise UnreadableError("no address")
    first, last = address(found.at("DHCPMinAddress")), address(found.at("DHCPMaxAddress"))
    server = DhcpServer(LAN, flag(found.at("DHCPEnable")), first, last)
    inner = interface(LAN, address(found.at("Address")), default_route=False)
    lines = {"/system/dhcp/0": found.at("DHCPEnable").line, "/system/interfaces/0": found.at("Address").line}
    return of_system(System(dhcp=(server,), interfaces=(inner,)), lines)


def _wan(said: Value) -> Observation:
    """`NMC.getWANStatus`: the outer address, and whom the box asks for names."""
    found = told(said)
    if not found.has("IPAddress"):
        raise UnreadableError("no address")
    outer = interface(WAN, address(found.at("IPAddress")), default_route=True)
    names = [part.strip() for part in (text(found.at("DNSServers"), 200) or "").split(",") if part.strip()]
    lines = {"/system/interfaces/0": found.at("IPAddress").line}
    if names:
        lines["/system/dns/servers"] = found.at("DNSServers").line
    return of_system(System(interfaces=(outer,), dns=Dns(tuple(names)) if names else None), lines)


def _users(said: Value) -> Observation:
    """`UserManagement.getUsers`."""
    found = each(rows(said), "system.users", _user)
    return of_system(System(users=found.items), found.lines, found.unread)


def _user(value: Value) -> Iterable[User]:
    name, groups = text(value.at("name")), value.at("groups")
    if name is None:
        raise UnreadableError("no name")
    inside = {item.data for item in groups.items() if isinstance(item.data, str)}
    yield User(
        name,
        administrator="admin" in inside if inside else None,
        enabled=flag(value.at("enable")),
        # Those that the maker brings are told by their type, before it was there by their name alone.
        factory=value.at("type").data == "system" if value.has("type") else name == "admin",
    )


def _names(said: Value) -> Observation:
    """`DynDNS.getHosts`: those that are kept up to date, unless the whole is switched off."""
    found = each(rows(said), "system.relays", _relay)
    return of_system(System(relays=found.items), found.lines, found.unread)


def _relay(value: Value) -> Iterable[Relay]:
    name = text(value.at("hostname"))
    if name is None:
        raise UnreadableError("no name")
    # Some firmware lists a name with its switch, other firmware only those that are on.
    yield Relay("ddns", enabled=flag(value.at("enable")) is not False, name=name)


def _names_at_all(said: Value) -> Observation:
    """`DynDNS.getGlobalEnable`: where it says no, none of the names is kept up to date whatever their list says."""
    if flag(status(said)) is None:
        raise UnreadableError("neither on nor off")
    off = flag(status(said)) is False
    return of_system(System(), {}, doubt("system.relays", status(said).line, "switched off as a whole") if off else ())


def _time(said: Value) -> Observation:
    """`Time.getNTPServers`: `{"status": null, "data": {"servers": {"1": "ntp.example.com", "2": ""}}}`."""
    servers = told(said).at("servers")
    if not isinstance(servers.data, dict):
        raise UnreadableError("no servers")
    names = tuple(dict.fromkeys(name for value in servers.items() if (name := text(value)) is not None))
    if not names:
        return of_system(System(), {}, doubt("system.ntp", servers.line, "no server"))
    return of_system(System(ntp=Ntp(enabled=True, servers=names)), {"/system/ntp": servers.line})


def _call(service: str, method: str, **parameters: str) -> str:
    return "POST /ws " + json.dumps({"service": service, "method": method, "parameters": parameters})


_READERS: dict[str, Reader] = {
    _call(service, method, **parameters): reading([f"system.{fact}" for fact in facts.split()], read_answer)
    for service, method, parameters, facts, read_answer in (
        ("DeviceInfo", "get", {}, "identity", _device),
        ("NMC", "getWANStatus", {}, "interfaces dns", _wan), ("NMC", "getLANIP", {}, "interfaces dhcp", _lan),
        ("Firewall", "getPortForwarding", {}, "port_forwards", _forwards), ("Firewall", "getDMZ", {}, "dmz", _dmz),
        ("Firewall", "getFirewallLevel", {}, "firewall", _level(ipv6=False)),
        ("Firewall", "getFirewallIPv6Level", {}, "firewall", _level(ipv6=True)),
        ("UPnP-IGD", "get", {}, "upnp", _upnp), ("RemoteAccess", "get", {}, "admin", _remote),
        ("NeMo.Intf.lan", "getMIBs", {"mibs": "wlanvap"}, "wifi", wifi(guest=False)),
        ("NeMo.Intf.guest", "getMIBs", {"mibs": "wlanvap"}, "wifi", wifi(guest=True)),
        ("DynDNS", "getHosts", {}, "relays", _names), ("DynDNS", "getGlobalEnable", {}, "relays", _names_at_all),
        ("Time", "getNTPServers", {}, "ntp", _time), ("UserManagement", "getUsers", {}, "users", _users),
    )
}  # fmt: skip
API = Api("livebox", tuple(_READERS))
DOUBTS: Mapping[str, tuple[str, ...]] = {
    ask: (fact,)
    for ask in API.asks
    for part, fact in (
        ("NMC", "system.interfaces"), ("getPortForwarding", "system.port_forwards"),
        ("getGlobalEnable", "system.relays"),
    )
    if part in ask
}  # fmt: skip
