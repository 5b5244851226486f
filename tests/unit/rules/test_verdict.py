"""verdict() and everything around it that turns an engine's answer into rows."""

from typing import Any

import pytest

from inventory.device import Declared, Device
from inventory.network import Network, SmbSeen
from inventory.snapshot import Coverage, History, Seen, Snapshot, Source, Status, Unread
from rules.finding import SITE, Finding, Proof, Verdict, verdict
from rules.outcome import Outcome, RuleError
from rules.rule import Rule
from rules.verdict import findings
from tests.unit.rules.made import NOW, SWEPT, address_only, classified, device, entry, policy, rule, snapshot

PASS = Outcome()
Needs = tuple[tuple[str, ...], ...]
Row = tuple[str, str | None, str, str | None]  # subject, item, verdict, cause


def judged(snap: Snapshot, outcome: Outcome | RuleError = PASS, made: Rule | None = None) -> list[Finding]:
    made = made or rule()
    return findings(snap, policy(made), {made.package: outcome})


def told(rows: list[Finding]) -> list[Row]:
    return [(row.subject, row.item, row.verdict, row.cause) for row in rows]


@pytest.mark.parametrize(
    ("fail", "warn", "not_applicable", "unknown", "needs_met", "expected"),
    [
        (1, 1, 1, 1, 0, "fail"),
        (1, 0, 0, 0, 1, "fail"),
        (0, 1, 1, 1, 1, "warn"),
        (0, 0, 1, 1, 0, "not_applicable"),
        (0, 0, 0, 1, 1, "unknown"),
        (0, 0, 0, 0, 0, "unknown"),
        (0, 0, 0, 0, 1, "pass"),
    ],
)
def test_precedence(fail: int, warn: int, not_applicable: int, unknown: int, needs_met: int, expected: Verdict) -> None:
    found = verdict(
        fail=bool(fail),
        warn=bool(warn),
        not_applicable=bool(not_applicable),
        unknown=bool(unknown),
        needs_met=bool(needs_met),
    )
    assert found == expected


FAIL = entry(item="tcp/23", values={"port": 23})
NOT_APPLICABLE = entry(cause="no_ssh")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (PASS, [("a", None, "pass", None)]),
        (Outcome(fail=(FAIL,)), [("a", "tcp/23", "fail", None)]),
        (Outcome(fail=(FAIL,), warn=(entry(item="x"),)), [("a", "tcp/23", "fail", None), ("a", "x", "warn", None)]),
        (Outcome(warn=(entry(),), not_applicable=(NOT_APPLICABLE,)), [("a", None, "warn", None)]),
        (
            Outcome(not_applicable=(NOT_APPLICABLE, entry(cause="first_contact"))),
            [("a", None, "not_applicable", "no_ssh")],
        ),
        (
            Outcome(not_applicable=(NOT_APPLICABLE,), unknown=(entry(cause="x"),)),
            [("a", None, "not_applicable", "no_ssh")],
        ),
        (Outcome(unknown=(entry(cause="not_probed"),)), [("a", None, "unknown", "not_probed")]),
        (Outcome(fail=(FAIL, FAIL)), [("a", "tcp/23", "fail", None), ("a", "tcp/23 (2)", "fail", None)]),
        (Outcome(fail=(entry(), entry())), [("a", None, "fail", None), ("a", "(2)", "fail", None)]),
        (RuleError("ans.cp02.made", "boom"), [("a", None, "unknown", "rule_error")]),
    ],
)
def test_rows_of_a_subject(outcome: Outcome | RuleError, expected: list[Row]) -> None:
    assert told(judged(snapshot(device()), outcome)) == expected


BARE = device(network=address_only())
SSH = (("device.system.port_forwards",),)
DECLARED = Declared("poste", "nas", "practice", "professional")


def tried(source: str, status: Status, target: str = "192.0.2.7", device: str | None = None) -> dict[str, Any]:
    """The sweep, and one attempt at a device."""
    return {"coverage": (SWEPT, Coverage(source, target, status, device))}


def asked(*endings: Status) -> dict[str, Any]:
    """The sweep, then over SSH the host key and commands."""
    answers = (Coverage("ssh", "192.0.2.7", each, "a", None, f"ssh-{place}") for place, each in enumerate(endings))
    return {"coverage": (SWEPT, *answers)}


def left_unread(fact: str, device: str = "a", evidence: str = "e") -> dict[str, Any]:
    return {"unread": (Unread(device, fact, evidence, 1, "?"),)}


