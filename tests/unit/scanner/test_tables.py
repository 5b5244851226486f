"""The tables of routers and switches as they are recorded, and what the visit makes of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from inventory.device import Declared, Device, Identifier, Link, Traits
from inventory.gateway import Interface
from inventory.linking import grouped, unproven
from inventory.network import Network
from inventory.observation import Merged, Observation, attributed, merge
from inventory.site import SiteNetwork
from inventory.snapshot import Vantage
from inventory.system import System
from inventory.tables import ForwardingEntry, Lease, LinkedNeighbour, Listing, NeighbourEntry
from rules.assess import summary
from scanner import mib_tables, tabled
from scanner.evidence import Evidence, Request
from scanner.guest_rows import without_guests
from scanner.platforms import _rsc_tables, _tables
from scanner.snmprec import rows
from tests.unit.scanner.sites import SITE

RECORDINGS = Path(__file__).parents[2] / "recordings"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def system(observation: Observation | None) -> System:
    assert observation is not None
    return observation.device.system or System()


def recorded(name: str) -> str:
    return (RECORDINGS / "tables-ntc" / name).read_text("utf-8")


# --- what they say ---


def test_routeros_arp_is_what_ntc_templates_reads() -> None:
    found = _rsc_tables.read_arp(recorded("routeros-arp.txt"))
    # The second row was typed in (no D): it says what somebody expects, not who is there.
    assert system(found).neighbours == (NeighbourEntry("10.160.1.230", "12:34:56:78:90:aa", "ether2_BOX"),)
    assert found.unread == ()


def test_routeros_leases_are_what_ntc_templates_reads() -> None:
    found = _rsc_tables.read_leases(recorded("routeros-leases.txt"))
    # The first row, a conflict, has no MAC of its own.
    assert system(found).leases == (Lease(IPv4Address("172.16.16.120"), "30:07:4d:f5:07:49", "Galaxy-S8", bound=True),)
    assert found.lines == {"/system/leases/0": 2}


def test_routeros_bridge_hosts_are_what_ntc_templates_reads() -> None:
    found = _rsc_tables.read_hosts(recorded("routeros-bridge-hosts.txt"))
    # Rows 2 and 3 are the bridge's own, 4 to 7 invalid or disabled.
    assert system(found).forwarding == (
        ForwardingEntry("11:22:33:44:55:01", "ether4"), ForwardingEntry("11:22:33:44:55:02", "ether3"),
    )  # fmt: skip
    assert found.unread == ()


def test_an_empty_routeros_table_is_known_to_be_empty() -> None:
    assert system(_rsc_tables.read_arp("")).neighbours == ()


def test_what_a_console_answers_instead_of_a_table_is_no_table() -> None:
    found = _rsc_tables.read_leases("bad command name dhcp-server (line 1 column 5)")
    assert system(found) == System()
    assert [line.fact for line in found.unread] == ["system.leases"]


# iproute2 6.1 on Debian 12, which prints no space before "probes"; then BusyBox 1.35, which has its own.
_NEIGHBOURS = """\
192.168.10.31 dev eth0 lladdr d0:94:66:1b:72:31 ref 1 used 31/8/31probes 1 REACHABLE
192.168.20.7 dev eth0.20 lladdr d0:94:66:1b:72:07 used 400/420/380probes 4 STALE
192.168.20.8 dev eth0.20 lladdr d0:94:66:1b:72:08 used 9000/9001/8999probes 4 STALE
192.168.20.9 dev br-lan lladdr d0:94:66:1b:72:09 ref 1 used 0/0/0 probes 4 STALE
192.168.20.10 dev eth0 FAILED
192.168.20.11 dev eth0 lladdr 00:00:5e:00:53:11 PERMANENT
fe80::1 dev eth0 lladdr d0:94:66:1b:72:31 router used 1/1/1probes 0 STALE
"""


def test_the_kernel_tells_how_old_each_neighbour_is() -> None:
    found = system(_tables.read_neighbours(_NEIGHBOURS)).neighbours or ()
    assert {item.address: item.fresh for item in found} == {
        "192.168.10.31": True, "192.168.20.7": True, "192.168.20.8": False, "192.168.20.9": True, "fe80::1": True,
    }  # fmt: skip


def test_leases_of_dhcpv6_and_of_nameless_clients_are_no_riddle() -> None:
    text = (
        "1732471200 d0:94:66:1b:72:31 192.168.10.31 POSTE-ACCUEIL 01:d0:94:66:1b:72:31\n"
        "0 5e:2b:91:d4:07:41 192.168.10.41 * *\n"
        "duid 00:01:00:01:2c:8b:5d:6a:00:0d:b9:41:aa:01\n"
        "1732471200 61533488 fd00::31 POSTE-ACCUEIL 00:01:00:01:2c:8b:5d:6a:d0:94:66:1b:72:31\n"
        "not a lease\n"
    )
    found = _tables.read_leases(text)
    assert [(item.hostname, item.expires) for item in system(found).leases or ()] == [
        ("POSTE-ACCUEIL", 1732471200), (None, None),
    ]  # fmt: skip
    assert [line.line for line in found.unread] == [5]


def snmp(name: str, asks: str) -> Evidence:
    body = (RECORDINGS / "tables-snmp" / name).read_bytes()
    return Evidence(Request("snmp", "192.168.10.2", asks, "x"), "done", NOW, body, "v2c")


def test_a_switch_tells_behind_which_port_each_mac_is() -> None:
    found = system(mib_tables.read_ports(snmp("linksys-lgs318p.snmprec", mib_tables.PORTS)))
    assert len(found.forwarding or ()) == 35
    assert ForwardingEntry("00:04:20:f5:72:4c", "gi15") in (found.forwarding or ())
    assert found.links == (
        LinkedNeighbour("gi14", "8c:3b:ad:b8:ba:90", "g1"), LinkedNeighbour("gi16", "08:02:8e:a5:6c:d4", "g1"),
    )  # fmt: skip


def test_a_vlan_is_said_where_the_switch_says_which_uses_the_table() -> None:
    found = system(mib_tables.read_ports(snmp("brocade-icx6430.snmprec", mib_tables.PORTS)))
    assert {item.vlan for item in found.forwarding or ()} <= {1, 4091, None}
    assert ForwardingEntry("00:0c:29:fb:53:3c", "ethernet1/1/1", 1) in (found.forwarding or ())


def test_the_agent_itself_is_not_its_own_neighbour() -> None:
    found = system(mib_tables.read_addresses(snmp("brocade-icx6430.snmprec", mib_tables.ADDRESSES)))
    assert len(found.neighbours or ()) == 13
    assert "192.168.1.55" not in {item.address for item in found.neighbours or ()}


def test_an_agent_without_these_tables_says_nothing() -> None:
    evidence = Evidence(Request("snmp", "192.168.10.2", mib_tables.PORTS, "x"), "done", NOW, b"1.3.6.1.2.1.1.5.0|4|x\n")
    assert system(mib_tables.read_ports(evidence)) == System()
    assert system(mib_tables.read_addresses(evidence)) == System()


ROUTES = (
    "1.3.6.1.2.1.4.21.1.2.0.0.0.0|2|2\n1.3.6.1.2.1.31.1.1.1.1.2|4|wan0\n1.3.6.1.2.1.31.1.1.1.1.3|4|eth0\n"
    "1.3.6.1.2.1.4.20.1.2.192.168.10.1|2|3\n"
    "1.3.6.1.2.1.4.22.1.2.2.192.168.1.1|4x|00005e005301\n1.3.6.1.2.1.4.22.1.2.3.192.168.30.7|4x|00005e005307\n"
)


def test_the_default_route_tells_who_is_outside() -> None:
    assert next(rows(ROUTES)).number == 2
    evidence = Evidence(Request("snmp", "192.168.10.1", mib_tables.ADDRESSES, "x"), "done", NOW, ROUTES.encode())
    found = system(mib_tables.read_addresses(evidence)).neighbours or ()
    assert [(item.address, item.outside) for item in found] == [("192.168.1.1", True), ("192.168.30.7", False)]


# --- what the visit makes of them ---

ROUTER, SWITCH, STATION, OTHER = "00:0d:b9:00:00:01", "00:1b:3f:00:00:02", "d0:94:66:00:00:03", "d0:94:66:00:00:04"
LAN = IPv4Network("192.168.10.0/24")
HERE = (Vantage("professional", "eth0", IPv4Address("192.168.10.200"), LAN, "8c:8c:aa:10:20:c8"),)
INNER = (Interface("eth0", default_route=False), Interface("vlan20", default_route=False),
         Interface("wan0", default_route=True))  # fmt: skip


def met(mac: str, address: str, said: System | None = None) -> list[Merged]:
    network = Network(macs=(mac,), addresses=(IPv4Address(address),), zone="professional")
    items = [attributed(Observation(Device(network=network)), "arp-1")]
    return items + ([attributed(Observation(Device(system=said)), "ssh-1")] if said else [])


def joined(*entries: NeighbourEntry, **more: object) -> tuple[Mapping[str, Device], tabled.Joined]:
    """The devices after the router's table was joined, by id."""
    said = System(neighbours=entries, interfaces=INNER)
    learnt = {ROUTER: met(ROUTER, "192.168.10.1", replace(said, **more)), STATION: met(STATION, "192.168.10.31")}  # type: ignore[arg-type]
    asked = {ROUTER: frozenset({IPv4Address("192.168.10.1")}), STATION: frozenset({IPv4Address("192.168.10.31")})}
    found = tabled.joined(SITE, learnt, HERE, asked)
    for identity, fact in found.facts:
        learnt.setdefault(identity, []).append(fact)
    return {identity: merge(items).device for identity, items in learnt.items()}, found


