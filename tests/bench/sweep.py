"""Our sweep against arp-scan and `nmap -sn`, same hosts, same run: python -m tests.bench.sweep [RUNS]

Ours is `Live.send`, as a visit asks it; "process" is that in a fresh Python, from start to end. arp-scan and nmap are
whole processes. Rates are those of the kernel's capture on the scanner's interface. Exit status 1 when a bound is
missed.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import dpkt
import yaml

from inventory.site import read_site
from scanner import discover
from scanner.evidence import Request
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.secret_store import SecretStore
from scanner.wire.arp_rounds import INTERVAL_S, LEAST_ROUNDS, REQUESTS_PER_S
from tests.bench import lan

SMALL, WIDE = IPv4Network("10.77.0.0/24"), IPv4Network("10.77.0.0/22")
OURS = "vigie"
_DROP = "table arp lossy {{ chain {hook} {{ type filter hook {hook} priority 0; numgen random mod 100 < 30 drop; }}; }}"
LOSES_REQUESTS = (_DROP.format(hook="input"),)
LOSES_BOTH = (*LOSES_REQUESTS, _DROP.format(hook="output"))


@dataclass(frozen=True, slots=True)
class Run:
    """One sweep of one tool."""

    found: int
    seconds: float
    process_s: float
    cpu_s: float
    peak: int  # frames in the busiest second
    peak_each: int  # the same for one address


@dataclass(frozen=True, slots=True)
class Scenario:
    """A network, and who is on it."""

    name: str
    network: IPv4Network
    hosts: int
    up: Callable[[], AbstractContextManager[None]]
    tools: tuple[str, ...] = (OURS, "arp-scan", "nmap -sn")


SCENARIOS = (
    Scenario("no loss", SMALL, 40, lambda: lan.hosts(SMALL, 40)),
    Scenario("30 % of requests lost", SMALL, 40, lambda: lan.hosts(SMALL, 40, LOSES_REQUESTS)),
    Scenario("30 % lost each way", SMALL, 40, lambda: lan.hosts(SMALL, 40, LOSES_BOTH)),
    Scenario("0-0.3 s late, 10 % lost", SMALL, 249, lambda: lan.late(SMALL, 249, 0.3, 0.1)),
    Scenario("/24 full", SMALL, 249, lambda: lan.farm(SMALL, 249)),
    Scenario("/22 full", WIDE, 1000, lambda: lan.farm(WIDE, 1000)),
)


def allowed_s(network: IPv4Network, hosts: int) -> float:
    """The least time that rate and intervals allow whoever is absent and comes last in the random order.

    He is asked when the rate gets to him, twice more an interval (or a longer round) apart, and waited for.
    """
    everybody = network.num_addresses - 3
    absent = everybody - hosts
    last = (everybody + 1) * absent / (absent + 1)  # his place, on average
    return last / REQUESTS_PER_S + (LEAST_ROUNDS - 1) * max(INTERVAL_S, absent / REQUESTS_PER_S) + INTERVAL_S


# --- one sweep ---


def site_folder(folder: Path, network: IPv4Network) -> None:
    """A site that authorises one network and declares nothing."""
    site = {
        "vigie": 1,
        "client": "Cabinet",
        "profile": {"exercise": "group", "software": "shared", "hosting": "local"},
        "size": 2,
        "networks": [{"network": str(network), "zone": "professional"}],
        "authorisation": {"by": "Titulaire du cabinet", "from": "2026-01-01", "until": "2099-12-31"},
        "exclusions": [],
        "fragile": {"devices": [], "allow": []},
        "vantage": "professional",
        "credentials": [],
    }
    for name, document in (("site", site), ("inventory", {"devices": []}), ("waivers", {"waivers": []})):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document), "utf-8")


def sweep(network: IPv4Network) -> None:
    """Sweep as a visit does; how many were found and how long it took, as JSON on standard output."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site_folder(folder, network)
        with Live(read_site(folder), SecretStore(folder), KnownHosts(folder), no_trust) as live:
            before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
            evidence = live.send(Request("arp", str(network), "sweep"))
            seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    if evidence.status != "done":
        raise SystemExit(evidence.detail)
    found = {one for mac, owned in discover.answered(evidence.body).items() for one in owned if mac != lan.HERE_MAC}
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps([len(found), seconds, cpu_s]))


def command(tool: str, network: IPv4Network) -> list[str]:
    """The command line of a tool's own default."""
    if tool == "arp-scan":
        return ["arp-scan", "--interface=eth0", "--plain", "--quiet", str(network)]
    if tool == "nmap -sn":
        return ["nmap", "-n", "-sn", "-oG", "-", str(network)]
    return [sys.executable, "-m", "tests.bench.sweep", "--sweep", str(network)]


