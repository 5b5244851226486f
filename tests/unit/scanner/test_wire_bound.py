"""What is asked leaves by the interface it was meant for, also when the route says otherwise.

A machine with two links, each to a network with the same numbers and the same address on it; the route prefers the
wrong one, as it would had a VPN come up since it was looked at. What the kernel itself sends late is kept off that
link, or a test would count it against whoever asks next: its neighbour is fixed, so no ARP probe verifies it five
seconds on, and the one question that takes the wrong route is a datagram, so no reset answers a slow greeting.
"""

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner.evidence import Answer
from scanner.wire import connect, nmap, snmp
from scanner.wire.ssh import HostKey, Login, Session
from tests.unit.scanner.test_wire_nmap import Lab, program

ADDRESS = "10.98.0.1"
SCRIPT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
ip link set lo up
for side in right wrong; do
  ip netns add $side
  ip link add $side type veth peer name eth0 netns $side
  ip link set $side up
  ip -n $side addr add {address}/24 dev eth0
  ip -n $side link set eth0 up
  printf '%s\\n' 'HostKey {folder}/'$side 'PidFile none' 'UsePAM no' 'ListenAddress {address}' > /run/$side.sshd
  printf '%s\\n' 'agentaddress udp:{address}:161' 'rocommunity public' "sysName $side" > /run/$side.snmpd
  ip netns exec $side {sshd} -D -f /run/$side.sshd &
  SNMP_PERSISTENT_DIR=/run/$side MIBS= ip netns exec $side {snmpd} -f -LE 0 -I -smux -C -c /run/$side.snmpd &
done
for kind in all default right wrong; do
  echo 0 > /proc/sys/net/ipv4/conf/$kind/rp_filter
  echo 1 > /proc/sys/net/ipv6/conf/$kind/disable_ipv6
done
ip addr add 10.98.0.2/24 dev right
ip addr add 10.98.0.3/24 dev wrong
ip route add {address}/32 dev wrong
ip neigh add {address} lladdr $(ip netns exec wrong cat /sys/class/net/eth0/address) dev wrong nud permanent
for side in right wrong; do
  until ip netns exec $side ss -Hlntu | grep -q ':22 ' && ip netns exec $side ss -Hlntu | grep -q ':161 '; do
    sleep 0.05
  done
done
echo ready
wait
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for side in ("right", "wrong"):
        keygen = program("ssh-keygen", "openssh-client")
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / side], check=True)
    return folder


@pytest.fixture(scope="module")
def lab(keys: Path) -> Iterator[Lab]:
    sshd, snmpd = program("sshd", "openssh-server"), program("snmpd", "snmpd")
    script = SCRIPT.format(address=ADDRESS, folder=keys, sshd=sshd, snmpd=snmpd)
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "bash", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemons:
        assert daemons.stdout is not None
        assert daemons.stdout.readline() == "ready\n"
        yield Lab(daemons.pid)
        daemons.kill()


def watched(lab: Lab, side: str, act: Callable[[], Answer]) -> tuple[Answer, int]:
    """What `act` answers inside, and how many frames left through the link `side` meanwhile."""

    def tapped() -> tuple[Answer, int]:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003)) as tap:
            tap.bind((side, 0x0003))
            tap.setblocking(False)
            answer = act()
            return answer, _outgoing(tap)

    return lab.inside(tapped)


def _outgoing(tap: socket.socket) -> int:
    count = 0
    while True:
        try:
            _, origin = tap.recvfrom(65535)
        except BlockingIOError:
            return count
        count += origin[2] == socket.PACKET_OUTGOING


def ports() -> Answer:
    return connect.scan(ADDRESS, (22, 81, 445), interface="right", max_rate=100, timeout_s=20, listen_s=2)


def scripts() -> Answer:
    return nmap.scan(ADDRESS, (22, 445), interface="right", scripts=nmap.SCRIPTS, max_rate=100, timeout_s=20)


def rows() -> Answer:
    return snmp.read(ADDRESS, snmp.Community("public"), "walk:1.3.6.1.2.1.1", interface="right")


def host_key() -> Answer:
    with Session(ADDRESS, Login("scan", "x"), None, lambda _: True, interface="right") as session:
        return session.host_key()


ASKED = {"ports": ports, "scripts": scripts, "rows": rows, "host key": host_key}


def test_the_route_prefers_the_wrong_link(lab: Lab) -> None:
    """Without a bound socket the question would reach the wrong device, and the tap below would see it."""
    said = lab.inside(lambda: subprocess.run(["ip", "-j", "route", "get", ADDRESS], capture_output=True, check=True))
    assert json.loads(said.stdout)[0]["dev"] == "wrong"

    def sent() -> Answer:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.sendto(b"", (ADDRESS, 161))
        return Answer("done")

    _, frames = watched(lab, "wrong", sent)
    assert frames == 1


@pytest.mark.parametrize("name", ASKED)
def test_nothing_leaves_through_the_wrong_link(lab: Lab, keys: Path, name: str) -> None:
    answer, frames = watched(lab, "wrong", ASKED[name])
    assert (answer.status, frames) == ("done", 0), answer
    kind, blob = (keys / "right.pub").read_text().split()[:2]
    proofs = {
        "ports": b'portid="22"><state state="open"',
        "scripts": b'output="SSH-2.0-OpenSSH',
        "rows": b"1.3.6.1.2.1.1.5.0|4|right\n",
        "host key": HostKey(kind, base64.b64decode(blob)).fingerprint.encode(),
    }
    assert proofs[name] in answer.body
    assert watched(lab, "right", ASKED[name])[1] > 0


@pytest.mark.parametrize("name", ASKED)
def test_an_interface_that_is_gone_gets_no_question(name: str) -> None:
    """Run where there is no such interface: in the test's own namespace."""
    answer = ASKED[name]()
    assert (answer.status, answer.body) == ("failed", b"")
    assert answer.detail.endswith("not sent: no socket can be bound to right: No such device")


def test_a_kernel_that_forbids_it_gets_no_question(tmp_path: Path) -> None:
    """Linux before 5.7 answers EPERM to whoever lacks CAP_NET_RAW; strace makes this one do so."""
    code = """
from scanner.wire import connect, nmap, snmp
from scanner.wire.ssh import Session
print(connect.scan("127.0.0.1", (22,), interface="lo", max_rate=100, timeout_s=5, listen_s=1))
print(nmap.scan("127.0.0.1", (22,), interface="lo", max_rate=100, timeout_s=5))
print(snmp.read("127.0.0.1", snmp.Community("public"), "walk:1.3.6.1.2.1.1", interface="lo"))
with Session("127.0.0.1", None, None, lambda _: True, interface="lo") as session:
    print(session.host_key())
"""
    trace = tmp_path / "trace"
    calls = "trace=setsockopt,connect,sendto,sendmsg,sendmmsg,execve"
    strace = [program("strace", "strace"), "-f", "-qq", "-o", str(trace), "-e", calls]
    done = subprocess.run(
        [*strace, "-e", "inject=setsockopt:error=EPERM", sys.executable, "-c", code], capture_output=True, text=True
    )
    why = "not sent: no socket can be bound to lo: Operation not permitted"
    assert done.stdout.splitlines() == [str(Answer("failed", b"", detail)) for detail in (why, why, f"v2c {why}", why)]
    made = [line.split()[1].partition("(")[0] for line in trace.read_text().splitlines()]
    assert made == ["execve", *["setsockopt"] * 4]
