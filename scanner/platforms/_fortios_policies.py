"""The virtual IPs of a FortiGate, and which of them a policy lets in.

A virtual IP forwards only what an enabled policy that accepts names it for: without one it is written down but off.
Where a policy narrows who may ask by something that is no address (a country, a name), the forward is reported unread.
Source: Fortinet, "FortiOS CLI Reference": firewall vip, vipgrp, policy, address, addrgrp; "Destination NAT".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

from inventory.gateway import PortForward
from inventory.text import clean
from scanner.platforms._fortios import Block, Tree
from scanner.platforms._fortios_ways import Bad, address, network
from scanner.platforms._networks import ANYWHERE, MAX_NETWORKS, Networks, common, networks
from scanner.platforms._reading import MAX_ITEMS, UnreadableError

_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_EVERY_PORT = "1-65535"
_TYPES = ("", "static-nat", "load-balance", "server-load-balance")
_SOURCES = ("srcaddr-negate", "internet-service-src", "internet-service-src-negate")
MAX_MEMBERS = 256  # of one group, its groups counted in; stops groups of groups from multiplying


@dataclass(slots=True)
class Addresses:
    """The named addresses and groups, resolved once each."""

    tree: Tree
    blocks: dict[str, Block] = field(default_factory=dict)
    groups: dict[str, Block] = field(default_factory=dict)
    _known: dict[str, Networks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index them."""
        self.blocks = {row.name: row for row in self.tree.rows("firewall address")}
        self.groups = {row.name: row for row in self.tree.rows("firewall addrgrp")}

    def of(self, names: Iterable[str]) -> Networks:
        """The networks of all the names together.

        Raises:
            UnreadableError: one is not an address, or is not in the file.
        """
        return _bounded(part for name in dict.fromkeys(names) for part in self._one(name))

    def _one(self, name: str) -> Networks:
        if name in ("all", "any"):
            return ANYWHERE
        if name not in self._known:
            members = _members(name, self.groups)
            self._known[name] = _bounded(part for member in members for part in self._address(member))
        return self._known[name]

    def _address(self, name: str) -> Networks:
        if name == "all":
            return ANYWHERE
        block = self.blocks.get(name)
        if block is None:
            raise UnreadableError(name)
        match block.one("type", "ipmask"):
            case "ipmask" | "subnet" if "subnet" in block.settings:
                return (network(block.words("subnet")),)
            case "iprange":
                return networks([f"{block.one('start-ip')}-{block.one('end-ip')}"])
        raise UnreadableError(name)


def _bounded(parts: Iterable[IPv4Network]) -> Networks:
    found = tuple(collapse_addresses(parts))
    if len(found) > MAX_NETWORKS:
        raise UnreadableError(f"more than {MAX_NETWORKS} networks")
    return found


def _members(name: str, groups: dict[str, Block]) -> list[str]:
    """What a name stands for: itself, or the members of a group and of its groups."""
    found: dict[str, None] = {}
    waiting, seen = [name], {name}
    while waiting:
        one = waiting.pop()
        if one not in groups:
            found[one] = None
            continue
        if "enable" in groups[one].words("exclude"):
            raise UnreadableError(one)
        for member in groups[one].words("member"):
            if member not in seen:
                seen.add(member)
                waiting.append(member)
        if len(seen) > MAX_MEMBERS:
            raise UnreadableError(f"{name}: more than {MAX_MEMBERS} members")
    return list(found)


def read_forwards(tree: Tree) -> tuple[dict[PortForward, int] | None, Bad]:
    """The forwards, each with the line of its virtual IP; None when the file does not say."""
    bad = tree.bad_of("firewall vip", "firewall vipgrp", "firewall policy", "realservers")
    if not tree.tables("firewall vip"):
        return ({} if tree.whole else None), bad
    addresses = Addresses(tree)
    users = _users(tree, bad)
    central = any(table.one("central-nat") == "enable" for table in tree.tables("system settings"))
    known = bool(tree.tables("firewall policy")) and not central
    found: dict[PortForward, int] = {}
    for vip in tree.rows("firewall vip"):
        if len(found) >= MAX_ITEMS:
            bad.append((vip.line, "more virtual IPs"))
            break
        try:
            for forward in _of(vip, users.get(vip.name, []), addresses, known=known):
                found.setdefault(forward, vip.line)
        except UnreadableError as error:
            bad.append((vip.line, clean(f"{vip.name}: {error}")))
    return (found or None if bad and not found else found), bad


