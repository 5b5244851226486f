"""Whom Cisco switches and routers know: outputs of real ones, and forms that no recording here shows."""

from pathlib import Path

import pytest

from inventory.observation import Observation
from inventory.system import System
from scanner.platforms import cisco_ios
from scanner.platforms._ios_tables import ARP, LLDP, MACS
from tests.truth import SHARED
from tests.unit.scanner.test_platforms import evidence

FOLDER = SHARED / "cli_outputs" / "cisco_ios"


def read(text: str, command: str) -> Observation:
    observation = cisco_ios.read(evidence(f"shell {command}", text))
    assert observation is not None
    return observation


def system(text: str, command: str) -> System:
    return read(text, command).device.system or System()


def text_of(name: str) -> str:
    path = FOLDER / name
    if not path.exists():
        pytest.skip("the shared recordings are not here")
    return Path(path).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("12", 12, ("00:02:d1:80:67:fb", "Port-channel15", 10)),
        ("5", None, ("00:9e:1e:ad:ea:dd", "Po140", 420)),
        ("7", 5, ("00:00:0c:07:ac:04", "TenGigabitEthernet5/1", 46)),
        ("9", None, ("00:00:00:00:45:00", "Te2/5/4", 75)),
    ],
)
def test_macs_of_real_switches(name: str, count: int | None, first: tuple[str, str, int]) -> None:
    text = text_of(f"show_mac-address-table/cisco_ios_show_mac-address-table{name}.raw")
    found = system(text, MACS).forwarding or ()
    assert (found[0].mac, found[0].port, found[0].vlan) == first
    assert count is None or len(found) == count
    assert not {"Switch", "CPU", "Router"} & {item.port for item in found}


def test_macs_of_small_switches() -> None:
    text = """\
          Mac Address Table
-------------------------------------------

Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
 All    0100.0ccc.cccc    STATIC      CPU
  10    0011.3200.0001    DYNAMIC     Gi0/3
  10    0180.c200.0000    STATIC      CPU
Total Mac Addresses for this criterion: 3
"""
    found = system(text, MACS).forwarding or ()
    assert [(item.mac, item.port, item.vlan) for item in found] == [("00:11:32:00:00:01", "Gi0/3", 10)]
    assert system(text.replace("0011.3200.0001", "0211.32zz.0001"), MACS).forwarding == ()
    assert read("% Invalid input detected at '^' marker.\n", MACS).unread


def test_lldp_of_real_switches() -> None:
    folder = "show_lldp_neighbors_detail/cisco_ios_show_lldp_neighbors_detail"
    found = system(text_of(f"{folder}1.raw"), LLDP).links or ()
    assert [(item.port, item.chassis, item.remote_port, item.system_name) for item in found][:2] == [
        ("Gi1/0/2", "7c:25:86:c9:aa:aa", "502", None),
        ("Gi1/0/1", "94:f1:28:79:55:55", "94f1.2879.5555", "HpSwitch"),
    ]
    # That release does not say at which of its own ports: nothing is claimed.
    assert system(text_of(f"{folder}2.raw"), LLDP).links is None
    assert system("\nTotal entries displayed: 0\n", LLDP).links == ()
    assert read("% LLDP is not enabled\n", LLDP).unread


def test_who_was_resolved() -> None:
    text = """\
Protocol  Address          Age (min)  Hardware Addr   Type   Interface
Internet  192.168.10.1            -   0011.2233.4455  ARPA   Vlan1
Internet  192.168.10.10           3   0011.3200.0001  ARPA   Vlan1
Internet  192.168.10.11         120   0011.3200.0002  ARPA   Vlan1
Internet  192.168.10.12           0   Incomplete      ARPA
"""
    found = system(text, ARP).neighbours or ()
    assert [(item.address, item.mac, item.interface, item.fresh) for item in found] == [
        ("192.168.10.10", "00:11:32:00:00:01", "Vlan1", True),
        ("192.168.10.11", "00:11:32:00:00:02", "Vlan1", False),
    ]
    assert read("Internet  what is this\n", ARP).unread
