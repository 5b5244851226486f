"""FortiOS: which virtual IPs a policy lets in, from whom, by which interface and to which ports."""

import pytest

from scanner.platforms import fortinet
from tests.unit.scanner.test_platforms import evidence

HEAD = "#config-version=FGT60F-{version}-FW-build2573-240201:opmode=0:vdom=0:user=admin\n"
INTERFACES = """\
config system interface
    edit "wan1"
        set ip 198.51.100.2 255.255.255.248
    next
    edit "wan2"
        set mode dhcp
        {wan2}
    next
    edit "internal"
        set ip 192.168.10.1 255.255.255.0
    next
end
"""
VIP = """\
config firewall vip
    edit "nas"
        set extip 198.51.100.2
        set mappedip "192.168.10.10"
        {vip}
    next
end
"""
ONE_PORT = 'set extintf "wan1"\nset portforward enable\nset extport 8443\nset mappedport 443'
ALL_PORTS = 'set extintf "wan1"'
ANY = 'set extintf "any"\nset portforward enable\nset extport 443\nset mappedport 443'
MORE = """\
config system zone
    edit "dehors"
        set interface "wan1" "wan2"
    next
end
config firewall address
    edit "prestataire"
        set subnet 203.0.113.7 255.255.255.255
    next
    edit "pays"
        set type geography
        set country "FR"
    next
end
config firewall service custom
    edit "NAS"
        set tcp-portrange 5000-5001:1024-65535
    next
    edit "web-dehors"
        set tcp-portrange 8443
    next
end
config firewall schedule recurring
    edit "heures"
        set day monday tuesday
    next
    edit "jamais"
        set day none
    next
end
config firewall schedule onetime
    edit "un jour"
        set end 18:00 2020/01/01
    next
end
"""


def policy(at: int, text: str, action: str = "accept") -> str:
    """A policy whose other settings are those of most: from wan1, all, always, every service."""
    standard = {"srcintf": '"wan1"', "dstintf": '"internal"', "srcaddr": '"all"', "dstaddr": '"nas"',
                "schedule": '"always"', "service": '"ALL"'}  # fmt: skip
    for line in filter(None, text.split("\n")):
        name, _, value = line.partition(" ")
        standard[name] = value
    lines = "".join(f"        set {name} {value}\n" for name, value in standard.items())
    return f"    edit {at}\n        set action {action}\n{lines}    next\n"


def told(vip: str, *policies: str, version: str = "7.0.14", wan2: str = "", more: str = "") -> tuple[list[str], bool]:
    """The forwards as sentences, and whether something about them could not be read."""
    text = HEAD.format(version=version) + INTERFACES.format(wan2=wan2) + MORE + more + VIP.format(vip=vip)
    text += f"config firewall policy\n{''.join(policies)}end\n"
    observation = fortinet.read(evidence("exec show", text))
    assert observation is not None
    assert observation.device.system is not None
    found = observation.device.system.port_forwards or ()
    said = [
        " ".join(
            (
                item.external, "to", item.target_port or "same", "by", item.interface or "any",
                *(["but", *item.except_interfaces] if item.except_interfaces else []),
                *(["from", *map(str, item.source_filter)] if item.source_filter else []),
                *([] if item.enabled else ["off" if item.enabled is False else "?"]),
            )
        )
        for item in found
    ]  # fmt: skip
    return said, any(item.fact == "system.port_forwards" for item in observation.unread)


OPEN = "tcp/8443 to 443 by wan1"
OFF = f"{OPEN} off"


