"""Which interfaces are one device, and above all which are not."""

import time
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest

from inventory.device import Declared, Device, Identifier, Link, Traits
from inventory.heard import BrowserSeen, Dhcp6Server, DhcpServer, RouterAdvertisement
from inventory.identifiers import MOST_IDENTIFIERS, traits
from inventory.linking import MOST_INTERFACES, Group, grouped
from inventory.network import MdnsService, NetbiosSeen, Network, Port, SshSeen, UpnpSeen
from inventory.snapshot import Known
from inventory.system import Identity, System
from inventory.traits import both

ONE, TWO, THREE = "00:11:32:aa:bb:01", "00:11:32:aa:bb:02", "8c:8c:aa:10:20:30"
INVENTED = "5e:10:20:30:40:50"
UUID = "2e388006-13ba-4041-9a67-25dd4a43d536"
NAS = Declared("nas", "nas", "practice", "professional", macs=(ONE,))
PHONE = Declared("telephone", "phone", "practice", "professional", macs=(ONE,))


def device(mac: str, serial: str | None = None, declared: Declared | None = None, **network: Any) -> Device:
    """A device at whose ports somebody looked, in vain if none are given."""
    network.setdefault("ports", ())
    system = System(identity=Identity(serial=serial)) if serial else None
    return Device(network=Network(macs=(mac,), **network), system=system, declared=declared)


def names(*macs: str) -> dict[str, Any]:
    """An announcement in which a NAS names its sockets."""
    return {"mdns": (MdnsService("_http._tcp", "nas", 80, (f"mac_address={'|'.join(macs)}",)),)}


def said(uuid: str = UUID) -> dict[str, Any]:
    return {"upnp": UpnpSeen(uuids=(uuid,))}


def groups(
    *devices: Device, known: dict[str, Known] | None = None, declared: tuple[Declared, ...] = ()
) -> tuple[Group, ...]:
    return grouped({(one.network or Network()).macs[0]: one for one in devices}, known or {}, declared)  # type: ignore[index]


def earlier(*identifiers: Identifier, **more: Any) -> Known:
    return Known(Traits(identifiers, **more))


def test_two_sockets_that_name_each_other_are_one_device() -> None:
    (one,) = groups(device(ONE, **names(ONE, TWO)), device(TWO, **names(ONE, TWO)))
    assert (one.id, sorted(one.keys)) == (ONE, [ONE, TWO])
    assert one.links == [Link("mac", ONE, TWO, ONE, announced=True)]


def test_one_serial_number_is_one_device() -> None:
    (one,) = groups(device(ONE, "2130abc008231"), device(THREE, "2130ABC008231"))
    assert one.links == [Link("serial", "2130abc008231", THREE, ONE)]


@pytest.mark.parametrize(
    "same",
    [
        {"upnp": UpnpSeen(uuids=(UUID,))},  # burned into a batch
        {"ssh": SshSeen("ssh-ed25519", "SHA256:factory")},  # one key in every box of a model
        {"hostname": "pc"},
    ],
)
def test_what_two_boxes_of_a_batch_share_joins_nobody_who_is_here_at_once(same: dict[str, Any]) -> None:
    assert len(groups(device(ONE, **same), device(TWO, **same))) == 2


