"""One entry more in a list, and not a byte else."""

import difflib
import random

import pytest
import yaml

from inventory.errors import ConfigError
from inventory.yaml_edit import altered, appended
from inventory.yaml_file import parsed

ENTRY = {"name": "nas", "macs": ["00:11:32:aa:bb:cc"], "until": "2027-01-31"}
ROWS = '- name: nas\n{0}  macs: ["00:11:32:aa:bb:cc"]\n{0}  until: "2027-01-31"\n'
BRACES = '{name: nas, macs: ["00:11:32:aa:bb:cc"], until: "2027-01-31"}'


def added(text: str) -> str:
    return appended(text.encode(), "inventory.yaml", "devices", ENTRY).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("devices: []\n", "devices:\n  " + ROWS.format("  ")),
        ("devices: []", "devices:\n  " + ROWS.format("  ")),
        ("# a\ndevices: [ ]   # none\n# b\n", "# a\ndevices:   # none\n  " + ROWS.format("  ") + "# b\n"),
        ("devices:\n  []\n", "devices:\n\n  " + ROWS.format("  ")),
        ("devices:\n- name: a\n", "devices:\n- name: a\n" + ROWS.format("")),
        ("devices:\n  - name: a\n", "devices:\n  - name: a\n  " + ROWS.format("  ")),
        ("devices:\n  - name: a", "devices:\n  - name: a\n  " + ROWS.format("  ")),
        (
            "devices:\n    -   name: a\n        role: nas\n",
            "devices:\n    -   name: a\n        role: nas\n    -   name: nas\n"
            '        macs: ["00:11:32:aa:bb:cc"]\n        until: "2027-01-31"\n',
        ),
        # What is said of the last device stays with it; what stands apart stays below.
        (
            "devices:\n  - name: a  # first\n    # bought in 2020\n\n# the end\n",
            "devices:\n  - name: a  # first\n    # bought in 2020\n  " + ROWS.format("  ") + "\n# the end\n",
        ),
        ("devices:\n  - name: a\n\n  - name: b\n", "devices:\n  - name: a\n\n  - name: b\n\n  " + ROWS.format("  ")),
        ("devices:\n  - {name: a}\n", "devices:\n  - {name: a}\n  - " + BRACES + "\n"),
        ("devices: [{name: a}]\n", "devices: [{name: a}, " + BRACES + "]\n"),
        ("devices: [\n  {name: a},  # one\n]\n", "devices: [\n  {name: a}, " + BRACES + ",  # one\n]\n"),
        ('{"devices": []}\n', '{"devices": [' + BRACES + "]}\n"),
        (
            "devices:\n  - name: a\n    maintainer: |\n      two\n      lines\n",
            "devices:\n  - name: a\n    maintainer: |\n      two\n      lines\n  " + ROWS.format("  "),
        ),
        (
            "devices:\n  - name: a\n    macs: [\n      '02:00:00:00:00:01',  # x\n    ]\nother: 1\n",
            "devices:\n  - name: a\n    macs: [\n      '02:00:00:00:00:01',  # x\n    ]\n  "
            + ROWS.format("  ")
            + "other: 1\n",
        ),
        (
            "devices:\n  - name: a\n    macs:\n    - x\n",
            "devices:\n  - name: a\n    macs:\n    - x\n  " + ROWS.format("  "),
        ),
        ("---\ndevices:\n  - name: a\n...\n", "---\ndevices:\n  - name: a\n  " + ROWS.format("  ") + "...\n"),
    ],
)
def test_the_rest_stays_as_it_was(before: str, after: str) -> None:
    assert added(before) == after


def test_line_ends_of_windows_stay() -> None:
    result = added("# é\r\ndevices:\r\n  - name: a\r\n# end\r\n")
    assert result == ("# é\r\ndevices:\r\n  - name: a\r\n  " + ROWS.format("  ").replace("\n", "\r\n") + "# end\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "devices: x\n",
        "other: []\n",
        "- a\n",
        "",
        "devices: []\ndevices: []\n",
        "a: &a []\ndevices: *a\n",
        "devices: [\n",
    ],
)
def test_what_cannot_be_added_to_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        added(text)


@pytest.mark.parametrize(
    "name", ["yes", "no", "on", "null", "true", "1e3", "12", "0x1f", "a: b", "# c", "- d", "'", '"', "é\u2028"]
)
def test_whatever_is_written_reads_back(name: str) -> None:
    result = appended(b"devices: []\n", "f", "devices", {"name": name})
    assert parsed(result, "f").data == {"devices": [{"name": name}]}


