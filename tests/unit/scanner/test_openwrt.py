"""What OpenWrt's packages say: who administers the device and from where, and each service beside its firewall."""

from pathlib import Path
from typing import Any

import pytest

from inventory.document import to_json
from inventory.observation import Observation
from inventory.system import System
from scanner.platforms import openwrt
from scanner.secret_store import SecretStore

NETWORK = """package network
config interface 'loopback'
	option device 'lo'
	option proto 'static'
	option ipaddr '127.0.0.1/8'
config interface 'lan'
	option device 'br-lan'
	option proto 'static'
	list ipaddr '192.168.10.1/24'
config interface 'wan'
	option device 'eth1'
	option proto 'dhcp'
config interface 'invites'
	option device 'br-lan.20'
	option proto 'static'
	option ipaddr '192.168.20.1'
	option netmask '255.255.255.0'
config interface 'wg0'
	option proto 'wireguard'
	list addresses '10.9.0.1/24'
package firewall
config defaults
	option input 'REJECT'
config zone
	option name 'lan'
	list network 'lan'
	option input 'ACCEPT'
config zone
	option name 'wan'
	list network 'wan'
	list network 'wan6'
	option input 'REJECT'
config zone
	option name 'invites'
	list network 'invites'
	option input 'REJECT'
config zone
	option name 'tunnel'
	list network 'wg0'
	option input 'ACCEPT'
"""
DROPBEAR = "package dropbear\nconfig dropbear\n\toption Port '22'\n"
SSH_RULE = "package firewall\nconfig rule\n\toption src 'wan'\n\toption dest_port '22'\n\toption target 'ACCEPT'\n"


def of(observation: Observation) -> System:
    assert observation.device.system is not None
    return observation.device.system


def told(text: str, group: str) -> Any:
    """A group of facts as a snapshot has it."""
    return to_json(of(openwrt.read_configuration(text))).get(group)


def doors(more: str) -> list[str]:
    """Who may administer: `ssh wan 22` with the sources."""
    system = of(openwrt.read_configuration(NETWORK + more))
    return [
        " ".join([item.protocol, item.side, str(item.port), *map(str, item.source_filter or ())])
        for item in system.admin or ()
    ]


def rule(*lines: str, kind: str = "rule") -> str:
    return f"package firewall\nconfig {kind}\n" + "".join(f"\toption {line}\n" for line in lines)


INSIDE = ["ssh lan 22", "ssh vpn 22"]
SSH = ("src wan", "dest_port 22", "target ACCEPT")
ADMIN: list[tuple[str, list[str]]] = [
    ("", INSIDE),
    (rule(*SSH), ["ssh wan 22", *INSIDE]),
    (rule(*SSH, "proto udp"), INSIDE),
    (rule(*SSH, "proto icmp"), INSIDE),
    (rule(*SSH, "enabled 0"), INSIDE),
    (rule(*SSH, "dest lan"), INSIDE),  # what passes through
    (rule("dest_port 22", "target ACCEPT"), INSIDE),  # what it sends itself
    (rule(*SSH, "src_ip 198.51.100.7"), ["ssh wan 22 198.51.100.7/32", *INSIDE]),
    (rule(*SSH, "src_ip 198.51.100.7") + rule(*SSH, "src_ip 203.0.113.0/30"),
     ["ssh wan 22 198.51.100.7/32 203.0.113.0/30", *INSIDE]),
    (rule("src wan", "dest_port 20-25", "target DROP", "src_ip 192.0.2.0/25") + rule(*SSH, "src_ip 192.0.2.0/24"),
     ["ssh wan 22 192.0.2.128/25", *INSIDE]),
    (rule("src *", "dest_port 22", "target ACCEPT"), ["ssh wan 22", "ssh lan 22", "ssh guest 22", "ssh vpn 22"]),
    # about every zone comes before about one
    (rule(*SSH) + rule("src *", "dest_port 22", "target REJECT"), []),
    (rule("src lan", "proto tcp", "target drop"), ["ssh vpn 22"]),
    (rule(*SSH, "family ipv6"), ["ssh wan 22", *INSIDE]),
    (rule(*SSH, "family ipv6", "src_ip fe80::/10"), INSIDE),
    (rule("src wan", "proto udp", "dest_ip ff00::/8", "target ACCEPT"), INSIDE),
    (rule("src wan", "src_dport 2222", "dest_port 22", "target DNAT", kind="redirect"), [*INSIDE, "ssh wan 2222"]),
    (rule("src wan", "src_dport 2222", "dest_port 22", "proto tcp", "dest_ip 192.168.10.1", "src_ip 198.51.100.7",
          kind="redirect"), [*INSIDE, "ssh wan 2222 198.51.100.7/32"]),
    (rule("src wan", "src_dport 2222", "dest_port 22", "proto tcp", "enabled 0", kind="redirect"), INSIDE),
    # whatever comes from outside for the port goes to another host, whatever the rule says
    (rule(*SSH, "family ipv4") + rule("src wan", "src_dport 22", "proto tcp", "dest_ip 192.168.10.9", kind="redirect"),
     INSIDE),
    # … but what comes by IPv6
    (rule(*SSH) + rule("src wan", "src_dport 22", "proto tcp", "dest_ip 192.168.10.9", kind="redirect"),
     ["ssh wan 22", *INSIDE]),
    (rule(*SSH, "src_ip 198.51.100.7") + rule("src wan", "src_dport 22", "proto tcp", "dest_ip 192.168.10.9",
                                              kind="redirect"), INSIDE),
    (rule("name office", "entry 198.51.100.7", "match src_ip", kind="ipset") + rule(*SSH, "ipset office"),
     ["ssh wan 22 198.51.100.7/32", *INSIDE]),
]  # fmt: skip


