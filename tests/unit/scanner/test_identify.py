"""Fingerprints prove what their samples say, `vigie identify` tells it, and a hostile value costs no time."""

import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, get_args

import dpkt
import pytest
from typer.testing import CliRunner

from inventory.device import Category
from inventory.errors import ConfigError
from scanner.cli import app
from scanner.fingerprint import MAX_DESCR, below, description, identified
from scanner.fingerprint_files import TRAITS, Fingerprint, fingerprints
from scanner.identify import MAX_DEVICES, identities, known, shown
from scanner.snmprec import SYS_DESCR, SYS_OBJECT_ID, Row, line, rows
from scanner.words import words

CLASSES = {
    "switch", "router", "ups", "firewall", "printer", "ap", "host", "phone", "camera", "server-mgmt", "nas", "iot",
}  # fmt: skip
FILES = ("sys_object_id", "sys_descr", "mib_objects")
ALL = [mark for file in FILES for mark in fingerprints(file)]
MOST_S = 0.2  # for one pattern on one hostile value: a linear one takes a millisecond, an exponential one years


def name(mark: Fingerprint) -> str:
    return f"{mark.file}-{mark.position}-{mark.place or mark.sample[:20]}"


def recording(*values: tuple[str, str, str]) -> str:
    return "\n".join(line(*value) for value in values) + "\n"


def descr(text: str, object_id: str | None = None) -> str:
    values = [(SYS_DESCR, "4", text)]
    return recording(*values, (SYS_OBJECT_ID, "6", object_id)) if object_id else recording(*values)


@pytest.mark.parametrize("mark", ALL, ids=name)
def test_the_sample_proves_what_the_fingerprint_says(mark: Fingerprint) -> None:
    assert isinstance(mark.sample, str)
    assert mark.sample
    if mark.file == "sys_object_id":
        assert below(mark.sample, mark.place)
        return
    text = description(Row(1, SYS_DESCR, "4", mark.sample)) if mark.file == "sys_descr" else mark.sample
    found = mark.read(text)
    assert found is not None
    if mark.pattern is not None:
        assert found == dict(mark.yields)
    else:
        assert list(found.values()) in ([mark.sample], [])


@pytest.mark.parametrize("mark", ALL, ids=name)
def test_every_word_is_a_known_one(mark: Fingerprint) -> None:
    assert mark.who.get("class", "") in CLASSES | {""}
    assert 1 <= mark.weight <= 100
    assert set(mark.traits) | set(mark.yields) <= set(TRAITS)
    said = {item.who.get("os") for item in ALL}
    assert set(mark.only) <= said


@pytest.mark.parametrize("mark", [mark for mark in fingerprints("sys_descr") if mark.weight >= 60], ids=name)
def test_no_earlier_pattern_steals_a_sysdescr(mark: Fingerprint) -> None:
    who = identified(rows(descr(mark.sample, mark.under[0] if mark.under else None)))
    for key, value in (("vendor", who.vendor), ("os", who.os), ("class", who.kind)):
        if mark.who.get(key):
            assert value == mark.who[key]


@pytest.mark.parametrize("mark", fingerprints("sys_object_id"), ids=name)
def test_a_longer_prefix_speaks_before_a_shorter_one(mark: Fingerprint) -> None:
    who = identified(rows(recording((SYS_OBJECT_ID, "6", mark.place))))
    for key, value in (("vendor", who.vendor), ("os", who.os), ("class", who.kind)):
        if mark.who.get(key):
            assert value == mark.who[key]


