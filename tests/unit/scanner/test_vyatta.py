"""VyOS, EdgeOS and USG: forms that the recordings do not show, and what is said of a text that breaks off."""

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from inventory.gateway import Admin, DhcpServer, InputChain, Interface, PortForward, Upnp, Vlan, Vpn, Wifi
from inventory.observation import Observation
from inventory.storage import AutoBlock, Relay
from inventory.system import Service, SnmpSettings, System, User
from inventory.tables import Lease
from scanner.platforms import ubiquiti_edgerouter, ubiquiti_unifi, vyos
from scanner.platforms._vyatta import Node, read_tree
from scanner.platforms._vyatta_settings import read_version
from tests.unit.scanner.test_platforms import at, seen
from tests.unit.scanner.vyatta_samples import EDGEOS_COMMANDS, USG, VYOS_14, ZONES

BOOT = "cat /config/config.boot"
RUNNING = "/opt/vyatta/bin/vyatta-op-cmd-wrapper show configuration commands"


def system(observation: Observation) -> System:
    assert observation.device.system is not None
    return observation.device.system


def vyos_14(text: str = VYOS_14) -> System:
    return system(seen(vyos, BOOT, text))


def edge(text: str = EDGEOS_COMMANDS) -> System:
    return system(seen(ubiquiti_edgerouter, RUNNING, text))


def networks(*words: str) -> tuple[IPv4Network, ...]:
    return tuple(map(IPv4Network, words))


def forward(external: str, target: str, port: str | None, interface: str | None, **more: Any) -> PortForward:
    return PortForward(external, IPv4Address(target), port, interface, **more)


def commands(node: Node, path: tuple[str, ...] = ()) -> list[str]:
    """The tree as `show configuration commands` prints it."""
    if not node.kids:
        *words, last = (*path, "") if len(path) < 2 else path
        quoted = last.replace("'", "'\\''")
        return [f"set {' '.join(words)} '{quoted}'"]
    return [line for kid in node.kids.values() for line in commands(kid, (*path, kid.word))]


def test_both_forms_give_the_same_facts() -> None:
    tree = read_tree(VYOS_14)
    text = "# Version:          VyOS 1.4.0\n" + "\n".join(commands(tree.root)) + "\n"
    assert system(seen(vyos, RUNNING, text)) == vyos_14()


def test_interfaces_and_their_sides() -> None:
    found = vyos_14()
    assert found.interfaces == (
        Interface("eth0", (IPv4Address("203.0.113.2"),), True),
        Interface("eth1", (IPv4Address("192.168.0.1"),), False),
        Interface("eth1.30", (IPv4Address("192.168.30.1"),), False),
    )
    assert found.vlans == (Vlan(30, "Invités", ("eth1",)), Vlan(40, None, ("eth1",)))
    assert found.dhcp == (DhcpServer("eth1", True, IPv4Address("192.168.0.50"), IPv4Address("192.168.0.99")),)


def test_the_base_chain_by_side() -> None:
    found = vyos_14()
    table = "ipv4 input filter"
    assert found.firewall is not None
    assert set(found.firewall.input or ()) >= {
        InputChain(table, "drop", "wan", False),
        InputChain(table, "accept", "lan", False),
        InputChain(table, "drop", "guest", False),
        InputChain("ipv6 input filter", "drop", "wan", True),
    }
    who = networks("198.51.100.7/32", "203.0.113.8/31")
    assert set(found.admin or ()) == {
        Admin("ssh", "wan", 22, True, who),
        Admin("ssh", "lan", 22, True),
        Admin("ssh", "lan", 2222, True),
        Admin("api", "lan", 8443, True, networks("192.168.0.0/24")),
        Admin("snmp", "lan", 161),
    }


