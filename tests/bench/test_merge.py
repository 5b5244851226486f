"""Merging grows with the items, however many a hostile device invents: a ratio within one run, no absolute time."""

import time
from collections.abc import Callable

import pytest

from inventory.device import Device
from inventory.network import Network, Port
from inventory.observation import Merged, Observation, attributed, merge
from inventory.system import Service, System, User

MADE: dict[str, Callable[[int, int], Device]] = {
    "services": lambda start, many: Device(
        system=System(services=tuple(Service(item, "tcp", "0.0.0.0", "x") for item in range(start, start + many)))
    ),
    "users": lambda start, many: Device(
        system=System(users=tuple(User(f"user{item}", item) for item in range(start, start + many)))
    ),
    "ports": lambda start, many: Device(network=Network(ports=tuple(Port(n) for n in range(start, start + many)))),
}


@pytest.mark.parametrize("kind", MADE)
def test_eight_times_the_items_is_not_sixty_four_times_the_work(kind: str) -> None:
    pointer = "/network/ports" if kind == "ports" else f"/system/{kind}"

    def part(start: int, many: int, evidence: str) -> Merged:
        lines = {f"{pointer}/{item}": item + 1 for item in range(many)}
        return attributed(Observation(MADE[kind](start, many), lines), evidence)

    def seconds(many: int) -> float:
        parts = (part(0, many, "first"), part(many // 2, many, "second"))  # half of the items are in both
        started = time.process_time()
        merge(parts)
        return time.process_time() - started

    small, large = (min(seconds(many) for _ in range(7)) for many in (1_000, 8_000))
    # Linear work is eight times, a walk of all pointers for each item was 60: in the middle between them (of ratios)
    # lies 22. The small one takes ten milliseconds, so a busy machine shifts the ratio by half.
    assert large < 22 * small, f"{large / small:.0f} times"
