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
from scanner.platforms._fortios_access import PROTOCOLS, allowed
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
        for service, line in (*_doors(tree, ways, snmp), *_others(tree)):
            found.setdefault((service.protocol, service.port), (service, line))
    except UnreadableError as error:
        bad.append((1, clean(str(error))))
    named = bool(tree.tables("system interface"))
    return (dict(found.values()) if found or (named and tree.whole and not bad) else None), bad


def _doors(tree: Tree, ways: Ways, snmp: SnmpSettings | None) -> Iterator[tuple[Service, int]]:
    globals_ = tree.tables("system global")
    hosts = trusted(tree) if any(tree.rows("system admin")) else None
    for name, row in ways.blocks.items():
        if not ways.reached(name):
            continue
        for word in dict.fromkeys(allowed(row)):
            if word not in PROTOCOLS or (word == "snmp" and not (snmp and snmp.enabled)):
                continue
            setting, port, encrypted = PROTOCOLS[word]
            if setting and not globals_:
                continue  # another port may stand where the whole device is set up
            if setting:
                port = number(globals_[0].one(setting, str(port)), 65535)
            if word == "telnet" and globals_[0].one("admin-telnet") == "disable":
                continue
            sources = snmp.source_filter if snmp and word == "snmp" else hosts if setting else None
            kind: Protocol = "udp" if word == "snmp" else "tcp"
            yield Service(port, kind, _EVERYWHERE, word, sources, encrypted), row.place("allowaccess")


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