@pytest.mark.parametrize(("more", "expected"), ADMIN, ids=range(len(ADMIN)))
def test_who_may_log_in(more: str, expected: list[str]) -> None:
    text = DROPBEAR + more
    assert doors(text) == expected
    observation = openwrt.read_configuration(NETWORK + text)
    assert not [line for line in observation.unread if line.fact == "system.admin"]


TO_ITSELF: list[tuple[tuple[str, ...], list[str]]] = [
    (("src_dport '2222 2223'", "dest_port 22"), ["ssh wan 2222", "ssh wan 2223"]),
    (("src_dport 20-80",), ["ssh wan 22"]),
    (("src_dport 20-80", "dest_port 20-80"), ["ssh wan 22"]),
    (("src_dport 2000-2010", "dest_port 22"), ["ssh wan 2000"]),
    (("src_dport 23-80",), []),
    (("src_dport '80 22'",), ["ssh wan 22"]),
    (("dest_ip 192.168.10.1",), ["ssh wan 22"]),
    (("dest_ip 192.168.10.9",), []),
    (("dest_port 22",), ["ssh wan 22"]),
    (("dest_port 23",), []),
    (("src_dport 23-80", "proto udp"), []),
    (("src_dport 80", "dest_port 80", "src_mac 00:00:5e:00:53:01"), []),
]


@pytest.mark.parametrize(("lines", "expected"), TO_ITSELF, ids=range(len(TO_ITSELF)))
def test_a_redirect_of_several_ports_to_the_device_itself(lines: tuple[str, ...], expected: list[str]) -> None:
    text = DROPBEAR + rule("src wan", "target DNAT", *lines, kind="redirect")
    assert doors(text) == [*INSIDE, *expected]
    assert "system.admin" not in {line.fact for line in openwrt.read_configuration(NETWORK + text).unread}


def test_more_redirects_to_the_device_than_anybody_has_are_reported() -> None:
    each = [rule("src wan", f"src_dport '{' '.join(map(str, range(at, at + 16)))}'", "dest_port 22", kind="redirect")
            for at in range(1, 1601, 16)]  # fmt: skip
    text = NETWORK + DROPBEAR + "".join(each)
    assert len(of(openwrt.read_configuration(text)).admin or ()) == 2 + 512
    assert "system.admin" in {line.fact for line in openwrt.read_configuration(text).unread}


