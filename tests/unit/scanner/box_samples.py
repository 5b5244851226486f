"""What the boxes answer, in the form that their documentation shows, with secrets that nobody may keep."""

import json
from collections.abc import Mapping
from typing import Any

from scanner.platforms import orange_livebox

# One in every place where a box tells a secret.
CANARIES = tuple(f"Canari{number:02}xyZ!" for number in range(24))


def _result(value: Any) -> str:
    return json.dumps({"success": True} if value is None else {"success": True, "result": value})


def _bss(phy: int, ssid: str, encryption: str, key: str, *, on: bool = True) -> dict[str, Any]:
    config = {
        "enabled": on, "use_default_config": False, "ssid": ssid, "hide_ssid": False, "encryption": encryption,
        "key": key, "eapol_version": 2, "wps_enabled": phy == 0, "wps_uuid": "",
    }  # fmt: skip
    status = {"state": "active" if on else "disabled", "sta_count": 2, "is_main_bss": True}
    return {"id": f"14:0C:76:00:00:0{phy}", "phy_id": phy, "status": status, "config": config}


FREEBOX: Mapping[str, str] = {
    f"GET /api/v8{path}": _result(value)
    for path, value in {
        "/system/": {
            "mac": "14:0C:76:00:00:01", "serial": "876500T123456789", "firmware_version": "4.8.9",
            "uptime": "3 jours 2 heures", "uptime_val": 266400, "board_name": "fbxgw7-r1",
            "model_info": {"name": "fbxgw7-r1/full", "pretty_name": "Freebox v7 (r1)"}, "box_authenticated": True,
        },
        "/connection/": {"state": "up", "type": "ethernet", "media": "ftth", "ipv4": "198.51.100.23"},
        "/connection/config/": {
            "ping": True, "remote_access": True, "remote_access_port": 8095, "remote_access_ip": "198.51.100.23",
            "api_remote_access": True, "is_secure_pass": False, "wol": False, "allow_token_request": True,
            "token": CANARIES[0],
        },
        "/fw/incoming/": [
            {"id": "http", "type": "tcp", "enabled": True, "active": True, "in_port": 8095, "min_port": 1,
             "max_port": 65535, "readonly": False, "netns": "init"},
            {"id": "https", "type": "tcp", "enabled": True, "active": True, "in_port": 8443, "readonly": False},
            {"id": "ipsec_ike", "type": "udp", "enabled": True, "active": False, "in_port": 500, "readonly": True},
        ],
        "/connection/ipv6/config/": {
            "ipv6_enabled": True, "ipv6_firewall": False, "ipv6_prefix_firewall": False, "ipv6ll": "fe80::1",
            "delegations": [{"prefix": "2001:db8::/64", "next_hop": ""}],
        },
        "/lan/config/": {"mode": "router", "ip": "192.168.1.254", "name": "Freebox Server", "name_dns": "freebox"},
        "/fw/redir/": [
            {
                "id": 1, "enabled": True, "comment": "Dossier patient", "valid": True, "src_ip": "0.0.0.0",
                "lan_port": 5001, "wan_port_start": 5001, "wan_port_end": 5001, "lan_ip": "192.168.1.10",
                "ip_proto": "tcp",
            },
            {
                "id": 2, "enabled": False, "comment": "", "valid": True, "src_ip": "203.0.113.7", "lan_port": 6000,
                "wan_port_start": "50000", "wan_port_end": 50010, "lan_ip": "192.168.1.11", "ip_proto": "udp",
            },
        ],
        "/upnpigd/redir/": [
            {
                "id": "0.0.0.0-8443-tcp", "enabled": True, "ext_src_ip": "0.0.0.0", "ext_port": 8443,
                "int_ip": "192.168.1.10", "int_port": 443, "proto": "tcp", "desc": "NAS", "remaining": 0,
            }
        ],
        "/fw/dmz/": {"enabled": True, "ip": "192.168.1.50"},
        "/upnpigd/config/": {"enabled": True, "version": 1},
        "/dhcp/config/": {
            "enabled": True, "ip_range_start": "192.168.1.20", "ip_range_end": "192.168.1.200",
            "netmask": "255.255.255.0", "gateway": "192.168.1.254", "dns": ["192.168.1.254", ""],
        },
        "/dhcp/dynamic_lease/": [
            {
                "mac": "00:11:32:00:00:01", "hostname": "nas", "ip": "192.168.1.10", "lease_remaining": 42000,
                "assign_time": 1764000000, "refresh_time": 1764000000, "is_static": False,
            }
        ],
        "/wifi/bss/": [
            _bss(0, "Cabinet", "wpa2_psk_ccmp", CANARIES[1]),
            _bss(1, "Cabinet", "wpa12_psk_auto", CANARIES[2], on=False),
        ],
        "/vpn/": [
            {"name": "openvpn_routed", "type": "openvpn", "state": "stopped", "connection_count": 0},
            {"name": "wireguard", "type": "wireguard", "state": "started", "connection_count": 1},
        ],
        "/vpn/user/": [
            {
                "login": "remplacante", "password_set": True, "type": "wireguard",
                "conf_wireguard": {"preshared_key": CANARIES[3], "private_key": CANARIES[4]},
            }
        ],
        "/netshare/samba/": {
            "file_share_enabled": True, "logon_enabled": True, "logon_user": "freebox", "logon_password": CANARIES[5],
            "workgroup": "WORKGROUP", "smbv2_enabled": False,
        },
        "/netshare/afp/": {"enabled": False, "guest_allow": False, "login_name": "f", "login_password": CANARIES[6]},
        "/ftp/config/": {
            "enabled": True, "allow_anonymous": True, "allow_anonymous_write": False, "password": CANARIES[7],
            "allow_remote_access": False, "port_ctrl": 21, "weak_password": True,
        },
        "/connection/ddns/ovh/": {"enabled": True, "hostname": "cabinet.example.com", "password": CANARIES[8]},
        "/connection/ddns/dyndns/": {"enabled": False, "hostname": "", "user": "", "password": ""},
        "/connection/ddns/noip/": {"enabled": False, "hostname": "", "user": "", "password": ""},
    }.items()
}  # fmt: skip