def test_a_device_of_another_vlan_joins_and_is_said_not_to_be_asked() -> None:
    devices, found = joined(NeighbourEntry("192.168.20.7", OTHER, "vlan20", fresh=True))
    network = devices[OTHER].network
    assert network is not None
    assert (network.addresses, network.zone) == ((IPv4Address("192.168.20.7"),), None)
    assert network.listed == (Listing("neighbours", ROUTER, "vlan20"),)
    (row,) = found.coverage
    assert (row.source, row.status, row.device, row.target) == ("ports", "not_met", OTHER, "192.168.20.7")


@pytest.mark.parametrize(
    "entry",
    [
        NeighbourEntry("192.168.1.1", OTHER, "wan0", fresh=True),  # the provider's box
        NeighbourEntry("192.168.1.1", OTHER, "tun0", fresh=True),  # nobody says where that is
        NeighbourEntry("44.128.10.1", OTHER, "vlan20", fresh=True),  # nobody's private address
        NeighbourEntry("192.168.20.7", OTHER, "vlan20", fresh=False),  # yesterday's telephone
        NeighbourEntry("192.168.10.77", OTHER, "eth0"),  # the sweep met nobody there, and the table is not sure
        NeighbourEntry("192.168.10.250", OTHER, "eth0", fresh=True),  # excluded by the site
        NeighbourEntry("192.168.20.7", "01:00:5e:00:00:01", "vlan20", fresh=True),  # a group is nobody
        NeighbourEntry("192.168.20.7", "8c:8c:aa:10:20:c8", "vlan20", fresh=True),  # this machine
        NeighbourEntry("fe80::1", OTHER, "vlan20", fresh=True),  # the inner port of something
    ],
)
def test_not_every_row_is_a_device(entry: NeighbourEntry) -> None:
    devices, found = joined(entry)
    assert (set(devices), found.coverage) == ({ROUTER, STATION}, ())


