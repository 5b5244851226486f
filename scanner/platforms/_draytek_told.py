"""What a Vigor tells of itself: version, state, networks, addresses it gave away, and who may administer it.

Source: DrayTek, "Vigor3912 Series User's Guide" and "Vigor2927 Series User's Guide", part "Telnet Commands":
`sys version`, `show status`, `show lan`, `srv dhcp status`, `vlan status`, `mngt lanaccess`, `mngt rmtcfg`, `mngt bfp`.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any

from inventory.gateway import Admin, DhcpServer, Dns, Interface, Vlan
from inventory.observation import Observation
from inventory.storage import AutoBlock
from inventory.system import Identity, System
from inventory.tables import Lease
from inventory.text import clean
from scanner.platforms._interfaces import MAX_FACTS
from scanner.platforms._reading import MAX_ITEMS, nothing, numbered, of_system, unread

VENDOR, OS = "DrayTek", "draytek"
_IP = r"\d{1,3}(?:\.\d{1,3}){3}"
_MODEL = re.compile(r"Router Model: {0,4}(Vigor ?[\w.-]{1,24}) {1,40}(?:Series {1,40})?Version: {0,4}([\w.-]{1,32})")
_BUILT = re.compile(r"Firmware Build Date/Time: {0,4}(\w{3} {1,2}\d{1,2} \d{4} \d{2}:\d{2}:\d{2})")
_NAMED = re.compile(r"(Router Name|Revision|Router serial no): {0,4}(\S.{0,80})")
_FIELDS = {"Router Name": "hostname", "Revision": "build", "Router serial no": "serial"}
_UPTIME = re.compile(r"System Uptime: ?(\d{1,6}):(\d{1,2}):(\d{1,2})")
_RESOLVERS = re.compile(r"Primary DNS: ?(\S{1,40}) {1,20}Secondary DNS: ?(\S{1,40})?")
_NO_HOST = re.compile(r"-{3}|0\.0\.0\.0")
_WAN = re.compile(r"WAN ?(\d{1,2}) Status: ?(\w{1,20})")
_WAY = re.compile(rf"Mode:.{{0,80}}?[ )]IP: ?({_IP}|-{{3}}) {{0,20}}GW IP: ?({_IP}|-{{3}})")
_LAN = re.compile(rf"\[([VX])\] ?([\w-]{{1,20}}) +({_IP}) +({_IP})(?: +([VX]))? +({_IP}) +(\d{{1,5}})(?: +({_IP}))?")
_POOL = re.compile(rf"([\w-]{{1,20}}) {{1,12}}: DHCP Server (On|Off)(?: +IP Pool: ?({_IP}) ~ ({_IP}))?")
_LEASE = re.compile(rf"\d{{1,5}} +({_IP}) +((?:[0-9A-Fa-f]{{2}}-){{5}}[0-9A-Fa-f]{{2}}) +(\d+:\d\d:\d\d)(?: +(\S.*))?")
_CELL = re.compile(r"(\d{1,3}) +(ON|OFF) +(\d{1,4}) +\d")
_SERVICE = re.compile(r"- ?(FTP|HTTP|HTTPS|TELNET|SSH|TR069): ?(Yes|No)", re.IGNORECASE)
_SUBNET = re.compile(r"- ?(LAN ?\d{1,3}|IP Routed Subnet): ?(enabled|disabled)", re.IGNORECASE)
_ONLY = re.compile(r"- ?Specific IP.{0,60} is (enabled|disabled)", re.IGNORECASE)
_SHUT = re.compile(r"(?:%+ ?)?Remote configure function has been disabled\.?")
_ENCRYPTED = {"ftp": False, "http": False, "https": True, "telnet": False, "ssh": True}


def read_version(text: str) -> Observation:
    """Model, version, name, build and, where the firmware knows it, the serial number in `sys version`.

    >>> read_version("Router Model: Vigor3912S    Version: 4.3.5 zh_TW zh_CN").device.system.identity.firmware
    '4.3.5'
    """
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for place, line in list(numbered(text))[:64]:
        short, told = line.strip()[:400], dict[str, Any]()
        if said := _MODEL.search(short):
            told = {"model": clean(said[1]), "firmware": said[2]}
        elif said := _BUILT.search(short):
            told = {"built": _moment(said[1])}
        elif (said := _NAMED.match(short)) and said[2].strip().lower() not in ("none", "n/a"):
            told = {_FIELDS[said[1]]: clean(said[2])}
        for name, value in told.items():
            if value and name not in found:
                found[name], lines[f"/system/identity/{name}"] = value, place
    if "model" not in found:
        return nothing("system.identity", text)
    return of_system(System(identity=Identity(VENDOR, os=OS, **found)), lines)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(" ".join(text.split()), "%b %d %Y %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def read_status(text: str) -> Observation:
    """Since when it runs, its resolvers, and the addresses and ways of its lines to the Internet, in `show status`.

    >>> said = "System Uptime:2:8:29\\nWAN 3 Status: Connected\\n"
    >>> said += "Mode:PPPoE       Up Time:2:08:09     IP:203.0.113.195GW IP:203.0.113.254"
    >>> read_status(said).device.system.interfaces
    (Interface(name='WAN3', addresses=(IPv4Address('203.0.113.195'),), default_route=True),)
    """
    facts: dict[str, Any] = {}
    lines: dict[str, int] = {}
    ways: dict[str, tuple[Interface, int]] = {}
    bad: list[tuple[int, str]] = []
    mute: list[tuple[int, str]] = []
    wan = ""
    for place, line in numbered(text):
        short = line.strip()[:400]
        if up := _UPTIME.match(short):
            hours, minutes, seconds = map(int, up.groups())
            facts["identity"] = Identity(VENDOR, os=OS, uptime_s=hours * 3600 + minutes * 60 + seconds)
            lines["/system/identity/uptime_s"] = place
        elif "identity" in facts and "dns" not in facts and (said := _RESOLVERS.match(short)):
            if servers := _resolvers([word for word in said.groups() if word]):
                facts["dns"], lines["/system/dns"] = servers, place
            else:
                mute.append((place, line))
        elif state := _WAN.match(short):
            wan = f"WAN{state[1]}" if state[2] == "Connected" else ""
        elif wan and short.startswith("Mode:") and len(ways) < MAX_FACTS:
            way = _WAY.match(short)
            if way is None or not (address := _host(way[1])):
                bad.append((place, line))
            else:
                ways.setdefault(wan, (Interface(wan, (IPv4Address(address),), _host(way[2]) is not None), place))
            wan = ""
    if "identity" not in facts:
        return nothing("system.interfaces", text)
    lines |= {f"/system/interfaces/{at}": place for at, (_, place) in enumerate(ways.values())}
    interfaces = tuple(item for item, _ in ways.values()) or None
    reports = unread("system.interfaces", bad) + unread("system.dns", mute)
    return of_system(System(interfaces=interfaces, **facts), lines, reports)


def _resolvers(words: list[str]) -> Dns | None:
    """The resolvers that are told; None where a word is neither an address nor one of those for "none"."""
    hosts = [_host(word) for word in words]
    if any(host is None and not _NO_HOST.fullmatch(word) for host, word in zip(hosts, words, strict=True)):
        return None
    return Dns(tuple(dict.fromkeys(host for host in hosts if host)))


def _host(text: str | None) -> str | None:
    """An address that is one, None for `---` and `0.0.0.0`."""
    try:
        address = IPv4Address(text or "")
    except ValueError:
        return None
    return str(address) if int(address) else None


def read_lans(text: str) -> Observation:
    """The inner networks that are on, and the ranges they give away, in `show lan`.

    >>> row = "[V]LAN1  192.168.1.1     255.255.255.0   V    192.168.1.10    200  192.168.1.1"
    >>> read_lans("The LAN settings:\\n" + row).device.system.dhcp[0].last
    IPv4Address('192.168.1.209')
    """
    rows = list(numbered(text))
    if not any(line.strip() == "The LAN settings:" for _, line in rows[:3]):
        return nothing("system.interfaces", text)
    interfaces: dict[Interface, int] = {}
    served: dict[DhcpServer, int] = {}
    bad: list[tuple[int, str]] = []
    silent: list[tuple[int, str]] = []
    for place, line in rows:
        short = line.strip()[:200]
        if not short.startswith("[") or len(interfaces) >= MAX_FACTS:
            continue
        row = _LAN.fullmatch(short)
        own, start = (_host(row[3]), _host(row[6])) if row else (None, None)
        if row and row[1] == "X":
            continue
        if row is None or own is None:
            bad.append((place, line))
            continue
        interfaces.setdefault(Interface(row[2], (IPv4Address(own),)), place)
        if row[5] is None:
            silent.append((place, line))
        else:
            first = IPv4Address(start) if start else None
            served.setdefault(_range(row[2], row[5] == "V", first, int(row[7])), place)
    lines = {f"/system/interfaces/{at}": place for at, place in enumerate(interfaces.values())}
    lines |= {f"/system/dhcp/{at}": place for at, place in enumerate(served.values())}
    system = System(interfaces=tuple(interfaces) or None, dhcp=tuple(served) or None)
    return of_system(system, lines, unread("system.interfaces", bad) + unread("system.dhcp", bad + silent))


def _range(name: str, on: bool, first: IPv4Address | None, count: int) -> DhcpServer:
    last = int(first) + count - 1 if first and count else 0
    return DhcpServer(name, on, first if last else None, IPv4Address(last) if 0 < last < 2**32 else None)


def read_leases(text: str) -> Observation:
    """The ranges given away, and who holds an address of them, in `srv dhcp status`.

    >>> said = "LAN1       : DHCP Server On    IP Pool: 192.168.1.10 ~ 192.168.1.209\\n"
    >>> said += "1       192.168.1.10    08-BF-B8-D5-DD-A9       69:01:37        A1000460"
    >>> read_leases(said).device.system.leases[0].hostname
    'A1000460'
    """
    served: dict[DhcpServer, int] = {}
    leases: dict[Lease, int] = {}
    bad: list[tuple[int, str]] = []
    for place, line in numbered(text):
        short = line.strip()[:200]
        if pool := _POOL.fullmatch(short):
            ends = (IPv4Address(host) if (host := _host(pool[at])) else None for at in (3, 4))
            if len(served) < MAX_ITEMS:
                served.setdefault(DhcpServer(pool[1], pool[2] == "On", *ends), place)
        elif served and short[:1].isdigit() and len(leases) < MAX_ITEMS:
            row = _LEASE.fullmatch(short)
            address = _host(row[1]) if row else None
            if row is None or address is None:
                bad.append((place, line))
                continue
            name = clean(row[4] or "")
            leases.setdefault(Lease(IPv4Address(address), row[2].lower().replace("-", ":"), name or None), place)
    if not served:
        return nothing("system.dhcp", text)
    lines = {f"/system/dhcp/{at}": place for at, place in enumerate(served.values())}
    lines |= {f"/system/leases/{at}": place for at, place in enumerate(leases.values())}
    if not leases and not bad:  # nobody has seen what it writes where there is none
        bad.append((max(served.values()), "no lease"))
    return of_system(System(dhcp=tuple(served), leases=tuple(leases) or None), lines, unread("system.leases", bad))


def read_vlans(text: str) -> Observation:
    """The VLANs with a tag of their own in `vlan status`, and the ports that carry it; groups of ports have none."""
    rows = list(numbered(text))
    state = next((re.match(r"VLAN +is +(Enable|Disable)\b", line.strip()) for _, line in rows[:2]), None)
    head = next((at for at, (_, line) in enumerate(rows) if re.match(r" ?VLAN +Enable +VID +Pri +p", line)), None)
    if state is None or head is None:
        return nothing("system.vlans", text)
    if state[1] == "Disable":
        return of_system(System(vlans=()), {"/system/vlans": rows[0][0]})
    ports = {at: said[0] for said in re.finditer(r"p\d{1,2}", rows[head][1][:400]) for at in range(*said.span())}
    found: dict[Vlan, int] = {}
    bad: list[tuple[int, str]] = []
    for place, line in rows[head + 1 :]:
        row = _CELL.match(line.strip()[:400])
        if row is None:
            if re.search(r"\w", line):
                bad.append((place, line))
        elif row[2] == "ON" and len(found) < MAX_ITEMS:
            at = [mark.start() for mark in re.finditer(r"(?<= )V(?= )", f"{line[:400]} ")]
            if 0 < int(row[3]) < 4095 and all(column in ports for column in at):
                found.setdefault(Vlan(int(row[3]), None, tuple(ports[column] for column in at)), place)
            else:
                bad.append((place, line))
    if not bad and not any(_CELL.match(line.strip()[:400]) for _, line in rows[head + 1 :]):
        bad.append(rows[head])  # a head alone is an answer that is cut short
    lines = {f"/system/vlans/{at}": place for at, place in enumerate(found.values())}
    return of_system(System(vlans=tuple(found) if found or not bad else None), lines, unread("system.vlans", bad))


def read_lan_access(text: str) -> Observation:
    """By which protocols it may be administered from inside, in `mngt lanaccess -v`; their ports it does not say."""
    rows = [(place, line.strip()[:200]) for place, line in numbered(text)]
    if not any(line.startswith("Current LAN Access Control Setting") for _, line in rows[:2]):
        return nothing("system.admin", text)
    switch = next(((place, line) for place, line in rows if re.match(r"\* ?Enable: ?", line)), rows[0])
    if not re.fullmatch(r"\* ?Enable: ?Yes", switch[1], re.IGNORECASE):
        return of_system(System(), {}, unread("system.admin", [switch]))  # then nobody says what is open inside
    if not any(_free_subnets(rows)):
        return of_system(System(), {}, unread("system.admin", [switch]))
    ways: dict[Admin, int] = {}
    for place, line in rows:
        if (said := _SERVICE.fullmatch(line)) and said[2].lower() == "yes":
            name = said[1].lower()
            ways.setdefault(Admin(name, "lan", encrypted=_ENCRYPTED.get(name)), place)
    lines = {f"/system/admin/{at}": place for at, place in enumerate(ways.values())}
    return of_system(System(admin=tuple(ways) or None), lines)


def _free_subnets(rows: list[tuple[int, str]]) -> Iterator[bool]:
    """Of each inner network that is let in, whether everybody in it is: not only an object of addresses."""
    inside = False
    for _, line in rows:
        if subnet := _SUBNET.fullmatch(line):
            inside = subnet[2].lower() == "enabled"
        elif inside and (only := _ONLY.fullmatch(line)):
            yield only[1].lower() == "disabled"


def read_remote_access(text: str) -> Observation:
    """That nobody may administer it from outside, where `mngt rmtcfg status` says so; else the line that is not clear.

    Who may come in when it is on depends on a list of objects, so that such an answer never is more than unknown.

    >>> read_remote_access("Remote configure function has been disabled").device.system.admin
    ()
    """
    rows = list(numbered(text))
    if rows and _SHUT.fullmatch(rows[0][1].strip()[:200]):
        return of_system(System(admin=()), {"/system/admin": rows[0][0]})
    return nothing("system.admin", text)


def read_brute_force(text: str) -> Observation:
    """Whether it shuts out who guesses passwords, in `mngt bfp -v`.

    >>> said = "Current Brute Force Protection Setting:\\n* Enable: yes\\n* Maximum login failures: 10"
    >>> read_brute_force(said).device.system.auto_block
    AutoBlock(enabled=True, attempts=10, within_min=None)
    """
    on: tuple[bool, int] | None = None
    attempts: int | None = None
    rows = list(numbered(text))[:64]
    for place, line in rows:
        if said := re.fullmatch(r"\* ?Enable: ?(yes|no)", line.strip()[:80], re.IGNORECASE):
            on = said[1].lower() == "yes", place
        elif said := re.fullmatch(r"\* ?Maximum login failures: ?(\d{1,3})", line.strip()[:80]):
            attempts = int(said[1])
    if on is None or "Brute Force Protection" not in rows[0][1]:
        return nothing("system.auto_block", text)
    block = AutoBlock(on[0], attempts if on[0] else None)
    return of_system(System(auto_block=block), {"/system/auto_block": on[1]})
