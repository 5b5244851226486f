"""SNMP against real agents (net-snmp, snmpsim) on loopback, and against hostile ones."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scanner.evidence import Answer
from scanner.wire import snmp
from scanner.wire.snmp import MAX_ROWS, MAX_VALUE, Community, User

read = partial(snmp.read, interface="lo")
PUBLIC = Community("public")
SYSTEM = "walk:1.3.6.1.2.1.1"
AGENT = """
agentaddress udp:127.0.0.1:{port}
rocommunity public
sysLocation Cabinet
createUser strong SHA-512 "authpass123" AES-256 "privpass123"
createUser middle SHA-224 "authpass123" AES-192 "privpass123"
createUser common SHA "authpass123" AES "privpass123"
createUser old SHA-256 "authpass123" DES "privpass123"
createUser clear MD5 "authpass123"
rouser strong authPriv
rouser middle authPriv
rouser common authPriv
rouser old authPriv
rouser clear authNoPriv
"""
# In the shape of brother__hl-2270dw.snmprec (LibreNMS), with every type an agent can answer.
PRINTER = """\
1.3.6.1.2.1.1.1.0|4|Brother NC-7800w, Firmware Ver.1.07  (10.07.16)
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.2435.2.3.9.1
1.3.6.1.2.1.1.3.0|67|2987802561
1.3.6.1.2.1.1.5.0|4|
1.3.6.1.2.1.2.2.1.6.1|4x|0080779a1b2c
1.3.6.1.2.1.2.2.1.10.1|65|4294967295
1.3.6.1.2.1.4.20.1.1.10.0.0.7|64|10.0.0.7
1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615
1.3.6.1.2.1.43.10.2.1.4.1.1|2|-2
1.3.6.1.4.1.2435.2.3.9.4.2.1.5.4.5.2.0|4x|537461702e204b6f706965c3ab6e3a3031
"""


def program(name: str, package: str) -> str:
    """The path of a daemon; a missing one fails the test."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serving(command: list[str], port: int, **environment: str) -> Iterator[int]:
    """A daemon bound to a UDP port of loopback; killed afterwards."""
    daemon = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    try:
        for _ in range(500):
            if f"0100007F:{port:04X} 00000000:0000 07" in Path("/proc/net/udp").read_text():
                break
            assert daemon.poll() is None, f"ended at once: {command}"
            time.sleep(0.02)
        else:
            pytest.fail(f"not bound after 10 s: {command}")
        yield port
    finally:
        daemon.kill()
        daemon.wait()


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A net-snmp agent."""
    folder, port = tmp_path_factory.mktemp("snmpd"), free_port()
    (folder / "snmpd.conf").write_text(AGENT.format(port=port))
    command = [program("snmpd", "snmpd"), "-f", "-LE", "0", "-I", "-smux", "-C", "-c", str(folder / "snmpd.conf")]
    with serving(command, port, SNMP_PERSISTENT_DIR=str(folder / "state"), MIBS="") as bound:
        yield bound


@pytest.fixture(scope="module")
def simulator() -> Iterator[int]:
    """Debian's snmpsim with one recording, its community "printer"; it gives up root, so its folders are open."""
    port = free_port()
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    try:
        for path in (folder, folder / "data", folder / "cache"):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)
        (folder / "data" / "printer.snmprec").write_text(PRINTER)
        command = [
            program("snmpsimd", "snmpsim"),
            f"--data-dir={folder}/data",
            f"--cache-dir={folder}/cache",
            f"--agent-udpv4-endpoint=127.0.0.1:{port}",
            "--process-user=nobody",
            "--process-group=nogroup",
            "--logging-method=null",
        ]
        with serving(command, port) as bound:
            yield bound
    finally:
        shutil.rmtree(folder)


# --- reading ---


def test_a_walk_gives_the_subtree_and_next_the_row_after(agent: int) -> None:
    answer = read("127.0.0.1", PUBLIC, f"{SYSTEM} next:1.3.6.1.2.1.2.1 next:1.3.6.1.2.1.1.6", port=agent)
    lines = answer.body.decode().splitlines()
    assert (answer.status, answer.detail) == ("done", "v2c default community")
    assert lines[0].startswith("1.3.6.1.2.1.1.1.0|4|Linux ")
    assert all(line.startswith("1.3.6.1.2.1.1.") for line in lines[:-2])
    assert lines[-2].startswith("1.3.6.1.2.1.2.1.0|2|")
    assert lines[-1] == "1.3.6.1.2.1.1.6.0|4|Cabinet"


