"""Port forwards and input chains of RouterOS and OpenWrt in every form they are written in: read right or reported."""

from dataclasses import replace
from typing import Any

import pytest

from inventory.device import Device
from inventory.gateway import InputChain, Upnp
from inventory.observation import Observation
from inventory.system import SshSettings, System
from scanner.platforms import mikrotik_routeros, openwrt
from tests.unit.scanner.test_platforms import evidence, forward, networks

HEADER = "# 2024-07-31 09:33:47 by RouterOS 7.15.2\n"
LISTS = (
    "/interface list member\nadd interface=ether1 list=WAN\nadd interface=ppp1 list=WAN\n"
    "add interface=bridge list=LAN\n"
    "add disabled=yes interface=ether9 list=WAN\n"
    "/ip firewall address-list\nadd address=198.51.100.1 list=office\n"
    "add address=198.51.100.8-198.51.100.9 list=office\n"
    "add address=example.org list=named\n/ip firewall nat\n"
)
TO = "add action=dst-nat chain=dstnat to-addresses=192.168.88.10"


def on(item: Any) -> Any:
    return replace(item, enabled=True)


def off(item: Any) -> Any:
    return replace(item, enabled=False)


# a statement of /ip firewall nat, the forwards it makes, the number of lines reported
ROUTEROS: list[tuple[str, list[Any], int]] = [
    (f"{TO} dst-port=443 in-interface=ether1 protocol=tcp to-ports=8443 comment=\"NAS \\E9t\\E9\"",
     [forward("tcp/443", "192.168.88.10", "8443", "ether1", comment="NAS été")], 0),
    (f"{TO} dst-port=80,5000-5010 in-interface-list=WAN protocol=udp",
     [forward("udp/80", "192.168.88.10", None, "ether1"), forward("udp/5000-5010", "192.168.88.10", None, "ether1"),
      forward("udp/80", "192.168.88.10", None, "ppp1"), forward("udp/5000-5010", "192.168.88.10", None, "ppp1")], 0),
    (f"{TO} in-interface-list=!LAN dst-port=22 protocol=6",
     [forward("tcp/22", "192.168.88.10", None, None, except_interfaces=("bridge",))], 0),
    (f"{TO} in-interface=!bridge dst-port=22 protocol=tcp",
     [forward("tcp/22", "192.168.88.10", None, None, except_interfaces=("bridge",))], 0),
    (f"{TO} in-interface=ether1",
     [forward("tcp/1-65535", "192.168.88.10", None, "ether1"), forward("udp/1-65535", "192.168.88.10", None, "ether1")],
     0),
    (f"{TO} dst-address=203.0.113.7 dst-port=22 protocol=tcp src-address=198.51.100.0/24",
     [forward("tcp/22", "192.168.88.10", None, None, source_filter=networks("198.51.100.0/24"),
              destination_filter=networks("203.0.113.7"))], 0),
    (f"{TO} dst-port=22 protocol=tcp src-address-list=office dst-address-type=local",
     [forward("tcp/22", "192.168.88.10", None, None,
              source_filter=networks("198.51.100.1/32", "198.51.100.8/31"))], 0),
    (f"{TO} dst-port=22 protocol=tcp disabled=yes", [off(forward("tcp/22", "192.168.88.10", None, None))], 0),
    (f"{TO} dst-port=22 protocol=tcp disabled=yes src-address-list=named", [], 0),
    (f"{TO} dst-port=22 protocol=tcp disabled=yes\n{TO} dst-port=22 protocol=tcp",
     [forward("tcp/22", "192.168.88.10", None, None)], 0),
    (f"{TO} protocol=gre", [], 0),
    ("add action=redirect chain=dstnat dst-port=53 protocol=udp to-ports=53", [], 0),
    ("add action=masquerade chain=srcnat out-interface-list=WAN", [], 0),
    ("add action=netmap chain=dstnat dst-port=9 protocol=tcp to-addresses=10.0.0.1",
     [forward("tcp/9", "10.0.0.1", None, None)], 0),
    (f"{TO} dst-port=22 \\\n    in-interface=ether1 \\\n    protocol=tcp",
     [forward("tcp/22", "192.168.88.10", None, "ether1")], 0),
    ("/ip firewall nat add action=dst-nat chain=dstnat dst-port=9 protocol=tcp to-addresses=10.0.0.1",
     [forward("tcp/9", "10.0.0.1", None, None)], 0),
    ("/ip/firewall/nat/add action=dst-nat chain=dstnat dst-port=9 protocol=tcp to-addresses=10.0.0.1",
     [forward("tcp/9", "10.0.0.1", None, None)], 0),
    ("/ip firewall\nnat add action=dst-nat chain=dstnat dst-port=9 protocol=tcp to-addresses=10.0.0.1",
     [forward("tcp/9", "10.0.0.1", None, None)], 0),
    (f"{TO} dst-port=22 protocol=tcp disabled=yes comment=NAS\nset [ find comment=NAS ] disabled=no", [], 1),
    (f"{TO} dst-port=22 protocol=tcp disabled=yes comment=NAS\nenable [ find comment=NAS ]", [], 1),
    (f"{TO} dst-port=22 protocol=tcp src-address-list=named", [], 1),
    (f"{TO} dst-port=22 protocol=tcp src-address-list=nowhere", [], 1),
    # The name that MikroTik's cloud gives the router stands for its own outer address; nobody else's name does.
    (f"/ip firewall address-list\nadd address=a1b2c3.sn.mynetname.net list=here\n/ip firewall nat\n"
     f"{TO} dst-address-list=here dst-port=443 protocol=tcp", [forward("tcp/443", "192.168.88.10", None, None)], 0),
    (f"/ip firewall address-list\nadd address=a1b2c3.sn.mynetname.net list=here\n/ip firewall nat\n"
     f"{TO} src-address-list=here dst-port=443 protocol=tcp", [], 1),
    (f"{TO} dst-address-list=named dst-port=443 protocol=tcp", [], 1),
    (f"{TO} dst-port=22 protocol=tcp in-interface-list=nowhere", [], 1),
    (f"{TO} dst-port=22 protocol=tcp in-interface-list=dynamic", [], 1),
    (f"{TO} dst-port=!22 protocol=tcp", [], 1),
    (f"{TO} dst-port=22 protocol=!udp", [], 1),
    (f"{TO} dst-port=22 protocol=tcp connection-mark=vpn", [], 1),
    (f"{TO} dst-port=70000 protocol=tcp", [], 1),
    ("add action=dst-nat chain=dstnat dst-port=22 protocol=tcp to-addresses=10.0.0.1-10.0.0.9", [], 1),
    ("add action=dst-nat chain=dstnat dst-port=22 protocol=tcp to-ports=8022", [], 1),
    ("add action=jump chain=dstnat jump-target=a\n"
     "add action=dst-nat chain=a dst-port=22 protocol=tcp to-addresses=10.0.0.1",
     [forward("tcp/22", "10.0.0.1", None, None)], 0),
    ("add action=jump chain=dstnat in-interface=ether1 jump-target=a src-address=198.51.100.0/24\n"
     "add action=dst-nat chain=a dst-port=22 protocol=tcp to-addresses=10.0.0.1",
     [forward("tcp/22", "10.0.0.1", None, "ether1", source_filter=networks("198.51.100.0/24"))], 0),
    ("add action=jump chain=dstnat in-interface=ether1 jump-target=a\n"
     "add action=dst-nat chain=a dst-port=22 in-interface=bridge protocol=tcp to-addresses=10.0.0.1", [], 1),
    ("add action=jump chain=dstnat disabled=yes jump-target=a\n"
     "add action=dst-nat chain=a dst-port=22 protocol=tcp to-addresses=10.0.0.1", [], 0),
    (f"{TO} in-interface=ether1 port=6000 protocol=tcp", [forward("tcp/6000", "192.168.88.10", None, "ether1")], 0),
    (f"{TO} dst-address-type=\"\" dst-port=22 protocol=tcp", [forward("tcp/22", "192.168.88.10", None, None)], 0),
    (f"{TO} dst-port=22 protocol=tcp src-address-list=!nowhere", [forward("tcp/22", "192.168.88.10", None, None)], 0),
    # A list of which nobody knows who is on it while the router runs: port knocking.
    (f"{TO} dst-port=22 protocol=tcp src-address-list=office\n/ip firewall filter\nadd action=add-src-to-address-list "
     "address-list=office chain=input dst-port=7000 protocol=tcp", [], 1),
    # The router passes over a rule of an interface that is no more.
    (f"# no interface\n{TO} dst-port=22 in-interface=*F protocol=tcp",
     [off(forward("tcp/22", "192.168.88.10", None, "*F"))], 0),
    ("# in/out-interface matcher not possible when interface (ether2) is slave - use master instead (bridge)\n"
     f"{TO} dst-port=22 in-interface=ether2 protocol=tcp",
     [off(forward("tcp/22", "192.168.88.10", None, "ether2"))], 0),
    ("add action=dst-nat chain=never dst-port=22 protocol=tcp to-addresses=10.0.0.1", [], 0),
    (f"{TO} dst-port=22 protocol=tcp comment=\"never closed\n/ip route\nadd gateway=pppoe-out1", [], 1),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "expected", "unread"), ROUTEROS, ids=range(len(ROUTEROS)))
