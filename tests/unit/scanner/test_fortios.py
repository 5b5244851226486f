"""FortiOS: the forms of its configurations that the recordings do not show, and its secrets."""

import json
from pathlib import Path

import pytest

from inventory.document import to_json
from inventory.system import System
from scanner.platforms import fortinet
from scanner.platforms._fortios import read_tree
from scanner.secret_store import SecretStore
from tests.truth import RECORDINGS, SHARED
from tests.unit.scanner.test_platforms import evidence

FORMS = (RECORDINGS / "fortinet-forms" / "forms.conf").read_text("utf-8")


def read(text: str, command: str = "show") -> System:
    observation = fortinet.read(evidence(f"exec {command}", text))
    assert observation is not None
    return observation.device.system or System()


def test_dialogue_around_it_is_not_read() -> None:
    system = read(f"FW1 # show\n{FORMS}\nFW1 # exit\n".replace("\n", "\r\n"))
    assert system == read(FORMS)


def test_sides_and_filters_of_administration() -> None:
    found = [
        (item.protocol, item.side, item.port, [str(one) for one in item.source_filter or ()])
        for item in read(FORMS).admin or ()
    ]
    hosts = ["192.168.10.0/24", "203.0.113.7/32"]
    # A local-in policy closes tcp/443 on wan1, where HTTPS is not; Telnet is switched off for the whole device.
    assert found == [
        ("https", "wan", 8443, hosts),
        ("fgfm", "wan", 541, []),
        ("ssh", "wan", 2222, hosts),
        ("https", "lan", 8443, hosts),
        ("ssh", "lan", 2222, hosts),
        ("snmp", "lan", 161, ["192.168.10.20/32"]),
    ]


@pytest.mark.parametrize("service", ["TCP-8443", "ALL", "ALL_TCP"])
@pytest.mark.parametrize("interface", ["wan1", "any", "dehors"])
def test_a_local_in_policy_closes_a_port_by_its_number(service: str, interface: str) -> None:
    more = (
        'config system zone\nedit "dehors"\nset interface "wan1"\nnext\nend\n'
        'config firewall service custom\nedit "TCP-8443"\nset tcp-portrange 8443\nnext\nend\n'
    )
    text = FORMS.replace('set service "HTTPS"', f'set service "{service}"').replace(
        'set intf "wan1"', f'set intf "{interface}"'
    )
    found = {(item.protocol, item.side) for item in read(f"{text}{more}").admin or ()}
    assert ("https", "wan") not in found


def test_a_virtual_ip_counts_where_a_policy_names_it() -> None:
    observation = fortinet.read(evidence("exec show", FORMS))
    assert observation is not None
    found = {
        (item.external, str(item.target), item.target_port, item.interface, item.enabled)
        for item in read(FORMS).port_forwards or ()
    }
    assert found == {
        ("tcp/5001", "192.168.10.10", "5000", "wan2", True),
        ("udp/3389-3390", "192.168.10.11", "3389-3390", None, True),
        ("tcp/1-65535", "192.168.10.12", None, "wan2", False),
        ("udp/1-65535", "192.168.10.12", None, "wan2", False),
    }
    (nas,) = (item for item in read(FORMS).port_forwards or () if item.external == "tcp/5001")
    assert (str((nas.source_filter or ())[0]), nas.comment) == ("203.0.113.0/24", 'NAS: "old"')
    # Who may ask is a country: no address says so, and nothing is claimed.
    assert [item.text for item in observation.unread if item.fact == "system.port_forwards"] == ["pays: France"]


