"""SSH against real servers (OpenSSH, dropbear) on loopback, and against hostile ones."""

import base64
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from scanner.evidence import Answer
from scanner.wire.ssh import HostKey, Login, Session
from scanner.wire.ssh_connection import MAX_OUTPUT
from tests.unit.scanner.daemons import free_port, program, serving

PASSWORD = "correct horse"
BY_PASSWORD = Login("scan", password=PASSWORD)
SSHD = """
ListenAddress 127.0.0.1
AuthorizedKeysFile /run/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin no
HostKey {folder}/host_ed25519
HostKey {folder}/host_rsa
"""
OLD = """
ListenAddress 127.0.0.1
PidFile none
HostKey {folder}/host_rsa
KexAlgorithms diffie-hellman-group14-sha1
HostKeyAlgorithms ssh-rsa
Ciphers aes128-cbc
MACs hmac-sha1
"""
INTERACTIVE = SSHD.replace("UsePAM no", "UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no")
TWO_PROOFS = SSHD + "AuthenticationMethods publickey,password\n"
PAM = "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with host keys, a user's key, and the user database that the daemons see instead of the machine's."""
    folder = tmp_path_factory.mktemp("ssh")
    folder.chmod(0o755)
    keygen = program("ssh-keygen", "openssh-client")
    for name, kind in (("host_ed25519", "ed25519"), ("host_rsa", "rsa"), ("user", "ed25519")):
        subprocess.run([keygen, "-q", "-t", kind, "-N", "", "-f", folder / name], check=True)
    subprocess.run([keygen, "-q", "-t", "ecdsa", "-N", "sesame", "-f", folder / "locked"], check=True)
    openssl = [program("openssl", "openssl"), "passwd", "-6", PASSWORD]
    secret = subprocess.run(openssl, capture_output=True, text=True, check=True).stdout.strip()
    users = (
        "root:x:0:0::/:/usr/sbin/nologin\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\nscan:x:4242:4242::/:/bin/sh\n"
    )
    (folder / "passwd").write_text(users)
    (folder / "shadow").write_text(f"root:*:19000:0:99999:7:::\nscan:{secret}:19000:0:99999:7:::\n")
    (folder / "pam").write_text(PAM)
    return folder


def sshd(keys: Path, name: str, settings: str, before: str = "true") -> str:
    """The script of a server with these settings; `before` is run in its namespaces, with a /run of its own."""
    config = keys / name
    config.write_text(settings.format(folder=keys))
    start = f"mkdir -p /run/sshd; {before}; {program('sshd', 'openssh-server')}"
    return f"{_own_users(keys)}; {start} -D -f {config} -p {{port}}"


def _own_users(keys: Path) -> str:
    binds = (("passwd", "/etc/passwd"), ("shadow", "/etc/shadow"), ("pam", "/etc/pam.d/sshd"))
    return f"mount -t tmpfs -o mode=755 tmpfs /run; cp {keys}/user.pub /run/authorized_keys; " + "; ".join(
        f"mount --bind {keys}/{name} {over}" for name, over in binds
    )


@pytest.fixture(scope="module")
def servers(keys: Path) -> Iterator[dict[str, int]]:
    dropbear_key = keys / "dropbear_key"
    subprocess.run(
        [program("dropbearkey", "dropbear-bin"), "-t", "ed25519", "-f", dropbear_key], check=True, capture_output=True
    )
    dropbear = program("dropbear", "dropbear-bin")
    scripts = {
        "openssh": sshd(keys, "openssh", SSHD),
        "old": sshd(keys, "old", OLD),
        "older": sshd(keys, "older", OLD.replace("group14", "group1")),
        "interactive": sshd(keys, "interactive", INTERACTIVE),
        "two proofs": sshd(keys, "two", TWO_PROOFS),
        "dropbear": f"{_own_users(keys)}; {dropbear} -F -p 127.0.0.1:{{port}} -P /run/pid -r {dropbear_key}",
    }
    with ExitStack() as stack:
        ports = {name: free_port() for name in scripts}
        yield {
            name: stack.enter_context(serving(script.format(port=ports[name]), ports[name]))
            for name, script in scripts.items()
        }


def public(path: Path) -> HostKey:
    kind, blob = path.read_text().split()[:2]
    return HostKey(kind, base64.b64decode(blob))


def anyone(_: HostKey) -> bool:
    return True


def nobody(_: HostKey) -> bool:
    return False


def unasked(_: HostKey) -> bool:
    raise AssertionError("a pinned key needs nobody's trust")


# --- host keys ---