def test_translation_as_vyos_writes_it() -> None:
    but_inside = vyos_14().port_forwards or ()
    ports = [(item.external, str(item.target), item.target_port, item.interface) for item in but_inside]
    assert ports == [
        ("tcp/80", "192.168.0.10", None, "eth0"),
        ("tcp/443", "192.168.0.10", None, "eth0"),
        ("tcp/9000-9010", "192.168.0.21", None, "eth0"),
        ("tcp/9000-9010", "192.168.0.22", None, "eth0"),
    ]
    assert but_inside[0].comment == 'web "vitrine" {2}'
    assert but_inside[0].destination_filter == networks("203.0.113.2/32")
    assert IPv4Network("192.168.0.0/24") not in (but_inside[0].source_filter or ())


def test_what_vyos_serves() -> None:
    found = vyos_14()
    served = {(item.process, item.protocol, item.port, item.address) for item in found.services or ()}
    assert served == {
        ("ssh", "tcp", 22, "0.0.0.0"), ("ssh", "tcp", 2222, "0.0.0.0"), ("https", "tcp", 8443, "0.0.0.0"),
        ("dns", "tcp", 53, "192.168.0.1"), ("dns", "udp", 53, "192.168.0.1"), ("dhcp", "udp", 67, "0.0.0.0"),
        ("snmp", "udp", 161, "0.0.0.0"), ("openvpn", "tcp", 1195, "0.0.0.0"), ("l2tp", "udp", 1701, "0.0.0.0"),
        ("ipsec", "udp", 500, "0.0.0.0"), ("ipsec", "udp", 4500, "0.0.0.0"),
    }  # fmt: skip
    assert found.ssh is not None
    assert (found.ssh.password_authentication, found.ssh.ports) == (False, (22, 2222))
    assert found.ssh.ciphers == ("aes256-gcm@openssh.com", "aes128-ctr")
    assert found.snmp == SnmpSettings(True, ("v1", "v2c", "v3"), True, True)
    assert found.upnp == Upnp(False)
    assert found.auto_block == AutoBlock(True)
    assert found.dns is not None
    assert (found.dns.servers, found.dns.answers) == (("9.9.9.9",), ("lan",))
    assert found.relays == (Relay("ddns", True, "cabinet.example.net"),)
    assert found.logging is not None
    assert found.logging.remote == ("192.168.0.5",)


def test_accounts_tunnels_and_wifi_of_vyos() -> None:
    found = vyos_14()
    assert found.users == (
        User("lecture", administrator=True, enabled=False, factory=False),
        User("vyos", administrator=True, enabled=True, factory=True, second_factor=True),
    )
    assert found.vpn == (
        Vpn("ipsec", "agence", True, True),
        Vpn("ipsec", "ancien", False),
        Vpn("l2tp", None, True, True, 2),
        Vpn("openvpn", "vtun10", True, True, 1),
    )
    assert found.wifi == (Wifi("Cabinet", "wlan0", True, "wpa3", False, isolated=False),)


def test_edgeos_as_commands() -> None:
    found = edge()
    assert found.interfaces == (
        Interface("pppoe0", None, True),
        Interface("eth1", (IPv4Address("192.168.1.1"),), False),
    )
    everywhere_but = (found.port_forwards or ())[-1]
    assert (found.port_forwards or ())[:3] == (
        forward("tcp/5001", "192.168.1.10", "5001", "pppoe0", comment="NAS"),
        forward("udp/6000-6010", "192.168.1.11", None, "pppoe0", comment="plage"),
        forward("udp/7000", "192.168.1.11", None, "pppoe0", comment="plage"),
    )
    assert (everywhere_but.external, everywhere_but.interface, everywhere_but.target_port) == (
        "tcp/3390", "pppoe*", "3389",
    )  # fmt: skip
    assert everywhere_but.destination_filter is None
    assert IPv4Network("0.0.0.0/1") in (everywhere_but.source_filter or ())
    assert found.upnp == Upnp(True)
    assert found.relays == (Relay("ddns", True, "cabinet.dyndns.example"), Relay("other", True, "unms"))
    assert found.dhcp == (DhcpServer("eth1", False, IPv4Address("192.168.1.38"), IPv4Address("192.168.1.243")),)
    assert found.snmp == SnmpSettings(True, ("v1", "v2c"), True, False, networks("192.168.1.5/32"))
    assert found.users is not None
    assert [(item.name, item.administrator, item.role) for item in found.users] == [
        ("ubnt", True, "admin"), ("lecture", False, "operator"),
    ]  # fmt: skip
    assert {(item.id, item.tagged, item.untagged) for item in found.vlans or ()} == {
        (835, ("eth0",), None), (1, None, ("eth3",)), (20, ("eth3",), None),
    }  # fmt: skip


