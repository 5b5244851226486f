"""Each form proves what its sample says, none takes long over a hostile banner, and a file of banners is told."""

import json
import re
import time
from pathlib import Path
from typing import get_args

import pytest

from inventory.device import Category
from inventory.text import clean
from scanner.banner import MAX_BANNER, NAMES, Form, attributes, fields, forms
from scanner.identify import identities
from scanner.words import words

ALL = [(field, form) for field in fields() for form in forms(field)]
OURS = {*get_args(Category), "firewall"}
MOST_S = 0.2  # for one form on one hostile banner: a good one takes a millisecond


def name(value: object) -> str:
    return value.sample[:24] if isinstance(value, Form) else str(value)


@pytest.mark.parametrize(("field", "form"), ALL, ids=name)
def test_the_sample_says_what_the_form_yields(field: str, form: Form) -> None:
    assert form.sample
    assert form.sample == clean(form.sample, MAX_BANNER), "samples are what a form is shown: cleaned"
    found = form.read(form.sample)
    assert found is not None
    assert {key: value for key, value in found[0].items() if key in form.pattern.groupindex} == dict(form.yields)
    assert set(form.yields) | set(form.says) <= set(NAMES)
    assert form.says.get("class", "router") in OURS
    assert form.seen or form.source, "what no recording shows must say who documents it"


@pytest.mark.parametrize(("field", "form"), ALL, ids=name)
def test_a_hostile_banner_costs_no_time(field: str, form: Form) -> None:
    heads = (form.sample[: len(form.sample) // 2], form.sample)
    for filler in ("a", " ", "1.", "-", "A1 ", "A-1,", *re.findall(r"\w{2,}", form.sample)[:4]):
        for head in heads:
            value = (head + filler * MAX_BANNER)[:MAX_BANNER]
            start = time.perf_counter()
            form.pattern.search(value)
            assert time.perf_counter() - start < MOST_S


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (
            "ssh",
            "SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5",
            {"software": "OpenSSH", "version": "9.6p1", "os": "Ubuntu"},
        ),
        ("http_server", "nginx/1.27.1", {"software": "nginx", "version": "1.27.1"}),
        ("http_server", "Linux/5.10, UPnP/1.0, Foo SDK/1.2", {"os": "Linux", "os_version": "5.10", "version": "1.2"}),
        ("sys_descr", "Brother NC-9999z, Firmware Ver.7.77 ,MID 1", {"vendor": "Brother", "os_version": "7.77"}),
        ("dhcp_vendor_class", "MSFT 5.0", {"os": "Windows", "class": "workstation"}),
        # The protocol is neither the system nor the program that speaks it.
        ("http_server", "UPnP/1.0 UPnP/1.0 UPnP-Device-Host/1.0", {"software": "UPnP-Device-Host", "version": "1.0"}),
        ("ftp", "RICOH IM C9999 FTP server (99.1) ready.", {"model": "IM C9999", "os_version": "99.1"}),
        ("sip", "Grandstream GXP9999 1.9.9.9", {"model": "GXP9999", "os_version": "1.9.9.9", "class": "voip"}),
    ],
)
def test_a_banner_that_no_sample_shows_is_read_by_its_form(field: str, text: str, expected: dict[str, str]) -> None:
    assert expected.items() <= attributes(field, text).items()


@pytest.mark.parametrize("protocol", ["UPnP/1.0 UPnP/1.0", "DLNADOC/1.50 UPnP/1.0", "DLNA/1.0 UPnP/1.1"])
def test_a_protocol_is_no_operating_system(protocol: str) -> None:
    assert "os" not in attributes("http_server", f"{protocol} UPnP-Device-Host/1.0")


@pytest.mark.parametrize("text", ["", " ", "\x00\x1b[2J", "hello", "a" * 10_000, "login:"])
@pytest.mark.parametrize("field", fields())
def test_nothing_is_made_up(field: str, text: str) -> None:
    said = attributes(field, text)
    assert "version" not in said
    assert "os_version" not in said
    assert all(value == clean(value) for value in said.values())


def test_an_unknown_field_says_nothing() -> None:
    assert attributes("../words", "nginx/1.0") == {}


def test_a_file_of_banners_is_told(tmp_path: Path) -> None:
    file = tmp_path / "banners.jsonl"
    rows = [
        {"case": "a", "field": "ssh", "input": "OpenSSH_9.2p1 Debian-2"},
        {"case": "b", "db": "ftp_banners", "input": "Welcome to ASUS RT-AX99 FTP service."},
        {"case": "c", "db": "favicons", "input": "afbc222b5f04fce3ec3e381d87ebfc55"},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    first, second, third = identities(file)
    assert (first["version"], first["said"]["software"]) == ("9.2p1", "OpenSSH")
    assert (second["vendor"], second["hardware"], second["class"]) == ("Asus", "RT-AX99", "router")
    assert third["said"] == {}
    assert third["vendor"] is None


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"field": "ssh"}', '{"input": "x", "field": 3}', "[" * 100_000])
def test_a_line_that_is_no_banner_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "banners.jsonl"
    file.write_text(f'{{"field": "ssh", "input": "x"}}\n{line}\n', "utf-8")
    good, bad = identities(file)
    assert "unread" not in good
    assert bad["unread"].startswith("line 2: ")


def test_every_field_of_others_is_one_of_ours() -> None:
    assert set(words("field").values()) <= set(fields())
