"""Who a device is, from everything that it showed to the wire: one way for a scan and for `vigie identify`.

Pure. SNMP speaks first (`scanner.fingerprint`, over the agent's own values); what it leaves open is filled from the
texts of other answers (`scanner.banner`), the most telling field first.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from inventory.category import Category
from inventory.device import Device
from inventory.network import Identification, MdnsService, Network
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.text import clean
from scanner.banner import attributes
from scanner.evidence import Evidence
from scanner.fingerprint import Identified, identified
from scanner.fingerprint_files import plates
from scanner.snmprec import read_system, rows
from scanner.words import words

MAX_TEXTS = 256  # texts of one device that are looked at; stops one that announces thousands from taking minutes
MAX_CLUES = 8  # texts named as reasons
MAX_CLUE = 96  # characters of each

# A maker's own tree or words in SNMP are as good as a model plate; a number that says little is a hint.
SNMP_SURE, SNMP_LIKELY, SNMP_HINT = 80, 40, 10
# Anybody may call himself anything in a banner: together such texts weigh less than what the owner says.
ONE_TEXT, SEVERAL_TEXTS = 40, 60

# The fields in the order of what they tell of the device itself, rather than of a program that runs on it.
RANK = (
    "ubiquiti", "upnp_device", "mdns_txt", "mdns_device_info", "x509", "http_title", "http_realm", "pjl",
    "dhcp_vendor_class", "sip", "telnet", "ftp", "rtsp", "http_server", "host_name", "smb_os",
    "ssh", "smtp", "pop", "imap",
)  # fmt: skip
# Whose systems run on anybody's hardware: "MSFT 5.0" proves Windows, and says nothing of who made the computer.
SYSTEM_MAKERS = frozenset({"Microsoft", "OpenMediaVault", "Proxmox"})
_BY_PORT = {21: "ftp", 23: "telnet", 25: "smtp", 110: "pop", 143: "imap", 554: "rtsp", 2323: "telnet"}


class Text(NamedTuple):
    """Something a device said: in which field (a file of `fingerprints/banners/`), and where that fact stands."""

    field: str
    text: str
    pointer: str  # below the device: "/network/http/0"


def read_identity(evidence: Evidence) -> Observation:
    """What any SNMP agent says of itself, and who its values say the device is."""
    observation = read_system(evidence)
    network = observation.device.network
    if network is None or network.snmp is None:
        return observation
    who = identified(rows(evidence.text))
    known = from_snmp(who)
    if known == Identification():
        return observation
    names = {"os": "platform", "hardware": "model", "class": "category"}
    places = {f"/network/identification/{names.get(name, name)}": line for name, line in who.lines.items()}
    device = dataclasses.replace(observation.device, network=dataclasses.replace(network, identification=known))
    lines = {**{"/network/identification": min(places.values(), default=1)}, **places, **observation.lines}
    return Observation(device, lines, observation.unread)


def model_plate(identity: Evidence) -> str:
    """The question where the maker of the system that answered keeps model, version and serial number; "" if none.

    The system's own words stand beside them again: they are what the values are understood by.
    """
    system = identified(rows(identity.text)).os
    objects = plates(system) if system else ()
    return " ".join(("walk:1.3.6.1.2.1.1", *(f"next:{oid}" for oid in objects))) if objects else ""


def from_snmp(who: Identified) -> Identification:
    """What SNMP's fingerprints found, as facts."""
    category = words("category").get(who.kind or "")
    if who.kind == "host":  # what is named is the system and its processor: nobody's device in particular
        who = dataclasses.replace(who, vendor=None, hardware=None)
    weight = who.weight or 0
    sure = SNMP_SURE if weight >= 50 else SNMP_LIKELY if weight >= 20 else SNMP_HINT
    return Identification(
        who.vendor,
        who.os,
        who.hardware,
        who.version,
        who.serial,
        cast("Category", category) if category else None,
        sure if category else None,
        tuple(clue[:MAX_CLUE] for clue in who.clues[:MAX_CLUES]) or None,
    )