UNTOLD = [
    rule("src wan", "src_dport 2000-2100", "dest_port 20-120", "target DNAT", kind="redirect"),
    rule("src wan", "src_dport 22", "src_mac 00:00:5e:00:53:01", "target DNAT", kind="redirect"),
    rule("src wan", "target DNAT", kind="redirect"),
    rule("src wan", "src_dport '" + " ".join(map(str, range(3000, 3020))) + "'", "dest_port 22", kind="redirect"),
    rule(*SSH, "src_mac 00:00:5e:00:53:01"), rule(*SSH, "start_time 08:00:00"), rule(*SSH, "ipset unknown"),
    rule(*SSH, "src_ip 2001:db8::/32"), rule(*SSH, "dest_ip 192.168.10.1"), rule(*SSH, "limit 5/minute"),
    rule(*SSH, "src_port 1024"), rule("src wan", "dest_port ssh", "target ACCEPT"),
    rule("src wan", "src_dport 2222", "dest_port 22", "src_mac 00:00:5e:00:53:01", kind="redirect"),
]  # fmt: skip


@pytest.mark.parametrize("more", UNTOLD, ids=range(len(UNTOLD)))
def test_what_cannot_be_told_is_left_out_and_reported(more: str) -> None:
    observation = openwrt.read_configuration(NETWORK + DROPBEAR + more)
    assert [item.side for item in of(observation).admin or ()] == ["lan", "vpn"]
    assert "system.admin" in {line.fact for line in observation.unread}


@pytest.mark.parametrize("more", ["package firewall\nconfig rule\n\toption src 'wan\n", rule("subnet x", kind="zone")])
def test_half_a_firewall_says_nothing_of_administration(more: str) -> None:
    observation = openwrt.read_configuration(NETWORK + DROPBEAR + more)
    assert of(observation).admin is None
    assert "system.admin" in {line.fact for line in observation.unread}


THROUGH = ("src wan", "dest lan")
OPEN6 = ("dest_ip 2001:db8::5", "target ACCEPT")
# what the firewall lets through from outside, and whether it is an opening
OPENINGS: list[tuple[str, bool]] = [
    (rule(*THROUGH, kind="forwarding"), True),
    (rule("src *", "dest lan", kind="forwarding"), True),
    (rule("src lan", "dest wan", kind="forwarding"), False),
    (rule("src invites", "dest lan", kind="forwarding"), False),
    (rule(*THROUGH, "enabled 0", kind="forwarding"), False),
    (rule(*THROUGH, *OPEN6), True),
    (rule("src *", "dest *", *OPEN6), True),
    (rule(*THROUGH, *OPEN6, "proto tcp", "dest_port 3389"), True),
    (rule(*THROUGH, *OPEN6, "proto !tcp"), True),
    (rule(*THROUGH, *OPEN6, "proto icmp"), False),
    (rule(*THROUGH, *OPEN6, "enabled 0"), False),
    (rule(*THROUGH, "target REJECT"), False),
    (rule(*THROUGH, "target ACCEPT", "proto esp"), False),  # as delivered, and the next
    (rule(*THROUGH, "target ACCEPT", "proto udp", "dest_port 500"), False),
    (rule(*THROUGH, "target ACCEPT", "proto udp", "dest_ip 224.0.0.0/4"), False),  # television
    (rule("forward ACCEPT", kind="defaults"), False),  # not the first of its kind
]  # fmt: skip


@pytest.mark.parametrize(("more", "opens"), OPENINGS, ids=range(len(OPENINGS)))
def test_what_comes_through_from_outside_is_reported(more: str, opens: bool) -> None:
    reports = [
        line for line in openwrt.read_configuration(NETWORK + more).unread if line.fact == "system.port_forwards"
    ]
    assert bool(reports) == opens


def test_defaults_that_let_everything_through_are_reported() -> None:
    text = NETWORK.replace("config defaults\n", "config defaults\n\toption forward 'ACCEPT'\n", 1)
    assert [line.fact for line in openwrt.read_configuration(text).unread] == ["system.port_forwards"]


def test_without_a_firewall_or_a_service_nothing_is_said() -> None:
    assert of(openwrt.read_configuration(NETWORK)).admin is None
    assert of(openwrt.read_configuration(DROPBEAR)).admin is None


def test_a_service_is_asked_where_it_listens() -> None:
    at = DROPBEAR + "\toption Interface 'lan'\n"
    assert doors(at + SSH_RULE) == INSIDE  # an inner address is not routed to from outside
    assert doors(DROPBEAR + "\toption DirectInterface 'lan'\n") == ["ssh lan 22"]
    assert doors(DROPBEAR + "\toption enable '0'\n") == []
    page = "package uhttpd\nconfig uhttpd 'main'\n\tlist listen_http '0.0.0.0:80'\n\tlist listen_https '[::]:443'\n"
    both = ["http lan 80", "http vpn 80", "https lan 443", "https vpn 443"]
    assert doors(page) == both
    assert doors(page + "\toption redirect_https '1'\n") == both[2:]
    assert doors(page.replace("0.0.0.0:80", "127.0.0.1:80")) == both[2:]
    assert doors("package uhttpd\nconfig uhttpd 'portail'\n\tlist listen_http '0.0.0.0:2050'\n") == []


