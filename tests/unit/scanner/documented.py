"""Answers of NAS written after their makers' documentation, where no recording of a device is to be had."""

import json
from typing import Any

# N4S4/synology-api, documentation/docs/apis/classes: core_sys_info.md, core_user.md, core_group.md and core_backup.md
# (DSM 7.2): name of the API → the `data` of its answer.
DSM: dict[str, Any] = {
    "SYNO.Core.Security.AutoBlock": {"attempts": 5, "enable": True, "expire_day": 0, "within_mins": 10},
    "SYNO.Core.QuickConnect": {
        "domain": "quickconnect.to",
        "enabled": True,
        "region": "fr",
        "server_alias": "cabinet-dupont",
        "server_id": "0123456789",
    },
    "SYNO.Core.DDNS.Record": {
        "next_update_time": "2026-08-01 20:02",
        "records": [
            {
                "enable": True,
                "heartbeat": True,
                "hostname": "cabinet.synology.me",
                "id": "Synology",
                "ip": "203.0.113.9",
                "provider": "Synology",
                "status": "service_ddns_normal",
                "username": "cabinet@example.org",
                "passwd": "Canari-Ddns-1",
            }
        ],
    },
    "SYNO.Core.Terminal": {"enable_ssh": True, "enable_telnet": True, "forbid_console": False, "ssh_port": 2222},
    "SYNO.Core.FileServ.NFS": {"enable_nfs": True, "enable_nfs_v4": False, "enabled_minor_ver": 0},
    "SYNO.Core.FileServ.AFP": {"enable_afp": True, "enable_umask": False, "time_machine": ""},
    "SYNO.Core.FileServ.FTP": {"enable_ftp": False, "enable_ftps": True, "portnum": 990, "ext_ip": ""},
    "SYNO.Core.FileServ.FTP.SFTP": {"enable": True, "portnum": 2022},
    "SYNO.Core.SNMP": {
        "contact": "",
        "enable_snmp": True,
        "enable_snmp_v1v2": True,
        "enable_snmp_v3": True,
        "location": "",
        "rocommunity": "public",
        "rouser": "vigie",
    },
    "SYNO.Core.FileServ.SMB": {
        "enable_samba": True,
        "enable_server_signing": 1,
        "smb_encrypt_transport": 2,
        "smb_max_protocol": 3,
        "smb_min_protocol": 0,
        "workgroup": "WORKGROUP",
    },
    "SYNO.Core.Security.Firewall": {"enable_firewall": False, "profile_name": "default"},
    "SYNO.Core.User": {
        "offset": 0,
        "total": 3,
        "users": [
            {"expired": "now", "name": "admin"},
            {"expired": "normal", "name": "claire", "2fa_status": True},
            {"expired": "2027/01/31", "name": "stage", "2fa_status": False},
        ],
    },
    "SYNO.Core.Group.Member": {"offset": 0, "total": 1, "users": [{"description": "", "name": "claire"}]},
    "SYNO.Core.Web.DSM": {"enable_https": True, "enable_https_redirect": True, "http_port": 5000, "https_port": 5001},
    "SYNO.Core.Region.NTP": {
        "date": "2026/8/1",
        "enable_ntp": "ntp",
        "server": "pool.ntp.org",
        "timezone": "Amsterdam",
    },
    "SYNO.Core.Upgrade.Setting": {
        "autoupdate_enable": True,
        "autoupdate_type": "hotfix-security",
        "upgrade_type": "hotfix",
    },
    "SYNO.Core.ExternalDevice.UPS": {
        "ACL_enable": False,
        "charge": 100,
        "enable": True,
        "mode": "MASTER",
        "model": "Back-UPS ES 700G",
        "net_server_ip": "",
        "snmp_community": "Canari-Ups-2",
        "status": "usb_ups_status_online",
        "usb_ups_connect": True,
    },
    "SYNO.Backup.Task": {
        "task_list": [
            {
                "name": "Vers le coffre",
                "task_id": 1,
                "target_type": "cloud_image",
                "data_enc": True,
                "state": "backupable",
                "last_bkp_result": "done",
                "last_bkp_end_time": "2026/07/31 03:12",
                "schedule": {"schedule": {"hour": 3, "min": 0, "week_name": "0,6"}, "schedule_enable": True},
            },
            {"name": "Disque USB", "task_id": 2, "last_bkp_result": "error", "last_bkp_time": "2026/05/02 03:00"},
        ],
        "total": 2,
    },
    "SYNO.Core.Network.Interface": [
        {
            "ifname": "eth0",
            "ip": "192.168.1.10",
            "mask": "255.255.255.0",
            "speed": 1000,
            "status": "connected",
            "type": "lan",
            "use_dhcp": False,
        },
        {"ifname": "pppoe", "ip": "", "mask": "", "speed": 0, "status": "disconnected", "type": "pppoe"},
    ],
    "SYNO.Storage.CGI.Storage": {
        "volumes": [
            {
                "id": "volume_1",
                "vol_path": "/volume1",
                "status": "degrade",
                "device_type": "shr_with_1_disk_protect",
                "fs_type": "btrfs",
                "size": {"total": "4000", "used": "1000"},
            }
        ]
    },
}

