"""Whether one condition of a RouterOS firewall rule holds for the first packet of somebody who wants in. Pure.

Source: MikroTik, "Common Firewall Matchers and Actions".
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from inventory.network import Protocol

# For the packet, never, for some of them, for those from some addresses, or nobody can tell.
Match = Literal["all", "none", "part", "sources", "doubt"]

# Conditions of which some connections fulfil: when, how many, what else they are.
_PARTLY = frozenset({
    "limit", "dst-limit", "connection-limit", "connection-rate", "connection-bytes", "time", "random", "nth",
    "per-connection-classifier", "packet-size", "psd", "src-port", "dst-address-list", "in-bridge-port",
    "in-bridge-port-list", "ttl", "dscp", "priority", "ingress-priority", "tcp-mss", "ipv4-options", "address-type",
})  # fmt: skip
# What no first packet to the router itself has.
_NEVER = frozenset({
    "layer7-protocol", "content", "tls-host", "out-interface", "out-interface-list", "icmp-options", "p2p",
})  # fmt: skip
# What a rule may say and still be about everything that comes in by its interfaces.
SWEEPING = frozenset({
    "action", "chain", "comment", "disabled", "log", "log-prefix", "in-interface", "in-interface-list",
})  # fmt: skip
MAX_RULES = 512  # of one menu, and forwards of them; a practice has thirty. Stops sets that multiply
_NUMBERS = {"6": "tcp", "17": "udp"}
_NOT_HERE = (IPv4Network("127.0.0.0/8"), IPv4Network("224.0.0.0/3"))  # nobody reaches the router there


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who wants in: by which interface, "" for one that a dial-in makes, and to which port."""

    interface: str
    protocol: Protocol
    port: int
    # Whom he can send to at all, where that is known: the router's addresses there (others it has are not routed to
    # from outside), and the inner networks that are none of his.
    own: tuple[IPv4Address, ...] = ()
    away: tuple[IPv4Network, ...] = ()
    sent: bool = False  # a rule of `dstnat` has sent him on to the router itself


def whether(holds: bool | None, but: bool) -> Match:
    return "doubt" if holds is None else "all" if holds != but else "none"


def _protocol(word: str, who: Asking, but: bool) -> Match:
    return whether(_NUMBERS.get(word, word) == who.protocol, but)


def _port(word: str, who: Asking, but: bool) -> Match:
    for part in word.split(",", 64):
        first, _, end = part.partition("-")
        if not (first.isdigit() and (end or first).isdigit() and len(first) < 6 and len(end) < 6):
            return "doubt"
        if int(first) <= who.port <= int(end or first):
            return whether(holds=True, but=but)
    return whether(holds=False, but=but)


def _state(word: str, who: Asking, but: bool) -> Match:  # noqa: ARG001
    return whether("new" in word.split(","), but)


def _nat_state(word: str, who: Asking, but: bool) -> Match:
    return whether(who.sent and "dstnat" in word.split(","), but)


def _flags(word: str, who: Asking, but: bool) -> Match:
    if who.protocol != "tcp":
        return "none"
    flags = [f"!{word}" if but and place == 0 else word for place, word in enumerate(word.split(","))]
    return whether(all(flag == "syn" or (flag[:1] == "!" and flag != "!syn") for flag in flags), but=False)


def _destination(word: str, who: Asking, but: bool) -> Match:
    try:
        network = IPv4Network(word, strict=False)
    except ValueError:
        return "part"
    if any(network.subnet_of(away) for away in (*_NOT_HERE, *who.away)):
        return "all" if but else "none"
    if who.own and all(address in network for address in who.own):
        return "none" if but else "all"
    return "part"


def _kind(word: str, who: Asking, but: bool) -> Match:  # noqa: ARG001
    kinds = set(word.split(","))
    if kinds == {""}:  # none is named, so that any will do
        return "all"
    return whether("local" in kinds, but) if kinds & {"local", "multicast", "broadcast"} else "part"


def _source_kind(word: str, who: Asking, but: bool) -> Match:  # noqa: ARG001
    return whether("unicast" in word.split(","), but)


def _policy(word: str, who: Asking, but: bool) -> Match:  # noqa: ARG001
    return whether(word.partition(",")[2].startswith("none"), but)


def _fragment(word: str, who: Asking, but: bool) -> Match:  # noqa: ARG001
    return whether(word == "no", but)  # a first packet is whole


def _mark(word: str, who: Asking, but: bool) -> Match:  # noqa: ARG001
    return whether(holds=True, but=but) if word == "no-mark" else "doubt"


_TESTS: dict[str, Callable[[str, Asking, bool], Match]] = {
    "protocol": _protocol, "dst-port": _port, "port": _port, "connection-state": _state,
    "connection-nat-state": _nat_state, "tcp-flags": _flags, "dst-address": _destination, "dst-address-type": _kind,
    "src-address-type": _source_kind, "ipsec-policy": _policy, "connection-mark": _mark, "packet-mark": _mark,
    "routing-mark": _mark, "fragment": _fragment,
}  # fmt: skip


def condition(key: str, said: str, who: Asking) -> Match:
    """Whether a condition holds that stands in the rule alone: not by which interface, nor from whom.

    >>> condition("dst-port", "8291,22", Asking("ether1", "tcp", 22))
    'all'
    """
    but = said.startswith("!")
    if not said and key == "connection-state":
        return "doubt"
    if test := _TESTS.get(key):
        return test(said.lstrip("!"), who, but)
    return "none" if key in _NEVER and not but else "part" if key in _PARTLY else "doubt"
