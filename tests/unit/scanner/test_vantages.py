"""The guest network: counted, never recorded; and what several runs say together."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
import yaml

from inventory.device import Declared
from inventory.document import to_json
from inventory.errors import ConfigError, ScopeError
from inventory.site import Site, SiteNetwork, seen_from, site_from
from inventory.snapshot import GuestView, History, Snapshot
from rules.engine import EmbeddedEngine
from rules.finding import Assessment
from scanner import runs
from scanner.evidence import Evidence, Request
from scanner.joining import joined
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.scan import scan
from scanner.secret_store import SecretStore
from scanner.transport import Recording, Transport, read_index
from scanner.visit import Look, join, replay, visit
from scanner.wire import icmp
from tests.unit.scanner.daemons import program
from tests.unit.scanner.neighbourhood import Neighbourhood
from tests.unit.scanner.test_scan import GUESTS, LAN, Practice

NAS_MAC, PHONE, ROUTER_MAC = "02:10:00:00:00:10", "5e:2b:91:d4:07:41", "02:10:00:00:00:01"
NAS, ROUTER, GUEST_ROUTER = "192.168.10.10", "192.168.10.1", "192.168.20.1"

# A router between the practice and its guests; `guest` is where the scanner stands, beside somebody's telephone.
_SCRIPT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns
ip link set lo up
for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done
for name in router nas phone; do ip netns add $name; ip -n $name link set lo up; done
ip link add guests type bridge mcast_snooping 0
ip link set guests up
ip address add 192.168.20.250/24 dev guests
ip link add g0 type veth peer name eth1 netns router
ip link add g1 type veth peer name eth0 netns phone
ip link set g0 master guests up
ip link set g1 master guests up
ip -n phone link set eth0 address {phone}
ip -n phone address add 192.168.20.41/24 dev eth0
ip -n phone link set eth0 up
ip -n router link add eth0 address {router} type veth peer name eth0 netns nas
ip -n router address add {inner}/24 dev eth0
ip -n router address add {outer}/24 dev eth1
ip -n router link set eth0 up
ip -n router link set eth1 up
ip -n nas link set eth0 address {nas}
ip -n nas address add 192.168.10.10/24 dev eth0
ip -n nas link set eth0 up
ip -n nas route add default via {inner}
ip netns exec router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
ip route add default via {outer}
echo ready
sleep 3600 & wait
"""


@pytest.fixture
def practice() -> Iterator[Neighbourhood]:
    script = _SCRIPT.format(phone=PHONE, router=ROUTER_MAC, nas=NAS_MAC, inner=ROUTER, outer=GUEST_ROUTER)
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "bash", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemons:
        try:
            assert daemons.stdout is not None
            assert daemons.stdout.readline() == "ready\n"
            yield Neighbourhood(daemons.pid)
        finally:
            daemons.kill()


def documents(vantage: str) -> dict[str, object]:
    """A site folder's three files as data."""
    today = datetime.now(UTC).date()
    return {
        "site": {
            "vigie": 1, "client": "Cabinet", "profile": {"exercise": "group", "software": "shared", "hosting": "local"},
            "size": 2, "vantage": vantage,
            "networks": [{"network": LAN, "zone": "professional"}, {"network": GUESTS, "zone": "guest"}],
            "authorisation": {"by": "Titulaire", "from": f"{today.year - 1}-01-01", "until": f"{today.year + 1}-12-31"},
        },
        "inventory": {
            "devices": [
                {"name": "nas", "role": "nas", "owner": "practice", "use": "professional", "macs": [NAS_MAC]},
                {"name": "routeur", "role": "router", "owner": "practice", "use": "professional", "macs": [ROUTER_MAC]},
            ],
        },
        "waivers": {"waivers": []},
    }  # fmt: skip


def site(vantage: str) -> Site:
    return site_from(documents(vantage))


def recorded(where: Site, transport: Transport, folder: Path) -> Snapshot:
    """A run folder made with a transport, as a visit leaves it."""
    folder.mkdir(parents=True)
    runs.freeze(folder, where, History())
    recording = Recording(transport, folder)
    snapshot = scan(where, recording, History())
    recording.finish()
    runs.write_manifest(folder, {})
    return snapshot


def from_outside(practice: Neighbourhood, tmp_path: Path, folder: Path) -> Snapshot:
    def act() -> Snapshot:
        where = site("guest")
        with Live(where, SecretStore(tmp_path), KnownHosts(tmp_path), no_trust) as live:
            return recorded(where, live, folder)

    return practice.inside(act)


def test_who_can_be_reached_from_the_guest_network_is_said(practice: Neighbourhood, tmp_path: Path) -> None:
    snapshot = from_outside(practice, tmp_path, tmp_path / "guest")
    assert snapshot.guest_views == (
        GuestView(IPv4Network(LAN), "professional", reached=(IPv4Address(ROUTER), IPv4Address(NAS))),
        GuestView(IPv4Network(GUESTS), "guest", answered=2, known=(), gateways=(IPv4Address(GUEST_ROUTER),)),
    )
    assert (snapshot.devices, snapshot.stood) == ((), ("guest",))


