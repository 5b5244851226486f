"""Cisco IOS: who gets through to a forwarded port, past lists, zones and interfaces that are shut."""

import pytest

from inventory.observation import Observation
from scanner.platforms import cisco_ios
from tests.unit.scanner.test_platforms import evidence

ROUTER = """\
version 15.7
hostname cabinet
{zones}interface GigabitEthernet0/0
 ip address 198.51.100.2 255.255.255.248
 {outer}
interface GigabitEthernet0/1
 ip address 192.168.10.1 255.255.255.0
 {inner}
{nat}
ip route 0.0.0.0 0.0.0.0 198.51.100.1
{lists}
no ip http server
no ip http secure-server
end
"""
PORT = "ip nat inside source static tcp 192.168.10.10 443 interface GigabitEthernet0/0 8443"
WHOLE = "ip nat inside source static 192.168.10.10 198.51.100.3"


def told(
    nat: str, outer: str = "ip nat outside", inner: str = "ip nat inside", lists: str = "", zones: str = ""
) -> Observation:
    lines = (part.replace("\n", "\n ") for part in (outer, inner))
    text = ROUTER.format(nat=nat, outer=next(lines), inner=next(lines), lists=lists, zones=zones)
    observation = cisco_ios.read(evidence("shell show running-config", text))
    assert observation is not None
    return observation


def said(observation: Observation) -> list[str]:
    assert observation.device.system is not None
    return [
        " ".join((item.external, *map(str, item.source_filter or ()), *([] if item.enabled else ["off"])))
        for item in observation.device.system.port_forwards or ()
    ]


OUTSIDE = "ip nat outside"
LISTED = f"{OUTSIDE}\nip access-group DEHORS in"
LISTS = """\
ip access-list extended DEHORS
 permit tcp any host 198.51.100.3 eq 443
 permit tcp host 203.0.113.7 host 198.51.100.3 range 22 23
 permit udp any any eq isakmp
 deny ip any any"""
ZONES = """\
zone security DEDANS
zone security DEHORS
zone-pair security DEDANS-DEHORS source DEDANS destination DEHORS
 service-policy type inspect SORTIE
"""


@pytest.mark.parametrize(
    ("nat", "outer", "inner", "lists", "zones", "expected"),
    [
        (PORT, OUTSIDE, "ip nat inside", "", "", ["tcp/8443"]),
        (f"{PORT.replace('interface GigabitEthernet0/0', '198.51.100.2')} extendable", OUTSIDE, "ip nat inside", "", "",
         ["tcp/8443"]),
        (f"{WHOLE} route-map SANS-VPN", OUTSIDE, "ip nat inside", "", "", ["tcp/1-65535", "udp/1-65535"]),
        (WHOLE, LISTED, "ip nat inside", LISTS, "", ["tcp/22-23 203.0.113.7/32", "tcp/443", "udp/500"]),
        (PORT, "ip address 198.51.100.2 255.255.255.248", "ip nat inside", "", "", ["tcp/8443 off"]),
        (PORT, f"{OUTSIDE}\nshutdown", "ip nat inside", "", "", ["tcp/8443 off"]),
        (PORT, OUTSIDE, "ip nat inside\nip access-group VERS in", "access-list 1 permit any", "", ["tcp/8443"]),
        (PORT, OUTSIDE, "ip nat inside\nip access-group VERS out",
         "ip access-list extended VERS\n deny tcp any host 192.168.10.10 eq 443\n permit ip any any", "",
         ["tcp/8443 off"]),
        (PORT, f"{OUTSIDE}\nzone-member security DEHORS", "ip nat inside\nzone-member security DEDANS", "", ZONES,
         ["tcp/8443 off"]),
        (PORT.replace("inside source", "source"), "ip nat enable", "ip nat enable", "", "", ["tcp/8443"]),
    ],
)  # fmt: skip
def test_who_gets_through(nat: str, outer: str, inner: str, lists: str, zones: str, expected: list[str]) -> None:
    observation = told(nat, outer, inner, lists, zones)
    assert said(observation) == expected
    assert not [item for item in observation.unread if item.fact == "system.port_forwards"]


