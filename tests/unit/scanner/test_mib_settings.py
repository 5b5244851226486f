"""What an SNMP agent says of services, interfaces, VLANs and batteries: small tables, and every recording there is."""

import time

import pytest

from inventory.gateway import Dot1x, Vlan, Wifi
from inventory.observation import Observation
from inventory.storage import Ups, Volume
from inventory.system import System
from scanner.mib_access import DOT1X, MOST_PORTS
from scanner.mib_agent import EVERYTHING, read_agent
from scanner.mib_settings import INTERFACES, SERVICES
from scanner.mib_ups import UPS
from scanner.mib_vlans import CISCO_VLANS, VLANS
from scanner.mib_volumes import VOLUMES
from scanner.mib_wifi import WIFI
from tests.truth import answer
from tests.unit.scanner.test_platforms_snmprec import needs_realdata, recordings

BRIDGE = "1.3.6.1.2.1.17.1.4.1.2.{0}|2|{0}\n"


def told(*lines: str) -> Observation:
    return read_agent(answer(f"snmp {EVERYTHING}", "\n".join(lines).encode()))


def system(*lines: str) -> System:
    return told(*lines).device.system or System()


def test_all_recordings_of_real_devices_are_read() -> None:
    needs_realdata()
    slowest = 0.0
    for path in recordings():
        evidence = answer(f"snmp {EVERYTHING}", path.read_bytes())
        begun = time.process_time()
        found = read_agent(evidence)
        slowest = max(slowest, time.process_time() - begun)
        last = evidence.text.count("\n") + 1
        assert all(1 <= line <= last for line in found.lines.values()), path.name
        assert not any(item.port == 0 for item in (found.device.system or System()).services or ()), path.name
    assert slowest < 20


def test_only_columns_are_asked_for() -> None:
    for asks in (SERVICES, INTERFACES, VLANS, CISCO_VLANS, UPS, DOT1X, WIFI, VOLUMES):
        for ask in asks.split():
            kind, _, oid = ask.partition(":")
            assert kind in ("walk", "next")
            assert all(part.isdigit() for part in oid.split("."))
            assert oid.count(".") >= 7  # no tree of everything


def test_listeners_of_both_families_and_no_connection() -> None:
    found = system(
        "1.3.6.1.2.1.6.13.1.1.0.0.0.0.23.0.0.0.0.0|2|2",
        "1.3.6.1.2.1.6.13.1.1.192.168.1.55.23.192.168.1.212.56904|2|5",
        "1.3.6.1.2.1.6.20.1.4.2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.80|66|23",
        "1.3.6.1.2.1.6.20.1.4.0.0.631|66|23",
        "1.3.6.1.2.1.7.7.1.8.1.4.0.0.0.0.161.1.4.0.0.0.0.0.1|66|22",
        "1.3.6.1.2.1.7.7.1.8.1.4.10.0.0.1.5000.1.4.10.0.0.9.53.1|66|22",
    )
    assert [(item.protocol, item.port, item.address) for item in found.services or ()] == [
        ("tcp", 23, "0.0.0.0"), ("tcp", 80, "[::]"), ("tcp", 631, "0.0.0.0"), ("tcp", 631, "[::]"),
        ("udp", 161, "0.0.0.0"),
    ]  # fmt: skip


def test_connections_alone_say_nothing_of_listeners() -> None:
    assert system("1.3.6.1.2.1.6.13.1.1.172.25.2.1.23.192.168.138.51.54473|2|5").services is None
    assert system("1.3.6.1.2.1.7.5.1.2.172.25.2.1.161|2|161").services is None


def test_a_listener_without_an_address_is_reported() -> None:
    found = told("1.3.6.1.2.1.6.20.1.4.1.4.0.0.0.0.80|66|1", "1.3.6.1.2.1.6.20.1.4.1.4.0.0.0.999.81|66|1")
    assert [line.fact for line in found.unread] == ["system.services"]


def test_listeners_in_the_forms_that_makers_write_them() -> None:
    found = told(
        "1.3.6.1.2.1.6.20.1.4.1.0.0.0.0.22|2|15589816",  # without the length of the address
        "1.3.6.1.2.1.6.20.1.4.0.21|66|3611",
        "1.3.6.1.2.1.7.7.1.8.1.4.0.0.0.0.69.4.0.0.0.0.0.1|70|0",  # without the kind of the other address
        "1.3.6.1.2.1.7.7.1.8.1.4.0.0.0.0.42161.4.255.255.255.255.4680.1|70|0",
        "1.3.6.1.2.1.7.7.1.8.0.0.161.0.0.0.1|66|0",
        "1.3.6.1.2.1.7.7.1.8.2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1|66|0",
        "1.3.6.1.2.1.7.5.1.2.0.0.0.0.0|2|0",
    )
    assert [(item.protocol, item.port, item.address) for item in (found.device.system or System()).services or ()] == [
        ("tcp", 22, "0.0.0.0"), ("tcp", 21, "0.0.0.0"), ("tcp", 21, "[::]"), ("udp", 69, "0.0.0.0"),
        ("udp", 161, "0.0.0.0"), ("udp", 161, "[::]"),
    ]  # fmt: skip
    assert found.unread == ()


