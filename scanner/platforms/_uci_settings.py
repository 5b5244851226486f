"""OpenWrt's packages about the device itself: system, dropbear, uhttpd, upnpd, snmpd.

What a section leaves out is what its init script does then; a package that is not there says nothing.
Source: OpenWrt, "Dropbear configuration", "uHTTPd", "miniupnpd", "SNMPD"; the init scripts of these packages.
"""

from inventory.gateway import Upnp
from inventory.system import Service, SnmpSettings, SshSettings
from inventory.text import clean
from scanner.platforms._networks import Networks
from scanner.platforms._reading import UnreadableError, number
from scanner.platforms._snmp_sources import LOCALHOST, asked_by, is_local, listens_locally
from scanner.platforms._uci import Configuration, Section
from scanner.secret_settings import KNOWN_COMMUNITIES

Bad = list[tuple[int, str]]

EVERYWHERE = "0.0.0.0"  # noqa: S104 — what a device says, not where anything is bound
_VERSIONS = ("v1", "v2c")
# Sections of snmpd that let nobody read or write anything.
_NO_ACCESS = frozenset({
    "system", "view", "exec", "pass", "authtrapenable", "trapsink", "trap2sink", "informsink", "trap_hostname",
    "trap_hostip", "trapcommunity", "engineid", "sysservice", "agentx", "disk", "load", "proc",
})  # fmt: skip


def read_host_name(config: Configuration) -> tuple[str | None, int]:
    """The name in the section `system`, and its line."""
    for item in config.of("system", "system"):
        if name := clean(item.one("hostname")):
            return name, item.place("hostname")
    return None, 1


def _running(config: Configuration) -> tuple[list[Section], Bad]:
    """The instances of dropbear that are on."""
    found, bad = [], config.bad_of("dropbear")
    for item in config.of("dropbear", "dropbear"):
        try:
            if item.flag("enable", default=True):
                found.append(item)
        except UnreadableError:
            bad.append((item.line, item.text))
    return found, bad


def read_dropbear(config: Configuration) -> tuple[SshSettings | None, dict[str, int], Bad]:
    """The SSH server's settings: of several instances, the one that lets in the most counts."""
    running, bad = _running(config)
    ports: dict[int, int] = {}
    passwords: dict[bool, int] = {}
    roots: dict[str, int] = {}
    for item in running:
        try:
            for word in item.words("Port") or ("22",):
                ports.setdefault(number(word, 65535), item.place("Port"))
            by_password = item.flag("PasswordAuth", default=True)
            root = item.flag("RootLogin", default=True)
            root_by_password = by_password and item.flag("RootPasswordAuth", default=True)
        except UnreadableError:
            bad.append((item.line, item.text))
            continue
        passwords.setdefault(by_password, item.place("PasswordAuth"))
        word = "no" if not root else "yes" if root_by_password else "prohibit-password"
        roots.setdefault(word, item.place("RootPasswordAuth"))
    if not ports or bad:
        return None, {}, bad
    worst = next(word for word in ("yes", "prohibit-password", "no") if word in roots)
    lines = {
        "/system/ssh/ports": next(iter(ports.values())),
        "/system/ssh/password_authentication": passwords[True in passwords],
        "/system/ssh/root_login": roots[worst],
    }
    settings = SshSettings(root_login=worst, password_authentication=True in passwords, ports=tuple(ports))
    return settings, lines, bad


def read_services(config: Configuration, addresses: dict[str, str]) -> tuple[dict[Service, int], Bad]:
    """The sockets that dropbear and uhttpd are told to open; `addresses` gives those of each network."""
    running, bad = _running(config)
    bad += config.bad_of("uhttpd")
    found: dict[Service, int] = {}
    for item in running:
        try:
            at = item.one("Interface")
            address = addresses.get(at) if at else EVERYWHERE
            if address is None:
                bad.append((item.place("Interface"), at))
                continue
            for word in item.words("Port") or ("22",):
                found.setdefault(Service(number(word, 65535), "tcp", address, "dropbear"), item.place("Port"))
        except UnreadableError:
            bad.append((item.line, item.text))
    for item in config.of("uhttpd", "uhttpd"):
        for key in ("listen_http", "listen_https"):
            for word in item.words(key):
                try:
                    address, _, port = word.rpartition(":")
                    service = Service(number(port, 65535), "tcp", clean(address) or EVERYWHERE, "uhttpd")
                    found.setdefault(service, item.place(key))
                except UnreadableError:
                    bad.append((item.place(key), word))
    return found, bad


