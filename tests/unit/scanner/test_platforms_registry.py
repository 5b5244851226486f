"""The registry: what is a platform, what it may ask, and which devices it recognises."""

from pathlib import Path

import pytest

from inventory.device import Device
from inventory.network import HttpSeen, Network, Port, SnmpSeen
from inventory.system import Identity, System
from scanner.platforms import PLATFORMS, Platform, fortinet, linux, mikrotik_routeros, openwrt, recognised, synology_dsm
from scanner.snmprec import read_system
from tests.unit.scanner.test_platforms import DSM_WALK, RECORDINGS, evidence

PLATFORM_MODULES: tuple[Platform, ...] = (
    fortinet,
    linux,
    mikrotik_routeros,
    openwrt,
    synology_dsm,
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
    "ubus", "ls", "wc", "netstat", "/system", "/ip", "/interface", "/user", "/export", "execute",
    "get", "show",
})  # fmt: skip


@pytest.mark.parametrize("command", [command for platform in PLATFORMS for command in platform.COMMANDS])
def test_commands_only_read(command: str) -> None:
    words = command.replace(";", " ").split()
    assert not set(words) & set(FORBIDDEN)
    assert not any(sign in command for sign in "<>|&$`{}%\n")
    programs = [part.split()[0] for part in command.split(";")]
    assert set(programs) <= READING
    assert all(
        part.split()[1] in ("export", "call") for part in command.split(";") if part.split()[0] in ("uci", "ubus")
    )


def banner(text: str) -> Device:
    return Device(network=Network(ports=(Port(22, service="ssh", banner=text),)))


DEVICES: list[tuple[str, Device, str | None]] = [
    ("nothing", Device(), None),
    ("debian", banner("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"), "linux"),
    ("dropbear", banner("SSH-2.0-dropbear_2022.83"), "linux"),
    ("windows", banner("SSH-2.0-OpenSSH_for_Windows_8.1"), None),
    ("switch", banner("SSH-2.0-Cisco-1.25"), None),
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
    ("fortios", Device(system=System(identity=Identity(os="fortios"))), "fortinet"),
    ("fortigate", Device(network=Network(http=(HttpSeen(443, tls=True, title="FortiGate"),))), "fortinet"),
    ("luci", Device(network=Network(ports=(Port(22, banner="SSH-2.0-dropbear"),),
                                    http=(HttpSeen(80, tls=False, title="OpenWrt - LuCI"),))), "openwrt"),
    ("openwrt", Device(system=System(identity=Identity(os="openwrt"))), "openwrt"),
    ("routeros", Device(system=System(identity=Identity(os="routeros"))), "mikrotik_routeros"),
    ("read", read_system(evidence("walk:1.3.6.1.2.1.1", (RECORDINGS / DSM_WALK).read_text(), "snmp", "v2c")).device,
     "synology_dsm"),
]  # fmt: skip


@pytest.mark.parametrize(("device", "expected"), [row[1:] for row in DEVICES], ids=[row[0] for row in DEVICES])
def test_recognition(device: Device, expected: str | None) -> None:
    platform = recognised(device)
    assert (platform.ID if platform else None) == expected
    assert all(0 <= each.recognise(device) <= 100 for each in PLATFORMS)
