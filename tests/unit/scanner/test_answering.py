"""Whom one unicast frame may reach: the same for an echo and for a login."""

import json
import select
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from inventory.device import Declared
from inventory.site import Site
from inventory.snapshot import Authorisation, Vantage
from scanner.answering import Answering
from scanner.evidence import Evidence, Request, SourceName
from scanner.frames.saved import written
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.secret_store import SecretStore
from tests.unit.scanner.daemons import program
from tests.unit.scanner.frame_samples import MDNS, MDNS_MAC, arp, udp
from tests.unit.scanner.neighbourhood import Neighbourhood
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
@pytest.mark.parametrize("when", ["swept", "heard", "heard by mDNS"])
def test_nothing_goes_to_who_also_has_an_excluded_address(when: str, elsewhere: str) -> None:
    site = replace(SITE, exclusions=(*SITE.exclusions, IPv4Network("10.0.0.0/24")))
    found = answering((OTHER, "192.168.10.50"), *([(OTHER, elsewhere)] if when == "swept" else []), site=site)
    if when != "swept":
        assert echoed(found) == ["50"]
        mdns = udp(OTHER, elsewhere, (5353, 5353), b"", to=MDNS_MAC, target=MDNS)
        found.heard([arp(OTHER, elsewhere) if when == "heard" else mdns])
    assert echoed(found) == []
    barred = found.barred(Request("ports", "192.168.10.50", "tcp 22"))
    assert barred is not None
    assert "excludes" in barred.detail


def test_who_is_heard_from_a_second_address_is_asked_no_more() -> None:
    found = answering((REPEATER, "192.168.10.40"))
    asking = udp(REPEATER, "0.0.0.0", (68, 67), b"")
    passing = udp(REPEATER, "192.168.10.41", (5353, 5353), b"", to=bytes.fromhex("00e04c000001"))
    found.heard([arp(REPEATER, "192.168.10.40"), arp(REPEATER, "169.254.1.1"), asking, passing])
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


# --- on a wire ---

_SCRIPT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns
ip link add lan type bridge mcast_snooping 0
ip link set lan up
ip address add 192.168.10.200/24 dev lan
for peer in plain,{plain},50 repeater,{repeater},40,41,42; do
  name=${{peer%%,*}}
  ip netns add $name
  mac=${{peer#*,}}
  ip -n $name link add eth0 address ${{mac%%,*}} type veth peer name $name netns 1
  ip link set $name master lan up
  for last in $(echo ${{mac#*,}} | tr , ' '); do ip -n $name address add 192.168.10.$last/24 dev eth0; done
  ip -n $name link set eth0 up
done
echo ready
sleep 3600 & wait
"""


@pytest.fixture
def lan() -> Iterator[Neighbourhood]:
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "--mount-proc", "bash", "-c",
               _SCRIPT.format(plain=OTHER, repeater=REPEATER)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as hosts:
        try:
            assert hosts.stdout is not None
            assert hosts.stdout.readline() == "ready\n"
            yield Neighbourhood(hosts.pid)
        finally:
            hosts.kill()


def listening() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


def test_no_echo_is_heard_behind_a_repeater(lan: Neighbourhood, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    site = replace(SITE, authorisation=Authorisation("Titulaire", today, today))
    behind, alone = (lan.as_stranger(listening, host) for host in ("repeater", "plain"))

    def asked() -> list[Evidence]:
        with Live(site, SecretStore(tmp_path), KnownHosts(tmp_path), no_trust) as live:
            sources: tuple[tuple[SourceName, str], ...] = (("arp", "sweep"), ("icmp", "echo"))
            return [live.send(Request(source, "192.168.10.0/24", ask)) for source, ask in sources]

    with behind, alone:
        *_, echo = lan.inside(asked)
        assert json.loads(echo.body) == {"answered": ["192.168.10.50"]}
        assert select.select([behind, alone], [], [], 0)[0] == [alone]
