"""The policy files as OPA itself sees them, and the Rego tests in both engines."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import regorus

import rules
from inventory.snapshot import snapshot_schema
from rules.rule import Policy

FOLDER = Path(rules.__file__).parent
POLICY_FILES = sorted(path for path in FOLDER.glob("**/*.rego") if not path.name.endswith("_test.rego"))
TEST_FILES = sorted(FOLDER.glob("**/*_test.rego"))


def run(opa: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([opa, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Path:
    """What the rules see as `data`, as a file."""
    path = tmp_path_factory.mktemp("data") / "data.json"
    path.write_text(json.dumps(policy.data), "utf-8")
    return path


def test_check_strict(opa: Path) -> None:
    checked = run(opa, "check", "--strict", *POLICY_FILES, *TEST_FILES)
    assert checked.returncode == 0, checked.stderr


def test_rules_name_only_facts_that_a_snapshot_has(opa: Path, tmp_path: Path) -> None:
    schema = tmp_path / "snapshot.schema.json"
    schema.write_text(json.dumps(snapshot_schema()), "utf-8")
    checked = run(opa, "check", "--strict", "--schema", schema, *POLICY_FILES)
    assert checked.returncode == 0, checked.stderr
    typo = tmp_path / "typo.rego"
    typo.write_text((FOLDER / "ans/cp02/smb1.rego").read_text("utf-8").replace("smb.smb1", "smb.smb2"), "utf-8")
    checked = run(opa, "check", "--strict", "--schema", schema, FOLDER / "lib/wire.rego", typo)
    assert "undefined ref: device.network.smb.smb2" in checked.stderr


def test_formatted(opa: Path) -> None:
    formatted = run(opa, "fmt", "--diff", *POLICY_FILES, *TEST_FILES)
    assert (formatted.returncode, formatted.stdout) == (0, ""), formatted.stdout + formatted.stderr


def test_every_line_of_every_rule_is_tested(opa: Path, data: Path) -> None:
    tested = run(opa, "test", "--coverage", "--format=json", *POLICY_FILES, *TEST_FILES, data)
    assert tested.returncode == 0, tested.stdout
    files = json.loads(tested.stdout)["files"]
    missed = {str(path): files[str(path)].get("not_covered", []) for path in POLICY_FILES}
    assert {path: lines for path, lines in missed.items() if lines} == {}


def test_the_rego_tests_pass_in_both_engines(opa: Path, data: Path, policy: Policy) -> None:
    tested = run(opa, "test", "--format=json", *POLICY_FILES, *TEST_FILES, data)
    in_opa = {f"{result['package']}.{result['name']}": "fail" not in result for result in json.loads(tested.stdout)}
    assert embedded_tests(policy) == in_opa


def test_the_rego_tests_pass_in_the_embedded_engine(policy: Policy) -> None:
    results = embedded_tests(policy)
    assert [name for name, passed in results.items() if not passed] == []
    assert {name.rsplit(".", 1)[0].removeprefix("data.").removesuffix("_test") for name in results} == {
        item.package for item in policy.rego()
    }


def embedded_tests(policy: Policy) -> dict[str, bool]:
    """Every `test_` rule with whether it passes in regorus."""
    engine = regorus.Engine()
    for path in (*POLICY_FILES, *TEST_FILES):
        engine.add_policy(str(path), path.read_text("utf-8"))
    engine.add_data(dict(policy.data))
    return {name: engine.eval_rule(name) is True for name in sorted(_tests(json.loads(engine.get_ast_as_json())))}


def _tests(modules: list[dict[str, Any]]) -> set[str]:
    names = set()
    for module in modules:
        path = Path(module["source"]["file"])
        if not path.name.endswith("_test.rego"):
            continue
        package = path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", ".")
        heads = [
            rule["Spec"]["head"]["Compr"]["refr"]["Var"]["value"] for rule in module["ast"]["rules"] if _is_plain(rule)
        ]
        names |= {f"data.{package}.{name}" for name in heads if name.startswith("test_")}
    return names


def _is_plain(rule: dict[str, Any]) -> bool:
    return "Var" in rule.get("Spec", {}).get("head", {}).get("Compr", {}).get("refr", {})
