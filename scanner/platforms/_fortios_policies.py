"""The virtual IPs of a FortiGate, and which of them a policy lets in.

A virtual IP forwards only what an enabled policy that accepts names it for: without one it is written down but off.
Where a policy narrows who may ask by something that is no address (a country, a name), the forward is reported unread.
Source: Fortinet, "FortiOS CLI Reference": firewall vip, vipgrp, policy, address, addrgrp; "Destination NAT".
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import islice

from inventory.gateway import PortForward
from inventory.text import clean
from scanner.platforms._fortios import MAX_VDOMS, Block, Tree
from scanner.platforms._fortios_lets import Looks, Virtual
from scanner.platforms._fortios_objects import EVERY_PORT, Span
from scanner.platforms._fortios_rules import Policies
from scanner.platforms._fortios_ways import Bad, address
from scanner.platforms._networks import ANYWHERE, MAX_NETWORKS, Networks, networks
from scanner.platforms._reading import MAX_ITEMS, UnreadableError

_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_TYPES = ("", "static-nat", "load-balance", "server-load-balance")
_OTHERS = ("firewall vip6", "firewall vip64", "firewall vip46")
_NAMED = (
    "firewall address", "firewall addrgrp", "firewall service custom", "firewall service group", "system zone",
    "firewall schedule recurring", "system settings",
)  # fmt: skip


def read_forwards(tree: Tree) -> tuple[dict[PortForward, int] | None, Bad]:
    """The forwards, each with the line of its virtual IP; None when the file does not say."""
    bad = tree.bad_of("firewall vip", "firewall vipgrp", "firewall policy", "realservers", *_NAMED)
    # To addresses of IPv6, or from them: no fact has a place for it.
    bad += [(row.line, clean(f"{name} {row.name}")) for name in _OTHERS for row in islice(tree.rows(name), MAX_ITEMS)]
    if not tree.tables("firewall vip"):
        return ({} if tree.whole else None), bad
    found: dict[PortForward, int] = {}
    down = frozenset(row.name for row in tree.rows("system interface") if row.one("status") == "down")
    bad += [(next(iter(tables.values())).line, clean(f"VDOM {name}"))
            for name, tables in islice(tree.vdoms.items(), MAX_VDOMS, MAX_VDOMS + 1)]  # fmt: skip
    looks = Looks()
    for part in tree.domains():
        policies = Policies(part, bad, looks)
        for vip in part.rows("firewall vip"):
            if len(found) >= MAX_ITEMS or len(bad) >= MAX_ITEMS:
                bad.append((vip.line, "more virtual IPs"))
                break
            try:
                for forward in _of(vip, policies, down):
                    found.setdefault(forward, vip.line)
            except UnreadableError as error:
                bad.append((vip.line, clean(f"{vip.name}: {error}")))
    return (found or None if bad and not found else found), bad


def _of(vip: Block, policies: Policies, down: frozenset[str]) -> Iterator[PortForward]:
    kind = vip.one("type")
    if kind not in _TYPES:
        raise UnreadableError(f"type {kind}")
    if policies.tree.tables("firewall policy") and not policies.known:
        raise UnreadableError("applications decide")
    outer, interface = _outer(vip), clean(vip.one("extintf", "any"))
    comment = clean(vip.one("comment")) or None
    ways = tuple(one for one in policies.zones.get(interface, (interface,)) if one not in down)
    off = vip.one("status") == "disable" or not ways
    sources = networks(vip.words("src-filter")) if vip.words("src-filter") else ANYWHERE
    closed: list[PortForward] = []
    opened = False
    for protocol, span, inner in _ports(vip, policies):
        for target, port in _targets(vip, inner):
            virtual = Virtual(
                vip.name, () if interface in ("any", "") else ways, vip.one("extintf"),
                outer[0].network_address if outer else None, target, sources,
            )  # fmt: skip
            behind = _span(port) if port else span
            lets = [] if off or not policies.known else policies.let(virtual, (behind,), protocol, span)
            opened = opened or bool(lets)
            for let in lets:
                shown, inward = _shown(let.ports, span, behind)
                yield PortForward(
                    f"{protocol}/{shown}", target, inward if port else None, let.interface, let.excepted or None,
                    None if let.sources == ANYWHERE else let.sources, outer, "static", comment, True,
                )  # fmt: skip
            if not lets:
                closed.append(PortForward(
                    f"{protocol}/{_text(span)}", target, port, None if interface in ("any", "") else interface, None,
                    None if sources == ANYWHERE else sources, outer, "static", comment,
                    False if off or policies.known else None,
                ))  # fmt: skip
    # Of an address that policies open in part, the rest is not written down anywhere.
    yield from () if opened and vip.one("portforward") != "enable" else closed


def _shown(let: Span, outer: Span, inner: Span) -> tuple[str, str]:
    """The outer ports that lead to these inner ones, and these; a whole range to one port stays whole."""
    if outer[1] - outer[0] != inner[1] - inner[0]:
        return _text(outer), _text(inner)
    shift = outer[0] - inner[0]
    return _text((let[0] + shift, let[1] + shift)), _text(let)


def _text(span: Span) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def _span(text: str) -> Span:
    found = _PORTS.fullmatch(text)
    if found is None or any(int(end) > 65535 for end in found.groups() if end):
        raise UnreadableError(f"port {text}")
    return int(found[1]), int(found[2] or found[1])


def _outer(vip: Block) -> Networks | None:
    """The outer addresses; None for 0.0.0.0, which stands for the address of the interface."""
    text = vip.one("extip")
    return None if text in ("", "0.0.0.0", "0.0.0.0-0.0.0.0") else networks([text])  # noqa: S104 — what it says


def _ports(vip: Block, policies: Policies) -> Iterator[tuple[str, Span, str | None]]:
    """Protocol, outer ports, and the inner ports in words; without `portforward` all of them."""
    protocol = vip.one("protocol", "tcp")
    if vip.one("type") == "server-load-balance":
        kind = vip.one("server-type")
        yield "udp" if kind == "udp" else "tcp", _span(vip.one("extport", "1-65535")), None
    elif names := vip.words("service"):
        for one in ("tcp", "udp"):
            yield from ((one, span, None) for span in policies.services.of(names, one))
    elif vip.one("portforward") != "enable":
        yield "tcp", EVERY_PORT, None
        yield "udp", EVERY_PORT, None
    elif protocol in ("tcp", "udp", "sctp"):
        outer = _span(vip.one("extport"))
        yield protocol, outer, _text(_span(vip.one("mappedport", _text(outer))))
    elif protocol != "icmp":
        raise UnreadableError(f"protocol {protocol}")


def _targets(vip: Block, port: str | None) -> Iterator[tuple[IPv4Address, str | None]]:
    """The inner addresses: the first of a range, or each server among which it chooses."""
    if vip.one("type") == "server-load-balance":
        for server in vip.rows("realservers")[:MAX_NETWORKS]:
            if server.one("status", "active") != "disable":
                yield address(server.one("ip")), server.one("port") or None
        return
    words = vip.words("mappedip")
    if not words and vip.tables.get("mappedip"):  # FortiOS 5.0 and 5.2 hold it as a table
        words = tuple(row.name for row in vip.rows("mappedip"))
    if not words:
        raise UnreadableError("no inner address")
    for word in words[:MAX_NETWORKS]:
        yield address(word.partition("-")[0]), port
