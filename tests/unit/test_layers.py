"""Imports go one way: inventory < rules < reports < scanner; wire libraries in scanner/wire only, and late."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("inventory", "rules", "reports", "scanner")
# rules/engine.py talks to the configured OPA: opa-python-client raises the errors of requests.
OPA_ONLY = {("rules/engine.py", "requests")}
WIRE = {"scapy", "nmap", "paramiko", "pysnmp", "requests", "urllib3", "httpx", "aiohttp"}
# SQLAlchemy costs a third of a second: who only asks for help, or judges a recording, does not pay it.
STORE = {"sqlalchemy", "alembic", "psycopg"}
FILES = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
NAMES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, at module level) of every import of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in NAMES else node.module, id(node) in top


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    wire = path.relative_to(ROOT).parts[:2] == ("scanner", "wire")
    for module, top in imports(path):
        head = module.partition(".")[0]
        if head in LAYERS:
            assert LAYERS.index(head) <= layer, f"imports {module}"
        if head in WIRE:
            assert wire or (str(path.relative_to(ROOT)), head) in OPA_ONLY, f"imports {module} outside scanner/wire"
            assert not top, f"imports {module} at module level: every `vigie --help` would pay for it"
        if head in STORE:
            assert layer < 2, f"imports {module}: only the store knows its database"
        assert head != "tests", "imports tests"


def modules() -> dict[str, set[str]]:
    """Module → our modules it imports at module level."""
    return {name: {module for module, top in imports(path) if top and module in NAMES} for name, path in NAMES.items()}


def test_no_import_cycle() -> None:
    graph, done, stack = modules(), set[str](), list[str]()

    def visit(name: str) -> None:
        assert name not in stack, f"import cycle: {' -> '.join([*stack[stack.index(name) :], name])}"
        if name in done:
            return
        stack.append(name)
        for other in sorted(graph[name] - {name}):
            visit(other)
        done.add(stack.pop())

    for name in graph:
        visit(name)


@pytest.mark.parametrize("arguments", [["--help"], ["scan", "--help"], ["check", "/nonexistent"]])
def test_commands_without_network_never_import_wire_libraries(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom scanner.cli import main\n"
        f"try:\n main({arguments!r})\nexcept SystemExit: pass\n"
        f"print(sorted({(WIRE | STORE) - {'requests', 'urllib3'}!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
