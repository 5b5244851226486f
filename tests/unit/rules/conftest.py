"""One policy, one embedded engine and one OPA server for all tests of the rules."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.engine import EmbeddedEngine
from rules.rule import Policy, load_policy
from tests.opa import VERSION, opa_binary


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="session")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


@pytest.fixture(scope="session")
def opa() -> Path:
    """The opa binary. Without one: skipped loudly, or failed where VIGIE_REQUIRE_OPA=1."""
    required = os.environ.get("VIGIE_REQUIRE_OPA") == "1"
    binary = opa_binary(fetch=required)
    if binary is None:
        reason = f"NOT TESTED AGAINST OPA: no opa {VERSION} here; `python tests/opa.py` gets one or says why not"
        if required:
            pytest.fail(reason)
        pytest.skip(reason)
    return binary


@pytest.fixture(scope="session")
def opa_server(opa: Path) -> Iterator[str]:
    """The URL of a real, empty OPA server on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [str(opa), "run", "--server", "--addr", address, "--disable-telemetry", "--log-level", "error"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://{address}/health")
            yield f"http://{address}"
        finally:
            server.kill()


def _wait(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError), opener.open(url, timeout=1):
            return
        assert time.monotonic() < deadline, f"no answer from {url}"
        time.sleep(0.05)
