"""Who the devices in a saved recording are: SNMP values, a capture, a scan of nmap. Sends nothing; judges nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from inventory.classify import classify
from inventory.disk import content
from inventory.document import to_json
from inventory.errors import ConfigError, ParseError
from inventory.mac import randomised
from inventory.network import Network
from inventory.observation import Observation
from scanner.fingerprint import Identified, identified

# Bytes of a recording: the largest one seen has 1.3 MB; stops a wrong path from filling the memory.
MAX_FILE = 32 << 20
# Devices of one capture or scan: a /20 has 4,094 addresses; stops a forged file from filling the output.
MAX_DEVICES = 4_096

_KEYS = ("vendor", "os", "class", "hardware", "version", "serial")
_CAPTURES = frozenset({".pcap", ".pcapng", ".cap"})


def identities(path: Path) -> tuple[Mapping[str, Any], ...]:
    """At least one row a file, one a device: `{"case", "vendor", "os", "class", …, "clues"}`, the keys of `_KEYS`.

    `case` is the file's name without its ending; a capture and a scan say which of their devices in `device`, by
    address or MAC; of a capture `names`, and in `network` every fact heard. What is unknown is None. ConfigError for a
    file that cannot be read or is of no such kind.
    """
    ending = path.suffix.lower()
    case = path.name.removesuffix(path.suffix)
    try:
        if ending == ".snmprec":
            found = [_row(case, _from_snmp(content(path, MAX_FILE, follow=True)))]
        elif ending in _CAPTURES:
            found = list(_limited(_from_capture(case, path)))
        elif ending == ".xml":
            found = list(_limited(_from_scan(case, content(path, MAX_FILE, follow=True), path.name)))
        else:
            expected = ".snmprec, .pcap, .pcapng or .xml"
            raise ConfigError(str(path), None, "", f"a file {ending or 'without ending'}", expected)
    except OSError as error:
        raise ConfigError(str(path), None, "", error.strerror or "unreadable", "a file that can be read") from error
    except ParseError as error:
        raise ConfigError(str(path), error.line, "", error.reason, "a recording that can be read") from error
    return tuple(found or [_row(case, Identified())])


def known(row: Mapping[str, Any]) -> bool:
    """Whether anything at all was said of the device."""
    return any(row[key] is not None for key in _KEYS)


def shown(row: Mapping[str, Any]) -> str:
    """The row for a person: `routeros_rb750gr3: MikroTik RB750Gr3 – router, routeros 7.20.4, serial 6F3A071688EA`."""
    name = " ".join(row[key] for key in ("vendor", "hardware") if row[key])
    os = " ".join(row[key] for key in ("os", "version") if row[key])
    serial = f"serial {row['serial']}" if row["serial"] else ""
    rest = ", ".join(part for part in (row["class"], os, serial) if part)
    place = f" {row['device']}" if "device" in row else ""
    return f"{row['case']}{place}: {' – '.join(part for part in (name, rest) if part) or '?'}"


def _limited(found: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(found):
        if number >= MAX_DEVICES:
            raise ParseError("recording", None, f"more than {MAX_DEVICES} devices")
        yield row


def _from_snmp(raw: bytes) -> Identified:
    from scanner.snmprec import rows

    return identified(rows(raw.decode("utf-8", "replace")))


def _from_capture(case: str, path: Path) -> Iterator[Mapping[str, Any]]:
    """Whoever was heard in the capture, however long it is: it is read frame by frame."""
    from scanner.frames import words
    from scanner.frames.hearing import heard_in

    with path.open("rb") as stream:
        heard = heard_in(stream)
    if heard.full:
        raise ParseError("capture", None, heard.problem)
    unread = {"unread": heard.problem} if heard.problem else {}
    if unread and not heard.devices:
        yield {**_row(case, Identified()), **unread}
    for mac, seen in heard.devices.items():
        network = seen.device.network or Network()
        who = _by_facts(mac, seen)
        who = replace(who, clues=(*who.clues, *words.clues(network)))
        row = _row(case, _announced(who, network), device=mac)
        yield {**row, "names": list(words.names(network)), "network": to_json(network), **unread}


def _announced(who: Identified, network: Network) -> Identified:
    """With the model and version that it announces to its neighbours, and the maker when its MAC does not tell one."""
    for item in network.neighbours or ():
        who = replace(
            who,
            vendor=who.vendor or item.manufacturer,
            hardware=who.hardware or item.model,
            version=who.version or item.version,
            serial=who.serial or item.serial,
        )
    return who


def _from_scan(case: str, raw: bytes, name: str) -> Iterator[Mapping[str, Any]]:
    """Every host that nmap found up."""
    from scanner.wire.nmap_xml import hosts

    for host in hosts(raw, name):
        if host.up:
            yield _row(case, _by_facts(host.mac, host.observation), device=host.address)


def _by_facts(mac: str | None, seen: Observation) -> Identified:
    """What the maker of the network card and the open ports prove: a maker, and a class when it is certain."""
    from scanner.wire.vendors import vendor

    maker = vendor(mac) if mac else None
    network = replace(seen.device.network or Network(), vendor=maker, mac_randomised=randomised(mac) if mac else None)
    found = classify(replace(seen.device, network=network))
    kind = _words()["class"].get(found.category) if found.certain else None
    return Identified(maker, None, kind, clues=tuple(clue.reason for clue in found.clues))


def _row(case: str, who: Identified, device: str | None = None) -> Mapping[str, Any]:
    os = None if who.os is None else _words()["os"].get(who.os, who.os)
    values = (who.vendor, os, who.kind, who.hardware, who.version, who.serial)
    place = {} if device is None else {"device": device}
    return {"case": case, **place, **dict(zip(_KEYS, values, strict=True)), "clues": list(who.clues)}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Our words in those of others."""
    words: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (Path(__file__).parent / "fingerprints" / "words.yaml").read_text("utf-8")
    )
    return words