def test_who_administers_an_edgerouter() -> None:
    support = networks("198.51.100.20/32")
    assert set(edge().admin or ()) == {
        Admin("ssh", "wan", 22, True, support),
        Admin("https", "wan", 443, True, support),
        Admin("ssh", "lan", 22, True),
        Admin("https", "lan", 443, True),
        Admin("telnet", "lan", 23, False),
    }
    assert edge().ssh is not None
    assert edge().ssh.root_login == "yes"  # type: ignore[union-attr]


def test_zones_of_14_and_15() -> None:
    found = system(seen(vyos, BOOT, ZONES))
    assert set(found.admin or ()) == {Admin("ssh", "lan", 22, True), Admin("ssh", "wan", 22, True)}
    assert set(found.firewall.input or ()) == {  # type: ignore[union-attr]
        InputChain("LAN-LOCAL", "accept", "lan", False), InputChain("WAN-LOCAL", "drop", "wan", False),
    }  # fmt: skip


@pytest.mark.parametrize("cut", range(40, len(VYOS_14) - 200, 97))
def test_a_text_that_breaks_off_tells_nothing_of_what_is_missing(cut: int) -> None:
    observation = seen(vyos, BOOT, VYOS_14[:cut])
    told = observation.device.system or System()
    assert observation.unread
    assert told.admin is None
    assert told.firewall is None
    assert told.snmp is None or told.snmp.enabled
    assert told.upnp is None
    assert () not in (told.port_forwards, told.services, told.vpn, told.wifi, told.relays, told.dhcp)


def test_a_brace_too_many_leaves_nothing_certain() -> None:
    observation = seen(vyos, BOOT, VYOS_14.replace("nat {", "}\nnat {", 1))
    assert {report.fact for report in observation.unread} >= {"system.port_forwards", "system.ssh", "system.snmp"}
    assert observation.device.system is not None
    assert observation.device.system.port_forwards is None


@pytest.mark.parametrize("text", ["", "\n", "Invalid command\n", "vyos@vyos:~$ \n", "{}", "set", "<html></html>"])
def test_what_is_no_configuration_is_reported(text: str) -> None:
    observation = seen(vyos, BOOT, text)
    assert observation.device.system is None
    assert [report.fact for report in observation.unread] == ["system.identity"]


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        ('address "192.168.0.10"', 'address "192.168.0.300"', "system.port_forwards"),
        ('port-group "WEB"', 'port-group "GONE"', "system.port_forwards"),
        ('address "203.0.113.2"', 'fqdn "cabinet.example.net"', "system.port_forwards"),
        ('address "203.0.113.2/24"', 'address "203.0.113.x/24"', "system.interfaces"),
        ('address-group "ADMINS"', 'domain-group "ADMINS"', "system.admin"),
        ('start "192.168.0.50"', 'start "192.168.0.5o"', "system.dhcp"),
        ('port "8443"\n    }\n    ntp', 'port "8443x"\n    }\n    ntp', "system.services"),
    ],
)
def test_a_value_that_cannot_be_read_costs_its_fact_only(old: str, new: str, fact: str) -> None:
    assert old in VYOS_14
    observation = seen(vyos, BOOT, VYOS_14.replace(old, new, 1))
    assert {report.fact for report in observation.unread} == {fact}
    assert system(observation).users == vyos_14().users