def test_who_does_not_answer_us_but_the_router_is_there() -> None:
    devices, _ = joined(NeighbourEntry("192.168.10.77", OTHER, "eth0", fresh=True))  # behind client isolation
    network = devices[OTHER].network
    assert network is not None
    assert network.zone == "professional"


def test_one_mac_is_one_device() -> None:
    devices, found = joined(
        NeighbourEntry("192.168.10.31", STATION, "eth0", fresh=True),
        NeighbourEntry("192.168.20.31", STATION, "vlan20", fresh=True),
    )
    assert (set(devices), found.coverage) == ({ROUTER, STATION}, ())
    network = devices[STATION].network
    assert network is not None
    assert network.addresses == (IPv4Address("192.168.10.31"), IPv4Address("192.168.20.31"))
    doubts = [line.text for _, fact in found.facts for line in fact.unread]
    assert doubts == ["192.168.20.31 was not looked at"]


def test_the_other_sockets_of_a_declared_device_and_of_a_router_are_no_strangers() -> None:
    socket = "00:11:32:00:00:02"
    nas = Declared("nas", "nas", "practice", "professional", macs=("00:11:32:00:00:01", socket))
    where = replace(SITE, devices=(nas,))
    inner = Interface("eth7", (IPv4Address("192.168.30.1"),), default_route=False)
    router = System(interfaces=(*INNER, inner))
    switch = System(
        neighbours=(
            NeighbourEntry("192.168.30.1", "00:0d:b9:00:00:09", "vlan30", fresh=True),  # the router's eth7
            NeighbourEntry("192.168.20.10", socket, "vlan20", fresh=True),
        ),
        interfaces=(Interface("vlan20", default_route=False), Interface("vlan30", default_route=False)),
    )
    learnt = {
        ROUTER: met(ROUTER, "192.168.10.1", router), SWITCH: met(SWITCH, "192.168.10.2", switch),
        "00:11:32:00:00:01": met("00:11:32:00:00:01", "192.168.10.10"),
    }  # fmt: skip
    found = tabled.joined(where, learnt, HERE, {})
    assert found.coverage == ()
    assert {identity for identity, _ in found.facts} <= set(learnt)


