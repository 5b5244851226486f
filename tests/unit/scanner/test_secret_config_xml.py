"""No secret of a config.xml stays in what is kept, nor in any fact; the facts are the same without them."""

import re
import time
from pathlib import Path

import pytest

from inventory.document import to_json
from scanner.platforms import opnsense, pfsense
from scanner.secret_store import SecretStore
from tests.truth import cases

# Where each maker, and the packages of each, keep secrets: `@` stands for one.
PLACES = """
<system><user><name>a</name><bcrypt-hash>@</bcrypt-hash><sha512-hash>@</sha512-hash><md5-hash>@</md5-hash>
<nt-hash>@</nt-hash><password>@</password><ipsecpsk>@</ipsecpsk><otp_seed>@</otp_seed>
<authorizedkeys>@</authorizedkeys><apikeys><item><key>@</key><secret>@</secret></item></apikeys></user>
<user><name>b</name><apikeys>@</apikeys></user>
<authserver><ldap_bindpw>@</ldap_bindpw><radius_secret>@</radius_secret></authserver>
<acb><encryption_password>@</encryption_password><userkey>@</userkey></acb><webgui><loginautocomplete/></webgui>
<backup><nextcloud><enabled>1</enabled><password>@</password><password_encryption>@</password_encryption></nextcloud>
<git><privkey>@</privkey></git></backup><remotebackup><GDriveP12key>@</GDriveP12key><GDrivePassword>@</GDrivePassword></remotebackup></system>
<notifications><smtp><password>@</password></smtp><telegram><api>@</api></telegram><pushover><apikey>@</apikey>
<userkey>@</userkey></pushover><slack><api>@</api></slack></notifications>
<interfaces><wan><password>@</password><pppoe_password>@</pppoe_password>
<adv_dhcp6_key_info_statement_secret>@</adv_dhcp6_key_info_statement_secret><wireless><wpa><passphrase>@</passphrase>
<auth_server_shared_secret>@</auth_server_shared_secret></wpa><wep><key><value>@</value></key></wep></wireless></wan>
</interfaces>
<ppps><ppp><password>@</password><secret><![CDATA[@]]></secret></ppp></ppps>
<dhcpd><lan><ddnsdomainkey>@</ddnsdomainkey><omapi_key>@</omapi_key></lan></dhcpd>
<snmpd><rocommunity>@</rocommunity><trapstring>@</trapstring></snmpd>
<openvpn><openvpn-server><shared_key>@</shared_key><tls>@</tls><custom_options>auth-user-pass @</custom_options>
</openvpn-server><openvpn-client><auth_pass>@</auth_pass><proxy_passwd>@</proxy_passwd></openvpn-client></openvpn>
<ipsec><phase1><pre-shared-key>@</pre-shared-key></phase1><mobilekey><ident>a</ident><pre-shared-key>@</pre-shared-key>
</mobilekey></ipsec>
<l2tp><secret>@</secret><radius><secret>@</secret></radius><user><password>@</password></user></l2tp>
<pppoes><pppoe><username>anne:@:10.0.0.2</username><radius><server><secret>@</secret></server></radius></pppoe></pppoes>
<cert><crt>public</crt><prv>@</prv></cert><ca><prv>@</prv></ca>
<dyndnses><dyndns><password>@</password><updateurl>https://a.example/?t=@</updateurl></dyndns></dyndnses>
<hasync><password>@</password></hasync>
<captiveportal><zone><radiuskey>@</radiuskey><radmac_secret>@</radmac_secret></zone></captiveportal>
<voucher><zone><privatekey>@</privatekey></zone></voucher>
<cron><item><command>/usr/bin/curl -u a:@ https://b.example</command></item></cron>
<aliases><alias><name>u</name><url>https://c.example/list?api_key=@</url></alias></aliases>
<filter><rule><descr>password: @</descr></rule><rule><descr><![CDATA[psk @]]></descr></rule></filter>
<installedpackages>
<freeradius><config><varuserspassword>@</varuserspassword><varusersmotpinitsecret>@</varusersmotpinitsecret></config>
</freeradius><freeradiusclients><config><varclientsharedsecret>@</varclientsharedsecret></config></freeradiusclients>
<wireguard><tunnels><item><privatekey>@</privatekey></item></tunnels><peers><item><presharedkey>@</presharedkey></item>
</peers></wireguard><snortglobal><oinkmastercode>@</oinkmastercode><etpro_code>@</etpro_code></snortglobal>
<acme><accountkeys><item><accountkey>@</accountkey></item></accountkeys><certificates><item><a_domainlist><item>
<dns_ovhovh_ck>x</dns_ovhovh_ck><dns_cfcf_token>@</dns_cfcf_token></item></a_domainlist></item></certificates></acme>
<squid><config><custom_options_squid3>@</custom_options_squid3></config></squid>
<squidauth><config><ldap_pass>@</ldap_pass></config></squidauth><tailscale><config><authkey>@</authkey></config>
</tailscale><zabbixagent><config><tlspskvalue>@</tlspskvalue></config></zabbixagent>
<nut><config><upsd_user_password>@</upsd_user_password><remote_pass>@</remote_pass><upsmon_conf>@</upsmon_conf>
<ups_conf>@</ups_conf><upsd_conf>@</upsd_conf><upsd_users>@</upsd_users><extra_args>@</extra_args></config></nut>
</installedpackages>
<OPNsense><Nut><snmp><args>community=@</args></snmp><account><admin_password>@</admin_password></account>
<netclient><password>@</password></netclient></Nut>
<IPsec><preSharedKeys><preSharedKey uuid="a"><ident>b</ident><Key>@</Key></preSharedKey></preSharedKeys>
<keyPairs><keyPair><publicKey>public</publicKey><privateKey>@</privateKey></keyPair></keyPairs></IPsec>
<Swanctl><locals><local><eap_id>a</eap_id></local></locals></Swanctl>
<OpenVPN><StaticKeys><StaticKey uuid="c"><mode>crypt</mode><key>@</key></StaticKey></StaticKeys><Instances><Instance>
<password>@</password></Instance></Instances></OpenVPN>
<wireguard><server><servers><server><pubkey>public</pubkey><privkey>@</privkey></server></servers></server><client>
<clients><client><psk>@</psk></client></clients></client></wireguard>
<DynDNS><accounts><account><username>a</username><password>@</password></account></accounts></DynDNS>
<netsnmp><general><community>@</community></general><user><users><user><password>@</password><enckey>@</enckey></user>
</users></user></netsnmp><monit><general><password>@</password><httpdPassword>@</httpdPassword></general></monit>
<AcmeClient><accounts><account><key>@</key></account></accounts><validations><validation><dns_cf_token>@</dns_cf_token>
<dns_ovh_app_secret>@</dns_ovh_app_secret></validation></validations></AcmeClient>
<TelegrafXX><output><influx_v2_token>@</influx_v2_token></output></TelegrafXX>
<zerotier><apiAccessToken>@</apiAccessToken></zerotier></OPNsense>
"""


