"""The packet filter of pfSense and OPNsense: who may administer it, what it lets in, what it sends on."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from inventory.gateway import Admin, InputChain
from scanner.platforms import pfsense
from tests.unit.scanner.config_xml_samples import HTTPS, WAYS, alias, doubts, forward, rule, seen, told

INSIDE = Admin("https", "lan", 443, encrypted=True)


def wan(port: int = 443, *sources: str, protocol: str = "https") -> Admin:
    networks = tuple(map(IPv4Network, sources)) or None
    return Admin(protocol, "wan", port, encrypted=True, source_filter=networks)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("", []),
        (rule("<network>wanip</network>", "443"), [wan()]),
        (rule("<network>(self)</network>", "443"), [wan()]),
        (rule("<any/>", "400-500"), [wan()]),
        (rule("<any>1</any>"), [wan()]),
        (rule("<address>203.0.113.9</address>", "443"), [wan()]),
        (rule("<address>203.0.113.10</address>", "443"), []),
        (rule("<any/>", "8443"), []),
        (rule("<network>lanip</network>", "443"), []),
        (rule("<any/>", "443", more="<disabled/>"), []),
        (rule("<any/>", "443", more="<disabled>0</disabled>"), [wan()]),
        (rule("<any/>", "443", "<address>198.51.100.7</address>"), [wan(443, "198.51.100.7/32")]),
        (rule("<any/>", "443", "<address>198.51.100.0/24</address><not/>"), "but"),
        (rule("<any/>", "443", more="<type>block</type>") + rule("<any/>", "443"), []),
        (rule("<any/>", "443") + rule("<any/>", "443", more="<type>block</type>"), [wan()]),
        (rule("<any/>", "443", more="<type>reject</type>", interface="lan") + rule("<any/>", "443"), [wan()]),
        (rule("<any/>", "443", more="<floating>yes</floating>", interface="wan,lan"), [wan()]),
        (rule("<any/>", "443", more="<floating>yes</floating><direction>out</direction>"), []),
        (rule("<any/>", "443", more="<floating>yes</floating><type>match</type>"), []),
        # Of rules that are not quick the last one decides, and a quick one before them all.
        (
            rule("<any/>", "443", more="<floating>yes</floating>")
            + rule("<any/>", "443", more="<floating>yes</floating><type>block</type>"),
            [],
        ),
        (rule("<any/>", "443", more="<floating>yes</floating><type>block</type>") + rule("<any/>", "443"), [wan()]),
        (
            rule("<any/>", "443")
            + rule("<any/>", "443", more="<floating>yes</floating><quick>yes</quick><type>block</type>"),
            [],
        ),
        (rule("<any/>", "443", more="<type>block</type><tagged>x</tagged>") + rule("<any/>", "443"), [wan()]),
        (rule("<any/>", "443", interface="OUTER"), [wan()]),
        (rule("<any/>", "gui"), [wan()]),
        (rule("<any/>", "443", "<address>helpers</address>"), [wan(443, "198.51.100.7/32", "198.51.100.64/26")]),
    ],
)
def test_who_administers_it_from_outside(rules: str, expected: list[Admin] | str) -> None:
    aliases = alias("gui", "port", "more 8080") + alias("more", "port", "400:500 gui")
    aliases += alias("helpers", "host", "198.51.100.7 office") + alias(
        "office", "network", "198.51.100.70/26 2001:db8::/32"
    )
    groups = "<ifgroups><ifgroupentry><ifname>OUTER</ifname><members>wan</members></ifgroupentry></ifgroups>"
    admin = told(f"<filter>{rules}</filter><aliases>{aliases}</aliases>{groups}").admin or ()
    outer = [item for item in admin if item.side == "wan"]
    if expected == "but":
        assert len(outer) == 1
        assert IPv4Network("198.51.100.0/24") not in (outer[0].source_filter or ())
        assert outer[0].source_filter
    else:
        assert outer == expected
    assert INSIDE in admin


@pytest.mark.parametrize(
    "opening",
    [
        rule("<any/>", "443", "<address>table</address>"),
        rule("<any/>", "443", "<address>name</address>"),
        rule("<any/>", "443", "<address>nowhere</address>"),
        rule("<any/>", "nowhere"),
        rule("<any/>", "443", more="<type>block</type>", source="<address>table</address><not/>")
        + rule("<any/>", "443"),
    ],
)
def test_what_stands_elsewhere_leaves_it_open(opening: str) -> None:
    aliases = alias("table", "urltable", "http://192.0.2.1/") + alias("name", "host", "office.example")
    observation = seen(f"<filter>{opening}</filter><aliases>{aliases}</aliases>")
    assert observation.device.system is not None
    assert observation.device.system.admin == (INSIDE,)
    assert "system.admin" in doubts(observation)


VIRTUAL = "<vip><mode>{}</mode><interface>wan</interface><subnet>203.0.113.10</subnet></vip>"
TO_VIRTUAL = rule("<address>203.0.113.10</address>", "443")
BLOCKED = rule("<network>wanip</network>", "443", more="<type>block</type>")
SENT = forward("443", "192.168.1.5")


@pytest.mark.parametrize(
    ("mode", "product", "rules", "sent", "expected"),
    [
        ("ipalias", "pfsense", TO_VIRTUAL, "", [wan()]),
        ("carp", "opnsense", TO_VIRTUAL, "", [wan()]),
        ("proxyarp", "pfsense", TO_VIRTUAL, "", []),  # it answers who asks for the MAC, and nothing else
        ("ipalias", "pfsense", BLOCKED + rule("<any/>", "443"), "", [wan()]),
        ("ipalias", "opnsense", BLOCKED + rule("<any/>", "443"), "", []),
        ("ipalias", "pfsense", rule("<any/>", "443"), SENT, [wan()]),
        ("ipalias", "opnsense", rule("<any/>", "443"), SENT, []),
    ],
)
def test_a_virtual_address_is_its_own(mode: str, product: str, rules: str, sent: str, expected: list[Admin]) -> None:
    body = f"<filter>{rules}</filter><nat>{sent}</nat><virtualip>{VIRTUAL.format(mode)}</virtualip>"
    admin = told(body, product).admin or ()
    assert [item for item in admin if item.side == "wan"] == expected


@pytest.mark.parametrize(
    ("to", "doubted"),
    [
        ("203.0.113.5", True),
        ("203.0.113.0/24", True),
        ("192.168.7.5", True),
        ("192.168.1.5", False),
        ("0.0.0.0/0", False),
    ],
)
def test_an_address_that_the_provider_gives_may_be_one_that_is_written_down(to: str, doubted: bool) -> None:
    ways = WAYS.replace("203.0.113.9</ipaddr><subnet>29</subnet>", "dhcp</ipaddr>")
    observation = seen(f"<filter>{rule(f'<address>{to}</address>', '443')}</filter>", ways=ways)
    assert ("system.admin" in doubts(observation)) is doubted
    assert observation.device.system is not None
    assert (wan() in (observation.device.system.admin or ())) is (to == "0.0.0.0/0")


def test_a_list_of_those_who_are_kept_out_closes_nothing() -> None:
    rules = rule("<any/>", "443", "<address>table</address>", "<type>block</type>") + rule("<any/>", "443")
    observation = seen(f"<filter>{rules}</filter><aliases>{alias('table', 'urltable', 'x')}</aliases>")
    assert observation.device.system is not None
    assert wan() in (observation.device.system.admin or ())
    assert "system.admin" not in doubts(observation)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (HTTPS, ["https lan 443"]),
        ("<webgui><protocol>http</protocol><port>8080</port></webgui>", ["http lan 8080"]),
        ("<webgui><protocol>https</protocol><noantilockout/></webgui>", []),
        (HTTPS + "<ssh><enable>enabled</enable><port>2222</port></ssh>", ["https lan 443", "ssh lan 2222"]),
    ],
)
def test_the_inner_network_is_let_in_before_every_rule(settings: str, expected: list[str]) -> None:
    admin = told("<filter/>", settings=settings).admin or ()
    assert [f"{item.protocol} {item.side} {item.port}" for item in admin] == expected


def test_where_the_web_interface_listens() -> None:
    only = "<webgui><protocol>https</protocol><interfaces>opt1</interfaces></webgui>"
    rules = rule("<any/>", "443") + rule("<any/>", "443", interface="opt1")
    admin = told(f"<filter>{rules}</filter>", "opnsense", only).admin or ()
    assert [item.side for item in admin] == ["guest"]


NEWER = (
    "<OPNsense><Firewall><Filter><rules>"
    '<rule uuid="b"><enabled>1</enabled><sequence>2</sequence><action>pass</action><quick>1</quick>'
    "<interface>wan</interface><direction>in</direction><ipprotocol>inet46</ipprotocol><protocol>TCP/UDP</protocol>"
    "<source_net>office,198.51.100.9</source_net><destination_net>(self)</destination_net>"
    "<destination_port>https</destination_port></rule>"
    '<rule uuid="a"><enabled>{first}</enabled><sequence>1</sequence><action>block</action><interface>wan</interface>'
    "<ipprotocol>inet</ipprotocol><protocol>any</protocol><source_net>any</source_net>"
    "<destination_net>any</destination_net></rule></rules></Filter>"
    '<Alias><aliases><alias uuid="c"><enabled>1</enabled><name>office</name><type>network</type>'
    "<content>198.51.100.64/26\n198.51.100.10</content></alias></aliases></Alias></Firewall></OPNsense>"
)


def test_rules_of_the_newer_interface() -> None:
    off, on = (told("<filter/>" + NEWER.format(first=first), "opnsense").admin or () for first in "01")
    assert wan(443, "198.51.100.9/32", "198.51.100.10/32", "198.51.100.64/26") in off
    assert not [item for item in on if item.side == "wan"]


def test_whoever_calls_by_a_tunnel() -> None:
    rules = rule("<any/>", interface="openvpn").replace("<protocol>tcp</protocol>", "")
    system = told(f"<filter>{rules}</filter>")
    assert Admin("https", "vpn", 443, encrypted=True) in (system.admin or ())
    assert system.firewall is not None
    assert InputChain("openvpn", "accept", "vpn", ipv6=False) in (system.firewall.input or ())


def test_networks_that_opnsense_names_itself() -> None:
    rules = rule("<any/>", "443", "<network>__opt1_network</network>")
    admin = told(f"<filter>{rules}</filter>", "opnsense").admin or ()
    assert wan(443, "192.168.9.0/24") in admin


def test_what_each_side_lets_in() -> None:
    rules = (
        "<rule><type>pass</type><interface>lan</interface><ipprotocol>inet46</ipprotocol>"
        "<source><network>lan</network></source><destination><any/></destination></rule>"
        "<rule><interface>opt1</interface><ipprotocol>inet</ipprotocol><source><any/></source>"
        "<destination><any/></destination></rule>" + rule("<any/>", "443")
    )
    firewall = told(f"<filter>{rules}</filter>").firewall
    assert firewall is not None
    assert firewall.input == (
        InputChain("wan", "drop", "wan"),
        InputChain("lan", "accept", "lan"),
        InputChain("opt1", "accept", "guest", ipv6=False),
        InputChain("opt1", "drop", "guest", ipv6=True),
    )
    off = told(f"<filter>{rules}</filter>", settings=HTTPS + "<disablefilter/>")
    assert off.firewall is not None
    assert {chain.policy for chain in off.firewall.input or ()} == {"accept"}
    assert {item.side for item in off.admin or ()} == {"wan", "lan", "guest"}


def forwards(rules: str, rest: str = "", product: str = "pfsense") -> list[str]:
    found = told(f"<nat>{rules}</nat>{rest}", product).port_forwards or ()
    return [
        f"{item.external}>{item.target}:{item.target_port} {item.interface}"
        f"{' from ' + ','.join(map(str, item.source_filter)) if item.source_filter else ''}"
        f"{' at ' + ','.join(map(str, item.destination_filter)) if item.destination_filter else ''}"
        f"{'' if item.enabled else ' off'}"
        for item in found
    ]


LOCAL = "<local-port>{}</local-port>"
HOST = "<address>192.168.1.10</address>"
ASSOCIATED = "<associated-rule-id/>"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (forward("443", "192.168.1.10", LOCAL.format("8443")), ["tcp/443>192.168.1.10:8443 em0"]),
        (forward("5000-5010", "192.168.1.10", LOCAL.format("6000")), ["tcp/5000-5010>192.168.1.10:6000-6010 em0"]),
        (forward("5000:5010", "192.168.1.10", LOCAL.format("5000")), ["tcp/5000-5010>192.168.1.10:5000-5010 em0"]),
        (forward("", "192.168.1.10"), ["tcp/1-65535>192.168.1.10:None em0"]),
        (forward("443", "192.168.1.10", "<disabled/>"), ["tcp/443>192.168.1.10:None em0 off"]),
        (forward("443", "192.168.1.10", "<nordr/>"), []),
        (forward("443", "nas", LOCAL.format("443")), ["tcp/443>192.168.1.10:443 em0"]),
        (forward("443", "lanip"), ["tcp/443>192.168.1.1:None em0"]),
        (forward("443", "2001:db8::1", "<disabled/>"), []),
        (forward("443", "192.168.1.10", source="<address>198.51.100.7</address>"),
         ["tcp/443>192.168.1.10:None em0 from 198.51.100.7/32"]),
        (forward("443", "192.168.1.10", to="<address>203.0.113.10</address>"),
         ["tcp/443>192.168.1.10:None em0 at 203.0.113.10/32"]),
        (forward("443", "192.168.1.10", to="<any/>"), ["tcp/443>192.168.1.10:None em0"]),
        (forward("web", "192.168.1.10", LOCAL.format("web")),
         ["tcp/80>192.168.1.10:80 em0", "tcp/443>192.168.1.10:443 em0"]),
        (forward("http", "192.168.1.10", LOCAL.format("http")), ["tcp/80>192.168.1.10:80 em0"]),
        (forward("443", "192.168.1.10", ASSOCIATED), ["tcp/443>192.168.1.10:None em0 off"]),
        (forward("443", "192.168.1.10").replace("<protocol>tcp</protocol>", "<protocol>icmp</protocol>"), []),
        (forward("53", "192.168.1.10").replace("<protocol>tcp</protocol>", ""),
         ["tcp/53>192.168.1.10:None em0", "udp/53>192.168.1.10:None em0"]),
        (forward("443", "pool"), ["tcp/443>192.168.1.11:None em0", "tcp/443>192.168.1.12:None em0"]),
        (forward("443", "192.168.1.10").replace("<interface>wan<", "<interface>wan,opt1<"),
         ["tcp/443>192.168.1.10:None em0", "tcp/443>192.168.1.10:None em2 at 203.0.113.9/32"]),
    ],
)  # fmt: skip
def test_forwards(rules: str, expected: list[str]) -> None:
    aliases = alias("nas", "host", "192.168.1.10") + alias("pool", "host", "192.168.1.11 192.168.1.12")
    aliases += alias("web", "port", "80 443")
    rest = f"<aliases>{aliases}</aliases><filter>{rule('<any/>', '1', interface='lan')}</filter>"
    assert forwards(rules, rest) == expected


def test_a_forward_is_for_those_whom_the_filter_lets_through() -> None:
    nat = forward("443", "192.168.1.10", ASSOCIATED + LOCAL.format("8443"))
    helpers = rule("<address>192.168.1.10</address>", "8443", "<address>198.51.100.7</address>")
    assert forwards(nat, f"<filter>{helpers}</filter>") == ["tcp/443>192.168.1.10:8443 em0 from 198.51.100.7/32"]
    other = nat.replace("<source><any/>", "<source><address>198.51.100.8</address>")
    assert forwards(other, f"<filter>{helpers}</filter>") == ["tcp/443>192.168.1.10:8443 em0 from 198.51.100.8/32 off"]
    everybody = rule("<address>192.168.1.10</address>", "8443")
    assert forwards(nat, f"<filter>{everybody}</filter>") == ["tcp/443>192.168.1.10:8443 em0"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (rule(HOST, "8005-8010"), ["tcp/7005-7010>192.168.1.10:8005-8010 em0"]),
        (rule(HOST, "8001") + rule(HOST, "8009-9000", "<address>198.51.100.7</address>"),
         ["tcp/7001>192.168.1.10:8001 em0", "tcp/7009-7010>192.168.1.10:8009-8010 em0 from 198.51.100.7/32"]),
        (rule(HOST, "8000", more="<type>block</type>") + rule(HOST),
         ["tcp/7001-7010>192.168.1.10:8001-8010 em0"]),
        (rule(HOST, "7000-7999"), ["tcp/7000-7010>192.168.1.10:8000-8010 em0 off"]),
        (rule(HOST, "8000-8004") + rule(HOST, "8005-8010"), ["tcp/7000-7010>192.168.1.10:8000-8010 em0"]),
    ],
)  # fmt: skip
def test_a_filter_that_lets_through_some_ports_of_a_forward(rules: str, expected: list[str]) -> None:
    nat = forward("7000-7010", "192.168.1.10", ASSOCIATED + LOCAL.format("8000"))
    assert forwards(nat, f"<filter>{rules}</filter>") == expected
    whole = forward("", "192.168.1.10", ASSOCIATED)
    assert forwards(whole, f"<filter>{rule(HOST, '443')}</filter>") == ["tcp/443>192.168.1.10:None em0"]


def test_a_forward_of_more_parts_than_anybody_asks_is_not_told() -> None:
    rules = "".join(rule(HOST, str(port)) for port in range(8000, 8300, 2))
    found = seen(f"<nat>{forward('8000-9000', '192.168.1.10', ASSOCIATED)}</nat><filter>{rules}</filter>")
    assert doubts(found) == {"system.port_forwards"}


@pytest.mark.parametrize(
    "rules",
    [
        forward("443", "office.example"),
        forward("443", "192.168.1.10", source="<address>table</address>"),
        forward("nowhere", "192.168.1.10"),
        forward("443", "2001:db8::1"),
    ],
)
def test_forwards_that_are_not_told(rules: str) -> None:
    observation = seen(f"<nat>{rules}</nat><aliases>{alias('table', 'urltable', 'x')}</aliases>")
    assert "system.port_forwards" in doubts(observation)
    assert observation.device.system is not None
    assert observation.device.system.port_forwards is None


def test_a_forward_to_itself_is_a_way_to_administer_it() -> None:
    nat = forward("8443", "127.0.0.1", LOCAL.format("443"), "<address>198.51.100.7</address>")
    assert wan(8443, "198.51.100.7/32") in (told(f"<nat>{nat}</nat><filter/>").admin or ())


@pytest.mark.parametrize(
    ("ports", "more", "filtering", "expected"),
    [
        ("400-500", "", "", [443]),
        ("8400-8500", LOCAL.format("400"), "", [8443]),
        ("", "", "", [443]),
        ("444-500", "", "", []),
        ("400-500", ASSOCIATED, rule("<network>lanip</network>", "440-450"), [443]),
        ("400-500", ASSOCIATED, rule("<network>lanip</network>", "444-450"), []),
    ],
)
def test_a_forward_of_a_range_to_itself(ports: str, more: str, filtering: str, expected: list[int]) -> None:
    nat = forward(ports, "192.168.1.1", more)
    admin = told(f"<nat>{nat}</nat><filter>{filtering}</filter>").admin or ()
    assert [item.port for item in admin if item.side == "wan"] == expected


def test_a_rule_that_keeps_out_at_times_only_is_none() -> None:
    block = rule("<any/>", "443", more="<type>block</type><sched>nuit</sched>")
    assert wan() in (told(f"<filter>{block}{rule('<any/>', '443')}</filter>").admin or ())


def test_forwards_of_the_newer_interface() -> None:
    more = "<sequence>1</sequence><disabled/><nordr>0</nordr><pass>rule</pass>"
    assert forwards(forward("443", "192.168.1.10", more + ASSOCIATED), product="opnsense") == [
        "tcp/443>192.168.1.10:None em0"
    ]


def test_a_banner_before_the_file_moves_its_lines() -> None:
    observation = pfsense.read_config("Welcome\n\n<?xml version='1.0'?>\n<pfsense><nat/>\n<system/></pfsense>\n")
    assert observation.lines["/system/identity/os"] == 4


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (forward("443", "192.168.1.5", "<associated-rule-id/>"), []),
        (forward("440-450", "192.168.1.5", "<local-port>440</local-port>"), []),
        (forward("443", "192.168.1.5", "<disabled/>"), [wan()]),
        (forward("8443", "192.168.1.5"), [wan()]),
        (forward("443", "192.168.1.5", to="<address>203.0.113.10</address>"), [wan()]),
        (forward("443", "192.168.1.5", "<nordr/>") + forward("443", "192.168.1.5"), [wan()]),
        (forward("443", "192.168.1.5", source="<address>0.0.0.0/1</address>"), [wan()]),
        (forward("443", "192.168.1.5", source="<address>elsewhere</address>"), [wan()]),
        (forward("443", "192.168.1.5").replace("<protocol>tcp", "<protocol>udp"), [wan()]),
    ],
)
def test_who_is_sent_elsewhere_does_not_reach_the_device(sent: str, expected: list[Admin]) -> None:
    found = told(f"<nat>{sent}</nat><filter>{rule('<network>wanip</network>', '443')}</filter>").admin
    assert found is not None
    assert [item for item in found if item.side == "wan"] == expected


def test_the_inner_network_is_never_sent_away_from_the_page() -> None:
    """Its anti-lockout rule has one against that, too."""
    sent = forward("443", "192.168.1.5", to="<any/>").replace(">wan<", ">lan<", 1)
    found = told(f"<nat>{sent}</nat><filter/>").admin
    assert found == (Admin("https", "lan", 443, True),)


@pytest.mark.parametrize(
    ("target", "to", "through"),
    [
        ("192.168.1.5", "<network>lan</network>", True),
        ("192.168.9.5", "<network>lan</network>", False),
        ("192.168.9.5", "<network>opt1</network>", True),
        ("192.168.1.1", "<network>lanip</network>", True),
        ("192.168.1.2", "<network>lanip</network>", False),
        ("192.168.1.5", "<not/><network>lan</network>", False),
        ("192.168.9.5", "<not/><network>lan</network>", True),
        ("192.168.1.1", "<network>(self)</network>", True),
    ],
)
def test_a_rule_about_a_whole_network_lets_a_forward_through(target: str, to: str, through: bool) -> None:
    sent = forward("5001", target, "<associated-rule-id/>")
    found = told(f"<nat>{sent}</nat><filter>{rule(to, '5001')}</filter>").port_forwards
    assert found is not None
    assert [item.enabled for item in found] == [through]


@pytest.mark.parametrize(("which", "expected"), [("wan", []), ("lan", [wan()]), ("wan,lan", [])])
def test_a_rule_for_all_interfaces_but_some(which: str, expected: list[Admin]) -> None:
    rules = rule("<network>(self)</network>", "443", more="<interfacenot>1</interfacenot><floating>yes</floating>"
                 "<quick>1</quick><direction>in</direction>", interface=which)  # fmt: skip
    found = told(f"<filter>{rules}</filter>", "opnsense").admin
    assert found is not None
    assert [item for item in found if item.side == "wan"] == expected


def test_without_interfaces_nobody_knows_who_administers_it() -> None:
    loopback = "<interfaces><lo0><enable>1</enable><if>lo0</if><ipaddr>127.0.0.1</ipaddr></lo0></interfaces>"
    system = told("<filter/><unbound><enable/></unbound>", ways=loopback)
    assert system.admin is None
    assert system.dns is None or system.dns.answers is None


def test_an_empty_rule_is_none() -> None:
    """As OPNsense keeps one where there is none."""
    found = seen("<nat><outbound><mode>automatic</mode></outbound><rule/></nat><filter><rule/></filter>", "opnsense")
    assert not found.unread
    assert found.device.system is not None
    assert found.device.system.port_forwards == ()
    firewall = found.device.system.firewall
    assert firewall is not None
    assert {chain.policy for chain in firewall.input or ()} == {"drop"}


def test_the_lines_of_forwards() -> None:
    observation = seen(f"<nat>\n{forward('443', '192.168.1.10')}\n</nat>")
    assert observation.device.system is not None
    (found,) = observation.device.system.port_forwards or ()
    assert found.target == IPv4Address("192.168.1.10")
    line = observation.lines["/system/port_forwards/0"]
    assert line == 2 + WAYS.count("\n") + 2
