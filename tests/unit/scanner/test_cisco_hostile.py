"""What FortiGates and Cisco devices may send: large answers end in time, and broken ones claim nothing unsound."""

import random
import time

import pytest

from scanner.platforms import Platform, cisco_ios, cisco_s300, fortinet
from tests.truth import RECORDINGS
from tests.unit.scanner.test_cisco import ROUTER
from tests.unit.scanner.test_cisco_s300 import LISTED, SWITCH
from tests.unit.scanner.test_platforms import evidence
from tests.unit.scanner.test_platforms_fuzz import assert_sound, mutated

SECONDS = 10  # of our own work
_HEAD = "#config-version=FGT60F-7.4.1-FW-build2463-230830:opmode=0:vdom=0\n"
_VIPS = "config firewall vip\n" + "".join(
    f'edit "v{at}"\nset extip 192.0.2.1\nset mappedip "10.0.0.{at % 250 + 1}"\nset extintf "any"\nnext\n'
    for at in range(5000)
) + "end\n"  # fmt: skip
_DENIED = "config firewall policy\n" + "".join(
    f'edit {at}\nset srcintf "w{at}"\nset dstaddr "all"\nset action deny\nset service "S{at}"\nnext\n'
    for at in range(4000)
) + "end\n"  # fmt: skip
_INTERFACES = "".join(
    f"interface Gi{at}\n ip address 10.{at // 250}.{at % 250}.1 255.255.255.0\n ip nat outside\n" for at in range(4000)
)
_STATIC = "".join(f"ip nat inside source static 10.1.{at // 250}.{at % 250} 192.0.2.1\n" for at in range(600))
_LIST = "ip access-list extended A\n" + "".join(
    f" permit tcp 10.{at}.0.0 0.0.255.255 any eq {at % 30 + 1}\n deny udp 10.{at}.3.0 0.0.0.255 any\n"
    for at in range(60)
)
LARGE: dict[str, tuple[Platform, str, str]] = {
    "virtual IPs under policies that all refuse": (fortinet, "show", f"{_HEAD}{_VIPS}{_DENIED}"),
    "the same with central NAT": (
        fortinet, "show", f"{_HEAD}config system settings\nset central-nat enable\nend\n{_VIPS}{_DENIED}",
    ),
    "groups of addresses behind many virtual IPs": (
        fortinet, "show", f"{_HEAD}config firewall vip\n" + "".join(
            f'edit "v{at}"\nset extip 192.0.2.1\nset mappedip "10.0.0.{at % 250 + 1}"\nset extintf "any"\nnext\n'
            for at in range(300)
        ) + "end\nconfig firewall vipgrp\n" + "".join(
            f"edit g{at}\nset member {' '.join(f'v{(at + one) % 300}' for one in range(200))}\nnext\n"
            for at in range(50)
        ) + "end\nconfig firewall address\n" + "".join(
            f"edit a{at}\nset subnet 10.{at}.0.0 255.255.0.0\nnext\n" for at in range(0, 250, 2)
        ) + "end\nconfig firewall policy\n" + "".join(
            f'edit {at}\nset srcintf "any"\nset dstaddr {" ".join(f"g{one}" for one in range(50))}\nset action accept\n'
            f"set srcaddr {' '.join(f'a{one}' for one in range(at % 2 * 2, 250, 4))}\nset service HTTP\nnext\n"
            for at in range(40)
        ) + "end\n",
    ),
    "members of an SD-WAN and routes by it": (
        fortinet, "show", f"{_HEAD}config system sdwan\nconfig members\n"
        + "".join(f"edit {at}\nset interface w{at}\nnext\n" for at in range(9_000)) + "end\nend\nconfig router static\n"
        + "".join(f"edit {at}\nset sdwan-zone z{at}\nnext\n" for at in range(5000)) + "end\n",
    ),
    "VDOMs": (
        fortinet, "show", _HEAD + "config vdom\n" + "".join(
            f"edit v{at}\nconfig firewall vip\nedit a\nset mappedip 10.0.0.1\nnext\nend\nnext\n" for at in range(8000)
        ) + "end\n",
    ),
    "interfaces and translations": (cisco_ios, "show running-config", f"version 15.1\n{_INTERFACES}{_STATIC}end\n"),
    "translations behind a list": (
        cisco_ios, "show running-config", "version 15.1\ninterface Gi0\n ip address 192.0.2.2 255.255.255.0\n"
        f" ip nat outside\n ip access-group A in\n{_STATIC}{_LIST}end\n",
    ),
    "classes that match everything, for many translations": (
        cisco_ios, "show running-config", "version 15.1\ninterface Gi0\n ip address 192.0.2.2 255.255.255.0\n"
        " ip nat outside\n zone-member security O\ninterface Gi1\n ip address 10.1.0.1 255.255.0.0\n"
        " zone-member security I\nzone-pair security P source O destination I\n service-policy type inspect M\n"
        f"class-map type inspect match-all C\nclass-map type inspect match-any D\n match class-map C\n{_STATIC}"
        "policy-map type inspect M\n" + " class type inspect C\n  pass\n class type inspect D\n" * 60 + "end\n",
    ),
    "a long list in many classes": (
        cisco_ios, "show running-config", "version 15.1\ninterface Gi0\n ip address 192.0.2.2 255.255.255.0\n"
        " ip nat outside\n zone-member security O\ninterface Gi1\n ip address 10.1.0.1 255.255.0.0\n"
        " zone-member security I\nzone-pair security P source O destination I\n service-policy type inspect M\n"
        "class-map type inspect match-any C\n" + " match access-group name L\n" * 100 + f"{_STATIC}"
        "policy-map type inspect M\n" + " class type inspect C\n  pass\n" * 100 + "ip access-list extended L\n"
        + "".join(f" deny tcp 10.{at}.3.0 0.0.0.255 any\n" for at in range(60))
        + "".join(f" permit tcp 11.{at}.0.0 0.0.255.255 any\n" for at in range(190)) + "end\n",
    ),
    "MACs": (cisco_ios, "show mac address-table", "  46      000c.ab66.1c75   dynamic ip Gi1/15\n" * 20_000),
    "a row of blanks": (cisco_ios, "show mac address-table", f"000c.ab66.1c75 dynamic{' ' * 1_000_000}\n"),
    "every VLAN on every port": (
        cisco_s300, "show running-config", "config-file-header\nvlan database\nvlan 1-4094\nexit\n"
        + "interface gi1\n switchport mode trunk\n switchport trunk allowed vlan 1-4094\n!\n" * 10_000,
    ),
    "every VLAN native and on every line": (
        cisco_s300, "show running-config", "config-file-header\nvlan database\nvlan 1-4094\nexit\ninterface gi1\n"
        " switchport mode trunk\n switchport trunk native vlan 1-4094\n"
        + " switchport trunk allowed vlan add 1-4094\n" * 20_000,
    ),
    "every VLAN again and again": (
        cisco_s300, "show running-config", "config-file-header\n" + "vlan 1-4094\n" * 40_000
        + "interface vlan 1-4094\n name x\n" * 15_000,
    ),
    "addresses of a switch": (
        cisco_s300, "show running-config", "config-file-header\n" + "ip default-gateway 10.0.0.1\n" * 100 + "".join(
            f"interface vlan {at}\n ip address 10.{at // 250}.{at % 250}.1 255.255.255.0\n!\n" for at in range(9000)
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_answers_end_in_time(name: str) -> None:
    platform, command, text = LARGE[name]
    began = time.process_time()
    observation = platform.read(evidence(f"shell {command}", text[: 1 << 20]))
    assert time.process_time() - began < SECONDS
    assert_sound(observation, text.encode())
    system = observation.device.system if observation else None
    assert len((system.interfaces if system else None) or ()) <= 256
    assert len((system.port_forwards if system else None) or ()) <= 4096


SAMPLES: dict[str, tuple[Platform, str, str]] = {
    "fortigate": (fortinet, "show", (RECORDINGS / "fortinet-forms" / "forms.conf").read_text("utf-8")),
    "router": (cisco_ios, "show running-config", ROUTER),
    "switch": (cisco_s300, "show running-config", SWITCH.format(lines=LISTED, release="1.4.8.6")),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_broken_answers_are_sound(name: str) -> None:
    platform, command, text = SAMPLES[name]
    chance = random.Random(20261124)
    for _ in range(150):
        body = mutated(text.encode(), chance)
        assert_sound(platform.read(evidence(f"shell {command}", body)), body)
