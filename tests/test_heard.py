"""A visit with a capture file, as its users walk it: what was heard is in the snapshot, and the replay is identical."""

import json
import time
from pathlib import Path

from rules.engine import EmbeddedEngine
from scanner.frames.saved import frames, written
from scanner.visit import replay
from tests.lab.fixture import Lab, settled_capture
from tests.test_visit import VIGIE, frames_of_the_laptop, scan
from tests.unit.scanner.frame_samples import HELLO, arp, asks, option, udp

HOUR = 3600.0  # seconds
SLEEPER, ADDRESS, ELSEWHERE = "00:1b:a9:00:00:02", "192.168.10.222", "00:00:5e:00:53:07"


def test_a_scan_with_a_capture_file(lab: Lab, tmp_path: Path) -> None:
    site, file = tmp_path / "cabinet", tmp_path / "hier.pcap"
    site.mkdir()
    lab.write_site(site)
    heard = [arp(SLEEPER, ADDRESS), asks(SLEEPER, option(12, b"imprimante-etage")),
             udp(SLEEPER, ADDRESS, (3702, 3702), HELLO), arp(ELSEWHERE, "10.1.2.3")]  # fmt: skip
    file.write_bytes(written([(time.time() - HOUR, frame) for frame in heard]))
    before = len(settled_capture(lab))
    done = scan(lab, site, "--pcap", str(file))
    assert done.returncode == 1, done.stderr
    (run,) = (path for path in (site / "runs").iterdir() if not path.name.startswith("."))
    snapshot = json.loads((run / "snapshot.json").read_text("utf-8"))
    found = {device["id"]: device for device in snapshot["devices"]}
    assert found[SLEEPER]["network"]["dhcp"]["hostname"] == "imprimante-etage"
    assert found[SLEEPER]["network"]["wsd"]["types"] == ["wprt:PrintDeviceType", "wsdp:Device"]
    assert ELSEWHERE not in found
    captures = {row["target"]: row["status"] for row in snapshot["coverage"] if row["source"] == "capture"}
    assert captures == {"192.168.10.0/24": "done", "file": "done"}
    for body in (run / "evidence").glob("capture-*"):
        with body.open("rb") as stream:
            assert list(frames(stream))  # of the real network too: its daemons speak by themselves
    again = replay(run, EmbeddedEngine())[0]
    assert again.to_json() == snapshot
    sent = frames_of_the_laptop(settled_capture(lab), before)
    assert not [frame for frame in sent if frame.dst == bytes.fromhex(SLEEPER.replace(":", ""))]


def test_what_is_no_capture_is_said_before_anything_is_sent(lab: Lab, tmp_path: Path) -> None:
    site = tmp_path / "cabinet"
    site.mkdir()
    lab.write_site(site)
    (tmp_path / "x.pcap").write_text("hello")
    days = (1_530_439_200.0, time.time())  # the first of July 2018, and today
    (tmp_path / "old.pcap").write_bytes(written([(moment, arp(SLEEPER, ADDRESS)) for moment in days]))
    before = len(settled_capture(lab))
    said = {"x.pcap": "neither pcap", "absent.pcap": "No such file", "old.pcap": "found frames of 2018-07-01 to 20"}
    for name, cause in said.items():
        done = lab.run([VIGIE, "scan", str(site), "--pcap", str(tmp_path / name)])
        assert done.returncode == 2
        (line,) = done.stderr.strip().splitlines()
        assert cause in line
    assert not frames_of_the_laptop(settled_capture(lab), before)
    assert not (site / "runs").exists()
