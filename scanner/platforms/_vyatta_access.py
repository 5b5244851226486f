"""From which side a device with a Vyatta configuration is reached and administered; SSH, SNMP, UPnP. Pure.

Sources: VyOS, "SSH", "SNMP" and "UPnP"; EdgeOS user guide, "Services"; EdgeOS, "Port Forwarding" (auto-firewall).
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from itertools import islice

from inventory.gateway import Admin, PortForward, Side, Upnp
from inventory.system import SnmpSettings, SshSettings
from inventory.text import clean
from scanner.platforms._interfaces import SIDES
from scanner.platforms._networks import ANYWHERE, Networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import holds
from scanner.platforms._vyatta import Bad, Configuration
from scanner.platforms._vyatta_conditions import comes_by
from scanner.platforms._vyatta_firewall import Asked, Filter, joined
from scanner.platforms._vyatta_interfaces import Way, Ways
from scanner.platforms._vyatta_services import MAX_PORTS, Served, allowed_by, ports_of, writable
from scanner.secret_settings import KNOWN_COMMUNITIES

_COMMON = "default"  # the routing table that is meant where none is named


def _own(item: Served, way: Way, everywhere: frozenset[IPv4Address]) -> frozenset[IPv4Address] | None:
    """The addresses at which a service is asked by an interface; None when it is at none of them.

    From outside only the address of the outer interface can be asked for: an inner one is not routed there.
    """
    mine = frozenset(own.ip for own in way.addresses)
    reachable = mine if way.side == "wan" else everywhere
    if (item.interfaces and way.name not in item.interfaces) or not _in_table(item, way):
        return None
    if not item.addresses:
        return reachable
    listening = frozenset(IPv4Address(word) for word in item.addresses if not word.startswith("["))
    if way.side == "wan" and not mine:
        return listening if any(address.is_global for address in listening) else None
    return listening & reachable or None


def _in_table(item: Served, way: Way) -> bool:
    """Whether a service listens in the routing table of an interface (VyOS 1.3 and later: `vrf`)."""
    table = way.node.value("vrf") or _COMMON
    return table in (item.vrfs or (_COMMON,))


def answers(
    item: Served, ways: Ways, shield: Filter, forwards: Iterable[PortForward] = ()
) -> tuple[dict[Side, Networks], bool]:
    """The sides from which a service is reached, each with those who reach it; and whether that is all of them.

    Whom a forward sends elsewhere does not reach it. A filter with a condition that cannot be told leaves out the side
    of its interface.
    """
    found: dict[Side, list[Networks]] = {}
    untold: set[Side] = set()
    everywhere = ways.own()
    away = (forward for forward in forwards if forward.target not in everywhere and _takes(forward, item))
    sent = list(islice(away, MAX_PORTS))
    for way in ways.by_name.values():
        own = _own(item, way, everywhere)
        if way.side is None or own is None:
            continue
        try:
            if allowed := _let_in(item, Asked(item.protocol, item.port, way, own), shield, sent):
                found.setdefault(way.side, []).append(allowed)
        except UnreadableError:
            untold.add(way.side)
    told: dict[Side, Networks] = {}
    for side in SIDES:
        try:
            if side in found and side not in untold:
                told[side] = joined(found[side])
        except UnreadableError:  # more networks than a fact holds
            untold.add(side)
    tables = {way.node.value("vrf") or _COMMON for way in ways.by_name.values()}
    # Of a routing table that no interface is in nobody knows who comes into it.
    return told, not untold and tables.issuperset(item.vrfs)


def _takes(forward: PortForward, item: Served) -> bool:
    """Whether a forward takes the port of a service for everybody; "everybody but a few" is left as everybody."""
    protocol, _, ports = forward.external.partition("/")
    if protocol != item.protocol or forward.enabled is False or forward.source_filter:
        return False
    return holds(ports, item.port)


def _sent_away(forwards: Iterable[PortForward], asked: Asked) -> bool:
    """Whether everybody who asks is sent elsewhere before the device itself is asked."""
    for forward in forwards:
        if not comes_by(asked.way.name, (forward.interface,), forward.except_interfaces):
            continue
        taken = forward.destination_filter
        if taken is None or (asked.own and all(any(one in network for network in taken) for one in asked.own)):
            return True
    return False


def _let_in(item: Served, asked: Asked, shield: Filter, sent: list[PortForward]) -> Networks:
    allowed = shield.reached(asked) if asked.way.told and not _sent_away(sent, asked) else ()
    # Whoever lets in only some addresses of IPv4 lets in none of IPv6.
    everybody = not item.addresses and item.allowed is None and shield.open_ipv6(asked)
    return ANYWHERE if everybody else allowed


def read_admin(
    served: list[Served], ways: Ways, shield: Filter, forwards: dict[PortForward, int]
) -> tuple[dict[Admin, int], Bad]:
    """The ways to administer the device, each side by itself, those that a forward to the device itself opens too."""
    found: dict[Admin, int] = {}
    bad: Bad = []
    for item in served:
        if item.admin is None:
            continue
        reached, complete = answers(item, ways, shield, forwards)
        bad += [] if complete else [(item.line, item.name)]
        for side, allowed in reached.items():
            who = _within(allowed, item.allowed)
            if who != ():
                found.setdefault(Admin(item.admin, side, item.port, item.encrypted, who), item.line)
    for forward, line in forwards.items():
        for admin in _forwarded(forward, served, ways):
            found.setdefault(admin, line)
    return found, bad


def _within(allowed: Networks, service: Networks | None) -> Networks | None:
    everybody = allowed == ANYWHERE
    if service is None:
        return None if everybody else allowed
    return service if everybody else tuple(one for one in allowed if any(one.overlaps(other) for other in service))


def _forwarded(forward: PortForward, served: list[Served], ways: Ways) -> Iterator[Admin]:
    """`port-forward` to the device's own address: its auto-firewall lets it pass."""
    way = ways.by_name.get(forward.interface or "")
    port = forward.external.partition("/")[2]
    if way is None or way.side is None or forward.enabled is False or forward.target not in ways.own() or "-" in port:
        return
    for item in served:
        if item.admin and forward.external.startswith(item.protocol) and forward.target_port == str(item.port):
            yield Admin(item.admin, way.side, int(port), item.encrypted, forward.source_filter)


