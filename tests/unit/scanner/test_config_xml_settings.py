"""The settings of pfSense and OPNsense: accounts, services, tunnels, interfaces, in the forms that no recording has."""

from typing import Any

import pytest

from inventory.document import to_json
from tests.unit.scanner.config_xml_samples import HTTPS, WAYS, doubts, rule, seen, told

LAN = rule("<any/>", source="<network>lan</network>", interface="lan").replace("<protocol>tcp</protocol>", "")
OPEN = f"<filter>{LAN}</filter>"


def group(name: str, body: str, product: str = "pfsense", settings: str = HTTPS, ways: str = WAYS) -> Any:
    """The facts of a group as JSON; None when it is not told."""
    return to_json(told(body, product, settings, ways)).get(name)


ADMINS = "<group><name>admins</name><gid>1999</gid><member>0</member><member>2001</member><priv>page-all</priv></group>"


@pytest.mark.parametrize(
    ("user", "product", "expected"),
    [
        ("<name>root</name><uid>0</uid><groupname>admins</groupname>", "opnsense",
         {"administrator": True, "login": True, "role": "admins", "enabled": True, "factory": True}),
        ("<name>admin</name><uid>0</uid><disabled/>", "pfsense",
         {"administrator": True, "login": True, "role": "admins", "enabled": False, "factory": True}),
        ("<name>vpn1</name><uid>2005</uid><expires>01/02/2025</expires>", "pfsense",
         {"administrator": False, "login": False, "factory": False}),
        ("<name>it</name><uid>2001</uid><shell>/bin/sh</shell><otp_seed>ABC</otp_seed><disabled/>", "opnsense",
         {"administrator": True, "login": True, "role": "admins", "enabled": True, "factory": False,
          "second_factor": True}),
        ("<name>it</name><uid>2007</uid><group_memberships>1999</group_memberships><shell/><disabled>1</disabled>",
         "opnsense", {"administrator": True, "login": False, "role": "admins", "enabled": False, "factory": False}),
        ("<name>it</name><uid>2008</uid><priv>page-all</priv>", "pfsense",
         {"administrator": True, "login": True, "enabled": True, "factory": False}),
    ],
)  # fmt: skip
def test_users(user: str, product: str, expected: dict[str, Any]) -> None:
    (found,) = group("users", "", product, f"{HTTPS}{ADMINS}<user>{user}</user>")
    found.pop("name")
    found.pop("uid")
    assert found == expected


@pytest.mark.parametrize(
    ("settings", "product", "expected"),
    [
        ("<ssh/>", "pfsense", None),
        ("<ssh><enable>enabled</enable></ssh>", "pfsense", ["yes", True, [22]]),
        ("<ssh><enable/><port>2222</port><sshdkeyonly>enabled</sshdkeyonly></ssh>", "pfsense", ["yes", False, [2222]]),
        ("<ssh><enable/><sshdkeyonly>both</sshdkeyonly></ssh>", "pfsense", ["yes", True, [22]]),
        ("<enablesshd>enabled</enablesshd>", "pfsense", ["yes", True, [22]]),
        ("<ssh><group>admins</group></ssh>", "opnsense", None),
        ("<ssh><enabled>enabled</enabled></ssh>", "opnsense", ["no", False, [22]]),
        ("<ssh><enabled>enabled</enabled><passwordauth>1</passwordauth><permitrootlogin>1</permitrootlogin></ssh>",
         "opnsense", ["yes", True, [22]]),
    ],
)  # fmt: skip
def test_ssh(settings: str, product: str, expected: list[Any] | None) -> None:
    found = group("ssh", "", product, settings)
    assert (found and [found["root_login"], found["password_authentication"], found["ports"]]) == expected


@pytest.mark.parametrize(
    ("body", "product", "expected"),
    [
        ("<snmpd><rocommunity>public</rocommunity></snmpd>", "pfsense", {"enabled": False, "default_community": True}),
        ("<snmpd><rocommunity>s</rocommunity><enable/></snmpd>", "pfsense",
         {"enabled": True, "versions": ["v1", "v2c"], "default_community": False, "writable": False}),
        ("<snmpd/>", "pfsense", None),
        ("<OPNsense><netsnmp><general><enabled>1</enabled><community>public</community></general></netsnmp>"
         "</OPNsense>",
         "opnsense", {"enabled": True, "versions": ["v1", "v2c"], "default_community": True, "writable": False}),
        ("<OPNsense><netsnmp><general><enabled>1</enabled><community/></general><user><users><user><enabled>1</enabled>"
         "<username>a</username></user></users></user></netsnmp></OPNsense>",
         "opnsense", {"enabled": True, "versions": ["v3"], "default_community": False, "writable": False}),
    ],
)  # fmt: skip
def test_snmp(body: str, product: str, expected: dict[str, Any] | None) -> None:
    assert group("snmp", body, product) == expected