@pytest.mark.parametrize(
    ("nat", "zones"),
    [
        (PORT, ZONES.replace("source DEDANS destination DEHORS", "source DEHORS destination DEDANS")),
        (
            PORT,
            f"""{ZONES.replace("source DEDANS destination DEHORS", "source DEHORS destination DEDANS")}\
policy-map type inspect SORTIE
 class type inspect C
  inspect
class-map type inspect match-any C
 match protocol skype
""",
        ),
        (PORT.replace("GigabitEthernet0/0", "Dialer9"), ""),
        ("ip nat inside source static network 192.168.10.0 198.51.100.0 /29", ""),
        ("ip nat inside destination list 7 pool SERVEURS", ""),
    ],
)
def test_what_cannot_be_told_is_unread(nat: str, zones: str) -> None:
    member = "\nzone-member security {}" if zones else ""
    observation = told(nat, OUTSIDE + member.format("DEHORS"), "ip nat inside" + member.format("DEDANS"), "", zones)
    assert said(observation) == []
    assert [item for item in observation.unread if item.fact == "system.port_forwards"]
    assert observation.device.system is not None
    assert observation.device.system.port_forwards is None


def test_a_list_of_ipv4_does_not_close_ipv6() -> None:
    lines = "access-list 10 permit 192.168.10.0 0.0.0.255\nline vty 0 4\n access-class 10 in\n transport input ssh"
    four = told("", lists=lines)
    assert four.device.system is not None
    assert {(item.side, bool(item.source_filter)) for item in four.device.system.admin or ()} >= {("lan", True)}
    six = told("", inner="ip nat inside\nipv6 address 2001:DB8::1/64", lists=lines)
    assert six.device.system is not None
    assert "lan" not in {item.side for item in six.device.system.admin or ()}
    assert [item for item in six.unread if item.fact == "system.admin"]
    listed = f"{LIST6}\n{lines}\n ipv6 access-class SIX in"
    closed = told("", inner="ip nat inside\nipv6 address 2001:DB8::1/64", lists=listed)
    assert not [item for item in closed.unread if item.fact == "system.admin"]


LIST6 = "ipv6 access-list SIX\n permit tcp 2001:DB8::/64 any eq 22\n permit icmp any any\n deny ipv6 any any log"
FILTERED6 = "ip nat inside\nipv6 address 2001:DB8::1/64\nipv6 traffic-filter {}"
CLASS6 = "\n ipv6 access-class {} in"
REST = "\nline vty 5 15\n access-class 10 in\n transport input ssh"


@pytest.mark.parametrize(
    ("inner", "shell", "more", "shut"),
    [
        (FILTERED6.format("SIX in"), "", LIST6, True),
        (FILTERED6.format("SIX out"), "", LIST6, False),
        (FILTERED6.format("NOSUCH in"), "", LIST6, False),
        (FILTERED6.format("SIX in"), "", "ipv6 access-list SIX\n sequence 10 permit ipv6 any any", False),
        (FILTERED6.format("SIX in"), "", LIST6.replace("2001:DB8::/64", "any"), False),
        (FILTERED6.format("NOSUCH in"), CLASS6.format("SIX"), LIST6, True),
        (FILTERED6.format("SIX out"), CLASS6.format("NOSUCH"), LIST6, False),
        (FILTERED6.format("SIX out"), CLASS6.format("SIX") + REST, LIST6, False),
        (FILTERED6.format("SIX out"), CLASS6.format("SIX") + "\nline vty 5 15\n transport input none", LIST6, True),
        ("ip nat inside\ninterface GigabitEthernet0/2\nno ip address\nipv6 address 2001:DB8::1/64", "", "", False),
        ("ip nat inside\ninterface GigabitEthernet0/2\nno ip address\nipv6 address FE80::1 link-local", "", "", True),
    ],
)  # fmt: skip
def test_what_shuts_ipv6(inner: str, shell: str, more: str, shut: bool) -> None:
    lines = (
        f"{more}\naccess-list 10 permit 192.168.10.0 0.0.0.255\nline vty 0 4\n access-class 10 in\n transport input ssh"
    )
    observation = told("", inner=inner, lists=lines + shell)
    assert any("by IPv6" in item.text for item in observation.unread if item.fact == "system.admin") is not shut


