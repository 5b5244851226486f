"""The ways into a FortiGate: what each interface lets administrators use, VPNs, and its Wi-Fi networks.

Source: Fortinet, "FortiOS CLI Reference": system interface (allowaccess), system global, firewall local-in-policy,
vpn ipsec phase1-interface, vpn ssl settings, wireless-controller vap; "FortiGate open ports" for fgfm.
"""

from dataclasses import dataclass
from ipaddress import collapse_addresses
from typing import Literal

from inventory.gateway import Admin, Side, Vpn, Wifi
from inventory.system import SnmpSettings
from inventory.text import clean
from scanner.platforms._fortios import Block, Tree
from scanner.platforms._fortios_objects import EVERY_PORT, Addresses, Services, by_address, zones
from scanner.platforms._fortios_settings import trusted
from scanner.platforms._fortios_ways import Bad, Ways
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, number, psk_length

# Name in `allowaccess` → setting of its port, its port as delivered, whether it is encrypted.
PROTOCOLS: dict[str, tuple[str, int, bool | None]] = {
    "https": ("admin-sport", 443, True), "http": ("admin-port", 80, False), "ssh": ("admin-ssh-port", 22, True),
    "telnet": ("admin-telnet-port", 23, False), "fgfm": ("", 541, True), "snmp": ("", 161, None),
}  # fmt: skip
MAX_POLICIES = 48  # local-in policies, each looked at for each way in; stops 1 MiB of them from taking minutes
Security = Literal["open", "owe", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"]
_SECURITY: dict[str, Security] = {
    "open": "open", "captive-portal": "open", "osen": "wpa2", "owe": "owe", "wep64": "wep", "wep128": "wep",
    "wpa-personal": "wpa/wpa2", "wpa-only-personal": "wpa", "wpa2-only-personal": "wpa2", "wpa-enterprise": "wpa/wpa2",
    "wpa-only-enterprise": "wpa", "wpa2-only-enterprise": "wpa2", "wpa3-enterprise": "wpa3",
    "wpa3-only-enterprise": "wpa3", "wpa3-enterprise-transition": "wpa2/wpa3", "wpa3-sae": "wpa3",
    "wpa3-sae-transition": "wpa2/wpa3",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Filters:
    """What narrows the ways in beside an interface's own words."""

    hosts: Networks | None
    hosts6: bool  # whether some of IPv6 are named
    addresses: Addresses
    services: Services
    zones: dict[str, tuple[str, ...]]
    policies: list[Block]


def read_admin(tree: Tree, ways: Ways, snmp: SnmpSettings | None) -> tuple[dict[Admin, int] | None, Bad]:
    """By what it is administered from which side, trusted hosts and local-in policies counted in.

    Where the side, or a filter, cannot be told, the interface is reported and left out.
    """
    bad = tree.bad_of("system interface", "system admin", "system global", "firewall local-in-policy")
    try:
        hosts = trusted(tree)
    except UnreadableError as error:
        return None, [*bad, (1, clean(str(error)))]
    policies = list(tree.rows("firewall local-in-policy"))[: MAX_POLICIES + 1]
    filters = _Filters(hosts, _trusts6(tree), Addresses(tree), Services(tree), zones(tree), policies)
    found: dict[tuple[str, Side, int | None], tuple[Admin, int]] = {}
    for name, block in ways.blocks.items():
        if not ways.reached(name):
            continue
        side = ways.side(name)
        four, six = allowed(ways, name)
        for word, of_six in (*((word, False) for word in four), *((word, True) for word in six)):
            try:
                entry = (
                    _entry6(tree, word, side, snmp, filters) if of_six
                    else _entry(tree, word, side, name, snmp, filters)
                )  # fmt: skip
            except UnreadableError as error:
                bad.append((block.place("allowaccess"), clean(f"{name} {word}: {error}")))
                continue
            if entry is not None and len(found) < MAX_ITEMS:
                key = (entry.protocol, entry.side, entry.port)
                found[key] = (_joined(found[key][0], entry), found[key][1]) if key in found else (
                    entry, block.place("allowaccess"))  # fmt: skip
    if not ways.blocks or (bad and not found):
        return None, bad
    return dict(found.values()), bad


def allowed(ways: Ways, name: str) -> tuple[list[str], list[str]]:
    """What an interface lets administrators use, by IPv4 and by IPv6, where it has an address of either."""
    block, six = ways.blocks[name], ways.six(name)
    four = [word for item in (block, *block.rows("secondaryip")) for word in item.words("allowaccess")]
    return (
        [word for word in dict.fromkeys(four) if word in PROTOCOLS and ways.has_four(name)],
        [word for word in dict.fromkeys(six.words("ip6-allowaccess") if six else ()) if word in PROTOCOLS],
    )


def _entry6(tree: Tree, word: str, side: Side | None, snmp: SnmpSettings | None, filters: _Filters) -> Admin | None:
    """A way in by IPv6, whose filters no fact has a place for: everybody, nobody, or it cannot be told."""
    if side is None:
        raise UnreadableError("which side it is on")
    if any(tree.rows("firewall local-in-policy6")):
        raise UnreadableError("local-in policies of IPv6")
    if word == "snmp" and snmp is not None and snmp.source_filter is not None:
        raise UnreadableError("hosts of a community, for IPv6")
    if word not in ("snmp", "fgfm") and (filters.hosts is not None or filters.hosts6):
        raise UnreadableError("trusted hosts, for IPv6")
    opened = door(tree, word, snmp, None)
    return None if opened is None else Admin(word, side, opened.port, opened.encrypted)


def _trusts6(tree: Tree) -> bool:
    """Whether an administrator has a trusted host of IPv6; ::/0 is none."""
    named = (
        setting.values for row in tree.rows("system admin") for name, setting in row.settings.items()
        if name.startswith("ip6-trusthost")
    )  # fmt: skip
    return any(set(values) - {"::/0", "::"} for values in named)


@dataclass(frozen=True, slots=True)
class Door:
    """What listens for a protocol: its port, None where it is not in this file, and whom it takes itself."""

    port: int | None
    encrypted: bool | None
    sources: Networks | None


def door(tree: Tree, word: str, snmp: SnmpSettings | None, hosts: Networks | None) -> Door | None:
    """The door of a word of `allowaccess`; None when it is shut for the whole device.

    Raises:
        UnreadableError: it cannot be told.
    """
    if word == "snmp":
        if snmp is None:
            raise UnreadableError("whether the agent is on")
        return Door(PROTOCOLS[word][1], PROTOCOLS[word][2], snmp.source_filter) if snmp.enabled else None
    setting, port, encrypted = PROTOCOLS[word]
    globals_ = tree.tables("system global")
    if setting and not globals_:
        return Door(None, encrypted, hosts)  # another port may stand where the whole device is set up
    if setting:
        port = number(globals_[0].one(setting, str(port)), 65535)
    if word == "telnet" and globals_[0].one("admin-telnet") == "disable":
        return None
    return Door(port, encrypted, hosts if setting else None)


def _entry(
    tree: Tree, word: str, side: Side | None, name: str, snmp: SnmpSettings | None, filters: _Filters
) -> Admin | None:
    """The protocol on one interface; None when nobody can reach it."""
    if side is None:
        raise UnreadableError("which side it is on")
    opened = door(tree, word, snmp, filters.hosts)
    if opened is None:
        return None
    own = opened.sources if opened.sources is not None else ANYWHERE
    sources = common(own, _let_in(filters, name, word, opened.port))
    if not sources:
        return None
    return Admin(word, side, opened.port, opened.encrypted, None if sources == ANYWHERE else sources)


def _joined(one: Admin, other: Admin) -> Admin:
    """The same way in by two interfaces of a side: open to whom either lets in."""
    if one.source_filter is None or other.source_filter is None:
        return Admin(one.protocol, one.side, one.port, one.encrypted)
    sources = tuple(collapse_addresses((*one.source_filter, *other.source_filter)))
    return Admin(one.protocol, one.side, one.port, one.encrypted, sources)


def _let_in(filters: _Filters, interface: str, word: str, port: int | None) -> Networks:
    """Whom the local-in policies leave for an interface: the first that fits decides, none lets pass."""
    allowed = ANYWHERE
    if len(filters.policies) > MAX_POLICIES:
        raise UnreadableError("too many local-in policies")
    names = {interface, "any", *(zone for zone, inner in filters.zones.items() if interface in inner)}
    for row in reversed(filters.policies):
        if row.one("status") == "disable" or not names & set(row.words("intf")):
            continue
        if not _speaks_of(filters, row, word, port):
            continue
        narrow = row.one("schedule", "always") != "always" or not set(row.words("dstaddr")) <= {"all"}
        negated = any("negate" in name and setting.values[:1] == ("enable",) for name, setting in row.settings.items())
        if narrow or negated:
            raise UnreadableError(f"local-in policy {row.name}")
        if not row.words("srcaddr") or not by_address(row):
            raise UnreadableError(f"local-in policy {row.name}: sources that are no addresses")
        sources = filters.addresses.of(row.words("srcaddr"))
        if row.one("action", "deny") == "accept":
            allowed = tuple(collapse_addresses((*allowed, *sources)))
        else:
            allowed = common(allowed, everything_but(sources))
    return allowed


def _speaks_of(filters: _Filters, row: Block, word: str, port: int | None) -> bool:
    """Whether a local-in policy's services hold the port: by its number, whichever the service is called."""
    try:
        spans = filters.services.of(row.words("service") or ("ALL",), "udp" if word == "snmp" else "tcp")
    except UnreadableError as error:
        raise UnreadableError(f"local-in policy {row.name}: {error}") from error
    if port is None:  # where the whole device is set up, another one may stand
        if spans and EVERY_PORT not in spans:
            raise UnreadableError(f"local-in policy {row.name}: the port is not in this file")
        return bool(spans)
    return any(first <= port <= last for first, last in spans)


def read_vpn(tree: Tree, ways: Ways) -> tuple[dict[Vpn, int] | None, Bad]:
    """The tunnels: IPsec by phase 1, SSL when it has an interface to listen on, L2TP and PPTP when they are on."""
    bad = tree.bad_of("vpn ipsec phase1-interface", "vpn ipsec phase1", "vpn ssl settings")
    found: dict[Vpn, int] = {}
    for name in ("vpn ipsec phase1-interface", "vpn ipsec phase1"):
        for row in tree.rows(name):
            called = row.one("type", "static") == "dynamic"
            tunnel = ways.blocks.get(row.name)
            on = None if tunnel is None else tunnel.one("status", "up") != "down"
            found.setdefault(Vpn("ipsec", clean(row.name) or None, on, called, None if called else 1), row.line)
    for table in tree.tables("vpn ssl settings"):
        off = table.one("status", "enable") == "disable"
        if table.words("source-interface"):
            found.setdefault(Vpn("ssl", None, not off, server=True), table.place("source-interface"))
        elif "status" in table.settings and off:
            found.setdefault(Vpn("ssl", None, enabled=False, server=True), table.place("status"))
    for kind in ("l2tp", "pptp"):
        for table in tree.tables(f"vpn {kind}"):
            if table.one("status") == "enable":
                found.setdefault(Vpn(kind, None, enabled=True, server=True), table.place("status"))
    return (found if found or (tree.whole and not bad) else None), bad


def read_wifi(tree: Tree) -> tuple[dict[Wifi, int] | None, Bad]:
    """The Wi-Fi networks that its access points bring up; WPA2 as delivered."""
    bad = tree.bad_of("wireless-controller vap")
    found: dict[Wifi, int] = {}
    for row in tree.rows("wireless-controller vap"):
        word = row.one("security", "wpa2-only-personal").removesuffix("+captive-portal")
        ssid = clean(row.one("ssid"))
        security = _SECURITY.get(word)
        if not ssid or security is None:
            bad.append((row.place("security" if ssid else "ssid"), clean(f"{row.name} {word}")))
            continue
        # A key that came encrypted says nothing of its length.
        length = psk_length(row.one("passphrase")) if "passphrase" in row.settings else None
        wifi = Wifi(
            ssid, clean(row.name) or None, None, security, word.endswith(("enterprise", "enterprise-transition")),
            psk_length=length, isolated=row.one("intra-vap-privacy", "disable") == "enable",
        )  # fmt: skip
        found.setdefault(wifi, row.line)
    return found or None, bad