def read_ssh(config: Configuration) -> tuple[SshSettings | None, dict[str, int]]:
    """The settings of the SSH server; passwords are accepted, and root is not, unless it says otherwise."""
    ssh = config.root.at("service", "ssh")
    if ssh is None:
        return None, {}
    lines = {"/system/ssh": ssh.line}
    lists: dict[str, tuple[str, ...] | None] = {}
    for fact, keys in (("ciphers", ("ciphers", "cipher")), ("key_exchanges", ("key-exchange",)), ("macs", ("mac",))):
        words = [clean(part) for key in keys for word in ssh.words(key)[:MAX_PORTS] for part in word.split(",")]
        lists[fact] = tuple(dict.fromkeys(filter(None, words)))[:MAX_PORTS] or None
        lines |= {f"/system/ssh/{fact}": ssh.place(key) for key in keys if ssh.has(key) and lists[fact]}
    try:
        ports = tuple(port for port, _ in ports_of(ssh, 22))
    except UnreadableError:
        return None, {}
    refused = ssh.has("disable-password-authentication")
    lines |= {"/system/ssh/password_authentication": ssh.place("disable-password-authentication")} if refused else {}
    lines |= {"/system/ssh/root_login": ssh.place("allow-root")} if ssh.has("allow-root") else {}
    lines |= {"/system/ssh/ports": ssh.place("port")} if ssh.has("port") else {}
    root = "yes" if ssh.has("allow-root") else "no"
    return SshSettings(root, not refused, ports, lists["ciphers"], lists["key_exchanges"], lists["macs"]), lines


def read_snmp(config: Configuration) -> tuple[SnmpSettings | None, int | None, Bad]:
    """The SNMP agent; of a configuration that is whole and names none, that it is off."""
    snmp = config.root.at("service", "snmp")
    if snmp is None:
        return (SnmpSettings(enabled=False), None, []) if config.whole else (None, None, [])
    communities = snmp.below("community")
    versions: tuple[str, ...] = ("v1", "v2c") if communities else ()
    versions += ("v3",) if snmp.has("v3", "user") else ()
    filters: list[Networks | None] = []
    try:
        filters = [allowed_by(item, "client", "network") for item in communities[:MAX_PORTS]]
        source = None if None in filters or not filters else joined(item for item in filters if item is not None)
    except UnreadableError:
        return None, None, [(snmp.line, "snmp")]
    known = any(item.word in KNOWN_COMMUNITIES for item in communities)
    settings = SnmpSettings(
        not snmp.has("disable"), versions or None, known if versions else None, writable(snmp), source
    )
    return settings, snmp.line, []


def read_upnp(config: Configuration) -> tuple[Upnp | None, int | None]:
    """Whether the router maps ports for whoever asks; of a whole configuration that names no such service, that not."""
    for name in ("upnp2", "upnp"):
        node = config.root.at("service", name)
        if node is None:
            continue
        said = node.value("secure-mode")
        secure = said not in ("disable", "false") if node.has("secure-mode") else None
        return Upnp(not node.has("disable"), secure), node.line
    return (Upnp(enabled=False), None) if config.whole else (None, None)
