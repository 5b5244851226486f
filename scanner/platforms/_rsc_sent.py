"""From which sides a RouterOS router is administered: straight, and by rules of `dstnat` that send on to it.

Whoever is sent on meets the filter with the port and the address that he was sent to. Source: MikroTik, "NAT", "Packet
Flow in RouterOS".
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address

from inventory.gateway import Admin, PortForward, Side
from inventory.system import Service
from scanner.platforms._networks import ANYWHERE, common, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_admin import SIDES, Asked, Doors, administering, let_in, reached, together
from scanner.platforms._rsc_chain import Answer
from scanner.platforms._rsc_conditions import MAX_RULES, Asking
from scanner.platforms._rsc_forwards import ITSELF, NAT, read_forwards
from scanner.platforms._rsc_interfaces import Ways
from scanner.platforms._rsc_six import by_ipv6
from scanner.platforms._rsc_told import Bad, Told

Unsure = dict[tuple[int, str], None]


def read_admin(
    export: Export,
    doors: Doors,
    ways: Ways,
    services: Mapping[Service, int | None],
    forwards: tuple[Mapping[PortForward, int], Bad],
    told: Told,
) -> None:
    """One entry per protocol, side and outer port by which somebody gets in."""
    asked = administering(export, ways, services, told)
    if asked is None:
        return
    unsure: Unsure = {}
    try:
        found = reached(doors, asked, unsure)
        _send(export, doors, ways, asked, forwards, found, unsure)
        unsure |= dict.fromkeys(by_ipv6(export, doors, asked, found))
    except UnreadableError as error:
        told.doubt("admin", [(1, str(error))])
        return
    told.doubt("admin", unsure)
    told.many("admin", found)


def _send(
    export: Export,
    doors: Doors,
    ways: Ways,
    asked: Asked,
    forwards: tuple[Mapping[PortForward, int], Bad],
    found: dict[Admin, int | None],
    unsure: Unsure,
) -> None:
    """Adds what rules of `dstnat` open that lead to the router itself."""
    own = frozenset(address.ip for all_ in ways.addresses.values() for address in all_) | {ITSELF}
    redirects, bad = read_forwards(export, ("redirect",))
    ports = {service.port for _, service, _ in asked}
    unsure |= dict.fromkeys(_lost(export, [*forwards[1], *bad], own, ports))
    texts = {item.line: item.text for item in export.of(NAT)}
    for forward, at in (*forwards[0].items(), *redirects.items()):
        if forward.target not in own or forward.enabled is False:
            continue
        for (protocol, encrypted), service, _ in asked:
            try:
                port = _outer(forward, service)
            except UnreadableError:
                unsure[at, texts.get(at, "")] = None
                continue
            for side in SIDES if port is not None else ():
                answer = _answer(doors, side, service, forward, port or 0)
                if answer is None or answer.door == "shut":
                    continue
                if answer.door == "unknown":
                    unsure[answer.rule if answer.rule[1] else (at, texts.get(at, ""))] = None
                elif sources := let_in(doors, side, service, answer):
                    who = None if sources == ANYWHERE else sources
                    found.setdefault(Admin(protocol, side, port, encrypted, who), at)


def _answer(doors: Doors, side: Side, service: Service, forward: PortForward, port: int) -> Answer | None:
    """What the filter does at a side with somebody who is sent on; None where nobody is."""
    answers = []
    for name in doors.sides.doors[side]:
        own, away = doors.sides.own.get(name, ()), doors.sides.away(name)
        if (forward.interface or "").startswith("all-"):  # a kind of interfaces
            return Answer("unknown")
        if forward.interface not in (None, name) or name in (forward.except_interfaces or ()):
            continue
        to = forward.destination_filter
        if to and all(any(network.subnet_of(other) for other in away) for network in to):
            continue  # nobody there can send to that address
        before = Asking(name, service.protocol, port, own, away)
        who = replace(before, port=service.port, sent=True)
        who = who if forward.target == ITSELF else replace(who, own=(forward.target,), away=())
        answer = doors.filter.answer(who, before)
        if answer.door != "shut" and forward.source_filter is not None:
            answer = replace(answer, sources=common(answer.sources, forward.source_filter))
            answer = replace(answer, door="some") if answer.door == "open" else answer
            answer = replace(answer, named=(*answer.named, *(forward.source_filter if forward.interface else ())))
        answers.append(answer)
    return together(answers)


def _outer(forward: PortForward, service: Service) -> int | None:
    """The port outside that leads to a service; None where none does.

    Raises:
        UnreadableError: it is one of several.
    """
    protocol, _, ports = forward.external.partition("/")
    if protocol != service.protocol:
        return None
    first, last = _span(ports)
    inner = _span(forward.target_port) if forward.target_port else (first, last)
    if not inner[0] <= service.port <= inner[1]:
        return None
    if inner == (first, last):
        return service.port
    if inner[0] != inner[1]:
        raise UnreadableError(forward.target_port or "")
    return first


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def _lost(export: Export, bad: Bad, own: frozenset[IPv4Address], ports: Iterable[int]) -> Bad:
    """The rules that were not understood, and may send on to one of these ports of the router."""
    rules = {item.line: item for item in export.of(NAT)}
    if len(rules) > MAX_RULES:
        return bad
    return [row for row in bad if row[0] not in rules or _may_lead(rules[row[0]], own, ports)]


def _may_lead(item: Statement, own: frozenset[IPv4Address], ports: Iterable[int]) -> bool:
    said = item.values
    if item.verb != "add":
        return True
    try:
        to = said.get("to-addresses", "")
        if to and said.get("action") != "redirect":
            there = networks([to])  # of one word: without a gap
            if not any(there[0].network_address <= address <= there[-1].broadcast_address for address in own):
                return False
        text = said.get("to-ports") or said.get("dst-port") or said.get("port") or "1-65535"
        spans = [_span(part) for part in text.split(",", 64)]
    except (UnreadableError, ValueError):
        return True
    return any(first <= port <= last for first, last in spans for port in ports)