def test_the_first_contact_shows_the_key_openssh_shows(servers: dict[str, int], keys: Path) -> None:
    asked: list[HostKey] = []

    def trust(key: HostKey) -> bool:
        asked.append(key)
        return True

    with Session("127.0.0.1", BY_PASSWORD, None, trust, servers["openssh"], interface="lo") as session:
        answer = session.host_key()
        assert session.host_key() is answer
    shown = subprocess.run(["ssh-keygen", "-lf", keys / "host_ed25519.pub"], capture_output=True, text=True, check=True)
    first, second, third, fourth = answer.body.decode().splitlines()
    assert answer.status == "done"
    assert first == f"ssh-ed25519 {shown.stdout.split()[1]}"
    assert second == "pinned none"
    assert third.startswith("banner SSH-2.0-OpenSSH_")
    assert fourth == "legacy no"
    assert asked == [public(keys / "host_ed25519.pub")]


@pytest.mark.parametrize("name", ["host_ed25519.pub", "host_rsa.pub"])
def test_a_server_with_several_keys_shows_the_pinned_one(servers: dict[str, int], keys: Path, name: str) -> None:
    pinned = public(keys / name)
    with Session("127.0.0.1", BY_PASSWORD, pinned, unasked, servers["openssh"], interface="lo") as session:
        answer = session.host_key()
        assert session.execute("echo hello") == Answer("done", b"hello\n")
    assert answer.status == "done"
    line = f"{pinned.key_type} {pinned.fingerprint}"
    assert answer.body.decode().splitlines()[:2] == [line, f"pinned {line}"]


@pytest.mark.parametrize("pinned", [HostKey("ssh-ed25519", b"another"), HostKey("ecdsa-sha2-nistp256", b"gone")])
def test_a_changed_key_gets_no_credential(keys: Path, pinned: HostKey) -> None:
    log, port = keys / f"log-{pinned.key_type}", free_port()
    with serving(f"{sshd(keys, 'logged', SSHD).format(port=port)} -E {log} -o LogLevel=DEBUG2", port):
        with Session("127.0.0.1", BY_PASSWORD, pinned, unasked, port, interface="lo") as session:
            answer = session.host_key()
            later = [session.execute("id"), session.execute("id")]
        time.sleep(0.1)
    assert answer.status == "host_key_changed"
    assert f"pinned {pinned.key_type} {pinned.fingerprint}" in answer.body.decode()
    assert pinned.fingerprint in answer.detail
    assert later == [Answer("host_key_changed", b"", answer.detail)] * 2
    assert log.read_text().count("Connection from") == 1
    assert "userauth" not in log.read_text()


def test_a_key_nobody_accepts_is_refused(servers: dict[str, int]) -> None:
    with Session("127.0.0.1", BY_PASSWORD, None, nobody, servers["openssh"], interface="lo") as session:
        answer = session.host_key()
        assert session.execute("id").status == "not_trusted"
    assert answer.status == "not_trusted"
    assert answer.detail.startswith("host key not accepted")


# --- logging in ---


def login_by_key(keys: Path, user: str = "scan") -> Login:
    return Login(user, private_key=(keys / "user").read_text())


def test_secrets_are_not_in_a_repr(keys: Path) -> None:
    shown = repr(Login("scan", PASSWORD, (keys / "user").read_text()))
    assert shown == "Login(user='scan')"


@pytest.mark.parametrize("server", ["openssh", "dropbear", "interactive"])
def test_a_password_logs_in(servers: dict[str, int], server: str) -> None:
    with Session("127.0.0.1", BY_PASSWORD, None, anyone, servers[server], interface="lo") as session:
        assert session.execute("id -u") == Answer("done", b"4242\n")


def test_a_key_logs_in(servers: dict[str, int], keys: Path) -> None:
    with Session("127.0.0.1", login_by_key(keys), None, anyone, servers["openssh"], interface="lo") as session:
        assert session.execute("id -u") == Answer("done", b"4242\n")


def test_two_proofs_are_given_when_both_are_known(servers: dict[str, int], keys: Path) -> None:
    both = Login("scan", PASSWORD, (keys / "user").read_text())
    with Session("127.0.0.1", both, None, anyone, servers["two proofs"], interface="lo") as session:
        assert session.execute("id -u") == Answer("done", b"4242\n")
    with Session("127.0.0.1", login_by_key(keys), None, anyone, servers["two proofs"], interface="lo") as session:
        assert session.execute("id") == Answer(
            "credential_refused", b"", "the device asks for more than one proof: password"
        )


