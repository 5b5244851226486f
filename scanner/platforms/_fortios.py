"""FortiOS configuration, as `show` writes it: tables (`config` … `end`), their entries (`edit` … `next`) and settings.

Source: Fortinet, "FortiOS CLI Reference", "CLI basics" (Command syntax, Subcommands); seen on 5.2 to 7.4: with VDOMs,
of one VDOM, and with what Oxidized writes above. No library reads it with line numbers and says what it cannot read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from inventory.text import clean
from scanner.platforms._reading import numbered

MAX_DEPTH = 32  # tables in tables; FortiOS has five. Stops 1 MiB of `config x` from growing anything deep
MAX_VDOMS = 64  # each is looked at by itself; FortiGates have ten, the largest 500
_TOKEN = re.compile(r"""[ \t\r\n]*+(?:"((?:[^"\\]|\\[\s\S])*+)"|'([^']*+)'|([^\s"']\S*+|["']\S*+))""")
# A quote that nothing closes takes all that follows: once, not again from every other one.
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*+("|\\?\Z)|'[^']*+'""")
_CLOSES = re.compile(r'(?:[^"\\]|\\.)*+"')
_ESCAPE = re.compile(r"\\([\s\S])")
_VERSION = re.compile(r"#config-version=([A-Za-z0-9]{2,16})-(\d{1,2}\.\d{1,2}(?:\.\d{1,3})?)-FW-build(\d{1,6})-(\d{6})")
_ABOVE = re.compile(r"# ?(Version|Serial-Number|Hostname): (.{1,120})")
_ONE_VDOM = re.compile(r"#global_vdom=0(?::vd_name=.*)?")
_PROMPT = re.compile(r"\S{1,64}(?: \([^)]{1,64}\))? [#$](?: .*)?")
_QUIET = ("move", "rename", "exit", "--More--", "get", "show", "clear")


@dataclass(frozen=True, slots=True)
class Setting:
    """What `set` gave a name, and where."""

    values: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Block:
    """A table (`config`) or an entry of one (`edit`)."""

    name: str
    line: int
    settings: dict[str, Setting] = field(default_factory=dict)
    tables: dict[str, "Block"] = field(default_factory=dict)
    entries: dict[str, "Block"] = field(default_factory=dict)

    def words(self, name: str) -> tuple[str, ...]:
        """The values of a setting, () without it and where it is empty, as `show full-configuration` writes it."""
        found = self.settings.get(name)
        return tuple(filter(None, found.values)) if found else ()

    def one(self, name: str, standard: str = "") -> str:
        """The first value of a setting."""
        return next(iter(self.words(name)), standard)

    def place(self, name: str) -> int:
        """The line of a setting, else that of the block."""
        found = self.settings.get(name)
        return found.line if found else self.line

    def rows(self, table: str) -> tuple["Block", ...]:
        """The entries of a table inside this block."""
        return tuple(self.tables[table].entries.values()) if table in self.tables else ()


@dataclass(slots=True)
class Tree:
    """A configuration: its tables by name, those of every VDOM together; the header; what could not be read."""

    found: dict[str, list[Block]] = field(default_factory=dict)
    header: dict[str, tuple[str, int]] = field(default_factory=dict)  # "code", "version", "build", "date", "serial" …
    bad: list[tuple[str, int, str]] = field(default_factory=list)  # table, line, text
    one_vdom: bool = False  # the file of one VDOM: what belongs to all of them is not in it
    vdoms: dict[str, dict[str, Block]] = field(default_factory=dict)  # the tables of each

    def tables(self, name: str) -> list[Block]:
        """The tables of this name."""
        return self.found.get(name, [])

    def rows(self, name: str) -> Iterator[Block]:
        """The entries of all tables of this name."""
        for table in self.tables(name):
            yield from table.entries.values()

    def domains(self) -> list["Tree"]:
        """What each VDOM knows: its own tables, and those of the whole device; itself where there are no VDOMs."""
        if not self.vdoms:
            return [self]
        own = {id(block) for tables in self.vdoms.values() for block in tables.values()}
        shared = {name: [block for block in blocks if id(block) not in own] for name, blocks in self.found.items()}
        common = {name: blocks for name, blocks in shared.items() if blocks}
        parts = ({name: [block] for name, block in tables.items()} for tables in list(self.vdoms.values())[:MAX_VDOMS])
        return [Tree({**common, **part}, self.header, self.bad, self.one_vdom) for part in parts]

    @property
    def whole(self) -> bool:
        """Whether a table that is not there is one in which everything is as delivered: full files have policies."""
        return "code" in self.header and "firewall policy" in self.found and not self.bad

    def bad_of(self, *names: str) -> list[tuple[int, str]]:
        """The lines that could not be read in these tables, or stand in no table."""
        return [(line, text) for table, line, text in self.bad if table in names or not table]