@pytest.mark.parametrize(
    "poisoned",
    [
        ("192.168.10.10",),  # where the NAS answered us
        ("192.168.10.10", "192.168.10.77"),
        ("192.168.10.77", "192.168.10.10"),
        ("172.17.0.1", "192.168.10.77"),  # an inner address that the NAS names
    ],
)
def test_who_answers_for_the_address_of_another_is_a_stranger(poisoned: tuple[str, ...]) -> None:
    nas = "00:11:32:00:00:01"
    own = tuple(map(IPv4Address, ("192.168.10.10", "172.17.0.1")))
    rows = tuple(NeighbourEntry(address, OTHER, "eth0", fresh=True) for address in poisoned)
    learnt = {
        nas: met(nas, "192.168.10.10", System(interfaces=(Interface("eth0", own),))),
        ROUTER: met(ROUTER, "192.168.10.1", System(neighbours=rows, interfaces=INNER)),
    }
    found = tabled.joined(
        SITE, learnt, HERE, {nas: frozenset(own[:1]), ROUTER: frozenset({IPv4Address("192.168.10.1")})}
    )
    assert {identity for identity, _ in found.facts} == {OTHER}
    (row,) = found.coverage
    assert row.device == OTHER
    assert ("another MAC answers us" in (row.cause or "")) == ("192.168.10.10" in poisoned)


def test_who_answers_for_an_address_that_a_device_calls_its_own_is_joined_on_its_word() -> None:
    """Another port of the router, or a stranger in its place: told, never counted as the router's own."""
    inner = Interface("eth7", (IPv4Address("192.168.30.1"),), default_route=False)
    row = NeighbourEntry("192.168.30.1", OTHER, "vlan30", fresh=True)
    router = Declared("routeur", "router", "practice", "professional", macs=(ROUTER,))
    server = Declared("serveur", "server", "practice", "professional", macs=(OTHER,))
    learnt = {
        ROUTER: met(ROUTER, "192.168.10.1", System(interfaces=(inner,))),
        SWITCH: met(SWITCH, "192.168.10.2", System(neighbours=(row,), interfaces=(replace(INNER[0], name="vlan30"),))),
    }

    def of_router(*declared: Declared) -> Device:
        where = replace(SITE, devices=declared)
        pieces = {identity: list(items) for identity, items in learnt.items()}
        for identity, fact in tabled.joined(where, learnt, HERE, {}).facts:
            pieces.setdefault(identity, []).append(fact)
        devices = {identity: merge(items).device for identity, items in pieces.items()}
        owned = {item.macs[0]: item for item in declared}
        whole = {identity: replace(item, declared=owned.get(identity)) for identity, item in devices.items()}
        group = next(item for item in grouped(whole, {}, declared) if ROUTER in item.macs)
        return replace(whole[ROUTER], traits=group.traits, links=tuple(group.links), id=group.id)

    for declared in ((), (router,)):
        found = of_router(*declared)
        assert found.links == (Link("address", "192.168.30.1", OTHER, ROUTER, announced=True),)
        assert (found.id, *unproven(found)) == (ROUTER, OTHER)
        assert Identifier("mac", OTHER, announced=True) in (found.traits or Traits()).identifiers
    for others in ((replace(router, not_same=(OTHER,)),), (router, server)):
        found = of_router(*others)
        assert (found.links, (found.network or Network()).macs) == ((), (ROUTER,))


def test_a_lease_names_a_device_and_makes_none() -> None:
    leases = (Lease(IPv4Address("192.168.10.31"), STATION, "POSTE-ACCUEIL"), Lease(IPv4Address("192.168.10.99"), OTHER))
    devices, _ = joined(leases=leases)
    assert set(devices) == {ROUTER, STATION}
    network = devices[STATION].network
    assert network is not None
    assert network.hostname == "POSTE-ACCUEIL"


def test_the_port_shared_with_the_fewest_is_where_a_device_is_plugged_in() -> None:
    def switch(port: str, *others: str) -> System:
        return System(forwarding=tuple(ForwardingEntry(mac, port) for mac in (STATION, *others)))

    crowd = tuple(f"d0:94:66:00:01:{place:02x}" for place in range(9))
    learnt = {
        SWITCH: met(SWITCH, "192.168.10.2", switch("uplink", *crowd)),
        ROUTER: met(ROUTER, "192.168.10.1", switch("gi7")),
        STATION: met(STATION, "192.168.10.31"),
    }
    found = tabled.joined(SITE, learnt, HERE, {})
    facts = [fact for identity, fact in found.facts if identity == STATION]
    device = merge([*learnt[STATION], *facts]).device
    attached = summary(device, {ROUTER: "commutateur"}).attached
    assert attached is not None
    assert (attached.device, attached.port, attached.sharing) == ("commutateur", "gi7", 1)


