"""What is heard in real captures is told of the right device, and no device is made up."""

import pytest

from tests.bench.captures import LEAST, PCAP, table


def test_real_captures_are_heard() -> None:
    if not PCAP.is_dir():
        pytest.skip("NOT TESTED on real captures: the folder shared/realdata beside the checkout is absent")
    rows, spurious = table()
    assert not spurious
    assert {protocol: rows[protocol] for protocol, least in LEAST.items() if _percent(rows[protocol]) < least} == {}


def _percent(row: tuple[int, int]) -> float:
    return 100 * row[0] / row[1]
