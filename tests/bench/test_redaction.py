"""Redaction grows with the body, whatever a hostile device puts in it: a ratio within one run, no absolute time."""

import time
from pathlib import Path

import pytest

from scanner.secret_store import SecretStore
from scanner.secret_web import without_page_secrets

UNITS = [
    "password" + " " * 4000,
    "password=",
    "password ",
    'password "',
    "$6$",
    "-----BEGIN PRIVATE KEY-----",
    "auth_key",
    "secret=\\\n ",
    'secret="\\',
    "/snmp community\n",
    "/snmp community\nadd name=a\n",
    "\toption key ",
    "option\tkey\t",
    "a.b.",
    "a_key_",
    "\noption a_key_",
    "\noption key '",
    '\noption key "\\',
    "a://",
    "a:b@",
    'source="',
    "/container\nadd value=",
    "/bot12345:",
    ":set a",
    "<input ",
    "<input value=",
    "?pw=",
    "&key",
    "tokentoken",
    'wifi_key="',
    "\nset-cookie: a",
    "\nx-token-",
]


@pytest.mark.parametrize("unit", UNITS)
def test_eight_times_the_body_is_not_sixty_four_times_the_work(unit: str, tmp_path: Path) -> None:
    store = SecretStore(tmp_path)

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()  # our own work: what else the machine does must not count
        without_page_secrets(store.redacted(text))
        return time.process_time() - started

    small, large = (min(seconds(size) for _ in range(5)) for size in (100_000, 800_000))
    assert large < 24 * max(small, 0.002), f"{large / small:.0f} times"
