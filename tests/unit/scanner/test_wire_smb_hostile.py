"""SMB servers that lie, drip or never end, and bodies that nobody wrote."""

import json
import os
import socket
import struct
import threading
import time

import pytest

from inventory.errors import ParseError
from inventory.network import SmbShareSeen
from scanner.evidence import Answer
from scanner.wire import ntlm, smb, smb_message, srvsvc
from tests.unit.scanner.daemons import Talk, endless, hangs_up, hostile, mute, saying
from tests.unit.scanner.test_wire_smb import ALL, SMB1, of, seen

# --- hostile servers ---


def frame(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def reply(command: int, message: int, status: int, body: bytes) -> bytes:
    head = bytearray(smb_message.header(command, message, 7, 9))
    head[8:12] = struct.pack("<I", status)
    return frame(bytes(head) + body)


def challenge(target: bytes = b"") -> bytes:
    message = b"NTLMSSP\0" + struct.pack("<I8sI8s8sHHI", 2, b"", 0, b"challeng", b"", len(target), len(target), 48)
    return message + target


def serving(*later: bytes) -> Talk:
    """A server that accepts 2.1 and lets anybody in; then it says these bodies, one to each question."""

    def talk(peer: socket.socket) -> None:
        first = peer.recv(4096)
        if first[4:8] != b"\xfeSMB" or struct.unpack_from("<H", first, 4 + 64 + 36)[0] != 0x0210:
            return
        peer.sendall(reply(0, 0, 0, struct.pack("<HHH", 65, 0, 0x0210) + bytes(60)))
        token = challenge()
        bodies = [
            (1, smb_message.MORE_PROCESSING, struct.pack("<HHHH", 9, 0, 72, len(token)) + token),
            (1, 0, struct.pack("<HHHH", 9, 2, 0, 0)),
            (3, 0, struct.pack("<HBBIII", 16, 2, 0, 0, 0, 0x1F01FF)),
            (5, 0, bytes(88)),
        ]
        for number, (command, status, body) in enumerate(bodies, start=1):
            if not peer.recv(4096):
                return
            peer.sendall(reply(command, number, status, body))
        for number, body in enumerate(later, start=len(bodies) + 1):
            peer.recv(4096)
            peer.sendall(
                reply(11, number, 0, struct.pack("<HHI16sIIIIII", 49, 0, 0, b"", 0, 0, 112, len(body), 0, 0) + body)
            )
        mute(peer)

    return talk


BOUND = struct.pack("<BBBB4sHHI", 5, 0, 12, 3, b"\x10\0\0\0", 60, 0, 1) + bytes(44)


def response(stub: bytes, *, size: int | None = None) -> bytes:
    size = 24 + len(stub) if size is None else size
    return struct.pack("<BBBB4sHHI", 5, 0, 2, 3, b"\x10\0\0\0", size, 0, 1) + bytes(8) + stub


def many(count: int, listed: int | None = None) -> bytes:
    return struct.pack("<IIIIII", 1, 1, 1, count, 1, count if listed is None else listed)


FAULT = b"\x05\0\x03\x03\x10\0\0\0\x20\0\0\0" + bytes(20)
AGREED = reply(0, 0, 0, struct.pack("<HHH", 65, 0, 0x0210) + bytes(60))
GUESTS: dict[str, tuple[Talk, str]] = {
    "no challenge": (
        saying(AGREED),
        "anonymous: no end within 1 s",
    ),
    "shares without end": (serving(BOUND, response(many(2**32 - 1))), "anonymous: more shares than a server has"),
    "a count that lies": (serving(BOUND, response(many(3, 4))), "anonymous: a damaged list of shares"),
    "a list that ends early": (serving(BOUND, response(many(3))), "anonymous: a damaged list of shares"),
    "a name without end": (
        serving(BOUND, response(many(1) + struct.pack("<IIIIII", 1, 0, 0, 2**31, 0, 2**31))),
        "anonymous: a damaged list of shares",
    ),
    "an empty fragment": (serving(BOUND, response(b"", size=0)), "anonymous: a fragment shorter than its header"),
    "a fault": (
        serving(BOUND, FAULT),
        "anonymous: the share service faults",
    ),
    "no bind": (serving(b"", b""), "anonymous: the share service does not bind"),
}


@pytest.mark.parametrize("name", GUESTS)
def test_a_hostile_server_leaves_the_shares_unknown(name: str) -> None:
    talk, cause = GUESTS[name]
    started = time.monotonic()
    with hostile(talk) as port:
        answer = smb.read("127.0.0.1", port, interface="lo", dialect_s=1, session_s=1)
    assert answer.status == "done"
    assert json.loads(answer.body)["cause"] == cause
    assert json.loads(answer.body)["shares"] is None
    assert time.monotonic() - started < 15


HOSTILE: dict[str, tuple[Talk, str]] = {
    "mute": (mute, "silent"),
    "hangs up": (hangs_up, "refused"),
    "endless": (endless, "unreadable"),
    "garbage": (saying(frame(os.urandom(100))), "unreadable"),
    "a length of 16 MiB": (saying(b"\0\xff\xff\xff"), "unreadable"),
    "an empty message": (saying(frame(b"")), "unreadable"),
    "a short answer": (saying(reply(0, 0, 0, b"")), "unreadable"),
    "a drip": (saying(*[bytes([byte]) for byte in frame(bytes(64))], pause_s=0.3), "silent"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_peer_is_an_answer_in_bounded_time(name: str) -> None:
    talk, status = HOSTILE[name]
    started = time.monotonic()
    with hostile(talk) as port:
        answer = smb.read("127.0.0.1", port, interface="lo", dialect_s=1, session_s=1)
    assert (answer.status, answer.body) == (status, b"")
    assert time.monotonic() - started < 12


def test_who_is_stopped_asks_no_more() -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with hostile(mute) as port:
        assert smb.read("127.0.0.1", port, interface="lo", stopped=stop.is_set).detail == "stopped"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "token", [b"", b"NTLMSSP\0", challenge()[:40], challenge()[:40] + b"\xff" * 8, challenge(bytes(9999))]
)
def test_what_is_no_challenge_is_not_answered(token: bytes) -> None:
    with pytest.raises(ntlm.NotNtlm):
        ntlm.authenticate(token, ntlm.GUEST)


def test_fragments_are_put_together_and_bounded() -> None:
    whole = response(b"ab")
    first = whole[:3] + b"\x01" + whole[4:]
    assert srvsvc.stub(first[:10], iter([first[10:], whole[:1], whole[1:]]).__next__) == b"abab"
    with pytest.raises(srvsvc.RpcError, match="more than"):
        srvsvc.stub(first, lambda: first * 2000)


# --- reading ---


def body(**changed: object) -> Answer:
    said = {"dialects": dict.fromkeys(ALL, False) | {"210": True}, "guests": [], "shares": [], "cause": "", **changed}
    return Answer("done", json.dumps(said, indent=1).encode())


def share(name: str = "public", **changed: object) -> dict[str, object]:
    return {"name": name, "kind": 0, "granted": 3, "status": 0, **changed}


def test_without_a_word_on_smb_1_nothing_is_said_of_smb() -> None:
    observation = seen(body(dialects=dict.fromkeys(ALL, True) | {SMB1: None}))
    assert observation.device.network is None
    assert [(line.fact, line.line) for line in observation.unread] == [("network.smb", 3)]


def test_a_share_of_unknown_rights_is_told_and_not_called_closed() -> None:
    observation = seen(body(shares=[share("a"), share("b\x1b[1m", granted=None, status=0xC0000001)]))
    assert of(observation).shares == (SmbShareSeen("a", "disk", "write"),)
    assert [line.fact for line in observation.unread] == ["network.smb.shares"]


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"[]", b"[" * 10**5, b"{}", b" " * (2 << 20), body(dialects=[]).body, body(shares=[{}]).body),
        *(body(shares=[item]).body for item in (share(granted="x"), share() | {"name": None})),
        body(shares="ab").body,
    ],
)
def test_what_is_no_such_body_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        seen(Answer("done", raw))