@pytest.mark.parametrize(("sockets", "outside"), [(["0.0.0.0:443"], False), (["0.0.0.0:443", "[::]:443"], True)])
def test_a_redirect_of_ipv4_leaves_a_page_that_answers_over_ipv6(sockets: list[str], outside: bool) -> None:
    page = "package uhttpd\nconfig uhttpd 'main'\n" + "".join(f"\tlist listen_https '{word}'\n" for word in sockets)
    sent = rule("src wan", "src_dport 443", "proto tcp", "dest_ip 192.168.10.9", kind="redirect")
    opened = rule("src wan", "proto tcp", "dest_port 443", "target ACCEPT")
    assert ("https wan 443" in doors(page + opened + sent)) is outside
    assert "https wan 443" not in doors(page + opened.replace("target", "family ipv4\n\toption target") + sent)


def test_an_agent_that_may_be_written_to_administers() -> None:
    snmp = (
        "package snmpd\nconfig com2sec rw\n\toption secname rw\n\toption source 192.168.10.0/24\n"
        "\toption community x\nconfig group g\n\toption group rw\n\toption version v2c\n\toption secname rw\n"
        "config access a\n\toption group rw\n\toption write all\n"
    )
    assert doors(DROPBEAR + snmp) == [*INSIDE, "snmp lan 161 192.168.10.0/24", "snmp vpn 161 192.168.10.0/24"]
    assert told(snmp, "snmp")["source_filter"] == ["192.168.10.0/24"]
    observation = openwrt.read_configuration(snmp.replace("192.168.10.0/24", "poste.example"))
    assert "source_filter" not in to_json(of(observation))["snmp"]
    assert [line.fact for line in observation.unread] == ["system.snmp"]


def test_an_agent_that_listens_at_the_device_alone_lets_nobody_in() -> None:
    snmp = (
        "package snmpd\nconfig agent\n\toption agentaddress '{}'\nconfig com2sec rw\n\toption secname rw\n"
        "\toption community public\nconfig group g\n\toption group rw\n\toption version v2c\n\toption secname rw\n"
        "config access a\n\toption group rw\n\toption write all\n"
    )
    local = snmp.format("UDP:127.0.0.1:161,UDP6:[::1]:161")
    assert doors(DROPBEAR + local) == INSIDE
    assert told(local, "snmp")["default_community"] is False
    assert told(local, "snmp")["source_filter"] == ["127.0.0.1/32"]
    assert told(snmp.format("UDP:161,UDP6:161"), "snmp")["default_community"] is True
    assert doors(DROPBEAR + snmp.format("UDP:161")) != INSIDE


def test_a_network_in_no_zone_is_judged_by_the_defaults() -> None:
    free = NETWORK.replace("\tlist network 'invites'\n", "\tlist network 'x'\n").replace("'REJECT'", "'ACCEPT'", 1)
    system = of(openwrt.read_configuration(free + DROPBEAR))
    assert ("ssh", "guest") in [(item.protocol, item.side) for item in system.admin or ()]


def chains(text: str) -> list[tuple[Any, ...]]:
    firewall = of(openwrt.read_configuration(text)).firewall
    assert firewall is not None
    return [(item.table, item.policy, item.side, item.ipv6) for item in firewall.input or ()]


def test_each_zone_says_what_it_lets_in_by_both_families() -> None:
    rows = [("zone lan", "accept", "lan", None), ("zone wan", "drop", "wan", None),
            ("zone invites", "drop", "guest", None), ("zone tunnel", "accept", "vpn", None)]  # fmt: skip
    assert chains(NETWORK) == rows
    six = rule("src wan", "proto all", "family ipv6", "target ACCEPT")
    assert chains(NETWORK + six)[1:3] == [("zone wan", "drop", "wan", False), ("zone wan", "accept", "wan", True)]
    alone = NETWORK.replace("option input 'REJECT'\n", "option input 'REJECT'\n\toption disable_ipv6 '1'\n", 1)
    assert {row[3] for row in chains(alone)} == {False}
    unread = openwrt.read_configuration(alone + DROPBEAR).unread
    assert {line.fact for line in unread if line.text == "disable_ipv6"} == {"system.firewall", "system.admin"}