@pytest.mark.parametrize(
    ("name", "subject", "needs", "more", "cause"),
    [
        ("nobody looked", BARE, None, {}, "not_collected"),
        ("scripts silent", BARE, None, tried("scripts", "silent"), "silent"),
        ("scripts before ports", BARE, None,
         {"coverage": (*tried("ports", "refused")["coverage"], Coverage("scripts", "x", "excluded", device="a"))},
         "excluded"),
        ("another device's failure", BARE, None,
         tried("scripts", "silent", "192.0.2.9"), "not_collected"),
        ("a source that could not tell", BARE, None,
         tried("ssh", "refused"), "not_collected"),
        ("ssh refused", device(), SSH, tried("ssh", "refused"), "refused"),
        ("another command failed", device(), SSH, asked("done", "done", "failed"), "not_collected"),
        ("its own command failed", device(), SSH,
         {**asked("done", "done", "failed"), **left_unread("system.port_forwards", evidence="ssh-2")}, "failed"),
        ("no command answered", device(), SSH, asked("done", "silent", "silent"), "silent"),
        ("nobody was let in", device(), SSH, asked("done", "done", "credential_refused"), "credential_refused"),
        ("the way in that was tried", device(), SSH,
         {"coverage": (*tried("ssh", "no_credential")["coverage"], Coverage("api", "192.0.2.7", "credential_refused"))},
         "credential_refused"),
        ("no way in was tried", device(), SSH,
         {"coverage": (*tried("ssh", "no_credential")["coverage"], Coverage("api", "192.0.2.7", "done"))},
         "no_credential"),
        ("ports not known", BARE, None, tried("scripts", "ports_unknown"), "ports_unknown"),
        ("unread below", device(), None, left_unread("network.smb.dialects"), "unread_lines"),
        ("unread above", device(), None, left_unread("network"), "unread_lines"),
        ("unread with slashes", device(), None, left_unread("/network/smb/0"), "unread_lines"),
        ("only declared", device(network=None, declared=DECLARED), None, {}, "not_seen"),
        ("not declared", device(), (("device.declared", "device.network.smb"),), {}, "not_declared"),
        ("no inventory", device(), (("site.inventory_declared",),), {"inventory_declared": False}, "not_declared"),
        ("sweep needed", device(), (("coverage.arp",),), {"coverage": ()}, "not_collected"),
        ("history needed", device(), (("history.seen",),), {}, "not_collected"),
        ("history of another", device(), (("history.seen",),), {"history": History(1, {"b": Seen(NOW, NOW)})},
         "not_collected"),
    ],
)  # fmt: skip
def test_cause_of_unknown(name: str, subject: Device, needs: Needs | None, more: dict[str, Any], cause: str) -> None:
    rows = judged(snapshot(subject, device("z"), **more), made=rule(needs=needs) if needs else None)
    (row,) = [row for row in rows if row.subject == "a" and row.item is None]
    assert (row.verdict, row.cause) == ("unknown", cause), name
    assert row.message is not None


@pytest.mark.parametrize(
    ("needs", "more"),
    [
        ((("device.system.smb",), ("device.network.smb",)), {}),
        ((("device.network.addresses", "device.network.smb"),), {}),
        ((("site.inventory_declared",),), {}),
        ((("coverage.arp",),), {}),
        ((("history.seen",),), {"history": History(1, {"a": Seen(NOW, NOW)})}),
        ((("history.runs",),), {}),
        ((("device.network.smb",),), left_unread("network.smbios")),
        ((("device.network.smb",),), left_unread("network.smb", "b")),
    ],
)
def test_needs_that_are_met(needs: Needs, more: dict[str, Any]) -> None:
    assert told(judged(snapshot(device(), **more), made=rule(needs=needs))) == [("a", None, "pass", None)]


def test_an_empty_list_is_an_answer() -> None:
    empty = device(network=Network(ports=()))
    assert judged(snapshot(empty), made=rule(needs=(("device.network.ports",),)))[0].verdict == "pass"