@pytest.mark.parametrize("product", ["pfsense", "opnsense"])
@pytest.mark.parametrize("plain", ["Soleil{:03}!", "12{:03}", "$2y$10$abcdef{:03}ghij", "MIIEow{:03}IBAAKC/+x=="])
def test_no_secret_stays(product: str, plain: str) -> None:
    parts = f"<?xml version='1.0'?>\n<{product}>{PLACES}</{product}>".split("@")
    secrets = [plain.format(at) for at in range(len(parts) - 1)]
    assert len(secrets) > 75
    text = "".join(part + secret for part, secret in zip(parts, [*secrets, ""], strict=True))
    kept = SecretStore(Path()).redacted(text)
    assert [secret for secret in secrets if secret in kept] == []
    assert kept.count("\n") == text.count("\n")
    assert kept.count(">public<") == 3
    platform = {"pfsense": pfsense, "opnsense": opnsense}[product]
    read = {"pfsense": pfsense.read_config, "opnsense": opnsense.read_config}[platform.ID](kept)
    said = str(to_json(read.device)) + str(read.unread)
    assert read.device.system is not None
    assert [secret for secret in secrets if secret in said] == []


def test_facts_are_the_same_without_secrets() -> None:
    for case in cases():
        if case.platform.ID in ("pfsense", "opnsense"):
            for answer in case.answers:
                again = SecretStore(Path()).redacted(answer.text)
                assert again == answer.text  # twice is once


