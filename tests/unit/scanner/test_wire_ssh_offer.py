"""What real SSH servers (OpenSSH, dropbear) offer on loopback, and what hostile ones come to."""

import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inventory.errors import ParseError
from inventory.network import SshOffer
from scanner.evidence import Answer, Evidence, Request
from scanner.services.ssh_offer import MAX_NAMES, read_offer
from scanner.wire import ssh_offer
from scanner.wire.ssh_offer import LISTS
from tests.unit.scanner.daemons import Talk, endless, free_port, hangs_up, hostile, mute, program, saying, serving

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
OLD = (
    "-o KexAlgorithms=diffie-hellman-group14-sha1 -o HostKeyAlgorithms=ssh-rsa -o Ciphers=aes128-cbc -o MACs=hmac-sha1"
)


def seen(answer: Answer, port: int = 22) -> SshOffer:
    assert answer.status == "done", answer
    observation = read_offer(Evidence(Request("ssh_offer", "192.0.2.1", f"kexinit {port}"), "done", NOW, answer.body))
    assert observation.device.network is not None
    assert observation.device.network.ssh_offers is not None
    (offer,) = observation.device.network.ssh_offers
    return offer


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    folder = tmp_path_factory.mktemp("ssh_offer")
    keygen = program("ssh-keygen", "openssh-client")
    for kind in ("ed25519", "rsa"):
        subprocess.run([keygen, "-q", "-t", kind, "-N", "", "-f", folder / kind], check=True)
    dropbearkey = [program("dropbearkey", "dropbear-bin"), "-t", "ed25519", "-f", str(folder / "dropbear")]
    subprocess.run(dropbearkey, check=True, capture_output=True)
    run = "mount -t tmpfs -o mode=755 tmpfs /run; mkdir -p /run/sshd"
    sshd = (
        f"{program('sshd', 'openssh-server')} -D -f /dev/null -o ListenAddress=127.0.0.1 -o UsePAM=no -o PidFile=none"
    )
    dropbear = f"{program('dropbear', 'dropbear-bin')} -F -P /run/pid -r {folder}/dropbear"
    scripts = {
        "openssh": f"{run}; {sshd} -p {{port}} -h {folder}/ed25519 -h {folder}/rsa",
        "old": f"{run}; {sshd} -p {{port}} -h {folder}/rsa {OLD}",
        "dropbear": f"{run}; {dropbear} -p 127.0.0.1:{{port}}",
    }
    with ExitStack() as stack:
        ports = {name: free_port() for name in scripts}
        for name, script in scripts.items():
            stack.enter_context(serving(script.format(port=ports[name]), ports[name]))
        yield ports


def test_a_modern_server(servers: dict[str, int]) -> None:
    offer = seen(ssh_offer.read("127.0.0.1", servers["openssh"], interface="lo"), servers["openssh"])
    assert offer.port == servers["openssh"]
    assert (offer.software or "").startswith("OpenSSH_")
    assert "curve25519-sha256" in (offer.key_exchanges or ())
    assert offer.host_keys == ("ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256")
    assert "chacha20-poly1305@openssh.com" in (offer.ciphers or ())
    assert "hmac-sha2-256" in (offer.macs or ())


def test_an_old_server_that_paramiko_does_not_speak_to(servers: dict[str, int]) -> None:
    offer = seen(ssh_offer.read("127.0.0.1", servers["old"], interface="lo"))
    assert [name for name in offer.key_exchanges or () if "kex-strict" not in name] == ["diffie-hellman-group14-sha1"]
    assert (offer.host_keys, offer.ciphers, offer.macs) == (("ssh-rsa",), ("aes128-cbc",), ("hmac-sha1",))
    assert (offer.client_ciphers, offer.client_macs) == (("aes128-cbc",), ("hmac-sha1",))


def test_dropbear(servers: dict[str, int]) -> None:
    offer = seen(ssh_offer.read("127.0.0.1", servers["dropbear"], interface="lo"))
    assert (offer.software or "").startswith("dropbear")
    assert "ssh-ed25519" in (offer.host_keys or ())


