"""Who reaches the page or the shell of a router of the Vyatta family, when forwards take the same port."""

import pytest

from inventory.gateway import Admin
from scanner.platforms import ubiquiti_edgerouter, vyos
from tests.unit.scanner.test_platforms import seen

BOOT = "cat /config/config.boot"
# A router that lets everybody ask it for its page and its shell.
OPEN = """interfaces {
    ethernet eth0 {
        address 203.0.113.9/29
        address 203.0.113.10/29
    }
    ethernet eth1 {
        address 192.168.1.1/24
    }
}
protocols {
    static {
        route 0.0.0.0/0 {
            next-hop 203.0.113.14 {
            }
        }
    }
}
service {
    ssh {
        port 22
    }
}
system {
    host-name x
}
"""
RULE = """nat {
    destination {
        rule 10 {
            destination {
                %s
                port %s
            }
            inbound-interface %s
            protocol %s
            %s
            translation {
                address %s
            }
        }
    }
}
"""


def outside(rule: str) -> list[str]:
    """Who may administer it from outside."""
    system = seen(vyos, BOOT, OPEN + rule).device.system
    assert system is not None
    assert Admin("ssh", "lan", 22, True) in (system.admin or ())
    found = [item for item in system.admin or () if item.side == "wan"]
    return [str(one) for item in found for one in item.source_filter or ("everybody",)]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("", "22", "eth0", "tcp", "", "192.168.1.5"), []),
        (("", "20-30", "eth0", "tcp_udp", "", "192.168.1.5"), []),
        (("", "22", "eth0", "tcp", "source {\n address 192.0.2.0/24\n }", "192.168.1.5"), ["everybody"]),
        (("", "22", "eth0", "udp", "", "192.168.1.5"), ["everybody"]),
        (("", "22", "eth0", "tcp", "disable", "192.168.1.5"), ["everybody"]),
        (("", "2222", "eth0", "tcp", "", "192.168.1.5"), ["everybody"]),
        (("address 203.0.113.9", "22", "eth0", "tcp", "", "192.168.1.5"), ["everybody"]),  # the other one is left
        (("address 203.0.113.8/29", "22", "eth0", "tcp", "", "192.168.1.5"), []),
        (("", "22", "eth0", "tcp", "", "192.168.1.1"), ["everybody"]),  # it is sent to itself
        (("", "22", "eth0", "tcp", "exclude", "192.168.1.5"), ["everybody"]),
    ],
)
def test_whom_a_forward_sends_elsewhere(parts: tuple[str, ...], expected: list[str]) -> None:
    assert outside(RULE % parts) == expected


def test_who_asks_inside_is_sent_away() -> None:
    system = seen(vyos, BOOT, OPEN + RULE % ("", "22", "eth1", "tcp", "", "192.168.1.5")).device.system
    assert system is not None
    assert system.admin == (Admin("ssh", "wan", 22, True),)


def test_the_wizard_of_edgeos_takes_its_port() -> None:
    wizard = (
        "port-forward {\n    auto-firewall enable\n    rule 1 {\n        forward-to {\n            address 192.168.1.5"
    )
    wizard += "\n        }\n        original-port 443\n        protocol tcp\n    }\n    wan-interface eth0\n}\n"
    page = OPEN.replace("    ssh {", "    gui {\n        https-port 443\n    }\n    ssh {")
    system = seen(ubiquiti_edgerouter, BOOT, page + wizard).device.system
    assert system is not None
    assert {(item.protocol, item.side) for item in system.admin or ()} == {
        ("https", "lan"), ("ssh", "lan"), ("ssh", "wan"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ending", "expected"),
    [("return", ["everybody"]), ("continue", ["everybody"]), ("drop", []), ("accept", ["everybody"]), ("jump", [])],
)
def test_what_a_chain_hands_back(ending: str, expected: list[str]) -> None:
    chain = "firewall {\n    ipv4 {\n        input {\n            filter {\n                default-action accept\n"
    chain += "                rule 10 {\n                    action jump\n                    inbound-interface {\n"
    chain += "                        name eth0\n                    }\n                    jump-target OUTSIDE\n"
    chain += "                }\n            }\n        }\n        name OUTSIDE {\n            default-action " + ending
    chain += "\n            rule 5 {\n                action accept\n                destination {\n"
    chain += "                    port mdns,domain-s\n                }\n                protocol udp\n            }\n"
    chain += "        }\n    }\n}\n"
    assert outside(chain) == expected
    facts = {report.fact for report in seen(vyos, BOOT, OPEN + chain).unread}
    assert facts == ({"system.admin", "system.firewall"} if ending == "jump" else set())


SHOWN = """Codes: S - State, L - Link, u - Up, D - Down, A - Admin Down
Interface    IP Address        MAC                VRF        MTU  S/L    Description
-----------  ----------------  -----------------  -------  -----  -----  -------------
eth0         203.0.113.9/24    00:50:56:b3:42:9d  default   1500  u/u    WAN link
             2001:db8::9/64
eth1         192.0.2.7/24      00:50:56:b3:42:9e  default   1500  A/D
             192.0.2.8/24
eth2         -                 00:50:56:b3:42:9f  default   1500  u/D    Vide
eth2 again   nothing
"""


def test_the_interfaces_as_they_are_now() -> None:
    found = seen(vyos, "/opt/vyatta/bin/vyatta-op-cmd-wrapper show interfaces", SHOWN)
    assert found.device.system is not None
    assert [(item.name, list(map(str, item.addresses or ()))) for item in found.device.system.interfaces or ()] == [
        ("eth0", ["203.0.113.9"]),
        ("eth2", []),
    ]
    assert [report.line for report in found.unread] == [9]
    assert found.lines == {"/system/interfaces/0": 4, "/system/interfaces/1": 8}


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("firewall {\n in {\n name GUEST_IN\n }\n }", "guest"),
        ("firewall {\n local {\n name WLAN_INVITES\n }\n }", "guest"),
        ("firewall {\n out {\n name GUEST_OUT\n }\n }", "lan"),  # it is about who goes there
        ('description "Salle d\'attente (visiteurs)"', "guest"),
        ("description Bureau", "lan"),
    ],
)
def test_a_network_of_guests_by_its_rule_sets(words: str, side: str) -> None:
    text = OPEN.replace("        address 192.168.1.1/24\n", f"        address 192.168.1.1/24\n        {words}\n")
    system = seen(ubiquiti_edgerouter, BOOT, "firewall {\n name GUEST_IN {\n }\n}\n" + text).device.system
    assert system is not None
    sides = {item.side for item in system.admin or ()}
    if "local" in words:  # a rule set that is not in the file: nobody knows what it lets in
        assert sides == {"wan"}
    else:
        assert sides == {"wan", side}


