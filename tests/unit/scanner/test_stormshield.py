"""Stormshield SNS: what its files and answers do not prove stays unknown, and no secret of them is kept."""

import re
import time

import pytest

from inventory.system import SnmpSettings, System
from scanner.platforms import stormshield_sns
from scanner.secret_forms import stormshield
from scanner.secret_store import SecretStore
from tests.truth import RECORDINGS, answer
from tests.unit.scanner.test_platforms import evidence

CONSOLE = (RECORDINGS / "stormshield_sns-console" / "console.txt").read_text()
SERVERD = RECORDINGS / "stormshield_sns-serverd"
RULES = {"system.port_forwards", "system.firewall", "system.admin"}


def told(text: str, command: str = stormshield_sns.CONSOLE) -> tuple[System, set[str]]:
    """The facts in an answer, and which facts it leaves open."""
    observation = stormshield_sns.read(evidence(f"shell {command}", text))
    assert observation is not None
    return observation.device.system or System(), {report.fact for report in observation.unread}


def slot(filters: str, nat: str = "") -> str:
    """The console of a firewall with these rules in its active slot."""
    head, _, tail = CONSOLE.partition("==> Filter/09 <==")
    version = tail.strip().rpartition("\n")[2]
    return f"{head}==> Filter/09 <==\n[Filter]\n{filters}\n[NAT]\n{nat}\n{version}\n"


def ssh(filters: str) -> list[tuple[str, list[str] | None]]:
    """From which sides SSH is let in, and by whom."""
    return [
        (way.side, [str(item) for item in way.source_filter] if way.source_filter else None)
        for way in told(slot(filters))[0].admin or ()
    ]


@pytest.mark.parametrize("gateway", ["", "any", "groupe", "prestataire", "srv_dossiers"])
def test_the_default_route_is_told_of_the_interface_beside_its_gateway(gateway: str) -> None:
    interfaces = told(CONSOLE.replace("DefaultRoute=Firewall_out_router", f"DefaultRoute={gateway}"))[0].interfaces
    leaving = [item.name for item in interfaces or () if item.default_route]
    assert leaving == (["in"] if gateway == "srv_dossiers" else [])


@pytest.mark.parametrize("source", ["Network_out", "Network_out on out", "Network_in on out"])
def test_the_neighbours_outside_are_not_the_whole_internet(source: str) -> None:
    assert ssh(f"pass from {source} to Firewall_out port ssh\nblock from any to any") == []
    assert ssh("pass from Network_in to Firewall_in port ssh\nblock from any to any") == [("lan", ["192.168.10.0/24"])]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("pass from any to any", [("wan", None), ("lan", None)]),
        ("pass from any on out to Firewall_out port ssh", [("wan", None)]),
        (
            "pass from prestataire on out to Firewall_out port ssh\npass from any on out to any port ssh",
            [("wan", None)],
        ),
        ("pass from internet to firewall_all port 22", [("wan", None)]),
        ("pass from Network_imagerie to firewall_all", [("lan", ["192.168.20.0/24"])]),
        ("block from any on out to any\npass from any to firewall_all port ssh", [("lan", None)]),
        ("pass from any on out to Firewall_out port https", []),
        ("pass ipproto udp from any on out to Firewall_out port ssh", []),
        ("off pass from any on out to Firewall_out port ssh", []),
        ("block from any to any\npass from any on out to Firewall_out port ssh", []),
        # An address of the firewall is that of its own side; from the other one it may be reached or not.
        ("pass from any to Firewall_in port ssh", [("lan", None)]),
        ("pass from any to Firewall_out port ssh", [("wan", None)]),
        ("pass from any on out to Firewall_in port ssh", []),
        ("pass from any to Firewall_ailleurs port ssh", []),
        ("block from any to Firewall_in\npass from any on out to Firewall_out port ssh", []),
        ("block from any on in to Firewall_in\npass from any to firewall_all port ssh", [("wan", None)]),
        # What may keep it out before it is let in: nothing is said.
        ("block from un_groupe to any\npass from any on out to Firewall_out port ssh", []),
        ("block from prestataire on out to any\npass from any on out to Firewall_out port ssh", []),
        ("block from any to any port un_service\npass from any on out to Firewall_out port ssh", []),
        ("nonsense\npass from any on out to Firewall_out port ssh", []),
        ('pass from group="it"@Network_in to any\npass from any on out to Firewall_out port ssh', []),
        # Whoever is not understood lets nobody in for sure.
        ("pass from un_groupe on out to Firewall_out port ssh", []),
        ("pass from any on inconnue to Firewall_out port ssh", []),
        ("pass from any to un_hote port ssh", []),
        ("pass time nuit from any on out to Firewall_out port ssh", []),
    ],
)
def test_ssh_is_let_in_where_the_rules_say_so_beyond_doubt(
    filters: str, expected: list[tuple[str, list[str] | None]]
) -> None:
    assert sorted(ssh(filters)) == sorted(expected)
    assert "system.admin" in told(slot(filters))[1]  # the web administration has ways of its own