def test_nothing_of_a_guest_s_device_is_kept(practice: Neighbourhood, tmp_path: Path) -> None:
    from_outside(practice, tmp_path, tmp_path / "guest")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "guest").rglob("*") if path.is_file()).lower()
    for form in (
        PHONE.encode(),
        PHONE.replace(":", "").encode(),
        bytes.fromhex(PHONE.replace(":", "")),
        b"192.168.20.41",
    ):
        assert form not in kept


def test_guests_that_are_kept_apart_reach_nobody(practice: Neighbourhood, tmp_path: Path) -> None:
    rules = "table ip f { chain c { type filter hook forward priority 0; policy drop; }; }"
    root = f"/proc/{practice.pid}/root/run/netns/router"
    subprocess.run(["nsenter", f"--net={root}", program("nft", "nftables"), rules], check=True)
    snapshot = from_outside(practice, tmp_path, tmp_path / "guest")
    assert [view.reached for view in snapshot.guest_views or ()] == [(IPv4Address(ROUTER),), None]


def test_a_guest_s_visit_made_on_the_practice_s_own_network_is_doubted(practice: Neighbourhood, tmp_path: Path) -> None:
    content = documents("professional")
    folder, said = tmp_path / "cabinet", list[str]()
    folder.mkdir()
    for zone, doubts in (("guest", 0), ("professional", 2)):
        content["site"]["networks"] = [{"network": GUESTS, "zone": zone}]  # type: ignore[index]
        for name, data in content.items():
            (folder / f"{name}.yaml").write_text(yaml.safe_dump(data), "utf-8")
        said.clear()
        practice.inside(lambda: visit(folder, EmbeddedEngine(), Look("guest"), "fr", said.append))
        assert len(said) == doubts, said
    assert "names no network of zone guest" in said[0]
    assert f"guests stands in {GUESTS}, which site.yaml calls professional" in said[1]


def test_a_visit_made_among_guests_by_mistake_asks_nobody(practice: Neighbourhood, tmp_path: Path) -> None:
    """`--vantage guest` was forgotten: nothing is sent; in both networks at once, only the practice's is asked."""
    folder, said = tmp_path / "cabinet", list[str]()
    folder.mkdir()
    for name, data in documents("professional").items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(data), "utf-8")
    with pytest.raises(ConfigError, match=r"guests stands in 192\.168\.20\.0/24.*--vantage guest"):
        practice.inside(lambda: visit(folder, EmbeddedEngine(), Look(), "fr", said.append))
    assert not (folder / "runs").exists()

    def both() -> Path:
        for words in ("link add home type bridge", "link set home up", "address add 192.168.10.250/24 dev home"):
            subprocess.run(["ip", *words.split()], check=True)
        return visit(folder, EmbeddedEngine(), Look(), "fr", said.append)[0]

    run = practice.inside(both)
    assert [line for line in said if "nobody is asked there" in line]
    asked = [line for line in read_index(run) if line["target"] == GUESTS and line["status"] != "off_link"]
    assert asked == []
    kept = b"".join(path.read_bytes() for path in run.rglob("*") if path.is_file()).lower()
    assert PHONE.encode() not in kept


def test_from_the_guest_network_nothing_else_is_asked(practice: Neighbourhood, tmp_path: Path) -> None:
    with Live(site("guest"), SecretStore(tmp_path), KnownHosts(tmp_path), no_trust) as live:
        for request in (
            Request("arp", LAN, "sweep"),
            Request("ports", NAS, "tcp 22"),
            Request("capture", GUESTS, "listen"),
        ):
            assert practice.inside(lambda asked=request: live.send(asked)).status == "not_asked"  # type: ignore[misc]
        with pytest.raises(ScopeError):
            live.send(Request("reach", "192.168.99.0/24", "echo"))


def test_an_echo_is_paced_and_asked_twice(practice: Neighbourhood) -> None:
    targets = [IPv4Address(ROUTER), IPv4Address(NAS), IPv4Address("192.168.10.77")]
    answer = practice.inside(lambda: icmp.echo("guests", targets))
    assert json.loads(answer.body) == {"answered": [ROUTER, NAS]}
    assert practice.inside(lambda: icmp.echo("guests", targets, lambda: True)).status == "failed"
    assert practice.inside(lambda: icmp.echo("nowhere", targets)).status == "failed"


# --- several runs together ---


