"""Reading a capture stays ten times as fast as scapy, and finds whatever scapy finds."""

import pytest

from tests.bench.captures import PCAP
from tests.bench.passive import LEAST, rows


def test_captures_are_read_ten_times_as_fast_as_scapy() -> None:
    if not PCAP.is_dir():
        pytest.skip("NOT TESTED on real captures: the folder shared/realdata beside the checkout is absent")
    for name, mine, scapy, found, wanted in rows([]):
        assert wanted <= found, name
        assert mine >= LEAST * scapy, name