def test_an_interface_without_a_name_has_its_number() -> None:
    found = system("1.3.6.1.2.1.2.2.1.2.2|4|", "1.3.6.1.2.1.4.20.1.2.10.0.0.1|2|2", "1.3.6.1.2.1.4.21.1.2.0.0.0.0|2|2")
    assert [(item.name, item.default_route) for item in found.interfaces or ()] == [("2", True)]


PAE = "1.0.8802.1.1.1.1"


@pytest.mark.parametrize(
    ("lines", "dot1x", "unread"),
    [
        ([f"{PAE}.1.1.0|2|2", f"{PAE}.2.1.1.6.10101|2|3"], Dot1x(enabled=False, ports=()), []),
        ([f"{PAE}.1.1.0|2|1", f"{PAE}.2.1.1.6.10101|2|2", f"{PAE}.2.1.1.6.10102|2|3", f"{PAE}.2.1.1.6.9|2|1"],
         Dot1x(enabled=True, ports=("Gi1/0/1",)), []),
        ([f"{PAE}.1.1.0|2|1"], Dot1x(enabled=True), []),
        ([f"{PAE}.1.1.0|2|1", f"{PAE}.2.1.1.6.10101|2|7"], Dot1x(enabled=True), ["system.dot1x.ports"]),
        ([f"{PAE}.1.1.0|2|0"], None, ["system.dot1x"]),
        ([f"{PAE}.2.1.1.6.10101|2|2"], None, []),
    ],
)  # fmt: skip
def test_whether_a_switch_asks_who_plugs_in(lines: list[str], dot1x: Dot1x | None, unread: list[str]) -> None:
    found = told("1.3.6.1.2.1.31.1.1.1.1.10101|4|Gi1/0/1", *lines)
    assert (found.device.system or System()).dot1x == dot1x
    assert [line.fact for line in found.unread] == unread


def test_a_recorded_switch_that_asks_nobody() -> None:
    needs_realdata()
    (path,) = (item for item in recordings() if item.stem.endswith("cisco-c3750"))
    found = read_agent(answer(f"snmp {EVERYTHING}", path.read_bytes()))
    assert (found.device.system or System()).dot1x == Dot1x(enabled=False, ports=())


@pytest.mark.parametrize(
    ("lines", "wifi"),
    [
        (["1.3.6.1.4.1.41112.1.6.1.2.1.6.1|4|cabinet", "1.3.6.1.4.1.41112.1.6.1.2.1.7.1|4|ath0",
          "1.3.6.1.4.1.41112.1.6.1.2.1.9.1|4|ng"], (Wifi("cabinet", "ath0"),)),
        (["1.3.6.1.2.1.31.1.1.1.1.4|4|wlan1", "1.3.6.1.4.1.14988.1.1.1.3.1.4.4|4|cabinet",
          "1.3.6.1.4.1.14988.1.1.1.3.1.4.5|4|"], (Wifi("cabinet", "wlan1"),)),
        (["1.3.6.1.4.1.41112.1.4.1.1.2.1|2|4", "1.3.6.1.4.1.41112.1.4.5.1.2.1|4|lien",
          "1.3.6.1.4.1.41112.1.4.5.1.11.1|4|WPA2"], (Wifi("lien", security="wpa2"),)),
        (["1.3.6.1.4.1.41112.1.4.1.1.2.1|2|4", "1.3.6.1.4.1.41112.1.4.5.1.2.1|4|lien",
          "1.3.6.1.4.1.41112.1.4.5.1.11.1|4|none"], (Wifi("lien"),)),
        (["1.3.6.1.4.1.41112.1.4.1.1.2.1|2|1", "1.3.6.1.4.1.41112.1.4.5.1.2.1|4|lien"], None),
        (["1.3.6.1.4.1.41112.1.4.5.1.2.1|4|lien"], None),
        (["1.3.6.1.4.1.12356.120.7.1.1.4.0.1|4|cabinet", "1.3.6.1.4.1.12356.120.7.1.1.4.1.1|4|cabinet"],
         (Wifi("cabinet"),)),
    ],
)  # fmt: skip
def test_wireless_networks(lines: list[str], wifi: tuple[Wifi, ...] | None) -> None:
    assert system(*lines).wifi == wifi


