"""Which of the interfaces met on one visit, and of the devices known from earlier ones, are one device. Pure.

A wrong link hides a stranger, so a link needs a proof and stands against no contradiction.

- Met at once, two interfaces are one device when both say one hardware number: a burned-in MAC, a serial number. A key,
  a UUID or a DHCP id is copied with a disk image or burned into a whole batch: shared by two that are here together,
  it proves nothing.
- Met on another day, in place of a device that is not here, any identifier will do; an SSH host key alone only when
  vendor or platform agree too, since makers ship one key in every box of a model.
- Two serial numbers, platforms, engines, or keys of one type contradict each other; so do two declared devices, and
  what the owner declares `not_same`.
- What was only announced can be copied from the air. It never joins an interface that serves somebody to a declared
  device, nor one with an invented MAC to a declared device that does not invent MACs: a NAS, a printer, a router; nor
  does it bring back such a device that is not here. Every interface that it joined has its own link, which is told, and
  stays only announced, for whoever judges the link and for later visits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from inventory.device import Declared, Device, Identifier, IdentifierKind, Link, Traits
from inventory.identifiers import traits
from inventory.identity import declared_id
from inventory.mac import randomised
from inventory.network import UpnpSeen
from inventory.snapshot import Known
from inventory.traits import both, contradict

# Interfaces of one device on one network at once: a NAS has four sockets. More that say one number say a maker's.
MOST_INTERFACES = 4

# The best proof first.
_KINDS: tuple[IdentifierKind, ...] = ("serial", "mac", "engine_id", "upnp_serial", "uuid", "dhcp_id", "host_key")
_HARDWARE: frozenset[IdentifierKind] = frozenset({"serial", "mac"})
# What people carry invents MACs; what stands does not.
_CARRIED = frozenset({"workstation", "phone", "tablet", "tv", "speaker", "console", "iot", "card_reader", "unknown"})
# What phones and tablets listen on themselves, serving nobody: `mobile_ports` in rules/data/parameters.yaml.
_MOBILE_PORTS = frozenset(("tcp", port) for port in (5353, 7000, 7100, 49152, 49153, 62078))

_GATEWAY = "InternetGatewayDevice"


@dataclass(slots=True)
class Group:
    """Interfaces that are one device."""

    keys: list[str]  # as they were given
    macs: frozenset[str]
    traits: Traits  # what all of them together are recognised by; of two platforms the first
    links: list[Link] = field(default_factory=list)
    id: str = ""
    declared: Declared | None = None
    joined: frozenset[str] = frozenset()  # those of its MACs that only an announcement joined
    serves: bool = False  # others may depend on one of its interfaces: an open port, addresses that it hands out


def grouped(
    pieces: Mapping[str, Device], known: Mapping[str, Known], declared: Iterable[Declared]
) -> tuple[Group, ...]:
    """The devices that these interfaces are, each with its id, its declaration and why it is one device."""
    owners = {declared_id(item): item for item in declared}
    groups = _met_together(_declared_together([_alone(key, device) for key, device in sorted(pieces.items())]))
    for group in groups:
        group.id = declared_id(group.declared) if group.declared is not None else _mac(group)
    _remember(groups, known, owners)
    return tuple(groups)


def _alone(key: str, device: Device) -> Group:
    macs, links = frozenset((device.network.macs if device.network else None) or ()), list(device.links or ())
    joined, own = frozenset(link.mac for link in links if link.announced), traits(device)
    own = replace(own, identifiers=tuple(_doubted(item, joined) for item in own.identifiers))
    return Group([key], macs, own, links, declared=device.declared, joined=joined, serves=_serves(device))


def _doubted(item: Identifier, joined: frozenset[str]) -> Identifier:
    return replace(item, announced=True) if item.kind == "mac" and item.value in joined else item


def _serves(device: Device) -> bool:
    """Whether others may depend on an interface; of one whose ports nobody looked at, that is not ruled out."""
    network = device.network
    if network is None:
        return False
    ports = {(port.protocol, port.port) for port in network.ports or ()}
    speaks = network.hands_out or network.netbios is not None or network.browser is not None
    return network.ports is None or bool(ports - _MOBILE_PORTS) or speaks or _gateway(network.upnp)


def _gateway(upnp: UpnpSeen | None) -> bool:
    """Whether it calls itself the way out, whatever the port that says so: a gateway's is often a mobile one."""
    types = (upnp.types if upnp else None) or ()
    return upnp is not None and (upnp.mappings is not None or any(name.startswith(_GATEWAY) for name in types))


