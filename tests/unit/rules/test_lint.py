"""Each form outside the portable profile is refused, with file and line."""

import pytest

from inventory.errors import PolicyError
from rules.lint import Module, lint

HEAD = "package a\n\nimport data.lib.wire\n\n"  # a body written after it begins at line 5


def ok(body: str) -> str:
    return f"fail contains finding if {{\n\tsome device in input.devices\n\t{body}\n\tfinding := device.id\n}}\n"


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        (ok("not startswith(device.name, `a`)"), 7, "a call on a reference inside `not`"),
        (ok("not wire.closed(device.network, [1])"), 7, "a call on a reference inside `not`"),
        (ok("not count(device.ports) > 0"), 7, "a call on a reference inside `not`"),
        (ok('not startswith(device["name"], `a`)'), 7, "a call on a reference inside `not`"),
        (ok("not 5 in device.list"), 7, "`in` on a reference inside `not`"),
        (ok("not device.id in {1}"), 7, "`in` on a reference inside `not`"),
        (ok("[path, value] := walk(device)"), 7, "write walk(x, [path, value])"),
        (ok("pair = walk(device)"), 7, "write walk(x, [path, value])"),
        ("fail contains device.id if some device in input.devices\n", 5, "not a variable bound in the body"),
        (
            'fail contains {"subject": device.id} if some device in input.devices\n',
            5,
            "not a variable bound in the body",
        ),
        ("by[device.id] := 1 if some device in input.devices\n", 5, "not a variable bound in the body"),
        (ok('x := sprintf("%d", [1])'), 7, "sprintf: not a builtin of the portable profile"),
        (ok("x := time.now_ns()"), 7, "time.now_ns: not a builtin"),
        (ok('x := http.send({"url": "u"})'), 7, "http.send: not a builtin"),
        (ok('x := net.lookup_ip_addr("a")'), 7, "net.lookup_ip_addr: not a builtin"),
        (ok("x := opa.runtime()"), 7, "opa.runtime: not a builtin"),
        (ok('x := rand.intn("a", 2)'), 7, "rand.intn: not a builtin"),
        (ok("trace(`x`)"), 7, "trace: not a builtin"),
        (ok("print(device)"), 7, "print: not a builtin"),
        (ok("x := upper(device.name)"), 7, "upper: not a builtin"),
        (ok("x := nope(device)"), 7, "nope: not a builtin"),
        (ok("x := data.lib.wire.label(device)"), 7, "data.lib.wire.label: not a builtin"),
        (ok("1.5 < 2"), 7, "a float"),
        (ok("x := [y | y := 0.1]"), 7, "a float"),
        (ok(f"x := {'[' * 13}1{']' * 13}"), 7, "nested deeper than 12"),
        (f"# {'x' * 119}\n", 5, "line longer than 120"),
        ("fail contains x if {\n\tx :=\n}\n", 6, "expecting"),
    ],
)
def test_refused(body: str, line: int, reason: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        lint("ans/cp02/x.rego", HEAD + body)
    assert str(refusal.value).startswith(f"ans/cp02/x.rego:{line}: ")
    assert reason in refusal.value.reason


@pytest.mark.parametrize(
    "body",
    [
        ok("not device.name"),
        ok("not device.ports[0]"),
        ok('not device.id == "a"'),
        ok("name := device.name\n\tnot startswith(name, `a`)"),
        ok("list := device.list\n\tnot 5 in list"),
        ok("not _odd(device)") + "\n_odd(d) if d.x == 1\n",
        ok("walk(device, [path, value])\n\tcount(path) > 1\n\tvalue == 1"),
        ok(f"x := {'[' * 12}1{']' * 12}"),
        ok("wire.closed(device, [22], [])"),
        ok("some_time := time.parse_rfc3339_ns(input.taken_at)"),
        'by["key"] := 1\n',
        "by[id] := 1 if id := input.id\n",
        "default x := 3\n",
    ],
)
def test_accepted(body: str) -> None:
    assert lint("ans/cp02/x.rego", HEAD + body).package == "a"


def test_what_the_loader_learns() -> None:
    body = 'fail contains x if x := {"cause": "no_ssh", "x": w.label(1)}\n\nf(y) := y\n'
    module = lint("a/b.rego", f"package a.b\n\nimport data.lib.wire as w\n\n{body}")
    assert module == Module("a.b", frozenset({"fail", "f"}), frozenset({"no_ssh"}))
