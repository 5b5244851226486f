"""Nothing leaves that the site does not authorise."""

import dataclasses
from datetime import date
from ipaddress import IPv4Address, IPv4Network

import pytest

from inventory.errors import ScopeError
from inventory.site import Site
from scanner.evidence import Request
from scanner.probes import GENTLE_PORTS, NOTHING, STANDARD_PORTS, probe_set
from scanner.scope import check_date, check_network, refusal, sweep_targets
from tests.unit.scanner.sites import FRAGILE_MAC, SITE

OTHER = "00:00:5e:00:53:01"


def request(address: str, source: str = "ports") -> Request:
    return Request(source, address, "tcp 22")  # type: ignore[arg-type]


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_outside_the_dates_nothing_is_asked(day: date) -> None:
    with pytest.raises(ScopeError, match="authorised from 2026-01-01 until 2026-12-31"):
        check_date(SITE, day)


def test_within_the_dates() -> None:
    check_date(SITE, date(2026, 1, 1))
    check_date(SITE, date(2026, 12, 31))


@pytest.mark.parametrize("network", ["192.168.11.0/24", "192.168.10.0/25", "192.168.0.0/16", "0.0.0.0/0", "8.8.8.8/32"])
def test_only_the_authorised_networks_are_swept(network: str) -> None:
    with pytest.raises(ScopeError):
        sweep_targets(SITE, IPv4Network(network))


def test_a_sweep_leaves_exclusions_out() -> None:
    targets = sweep_targets(SITE, IPv4Network("192.168.10.0/24"))
    assert len(targets) == 254 - 4
    assert IPv4Address("192.168.10.250") not in targets


@pytest.mark.parametrize("address", ["192.168.11.1", "10.0.0.1", "8.8.8.8", "127.0.0.1", "255.255.255.255", "0.0.0.0"])
def test_an_address_outside_is_an_error_not_an_answer(address: str) -> None:
    with pytest.raises(ScopeError):
        refusal(SITE, request(address), [OTHER])


@pytest.mark.parametrize(
    ("address", "macs", "reason"),
    [
        ("192.168.10.250", [OTHER], "excluded by the site"),
        ("192.168.10.255", [OTHER], "the address of a whole network"),
        ("192.168.10.0", [OTHER], "the address of a whole network"),
        ("192.168.10.7", [], "no device answered ARP there"),
        ("192.168.10.7", [OTHER, "00:00:5e:00:53:02"], "several devices answer"),
        ("192.168.10.7", [FRAGILE_MAC], "fragile device"),
    ],
)
def test_refusals(address: str, macs: list[str], reason: str) -> None:
    stop = refusal(SITE, request(address), macs)
    assert stop is not None
    assert stop.status == "excluded"
    assert reason in stop.reason


def test_a_fragile_device_may_be_allowed_more() -> None:
    site = dataclasses.replace(SITE, fragile_allow=("tcp_connect",))
    assert refusal(site, request("192.168.10.7"), [FRAGILE_MAC]) is None
    assert refusal(site, request("192.168.10.7", "ssh"), [FRAGILE_MAC]) is not None


def test_what_is_left_may_be_asked() -> None:
    assert refusal(SITE, request("192.168.10.7"), [OTHER]) is None


def test_a_public_network_is_refused_even_if_it_slipped_into_the_site() -> None:
    network = IPv4Network("198.51.100.0/24")
    site: Site = dataclasses.replace(SITE, networks=(dataclasses.replace(SITE.networks[0], network=network),))
    with pytest.raises(ScopeError, match="public"):
        check_network(site, network)


def test_printer_data_ports_are_in_no_probe_set() -> None:
    assert not set(range(9100, 9108)) & {*GENTLE_PORTS, *STANDARD_PORTS}


def test_what_nobody_knows_is_treated_gently() -> None:
    assert probe_set("unknown", fragile=False).sources == {"ports"}
    assert probe_set("medical_imaging", fragile=False) is NOTHING
    assert probe_set("workstation", fragile=True) is NOTHING
