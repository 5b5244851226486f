"""DrayTek Vigor: what its answers do not say stays unknown, and no secret of them is kept."""

import re
import time

import pytest

from inventory.system import System
from scanner.platforms import draytek_vigor
from scanner.secret_forms import draytek
from scanner.secret_store import SecretStore
from tests.truth import RECORDINGS, answer
from tests.unit.scanner.test_platforms import evidence

FORMS = RECORDINGS / "draytek_vigor-forms"


def told(command: str, text: str) -> tuple[System, set[str]]:
    """The facts in an answer, and which facts it leaves open."""
    observation = draytek_vigor.read(evidence(f"shell {command}", text))
    assert observation is not None
    return observation.device.system or System(), {report.fact for report in observation.unread}


def summary(*rows: str, whole: bool = True) -> str:
    head = "Index   Proto   WAN IP:Port                 Private IP:Port             Act\n" + "*" * 77 + "\n"
    return head + "".join(f"{row}\n" for row in rows) + ("\nR:Port Redirection, O:Open Ports, D:DMZ\n" if whole else "")


def test_a_whole_summary_without_a_row_says_that_nothing_is_let_in() -> None:
    system, open_facts = told(draytek_vigor.SUMMARY, summary())
    assert system.port_forwards == ()
    assert system.dmz is not None
    assert not system.dmz.enabled
    assert not open_facts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (summary(whole=False), "cut short"),
        (summary("O01     ---     0.0.0.0:800~900             192.168.1.100:800~900     Y"), "no protocol"),
        (summary("R01     TCP     0.0.0.0:80                  192.168.1.300:80          Y"), "no address"),
        (summary("R01     TCP     0.0.0.0:80                  192.168.1.30:80           ?"), "on or off"),
        (summary("R01     TCP     0.0.0.0:99999               192.168.1.30:80           Y"), "no port"),
        ("% Valid subcommands are:\ndmz  ipsecpass\n", "another firmware"),
        ("", "nothing"),
    ],
)
def test_a_summary_that_is_not_understood_never_says_that_nothing_is_let_in(text: str, why: str) -> None:
    system, open_facts = told(draytek_vigor.SUMMARY, text)
    assert system.port_forwards is None, why
    assert system.dmz is None, why
    assert "system.port_forwards" in open_facts, why


def test_what_is_read_above_a_bad_row_is_kept() -> None:
    good = "R02     TCP     -- ALL --:13902             192.168.100.10:64288       Y"
    system, open_facts = told(draytek_vigor.SUMMARY, summary(good, "R03 nonsense"))
    assert [forward.external for forward in system.port_forwards or ()] == ["tcp/13902"]
    assert open_facts == {"system.port_forwards", "system.dmz"}


def test_the_unused_subitems_of_an_open_port_are_none() -> None:
    rows = ["O01     ---     0.0.0.0:0~0                 192.168.1.100:0~0           Y"] * 9
    system, open_facts = told(draytek_vigor.SUMMARY, summary(*rows))
    assert system.port_forwards == ()
    assert not open_facts


@pytest.mark.parametrize(
    ("command", "text", "fact"),
    [
        ("mngt lanaccess -v", "Current LAN Access Control Setting:\n* Enable:No\n* Service:\n   - SSH:No\n", "admin"),
        ("mngt rmtcfg status", "%% Remote configure function has been enabled.\n%% SSH server has been enabled.\n",
         "admin"),
        ("mngt rmtcfg status", "% Valid subcommands are:\n", "admin"),
        ("upnp service", "UPNP say bye-bye\n", "upnp"),
        ("vlan status", "VLAN  is Enable :\n", "vlans"),
        ("mngt bfp -v", "invalid command !!\n", "auto_block"),
        ("show lan", "invalid command !!\n", "interfaces"),
        ("srv dhcp status", "invalid command !!\n", "dhcp"),
    ],
)  # fmt: skip
def test_what_is_not_said_is_unknown(command: str, text: str, fact: str) -> None:
    system, open_facts = told(command, text)
    assert system == System()
    assert open_facts == {f"system.{fact}"}


def test_an_object_that_limits_a_network_leaves_its_access_open() -> None:
    text = (FORMS / "mngt-lanaccess--v.txt").read_text().replace("(index:1) is disabled", "(index:1) is enabled")
    system, open_facts = told("mngt lanaccess -v", text)
    assert system.admin is None
    assert open_facts == {"system.admin"}


def test_no_vlan_and_no_lease_is_said_without_a_row() -> None:
    rows = (FORMS / "vlan-status.txt").read_text().split("\n")
    head = next(at for at, row in enumerate(rows) if "VID" in row)
    system, open_facts = told("vlan status", "\n".join(rows[: head + 1]))
    assert (system.vlans, open_facts) == (None, {"system.vlans"})
    pool = "LAN1       : DHCP Server On    IP Pool: 192.168.1.10 ~ 192.168.1.209\n"
    for rest in ("", "no such thing\n", "1  ?\n"):
        system, open_facts = told("srv dhcp status", pool + rest)
        assert (system.leases, open_facts) == (None, {"system.leases"})
        assert len(system.dhcp or ()) == 1