def test_more_than_a_device_has_sockets_say_a_makers_number() -> None:
    many = [device(f"00:11:32:aa:bb:{number:02x}", "2130abc008231") for number in range(MOST_INTERFACES + 1)]
    assert len(groups(*many)) == len(many)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"serial": "2130abc008231"}, {"serial": "2130abc009999"}),
        ({"ssh": SshSeen("ssh-ed25519", "SHA256:a")}, {"ssh": SshSeen("ssh-ed25519", "SHA256:b")}),
        ({"declared": NAS}, {"declared": replace(NAS, name="nas-2", macs=(TWO,))}),
        ({"declared": replace(NAS, not_same=(TWO,))}, {}),
    ],
)
def test_a_contradiction_forbids_the_link(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert len(groups(device(ONE, **names(ONE, TWO), **left), device(TWO, **names(ONE, TWO), **right))) == 2


def test_nobody_with_an_invented_mac_joins_a_nas_by_what_it_announces() -> None:
    """A stranger repeats what the NAS tells everybody."""
    assert len(groups(device(ONE, declared=NAS), device(INVENTED, **names(ONE)))) == 2


@pytest.mark.parametrize("owner", [NAS, PHONE, replace(PHONE, role="router")])
@pytest.mark.parametrize("mac", [THREE, INVENTED])
@pytest.mark.parametrize(
    "serving",
    [
        {"ports": (Port(22),)},
        {"ports": None},  # nobody looked
        {"router_advertisement": RouterAdvertisement(1800, managed=False, other=False)},
        {"dhcp6_server": Dhcp6Server()},
        {"dhcp_server": DhcpServer(IPv4Address("192.168.10.66"))},
        {"netbios": NetbiosSeen("POSTE")},
        {"browser": BrowserSeen("POSTE")},
        {"ports": (Port(49152),), "upnp": UpnpSeen(types=("InternetGatewayDevice:1",))},
        {"ports": (Port(49152),), "upnp": UpnpSeen(mappings=())},
    ],
)
def test_nobody_who_serves_joins_a_declared_device_by_what_it_announces(
    owner: Declared, mac: str, serving: dict[str, Any]
) -> None:
    stranger = device(mac, **serving, **names(ONE))
    assert len(groups(device(ONE, declared=owner), stranger)) == 2
    known = {ONE: earlier(Identifier("mac", ONE))}
    assert [(one.id, one.declared) for one in groups(stranger, known=known, declared=(owner,))] == [(mac, None)]


def test_nobody_who_serves_joins_behind_another_who_does_not() -> None:
    """Two strangers who are one by their own number: the one that serves keeps both out."""
    front, behind = device(THREE, "9927z1xk40", **names(ONE)), device(INVENTED, "9927z1xk40", ports=(Port(22),))
    found = groups(device(ONE, declared=PHONE), front, behind)
    assert sorted(sorted(group.keys) for group in found) == [[ONE], [INVENTED, THREE]]


def test_what_a_phone_listens_on_itself_serves_nobody() -> None:
    assert len(groups(device(ONE, declared=PHONE), device(INVENTED, ports=(Port(62078),), **names(ONE)))) == 1


def test_every_interface_that_hangs_on_an_announcement_has_its_link() -> None:
    """Two interfaces that are one by their own number: none hides behind the other."""
    front, behind = device(THREE, "9927z1xk40", **names(ONE)), device(INVENTED, "9927z1xk40")
    (one,) = groups(device(ONE, declared=PHONE), front, behind)
    assert {link.mac for link in one.links if link.announced} == {THREE, INVENTED}


def test_the_owner_merges() -> None:
    both = replace(NAS, macs=(ONE, THREE))
    (one,) = groups(device(ONE, declared=both), device(THREE, declared=both))
    assert one.links == [Link("declared", "nas", THREE, ONE)]


def test_an_invented_mac_is_no_identity() -> None:
    assert [group.traits.identifiers for group in groups(device(INVENTED))] == [()]


# --- over time ---


def test_a_phone_is_met_again_under_another_mac() -> None:
    known = {"5e:00:00:00:00:01": earlier(Identifier("uuid", UUID, announced=True))}
    (one,) = groups(device(INVENTED, **said()), known=known)
    assert one.id == "5e:00:00:00:00:01"
    assert one.links == [Link("uuid", UUID, INVENTED, one.id, announced=True, earlier=True)]


def test_a_declared_device_is_met_again_and_is_declared() -> None:
    known = {ONE: earlier(Identifier("uuid", UUID, announced=True))}
    (one,) = groups(device(INVENTED, **said()), known=known, declared=(PHONE,))
    assert (one.id, one.declared) == (ONE, PHONE)


def test_a_nas_does_not_come_back_under_an_invented_mac() -> None:
    known = {ONE: earlier(Identifier("uuid", UUID, announced=True))}
    (one,) = groups(device(INVENTED, **said()), known=known, declared=(NAS,))
    assert (one.id, one.declared) == (INVENTED, None)


def test_who_is_here_is_nobody_else() -> None:
    known = {ONE: earlier(Identifier("mac", ONE), Identifier("uuid", UUID, announced=True))}
    assert [group.id for group in groups(device(ONE), device(INVENTED, **said()), known=known)] == [ONE, INVENTED]


def test_two_that_it_could_be_are_none() -> None:
    mark = Identifier("uuid", UUID, announced=True)
    (one,) = groups(device(INVENTED, **said()), known={ONE: earlier(mark), TWO: earlier(mark)})
    assert one.id == INVENTED


@pytest.mark.parametrize("stranger", [ONE, THREE, INVENTED])
def test_of_two_who_say_that_they_are_it_neither_is(stranger: str) -> None:
    """Whoever has the lower MAC, and whatever kind of number it copied."""
    before = "5e:00:00:00:00:01"
    serial = Identifier("serial", "2130abc008231", announced=True)
    known = {before: earlier(Identifier("uuid", UUID, announced=True), serial)}
    phone = device("5e:77:00:00:00:02", **said())
    copied = said() if stranger == ONE else {"mdns": (MdnsService("_http._tcp", "x", 80, ("serial=2130ABC008231",)),)}
    found = groups(device(stranger, **copied), phone, known=known)
    assert {group.id for group in found} == {stranger, "5e:77:00:00:00:02"}


def test_of_two_who_say_that_they_are_it_the_one_who_proves_it_is() -> None:
    known = {ONE: earlier(Identifier("serial", "2130abc008231"), Identifier("uuid", UUID, announced=True))}
    found = groups(device(TWO, **said()), device(THREE, "2130abc008231"), known=known)
    assert [group.id for group in found] == [TWO, ONE]


def test_a_flood_of_senders_with_the_same_numbers_costs_no_time() -> None:
    """They were there yesterday too, each under another MAC."""
    uuids = tuple(f"2e388006-13ba-4041-9a67-25dd4a43{number:04x}" for number in range(5000, 5008))
    days = [[device(f"02:0{day}:00:00:{n >> 8:02x}:{n & 255:02x}", upnp=UpnpSeen(uuids=uuids)) for n in range(3000)]
            for day in (1, 2)]  # fmt: skip
    known = {(one.network or Network()).macs[0]: Known(traits(one)) for one in days[0]}  # type: ignore[index]
    began = time.monotonic()
    assert len(groups(*days[1], known=known)) == 3000
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("platform", "id"), [("synology_dsm", ONE), (None, THREE), ("linux", THREE)])
def test_a_host_key_alone_needs_the_platform_to_agree(platform: str | None, id: str) -> None:
    known = {ONE: earlier(Identifier("host_key", "ssh-ed25519 SHA256:a"), platform="synology_dsm")}
    met = device(THREE, ssh=SshSeen("ssh-ed25519", "SHA256:a"))
    (one,) = groups(replace(met, system=System(platform=platform)), known=known)
    assert one.id == id


