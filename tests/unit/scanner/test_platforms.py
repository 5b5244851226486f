"""Platforms against recorded answers: each reader's facts, the lines they stand on, and what it could not read."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from inventory.device import Device
from inventory.gateway import InputChain, Interface, PortForward, Upnp
from inventory.observation import Observation
from inventory.storage import Share, Volume
from inventory.system import Identity, Service, System, Updates, User
from scanner.evidence import Evidence, Request, SourceName
from scanner.platforms import Platform, linux, synology_dsm

RECORDINGS = Path(__file__).parents[2] / "recordings"
DSM_WALK = "synology_dsm-6.2/librenms__dsm_ds214se-dsm6.snmprec"

ROUTES = "ip -4 route show table all"
RAID = "1.3.6.1.4.1.6574.3.1.1"
# As in DSM 6.2.3 and 7.2.1, from public notes of owners.
VERSION_6 = 'majorversion="6"\nminorversion="2"\nproductversion="6.2.3"\nbuildphase="GM"\nbuildnumber="25426"\n'
VERSION_7 = (
    'majorversion="7"\nminorversion="2"\nmajor="7"\nminor="2"\nmicro="1"\nbuildphase="GM"\nbuildnumber="69057"\n'
    'smallfixnumber="5"\nnano="5"\nbase="69057"\nproductversion="7.2.1"\nos_name="DSM"\nbuilddate="2024/04/03"\n'
)

IP_TABLES = next(command for command in linux.COMMANDS if "ip_tables_names" in command)


def evidence(ask: str, body: str | bytes, source: SourceName = "ssh", detail: str = "", **more: Any) -> Evidence:
    raw = body if isinstance(body, bytes) else body.encode()
    status = more.get("status", "done")
    return Evidence(Request(source, "192.168.10.1", ask), status, datetime(2026, 8, 1, tzinfo=UTC), raw, detail)


def seen(platform: Platform, command: str, body: str) -> Observation:
    observation = platform.read(evidence(f"exec {command}", body))
    assert observation is not None
    return observation


def recorded(platform: Platform, command: str, name: str) -> Observation:
    return seen(platform, command, (RECORDINGS / "linux-debian12" / f"{name}.txt").read_text())


def at(observation: Observation, pointer: str) -> Any:
    """The fact that a JSON pointer names, as in `Observation.lines`."""
    value: Any = observation.device
    for step in pointer.strip("/").split("/"):
        value = value[int(step)] if step.isdigit() else getattr(value, step)
    return value


def forward(external: str, target: str, port: str | None = None, interface: str | None = "wan0", **more: Any) -> Any:
    return PortForward(external, IPv4Address(target), port, interface, **more)


def networks(*texts: str) -> tuple[IPv4Network, ...]:
    return tuple(map(IPv4Network, texts))


def interface(name: str, *addresses: str, default_route: bool = False) -> Interface:
    return Interface(name, tuple(map(IPv4Address, addresses)), default_route)


# platform, command, recording, {pointer: (fact, line)}
RECORDED: list[tuple[Platform, str, str, dict[str, tuple[Any, int]]]] = [
    (linux, "cat /etc/os-release", "os-release",
     {"/system/identity/os": ("debian", 6), "/system/identity/firmware": ("12", 3)}),
    (linux, "uname -srm", "uname", {"/system/identity/build": ("6.18.44", 1)}),
    (linux, "hostname", "hostname", {"/system/identity/hostname": ("routeur", 1)}),
    (linux, "ss -H -lntup", "ss", {
        "/system/services/0": (Service(53456, "udp", "192.168.10.1", "miniupnpd"), 1),
        "/system/services/5": (Service(1900, "udp", "0.0.0.0%lan0", "miniupnpd"), 6),
        "/system/services/9": (Service(22, "tcp", "0.0.0.0", "sshd"), 10),
        "/system/services/15": (Service(8080, "tcp", "*", "python3"), 16),
        "/system/services/14": (Service(22, "tcp", "[::]", "sshd"), 15),
        "/system/upnp": (Upnp(enabled=True), 1),
    }),
    (linux, "getent passwd", "passwd", {
        "/system/users/0": (User("root", 0, administrator=True, login=True), 1),
        "/system/users/2": (User("sync", 4, None, login=False), 3),
        "/system/users/5": (User("admin", 1000, None, login=True), 6),
        "/system/users/6": (User("sauvegarde", 0, administrator=True, login=True), 7),
    }),
    (linux, "/usr/sbin/sshd -T", "sshd", {
        "/system/ssh/ports": ((22, 2222), 1),
        "/system/ssh/root_login": ("prohibit-password", 18),
        "/system/ssh/password_authentication": (True, 33),
    }),
    (linux, "nft list ruleset", "nft", {
        "/system/port_forwards/0": (forward("tcp/3389", "192.168.10.31", "3389", origin="upnp"), 34),
        "/system/port_forwards/1": (forward("udp/5001", "192.168.10.31", "5000", origin="upnp"), 35),
        "/system/port_forwards/2": (forward("tcp/2022", "192.168.10.10", "22", origin="upnp"), 36),
        "/system/port_forwards/3": (forward("tcp/5001", "192.168.10.10", "5001", comment="NAS DSM"), 45),
        "/system/port_forwards/4": (forward("tcp/80", "192.168.10.10", source_filter=networks("198.51.100.7")), 46),
        "/system/port_forwards/5": (forward("tcp/443", "192.168.10.10", source_filter=networks("198.51.100.7")), 46),
        "/system/firewall/input/0": (InputChain("inet filter", "drop"), 3),
        "/system/firewall/input/1": (InputChain("ip6 filter", "accept"), 56),
    }),
    (linux, "nft list ruleset", "nft-iptables", {
        "/system/port_forwards/0":
            (forward("tcp/8080", "172.17.0.2", "80", None, except_interfaces=("docker0",)), 3),
        "/system/port_forwards/4":
            (forward("udp/5000-5010", "192.168.10.11", source_filter=networks("203.0.113.4")), 11),
        "/system/firewall/input/0": (InputChain("ip filter", "drop"), 22),
    }),
    (linux, ROUTES, "ip-route", {
        "/system/interfaces/0": (interface("ppp0", "44.128.20.9", default_route=True), 18),
        "/system/interfaces/0/default_route": (True, 3),
        "/system/interfaces/1": (interface("wan0", "44.128.10.2", default_route=True), 16),
        "/system/interfaces/1/default_route": (True, 4),
        "/system/interfaces/2": (interface("lo", "127.0.0.1"), 20),
        "/system/interfaces/3": (interface("docker0", "172.17.0.1"), 22),
        "/system/interfaces/4": (interface("lan0", "192.168.10.1", "192.168.10.254"), 24),
        "/system/interfaces/5": (interface("lan0.20", "192.168.20.1"), 27),
    }),
    (linux, "pidof miniupnpd; cat /etc/miniupnpd/miniupnpd.conf; true", "miniupnpd",
     {"/system/upnp": (Upnp(enabled=True, secure_mode=False), 1), "/system/upnp/secure_mode": (False, 7)}),
    (linux, "testparm -s", "testparm", {
        "/system/shares/0": (Share("public", "smb", "/srv/public", guest=True, writable=True), 22),
        "/system/shares/1": (Share("patients", "smb", "/srv/patients", guest=False, writable=True,
                                    writers=("@cabinet",)), 28),
        "/system/shares/2": (Share("archives 2019", "smb", "/srv/archives", guest=False, writable=False), 35),
        "/system/smb/minimum_protocol": ("NT1", 6),
    }),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "command", "name", "expected"), RECORDED, ids=[row[2] for row in RECORDED])
def test_facts_of_recordings(platform: Platform, command: str, name: str, expected: dict[str, tuple[Any, int]]) -> None:
    observation = recorded(platform, command, name)
    assert observation.unread == ()
    assert {pointer: (at(observation, pointer), observation.lines[pointer]) for pointer in expected} == expected


@pytest.mark.parametrize(("name", "number"), [("ss", 19), ("passwd", 7), ("nft", 6), ("testparm", 3), ("ip-route", 6)])
def test_recordings_hold_nothing_more(name: str, number: int) -> None:
    command = {row[2]: row[1] for row in RECORDED}[name]
    system = recorded(linux, command, name).device.system
    assert system is not None
    lists = (system.services, system.users, system.port_forwards, system.shares, system.interfaces)
    assert len(next(filter(None, lists))) == number


def test_busybox_says_the_same_of_interfaces_but_for_a_route_of_several_ways() -> None:
    theirs, ours = recorded(linux, ROUTES, "ip-route-busybox"), recorded(linux, ROUTES, "ip-route")
    assert theirs.device == ours.device
    assert [(report.fact, report.line) for report in theirs.unread] == [("system.interfaces", 6)]


def test_every_form_of_dnat_is_read_or_reported() -> None:
    observation = recorded(linux, "nft list ruleset", "nft-forms")
    text = (RECORDINGS / "linux-debian12/nft-forms.txt").read_text().split("\n")
    told = {line for pointer, line in observation.lines.items() if "port_forwards" in pointer}
    told |= {report.line for report in observation.unread if report.fact == "system.port_forwards"}
    # Line 123 is the device's own traffic (hook output): nothing comes in by it.
    assert told == {number for number, line in enumerate(text, 1) if "dnat" in line and "ct status" not in line} - {123}
    assert observation.device.system is not None
    forwards = observation.device.system.port_forwards or ()
    assert forward("tcp/1-65535", "192.168.10.99") in forwards  # no port: all of them
    asked = networks("203.0.113.1")
    assert forward("tcp/8080", "192.168.10.10", "80", "lan0", destination_filter=asked) in forwards
    others = forward("tcp/9000", "192.168.10.10", "9000-9010", None, except_interfaces=("lan0",))
    assert others in forwards  # `iifname !=`


_HOOK = "type nat hook prerouting priority dstnat; policy accept;"
NAT = "table ip nat {{\n\tchain pre {{\n\t\t" + _HOOK + "\n\t\t{}\n\t}}\n{}}}\n"


def chain_a(rule: str) -> str:
    return f"\tchain a {{\n\t\t{rule}\n\t}}\n"


# rules of a nat prerouting chain, further text of the table, forwards, number of unread lines
RULES: list[tuple[str, str, list[Any], int]] = [
    ('iif "wan0" @nh,72,8 0x6 @th,16,16 0xd3d dnat ip to 192.168.10.31:3389 # handle 12', "",
     [forward("tcp/3389", "192.168.10.31", "3389")], 0),
    ('iif "wan0" @nh,96,32 0xcb00714d @nh,72,8 0x11 th dport 9 dnat ip to 192.168.10.31', "",
     [forward("udp/9", "192.168.10.31", source_filter=networks("203.0.113.77"))], 0),
    ('iifname "wan0" jump a', "\tchain a {\n\t\ttcp dport 9 limit rate 5/second dnat to 10.0.0.1\n\t}\n",
     [forward("tcp/9", "10.0.0.1")], 0),  # the jump's condition counts
    ("tcp dport 80 redirect to :8080", "\tchain orphan {\n\t\ttcp dport 9 dnat to 10.0.0.1\n\t}\n", [], 0),
    ("jump dnat", "\tchain dnat {\n\t\tjump pre\n\t\ttcp dport 9 dnat to 10.0.0.1 random,persistent\n\t}\n",
     [forward("tcp/9", "10.0.0.1", None, None)], 0),  # a loop ends
    ("tcp dport vmap { 9 : jump a }", "\tchain a {\n\t\tdnat to 10.0.0.1\n\t}\n", [], 1),
    ('iifname "wan0" tcp dport 70000 dnat to 10.0.0.1', "", [], 1),
    ('iifname "wan0" tcp dport 9 dnat to 10.0.0.999', "", [], 1),
    ('iifname "wan0" ip saddr . tcp dport @pairs dnat to 10.0.0.1', "", [], 1),
    ('iifname "wan0" tcp dport @web dnat to 10.0.0.1', "", [], 1),
    ('iifname "wan0" xt match "comment" counter packets 0 bytes 0 xt target "DNAT"', "", [], 1),
    ('tcp dport 9 accept comment "no dnat to 1.2.3.4"', "", [], 0),
    ('iifname "wan0" tcp dport {\n\t\t\t\t 1, 2 } dnat to 10.0.0.1', "",
     [forward("tcp/1", "10.0.0.1"), forward("tcp/2", "10.0.0.1")], 0),
    ("tcp dport 9 dnat to 10.0.0.1", "\tflags dormant\n", [], 0),
    # where it may come in, and for whom
    ('iifname != { "wan0", "ppp0" } jump a',
     chain_a('iif != "lan9" tcp dport 9 dnat to 10.0.0.1'),
     [forward("tcp/9", "10.0.0.1", None, None, except_interfaces=("wan0", "ppp0", "lan9"))], 0),
    ('iifname { "ppp*", "lan0" } jump a',
     chain_a('iifname { "ppp0", "wan0" } tcp dport 9 dnat to 10.0.0.1'),
     [forward("tcp/9", "10.0.0.1", None, "ppp0")], 0),
    ('iifname "lan0" jump a',
     chain_a('iifname "wan0" tcp dport 9 dnat to 10.0.0.1'), [], 0),
    ('iifname "wan0" @nh,128,32 0xcb00714d tcp dport 9 dnat to 10.0.0.1', "",
     [forward("tcp/9", "10.0.0.1", destination_filter=networks("203.0.113.77"))], 0),
    ("ip daddr 203.0.113.0/24 jump a",
     chain_a('ip daddr { 203.0.113.7, 192.168.10.1 } tcp dport 9 dnat to 10.0.0.1'),
     [forward("tcp/9", "10.0.0.1", None, None, destination_filter=networks("203.0.113.7"))], 0),
    ("ip daddr 203.0.113.7 ip daddr 203.0.113.8 tcp dport 9 dnat to 10.0.0.1", "", [], 0),
    ("ip daddr 64.0.0.0/2 ip daddr != 64.0.0.0/3 tcp dport 9 dnat to 10.0.0.1", "",
     [forward("tcp/9", "10.0.0.1", None, None, destination_filter=networks("96.0.0.0/3"))], 0),
    ("ip saddr 192.168.10.0-192.168.10.2 tcp dport 9 dnat to 10.0.0.1", "",
     [forward("tcp/9", "10.0.0.1", None, None, source_filter=networks("192.168.10.0/31", "192.168.10.2"))], 0),
    ('iifname "wan0" ip daddr @mine tcp dport 9 dnat to 10.0.0.1', "", [], 1),
    ('iifname "wan0" ip daddr . tcp dport { 203.0.113.7 . 9 } dnat to 10.0.0.1', "", [], 1),
    ("ip daddr vmap { 203.0.113.7 : jump a }", chain_a('dnat to 10.0.0.1'), [], 1),
    ('iifname "wan0" @nh,128,32 != 0xcb00714d tcp dport 9 dnat to 10.0.0.1', "", [], 1),
    ("iifname @outer tcp dport 9 dnat to 10.0.0.1", "", [], 1),
    # where a named map leads is written elsewhere
    ("iifname vmap @zones", chain_a("dnat to 10.0.0.1"), [], 1),
    # what a rule before it lets nobody through to is no door
    ('iifname "wan0" accept\n\t\tiifname "wan0" tcp dport 9 dnat to 10.0.0.1', "", [], 1),
    ('counter packets 0 bytes 0 return\n\t\tiifname "wan0" tcp dport 9 dnat to 10.0.0.1', "", [], 1),
    ('iifname "docker0" counter packets 0 bytes 0 return\n\t\tiifname != "docker0" tcp dport 9 dnat to 10.0.0.1', "",
     [forward("tcp/9", "10.0.0.1", None, None, except_interfaces=("docker0",))], 0),
    ('iifname "wan0" tcp dport 22 accept\n\t\tiifname "wan0" tcp dport 9 dnat to 10.0.0.1', "",
     [forward("tcp/9", "10.0.0.1")], 0),
    ('iifname "wan0" ip saddr 10.0.0.0/8 return\n\t\tiifname "wan0" tcp dport 9 dnat to 10.0.0.1', "",
     [forward("tcp/9", "10.0.0.1")], 0),
    ('iifname "wan0" limit rate 5/second return\n\t\tiifname "wan0" tcp dport 9 dnat to 10.0.0.1', "",
     [forward("tcp/9", "10.0.0.1")], 0),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "more", "expected", "unread"), RULES, ids=range(len(RULES)))
def test_rules_of_nft(rule: str, more: str, expected: list[Any], unread: int) -> None:
    observation = seen(linux, "nft list ruleset", NAT.format(rule, more))
    assert observation.device.system is not None
    assert observation.device.system.port_forwards == tuple(expected)
    assert len(observation.unread) == unread


def test_a_forward_cannot_hide_behind_many() -> None:
    many = "\n\t\t".join(f'iifname "lan0" tcp dport {port} dnat to 10.0.0.1' for port in range(1, 600))
    text = NAT.format(many + '\n\t\tiifname "wan0" tcp dport 9 dnat to 10.0.0.1', "")
    observation = seen(linux, "nft list ruleset", text)
    assert observation.device.system is not None
    assert len(observation.device.system.port_forwards or ()) == 512
    assert {report.fact for report in observation.unread} == {"system.port_forwards"}


def test_an_empty_ruleset_was_looked_at() -> None:
    system = seen(linux, "nft list ruleset", "").device.system
    assert system is not None
    assert system.port_forwards == ()
    assert system.firewall is not None
    assert system.firewall.input == ()


def test_a_ruleset_cut_short_is_not_complete() -> None:
    whole = (RECORDINGS / "linux-debian12/nft.txt").read_text()
    observation = seen(linux, "nft list ruleset", whole[: whole.index("192.168.10.31:5000")])
    assert observation.device.system is not None
    assert observation.device.system.port_forwards == (forward("tcp/3389", "192.168.10.31", "3389", origin="upnp"),)
    assert {report.fact for report in observation.unread} == {"system.port_forwards", "system.firewall"}


# command, output, facts of system.* expected (None: absent), facts reported as unread
ODD: list[tuple[Platform, str, str, dict[str, Any], set[str]]] = [
    (linux, "nft list ruleset", "sh: nft: not found\n", {"firewall": None, "port_forwards": None},
     {"system.port_forwards", "system.firewall"}),
    (linux, IP_TABLES, "filter\nnat\nraw\n", {"port_forwards": None, "firewall": None},
     {"system.port_forwards", "system.firewall"}),
    # Without root, ss names no owner: nothing is known of a UPnP daemon.
    (linux, "ss -H -lntup", "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n", {"upnp": None}, set()),
    (linux, "ss -H -lntup", 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))\n',
     {"upnp": Upnp(enabled=False), "services": (Service(22, "tcp", "0.0.0.0", "sshd"),)}, set()),
    (linux, "ss -H -lntup", 'udp UNCONN 0 0 0.0.0.0:1900 0.0.0.0:*\n'
     'tcp LISTEN 0 1 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))\n', {"upnp": None}, set()),
    (linux, "ss -H -lntup", "", {"services": (), "upnp": None}, set()),
    (linux, "ss -H -lntup", "tcp LISTEN 0 128 0.0.0.0:99999 0.0.0.0:*\nicmp6 UNCONN 0 0 *:58 *:*\n",
     {"services": None}, {"system.services"}),
    # BusyBox leaves out the ways of a route that has several: by which interface it leaves is not known.
    (linux, ROUTES, "default  metric 300 \nlocal 192.168.10.1 dev lan0 table local scope host  src 192.168.10.1 \n",
     {"interfaces": (interface("lan0", "192.168.10.1"),)}, {"system.interfaces"}),
    (linux, ROUTES, "default via inet6 fe80::1 dev wan0 proto ra metric 100 linkdown \n",
     {"interfaces": (interface("wan0", default_route=True),)}, set()),
    (linux, ROUTES, "default metric 1 \n\tnexthop via 10.0.0.1 dev dev weight 1 \n\tnexthop dev ppp0 weight 1 dead \n",
     {"interfaces": (interface("dev", default_route=True), interface("ppp0", default_route=True))}, set()),
    (linux, ROUTES, "local 10.0.0.1 dev wan0@if5 table 1001 scope host \nlocal default dev lo table 100 scope host \n"
     "local 10.9.0.0/24 dev lo table 100 scope host \nthrow 10.8.0.0/16 \nmulticast 224.0.0.0/4 dev wan0 \n",
     {"interfaces": (interface("wan0", "10.0.0.1"),)}, set()),
    (linux, ROUTES, "", {"interfaces": ()}, set()),
    (linux, ROUTES, "local 10.0.0.999 dev wan0 table local \nObject \"route\" is unknown\n", {"interfaces": None},
     {"system.interfaces"}),
    (linux, ROUTES, "".join(f"local 10.0.0.{n} dev eth{n} table local \n" for n in range(64))
     + "default via 10.1.1.1 dev wan0 \n",
     {"interfaces": tuple(interface(f"eth{n}", f"10.0.0.{n}") for n in range(64))}, {"system.interfaces"}),
    (linux, "getent passwd", "root:x:0:0:root:/root:/bin/sh\n+::::::\nx:x:-1:0::/:\n",
     {"users": (User("root", 0, administrator=True, login=True),)}, {"system.users"}),
    (linux, "getent passwd", "", {"users": None}, {"system.users"}),
    (linux, "/usr/sbin/sshd -T", "port 22\npermitrootlogin maybe\n", {}, {"system.ssh"}),
    (linux, "/usr/sbin/sshd -T", "usage: sshd\n", {"ssh": None}, {"system.ssh"}),
    # A configuration of a daemon that does not run says nothing; one that serves nothing maps nothing.
    (linux, "pidof miniupnpd; cat /etc/miniupnpd/miniupnpd.conf; true", "secure_mode=yes\n", {"upnp": None}, set()),
    (linux, "pidof miniupnpd; cat /etc/miniupnpd/miniupnpd.conf; true", "31\nenable_upnp=no\n",
     {"upnp": Upnp(enabled=False)}, set()),
    (linux, "testparm -s", "[global]\n\tguest ok = Yes\n[a]\n\tread only = Perhaps\n",
     {"shares": (Share("a", "smb", None, guest=True, writable=None),), "smb": None}, {"system.shares"}),
    (linux, "testparm -s", "Load smb config files\n", {"shares": None}, {"system.shares"}),
    (linux, "cat /etc/os-release", 'PRETTY_NAME="Debian GNU/Linux trixie/sid"\nID=debian\n',
     {"identity": Identity(os="debian", firmware="Debian GNU/Linux trixie/sid")}, set()),
    (linux, "hostname", "two words\n", {"identity": None}, {"system.identity"}),
    (linux, "cat /proc/uptime", "-1.0 2.0", {"identity": None}, {"system.identity"}),
    (synology_dsm, "cat /etc.defaults/VERSION", VERSION_6,
     {"identity": Identity("Synology", os="dsm", firmware="6.2.3", build="25426")}, set()),
    (synology_dsm, "cat /etc.defaults/VERSION", VERSION_7,
     {"identity": Identity("Synology", os="dsm", firmware="7.2.1", build="69057")}, set()),
    (synology_dsm, "cat /etc.defaults/VERSION", 'majorversion="1"\nproductversion="1.2.4"\nnoise\n',
     {"identity": Identity("Synology", firmware="1.2.4")}, {"system.identity"}),
    (synology_dsm, "cat /proc/sys/kernel/syno_hw_version; true", "DS216+II\n",
     {"identity": Identity(model="DS216+II")}, set()),
    (synology_dsm, "cat /proc/sys/kernel/syno_hw_version; true", "?\n", {"identity": None}, {"system.identity"}),
    (synology_dsm, "cat /etc/passwd; cat /etc/group",
     "admin:x:1024:100:System default user:/var/services/homes/admin:/bin/sh\n",
     {"users": (User("admin", 1024, None, login=True),)}, {"system.users"}),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "command", "output", "expected", "unread"), ODD, ids=range(len(ODD)))
def test_odd_outputs(platform: Platform, command: str, output: str, expected: dict[str, Any], unread: set[str]) -> None:
    observation = seen(platform, command, output)
    system = observation.device.system or System()
    assert {name: getattr(system, name) for name in expected} == expected
    assert {report.fact for report in observation.unread} == unread


def test_dsm_from_snmp() -> None:
    body = (RECORDINGS / DSM_WALK).read_text()
    observation = synology_dsm.read(evidence("walk:1.3.6.1.4.1.6574.1", body, "snmp", "v2c"))
    assert observation is not None
    assert observation.device == Device(
        system=System(
            identity=Identity("Synology", "DS214se", "139M8N0094", "dsm", "6.2", "25426"),
            updates=Updates("current"),
            volumes=(Volume("Volume 1", "normal", 14),),
        )
    )
    assert observation.lines == {
        "/system/identity/vendor": 477,
        "/system/identity/model": 482,
        "/system/identity/serial": 483,
        "/system/identity/os": 484,
        "/system/identity/firmware": 484,
        "/system/identity/build": 484,
        "/system/updates/status": 485,
        "/system/volumes/0": 491,
    }
    assert observation.unread == ()


@pytest.mark.parametrize(
    ("body", "system", "unread"),
    [
        ("1.3.6.1.4.1.6574.1.5.4.0|2|1", System(updates=Updates("available")), set()),
        ("1.3.6.1.4.1.6574.1.5.4.0|2|4", System(updates=Updates("disconnected")), set()),
        ("1.3.6.1.4.1.6574.1.5.4.0|2|9", System(), {"system.updates"}),
        ("1.3.6.1.4.1.6574.1.5.3.0|4|version six", System(), {"system.identity"}),
        (f"{RAID}.2.0|4|Volume 1\n{RAID}.3.0|2|11", System(volumes=(Volume("Volume 1", "degraded"),)), set()),
        (f"{RAID}.2.0|4|Volume 1\n{RAID}.3.0|2|99", System(), {"system.volumes"}),
        (f"{RAID}.2.0|4|Volume 1\n{RAID}.3.0|2|1\n{RAID}.4.0|70|9\n{RAID}.5.0|70|4",
         System(volumes=(Volume("Volume 1", "normal"),)), set()),
        (f"{RAID}.2.0|4|Storage Pool 1\n{RAID}.3.0|2|12\n{RAID}.4.0|70|0\n{RAID}.5.0|70|4",
         System(volumes=(Volume("Storage Pool 1", "crashed"),)), set()),
    ],
)  # fmt: skip
def test_dsm_values(body: str, system: System, unread: set[str]) -> None:
    observation = synology_dsm.read(evidence("walk:1.3.6.1.4.1.6574.1", body, "snmp", "v2c"))
    assert observation is not None
    said = observation.device.system
    assert said is not None
    assert (said.updates, said.volumes) == (system.updates, system.volumes)
    assert {report.fact for report in observation.unread} == unread
