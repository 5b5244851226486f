"""No secret of a configuration of Cisco is kept, and every fact of it is."""

import re
import time
from pathlib import Path

import pytest

from inventory.document import to_json
from scanner.platforms import cisco_ios
from scanner.secret_forms import cisco
from scanner.secret_store import SecretStore
from tests.unit.scanner.test_platforms import evidence

IOS = """version 15.7
hostname cabinet
enable secret 5 @1@
enable password level 15 7 @2@
username marie privilege 15 secret 9 @3@
username paul password 0 @4@
aaa server radius dynamic-author
 client 10.10.10.10 server-key @5@
 client 10.10.20.20 server-key 7 @6@
radius server R
 address ipv4 10.0.0.1 auth-port 1812 acct-port 1813
 key 7 @7@
tacacs-server host 10.0.0.2 key 7 @8@
tacacs-server key @9@
radius-server host 10.0.0.1 auth-port 1645 acct-port 1646 key 7 @10@
key chain OSPF
 key 1
  key-string 7 @11@
crypto isakmp key @12@ address 203.0.113.9
crypto isakmp key 6 @13@ hostname peer.example
crypto keyring K
  pre-shared-key address 203.0.113.9 key @14@
crypto ikev2 keyring K2
 peer P
  address 203.0.113.9
  pre-shared-key local 6 @15@
  pre-shared-key remote @16@
crypto isakmp client configuration group G
 key @17@
 dns 192.168.10.1
interface Dialer1
 ip address negotiated
 ppp chap hostname fti/abc
 ppp chap password 7 @18@
 ppp pap sent-username fti/abc password 7 @19@
 ip ospf message-digest-key 1 md5 7 @20@
 ip ospf authentication-key @21@
 standby 1 authentication md5 key-string @22@
 standby 2 authentication @23@
 ospfv3 encryption ipsec spi 1001 esp null md5 0 1234567890abcdef1234567890abcdef
router bgp 65000
 neighbor 10.0.0.9 password 7 @24@
dot11 ssid cabinet
   wpa-psk ascii 7 @25@
vpdn-group 1
 l2tp tunnel password 7 @26@
ip ftp password 7 @27@
ip http client password @28@
snmp-server community @29@ RO 10
snmp-server community public RO
snmp-server host 10.0.0.5 version 2c @30@
snmp-server host 10.0.0.5 vrf M informs version 2c @31@ tty
snmp-server host 10.0.0.6 @32@
snmp-server user U G v3 auth sha @33@ priv aes 128 @34@
ntp authentication-key 1 md5 @35@ 7
archive
 path ftp://user:@36@@192.168.10.5/backup
sip-ua
 authentication username 0123 password 7 @37@
vtp password @38@
interface Tunnel0
 ip nhrp authentication @40@
 glbp 1 authentication @41@
snmp-server user V G v3 auth md5 @42@ priv des56 @43@
wlan cabinet 1 cabinet
 security wpa psk set-key ascii 0 @44@
event manager environment _email_password @45@
line vty 0 4
 password 7 @39@
 transport input ssh
access-list 10 permit 192.168.10.0 0.0.0.255
end
"""
S300 = """config-file-header
switch123
v1.4.8.6 / R800_NIK_1_4_202_008
CLI v1.0
file SSD indicator encrypted
@
ssd-control-start
ssd config
ssd file passphrase control unrestricted
ssd-control-end cb0a3fdb1f3a1af4e4430033719968c0
!
hostname switch123
username cisco password encrypted @1@ privilege 15
enable password level 15 encrypted @2@
encrypted radius-server host 10.0.0.1 key @3@
encrypted tacacs-server key @4@
encrypted snmp-server community @5@ ro
snmp-server community @6@ rw view Default
snmp-server host 10.0.0.5 traps version 2 @7@
encrypted sntp authentication-key 1 md5 @8@
"""


def planted(text: str) -> tuple[str, list[str]]:
    """The text with a distinct canary in each place."""
    canaries: list[str] = []

    def canary(place: re.Match[str]) -> str:
        canaries.append(f"Kanari{place[1]}xQz")
        return canaries[-1]

    return re.sub(r"@(\d+)@", canary, text), canaries


@pytest.mark.parametrize("text", [IOS, S300], ids=["ios", "s300"])
def test_no_canary_is_left(text: str) -> None:
    body, canaries = planted(text)
    kept = SecretStore(Path()).redacted(body)
    assert [item for item in canaries if item in kept] == []
    assert "1234567890abcdef" not in kept
    assert kept.count("\n") == body.count("\n")
    assert len(canaries) in (45, 8)


def test_the_facts_are_the_same() -> None:
    body, canaries = planted(IOS)
    kept = SecretStore(Path()).redacted(body)
    before, after = (cisco_ios.read(evidence("shell show running-config", item)) for item in (body, kept))
    assert before is not None
    assert after is not None
    assert before.device == after.device
    assert before.lines == after.lines
    assert not any(item in str(to_json(before.device)) for item in canaries)


@pytest.mark.parametrize(
    "line",
    [
        "key chain OSPF", "service password-encryption", "crypto key generate rsa", "snmp-server community public RO",
        "ip ssh server algorithm authentication publickey", "aaa authentication login default group radius local",
        "username paul privilege 15", "security passwords min-length 6",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(line: str) -> None:
    assert cisco.without(f"version 15.4\n{line}\n") == f"version 15.4\n{line}\n"


def test_another_makers_text_stays() -> None:
    text = "config system global\n set admin-port 80\n set secret x\n"
    assert cisco.without(text) == text


@pytest.mark.parametrize(
    "piece", ["key ", "password 7 ", "snmp-server host a ", " " * 50 + "key", "pre-shared-key address 1.1.1.1 "]
)
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    began = time.process_time()
    cisco.without("version 15.4\n" + piece * ((1 << 20) // len(piece)))
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (" security wpa akm psk set-key ascii 0 {}", " security wpa akm psk "),
        ("ip msdp password peer 192.0.2.1 {}", "ip msdp password "),
        (" key-string two {} words", " key-string REDACTED\n"),
        (" key-string 7 {}", " key-string 7 REDACTED\n"),
        (" encryption key 1 size 128bit 7 {} transmit-key", " encryption key 1 size 128bit 7 REDACTED transmit-key\n"),
        (' action 1.0 mail server "vigie:{}@192.0.2.1" to "a@b.fr"', 'mail server "'),
        ("banner motd ^C\nwifi password : {}\n^C", "\n^C\n"),
        ("banner login #Salle: mdp {} merci#", " merci#\n"),
        (" description vers Paul, mdp {}", " description vers Paul, mdp REDACTED\n"),
    ],
)
def test_what_other_statements_hold_is_taken_out(line: str, kept: str) -> None:
    text = f"version 15.4\n{line.format('Canari-7f3a')}\n"
    clean = SecretStore(Path()).redacted(text)
    assert "Canari" not in clean
    assert kept in clean
    assert clean.count("\n") == text.count("\n")
    assert SecretStore(Path()).redacted(clean) == clean
