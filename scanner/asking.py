"""One device while it is asked: what it was, what it has told so far, and how each question ended."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from inventory.device import Device
from inventory.errors import ParseError
from inventory.observation import Merged, Observation, attributed, merge
from inventory.site import Credential, Site
from inventory.snapshot import Coverage, Status
from scanner import gather
from scanner.evidence import READER_ERRORS, Evidence, Request, SourceName
from scanner.transport import Transport

Reader = Callable[[Evidence], Observation | None]


@dataclass(slots=True)
class Asking:
    """What has been learnt of one device so far."""

    site: Site
    transport: Transport
    device: Device  # as ARP showed it: decides what may be asked
    address: IPv4Address
    only: bool = True  # the only address at which the device is visited
    again: bool = False  # another address of a device that is visited already: nobody logs in twice
    announced: gather.Announced = gather.NOTHING
    seen: list[Merged] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)

    @property
    def known(self) -> Device:
        """Everything learnt so far in one device."""
        return merge((Merged(self.device, {}), *self.seen)).device

    def at(self, address: IPv4Address) -> "Asking":
        """The same visit, asking at another address of the device."""
        return dataclasses.replace(self, address=address)

    def ask(self, source: SourceName, ask: str, read: Reader, credential: Credential | None = None) -> Evidence:
        """Ask, read, and note how it ended."""
        name = credential.name if credential else None
        evidence = self.transport.send(Request(source, str(self.address), ask, name))
        status, cause = evidence.status, evidence.detail
        # An empty answer is one: a rule set without rules. A failed one may be cut short, and silence is not absence.
        if status in ("done", "host_key_changed"):
            try:
                observation = read(evidence)
            except READER_ERRORS as error:
                # A reader that stumbles over what a device sent costs that fact, not the visit.
                status, cause = "unreadable", str(error) if isinstance(error, ParseError) else type(error).__name__
            else:
                if observation is not None:
                    self.seen.append(attributed(_pointing(observation, evidence.text), evidence.id))
        self.note(source, status, cause, evidence.id)
        return evidence

    def note(self, source: SourceName, status: Status, cause: str = "", evidence: str | None = None) -> None:
        """How one question ended; of the questions put to a source, the worst answer is what its coverage says."""
        self.coverage.append(Coverage(source, str(self.address), status, self.device.id, cause or None, evidence))


def _pointing(observation: Observation, text: str) -> Observation:
    """The observation without lines that show nothing: the first one of a JSON document holds a brace, or all of it."""
    if not text.startswith(("{", "[")):
        return observation
    return dataclasses.replace(observation, lines={at: line for at, line in observation.lines.items() if line > 1})
