"""What a virtual IP of a FortiGate is to a policy, whom policies let through, and how often they are looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from inventory.text import clean
from scanner.platforms._fortios_objects import Span
from scanner.platforms._networks import Networks
from scanner.platforms._reading import UnreadableError

MAX_LOOKS = 100_000  # policies looked at, for all virtual IPs together; stops 1 MiB of them from taking minutes


@dataclass(frozen=True, slots=True)
class Virtual:
    """A virtual IP as a policy meets it: where it comes in, and what stands behind it."""

    name: str
    interfaces: tuple[str, ...]  # () any
    zone: str  # its own word for them
    outer: IPv4Address | None
    inner: IPv4Address
    sources: Networks  # whom it takes itself


@dataclass(frozen=True, slots=True)
class Let:
    """Whom policies let through by an interface, to some of the ports."""

    interface: str | None  # None: any but those
    excepted: tuple[str, ...]
    ports: Span  # the inner ones
    sources: Networks


@dataclass(slots=True)
class Looks:
    """How often policies may still be looked at, in all VDOMs together."""

    left: int = MAX_LOOKS

    def take(self, count: int) -> None:
        """Take some.

        Raises:
            UnreadableError: there were too many.
        """
        self.left -= count
        if self.left < 0:
            raise UnreadableError("too many policies to look at")


def spread(found: list[Let], ways: list[str | None]) -> Iterator[Let]:
    """Those by any interface, without the interfaces that fare otherwise, and then these."""
    others = [way for way in ways if way is not None]
    by_way: dict[str | None, set[tuple[Span, Networks]]] = {way: set() for way in ways}
    for item in found:
        by_way[item.interface].add((item.ports, item.sources))
    anyway = by_way.get(None)
    alike = {way for way in others if by_way[way] == anyway} if anyway else set()
    excepted = tuple(clean(way) for way in others if way not in alike)
    for item in found:
        if item.interface is None:
            yield Let(None, excepted, item.ports, item.sources)
        elif item.interface not in alike:
            yield item


def merged(found: Iterator[Let]) -> Iterator[Let]:
    """Neighbouring ports for which the same are let in, together."""
    last: Let | None = None
    for item in found:
        if last is not None and (last.interface, last.excepted, last.sources, last.ports[1] + 1) == (
            item.interface, item.excepted, item.sources, item.ports[0],
        ):  # fmt: skip
            last = Let(item.interface, item.excepted, (last.ports[0], item.ports[1]), item.sources)
            continue
        if last is not None:
            yield last
        last = item
    if last is not None:
        yield last
