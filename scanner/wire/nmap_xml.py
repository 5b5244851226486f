"""What nmap wrote, made facts. Pure: runs nothing, opens no socket; python-nmap is imported on first use.

An open port's service is named only when the port itself said what it speaks: nmap's table of port numbers is no proof.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from inventory.device import Device, Network, Port, SmbSeen
from inventory.errors import ParseError
from inventory.observation import Observation
from inventory.text import clean
from scanner.evidence import Evidence

MAX_XML = 4 * 1024 * 1024  # bytes; stops a swapped file in somebody's recording from filling memory
MAX_DEPTH = 32  # elements inside each other, nmap's own go to about 8; stops a tree that is all depth
SMB1 = "NT LM 0.12 (SMBv1)"  # the dialect's name in smb-protocols.nse
_SMB_PORTS = (445, 139)

# What a port says first, and what that proves. The banner script writes other than printable ASCII as \xHH.
_SPOKEN = (
    (re.compile(r"SSH-\d"), "ssh"),  # RFC 4253 §4.2
    (re.compile(r"\\xFF\\xF[B-E]"), "telnet"),  # IAC WILL, WONT, DO, DONT: RFC 854
    (re.compile(r"RFB 00"), "vnc"),  # RFC 6143 §7.1.1
    (re.compile(r"HTTP/\d"), "http"),
    (re.compile(r"220[ -].*SMTP", re.IGNORECASE), "smtp"),  # before FTP: a mail host may be called ftp.…
    (re.compile(r"220[ -].*FTP", re.IGNORECASE), "ftp"),
)


@dataclass(frozen=True, slots=True)
class Host:
    """One host of a scan."""

    address: str
    up: bool
    timed_out: bool  # nmap gave up on it: what it did not list was not asked
    observation: Observation
    mac: str | None = None


def read_ports(evidence: Evidence) -> Observation:
    """The open ports and SMB dialects of the address that was asked; nothing when nmap gave up on it.

    Raises:
        ParseError: the body is not nmap's XML, or it is not whole.
    """
    if evidence.status != "done":
        return Observation(Device())
    for host in hosts(evidence.body, evidence.id):
        if host.address == evidence.request.target:
            return host.observation
    return Observation(Device())


def hosts(xml: bytes, source: str = "nmap XML") -> tuple[Host, ...]:
    """Every host of a scan, in the order of the file; `source` names it in a ParseError.

    Seen from nmap 3.75 (2005) to 7.93. The last entry of an address stands when a file holds it twice.
    """
    places = _places(xml, source)
    saved = _saved(xml, source)
    probed = _ports_named(saved["nmap"]["scaninfo"].get("tcp", {}).get("services") or "", source)
    return tuple(_host(address, place, saved["scan"].get(address, {}), probed) for address, place in places.items())


@dataclass(slots=True)
class _Place:
    """Where things stand in the file."""

    timed_out: bool = False
    lines: dict[tuple[str, str], int] = field(default_factory=dict)  # (protocol, port) or ("script", id) → line


def _places(xml: bytes, source: str) -> dict[str, _Place]:
    """The lines of each host's ports, by address; refuses what nmap never writes and an XML reader should never see."""
    if len(xml) > MAX_XML:
        raise ParseError(source, None, f"more than {MAX_XML} bytes")
    reader = _Reader(source)
    try:
        reader.parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise ParseError(source, error.lineno, expat.ErrorString(error.code)) from error
    return reader.places


class _Reader:
    """expat's view of the file: elements with their lines."""

    def __init__(self, source: str) -> None:
        self.places: dict[str, _Place] = {}
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        # An entity can stand for a gigabyte ("billion laughs") or for a file of this machine; nmap defines none.
        self.parser.EntityDeclHandler = lambda *_: self._refuse("an entity is defined")
        self._source = source
        self._depth = 0
        self._here = _Place()
        self._scan = _Place()

    def _refuse(self, reason: str) -> None:
        raise ParseError(self._source, self.parser.CurrentLineNumber, reason)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if self._depth == 0 and name != "nmaprun":
            self._refuse("not an nmap scan")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse("nested too deep")
        if name == "scaninfo":
            self._scan.lines["scaninfo", attributes.get("protocol", "")] = line
        elif name == "host":
            self._here = _Place(attributes.get("timedout") == "true", dict(self._scan.lines))
        elif name == "address" and attributes.get("addrtype") == "ipv4":
            self.places[attributes.get("addr", "")] = self._here
        elif name == "finished" and attributes.get("exit", "success") != "success":
            self._refuse("a scan that did not end well")
        elif name == "port":
            self._here.lines[attributes.get("protocol", ""), attributes.get("portid", "")] = line
        elif name == "script":
            self._here.lines.setdefault(("script", attributes.get("id", "")), line)

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _saved(xml: bytes, source: str) -> dict[str, Any]:
    """The scan as python-nmap reads it: `{"nmap": …, "scan": {address: …}}`."""
    import nmap

    # Not PortScanner(): its constructor runs `nmap -V`, and reading a recording must not need nmap, nor start anything.
    reader = nmap.PortScanner.__new__(nmap.PortScanner)
    try:
        saved: dict[str, Any] = reader.analyse_nmap_xml_scan(xml)
    except (nmap.PortScannerError, AttributeError, TypeError, ValueError, KeyError) as error:
        raise ParseError(source, None, f"not what nmap writes ({type(error).__name__})") from error
    return saved


