"""The API door against servers that speak each documented login, and against hostile ones."""

import importlib
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from scanner.evidence import Answer
from scanner.wire import api, api_logins
from scanner.wire.api_http import MAX_ANSWER, Message
from scanner.wire.ssh import HostKey
from tests.unit.scanner.box_protocols import ASKS, LOGINS, PASSWORD, TOKEN, USER
from tests.unit.scanner.box_servers import Asked, Server, Told, certificate, serving
from tests.unit.scanner.daemons import endless, free_port, hangs_up, hostile, mute

ASK, SAID = ASKS["freebox"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"), "box")


class Kept:
    """What a session was told to remember, and which keys it asked about."""

    def __init__(self, accept: bool = True) -> None:
        self.secrets: list[str] = []
        self.shown: list[HostKey] = []
        self._accept = accept

    def trust(self, key: HostKey) -> bool:
        self.shown.append(key)
        return self._accept


def session(
    dialect: str, port: int, kept: Kept | None = None, *, plain: bool = False, pinned: HostKey | None = None,
    password: str = PASSWORD, answer_s: float = 5.0, stopped: Callable[[], bool] = lambda: False,
) -> api.Session:  # fmt: skip
    kept = kept or Kept()
    module = cast("api_logins.Dialect", importlib.import_module(f"scanner.wire.api_logins.{dialect}"))
    user = None if dialect == "truenas" else USER
    return api.Session(
        api.Place("127.0.0.1", "lo", port, plain), module, api_logins.Login(user, password), pinned, kept.trust,
        kept.secrets.append, stopped, answer_s,
    )  # fmt: skip


def logins(server: Server) -> int:
    """How often somebody tried to log in."""
    words = ("createContext", "/login/session/", "/api/v1/login", "checkToken", "authLogin", "method=login")
    return sum(any(word in f"{item.path}{item.body.decode()}" for word in words) for item in server.asked) - sum(
        "logout" in item.path for item in server.asked
    )


@pytest.mark.parametrize("dialect", LOGINS)
def test_each_dialect_logs_in_asks_and_says_goodbye(dialect: str, own: Path) -> None:
    ask, said = ASKS[dialect]
    kept = Kept()
    with serving(LOGINS[dialect]({ask: said}, PASSWORD), own) as server:
        talk = session(dialect, server.port, kept)
        first, second = talk.answer(ask), talk.answer(ask)
        before = len(server.asked)
        talk.close()
        after = len(server.asked)
    assert (first.status, second.status) == ("done", "done"), first
    assert first.body.startswith(b"<" if said.startswith("<") else (b"{", b"["))
    assert dialect == "truenas" or kept.secrets
    assert after - before == (dialect in ("freebox", "bbox", "synology", "qnap"))
    assert not any(PASSWORD in item.path for item in server.asked)
    assert len(kept.shown) == 1


@pytest.mark.parametrize("dialect", LOGINS)
def test_a_wrong_password_is_tried_once(dialect: str, own: Path) -> None:
    ask, said = ASKS[dialect]
    with serving(LOGINS[dialect]({ask: said}, PASSWORD), own) as server:
        talk = session(dialect, server.port, password="mauvais")
        first = talk.answer(ask)
        count = len(server.asked)
        again = talk.answer(ask)
        talk.close()
        assert len(server.asked) == count
    assert first.status == "credential_refused"
    assert first.detail
    assert again == Answer("credential_refused", b"", first.detail)
    assert "mauvais" not in first.detail


@pytest.mark.parametrize("dialect", [name for name in LOGINS if name != "truenas"])
def test_an_ended_session_is_not_opened_again(dialect: str, own: Path) -> None:
    ask, said = ASKS[dialect]
    box = LOGINS[dialect]({ask: said}, PASSWORD)
    expired = [False]

    def forgetful(asked: Asked) -> Told:
        if not expired[0]:
            return box(asked)
        headers = {name: value.replace(TOKEN, "x") for name, value in asked.headers.items()}
        return box(asked._replace(headers=headers, path=asked.path.replace(TOKEN, "x").replace("fe5be7", "x")))

    with serving(forgetful, own) as server:
        talk = session(dialect, server.port)
        assert talk.answer(ask).status == "done"
        tried = logins(server)
        expired[0] = True
        answers = [talk.answer(ask) for _ in range(3)]
        talk.close()
        assert logins(server) == tried
    assert {answer.status for answer in answers} == {"refused"}


# What each says to whoever guessed too often, and what is told of it.
LOCKED = {
    "livebox": (403, '{"status": null, "errors": [{"error": 13, "description": "User is blocked"}]}',
                "User is blocked"),
    "freebox": (403, '{"success": false, "error_code": "ratelimited", "msg": "Trop de tentatives"}', "ratelimited"),
    "bbox": (429, '{"exception": {"code": "429", "errors": [{"name": "password", "reason": "Too many attempts"}]}}',
             "HTTP 429 password: Too many attempts"),
    "sfr_box": (200, '<rsp stat="fail"><err code="204" msg="Invalid login and/or password"/></rsp>',
                "Invalid login and/or password"),
    "synology": (200, '{"error": {"code": 407}, "success": false}', "this address is blocked"),
    "qnap": (200, "<QDocRoot><authPassed>0</authPassed><errorValue>-1</errorValue></QDocRoot>",
             "user or password not accepted"),
    "truenas": (403, "{}", "HTTP 403"),
}  # fmt: skip


@pytest.mark.parametrize("dialect", LOGINS)
def test_a_lock_out_is_told_and_ends_it(dialect: str, own: Path) -> None:
    status, said, told = LOCKED[dialect]
    with serving(lambda _: Told(status, said.encode()), own) as server:
        talk = session(dialect, server.port)
        assert talk.answer(ASKS[dialect][0]) == Answer("credential_refused", b"", told)
        assert talk.answer(ASKS[dialect][0]).status == "credential_refused"
        talk.close()
        assert len(server.asked) == 1


def test_an_sfr_box_that_takes_its_button_only_is_not_sent_a_password(own: Path) -> None:
    """As neufbox-client has it in its tests: auth.getToken answers method="button"."""
    body = b'<?xml version="1.0" ?><rsp stat="ok" version="1.0"><auth token="43f6168e635b9a90" method="button"/></rsp>'
    with serving(lambda _: Told(200, body), own) as server:
        answer = session("sfr_box", server.port).answer(ASKS["sfr_box"][0])
        assert answer == Answer("credential_refused", b"", "it takes no password, only its button")
        assert server.lines == ["GET /api/1.0/?method=auth.getToken"]


def test_a_nas_that_says_who_it_is_without_a_login_has_not_ended_the_session(own: Path) -> None:
    ask = "GET /cgi-bin/authLogin.cgi"
    said = "<QDocRoot><authPassed>0</authPassed><firmware><version>4.5.2</version></firmware></QDocRoot>"
    with serving(LOGINS["qnap"]({ask: said, ASKS["qnap"][0]: ASKS["qnap"][1]}, PASSWORD), own) as server:
        talk = session("qnap", server.port)
        assert [talk.answer(item).status for item in (ask, ASKS["qnap"][0])] == ["done", "done"]
        talk.close()


@pytest.mark.parametrize("dialect", LOGINS)
@pytest.mark.parametrize(
    ("told", "status"),
    [(Told(302, b"", (("Location", "http://192.0.2.9/"),)), "refused"), (Told(200, b"<!doctype html><html>"), None),
     (Told(500, b"no"), None)],
)  # fmt: skip
def test_what_is_no_answer_after_a_login_costs_one_question(
    dialect: str, told: Told, status: str | None, own: Path
) -> None:
    ask, said = ASKS[dialect]
    box = LOGINS[dialect]({ask: said}, PASSWORD)
    wrong = [True]

    def hurt(asked: Asked) -> Told:
        path = ask.split(" ")[1]
        mine = asked.path.startswith(path) and (path != "/ws" or b"createContext" not in asked.body)
        return told if mine and wrong[0] and "auth." not in asked.path else box(asked)

    with serving(hurt, own) as server:
        talk = session(dialect, server.port)
        first = talk.answer(ask)
        tried = logins(server)
        wrong[0] = False
        second = talk.answer(ask)
        assert logins(server) == tried
        talk.close()
    assert first.status == (status or first.status)
    assert first.status in ("refused", "unreadable")
    assert first.body == b""
    assert second.status == "done"


def test_a_certificate_is_judged_before_anything_is_sent(own: Path) -> None:
    with serving(LOGINS["freebox"]({ASK: SAID}, PASSWORD), own) as server:
        kept = Kept(accept=False)
        answer = session("freebox", server.port, kept).answer(ASK)
        assert answer.status == "not_trusted"
        assert server.asked == []
        (shown,) = kept.shown
        assert shown.key_type == api.KEY_TYPE
        assert session("freebox", server.port, Kept(accept=False), pinned=shown).answer(ASK).status == "done"


def test_another_certificate_than_the_one_on_record_stops_it(own: Path, tmp_path: Path) -> None:
    kept = Kept()
    with serving(LOGINS["freebox"]({ASK: SAID}, PASSWORD), own) as server:
        assert session("freebox", server.port, kept).answer(ASK).status == "done"
    with serving(LOGINS["freebox"]({ASK: SAID}, PASSWORD), certificate(tmp_path, "other")) as server:
        answer = session("freebox", server.port, pinned=kept.shown[0], plain=True).answer(ASK)
        assert answer.status == "host_key_changed"
        assert server.asked == []


@pytest.mark.parametrize("dialect", ["livebox", "sfr_box"])
def test_plain_http_only_where_the_site_says_so(dialect: str) -> None:
    ask, said = ASKS[dialect]
    with serving(LOGINS[dialect]({ask: said}, PASSWORD), None) as server:
        refused = session(dialect, server.port, answer_s=2.0).answer(ask)
        assert refused.status in ("incompatible", "refused", "silent")
        assert not any("ws" in item.path or "auth" in item.path for item in server.asked)
        assert session(dialect, server.port, plain=True, answer_s=2.0).answer(ask).status == "done"


def test_a_box_that_had_a_certificate_is_never_spoken_to_in_plain() -> None:
    with serving(LOGINS["livebox"]({}, PASSWORD), None) as server:
        pinned = HostKey(api.KEY_TYPE, b"der")
        answer = session("livebox", server.port, plain=True, pinned=pinned, answer_s=2.0).answer(ASKS["livebox"][0])
        assert answer.status in ("incompatible", "refused", "silent")
        assert not any(PASSWORD.encode() in item.body for item in server.asked)


def behind(own: Path, told: Told) -> tuple[Answer, Answer, Server]:
    """The answer of a box that logs us in and then says this, to two questions."""
    box = LOGINS["freebox"]({}, PASSWORD)
    with serving(lambda asked: told if asked.path == "/api/v8/fw/dmz/" else box(asked), own) as server:
        talk = session("freebox", server.port)
        return talk.answer(ASK), talk.answer(ASK), server


def test_a_redirect_is_not_followed(own: Path) -> None:
    with serving(lambda _: Told(), None) as other:
        told = Told(302, b"", (("Location", f"http://127.0.0.1:{other.port}/api/v8/fw/dmz/"),))
        first, _, _ = behind(own, told)
        assert first.status == "refused"
        assert "127.0.0.1" in first.detail
        assert other.asked == []


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><html><title>Freebox OS</title></html>", b"", b'{"success": true', b"[" * 100_000, b"null",
     b'{"success": true, "result": [' + b"1," * 60_000 + b"1]}", b"\xff\xfe", b"9" * 5000],
)  # fmt: skip
def test_what_is_no_json_is_unreadable_and_costs_one_question(own: Path, body: bytes) -> None:
    first, second, server = behind(own, Told(200, body))
    assert first.status == "unreadable"
    assert second.status == "unreadable"
    assert server.lines.count("GET /api/v8/fw/dmz/") == 2


