"""Rules from their METADATA annotations, the ten checkpoints, and all of it as one policy.

A rule is one Rego file; its package path is its identity and must be its place on disk. Knows nothing of snapshots'
values, only of the paths that a snapshot can have.
"""

import hashlib
import json
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inventory.device import Category, Device
from inventory.document import from_json, type_hints
from inventory.errors import ParseError, PolicyError
from inventory.snapshot import History, SiteFacts, Status
from rules.finding import RuleText, Severity, Words
from rules.lint import Module, lint
from rules.words import mistake

SETS = ("fail", "warn", "unknown", "not_applicable")
Basis = Literal["memento", "pgssi-s", "anssi", "cnil", "case-law", "good-practice", "law"]

# Words that verdict() itself gives as cause; with the coverage statuses they must all be in data/causes.yaml.
HOST_CAUSES = (
    "not_collected", "not_seen", "not_declared", "unread_lines", "rule_error", "category_uncertain", "no_device_seen",
    "guest_view_alone",
    "not_swept", "device_missing", "no_such_device",
)  # fmt: skip
_ROOTS: Mapping[str, type] = {"device": Device, "site": SiteFacts, "history": History}
_ID = re.compile(r"ANS-\d{2}\.\d{2}")


@dataclass(frozen=True, slots=True)
class RegoFile:
    """A Rego file of the policy."""

    package: str  # "ans.cp02.smb1"
    file: str  # relative to the policy folder
    source: str