SETTINGS = (
    "<pfsense><system><ssh><enable>enabled</enable><sshdkeyonly>both</sshdkeyonly></ssh><user><name>a</name><otp_seed/>"
    "</user></system><snmpd><rocommunity>public</rocommunity><enable/></snmpd><filter><rule><descr>Reset password page"
    "</descr></rule></filter></pfsense>"
)


def test_settings_that_facts_need_stay() -> None:
    kept = SecretStore(Path()).redacted(SETTINGS)
    assert kept == SETTINGS.replace("password page", "password REDACTED")
    assert pfsense.read_config(kept).unread == ()


def test_a_passphrase_that_is_an_ordinary_word_goes_too() -> None:
    kept = SecretStore(Path()).redacted("<opnsense><a><password>default</password><psk>12345</psk></a></opnsense>")
    assert kept == "<opnsense><a><password>REDACTED</password><psk>REDACTED</psk></a></opnsense>"


HOSTILE = {
    "tags": "<pfsense>" + "<password>x</password>" * 45_000,
    "open": "<pfsense>" + "<" * (1 << 20),
    "cdata": "<pfsense>" + "<![CDATA[" * 110_000,
    "one tag": "<pfsense><password " + "a" * (1 << 20),
    "depth": "<pfsense>" + "<key>" * 200_000,
    "settings": "<pfsense><a>" + "password </" * 100_000,
    "hashes": "<pfsense><a>" + "$1$" * 300_000,
    "urls": "<pfsense><a>" + "?key=" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_time(name: str) -> None:
    began = time.process_time()
    kept = SecretStore(Path()).redacted(HOSTILE[name])
    assert time.process_time() - began < 5
    assert kept.count("\n") == 0


def test_other_text_is_left_alone() -> None:
    line = "<config><key>x</key></config>"
    assert SecretStore(Path()).redacted(line) == line


@pytest.mark.parametrize(
    "piece",
    [
        "<dns_ovhovh_as>{}</dns_ovhovh_as>", "<dns_ovhovh_ck>{}</dns_ovhovh_ck>",
        "<sshkeyfile><xmldata>{}</xmldata></sshkeyfile>", "<shellcmd>curl -u u:{} https://a.fr</shellcmd>",
        "<earlyshellcmd>curl -u u:{}</earlyshellcmd>", "<pushover><user>{}</user></pushover>",
        "<numberoptions><item><number>90</number><value>{}</value></item></numberoptions>",
        "<!-- mdp {} -->", "<descr>mdp {}</descr>", "<descr><![CDATA[mdp wifi : {}]]></descr>",
    ],
)  # fmt: skip
def test_what_stands_in_one_place_only_is_taken_out(piece: str) -> None:
    clean = SecretStore(Path()).redacted(f"<pfsense>\n{piece.format('Canari7f3a')}\n</pfsense>")
    assert clean == f"<pfsense>\n{re.sub(r'curl[^<]*', '{}', piece).format('REDACTED')}\n</pfsense>"
    assert SecretStore(Path()).redacted(clean) == clean


def test_a_user_and_a_value_of_another_place_stay() -> None:
    text = "<pfsense><user>marie</user><row><value>3</value></row><descr>Pass DNS to LAN</descr></pfsense>"
    assert SecretStore(Path()).redacted(text) == text
