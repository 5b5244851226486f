"""Whether the packet filter of a Vyatta configuration lets a port forward through to the host it leads to. Pure.

A forward that no rule lets through is written down, and does nothing: it is told as switched off. EdgeOS's wizard opens
the filter by itself (`auto-firewall`). Where it cannot be told, the forward stays as it is written. Sources: VyOS,
"NAT44", "Firewall Configuration" of 1.2 to 1.5; EdgeOS, "Port Forwarding" and "Destination NAT".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from inventory.gateway import PortForward
from scanner.platforms._networks import ANYWHERE, Networks, common
from scanner.platforms._reading import UnreadableError
from scanner.platforms._vyatta_conditions import comes_by
from scanner.platforms._vyatta_firewall import Asked, Chain, Filter, joined
from scanner.platforms._vyatta_interfaces import Way

MAX_ASKED = 128  # forwards; a practice has thirty. What comes behind them stays as it is written
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
    for forward, line in forwards.items():
        told = forward
        to = leads.get(forward.target)
        if to and forward.target not in own and forward.enabled is not False and line not in by_itself:
            try:
                told = _told(forward, to, shield)
            except UnreadableError:
                told = forward
        found.setdefault(told, line)
    return found


def _told(forward: PortForward, to: Way, shield: Filter) -> PortForward:
    ways = [way for way in shield.ways.by_name.values() if way.side and _enters(way, forward)][:MAX_WAYS]
    if not ways:
        return forward
    protocol, _, outer = forward.external.partition("/")
    port = int((forward.target_port or outer).partition("-")[0])
    allowed: list[Networks] = []
    for way in ways:
        asked = Asked("tcp" if protocol == "tcp" else "udp", port, way, frozenset({forward.target}), to)
        allowed.append(shield.passing(_chains(way, to, shield), asked))
    who = joined(allowed)
    if sum(network.num_addresses for network in who) >= _MOST:
        return forward
    both = common(forward.source_filter or ANYWHERE, who)
    return replace(forward, source_filter=both) if both else replace(forward, enabled=False)


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
