"""What a FortiGate listens on, and what it does with what nothing lets in.

It listens at every address and sorts out by interface: who may ask on which side is `admin`.
Source: Fortinet, "FortiOS CLI Reference"; "FortiOS Ports and Protocols" (the ports as delivered); "FortiOS
Administration Guide", "Local-in policy": what neither an interface nor a feature lets in is dropped, of IPv6 too.
"""

from collections.abc import Iterator

from inventory.gateway import Firewall, InputChain
from inventory.network import Protocol
from inventory.system import Service, SnmpSettings
from inventory.text import clean
from scanner.platforms._fortios import Tree
from scanner.platforms._fortios_access import allowed, door
from scanner.platforms._fortios_settings import trusted
from scanner.platforms._fortios_ways import Bad, Ways
from scanner.platforms._reading import UnreadableError, number

_EVERYWHERE = "0.0.0.0"  # noqa: S104 — what a device says, not where anything is bound
_SSL_PORT = 443  # 10443 in what some models are delivered with, which then write it
INPUT = Firewall((InputChain("local-in", "drop"),))


def read_services(tree: Tree, ways: Ways, snmp: SnmpSettings | None) -> tuple[dict[Service, int] | None, Bad]:
    """The sockets: those that some interface lets somebody use, and those of tunnels, names, addresses and time."""
    bad = tree.bad_of("system interface", "system global", "vpn ssl settings", "system dns-server")
    found: dict[tuple[str, int], tuple[Service, int]] = {}
    try:
        for service, line in (*_doors(tree, ways, snmp, bad), *_others(tree)):
            found.setdefault((service.protocol, service.port), (service, line))
    except UnreadableError as error:
        bad.append((1, clean(str(error))))
    named = bool(tree.tables("system interface"))
    return (dict(found.values()) if found or (named and tree.whole and not bad) else None), bad


def _doors(tree: Tree, ways: Ways, snmp: SnmpSettings | None, bad: Bad) -> Iterator[tuple[Service, int]]:
    """Those of administration; what may listen at a port that is not in the file is reported once."""
    hosts = trusted(tree)
    lost: dict[str, tuple[int, str]] = {}
    for name, row in ways.blocks.items():
        if not ways.reached(name):
            continue
        for word in dict.fromkeys(word for words in allowed(ways, name) for word in words):
            place = row.place("allowaccess")
            try:
                opened = door(tree, word, snmp, hosts)
            except UnreadableError as error:
                lost.setdefault(word, (place, clean(f"{word}: {error}")))
                continue
            if opened is not None and opened.port is None:
                lost.setdefault(word, (place, f"{word}: its port is not in this file"))
            elif opened is not None and opened.port is not None:
                kind: Protocol = "udp" if word == "snmp" else "tcp"
                yield Service(opened.port, kind, _EVERYWHERE, word, opened.sources, opened.encrypted), place
    bad += lost.values()


def _others(tree: Tree) -> Iterator[tuple[Service, int]]:
    for table in tree.tables("vpn ssl settings"):
        if table.words("source-interface") and table.one("status", "enable") != "disable":
            port = number(table.one("port", str(_SSL_PORT)), 65535)
            yield Service(port, "tcp", _EVERYWHERE, "sslvpn", None, True), table.place("source-interface")
    for name in ("vpn ipsec phase1-interface", "vpn ipsec phase1"):
        for row in tree.rows(name):
            for port in (500, 4500):
                yield Service(port, "udp", _EVERYWHERE, "ike", None, True), row.line
    for row in tree.rows("system dns-server"):
        for protocol in _BOTH:
            yield Service(53, protocol, _EVERYWHERE, "dns", None, False), row.line
    for row in tree.rows("system dhcp server"):
        if row.one("status", "enable") == "enable" and row.one("server-type", "regular") == "regular":
            yield Service(67, "udp", _EVERYWHERE, "dhcp", None, False), row.line
    for table in tree.tables("system ntp"):
        if table.one("server-mode") == "enable":
            yield Service(123, "udp", _EVERYWHERE, "ntp", None, False), table.place("server-mode")


_BOTH: tuple[Protocol, ...] = ("tcp", "udp")