@dataclass(frozen=True, slots=True)
class Rule(RegoFile):
    """One rule: what its file says and what its annotations say of it."""

    sets: tuple[str, ...]  # those of SETS that it defines
    id: str
    title: Words
    severity: Severity
    checkpoints: tuple[str, ...]
    principle: str
    basis: tuple[Basis, ...]
    subject: Literal["device", "site"]
    needs: tuple[tuple[str, ...], ...]  # any one alternative allows a pass
    message: Words  # of a fail; of a warn, where the rule accuses nobody
    remedy: Words
    references: tuple[str, ...]
    roles: tuple[Category, ...] = ()  # empty: every device
    warning: Words | None = None
    unknown: Words | None = None  # instead of the cause's own words
    memento_rule: str | None = None

    def text(self) -> RuleText:
        """What a report needs of the rule."""
        return RuleText(
            self.id, self.title, self.severity, self.checkpoints, self.basis, self.references, self.memento_rule
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One of the ten ANS checkpoints."""

    key: str
    title: Words
    principles: tuple[str, ...]
    source: str  # who printed the French title
    confidence: str  # that it is the memento's own wording
    official_ref: str = ""
    by_person: Words | None = None  # what most of it is about and no scan sees: without a person's word, incomplete


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decides a verdict besides the snapshot."""

    rules: tuple[Rule, ...]  # by id
    libraries: tuple[RegoFile, ...]
    data: Mapping[str, Any]  # what Rego sees as `data`: {"parameters": {name: value}, "end_of_life": the whole table}
    causes: Mapping[str, Words]
    checkpoints: tuple[Checkpoint, ...]
    sha256: str  # over every file the policy was read from

    def rego(self) -> tuple[RegoFile, ...]:
        """Every file that an engine loads, libraries first: OPA refuses a rule that arrives before its library."""
        return (*self.libraries, *self.rules)


def load_policy(folder: Path | None = None) -> Policy:
    """The policy of a folder laid out as `rules/` (default: the packaged one); PolicyError names file and line."""
    root = folder or Path(__file__).parent
    files = {path.relative_to(root).as_posix(): _text(path) for path in _policy_files(root)}
    rego = {name: source for name, source in files.items() if name.endswith(".rego")}
    modules = {name: lint(name, source) for name, source in rego.items()}
    for name, module in modules.items():
        if module.package != name.removesuffix(".rego").replace("/", "."):
            raise PolicyError(name, None, f"package {module.package} is not the file's place")
    libraries = tuple(RegoFile(modules[name].package, name, rego[name]) for name in rego if name.startswith("lib/"))
    policy = Policy(
        rules=_unique(_rule(name, rego[name], modules[name]) for name in rego if name.startswith("ans/")),
        libraries=libraries,
        data={"parameters": _parameters(files), **_tables(files)},
        causes=_typed(Mapping[str, Words], _yaml(files, "data/causes.yaml"), "data/causes.yaml"),
        checkpoints=_typed(tuple[Checkpoint, ...], _yaml(files, "ans/checkpoints.yaml"), "ans/checkpoints.yaml"),
        sha256=_digest(files),
    )
    _check_words(policy, modules)
    return policy


def _policy_files(root: Path) -> list[Path]:
    """The files of a policy in a fixed order; tests are not part of it."""
    found = [*root.glob("ans/**/*.rego"), *root.glob("lib/*.rego")]
    rego = [path for path in found if not path.name.endswith("_test.rego")]
    return sorted([*rego, *root.glob("ans/checkpoints.yaml"), *root.glob("data/*.yaml")])


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(str(path), None, f"cannot be read: {error}") from error


def _digest(files: Mapping[str, str]) -> str:
    """sha256 over the names and contents, each with its length so that no two policies run together."""
    digest = hashlib.sha256()
    for text in (part for item in sorted(files.items()) for part in item):
        raw = text.encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def _rule(file: str, source: str, module: Module) -> Rule:
    annotations, line = _metadata(file, source)
    host = {"package": module.package, "file": file, "source": source}
    defined = [name for name in SETS if name in module.names]
    try:
        rule: Rule = from_json(Rule, {**annotations, **host, "sets": defined})
    except ParseError as error:
        raise PolicyError(file, line, f"annotation custom{error.source}: {error.reason}") from error
    for reason in _faults(rule):
        raise PolicyError(file, line, reason)
    return rule


def _metadata(file: str, source: str) -> tuple[Mapping[str, Any], int]:
    """The `custom` part of the METADATA block above the package, and the line the block begins at."""
    lines = source.splitlines()
    starts = [number for number, line in enumerate(lines) if line.replace(" ", "") == "#METADATA"]
    if not starts:
        raise PolicyError(file, 1, "no METADATA block")
    body = []
    for line in lines[starts[0] + 1 :]:
        if not line.startswith("#"):
            break
        body.append(line[1:].removeprefix(" "))
    block = _parsed("\n".join(body), file, starts[0] + 1)
    if not isinstance(block, dict) or block.get("scope") != "package" or not isinstance(block.get("custom"), dict):
        raise PolicyError(file, starts[0] + 1, "METADATA without `scope: package` and `custom`")
    return block["custom"], starts[0] + 1


def _faults(rule: Rule) -> Iterator[str]:
    """What is wrong with annotations that have the right types."""
    if not _ID.fullmatch(rule.id):
        yield f"id {rule.id!r} is not of the form ANS-02.14"
    if not {"fail", "warn"} & set(rule.sets):
        yield "the rule defines neither `fail` nor `warn`"
    if ("fail" in rule.sets and "warn" in rule.sets) != (rule.warning is not None):
        yield "`warn` beside `fail` and the annotation `warning` go together"
    for name in ("checkpoints", "basis", "references", "needs"):
        if not getattr(rule, name):
            yield f"annotation {name} is empty"
    for path in {path for alternative in rule.needs for path in alternative}:
        if not _is_path(path, rule.subject):
            yield f"needs names {path!r}, which no snapshot has"
    for words in filter(None, (rule.title, rule.message, rule.remedy, rule.warning, rule.unknown)):
        for text in (words.fr, words.en):
            if not text.strip() or mistake(text):
                yield mistake(text) or "an empty text"


def _is_path(path: str, subject: str) -> bool:
    """Whether a path of `needs` exists in the types.

    >>> [_is_path(path, "device") for path in ("device.network.smb", "device.network.smd", "coverage.arp")]
    [True, False, True]
    """
    root, *fields = path.split(".")
    if root == "coverage":
        return len(fields) == 1
    kind: Any = None if root == "device" and subject == "site" else _ROOTS.get(root)
    for field in fields:
        hints = type_hints(kind) if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__") else {}
        required = [item for item in typing.get_args(hints.get(field)) if item is not type(None)]
        kind = required[0] if len(required) == 1 else hints.get(field)
    return kind is not None and bool(fields)


def _unique(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in known:
            raise PolicyError(rule.file, None, f"{rule.id} is already the id of {known[rule.id].file}")
        known[rule.id] = rule
    return tuple(known[name] for name in sorted(known))


def _parameters(files: Mapping[str, str]) -> dict[str, Any]:
    """The values alone; every parameter must say where it comes from."""
    name = "data/parameters.yaml"
    parameters = _yaml(files, name)
    for key, item in parameters.items() if isinstance(parameters, dict) else [("", None)]:
        if not isinstance(item, dict) or "value" not in item or not item.get("source"):
            raise PolicyError(name, None, f"{key or 'the file'}: a parameter has a value and a source")
    return {key: item["value"] for key, item in sorted(parameters.items())}


def _tables(files: Mapping[str, str]) -> dict[str, Any]:
    """Every other data file whole, by its name; a table says where it comes from and of which day it is."""
    tables = {}
    for name in files:
        stem = name.removeprefix("data/").removesuffix(".yaml")
        if not name.startswith("data/") or stem in ("parameters", "causes"):
            continue
        table = _yaml(files, name)
        if stem in ("ans", "lib"):
            raise PolicyError(name, None, "would hide the rules, which Rego sees under the same name")
        if not isinstance(table, dict) or not all(table.get(key) for key in ("source", "date")):
            raise PolicyError(name, None, "a table has a source and a date")
        try:
            json.dumps(table)
        except TypeError as error:
            raise PolicyError(name, None, f"not JSON: {error}; a day is written between quotes") from error
        tables[stem] = table
    return tables


def _check_words(policy: Policy, modules: Mapping[str, Module]) -> None:
    """Every cause that may be given has words; every checkpoint that a rule names exists."""
    keys = {checkpoint.key for checkpoint in policy.checkpoints}
    for rule in policy.rules:
        for key in set(rule.checkpoints) - keys:
            raise PolicyError(rule.file, None, f"no checkpoint {key}")
    for cause in {*typing.get_args(Status), *HOST_CAUSES} - {"done"} - set(policy.causes):
        raise PolicyError("data/causes.yaml", None, f"no words for {cause}")
    for name, module in modules.items():
        for cause in module.causes - set(policy.causes):
            raise PolicyError(name, None, f"cause {cause!r} has no words in data/causes.yaml")


def _yaml(files: Mapping[str, str], name: str) -> Any:  # noqa: ANN401
    if name not in files:
        raise PolicyError(name, None, "no such file")
    return _parsed(files[name], name, 0)


def _parsed(text: str, file: str, offset: int) -> Any:  # noqa: ANN401
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = offset + mark.line + 1 if mark else offset or None
        raise PolicyError(file, line, f"not YAML: {getattr(error, 'problem', error)}") from error


def _typed(kind: Any, data: Any, file: str) -> Any:  # noqa: ANN401
    try:
        return from_json(kind, data)
    except ParseError as error:
        raise PolicyError(file, None, f"{error.source}: {error.reason}") from error