def test_a_list_may_name_the_protocol_by_its_port() -> None:
    lines = "access-list 111 permit tcp any any neq telnet\nline vty 0 4\n access-class 111 in\n transport input all"
    found = told("", lists=lines).device.system
    assert found is not None
    assert {item.protocol for item in found.admin or ()} == {"ssh"}


@pytest.mark.parametrize(("port", "expected"), [(" port 4443", {4443}), ("", {443}), (" port x", set())])
def test_a_vpn_for_browsers_listens_where_it_says(port: str, expected: set[int]) -> None:
    lines = f"webvpn gateway G\n ip address 198.51.100.2{port}\n inservice"
    observation = told("", lists=lines)
    assert observation.device.system is not None
    assert {item.port for item in observation.device.system.services or ()} == expected
    assert ("webvpn port x" in {item.text for item in observation.unread}) is not bool(expected)


def test_what_it_listens_on() -> None:
    lines = """\
ntp server 192.0.2.1
snmp-server community public RO 10
access-list 10 permit host 192.168.10.5
ip dns server
service tcp-small-servers
line vty 0 4
 access-class 10 in
 transport input telnet ssh"""
    found = told("", outer="ip nat outside\ncrypto map VPN", lists=lines).device.system
    assert found is not None
    services = {(item.port, item.process, bool(item.allowed)) for item in found.services or ()}
    assert services == {
        (22, "ssh", True), (23, "telnet", True), (161, "snmp", True), (123, "ntp", False), (53, "dns", False),
        (7, "small-servers", False), (9, "small-servers", False), (13, "small-servers", False),
        (19, "small-servers", False), (500, "ike", False), (4500, "ike", False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outer", "route"),
    [
        ("ip address dhcp", "ip route 0.0.0.0 0.0.0.0 dhcp"),
        ("ip address dhcp", "ip route 0.0.0.0 0.0.0.0 100.64.0.1"),
        ("ip address negotiated", "ip route 0.0.0.0 0.0.0.0 Dialer1"),
    ],
)
def test_the_default_route_leaves_by_the_interface_that_is_given_its_address(outer: str, route: str) -> None:
    text = (
        f"version 15.1\ninterface Dialer1\n {outer}\n ip nat outside\ninterface Vlan1\n"
        f" ip address 192.168.10.1 255.255.255.0\n{route}\nend\n"
    )
    observation = cisco_ios.read(evidence("shell show running-config", text))
    assert observation is not None
    assert observation.device.system is not None
    found = observation.device.system.interfaces or ()
    assert {item.name: item.default_route for item in found} == {"Dialer1": True, "Vlan1": False}
    assert not [item for item in observation.unread if item.fact == "system.interfaces"]


def test_sides_of_switches_and_of_addresses_of_the_internet() -> None:
    lines = "line vty 0 4\n transport input ssh\nno ip http server\nno ip http secure-server\nend\n"
    switch = (
        "version 15.1\nlicense udi pid WS-C2960X-24TS-L sn FOC1234X0YZ\ninterface GigabitEthernet0/1\n"
        " switchport access vlan 10\n interface GigabitEthernet0/2\n switchport access vlan 20\ninterface Vlan1\n"
        " ip address 192.168.10.2 255.255.255.0\nip default-gateway 192.168.10.254\n"
    )
    observation = cisco_ios.read(evidence("shell show running-config", switch + lines))
    assert observation is not None
    system = observation.device.system
    assert system is not None
    assert system.identity is not None
    assert (system.identity.model, system.identity.serial) == ("WS-C2960X-24TS-L", "FOC1234X0YZ")
    assert [item.side for item in system.admin or ()] == ["lan"]
    # Some backups have a blank before an interface.
    assert [(item.id, item.untagged) for item in system.vlans or ()] == [
        (10, ("GigabitEthernet0/1",)), (20, ("GigabitEthernet0/2",)),
    ]  # fmt: skip
    public = "version 15.1\ninterface Ethernet1/0\n ip address 114.248.1.254 255.255.255.0\nrouter bgp 1\n" + lines
    outer = cisco_ios.read(evidence("shell show running-config", public))
    assert outer is not None
    assert outer.device.system is not None
    assert [item.side for item in outer.device.system.admin or ()] == ["wan"]


def test_a_line_that_leaves_its_default_out_may_listen() -> None:
    text = "version 15.1\ninterface Vlan1\n ip address 192.168.10.2 255.255.255.0\nline vty 0 4\n login\nend\n"
    observation = cisco_ios.read(evidence("shell show running-config", text))
    assert observation is not None
    assert (observation.device.system is None) or observation.device.system.services is None
    assert [item for item in observation.unread if item.fact == "system.services"]


PAIR = """\
ip port-map user-nas port tcp 5001
class-map type inspect match-all NAS
 match access-group name NAS
 match protocol {protocol}
class-map type inspect match-any TOUT
 match class-map NAS
policy-map type inspect ENTREE
 class type inspect TOUT
  {action}
 class class-default
  {rest}
zone security DEDANS
zone security DEHORS
zone-pair security IN source DEHORS destination DEDANS
 service-policy type inspect ENTREE
"""
NAS = "ip access-list extended NAS\n permit tcp {who} host 192.168.10.10 eq {port}"


@pytest.mark.parametrize(
    ("protocol", "action", "rest", "who", "port", "expected"),
    [
        ("https", "inspect", "drop", "any", "443", ["tcp/8443"]),
        ("tcp", "pass", "drop log", "host 203.0.113.7", "443", ["tcp/8443 203.0.113.7/32"]),
        ("https", "drop", "drop", "any", "443", ["tcp/8443 off"]),
        ("https", "inspect", "drop", "any", "8443", ["tcp/8443 off"]),  # behind the translation it is 443
        ("user-nas", "inspect", "drop", "any", "443", ["tcp/8443 off"]),
        ("ssh", "inspect", "pass", "any", "443", ["tcp/8443"]),
    ],
)
def test_whom_the_policy_of_two_zones_lets_in(
    protocol: str, action: str, rest: str, who: str, port: str, expected: list[str]
) -> None:
    zones = PAIR.format(protocol=protocol, action=action, rest=rest)
    outer, inner = "ip nat outside\nzone-member security DEHORS", "ip nat inside\nzone-member security DEDANS"
    observation = told(PORT, outer, inner, NAS.format(who=who, port=port), zones)
    assert said(observation) == expected
    assert not [item for item in observation.unread if item.fact == "system.port_forwards"]


@pytest.mark.parametrize(
    ("mapped", "port", "expected"),
    [
        ("http port tcp 8080", "80", ["tcp/8443"]),
        ("http port tcp 8080", "8080", ["tcp/8443"]),
        ("http port 8080 description for 443", "8080", ["tcp/8443"]),
        ("http port 8080 description for 443", "443", ["tcp/8443 off"]),
        ("http port udp 8080", "8080", ["tcp/8443 off"]),
        ("http port tcp 8080\nip port-map http port tcp 8081", "8080", ["tcp/8443"]),
        ("http port tcp from 8080 to 8090", "8085", []),
        ("http port tcp 8080 list 7", "8080", []),
    ],
)
def test_a_port_map_adds_to_the_ports_of_a_protocol(mapped: str, port: str, expected: list[str]) -> None:
    zones = f"ip port-map {mapped}\n{PAIR.format(protocol='http', action='inspect', rest='drop')}"
    outer, inner = "ip nat outside\nzone-member security DEHORS", "ip nat inside\nzone-member security DEDANS"
    nat = PORT.replace("10 443", f"10 {port}")
    observation = told(nat, outer, inner, NAS.format(who="any", port=port), zones)
    assert said(observation) == expected
    assert any(item.fact == "system.port_forwards" for item in observation.unread) is not bool(expected)


@pytest.mark.parametrize("what", ["esp 192.168.10.10 interface GigabitEthernet0/0", "gre 192.168.10.10 198.51.100.3"])
def test_what_has_no_ports_is_reported(what: str) -> None:
    observation = told(f"ip nat inside source static {what}")
    assert said(observation) == []
    assert [report.fact for report in observation.unread if report.line == 9] == ["system.port_forwards"]


SHELL = "line vty 0 4\n transport input ssh"
ITSELF = "ip nat inside source static tcp 192.168.10.1 22 interface GigabitEthernet0/0 2222"
AGENCY = "ip access-list extended DEHORS\n permit tcp host 203.0.113.7 any eq 2222\n deny ip any any"


@pytest.mark.parametrize(
    ("nat", "outer", "lists", "ways_in"),
    [
        (ITSELF, OUTSIDE, "", {"lan 22", "wan 22", "wan 2222"}),
        (ITSELF, LISTED, AGENCY, {"lan 22", "wan 2222 203.0.113.7/32"}),
        (ITSELF.replace(".1 22", ".1 80"), LISTED, AGENCY, {"lan 22"}),
        (ITSELF, LISTED, AGENCY.replace("2222", "22"), {"lan 22", "wan 22 203.0.113.7/32"}),
        ("ip nat inside source static 192.168.10.1 198.51.100.3", LISTED, AGENCY.replace("2222", "22"),
         {"lan 22", "wan 22 203.0.113.7/32"}),
    ],
)  # fmt: skip
def test_a_translation_to_the_device_itself_opens_what_listens_there(
    nat: str, outer: str, lists: str, ways_in: set[str]
) -> None:
    observation = told(nat, outer, lists=f"{lists}\n{SHELL}")
    assert observation.device.system is not None
    assert ways_in == {
        " ".join((item.side, str(item.port), *map(str, item.source_filter or ())))
        for item in observation.device.system.admin or ()
    }
    assert not [report for report in observation.unread if report.fact == "system.admin"]


@pytest.mark.parametrize(
    "words", ["tcp 192.168.10.1 22 GigabitEthernet0/0 2222", "network 192.168.10.0 198.51.100.0 /24"]
)
def test_a_translation_to_the_device_itself_that_is_not_understood(words: str) -> None:
    observation = told(f"ip nat inside source static {words}", lists=SHELL)
    assert "system.admin" in {report.fact for report in observation.unread}


MASKED = "ip address x.x.x.x 255.255.255.248"


@pytest.mark.parametrize("address", [MASKED, "ip address pool FAI"])
def test_an_outer_interface_whose_address_is_not_in_the_file_is_one(address: str) -> None:
    text = ROUTER.format(nat=PORT, outer=OUTSIDE, inner="ip nat inside", lists=SHELL, zones="")
    text = text.replace("ip address 198.51.100.2 255.255.255.248", address)
    observation = cisco_ios.read(evidence("shell show running-config", text))
    assert observation is not None
    assert said(observation) == ["tcp/8443"]
    assert observation.device.system is not None
    assert {item.side for item in observation.device.system.admin or ()} == {"lan", "wan"}
    second = f"ip access-group DEDANS in\n {MASKED} secondary"
    listed = "ip access-list extended DEDANS\n deny tcp any host 192.168.10.1 eq 22\n permit ip any any"
    part = told("", inner=f"ip nat inside\n{second}".replace("\n ", "\n"), lists=f"{listed}\n{SHELL}")
    assert "ssh from lan" in {report.text for report in part.unread}
    inner = text.replace("ip address 192.168.10.1 255.255.255.0", f"{MASKED}\n ip access-group VERS out")
    lost = cisco_ios.read(evidence("shell show running-config", inner))
    assert lost is not None
    assert said(lost) == []
    assert "system.port_forwards" in {report.fact for report in lost.unread}
