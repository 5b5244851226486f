"""What earlier visits leave to the next one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Network

import pytest

from inventory.device import Declared, Device, Identifier, Traits
from inventory.document import from_json, to_json
from inventory.history import carried
from inventory.network import Network
from inventory.snapshot import History, Profile, Seen, SiteFacts, Snapshot
from inventory.system import System, Updates

NAS = "00:11:32:00:00:01"
FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITE = SiteFacts("Cabinet", Profile("group", "shared", "local"), 2, (IPv4Network("192.168.10.0/24"),), True)


def visit(moment: datetime, status: str | None, before: History) -> Snapshot:
    system = None if status is None else System(updates=Updates(status))  # type: ignore[arg-type]
    device = Device(id=NAS, name="nas", network=Network(macs=(NAS,)), system=system)
    return Snapshot(moment, SITE, (), (device,), (), before, {})


def after(*statuses: str | None) -> History:
    history = carried(None)
    for number, status in enumerate(statuses):
        history = carried(visit(FIRST + timedelta(days=90 * number), status, history))
    return history


def test_before_the_first_visit_nothing_is_known() -> None:
    assert carried(None) == History()


def test_a_device_keeps_its_first_day() -> None:
    history = after("current", "current", "current")
    assert history.runs == 3
    assert history.seen is not None
    assert history.seen[NAS].first == FIRST
    assert history.seen[NAS].last == FIRST + timedelta(days=180)


@pytest.mark.parametrize(
    ("statuses", "since"),
    [
        (("available", "available"), {"updates.available": FIRST}),
        # "Cannot reach the update server" settles nothing: the update is still pending.
        (("available", "disconnected", "available"), {"updates.available": FIRST}),
        # Not read at all: what was known stays known.
        (("available", None, "available"), {"updates.available": FIRST}),
        (("available", "current"), {"updates.current": FIRST + timedelta(days=90)}),
        (("available", "current", "available"), {"updates.available": FIRST + timedelta(days=180)}),
        (("other",), None),
    ],
)
def test_since_when_an_update_waits(statuses: tuple[str | None, ...], since: dict[str, datetime] | None) -> None:
    assert (after(*statuses).since or {}).get(NAS) == since


def test_a_device_that_is_away_keeps_its_history() -> None:
    history = after("available")
    empty = replace(visit(FIRST + timedelta(days=90), None, history), devices=())
    later = carried(empty)
    assert later.seen == history.seen
    assert later.since == history.since


def test_a_device_not_met_for_a_year_is_forgotten() -> None:
    empty = replace(visit(FIRST + timedelta(days=400), None, after("available")), devices=())
    assert carried(empty).seen == {}
    assert carried(empty).since == {}


def test_a_device_declared_since_keeps_its_history() -> None:
    """Seen as a stranger under its second MAC, it is declared with both before the next visit."""
    first = "00:11:32:00:00:00"
    declared = Declared("nas", "nas", "practice", "professional", macs=(NAS, first))
    history = carried(visit(FIRST, "available", History()), (declared,))
    assert history.seen == {first: Seen(FIRST, FIRST)}
    assert history.since == {first: {"updates.available": FIRST}}


def test_two_memories_of_one_device_become_one() -> None:
    first, later = "00:11:32:00:00:00", FIRST + timedelta(days=90)
    declared = Declared("nas", "nas", "practice", "professional", macs=(NAS, first))
    before = History(1, {first: Seen(FIRST, FIRST)}, {first: {"updates.available": FIRST}})
    history = carried(visit(later, "current", before), (declared,))
    assert history.seen == {first: Seen(FIRST, later)}
    assert history.since == {first: {"updates.current": later}}


def test_a_history_survives_the_run_folder() -> None:
    history = after("available", "available")
    assert from_json(History, to_json(history)) == history
    assert date(2026, 3, 2) == FIRST.date()


# --- who it was ---


def shown(moment: datetime, before: History, key: str | None, name: str = NAS) -> History:
    identifiers = (Identifier("host_key", f"ssh-ed25519 {key}"),) if key else ()
    device = Device(id=name, network=Network(macs=(name,)), traits=Traits(identifiers))
    return carried(Snapshot(moment, SITE, (), (device,), (), before, {}))


def keys(history: History, name: str = NAS) -> list[str]:
    return [item.value for item in (history.known or {})[name].traits.identifiers]


def test_another_identity_does_not_become_the_rule_at_once() -> None:
    history = shown(FIRST, History(), "a")
    for day in (1, 2, 30):
        history = shown(FIRST + timedelta(days=day), history, "b")
        assert keys(history) == ["ssh-ed25519 a"]
    assert (history.known or {})[NAS].doubted == FIRST + timedelta(days=1)


def test_what_lasts_a_month_is_settled() -> None:
    history = shown(FIRST, History(), "a")
    for day in (1, 32, 33):
        history = shown(FIRST + timedelta(days=day), history, "b")
    assert (keys(history), (history.known or {})[NAS].doubted) == (["ssh-ed25519 b"], None)


def test_a_visit_that_saw_nothing_settles_nothing() -> None:
    history = shown(FIRST + timedelta(days=1), shown(FIRST, History(), "a"), "b")
    history = shown(FIRST + timedelta(days=2), history, None)
    assert (history.known or {})[NAS].doubted == FIRST + timedelta(days=1)
    assert (shown(FIRST + timedelta(days=3), history, "a").known or {})[NAS].doubted is None


def test_an_invented_mac_is_forgotten_after_a_month_and_an_identity_after_a_year() -> None:
    passing, lasting = "5e:00:00:00:00:01", "5e:00:00:00:00:02"
    history = shown(FIRST, shown(FIRST, History(), None, passing), "a", lasting)
    for days, left in ((29, {passing, lasting}), (31, {lasting}), (367, set())):
        nobody = Snapshot(FIRST + timedelta(days=days), SITE, (), (), (), history, {})
        assert set(carried(nobody).seen or ()) == left