def test_comments_quotes_and_what_is_deactivated() -> None:
    text = (
        "/* a { note }\n   over two lines */\ninterfaces {\n    /* outer */\n    ethernet eth0 {\n"
        '        address dhcp /* from the provider */\n        description "l\'entrée // du \\"cabinet\\""\n    }\n'
        "!   ethernet eth1 {\n!       address 10.0.0.1/24\n!   }\n}\nsystem {\n    host-name 'x y'\n}\n"
    )
    observation = seen(ubiquiti_edgerouter, BOOT, text)
    assert system(observation).interfaces == (Interface("eth0", None, True),)
    assert at(observation, "/system/identity/hostname") == "x y"
    assert observation.lines["/system/identity/hostname"] == 14
    assert observation.lines["/system/interfaces/0/default_route"] == 6


def test_a_forward_that_is_switched_off_and_one_to_the_router_itself() -> None:
    text = EDGEOS_COMMANDS + "set port-forward rule 1 disable\n"
    first = (edge(text).port_forwards or ())[0]
    assert first.enabled is False
    own = EDGEOS_COMMANDS.replace("192.168.1.10\n", "192.168.1.1\n").replace(
        "forward-to port 5001", "forward-to port 22"
    )
    assert Admin("ssh", "wan", 5001, True) in (edge(own).admin or ())


def test_versions_of_both() -> None:
    said = (
        "Version:          VyOS 1.3.0\nRelease Train:    equuleus\n\nBuilt on:         Fri 24 Dec 2021 10:02 UTC\n"
        "Build Commit ID:  6ae9d9a2a1b2c3\n\nHardware vendor:  Unknown\nHardware model:   APU2\n"
        "Hardware S/N:     1234\n"
    )
    identity = read_version(said, "vyos").device.system.identity  # type: ignore[union-attr]
    assert identity is not None
    assert (identity.vendor, identity.model, identity.serial) == ("VyOS", "APU2", "1234")
    assert (identity.firmware, str(identity.built)) == ("1.3.0", "2021-12-24 10:02:00+00:00")
    up = "Version:      v2.0.9-hotfix.7\nUptime:       18:13:51 up 12 days,  4:07,  1 user\n"
    edgeos = read_version(up, "edgeos").device.system.identity  # type: ignore[union-attr]
    assert edgeos is not None
    assert (edgeos.firmware, edgeos.uptime_s) == ("2.0.9-hotfix.7", ((12 * 24 + 4) * 60 + 7) * 60)
    info = "Model:       UniFi-Gateway-3\nVersion:     4.4.57.5578372\nHostname:    usg\nUptime:      86400 seconds\n"
    usg = system(seen(ubiquiti_unifi, "mca-cli-op info", info)).identity
    assert usg is not None
    assert (usg.vendor, usg.os, usg.model, usg.hostname) == ("Ubiquiti", "unifi", "UniFi-Gateway-3", "usg")
    assert (usg.firmware, usg.uptime_s) == ("4.4.57.5578372", 86400)
    assert read_version("Invalid command", "vyos").unread


def test_a_service_that_listens_inside_only_is_not_met_from_outside() -> None:
    text = VYOS_14.replace('port "2222"', 'listen-address "192.168.0.1"', 1)
    assert {item.side for item in vyos_14(text).admin or () if item.protocol == "ssh"} == {"lan"}
    assert Service(22, "tcp", "192.168.0.1", "ssh", encrypted=True) in (vyos_14(text).services or ())


def test_a_service_in_a_table_of_its_own_is_asked_there_only() -> None:
    text = ZONES.replace("    ssh {\n", '    ssh {\n        vrf "MGMT"\n').replace("firewall {", "unused {", 1)
    lost = seen(vyos, BOOT, text)  # no interface of the file is in that table: nobody knows who comes into it
    assert system(lost).admin is None
    assert {report.fact for report in lost.unread} == {"system.admin"}
    moved = text.replace('        address "10.2.0.1/24"\n', '        address "10.2.0.1/24"\n        vrf "MGMT"\n')
    assert system(seen(vyos, BOOT, moved)).admin == (Admin("ssh", "lan", 22, True),)


