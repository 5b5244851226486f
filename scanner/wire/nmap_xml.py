"""What nmap wrote, made facts. Pure: runs nothing, opens no socket; python-nmap is imported on first use.

An open port's service is named only when the port itself said what it speaks: nmap's table of port numbers is no proof.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Network, Port, SmbSeen
from inventory.observation import Observation
from inventory.text import clean
from scanner.evidence import Evidence

MAX_XML = 4 * 1024 * 1024  # bytes; stops a swapped file in somebody's recording from filling memory
MAX_DEPTH = 32  # elements inside each other, nmap's own go to about 8; stops a tree that is all depth
MAX_NAMED = 1 << 24  # ports named in a file's lists, 256 hosts with all of theirs; stops lists that repeat without end
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

# nmap-service-probes' names of what others call otherwise.
_PROBED = {"microsoft-ds": "smb", "netbios-ssn": "smb", "ms-wbt-server": "rdp", "ssl": "tls"}


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
    answered: set[int] = field(default_factory=set)  # TCP ports that are open or closed
    mute: set[int] = field(default_factory=set)  # TCP ports from which nothing came
    services: dict[int, str] = field(default_factory=dict)  # TCP port → what nmap's probes proved it speaks
    unlisted: set[str] = field(default_factory=set)  # states given to "all other ports" without naming them


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
        self._named = 0
        self._of: tuple[str, str] = ("", "")  # the port, or the state of other ports, that the next element is about

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
            self._of = (attributes.get("protocol", ""), attributes.get("portid", ""))
            self._here.lines[self._of] = line
        elif name == "state" and self._of[0] == "tcp":
            self._stated(self._of[1], attributes.get("state", ""))
        elif name == "service" and self._of[0] == "tcp":
            probed = attributes.get("method") == "probed"
            self._proven(self._of[1], attributes.get("name", "") if probed else "", attributes.get("tunnel", ""))
        elif name == "extraports":
            self._of = ("", attributes.get("state", ""))
            self._here.lines.setdefault(("extraports", _heard(self._of[1])), line)
        elif name == "extrareasons" and attributes.get("proto", "tcp") == "tcp":
            if "ports" in attributes:  # nmap 7.92 and later
                self._stated(attributes["ports"], self._of[1])
            else:
                self._here.unlisted.add(_heard(self._of[1]))
        elif name == "script":
            self._here.lines.setdefault(("script", attributes.get("id", "")), line)

    def _stated(self, ports: str, state: str) -> None:
        """These ports have that state."""
        found = _ports_named(ports, self._source)
        self._named += len(found)
        if self._named > MAX_NAMED:
            self._refuse("more ports than a scan has")
        (self._here.answered if _heard(state) == "answered" else self._here.mute).update(found)

    def _proven(self, port: str, service: str, tunnel: str) -> None:
        """A port that nmap's probes made speak; inside TLS it is another service, which nmap prints as `ssl/imap`.

        Where nothing was made out inside a tunnel, TLS itself was: nmap's `ssl/unknown`, `ssl/teamviewer?`.
        """
        if service and service != "tcpwrapped":  # "tcpwrapped": it hung up, and said nothing
            name = f"{tunnel}/{service}" if tunnel else _PROBED.get(service, service)
        else:
            name = "tls" if tunnel == "ssl" else ""
        if name:
            self._here.services.update(dict.fromkeys(_ports_named(port, self._source), clean(name)))

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _heard(state: str) -> str:
    """Whether a port of that state answered: one that is filtered said nothing, or somebody else spoke for it."""
    return "answered" if state in ("open", "closed", "unfiltered") else "mute"


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
    ports = tuple(sorted(_open(found, smb, place.services), key=lambda port: (port.protocol, port.port)))
    lines = {
        f"/network/ports/{index}": place.lines[port.protocol, str(port.port)]
        for index, port in enumerate(ports)
        if (port.protocol, str(port.port)) in place.lines
    }
    if smb is not None:
        lines["/network/smb"] = place.lines["script", "smb-protocols"]
    answered, filtered = _sorted_out(place, probed)
    for name, found_in, facts in (("probed", "answered", answered), ("filtered", "mute", filtered)):
        if facts and (at := place.lines.get(("extraports", found_in)) or place.lines.get(("scaninfo", "tcp"))):
            lines[f"/network/tcp_{name}"] = at
    network = Network(ports=ports, tcp_probed=answered, tcp_filtered=filtered, smb=smb)
    return Host(address, up, place.timed_out, Observation(Device(network=network), lines), mac)


def _sorted_out(place: _Place, probed: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ports that answered and those that did not; where a file does not tell which, they are in neither."""
    answered, mute = place.answered.intersection(probed), place.mute.intersection(probed)
    if len(place.unlisted) == 1:  # "all others are closed", or filtered, as nmap before 7.92 says it
        ({"answered": answered, "mute": mute}[next(iter(place.unlisted))]).update(set(probed) - answered - mute)
    return tuple(sorted(answered)), tuple(sorted(mute - answered))


def _open(found: Mapping[str, Any], smb: SmbSeen | None, proven: Mapping[int, str]) -> Iterator[Port]:
    """The open ports, each with the service that its own words prove, or else what they told nmap's probes."""
    tcp = found.get("tcp", {})
    spoke_smb = next((port for port in _SMB_PORTS if tcp.get(port, {}).get("state") == "open"), None) if smb else None
    for port, facts in tcp.items():
        if facts["state"] == "open" and 0 < port < 65536:
            # The script breaks a long banner into lines, even inside a \xHH.
            said: str | None = facts.get("script", {}).get("banner")
            said = said.replace("\n", "") if said is not None else None
            service = "smb" if port == spoke_smb else _service(said or "") or proven.get(port)
            yield Port(port, "tcp", service, clean(said) if said is not None else _product(facts))
    for port, facts in found.get("udp", {}).items():
        if facts["state"] == "open":
            yield Port(port, "udp")


def _product(facts: Mapping[str, Any]) -> str | None:
    """The product and version that nmap's probes recognised, None when they did not.

    >>> _product({"product": "dnsmasq", "version": "2.90"}), _product({"product": "", "version": ""}), _product({})
    ('dnsmasq 2.90', None, None)
    """
    return clean(f"{facts.get('product') or ''} {facts.get('version') or ''}") or None


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
    SmbSeen(dialects=('NT LM 0.12 (SMBv1)', '202', '311'), smb1=True, shares=None)
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
    named = 0
    for part in filter(None, services.split(",")):
        first, _, last = part.partition("-")
        try:
            span = range(max(0, int(first)), min(65535, int(last or first)) + 1)
        except ValueError as error:
            raise ParseError(source, None, f"not a list of ports: {clean(part)}") from error
        named += len(span)
        if named > MAX_NAMED:
            raise ParseError(source, None, "more ports than a scan has")
        ports.update(span)
    return tuple(sorted(ports))
