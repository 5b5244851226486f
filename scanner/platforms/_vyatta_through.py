"""Whether the packet filter of a Vyatta configuration lets a port forward through to the host it leads to. Pure.

A forward that no rule lets through is written down, and does nothing: it is told as switched off. EdgeOS's wizard opens
the filter by itself (`auto-firewall`). Where it cannot be told, the forward stays as it is written. Sources: VyOS,
"NAT44", "Firewall Configuration" of 1.2 to 1.5; EdgeOS, "Port Forwarding" and "Destination NAT".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from inventory.gateway import PortForward
from scanner.platforms._networks import ANYWHERE, Networks, common
from scanner.platforms._reading import UnreadableError
from scanner.platforms._spans import Span, opened, parts, read_span, written
from scanner.platforms._vyatta import Node
from scanner.platforms._vyatta_conditions import comes_by
from scanner.platforms._vyatta_firewall import Asked, Chain, Filter, joined
from scanner.platforms._vyatta_interfaces import Way

MAX_ASKED = 128  # forwards whose hosts are looked for; a practice has thirty. What leads elsewhere stays as written
MAX_RULES = 1024  # of all chains together, whose ports cut the ranges; past them a range stays as it is written
MAX_MADE = 1024  # forwards; stops ranges that rules cut from multiplying
MAX_WAYS = 16  # interfaces that one forward comes in by; each is asked of the filter
_MOST = 1 << 31  # addresses: who lets in more keeps some out, and is open to everybody


def let_through(forwards: Mapping[PortForward, int], shield: Filter) -> dict[PortForward, int]:
    """The forwards as the filter leaves them: for whom it lets in, or switched off."""
    wizard = shield.root.at("port-forward")
    opens = wizard is not None and wizard.value("auto-firewall") != "disable"  # as it does unless it is told not to
    by_itself = {rule.line for rule in wizard.below("rule")} if wizard and opens else set()
    own = shield.ways.own()
    leads = {forward.target: shield.ways.of(forward.target) for forward in list(forwards)[:MAX_ASKED]}
    found: dict[PortForward, int] = {}
    named = _named(shield)
    for forward, line in forwards.items():
        told = [forward]
        to = leads.get(forward.target)
        asked = to and forward.target not in own and forward.enabled is not False and line not in by_itself
        if to and asked and len(found) < MAX_MADE:
            try:
                told = _told(forward, to, shield, named)
            except UnreadableError:
                told = [forward]
        found |= {one: found.get(one, line) for one in told}
    return found


def _named(shield: Filter) -> list[Span] | None:
    """The ports that rules name, whatever chain they are of; None: there are more rules than anybody has."""
    firewall = shield.root.at("firewall") or Node("", 0)
    chains = [*firewall.below("name"), *firewall.below("ipv4", "name"), *firewall.below("ipv4", "forward")]
    rules = list(islice((rule for chain in chains for rule in chain.below("rule")), MAX_RULES + 1))
    found: dict[Span, None] = {}
    for rule in rules:
        try:
            found |= dict.fromkeys(shield.groups.named(rule.at("destination"))[0] or ())
        except UnreadableError:
            continue  # asked, it says so of each port alike
    return None if len(rules) > MAX_RULES else list(found)


def _told(forward: PortForward, to: Way, shield: Filter, named: list[Span] | None) -> list[PortForward]:
    """A forward as the filter leaves it: the parts of its range that are let through, or all of it as switched off."""
    ways = [way for way in shield.ways.by_name.values() if way.side and _enters(way, forward)][:MAX_WAYS]
    if not ways:
        return [forward]
    protocol, _, outer = forward.external.partition("/")
    inner = read_span(forward.target_port or outer)
    if named is None and inner[0] < inner[1]:
        raise UnreadableError(outer)
    answers = [(part, _who(forward, part[0], ways, to, shield)) for part in parts(inner, named or ())]
    told = opened(answers, ())
    if [part for part, _ in told] == [inner]:
        return [_for(forward, told[0][1])]
    if inner != read_span(outer):  # which outer port leads to which inner one is not told
        raise UnreadableError(outer)
    shown = [(f"{protocol}/{written(part)}", written(part), who) for part, who in told]
    return [_for(replace(forward, external=external, target_port=forward.target_port and port), who)
            for external, port, who in shown]  # fmt: skip


def _for(forward: PortForward, who: Networks | None) -> PortForward:
    return replace(forward, enabled=False) if who == () else replace(forward, source_filter=who)


def _who(forward: PortForward, port: int, ways: list[Way], to: Way, shield: Filter) -> Networks | None:
    """Who gets through to an inner port, as facts have it: None everyone, () nobody."""
    protocol = forward.external.partition("/")[0]
    allowed: list[Networks] = []
    for way in ways:
        asked = Asked("tcp" if protocol == "tcp" else "udp", port, way, frozenset({forward.target}), to)
        allowed.append(shield.passing(_chains(way, to, shield), asked))
    who = joined(allowed)
    if sum(network.num_addresses for network in who) >= _MOST:
        return forward.source_filter
    return common(forward.source_filter or ANYWHERE, who)


def _enters(way: Way, forward: PortForward) -> bool:
    """Whether a forward is for what comes in by an interface; one for any counts where the outside is."""
    if forward.interface is None:
        return way.side == "wan" and comes_by(way.name, (None,), forward.except_interfaces)
    return comes_by(way.name, (forward.interface,), forward.except_interfaces)


def _chains(way: Way, to: Way, shield: Filter) -> Iterator[Chain]:
    """Those that what goes from one interface to another must pass, each of them."""
    if base := shield.root.at("firewall", "ipv4", "forward", "filter"):
        yield Chain("ipv4 forward filter", base, "accept")
    for path, one in (("in", way), ("out", to)):
        for holder in (one.node.at("firewall", path), shield.root.at("firewall", "interface", one.name, path)):
            if holder and (name := holder.value("name")):
                yield shield.named(name)
    sender, receiver = shield.zone_of.get(way.name), shield.zone_of.get(to.name)
    if sender is None or receiver is None or sender == receiver:
        return
    zone = shield.root.at("zone-policy", "zone", receiver) or shield.root.at("firewall", "zone", receiver)
    if zone is None:
        return
    name = zone.value("from", sender, "firewall", "name") or zone.value("default-firewall", "name")
    if name:
        yield shield.named(name)
    else:
        yield Chain("zone", None, "accept" if zone.value("default-action") == "accept" else "drop")
