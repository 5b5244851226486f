"""Synology DSM: what is only understood from several answers together, and the files read over SSH."""

import time
from ipaddress import IPv4Network
from typing import Any

import pytest

from inventory.gateway import Admin, Dns, Firewall, InputChain
from inventory.observation import Observation
from inventory.storage import Backup, Share, SmbSettings
from inventory.system import Identity, Service, System
from scanner.platforms import synology_dsm
from tests.unit.scanner.documented import dsm_together, dsm_ways, rule
from tests.unit.scanner.test_platforms import evidence

LAN = IPv4Network("192.168.10.0/24")
HTTP, HTTPS = Admin("http", "lan", 5000, encrypted=False), Admin("https", "lan", 5001, encrypted=True)
SSH, TELNET = Admin("ssh", "lan", 22, encrypted=True), Admin("telnet", "lan", 23, encrypted=False)


def answered(part: str, body: str) -> Observation:
    (ask,) = (ask for ask in synology_dsm.API.asks if part in ask)
    observation = synology_dsm.read(evidence(ask, body, "api"))
    assert observation is not None
    return observation


def ways(body: str) -> tuple[System, Observation]:
    found = answered("Firewall.Profile", body)
    assert found.device.system is not None
    return found.device.system, found


def test_without_its_firewall_it_is_administered_by_whatever_is_on() -> None:
    system, found = ways(dsm_ways(on=False))
    assert system.admin == (HTTP, HTTPS, SSH, TELNET)
    assert system.firewall == Firewall(())
    assert found.unread == ()
    redirected, _ = ways(dsm_ways(on=False, enable_https=False, enable_https_redirect=True))
    assert redirected.admin == (Admin("http", "lan", 5000, encrypted=True), SSH, TELNET)


DROP = {"policy": "drop", "rules": []}
FILTERED: list[tuple[str, dict[str, Any], tuple[Admin, ...] | None]] = [
    ("nothing is let in", {"eth0": DROP}, ()),
    ("as delivered, what no rule names is let in", {"eth0": {"policy": "allow", "rules": []}},
     (HTTP, HTTPS, SSH, TELNET)),
    ("some ports for all", {"eth0": {"policy": "drop", "rules": [rule()]}}, (HTTP, HTTPS)),
    ("for one network", {"eth0": {"policy": "drop", "rules": [rule(str(LAN), "all")]}},
     tuple(Admin(item.protocol, "lan", item.port, item.encrypted, (LAN,)) for item in (HTTP, HTTPS, SSH, TELNET))),
    ("a range of ports", {"eth0": {"policy": "drop", "rules": [rule(ports="22:23")]}}, (SSH, TELNET)),
    ("the service by its name", {"eth0": {"policy": "drop", "rules": [rule(ports="ssh", port_group="service")]}},
     (SSH,)),
    ("what is off does not count", {"eth0": {"policy": "drop", "rules": [rule(enable=False)]}}, ()),
    ("a country is not the practice's network", {"eth0": {"policy": "drop", "rules": [rule("FR", "all")]}}, ()),
    ("another protocol", {"eth0": {"policy": "drop", "rules": [rule(ports="all", protocol="udp")]}}, ()),
    ("all interfaces come first", {"global": {"policy": "none", "rules": [rule(ports="22", policy="drop")]},
                                   "eth0": {"policy": "allow", "rules": []}}, (HTTP, HTTPS, TELNET)),
    ("either adapter", {"eth0": DROP, "eth1": {"policy": "drop", "rules": [rule(ports="5001")]}}, (HTTPS,)),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "admin"), [row[1:] for row in FILTERED], ids=[row[0] for row in FILTERED])
def test_the_firewall_is_counted_in(profile: dict[str, Any], admin: tuple[Admin, ...]) -> None:
    system, found = ways(dsm_ways(profile))
    assert system.admin == admin
    assert found.unread == ()
    assert set(found.lines.values()) == {1}


def test_what_no_rule_names_is_told_of_each_adapter() -> None:
    system, _ = ways(dsm_ways({"eth0": DROP, "ovs_bond0": {"policy": "allow", "rules": []}, "vpn": DROP}))
    assert system.firewall == Firewall((InputChain("eth0", "drop", "lan"), InputChain("ovs_bond0", "accept", "lan")))


@pytest.mark.parametrize(
    "doubtful",
    [rule("192.168.10.7", "22", "drop"), rule(ports="22", policy="deny"), rule(ports="22", protocol="sctp"),
     rule(ports="22", port_direction="source"), rule(ports="DSM", port_group="service"), {"enable": True},
     rule("fe80::1", "22"), rule("a-b", "22", source_ip_group="iprange"), rule("x", "22", source_ip_group="name")],
)  # fmt: skip
def test_a_rule_that_is_not_understood_is_never_a_closed_door(doubtful: dict[str, Any]) -> None:
    system, found = ways(dsm_ways({"eth0": {"policy": "drop", "rules": [rule(), doubtful]}}))
    assert SSH not in (system.admin or ())
    assert any(line.fact == "system.admin" and line.text.startswith("ssh 22") for line in found.unread)


