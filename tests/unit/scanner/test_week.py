"""A week at a practice: seven daily visits, each recorded, judged, replayed, and remembered by the next.

Phones change their MACs every day, a laptop moves between its dock and the Wi-Fi, a NAS stands there with two sockets,
a tablet sleeps, a server stands in a VLAN that only the router knows, patients come and go, and on Friday somebody
plugs in a box. Everything travels as it does on a real visit: ARP and mDNS as captures, ports as nmap's XML, the
router's word over SSH, the history from run folder to run folder.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from inventory.document import to_json
from inventory.history import carried
from inventory.site import read_site
from inventory.snapshot import Snapshot
from reports import render
from rules import check, load_policy
from rules.difference import difference
from rules.engine import EmbeddedEngine
from rules.finding import Assessment, Finding
from scanner import runs
from scanner.discover import asked_ports
from scanner.evidence import Evidence, Request
from scanner.platforms._interfaces import COMMAND as INTERFACES
from scanner.platforms._tables import NEIGHBOURS
from scanner.scan import scan
from scanner.transport import Recording
from scanner.visit import replay
from scanner.wire.connect_xml import Seen, report
from tests.unit.scanner.test_scan import LAN, Practice
from tests.unit.scanner.wire_samples import address, heard, response, service

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ROUTER, NAS, NAS_2, DOCK, TABLET = (
    "c4:ad:34:10:20:30", "00:11:32:aa:bb:01", "00:11:32:aa:bb:02", "00:e0:4c:68:12:34", "0a:1b:2c:3d:4e:5f",
)  # fmt: skip
LAPTOP_WIFI = "3c:22:fb:10:20:30"  # burned in, never shown on the air: the laptop invents one MAC a day
BOX = "dc:a6:32:71:72:73"
SERVER = "00:15:5d:01:02:03"  # in a VLAN behind the router
KEY = "ssh-ed25519 SHA256:box\npinned ssh-ed25519 SHA256:box\nbanner SSH-2.0-OpenSSH_9.2p1 Debian-2\nlegacy no\n"
TOLD = {
    "cat /etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
    INTERFACES: (
        "default via 203.0.113.1 dev wan0 proto dhcp src 203.0.113.9\n"
        "local 203.0.113.9 dev wan0 table local proto kernel scope host src 203.0.113.9\n"
        "local 192.168.10.1 dev lan0 table local proto kernel scope host src 192.168.10.1\n"
        "local 192.168.30.1 dev lan0.30 table local proto kernel scope host src 192.168.30.1\n"
    ),
    NEIGHBOURS: (
        "192.168.30.20 dev lan0.30 lladdr 00:15:5d:01:02:03 ref 1 used 7/5/3 probes 1 REACHABLE\n"
        "203.0.113.1 dev wan0 lladdr 00:00:5e:00:01:01 ref 1 used 7/5/3 probes 1 REACHABLE\n"
    ),
}
STRANGERS = ("ANS-02.01", "ANS-02.04", "ANS-02.30")

SITE = """
vigie: 1
client: Cabinet
profile: {exercise: assisted, software: shared, hosting: local}
size: 2
networks: [{network: 192.168.10.0/24, zone: professional}]
authorisation: {by: Titulaire, from: "2026-01-01", until: "2026-12-31"}
vantage: professional
"""
CREDENTIALS = """credentials:
  - {name: lecture, kind: ssh, devices: [routeur], user: lecture, password: "env:NOWHERE"}
"""
INVENTORY = f"""
devices:
  - {{name: routeur, role: router, owner: practice, use: professional, macs: ["{ROUTER}"]}}
  - {{name: nas, role: nas, owner: practice, use: professional, macs: ["{NAS}"]}}
  - {{name: portable, role: workstation, owner: practice, use: professional, presence: mobile, macs: ["{DOCK}"]}}
  - {{name: tablette, role: tablet, owner: practice, use: professional, presence: mobile, macs: ["{TABLET}"]}}
  - {{name: serveur, role: server, owner: practice, use: professional, macs: ["{SERVER}"]}}
