"""WS-Discovery, LLMNR, MNDP, Ubiquiti and DHCP questions: real daemons where Debian has them, and hostile strangers."""

import io
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from inventory.heard import Neighbour
from inventory.network import Network
from scanner import dns_message
from scanner.answers import MOST_ANSWERS, read_answers
from scanner.datagrams import datagrams
from scanner.evidence import Answer, Evidence, Request, SourceName
from scanner.frames.hearing import heard_in_body
from scanner.frames.saved import frames
from scanner.wire import dhcp, llmnr, neighbours, wsd
from tests.unit.scanner.daemons import program
from tests.unit.scanner.neighbourhood import Neighbourhood

HERE, MAC = "10.98.0.250", "02:98:00:00:00:fa"
ROUTER, ROGUE, DESK, STRANGER = "10.98.0.1", "10.98.0.9", "10.98.0.30", "10.98.0.66"

_SCRIPT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns
ip link set lo up
ip link add lan address {mac} type bridge mcast_snooping 0
ip link set lan up
for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done
ip address add {here}/24 dev lan
n=1
for peer in router,{router} rogue,{rogue} desk,{desk} stranger,{stranger}; do
  name=${{peer%,*}}
  ip netns add $name
  ip link add $name type veth peer name eth0 netns $name
  ip link set $name master lan up
  ip netns exec $name sh -c 'for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done'
  printf '%s\\n' 'link set lo up' "link set eth0 address 02:98:00:00:00:0$n" \\
    "address add ${{peer#*,}}/24 brd + dev eth0" 'link set eth0 up' 'route add 224.0.0.0/4 dev eth0' \\
    'route add default dev eth0' \\
    | ip -n $name -batch -
  n=$((n+1))
done
for server in router,{router},100 rogue,{rogue},150; do
  IFS=, read name address first <<END
$server
END
  ip netns exec $name {dnsmasq} --keep-in-foreground --conf-file=/dev/null --user=root --port=0 --no-ping \\
    --pid-file=/run/$name.pid --dhcp-leasefile=/run/$name.leases --log-facility=- --log-dhcp \\
    --dhcp-range=10.98.0.$first,10.98.0.$((first+20)),1h --dhcp-option=3,$address 2>/run/$name.log &
done
ip netns exec desk {wsdd} -4 -i eth0 -n POSTE-ACCUEIL -w CABINET &
for place in router:67 rogue:67 desk:3702; do
  until ip netns exec ${{place%:*}} ss -Hlnu | grep -q ":${{place#*:}} "; do sleep 0.05; done