def test_what_snmpwalk_reads_is_what_we_read(agent: int) -> None:
    command = [program("snmpbulkwalk", "snmp"), "-v2c", "-cpublic", "-On", "-OQ", "-OU", "-Cr25", f"127.0.0.1:{agent}"]
    ran = subprocess.run([*command, "1.3.6.1.2.1.2"], capture_output=True, text=True, check=True, env={"MIBS": ""})
    theirs = [line.split(" = ")[0].lstrip(".") for line in ran.stdout.splitlines() if line.startswith(".")]
    ours = read("127.0.0.1", PUBLIC, "walk:1.3.6.1.2.1.2", port=agent).body.decode().splitlines()
    assert [line.split("|")[0] for line in ours] == theirs


def test_a_recording_comes_back_as_it_was(simulator: int) -> None:
    answer = read("127.0.0.1", Community("printer"), "walk:1.3.6.1.2.1 walk:1.3.6.1.4.1", port=simulator)
    assert answer == Answer("done", PRINTER.encode(), "v2c")


@pytest.mark.parametrize("ask", ["walk:1.3.6.1.5", "next:1.3.7", "walk:1.0.8802"])
def test_what_is_not_served_is_done_and_empty(simulator: int, ask: str) -> None:
    assert read("127.0.0.1", Community("printer"), ask, port=simulator) == Answer("done", b"", "v2c")


@pytest.mark.parametrize(
    "user",
    [
        User("strong", "sha512", "authpass123", "aes256", "privpass123"),
        User("middle", "sha224", "authpass123", "aes192", "privpass123"),
        User("common", "sha", "authpass123", "aes", "privpass123"),
        User("old", "sha256", "authpass123", "des", "privpass123"),
        User("clear", "md5", "authpass123"),
    ],
    ids=lambda user: user.name,
)
def test_v3(agent: int, user: User) -> None:
    answer = read("127.0.0.1", user, SYSTEM, port=agent)
    assert (answer.status, answer.detail) == ("done", "v3")
    assert b"1.3.6.1.2.1.1.6.0|4|Cabinet\n" in answer.body


@pytest.mark.parametrize(
    ("user", "status", "detail"),
    [
        (
            User("common", "sha", "authpass124", "aes", "privpass123"),
            "credential_refused",
            "v3 wrong authentication key or protocol",
        ),
        (
            User("common", "md5", "authpass123", "aes", "privpass123"),
            "credential_refused",
            "v3 wrong authentication key or protocol",
        ),
        (User("nobody", "sha", "authpass123", "aes", "privpass123"), "credential_refused", "v3 unknown user"),
        (User("common", "sha", "authpass123"), "credential_refused", "v3 the agent answers authorizationError"),
        (User("common"), "credential_refused", "v3 the agent answers authorizationError"),
        (
            User("common", "sha", "authpass123", "aes", "privpass124"),
            "silent",
            "v3 no answer (device off, filtered, or wrong privacy key)",
        ),
        (User("common", "sha", "short"), "failed", "v3 a key has at least 8 characters (RFC 3414 §11.2)"),
        (User("", "sha", "authpass123"), "failed", "v3 a user name has 1 to 32 octets (RFC 3414 §5)"),
        (User("x", None, None, "aes", "privpass123"), "failed", "v3 privacy needs authentication (RFC 3414 §1.4.3)"),
    ],
)
def test_v3_that_fails_says_why(agent: int, user: User, status: str, detail: str) -> None:
    assert read("127.0.0.1", user, SYSTEM, port=agent) == Answer(status, b"", detail)  # type: ignore[arg-type]


def test_a_wrong_community_looks_like_nobody_there(agent: int) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        asked = [(Community(name), port) for name in ("nope", "", "é€") for port in (agent, free_port())]
        answers = set(pool.map(lambda pair: read("127.0.0.1", pair[0], SYSTEM, port=pair[1]), asked))
    assert answers == {Answer("silent", b"", "v2c no answer (device off, filtered, or wrong community)")}
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("name", ["public", "private"])
def test_a_community_that_everybody_knows_is_said_and_not_named(agent: int, name: str) -> None:
    answered = name == "public"  # the agent here has one community
    answer = read("127.0.0.1", Community(name), "next:1.3.6.1.2.1.1.6", port=agent)
    assert answer.detail.startswith("v2c default community") is answered
    assert name not in answer.detail