def written(chance: random.Random) -> str:
    """An inventory as many hands might write it."""
    devices = []
    for number in range(chance.randint(0, 4)):
        item: dict[str, object] = {"name": f"d{number}", "macs": [f"00:11:32:00:00:{number:02x}"]}
        if chance.random() < 0.5:
            item["maintainer"] = chance.choice(["a b", "x: y", "two\nlines\n", "# no", "é" * 90, "it's", '"q"'])
        if chance.random() < 0.3:
            item["expected_services"] = ["tcp/22", "tcp/445"]
        devices.append(item)
    lines = yaml.safe_dump(
        {"devices": devices},
        default_flow_style=chance.choice([True, False, None]),
        allow_unicode=True,
        indent=chance.choice([2, 4, 6]),
        width=chance.choice([40, 80, 999]),
        explicit_start=chance.random() < 0.2,
        explicit_end=chance.random() < 0.2,
        default_style=chance.choice([None, None, '"', "'"]),
    ).split("\n")
    for _ in range(chance.randint(0, 4)):
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(["", "# c", "    # deep", "  # c"]))
    return chance.choice(["\n", "\n", "\r\n"]).join(lines)


def test_whoever_wrote_it_at_most_one_line_is_touched() -> None:
    chance, tried = random.Random(20261124), 0
    for _ in range(300):
        text = written(chance)
        try:
            parsed(text.encode(), "f")
        except ConfigError:
            continue  # a comment landed inside a scalar
        tried += 1
        lines = difflib.ndiff(text.splitlines(), added(text).splitlines())
        assert sum(line.startswith("- ") for line in lines) <= 1, text
    assert tried > 200


A = "devices:\n  - name: a\n"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (A + "    until: 2026-11-01\n    role: nas\n", "2027-06-01", A + '    until: "2027-06-01"\n    role: nas\n'),
        (A + "    until: '2026-11-01'  # lent", "2027-06-01", A + '    until: "2027-06-01"  # lent'),
        (A + "    until: >-\n      2026-11-01\n    b: c\n", "2027-06-01", A + '    until: "2027-06-01"\n    b: c\n'),
        (A + "    # why\n    until: 2026-11-01\n    # who\n", None, A + "    # why\n    # who\n"),
        (A + "    until: 2026-11-01  # lent\n    b: c\n", None, A + "    # lent\n    b: c\n"),
        (A + "    until: >-\n      2026-11-01\n    b: c\n", None, A + "    b: c\n"),
        (A + "    until: 2026-11-01", None, A),
        ("devices:\n- until: 2026-11-01\n  name: a\n", None, "devices:\n- name: a\n"),
        ("devices:\n- until: 2026-11-01 # x\n  name: a\n", None, "devices:\n- # x\n  name: a\n"),
        ("devices:\n- until: 2026-11-01\n  # x\n  name: a\n", None, "devices:\n- \n  # x\n  name: a\n"),
        (
            A + "    macs:\n    - x\n\n# end\n",
            "2027-06-01",
            A + '    macs:\n    - x\n    until: "2027-06-01"\n\n# end\n',
        ),
        ("devices:\n  - name: a", "2027-06-01", A + '    until: "2027-06-01"\n'),
        ("devices: [{name: a}]\n", "2027-06-01", 'devices: [{name: a, until: "2027-06-01"}]\n'),
        ("devices: [{name: a, until: 2026-11-01, b: c}]\n", None, "devices: [{name: a, b: c}]\n"),
        ("devices: [{until: 2026-11-01, name: a}]\n", None, "devices: [{name: a}]\n"),
        ("devices:\r\n- name: a\r\n  until: 2026-11-01\r\n  b: c\r\n", None, "devices:\r\n- name: a\r\n  b: c\r\n"),
        ("devices:\r\n- name: a\r\n", "2027-06-01", 'devices:\r\n- name: a\r\n  until: "2027-06-01"\r\n'),
    ],
)
def test_one_field_changes_and_the_rest_stays(before: str, value: str | None, after: str) -> None:
    assert altered(before.encode(), "f.yaml", ("devices", 0), "until", value).decode() == after


@pytest.mark.parametrize(
    "text", ["devices: [{name: a, # x\n until: 2026-11-01}]\n", "devices: [{? until : b, name: a}]\n"]
)
def test_a_field_in_an_odd_style_is_changed_or_refused_never_broken(text: str) -> None:
    for value in (None, "2027-06-01"):
        try:
            after = parsed(altered(text.encode(), "f.yaml", ("devices", 0), "until", value), "f.yaml").data
        except ConfigError as error:
            assert "by hand" in str(error)  # noqa: PT017
        else:
            assert after["devices"][0].get("until") == value


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ("devices: [{name: a, # x\n until: 2026-11-01}]\n", None),
        ("devices:\n  - {until: 2026-11-01, # lent\n     name: a}\n", None),
        ("devices:\n  - name: a\n    until: # lent\n      2026-11-01\n    role: nas\n", None),
    ],
)
def test_a_comment_that_would_go_is_no_change_of_ours(before: str, value: str | None) -> None:
    with pytest.raises(ConfigError, match="by hand"):
        altered(before.encode(), "f.yaml", ("devices", 0), "until", value)


@pytest.mark.parametrize("before", ["devices: [ # none yet\n]\n", "devices: [\n  # sold\n]\n# end\n"])
def test_a_comment_in_an_empty_list_is_no_loss_of_ours(before: str) -> None:
    with pytest.raises(ConfigError, match="by hand"):
        appended(before.encode(), "f.yaml", "devices", {"name": "nas"})
