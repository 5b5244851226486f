"""Secrets by their name in JSON and XML: gone, and the document still one, in time."""

import json
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scanner.secret_forms.named_values import without
from scanner.secret_store import SecretStore

CANARY = "Canari-7f3a!"
NAMES = (
    "password", "Passwd", "wifi_passphrase", "psk", "preshared_key", "PreSharedKey", "private_key", "KeyPassPhrase",
    "WEPKey", "wpakey", "SAEPassphrase", "RadiusSecret", "token", "app_token", "session_token", "SelfPIN", "pin",
    "sid", "authSid", "contextID", "challenge", "password_salt", "api_key", "key", "logon_password", "puk",
)  # fmt: skip
# The keys of Wi-Fi networks: how long they are is kept.
WIFI = frozenset({"KeyPassPhrase", "wpakey", "key"})


def redacted(text: str) -> str:
    return SecretStore(Path()).redacted(text)


@pytest.mark.parametrize("name", NAMES)
def test_json_keeps_its_form(name: str) -> None:
    document = {"ssid": "Cabinet", name: CANARY, "on": True, "liste": [{name: CANARY}], f"{name}_length": 12}
    for text in (json.dumps(document), json.dumps(document, indent=1)):
        kept = redacted(text)
        assert CANARY not in kept
        assert kept.count("\n") == text.count("\n")
        instead = "REDACTED-12" if name in WIFI else "REDACTED"
        assert json.loads(kept) == {**document, name: instead, "liste": [{name: instead}]}
        assert redacted(kept) == kept


@pytest.mark.parametrize("value", [True, False, None, "", {"a": 1}, [], [{"b": "c"}]])
def test_what_is_no_secret_stays(value: object) -> None:
    document = {"password": value, "key": value, "token": value, "last": 1}
    for text in (json.dumps(document), json.dumps(document, indent=1), json.dumps({"a": {"password": value}})):
        assert redacted(text) == text


def test_a_secret_of_digits_and_one_that_is_cut_short() -> None:
    assert json.loads(redacted('{"pin": 12345670, "uptime": 12345670}')) == {"pin": "REDACTED", "uptime": 12345670}
    assert CANARY not in redacted(f'{{"password": "{CANARY}')
    assert CANARY not in redacted(f'{{"password": "a\\"{CANARY}\\\\')
    assert CANARY not in redacted(f'"password": {CANARY}')
    assert CANARY not in redacted(f"'password': '{CANARY}'")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "key"])
def test_xml_attributes_keep_their_form(name: str) -> None:
    text = f'<rsp stat="ok">\n <wl0 ssid="a" enc="WPA-PSK" keytype="ascii" {name}="{CANARY}" b=""/>\n</rsp>'
    kept = redacted(text)
    assert CANARY not in kept
    assert ET.fromstring(kept)[0].attrib == {
        "ssid": "a", "enc": "WPA-PSK", "keytype": "ascii", name: "REDACTED-12" if name in WIFI else "REDACTED", "b": "",
    }  # fmt: skip


def test_only_the_key_of_a_wireless_network_shows_its_length() -> None:
    for name in ("key", "passphrase"):
        assert (
            redacted(f'{{"dataset": "tank", "{name}": "{CANARY}"}}') == f'{{"dataset": "tank", "{name}": "REDACTED"}}'
        )
    # … and none that is written with escapes, or longer than any.
    assert redacted('{"ssid": "a", "key": "a\\"b"}') == '{"ssid": "a", "key": "REDACTED"}'
    assert redacted(f'{{"ssid": "a", "key": "{CANARY * 6}"}}') == '{"ssid": "a", "key": "REDACTED"}'