@pytest.mark.parametrize(
    ("name", "devices", "roles", "more", "expected"),
    [
        ("certain and no other", [device(classification=classified("tv", certain=True))], ("nas",), {},
         [(SITE, None, "not_applicable", "no_such_device")]),
        ("might be one", [device(classification=classified("tv", certain=False)), device("b", classification=None)],
         ("nas",), {}, [(SITE, "uncertain_devices", "unknown", "category_uncertain")]),
        ("of no known kind", [device(classification=classified("unknown", certain=True))], ("nas",), {},
         [(SITE, "uncertain_devices", "unknown", "category_uncertain")]),
        ("likely one", [device(classification=classified("nas", certain=False))], ("nas",), {},
         [("a", None, "pass", None)]),
        ("not swept", [device(classification=classified("tv", certain=True))], ("nas",),
         {"coverage": (Coverage("arp", "192.0.2.0/24", "off_link"),)}, [(SITE, "discovery", "unknown", "off_link")]),
        ("swept in part", [device()], (), {"coverage": (Coverage("arp", "192.0.2.0/25", "done"),)},
         [("a", None, "pass", None), (SITE, "discovery", "unknown", "not_swept")]),
        ("swept in two halves", [device()], (),
         {"coverage": (Coverage("arp", "192.0.2.0/25", "done"), Coverage("arp", "192.0.2.128/25", "done"))},
         [("a", None, "pass", None)]),
        ("no vantage", [device()], (), {"coverage": (SWEPT, Coverage("vantage", "local", "failed"))},
         [("a", None, "pass", None), (SITE, "discovery", "unknown", "failed")]),
        ("no sweep on record", [device()], (), {"coverage": ()},
         [("a", None, "pass", None), (SITE, "discovery", "unknown", "not_swept")]),
        ("a device went missing", [device()], (), tried("ssh", "done", "192.0.2.50", "x"),
         [("a", None, "pass", None), (SITE, "discovery", "unknown", "device_missing")]),
        ("a device under another id", [device()], (), tried("ssh", "done", device="x"),
         [("a", None, "pass", None)]),
        ("nothing at all", [], (), {}, [(SITE, None, "unknown", "no_device_seen")]),
        ("only declared devices", [device(network=None), device("b", network=Network())], (), {},
         [("a", None, "unknown", "not_seen"), ("b", None, "unknown", "not_seen"),
          (SITE, None, "unknown", "no_device_seen")]),
    ],
)  # fmt: skip
def test_rows_of_the_site(
    name: str, devices: list[Device], roles: tuple[str, ...], more: dict[str, Any], expected: list[Row]
) -> None:
    assert told(judged(snapshot(*devices, **more), made=rule(roles=roles))) == expected, name


def test_a_proven_failure_outside_the_roles_stands() -> None:
    tv = device(classification=classified("tv", certain=False))
    outcome = Outcome(fail=(entry(),), unknown=(entry("b", cause="not_probed"),))
    rows = judged(
        snapshot(tv, device("b", classification=classified("tv", certain=True))), outcome, rule(roles=("nas",))
    )
    assert told(rows) == [("a", None, "fail", None)]


def test_a_rule_error_without_subjects_is_about_the_site() -> None:
    rows = judged(snapshot(device()), RuleError("p", "boom"), rule(roles=("router",)))
    assert told(rows) == [(SITE, None, "unknown", "rule_error")]
    assert rows[0].values["reason"] == "boom"


def test_a_rule_that_the_engine_forgot_is_an_error() -> None:
    assert told(findings(snapshot(device()), policy(rule()), {})) == [("a", None, "unknown", "rule_error")]


SITE_RULE = rule(subject="site", needs=(("coverage.arp",),))


@pytest.mark.parametrize(
    ("devices", "outcome", "expected"),
    [
        ([device()], PASS, [(SITE, None, "pass", None)]),
        ([device()], Outcome(fail=(entry(SITE),)), [(SITE, None, "fail", None)]),
        ([], PASS, [(SITE, None, "unknown", "no_device_seen")]),
        (
            [],
            Outcome(fail=(entry(SITE, item="x"),)),
            [(SITE, "x", "fail", None), (SITE, None, "unknown", "no_device_seen")],
        ),
    ],
)
def test_a_rule_about_the_site(devices: list[Device], outcome: Outcome, expected: list[Row]) -> None:
    assert told(judged(snapshot(*devices), outcome, SITE_RULE)) == expected


def test_words_severity_and_values() -> None:
    outcome = Outcome(fail=(entry(severity="critical", values={"port": "{device}"}),))
    (row,) = judged(snapshot(device()), outcome)
    assert row.message is not None
    assert row.message.fr == "échec nom-a {device}"
    assert row.remedy is not None
    assert row.remedy.en == "remedy nom-a"
    assert row.severity == "critical"
    assert row.values == {"device": "nom-a", "address": "192.0.2.7", "port": "{device}"}


def test_a_value_that_is_missing_leaves_the_bare_word() -> None:
    (row,) = judged(snapshot(device()), Outcome(fail=(entry(),)))
    assert row.message is not None
    assert row.message.fr == "échec nom-a port"