def test_a_provider_s_other_network_is_neither_outside_nor_inside() -> None:
    """Without an address no default route leaves by it, whatever its zone is called."""
    more = (
        "package network\nconfig interface 'tv'\n\toption proto 'none'\n\toption device 'eth1.838'\n"
        + rule("name tv", "network tv", "masq 1", "input ACCEPT", kind="zone")
    )  # fmt: skip
    assert ("zone tv", "accept", "other", None) in chains(NETWORK + more)
    inside = NETWORK.replace("list network 'wan6'", "list network 'tv'")
    routes = {item.name: item.default_route for item in of(openwrt.read_configuration(inside + more)).interfaces or ()}
    assert (routes["eth1"], routes["eth1.838"]) == (True, False)


def test_the_host_that_gets_the_rest() -> None:
    whole = ("src wan", "proto all", "dest_ip 192.168.10.9")
    assert told(NETWORK + rule(*whole, kind="redirect"), "dmz") == {"enabled": True, "target": "192.168.10.9"}
    assert told(NETWORK + rule(*whole, "enabled 0", kind="redirect"), "dmz")["enabled"] is False
    for narrower in (
        "src_dport 80", "src_ip 198.51.100.7", "src_dip 203.0.113.9", "proto tcp", "target SNAT", "dest_port 443",
        "ipset office", "src_mac 00:00:5e:00:53:01", "src_port 1024", "mark 1", "extra '-m x'", "device eth3",
    ):  # fmt: skip
        assert told(NETWORK + rule(*whole, narrower, kind="redirect"), "dmz") is None


VPN = """package ipsec
config remote 'siege'
	option enabled '1'
	option gateway '198.51.100.9'
config remote 'nomades'
	option gateway 'any'
package zerotier
config zerotier 'maison'
	option enabled '1'
	list join '8056c2e21c000001'
package tailscale
config settings 'settings'
	option port '41641'
package ocserv
config ocserv 'config'
	option enable '1'
package pptpd
config service 'pptpd'
	option enabled '0'
package openvpn
config openvpn 'cabinet'
	option enable '1'
	option server '10.8.0.0 255.255.255.0'
config openvpn 'modele'
	option client '1'
package network
config interface 'wg1'
	option proto 'wireguard'
config wireguard_wg1
	option public_key 'x'
config wireguard_wg1
	option public_key 'y'
	option disabled '1'
config interface 'fai'
	option proto 'l2tp'
config interface 'ts'
	option proto 'none'
	option device 'tailscale0'
"""


def test_every_kind_of_tunnel() -> None:
    found = {(item["kind"], item["name"]): item for item in told(VPN, "vpn")}
    assert found == {
        ("wireguard", "wg1"): {"kind": "wireguard", "name": "wg1", "enabled": True, "server": True, "peers": 1},
        ("l2tp", "fai"): {"kind": "l2tp", "name": "fai", "enabled": True, "server": False},
        ("tailscale", "ts"): {"kind": "tailscale", "name": "ts", "enabled": True},
        ("openvpn", "cabinet"): {"kind": "openvpn", "name": "cabinet", "enabled": True, "server": True},
        ("openvpn", "modele"): {"kind": "openvpn", "name": "modele", "enabled": False, "server": False},
        ("ipsec", "siege"): {"kind": "ipsec", "name": "siege", "enabled": True, "server": False},
        ("ipsec", "nomades"): {"kind": "ipsec", "name": "nomades", "enabled": False, "server": True},
        ("zerotier", "maison"): {"kind": "zerotier", "name": "maison", "enabled": True},
        ("tailscale", "settings"): {"kind": "tailscale", "name": "settings"},
        ("ssl", "config"): {"kind": "ssl", "name": "config", "enabled": True, "server": True},
        ("pptp", "pptpd"): {"kind": "pptp", "name": "pptpd", "enabled": False, "server": True},
    }


