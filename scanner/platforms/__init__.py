"""The platforms Vigie can read: the modules of this folder, and which of them a device is.

A platform says how to recognise it, what to ask (read-only constants), and how to read the answers. A module whose name
begins with `_` is shared by platforms and is none itself.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Protocol, cast

from inventory.device import Device
from inventory.observation import Observation, UnreadLine
from scanner.evidence import Evidence
from scanner.platforms._reading import Api as Api
from scanner.platforms._reading import Maturity


class Platform(Protocol):
    """What a platform module holds."""

    ID: str  # as in netutils; the name of its file
    SNMP: tuple[str, ...]  # subtrees to walk
    DOUBTS: Mapping[str, tuple[str, ...]]  # command → facts that are only whole when it was answered
    COMMANDS: tuple[str, ...]  # read-only shell commands, most trusted first: of two answers the first one stands
    FACTS: Mapping[str, Maturity]  # fact group of `System` that it can read → what shows that it does so rightly
    ACCOUNT: str  # how to make an account on it that may only read, in Markdown
    LIMITS: str  # what stays unknown, and why, in Markdown

    def recognise(self, device: Device) -> int:
        """How surely the device is of this platform, 0 (nothing says so) to 100."""

    def read(self, evidence: Evidence) -> Observation | None:
        """What the evidence says of the device; None when this platform did not ask for it, or nothing came."""


def _found() -> tuple[Platform, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast("Platform", importlib.import_module(f"{__name__}.{name}")) for name in names)


PLATFORMS: tuple[Platform, ...] = _found()


def instead(platform: Platform) -> Mapping[str, str]:
    """Command → the one it stands in for: asked only when that told nothing. A platform may hold it as `INSTEAD`."""
    return cast("Mapping[str, str]", getattr(platform, "INSTEAD", {}))


def by_itself(platform: Platform) -> Mapping[str, Callable[[str], tuple[UnreadLine, ...]]]:
    """Command → what its output leaves to the other commands of a visit: unknown to whoever has that output alone.

    A platform may hold it as `BY_ITSELF`.
    """
    return cast("Mapping[str, Callable[[str], tuple[UnreadLine, ...]]]", getattr(platform, "BY_ITSELF", {}))


def api(platform: Platform) -> Api | None:
    """What it asks of its device's HTTP API, None where it asks nothing. A platform may hold it as `API`."""
    return cast("Api | None", getattr(platform, "API", None))


def api_of(ask: str) -> Api | None:
    """The API that a platform has this question for, word for word; None: no platform asks that, so nobody may."""
    offers = (api(platform) for platform in PLATFORMS)
    return next((offer for offer in offers if offer is not None and ask in offer.asks), None)


def in_shell(platform: Platform) -> bool:
    """Whether its commands are typed into its command line: it runs none by itself. A platform says so as `SHELL`."""
    return bool(getattr(platform, "SHELL", False))


def recognised(device: Device) -> Platform | None:
    """The platform that recognises the device most surely, the first by id of equals; None when none does."""
    best = max(PLATFORMS, key=lambda platform: platform.recognise(device), default=None)
    return best if best is not None and best.recognise(device) > 0 else None