def test_routeros_forwards(statement: str, expected: list[Any], unread: int) -> None:
    observation = mikrotik_routeros.read_configuration(HEADER + LISTS + statement + "\n")
    assert of(observation).port_forwards == tuple(item if item.enabled is False else on(item) for item in expected)
    reported = [report.fact for report in observation.unread if report.fact == "system.port_forwards"]
    assert len(reported) == unread


def of(observation: Observation) -> System:
    assert observation.device.system is not None
    return observation.device.system


# statements of /ip firewall filter, what the input chain does; None: not known
INPUT: list[tuple[str, str | None]] = [
    ("", "accept"),
    ("add action=drop chain=input", "drop"),
    ("add action=drop chain=input in-interface-list=!LAN", "drop"),
    ("add action=drop chain=input in-interface-list=WAN", "drop"),
    ("add action=drop chain=input in-interface=ether1", "accept"),  # ppp1 leads outside too
    ("add action=drop chain=input in-interface-list=!WAN", "accept"),
    ("add action=drop chain=input connection-state=invalid", "accept"),
    ("add action=drop chain=input disabled=yes", "accept"),
    ("add chain=input in-interface-list=WAN\nadd action=drop chain=input", "accept"),
    ("add action=accept chain=input in-interface=bridge\nadd action=reject chain=input", "drop"),
    ("add action=drop chain=forward", "accept"),
    ("add action=jump chain=input jump-target=a\nadd action=drop chain=a", "drop"),
    ("add action=jump chain=input in-interface-list=WAN jump-target=a\nadd chain=a dst-port=22 protocol=tcp\n"
     "add action=return chain=a", "accept"),
    ("add action=jump chain=input connection-mark=a jump-target=a\nadd action=drop chain=a", None),
    # The router passes over it, as it says itself: nothing is refused.
    ("# in/out-interface matcher not possible when interface (ether1) is slave - use master instead (bridge)\n"
     "add action=drop chain=input in-interface-list=WAN", "accept"),
    ("add action=drop chain=input in-interface=!*4", "accept"),
    ("add action=drop chain=input in-interface-list=!*2000011", "drop"),  # a list that is no more is empty
    ("add action=jump chain=input jump-target=a\nadd action=drop chain=input", "drop"),
    ("add action=drop chain=input comment=\"never closed\n/ip route\nadd gateway=pppoe-out1", None),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "policy"), INPUT, ids=range(len(INPUT)))
