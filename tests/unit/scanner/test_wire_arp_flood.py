"""Sweeps of a flooded network: two network namespaces and one cable, real frames, nothing else."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

from inventory.document import to_json
from inventory.site import read_site
from inventory.snapshot import History, Snapshot, Vantage
from rules.needs import hidden, is_seen
from scanner import discover
from scanner.evidence import Answer, Evidence, Request
from scanner.scan import scan
from scanner.transport import Recording, Replay
from scanner.wire import arp
from scanner.wire.arp_rounds import LEAST_ROUNDS

VIGIE = str(Path(sys.executable).parent / "vigie")
NETWORK, HERE, MAC = IPv4Network("10.98.0.0/28"), IPv4Address("10.98.0.1"), "02:00:00:00:00:01"
DEVICES = {f"10.98.0.{number}": f"02:00:00:00:01:{number:02x}" for number in (2, 3, 4)}
FLOODED = f"more than {arp.MOST_SPEAKERS} ARP senders: somebody floods the network"
MOMENT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
# The devices: each answers; when all have, somebody floods as another sender with every frame, "burst" as one only.
OTHERS = """
import json, socket, sys
devices, flood, burst = json.loads(sys.argv[1])
door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
door.bind(("there", 0x0806))
def answer(mac, address):
    kind = bytes.fromhex("08060001080006040002")
    return (b"\\xff" * 6 + mac + kind + mac + address + bytes(10)).ljust(60, b"\\0")
for _ in range(burst):
    door.send(answer(b"\\x02\\0\\0\\0\\2\\0", socket.inet_aton("10.98.0.5")))
print("ready", flush=True)
silent = dict(devices)
number = 0
while True:
    asked = socket.inet_ntoa(door.recv(64)[38:42])
    if asked in devices:
        door.send(answer(bytes.fromhex(devices[asked].replace(":", "")), socket.inet_aton(asked)))
        silent.pop(asked, None)
    while flood and not silent:
        number += 1
        raw = number.to_bytes(4, "big")
        door.send(answer(b"\\x06\\0" + raw, socket.inet_aton(flood)[:2] + raw[2:]))
"""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Cable:
    """Two namespaces: this machine's end is `here`, the other one `there`."""

    here: int  # a process in each
    there: int

    def inside(self, act: Callable[[], Result]) -> Result:
        """What `act` returns when run by a thread of this process that stands at this machine's end."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(self._entered, act).result()

    def _entered(self, act: Callable[[], Result]) -> Result:
        with Path(f"/proc/{self.here}/ns/net").open() as namespace:
            assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0x40000000) == 0, os.strerror(
                ctypes.get_errno()
            )
        return act()

    def vigie(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["nsenter", f"--net=/proc/{self.here}/ns/net", "--", VIGIE, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    @contextmanager
    def others(self, devices: Mapping[str, str], flood: str = "", burst: int = 0) -> Iterator[None]:
        """The other end alive."""
        said = json.dumps([devices, flood, burst])
        command = ["nsenter", f"--net=/proc/{self.there}/ns/net", "--", sys.executable, "-c", OTHERS, said]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            yield
            running.kill()

    def sweep(self) -> Answer:
        return self.inside(lambda: arp.sweep("here", MAC, HERE, list(NETWORK.hosts())))


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable]:
    outside = Path("/proc/self/ns/net").readlink()
    ends = [subprocess.Popen(["unshare", "--net", "sleep", "infinity"]) for _ in range(2)]
    try:
        for end in ends:
            for _ in range(500):
                assert end.poll() is None, "no right to make a network namespace"
                if Path(f"/proc/{end.pid}/ns/net").readlink() != outside:
                    break
                time.sleep(0.01)
        here, there = (end.pid for end in ends)
        lines = [
            f"link add here address {MAC} type veth peer name there netns {there}",
            f"address add {HERE}/{NETWORK.prefixlen} dev here",
            "link set here up",
        ]
        off = ["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"]
        for pid, text in ((here, "\n".join(lines)), (there, "link set there up")):
            enter = ["nsenter", f"--net=/proc/{pid}/ns/net", "--"]
            subprocess.run([*enter, *off], check=True)  # the other end would be met, as a device that speaks IPv6 only
            subprocess.run([*enter, "ip", "-batch", "-"], input=text + "\n", text=True, check=True)
        yield Cable(here, there)
    finally:
        for end in ends:
            end.send_signal(signal.SIGKILL)
            end.wait()


def found(answer: Answer) -> dict[str, str]:
    """Address → MAC of the devices among whoever spoke."""
    pairs = {str(one): mac for mac, owned in discover.answered(answer.body).items() for one in owned}
    return {address: mac for address, mac in pairs.items() if mac in DEVICES.values()}


def test_a_quiet_network(cable: Cable) -> None:
    with cable.others(DEVICES):
        answer = cable.sweep()
    assert (answer.status, found(answer)) == ("done", DEVICES)
    assert answer.detail.endswith("10 without answer")


def test_whoever_borrows_this_machine_s_mac_does_not_keep_an_address_from_being_asked(cable: Cable) -> None:
    with cable.others({"10.98.0.2": MAC}):
        answer = cable.sweep()
    assert answer.detail == f"{13 * LEAST_ROUNDS} requests, 13 without answer"


def test_a_flood_is_no_answer_and_what_was_heard_is_kept(cable: Cable) -> None:
    with cable.others(DEVICES, flood="10.97.0.0"):
        answer = cable.sweep()
    assert (answer.status, answer.detail) == ("failed", FLOODED)
    assert found(answer) == DEVICES
    assert len(discover.answered(answer.body)) == arp.MOST_SPEAKERS + 1  # and this machine


def test_frames_that_the_kernel_dropped_are_noticed(cable: Cable) -> None:
    door = cable.inside(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)))
    with door:
        door.bind(("here", 0x0806))
        arp.enlarge(door)
        watched = arp._Door(door, arp.Capture(), MAC)
        assert not watched.behind()
        with cable.others({}, burst=1000):  # fits, but nobody has read it yet
            assert watched.behind()
            assert list(watched.heard(time.monotonic() + 0.5)) == [IPv4Address("10.98.0.5")] * 1000
            assert not watched.behind()
        with cable.others({}, burst=50_000):  # does not fit
            assert 1000 < len(list(watched.heard(time.monotonic() + 2))) < 50_000
            assert watched.behind()
            assert not watched.behind()


class OneSweep:
    """A network of which one sweep is all that is known."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def send(self, request: Request) -> Evidence:
        if request.source == "vantage":
            here = Vantage("professional", "here", HERE, NETWORK, MAC)
            body = json.dumps({"vantages": to_json((here,)), "gateways": []}).encode()
            return Evidence(request, "done", MOMENT, body)
        if request.source == "arp":
            return Evidence(request, self.answer.status, MOMENT, self.answer.body, self.answer.detail)
        return Evidence(request, "silent", MOMENT)