def test_the_rest() -> None:
    system = read(FORMS)
    assert system.identity is not None
    assert system.identity.hostname == 'cabinet "B"'
    assert [(item.name, item.administrator, item.second_factor) for item in system.users or ()] == [
        ("admin", True, True),
        ("audit", False, False),
    ]
    assert [(item.name, item.default_route, [str(one) for one in item.addresses or ()])
            for item in system.interfaces or ()] == [
        ("wan1", True, []), ("wan2", True, ["198.51.100.2"]),
        ("internal", False, ["192.168.10.1", "192.168.11.1"]), ("invites", False, ["192.168.50.1"]),
    ]  # fmt: skip
    assert system.snmp is not None
    assert (system.snmp.enabled, system.snmp.versions) == (True, ("v2c",))
    assert system.dns is not None
    assert (system.dns.encrypted, system.dns.answers) == (True, ("lan",))
    assert [(item.id, item.tagged) for item in system.vlans or ()] == [(50, ("internal",))]
    assert [(item.kind, item.server) for item in system.vpn or ()] == [("ipsec", True), ("ssl", True)]
    assert [(item.ssid, item.security, item.isolated) for item in system.wifi or ()] == [("Cabinet", "wpa2/wpa3", True)]
    assert system.logging is not None
    assert system.logging.remote == ("192.168.10.40",)
    assert system.ntp is not None
    assert system.ntp.servers == ("ntp.example.fr",)
    assert system.updates is not None
    assert system.updates.automatic is False
    assert [item.name for item in system.relays or ()] == ["cabinet.fortiddns.com"]


def test_secrets_are_gone_and_the_facts_stay() -> None:
    assert FORMS.count("CANARY") == 11
    without = SecretStore(Path()).redacted(FORMS)
    assert "CANARY" not in without
    assert without.count("\n") == FORMS.count("\n")
    assert not read_tree(without).bad
    before, after = read(FORMS), read(without)
    assert "CANARY" not in json.dumps(to_json(after))
    assert [item.ssid for item in before.wifi or ()] == [item.ssid for item in after.wifi or ()]
    assert (before.admin, before.users, before.port_forwards, before.snmp) == (
        after.admin, after.users, after.port_forwards, after.snmp,
    )  # fmt: skip
    assert SecretStore(Path()).redacted(without) == without


def test_what_everybody_knows_stays() -> None:
    text = (
        'config system snmp sysinfo\nset status enable\nend\nconfig system snmp community\nedit 1\nset name "public"\n'
    )
    system = read(SecretStore(Path()).redacted(f"{text}next\nend\n"))
    assert system.snmp is not None
    assert system.snmp.default_community is True
    assert system.snmp.source_filter is None


@pytest.mark.parametrize("cut", ["config firewall vip", 'edit "bureau"', "set extport 5001", 'comment "NAS'])
def test_a_file_that_ends_early_claims_no_absence(cut: str) -> None:
    text = FORMS[: FORMS.index(cut) + len(cut)]
    observation = fortinet.read(evidence("exec show", text))
    assert observation is not None
    assert any(item.fact == "system.port_forwards" for item in observation.unread)
    assert (observation.device.system or System()).port_forwards != ()


def test_what_is_no_configuration_is_unread() -> None:
    observation = fortinet.read(evidence("exec show", "Unknown action 0\n"))
    assert observation is not None
    assert observation.device.system is None
    assert observation.unread


def test_answers_of_real_devices() -> None:
    folder = SHARED / "cli_outputs" / "fortinet"
    if not folder.exists():
        pytest.skip("the shared recordings are not here")
    models = []
    for path in sorted((folder / "get_system_status").glob("*.raw")):
        identity = read(path.read_text("utf-8"), "get system status").identity
        assert identity is not None
        models.append((identity.model, identity.firmware, identity.build))
    assert models == [
        ("FortiGate-1500D", "6.0.7", "302"),
        ("FortiGate-1801F", "7.0.13", "566"),
        ("FortiGate-60E-POE", "7.4.1", "2463"),
    ]
    (path,) = (folder / "execute_dhcp_lease-list").glob("*.raw")
    leases = read(path.read_text("utf-8"), "execute dhcp lease-list").leases or ()
    assert [item.hostname for item in leases] == [
        "NLZ0637-02",
        "SPA112",
        "YUM-FM_567",
        "Unifi3BS21ubnt",
        "Unifi1BS21ubnt",
    ]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('set uri "hooks.slack.com/services/T0/B0/{}"', 'set uri "hooks.slack.com/REDACTED"'),
        ('set uri "/x?apikey={}"', 'set uri "/REDACTED"'),
        ('set key "Authorization"\n        set value "Bearer {}"', 'set value "REDACTED"'),
        ('set headers "Authorization: Bearer {}"', 'set headers "REDACTED"'),
        ('set script "config user local\nedit x\nset passwd \\"{}\\"\nend"', 'set script "REDACTED\n\n\n"'),
        ('set keytab "{}"', 'set keytab "REDACTED"'),
        ('set comments "salle: pass {} chez Paul"', 'set comments "salle: pass REDACTED chez Paul"'),
    ],
)
def test_what_is_written_freely_is_taken_out(line: str, kept: str) -> None:
    text = f'config system automation-action\n    edit "a"\n        {line}\n    next\nend\n'.replace("{}", "Canari7f3a")
    clean = SecretStore(Path()).redacted(text)
    assert "Canari" not in clean
    assert kept in clean
    assert clean.count("\n") == text.count("\n")
    assert SecretStore(Path()).redacted(clean) == clean


