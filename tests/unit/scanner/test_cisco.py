"""Configurations of Cisco in forms that no recording here shows; each was written after the maker's guides."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from inventory.observation import Observation
from inventory.system import System
from scanner.platforms import cisco_ios, cisco_s300
from scanner.platforms._ios import read_lines
from scanner.platforms._ios_acl import UnsureError, admitted, read_lists
from tests.unit.scanner.test_platforms import evidence

ROUTER = """\
Building configuration...

Current configuration : 5000 bytes
!
version 15.7
hostname cabinet-rtr
!
username admin privilege 15 secret 9 x
username cisco privilege 15 password 0 y
username marie
username tech view VIGIE secret 5 x
crypto pki certificate chain TP-self-signed-1
 certificate self-signed 01
  30820229 30820192
  \tquit
ip dhcp excluded-address 192.168.10.1 192.168.10.99
ip dhcp excluded-address 192.168.10.200 192.168.10.254
ip dhcp pool LAN
 network 192.168.10.0 /24
ip dhcp pool static-nas
 host 192.168.10.10 255.255.255.0
crypto map VPN 10 ipsec-isakmp
 set peer 203.0.113.9
 set peer 203.0.113.10
crypto map VPN 65000 ipsec-isakmp dynamic DYN
interface GigabitEthernet0/0
 description Orange fibre
 ip address dhcp
 ip access-group 101 in
 ip nat outside
 crypto map VPN
interface GigabitEthernet0/1.10
 encapsulation dot1Q 10
 ip address 192.168.10.1 255.255.255.0
 ip nat inside
interface GigabitEthernet0/1.20
 description invites wifi
 encapsulation dot1Q 20
 ip address 192.168.20.1 255.255.255.0
 ip access-group GUEST in
interface Tunnel0
 ip address 10.0.0.1 255.255.255.0
 ip nhrp map multicast dynamic
 tunnel mode gre multipoint
 tunnel protection ipsec profile P
interface GigabitEthernet0/2
 ip address 192.168.99.1 255.255.255.0
 shutdown
no ip http server
ip http secure-server
ip http access-class 10
ip http secure-port 8443
ip nat inside source static tcp 192.168.10.10 5001 interface GigabitEthernet0/0 5001
ip nat inside source static tcp 192.168.10.11 3389 interface GigabitEthernet0/0 3389
ip nat inside source static udp 192.168.10.10 1194 203.0.113.5 1194 extendable
ip nat inside source static tcp 192.168.10.12 www interface GigabitEthernet0/0 8080
ip dns server
logging host 192.168.10.5 transport udp port 1514
logging trap warnings
access-list 10 permit 192.168.10.0 0.0.0.255
access-list 101 permit tcp any any eq 5001
access-list 101 permit tcp host 51.15.7.7 any eq 3389
access-list 101 permit tcp 198.51.100.0 0.0.0.255 any eq 22
access-list 101 deny ip any any
ip access-list extended GUEST
 10 deny tcp any any range 22 23
 20 deny tcp any host 192.168.20.1 eq 8443
 30 permit ip any any
banner motd ^C
username intruder privilege 15
^C
snmp-server community public RO
ip ssh server algorithm authentication publickey
line vty 0 4
 access-class 10 in vrf-also
 transport input ssh
line vty 5 15
 transport input telnet ssh