# TrueNAS API Reference v25.04 (api.truenas.com) and truenas/middleware 13.0: the methods → their answers.
_SERVICES = [
    {"id": 4, "service": "cifs", "enable": True, "state": "RUNNING", "pids": [1]},
    {"id": 9, "service": "nfs", "enable": True, "state": "RUNNING", "pids": []},
    {"id": 10, "service": "snmp", "enable": True, "state": "RUNNING", "pids": []},
    {"id": 11, "service": "ssh", "enable": True, "state": "RUNNING", "pids": [2]},
    {"id": 14, "service": "ups", "enable": True, "state": "RUNNING", "pids": []},
]
TRUENAS: dict[str, list[Any]] = {
    "midclt call system.info": [
        {
            "version": "TrueNAS-SCALE-24.10.2",
            "buildtime": {"$date": 1737000000000},
            "hostname": "nas",
            "uptime_seconds": 86400.25,
            "system_serial": "A1-31415",
            "system_product": "TRUENAS-MINI-3.0-X+",
            "license": None,
        }
    ],
    "midclt call pool.query; midclt call pool.dataset.query": [
        [
            {
                "id": 1,
                "name": "tank",
                "status": "DEGRADED",
                "healthy": False,
                "size": 1000,
                "free": 250,
                "topology": {"data": [{"type": "RAIDZ1", "children": []}]},
            }
        ],
        [{"id": "tank", "type": "FILESYSTEM", "encrypted": True}, {"id": "tank/data", "encrypted": True}],
    ],
    "midclt call sharing.smb.query": [
        [
            {"id": 1, "path": "/mnt/tank/images", "name": "images", "enabled": True, "guestok": True, "ro": False},
            {"id": 2, "path": "/mnt/tank/old", "name": "old", "enabled": False, "guestok": True, "ro": False},
        ]
    ],
    "midclt call sharing.nfs.query": [
        [
            {"id": 1, "path": "/mnt/tank/vm", "hosts": [], "networks": [], "security": [], "enabled": True, "ro": True},
            {
                "id": 2,
                "path": "/mnt/tank/pacs",
                "hosts": ["192.168.10.20"],
                "networks": [],
                "security": ["SYS"],
                "enabled": True,
                "ro": False,
            },
        ]
    ],
    "midclt call service.query; midclt call system.general.config": [
        _SERVICES,
        {"ui_port": 80, "ui_httpsport": 443, "ui_address": ["0.0.0.0"], "ui_httpsredirect": False},
    ],
    "midclt call system.general.config; midclt call ssh.config; midclt call service.query": [
        {
            "ui_port": 80,
            "ui_httpsport": 443,
            "ui_address": ["0.0.0.0"],
            "ui_httpsredirect": True,
            "ui_allowlist": ["192.168.10.0/24", "192.168.20.5", "fd00::/64"],
        },
        {"tcpport": 22, "passwordauth": True, "privatekey": "Q2FuYXJpLVNzaC0z"},
        _SERVICES,
    ],
    "midclt call ssh.config; midclt call service.query": [
        {"tcpport": 22, "passwordauth": True, "rootlogin": True, "privatekey": "Q2FuYXJpLVNzaC0z"},
        _SERVICES,
    ],
    "midclt call smb.config; midclt call service.query": [
        {"workgroup": "WORKGROUP", "enable_smb1": True, "encryption": "REQUIRED"},
        _SERVICES,
    ],
    "midclt call snmp.config; midclt call service.query": [
        {
            "community": "Canari-Snmp-4",
            "v3": True,
            "v3_password": "Canari-Snmp-5",
            "v3_privpassphrase": "Canari-Snmp-6",
        },
        _SERVICES,
    ],
    "midclt call ups.config; midclt call service.query": [
        {"driver": "usbhid-ups$Back-UPS ES 700G", "shutdown": "BATT", "monuser": "upsmon", "monpwd": "Canari-Ups-7"},
        _SERVICES,
    ],
    "midclt call user.query": [
        [
            {
                "id": 1,
                "uid": 0,
                "username": "root",
                "builtin": True,
                "locked": False,
                "shell": "/usr/bin/zsh",
                "unixhash": "$6$abcdefgh$Canari8Canari8",
                "smbhash": "root:0:XXXX:CANARI9CANARI9:[U ]:LCT-0:",
                "twofactor_auth_configured": False,
                "roles": [],
            },
            {
                "id": 70,
                "uid": 3000,
                "username": "claire",
                "builtin": False,
                "locked": True,
                "shell": "/usr/sbin/nologin",
                "roles": ["FULL_ADMIN"],
                "twofactor_auth_configured": True,
                "api_keys": [],
            },
        ]
    ],
    "midclt call update.check_available": [{"status": "AVAILABLE", "version": "24.10.2.1", "changes": []}],
    "midclt call replication.query; midclt call cloudsync.query; midclt call rsynctask.query": [
        [
            {
                "id": 1,
                "name": "vers cave",
                "direction": "PUSH",
                "transport": "SSH",
                "target_dataset": "cave/copie",
                "enabled": True,
                "encryption": True,
                "schedule": {"minute": "0", "hour": "2", "dom": "*", "month": "*", "dow": "*"},
                "state": {"state": "FINISHED", "datetime": {"$date": 1785500000000}},
            },
            {"id": 2, "name": "reçoit", "direction": "PULL", "enabled": True, "state": {"state": "ERROR"}},
        ],
        [
            {
                "id": 1,
                "description": "S3",
                "direction": "PUSH",
                "path": "/mnt/tank",
                "enabled": True,
                "encryption": False,
                "encryption_password": "Canari-Cloud-10",
                "credentials": {
                    "provider": {
                        "type": "S3",
                        "access_key_id": "Canari-Cloud-11",
                        "secret_access_key": "Canari-Cloud-12",
                    }
                },
                "job": {"state": "FAILED", "time_finished": {"$date": 1785500000000}},
            }
        ],
        [],
    ],
    "midclt call pool.snapshottask.query": [
        [
            {
                "id": 1,
                "dataset": "tank/data",
                "enabled": True,
                "lifetime_value": 2,
                "lifetime_unit": "WEEK",
                "schedule": {"minute": "00", "hour": "*", "dom": "*", "month": "*", "dow": "*"},
                "state": {"state": "FINISHED", "datetime": {"$date": 1785500000000}},
            }
        ]
    ],
    "midclt call system.ntpserver.query": [[{"id": 1, "address": "0.debian.pool.ntp.org", "iburst": True}]],
    "midclt call system.advanced.config": [{"syslogserver": "192.168.10.5:514", "sed_passwd": "Canari-Sed-13"}],
    "midclt call interface.query": [
        [
            {
                "id": "enp1s0",
                "name": "enp1s0",
                "state": {
                    "aliases": [
                        {"type": "INET", "address": "192.168.10.9", "netmask": 24},
                        {"type": "INET6", "address": "fe80::1", "netmask": 64},
                    ]
                },
            }
        ]
    ],
}

