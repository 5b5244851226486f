"""The port forwards of a RouterOS export, and the host that gets whatever comes in from outside.

Source: MikroTik, "NAT" and "Common Firewall Matchers and Actions".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address
from itertools import islice

from inventory.gateway import Dmz, PortForward
from inventory.network import Protocol
from inventory.text import clean
from scanner.platforms._networks import Networks, everything_but, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_conditions import MAX_RULES, SWEEPING
from scanner.platforms._rsc_interfaces import Ways, members
from scanner.platforms._rsc_statement import LISTING
from scanner.platforms._rsc_told import Bad, Told

NAT = "ip firewall nat"
_PROTOCOLS: dict[str, tuple[Protocol, ...]] = {"tcp": ("tcp",), "6": ("tcp",), "udp": ("udp",), "17": ("udp",)}
_PORTS = re.compile(r"\d{1,5}(?:-\d{1,5})?")
# What a forward may say beside where from, where to and which port, without being for fewer people.
_ASIDE = frozenset({
    "action", "chain", "comment", "disabled", "log", "log-prefix", "protocol", "dst-port", "port", "to-addresses",
    "to-ports", "in-interface", "in-interface-list", "src-address", "src-address-list", "dst-address",
    "dst-address-list", "dst-address-type", "limit", "dst-limit", "connection-limit", "connection-state", "nth",
    "random", "time", "randomise-ports", "src-port", "address-list", "address-list-timeout", "ipsec-policy",
    "place-before",
})  # fmt: skip
# What a rule may say besides and still send on everything that comes in.
_SENDING = frozenset({"to-addresses", "dst-address", "dst-address-type"})
# What a rule that accepts may say and surely keep all that a later one would send on; what it says besides leaves some.
_KEEPING = SWEEPING | {
    "protocol", "dst-port", "port", "src-address", "src-address-list", "dst-address", "dst-address-list",
    "dst-address-type",
}  # fmt: skip
# What a jump says of itself; the rest are conditions for what it leads to.
_OF_JUMP = frozenset({"action", "chain", "comment", "disabled", "log", "log-prefix", "jump-target", "to-addresses",
                      "to-ports"})  # fmt: skip
_CLOUD = ".sn.mynetname.net"
_FILLING = ("filter", "raw", "nat", "mangle")

ITSELF = IPv4Address("127.0.0.1")  # where a redirect leads: the address of the interface that he came in by

MAX_MADE = 4 * MAX_RULES  # forwards made, those that are there already with them; stops rules that say the same again
MAX_KEPT = (
    64  # ports and interfaces that earlier rules accept; a practice has three. Stops each from being held to each
)
MAX_JUMPS = 8  # that lead to one chain
MAX_LISTED = 1024  # addresses of one list; past 128 networks no fact can hold it anyway


def read_forwards(
    export: Export, actions: tuple[str, ...] = ("dst-nat", "netmap")
) -> tuple[dict[PortForward, int], Bad]:
    """The forwards of the chain `dstnat` with their lines, and the rules that could not be read.

    `redirect` sends to the router itself, and is none unless it is asked for: then it leads to `ITSELF`. A rule of
    another chain counts once for each jump of `dstnat` that leads there, under the conditions of both; one that more
    than MAX_JUMPS lead to, or a jump of a chain that is another still, is reported.
    """
    found: dict[PortForward, int] = {}
    bad: Bad = [(line, text) for menu, line, text in export.bad if menu == NAT]
    rules = list(export.of(NAT))
    bad += [(item.line, item.text) for item in rules[MAX_RULES:][:1]]
    changes = [(item.line, item.text) for item in rules if item.verb not in LISTING]
    bad += changes
    made = 0
    leading = _jumps(rules[:MAX_RULES])
    kept = [] if changes else _kept(export, rules[:MAX_RULES])
    for item in rules[:MAX_RULES]:
        if item.values.get("action") not in actions or item.verb != "add":
            continue
        if changes and not item.enabled:  # it may have been switched on since
            continue
        try:
            for at, forward in _reached(export, item, leading):
                sent = not any(line < at and _holds(wider, forward) for line, wider in kept)
                # One that is on and one that is off are one forward that is on.
                if not (item.enabled or replace(forward, enabled=True) in found):
                    found.setdefault(forward, item.line)
                elif item.enabled and sent:
                    found.pop(replace(forward, enabled=False), None)
                    found.setdefault(forward, item.line)
                made += 1
                if len(found) >= MAX_RULES or made >= MAX_MADE:
                    return found, [*bad, (item.line, item.text)]
        except UnreadableError:
            bad += [(item.line, item.text)] if item.enabled else []  # one that is off forwards nothing to anybody
    return found, bad


def read_dmz(export: Export, ways: Ways, told: Told) -> None:
    """The host that gets whatever comes in from outside: a forward without a protocol or a port."""
    for item in export.menus.get(NAT, [])[:MAX_RULES]:
        said = item.values
        if said.get("action") != "dst-nat" or said.get("chain") != "dstnat" or item.verb != "add":
            continue
        narrow = set(said) - SWEEPING - _SENDING
        try:
            target = IPv4Address(said.get("to-addresses", "").removesuffix("/32"))
        except AddressValueError:
            continue
        inside = not (said.keys() & {"in-interface", "in-interface-list", "dst-address", "dst-address-type"})
        if not narrow and not inside and _from_outside(export, said, ways):
            told.one("dmz", Dmz(item.enabled, target), item.line)
            if item.enabled:
                return


def _from_outside(export: Export, said: dict[str, str], ways: Ways) -> bool:
    """Whether a rule is about what comes in by an interface that leads outside."""
    try:
        names, but = _interfaces(export, said)
    except UnreadableError:
        return False
    return any(name in ways.outer for name in names) or (None in names and bool(set(ways.outer) - set(but or ())))


def _jumps(rules: list[Statement]) -> dict[str, list[Statement]]:
    """The jumps by the chain that they lead to."""
    found: dict[str, list[Statement]] = {}
    for item in rules:
        if item.verb == "add" and item.enabled and item.values.get("action") == "jump":
            found.setdefault(item.values.get("jump-target", ""), []).append(item)
    return found


def _kept(export: Export, rules: list[Statement]) -> list[tuple[int, PortForward]]:
    """What rules of `dstnat` accept as it came, as if they sent it on, each with its line: no later rule sends it."""
    found: list[tuple[int, PortForward]] = []
    for item in rules:
        said = item.values
        accepts = said.get("action", "accept") == "accept" and said.get("chain") == "dstnat"
        if item.verb != "add" or not item.enabled or not accepts or not set(said) <= _KEEPING:
            continue
        try:
            held = _forwards(export, item, {**said, "action": "redirect"})
            found += [(item.line, forward) for forward in islice(held, MAX_KEPT - len(found))]
        except UnreadableError:
            continue
    return found


def _holds(wider: PortForward, forward: PortForward) -> bool:
    """Whether all that one forward is about is what another one is about."""
    protocol, _, ports = forward.external.partition("/")
    other, _, others = wider.external.partition("/")
    if protocol != other or not _within(ports, others):
        return False
    ways = (wider.interface, wider.except_interfaces)
    return (
        ways in ((None, None), (forward.interface, forward.except_interfaces))
        and wider.source_filter in (None, forward.source_filter)
        and wider.destination_filter in (None, forward.destination_filter)
    )


def _within(ports: str, others: str) -> bool:
    """Whether the others are all there.

    >>> _within("80", "1-1023"), _within("80-90", "85-90")
    (True, False)
    """
    first, _, last = ports.partition("-")
    lowest, _, highest = others.partition("-")
    return int(lowest) <= int(first) and int(last or first) <= int(highest or lowest)


def _reached(
    export: Export, item: Statement, leading: Mapping[str, list[Statement]]
) -> Iterator[tuple[int, PortForward]]:
    """The forwards of a rule, once for each jump to its chain, with the line where `dstnat` comes to them."""
    chain = item.values.get("chain", "")
    if chain == "dstnat":
        yield from ((item.line, forward) for forward in _forwards(export, item, item.values))
        return
    jumps = leading.get(chain, [])
    if len(jumps) > MAX_JUMPS:
        raise UnreadableError(item.text)
    for jump in jumps:
        above = {key: value for key, value in jump.values.items() if key not in _OF_JUMP}
        # A condition of both would be the common part of them.
        twice = [key for key in above if item.values.get(key, above[key]) != above[key]]
        if jump.values.get("chain") != "dstnat" or twice:
            raise UnreadableError(item.text)
        yield from ((jump.line, forward) for forward in _forwards(export, item, {**above, **item.values}))


def _forwards(export: Export, item: Statement, said: dict[str, str]) -> Iterator[PortForward]:
    if stranger := set(said) - _ASIDE:
        raise UnreadableError(min(stranger))
    if said.get("ipsec-policy", "in,none") != "in,none" or said.get("dst-address-type", "local") not in ("local", ""):
        raise UnreadableError(item.text)
    protocols = _protocols(said.get("protocol", ""))
    if not protocols:
        return
    try:
        redirected = said.get("action") == "redirect"
        target = ITSELF if redirected else IPv4Address(said.get("to-addresses", "").removesuffix("/32"))
    except AddressValueError as error:
        raise UnreadableError(item.text) from error
    to_port = said.get("to-ports")
    if to_port is not None and not _PORTS.fullmatch(to_port):
        raise UnreadableError(to_port)
    sources = _addresses(export, said, "src-address")
    destinations = _addresses(export, said, "dst-address")
    inside, but = _interfaces(export, said)
    if "dst-port" in said and "port" in said:
        raise UnreadableError(said["port"])
    ports = _ports(said.get("dst-port", said.get("port")))
    comment = clean(said.get("comment", "")) or None
    for name in inside:
        for protocol in protocols:
            for port in ports:
                yield PortForward(
                    f"{protocol}/{port}", target, to_port, name, but, sources, destinations, "static", comment,
                    item.enabled,
                )  # fmt: skip


def _protocols(word: str) -> tuple[Protocol, ...]:
    """The protocols with ports that a rule is about: both when it names none, () when it names another."""
    if word.startswith("!"):
        raise UnreadableError(word)
    return _PROTOCOLS.get(word, ()) if word else ("tcp", "udp")


def _ports(text: str | None) -> list[str]:
    if text is None:
        return ["1-65535"]
    ports = list(dict.fromkeys(text.split(",")))
    for port in ports:
        if not _PORTS.fullmatch(port) or any(int(end) > 65535 for end in port.split("-")):
            raise UnreadableError(text)
    return ports


def _interfaces(export: Export, said: dict[str, str]) -> tuple[tuple[str | None, ...], tuple[str, ...] | None]:
    """By which interfaces a rule's traffic comes in ((None,): any), and by which it does not."""
    one, many = said.get("in-interface"), said.get("in-interface-list", "")
    if one and many:
        raise UnreadableError(many)
    if one:
        name = clean(one.lstrip("!"))
        return ((None,), (name,)) if one.startswith("!") else ((name,), None)
    if many in ("", "all"):
        return (None,), None
    names = tuple(map(clean, members(export, many.lstrip("!"))))
    if not names:  # filled while running, by a PPP profile or by detect-internet
        raise UnreadableError(many)
    return ((None,), names) if many.startswith("!") else (names, None)


