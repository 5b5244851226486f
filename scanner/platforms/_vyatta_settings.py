"""The device itself in a Vyatta configuration: identity, accounts, names, addresses it gives, time, log, DDNS. Pure.

Sources: VyOS, "System" and "Services" of 1.2 to 1.5; EdgeOS user guide, "System", "DHCP Server", "DNS".
"""

import re
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address, IPv4Network, ip_address
from itertools import islice
from typing import Any

from inventory.gateway import DhcpServer, Dns, Side
from inventory.observation import Observation
from inventory.storage import AutoBlock, Relay
from inventory.system import Identity, Logging, Ntp, System, User
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, nothing, of_system
from scanner.platforms._vyatta import Bad, Configuration, Node, read_header
from scanner.platforms._vyatta_interfaces import Ways
from scanner.platforms._vyatta_services import Family

MAX_LISTED = 64  # servers, receivers and ranges of one list

_FACTORY = {"edgeos": "ubnt", "unifi": "ubnt", "vyos": "vyos"}
_MAKERS = {"edgeos": "Ubiquiti", "unifi": "Ubiquiti", "vyos": "VyOS"}
# The lines of `show version`, which Oxidized writes above what it keeps; of EdgeOS since 1.9, of VyOS since 1.1.
_TOLD = {
    "vendor": ("hardware vendor",),
    "model": ("hardware model", "hw model", "model"),
    "serial": ("hardware s/n", "hw s/n"),
    "firmware": ("version", "release version"),
    "build": ("build commit id", "build id"),
}
_BUILT = ("%a %d %b %Y %H:%M UTC", "%d %b %Y %H:%M UTC")
_UP = re.compile(r"up (?:(\d{1,5}) days?,)? *(?:(\d{1,2}):(\d{2})|(\d{1,2}) min)")
_SECONDS = re.compile(r"(\d{1,10}) seconds?")
_VERSION = re.compile(r"(?:VyOS |Vyatta )?(?:v|VC)?(\d[\w.+~-]{0,60})")
_NOT_SAID = frozenset({"", "unknown", "n/a", "none", "not specified", "to be filled by o.e.m.", "default string"})


def read_identity(config: Configuration, family: Family) -> tuple[Identity, dict[str, int]]:
    """Who the device says it is: its name, and what the trailer or the head of the text tells of its firmware."""
    found: dict[str, tuple[Any, int]] = {}
    for fact, names in _TOLD.items():
        for value, line in (config.header[name] for name in names if name in config.header):
            if fact == "firmware":
                match = _VERSION.match(value)
                if match:
                    found.setdefault(fact, (match[1], line))
            elif value.lower() not in _NOT_SAID:
                found.setdefault(fact, (value, line))
    for fact, name, reader in (("built", "built on", _built), ("uptime_s", "uptime", _uptime)):
        value, line = config.header.get(name, ("", 0))
        if line and (told := reader(value)) is not None:
            found[fact] = (told, line)
    if said := config.header.get("hostname"):
        found["hostname"] = said
    if hostname := clean(config.root.value("system", "host-name")):
        found["hostname"] = (hostname, config.root.place("system", "host-name"))
    lines = {f"/system/identity/{fact}": line for fact, (_, line) in found.items()}
    values: dict[str, Any] = {"vendor": _MAKERS[family]} | {fact: value for fact, (value, _) in found.items()}
    return Identity(os=family, **values), lines


def _built(text: str) -> datetime | None:
    for form in _BUILT:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _uptime(text: str) -> int | None:
    """The seconds in `uptime`'s words, or in a number of them."""
    if seconds := _SECONDS.fullmatch(text):
        return int(seconds[1])
    found = _UP.search(text)
    if found is None:
        return None
    days, hours, minutes, alone = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes + alone) * 60


_RELEASE = re.compile(r"(?:VyOS |EdgeRouter\S{0,40} |Vyatta |v)?\d{1,4}\.\d|[A-Z]\w{2,20}[ -]\S")  # others write 0x0a


def read_version(text: str, family: Family) -> Observation:
    r"""Who `show version` says it is.

    >>> said = "Version:      v1.10.10\nHW model:     EdgeRouter X 5-Port\nHW S/N:       788A20FEDCBA\n"
    >>> read_version(said, "edgeos").device.system.identity.model
    'EdgeRouter X 5-Port'
    """
    told = read_header(text)
    identity, lines = read_identity(told, family)
    if not _RELEASE.match(identity.firmware or ""):
        return nothing("system.identity", text)
    return of_system(System(identity=identity), lines)


def read_users(config: Configuration, family: Family) -> dict[User, int]:
    """The accounts. Without a level one is an administrator, as Vyatta has it; VyOS 1.5 knows groups of operators."""
    found: dict[User, int] = {}
    for node in islice(config.root.below("system", "login", "user"), MAX_ITEMS):
        name = clean(node.word)
        if not name:
            continue
        level = clean(node.value("level"))
        operator = level == "operator" or node.has("operator")
        second = True if node.has("authentication", "otp", "key") else None
        user = User(
            name, administrator=not operator, role=level or ("operator" if operator else None),
            enabled=not node.has("disable"), factory=name == _FACTORY[family], second_factor=second,
        )  # fmt: skip
        found.setdefault(user, node.line)
    return found


