"""Ten devices' settings at one time against the slowest of them alone: python -m tests.bench.reading [RUNS]

Ten machines on a bridge, each with a real sshd that takes 0.5 s for every answer, as small routers do, the first of
them 1 s; read as a visit reads them (`settings.ssh`, as many workers). Prints both times, their ratio, and the most
memory used. Exit status 1 when the ratio is above 1.3.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from inventory.site import read_site
from scanner import settings
from scanner.asking import Asking
from scanner.beginning import read_sweep, read_vantage
from scanner.evidence import Request
from scanner.known_hosts import KnownHosts
from scanner.live import Live
from scanner.scan import WORKERS
from scanner.secret_store import SecretStore
from tests.bench import lan
from tests.bench.sweep import site_folder

NETWORK, DEVICES = IPv4Network("10.77.0.0/24"), 10
MOST = 1.3
_SSHD = """
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
ForceCommand sleep {wait}; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
"""


@contextmanager
def practice(folder: Path) -> Iterator[None]:
    """The ten machines, and a site folder that declares them with one credential."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    site_folder(folder, NETWORK)
    names = [f"linux-{number}" for number in range(DEVICES)]
    document = yaml.safe_load((folder / "site.yaml").read_text("utf-8"))
    document["credentials"] = [{"name": "reading", "kind": "ssh", "user": "root", "key": "file:user", "devices": names}]
    (folder / "site.yaml").write_text(yaml.safe_dump(document), "utf-8")
    declared = [
        {
            "name": name,
            "role": "server",
            "owner": "practice",
            "use": "professional",
            "macs": [f"00:11:32:00:00:{number + 1:02x}"],
        }
        for number, name in enumerate(names)
    ]
    (folder / "inventory.yaml").write_text(yaml.safe_dump({"devices": declared}), "utf-8")
    with lan.hosts(NETWORK, DEVICES), ExitStack() as stack:
        Path("/run/sshd").mkdir(exist_ok=True)
        for number in range(DEVICES):
            config = folder / f"sshd{number}"
            config.write_text(_SSHD.format(folder=folder, wait=1.0 if number == 0 else 0.5))
            command = lan.at(f"host{number}", ["/usr/sbin/sshd", "-D", "-f", str(config)])
            stack.enter_context(_running(command))
        time.sleep(1)
        yield


@contextmanager
def _running(command: Sequence[str]) -> Iterator[None]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as daemon:
        try:
            yield
        finally:
            daemon.kill()


def read(folder: Path, at_once: int) -> Mapping[str, float]:
    """How long each device took, by its name, and all of them together as "all"."""
    with Live(read_site(folder), SecretStore(folder), KnownHosts(folder), lambda *_: True) as live:
        vantages, _, _ = read_vantage(live.send(Request("vantage", "local", "interfaces")))
        site = read_site(folder)
        devices, _, _ = read_sweep(site, live.send(Request("arp", str(NETWORK), "sweep")), vantages)
        took: dict[str, float] = {}

        def one(device: Any) -> None:
            began = time.monotonic()
            visit = Asking(site, live, device, device.network.addresses[0])
            settings.ssh(visit)
            assert {row.status for row in visit.coverage} & {"done"}, visit.coverage
            took[device.name] = time.monotonic() - began

        began = time.monotonic()
        with ThreadPoolExecutor(at_once) as workers:
            list(workers.map(one, devices))
        took["all"] = time.monotonic() - began
    assert len(took) == DEVICES + 1, took
    return took


def inner() -> None:
    """Measure inside a place of the network; exit status 1 above the bound."""
    folder, runs = Path(sys.argv[2]), int(sys.argv[3])
    ratios = []
    for _ in range(runs):
        alone, together = read(folder, 1), read(folder, WORKERS)
        slowest = max(value for name, value in alone.items() if name != "all")
        ratios.append(together["all"] / slowest)
        one_by_one, most = alone["all"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"slowest alone {slowest:.2f} s, one by one {one_by_one:.2f} s, {DEVICES} together {together['all']:.2f} s:"
            f" {ratios[-1]:.2f} of the slowest; {most:.0f} MB",
            flush=True,
        )
    sys.exit(sorted(ratios)[len(ratios) // 2] > MOST)


def main() -> None:
    """Build the practice and measure in it."""
    lan.enclosed("tests.bench.reading")
    runs = sys.argv[1] if sys.argv[1:] else "3"
    with tempfile.TemporaryDirectory() as name, practice(Path(name)):
        command = [sys.executable, "-m", "tests.bench.reading", "--inner", name, runs]
        sys.exit(subprocess.run(lan.at("here", command), check=False).returncode)


if __name__ == "__main__":
    inner() if sys.argv[1:2] == ["--inner"] else main()