def test_a_contradiction_forbids_the_past_too() -> None:
    known = {ONE: earlier(Identifier("uuid", UUID, announced=True), Identifier("serial", "2130abc008231"))}
    (one,) = groups(device(THREE, "2130abc009999", **said()), known=known)
    assert one.id == THREE


@pytest.mark.parametrize("announced", [True, False])
def test_a_nas_that_is_not_here_is_brought_back_by_proof_alone(announced: bool) -> None:
    """Its second socket, met with it before: whoever took its place would announce the same."""
    known = {ONE: earlier(Identifier("mac", ONE), Identifier("mac", TWO, announced=announced))}
    (one,) = groups(device(TWO, **names(ONE, TWO)), known=known, declared=(NAS,))
    assert one.id == (TWO if announced else ONE)


def test_what_joined_on_its_word_alone_stays_so() -> None:
    (one,) = groups(device(ONE, **names(ONE, TWO)), device(TWO, **names(ONE, TWO)))
    assert {(item.value, item.announced) for item in one.traits.identifiers} == {(ONE, False), (TWO, True)}
    (again,) = groups(device(THREE, **said()), known={ONE: earlier(Identifier("uuid", UUID, announced=True))})
    assert {item.announced for item in again.traits.identifiers} == {True}


def test_whoever_announces_much_pushes_no_proof_out_of_memory() -> None:
    key = Identifier("host_key", "ssh-ed25519 SHA256:a")
    many = tuple(Identifier("uuid", f"{UUID[:-2]}{number:02}", announced=True) for number in range(MOST_IDENTIFIERS))
    found = both(Traits(many), Traits((key,))).identifiers
    assert (found[0], len(found)) == (key, MOST_IDENTIFIERS)


def test_the_system_and_maker_of_what_joined_on_its_word_are_not_the_devices() -> None:
    posing = replace(device(TWO, **names(ONE)), system=System(platform="linux", identity=Identity(vendor="Evil")))
    (one,) = groups(device(ONE, declared=NAS), posing)
    assert (one.traits.platform, one.traits.vendor) == (None, None)


@pytest.mark.parametrize(("mine", "others"), [(ONE, TWO), (TWO, ONE)])
def test_of_two_undeclared_the_one_whose_number_it_is_keeps_its_id_and_its_proofs(mine: str, others: str) -> None:
    (one,) = groups(device(mine), device(others, **names(mine)))
    assert (one.id, one.links) == (mine, [Link("mac", mine, others, mine, announced=True)])
    assert {(item.value, item.announced) for item in one.traits.identifiers} == {(mine, False), (others, True)}
