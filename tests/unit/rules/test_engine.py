"""Engines that fail, and answers that are no answers: never "clean"."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from inventory.errors import ParseError, PolicyError
from rules import check
from rules import engine as engine_module
from rules.engine import EmbeddedEngine, OpaServerEngine
from rules.finding import SITE
from rules.outcome import Entry, Outcome, RuleError, outcome
from rules.rule import Policy, Rule
from tests.unit.rules.made import rule
from tests.unit.rules.scenarios import document, snapshot
from tests.unit.scanner.daemons import hostile

Answer = Callable[[str, str], tuple[int, Any]]  # (method, path) → (status, body)


# --- answers, whichever engine gave them ---


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "the engine gave no answer"),
        ("<undefined>", "the engine gave no answer"),
        ({}, "fail is not a list"),
        ({"fail": "<undefined>", "warn": [], "unknown": [], "not_applicable": []}, "fail is not a list"),
        ({"fail": [], "warn": [], "unknown": []}, "not_applicable is not a list"),
        ({"fail": ["a"]}, "'a' is not an object"),
        ({"fail": [{}]}, "subject"),
        ({"fail": [{"subject": 7}]}, "7 is not str"),
        ({"fail": [{"subject": "b"}]}, "'b', which is not in the snapshot"),
        ({"fail": [{"subject": "site", "devices": ["b"]}]}, "'b', which is not in the snapshot"),
        ({"fail": [{"subject": "a", "message": "x"}]}, "unknown key 'message'"),
        ({"fail": [{"subject": "a", "severity": "grave"}]}, "'grave' is not one of"),
        ({"fail": [{"subject": "a", "item": ["x"]}]}, "is not str"),
        ({"fail": [{"subject": "a", "cause": "no_ssh"}]}, "fail and warn have none"),
        ({"fail": [], "warn": [], "unknown": [{"subject": "a"}]}, "have a cause"),
        ({"fail": [{"subject": "a", "values": {"x": {"y": 1}}}]}, "values are strings, integers"),
        ({"fail": [{"subject": "a", "values": {"x": 1.5}}]}, "values are strings, integers"),
    ],
)
def test_an_answer_that_is_none(answer: Any, reason: str) -> None:
    result = outcome(rule(), answer, frozenset({"a", SITE}))
    assert isinstance(result, RuleError)
    assert reason in result.reason


def test_an_answer_in_canonical_order() -> None:
    answer = {"fail": [{"subject": "a", "item": "b"}, {"item": "a", "subject": "a"}]}
    result = outcome(rule(sets=("fail",)), answer, frozenset({"a"}))
    assert result == Outcome(fail=(Entry("a", "a"), Entry("a", "b")))


def test_a_runaway_answer_is_an_error() -> None:
    answer = {"fail": [{"subject": "a"}] * 100_001}
    assert isinstance(outcome(rule(sets=("fail",)), answer, frozenset({"a"})), RuleError)


# --- the embedded engine ---


def spoiled(policy: Policy, body: str) -> Policy:
    """The policy with one rule whose `fail` has another body."""
    source = f"package ans.cp02.smb1\n\n{body}\n\nnot_applicable := set()\n\nunknown := set()\n"
    rules = [replace(rule, source=source) if rule.id == "ANS-02.14" else rule for rule in policy.rules]
    return replace(policy, rules=tuple(rules), sha256=body)


RAISING = [
    'fail contains x if {\n\tsome device in input.devices\n\tx := time.parse_rfc3339_ns(device.id)\n}',
    "fail contains x if x := _id\n\n_id := id if {\n\tsome device in input.devices\n\tid := device.id\n}",
]  # fmt: skip


@pytest.mark.parametrize("body", RAISING)
def test_a_rule_that_raises_costs_itself_only(policy: Policy, body: str) -> None:
    rows = check(snapshot("smb1"), spoiled(policy, body), EmbeddedEngine()).findings
    broken = [row for row in rows if row.rule == "ANS-02.14"]
    assert {(row.verdict, row.cause) for row in broken} == {("unknown", "rule_error")}
    assert {row.subject for row in broken} == {device.id for device in snapshot("smb1").devices}
    assert broken[0].values["reason"]
    assert "\n" not in broken[0].values["reason"]
    assert {row.verdict for row in rows if row.rule != "ANS-02.14"} >= {"pass", "not_applicable"}


def test_an_engine_that_panics_costs_that_rule_only(policy: Policy) -> None:
    body = 'fail contains x if {\n\tsome device in input.devices\n\tx := strings.count(device.id, "")\n}'
    outcomes = EmbeddedEngine().evaluate(document("smb1"), spoiled(policy, body))
    broken = outcomes["ans.cp02.smb1"]
    assert isinstance(broken, RuleError)
    assert "panicked" in broken.reason
    assert sum(isinstance(item, RuleError) for item in outcomes.values()) == 1


def test_an_undefined_rule_is_an_error(policy: Policy) -> None:
    outcomes = EmbeddedEngine().evaluate(document("smb1"), spoiled(policy, "fail := {1} if input.nope"))
    assert outcomes["ans.cp02.smb1"] == RuleError("ans.cp02.smb1", "fail is not a list")


def test_a_policy_that_does_not_compile_is_refused_whole(policy: Policy) -> None:
    with pytest.raises(PolicyError, match=r"smb1\.rego:3:11 error: use of undefined variable `y` is unsafe"):
        EmbeddedEngine().evaluate(document("smb1"), spoiled(policy, "fail if { y > 1 }"))


def test_input_that_the_engine_cannot_read_is_an_error(policy: Policy) -> None:
    with pytest.raises(ParseError, match=r"^snapshot: "):
        EmbeddedEngine().evaluate({"devices": [{"id": "\ud800"}]}, policy)


def test_two_policies_do_not_mix(policy: Policy) -> None:
    engine = EmbeddedEngine()
    first = engine.evaluate(document("smb1"), policy)
    engine.evaluate(document("smb1"), spoiled(policy, "fail := set()"))
    assert engine.evaluate(document("smb1"), policy) == first


# --- the OPA server: a tiny real one that misbehaves ---


@pytest.fixture
def server() -> Iterator[Callable[[Answer], str]]:
    """Start an HTTP server on loopback that answers what it is told; hands back its URL."""
    running: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, body = answer(self.command, self.path.split("?")[0])
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://192.0.2.1/v1/policies")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_PUT = do_POST = do_DELETE = _serve

            def log_message(self, *_: object) -> None:
                pass

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        running.append(http)
        return f"http://127.0.0.1:{http.server_port}"

    yield start
    for http in running:
        http.shutdown()
        http.server_close()


def healthy(method: str, path: str) -> tuple[int, Any]:
    """An OPA that takes every policy and has no opinion."""
    if method == "PUT":
        return (204, b"") if "/data/" in path else (200, {})
    return 200, {"result": []} if "/policies" in path else {}


def query(*, status: int = 200, body: Any) -> Answer:
    """An OPA that is healthy until it is asked."""
    return lambda method, path: (status, body) if method == "POST" else healthy(method, path)


def unwilling(status: int, body: Any) -> Answer:
    """An OPA that takes nothing."""
    return lambda method, path: (status, body) if method == "PUT" else healthy(method, path)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (query(body={}), "no answer for data.ans"),
        (query(body=[]), "no answer for data.ans"),
        (query(body=b"<html>"), "OPA cannot be used"),
        (query(body=b""), "OPA cannot be used"),
        (query(status=400, body={"message": "bad\ninput"}), "refused the query: bad input"),
        (query(status=401, body={"code": "unauthorized"}), "refused the query: HTTP 401"),
        (query(status=404, body=b"x"), "refused the query: HTTP 404"),
        (query(status=302, body=b""), "redirected to another server"),
        (lambda *_: (200, b"not json"), "OPA cannot be used"),
        (lambda *_: (200, {"result": "x"}), "OPA cannot be used"),
        (lambda *_: (200, {"result": [7]}), "OPA cannot be used"),
        (lambda *_: (403, {"code": "forbidden", "message": "no"}), "OPA cannot be used"),
        (unwilling(400, {"code": "e", "message": "no"}), "(e, no"),
        (unwilling(500, b"?"), "OPA cannot be used"),
    ],
)  # fmt: skip
def test_a_server_that_misbehaves(server: Any, policy: Policy, answer: Answer, reason: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        OpaServerEngine(server(answer)).evaluate(document("smb1"), policy)
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_rule_that_raises_on_the_server_costs_itself_only(server: Any, policy: Policy) -> None:
    def answer(method: str, path: str) -> tuple[int, Any]:
        if method != "POST":
            return healthy(method, path)
        if path in ("/v1/data/ans", "/v1/data/ans/cp02/smb1"):
            return 500, {"code": "internal_error", "errors": [{"message": "eval_builtin_error"}]}
        return 200, {"result": {name: [] for name in ("fail", "warn", "unknown", "not_applicable")}}

    outcomes = OpaServerEngine(server(answer)).evaluate(document("smb1"), policy)
    assert outcomes.pop("ans.cp02.smb1") == RuleError("ans.cp02.smb1", "eval_builtin_error")  # type: ignore[attr-defined]
    assert set(outcomes.values()) == {Outcome()}


def test_a_package_that_the_server_lacks_is_an_error(server: Any, policy: Policy) -> None:
    tree = {"result": {"cp02": {"smb1": {"fail": []}}, "cp03": "odd"}}
    outcomes = OpaServerEngine(server(query(body=tree))).evaluate(document("smb1"), policy)
    assert all(isinstance(item, RuleError) for item in outcomes.values())


def test_a_server_that_is_down(policy: Policy) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(PolicyError, match="OPA cannot be used"):
        OpaServerEngine(url).evaluate(document("smb1"), policy)


def test_a_server_that_is_slow(server: Any, policy: Policy) -> None:
    def answer(method: str, path: str) -> tuple[int, Any]:
        time.sleep(1)
        return healthy(method, path)

    began = time.monotonic()
    with pytest.raises(PolicyError, match="OPA cannot be used"):
        OpaServerEngine(server(answer), timeout=0.2).evaluate(document("smb1"), policy)
    assert time.monotonic() - began < 0.9


def test_a_server_that_trickles_or_floods(policy: Policy) -> None:
    """Bytes keep coming, so no read ever times out: the deadline and the bound must cut them off."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=_trickle, args=(listener,), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(PolicyError, match="answer too slow"):
            OpaServerEngine(url, timeout=0.3).evaluate(document("smb1"), policy)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("head", [b"X: ", b"Content-Length: 1000\r\n\r\n"])
