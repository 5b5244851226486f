"""Our look at a device's ports beside nmap's, over the same daemons in the same run: a ratio, no absolute time."""

import subprocess
import time
from collections.abc import Iterator

import pytest

from scanner.evidence import Answer
from scanner.probes import STANDARD_PORTS
from scanner.wire import connect
from tests.unit.scanner.test_wire_nmap import EMPTY, NEW_NAS, OLD_NAS, PRINTER, Lab, daemons_up, seen

MAX_RATE = 40


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with daemons_up() as made:
        yield made


def ours(address: str) -> Answer:
    return connect.scan(address, STANDARD_PORTS, interface="lo", max_rate=MAX_RATE, timeout_s=90, listen_s=2)


def by_nmap(address: str) -> Answer:
    command = ["nmap", "-n", "-Pn", "-sT", "--max-retries", "1", "--max-rate", str(MAX_RATE), "--script", "banner"]
    ports = ",".join(map(str, STANDARD_PORTS))
    done = subprocess.run([*command, "-p", ports, "-oX", "-", address], capture_output=True, check=True)
    return Answer("done", done.stdout)


def test_a_look_takes_less_than_half_of_nmaps_time_and_sees_as_much(lab: Lab) -> None:
    spent, found = {ours: 0.0, by_nmap: 0.0}, {}
    for address in (OLD_NAS, NEW_NAS, PRINTER, EMPTY):
        for look in (ours, by_nmap):
            started = time.monotonic()
            answer = lab.inside(lambda look=look, address=address: look(address))  # type: ignore[misc]
            spent[look] += time.monotonic() - started
            network = seen(address, answer).device.network
            assert network is not None
            found[look, address] = [(port.port, port.service) for port in network.ports or ()]
        assert found[ours, address] == found[by_nmap, address]
    ratio = spent[ours] / spent[by_nmap]
    print(f"ours {spent[ours]:.1f} s, nmap {spent[by_nmap]:.1f} s: {ratio:.2f}")
    # Both keep 40 packets a second, which is 2 s of each device's; the rest of nmap's time is waiting for mute ports.
    assert ratio < 0.5, f"{ratio:.2f}"
