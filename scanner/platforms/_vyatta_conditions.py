"""What a Vyatta rule is about: protocols, ports, addresses and the groups that hold them. Pure.

Shared by packet filters and address translation. Sources: VyOS, "Firewall Configuration", "Groups", "NAT44"; EdgeOS,
`firewall group`, whose groups ADDRv4_eth0 and NETv4_eth0 are the addresses of an interface.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network

from inventory.network import Protocol
from inventory.text import clean
from scanner.platforms._networks import Networks, everything_but, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import Span, read_span
from scanner.platforms._vyatta import Node
from scanner.platforms._vyatta_interfaces import Ways

MAX_LISTED = 1024  # addresses of one group; past 128 networks no fact can hold them anyway
MAX_PORTS = 128  # ports of one condition; a practice's longest list has ten

Ports = tuple[Span, ...]

_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
# The names that rules of practices give ports, as /etc/services of Debian 12 has them.
_NAMED = {
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80,
    "www": 80, "pop3": 110, "ntp": 123, "imap": 143, "imap2": 143, "snmp": 161, "snmp-trap": 162, "snmptrap": 162,
    "ldap": 389, "https": 443, "microsoft-ds": 445, "isakmp": 500, "ldaps": 636, "imaps": 993, "pop3s": 995,
    "openvpn": 1194, "l2tp": 1701, "pptp": 1723, "ms-wbt-server": 3389, "mysql": 3306, "postgresql": 5432, "sip": 5060,
    "http-alt": 8080, "ipsec-nat-t": 4500, "syslog": 514, "radius": 1812, "nfs": 2049, "rsync": 873, "git": 9418,
    "domain-s": 853, "mdns": 5353, "kerberos": 88, "auth": 113, "bgp": 179, "submission": 587, "submissions": 465,
    "printer": 515, "ipp": 631, "ms-sql-s": 1433, "mqtt": 1883, "secure-mqtt": 8883, "sip-tls": 5061, "redis": 6379,
    "iscsi-target": 3260, "sunrpc": 111, "xmpp-client": 5222, "afpovertcp": 548, "zabbix-agent": 10050,
    "zabbix-trapper": 10051, "webmin": 10000, "radius-acct": 1813, "tinc": 655, "svn": 3690,
    "dhcpv6-client": 546, "dhcpv6-server": 547, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139,
}  # fmt: skip
_PROTOCOLS: dict[str, tuple[Protocol, ...]] = {
    "tcp": ("tcp",), "6": ("tcp",), "udp": ("udp",), "17": ("udp",), "tcp_udp": ("tcp", "udp"), "": ("tcp", "udp"),
    "all": ("tcp", "udp"), "ip": ("tcp", "udp"), "0": ("tcp", "udp"),
}  # fmt: skip
_OF_INTERFACE = re.compile(r"(ADDR|NET)v4_(\S{1,40})")


def protocols(word: str) -> tuple[Protocol, ...]:
    """Which of TCP and UDP a condition is about: both when it names none, () when it names another.

    >>> protocols("tcp_udp"), protocols("!tcp"), protocols("icmp")
    (('tcp', 'udp'), ('udp',), ())
    """
    word = word.lower()
    if word.startswith("!"):
        return tuple(one for one in _PROTOCOLS[""] if one not in _PROTOCOLS.get(word[1:], ()))
    return _PROTOCOLS.get(word, ())


def written_ports(words: tuple[str, ...]) -> list[str]:
    """The ports and ranges as they are written, names as numbers, without those that stand twice.

    Raises:
        UnreadableError: one is neither, or there are too many.

    >>> written_ports(("80,443", "58050-58051", "ssh"))
    ['80', '443', '58050-58051', '22']
    """
    found: dict[str, None] = {}
    if len(words) > MAX_PORTS or any(len(word) > MAX_LISTED for word in words):
        raise UnreadableError(words[0][:40])
    for part in (part for word in words for part in word.split(",")):
        number = str(_NAMED[part]) if part in _NAMED else part
        match = _PORT.fullmatch(number)
        if match is None or any(int(end) > 65535 for end in match.groups() if end) or len(found) >= MAX_PORTS:
            raise UnreadableError(part[:40])
        found[match[1] if match[2] in (None, match[1]) else number] = None
    return list(found)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a configuration, and the addresses of its interfaces that stand behind some of them."""

    root: Node
    ways: Ways

    def _members(self, kind: str, key: str, name: str) -> tuple[str, ...]:
        node = self.root.at("firewall", "group", kind, name.lstrip("!"))
        if node is None:
            raise UnreadableError(name)
        words = list(node.words(key))
        for inner in node.words("include")[:8]:  # one deep: groups of groups of groups are nobody's
            other = self.root.at("firewall", "group", kind, inner)
            if other is None or other.has("include"):
                raise UnreadableError(inner)
            words += other.words(key)
        if len(words) > MAX_LISTED or not words:
            raise UnreadableError(name)
        return tuple(words)

    def addresses(self, end: Node | None) -> Networks | None:
        """The IPv4 addresses that `source` or `destination` names, None: all.

        Raises:
            UnreadableError: a name, a country, an empty group or one that is not there.
        """
        if end is None:
            return None
        if end.has("fqdn") or end.has("geoip") or end.has("mac-address"):
            raise UnreadableError("fqdn")
        words = list(end.words("address"))
        for kind in end.below("group"):
            if not kind.word.startswith(("port", "ipv6")):
                words += self._of_group(kind)
        if not words:
            return None
        wanted = [word for word in words if not word.startswith("!")]
        unwanted = [word[1:] for word in words if word.startswith("!")]
        if wanted and unwanted:
            raise UnreadableError(words[0])
        return everything_but(_networks(tuple(unwanted))) if unwanted else _networks(tuple(wanted))

    def _of_group(self, kind: Node) -> list[str]:
        name = kind.value()
        sign = "!" if name.startswith("!") else ""
        if special := _OF_INTERFACE.fullmatch(name.lstrip("!")):
            return [sign + word for word in self._of_interface(special[1], special[2])]
        if kind.word not in ("address-group", "network-group"):
            raise UnreadableError(kind.word)
        return [sign + word for word in self._members(kind.word, kind.word.partition("-")[0], name)]

    def _of_interface(self, kind: str, name: str) -> list[str]:
        way = self.ways.by_name.get(name)
        if kind == "ADDR" and way and way.dynamic and not way.addresses:
            return ["0.0.0.0/0"]  # whatever its address is now
        if way is None or not way.addresses:
            raise UnreadableError(name)
        return [str(own.ip if kind == "ADDR" else own.network) for own in way.addresses]

    def ports(self, end: Node | None) -> list[str] | None:
        """The ports that `destination` names as written, None: all.

        Raises:
            UnreadableError: no port, or all but some.
        """
        if end is None:
            return None
        words = end.words("port")
        for group in end.below("group", "port-group"):
            if group.word.startswith("!"):
                raise UnreadableError(group.word)
            words += self._members("port-group", "port", group.word)
        if any(word.startswith("!") for word in words):
            raise UnreadableError(words[0])
        return written_ports(words) if words else None

    def named(self, end: Node | None) -> tuple[Ports | None, bool]:
        """The ports that `destination` names, None: all; and whether it means all but those."""
        words = end.words("port") if end else ()
        if len(words) == 1 and words[0].startswith("!"):
            return tuple(map(read_span, written_ports((words[0][1:],)))), True
        written = self.ports(end)
        return None if written is None else tuple(map(read_span, written)), False

    def takes(self, end: Node | None, port: int) -> bool:
        """Whether a port is one that `destination` names."""
        spans, but = self.named(end)
        return spans is None or any(low <= port <= high for low, high in spans) != but

    def interfaces(self, node: Node | None) -> tuple[tuple[str | None, ...], tuple[str, ...] | None]:
        """By which interfaces traffic comes in, (None,): any; and by which it does not. `eth+` is written `eth*`."""
        if node is None or not node.kids:
            return (None,), None
        words = list(node.words("name") or node.words("interface-name"))
        for group in node.words("group") or node.words("interface-group"):
            sign = "!" if group.startswith("!") else ""
            words += [sign + word for word in self._members("interface-group", "interface", group)]
        words = words or list(node.words())
        if words in (["any"], ["all"]):
            return (None,), None
        names = tuple(clean(word.lstrip("!").replace("+", "*")) for word in words)
        if not all(names) or len({word.startswith("!") for word in words}) > 1 or len(names) > MAX_PORTS:
            raise UnreadableError("interface")
        return ((None,), names) if words[0].startswith("!") else (names, None)


@lru_cache(maxsize=32)  # hundreds of rules name the same group of a thousand addresses
def _networks(words: tuple[str, ...]) -> Networks:
    return networks(map(_masked, words))


def _masked(word: str) -> str:
    """A network with its host bits taken off, as the packet filter does."""
    try:
        return str(IPv4Network(word, strict=False)) if "/" in word else word
    except ValueError as error:
        raise UnreadableError(word) from error


def comes_by(name: str, inside: tuple[str | None, ...], but: tuple[str, ...] | None) -> bool:
    """Whether what comes in by an interface is meant."""
    if any(_matches(name, pattern) for pattern in but or ()):
        return False
    return any(pattern is None or _matches(name, pattern) for pattern in inside)


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
