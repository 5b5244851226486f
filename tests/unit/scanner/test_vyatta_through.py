"""Whom the packet filter of a router of the Vyatta family lets through a port forward."""

import pytest

from scanner.platforms import ubiquiti_edgerouter, vyos
from tests.unit.scanner.test_platforms import seen

BOOT = "cat /config/config.boot"
BASE = """set interfaces ethernet eth0 address 203.0.113.9/29
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces ethernet eth2 address 192.168.9.1/24
set protocols static route 0.0.0.0/0 next-hop 203.0.113.14
set system host-name x
"""
SENT = """set nat destination rule 10 destination port 443
set nat destination rule 10 inbound-interface eth0
set nat destination rule 10 protocol tcp
set nat destination rule 10 translation address 192.168.1.5
set nat destination rule 10 translation port 5001
"""
ESTABLISHED = "set firewall name IN default-action drop\nset firewall name IN rule 10 action accept\n"
ESTABLISHED += "set firewall name IN rule 10 state established enable\n"
RULE_SET = "set interfaces ethernet eth0 firewall in name IN\n" + ESTABLISHED
ACCEPT = "set firewall name IN rule 20 action accept\nset firewall name IN rule 20 protocol tcp\n"
FORWARD = "set firewall ipv4 forward filter default-action drop\n"
JUMP = FORWARD + "set firewall ipv4 forward filter rule 10 action jump\n"
JUMP += "set firewall ipv4 forward filter rule 10 inbound-interface name eth0\n"
JUMP += "set firewall ipv4 forward filter rule 10 jump-target IN\nset firewall ipv4 name IN default-action drop\n"
IN = "set firewall ipv4 name IN rule 20 "
ZONES = "set zone-policy zone WAN interface eth0\nset zone-policy zone LAN interface eth1\n"


def forwards(text: str) -> list[str] | None:
    """Each forward: whether it is on, and for whom."""
    found = seen(vyos, BOOT, BASE + text)
    assert found.device.system is not None
    rows = found.device.system.port_forwards
    return [" ".join(["off"] if row.enabled is False else [*map(str, row.source_filter or ())]) for row in rows or ()]


def ports(text: str) -> list[str]:
    """Each forward by its outer ports, and whether it is off."""
    system = seen(vyos, BOOT, BASE + text).device.system
    assert system is not None
    return [item.external + " off" * (item.enabled is False) for item in system.port_forwards or ()]


@pytest.mark.parametrize(
    ("filtering", "expected"),
    [
        ("", ""),
        (RULE_SET, "off"),
        (RULE_SET + ACCEPT, ""),
        (RULE_SET + ACCEPT + "set firewall name IN rule 20 destination port 5001\n", ""),
        (RULE_SET + ACCEPT + "set firewall name IN rule 20 destination port 443\n", "off"),  # the outer one
        (RULE_SET + ACCEPT + "set firewall name IN rule 20 destination address 192.168.1.5\n", ""),
        (RULE_SET + ACCEPT + "set firewall name IN rule 20 destination address 203.0.113.9\n", "off"),
        (RULE_SET + ACCEPT + "set firewall name IN rule 20 source address 198.51.100.7\n", "198.51.100.7/32"),
        (RULE_SET + ACCEPT + "set firewall name IN rule 20 disable\n", "off"),
        (RULE_SET + ACCEPT + "set firewall name IN rule 20 source mac-address 00:00:5e:00:53:01\n", ""),  # not told
        (RULE_SET.replace("default-action drop", "default-action accept"), ""),
        (RULE_SET.replace(" in name", " out name"), ""),  # it is about what leaves
        (RULE_SET.replace("eth0 firewall in", "eth1 firewall out"), "off"),
        (RULE_SET.replace(ESTABLISHED, ""), ""),  # a rule set that is elsewhere
        ("set firewall interface eth0 in name IN\n" + ESTABLISHED, "off"),
        (FORWARD, "off"),
        (JUMP, "off"),
        (JUMP + IN + "action accept\n" + IN + "connection-status nat destination\n", ""),
        (JUMP + IN + "action accept\n" + IN + "connection-status nat source\n", "off"),
        (JUMP + IN + "action accept\n" + IN + "outbound-interface name eth1\n", ""),
        (JUMP + IN + "action accept\n" + IN + "outbound-interface name eth2\n", "off"),
        (ZONES, "off"),
        (ZONES + "set zone-policy zone LAN from WAN firewall name IN\n" + ESTABLISHED, "off"),
        (ZONES + "set zone-policy zone LAN from WAN firewall name IN\n" + ESTABLISHED + ACCEPT, ""),
        ("set zone-policy zone LAN interface eth0\nset zone-policy zone LAN interface eth1\n", ""),
        ("set firewall zone W member interface eth0\nset firewall zone L member interface eth1\n", "off"),
        ("set zone-policy zone LAN interface eth1\n", ""),  # an outside without a zone
    ],
)
def test_a_forward_and_the_filter(filtering: str, expected: str) -> None:
    assert forwards(SENT + filtering) == [expected]


def test_a_forward_for_some_of_whom_the_filter_lets_in_others() -> None:
    some = SENT + "set nat destination rule 10 source address 192.0.2.0/24\n" + RULE_SET + ACCEPT
    assert forwards(some) == ["192.0.2.0/24"]
    assert forwards(some + "set firewall name IN rule 20 source address 198.51.100.0/24\n") == ["off"]
    assert forwards(some + "set firewall name IN rule 20 source address 192.0.2.7\n") == ["192.0.2.7/32"]


