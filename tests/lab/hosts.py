"""The practice: every host of the lab LAN, what runs on it and what is wrong with it.

To add a host, write one more `Host(…)` in `_PRACTICE`. `faults` is the truth tests compare a scan with; a host
without any must give no finding. `$VIGIE_LAB_…` is a secret of the run, the same text names its environment variable.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.lab import daemons
from tests.lab.daemons import Daemon

NETWORK = "192.168.10.0/24"
GATEWAY = "192.168.10.1"
GROUPS = "root:x:0:\ntty:x:5:\nshadow:x:42:\nutmp:x:43:\nusers:x:100:\navahi:x:106:\nnogroup:x:65534:\n"
# 44.128.0.0/16 is the test range of the amateur radio network: public to miniupnpd, routed by nobody.
WAN = "44.128.10.2"
WAN_PEER = "44.128.10.1"

SECRETS = (
    "VIGIE_LAB_ROUTER_PASSWORD",
    "VIGIE_LAB_ROUTER_COMMUNITY",
    "VIGIE_LAB_ROUTER_SNMP_AUTH",
    "VIGIE_LAB_ROUTER_SNMP_PRIVACY",
    "VIGIE_LAB_NAS_PASSWORD",
    "VIGIE_LAB_NAS_COMMUNITY",
    "VIGIE_LAB_PRINTER_COMMUNITY",
    "VIGIE_LAB_SWITCH_PASSWORD",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something planted: the rule that must see it, its verdict, the finding's item ("" for none), and why."""

    rule: str
    verdict: str
    item: str
    words: str


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the host; without `secret` (a name of `SECRETS`) nobody can log in."""

    name: str
    uid: int = 0
    home: str = "/root"
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What the practice wrote in its inventory about a host; its role is the host's category."""

    owner: str = "practice"
    use: str = "professional"
    maintainer: str = "Prestataire informatique"
    stores_health_data: bool = False
    presence: str = "permanent"
    serial: str | None = None
    expected_services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """One machine on the LAN.

    `setup` are shell lines run in its namespaces before the daemons, `after` commands run when every daemon of the
    lab answers. `folders_from` are folders of /etc of the real machine it needs a copy of.
    """

    name: str
    mac: str
    address: str
    category: str
    declared: Declared | None = None
    fragile: bool = False
    accounts: tuple[Account, ...] = ()
    credentials: tuple[Mapping[str, object], ...] = ()
    daemons: tuple[Daemon, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    folders_from: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    after: tuple[tuple[str, ...], ...] = ()
    faults: tuple[Fault, ...] = ()


# The form of DSM's file was seen on a DS216+II with 6.2.3-25426 Update 3 (public notes of its owner); the values here
# are those of the recording: kernel of 8 July 2020, build 25426, which is Update 2.
_DSM_VERSION = """\
majorversion="6"
minorversion="2"
productversion="6.2.3"
buildphase="GM"
buildnumber="25426"
smallfixnumber="2"
builddate="2020/07/08"
buildtime="03:15:48"
"""

_NAS_SHARES = """\
[public]
  path = /volume1/public
  guest ok = yes
  read only = no
[patients]
  path = /volume1/patients
  valid users = admin
  read only = no
"""

# The first table is what miniupnpd expects, the second is the forward somebody typed years ago, and a healthy one: it
# lets the inside reach the NAS by the outer address, and nobody else.
_NFTABLES = """\
table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        iifname "lo" accept
        ct state established,related accept
        iifname "eth0" accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "eth0" oifname "wan0" accept
        ct status dnat accept
        jump miniupnpd
    }
    chain miniupnpd { }
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        jump prerouting_miniupnpd
    }
    chain prerouting_miniupnpd { }
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        jump postrouting_miniupnpd
    }
    chain postrouting_miniupnpd { }
}
table ip nat {
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        iifname "wan0" tcp dport 5001 dnat to 192.168.10.10:5001
        iifname "eth0" ip daddr $WAN tcp dport 443 dnat to 192.168.10.10:5001
    }
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan0" masquerade
    }
}
""".replace("$WAN", WAN)


_OLD_DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 10 (buster)"\nID=debian\nVERSION_ID="10"\n'


def _upnp(address: str, port: int, protocol: str) -> tuple[str, ...]:
    """A host asks the router to open the same port for itself, without the two seconds of discovery."""
    description = f"http://{GATEWAY}:{daemons.UPNP_PORT}/rootDesc.xml"
    return ("upnpc", "-u", description, "-a", address, str(port), str(port), protocol)


_PRACTICE = (
    Host(
        "nas", "00:11:32:24:f9:eb", "192.168.10.10", "nas",
        declared=Declared(stores_health_data=True, serial="139M8N0094",
                          expected_services=("tcp/22", "tcp/139", "tcp/445", "tcp/5001", "udp/161")),
        accounts=(Account("admin", 1024, "/var/services/homes/admin", "VIGIE_LAB_NAS_PASSWORD"),),
        credentials=(
            {"name": "nas-ssh", "kind": "ssh", "user": "admin", "password": "file:secrets/nas"},
            {"name": "nas-snmp", "kind": "snmp_v2c", "community": "env:VIGIE_LAB_NAS_COMMUNITY"},
        ),
        daemons=(
            daemons.sshd(),
            daemons.smbd("NAS", _NAS_SHARES, version_1=True),
            daemons.old_tls(5001),
            daemons.snmpsimd("synology_dsm-6.2/librenms__dsm_ds214se-dsm6.snmprec", "$VIGIE_LAB_NAS_COMMUNITY",
                             {"1.3.6.1.4.1.6574.1.5.4.0": "2|1"}),
        ),
        files={
            "/etc.defaults/VERSION": _DSM_VERSION, "/etc/VERSION": _DSM_VERSION,
            "/etc/group": f"{GROUPS}administrators:x:101:admin\n",
        },
        folders=("/volume1/public", "/volume1/patients"),
        faults=(
            Fault("ANS-02.14", "fail", "", "accepte encore SMBv1 (NT1)"),
            Fault("ANS-02.20", "fail", "tcp/5001", "TLS 1.0 et 1.1 sur l'interface web"),
            Fault("ANS-02.23", "warn", "", "une mise à jour de DSM attend (état 1, première visite)"),
            Fault("ANS-03.25", "fail", "public", "le partage public est réglé « guest ok »"),
        ),
    ),
    Host(
        "imprimante", "00:80:77:3a:5c:10", "192.168.10.20", "printer",
        declared=Declared(expected_services=("tcp/515", "tcp/9100", "udp/161")),
        accounts=(Account("avahi", 106, "/run/avahi-daemon"),),
        credentials=({"name": "imprimante-snmp", "kind": "snmp_v2c", "community": "env:VIGIE_LAB_PRINTER_COMMUNITY"},),
        daemons=(
            daemons.sink("9100", "9100", "515:close"),
            daemons.avahi("BRN3A5C10", {"_printer._tcp": 515, "_pdl-datastream._tcp": 9100}),
            daemons.snmpsimd("brother-hl2270dw/brother__hl-2270dw.snmprec", "$VIGIE_LAB_PRINTER_COMMUNITY",
                             {"1.3.6.1.2.1.2.2.1.6.1": "4x|0080773a5c10"}),
        ),
        faults=(Fault("ANS-03.18", "fail", "udp/161", "SNMP répond à la communauté « public »"),),
    ),
    Host(
        "poste-accueil", "d0:94:66:1b:72:31", "192.168.10.31", "workstation",
        declared=Declared(expected_services=("tcp/139", "tcp/445", "tcp/3389")),
        # 3389 is a plain listener, not a real remote desktop.
        daemons=(daemons.smbd("POSTE-ACCUEIL"), daemons.sink("3389", "3389")),
        after=(_upnp("192.168.10.31", 3389, "TCP"),),
    ),
    Host(
        "poste-soin", "a0:48:1c:88:0d:32", "192.168.10.32", "workstation",
        declared=Declared(expected_services=("tcp/139", "tcp/445")),
        # A plain listener: nobody can tell from a port number alone what stands behind it.
        daemons=(daemons.smbd("POSTE-SOIN"), daemons.sink("5900", "5900")),
        faults=(Fault("ANS-09.02", "warn", "tcp/5900", "un port de télémaintenance (VNC) que personne n'a déclaré"),),
    ),
    Host(
        "telephone-assistante", "5e:2b:91:d4:07:41", "192.168.10.41", "phone",
        declared=Declared(owner="personal", use="personal", maintainer="Assistante", presence="mobile"),
        after=(_upnp("192.168.10.41", 40000, "UDP"),),
        faults=(Fault("ANS-02.02", "fail", "", "téléphone personnel sur le réseau professionnel"),),
    ),
    Host(
        "radio-panoramique", "00:0b:ab:5e:21:50", "192.168.10.50", "medical_imaging",
        declared=Declared(maintainer="Fabricant", stores_health_data=True, expected_services=("tcp/104",)),
        fragile=True,
        daemons=(daemons.storescp("RADIO"),),
    ),
    Host(
        "ancien-commutateur", "00:1b:3f:c2:9e:60", "192.168.10.60", "switch",
        declared=Declared(expected_services=("tcp/22",)),
        accounts=(Account("admin", 1000, "/home/admin", "VIGIE_LAB_SWITCH_PASSWORD"),),
        credentials=(
            {"name": "commutateur-ssh", "kind": "ssh", "user": "admin", "password": "env:VIGIE_LAB_SWITCH_PASSWORD"},
        ),
        daemons=(daemons.sshd(old=True), daemons.telnetd()),
        folders_from=("/etc/pam.d", "/etc/security"),
        faults=(
            Fault("ANS-02.19", "fail", "tcp/23", "telnet : le mot de passe d'administration circule en clair"),
            Fault("ANS-03.17", "fail", "tcp/22", "seulement diffie-hellman-group14-sha1, ssh-rsa, aes128-cbc"),
        ),
    ),
    Host(
        "inconnu", "b8:27:eb:6d:f0:66", "192.168.10.66", "unknown",
        daemons=(daemons.sshd(),),
        faults=(Fault("ANS-02.01", "fail", "", "personne n'a déclaré cet appareil"),),
    ),
)  # fmt: skip

_ROUTER = Host(
    "routeur", "00:0d:b9:41:aa:01", GATEWAY, "router",
    declared=Declared(expected_services=("tcp/22", "tcp/53", "udp/53", "udp/67", "udp/161")),
    accounts=(Account("root", secret="VIGIE_LAB_ROUTER_PASSWORD"),),
    credentials=(
        {"name": "routeur-ssh", "kind": "ssh", "user": "root", "password": "env:VIGIE_LAB_ROUTER_PASSWORD"},
        {"name": "routeur-snmp", "kind": "snmp_v3", "user": "vigie",
         "auth": {"protocol": "sha", "key": "env:VIGIE_LAB_ROUTER_SNMP_AUTH"},
         "privacy": {"protocol": "aes", "key": "env:VIGIE_LAB_ROUTER_SNMP_PRIVACY"}},
    ),
    daemons=(
        daemons.sshd(),
        daemons.snmpd("$VIGIE_LAB_ROUTER_COMMUNITY", "vigie",
                      "$VIGIE_LAB_ROUTER_SNMP_AUTH", "$VIGIE_LAB_ROUTER_SNMP_PRIVACY"),
        daemons.dnsmasq((host.name, host.mac, host.address) for host in _PRACTICE),
        daemons.miniupnpd(),
    ),
    files={"/etc/nftables.conf": _NFTABLES, "/etc/os-release": _OLD_DEBIAN},
    setup=(
        f"ip address add {WAN}/24 dev wan0 && ip link set wan0 up && ip route add default via {WAN_PEER}",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
        "nft -f /etc/nftables.conf",
    ),
    faults=(
        Fault("ANS-02.22", "fail", "", "Debian 10, plus maintenu depuis le 30 juin 2024"),
        Fault("ANS-03.17", "fail", "root_login", "PermitRootLogin yes et PasswordAuthentication yes"),
        Fault("ANS-03.02", "fail", "tcp/5001 → 192.168.10.10",
              "redirection fixe de l'Internet vers le NAS (192.168.10.10:5001)"),
        Fault("ANS-03.04", "fail", "udp/40000 → 192.168.10.41",
              "redirection UPnP vers le téléphone (192.168.10.41:40000)"),
        Fault("ANS-03.04", "fail", "tcp/3389 → 192.168.10.31",
              "redirection UPnP de l'Internet vers un poste (192.168.10.31:3389)"),
    ),
)  # fmt: skip

HOSTS: tuple[Host, ...] = (_ROUTER, *_PRACTICE)
# Where Vigie runs: on the LAN, never a subject. It keeps the file system of the real machine.
LAPTOP = Host("laptop", "8c:8c:aa:10:20:c8", "192.168.10.200", "workstation")


def fresh_secrets() -> dict[str, str]:
    """New values for `SECRETS`: letters and digits, long enough for SNMPv3 (8)."""
    return {name: random.token_hex(8) for name in SECRETS} | {"VIGIE_LAB_PRINTER_COMMUNITY": "public"}


def host(name: str) -> Host:
    """The host called `name`, laptop included.

    Raises:
        KeyError: no such host.
    """
    return {item.name: item for item in (*HOSTS, LAPTOP)}[name]