def _users(tree: Tree, bad: Bad) -> dict[str, list[Block]]:
    """The policies that let something in, by the virtual IP that they name or whose group they name."""
    groups = {row.name: row for row in tree.rows("firewall vipgrp")}
    expanded: dict[str, list[str]] = {}
    found: dict[str, list[Block]] = {}
    for policy in tree.rows("firewall policy"):
        if policy.one("status") == "disable" or policy.one("action", "deny") not in ("accept", "ipsec"):
            continue
        for name in policy.words("dstaddr"):
            if name not in expanded:
                try:
                    expanded[name] = _members(name, groups)
                except UnreadableError as error:
                    expanded[name] = []
                    bad.append((policy.place("dstaddr"), clean(str(error))))
            for member in expanded[name]:
                found.setdefault(member, []).append(policy)
    return found


def _of(vip: Block, policies: list[Block], addresses: Addresses, *, known: bool) -> Iterator[PortForward]:
    kind = vip.one("type")
    if kind not in _TYPES:
        raise UnreadableError(f"type {kind}")
    off = vip.one("status") == "disable" or (known and not policies)
    asked = None if off or not known else _asked(policies, addresses)
    sources = _sources(vip, asked)
    if sources == ():
        off, sources = True, None
    outer, interface = _outer(vip), clean(vip.one("extintf", "any"))
    for external, inner in _ports(vip):
        for target, port in _targets(vip, inner):
            yield PortForward(
                external, target, port, None if interface in ("any", "") else interface, None, sources, outer,
                "static", clean(vip.one("comment")) or None, False if off else True if known else None,
            )  # fmt: skip


def _asked(policies: list[Block], addresses: Addresses) -> Networks:
    """Who may ask, by all policies together."""
    for policy in policies:
        if any(policy.one(name, "disable") != "disable" for name in _SOURCES):
            raise UnreadableError(f"policy {policy.name}: sources that are no addresses")
    return addresses.of(name for policy in policies for name in policy.words("srcaddr"))


def _sources(vip: Block, asked: Networks | None) -> Networks | None:
    """Who may ask: those of the virtual IP that a policy lets in; None everyone, () nobody."""
    own = networks(vip.words("src-filter")) if vip.words("src-filter") else ANYWHERE
    found = common(own, ANYWHERE if asked is None else asked)
    return None if found == ANYWHERE else found


def _outer(vip: Block) -> Networks | None:
    """The outer addresses; None for 0.0.0.0, which stands for the address of the interface."""
    text = vip.one("extip")
    return None if text in ("", "0.0.0.0", "0.0.0.0-0.0.0.0") else networks([text])  # noqa: S104 — what it says


def _ports(vip: Block) -> Iterator[tuple[str, str | None]]:
    """Outer protocol and ports, and the inner ports; without `portforward` all of them."""
    protocol = vip.one("protocol", "tcp")
    if vip.one("type") == "server-load-balance":
        kind = vip.one("server-type")
        yield f"{'udp' if kind == 'udp' else 'tcp'}/{_range(vip.one('extport', _EVERY_PORT))}", None
    elif vip.one("portforward") != "enable":
        yield f"tcp/{_EVERY_PORT}", None
        yield f"udp/{_EVERY_PORT}", None
    elif protocol in ("tcp", "udp", "sctp"):
        outer = _range(vip.one("extport"))
        yield f"{protocol}/{outer}", _range(vip.one("mappedport", outer))
    elif protocol != "icmp":
        raise UnreadableError(f"protocol {protocol}")


def _range(text: str) -> str:
    found = _PORTS.fullmatch(text)
    if found is None or any(int(end) > 65535 for end in found.groups() if end):
        raise UnreadableError(f"port {text}")
    return found[1] if found[2] in (None, found[1]) else text


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