# QNAP: the keys that its start scripts of QTS 4 ask for with `getcfg`; passwords as its scripts keep them beside.
ULINUX = """[System]
Model = TS-X53D
Version = 5.1.3
Build Number = 20231110
Number = 2578
Server Name = NAS-CABINET
Web Access Port = 8080
[Stunnel]
Enable = 1
Port = 443
[LOGIN]
SSH Enable = TRUE
SSH Port = 22
Telnet Enable = FALSE
[SNMP]
Community = Canari-Qnap-14
[DDNS Service]
User Name = cabinet
Password = Canari Qnap 15
"""

# exports(5) of nfs-utils 2.6; the second as DSM writes it.
EXPORTS = """# /etc/exports
/srv/pacs  192.168.10.20(rw,sync,no_subtree_check) *(ro,sec=krb5p)
"/volume1/Mes images"\t*(rw,async,no_wdelay,all_squash,insecure_locks,sec=sys,anonuid=1025,anongid=100)
/srv/long -ro,sync \\
    192.168.10.0/24(rw)
"""

# md(4) and df(1).
MDSTAT = """Personalities : [raid1] [raid6] [raid5] [raid4]
md1 : active raid5 sdd1[3] sdc1[1](F) sdb1[0]
      1953259520 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [U_U]
      [=>...................]  recovery =  8.5% (83127680/976629760) finish=95.6min speed=155640K/sec

md0 : active (auto-read-only) raid1 sda1[0] sde1[1]
      976630464 blocks super 1.2 [2/2] [UU]
      bitmap: 0/8 pages [0KB], 65536KB chunk

md127 : inactive sdf1[0](S)
      976629760 blocks super 1.2

unused devices: <none>
Filesystem     1024-blocks      Used Available Capacity Mounted on
udev                  8000         0      8000       0% /dev
/dev/md0         960380648 702000000 209524056      78% /srv
"""

