"""Merging gives what a slow reference gives that looks through every pointer for every item."""

import dataclasses
import random
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from ipaddress import IPv4Address
from typing import Any

import pytest

from inventory.device import Device
from inventory.gateway import PortForward
from inventory.network import Network, Port, SshSeen
from inventory.observation import Merged, Observation, UnreadLine, _filled, attributed, item_name, merge
from inventory.snapshot import Source
from inventory.system import Identity, Service, SshSettings, System, User

Sources = Mapping[str, Source]


def below(sources: Sources, old: str, new: str) -> dict[str, Source]:
    return {new + at[len(old) :]: where for at, where in sources.items() if at == old or at.startswith(f"{old}/")}


def slowly(left: Any, right: Any, at: str, ours: Sources, theirs: Sources) -> tuple[Any, dict[str, Source]]:
    if right in (None, ""):
        return left, below(ours, at, at)
    if left in (None, ""):
        return right, below(theirs, at, at)
    own = {at: where} if (where := ours.get(at) or theirs.get(at)) else {}
    if isinstance(left, tuple):
        return listed(left, right, at, ours, theirs, own)
    if not dataclasses.is_dataclass(left) or isinstance(left, type):
        return left, below(ours, at, at)
    values = {}
    for item in dataclasses.fields(left):
        pair, place = (getattr(left, item.name), getattr(right, item.name)), f"{at}/{item.name}"
        its = theirs
        if pair[0] in (None, "") and at in ours and at in theirs:  # else it would seem to come from where ours did
            its = {place: theirs[at], **theirs}
        values[item.name], found = slowly(*pair, place, ours, its)
        own |= found
    return dataclasses.replace(left, **values), own


def listed(
    left: Any, right: Any, at: str, ours: Sources, theirs: Sources, own: dict[str, Source]
) -> tuple[Any, dict[str, Source]]:
    items: list[Any] = []
    sides = [list(dict.fromkeys(map(item_name, side))) for side in (left, right)]
    for name in sides[0] if set(sides[0]) == set(sides[1]) else sorted({*sides[0], *sides[1]}):
        target = f"{at}/{len(items)}"
        (mine, my_place), (its, its_place) = (
            next(
                ((item, place) for place, item in reversed(list(enumerate(side))) if item_name(item) == name),
                (None, -1),
            )
            for side in (left, right)
        )
        item = _filled(mine, its) if mine is not None and its is not None else mine if its is None else its
        own |= below(theirs, f"{at}/{its_place}", target) | below(ours, f"{at}/{my_place}", target)
        taught = theirs.get(f"{at}/{its_place}") or theirs.get(at)
        if mine is not None and item != mine and taught:
            own[target] = taught
        items.append(item)
    return tuple(items), own


def reference(left: Merged, right: Merged) -> Merged:
    device, provenance = slowly(left.device, right.device, "", left.provenance, right.provenance)
    return Merged(device, provenance, tuple(dict.fromkeys(left.unread + right.unread)))


def observed(chance: random.Random, evidence: str) -> Merged:
    """An observation of few names, so that two of them often speak of the same thing."""

    def some(make: Callable[[], Any], most: int = 4) -> Any:
        return None if chance.random() < 0.3 else tuple(make() for _ in range(chance.randrange(most + 1)))

    def word(*words: str) -> str | None:
        return chance.choice((None, *words))

    port = lambda: Port(chance.randrange(4), service=word("ssh", "http"), banner=word("x"))  # noqa: E731
    service = lambda: Service(chance.randrange(3), "tcp", chance.choice(("0.0.0.0", "[::]")), word("sshd"))  # noqa: E731
    user = lambda: User(chance.choice("abc"), chance.randrange(2), chance.choice((None, True)))  # noqa: E731
    forward = lambda: PortForward("tcp/443", IPv4Address(chance.randrange(1, 4)), comment=word("a", "b"))  # noqa: E731
    network = Network(macs=some(lambda: chance.choice("pqr")), vendor=word("", "Dell", "HP"), ports=some(port))
    if chance.random() < 0.5:
        network = dataclasses.replace(network, ssh=SshSeen("ssh-ed25519", chance.choice("kl"), word("k")))
    identity = Identity(model=word("m", "n"), uptime_s=chance.choice((None, 0, 1)))
    system = System(identity=identity, services=some(service), users=some(user), port_forwards=some(forward))
    seen, said = chance.choice((None, network)), chance.choice((None, system))
    device = Device(name=word("nas") or "", network=seen, system=said)
    lines = {at: chance.randrange(9) for at in pointers(device, "") if chance.random() < 0.5}
    unread = (UnreadLine("system.users", chance.randrange(3), "?"),)[: chance.randrange(2)]
    return attributed(Observation(device, lines, unread), evidence)


def pointers(value: Any, at: str) -> Iterator[str]:
    yield at
    if dataclasses.is_dataclass(value):
        for item in dataclasses.fields(value):
            yield from pointers(getattr(value, item.name), f"{at}/{item.name}")
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from pointers(item, f"{at}/{place}")


@pytest.mark.parametrize("seed", range(300))
def test_a_merge_is_what_the_slow_reference_says(seed: int) -> None:
    chance = random.Random(seed)
    parts = [observed(chance, f"evidence-{number}") for number in range(chance.randrange(1, 5))]
    before = [(part.device, dict(part.provenance)) for part in parts]
    assert merge(parts) == reduce(reference, parts, Merged(Device(), {}))
    assert [(part.device, dict(part.provenance)) for part in parts] == before


def test_a_field_that_one_side_alone_knows_keeps_its_source() -> None:
    snmp = Merged(Device(system=System(identity=Identity(hostname="box"))), {"/system/identity": Source("snmp")})
    ssh = Merged(Device(system=System(identity=Identity(os="debian"))), {"/system/identity": Source("ssh")})
    merged = merge((snmp, ssh))
    assert merged.provenance == {"/system/identity": Source("snmp"), "/system/identity/os": Source("ssh")}


def test_what_both_sides_hold_keeps_its_order() -> None:
    offer = System(ssh=SshSettings(ciphers=("z", "a"), macs=("m", "b")))
    parts = [attributed(Observation(Device(system=offer)), name) for name in ("e1", "e2")]
    assert merge(parts).device.system == offer
    more = attributed(Observation(Device(system=System(ssh=SshSettings(ciphers=("z", "b"))))), "e3")
    system = merge([*parts, more]).device.system
    assert system is not None
    assert system.ssh == SshSettings(ciphers=("a", "b", "z"), macs=("m", "b"))