@pytest.mark.parametrize(
    ("server", "login", "status", "detail"),
    [
        ("openssh", Login("scan", password="wrong"), "credential_refused", "credential refused"),
        ("interactive", Login("scan", password="wrong"), "credential_refused", "credential refused; the device takes"),
        ("dropbear", Login("scan", password="wrong"), "credential_refused", "credential refused"),
        ("openssh", Login("nobody-here", password=PASSWORD), "credential_refused", "credential refused"),
        ("openssh", Login("scan", private_key="-----BEGIN JUNK-----"), "failed", "the private key cannot be read"),
        ("openssh", Login("scan"), "no_credential", "no password"),
        ("openssh", None, "no_credential", "no password"),
    ],
)
def test_a_login_that_fails(
    servers: dict[str, int], server: str, login: Login | None, status: str, detail: str
) -> None:
    with Session("127.0.0.1", login, None, anyone, servers[server], interface="lo") as session:
        assert session.host_key().status == "done"
        answer = session.execute("id")
        started = time.monotonic()
        assert session.execute("id") == answer
        assert time.monotonic() - started < 0.5
    assert answer.status == status
    assert answer.detail.startswith(detail)


def test_a_locked_or_unknown_key_logs_nobody_in(servers: dict[str, int], keys: Path) -> None:
    for name, status in (("locked", "failed"), ("host_rsa", "credential_refused")):
        login = Login("scan", private_key=(keys / name).read_text())
        with Session("127.0.0.1", login, None, anyone, servers["openssh"], interface="lo") as session:
            assert session.execute("id").status == status


# --- commands ---


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("true", Answer("done")),
        ("printf 'a\\nb'", Answer("done", b"a\nb")),
        ("printf '\\377\\0'", Answer("done", b"\xff\0")),
        ("echo out; exit 3", Answer("failed", b"out\n", "exit 3")),
        (
            "echo; echo ' \033[31mno  rights' >&2; echo more >&2; exit 1",
            Answer("failed", b"\n", "exit 1: [31mno rights"),
        ),
        ("kill -9 $$", Answer("failed", b"", "no exit status")),
        ("head -c 5000000 /dev/zero", Answer("failed", b"\0" * MAX_OUTPUT, f"output cut at {MAX_OUTPUT} bytes")),
        ("head -c 5000000 /dev/zero >&2; echo x", Answer("done", b"x\n")),
        (f"head -c {MAX_OUTPUT} /dev/zero", Answer("done", b"\0" * MAX_OUTPUT)),
        ("test -t 0 || test -t 1 || echo no terminal", Answer("done", b"no terminal\n")),
    ],
)
@pytest.mark.parametrize("server", ["openssh", "dropbear"])
def test_a_command(servers: dict[str, int], server: str, command: str, answer: Answer) -> None:
    with Session("127.0.0.1", BY_PASSWORD, None, anyone, servers[server], interface="lo") as session:
        assert session.execute(command) == answer
        assert session.execute("echo next") == Answer("done", b"next\n")


def test_an_unknown_command_is_told_with_its_first_line(servers: dict[str, int]) -> None:
    with Session("127.0.0.1", BY_PASSWORD, None, anyone, servers["openssh"], interface="lo") as session:
        answer = session.execute("nft list ruleset; no-such-program")
    assert answer.status == "failed"
    assert re.fullmatch(r"exit 127: .{1,200}", answer.detail)


@pytest.mark.parametrize("server", ["openssh", "dropbear"])
def test_many_commands_use_one_connection(servers: dict[str, int], server: str) -> None:
    with Session("127.0.0.1", BY_PASSWORD, None, anyone, servers[server], interface="lo") as session:
        answers = {session.execute("echo ${SSH_CLIENT#* }") for _ in range(60)}
    assert [answer.status for answer in answers] == ["done"]


def test_a_dropped_connection_is_made_again(keys: Path) -> None:
    port = free_port()
    script = sshd(keys, "dropped", SSHD).format(port=port)
    with Session("127.0.0.1", BY_PASSWORD, None, anyone, port, interface="lo") as session:
        with serving(script, port):
            assert session.execute("echo a").status == "done"
        assert session.execute("echo b").status in ("failed", "refused")
    with serving(script, port), Session("127.0.0.1", BY_PASSWORD, None, anyone, port, interface="lo") as session:
        first = session.execute("kill -9 $PPID; sleep 1")
        assert first.status == "failed"
        assert session.execute("echo c") == Answer("done", b"c\n")


# --- devices that do not play along ---


