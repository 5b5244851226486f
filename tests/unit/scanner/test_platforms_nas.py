"""NAS of which no recording shows these settings, against answers written after their makers' documentation."""

import json
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from inventory.document import to_json
from inventory.gateway import Admin, Firewall, Interface
from inventory.observation import Observation
from inventory.storage import AutoBlock, Backup, Relay, Share, SmbSettings, SnapshotPlan, Ups, Volume
from inventory.system import Identity, Logging, Ntp, Service, SnmpSettings, SshSettings, Updates, User
from scanner.evidence import SourceName
from scanner.platforms import Platform, api, asustor_adm, linux, qnap_qts, synology_dsm, truenas, wd_mycloud
from scanner.secret_store import SecretStore
from tests.unit.scanner import documented
from tests.unit.scanner.test_platforms import RECORDINGS, evidence
from tests.unit.scanner.test_platforms_fuzz import MIB, SECONDS, assert_sound

ANYWHERE = "0.0.0.0"


def asked(name: str) -> str:
    (ask,) = (ask for ask in synology_dsm.API.asks if f"api={name}&" in ask)
    return ask


def answered(platform: Platform, ask: str, body: str) -> Observation:
    observation = platform.read(evidence(ask, body, "api"))
    assert observation is not None
    return observation


def printed(platform: Platform, command: str, body: str) -> Observation:
    observation = platform.read(evidence(f"exec {command}", body))
    assert observation is not None
    return observation


def walked(platform: Platform, body: str) -> Observation:
    observation = platform.read(evidence("walk:1.3.6.1.4.1", body, "snmp", "v2c"))
    assert observation is not None
    return observation