@pytest.mark.parametrize(
    "body",
    [dsm_ways(), dsm_ways(name="visite"), dsm_together(("SYNO.Core.Security.Firewall", {"enable_firewall": False})),
     dsm_together(("SYNO.Core.Security.Firewall", None)), '{"success": true, "data": {}}'],
)  # fmt: skip
def test_half_an_answer_is_unread(body: str) -> None:
    found = answered("Firewall.Profile", body)
    assert found.device.system is None
    assert [line.fact for line in found.unread] == ["system.admin"]


def test_many_rules_are_not_read_for_minutes() -> None:
    profile = {"eth0": {"policy": "drop", "rules": [rule("192.168.10.7", "22")] * 4096}}
    system, found = ways(dsm_ways(profile))
    assert system.admin is None
    assert len(found.unread) == 4


WIDE = rule("0.0.0.1-255.255.255.254", "all", source_ip_group="iprange")
MANY: dict[str, dict[str, Any]] = {
    "all interfaces": {"global": {"policy": "none", "rules": [WIDE] * 128}}
    | {f"eth{at}": DROP for at in range(16)},
    "each adapter": {f"eth{at}": {"policy": "drop", "rules": [WIDE] * 256} for at in range(16)},
    "other networks": {
        f"eth{at}": {"policy": "drop", "rules": [
            rule(f"10.{at}.{row}.1-10.{at}.{row}.254", "all", source_ip_group="iprange") for row in range(32)]}
        for at in range(16)
    },
    "ports": {f"eth{at}": {"policy": "drop", "rules": [rule(ports=",".join(["1"] * 64))] * 32} for at in range(16)},
    "more adapters": {f"{kind}{at}": {"policy": "drop", "rules": [WIDE] * 8}
                      for kind in ("eth", "bond", "ovs_eth", "ovs_bond") for at in range(100)},
}  # fmt: skip


@pytest.mark.parametrize("name", MANY)
def test_many_adapters_and_networks_are_not_read_for_minutes(name: str) -> None:
    body = dsm_ways(MANY[name])
    began = time.process_time()
    found = answered("Firewall.Profile", body)
    assert time.process_time() - began < 3
    assert "system.admin" in {line.fact for line in found.unread} or name in ("all interfaces", "ports")
    assert all(len(way.source_filter or ()) <= 128 for way in (found.device.system or System()).admin or ())


SHUT = [rule("all", "all", "drop", protocol="all")]


@pytest.mark.parametrize(
    "profile",
    [{"global": {"policy": "none", "rules": []}}, {"global": "?"}, {"global": {"policy": "drop"}},
     {"LAN 1": {"policy": "drop", "rules": SHUT}}, {"global": "?", "eth0": DROP}, {"eth0": "?", "eth1": DROP},
     {"global": {"policy": "drop", "rules": []}, "eth0": {"policy": "allow", "rules": []}}, {"eth0": {"rules": SHUT}},
     {"eth0": {"policy": None, "rules": []}}, {"eth0": {"policy": "allow", "rules": "cut"}},
     {"eth0": {"policy": "allow", "rules": None}}, {"global": {"policy": "none", "rules": "cut"}, "eth0": DROP}],
)  # fmt: skip
def test_a_profile_that_is_not_understood_neither_accuses_nor_absolves(profile: dict[str, Any]) -> None:
    found = answered("Firewall.Profile", dsm_ways(profile))
    assert found.device.system is None
    assert [line.fact for line in found.unread] == ["system.admin"]


def folder(name: str, **rights: Any) -> dict[str, Any]:
    return {"name": name, "is_deny": False, "is_readonly": False, "is_writable": False, "is_custom": False} | rights


def guests(expired: str, *folders: dict[str, Any]) -> Observation:
    users = {"users": [{"name": "admin", "expired": "now"}, {"name": "guest", "expired": expired}], "total": 2}
    body = dsm_together(("SYNO.Core.User", users), ("SYNO.Core.Share.Permission", {"shares": list(folders)}))
    return answered("list_by_user", body)


def test_where_the_guest_is_let_in() -> None:
    rows = (
        folder("denied", is_deny=True, inherit="rw"), folder("read", is_readonly=True), folder("none", inherit="-"),
        folder("by group", inherit="ro"), folder("old"),
    )  # fmt: skip
    on = guests("normal", *rows)
    assert on.device.system is not None
    assert on.device.system.shares == (
        Share("denied", guest=False), Share("read", guest=True), Share("none", guest=False),
        Share("by group", guest=True),
    )  # fmt: skip
    assert [line.text for line in on.unread] == ["guest at old"]  # nobody says what its groups may
    off = guests("now", *rows).device.system
    assert off is not None
    assert all(share.guest is False for share in off.shares or ())


