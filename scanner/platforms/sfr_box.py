"""SFR box (Neufbox 4, evolution, NB6, Box Plus, Box 7 and 8 with the same API): its REST API.

Source of every answer: SFR, "API REST de la box SFR" (the PDF that the box itself offers below `/api/1.0/doc`), modules
`system`, `wan`, `lan`, `wlan`, `ddns`; the templates of its firmware that SFR published (efixo-api), and the client
sfrbox-api (hacf-fr). The name that DDNS keeps up to date is set as `hostname`, and read as `domain` by a client: either
is taken. An answer is `<rsp stat="ok" version="1.0">…</rsp>` with what it says in
attributes.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal
from xml.parsers import expat

from inventory.device import Device
from inventory.gateway import DhcpServer, Wifi
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.storage import Relay
from inventory.system import Identity, System
from inventory.tables import NeighbourEntry
from scanner.evidence import Evidence
from scanner.platforms import _boxes
from scanner.platforms._boxes import LAN, WAN, address, each, flag, interface, key_length, lost, mac, seconds, text
from scanner.platforms._json import Value
from scanner.platforms._reading import MAX_ITEMS, Api, Maturity, Reader, UnreadableError, of_system

ID = "sfr_box"
SNMP: tuple[str, ...] = ()
COMMANDS: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "wifi": "documentation", "dhcp": "documentation", "relays": "documentation",
    "interfaces": "documentation", "neighbours": "documentation",
}  # fmt: skip
ACCOUNT = """
An SFR box has one account, `admin` (kind `http`, `user` may be left out), with the password of its page. It must allow
*Authentification par mot de passe* (not only the button). Most models answer in HTTP alone: the credential then needs
`plain: true`; user and password leave as hashes all the same.
"""
LIMITS = """
Its API has no call for port forwards, DMZ, UPnP or remote administration; `firewall.getInfo` only tells of three
filters (Windows shares, ICMP, SMTP), never what it lets in. Only its web page shows them, in a form that is documented
nowhere. What devices had opened is still listed by UPnP, without a password. Nor does it say whether a newer firmware
waits (SFR installs it), whether WPS is on, or what its guests' network is called. The words for WPA3 are documented
nowhere: such a network is reported as not understood.
"""

_Security = Literal["open", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"]
_SECURITY: Mapping[object, _Security] = {
    "OPEN": "open", "WEP": "wep", "WPA-PSK": "wpa", "WPA2-PSK": "wpa2", "WPA-WPA2-PSK": "wpa/wpa2",
}  # fmt: skip
Elements = list[tuple[str, Value]]  # each element's name and its attributes, in the order in which they begin


def recognise(device: Device) -> int:
    """Likely by what its page or its UPnP description says."""
    said = _boxes.shown(device)
    return 80 if any(word in said for word in ("neufbox", "sfr box", "sfrbox", "box sfr", "box de sfr")) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the answer to one of the questions says; None for any other evidence."""
    return _boxes.from_api(evidence, _READERS)


def _elements(body: str) -> Elements:
    """The elements within `<rsp stat="ok">`; UnreadableError when it is no answer. Entities are refused."""
    found: Elements = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        line = parser.CurrentLineNumber
        if len(found) > 2 * MAX_ITEMS:
            raise UnreadableError("too many elements")
        found.append((name, Value({key: Value(value, line) for key, value in attributes.items()}, line)))

    def refuse(*_: object) -> None:
        raise UnreadableError("a document with declarations")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:
        raise UnreadableError("no XML") from error
    if not found or found[0][0] != "rsp" or found[0][1].at("stat").data != "ok":
        raise UnreadableError("no answer")
    return found


def _first(found: Elements, name: str) -> Value:
    value = next((value for each_name, value in found if each_name == name), None)
    if value is None:
        raise UnreadableError(f"no {name}")
    return value


def _reading(facts: str, read_elements: Callable[[Elements], Observation]) -> Reader:
    def reader(body: str) -> Observation:
        try:
            return read_elements(_elements(body))
        except UnreadableError:
            return lost([f"system.{fact}" for fact in facts.split()], body)

    return reader