def test_an_old_router_is_refused_with_what_it_offers(servers: dict[str, int]) -> None:
    """paramiko 5 speaks neither SHA-1 key exchange nor ssh-rsa signatures."""
    with Session("127.0.0.1", BY_PASSWORD, None, unasked, servers["old"], interface="lo") as session:
        answer = session.host_key()
    offer = "the device offers only key exchange diffie-hellman-group14-sha1; host keys ssh-rsa"
    assert answer == Answer("incompatible", b"", f"no common algorithm: {offer}")


@pytest.mark.parametrize("pin", [True, False])
@pytest.mark.parametrize("server", ["old", "older"])
def test_an_old_router_that_the_site_names_logs_in(servers: dict[str, int], keys: Path, server: str, pin: bool) -> None:
    pinned = public(keys / "host_rsa.pub") if pin else None
    login = (servers[server], BY_PASSWORD, pinned)
    with Session("127.0.0.1", login[1], login[2], anyone, login[0], interface="lo", legacy=True) as session:
        answer = session.host_key()
        assert session.execute("id -u") == Answer("done", b"4242\n")
    assert answer.status == "done"
    assert answer.body.decode().splitlines()[0] == str(public(keys / "host_rsa.pub"))
    assert answer.body.decode().splitlines()[3] == "legacy yes"


def test_a_server_that_knows_better_is_not_spoken_to_in_the_old_way(servers: dict[str, int]) -> None:
    with Session("127.0.0.1", BY_PASSWORD, None, anyone, servers["openssh"], interface="lo", legacy=True) as session:
        assert session.host_key().body.decode().splitlines()[3] == "legacy no"
        assert session.execute("id -u") == Answer("done", b"4242\n")


def test_an_old_router_with_a_changed_key_gets_no_credential(servers: dict[str, int]) -> None:
    other = HostKey("ssh-rsa", b"another")
    with Session("127.0.0.1", BY_PASSWORD, other, unasked, servers["old"], interface="lo", legacy=True) as session:
        assert session.host_key().status == "host_key_changed"
        assert session.execute("id").status == "host_key_changed"


def test_a_closed_port_is_refused() -> None:
    with Session("127.0.0.1", BY_PASSWORD, None, unasked, free_port(), interface="lo") as session:
        assert session.host_key() == Answer("refused", b"", "connection refused")
        assert session.execute("id").status == "refused"


def test_only_a_literal_address_is_taken() -> None:
    with pytest.raises(ValueError, match="localhost"):
        Session("localhost", BY_PASSWORD, None, unasked, interface="lo")


Act = Callable[[socket.socket], None]


def _forever(data: bytes, pause: float = 0.0) -> Act:
    def act(peer: socket.socket) -> None:
        while True:
            peer.sendall(data)
            time.sleep(pause)

    return act


def _once(data: bytes, stay: bool) -> Act:
    def act(peer: socket.socket) -> None:
        peer.sendall(data)
        while stay and peer.recv(4096):
            pass

    return act


HELLO = b"SSH-2.0-evil\r\n"
HOSTILE: dict[str, tuple[Act, str, float]] = {
    "hangs up": (_once(b"", stay=False), "failed", 8),
    "HTTP": (_once(b"HTTP/1.0 400 Bad Request\r\n\r\n", stay=False), "failed", 8),
    "SSH 1": (_once(b"SSH-1.5-old\r\n", stay=True), "incompatible", 8),
    "says nothing": (_once(b"", stay=True), "silent", 20),
    "banner without end": (_forever(b"x" * 4096), "failed", 20),
    "banner of many lines": (_forever(b"hello\r\n"), "failed", 20),
    "slow loris": (_forever(b"x", pause=0.5), "silent", 20),
    "hello, then silence": (_once(HELLO, stay=True), "silent", 20),
    "packet of 4 GiB": (_once(HELLO + b"\xff\xff\xff\xf4" + b"\0" * 60, stay=True), "silent", 20),
    "flood of zeros": (_forever(HELLO + b"\0" * 4096), "failed", 20),
    "short KEXINIT": (_once(HELLO + b"\0\0\0\x0c\x04\x14" + b"\0" * 10, stay=False), "failed", 8),
    "bad lists": (_once(HELLO + b"\0\0\0\x2c\x04\x14" + b"\xff" * 42, stay=False), "failed", 8),
}