"""


@dataclass
class Day(Practice):
    """What is on the network on one day."""

    moment: datetime = MONDAY
    here: dict[str, str] = field(default_factory=dict)  # MAC → address
    open: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # address → open port and its banner
    said: list[tuple[str, int, bytes]] = field(default_factory=list)  # mDNS
    details: dict[str, str] = field(default_factory=dict)  # source → what its evidence says of how it was asked
    names: set[str] = field(default_factory=set)  # of the devices that are really there

    def __post_init__(self) -> None:
        super().__init__({LAN: self.here})

    def stands(self, name: str, mac: str, at: str, *announced: Iterable[bytes], host: str = "") -> None:
        """A device is there, and announces these services."""
        self.names.add(name)
        self.here[mac] = at
        records = [record for each in announced for record in each]
        if host:
            self.said.append((at, 5353, response(*records, address(host, at))))

    def send(self, request: Request) -> Evidence:
        if request.source == "ports":
            _, ports = asked_ports(request)
            known = self.open.get(request.target)
            seen = {port: Seen("closed", "conn-refused") for port in ports}
            seen |= {known[0]: Seen("open", "syn-ack", known[1])} if known and known[0] in ports else {}
            self.answers["ports", request.target] = report(
                request.target, ports, seen, "vigie", time.time(), late=False
            )
        if request.source == "mdns":
            self.answers["mdns", request.target] = heard(*self.said)
        if (request.source, request.target) == ("ssh", "192.168.10.1"):
            said = KEY if request.ask == "host-key" else TOLD.get(request.ask.removeprefix("exec "))
            return Evidence(request, "silent" if said is None else "done", self.moment, (said or "").encode())
        answer = super().send(request)
        return Evidence(answer.request, answer.status, self.moment, answer.body, self.details.get(request.source, ""))


def invented(who: int, day: int) -> str:
    """The MAC that a phone invents on a day."""
    return f"{(0x02, 0x4E, 0x5A, 0xDE)[who % 4]:02x}:{who:02x}:77:00:3c:{day:02x}"


def week() -> list[Day]:
    days = [Day(moment=MONDAY + timedelta(days=number)) for number in range(7)]
    for number, day in enumerate(days):
        _stands_always(day)
        _laptop(day, number)
        if number in (0, 3, 4):  # else it sleeps
            day.stands("tablette", TABLET, "192.168.10.40")
        # Nobody's, and nothing to know it by.
        day.stands("telephone-1", invented(1, number), f"192.168.10.{100 + number}", host="iPhone-de-Marie")
        # The same phone every day: it says so.
        airplay = service("_airplay._tcp", "iPhone de Paul", "iPhone-de-Paul", 7000, "deviceid=F0:99:B6:12:34:56")
        day.stands("telephone-2", invented(2, number), f"192.168.10.{120 + number}", airplay, host="iPhone-de-Paul")
        if number in (2, 3):
            day.stands("patient", invented(3, number), f"192.168.10.{140 + number}")
        if number >= 4:
            day.stands("inconnu", BOX, "192.168.10.66")
            day.open["192.168.10.66"] = (22, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    return days


def _stands_always(day: Day) -> None:
    day.stands("routeur", ROUTER, "192.168.10.1")
    day.open["192.168.10.1"] = (22, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    day.names.add("serveur")
    texts = ("vendor=Synology", "serial=2130ABC008231", f"mac_address={NAS}|{NAS_2}")
    for mac, at in ((NAS, "192.168.10.10"), (NAS_2, "192.168.10.11")):  # two sockets of one bond, both with an address
        day.stands("nas", mac, at, service("_http._tcp", "nas", "nas", 5000, *texts), host="nas")


def _laptop(day: Day, number: int) -> None:
    """On its dock on Monday and Thursday, on the Wi-Fi on Tuesday and Friday, on both on Wednesday."""
    airplay = list(service("_airplay._tcp", "portable", "portable", 7000, f"deviceid={LAPTOP_WIFI.upper()}"))
    if number in (0, 2, 3):
        day.stands("portable", DOCK, "192.168.10.30", airplay, host="portable")
    if number in (1, 2, 4):
        day.stands("portable", invented(4, number), f"192.168.10.{30 + number}", airplay, host="portable")


@dataclass
class Visit:
    day: Day
    run: Path
    snapshot: Snapshot
    assessment: Assessment

    def rows(self, rule: str, *verdicts: str) -> list[Finding]:
        return [row for row in self.assessment.findings if row.rule == rule and row.verdict in verdicts]


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> list[Visit]:
    folder = tmp_path_factory.mktemp("cabinet")
    for name, text in (("site", SITE + CREDENTIALS), ("inventory", INVENTORY), ("waivers", "waivers: []\n")):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return [visit(folder, day) for day in week()]


def visit(folder: Path, day: Day) -> Visit:
    """One visit, as `vigie scan` makes it, with the day in place of the network."""
    site = read_site(folder)
    history = carried(runs.previous(folder), site.devices)
    with runs.new_run(folder) as draft:
        runs.freeze(draft, site, history)
        recording = Recording(day, draft)
        snapshot = scan(site, recording, history)
        recording.finish()
        evidence = runs.evidence_entries(draft)
        assessment = check(snapshot, load_policy(), EmbeddedEngine(), waivers=site.waivers, evidence=evidence)
        runs.write_json(draft / "snapshot.json", snapshot.to_json())
        runs.write_json(draft / "assessment.json", assessment.to_json())
        runs.write_manifest(draft, {})
        return Visit(day, runs.publish(draft, day.moment), snapshot, assessment)


def test_every_day_counts_its_devices_right(visits: list[Visit]) -> None:
    met = [[device for device in visit.snapshot.devices if device.network] for visit in visits]
    assert [len(devices) for devices in met] == [len(visit.day.names) for visit in visits] == [7, 6, 7, 8, 8, 6, 6]


def test_the_stranger_is_found_the_day_it_comes_and_nobody_else_is_one(visits: list[Visit]) -> None:
    strangers = [{row.subject for row in visit.rows("ANS-02.01", "fail", "warn")} for visit in visits]
    assert strangers == [set(), set(), set(), set(), {BOX}, {BOX}, {BOX}]


def test_phones_that_pass_are_one_row_with_their_count(visits: list[Visit]) -> None:
    rows = [visit.rows("ANS-02.04", "fail", "warn") for visit in visits]
    assert {row.identity for day in rows for row in day} == {("ANS-02.04", "site", "passing")}
    assert [day[0].values["count"] for day in rows] == [2, 2, 3, 3, 2, 2, 2]


def test_no_new_finding_because_a_phone_changed_its_mac(visits: list[Visit]) -> None:
    """What fails or warns on a day and did not the day before: the first visit's findings, then the box on Friday.

    And the laptop whenever it comes by Wi-Fi: only what it announces makes it the declared one. It is one finding, not
    one a MAC.
    """
    told = [{row.identity for row in visit.assessment.findings if row.verdict in ("fail", "warn")} for visit in visits]
    new = [sorted(now - before) for before, now in pairwise(told)]
    by_wifi = ("ANS-02.30", DOCK, LAPTOP_WIFI)
    assert [[identity for identity in day if identity[1] != BOX] for day in new] == [
        [by_wifi],
        [],
        [],
        [by_wifi],
        [],
        [],
    ]
    assert {identity[0] for identity in new[3]} >= {"ANS-02.01"}


def test_a_phone_that_can_be_known_is_the_same_all_week(visits: list[Visit]) -> None:
    first = invented(2, 0)
    assert all(first in {device.id for device in visit.snapshot.devices} for visit in visits)
    (row,) = {row.subject for visit in visits for row in visit.rows("ANS-02.03", "warn")}
    assert row == first
    history = carried(visits[-1].snapshot)
    assert (history.seen or {})[first].first == MONDAY
    assert (history.seen or {})[first].last == MONDAY + timedelta(days=6)


def test_the_laptop_is_one_device_wherever_it_is(visits: list[Visit]) -> None:
    found = [[device for device in visit.snapshot.devices if device.name == "portable"] for visit in visits]
    assert [[device.id for device in devices] for devices in found] == [[DOCK]] * 5 + [[]] * 2
    links = [[(link.reason, link.earlier) for link in device.links or ()] for devices in found for device in devices]
    assert links == [[], [("mac", True)], [("mac", False)], [], [("mac", True)]]


def test_what_only_announcements_link_is_told_until_it_is_declared(visits: list[Visit]) -> None:
    rows = {(row.subject, row.item) for visit in visits for row in visit.rows("ANS-02.30", "warn")}
    assert rows == {(NAS, NAS_2), (DOCK, LAPTOP_WIFI)}
    by_wifi = [
        [row.values["mac"] for row in visit.rows("ANS-02.30", "warn") if row.subject == DOCK] for visit in visits
    ]
    assert by_wifi == [[], [invented(4, 1)], [invented(4, 2)], [], [invented(4, 4)], [], []]


def test_the_server_behind_the_router_is_there_and_was_not_asked(visits: list[Visit]) -> None:
    for each in visits:
        (server,) = [device for device in each.snapshot.devices if device.name == "serveur"]
        assert server.id == SERVER
        assert server.network is not None
        assert [str(item) for item in server.network.addresses or ()] == ["192.168.30.20"]
        assert server.network.ports is None
        assert not [item for item in each.day.asked if item.target == "192.168.30.20"]
        assert "00:00:5e:00:01:01" not in {device.id for device in each.snapshot.devices}  # the provider's


def test_the_sleeping_tablet_is_not_missing(visits: list[Visit]) -> None:
    assert not [row for visit in visits for row in visit.rows("ANS-01.03", "fail", "warn")]


def test_nobody_is_taken_for_a_clone(visits: list[Visit]) -> None:
    assert not [row for visit in visits for row in visit.rows("ANS-02.29", "fail", "warn")]


def test_no_name_of_a_person_is_told(visits: list[Visit]) -> None:
    told = "".join(str(to_json(visit.assessment)) for visit in visits)
    assert "iphone-de-…" in told
    assert not [name for name in ("marie", "paul") if name in told.lower()]
    assert "iphone-de-marie" in str(visits[0].snapshot.to_json())  # the fact itself stays in the run folder


def test_the_report_says_why_it_is_one_device_and_whom_it_looks_like(visits: list[Visit]) -> None:
    page = render(visits[1].assessment, "html").decode()
    assert "iphone-de-…" in page
    assert not [name for name in ("marie", "paul") if name in page.lower()]
    assert f"<li>{invented(4, 1)}, connu avant comme {DOCK} : même adresse d’usine {LAPTOP_WIFI}" in plain(page)
    assert "ressemble à un téléphone ou une tablette personnels : AirPlay, MAC aléatoire" in plain(page)


def plain(page: str) -> str:
    return page.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_difference_of_two_days_names_no_phone_that_passed(visits: list[Visit]) -> None:
    days = [difference(*((each.snapshot, each.assessment) for each in pair)) for pair in pairwise(visits)]
    changed = [{(item.change, item.device) for item in day.devices} for day in days]
    assert changed == [
        {("gone", TABLET)}, set(), {("new", TABLET)}, {("new", BOX)}, {("gone", TABLET), ("gone", DOCK)}, set(),
    ]  # fmt: skip
    subjects = {item.subject for day in days for item in day.findings}
    assert subjects <= {BOX, TABLET, DOCK, NAS, ROUTER, invented(2, 0), "site"}


def test_a_replay_says_the_same(visits: list[Visit]) -> None:
    for each in visits:
        snapshot, assessment = replay(each.run, EmbeddedEngine())
        assert snapshot.to_json() == each.snapshot.to_json()
        told: list[Any] = [to_json(item.findings) for item in (assessment, each.assessment)]
        assert told[0] == told[1]


@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize("serves", [True, False])
def test_a_stranger_who_announces_a_declared_laptop_is_told(tmp_path: Path, present: bool, serves: bool) -> None:
    """Under an invented MAC, and whether the laptop is there or was there yesterday."""
    for name, text in (("site", SITE), ("inventory", INVENTORY), ("waivers", "waivers: []\n")):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    first = Day()
    first.stands("portable", DOCK, "192.168.10.30")
    visit(tmp_path, first)
    stranger, at, day = "02:66:66:66:66:66", "192.168.10.66", Day(moment=MONDAY + timedelta(days=1))
    if present:
        day.stands("portable", DOCK, "192.168.10.30")
    day.stands("inconnu", stranger, at, service("_workstation._tcp", f"x [{DOCK}]", "x", 9), host="x")
    if serves:
        day.open[at] = (22, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    seen = visit(tmp_path, day)
    told = [row for row in seen.assessment.findings if row.verdict in ("fail", "warn") and row.rule in STRANGERS]
    assert [row for row in told if stranger in (row.subject, row.values.get("mac"))]
    assert (stranger in {device.id for device in seen.snapshot.devices}) == serves
