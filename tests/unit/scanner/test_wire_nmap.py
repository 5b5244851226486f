"""The real nmap against real daemons in a network namespace of its own, and the reading of saved XML."""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

import pytest

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Port, SmbSeen
from inventory.observation import Observation
from inventory.snapshot import Status
from scanner.evidence import Answer, Evidence, Request
from scanner.wire import nmap
from scanner.wire.nmap import Host, hosts, read_ports

scan = partial(nmap.scan, interface="lo")
OLD_NAS, NEW_NAS, PRINTER, DROPPING, EMPTY = "10.99.0.1", "10.99.0.2", "10.99.0.3", "10.99.0.9", "10.99.0.10"
LAB = """
set -e
ip link set lo up
for host in 1 2 3 9 10; do ip addr add 10.99.0.$host/32 dev lo; done
nft 'table inet lab {{ chain in {{ type filter hook input priority 0; ip daddr {dropping} drop; }}; }}'
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
for nas in "{old} NT1" "{new} SMB2_02"; do
  set -- $nas
  mkdir -p /run/$2
  printf '%s\\n' '[global]' "server min protocol = $2" "private dir = /run/$2" "lock directory = /run/$2" \\
    "state directory = /run/$2" "cache directory = /run/$2" "pid directory = /run/$2" "ncalrpc dir = /run/$2/rpc" \\
    "log file = /run/$2/log" "bind interfaces only = yes" "interfaces = $1/32" > /run/$2.conf
  {smbd} -F --no-process-group -s /run/$2.conf &
done
echo '{old}:23 stream tcp nowait root {telnetd} telnetd' > /run/inetd.conf
{inetd} -d /run/inetd.conf &
{keygen} -q -t ed25519 -N '' -f /run/key
printf '%s\\n' 'HostKey /run/key' 'PidFile none' 'UsePAM no' 'ListenAddress {old}' \\
  'ListenAddress {printer}' > /run/sshd.conf
{sshd} -D -f /run/sshd.conf &
wait
"""
Result = TypeVar("Result")


def program(name: str, package: str) -> str:
    """The path of a program; a missing one fails the test."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install {package}")
    return found


@dataclass(frozen=True)
class Lab:
    """A network namespace with its daemons."""

    pid: int
    printed: list[tuple[int, bytes]] = field(default_factory=list)  # connections to 9100-9107: port, what was sent

    def inside(self, act: Callable[[], Result]) -> Result:
        """What `act` returns when run by a thread of this process that stands in the namespace."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(self._entered, act).result()

    def _entered(self, act: Callable[[], Result]) -> Result:
        with Path(f"/proc/{self.pid}/ns/net").open() as namespace:
            assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0x40000000) == 0, os.strerror(
                ctypes.get_errno()
            )
        return act()

    def listens(self, address: str, port: int) -> bool:
        local = f"{int.from_bytes(IPv4Address(address).packed, 'little'):08X}:{port:04X} 00000000:0000 0A"
        return local in Path(f"/proc/{self.pid}/net/tcp").read_text()

    def scan(self, address: str, *ports: int, scripts: tuple[str, ...] = (), timeout_s: float = 30) -> Answer:
        return self.inside(lambda: scan(address, ports, scripts=scripts, max_rate=100, timeout_s=timeout_s))


@contextmanager
def daemons_up() -> Iterator[Lab]:
    """The lab of LAB, its daemons listening; gone at the end."""
    script = LAB.format(
        old=OLD_NAS,
        new=NEW_NAS,
        printer=PRINTER,
        dropping=DROPPING,
        smbd=program("smbd", "samba"),
        telnetd=program("telnetd", "inetutils-telnetd"),
        inetd=program("inetutils-inetd", "inetutils-inetd"),
        sshd=program("sshd", "openssh-server"),
        keygen=program("ssh-keygen", "openssh-client"),
    )
    program("nft", "nftables")
    program("nmap", "nmap")
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "bash", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemons:
        made = Lab(daemons.pid)
        wanted = [(OLD_NAS, 445), (OLD_NAS, 139), (NEW_NAS, 445), (OLD_NAS, 22), (PRINTER, 22)]
        for _ in range(500):
            assert daemons.poll() is None, "the lab ended at once"
            if all(made.listens(*place) for place in wanted) and _telnet(made):
                break
            time.sleep(0.02)
        else:
            pytest.fail("the lab's daemons do not listen after 10 s")
        stop = made.inside(lambda: _print_server(made))
        yield made
        stop()
        daemons.kill()


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with daemons_up() as made:
        yield made