def test_routeros_input(statements: str, policy: Any) -> None:
    text = HEADER + LISTS + "/ip firewall filter\n" + statements + "\n"
    observation = mikrotik_routeros.read_configuration(text)
    firewall = of(observation).firewall
    assert firewall is not None
    outside = tuple(chain for chain in firewall.input or () if chain.side == "wan")
    assert outside == ((InputChain("ip filter", policy, "wan", ipv6=False),) if policy else ())
    assert any(report.fact == "system.firewall" for report in observation.unread) == (policy is None)


def test_without_a_version_no_default_is_known() -> None:
    system = of(mikrotik_routeros.read_configuration("/ip service\nset telnet disabled=yes\nset www port=8080\n"))
    # that telnet is off says nothing of the others
    assert (system.services, system.upnp, system.snmp, system.port_forwards) == (None, None, None, None)


@pytest.mark.parametrize("said", ["expected end of command (line 1 column 9)\n", "bad command name export\n"])
def test_a_version_that_knows_no_such_command_says_nothing(said: str) -> None:
    assert mikrotik_routeros.read_configuration(said) == Observation(Device(), {}, ())


ZONES = (
    "config interface lan\n option device br-lan\n option proto static\n option ipaddr 192.168.1.1/24\n"
    "config interface wan\n option device eth1\n option proto pppoe\n option password REDACTED\n"
    "config interface wan6\n option device eth1\n option proto dhcpv6\n"
    "config zone\n option name lan\n list network lan\n option input ACCEPT\n"
    "config zone\n option name wan\n list network wan\n list network wan6\n option input REJECT\n"
)
REDIRECT = "config redirect\n option src wan\n option dest lan\n option dest_ip 192.168.1.10\n"