done
echo ready
wait
"""


@pytest.fixture(scope="module")
def lan() -> Iterator[Neighbourhood]:
    script = _SCRIPT.format(
        here=HERE, mac=MAC, router=ROUTER, rogue=ROGUE, desk=DESK, stranger=STRANGER,
        dnsmasq=program("dnsmasq", "dnsmasq-base"), wsdd=program("wsdd", "wsdd"),
    )  # fmt: skip
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "bash", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemons:
        try:
            assert daemons.stdout is not None
            assert daemons.stdout.readline() == "ready\n"
            yield Neighbourhood(daemons.pid)
        finally:
            daemons.kill()


def everybody(_: IPv4Address) -> bool:
    return True


def told(source: SourceName, answer: Answer) -> dict[str, Network]:
    """What each sender said, by its address."""
    evidence = Evidence(Request(source, "10.98.0.0/24", ""), answer.status, datetime.now(UTC), answer.body)
    return {
        str(address): said.observation.device.network or Network() for address, said in read_answers(evidence).items()
    }


def sent(answer: Answer, port: int) -> int:
    return sum(item.port == port and str(item.source) == HERE for item in datagrams(answer.body))


# --- DHCP ---


def test_every_server_that_offers_is_heard_and_none_gives_a_lease(lan: Neighbourhood) -> None:
    answer = lan.inside(lambda: dhcp.discover("lan", MAC))
    assert answer.status == "done", answer.detail
    heard = heard_in_body(answer.body).devices
    servers = {
        mac: said.device.network.dhcp_server
        for mac, said in heard.items()
        if said.device.network is not None and said.device.network.dhcp_server is not None
    }
    assert {mac: str(item.address) for mac, item in servers.items()} == {
        "02:98:00:00:00:01": ROUTER, "02:98:00:00:00:02": ROGUE,
    }  # fmt: skip
    assert {str(way) for item in servers.values() for way in item.routers or ()} == {ROUTER, ROGUE}
    leases = [Path(f"/proc/{lan.pid}/root/run/{name}.leases").read_text() for name in ("router", "rogue")]
    assert leases == ["", ""]
    for name in ("router", "rogue"):
        log = Path(f"/proc/{lan.pid}/root/run/{name}.log").read_text()
        assert "DHCPOFFER" in log
        assert "DHCPREQUEST" not in log


def test_a_discover_is_what_the_standard_says(lan: Neighbourhood) -> None:
    answer = lan.inside(lambda: dhcp.discover("lan", MAC))
    asked = [frame for _, frame in frames(io.BytesIO(answer.body)) if frame[6:12].hex(":") == MAC]
    assert len(asked) == dhcp.SENT
    assert {frame[26:34] for frame in asked} == {bytes(4) + b"\xff" * 4}  # 0.0.0.0 to everybody
    bootp = asked[0][42:]
    assert (bootp[0], bootp[10:12], bootp[28:34].hex(":")) == (1, b"\x80\x00", MAC)  # broadcast flag
    assert sum(int.from_bytes(asked[0][at : at + 2], "big") for at in range(14, 34, 2)) % 0xFFFF == 0


def test_another_one_s_answers_and_a_flood_are_no_offers(lan: Neighbourhood) -> None:
    def flood() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            door.bind(("", 67))
            for place in range(300):
                reply = (
                    b"\x02\x01\x06\x00" + place.to_bytes(4, "big") + bytes(228) + b"\x63\x82\x53\x63\x35\x01\x02\xff"
                )
                door.sendto(reply, ("255.255.255.255", 68))

    def act() -> Answer:
        thread = threading.Thread(target=lambda: lan.as_stranger(flood))
        thread.start()
        answer = dhcp.discover("lan", MAC)
        thread.join()
        return answer

    answer = lan.inside(act)
    assert answer.status == "done"
    assert "02:98:00:00:00:04" not in heard_in_body(answer.body).devices


def test_a_stopped_visit_sends_no_more(lan: Neighbourhood) -> None:
    began = time.monotonic()
    answer = lan.inside(lambda: dhcp.discover("lan", MAC, lambda: True))
    assert (answer.status, answer.detail) == ("failed", "stopped")
    assert time.monotonic() - began < 1


# --- WS-Discovery, LLMNR ---


def test_a_real_wsdd_says_that_it_is_a_computer(lan: Neighbourhood) -> None:
    answer = lan.inside(lambda: wsd.probe("lan", IPv4Address(HERE), everybody))
    assert answer.status == "done", answer.detail
    seen = told("wsd", answer)[DESK].wsd
    assert seen is not None
    assert seen.types == ("pub:Computer", "wsdp:Device")
    assert (seen.endpoint or "").startswith("urn:uuid:")
    assert sent(answer, 3702) == 4


@contextmanager
def playing(
    lan: Neighbourhood, port: int, reply: Callable[[bytes], list[bytes]], group: str = "", back: str = ""
) -> Iterator[None]:
    """A stranger that answers each datagram to `port` by `reply`; to everybody's port when `back` names an address."""

    def opened() -> socket.socket:
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        door.bind(("", port))
        if group:
            door.setsockopt(
                socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(STRANGER)
            )
        door.settimeout(0.1)
        return door

    door = lan.as_stranger(opened)
    over = threading.Event()

    def talk() -> None:
        while not over.is_set():
            try:
                said, origin = door.recvfrom(9000)
            except TimeoutError:
                continue
            if origin[0] != STRANGER:
                for part in reply(said):
                    door.sendto(part, (back, port) if back else origin)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        door.close()


def _named(question: bytes, label: bytes) -> list[bytes]:
    """What systemd-resolved and Windows answer to a reverse question (RFC 4795 §2.1.1): the question, then a PTR."""
    target = bytes((len(label),)) + label + b"\0"
    record = b"\xc0\x0c" + b"\x00\x0c\x00\x01\x00\x00\x00\x1e" + len(target).to_bytes(2, "big") + target
    return [question[:2] + b"\x80\x00\x00\x01\x00\x01\x00\x00\x00\x00" + question[12:] + record]


def test_who_has_an_address_says_its_name(lan: Neighbourhood) -> None:
    def reply(question: bytes) -> list[bytes]:
        own = dns_message.reverse_question(IPv4Address(STRANGER))
        return _named(question, b"poste-soin") if question[12:] == own[12:] else []

    asked = [IPv4Address(item) for item in (DESK, STRANGER)]
    with playing(lan, 5355, reply, "224.0.0.252"):
        answer = lan.inside(lambda: llmnr.reverse("lan", IPv4Address(HERE), asked, everybody))
    assert answer.status == "done", answer.detail
    assert told("llmnr", answer) == {STRANGER: Network(hostname="poste-soin")}
    assert sent(answer, 5355) == 4


