"""The recorded scenarios of tests/sites, and seeded ways to take evidence out of them."""

import copy
import json
import random
from pathlib import Path
from typing import Any

from inventory.snapshot import Snapshot

SITES = Path(__file__).parents[2] / "sites"
NAMES = sorted(path.name for path in SITES.iterdir() if (path / "snapshot.json").is_file())

# What may go from a fact group without breaking the schema: the fields that have a default of None.
_GROUPS = ("network", "system", "declared", "classification")
_INNER = (
    ("network", "ssh", "pinned"),
    ("network", "smb", "shares"),
    ("network", "upnp", "types"),
    ("network", "upnp", "mappings"),
    ("network", "snmp", "default_community"),
    ("system", "updates"),
    ("system", "identity", "firmware"),
    ("system", "ssh", "password_authentication"),
    ("system", "snmp", "default_community"),
    ("system", "snmp", "versions"),
)


def document(name: str) -> dict[str, Any]:
    """The snapshot of a scenario as JSON data."""
    data: dict[str, Any] = json.loads((SITES / name / "snapshot.json").read_text("utf-8"))
    return data


def snapshot(name: str) -> Snapshot:
    """The snapshot of a scenario."""
    return Snapshot.from_json(document(name))


def deleted(data: dict[str, Any], seed: int) -> tuple[dict[str, Any], list[str]]:
    """The data with one to six pieces of evidence taken out, and what went: "facts a/network.smb", "device a", …"""
    chance = random.Random(seed)
    data = copy.deepcopy(data)
    gone = []
    for _ in range(chance.randint(1, 6)):
        ways = (_fact, _fact, _fact, _group, _coverage, _provenance, _history, _device)
        if (what := chance.choice(ways)(data, chance)) is not None:
            gone.append(what)
    return data, gone


def _pick(data: dict[str, Any], chance: random.Random) -> Any:
    return chance.choice(data["devices"]) if data["devices"] else None


def _fact(data: dict[str, Any], chance: random.Random) -> str | None:
    device = _pick(data, chance)
    paths: list[tuple[str, ...]] = [
        (group, name) for group in ("network", "system") for name in (device or {}).get(group, {})
    ]
    paths += [path for path in _INNER if _holder(device or {}, path) is not None]
    if not paths:
        return None
    path = chance.choice(paths)
    holder = _holder(device, path)
    assert holder is not None
    del holder[path[-1]]
    return f"fact {device['id']} {'.'.join(path)}"


def _holder(device: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    node: Any = device
    for name in path[:-1]:
        node = node.get(name, {})
    return node if path[-1] in node else None


def _group(data: dict[str, Any], chance: random.Random) -> str | None:
    device = _pick(data, chance)
    groups = [name for name in _GROUPS if name in (device or {})]
    if not groups:
        return None
    name = chance.choice(groups)
    del device[name]
    return f"fact {device['id']} {name}"


def _coverage(data: dict[str, Any], chance: random.Random) -> str | None:
    """An entry goes, but not one that says of a sweep that it failed: that is no evidence, it is the lack of it."""
    able = [
        entry for entry in data["coverage"] if entry["source"] not in ("arp", "vantage") or entry["status"] == "done"
    ]
    if not able:
        return None
    entry = chance.choice(able)
    data["coverage"].remove(entry)
    return f"coverage {entry.get('device')} {entry['source']} {entry['status']}"


def _provenance(data: dict[str, Any], chance: random.Random) -> str | None:
    if not data["provenance"]:
        return None
    pointer = chance.choice(sorted(data["provenance"]))
    del data["provenance"][pointer]
    return f"provenance {pointer}"


def _history(data: dict[str, Any], chance: random.Random) -> str | None:
    if not data["history"]:
        return None
    name = chance.choice(sorted(data["history"]))
    del data["history"][name]
    return f"history {name}"


def _device(data: dict[str, Any], chance: random.Random) -> str | None:
    """A device goes, and with it, half of the time, every entry that names it."""
    device = _pick(data, chance)
    if device is None or chance.random() < 0.5:
        return None
    data["devices"].remove(device)
    if chance.random() < 0.5:
        return f"device {device['id']}"
    data["coverage"] = [entry for entry in data["coverage"] if entry.get("device") != device["id"]]
    return f"device {device['id']} without trace"