def read_tree(text: str) -> Tree:
    r"""The configuration that the text is.

    >>> tree = read_tree('config system dns\n    set primary 9.9.9.9\nend\n')
    >>> tree.tables("system dns")[0].settings["primary"]
    Setting(values=('9.9.9.9',), line=2)
    """
    tree = Tree()
    top = Block("", 1)
    stack = [top]
    begun = False
    for place, line in _statements(text, tree):
        word = line.split(None, 1)[0]
        if word.startswith("#"):
            _comment(tree, place, line.strip())
        elif not begun and word != "config":
            continue  # what stands above: a prompt, an answer to something else
        else:
            begun = True
            _step(tree, stack, place, line)
    if len(stack) > 1:
        tree.bad += [(block.name, place_of(text), "the text ends inside") for block in stack[1:]]
    _file(tree, top)
    return tree


def place_of(text: str) -> int:
    """The number of the last line."""
    return text.count("\n") + 1


def _statements(text: str, tree: Tree) -> Iterator[tuple[int, str]]:
    """The lines, those that a quote holds together as one, with the number of the first."""
    opened: list[str] = []
    began = 0
    for place, line in numbered(text):
        if opened:
            opened.append(line)
            if (end := _CLOSES.match(line)) and not _is_open(line[end.end() :]):
                yield began, "\n".join(opened)
                opened = []
        elif '"' in line and not line.lstrip().startswith("#") and _is_open(line):
            opened, began = [line], place
        else:
            yield place, line
    if opened:
        tree.bad.append(("", began, clean(opened[0])))


def _is_open(line: str) -> bool:
    r"""Whether a quote of the line is not closed in it.

    >>> _is_open(r'set comment "a \" b'), _is_open(r'set comment "a \" b"'), _is_open("set comment '\"'")
    (True, False, False)
    """
    return any(quoted[1] not in (None, '"') for quoted in _QUOTED.finditer(line))


def _comment(tree: Tree, place: int, line: str) -> None:
    if found := _VERSION.match(line):
        for name, value in zip(("code", "version", "build", "date"), found.groups(), strict=True):
            tree.header.setdefault(name, (value, place))
    elif found := _ABOVE.fullmatch(line):
        tree.header.setdefault(f"above {found[1].lower()}", (clean(found[2]), place))
    elif _ONE_VDOM.fullmatch(line):
        tree.one_vdom = True


def tokens(line: str) -> list[str]:
    r"""The words of a line, without quotes and escapes; a `#` of its own begins a comment.

    >>> tokens('set comment "the \\"old\\" line" # since 2019')
    ['set', 'comment', 'the "old" line']
    """
    found = []
    for match in _TOKEN.finditer(line):
        if match[3] == "#":
            break
        found.append(_ESCAPE.sub(r"\1", match[1]) if match[1] is not None else match[2] or match[3] or "")
    return found


def _step(tree: Tree, stack: list[Block], place: int, line: str) -> None:
    """Carry out one line."""
    words = tokens(line)
    top, verb = stack[-1], words[0] if words else ""
    entry = len(stack) > 1 and stack[-2].entries.get(top.name) is top
    match verb, len(words):
        case "config", size if size > 1 and len(stack) < MAX_DEPTH:
            name = " ".join(words[1:])
            stack.append(top.tables.setdefault(name, Block(name, place)))
        case "edit", size if size > 1 and len(stack) > 1 and not entry:
            stack.append(top.entries.setdefault(words[1], Block(words[1], place)))
        case "next", 1 if entry:
            stack.pop()
        case "end", 1 if len(stack) > 1:
            del stack[-2 if entry else -1 :]
        case (("set" | "append"), size) if size > 1 and len(stack) > 1:
            before = top.words(words[1]) if verb == "append" else ()
            top.settings[words[1]] = Setting((*before, *words[2:]), place)
        case "unset", size if size > 1:
            top.settings.pop(words[1], None)
        case "delete", 2:
            top.entries.pop(words[1], None)
        case _ if verb not in _QUIET and not _PROMPT.fullmatch(line.strip()):
            # An entry's name is the device's; the table says which facts the line may belong to.
            table = next((block.name for block in reversed(stack) if _is_table(stack, block)), "")
            tree.bad.append((table, place, clean(line)))


def _is_table(stack: list[Block], block: Block) -> bool:
    at = next(index for index, item in enumerate(stack) if item is block)
    return at > 0 and stack[at - 1].tables.get(block.name) is block


def _file(tree: Tree, top: Block) -> None:
    """Put the tables of the device, and of each VDOM, under their names."""
    for name, table in top.tables.items():
        parts = [table] if name == "global" else list(table.entries.values()) if name == "vdom" else []
        for part in parts:
            for inner, block in part.tables.items():
                tree.found.setdefault(inner, []).append(block)
            if name == "vdom" and part.tables:
                tree.vdoms.setdefault(part.name, {}).update(part.tables)
        if name not in ("global", "vdom"):
            tree.found.setdefault(name, []).append(table)
