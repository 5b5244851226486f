"""What the readers of the operators' boxes share: an API's answer by its question, and single values of JSON."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any, TypeVar

from inventory.device import Device
from inventory.gateway import Interface
from inventory.mac import canonical
from inventory.observation import Observation, UnreadLine
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._json import NoJsonError, Value, read_json
from scanner.platforms._reading import MAX_ITEMS, Listed, Reader, UnreadableError, psk_length, unread

T = TypeVar("T")
MAX_SHOWN = 256  # characters of a line that is reported
WAN, LAN = "wan", "lan"  # how the two sides of a box are called, which has no names for them

_YES, _NO = frozenset({True, "1", "on", "true", "yes"}), frozenset({False, "0", "off", "false", "no"})
_WORD = re.compile(r"\S")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")


def from_api(evidence: Evidence, readers: Mapping[str, Reader]) -> Observation | None:
    """What the reader of the question makes of the answer; None when nobody asked it or nothing came."""
    if evidence.request.source != "api" or evidence.status != "done":
        return None
    reader = readers.get(evidence.request.ask)
    return reader(evidence.text) if reader else None


def reading(facts: Sequence[str], read: Callable[[Value], Observation]) -> Reader:
    """A reader of JSON; of an answer that is none, or not what it should be, these facts are unread."""

    def reader(text: str) -> Observation:
        try:
            return read(read_json(text))
        except (NoJsonError, UnreadableError):
            return lost(facts, text)

    return reader


def lost(facts: Sequence[str], text: str) -> Observation:
    """No fact, and the first line that is not blank reported for each of them."""
    found = _WORD.search(text)
    at = found.start() if found else 0
    first = (text.count("\n", 0, at) + 1, text[at : at + MAX_SHOWN].partition("\n")[0])
    return Observation(Device(), {}, tuple(report for fact in facts for report in unread(fact, [first])))


def each(values: Iterable[Value], fact: str, read: Callable[[Value], Iterable[T]]) -> Listed[T]:
    """What `read` makes of each value, each item once; a value for which it raises UnreadableError is reported."""
    found: dict[T, int] = {}
    bad: list[tuple[int, str]] = []
    for value in values:
        if len(found) >= MAX_ITEMS:
            bad.append((value.line, "more entries"))
            break
        try:
            for item in read(value):
                found.setdefault(item, value.line)
        except UnreadableError as error:
            bad.append((value.line, str(error)))
    pointer = f"/{fact.replace('.', '/')}"
    lines = {f"{pointer}/{index}": line for index, line in enumerate(found.values())}
    return Listed(None if bad and not found else tuple(found), lines, unread(fact, bad))


def text(value: Value, limit: int = 128) -> str | None:
    """A text that says something, made safe."""
    said = value.data if isinstance(value.data, str) else str(value.data) if isinstance(value.data, int) else ""
    return clean(said, limit) or None if not isinstance(value.data, bool) else None


def flag(value: Value) -> bool | None:
    """Whether it is switched on, in any of the ways to say so; None when nothing is said.

    Raises:
        UnreadableError: something else is said.
    """
    said = value.data.lower() if isinstance(value.data, str) else value.data
    if said is None or said == "":
        return None
    if isinstance(said, (str, int)) and said in _YES:
        return True
    if isinstance(said, (str, int)) and said in _NO:
        return False
    raise UnreadableError("neither on nor off")


def address(value: Value) -> IPv4Address | None:
    """An IPv4 address, None where none is said.

    Raises:
        UnreadableError: something else is said.
    """
    said = value.data
    if said in (None, "", "0.0.0.0"):  # noqa: S104 — what a box writes for none
        return None
    try:
        return IPv4Address(said if isinstance(said, str) else "")
    except AddressValueError as error:
        raise UnreadableError(clean(str(said), 40)) from error


def sources(value: Value) -> tuple[IPv4Network, ...] | None:
    """Who may ask: `203.0.113.7`, `203.0.113.0/24`, several with commas; None: everyone."""
    said = value.data
    if said in (None, "", "0.0.0.0", "0.0.0.0/0", "*", "any"):  # noqa: S104 — what a box writes for everyone
        return None
    try:
        return tuple(IPv4Network(part.strip(), strict=False) for part in str(said)[:1024].split(","))
    except ValueError as error:
        raise UnreadableError(clean(str(said), 40)) from error


def port(value: Value) -> int:
    """A port.

    Raises:
        UnreadableError: it is none.
    """
    said = value.data
    number = int(said) if isinstance(said, str) and re.fullmatch(r"[0-9]{1,5}", said) else said
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 65535:
        raise UnreadableError(f"no port: {clean(str(said), 20)}")
    return number


def ports(value: Value) -> str:
    """A port or a range of them: "443", "5000-5010", written with `-` or `:`.

    Raises:
        UnreadableError: it is none.
    """
    first, sign, last = str(value.data).replace(":", "-").partition("-")
    if not sign:
        return str(port(value))
    low, high = port(Value(first.strip(), value.line)), port(Value(last.strip(), value.line))
    if low > high:
        raise UnreadableError("a range that ends before it begins")
    return span(low, high)


def span(low: int, high: int) -> str:
    """A range of ports as a forward writes it.

    >>> span(443, 443), span(5000, 5010)
    ('443', '5000-5010')
    """
    return str(low) if low == high else f"{low}-{high}"


def mac(value: Value) -> str:
    """A MAC address.

    Raises:
        UnreadableError: it is none.
    """
    if not isinstance(value.data, str) or not _MAC.fullmatch(value.data):
        raise UnreadableError("no MAC address")
    return canonical(value.data)


def interface(name: str, own: IPv4Address | None, *, default_route: bool) -> Interface:
    """One side of the box."""
    return Interface(name, (own,) if own else None, default_route)


def key_length(value: Value) -> int | None:
    """How many characters a Wi-Fi key has, by what is kept of it: `REDACTED-12`; None: nobody said."""
    return psk_length(value.data) if isinstance(value.data, str) else None


def seconds(value: Value) -> int | None:
    """An uptime, None where none is said."""
    said = value.data
    if isinstance(said, str) and re.fullmatch(r"[0-9]{1,10}", said):
        said = int(said)
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < 1 << 32 else None


def placed(group: str, **values: Value) -> dict[str, int]:
    """The lines of the fields of one fact."""
    return {f"/system/{group}/{name}": value.line for name, value in values.items() if value.data not in (None, "")}


def of(values: Mapping[str, Any], lines: Mapping[str, int], group: str) -> dict[str, int]:
    """The lines of those fields that are facts."""
    return {at: line for at, line in lines.items() if values.get(at.removeprefix(f"/system/{group}/")) is not None}


def shown(device: Device) -> str:
    """What the device shows on the wire of what it is, in lower case: web pages and its UPnP description."""
    network = device.network
    if network is None:
        return ""
    pages = (word for page in network.http or () for word in (page.title, page.realm, page.server, page.location))
    upnp = network.upnp
    plate = (upnp.friendly_name, upnp.manufacturer, upnp.model, upnp.server) if upnp else ()
    return "\n".join(word.lower() for word in (*pages, *plate, network.vendor) if word)


def doubt(fact: str, line: int, said: str) -> tuple[UnreadLine, ...]:
    """One line that could not be read."""
    return unread(fact, [(line, said)])