def test_a_static_translation_sends_on_every_port() -> None:
    rule = "set nat static rule 10 "
    text = EDGEOS_COMMANDS + f"{rule}destination address 203.0.113.7\n{rule}inbound-interface pppoe0\n"
    text += f"{rule}translation address 192.168.1.30\n"
    last = (edge(text).port_forwards or ())[-2:]
    assert last == tuple(
        forward(f"{name}/1-65535", "192.168.1.30", None, "pppoe0", destination_filter=networks("203.0.113.7/32"))
        for name in ("tcp", "udp")
    )


@pytest.mark.parametrize(
    ("trailer", "version"),
    [
        ("/* Release version: VyOS 1.1.7 */", "1.1.7"),
        ("/* Release version: v2.0.9-hotfix.7.5622762.230615.1131 */", "2.0.9-hotfix.7.5622762.230615.1131"),
        ("// Release version: 1.4-rolling-202106290839", "1.4-rolling-202106290839"),
        ("/* Release version: 1.2.6-S1 */", "1.2.6-S1"),
        ("/* Release version: VC6.6-2013.05.09 */", "6.6-2013.05.09"),
        ("# Version:      v1.10.10", "1.10.10"),
    ],
)
def test_trailers(trailer: str, version: str) -> None:
    observation = seen(vyos, BOOT, f"system {{\n    host-name x\n}}\n\n{trailer}\n")
    assert at(observation, "/system/identity/firmware") == version
    assert observation.lines["/system/identity/firmware"] == 5


def test_the_filter_of_a_side_that_nobody_may_enter_by_is_told_by_its_rules() -> None:
    text = EDGEOS_COMMANDS + "set firewall name WAN_LOCAL rule 40 action accept\n"
    assert InputChain("WAN_LOCAL", "accept", "wan", False) in (edge(text).firewall.input or ())  # type: ignore[union-attr]
    # What the addresses of no practice are refused by a rule before stays out.
    assert all(
        not network.overlaps(IPv4Network("10.0.0.0/8"))
        for item in edge(text).admin or ()
        if item.side == "wan"
        for network in item.source_filter or ()
    )


def test_what_a_configuration_of_vyos_13_says_of_openvpn_and_callers() -> None:
    text = (
        "interfaces {\n    openvpn vtun0 {\n        mode site-to-site\n        local-port 1200\n    }\n"
        '    openvpn vtun1 {\n        mode server\n        openvpn-option "--port 1443"\n    }\n'
        "    wireguard wg0 {\n        peer a {\n            address 198.51.100.9\n            port 51820\n        }\n"
        "        port 51820\n    }\n}\nsystem {\n    host-name x\n}\n"
        "vpn {\n    sstp {\n        authentication {\n            local-users {\n"
        "                username a {\n                }\n            }\n        }\n    }\n"
        "    openconnect {\n    }\n}\n"
    )
    found = system(seen(vyos, BOOT, text))
    assert set(found.vpn or ()) == {
        Vpn("openvpn", "vtun0", True), Vpn("openvpn", "vtun1", True, True), Vpn("wireguard", "wg0", True, None, 1),
        Vpn("sstp", None, True, True, 1), Vpn("ssl", None, True, True),
    }  # fmt: skip
    assert {(item.process, item.port) for item in found.services or ()} == {
        ("openvpn", 1200), ("openvpn", 1443), ("wireguard", 51820), ("sstp", 443), ("openconnect", 443),
    }  # fmt: skip


VYOS_LEASES = """\
IP Address     MAC address        State    Lease start          Lease expiration     Remaining    Pool    Hostname
-------------  -----------------  -------  -------------------  -------------------  -----------  ------  ----------
192.168.0.50   00:50:01:00:00:01  active   2026/06/01 08:00:00  2026/06/02 08:00:00  12:00:00     LAN     poste-1
192.168.0.51   00:50:01:00:00:02  expired  2026/05/01 08:00:00  2026/05/02 08:00:00               LAN     -
192.168.0.52   00:50:01:00:00     active   2026/05/01 08:00:00  2026/05/02 08:00:00               LAN     x
"""


