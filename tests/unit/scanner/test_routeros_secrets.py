"""Every secret that an export of RouterOS may hold is gone before it is kept, and no fact goes with it."""

import re
from pathlib import Path

import pytest

from inventory.document import to_json
from scanner.platforms import mikrotik_routeros
from scanner.secret_store import SecretStore
from tests.truth import cases

# Each @ is another secret. The statements are those that MikroTik's manual has for version 6 and 7.
PLACES = r"""# 2025-03-10 15:04:16 by RouterOS 7.18.2
/interface wireguard
add listen-port=13231 name=wg1 private-key="@"
/interface wireguard peers
add allowed-address=10.0.0.2/32 interface=wg1 preshared-key="@" private-key="@" public-key="AAAA="
/interface pppoe-client
add add-default-route=yes disabled=no interface=ether1 name=pppoe-out1 password=@ user=fti/abc@fti
/interface l2tp-client
add connect-to=192.0.2.9 disabled=no ipsec-secret=@ name=l2tp-out1 password=@ use-ipsec=yes user=centre
/interface ovpn-client
add connect-to=192.0.2.9 key-passphrase=@ name=ovpn-out1 password=@ user=centre
add connect-to=192.0.2.8 disabled=no mac-address=FE:6F:30:6D:54:EC name=ovpn-out2 password=\
    @ port=49100 profile=\
    default-encryption user=centre
add connect-to=192.0.2.7 disabled=no mac-address=FE:6F:30:6D:54:ED name=ovpn-out3 password=\
    "@ with a space" user=centre
/interface lte
set [ find default-name=lte1 ] pin=@ sim-pin=@
/interface lte apn
add apn=orange authentication=chap name=orange password=@ user=orange
/interface lte esim
provision activation-code=@
/interface wireless security-profiles
set [ find default=yes ] authentication-types=wpa-psk,wpa2-psk mode=dynamic-keys mschapv2-password=@ \
    wpa-pre-shared-key=@ wpa2-pre-shared-key=\
    @ management-protection-key=@ static-key-0=@ static-sta-private-key=@
/interface wireless
set [ find default-name=wlan1 ] disabled=no mode=ap-bridge nv2-preshared-key=@ ssid=Cabinet
/interface wireless access-list
add interface=wlan1 private-key=@ private-pre-shared-key=@
/interface wifi security
add authentication-types=wpa2-psk,wpa3-psk eap-password=@ name=sec passphrase="@ with \"a space"
/interface wifi
set [ find default-name=wifi1 ] configuration.mode=ap .ssid=Soins disabled=no security.authentication-types=wpa2-psk \
    .passphrase=@ .eap-password=@
/interface wifi security multi-passphrase
add group=a passphrase=@
/interface wifi access-list
add passphrase=@
/caps-man security
add authentication-types=wpa2-psk name=sec passphrase=@
/caps-man access-list
add private-passphrase=@
/interface vrrp
add authentication=simple interface=ether2 name=vrrp1 password=@
/interface eoip
add ipsec-secret=@ name=eoip1 remote-address=192.0.2.7
/interface macsec
add cak=@ ckn=0123 interface=ether3
/interface dot1x client
add eap-methods=eap-peap interface=ether1 password=@
/ip ipsec identity
add peer=peer1 secret=@
add auth-method=pre-shared-key-xauth password=@ peer=peer1 secret="@" username=vpn
/ip hotspot user
add name=patient password=@
/ip dhcp-client option
add code=90 name=authsend value=0x@
/ip smb users
add name=scan password=@
/ip dns
set use-doh-server=https://dns.nextdns.io/@ verify-doh-cert=yes
/ip dns forwarders
add doh-servers=https://dns.nextdns.io/@ name=next
/ppp secret
add name=teletravail password=@ service=l2tp
/ppp secret add name=un password=@
/radius
add address=192.168.88.9 secret=@ service=ppp
/routing bgp connection
add name=a tcp-md5-key=@
/routing ospf interface-template
add auth=md5 auth-key=@ authentication-key=@
/routing rip keys
add chain=a key=@
/snmp community
set [ find default=yes ] authentication-password=@ encryption-password=@ name=@
add addresses=192.168.88.9/32 name=@
/snmp
set enabled=yes trap-community=@
/tool e-mail
set password=@ server=192.0.2.25 user=cabinet
/tool romon
set enabled=yes secrets=@
/tool sms
set secret=@ sim-pin=@
/tool netwatch
add host=192.0.2.1 up-script="/tool fetch url=https://api.telegram.org/bot123456:@"
/system script
add name=a source=":local token \"@\"\r\
    \n/tool fetch user=a password=@ url=\"https://a:@@192.0.2.1/\""
/system scheduler
add name=b on-event="/tool fetch http-header-field=\"Authorization: Bearer @\""
/system package local-update mirror
set password=@ user=a
/system ntp key
add id=1 key=@
/container envs
add key=TOKEN list=a value=@
/container config
set password=@ registry-url=https://registry.example username=a
/iot mqtt brokers
add address=192.0.2.1 name=b password=@ username=a
/tr069-client
set acs-url=https://acs:@@192.0.2.1 connection-request-password=@ password=@
/user-manager user
add name=u otp-secret=@ password=@
/user-manager router
add address=192.0.2.1 name=r shared-secret=@
/user
add group=full name=second password=@
/zerotier
set zt1 identity="@" name=zt1
/disk
add encryption-key=@ slot=usb1 smb-password=@
"""