def read_dns(config: Configuration, sides: tuple[Side, ...] | None) -> tuple[Dns | None, dict[str, int]]:
    """Whom the device asks for names, and whom its forwarder asks; `sides` have an answer from it, None: untold."""
    system = config.root.below("system", "name-server")
    forwarding = config.root.at("service", "dns", "forwarding")
    nodes = [*system, *(forwarding.below("name-server") if forwarding else ())]
    servers = dict.fromkeys(address for node in nodes[:MAX_LISTED] if (address := _ip(node.word)))
    if forwarding is None and not config.whole:
        sides = None
    lines = {"/system/dns/answers": forwarding.line} if forwarding and sides is not None else {}
    lines |= {"/system/dns/servers": nodes[0].line} if servers else {}
    dns = Dns(tuple(servers) or None, answers=sides)
    return (dns, lines) if dns != Dns() else (None, {})


def _ip(word: str) -> str | None:
    try:
        return str(ip_address(word))
    except ValueError:
        return None  # an interface, whose provider names them


def read_dhcp(config: Configuration, ways: Ways) -> tuple[dict[DhcpServer, int] | None, Bad]:
    """The ranges that are given away; a subnet that only holds reserved addresses has none."""
    server = config.root.at("service", "dhcp-server")
    if server is None:
        return ({} if config.whole else None), []
    found: dict[DhcpServer, int] = {}
    bad: Bad = []
    off = server.has("disable") or server.value("disabled") == "true"
    for shared in server.below("shared-network-name"):
        for subnet in shared.below("subnet"):
            if len(found) >= MAX_LISTED * 4:
                return found, [*bad, (subnet.line, subnet.word)]
            name = _interface(subnet.word, ways) or clean(shared.word)
            live = not (off or shared.has("disable") or subnet.has("disable"))
            ranges = _ranges(subnet, bad)
            for first, last, line in ranges or [(None, None, subnet.line)]:
                found.setdefault(DhcpServer(name, live, first, last), line)
    return found, bad


def _interface(subnet: str, ways: Ways) -> str | None:
    try:
        network = IPv4Network(subnet, strict=False)
    except ValueError:
        return None
    for way in ways.by_name.values():
        if any(own.network == network or own.ip in network for own in way.addresses):
            return way.name
    return None


def _ranges(subnet: Node, bad: Bad) -> list[tuple[IPv4Address | None, IPv4Address | None, int]]:
    """`start A { stop B }` as EdgeOS writes it, `range 0 { start A; stop B }` as VyOS does."""
    pairs = [(node.word, node.value("stop"), node.line) for node in subnet.below("start")]
    pairs += [(node.value("start"), node.value("stop"), node.line) for node in subnet.below("range")]
    found: list[tuple[IPv4Address | None, IPv4Address | None, int]] = []
    for first, last, line in pairs[:MAX_LISTED]:
        try:
            found.append((IPv4Address(first), IPv4Address(last), line))
        except AddressValueError:
            bad.append((line, f"{first} {last}"))
    return found


def read_ntp(config: Configuration) -> tuple[Ntp | None, int | None]:
    """Where the device has its time from: `system ntp`, since VyOS 1.4 `service ntp`."""
    for path in (("service", "ntp"), ("system", "ntp")):
        node = config.root.at(*path)
        if node is not None:
            servers = dict.fromkeys(filter(None, map(clean, node.words("server")[:MAX_LISTED])))
            return Ntp(bool(servers), tuple(servers)), node.line
    return (Ntp(enabled=False), None) if config.whole else (None, None)


def read_logging(config: Configuration) -> tuple[Logging | None, int | None]:
    """Who receives the log: `host`, since VyOS 1.5 `remote`; of a whole configuration without any, that nobody does."""
    syslog = config.root.at("system", "syslog")
    if syslog is None:
        return (Logging(()), None) if config.whole else (None, None)
    nodes = [*syslog.below("host"), *syslog.below("remote")]
    remote = tuple(filter(None, (clean(node.word) for node in nodes[:MAX_LISTED])))
    return Logging(remote), nodes[0].line if nodes else syslog.line


def read_relays(config: Configuration) -> dict[Relay, int] | None:
    """The names that the device keeps up to date with somebody else, and the maker's own management from afar."""
    found: dict[Relay, int] = {}
    dynamic = config.root.at("service", "dns", "dynamic")
    for entry in _entries(dynamic) if dynamic else ():
        for node in entry.below("host-name"):
            if len(found) < MAX_LISTED:
                found.setdefault(Relay("ddns", not entry.has("disable"), clean(node.word) or None), node.line)
    unms = config.root.at("service", "unms")
    if unms and unms.has("connection") and not unms.has("disable"):
        found.setdefault(Relay("other", enabled=True, name="unms"), unms.line)
    return found if found or config.whole else None


def _entries(dynamic: Node) -> list[Node]:
    """The services of each interface (EdgeOS, VyOS to 1.3), of each address (1.4), or by name (1.4.1 and later)."""
    found = [*dynamic.below("name")]
    for kind in ("interface", "address"):
        for place in dynamic.below(kind):
            found += [*place.below("service"), *place.below("rfc2136")]
    return found


def read_auto_block(config: Configuration) -> tuple[AutoBlock | None, int | None]:
    """Whether SSH shuts out who guesses passwords (VyOS 1.4 and later)."""
    node = config.root.at("service", "ssh", "dynamic-protection")
    return (AutoBlock(enabled=True), node.line) if node else (None, None)
