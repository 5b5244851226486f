r"""Debian's own settings of updates, names and logs: `apt-config`, resolv.conf, rsyslog. Pure.

Sources: apt.conf(5) and unattended-upgrades' README (`APT::Periodic::Unattended-Upgrade`, in days; "0" is never);
resolv.conf(5); rsyslog.conf(5) (`@host` by UDP, `@@host` by TCP, `:omrelp:host`, `action(type="omfwd" target=…)`).
"""

import re
from ipaddress import ip_address

from inventory.gateway import Dns
from inventory.observation import Observation
from inventory.system import Logging, System, Updates
from inventory.text import clean
from scanner.platforms._reading import numbered, of_system, unread

PERIODIC = "apt-config dump APT::Periodic"
RESOLV_CONF = "cat /etc/resolv.conf"
# `; true`: that there is no rsyslog is no failure of the scan.
RSYSLOG = "cat /etc/rsyslog.conf /etc/rsyslog.d/*.conf; true"

MAX_RECEIVERS = 64  # a server has one
_PERIODIC = re.compile(r'APT::Periodic::([\w-]{1,40}) "([^"]{0,20})";')
_DAYS = re.compile(r"(\d{1,9})[smhd]?")
_FORWARD = re.compile(
    r"@{1,2}(?:\([a-z0-9,]{0,16}\))?(\[[0-9a-fA-F:.%]{2,60}\]|[\w.-]{1,255})(?::\d{1,5})?(?:;\S{1,80})?"
)
# What makes a text the settings of rsyslog: a selector with its action, a directive, a module.
_SYSLOG = re.compile(
    r"(?:\*|auth|authpriv|cron|daemon|kern|lpr|mail|news|syslog|user|uucp|local[0-7])(?:,[a-z0-7]{2,8}){0,16}\.[=!*\w]\S*\s+\S"
    r"|\$[A-Z]\w{2,40}\s+\S|(?:module|input|global|action|ruleset)\s?\("
)
_RELP = re.compile(r":omrelp:(\[[0-9a-fA-F:.%]{2,60}\]|[\w.-]{1,255})(?::\d{1,5})?(?:;\S{1,80})?")
_COMMENT = re.compile(r"(?:^|\s)#.*")
# A statement in the newer form, with its end where it has one: `action(type="omfwd" target="192.168.10.5")`.
_OBJECT = re.compile(
    r"(?i)\b(action|include|module|input|template|global|main_queue|ruleset|parser|lookup_table)\s*+"
    r"\(((?:[^()\"]|\"(?:[^\"\\]|\\.)*+\")*+)(\)?)"
)
_PARAMETER = re.compile(r"([\w.]{1,64})\s*+=\s*+\"([^\"]{0,1024})\"")
_INCLUDE = re.compile(r"(?i)\s*+\$IncludeConfig\b\s*+(.*)")
_ASKED = "/etc/rsyslog.d/*.conf"
_FORWARDS = ("omfwd", "omrelp")
_LOADS = re.compile(r"(?i)\s*+\$ModLoad\b")


def read_periodic(text: str) -> Observation:
    r"""Whether updates are installed by themselves; nothing said is nothing told: another program may do it.

    >>> read_periodic('APT::Periodic "";\nAPT::Periodic::Unattended-Upgrade "1";\n').device.system.updates.automatic
    True
    """
    said = {found[1]: (found[2], place) for place, line in numbered(text) if (found := _PERIODIC.fullmatch(line))}
    value, place = said.get("Unattended-Upgrade", ("", 1))
    if not value:
        return of_system(System(), {})
    days = _DAYS.fullmatch(value.lower())
    if not days and value.lower() not in ("always", "false", "no"):
        return of_system(System(), {}, unread("system.updates", [(place, value)]))
    on = (int(days[1]) > 0 if days else value.lower() == "always") and said.get("Enable", ("1", 1))[0] != "0"
    return of_system(System(updates=Updates(automatic=on)), {"/system/updates": place})


def read_resolv_conf(text: str) -> Observation:
    """Whom it asks for names; a resolver on the device itself (127.0.0.53) does not say whom that asks.

    >>> read_resolv_conf("search cabinet.lan\\nnameserver 192.168.10.1\\n").device.system.dns.servers
    ('192.168.10.1',)
    """
    found: dict[str, int] = {}
    bad = []
    for place, line in numbered(text):
        words = line.split()
        if words[0] != "nameserver":
            continue
        try:
            address = ip_address(words[1].partition("%")[0]) if len(words) > 1 else None
        except ValueError:
            address = None
        if address is None:
            bad.append((place, line))
        elif address.is_loopback:
            return of_system(System(), {})
        else:
            found.setdefault(clean(words[1]), place)
    dns = Dns(tuple(found)[:MAX_RECEIVERS], encrypted=False) if found and not bad else None
    return of_system(
        System(dns=dns), {"/system/dns": next(iter(found.values()))} if dns else {}, unread("system.dns", bad)
    )


def read_rsyslog(text: str) -> Observation:
    """Where rsyslog sends the log: to nobody else when its files name no receiver.

    >>> read_rsyslog("*.* @@192.168.10.5:514\\n").device.system.logging.remote
    ('192.168.10.5',)
    """
    found: dict[str, int] = {}
    rows = [(place, line) for place, line in numbered(text) if not line.lstrip().startswith("#")]
    if not any(_SYSLOG.match(line) for _, line in rows):
        return of_system(System(), {})
    whole = "\n".join(_COMMENT.sub("", line) for line in text.split("\n"))
    bad = _newer(whole, found)
    older = _OBJECT.sub(lambda statement: "\n" * statement[0].count("\n"), whole)
    bad += [(place, line) for place, line in numbered(older) if not _older(line, place, found)]
    if bad:
        return of_system(System(), {}, unread("system.logging", bad))
    remote = tuple(found)[:MAX_RECEIVERS]
    return of_system(
        System(logging=Logging(remote=remote)), {"/system/logging": min(found.values(), default=rows[0][0])}
    )


def _newer(text: str, found: dict[str, int]) -> list[tuple[int, str]]:
    """Take in the receivers of statements in the newer form; those that may name one and are not understood."""
    bad: list[tuple[int, str]] = []
    place, seen = 1, 0
    for statement in _OBJECT.finditer(text):
        place, seen = place + text.count("\n", seen, statement.start()), statement.start()
        said = {key.lower(): value for key, value in _PARAMETER.findall(statement[2])}
        kind, forwards = statement[1].lower(), any(name in statement[2].lower() for name in _FORWARDS)
        target = clean(said.get("target", "")) if said.get("type", "").lower() in _FORWARDS else ""
        if kind == "action" and target and statement[3]:
            found.setdefault(target, place)
        elif (kind == "action" and forwards) or (kind == "include" and said.get("file") != _ASKED):
            bad.append((place, statement[0][:200]))
    return bad


def _older(line: str, place: int, found: dict[str, int]) -> bool:
    """Take in the receivers that a line names in the older form; False when it may name one and is not understood."""
    if include := _INCLUDE.fullmatch(line):
        return include[1].strip(' \t"') == _ASKED
    if _LOADS.match(line):
        return True
    for word in line.split():
        if word.startswith(("@", ":omrelp:")):
            forward = (_FORWARD if word.startswith("@") else _RELP).fullmatch(word)
            if forward is None:
                return False
            found.setdefault(clean(forward[1].strip("[]")), place)
        elif any(name in word.lower() for name in _FORWARDS):
            return False
    return True
