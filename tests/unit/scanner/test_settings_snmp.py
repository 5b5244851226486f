"""Which device is asked for which tables over SNMP, from what it answers: walks of real devices, row by row."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest

from inventory.category import Category
from inventory.device import Classification, Declared, Device
from inventory.network import Network
from inventory.site import Credential
from inventory.system import System
from scanner import mib_access, mib_tables, mib_ups, mib_vlans, mib_volumes, mib_wifi, settings
from scanner.asking import Asking
from scanner.evidence import Evidence, Request
from scanner.snmprec import rows
from tests.tools.platforms import ALONE
from tests.unit.scanner.sites import SITE
from tests.unit.scanner.test_platforms_snmprec import needs_realdata, recordings

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MAC = "a4:3e:51:00:00:01"


class Agent:
    """The agent that a walk was taken of."""

    def __init__(self, name: str) -> None:
        (path,) = (item for item in recordings() if item.stem == name)
        self.rows = list(rows(path.read_text("utf-8", "replace")))
        self.asked: list[str] = []

    def send(self, request: Request) -> Evidence:
        self.asked.append(request.ask)
        roots = [ask.partition(":")[2].split(".") for ask in request.ask.split()]
        found = (row for row in self.rows if any(row.oid.split(".")[: len(root)] == root for root in roots))
        return Evidence(
            request, "done", NOW, "".join(f"{row.oid}|{row.tag}|{row.value}\n" for row in found).encode(), "v2c"
        )


def visited(name: str, category: Category) -> tuple[System, set[str]]:
    """What the device told, and what it was asked for."""
    needs_realdata()
    agent, declared = Agent(name), Declared("device", category, "practice", "professional", macs=(MAC,))
    key = Credential("snmp", "snmp_v2c", ("device",), password="env:NOWHERE")  # nothing is sent
    device = Device(id=MAC, declared=declared, classification=Classification(category, certain=True), network=Network())
    asking = Asking(replace(SITE, devices=(declared,), credentials=(key,)), agent, device, IPv4Address("192.168.10.1"))
    settings.snmp(asking)
    return asking.known.system or System(), set(agent.asked)


SPARED = {mib_tables.ADDRESSES, mib_tables.PORTS, mib_vlans.VLANS, mib_access.DOT1X, mib_wifi.WIFI, mib_volumes.VOLUMES}


@pytest.mark.parametrize(
    ("name", "category", "asked", "told"),
    [
        ("snmpsim-data__network_switch_cisco-c3750", "switch", {mib_access.DOT1X, mib_vlans.CISCO_VLANS}, "dot1x"),
        ("librenms__unifi_nanohd", "access_point", {mib_wifi.WIFI}, "wifi"),
        ("librenms__fortiap_fap831f", "router", {mib_wifi.WIFI}, "wifi"),
        ("librenms__linux_icecast", "server", {mib_volumes.VOLUMES}, "volumes"),
        ("librenms__dlink_des-3528", "router", {mib_access.DOT1X}, "vlans"),
    ],
)
def test_whoever_may_have_a_table_is_asked_for_it(name: str, category: Category, asked: set[str], told: str) -> None:
    system, asks = visited(name, category)
    extra = {mib_access.DOT1X, mib_vlans.CISCO_VLANS, mib_wifi.WIFI, mib_volumes.VOLUMES, mib_ups.UPS}
    assert asks & extra == asked
    assert getattr(system, told) is not None


def test_printers_and_power_supplies_are_asked_for_little() -> None:
    printer, asked = visited("librenms__konica_c250i", "printer")
    battery, more = visited("librenms__apc_smx750", "ups")
    assert not (asked | more) & SPARED
    assert (printer.interfaces, printer.ups, battery.interfaces) == (None, None, None)
    assert battery.ups is not None


def test_a_nas_that_told_its_volumes_is_not_asked_for_disks() -> None:
    system, asks = visited("librenms__dsm_ds214se-dsm6", "nas")
    assert system.volumes is not None
    assert mib_volumes.VOLUMES not in asks


EXAMPLES: tuple[tuple[str, Category], ...] = (
    ("snmpsim-data__network_switch_cisco-c3750", "switch"), ("librenms__apc_smx750", "ups"),
    ("librenms__unifi_nanohd", "access_point"), ("librenms__linux_icecast", "server"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "category"), EXAMPLES)
def test_the_page_of_platforms_names_every_question(name: str, category: Category) -> None:
    documented = {asks for *_, asks in ALONE}
    strange = visited(name, category)[1] - documented
    assert len(strange) <= 1
    assert all(ask.startswith("walk:1.3.6.1.2.1.1 next:") for ask in strange)  # where its maker keeps model and version
