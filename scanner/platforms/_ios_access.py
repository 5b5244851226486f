"""Who administers a device with Cisco IOS, and from where: users, lines, web server, SNMP, and the lists before them.

Source: Cisco, "Configuration Fundamentals Command Reference", "Security Command Reference", "SNMP Command Reference".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from itertools import islice

from inventory.gateway import Admin, InputChain, Side
from inventory.system import SnmpSettings, SshSettings, User
from inventory.text import clean
from scanner.platforms._ios import Configuration
from scanner.platforms._ios_acl import Rule, admitted, applied, policy
from scanner.platforms._ios_six import Six
from scanner.platforms._ios_ways import Way, Ways, name_of
from scanner.platforms._networks import ANYWHERE, Networks
from scanner.platforms._reading import MAX_ITEMS, UnreadableError

_ALL = ("telnet", "ssh")
MOST_LINES = 64  # groups of lines, and communities
Bad = list[tuple[int, str]]
Door = tuple[str, int, bool, int, Networks]  # protocol, port, encrypted, line, whom it lets in itself


@dataclass(slots=True)
class Access:
    """What was read, each with its line, and the lines that leave `admin` incomplete."""

    admin: dict[Admin, int] = field(default_factory=dict)
    ssh: SshSettings | None = None
    bad: Bad = field(default_factory=list)
    sides: Bad = field(default_factory=list)  # those for which only the side is open to doubt
    doors: list[Door] = field(default_factory=list)  # what it listens for, whoever gets there


def read_users(told: Configuration) -> dict[User, int]:
    """The local accounts; without `privilege` an account has level 1."""
    levels: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line in told.root.find("username"):
        name = clean(line.words[1]) if len(line.words) > 1 else ""
        if not name or len(lines) >= MAX_ITEMS:
            continue
        lines.setdefault(name, line.number)
        if level := line.after("privilege"):
            levels[name] = clean(f"privilege {level}")
        elif view := line.after("view"):
            levels.setdefault(name, clean(f"view {view}"))
    found = {}
    for name, at in lines.items():
        role = levels.get(name, "privilege 1")
        administrator = role == "privilege 15"
        found[User(name, administrator=administrator, role=role, factory=True if name == "cisco" else None)] = at
    return found


def read_snmp(told: Configuration, lists: Mapping[str, list[Rule]]) -> tuple[tuple[SnmpSettings | None, int], Bad]:
    """The agent and its line, and the lines whose list cannot be read; on when there is a community or a user."""
    bad: Bad = []
    communities = [line for line in told.root.find("snmp-server", "community") if len(line.words) > 2]
    groups = [line for line in told.root.find("snmp-server", "group") if "v3" in line.words]
    users = list(told.root.find("snmp-server", "user"))
    if not communities and not groups and not users:
        any_left = told.root.first("snmp-server") is not None
        return ((SnmpSettings(enabled=False) if told.whole and not any_left else None), 0), bad
    versions = (("v1", "v2c") if communities else ()) + (("v3",) if groups or users else ())
    sources: list[IPv4Network] = []
    for line in communities[:MOST_LINES]:
        words = [word for word in line.words[3:] if word.lower() not in ("ro", "rw")]
        words = words[2:] if words[:1] == ["view"] else words
        words = words[2:] if words[:1] == ["ipv6"] else words
        try:
            sources += admitted(lists.get(words[0]), "udp", 161) if words else ANYWHERE
        except UnreadableError:
            bad.append((line.number, "snmp-server community"))
            sources += ANYWHERE
    sources += ANYWHERE if groups or users or not communities else ()
    settings = SnmpSettings(
        True,
        versions,
        any(line.words[2] in ("public", "private") for line in communities),
        any("RW" in (word.upper() for word in line.words[3:]) for line in communities)
        or any("write" in line.words for line in groups),
        _narrow(sources),
    )
    return (settings, (communities or groups or users)[0].number), bad


def _narrow(sources: list[IPv4Network]) -> Networks | None:
    """The sources as a filter: None when everyone is among them."""
    found = tuple(collapse_addresses(sources))
    return None if ANYWHERE[0] in found else found


def read_access(
    told: Configuration, ways: Ways, lists: Mapping[str, list[Rule]], *, snmp: tuple[SnmpSettings | None, int]
) -> Access:
    """The ways to administer the device from each of its sides, the lists on the interfaces counted in."""
    found, six = Access(), Six(told)
    doors = found.doors
    _lines(told, lists, doors, found)
    _web(told, lists, doors, found)
    if snmp[0] is not None and snmp[0].writable:
        sources = ANYWHERE if snmp[0].source_filter is None else snmp[0].source_filter
        doors.append(("snmp", 161, "v1" not in (snmp[0].versions or ()), snmp[1], sources))
    if not ways.ways:
        found.bad += [(line, protocol) for protocol, _, _, line, _ in doors]
        return found
    if doors and not ways.outer_known and not ways.single:
        found.sides.append((doors[0][3], "reached from which side: no outer interface is known"))
    _alone(told, ways, six, found)
    for protocol, port, encrypted, line, own in doors:
        for side in dict.fromkeys(ways.side(way) for way in ways.ways if not way.name.lower().startswith("loopback")):
            try:
                sources = _from_side(ways, lists, side, "udp" if protocol == "snmp" else "tcp", port)
            except UnreadableError:
                found.sides.append((line, f"{protocol} from {side}"))
                continue
            open_to = _both(sources, own)
            narrowed = sources if protocol == "snmp" else open_to
            if narrowed != ANYWHERE and any(six.open_by(way.line, protocol) for way in _of(ways, side)):
                found.sides.append((line, f"{protocol} by IPv6 from {side}"))
                continue
            if open_to:
                found.admin[Admin(protocol, side, port, encrypted, _narrow(list(open_to)))] = line
    return found


def _lines(told: Configuration, lists: Mapping[str, list[Rule]], doors: list[Door], found: Access) -> None:
    """Telnet and SSH: `line vty`, its `transport input` and its `access-class`."""
    by_protocol: dict[str, tuple[int, list[IPv4Network]]] = {}
    vty = list(islice(told.root.find("line", "vty"), MOST_LINES))
    for line in vty:
        transport = line.first("transport", "input")
        if transport is None:
            found.bad.append((line.number, " ".join(line.words)))  # all, ssh or none, by version and model
            continue
        words = transport.words[2:]
        protocols = _ALL if "all" in words else tuple(word for word in words if word in _ALL)
        rule = next((item for item in line.find("access-class") if "in" in item.words), None)
        for protocol in protocols:
            try:
                port = 22 if protocol == "ssh" else 23
                sources = admitted(lists.get(rule.words[1]), "tcp", port) if rule else ANYWHERE
            except UnreadableError:
                found.bad.append((rule.number, " ".join(rule.words)) if rule else (line.number, protocol))
                continue
            by_protocol.setdefault(protocol, (transport.number, []))[1].extend(sources)
    for protocol, (number, sources_of) in by_protocol.items():
        port = 22 if protocol == "ssh" else 23
        doors.append((protocol, port, protocol == "ssh", number, tuple(collapse_addresses(sources_of))))
    if told.whole and not vty:
        found.bad.append((1, "no line vty"))
    found.ssh = _ssh(told, offered="ssh" in by_protocol)


def _ssh(told: Configuration, *, offered: bool) -> SshSettings | None:
    lines = told.root.find("ip", "ssh", "server", "algorithm")
    algorithms = {line.words[4]: tuple(map(clean, line.words[5:])) for line in lines if len(line.words) > 5}
    if not offered and not algorithms:
        return None
    ways = algorithms.get("authentication")
    return SshSettings(
        password_authentication=bool({"password", "keyboard"} & set(ways)) if ways else True,
        ports=(22,) if offered else None,
        ciphers=algorithms.get("encryption"),
        key_exchanges=algorithms.get("kex"),
        macs=algorithms.get("mac"),
    )


def _web(told: Configuration, lists: Mapping[str, list[Rule]], doors: list[Door], found: Access) -> None:
    """`ip http server` and `ip http secure-server`, of which every whole configuration says whether they run."""
    sources: Networks = ANYWHERE
    rule = told.root.first("ip", "http", "access-class")
    if rule is not None:
        try:
            sources = admitted(lists.get(rule.words[-1]), "tcp", 0)
        except UnreadableError:
            found.bad.append((rule.number, " ".join(rule.words)))
            return
    for word, protocol, port_word, port in (
        ("server", "http", "port", 80), ("secure-server", "https", "secure-port", 443),
    ):  # fmt: skip
        on = told.root.first("ip", "http", word)
        if on is not None:
            named = told.root.first("ip", "http", port_word)
            text = named.words[3] if named and len(named.words) > 3 else ""
            port = int(text) if text.isdecimal() and int(text[:6]) < 65536 else port
            doors.append((protocol, port, protocol == "https", on.number, sources))
        elif told.root.first("no", "ip", "http", word) is None and told.whole:
            found.bad.append((1, f"no line ip http {word}"))


def _from_side(ways: Ways, lists: Mapping[str, list[Rule]], side: Side, protocol: str, port: int) -> Networks:
    """Who reaches a port of the device by the interfaces of one side."""
    sources: list[IPv4Network] = []
    for way in _of(ways, side):
        zone = way.line.first("zone-member", "security")
        if zone is not None and zone.words[-1] in ways.guarded:
            raise UnreadableError("a zone's own policy decides")
        name = applied(way.line.first("ip", "access-group"))
        targets: list[IPv4Address | None] = [*(own.ip for own in way.networks)]
        targets += [None] if way.given or not targets else []
        for target in targets:
            if ANYWHERE[0] in sources:
                break  # whom another address lets in adds nobody
            sources += admitted(lists.get(name), protocol, port, target) if name else ANYWHERE
    return tuple(collapse_addresses(sources))


def _alone(told: Configuration, ways: Ways, six: Six, found: Access) -> None:
    """Reports what may be reached by an interface that has an address of IPv6 alone, whose side nothing tells."""
    known = {way.line.number for way in ways.ways}
    others = [line for line in told.root.find("interface") if line.number not in known and not line.first("shutdown")]
    for protocol in dict.fromkeys(door[0] for door in found.doors):
        by = next((line for line in others if six.open_by(line, protocol)), None)
        if by is not None:
            found.sides.append((by.number, f"{protocol} by IPv6 by {name_of(by)}"))


def _of(ways: Ways, side: Side) -> list[Way]:
    return [way for way in ways.ways if ways.side(way) == side and not way.name.lower().startswith("loopback")]


def _both(left: Networks, right: Networks) -> Networks:
    """The addresses that are in both."""
    found = [one if one.subnet_of(other) else other for one in left for other in right if one.overlaps(other)]
    return tuple(collapse_addresses(found))


def read_input(told: Configuration, ways: Ways, lists: Mapping[str, list[Rule]]) -> dict[InputChain, int]:
    """The lists that judge what comes in by an interface, and the zones with a policy for the device itself."""
    found: dict[InputChain, int] = {}
    six = Six(told)
    for way in ways.ways:
        side = ways.side(way)
        line = way.line.first("ip", "access-group")
        name = applied(line)
        if line is not None and name is not None and lists.get(name):
            found.setdefault(InputChain(clean(name), policy(lists[name]), side, False), line.number)
        line = way.line.first("ipv6", "traffic-filter")
        judged = six.policy(line.words[2]) if line is not None and line.words[3:4] == ["in"] else None
        if line is not None and judged is not None:
            found.setdefault(InputChain(clean(line.words[2]), judged, side, True), line.number)
        zone = way.line.first("zone-member", "security")
        if zone is not None and zone.words[-1] in ways.guarded:
            found.setdefault(InputChain(clean(f"zone {zone.words[-1]}"), "drop", side, None), zone.number)
    return found