KEA = (
    "<OPNsense><Kea><dhcp4><general><enabled>1</enabled></general><subnets><subnet4><subnet>192.168.1.0/24</subnet>"
    "<pools>192.168.1.50-192.168.1.99\n192.168.1.150 - 192.168.1.160</pools></subnet4></subnets></dhcp4>"
    "</Kea></OPNsense>"
)
SYSLOG = (
    "<OPNsense><Syslog><general><enabled>1</enabled><maxpreserve>90</maxpreserve></general><destinations>"
    "<destination><enabled>1</enabled><hostname>192.168.1.10</hostname></destination>"
    "<destination><enabled>0</enabled><hostname>192.168.1.11</hostname></destination></destinations></Syslog>"
    "</OPNsense>"
)
JOB = "<OPNsense><cron><jobs><job><enabled>1</enabled><command>firmware auto-update</command></job></jobs></cron>" + (
    "</OPNsense>"
)
UPNP = "<installedpackages><miniupnpd><config><enable>on</enable></config></miniupnpd></installedpackages>"
DYNDNS = (
    "<dyndnses><dyndns><type>custom</type><enable/><host>cabinet.example</host></dyndns>"
    "<dyndns><type>namecheap</type><host>www</host><domainname>example.org</domainname></dyndns></dyndnses>"
)
ACCOUNTS = (
    "<OPNsense><DynDNS><general><enabled>1</enabled></general><accounts><account><enabled>1</enabled>"
    "<hostnames>a.example,b.example</hostnames></account></accounts></DynDNS></OPNsense>"
)


@pytest.mark.parametrize(
    ("name", "body", "product", "expected"),
    [
        ("dhcp", "<dhcpd><lan><enable/><range><from>192.168.1.20</from><to>192.168.1.90</to></range><pool><range>"
         "<from>192.168.1.95</from><to>192.168.1.99</to></range></pool></lan></dhcpd>", "pfsense",
         [{"interface": "em1", "enabled": True, "first": "192.168.1.20", "last": "192.168.1.90"},
          {"interface": "em1", "enabled": True, "first": "192.168.1.95", "last": "192.168.1.99"}]),
        ("dhcp", "<dhcpd/>", "pfsense", []),
        ("dhcp", KEA, "opnsense",
         [{"interface": "em1", "enabled": True, "first": "192.168.1.50", "last": "192.168.1.99"},
          {"interface": "em1", "enabled": True, "first": "192.168.1.150", "last": "192.168.1.160"}]),
        ("dhcp", "<dnsmasq><enable>1</enable><dhcp_ranges><interface>lan</interface>"
         "<start_addr>192.168.1.9</start_addr><end_addr>192.168.1.19</end_addr></dhcp_ranges></dnsmasq>", "opnsense",
         [{"interface": "em1", "enabled": True, "first": "192.168.1.9", "last": "192.168.1.19"}]),
        ("logging", "<syslog><enable/><remoteserver>192.168.1.10</remoteserver><remoteserver2/></syslog>", "pfsense",
         {"remote": ["192.168.1.10"]}),
        ("logging", "<syslog><remoteserver>192.168.1.10</remoteserver></syslog>", "pfsense", {"remote": []}),
        ("logging", SYSLOG, "opnsense", {"remote": ["192.168.1.10"], "retention_days": 90}),
        ("updates", JOB, "opnsense", {"automatic": True}),
        ("upnp", UPNP, "pfsense", {"enabled": True, "secure_mode": True}),
        ("upnp", UPNP.replace("<enable>on</enable>", "<iface_array>lan</iface_array>"), "pfsense", {"enabled": False}),
        ("relays", DYNDNS, "pfsense", [{"kind": "ddns", "enabled": True, "name": "cabinet.example"},
                                       {"kind": "ddns", "enabled": False, "name": "www.example.org"}]),
        ("relays", ACCOUNTS, "opnsense", [{"kind": "ddns", "enabled": True, "name": "a.example"},
                                          {"kind": "ddns", "enabled": True, "name": "b.example"}]),
        ("relays", "<dyndnses/>", "pfsense", []),
        ("dns", "<unbound><enable/><active_interface>lan</active_interface><forwarding/><forward_tls_upstream/>"
         "</unbound>" + OPEN, "pfsense", {"servers": ["9.9.9.9"], "encrypted": True, "answers": ["lan"]}),
        ("dns", "<dnsmasq><enable/></dnsmasq>" + OPEN, "pfsense",
         {"servers": ["9.9.9.9"], "encrypted": False, "answers": ["lan"]}),
        ("dns", "<OPNsense><unboundplus><general><enabled>1</enabled></general><dots><dot><enabled>1</enabled><type>dot"
         "</type><server>9.9.9.10</server><port>853</port></dot></dots></unboundplus></OPNsense>" + OPEN, "opnsense",
         {"servers": ["9.9.9.10"], "encrypted": True, "answers": ["lan"]}),
        ("dns", "<dnsmasq><enable>1</enable><port>0</port></dnsmasq>" + OPEN, "opnsense",
         {"servers": ["9.9.9.9"], "answers": []}),
        ("dns", "", "opnsense", {"servers": ["9.9.9.9"]}),
        ("ntp", "<ntpd><enable>disabled</enable></ntpd>", "pfsense", {"enabled": False, "servers": ["a", "b"]}),
        ("vlans", "<vlans><vlan><if>em1</if><tag>20</tag><descr>Caisse</descr></vlan></vlans>", "pfsense",
         [{"id": 20, "name": "Caisse", "tagged": ["em1"]}]),
        ("vlans", "<vlans/>", "opnsense", []),
        ("vlans", "", "pfsense", None),
    ],
)  # fmt: skip
def test_services(name: str, body: str, product: str, expected: Any) -> None:
    settings = f"{HTTPS}<dnsserver>9.9.9.9</dnsserver><timeservers>a b</timeservers>"
    assert group(name, body, product, settings) == expected


