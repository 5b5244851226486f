r"""net-snmp's agent on Linux: whether it runs, and whom snmpd.conf lets read and write. Pure.

Source: snmpd.conf(5) of net-snmp 5.9: `rocommunity COMMUNITY [SOURCE [OID]]`, `com2sec [-Cn CONTEXT] NAME SOURCE
COMMUNITY`, `rouser`, `rwuser`; without a source everyone may ask. A community is kept only when everybody knows it.
"""

import re

from inventory.observation import Observation
from inventory.system import SnmpSettings, System
from scanner.platforms._reading import UnreadableError, numbered, of_system, unread
from scanner.platforms._snmp_sources import LOCALHOST, asked_by, is_local, listens_locally
from scanner.secret_settings import KNOWN_COMMUNITIES

# `; true`: that there is no agent is no failure of the scan.
SNMPD_CONF = "pidof snmpd; cat /etc/snmp/snmpd.conf /etc/snmp/snmpd.conf.d/*.conf; true"

MAX_ROWS = 64  # communities; a server has two. Stops thousands
_WORD = re.compile(r'"([^"]*+)"?|\'([^\']*+)\'?|\S+')


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
    addresses: list[str] = []
    bad = []
    for place, line in rows[1:]:
        words = _words(line)
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
        elif keyword == "agentaddress":
            addresses += words[1:]
        elif keyword in ("includefile", "includedir"):
            bad.append((place, line))
    writing = _writing(rows)
    communities += [(word, source, name in writing, six) for name, (word, source, six) in secure.items()]
    local = listens_locally(",".join(addresses))
    settings = _settings(communities, users, local) if not bad else SnmpSettings(enabled=True)
    return of_system(System(snmp=settings), {"/system/snmp": rows[0][0]}, unread("system.snmp", bad))


def _words(line: str) -> list[str]:
    """The words of a line without their quotes, to a comment.

    >>> _words("rocommunity 'public' default # tous")
    ['rocommunity', 'public', 'default']
    """
    words: list[str] = []
    for found in _WORD.finditer(line):
        if found[0].startswith("#"):
            break
        words.append(next((part for part in found.groups() if part is not None), found[0]))
    return words


def _writing(rows: list[tuple[int, str]]) -> set[str]:
    """The names of `com2sec` whose group may write: `group GROUP v2c NAME`, `access GROUP … READ WRITE NOTIFY`."""
    words = [_words(line) for _, line in rows]
    writers = {row[1] for row in words if row[:1] == ["access"] and len(row) >= 8 and row[7] != "none"}
    return {row[3] for row in words if row[:1] == ["group"] and len(row) >= 4 and row[1] in writers}


def _settings(communities: list[tuple[str, str, bool, bool]], users: set[bool], local: bool) -> SnmpSettings:
    if not communities and not users:
        return SnmpSettings(enabled=True)  # Debian's file is told to root alone
    versions = (("v1", "v2c") if communities else ()) + (("v3",) if users else ())
    remote = [row for row in communities if not local and not is_local(row[1])]
    try:
        sources = [word for _, word, _, six in communities if not six or word in ("default", "::/0")]
        source = asked_by([LOCALHOST] if local else sources) if local or not users else None
    except UnreadableError:
        return SnmpSettings(enabled=True, versions=versions)
    return SnmpSettings(
        enabled=True,
        versions=versions,
        default_community=any(row[0] in KNOWN_COMMUNITIES for row in remote) if communities else None,
        writable=any(row[2] for row in communities) or True in users,
        source_filter=source,
    )
