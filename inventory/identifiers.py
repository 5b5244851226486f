"""What a device can be recognised by, whatever address or MAC it has today. Pure; judges nobody.

Names are no identifiers: two computers are called "pc", and a person may change one at any time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from inventory.device import Device, Identifier, IdentifierKind, Traits
from inventory.mac import canonical, randomised
from inventory.network import MdnsService

# Identifiers kept of one device: a NAS with a printer and a media server has eight. Stops a device that invents a new
# one in every answer from filling the history.
MOST_IDENTIFIERS = 32
# Identifiers looked at of one device, its own and the proven ones first: each of forty services may name two MACs.
# Stops a device that repeats itself in 128 services of 32 texts from costing a second.
MOST_SAID = 256
# Characters of an identifier: a DHCP client id has at most 255 octets, a serial number or an engine id far fewer.
MAX_VALUE = 128

# Fact → what kind of identifier it is, and whether anybody could have announced it. A fact that this version's types
# do not have is not there, like any other.
_FACTS: tuple[tuple[str, IdentifierKind, bool], ...] = (
    ("system.identity.serial", "serial", False),
    ("network.upnp.serial", "upnp_serial", True),
    ("network.upnp.uuids", "uuid", True),
    ("network.wsd.endpoint", "uuid", True),
    ("network.snmp.engine_id", "engine_id", False),
    ("network.dhcp.client_id", "dhcp_id", True),
    ("network.dhcp6.duid", "dhcp_id", True),
    ("network.neighbours.chassis", "mac", True),
    ("network.neighbours.serial", "serial", True),
)  # fmt: skip
# Facts that traits are worked out of: what stands behind the word "the same device".
TRAIT_FACTS = ("network.macs", "network.ssh", "system.platform", *(path for path, _, _ in _FACTS))
# First octet of a client id: a name, a hardware address (RFC 2132 §9.14), a DUID (RFC 4361 §6.1).
_NAME, _ETHERNET, _DUID = "00", "01", "ff"
_ENGINE_OF_ADDRESS = ("01", "02")  # fifth octet: the engine is named by its IPv4 or IPv6 address
_ENGINE_OF_MAC = "03"


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of marks.yaml."""

    service: re.Pattern[str]
    key: str
    kind: IdentifierKind
    pattern: re.Pattern[str]
    sample: str
    yields: str

    def found(self, service: MdnsService) -> Iterator[str]:
        """What the mark reads in a service, as it was written."""
        if not self.service.search(service.kind):
            return
        start = f"{self.key.lower()}="
        texts = (text for text in service.text or () if text.lower().startswith(start))
        for value in (text[len(start) :] for text in texts) if self.key else (service.name,):
            yield from self.pattern.findall(value)


@cache
def marks() -> tuple[Mark, ...]:
    """What mDNS announcements are recognised by."""
    rows = yaml.safe_load((Path(__file__).parent / "marks.yaml").read_text("utf-8"))
    return tuple(
        Mark(**{**row, "service": re.compile(row["service"]), "pattern": re.compile(row["pattern"])}) for row in rows
    )


def traits(device: Device) -> Traits:
    """What a device is recognised by, from its facts.

    >>> from inventory.network import Network, SshSeen
    >>> key = SshSeen("ssh-ed25519", "SHA256:abc")
    >>> seen = traits(Device(network=Network(macs=("00:11:32:00:00:02", "5e:00:00:00:00:01"), ssh=key)))
    >>> [(item.kind, item.value) for item in seen.identifiers]
    [('mac', '00:11:32:00:00:02'), ('host_key', 'ssh-ed25519 SHA256:abc')]
    """
    found: dict[tuple[IdentifierKind, str], bool] = {}
    for kind, raw, announced in islice(_said(device), MOST_SAID):
        if (value := sound(kind, raw)) is not None:
            found[kind, value] = found.get((kind, value), True) and announced
    kept = list(found.items())[:MOST_IDENTIFIERS]
    identity = device.system.identity if device.system else None
    upnp = device.network.upnp if device.network else None
    return Traits(
        tuple(Identifier(kind, value, announced) for (kind, value), announced in kept),
        device.system.platform if device.system else None,
        _first_word(identity.vendor if identity else None),
        _first_word(upnp.manufacturer if upnp else None),
    )


