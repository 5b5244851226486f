"""Which open port is asked what before anybody logs in, and what an unanswered question leaves open."""

import json
from dataclasses import replace

import pytest

from inventory.network import Port
from inventory.snapshot import Snapshot
from scanner import services
from scanner.evidence import SourceName
from tests.unit.scanner.sites import SITE
from tests.unit.scanner.test_scan import BROTHER, FIRST, LAN, NAS, SECOND, UNLISTED, Practice, visited

HOSTS = "192.168.10.10"
TLS = json.dumps(
    {"versions": dict.fromkeys(("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"), True), "certificate": None}
).encode()
OPEN = """<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap -sT" start="1" version="7.93">
<scaninfo type="connect" protocol="tcp" numservices="1" services="{ports}"/><host>
<status state="up"/><address addr="192.168.10.10" addrtype="ipv4"/><ports>{rows}</ports></host>
<runstats><finished time="1" timestr="now" elapsed="1" exit="success"/><hosts up="1" down="0" total="1"/></runstats>
</nmaprun>"""
ROW = (
    '<port protocol="tcp" portid="{port}"><state state="open" reason="syn-ack"/>'
    '<script id="banner" output="{banner}"/></port>'
)


def scanned(banners: dict[int, str]) -> bytes:
    """What nmap writes of a host with these open ports and their banners."""
    rows = "".join(ROW.format(port=port, banner=banner) for port, banner in banners.items())
    return OPEN.format(ports=",".join(map(str, banners)), rows=rows).encode()


def asked(practice: Practice) -> list[tuple[str, str]]:
    return [(item.source, item.ask) for item in practice.asked if item.source in services.SOURCES]


@pytest.mark.parametrize(
    ("source", "ports", "asks"),
    [
        ("smb", [139, 445], ["negotiate 445"]),
        ("smb", [139], ["negotiate 139"]),
        ("tls", [443, 993, 22, 80, 5001], ["versions 443", "versions 993", "versions 5001"]),
        ("tls", [8728, 8729], ["versions 8729"]),
        ("http", [443, 80, 22, 993, 8080], ["get 80", "get-tls 443", "get 8080"]),
        ("ssh_offer", [22, 2222], []),
        ("smb", [], []),
    ],
)
def test_a_question_follows_from_the_open_ports(source: SourceName, ports: list[int], asks: list[str]) -> None:
    found = [item for port in ports for item in services.questions(source, [Port(port)])]
    every = list(services.questions(source, [Port(port) for port in ports]))
    assert sorted(every) == sorted(asks)
    assert source == "smb" or sorted(found) == sorted(asks)


def test_a_proven_service_is_believed_and_udp_is_not_asked() -> None:
    ports = [Port(2222, service="ssh"), Port(80, service="ssh"), Port(1234, service="http"), Port(443, "udp")]
    assert [list(services.questions(source, ports)) for source in services.SOURCES] == [
        [], [], ["kexinit 80", "kexinit 2222"], ["get 1234"],
    ]  # fmt: skip


def test_what_is_proven_inside_tls_is_asked_for_its_tls_at_any_port() -> None:
    ports = [Port(8729, service="tls"), Port(5900, service="ssl/vnc"), Port(443, service="ssh"), Port(1, service="vnc")]
    assert list(services.questions("tls", ports)) == ["versions 5900", "versions 8729"]
    ports = [Port(4443, service="ssl/http"), Port(443, service="tls"), Port(993, service="ssl/imap")]
    assert list(services.questions("http", ports)) == ["get-tls 443", "get-tls 4443"]


def visit(answers: dict[tuple[str, str], bytes], *macs: str) -> tuple[Practice, Snapshot]:
    site = replace(SITE, devices=(NAS,))
    addresses = [f"192.168.10.1{place}" for place in range(len(macs))]
    practice = Practice({LAN: dict(zip(macs, addresses, strict=True))}, answers)
    return practice, visited(site, practice)


def test_what_is_asked_of_a_nas() -> None:
    ports = scanned({22: "SSH-2.0-x", 80: "", 443: "", 445: ""})
    practice, snapshot = visit({("ports", HOSTS): ports, ("scripts", HOSTS): ports, ("tls", HOSTS): TLS}, FIRST)
    assert asked(practice) == [
        ("smb", "negotiate 445"), ("tls", "versions 443"), ("ssh_offer", "kexinit 22"), ("http", "get 80"),
        ("http", "get-tls 443"),
    ]  # fmt: skip
    (device,) = snapshot.devices
    assert device.network is not None
    assert device.network.tls is not None
    assert device.network.tls[0].versions == ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    said = {(row.source, row.status) for row in snapshot.coverage if row.source in services.SOURCES}
    assert said == {("smb", "silent"), ("tls", "done"), ("ssh_offer", "silent"), ("http", "silent")}
    assert {line.fact for line in snapshot.unread} == {"network.ssh_offers", "network.http"}


def test_a_tunnel_that_nmaps_probes_find_is_asked_for_its_tls() -> None:
    proven = '<service name="vnc" tunnel="ssl" method="probed" conf="10"/><script id="banner" output=""/>'
    probed = scanned({5900: ""}).replace(b'<script id="banner" output=""/>', proven.encode())
    answers = {("ports", HOSTS): scanned({5900: ""}), ("scripts", HOSTS): probed, ("tls", HOSTS): TLS}
    practice, snapshot = visit(answers, FIRST)
    assert asked(practice) == [("tls", "versions 5900")]
    (device,) = snapshot.devices
    assert device.network is not None
    assert device.network.ports == (Port(5900, "tcp", "ssl/vnc", ""),)
    assert [(seen.port, bool(seen.versions)) for seen in device.network.tls or ()] == [(5900, True)]


@pytest.mark.parametrize("mac", [UNLISTED, BROTHER])
def test_what_may_be_delicate_is_not_asked(mac: str) -> None:
    practice, snapshot = visit({("ports", HOSTS): scanned({80: "", 445: ""})}, mac)
    assert asked(practice) == []
    assert {row.status for row in snapshot.coverage if row.source in services.SOURCES} == {"not_asked"}


def test_a_device_with_two_sockets_meets_a_guest_once() -> None:
    bodies = {("ports", f"192.168.10.1{place}"): scanned({445: ""}) for place in range(2)}
    bodies[("ports", "192.168.10.11")] = bodies[("ports", HOSTS)].replace(b'.10"', b'.11"')
    practice, _ = visit(bodies, FIRST, SECOND)
    assert len(practice.questions("smb")) == 1


def test_without_known_ports_nothing_is_asked() -> None:
    practice, snapshot = visit({}, FIRST)
    assert asked(practice) == []
    assert {row.status for row in snapshot.coverage if row.source in services.SOURCES} == {"ports_unknown"}
