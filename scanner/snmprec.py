"""snmprec, the field's text form of SNMP values (`OID|tag|value`): read, written, and what any agent says of itself.

Knows no platform and sends nothing. The tag is the ASN.1 tag number of the value; `x` after it means hexadecimal, `e`
backslash escapes, `:name` a variation module of snmpsim, whose value is not a recorded one.
Source: snmpsim 0.4.5 `grammar/snmprec.py` and `record/snmprec.py`; RFC 3416 §3 for the types.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import Any, Literal, NamedTuple

from inventory.device import Device
from inventory.network import Network, SnmpSeen
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.system import Identity, System
from inventory.text import clean
from scanner.evidence import Evidence

MAX_OID = 1024  # characters; an OID has at most 128 arcs (RFC 2578 §3.5); stops a line of digits from being kept whole
MAX_NUMBER = 20  # digits of a Counter64; stops int() on a line of digits

SYS_DESCR = "1.3.6.1.2.1.1.1.0"  # SNMPv2-MIB, RFC 3418
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"  # hundredths of a second
SYS_NAME = "1.3.6.1.2.1.1.5.0"
DEVICE_DESCRIPTION = "1.3.6.1.2.1.25.3.2.1.3.1"  # hrDeviceDescr.1, HOST-RESOURCES-MIB, RFC 2790
ENGINE_ID = "1.3.6.1.6.3.10.2.1.1.0"  # snmpEngineID, SNMP-FRAMEWORK-MIB, RFC 3411
MOST_ENGINE = 32  # octets of it; stops an agent from filling the history with a longer one
PRINTER_SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"  # prtGeneralSerialNumber.1, Printer-MIB, RFC 3805
ENTERPRISES = "1.3.6.1.4.1."
# How the detail of an answer begins; the second: it answered to a community that everybody knows.
V2C, V2C_DEFAULT = "v2c", "v2c default community"
# Served by every net-snmp agent (UCD-SNMP-MIB, NET-SNMP-MIB): they name the agent's software, not the device's maker.
AGENT_ENTERPRISES = frozenset({2021, 8072})

_OID = re.compile(r"\.?\d+(?:\.\d+)*")
_TAG = re.compile(r"(\d{1,3})([xe]?)(:\w+)?")
_NUMBER = re.compile(r"-?\d+")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OCTETS = frozenset({"4", "68"})  # OCTET STRING, Opaque
_IP_ADDRESS = "64"


class Row(NamedTuple):
    """One value: where it stands in the text, and its three fields as written."""

    line: int  # from 1
    oid: str
    tag: str
    value: str

    @property
    def octets(self) -> bytes:
        """The value as bytes; broken hexadecimal is no bytes.

        >>> Row(1, "1.3.6.1.2.1.2.2.1.6.2", "4x", "00113224F9EB").octets.hex(":")
        '00:11:32:24:f9:eb'
        """
        if self.tag.endswith("x"):
            try:
                return bytes.fromhex(self.value)
            except ValueError:
                return b""
        if self.tag.endswith("e"):
            return _ESCAPE.sub(_unescaped, self.value).encode("latin-1", "replace")
        return self.value.encode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The value as text that is safe to keep."""
        return clean(self.octets)

    @property
    def number(self) -> int | None:
        """The value as a whole number of at most 20 digits, else None."""
        value = self.value.strip()
        return int(value) if len(value) <= MAX_NUMBER and _NUMBER.fullmatch(value) and value.isascii() else None


def _unescaped(match: re.Match[str]) -> str:
    code, letter = match.groups()
    return chr(int(code, 16)) if code else _ESCAPES.get(letter, letter)


def rows(text: str) -> Iterator[Row]:
    """The values of a recording, in its order; blank lines, comments, broken lines and variation modules are left out.

    >>> list(rows("#LibreNMS\\n1.3.6.1.4.1.6574.1.5.3.0|4|DSM 6.2-25426\\n1.3.6|2:numeric|min=1\\n"))
    [Row(line=2, oid='1.3.6.1.4.1.6574.1.5.3.0', tag='4', value='DSM 6.2-25426')]
    """
    for number, line in enumerate(text.split("\n"), 1):
        oid, _, rest = line.strip("\r").partition("|")
        tag, bar, value = rest.partition("|")
        if not bar or len(oid) > MAX_OID or not oid.isascii() or not _OID.fullmatch(oid):
            continue
        known = _TAG.fullmatch(tag)
        if known and not known[3] and tag.isascii():
            yield Row(number, oid.lstrip("."), tag, value)