def _first_word(text: str | None) -> str | None:
    """`synology` of "Synology Inc.": what a maker writes behind its name changes with the firmware."""
    return next(iter(re.findall(r"\w+", (text or "").casefold())), None)


def _said(device: Device) -> Iterator[tuple[IdentifierKind, str, bool]]:
    """Every identifier as it was said; what was proven comes before what was announced."""
    network = device.network
    yield from (("mac", mac, False) for mac in (network.macs if network else None) or ())
    if network is not None and network.ssh is not None:
        yield "host_key", f"{network.ssh.key_type} {network.ssh.fingerprint}", False
    for path, kind, announced in _FACTS:
        for value in _values(device, path):
            if path == "network.dhcp.client_id" and value[:2] == _NAME:
                continue
            yield kind, value, announced
            if kind == "engine_id" and value[8:10] == _ENGINE_OF_MAC:
                yield "mac", value[10:22], announced
            if path == "network.upnp.uuids":
                yield from (("mac", mac, True) for mac in _node(value, (network.macs if network else None) or ()))
    if network is not None and network.netbios is not None and network.netbios.mac:
        yield "mac", network.netbios.mac, True
    for service in (network.mdns if network else None) or ():
        for mark in marks():
            yield from ((mark.kind, value, True) for value in mark.found(service))


def _values(device: Device, path: str) -> Iterator[str]:
    """The texts at a path; a list on the way is gone through."""
    found: list[Any] = [device]
    for name in path.split("."):
        inner = [getattr(value, name, None) for value in found]
        found = [item for value in inner for item in (value if isinstance(value, tuple) else (value,))]
    yield from (value for value in found if isinstance(value, str))


def _node(uuid: str, own: Iterable[str]) -> Iterator[str]:
    """The MAC that a UUID ends with, when its maker is the one of an interface: "…-0011321234ab" of a Synology."""
    digits = re.sub(r"[^0-9a-f]", "", uuid.lower())[-12:]
    if len(digits) == 12 and any(mac.replace(":", "")[:6] == digits[:6] for mac in own):
        yield digits


def sound(kind: IdentifierKind, raw: str) -> str | None:
    """The identifier in one spelling; None for what many devices say: "0", "123456", a MAC that was invented.

    >>> sound("serial", "1780PEN008231"), sound("serial", "To be filled by O.E.M."), sound("upnp_serial", "12345678")
    ('1780pen008231', None, None)
    >>> sound("mac", "5e:10:20:30:40:50"), sound("uuid", "uuid:00000000-0000-0000-0000-000000000000")
    (None, None)
    """
    value = raw.strip()[:MAX_VALUE]
    if kind == "host_key":
        return value
    value = value.lower()
    if kind == "mac":
        return _mac(value)
    if kind == "uuid":
        value = value.removeprefix("urn:").removeprefix("uuid:").strip("{}")
    if kind == "dhcp_id":
        value = re.sub(r"[^0-9a-f]", "", value)
        if value.startswith(_ETHERNET) and len(value) == 14:
            return None  # its own MAC again, invented or not
        if value.startswith(_DUID) and len(value) > 14:
            value = value[10:]  # after the interface's number, the DUID: the same on every interface
    if kind == "engine_id" and (len(value) < 12 or value[8:10] in _ENGINE_OF_ADDRESS):
        return None
    return value if _rare(value) else None


def _mac(value: str) -> str | None:
    try:
        mac = canonical(value)
    except ValueError:
        return None
    # Neither invented by its device, nor a group address, nor the filler of a maker who gave none.
    return None if randomised(mac) or int(mac[:2], 16) & 1 or len(set(mac[9:].replace(":", ""))) < 2 else mac


# What makers put where they have no number.
_FILLERS = re.compile(
    r"o\.e\.m|default|none|null|unknown|n/?a$|not specified|serial|xxx|example|private|redacted|anonym"
)
_ROWS = ("0123456789", "9876543210", "abcdefghij")


def _rare(value: str) -> bool:
    """Whether a value can be one device's own: long enough, not all alike, not counted on the fingers."""
    plain = re.sub(r"[^0-9a-z]", "", value)
    if len(plain) < 6 or len(set(plain)) < 4 or _FILLERS.search(value):
        return False
    if not any(char.isdigit() for char in plain):
        return False
    return not any(plain[:6] in row or plain[-6:] in row for row in _ROWS)