def disk(index: int, name: str, size: int, used: int | str) -> list[str]:
    at = "1.3.6.1.2.1.25.2.3.1"
    return [f"{at}.2.{index}|6|1.3.6.1.2.1.25.2.1.4", f"{at}.3.{index}|4|{name}", f"{at}.4.{index}|2|4096",
            f"{at}.5.{index}|2|{size}", f"{at}.6.{index}|2|{used}"]  # fmt: skip


def test_disks_without_memory_and_second_mounts() -> None:
    found = system(
        *disk(1, "/", 1000, 250), *disk(2, "/volume1", 5000, 5000), *disk(3, "/volume1/video", 5000, 5000),
        *disk(4, "/dev/shm", 700, 1), *disk(5, "/media", 700, 20), *disk(6, "/sys/fs/cgroup", 0, 0),
        *disk(7, "C:\\ Label:  Serial Number 1848504c", 100, 40), *disk(8, "/grand", -5, 40),
    )  # fmt: skip
    assert found.volumes == (
        Volume("/", free_percent=75), Volume("/volume1", free_percent=0), Volume("C:", free_percent=60),
        Volume("/grand"),
    )  # fmt: skip


def test_no_disk_vanishes() -> None:
    unsized = [[line for line in disk(at, name, 0, 0) if ".25.2.3.1.4." not in line and ".25.2.3.1.5." not in line]
               for at, name in ((1, "/run"), (2, "/volume1"))]  # fmt: skip
    assert system(*unsized[0], *unsized[1]).volumes == (Volume("/volume1"),)
    names = ("/volume1", "/volume2", "/volume2/x", "/run/media/USB", "/run/media", "/var/lib/docker", "/volume10",
             "/var/lib/docker/overlay2/a/merged")  # fmt: skip
    found = (
        system(
            *(line for at, name in enumerate(names) for line in disk(at + 1, name, 99 + ("lib" in name), 50))
        ).volumes
        or ()
    )
    assert [volume.name for volume in found] == [
        "/volume1", "/volume2", "/run/media/USB", "/var/lib/docker", "/volume10",
    ]  # fmt: skip


def test_the_outer_of_several_mounts_is_the_disk_whichever_is_told_first() -> None:
    found = system(*disk(1, "/v/a", 100, 50), *disk(2, "/v/b", 100, 50), *disk(3, "/v", 100, 50), *disk(4, "/w", 9, 3))
    assert [volume.name for volume in found.volumes or ()] == ["/v", "/w"]


def test_ports_beyond_those_that_are_read_leave_all_unknown() -> None:
    rows = [f"{PAE}.2.1.1.6.{at}|2|3" for at in range(1, MOST_PORTS + 1)]
    assert system(f"{PAE}.1.1.0|2|1", *rows).dot1x == Dot1x(enabled=True, ports=())
    found = told(f"{PAE}.1.1.0|2|1", *rows, f"{PAE}.2.1.1.6.{MOST_PORTS + 1}|2|2")
    assert (found.device.system or System()).dot1x == Dot1x(enabled=True)
    assert [line.fact for line in found.unread] == ["system.dot1x.ports"]


def test_interfaces_and_the_default_route() -> None:
    found = system(
        "1.3.6.1.2.1.2.2.1.2.3|4|eth0", "1.3.6.1.2.1.2.2.1.2.7|4|ppp0",
        "1.3.6.1.2.1.4.20.1.2.10.105.8.2|2|3",
        "1.3.6.1.2.1.4.34.1.3.1.4.10.105.8.255|2|3", "1.3.6.1.2.1.4.34.1.4.1.4.10.105.8.255|2|3",
        "1.3.6.1.2.1.4.24.7.1.7.1.4.0.0.0.0.0.2.0.0.1.4.192.0.2.1|2|7",
    )  # fmt: skip
    assert [(item.name, [str(each) for each in item.addresses or ()], item.default_route)
            for item in found.interfaces or ()] == [("eth0", ["10.105.8.2"], None), ("ppp0", [], True)]  # fmt: skip


def test_a_network_that_begins_with_zero_is_no_default_route() -> None:
    found = system(
        "1.3.6.1.2.1.2.2.1.2.3|4|eth0", "1.3.6.1.2.1.4.20.1.2.10.0.0.1|2|3",
        "1.3.6.1.2.1.4.24.4.1.5.0.0.0.0.255.0.0.0.0.0.0.0.0|2|3",
    )  # fmt: skip
    assert [item.default_route for item in found.interfaces or ()] == [None]


