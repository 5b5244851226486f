"""Linux with a shell: a router or a server of no more particular platform.

What only root is told (owners of sockets, packet filter, `sshd -T`) stays unread for another account.
"""

import re
from collections.abc import Mapping

from inventory.device import Device
from inventory.gateway import Upnp
from inventory.observation import Observation
from inventory.system import Identity, System
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._interfaces import COMMAND as INTERFACES
from scanner.platforms._interfaces import read_interfaces
from scanner.platforms._linux_files import PERIODIC, RESOLV_CONF, RSYSLOG, read_periodic, read_resolv_conf, read_rsyslog
from scanner.platforms._mdstat import COMMAND as RAID
from scanner.platforms._mdstat import read_mdstat
from scanner.platforms._nfs import EXPORTS, read_exports
from scanner.platforms._nftables import read_ruleset
from scanner.platforms._reading import Maturity, Reader, from_command, nothing, numbered, of_system, unread
from scanner.platforms._smb_conf import SMB_CONF, TESTPARM, read_smb_conf, read_testparm
from scanner.platforms._snmpd_conf import SNMPD_CONF, read_snmpd_conf
from scanner.platforms._sshd_config import SSHD_FILES, read_sshd_config
from scanner.platforms._tables import LEASES, NEIGHBOURS, NEIGHBOURS_PLAIN, read_leases, read_neighbours
from scanner.platforms._unix import read_passwd, read_sockets, read_sshd

ID = "linux"
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "recordings", "services": "recordings", "users": "recordings", "ssh": "recordings",
    "firewall": "recordings", "port_forwards": "recordings", "upnp": "recordings", "interfaces": "recordings",
    "shares": "recordings", "smb": "recordings", "neighbours": "recordings", "leases": "recordings",
    "volumes": "documentation", "snmp": "documentation", "updates": "documentation", "dns": "documentation",
    "logging": "documentation",
}  # fmt: skip
ACCOUNT = (
    """`adduser --disabled-password vigie`, then its public key in `~vigie/.ssh/authorized_keys` behind `restrict `."""
)
LIMITS = """
Who owns a socket, the packet filter and net-snmp's settings are told to root alone; a plain account
leaves them unknown. The settings of sshd are then read from its files, where the default of root's
login stays unknown: it differs between distributions. `sshd -T` leaves out what `Match` blocks
grant to some people. A file of rsyslog that the account may not open is passed over without a word.
From which side the device is administered is not worked out: its packet filter names interfaces,
not sides.
"""

# net-snmp on Linux (NET-SNMP-TC, netSnmpAgentOIDs.10): also what many appliances built on Linux answer.
_NET_SNMP_LINUX = "1.3.6.1.4.1.8072.3.2.10"
_DISTRIBUTIONS = ("Debian", "Ubuntu", "Raspbian")
_KERNEL = re.compile(r"Linux (\S{1,128}) (\S{1,32})")
_UPTIME = re.compile(r"(\d{1,12})\.\d{1,9} \d{1,15}\.\d{1,9}")
_HOST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_SHELL_VALUE = re.compile(r"[A-Z][A-Z0-9_]{0,63}=")
SSHD = "/usr/sbin/sshd -T"
_NAMES = "/proc/net/ip_tables_names"
_IPTABLES = {"nat": "system.port_forwards", "filter": "system.firewall"}


def recognise(device: Device) -> int:
    """Low on purpose: an OpenSSH banner, or a Linux behind net-snmp, may be any appliance."""
    score = 0
    system, network = device.system, device.network
    if system and system.identity and system.identity.os in ("debian", "ubuntu", "raspbian", "linux"):
        score = 60
    snmp = network.snmp if network else None
    if snmp and (snmp.sys_object_id == _NET_SNMP_LINUX or (snmp.sys_descr or "").startswith("Linux ")):
        score = max(score, 30)
    for port in (network.ports or ()) if network else ():
        banner = port.banner or ""
        if "OpenSSH_for_Windows" not in banner and ("OpenSSH" in banner or "dropbear" in banner):
            score = max(score, 40 if any(name in banner for name in _DISTRIBUTIONS) else 20)
    return score


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def _read_os_release(text: str) -> Observation:
    """The system's id and version (os-release(5)); without VERSION_ID, as Debian testing is, the pretty name.

    >>> _read_os_release('ID=debian\\nVERSION_ID="12"').device.system.identity.firmware
    '12'
    """
    said: dict[str, tuple[str, int]] = {}
    bad = []
    for place, line in numbered(text):
        if _SHELL_VALUE.match(line):
            key, _, value = line.partition("=")
            said.setdefault(key, (clean(value.strip().strip("\"'")), place))
        elif not line.startswith("#"):
            bad.append((place, line))
    said = {key: value for key, value in said.items() if value[0]}
    named, version = said.get("ID"), said.get("VERSION_ID") or said.get("PRETTY_NAME")
    lines = {f"/system/identity/{name}": fact[1] for name, fact in (("os", named), ("firmware", version)) if fact}
    if not lines:
        return nothing("system.identity", text)
    identity = Identity(os=named and named[0], firmware=version and version[0])
    return of_system(System(identity=identity), lines, unread("system.identity", bad))


def _read_kernel(text: str) -> Observation:
    """The kernel's release, from `uname -srm`.

    >>> _read_kernel("Linux 6.1.0-18-amd64 x86_64").device.system.identity.build
    '6.1.0-18-amd64'
    """
    found = _KERNEL.fullmatch(text.strip())
    identity = Identity(build=clean(found[1])) if found else None
    return _only(identity, "build", text)