BOX = """\
#config-version=FGT60F-7.4.1-FW-build2463-230830:opmode=0:vdom=0
{glob}config system interface
edit "wan1"
set ip 198.51.100.2 255.255.255.248
set role wan
set allowaccess {wan}
{six}next
end
config firewall local-in-policy
{policies}end
config system admin
edit "admin"
{admin}next
end
config firewall policy
end
"""
GLOBAL = "config system global\nset hostname x\nend\n"
SIX = "config ipv6\nset ip6-address {}\nset ip6-allowaccess https\nend\n"
FROM_A_COUNTRY = """\
edit 1
set intf "wan1"
set internet-service-src enable
set internet-service-src-name "Google-Web"
set service "ALL"
set action accept
next
edit 2
set intf "wan1"
set srcaddr "all"
set service "ALL"
next
"""


def box(
    wan: str = "https", six: str = "", policies: str = "", admin: str = "", glob: str = GLOBAL
) -> tuple[set[tuple[str, str]] | None, set[int] | None, set[str]]:
    """Who administers it from which side, where it listens, and for what something could not be read."""
    observation = fortinet.read(
        evidence("exec show", BOX.format(wan=wan, six=six, policies=policies, admin=admin, glob=glob))
    )
    assert observation is not None
    system = observation.device.system or System()
    admins = None if system.admin is None else {(item.protocol, str(item.side)) for item in system.admin}
    services = None if system.services is None else {item.port for item in system.services}
    return admins, services, {item.fact for item in observation.unread}


def test_a_local_in_policy_by_services_of_the_internet_is_unread() -> None:
    admins, _, unread = box(policies=FROM_A_COUNTRY)
    assert admins is None
    assert "system.admin" in unread
    refused = FROM_A_COUNTRY[FROM_A_COUNTRY.index("edit 2") :]
    assert box(policies=refused)[0] == set()
    lost = FROM_A_COUNTRY.replace('set internet-service-src enable\nset internet-service-src-name "Google-Web"\n', "")
    assert "system.admin" in box(policies=lost)[2]


@pytest.mark.parametrize(
    ("address", "admin", "admins", "unread"),
    [
        ("::/0", "", set(), set()),
        ("2001:db8::1/64", "", {("https", "wan")}, set()),
        ("2001:db8::1/64", "set ip6-trusthost1 ::/0\n", {("https", "wan")}, set()),
        ("2001:db8::1/64", "set ip6-trusthost1 2001:db8:1::/48\n", None, {"system.admin"}),
    ],
)
def test_administration_by_ipv6(
    address: str, admin: str, admins: set[tuple[str, str]] | None, unread: set[str]
) -> None:
    text = BOX.format(wan="ping", six=SIX.format(address), policies="", admin=admin, glob=GLOBAL)
    observation = fortinet.read(evidence("exec show", text.replace("198.51.100.2 255.255.255.248", "0.0.0.0 0.0.0.0")))
    assert observation is not None
    found = (observation.device.system or System()).admin
    assert (None if found is None else {(item.protocol, item.side) for item in found}) == admins
    assert {item.fact for item in observation.unread} == unread


def test_a_factory_table_of_ipv6_opens_nothing_by_ipv4() -> None:
    text = BOX.format(wan="https", six=SIX.format("::/0"), policies="", admin="", glob=GLOBAL)
    assert read(text.replace("198.51.100.2 255.255.255.248", "0.0.0.0 0.0.0.0")).admin == ()


def test_a_port_that_is_not_in_the_file_makes_no_socket_and_no_absence() -> None:
    admins, services, unread = box(wan="https telnet", glob="")
    assert admins == {("https", "wan"), ("telnet", "wan")}
    assert services is None
    assert "system.services" in unread
    assert box(wan="https telnet")[1] == {443, 23}
