"""What the policies of a FortiGate name: addresses, services, schedules, zones.

Source: Fortinet, "FortiOS CLI Reference": firewall address, addrgrp, service custom and group, schedule, system zone,
system sdwan; "FortiOS Administration Guide", "Services" (the ports of those that come with it).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, collapse_addresses

from scanner.platforms._fortios import Block, Tree
from scanner.platforms._fortios_ways import SDWAN, network
from scanner.platforms._networks import ANYWHERE, MAX_NETWORKS, Networks, networks
from scanner.platforms._reading import UnreadableError

MAX_MEMBERS = 256  # of one group, its groups counted in; stops groups of groups from multiplying
MAX_SPANS = 64  # ranges of ports that one policy names
Span = tuple[int, int]
EVERY_PORT: Span = (1, 65535)
_ANY = "0.0.0.0"  # noqa: S104 — what it says
# Those that come with it, where a file does not hold them: TCP, UDP.
_SERVICES: dict[str, tuple[str, str]] = {
    "ALL": ("1-65535", "1-65535"), "ANY": ("1-65535", "1-65535"), "ALL_TCP": ("1-65535", ""),
    "ALL_UDP": ("", "1-65535"), "ALL_ICMP": ("", ""), "ALL_ICMP6": ("", ""), "PING": ("", ""), "PING6": ("", ""),
    "HTTP": ("80", ""), "HTTPS": ("443", ""), "SSH": ("22", ""), "TELNET": ("23", ""), "RDP": ("3389", ""),
    "FTP": ("21", ""), "SMTP": ("25", ""), "SMTPS": ("465", ""), "POP3": ("110", ""), "POP3S": ("995", ""),
    "IMAP": ("143", ""), "IMAPS": ("993", ""), "DNS": ("53", "53"), "NTP": ("123", "123"), "SMB": ("445", ""),
    "SAMBA": ("139", ""), "SNMP": ("161-162", "161-162"), "SYSLOG": ("", "514"), "TFTP": ("", "69"),
    "VNC": ("5900", ""), "PPTP": ("1723", ""), "L2TP": ("1701", "1701"), "IKE": ("", "500 4500"), "GRE": ("", ""),
    "ESP": ("", ""), "AH": ("", ""), "LDAP": ("389", "389"), "MYSQL": ("3306", ""), "MS-SQL": ("1433 1434", ""),
    "SIP": ("5060", "5060"), "NFS": ("111 2049", "111 2049"), "RADIUS": ("", "1812 1813"), "DHCP": ("", "67-68"),
    "SQUID": ("3128", ""), "SOCKS": ("1080", "1080"), "webproxy": ("1-65535", ""), "IMAP4": ("143", ""),
    "KERBEROS": ("88 464", "88 464"), "LDAP_UDP": ("", "389"), "TRACEROUTE": ("", "33434-33535"),
}  # fmt: skip


def members(name: str, groups: dict[str, Block]) -> list[str]:
    """What a name stands for: itself, or the members of a group and of its groups.

    Raises:
        UnreadableError: a group that leaves some out, or too many.
    """
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
            parts = members(name, self.groups)
            self._known[name] = _bounded(part for member in parts for part in self._address(member))
        return self._known[name]

    def _address(self, name: str) -> Networks:
        if name == "all":
            return ANYWHERE
        if name == "none":
            return ()
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


@dataclass(slots=True)
class Services:
    """The named services and groups: the ports that they stand for."""

    tree: Tree
    blocks: dict[str, Block] = field(default_factory=dict)
    groups: dict[str, Block] = field(default_factory=dict)
    _known: dict[tuple[str, str], tuple[Span, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index them."""
        self.blocks = {row.name: row for row in self.tree.rows("firewall service custom")}
        self.groups = {row.name: row for row in self.tree.rows("firewall service group")}

    def of(self, names: Iterable[str], protocol: str) -> tuple[Span, ...]:
        """The ports of a protocol ("tcp", "udp", "sctp") that all the names stand for together.

        Raises:
            UnreadableError: one is not in the file, or is no service by ports.
        """
        found = sorted({span for name in dict.fromkeys(names) for span in self._one(name, protocol)})
        if len(found) > MAX_SPANS:
            raise UnreadableError("a policy with too many services")
        return tuple(found)

    def _one(self, name: str, protocol: str) -> tuple[Span, ...]:
        if (name, protocol) not in self._known:
            parts = members(name, self.groups)
            self._known[name, protocol] = tuple(
                dict.fromkeys(span for member in parts for span in self._ports(member, protocol))
            )
        return self._known[name, protocol]

    def _ports(self, name: str, protocol: str) -> Iterator[Span]:
        block = self.blocks.get(name)
        if block is None:
            known = _SERVICES.get(name)
            if known is None:
                raise UnreadableError(f"service {name}")
            yield from map(_span, dict(zip(("tcp", "udp"), known, strict=True)).get(protocol, "").split())
            return
        kind = block.one("protocol", "TCP/UDP/SCTP").upper()
        if "fqdn" in block.settings or block.one("iprange", _ANY) != _ANY:
            raise UnreadableError(f"service {name}")
        if kind == "IP":
            number = block.one("protocol-number", "0")
            if number == "0" or number == {"tcp": "6", "udp": "17", "sctp": "132"}.get(protocol):
                yield EVERY_PORT
        elif kind in ("ALL", "HTTP", "FTP", "CONNECT", "SOCKS-TCP", "SOCKS-UDP"):
            raise UnreadableError(f"service {name}")  # of the proxy
        elif not kind.startswith("ICMP"):
            words = block.words(f"{protocol}-portrange")
            if len(words) > MAX_SPANS:
                raise UnreadableError(f"service {name}: more than {MAX_SPANS} ranges")
            # A range behind a colon is that of the one who asks.
            yield from (_span(word.partition(":")[0]) for word in words)


def _span(text: str) -> Span:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal() and len(first) < 6 and len(last) < 6):
        raise UnreadableError(f"port {text[:20]}")
    return int(first), int(last or first)


def at_times(tree: Tree, name: str) -> bool | None:
    """Whether a schedule ever runs; None: a single time, of which only the day of reading would tell, or not known."""
    rows = {row.name: row for row in tree.rows("firewall schedule recurring")}
    groups = {row.name: row for row in tree.rows("firewall schedule group")}
    told = [_recurs(one, rows) for one in members(name, groups)]
    return True if True in told else None if None in told else False


def _recurs(name: str, rows: dict[str, Block]) -> bool | None:
    if name in ("", "always"):
        return True
    days = rows[name].words("day") if name in rows else ()
    return False if name == "none" or days == ("none",) else True if days else None


def by_address(row: Block) -> bool:
    """Whether who may ask is told by addresses: not by the names of services of the Internet."""
    named = (row.words(name) for name in row.settings if name.startswith("internet-service-src"))
    return all(words in ((), ("disable",)) for words in named)


def zones(tree: Tree) -> dict[str, tuple[str, ...]]:
    """The interfaces of each zone, those of SD-WAN too."""
    found = {row.name: row.words("interface")[:MAX_MEMBERS] for row in tree.rows("system zone")}
    for name in SDWAN:
        for table in tree.tables(name):
            for row in table.rows("members")[:MAX_MEMBERS]:
                zone = row.one("zone", "virtual-wan-link")
                found[zone] = (*found.get(zone, ()), row.one("interface"))
    return found
