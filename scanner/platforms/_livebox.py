"""The envelope of every answer of a Livebox, and its radios.

An answer is `{"status": …}`, within `result` on old models; some calls answer `{"status": null, "data": {…}}`. Sources:
the projects aiosysbus and LiveboxMonitor, and what Liveboxes 4 to 7 answered in the tests of the latter and of
hass-livebox-component.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from inventory.gateway import Wifi
from inventory.observation import Observation
from inventory.system import System
from scanner.platforms._boxes import each, flag, key_length, text
from scanner.platforms._json import Value
from scanner.platforms._reading import UnreadableError, of_system

# Security.ModeEnabled, as TR-181 writes it.
_MODES: Mapping[str, tuple[Literal["open", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"], bool]] = {
    "None": ("open", False), "WEP-64": ("wep", False), "WEP-128": ("wep", False), "WEP-128iv": ("wep", False),
    "WPA-Personal": ("wpa", False), "WPA2-Personal": ("wpa2", False), "WPA-WPA2-Personal": ("wpa/wpa2", False),
    "WPA3-Personal": ("wpa3", False), "WPA2-WPA3-Personal": ("wpa2/wpa3", False), "WPA-Enterprise": ("wpa", True),
    "WPA2-Enterprise": ("wpa2", True), "WPA-WPA2-Enterprise": ("wpa/wpa2", True), "WPA3-Enterprise": ("wpa3", True),
}  # fmt: skip


def status(said: Value) -> Value:
    """The answer itself; UnreadableError when there is none."""
    said = said.at("result") if said.has("result") else said
    if said.at("errors").data or not said.has("status") or said.at("status").data is None:
        raise UnreadableError("no answer")
    return said.at("status")


def fields(said: Value) -> Value:
    """The answer itself, as an object."""
    found = status(said)
    if not isinstance(found.data, dict):
        raise UnreadableError("no object")
    return found


def rows(said: Value) -> Iterable[Value]:
    """The answer itself, as a list or an object by name."""
    found = status(said)
    if not isinstance(found.data, dict | list):
        raise UnreadableError("no list")
    return found.items()


def told(said: Value) -> Value:
    """The `data` of an answer; the answer itself where older models put it there."""
    said = said.at("result") if said.has("result") else said
    return said.at("data") if isinstance(said.at("data").data, dict) else fields(said)


def wifi(guest: bool) -> Callable[[Value], Observation]:
    """`NeMo.Intf.lan.getMIBs`, `NeMo.Intf.guest.getMIBs`: the access points of one side, by their interface."""

    def networks(said: Value) -> Observation:
        points = fields(said).at("wlanvap")
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
    on = {"Up": True, "Down": False}.get(state) if isinstance(state, str) else None
    yield Wifi(
        name,
        text(Value(radio, value.line)),
        on,
        security,
        enterprise,
        flag(value.at("WPS", "Enable")),
        psk_length=key_length(value.at("Security", "KeyPassPhrase")) if security.startswith("wpa") else None,
        guest=guest,
    )
