"""config.xml's settings of the device itself: accounts, SSH, SNMP, UPnP, time, log, updates.

Source: pfSense documentation, "User Manager", "Secure Shell (SSH)", "UPnP & NAT-PMP", "Remote Logging with Syslog", and
its etc/sshd; OPNsense documentation, "Access", "Logging", "Firmware", and its openssh.inc and models.
"""

from inventory.gateway import Upnp
from inventory.system import Logging, Ntp, SnmpSettings, SshSettings, Updates, User
from inventory.text import clean
from scanner.platforms._config_xml import Node
from scanner.platforms._config_xml_told import Told
from scanner.platforms._reading import UnreadableError, number
from scanner.secret_settings import KNOWN_COMMUNITIES

MAX_GROUPS = 32  # of one account; stops groups and accounts from multiplying
_NO_SHELL = ("nologin", "false")


def read_users(root: Node, told: Told) -> None:
    """The accounts of the local database; an administrator is in a group that may see every page, or may himself."""
    if root.one("system") is None:
        return
    groups = _groups(root)
    users: dict[User, int] = {}
    bad = []
    for node in root.all("system/user"):
        try:
            uid = number(node.word("uid"), 2**32) if node.word("uid") else None
        except UnreadableError:
            bad.append(node)
            continue
        users[_user(node, uid, _member(node, groups), root.name)] = node.line
    if users:  # there always is one: without any, a part of the file is left out
        told.list("users", users)
    told.doubt("users", bad)


_Groups = dict[tuple[str, str], list[Node]]


def _groups(root: Node) -> _Groups:
    """The groups by what makes somebody a member: his number in it, its number or its name with him."""
    found: _Groups = {}
    for group in root.all("system/group"):
        marks = [("uid", uid) for uid in group.words("member")]
        for mark in (*marks, ("gid", group.word("gid")), ("name", group.word("name"))):
            if len(known := found.setdefault(mark, [])) < MAX_GROUPS:
                known.append(group)
    return found


def _member(user: Node, groups: _Groups) -> list[Node]:
    """The groups that an account is in, in the order of the file."""
    marks = [("uid", user.word("uid"))]
    marks += [("gid", gid) for gid in user.words("group_memberships")[:MAX_GROUPS]]
    marks += [("name", name) for name in user.words("groupname")[:MAX_GROUPS]]
    found = {id(group): group for mark in marks if mark[1] for group in groups.get(mark, [])}
    return sorted(found.values(), key=lambda group: group.line)[:MAX_GROUPS]


def _user(node: Node, uid: int | None, member: list[Node], product: str) -> User:
    """`expires` may be past: whether it is, nobody here knows."""
    rights = {right for each in (node, *member) for right in each.words("priv")}
    names = [group.word("name") for group in member if group.word("name") != "all"]
    shell = node.word("shell")
    by_right = bool({"user-shell-access", "page-all"} & rights) if product == "pfsense" else False
    return User(
        name=node.word("name"),
        uid=uid,
        administrator="page-all" in rights or "admins" in names or uid == 0,
        login=uid == 0 or by_right or (bool(shell) and not shell.endswith(_NO_SHELL)),
        role=", ".join(names) or None,
        enabled=False if node.has("disabled") and _really(node) else None if node.word("expires") else True,
        factory=uid == 0 and node.word("name") in ("root", "admin"),
        second_factor=True if node.word("otp_seed") else False if node.one("otp_seed") else None,
    )


def _really(node: Node) -> bool:
    """OPNsense's newer interface writes an empty `<disabled/>` beside `<shell/>` for an account that is on."""
    return bool(node.word("disabled")) or node.one("shell") is None


def read_ssh(root: Node, told: Told) -> Node | None:
    """The server's settings when it runs, and where it is switched on; pfSense always lets root in."""
    node = root.one("system/ssh")
    system = root.one("system")
    if system is None:
        return None
    opnsense = root.name == "opnsense"
    switch = node.one("enabled" if opnsense else "enable") if node else None
    if not opnsense and switch is None:
        switch = system.one("enablesshd")  # up to 2.4.4
    if switch is None or not (switch.text.strip().lower() not in ("0", "no", "off", "disabled")):
        return None
    settings = node or Node("ssh", switch.line)
    try:
        port = number(settings.word("port") or "22", 65535)
    except UnreadableError:
        told.doubt("ssh", [settings])
        return switch
    only_keys = settings.one("sshdkeyonly") or system.one("sshdkeyonly")
    by_password = settings.has("passwordauth") if opnsense else not only_keys or only_keys.text.strip() == "both"
    lists = {
        fact: tuple(settings.words(name)) or None
        for fact, name in (("ciphers", "ciphers"), ("key_exchanges", "kex"), ("macs", "macs"))
    }
    root_login = "yes" if not opnsense or settings.has("permitrootlogin") else "no"
    where = {"password_authentication": "passwordauth", "ports": "port", "root_login": "permitrootlogin"}
    where |= {"ciphers": "ciphers", "key_exchanges": "kex", "macs": "macs"}
    lines = {fact: settings.line_of(name) if settings.one(name) else None for fact, name in where.items()}
    if only_keys:
        lines["password_authentication"] = only_keys.line
    told.say("ssh", SshSettings(root_login, by_password, (port,), **lists), lines)
    return switch


