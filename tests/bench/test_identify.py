"""What `vigie identify` says of real recordings is right, and hardly ever wrong; `python -m tests.bench.identify`."""

import re

import pytest

from tests.bench.identify import SNMP, table, table_of_changed

# Percent at least right, at most wrong, over every tier: below what was measured, so that only a step back fails.
FLOOR = {
    "vendor": (97, 1),
    "class": (93, 3),
    "os": (93, 1),
    "version": (90, 3),
    "hardware": (80, 4),
    "serial": (80, 4),
}
# The same with other digits in versions, models and serial numbers; two in a hundred are digits that mean something.
CHANGED_FLOOR = {"vendor": (97, 1), "class": (93, 3), "os": (93, 1), "version": (85, 6), "hardware": (80, 6)}


@pytest.mark.parametrize("trait", FLOOR)
def test_real_recordings_are_known(trait: str) -> None:
    if not SNMP.is_dir():
        pytest.skip("NOT TESTED on real devices: the folder shared/realdata beside the checkout is absent")
    check(table("ABC"), trait, FLOOR)


@pytest.mark.parametrize("trait", CHANGED_FLOOR)
def test_devices_of_other_versions_and_models_are_known(trait: str) -> None:
    if not SNMP.is_dir():
        pytest.skip("NOT TESTED on real devices: the folder shared/realdata beside the checkout is absent")
    check(table_of_changed("ABC", seed=1), trait, CHANGED_FLOOR)


def check(printed: str, trait: str, floor: dict[str, tuple[int, int]]) -> None:
    # The first table is the one of all recordings.
    found = re.search(rf"^  {trait} .*ok= *([\d.]+)% wrong= *([\d.]+)%", printed, re.MULTILINE)
    assert found is not None
    least, most = floor[trait]
    assert float(found[1]) >= least
    assert float(found[2]) <= most