# a redirect, its forwards, the number of lines reported
UCI: list[tuple[str, list[Any], int]] = [
    (REDIRECT + " option src_dport 443\n option dest_port 8443\n option proto tcp\n option name 'NAS DSM'",
     [forward("tcp/443", "192.168.1.10", "8443", "pppoe-wan", comment="NAS DSM")], 0),
    (REDIRECT + " option src_dport '5000:5010'", [forward("tcp/5000-5010", "192.168.1.10", None, "pppoe-wan"),
                                                  forward("udp/5000-5010", "192.168.1.10", None, "pppoe-wan")], 0),
    (REDIRECT + " option src_dport 22\n list proto tcp\n list proto icmp",
     [forward("tcp/22", "192.168.1.10", None, "pppoe-wan")], 0),
    (REDIRECT + " option proto all", [forward("tcp/1-65535", "192.168.1.10", None, "pppoe-wan"),
                                      forward("udp/1-65535", "192.168.1.10", None, "pppoe-wan")], 0),
    (REDIRECT + " option src_dport 22\n option proto tcp\n option src_ip 198.51.100.7\n option src_dip 203.0.113.9",
     [forward("tcp/22", "192.168.1.10", None, "pppoe-wan", source_filter=networks("198.51.100.7"),
              destination_filter=networks("203.0.113.9"))], 0),
    (REDIRECT + " option src_dport 22\n option proto tcp\n option src_ip '!128.0.0.0/1'",
     [forward("tcp/22", "192.168.1.10", None, "pppoe-wan", source_filter=networks("0.0.0.0/1"))], 0),
    (REDIRECT.replace("src wan", "src lan") + " option src_dport 22\n option proto tcp",
     [forward("tcp/22", "192.168.1.10", None, "br-lan")], 0),
    (REDIRECT + " option enabled '0'\n option proto tcp\n option src_dport 22",
     [off(forward("tcp/22", "192.168.1.10", None, "pppoe-wan"))], 0),
    (REDIRECT + " option enabled '0'\n option src_mac 00:11:22:33:44:55", [], 0),
    (REDIRECT + " option enabled 0\n option proto tcp\n option src_dport 22\n" + REDIRECT
     + " option proto tcp\n option src_dport 22", [forward("tcp/22", "192.168.1.10", None, "pppoe-wan")], 0),
    (REDIRECT + " option family ipv6", [], 1),
    (REDIRECT + " option family ipv6\n option enabled 0", [], 0),
    (REDIRECT + " option target SNAT", [], 0),
    (REDIRECT.replace("192.168.1.10", "2001:db8::1"), [], 1),
    (REDIRECT.replace("192.168.1.10", "2001:db8::1") + " option target SNAT", [], 0),
    (REDIRECT.replace(" option dest_ip 192.168.1.10\n", "") + " option src_dport 22", [], 0),
    (REDIRECT.replace("src wan", "src nowhere") + " option src_dport 22", [], 1),
    (REDIRECT + " option src_dport ssh", [], 1),
    (REDIRECT + " option enabled perhaps", [], 1),
    (REDIRECT + " option src_mac 00:11:22:33:44:55", [], 1),
    (REDIRECT + " option src_ip 198.51.100.999", [], 1),
    ("config include mine\n option path /root/rules.sh", [], 1),
    ("config redirect nas\n option src 'wan\n option dest_ip 10.0.0.1", [], 1),
    ("config include\n option path /etc/firewall.user", [], 0),
    ("config include\n option path /etc/nftables.d/10-mine.nft", [], 0),
    ("config include\n option path /etc/nftables.d/../../root/x.sh", [], 1),
    ("config include\n option type nftables\n option path /usr/share/nftables.d/owner.nft", [], 1),
    ("config forwarding\n option src lan\nc redirect\no src wan\no dest_ip 192.168.1.10\no src_dport 22\no proto tcp",
     [forward("tcp/22", "192.168.1.10", None, "pppoe-wan")], 0),
    ("config redirect; option src wan; option dest_ip 192.168.1.10; option src_dport 22; option proto tcp",
     [forward("tcp/22", "192.168.1.10", None, "pppoe-wan")], 0),
    ("config forwarding\nconfig redirect a b\n option src wan", [], 2),
    ("config system\n option notes 'never closed\n" + REDIRECT + " option src_dport 22", [], 1),
    (REDIRECT.replace("redirect", "redirect nas") + " option enabled 0\n option proto tcp\n option src_dport 22\n"
     + "config redirect nas\n option enabled 1", [forward("tcp/22", "192.168.1.10", None, "pppoe-wan")], 0),
]  # fmt: skip