def read_snmp(root: Node, told: Told) -> Node | None:
    """The agent of FreeBSD or OPNsense's plug-in of Net-SNMP; the former speaks v1 and v2c, and only reads."""
    plugin = root.one("OPNsense/netsnmp/general")
    if plugin is not None and plugin.on("enabled"):
        users = [node for node in root.all("OPNsense/netsnmp/user/users/user") if node.on("enabled")]
        community = plugin.word("community")
        versions = (("v1", "v2c") if community else ()) + (("v3",) if users else ())
        writable = any(node.on("readwrite") for node in users)
        told.say("snmp", SnmpSettings(True, versions, community in KNOWN_COMMUNITIES, writable), plugin.line)
        return plugin
    node = root.one("snmpd")
    if node is None or not node.inner:
        return None
    community = node.word("rocommunity")
    default = community in KNOWN_COMMUNITIES if community else None
    if not node.has("enable"):
        told.say("snmp", SnmpSettings(enabled=False, default_community=default), node.line)
        return None
    told.say("snmp", SnmpSettings(True, ("v1", "v2c"), default, writable=False), node.line)
    return node


def read_upnp(root: Node, told: Told) -> None:
    """The daemon of UPnP and NAT-PMP, which both makers leave off; it maps ports only for whoever asks."""
    node = root.one("installedpackages/miniupnpd/config") or root.one("installedpackages/miniupnpd")
    node = node or root.one("OPNsense/miniupnpd/general")
    if node is not None and node.inner:
        on = node.has("enable") if node.one("enable") else node.on("enabled")
        told.say("upnp", Upnp(on, secure_mode=True if on else None), node.line)
    elif root.one("system") and root.one("interfaces"):
        told.say("upnp", Upnp(enabled=False))


def read_ntp(root: Node, told: Told) -> None:
    """Where the device has its time from; without servers nothing asks."""
    node = root.one("system/timeservers")
    if node is None:
        return
    servers = tuple(dict.fromkeys(root.words("system/timeservers")))
    off = root.word("ntpd/enable") == "disabled"
    told.say("ntp", Ntp(bool(servers) and not off, servers), node.line)


def read_logging(root: Node, told: Told) -> None:
    """The receivers of the log, and how many days are kept: OPNsense begins a new file each day."""
    node, newer = root.one("syslog"), root.one("OPNsense/Syslog")
    if newer is None and (node is None or not node.inner):
        return
    found: list[str] = []
    days = None
    where = newer or node
    if newer is not None:
        found += [each.word("hostname") for each in newer.all("destinations/destination") if each.on("enabled")]
        kept = newer.word("general/maxpreserve")
        days = (
            int(kept) if kept.isascii() and kept.isdigit() and len(kept) < 6 and newer.on("general/enabled") else None
        )
    if node is not None and node.has("enable"):
        found += [node.word(name) for name in ("remoteserver", "remoteserver2", "remoteserver3")]
    told.say("logging", Logging(tuple(filter(None, dict.fromkeys(found))), days), where.line if where else None)


def read_updates(root: Node, told: Told) -> None:
    """Whether OPNsense installs updates by itself: a job of its own does, and there is no other way."""
    jobs = root.one("OPNsense/cron/jobs")
    if jobs is None:
        return
    ours = [job for job in jobs.all("job") if job.on("enabled") and job.word("command") == "firmware auto-update"]
    told.say("updates", Updates(automatic=bool(ours)), ours[0].line if ours else jobs.line)


def firmware(comments: list[str]) -> str | None:
    """The version in a comment behind the document, as oxidized writes it.

    >>> firmware([" OPNsense 24.7 "])
    '24.7'
    """
    for said in comments:
        words = clean(said).split()
        version = words[1] if len(words) > 1 and words[0] in ("OPNsense", "pfSense") else words[0] if words else ""
        if version[:1].isdigit() and "." in version and len(words) <= 3:
            return version
    return None