def _telnet(lab: Lab) -> bool:
    """Inetd listens on IPv6 too, or on that only: both tables are looked at."""
    return ":0017 " in Path(f"/proc/{lab.pid}/net/tcp").read_text() + Path(f"/proc/{lab.pid}/net/tcp6").read_text()


def _print_server(lab: Lab) -> Callable[[], None]:
    """Listen on the printer's 9100-9107 and write down whoever connects; returns what ends it."""
    listeners = [socket.create_server((PRINTER, port)) for port in range(9100, 9108)]

    def record(listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                lab.printed.append((listener.getsockname()[1], peer.recv(4096)))

    threads = [threading.Thread(target=record, args=(listener,), daemon=True) for listener in listeners]
    for thread in threads:
        thread.start()

    def stop() -> None:
        for listener in listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    return stop


def evidence(target: str, body: bytes, status: Status = "done") -> Evidence:
    return Evidence(Request("ports", target, "tcp"), status, datetime(2026, 11, 23, tzinfo=UTC), body)


def seen(target: str, answer: Answer) -> Observation:
    assert answer.status == "done", answer.detail
    return read_ports(evidence(target, answer.body))


Slow = dict[str, "Future[tuple[Answer, float, list[float]]]"]


@pytest.fixture(scope="module", autouse=True)
def slow(lab: Lab) -> Iterator[Slow]:
    """The scans that wait for mute ports run beside the other tests, started before the first."""
    both = ("banner", "smb-protocols")

    def timed(address: str, ports: Sequence[int], scripts: Sequence[str] = ()) -> tuple[Answer, float, list[float]]:
        parts: list[float] = []
        started = time.monotonic()
        answer = lab.inside(
            lambda: scan(address, ports, scripts=scripts, max_rate=100, timeout_s=30, progress=parts.append)
        )
        return answer, time.monotonic() - started, parts

    with ThreadPoolExecutor(4) as pool:
        yield {
            "old": pool.submit(timed, OLD_NAS, (22, 23, 80, 139, 445), both),
            "new": pool.submit(timed, NEW_NAS, (22, 445), both),
            "dropping": pool.submit(timed, DROPPING, range(1, 15)),
            "dropping, scripts": pool.submit(timed, DROPPING, range(1, 15), both),
        }


# --- scanning ---


def test_open_and_closed_ports(lab: Lab) -> None:
    answer = lab.scan(OLD_NAS, 22, 23, 80, 443, 445)
    observation = seen(OLD_NAS, answer)
    network = observation.device.network
    assert network is not None
    assert network.ports == (Port(22), Port(23), Port(445))  # no service: nmap's table of numbers proves none
    assert (network.tcp_probed, network.tcp_filtered) == ((22, 23, 80, 443, 445), ())
    assert (network.smb, network.hostname, network.addresses) == (None, None, None)
    lines = answer.body.decode().splitlines()
    assert 'portid="445"' in lines[observation.lines["/network/ports/2"] - 1]
    assert lines[observation.lines["/network/tcp_probed"] - 1].startswith("<scaninfo ")


def test_no_open_port_is_an_empty_list(lab: Lab) -> None:
    network = seen(EMPTY, lab.scan(EMPTY, 22, 80)).device.network
    assert network is not None
    assert (network.ports, network.tcp_probed) == ((), (22, 80))


def test_a_printers_9100_to_9107_are_never_connected_to(lab: Lab) -> None:
    answer = lab.scan(PRINTER, 22, 515, 631, *range(9099, 9110))
    network = seen(PRINTER, answer).device.network
    assert network is not None
    assert network.tcp_probed == (22, 515, 631, 9099, 9108, 9109)
    assert lab.scan(PRINTER, *range(9100, 9108)) == Answer(
        "excluded", b"", "no port left to ask: 9100-9107 are never touched"
    )
    time.sleep(0.2)
    assert lab.printed == []


def test_nmap_itself_excludes_9100_to_9107(lab: Lab) -> None:
    """Twice held: should our own list let one through, nmap 7.93 does not ask it."""
    command = ["nmap", "-n", "-Pn", "-sT", "--unprivileged", "--exclude-ports", "9100-9107", "-p", "22,9098-9109"]
    ran = lab.inside(
        lambda: subprocess.run([*command, "-oX", "-", PRINTER], capture_output=True, text=True, check=True)
    )
    assert 'services="22,9098-9099,9108-9109"' in ran.stdout
    assert lab.printed == []


def test_a_port_that_is_asked_is_recorded(lab: Lab) -> None:
    """The recorder of the tests above does record."""
    lab.inside(lambda: socket.create_connection((PRINTER, 9103)).close())
    time.sleep(0.2)
    assert lab.printed == [(9103, b"")]
    lab.printed.clear()


def test_a_firewall_that_drops_everything_is_silent_in_bounded_time(slow: Slow) -> None:
    answer, elapsed, _ = slow["dropping"].result()
    assert elapsed < 20
    assert (answer.status, answer.detail) == (
        "silent",
        "no port answered (device off, or its firewall drops everything)",
    )
    assert read_ports(evidence(DROPPING, answer.body, answer.status)) == Observation(Device())


def test_an_address_without_route_is_silent(lab: Lab) -> None:
    assert lab.scan("10.98.0.1", 22).status == "silent"


def test_a_scan_that_nmap_gives_up_has_no_facts(lab: Lab) -> None:
    answer = lab.scan(DROPPING, *range(1, 200), timeout_s=1)
    assert (answer.status, answer.detail) == ("silent", "not scanned to the end within 1 s")
    # Were it read as whole, 199 ports would seem closed.
    assert read_ports(evidence(DROPPING, answer.body)) == Observation(Device())
    assert [host.timed_out for host in hosts(answer.body)] == [True]


@pytest.mark.parametrize("name", ["old", "dropping", "dropping, scripts"])
def test_progress_rises_to_one(slow: Slow, name: str) -> None:
    _, _, parts = slow[name].result()
    assert len(parts) > 3
    assert parts == sorted(set(parts))
    assert 0 < parts[0] < 1
    assert parts[-1] == 1.0


def test_what_progress_raises_ends_nmap(lab: Lab) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        lab.inside(lambda: scan(DROPPING, range(1, 200), max_rate=49, timeout_s=30, progress=interrupted))
    assert time.monotonic() - started < 15
    assert _running(lab, max_rate=49) == []


def test_a_scan_that_is_stopped_ends_nmap_at_once(lab: Lab) -> None:
    """For itself it would take 8 s: 199 mute ports at 50 a second, asked twice."""
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            lab.inside, lambda: scan(DROPPING, range(1, 200), max_rate=50, timeout_s=30, stopped=stop.is_set)
        )
        for _ in range(500):
            if _running(lab, max_rate=50):
                break
            time.sleep(0.02)
        assert len(_running(lab, max_rate=50)) == 1
        stop.set()
        started = time.monotonic()
        assert asked.result() == Answer("failed", b"", "stopped")
    assert time.monotonic() - started < 3
    assert _running(lab, max_rate=50) == []


