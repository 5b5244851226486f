"""The Wi-Fi networks that this machine's kernel has heard lately: `iw dev DEVICE scan dump`. Pure.

Source: iw 5.x, scan.c; the form was compared with recordings of iw on Raspberry Pi OS (public repositories
RoganDawes/P4wnP1_aloa and Centaurus-dj/import-cours-but-rt1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from inventory.air import AirNetwork
from inventory.snapshot import Coverage
from inventory.text import clean
from scanner.beginning import cards
from scanner.evidence import Evidence, Request
from scanner.transport import Transport

# Networks read of one answer; a block of flats has 60. Stops a card that invents thousands.
MOST_NETWORKS = 512
MOST_SSID = 32  # bytes (IEEE 802.11-2020 §9.4.2.2)

_BSS = re.compile(r"BSS ([0-9a-f]{2}(?::[0-9a-f]{2}){5})(?:\(on .{1,20}\))?.{0,40}")
_NUMBER = re.compile(r"-?\d{1,6}")
_ELEMENTS = {"RSN": "rsn", "WPA": "wpa", "WPS": "wps"}


@dataclass(slots=True)
class _Seen:
    bssid: str
    ssid: str | None = None
    frequency: int | None = None
    signal: int | None = None
    privacy: bool | None = None
    elements: set[str] = field(default_factory=set)
    ciphers: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def network(self) -> AirNetwork:
        protection = tuple(sorted(self.elements & {"rsn", "wpa"})) or (("wep",) if self.privacy else ())
        return AirNetwork(
            self.bssid,
            self.ssid,
            self.frequency,
            self.signal,
            protection if protection or self.privacy is not None else None,
            tuple(sorted(self.ciphers)) or None,
            tuple(sorted(self.keys)) or None,
            "wps" in self.elements,
        )


def read_air(evidence: Evidence) -> tuple[AirNetwork, ...]:
    """The networks by BSSID, the first block of each; () when the kernel remembers none."""
    found: dict[str, AirNetwork] = {}
    for seen in _blocks(evidence.text):
        if len(found) < MOST_NETWORKS:
            found.setdefault(seen.bssid, seen.network())
    return tuple(found[bssid] for bssid in sorted(found))


def _blocks(text: str) -> Iterator[_Seen]:
    """One block a BSS: `BSS 00:00:5e:00:53:01(on wlan0) -- associated`, then a tab before each of its lines."""
    seen: _Seen | None = None
    element = ""
    for line in text.split("\n"):
        if line[:4] == "BSS " and (start := _BSS.fullmatch(line.rstrip())):
            if seen is not None:
                yield seen
            seen, element = _Seen(start[1]), ""
        elif seen is not None and line[:1] == "\t":
            element = _line(seen, line[1:], element)
    if seen is not None:
        yield seen


def _line(seen: _Seen, line: str, element: str) -> str:
    """Note what a line says; the information element that it belongs to, whose further lines begin with two tabs."""
    name, _, value = line.partition(":")
    if line[:1] != "\t":
        element = _ELEMENTS.get(name, "")
        seen.elements.update({element} - {""})
        number = _NUMBER.search(value)
        if name == "SSID":
            seen.ssid = clean(value.strip(), MOST_SSID) or None
        elif name == "freq" and number:
            seen.frequency = int(number[0])
        elif name == "signal" and number:
            seen.signal = int(number[0])
        elif name == "capability":
            seen.privacy = "Privacy" in value.split()
    elif element in ("rsn", "wpa"):
        head, _, words = line.strip().removeprefix("* ").partition(": ")
        if head == "Pairwise ciphers":
            seen.ciphers.update(clean(words).split()[:8])
        elif head == "Authentication suites":
            seen.keys.update(re.findall(r"IEEE 802\.1X(?:/\S{1,20})?|\S{1,24}", clean(words))[:8])
    return element


def heard_air(transport: Transport, where: Evidence) -> tuple[tuple[AirNetwork, ...] | None, tuple[Coverage, ...]]:
    """What the Wi-Fi cards that a vantage names have heard, None without a card; and how that was learnt."""
    found: dict[str, AirNetwork] = {}
    rows: list[Coverage] = []
    for card in cards(where):
        evidence = transport.send(Request("wifi", card, "scan dump"))
        rows.append(Coverage("wifi", card, evidence.status, None, evidence.detail or None, evidence.id))
        if evidence.status == "done":
            found.update({item.bssid: item for item in read_air(evidence) if item.bssid not in found})
    looked = any(row.status == "done" for row in rows)
    return (tuple(found[bssid] for bssid in sorted(found)) if looked else None), tuple(rows)
