"""A small network with real responders for the tests of what devices announce: miniupnpd, avahi, nmbd, and a stranger.

The test's process enters the scanner's place on it (`inside`), or the stranger's, whose sockets it plays itself.
"""

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.unit.scanner.test_wire_nmap import program

HERE, ROUTER, PRINTER, DESK, STRANGER = "10.97.0.250", "10.97.0.1", "10.97.0.20", "10.97.0.30", "10.97.0.66"
UPNP_PORT = 49152
OUTSIDE = "44.128.10.2"  # public to miniupnpd, routed by nobody
Result = TypeVar("Result")

_SCRIPT = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/avahi /run/services /run/nmbd /run/samba
ip link set lo up
ip link add lan type bridge mcast_snooping 0
ip link set lan up
for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done
ip address add {here}/24 dev lan
for peer in router,{router} printer,{printer} desk,{desk} stranger,{stranger}; do
  name=${{peer%,*}}
  ip netns add $name
  ip link add $name type veth peer name eth0 netns $name
  ip link set $name master lan up
  ip netns exec $name sh -c 'for all in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $all; done'
  printf '%s\\n' 'link set lo up' "address add ${{peer#*,}}/24 brd + dev eth0" 'link set eth0 up' \\
    'route add 224.0.0.0/4 dev eth0' | ip -n $name -batch -
done
ip netns add internet
ip -n router link add wan0 type veth peer name eth0 netns internet
ip -n router address add {outside}/24 dev wan0
ip -n router link set wan0 up
ip -n internet link set eth0 up
ip netns exec router {nft} 'table inet filter {{
  chain forward {{ type filter hook forward priority 0; jump miniupnpd; }}; chain miniupnpd {{ }};
  chain pre {{ type nat hook prerouting priority -100; jump prerouting_miniupnpd; }}
  chain prerouting_miniupnpd {{ }}
  chain post {{ type nat hook postrouting priority 100; jump postrouting_miniupnpd; }}
  chain postrouting_miniupnpd {{ }}
}}'
printf '%s\\n' ext_ifname=wan0 listening_ip=eth0 port={port} enable_upnp=yes enable_natpmp=no secure_mode=yes \\
  uuid=7d9c2f5a-3a56-4ad7-9d0a-0c5e11c0ffee \\
  'allow 1024-65535 10.97.0.0/24 1024-65535' 'deny 0-65535 0.0.0.0/0 0-65535' \\
  > /run/miniupnpd.conf
ip netns exec router {miniupnpd} -d -f /run/miniupnpd.conf -P /run/miniupnpd.pid &
printf '%s\\n' '[server]' 'host-name=BRN001BA9' 'enable-dbus=no' 'use-ipv6=no' 'allow-interfaces=eth0' \\
  '[publish]' 'publish-workstation=no' '[reflector]' '[rlimits]' > /run/avahi.conf
{services}
ip netns exec printer {unshare} -m sh -c 'mount --bind /run/services /etc/avahi/services \\
  && exec {avahi} -f /run/avahi.conf --no-drop-root --no-chroot --no-rlimits' &
printf '%s\\n' '[global]' 'workgroup = CABINET' 'netbios name = POSTE-ACCUEIL' 'lock directory = /run/nmbd' \\
  'state directory = /run/nmbd' 'cache directory = /run/nmbd' 'private dir = /run/nmbd' 'pid directory = /run/nmbd' \\
  'ncalrpc dir = /run/nmbd/rpc' 'log file = /run/nmbd/log' > /run/smb.conf
ip netns exec desk {nmbd} -F --no-process-group -s /run/smb.conf &
until ip netns exec router ss -Hlnt | grep -q ':{port} ' && ip netns exec printer ss -Hlnu | grep -q ':5353 ' \\
  && ip netns exec desk ss -Hlnu | grep -q '{desk}:137 '; do sleep 0.05; done
for one in "{desk} 3389 TCP" "{stranger} 40000 UDP"; do
  set -- $one
  place=desk; [ $1 = {desk} ] || place=stranger
  ip netns exec $place {upnpc} -u http://{router}:{port}/rootDesc.xml -a $1 $2 $2 $3 >/dev/null
done
echo ready
wait
"""
SERVICES = {
    "printer": "<service><type>_ipp._tcp</type><port>631</port><txt-record>rp=ipp/print</txt-record>"
    "<txt-record>ty=Brother HL-L2350DW series</txt-record></service>"
    "<service><type>_printer._tcp</type><port>515</port></service>",
    "rare": "<service><type>_scanner._tcp</type><port>54921</port></service>",
}


def _service_files() -> str:
    return "\n".join(
        f"cat > /run/services/{name}.service <<'END'\n<?xml version='1.0'?><service-group>"
        f"<name>Brother HL 4.5 ({name})</name>{body}</service-group>\nEND"
        for name, body in SERVICES.items()
    )


@dataclass(frozen=True)
class Neighbourhood:
    """The network, and the way into two places of it."""

    pid: int

    def inside(self, act: Callable[[], Result]) -> Result:
        """What `act` returns when run where the scanner stands."""
        return self._at(f"/proc/{self.pid}/ns/net", act)

    def as_stranger(self, act: Callable[[], Result], host: str = "stranger") -> Result:
        """What `act` returns when run on another host of the network: a socket that it opens stays there."""
        return self._at(f"/proc/{self.pid}/root/run/netns/{host}", act)

    @staticmethod
    def _at(namespace: str, act: Callable[[], Result]) -> Result:
        def entered() -> Result:
            with Path(namespace).open() as door:
                code = ctypes.CDLL(None, use_errno=True).setns(door.fileno(), 0x40000000)
                assert code == 0, os.strerror(ctypes.get_errno())
            return act()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(entered).result()


@contextmanager
def neighbourhood() -> Iterator[Neighbourhood]:
    """The network with everybody on it answering."""
    script = _SCRIPT.format(
        here=HERE, router=ROUTER, printer=PRINTER, desk=DESK, stranger=STRANGER, outside=OUTSIDE, port=UPNP_PORT,
        services=_service_files(), nft=program("nft", "nftables"), miniupnpd=program("miniupnpd", "miniupnpd"),
        avahi=program("avahi-daemon", "avahi-daemon"), nmbd=program("nmbd", "samba"),
        upnpc=program("upnpc", "miniupnpc"), unshare=program("unshare", "util-linux"),
    )  # fmt: skip
    command = [program("unshare", "util-linux"), "-nmpf", "--kill-child=SIGKILL", "bash", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemons:
        try:
            assert daemons.stdout is not None
            assert daemons.stdout.readline() == "ready\n"
            yield Neighbourhood(daemons.pid)
        finally:
            daemons.kill()