def test_a_name_for_somebody_else_s_address_is_not_believed(lan: Neighbourhood) -> None:
    with playing(lan, 5355, lambda question: _named(question, b"attaquant"), "224.0.0.252"):
        answer = lan.inside(lambda: llmnr.reverse("lan", IPv4Address(HERE), [IPv4Address(DESK)], everybody))
    assert told("llmnr", answer) == {}


def test_no_more_names_are_asked_than_datagrams_may_leave(lan: Neighbourhood) -> None:
    many = [IPv4Address(f"10.98.0.{place}") for place in range(100, 200)]
    answer = lan.inside(lambda: llmnr.reverse("lan", IPv4Address(HERE), many, everybody))
    assert sent(answer, 5355) == llmnr.MOST_ASKED


# --- MikroTik, Ubiquiti: from their documented formats, because Debian has no such device ---


def _field(kind: int, value: bytes, head: int = 2) -> bytes:
    return kind.to_bytes(head, "big") + len(value).to_bytes(2, "big") + value


MNDP = b"\0\0\0\x07" + b"".join(
    (_field(1, bytes.fromhex("029800000005")), _field(5, b"routeur"), _field(7, b"7.15.1 (stable)"),
     _field(8, b"MikroTik"), _field(12, b"RB5009UG+S+"), _field(16, b"ether1"))
)  # fmt: skip
_AP = (_field(1, bytes.fromhex("029800000005"), 1) + _field(3, b"BZ.qca956x.v6.5.28.14491.221005.1250", 1)
       + _field(0x0B, b"borne-accueil", 1) + _field(0x14, b"U6-Lite", 1))  # fmt: skip
UBIQUITI = b"\x01\x00" + len(_AP).to_bytes(2, "big") + _AP


def test_a_mikrotik_announces_itself_when_it_is_asked(lan: Neighbourhood) -> None:
    def reply(question: bytes) -> list[bytes]:
        return [MNDP] if question == bytes(4) else []

    with playing(lan, 5678, reply, back="255.255.255.255"):
        answer = lan.inside(lambda: neighbours.mndp("lan", IPv4Address(HERE), everybody))
    assert answer.status == "done", answer.detail
    (said,) = told("mndp", answer)[STRANGER].neighbours or ()
    assert (said.system_name, said.model, said.version) == ("routeur", "RB5009UG+S+", "7.15.1 (stable)")
    assert sent(answer, 5678) == 2


def test_an_access_point_answers_ubiquiti_s_question(lan: Neighbourhood) -> None:
    def reply(question: bytes) -> list[bytes]:
        return [UBIQUITI] if question == b"\x01\0\0\0" else []

    with playing(lan, 10001, reply):
        answer = lan.inside(lambda: neighbours.ubiquiti("lan", IPv4Address(HERE), everybody))
    assert answer.status == "done", answer.detail
    (said,) = told("ubiquiti", answer)[STRANGER].neighbours or ()
    assert said == Neighbour(
        "ubiquiti", chassis="02:98:00:00:00:05", system_name="borne-accueil",
        description="BZ.qca956x.v6.5.28.14491.221005.1250", manufacturer="Ubiquiti", model="U6-Lite", version="6.5.28",
    )  # fmt: skip
    assert sent(answer, 10001) == 4


def test_one_that_answers_with_a_thousand_names_is_cut(lan: Neighbourhood) -> None:
    def reply(_: bytes) -> list[bytes]:
        bodies = (_field(0x0B, f"borne-{place}".encode(), 1) for place in range(100))
        return [b"\x01\x00" + len(body).to_bytes(2, "big") + body for body in bodies]

    with playing(lan, 10001, reply):
        answer = lan.inside(lambda: neighbours.ubiquiti("lan", IPv4Address(HERE), everybody))
    assert answer.status == "failed"
    assert len(told("ubiquiti", answer)[STRANGER].neighbours or ()) <= MOST_ANSWERS


@pytest.mark.parametrize("source", ["wsd", "llmnr", "mndp", "ubiquiti"])
@pytest.mark.parametrize(
    "body", [b"\0" * 40, b"\xff" * 1200, b"<a><!ENTITY x SYSTEM 'file:///etc/passwd'>discovery ProbeMatch"]
)
def test_nonsense_is_no_answer(lan: Neighbourhood, source: SourceName, body: bytes) -> None:
    del lan
    from scanner.datagrams import Datagram, capture

    item = Datagram(IPv4Address(STRANGER), 3702, IPv4Address(HERE), 40000, body)
    assert told(source, Answer("done", capture([item]))) == {}
