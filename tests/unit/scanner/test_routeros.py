"""RouterOS exports in the forms that the recordings do not have: admin access, tunnels, Wi-Fi, services, defaults."""

from typing import Any

import pytest

from inventory.document import to_json
from inventory.observation import Observation, attributed
from inventory.snapshot import Source
from scanner.platforms import mikrotik_routeros

HEADER = "# 2024-07-31 09:33:47 by RouterOS 7.15.2\n"
NETWORKS = (
    "/interface bridge\nadd name=bridge\n"
    "/interface wireguard\nadd listen-port=13231 name=wg1\n"
    "/interface list member\nadd interface=ether1 list=WAN\nadd interface=bridge list=LAN\n"
    "/ip address\nadd address=192.168.88.1/24 interface=bridge\nadd address=10.8.0.1/24 interface=wg1\n"
    "/ip dhcp-client\nadd interface=ether1\n"
    "/ip firewall address-list\nadd address=198.51.100.7 list=office\nadd address=support.example.org list=named\n"
    "/ip service\nset telnet disabled=yes\nset www disabled=yes\nset api disabled=yes\nset api-ssl disabled=yes\n"
    "set winbox disabled=yes\n/ip firewall filter\n"
)
EST = "add action=accept chain=input connection-state=established,related\n"
DROP = "add action=drop chain=input\n"


def read(text: str) -> Observation:
    return mikrotik_routeros.read_configuration(text)


def told(text: str) -> dict[str, Any]:
    document: dict[str, Any] = to_json(read(text).device)["system"]
    return document


# rules of the input chain → the sides from which SSH is reached and for whom; None: that side cannot be told
ADMIN: list[tuple[str, dict[str, list[str] | None]]] = [
    ("", {"lan": None, "wan": None, "vpn": None}),
    (EST + DROP, {}),
    (EST + "add action=drop chain=input in-interface-list=!LAN", {"lan": None}),
    (EST + "add action=drop chain=input in-interface-list=WAN", {"lan": None, "vpn": None}),
    (EST + "add chain=input in-interface=bridge\n" + DROP, {"lan": None}),
    (EST + "add chain=input src-address=192.168.88.0/24\n" + DROP, {"lan": ["192.168.88.0/24"]}),
    (EST + "add chain=input src-address-list=office protocol=tcp dst-port=20-22,8291\n" + DROP,
     {"wan": ["198.51.100.7/32"]}),
    (EST + "add action=drop chain=input in-interface=ether1 src-address-list=!office\n",
     {"lan": None, "vpn": None, "wan": ["198.51.100.7/32"]}),
    (EST + "add chain=input dst-port=23 protocol=tcp\nadd chain=input protocol=icmp\n" + DROP, {}),
    (EST + "add action=jump chain=input in-interface=ether1 jump-target=out\nadd chain=out protocol=tcp dst-port=22\n"
     "add action=drop chain=out\n", {"lan": None, "wan": None, "vpn": None}),
    (EST + "add action=jump chain=input in-interface=ether1 jump-target=out\nadd action=return chain=out\n" + DROP, {}),
    (EST + "add chain=input dst-port=22 protocol=tcp disabled=yes\n" + DROP, {}),
    ("add chain=input ipsec-policy=in,ipsec\n" + DROP, {}),
    ("add chain=input dst-address=127.0.0.1\nadd chain=input connection-nat-state=dstnat\n" + DROP, {}),
    ("add chain=input dst-port=22 protocol=tcp limit=5,5:packet in-interface=ether1\n" + DROP, {"wan": None}),
    ("add action=drop chain=input src-address-list=named\nadd action=drop chain=input in-interface=!bridge",
     {"lan": None}),
    ("/ip firewall raw\nadd action=drop chain=prerouting in-interface-list=WAN\n", {"lan": None, "vpn": None}),
    # The router passes over both, as it says itself or as an interface that is no more shows.
    ("# in/out-interface matcher not possible when interface (ether1) is slave - use master instead (bridge)\n"
     "add action=drop chain=input in-interface=ether1\n", {"lan": None, "wan": None, "vpn": None}),
    ("add chain=input in-interface=*4\nadd action=drop chain=input in-interface=!*4\n",
     {"lan": None, "wan": None, "vpn": None}),
    ("add action=drop chain=input in-interface-list=!*2000011\n", {}),  # a list that is no more is an empty one
    # An address of the inside is nowhere that anybody outside can send to; one expected by the outer interface is.
    ("add chain=input dst-address=192.168.88.1 dst-port=22 protocol=tcp\n" + DROP, {"lan": None, "vpn": None}),
    ("add chain=input in-interface=ether1 src-address=192.168.64.1\n" + DROP, {"wan": ["192.168.64.1/32"]}),
    ("add action=jump chain=input in-interface-list=WAN jump-target=out\nadd chain=out src-address=192.168.64.1\n"
     + DROP, {"wan": ["192.168.64.1/32"]}),
    ("add chain=input dst-address-type=\"\" in-interface=bridge\n" + DROP, {"lan": None}),
    ("add action=drop chain=input fragment=yes\nadd action=drop chain=input src-mac-address=02:00:00:00:00:01\n"
     "add action=drop chain=input in-interface=!bridge\n", {"lan": None}),
    # Who dials in has an address of the pool: nobody else has it.
    ("add chain=input src-address=10.99.0.0/24\n" + DROP + "/ip pool\nadd name=p ranges=10.99.0.10-10.99.0.20\n"
     "/ppp profile\nadd name=dial remote-address=p\n/interface l2tp-server server\nset enabled=yes\n",
     {"vpn": ["10.99.0.0/24"]}),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "sides"), ADMIN, ids=range(len(ADMIN)))