PROXY = """load-balancing {
    %s {
        backend inside {
            server one {
                address 192.168.1.9
                port 443
            }
        }
        service page {
            backend inside
            %s
        }
    }
}
"""


@pytest.mark.parametrize(
    ("kind", "words", "expected", "whole"),
    [
        ("reverse-proxy", "port 443", ["haproxy 443 0.0.0.0 None"], True),
        ("haproxy", "port 443\n mode http\n ssl {\n certificate c\n }", ["haproxy 443 0.0.0.0 True"], True),
        ("haproxy", "listen-address 203.0.113.9\n port 80", ["haproxy 80 203.0.113.9 None"], True),
        ("haproxy", "port 443\n redirect-http-to-https", ["haproxy 443 0.0.0.0 None"], False),
        ("haproxy", "mode tcp", [], False),
        ("another", "port 443", [], False),
    ],
)
def test_what_a_reverse_proxy_offers(kind: str, words: str, expected: list[str], whole: bool) -> None:
    found = seen(vyos, BOOT, OPEN + PROXY % (kind, words))
    assert found.device.system is not None
    services = [item for item in found.device.system.services or () if item.process != "ssh"]
    assert [f"{item.process} {item.port} {item.address} {item.encrypted}" for item in services] == expected
    assert {report.fact for report in found.unread} == (set() if whole else {"system.services"})


@pytest.mark.parametrize(
    ("service", "doubted"),
    [
        ("stunnel", True),
        ("lldp", False),
        ("stunnel {\n disable\n }\n lldp", False),
        ("monitoring {\n zabbix-agent {\n server 192.168.1.9\n }\n }\n lldp", True),
        ("monitoring {\n prometheus {\n another-exporter {\n }\n }\n }\n lldp", True),
        ("monitoring {\n telegraf {\n influxdb {\n url http://x\n }\n }\n network-event {\n }\n }\n lldp", False),
    ],
)
def test_a_service_that_nobody_knows_may_listen(service: str, doubted: bool) -> None:
    text = OPEN.replace("    ssh {\n", f"    {service} {{\n    }}\n    ssh {{\n")
    text += "container {\n name web {\n image x\n }\n}\n"
    assert {report.fact for report in seen(vyos, BOOT, text).unread} == ({"system.services"} if doubted else set())


@pytest.mark.parametrize(
    ("ssh", "inner", "sides", "doubted"),
    [
        ("vrf MGMT", "", [], True),
        ("vrf MGMT", "vrf MGMT", ["lan"], False),
        ("vrf default", "vrf MGMT", ["wan"], False),
        ("vrf default\n vrf MGMT", "", ["wan", "lan"], True),
    ],
)
def test_a_shell_in_a_routing_table_of_its_own(ssh: str, inner: str, sides: list[str], doubted: bool) -> None:
    text = OPEN.replace("port 22\n", f"port 22\n {ssh}\n").replace("192.168.1.1/24\n", f"192.168.1.1/24\n {inner}\n")
    found = seen(vyos, BOOT, text)
    assert found.device.system is not None
    assert sorted(item.side for item in found.device.system.admin or ()) == sorted(sides)
    assert {report.fact for report in found.unread} == ({"system.admin"} if doubted else set())


def test_a_container_in_the_network_of_the_router_listens_on_it() -> None:
    found = seen(vyos, BOOT, OPEN + "container {\n name web {\n allow-host-networks\n image x\n }\n}\n")
    assert {report.fact for report in found.unread} == {"system.services"}