@pytest.mark.parametrize("mark", [mark for mark in ALL if mark.pattern], ids=name)
def test_a_pattern_is_linear(mark: Fingerprint) -> None:
    assert mark.pattern is not None
    assert not _nested(parser.parse(mark.pattern.pattern))
    words = re.findall(r"[A-Za-z]{2,}", mark.sample)
    for filler in ("a", " ", "1.", "-", "A1 ", *words[:6], mark.sample):
        value = (mark.sample[: len(mark.sample) // 2] + filler * MAX_DESCR)[:MAX_DESCR]
        start = time.perf_counter()
        mark.pattern.search(value)
        assert time.perf_counter() - start < MOST_S


def _nested(tree: Any, inside: bool = False) -> bool:
    """Whether a repetition without end stands inside another."""
    for kind, argument in tree:
        endless = kind in (constants.MAX_REPEAT, constants.MIN_REPEAT) and argument[1] == constants.MAXREPEAT
        if endless and inside:
            return True
        for part in argument if isinstance(argument, (tuple, list)) else ():
            for branch in part if isinstance(part, list) else [part]:
                if isinstance(branch, parser.SubPattern) and _nested(branch, inside or endless):
                    return True
    return False


def test_a_repetition_in_a_repetition_would_be_seen() -> None:
    assert _nested(parser.parse(r"^(?:a\w+)*$"))
    assert _nested(parser.parse(r"^(?:x|(?:-\w*)+)*$"))
    assert not _nested(parser.parse(r"^(?:-\w+)?\d+$"))


def test_the_words_of_others_are_one_table() -> None:
    assert set(words("class")) <= set(get_args(Category))
    assert set(words("class").values()) <= CLASSES
    said = {mark.who.get("os") for mark in ALL}
    assert {os for os in words("os") if os != "mikrotik_routeros"} <= said


def test_a_nas_on_net_snmp_is_known_by_its_own_objects() -> None:
    who = identified(
        rows(
            recording(
                (SYS_DESCR, "4", "Linux Nas 3.2.40 #25426 Wed Jul 8 03:15:48 CST 2020 armv7l"),
                (SYS_OBJECT_ID, "6", "1.3.6.1.4.1.8072.3.2.10"),
                ("1.3.6.1.4.1.6574.1.5.1.0", "4", "DS214se"),
                ("1.3.6.1.4.1.6574.1.5.3.0", "4", "DSM 6.2-25426"),
            )
        )
    )
    assert (who.vendor, who.os, who.kind, who.hardware, who.version) == (
        "Synology", "synology_dsm", "nas", "DS214se", "6.2-25426",
    )  # fmt: skip
    assert who.serial is None
    assert "1.3.6.1.4.1.6574.1.5.1.0 = DS214se" in who.clues


def test_the_serial_number_is_the_chassis_not_the_first_module() -> None:
    entity = "1.3.6.1.2.1.47.1.1.1.1"
    who = identified(
        rows(
            recording(
                (f"{entity}.5.1", "2", "9"),
                (f"{entity}.5.1001", "2", "3"),
                (f"{entity}.11.1", "4", "MODULE1"),
                (f"{entity}.11.1001", "4", "CHASSIS"),
            )
        )
    )
    assert who.serial == "CHASSIS"


@pytest.mark.parametrize("said", ["System MAC: fc-ec-da-bf-69-55", "<private>", "serial_number", "REDACTED", "000000"])
def test_a_placeholder_is_no_serial_number_and_hides_none(said: str) -> None:
    printer, entity = "1.3.6.1.2.1.43.5.1.1.17.1", "1.3.6.1.2.1.47.1.1.1.1"
    chassis = [(f"{entity}.5.1", "2", "3"), (f"{entity}.11.1", "4", "FDO1622Y10H")]
    assert identified(rows(recording((printer, "4", said)))).serial is None
    assert identified(rows(recording((printer, "4", said), *chassis))).serial == "FDO1622Y10H"


@pytest.mark.parametrize("machine", ["mips", "armv5tejl", "ppc"])
def test_linux_on_the_processor_of_an_appliance_is_no_host(machine: str) -> None:
    text = f"Linux gateway 2.6.32 #1 Mon Dec 19 17:17:06 EET 2016 {machine}"
    who = identified(rows(descr(text, "1.3.6.1.4.1.8072.3.2.10")))
    assert (who.vendor, who.os, who.kind, who.version) == (None, None, None, None)


def test_another_makers_objects_prove_nothing_of_this_one() -> None:
    """A version counts only for the operating system whose object it is."""
    other = recording(("1.3.6.1.4.1.12356.101.4.1.1.0", "4", "v6.4.8,build1914"))
    who = identified(rows(descr("RouterOS RB750Gr3") + other))
    assert (who.os, who.version) == ("routeros", None)


def test_hostile_values_are_cleaned_and_cut() -> None:
    who = identified(rows(f"{SYS_DESCR}|4x|{(b'RouterOS <b>' + bytes([27]) + b'x' * 9000).hex()}"))
    assert who.hardware == "<b>"
    assert all(len(clue) < 400 and chr(27) not in clue for clue in who.clues)


def test_nothing_is_said_of_nothing() -> None:
    assert identified(()) == identified(rows("no recording at all\n"))
    assert identified(()).vendor is None


# --- files ---


def run(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    done = CliRunner().invoke(app, ["identify", *arguments, "--jsonl"])
    return done.exit_code, [json.loads(text) for text in done.stdout.splitlines()]


def test_one_line_a_recording(tmp_path: Path) -> None:
    file = tmp_path / "qnap.1.snmprec"
    maker = (SYS_OBJECT_ID, "6", "1.3.6.1.4.1.24681")
    file.write_text(recording(maker, ("1.3.6.1.4.1.24681.1.2.12.0", "4", "TS-253A")))
    status, (row,) = run(str(file))
    assert status == 0
    assert list(row) == ["case", "vendor", "os", "class", "hardware", "version", "serial", "clues"]
    assert (row["case"], row["vendor"], row["os"], row["class"], row["hardware"]) == (
        "qnap.1", "QNAP", "qnap", "nas", "TS-253A",
    )  # fmt: skip
    assert row["version"] is None
    assert shown(row) == "qnap.1: QNAP TS-253A – nas, qnap"


def test_a_file_that_tells_nothing_is_status_three(tmp_path: Path) -> None:
    nothing, router = tmp_path / "x.snmprec", tmp_path / "r.snmprec"
    nothing.write_text("1.3.6.1.2.1.1.3.0|67|51677656\n")
    router.write_text(descr("RouterOS CHR"))
    status, found = run(str(router), str(nothing))
    assert status == 3
    assert [known(row) for row in found] == [True, False]


def capture(path: Path, macs: Iterable[str]) -> Path:
    with path.open("wb") as file:
        writer = dpkt.pcap.Writer(file)
        for mac in macs:
            hardware = bytes.fromhex(mac.replace(":", ""))
            said = dpkt.arp.ARP(op=2, sha=hardware, spa=bytes([192, 0, 2, 1]), tha=b"\0" * 6, tpa=bytes(4))
            writer.writepkt(bytes(dpkt.ethernet.Ethernet(src=hardware, dst=b"\xff" * 6, type=0x0806, data=bytes(said))))
    return path


def test_a_capture_has_a_line_a_device(tmp_path: Path) -> None:
    status, found = run(str(capture(tmp_path / "lan.pcap", ["00:11:32:ab:cd:ef", "00:1b:a9:0b:a7:52"])))
    assert status == 0
    assert [(row["device"], row["class"]) for row in found] == [
        ("00:11:32:ab:cd:ef", "nas"), ("00:1b:a9:0b:a7:52", "printer"),
    ]  # fmt: skip
    assert found[0]["vendor"] == "Synology Incorporated"
    assert [row["certain"] for row in found] == [False, False], "the maker of a card is no proof"
    assert shown(found[0]) == "lan 00:11:32:ab:cd:ef: Synology Incorporated – probably nas"


def test_a_scan_has_a_line_a_host(tmp_path: Path) -> None:
    file = tmp_path / "office.xml"
    file.write_text(
        '<nmaprun scanner="nmap" args="nmap 192.0.2.0/24"><scaninfo type="connect" protocol="tcp" services="80"/>'
        '<host><status state="up"/><address addr="192.0.2.7" addrtype="ipv4"/>'
        '<address addr="00:11:32:AB:CD:EF" addrtype="mac" vendor="Synology"/><ports/></host>'
        '<host><status state="down"/><address addr="192.0.2.8" addrtype="ipv4"/></host>'
        '<runstats><finished exit="success"/><hosts up="1" down="1" total="2"/></runstats></nmaprun>'
    )
    status, (row,) = run(str(file))
    assert (status, row["device"], row["class"]) == (0, "192.0.2.7", "nas")


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("x.pcap", b"not a capture"),
        ("x.xml", b"<nmaprun>"),
        ("x.conf", b"hostname r1"),
        ("x.xml", b""),
        ("x.snmprec", bytes(range(256)) * 9),
        ("x.snmprec", b""),
        ("x.jsonl", b""),
        ("x.jsonl", b"\n\n"),
        ("x.jsonl", b"[1]"),
    ],
)
def test_a_file_of_no_such_kind_is_one_line(tmp_path: Path, file: str, body: bytes) -> None:
    (tmp_path / file).write_bytes(body)
    with pytest.raises(ConfigError) as error:
        identities(tmp_path / file)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("file", ["x.snmprec", "x.jsonl"])
def test_what_is_no_recording_could_not_be_read_and_is_told_the_form(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(b"\x00\xff\x1b[2J no recording")
    done = CliRunner().invoke(app, ["identify", str(tmp_path / file)])
    assert done.exit_code == 2
    assert "no line like" in done.stderr


def test_a_capture_that_is_cut_short_says_so(tmp_path: Path) -> None:
    whole = capture(tmp_path / "lan.pcap", ["00:11:32:ab:cd:ef", "00:1b:a9:0b:a7:52"])
    whole.write_bytes(whole.read_bytes()[:-7])
    done = CliRunner().invoke(app, ["identify", str(whole)])
    assert done.exit_code == 3
    assert "00:11:32:ab:cd:ef" in done.stdout
    assert "lan.pcap" in done.stderr


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.snmprec", tmp_path):
        with pytest.raises(ConfigError):
            identities(path)


def test_a_forged_capture_does_not_fill_the_output(tmp_path: Path) -> None:
    macs = (f"00:11:32:00:{number >> 8:02x}:{number & 255:02x}" for number in range(MAX_DEVICES + 1))
    with pytest.raises(ConfigError, match="devices"):
        identities(capture(tmp_path / "flood.pcap", macs))


def test_the_program_that_a_banner_names_is_not_its_device(tmp_path: Path) -> None:
    file = tmp_path / "banners.jsonl"
    file.write_text('{"field": "ssh", "input": "OpenSSH_9.2p1 Debian-2+deb12u10"}\n')
    assert [shown(row) for row in identities(file)] == ["1 ssh: OpenSSH 9.2p1 (Debian)"]


def test_a_bad_line_among_banners_hides_none_of_the_others(tmp_path: Path) -> None:
    file, good = tmp_path / "banners.jsonl", '{"field": "ssh", "input": "OpenSSH_9.2p1"}\n'
    file.write_text(f"{good}[1]\n{good}no recording\n")
    done = CliRunner().invoke(app, ["identify", str(file)])
    assert done.exit_code == 3
    assert done.stdout.splitlines() == ["1 ssh: OpenSSH 9.2p1", "2: ?", "3 ssh: OpenSSH 9.2p1", "4: ?"]
    assert "line 2: no line like" in done.stderr
    assert "(and 1 more)" in done.stderr