PORTS = RULE_SET + ACCEPT + "set firewall name IN rule 20 destination port "
SHUT = RULE_SET + ACCEPT + "set firewall name IN rule 15 action drop\nset firewall name IN rule 15 destination port "


@pytest.mark.parametrize(
    ("filtering", "expected"),
    [
        (PORTS + "8005-8010\n", ["tcp/8005-8010"]),
        (PORTS + "8000-8010\n", ["tcp/8000-8010"]),
        (PORTS + "8000-8004\n" + PORTS.replace("20", "21") + "8005-9000\n", ["tcp/8000-8010"]),
        (PORTS + "8001,8003\n", ["tcp/8001", "tcp/8003"]),
        (PORTS + "8011\n", ["tcp/8000-8010 off"]),
        (PORTS + "!8000\n", ["tcp/8001-8010"]),
        (SHUT + "8000\n", ["tcp/8001-8010"]),
        (SHUT + "8000\nset firewall name IN rule 15 disable\n", ["tcp/8000-8010"]),
        (PORTS + "elsewhere\n", ["tcp/8000-8010"]),
    ],
)
def test_a_filter_that_lets_through_some_ports_of_a_range(filtering: str, expected: list[str]) -> None:
    sent = SENT.replace("443", "8000-8010").replace("set nat destination rule 10 translation port 5001\n", "")
    assert ports(sent + filtering) == expected
    same = "set nat destination rule 10 translation port 8000-8010\n"
    assert ports(sent + same + filtering) == expected


def test_a_range_that_leads_to_another_one_is_told_as_a_whole() -> None:
    sent = SENT.replace("443", "7000-7010").replace("5001", "8000-8010")
    assert ports(sent + PORTS + "8005-8010\n") == ["tcp/7000-7010"]
    assert ports(sent + PORTS + "7000-7010\n") == ["tcp/7000-7010 off"]


def test_of_all_ports_those_that_the_filter_lets_through() -> None:
    sent = SENT.replace("set nat destination rule 10 destination port 443\n", "").replace("port 5001", "")
    sent = sent.replace("set nat destination rule 10 translation \n", "")
    assert ports(sent + PORTS + "443\n") == ["tcp/443"]
    many = "".join(f"{PORTS.replace('rule 20', f'rule {port}')}{port}\n" for port in range(2000, 2300, 2))
    assert ports(sent + many) == ["tcp/1-65535"]  # more parts than anybody asks


def test_whom_a_list_keeps_out_leaves_a_forward_open() -> None:
    kept_out = "set firewall name IN rule 15 action drop\nset firewall name IN rule 15 source address 192.0.2.0/24\n"
    assert forwards(SENT + RULE_SET + kept_out + ACCEPT) == [""]


@pytest.mark.parametrize(("said", "on"), [("enable", None), ("disable", False), (None, None)])
def test_the_wizard_opens_the_filter_by_itself(said: str | None, on: bool | None) -> None:
    text = BASE + RULE_SET + (f"set port-forward auto-firewall {said}\n" if said else "")
    text += "set port-forward wan-interface eth0\nset port-forward rule 1 original-port 443\n"
    text += "set port-forward rule 1 forward-to address 192.168.1.5\nset port-forward rule 1 protocol tcp\n"
    system = seen(ubiquiti_edgerouter, BOOT, text).device.system
    assert system is not None
    assert [item.enabled for item in system.port_forwards or ()] == [on]


def test_a_forward_that_the_filter_stops_still_takes_its_port() -> None:
    """Who asks for the shell from outside is sent on, and stopped there."""
    text = BASE + SENT.replace("443", "22") + RULE_SET + "set service ssh port 22\n"
    system = seen(vyos, BOOT, text).device.system
    assert system is not None
    assert "wan" not in {item.side for item in system.admin or ()}


def test_what_is_sent_on_over_ipv6_is_not_told() -> None:
    rule = "set nat66 destination rule 10 translation address 2001:db8::5\n"
    found = seen(vyos, BOOT, BASE + SENT + rule)
    assert [(report.fact, report.text) for report in found.unread] == [("system.port_forwards", "nat66 rule 10")]
    assert not seen(vyos, BOOT, BASE + SENT + rule + "set nat66 destination rule 10 disable\n").unread


def test_what_containers_and_exporters_offer() -> None:
    text = """set container name web port http source 8080
set container name web port http destination 80
set container name dns port d source 5353
set container name dns port d protocol udp
set container name dns port d listen-address 192.168.1.1
set container name off disable
set container name off port x source 81
set service monitoring prometheus node-exporter listen-address 192.168.1.1
set service monitoring telegraf prometheus-client port 9999
"""
    system = seen(vyos, BOOT, BASE + text).device.system
    assert system is not None
    assert {(item.process, item.port, item.protocol, item.address) for item in system.services or ()} == {
        ("container", 8080, "tcp", "0.0.0.0"),
        ("container", 5353, "udp", "192.168.1.1"),
        ("node-exporter", 9100, "tcp", "192.168.1.1"),
        ("prometheus-client", 9999, "tcp", "0.0.0.0"),
    }