def test_no_ssh_when_it_is_off() -> None:
    system, _ = told(slot("pass from any to any").replace("[SSH]\nState=1", "[SSH]\nState=0"))
    assert system.admin is None
    assert system.ssh is None


@pytest.mark.parametrize(
    ("filters", "policy"),
    [
        ("block from any to any", "drop"),
        ("pass from Network_in to any\npass log from any to any # tout", "accept"),
        ("off pass from any to any\nreset from any to any", "drop"),
        ("pass from any on out to any", None),
        ("pass ipproto tcp from any to any\npass from any to any port http", None),
        ("nonsense\nblock from any to any", None),
        ("", None),
    ],
)
def test_the_rule_for_everything_says_what_becomes_of_the_rest(filters: str, policy: str | None) -> None:
    system, open_facts = told(slot(filters))
    assert [chain.policy for chain in (system.firewall.input or () if system.firewall else ())] == [policy][
        : bool(policy)
    ]
    assert ("system.firewall" in open_facts) is (policy is None)


@pytest.mark.parametrize(
    "nat",
    [
        "nat from any on out to Firewall_out -> from original to srv_dossiers",
        "nat from any on out to Firewall_out port https -> from original to groupe",
        "nat from any on out to Firewall_out port https -> from original to agence",
        "nat from un_groupe on out to Firewall_out port https -> from original to srv_dossiers",
        "nat from any on out to Firewall_out port mon_service -> from original to srv_dossiers",
        "nat from any on out to Firewall_out port https -> to srv_dossiers",
        "nat from any on out to Firewall_out port https -> from original to srv_dossiers port mon_service",
        "nat from any on out to Firewall_out port https -> from original to srv_dossiers loadbalancing srchash",
        'nat from user="x"@any on out to Firewall_out port https -> from original to srv_dossiers',
        "bimap from srv_dossiers to any on out -> from Firewall_out to original",
        "nonsense",
    ],
)
def test_a_translation_that_is_not_understood_never_says_that_nothing_is_let_in(nat: str) -> None:
    system, open_facts = told(slot("block from any to any", nat))
    assert system.port_forwards is None
    assert "system.port_forwards" in open_facts


def test_no_forward_where_every_translation_leaves_the_destination() -> None:
    sources = "nat from Network_in to any on out -> from Firewall_out port ephemeral_fw to original"
    assert told(slot("block from any to any", sources))[0].port_forwards == ()


def test_a_protocol_makes_a_number_a_port() -> None:
    nat = "nat ipproto udp from any on out to Firewall_out port 5060|5061 -> from original to srv_dossiers port 5062"
    system, _ = told(slot("block from any to any", nat))
    assert [(item.external, item.target_port) for item in system.port_forwards or ()] == [
        ("udp/5060", "5062"), ("udp/5061", "5062"),
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["==> Filter/09", "[NAT]", "block from any to any # Block all", "Firewall software"])
def test_an_output_that_is_cut_short_says_nothing_of_its_rules(end: str) -> None:
    system, open_facts = told(CONSOLE[: CONSOLE.index(end)])
    assert system.port_forwards is None
    assert system.firewall is None
    assert system.admin is None
    assert open_facts >= RULES
    assert system.interfaces is not None


@pytest.mark.parametrize("blank", ["", "\n\n"])
def test_a_file_of_as_many_lines_as_are_shown_may_go_on(blank: str) -> None:
    rules = "\n".join(["block from any to any"] * 19_998)
    head, _, tail = CONSOLE.partition("==> Filter/09 <==")
    version = tail.strip().rpartition("\n")[2]
    text = f"{head}==> Filter/09 <==\n[Filter]\n{rules}"
    for last, known in (("", True), (blank or "\nblock from any to any", False)):
        system, open_facts = told(f"{text}{last}\n{version}\n")
        assert (system.port_forwards == ()) is known
        assert (system.firewall is not None) is known
        assert (open_facts >= RULES) is not known


