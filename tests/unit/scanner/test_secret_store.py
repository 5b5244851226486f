"""Secrets are found by reference, and never kept."""

import time
from pathlib import Path

import pytest

from scanner.secret_store import SecretError, SecretStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SecretStore:
    monkeypatch.setenv("VIGIE_TEST_LONG", "correct horse battery")
    monkeypatch.setenv("VIGIE_TEST_SHORT", "nas")
    (tmp_path / "key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "open").write_text("x")
    (tmp_path / "open").chmod(0o644)
    return SecretStore(tmp_path)


def test_references(store: SecretStore) -> None:
    assert store.secret("env:VIGIE_TEST_LONG") == "correct horse battery"
    assert store.secret("file:key").startswith("-----BEGIN")
    for reference in ("env:VIGIE_TEST_NONE", "file:nowhere", "file:open", "file:.", "keyring:vigie-test/nobody"):
        with pytest.raises(SecretError, match=reference.partition(":")[0]):
            store.secret(reference)


def test_known_secrets_disappear(store: SecretStore) -> None:
    store.secret("env:VIGIE_TEST_LONG")
    store.secret("env:VIGIE_TEST_SHORT")
    text = "user said correct horse battery to nas, nasal"
    assert store.redacted(text) == "user said REDACTED to REDACTED, nasal"


def test_known_secrets_disappear_however_a_format_spells_them(
    store: SecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_TEST_ODD", 'a<b&"c]\\d')
    store.secret("env:VIGIE_TEST_ODD")
    xml = '<port banner="a&lt;b&amp;&quot;c]\\d"/>'
    assert store.redacted(xml, patterns=False) == '<port banner="REDACTED"/>'
    monkeypatch.setenv("VIGIE_TEST_FRENCH", "l'Ours--été2026")
    store.secret("env:VIGIE_TEST_FRENCH")
    banner = "220 l&apos;Ours-&#45;\\xC3\\xA9t\\xC3\\xA92026 ready"  # as nmap 7.93 writes it
    assert store.redacted(banner, patterns=False) == "220 REDACTED ready"
    split = xml.replace("b&amp;", "b&#xa;&amp;")
    assert store.redacted(split, patterns=False) == '<port banner="REDACTED"/>'
    assert "613c6226" not in store.redacted("1.3.6.1.2.1.1.5.0|4x|613c6226" + b'"c]\\d'.hex(), patterns=False)


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("root:$6$saltsalt$abcdefghijklmnop:19000:0:99999:7:::", "abcdefghijklmnop"),
        ("root:aB3dEfGhIjKlM:0:0:root:/root:/bin/ash", "aB3dEfGhIjKlM"),
        ('{"password": "Soleil2024!"}', "Soleil2024!"),
        ('wpa_passphrase="Soleil2024!"', "Soleil2024!"),
        ("option key 'x'\n option psk 'Soleil2024!'", "Soleil2024!"),
        ("snmp-server community s3cr3tword RO", "s3cr3tword"),
        ("rocommunity s3cr3tword 192.168.1.0/24", "s3cr3tword"),
        ("createUser vigie SHA s3cr3tword AES other", "s3cr3tword"),
        ("PrivateKey = aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", "aGVsbG8"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        ("-----BEGIN EC PRIVATE KEY-----\nMIIEow\n", "MIIEow"),
        ('set enabled=yes secrets="4z%0\\$N60W.q;"', "4z%0"),
        ("set wpa-pre-shared-key=\\\n    Soleil2024 wpa2-pre-shared-key=x", "Soleil2024"),
        ("add name=a wpa2-pre-shared-key=Sol\\\r\n    eil2024 x=y", "eil2024"),
        ('add password="a \\"Soleil\\\n    2024" name=b', "2024"),
        ("set wifi1 security.authentication-types=wpa2-psk .passphrase=Soleil2024", "Soleil2024"),
        ("/snmp community\nset [ find default=yes ] addresses=::/0 name=Soleil2024\nadd name=other", "Soleil2024"),
        ("/snmp community add addresses=::/0 name=Soleil2024", "Soleil2024"),
        ("/snmp\nset trap-community=\\\n    Soleil2024", "Soleil2024"),
        ("\toption key 'Soleil2024!'", "Soleil2024"),
        ("  'option' 'auth_secret' \"Soleil 2024!\"", "2024"),
        ("wireless.@wifi-iface[0].key='Soleil2024!'", "Soleil2024"),
        ("\toption community 'Soleil2024'", "Soleil2024"),
        ("config com2sec Soleil2024\n\toption source default", "Soleil2024"),
        ("\toption updatekey 'Soleil2024'", "Soleil2024"),
        ("\toption password2 'Soleil2024'", "Soleil2024"),
        ("\tlist form_entry 'main:pw=Soleil2024'", "Soleil2024"),
        ("\toption ppp_pass 'Soleil2024'", "Soleil2024"),
        ("\toption privacy_pass 'Soleil2024'", "Soleil2024"),
        ("\toption trap_community 'Soleil2024'", "Soleil2024"),
        ("\toption wep_key1 'Soleil2024'", "Soleil2024"),
        ("\tlist r0kh '02:00:00:00:00:01,ap1,Soleil2024'", "Soleil2024"),
        ("\toption sendopts '90:0000001a0900000558Soleil2024'", "Soleil2024"),
        ("\toption update_url 'http://user:Soleil2024@dyndns.example/nic'", "Soleil2024"),
        ("\toption password 'first\nSoleil2024'", "Soleil2024"),
        ("network.wan.password='first\nSoleil2024'", "Soleil2024"),
        ("o password Soleil2024", "Soleil2024"),
        ('/system script\nadd name=a source=":local botToken \\"Soleil\\"\\r\\\n    \\n2024"', "2024"),
        ('/system scheduler add name=a on-event="/tool fetch url=ftp://u:Soleil2024@192.0.2.1/"', "Soleil2024"),
        ("/tool netwatch add host=192.0.2.1 up-script=Soleil2024", "Soleil2024"),
        (':global pass "Soleil2024"', "Soleil2024"),
        ("/container envs\nadd key=DB_PASSWORD list=db value=Soleil2024", "Soleil2024"),
        ("/container/envs/add key=DB_PASSWORD value=Soleil2024", "Soleil2024"),
        ("/system ntp key add key-id=1 key=Soleil2024", "Soleil2024"),
        ('/zerotier\nset zt1 identity="0123456789:0:abcd:Soleil2024" name=zt1', "Soleil2024"),
        ("/ip dhcp-client option\nadd code=90 name=auth value=0x001a09Soleil2024", "Soleil2024"),
        ('/ip dns set use-doh-server="https://dns.nextdns.io/Soleil2024" verify-doh-cert=yes', "Soleil2024"),
        ("add ckn=Soleil2024 name=a", "Soleil2024"),
        ('    set login-pass "Soleil2024"', "Soleil2024"),
        ("\toption credentials 'Soleil2024'", "Soleil2024"),
        ("smb://paul:12/leil2024@nas", "leil2024"),
        ("curl -H 'Authorization: Bearer Soleil2024' https://nas/", "Soleil2024"),
        ("<key>\nSoleil\n2024\n</key>\n<tls-auth>\n-----BEGIN OpenVPN Static key V1-----\n2024", "2024"),
        ("<password><![CDATA[So]le<il2024]]></password>", "il2024"),
        ("<password>So]leil2024</password>", "leil2024"),
        ("/tool fetch url=https://api.telegram.org/bot123456789:AAFm2-kd8sjwkq0sdkwiq9w0qwkSoleil20/x", "Soleil20"),
    ],
)
def test_what_looks_like_a_secret_disappears_and_lines_stay(store: SecretStore, line: str, secret: str) -> None:
    text = f"first\n{line}\nlast"
    clean = store.redacted(text)
    assert secret not in clean
    assert clean.count("\n") == text.count("\n")
    assert clean.startswith("first\n")
    assert clean.endswith("\nlast") or "BEGIN" in line