def test_workers_read_at_once(agent: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(read, "127.0.0.1", PUBLIC, "next:1.3.6.1.2.1.1.6", port=agent) for _ in range(12)]
    assert {job.result() for job in jobs} == {Answer("done", b"1.3.6.1.2.1.1.6.0|4|Cabinet\n", "v2c default community")}


def test_secrets_are_not_in_a_repr() -> None:
    assert repr(PUBLIC) == "Community()"
    shown = repr(User("common", "sha", "authpass123", "aes", "privpass123"))
    assert shown == "User(name='common', auth_protocol='sha', privacy_protocol='aes')"


@pytest.mark.parametrize("ask", ["get:1.3", "set:1.3.6.1.2.1.1.6.0", "walk:1.3.x", "walk:", "1.3.6"])
def test_only_reading_asks_are_taken(ask: str) -> None:
    with pytest.raises(ValueError, match=r"ask|int"):
        read("127.0.0.1", PUBLIC, ask, port=free_port())


# --- hostile agents ---

Reply = Callable[[Any, int], list[tuple[tuple[int, ...], Any]] | bytes]


def _same(oid: Any, _: int) -> list[tuple[tuple[int, ...], Any]]:
    return [((1, 3, 6, 1, 2, 1, 1, 1, 0), "again")]


def _endless(oid: Any, count: int) -> list[tuple[tuple[int, ...], Any]]:
    return [((1, 3, 6, 1, 2, 1, 1, 9, count * 25 + i), "x") for i in range(25)]


def _as_many_as_fit(oid: Any, count: int) -> list[tuple[tuple[int, ...], Any]]:
    return _endless(oid, count) if count < MAX_ROWS / 25 else [((1, 3, 6, 1, 2, 1, 2), "z")]


def _trickle(oid: Any, count: int) -> list[tuple[tuple[int, ...], Any]]:
    time.sleep(0.8)
    return [((1, 3, 6, 1, 2, 1, 1, 9, count), "x")]


def _then_mute(oid: Any, count: int) -> list[tuple[tuple[int, ...], Any]] | bytes:
    return _endless(oid, count) if count == 0 else b""


def _big(oid: Any, count: int) -> list[tuple[tuple[int, ...], Any]]:
    return [((1, 3, 6, 1, 2, 1, 1, 9, 1), "y" * 50_000), ((1, 3, 6, 1, 2, 1, 2), "z")] if count == 0 else []


def _long_oid(oid: Any, _: int) -> list[tuple[tuple[int, ...], Any]]:
    return [((1, 3, 6, 1, 2, 1, 1, *(range(1, 200))), "x")]


def _huge_number(oid: Any, _: int) -> list[tuple[tuple[int, ...], Any]]:
    return [((1, 3, 6, 1, 2, 1, 1, 10**5000), "x")]


NO_ANSWER = "v2c no answer (device off, filtered, or wrong community)"
INCOMPLETE = f"; incomplete: {SYSTEM} next:1.3.6.1.4.1"
HOSTILE: dict[str, tuple[Reply, str, str, int]] = {  # what it replies, then the status, detail and rows it comes to
    "garbage": (lambda oid, count: b"\xff" * 400, "silent", NO_ANSWER, 0),
    "an empty datagram": (lambda oid, count: b"", "silent", NO_ANSWER, 0),
    "a length without bytes": (lambda oid, count: b"\x30\x84\xff\xff\xff\xff\x02\x01\x01", "silent", NO_ANSWER, 0),
    "nested for ever": (lambda oid, count: b"\x30\x80" * 20_000, "silent", NO_ANSWER, 0),
    "the same row for ever": (_same, "failed", "v2c OIDs do not increase" + INCOMPLETE, 1),
    "rows without end": (_endless, "failed", f"v2c cut at {MAX_ROWS} rows" + INCOMPLETE, MAX_ROWS),
    "a trickle": (_trickle, "failed", "v2c cut at 5 s" + INCOMPLETE, -1),
    "mute after the first": (_then_mute, "silent", NO_ANSWER + INCOMPLETE, 25),
    "a long OID": (_long_oid, "failed", "v2c an OID that is none", 0),
    "a number of 5000 digits": (_huge_number, "silent", NO_ANSWER, 0),
}