def line(oid: str, tag: str, value: bytes | int | str) -> str:
    """The value as one line, without its line end; hexadecimal when it is not plain printable ASCII.

    `value` is bytes for the octet types (tags 4, 68; 64 as four bytes), an int for the numeric ones, else text.

    Raises:
        ValueError: a text or an OID that cannot stand on the line.

    >>> line("1.3.6.1.2.1.1.1.0", "4", b"Linux Nas 3.2.40 #25426 Wed Jul 8 03:15:48 CST 2020 armv7l")
    '1.3.6.1.2.1.1.1.0|4|Linux Nas 3.2.40 #25426 Wed Jul 8 03:15:48 CST 2020 armv7l'
    >>> line("1.3.6.1.2.1.2.2.1.6.2", "4", bytes.fromhex("00113224f9eb"))
    '1.3.6.1.2.1.2.2.1.6.2|4x|00113224f9eb'
    """
    if not _OID.fullmatch(oid):
        raise ValueError(f"not an OID: {clean(oid)}")
    if tag == _IP_ADDRESS and isinstance(value, bytes) and len(value) == 4:
        return f"{oid}|{tag}|{IPv4Address(value)}"
    if tag in _OCTETS or isinstance(value, bytes):
        octets = value if isinstance(value, bytes) else str(value).encode()
        if octets and not _plain(octets):
            return f"{oid}|{tag}x|{octets.hex()}"
        return f"{oid}|{tag}|{octets.decode('ascii')}"
    written = str(value)
    if written and not _plain(written.encode()):
        raise ValueError(f"not the value of a tag {tag}: {clean(written)}")
    return f"{oid}|{tag}|{written}"


def _plain(octets: bytes) -> bool:
    """Whether the bytes survive as text: printable ASCII without bar, no space at the ends (snmpsim strips them)."""
    return all(32 <= octet < 127 and octet != 124 for octet in octets) and octets == octets.strip()


def read_system(evidence: Evidence) -> Observation:
    """What any agent says: the system group, whose enterprise it serves, a device description, a printer's serial.

    `enterprise` is the first private arc that is not net-snmp's own, else the first; `device_description` is an IEEE
    1284 id (`MFG:Brother;CMD:PJL,PCL,PCLXL;MDL:DCP-7070DW;CLS:PRINTER;`) where one is served, else hrDeviceDescr.1.
    """
    if evidence.request.source != "snmp" or evidence.status != "done":
        return Observation(Device())
    answered = tuple(rows(evidence.text))
    found = _found(answered)
    said = {name: row.text for name, row in found.items()}
    lines = {}
    snmp = None
    if (version := _version(evidence.detail)) and answered:
        enterprise = int(found["enterprise"].oid.split(".")[6]) if "enterprise" in found else None
        names = ("sys_descr", "sys_object_id", "sys_name", "device_description")
        texts: dict[str, Any] = {name: said.get(name) or None for name in names}
        # Another community that was answered says nothing of these: None, not False.
        default = True if evidence.detail.startswith(V2C_DEFAULT) else None
        engine = found["engine_id"].octets[:MOST_ENGINE].hex() or None if "engine_id" in found else None
        snmp = SnmpSeen(version=version, enterprise=enterprise, default_community=default, engine_id=engine, **texts)
        lines = {
            f"/network/snmp/{name}": found[name].line for name in (*names, "enterprise", "engine_id") if name in found
        }
    ticks = found["uptime"].number if "uptime" in found else None
    uptime = ticks // 100 if ticks is not None and 0 <= ticks < 2**32 else None
    identity = Identity(serial=serial_number(said.get("serial")), uptime_s=uptime)
    if identity.serial is not None:
        lines["/system/identity/serial"] = found["serial"].line
    if identity.uptime_s is not None:
        lines["/system/identity/uptime_s"] = found["uptime"].line
    system = System(identity=identity) if identity != Identity() else None
    return Observation(Device(network=Network(snmp=snmp) if snmp else None, system=system), lines)


_NAMED = {
    SYS_DESCR: "sys_descr",
    SYS_OBJECT_ID: "sys_object_id",
    SYS_NAME: "sys_name",
    SYS_UP_TIME: "uptime",
    PRINTER_SERIAL: "serial",
    ENGINE_ID: "engine_id",
}


def _found(values: Iterable[Row]) -> dict[str, Row]:
    """The row of each thing `read_system` reads; the first one where several say it."""
    found: dict[str, Row] = {}
    description: Row | None = None
    agent: Row | None = None
    for row in values:
        if name := _NAMED.get(row.oid):
            found.setdefault(name, row)
        elif row.oid == DEVICE_DESCRIPTION and row.text:
            description = description or row
        elif row.oid.startswith(ENTERPRISES):
            if (arc := _enterprise(row.oid)) in AGENT_ENTERPRISES:
                agent = agent or row
            elif arc is not None:
                found.setdefault("enterprise", row)
            if row.tag.rstrip("xe") == "4" and _ieee_1284(row):
                found.setdefault("device_description", row)
    if agent is not None:
        found.setdefault("enterprise", agent)
    if description is not None:
        found.setdefault("device_description", description)
    return found


def _enterprise(oid: str) -> int | None:
    """The private enterprise number of an OID below 1.3.6.1.4.1 (at most 2³²-1)."""
    arc = oid.split(".", 7)[6]
    return int(arc) if len(arc) <= 10 and int(arc) < 2**32 else None


def _ieee_1284(row: Row) -> bool:
    """Whether the value is an IEEE 1284 device id: a maker and a model, under either spelling."""
    text = row.text.upper()
    return ("MFG:" in text or "MANUFACTURER:" in text) and ("MDL:" in text or "MODEL:" in text)


def _version(detail: str) -> Literal["v2c", "v3"] | None:
    """The SNMP version the evidence was asked with: `v3 SHA-AES, 41 rows`."""
    return "v2c" if detail.startswith(V2C) else "v3" if detail.startswith("v3") else None