def _point(ssid: str, mode: str, key: str, state: str = "Up", *, wps: bool = False) -> dict[str, Any]:
    security = {
        "ModesAvailable": "None,WPA2-Personal", "ModeEnabled": mode, "KeyPassPhrase": key, "WEPKey": CANARIES[10],
        "PreSharedKey": "", "SAEPassphrase": CANARIES[11], "RadiusSecret": CANARIES[12],
    }  # fmt: skip
    return {
        "VAPStatus": state, "BSSID": "A4:3E:51:00:00:01", "SSID": ssid, "Security": security,
        "WPS": {"Enable": wps, "SelfPIN": "12345670"},
    }  # fmt: skip


def _forward(**more: Any) -> dict[str, Any]:
    row = {
        "Id": "webui_NAS", "Origin": "webui", "Description": "NAS", "Status": "Enabled", "SourceInterface": "data",
        "Protocol": "6", "ExternalPort": "5001", "InternalPort": "5001", "SourcePrefix": "",
        "DestinationIPAddress": "192.168.1.10", "DestinationMACAddress": "", "LeaseDuration": 0, "Enable": True,
    }  # fmt: skip
    return {**row, **more}


_LIVEBOX: Mapping[tuple[str, str], Any] = {
    ("DeviceInfo", "get"): {
        "status": {
            "Manufacturer": "Sagemcom", "ModelName": "SagemcomFast5656_LBf5", "ProductClass": "Livebox 5",
            "SerialNumber": "LK20123DP999999", "HardwareVersion": "SG_LB5_1.2.1", "SoftwareVersion": "SG50-fr-4.21.2.1",
            "UpTime": 266400, "ProvisioningCode": "HFR1.CG.LB", "X_SOFTATHOME-COM_AdditionalSoftwareVersions": "",
        }
    },
    ("NMC", "getWANStatus"): {
        "status": True,
        "data": {
            "LinkType": "gpon", "WanState": "up", "IPAddress": "198.51.100.23", "RemoteGateway": "198.51.100.1",
            "DNSServers": "80.10.246.2,81.253.149.10",
        },
    },
    ("NMC", "getLANIP"): {
        "status": None,
        "data": {
            "Address": "192.168.1.1", "Netmask": "255.255.255.0", "DHCPEnable": True,
            "DHCPMinAddress": "192.168.1.10", "DHCPMaxAddress": "192.168.1.150", "LeaseTime": 86400,
        },
    },
    ("Firewall", "getPortForwarding"): {
        "status": {
            "webui_NAS": _forward(),
            "webui_Caméra": _forward(Protocol="6,17", ExternalPort="8000-8010", InternalPort="", Enable=False,
                                     SourcePrefix="203.0.113.0/24", Description="Caméra"),
            "upnp_1": _forward(Origin="upnp", Protocol="17", ExternalPort="3074", InternalPort="3074", Description=""),
        }
    },
    ("Firewall", "getDMZ"): {"status": {"webui": {"SourceInterface": "data", "DestinationIPAddress": "192.168.1.50",
                                                  "Enable": True}}},
    ("Firewall", "getFirewallLevel"): {"status": "Medium"},
    ("Firewall", "getFirewallIPv6Level"): {"status": "Low"},
    ("UPnP-IGD", "get"): {"status": {"Enable": True, "AllowedOrigins": ""}},
    ("RemoteAccess", "get"): {
        "status": {
            "SourcePrefix": "203.0.113.7", "PortMode": "STATIC", "AllowedPorts": "", "Port": 8443,
            "SupportedProtocols": "HTTPS", "Protocol": "HTTPS", "Timeout": 0, "Interface": "data", "Enable": True,
            "Password": CANARIES[13],
        }
    },
    ("NeMo.Intf.lan", "getMIBs"): {
        "status": {
            "wlanvap": {
                "wl0": _point("Livebox-1A2B", "WPA2-WPA3-Personal", CANARIES[14], wps=True),
                "wl1": _point("Livebox-1A2B", "WPA2-Personal", CANARIES[15], "Down"),
            }
        }
    },
    ("NeMo.Intf.guest", "getMIBs"): {"status": {"wlanvap": {"wlguest2": _point("Attente", "None", CANARIES[16])}}},
    ("DynDNS", "getHosts"): {
        "status": [{"service": "dyndns", "hostname": "cabinet.example.com", "username": "x", "password": CANARIES[17],
                    "last_update": "2026-11-20T08:00:00Z", "status": "UPDATED"}]
    },
    ("DynDNS", "getGlobalEnable"): {"status": True},
    ("Time", "getNTPServers"): {
        "status": None, "data": {"servers": {"1": "ntp.example.com", "2": "ntp.example.com", "3": "", "4": ""}}
    },
    ("UserManagement", "getUsers"): {
        "status": [
            {"name": "admin", "enable": True, "type": "system", "linux_user": False, "friendlyname": "",
             "passwordstate": 0, "groups": ["http", "admin"], "password": CANARIES[18]},
            {"name": "iotuser", "enable": True, "type": "system", "linux_user": False, "friendlyname": "",
             "passwordstate": 1, "groups": ["http", "iot"]},
        ]
    },
}  # fmt: skip

