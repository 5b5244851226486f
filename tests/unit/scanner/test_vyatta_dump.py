"""A USG's configuration as its agent writes it, in JSON: the same facts, and no secret."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from inventory.document import to_json
from scanner.platforms import ubiquiti_unifi
from scanner.platforms._vyatta import Node, read_tree
from scanner.platforms._vyatta_json import read_dump
from scanner.secret_forms.vyatta import without
from scanner.secret_store import SecretStore
from tests.unit.scanner.test_platforms import seen
from tests.unit.scanner.test_vyatta_secrets import PLACES
from tests.unit.scanner.vyatta_samples import USG

DUMP = "mca-ctrl -t dump-cfg"


def dumped(node: Node) -> Any:
    """The tree as the agent writes it."""
    if not node.kids:
        return "''"
    if any(kid.kids for kid in node.kids.values()):
        return {kid.word: dumped(kid) for kid in node.kids.values()}
    words = [kid.word for kid in node.kids.values()]
    return words[0] if len(words) == 1 else words


def test_it_says_what_the_other_form_says() -> None:
    text = json.dumps(dumped(read_tree(USG).root), indent=8)
    found = seen(ubiquiti_unifi, DUMP, text)
    other = to_json(seen(ubiquiti_unifi, "cat /config/config.boot", USG).device)
    del other["system"]["identity"]["firmware"]  # which stands in a comment there
    assert to_json(found.device) == other
    assert not found.unread
    place = found.lines["/system/port_forwards/0"]
    assert '"type": "destination"' in "\n".join(text.split("\n")[place - 1 : place + 25])


def test_a_piece_for_the_controller_says_nothing_of_the_rest() -> None:
    text = json.dumps({"interfaces": {"ethernet": {"eth0": {"address": "dhcp"}}}, "system": {"host-name": "usg"}})
    system = seen(ubiquiti_unifi, DUMP, text).device.system
    assert system is not None
    assert system.interfaces
    assert (system.port_forwards, system.upnp, system.admin, system.services) == (None, None, None, None)


def test_more_words_than_a_tree_may_have_leave_the_rest_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    document = dumped(read_tree(USG).root)
    monkeypatch.setattr("scanner.platforms._vyatta_json.MAX_NODES", 30)
    text = json.dumps(document, indent=8)
    tree = read_dump(text)
    assert tree is not None
    assert tree.torn is not None
    assert not tree.whole
    found = seen(ubiquiti_unifi, DUMP, text)
    assert found.unread
    system = found.device.system
    assert system is not None
    assert (system.port_forwards, system.upnp) == (None, None)


@pytest.mark.parametrize("text", ["{", '{"system": ', '{"system": {}} {', "{}", '{"a": 1}', "{ssh}"])
def test_what_is_no_dump_says_nothing(text: str) -> None:
    found = seen(ubiquiti_unifi, DUMP, text)
    assert found.device.system is None
    assert found.unread


@pytest.mark.parametrize("indent", [None, 8])
@pytest.mark.parametrize("place", [place for place in PLACES if not place.startswith("container")])
def test_every_place_of_a_secret(place: str, indent: int | None) -> None:
    words = ["CaNaRy7Zq9 x" if word == "%" else word.replace("+", " ") for word in place.split()]
    document: Any = "''" if place.split()[-1] != "%" else words.pop()
    for word in reversed(words):
        document = {word: document}
    text = json.dumps({"interfaces": {"loopback": {"lo": "''"}}, **document}, indent=indent)
    kept = SecretStore(Path()).redacted(text)
    assert "CaNaRy7Zq9" not in kept
    assert json.loads(kept)
    assert kept.count("\n") == text.count("\n")


def test_communities_stay_apart() -> None:
    communities = {"un": {"authorization": "ro", "client": ["10.0.0.1"]}, "deux": {"authorization": "rw"}, "public": {}}
    text = json.dumps({"service": {"snmp": {"community": communities}}}, indent=1)
    kept = SecretStore(Path()).redacted(text)
    before, after = read_dump(text), read_dump(kept)
    assert before is not None
    assert after is not None
    path = ("service", "snmp", "community")
    assert len(before.root.below(*path)) == len(after.root.below(*path)) == 3
    assert after.root.has(*path, "public")
    assert "un" not in after.root.words(*path)
    assert SecretStore(Path()).redacted(kept) == kept


@pytest.mark.parametrize(
    "piece", ['{"community":{', '"community": {"a":{},', "{", "[", '{"a":', '"md5": "', '"a-key":']
)
def test_hostile_bodies_take_no_time(piece: str) -> None:
    body = "{" + piece * ((1 << 20) // len(piece))
    began = time.process_time()
    without(body)
    read_dump(body)
    assert time.process_time() - began < 5
