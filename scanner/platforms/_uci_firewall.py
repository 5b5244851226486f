"""OpenWrt's `firewall` package: port forwards, and what each zone does with what enters the device.

Source: OpenWrt, "Firewall configuration", firewall3's redirects.c and zones.c, firewall4's fw4.uc.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from itertools import islice

from inventory.gateway import Dmz, PortForward
from inventory.network import Protocol
from inventory.text import clean
from scanner.platforms import _uci_network
from scanner.platforms._networks import Networks, common, everything_but, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._uci import Configuration, Section

MAX_ZONES = 128  # zones, and devices of one; a practice has four. Stops sets that multiply
MAX_FORWARDS = 512  # as above
MAX_MADE = 4 * MAX_FORWARDS  # … those that are there already with them; stops redirects that say the same again

Bad = list[tuple[int, str]]

_PROTOCOLS: dict[str, tuple[Protocol, ...]] = {
    "tcp": ("tcp",), "6": ("tcp",), "udp": ("udp",), "17": ("udp",), "tcpudp": ("tcp", "udp"),
}  # fmt: skip
_EVERY = frozenset({"all", "any", "*"})
_PORTS = re.compile(r"(\d{1,5})(?:[-:](\d{1,5}))?")
# What makes a forward one for fewer people, or for something else than its port, in a way that facts have no word for.
NARROWER = ("src_mac", "extra", "mark", "src_port", "helper", "device", "direction")
# … and with what else a redirect is not of all that comes in from outside.
_NOT_ALL = frozenset({*NARROWER, "src_dport", "src_ip", "src_dip", "dest_port", "ipset"})
OFF = frozenset({"0", "false", "no", "off", "disabled"})
_NO_IPV4 = frozenset({"ipv6", "6", "inet6"})
# Scripts that are not the owner's rules, or that are read by themselves; whatever is elsewhere may hold anything.
_OWNED = re.compile(r"/etc/firewall\.user|/etc/nftables\.d/\w[\w.-]{0,64}\.nft")
_INCLUDES = re.compile(rf"{_OWNED.pattern}|/usr/share/miniupnpd/firewall\.include")


_SOURCES = frozenset({(word,) for word in ("src_ip", "src_net", "ip", "net")})

Sets = dict[str, Networks | None]


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: the devices that its traffic comes in by."""

    name: str
    devices: tuple[str, ...]
    networks: tuple[str, ...]
    section: Section


def read_zones(config: Configuration) -> dict[str, Zone]:
    """The zones by name; without networks or devices a zone is of the network that has its name."""
    known = _uci_network.networks(config)
    named = {item.name for item in config.of("network", "interface")}
    found: dict[str, Zone] = {}
    for item in islice(config.of("firewall", "zone"), MAX_ZONES):
        name = clean(item.one("name"))
        if not name or item.one("enabled", "1") in OFF or "subnet" in item.options:
            continue
        patterns = tuple(clean(word.removesuffix("+") + "*" * word.endswith("+")) for word in item.words("device"))
        of_zone = tuple(dict.fromkeys(item.words("network") or (() if patterns else (name,))))
        # None of IPv4: declared so or not at all; where no network is, named as OpenWrt names its second one, `wan6`.
        ipv4 = [word for word in of_zone if word in known or not (named or word.endswith("6"))]
        devices = dict.fromkeys((*patterns, *(_uci_network.device(known, word) for word in ipv4)))
        found[name] = Zone(name, tuple(devices), of_zone, item)
    return found


def read_forwards(config: Configuration, zones: dict[str, Zone]) -> tuple[dict[PortForward, int], Bad]:
    """The forwards with their lines, and what could not be read; a redirect to the device itself is none."""
    found: dict[PortForward, int] = {}
    bad = config.bad_of("redirect", "zone", "include") + scripts(config)
    bad += [(item.line, item.text) for item in islice(config.of("firewall", "zone"), MAX_ZONES, MAX_ZONES + 1)]
    sets = read_sets(config)
    made = 0
    for item in config.of("firewall", "redirect"):
        try:
            for forward in _forwards(item, zones, sets):
                # One that is on and one that is off are one forward that is on.
                if not (forward.enabled or replace(forward, enabled=True) in found):
                    found.setdefault(forward, item.line)
                elif forward.enabled:
                    found.pop(replace(forward, enabled=False), None)
                    found.setdefault(forward, item.line)
                made += 1
                if len(found) >= MAX_FORWARDS or made >= MAX_MADE:
                    return found, [*bad, (item.line, item.text)]
        except UnreadableError:  # one that is off forwards nothing to anybody
            bad += [(item.line, item.text)] if item.one("enabled", "1").lower() not in OFF else []
    return found, bad


def read_dmz(config: Configuration, zones: dict[str, Zone]) -> tuple[Dmz | None, int]:
    """The host that gets whatever comes in from outside: a redirect of `wan` without a port; None without one."""
    found: tuple[Dmz | None, int] = (None, 1)
    for item in islice(config.of("firewall", "redirect"), MAX_FORWARDS):
        try:
            whole = set(protocols(item)) == {"tcp", "udp"} and not item.options.keys() & _NOT_ALL
            outer = item.one("src") in zones and item.one("src").lower().startswith("wan")
            if not (whole and outer and item.one("target", "DNAT").upper() == "DNAT"):
                continue
            on = item.flag("enabled", default=True)
            dmz = Dmz(on, IPv4Address(item.one("dest_ip").removesuffix("/32")))
        except (UnreadableError, AddressValueError):
            continue
        if on:
            return dmz, item.line
        found = (dmz, item.line) if found[0] is None else found
    return found