def test_half_of_the_interfaces_are_not_all() -> None:
    head, _, tail = CONSOLE.partition("[ethernet2]")
    rows = "Media=0\n" * 20_000
    system, open_facts = told(f"{head}{rows}==> object{tail.partition('==> object')[2]}")
    assert [item.name for item in system.interfaces or ()] == ["out", "in"]
    assert system.vlans is None
    assert {"system.interfaces", "system.vlans"} <= open_facts


def test_a_file_that_is_shown_again_says_nothing_more() -> None:
    again = (
        "==> Filter/09 <==\n[NAT]\nnat from any on out to Firewall_out port https -> from original to srv_dossiers\n"
    )
    text = slot("block from any to any")
    assert told(text.replace("Firewall software", f"{again}Firewall software"))[0].port_forwards == ()


def test_no_vlan_is_not_said_of_half_a_file() -> None:
    assert told(CONSOLE[: CONSOLE.index("[vlan0]")])[0].vlans is None
    assert told(CONSOLE.replace("[vlan0]", "[loopback0]"))[0].vlans == ()


@pytest.mark.parametrize("path", ["slotinfo: not found", "/usr/Firewall/ConfigFiles/Filter/07", "", "Filter/../x"])
def test_without_the_active_slot_its_rules_are_unknown(path: str) -> None:
    system, open_facts = told(CONSOLE.replace("/usr/Firewall/ConfigFiles/Filter/09", path))
    assert system.port_forwards is None
    assert open_facts >= RULES


@pytest.mark.parametrize("command", stormshield_sns.COMMANDS)
@pytest.mark.parametrize(
    "text",
    ['200 code=00600a00 msg="Permission denied"\n', "CONFIG: Command not found.\n", "cd: Command not found.\n", "",
     '101 code=00a01000 msg="Begin" format="section"\n[Config]\nState=0\n[Global]\nState=0\n',
     '101 code=00a01000 msg="Begin" format="section"\n100 code=00a00100 msg="Ok"\n'],
)  # fmt: skip
def test_a_refusal_and_half_an_answer_tell_nothing(command: str, text: str) -> None:
    system, open_facts = told(text, command)
    assert system == System()
    assert open_facts


def serverd(name: str, old: str, new: str) -> System:
    """What an answer says once something in it is another."""
    text = (SERVERD / f"{name.lower().replace(' ', '-')}.txt").read_text()
    assert old in text
    return told(text.replace(old, new), name)[0]


def test_what_is_on_and_off() -> None:
    assert serverd("CONFIG SNMP SHOW", "State=1\nauth", "State=0\nauth").snmp == SnmpSettings(False)
    snmp = serverd("CONFIG SNMP SHOW", "V2cState=1\nV3State=0\n", "").snmp
    assert snmp == SnmpSettings(True, None, default_community=True)
    assert serverd("CONFIG SNMP SHOW", "Community=public", "Community=").snmp == SnmpSettings(True, ("v2c",))
    assert serverd("CONFIG DNS SHOW", "State=Off", "State=On").dns is None
    assert serverd("CONFIG DHCP SHOW", "State=Off", "State=On").dhcp is None
    logging = serverd("CONFIG COMMUNICATION SYSLOG PROFILE SHOW", "[0]\nState=1", "[0]\nState=0").logging
    assert logging is not None
    assert logging.remote == ()


def test_the_console_is_asked_first_and_serverd_only_where_it_told_nothing() -> None:
    assert stormshield_sns.COMMANDS[0] == stormshield_sns.CONSOLE
    assert set(stormshield_sns.INSTEAD) == set(stormshield_sns.COMMANDS[1:])


@pytest.mark.parametrize("denied", ["head: network: Permission denied", "head: network: No such file or directory", ""])
def test_a_console_that_shows_no_file_leaves_serverd_to_be_asked(denied: str) -> None:
    system, open_facts = told(f"/usr/Firewall/ConfigFiles/Filter/09\n{denied}\nFirewall software version 4.1.5\n")
    assert system == System()
    assert open_facts == RULES


SECRETS = """101 code=00a01000 msg="Begin" format="section"
[Access]
username=vigie
AuthPass=@1@
PrivPass="@2@ avec un blanc"
Community=@3@
[dialup0]
AuthName=fti/abc
AuthPassword=@4@
Userpass=1
[0]
Server=srv_journaux
SekoiaIntakeKey=@5@
[PSK]
198.51.100.9=@6@
prestataire@example.fr="@7@"
[Ldap]
bindpasswd=@8@
name=agence psk=@9@ type=gateway keynum=none
ssid="Cabinet" wpakey="@10@"
fw> CONFIG HA CREATE ifname=sync password=@11@
> nsrpc -f -c /tmp/x.cfg admin:@12@@127.0.0.1:1300
sharedSecret=@13@
100 code=00a00100 msg="Ok"
"""