def test_a_server_that_drips(policy: Policy, head: bytes) -> None:
    """A byte now and then, in its head or in its answer: every single read is in time."""

    def drip(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\n" + head)
        while True:
            peer.sendall(b"a")
            time.sleep(0.1)

    began = time.monotonic()
    with hostile(drip) as port, pytest.raises(PolicyError, match="answer too slow"):
        OpaServerEngine(f"http://127.0.0.1:{port}", timeout=0.5).evaluate(document("smb1"), policy)
    assert time.monotonic() - began < 3


def _trickle(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            while True:
                connection.sendall(b" " * 70000)
                time.sleep(0.05)
        except OSError:
            pass


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8181",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:x",
        "http://127.0.0.1:99999",
        "http://127.0.0.1/opa",
        "http://127.0.0.1?x=1",
        "http://user:pass@127.0.0.1",
        "http://[::1",
    ],
)
def test_a_wrong_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(PolicyError, match="--opa"):
        OpaServerEngine(url)


def test_the_token_of_the_environment_is_sent(server: Any, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_OPA_TOKEN", "t0ken")
    client = engine_module._client(server(healthy), 1)
    assert client._session.headers["Authorization"] == "Bearer t0ken"
    client.close_connection()


def test_neither_engine_is_loaded_before_it_is_used() -> None:
    """`vigie --help` must not pay for them."""
    import subprocess
    import sys

    code = "import sys, rules.assess; print({'regorus', 'opa_client', 'requests'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_every_rule_is_evaluated(policy: Policy, engine: EmbeddedEngine) -> None:
    packages = [item.package for item in policy.rules]
    assert list(engine.evaluate(document("healthy"), policy)) == packages
    assert all(isinstance(item, Rule) for item in policy.rules)