def test_an_access_list_of_its_own_decides_unseen() -> None:
    found = guests("normal", folder("special", is_custom=True), folder("other", inherit="cu"))
    assert found.device.system is None
    assert len(found.unread) == 2
    assert guests("2027/01/31", folder("read")).device.system is None


def test_signing_of_newer_smb_is_never_off() -> None:
    body = '{"success": true, "data": {"enable_samba": true, "smb_min_protocol": %d, "enable_server_signing": 0}}'
    settings = [answered("SMB&", body % oldest).device.system for oldest in (0, 1)]
    assert [system and system.smb for system in settings] == [
        SmbSettings("NT1", signing="off"), SmbSettings("SMB2_02", signing="offered"),
    ]  # fmt: skip


@pytest.mark.parametrize(("said", "signing"), [(0, None), (1, "offered"), (2, "required")])
def test_signing_is_unknown_where_it_depends_on_a_protocol_that_is(said: int, signing: str | None) -> None:
    body = '{"success": true, "data": {"enable_samba": true, "smb_min_protocol": 9, "enable_server_signing": %d}}'
    found = answered("SMB&", body % said)
    assert found.device.system is not None
    assert (found.device.system.smb or SmbSettings()).signing == signing
    assert [line.fact for line in found.unread] == ["system.smb"]


def test_dsm_7_has_no_switch_for_its_encrypted_pages() -> None:
    body = '{"success": true, "data": {"enable_https_redirect": false, "http_port": 5000, "https_port": 5001}}'
    (ask,) = (ask for ask in synology_dsm.API.asks if "api=SYNO.Core.Web.DSM" in ask)
    found = synology_dsm.read(evidence(ask, body, "api"))
    assert found is not None
    assert found.device.system is not None
    assert found.device.system.services == (
        Service(5000, "tcp", "0.0.0.0", "http", encrypted=False),
        Service(5001, "tcp", "0.0.0.0", "https", encrypted=True),
    )


ACCOUNTS = """#$_@UID__INDEX@_$1027$
root:x:0:0::/root:/bin/ash
admin:x:1024:100:System default user:/var/services/homes/admin:/bin/sh
guest:x:1025:100:Guest:/nonexist:/usr/bin/nologin
claire:x:1026:100::/var/services/homes/claire:/sbin/nologin
#$_@GID__INDEX@_$65539$
root:x:0:
administrators:x:101:admin,claire
users:x:100:
"""


def test_accounts_and_who_of_them_may_change_everything() -> None:
    found = synology_dsm.read(evidence("exec cat /etc/passwd; cat /etc/group", ACCOUNTS))
    assert found is not None
    assert found.device.system is not None
    assert [(user.name, user.administrator, user.login) for user in found.device.system.users or ()] == [
        ("root", True, True), ("admin", True, True), ("guest", False, False), ("claire", True, False),
    ]  # fmt: skip
    assert found.unread == ()
    assert found.lines["/system/users/3"] == 5


def test_whose_own_group_it_is_may_change_everything() -> None:
    paul = ACCOUNTS.replace(
        "claire:x:1026:100:", "paul:x:1030:101::/var/services/homes/paul:/bin/sh\nclaire:x:1026:100:"
    )
    found = synology_dsm.read(evidence("exec cat /etc/passwd; cat /etc/group", paul.replace("admin,claire", "admin")))
    assert found is not None
    assert found.device.system is not None
    assert [(user.name, user.administrator) for user in found.device.system.users or ()] == [
        ("root", True), ("admin", True), ("guest", False), ("paul", True), ("claire", False),
    ]  # fmt: skip


def test_without_the_groups_nobody_is_said_to_be_none() -> None:
    found = synology_dsm.read(evidence("exec cat /etc/passwd; cat /etc/group", ACCOUNTS.partition("#$_@GID")[0]))
    assert found is not None
    assert found.device.system is not None
    assert [user.administrator for user in found.device.system.users or ()] == [True, None, None, None]
    assert [line.fact for line in found.unread] == ["system.users"]


def test_no_interfaces_in_the_older_answer_do_not_mean_that_it_has_none() -> None:
    body = '{"success": true, "data": {"hostname": "nas", "dns": ["192.168.10.1"], "interfaces": []}}'
    found = answered("SYNO.DSM.Network&", body)
    assert found.device.system == System(identity=Identity(hostname="nas"), dns=Dns(("192.168.10.1",)))
    assert [report.fact for report in found.unread] == ["system.interfaces"]


def test_a_backup_that_is_started_by_hand_has_no_plan() -> None:
    task = '{"name": "Coffre", "schedule": {"schedule_enable": false, "schedule": {"hour": 3, "min": 0}}}'
    found = answered("SYNO.Backup.Task&", f'{{"success": true, "data": {{"task_list": [{task}]}}}}')
    assert found.device.system == System(backups=(Backup("Coffre", enabled=False),))