def _declared_together(groups: list[Group]) -> list[Group]:
    """The interfaces of each declared device in one group."""
    found: list[Group] = []
    owned: dict[Declared, Group] = {}
    for group in groups:
        one = group if group.declared is None else owned.setdefault(group.declared, group)
        if one is group:
            found.append(group)
        elif group.declared is not None:
            _join(one, group, Link("declared", group.declared.name, _mac(group), _mac(one)))
    return found


def _met_together(groups: list[Group]) -> list[Group]:
    """The groups again, those that share a hardware number joined."""
    shared: dict[tuple[int, str], list[Group]] = {}
    for group in groups:
        for item in group.traits.identifiers:
            if item.kind in _HARDWARE:
                shared.setdefault((_KINDS.index(item.kind), item.value), []).append(group)
    into: dict[int, Group] = {id(group): group for group in groups}
    for (place, value), sharing in sorted(shared.items(), key=lambda pair: pair[0]):
        if not 2 <= len(sharing) <= MOST_INTERFACES:
            continue
        for other in sharing[1:]:
            one, two = into[id(sharing[0])], into[id(other)]
            if one is two:
                continue
            if _leads(two, _KINDS[place], value) > _leads(one, _KINDS[place], value):
                one, two = two, one
            item = Identifier(_KINDS[place], value, _announced(one, two, _KINDS[place], value))
            if _allowed(one, two, item):
                _join(one, two, Link(item.kind, value, _mac(two), _mac(one), item.announced))
                into = {key: one if group is two else group for key, group in into.items()}
    return [group for group in groups if into[id(group)] is group]


def _announced(one: Group, two: Group, kind: IdentifierKind, value: str) -> bool:
    """Whether one of them only announced it."""
    return not all(_proves(group.traits, kind, value) for group in (one, two))


def _leads(group: Group, kind: IdentifierKind, value: str) -> tuple[bool, bool]:
    """Whether others join it: the declared device before a stranger, whose number it is before who only says it."""
    return group.declared is not None, _proves(group.traits, kind, value)


def _proves(one: Traits | None, kind: str, value: str) -> bool:
    return one is not None and any(
        (item.kind, item.value, item.announced) == (kind, value, False) for item in one.identifiers
    )


def _join(one: Group, two: Group, link: Link) -> None:
    one.keys += two.keys
    one.macs |= two.macs
    one.joined |= two.macs if link.announced else two.joined
    one.traits = both(one.traits, _merely_announced(two.traits) if link.announced else two.traits)
    one.links += [*two.links, *(_each(two, link) if link.announced else [link])]
    one.serves = one.serves or two.serves


def _each(group: Group, link: Link) -> list[Link]:
    """A link of its own for every interface that hangs on it: none hides behind another."""
    return [replace(link, mac=mac) for mac in sorted(group.macs)] or [link]


def unproven(device: Device) -> frozenset[str]:
    """The MACs of a device that only an announcement joined to it; all of them when nothing says which were its own."""
    macs = frozenset((device.network.macs if device.network else None) or ())
    links = [link for link in device.links or () if link.announced]
    sure = all(
        link.earlier or link.reason == "address" or _proves(device.traits, link.reason, link.value) for link in links
    )
    found = macs & {link.mac for link in links} if sure else macs
    return found - set(device.declared.macs if device.declared else ())


def _merely_announced(one: Traits) -> Traits:
    """The traits of an interface that was joined on its word alone: its system and maker are not the device's."""
    return Traits(tuple(replace(item, announced=True) for item in one.identifiers))


def _mac(group: Group) -> str:
    """The lowest burned-in MAC of its own, else the lowest one."""
    return min(group.macs - group.joined or group.macs, key=lambda mac: (randomised(mac), mac), default=group.keys[0])