PHASE1 = (
    "<ipsec><phase1><ikeid>1</ikeid><remote-gateway>198.51.100.1</remote-gateway><descr>Cabinet 2</descr>{}</phase1>"
    "</ipsec>"
)
SWAN = (
    "<OPNsense><IPsec><general><enabled>1</enabled></general></IPsec><Swanctl><Connections>"
    '<Connection uuid="a"><enabled>1</enabled><description>nomade</description></Connection></Connections></Swanctl>'
    "</OPNsense>"
)
INSTANCE = (
    "<OPNsense><OpenVPN><Instances><Instance uuid='a'><enabled>1</enabled><role>server</role><description>Nomades"
    "</description><port>1195</port><proto>udp4</proto></Instance></Instances></OpenVPN></OPNsense>"
)
TUNNEL = (
    "<installedpackages><wireguard><config><enable>on</enable></config><tunnels><item><name>tun_wg0</name><enabled>yes"
    "</enabled><listenport>51820</listenport><addresses><row><address>10.9.0.1</address><mask>24</mask></row></addresses>"
    "</item></tunnels><peers><item><tun>tun_wg0</tun><enabled>yes</enabled><endpoint/></item></peers></wireguard>"
    "</installedpackages>"
)


@pytest.mark.parametrize(
    ("body", "product", "expected"),
    [
        (PHASE1.format(""), "pfsense", [{"kind": "ipsec", "name": "Cabinet 2", "enabled": True}]),
        (PHASE1.format("<mobile/>"), "pfsense",
         [{"kind": "ipsec", "name": "Cabinet 2", "enabled": True, "server": True}]),
        (PHASE1.format("<disabled/>"), "pfsense", [{"kind": "ipsec", "name": "Cabinet 2", "enabled": False}]),
        (PHASE1.format(""), "opnsense", [{"kind": "ipsec", "name": "Cabinet 2", "enabled": False}]),
        (SWAN, "opnsense", [{"kind": "ipsec", "name": "nomade", "enabled": True, "server": True}]),
        (INSTANCE, "opnsense", [{"kind": "openvpn", "name": "Nomades", "enabled": True, "server": True}]),
        ("<openvpn><openvpn-server><vpnid>3</vpnid><disable/></openvpn-server></openvpn>", "pfsense",
         [{"kind": "openvpn", "name": "ovpns3", "enabled": False, "server": True}]),
        (TUNNEL, "pfsense",
         [{"kind": "wireguard", "name": "tun_wg0", "enabled": True, "server": True, "peers": 1}]),
        ("<l2tp><mode>server</mode></l2tp>", "pfsense", [{"kind": "l2tp", "enabled": True, "server": True}]),
        ("<openvpn/>", "opnsense", []),
        ("", "opnsense", None),
    ],
)  # fmt: skip
def test_tunnels(body: str, product: str, expected: Any) -> None:
    assert group("vpn", body, product) == expected