SHARES = """package samba4
config samba
	option workgroup 'CABINET'
	option allow_legacy_protocols '1'
config sambashare
	option name 'public'
	option path '/mnt/public'
	option guest_ok 'yes'
	option read_only 'no'
config sambashare
	option name 'patients'
	option path '/mnt/patients'
	option users 'medecin,secretaire'
	option read_only 'no'
	option guest_ok 'no'
config sambashare
	option name 'archives'
	option path '/mnt/archives'
config sambashare
	option name 'sans chemin'
package ksmbd
config share
	option name 'radio'
	option path '/mnt/radio'
	option write_list '@radiologie'
package rpcd
config login
	option username 'root'
	option password '$p$root'
	list write '*'
config login
	option username 'assistante'
	option password '$1$abcdefgh$0123456789012345678901'
	list read '*'
	list write 'luci-app-ddns'
"""


def test_shared_folders_and_logins() -> None:
    assert told(SHARES, "shares") == [
        {"name": "public", "protocol": "smb", "path": "/mnt/public", "guest": True, "writable": True},
        {"name": "patients", "protocol": "smb", "path": "/mnt/patients", "guest": False, "writable": True,
         "writers": ["medecin", "secretaire"]},
        {"name": "archives", "protocol": "smb", "path": "/mnt/archives", "guest": False, "writable": False},
        {"name": "radio", "protocol": "smb", "path": "/mnt/radio", "guest": False, "writable": True,
         "writers": ["@radiologie"]},
    ]  # fmt: skip
    assert told(SHARES, "smb") == {"minimum_protocol": "NT1"}
    assert told(SHARES, "users") == [{"name": "assistante", "administrator": False, "role": "rpcd"}]
    for users, guest in (("mary", False), ("mary Nobody", True), ("mary @radio", None)):
        said = SHARES.replace("\toption guest_ok 'yes'\n", f"\toption guest_ok 'yes'\n\toption users '{users}'\n")
        assert told(said, "shares")[0].get("guest") is guest
        unread = [(line.fact, line.line) for line in openwrt.read_configuration(said).unread]
        assert unread == ([("system.shares", 5)] if guest is None else [])
    odd = openwrt.read_configuration("package samba4\nconfig sambashare\n option name a\n option path /a\n"
                                     " option guest_ok peut-etre\n")  # fmt: skip
    assert [line.fact for line in odd.unread] == ["system.shares"]


SERVED = """package wireless
config wifi-device 'radio0'
config wifi-device 'radio1'
	option disabled '1'
config wifi-iface
	option device 'radio0'
	option mode 'ap'
	option network 'lan'
	option ssid 'Cabinet'
	option encryption 'sae-mixed'
	option key 'Soleil2024!'
	option wps_pushbutton '1'
config wifi-iface
	option device 'radio0'
	option network 'invites'
	option ssid 'Salle d attente'
	option isolate '1'
config wifi-iface
	option device 'radio1'
	option ssid 'Vieux'
	option encryption 'psk+tkip'
	option key 'Soleil2024'
config wifi-iface
	option device 'radio0'
	option mode 'sta'
	option ssid 'Box'
package dhcp
config dnsmasq
	list server '9.9.9.9'
	list server '/cabinet/192.168.10.9'
	option localservice '1'
config dhcp 'lan'
	option interface 'lan'
	option start '50'
	option limit '20'
config dhcp 'invites'
	option interface 'invites'
	option ignore '1'
package system
config system
	option hostname 'passerelle'
	option log_ip '192.168.10.5'
config timeserver 'ntp'
	list server 'ntp.example'
	option enabled '0'
package ddns
config service 'cabinet'
	option enabled '1'
	option service_name 'dyndns.org'
	option lookup_host 'cabinet.example'
package network
config bridge-vlan
	option device 'br-lan'
	option vlan '10'
	list ports 'lan1:t'
	list ports 'lan2:u*'
"""


