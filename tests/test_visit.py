"""The whole path, as its users walk it: a visit of the lab, its replay, its report. Acceptance of the foundation."""

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dpkt
import pytest

from rules.engine import EmbeddedEngine
from scanner.visit import replay
from tests.lab.fixture import Lab, settled_capture, started_lab
from tests.lab.hosts import HOSTS, LAPTOP, NETWORK, SECRETS, WAN
from tests.lab.site import write_site
from tests.opa import opa_binary

VIGIE = str(Path(sys.executable).parent / "vigie")
INSIDE = re.compile(r"192\.168\.10\.\d+")


@dataclass(frozen=True)
class Visit:
    """What one `vigie scan` of a fresh lab left."""

    run: Path
    site: Path
    output: str
    status: int
    frames: list[dpkt.ethernet.Ethernet]  # sent by the laptop while scanning
    sink: bytes
    connections: list[str]
    environment: dict[str, str]

    @property
    def assessment(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.run / "assessment.json").read_text("utf-8"))
        return document


@pytest.fixture(scope="session")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """One visit of a lab of its own, so that the capture holds nothing but Vigie."""
    site = tmp_path_factory.mktemp("cabinet")
    with started_lab() as lab:
        lab.write_site(site)
        before = len(settled_capture(lab))
        done = scan(lab, site)
        capture = settled_capture(lab)
        (run,) = (path for path in (site / "runs").iterdir() if not path.name.startswith("."))
        yield Visit(
            run,
            site,
            done.stdout + done.stderr,
            done.returncode,
            frames_of_the_laptop(capture, before),
            lab.sink_bytes(),
            lab.sink_connections(),
            dict(lab.environment),
        )


