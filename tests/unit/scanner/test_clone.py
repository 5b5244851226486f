"""Somebody else under the MAC of the NAS, from one visit to the next; and the same NAS, reinstalled."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.scanner.test_week import INVENTORY, MONDAY, NAS, SITE, Day, Visit, visit
from tests.unit.scanner.wire_samples import service

AT = "192.168.10.10"
CREDENTIALS = """credentials:
  - {name: cles, kind: ssh, devices: [nas], user: admin, password: "env:NOWHERE"}
  - {name: agent, kind: snmp_v2c, devices: [nas], community: "env:NOWHERE"}
"""


def day(number: int, key: str, engine: str, serial: str | None = None, pinned: str | None = None) -> Day:
    """The NAS on one day, as it shows itself by SSH and SNMP."""
    found = Day(moment=MONDAY + timedelta(days=number))
    found.stands("nas", NAS, AT)
    rows = ["1.3.6.1.2.1.1.1.0|4|Linux nas", *([f"1.3.6.1.2.1.43.5.1.1.17.1|4|{serial}"] if serial else [])]
    rows.append(f"1.3.6.1.6.3.10.2.1.1.0|4x|{engine}")
    found.details = {"snmp": f"v2c, {len(rows)} rows"}
    found.answers["snmp", AT] = "\n".join(rows).encode()
    found.answers["ssh", AT] = f"ssh-ed25519 SHA256:{key}\npinned ssh-ed25519 SHA256:{pinned or key}\n".encode()
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("site", SITE + CREDENTIALS), ("inventory", INVENTORY), ("waivers", "waivers: []\n")):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


FIRST, OTHER = "80001f8880e9630000d61ff449", "80001f888017a2b3c4d5e6f700"


def verdicts(seen: Visit) -> list[tuple[str, str | None]]:
    return [
        (row.verdict, row.cause) for row in seen.assessment.findings if (row.rule, row.subject) == ("ANS-02.29", NAS)
    ]


def test_a_first_visit_accuses_nobody(folder: Path) -> None:
    assert verdicts(visit(folder, day(0, "a", FIRST))) == [("not_applicable", "first_identity")]


def test_the_same_passes(folder: Path) -> None:
    visit(folder, day(0, "a", FIRST))
    seen = visit(folder, day(1, "a", FIRST))
    assert verdicts(seen) == [("pass", None)]
    (row,) = [row for row in seen.assessment.findings if row.rule == "ANS-02.29" and row.subject == NAS]
    shown = {proof.fact for proof in row.proofs}
    assert {"network/macs", "network/ssh", "network/snmp/engine_id"} <= shown, "what shows it to be the same"


def test_another_key_and_another_engine_are_another_device_on_every_visit(folder: Path) -> None:
    visit(folder, day(0, "a", FIRST))
    for number in (1, 2):  # told again: the clone does not become the rule
        seen = visit(folder, day(number, "b", OTHER, pinned="a"))
        assert verdicts(seen) == [("fail", None)]
    (row,) = [row for row in seen.assessment.findings if row.rule == "ANS-02.29" and row.subject == NAS]
    assert row.message is not None
    assert "autre clé SSH, autre identifiant SNMP" in row.message.fr
    assert {"network/macs", "network/ssh", "network/snmp/engine_id"} <= {proof.fact for proof in row.proofs}


def test_with_its_serial_number_it_was_reinstalled(folder: Path) -> None:
    visit(folder, day(0, "a", FIRST, "2130ABC008231"))
    assert verdicts(visit(folder, day(1, "b", OTHER, "2130ABC008231", pinned="a"))) == [("warn", None)]


SERIAL = service("_http._tcp", "nas", "nas", 5000, "serial=2130ABC008231")


def test_a_serial_number_copied_from_the_air_excuses_no_clone(folder: Path) -> None:
    first, clone = day(0, "a", FIRST), day(1, "b", OTHER, pinned="a")
    for each in (first, clone):
        each.stands("nas", NAS, AT, SERIAL, host="nas")
    visit(folder, first)
    assert verdicts(visit(folder, clone)) == [("fail", None)]


def test_what_a_stranger_announced_in_its_name_accuses_nobody(folder: Path) -> None:
    """It was joined to the NAS on Monday by what it announced, its own serial number with it."""
    first, later = day(0, "a", FIRST), day(1, "a", FIRST, "2130ABC008231")
    named = service("_workstation._tcp", f"x [{NAS}]", "x", 9)
    serial = service("_http._tcp", "x", "x", 80, "serial=EVIL99271Z")
    first.stands("inconnu", "00:e0:4c:66:66:66", "192.168.10.66", named, serial, host="x")
    visit(folder, first)
    assert verdicts(visit(folder, later)) == [("pass", None)]
    assert verdicts(visit(folder, day(2, "b", OTHER, pinned="a"))) == [("fail", None)]


def test_what_it_shows_no_more_is_no_pass(folder: Path) -> None:
    visit(folder, day(0, "a", FIRST))
    silent = Day(moment=MONDAY + timedelta(days=1))
    silent.stands("nas", NAS, AT)
    assert verdicts(visit(folder, silent)) == [("unknown", "identity_not_shown")]
