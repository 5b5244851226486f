"""What a device is recognised by, and what is no identity at all."""

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from inventory.device import Device, Identifier
from inventory.identifiers import MOST_IDENTIFIERS, marks, sound, traits
from inventory.network import MdnsService, NetbiosSeen, Network, SnmpSeen, UpnpSeen
from inventory.system import Identity, System


def kinds(device: Device) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in traits(device).identifiers:
        found.setdefault(item.kind, []).append(item.value)
    return found


@pytest.mark.parametrize("mark", marks(), ids=lambda mark: f"{mark.service.pattern} {mark.key}")
def test_every_mark_reads_its_sample(mark: Any) -> None:
    (read, *_) = mark.pattern.findall(mark.sample)
    assert sound(mark.kind, read) == mark.yields


def test_a_synology_on_one_of_its_sockets_names_both() -> None:
    text = (
        "vendor=Synology",
        "model=DS220+",
        "serial=2130ABC008231",
        "mac_address=00:11:32:aa:bb:01|00:11:32:aa:bb:02",
    )
    network = Network(macs=("00:11:32:aa:bb:01",), mdns=(MdnsService("_http._tcp", "nas", 5000, text),))
    assert kinds(Device(network=network)) == {
        "mac": ["00:11:32:aa:bb:01", "00:11:32:aa:bb:02"],
        "serial": ["2130abc008231"],
    }


def test_what_was_proven_is_not_called_announced() -> None:
    network = Network(macs=("00:11:32:aa:bb:01",), netbios=NetbiosSeen("NAS", mac="00:11:32:aa:bb:01"))
    assert traits(Device(network=network)).identifiers == (Identifier("mac", "00:11:32:aa:bb:01"),)


@pytest.mark.parametrize(
    ("uuid", "mac"),
    [
        ("uuid:4d696e69-444c-164e-9d41-001132aabb09", ["00:11:32:aa:bb:09"]),
        ("2e388006-13ba-4041-9a67-25dd4a43d536", []),
    ],
)
def test_a_uuid_that_ends_in_a_mac_of_the_same_maker_names_it(uuid: str, mac: list[str]) -> None:
    network = Network(macs=("00:11:32:aa:bb:01",), upnp=UpnpSeen(uuids=(uuid,)))
    assert kinds(Device(network=network))["mac"] == ["00:11:32:aa:bb:01", *mac]


@pytest.mark.parametrize(
    ("engine", "found"),
    [
        ("80001f8880e9630000d61ff449", {"engine_id": ["80001f8880e9630000d61ff449"]}),
        ("8000000903001132aabb01", {"mac": ["00:11:32:aa:bb:01"], "engine_id": ["8000000903001132aabb01"]}),
        ("8000000901c0a80a01", {}),  # named by its address, which changes
    ],
)
def test_snmp_engines(engine: str, found: dict[str, list[str]]) -> None:
    assert kinds(Device(network=Network(snmp=SnmpSeen("v3", engine_id=engine)))) == found


@pytest.mark.parametrize(
    ("client_id", "value"),
    [
        ("015e1020304050", None),  # its own MAC, invented
        ("00706f7374652d31", None),  # a name
        ("ff3245ab10000100012a1b2c3d8c8caa102030", "000100012a1b2c3d8c8caa102030"),  # a DUID (RFC 4361)
    ],
)
def test_dhcp_client_ids(client_id: str, value: str | None) -> None:
    """The facts come from a reader of another module: what the types do not have is not there."""
    nothing = dict.fromkeys(("macs", "ssh", "snmp", "upnp", "netbios", "mdns"))
    network = SimpleNamespace(**nothing, dhcp=SimpleNamespace(client_id=client_id))
    device = cast("Device", SimpleNamespace(system=None, network=network))
    assert kinds(device) == ({"dhcp_id": [value]} if value else {})


@pytest.mark.parametrize(
    "serial", ["", "0", "123456", "1234567890", "N/A", "Default string", "00000000", "ABCDEF", "none"]
)
def test_what_makers_put_where_they_have_no_number(serial: str) -> None:
    assert kinds(Device(system=System(identity=Identity(serial=serial)))) == {}


def test_a_device_that_says_thousands_is_bounded() -> None:
    said = tuple(f"{number:08x}-13ba-4041-9a67-25dd4a43d536" for number in range(5_000))
    assert len(traits(Device(network=Network(upnp=UpnpSeen(uuids=said)))).identifiers) == MOST_IDENTIFIERS


def test_a_device_that_repeats_itself_costs_nothing() -> None:
    texts = tuple("mac_address=" + f"00:11:32:aa:bb:{number:02x}|" * 8 for number in range(32))
    services = tuple(MdnsService("_http._tcp", f"n{number}", 80, texts) for number in range(128))
    begun = time.process_time()
    found = traits(Device(network=Network(macs=("00:11:32:aa:cc:01",), mdns=services)))
    assert time.process_time() - begun < 0.5
    assert found.identifiers[0] == Identifier("mac", "00:11:32:aa:cc:01")


def test_what_a_switch_says_to_its_neighbours() -> None:
    """LLDP names the chassis, and an inventory TLV its serial number; a chassis may be named by anything."""
    nothing = dict.fromkeys(("macs", "ssh", "snmp", "upnp", "netbios", "mdns"))
    said = (
        SimpleNamespace(chassis="00:11:32:aa:bb:01", serial="2130ABC008231"),
        SimpleNamespace(chassis="commutateur"),
    )
    device = cast("Device", SimpleNamespace(system=None, network=SimpleNamespace(**nothing, neighbours=said)))
    assert kinds(device) == {"mac": ["00:11:32:aa:bb:01"], "serial": ["2130abc008231"]}