def test_an_answer_without_end_is_cut(own: Path) -> None:
    first, _, _ = behind(own, Told(200, b" " * (MAX_ANSWER + 10)))
    assert first.status in ("unreadable", "failed", "silent")


@pytest.mark.parametrize("talk", [mute, hangs_up, endless])
def test_hostile_peers_end_in_time(talk: Callable[[socket.socket], None]) -> None:
    with hostile(talk) as port:
        began = time.monotonic()
        answer = session("livebox", port, answer_s=1.0).answer(ASKS["livebox"][0])
        assert time.monotonic() - began < 5
    assert answer.status in ("silent", "refused", "incompatible", "unreadable", "failed")


def test_a_slow_answer_is_given_up(own: Path) -> None:
    box = LOGINS["freebox"]({ASK: SAID}, PASSWORD)

    def slow(asked: Asked) -> Told:
        if asked.path == "/api/v8/fw/dmz/":
            time.sleep(3)
        return box(asked)

    with serving(slow, own) as server:
        talk = session("freebox", server.port, answer_s=1.5)
        assert talk.answer(ASK).status == "silent"
        assert talk.answer(ASK).status == "silent"
        assert server.lines.count("GET /api/v8/fw/dmz/") == 1


def test_nobody_there() -> None:
    assert session("freebox", free_port()).answer(ASK).status == "refused"


def test_a_stopped_visit_sends_nothing(own: Path) -> None:
    with serving(LOGINS["freebox"]({ASK: SAID}, PASSWORD), own) as server:
        assert session("freebox", server.port, stopped=lambda: True).answer(ASK) == Answer("failed", b"", "stopped")
        assert server.asked == []


def test_no_repr_shows_a_secret() -> None:
    login = api_logins.Login(USER, PASSWORD)
    opened = api_logins.Opened({"Cookie": TOKEN}, TOKEN, (TOKEN,))
    message = Message("POST", f"/x?sid={TOKEN}", {"Cookie": TOKEN}, PASSWORD.encode())
    assert not [word for word in (PASSWORD, TOKEN) if word in f"{login!r}{opened!r}{message!r}"]


def test_each_value_has_a_line_of_its_own(own: Path) -> None:
    first, _, _ = behind(own, Told(200, '{"success":true,"result":{"nom":"Été"}}'.encode()))
    assert first.body.decode() == '{\n "success": true,\n "result": {\n  "nom": "Été"\n }\n}'