def test_what_a_table_says_points_to_its_row() -> None:
    said = System(neighbours=(NeighbourEntry("192.168.20.7", OTHER, "vlan20", fresh=True),), interfaces=INNER)
    row = Merged(
        Device(system=said),
        attributed(Observation(Device(system=said), {"/system/neighbours/0": 4}), "ssh-9").provenance,
    )
    found = tabled.joined(SITE, {ROUTER: [*met(ROUTER, "192.168.10.1"), row]}, HERE, {})
    (fact,) = [fact for identity, fact in found.facts if identity == OTHER]
    assert {(source.evidence, source.line) for source in fact.provenance.values()} == {("ssh-9", 4)}


def test_guests_in_tables_are_counted_and_not_recorded() -> None:
    phone, nas = "f0:99:b6:12:34:56", "00:11:32:00:00:01"
    where = replace(SITE, networks=(*SITE.networks, SiteNetwork(IPv4Network("192.168.50.0/24"), "guest")))
    said = System(
        neighbours=(
            NeighbourEntry("192.168.50.33", phone, "br0", fresh=True),
            NeighbourEntry("fe80::1", phone, "br0"),
            NeighbourEntry("192.168.50.34", nas, "br0", fresh=True),  # declared: nobody's guest
            NeighbourEntry("192.168.50.35", OTHER, "br0", fresh=True),  # in the practice's network too
            NeighbourEntry("192.168.10.77", OTHER, "br0", fresh=True),
        ),
        leases=(Lease(IPv4Address("192.168.50.33"), phone, "Martin-S23", bound=True),
                Lease(IPv4Address("192.168.10.31"), STATION, "POSTE")),
        forwarding=(ForwardingEntry(phone, "wlan0-1"), ForwardingEntry(STATION, "lan1")),
        interfaces=INNER,
    )  # fmt: skip
    lines = {f"/system/neighbours/{place}": place + 1 for place in range(5)} | {"/system/leases/1": 9}
    router = attributed(Observation(Device(system=said), lines), "ssh-1")
    kept, (row,) = without_guests(where, {ROUTER: [*met(ROUTER, "192.168.10.1"), router]})
    assert (row.source, row.target, row.status, row.device) == ("tables", "192.168.50.0/24", "done", None)
    assert row.cause is not None
    assert row.cause.startswith("1 guests")
    system, sources = kept[ROUTER][1].device.system, kept[ROUTER][1].provenance
    assert system is not None
    assert [(item.mac, item.address) for item in system.neighbours or ()] == [
        (nas, "192.168.50.34"), (OTHER, "192.168.50.35"), (OTHER, "192.168.10.77"),
    ]  # fmt: skip
    assert [item.hostname for item in system.leases or ()] == ["POSTE"]
    assert system.forwarding == (ForwardingEntry(STATION, "lan1"),)
    places = {at: source.line for at, source in sources.items() if at.count("/") == 3}
    assert places == {
        "/system/neighbours/0": 3, "/system/neighbours/1": 4, "/system/neighbours/2": 5, "/system/leases/0": 9,
    }  # fmt: skip
    found = tabled.joined(where, kept, HERE, {})
    zones = [(identity, fact.device.network.zone) for identity, fact in found.facts if fact.device.network]
    assert next(zone for identity, zone in zones if identity == OTHER) == "professional"
    assert phone not in dict(zones)


def invented(place: int) -> str:
    return f"02:00:00:00:{place // 256:02x}:{place % 256:02x}"


def test_a_flood_of_neighbours_is_cut() -> None:
    entries = tuple(
        NeighbourEntry(f"192.168.{20 + place // 250}.{place % 250 + 1}", invented(place),
                       "vlan20", fresh=True)
        for place in range(2000)
    )  # fmt: skip
    devices, found = joined(*entries)
    assert len(devices) == tabled.MOST_ADDED + 2
    *_, row = found.coverage
    assert len(found.coverage) == tabled.MOST_ADDED + 1
    assert (row.source, row.device, row.status) == ("tables", ROUTER, "failed")
    assert (row.cause or "").startswith(f"{2000 - tabled.MOST_ADDED} devices left out")
