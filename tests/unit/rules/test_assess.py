"""check() as a whole: order, device rows, refusals."""

from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import IPv4Address

import pytest

from inventory.device import Clue, Declared, Link
from inventory.errors import ParseError
from inventory.network import Network, Port
from inventory.snapshot import Authorisation, Coverage
from inventory.system import Identity, System
from reports.view import addresses, view
from rules import check
from rules.engine import EmbeddedEngine
from rules.finding import EvidenceEntry
from rules.outcome import Outcome
from rules.rule import Policy
from tests.unit.rules.made import Answering, classified, device, entry, policy, rule, snapshot
from tests.unit.rules.scenarios import snapshot as recorded


def test_findings_by_severity_rule_subject_item() -> None:
    fails = (entry("b"), entry("a", item="x"), entry("c", severity="critical"), entry("a", item="b"))
    rows = check(snapshot(*map(device, "abc")), policy(rule()), Answering(Outcome(fail=fails))).findings
    assert [(row.subject, row.item) for row in rows] == [("c", None), ("a", "b"), ("a", "x"), ("b", None)]


def test_the_same_snapshot_gives_the_same_assessment(policy: Policy) -> None:
    first, second = (check(recorded("port_forward"), policy, EmbeddedEngine()).to_json() for _ in range(2))
    assert first == second


def test_what_is_handed_on() -> None:
    authorisation = Authorisation("la titulaire", date(2026, 11, 1), date(2026, 11, 30))
    evidence = EvidenceEntry("e1", "arp", "192.0.2.0/24", "who-has", "done", datetime(2026, 11, 23, tzinfo=UTC))
    made = check(
        snapshot(device()),
        policy(rule()),
        Answering(Outcome()),
        evidence=[evidence],
        authorisation=authorisation,
        version="1.2.3",
    )
    assert (made.vigie, made.policy, made.evidence, made.authorisation) == (
        "1.2.3",
        "0" * 64,
        (evidence,),
        authorisation,
    )
    assert [text.id for text in made.rules] == ["ANS-02.99"]


def test_device_rows() -> None:
    ports = (Port(445, service="smb"), Port(161, "udp"))
    seen = device(
        "b",
        classification=replace(classified("nas", certain=True), clues=(Clue("nas", 90, "Synology MIB"),)),
        fragile=True,
        network=Network(("m",), (IPv4Address("192.0.2.9"),), "wire", zone="wifi", ports=ports, mac_randomised=True),
        system=System(identity=Identity("Synology", "DS220+", firmware="DSM 7.2")),
    )
    owned = Declared("x", "tv", "family", "personal", macs=("d",))
    declared = replace(device("a"), name="", classification=None, network=None, declared=owned)
    first, second = check(snapshot(declared, seen), policy(rule()), Answering(Outcome())).devices
    assert (first.id, first.category, first.certain, first.clues) == ("b", "nas", True, ("Synology MIB",))
    assert (first.vendor, first.model, first.firmware, first.zone) == ("Synology", "DS220+", "DSM 7.2", "wifi")
    assert first.ports == ("tcp/445 smb", "udp/161")
    assert (first.fragile, first.mac_randomised, first.seen, first.declared) == (True, True, True, False)
    assert (second.id, second.name, second.category, second.seen) == ("a", "a", "unknown", False)
    assert (second.macs, second.owner, second.declared) == (("d",), "family", True)


def test_a_finding_is_of_where_the_device_was_asked() -> None:
    """It was heard with a lower address too, and a neighbour is only heard."""
    heard, met = IPv4Address("192.0.2.5"), IPv4Address("192.0.2.9")
    nas = device(network=Network(addresses=(heard, met)))
    rows = (
        Coverage("ports", str(met), "done", "a"),
        Coverage("ports", str(heard), "done", "another"),
        Coverage("ports", "192.0.2.8", "not_asked", "b"),
    )
    taken = snapshot(nas, device("b", network=Network(addresses=(IPv4Address("192.0.2.8"),))), coverage=rows)
    made = check(taken, policy(rule()), Answering(Outcome(fail=(entry(), entry("b")))))
    first, second = made.devices
    assert (first.asked_at, first.addresses, second.asked_at) == ((str(met),), (str(heard), str(met)), ())
    assert [row.values["address"] for row in made.findings if row.verdict == "fail"] == [str(met), "192.0.2.8"]
    assert [addresses(item) for group in view(made).failing for item in group.items] == [[str(met)], ["192.0.2.8"]]


def test_a_snapshot_that_does_not_fit_the_schema_is_refused() -> None:
    wrong = replace(device(), name=7)  # type: ignore[arg-type]
    with pytest.raises(ParseError, match="snapshot/devices/0/name"):
        check(snapshot(wrong), policy(rule()), Answering(Outcome()))


def test_a_name_in_an_identifier_is_not_shown() -> None:
    link = Link("dhcp_id", "iPhone-de-Marie", "5e:00:00:00:53:01", "a", announced=True)
    (row,) = check(snapshot(device("a", links=(link,))), policy(rule()), Answering(Outcome())).devices
    assert [item.value for item in row.links] == ["iPhone-de-…"]
