"""Orange Livebox, from the Livebox 4 on: the calls of sysbus, which its own web page makes.

Orange documents none of them: the projects sysbus (rene-d), aiosysbus (cyr-ius) and LiveboxMonitor (p-dor) do, from
models 4 to 7; each call below is named as they name it. Every answer is `{"status": …}`, within `result` on old ones.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from inventory.device import Device
from inventory.gateway import Admin, DhcpServer, Dmz, Dns, Firewall, InputChain, PortForward, Upnp, Wifi
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.storage import Relay
from inventory.system import Identity, System, User
from scanner.evidence import Evidence
from scanner.platforms import _boxes
from scanner.platforms._boxes import (
    LAN,
    WAN,
    address,
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
from scanner.platforms._reading import Api, Maturity, Reader, UnreadableError, of_system

ID = "orange_livebox"
SNMP: tuple[str, ...] = ()
COMMANDS: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "wifi": "documentation", "port_forwards": "documentation", "dmz": "documentation",
    "upnp": "documentation", "firewall": "documentation", "dhcp": "documentation", "users": "documentation",
    "admin": "documentation", "dns": "documentation", "relays": "documentation", "interfaces": "documentation",
}  # fmt: skip
ACCOUNT = """
A Livebox has one account, `admin`, with the password of its web page (kind `http`, `user` may be left out). There is no
account that may only read; Vigie only makes the calls below. Most models answer in HTTP alone on the practice's own
network: the credential then needs `plain: true`.
"""
LIMITS = """
The firewall levels *Faible* and *Personnalisé* do not say what they let in; leases, the guest network's isolation and
whether a newer firmware waits are not read.
"""

# Security.ModeEnabled, as TR-181 writes it.
_MODES: Mapping[str, tuple[Literal["open", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"], bool]] = {
    "None": ("open", False), "WEP-64": ("wep", False), "WEP-128": ("wep", False), "WEP-128iv": ("wep", False),
    "WPA-Personal": ("wpa", False), "WPA2-Personal": ("wpa2", False), "WPA-WPA2-Personal": ("wpa/wpa2", False),
    "WPA3-Personal": ("wpa3", False), "WPA2-WPA3-Personal": ("wpa2/wpa3", False), "WPA-Enterprise": ("wpa", True),
    "WPA2-Enterprise": ("wpa2", True), "WPA-WPA2-Enterprise": ("wpa/wpa2", True), "WPA3-Enterprise": ("wpa3", True),
}  # fmt: skip
_PROTOCOLS = {"6": "tcp", "17": "udp"}  # IANA protocol numbers
_LEVELS = ("Low", "Medium", "High", "Custom")
_SHUT = ("Medium", "High")  # levels that refuse whatever nobody inside has asked for


def recognise(device: Device) -> int:
    """Likely by what its page or its UPnP description says."""
    return 80 if "livebox" in _boxes.shown(device) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the answer to one of the calls says; None for any other evidence."""
    return _boxes.from_api(evidence, _READERS)


def _status(said: Value) -> Value:
    """The answer itself; UnreadableError when there is none."""
    said = said.at("result") if said.has("result") else said
    if said.at("errors").data or not said.has("status") or said.at("status").data is None:
        raise UnreadableError("no answer")
    return said.at("status")


def _object(said: Value) -> Value:
    status = _status(said)
    if not isinstance(status.data, dict):
        raise UnreadableError("no object")
    return status


def _rows(said: Value) -> Iterable[Value]:
    status = _status(said)
    if not isinstance(status.data, dict | list):
        raise UnreadableError("no list")
    return status.items()


def _device(said: Value) -> Observation:
    """`DeviceInfo.get`."""
    status = _object(said)
    named = {
        "model": status.at("ProductClass"), "serial": status.at("SerialNumber"),
        "firmware": status.at("SoftwareVersion"), "build": status.at("HardwareVersion"),
        "uptime_s": status.at("UpTime"),
    }  # fmt: skip
    values: dict[str, Any] = {name: text(value) for name, value in named.items()}
    values |= {"serial": serial_number(values["serial"]), "uptime_s": seconds(named["uptime_s"]), "build": None}
    if values["firmware"] is None:
        raise UnreadableError("no firmware")
    lines = _boxes.of(values, _boxes.placed("identity", **named), "identity")
    return of_system(System(identity=Identity(vendor="Orange", **values)), lines)


def _forwards(said: Value) -> Observation:
    """`Firewall.getPortForwarding`: those of the page and those that devices asked for, by name."""
    found = each(_object(said).items(), "system.port_forwards", _forward)
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
    rows = list(_object(said).items())
    if not rows:
        return of_system(System(dmz=Dmz(enabled=False)), {})
    on = next((row for row in rows if flag(row.at("Enable")) is not False), rows[0])
    dmz = Dmz(flag(on.at("Enable")) is not False, address(on.at("DestinationIPAddress")))
    if dmz.enabled and dmz.target is None:
        raise UnreadableError("a DMZ without target")
    return of_system(System(dmz=dmz), {"/system/dmz": on.line})