@pytest.mark.parametrize(
    "line",
    [
        "passwordauthentication yes",
        "permitemptypasswords no",
        "\tunix password sync = Yes",
        "tcp dport 22 accept",
        "uid=0(root) gid=0(root)",
        "root:x:0:0::/root:/bin/sh",
        "nobody:*:65534:65534::/nonexistent:/usr/sbin/nologin",
        "\toption PasswordAuth 'off'",
        "\toption public_key 'uIYz5QpWqSNGRSJw0m4Py3eHR1dXQPb95sIKV8KaEC4='",
        "/snmp community add addresses=::/0 name=public write-access=no",
        "\toption community public",
        "set trap-community=public",
        "set minimum-categories=0 minimum-password-length=0",
        "set allowed-interface-list=LAN",
        "set always-allow-password-login=no",
        "snmpd.@com2sec[0].source='default'",
        "\toption bypass '1'",
        "\toption public_key_file '/etc/x'",
        "/ip dns set use-doh-server=https://cloudflare-dns.com/dns-query verify-doh-cert=yes",
        "/tool fetch url=https://192.168.10.10/@home",
        "    set bypass yes",
        "<key>\n  <id>1</id>\n</key>",
        "<password><![CDATA[]]></password>",
    ],
)
def test_settings_stay_readable(store: SecretStore, line: str) -> None:
    assert store.redacted(line) == line


