"""One visit of the lab against nmap's version scan of the same hosts: python -m tests.bench.visit

Prints both times and their ratio; exit status 1 when the visit takes more than 0.4 of nmap's time. The fragile host is
left out for nmap too. Both run from the lab's laptop, one after the other, in the same lab.
"""

import sys
import tempfile
import time
from pathlib import Path

from scanner.probes import STANDARD_PORTS
from tests.lab.fixture import Lab, started_lab
from tests.lab.hosts import HOSTS

MOST = 0.4
VIGIE = str(Path(sys.executable).parent / "vigie")


def seconds(lab: Lab, command: list[str], allowed: tuple[int, ...]) -> float:
    """The wall time of a command on the laptop."""
    started = time.monotonic()
    done = lab.run(command, timeout=900)
    if done.returncode not in allowed:
        raise SystemExit(done.stderr)
    return time.monotonic() - started


def main() -> None:
    """Measure both and print the table."""
    hosts = [host.address for host in HOSTS if not host.fragile]
    ports = ",".join(map(str, STANDARD_PORTS))
    with started_lab() as lab, tempfile.TemporaryDirectory() as folder:
        lab.write_site(Path(folder))
        ours = seconds(lab, [VIGIE, "scan", folder, "--accept-new-host-keys"], (1,))
        theirs = seconds(lab, ["nmap", "-n", "-Pn", "-sV", "-p", ports, *hosts], (0,))
    print(f"{'vigie scan':<12} {ours:7.1f} s  {len(HOSTS)} hosts: sweep, ports, services, SNMP, SSH, rules, report")
    print(f"{'nmap -sV':<12} {theirs:7.1f} s  {len(hosts)} hosts: the same ports, versions only")
    print(f"{'ratio':<12} {ours / theirs:7.2f}    at most {MOST}")
    sys.exit(ours > MOST * theirs)


if __name__ == "__main__":
    main()