def _running(lab: Lab, max_rate: int) -> list[Path]:
    """The processes of nmap in the lab that run at this rate: the slow scans beside the tests have another."""
    namespace = Path(f"/proc/{lab.pid}/ns/net").readlink()
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    found = [path for path in processes if _name(path) == "nmap" and _standing(path) == namespace]
    return [path for path in found if f"--max-rate\0{max_rate}\0" in _arguments(path)]


def _arguments(process: Path) -> str:
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""


def _standing(process: Path) -> Path | None:
    try:
        return (process / "ns" / "net").readlink()
    except OSError:
        return None


@pytest.mark.parametrize(
    "address", ["localhost", "10.99.0.0/24", "10.99.0.1-9", "-iR", "10.99.0.1 --script x", "::1", "010.99.0.1", ""]
)
def test_only_a_literal_address_is_scanned(address: str) -> None:
    with pytest.raises(ValueError):
        scan(address, (22,), max_rate=10, timeout_s=1)


@pytest.mark.parametrize("script", ["smb-vuln-ms17-010", "banner,vuln", "/tmp/banner", "default", ""])
def test_only_listed_scripts_run(script: str) -> None:
    with pytest.raises(ValueError, match="not a script"):
        scan("127.0.0.1", (22,), scripts=(script,), max_rate=10, timeout_s=1)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_only_ports_are_asked(port: int) -> None:
    with pytest.raises(ValueError, match="not a port"):
        scan("127.0.0.1", (port,), max_rate=10, timeout_s=1)