def test_no_vlan_when_they_are_off() -> None:
    text = (FORMS / "vlan-status.txt").read_text().replace("is Enable", "is Disable")
    assert told("vlan status", text)[0].vlans == ()


def test_the_redirections_at_work_where_there_is_no_summary() -> None:
    rows = " 1            6           80   192.168.1.11               100\n 2            0          0   0.0.0.0   0\n"
    system, _ = told("srv nat status", f"NAT Port Redirection Running Table:\n\n{rows}")
    assert [(item.external, str(item.target), item.target_port) for item in system.port_forwards or ()] == [
        ("tcp/80", "192.168.1.11", "100")
    ]


def test_a_pager_of_the_guide_costs_a_line_at_most() -> None:
    text = (FORMS / "show-status.txt").read_text()
    system, _ = told("show status", "\n".join(f"             {line}" for line in text.split("\n")))
    assert system == told("show status", text)[0]


@pytest.mark.parametrize(
    ("said", "servers", "open_facts"),
    [
        ("Primary DNS:8.8.8.8              Secondary DNS:---", ("8.8.8.8",), set()),
        ("Primary DNS:---  Secondary DNS:", (), set()),
        ("Primary DNS:2001:db8::1     Secondary DNS:8.8.4.4", None, {"system.dns"}),
        ("Primary DNS:8.8.8.999     Secondary DNS:8.8.4.4", None, {"system.dns"}),
    ],
)
def test_a_resolver_that_cannot_be_read_is_not_none_at_all(
    said: str, servers: tuple[str, ...] | None, open_facts: set[str]
) -> None:
    system, unread = told("show status", f"System Uptime:1:0:0\nLAN Status\n{said}\n")
    assert (system.dns.servers if system.dns else None) == servers
    assert unread == open_facts


SECRETS = """Index:1
User Name:carrie
User Password:@1@
Router Model: Vigor2927    Version: 4.4.0
% Profile Index : 1
% Username : vigor
% Password : @2@
% Pre-share Key : @3@
% Dial-out Settings
% Password                : @4@
% Pre-Shared Key         : @5@
Dial-in profile index 1
Mobile OTP: Enabled
Password: @6@
PIN: @7@
Secret: @8@
------ Current setting for Mail Alert ------
Use SSL: Disable
Username for SMTP Authentication: cabinet
Password for SMTP Authentication: @9@
LDAP Enable:Disabled.
LDAP Regular Password:@10@
 Get Community set to @11@
 Set Community set to @12@
 Trap Community set to @13@
InternetGatewayDevice.ManagementServer.Username= fae
InternetGatewayDevice.ManagementServer.Password= @14@
InternetGatewayDevice.ManagementServer.ConnectionRequestPassword= @15@
InternetGatewayDevice.ManagementServer.STUNPassword=
% Commands Log: (The lowest index is the newest !!!)
    [1] sys passwd @16@ @17@
    [2] vpn setup 1 name1 dialin 1.2.3.4 vigor @18@ @19@ 192.168.1.0 255.255.255.0
DrayTek> mngt snmp -e 1 -g @20@ -s @21@ -q @22@ -u @23@
> internet -W 1 -M 1 -u link1 -p @24@
> vpn option 1 opwd=@25@ okey=@26@
> usb user add 1 root @27@ RWDLCR /usr
"""


def test_no_secret_is_kept() -> None:
    planted = re.sub(r"@(\d+)@", r"Canari-Vigor-\1", SECRETS)
    kept = SecretStore(FORMS).redacted(planted)
    assert "Canari" not in kept
    assert kept.count("\n") == planted.count("\n")
    for said in ("User Name:carrie", "% Username : vigor", "Username for SMTP Authentication: cabinet",
                 "Use SSL: Disable", "STUNPassword=\n", "Router Model: Vigor2927    Version: 4.4.0"):  # fmt: skip
        assert said in kept
    assert SecretStore(FORMS).redacted(kept) == kept


def test_the_facts_of_a_device_stay() -> None:
    for path in FORMS.glob("*.txt"):
        assert answer("ssh shell show lan", path.read_bytes()).text == path.read_text()


def test_other_makers_words_stay() -> None:
    assert draytek.without("Password: hunter2\n") == "Password: hunter2\n"


@pytest.mark.parametrize(
    "body",
    ["Router Model: Vigor\n" + "Password" * 130_000, "DrayTek\n" + "a a a a key" * 90_000, "DrayTek\n" + "% " * 500_000,
     "DrayTek\n" + "InternetGatewayDevice." * 45_000, "DrayTek\n" + "[1] sys passwd " * 60_000],
)  # fmt: skip
def test_hostile_text_takes_no_time(body: str) -> None:
    began = time.process_time()
    draytek.without(body)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", ["SIM PIN Code", "mOTP PIN Code", "Trap Community Name"])
def test_a_code_is_a_secret_by_its_longer_name_too(name: str) -> None:
    clean = draytek.without(f"Router Model: Vigor2927\n {name} : Canari7f3a\n")
    assert clean == f"Router Model: Vigor2927\n {name} : REDACTED\n"
