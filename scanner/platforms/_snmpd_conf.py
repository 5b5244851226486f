r"""net-snmp's agent on Linux: whether it runs, and whom snmpd.conf lets read and write. Pure.

Source: snmpd.conf(5) of net-snmp 5.9: `rocommunity COMMUNITY [SOURCE [OID]]`, `com2sec [-Cn CONTEXT] NAME SOURCE
COMMUNITY`, `rouser`, `rwuser`; without a source everyone may ask. A community is kept only when everybody knows it.
"""

from ipaddress import IPv4Network

from inventory.observation import Observation
from inventory.system import SnmpSettings, System
from scanner.platforms._networks import Networks
from scanner.platforms._reading import UnreadableError, numbered, of_system, unread
from scanner.secret_settings import KNOWN_COMMUNITIES

# `; true`: that there is no agent is no failure of the scan.
SNMPD_CONF = "pidof snmpd; cat /etc/snmp/snmpd.conf /etc/snmp/snmpd.conf.d/*.conf; true"

MAX_ROWS = 64  # communities; a server has two. Stops thousands
_LOCAL = ("localhost", "127.0.0.1", "127.0.0.1/32", "127.0.0.0/8", "::1")


def read_snmpd_conf(text: str) -> Observation:
    r"""The agent's settings; that it runs is said by its process id in the first line, else the file is nobody's.

    >>> read_snmpd_conf("812\nrocommunity public 192.168.10.0/24\n").device.system.snmp.default_community
    True
    """
    rows = list(numbered(text))
    running = bool(rows) and rows[0][1].replace(" ", "").isdigit()
    if not running:
        return of_system(System(), {})
    communities: list[tuple[str, str, bool, bool]] = []  # community, source, may write, of IPv6
    users: set[bool] = set()
    secure: dict[str, tuple[str, str, bool]] = {}
    bad = []
    for place, line in rows[1:]:
        words = line.split("#")[0].split()
        keyword = words[0].lower() if words else ""
        if len(communities) + len(secure) > MAX_ROWS:
            bad.append((place, line))
            break
        if keyword in ("rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6") and len(words) > 1:
            communities.append((words[1], words[2] if len(words) > 2 else "default", keyword[1] == "w", "6" in keyword))
        elif keyword in ("com2sec", "com2sec6") and len(words) >= 4:
            parts = words[3:] if words[1] == "-Cn" else words[1:]
            if len(parts) == 3:
                secure[parts[0]] = (parts[2], parts[1], "6" in keyword)
            else:
                bad.append((place, line))
        elif keyword in ("rouser", "rwuser"):
            users.add(keyword == "rwuser")
        elif keyword in ("includefile", "includedir"):
            bad.append((place, line))
    writing = _writing(rows)
    communities += [(word, source, name in writing, six) for name, (word, source, six) in secure.items()]
    settings = _settings(communities, users) if not bad else SnmpSettings(enabled=True)
    return of_system(System(snmp=settings), {"/system/snmp": rows[0][0]}, unread("system.snmp", bad))


def _writing(rows: list[tuple[int, str]]) -> set[str]:
    """The names of `com2sec` whose group may write: `group GROUP v2c NAME`, `access GROUP … READ WRITE NOTIFY`."""
    words = [line.split("#")[0].split() for _, line in rows]
    writers = {row[1] for row in words if row[:1] == ["access"] and len(row) >= 8 and row[7] != "none"}
    return {row[3] for row in words if row[:1] == ["group"] and len(row) >= 4 and row[1] in writers}


def _settings(communities: list[tuple[str, str, bool, bool]], users: set[bool]) -> SnmpSettings:
    remote = [row for row in communities if row[1] not in _LOCAL]
    versions = (("v1", "v2c") if communities else ()) + (("v3",) if users else ())
    try:
        source = _sources(communities) if communities and not users else None
    except UnreadableError:
        return SnmpSettings(enabled=True, versions=versions or None)
    return SnmpSettings(
        enabled=True,
        versions=versions or None,
        default_community=any(row[0] in KNOWN_COMMUNITIES for row in remote) if communities else None,
        writable=any(row[2] for row in communities) or True in users,
        source_filter=source,
    )


def _sources(communities: list[tuple[str, str, bool, bool]]) -> Networks | None:
    """Whom the agent answers, None: everyone."""
    found: dict[IPv4Network, None] = {}
    for _, word, _, six in communities:
        if word in ("default", "0.0.0.0/0", "::/0"):
            return None
        if six or word == "::1":
            continue
        try:
            found[IPv4Network("127.0.0.1" if word == "localhost" else word, strict=False)] = None
        except ValueError as error:
            raise UnreadableError(word[:20]) from error
    return tuple(found)
