"""A device that was seen is declared: found, refused where it must be, and written without harm."""

import os
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from inventory.approval import Approval, approve, found
from inventory.errors import ConfigError
from inventory.known import Known, Span
from inventory.site import Site, read_site
from tests.unit.inventory.visits import NAS, PHONE, TABLET, day

INVENTORY = """\
# Le cabinet
devices:
  - name: box            # à l'entrée
    macs: ["00:11:32:00:00:99"]
    role: router
    owner: practice
    use: professional
"""
SITE = """\
vigie: 1
client: Cabinet
profile: {exercise: group, software: shared, hosting: local}
size: 2
networks: [{network: 192.168.10.0/24, zone: professional}]
authorisation: {by: Titulaire, from: "2026-01-01", until: "2026-12-31"}
vantage: professional
"""
TODAY = date(2026, 11, 24)
OWN = Approval("nas", "practice", "professional")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    (tmp_path / "waivers.yaml").write_text("waivers: []\n")
    return tmp_path


def seen(mac: str, name: str, address: str, *more: str) -> Known:
    macs = tuple(Span(item, day(0), day(0)) for item in (mac, *more))
    return Known(
        mac, name, "nas", "present", first=day(0), last=day(0), macs=macs, addresses=(Span(address, day(0), day(0)),)
    )


DEVICES = (
    seen(NAS, "DiskStation", "192.168.10.10"),
    seen(TABLET, "Tablette", "192.168.10.11", PHONE),
    seen("00:11:32:00:00:07", "tablette", "192.168.10.12"),
    seen(PHONE, "iPhone de Zoé", "192.168.10.13"),
)


def site(folder: Path) -> Site:
    return read_site(folder)


@pytest.mark.parametrize("wanted", [NAS, "00-11-32-00-00-01", "diskstation", "192.168.10.10", " DiskStation "])
def test_found_by_what_is_shown(wanted: str) -> None:
    assert found(DEVICES, wanted).id == NAS


def test_two_of_a_name_are_told_apart_by_their_mac() -> None:
    with pytest.raises(ConfigError, match=r"2 devices called 'TABLETTE', expected one of them by its MAC: Tab"):
        found(DEVICES, "TABLETTE")


def test_nobody_of_that_name() -> None:
    with pytest.raises(ConfigError, match="no device called 'nas', expected a device that vigie devices lists: DiskSt"):
        found(DEVICES, "nas")
    with pytest.raises(ConfigError, match="expected a scan first"):
        found((), "nas")


def test_it_is_declared_and_the_rest_stays(folder: Path) -> None:
    wanted = replace(OWN, until=date(2027, 1, 31), presence="mobile")
    before, after = approve(folder, site(folder), DEVICES, NAS, wanted, TODAY)
    assert before == INVENTORY
    assert (folder / "inventory.yaml").read_text() == after
    assert after.startswith(INVENTORY)
    declared = site(folder).devices[1]
    assert (declared.name, declared.macs, declared.until, declared.presence) == (
        "diskstation",
        (NAS,),
        date(2027, 1, 31),
        "mobile",
    )


def test_only_lasting_macs_are_declared(folder: Path) -> None:
    approve(folder, site(folder), DEVICES, "192.168.10.11", OWN, TODAY)
    assert site(folder).devices[1].macs == (TABLET,)


def test_a_mac_that_only_an_announcement_links_is_not_declared(folder: Path) -> None:
    posing = Span(TABLET, day(0), day(0))
    devices = (replace(seen(NAS, "DiskStation", "192.168.10.10"), linked=(posing,)),)
    with pytest.raises(ConfigError, match=f"{TABLET}, which only an announcement links to DiskStation, expected {NAS}"):
        approve(folder, site(folder), devices, TABLET, OWN, TODAY)
    approve(folder, site(folder), devices, "192.168.10.10", OWN, TODAY)
    assert site(folder).devices[1].macs == (NAS,)


