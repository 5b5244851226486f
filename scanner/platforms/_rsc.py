"""RouterOS configuration script, as `/export` writes it: statements with their menu, their arguments and their line.

Source: MikroTik, "Configuration Management" and "Scripting"; seen on 6.42 to 7.21: compact and verbose, wrapped at 80
or 160 columns, terse, and with the header that Oxidized puts in its place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc_statement import VERBS, statement
from scanner.platforms._rsc_statement import Statement as Statement

KNOWN_MAJORS = (6, 7)  # the versions whose defaults stand here
MAX_PATHS = 16  # menus named by one line of a script; stops a line of nothing but paths
MAX_NOTES = 4  # comments above a statement; an access point of CAPsMAN has two
MAX_STATEMENTS = 20_000  # of one export; a practice's router has a hundred. Stops 1 MiB of `add` from slowing readers

# Where the console's menus begin (6.0 to 7.21): a line such as `/* a comment` or `/etc/passwd` opens none.
_ROOTS = frozenset({
    "app", "caps-man", "certificate", "console", "container", "disk", "dude", "file", "interface", "iot", "ip", "ipv6",
    "isdn-channels", "log", "lora", "lte", "metarouter", "mpls", "openflow", "partitions", "port", "ppp", "queue",
    "radius", "rip", "routing", "snmp", "special-login", "store", "system", "task", "tool", "tr069-client", "user",
    "user-manager", "virtual-fabric", "wireless", "zerotier",
})  # fmt: skip
_VERSION = re.compile(
    r"# .{0,40}\bby RouterOS (\d{1,3}(?:\.\d{1,4}){1,3}\w{0,12})|# +version: (\d\S{0,20})(?: .{0,40})?"
)
_HEADER = re.compile(r"# {1,40}(model|serial number|board-name|software id)(?: =|:) ?(.{0,80})")
# A menu that RouterOS could not export, seen since 7.11: `#error exporting "/ip/firewall/nat" (timeout)`.
_FAILED = re.compile(r'#\s?error exporting "?(/[a-z0-9/ -]{1,100}[a-z0-9])"?')
_LOOKED_AT = (
    "caps-man configuration", "interface bridge port", "interface bridge vlan",
    "interface l2tp-client", "interface l2tp-server server", "interface list", "interface list member",
    "interface lte", "interface ovpn-client", "interface ovpn-server server", "interface ppp-client",
    "interface pppoe-client", "interface pptp-client", "interface pptp-server server", "interface sstp-client",
    "interface sstp-server server", "interface vlan", "interface wifi", "interface wifiwave2", "interface wireguard",
    "interface wireguard peers", "interface wireless", "interface wireless security-profiles", "ip address", "ip cloud",
    "ip dhcp-client", "ip dhcp-server", "ip dns", "ip firewall address-list", "ip firewall filter", "ip firewall nat",
    "ip firewall raw", "ip ipsec peer", "ip nat-pmp", "ip pool", "ip proxy", "ip route", "ip service", "ip smb",
    "ip socks", "ip ssh", "ip upnp", "ipv6 address", "ipv6 dhcp-client", "ipv6 firewall filter", "ipv6 firewall raw",
    "ipv6 settings", "ppp secret", "routing bgp connection", "routing bgp peer", "routing ospf interface",
    "routing ospf interface-template", "routing ospf network", "routing rip interface",
    "routing rip interface-template", "routing rip network", "snmp", "snmp community", "system identity",
    "system logging", "system logging action", "system ntp client", "user", "zerotier", "zerotier interface",
)  # fmt: skip
# A script is no export: what it does depends on what it meets. Its words may stand with or without a colon.
_SCRIPT = re.compile(r"[:{}].*|(?:do|if|for|foreach|while|local|global|delay|put|log|error|return)\b.*", re.DOTALL)
_PATH = re.compile(r"(?<![\w/])/(?=[a-z])([a-z0-9 /-]{2,60})")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.?)*+("|\Z)')  # one that nothing closes takes all that follows: once, not again
_PROMPT = re.compile(r"\[[^\]]{1,120}\] (?:/[\w /-]{0,80})?>.*")
_STEP = re.compile(r"[/\s]++([\w.-]++)(?=[/\s]|$)")


@dataclass(frozen=True, slots=True)
class Export:
    """An export: its header, its statements, and the lines that are none, with the menu they stand in."""

    menus: dict[str, list[Statement]]
    header: dict[str, tuple[str, int]]  # "version", "model", "serial number", "board-name" → value, line
    bad: tuple[tuple[str, int, str], ...]  # menu, line, text
    scope: str = ""  # the menu below which all of it stands: "ip firewall"
    cut: str | None = None  # the menu in which it breaks off; None: it does not
    _named: dict[tuple[str, str], dict[str, list[Statement]]] = field(default_factory=dict, repr=False, compare=False)

    def named(self, menu: str, key: str, value: str) -> list[Statement]:
        """The statements of a menu that give a key this value; found at once, however often a rule asks."""
        index = self._named.get((menu, key))
        if index is None:
            index = self._named[menu, key] = {}
            for item in self.menus.get(menu, ()):
                if key in item.values:
                    index.setdefault(item.values[key], []).append(item)
        return index.get(value, [])

    def covers(self, menu: str) -> bool:
        """Whether what the export leaves out of a menu is as delivered.

        So it is in an export of everything, and below the menu that somebody exported alone: `/ip firewall export`
        says nothing of services, although its header is that of a whole one.
        """
        if self.major not in KNOWN_MAJORS:
            return False
        if self.cut is not None and (menu == self.cut or menu not in self.menus):
            return False  # it might have followed
        return not self.scope or f"{menu} ".startswith(f"{self.scope} ")

    @property
    def major(self) -> int | None:
        """The major version, None when the header does not tell: then no default is known either."""
        version = self.header.get("version")
        return int(version[0].partition(".")[0]) if version else None

    def of(self, *menus: str) -> Iterator[Statement]:
        """The statements of some menus, in the order of the menus."""
        return (item for menu in menus for item in self.menus.get(menu, ()))


def read_export(text: str) -> Export:
    r"""The statements of an export.

    >>> export = read_export(
    ...     "# 2024-07-31 09:33:47 by RouterOS 7.15.2\n/ip service\nset telnet \\\n    disabled=yes\n"
    ...     '/system identity set name="caf\\E9 1"\n'
    ... )
    >>> [(item.menu, item.line, item.item, item.values) for item in export.of("ip service", "system identity")]
    [('ip service', 3, 'telnet', {'disabled': 'yes'}), ('system identity', 5, '', {'name': 'café 1'})]
    >>> export.header
    {'version': ('7.15.2', 1)}
    """
    reading = _Reading()
    place, line, full = 1, "", False
    for place, line in _logical(text):
        if line.startswith("#interrupted"):
            break
        if failed := _FAILED.match(line):
            reading.menu = _menu(failed[1])[0]
            reading.bad += [(known, place, line) for known in _below(failed[1])]
        elif line.startswith("#"):
            _note(reading.header, line, place)
            reading.notes = (*reading.notes, line)[-MAX_NOTES:]
        elif reading.depth or _SCRIPT.fullmatch(line):
            reading.script(place, line)
        elif not _PROMPT.fullmatch(line) and not reading.command(place, line):
            full = True
            break
    cut = reading.menu if full or _breaks_off(line) else None
    if cut is not None:  # what would have followed is not known, whichever menu it was in
        reading.bad += [(known, place, line) for known in _LOOKED_AT if known == cut or known not in reading.menus]
    steps = takewhile(lambda step: len(set(step)) == 1, zip(*map(str.split, reading.menus), strict=False))
    scope = " ".join(step[0] for step in steps)
    return Export(reading.menus, reading.header, tuple(dict.fromkeys(reading.bad)), scope, cut)


@dataclass(slots=True)
class _Reading:
    """What was read so far, and the menu that is open."""

    menu: str = ""
    depth: int = 0  # blocks of a script that are open
    header: dict[str, tuple[str, int]] = field(default_factory=dict)
    menus: dict[str, list[Statement]] = field(default_factory=dict)
    bad: list[tuple[str, int, str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()  # the comments above what comes next
    read: int = 0

    def command(self, place: int, line: str) -> bool:
        """Reads a menu, a statement or both; False when there are too many."""
        whole = line
        notes, self.notes = self.notes, ()
        if line.startswith("/"):
            self.menu, line = _menu(line)
            if self.menu.partition(" ")[0] not in _ROOTS:
                self.menu, line = "", whole
            if not line:
                return True
        if not self.menu:  # an export begins with one: this is somebody else's text
            self.bad.append((self.menu, place, line))
            return True
        if self.read == MAX_STATEMENTS:
            self.bad.append((self.menu, place, line))
            return False
        try:
            deeper, command = _relative(self.menu, line)
            self.menus.setdefault(deeper, []).append(statement(deeper, place, command, notes))
            self.read += 1
        except UnreadableError:  # it may be about any menu below
            self.bad += [(known, place, line) for known in _below(self.menu)]
        return True

    def script(self, place: int, line: str) -> None:
        """Notes a line of a script for the menus that it names, in a block without for the one that is open."""
        bare = _QUOTED.sub("", line)
        named = [path for path in _PATH.findall(line)[:MAX_PATHS] if path.split()[0].split("/")[0] in _ROOTS]
        if line.startswith("/") and named:
            self.menu = _menu(line)[0]
        elif self.depth and not named and self.menu and bare.strip(" {}"):
            named = [self.menu]
        for path in named:
            self.bad += [(known, place, line) for known in _below(_menu(f"/{path}")[0])]
        self.depth = max(0, self.depth + bare.count("{") - bare.count("}"))


def _breaks_off(line: str) -> bool:
    """Whether a text that ends with this line was cut short: in a quote, before a continuation, or the router says so.

    >>> _breaks_off('set name="caf'), _breaks_off("set telnet \\\\"), _breaks_off('set name="a b"')
    (True, True, False)
    """
    if line.startswith("#"):
        return line.startswith("#interrupted")
    return line.endswith(" \\") or any(not quoted[1] for quoted in _QUOTED.finditer(line))


def _below(path: str) -> list[str]:
    """The menus that readers look at and that a failed one holds, itself first.

    >>> _below("/ip/firewall/nat"), _below("/snmp")
    (['ip firewall nat'], ['snmp', 'snmp community'])
    """
    menu = " ".join(path.replace("/", " ").split())
    return [menu, *(known for known in _LOOKED_AT if known.startswith(f"{menu} "))]


def _logical(text: str) -> Iterator[tuple[int, str]]:
    r"""The lines with their numbers, those that end in `\` joined with what follows; a comment is never continued."""
    begun, parts = 0, list[str]()
    for place, raw in enumerate(text.removesuffix("\n").split("\n"), 1):
        line = raw.rstrip("\r")
        if parts:
            line = line.lstrip(" \t")
        elif not line.strip():
            continue
        else:
            begun, line = place, line.strip()
        ending = len(line) - len(line.rstrip("\\"))
        if ending % 2 and not (line.startswith("#") and not parts):
            parts.append(line[:-1])
            continue
        yield begun, "".join((*parts, line)).rstrip()
        parts = []
    if parts:
        yield begun, "".join(parts).rstrip() + " \\"  # cut short: no statement


def _note(header: dict[str, tuple[str, int]], line: str, place: int) -> None:
    if found := _VERSION.fullmatch(line):
        header.setdefault("version", (found[1] or found[2], place))
    elif (found := _HEADER.fullmatch(line)) and found[2].strip():
        header.setdefault(found[1], (found[2].strip(), place))


def _menu(line: str) -> tuple[str, str]:
    """The menu that a line opens and what of the line is left: a command in terse style.

    >>> _menu("/ip/firewall/nat/add chain=dstnat"), _menu("/ip firewall nat")
    (('ip firewall nat', 'add chain=dstnat'), ('ip firewall nat', ''))
    """
    words = list[str]()
    at = 0
    while found := _STEP.match(line, at):
        if found[1] in VERBS:
            return " ".join(words), line[found.start(1) :]
        words.append(found[1])
        at = found.end()
    return " ".join(words), line[at:].strip()


def _relative(menu: str, line: str) -> tuple[str, str]:
    """The menu and the command of a line that may name a menu below the one that is open: `nat add chain=dstnat`."""
    if line.partition(" ")[0] in VERBS:
        return menu, line
    below, command = _menu(f"/{line}")
    return (f"{menu} {below}", command) if command.partition(" ")[0] in VERBS else (menu, line)
