"""What is read from real banners is right, and hardly ever wrong; `python -m tests.bench.banners`."""

import pytest

from tests.bench.banners import EXAMPLES, examples, table

LEAST_RIGHT, MOST_WRONG = 80, 3  # percent, of values and of whole banners; measured: 90 and 1


@pytest.mark.parametrize("row", ["all", "whole banners"])
def test_real_banners_are_read(row: str) -> None:
    if not EXAMPLES.is_file():
        pytest.skip("NOT TESTED on real banners: the folder shared/realdata beside the checkout is absent")
    counts = table(examples())[0][row]
    assert 100 * counts["right"] >= LEAST_RIGHT * counts.total()
    assert 100 * counts["wrong"] <= MOST_WRONG * counts.total()
