"""The rules of a Stormshield firewall's active slot, in the language in which its files keep them.

    pass from any on out to Firewall_out port ssh  # ssh on out
    nat from Network_in to any on out -> from Firewall_out port ephemeral_fw to original

`off` before a rule switches it off. What a translation leaves as it was is `original`; no document shows the other
form, with an object in its place: it is read as that, and only when nothing else stands in the rule.
Source: Stormshield, "CLI Serverd Commands reference guide v4", CONFIG FILTER EXPLICIT; its python-SNS-API and
node-libsw, whose tests hold such rules; its templates for clouds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.gateway import Admin, InputChain, PortForward, Side
from inventory.text import clean
from scanner.platforms._networks import MAX_NETWORKS, Networks
from scanner.platforms._reading import UnreadableError, number
from scanner.platforms._sns_objects import SERVICES, Objects, Ways
from scanner.platforms._sns_text import Section

_ACTIONS = frozenset({"pass", "block", "reset", "decrypt", "delegate", "log", "nat"})
_PLAIN = frozenset({"log", "count"})  # words that change nothing of what a rule takes
_PAIRS = frozenset({"inspection", "settos", "loglevel"})  # the same, with a value


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `narrow` says that it has a condition which is not among the others here."""

    place: int
    text: str
    on: bool
    action: str
    protocol: str | None
    source: str
    interface: str | None
    target: str
    ports: tuple[str, ...] | None
    narrow: bool
    comment: str | None
    translated: tuple[str, ...] = ()

    @property
    def of_everything(self) -> bool:
        """Whether it takes every packet."""
        plain = not self.narrow and self.protocol is None and self.interface is None and self.ports is None
        return plain and self.source.lower() == self.target.lower() == "any"


@dataclass(frozen=True, slots=True)
class Strange:
    """A row that is no rule as far as it is understood."""

    place: int
    text: str


def read_rules(section: Section) -> Iterator[Rule | Strange]:
    """The rules in order, and the rows between them that are not understood. Separators are left out."""
    for place, row in section.rows:
        if row.startswith("separator"):
            continue
        try:
            yield _rule(place, row)
        except UnreadableError:
            yield Strange(place, row)


def _rule(place: int, row: str) -> Rule:
    body, _, comment = row[:1024].partition("#")
    left, _, right = body.partition(" -> ")
    words = left.split()
    on = words[:1] != ["off"]
    words = words if on else words[1:]
    if '"' in body or not words or words[0] not in _ACTIONS or "from" not in words or "to" not in words:
        raise UnreadableError(row[:40])
    begin, middle = words.index("from"), words.index("to")
    source, target = words[begin + 1 : middle], words[middle + 1 :]
    if middle < begin or not source or not target:
        raise UnreadableError(row[:40])
    protocol, narrow = _options(words[1:begin])
    inner, strange = _pairs(source[1:])
    outer, stranger = _pairs(target[1:])
    ports = outer.get("port")
    return Rule(
        place, row, on, words[0], protocol, source[0], inner.get("on"), target[0],
        tuple(ports.split("|")) if ports else None,
        narrow or strange or stranger or ("on" in outer and words[0] != "nat") or "port" in inner,
        clean(comment) or None, tuple(right.split()),
    )  # fmt: skip


def _options(words: list[str]) -> tuple[str | None, bool]:
    """The protocol that stands before `from`, and whether there is a condition that is not understood."""
    protocol, narrow = None, False
    rest = iter(words)
    for word in rest:
        if word == "ipproto":
            protocol = next(rest, "")
        elif word in _PAIRS:
            next(rest, None)
        elif word not in _PLAIN:
            narrow = True
    return protocol, narrow


def _pairs(words: list[str]) -> tuple[dict[str, str], bool]:
    """`on IF` and `port P` behind an object, and whether anything else stands there."""
    found = dict(zip(words[::2], words[1::2], strict=False))
    return found, len(words) % 2 == 1 or not found.keys() <= {"on", "port"} or len(found) * 2 != len(words)


def input_chain(rules: list[Rule | Strange], table: str) -> tuple[InputChain | None, tuple[int, str] | None]:
    """What becomes of a packet that no rule names, and the row that says it: the first rule for everything.

    Without a chain, the row is one that may be such a rule; without a row, none is.
    """
    for rule in rules:
        if isinstance(rule, Strange):
            return None, (rule.place, rule.text)
        if rule.on and rule.of_everything and rule.action in ("pass", "block", "reset"):
            return InputChain(table, "accept" if rule.action == "pass" else "drop"), (rule.place, rule.text)
    return None, None


def ssh_ways(rules: list[Rule | Strange], port: int, ways: Ways, objects: Objects) -> dict[Admin, int]:
    """The sides from which rules let SSH in to the firewall itself, as far as they say so beyond doubt.

    A row that may keep it out ends the search: what is let in below it may be shut already.
    """
    let_in: dict[Side, tuple[Networks | None, int]] = {}
    shut: set[Side] = set()
    for rule in rules:
        if isinstance(rule, Strange):
            break
        takes = _takes_ssh(rule, port) if rule.on and rule.action != "log" else False
        if takes is False:
            continue
        try:
            sides, only = _whence(rule, ways, objects) if takes else (frozenset[Side](), None)
        except UnreadableError:
            sides, only, takes = frozenset[Side](), None, None
        own = _own(rule.target, ways)
        if rule.action != "pass" and (takes is None or not sides <= own):
            break
        for side in (sides & own) - shut:
            known, place = let_in.get(side, ((), rule.place))
            if rule.action != "pass":
                if only is not None:
                    return _admins(let_in, port)  # some are kept out of what is let in below
                shut.add(side)
            elif known is not None:
                let_in[side] = (None if only is None else (*known, *only)[:MAX_NETWORKS], place)
    return _admins(let_in, port)