def _host(address: str, place: _Place, found: Mapping[str, Any], probed: tuple[int, ...]) -> Host:
    """One host, with its facts as an observation when it was scanned to the end."""
    up = found.get("status", {}).get("state") == "up"
    mac = (found.get("addresses", {}).get("mac") or "").lower() or None
    if place.timed_out or not up:
        return Host(address, up, place.timed_out, Observation(Device()), mac)
    smb = _smb(found)
    ports = tuple(sorted(_open(found, smb), key=lambda port: (port.protocol, port.port)))
    lines = {
        f"/network/ports/{index}": place.lines[port.protocol, str(port.port)]
        for index, port in enumerate(ports)
        if (port.protocol, str(port.port)) in place.lines
    }
    if smb is not None:
        lines["/network/smb"] = place.lines["script", "smb-protocols"]
    if probed and ("scaninfo", "tcp") in place.lines:
        lines["/network/tcp_probed"] = place.lines["scaninfo", "tcp"]
    network = Network(ports=ports, tcp_probed=probed, smb=smb)
    return Host(address, up, place.timed_out, Observation(Device(network=network), lines), mac)


def _open(found: Mapping[str, Any], smb: SmbSeen | None) -> Iterator[Port]:
    """The open ports, each with the service that its own words prove."""
    tcp = found.get("tcp", {})
    spoke_smb = next((port for port in _SMB_PORTS if tcp.get(port, {}).get("state") == "open"), None) if smb else None
    for port, facts in tcp.items():
        if facts["state"] == "open" and 0 < port < 65536:
            # The script breaks a long banner into lines, even inside a \xHH.
            said = (facts.get("script", {}).get("banner") or "").replace("\n", "")
            service = "smb" if port == spoke_smb else _service(said)
            yield Port(port, "tcp", service, clean(said) or None)
    for port, facts in found.get("udp", {}).items():
        if facts["state"] == "open":
            yield Port(port, "udp")


def _service(banner: str) -> str | None:
    r"""The service a banner proves, None when it proves none.

    >>> _service("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"), _service(r"\xFF\xFB%\xFF\xFB&\xFF\xFD\x18\xFF\xFD ")
    ('ssh', 'telnet')
    >>> _service("220 ProFTPD Server ready."), _service("220 ftp.example.org ESMTP Postfix"), _service("login:")
    ('ftp', 'smtp', None)
    """
    return next((service for pattern, service in _SPOKEN if pattern.match(banner)), None)


def _smb(found: Mapping[str, Any]) -> SmbSeen | None:
    r"""What the smb-protocols script was offered, None when it says nothing of dialects.

    >>> output = "\n  dialects: \n    NT LM 0.12 (SMBv1) [dangerous, but default]\n    202\n    311"
    >>> _smb({"hostscript": [{"id": "smb-protocols", "output": output}]})
    SmbSeen(dialects=('NT LM 0.12 (SMBv1)', '202', '311'), smb1=True)
    """
    for script in found.get("hostscript", ()):
        head, said, rest = (script["output"] or "").partition("dialects:")
        if script["id"] == "smb-protocols" and said and not head.strip():
            names = (clean(line.partition("[")[0]) for line in rest.splitlines())
            dialects = tuple(name for name in names if name)
            return SmbSeen(dialects, SMB1 in dialects)
    return None


def _ports_named(services: str, source: str) -> tuple[int, ...]:
    """The ports of a list as nmap writes it in `scaninfo`.

    >>> _ports_named("22-23,631", "")
    (22, 23, 631)
    """
    ports: set[int] = set()
    for part in filter(None, services.split(",")):
        first, _, last = part.partition("-")
        try:
            ports.update(range(max(0, int(first)), min(65535, int(last or first)) + 1))
        except ValueError as error:
            raise ParseError(source, None, f"not a list of ports: {clean(part)}") from error
    return tuple(sorted(ports))
