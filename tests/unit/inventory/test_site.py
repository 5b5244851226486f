"""A site folder is read whole or refused with file, line, path, found and expected."""

import json
from pathlib import Path

import pytest

from inventory.errors import ConfigError
from inventory.site import read_site, site_from

SITE = """\
vigie: 1
client: Cabinet
profile: {exercise: group, software: shared, hosting: local}
size: 2
networks:
  - {network: 192.168.10.0/24, zone: professional}
authorisation: {by: "Titulaire", from: 2026-01-01, until: 2099-12-31}
exclusions: [192.168.10.9]
fragile:
  devices: [{mac: "10:20:30:40:50:51", note: panoramique}]
vantage: professional
credentials:
  - {name: routeur-ssh, kind: ssh, devices: [routeur], user: root, password: "env:SECRET"}
"""
INVENTORY = """\
devices:
  - name: routeur
    macs: [10-20-30-40-50-52]
    role: router
    owner: practice
    use: professional
  - {name: pano, macs: ["10:20:30:40:50:53"], role: medical_imaging, owner: practice, use: professional}
"""
WAIVERS = """\
waivers:
  - {rule: ANS-02.14, subject: routeur, reason: remplacement prévu, by: titulaire, until: 2027-01-01}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("site", SITE), ("inventory", INVENTORY), ("waivers", WAIVERS)):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_reads_a_site(folder: Path) -> None:
    site = read_site(folder)
    assert site.client == "Cabinet"
    # YAML 1.1 would have read this MAC as a number in base 60.
    assert site.devices[0].macs == ("10:20:30:40:50:52",)
    # Declared imaging is fragile even when nobody listed it.
    assert site.fragile == ("10:20:30:40:50:51", "10:20:30:40:50:53")
    assert site.waivers[0].subject == "routeur"


def test_the_owner_parts_devices_and_asks_for_names(folder: Path) -> None:
    assert (read_site(folder).devices[0].not_same, read_site(folder).facts().show_names) == (None, None)
    (folder / "site.yaml").write_text(f"{SITE}show_names: true\n", "utf-8")
    other = INVENTORY.replace("    role: router", "    not_same: [10-20-30-40-50-5F]\n    role: router")
    (folder / "inventory.yaml").write_text(other, "utf-8")
    site = read_site(folder)
    assert (site.devices[0].not_same, site.facts().show_names) == (("10:20:30:40:50:5f",), True)


def test_a_mac_is_not_both_its_own_and_anothers(folder: Path) -> None:
    both = INVENTORY.replace("    role: router", "    not_same: [10-20-30-40-50-52]\n    role: router")
    (folder / "inventory.yaml").write_text(both, "utf-8")
    with pytest.raises(ConfigError, match="a MAC that is not in 'macs' as well"):
        read_site(folder)


def test_an_api_has_its_kinds_of_credential(folder: Path) -> None:
    line = '  - {name: routeur-ssh, kind: ssh, devices: [routeur], user: root, password: "env:SECRET"}'
    (folder / "site.yaml").write_text(
        SITE.replace(
            line,
            '  - {name: box, kind: http, devices: [routeur], password: "env:SECRET", plain: true}\n'
            '  - {name: free, kind: freebox_app, devices: [routeur], app_token: "file:secrets/free", port: 8443}',
        )
    )
    box, free = read_site(folder).credentials
    assert (box.kind, box.user, box.plain, box.references()) == ("http", None, True, ("env:SECRET",))
    assert (free.kind, free.port, free.plain, free.references()) == ("freebox_app", 8443, False, ("file:secrets/free",))


def test_a_frozen_site_is_the_same_site(folder: Path) -> None:
    site = read_site(folder)
    assert site_from(json.loads(json.dumps(site.documents))) == site


def test_old_ssh_is_allowed_by_name(folder: Path) -> None:
    path = folder / "site.yaml"
    assert read_site(folder).credentials[0].legacy == ()
    path.write_text(SITE.replace('"env:SECRET"}', '"env:SECRET", legacy: [routeur]}'), "utf-8")
    assert read_site(folder).credentials[0].legacy == ("routeur",)


# (file, replace, by, message)
MISTAKES = [
    ("site", "size: 2", "size: deux", 'site.yaml:4: size: found "deux", expected the number of workstations, 1 to 500'),
    ("site", "size: 2", "size: 2\nsize: 3", "site.yaml:5: size: found a key given twice, expected each key once"),
    (
        "site",
        '"env:SECRET"}',
        '"env:SECRET", legacy: [pano]}',
        "credentials/0/legacy/0: found 'pano', expected one of this credential's devices",
    ),
    ("site", "vantage", "vantge", "vantge: found unknown key 'vantge', expected one of auth"),
    ("site", "0/24", "0/33", 'site.yaml:6: networks/0/network: found "192.168.10.0/33", expected an IPv4 network'),
    ("site", "0/24", "7/24", 'site.yaml:6: networks/0/network: found "192.168.10.7/24", expected an IPv4 network'),
    ("site", "192.168.10.0/24", "192.168.0.0/16", "expected a network of a small practice, at most a /20"),
    ("site", "192.168.10.0/24", "203.0.113.0/24", "found the public network 203.0.113.0/24, expected private"),
    ("site", "192.168.10.0/24", "8.8.8.0/24", "found the public network 8.8.8.0/24, expected private addresses"),
    ("site", "192.168.10.0/24", "127.0.0.0/24", "found 127.0.0.0/24, expected a network of the practice"),
    (
        "site",
        "192.168.10.0/24",
        "192.168.10.0",
        'found "192.168.10.0", expected an IPv4 network such as 192.168.1.0/24',
    ),
    (
        "site",
        "networks:",
        "networks:\n  - {network: 192.168.10.0/25, zone: guest}",
        "found 192.168.10.0/24, which overlaps 192.168.10.0/25, expected networks apart",
    ),
    ("inventory", 'name: pano, macs: ["10:20:30:40:50:53"]', "name: pano, serial: x1", "medical imaging without MAC"),
    ("site", '"env:SECRET"', "hunter2", "found a value that is not a reference (not shown), expected a reference env:"),
    ("site", "kind: ssh", "kind: sssh", 'credentials/0/kind: found "sssh", expected one of ssh, snmp_v2c, snmp_v3, '),
    ("site", "user: root", "usr: root", "credentials/0/usr: found unknown key 'usr', expected one of devices, key"),
    (
        "site",
        "devices: [routeur]",
        "devices: [nas]",
        "credentials/0/devices/0: found 'nas', expected the name of a dev",
    ),
    (
        "site",
        "2099-12-31",
        "2025-01-01",
        "authorisation/until: found 2025-01-01, expected a date not before 2026-01-01",
    ),
    ("site", "2099-12-31", "bientôt", 'authorisation/until: found "bientôt", expected a date such as 2026-11-23'),
    ("site", '"Titulaire"', '""', 'authorisation/by: found "", expected who authorised the scan'),
    (
        "site",
        "client: Cabinet",
        "client: [x",
        "site.yaml:3: found expected ',' or ']', but got ':', expected valid YAML",
    ),
    ("site", "client: Cabinet", "client: &a Cabinet\nx: *a", "site.yaml:3: found an alias, expected valid YAML"),
    ("site", "client: Cabinet", "client: !!python/object:os.system x", "expected valid YAML"),
    (
        "inventory",
        "role: router",
        "role: router\n    until: demain",
        'devices/0/until: found "demain", expected a date such',
    ),
    (
        "inventory",
        "role: router",
        "role: router\n    until: 2027-02-30",
        "expected a date such as 2026-11-23, the last day",
    ),
    (
        "site",
        "vantage",
        "store: {url: 'postgresql://a:b@c/d', schema: x}\nvantage",
        "a URL that may hold a secret (not shown)",
    ),
    (
        "site",
        "vantage",
        "store: {url: 'postgresql://c/d?password=b', schema: x}\nvantage",
        "secret (not shown), expected no",
    ),
    (
        "site",
        "vantage",
        "store: {url: 'mysql://a:b@c/d', schema: x}\nvantage",
        "(not shown), expected a URL such as postgre",
    ),
    (
        "site",
        "vantage",
        "store: {url: 'postgresql://c/d'}\nvantage",
        "store/url: found no 'schema' beside it, expected the",
    ),
    (
        "site",
        "vantage",
        "store: {url: 'postgresql://c/d', schema: X}\nvantage",
        'store/schema: found "X", expected a schema',
    ),
    (
        "site",
        "vantage",
        "store: {url: 'postgresql://c/d', schema: x, password: b}\nvantage",
        "store/password: found a value tha",
    ),
    (
        "site",
        "vantage",
        "store: {keep: {sightings_days: 0}}\nvantage",
        "sightings_days: found 0, expected 1 to 366 days",
    ),
    ("inventory", "role: router", "role: box", 'inventory.yaml:4: devices/0/role: found "box", expected one of'),
    ("inventory", "name: pano", "name: routeur", "devices/1/name: found 'routeur' twice, expected a name for one"),
    (
        "inventory",
        "50:53",
        "50:52",
        "devices/1/macs: found 10:20:30:40:50:52, also of 'routeur', expected a MAC of one",
    ),
    ("inventory", "    macs: [10-20-30-40-50-52]\n", "", "inventory.yaml:2: devices/0: found none of macs, serial"),
    (
        "inventory",
        "    macs: [10-20-30-40-50-52]\n",
        "    serial: x1\n",
        "credentials/0/devices/0: found 'routeur', declared without MAC, expected a device with 'macs'",
    ),
    ("waivers", "remplacement prévu", "non", "expected why it is accepted, 10 characters at least"),
    (
        "waivers",
        "waivers:\n  - {rule: ANS-02.14, subject: routeur, reason: remplacement prévu, "
        "by: titulaire, until: 2027-01-01}",
        "{}",
        "expected the key 'waivers'",
    ),
    ("waivers", "waivers:", "waiver:", "waivers.yaml:1: waiver: found unknown key 'waiver'"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_named(folder: Path, file: str, old: str, new: str, message: str) -> None:
    path = folder / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_site(folder)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_files_that_cannot_be_read(folder: Path) -> None:
    (folder / "site.yaml").write_bytes(b"client: \xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_site(folder)
    (folder / "site.yaml").write_bytes(b"a: 1\n" * 400_000)
    with pytest.raises(ConfigError, match="more than"):
        read_site(folder)
    (folder / "site.yaml").write_text("[" * 5000, "utf-8")
    with pytest.raises(ConfigError):
        read_site(folder)
    (folder / "site.yaml").unlink()
    with pytest.raises(ConfigError, match=r"site\.yaml: found no such file"):
        read_site(folder)
    with pytest.raises(ConfigError, match="no such folder"):
        read_site(folder / "nowhere")


def test_public_addresses_need_the_sentence(folder: Path) -> None:
    path = folder / "site.yaml"
    sentence = "I confirm in writing that this practice owns the public addresses listed above"
    text = path.read_text("utf-8").replace("192.168.10.0/24", "203.0.113.0/24").replace("192.168.10.9", "203.0.113.9")
    path.write_text(text.replace("until: 2099-12-31", f"until: 2099-12-31, public_addresses: {sentence}"), "utf-8")
    assert read_site(folder).public_allowed
