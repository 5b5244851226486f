"""The interfaces of a RouterOS export: addresses, by which of them a default route leaves, and interface lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network

from inventory.gateway import Interface
from inventory.text import clean
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement

MAX_INTERFACES = 128  # a practice's router has about twenty. Stops a device from slowing the rules
MAX_ADDRESSES = 256  # as above
MAX_ROUTES = 64  # default routes, and gateways of them; a practice has two. Stops a search for each of thousands
MAX_DEPTH = 4  # interface lists inside interface lists, routes to gateways; stops those that name each other
MAX_HOSTS = 128  # static routes that are no default ones; a practice has five. Stops a search through thousands
MAX_PORTS = 512  # of all bridges
MAX_STEPS = 256  # lists and members looked at for one list; a practice has ten. Stops lists that name many each

FACT = "system.interfaces"
BUILTIN = frozenset({"all", "none", "dynamic", "static"})

# Clients that a provider gives a default route, and whether a new one asks for it and runs unless said otherwise.
_DIALLED = {
    "interface pppoe-client": ("no", "yes"),
    "interface ppp-client": ("yes", "yes"),
    "interface l2tp-client": ("no", "yes"),
    "interface pptp-client": ("no", "yes"),
    "interface sstp-client": ("no", "yes"),
    "interface ovpn-client": ("no", "yes"),
}
_EVERYWHERE = frozenset({None, "", "0.0.0.0/0"})
_NO_ROUTE = frozenset({"blackhole", "unreachable", "prohibit"})


@dataclass(slots=True)
class Ways:
    """What an export says of its interfaces."""

    addresses: dict[str, dict[IPv4Interface, int]] = field(default_factory=dict)
    outer: dict[str, int] = field(default_factory=dict)  # a default route leaves by it → line
    leased: dict[str, int] = field(default_factory=dict)  # its address is given by somebody else → line
    carriers: set[str] = field(default_factory=set)  # what a dial-in or a VLAN stands on
    hosts: dict[IPv4Network, str] = field(default_factory=dict)  # other static routes: where to → gateway
    ports: Mapping[str, Statement] = field(default_factory=dict)  # of bridges
    learns: tuple[int, str] | None = None  # routers may tell it routes (OSPF, BGP, RIP), a default one maybe
    partial: bool = False  # the export does not say whether they do
    bad: list[tuple[int, str]] = field(default_factory=list)

    def interfaces(self) -> tuple[tuple[Interface, ...], dict[str, int]]:
        """The interfaces, and where each stands; "no default route" only when every route was understood."""
        names = list(dict.fromkeys((*self.addresses, *self.outer, *self.leased)))[:MAX_INTERFACES]
        lines: dict[str, int] = {}
        found = []
        for place, name in enumerate(names):
            own = self.addresses.get(name, {})
            known = tuple(dict.fromkeys(item.ip for item in own)) if own and name not in self.leased else None
            unsure = self.bad or self.learns or self.partial or name in self.leased
            default = True if name in self.outer else None if unsure else False
            found.append(Interface(name, known, default))
            pointer = f"/system/interfaces/{place}"
            lines[pointer] = next(iter(own.values()), self.leased.get(name) or self.outer.get(name, 1))
            if name in self.outer:
                lines[f"{pointer}/default_route"] = self.outer[name]
        return tuple(found), lines


def read_ways(export: Export) -> Ways:
    """The interfaces that have an address, ask for one, or lead outside.

    A member of the list WAN counts as leading outside (MikroTik's own default configuration says so by that name),
    unless another client stands on it.
    """
    ways = Ways(ports=ports(export))
    own = [item for item in export.of("ip address") if item.verb == "add" and item.enabled]
    for item in own[:MAX_ADDRESSES]:
        _add_address(ways, item)
    ways.bad += [(item.line, item.text) for item in own[MAX_ADDRESSES:][:1]]
    for item in export.of("interface vlan", "interface macvlan", *_DIALLED):
        ways.carriers.add(item.values.get("interface", ""))
    # A new DHCP client runs since version 7; before, `disabled=no` is written when it does.
    asleep = "no" if (export.major or 0) >= 7 else "yes"
    for item in export.of("ip dhcp-client"):
        running = item.verb == "add" and item.values.get("disabled", asleep) == "no" and not item.idle
        if running and (name := _interface(item)):
            ways.leased[name] = item.line
            if item.values.get("add-default-route", "yes") != "no":
                ways.outer[name] = item.line
    for menu, (asks, resting) in _DIALLED.items():
        for item in export.of(menu):
            if item.verb == "add" and item.values.get("disabled", resting) == "no":
                _dial(ways, item, asks)
    _lte(ways, export)
    _learn(ways, export)
    defaults = [item for item in export.of("ip route") if _is_default(item)]
    lost = [item for item in defaults[:MAX_ROUTES] if not _route(ways, item)]
    ways.bad += [(item.line, item.text) for item in defaults[MAX_ROUTES:][:1]]
    try:
        for name, line in members(export, "WAN").items():
            if name not in ways.carriers and name not in ways.ports:
                ways.outer.setdefault(name, line)
    except UnreadableError:
        ways.bad += [(item.line, item.text) for item in export.of("interface list member", "interface list")][:1]
    _find(ways, lost)
    ways.bad += [(line, text) for menu, line, text in export.bad if menu in _MENUS]
    return ways


def _find(ways: Ways, lost: list[Statement]) -> None:
    """Gateways of no network that is known: they are where somebody else gives the router its address.

    That is known when all such interfaces lead outside anyway, or when there is only one.
    """
    if lost and len(ways.leased) == 1:
        ways.outer.setdefault(next(iter(ways.leased)), lost[0].line)
    elif lost and not (ways.leased and ways.leased.keys() <= ways.outer.keys()):
        ways.bad += [(item.line, item.text) for item in lost]


_LEARNING = (
    "routing bgp peer", "routing bgp connection", "routing ospf network", "routing ospf interface",
    "routing ospf interface-template", "routing rip network", "routing rip interface", "routing rip interface-template",
)  # fmt: skip
_MENUS = frozenset({"ip address", "ip dhcp-client", "ip route", "interface lte", "interface list member", *_DIALLED})


def _interface(item: Statement) -> str:
    return clean(item.values.get("interface", ""))


def _add_address(ways: Ways, item: Statement) -> None:
    try:
        address = IPv4Interface(item.values.get("address", ""))
    except ValueError:
        ways.bad.append((item.line, item.text))
        return
    if name := _interface(item):
        ways.addresses.setdefault(name, {}).setdefault(address, item.line)


def _dial(ways: Ways, item: Statement, asks: str) -> None:
    if name := clean(item.values.get("name", "")):
        ways.leased[name] = item.line
        if item.values.get("add-default-route", asks) == "yes":
            ways.outer[name] = item.line


def _lte(ways: Ways, export: Export) -> None:
    """Modems: their access point's profile decides, and asks for a default route unless it says no."""
    routed = all(item.values.get("add-default-route", "yes") == "yes" for item in export.of("interface lte apn"))
    for item in export.of("interface lte"):
        name = clean(item.values.get("name") or item.item.removeprefix("default-name="))
        if item.verb == "set" and item.enabled and name and "=" not in name:
            ways.leased.setdefault(name, item.line)
            if routed:
                ways.outer.setdefault(name, item.line)


def _learn(ways: Ways, export: Export) -> None:
    """Notes what else decides about ways: routes to gateways, and routers that tell of theirs."""
    others = [item for item in export.of("ip route") if item.verb == "add" and item.enabled and not _is_default(item)]
    for item in others[:MAX_HOSTS]:
        try:
            network = IPv4Network(item.values.get("dst-address", ""), strict=False)
        except ValueError:
            continue
        ways.hosts.setdefault(network, item.values.get("gateway", "").partition(",")[0])
    told = [(item.line, item.text) for item in export.of(*_LEARNING) if item.verb == "add" and item.enabled]
    told += [(line, text) for menu, line, text in export.bad if menu in _LEARNING]
    ways.learns = told[0] if told else None
    ways.partial = not all(map(export.covers, _LEARNING))


def _is_default(item: Statement) -> bool:
    """Whether a static route is a default one, as it is without `dst-address` or with an empty one, and leads on."""
    said = item.values
    nowhere = said.get("type") in _NO_ROUTE or "blackhole" in (item.item, *said)
    return item.verb == "add" and item.enabled and said.get("dst-address") in _EVERYWHERE and not nowhere


def _route(ways: Ways, item: Statement) -> bool:
    """Notes the ways of a default route; False when one of its gateways is in no network that is known."""
    names = [
        _leaves_by(ways, gateway) for gateway in item.values.get("gateway", "").split(",", MAX_ROUTES)[:MAX_ROUTES]
    ]
    for name in names:
        if name is not None:
            ways.outer.setdefault(name, item.line)
    return None not in names


def _leaves_by(ways: Ways, gateway: str, depth: int = 0) -> str | None:
    """The interface of a gateway: named, after `%`, or the one in whose network its address is.

    A gateway that is nobody's neighbour is reached by the route to it, as whoever watches two providers has it.
    """
    address, _, name = gateway.partition("%")
    address = address.partition("@")[0]
    try:
        there = IPv4Address(address)
    except AddressValueError:
        return clean(name or address) or None
    if name:
        return clean(name) or None
    near = [
        (own.network.prefixlen, name) for name, all_ in ways.addresses.items() for own in all_ if there in own.network
    ]
    if near:
        return max(near)[1]
    routes = [network for network in ways.hosts if there in network] if depth < MAX_DEPTH else []
    next_ = ways.hosts[max(routes, key=lambda network: network.prefixlen)] if routes else ""
    return _leaves_by(ways, next_, depth + 1) if next_ else None


def ports(export: Export) -> Mapping[str, Statement]:
    """The ports of bridges, each with what puts it there; the members of a list that stands in their place."""
    found: dict[str, Statement] = {}
    for item in export.menus.get("interface bridge port", [])[:MAX_PORTS]:
        if item.verb != "add" or item.values.get("disabled", "no") == "yes":
            continue
        name = item.values.get("interface", "")
        try:
            names = members(export, name) if export.named("interface list", "name", name) else {clean(name): 0}
        except UnreadableError:
            continue
        for port in names:
            if len(found) < MAX_PORTS:
                found.setdefault(port, item)
    return found


def members(export: Export, name: str) -> Mapping[str, int]:
    """The interfaces of a list with their lines, those of the lists it includes too.

    Raises:
        UnreadableError: a built-in list that changes by itself, lists that include each other, too many interfaces.
    """
    return _Members(export).of(name)


class _Members:
    """One search through interface lists, which ends after so many steps whatever they say of each other."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._left = MAX_STEPS

    def of(self, name: str, depth: int = 0) -> dict[str, int]:
        if name in BUILTIN or depth > MAX_DEPTH:
            raise UnreadableError(name)
        lists = [item for item in self._export.named("interface list", "name", name) if item.verb == "add"]
        rows = self._export.named("interface list member", "list", name)
        self._left -= 1 + len(lists) + len(rows)
        if self._left < 0:
            raise UnreadableError(name)
        found: dict[str, int] = {}
        for inner in self._inner(lists, "include"):
            found |= self.of(inner, depth + 1)
        for item in rows:
            if item.verb == "add" and item.enabled and (member := _interface(item)):
                found.setdefault(member, item.line)
        for inner in self._inner(lists, "exclude"):
            for member in self.of(inner, depth + 1):
                found.pop(member, None)
        if len(found) > MAX_INTERFACES:
            raise UnreadableError(name)
        return found

    @staticmethod
    def _inner(lists: Iterable[Statement], key: str) -> Iterable[str]:
        return dict.fromkeys(word for item in lists for word in _names(item.values.get(key, "")))


def _names(words: str) -> Iterable[str]:
    return filter(None, words.split(",", MAX_ROUTES)[:MAX_ROUTES])


def networks_of(text: str) -> tuple[IPv4Network, ...]:
    """The IPv4 networks of a list such as `192.168.88.0/24,::/0`, the others left out.

    Raises:
        UnreadableError: a word that is no network.
    """
    found = []
    for word in _names(text):
        if ":" in word:
            continue
        try:
            found.append(IPv4Network(word, strict=False))
        except ValueError as error:
            raise UnreadableError(word) from error
    return tuple(found)