def test_leases_by_their_columns() -> None:
    observation = seen(vyos, "/opt/vyatta/bin/vyatta-op-cmd-wrapper show dhcp server leases", VYOS_LEASES)
    assert system(observation).leases == (
        Lease(IPv4Address("192.168.0.50"), "00:50:01:00:00:01", "poste-1", None, True),
        Lease(IPv4Address("192.168.0.51"), "00:50:01:00:00:02", None, None, False),
    )
    assert [(report.fact, report.line) for report in observation.unread] == [("system.leases", 5)]
    assert observation.lines["/system/leases/1"] == 4


@pytest.mark.parametrize("text", ["", "DHCP server is not configured\n", "Invalid command\n"])
def test_no_table_of_leases_says_nothing(text: str) -> None:
    observation = seen(vyos, "/opt/vyatta/bin/vyatta-op-cmd-wrapper show dhcp server leases", text)
    assert observation.device.system is None
    assert not observation.unread


def test_a_usg_as_its_controller_sets_it_up() -> None:
    found = system(seen(ubiquiti_unifi, "/opt/vyatta/bin/vyatta-op-cmd-wrapper show configuration", USG))
    assert found.identity is not None
    assert (found.identity.os, found.identity.firmware) == ("unifi", "4.4.57.5578372.230112.0824")
    assert found.port_forwards == (forward("tcp/8443", "192.168.1.50", "443", "eth0", comment="DNAT camera"),)
    assert set(found.admin or ()) == {Admin("ssh", "lan", 22, True), Admin("https", "lan", 443, True)}
    assert found.firewall is not None
    assert {(chain.table, chain.policy, chain.side) for chain in found.firewall.input or ()} == {
        ("WAN_LOCAL", "drop", "wan"), ("LAN_LOCAL", "accept", "lan"), ("GUEST_LOCAL", "drop", "guest"),
    }  # fmt: skip
    assert found.dns is not None
    assert found.dns.answers == ("lan", "guest")


def test_what_an_editor_leaves_at_the_ends_of_lines_changes_nothing() -> None:
    assert system(seen(vyos, BOOT, "\ufeff" + VYOS_14.replace("\n", "\r\n"))) == vyos_14()


def test_a_rule_set_that_is_elsewhere_leaves_the_filter_unknown() -> None:
    observation = seen(
        ubiquiti_edgerouter, RUNNING, EDGEOS_COMMANDS.replace("set firewall name WAN_LOCAL", "set firewall name MOVED")
    )
    assert {report.fact for report in observation.unread} == {"system.firewall", "system.admin"}
    assert system(observation).firewall is None
    assert {item.side for item in system(observation).admin or ()} == {"lan"}


def test_the_firewall_of_whoever_has_none_in_the_local_zone() -> None:
    more = '        default-firewall {\n            name "LAN-LOCAL"\n        }\n        local-zone\n'
    found = system(seen(vyos, BOOT, ZONES.replace("        local-zone\n", more)))
    assert {item.side for item in found.admin or ()} == {"guest", "lan", "wan"}
    assert InputChain("LAN-LOCAL", "accept", "guest", False) in (found.firewall.input or ())  # type: ignore[union-attr]


def test_what_only_ipv4_is_filtered_for_is_open_over_ipv6() -> None:
    text = VYOS_14.replace("    ipv6 {\n        input {", "    ipv6 {\n        output {", 1)
    found = {(item.protocol, item.port): item.source_filter for item in vyos_14(text).admin or () if item.side == "wan"}
    assert found == {("ssh", 22): None, ("ssh", 2222): None, ("snmp", 161): None}
    let = "    ipv6 {\n        input {\n            filter {\n                rule 5 {\n"
    let += "                    action accept\n"
    let += "                    destination {\n                        port 22\n                    }\n"
    let += "                    protocol tcp\n                }\n"
    some = VYOS_14.replace("    ipv6 {\n        input {\n            filter {\n", let, 1)
    assert Admin("ssh", "wan", 22, True) in (vyos_14(some).admin or ())
    assert Admin("ssh", "wan", 2222, True) not in (vyos_14(some).admin or ())
