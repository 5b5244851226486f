"""RouterOS as people have it: which way is out, what a manager leads, what is left out with the keys; updates."""

import pytest

from inventory.document import to_json
from scanner.platforms import mikrotik_routeros
from tests.unit.scanner.test_platforms import evidence
from tests.unit.scanner.test_routeros import HEADER, read, told


def test_a_fixed_outer_address_is_the_only_one_that_the_outside_can_send_to() -> None:
    text = (
        "/interface list member\nadd interface=bridge list=LAN\n/ip address\n"
        "add address=192.168.88.1/24 interface=bridge\nadd address=203.0.113.2/29 interface=ether1\n/ip route\n"
        'add dst-address="" gateway=203.0.113.1\n/ip firewall filter\n'
        "add action=drop chain=input dst-address=203.0.113.2\n"
    )
    assert {item["side"] for item in told(f"{HEADER}{text}")["admin"]} == {"lan"}


ALLOWED = [  # addresses of a service → sides from which it is reached, and for whom
    ("2001:db8::/32", {}),
    ("0.0.0.0/0,192.168.88.0/24", {"lan": None, "wan": None}),
    ("44.0.0.0/8", {"lan": ["44.0.0.0/8"], "wan": ["44.0.0.0/8"]}),  # more than the network inside
    ("44.34.129.0/26", {"lan": ["44.34.129.0/26"]}),
    ("10.0.0.0/8", {"lan": ["10.0.0.0/8"]}),
]


@pytest.mark.parametrize(("addresses", "sides"), ALLOWED)
def test_a_service_that_names_whom_it_answers(addresses: str, sides: dict[str, list[str] | None]) -> None:
    text = (
        "/ip address\nadd address=44.34.129.1/24 interface=bridge\n/ip dhcp-client\nadd interface=ether1\n/ip service\n"
        f"set telnet,www,api,api-ssl,winbox disabled=yes\nset ssh address={addresses}\n"
    )
    assert {item["side"]: item.get("source_filter") for item in told(f"{HEADER}{text}")["admin"]} == sides


def test_where_other_routers_tell_the_way_out_no_side_is_known() -> None:
    text = "/ip address\nadd address=203.0.113.2/30 interface=ether1\n/routing bgp connection\nadd name=isp\n"
    observation = read(f"{HEADER}{text}")
    system = to_json(observation.device)["system"]
    assert "admin" not in system
    assert "system.admin" in {report.fact for report in observation.unread}
    assert "default_route" not in system["interfaces"][0]


WAYS = [  # statements below /ip route, by which interfaces a default route leaves
    ('add dst-address="" gateway=192.0.2.1\n', ["ether1"]),
    ("add dst-address=8.8.8.8/32 gateway=192.0.2.1 scope=10\nadd gateway=8.8.8.8 target-scope=11\n", ["ether1"]),
    ("add dst-address=8.8.8.8/32 gateway=192.0.2.1\nadd dst-address=10.9.9.9 gateway=8.8.8.8\nadd gateway=10.9.9.9\n",
     ["ether1"]),
    ("add gateway=8.8.8.8\n", []),
    ("add dst-address=8.8.8.8/32 gateway=8.8.8.8\nadd gateway=8.8.8.8\n", []),
    ('add blackhole dst-address=0.0.0.0/0 gateway=""\n', []),
]  # fmt: skip


@pytest.mark.parametrize(("routes", "outer"), WAYS, ids=range(len(WAYS)))
def test_default_routes(routes: str, outer: list[str]) -> None:
    text = f"{HEADER}/ip address\nadd address=192.0.2.2/29 interface=ether1\n/ip route\n{routes}"
    found = told(text)["interfaces"]
    assert [item["name"] for item in found if item.get("default_route")] == outer


LEASED = [  # DHCP clients, by which interfaces a default route leaves, whether one that is not found is reported
    ("add add-default-route=no interface=ether1\n", ["ether1"], False),
    ("add interface=ether1\nadd interface=ether2\n", ["ether1", "ether2"], False),
    ("add interface=ether1\nadd add-default-route=no interface=ether2\n", ["ether1"], True),
]


