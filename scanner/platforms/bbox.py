"""Bouygues Telecom Bbox (Fit, Must, Ultym, Pro): its router API.

Source of every answer: api.bbox.fr/doc/apirouter, pages `device`, `wan`, `nat`, `upnp`, `firewall`, `wireless`, `dhcp`,
`hosts`, `dyndns`, `services`; and what the clients bboxapi-router (with answers of a F@st 5330), aiobbox (of a F@st
5696) and bbox-cli read. Where these name a field otherwise, either name is taken. An answer is a list of one object:
`[{"nat": {…}}]`; numbers stand for yes and no.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from inventory.device import Device
from inventory.gateway import Admin, DhcpServer, Dmz, Dns, Firewall, InputChain, PortForward, Upnp, Wifi
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.storage import Relay
from inventory.system import Identity, System
from inventory.tables import Lease
from scanner.evidence import Evidence
from scanner.platforms import _boxes
from scanner.platforms._boxes import (
    LAN,
    WAN,
    address,
    each,
    flag,
    interface,
    key_length,
    mac,
    port,
    ports,
    reading,
    seconds,
    sources,
    text,
)
from scanner.platforms._json import Value
from scanner.platforms._reading import Api, Maturity, Reader, UnreadableError, of_system

ID = "bbox"
SNMP: tuple[str, ...] = ()
COMMANDS: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "wifi": "documentation", "port_forwards": "documentation", "dmz": "documentation",
    "upnp": "documentation", "firewall": "documentation", "dhcp": "documentation", "leases": "documentation",
    "admin": "documentation", "dns": "documentation", "relays": "documentation", "interfaces": "documentation",
}  # fmt: skip
ACCOUNT = """
A Bbox has one password, that of its page mabbox.bytel.fr (kind `http`, without `user`). There is no account that may
only read; Vigie only sends the questions below.
"""
LIMITS = """
The guest network (its name is told without whether it is on), single rules of the firewall and its openings in IPv6,
VPN, and whether a newer firmware waits: Bouygues Telecom installs it.
"""

_NAME = re.compile(r"\b(?:ma)?bbox\b")
_Security = Literal["open", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"]
_SECURITY: Mapping[str, _Security] = {
    "none": "open", "open": "open", "wep": "wep", "wpa": "wpa", "wpawpa2": "wpa/wpa2", "wpa2wpa": "wpa/wpa2",
    "wpa2": "wpa2", "wpa2wpa3": "wpa2/wpa3", "wpa3wpa2": "wpa2/wpa3", "wpa3": "wpa3",
}  # fmt: skip


def recognise(device: Device) -> int:
    """Likely by what its page or its UPnP description says."""
    return 80 if _NAME.search(_boxes.shown(device)) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the answer to one of the questions says; None for any other evidence."""
    return _boxes.from_api(evidence, _READERS)


def _below(said: Value, *names: str) -> Value:
    """The object below those names in the first object of the list; UnreadableError when there is none."""
    first = said.data[0] if isinstance(said.data, list) and said.data else said
    found = first.at(*names)
    if not isinstance(found.data, dict):
        raise UnreadableError(f"no {names[-1]}")
    return found


def _list(value: Value) -> Iterable[Value]:
    if not isinstance(value.data, list):
        raise UnreadableError("no list")
    return value.items()


