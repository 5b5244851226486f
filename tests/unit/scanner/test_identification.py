"""Who a device is: SNMP first, then what other answers say of the device itself, never more certain than it is."""

from typing import Any

import pytest

from inventory.classify import CERTAIN_WEIGHT, classify
from inventory.device import Declared, Device
from inventory.heard import DhcpClient, Neighbour
from inventory.network import HttpSeen, Identification, MdnsService, Network, Port, SshOffer, UpnpSeen
from inventory.observation import Merged, Observation, attributed, merge
from scanner.identification import MAX_CLUE, MAX_CLUES, Text, identification, read_identity, with_identification
from tests.unit.scanner.test_platforms import RECORDINGS, evidence

BROTHER = (RECORDINGS / "brother-hl2270dw" / "brother__hl-2270dw.snmprec").read_text("utf-8")


def who(**facts: Any) -> Identification:
    found, _ = identification(Network(**facts))
    return found or Identification()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"http": (HttpSeen(5000, False, title="nas - Synology DiskStation"),)}, ("Synology", "synology_dsm", "nas")),
        ({"hostname": "iPhone"}, ("Apple", "ios", "phone")),
        ({"hostname": "DESKTOP-4K2J8QF"}, (None, "windows", "workstation")),
        ({"ports": (Port(21, banner="220 FRITZ!Box7590 FTP server ready."),)}, ("AVM", None, "router")),
        (
            {"upnp": UpnpSeen(("ZonePlayer:1",), manufacturer="Sonos, Inc.", model="Sonos One")},
            ("Sonos", None, "speaker"),
        ),
        (
            {"mdns": (MdnsService("_googlecast._tcp", "tv", text=("id=1", "md=Chromecast Ultra")),)},
            ("Google", None, "tv"),
        ),
    ],
)
def test_one_text_is_a_likely_identification(facts: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    found = who(**facts)
    assert (found.vendor, found.platform, found.category) == expected
    assert found.clues
    device, _ = with_identification(Device(network=Network(**facts)))
    assert not classify(device).certain, "a text that anybody may write is no proof"


def test_a_program_is_not_its_device() -> None:
    found = who(
        ssh_offers=(SshOffer(22, "OpenSSH_9.2p1 Debian-2+deb12u10"),), http=(HttpSeen(80, False, server="nginx/1.22"),)
    )
    assert found.platform == "debian"
    assert (found.vendor, found.model, found.version, found.category) == (None, None, None, None)


def test_the_maker_of_a_system_did_not_make_the_computer() -> None:
    """DHCP's "MSFT 5.0" of a laptop with Intel's Wi-Fi card proves Windows; another's model stays its own."""
    windows = Network(vendor="Intel Corporate", dhcp=DhcpClient(vendor_class="MSFT 5.0"))
    found, places = identification(windows)
    assert found is not None
    assert (found.vendor, found.platform, found.category) == (None, "windows", "workstation")
    assert places["platform"] == "/network/dhcp"
    both, _ = identification(windows, [Text("upnp_device", "Sonos, Inc. | Sonos One | ZonePlayer:1", "/network/upnp")])
    assert both is not None
    assert (both.vendor, both.platform) == ("Sonos", "windows")


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("ipad-de-claire", "tablet"), ("Claires-iPad", "tablet"), ("iphone-de-marie", "phone"),
        ("Maries-iPhone", "phone"), ("Lucas-iMac", "workstation"), ("Galaxy-Tab-S9-de-Luc", "tablet"),
        ("Galaxy-S21-de-Luc", "phone"),
    ],
)  # fmt: skip
def test_what_a_person_called_it_is_likely_and_never_certain(name: str, category: str) -> None:
    """A name by DHCP and a MAC that changes: both are a matter of taste."""
    network = Network(vendor="Apple, Inc.", dhcp=DhcpClient(hostname=name), mac_randomised=True)
    device, _ = with_identification(Device(network=network))
    found = classify(device)
    assert (found.category, found.certain) == (category, False)
    assert device.network is not None
    assert device.network.identification is not None
    assert "Luc" not in (device.network.identification.model or "")


