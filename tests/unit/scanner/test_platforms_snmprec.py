"""snmprec: read and written, on every recording of a real device there is, and what any agent says of itself."""

import random
from pathlib import Path

import pytest

from inventory.network import SnmpSeen
from inventory.system import Identity
from scanner.platforms import recognised, synology_dsm
from scanner.snmprec import Row, line, read_system, rows
from tests.unit.scanner.test_platforms import DSM_WALK, RECORDINGS, evidence

REALDATA = Path(__file__).parents[4] / "shared" / "realdata"
SNMPREC = REALDATA / "snmp" / "snmprec"
SEED = 20260801


def recordings() -> list[Path]:
    return sorted(SNMPREC.glob("*.snmprec"))


def needs_realdata() -> None:
    if not SNMPREC.is_dir():
        pytest.skip("NOT TESTED on real devices: the folder shared/realdata beside the checkout is absent")


def test_all_recordings_of_real_devices() -> None:
    needs_realdata()
    assert len(recordings()) == 314
    left_out = []
    for path in recordings():
        text = path.read_bytes().decode("utf-8", "replace")
        found = list(rows(text))
        assert found, path.name
        for row in found[:1000]:
            assert isinstance(row.octets, bytes)
            assert len(row.text) <= 256
            assert row.number is None or isinstance(row.number, int)
        numbers = {row.line for row in found}
        left_out += [each for at, each in enumerate(text.split("\n"), 1) if at not in numbers]
        observation = read_system(evidence("walk:1.3.6.1.2.1.1", text, "snmp", "v2c"))
        assert observation.device.network is not None, path.name
        assert observation.device.network.snmp is not None, path.name
        platform = recognised(observation.device)
        assert (platform is synology_dsm) == ("dsm_" in path.name), path.name
    # Blank lines, comments and values of snmpsim's variation modules; every other line is a row.
    assert {each.strip() for each in left_out if "|2:numeric|" not in each and "|4:writecache|" not in each} == {
        "", "#foundry", "#CISCO BAD TEMP",
    }  # fmt: skip


def test_what_real_rows_say_survives_writing() -> None:
    needs_realdata()
    for path in recordings():
        for row in list(rows(path.read_bytes().decode("utf-8", "replace")))[:500]:
            kind = row.tag.rstrip("xe")
            if kind in ("4", "68"):
                (again,) = rows(line(row.oid, kind, row.octets))
                assert again.octets == row.octets


@pytest.mark.parametrize(
    ("tag", "value", "written"),
    [
        ("4", b"plain", "1.3.6|4|plain"),
        ("4", b"", "1.3.6|4|"),
        ("4", b"a|b", "1.3.6|4x|617c62"),
        ("4", b"two\nlines", "1.3.6|4x|74776f0a6c696e6573"),
        ("4", b" led", "1.3.6|4x|206c6564"),
        ("4", "é".encode(), "1.3.6|4x|c3a9"),
        ("64", bytes([192, 168, 10, 1]), "1.3.6|64|192.168.10.1"),
        ("2", -5, "1.3.6|2|-5"),
        ("70", 2**64 - 1, "1.3.6|70|18446744073709551615"),
        ("6", "1.3.6.1.4.1", "1.3.6|6|1.3.6.1.4.1"),
    ],
)
def test_written(tag: str, value: bytes | int | str, written: str) -> None:
    assert line("1.3.6", tag, value) == written
    (row,) = rows(written)
    if isinstance(value, int):
        assert row.number == value
    elif isinstance(value, bytes) and tag == "4":
        assert row.octets == value


def test_any_bytes_survive() -> None:
    random_bytes = random.Random(SEED)
    for size in range(300):
        octets = random_bytes.randbytes(size)
        (row,) = rows(line("1.3.6.1", "4", octets))
        assert row.octets == octets


