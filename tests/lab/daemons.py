"""How each service of the lab is started: one function a daemon, giving its command, its files and its sockets.

Paths are those inside the host's own root (`rootfs.py`). `$VIGIE_LAB_…` stands for a secret of this run wherever it
appears: in a command, a path or a file. What each daemon needs was measured, see the notes in the comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"
UPNP_PORT = 49152

# What real machines call a modern default; the old switch replaces it.
_OLD_ALGORITHMS = """\
HostKey /etc/ssh/ssh_host_rsa_key
HostKeyAlgorithms ssh-rsa
KexAlgorithms diffie-hellman-group14-sha1
Ciphers aes128-cbc
MACs hmac-sha1
"""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process in the foreground that is ready once every socket in `listens` (`tcp/22`) is open."""

    name: str
    command: tuple[str, ...]
    listens: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()


def sshd(*, old: bool = False) -> Daemon:
    """OpenSSH; `old` offers only group14-sha1, ssh-rsa, aes128-cbc and hmac-sha1.

    Without PAM, because PAM would look for accounts of the real machine. The key is made at start: no two labs
    share one.
    """
    kind = "rsa" if old else "ed25519"
    key = f"/etc/ssh/ssh_host_{kind}_key"
    algorithms = _OLD_ALGORITHMS if old else f"HostKey {key}\n"
    config = f"{algorithms}PermitRootLogin yes\nPasswordAuthentication yes\nUsePAM no\nUseDNS no\nPrintMotd no\n"
    keygen = f"ssh-keygen -q -t {kind} {'-b 2048' if old else ''} -N '' -C '' -f {key}"
    return Daemon(
        "sshd",
        ("sh", "-c", f"{keygen} && exec /usr/sbin/sshd -D -e"),
        ("tcp/22",),
        {"/etc/ssh/sshd_config": config},
        ("/run/sshd",),
    )


def smbd(name: str, shares: str = "", *, version_1: bool = False) -> Daemon:
    """Samba; `version_1` accepts the NT1 dialect and guests. `shares` is text for smb.conf.

    All six directories go to /run/samba; `--no-process-group` because it is not a session leader.
    """
    kinds = ("lock", "state", "cache", "private", "pid", "ncalrpc")
    directories = "".join(f"  {kind} {'dir' if kind == 'ncalrpc' else 'directory'} = /run/samba\n" for kind in kinds)
    dialect = "NT1" if version_1 else "SMB2_10"
    guests = "Bad User" if version_1 else "Never"
    config = (
        f"[global]\n  workgroup = CABINET\n  netbios name = {name}\n  server string = {name}\n"
        f"  server min protocol = {dialect}\n  map to guest = {guests}\n"
        f"  restrict anonymous = {0 if version_1 else 2}\n"
        f"  load printers = no\n  printing = bsd\n  printcap name = /dev/null\n  disable spoolss = yes\n"
        f"  log file = /var/log/lab/samba.log\n{directories}{shares}"
    )
    return Daemon(
        "smbd",
        ("smbd", "-F", "--no-process-group"),
        ("tcp/445", "tcp/139"),
        {"/etc/samba/smb.conf": config},
        ("/run/samba",),
    )


def snmpd(community: str, user: str, authentication: str, privacy: str) -> Daemon:
    """net-snmp: v2c with `community`, v3 authPriv (SHA, AES) with `user`; the last two are pass phrases.

    Without the SMUX port (199), as Debian starts it.
    """
    config = (
        f"agentaddress udp:161\nrocommunity {community}\n"
        f"createUser {user} SHA {authentication} AES {privacy}\nrouser {user} priv\n"
    )
    return Daemon(
        "snmpd",
        ("env", "SNMP_PERSISTENT_DIR=/run/snmp", "MIBS=", "snmpd", "-f", "-Lo", "-I", "-smux",
         "-C", "-c", "/etc/snmp/snmpd.conf"),
        ("udp/161",),
        {"/etc/snmp/snmpd.conf": config},
        ("/run/snmp",),
    )  # fmt: skip


def snmpsimd(recording: str, community: str, changed: Mapping[str, str]) -> Daemon:
    """A recorded device over real SNMP v2c; `changed` replaces whole lines, `{oid: "tag|value"}`.

    The community is the name of the file. snmpsimd gives root up, so its cache folder must be writable for nobody.

    Raises:
        KeyError: an OID of `changed` is not in the recording.
    """
    lines = {}
    for line in (RECORDINGS / recording).read_text(encoding="ascii").splitlines():
        oid, _, rest = line.partition("|")
        lines[oid] = rest
    for oid, rest in changed.items():
        if oid not in lines:
            raise KeyError(f"{oid} is not in {recording}")
        lines[oid] = rest
    served = "".join(f"{oid}|{rest}\n" for oid, rest in lines.items())
    return Daemon(
        "snmpsimd",
        ("snmpsimd", "--data-dir=/srv/snmp", "--cache-dir=/tmp/snmpsim", "--agent-udpv4-endpoint=0.0.0.0:161",
         "--process-user=nobody", "--process-group=nogroup", "--logging-method=stderr"),
        ("udp/161",),
        {f"/srv/snmp/{community}.snmprec": served},
    )  # fmt: skip