def test_a_community_that_everybody_knows_is_no_secret(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a device with it could not be told from one without."""
    monkeypatch.setenv("VIGIE_TEST_PUBLIC", "public")
    store.secret("env:VIGIE_TEST_PUBLIC")
    assert store.redacted("/snmp community\nadd name=public") == "/snmp community\nadd name=public"


def test_a_quote_that_nothing_closes_stays_open(store: SecretStore) -> None:
    """Else nobody would know that the rest was swallowed with the secret."""
    assert store.redacted("\toption key 'Soleil\nconfig redirect\n") == "\toption key 'REDACTED\n\n"


def test_a_statement_goes_on_below_its_secret(store: SecretStore) -> None:
    text = 'add name=a password="x\\\n    y" disabled=yes\n'
    assert store.redacted(text) == "add name=a password=REDACTED \\\n disabled=yes\n"


# A Wi-Fi key as a device writes it, and what is left of it: how long it was, which is a fact, and nothing else.
WIFI_KEYS = [
    ("\toption key 'Soleil2024!'\n", "\toption key 'REDACTED-11'\n"),
    ("wireless.default_radio0.key='Soleil 24'\n", "wireless.default_radio0.key='REDACTED-9'\n"),
    ("add name=a wpa2-pre-shared-key=Soleil2024 mode=dynamic-keys\n",
     "add name=a wpa2-pre-shared-key=REDACTED-10 mode=dynamic-keys\n"),
    (r'set a passphrase="So\"le\24il" disabled=no' + "\n", "set a passphrase=REDACTED-8 disabled=no\n"),
    ('set a passphrase="Sole\\\n    il" disabled=no\n', "set a passphrase=REDACTED-6 \\\n disabled=no\n"),
    ("\toption key 'REDACTED'\n", "\toption key 'REDACTED'\n"),
    ("\toption key '" + "x" * 900 + "'\n", "\toption key 'REDACTED'\n"),
    ("\toption password 'Soleil2024!'\n", "\toption password 'REDACTED'\n"),
    ("add password=Soleil2024 name=ppp\n", "add password=REDACTED name=ppp\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kept"), WIFI_KEYS)
def test_of_a_wifi_key_its_length_is_kept(text: str, kept: str) -> None:
    store = SecretStore(Path())
    assert store.redacted(text) == kept
    assert store.redacted(kept) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (r'{"conf": "[Interface]\nPrivateKey = Soleil2024\n"}', r'{"conf": "[Interface]\nPrivateKey = REDACTED\n"}'),
        (r'{"users": "[u]\npassword = Soleil2024"}', r'{"users": "[u]\npassword = REDACTED"}'),
        (
            r'["psk=Soleil\r\nPresharedKey = Lune\tx\nMTU = 9"]',
            r'["psk=REDACTED\r\nPresharedKey = REDACTED\tx\nMTU = 9"]',
        ),
        (r'{"c": "{\"password\": \"Soleil\"}"}', r'{"c": "{\"password\": \"REDACTED\"}"}'),
        (r'{"c": "\ud800\npassword = Soleil"}', r'{"c": "\ud800\npassword = REDACTED"}'),
        (r'{"c": "é\nMTU = 9\/1"}', r'{"c": "é\nMTU = 9\/1"}'),
    ],
)
def test_a_text_within_a_string_of_json_keeps_its_lines_and_no_secret(text: str, kept: str) -> None:
    store = SecretStore(Path())
    assert store.redacted(text) == kept
    assert store.redacted(kept) == kept


@pytest.mark.parametrize("text", ['"\\n"' * 100_000, '"\\npsk x"' * 50_000, '\\"' * 250_000, '"\\n' * 150_000])
def test_hostile_strings_end_in_time(text: str) -> None:
    began = time.process_time()
    SecretStore(Path()).redacted(text)
    assert time.process_time() - began < 8
