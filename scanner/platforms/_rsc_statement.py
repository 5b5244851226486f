"""One command of a RouterOS configuration script: its verb, what it is about, its values without quotes and escapes.

Source: MikroTik, "Scripting"; seen on 6.0 to 7.24.
"""

import re
from dataclasses import dataclass, field

from scanner.platforms._reading import UnreadableError

# An export only adds; what changes or moves a rule that stands elsewhere leaves nobody sure of any.
LISTING = frozenset({"add", "print"})
VERBS = frozenset({"add", "set", "remove", "enable", "disable", "unset", "move", "print", "edit"})
_VARIABLE = re.compile(r"(?<!\\)(?:\\\\){0,8}\$")
_TOKEN = re.compile(
    r"""\s*+(?:
        \[(?P<find>[^\]"]*+(?:"(?:[^"\\]|\\.)*+"[^\]"]*+)*+)\]
      | !(?P<not>[\w.*-]++)(?=\s|$)
      | (?P<key>[\w.*-]++)=(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<plain>[^\s"]\S*+)?)(?=\s|$)
      | (?P<word>[^\s=\["]++)(?=\s|$)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"((?:\\[0-9A-F]{2})++)|\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "_": " "}
# What an export writes above a statement that RouterOS passes over as if it were not there (6.41 to 7.24).
_IDLE = re.compile(
    r"#\s*(?:in/out-(?:interface|bridge-port) matcher not possible\b.*|no interface"
    r"|DHCP (?:client|server) can ?not run on (?:a )?slave\b.*)"
)
# In place of the name of an interface that is no more. A rule goes on that names a list that is no more: it is empty.
_GONE = re.compile(r"!?\*[0-9A-F]{1,8}")


@dataclass(frozen=True, slots=True)
class Statement:
    """One command of an export: `add action=drop chain=input` in `/ip firewall filter`."""

    menu: str  # "ip firewall filter"
    verb: str
    line: int
    text: str
    item: str = ""  # what `set` sets: "telnet", "0", or the inside of [ find default-name=ether1 ]
    values: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # the comments right above it, which are the router's own in an export

    @property
    def enabled(self) -> bool:
        """Whether it is not switched off, and RouterOS does not pass over it."""
        return self.values.get("disabled", "no") not in ("yes", "true") and not self.idle

    @property
    def idle(self) -> bool:
        """Whether RouterOS passes over it: it names an interface that is no more, or cannot be held against any.

        Source: measured by others on 7.24 (CHR): such a rule of the filter counts no packet.
        """
        if any(map(_IDLE.fullmatch, self.notes)):
            return True
        return " firewall " in self.menu and any(
            _GONE.fullmatch(self.values.get(key, "")) for key in ("in-interface", "out-interface")
        )


def statement(menu: str, place: int, line: str, notes: tuple[str, ...] = ()) -> Statement:
    """The statement of a line that begins with its verb.

    Raises:
        UnreadableError: no verb, a quote that nothing closes, or a value that only a running script knows.
    """
    verb, _, rest = line.partition(" ")
    if verb not in VERBS:
        raise UnreadableError(line[:20])
    item = above = ""
    values: dict[str, str] = {}
    at, rest = 0, rest.rstrip()
    while at < len(rest):
        found = _TOKEN.match(rest, at)
        if found is None:
            raise UnreadableError(rest[at : at + 20])
        at = found.end()
        if (key := found["key"]) is not None:
            group, dot, _ = key.rpartition(".")
            key = f"{above}{key}" if key.startswith(".") else key  # `configuration.mode=ap .ssid=x` (7.13 and later)
            above = group if dot and group else above
            values[key] = _value(found["quoted"], found["plain"] or "")
        elif found["not"] is None:
            item = item or (found["find"].strip() if found["word"] is None else found["word"])
    return Statement(menu, verb, place, line, item.removeprefix("find").strip(), values, notes)


def _value(quoted: str | None, plain: str) -> str:
    """A value without its quotes; a variable or a command in its place, as scripts have, is none."""
    said = plain if quoted is None else quoted
    if _VARIABLE.search(said) or (quoted is None and plain[:1] in ("[", "(", "{")):
        raise UnreadableError(said[:20])
    return plain if quoted is None else _unescaped(quoted)


def _unescaped(text: str) -> str:
    r"""A quoted value without its escapes; bytes in a row are UTF-8, or else what Windows wrote in the west.

    >>> _unescaped('a\\"b\\_c\\E9\\$ caf\\C3\\A9')
    'a"b cé$ café'
    """

    def plain(match: re.Match[str]) -> str:
        if match[1] is None:
            return _ESCAPED.get(match[2], match[2])
        raw = bytes.fromhex(match[1].replace("\\", ""))
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")

    return _ESCAPE.sub(plain, text)