def scripts(config: Configuration) -> Bad:
    """The scripts that add rules of their own: what they add is not known."""
    included = config.of("firewall", "include")
    live = [item for item in included if item.one("enabled", "1") not in OFF]
    return [(item.line, item.one("path")) for item in live if not _INCLUDES.fullmatch(item.one("path"))]


def asked_apart(config: Configuration) -> Bad:
    """The scripts of the owner's that a visit asks for by themselves: a configuration alone does not hold them."""
    live = (item for item in config.of("firewall", "include") if item.one("enabled", "1") not in OFF)
    return [(item.line, item.one("path")) for item in live if _OWNED.fullmatch(item.one("path"))]


def _forwards(item: Section, zones: dict[str, Zone], sets: Sets) -> Iterator[PortForward]:
    on = item.flag("enabled", default=True)
    if item.one("target", "DNAT").upper() != "DNAT":
        return
    targets = item.words("dest_ip")
    if not targets:  # to the device itself
        return
    if item.one("family").lower() in _NO_IPV4 or ":" in targets[0]:  # facts have no word for one of IPv6
        raise UnreadableError(item.text)
    narrower = [key for key in NARROWER if key in item.options]
    zone = zones.get(item.one("src"))
    if narrower or zone is None or not 0 < len(zone.devices) <= MAX_ZONES or len(targets) > 1:
        raise UnreadableError(item.text)
    try:
        target = IPv4Address(targets[0].removesuffix("/32"))
    except AddressValueError as error:
        raise UnreadableError(targets[0]) from error
    ports, named = ports_of(item.words("src_dport")), protocols(item)
    to_port = ports_of(item.words("dest_port"))[0] if "dest_port" in item.options else None
    sources, destinations = askers(item, sets), allowed(item.words("src_dip"))
    comment = clean(item.one("name") or item.one("_name")) or None
    for name in zone.devices:
        for protocol in named:
            for port in ports:
                yield PortForward(
                    f"{protocol}/{port}", target, to_port, name, None, sources, destinations, "static", comment, on
                )


def protocols(item: Section) -> tuple[Protocol, ...]:
    """The protocols with ports of a redirect: both unless it says; () when it names only others."""
    words = [word.lower() for word in item.words("proto")]
    if not words or _EVERY & set(words):
        return ("tcp", "udp")
    if any(word.startswith("!") for word in words):
        raise UnreadableError(item.text)
    return tuple(dict.fromkeys(one for word in words for one in _PROTOCOLS.get(word, ())))


def ports_of(words: tuple[str, ...]) -> list[str]:
    """Ports and ranges, `5000:5010` written `5000-5010`; without any, all of them."""
    ports = []
    for word in words:
        found = _PORTS.fullmatch(word)
        if found is None or any(int(end) > 65535 for end in found.groups() if end):
            raise UnreadableError(word)
        ports.append(found[1] if found[2] in (None, found[1]) else f"{found[1]}-{found[2]}")
    return list(dict.fromkeys(ports)) or ["1-65535"]


def read_sets(config: Configuration) -> Sets:
    """The `ipset` sections that name sources of IPv4 themselves, by name; None for one that this file cannot tell."""
    found: Sets = {}
    for item in islice(config.of("firewall", "ipset"), MAX_ZONES):
        plain = item.words("match") in _SOURCES and not item.options.keys() & {"loadfile", "external", "iprange"}
        on = item.one("enabled", "1") not in OFF
        try:
            found[item.one("name")] = allowed(item.words("entry")) if plain and on and item.words("entry") else None
        except UnreadableError:
            found[item.one("name")] = None
    return found


def askers(item: Section, sets: Sets) -> Networks | None:
    """Whom a rule or a redirect is about, None: everyone, by `src_ip` and by the `ipset` that it names.

    Raises:
        UnreadableError: a set of which this file does not tell who is in it.
    """
    sources = allowed(item.words("src_ip"))
    words = item.words("ipset")
    if not words:
        return sources
    members = sets.get(words[0]) if words[1:] in ((), ("src",)) else None
    if members is None:
        raise UnreadableError(item.one("ipset"))
    return members if sources is None else common(sources, members)


def allowed(words: tuple[str, ...]) -> Networks | None:
    """The networks of `src_ip` or `src_dip`, None: all. Those of IPv6 are left out."""
    ipv4 = [word for word in words if ":" not in word]
    if not words or "*" in words:
        return None
    wanted = [word for word in ipv4 if not word.startswith("!")]
    found = networks(_masked(word) for word in wanted)
    unwanted = networks(_masked(word.lstrip("! ")) for word in ipv4 if word.startswith("!"))
    if unwanted and wanted:
        raise UnreadableError(" ".join(words))
    return everything_but(unwanted) if unwanted else found


def _masked(word: str) -> str:
    """A network with its host bits taken off, as the firewall does: 192.168.1.10/24 is 192.168.1.0/24."""
    try:
        return str(IPv4Network(word, strict=False)) if "/" in word else word
    except ValueError as error:
        raise UnreadableError(word) from error
