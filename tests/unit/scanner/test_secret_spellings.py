"""The site's own secret disappears however a device, a program or a format writes it down."""

import base64
import json
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from scanner.secret_store import SecretStore

PASSWORD = "Clé/du&Cabinet+ 24%"
IN_JSON = json.dumps(PASSWORD)[1:-1]

SPELT = [
    PASSWORD,
    quote(PASSWORD),
    quote(PASSWORD, safe=""),
    quote_plus(PASSWORD),
    quote(PASSWORD, safe="").lower().replace("cl", "Cl").replace("cab", "Cab"),
    quote(PASSWORD.encode("latin-1"), safe=""),
    IN_JSON,
    IN_JSON.replace("/", "\\/"),
    IN_JSON.replace("\\u00e9", "\\u00E9"),
    PASSWORD.replace("&", "\\u0026"),
    PASSWORD.replace("&", "&amp;"),
    PASSWORD.replace("&", "&#38;").replace("é", "&#xE9;"),
    PASSWORD.encode("latin-1").decode("utf-8", "replace"),
    base64.b64encode(PASSWORD.encode()).decode(),
    base64.urlsafe_b64encode(PASSWORD.encode()).decode(),
]


@pytest.mark.parametrize("spelt", SPELT)
def test_a_known_secret_disappears_in_every_spelling(spelt: str) -> None:
    store = SecretStore(Path())
    store.remember(PASSWORD)
    assert store.redacted(f"echo {spelt} end\n") == "echo REDACTED end\n"


@pytest.mark.parametrize("account", ["a:", "ad:", "adm:", "admin:"])
@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_known_secret_disappears_within_base64(account: str, charset: str) -> None:
    store = SecretStore(Path())
    store.remember(PASSWORD)
    kept = store.redacted(base64.b64encode(f"{account}{PASSWORD}\n".encode(charset)).decode())
    assert "REDACTED" in kept
    assert len(kept.replace("REDACTED", "")) <= 10


def test_other_words_stay() -> None:
    store = SecretStore(Path())
    store.remember("a+b")
    assert store.redacted("xa+b a b-c aXb a%2Bb") == "xa+b a b-c aXb REDACTED"


@pytest.mark.parametrize("body", [" " * 400_000, "+" * 400_000 + "x", "\\" * 400_000, "&#x2f;" * 60_000])
def test_hostile_tokens_end_in_time(body: str) -> None:
    store = SecretStore(Path())
    for token in ("+" * 60, "\\" * 60 + "u", "/" * 60, " +" * 30 + "x"):
        store.remember(token)
    began = time.process_time()
    store.redacted(body, patterns=False)
    assert time.process_time() - began < 8
