"""JSON and back: what does not fit is refused, with its reason."""

import pytest

from inventory.document import from_json
from inventory.errors import ParseError


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**400])
def test_a_number_that_engines_round_differently_is_none(number: int) -> None:
    with pytest.raises(ParseError, match="64 bits"):
        from_json(int, number)
    assert from_json(int, 2**63 - 1) == 2**63 - 1