@pytest.mark.parametrize(
    ("vip", "policies", "expected"),
    [
        (ONE_PORT, [policy(1, "")], [OPEN]),
        (ONE_PORT, [policy(1, 'service "HTTPS"')], [OPEN]),
        (ONE_PORT, [policy(1, 'service "SSH" "NAS"')], [OFF]),
        (ONE_PORT, [policy(1, 'srcintf "internal"')], [OFF]),
        (ONE_PORT, [policy(1, 'srcintf "dehors"')], [OPEN]),
        (ONE_PORT, [policy(1, 'srcintf "any"')], [OPEN]),
        (ONE_PORT, [policy(1, 'schedule "jamais"')], [OFF]),
        (ONE_PORT, [policy(1, 'schedule "heures"')], [OPEN]),
        (ONE_PORT, [policy(1, "status disable")], [OFF]),
        (ONE_PORT, [policy(1, "", "deny"), policy(2, "")], [OFF]),
        (ONE_PORT, [policy(1, 'srcaddr "prestataire"'), policy(2, "", "deny")], [f"{OPEN} from 203.0.113.7/32"]),
        (ONE_PORT, [policy(1, 'service "SSH"', "deny"), policy(2, "")], [OPEN]),
        (ONE_PORT, [policy(1, 'dstaddr "all"', "deny"), policy(2, "")], [OPEN]),
        (ONE_PORT, [policy(1, 'dstaddr "all"\nmatch-vip enable', "deny"), policy(2, "")], [OFF]),
        (ONE_PORT, [policy(1, 'dstaddr "all"')], [OFF]),
        (ONE_PORT, [policy(1, 'dstaddr "all"\nmatch-vip enable')], [OPEN]),
        (f"{ONE_PORT}\nset status disable", [policy(1, "")], [OFF]),
        (f"{ONE_PORT}\nset src-filter 192.0.2.0/24", [policy(1, "")], [f"{OPEN} from 192.0.2.0/24"]),
        (ALL_PORTS, [policy(1, 'service "NAS" "DNS"')],
         ["tcp/53 to same by wan1", "tcp/5000-5001 to same by wan1", "udp/53 to same by wan1"]),
        (ALL_PORTS, [policy(1, 'service "SSH"\nsrcaddr "prestataire"'), policy(2, 'service "SSH"', "deny"),
                     policy(3, 'service "ALL_TCP"')],
         ["tcp/1-21 to same by wan1", "tcp/22 to same by wan1 from 203.0.113.7/32", "tcp/23-65535 to same by wan1"]),
        (ANY, [policy(1, "")], ["tcp/443 to 443 by wan1"]),
        (ANY, [policy(1, 'srcintf "any"')], ["tcp/443 to 443 by any"]),
        (ANY, [policy(1, 'srcintf "dehors"')], ["tcp/443 to 443 by wan1", "tcp/443 to 443 by wan2"]),
        (ANY, [policy(1, "", "deny"), policy(2, 'srcintf "any"')], ["tcp/443 to 443 by any but wan1"]),
        ('set extintf "dehors"\nset portforward enable\nset extport 443', [policy(1, 'srcintf "dehors"')],
         ["tcp/443 to 443 by wan1", "tcp/443 to 443 by wan2"]),
    ],
)  # fmt: skip
def test_what_a_policy_lets_in(vip: str, policies: list[str], expected: list[str]) -> None:
    assert told(vip, *policies) == (expected, False)


@pytest.mark.parametrize(
    "policies",
    [
        [policy(1, 'srcaddr "pays"')],
        [policy(1, 'srcaddr "pays"', "deny"), policy(2, "")],
        [policy(1, 'schedule "un jour"')],
        [policy(1, 'service "web-dehors"')],  # policies see the inner port
        [policy(1, 'service "inconnu"')],
        [policy(1, 'groups "nomades"')],
        [policy(1, "internet-service-src enable")],
    ],
)
def test_what_cannot_be_told_is_unread(policies: list[str]) -> None:
    assert told(ONE_PORT, *policies) == ([], True)


def test_what_is_more_than_can_be_looked_at_is_unread() -> None:
    ranges = " ".join(str(port) for port in (*range(5000, 5128, 2), 443))
    many = f'config firewall service custom\nedit "PLAGES"\nset tcp-portrange {ranges}\nnext\nend\n'
    assert told(ONE_PORT, policy(1, 'service "PLAGES"'), more=many) == ([], True)
    vdoms = "config vdom\n" + "".join(
        f'edit v{at}\nconfig firewall vip\nedit nas\nset extintf any\nset mappedip 192.168.10.{at}\nnext\nend\n'
        "config firewall policy\nedit 1\nset dstaddr nas\nset action accept\nnext\nend\nnext\n"
        for at in range(1, 66)
    ) + "end\n"  # fmt: skip
    observation = fortinet.read(evidence("exec show", HEAD.format(version="7.0.14") + vdoms))
    assert observation is not None
    assert "VDOM v65" in {item.text for item in observation.unread if item.fact == "system.port_forwards"}


def test_an_open_policy_makes_a_doubtful_one_no_matter() -> None:
    assert told(ONE_PORT, policy(1, 'srcaddr "pays"'), policy(2, "")) == ([OPEN], False)


def test_one_that_refuses_all_means_virtual_addresses_since_7_2_4() -> None:
    policies = policy(1, 'dstaddr "all"\nsrcaddr "prestataire"', "deny"), policy(2, "")
    (found,), unread = told(ONE_PORT, *policies, version="7.2.4")
    assert not unread
    assert "203.0.113.7" not in found
    assert " from " in found
    assert told(ONE_PORT, *policies, version="7.2.3") == ([OPEN], False)