ntp server ip 0.fr.pool.ntp.org prefer
end
"""


def observed(text: str) -> Observation:
    found = cisco_ios.read(evidence("shell show running-config", text))
    assert found is not None
    return found


def system(text: str) -> System:
    return observed(text).device.system or System()


def test_who_administers_a_router_from_which_side() -> None:
    admin = {(item.protocol, item.side): item.source_filter for item in system(ROUTER).admin or ()}
    assert admin == {
        ("ssh", "wan"): (IPv4Network("198.51.100.0/24"),),
        ("ssh", "lan"): None,
        ("ssh", "vpn"): None,
        ("telnet", "lan"): None,
        ("telnet", "vpn"): None,
        ("https", "lan"): (IPv4Network("192.168.10.0/24"),),
        ("https", "vpn"): (IPv4Network("192.168.10.0/24"),),
    }


def test_forwards_are_as_open_as_the_list_before_them() -> None:
    forwards = {
        item.external: (item.enabled, item.source_filter, item.target_port)
        for item in system(ROUTER).port_forwards or ()
    }
    assert forwards == {
        "tcp/5001": (True, None, "5001"),
        "tcp/3389": (True, (IPv4Network("51.15.7.7/32"),), "3389"),
        "udp/1194": (False, None, "1194"),
        "tcp/8080": (False, None, "80"),
    }


def test_what_else_a_router_says() -> None:
    told = system(ROUTER)
    assert [(user.name, user.administrator, user.factory) for user in told.users or ()] == [
        ("admin", True, None), ("cisco", True, True), ("marie", False, None), ("tech", False, None),
    ]  # fmt: skip
    assert [(item.name, item.default_route) for item in told.interfaces or ()] == [
        ("GigabitEthernet0/0", True), ("GigabitEthernet0/1.10", False), ("GigabitEthernet0/1.20", False),
        ("Tunnel0", False),
    ]  # fmt: skip
    assert told.dhcp is not None
    assert (str(told.dhcp[0].first), str(told.dhcp[0].last)) == ("192.168.10.100", "192.168.10.199")
    assert [(item.kind, item.name, item.server, item.peers) for item in told.vpn or ()] == [
        ("ipsec", "VPN", True, 2), ("ipsec", "Tunnel0", True, 0),
    ]  # fmt: skip
    assert [item.id for item in told.vlans or ()] == [10, 20]
    assert told.dns is not None
    assert told.dns.answers == ("lan", "guest", "vpn")
    assert told.logging is not None
    assert told.logging.remote == ("192.168.10.5",)
    assert told.ntp is not None
    assert told.ntp.servers == ("0.fr.pool.ntp.org",)
    assert told.ssh is not None
    assert told.ssh.password_authentication is False


def test_a_configuration_that_breaks_off_is_never_empty() -> None:
    cut = ROUTER[: ROUTER.index("ip nat inside source static udp")]
    found = observed(cut)
    told = found.device.system or System()
    assert told.snmp is None
    assert told.ntp is None
    assert len(told.port_forwards or ()) == 2
    assert {"system.port_forwards", "system.snmp", "system.users"} <= {report.fact for report in found.unread}
    assert system(ROUTER[: ROUTER.index("ip nat inside")]).port_forwards is None


@pytest.mark.parametrize("text", ["% Invalid input detected at '^' marker.\n", "Command authorization failed.\n", ""])
def test_a_refusal_is_no_configuration(text: str) -> None:
    for command in cisco_ios.COMMANDS:
        found = cisco_ios.read(evidence(f"shell {command}", text))
        assert found is not None
        assert (found.device.system or System()) in (System(), System(interfaces=())) or not text


def test_a_line_without_transport_is_not_taken_for_closed() -> None:
    text = "version 15.1\ninterface Vlan1\n ip address 192.168.1.2 255.255.255.0\nline vty 0 4\n login local\nend\n"
    found = observed(text)
    assert (found.device.system or System()).admin is None
    assert ("system.admin", 4) in {(report.fact, report.line) for report in found.unread}


def test_a_zone_with_a_policy_for_the_device_is_unsure() -> None:
    text = ROUTER.replace(" ip access-group 101 in\n", " zone-member security OUT\n").replace(
        "line vty 0 4", "zone-pair security P source OUT destination self\n service-policy type inspect X\nline vty 0 4"
    )
    found = observed(text)
    admin = (found.device.system or System()).admin or ()
    assert "wan" not in {item.side for item in admin}
    assert "system.admin" in {report.fact for report in found.unread}
    firewall = (found.device.system or System()).firewall
    assert firewall is not None
    assert ("zone OUT", "drop", "wan") in {(item.table, item.policy, item.side) for item in firewall.input or ()}


def test_a_gateway_is_behind_the_interface_of_its_network() -> None:
    text = (
        "version 15.1\ninterface Vlan1\n ip address 192.168.1.2 255.255.255.0\nip default-gateway 192.168.1.254\nend\n"
    )
    assert [item.default_route for item in system(text).interfaces or ()] == [True]
    routed = text.replace("ip default-gateway 192.168.1.254", "ip route 0.0.0.0 0.0.0.0 Vlan1 192.168.1.254 name x")
    assert [item.default_route for item in system(routed).interfaces or ()] == [True]


ACLS = """\
version 15.1
access-list 1 deny host 10.0.0.9
access-list 1 permit 10.0.0.0 0.0.0.255
access-list 2 deny 10.0.0.0 0.0.0.255
access-list 2 permit any
ip access-list extended E
 permit tcp any any established
 permit tcp 10.1.0.0 0.0.255.255 host 192.0.2.1 range 20 25
 permit tcp host 10.2.0.1 any gt 1023
 permit udp any eq ntp any
 deny ip any any log