def _system(found: Elements) -> Observation:
    """`system.getInfo`.

    >>> body = '<rsp stat="ok"><system product_id="NB6-SER-r0" version_mainfirmware="NB6-MAIN-R3.2"/></rsp>'
    >>> _READERS["GET /api/1.0/?method=system.getInfo"](body).device.system.identity.firmware
    'NB6-MAIN-R3.2'
    """
    said = _first(found, "system")
    named = {
        "model": said.at("product_id"), "serial": said.at("serial_number"),
        "firmware": said.at("version_mainfirmware"), "uptime_s": said.at("uptime"),
    }  # fmt: skip
    model, firmware, uptime = text(named["model"]), text(named["firmware"]), seconds(named["uptime_s"])
    if firmware is None:
        raise UnreadableError("no firmware")
    serial = serial_number(text(named["serial"]))
    values = {"model": model, "serial": serial, "firmware": firmware, "uptime_s": uptime}
    identity = Identity("SFR", model, serial, firmware=firmware, uptime_s=uptime)
    return of_system(System(identity=identity), _boxes.of(values, _boxes.placed("identity", **named), "identity"))


def _wan(found: Elements) -> Observation:
    """`wan.getInfo`."""
    said = _first(found, "wan")
    if not said.has("ip_addr"):
        raise UnreadableError("no address")
    outer = interface(WAN, address(said.at("ip_addr")), default_route=True)
    return of_system(System(interfaces=(outer,)), {"/system/interfaces/0": said.line})


def _lan(found: Elements) -> Observation:
    """`lan.getInfo`: the inner address, and what is given away there."""
    said = _first(found, "lan")
    own = address(said.at("ip_addr"))
    if own is None:
        raise UnreadableError("no address")
    first, last = address(said.at("dhcp_start")), address(said.at("dhcp_end"))
    server = DhcpServer(LAN, flag(said.at("dhcp_active")), first, last)
    inner = interface(LAN, own, default_route=False)
    lines = {"/system/dhcp/0": said.line, "/system/interfaces/0": said.line}
    return of_system(System(dhcp=(server,), interfaces=(inner,)), lines)


def _hosts(found: Elements) -> Observation:
    """`lan.getHostsList`: whom the box knows."""
    hosts = each((value for name, value in found if name == "host"), "system.neighbours", _host)
    return of_system(System(neighbours=hosts.items), hosts.lines, hosts.unread)


def _host(value: Value) -> Iterable[NeighbourEntry]:
    own = address(value.at("ip"))
    if own is not None:
        here = {"online": True, "offline": False}.get(str(value.at("status").data))
        yield NeighbourEntry(str(own), mac(value.at("mac")), text(value.at("iface")), here)


def _wifi(radio: str) -> Callable[[Elements], Observation]:
    """`wlan.getInfo` and `wlan5.getInfo`: `<wlan active="on"><wl0 ssid="…" enc="WPA-PSK"/></wlan>`."""

    def networks(found: Elements) -> Observation:
        on = flag(_first(found, radio).at("active"))
        rows = (value for name, value in found if name.startswith("wl") and name != radio and value.has("ssid"))
        read_ones = each(rows, "system.wifi", lambda value: _network(radio, value, on))
        return of_system(System(wifi=read_ones.items or None), read_ones.lines, read_ones.unread)

    return networks


def _network(radio: str, value: Value, on: bool | None) -> Iterable[Wifi]:
    name, security = text(value.at("ssid")), _SECURITY.get(value.at("enc").data)
    if name is None or (security is None and value.has("enc")):  # firmware older than 2.1 does not say which
        raise UnreadableError("no name or an encryption that is not known")
    length = key_length(value.at("wpakey")) if security and security.startswith("wpa") else None
    yield Wifi(name, radio, on, security, enterprise=False, psk_length=length)


def _names(found: Elements) -> Observation:
    """`ddns.getInfo`."""
    said = _first(found, "ddns")
    enabled, name = flag(said.at("active")), text(said.at("hostname")) or text(said.at("domain"))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    if not enabled and name is None:
        return of_system(System(relays=()), {})
    return of_system(System(relays=(Relay("ddns", enabled, name),)), {"/system/relays/0": said.line})


_READERS: dict[str, Reader] = {
    f"GET /api/1.0/?method={method}": _reading(facts, read_answer)
    for method, facts, read_answer in (
        ("system.getInfo", "identity", _system), ("wan.getInfo", "interfaces", _wan),
        ("lan.getInfo", "interfaces dhcp", _lan), ("lan.getHostsList", "neighbours", _hosts),
        ("wlan.getInfo", "wifi", _wifi("wlan")), ("wlan5.getInfo", "wifi", _wifi("wlan5")),
        ("ddns.getInfo", "relays", _names),
    )
}  # fmt: skip
API = Api("sfr_box", tuple(_READERS))
DOUBTS: Mapping[str, tuple[str, ...]] = {
    f"GET /api/1.0/?method={method}": ("system.interfaces",) for method in ("wan.getInfo", "lan.getInfo")
}
