"""The embedded engine and a real OPA server give the same outcomes and assessments, whatever evidence is missing."""

from collections.abc import Iterator
from typing import Any

import pytest
from opa_client import OpaClient

from inventory.errors import PolicyError
from inventory.snapshot import Snapshot
from rules import check
from rules.engine import EmbeddedEngine, OpaServerEngine
from rules.outcome import RuleError
from rules.rule import Policy
from tests.unit.rules.scenarios import NAMES, deleted, document
from tests.unit.rules.test_engine import RAISING, spoiled

MUTATED = 200  # snapshots; the property itself was measured on 21,000 evaluations


@pytest.fixture(scope="module")
def server(opa_server: str) -> OpaServerEngine:
    return OpaServerEngine(opa_server)


def snapshots() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every scenario, then the scenarios in turn with evidence taken out."""
    for name in NAMES:
        yield name, document(name)
    for seed in range(MUTATED):
        name = NAMES[seed % len(NAMES)]
        yield f"{name} {seed}", deleted(document(name), seed)[0]


def test_the_same_everywhere(policy: Policy, engine: EmbeddedEngine, server: OpaServerEngine) -> None:
    for name, data in snapshots():
        snapshot = Snapshot.from_json(data)
        embedded = engine.evaluate(snapshot.to_json(), policy)
        assert server.evaluate(snapshot.to_json(), policy) == embedded, name
        assert not [item for item in embedded.values() if isinstance(item, RuleError)], name


@pytest.mark.parametrize("name", NAMES)
def test_the_same_assessment(name: str, policy: Policy, engine: EmbeddedEngine, server: OpaServerEngine) -> None:
    ours, theirs = (check(Snapshot.from_json(document(name)), policy, each).to_json() for each in (engine, server))
    assert ours == theirs


@pytest.mark.parametrize("body", RAISING)
def test_what_raises_in_one_raises_in_the_other(opa_server: str, policy: Policy, body: str) -> None:
    engines = (EmbeddedEngine(), OpaServerEngine(opa_server))
    ours, theirs = (each.evaluate(document("smb1"), spoiled(policy, body)) for each in engines)
    assert isinstance(ours["ans.cp02.smb1"], RuleError)
    assert isinstance(theirs["ans.cp02.smb1"], RuleError)
    rest = [name for name in ours if name != "ans.cp02.smb1"]
    assert [ours[name] for name in rest] == [theirs[name] for name in rest]


def test_what_another_policy_left_on_the_server_is_gone(opa_server: str, policy: Policy) -> None:
    """A rule of an older policy, or a second file in a package, must not speak any more."""
    port = int(opa_server.rpartition(":")[2])
    client = OpaClient(host="127.0.0.1", port=port, timeout=30)
    stray = "package ans.cp02.smb1\n\nfail contains finding if finding := {}\n"
    client.update_policy_from_string(stray, "some/where/else", rego_compat=False)
    client.update_policy_from_string("package ans.cp09.old\n\nfail := 1\n", "ans/cp09/old", rego_compat=False)
    client.update_policy_from_string("package mine\n\nx := 1\n", "mine", rego_compat=False)
    data = document("healthy")
    assert OpaServerEngine(opa_server).evaluate(data, policy) == EmbeddedEngine().evaluate(data, policy)
    left = client.get_policies_list()
    assert "mine" in left
    assert not {"some/where/else", "ans/cp09/old"} & set(left)
    client.delete_policy("mine")
    client.close_connection()


def test_a_server_that_lost_its_policy_is_an_error(opa_server: str, policy: Policy) -> None:
    engine = OpaServerEngine(opa_server)
    engine.evaluate(document("healthy"), policy)
    with OpaClient(host="127.0.0.1", port=int(opa_server.rpartition(":")[2]), timeout=30) as client:
        for name in sorted(client.get_policies_list()):  # rules, then what they import
            client.delete_policy(name)
    with pytest.raises(PolicyError, match="no answer for"):
        engine.evaluate(document("healthy"), policy)
