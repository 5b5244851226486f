"""The port forwards of a Vyatta configuration: EdgeOS's wizard, and the rules of address translation. Pure.

Sources: EdgeOS, "Port Forwarding" and "Destination NAT" (`service nat rule`, `type destination`); VyOS, "NAT44"
(`nat destination rule`; since 1.4 an interface has its name one word deeper, and several targets may share the load).
"""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from inventory.gateway import PortForward
from inventory.text import clean
from scanner.platforms._networks import ANYWHERE, Networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import read_span
from scanner.platforms._vyatta import Bad, Configuration, Node
from scanner.platforms._vyatta_conditions import Groups, protocols, written_ports
from scanner.platforms._vyatta_firewall import ordered
from scanner.platforms._vyatta_interfaces import Ways

MAX_RULES = 512  # forwards; a practice has thirty. Stops lists that multiply
MAX_KEPT = 64  # exceptions, each looked at for each forward
MAX_MADE = 4 * MAX_RULES  # forwards made, those that are there already with them

_KNOWN = frozenset({
    "description", "destination", "disable", "exclude", "inbound-interface", "log", "protocol", "source",
    "translation", "inside-address", "type", "load-balance", "packet-type",
})  # fmt: skip
_EVERY_PORT = "1-65535"
# What an earlier rule leaves as it is, for everybody: by which interfaces (None: all), protocol, ports.
_Exception = tuple[tuple[str | None, ...], str, str]


def read_forwards(config: Configuration, ways: Ways) -> tuple[dict[PortForward, int], Bad]:
    """The forwards with their lines, and the rules that could not be read.

    Those that are switched off are there too, marked so. What is sent on to IPv6 is none that a fact can hold.
    """
    found: dict[PortForward, int] = {}
    # Facts have no word for forwards of IPv6.
    translated = config.root.below("nat66", "destination", "rule")[:MAX_RULES]
    bad: Bad = [(rule.line, f"nat66 rule {rule.word}") for rule in translated if not rule.has("disable")]
    made = 0
    kept: list[_Exception] = []
    groups = Groups(config.root, ways)
    for count, rule in enumerate(_rules(config.root)):
        if count >= MAX_MADE:
            bad.append((rule.line, f"rule {rule.word}"))
            break
        try:
            for forward in _forwards(rule, config.root, groups):
                made += 1
                if made > MAX_MADE or len(found) >= MAX_RULES:
                    return found, [*bad, (rule.line, f"rule {rule.word}")]
                if not any(_left(forward, exception) for exception in kept):
                    found.setdefault(forward, rule.line)
            if rule.has("exclude") and not rule.has("disable"):
                kept = [*kept, *_exceptions(rule, groups)][:MAX_KEPT]
        except UnreadableError:
            bad.append((rule.line, f"rule {rule.word} {clean(rule.value('description'))}".rstrip()))
    return found, bad


def _rules(root: Node) -> Iterator[Node]:
    """The rules that may send on, in the order in which they are asked."""
    if wizard := root.at("port-forward"):
        yield from ordered(wizard)
    if nat := root.at("service", "nat"):
        yield from (rule for rule in ordered(nat) if rule.value("type") == "destination")
    for kind in ("destination", "static"):  # a static one sends on every port of an outer address
        if nat := root.at("nat", kind):
            yield from ordered(nat)


def _forwards(rule: Node, root: Node, groups: Groups) -> Iterator[PortForward]:
    if rule.has("forward-to"):
        yield from _of_wizard(rule, root.at("port-forward") or rule)
        return
    if rule.has("exclude") or rule.has("translation", "redirect"):
        return
    if stranger := set(rule.kids) - _KNOWN:
        raise UnreadableError(min(stranger))
    source, destination = rule.at("source"), rule.at("destination")
    spoken = protocols(rule.value("protocol"))
    inside, but = groups.interfaces(rule.at("inbound-interface"))
    sources, destinations = groups.addresses(source), groups.addresses(destination)
    ports = groups.ports(destination) or [_EVERY_PORT]
    for target, port in _targets(rule) if spoken else ():
        for name in inside:
            for protocol in spoken:
                for outer in ports:
                    yield PortForward(
                        f"{protocol}/{outer}", target, port, name, but, _some(sources), _some(destinations), "static",
                        clean(rule.value("description")) or None, _enabled(rule),
                    )  # fmt: skip


def _some(networks: Networks | None) -> Networks | None:
    return None if networks == ANYWHERE else networks


def _enabled(rule: Node) -> bool | None:
    return False if rule.has("disable") else None


def _targets(rule: Node) -> Iterator[tuple[IPv4Address, str | None]]:
    """Where a rule sends to, and at which port: one place, or each that shares the load."""
    to = rule.at("inside-address") or rule.at("translation") or rule
    ports = written_ports(to.words("port"))
    port = ports[0] if len(ports) == 1 else None
    if len(ports) > 1:
        raise UnreadableError(ports[1])
    backends = rule.words("load-balance", "backend")
    for word in backends or (to.value("address"),):
        yield _address(word), port


def _address(word: str) -> IPv4Address:
    try:
        return IPv4Address(word.removesuffix("/32"))
    except AddressValueError as error:
        raise UnreadableError(word) from error


def _of_wizard(rule: Node, wizard: Node) -> Iterator[PortForward]:
    """A rule of `port-forward`; the wizard says once by which interface all of them come in."""
    target = _address(rule.value("forward-to", "address"))
    ports = written_ports(rule.words("forward-to", "port"))
    if len(ports) > 1:
        raise UnreadableError(ports[1])
    names = tuple(filter(None, map(clean, wizard.words("wan-interface")))) or (None,)
    comment = clean(rule.value("description")) or None
    for name in names[:MAX_RULES]:
        for protocol in protocols(rule.value("protocol")):
            for outer in written_ports(rule.words("original-port")) or [_EVERY_PORT]:
                yield PortForward(
                    f"{protocol}/{outer}", target, ports[0] if ports else None, name, comment=comment,
                    enabled=_enabled(rule),
                )  # fmt: skip


def _exceptions(rule: Node, groups: Groups) -> Iterator[_Exception]:
    """What a rule with `exclude` takes from all later rules; one for some addresses only takes nothing whole."""
    inside, but = groups.interfaces(rule.at("inbound-interface"))
    if but or groups.addresses(rule.at("source")) is not None or groups.addresses(rule.at("destination")) is not None:
        return
    for port in groups.ports(rule.at("destination")) or [_EVERY_PORT]:
        for protocol in protocols(rule.value("protocol")):
            yield inside, protocol, port


def _left(forward: PortForward, exception: _Exception) -> bool:
    inside, spoken, port = exception
    protocol, _, outer = forward.external.partition("/")
    if protocol != spoken or not (None in inside or forward.interface in inside):
        return False
    low, high = read_span(port)
    first, last = read_span(outer)
    return low <= first and last <= high
