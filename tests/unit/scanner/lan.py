"""A link with one host on it, for the tests that pass through the door: its servers stand there, the scanner here."""

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.unit.scanner.daemons import program
from tests.unit.scanner.neighbourhood import Neighbourhood

MAC, ADDRESS = "00:00:5e:00:53:0b", "192.168.10.1"
Result = TypeVar("Result")

_SCRIPT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns
for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done
ip link set lo up
ip netns add stranger
ip netns exec stranger sh -c 'for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done'
ip link add lan type veth peer name eth0 address {mac} netns stranger
ip address add 192.168.10.200/24 dev lan
ip link set lan up
ip -n stranger link set lo up
ip -n stranger address add {address}/24 dev eth0
ip -n stranger link set eth0 up
echo ready
sleep 3600 & wait
"""


@dataclass(frozen=True)
class Lan:
    """The link, and the two places on it."""

    places: Neighbourhood

    def on_host(self, act: Callable[[], Result]) -> Result:
        """What `act` returns when run on the host: a socket that it opens stays there."""
        return self.places.as_stranger(act)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread, and those it starts, stand where the scanner does."""
        with Path("/proc/self/ns/net").open() as home, Path(f"/proc/{self.places.pid}/ns/net").open() as door:
            _enter(door.fileno())
            try:
                yield
            finally:
                _enter(home.fileno())


def _enter(namespace: int) -> None:
    code = ctypes.CDLL(None, use_errno=True).setns(namespace, 0x40000000)
    assert code == 0, os.strerror(ctypes.get_errno())


@contextmanager
def lan_with_one_host() -> Iterator[Lan]:
    """The link, until the block ends."""
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "--mount-proc", "bash", "-c",
               _SCRIPT.format(mac=MAC, address=ADDRESS)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as hosts:
        try:
            assert hosts.stdout is not None
            assert hosts.stdout.readline() == "ready\n"
            yield Lan(Neighbourhood(hosts.pid))
        finally:
            hosts.kill()