ip access-list extended HOLES
 permit tcp 10.0.0.1 0.255.0.255 any eq 22
ip access-list extended GROUPS
 permit object-group WEB any any
end
"""


def lists() -> dict[str, tuple[str, ...]]:
    told = read_lines(ACLS)
    assert told is not None
    found = {}
    for name, rules in read_lists(told).items():
        try:
            found[name] = tuple(map(str, admitted(rules, "tcp", 22, IPv4Address("192.0.2.1"))))
        except UnsureError:
            found[name] = ("?",)
    return found


def test_access_lists() -> None:
    assert lists() == {
        "1": ("?",),  # a network with a hole
        "2": ("0.0.0.0/0",),
        "E": ("10.1.0.0/16",),
        "HOLES": ("?",),
        "GROUPS": ("?",),
    }
    assert admitted(None) == (IPv4Network("0.0.0.0/0"),)


S300 = """\
config-file-header
switch-cabinet
v1.4.8.6 / R800_NIK_1_4_202_008
CLI v1.0
!
hostname switch-cabinet
logging host 192.168.10.5
username cisco password encrypted REDACTED privilege 15
username marie password encrypted REDACTED
ip ssh server
snmp-server server
snmp-server community public rw view Default
sntp server 0.fr.pool.ntp.org
ip name-server  192.168.10.1
"""


def test_a_small_switch() -> None:
    found = cisco_s300.read(evidence("shell show running-config", S300))
    assert found is not None
    told = found.device.system
    assert told is not None
    assert told.identity is not None
    assert (told.identity.firmware, told.identity.hostname) == ("1.4.8.6", "switch-cabinet")
    assert [(user.name, user.role, user.factory) for user in told.users or ()] == [
        ("cisco", "privilege 15", True), ("marie", "privilege 1", None),
    ]  # fmt: skip
    assert told.snmp is not None
    assert (told.snmp.enabled, told.snmp.default_community, told.snmp.writable) == (True, True, True)
    assert told.ntp is not None
    assert told.ntp.servers == ("0.fr.pool.ntp.org",)
    assert told.dns is not None
    assert told.dns.servers == ("192.168.10.1",)


def test_tagged_ports_stand_in_a_column_of_their_own_since_release_2() -> None:
    text = """\
Created by: D-Default, S-Static, G-GVRP, R-Radius Assigned VLAN, V-Voice VLAN

Vlan       Name           Tagged Ports      UnTagged Ports      Created by
---- ----------------- ------------------ ------------------ ----------------
 1           1                               gi1-2,Po1              D
 20        guest           gi2,gi24                                 S
"""
    found = cisco_s300.read(evidence("shell show vlan", text))
    assert found is not None
    vlans = (found.device.system or System()).vlans or ()
    assert [(item.id, item.name, item.tagged, item.untagged) for item in vlans] == [
        (1, "1", None, ("gi1", "gi2", "Po1")),
        (20, "guest", ("gi2", "gi24"), None),
    ]