@pytest.mark.parametrize(("clients", "outer", "reported"), LEASED, ids=range(len(LEASED)))
def test_a_gateway_in_no_known_network_is_where_an_address_was_given(
    clients: str, outer: list[str], reported: bool
) -> None:
    observation = read(f"{HEADER}/ip dhcp-client\n{clients}/ip route\nadd gateway=192.168.1.1\n")
    found = to_json(observation.device)["system"]["interfaces"]
    assert [item["name"] for item in found if item.get("default_route")] == outer
    assert ("system.interfaces" in {report.fact for report in observation.unread}) == reported


def test_a_client_that_cannot_run_on_a_port_of_a_bridge_leads_nowhere() -> None:
    text = (
        "/interface bridge port\nadd bridge=bridge interface=ether1\n/interface list member\n"
        "add interface=ether1 list=WAN\n/ip dhcp-client\n"
        "# DHCP client can not run on slave or passthrough interface!\nadd interface=ether1\nadd interface=bridge\n"
    )
    assert [item["name"] for item in told(f"{HEADER}{text}")["interfaces"]] == ["bridge"]


def test_a_radio_that_a_manager_leads_is_not_told_by_what_stands_there() -> None:
    text = (
        "/interface wireless\n# managed by CAPsMAN\n"
        "# channel: 2412/20-Ce/gn(27dBm), SSID: Cabinet, CAPsMAN forwarding\n"
        "set [ find default-name=wlan1 ] disabled=no mode=ap-bridge ssid=MikroTik\n/interface bridge\nadd name=b\n"
    )
    observation = read(f"{HEADER}{text}")
    assert "wifi" not in to_json(observation.device)["system"]
    assert "system.wifi" in {report.fact for report in observation.unread}


OPEN = [("", None), ("/ppp secret\nadd name=a password=REDACTED\n", "open")]


@pytest.mark.parametrize(("shown", "security"), OPEN)
def test_a_network_is_open_only_where_its_key_would_have_been_shown(shown: str, security: str | None) -> None:
    text = (
        "/interface wifi\nset [ find default-name=wifi1 ] configuration.mode=ap .ssid=Salle disabled=no\n"
        f"/interface bridge\nadd name=b\n{shown}"
    )
    assert told(f"{HEADER}{text}")["wifi"][0].get("security") == security


def test_a_group_that_may_write_and_decide_what_others_may_administers() -> None:
    text = (
        '/user group\nadd name=chef policy="ssh,read,write,policy,!telnet"\nadd name=vigie policy="ssh,read,!write"\n'
        "/user\nadd group=chef name=a\nadd group=vigie name=b\n/interface bridge\nadd name=b\n"
    )
    assert [item["administrator"] for item in told(f"{HEADER}{text}")["users"]] == [True, False]


IPV6 = [
    ("/ipv6 address\nadd address=2001:db8::1 interface=ether2\n", ["accept"]),
    ("/ipv6 address\nadd address=2001:db8::1 interface=ether2\n/ipv6 settings\nset disable-ipv6=yes\n", []),
    ("", []),
]


@pytest.mark.parametrize(("statements", "policies"), IPV6)
def test_whoever_has_ipv6_and_no_rule_for_it_lets_everything_in(statements: str, policies: list[str]) -> None:
    found = told(f"{HEADER}/interface bridge\nadd name=b\n/ip dhcp-client\nadd interface=ether1\n{statements}")[
        "firewall"
    ]["input"]
    assert [item["policy"] for item in found if item["table"] == "ip6 filter"] == policies


