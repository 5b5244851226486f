"""The portable profile of Rego: what both engines read the same way, checked on regorus' own syntax tree.

On a snapshot a missing fact is the normal case, and the engines differ exactly there (docs/adr/0002): when `x` is
missing, `not f(input.x)` is undefined in OPA and true in regorus. So a rule file that leaves the profile is refused
before it judges anything. Knows nothing of what a rule means.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.errors import PolicyError

MAX_COLUMNS = 120  # characters; regorus refuses 1,024 columns
MAX_NESTING = 12  # literals inside literals; regorus needs exponential time from about 16

# Pure, without locale, clock or float, and equal in both engines. Widen it with a case in the differential test.
ALLOWED = frozenset({
    "array.concat", "array.slice", "concat", "contains", "count", "endswith", "format_int", "indexof",
    "intersection", "is_array", "is_boolean", "is_null", "is_number", "is_object", "is_string", "max", "min",
    "net.cidr_contains", "object.get", "object.keys", "object.remove", "object.union", "regex.match", "replace", "sort",
    "split", "startswith", "substring", "sum", "time.parse_rfc3339_ns", "trim", "trim_prefix", "trim_space",
    "trim_suffix", "union", "walk",
})  # fmt: skip
_COLLECTIONS = ("Array", "Set", "Object")

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Module:
    """What the loader needs to know of one Rego file."""

    package: str  # "ans.cp02.smb1"
    names: frozenset[str]  # of its rules and functions
    causes: frozenset[str]  # words used as "cause"


def lint(file: str, source: str) -> Module:
    """The module of a Rego file inside the profile; PolicyError with file and line where it leaves it."""
    for number, text in enumerate(source.splitlines(), 1):
        if len(text) > MAX_COLUMNS:
            raise PolicyError(file, number, f"line longer than {MAX_COLUMNS} characters")
    tree = _tree(file, source)
    rules = [next(iter(rule.values())) | {"kind": next(iter(rule))} for rule in tree["rules"]]
    local = frozenset(filter(None, map(_rule_name, rules)))
    aliases = frozenset(filter(None, (_alias(item, source) for item in tree["imports"])))
    for row, fault in _faults(tree, rules, local, aliases):
        raise PolicyError(file, row, fault)
    return Module(".".join(_path(tree["package"]["refr"])), local, frozenset(_causes(tree)))


def _tree(file: str, source: str) -> Any:  # noqa: ANN401 — regorus' tree is not typed
    import regorus

    engine = regorus.Engine()
    try:
        engine.add_policy(file, source)
    except RuntimeError as error:
        line, reason = _located(str(error))
        raise PolicyError(file, line, reason) from None
    return json.loads(engine.get_ast_as_json())[0]["ast"]


def _located(message: str) -> tuple[int | None, str]:
    """Line and reason of a regorus error.

    >>> _located("\\n--> a/b.rego:4:5\\n  |\\n4 | x := \\n  | ^\\nerror: expecting expression")
    (4, 'expecting expression')
    """
    lines = message.split("Stack backtrace")[0].strip().splitlines()
    place = next((line for line in lines if line.strip().startswith("-->")), "").rsplit(":", 2)
    reason = next((line for line in lines if "error:" in line), lines[-1] if lines else "not Rego")
    return int(place[1]) if len(place) == 3 and place[1].isdigit() else None, reason.split("error:")[-1].strip()


def _faults(tree: Node, rules: list[Node], local: frozenset[str], aliases: frozenset[str]) -> Iterator[tuple[int, str]]:
    for rule in rules:
        yield from _head_faults(rule)
    for kind, node in _nodes(tree["rules"]):
        if kind == "NotExpr":
            yield from _negation_faults(node)
        elif kind == "Call":
            yield from _call_faults(node, local, aliases)
        elif kind == "AssignExpr" and _path(node["rhs"].get("Call", {}).get("fcn", {})) == ["walk"]:
            yield _line(node), "walk() assigned: write walk(x, [path, value])"
        elif kind == "Number" and isinstance(node["value"], float):
            yield _line(node), "a float: engines round and print them differently"
        elif kind in _COLLECTIONS and _depth({kind: node}) > MAX_NESTING:
            yield _line(node), f"literals nested deeper than {MAX_NESTING}"


def _head_faults(rule: Node) -> Iterator[tuple[int, str]]:
    """A reference in a head is undefined or an error when the fact is missing: it must be bound in the body."""
    for kind, head in rule.get("head", {}).items():
        key = head.get("key") if kind == "Set" else head["refr"].get("RefBrack", {}).get("index")
        if key is not None and "Var" not in key and "String" not in key:
            yield _line(head), "the key or term of a rule head is not a variable bound in the body"


def _negation_faults(node: Node) -> Iterator[tuple[int, str]]:
    for kind, inner in _nodes(node["expr"]):
        if kind == "Call" and any(_has_reference(parameter) for parameter in inner["params"]):
            yield _line(node), "a call on a reference inside `not`: bind the argument first"
        if kind == "Membership" and _has_reference(inner):
            yield _line(node), "`in` on a reference inside `not`: bind it first"


def _call_faults(node: Node, local: frozenset[str], aliases: frozenset[str]) -> Iterator[tuple[int, str]]:
    path = _path(node["fcn"])
    name = ".".join(path)
    if name not in ALLOWED and name not in local and (len(path) < 2 or path[0] not in aliases):
        yield _line(node), f"{name or 'this call'}: not a builtin of the portable profile"


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Every (kind, node) of the tree, parents first."""
    if isinstance(tree, dict):
        for kind, node in tree.items():
            if isinstance(node, dict):
                yield kind, node
            yield from _nodes(node)
    elif isinstance(tree, list):
        for node in tree:
            yield from _nodes(node)


def _path(reference: Node) -> list[str]:
    """The dotted path of a reference, empty when it is not a plain one."""
    if "Var" in reference:
        return [str(reference["Var"]["value"])]
    if "RefDot" in reference and (head := _path(reference["RefDot"]["refr"])):
        return [*head, str(reference["RefDot"]["field"][-1])]
    return []


def _has_reference(tree: Any) -> bool:  # noqa: ANN401
    return any(kind in ("RefDot", "RefBrack") for kind, _ in _nodes(tree))


def _depth(tree: Any) -> int:  # noqa: ANN401
    if isinstance(tree, dict):
        here = any(kind in tree for kind in _COLLECTIONS)
        return int(here) + max((_depth(node) for node in tree.values()), default=0)
    return max((_depth(node) for node in tree), default=0) if isinstance(tree, list) else 0


def _line(node: Node) -> int:
    return int(node["span"]["line"])


def _rule_name(rule: Node) -> str | None:
    reference = rule["refr"] if rule["kind"] == "Default" else next(iter(rule["head"].values()))["refr"]
    while "Var" not in reference:
        reference = next(iter(reference.values()))["refr"]
    return str(reference["Var"]["value"])


def _alias(item: Node, source: str) -> str | None:
    """The name that an import gives; the tree holds only the place of the word after `as`."""
    if renamed := item.get("as"):
        return source.encode()[renamed["start"] : renamed["end"]].decode()
    path = _path(item["refr"])
    return path[-1] if path[:1] == ["data"] else None


def _causes(tree: Any) -> Iterator[str]:  # noqa: ANN401
    """The words a rule gives as cause: values of literal "cause" keys."""
    for kind, node in _nodes(tree):
        for _, key, value in node["fields"] if kind == "Object" else ():
            if key.get("String", {}).get("value") == "cause" and "String" in value:
                yield str(value["String"]["value"])