# Where the operators' boxes keep secrets, whether or not a visit asks for them: PPPoE, SIP, VPN, DDNS, Wi-Fi, links.
PLACES = (
    '<rsp stat="ok"><ppp login="0123@neufpnp" password="{0}"/></rsp>',
    '<rsp stat="ok"><system wpa_key="{0}"/></rsp>',
    '<rsp stat="ok"><backup3g pincode="{0}"/></rsp>',
    '<rsp stat="ok"><ddns active="on" password="{0}" domain="cabinet.example.com"/></rsp>',
    '<rsp stat="ok"><guest active="on" ssid="a" wpakey="{0}"/></rsp>',
    '{"result": [{"conf_pptp": {"username": "a", "password": "{0}"}}]}',
    '{"result": {"conf_wireguard": {"local_private_key": "{0}", "remote_preshared_key": "{1}", "remote_ip": "x"}}}',
    '{"result": [{"id": 1, "params": {"description": "a", "key": "{0}", "access_type": "net_only"}}]}',
    '{"news": {"user": "a", "password": "{0}"}, "archive_password": "{1}"}',
    '{"result": [{"enable_cloudinit": true, "cloudinit_userdata": "#cloud-config\\npassword: {0}\\n"}]}',
    '{"result": [{"token": "{0}", "fullurl": "http://cabinet.freeboxos.fr:8095/share/{1}/a"}]}',
    '{"status": [{"trunk_lines": [{"directoryNumber": "+33", "authPassword": "{0}", "SIPPassword": "{1}"}]}]}',
    '{"status": {"Username": "fti/x", "Password": "{0}", "PPPPassword": "{1}"}}',
    '[{"guest24": {"SSID": "Attente", "passphrase": "{0}"}, "wpaKey": "{1}"}]',
    '[{"device": {"token": "{0}", "expires": "2026-11-24"}}]',
    '{"username": "freebox", "password": "{0}", "weak_password": true}',
)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_where_a_box_keeps_a_secret(place: str) -> None:
    canaries = ["Zq7Canari10Zq", "Zq7Canari11Zq"]
    text = place.replace("{0}", canaries[0]).replace("{1}", canaries[1])
    shapes = [text, json.dumps(json.loads(text), indent=1)] if text[0] in "[{" else [text]
    for shape in shapes:
        kept = redacted(shape)
        assert not [canary for canary in canaries if canary in kept]
        assert kept.count("\n") == shape.count("\n")
        assert json.loads(kept) if text[0] in "[{" else ET.fromstring(kept).attrib["stat"] == "ok"


def test_what_nft_calls_a_key_stays() -> None:
    text = '{"meta": {"key": "iifname"}}'
    assert redacted(text) == text


@pytest.mark.parametrize(
    "text",
    ['"a":' * 260_000, '"key": "' + "\\" * 1_000_000, '"' * 1_000_000, '{"key": "a' * 100_000, "<a " * 340_000,
     "<a b=" * 200_000, "<a " + 'key="' * 200_000, "<a " + "b" * 1_000_000, '"' + "a" * 1_000_000,
     '"k": ' + "1" * 1_000_000, '"a":[' * 200_000, '"pin":["' * 130_000, '"name":"pin","a":1,' * 50_000],
)  # fmt: skip
def test_hostile_text_ends_in_time(text: str) -> None:
    began = time.process_time()
    without(text)
    assert time.process_time() - began < 2


# However JSON may write a name and its value down: lists, pairs, objects, blanks and escapes.
WRITTEN = [
    '{"password": ["@"]}',
    '{"key": ["@"], "keys": ["a"]}',
    '{"pass": ["@"]}',
    '{"passwords": {"a": "@", "b": ""}}',
    '{"name": "password", "a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": "g", "value": "@"}',
    '{"value": "@", "a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": "g", "name": "password"}',
    '{"url": "smb:\\/\\/paul:12\\/@#nas"}',
    '{"headers": "Authorization: Bearer @"}',
    '{"wpa": {"passphrases": ["@", "@"], "names": ["a"]}}',
    '{"password": {"value": "@"}}',
    '{"name": "password", "value": "@"}',
    '{"type": "text", "name": "wpa_passphrase", "hidden": true, "value": "@"}',
    '{"value": "@", "name": "password"}',
    '{"key": "psk", "val": "@"}',
    '{"bindpw": "@", "password2": "@", "hostPasswd1": "@"}',
    '{"url": "https:\\/\\/u:@#x\\/"}',
    '{"password"\n:\n"@"}',
    '{"password":            "@"}',
    '{"pass\\u0077ord": "@"}',
]


@pytest.mark.parametrize("written", WRITTEN)
def test_every_way_json_writes_a_secret(written: str) -> None:
    for text in (written, json.dumps(json.loads(written), indent=1)):
        kept = redacted(text.replace("@", "Zq7Canari10Zq").replace("#", "@"))
        assert "Zq7Canari" not in kept
        assert "REDACTED" in kept
        assert kept.count("\n") == text.count("\n")
        assert json.loads(kept)
        assert redacted(kept) == kept


@pytest.mark.parametrize(
    "text",
    ['{"names": ["a", "b"]}', '{"name": "hostname", "value": "nas"}', '{"txpw": "20"}', '{"value": "a", "name": "b"}',
     '{"passwords": [], "tokens": [""]}', '{"passwords": {}, "keys": {"a": "b"}}', '{"meta": {"key": ["iifname"]}}',
     '{"passwords": {"policy": {"a": "b"}}}', '{"authorization": "ro"}',
     '{"url": "https://nas:5001/mail/a@b"}', '{"name": "password", "value": ""}'],
)  # fmt: skip
def test_other_lists_and_pairs_stay(text: str) -> None:
    assert redacted(text) == text
