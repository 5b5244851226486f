"""Every form grows with the text, whatever a hostile device opens and never closes: a ratio, no absolute time."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.secret_forms import FORMS
from scanner.secret_forms.stormshield import without as without_stormshield
from scanner.secret_store import SecretStore

# What begins a match of one of the forms, and what then goes on for as long as the device likes.
HEADS = (
    "", '"community": {"', '"community": {', '{"community": {"a": {', '"md5": "', '"password": "', '"passwords": ["',
    '"passwords": {"', '"name": "password", "a": "', '"value": "', '"key": "', "<password>", "<password><![CDATA[",
    '<a password="', "<descr>", "<key>\n", "<!-- mdp ", "/* mdp ", "# mdp ", 'comment="mdp ', "banner motd ^C\nmdp ",
    "[Access]\nAuthPass=", '[Access]\nAuthPass="', "[Psk]\n", "nsrpc ", "environment a {", "set password ", "password ",
    'set a "', "options ", "option param_enc '", 'option param_enc "', "server 'https://a/", "set psksecret ",
    "config system snmp community\n", "/iot lora\nadd key=", '/container\nadd cmd="', 'add token="', "doh-servers=",
    ":ommysql:", 'set psk "', "pwd=[", "$template [", "enable secret ", "username a password ", "key-string ", "https://",
    "smb://a:", "Authorization: Bearer ", "set service snmp community ", "rfc3118-authentication ",
)  # fmt: skip
TAILS = ('\\"', '"', "\\", "'", " ", "\t", "\n", "\\\n", "{", "}", "[", "<", "]", "<a ", "a", "a=", "1 ", ": ")
PROBE, SMALL, LARGE = 16 << 10, 64 << 10, 256 << 10
# Seconds for the probe below which a form cannot be quadratic: it would look at 2^27 characters or more.
HARMLESS = 0.015
SIGN = "[Access]\n"  # without one of its maker's, the form of Stormshield looks at nothing


PIECES = tuple((head, tail) for head in HEADS for tail in TAILS) + tuple(("", head) for head in HEADS if head)


def body(piece: tuple[str, str], size: int) -> str:
    head, tail = piece
    return head + tail * (size // len(tail))


def seconds(form: Callable[[str], str], text: str) -> float:
    began = time.process_time()  # our own work: what else the machine does must not count
    form(text)
    return time.process_time() - began


def slow(form: Callable[[str], str], begin: str = "") -> list[tuple[tuple[str, str], float]]:
    """The bodies for which four times the text is more than twelve times the work."""
    found = []
    for piece in PIECES:
        if seconds(form, begin + body(piece, PROBE)) < HARMLESS:
            continue
        short = min(seconds(form, begin + body(piece, SMALL)) for _ in range(3))
        if (ratio := min(seconds(form, begin + body(piece, LARGE)) for _ in range(2)) / short) > 12:
            found.append((piece, ratio))
    return found


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__module__.rpartition(".")[2])
def test_no_form_is_slow(form: Callable[[str], str]) -> None:
    assert slow(form, SIGN if form is without_stormshield else "") == []


@pytest.mark.parametrize("piece", [*(("", tail) for tail in TAILS), *((head, '\\"') for head in HEADS[1:9])])
def test_all_of_them_together_are_not_either(piece: tuple[str, str]) -> None:
    """As a device's answer goes through the store, which has forms of its own."""
    redacted = SecretStore(Path()).redacted
    short, long = (seconds(redacted, body(piece, size)) for size in (SMALL, LARGE))
    if long > 12 * short:  # once may be the machine's fault
        short, long = (min(seconds(redacted, body(piece, size)) for _ in range(3)) for size in (SMALL, LARGE))
    assert long < 12 * short
