"""Small networks in namespaces for benchmarks of the sweep: real kernels, or the process of `responder`.

Everything stands in network, mount and pid namespaces of their own (`enclosed`), and ends with them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

HERE_MAC = "02:00:00:00:00:01"
_INSIDE = "VIGIE_BENCH_INSIDE"
_SETUP = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up && "$@"; exit $?'
_ENCLOSE = (
    *("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc"),
    *("--propagation", "private", "sh", "-c", _SETUP, "sh"),
)


def enclosed(module: str) -> None:
    """Return only inside namespaces of our own, where nothing leads out; outside, run `module` again in new ones."""
    here = str(Path("/proc/self/ns/net").readlink())
    if os.environ.get(_INSIDE, here) == here:
        os.environ[_INSIDE] = here
        os.execvp(_ENCLOSE[0], [*_ENCLOSE, sys.executable, "-m", module, *sys.argv[1:]])


def at(place: str, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` in a namespace of the network."""
    return ["ip", "netns", "exec", place, *command]


def _batch(command: Sequence[str], lines: Sequence[str]) -> None:
    subprocess.run(command, input="\n".join(lines) + "\n", text=True, check=True)


@contextmanager
def _places(*names: str) -> Iterator[None]:
    _batch(["ip", "-batch", "-"], [f"netns add {name}" for name in names])
    try:
        yield
    finally:
        _batch(["ip", "-batch", "-"], [f"netns delete {name}" for name in names])


def _no_ipv6(place: str) -> list[str]:
    return at(place, ["sh", "-c", "for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done"])


@contextmanager
def hosts(network: IPv4Network, count: int, rules: Sequence[str] = ()) -> Iterator[None]:
    """`count` machines on a bridge, each its own namespace and kernel; each obeys the nft `rules` on its ARP."""
    names = [f"host{number}" for number in range(count)]
    with _places("bridge", "here", *names):
        lines = ["link add br0 type bridge mcast_snooping 0", "link set br0 up"]
        for number, name in enumerate(["here", *names]):
            mac = HERE_MAC if name == "here" else f"00:11:32:00:00:{number:02x}"
            lines += [
                f"link add port{number} type veth peer name eth0 address {mac} netns {name}",
                f"link set port{number} master br0 up",
            ]
        _batch(["ip", "-n", "bridge", "-batch", "-"], lines)
        for number, name in enumerate([*names, "here"], start=1):
            subprocess.run(_no_ipv6(name), check=True)
            address = network[-2] if name == "here" else network[number * 5]
            _batch(
                ["ip", "-n", name, "-batch", "-"],
                [f"address add {address}/{network.prefixlen} dev eth0", "link set eth0 up"],
            )
            if rules and name != "here":
                _batch(at(name, ["nft", "-f", "-"]), rules)
        time.sleep(0.2)  # links come up
        yield


@contextmanager
def _cable(network: IPv4Network) -> Iterator[None]:
    with _places("here", "far"):
        lines = [
            f"link add eth0 address {HERE_MAC} type veth peer name up0 netns far",
            f"address add {network[-2]}/{network.prefixlen} dev eth0",
            "link set eth0 up",
        ]
        _batch(["ip", "-n", "here", "-batch", "-"], lines)
        _batch(["ip", "-n", "far", "-batch", "-"], ["link set lo up", "link set up0 up"])
        for place in ("here", "far"):
            subprocess.run(_no_ipv6(place), check=True)
        yield


@contextmanager
def farm(network: IPv4Network, count: int) -> Iterator[None]:
    """`count` addresses of one kernel, each with a MAC of its own in its answers (../shared/lab-notes.md §1)."""
    addresses = [network[number] for number in range(1, count + 1)]
    macs = ", ".join(f"{address} : 00:11:32:{address.packed[1:].hex(':')}" for address in addresses)
    rules = f"""table netdev farm {{
      map macs {{ type ipv4_addr : ether_addr; elements = {{ {macs} }} }}
      chain out {{ type filter hook egress device up0 priority 0;
        ether type arp arp operation reply ether saddr set arp saddr ip map @macs
        ether type arp arp operation reply arp saddr ether set arp saddr ip map @macs
      }}
    }}"""
    with _cable(network):
        _batch(["ip", "-n", "far", "-batch", "-"], [f"route add local {address}/32 dev lo" for address in addresses])
        _batch(["ip", "-n", "far", "-batch", "-"], [f"route add {network} dev up0"])
        _batch(at("far", ["nft", "-f", "-"]), [rules])
        yield


@contextmanager
def late(network: IPv4Network, count: int, late_s: float, loss: float) -> Iterator[None]:
    """`count` devices of `responder`."""
    first = IPv4Address(network[1])
    with _cable(network):
        command = [sys.executable, "-m", "tests.bench.responder", "up0", str(first), f"[{count}, {late_s}, {loss}]"]
        with subprocess.Popen(at("far", command), stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            yield
            running.kill()