@contextmanager
def hostile(reply: Reply) -> Iterator[int]:
    """A UDP responder that answers v2c requests with what `reply` makes of (OID asked, number of the request)."""
    from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]
    from pysnmp.proto import api

    v2c: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))

    def respond(data: bytes, count: int) -> bytes:
        request, _ = decoder.decode(data, asn1Spec=v2c.Message())
        asked = v2c.apiMessage.get_pdu(request)
        made = reply(tuple(v2c.apiPDU.get_varbinds(asked)[0][0]), count)
        if isinstance(made, bytes):
            return made
        response = v2c.apiMessage.get_response(request)
        v2c.apiPDU.set_varbinds(
            v2c.apiMessage.get_pdu(response),
            [(v2c.ObjectIdentifier(oid), v2c.OctetString(value)) for oid, value in made],
        )
        return bytes(encoder.encode(response))

    def serve() -> None:
        count = 0
        while True:
            data, peer = sock.recvfrom(65535)
            if data == b"end":
                return
            sock.sendto(respond(data, count), peer)
            count += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield sock.getsockname()[1]
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as goodbye:
            goodbye.sendto(b"end", sock.getsockname())
        thread.join(2)
        sock.close()


Slow = dict[str, "Future[tuple[Answer, float]]"]


@pytest.fixture(scope="module", autouse=True)
def slow() -> Iterator[Slow]:
    """What takes long runs beside the other tests, started before the first."""

    def timed(port: int) -> tuple[Answer, float]:
        started = time.monotonic()
        return read("127.0.0.1", PUBLIC, f"{SYSTEM} next:1.3.6.1.4.1", port=port, total_s=5), time.monotonic() - started

    with ExitStack() as stack, ThreadPoolExecutor(len(HOSTILE)) as pool:
        yield {name: pool.submit(timed, stack.enter_context(hostile(made[0]))) for name, made in HOSTILE.items()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_agent_is_an_answer_in_bounded_time(slow: Slow, name: str) -> None:
    answer, elapsed = slow[name].result()
    _, status, detail, rows = HOSTILE[name]
    assert (answer.status, answer.detail) == (status, detail)
    assert answer.body.count(b"\n") == rows or (rows < 0 and answer.body)
    assert elapsed < 15  # 5 s, and a busy machine


def test_a_long_string_is_cut() -> None:
    with hostile(_big) as port:
        answer = read("127.0.0.1", PUBLIC, SYSTEM, port=port)
    assert answer == Answer("done", b"1.3.6.1.2.1.1.9.1|4|" + b"y" * MAX_VALUE + b"\n", "v2c default community")


def test_only_a_tree_that_goes_on_is_cut() -> None:
    with hostile(_as_many_as_fit) as port:
        answer = read("127.0.0.1", PUBLIC, SYSTEM, port=port)
    assert (answer.status, answer.detail, answer.body.count(b"\n")) == ("done", "v2c default community", MAX_ROWS)


def test_a_reading_cut_before_its_first_row_is_silent() -> None:
    with hostile(lambda oid, count: b"") as port:
        answer = read("127.0.0.1", PUBLIC, SYSTEM, port=port, total_s=0.5)
    assert answer == Answer("silent", b"", "v2c cut at 0.5 s")


def test_a_reading_that_is_stopped_ends_at_once_and_asks_nothing_more() -> None:
    """A mute agent would be asked again after a second."""
    stop, asked = threading.Event(), list[int]()

    def mute(_: Any, count: int) -> bytes:
        asked.append(count)
        stop.set()
        return b""

    with hostile(mute) as port:
        answer = read("127.0.0.1", PUBLIC, SYSTEM, port=port, stopped=stop.is_set)
        time.sleep(1.2)
    assert answer == Answer("failed", b"", "v2c stopped")
    assert asked == [0]


def test_a_reading_that_is_stopped_before_it_begins_asks_nothing() -> None:
    asked: list[int] = []

    def noted(_: Any, count: int) -> bytes:
        asked.append(count)
        return b""

    with hostile(noted) as port:
        assert read("127.0.0.1", PUBLIC, SYSTEM, port=port, stopped=lambda: True).status == "failed"
    assert asked == []


def test_nothing_is_printed_and_nothing_stays_open(agent: int) -> None:
    code = f"""
import os
from scanner.wire.snmp import Community, User, read
for credential in (Community("public"), Community("nope"), User("common", "sha", "authpass123", "aes", "privpass123")):
    print(read("127.0.0.1", credential, "{SYSTEM}", interface="lo", port={agent}).status)
print(sum("socket" in os.readlink(f"/proc/self/fd/{{fd}}") for fd in os.listdir("/proc/self/fd") if int(fd) > 2
          and os.path.exists(f"/proc/self/fd/{{fd}}")))
"""
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("done\nsilent\ndone\n0\n", "")


def test_importing_the_module_imports_no_pysnmp() -> None:
    code = "import sys, scanner.wire.snmp; print('pysnmp' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