@pytest.mark.parametrize(("model", "category"), [("UGW3", "router"), ("US24P250", "switch"), ("U7LT", "access_point")])
def test_what_ubiquiti_announces_outweighs_its_maker(model: str, category: str) -> None:
    network = Network(vendor="Ubiquiti Inc", neighbours=(Neighbour("ubiquiti", manufacturer="Ubiquiti", model=model),))
    device, _ = with_identification(Device(network=network))
    assert classify(device).category == category
    assert classify(Device(network=Network(vendor="Ubiquiti Inc"))).category == "unknown"


def test_what_another_maker_wrote_is_left_out() -> None:
    found = who(
        upnp=UpnpSeen(("Basic:1",), manufacturer="Synology Inc", model="DS214se"),
        http=(HttpSeen(80, False, title="HP LaserJet 400 M401dn"),),
    )
    assert (found.vendor, found.model, found.category) == ("Synology", "DS214se", "nas")


def test_two_categories_of_one_maker_are_none() -> None:
    found = who(hostname="iPhone", mdns=(MdnsService("_airplay._tcp", "x", text=("model=AppleTV6,2",)),))
    assert found.vendor == "Apple"
    assert (found.category, found.confidence) == (None, None)


def test_nothing_said_is_nothing_known() -> None:
    assert identification(Network()) == (None, {})
    assert identification(Network(hostname="marie", ports=(Port(22, banner=""),))) == (None, {})


def test_a_text_of_another_source_counts_too() -> None:
    found, places = identification(Network(), [Text("dhcp_vendor_class", "android-dhcp-13", "/network/dhcp")])
    assert found is not None
    assert (found.platform, found.version, found.category) == ("android", "13", "phone")
    assert places["platform"] == "/network/dhcp"


def test_snmp_speaks_before_any_text_and_keeps_its_lines() -> None:
    read = read_identity(evidence("walk:1.3.6.1.2.1.1", BROTHER, "snmp", "v2c"))
    assert read.device.network is not None
    known = read.device.network.identification
    assert known is not None
    assert (known.vendor, known.model, known.category, known.confidence) == ("Brother", "HL-2270DW", "printer", 80)
    line = BROTHER.splitlines()[read.lines["/network/identification/model"] - 1]
    assert "HL-2270DW" in line
    page = Observation(Device(network=Network(http=(HttpSeen(80, False, title="Synology DiskStation"),))))
    merged = merge([attributed(read, "snmp-1"), attributed(page, "http-1")])
    device, places = with_identification(merged.device)
    assert device.network is not None
    assert device.network.identification == known
    assert places == {}
    assert classify(device).category == "printer"
    assert classify(device).certain


def test_what_the_owner_says_weighs_more_than_what_is_announced() -> None:
    declared = Declared("it", "nas", "practice", "professional")
    upnp = UpnpSeen(("MediaRenderer:1",), manufacturer="Samsung Electronics", model="UE55RU7105")
    device, _ = with_identification(Device(network=Network(upnp=upnp), declared=declared))
    assert classify(device).category == "nas"
    alone, _ = with_identification(Device(network=Network(upnp=upnp)))
    assert classify(alone).category == "tv"
    assert sum(clue.weight for clue in classify(alone).clues) < CERTAIN_WEIGHT, "twice announced is not twice as sure"


def test_an_agent_of_a_host_does_not_make_its_system_a_maker() -> None:
    text = "1.3.6.1.2.1.1.1.0|4|Linux web 6.1.0-18-amd64 #1 SMP x86_64\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10\n"
    network = read_identity(evidence("walk:1.3.6.1.2.1.1", text, "snmp", "v2c")).device.network
    assert network is not None
    found = network.identification
    assert found is not None
    assert (found.vendor, found.platform, found.model, found.category) == (None, "linux", None, None)


def test_thousands_of_hostile_texts_stay_bounded() -> None:
    services = tuple(MdnsService("_x._tcp", str(number), text=("a=" + "b " * 60,) * 32) for number in range(128))
    found = who(mdns=services, hostname="\x1b[2J" * 50)
    assert len(found.clues or ()) <= MAX_CLUES
    assert all(len(clue) <= MAX_CLUE for clue in found.clues or ())


def test_each_answer_keeps_the_evidence_it_came_from() -> None:
    page = Observation(Device(network=Network(http=(HttpSeen(5000, False, title="Synology DiskStation"),))))
    merged = attributed(page, "http-1")
    assert isinstance(merged, Merged)
    _, places = with_identification(merged.device)
    assert places["vendor"] == "/network/http/0"