def planted() -> tuple[str, list[str]]:
    """The export with a secret of its own in every place, and the secrets."""
    secrets: list[str] = []

    def another(_: re.Match[str]) -> str:
        secrets.append(f"CANARY{len(secrets):03d}x9Q")
        return secrets[-1]

    return re.sub(r"@(?=[\s\"@]|$| with)", another, PLACES), secrets


def test_no_secret_is_kept() -> None:
    text, secrets = planted()
    kept = SecretStore(Path()).redacted(text)
    assert len(secrets) > 70
    assert [secret for secret in secrets if secret in kept] == []
    assert kept.count("\n") == text.count("\n")
    assert "fti/abc@fti" in kept


def test_no_secret_is_a_fact_and_no_fact_is_lost() -> None:
    text, secrets = planted()
    told = mikrotik_routeros.read_configuration(SecretStore(Path()).redacted(text))
    shown = str(to_json(told.device)) + str(told.unread)
    assert [secret for secret in secrets if secret in shown] == []
    bare = mikrotik_routeros.read_configuration(text)
    assert told.device.system is not None
    assert bare.device.system is not None
    for group in ("services", "admin", "vpn", "wifi", "vlans", "dns", "users", "interfaces", "snmp"):
        assert getattr(told.device.system, group) == getattr(bare.device.system, group)
    names = {wifi.ssid for wifi in told.device.system.wifi or ()}
    assert names == {"Cabinet", "Soins"}
    assert {"ovpn-out1", "ovpn-out2", "ovpn-out3"} <= {vpn.name for vpn in told.device.system.vpn or ()}
    assert told.unread == bare.unread


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.platform is mikrotik_routeros], ids=lambda it: it.name
)
def test_redacting_again_costs_nothing(case: object) -> None:
    for item in case.answers:  # type: ignore[attr-defined]
        again = SecretStore(Path()).redacted(item.text)
        assert again == item.text


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ('/container\nadd cmd="--token {}" envlist=e', "/container\nadd cmd=REDACTED envlist=e"),
        ("/iot lora servers\nadd joineui=x key={}", "/iot lora servers\nadd joineui=x key=REDACTED"),
        ('/ip firewall filter\nadd chain=input comment="pwd: {}"', 'add chain=input comment="pwd: REDACTED"'),
        ('/ppp secret\nadd comment="mdp \\"{}\\" Paul" name=a', 'add comment="mdp \\"REDACTED Paul" name=a'),
        ('/ip firewall nat\nadd comment="mot de \\\n    passe {}"', '/ip firewall nat\nadd comment="'),
        ('/ip firewall nat\nadd comment="mdp Can\\\n    {}" dst-port=80', 'comment="mdp REDACTED\\\n" dst-port=80'),
    ],
)
def test_what_a_menu_or_a_comment_holds_is_taken_out(lines: str, kept: str) -> None:
    clean = SecretStore(Path()).redacted(lines.replace("{}", "Canari7f3a"))
    assert "Canari" not in clean
    assert kept in clean
    assert clean.count("\n") == lines.count("\n")
    assert SecretStore(Path()).redacted(clean) == clean


CUT = [  # an export that breaks off in the middle of a secret → what is kept of its end
    ('/interface l2tp-server server\nset ipsec-secret="Canari7f3a', 'set ipsec-secret="REDACTED'),
    ('/interface l2tp-server server\nset ipsec-secret="', 'set ipsec-secret="REDACTED'),
    ('/ppp secret\nadd name=a password="Canari7f3a\\"', 'add name=a password="REDACTED'),
    ('/ppp secret\nadd name=a password=\\\n    "Canari7f3a\n/ip', 'password=\\\n    "REDACTED \\\n'),
    ('/interface wifi security\nadd name=s passphrase="Canari7f3a', 'passphrase="REDACTED'),
    ('/system script\nadd name=s source="/ip service Canari7f3a', 'source="REDACTED'),
]


@pytest.mark.parametrize(("lines", "kept"), CUT, ids=range(len(CUT)))
def test_an_export_that_breaks_off_in_a_secret_still_does_without_it(lines: str, kept: str) -> None:
    text = f"# 2024-07-31 09:33:47 by RouterOS 7.15.2\n/interface bridge\nadd name=b\n{lines}"
    clean = SecretStore(Path()).redacted(text)
    assert "Canari" not in clean
    assert clean.endswith(kept)
    assert clean.count("\n") == text.count("\n")
    assert SecretStore(Path()).redacted(clean) == clean
    told = mikrotik_routeros.read_configuration(clean)
    assert told.device.system is not None
    for group in ("port_forwards", "upnp", "services", "firewall"):
        assert getattr(told.device.system, group) is None
        assert f"system.{group}" in {report.fact for report in told.unread}