def _read_host_name(text: str) -> Observation:
    """The name the device gives itself, from `hostname`.

    >>> _read_host_name("routeur").device.system.identity.hostname
    'routeur'
    """
    name = text.strip()
    return _only(Identity(hostname=name) if _HOST_NAME.fullmatch(name) else None, "hostname", text)


def _read_uptime(text: str) -> Observation:
    """The whole seconds since start, the first number of `/proc/uptime` (proc(5)).

    >>> _read_uptime("350735.47 234388.90").device.system.identity.uptime_s
    350735
    """
    found = _UPTIME.fullmatch(text.strip())
    return _only(Identity(uptime_s=int(found[1])) if found else None, "uptime_s", text)


def _only(identity: Identity | None, name: str, text: str) -> Observation:
    """The observation of one fact of the identity, which stands on the first line that is not blank."""
    if identity is None:
        return nothing("system.identity", text)
    return of_system(System(identity=identity), {f"/system/identity/{name}": next(numbered(text))[0]})


def _read_miniupnpd(text: str) -> Observation:
    """Whether miniupnpd maps ports, from its process id (missing when it does not run) and its configuration below.

    `enabled` is said only of a running daemon, else the configuration is nobody's; it is off when neither UPnP (on
    unless said) nor NAT-PMP (off unless said) is served. `secure_mode` is given only when the file says it.

    >>> _read_miniupnpd("31\\next_ifname=wan0\\nsecure_mode=no").device.system.upnp
    Upnp(enabled=True, secure_mode=False)
    """
    said: dict[str, tuple[str, int]] = {}
    first: tuple[int, str] | None = None
    bad = []
    for place, line in numbered(text):
        first = first or (place, line.strip())
        key, equals, value = line.strip().partition("=")
        if key in ("enable_upnp", "enable_natpmp", "secure_mode") and equals:
            said[key] = (value.strip(), place)
            if said[key][0] not in ("yes", "no"):
                bad.append((place, line))
    reports = unread("system.upnp", bad)
    if first is None or not first[1].replace(" ", "").isdigit():
        return of_system(System(), {}, reports)
    enabled = said.get("enable_upnp", ("yes", 0))[0] != "no" or said.get("enable_natpmp", ("no", 0))[0] == "yes"
    secure = {"yes": True, "no": False}.get(said["secure_mode"][0]) if "secure_mode" in said else None
    lines = {"/system/upnp": first[0]}
    if secure is not None:
        lines["/system/upnp/secure_mode"] = said["secure_mode"][1]
    return of_system(System(upnp=Upnp(enabled, secure)), lines, reports)


def _read_iptables_names(text: str) -> Observation:
    """No fact: the old iptables has these tables besides nftables, so what `nft` lists is not the whole filter.

    The file's name, its size in lines and its name again, then the tables. Only root may read it: another account is
    shown the name alone, and what is in there stays unknown.

    >>> _read_iptables_names(f"{_NAMES}\\n2 {_NAMES}\\nfilter\\nnat\\n").unread[1].fact
    'system.port_forwards'
    >>> [line.fact for line in _read_iptables_names(f"{_NAMES}\\n").unread]
    ['system.port_forwards', 'system.firewall']
    """
    lines = list(numbered(text))
    if [line for _, line in lines] == [_NAMES]:
        return of_system(System(), {}, tuple(report for fact in _IPTABLES.values() for report in unread(fact, lines)))
    names = [(place, line) for place, line in lines if line in _IPTABLES][: len(_IPTABLES)]
    return of_system(System(), {}, tuple(report for name in names for report in unread(_IPTABLES[name[1]], [name])))


# `; true`: that an optional file is missing is no failure of the scan.
_READERS: dict[str, Reader] = {
    "cat /etc/os-release": _read_os_release,
    "uname -srm": _read_kernel,
    "hostname": _read_host_name,
    "cat /proc/uptime": _read_uptime,
    "ss -H -lntup": read_sockets,
    "getent passwd": read_passwd,
    SSHD: read_sshd,
    SSHD_FILES: read_sshd_config,
    INTERFACES: read_interfaces,
    "nft list ruleset": read_ruleset,
    f"ls {_NAMES}; wc -l {_NAMES}; cat {_NAMES}; true": _read_iptables_names,
    "pidof miniupnpd; cat /etc/miniupnpd/miniupnpd.conf; true": _read_miniupnpd,
    TESTPARM: read_testparm,
    SMB_CONF: read_smb_conf,
    EXPORTS: read_exports,
    RAID: read_mdstat,
    SNMPD_CONF: read_snmpd_conf,
    PERIODIC: read_periodic,
    RESOLV_CONF: read_resolv_conf,
    RSYSLOG: read_rsyslog,
    NEIGHBOURS: read_neighbours,
    NEIGHBOURS_PLAIN: read_neighbours,
    LEASES: read_leases,
}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = {  # asked only when the other said nothing
    NEIGHBOURS_PLAIN: NEIGHBOURS, SSHD_FILES: SSHD, SMB_CONF: TESTPARM,
}  # fmt: skip
# Legacy iptables filters beside nft: as long as nobody has looked there, what nft says may be half of it.
DOUBTS: Mapping[str, tuple[str, ...]] = {
    next(command for command in COMMANDS if "ip_tables_names" in command): ("system.port_forwards", "system.firewall")
}
