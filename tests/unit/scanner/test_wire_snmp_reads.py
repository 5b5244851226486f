"""What leaves over SNMP reads: every datagram that the process sends, as the kernel gets it, is a GETNEXT or a GETBULK.

strace shows the bytes of every send of a process that puts every question there is to a real agent, and some that there
are not. A SET of pysnmp's own, sent the same way, shows that one would be seen.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner import discover, mib_access, mib_settings, mib_tables, mib_ups, mib_vlans, mib_volumes, mib_wifi
from scanner.platforms import PLATFORMS
from tests.unit.scanner.test_wire_snmp import AGENT, free_port, program, serving

READING = (
    discover.SNMP_IDENTITY, mib_access.DOT1X, mib_settings.INTERFACES, mib_settings.SERVICES, mib_tables.ADDRESSES,
    mib_tables.PORTS, mib_ups.UPS, mib_vlans.CISCO_VLANS, mib_vlans.VLANS, mib_volumes.VOLUMES, mib_wifi.WIFI,
    *(" ".join(f"walk:{root}" for root in platform.SNMP) for platform in PLATFORMS if platform.SNMP),
)  # fmt: skip
LOCATION = "1.3.6.1.2.1.1.6.0"
WRITING = tuple(
    ask
    for kind in ("set", "SET", "inform", "trap", "get", "walk,set", "")
    for ask in (f"{kind}:{LOCATION}", f"walk:1.3.6.1.2.1.1 {kind}:{LOCATION}", f"{kind}:{LOCATION}=elsewhere")
)
ASK = """
import json, sys
from scanner.wire import snmp
port, asks = json.loads(sys.argv[1])
who = [snmp.Community("public"), snmp.Community("unknown"), snmp.User("clear", "md5", "authpass123")]
for one, ask in [*((who[0], ask) for ask in asks), *((one, asks[0]) for one in who)]:
    try:
        snmp.read("127.0.0.1", one, ask, interface="lo", port=port, total_s=2)
    except ValueError:
        print("refused")
"""
SET = """
import asyncio, json, sys
from pysnmp.hlapi.v3arch import asyncio as api
port, asks = json.loads(sys.argv[1])
async def send():
    at = await api.UdpTransportTarget.create(("127.0.0.1", port), timeout=1, retries=0)
    row = api.ObjectType(api.ObjectIdentity(asks[0]), api.OctetString("elsewhere"))
    await api.set_cmd(api.SnmpEngine(), api.CommunityData("public", mpModel=1), at, api.ContextData(), row)
asyncio.run(send())
"""
NEXT, BULK, SET_REQUEST = 0xA1, 0xA5, 0xA3  # RFC 3416 §3


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("snmpd"), free_port()
    # Whoever reads may write here too: nothing but the question keeps a value from being changed.
    (folder / "snmpd.conf").write_text(AGENT.format(port=port).replace("rocommunity", "rwcommunity"))
    command = [program("snmpd", "snmpd"), "-f", "-LE", "0", "-I", "-smux", "-C", "-c", str(folder / "snmpd.conf")]
    with serving(command, port, SNMP_PERSISTENT_DIR=str(folder / "state"), MIBS="") as bound:
        yield bound


def sent(folder: Path, code: str, port: int, asks: tuple[str, ...]) -> tuple[list[bytes], str]:
    """Every datagram that Python sends while it runs the code, to whomever, and what it prints."""
    trace = folder / "trace"
    strace = [program("strace", "strace"), "-f", "-qq", "-xx", "-s", "65535", "-o", str(trace)]
    calls = ["-e", "trace=sendto,sendmsg,sendmmsg,socket"]
    run = [*strace, *calls, sys.executable, "-c", code, json.dumps([port, asks])]
    done = subprocess.run(run, capture_output=True, text=True, check=True, timeout=300)
    text = trace.read_text("ascii")
    assert not re.search(r"socket\((?!AF_INET, SOCK_DGRAM|AF_UNIX|AF_NETLINK)", text)  # datagrams, and nothing else
    assert not re.search(r"sendmm?sg\(\d+, \{msg_name=\{sa_family=AF_INET", text)
    raw = re.findall(r'sendto\(\d+, "((?:\\x..)+)"', text)
    everything = [bytes.fromhex(item.replace("\\x", "")) for item in raw]
    return [item for item in everything if item != b"\x00"], done.stdout  # asyncio's word to itself


def test_every_question_leaves_as_one_that_reads(agent: int, tmp_path: Path) -> None:
    datagrams, said = sent(tmp_path, ASK, agent, READING)
    assert said == ""  # none was refused
    kinds = set(map(pdu, datagrams))
    assert kinds == {(1, NEXT), (1, BULK), (3, NEXT), (3, BULK)}


def test_a_question_that_would_write_does_not_leave(agent: int, tmp_path: Path) -> None:
    datagrams, said = sent(tmp_path, ASK, agent, WRITING)
    assert datagrams == []
    assert said.split() == ["refused"] * (len(WRITING) + 3)


def test_a_question_that_writes_would_be_seen(agent: int, tmp_path: Path) -> None:
    datagrams, _ = sent(tmp_path, SET, agent, (LOCATION,))
    assert [pdu(datagram) for datagram in datagrams] == [(1, SET_REQUEST)]


def pdu(datagram: bytes) -> tuple[int, int]:
    """The version of a message and the tag of its PDU: RFC 3416 and 3412, in the clear."""
    version, rest = _inside(_inside(datagram)[0])
    for _ in range(1 if version == b"\x01" else 2):  # community; or header and security parameters
        rest = _inside(rest)[1]
    if version == b"\x03":
        assert rest[0] == 0x30, "encrypted"
        rest = _inside(rest)[0]
        for _ in range(2):  # engine and name of the context
            rest = _inside(rest)[1]
    return version[0], rest[0]


def _inside(encoded: bytes) -> tuple[bytes, bytes]:
    """The content of the first element of a BER encoding, and what follows it."""
    length, start = encoded[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(encoded[2:start], "big")
    return encoded[start : start + length], encoded[start + length :]
