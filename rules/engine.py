"""The two engines that evaluate a policy on a snapshot: embedded (regorus, the default) and an OPA server.

Both give the same outcomes (tests/unit/rules/test_engines_agree.py). An engine evaluates; it decides nothing: what an
absent answer means is said in outcome.py, what a verdict is in finding.py. The OPA server is the only thing that this
package ever talks to.
"""

import ipaddress
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urljoin, urlsplit

from inventory.errors import ParseError, PolicyError
from rules.outcome import Outcome, RuleError, outcome, subjects
from rules.rule import Policy, Rule

if TYPE_CHECKING:
    from opa_client import OpaClient
    from requests import Response

# Seconds for one request to the OPA server: 5,000 devices take 4 s; opa-python-client's own 1.5 s would cut them off.
TIMEOUT = 30.0
# Bytes of one answer: 250 devices that fail every rule give under 1 MB; stops a wrong server from filling the memory.
MAX_ANSWER = 64 * 1024 * 1024

Outcomes = Mapping[str, Outcome | RuleError]  # package → what its rule gave


class Engine(Protocol):
    """Whatever evaluates the rules of a policy on one snapshot."""

    def evaluate(self, snapshot: Mapping[str, Any], policy: Policy) -> Outcomes:
        """The outcome of every rule; a rule that raises costs itself only, an engine that fails is a PolicyError."""
        ...


class EmbeddedEngine:
    """regorus in this process. Use one a process: it holds the interpreter lock and must not change threads."""

    def __init__(self) -> None:
        self._prepared: dict[str, Any] = {}  # the last policy's engine, by the policy's sha256

    def evaluate(self, snapshot: Mapping[str, Any], policy: Policy) -> Outcomes:
        """The outcome of every rule, asked one by one."""
        if policy.sha256 not in self._prepared:
            self._prepared = {policy.sha256: _regorus(policy)}
        engine = self._prepared[policy.sha256].clone()
        try:
            engine.set_input_json(json.dumps(snapshot))
        except RuntimeError as error:  # half a surrogate pair, nesting beyond 127: JSON to Python, not to the engine
            raise ParseError("snapshot", None, _reason(str(error))) from None
        known = subjects(snapshot)
        return {rule.package: _evaluated(engine, rule, known) for rule in policy.rules}


def _regorus(policy: Policy) -> Any:  # noqa: ANN401 — regorus is not typed
    import regorus

    engine = regorus.Engine()
    for file in policy.rego():
        engine.add_policy(file.file, file.source)
    engine.add_data(dict(policy.data))
    try:
        engine.eval_query_as_json("true")  # compiles all: an unsafe variable would make every rule raise
    except RuntimeError as error:
        raise PolicyError("rules", None, _reason(str(error))) from None
    return engine


def _evaluated(engine: Any, rule: Rule, known: frozenset[str]) -> Outcome | RuleError:  # noqa: ANN401
    answer = {}
    for name in rule.sets:
        try:
            # An undefined rule comes back as the string "<undefined>", which is no list: outcome() refuses it.
            answer[name] = json.loads(engine.eval_rule_as_json(f"data.{rule.package}.{name}"))
        except RuntimeError as error:
            return RuleError(rule.package, _reason(str(error)))
        except BaseException as error:
            # A Rust panic arrives as a BaseException of its own; a real one (Ctrl-C, exit) must go through.
            if type(error).__name__ != "PanicException":
                raise
            return RuleError(rule.package, _reason(f"error: the engine panicked: {error}"))
    return outcome(rule, answer, known)


def _reason(message: str) -> str:
    """Place and reason of a regorus error, without its picture and backtrace."""
    lines = message.split("Stack backtrace")[0].splitlines()
    kept = [line.strip() for line in lines if line.startswith(("-->", "error:"))] or lines
    return " ".join(" ".join(kept).split())[:300]


class OpaServerEngine:
    """An OPA server at `http(s)://host:port`, Vigie's own: its roots `ans`, `lib` and `parameters` are overwritten.

    A token in the environment variable VIGIE_OPA_TOKEN is sent as Bearer.
    """

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self.url = url
        self._timeout = timeout
        self._pushed: str | None = None  # sha256 of the policy that this engine put there
        _address(url)  # a wrong URL is refused before anything is asked

    def evaluate(self, snapshot: Mapping[str, Any], policy: Policy) -> Outcomes:
        """The outcome of every rule in one query; one query a rule when one of them raises."""
        client = _client(self.url, self._timeout)
        try:
            if self._pushed != policy.sha256:
                self._call(lambda: _push(client, policy))
                self._pushed = policy.sha256
            known = subjects(snapshot)
            whole = self._query(client, snapshot, "ans")
            outcomes: dict[str, Outcome | RuleError] = {}
            for rule in policy.rules:
                raised = isinstance(whole, RuleError)
                answer = self._query(client, snapshot, rule.package) if raised else _below(whole, rule.package)
                outcomes[rule.package] = answer if isinstance(answer, RuleError) else outcome(rule, answer, known)
            return outcomes
        finally:
            client.close_connection()

    def _query(self, client: "OpaClient", snapshot: Mapping[str, Any], package: str) -> Any:  # noqa: ANN401
        """What the server holds under a package for this input; RuleError when evaluating raised (HTTP 500)."""
        from requests import HTTPError

        strict = {"strict-builtin-errors": "true"}
        try:
            answer = self._call(lambda: client.query_rule(dict(snapshot), package, query_params=strict), HTTPError)
        except HTTPError as error:
            if error.response is None or error.response.status_code != 500:
                raise PolicyError(self.url, None, f"OPA refused the query: {_refusal(error)}") from error
            return RuleError(package, _refusal(error))
        # A typo in the path, a missing package and an undefined rule all come back as {}: never "clean".
        if not isinstance(answer, Mapping) or "result" not in answer:
            raise PolicyError(self.url, None, f"OPA has no answer for data.{package}")
        return answer["result"]

    def _call(self, ask: Callable[[], Any], *let_through: type[Exception]) -> Any:  # noqa: ANN401
        """The client's answer; every way in which the client can fail becomes one PolicyError."""
        from opa_client import errors
        from requests import RequestException

        own = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)]
        # The client's own errors share no base class; a strange answer makes it raise any of the built-in ones.
        known: tuple[type[Exception], ...] = (
            *(RequestException, OSError, ValueError, TypeError, LookupError, AttributeError),
            *own,
        )
        try:
            return ask()
        except let_through:
            raise
        except known as error:
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            if "Connection refused" in reason:  # requests wraps it in the names of its own classes
                reason = "connection refused: is `opa run --server` running there?"
            raise PolicyError(self.url, None, f"OPA cannot be used: {reason}") from error


