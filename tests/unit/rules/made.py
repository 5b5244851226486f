"""Small rules, devices and snapshots, made to measure for the tests of verdicts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from inventory.device import Category, Classification, Device
from inventory.network import Network, SmbSeen
from inventory.snapshot import Coverage, History, Profile, SiteFacts, Snapshot, Source, Unread
from rules.finding import Words
from rules.outcome import Entry, Outcome, RuleError
from rules.rule import Policy, Rule, load_policy

LAN = IPv4Network("192.0.2.0/24")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SWEPT = Coverage("arp", str(LAN), "done")
NEEDS = (("device.network.smb",),)


def rule(**changes: Any) -> Rule:
    """A device rule without roles that needs network.smb."""
    values: dict[str, Any] = {
        "package": "ans.cp02.made",
        "file": "ans/cp02/made.rego",
        "source": "",
        "sets": ("fail", "warn", "unknown", "not_applicable"),
        "id": "ANS-02.99",
        "title": Words("t", "t"),
        "severity": "high",
        "checkpoints": ("CP02",),
        "principle": "P03",
        "basis": ("anssi",),
        "subject": "device",
        "needs": NEEDS,
        "message": Words("échec {device} {port}", "fail {device} {port}"),
        "warning": Words("indice {device}", "clue {device}"),
        "remedy": Words("remède {device}", "remedy {device}"),
        "references": ("r",),
    }
    return Rule(**{**values, **changes})


def device(name: str = "a", **changes: Any) -> Device:
    """A certain NAS that was seen, with an SMB answer."""
    number = ord(name[0]) - 90
    network = Network(addresses=(IPv4Address(f"192.0.2.{number}"),), smb=SmbSeen(("3:1:1",), smb1=False))
    values: dict[str, Any] = {"classification": Classification("nas", certain=True), "network": network}
    return Device(**{"id": name, "name": f"nom-{name}", **values, **changes})


def classified(category: Category, *, certain: bool) -> Classification:
    return Classification(category, certain=certain)


def address_only(name: str = "a") -> Network:
    """What a sweep alone shows."""
    return Network(addresses=(IPv4Address(f"192.0.2.{ord(name[0]) - 90}"),))


def snapshot(
    *devices: Device,
    coverage: Sequence[Coverage] = (SWEPT,),
    unread: Sequence[Unread] = (),
    provenance: Mapping[str, Source] | None = None,
    history: History | None = None,
    inventory_declared: bool = True,
) -> Snapshot:
    site = SiteFacts("cabinet", Profile("individual", "individual", "local"), 1, (LAN,), inventory_declared)
    return Snapshot(
        NOW, site, (), devices, tuple(coverage), history or History(), provenance or {}, unread=tuple(unread)
    )  # fmt: skip


def policy(*rules: Rule) -> Policy:
    """The packaged words and checkpoints with these rules only."""
    real = load_policy()
    return Policy(rules, (), real.data, real.causes, real.checkpoints, "0" * 64)


class Answering:
    """An engine that answers what it was told to."""

    def __init__(self, outcome: Outcome | RuleError) -> None:
        self.outcome = outcome

    def evaluate(self, snapshot: Mapping[str, Any], policy: Policy) -> Mapping[str, Outcome | RuleError]:
        return {rule.package: self.outcome for rule in policy.rules}


def entry(subject: str = "a", **changes: Any) -> Entry:
    return Entry(subject, **changes)
