"""Which wireless networks an access point or its controller gives out, as its maker's MIB says. Pure.

Sources: UBNT-UniFi-MIB (unifiVapEssId, unifiVapName, unifiVapRadio), UBNT-AirMAX-MIB (ubntRadioMode, ubntWlStatSsid,
ubntWlStatSecurity), MIKROTIK-MIB (mtxrWlApSsid), FORTINET-FORTIAP-MIB, RUCKUS-ZD-WLAN-MIB and RUCKUS-SZ-WLAN-MIB
(ruckusZDWLANSSID, ruckusSZWLANSSID).
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from inventory.device import Device
from inventory.gateway import Wifi
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.evidence import Evidence
from scanner.mib_rows import IF_DESCR, IF_NAME, Index, Tables, tables, walks
from scanner.snmprec import Row

MOST_NETWORKS = 128  # an access point has some ten; stops a table of invented networks

_UNIFI, _UNIFI_NAME, _UNIFI_RADIO = (f"1.3.6.1.4.1.41112.1.6.1.2.1.{column}" for column in (6, 7, 9))
_MIKROTIK = "1.3.6.1.4.1.14988.1.1.1.3.1.4"  # by the number of the interface
_AIRMAX, _AIRMAX_SECURITY = "1.3.6.1.4.1.41112.1.4.5.1.2", "1.3.6.1.4.1.41112.1.4.5.1.11"
_AIRMAX_MODE, _STATION = "1.3.6.1.4.1.41112.1.4.1.1.2", 1  # a station's network is somebody else's
# By radio and network, or by network: the name of the interface is not told.
_PLAIN = ("1.3.6.1.4.1.12356.120.7.1.1.4", "1.3.6.1.4.1.25053.1.2.2.1.1.1.1.1.1", "1.3.6.1.4.1.25053.1.4.2.1.1.1.2.1.1")
# A radio with "none" was seen to call itself encrypted in another table: that none is open is not said.
_SECURITY: Mapping[str, Literal["wep", "wpa", "wpa2"]] = {"WEP": "wep", "WPA": "wpa", "WPA2": "wpa2"}

# How the system of what has such a table names itself.
MAKERS = tuple(f"1.3.6.1.4.1.{number}." for number in ("10002", "12356.120", "14988", "25053", "41112"))
WIFI = walks(IF_NAME, IF_DESCR, _UNIFI, _UNIFI_NAME, _UNIFI_RADIO, _MIKROTIK, _AIRMAX_MODE, _AIRMAX, _AIRMAX_SECURITY,
             *_PLAIN)  # fmt: skip


def read_wifi(evidence: Evidence) -> Observation | None:
    """The networks by name and interface, where that is told; nothing where there is none."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    found: dict[tuple[str, str | None], tuple[Wifi, int]] = {}
    unread: tuple[UnreadLine, ...] = ()
    for wifi, row in _networks(tables(evidence.text, WIFI)):
        if len(found) >= MOST_NETWORKS:
            unread = (UnreadLine("system.wifi", row.line, f"more than {MOST_NETWORKS} networks"),)
            break
        if wifi.ssid:  # one that is hidden from the agent too
            found.setdefault((wifi.ssid, wifi.interface), (wifi, row.line))
    lines = {f"/system/wifi/{place}": line for place, (_, line) in enumerate(found.values())}
    system = System(wifi=tuple(wifi for wifi, _ in found.values()))
    return Observation(Device(system=system) if found else Device(), lines, unread)


def _networks(told: Tables) -> Iterator[tuple[Wifi, Row]]:
    for index, row in told.of(_UNIFI).items():
        names = (told.of(column).get(index) for column in (_UNIFI_NAME, _UNIFI_RADIO))
        yield Wifi(row.text, next((name.text for name in names if name is not None and name.text), None)), row
    for index, row in told.of(_MIKROTIK).items():
        yield Wifi(row.text, told.interface(index[-1])), row
    for index, row in told.of(_AIRMAX).items():
        if _gives(told, index):
            security = told.of(_AIRMAX_SECURITY).get(index)
            yield Wifi(row.text, security=_SECURITY.get(security.text) if security else None), row
    for column in _PLAIN:
        yield from ((Wifi(row.text), row) for row in told.of(column).values())


def _gives(told: Tables, index: Index) -> bool:
    """Whether the radio is known to give out a network: it may use another's."""
    return told.number(_AIRMAX_MODE, index) not in (None, _STATION)
