"""The configuration of a USG as its own agent writes it, in JSON, as the tree that the other forms give. Pure.

Source: Ubiquiti, "UniFi - USG Advanced Configuration" (`mca-ctrl -t dump-cfg`): a setting without a value is `"''"`,
one with several is a list.
"""

from inventory.text import clean
from scanner.platforms._json import NoJsonError, Value, read_json
from scanner.platforms._vyatta import MAX_NODES, Configuration, Node

_NOTHING = frozenset({"", "''"})


def read_dump(text: str) -> Configuration | None:
    r"""The tree; None when the text is no such document.

    >>> tree = read_dump('{"service": {\n"ssh": {"port": "22"},\n"lldp": "\'\'"}}')
    >>> tree.root.value("service", "ssh", "port"), tree.root.place("service", "lldp")
    ('22', 3)
    """
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return None
    try:
        document = read_json(text.lstrip("\ufeff"))
    except NoJsonError:
        return None
    told = Configuration()
    told.torn = _grow(told.root, document)
    # What an owner writes for the controller to add is such a document too, and only a piece.
    told.piece = not told.root.has("system", "login", "user")
    return told


def _grow(root: Node, document: Value) -> tuple[int, str] | None:
    """Make the words below the root; where that ends, if there are more than a tree may have."""
    waiting = [(root, document)]
    count = 0
    while waiting:
        node, value = waiting.pop()
        for name, inner in _pairs(value):
            count += 1
            if count > MAX_NODES:
                return inner.line, clean(name)
            below = node.kids.setdefault(name, Node(name, inner.line))
            waiting.append((below, inner))
    return None


def _pairs(value: Value) -> list[tuple[str, Value]]:
    """The words right below, each with what is below it."""
    if isinstance(value.data, dict):
        return [(name.replace("&quot;", '"'), inner) for name, inner in value.data.items()]
    rows = value.data if isinstance(value.data, list) else [value]
    words = [(str(row.data).replace("&quot;", '"'), row.line) for row in rows if isinstance(row.data, (str, int))]
    return [(word, Value(None, line)) for word, line in words if word not in _NOTHING]