DSM: list[tuple[str, dict[str, Any]]] = [
    ("SYNO.Core.Security.AutoBlock", {"auto_block": AutoBlock(enabled=True, attempts=5, within_min=10)}),
    ("SYNO.Core.QuickConnect", {"relays": (Relay("quickconnect", enabled=True, name="cabinet-dupont"),)}),
    ("SYNO.Core.DDNS.Record", {"relays": (Relay("ddns", enabled=True, name="cabinet.synology.me"),)}),
    ("SYNO.Core.Terminal", {
        "services": (Service(2222, "tcp", ANYWHERE, "ssh", encrypted=True),
                     Service(23, "tcp", ANYWHERE, "telnet", encrypted=False)),
        "ssh": SshSettings(ports=(2222,))}),
    ("SYNO.Core.SNMP", {"snmp": SnmpSettings(enabled=True, versions=("v1", "v2c", "v3"), default_community=True)}),
    ("SYNO.Core.FileServ.SMB", {"smb": SmbSettings("NT1", "required", "offered"),
                                "services": (Service(445, "tcp", ANYWHERE, "smb"),)}),
    ("SYNO.Core.Security.Firewall", {"firewall": Firewall(())}),
    ("SYNO.Core.User", {"users": (User("admin", enabled=False, factory=True),
                                  User("claire", enabled=True, factory=False, second_factor=True),
                                  User("stage", factory=False, second_factor=False))}),
    ("SYNO.Core.Group.Member", {"users": (User("claire", administrator=True),)}),
    ("SYNO.Core.Web.DSM", {"services": (Service(5000, "tcp", ANYWHERE, "http", encrypted=True),
                                        Service(5001, "tcp", ANYWHERE, "https", encrypted=True))}),
    ("SYNO.Core.FileServ.NFS", {"services": (Service(2049, "tcp", ANYWHERE, "nfs"),)}),
    ("SYNO.Core.FileServ.AFP", {"services": (Service(548, "tcp", ANYWHERE, "afp"),)}),
    ("SYNO.Core.FileServ.FTP", {"services": (Service(990, "tcp", ANYWHERE, "ftp", encrypted=True),)}),
    ("SYNO.Core.FileServ.FTP.SFTP", {"services": (Service(2022, "tcp", ANYWHERE, "sftp", encrypted=True),)}),
    ("SYNO.Core.Region.NTP", {"ntp": Ntp(enabled=True, servers=("pool.ntp.org",))}),
    ("SYNO.Core.Upgrade.Setting", {"updates": Updates(automatic=True)}),
    ("SYNO.Core.ExternalDevice.UPS", {"ups": Ups(connected=True, model="Back-UPS ES 700G", shutdown=True)}),
    ("SYNO.Backup.Task", {"backups": (
        Backup("Vers le coffre", "cloud_image", datetime(2026, 7, 31, 3, 12, tzinfo=UTC), "success", enabled=True,
               schedule="03:00 0,6", encrypted=True),
        Backup("Disque USB", last_result="failed"))}),
    ("SYNO.Core.Network.Interface", {"interfaces": (
        Interface("eth0", (IPv4Address("192.168.1.10"),)), Interface("pppoe", ()))}),
    ("SYNO.Storage.CGI.Storage", {"volumes": (Volume("Volume 1", "degraded", 75, "shr"),)}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts"), DSM, ids=[name for name, _ in DSM])
def test_what_dsm_tells_an_administrator(name: str, facts: dict[str, Any]) -> None:
    found = answered(synology_dsm, asked(name), documented.dsm(name))
    assert told(found) == facts
    assert found.unread == ()
    assert set(found.lines.values()) == {1}


def told(found: Observation) -> dict[str, Any]:
    system = found.device.system
    assert system is not None
    return {name: value for name in system.__dataclass_fields__ if (value := getattr(system, name)) is not None}


def _asks(platform: Platform) -> tuple[str, ...]:
    offer = api(platform)
    return offer.asks if offer else ()


@pytest.mark.parametrize("ask", synology_dsm.API.asks)
@pytest.mark.parametrize("body", ['{"error": {"code": 105}, "success": false}', "<html>login</html>", "", "{}", "[]"])
def test_a_refusal_of_dsm_is_unread(ask: str, body: str) -> None:
    found = answered(synology_dsm, ask, body)
    assert found.device.system is None
    assert found.unread


def test_what_is_off_is_told_as_off() -> None:
    off = json.loads(documented.dsm("SYNO.Core.FileServ.SMB"))
    off["data"]["enable_samba"] = False
    assert answered(synology_dsm, asked("SYNO.Core.FileServ.SMB"), json.dumps(off)).device.system is None
    body = '{"success": true, "data": {"enable_snmp": false, "rocommunity": "public", "enable_snmp_v1v2": true}}'
    snmp = answered(synology_dsm, asked("SYNO.Core.SNMP"), body).device.system
    assert snmp is not None
    assert snmp.snmp == SnmpSettings(enabled=False)


FEW = (IPv4Network("192.168.10.0/24"), IPv4Network("192.168.20.5/32"))
TRUENAS: list[tuple[str, dict[str, Any]]] = [
    ("system.info", {"identity": Identity(
        "iXsystems", "TRUENAS-MINI-3.0-X+", "A1-31415", "truenas", "24.10.2", hostname="nas", uptime_s=86400,
        built=datetime(2025, 1, 16, 4, 0, tzinfo=UTC))}),
    ("pool.query", {"volumes": (Volume("tank", "degraded", 25, "raidz1", encrypted=True),)}),
    ("sharing.smb.query", {"shares": (Share("images", "smb", "/mnt/tank/images", guest=True, writable=True),)}),
    ("sharing.nfs.query", {"shares": (
        Share("/mnt/tank/vm", "nfs", "/mnt/tank/vm", guest=True, writable=False),
        Share("/mnt/tank/pacs", "nfs", "/mnt/tank/pacs", guest=False, writable=True))}),
    ("service.query", {"services": (
        Service(445, "tcp", ANYWHERE, "cifs"), Service(2049, "tcp", ANYWHERE, "nfs"),
        Service(161, "udp", ANYWHERE, "snmp"), Service(80, "tcp", ANYWHERE, "http", encrypted=False),
        Service(443, "tcp", ANYWHERE, "https", encrypted=True))}),
    ("system.general.config", {"admin": (
        Admin("http", "lan", 80, encrypted=True, source_filter=FEW),
        Admin("https", "lan", 443, encrypted=True, source_filter=FEW), Admin("ssh", "lan", 22, encrypted=True))}),
    ("ssh.config", {"ssh": SshSettings("yes", password_authentication=True, ports=(22,)),
                    "services": (Service(22, "tcp", ANYWHERE, "ssh", encrypted=True),)}),
    ("smb.config", {"smb": SmbSettings("NT1", "required")}),
    ("snmp.config", {"snmp": SnmpSettings(enabled=True, versions=("v1", "v2c", "v3"), default_community=False)}),
    ("ups.config", {"ups": Ups(connected=True, model="usbhid-ups$Back-UPS ES 700G", shutdown=True)}),
    ("user.query", {"users": (
        User("root", 0, administrator=True, login=True, enabled=True, factory=True, second_factor=False),
        User("claire", 3000, administrator=True, login=False, enabled=False, factory=False, second_factor=True))}),
    ("update.check_available", {"updates": Updates("available", available="24.10.2.1")}),
    ("replication.query", {"backups": (
        Backup("vers cave", "SSH cave/copie", datetime(2026, 7, 31, 12, 13, 20, tzinfo=UTC), "success", enabled=True,
               encrypted=True, schedule="0 2 * * *"),
        Backup("S3", "/mnt/tank", last_result="failed", enabled=True, encrypted=False))}),
    ("pool.snapshottask.query", {"snapshots": (
        SnapshotPlan("tank/data", enabled=True, schedule="00 * * * *",
                     last=datetime(2026, 7, 31, 12, 13, 20, tzinfo=UTC)),)}),
    ("system.ntpserver.query", {"ntp": Ntp(enabled=True, servers=("0.debian.pool.ntp.org",))}),
    ("system.advanced.config", {"logging": Logging(("192.168.10.5:514",))}),
    ("interface.query", {"interfaces": (Interface("enp1s0", (IPv4Address("192.168.10.9"),)),)}),
]  # fmt: skip


def command_of(method: str) -> str:
    (command,) = (item for item in truenas.COMMANDS if item.startswith(f"midclt call {method}"))
    return command


@pytest.mark.parametrize(("method", "facts"), TRUENAS, ids=[method for method, _ in TRUENAS])
def test_what_truenas_tells_its_administrator(method: str, facts: dict[str, Any]) -> None:
    command = command_of(method)
    body = documented.truenas(command)
    found = printed(truenas, command, body)
    assert told(found) == facts
    assert found.unread == ()
    assert set(found.lines.values()) <= set(range(1, body.count("\n") + 1))


def test_who_may_open_the_pages_of_truenas() -> None:
    command = command_of("system.general.config")
    body = documented.truenas(command)
    everyone = body.replace('["192.168.10.0/24", "192.168.20.5", "fd00::/64"]', "[]").replace("RUNNING", "STOPPED")
    assert told(printed(truenas, command, everyone))["admin"] == (
        Admin("http", "lan", 80, encrypted=True), Admin("https", "lan", 443, encrypted=True))  # fmt: skip
    named = printed(truenas, command, body.replace("192.168.20.5", "le bureau"))
    assert [(item.fact, item.text) for item in named.unread] == [("system.admin", "le bureau")]
    assert [way.source_filter for way in told(named)["admin"]] == [FEW[:1], FEW[:1], None]
    newer = printed(truenas, command, body.replace('"192.168.10.0/24", "192.168.20.5", ', ""))
    assert [way.source_filter for way in told(newer)["admin"]] == [(), (), None]
    none = body.replace('"192.168.10.0/24", "192.168.20.5", "fd00::/64"', '"le bureau"')
    assert [item.fact for item in printed(truenas, command, none).unread] == ["system.admin"]
    itself = printed(truenas, command, body.replace("0.0.0.0", "127.0.0.1"))
    assert [way.protocol for way in told(itself)["admin"]] == ["ssh"]


@pytest.mark.parametrize("said", ['"192.168.1.0/24"', '{"a": 1}', "true"])
def test_a_list_of_another_form_does_not_open_the_pages_to_everyone(said: str) -> None:
    command = command_of("system.general.config")
    body = documented.truenas(command)
    found = printed(truenas, command, body.replace('["192.168.10.0/24", "192.168.20.5", "fd00::/64"]', said))
    assert found.device.system is None or found.device.system.admin is None
    assert "system.admin" in {line.fact for line in found.unread}
    unsaid = printed(truenas, command, body.replace('["192.168.10.0/24", "192.168.20.5", "fd00::/64"]', "null"))
    assert [way.source_filter for way in told(unsaid)["admin"]] == [None, None, None]


def test_every_command_of_truenas_has_its_answer() -> None:
    assert set(documented.TRUENAS) == set(truenas.COMMANDS)


@pytest.mark.parametrize("command", truenas.COMMANDS)
@pytest.mark.parametrize("body", ["", "Not authenticated\n", "{}\n", "[[[\n", "null\nnull\nnull\n"])
def test_no_answer_of_truenas_is_unread(command: str, body: str) -> None:
    found = printed(truenas, command, body)
    assert found.device.system is None
    assert found.unread


@pytest.mark.parametrize(("method", "group"), [("ssh.config", "ssh"), ("smb.config", "smb")])
def test_a_stopped_service_accuses_nobody(method: str, group: str) -> None:
    body = documented.truenas(command_of(method)).replace("RUNNING", "STOPPED")
    system = printed(truenas, command_of(method), body).device.system
    assert system is None or getattr(system, group) is None


def test_qnap_configuration() -> None:
    found = printed(qnap_qts, "cat /etc/config/uLinux.conf", documented.ULINUX)
    assert told(found) == {
        "identity": Identity("QNAP", "TS-X53D", None, "qts", "5.1.3", "20231110", "NAS-CABINET"),
        "services": (Service(8080, "tcp", ANYWHERE, "http", encrypted=False),
                     Service(443, "tcp", ANYWHERE, "https", encrypted=True),
                     Service(22, "tcp", ANYWHERE, "ssh", encrypted=True)),
        "ssh": SshSettings(ports=(22,)),
    }  # fmt: skip
    assert found.lines["/system/services/2"] == 13
    assert found.defaults == frozenset()


def test_what_a_qnap_does_not_write_down_is_as_delivered() -> None:
    found = printed(qnap_qts, "cat /etc/config/uLinux.conf", "[System]\nModel = TS-X53D\nForce SSL = 1\n")
    assert told(found)["services"] == (Service(8080, "tcp", ANYWHERE, "http", encrypted=True),
                                       Service(443, "tcp", ANYWHERE, "https", encrypted=True))  # fmt: skip
    assert found.defaults == {"/system/services/0", "/system/services/1"}
    more = ("[System]\nModel = TS-X53D\nForce SSL = 1\nWeb Access Port = 80\n[Stunnel]\nEnable = 0\n[LOGIN]\n"
            "SSH Enable = TRUE\nTELNET Enable = TRUE\nTELNET Port = 13131\n[Appletalk]\nEnable = TRUE\n")  # fmt: skip
    found = printed(qnap_qts, "cat /etc/config/uLinux.conf", more)
    assert told(found)["services"] == (
        Service(80, "tcp", ANYWHERE, "http", encrypted=False), Service(22, "tcp", ANYWHERE, "ssh", encrypted=True),
        Service(13131, "tcp", ANYWHERE, "telnet", encrypted=False), Service(548, "tcp", ANYWHERE, "afp"))  # fmt: skip
    assert found.lines["/system/ssh/ports"] == 8
    assert found.unread == ()


QTS_ACCOUNTS = """admin:x:0:0:administrators:/share/homes/admin:/bin/sh
guest:x:65534:65534:guest:/share/homes/guest:/bin/sh
httpdusr:x:99:100:Apache httpd user:/tmp:/bin/sh
claire:x:500:100:Linux User,,,:/share/homes/claire:/bin/sh
administrators:x:0:admin,claire
everyone:x:100:admin,claire
"""


def test_administrators_of_a_qnap() -> None:
    found = printed(qnap_qts, "cat /etc/passwd; cat /etc/group", QTS_ACCOUNTS)
    assert [(user.name, user.administrator) for user in told(found)["users"]] == [
        ("admin", True), ("guest", False), ("httpdusr", False), ("claire", True)]  # fmt: skip
    assert found.unread == ()


@pytest.mark.parametrize(
    ("body", "volume"),
    [(documented.QTS_OLD, Volume("DataVol1", "normal", 24)), (documented.QTS_NEW, Volume("DataVol1", "degraded", 10))],
)
def test_qnap_volumes(body: str, volume: Volume) -> None:
    assert told(walked(qnap_qts, body))["volumes"] == (volume,)


@pytest.mark.parametrize("body", ["<QDocRoot><authPassed>0</authPassed></QDocRoot>", "<html/>", "", "<QDocRoot>"])
def test_a_refusal_of_qts_is_unread(body: str) -> None:
    for ask in qnap_qts.API.asks[1:2] + qnap_qts.API.asks[3:]:
        found = answered(qnap_qts, ask, body)
        assert found.device.system is None
        assert found.unread


@pytest.mark.parametrize(
    ("said", "updates"),
    [("none", Updates("current")), ("5.1.3.2578 Build 1", Updates("available", None, "5.1.3.2578 Build 1")),
     ("error", None), ("", None)],
)  # fmt: skip
def test_qts_says_whether_an_update_waits(said: str, updates: Updates | None) -> None:
    body = (RECORDINGS / "qnap_qts-ts420-4.3.3/firmwareupdate.xml").read_text()
    found = answered(qnap_qts, qnap_qts.API.asks[-1], body.replace("4.3.4.0695 Build 20180830", said))
    assert told(found).get("updates") == updates
    assert bool(found.unread) == (updates is None)


def test_a_volume_of_qts_that_is_not_ready_is_not_called_normal() -> None:
    body = (RECORDINGS / "qnap_qts-ts639-4.2.3/volumes.xml").read_text()
    worse = body.replace("<volumeStatus><![CDATA[0]]>", "<volumeStatus><![CDATA[-3]]>", 1)
    (ask,) = (ask for ask in qnap_qts.API.asks if "disk_usage" in ask)
    assert [volume.state for volume in told(answered(qnap_qts, ask, worse))["volumes"]] == ["status -3", "normal"]


def test_folders_shared_over_nfs() -> None:
    for platform in (linux, synology_dsm, qnap_qts):
        found = printed(platform, "cat /etc/exports; true", documented.EXPORTS)
        assert told(found)["shares"] == (
            Share("/srv/pacs", "nfs", "/srv/pacs", guest=False, writable=True, writers=("192.168.10.20",)),
            Share("/volume1/Mes images", "nfs", "/volume1/Mes images", guest=True, writable=True, writers=("*",)),
            Share("/srv/long", "nfs", "/srv/long", guest=False, writable=True, writers=("192.168.10.0/24",)),
        )
        assert found.lines == {"/system/shares/0": 2, "/system/shares/1": 3, "/system/shares/2": 4}
    assert printed(linux, "cat /etc/exports; true", "").unread == ()
    assert printed(linux, "cat /etc/exports; true", "no such thing\n").unread[0].fact == "system.shares"


def test_software_raid() -> None:
    found = printed(linux, "cat /proc/mdstat; df -P; true", documented.MDSTAT)
    assert told(found)["volumes"] == (
        Volume("md1", "degraded", raid="raid5"), Volume("md0", "normal", 22, "raid1"), Volume("md127", "inactive"),
    )  # fmt: skip
    assert [found.lines[f"/system/volumes/{at}"] for at in range(3)] == [3, 6, 10]


def test_asustor_and_my_cloud() -> None:
    assert told(walked(asustor_adm, documented.ADM)) == {
        "identity": Identity("ASUSTOR", "AS3A02T", "AX1234567890", "adm", "5.1.4.RL21"),
        "volumes": (Volume("Volume1", "normal", 49),),
        "ups": Ups(connected=True, model="Back-UPS ES 700G"),
    }
    assert told(walked(wd_mycloud, documented.MYCLOUD)) == {
        "identity": Identity("Western Digital", "My Cloud EX2 Ultra", None, "mycloud", "5.08.115",
                             hostname="MyCloudEX2Ultra"),
    }  # fmt: skip


def test_the_battery_behind_a_synology() -> None:
    body = "1.3.6.1.4.1.6574.4.1.1.0|4|Back-UPS ES 700G\n1.3.6.1.4.1.6574.4.2.1.0|4|OL RB\n"
    found = walked(synology_dsm, body)
    assert told(found)["ups"] == Ups(connected=True, model="Back-UPS ES 700G", battery="replace")
    assert found.lines["/system/ups/battery"] == 2


CANARIES = ("Canari", "CANARI", "Q2FuYXJp")
SESSIONS = (
    "<QDocRoot><authPassed>1</authPassed><authSid><![CDATA[Canari-16]]></authSid>\n<SUID>\n  <![CDATA[Canari-17]]>\n"
    "</SUID><qtoken>Canari-18</qtoken><model><displayModelName>TS-453Be</displayModelName></model></QDocRoot>",
    '{"data": {"sid": "Canari-19", "synotoken": "Canari-20", "did": "Canari-21", "device_id": "Canari-22"}}',
    '{"provider": {"type": "AZUREBLOB", "key": "Q2FuYXJpQ2FuYXJpQ2FuYXJp=="}, "pass":"Canari\\"-23"}',
)  # fmt: skip


@pytest.mark.parametrize("body", [*documented.SAMPLES, *SESSIONS])
def test_no_secret_of_a_nas_is_kept_and_no_fact_is_lost(body: str) -> None:
    kept = SecretStore(Path()).redacted(body)
    assert not any(canary in kept for canary in CANARIES), kept
    assert kept.count("\n") == body.count("\n")
    for before, after in zip(everything(body), everything(kept), strict=True):
        assert after == before
        assert before is None or not any(canary in json.dumps(to_json(before.device)) for canary in CANARIES)


def everything(body: str) -> list[Observation | None]:
    """What each NAS makes of a text, but for the text of a line that it cannot read."""
    found = []
    for platform in (asustor_adm, linux, qnap_qts, synology_dsm, truenas, wd_mycloud):
        found += [platform.read(evidence(f"exec {command}", body)) for command in platform.COMMANDS]
        found += [platform.read(evidence(ask, body, "api")) for ask in _asks(platform)]
        found.append(platform.read(evidence("walk:1.3", body, "snmp", "v2c")))
    return [item and Observation(item.device, item.lines) for item in found]


LARGE = {
    "json": b'{"success": true, "data": {"interfaces": [' + b'{"id": "e"},' * 80000,
    "json interfaces": b'{"success": true, "data": {"interfaces": ['
    + b",".join(b'{"id": "e%d", "ip": []}' % at for at in range(12000))
    + b"]}}",
    "json users": b'{"success": true, "data": {"users": ['
    + b",".join(b'{"name": "u%d"}' % at for at in range(15000))
    + b"]}}",
    "json depth": b"[" * MIB,
    "json numbers": b"[" + b"1," * (MIB // 2 - 2) + b"1]",
    "json text": b'{"success": true, "data": {"model": "' + b"a" * (MIB - 64) + b'"}}',
    "json escapes": b'{"success": true, "data": {"model": "' + b"\\" * (MIB - 64) + b'"}}',
    "json pools": b"["
    + b",".join(b'{"name":"p%d","status":"ONLINE"}' % at for at in range(9000))
    + b"]\n"
    + b"["
    + b",".join(b'{"id":"p%d","encrypted":true}' % at for at in range(9000))
    + b"]\n",
    "pages": b'[{"service":"ssh","state":"RUNNING"}]\n{"ui_port":80,"ui_httpsport":443,"ui_address":['
    + b",".join(b'"10.0.%d.%d"' % (at // 256, at % 256) for at in range(9000))
    + b"]}\n",
    "xml": b"<QDocRoot><authPassed>1</authPassed>" + b"<a>" * 30 + b"<b/>" * 200000,
    "xml bomb": b'<!DOCTYPE a [<!ENTITY b "' + b"b" * 1000 + b'">]><QDocRoot>' + b"&b;" * 100000 + b"</QDocRoot>",
    "xml text": b"<QDocRoot><authPassed>1</authPassed><hostname>" + b"a" * (MIB - 80) + b"</hostname></QDocRoot>",
    "xml adapters": b"<QDocRoot><authPassed>1</authPassed><func><ownContent><root>"
    + b"".join(b"<eth_ip%d>10.0.0.1</eth_ip%d>" % (at, at) for at in range(1000))
    + b"</root></ownContent></func></QDocRoot>",
    "conf": b"[System]\nVersion = 5\n" + b"a = b\n" * 170000,
    "exports": b"".join(b"/a%d *(rw)\n" % at for at in range(70000)),
    "export": b"/a " + b"b(rw) " * 170000,
    "export goes on": b"/a *(rw) \\\n" * 80000,
    "arrays": b"".join(b"md%d : active raid1 a[0]\n 1 blocks [2/1] [U_]\n" % at for at in range(20000)),
    "qnap": b"".join(
        b"1.3.6.1.4.1.24681.1.2.17.1.2.%d|4|a\n1.3.6.1.4.1.24681.1.2.17.1.6.%d|4|Ready\n" % (at, at)
        for at in range(10000)
    ),
    "adm": b"".join(
        b"1.3.6.1.4.1.44738.5.1.1.2.%d|4|a\n1.3.6.1.4.1.44738.5.1.1.4.%d|4|b\n" % (at, at) for at in range(10000)
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_answers_of_nas_end_in_time(name: str) -> None:
    body = LARGE[name][:MIB]
    for platform in (asustor_adm, qnap_qts, synology_dsm, truenas, wd_mycloud):
        asks: list[tuple[str, SourceName]] = [(f"exec {command}", "ssh") for command in platform.COMMANDS]
        asks += [(ask, "api") for ask in _asks(platform)] + [("walk:1.3", "snmp")]
        for ask, source in asks:
            began = time.process_time()
            observation = platform.read(evidence(ask, body, source, "v2c"))
            assert time.process_time() - began < SECONDS
            assert_sound(observation, body)
            system = observation.device.system if observation else None
            assert len((system.interfaces if system else None) or ()) <= 256


@pytest.mark.parametrize("name", ["arrays", "export", "export goes on", "exports"])
def test_large_files_of_a_linux_nas_end_in_time(name: str) -> None:
    for command in ("cat /etc/exports; true", "cat /proc/mdstat; df -P; true"):
        began = time.process_time()
        assert_sound(linux.read(evidence(f"exec {command}", LARGE[name])), LARGE[name])
        assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "element",
    ['<password type="x">{}</password>', "<snmp_auth_pwd>{}</snmp_auth_pwd>", "<smtp_password\n>{}</smtp_password\n>"],
)
def test_an_element_is_a_secret_however_it_is_written(element: str) -> None:
    text = f"<QDocRoot>{element}</QDocRoot>"
    assert SecretStore(Path()).redacted(text.format("Canari7f3a")) == text.format("REDACTED")
    assert SecretStore(Path()).redacted(text.format("0")) in (text.format("0"), text.format("REDACTED"))