def miniupnpd() -> Daemon:
    """The UPnP gateway (IGD) on eth0, with wan0 outside; its nftables chains must exist before.

    It refuses a WAN address that is private or reserved for documentation, hence the one in `hosts.WAN`.
    """
    config = (
        f"ext_ifname=wan0\nlistening_ip=eth0\nport={UPNP_PORT}\nenable_upnp=yes\nenable_natpmp=no\nsecure_mode=yes\n"
        "bitrate_down=1000000000\nbitrate_up=500000000\nsystem_uptime=yes\nforce_igd_desc_v1=no\nuuid=7d9c2f5a-3a56-4ad7-9d0a-0c5e11c0ffee\n"
        "allow 1024-65535 192.168.10.0/24 1024-65535\ndeny 0-65535 0.0.0.0/0 0-65535\n"
    )
    return Daemon(
        "miniupnpd",
        ("miniupnpd", "-d", "-f", "/etc/miniupnpd/miniupnpd.conf"),
        ("udp/1900", f"tcp/{UPNP_PORT}"),
        {"/etc/miniupnpd/miniupnpd.conf": config},
    )


def dnsmasq(known: Iterable[tuple[str, str, str]]) -> Daemon:
    """DHCP and DNS of the LAN for `known` (name, MAC, address); it knows no server to ask further."""
    config = (
        "no-resolv\nno-hosts\nbogus-priv\nlocal=/#/\ndomain=cabinet.lan\nexpand-hosts\ninterface=eth0\n"
        "dhcp-authoritative\ndhcp-range=192.168.10.100,192.168.10.150,12h\ndhcp-leasefile=/run/dnsmasq.leases\n"
        "pid-file=/run/dnsmasq.pid\nlog-facility=-\n"
    )
    for name, mac, address in known:
        config += f"dhcp-host={mac},{address},{name}\nhost-record={name},{name}.cabinet.lan,{address}\n"
    return Daemon(
        "dnsmasq",
        ("dnsmasq", "--keep-in-foreground", "--conf-file=/etc/dnsmasq.conf", "--user=root"),
        ("udp/53", "tcp/53", "udp/67"),
        {"/etc/dnsmasq.conf": config},
    )


def avahi(name: str, services: Mapping[str, int]) -> Daemon:
    """A multicast DNS responder that announces `services` (kind: port); without D-Bus, which no host here has."""
    config = (
        f"[server]\nhost-name={name}\nenable-dbus=no\nuse-ipv6=no\nallow-interfaces=eth0\n"
        "[publish]\npublish-workstation=no\n"
    )
    announced = "".join(f"<service><type>{kind}</type><port>{port}</port></service>" for kind, port in services.items())
    return Daemon(
        "avahi",
        ("avahi-daemon", "-f", "/etc/avahi/avahi-daemon.conf", "--no-drop-root", "--no-chroot", "--no-rlimits"),
        ("udp/5353",),
        {
            "/etc/avahi/avahi-daemon.conf": config,
            "/etc/avahi/services/all.service": f"<?xml version='1.0'?><service-group><name replace-wildcards='yes'>%h"
            f"</name>{announced}</service-group>",
        },
        ("/run/avahi-daemon",),
    )


def storescp(title: str) -> Daemon:
    """A DICOM node (C-ECHO, C-STORE) of application entity `title` on port 104; what it receives is dropped."""
    return Daemon("storescp", ("storescp", "-aet", title, "--ignore", "104"), ("tcp/104",))


def telnetd() -> Daemon:
    """inetutils telnetd behind inetutils-inetd (`-d` keeps it in the foreground)."""
    line = "telnet stream tcp nowait root /usr/sbin/telnetd telnetd\n"
    return Daemon("telnetd", ("inetutils-inetd", "-d", "/etc/inetd.conf"), ("tcp/23",), {"/etc/inetd.conf": line})


def old_tls(port: int) -> Daemon:
    """A web page over TLS 1.0 and 1.1 only, with a certificate made at start, as firmware of 2010 serves it."""
    folder = "/etc/old-tls"
    made = f"req -config {folder}/req.cnf -x509 -nodes -days 30 -subj /CN=nas -newkey rsa:2048"
    serve = f"s_server -accept {port} -cert {folder}/cert.pem -key {folder}/key.pem -www -quiet"
    script = (
        f"export OPENSSL_CONF={folder}/req.cnf; openssl {made} -keyout {folder}/key.pem -out {folder}/cert.pem 2>&1 && "
        f"exec openssl {serve} -no_tls1_2 -no_tls1_3 -cipher ALL:@SECLEVEL=0"
    )
    config = {f"{folder}/req.cnf": "[req]\ndistinguished_name = name\n[name]\n"}
    return Daemon("old_tls", ("sh", "-c", script), (f"tcp/{port}",), config)


def sink(name: str, *ports: str) -> Daemon:
    """Our own listener (`sink.py`): a port as `9100` reads until the peer closes, as `515:close` it closes at once.

    Each connection and each byte goes to /var/log/lab/sink_NAME.log.
    """
    script = Path(__file__).with_name("sink.py").read_text(encoding="utf-8")
    return Daemon(
        f"sink_{name}",
        ("/usr/bin/python3", "-S", "-E", "/opt/sink.py", f"/var/log/lab/sink_{name}.log", *ports),
        tuple(f"tcp/{port.partition(':')[0]}" for port in ports),
        {"/opt/sink.py": script},
    )