RADIO = (
    "<interfaces><opt5><enable/><if>ath0_wlan0</if><descr>Visiteurs</descr><ipaddr>192.168.7.1</ipaddr>"
    "<subnet>24</subnet>"
    "<wireless><mode>hostap</mode><ssid>Cabinet</ssid><wpa><enable/><wpa_mode>2</wpa_mode><wpa_key_mgmt>WPA-PSK"
    "</wpa_key_mgmt><passphrase>x</passphrase></wpa></wireless></opt5></interfaces>"
)


def test_a_wireless_network() -> None:
    assert group("wifi", "", ways=RADIO) == [
        {"ssid": "Cabinet", "interface": "ath0_wlan0", "enabled": True, "security": "wpa2", "enterprise": False,
         "isolated": True, "guest": True}
    ]  # fmt: skip


def ways(inner: str, rest: str = "") -> str:
    """Interfaces, each on, and what else says where they lead."""
    return f"<interfaces>{inner.replace('<if>', '<enable/><if>')}</interfaces>{rest}"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<wan><if>pppoe0</if><ipaddr>pppoe</ipaddr></wan>", [{"name": "pppoe0", "default_route": True}]),
        ("<wan><if>em0</if><ipaddr>dhcp</ipaddr></wan><opt1><if>em2</if><ipaddr>dhcp</ipaddr></opt1>",
         [{"name": "em0", "default_route": True}, {"name": "em2"}]),
        ("<opt1><if>em2</if><ipaddr>10.0.0.2</ipaddr><subnet>30</subnet><gateway>WAN2</gateway></opt1>",
         [{"name": "em2", "addresses": ["10.0.0.2"], "default_route": True}]),
        ("<opt1><if>em2</if></opt1>", [{"name": "em2", "addresses": [], "default_route": False}]),
        ("<opt1><if>tun_wg0</if></opt1>", [{"name": "tun_wg0", "addresses": ["10.9.0.1"], "default_route": False}]),
        ("<opt1><if>ovpnc1</if></opt1>", [{"name": "ovpnc1"}]),
    ],
)  # fmt: skip
def test_interfaces(inner: str, expected: Any) -> None:
    assert group("interfaces", TUNNEL, ways=ways(inner)) == expected


def test_an_interface_that_is_off_is_none() -> None:
    assert group("interfaces", "", ways="<interfaces><opt1><if>em2</if></opt1></interfaces>") == []


def test_the_default_gateway_of_a_group() -> None:
    inner = "<wan><if>em0</if><ipaddr>10.1.1.2</ipaddr><subnet>24</subnet></wan>"
    inner += "<opt1><if>em2</if><ipaddr>10.2.2.2</ipaddr><subnet>24</subnet></opt1>"
    items = "".join(
        f"<gateway_item><name>{name}</name><interface>{key}</interface></gateway_item>"
        for name, key in (("A", "wan"), ("B", "opt1"))
    )
    group_of_both = "<gateway_group><name>BOTH</name><item>A|1|address</item><item>B|2|address</item></gateway_group>"
    gateways = f"<gateways>{items}{group_of_both}<defaultgw4>BOTH</defaultgw4></gateways>"
    found = group("interfaces", "", ways=ways(inner, gateways))
    assert [item["default_route"] for item in found] == [True, True]


def test_what_cannot_be_read_is_said() -> None:
    broken = "<opt1><if>em2</if><ipaddr>300.1.1.1</ipaddr><subnet>24</subnet></opt1>"
    assert doubts(seen("", ways=ways(broken))) == {"system.interfaces"}
    pool = "<dhcpd><lan><enable/><range><from>x</from><to>y</to></range></lan></dhcpd>"
    assert doubts(seen(pool)) == {"system.dhcp"}
    assert "system.vlans" in doubts(seen("<vlans><vlan><if>em1</if><tag>9999</tag></vlan></vlans>"))
    assert {"system.admin", "system.services"} <= doubts(seen("", settings="<webgui><port>web</port></webgui>"))
