"""The policy files: every rule complete, every mistake in one named by file and line."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import rules
from inventory.errors import PolicyError
from rules.rule import Policy, load_policy

FOLDER = Path(rules.__file__).parent
SMB1 = "ans/cp02/smb1.rego"


def test_the_twenty_two_rules(policy: Policy) -> None:
    assert [rule.id for rule in policy.rules] == [
        "ANS-01.03", "ANS-02.01", "ANS-02.02", "ANS-02.03", "ANS-02.04", "ANS-02.06", "ANS-02.07", "ANS-02.14",
        "ANS-02.19", "ANS-02.20", "ANS-02.22", "ANS-02.23", "ANS-02.29", "ANS-02.30",
        "ANS-03.02", "ANS-03.04", "ANS-03.17", "ANS-03.18", "ANS-03.25", "ANS-05.01", "ANS-05.16", "ANS-09.02",
    ]  # fmt: skip


def test_every_rule_file_is_loaded_and_has_a_test_beside_it(policy: Policy) -> None:
    written = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("ans/*/*.rego") if "_test" not in path.name}
    assert written == {rule.file for rule in policy.rules}
    for file in policy.rego():
        assert (FOLDER / file.file.replace(".rego", "_test.rego")).is_file(), file.file


def test_every_rule_is_complete(policy: Policy) -> None:
    for rule in policy.rules:
        texts = [rule.title, rule.message, rule.remedy, *filter(None, (rule.warning, rule.unknown))]
        assert all(words.fr and words.en and words.fr != words.en for words in texts), rule.id
        assert all((rule.references, rule.basis, rule.needs, rule.checkpoints)), rule.id
        assert rule.id[4:6] in {key[2:] for key in rule.checkpoints}, rule.id
        assert re.fullmatch(r"P\d\d", rule.principle), rule.id
        principles = {
            name for point in policy.checkpoints if point.key in rule.checkpoints for name in point.principles
        }
        assert rule.principle in principles, rule.id


def test_french_texts_use_french_typography(policy: Policy) -> None:
    """Typographic apostrophes, and no word of the trade that a dentist need not know in what happened."""
    for rule in policy.rules:
        for words in filter(None, (rule.title, rule.message, rule.remedy, rule.warning)):
            assert "'" not in words.fr, rule.id
            assert not re.search(r"\w[:;?!]( |$)", words.fr), rule.id
    for cause, words in policy.causes.items():
        assert "'" not in words.fr, cause


def test_ten_checkpoints_twelve_principles(policy: Policy) -> None:
    assert [point.key for point in policy.checkpoints] == [f"CP{number:02}" for number in range(1, 11)]
    assert sorted(name for point in policy.checkpoints for name in point.principles) == [
        f"P{n:02}" for n in range(1, 13)
    ]
    assert all(point.title.fr.endswith(".") and point.title.en.endswith(".") for point in policy.checkpoints)


def test_the_digest_moves_with_every_file(tmp_path: Path, policy: Policy) -> None:
    folder = copied(tmp_path)
    assert load_policy(folder).sha256 == policy.sha256
    parameters = folder / "data/parameters.yaml"
    parameters.write_text(parameters.read_text("utf-8").replace("value: 30", "value: 31"), "utf-8")
    changed = load_policy(folder)
    assert changed.sha256 != policy.sha256
    assert changed.data["parameters"]["patch_days"] == 31


def test_a_table_reaches_the_rules_whole(tmp_path: Path, policy: Policy) -> None:
    assert policy.data["end_of_life"]["products"]["openwrt"]["cycles"]["23.05"] == {"end": "2025-08-16"}
    folder = copied(tmp_path)
    (folder / "data/makers.yaml").write_text('{source: here, date: "2026-11-24", names: [a]}', "utf-8")
    assert load_policy(folder).data["makers"] == {"source": "here", "date": "2026-11-24", "names": ["a"]}
    (folder / "data/lib.yaml").write_text('{source: here, date: "2026-11-24"}', "utf-8")
    with pytest.raises(PolicyError, match=r"lib\.yaml: would hide the rules"):
        load_policy(folder)


def copied(folder: Path) -> Path:
    """A copy of the packaged policy that a test may spoil."""
    for part in ("ans", "lib", "data"):
        shutil.copytree(FOLDER / part, folder / part)
    return folder


def replacing(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("file", "change", "error"),
    [
        (SMB1, lambda text: text.replace("# METADATA", "# NOTHING"), f"{SMB1}:1: no METADATA block"),
        (SMB1, replacing("scope: package", "scope: rule"), f"{SMB1}:1: METADATA without `scope: package`"),
        (SMB1, replacing("#   severity: high\n", ""), "missing 1 required"),
        (SMB1, replacing("severity: high", "severity: grave"), "custom/severity: 'grave' is not one of"),
        (SMB1, replacing("principle: P03", "principel: P03"), "unknown key 'principel'"),
        (SMB1, replacing("basis: [anssi", "basis: [rumour"), "custom/basis/0: 'rumour' is not one of"),
        (SMB1, replacing("id: ANS-02.14", "id: ANS-2.14"), "is not of the form ANS-02.14"),
        (SMB1, replacing("id: ANS-02.14", "id: ANS-02.23"), "ANS-02.23 is already the id of"),
        (SMB1, replacing("device.network.smb]", "device.network.smbb]"), "needs names 'device.network.smbb'"),
        (SMB1, replacing("checkpoints: [CP02]", "checkpoints: [CP12]"), "no checkpoint CP12"),
        (SMB1, replacing("checkpoints: [CP02]", "checkpoints: []"), "annotation checkpoints is empty"),
        (SMB1, replacing("{device} accepte", "{device accepte"), "a brace that is not a placeholder"),
        (SMB1, replacing('"no_file_sharing"', '"no_sharing"'), f"{SMB1}: cause 'no_sharing' has no words"),
        (SMB1, replacing("package ans.cp02.smb1", "package ans.cp02.smb"), f"{SMB1}: package ans.cp02.smb is not"),
        (
            SMB1,
            replacing("device.network.smb.smb1\n", "not count(device.x) > 1\n"),
            f"{SMB1}:35: a call on a reference",
        ),
        (SMB1, replacing("#   message:", "#   message: ["), f"{SMB1}:17: not YAML"),
        ("ans/cp02/clear_text.rego", lambda text: text.replace("warn contains", "warned contains"), "go together"),
        ("data/parameters.yaml", replacing("  source:", "  origin:"), "a parameter has a value and a source"),
        ("data/end_of_life.yaml", replacing("source: ", "origin: "), "a table has a source and a date"),
        ("data/end_of_life.yaml", replacing('date: "2026-08-17"', 'date: ""'), "a table has a source and a date"),
        ("data/end_of_life.yaml", replacing('end: "2026-08-31"', "end: 2026-08-31"), "not JSON: "),
        ("data/end_of_life.yaml", replacing("products:", "products: ["), "data/end_of_life.yaml:"),
        ("data/causes.yaml", replacing("off_link:", "offlink:"), "data/causes.yaml: no words for off_link"),
        ("data/causes.yaml", replacing("silent:", "silent: ["), "data/causes.yaml:"),
        ("ans/checkpoints.yaml", replacing("key: CP01", "kye: CP01"), "ans/checkpoints.yaml: /0: unknown key 'kye'"),
        ("lib/age.rego", replacing("package lib.age", "package lib.aged"), "lib/age.rego: package lib.aged"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, file: str, change: Callable[[str], str], error: str) -> None:
    path = copied(tmp_path) / file
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    with pytest.raises(PolicyError) as refusal:
        load_policy(tmp_path)
    assert error in str(refusal.value)


def test_a_folder_without_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"parameters\.yaml: no such file"):
        load_policy(tmp_path)