def identification(network: Network, more: Iterable[Text] = ()) -> tuple[Identification | None, Mapping[str, str]]:
    """Who the device is, and for each answer that a text gave the pointer of the fact it came from.

    `more`: texts that no field of `Network` holds. None when nothing says anything.

    >>> from inventory.network import HttpSeen
    >>> who, _ = identification(Network(http=(HttpSeen(5000, False, title="nas - Synology DiskStation"),)))
    >>> who.vendor, who.platform, who.category, who.confidence
    ('Synology', 'synology_dsm', 'nas', 40)
    """
    known = network.identification or Identification()
    heard = [(text, said) for text in _ranked([*texts(network), *more]) if (said := _said(text))]
    vendor = known.vendor or next((said["vendor"] for _, said in heard if "vendor" in said and _of_device(said)), None)
    own = [(text, said) for text, said in heard if not _of_another(said, vendor)]
    found: dict[str, tuple[str, Text]] = {}
    for text, said in own:
        for name, value in _traits(said).items():
            found.setdefault(name, (value, text))
    for name, value, text in _neighbours(network):
        found.setdefault(name, (value, text))
    if known.category is None:
        category = _category(own)
        found |= category
    taken = {name: pair for name, pair in found.items() if getattr(known, name) is None}
    reasons = dict.fromkeys(f"{text.field} {text.text}"[:MAX_CLUE] for _, text in taken.values())
    clues = (*(known.clues or ()), *reasons)[:MAX_CLUES] or None
    values = {name: int(value) if name == "confidence" else value for name, (value, _) in taken.items()}
    whole = dataclasses.replace(known, clues=clues, **values)  # type: ignore[arg-type]
    return (None if whole == Identification() else whole), {name: text.pointer for name, (_, text) in taken.items()}


def _ranked(found: list[Text]) -> list[Text]:
    order = {field: place for place, field in enumerate(RANK)}
    return sorted(found[:MAX_TEXTS], key=lambda text: (order.get(text.field, len(order)), text.pointer))


def _said(text: Text) -> Mapping[str, str]:
    """What a text says, without the maker of its system where that is not the maker of the device."""
    said = attributes(text.field, text.text)
    lent = "os" in said and "model" not in said and said.get("vendor") in SYSTEM_MAKERS
    return {name: value for name, value in said.items() if name != "vendor"} if lent else said


def _of_device(said: Mapping[str, str]) -> bool:
    """Whether a text names the device, and not just a program that anybody may run."""
    return "class" in said or ("model" in said and "software" not in said)


def _of_another(said: Mapping[str, str], vendor: str | None) -> bool:
    """Whether a text names a device of another maker: a printer that a server shares, a page that a proxy shows."""
    return vendor is not None and _of_device(said) and said.get("vendor", vendor).casefold() != vendor.casefold()


def _traits(said: Mapping[str, str]) -> Mapping[str, str]:
    """What a text says of the device; a version counts with the system or the model it belongs to."""
    told = {"vendor": said["vendor"]} if "vendor" in said and _of_device(said) else {}
    if "os" in said:
        told["platform"] = words("platform").get(said["os"], said["os"].lower().replace(" ", "_"))
    if "os_version" in said and ("os" in said or _of_device(said)):
        told["version"] = said["os_version"]
    if "software" not in said:
        told |= {"model": said["model"]} if "model" in said else {}
        told |= {"serial": serial} if (serial := serial_number(said.get("serial"))) else {}
    return told


