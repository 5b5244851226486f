"""What `vigie identify` says of real recordings is right, and hardly ever wrong; `python -m tests.bench.identify`."""

import re

import pytest

from tests.bench.identify import SNMP, table

# Percent at least right, at most wrong, over every tier: below what was measured, so that only a step back fails.
FLOOR = {
    "vendor": (97, 1),
    "class": (93, 3),
    "os": (93, 1),
    "version": (90, 3),
    "hardware": (80, 4),
    "serial": (80, 4),
}


@pytest.mark.parametrize("trait", FLOOR)
def test_real_recordings_are_known(trait: str) -> None:
    if not SNMP.is_dir():
        pytest.skip("NOT TESTED on real devices: the folder shared/realdata beside the checkout is absent")
    # The first table is the one of all recordings.
    found = re.search(rf"^  {trait} .*ok= *([\d.]+)% wrong= *([\d.]+)%", table("ABC"), re.MULTILINE)
    assert found is not None
    least, most = FLOOR[trait]
    assert float(found[1]) >= least
    assert float(found[2]) <= most
