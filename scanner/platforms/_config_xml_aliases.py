"""config.xml's aliases: names for addresses, networks and ports, which may name each other.

Source: pfSense documentation, "Aliases"; OPNsense documentation, "Aliases".
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from scanner.platforms._config_xml import Node, sections
from scanner.platforms._networks import Networks, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import Span

MOST_PARTS = 256  # addresses or ports of one alias; stops a long one from multiplying with every rule
MOST_ALIASES = 4096

EVERY_PORT: tuple[Span, ...] = ((1, 65535),)
# OPNsense takes the names of /etc/services; those that its menus offer.
_NAMED = {
    "cvsup": 5999, "domain": 53, "domain-s": 853, "ftp": 21, "hbci": 3000, "http": 80, "https": 443, "aol": 5190,
    "auth": 113, "imap": 143, "imaps": 993, "ipsec-msft": 4500, "isakmp": 500, "l2f": 1701, "ldap": 389, "ldaps": 636,
    "ms-streaming": 1755, "afs3-fileserver": 7000, "microsoft-ds": 445, "ms-wbt-server": 3389, "msnp": 1863,
    "nntp": 119, "ntp": 123, "netbios-dgm": 138, "netbios-ns": 137, "netbios-ssn": 139, "openvpn": 1194, "pop3": 110,
    "pop3s": 995, "pptp": 1723, "radius": 1812, "radius-acct": 1813, "avt-profile-1": 5004, "sip": 5060, "smtp": 25,
    "igmpv3lite": 465, "urd": 465, "snmp": 161, "snmptrap": 162, "ssh": 22, "nat-stun-port": 3478, "submission": 587,
    "teredo": 3544, "telnet": 23, "tftp": 69, "rfb": 5900,
}  # fmt: skip


@dataclass(slots=True)
class Aliases:
    """The aliases by name: their type and what they hold."""

    known: dict[str, tuple[str, tuple[str, ...]]]
    _sets: dict[str, Networks | None] = field(default_factory=dict)
    _ports: dict[str, tuple[Span, ...] | None] = field(default_factory=dict)

    def addresses(self, word: str) -> Networks:
        """The networks that an address, a network or an alias is; those of IPv6 are left out.

        Raises:
            UnreadableError: what it holds stands elsewhere (a name, a table, a country), or it is too large.
        """
        if word not in self._sets:
            try:
                self._sets[word] = networks(_masked(part) for part in self._parts(word) if ":" not in part)
            except UnreadableError:
                self._sets[word] = None
        if (found := self._sets[word]) is None:
            raise UnreadableError(word)
        return found

    def ports(self, word: str) -> tuple[Span, ...]:
        """The ports that a number, a range or an alias is.

        Raises:
            UnreadableError: it is none.
        """
        if word not in self._ports:
            try:
                self._ports[word] = tuple(dict.fromkeys(_span(part) for part in self._parts(word)))
            except UnreadableError:
                self._ports[word] = None
        if (found := self._ports[word]) is None:
            raise UnreadableError(word)
        return found

    def _parts(self, word: str) -> list[str]:
        """What an alias holds, with what those in it hold; each of them once, so that they may name each other."""
        waiting, seen, parts = [word], {word}, []
        while waiting:
            name = waiting.pop()
            kind, content = self.known.get(name, ("", ()))
            if not kind:
                parts.append(name)
            elif kind not in ("host", "network", "networkgroup", "port"):
                raise UnreadableError(name)
            fresh = [part for part in content if part not in seen]
            seen.update(fresh)
            waiting += reversed(fresh)
            if len(seen) > MOST_PARTS:
                raise UnreadableError(word)
        return parts


def read_aliases(root: Node) -> Aliases:
    """The aliases of either form."""
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    for node in sections(root, "OPNsense/Firewall/Alias/aliases/alias", "aliases/alias"):
        if len(known) >= MOST_ALIASES or node.word("enabled") == "0":
            continue
        content = node.words("content", "\n") or node.words("address", " \n\t,")
        known.setdefault(node.word("name"), (node.word("type") or "host", tuple(content[: MOST_PARTS + 1])))
    known.pop("", None)
    return Aliases(known)


def _masked(word: str) -> str:
    """A network with its host bits taken off, as the packet filter does."""
    if "/" not in word:
        return word
    try:
        return str(IPv4Network(word, strict=False))
    except ValueError as error:
        raise UnreadableError(word) from error


def _span(word: str) -> Span:
    """A port, or a range written `5000-5010` or `5000:5010`; `any` at either end is the last or the first one.

    >>> _span("5000:5010"), _span("https")
    ((5000, 5010), (443, 443))
    """
    first, dash, last = word.replace(":", "-").partition("-")
    if word in _NAMED:
        return _NAMED[word], _NAMED[word]
    low, high = _port(first, 1), _port(last, 65535) if dash else _port(first, 65535)
    return (low, high) if low <= high else (high, low)


def _port(word: str, unless: int) -> int:
    if word in ("any", ""):
        return unless
    if not (word.isascii() and word.isdigit() and len(word) <= 5 and 0 < int(word) <= 65535):
        raise UnreadableError(word)
    return int(word)
