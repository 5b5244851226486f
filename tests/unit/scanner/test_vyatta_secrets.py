"""No secret of a Vyatta configuration is kept: in braces or as commands, quoted or bare; and no fact is lost by it."""

import time
from pathlib import Path

import pytest

from inventory.document import to_json
from scanner.platforms import ubiquiti_edgerouter, vyos
from scanner.platforms._vyatta import read_tree
from scanner.secret_forms.vyatta import without
from scanner.secret_store import SecretStore
from tests.unit.scanner.test_platforms import seen
from tests.unit.scanner.test_vyatta import BOOT, RUNNING, commands
from tests.unit.scanner.vyatta_samples import EDGEOS_COMMANDS, VYOS_14, ZONES

# Every place where a setting of VyOS or EdgeOS holds a secret, as a path of words; `%` stands for the secret, and a
# name that stands on the line of its tag is joined to it.
PLACES = tuple(
    line.strip()
    for line in """
    interfaces ethernet eth0 pppoe 0 password %
    interfaces pppoe pppoe0 authentication password %
    interfaces ethernet eth0 eapol passphrase %
    interfaces wireguard wg0 private-key %
    interfaces wireguard wg0 peer a preshared-key %
    interfaces openvpn vtun0 authentication password %
    interfaces wireless wlan0 security wpa passphrase %
    interfaces wireless wlan0 security wpa radius server 10.0.0.5 key %
    interfaces wireless wlan0 security wep key %
    interfaces macsec macsec0 security mka cak %
    interfaces macsec macsec0 security mka ckn %
    interfaces l2tpv3 l2tpeth0 cookie-secret %
    interfaces sstpc sstpc0 authentication password %
    interfaces ethernet eth1 ip ospf authentication plaintext-password %
    interfaces ethernet eth1 ip ospf authentication md5 key-id 1 md5-key %
    interfaces ethernet eth1 vrrp vrrp-group 1 authentication password %
    high-availability vrrp group G authentication password %
    protocols bgp neighbor 10.0.0.1 password %
    protocols nhrp tunnel tun0 cisco-authentication %
    protocols isis area-password md5 %
    protocols isis area-password plaintext-password %
    protocols rip interface eth0 authentication plaintext-password %
    pki ca autorite private key %
    pki certificate serveur private key %
    pki key-pair paire private key %
    pki openvpn shared-secret+tls key %
    service snmp community %
    service snmp trap-target 10.0.0.9 community %
    service snmp v3 user u auth plaintext-password %
    service snmp v3 user u auth plaintext-key %
    service snmp v3 user u privacy encrypted-password %
    service snmp v3 user u privacy encrypted-key %
    service https api keys id a key %
    service dns dynamic interface eth0 service dyndns password %
    service dns dynamic name n password %
    service webproxy authentication ldap password %
    service pppoe-server authentication radius server 10.0.0.5 key %
    service pppoe-server authentication local-users username u password %
    service monitoring telegraf influxdb authentication token %
    service config-sync secondary key %
    system login user u authentication plaintext-password %
    system login user u authentication encrypted-password %
    system login user u authentication otp key %
    system login radius server 10.0.0.5 key %
    system login radius-server 10.0.0.5 secret %
    system login tacacs server 10.0.0.5 key %
    system package repository r password %
    vpn ipsec authentication psk+agence secret %
    vpn ipsec site-to-site peer 192.0.2.7 authentication pre-shared-secret %
    vpn ipsec remote-access radius server 10.0.0.5 key %
    vpn ipsec remote-access authentication local-users username u password %
    vpn ipsec profile P authentication pre-shared-secret %
    vpn l2tp remote-access ipsec-settings authentication pre-shared-secret %
    vpn l2tp remote-access authentication radius-server 10.0.0.5 key %
    vpn l2tp remote-access authentication local-users username u password %
    vpn pptp remote-access authentication local-users username u password %
    vpn sstp authentication local-users username u password %
    vpn openconnect authentication local-users username u password %
    vpn openconnect authentication local-users username u otp key %
    container name+c environment+E value %
    cluster pre-shared-secret %
    """.strip().splitlines()
)


def in_braces(path: list[str], depth: int = 0) -> str:
    """A path as nested blocks, its last two words a setting."""
    pad = "    " * depth
    if len(path) == 2:
        return f"{pad}{path[0]} {path[1]}\n"
    return f"{pad}{path[0].replace('+', ' ')} {{\n{in_braces(path[1:], depth + 1)}{pad}}}\n"