@pytest.mark.parametrize(("oid", "tag", "value"), [("1.3|4", "4", b"x"), ("", "4", b""), ("1.3", "2", "1\n1.3|2|2")])
def test_a_line_cannot_be_forged(oid: str, tag: str, value: bytes | str) -> None:
    with pytest.raises(ValueError, match="not "):
        line(oid, tag, value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.3.6|4|a|b\r\n", [Row(1, "1.3.6", "4", "a|b")]),
        ("\n.1.3.6|2|1", [Row(2, "1.3.6", "2", "1")]),
        ("1.3.6|4e|a\\x0ab\\\\", [Row(1, "1.3.6", "4e", "a\\x0ab\\\\")]),
        ("1.3.6|4\n1..3|4|x\n1.3.6||x\nx|4|x\n1.3.6|y|x\n|||\n1.3.6|4:delay|x", []),
    ],
)
def test_rows(text: str, found: list[Row]) -> None:
    assert list(rows(text)) == found


def test_encodings() -> None:
    assert Row(1, "1.3", "4e", "a\\x0ab\\\\").octets == b"a\nb\\"
    assert Row(1, "1.3", "4x", "0g").octets == b""
    assert Row(1, "1.3", "4x", "50686f746f").text == "Photo"
    assert Row(1, "1.3", "2", "9" * 21).number is None


def test_system_of_a_synology() -> None:
    body = (RECORDINGS / DSM_WALK).read_text()
    observation = read_system(evidence("walk:1.3.6.1.2.1.1", body, "snmp", "v3 SHA-AES"))
    network, system = observation.device.network, observation.device.system
    assert network is not None
    assert system is not None
    assert network.snmp == SnmpSeen(
        "v3", "Linux Nas 3.2.40 #25426 Wed Jul 8 03:15:48 CST 2020 armv7l", "1.3.6.1.4.1.8072.3.2.10", "<private>", 6574
    )
    assert system.identity == Identity(uptime_s=472)
    assert observation.lines == {
        "/network/snmp/sys_descr": 1,
        "/network/snmp/sys_object_id": 2,
        "/network/snmp/sys_name": 5,
        "/network/snmp/enterprise": 477,
        "/system/identity/uptime_s": 3,
    }


def test_system_of_a_printer() -> None:
    body = (RECORDINGS / "brother-hl2270dw" / "brother__hl-2270dw.snmprec").read_text()
    network = read_system(evidence("walk:1.3.6.1.2.1.1", body, "snmp", "v2c")).device.network
    assert network is not None
    assert network.snmp is not None
    assert network.snmp.enterprise == 2435
    assert network.snmp.device_description is not None
    assert "MDL:HL-2270DW series;CLS:PRINTER;" in network.snmp.device_description


@pytest.mark.parametrize(
    ("body", "detail", "status", "snmp"),
    [
        ("", "v2c", "done", None),
        ("1.3.6.1.2.1.1.1.0|4|x", "", "done", None),
        ("1.3.6.1.2.1.1.1.0|4|x", "v2c", "silent", None),
        ("1.3.6.1.2.1.1.1.0|4|x", "v2c public", "done", SnmpSeen("v2c", "x")),
        ("1.3.6.1.2.1.1.1.0|4|x", "v2c default community", "done", SnmpSeen("v2c", "x", default_community=True)),
        ("1.3.6.1.2.1.1.1.0|4|x", "v2c default community", "failed", None),
        ("1.3.6.1.4.1.8072.1|4|x", "v2c", "done", SnmpSeen("v2c", enterprise=8072)),
        ("1.3.6.1.4.1.8072.1|4|x\n1.3.6.1.4.1.9.1|2|3", "v2c", "done", SnmpSeen("v2c", enterprise=9)),
        ("1.3.6.1.4.1.99999999999.1|4|x", "v3", "done", SnmpSeen("v3")),
        ("1.3.6.1.2.1.1.5.0|4|", "v3", "done", SnmpSeen("v3")),
    ],
)
def test_system(body: str, detail: str, status: str, snmp: SnmpSeen | None) -> None:
    network = read_system(evidence("walk:1.3.6.1.2.1.1", body, "snmp", detail, status=status)).device.network
    assert (network.snmp if network else None) == snmp
