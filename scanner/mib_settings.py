"""On what a device listens, and at which addresses and by which interface it reaches the world, as SNMP says. Pure.

Sources: TCP-MIB (RFC 4022: tcpConnTable, tcpListenerTable), UDP-MIB (RFC 4113: udpTable, udpEndpointTable), IP-MIB
(RFC 4293: ipAddrTable, ipAddressTable), IP-FORWARD-MIB (RFC 4292), and ipRouteTable of RFC 1213.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from inventory.device import Device
from inventory.gateway import Interface
from inventory.network import Protocol
from inventory.observation import Observation, UnreadLine
from inventory.system import Service, System
from scanner.evidence import Evidence
from scanner.mib_rows import IF_DESCR, IF_NAME, Index, Tables, tables, walks
from scanner.snmprec import Row

MOST_SERVICES = 512  # a server with a hundred containers has two hundred; stops a table of invented listeners
MOST_ADDRESSES = 128  # interfaces and addresses, as of every device that is asked over SSH

_CONNECTIONS, _LISTENERS = "1.3.6.1.2.1.6.13.1.1", "1.3.6.1.2.1.6.20.1.4"
_UDP, _ENDPOINTS = "1.3.6.1.2.1.7.5.1.2", "1.3.6.1.2.1.7.7.1.8"
SERVICES = walks(_CONNECTIONS, _LISTENERS, _UDP, _ENDPOINTS)
_LISTENING = 2  # tcpConnState

_OWN, _OWN_ANY, _OWN_KIND = "1.3.6.1.2.1.4.20.1.2", "1.3.6.1.2.1.4.34.1.3", "1.3.6.1.2.1.4.34.1.4"
_UNICAST = 1
# The interface of the default route, by how each table writes "everywhere": RFC 1213, RFC 2096, RFC 4292. The first
# has one row for it, so that the row after its column is it or there is none.
_ROUTE, _CIDR, _INET = "1.3.6.1.2.1.4.21.1.2", "1.3.6.1.2.1.4.24.4.1.5", "1.3.6.1.2.1.4.24.7.1.7"
_CIDR_DEFAULT, _INET_DEFAULT = f"{_CIDR}.0.0.0.0", f"{_INET}.1.4.0.0.0.0.0"
INTERFACES = f"next:{_ROUTE} " + walks(IF_NAME, IF_DESCR, _OWN, _OWN_ANY, _OWN_KIND, _CIDR_DEFAULT, _INET_DEFAULT)


def read_services(evidence: Evidence) -> Observation | None:
    """The sockets that it listens on; nothing where no TCP listener is shown: IOS shows connections alone."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told = tables(evidence.text, SERVICES)
    found: dict[Service, int] = {}
    unread: list[UnreadLine] = []
    for service, row in _sockets(told):
        if service is None:
            unread.append(UnreadLine("system.services", row.line, row.oid[:200]))
        elif len(found) < MOST_SERVICES:
            found.setdefault(service, row.line)
        else:
            unread.append(UnreadLine("system.services", row.line, f"more than {MOST_SERVICES} sockets"))
            break
    if not any(service.protocol == "tcp" for service in found):
        return Observation(Device(), {}, tuple(unread[:64]))
    lines = {f"/system/services/{place}": line for place, line in enumerate(found.values())}
    return Observation(Device(system=System(services=tuple(found))), lines, tuple(unread[:64]))


def _sockets(told: Tables) -> Iterator[tuple[Service | None, Row]]:
    """Each socket with its row; None for one whose index is no address and port."""
    for index, row in told.of(_CONNECTIONS).items():
        if row.number == _LISTENING:
            yield _service("tcp", "".join(_v4(index[:4])), index[4:5] if len(index) == 10 else ()), row
    for index, row in told.of(_LISTENERS).items():
        for address, rest in _any(_with_length(index)):
            yield _service("tcp", address, rest if len(rest) == 1 else ()), row
    for index, row in told.of(_UDP).items():
        if index[4:] != (0,):  # at port 0 nobody listens
            yield _service("udp", "".join(_v4(index[:4])), index[4:] if len(index) == 5 else ()), row
    for index, row in told.of(_ENDPOINTS).items():
        for address, rest in _any(index):
            other = _other_end(rest)
            if other is None:
                yield _service("udp", address, ()), row
            elif other == 0 and rest[0]:
                yield _service("udp", address, rest[:1]), row


def _with_length(index: Index) -> Index:
    """The index of a listener as RFC 4022 has it: NetApp and Cisco's NX-OS leave the length of the address out.

    >>> _with_length((1, 0, 0, 0, 0, 22)), _with_length((0, 21)), _with_length((1, 4, 0, 0, 0, 0, 23))
    ((1, 4, 0, 0, 0, 0, 22), (0, 0, 21), (1, 4, 0, 0, 0, 0, 23))
    """
    length = {(0, 2): 0, (1, 6): 4, (2, 18): 16}.get((index[0], len(index)))
    return index if length is None else (index[0], length, *index[1:])