def test_no_secret_is_kept() -> None:
    planted = re.sub(r"@(\d+)@", r"Canari-Sns-\1", SECRETS)
    kept = SecretStore(SERVERD).redacted(planted)
    assert "Canari" not in kept
    assert kept.count("\n") == planted.count("\n")
    for said in ("username=vigie", "AuthName=fti/abc", "Userpass=1", "Server=srv_journaux",
                 "keynum=none", 'ssid="Cabinet"'):  # fmt: skip
        assert said in kept
    assert SecretStore(SERVERD).redacted(kept) == kept


@pytest.mark.parametrize(
    "value", ['" Soleil2024"', '"on Soleil2024"', '"0 Soleil2024"', '"off Soleil2024', "Soleil2024"]
)
def test_a_password_that_begins_like_a_switch_is_none(value: str) -> None:
    for name in ("AuthPass", "SnmpCommunity", "Key"):
        kept = stormshield.without(f"[Access]\n{name}={value}\nUser=a\n")
        assert kept == f"[Access]\n{name}=REDACTED\nUser=a\n"
        assert stormshield.without(kept) == kept


@pytest.mark.parametrize("value", ["1", "on", '"on"', '""', "", '"0" user=a', "off user=a", '"', "public"])
def test_a_switch_and_what_everybody_knows_stay(value: str) -> None:
    text = f"[Access]\n{'SnmpCommunity' if value == 'public' else 'AuthPass'}={value}\n"
    assert stormshield.without(text) == text


def test_the_facts_of_a_device_stay() -> None:
    for path in RECORDINGS.glob("stormshield_sns-*/*.txt"):
        assert answer("ssh shell SYSTEM PROPERTY", path.read_bytes()).text == path.read_text()


def test_other_makers_words_stay() -> None:
    assert stormshield.without("psk=Soleil2024\n") == "psk=Soleil2024\n"


@pytest.mark.parametrize(
    "body",
    ["/usr/Firewall/\n" + "password" * 130_000, "/usr/Firewall/\n" + "[psk]\n" * 170_000,
     "/usr/Firewall/\n" + "nsrpc a" * 150_000, "/usr/Firewall/\n" + "a.b-" * 250_000, "config ha " * 100_000],
)  # fmt: skip
def test_hostile_text_takes_no_time(body: str) -> None:
    began = time.process_time()
    stormshield.without(body)
    assert time.process_time() - began < 2


HEAD = "/usr/Firewall/ConfigFiles/Filter/01\n==> network <==\n"
TAIL = "Firewall software version 4.1.5\n"
HOSTILE = {
    "interfaces and forwards": HEAD
    + "".join(f"[ethernet{at}]\nName=i{at}\nProtected=0\nAddress=10.0.{at // 250}.{at % 250}\n" for at in range(900))
    + "==> object <==\n[Host]\ns=10.0.0.1\n==> Filter/01 <==\n[Filter]\n[NAT]\n"
    + "nat from any on i1 to Firewall_i1 port http -> from original to s\n" * 14_000,
    "services": HEAD
    + "[ethernet0]\nProtected=0\n==> object <==\n[Host]\ns=10.0.0.1\n==> Filter/01 <==\n[Filter]\n[NAT]\n"
    + f"nat ipproto tcp from any to Firewall_x port {'|'.join(['1'] * 500)} -> from original to s\n" * 900,
    "hosts that are let in": HEAD
    + "[ethernet0]\nName=out\nProtected=0\n==> system <==\n[SSH]\nState=1\n==> object <==\n[Host]\n"
    + "".join(f"h{at}=10.0.{at // 250}.{at % 250}\n" for at in range(9000))
    + "==> Filter/01 <==\n[Filter]\n"
    + "".join(f"pass from h{at} on out to any port ssh\n" for at in range(9000)),
    "sections": HEAD + "[ethernet0]\n" * 80_000,
    "words": HEAD + "==> Filter/01 <==\n[Filter]\n" + "pass from " * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_time(name: str) -> None:
    began = time.process_time()
    system, _ = told(HOSTILE[name][: 1 << 20] + "\n" + TAIL)
    assert time.process_time() - began < 4
    assert len(system.port_forwards or ()) <= 4096 + 500