@pytest.mark.parametrize(("section", "expected", "unread"), UCI, ids=range(len(UCI)))
def test_openwrt_forwards(section: str, expected: list[Any], unread: int) -> None:
    observation = openwrt.read_configuration(ZONES + section + "\n")
    assert of(observation).port_forwards == tuple(on(item) if item.enabled is None else item for item in expected)
    reports = [report for report in observation.unread if report.fact == "system.port_forwards"]
    assert len(reports) == unread


def test_uci_show_says_the_same_as_a_file() -> None:
    shown = (
        "network.wan=interface\nnetwork.wan.device='eth1'\nnetwork.wan.proto='dhcp'\n"
        "firewall.@zone[0]=zone\nfirewall.@zone[0].name='wan'\nfirewall.@zone[0].network='wan' 'wan6'\n"
        "firewall.cfg01=redirect\nfirewall.cfg01.src='wan'\nfirewall.cfg01.src_dport='22'\nfirewall.cfg01.proto='tcp'\n"
        "firewall.cfg01.dest_ip='192.168.1.10'\nfirewall.cfg01.name='it'\\''s'\n"
    )
    observation = openwrt.read_configuration(shown)
    assert of(observation).port_forwards == (on(forward("tcp/22", "192.168.1.10", None, "eth1", comment="it's")),)
    assert observation.unread == ()


def test_openwrt_settings() -> None:
    text = (
        "package network\n" + ZONES.replace("config zone", "package firewall\nconfig zone", 1)
        + "package system\nconfig system\n option hostname r\npackage dropbear\nconfig dropbear\n option Port 2222\n"
        + " option Interface lan\n option RootPasswordAuth 0\nconfig dropbear\n option enable 0\n"
        + "package uhttpd\nconfig uhttpd main\n list listen_http 0.0.0.0:80\n list listen_http '[::]:80'\n"
    )  # fmt: skip
    system = of(openwrt.read_configuration(text))
    assert system.ssh == SshSettings("prohibit-password", password_authentication=True, ports=(2222,))
    assert system.upnp == Upnp(enabled=False)  # its package is not there
    told = [(service.address, service.port, service.process) for service in system.services or ()]
    assert told == [("192.168.1.1", 2222, "dropbear"), ("0.0.0.0", 80, "uhttpd"), ("[::]", 80, "uhttpd")]
    upnpd = (
        "package upnpd\nconfig upnpd config\n option enable_natpmp 1\n option enable_upnp 0\n option secure_mode 0\n"
    )
    assert of(openwrt.read_configuration(upnpd)).upnp == Upnp(enabled=True, secure_mode=False)


def test_what_busybox_shows_of_sockets() -> None:
    text = (
        "Active Internet connections (only servers)\n"
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    \n"
        "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      1234/dropbear\n"
        "tcp        0      0 :::80                   :::*                    LISTEN      -\n"
        "udp        0      0 0.0.0.0:67              0.0.0.0:*                           2345/dnsmasq\n"
    )
    observation = openwrt.read(evidence("exec netstat -lntup", text))
    assert observation is not None
    assert observation.unread == ()
    told = [(item.protocol, item.port, item.address, item.process) for item in of(observation).services or ()]
    assert told == [
        ("tcp", 22, "0.0.0.0", "dropbear"), ("tcp", 80, "[::]", None), ("udp", 67, "0.0.0.0", "dnsmasq"),
    ]  # fmt: skip


COMMUNITY = (
    "package snmpd\nconfig com2sec public\n option secname ro\n option source default\n option community hidden\n"
)