def test_what_it_serves() -> None:
    """A Wi-Fi key is told by its length, and only when it is redacted as a visit keeps it."""
    text = SecretStore(Path()).redacted(NETWORK + SERVED)
    assert told(text, "wifi") == [
        {"ssid": "Cabinet", "interface": "radio0", "enabled": True, "security": "wpa2/wpa3", "enterprise": False,
         "wps": True, "psk_length": 11, "isolated": False, "guest": False},
        {"ssid": "Salle d attente", "interface": "radio0", "enabled": True, "security": "open", "enterprise": False,
         "wps": False, "isolated": True, "guest": True},
        {"ssid": "Vieux", "interface": "radio1", "enabled": False, "security": "wpa", "enterprise": False,
         "wps": False, "psk_length": 10, "isolated": False},
    ]  # fmt: skip
    assert told(text, "dhcp") == [
        {"interface": "br-lan", "enabled": True, "first": "192.168.10.50", "last": "192.168.10.69"},
        {"interface": "br-lan.20", "enabled": False},
    ]
    assert told(text, "dns") == {"servers": ["9.9.9.9"], "encrypted": False, "answers": ["lan", "vpn"]}
    assert told(text, "ntp") == {"enabled": False, "servers": ["ntp.example"]}
    assert told(text, "logging") == {"remote": ["192.168.10.5"]}
    assert told(text, "relays") == [{"kind": "ddns", "enabled": True, "name": "cabinet.example"}]
    vlans = {item["id"]: item for item in told(text, "vlans")}
    assert vlans[10] == {"id": 10, "tagged": ["lan1"], "untagged": ["lan2"]}
    assert vlans[20] == {"id": 20, "tagged": ["br-lan"]}


@pytest.mark.parametrize(
    ("settings", "answers"),
    [
        ("\toption port '0'\n", []),
        ("\tlist interface 'lan'\n", ["lan"]),
        ("\tlist notinterface 'wg0'\n", ["lan"]),
        ("", ["lan", "vpn"]),
    ],
)
def test_for_whom_dnsmasq_answers(settings: str, answers: list[str]) -> None:
    assert told(f"{NETWORK}package dhcp\nconfig dnsmasq\n{settings}", "dns") == {"answers": answers}
    open_ = rule("src wan", "dest_port 53", "target ACCEPT")
    more = ["wan"] if "lan" in answers and "list interface" not in settings else []
    assert told(f"{NETWORK}{open_}package dhcp\nconfig dnsmasq\n{settings}", "dns") == {"answers": more + answers}


@pytest.mark.parametrize(
    ("first", "second", "answers"),
    [
        ("list interface 'lan'", "list interface 'wg0'", ["lan", "vpn"]),
        ("option port '0'", "list interface 'invites'", ["guest"]),
        ("list interface 'lan'", "option disabled '1'", ["lan"]),
        ("list interface 'lan'", "option localservice '0'", ["wan", "lan", "guest", "vpn"]),
        ("option localservice '1'", "option port '0'", ["lan", "guest", "vpn"]),
    ],
)
def test_every_instance_of_dnsmasq_answers(first: str, second: str, answers: list[str]) -> None:
    text = f"package dhcp\nconfig dnsmasq 'a'\n\t{first}\nconfig dnsmasq 'b'\n\t{second}\n"
    open_ = rule("src *", "dest_port 53", "target ACCEPT")
    assert told(NETWORK + open_ + text, "dns") == {"answers": answers}


def test_instances_of_dnsmasq_that_ask_others_are_reported() -> None:
    text = "package dhcp\nconfig dnsmasq 'a'\n\tlist server '9.9.9.9'\nconfig dnsmasq 'b'\n\tlist server '%s'\n"
    assert told(NETWORK + text % "9.9.9.9", "dns")["servers"] == ["9.9.9.9"]
    observation = openwrt.read_configuration(NETWORK + text % "8.8.8.8")
    assert [line.fact for line in observation.unread] == ["system.dns"]
    assert told(NETWORK + text % "8.8.8.8", "dns") == {"answers": ["lan", "vpn"]}


def test_an_instance_of_dnsmasq_that_is_not_understood_leaves_all_untold() -> None:
    text = "package dhcp\nconfig dnsmasq 'a'\n\tlist interface 'lan'\nconfig dnsmasq 'b'\n\toption port 'x'\n"
    observation = openwrt.read_configuration(NETWORK + text)
    assert [(line.fact, line.line) for line in observation.unread if line.fact == "system.dns"] == [
        ("system.dns", (NETWORK + text).count("\n") - 1)
    ]
    assert told(NETWORK + text, "dns") is None