LIVEBOX: Mapping[str, str] = {
    ask: json.dumps(_LIVEBOX[said["service"], said["method"]])
    for ask in orange_livebox.API.asks
    for said in [json.loads(ask.split(" ", 2)[2])]
}


def _rule(**more: Any) -> dict[str, Any]:
    row = {
        "id": 1, "enable": 1, "description": "NAS", "ipaddress": "192.168.1.10", "protocol": "tcp",
        "externalport": "5001", "internalport": "5001", "ipremote": "", "utilisation": "",
    }  # fmt: skip
    return {**row, **more}


def _ssid(name: str, protocol: str, key: str, *, default: int, on: int = 1) -> dict[str, Any]:
    security = {"isdefault": default, "protocol": protocol, "encryption": "AES", "passphrase": key}
    return {
        "id": name, "enable": on, "hidden": 0, "bssid": "30:7c:b2:00:00:01", "security": security,
        "wps": {"enable": 1, "status": "Idle", "pin": CANARIES[19]},
    }  # fmt: skip


BBOX: Mapping[str, str] = {
    f"GET /api/v1{path}": json.dumps([value])
    for path, value in {
        "/device": {
            "device": {
                "now": "2026-11-24T10:00:00+0100", "modelname": "F@st5330b", "serialnumber": "SN1234567890A",
                "uptime": 266400, "main": {"version": "23.5.12", "date": "2026-03-01T08:00:00Z"}, "user_configured": 1,
                "running": {"version": "23.5.12", "date": "2026-03-01T08:00:00+0000"},
            }
        },
        "/wan/ip": {
            "wan": {"ip": {"address": "198.51.100.23", "dnsservers": "194.158.122.10,194.158.122.15", "state": "Up"}}
        },
        "/lan/ip": {"lan": {"ip": {"ipaddress": "192.168.1.254", "netmask": "255.255.255.0"}}},
        "/nat/rules": {
            "nat": {
                "enable": 1,
                "rules": [
                    _rule(),
                    _rule(id=2, enable=0, protocol="all", externalport="8000:8010", internalport="", description="",
                          ipremote="203.0.113.7"),
                ],
            }
        },
        "/upnp/igd/rules": {
            "upnp": {"igd": {"rules": [_rule(protocol="udp", externalport="3074", internalport="3074")]}}
        },
        "/nat/dmz": {"nat": {"dmz": {"enable": 0, "ipaddress": "", "dnsprotect": 0}}},
        "/upnp/igd": {"upnp": {"igd": {"enable": 1, "status": 1, "uuid": "x", "friendlyname": "Bbox"}}},
        "/firewall": {"firewall": {"enable": 1}},
        "/wireless": {
            "wireless": {
                "status": "Up",
                "radio": {"24": {"enable": 1}, "5": {"enable": 1}},
                "ssid": {
                    "24": _ssid("Bbox-1A2B", "WPA2", CANARIES[20], default=1),
                    "5": _ssid("Cabinet", "WPA2-WPA3", CANARIES[21], default=0, on=0),
                },
            }
        },
        "/dhcp": {"dhcp": {"enable": 1, "minaddress": "192.168.1.2", "maxaddress": "192.168.1.253"}},
        "/hosts": {
            "hosts": {
                "list": [
                    {"id": 1, "hostname": "nas", "macaddress": "00:11:32:00:00:01", "ipaddress": "192.168.1.10",
                     "lease": 64000, "active": 1},
                    {"id": 2, "hostname": "imprimante", "macaddress": "00:11:32:00:00:02", "ipaddress": "192.168.1.9",
                     "lease": 0, "active": 0},
                ]
            }
        },
        "/dyndns": {
            "dyndns": {
                "enable": 1,
                "domain": [{"id": 1, "enable": 1, "server": "ovh", "host": "cabinet.example.com", "username": "x",
                            "password": CANARIES[22]}],
            }
        },
        "/services": {"services": {"remote": {"admin": {"enable": 1, "port": 8560, "ip": "203.0.113.7", "status": 1}}}},
    }.items()
}  # fmt: skip