def _other_end(rest: Index) -> int | None:
    """The other end's port in what follows the address of a UDP endpoint, 0 when it is anybody; None: not understood.

    Own port; kind, length and octets of the other's address, its port; a number. Eaton leaves the kind out.

    >>> _other_end((161, 1, 4, 0, 0, 0, 0, 0, 1)), _other_end((69, 4, 255, 255, 255, 255, 4680, 1)), _other_end((69,))
    (0, 4680, None)
    """
    whole = len(rest) >= 5 and len(rest) == rest[2] + 5
    short = len(rest) >= 4 and rest[1] in (4, 16) and len(rest) == rest[1] + 4
    return rest[-2] if whole or short else None


def _service(protocol: Protocol, address: str, port: Index) -> Service | None:
    return Service(port[0], protocol, address) if address and port and 1 <= port[0] <= 65535 else None


def _v4(index: Index) -> Iterator[str]:
    if len(index) == 4 and max(index) < 256:
        yield str(IPv4Address(bytes(index)))


def _any(index: Index) -> Iterator[tuple[str, Index]]:
    """An InetAddress in an index and what follows it: kind, length, octets. Kind 0 of no length is every address.

    >>> list(_any((1, 4, 0, 0, 0, 0, 23)))
    [('0.0.0.0', (23,))]
    >>> list(_any((2, 16, *[0] * 16, 80)))
    [('[::]', (80,))]
    """
    kind, length = index[:2] if len(index) > 1 else (-1, -1)
    octets, rest = index[2 : 2 + max(length, 0)], index[2 + max(length, 0) :]
    if kind == 0 and length == 0:
        yield "0.0.0.0", rest  # noqa: S104 — what a device says
        yield "[::]", rest
    elif kind in (1, 3) and length in (4, 8) and len(octets) == length and max(octets) < 256:
        yield str(IPv4Address(bytes(octets[:4]))), rest
    elif kind in (2, 4) and length in (16, 20) and len(octets) == length and max(octets) < 256:
        yield f"[{IPv6Address(bytes(octets[:16]))}]", rest
    else:
        yield "", ()


def read_interfaces(evidence: Evidence) -> Observation | None:
    """The interfaces that have an IPv4 address or a default route; that none leaves by the others is not known."""
    if evidence.request.source != "snmp" or evidence.status != "done":
        return None
    told = tables(evidence.text, INTERFACES)
    owned: dict[int, dict[IPv4Address, int]] = {}
    for number, address, row in _addresses(told):
        if len(owned) + sum(map(len, owned.values())) < MOST_ADDRESSES:
            owned.setdefault(number, {}).setdefault(address, row.line)
    ways: dict[int, int] = {}
    for number, row in _defaults(told):
        ways.setdefault(number, row.line)
    addressed = bool(owned)
    for number in ways:
        owned.setdefault(number, {})
    return _interfaces(told, owned, ways, addressed)


def _interfaces(
    told: Tables, owned: dict[int, dict[IPv4Address, int]], ways: dict[int, int], addressed: bool
) -> Observation:
    found: list[Interface] = []
    lines: dict[str, int] = {}
    for number, addresses in owned.items():
        line = next(iter(addresses.values()), ways.get(number, 1))
        pointer = f"/system/interfaces/{len(found)}"
        lines[pointer] = line
        if number in ways:
            lines[f"{pointer}/default_route"] = ways[number]
        # That none leaves by it is never known from here: RFC 1213's table has room for one default route of several.
        name = told.interface(number) or str(number)  # some agents name none
        found.append(Interface(name, tuple(addresses) if addressed else None, number in ways or None))
    return Observation(Device(system=System(interfaces=tuple(found)) if found else None), lines)


def _addresses(told: Tables) -> Iterator[tuple[int, IPv4Address, Row]]:
    """Interface and address of both tables; an address of several devices at once is none of its own."""
    for index, row in told.of(_OWN).items():
        if len(index) == 4 and max(index) < 256 and any(index) and row.number:
            yield row.number, IPv4Address(bytes(index)), row
    for index, row in told.of(_OWN_ANY).items():
        octets = index[2:6]
        if len(index) < 6 or index[0] not in (1, 3) or max(octets) > 255 or not any(octets) or not row.number:
            continue
        if told.number(_OWN_KIND, index) in (None, _UNICAST):
            yield row.number, IPv4Address(bytes(octets)), row


def _defaults(told: Tables) -> Iterator[tuple[int, Row]]:
    """The interfaces by which a default route leaves; 0 is a route that names none."""
    shown = [row for index, row in told.of(_ROUTE).items() if index == (0, 0, 0, 0)]
    # Below 0.0.0.0: mask, service, next hop; below 0.0.0.0/0: a policy and the next hop.
    shown += [row for index, row in told.of(_CIDR_DEFAULT).items() if index[:4] == (0, 0, 0, 0)]
    shown += told.of(_INET_DEFAULT).values()
    yield from ((row.number, row) for row in shown if row.number)
