"""Who the devices in a saved recording are: SNMP values, a capture, a scan of nmap, banners. Only reads."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from inventory.classify import CERTAIN_WEIGHT, LIKELY_WEIGHT, classify
from inventory.disk import content
from inventory.document import to_json
from inventory.errors import ConfigError, ParseError
from inventory.mac import randomised
from inventory.network import Identification, Network
from inventory.observation import Observation
from scanner.fingerprint import Identified, identified
from scanner.identification import with_identification
from scanner.words import words

# Bytes of a recording: the largest one seen has 1.3 MB; stops a wrong path from filling the memory.
MAX_FILE = 32 << 20
# Devices of one capture or scan: a /20 has 4,094 addresses; stops a forged file from filling the output.
MAX_DEVICES = 4_096

_KEYS = ("vendor", "os", "class", "hardware", "version", "serial")
_CAPTURES = frozenset({".pcap", ".pcapng", ".cap"})


def identities(path: Path) -> tuple[Mapping[str, Any], ...]:
    """At least one row a file, one a device: `{"case", "vendor", "os", "class", …, "clues"}`, the keys of `_KEYS`.

    `case` is the file's name without its ending; a capture and a scan say which of their devices in `device`, by
    address or MAC, and whether its class is `certain`; of a capture `names`, and in `network` every fact heard; of a
    file of banners it is their field, and `said` holds every attribute. What is unknown is None; `unread` says what of
    the file could not be read. ConfigError for a file that cannot be read or is of no such kind.
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
        elif ending == ".jsonl":
            found = list(_from_banners(content(path, MAX_FILE, follow=True)))
        else:
            expected = ".snmprec, .pcap, .pcapng, .xml or .jsonl"
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
    said = row.get("said", {})
    if "software" in said and not row["hardware"]:  # a program of a device, not the device
        program = " ".join(said[key] for key in ("software", "version") if key in said)
        on = f" ({said['os']})" if "os" in said else ""
        return f"{row['case']} {row['device']}: {program}{on}"
    name = " ".join(row[key] for key in ("vendor", "hardware") if row[key])
    os = " ".join(row[key] for key in ("os", "version") if row[key])
    serial = f"serial {row['serial']}" if row["serial"] else ""
    kind = f"{'' if row.get('certain', True) else 'probably '}{row['class']}" if row["class"] else ""
    rest = ", ".join(part for part in (kind, os, serial) if part)
    place = f" {row['device']}" if "device" in row else ""
    return f"{row['case']}{place}: {' – '.join(part for part in (name, rest) if part) or '?'}"


def _limited(found: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(found):
        if number >= MAX_DEVICES:
            raise ParseError("recording", None, f"more than {MAX_DEVICES} devices")
        yield row


def _from_snmp(raw: bytes) -> Identified:
    from scanner.snmprec import rows

    values = tuple(rows(raw.decode("utf-8", "replace")))
    if not values:
        raise ParseError("snmprec", None, "not a recording: no line like 1.3.6.1.2.1.1.1.0|4|RouterOS RB750Gr3")
    return identified(values)


def _from_capture(case: str, path: Path) -> Iterator[Mapping[str, Any]]:
    """Whoever was heard in the capture, however long it is: it is read frame by frame."""
    from scanner.frames.hearing import heard_in
    from scanner.frames.words import clues, names

    with path.open("rb") as stream:
        heard = heard_in(stream)
    if heard.full:
        raise ParseError("capture", None, heard.problem)
    unread = {"unread": f"{heard.problem}; what follows it is missing"} if heard.problem else {}
    if unread and not heard.devices:
        yield {**_row(case, Identified()), **unread}
    for mac, seen in heard.devices.items():
        network = seen.device.network or Network()
        who = _by_facts(mac, seen)
        who = replace(who, clues=(*who.clues, *clues(network)))
        row = _row(case, who, device=mac)
        yield {**row, "names": list(names(network)), "network": to_json(network), **unread}


def _from_scan(case: str, raw: bytes, name: str) -> Iterator[Mapping[str, Any]]:
    """Every host that nmap found up."""
    from scanner.wire.nmap_xml import hosts

    for host in hosts(raw, name):
        if host.up:
            yield _row(case, _by_facts(host.mac, host.observation), device=host.address)


def _from_banners(raw: bytes) -> Iterator[Mapping[str, Any]]:
    """Every line of a file of banners; a file of which no line is one is of another kind."""
    from scanner.banner_rows import rows

    found = list(rows(raw.decode("utf-8", "replace")))
    if all("unread" in row for row in found):
        raise ParseError("banners", None, found[0]["unread"])
    yield from ({**_row(row["case"], Identified()), **row} for row in found)


def _by_facts(mac: str | None, seen: Observation) -> Identified:
    """What everything that the device showed proves; of its network card the maker where nothing names its own."""
    from scanner.wire.vendors import vendor

    maker = vendor(mac) if mac else None
    network = replace(seen.device.network or Network(), vendor=maker, mac_randomised=randomised(mac) if mac else None)
    device, _ = with_identification(replace(seen.device, network=network))
    who = (device.network.identification if device.network else None) or Identification()
    found = classify(device)
    kind = words("class").get(found.category)
    weight = CERTAIN_WEIGHT if found.certain else LIKELY_WEIGHT
    clues = tuple(clue.reason for clue in found.clues)
    return Identified(
        who.vendor or maker, who.platform, kind, who.model, who.version, who.serial, clues, weight if kind else None
    )


def _row(case: str, who: Identified, device: str | None = None) -> Mapping[str, Any]:
    os = None if who.os is None else words("os").get(who.os, who.os)
    values = (who.vendor, os, who.kind, who.hardware, who.version, who.serial)
    place: dict[str, Any] = {} if device is None else {"device": device}
    if device is not None and who.kind is not None:
        place["certain"] = (who.weight or 0) >= CERTAIN_WEIGHT
    return {"case": case, **place, **dict(zip(_KEYS, values, strict=True)), "clues": list(who.clues)}
