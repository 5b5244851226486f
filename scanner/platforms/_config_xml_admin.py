"""config.xml: by which protocol and from which side the device may be administered, and what its sides let in.

The anti-lockout rule lets the inner network in before every other rule. Source: pfSense documentation, "Anti-lockout
Rule", "Rule Methodology"; OPNsense documentation, "Settings → Administration", and its filter.lib.inc.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, collapse_addresses
from typing import Literal

from inventory.gateway import Admin, InputChain, PortForward, Side
from scanner.platforms._config_xml import Node
from scanner.platforms._config_xml_filter import Filter, together
from scanner.platforms._config_xml_nat import redirected
from scanner.platforms._config_xml_rules import End, Rule
from scanner.platforms._config_xml_ways import Way, Ways
from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import holds, read_span


@dataclass(frozen=True, slots=True)
class Door:
    """A protocol by which the device is administered, and where it listens."""

    protocol: str
    port: int
    encrypted: bool
    keys: tuple[str, ...]  # interfaces, () all of them
    node: Node


def guarded(root: Node, ways: Iterable[str]) -> str | None:
    """The interface whose hosts the anti-lockout rule lets in; None when it is off."""
    known = list(ways)
    if root.has("system/webgui/noantilockout"):
        return None
    if len(known) == 1:
        return known[0]
    return next((key for key in ("lan", "opt1") if key in known), None)


def read_admin(root: Node, doors: Iterable[Door], packets: Filter) -> tuple[dict[Admin, int], list[Node]]:
    """The ways in with their lines; the settings of which it cannot be told from where they are reached."""
    inside = guarded(root, (key for key, way in packets.ways.by_key.items() if key != "lo0"))
    found: dict[Admin, int] = {}
    bad: list[Node] = []
    for door in doors:
        sides: dict[Side, list[Networks]] = {}
        doubted: set[Side] = set()
        for way in packets.entrances():
            key = way.key
            if door.keys and key not in door.keys:
                continue
            allowed, sure = (ANYWHERE, True) if key == inside else _let_in(root, packets, key, door.port)
            if allowed and sure:
                sides.setdefault(way.side, []).append(allowed)
            elif not sure or _by_ipv6(packets, way, door.port):
                doubted.add(way.side)
        for side, parts in sides.items():
            whole = tuple(collapse_addresses(network for part in parts for network in part))
            some = None if whole == ANYWHERE else whole
            found[Admin(door.protocol, side, door.port, door.encrypted, some)] = door.node.line
        bad += [door.node] if doubted - sides.keys() else []
    return found, bad


def _let_in(root: Node, packets: Filter, key: str, port: int) -> tuple[Networks, bool]:
    """Who reaches the port of the device itself by the interface, and whether that is sure."""
    return together(_let_in_at(root, packets, key, to, port) for to in packets.asked(key))


def _let_in_at(root: Node, packets: Filter, key: str, to: IPv4Address | None, port: int) -> tuple[Networks, bool]:
    """The same of one of its addresses there.

    Those who are sent elsewhere are only left out when nobody else is left: "everybody but a few" is everybody.
    """
    allowed, sure = packets.passing(key, to, port, "tcp")
    elsewhere = redirected(root, packets, key, to, port) if allowed or not sure else ()
    if not elsewhere:
        return allowed, sure
    try:
        rest = everything_but(elsewhere)
        return allowed if common(allowed, rest) else (), sure or not rest
    except UnreadableError:  # more networks than can be compared
        return allowed, sure


def _by_ipv6(packets: Filter, way: Way, port: int) -> bool:
    """Whether a rule of IPv6 lets somebody reach the port: facts have no word for who."""
    for rule in packets.at(way.key, 6):
        if not way.ipv6 or not rule.carries("tcp"):
            continue
        try:
            about = any(low <= port <= high for low, high in rule.destination.spans(packets.aliases))
        except UnreadableError:
            about = True
        if about and set(rule.destination.words) & {"any", "(self)", way.key, f"{way.key}ip"}:
            return rule.passes
    return False


def by_forward(forwards: Mapping[PortForward, int], doors: Iterable[Door], ways: Ways) -> dict[Admin, int]:
    """The ways in by a forward that leads to the device itself, on the port that is asked outside.

    The ports of a range lead to those of the inner one in their order.
    """
    own = {one for way in ways.by_key.values() for one in (way.addresses or ())} | {IPv4Address("127.0.0.1")}
    sides = {way.name: way.side for way in ways.by_key.values()}
    found = {}
    for forward, line in forwards.items():
        transport, _, port = forward.external.partition("/")
        if transport != "tcp" or forward.target not in own or not forward.enabled or forward.interface not in sides:
            continue
        outer, inner = read_span(port)[0], forward.target_port or port
        for door in doors:
            if holds(inner, door.port):
                asked, side = outer + door.port - read_span(inner)[0], sides[forward.interface]
                found[Admin(door.protocol, side, asked, door.encrypted, forward.source_filter)] = line
    return found


def read_input(root: Node, packets: Filter) -> dict[InputChain, int]:
    """What each interface does with what no narrower rule of it is about, with the line of the rule that says so.

    One entry where IPv4 and IPv6 are alike. A rule about everything that comes in, from everybody or from the whole of
    an inner network, decides; else nobody gets in, which stands in no line (0).
    """
    found: dict[InputChain, int] = {}
    six = root.one("system/ipv6allow") is not None
    for way in packets.entrances():
        key, lines = way.key, {}
        for family in (4, 6):
            rule = next((rule for rule in packets.at(key, family) if _sweeps(rule, key)), None)
            accepts = packets.off or (rule is not None and rule.passes and (family == 4 or six))
            lines[family] = (accepts, rule.node.line if rule and not packets.off else 0)
        alike = lines[4][0] == lines[6][0]
        for family, (accepts, line) in lines.items():
            if not alike or family == 4:
                policy: Literal["accept", "drop"] = "accept" if accepts else "drop"
                found[InputChain(key, policy, way.side, None if alike else family == 6)] = line
    return found


def _sweeps(rule: Rule, key: str) -> bool:
    """Whether a rule is about all that enters the device by the interface."""
    whole: Callable[[End, set[str]], bool] = lambda ending, words: bool(  # noqa: E731 — the same question twice
        not ending.but and not ending.ports and words & set(ending.words)
    )
    own = {"any", "(self)", key, f"{key}ip"}
    return not rule.protocol and whole(rule.source, {"any", key}) and whole(rule.destination, own)