def _with_path(path: str, timeout_s: float = 1) -> str:
    asked = f"'127.0.0.1', (1,), interface='lo', max_rate=9, timeout_s={timeout_s}"
    code = f"from scanner.wire.nmap import scan; print(scan({asked}))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PATH": path, "PYTHONPATH": "."}
    )
    return ran.stdout.strip()


def test_a_machine_without_nmap_says_so(tmp_path: Path) -> None:
    assert _with_path(str(tmp_path)) == str(Answer("failed", b"", "nmap is not installed"))


def _with_stand_in(folder: Path, script: str) -> str:
    """What a scan says when nmap is this script: a broken tool, not a mock of a device."""
    stand_in = folder / "nmap"
    stand_in.write_text(f"#!/bin/sh\n{script}\n")
    stand_in.chmod(0o755)
    return _with_path(f"{folder}:/usr/bin:/bin", timeout_s=1)


@pytest.fixture(scope="module", autouse=True)
def hung(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Future[str]"]:
    """A tool that never ends, with a child that does not either; runs beside the other tests."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_with_stand_in, tmp_path_factory.mktemp("hung"), "sleep 61.5 & sleep 61.5")


def test_a_tool_that_hangs_is_killed_with_its_children(hung: "Future[str]") -> None:
    assert hung.result(timeout=20) == str(Answer("failed", b"", "nmap did not end in time and was killed"))
    commands = [path / "cmdline" for path in Path("/proc").iterdir() if path.name.isdigit() and _name(path) == "sleep"]
    assert not [path for path in commands if path.exists() and b"61.5" in path.read_bytes()]


@pytest.mark.parametrize(
    ("script", "detail", "seconds"),
    [
        ("exec cat /dev/zero", f"nmap wrote more than {4 << 20} bytes", 15),
        ("exit 1", "nmap: ended without a result", 15),
        ("echo '<nmaprun><runstats><finished exit=\"success\"/>'; kill -9 $$", "", 15),
        ('echo \'<nmaprun><finished exit="error" errormsg="QUITTING!&#xa;more"/></nmaprun>\'', "nmap: QUITTING!", 15),
    ],
)
def test_a_tool_that_misbehaves_is_failed(tmp_path: Path, script: str, detail: str, seconds: float) -> None:
    started = time.monotonic()
    answer = _with_stand_in(tmp_path, script)
    assert time.monotonic() - started < seconds
    assert answer.startswith("Answer(status='failed', body=b''" if detail else "Answer(status='silent'")
    assert detail in answer


# --- what the scripts prove ---


def test_an_old_nas_shows_telnet_and_smb1(slow: Slow) -> None:
    answer, _, _ = slow["old"].result()
    observation = seen(OLD_NAS, answer)
    network = observation.device.network
    assert network is not None
    assert network.ports is not None
    services = {port.port: (port.service, (port.banner or "")[:8]) for port in network.ports}
    assert services == {
        22: ("ssh", "SSH-2.0-"),
        23: ("telnet", r"\xFF\xFB%"[:8]),
        139: (None, ""),
        445: ("smb", ""),
    }
    assert network.smb == SmbSeen(("NT LM 0.12 (SMBv1)", "202", "210", "300", "302", "311"), smb1=True)
    lines = answer.body.decode().splitlines()
    assert 'id="smb-protocols"' in lines[observation.lines["/network/smb"] - 1]


def test_a_new_nas_shows_no_smb1(slow: Slow) -> None:
    network = seen(NEW_NAS, slow["new"].result()[0]).device.network
    assert network is not None
    assert network.smb == SmbSeen(("202", "210", "300", "302", "311"), smb1=False)
    assert network.ports == (Port(445, "tcp", "smb"),)


def test_nmaps_probes_name_what_says_nothing_by_itself(lab: Lab) -> None:
    answer = lab.inside(lambda: scan(NEW_NAS, (445,), versions=True, max_rate=100, timeout_s=30))
    network = seen(NEW_NAS, answer).device.network
    assert network is not None
    (port,) = network.ports or ()
    assert (port.service, (port.banner or "")[:9]) == ("smb", "Samba smb")


# --- reading saved XML ---


def xml(ports: str, *, before: str = "", host: str = "", services: str = "22") -> bytes:
    """A scan of one host in nmap 7.93's shape."""
    return textwrap.dedent(f"""\
        <?xml version="1.0" encoding="UTF-8"?>
        {before or "<!DOCTYPE nmaprun>"}
        <nmaprun scanner="nmap" args="nmap -sT" start="1795477740" version="7.93" xmloutputversion="1.05">
        <scaninfo type="connect" protocol="tcp" numservices="1" services="{services}"/>
        <host starttime="1" endtime="2"{host}><status state="up" reason="user-set" reason_ttl="0"/>
        <address addr="10.0.0.7" addrtype="ipv4"/>
        <hostnames><hostname name="nas" type="PTR"/></hostnames>
        <ports>{ports}</ports></host>
        <runstats><finished time="1" timestr="now" elapsed="1" exit="success"/><hosts up="1" down="0" total="1"/>
        </runstats>
        </nmaprun>
    """).encode()


def port(number: int, banner: str | None = None, state: str = "open") -> str:
    script = "" if banner is None else f'<script id="banner" output="{banner}"/>'
    open_or_not = f'<state state="{state}" reason="syn-ack" reason_ttl="0"/>'
    return f'<port protocol="tcp" portid="{number}">{open_or_not}{script}</port>'


@pytest.mark.parametrize(
    ("banner", "service"),
    [
        ("SSH-2.0-dropbear_2022.83", "ssh"),
        (r"\xFF\xFD\x18\xFF\xFD \xFF\xFD#", "telnet"),
        ("RFB 003.008", "vnc"),
        ("220 (vsFTPd 3.0.3)", "ftp"),
        ("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------", "ftp"),
        ("220 mail.example.org ESMTP Postfix (Debian/GNU)", "smtp"),
        ("HTTP/1.0 400 Bad Request", "http"),
        ("220 ready", None),
        ("login: ", None),
        ("+OK Dovecot ready.", None),
        (r"\x00SSH-2.0", None),
    ],
)
def test_a_service_is_what_the_port_said(banner: str, service: str | None) -> None:
    network = read_ports(evidence("10.0.0.7", xml(port(22, banner)))).device.network
    assert network is not None
    assert network.ports == (Port(22, "tcp", service, " ".join(banner.split())),)


def test_a_hostile_banner_is_made_safe() -> None:
    network = read_ports(
        evidence("10.0.0.7", xml(port(22, "SSH-2.0-&#x202e;&lt;script&gt;" + "x" * 9999)))
    ).device.network
    assert network is not None
    assert network.ports is not None
    banner = network.ports[0].banner or ""
    assert banner.startswith("SSH-2.0- <script>xxx")
    assert len(banner) == 256


def test_ports_are_in_order_and_only_open_ones() -> None:
    body = xml(port(80) + port(22) + port(23, state="closed") + port(25, state="open|filtered"), services="20-25,80")
    network = read_ports(evidence("10.0.0.7", body)).device.network
    assert network is not None
    assert network.ports == (Port(22), Port(80))
    assert (network.tcp_probed, network.tcp_filtered) == ((22, 23, 80), (25,))


EXTRA = '<extraports state="{}" count="3"><extrareasons reason="x" count="3"{}/></extraports>'
LISTED = ' proto="tcp" ports="20-21,24"'


@pytest.mark.parametrize(
    ("extra", "answered", "filtered"),
    [
        (EXTRA.format("closed", LISTED), (20, 21, 22, 24), (25,)),
        (EXTRA.format("filtered", LISTED), (22,), (20, 21, 24, 25)),
        (EXTRA.format("closed", ""), (20, 21, 22, 24), (25,)),  # nmap before 7.92 names none
        (EXTRA.format("filtered", ""), (22,), (20, 21, 24, 25)),
        # Some are closed, some filtered, and which ones nobody can tell: none of them is known.
        (EXTRA.format("closed", "") + EXTRA.format("filtered", ""), (22,), (25,)),
        ("", (22,), (25,)),
    ],
)
def test_a_filtered_port_is_not_a_closed_one(extra: str, answered: tuple[int, ...], filtered: tuple[int, ...]) -> None:
    body = xml(extra + port(22) + port(25, state="filtered"), services="20-22,24-25")
    network = read_ports(evidence("10.0.0.7", body)).device.network
    assert network is not None
    assert (network.ports, network.tcp_probed, network.tcp_filtered) == ((Port(22),), answered, filtered)


@pytest.mark.parametrize(
    ("service", "script", "name", "banner"),
    [
        ('name="domain" product="dnsmasq" version="2.90" method="probed" conf="10"', "", "domain", "dnsmasq 2.90"),
        ('name="ms-wbt-server" method="probed" conf="10"', "", "rdp", None),
        ('name="ms-wbt-server" method="table" conf="3"', "", None, None),  # a number is no proof
        ('name="tcpwrapped" method="probed" conf="8"', "", None, None),  # it hung up without a word
        ('name="telnet" tunnel="ssl" method="probed" conf="10"', "", "ssl/telnet", None),  # not in clear text
        ('name="unknown" tunnel="ssl" method="table" conf="3"', "", "tls", None),  # the tunnel is proven, no more
        ('name="teamviewer" tunnel="ssl" method="table" conf="3"', "", "tls", None),
        ('name="tcpwrapped" tunnel="ssl" method="probed" conf="8"', "", "tls", None),
        ('name="ssl" method="probed" conf="10"', "", "tls", None),  # an nmap built without OpenSSL
        ('name="http" method="probed" conf="10"', '<script id="banner" output="SSH-2.0-x"/>', "ssh", "SSH-2.0-x"),
        ('name="x" method="table" conf="3"', '<script id="banner" output=""/>', None, ""),  # heard out, and mute
    ],
)
def test_a_service_is_what_nmaps_probes_made_it_say(
    service: str, script: str, name: str | None, banner: str | None
) -> None:
    state = '<state state="open" reason="syn-ack" reason_ttl="0"/>'
    body = xml(f'<port protocol="tcp" portid="22">{state}<service {service}/>{script}</port>')
    network = read_ports(evidence("10.0.0.7", body)).device.network
    assert network is not None
    assert network.ports == (Port(22, "tcp", name, banner),)


def test_a_list_of_ports_without_end_is_refused() -> None:
    with pytest.raises(ParseError, match="more ports than a scan has"):
        hosts(xml(port(22), services="0-65535," * 10_000))
    with pytest.raises(ParseError, match="more ports than a scan has"):
        hosts(xml(EXTRA.format("closed", ' proto="tcp" ports="0-65535"') * 1000))


def test_another_address_or_an_unfinished_host_has_no_facts() -> None:
    assert read_ports(evidence("10.0.0.8", xml(port(22)))) == Observation(Device())
    assert read_ports(evidence("10.0.0.7", xml("", host=' timedout="true"'))) == Observation(Device())
    assert read_ports(evidence("10.0.0.7", xml(port(22)), "silent")) == Observation(Device())


BOMB = '<!DOCTYPE nmaprun [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
FILE = '<!DOCTYPE nmaprun [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        (b"", 1, "no element found"),
        (b"\xff\xfe garbage", 1, "syntax error"),
        (xml(port(22))[:-40], None, ""),
        (xml(port(22), before=BOMB), 2, "an entity is defined"),
        (xml(port(22), before=FILE), 2, "an entity is defined"),
        (xml(port(22), before=FILE.replace("ENTITY a", "ENTITY % a")), 2, "an entity is defined"),
        (b"<html></html>", 1, "not an nmap scan"),
        (b"<nmaprun>" + b"<a>" * 100, 1, "nested too deep"),
        (b"<nmaprun></nmaprun>", None, "not what nmap writes"),
        (xml('<port protocol="tcp" portid="22"></port>'), None, "not what nmap writes"),
        (xml('<port protocol="tcp" portid="x"><state state="open"/></port>'), None, "not a list of ports"),
        (xml(port(22), services="22-x"), None, "not a list of ports"),
        (b" " * (4 << 20) + b"<nmaprun/>", None, "more than 4194304 bytes"),
    ],
)
def test_what_nmap_never_wrote_is_a_parse_error(body: bytes, line: int | None, reason: str) -> None:
    asked = evidence("10.0.0.7", body)
    with pytest.raises(ParseError) as caught:
        read_ports(asked)
    assert caught.value.source == asked.id
    assert line is None or caught.value.line == line
    assert reason in caught.value.reason