def _admins(let_in: dict[Side, tuple[Networks | None, int]], port: int) -> dict[Admin, int]:
    return {
        Admin("ssh", side, port, True, tuple(dict.fromkeys(only)) if only is not None else None): place
        for side, (only, place) in let_in.items()
    }


def _takes_ssh(rule: Rule, port: int) -> bool | None:
    """Whether the rule is about SSH to the firewall; None when it may be."""
    if rule.protocol not in (None, "tcp"):
        return False
    ports = [SERVICES.get(name.lower(), ("tcp", -1))[1] if not name.isdecimal() else int(name[:6])
             for name in rule.ports or (str(port),)]  # fmt: skip
    if port not in ports:
        return None if -1 in ports else False
    target = rule.target.lower()
    if target == "any" or target.startswith("firewall_"):
        return None if rule.narrow else True
    return None


def _own(target: str, ways: Ways) -> frozenset[Side]:
    """The sides whose own address of the firewall that is; from another side it may be reached or not."""
    name = target.lower()
    if name in ("any", "firewall_all"):
        return frozenset(ways.sides.values())
    side = ways.sides.get(name.removeprefix("firewall_"))
    return frozenset() if side is None else frozenset({side})


def _whence(rule: Rule, ways: Ways, objects: Objects) -> tuple[frozenset[Side], Networks | None]:
    """The sides from which a rule takes packets, and of whom there; None: of everybody."""
    source = rule.source.lower()
    if rule.interface is not None:
        sides = {ways.sides.get(rule.interface.lower())}
    elif source == "network_internals":
        sides = {"lan"}
    elif source.startswith("network_"):
        sides = {ways.sides.get(source.removeprefix("network_"))}
    elif source == "internet":
        sides = {"wan"}
    elif source == "any":
        sides = set(ways.sides.values())
    else:
        raise UnreadableError(rule.source[:40])
    known = frozenset[Side](side for side in sides if side is not None)
    near = source.startswith("network_")
    if len(known) != len(sides) or not sides or (near and "wan" in known):
        raise UnreadableError(rule.source[:40])  # the neighbours on an outer network are not the whole Internet
    return known, _beside(source, ways) if near else objects.networks(rule.source)


def _beside(source: str, ways: Ways) -> Networks | None:
    """The network of the inner interface that `network_…` is named after; None for all of them."""
    if source == "network_internals":
        return None
    name = source.removeprefix("network_")
    own = [network for known, network in ways.around.items() if known.lower() == name]
    if len(own) != 1 or len(ways.addresses(name)) != 1:
        raise UnreadableError(source[:40])
    return (own[0],)


def forwards(rule: Rule, ways: Ways, objects: Objects) -> Iterator[PortForward]:
    """The forwards of a rule of translation; one that leaves the destination as it was has none.

    Raises:
        UnreadableError: it translates the destination, but the rule, an object or a service of it is not understood.
    """
    to, inner = _translation(rule)
    if to == "original":
        if inner is not None:
            raise UnreadableError(rule.text[:40])
        return
    if rule.narrow or not rule.ports:
        raise UnreadableError(rule.text[:40])
    own = rule.target.lower()
    if own.startswith("firewall_") and own != "firewall_all":
        outer = ways.addresses(own.removeprefix("firewall_")) or None
    else:
        outer = None if own == "firewall_all" else objects.networks(rule.target)
    for name in rule.ports:
        protocol, port = _service(name, rule.protocol)
        yield PortForward(
            f"{protocol}/{port}", objects.host(to), str(_service(inner, protocol)[1] if inner else port),
            interface=clean(rule.interface) if rule.interface else None, source_filter=objects.networks(rule.source),
            destination_filter=outer, comment=rule.comment, enabled=rule.on,
        )  # fmt: skip


def _translation(rule: Rule) -> tuple[str, str | None]:
    """The new destination and its port, of `from A [port P] to B [port Q]`."""
    words = rule.translated
    if rule.action != "nat" or words[:1] != ("from",) or words.count("to") != 1:
        raise UnreadableError(rule.text[:40])
    behind = words[words.index("to") + 1 :]
    if len(behind) not in (1, 3) or behind[1:2] not in ((), ("port",)):
        raise UnreadableError(rule.text[:40])
    return behind[0], behind[2] if len(behind) == 3 else None


def _service(name: str, protocol: str | None) -> tuple[str, int]:
    """The protocol and port of a service, by its name or its number."""
    if name.lower() in SERVICES:
        known = SERVICES[name.lower()]
        if protocol in (None, known[0]):
            return known
    if protocol in ("tcp", "udp"):
        return protocol, number(name, 65535)
    raise UnreadableError(name[:40])
