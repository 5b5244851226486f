"""The table of ends of support: written from product files, dated by them."""

import json
from datetime import date
from pathlib import Path

import yaml

from tests.tools.end_of_life import PRODUCTS, TARGET, table

RELEASES = [
    {"releaseCycle": "3.0", "releaseDate": "2026-01-05", "eol": False, "latestReleaseDate": "2026-07-02"},
    {"releaseCycle": "2.10", "releaseDate": "2024-01-05", "eol": "2026-03-01", "eoes": "2029-03-01"},
    {"releaseCycle": "2", "releaseDate": "2020-01-05", "eol": True},
]


def test_a_table_from_product_files(tmp_path: Path) -> None:
    for file, _ in PRODUCTS.values():
        (tmp_path / f"{file}.json").write_text(json.dumps({"title": f"The {file}", "releases": RELEASES}), "utf-8")
    written = yaml.safe_load(table(tmp_path))
    assert written["date"] == "2026-07-02"
    assert written["products"]["routeros"] == {
        "title": "The routeros",
        "source": "https://endoflife.date/routeros",
        "cycles": {"3.0": {}, "2.10": {"end": "2026-03-01"}, "2": {"ended": True}},
    }
    assert written["products"]["debian"]["cycles"]["2.10"] == {"end": "2029-03-01"}


def test_the_shipped_table_is_of_that_form() -> None:
    shipped = yaml.safe_load(TARGET.read_text("utf-8"))
    assert set(shipped["products"]) == set(PRODUCTS)
    assert date.fromisoformat(shipped["date"])
    for product in shipped["products"].values():
        assert product["title"]
        for cycle, life in product["cycles"].items():
            assert isinstance(cycle, str)
            assert life in ({}, {"ended": True}) or (set(life) == {"end"} and date.fromisoformat(life["end"]))
