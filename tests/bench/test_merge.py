"""Merging grows with the items, however many a hostile device invents: a ratio within one run, no absolute time."""

import gc
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
        gc.collect()
        gc.disable()  # else the garbage of the tests before is collected within the ten milliseconds of the small one
        try:
            started = time.process_time()
            merge(parts)
            return time.process_time() - started
        finally:
            gc.enable()

    # By turns: what slows the machine down for a while slows both.
    turns = [(seconds(1_000), seconds(8_000)) for _ in range(7)]
    small, large = (min(turn[side] for turn in turns) for side in (0, 1))
    # Linear work is eight times; 2.5 times for each doubling is 15.6, and a walk of all pointers for each item was 60.
    assert large < 15.6 * small, f"{large / small:.0f} times"
