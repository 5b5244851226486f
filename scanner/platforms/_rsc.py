"""RouterOS configuration script, as `/export` writes it: statements with their menu, their arguments and their line.

Source: MikroTik, "Configuration Management" and "Scripting"; seen on 6.42 to 7.21: compact and verbose, wrapped at 80
or 160 columns, terse, and with the header that Oxidized puts in its place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.platforms._reading import UnreadableError

MAX_STATEMENTS = 20_000  # of one export; a practice's router has a hundred. Stops 1 MiB of `add` from slowing readers

# Where the console's menus begin (6.0 to 7.21): a line such as `/* a comment` or `/etc/passwd` opens none.
_ROOTS = frozenset({
    "app", "caps-man", "certificate", "console", "container", "disk", "dude", "file", "interface", "iot", "ip", "ipv6",
    "isdn-channels", "log", "lora", "lte", "metarouter", "mpls", "openflow", "partitions", "port", "ppp", "queue",
    "radius", "rip", "routing", "snmp", "special-login", "store", "system", "task", "tool", "tr069-client", "user",
    "user-manager", "virtual-fabric", "wireless", "zerotier",
})  # fmt: skip
_VERBS = frozenset({"add", "set", "remove", "enable", "disable", "unset", "move", "print", "edit"})
_VERSION = re.compile(
    r"# .{0,40}\bby RouterOS (\d{1,3}(?:\.\d{1,4}){1,3}\w{0,12})|# +version: (\d\S{0,20})(?: .{0,40})?"
)
_HEADER = re.compile(r"# {1,40}(model|serial number|board-name|software id)(?: =|:) ?(.{0,80})")
# A menu that RouterOS could not export, seen since 7.11: `#error exporting "/ip/firewall/nat" (timeout)`.
_FAILED = re.compile(r'#\s?error exporting "?(/[a-z0-9/ -]{1,100}[a-z0-9])"?')
_LOOKED_AT = (
    "interface list", "interface list member", "ip address", "ip dhcp-client", "ip dns", "ip firewall filter",
    "ip firewall nat", "ip nat-pmp", "ip route", "ip service", "ip upnp", "ipv6 firewall filter", "snmp",
    "snmp community", "system identity",
)  # fmt: skip
_PROMPT = re.compile(r"\[[^\]]{1,120}\] (?:/[\w /-]{0,80})?>.*")
_TOKEN = re.compile(
    r"""\s*+(?:
        \[(?P<find>[^\]"]*+(?:"(?:[^"\\]|\\.)*+"[^\]"]*+)*+)\]
      | !(?P<not>[\w.*-]++)(?=\s|$)
      | (?P<key>[\w.*-]++)=(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<plain>[^\s"]\S*+)?)(?=\s|$)
      | (?P<word>[^\s=\["]++)(?=\s|$)
    )""",
    re.VERBOSE,
)
_STEP = re.compile(r"[/\s]++([\w.-]++)(?=[/\s]|$)")
_ESCAPE = re.compile(r"\\([0-9A-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "_": " "}


@dataclass(frozen=True, slots=True)
class Statement:
    """One command of an export: `add action=drop chain=input` in `/ip firewall filter`."""

    menu: str  # "ip firewall filter"
    verb: str
    line: int
    text: str
    item: str = ""  # what `set` sets: "telnet", "0", or the inside of [ find default-name=ether1 ]
    values: dict[str, str] = field(default_factory=dict)

    @property
    def enabled(self) -> bool:
        """Whether it is not switched off."""
        return self.values.get("disabled", "no") not in ("yes", "true")


@dataclass(frozen=True, slots=True)
class Export:
    """An export: its header, its statements, and the lines that are none, with the menu they stand in."""

    menus: dict[str, list[Statement]]
    header: dict[str, tuple[str, int]]  # "version", "model", "serial number", "board-name" → value, line
    bad: tuple[tuple[str, int, str], ...]  # menu, line, text
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
    menu = ""
    header: dict[str, tuple[str, int]] = {}
    menus: dict[str, list[Statement]] = {}
    read = 0
    bad: list[tuple[str, int, str]] = []
    for place, raw in _logical(text):
        line = raw
        if line.startswith("#interrupted"):
            raise UnreadableError(line)  # what would have followed is not known, whichever menu it was in
        if failed := _FAILED.match(line):
            bad += [(known, place, line) for known in _below(failed[1])]
            continue
        if line.startswith("#"):
            _note(header, line, place)
            continue
        if _PROMPT.fullmatch(line):
            continue
        if line.startswith("/"):
            menu, line = _menu(line)
            if menu.partition(" ")[0] not in _ROOTS:
                menu, line = "", raw
            if not line:
                continue
        if not menu:  # an export begins with one: this is somebody else's text
            bad.append((menu, place, line))
            continue
        try:
            if read == MAX_STATEMENTS:
                bad.append((menu, place, line))
                break
            deeper, command = _relative(menu, line)
            statement = _statement(deeper, place, command)
            menus.setdefault(deeper, []).append(statement)
            read += 1
        except UnreadableError:  # it may be about any menu below
            bad += [(known, place, line) for known in _below(menu)]
    return Export(menus, header, tuple(bad))


def _below(path: str) -> list[str]:
    """The menus that readers look at and that a failed one holds, itself first.

    >>> _below("/ip/firewall/nat"), _below("/ip firewall")[1:]
    (['ip firewall nat'], ['ip firewall filter', 'ip firewall nat'])
    """
    menu = " ".join(path.replace("/", " ").split())
    return [menu, *(known for known in _LOOKED_AT if known.startswith(f"{menu} "))]


def _logical(text: str) -> Iterator[tuple[int, str]]:
    r"""The lines with their numbers, those that end in `\` joined with what follows; a comment is never continued."""
    begun, parts = 0, list[str]()
    for place, raw in enumerate(text.split("\n"), 1):
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
        if found[1] in _VERBS:
            return " ".join(words), line[found.start(1) :]
        words.append(found[1])
        at = found.end()
    return " ".join(words), line[at:].strip()


def _relative(menu: str, line: str) -> tuple[str, str]:
    """The menu and the command of a line that may name a menu below the one that is open: `nat add chain=dstnat`."""
    if line.partition(" ")[0] in _VERBS:
        return menu, line
    below, command = _menu(f"/{line}")
    return (f"{menu} {below}", command) if command.partition(" ")[0] in _VERBS else (menu, line)


def _statement(menu: str, place: int, line: str) -> Statement:
    verb, _, rest = line.partition(" ")
    if verb not in _VERBS:
        raise UnreadableError(line[:20])
    item = ""
    values: dict[str, str] = {}
    at, rest = 0, rest.rstrip()
    while at < len(rest):
        found = _TOKEN.match(rest, at)
        if found is None:
            raise UnreadableError(rest[at : at + 20])
        at = found.end()
        if found["key"] is not None:
            quoted = found["quoted"]
            values[found["key"]] = found["plain"] or "" if quoted is None else _unescaped(quoted)
        elif found["not"] is None:
            item = item or (found["find"].strip() if found["word"] is None else found["word"])
    return Statement(menu, verb, place, line, item.removeprefix("find").strip(), values)


def _unescaped(text: str) -> str:
    r"""A quoted value without its escapes.

    >>> _unescaped('a\\"b\\_c\\E9\\$')
    'a"b cé$'
    """

    def plain(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code, 16)) if len(code) == 2 else _ESCAPED.get(code, code)

    return _ESCAPE.sub(plain, text)
