"""What moved between two runs, and nothing else."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from rich.console import Console

from inventory.device import Classification, Clue, Device
from inventory.network import Network, Port
from inventory.snapshot import Snapshot
from inventory.system import Identity, System, User
from reports.difference import show
from rules import check
from rules.difference import DeviceChange, Difference, FactChange, FindingChange, difference
from rules.engine import EmbeddedEngine
from rules.finding import Assessment
from rules.rule import Policy
from tests.unit.rules.made import snapshot
from tests.unit.rules.scenarios import NAMES
from tests.unit.rules.scenarios import snapshot as scenario

Run = tuple[Snapshot, Assessment]


def run(taken: Snapshot, policy: Policy, engine: EmbeddedEngine) -> Run:
    return taken, check(taken, policy, engine)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_does_not_differ_from_itself(name: str, policy: Policy, engine: EmbeddedEngine) -> None:
    found = difference(run(scenario(name), policy, engine), run(scenario(name), policy, engine))
    assert found == Difference((), (), ())
    assert not found


def test_devices_that_came_and_went(policy: Policy, engine: EmbeddedEngine) -> None:
    a, b = (Device(id=name, name=f"nom-{name}", network=Network(macs=(name,))) for name in "ab")
    absent = replace(a, network=None)  # declared, and not met
    found = difference(run(snapshot(a), policy, engine), run(snapshot(absent, b), policy, engine))
    assert found.devices == (DeviceChange("gone", "a", "nom-a"), DeviceChange("new", "b", "nom-b"))
    assert found.facts == ()


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Classification("phone", False, ()), False),
        (Classification("router", True, ()), True),
        (Classification("phone", False, (Clue("router", 60, "gateway true"),)), True),
    ],
)
def test_a_thing_with_an_invented_mac_does_not_pass(
    known: Classification, told: bool, policy: Policy, engine: EmbeddedEngine
) -> None:
    made = Device(id="a", name="a", network=Network(macs=("a",), mac_randomised=True), classification=known)
    found = difference(run(snapshot(), policy, engine), run(snapshot(made), policy, engine))
    assert found.devices == ((DeviceChange("new", "a", "a"),) if told else ())


def test_facts_are_compared_item_by_item(policy: Policy, engine: EmbeddedEngine) -> None:
    def device(firmware: str, *ports: int, users: tuple[User, ...] = (), uptime: int = 0) -> Device:
        return Device(
            id="a",
            name="nas",
            network=Network(macs=("a",), ports=tuple(Port(port) for port in ports)),
            system=System(identity=Identity(firmware=firmware, uptime_s=uptime), users=users or None),
        )

    before = snapshot(device("7.1", 22, 80, 443, users=(User("root", 0), User("root", 1)), uptime=9))
    after = snapshot(device("7.2", 80, 443, 5000, users=(User("root", 0),)))
    found = difference(run(before, policy, engine), run(after, policy, engine))
    assert [(item.change, item.fact, item.before, item.after) for item in found.facts] == [
        ("gone", "network.ports[tcp/22]", {"port": 22, "protocol": "tcp"}, None),
        ("new", "network.ports[tcp/5000]", None, {"port": 5000, "protocol": "tcp"}),
        ("changed", "system.identity.firmware", "7.1", "7.2"),
        ("gone", "system.users[root 1]", {"name": "root", "uid": 1}, None),
    ]
    assert FactChange("changed", "a", "nas", "system.identity.firmware", "7.1", "7.2") in found.facts


def test_a_verdict_that_moved(policy: Policy, engine: EmbeddedEngine) -> None:
    late = scenario("nas_update_late")
    recent = replace(late, taken_at=late.taken_at - timedelta(days=400))
    found = difference(run(recent, policy, engine), run(late, policy, engine))
    moved = [(item.rule, item.before, item.after) for item in found.findings]
    assert moved == [("ANS-02.23", "warn", "fail")]
    assert isinstance(found.findings[0], FindingChange)


def test_a_fault_that_could_not_be_checked_again_is_not_mended(policy: Policy, engine: EmbeddedEngine) -> None:
    weak = scenario("weak_ssh")
    (number, box), *_ = [(place, item) for place, item in enumerate(weak.devices) if item.name == "box"]
    assert box.network is not None
    bare = replace(box, network=replace(box.network, ssh_offers=None), system=None)
    after = replace(weak, devices=(*weak.devices[:number], bare, *weak.devices[number + 1 :]))
    runs = run(weak, policy, engine), run(after, policy, engine)
    moved = [item for item in difference(*runs).findings if (item.rule, item.name) == ("ANS-03.17", "box")]
    assert [(item.item, item.before, item.after) for item in moved] == [
        (name, "fail", "unknown") for name in ("root_login", "tcp/22")
    ]
    back = [item for item in difference(*reversed(runs)).findings if (item.rule, item.name) == ("ANS-03.17", "box")]
    assert [(item.item, item.before, item.after) for item in back] == [
        (name, "unknown", "fail") for name in ("root_login", "tcp/22")
    ]
    console = Console(file=io.StringIO(), width=200)
    show(difference(*runs), console)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "ANS-03.17 Accès SSH" in said
    assert "à corriger → inconnu (n’a pas pu être revérifié)" in said
    assert "connexion de root par mot de passe" in said


def test_a_row_of_the_site_shows_no_internal_key(policy: Policy, engine: EmbeddedEngine) -> None:
    runs = run(scenario("healthy"), policy, engine), run(scenario("uncertain_nas"), policy, engine)
    console = Console(file=io.StringIO(), width=200)
    show(difference(*runs), console)
    assert "uncertain_devices" not in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_finding_that_is_taken_more_seriously_moved(policy: Policy, engine: EmbeddedEngine) -> None:
    taken, before = run(scenario("port_forward"), policy, engine)
    (failed, *_) = [item for item in before.findings if item.verdict == "fail"]
    other: Literal["low", "high"] = "low" if failed.severity != "low" else "high"
    after = replace(
        before, findings=tuple(replace(item, severity=other) if item is failed else item for item in before.findings)
    )
    (moved,) = difference((taken, before), (taken, after)).findings
    assert (moved.rule, moved.before, moved.after, moved.severity) == (
        failed.rule, "fail", "fail", (failed.severity, other),
    )  # fmt: skip
    assert "→ Basse)" in shown(Difference((), (), (moved,)))


def test_a_forged_run_does_not_print_for_minutes() -> None:
    found = Difference((), tuple(FactChange("new", "a", "nas", f"ports[{at}]", None, at) for at in range(3_000)), ())
    lines = shown(found).splitlines()
    assert len(lines) == 2_002
    assert "1000" in lines[-1]


def test_a_long_value_is_shown_where_it_differs_and_a_cut_line_says_so() -> None:
    shared = {"port": 5001, "ciphers": [f"TLS_CIPHER_{number}" for number in range(60)], "subject": "x" * 200}
    was, now = {**shared, "versions": ["TLSv1", "TLSv1.2"]}, {**shared, "versions": ["TLSv1.2"]}
    line = shown(Difference((), (FactChange("changed", "a", "nas", "network.tls[5001]", was, now),), ())).splitlines()[
        1
    ]
    assert line.strip() == "~ nas network.tls[5001]: versions: -TLSv1"
    texts = "a" * 500 + "old" + "b" * 500, "a" * 500 + "new" + "b" * 500
    line = shown(Difference((), (FactChange("changed", "a", "nas", "system.banner", *texts),), ())).splitlines()[1]
    assert all(part in line for part in ("aold", "→ …", "anew"))
    assert line.endswith("…")
    line = shown(Difference((), (FactChange("new", "a", "nas", "network.ports", None, list(range(900))),), ()))
    assert line.strip().endswith("…")


def shown(found: Difference) -> str:
    text = io.StringIO()
    show(found, Console(file=text, width=300))
    return text.getvalue()