def one_run(tool: str, network: IPv4Network) -> Run:
    """One sweep with one tool, and what the wire saw of it."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
        dump = ["tcpdump", "-i", "eth0", "-Q", "out", "-U", "-Z", "root", "-w", capture.name, "arp"]
        with subprocess.Popen(lan.at("here", dump), stderr=subprocess.PIPE, text=True) as watching:
            assert watching.stderr is not None
            assert "listening on" in watching.stderr.readline()
            children, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            done = subprocess.run(
                lan.at("here", command(tool, network)), capture_output=True, text=True, check=False, timeout=120
            )
            process_s, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
            time.sleep(0.1)
            watching.terminate()
        peak, peak_each = rates(Path(capture.name))
    if done.returncode:
        raise SystemExit(f"{tool}: {done.stderr}")
    if tool == OURS:
        found, seconds, cpu_s = json.loads(done.stdout)
        return Run(found, seconds, process_s, cpu_s, peak, peak_each)
    cpu_s = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    return Run(addresses(done.stdout, network), process_s, process_s, cpu_s, peak, peak_each)


def addresses(text: str, network: IPv4Network) -> int:
    """How many other devices a tool lists: `10.77.0.5 …` of arp-scan, `Host: 10.77.0.5 () Status: Up` of nmap."""
    found = set()
    for line in text.splitlines():
        words = line.removeprefix("Host: ").split()
        if words and words[0][:1].isdigit():
            found.add(IPv4Address(words[0]))
    return len(found - {network[-2]})


def rates(capture: Path) -> tuple[int, int]:
    """The requests in the busiest second of a capture, and those for one address."""
    window, each, peak, peak_each = deque[tuple[float, bytes]](), Counter[bytes](), 0, 0
    with capture.open("rb") as file:
        for moment, frame in dpkt.pcap.Reader(file):
            target = frame[38:42]
            window.append((moment, target))
            each[target] += 1
            while window[0][0] <= moment - 1:
                each[window.popleft()[1]] -= 1
            peak, peak_each = max(peak, len(window)), max(peak_each, each[target])
    return peak, peak_each


# --- the table ---


def line(scenario: Scenario, tool: str, runs: Sequence[Run]) -> str:
    """One row: medians, and the extremes of the time."""
    times = sorted(run.seconds for run in runs)
    found = statistics.mean(run.found for run in runs)
    process = statistics.median(run.process_s for run in runs)
    cpu = statistics.median(run.cpu_s for run in runs)
    peak, each = max(run.peak for run in runs), max(run.peak_each for run in runs)
    return (
        f"{scenario.name:<24} {tool:<9} {len(runs):>2} {found:8.2f}/{scenario.hosts:<4} {statistics.median(times):6.2f}"
        f" [{times[0]:5.2f}-{times[-1]:5.2f}] {process:8.2f} {cpu:6.2f} {peak:6} {each:4}"
    )


def missed(results: dict[tuple[str, str], Sequence[Run]]) -> Iterable[str]:
    """The bounds that were not kept."""

    def median(name: str, tool: str = OURS) -> float:
        return statistics.median(run.seconds for run in results[name, tool])

    def found(name: str) -> float:
        return statistics.mean(run.found for run in results[name, OURS])

    ours = [run for (_, tool), runs in results.items() if tool == OURS for run in runs]
    small, late, wide = median("/24 full"), results["0-0.3 s late, 10 % lost", OURS], median("/22 full")
    bounds = {
        "no loss: all found": found("no loss") == 40,
        "no loss: not slower than arp-scan": median("no loss") <= median("no loss", "arp-scan"),
        "no loss: within 1.1 of what the pacing allows": median("no loss") <= 1.1 * allowed_s(SMALL, 40),
        "30 % of requests lost: 39.5 of 40": found("30 % of requests lost") >= 39.5,
        "30 % of requests lost: 3 s": median("30 % of requests lost") <= 3.0,
        "late: all of 249": all(run.found == 249 for run in late),
        "/22: all of 1,000": found("/22 full") == 1000,
        "/22: linear": wide <= 4 * small,
        "at most 1,000 a second": max(run.peak for run in ours) <= 1000,
        "at most 40 a second and host": max(run.peak_each for run in ours) <= 40,
    }
    return [name for name, kept in bounds.items() if not kept]


def main() -> None:
    """Measure every scenario and print the table."""
    lan.enclosed("tests.bench.sweep")
    runs = int(sys.argv[1]) if sys.argv[1:] else 5
    results: dict[tuple[str, str], Sequence[Run]] = {}
    heading = ("scenario", "tool", "n", "found", "seconds [min-max]", "process", "CPU s", "peak", "each")
    print("{:<24} {:<9} {:>2} {:>13} {:>20} {:>8} {:>6} {:>6} {:>4}".format(*heading))
    for scenario in SCENARIOS:
        with scenario.up():
            measured = [[one_run(tool, scenario.network) for tool in scenario.tools] for _ in range(runs)]
        for tool, column in zip(scenario.tools, zip(*measured, strict=True), strict=True):
            results[scenario.name, tool] = column
            print(line(scenario, tool, column), flush=True)
    print(f"the pacing allows {allowed_s(SMALL, 40):.2f} s (/24, 40 hosts), {allowed_s(WIDE, 1000):.2f} s (/22, 1,000)")
    failures = missed(results)
    print("\n".join(f"missed: {name}" for name in failures))
    sys.exit(bool(failures))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sweep"]:
        sweep(IPv4Network(sys.argv[2]))
    else:
        main()
