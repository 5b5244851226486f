"""What a Vigor lets in from outside: its summary of NAT, its open ports, and what UPnP has asked of it.

Source: DrayTek, "Vigor3912 Series User's Guide", part VIII "Telnet Commands": `srv nat showall`, `srv nat openport`,
`srv nat status`, `upnp nat`, `upnp service`.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from inventory.gateway import Dmz, PortForward, Upnp
from inventory.observation import Observation
from inventory.system import System
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, nothing, number, numbered, of_system, unread

_FORWARDS = "system.port_forwards"
_NOBODY = IPv4Address(0)
_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"
_ROW = re.compile(
    rf"([ROD])\d{{1,3}} +(\S{{1,8}}) +(-- ALL --|{_ADDRESS})(?::(\d{{1,5}}(?:~\d{{1,5}})?))?"
    rf" +({_ADDRESS})(?::(\d{{1,5}}(?:~\d{{1,5}})?))? +([YN])"
)
_HEAD = re.compile(r"Index +Proto +WAN IP:Port +Private IP:Port +Act")
_FOOT = re.compile(r"R:Port Redirection, *O:Open Ports, *D:DMZ")
_RULE = re.compile(r"[*-]{8,}")
# `TCP/UDP` is how the pages of the web interface say both; an open port has `---` where its sub-items have one each.
_PROTOCOLS = {"tcp": ("tcp",), "udp": ("udp",), "all": ("tcp", "udp"), "tcp/udp": ("tcp", "udp")}
_RUNNING = re.compile(rf" {{0,4}}\d{{1,3}} +(\d{{1,3}}) +(\d{{1,5}}) +({_ADDRESS}) +(\d{{1,5}}) {{0,8}}")
_ITEM = re.compile(r" {0,4}\d{1,2}\. +(\S{1,8}) +(\d{1,5}) +(\d{1,5}) {0,8}")
_PAIR = re.compile(r"([A-Za-z]{1,24}) >>([^<>\n]{0,64})<<")


def read_summary(text: str) -> Observation:
    """The forwards and the DMZ host in `srv nat showall`; who may come in by them it does not say.

    >>> row = "R01     TCP     -- ALL --:13902             192.168.100.10:64288       Y"
    >>> read_summary("Index   Proto   WAN IP:Port      Private IP:Port     Act\\n" + row).device.system.port_forwards[0]
    PortForward(external='tcp/13902', target=IPv4Address('192.168.100.10'), target_port='64288', interface=None, \
except_interfaces=None, source_filter=None, destination_filter=None, origin='static', comment=None, enabled=True)
    """
    rows = list(numbered(text))
    begin = next((at for at, (_, line) in enumerate(rows) if _HEAD.match(line.strip()[:200])), None)
    if begin is None:
        return nothing(_FORWARDS, text)
    found: dict[PortForward, int] = {}
    hosts: list[tuple[Dmz, int]] = []
    bad: list[tuple[int, str]] = []
    whole: int | None = None
    for place, line in rows[begin + 1 :]:
        short = line.strip()[:200]
        if _FOOT.match(short):
            whole = place
            break
        if _RULE.fullmatch(short):
            continue
        if len(found) >= MAX_ITEMS:
            bad.append((place, line))
            break
        try:
            forwards, host = _summary_row(short)
        except UnreadableError:
            bad.append((place, line))
            continue
        found.update((forward, found.get(forward, place)) for forward in forwards)
        hosts += [(host, place)] if host else []
    if whole is None:
        bad.append(rows[-1])  # cut short: what is not shown may be below
    return _summed(found, hosts, bad, whole)


def _summed(
    found: dict[PortForward, int], hosts: list[tuple[Dmz, int]], bad: list[tuple[int, str]], whole: int | None
) -> Observation:
    """The facts of a summary: that there is none only if it was shown to its end (`whole`) and all of it was read."""
    dmz, dmz_line = max(hosts, key=lambda item: item[0].enabled, default=(None, 1))
    if dmz is None and whole is not None and not bad:
        dmz, dmz_line = Dmz(False), whole
    listed = tuple(found) if found or (whole is not None and not bad) else None
    lines = {f"/{_FORWARDS.replace('.', '/')}/{at}": place for at, place in enumerate(found.values())}
    lines |= {"/system/dmz": dmz_line} if dmz else {}
    reports = unread(_FORWARDS, bad) + (unread("system.dmz", bad) if dmz is None or not dmz.enabled else ())
    return of_system(System(port_forwards=listed, dmz=dmz), lines, reports)


def _summary_row(line: str) -> tuple[tuple[PortForward, ...], Dmz | None]:
    row = _ROW.fullmatch(line)
    if row is None:
        raise UnreadableError(line[:40])
    kind, protocol, outer, public, inner, private, active = row.groups()
    on, target = active == "Y", _address(inner)
    if kind == "D":
        return (), Dmz(on, target)
    if not public or not private:
        raise UnreadableError(line[:40])
    if public in ("0", "0~0"):
        return (), None  # a sub-item that is not used
    only = None if outer == "-- ALL --" or _address(outer) == _NOBODY else (IPv4Network(_address(outer)),)
    spans = _span(public), _span(private)
    return tuple(
        PortForward(f"{name}/{spans[0]}", target, spans[1], destination_filter=only, enabled=on)
        for name in _protocols(protocol)
    ), None


def read_open_ports(text: str) -> Observation:
    """The open ports of one profile, `srv nat openport 1 1 -v`; one that opens nothing tells nothing.

    >>> said = "%% Status: Enable\\n%% WAN Interface: WAN1\\n%% Private IP address: 192.168.1.55\\n"
    >>> said += "Index   Protocal        Start Port      End Port\\n  1.    TCP             56              83\\n"
    >>> read_open_ports(said).device.system.port_forwards[0].external
    'tcp/56-83'
    """
    said: dict[str, str] = {}
    found: dict[PortForward, int] = {}
    bad: list[tuple[int, str]] = []
    listing = False
    for place, line in numbered(text):
        if line.lstrip().startswith("%%"):
            name, _, value = line.lstrip("% ").partition(":")
            said[name.strip().lower()[:32]] = clean(value)
        elif line.strip().startswith("Index") and "Start Port" in line:
            listing = True
        elif listing and not _RULE.fullmatch(line.strip()):
            try:
                found.update((forward, place) for forward in _open_port(line[:200], said))
            except UnreadableError:
                bad.append((place, line))
            if len(found) >= MAX_ITEMS:
                break
    if not listing or said.get("status") not in ("Enable", "Disable"):
        return nothing(_FORWARDS, text)
    lines = {f"/system/port_forwards/{at}": place for at, place in enumerate(found.values())}
    return of_system(System(port_forwards=tuple(found) or None), lines, unread(_FORWARDS, bad))


def _open_port(line: str, said: dict[str, str]) -> Iterator[PortForward]:
    item = _ITEM.fullmatch(line)
    if item is None:
        raise UnreadableError(line[:40])
    if item[2] == item[3] == "0":
        return
    span = _span(f"{item[2]}~{item[3]}")
    wan = said.get("wan interface", "")
    target = _address(said.get("private ip address", ""))
    for name in _protocols(item[1]):
        yield PortForward(
            f"{name}/{span}", target, span,
            interface=wan if re.fullmatch(r"WAN\d{1,2}", wan) else None,
            comment=said.get("comment") or None, enabled=said.get("status") == "Enable",
        )  # fmt: skip


def read_running(text: str) -> Observation:
    """The redirections at work in `srv nat status`: what a firmware without a summary shows. Never "none": see there.

    >>> row = " 1            6           80   192.168.1.11               100"
    >>> read_running("NAT Port Redirection Running Table:\\n" + row).device.system.port_forwards[0].external
    'tcp/80'
    """
    found: dict[PortForward, int] = {}
    bad: list[tuple[int, str]] = []
    rows = list(numbered(text))
    if not rows or "Port Redirection Running Table" not in "".join(line for _, line in rows[:3]):
        return nothing(_FORWARDS, text)
    for place, line in rows:
        row = _RUNNING.fullmatch(line[:200])
        if row is None or row[2] == "0" or len(found) >= MAX_ITEMS:
            continue
        try:
            (name,) = _protocols({"6": "tcp", "17": "udp"}.get(row[1], row[1]))
            forward = PortForward(f"{name}/{_span(row[2])}", _address(row[3]), _span(row[4]), enabled=True)
        except UnreadableError:
            bad.append((place, line))
        else:
            found.setdefault(forward, place)
    lines = {f"/system/port_forwards/{at}": place for at, place in enumerate(found.values())}
    return of_system(System(port_forwards=tuple(found) or None), lines, unread(_FORWARDS, bad))


def read_upnp(text: str) -> Observation:
    """That UPnP is on, when `upnp service` lists its services: it does so of a service that runs only.

    >>> read_upnp(">>>>> SERVICE TABLE1 <<<<<").device.system.upnp
    Upnp(enabled=True, secure_mode=None)
    """
    for place, line in numbered(text):
        if re.match(r">{3,5} SERVICE TABLE ?\d{1,3} <{3,5}", line.strip()):
            return of_system(System(upnp=Upnp(True)), {"/system/upnp": place})
    return nothing("system.upnp", text)


def read_upnp_forwards(text: str) -> Observation:
    """The forwards that something inside has asked for, in `upnp nat`; none of them is not told as "no forwards"."""
    found: dict[PortForward, int] = {}
    bad: list[tuple[int, str]] = []
    rows = list(numbered(text))
    if not any("IGD NAT Status" in line for _, line in rows[:3]):
        return nothing(_FORWARDS, text)
    for place, lines in _blocks(rows):
        said = {name: clean(value) for line in lines for name, value in _PAIR.findall(line[:400])}
        client, outside = said.get("InternalClient", ""), said.get("ExternalPort", "")
        if said.get("PortMapEnabled", "0") == "0" or client in ("", "0.0.0.0") or outside in ("", "0"):  # noqa: S104
            continue
        if len(found) >= MAX_ITEMS:
            break
        try:
            (name,) = _protocols(said.get("PortMapProtocol", ""))[:1]
            remote = _address(said.get("RemoteHost") or "0.0.0.0")  # noqa: S104 — nobody in particular
            only = None if remote == _NOBODY else (IPv4Network(remote),)
            note = clean(lines[-1]) if ">>" not in lines[-1] else None
            inside = _span(said.get("InternalPort", ""))
            forward = PortForward(
                f"{name}/{_span(outside)}", _address(client), inside, source_filter=only, origin="upnp",
                comment=note or None, enabled=True,
            )  # fmt: skip
        except UnreadableError:
            bad.append((place, lines[0]))
        else:
            found.setdefault(forward, place)
    pointers = {f"/system/port_forwards/{at}": place for at, place in enumerate(found.values())}
    return of_system(System(port_forwards=tuple(found) or None), pointers, unread(_FORWARDS, bad))


def _blocks(rows: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """The entries of `upnp nat`, each below its number `((0))`, with the line of its first row."""
    block: tuple[int, list[str]] | None = None
    for place, line in rows:
        if re.fullmatch(r"\(\(\d{1,5}\)\)", line.strip()):
            if block and block[1]:
                yield block
            block = (place + 1, [])
        elif block and len(block[1]) < 16:
            block[1].append(line)
    if block and block[1]:
        yield block


def _address(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError as error:
        raise UnreadableError(text[:20]) from error


def _span(text: str) -> str:
    """`800~900` or `80` as the facts write it: `800-900`, `80`."""
    first, _, last = text.partition("~")
    begin, end = number(first, 65535), number(last or first, 65535)
    if not 0 < begin <= end:
        raise UnreadableError(text)
    return str(begin) if begin == end else f"{begin}-{end}"


def _protocols(text: str) -> tuple[str, ...]:
    try:
        return _PROTOCOLS[text.lower()]
    except KeyError as error:
        raise UnreadableError(text) from error