BROKEN = {
    "wifi": "package wireless\nconfig wifi-iface\n option ssid a\n option encryption magique\n",
    "dhcp": "package dhcp\nconfig dhcp lan\n option interface lan\n option start beaucoup\n",
    "ntp": "package system\nconfig timeserver ntp\n option enabled parfois\n",
    "logging": "package system\nconfig system\n option hostname a\n option log_remote parfois\n",
    "relays": "package ddns\nconfig service a\n option service_name x\n option enabled parfois\n",
    "vpn": "package openvpn\nconfig openvpn a\n option enabled parfois\n",
    "vlans": "package network\nconfig switch_vlan\n option device switch0\n option vlan 9999\n",
    "dns": "package dhcp\nconfig dnsmasq\n option port 'cinquante\n",
}


@pytest.mark.parametrize("group", BROKEN)
def test_what_is_not_understood_is_reported_and_nothing_told(group: str) -> None:
    observation = openwrt.read_configuration(BROKEN[group])
    assert f"system.{group}" in {line.fact for line in observation.unread}
    system = observation.device.system
    assert system is None or getattr(system, group) is None


def test_upnp_of_both_configurations() -> None:
    """Since miniupnpd 2.3.9 a third party is allowed by a word of its own."""
    new = "package upnpd\nconfig upnpd 'config'\n\toption enabled '1'\n\toption allow_third_party_mapping '{}'\n"
    assert told(new.format("0"), "upnp") == {"enabled": True, "secure_mode": True}
    assert told(new.format("1"), "upnp") == {"enabled": True, "secure_mode": False}
    assert told(new.format("0").replace("enabled '1'", "enabled '0'"), "upnp")["enabled"] is False


SECRETS = {
    "network": "password pincode private_key preshared_key auth_key",
    "wireless": "key key1 sae_password auth_secret acct_secret private_key_passwd priv_key_pwd wps_pin password r0kh",
    "ddns": "password", "rpcd": "password", "uhttpd": "password", "zerotier": "secret", "tailscale": "auth_key",
    "ipsec": "pre_shared_key secret", "ocserv": "password", "pptpd": "password", "openvpn": "password_secret",
    "snmpd": "community auth_passphrase privpass", "samba4": "password",
}  # fmt: skip


@pytest.mark.parametrize("show", [False, True])
def test_no_secret_of_any_package_is_kept(show: bool) -> None:
    canaries: list[str] = []
    lines: list[str] = []
    for package, keys in SECRETS.items():
        kind = "system" if package == "snmpd" else "interface"
        lines += [f"{package}.s={kind}" if show else f"package {package}\nconfig {kind} 's'"]
        for key in keys.split():
            canaries.append(f"Canari-{len(canaries)}!x")
            lines.append(f"{package}.s.{key}='{canaries[-1]}'" if show else f"\toption {key} '{canaries[-1]}'")
    text = "\n".join(lines) + "\n"
    kept = SecretStore(Path()).redacted(text)
    assert [canary for canary in canaries if canary in kept] == []
    assert kept.count("\n") == text.count("\n")
    assert openwrt.read_configuration(kept).unread == ()


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (
            "\toption resolver_url 'https://dns.nextdns.io/{}'",
            "\toption resolver_url 'https://dns.nextdns.io/REDACTED'",
        ),
        ("https-dns-proxy.a.resolver_url='https://a.fr/{}'", "https-dns-proxy.a.resolver_url='https://a.fr/REDACTED'"),
        ("\toption resolver_url 'https://a.fr/dns-query'", "\toption resolver_url 'https://a.fr/dns-query'"),
        ("\toption update_url 'https://a.fr/update.php?{}'", "\toption update_url 'https://a.fr/REDACTED'"),
        ("\toption param_enc '{}'", "\toption param_enc 'REDACTED'"),
        ("ddns.a.param_opt='it'\\''s\n{}'", "ddns.a.param_opt='REDACTED'\n"),
        ("\toption param_opt ''", "\toption param_opt ''"),
    ],
)
def test_what_an_option_says_of_its_owner_is_taken_out(line: str, kept: str) -> None:
    text = f"package ddns\n\nconfig service 'a'\n{line.replace('{}', 'Canari7f3a')}\n"
    clean = SecretStore(Path()).redacted(text)
    assert clean == f"package ddns\n\nconfig service 'a'\n{kept}\n"
    assert SecretStore(Path()).redacted(clean) == clean