# ASUSTOR's MIB, as the ADM 5 integration for Home Assistant reads it (telemetry of an AS3A02T).
ADM = """1.3.6.1.4.1.44738.1.1.0|4|AX1234567890
1.3.6.1.4.1.44738.1.2.0|4|5.1.4.RL21
1.3.6.1.4.1.44738.1.7.0|4|The ADM is latest version
1.3.6.1.4.1.44738.2.1.0|4|AS3A02T
1.3.6.1.4.1.44738.5.1.1.2.1|4|Volume1
1.3.6.1.4.1.44738.5.1.1.3.1|4|RAID 1
1.3.6.1.4.1.44738.5.1.1.4.1|4|healthy
1.3.6.1.4.1.44738.5.1.1.6.1|2|14776
1.3.6.1.4.1.44738.5.1.1.7.1|2|7299
1.3.6.1.4.1.44738.6.1.1.3.1|4|Back-UPS ES 700G
1.3.6.1.4.1.44738.6.1.1.7.1|4|OL CHRG
"""

# WD's MYCLOUDEX2ULTRA-MIB: nasAgent 8.1.
MYCLOUD = """1.3.6.1.4.1.5127.1.1.1.8.1.2.0|4|5.08.115 (5.08.115.1216.2020)
1.3.6.1.4.1.5127.1.1.1.8.1.3.0|4|MyCloudEX2Ultra
1.3.6.1.4.1.5127.1.1.1.8.1.9.1.2.1|4|Volume_1
"""

# QNAP's NAS-MIB of QTS 4.3: the older and the newer table of volumes.
QTS_OLD = """1.3.6.1.4.1.24681.1.2.12.0|4|TS-453Be
1.3.6.1.4.1.24681.1.2.13.0|4|NAS-CABINET
1.3.6.1.4.1.24681.1.2.17.1.2.1|4|[Volume DataVol1, Pool 1]
1.3.6.1.4.1.24681.1.2.17.1.4.1|4|7.12 TB
1.3.6.1.4.1.24681.1.2.17.1.5.1|4|1787.35 GB
1.3.6.1.4.1.24681.1.2.17.1.6.1|4|Ready
"""
QTS_NEW = """1.3.6.1.4.1.24681.1.4.1.1.1.2.3.2.1.3.1|70|1000
1.3.6.1.4.1.24681.1.4.1.1.1.2.3.2.1.4.1|70|100
1.3.6.1.4.1.24681.1.4.1.1.1.2.3.2.1.5.1|4|Degraded mode
1.3.6.1.4.1.24681.1.4.1.1.1.2.3.2.1.8.1|4|DataVol1
"""


def rule(source: str = "all", ports: str = "5000,5001", policy: str = "allow", **more: Any) -> dict[str, Any]:
    """A rule of DSM's firewall, as ychiu1211/dsmctl and batonogov/terraform-provider-synology-dsm captured them."""
    group = "all" if source == "all" else "geoip" if source.isalpha() else "netmask" if "/" in source else "ip"
    return {
        "enable": True, "log": False, "name": "", "policy": policy, "port_direction": "destination",
        "port_group": "all" if ports == "all" else "custom", "ports": ports, "protocol": "tcp", "source_ip": source,
        "source_ip_group": group,
    } | more  # fmt: skip


def dsm_together(*parts: tuple[str, Any]) -> str:
    """The answer to questions put together; None is a refusal."""
    result = [
        {"api": api, "method": "get", "version": 1}
        | ({"success": True, "data": data} if data is not None else {"success": False, "error": {"code": 105}})
        for api, data in parts
    ]
    has_fail = any(data is None for _, data in parts)
    return json.dumps({"data": {"has_fail": has_fail, "result": result}, "success": True})


def dsm_ways(profile: dict[str, Any] | None = None, *, on: bool = True, name: str = "custom", **web: Any) -> str:
    """What decides from where DSM is administered."""
    return dsm_together(
        ("SYNO.Core.Security.Firewall", {"enable_firewall": on, "profile_name": name}),
        (
            "SYNO.Core.Security.Firewall.Profile",
            {"name": "default", "global": {"policy": "none", "rules": []}},
        ),
        ("SYNO.Core.Security.Firewall.Profile", {"name": "custom", **profile} if profile else None),
        ("SYNO.Core.Web.DSM", {"enable_https_redirect": False, "http_port": 5000, "https_port": 5001} | web),
        ("SYNO.Core.Terminal", {"enable_ssh": True, "enable_telnet": True, "ssh_port": 22}),
    )


def dsm(name: str) -> str:
    """The answer of one API of DSM."""
    return json.dumps({"data": DSM[name], "success": True}, ensure_ascii=False)


def truenas(command: str) -> str:
    """What a command of TrueNAS prints: an answer a line."""
    return "\n".join(json.dumps(answer, ensure_ascii=False) for answer in TRUENAS[command]) + "\n"


SAMPLES = (
    *map(dsm, DSM), *map(truenas, TRUENAS), ULINUX, EXPORTS, MDSTAT, ADM, MYCLOUD, QTS_OLD, QTS_NEW,
)  # fmt: skip
