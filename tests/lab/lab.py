"""Build the LAN: namespaces, bridge, hosts, daemons, capture.

Runs inside the lab's own network, mount and pid namespaces (`__main__.py`) and refuses to run anywhere else. There is
no tear-down to call: when the first process of the pid namespace ends, the kernel ends and frees all the rest.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.lab.hosts import GATEWAY, HOSTS, LAPTOP, WAN_PEER, Host
from tests.lab.rootfs import filled, write_root

BASE = Path("/run/lab")  # on the lab's own tmpfs: gone with it
CAPTURE = BASE / "lan.pcap"
SINK_LOG = BASE / "roots/imprimante/var/log/lab/sink_9100.log"
READY_SECONDS = 30.0  # a loaded two-core machine needs 3
POLL_SECONDS = 0.04
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_LISTENING = "0A"  # state column of /proc/net/tcp
_ENTER = ("unshare", "--mount", "--uts", "--propagation", "private", "sh", "-c")


class LabError(Exception):
    """The lab could not be built; the text names the part and quotes its log."""


class Lab:
    """The running LAN: a process per host, whose pid leads into that host's namespaces."""

    def __init__(self, secrets: Mapping[str, str], outer_network: str) -> None:
        self.secrets = secrets
        self._refuse_real_network(outer_network)
        self._inside: dict[str, subprocess.Popen[bytes]] = {}

    @staticmethod
    def _refuse_real_network(outer_network: str) -> None:
        links = json.loads(subprocess.run(["ip", "-j", "link"], check=True, capture_output=True).stdout)
        if str(Path("/proc/self/ns/net").readlink()) == outer_network or {link["ifname"] for link in links} != {"lo"}:
            raise LabError("not in a network namespace of its own: nothing was started")

    @property
    def pids(self) -> dict[str, int]:
        """For each host and the laptop, a process that lives in its namespaces."""
        return {name: process.pid for name, process in self._inside.items()}

    @property
    def environment(self) -> dict[str, str]:
        """What a command on the laptop finds in its environment: the secrets, and where the lab writes down."""
        return {
            **self.secrets,
            "VIGIE_LAB_CAPTURE": str(CAPTURE),
            "VIGIE_LAB_SINK_LOG": str(SINK_LOG),
            "SNMP_PERSISTENT_DIR": str(BASE / "snmp"),  # or snmpget would make folders in the machine's /var/lib
        }

    def build(self) -> None:
        """Everything up and answering.

        Raises:
            LabError: a command failed, or a daemon did not open its sockets in time.
        """
        (BASE / "log").mkdir(parents=True)
        _connect((*HOSTS, LAPTOP))
        self._capture()
        for host in HOSTS:
            root = BASE / "roots" / host.name
            write_root(root, host, self.secrets)
            self._start(host, _script(host, root, self.secrets))
        (BASE / "resolv.conf").write_text(f"nameserver {GATEWAY}\noptions timeout:1 attempts:1\n")
        self._start(LAPTOP, _laptop_script())
        deadline = time.monotonic() + READY_SECONDS
        self._await_daemons(deadline)
        self._await(f"the laptop, see {BASE}/log/laptop.log", (BASE / "laptop.ready").exists, deadline)
        self._await("tcpdump", lambda: CAPTURE.exists() and CAPTURE.stat().st_size >= 24, deadline)
        for host in HOSTS:
            for command in host.after:
                self._once(host, command)

    def command(self, name: str, argv: Sequence[str], cwd: str) -> list[str]:
        """The command line that runs `argv` inside the namespaces of host `name`."""
        target = ["nsenter", "--target", str(self.pids[name]), "--mount", "--net", "--uts"]
        return [*target, "--", "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd, *argv]

    def _start(self, host: Host, script: str) -> None:
        command = ["nsenter", f"--net=/run/netns/{host.name}", "--", *_ENTER, script]
        env = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/root"}
        with (BASE / "log" / f"{host.name}.log").open("wb") as log:
            self._inside[host.name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
            )

    def _capture(self) -> None:
        """Every frame on the bridge, from now on; short frames and a large buffer, so that bursts fit."""
        command = ["tcpdump", "-i", "br0", "-U", "-Z", "root", "--immediate-mode", "-s", "2048", "-B", "16384"]
        with (BASE / "log/tcpdump.log").open("wb") as log:
            subprocess.Popen([*command, "-w", str(CAPTURE)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _await(self, what: str, ready: Callable[[], bool], deadline: float) -> None:
        while not ready():
            if time.monotonic() > deadline:
                raise LabError(f"{what}: not ready after {READY_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def _await_daemons(self, deadline: float) -> None:
        waiting = [(host, daemon) for host in HOSTS for daemon in host.daemons]
        while waiting:
            still = []
            sockets = {host.name: open_sockets(self.pids[host.name]) for host, _ in waiting}
            for host, daemon in waiting:
                logs = BASE / "roots" / host.name / "var/log/lab"
                missing = set(daemon.listens) - sockets[host.name]
                ended = (logs / f"{daemon.name}.exit").exists() or self._inside[host.name].poll() is not None
                if missing and (ended or time.monotonic() > deadline):
                    why = "ended" if ended else f"not ready after {READY_SECONDS:.0f} s"
                    tails = _tail(logs / f"{daemon.name}.log") + _tail(BASE / "log" / f"{host.name}.log")
                    raise LabError(f"{daemon.name} on {host.name}: {why}, missing {' '.join(sorted(missing))}\n{tails}")
                if missing:
                    still.append((host, daemon))
            waiting = still
            time.sleep(POLL_SECONDS)

    def _once(self, host: Host, command: Sequence[str]) -> None:
        inside = self.command(host.name, command, "/")
        done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=READY_SECONDS)
        if done.returncode:
            said = done.stdout + done.stderr
            raise LabError(f"{shlex.join(command)} on {host.name}: status {done.returncode}\n{said}")


def open_sockets(pid: int) -> set[str]:
    """What listens in the network namespace of process `pid`: `tcp/22`, `udp/161`.

    A line of /proc/PID/net/tcp: `0: 00000000:0016 00000000:0000 0A 00000000:…`; port and state are hexadecimal.
    """
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        path = Path(f"/proc/{pid}/net/{table}")
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            local, state = line.split()[1], line.split()[3]
            if table.startswith("udp") or state == _LISTENING:
                found.add(f"{table[:3]}/{int(local.rpartition(':')[2], 16)}")
    return found


def _connect(hosts: Sequence[Host]) -> None:
    """One bridge here, a namespace with eth0 for each host, a link from the router to a one-machine Internet."""
    lines = ["link set lo up", "link add br0 type bridge mcast_snooping 0", "link set br0 up", "netns add internet"]
    for number, host in enumerate(hosts):
        port = f"port{number}"
        lines += [
            f"netns add {host.name}",
            f"link add {port} type veth peer name eth0 address {host.mac} netns {host.name}",
            f"link set {port} master br0 up",
        ]
    wan = "link add wan0 netns routeur type veth peer name eth0 netns internet"
    _batch(["ip", "-batch", "-"], [*lines, wan])
    # It forwards but knows no route, so whatever tries to leave is told at once that it cannot.
    _batch(["ip", "-n", "internet", "-batch", "-"], [f"address add {WAN_PEER}/24 dev eth0", "link set eth0 up"])
    settings = ["cd /proc/sys/net/ipv4", "echo 1 > ip_forward", "echo 0 > icmp_ratelimit"]
    _batch(["ip", "netns", "exec", "internet", "sh", "-e"], settings)


def _batch(command: list[str], lines: Sequence[str]) -> None:
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{shlex.join(command)}: {done.stderr.strip()}")


def _tail(path: Path) -> str:
    text = path.read_text(errors="replace") if path.exists() else ""
    return "".join(f"  {line}\n" for line in text.splitlines()[-15:])


def _addressing(host: Host) -> list[str]:
    """Shell lines: own name, no IPv6, one address, good checksums in captures."""
    gateway = [] if host.address == GATEWAY else [f"route add default via {GATEWAY}"]
    commands = ["link set lo up", f"address add {host.address}/24 brd + dev eth0", "link set eth0 up", *gateway]
    return [
        "set -e",
        f"hostname {host.name}",
        "for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done 2>/dev/null || :",
        "ip -batch - <<END\n" + "\n".join([*commands, "route add 224.0.0.0/4 dev eth0"]) + "\nEND",
        "ethtool -K eth0 tx off >/dev/null",
        "mount -t sysfs -o ro sysfs /sys",
    ]


def _script(host: Host, root: Path, secrets: Mapping[str, str]) -> str:
    """Shell text that becomes `host`: addresses, its own root, its daemons; it stays, and reaps what ends."""
    lines = [
        *_addressing(host),
        f"cd {root} && mount --bind . . && cd {root}",
        "mount --rbind /usr usr && mount -o remount,bind,ro usr",
        "mount --bind /etc/alternatives etc/alternatives",
        "mount -t proc proc proc && mount -t sysfs -o ro sysfs sys",
        "mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts",
        "pivot_root . old && umount -l /old && rmdir /old && cd /",
        *host.setup,
        "set +e",
    ]
    for daemon in host.daemons:
        command = filled(shlex.join(daemon.command), secrets)
        log = f"/var/log/lab/{daemon.name}"
        lines.append(f"{{ {command} >{log}.log 2>&1 </dev/null; echo $? >{log}.exit; }} &")
    return "\n".join([*lines, "wait", "exec sleep infinity"])


def _laptop_script() -> str:
    """Shell text for the laptop: the machine's own files, but the lab's resolver and its own /sys."""
    resolver = Path("/etc/resolv.conf").resolve()
    if resolver.is_relative_to("/run"):  # a link into what is the lab's own tmpfs here
        resolver.parent.mkdir(parents=True, exist_ok=True)
        resolver.touch()
    mount = [f"mount --bind {BASE}/resolv.conf {resolver}"] if resolver.exists() else []
    return "\n".join([*_addressing(LAPTOP), *mount, f"touch {BASE}/laptop.ready", "exec sleep infinity"])