def test_who_may_administer_it(rules: str, sides: dict[str, list[str] | None]) -> None:
    observation = read(f"{HEADER}{NETWORKS}{rules}\n")
    found = to_json(observation.device)["system"]["admin"]
    assert {item["side"]: item.get("source_filter") for item in found if item["protocol"] == "ssh"} == sides
    assert "system.admin" not in {report.fact for report in observation.unread}


@pytest.mark.parametrize(
    "rule",
    [
    "add chain=input src-address-list=named protocol=tcp dst-port=22\n",
    "add action=add-src-to-address-list address-list=office chain=input dst-port=7000 protocol=tcp\n"
    "add chain=input src-address-list=office\n",
    "add chain=input connection-mark=admin\n",
    "add chain=input src-mac-address=02:00:00:00:00:01\n",
])  # fmt: skip
def test_a_side_that_nobody_can_judge_is_left_out_and_reported(rule: str) -> None:
    observation = read(f"{HEADER}{NETWORKS}{rule}{DROP}")
    assert to_json(observation.device)["system"]["admin"] == []
    assert "system.admin" in {report.fact for report in observation.unread}


def test_a_service_for_some_addresses_is_for_the_side_they_are_on() -> None:
    text = f"{HEADER}{NETWORKS}/ip service\nset ssh address=192.168.88.0/24,203.0.113.9/32 port=2222\n"
    found = {item["side"]: item["source_filter"] for item in told(text)["admin"]}
    assert found == {"lan": ["192.168.88.0/24"], "wan": ["203.0.113.9/32"]}