def _allowed(one: Group, two: Group, item: Identifier) -> bool:
    """Whether nothing speaks against taking two groups for one device."""
    if one.declared is not None and two.declared is not None:
        return False
    if contradict(one.traits, two.traits) or _split(one.declared, two) or _split(two.declared, one):
        return False
    owner, other = (one, two) if one.declared is not None else (two, one)
    if not item.announced or owner.declared is None:
        return True
    return not (other.serves or (_stands(owner.declared) and all(map(randomised, other.macs))))


def _split(declared: Declared | None, group: Group) -> bool:
    return declared is not None and bool(group.macs & set(declared.not_same or ()))


def _stands(declared: Declared | None) -> bool:
    return declared is not None and declared.role not in _CARRIED


def _remember(groups: list[Group], known: Mapping[str, Known], owners: Mapping[str, Declared]) -> None:
    """Each group gets the id that it had on an earlier visit when it is a device that is not here otherwise.

    Of two that could be one earlier device, the better proof decides; what only announcements say is no better.
    """
    here = {group.id for group in groups}
    told = _told(groups, known)
    claims: dict[str, list[tuple[tuple[bool, int], int]]] = {}  # earlier id → how good each proof is, and whose
    proofs: dict[int, Identifier] = {}
    for place, group in enumerate(groups):
        known_itself = group.declared is not None or group.id in known
        if not known_itself and (found := _earlier(group, known, told, owners, here)) is not None:
            name, item = found
            proofs[place] = item
            rank = (item.announced, 0 if item.announced else _KINDS.index(item.kind))
            claims.setdefault(name, []).append((rank, place))
    for name, claiming in claims.items():
        (rank, place), *others = sorted(claiming)
        if not others or others[0][0] > rank:
            _bring_back(groups[place], name, proofs[place], owners)


def _bring_back(group: Group, name: str, item: Identifier, owners: Mapping[str, Declared]) -> None:
    link = Link(item.kind, item.value, _mac(group), name, item.announced, earlier=True)
    group.links += _each(group, link) if link.announced else [link]
    group.id, group.declared = name, owners.get(name)
    group.traits = _merely_announced(group.traits) if item.announced else group.traits


def _told(
    groups: Iterable[Group], known: Mapping[str, Known]
) -> dict[tuple[IdentifierKind, str], list[tuple[str, bool]]]:
    """Identifier → the earlier devices that had it, and whether it was only announced.

    Without those that more say than a device has interfaces, then or now: somebody's invention, or a maker's number.
    """
    told: dict[tuple[IdentifierKind, str], list[tuple[str, bool]]] = {}
    for name, before in sorted(known.items()):
        for item in before.traits.identifiers:
            told.setdefault((item.kind, item.value), []).append((name, item.announced))
    now = Counter((item.kind, item.value) for group in groups for item in group.traits.identifiers)
    return {key: names for key, names in told.items() if len(names) <= MOST_INTERFACES and now[key] <= MOST_INTERFACES}


def _earlier(
    group: Group,
    known: Mapping[str, Known],
    told: Mapping[tuple[IdentifierKind, str], list[tuple[str, bool]]],
    owners: Mapping[str, Declared],
    here: set[str],
) -> tuple[str, Identifier] | None:
    """The one device of earlier visits that a group is, and the best proof of it; None when two could be."""
    found: dict[str, tuple[int, Identifier]] = {}
    for item in sorted(
        group.traits.identifiers, key=lambda item: (_KINDS.index(item.kind), item.announced, item.value)
    ):
        for name, announced in told.get((item.kind, item.value), ()):
            before, proof = known[name].traits, replace(item, announced=item.announced or announced)
            if name in here or name in found or contradict(group.traits, before):
                continue
            if proof.announced and _stands(owners.get(name)):
                continue
            if item.kind == "host_key" and not _agree(group.traits, before):
                continue
            if _allowed(Group([name], frozenset(), before, declared=owners.get(name)), group, proof):
                found[name] = (_KINDS.index(item.kind), proof)
    ranked = sorted((place, name) for name, (place, _) in found.items())
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1], found[ranked[0][1]][1]


def _agree(one: Traits, two: Traits) -> bool:
    pairs = ((one.platform, two.platform), (one.vendor, two.vendor), (one.manufacturer, two.manufacturer))
    return any(left is not None and left == right for left, right in pairs)
