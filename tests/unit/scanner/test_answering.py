"""Whom one unicast frame may reach: the same for an echo and for a login."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from inventory.device import Declared
from inventory.site import Site
from inventory.snapshot import Vantage
from scanner.answering import Answering
from scanner.evidence import Request
from scanner.frames.saved import written
from tests.unit.scanner.frame_samples import arp
from tests.unit.scanner.sites import FRAGILE_MAC, SITE

HERE = Vantage("professional", "eth0", IPv4Address("192.168.10.200"), SITE.networks[0].network)
PLAIN, OTHER, IMAGING, REPEATER = "00:11:32:00:00:01", "00:e0:4c:01:02:03", "00:09:21:00:00:01", "50:c7:bf:10:20:30"


def answering(*spoken: tuple[str, str], site: Site = SITE) -> Answering:
    """Who is met by a sweep in which each MAC answers for an address."""
    found = Answering(site)
    found.swept(written([(0.0, arp(mac, address)) for mac, address in spoken]), HERE)
    return found


def echoed(found: Answering) -> list[str]:
    return [str(item)[11:] for item in found.echoed(HERE.network, {HERE.address})]


def test_an_echo_goes_to_nobody_fragile_excluded_or_unclear() -> None:
    found = answering(
        (PLAIN, "192.168.10.10"), (FRAGILE_MAC, "192.168.10.11"), (IMAGING, "192.168.10.12"),
        ("00:e0:4c:00:00:13", "192.168.10.13"), ("00:e0:4c:00:00:14", "192.168.10.13"),
        ("00:e0:4c:00:00:15", "192.168.10.249"), ("00:e0:4c:00:00:16", "192.168.10.255"),
        ("00:e0:4c:00:00:17", "192.168.10.200"), ("00:e0:4c:00:00:18", "192.168.20.10"),
    )  # fmt: skip
    assert echoed(found) == ["10"]


def test_an_echo_goes_to_nobody_behind_a_repeater() -> None:
    behind = [(REPEATER, f"192.168.10.{place}") for place in (40, 41, 42)]
    assert echoed(answering(*behind)) == []
    assert echoed(answering(behind[0])) == ["40"]
    named = Declared("nas", "nas", "practice", "professional", macs=(REPEATER,),
                     addresses=tuple(IPv4Address(at) for _, at in behind))  # fmt: skip
    assert echoed(answering(*behind, site=replace(SITE, devices=(named,)))) == ["40", "41", "42"]


@pytest.mark.parametrize("elsewhere", ["192.168.10.249", "10.0.0.7"])
@pytest.mark.parametrize("when", ["swept", "heard"])
def test_nothing_goes_to_who_also_has_an_excluded_address(when: str, elsewhere: str) -> None:
    site = replace(SITE, exclusions=(*SITE.exclusions, IPv4Network("10.0.0.0/24")))
    found = answering((OTHER, "192.168.10.50"), *([(OTHER, elsewhere)] if when == "swept" else []), site=site)
    if when == "heard":
        assert echoed(found) == ["50"]
        found.heard([arp(OTHER, elsewhere)])
    assert echoed(found) == []
    barred = found.barred(Request("ports", "192.168.10.50", "tcp 22"))
    assert barred is not None
    assert "excludes" in barred.detail


def test_who_is_heard_from_a_second_address_is_asked_no_more() -> None:
    found = answering((REPEATER, "192.168.10.40"))
    found.heard([arp(REPEATER, "192.168.10.40"), arp(REPEATER, "169.254.1.1")])
    assert echoed(found) == ["40"]
    found.heard([arp(REPEATER, "192.168.10.41")])
    assert echoed(found) == []


def test_who_answers_for_a_fragile_device_is_not_asked() -> None:
    radio = Declared("radio", "medical_imaging", "practice", "professional", macs=(IMAGING,),
                     addresses=(IPv4Address("192.168.10.40"),))  # fmt: skip
    assert echoed(answering((REPEATER, "192.168.10.40"), site=replace(SITE, devices=(radio,)))) == []


def test_a_fragile_device_that_tolerates_a_connection_is_sent_no_echo() -> None:
    site = replace(SITE, fragile_allow=("tcp_connect",))
    assert echoed(answering((IMAGING, "192.168.10.12"), (FRAGILE_MAC, "192.168.10.11"), site=site)) == []