# statements → the group, its items without what does not matter here
FORMS: list[tuple[str, str, Any]] = [
    ("/interface ovpn-server server\nadd mac-address=FE:00:00:00:00:01 name=ovpn-server1\n", "vpn",
     [{"kind": "openvpn", "name": "ovpn-server1", "enabled": False, "server": True, "peers": 0}]),
    ("/interface l2tp-server server\nset enabled=yes use-ipsec=required\n/ppp secret\nadd name=a service=l2tp\n"
     "add name=b service=pptp\nadd name=c disabled=yes\nadd name=d\n", "vpn",
     [{"kind": "l2tp", "enabled": True, "server": True, "peers": 2}]),
    ("/interface wireguard\nadd name=wg1\n/interface wireguard peers\n"
     "add endpoint-address=vpn.example.org interface=wg1\n", "vpn",
     [{"kind": "wireguard", "name": "wg1", "enabled": True, "server": False, "peers": 1}]),
    ("/ip ipsec peer\nadd address=203.0.113.1/32 name=siege\nadd name=nomades passive=yes\n", "vpn",
     [{"kind": "ipsec", "name": "siege", "enabled": True, "server": False},
      {"kind": "ipsec", "name": "nomades", "enabled": True, "server": True}]),
    ("/zerotier\nset zt1 disabled=no identity=REDACTED name=zt1\n/zerotier interface\n"
     "add instance=zt1 name=zerotier1 network=ab\n", "vpn",
     [{"kind": "zerotier", "name": "zerotier1", "enabled": True}]),
    ("/ip cloud\nset back-to-home-vpn=enabled ddns-enabled=auto\n", "relays",
     [{"kind": "mikrotik_cloud", "enabled": True}]),
    ("/interface wireless security-profiles\nadd authentication-types=wpa2-psk,wpa2-eap mode=dynamic-keys name=p\n"
     "/interface wireless\nset [ find default-name=wlan1 ] disabled=no mode=ap-bridge name=radio security-profile=p "
     "ssid=Cabinet wps-mode=disabled default-forwarding=no\nset [ find default-name=wlan2 ] mode=station ssid=Voisin\n",
     "wifi", [{"ssid": "Cabinet", "interface": "radio", "enabled": True, "security": "wpa2", "enterprise": True,
               "wps": False, "isolated": True}]),
    ("/interface wireless\nset [ find default-name=wlan1 ] disabled=no mode=ap-bridge ssid=Salle\n", "wifi",
     [{"ssid": "Salle", "interface": "wlan1", "enabled": True, "security": "open", "enterprise": False,
       "isolated": False}]),
    ("/interface wifi security\nadd authentication-types=wpa3-psk name=s wps=disable\n/interface wifi datapath\n"
     "add client-isolation=yes name=d\n/interface wifi configuration\nadd datapath=d mode=ap name=c security=s "
     "ssid=Invites\n/interface wifi\nset [ find default-name=wifi1 ] configuration=c disabled=no\n", "wifi",
     [{"ssid": "Invites", "interface": "wifi1", "enabled": True, "security": "wpa3", "enterprise": False, "wps": False,
       "isolated": True}]),
    ("/caps-man security\nadd authentication-types=wpa2-psk name=s\n/caps-man configuration\nadd name=c security=s "
     "ssid=Etage\n/caps-man manager\nset enabled=yes\n", "wifi",
     [{"ssid": "Etage", "security": "wpa2", "enterprise": False, "isolated": True}]),
    ("/interface bridge\nadd name=br vlan-filtering=yes\n/interface list\nadd name=poste\n/interface list member\n"
     "add interface=ether4 list=poste\nadd interface=ether5 list=poste\n/interface bridge port\n"
     "add bridge=br interface=poste pvid=40\n/interface ethernet switch egress-vlan-tag\n"
     "add tagged-ports=ether1,switch1-cpu vlan-id=50\n", "vlans",
     [{"id": 40, "untagged": ["ether4", "ether5"]}, {"id": 50, "tagged": ["ether1", "switch1-cpu"]}]),
    ("/ip service\ndisable telnet,ftp\nset www,api,api-ssl,winbox disabled=yes\n", "services",
     [{"port": 22, "protocol": "tcp", "address": "0.0.0.0", "process": "ssh", "encrypted": True}]),
    ("/interface bridge\nadd name=br vlan-filtering=yes\n/interface vlan\nadd interface=br name=soins vlan-id=20\n"
     "/interface bridge port\nadd bridge=br interface=ether3 pvid=20\n/interface bridge vlan\n"
     "add bridge=br tagged=br,ether2 vlan-ids=20,30-31\n", "vlans",
     [{"id": 20, "name": "soins", "tagged": ["br", "ether2"], "untagged": ["ether3"]},
      {"id": 30, "tagged": ["br", "ether2"]}, {"id": 31, "tagged": ["br", "ether2"]}]),
    ("/ip dns\nset servers=9.9.9.9 use-doh-server=https://dns.example/dns-query\n", "dns",
     {"servers": ["dns.example", "9.9.9.9"], "encrypted": True, "answers": []}),
    ("/ip pool\nadd name=p ranges=192.168.1.10-192.168.1.20,192.168.1.40/30\n/ip dhcp-server\n"
     "add address-pool=p disabled=yes interface=bridge name=s\n", "dhcp",
     [{"interface": "bridge", "enabled": False, "first": "192.168.1.10", "last": "192.168.1.20"},
      {"interface": "bridge", "enabled": False, "first": "192.168.1.40", "last": "192.168.1.43"}]),
    ("/system ntp client\nset enabled=yes\n/system ntp client servers\nadd address=fr.pool.ntp.org\n"
     "add address=192.0.2.1 disabled=yes\n", "ntp", {"enabled": True, "servers": ["fr.pool.ntp.org"]}),
    ("/system logging action\nset 3 remote=192.168.88.5\nadd name=siem remote=192.0.2.7 target=remote\n"
     "/system logging\nadd action=remote topics=info\nadd action=siem disabled=yes topics=error\n", "logging",
     {"remote": ["192.168.88.5"]}),
    ("/snmp community\nset [ find default=yes ] addresses=192.168.88.9/32,10.0.0.0/8 name=interne\n/snmp\n"
     "set enabled=yes\n", "snmp", {"enabled": True, "versions": ["v1", "v2c"], "default_community": False,
                                   "writable": False, "source_filter": ["192.168.88.9/32", "10.0.0.0/8"]}),
    ("/ip ssh\nset always-allow-password-login=yes ciphers=aes-gcm strong-crypto=yes\n", "ssh",
     {"password_authentication": True, "ports": [22], "ciphers": ["aes-gcm"]}),
    ("/interface list member\nadd interface=ether1 list=WAN\n/ip firewall nat\nadd action=dst-nat chain=dstnat "
     "in-interface=ether1 to-addresses=192.168.88.10\n", "dmz", {"enabled": True, "target": "192.168.88.10"}),
    ("/interface list member\nadd interface=ether1 list=WAN\nadd interface=bridge list=LAN\n/ip firewall nat\n"
     "add action=dst-nat chain=dstnat in-interface-list=LAN to-addresses=192.168.88.9\n"
     "add action=dst-nat chain=dstnat in-interface-list=!LAN to-addresses=192.168.88.10\n", "dmz",
     {"enabled": True, "target": "192.168.88.10"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "group", "expected"), FORMS, ids=[f"{at} {row[1]}" for at, row in enumerate(FORMS)]
)
def test_forms(statements: str, group: str, expected: Any) -> None:
    observation = read(f"{HEADER}/system clock\nset time-zone-name=Europe/Paris\n{statements}")
    assert to_json(observation.device)["system"][group] == expected
    assert not [report for report in observation.unread if report.fact == f"system.{group}"]


def test_version_6_servers_sleep_until_they_are_told_to_run() -> None:
    head = "# jan/02/1970 00:04:23 by RouterOS 6.44.5\n/system clock\nset time-zone-name=Europe/Paris\n"
    found = told(f"{head}/ip dhcp-server\nadd interface=ether2 name=a\nadd disabled=no interface=ether3 name=b\n")
    assert [item["enabled"] for item in found["dhcp"]] == [False, True]
    asked = told(f"{head}/system ntp client\nset enabled=yes primary-ntp=192.0.2.1 server-dns-names=a.example\n")
    assert asked["ntp"] == {"enabled": True, "servers": ["192.0.2.1", "a.example"]}


def test_what_is_as_delivered_is_marked_and_has_no_line() -> None:
    observation = read(f"{HEADER}/system clock\nset time-zone-name=x\n/ip service\nset telnet disabled=yes\n")
    sources = attributed(observation, "e").provenance
    assert sources["/system/upnp"] == Source("e", default=True)
    assert sources["/system/services/0"] == Source("e", default=True)
    assert sources["/system/identity/firmware"] == Source("e", 1)
    assert not observation.defaults & observation.lines.keys()


def test_a_menu_that_was_exported_alone_says_nothing_of_others() -> None:
    found = told(
        f"{HEADER}/ip firewall filter\nadd action=drop chain=input\n"
        "/ip firewall nat\nadd action=masquerade chain=srcnat\n"
    )
    assert set(found) == {"identity", "firewall", "port_forwards"}
    assert "hostname" not in found["identity"]


SCRIPTS = [
    ":if ([:len [/interface find]] > 0) do={\n  /ip service\n  set telnet disabled=yes\n}\n",
    ":do {/ip service set telnet disabled=yes} on-error={}\n",
    ':foreach name in={"telnet";"ftp"} do={\n/ip service set $name disabled=yes\n}\n',
    "/ip service\nset telnet disabled=$off\n",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_script_would_do_is_not_what_is_set(script: str) -> None:
    observation = read(f"{HEADER}/interface bridge\nadd name=b\n{script}/system identity\nset name=r1\n")
    assert "system.services" in {report.fact for report in observation.unread}
    system = to_json(observation.device)["system"]
    assert system["identity"]["hostname"] == "r1"
    assert "telnet" in {service["process"] for service in system["services"]}