def test_every_cut_of_a_scan_is_whole_or_a_parse_error() -> None:
    body = xml(port(22, "SSH-2.0-x") + port(80)).rstrip()
    for size in range(len(body)):
        with pytest.raises(ParseError):
            hosts(body[:size])


def test_reading_runs_nothing() -> None:
    """python-nmap's constructor would run `nmap -V`."""
    code = """
import sys
from scanner.wire import nmap_xml
print("nmap" in sys.modules)
sys.addaudithook(lambda name, _: name in ("subprocess.Popen", "os.posix_spawn", "socket.__new__") and sys.exit(name))
print(len(nmap_xml.hosts(sys.stdin.buffer.read())))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], input=xml(port(22)), capture_output=True, env={"PYTHONPATH": "."}
    )
    assert (ran.stdout, ran.stderr) == (b"False\n1\n", b"")


# Real scans, their hosts up, their MACs and their open ports: nmap/manifest.jsonl of the shared recordings.
REAL = Path(__file__).parents[4] / "shared" / "realdata" / "nmap"
SCANS = {
    "DefectDojo__issue4406.xml": (1, 0, 25),
    "GetPhage__nmap-2016-04-02-19-30-01.xml": (53, 0, 130),
    "GetPhage__nmap-2016-04-04-09-15-01.xml": (54, 0, 120),
    "GetPhage__nmap-2016-04-07-21-45-02.xml": (54, 0, 130),
    "GetPhage__nmap-2016-04-10-11-36-46.xml": (53, 0, 126),
    "Ullaakut__scan_base.xml": (1, 0, 0),
    "nmap__complex.xml": (1, 0, 4),
    "nmap__xml_test10.xml": (4, 0, 6),
    "nmap__xml_test9.xml": (4, 3, 6),
    "savon-noir__dionaea_scan.xml": (1, 1, 16),
    "savon-noir__full_sudo6.xml": (4, 3, 12),
    "savon-noir__os_scan5.xml": (4, 3, 11),
}


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared recordings of real scans are not on this machine")
@pytest.mark.parametrize("name", SCANS)
def test_real_scans_of_many_hosts(name: str) -> None:
    body = (REAL / name).read_bytes()
    found = hosts(body)
    up = [host for host in found if host.up]
    assert (len(up), sum(host.mac is not None for host in found), sum(map(_open_ports, found))) == SCANS[name]
    lines = body.decode().splitlines()
    for host in up:
        network = host.observation.device.network
        for index, seen_port in enumerate((network.ports if network else None) or ()):
            assert f'portid="{seen_port.port}"' in lines[host.observation.lines[f"/network/ports/{index}"] - 1]
    assert read_ports(evidence(up[-1].address, body)) == up[-1].observation


def _open_ports(host: Host) -> int:
    return len((host.observation.device.network and host.observation.device.network.ports) or ())