class Reached(Practice):
    """What a guest network's Live would answer."""

    def __init__(self, reached: list[str]) -> None:
        super().__init__({GUESTS: {}})
        self.reached = reached

    def send(self, request: Request) -> Evidence:
        bodies = {"count": {"answered": 3, "known": []}, "reach": {"answered": self.reached}}
        if (body := bodies.get(request.source)) is not None:
            return Evidence(request, "done", datetime(2026, 11, 23, 9, 40, tzinfo=UTC), json.dumps(body).encode())
        return super().send(request)


def at_home() -> Practice:
    echoes = json.dumps({"answered": [NAS]}).encode()
    return Practice({LAN: {NAS_MAC: NAS, ROUTER_MAC: ROUTER}}, {("icmp", LAN): echoes})


def two_runs(tmp_path: Path, reached: list[str]) -> list[Path]:
    folder = tmp_path / "cabinet" / "runs"
    home, guest = folder / "20261123T093000Z", folder / "20261123T094000Z"
    recorded(site("professional"), at_home(), home)
    recorded(site("guest"), Reached(reached), guest)
    return [guest, home]


def verdict(assessment: Assessment, rule: str) -> list[tuple[str, str | None]]:
    return [(row.verdict, row.cause) for row in assessment.findings if row.rule == rule and row.item != "discovery"]


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        ([ROUTER], "pass"),
        ([ROUTER, NAS], "fail"),
        ([], "pass"),
        ([ROUTER, "192.168.10.250"], "warn"),  # what the visiting machine had at home, whoever has it now
        (["192.168.10.77"], "warn"),
    ],
)
def test_only_runs_from_both_sides_tell_whether_guests_are_kept_apart(
    tmp_path: Path, reached: list[str], expected: str
) -> None:
    parts = two_runs(tmp_path, reached)
    for part in parts:
        assert {row[0] for row in verdict(replay(part, EmbeddedEngine())[1], "ANS-02.07")} == {"unknown"}
    run, assessment = join(parts, EmbeddedEngine(), "fr")
    assert [row[0] for row in verdict(assessment, "ANS-02.07")] == [expected]
    again = replay(run, EmbeddedEngine())[1]
    assert to_json(again) == to_json(assessment)
    assert all((run / entry.file).is_file() for entry in again.evidence if entry.file)
    assert {device.name for device in again.devices} == {"nas", "routeur"}
    assert not [row for row in again.coverage if row.status == "altered"]


def test_a_joined_run_that_was_tampered_with_says_so(tmp_path: Path) -> None:
    run, _ = join(two_runs(tmp_path, []), EmbeddedEngine(), "fr")
    index = run / "parts" / "1" / "evidence.jsonl"
    index.write_text("".join(line for line in index.read_text().splitlines(True) if '"reach"' not in line))
    assessment = replay(run, EmbeddedEngine())[1]
    assert "altered" in {row.status for row in assessment.coverage}
    assert [row[0] for row in verdict(assessment, "ANS-02.07")] == ["unknown"]


def test_two_visits_of_one_place_are_one_device_each(tmp_path: Path) -> None:
    first = recorded(site("professional"), at_home(), tmp_path / "1")
    moved = Practice({LAN: {NAS_MAC: "192.168.10.11", ROUTER_MAC: ROUTER}})
    second = recorded(site("wifi"), moved, tmp_path / "2")
    both = joined([first, second])
    assert [device.name for device in both.devices] == ["routeur", "nas"]
    network = both.devices[1].network
    assert network is not None
    assert list(map(str, network.addresses or ())) == [NAS, "192.168.10.11"]
    assert both.stood == ("professional", "wifi")
    assert {source.evidence.partition("/")[0] for source in both.provenance.values()} <= {"1", "2"}
    assert Snapshot.from_json(both.to_json()) == both


def test_runs_of_two_practices_are_not_joined(tmp_path: Path) -> None:
    first = recorded(site("professional"), at_home(), tmp_path / "1")
    other = replace(first, site=replace(first.site, client="Autre cabinet"))
    with pytest.raises(ConfigError):
        joined([first, other])
    moved = replace(first, site=replace(first.site, networks=(IPv4Network("10.0.0.0/24"),)))
    with pytest.raises(ConfigError, match=r"192.168.10.0/24, 192.168.20.0/24 and of 10.0.0.0/24"):
        joined([first, moved])
    turned = replace(first, site=replace(first.site, networks=first.site.networks[::-1]))
    assert joined([first, turned]).site == first.site
    with pytest.raises(ConfigError):
        join([tmp_path / "1", tmp_path / "1"], EmbeddedEngine(), "fr")  # not below a site's runs


def test_the_vantage_of_a_run_is_frozen_with_it() -> None:
    where = seen_from(site("professional"), "guest")
    assert where.vantage == "guest"
    assert site_from(where.documents).vantage == "guest"
    assert where.networks == (
        SiteNetwork(IPv4Network(LAN), "professional"), SiteNetwork(IPv4Network(GUESTS), "guest"),
    )  # fmt: skip
    assert isinstance(where.devices[0], Declared)