def _rsp(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rsp stat="ok" version="1.0">\n  {inner}\n</rsp>\n'


SFR: Mapping[str, str] = {
    f"GET /api/1.0/?method={method}": _rsp(inner)
    for method, inner in {
        "system.getInfo": '<system product_id="NB6VAC-FXC-r0" serial_number="XU1001931230001234" net_mode="router" '
        'net_infra="ftth" uptime="266400" version_mainfirmware="NB6VAC-MAIN-R4.0.45d" refclient="" idur="RP3P85K"/>',
        "wan.getInfo": '<wan status="up" uptime="266000" ip_addr="198.51.100.23" infra="ftth" mode="ftth/routed"/>',
        "lan.getInfo": '<lan ip_addr="192.168.1.1" netmask="255.255.255.0" dhcp_active="on" dhcp_start="192.168.1.20" '
        'dhcp_end="192.168.1.100" dhcp_lease="86400"/>',
        "lan.getHostsList": '<host type="pc" name="nas" ip="192.168.1.10" mac="00:11:32:00:00:01" iface="lan1" '
        'probe="1" alive="120" status="online"/>\n'
        '  <host type="pc" name="" ip="192.168.1.22" mac="00:11:32:00:00:02" iface="wlan0" status="offline"/>',
        "wlan.getInfo": '<wlan active="on" channel="11" mode="11ng" mac_filtering="off">\n'
        f'    <wl0 ssid="NEUF_0060" enc="WPA-WPA2-PSK" keytype="ascii" wpakey="{CANARIES[23]}" wepkey=""/>\n  </wlan>',
        "wlan5.getInfo": '<wlan5 active="off" channel="36" mode="11ac">\n'
        f'    <wl0 ssid="NEUF_0060_5G" enc="WPA2-PSK" keytype="ascii" wpakey="{CANARIES[9]}" wepkey=""/>\n  </wlan5>',
        "ddns.getInfo": '<ddns active="on" service="dyndns" username="cabinet" '
        f'password="{CANARIES[1]}" domain="cabinet.example.com" lastupdate="266" status="ok"/>',
    }.items()
}