@pytest.mark.parametrize("quote", ["{}", '"{}"', "'{}'", '"{} et \\"{}\\" }} {{"'])
@pytest.mark.parametrize("place", PLACES)
def test_every_place_of_a_secret(place: str, quote: str) -> None:
    canary = "CaNaRy7Zq9"
    path = [quote.format(canary, canary) if word == "%" else word for word in place.split()]
    command = "set " + " ".join(word if canary in word else word.replace("+", " ") for word in path)
    for text in (in_braces(path), f"{command}\n", f"{command}\nset system host-name x\n"):
        kept = SecretStore(Path()).redacted(text)
        assert canary not in kept
        assert kept.count("\n") == text.count("\n")
        assert read_tree(kept).torn is None


@pytest.mark.parametrize(
    "text",
    [
        'client-option "send rfc3118-authentication 00:00:00:CA:NA:RY:66:74:69;"',
        "set service unms connection 'wss://unms.example.net:443+CANARY+allowSelfSignedCertificate'",
        "        connection wss://unms.example.net:443+CANARY",
        'openvpn-option "--http-proxy-user x --password CANARY"',
        "set system config-management commit-archive location 'scp://sauvegarde:CANARY@192.168.0.5/vyos'",
        "            location sftp://sauvegarde:CANARY@192.168.0.5/vyos",
        "/* password: CANARY */",
        "set system login user x authentication encrypted-password '$6$CANARY$CANARY'",
        'key "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----"',
    ],
)
def test_other_places(text: str) -> None:
    kept = SecretStore(Path()).redacted(text)
    assert "CANARY" not in kept
    assert "CA:NA:RY" not in kept
    assert kept.count("\n") == text.count("\n")


@pytest.mark.parametrize("text", [VYOS_14, ZONES, "\n".join(commands(read_tree(VYOS_14).root))])
def test_the_facts_of_vyos_stay_and_hold_none(text: str) -> None:
    kept = SecretStore(Path()).redacted(text)
    assert "CANARY" not in kept
    assert kept.count("\n") == text.count("\n")
    assert seen(vyos, BOOT, kept) == seen(vyos, BOOT, text)
    assert "CANARY" not in str(to_json(seen(vyos, BOOT, text).device))


def test_the_facts_of_edgeos_stay_and_hold_none() -> None:
    kept = SecretStore(Path()).redacted(EDGEOS_COMMANDS)
    assert "CANARY" not in kept
    before, after = (seen(ubiquiti_edgerouter, RUNNING, text) for text in (EDGEOS_COMMANDS, kept))
    assert before == after
    assert "CANARY" not in str(to_json(before.device))


def test_communities_of_different_people_stay_apart() -> None:
    block = "    community {} {{\n        authorization {}\n        client {}\n    }}\n"
    text = (
        "service {\nsnmp {\n" + block.format("un", "ro", "10.0.0.1") + block.format("deux", "rw", "10.0.0.2") + "}\n}\n"
    )
    text += "interfaces {\n}\nsystem {\n    host-name x\n}\n"
    kept = SecretStore(Path()).redacted(text)
    before, after = (seen(vyos, BOOT, words).device.system for words in (text, kept))
    assert before is not None
    assert after is not None
    assert before.snmp == after.snmp
    assert before.snmp is not None
    assert before.snmp.source_filter is not None
    assert [str(network) for network in before.snmp.source_filter] == ["10.0.0.1/32", "10.0.0.2/32"]


@pytest.mark.parametrize(
    "piece",
    ["set key '", 'set key "', "set key key ", "key ", "set " + "key " * 9, '"\\', "password '\n", "connection wss://",
     "environment a {\n", "environment a {" + " " * 300, "set service snmp community ", "openvpn-option a password=",
     "rfc3118-authentication ", "set a ", " ", "\t", "set x 'y' key\n", "community \"", "set " + "a" * 500],
)  # fmt: skip
def test_hostile_bodies_take_no_time(piece: str) -> None:
    body = piece * ((1 << 20) // len(piece))
    began = time.process_time()
    without(body)
    read_tree(body)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text", ['{"community": {"Canari', '{"community": {"public": {}, "Canari\\"', '{"md5": "Canari\\']
)
def test_what_is_cut_within_a_secret_keeps_nothing_of_it(text: str) -> None:
    assert "Canari" not in without(text)


def test_quotes_that_nothing_closes_take_no_time() -> None:
    began = time.process_time()
    without('"community": {"' + '\\"' * (512 << 10))
    assert time.process_time() - began < 2
