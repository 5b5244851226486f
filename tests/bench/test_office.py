"""Who came and went in a real office is what ndiff says; `python -m tests.bench.office`."""

import shutil

import pytest

from tests.bench.office import MISSING, NMAP, rows


def test_the_same_hosts_come_and_go_as_ndiff_says() -> None:
    if not NMAP.is_dir():
        pytest.skip("NOT TESTED on a real office: the folder shared/realdata beside the checkout is absent")
    if shutil.which("ndiff") is None:
        pytest.skip(f"NOT TESTED against ndiff: {MISSING}")
    found = list(rows())
    assert len(found) == 6
    for before, after, vigie, other in found:
        assert vigie == other, f"{before.name} → {after.name}"
    assert any(vigie.came and vigie.went for _, _, vigie, _ in found)