def _switch(value: Value) -> bool:
    enabled = flag(value.at("enable"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    return enabled


def _device(said: Value) -> Observation:
    """`GET /device`."""
    device = _below(said, "device")
    named = {
        "model": device.at("modelname"), "serial": device.at("serialnumber"),
        "firmware": device.at("running" if device.at("running", "version").data else "main", "version"),
        "uptime_s": device.at("uptime"),
    }  # fmt: skip
    values: dict[str, Any] = {name: text(value) for name, value in named.items()}
    values |= {"serial": serial_number(values["serial"]), "uptime_s": seconds(named["uptime_s"])}
    if values["firmware"] is None:
        raise UnreadableError("no firmware")
    lines = _boxes.of(values, _boxes.placed("identity", **named), "identity")
    return of_system(System(identity=Identity(vendor="Bouygues Telecom", **values)), lines)


def _wan(said: Value) -> Observation:
    """`GET /wan/ip`: the outer address, and whom the box asks for names."""
    told = _below(said, "wan", "ip")
    if not told.has("address"):
        raise UnreadableError("no address")
    outer = interface(WAN, address(told.at("address")), default_route=True)
    names = [part.strip() for part in (text(told.at("dnsservers"), 200) or "").split(",") if part.strip()]
    lines = {"/system/interfaces/0": told.at("address").line}
    if names:
        lines["/system/dns/servers"] = told.at("dnsservers").line
    return of_system(System(interfaces=(outer,), dns=Dns(tuple(names)) if names else None), lines)


def _lan(said: Value) -> Observation:
    """`GET /lan/ip`: the inner address."""
    told = _below(said, "lan", "ip")
    own = address(told.at("ipaddress"))
    if own is None:
        raise UnreadableError("no address")
    inner = interface(LAN, own, default_route=False)
    return of_system(System(interfaces=(inner,)), {"/system/interfaces/0": told.at("ipaddress").line})


def _forwards(said: Value) -> Observation:
    """`GET /nat/rules`: those that somebody wrote; none is at work where NAT rules as a whole are switched off."""
    nat = _below(said, "nat")
    whole = flag(nat.at("enable"))
    found = each(_list(nat.at("rules")), "system.port_forwards", lambda rule: _forward(rule, "static", whole))
    return of_system(System(port_forwards=found.items), found.lines, found.unread)


def _mapped(said: Value) -> Observation:
    """`GET /upnp/igd/rules`: those that devices asked for themselves."""
    rules = _list(_below(said, "upnp", "igd").at("rules"))
    found = each(rules, "system.port_forwards", lambda rule: _forward(rule, "upnp", None))
    return of_system(System(port_forwards=found.items), found.lines, found.unread)


def _forward(rule: Value, origin: Literal["static", "upnp"], whole: bool | None) -> Iterable[PortForward]:
    target, said = address(_either(rule, "ipaddress", "internalip")), rule.at("protocol").data
    kinds = {"tcp": ("tcp",), "udp": ("udp",), "all": ("tcp", "udp"), "both": ("tcp", "udp"), "tcp/udp": ("tcp", "udp")}
    protocols = kinds.get(said.lower()) if isinstance(said, str) else None
    if target is None or protocols is None:
        raise UnreadableError("no forward")
    outer, inner = (_either(rule, f"{side}port", f"{side}_port") for side in ("external", "internal"))
    enabled = flag(rule.at("enable"))
    for protocol in protocols:
        yield PortForward(
            f"{protocol}/{ports(outer)}",
            target,
            ports(inner) if inner.data not in (None, "") else None,
            WAN,
            source_filter=sources(rule.at("ipremote")),
            origin=origin,
            comment=text(rule.at("description")),
            enabled=False if whole is False else enabled,
        )


def _either(value: Value, *names: str) -> Value:
    """The first that is there: what is written by one name is told by another."""
    return next((value.at(name) for name in names if value.has(name)), value.at(names[0]))


def _dmz(said: Value) -> Observation:
    """`GET /nat/dmz`."""
    dmz = _below(said, "nat", "dmz")
    return of_system(
        System(dmz=Dmz(_switch(dmz), address(dmz.at("ipaddress")))), {"/system/dmz": dmz.at("enable").line}
    )


def _upnp(said: Value) -> Observation:
    """`GET /upnp/igd`."""
    igd = _below(said, "upnp", "igd")
    return of_system(System(upnp=Upnp(_switch(igd))), {"/system/upnp": igd.at("enable").line})


def _firewall(said: Value) -> Observation:
    """`GET /firewall`: whether what nobody inside asked for is kept out."""
    wall = _below(said, "firewall")
    chain = InputChain("firewall", "drop" if _switch(wall) else "accept", "wan")
    return of_system(System(firewall=Firewall((chain,))), {"/system/firewall/input/0": wall.at("enable").line})


def _wifi(said: Value) -> Observation:
    """`GET /wireless`: a network on each radio, by its band."""
    networks = _below(said, "wireless", "ssid")
    radios = _below(said, "wireless").at("radio")
    bands = {id(value): band for band, value in networks.data.items()}
    found = each(networks.items(), "system.wifi", lambda value: _network(bands[id(value)], value, radios))
    return of_system(System(wifi=found.items), found.lines, found.unread)


def _network(band: str, value: Value, radios: Value) -> Iterable[Wifi]:
    name, said = text(value.at("id")), value.at("security", "protocol").data
    plain = said.lower() if isinstance(said, str) else ""
    security = _SECURITY.get("".join(char for char in plain.replace("psk", "") if char.isalnum()))
    if name is None or security is None:
        raise UnreadableError("no name or an encryption that is not known")
    yield Wifi(
        name,
        text(Value(band, value.line)),
        False if flag(radios.at(band, "enable")) is False else flag(value.at("enable")),
        security,
        enterprise=False,
        wps=flag(value.at("wps", "enable")),
        psk_length=key_length(value.at("security", "passphrase")) if security.startswith("wpa") else None,
        psk_factory=flag(value.at("security", "isdefault")) if security != "open" else None,
    )


def _dhcp(said: Value) -> Observation:
    """`GET /dhcp`."""
    told = _below(said, "dhcp")
    server = DhcpServer(LAN, _switch(told), address(told.at("minaddress")), address(told.at("maxaddress")))
    return of_system(System(dhcp=(server,)), {"/system/dhcp/0": told.at("enable").line})


def _hosts(said: Value) -> Observation:
    """`GET /hosts`: whom the box knows; those with a time left hold a lease."""
    found = each(_list(_below(said, "hosts").at("list")), "system.leases", _lease)
    return of_system(System(leases=found.items), found.lines, found.unread)


def _lease(value: Value) -> Iterable[Lease]:
    left, given = value.at("lease").data, address(value.at("ipaddress"))
    if isinstance(left, int) and left > 0 and given is not None:
        yield Lease(given, mac(value.at("macaddress")), text(value.at("hostname")), bound=True)


def _names(said: Value) -> Observation:
    """`GET /dyndns`."""
    told = _below(said, "dyndns")
    whole = flag(told.at("enable"))
    if not told.has("domain") and text(told.at("hostname")) is None:
        if whole is None:
            raise UnreadableError("neither on nor off")
        return of_system(System(relays=()) if not whole else System(), {})
    domains = _list(told.at("domain")) if told.has("domain") else [told]
    found = each(domains, "system.relays", lambda value: _relay(value, whole))
    return of_system(System(relays=found.items), found.lines, found.unread)


def _relay(value: Value, whole: bool | None) -> Iterable[Relay]:
    name = text(_either(value, "host", "hostname"))
    if name is None:
        raise UnreadableError("no name")
    yield Relay("ddns", whole is not False and flag(value.at("enable")) is not False, name)


def _services(said: Value) -> Observation:
    """`GET /services`: whether its page is open to the Internet; on its own network everybody may open it."""
    remote = _below(said, "services", "remote", "admin")
    ways = [Admin("https", "lan", 443, encrypted=True)]
    if not _switch(remote):
        return of_system(System(admin=tuple(ways)), {})
    ways.append(Admin("https", "wan", port(remote.at("port")), encrypted=True, source_filter=sources(remote.at("ip"))))
    return of_system(System(admin=tuple(ways)), {"/system/admin/1": remote.at("enable").line})


_READERS: dict[str, Reader] = {
    f"GET /api/v1{path}": reading([f"system.{fact}" for fact in facts.split()], read_answer)
    for path, facts, read_answer in (
        ("/device", "identity", _device), ("/wan/ip", "interfaces dns", _wan), ("/lan/ip", "interfaces", _lan),
        ("/nat/rules", "port_forwards", _forwards), ("/upnp/igd/rules", "port_forwards", _mapped),
        ("/nat/dmz", "dmz", _dmz), ("/upnp/igd", "upnp", _upnp), ("/firewall", "firewall", _firewall),
        ("/wireless", "wifi", _wifi), ("/dhcp", "dhcp", _dhcp), ("/hosts", "leases", _hosts),
        ("/dyndns", "relays", _names), ("/services", "admin", _services),
    )
}  # fmt: skip
API = Api("bbox", tuple(_READERS))
DOUBTS: Mapping[str, tuple[str, ...]] = {
    f"GET /api/v1{path}": (f"system.{fact}",)
    for path, fact in (
        ("/wan/ip", "interfaces"), ("/lan/ip", "interfaces"), ("/nat/rules", "port_forwards"),
        ("/upnp/igd/rules", "port_forwards"),
    )
}  # fmt: skip