def _address(url: str) -> tuple[bool, str, int]:
    """Whether TLS, the host as a URL writes it, and the port.

    >>> _address("http://127.0.0.1:8181"), _address("https://[::1]")
    ((False, '127.0.0.1', 8181), (True, '[::1]', 443))
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PolicyError("--opa", None, f"not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/") or parts.query:
        raise PolicyError("--opa", None, "expected http(s)://host:port and nothing after it")
    if parts.username or parts.password:
        raise PolicyError("--opa", None, "no credential in the URL: put the token into VIGIE_OPA_TOKEN")
    secure = parts.scheme == "https"
    return secure, f"[{host}]" if ":" in host else host, port or (443 if secure else 8181)


def _client(url: str, timeout: float) -> "OpaClient":
    from opa_client import OpaClient

    secure, host, port = _address(url)
    client = OpaClient(
        host=host,
        port=port,
        ssl=secure,
        token=os.environ.get("VIGIE_OPA_TOKEN"),
        headers={"Accept-Encoding": "identity"},  # so that the bound on the answer is a bound on what is kept
        retries=0,
        timeout=timeout,
    )
    session = client._session
    session.trust_env = not _is_loopback(host)
    session.request = partial(_in_time, session.request, timeout)
    session.hooks["response"].append(lambda response, **_: _bound(response, time.monotonic() + timeout))
    return client


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _in_time(ask: "Callable[..., Response]", seconds: float, *arguments: Any, **named: Any) -> "Response":  # noqa: ANN401
    """The answer to one request, whole after so many seconds; OSError otherwise.

    The client's own time-out is that of one read: a server that trickles, be it in its head, never meets it. So the
    question is put in a thread, which is left alone when it is late and ends with the process.
    """
    answer: Future[Response] = Future()

    def run() -> None:
        try:
            answer.set_result(ask(*arguments, **named))
        except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:  # requests' own are OSErrors
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        raise OSError(f"answer too slow: not whole after {seconds:g} s") from None


def _bound(response: "Response", deadline: float) -> None:
    """Read the answer here: it may neither grow beyond MAX_ANSWER nor trickle beyond the deadline.

    A redirection (OPA itself sends one for `policies/`) stays on the server: the snapshot goes nowhere else.
    """
    target = urljoin(response.url, response.headers.get("location", ""))
    if urlsplit(target)[:2] != urlsplit(response.url)[:2]:
        raise OSError("redirected to another server")
    kept = bytearray()
    for chunk in response.iter_content(65536):
        kept += chunk
        if len(kept) > MAX_ANSWER or time.monotonic() > deadline:
            response.close()
            raise OSError("answer too long" if len(kept) > MAX_ANSWER else "answer too slow")
    response._content = bytes(kept)  # where requests keeps what it has read


def _push(client: "OpaClient", policy: Policy) -> None:
    """Make the server hold the policy's files and data, and nothing else in their packages.

    Nothing is sent when it already does: each file makes OPA compile all of them again. Otherwise all go first, because
    OPA refuses every state between two policies that does not compile. A server that has its policies from a bundle
    refuses, which is an error: what it would answer is not this policy.
    """
    files = {file.package.replace(".", "/"): file.source for file in policy.rego()}
    base = f"{client.root_url}/data/"
    packages = {name: info["path"].removeprefix(base) for name, info in client.get_policies_info().items()}
    held = {name: package for name, package in packages.items() if package.startswith(("ans/", "lib/"))}
    if set(held) != set(files) or any(client.get_policy(name)["result"]["raw"] != files[name] for name in files):
        # Whoever imports goes before what it imports: tests before their rule, rules before the libraries.
        for name in sorted(held, key=lambda name: (not held[name].startswith("lib/"), held[name]), reverse=True):
            client.delete_policy(quote(name))
        for name, source in files.items():
            client.update_policy_from_string(source, name, rego_compat=False)
    for name, values in policy.data.items():
        client.update_or_create_data(dict(values), name)


def _below(tree: Any, package: str) -> Any:  # noqa: ANN401
    """The part of data.ans that a package holds, None where there is none."""
    for name in package.split(".")[1:]:
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return tree


def _refusal(error: Any) -> str:  # noqa: ANN401
    """OPA's own message in an HTTP error, in one line."""
    try:
        body = error.response.json()
        details = [item.get("message", "") for item in body.get("errors", [])] or [body["message"]]
    except (ValueError, LookupError, TypeError, AttributeError):
        details = [f"HTTP {error.response.status_code}"]
    return " ".join("; ".join(details).split())[:300]
