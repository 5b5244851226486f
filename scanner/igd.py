"""What UPnP answers say: the description of a device, and the port mappings of an Internet gateway. Pure."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Network, PortMapping, UpnpSeen
from inventory.observation import Observation, UnreadLine
from inventory.text import clean
from scanner.announced import MOST_TYPES, MOST_UUIDS, device_type, device_uuid
from scanner.evidence import Evidence
from scanner.upnp_place import MAPPING_SERVICES, Place, control_place, own_place
from scanner.upnp_xml import Element, documents, elements, error_code

END_OF_LIST = (713, 714)  # SpecifiedArrayIndexInvalid, NoSuchEntryInArray (WANIPConnection:1 §2.4.14.3)
# Connection services asked of one gateway: it has one, or one for each of its ways out.
MOST_SERVICES = 4

_MAPPINGS = "network.upnp.mappings"
_FIELDS = {"friendlyName": "friendly_name", "manufacturer": "manufacturer", "serialNumber": "serial"}


def read_description(evidence: Evidence) -> Observation:
    """What a device's UPnP description says of it; ParseError when the body is none.

    `<root><device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1` … (UDA 1.1 §2.3)
    """
    found = elements(evidence.text, evidence.id)
    kinds = {kind: item.line for item in reversed(found) if (kind := _type(item))}
    own = {item.path[-1]: item for item in reversed(found) if item.path[:-1] == ("root", "device") and item.text}
    if not kinds and "friendlyName" not in own:
        raise ParseError(evidence.id, 1, "not the description of a UPnP device")
    types = tuple(sorted(kinds)[:MOST_TYPES])
    lines = {f"/network/upnp/types/{place}": kinds[kind] for place, kind in enumerate(types)}
    facts: dict[str, str | None] = {}
    for element, name in _FIELDS.items():
        if element in own:
            facts[name] = clean(own[element].text) or None
            lines[f"/network/upnp/{name}"] = own[element].line
    if model := [own[name] for name in ("modelName", "modelNumber") if name in own]:
        facts["model"] = clean(" ".join(dict.fromkeys(item.text for item in model))) or None
        lines["/network/upnp/model"] = model[0].line
    udns = {uuid: item.line for item in reversed(found) if item.path[-1] == "UDN" and (uuid := device_uuid(item.text))}
    uuids = tuple(sorted(udns)[:MOST_UUIDS])
    lines |= {f"/network/upnp/uuids/{place}": udns[uuid] for place, uuid in enumerate(uuids)}
    seen = UpnpSeen(types or None, uuids=uuids or None, **facts)  # type: ignore[arg-type]
    unasked = tuple(
        UnreadLine(_MAPPINGS, 1, clean(f"{service}: its list of mappings is said to be elsewhere"))
        for service, place in _mapping_services(evidence, found)
        if place is None
    )
    return Observation(Device(network=Network(upnp=seen)), lines, unasked[:MOST_SERVICES])


def _type(item: Element) -> str | None:
    return device_type(item.text) if item.path[-1] == "deviceType" else None


def mapping_asks(evidence: Evidence) -> tuple[str, ...]:
    """The questions for port mappings that a description leads to; () for anything but an Internet gateway.

    `mappings WANIPConnection:1 http://192.168.10.1:49152/ctl/IPConn`
    """
    services = _mapping_services(evidence, elements(evidence.text, evidence.id))
    return tuple(dict.fromkeys(f"mappings {service} {place}" for service, place in services if place is not None))


def _mapping_services(evidence: Evidence, found: tuple[Element, ...]) -> Iterator[tuple[str, Place | None]]:
    """Every service of a description that holds port mappings, and where it is asked: None when that is elsewhere."""
    base = own_place(evidence.request.ask.removeprefix("description "), IPv4Address(evidence.request.target))
    if base is None:
        return
    url_base = next((item.text for item in found if item.path == ("root", "URLBase")), None)
    for service, control in _services(found):
        if service in MAPPING_SERVICES:
            yield service, control_place(base, url_base, control)


def _services(found: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    """(`WANIPConnection:1`, control URL) of every service of a description, "" for one that names none."""
    service = control = ""
    for item in found:
        if item.path[-1] == "serviceType":
            service = item.text.removeprefix("urn:schemas-upnp-org:service:")
        elif item.path[-1] == "controlURL":
            control = item.text
        elif item.path[-1] == "service":
            yield service, control
            service = control = ""


def read_mappings(evidence: Evidence) -> Observation:
    """The port mappings that a gateway listed; () when it says there are none; ParseError when it says nothing.

    Body: per answer a line `# GetGenericPortMappingEntry 0 200` and the SOAP envelope below it. Whatever is not a
    mapping, and a list that was not read to its end, is an unread line.
    """
    mappings: list[tuple[PortMapping, int]] = []
    unread: list[UnreadLine] = []
    outside: tuple[IPv4Address, int] | None = None
    ended = asked = False
    last = 1
    for title, number, document in documents(evidence.text):
        action, _, status = title.partition(" ")
        values = _values(document, evidence.id)
        last = number
        if action == "GetExternalIPAddress":
            outside = _outside(values, number)
        elif status.endswith(" 200"):
            asked = True
            try:
                mappings.append((_mapping(values), number + values["NewExternalPort"].line))
            except (KeyError, ValueError) as error:
                unread.append(UnreadLine(_MAPPINGS, number, clean(f"{title}: {error}")))
        else:
            asked, ended = True, _code(document, evidence.id) in END_OF_LIST
    if not asked:
        raise ParseError(evidence.id, 1, "no answer about port mappings")
    if not ended:
        unread.append(UnreadLine(_MAPPINGS, last, "the list was not read to its end"))
    seen = UpnpSeen(mappings=tuple(mapping for mapping, _ in mappings), external_address=outside and outside[0])
    lines = {f"/network/upnp/mappings/{place}": line for place, (_, line) in enumerate(mappings)}
    if outside is not None:
        lines["/network/upnp/external_address"] = outside[1]
    return Observation(Device(network=Network(upnp=seen)), lines, tuple(unread))


def _values(document: str, where: str) -> dict[str, Element]:
    """The elements of a SOAP answer by name; {} of what is not XML."""
    try:
        return {item.path[-1]: item for item in elements(document, where)}
    except ParseError:
        return {}


def _code(document: str, where: str) -> int | None:
    try:
        return error_code(document, where)
    except ParseError:
        return None


def _outside(values: dict[str, Element], number: int) -> tuple[IPv4Address, int] | None:
    item = values.get("NewExternalIPAddress")
    try:
        return (IPv4Address(item.text), number + item.line) if item else None
    except AddressValueError:
        return None


def _mapping(values: dict[str, Element]) -> PortMapping:
    """The mapping of one answer: its protocol, ports and target must be there (WANIPConnection:1 §2.4.14)."""
    protocol = values["NewProtocol"].text.lower()
    if protocol not in ("tcp", "udp"):
        raise ValueError("neither TCP nor UDP")
    description = values.get("NewPortMappingDescription")
    enabled = values.get("NewEnabled")
    return PortMapping(
        external=f"{protocol}/{_port(values['NewExternalPort'].text)}",
        target=IPv4Address(values["NewInternalClient"].text),
        target_port=_port(values["NewInternalPort"].text),
        enabled={"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
            enabled.text.lower() if enabled else ""
        ),
        description=clean(description.text) or None if description else None,
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 65536):
        raise ValueError("a port that is none")
    return int(text)
