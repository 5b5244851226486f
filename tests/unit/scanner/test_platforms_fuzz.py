"""Hostile answers: no output of a device raises in a reader, takes it long, or leaves anything unsafe in a fact."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import pytest

from inventory.document import to_json
from inventory.observation import Observation
from inventory.text import clean
from scanner.evidence import SourceName
from scanner.platforms import PLATFORMS, Platform, api, mikrotik_routeros, openwrt
from scanner.snmprec import read_system
from tests.unit.scanner import documented
from tests.unit.scanner.box_samples import BBOX, FREEBOX, LIVEBOX, SFR
from tests.unit.scanner.test_platforms import DSM_WALK, RECORDED, RECORDINGS, VERSION_7, evidence
from tests.unit.scanner.vyatta_samples import EDGEOS_COMMANDS, VYOS_14, ZONES

API_ANSWERS = (
    FREEBOX["GET /api/v8/fw/redir/"], FREEBOX["GET /api/v8/wifi/bss/"], BBOX["GET /api/v1/nat/rules"],
    BBOX["GET /api/v1/wireless"], SFR["GET /api/1.0/?method=lan.getHostsList"],
    SFR["GET /api/1.0/?method=wlan.getInfo"], *list(LIVEBOX.values())[3:5],
)  # fmt: skip
SEED = 20260801
ROUNDS = 40
SECONDS = 5.0  # for one answer of the largest size; a reader that is quadratic takes minutes
MIB, BEGINNING = 1024 * 1024, 64 * 1024

SAMPLES = [(RECORDINGS / "linux-debian12" / f"{row[2]}.txt").read_bytes() for row in RECORDED]
SAMPLES += [(RECORDINGS / DSM_WALK).read_bytes(), (RECORDINGS / "linux-debian12/nft-forms.txt").read_bytes()]
SAMPLES += [VERSION_7.encode(), b"DS918+-j\n"]
SAMPLES += [path.read_bytes() for path in sorted(RECORDINGS.glob("mikrotik_routeros-*/export.rsc"))[:3]]
SAMPLES += [path.read_bytes() for path in sorted(RECORDINGS.glob("cisco_*/*.txt"))]
SAMPLES += [path.read_bytes() for path in sorted(RECORDINGS.glob("openwrt-*/etc/config/*"))]
SAMPLES += [text.encode() for text in (VYOS_14, ZONES, EDGEOS_COMMANDS)]


SAMPLES += [(RECORDINGS / name).read_bytes() for name in (
    "stormshield_sns-console/console.txt", "stormshield_sns-serverd/config-network-interface-show.txt",
    "draytek_vigor-forms/srv-nat-showall.txt", "draytek_vigor-forms/upnp-nat.txt",
    "draytek_vigor-forms/show-status.txt", "draytek_vigor-forms/vlan-status.txt",
)]  # fmt: skip
SAMPLES += [said.replace(", ", ",\n").encode() for said in API_ANSWERS]
SAMPLES += [(RECORDINGS / "synology_dsm-6-ds918" / name).read_bytes() for name in ("network.json", "share.json")]
SAMPLES += [path.read_bytes() for path in sorted(RECORDINGS.glob("qnap_qts-ts*/[fv]*.xml"))[:2]]
SAMPLES += [body.encode() for body in (*documented.SAMPLES[::5], *documented.SAMPLES[-5:])]


SAMPLES += [
    b"==> /etc/ssh/sshd_config <==\nInclude /etc/ssh/sshd_config.d/*.conf\nPort 22\nPermitRootLogin no\nCiphers a,b\n"
    b"==> /etc/ssh/sshd_config.d/a.conf <==\nPasswordAuthentication no\nMatch User x\nPermitRootLogin yes\n",
    b"812\nrocommunity public 192.168.10.0/24\ncom2sec -Cn x a default private\ngroup G v2c a\nrouser x\n",
    b'APT::Periodic "";\nAPT::Periodic::Unattended-Upgrade "1";\nnameserver 192.168.10.1\n*.* @@192.168.10.5:514\n',
]


Reading = Callable[[bytes], Observation | None]


def readers() -> Iterator[tuple[str, Reading]]:
    """Every reader of every platform, by the question it answers; and whose it is."""
    for platform in PLATFORMS:
        for command in platform.COMMANDS:
            yield platform.ID, partial(_read, platform, f"exec {command}", "ssh")
        offer = api(platform)
        for ask in offer.asks if offer else ():
            yield f"{platform.ID} api", partial(_read, platform, ask, "api")
        yield platform.ID, partial(_read, platform, "walk:1.3.6.1", "snmp")
    yield "", lambda body: read_system(evidence("walk:1.3.6.1.2.1.1", body, "snmp", "v3"))


def _read(platform: Platform, ask: str, source: SourceName, body: bytes) -> Observation | None:
    return platform.read(evidence(ask, body, source, "v2c"))


READERS = tuple(readers())


def observations(body: bytes) -> Iterator[Observation | None]:
    """What every reader makes of the body."""
    return (read(body) for _, read in READERS)


def mutated(sample: bytes, chance: random.Random) -> bytes:
    """The sample with a few bytes changed, a piece repeated, moved or cut off."""
    body = bytearray(sample)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(5):
            case 0:
                body[at : at + 1] = chance.randbytes(1)
            case 1:
                body[at:at] = body[at : at + 40] * chance.randint(1, 5)
            case 2:
                del body[at : at + chance.randint(1, 30)]
            case 3:
                body[at:at] = chance.choice([b"\n", b"\x00", b"\x1b[2J", b"9" * 5000, b"{", b'"', b"|", "‮".encode()])
            case _:
                del body[at:]
    return bytes(body)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def assert_sound(observation: Observation | None, body: bytes) -> None:
    if observation is None:
        return
    last = body.count(b"\n") + 1
    assert all(text.strip() == clean(text) for text in strings(to_json(observation.device)))
    assert all(report.text.strip() == clean(report.text) and 1 <= report.line <= last for report in observation.unread)
    assert all(1 <= line <= last for line in observation.lines.values())
    assert len(observation.unread) <= 4 * 64
    for pointer in (*observation.lines, *observation.defaults):
        value: object = observation.device
        for step in pointer.strip("/").split("/"):
            value = value[int(step)] if step.isdigit() and isinstance(value, tuple) else getattr(value, step)
        assert value is not None


@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_mutated_answers(sample: bytes) -> None:
    chance = random.Random(SEED)
    understood = tuple((name, read) for name, read in READERS if (seen := read(sample)) is not None and seen.lines)
    for number in range(ROUNDS):
        body = mutated(sample, chance)
        # Whoever understands it not at all is asked less often: it gives up at the first line.
        for _, read in READERS if number % 8 == 0 else understood:
            assert_sound(read(body), body)


def test_noise() -> None:
    chance = random.Random(SEED)
    for size in (0, 1, 10, 1000, 30000):
        body = chance.randbytes(size)
        for observation in observations(body):
            assert_sound(observation, body)


CHAIN = b"table ip nat {\n\tchain a {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
JUMPS = b"".join(
    b"\tchain c%d {\n" % at + b"\t\tip saddr 10.0.0.%d jump c%d\n" * 2 % (at, at + 1, at + 9, at + 1) + b"\t}\n"
    for at in range(200)
)
SET = b", ".join(b"%d" % port for port in range(1, 30))
WIDE = b", ".join(b"10.%d.0.1" % at for at in range(0, 250, 2))
NAMES = b", ".join(b'"e%d*"' % at for at in range(1000))
# Vyatta: a router with one inner and one outer interface, and what is multiplied behind it.
VYATTA = b"set interfaces ethernet eth0 address dhcp\nset interfaces ethernet eth1 address 10.0.0.1/24\n"
VYATTA += b"set system host-name x\nset service ssh port 22\n"
INPUT = b"set firewall ipv4 input filter rule "
GROUP = b"".join(b"set firewall group network-group g network 10.%d.0.0/16\n" % at for at in range(0, 250, 2))
LISTED = b",".join(b"%d" % port for port in range(1, 250, 2))
LARGE = {
    "zeros": b"\x00" * MIB,
    "lines": b"\n" * MIB,
    "words": b"a " * (MIB // 2),
    "braces": CHAIN + b"\t\t{\n" * (MIB // 4),
    "open": CHAIN + b"{" * MIB,
    "quotes": CHAIN + b'\t\t"' * (MIB // 3),
    "dnat": CHAIN + b"\t\t" + b"dnat " * (MIB // 5),
    "rules": CHAIN + b"\t\ttcp dport 1 dnat to 10.0.0.1\n" * (MIB // 32) + b"\t}\n}\n",
    "sets": CHAIN + b"\t\tiifname { " + SET + b" } tcp dport { " + SET + b" } dnat to 10.0.0.1\n" * 2000 + b"\t}\n}\n",
    "many sets": CHAIN + (b"\t\tiifname { " + SET + b" } tcp dport { " + SET + b" } dnat to 10.0.0.1\n") * 3000,
    "fan": CHAIN + b"\t\tjump c0\n\t}\n" + JUMPS + b"\tchain c200 {\n" + b"\t\ttcp dport 1 dnat to 10.0.0.1\n" * 9000,
    "addresses": CHAIN
    + b"\t\tip daddr { "
    + WIDE
    + b" } jump b\n\t}\n\tchain b {\n"
    + b"\t\tip daddr 10.0.0.0/8 tcp dport 1 dnat to 10.0.0.1\n" * 20000,
    "carried": CHAIN
    + b"\t\tip daddr { "
    + WIDE
    + b" } jump b\n\t}\n\tchain b {\n"
    + b"\t\ttcp dport { "
    + SET
    + b" } dnat to 10.0.0.1\n" * 6000,
    "names": CHAIN
    + b"\t\tiifname { "
    + NAMES
    + b" } jump b\n\t}\n\tchain b {\n"
    + b"\t\tiifname { "
    + NAMES
    + b" } tcp dport 1 dnat to 10.0.0.1\n" * 500,
    "but": CHAIN + b"\t\tip daddr != { " + WIDE + b" } tcp dport 1 dnat to 10.0.0.1\n" * 500,
    "routes": b"".join(b"local 10.%d.%d.1 dev e%d table local \n" % (at // 256, at % 256, at) for at in range(25000)),
    "ways": b"default \n" + b"\tnexthop dev wan0 \n" * 50000,
    "many ways": b"default " + b" dev %d" * 100000 % tuple(range(100000)),
    "sections": b"[global]\n" + b"".join(b"[%d]\n" % at for at in range(120000)),
    "sockets": b"".join(b"tcp LISTEN 0 1 1.1.1.1:%d *:*\n" % (at % 65536) for at in range(35000)),
    "accounts": b"".join(b"u%d:x:%d:0::/:/bin/sh\n" % (at, at) for at in range(38000)),
    "values": b"".join(b"1.3.6.1.4.1.6574.3.1.1.2.%d|4|a\n" % at for at in range(30000)),
    "arcs": b"1." * (MIB // 2) + b"|4|x",
    "digits": b"9" * MIB,
    "statements": b"# x by RouterOS 7.1\n/ip firewall nat\n"
    + b"add action=dst-nat chain=dstnat to-addresses=10.0.0.1\n" * 20000,
    "members": b"# x by RouterOS 7.1\n/interface list member\n"
    + b"".join(b"add interface=e%d list=WAN\n" % at for at in range(12000))
    + b"/ip firewall nat\n"
    + b"add action=dst-nat chain=dstnat in-interface-list=WAN to-addresses=10.0.0.1\n" * 7000,
    "lists": b"/interface list\nadd name=a include="
    + b"a," * 1000
    + b"\n/interface list member\nadd interface=e list=a\n"
    + b"/ip firewall nat\nadd action=dst-nat chain=dstnat in-interface-list=a to-addresses=10.0.0.1\n" * 100,
    "sources": b"/ip firewall address-list\n"
    + b"".join(b"add address=10.0.%d.%d list=a\n" % (at // 256, at % 256) for at in range(12000))
    + b"/ip firewall nat\n"
    + b"add action=dst-nat chain=dstnat src-address-list=a to-addresses=10.0.0.1\n" * 7000,
    "continued": b"/ip service\nset telnet \\\n" + b"x=y \\\n" * 170000,
    "unclosed": b'/ip service\nset telnet name="' + b'\\"' * (MIB // 2),
    "brackets": b"/ip service\nset [" + b'["' * (MIB // 2),
    "gateways": b"/ip address\n"
    + b"".join(b"add address=10.%d.%d.1/24 interface=e%d\n" % (at // 256, at % 256, at) for at in range(10000))
    + b"/ip route\nadd gateway="
    + b"10.0.0.2," * 40000,
    "terse": b" 0 " + b"address=" * (MIB // 8),
    "spaces": b" 0   address=a" + b" " * MIB,
    "redirects": b"config zone\n option name wan\n list device "
    + b"a" * 9
    + b"\n"
    + b"config redirect\n option src wan\n option dest_ip 10.0.0.1\n" * 18000,
    "devices": b"config zone\n option name wan\n option device '"
    + b"a b c d e f g h " * 3000
    + b"'\n"
    + b"config redirect\n option src wan\n option dest_ip 10.0.0.1\n" * 10000,
    "aliases": b"".join(
        b"config interface a%d\n option proto static\n option device @a%d\n" % (at, at + 1) for at in range(18000)
    ),
    "uci words": b"config a b\n" + b"list x '" * (MIB // 8),
    "uci list": b"config interface a\n option proto static\n" + b" list ipaddr 10.0.0.1\n" * 45000,
    "uci rules": b"config zone\n option name z%d\n" * 1500 % tuple(range(1500))
    + b"config rule\n option src x\n" * 30000,
    "sshd files": b"".join(
        b"==> /etc/ssh/sshd_config.d/%d.conf <==\nInclude /etc/ssh/sshd_config.d/*.conf\n" % at for at in range(8000)
    )
    + b"==> /etc/ssh/sshd_config <==\nInclude /etc/ssh/sshd_config.d/*.conf\n" * 5000,
    "sshd words": b"==> /etc/ssh/sshd_config <==\nInclude "
    + b"sshd_config.d/*.conf " * 1500
    + b"\n"
    + b"".join(b"==> /etc/ssh/sshd_config.d/%d.conf <==\nPort 22\n" % at for at in range(20000)),
    "sshd blanks": b"x\n" + b" " * MIB,
    "one export": b"".join(b"/ a%d(rw)\n" % at for at in range(80000)),
    "log statements": b'*.* action(type="omfwd" \\"\n action(" \n' * 30000,
    "log words": b"*.* " + b":omrelp:a " * 100000,
    "communities": b"812\n" + b"rocommunity public 10.0.0.1\n" * 38000,
    "receivers": b"*.* @10.0.0.1 @10.0.0.2\n" * 43000,
    "vyatta depth": b"a {\n" * (MIB // 4),
    "vyatta words": b"set a " + b"b " * (MIB // 2),
    "vyatta nodes": b"".join(b"set interfaces ethernet e%d\n" % at for at in range(36000)) + VYATTA,
    "vyatta notes": b"/* */ " * (MIB // 6),
    "vyatta addresses": VYATTA
    + b"".join(
        b"set interfaces ethernet e%d address 10.%d.%d.1/24\n" % (at % 400, at // 256, at % 256) for at in range(15000)
    )
    + b"".join(
        b"set protocols static table %d route 0.0.0.0/0 next-hop 10.9.%d.2\n" % (at, at % 256) for at in range(4000)
    ),
    "vyatta vlans": b"interfaces {\nethernet eth0 {\n"
    + b"vif 1 {\n" * 20
    + b"}\n" * 22
    + b"".join(b"set interfaces ethernet e%d vif %d vif-c %d\n" % (at % 99, at % 4096, at) for at in range(22000)),
    "vyatta forwards": VYATTA
    + b"".join(
        b"set nat destination rule %d destination port %b\nset nat destination rule %d translation address 10.0.0.9\n"
        % (at, LISTED, at)
        for at in range(1700)
    ),
    "vyatta exceptions": VYATTA
    + b"".join(
        b"set nat destination rule %d exclude\nset nat destination rule %d destination port %b\n" % (at, at, LISTED)
        for at in range(900)
    )
    + b"".join(b"set nat destination rule %d translation address 10.0.0.9\n" % at for at in range(2000, 8000)),
    "vyatta chains": VYATTA
    + b"".join(
        b"set firewall ipv4 name c%d rule %d action jump\nset firewall ipv4 name c%d rule %d jump-target c%d\n"
        % (at % 60, at, at % 60, at, (at * 7 + 1) % 60)
        for at in range(9000)
    )
    + INPUT
    + b"1 action jump\n"
    + INPUT
    + b"1 jump-target c0\n",
    "vyatta groups": VYATTA
    + GROUP
    + b"".join(
        INPUT
        + b"%d action accept\n" % at
        + INPUT
        + b"%d source group network-group g\n" % at
        + INPUT
        + b"%d destination port 22\n" % at
        + INPUT
        + b"%d source address !10.%d.0.0/24\n" % (at + 9000, at % 256)
        + INPUT
        + b"%d action drop\n" % (at + 9000)
        for at in range(4000)
    ),
    "vyatta zones": b"".join(
        b"set zone-policy zone z%d interface e%d\nset interfaces ethernet e%d address 10.%d.%d.1/24\n"
        b"set zone-policy zone L from z%d firewall name n\n" % (at, at, at, at // 256, at % 256, at)
        for at in range(6000)
    )
    + b"set zone-policy zone L local-zone\n"
    + b"".join(
        b"set firewall name n rule %d action accept\nset firewall name n rule %d source port 1\n" % (at, at)
        for at in range(2000)
    )
    + VYATTA,
    "leases": b"IP Address  MAC address        Pool  Hostname\n----------  -----------------  ----  --------\n"
    + b"".join(
        b"10.0.%d.%d  00:00:00:00:%02x:%02x  LAN  x%d\n" % (at // 256, at % 256, at // 256, at % 256, at)
        for at in range(24000)
    ),
    "json rules": b'{"success": true, "result": ['
    + b",".join([b'{"ip_proto": "tcp", "lan_ip": "10.0.0.1"}'] * 20000)
    + b"]}",
    "json forwards": b'[{"nat": {"rules": ['
    + b",".join(
        b'{"ipaddress":"10.0.%d.%d","protocol":"all","externalport":"%d"}' % (at // 250, at % 250, at + 1)
        for at in range(14000)
    )
    + b"]}}]",
    "json depth": b'{"a":' * (MIB // 5),
    "json names": b'{"status": {' + b",".join(b'"%d":{}' % at for at in range(90000)) + b"}}",
    "xml hosts": b'<rsp stat="ok">' + b'<host ip="10.0.0.1" mac="00:00:5e:00:53:01"/>' * 20000 + b"</rsp>",
    "xml entities": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1000 + b'">]><rsp stat="ok">' + b"&b;" * 300000 + b"</rsp>",
    "ios rules": b"version 15.1\n"
    + b"".join(
        b"interface e%d\n ip address 10.%d.%d.1 255.255.255.0\n ip access-group 101 in\n" % (at, at // 256, at % 256)
        for at in range(5000)
    )
    + b"access-list 101 permit tcp 10.0.0.0 0.0.0.255 any eq 22\n" * 5000
    + b"line vty 0 4\n transport input telnet ssh\n" * 2000
    + b"end\n",
    "ios deep": b"version 15.1\n" + b"".join(b" " * (at % 100) + b"x\n" for at in range(20000)),
    "ios routes": b"version 15.1\n"
    + b"".join(
        b"interface e%d\n ip address 10.%d.%d.1 255.255.255.0\n" % (at, at // 256, at % 256) for at in range(5000)
    )
    + b"ip route 0.0.0.0 0.0.0.0 10.200.0.1\n" * 10000
    + b"end\n",
    "ios forwards": b"version 15.1\ninterface e0\n ip address dhcp\n ip access-group 101 in\n ip nat outside\n"
    + b"access-list 101 permit tcp any any eq 22\n" * 500
    + b"ip nat inside source static tcp 10.0.0.1 22 interface e0 23\n" * 12000
    + b"end\n",
    "ios lists": b"version 15.1\nvlan " + b"1-4094," * 100000 + b"\nend\n",
    "ios vlans": b"version 15.1\n"
    + b"interface e0\n switchport mode trunk\n switchport trunk allowed vlan 1-4094\n" * 12000,
    "ios pools": b"version 15.1\n"
    + b"ip dhcp excluded-address 10.0.0.1 10.0.0.2\n" * 8000
    + b"ip dhcp pool a\n network 10.0.0.0 255.0.0.0\n" * 8000
    + b"end\n",
    "ios maps": b"version 15.1\n" + b"crypto map a 1 ipsec-isakmp\n set peer 1.1.1.1\n" * 20000 + b"end\n",
    "ios vty": b"version 15.1\n"
    + b"access-list 1 permit host 10.0.0.1\n" * 500
    + b"line vty 0 4\n access-class 1 in\n transport input ssh\n" * 14000,
    "fortios quotes": b'config a\n set b "' + b'x"y\n' * (MIB // 4),
    "fortios tables": b"config a\nedit b\n" * (MIB // 16),
    "fortios words": b"config system interface\nedit a\nset allowaccess " + b"ssh " * (MIB // 4),
    "fortios groups": b"config firewall addrgrp\n"
    + b"".join(b"edit g%d\nset member g%d g%d\nnext\n" % (at, at + 1, at + 2) for at in range(8000))
    + b"end\nconfig firewall vip\nedit v\nset mappedip 10.0.0.1\nnext\nend\nconfig firewall policy\n"
    + b"".join(b"edit %d\nset action accept\nset srcaddr g%d\nset dstaddr v\nnext\n" % (at, at) for at in range(8000))
    + b"end\n",
    "fortios members": b"config router static\n"
    + b"".join(b"edit %d\nset sdwan enable\nnext\n" % at for at in range(10000))
    + b"end\nconfig system sdwan\nconfig members\n"
    + b"".join(b"edit %d\nset interface w%d\nnext\n" % (at, at) for at in range(10000))
    + b"end\nend\n",
    "fortios local-in": b"config system interface\n"
    + b"".join(b"edit i%d\nset role lan\nset allowaccess ssh https\nnext\n" % at for at in range(8000))
    + b"end\nconfig firewall local-in-policy\n"
    + b"".join(b"edit %d\nset intf any\nset service ALL\nset srcaddr all\nnext\n" % at for at in range(5000))
    + b"end\n",
    "vigor summary": b"Index   Proto   WAN IP:Port      Private IP:Port     Act\n"
    + b"".join(
        b"R01     ALL     -- ALL --:%d             10.0.%d.%d:80          Y\n" % (at + 1, at // 250, at % 250)
        for at in range(16000)
    ),
    "vigor upnp": b"*** IGD NAT Status ***\n"
    + b"((0))\nInternalClient >>10.0.0.1<<, ExternalPort >>1<<\nPortMapProtocol >>TCP<< PortMapEnabled >>1<<\n" * 9000,
    "vigor vlans": b"VLAN  is Enable :\nVLAN Enable VID  Pri   p1 p2 p3\n"
    + b" 1      ON   20   0       V  V \n" * 30000,
    "vigor lines": b"System Uptime:1:1:1\n" + b"WAN 1 Status: Connected\nMode: IP:1.1.1.1 GW IP:1.1.1.1\n" * 20000,
    "volumes": b"".join(
        b"1.3.6.1.4.1.6574.3.1.1.2.%d|4|a\n1.3.6.1.4.1.6574.3.1.1.3.%d|2|1\n" % (at, at) for at in range(12000)
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_answers(name: str) -> None:
    body, worked = LARGE[name][:MIB], Counter[str]()
    for whose, read in READERS:
        began = time.process_time()
        assert_sound(read(body[:BEGINNING]), body[:BEGINNING])
        # Whoever gives up at once needs no more; one that took 5 s for all would have taken 20 ms, were it quadratic.
        # The questions of one API share one parser.
        worked[whose] += time.process_time() - began >= 0.01
        if time.process_time() - began < 0.01 or (whose.endswith(" api") and worked[whose] > 2):
            continue
        began = time.process_time()
        observation = read(body)
        assert time.process_time() - began < SECONDS
        assert_sound(observation, body)
        system = observation.device.system if observation else None
        for items in (system.services, system.users, system.port_forwards, system.shares) if system else ():
            assert len(items or ()) <= 4097  # testparm's list counts [global] too
        assert len((system.interfaces if system else None) or ()) <= 256


def _lists(width: int) -> str:
    """Interface lists in a chain, each of which includes the next one that many times."""
    rows = [f"add name={outer} include={','.join([inner] * width)}" for outer, inner in pairwise(["WAN", *"ABCD"])]
    return "\n".join(["/interface list", *rows, "add name=D", "/interface list member", "add interface=e list=D", ""])


def _wide_lists() -> str:
    """Lists of sixty-four others each, four deep."""
    levels = [["WAN"], *([f"{level}{at}" for at in range(64)] for level in "ABC")]
    rows = [f"add name={name} include={','.join(inner)}" for outer, inner in pairwise(levels) for name in outer]
    return "\n".join(["/interface list", *rows, "/ip firewall nat", ""])


_RSC_MEMBERS = "/interface list member\n" + "".join(f"add interface=e{at} list=WAN\n" for at in range(128))
_RSC_RULE = "add action=dst-nat chain=dstnat to-addresses=192.168.88.10 protocol=tcp "
_UCI_ZONE = "config zone\n\toption name wan\n\toption device '" + " ".join(f"e{at}" for at in range(128)) + "'\n"
_UCI_RULE = "config redirect\n\toption src wan\n\toption dest_ip 192.168.1.10\n\toption proto tcp\n"
_MANY = " ".join(str(port) for port in range(1, 500))

_RSC = "# x by RouterOS 7.1\n"

SLOW = {
    "a string of a script that never ends": f"{_RSC}:put " + '"\\' * 400_000,
    "servers of every tunnel and a user for each": f"{_RSC}/ppp secret\n" + "add name=a\n" * 9_000
    + "/interface ovpn-server server\n" + "".join(f"add disabled=no name=a{at}\n" for at in range(9_000)),
    "chains that jump twice into the next one": f"{_RSC}/ip address\nadd address=10.0.0.1/24 interface=e1\n"
    "/ip firewall filter\nadd action=jump chain=input jump-target=c0\n"
    + "".join(f"add action=jump chain=c{at} jump-target=c{at + 1}\n" * 2 for at in range(40)),
    "rules that all ask for the same list": f"{_RSC}/ip address\nadd address=10.0.0.1/24 interface=e1\n"
    "/ip firewall address-list\n" + "".join(f"add address=10.{at}.0.0/24 list=a\n" for at in range(120))
    + "/ip firewall filter\n" + "add chain=input protocol=tcp src-address-list=a\n" * 15_000,
    "every VLAN on every port": f"{_RSC}/interface bridge vlan\n"
    + f"add tagged={','.join(f'e{at}' for at in range(120))} vlan-ids=1-500\n" * 1_500,
    "lists that include each other often": _lists(64),
    "lists of many lists, asked for by many rules": _wide_lists()
    + (_RSC_RULE + "in-interface-list=WAN dst-port=1\n") * 512,
    "the same port again and again (RouterOS)": f"{_RSC_MEMBERS}/ip firewall nat\n{_RSC_RULE}"
    + f"in-interface-list=WAN dst-port={','.join(['1'] * 400_000)}\n",
    "the same rule again and again (RouterOS)": "/ip firewall address-list\n"
    + "".join(f"add address=10.{at}.0.0/16 list=a\n" for at in range(0, 256, 2))
    + "/ip firewall nat\n" + (_RSC_RULE + f"src-address-list=a dst-port={_MANY.replace(' ', ',')}\n") * 400,
    "rules that accept many ports before many forwards": f"{_RSC_MEMBERS}/ip firewall nat\n"
    + ("add chain=dstnat protocol=tcp in-interface-list=WAN dst-port=" + ",".join(map(str, range(1, 9000))) + "\n") * 9
    + (_RSC_RULE + f"dst-port=9001,{_MANY.replace(' ', ',')}\n") * 200,
    "a rule that accepts all before many forwards": f"{_RSC_MEMBERS}/ip firewall nat\nadd chain=dstnat\n"
    + (_RSC_RULE + f"in-interface-list=WAN dst-port={_MANY.replace(' ', ',')}\n") * 400,
    "the same port again and again (OpenWrt)": f"{_UCI_ZONE}{_UCI_RULE}\toption src_dport '{'1 ' * 500_000}'\n",
    "the same redirect again and again": _UCI_ZONE + (f"{_UCI_RULE}\toption src_dport '{_MANY}'\n") * 400,
    "a zone of the same network again and again": "config interface a\n" * 3_500
    + f"config zone\n\toption name wan\n\toption network '{'b ' * 400_000}'\n",
    "many services before many rules with many sources": "".join(
        f"config zone\n\toption name z{at}\n\toption input ACCEPT\n" for at in range(100)
    )
    + "config dropbear\n\toption Port '" + " ".join(map(str, range(1, 400))) + "'\n"
    + "".join(
        f"config rule\n\toption src '*'\n\toption target ACCEPT\n\toption src_ip '10.{at % 256}.{at // 256}.0/25'\n"
        for at in range(0, 8_000, 3)
    ),
    "many sets": "config zone\n\toption name wan\n"
    + "".join(
        f"config ipset\n\toption name s{at}\n\toption match src_ip\n\toption entry '"
        + " ".join(f"10.{at}.{low}.1" for low in range(250)) + "'\n" for at in range(90)
    )
    + "config redirect\n\toption src wan\n\toption ipset s1\n\toption dest_ip 10.0.0.1\n" * 5_000,
    "tunnels whose peers are looked for": "".join(
        f"config interface w{at}\n\toption proto wireguard\n" for at in range(4_000)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_what_multiplies_ends_in_time(name: str) -> None:
    started = time.process_time()  # our own work: what else the machine does must not count
    for command in ("exec /export", f"exec {openwrt.CONFIGURATION}"):
        for platform in (mikrotik_routeros, openwrt):
            platform.read(evidence(command, SLOW[name].encode()))
    assert time.process_time() - started < SECONDS
