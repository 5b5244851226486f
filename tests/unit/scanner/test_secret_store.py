"""Secrets are found by reference, and never kept."""

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
    ],
)
def test_settings_stay_readable(store: SecretStore, line: str) -> None:
    assert store.redacted(line) == line
