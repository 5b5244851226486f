"""The registry: what is a platform, what it may ask, and which devices it recognises."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from inventory.device import Device
from inventory.network import HttpSeen, MdnsService, Network, Port, SnmpSeen, UpnpSeen
from inventory.system import Identity, System
from scanner.platforms import (
    PLATFORMS,
    Platform,
    api,
    asustor_adm,
    bbox,
    cisco_ios,
    cisco_s300,
    draytek_vigor,
    fortinet,
    freebox,
    linux,
    mikrotik_routeros,
    openwrt,
    opnsense,
    orange_livebox,
    pfsense,
    qnap_qts,
    recognised,
    sfr_box,
    stormshield_sns,
    synology_dsm,
    truenas,
    ubiquiti_edgerouter,
    ubiquiti_unifi,
    vyos,
    wd_mycloud,
)
from scanner.snmprec import read_system
from tests.tools.platforms import ALONE
from tests.unit.scanner.test_platforms import DSM_WALK, RECORDINGS, evidence

PLATFORM_MODULES: tuple[Platform, ...] = (
    bbox,
    freebox,
    cisco_ios,
    cisco_s300,
    draytek_vigor,
    fortinet,
    linux,
    mikrotik_routeros,
    openwrt,
    opnsense,
    pfsense,
    orange_livebox,
    sfr_box,
    stormshield_sns,
    synology_dsm,
    ubiquiti_edgerouter,
    ubiquiti_unifi,
    vyos,
    asustor_adm,
    linux,
    mikrotik_routeros,
    openwrt,
    qnap_qts,
    synology_dsm,
    truenas,
    wd_mycloud,
)  # for mypy: each module is a Platform


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.ID)
def test_evidence_of_others_is_not_read(platform: Platform) -> None:
    assert platform.read(evidence("exec rm -rf /", "x")) is None
    assert platform.read(evidence("host-key", "ssh-ed25519 SHA256:x")) is None
    assert platform.read(evidence("sweep", b"", "arp")) is None
    assert platform.read(evidence("walk:1.3", "1.3.6.1.2.1.1.1.0|4|x", "snmp", "v2c")) is None
    for command in platform.COMMANDS:
        assert platform.read(evidence(f"exec {command}", "x", status="failed")) is None


def test_the_folder_is_the_registry() -> None:
    folder = Path(linux.__file__).parent
    files = sorted(file.stem for file in folder.glob("*.py") if not file.name.startswith("_"))
    assert [platform.ID for platform in PLATFORMS] == files
    assert set(PLATFORMS) == set(PLATFORM_MODULES)


# Words that would change a device, or reach beyond it.
FORBIDDEN = ("set", "add", "remove", "rm", "write", "delete", "reboot", "upgrade", "update", "install", "curl", "wget",
             "tee", ">", "<", "|", "&", "$", "`", "sudo", "kill", "mv", "cp", "restart", "flush")  # fmt: skip


# What begins a command, or a part of one: each only reads, whatever follows of what is not forbidden above.
READING = frozenset({
    "cat", "uname", "hostname", "ss", "getent", "/usr/sbin/sshd", "ip", "nft", "pidof", "testparm", "true", "uci",
    "ubus", "ls", "wc", "netstat", "/system", "/ip", "/interface", "/user", "/export", "/system/package/update/print",
    "opnsense-version",
    "/opt/vyatta/bin/vyatta-op-cmd-wrapper", "mca-cli-op", "mca-ctrl",
    "df", "midclt",
    "apt-config", "head",
    "show",
    "execute",
    "get",
    "mngt", "srv", "sys", "upnp", "vlan",
    "CONFIG", "SYSTEM", "cd", "getversion", "slotinfo",
})  # fmt: skip


ONLY = frozenset({
    "sys version", "srv nat showall", "srv nat status", "srv dhcp status", "upnp service", "upnp nat", "vlan status",
    "mngt lanaccess -v", "mngt rmtcfg status", "mngt bfp -v",
    *(f"srv nat openport {row} 1 -v" for row in range(1, 9)),
    "SYSTEM PROPERTY", "CONFIG NETWORK INTERFACE SHOW", "CONFIG SNMP SHOW", "CONFIG OPENVPN SHOW", "CONFIG PPTP SHOW",
    "CONFIG DNS SHOW", "CONFIG DHCP SHOW", "CONFIG COMMUNICATION SYSLOG PROFILE SHOW",
    "cd /usr/Firewall/ConfigFiles", "slotinfo -f filter", "getversion",
    "mca-ctrl -t dump-cfg",
    "execute dhcp lease-list",
    "ip -4 route show table all", "ip -s neigh show", "ip neigh show",
    "/export", "/export hide-sensitive", "/system routerboard print", "/system resource print",
    "/system/package/update/print", "/user print terse", "/interface bridge host print terse",
    "/interface vlan print terse", "/interface wireguard print terse", "/interface wireguard peers print terse",
    "/ip address print terse", "/ip route print terse where dst-address=0.0.0.0/0", "/ip cloud print",
    "/ip arp print terse", "/ip dhcp-server lease print terse",
})  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        "sys default -v", "sys passwd -v", "mngt bfp -e on -v", "mngt lanaccess -e 1 -s ssh -v", "sys reset version",
        "srv nat openport 2 1 -a 1 -v", "srv dhcp off status", "vlan off status", "upnp off nat", "SYSTEM HALT SHOW",
        "CONFIG SNMP ACCESS state=1 SHOW", "execute factoryreset", "/system reset-configuration", "ip link del eth0",
        "/system script run x print", "cat /etc/passwd; ip route flush",
    ],
)  # fmt: skip
def test_a_command_that_changes_a_device_would_be_seen(command: str) -> None:
    with pytest.raises(AssertionError):
        test_commands_only_read(command)


@pytest.mark.parametrize("command", [command for platform in PLATFORMS for command in platform.COMMANDS])
def test_commands_only_read(command: str) -> None:
    words = command.replace(";", " ").split()
    assert not set(words) & set(FORBIDDEN)
    # A path of RouterOS 7 is one word: the menu of updates is only printed.
    paths = [word for word in words if word.startswith("/") and not word.startswith(("/usr/", "/opt/", "/etc/"))]
    parts = {part for word in paths for part in word.split("/")} - ({"update"} if command.endswith("/print") else set())
    assert not parts & set(FORBIDDEN)
    assert not any(sign in command for sign in "<>|&$`{}%\n")
    programs = [part.split()[0] for part in command.split(";")]
    assert set(programs) <= READING
    assert all(
        part.split()[1] in ("export", "call") for part in command.split(";") if part.split()[0] in ("uci", "ubus")
    )
    wrapped = ("/opt/vyatta/bin/vyatta-op-cmd-wrapper", "mca-cli-op")
    assert all(part.split()[1] in ("show", "info") for part in command.split(";") if part.split()[0] in wrapped)
    # These programs change a device with the words that they show it with: nothing but what is written out here.
    assert {
        part.strip() for part in command.split(";") if part.split()[0] in {only.split()[0] for only in ONLY}
    } <= ONLY
    # The middleware of TrueNAS does whatever its method says: only those that are known to read.
    called = [part.split()[1:] for part in command.split(";") if part.split()[0] == "midclt"]
    assert all(
        words[0] == "call" and words[1].endswith((".query", ".config", ".info", ".check_available")) for words in called
    )


API_ASKS = [ask for platform in PLATFORMS if (offer := api(platform)) for ask in offer.asks]
# Of a device's API, what is asked by POST because its kind has no other way: the call must be one that reads.
READING_CALLS = {"/ws": re.compile(r"get(?:[A-Z]\w*)?")}
READING_METHODS = ("get", "getinfo", "getInfo", "getHostsList", "list", "info", "check", "load_info")
WRITING = re.compile(
    r"(?:^|[^a-z])(?:set|add|remove|delete|write|reboot|reset|restart|upgrade|update|create|enable|disable|push|apply"
    r"|commit|start|stop|edit|save|login|logout|authorize)(?:[^a-z]|$)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("ask", API_ASKS)
def test_questions_to_an_api_only_read(ask: str) -> None:
    method, path, *body = ask.split(" ", 2)
    assert re.fullmatch(r"/[\w/.?=&,:%-]*", path)
    # QTS says there which version is newer; of DSM the method counts, whatever part of it is asked.
    assert not WRITING.search(re.sub(r"\?subfunc=firm_update$|(?<=[?&])api=SYNO[.\w]*", "", path))
    if body:
        assert method == "POST"
        assert READING_CALLS[path].fullmatch(json.loads(body[0])["method"])
    else:
        assert method == "GET"


@pytest.mark.parametrize("ask", API_ASKS)
def test_questions_to_an_api_carry_no_session_and_no_name(ask: str) -> None:
    path = ask.split(" ")[1]
    query = dict(part.partition("=")[::2] for part in path.partition("?")[2].split("&") if part)
    # DSM answers several questions in one: each of them is one that reads.
    inner = json.loads(unquote(query.get("compound", "[]")))
    methods = [item["method"] for item in inner] or [query.get("method", "get").rpartition(".")[2]]
    assert bool(inner) == (query.get("api") == "SYNO.Entry.Request")
    assert set(methods) <= {*READING_METHODS, "list_by_user"}
    assert not {"sid", "_sid", "SynoToken", "passwd", "pwd", "account", "user"} & set(query)


# What may be walked: the standard trees that say what a device is and has, and makers' own below their number.
WALKED = ("1.3.6.1.2.1.1", "1.3.6.1.2.1.2", "1.3.6.1.2.1.4", "1.3.6.1.2.1.6", "1.3.6.1.2.1.7", "1.3.6.1.2.1.17",
          "1.3.6.1.2.1.25", "1.3.6.1.2.1.31", "1.3.6.1.2.1.33", "1.3.6.1.2.1.43.5", "1.3.6.1.2.1.47",
          "1.3.6.1.6.3.10.2", "1.0.8802.1.1", "1.3.6.1.4.1")  # fmt: skip
# Where agents serve secrets: communities, users of v3, who may see what; HP's page keeps a printer's password.
# Programs that run, with their arguments, and accounts of Windows.
SECRET = ("1.3.6.1.6.3.12", "1.3.6.1.6.3.15", "1.3.6.1.6.3.16", "1.3.6.1.6.3.18", "1.3.6.1.4.1.11.2.3.9.1.1.13",
          "1.3.6.1.4.1.11.2.4.3.5", "1.3.6.1.2.1.25.4", "1.3.6.1.4.1.77.1.2")  # fmt: skip
MOST_ROOTS = 20  # walks of one question, and single rows: each costs at least a datagram and an answer
SNMP_ASKS = {f"{groups} of {whom}": asks for groups, _, whom, _, asks in ALONE} | {
    each.ID: " ".join(f"walk:{root}" for root in each.SNMP) for each in PLATFORMS if each.SNMP
}


@pytest.mark.parametrize("name", SNMP_ASKS)
def test_walks_stay_in_known_trees_and_cost_little(name: str) -> None:
    asks = [ask.split(":") for ask in SNMP_ASKS[name].split()]
    assert {kind for kind, _ in asks} <= {"walk", "next"}
    roots = [oid for _, oid in asks]
    assert all(re.fullmatch(r"[12](?:\.\d{1,10})+", oid) for oid in roots)
    kinds = [kind for kind, _ in asks]
    assert max(map(kinds.count, kinds)) <= MOST_ROOTS
    # Of a maker's tree, only a part of it is walked; of the others, one of the trees above.
    assert all(oid.count(".") >= (7 if oid.startswith("1.3.6.1.4.1.") else 6) for kind, oid in asks if kind == "walk")
    assert all(f"{oid}.".startswith(tuple(f"{tree}." for tree in WALKED)) for oid in roots)
    for kind, oid in asks:
        assert not any(f"{oid}.".startswith(f"{secret}.") for secret in SECRET)
        assert kind == "next" or not any(f"{secret}.".startswith(f"{oid}.") for secret in SECRET)


@pytest.mark.parametrize(
    "ask",
    [
        "walk:1.3.6.1.2.1.25", "walk:1.3.6.1.2.1.25.4.2", "walk:1.3.6.1.4.1.77.1.2.25",
        "next:1.3.6.1.4.1.11.2.3.9.1.1.13", " ".join(f"next:1.3.6.1.4.1.11.2.{row}" for row in range(30)),
    ],
)  # fmt: skip
def test_a_walk_of_a_secret_tree_would_be_seen(ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SNMP_ASKS, "x", ask)
    with pytest.raises(AssertionError):
        test_walks_stay_in_known_trees_and_cost_little("x")


def banner(text: str) -> Device:
    return Device(network=Network(ports=(Port(22, service="ssh", banner=text),)))


DEVICES: list[tuple[str, Device, str | None]] = [
    ("nothing", Device(), None),
    ("debian", banner("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"), "linux"),
    ("dropbear", banner("SSH-2.0-dropbear_2022.83"), "linux"),
    ("windows", banner("SSH-2.0-OpenSSH_for_Windows_8.1"), None),
    ("switch", banner("SSH-2.0-Cisco-1.25"), "cisco_ios"),
    ("ios", Device(network=Network(snmp=SnmpSeen("v2c", "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), "
                                                 "Version 15.1(4)M4"))), "cisco_ios"),
    ("xr", Device(network=Network(snmp=SnmpSeen("v2c", "Cisco IOS XR Software (ASR9K), Version 7.4.1"))), None),
    ("sg300", Device(network=Network(snmp=SnmpSeen("v2c", "28-Port Gigabit Managed Switch",
                                                   "1.3.6.1.4.1.9.6.1.83.28.1"))), "cisco_s300"),
    ("net-snmp", Device(network=Network(snmp=SnmpSeen("v2c", sys_object_id="1.3.6.1.4.1.8072.3.2.10"))), "linux"),
    ("os", Device(system=System(identity=Identity(os="debian"))), "linux"),
    ("dsm", Device(system=System(identity=Identity(os="dsm"))), "synology_dsm"),
    ("6574", Device(network=Network(snmp=SnmpSeen("v3", enterprise=6574))), "synology_dsm"),
    ("mac", Device(network=Network(vendor="Synology Incorporated", ports=(Port(22, banner="SSH-2.0-OpenSSH_8.2"),))),
     "synology_dsm"),
    ("kernel", Device(network=Network(snmp=SnmpSeen("v2c", "Linux Nas 3.2.40 #25426 Wed Jul 8 03:15:48 CST 2020 armv7l",
                                                    "1.3.6.1.4.1.8072.3.2.10"))), "synology_dsm"),
    ("ros", Device(network=Network(ports=(Port(22, service="ssh", banner="SSH-2.0-ROSSSH"),))), "mikrotik_routeros"),
    ("14988", Device(network=Network(snmp=SnmpSeen("v2c", "RouterOS RB750Gr3", "1.3.6.1.4.1.14988.1"))),
     "mikrotik_routeros"),
    ("12356", Device(network=Network(snmp=SnmpSeen("v2c", "FORTIGATE 200B", "1.3.6.1.4.1.12356.101.1.2003"))),
     "fortinet"),
    ("fortiswitch", Device(network=Network(snmp=SnmpSeen("v2c", "", "1.3.6.1.4.1.12356.106.1.1"))), None),
    ("vigor", Device(network=Network(snmp=SnmpSeen(
        "v2c", "DrayTek Corporation, Router Model: Vigor2962, Version: 4.3.2.5, Build Date/Time:Sep 28 2023 12:10:20",
        "1.3.6.1.4.1.7367"))), "draytek_vigor"),
    ("vigor said", Device(system=System(identity=Identity(os="draytek", model="Vigor3912S"))), "draytek_vigor"),
    ("vigor page", Device(network=Network(http=(HttpSeen(443, tls=True, title="Vigor2927"),))), "draytek_vigor"),
    ("vigor upnp", Device(network=Network(upnp=UpnpSeen(manufacturer="DrayTek Corporation", model="Vigor2927"))),
     "draytek_vigor"),
    ("draytek ssh", banner("SSH-2.0-DraySSH_2.0"), "draytek_vigor"),
    ("vigor ap", Device(network=Network(snmp=SnmpSeen(
        "v2c", "DrayTek Corporation, Router Model: VigorAP903, Version: 1.4.1", "1.3.6.1.4.1.7367"))), None),
    ("vigor ap said", Device(system=System(identity=Identity(os="draytek", model="VigorAP903")),
                             network=Network(ports=(Port(22, banner="SSH-2.0-DraySSH_2.0"),))), None),
    ("vigor switch", Device(network=Network(snmp=SnmpSeen("v2c", "VigorSwitch P2280", "1.3.6.1.4.1.7367"))), None),
    ("vigor linux", Device(network=Network(snmp=SnmpSeen(
        "v2c", "DrayTek Corporation, Router Model: Vigor2960, Version: 1.4.4_Beta/1.4.4"))), None),
    ("ns-bsd", Device(network=Network(snmp=SnmpSeen("v2c", "NS-BSD SN2KXA16C086XXX amd64", "1.3.6.1.4.1.11256.2.0"))),
     "stormshield_sns"),
    ("sns", Device(system=System(identity=Identity(os="sns"))), "stormshield_sns"),
    ("sns page", Device(network=Network(http=(HttpSeen(443, tls=True, title="Stormshield Network Security"),))),
     "stormshield_sns"),
    ("smc page", Device(network=Network(http=(HttpSeen(443, tls=True, title="Stormshield Management Center"),))), None),
    ("11256 is whole", Device(network=Network(snmp=SnmpSeen("v2c", "", "1.3.6.1.4.1.112561.1"))), None),
    ("fortios", Device(system=System(identity=Identity(os="fortios"))), "fortinet"),
    ("fortigate", Device(network=Network(http=(HttpSeen(443, tls=True, title="FortiGate"),))), "fortinet"),
    ("luci", Device(network=Network(ports=(Port(22, banner="SSH-2.0-dropbear"),),
                                    http=(HttpSeen(80, tls=False, title="OpenWrt - LuCI"),))), "openwrt"),
    ("openwrt", Device(system=System(identity=Identity(os="openwrt"))), "openwrt"),
    ("livebox", Device(network=Network(http=(HttpSeen(80, tls=False, title="Livebox"),))), "orange_livebox"),
    ("bbox", Device(network=Network(http=(HttpSeen(443, tls=True, location="https://mabbox.bytel.fr/"),))), "bbox"),
    ("neufbox", Device(network=Network(upnp=UpnpSeen(friendly_name="neufbox", manufacturer="SFR"))), "sfr_box"),
    ("freebox", Device(network=Network(http=(HttpSeen(80, tls=False, title="Freebox OS"),))), "freebox"),
    ("freebox player", Device(network=Network(upnp=UpnpSeen(friendly_name="Freebox Player"))), None),
    ("fbx", Device(network=Network(mdns=(MdnsService("_fbx-api._tcp.local", "Freebox Server"),))), "freebox"),
    ("routeros", Device(system=System(identity=Identity(os="routeros"))), "mikrotik_routeros"),
    ("opnsense", Device(system=System(identity=Identity(os="opnsense"))), "opnsense"),
    ("opnsense page", Device(network=Network(ports=(Port(22, banner="SSH-2.0-OpenSSH_9.8"),),
                                             http=(HttpSeen(443, tls=True, title="Login | OPNsense"),))), "opnsense"),
    ("pfsense", Device(system=System(identity=Identity(os="pfsense"))), "pfsense"),
    ("pfsense snmp", Device(network=Network(snmp=SnmpSeen(
        "v2c", "pfSense localhost 2.4.5-RELEASE-p1 pfSense FreeBSD 11.3-STABLE amd64", "1.3.6.1.4.1.12325.1.1.2.1.1"))),
     "pfsense"),
    ("pfsense name", Device(network=Network(hostname="pfSense.home.arpa")), "pfsense"),
    ("edgeos", Device(network=Network(snmp=SnmpSeen("v2c", "EdgeOS v1.10.10.5210345.190714.1127"))),
     "ubiquiti_edgerouter"),
    ("edgerouter page", Device(network=Network(ports=(Port(22, banner="SSH-2.0-OpenSSH_6.6.1p1 Debian-4~bpo70+1"),),
                                               http=(HttpSeen(443, tls=True, title="EdgeOS"),))),
     "ubiquiti_edgerouter"),
    ("edgeos said", Device(system=System(identity=Identity(os="edgeos"))), "ubiquiti_edgerouter"),
    ("ucg", Device(network=Network(snmp=SnmpSeen("v2c", "Ubiquiti UniFi UCG-Fiber 5.0.12 Linux 5.4.213 ipq9574"))),
     "ubiquiti_unifi"),
    ("unifi said", Device(system=System(identity=Identity(os="unifi"))), "ubiquiti_unifi"),
    ("44641", Device(network=Network(snmp=SnmpSeen("v2c", "VyOS 1.3.0", "1.3.6.1.4.1.44641"))), "vyos"),
    ("vyos name", Device(network=Network(hostname="vyos", ports=(Port(22, banner="SSH-2.0-OpenSSH_9.2p1 Debian-2"),))),
     "vyos"),
    ("vyos said", Device(system=System(identity=Identity(os="vyos"))), "vyos"),
    ("qts", Device(system=System(identity=Identity(os="qts"))), "qnap_qts"),
    ("24681", Device(network=Network(snmp=SnmpSeen("v2c", "Linux NAS 4.3.3", "1.3.6.1.4.1.24681"))), "qnap_qts"),
    ("qnap mac", Device(network=Network(vendor="QNAP Systems, Inc.")), "qnap_qts"),
    ("qnap page", Device(network=Network(http=(HttpSeen(8080, tls=False, title="QNAP Turbo NAS"),))), "qnap_qts"),
    ("freenas", Device(network=Network(snmp=SnmpSeen("v2c", "FreeNAS-11.3-U2.1 (6a6a2dfda7). Hardware: amd64",
                                                      "1.3.6.1.4.1.50536.3.1", enterprise=50536))), "truenas"),
    ("truenas page", Device(network=Network(http=(HttpSeen(443, tls=True, title="TrueNAS"),))), "truenas"),
    ("truenas", Device(system=System(identity=Identity(os="truenas"))), "truenas"),
    ("44738", Device(network=Network(snmp=SnmpSeen("v2c", "Linux AS5304T 5.4.199", enterprise=44738))), "asustor_adm"),
    ("adm", Device(system=System(identity=Identity(os="adm"))), "asustor_adm"),
    ("asustor mac", Device(network=Network(vendor="ASUSTOR Inc.")), "asustor_adm"),
    ("adm page", Device(network=Network(http=(HttpSeen(8000, tls=False, title="ASUSTOR ADM"),))), "asustor_adm"),
    ("5127", Device(network=Network(snmp=SnmpSeen("v2c", "Linux WDMyCloud 4.14.22", enterprise=5127))), "wd_mycloud"),
    ("mycloud", Device(system=System(identity=Identity(os="mycloud"))), "wd_mycloud"),
    ("wd page", Device(network=Network(http=(HttpSeen(80, tls=False, title="My Cloud EX2 Ultra"),))), "wd_mycloud"),
    ("read", read_system(evidence("walk:1.3.6.1.2.1.1", (RECORDINGS / DSM_WALK).read_text(), "snmp", "v2c")).device,
     "synology_dsm"),
]  # fmt: skip


@pytest.mark.parametrize(("device", "expected"), [row[1:] for row in DEVICES], ids=[row[0] for row in DEVICES])
def test_recognition(device: Device, expected: str | None) -> None:
    platform = recognised(device)
    assert (platform.ID if platform else None) == expected
    assert all(0 <= each.recognise(device) <= 100 for each in PLATFORMS)