def test_it_is_what_ssh_itself_is_told(servers: dict[str, int]) -> None:
    port = servers["openssh"]
    command = [program("ssh", "openssh-client"), "-vv", "-F", "none", "-o", "BatchMode=yes", "-o"]
    command += ["StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=/dev/null", "-p", str(port), "127.0.0.1"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    theirs = said.partition("peer server KEXINIT proposal")[2].splitlines()[1:7]
    ours = ssh_offer.read("127.0.0.1", port, interface="lo").body.decode().splitlines()[1:7]
    assert ours == [line.removeprefix("debug2: ") for line in theirs]


# --- hostile peers ---

BANNER = b"SSH-2.0-x\r\n"


def kexinit(*lists: bytes, payload: bytes | None = None, size: int | None = None) -> bytes:
    data = b"\x14" + bytes(16) + b"".join(struct.pack(">I", len(item)) + item for item in lists) + bytes(5)
    data = data if payload is None else payload
    return struct.pack(">IB", len(data) + 1 if size is None else size, 0) + data


GOOD = kexinit(*[b"a,b"] * 8, b"", b"")
HOSTILE: dict[str, tuple[bytes | Talk, str, str]] = {
    "mute": (mute, "silent", "no end within 2 s"),
    "hangs up": (hangs_up, "refused", "it hung up"),
    "zeroes": (endless, "unreadable", "a line of more than 255 bytes where the banner should be"),
    "greetings": (b"Bonjour\r\n" * 1000, "unreadable", "no banner in 50 lines"),
    "a huge packet": (BANNER + b"\xff\xff\xff\xff", "unreadable", "a packet of 4294967295 bytes"),
    "an empty packet": (BANNER + bytes(4), "unreadable", "a packet of 0 bytes"),
    "all padding": (
        BANNER + b"\0\0\0\x08\xff" + bytes(7), "unreadable", "message without a number where KEXINIT should be",
    ),
    "another message": (BANNER + kexinit(payload=b"\x01x"), "unreadable", "message 01 where KEXINIT should be"),
    "a list that lies": (
        BANNER + kexinit(payload=b"\x14" + bytes(16) + b"\xff\xff\xff\xffabc"), "unreadable",
        "a damaged list of KEX algorithms",
    ),
    "control characters": (
        BANNER + kexinit(b"a\nb", *[b""] * 7), "unreadable", "a damaged list of KEX algorithms",
    ),
    "too few lists": (BANNER + kexinit(*[b"a"] * 3), "unreadable", "a damaged list of MACs ctos"),
    "debug messages without end": (BANNER + kexinit(payload=b"\x04") * 100, "unreadable", "no KEXINIT"),
    "a drip": (saying(*[bytes([byte]) for byte in b"SSH-2.0-drip"], pause_s=0.3), "silent", "no end within 2 s"),
}  # fmt: skip


def telling(words: bytes) -> Talk:
    """Says this at once, as an SSH server does, and listens on."""

    def talk(peer: socket.socket) -> None:
        peer.sendall(words)
        mute(peer)

    return talk


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_peer_is_an_answer_in_bounded_time(name: str) -> None:
    talk, status, detail = HOSTILE[name]
    started = time.monotonic()
    with hostile(telling(talk) if isinstance(talk, bytes) else talk) as port:
        answer = ssh_offer.read("127.0.0.1", port, interface="lo", total_s=2)
    assert answer == Answer(status, b"", detail)  # type: ignore[arg-type]
    assert time.monotonic() - started < 5


def test_talk_before_the_banner_and_messages_before_kexinit_are_passed_over() -> None:
    early = b"Nur fuer Befugte\r\n" + BANNER + kexinit(payload=b"\x02ignored")
    with hostile(telling(early + GOOD)) as port:
        offer = seen(ssh_offer.read("127.0.0.1", port, interface="lo"))
    assert (offer.software, offer.ciphers) == ("x", ("a", "b"))


def test_each_direction_has_its_own_ciphers_and_macs() -> None:
    lists = (b"kex", b"key", b"3des-cbc", b"aes128-ctr", b"hmac-md5", b"hmac-sha2-256", b"none", b"none")
    with hostile(telling(BANNER + kexinit(*lists, b"", b""))) as port:
        offer = seen(ssh_offer.read("127.0.0.1", port, interface="lo"))
    assert (offer.client_ciphers, offer.ciphers) == (("3des-cbc",), ("aes128-ctr",))
    assert (offer.client_macs, offer.macs) == (("hmac-md5",), ("hmac-sha2-256",))


# --- reading ---


def body(*, banner: str = "SSH-2.0-x", lists: str = "a,b") -> bytes:
    return "".join([f"banner: {banner}\n", *(f"{name}: {lists}\n" for name in LISTS)]).encode()


def test_an_empty_list_is_empty_and_not_absent() -> None:
    assert seen(Answer("done", body(lists=""))).macs == ()


def test_a_banner_is_cleaned() -> None:
    assert seen(Answer("done", body(banner="SSH-2.0-a\x1b[2Jb\u202ec"))).software == "a [2Jb c"


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff" * 50, body()[:60], b"banner: SSH-2.0-x\n", body(lists="x," * (MAX_NAMES + 2)), body() * 3 + b"x\n"],
)
def test_what_is_no_whole_offer_is_refused(raw: bytes) -> None:
    if raw.startswith(body() * 3):
        assert seen(Answer("done", raw)).software == "x"  # only so many lines are looked at
        return
    with pytest.raises(ParseError):
        seen(Answer("done", raw))


def test_where_nobody_listens(tmp_path: Path) -> None:
    assert ssh_offer.read("127.0.0.1", free_port(), interface="lo") == Answer("refused", b"", "connection refused")
    assert ssh_offer.read("127.0.0.1", free_port(), interface="none0").status == "failed"
