"""Categories come from clues; each clue has a real sample that matches it."""

from importlib.resources import files

import pytest
import yaml

from inventory.classify import OF_PHONES, Pattern, classify, patterns
from inventory.device import Declared, Device
from inventory.network import Network, Port, SnmpSeen
from inventory.system import System


@pytest.mark.parametrize("row", patterns(), ids=lambda row: f"{row.field}-{row.category}")
def test_each_pattern_matches_its_sample(row: Pattern) -> None:
    assert row.pattern.search(row.sample)
    assert 1 <= row.weight <= 100


def declared(role: str) -> Declared:
    return Declared("it", role, "practice", "professional")  # type: ignore[arg-type]


CASES = [
    (Device(), "unknown", False),
    # The maker of a card makes other things too: likely, and never certain.
    (Device(network=Network(vendor="Synology Incorporated")), "nas", False),
    (Device(network=Network(vendor="Synology Incorporated", ports=(Port(445),))), "nas", False),
    (Device(network=Network(vendor="Brother industries, LTD.", ports=(Port(515),))), "printer", True),
    # Several doors of one kind are one clue: a print server has them too.
    (Device(network=Network(ports=(Port(515), Port(631)))), "printer", False),
    # Where it makes all kinds of things, its name is a hint, and no category: these makers sell plugs and cameras too.
    (Device(network=Network(vendor="Tp-Link Technologies Co.,Ltd.")), "unknown", False),
    (Device(network=Network(vendor="D-Link International")), "unknown", False),
    (Device(network=Network(vendor="Dell Inc.")), "unknown", False),
    (Device(network=Network(vendor="Dell Inc.", ports=(Port(445),))), "workstation", False),
    (Device(network=Network(mac_randomised=True)), "phone", False),
    (Device(network=Network(mac_randomised=True, ports=(Port(62078),))), "phone", False),
    (Device(network=Network(mac_randomised=True, ports=(Port(22),))), "unknown", False),
    (Device(network=Network(vendor="Planmeca Oy")), "medical_imaging", False),
    (Device(network=Network(vendor="J. Morita Mfg. Corp.")), "medical_imaging", False),
    (Device(network=Network(vendor="GE Healthcare")), "medical_imaging", False),
    # Vatech makes panoramic units, these do not.
    (Device(network=Network(vendor="Novatechnology Inc.")), "unknown", False),
    (Device(network=Network(vendor="Ava Technologies")), "unknown", False),
    (Device(network=Network(snmp=SnmpSeen("v2c", device_description="MFG:Brother;CLS:PRINTER;"))), "printer", True),
    (Device(declared=declared("switch")), "switch", True),
    # What the device itself says outweighs what its owner believes.
    (Device(declared=declared("workstation"), system=System(platform="synology_dsm")), "nas", True),
    # The owner and the maker disagree: nobody is sure.
    (Device(declared=declared("workstation"), network=Network(vendor="Synology Incorporated")), "workstation", False),
]


@pytest.mark.parametrize(("device", "category", "certain"), CASES)
def test_category(device: Device, category: str, certain: bool) -> None:
    found = classify(device)
    assert (found.category, found.certain) == (category, certain)
    assert all(clue.reason for clue in found.clues)


def test_the_ports_of_phones_are_those_of_the_rules() -> None:
    said = yaml.safe_load((files("rules") / "data" / "parameters.yaml").read_text("utf-8"))["mobile_ports"]["value"]
    assert {("tcp", port) for port in said} == OF_PHONES
