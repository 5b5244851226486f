"""Everything that a Vyatta configuration says, put together for VyOS, EdgeOS and the gateways that grew from it. Pure.

A text that breaks off, or has a brace too many, tells only what stands before that, and nothing of what is not there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.gateway import Firewall, InputChain, Side
from inventory.observation import Observation, UnreadLine
from inventory.system import System
from scanner.platforms._reading import MAX_ITEMS, UnreadableError, nothing, of_system, unread
from scanner.platforms._vyatta import Bad, Configuration, read_tree, sections
from scanner.platforms._vyatta_access import answers, read_admin, read_snmp, read_ssh, read_upnp
from scanner.platforms._vyatta_firewall import Filter
from scanner.platforms._vyatta_forwards import read_forwards
from scanner.platforms._vyatta_interfaces import Ways, read_ways
from scanner.platforms._vyatta_json import read_dump
from scanner.platforms._vyatta_proxies import read_proxies
from scanner.platforms._vyatta_services import Family, Served, read_served, services
from scanner.platforms._vyatta_settings import (
    read_auto_block,
    read_dhcp,
    read_dns,
    read_identity,
    read_logging,
    read_ntp,
    read_relays,
    read_users,
)
from scanner.platforms._vyatta_through import let_through
from scanner.platforms._vyatta_tunnels import read_vpn, read_wifi
from scanner.platforms._vyatta_vlans import read_vlans

# The facts that each section of a configuration tells.
_SECTIONS: dict[str, tuple[str, ...]] = {
    "firewall": ("firewall", "admin", "dns"),
    "interfaces": ("interfaces", "firewall", "admin", "vpn", "vlans", "wifi", "services"),
    "nat": ("port_forwards",),
    "port-forward": ("port_forwards", "admin"),
    "protocols": ("interfaces",),
    "service": ("services", "admin", "ssh", "snmp", "upnp", "dns", "dhcp", "relays", "port_forwards", "ntp"),
    "system": ("identity", "users", "ntp", "logging", "dns"),
    "vpn": ("vpn", "services"),
    "zone-policy": ("firewall", "admin"),
    "high-availability": ("interfaces",),
    "load-balancing": ("services",),
}
_EVERY = tuple(dict.fromkeys(fact for facts in _SECTIONS.values() for fact in facts))
_KNOWN = frozenset(_SECTIONS) | {
    "cluster", "container", "custom-attribute", "load-balance", "load-balancing", "policy", "qos", "traffic-control",
    "traffic-policy", "pki", "vrf", "unms", "vrrp",
}  # fmt: skip
# Junos writes the same braces, and some of the same names; of these Vyatta and its children have none.
_JUNOS = frozenset({
    "apply-groups", "chassis", "class-of-service", "ethernet-switching-options", "event-options", "forwarding-options",
    "groups", "policy-options", "routing-instances", "routing-options", "security", "services", "snmp", "version",
    "vlans",
})  # fmt: skip


def read_configuration(text: str, family: Family) -> Observation:
    """The facts of a configuration in either form, each with its line."""
    config = read_dump(text) or read_tree(text)
    names = set(config.root.kids)
    if not names & _KNOWN or len(names - _KNOWN) >= len(names & _KNOWN) or names & _JUNOS:
        return nothing("system.identity", text)
    ways = read_ways(config)
    shield = Filter(config, ways)
    served, bad_services = read_served(config, ways, family)
    proxies, unknown = read_proxies(config)
    served, bad_services = [*served, *proxies], bad_services + unknown
    reports = _reports(config)
    reports += unread("system.interfaces", ways.bad) + unread("system.services", bad_services)
    read = _Read(config, ways, shield, served, family)
    facts: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for reader in (_first, _second, _third):
        told, places, bad = reader(read)
        facts, lines, reports = facts | told, lines | places, reports + bad
    if config.torn is not None:  # what is not there may stand behind the tear
        facts = {name: value for name, value in facts.items() if value not in (None, (), Firewall(()))}
        facts.pop("firewall", None)
        facts.pop("admin", None)
        lines = {pointer: line for pointer, line in lines.items() if pointer.split("/")[2] in facts}
    return of_system(System(**facts), lines, tuple(reports))


_Told = tuple[dict[str, Any], dict[str, int], tuple[UnreadLine, ...]]


@dataclass(frozen=True, slots=True)
class _Read:
    """A configuration and what several facts of it need."""

    config: Configuration
    ways: Ways
    shield: Filter
    served: list[Served]
    family: Family


def _reports(config: Configuration) -> tuple[UnreadLine, ...]:
    """What could not be read at all, for the facts that it may have told."""
    if config.torn is not None:
        return tuple(report for fact in _EVERY for report in unread(f"system.{fact}", [config.torn]))
    rows = ((fact, bad) for bad in config.bad for word in sections(bad) for fact in _SECTIONS.get(word, ()))
    return tuple(report for fact, bad in list(rows)[:MAX_ITEMS] for report in unread(f"system.{fact}", [bad]))


def _first(read: _Read) -> _Told:
    """Who it is, what it serves, and its interfaces."""
    config, served = read.config, read.served
    identity, lines = read_identity(config, read.family)
    interfaces, places = read.ways.interfaces()
    sockets = services(served)
    users = read_users(config, read.family)
    ssh, settings = read_ssh(config)
    snmp, snmp_line, bad_snmp = read_snmp(config)
    upnp, upnp_line = read_upnp(config)
    block, block_line = read_auto_block(config)
    vlans = read_vlans(config)
    facts = {
        "identity": identity, "interfaces": interfaces or None, "services": _some(sockets, config), "ssh": ssh,
        "users": tuple(users) or None, "snmp": snmp, "upnp": upnp, "auto_block": block, "vlans": _some(vlans, config),
    }  # fmt: skip
    lines |= places | settings | _listed("services", sockets) | _listed("users", users) | _listed("vlans", vlans)
    lines |= _single(snmp=snmp_line, upnp=upnp_line, auto_block=block_line)
    return facts, lines, unread("system.snmp", bad_snmp)


def _second(read: _Read) -> _Told:
    """What may come in: the filter, forwards, administration."""
    config, ways, shield = read.config, read.ways, read.shield
    forwards, bad_forwards = read_forwards(config, ways)
    chains: dict[InputChain, int] = {}
    bad_chains: Bad = []
    try:
        chains = shield.input()
    except UnreadableError as error:
        bad_chains.append((config.root.place("firewall"), f"firewall: {error}"))
    admin, bad_admin = read_admin(read.served, ways, shield, forwards)
    passed = let_through(forwards, Filter(config, ways))
    # Without any address in the file nobody knows from where it is asked.
    sided = any(way.side for way in ways.by_name.values()) or not any(item.admin for item in read.served)
    told = config.whole and not bad_chains
    facts = {
        "firewall": Firewall(tuple(chains)) if chains or told else None,
        "port_forwards": _some(passed, config),
        "admin": tuple(admin) if admin or (config.whole and not bad_admin and sided) else None,
    }
    lines = _listed("firewall/input", chains) | _listed("port_forwards", passed) | _listed("admin", admin)
    bad = unread("system.port_forwards", bad_forwards) + unread("system.firewall", bad_chains)
    return facts, lines, bad + unread("system.admin", bad_admin)


def _third(read: _Read) -> _Told:
    """What it does for others: tunnels, Wi-Fi, names, addresses, time, log."""
    config = read.config
    sides, bad_dns = _answering(read.served, read.ways, read.shield)
    dns, lines = read_dns(config, sides)
    dhcp, bad_dhcp = read_dhcp(config, read.ways)
    ntp, ntp_line = read_ntp(config)
    logging, logging_line = read_logging(config)
    vpn, wifi, relays = read_vpn(config), read_wifi(config), read_relays(config)
    facts = {"dns": dns, "ntp": ntp, "logging": logging}
    for name, items in (("dhcp", dhcp), ("vpn", vpn), ("wifi", wifi), ("relays", relays)):
        facts[name] = tuple(items) if items is not None else None  # type: ignore[assignment]
        lines |= _listed(name, items or {})
    lines |= _single(ntp=ntp_line, logging=logging_line)
    return facts, lines, unread("system.dns", bad_dns) + unread("system.dhcp", bad_dhcp)


def _answering(served: list[Served], ways: Ways, shield: Filter) -> tuple[tuple[Side, ...] | None, Bad]:
    """The sides that get an answer to a name; () where nobody does, None when it cannot be told."""
    sides: dict[Side, None] = {}
    for item in served:
        if item.name != "dns":
            continue
        reached, complete = answers(item, ways, shield)
        if not complete:
            return None, [(item.line, "dns forwarding")]
        for side in reached:
            if item.allowed is None or _let(side, item, ways):
                sides[side] = None
    return tuple(sides), []


def _let(side: Side, item: Served, ways: Ways) -> bool:
    """Whether a service lets somebody in who is on a side: in the network of one of its interfaces, or anywhere."""
    networks = [own.network for way in ways.on(side) for own in way.addresses]
    allowed = item.allowed or ()
    return any(one.overlaps(other) for one in networks for other in allowed) or (
        side == "wan" and any(not network.is_private for network in allowed)
    )


def _some(items: Iterable[Any], config: Configuration) -> tuple[Any, ...] | None:
    """The items; none of a piece of a configuration says nothing."""
    found = tuple(items)[:MAX_ITEMS]
    return found if found or config.whole else None


def _listed(name: str, items: Mapping[Any, int]) -> dict[str, int]:
    return {f"/system/{name}/{place}": line for place, line in enumerate(list(items.values())[:MAX_ITEMS])}


def _single(**places: int | None) -> dict[str, int]:
    return {f"/system/{name}": line for name, line in places.items() if line is not None}