@pytest.mark.parametrize(
    ("more", "default", "writable"),
    [
        ("", False, False),
        ("config com2sec6 ro6\n option secname ro\n option source default\n option community public\n", True, False),
        ("config com2sec private\n option secname rw\n option source localhost\n option community private\n"
         "config group g\n option group private\n option version v2c\n option secname rw\n"
         "config access a\n option group private\n option write all\n", False, True),
        ("config rocommunity\n option community public\n", None, None),
    ],
)  # fmt: skip
def test_openwrt_communities(more: str, default: bool | None, writable: bool | None) -> None:
    snmp = of(openwrt.read_configuration(COMMUNITY + more)).snmp
    assert snmp is not None
    assert (snmp.default_community, snmp.writable) == (default, writable)


def test_the_section_that_miniupnpd_reads_counts() -> None:
    first = "package upnpd\nconfig upnpd other\n option enabled 0\n"
    assert of(openwrt.read_configuration(first + "config upnpd config\n option enabled 1\n")).upnp == Upnp(True, True)
    observation = openwrt.read_configuration(first)
    assert observation.device.system is None or observation.device.system.upnp is None


def test_rules_beside_the_configuration() -> None:
    shipped = 'jump upnp_forward comment "Hook into miniupnpd forwarding chain"\nchain upnp_forward { }\n'
    assert openwrt.read_own_rules(shipped).unread == ()
    assert openwrt.read_own_rules(shipped + "tcp dport 22 dnat to 192.168.1.10\n").unread


@pytest.mark.parametrize(
    ("said", "upnp"),
    [
        ("", Upnp(enabled=False)),
        ("/ip upnp\nset enabled=no\n", Upnp(enabled=False)),
        ("/ip nat-pmp\nset enabled=yes\n", Upnp(enabled=True)),
        ("/ip upnp\nset enabled=no\n/ip nat-pmp\nset enabled=yes\n", Upnp(enabled=True)),
        ('/ip nat-pmp\nset enabled="yes\n', None),
    ],
)
def test_routeros_maps_ports(said: str, upnp: Upnp | None) -> None:
    assert of(mikrotik_routeros.read_configuration(HEADER + LISTS + said)).upnp == upnp


def test_a_line_that_cannot_be_read_leaves_every_menu_below_in_doubt() -> None:
    observation = mikrotik_routeros.read_configuration(HEADER + LISTS + "/ip firewall\nnat whatever\n")
    assert {item.fact for item in observation.unread} == {
        "system.port_forwards", "system.firewall", "system.admin",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "default"),
    [
        ("set [ find default=yes ] name=hidden", False),
        ("set [ find default=yes ] addresses=::/0", True),
        ("set [ find default=yes ] addresses=192.168.10.5/32", None),
        ("set [ find default=yes ] addresses=192.168.10.5/32\nadd name=private", True),
    ],
)
def test_routeros_communities(said: str, default: bool | None) -> None:
    text = f"{HEADER}/snmp\nset enabled=yes\n/snmp community\n{said}\n"
    snmp = of(mikrotik_routeros.read_configuration(text)).snmp
    assert snmp is not None
    assert snmp.default_community is default


KEPT = [  # a rule of dstnat above the forward of tcp/443 that comes in by ether1 → whether it keeps all of it
    ("protocol=tcp dst-port=443 in-interface=ether1", True),
    ("", True),
    ("protocol=tcp dst-port=1-1023", True),
    ("dst-address-type=local", True),
    ("protocol=udp", False),
    ("protocol=tcp dst-port=444", False),
    ("in-interface=bridge", False),
    ("src-address=192.168.88.0/24", False),
    ("protocol=tcp limit=5,5:packet", False),
    ("disabled=yes", False),
]


@pytest.mark.parametrize(("rule", "all_"), KEPT)
def test_what_an_earlier_rule_of_dstnat_accepts_is_not_sent_on(rule: str, all_: bool) -> None:
    accept, send = f"add chain=dstnat {rule}\n", f"{TO} dst-port=443 in-interface=ether1 protocol=tcp\n"
    for rules, expected in ((accept + send, not all_), (send + accept, True)):
        told = mikrotik_routeros.read_configuration(f"{HEADER}{LISTS}{rules}").device.system
        assert told is not None
        assert bool(told.port_forwards) is expected