def read_upnpd(config: Configuration) -> tuple[Upnp | None, int, Bad]:
    """Whether miniupnpd maps ports, by UPnP or NAT-PMP, and only for who asks; off when it is not installed.

    That it is not installed is said only by an export that holds the packages which every OpenWrt has, and whose
    firewall includes nothing of it.
    """
    bad = config.bad_of("upnpd")
    # The init script reads the section that is named so, and takes what it does not find there for on.
    sections = list(config.of("upnpd", "upnpd"))
    for item in [section for section in sections if section.name == "config"] or sections[:1]:
        try:
            served = item.flag("enable_upnp", default=True) or item.flag("enable_natpmp", default=True)
            on, secure = item.flag("enabled", default=True) and served, item.flag("secure_mode", default=True)
            if "allow_third_party_mapping" in item.options:  # since miniupnpd 2.3.9 (24.10)
                secure = item.one("allow_third_party_mapping") in ("0", "pcp")
        except UnreadableError:
            return None, item.line, [*bad, (item.line, item.text)]
        if not on and item.name != "config":
            bad = [*bad, (item.line, item.text)]
        return (None if bad else Upnp(on, secure)), item.line, bad
    included = any("miniupnpd" in item.name + item.one("path") for item in config.of("firewall", "include"))
    if {"network", "firewall", "system"} <= config.packages and "upnpd" not in config.packages and not included:
        return Upnp(enabled=False), 1, bad
    return None, 1, bad


def read_snmpd(config: Configuration) -> tuple[SnmpSettings | None, int, Bad]:
    """The SNMP agent: whether it knows a community that everybody knows, and whether one may write; none is kept."""
    kinds = ("com2sec", "com2sec6", "group", "access", "agent", "snmpd")
    others = [item for item in config.sections if item.package == "snmpd" and item.kind not in (*kinds, *_NO_ACCESS)]
    bad = config.bad_of(*kinds) + [(item.line, item.text) for item in others]
    sections = list(config.of("snmpd", *kinds))
    if not sections:
        return None, 1, bad
    general = [item for item in sections if item.kind == "snmpd" and "enabled" in item.options]
    try:
        on = all(item.flag("enabled", default=True) for item in general)
    except UnreadableError:
        return None, sections[0].line, [*bad, (general[0].line, general[0].text)]
    rows = [item for item in sections if item.kind in ("com2sec", "com2sec6") and "community" in item.options]
    remote = [item for item in rows if not is_local(_source(config, item))]
    names = {item.one("secname") for item in rows}
    groups = [item for item in sections if item.kind == "group" and item.one("secname") in names]
    writing = {item.one("group") for item in sections if item.kind == "access" and item.one("write", "none") != "none"}
    try:
        source = asked_by(_source(config, item) for item in rows if item.kind == "com2sec") if rows else None
        source = None if any(item.kind == "com2sec6" for item in remote) else source
    except UnreadableError as error:
        return SnmpSettings(enabled=on), sections[0].line, [*bad, (rows[0].line, str(error))]
    settings = SnmpSettings(
        enabled=on,
        versions=tuple(version for version in _VERSIONS if version in {item.one("version") for item in groups}),
        default_community=any(item.one("community") in KNOWN_COMMUNITIES for item in remote),
        writable=any(item.one("group") in writing for item in groups),
        source_filter=source,
    )
    return (SnmpSettings(enabled=on) if bad else settings), sections[0].line, bad


def written_by(config: Configuration) -> Networks | None:
    """Who may write by SNMP, None: everyone, () nobody but the device itself."""
    writing = {
        item.one("group") for item in config.of("snmpd", "access") if item.one("write", "none") not in ("none", "")
    }
    names = {item.one("secname") for item in config.of("snmpd", "group") if item.one("group") in writing}
    rows = [item for item in config.of("snmpd", "com2sec", "com2sec6") if item.one("secname") in names]
    remote = [source for item in rows if not is_local(source := _source(config, item))]
    return asked_by(remote) if remote else ()


def _source(config: Configuration, item: Section) -> str:
    """Who may use a community: only the device itself, where the agent listens nowhere else."""
    addresses = ",".join(agent.one("agentaddress") for agent in config.of("snmpd", "agent"))
    return LOCALHOST if listens_locally(addresses) else item.one("source", "default")