def site_folder(folder: Path) -> Path:
    """A site whose devices are fragile: nothing but the sweep is asked of them."""
    folder.mkdir()
    site = {
        "vigie": 1,
        "client": "Cabinet",
        "profile": {"exercise": "group", "software": "shared", "hosting": "local"},
        "size": 2,
        "networks": [{"network": str(NETWORK), "zone": "professional"}],
        "authorisation": {"by": "Titulaire du cabinet", "from": "2026-01-01", "until": "2099-12-31"},
        "exclusions": [],
        "fragile": {"devices": [{"mac": mac, "note": "fragile"} for mac in DEVICES.values()], "allow": []},
        "vantage": "professional",
        "credentials": [],
    }
    for name, document in (("site", site), ("inventory", {"devices": []}), ("waivers", {"waivers": []})):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document), "utf-8")
    return folder


def addresses(snapshot: Snapshot) -> set[str]:
    return {str(one) for device in snapshot.devices if device.network for one in device.network.addresses or ()}


def test_a_flooded_sweep_lists_what_it_met_and_stays_failed(cable: Cable, tmp_path: Path) -> None:
    with cable.others(DEVICES, flood="10.97.0.0"):
        answer = cable.sweep()
    site = read_site(site_folder(tmp_path / "cabinet"))
    recording = Recording(OneSweep(answer), tmp_path / "run")
    live = scan(site, recording, History())
    recording.finish()
    assert addresses(live) == set(DEVICES)
    assert all(map(is_seen, live.devices))
    (sweep,) = (item for item in live.coverage if item.source == "arp")
    assert (sweep.status, sweep.cause) == ("failed", FLOODED)
    why = hidden(live)
    assert why is not None
    assert (why.cause, why.where) == ("failed", {"networks": [str(NETWORK)]})
    assert scan(site, Replay(tmp_path / "run"), History()) == live


def test_a_sweep_that_failed_without_a_capture_lists_nobody(tmp_path: Path) -> None:
    site = read_site(site_folder(tmp_path / "cabinet"))
    for body in (b"", b"no capture"):
        snapshot = scan(site, OneSweep(Answer("failed", body, "why")), History())
        assert snapshot.devices == ()
        assert [item.status for item in snapshot.coverage if item.source == "arp"] != ["done"]


def test_a_visit_of_a_flooded_network_is_kept_and_says_so(cable: Cable, tmp_path: Path) -> None:
    folder = site_folder(tmp_path / "cabinet")
    with cable.others(DEVICES, flood="10.97.0.0"):
        done = cable.vigie("scan", str(folder))
    assert done.returncode in (1, 3), done.stderr
    (run,) = (folder / "runs").iterdir()
    assessment = json.loads((run / "assessment.json").read_text("utf-8"))
    assert {device["addresses"][0] for device in assessment["devices"]} == set(DEVICES)
    rows = {(row["verdict"], row.get("cause")) for row in assessment["findings"] if row["subject"] == "site"}
    assert ("unknown", "failed") in rows
    assert not [row for row in rows if row[0] == "pass"]
    assert cable.vigie("check", str(run), "--json").stdout == (run / "assessment.json").read_text("utf-8")


def test_a_visit_that_met_nobody_and_missed_somebody_cannot_run(cable: Cable, tmp_path: Path) -> None:
    folder = site_folder(tmp_path / "cabinet")
    with cable.others({}, flood="10.97.0.0"):
        done = cable.vigie("scan", str(folder))
    assert done.returncode == 2
    assert done.stderr.endswith(f"vigie: {NETWORK}: not scanned: {FLOODED}\n")
    assert not (folder / "runs").exists()