def test_an_interface_that_is_down_lets_nobody_in() -> None:
    vip = ONE_PORT.replace("wan1", "wan2")
    assert told(vip, policy(1, 'srcintf "wan2"'), wan2="set status down") == (["tcp/8443 to 443 by wan2 off"], False)


def test_with_central_nat_policies_name_the_inner_address() -> None:
    central = "config system settings\nset central-nat enable\nend\n"
    assert told(ONE_PORT, policy(1, 'dstaddr "all"'), more=central) == ([OPEN], False)
    assert told(ONE_PORT, policy(1, 'dstaddr "prestataire"'), more=central) == ([OFF], False)
    assert told(f"{ONE_PORT}\nset status disable", policy(1, 'dstaddr "all"'), more=central) == ([OFF], False)


def test_where_applications_decide_nothing_is_claimed() -> None:
    mode = "config system settings\nset ngfw-mode policy-based\nend\n"
    assert told(ONE_PORT, policy(1, ""), more=mode) == ([], True)


def test_each_vdom_has_its_own_policies() -> None:
    body = VIP.format(vip=ONE_PORT) + "config firewall policy\n{}end\n"
    text = (
        HEAD.format(version="7.0.14")
        + "config vdom\nedit root\nnext\nedit invites\nnext\nend\nconfig global\n"
        + INTERFACES.format(wan2="")
        + "end\nconfig vdom\nedit root\n"
        + body.format("")
        + "next\nend\nconfig vdom\nedit invites\n"
        + body.format(policy(1, "")).replace("8443", "9443")
        + "next\nend\n"
    )
    observation = fortinet.read(evidence("exec show", text))
    assert observation is not None
    assert observation.device.system is not None
    found = observation.device.system.port_forwards or ()
    assert [(item.external, item.enabled) for item in found] == [("tcp/8443", False), ("tcp/9443", True)]


def test_forwards_of_ipv6_are_named_as_unread() -> None:
    six = "config firewall vip6\nedit web\nset extip 2001:db8::1\nset mappedip 2001:db8::2\nnext\nend\n"
    assert told(ONE_PORT, policy(1, ""), more=six) == ([OPEN], True)


def test_a_default_route_by_sd_wan_leaves_by_each_member() -> None:
    sdwan = "config system virtual-wan-link\nconfig members\nedit 1\nset interface wan1\nnext\nend\nend\n"
    text = HEAD.format(version="6.0.4") + INTERFACES.format(wan2="") + sdwan
    text += "config router static\nedit 1\nset device virtual-wan-link\nnext\nend\nconfig firewall policy\nend\n"
    observation = fortinet.read(evidence("shell show", text))
    assert observation is not None
    assert observation.device.system is not None
    found = observation.device.system.interfaces or ()
    assert {item.name: item.default_route for item in found} == {"wan1": True, "wan2": True, "internal": False}
    lost = fortinet.read(evidence("shell show", text.replace("set device virtual-wan-link", "set device wan9")))
    assert lost is not None
    assert any(item.fact == "system.interfaces" for item in lost.unread)


def test_nobody_administers_by_an_interface_without_an_address() -> None:
    text = HEAD.format(version="7.0.14") + INTERFACES.format(wan2="set status down\nset allowaccess https").replace(
        '    edit "internal"', '    edit "internal5"\nset allowaccess ssh\nnext\nedit "internal"\nset allowaccess https'
    )
    observation = fortinet.read(
        evidence("shell show", f"{text}config system global\nend\nconfig firewall policy\nend\n")
    )
    assert observation is not None
    assert observation.device.system is not None
    system = observation.device.system
    assert {(item.protocol, item.side) for item in system.admin or ()} == {("https", "lan")}
    assert {item.process for item in system.services or ()} == {"https"}
    assert {item.name: item.default_route for item in system.interfaces or ()}["wan2"] is not True


def test_what_refuses_one_virtual_ip_says_nothing_of_another() -> None:
    other = 'config firewall vip\nedit "autre"\nset mappedip 192.168.10.99\nset extintf wan1\nnext\nend\n'
    blocked = policy(1, 'dstaddr "autre"\ninternet-service-src enable', "deny")
    found, unread = told(ONE_PORT, blocked, policy(2, ""), version="7.2.8", more=other)
    assert OPEN in found
    assert not unread