@pytest.mark.parametrize(
    ("wanted", "approval", "message"),
    [
        (PHONE, OWN, "only a random MAC, which it changes by itself, expected a lasting MAC: switch"),
        (NAS, replace(OWN, until=date(2026, 11, 23)), "--until: found 2026-11-23, expected a day to come"),
        (NAS, replace(OWN, name="box"), "--name: found 'box', which another device has"),
        (NAS, replace(OWN, name="Le NAS"), r"inventory.yaml:\d+: devices/1/name: found \"Le NAS\""),
        (NAS, replace(OWN, role="unknown"), r"devices/1/role: found \"unknown\", expected one of workstation"),
    ],
)
def test_refused_and_nothing_written(folder: Path, wanted: str, approval: Approval, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        approve(folder, site(folder), DEVICES, wanted, approval, TODAY)
    assert (folder / "inventory.yaml").read_text() == INVENTORY


BOX = seen("00:11:32:00:00:99", "box", "192.168.10.1")
ROUTER = Approval("router", "practice", "professional")


def test_declared_already_says_which_line_to_edit(folder: Path) -> None:
    wanted = Approval("router", "provider", "professional", date(2027, 1, 31), presence="mobile")
    message = (
        "inventory.yaml:3: found 'box' already declared, "
        "expected an edit by hand: line 6 to say owner: provider, a line presence: mobile"
    )
    for approval, said in ((wanted, message), (ROUTER, "inventory.yaml:3: found 'box' already declared so, expected")):
        with pytest.raises(ConfigError) as raised:
            approve(folder, site(folder), (BOX,), "box", approval, TODAY)
        assert str(raised.value).startswith(said)
    assert (folder / "inventory.yaml").read_text() == INVENTORY


def test_an_approval_is_renewed_where_it_stands(folder: Path) -> None:
    lent = INVENTORY + '    until: "2026-11-01"  # prêt\n    # rendu en juin ?\n'
    (folder / "inventory.yaml").write_text(lent)
    longer = replace(ROUTER, until=date(2027, 6, 1))
    assert approve(folder, site(folder), (BOX,), "box", longer, TODAY) == (
        lent,
        lent.replace("2026-11-01", "2027-06-01"),
    )
    assert site(folder).devices[0].until == date(2027, 6, 1)
    with pytest.raises(ConfigError, match="already declared so"):
        approve(folder, site(folder), (BOX,), "box", longer, TODAY)


@pytest.mark.parametrize("until", ["2026-11-01", "2027-06-01"])
def test_without_a_day_it_is_renewed_for_good(folder: Path, until: str) -> None:
    (folder / "inventory.yaml").write_text(INVENTORY + f'    until: "{until}"\n')
    assert approve(folder, site(folder), (BOX,), "box", ROUTER, TODAY)[1] == INVENTORY
    assert site(folder).devices[0].until is None


def test_one_without_end_gets_one(folder: Path) -> None:
    after = approve(folder, site(folder), (BOX,), "box", replace(ROUTER, until=TODAY), TODAY)[1]
    assert after == INVENTORY + '    until: "2026-11-24"\n'


def test_a_name_from_the_wire_becomes_a_harmless_one(folder: Path) -> None:
    hostile = seen(NAS, "x\x1b[2J\n- name: evil\n  macs: [a]", "192.168.10.10")
    approve(folder, site(folder), (hostile,), NAS, OWN, TODAY)
    assert [item.name for item in site(folder).devices] == ["box", "x-2j-name-evil-macs-a"]


def test_rights_stay_and_a_link_stays_a_link(folder: Path) -> None:
    elsewhere = folder / "kept"
    elsewhere.mkdir()
    real = elsewhere / "mine.yaml"
    (folder / "inventory.yaml").rename(real)
    real.chmod(0o640)
    (folder / "inventory.yaml").symlink_to(real)
    approve(folder, site(folder), DEVICES, NAS, OWN, TODAY)
    assert (folder / "inventory.yaml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "diskstation" in real.read_text()
    assert [path.name for path in elsewhere.iterdir()] == ["mine.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_root_leaves_the_file_to_its_owner(folder: Path) -> None:
    os.chown(folder / "inventory.yaml", 12345, 12345)
    approve(folder, site(folder), DEVICES, NAS, OWN, TODAY)
    assert (folder / "inventory.yaml").stat().st_uid == 12345


def test_two_at_once_lose_nothing(folder: Path) -> None:
    devices = [seen(f"00:11:32:00:01:{number:02x}", f"d{number}", f"192.168.10.{number}") for number in range(1, 9)]
    read, failed = site(folder), []

    def work(item: Known) -> None:
        try:
            approve(folder, read, devices, item.id, OWN, TODAY)
        except ConfigError as error:
            failed.append(str(error))

    threads = [threading.Thread(target=work, args=(item,)) for item in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {item.name for item in site(folder).devices} == {"box", *(item.name for item in devices)}