@contextmanager
def hostile(act: Act) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        try:
            while True:
                peer, _ = listener.accept()
                with peer:
                    act(peer)
        except OSError:
            pass

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _timed(port: int, ask: Callable[[Session], Answer]) -> tuple[Answer, Answer, float]:
    started = time.monotonic()
    with Session("127.0.0.1", BY_PASSWORD, None, anyone, port, interface="lo") as session:
        answer = ask(session)
        elapsed = time.monotonic() - started
        return answer, session.execute("echo still there"), elapsed


Slow = dict[str, "Future[tuple[Answer, Answer, float]]"]


@pytest.fixture(scope="module", autouse=True)
def slow(servers: dict[str, int]) -> Iterator[Slow]:
    """What takes long runs beside the other tests, started before the first."""
    with ThreadPoolExecutor(len(HOSTILE) + 2) as pool, ExitStack() as stack:
        jobs = {
            name: pool.submit(_timed, stack.enter_context(hostile(act)), Session.host_key)
            for name, (act, _, _) in HOSTILE.items()
        }
        jobs["hanging command"] = pool.submit(_timed, servers["openssh"], lambda session: session.execute("sleep 60"))
        trickle = "while sleep 0.2; do echo x; done"
        jobs["trickling command"] = pool.submit(_timed, servers["dropbear"], lambda session: session.execute(trickle))
        yield jobs


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_is_an_answer_in_bounded_time(slow: Slow, name: str) -> None:
    answer, later, elapsed = slow[name].result()
    _, status, seconds = HOSTILE[name]
    assert (answer.status, elapsed < seconds) == (status, True), (answer, elapsed)
    assert later == Answer(answer.status, b"", answer.detail)
    assert answer.detail


@pytest.mark.parametrize("name", ["hanging command", "trickling command"])
def test_a_command_without_end_is_silent_and_the_next_one_runs(slow: Slow, name: str) -> None:
    answer, later, elapsed = slow[name].result()
    assert answer.status == "silent"
    assert answer.detail == "no end within 20 s"
    assert 19 < elapsed < 30
    assert later == Answer("done", b"still there\n")


@contextmanager
def never_accepting() -> Iterator[int]:
    """A listener whose queue is full: a further connection stays half made."""
    with socket.socket() as listener, ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        yield port


@pytest.mark.parametrize("step", ["connection", "key exchange", "trust", "command"])
def test_a_session_that_is_stopped_from_outside_ends_at_once(servers: dict[str, int], step: str) -> None:
    reached, stopped = threading.Event(), threading.Event()

    def trust(_: HostKey) -> bool:
        if step == "trust":
            reached.set()
            stopped.wait(10)
        return True

    with ExitStack() as stack:
        places = {"connection": never_accepting(), "key exchange": hostile(_once(b"", stay=True))}
        port = stack.enter_context(places[step]) if step in places else servers["openssh"]
        session = stack.enter_context(Session("127.0.0.1", BY_PASSWORD, None, trust, port, interface="lo"))
        asked = stack.enter_context(ThreadPoolExecutor(1)).submit(session.execute, "sleep 60")
        if step == "trust":
            assert reached.wait(10)
        else:
            time.sleep(1)  # each of the other steps lasts far longer by itself
        assert not asked.done()
        session.stop()
        stopped.set()
        started = time.monotonic()
        assert asked.result().status in ("failed", "silent")
        assert session.execute("id").status in ("failed", "silent")
        assert time.monotonic() - started < 2.5


def test_a_session_that_is_stopped_connects_to_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        session = Session("127.0.0.1", BY_PASSWORD, None, unasked, listener.getsockname()[1], interface="lo")
        session.stop()
        assert session.host_key() == session.execute("id") == Answer("failed", b"", "stopped")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_nothing_is_printed_and_no_thread_stays() -> None:
    """In its own process: what paramiko's threads say would go to stderr, and a timer would keep the process alive."""
    code = """
import threading, time
from scanner.wire.ssh import Login, Session
with Session("127.0.0.1", Login("scan", "x"), None, lambda key: True, {port}, interface="lo") as session:
    print(session.host_key().status)
time.sleep(0.2)
print([thread.name for thread in threading.enumerate()])
"""
    with hostile(_once(HELLO + b"\0\0\0\x2c\x04\x14" + b"\xff" * 42, stay=False)) as port:
        started = time.monotonic()
        ran = subprocess.run(
            [sys.executable, "-X", "dev", "-c", code.format(port=port)], capture_output=True, text=True
        )
    assert (ran.stdout, ran.stderr) == ("failed\n['MainThread']\n", "")
    assert time.monotonic() - started < 10


def test_importing_the_module_imports_no_paramiko() -> None:
    code = "import sys, scanner.wire.ssh; print('paramiko' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