UPDATES = [
    ("  channel: stable\n  installed-version: 7.15.2\n  latest-version: 7.15.2\n", {"status": "current"}),
    ("  installed-version: 7.15.2\n  status: ERROR: could not resolve dns name\n", {"status": "disconnected"}),
    ("  installed-version: 7.15.2\n     latest-version: 7.16\n status: New version is available\n",
     {"status": "available", "available": "7.16"}),
    ("  channel: stable\n  installed-version: 7.15.2\n", None),
    ("bad command name system/package/update/print (line 1 column 2)\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), UPDATES, ids=range(len(UPDATES)))
def test_updates(answer: str, expected: dict[str, str] | None) -> None:
    found = mikrotik_routeros.read(evidence(f"exec {mikrotik_routeros.UPDATES}", answer))
    assert found is not None
    assert to_json(found.device).get("system", {}).get("updates") == expected
    assert not found.unread


ON = "add chain=dstnat protocol=tcp in-interface=ether1 dst-port=8443"
SENT = "add chain=input action=accept connection-nat-state=dstnat in-interface=ether1\n"
OWN = "add chain=input action=accept protocol=tcp dst-port=8291 dst-address=192.168.88.1\n"
BEHIND = (
    "/interface bridge\nadd name=bridge\n"
    "/ip address\nadd address=192.168.88.1/24 interface=bridge\n/ip dhcp-client\nadd interface=ether1\n/ip service\n"
    "set telnet,ssh,www,api,api-ssl disabled=yes\n/ip firewall filter\n{filter}"
    "add chain=input action=drop in-interface=ether1\n/ip firewall nat\n{nat}\n"
)
THROUGH = [  # rule of dstnat, rules of the filter → outer ports of Winbox, and for whom
    (f"{ON} action=dst-nat to-addresses=192.168.88.1 to-ports=8291", SENT, {8443: None}),
    (f"{ON} action=redirect to-ports=8291", SENT, {8443: None}),
    (f"{ON} action=redirect to-ports=8291", OWN, {}),  # it leads to the address on ether1
    (f"{ON} action=dst-nat to-addresses=192.168.88.1 to-ports=8291", OWN, {8443: None}),
    (f"{ON} action=dst-nat to-addresses=192.168.88.1 to-ports=8291 src-address=203.0.113.7", SENT,
     {8443: ["203.0.113.7/32"]}),
    (f"{ON} action=dst-nat to-addresses=192.168.88.1 to-ports=8291", "", {}),
    (f"{ON} action=dst-nat to-addresses=192.168.88.1 to-ports=8291 disabled=yes", SENT, {}),
    (f"{ON} action=dst-nat to-addresses=192.168.88.9 to-ports=8291", SENT, {}),
    (f"{ON} action=redirect to-ports=3128", SENT, {}),
]  # fmt: skip


@pytest.mark.parametrize(("nat", "rules", "ports"), THROUGH)
def test_what_dstnat_sends_on_to_the_router_itself(nat: str, rules: str, ports: dict[int, list[str] | None]) -> None:
    text = f"{HEADER}{BEHIND.format(nat=nat, filter=rules)}"
    assert {item["port"]: item.get("source_filter") for item in told(text)["admin"] if item["side"] == "wan"} == ports
    assert not [report for report in read(text).unread if report.fact == "system.admin"]


LEFT = [  # a rule that is not understood → whether somebody may get in by it
    ("action=dst-nat to-addresses=192.168.88.1-192.168.88.2 to-ports=8291", True),
    ("action=dst-nat to-ports=8291", True),
    ("action=redirect to-ports=8291 packet-mark=other", True),
    ("action=dst-nat to-addresses=192.168.88.8-192.168.88.9 to-ports=8291", False),
    ("action=redirect to-ports=3128 packet-mark=other", False),
]


@pytest.mark.parametrize(("rule", "doubt"), LEFT)
def test_a_rule_of_dstnat_that_may_lead_to_the_router(rule: str, doubt: bool) -> None:
    text = f"{HEADER}{BEHIND.format(nat=f'{ON} {rule}', filter=SENT)}"
    assert ("system.admin" in {report.fact for report in read(text).unread}) is doubt


ASKS6 = "/ipv6 dhcp-client\nadd interface=ether1 request=address,prefix\n"
DROPS6 = (
    "/ipv6 firewall filter\nadd chain=input action=accept connection-state=established,related\n"
    "add chain=input action=accept protocol=udp dst-port=546 src-address=fe80::/10\n{more}"
    "add chain=input action=drop in-interface=ether1\n"
)
SPEAKING = [  # what is said of IPv6 → the reports on who administers
    ("", set()),
    (ASKS6, {"winbox by IPv6 from wan"}),
    (ASKS6 + DROPS6.format(more=""), set()),
    (ASKS6 + DROPS6.format(more="add chain=input action=accept protocol=tcp dst-port=8291\n"),
     {"winbox by IPv6 from wan"}),
    (ASKS6 + DROPS6.format(more="add chain=input action=accept src-address-list=agency\n"),
     {"winbox by IPv6 from wan"}),
    (ASKS6 + "/ipv6 firewall raw\nadd action=drop chain=prerouting in-interface=ether1 protocol=tcp\n", set()),
    (ASKS6 + "/ipv6 firewall raw\nadd action=drop chain=prerouting in-interface=ether1 src-address=2001:db8::/32\n",
     {"winbox by IPv6 from wan"}),
    (ASKS6 + "/ipv6 firewall raw\nadd chain=prerouting protocol=tcp\nadd action=drop chain=prerouting\n",
     {"winbox by IPv6 from wan"}),
    (ASKS6 + "/ipv6 settings\nset disable-ipv6=yes\n", set()),
    (ASKS6 + "/ip service\nset winbox address=192.168.88.0/24\n", set()),
    (ASKS6 + "/ip service\nset winbox address=192.168.88.0/24,2001:db8::/32\n",
     {"winbox by IPv6 from wan"}),
    ("/ipv6 address\nadd address=2001:db8::1/64 interface=ether5\n",
     {"winbox by IPv6 from wan", "winbox by IPv6 from ether5"}),
    ("/ipv6 address\nadd address=fe80::1/64 interface=ether1\n", set()),
    ('#error exporting "/ipv6/address" (timeout)\n', {"winbox by IPv6 from wan"}),
    ('#error exporting "/ipv6" (timeout)\n' + DROPS6.format(more=""), {"winbox by IPv6 from wan"}),
    ('#error exporting "/ipv6/dhcp-client" (timeout)\n' + DROPS6.format(more=""), set()),
    ('#error exporting "/ipv6/address" (timeout)\n/ipv6 settings\nset disable-ipv6=yes\n', set()),
]  # fmt: skip


@pytest.mark.parametrize(("more", "reports"), SPEAKING)
def test_what_the_filter_of_ipv4_shuts_may_be_open_by_ipv6(more: str, reports: set[str]) -> None:
    text = f"{HEADER}{BEHIND.format(nat='', filter='')}{more}"
    assert {report.text for report in read(text).unread if report.fact == "system.admin"} == reports


LED = [  # rules of the filter → what the input chain does with what comes in from outside; None: reported instead
    ("add action=jump chain=input jump-target=c\nadd action=drop chain=c\n", "drop"),
    ("add action=jump chain=input jump-target=c\nadd action=drop chain=c dst-port=1-1023 protocol=tcp\n", None),
    ("add action=jump chain=input jump-target=c\nadd action=drop chain=c protocol=tcp\n", None),
    ("add action=jump chain=input jump-target=c\nadd action=drop chain=c dst-port=135 protocol=tcp\n", "accept"),
    ("add action=jump chain=input jump-target=c protocol=tcp\nadd action=drop chain=c\n", None),
    ("add action=jump chain=input jump-target=c protocol=tcp\nadd action=drop chain=c dst-port=1-9 protocol=tcp\n",
     None),
    ("add action=jump chain=input jump-target=c protocol=tcp\nadd chain=c\n", "accept"),
    ("add action=jump chain=input jump-target=c\nadd chain=c\nadd action=drop chain=input\n", "accept"),
    ("add action=jump chain=input jump-target=c\nadd action=return chain=c\nadd action=drop chain=c\n"
     "add action=drop chain=input\n", "drop"),
    ("add action=jump chain=input in-interface=ether1 jump-target=c\nadd action=drop chain=c in-interface=!bridge\n",
     "drop"),
    ("add action=jump chain=input jump-target=c\nadd action=jump chain=c jump-target=d protocol=tcp\n"
     "add action=drop chain=d\nadd action=drop chain=input\n", "drop"),
    ("add action=jump chain=input in-interface=bridge jump-target=c\nadd action=drop chain=c\n", "accept"),
    ("add action=jump chain=input jump-target=c\nadd action=jump chain=c jump-target=c\nadd action=drop chain=input\n",
     None),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "policy"), LED, ids=range(len(LED)))
def test_a_chain_refuses_where_a_rule_about_everything_does_along_its_jumps(rules: str, policy: str | None) -> None:
    text = f"{HEADER}/interface bridge\nadd name=bridge\n/ip dhcp-client\nadd interface=ether1\n"
    observation = read(f"{text}/ip firewall filter\n{rules}")
    chains = to_json(observation.device)["system"]["firewall"].get("input", [])
    assert [item["policy"] for item in chains if item["side"] == "wan"] == ([policy] if policy else [])
    assert ("system.firewall" in {report.fact for report in observation.unread}) == (policy is None)


def test_a_jump_to_what_refuses_each_of_two_ways_out() -> None:
    text = (
        f"{HEADER}/interface bridge\nadd name=bridge\n/ip dhcp-client\nadd interface=ether1\nadd interface=ether2\n"
        "/ip firewall filter\nadd action=jump chain=input in-interface=ether1 jump-target=c\n"
        "add action=jump chain=input in-interface=ether2 jump-target=c\nadd action=drop chain=c\n"
    )
    assert [item["policy"] for item in told(text)["firewall"]["input"]] == ["drop"]


def test_whether_ipv6_is_let_in_is_open_where_its_addresses_could_not_be_exported() -> None:
    text = f"{HEADER}/interface bridge\nadd name=b\n/ip dhcp-client\nadd interface=ether1\n"
    assert "system.firewall" not in {report.fact for report in read(text).unread}
    torn = read(f'{text}#error exporting "/ipv6/address" (timeout)\n')
    assert "system.firewall" in {report.fact for report in torn.unread}


def test_an_export_of_the_menus_of_ip_alone_says_nothing_of_ipv6_nor_of_routes_that_are_learnt() -> None:
    text = f"{HEADER}{BEHIND.format(nat='', filter='')}".replace("/interface bridge\nadd name=bridge\n", "")
    observation = read(text)
    assert [report.text for report in observation.unread if report.fact == "system.admin"] == [
        "winbox by IPv6 from wan"
    ]
    ways = {item["name"]: item.get("default_route") for item in to_json(observation.device)["system"]["interfaces"]}
    assert ways == {"bridge": None, "ether1": True}
    inner = read(text.replace("/ip dhcp-client\nadd interface=ether1\n", ""))
    assert "admin" not in to_json(inner.device)["system"]
    assert "system.admin" in {report.fact for report in inner.unread}


LEARNT = ["/routing/ospf/interface-template", "/routing/bgp/connection", "/routing"]


@pytest.mark.parametrize("menu", LEARNT)
def test_routes_that_a_router_may_have_learnt_leave_open_where_it_leads(menu: str) -> None:
    text = f"{HEADER}/interface bridge\nadd name=b\n/ip address\nadd address=10.0.0.1/24 interface=b\n"
    observation = read(f'{text}#error exporting "{menu}" (timeout)\n')
    system = to_json(observation.device)["system"]
    assert "default_route" not in system["interfaces"][0]
    assert "admin" not in system
    assert "system.admin" in {report.fact for report in observation.unread}
    assert told(text)["interfaces"][0]["default_route"] is False
