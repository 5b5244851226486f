"""Cisco small business switches: what their configuration says of ports, administration and tables."""

from pathlib import Path

import pytest

from inventory.observation import Observation
from inventory.system import System
from scanner.platforms import cisco_s300
from tests.truth import SHARED
from tests.unit.scanner.test_platforms import evidence

SWITCH = """\
config-file-header
commutateur
v{release} / R800_NIK_1_4_202_008
CLI v1.0
file SSD indicator encrypted
@
ssd-control-start
ssd config
ssd-control-end cb0a3fdb1f3a1af4e4430033719968c0
!
vlan database
vlan 10,20-21
exit
hostname commutateur
username cisco password encrypted REDACTED privilege 15
{lines}ip default-gateway 192.168.10.254
!
interface vlan 1
 ip address 192.168.10.2 255.255.255.0
 no ip address dhcp
!
interface vlan 20
 name "salle d'attente"
!
interface gigabitethernet1
 switchport mode access
 switchport access vlan 20
!
interface gigabitethernet2
 switchport trunk allowed vlan add 10,20
 switchport trunk native vlan 10
!
interface gigabitethernet3
 switchport mode general
 switchport general allowed vlan add 21 untagged
!
exit
"""
LISTED = """\
management access-list BUREAU
permit ip-source 192.168.10.0 mask 255.255.255.0 service ssh
deny service telnet
permit service http
exit
management access-class BUREAU
"""


def observed(lines: str = "", release: str = "1.4.8.6") -> Observation:
    found = cisco_s300.read(evidence("shell show running-config", SWITCH.format(lines=lines, release=release)))
    assert found is not None
    return found


def told(lines: str = "", release: str = "1.4.8.6") -> System:
    return observed(lines, release).device.system or System()


def admin(lines: str) -> set[tuple[str, int | None, tuple[str, ...]]]:
    return {
        (item.protocol, item.port, tuple(map(str, item.source_filter or ()))) for item in told(lines).admin or ()
    }  # fmt: skip


def test_ports_and_addresses() -> None:
    system = told()
    assert [(item.id, item.name, item.tagged, item.untagged) for item in system.vlans or ()] == [
        (1, None, None, None),
        (10, None, None, ("gigabitethernet2",)),
        (20, "salle d'attente", ("gigabitethernet2",), ("gigabitethernet1",)),
        (21, None, None, ("gigabitethernet3",)),
    ]
    assert [(item.name, [str(one) for one in item.addresses or ()], item.default_route)
            for item in system.interfaces or ()] == [("vlan 1", ["192.168.10.2"], True)]  # fmt: skip
    # Since release 2 a port that does not say how it is set is an access port.
    assert [item.tagged for item in told(release="2.5.0.83").vlans or () if item.id == 20] == [None]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", {("http", 80, ())}),
        ("no ip http server\nip http secure-server\nip ssh server\n", {("https", 443, ()), ("ssh", 22, ())}),
        ("ip telnet server\nip ssh server\nip ssh port 2222\n",
         {("http", 80, ()), ("telnet", 23, ()), ("ssh", 2222, ())}),
        (f"{LISTED}ip telnet server\nip ssh server\n", {("http", 80, ()), ("ssh", 22, ("192.168.10.0/24",))}),
        ("management access-class console-only\nip ssh server\n", set()),
        ("no ip http server\nsnmp-server server\nsnmp-server community x rw view Default\n", {("snmp", 161, ())}),
        ("no ip http server\nsnmp-server server\nsnmp-server community x ro view Default\n", set()),
    ],
)  # fmt: skip
def test_who_administers_it(lines: str, expected: set[tuple[str, int, tuple[str, ...]]]) -> None:
    assert admin(lines) == expected


def test_what_follows_from_the_default_has_no_line() -> None:
    found = observed()
    assert {"/system/admin/0", "/system/services/0"} <= found.defaults
    # Whether HTTPS is on as delivered differs by model.
    assert [item.text for item in found.unread if item.fact == "system.admin"] == ["no line ip http secure-server"]


def test_a_list_by_ports_is_unread() -> None:
    lines = "management access-list L\npermit gi1\nexit\nmanagement access-class L\nip ssh server\n"
    assert admin(lines) == set()
    assert len([item for item in observed(lines).unread if item.fact == "system.admin"]) == 3


def test_a_file_that_ends_early_claims_no_absence() -> None:
    text = SWITCH.format(lines="", release="1.4.8.6")
    found = cisco_s300.read(evidence("shell show running-config", text[: text.index("ip default-gateway")]))
    assert found is not None
    system = found.device.system or System()
    assert (system.admin, system.services, system.snmp) == (None, None, None)
    assert told().snmp is not None
    text = SWITCH.format(lines="ip ssh server\nip http secure-server\n", release="1.4.8.6")
    found = cisco_s300.read(evidence("shell show running-config", text[: text.index("ip default-gateway")]))
    assert found is not None
    assert {item.fact for item in found.unread} >= {"system.admin", "system.services", "system.snmp"}
    assert {item.text for item in found.unread} == {"ip http secure-server"}


def test_what_nobody_says_of_https_is_open_for_sockets_too() -> None:
    unsaid = "no line ip http secure-server"
    assert [item.text for item in observed("ip ssh server\n").unread if item.fact == "system.services"] == [unsaid]
    assert not observed("no ip http secure-server\n").unread
    assert "system.services" in cisco_s300.DOUBTS["show running-config"]


def test_tables_have_an_end() -> None:
    heads = "  Port        Device ID        Port ID       System Name    Capabilities  TTL\n"
    dashes = "--------- ----------------- ------------- ----------------- ------------ -----\n"
    rows = "".join(
        f"gi{at:<7} 00:08:32:0f:1e:bd     gi27       x                    B        99\n" for at in range(5000)
    )
    read = cisco_s300.read(evidence("shell show lldp neighbors", f"{heads}{dashes}{rows}"))
    assert read is not None
    assert len((read.device.system or System()).links or ()) == 4096
    assert read.unread[0].text.startswith("gi4096")
    odd = cisco_s300.read(evidence("shell show lldp neighbors", f"{heads}{dashes}{rows[:400]}\nunknown\n"))
    assert odd is not None
    assert odd.unread
    text = "config-file-header\ninterface vlan 1\n" + "".join(
        f" ip address 10.{at // 250}.{at % 250}.1 255.255.255.0\n" for at in range(25_000)
    )
    many = cisco_s300.read(evidence("shell show running-config", text))
    assert many is not None
    (interface,) = (many.device.system or System()).interfaces or ()
    assert interface.addresses is None


def test_neighbours_by_lldp() -> None:
    path = SHARED / "cli_outputs" / "cisco_s300" / "show_lldp_neighbors" / "cisco_s300_show_lldp_neighbors.raw"
    if not path.exists():
        pytest.skip("the shared recordings are not here")
    found = cisco_s300.read(evidence("shell show lldp neighbors", Path(path).read_text("utf-8")))
    assert found is not None
    links = (found.device.system or System()).links or ()
    assert [(item.port, item.chassis, item.remote_port, item.system_name) for item in links] == [
        ("gi27", "00:08:32:0f:1e:bd", "gi27", "prsw03freeporil"),
        ("gi28", "00:08:32:0f:04:cc", "gi28", "prsw01freeportin"),
    ]
    lost = cisco_s300.read(evidence("shell show lldp neighbors", "% Unrecognized command\n"))
    assert lost is not None
    assert lost.unread