def scan(lab: Lab, site: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return lab.run([VIGIE, "scan", str(site), "--accept-new-host-keys", *options], timeout=240)


def frames_of_the_laptop(capture: bytes, start: int) -> list[dpkt.ethernet.Ethernet]:
    header = capture[:24]
    frames = [
        dpkt.ethernet.Ethernet(raw) for _, raw in dpkt.pcap.Reader(io.BytesIO(header + capture[max(start, 24) :]))
    ]
    return [frame for frame in frames if frame.src.hex(":") == LAPTOP.mac]


def vigie(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([VIGIE, *arguments], capture_output=True, text=True, timeout=120, check=False, **options)


# --- what it left in the store ---


def test_the_store_holds_what_the_visit_saw(visit: Visit) -> None:
    assert (visit.site / "vigie.sqlite").stat().st_mode & 0o777 == 0o600
    done = vigie("devices", str(visit.site), "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {span["value"] for item in found for span in item["addresses"]} == {host.address for host in HOSTS}
    assert {item["presence"] for item in found} == {"present"}
    raw = (visit.site / "vigie.sqlite").read_bytes()
    secrets = {visit.environment[name] for name in SECRETS} - {"public"}
    assert not [secret for secret in secrets if secret.encode() in raw]


def test_a_store_that_fails_costs_a_warning_and_not_the_visit(lab: Lab, tmp_path: Path) -> None:
    lab.write_site(tmp_path)
    (tmp_path / "vigie.sqlite").write_bytes(b"no database" * 1000)
    done = scan(lab, tmp_path)
    assert done.returncode == 1, done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("vigie: ")]
    assert len(warnings) == 2
    assert all("vigie.sqlite: found file is not a database" in line for line in warnings)
    assert len(list((tmp_path / "runs").iterdir())) == 1


# --- what it found ---


def test_every_device_is_listed_with_its_category(visit: Visit) -> None:
    found = {device["addresses"][0]: device["category"] for device in visit.assessment["devices"]}
    assert found == {host.address: host.category for host in HOSTS}


def test_planted_faults_are_found_and_healthy_devices_are_left_in_peace(visit: Visit) -> None:
    names = {device["id"]: device["name"] for device in visit.assessment["devices"]}
    macs = {host.mac: host.name for host in HOSTS}
    found = {
        (finding["rule"], macs.get(finding["subject"], finding["subject"]), finding["verdict"], finding.get("item", ""))
        for finding in visit.assessment["findings"]
        if finding["verdict"] in ("fail", "warn")
    }
    planted = {(fault.rule, host.name, fault.verdict, fault.item) for host in HOSTS for fault in host.faults}
    assert found == planted
    assert names


def test_what_services_show_before_anybody_logs_in(visit: Visit) -> None:
    snapshot = json.loads((visit.run / "snapshot.json").read_text("utf-8"))
    seen = {device["name"]: device.get("network") or {} for device in snapshot["devices"]}
    shares = {share["name"]: share["access"] for share in seen["nas"]["smb"]["shares"]}
    assert shares == {"IPC$": "read", "public": "write", "patients": "none"}
    assert seen["nas"]["smb"]["smb1"]
    assert seen["poste-soin"]["smb"] == {"dialects": ["210", "300", "302", "311"], "smb1": False, "shares": []}
    (offer,) = seen["ancien-commutateur"]["ssh_offers"]
    assert (offer["host_keys"], offer["ciphers"]) == (["ssh-rsa"], ["aes128-cbc"])
    assert not [name for name in ("imprimante", "radio-panoramique") if set(seen[name]) & {"smb", "ssh_offers", "http"}]


def test_findings_name_their_evidence(visit: Visit) -> None:
    assert visit.status == 1
    files = {entry["id"]: entry.get("file") for entry in visit.assessment["evidence"]}
    for finding in visit.assessment["findings"]:
        if finding["verdict"] in ("fail", "warn", "pass"):
            assert finding["proofs"], finding
        for proof in finding["proofs"]:
            name = files[proof["evidence"]]
            if name is None:  # a refusal or a silence is evidence without a body, and proves nothing
                assert finding["verdict"] == "unknown"
                continue
            file = visit.run / name
            assert file.is_file()
            if "line" in proof:
                assert proof["line"] <= len(file.read_bytes().splitlines())
    (forward,) = (
        f
        for f in visit.assessment["findings"]
        if f.get("item") == "tcp/5001 → 192.168.10.10" and f["verdict"] == "fail"
    )
    lines = [
        (visit.run / files[proof["evidence"]]).read_text().splitlines()[proof["line"] - 1]
        for proof in forward["proofs"]
    ]
    assert any("tcp dport 5001 dnat to 192.168.10.10:5001" in line for line in lines)


def test_what_devices_announce_is_in_the_snapshot(visit: Visit) -> None:
    snapshot = json.loads((visit.run / "snapshot.json").read_text("utf-8"))
    seen = {device["name"]: device["network"] for device in snapshot["devices"]}
    router = seen["routeur"]["upnp"]
    assert router["external_address"] == WAN
    mappings = {(item["external"], item["target"], item["enabled"]) for item in router["mappings"]}
    assert mappings == {("tcp/3389", "192.168.10.31", True), ("udp/40000", "192.168.10.41", True)}
    kinds = {item["kind"]: item["port"] for item in seen["imprimante"]["mdns"]}
    assert kinds == {"_printer._tcp": 515, "_pdl-datastream._tcp": 9100}
    assert seen["imprimante"]["hostname"] == "brn3a5c10"
    rows = {(row["source"], row["status"]) for row in snapshot["coverage"] if row["target"] == NETWORK}
    assert {("mdns", "done"), ("ssdp", "done")} <= rows
    assert not [line for line in snapshot["unread"] if line["fact"].startswith("network.")]


def test_ten_checkpoints_and_no_false_light(visit: Visit) -> None:
    states = {item["key"]: item["state"] for item in visit.assessment["checkpoints"]}
    assert len(states) == 10
    assert states["CP02"] == states["CP03"] == "non_compliant"
    assert "verified" not in states.values()


def test_no_secret_in_the_run_folder(visit: Visit) -> None:
    secrets = [value.encode() for name, value in visit.environment.items() if name.startswith("VIGIE_LAB_")]
    secrets = [value for value in secrets if len(value) >= 8 and b"/" not in value]
    assert len(secrets) >= 6
    for path in visit.run.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [value for value in secrets if value in content], path.name
        assert path.stat().st_mode & 0o077 == 0, path
    assert not [value for value in secrets if value.decode() in visit.output]


# --- what it sent ---


def test_nothing_leaves_the_authorised_network(visit: Visit) -> None:
    assert NETWORK == "192.168.10.0/24"
    addresses = set()
    # Who knows a group is what the kernel itself says of it (IGMP, RFC 3376); none of these leaves the network.
    groups = {"224.0.0.22": 2, "224.0.0.251": 17, "224.0.0.252": 17, "239.255.255.250": 17}
    asked = [frame for frame in visit.frames if frame.dst[:3] == b"\x01\x00\x5e"]
    for frame in asked:
        assert groups[socket.inet_ntoa(frame.data.dst)] == frame.data.p
    # Nor does a broadcast: DHCP, MikroTik's and Ubiquiti's discovery.
    cried = [
        frame for frame in visit.frames if isinstance(frame.data, dpkt.ip.IP) and frame.data.dst == b"\xff\xff\xff\xff"
    ]
    assert {frame.data.data.dport for frame in cried} == {67, 5678, 10001}
    kinds = Counter(frame.data.data.dport for frame in (*asked, *cried) if frame.data.p == 17)
    assert set(kinds) == {67, 1900, 3702, 5353, 5355, 5678, 10001}
    assert max(kinds.values()) <= 12
    for frame in (frame for frame in visit.frames if frame not in asked and frame not in cried):
        assert isinstance(frame.data, dpkt.arp.ARP | dpkt.ip.IP), repr(frame)
        raw = frame.data.tpa if isinstance(frame.data, dpkt.arp.ARP) else frame.data.dst
        addresses.add(socket.inet_ntoa(raw))
    assert len(addresses) > 200
    assert all(INSIDE.fullmatch(address) for address in addresses), addresses


def test_the_fragile_host_gets_nothing_but_arp(visit: Visit) -> None:
    (fragile,) = (host for host in HOSTS if host.fragile)
    to_it = [frame for frame in visit.frames if frame.dst.hex(":") == fragile.mac]
    assert all(isinstance(frame.data, dpkt.arp.ARP) for frame in to_it)
    to_its_address = [
        frame
        for frame in visit.frames
        if isinstance(frame.data, dpkt.ip.IP) and socket.inet_ntoa(frame.data.dst) == fragile.address
    ]
    assert to_its_address == []


def test_the_printer_prints_nothing(visit: Visit) -> None:
    assert visit.sink == b""
    assert visit.connections == []
    ports = {
        frame.data.data.dport
        for frame in visit.frames
        if isinstance(frame.data, dpkt.ip.IP) and isinstance(frame.data.data, dpkt.tcp.TCP)
    }
    assert 445 in ports
    assert not ports & set(range(9100, 9108))


# --- the replay ---


def test_check_gives_the_identical_assessment_without_any_network_socket(visit: Visit, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-qq", "-e", "trace=socket", "-o", str(trace), VIGIE, "check", str(visit.run), "--json"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout == (visit.run / "assessment.json").read_bytes()
    assert not re.search(r"AF_(INET|INET6|PACKET)\b", trace.read_text())


def test_a_recording_of_the_replay_is_the_recording(visit: Visit, tmp_path: Path) -> None:
    assert vigie("check", str(visit.run), "--output", str(tmp_path / "again")).returncode == 1
    again = json.loads((tmp_path / "again" / "snapshot.json").read_text("utf-8"))
    assert again == json.loads((visit.run / "snapshot.json").read_text("utf-8"))


def test_a_real_opa_gives_the_same_assessment(visit: Visit) -> None:
    binary = opa_binary()
    if binary is None:
        reason = "no OPA: put one on PATH, or install Go"
        if os.environ.get("VIGIE_REQUIRE_OPA"):
            pytest.fail(reason)
        pytest.skip(reason)
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"127.0.0.1:{door.getsockname()[1]}"
    server = subprocess.Popen([str(binary), "run", "--server", "--addr", address, "--log-level", "error"])
    try:
        wait_for(address)
        done = vigie("check", str(visit.run), "--json", "--opa", f"http://{address}")
    finally:
        server.kill()
        server.wait()
    assert done.returncode == 1, done.stderr
    assert done.stdout == (visit.run / "assessment.json").read_text("utf-8")


def wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"nothing answers at {address}")


def test_losing_evidence_never_improves_a_checkpoint(visit: Visit, tmp_path: Path) -> None:
    """Every single piece of evidence deleted in turn: nothing becomes better founded than it was."""
    order = ("non_compliant", "to_correct", "incomplete", "declared", "verified")
    before = {item["key"]: order.index(item["state"]) for item in visit.assessment["checkpoints"]}
    good = order.index("declared")
    settled = ("pass", "not_applicable", "waived")
    passed = {(f["rule"], f["subject"]) for f in visit.assessment["findings"] if f["verdict"] in settled}
    copy = tmp_path / "copy"
    shutil.copytree(visit.run, copy)
    for body in sorted((copy / "evidence").iterdir()):
        content = body.read_bytes()
        body.unlink()
        after = replay(copy, EmbeddedEngine())[1]
        body.write_bytes(content)
        for item in after.checkpoints:
            state = order.index(item.state)
            assert state < good or state <= before[item.key], (body.name, item)
        proven = {(f.rule, f.subject) for f in after.findings if f.verdict == "pass"}
        assert proven <= passed, body.name


def test_a_line_cut_from_the_index_is_noticed(visit: Visit, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(visit.run, copy)
    index = copy / "evidence.jsonl"
    lines = index.read_text("utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if '"source": "ports"' not in line), "utf-8")
    after = replay(copy, EmbeddedEngine())[1]
    assert [item.status for item in after.coverage if item.target == "evidence.jsonl"] == ["altered"]
    assert "verified" not in {item.state for item in after.checkpoints}
    assert any(finding.cause == "altered" for finding in after.findings)


# --- without root ---

# What another user may not walk through (root's home, a private checkout) is covered by an open folder that shows
# nothing but the two trees that Vigie runs from; all of it in a mount namespace of this one command.
_EXPOSE = """
set -e
number=0
for tree in "$@"; do
  [ "$tree" = -- ] && break
  number=$((number + 1)); mkdir -p /run/shown/$number; mount --bind "$tree" /run/shown/$number
done
number=0
for tree in "$@"; do
  [ "$tree" = -- ] && break
  number=$((number + 1)); at=/
  for part in $(echo "$tree" | tr / ' '); do
    at=$at$part
    if [ "$at" != "$tree" ] && ! setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$at"; then
      mount -t tmpfs -o mode=755 tmpfs "$at"; break
    fi
    at=$at/
  done
  mkdir -p "$tree"; mount --bind /run/shown/$number "$tree"
done
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""
_NET_RAW = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
            "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw"]  # fmt: skip


def verdicts(assessment: dict[str, Any]) -> set[tuple[str, ...]]:
    return {
        (row["rule"], row["subject"], row["verdict"], row.get("item", ""), row.get("cause", ""))
        for row in assessment["findings"]
    }


def test_nobody_with_net_raw_alone_sees_what_root_sees(visit: Visit, lab: Lab, tmp_path: Path) -> None:
    site = Path("/run/vigie-site")  # where nobody may walk: pytest's own folders are root's
    shutil.rmtree(tmp_path)
    lab.write_site(tmp_path)
    trees = {
        str(Path(__file__).parents[1]),
        sys.base_prefix,
        str(Path(sys.executable).resolve().parents[1]),
        sys.prefix,
    }
    copy = f"cp -r {tmp_path} {site} && chown -R 65534:65534 {site}"
    scanned = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _EXPOSE, "sh", *sorted(trees), "--"]
    done = lab.run(["sh", "-c", copy])
    assert done.returncode == 0, done.stderr
    done = lab.run(
        [*scanned, *_NET_RAW, VIGIE, "scan", str(site), "--accept-new-host-keys"], cwd=Path("/"), timeout=240
    )
    assert done.returncode == 1, done.stderr
    read = lab.run(["sh", "-c", f"cat {site}/runs/*/assessment.json"])
    assert verdicts(json.loads(read.stdout)) == verdicts(visit.assessment)


def test_nobody_without_any_right_is_told_what_is_missing(lab: Lab, tmp_path: Path) -> None:
    lab.write_site(tmp_path)
    dropped = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]  # root by name only
    done = lab.run([*dropped, VIGIE, "scan", str(tmp_path), "--accept-new-host-keys"], timeout=120)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"vigie: {NETWORK}: not scanned: no right to send ARP: run as root or with CAP_NET_RAW"
    )
    assert not (tmp_path / "runs").exists()


# --- the run folder and the people around it ---


def test_a_killed_scan_leaves_no_run(lab: Lab, tmp_path: Path) -> None:
    lab.write_site(tmp_path)
    code = (
        "import os, signal, sys, threading\n"
        "from scanner.cli import main\n"
        "threading.Timer(2.0, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()\n"
        f"main(['scan', {str(tmp_path)!r}, '--accept-new-host-keys'])\n"
    )
    done = lab.run([sys.executable, "-c", code], timeout=120)
    assert done.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM, 2)
    assert [path.name for path in tmp_path.glob("runs/*") if not path.name.startswith(".")] == []
    assert not (tmp_path / "vigie.sqlite").exists()


# Runs `vigie scan`, interrupts it a moment after its sweep while devices are asked; says when, by the capture's clock.
INTERRUPTED = """
import os, sys, threading, time
from pathlib import Path
from scanner.cli import main

def nmaps():
    return [path for path in Path("/proc").glob("[0-9]*/comm") if path.read_text() == "nmap\\n"]

def interrupt():
    while not list(Path({site!r}).glob("runs/.*/evidence/arp-*")):
        time.sleep(0.02)
    time.sleep({after})
    print(time.time(), flush=True)
    os.kill(os.getpid(), {number})
    time.sleep(0.05)
    os.kill(os.getpid(), {number})

threading.Thread(target=interrupt, daemon=True).start()
try:
    main(["scan", {site!r}, "--accept-new-host-keys"])
finally:
    print(time.time(), len(nmaps()), [thread.name for thread in threading.enumerate() if not thread.daemon])
"""


@pytest.mark.parametrize(
    ("number", "after"), [(signal.SIGINT, 0.5), (signal.SIGTERM, 3), (signal.SIGHUP, 4.5)], ids=["INT", "TERM", "HUP"]
)
def test_an_interrupted_scan_ends_at_once(lab: Lab, tmp_path: Path, number: int, after: float) -> None:
    """Devices are being asked, which lasts 8 s; a second signal, as a closed terminal sends it, changes nothing."""
    lab.write_site(tmp_path)
    code = INTERRUPTED.format(after=after, number=int(number), site=str(tmp_path))
    done = lab.run([sys.executable, "-c", code], timeout=120)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "vigie: interrupted; no run was kept"
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()
    at, (ended, nmaps, *threads) = (line.split(maxsplit=2) for line in done.stdout.splitlines())
    assert (nmaps, threads) == ("0", ["['MainThread']"])
    assert float(ended) - float(at[0]) < 5
    time.sleep(2)  # what is asked again is asked within a second
    assert questions_after(settled_capture(lab), float(at[0]) + 2) == []


def questions_after(capture: bytes, moment: float) -> list[dpkt.ethernet.Ethernet]:
    """What the laptop asked: not the farewells of its closed connections and groups, nor its kernel's own ARP."""
    found = []
    for sent, raw in dpkt.pcap.Reader(io.BytesIO(capture)):
        frame = dpkt.ethernet.Ethernet(raw)
        if sent <= moment or frame.src.hex(":") != LAPTOP.mac:
            continue
        packet = frame.data.data if isinstance(frame.data, dpkt.ip.IP) else None
        if isinstance(packet, dpkt.tcp.TCP):
            asks = bool(packet.flags & dpkt.tcp.TH_SYN) or bool(packet.data)
        else:
            farewell = isinstance(packet, dpkt.igmp.IGMP)  # the kernel says twice that nobody listens any more
            asks = (packet is not None and not farewell) or frame.dst == b"\xff" * 6
        if asks:
            found.append(frame)
    return found


# Runs `vigie scan` at a terminal, types Ctrl-C when it asks about a host key, prints what it showed and how it ended.
AT_A_TERMINAL = """
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv({vigie!r}, [{vigie!r}, "scan", {site!r}])
shown, began = b"", 0.0
while True:
    try:
        shown += os.read(terminal, 4096)
    except OSError:
        break
    if not began and b"[y/N]" in shown:
        began = time.monotonic()
        os.write(terminal, b"\\x03")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), time.monotonic() - began)
print(shown.decode())
"""


def test_ctrl_c_answers_the_question_about_a_host_key(lab: Lab, tmp_path: Path) -> None:
    lab.write_site(tmp_path)
    done = lab.run([sys.executable, "-c", AT_A_TERMINAL.format(vigie=VIGIE, site=str(tmp_path))], timeout=120)
    first, _, shown = done.stdout.partition("\n")
    status, seconds = first.split()
    assert "Accept it? [y/N]" in shown
    assert shown.rstrip().endswith("vigie: interrupted; no run was kept")
    assert "Traceback" not in shown
    assert (status, float(seconds) < 5) == ("2", True)
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "known_hosts").exists()


def test_unknown_host_keys_are_not_accepted_in_silence(lab: Lab, tmp_path: Path) -> None:
    lab.write_site(tmp_path)
    done = lab.run([VIGIE, "scan", str(tmp_path)], timeout=240)
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / "known_hosts").exists()
    (run,) = (path for path in (tmp_path / "runs").iterdir())
    statuses = [json.loads(line) for line in (run / "evidence.jsonl").read_text("utf-8").splitlines()]
    ssh = [line for line in statuses if line["source"] == "ssh"]
    assert ssh
    assert not [line for line in ssh if line["status"] == "done"]


def test_a_changed_host_key_stops_the_device_and_is_a_finding(lab: Lab, tmp_path: Path) -> None:
    lab.write_site(tmp_path)
    assert scan(lab, tmp_path).returncode == 1
    known = tmp_path / "known_hosts"
    router = next(host for host in HOSTS if host.name == "routeur")
    nas = next(host for host in HOSTS if host.name == "nas")
    lines = known.read_text("utf-8").splitlines()
    keys = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}
    # The router shows the key it always had; what the site has on record is another one.
    keys[router.mac] = keys[nas.mac]
    known.write_text("".join(f"{name} {key}\n" for name, key in keys.items()), "utf-8")
    # Declared with one more socket since, it has another id: that is no first contact either.
    other = "00:0d:b9:41:aa:00"
    inventory = tmp_path / "inventory.yaml"
    text = inventory.read_text("utf-8")
    inventory.write_text(text.replace(f"- {router.mac}", f"- {router.mac}\n  - {other}"), "utf-8")
    assert scan(lab, tmp_path).returncode == 1
    run = max(path for path in (tmp_path / "runs").iterdir())
    assessment = json.loads((run / "assessment.json").read_text("utf-8"))
    changed = [f for f in assessment["findings"] if f["rule"] == "ANS-05.16" and f["verdict"] == "fail"]
    assert [finding["subject"] for finding in changed] == [other]
    asked = [json.loads(line) for line in (run / "evidence.jsonl").read_text("utf-8").splitlines()]
    to_router = [line for line in asked if line["source"] == "ssh" and line["target"] == router.address]
    assert [(line["ask"], line["status"]) for line in to_router] == [("host-key", "host_key_changed")]


def test_report_is_rendered_again_in_english(visit: Visit, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert vigie("report", str(visit.run), "--lang", "en", "-o", str(page)).returncode == 0
    assert '<html lang="en"' in page.read_text("utf-8")
    assert '<html lang="fr"' in (visit.run / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan", "nowhere"], "no such folder"),
        (["check", "nowhere"], "site.json"),
        (["report", "nowhere"], "nowhere"),
        (["scan"], "Missing argument"),
    ],
)
def test_what_cannot_run_says_so_in_a_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = vigie(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("env:VIGIE_LAB_NAS_COMMUNITY", "env:NOWHERE", "credentials/nas-snmp: found env:NOWHERE is not set"),
        ("file:secrets/nas", "file:secrets/gone", "credentials/nas-ssh: found file:secrets/gone: No such file"),
    ],
)
def test_a_secret_that_is_not_there_is_said_before_anything_is_sent(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    secrets = dict.fromkeys(SECRETS, "a-secret-of-the-test")
    write_site(tmp_path, secrets)
    text = (tmp_path / "site.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "site.yaml").write_text(text.replace(old, new), "utf-8")
    done = vigie("scan", str(tmp_path), env={**os.environ, **secrets})
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert "a-secret" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_site_folder_is_no_run(tmp_path: Path) -> None:
    assert vigie("init", str(tmp_path / "cabinet")).returncode == 0
    done = vigie("check", str(tmp_path / "cabinet"))
    assert done.returncode == 2
    assert "found a site folder, expected one of the run folders in" in done.stderr
    done = vigie("scan", str(tmp_path / "cabinet" / "site.yaml"))
    assert "found a file, expected the site folder that holds it" in done.stderr


def test_a_new_site_folder_refuses_to_scan_until_it_is_filled_in(tmp_path: Path) -> None:
    folder = tmp_path / "cabinet"
    assert vigie("init", str(folder)).returncode == 0
    done = vigie("scan", str(folder))
    assert done.returncode == 2
    assert "site.yaml" in done.stderr
    assert "networks" in done.stderr
    assert vigie("init", str(folder)).returncode == 2