def _addresses(export: Export, said: dict[str, str], key: str) -> Networks | None:
    """The networks that `key` or a list named by `key-list` allows, None: all."""
    one, many = said.get(key), said.get(f"{key}-list")
    if one and many:
        raise UnreadableError(many)
    if one:
        found, excluded = networks([one.lstrip("!")]), one.startswith("!")
    elif many:
        name = many.lstrip("!")
        if any(export.named(f"ip firewall {menu}", "address-list", name) for menu in _FILLING):
            raise UnreadableError(many)  # it fills itself while the router runs
        rows = export.named("ip firewall address-list", "list", name)
        if len(rows) > MAX_LISTED:
            raise UnreadableError(many)
        words = tuple(item.values.get("address", "") for item in rows if item.enabled and item.verb == "add")
        if key == "dst-address" and words and all(map(_is_own, words)) and not many.startswith("!"):
            return None
        found, excluded = _of_list(words), many.startswith("!")
        if not words and not excluded:
            raise UnreadableError(many)
    else:
        return None
    return (everything_but(found) if found else None) if excluded else found


def _is_own(word: str) -> bool:
    """Whether a name is the one that MikroTik's cloud gives the router: whatever its outer address is by now."""
    return word.lower().endswith(_CLOUD)


@lru_cache(maxsize=16)  # hundreds of rules name the same list of a thousand addresses
def _of_list(words: tuple[str, ...]) -> Networks:
    return networks(words)