def _level(ipv6: bool) -> Callable[[Value], Observation]:
    def level(said: Value) -> Observation:
        status = _status(said)
        if status.data not in _LEVELS:
            raise UnreadableError("no level")
        if status.data not in _SHUT:
            return of_system(System(), {})
        chain = InputChain(f"firewall {status.data}", "drop", "wan", ipv6)
        return of_system(System(firewall=Firewall((chain,))), {"/system/firewall/input/0": status.line})

    return level


def _upnp(said: Value) -> Observation:
    """`UPnP-IGD.get`."""
    enabled = flag(_object(said).at("Enable"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    return of_system(System(upnp=Upnp(enabled)), {"/system/upnp": _object(said).at("Enable").line})


def _remote(said: Value) -> Observation:
    """`RemoteAccess.get`; on its own network everybody may open its page."""
    status = _object(said)
    enabled = flag(status.at("Enable"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    inside = Admin("http", "lan", 80, encrypted=False)
    if not enabled:
        return of_system(System(admin=(inside,)), {})
    outer = port(status.at("Port")) if status.at("Port").data not in (None, "", 0) else None
    ways = (inside, Admin("https", "wan", outer, encrypted=True))
    return of_system(System(admin=ways), {"/system/admin/1": status.at("Enable").line})


def _wifi(guest: bool) -> Callable[[Value], Observation]:
    def networks(said: Value) -> Observation:
        points = _object(said).at("wlanvap")
        if not isinstance(points.data, dict):
            raise UnreadableError("no access points")
        radios = {id(value): radio for radio, value in points.data.items()}
        found = each(points.items(), "system.wifi", lambda value: _network(radios[id(value)], value, guest))
        return of_system(System(wifi=found.items), found.lines, found.unread)

    return networks


def _network(radio: str, value: Value, guest: bool) -> Iterable[Wifi]:
    name, mode = text(value.at("SSID")), value.at("Security", "ModeEnabled").data
    if name is None or mode not in _MODES:
        raise UnreadableError("no name or an encryption that is not known")
    security, enterprise = _MODES[mode]
    state = value.at("VAPStatus").data
    wps = flag(value.at("WPS", "Enable"))
    on = {"Up": True, "Down": False}.get(state) if isinstance(state, str) else None
    yield Wifi(name, text(Value(radio, value.line)), on, security, enterprise, wps, guest=guest)


def _lan(said: Value) -> Observation:
    """`NMC.getLANIP`: the inner address, and what is given away there."""
    said = said.at("result") if said.has("result") else said
    told = said.at("data") if isinstance(said.at("data").data, dict) else _object(said)
    if address(told.at("Address")) is None:
        raise UnreadableError("no address")
    first, last = address(told.at("DHCPMinAddress")), address(told.at("DHCPMaxAddress"))
    server = DhcpServer(LAN, flag(told.at("DHCPEnable")), first, last)
    inner = interface(LAN, address(told.at("Address")), default_route=False)
    lines = {"/system/dhcp/0": told.at("DHCPEnable").line, "/system/interfaces/0": told.at("Address").line}
    return of_system(System(dhcp=(server,), interfaces=(inner,)), lines)


def _wan(said: Value) -> Observation:
    """`NMC.getWANStatus`: the outer address, and whom the box asks for names."""
    said = said.at("result") if said.has("result") else said
    told = said.at("data")
    if not told.has("IPAddress"):
        raise UnreadableError("no address")
    outer = interface(WAN, address(told.at("IPAddress")), default_route=True)
    names = [part.strip() for part in (text(told.at("DNSServers"), 200) or "").split(",") if part.strip()]
    lines = {"/system/interfaces/0": told.at("IPAddress").line}
    if names:
        lines["/system/dns/servers"] = told.at("DNSServers").line
    return of_system(System(interfaces=(outer,), dns=Dns(tuple(names)) if names else None), lines)


def _users(said: Value) -> Observation:
    """`UserManagement.getUsers`."""
    found = each(_rows(said), "system.users", _user)
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
        factory=name == "admin",
    )


def _names(said: Value) -> Observation:
    """`DynDNS.getHosts`."""
    found = each(_rows(said), "system.relays", _relay)
    return of_system(System(relays=found.items), found.lines, found.unread)


def _relay(value: Value) -> Iterable[Relay]:
    name = text(value.at("hostname"))
    if name is None:
        raise UnreadableError("no name")
    yield Relay("ddns", flag(value.at("enable")) is not False, name)


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
        ("NeMo.Intf.lan", "getMIBs", {"mibs": "wlanvap"}, "wifi", _wifi(guest=False)),
        ("NeMo.Intf.guest", "getMIBs", {"mibs": "wlanvap"}, "wifi", _wifi(guest=True)),
        ("DynDNS", "getHosts", {}, "relays", _names), ("UserManagement", "getUsers", {}, "users", _users),
    )
}  # fmt: skip
API = Api("livebox", tuple(_READERS))
DOUBTS: Mapping[str, tuple[str, ...]] = {
    ask: ("system.interfaces",) if "NMC" in ask else ("system.port_forwards",)
    for ask in API.asks
    if "NMC" in ask or "getPortForwarding" in ask
}