def test_the_rule_may_word_its_own_unknown() -> None:
    own = rule(unknown=rule().title)
    (row,) = judged(snapshot(device(network=address_only())), made=own)
    assert row.message == own.title
    (row,) = judged(snapshot(device()), RuleError("p", "boom"), own)
    assert row.message != own.title


PROVENANCE = {
    "/devices/0/system/port_forwards": Source("whole"),
    "/devices/0/system/port_forwards/0": Source("ssh", 12),
    "/devices/0/system/port_forwards/10": Source("ssh", 22),
    "/devices/0/system/port_forwards/9": Source("ssh", 21),
    "/devices/0/network/smb/smb1": Source("smb", 3),
    "/devices/0/system/identity": Source("snmp"),
    "/devices/0/system/identity/os": Source("ssh", 3),
    "/devices/0/system/ssh": Source("ssh"),
    "/devices/0/system/ssh/root_login": Source("ssh", 4),
    "/devices/1/network/smb": Source("another device"),
    "/site/client": Source("site"),
}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("system/port_forwards/0", [("system/port_forwards/0", 12)]),
        ("system/port_forwards/9/target", [("system/port_forwards/9/target", 21)]),
        ("system/port_forwards/7", [("system/port_forwards/7", None)]),
        ("system/port_forwards", [("system/port_forwards", None)]),  # a list read as a whole
        ("system/ssh", [("system/ssh/root_login", 4)]),  # the fields say where in the same evidence
        ("system/identity", [("system/identity", None), ("system/identity/os", 3)]),  # each side read a part
        ("network/smb", [("network/smb/smb1", 3)]),
        ("system/users", []),
        (None, [("network/smb/smb1", 3)]),  # no fact named: what the rule needs
    ],
)
def test_proofs(fact: str | None, expected: list[tuple[str, int | None]]) -> None:
    (row,) = judged(snapshot(device(), provenance=PROVENANCE), Outcome(fail=(entry(fact=fact),)))
    assert [(proof.fact, proof.line) for proof in row.proofs] == expected


def test_several_facts_prove_together() -> None:
    both = entry(fact="network/smb", facts=("system/ssh", "system/identity/os"))
    (row,) = judged(snapshot(device(), provenance=PROVENANCE), Outcome(fail=(both,)))
    assert [proof.line for proof in row.proofs] == [3, 4, 3]


def test_the_failed_attempt_proves_an_unknown() -> None:
    attempt = Coverage("scripts", "192.0.2.7", "silent", cause="no answer in 5 s", evidence="e9")
    (row,) = judged(snapshot(device(network=address_only()), coverage=(SWEPT, attempt)))
    assert row.proofs == (Proof("network/smb", "e9"),)
    assert row.values["source"] == "scripts"
    assert row.values["detail"] == "no answer in 5 s"


def test_the_unreadable_line_proves_an_unknown() -> None:
    (row,) = judged(snapshot(device(), **left_unread("network.smb")))
    assert row.proofs == (Proof("network/smb", "e", 1),)


def test_a_pass_shows_at_most_eight_proofs_in_reading_order() -> None:
    many = {f"/devices/0/network/smb/dialects/{number}": Source("e", number) for number in range(12)}
    (row,) = judged(snapshot(device(network=Network(smb=SmbSeen((), smb1=False))), provenance=many))
    assert [proof.line for proof in row.proofs] == list(range(8))


def test_a_row_of_the_practice_rests_on_the_devices_that_it_counts() -> None:
    """Their facts by name, or what the rule needs; one capture that told of both is one proof."""
    places = {
        "/devices/0/network/macs": Source("capture"),
        "/devices/1/network/macs": Source("capture"),
        "/devices/1/network/smb": Source("e"),
        "/devices/2/network/macs": Source("another"),
    }
    known = snapshot(*map(device, "abc"), provenance=places)
    for facts, proofs in ((("network/macs",), [("network/macs", "capture")]), ((), [("network/smb", "e")])):
        counted = entry(SITE, item="passing", devices=("a", "b"), facts=facts)
        (row,) = (row for row in judged(known, Outcome(warn=(counted,))) if row.verdict == "warn")
        assert [(proof.fact, proof.evidence) for proof in row.proofs] == proofs


def test_a_default_is_a_proof_without_a_line() -> None:
    (row,) = judged(
        snapshot(device(), provenance={"/devices/0/system/upnp": Source("ssh", default=True)}),
        Outcome(fail=(entry(fact="system/upnp"),)),
    )
    assert row.proofs == (Proof("system/upnp", "ssh", None, default=True),)