def test_ports_of_vlans() -> None:
    found = system(
        *(BRIDGE.format(port).strip() for port in range(1, 9)),
        "1.3.6.1.2.1.17.7.1.4.3.1.1.10|4|LAN", "1.3.6.1.2.1.17.7.1.4.3.1.1.20|4|",
        "1.3.6.1.2.1.17.7.1.4.2.1.4.0.10|4x|E1", "1.3.6.1.2.1.17.7.1.4.2.1.5.0.10|4x|E0",
        "1.3.6.1.2.1.17.7.1.4.3.1.2.20|4x|03", "1.3.6.1.2.1.17.7.1.4.3.1.4.20|4x|00",
        "1.3.6.1.2.1.17.7.1.4.3.1.1.4095|4|own",
    )  # fmt: skip
    assert found.vlans == (Vlan(10, "LAN", ("8",), ("1", "2", "3")), Vlan(20, None, ("7", "8"), ()))


def test_a_list_of_other_ports_is_none() -> None:
    found = told(BRIDGE.format(1).strip(), "1.3.6.1.2.1.17.7.1.4.2.1.4.0.1|4x|000000010018",
                 "1.3.6.1.2.1.17.7.1.4.2.1.5.0.1|4x|00")  # fmt: skip
    assert (found.device.system or System()).vlans == (Vlan(1),)
    assert [line.fact for line in found.unread] == ["system.vlans"]


def test_vlans_of_a_cisco_switch() -> None:
    vtp, trunk = "1.3.6.1.4.1.9.9.46.1.3.1.1", "1.3.6.1.4.1.9.9.46.1.6.1.1"
    found = system(
        "1.3.6.1.2.1.31.1.1.1.1.10101|4|Gi1/0/1", "1.3.6.1.2.1.31.1.1.1.1.10102|4|Gi1/0/2",
        f"{vtp}.3.1.1|2|1", f"{vtp}.4.1.1|4|default", f"{vtp}.3.1.20|2|1", f"{vtp}.4.1.20|4|VOIX",
        f"{vtp}.3.1.1002|2|2", f"{vtp}.4.1.1002|4|fddi-default",
        "1.3.6.1.4.1.9.9.68.1.2.2.1.2.10101|2|20",
        f"{trunk}.14.10101|2|2", f"{trunk}.14.10102|2|1", f"{trunk}.5.10102|2|1",
        f"{trunk}.4.10102|4x|{'7f' + 'ff' * 127}",
    )  # fmt: skip
    assert found.vlans == (Vlan(1, "default", (), ("Gi1/0/2",)), Vlan(20, "VOIX", ("Gi1/0/2",), ("Gi1/0/1",)))


@pytest.mark.parametrize(
    ("lines", "ups"),
    [
        (["1.3.6.1.2.1.33.1.2.1.0|2|2"], Ups(connected=True, battery="good")),
        (["1.3.6.1.2.1.33.1.2.1.0|2|4"], Ups(connected=True, battery="low")),
        (["1.3.6.1.2.1.33.1.2.1.0|2|1"], None),
        (["1.3.6.1.2.1.33.1.2.1.0|2|2", "1.3.6.1.2.1.33.1.6.2.1.2.22|6|1.3.6.1.2.1.33.1.6.3.1"],
         Ups(connected=True, battery="replace")),
        (["1.3.6.1.4.1.318.1.1.1.1.1.1.0|4|Smart-UPS 1000", "1.3.6.1.4.1.318.1.1.1.2.1.1.0|2|2",
          "1.3.6.1.4.1.318.1.1.1.2.2.4.0|2|2"], Ups(connected=True, model="Smart-UPS 1000", battery="replace")),
        (["1.3.6.1.4.1.318.1.1.12.1.5.0|4|AP7920"], None),
    ],
)  # fmt: skip
def test_batteries(lines: list[str], ups: Ups | None) -> None:
    assert system(*lines).ups == ups


def test_a_hostile_table_is_read_in_time() -> None:
    body = [f"1.3.6.1.2.1.17.7.1.4.2.1.{column}.0.{vlan}|4x|{'ff' * 128}" for column in (4, 5) for vlan in range(2000)]
    body += [f"1.3.6.1.2.1.6.20.1.4.1.4.0.0.0.0.{port}|66|1" for port in range(8000)]
    body += [row for number in range(2000) for row in disk(number, f"/mnt/{number}", 9999, number)]
    body += [f"1.3.6.1.4.1.14988.1.1.1.3.1.4.{number}|4|ssid{number}" for number in range(5000)]
    body += ["1.0.8802.1.1.1.1.1.1.0|2|1", *(f"1.0.8802.1.1.1.1.2.1.1.6.{number}|2|2" for number in range(5000))]
    begun = time.process_time()
    found = told(*body)
    assert time.process_time() - begun < 5
    assert {line.fact for line in found.unread} >= {"system.vlans", "system.services", "system.volumes", "system.wifi"}