def _category(own: list[tuple[Text, Mapping[str, str]]]) -> dict[str, tuple[str, Text]]:
    """The category that most fields name, and how sure that is; nothing when two are named as often."""
    votes: dict[str, dict[str, Text]] = {}
    for text, said in own:
        if kind := said.get("class"):
            votes.setdefault("router" if kind == "firewall" else kind, {}).setdefault(text.field, text)
    ranked = sorted(votes, key=lambda kind: -len(votes[kind]))
    if not ranked or (len(ranked) > 1 and len(votes[ranked[0]]) == len(votes[ranked[1]])):
        return {}
    by_field = votes[ranked[0]]
    first = next(iter(by_field.values()))
    sure = SEVERAL_TEXTS if len(by_field) > 1 else ONE_TEXT
    return {"category": (ranked[0], first), "confidence": (str(sure), first)}


def texts(network: Network) -> Iterator[Text]:
    """Every text among the facts that a form may know."""
    if network.hostname:
        yield Text("host_name", network.hostname, "/network/hostname")
    if network.netbios is not None:
        yield Text("host_name", network.netbios.name, "/network/netbios")
    for index, offer in enumerate(network.ssh_offers or ()):
        if offer.software:
            yield Text("ssh", offer.software, f"/network/ssh_offers/{index}")
    for index, port in enumerate(network.ports or ()):
        field = port.service if port.service in ("ssh", "ftp", "telnet", "smtp", "rtsp") else _BY_PORT.get(port.port)
        if port.banner and port.protocol == "tcp" and field:
            yield Text(field, port.banner, f"/network/ports/{index}")
    for index, page in enumerate(network.http or ()):
        for field, value in (("http_title", page.title), ("http_realm", page.realm), ("http_server", page.server)):
            if value:
                yield Text(field, value, f"/network/http/{index}")
    for index, tls in enumerate(network.tls or ()):
        if tls.certificate is not None:
            yield Text("x509", tls.certificate.subject, f"/network/tls/{index}")
    if network.dhcp is not None:
        for field, value in (("dhcp_vendor_class", network.dhcp.vendor_class), ("host_name", network.dhcp.hostname)):
            if value:
                yield Text(field, value, "/network/dhcp")
    if network.browser is not None and network.browser.name:
        yield Text("host_name", network.browser.name, "/network/browser")
    for index, item in enumerate(network.neighbours or ()):
        if item.protocol == "ubiquiti" and item.model:
            yield Text("ubiquiti", item.model, f"/network/neighbours/{index}")
    yield from _upnp(network)
    for index, service in enumerate(network.mdns or ()):
        yield from _mdns(service, f"/network/mdns/{index}")


def _upnp(network: Network) -> Iterator[Text]:
    upnp = network.upnp
    if upnp is None:
        return
    if upnp.server:
        yield Text("http_server", upnp.server, "/network/upnp")
    if upnp.manufacturer or upnp.model:
        pair = f"{upnp.manufacturer or ''} | {upnp.model or ''} | {' '.join(upnp.types or ())}"
        yield Text("upnp_device", clean(pair), "/network/upnp")


def _mdns(service: MdnsService, pointer: str) -> Iterator[Text]:
    if service.kind == "_device-info._tcp":
        yield Text("mdns_device_info", " ".join(service.text or ()), pointer)
        return
    for line in service.text or ():
        yield Text("mdns_txt", f"{service.kind} {line}", pointer)


def _neighbours(network: Network) -> Iterator[tuple[str, str, Text]]:
    """What a device tells its neighbours of itself: (name of the fact, value, where it stands)."""
    for index, item in enumerate(network.neighbours or ()):
        said = {"vendor": item.manufacturer, "model": item.model, "version": item.version}
        said["serial"] = serial_number(item.serial)
        text = Text(item.protocol, item.model or item.manufacturer or "", f"/network/neighbours/{index}")
        yield from ((name, value, text) for name, value in said.items() if value)


def with_identification(device: Device) -> tuple[Device, Mapping[str, str]]:
    """The device with who it is, and the pointers of the facts that said so (`identification`)."""
    if device.network is None:
        return device, {}
    who, places = identification(device.network)
    return dataclasses.replace(device, network=dataclasses.replace(device.network, identification=who)), places
